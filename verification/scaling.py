"""Scale: a tenth of the people and of the guards gives a tenth of everything."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from verification.check import Check
from verification.line import model_of

__all__ = ["checks"]

_SCALES = (0.1, 0.3, 1.0)
_SEEDS = range(1, 5)
_NAMES = ("attempts", "got inside", "fell ill", "returned")


def checks() -> list[Check]:
    """Return the checks of scale."""
    return [scaling()]


def _outcomes(scale: float, seed: int) -> list[float]:
    """Return outcomes of five days over the scale of the run."""
    settings = {"migrants.people_scale": repr(scale), "until": "2021-11-12"}
    model = model_of("kuznica-8-november", settings, seed)
    model.run()
    tally = model.tally
    found = (tally.attempts.sum(), tally.attempts[..., 2:].sum(), tally.harm.sum(), tally.returned.sum())
    model.release()
    return [float(count) / scale for count in found]


def scaling() -> Check:
    """Outcomes over the scale of the run do not depend on the scale: seed by seed, under one sky and one drive."""
    values = np.array([[_outcomes(scale, seed) for seed in _SEEDS] for scale in _SCALES])
    ratios = values / values[-1]
    ratio = ratios.mean(axis=1)
    error = ratios.std(axis=1, ddof=1) / np.sqrt(len(_SEEDS))
    holds = bool(np.all(np.abs(ratio[:-1] - 1.0) < 3.0 * error[:-1] + 0.1))

    def draw_it(axes: Axes) -> None:
        for number, name in enumerate(_NAMES):
            axes.errorbar(_SCALES, ratio[:, number], yerr=3 * error[:, number], marker="o", capsize=3, label=name)
        axes.axhline(1.0, linestyle="--", color="black")
        axes.set(xlabel="share of people simulated", ylabel="outcome per share, over that of all", ylim=(0, 2))

    worst = float(np.max(np.abs(ratio[:-1] - 1.0)))
    return Check(
        "scaling",
        "Simulating a share of people and guards gives that share of attempts, crossings, illness and returns.",
        f"largest departure {worst:.0%} (three standard errors and a tenth for whole units allowed)",
        holds,
        "all lines flat at one, within their bars",
        draw_it,
    )
