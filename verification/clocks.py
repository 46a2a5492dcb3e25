"""Clocks and marks: the waiting times they give, and what is lost by steps of an hour."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from sim.core.chance import Kind, Purpose, draw, exponential
from sim.core.clocks import Slot
from verification.check import Check, Floats, chi_square_p

__all__ = ["checks"]

_N = 400_000
_STEPS = (1.0, 0.5, 0.25)


def _waits(seed: int, occasion: int, n: int = _N) -> Floats:
    return exponential(draw(seed, Kind.TEST, np.arange(n), Purpose.MARK, occasion)[0])


def checks() -> list[Check]:
    """Return the checks of clocks."""
    return [constant_hazard(), changing_hazard(), chain_of_two()]


def constant_hazard() -> Check:
    """A constant hazard gives the geometric law by hours, and the exponential one within them."""
    rate, n_hours = 0.13, 60
    slot, cell, mark = Slot("act", 1), np.zeros(_N, dtype=np.uint16), _waits(1, 0)
    when = np.full(_N, np.inf)
    for hour in range(n_hours):
        slot.hazard[:] = rate
        slot.advance()
        rows = slot.due(cell, mark)
        rows = rows[np.isinf(when[rows])]
        when[rows] = hour + slot.fraction(cell[rows], mark[rows])
    fired = when[when < n_hours]
    counts = np.bincount(fired.astype(np.int64), minlength=n_hours).astype(np.float64)
    hours = np.arange(n_hours)
    law = np.exp(-rate * hours) - np.exp(-rate * (hours + 1))
    p_hours = chi_square_p(np.append(counts, _N - counts.sum()), _N * np.append(law, np.exp(-rate * n_hours)))
    inside, edges = np.histogram(fired % 1.0, bins=20, range=(0, 1))
    share = (np.exp(-rate * edges[:-1]) - np.exp(-rate * edges[1:])) / (1.0 - np.exp(-rate))
    p_inside = chi_square_p(inside.astype(np.float64), share * len(fired))

    def draw_it(axes: Axes) -> None:
        axes.plot(hours, -rate * hours, label="exponential law")
        axes.plot(hours[::3], np.log([np.mean(when >= hour) for hour in hours[::3]]), "o", label="model")
        axes.set(xlabel="hours since entry", ylabel="logarithm of the share still waiting")

    return Check(
        "constant-hazard",
        "Under a constant hazard the share that acts in each hour, and when within it, follow the exponential law.",
        f"{_N:,} people; chi-square p = {p_hours:.2f} by hours, {p_inside:.2f} within the hour (0.001 allowed)",
        min(p_hours, p_inside) > 1e-3,
        "points on the straight line",
        draw_it,
    )


def _hazard(time: Floats) -> Floats:
    """Return a hazard that follows the day, 1/h."""
    return 0.15 * (1.0 + 0.9 * np.sin(2.0 * np.pi * time / 24.0))


def changing_hazard() -> Check:
    """A hazard that changes within the hour is held constant for a step: the error falls with the step."""
    at = np.arange(6.0, 31.0, 6.0)
    exact = np.exp(-0.15 * (at + 0.9 * 24.0 / (2.0 * np.pi) * (1.0 - np.cos(2.0 * np.pi * at / 24.0))))
    errors, found = [], []
    for step in _STEPS:
        slot, cell, mark = Slot("act", 1), np.zeros(_N, dtype=np.uint16), _waits(2, 0)
        waiting = []
        for number in range(int(at[-1] / step)):
            slot.hazard[:] = _hazard(np.array(number * step)) * step  # the state at the end of the last step
            slot.advance()
            if np.isclose((number + 1) * step, at).any():
                waiting.append(1.0 - len(slot.due(cell, mark)) / _N)
        found.append(np.array(waiting))
        law = np.exp(-np.array([np.sum(_hazard(np.arange(0.0, end, step)) * step) for end in at]))
        errors.append(float(np.max(np.abs(np.log(law) - np.log(exact)))))
        deviation = np.abs(found[-1] - law) / np.sqrt(law * (1.0 - law) / _N)
        if deviation.max() > 4.5:
            errors[-1] = np.inf
    ratios = [errors[0] / errors[1], errors[1] / errors[2]]

    def draw_it(axes: Axes) -> None:
        error = [float(np.max(np.abs(np.log(values[:2] / exact[:2])))) for values in found]
        axes.plot((0.0, 1.0), (0.0, error[0]), label="error in proportion to the step")
        axes.plot(_STEPS, error, "o", label="model, first twelve hours")
        axes.set(xlabel="step, h", ylabel="error of the accumulated hazard")

    return Check(
        "changing-hazard",
        "Under a hazard that follows the day, each step obeys its discretised law; half the step, half the error.",
        f"error of the accumulated hazard {errors[0]:.3f}, {errors[1]:.3f}, {errors[2]:.3f} at steps of 1, 1/2, 1/4 h; "
        f"ratios {ratios[0]:.2f} and {ratios[1]:.2f} (2 expected, 1.7 to 2.3 allowed)",
        all(1.7 < ratio < 2.3 for ratio in ratios),
        "points near the line, which goes through zero",
        draw_it,
    )


def chain_of_two() -> Check:
    """At most one event a person and step: a chain of two stays is a little late, the less so the shorter the step."""
    first, second, at = 0.3, 0.3, np.array([1.0, 2.0, 4.0, 6.0, 10.0])
    exact = 1.0 - np.exp(-first * at) * (1.0 + first * at)  # both hazards equal: Erlang's law of order two
    done_by, errors = [], []
    for step in _STEPS:
        slot = Slot("act", 2)
        cell, mark = np.zeros(_N, dtype=np.uint16), _waits(3, 0)
        wait, done = _waits(3, 1), np.full(_N, np.inf)
        for number in range(round(at[-1] / step)):
            slot.hazard[:] = (first * step, second * step)
            slot.advance()
            rows = slot.due(cell, mark)
            moving, ending = rows[cell[rows] == 0], rows[cell[rows] == 1]
            fraction = slot.fraction(cell[moving], mark[moving])
            done[ending] = (number + slot.fraction(cell[ending], mark[ending])) * step
            mark[ending] = np.inf
            cell[moving] = 1
            mark[moving] = slot.level(cell[moving], fraction) + wait[moving]
        done_by.append(np.array([np.mean(done < end) for end in at]))
        errors.append(float(np.max(np.abs(done_by[-1] - exact))))
    noise = float(np.max(np.sqrt(exact * (1.0 - exact) / _N)))

    def draw_it(axes: Axes) -> None:
        fine = np.linspace(0.0, at[-1], 200)
        axes.plot(fine, 1.0 - np.exp(-first * fine) * (1.0 + first * fine), label="exact (Erlang)")
        for step, values in zip(_STEPS, done_by, strict=True):
            axes.plot(at, values, "o", label=f"steps of {step:g} h")
        axes.set(xlabel="hours since entry", ylabel="share through both stays")

    return Check(
        "chain-of-two",
        "Two stays one after the other at the highest hazard allowed (0.3/h): one event a step at most makes the "
        "second late, and the error falls at least in proportion to the step.",
        f"largest error {errors[0]:.4f}, {errors[1]:.4f}, {errors[2]:.4f} for steps of 1, 1/2, 1/4 h",
        errors[1] < 0.6 * errors[0] + 3 * noise and errors[2] < 0.6 * errors[1] + 3 * noise and errors[0] < 0.05,
        "points of one hour a little under the line, the others nearer to it",
        draw_it,
    )
