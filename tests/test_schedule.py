"""The timetable of marks agrees with looking at every mark in every hour, whatever is changed in between."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.core.clocks import Slot
from sim.core.schedule import MOST_HOURS, Schedule
from sim.errors import LedgerError

N_CELLS = 4


def random_hazards(rng: np.random.Generator, n_hours: int) -> NDArray[np.float64]:
    """Return hazards of some hours: many small, some none, one cell that never runs."""
    hazard = rng.random((n_hours, N_CELLS)) * rng.choice([0.0, 0.1, 1.0], (n_hours, N_CELLS))
    hazard[:, 0] = 0.0
    return hazard


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 30), min_size=1, max_size=4))
def test_who_is_due_is_who_would_be_found_hour_by_hour(seed: int, plans: list[int]) -> None:
    """People whose mark is reached get new marks, others too, some are born, some who are due do nothing."""
    rng = np.random.default_rng(seed)
    hourly, slot = Slot("hour by hour", N_CELLS), Slot("planned", N_CELLS)
    schedule = Schedule(slot)
    cell = rng.integers(0, N_CELLS, 50).astype(np.uint16)
    mark = rng.exponential(2.0, 50)
    schedule.enter(np.arange(50), cell, mark)
    for n_hours in plans:
        hazards = random_hazards(rng, n_hours)
        schedule.plan(hazards, cell, mark)
        for hazard in hazards:
            hourly.hazard = hazard
            hourly.advance()
            schedule.advance()
            assert np.array_equal(slot.before, hourly.before)
            assert np.array_equal(slot.after, hourly.after)
            assert np.array_equal(slot.hazard, hourly.hazard)
            due = schedule.due()
            assert due.tolist() == hourly.due(cell, mark).tolist()
            moved = np.unique(np.concatenate((due[rng.random(len(due)) < 0.8], rng.integers(0, len(cell), 3))))
            cell[moved] = rng.integers(0, N_CELLS, len(moved))
            mark[moved] = slot.after[cell[moved]] + rng.exponential(2.0, len(moved)) - 0.2
            schedule.enter(moved, cell[moved], mark[moved])
            born = np.arange(len(cell), len(cell) + int(rng.integers(0, 40)))
            cell = np.append(cell, rng.integers(0, N_CELLS, len(born)).astype(np.uint16))
            mark = np.append(mark, slot.after[cell[born]] + rng.exponential(2.0, len(born)))
            schedule.enter(born, cell[born], mark[born])
            schedule.put_off(due)


def planned(hazard: float, n_hours: int, mark: float) -> Schedule:
    """Return the timetable of one person in one cell of an even hazard."""
    schedule = Schedule(Slot("trial", 1))
    schedule.plan(np.full((n_hours, 1), hazard), np.zeros(1, dtype=np.uint16), np.array([mark]))
    return schedule


def test_a_mark_reached_exactly_at_the_end_of_an_hour_is_due_in_it() -> None:
    schedule = planned(1.0, 24, 3.0)
    due = []
    for _ in range(24):
        schedule.advance()
        due.append(len(schedule.due()))
    assert due == [0, 0, 1] + [0] * 21


def test_a_new_plan_may_replace_hours_that_have_not_begun() -> None:
    schedule = planned(0.0, 24, 3.0)
    schedule.advance()
    schedule.plan(np.full((2, 1), 2.0), np.zeros(1, dtype=np.uint16), np.array([3.0]))
    assert schedule.n_left == 2
    schedule.advance()
    assert schedule.due().tolist() == []
    schedule.advance()
    assert schedule.due().tolist() == [0]


def test_a_mark_that_nobody_told_the_timetable_of_is_found_at_the_next_plan() -> None:
    schedule = planned(1.0, 2, 100.0)
    schedule.advance()
    schedule.advance()
    with pytest.raises(LedgerError, match="slot trial: the mark of row 0 was passed over"):
        schedule.plan(np.ones((2, 1)), np.zeros(1, dtype=np.uint16), np.array([1.5]))


def test_a_plan_that_has_run_out_or_is_too_long_is_refused() -> None:
    schedule = planned(1.0, 1, 5.0)
    schedule.advance()
    with pytest.raises(IndexError, match="slot trial: the plan ends after 1 hours"):
        schedule.advance()
    for n_hours in (0, MOST_HOURS + 1):
        with pytest.raises(ValueError, match=f"{n_hours} hours to plan; from 1 to 200 are allowed"):
            planned(1.0, n_hours, 5.0)


@pytest.mark.parametrize("wrong", [-0.01, np.nan, np.inf])
def test_a_hazard_that_cannot_be_is_refused_before_anything_changes(wrong: float) -> None:
    schedule = planned(1.0, 3, 5.0)
    hazards = np.ones((3, 1))
    hazards[1] = wrong
    with pytest.raises(LedgerError, match=r"slot trial: hazard of cell 0 is .*, must be finite and >= 0"):
        schedule.plan(hazards, np.zeros(1, dtype=np.uint16), np.array([5.0]))
    assert schedule.n_left == 3
