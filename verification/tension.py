"""Tension: Richardson's equilibrium, and the edge beyond which there is none."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from sim.agents.tension import Tension
from sim.scenario.load import load_scenario
from verification.check import Check

__all__ = ["checks"]


def checks() -> list[Check]:
    """Return the checks of tension."""
    return [equilibrium(), edge()]


def _tension(reaction: float, decay: float = 0.4, start: float | None = None) -> Tension:
    settings = {
        "tension.reaction_per_day": repr(reaction),
        "tension.decay_per_day": repr(decay),
        "tension.asymmetric": "false",
    }
    scenario = load_scenario("kuznica-8-november", settings)
    return Tension(scenario.tension, seed=1, epoch_hour=0, incidents_from=10**9, start=start)


def equilibrium() -> Check:
    """From wherever it starts, a stable pair goes to (b·g + k·h) / (a·b − k·l)."""
    paths = []
    for start in (0.0, 2.0, 6.0):
        tension = _tension(0.2, start=start)
        path = [float(tension.readiness[0, 0])]
        for hour in range(24 * 90):
            tension.step(hour)
            path.append(float(tension.readiness[0, 0]))
        paths.append(path)
    a, k, g = float(tension.decay[0, 0]), float(tension.reaction[0, 0]), float(tension.grievance[0, 0])
    rest = (a * g + k * g) / (a * a - k * k)
    error = max(abs(path[-1] - rest) for path in paths)

    def draw_it(axes: Axes) -> None:
        for path in paths:
            axes.plot(np.arange(len(path)) / 24.0, path)
        axes.axhline(rest, linestyle="--", color="black", label="equilibrium of the equations")
        axes.set(xlabel="days", ylabel="readiness of one end")

    return Check(
        "richardson-equilibrium",
        "A stable pair goes to the equilibrium of Richardson's equations from wherever it starts.",
        f"after 90 days within {error:.1e} of {rest:.4f} (1e-4 allowed)",
        error < 1e-4,
        "all lines run into the dashed one",
        draw_it,
    )


def edge() -> Check:
    """Beyond k·l = a·b there is no equilibrium: readiness grows to the top."""
    ratios = np.array([0.5, 0.8, 0.9, 0.95, 1.05, 1.1, 1.25])
    growth = []
    for ratio in ratios:
        tension = _tension(0.4 * float(np.sqrt(ratio)), start=1.0)
        tension.grievance[:] = 0.0
        tension.readiness[:] = 1.0
        tension._past[:] = 1.0
        for hour in range(24 * 20):
            tension.step(hour)
        early = float(tension.readiness[0, 0])
        for hour in range(24 * 20, 24 * 25):
            tension.step(hour)
        growth.append(np.log(float(tension.readiness[0, 0]) / early) / 5.0)
    rates = np.array(growth)
    law = []
    for ratio in ratios:  # symmetric pair: λ = k·exp(−λ·lag) − a, in hourly steps z − 1 + a/24 = k/24 · z^(−lag)
        k, low, high = 0.4 * np.sqrt(ratio) / 24.0, 0.5, 1.5
        lag = tension.lag_hours
        for _ in range(200):
            middle = (low + high) / 2.0
            low, high = (middle, high) if middle - 1.0 + 0.4 / 24.0 < k * middle**-lag else (low, middle)
        law.append(np.log(low) * 24.0)
    expected = np.array(law)
    holds = bool(np.all((rates > 0) == (ratios > 1)) and np.allclose(rates, expected, atol=1e-3))

    def draw_it(axes: Axes) -> None:
        axes.plot(ratios, expected, label="root of the characteristic equation")
        axes.plot(ratios, rates, "o", label="model")
        axes.axhline(0.0, color="grey", linewidth=0.8)
        axes.axvline(1.0, color="grey", linewidth=0.8)
        axes.set(xlabel="k·l / a·b", ylabel="growth of readiness, 1/day")

    return Check(
        "richardson-edge",
        "Without grievance readiness fades if k·l < a·b and grows if k·l > a·b, at the rate of the characteristic "
        "equation with the lag.",
        f"largest distance of growth from the root {float(np.max(np.abs(rates - expected))):.0e}/day (1e-3 allowed)",
        holds,
        "points on the line, which crosses zero at one",
        draw_it,
    )
