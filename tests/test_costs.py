"""What an hour may cost, counted and not timed: lines of Python, calls of chance, bytes a person.

Seconds differ from machine to machine; a loop over people shows on all of them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from small import small_model

from sim.core import chance
from sim.core.chance import philox
from sim.model import StandoffModel

KUZNICA = "kuznica-8-november"
HOURS = 24


def crowd(people_scale: float) -> StandoffModel:
    """Return a model of the ninth of November with a share of its people and guards, a day after its start."""
    model = small_model(KUZNICA, migrants__people_scale=people_scale)
    model.run(HOURS)
    return model


def lines_of(run: Callable[[], Any]) -> int:
    """Return how many lines of the package's Python are gone through."""
    n_lines = 0

    def trace(frame: FrameType, event: str, given: Any) -> Any:
        nonlocal n_lines
        if "/sim/" not in frame.f_code.co_filename:
            return None
        n_lines += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        run()
    finally:
        sys.settrace(before)
    return n_lines


def test_four_times_the_people_and_guards_take_hardly_more_python() -> None:
    """Batches grow and lines do not, but that few people leave some rules without work: a loop would make it four."""
    few, many = crowd(0.25), crowd(1.0)
    assert len(many.people) > 3.9 * len(few.people)
    assert lines_of(lambda: many.run(2 * HOURS)) < 1.45 * lines_of(lambda: few.run(2 * HOURS))


def test_a_loop_over_people_would_be_seen() -> None:
    small, large = crowd(0.05), crowd(0.5)

    def one_by_one(model: StandoffModel) -> None:
        for view in (model.people.select(model.people["cell"] > 0),):
            for _ in view:
                pass

    assert lines_of(lambda: one_by_one(large)) > 5 * lines_of(lambda: one_by_one(small))


def test_an_hour_asks_chance_a_few_times_for_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    model = crowd(0.5)
    calls: list[int] = []

    def counted(counter: NDArray[Any], low: int, high: int) -> NDArray[np.uint32]:
        calls[-1] += 1
        return philox(counter, low, high)

    monkeypatch.setattr(chance, "_fill", None)  # by numpy, whatever ran in this process before
    monkeypatch.setattr(chance, "philox", counted)
    for _ in range(HOURS):
        calls.append(0)
        model.step()
    assert 1 <= np.mean(calls) <= 6
    assert max(calls) <= 16  # at midnight passengers and the services' plans are drawn; groups start in the evening


def test_a_person_takes_few_bytes() -> None:
    """Columns and the two timetables; arrays grow by doubling, so at worst twice as much is held."""
    model = crowd(0.5)
    timetables = 2
    assert model.people.bytes_per_row + timetables <= 64
    assert model.people.capacity < 2 * max(len(model.people), 4096)
