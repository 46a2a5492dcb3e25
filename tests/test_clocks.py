"""Clocks that reach their marks: the law of waiting times, part-hours, stays of fixed length, refusals."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.core.chance import Kind, Purpose, draw, exponential
from sim.core.clocks import Slot
from sim.errors import LedgerError

N_PEOPLE = 20_000
FAR = 4.5
"""Standard deviations that a count may lie from its mean. The lots are fixed, so they stray the same way each time."""

WAITS = exponential(draw(20211112, Kind.TEST, np.arange(N_PEOPLE), Purpose.MARK, 0)[0])
PART_HOURS = draw(20211112, Kind.TEST, np.arange(N_PEOPLE), Purpose.PLACE, 0)[0]
HAZARDS = st.lists(st.one_of(st.just(0.0), st.floats(1e-4, 0.3)), min_size=1, max_size=30)
ALL_IN_ONE = np.zeros(N_PEOPLE, dtype=np.uint16)

Floats = NDArray[np.float64]


def hour_of(slot: Slot, *hazard: float) -> None:
    """Let one hour pass under the given hazards of cells."""
    slot.hazard[:] = hazard
    slot.advance()


def fired_by(slot: Slot, cell: NDArray[np.uint16], mark: Floats) -> NDArray[np.bool_]:
    """Return who is due, bool[n]."""
    due = np.zeros(len(mark), dtype=bool)
    due[slot.due(cell, mark)] = True
    return due


def close_to(count: int, chance: float, n: int = N_PEOPLE) -> bool:
    """Return whether a count of `n` lies within FAR binomial standard deviations of its mean."""
    return bool(abs(count - n * chance) <= FAR * np.sqrt(n * chance * (1.0 - chance)) + 1e-9)


# ---------------------------------------------------------------- the law


@given(HAZARDS)
def test_survival_each_hour_is_that_of_the_hazards_so_far(hazards: list[float]) -> None:
    slot = Slot("act", 1)
    for hours, hazard in enumerate(hazards, start=1):
        hour_of(slot, hazard)
        alive = N_PEOPLE - len(slot.due(ALL_IN_ONE, WAITS))
        assert close_to(alive, float(np.exp(-np.sum(hazards[:hours]))))


@given(HAZARDS)
def test_the_firing_time_is_where_the_hazard_adds_up_to_the_wait(hazards: list[float]) -> None:
    """Each is due in exactly one hour, and the accumulated hazard at hour and fraction equals the mark."""
    slot = Slot("act", 1)
    waiting = np.ones(N_PEOPLE, dtype=bool)
    running = np.concatenate(([0.0], np.cumsum(hazards)))
    for hour, hazard in enumerate(hazards):
        hour_of(slot, hazard)
        now = fired_by(slot, ALL_IN_ONE, WAITS) & waiting
        waiting &= ~now
        fraction = slot.fraction(ALL_IN_ONE[now], WAITS[now])
        assert ((fraction >= 0.0) & (fraction <= 1.0)).all()
        np.testing.assert_allclose(running[hour] + fraction * hazard, WAITS[now], rtol=0.0, atol=1e-12)
        np.testing.assert_allclose(slot.level(ALL_IN_ONE[now], fraction), WAITS[now], rtol=0.0, atol=1e-12)
    assert np.array_equal(waiting, running[-1] < WAITS)


@pytest.mark.parametrize("hazard", [0.02, 0.3, 3.0])
def test_fractions_have_the_law_of_a_hazard_constant_within_the_hour(hazard: float) -> None:
    """Of those who fire, the share before f is (1 − exp(−λf)) / (1 − exp(−λ)), and the mean is 1/λ − 1/(exp λ − 1)."""
    slot = Slot("act", 1)
    hour_of(slot, hazard)
    due = slot.due(ALL_IN_ONE, WAITS)
    fraction = slot.fraction(ALL_IN_ONE[due], WAITS[due])
    for f in (0.1, 0.5, 0.9):
        share = float(np.expm1(-hazard * f) / np.expm1(-hazard))
        assert close_to(int(np.count_nonzero(fraction < f)), share, len(due))
    expected = 1.0 / hazard - 1.0 / np.expm1(hazard)
    assert fraction.mean() == pytest.approx(expected, abs=FAR * np.sqrt(1.0 / 12.0 / len(due)))


def test_propensity_multiplies_the_hazard() -> None:
    propensity = 2.5
    slot = Slot("act", 1)
    for hours in range(1, 11):
        hour_of(slot, 0.1)
        alive = N_PEOPLE - len(slot.due(ALL_IN_ONE, WAITS / propensity))
        assert close_to(alive, float(np.exp(-0.1 * propensity * hours)))


@given(HAZARDS, st.floats(0.001, 0.3))
def test_cells_keep_their_own_time(hazards: list[float], other: float) -> None:
    """What happens in one cell is not felt in another; what is due is sorted by row."""
    slot, alone = Slot("act", 3), Slot("act", 1)
    cell = np.arange(N_PEOPLE, dtype=np.uint16) % 3
    here = np.flatnonzero(cell == 1)
    for hazard in hazards:
        hour_of(slot, other, hazard, 0.0)
        hour_of(alone, hazard)
    due = slot.due(cell, WAITS)
    assert np.all(np.diff(due) > 0)
    assert np.array_equal(due[cell[due] == 1], here[alone.due(ALL_IN_ONE[here], WAITS[here])])
    assert np.array_equal(slot.fraction(cell[here], WAITS[here]), alone.fraction(ALL_IN_ONE[here], WAITS[here]))
    assert not (cell[due] == 2).any()


# ---------------------------------------------------------------- stays that begin within an hour


@given(st.floats(0.01, 0.3), st.floats(0.01, 0.3))
def test_the_part_hour_of_entry_counts(first: float, second: float) -> None:
    """Who enters at f is under the hazard for 1 − f of that hour, then for whole hours."""
    slot = Slot("act", 1)
    hour_of(slot, 0.17)  # something happened before they came
    hour_of(slot, first)
    mark = slot.level(ALL_IN_ONE, PART_HOURS) + WAITS
    in_first = fired_by(slot, ALL_IN_ONE, mark)
    expected = 1.0 - np.exp(-first * (1.0 - PART_HOURS))
    spread = np.sqrt((expected * (1.0 - expected)).sum())
    assert abs(np.count_nonzero(in_first) - expected.sum()) < FAR * spread
    when = slot.fraction(ALL_IN_ONE[in_first], mark[in_first])
    assert (when >= PART_HOURS[in_first]).all(), "nobody acts before they have come"
    hour_of(slot, second)
    alive = np.exp(-first * (1.0 - PART_HOURS) - second)
    still = N_PEOPLE - len(slot.due(ALL_IN_ONE, mark))
    assert abs(still - alive.sum()) < FAR * np.sqrt((alive * (1.0 - alive)).sum())


@given(st.integers(1, 400), st.integers(0, 3000), st.floats(0.0, 1.0, exclude_max=True))
def test_a_stay_of_fixed_length_ends_that_many_hours_later_at_the_same_fraction(
    duration: int, entered: int, fraction: float
) -> None:
    """Its hazard is exactly 1 per hour from hour 0, so accumulated hazards are whole numbers and nothing drifts."""
    slot = Slot("act", 1)
    cell = np.zeros(1, dtype=np.uint16)
    slot.hazard[:] = 1.0
    slot.after[:] = entered  # as after so many hours
    slot.advance()
    mark = slot.level(cell, np.array([fraction])) + duration
    for hour in range(duration + 1):
        due = slot.due(cell, mark)
        # an entry at the stroke of an hour ends at the stroke of an hour: at fraction 1 of the hour before
        if mark[0] <= entered + hour + 1:
            break
        assert len(due) == 0
        slot.advance()
    assert due.tolist() == [0]
    end = slot.fraction(cell, mark)[0]
    assert hour + end == pytest.approx(duration + fraction, abs=1e-12 * (1 + entered + duration))
    assert hour == duration or (hour == duration - 1 and end == 1.0)


def test_hours_at_one_per_hour_never_drift() -> None:
    slot = Slot("act", 1)
    slot.hazard[:] = 1.0
    for _ in range(5000):
        slot.advance()
    assert (slot.before[0], slot.after[0]) == (4999.0, 5000.0)


def test_a_mark_already_passed_fires_at_the_start_of_the_hour() -> None:
    slot = Slot("act", 1)
    hour_of(slot, 0.2)
    cell, passed = np.zeros(3, dtype=np.uint16), np.array([0.0, 0.1, 0.19])
    for hazard in (0.3, 0.0):
        hour_of(slot, hazard)
        assert slot.due(cell, passed).tolist() == [0, 1, 2]
        assert slot.fraction(cell, passed).tolist() == [0.0, 0.0, 0.0]


def test_a_mark_reached_on_the_stroke_fires_at_the_end_of_the_hour() -> None:
    slot = Slot("act", 1)
    cell, mark = np.zeros(1, dtype=np.uint16), np.array([0.25])
    hour_of(slot, 0.25)
    assert slot.due(cell, mark).tolist() == [0]
    assert slot.fraction(cell, mark).tolist() == [1.0]


def test_a_mark_beyond_the_hour_is_put_at_its_end() -> None:
    slot = Slot("act", 1)
    hour_of(slot, 0.25)
    assert slot.fraction(np.zeros(2, dtype=np.uint16), np.array([0.4, 7.0])).tolist() == [1.0, 1.0]


@given(st.integers(1, 200), st.floats(0.0, 0.3))
def test_no_hazard_no_event(hours: int, before: float) -> None:
    slot = Slot("act", 1)
    hour_of(slot, before)
    mark = slot.level(ALL_IN_ONE, np.ones(N_PEOPLE)) + WAITS
    for _ in range(hours):
        hour_of(slot, 0.0)
    assert len(slot.due(ALL_IN_ONE, mark)) == 0


def test_an_infinite_mark_is_never_reached() -> None:
    slot = Slot("act", 1)
    never = np.full(1, np.inf)
    hour_of(slot, 1e300)
    assert len(slot.due(ALL_IN_ONE[:1], never)) == 0


# ---------------------------------------------------------------- refusals and arithmetic


@pytest.mark.parametrize(
    ("wrong", "shown"),
    [(-1e-9, r"-1e-09"), (np.nan, "nan"), (np.inf, "inf"), (-np.inf, "-inf")],
    ids=["negative", "not a number", "infinite", "minus infinite"],
)
@pytest.mark.parametrize("where", [0, 2, 4])
def test_a_hazard_that_cannot_be_is_refused_with_its_cell(wrong: float, shown: str, where: int) -> None:
    slot = Slot("harm", 5)
    slot.hazard[:] = 0.1
    slot.hazard[where] = wrong
    with pytest.raises(LedgerError, match=rf"slot harm: hazard of cell {where} is {shown}, must be finite and >= 0"):
        slot.advance()
    assert not slot.after.any(), "a refused hour does not pass"


def test_the_first_of_several_wrong_cells_is_named() -> None:
    slot = Slot("harm", 5)
    slot.hazard[:] = [0.0, np.inf, -1.0, np.nan, 0.0]
    with pytest.raises(LedgerError, match="hazard of cell 1 is inf"):
        slot.advance()


@given(HAZARDS)
def test_accumulated_hazard_never_falls_and_hours_join(hazards: list[float]) -> None:
    slot = Slot("act", 2)
    for hazard in hazards:
        end_of_last = slot.after.copy()
        hour_of(slot, hazard, 0.0)
        assert np.array_equal(slot.before, end_of_last)
        assert np.array_equal(slot.after, end_of_last + np.array([hazard, 0.0]))
        assert slot.before is not slot.after


# ---------------------------------------------------------------- convergence at shorter steps


def rate(time: Floats) -> Floats:
    """Return a hazard in continuous time, 1/h, that swings as between day and night."""
    return np.asarray(0.15 + 0.1 * np.sin(2.0 * np.pi * time / 24.0 + 0.4))


def added_up(time: Floats) -> Floats:
    """Return the hazard accumulated from 0 to `time`."""
    angle = 2.0 * np.pi / 24.0
    return np.asarray(0.15 * time - 0.1 / angle * (np.cos(angle * time + 0.4) - np.cos(0.4)))


def largest_error(steps_per_hour: int, at_middle: bool) -> float:
    """Return how far the survival of a discretised slot strays over a day, at times between the steps."""
    slot = Slot("act", 1)
    cell = np.zeros(1, dtype=np.uint16)
    error = 0.0
    for step in range(24 * steps_per_hour):
        start = step / steps_per_hour
        hour_of(slot, float(rate(np.array(start + at_middle * 0.5 / steps_per_hour))) / steps_per_hour)
        for part in (0.25, 0.5, 1.0):
            level = slot.level(cell, np.array([part]))
            exact = added_up(np.array(start + part / steps_per_hour))
            error = max(error, float(np.abs(np.exp(-level) - np.exp(-exact))[0]))
    return error


def test_the_law_converges_as_steps_halve() -> None:
    """With hazards set at the start of a step the error halves with the step; at hours it is 1.5 points at most."""
    errors = [largest_error(n, at_middle=False) for n in (1, 2, 4, 8)]
    assert errors[0] < 0.015
    for coarse, fine in pairwise(errors):
        assert coarse / fine == pytest.approx(2.0, abs=0.1)


def test_the_law_is_of_second_order_where_hazards_stand_for_the_middle_of_a_step() -> None:
    errors = [largest_error(n, at_middle=True) for n in (1, 2, 4, 8)]
    for coarse, fine in pairwise(errors):
        assert coarse / fine == pytest.approx(4.0, abs=0.4)


def test_a_hazard_constant_within_the_hour_has_no_error_of_steps() -> None:
    """Half-hours under half the hazard have the very law of the hour."""
    hourly, halves = Slot("act", 1), Slot("act", 1)
    for hazard in (0.3, 0.01, 0.0, 0.2):
        hour_of(hourly, hazard)
        for _ in range(2):
            hour_of(halves, hazard / 2.0)
        assert halves.after[0] == pytest.approx(hourly.after[0], abs=1e-15)
