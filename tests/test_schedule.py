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
            assert np.flatnonzero(schedule.is_due(np.arange(len(cell)))).tolist() == due.tolist()
            moved = np.unique(np.concatenate((due[rng.random(len(due)) < 0.8], rng.integers(0, len(cell), 3))))
            cell[moved] = rng.integers(0, N_CELLS, len(moved))
            mark[moved] = slot.after[cell[moved]] + rng.exponential(2.0, len(moved)) - 0.2
            schedule.enter(moved, cell[moved], mark[moved])
            born = np.arange(len(cell), len(cell) + int(rng.integers(0, 40)))
            cell = np.append(cell, rng.integers(0, N_CELLS, len(born)).astype(np.uint16))
            mark = np.append(mark, slot.after[cell[born]] + rng.exponential(2.0, len(born)))
            schedule.enter(born, cell[born], mark[born])
            schedule.put_off(due)


@pytest.mark.parametrize("few", [0, 10, 512])
def test_rows_beyond_the_first_block_are_on_the_timetable_too(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells and marks of 50 rows are looked at seven at a time, or all at once where they count as few."""
    monkeypatch.setattr("sim.core.schedule._BLOCK", 7)
    monkeypatch.setattr("sim.core.schedule._FEW", few)
    cell, mark = np.arange(50) % N_CELLS, np.arange(50) / 20.0 + 0.01
    hazards = np.repeat([[0.0, 0.1, 0.45, 1.0]], 6, axis=0)
    slot = Slot("planned", N_CELLS)
    timetable = Schedule(slot)
    timetable.plan(hazards, cell, mark)
    again = Schedule(Slot("entered", N_CELLS))
    again.plan(hazards, cell, np.full(50, np.inf))
    again.enter(np.arange(50), cell, mark)
    reached = np.zeros(50, dtype=np.bool_)
    for _ in hazards:
        timetable.advance()
        again.advance()
        due = np.flatnonzero((slot.after[cell] >= mark) & ~reached)
        reached[due] = True
        assert timetable.due().tolist() == again.due().tolist() == due.tolist()
    assert len(due) > 0, "some in the last hour only"
    assert 0 < np.count_nonzero(reached) < 50
    mark[:] = np.inf
    mark[45] = 0.05  # long passed, and nobody told the timetable
    with pytest.raises(LedgerError, match="slot planned: the mark of row 45 was passed over"):
        timetable.plan(hazards, cell, mark)


def test_a_row_takes_one_byte_however_the_timetable_grows() -> None:
    timetable = Schedule(Slot("trial", 1))
    for n_rows in (3, 70, 900):
        timetable.enter(np.arange(n_rows), np.zeros(n_rows, dtype=np.uint16), np.ones(n_rows))
        assert timetable._reached.dtype == np.uint8
        assert n_rows <= timetable._reached.nbytes <= 2 * n_rows
        timetable.plan(np.ones((2, 1)), np.zeros(n_rows, dtype=np.uint16), np.full(n_rows, 9.0))
        assert timetable._reached.dtype == np.uint8


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


@pytest.mark.parametrize("few", [0, 512])
@pytest.mark.parametrize("n_hours", [3, MOST_HOURS])
def test_a_mark_reached_exactly_at_the_end_of_the_plan_is_due_in_its_last_hour(
    n_hours: int, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.core.schedule._FEW", few)
    schedule = planned(1.0, n_hours, float(n_hours))
    for _ in range(n_hours):
        assert len(schedule.due()) == 0
        schedule.advance()
    assert schedule.due().tolist() == [0]


def test_a_mark_passed_on_arrival_is_due_in_the_next_hour() -> None:
    """Whether the hours ahead are planned after that, or were before."""
    schedule = planned(1.0, 3, 0.0)
    schedule.advance()
    assert schedule.due().tolist() == [0]
    schedule.enter(np.array([1]), np.zeros(1, dtype=np.uint16), np.array([0.5]))
    assert schedule.due().tolist() == [0]
    schedule.advance()
    assert schedule.due().tolist() == [1]


def test_before_the_first_plan_no_hour_is_left_and_nobody_is_due() -> None:
    schedule = Schedule(Slot("trial", 1))
    schedule.enter(np.array([0, 1]), np.zeros(2, dtype=np.uint16), np.array([0.0, 0.5]))
    assert (schedule.step, schedule.n_left, schedule.due().tolist()) == (-1, 0, [])
    with pytest.raises(IndexError, match="slot trial: the plan ends after 0 hours"):
        schedule.advance()
    schedule.plan(np.ones((1, 1)), np.zeros(2, dtype=np.uint16), np.array([0.0, 0.5]))
    schedule.advance()
    assert schedule.due().tolist() == [0, 1]


def test_a_new_plan_may_replace_hours_that_have_not_begun() -> None:
    schedule = planned(0.0, 24, 3.0)
    schedule.advance()
    schedule.plan(np.full((2, 1), 2.0), np.zeros(1, dtype=np.uint16), np.array([3.0]))
    assert schedule.n_left == 2
    schedule.advance()
    assert schedule.due().tolist() == []
    schedule.advance()
    assert schedule.due().tolist() == [0]


@pytest.mark.parametrize("mark", [1.5, 2.0])
def test_a_mark_that_nobody_told_the_timetable_of_is_found_at_the_next_plan(mark: float) -> None:
    schedule = planned(1.0, 2, 100.0)
    schedule.advance()
    schedule.advance()
    with pytest.raises(LedgerError, match="slot trial: the mark of row 0 was passed over"):
        schedule.plan(np.ones((2, 1)), np.zeros(1, dtype=np.uint16), np.array([mark]))


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
