"""Draws: uniform, and without a trace of one another across people, purposes, occasions, seeds and lanes."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from scipy import stats

from sim.core.chance import Kind, Purpose, draw
from verification.check import Check, Floats, chi_square_p

__all__ = ["checks"]

_N = 1_000_000
_IDS = np.arange(_N, dtype=np.int64)


def _draw(
    seed: int = 20211112, first: int = 0, purpose: Purpose = Purpose.MARK, occasion: int = 3, times: int = 16
) -> Floats:
    """Return a million draws, float64[4, n]; people are numbered as in the model, sixteen to a party."""
    return draw(seed, Kind.PERSON, (_IDS + first) * times, purpose, occasion)


def checks() -> list[Check]:
    """Return the checks of draws."""
    return [uniform(), independent(), exponential_tail()]


def uniform() -> Check:
    """Millions of draws fill the unit interval evenly, whatever is varied."""
    varied = {
        "people": _draw().ravel(),
        "parties in a row": _draw(times=1).ravel(),
        "purposes": np.concatenate([draw(1, Kind.PERSON, _IDS[:50_000], p, 0)[0] for p in Purpose]),
        "occasions": draw(1, Kind.PERSON, 7, Purpose.MARK, _IDS)[0],
        "seeds": np.concatenate([draw(s, Kind.PERSON, _IDS[:1000], Purpose.MARK, 0).ravel() for s in range(1000)]),
    }
    p_values = {}
    for name, values in varied.items():
        counts = np.bincount((values * 1000).astype(np.int64), minlength=1000).astype(np.float64)
        p_values[name] = chi_square_p(counts, np.full(1000, len(values) / 1000))
    counts = np.bincount((varied["people"] * 100).astype(np.int64), minlength=100)

    def draw_it(axes: Axes) -> None:
        expected = counts.sum() / 100
        axes.step(np.arange(100) / 100, (counts - expected) / np.sqrt(expected), where="post", label="model")
        axes.axhspan(-3, 3, alpha=0.15, color="grey", label="three standard errors")
        axes.set(xlabel="uniform number", ylabel="count less expected, in standard errors", ylim=(-6, 6))

    said = ", ".join(f"{name} {p:.2f}" for name, p in p_values.items())
    return Check(
        "draws-uniform",
        "Draws are uniform on (0, 1) across people, parties, purposes, occasions and seeds.",
        f"{sum(len(values) for values in varied.values()):,} numbers; chi-square p: {said} (each must exceed 0.0005)",
        min(p_values.values()) > 5e-4,
        "a line without drift inside the grey band",
        draw_it,
    )


def independent() -> Check:
    """Neighbouring addresses give numbers that know nothing of each other."""
    base = _draw()
    beside = {
        "next person": _draw(first=1)[0], "next purpose": _draw(purpose=Purpose.CAUSE)[0],
        "next occasion": _draw(occasion=4)[0], "next seed": _draw(seed=20211113)[0],
        "seed far away": _draw(seed=20211112 + 2**32)[0],
        "next lane": base[1], "lane after": base[2], "last lane": base[3],
        "person far away": _draw(first=2**31)[0],
    }  # fmt: skip
    correlation, p_grid = {}, {}
    first = base[0]
    for name, other in beside.items():
        correlation[name] = float(np.corrcoef(first, other)[0, 1]) * np.sqrt(_N)
        grid = np.bincount((first * 64).astype(np.int64) * 64 + (other * 64).astype(np.int64), minlength=4096)
        p_grid[name] = chi_square_p(grid.astype(np.float64), np.full(4096, _N / 4096))
    worst = max(abs(value) for value in correlation.values())

    def draw_it(axes: Axes) -> None:
        axes.barh(list(correlation), list(correlation.values()))
        axes.axvspan(-4, 4, alpha=0.15, color="grey")
        axes.set(xlabel="correlation, in standard errors", xlim=(-6, 6))

    return Check(
        "draws-independent",
        "Numbers of neighbouring people, purposes, occasions, seeds and lanes are neither correlated nor tied.",
        f"{len(beside)} pairs of a million; largest correlation {worst:.1f} standard errors (4 allowed); least "
        f"chi-square p on a grid of 64 × 64: {min(p_grid.values()):.3f} (0.0005 allowed)",
        worst < 4.0 and min(p_grid.values()) > 5e-4,
        "short bars on both sides, inside the grey band",
        draw_it,
    )


def exponential_tail() -> Check:
    """Waits made of draws follow the exponential law into the tail."""
    waits = -np.log(_draw(occasion=5).ravel())
    at = np.arange(0.0, 14.0)
    found = np.array([np.count_nonzero(waits > x) for x in at], dtype=np.float64)
    low, high = stats.poisson.interval(0.9999, len(waits) * np.exp(-at))
    holds = bool(np.all((found >= low) & (found <= high)))

    def draw_it(axes: Axes) -> None:
        axes.plot(at, np.log10(len(waits)) - at / np.log(10.0), label="exponential law")
        axes.plot(at, np.log10(np.maximum(found, 0.5)), "o", label="model")
        axes.set(xlabel="wait, in means", ylabel="waits that are longer, power of ten")

    return Check(
        "draws-tail",
        "Exponential waits are right into the tail, where one in a million waits.",
        f"{len(waits):,} waits; {int(found[-1])} beyond thirteen means, {len(waits) * np.exp(-13):.0f} expected",
        holds,
        "points on the straight line down to the last",
        draw_it,
    )
