"""Mending under cover: who stands with a crew, where, in which hours, and how many on the average of lots."""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from test_engineers import BORDER, FENCE, OPEN, Host, contingent, forget_models, host, numbers

from sim.agents.engineers import make_engineers

__all__ = ["forget_models"]

POST = int(BORDER.segments.post[370])


def covered(model: Host) -> NDArray[np.int64]:
    """Go through all hours of the run and return the units asked for in each, int64[n_hours, n_posts]."""
    make_engineers(model)
    asked = []
    for hour in range(model.world.calendar.n_hours):
        model.hour = hour
        model.levers.begin_hour()
        model.diary.wake_due(hour)
        asked.append(model.levers.covering.copy())
    return np.array(asked)


def breached(metres: float, *segments: int, days: int = 1, scale: float = 1.0, units: float = 2.0, **row: Any) -> Host:
    """Return a team of ten in support by fences of which so many metres are breached."""
    model = host(contingent(task="support", **row), section=numbers(cover_units=units), days=days)
    model.scenario.agent_scale = scale
    for segment in segments:
        model.world.barriers.build(FENCE, segment, 1000.0)
        model.world.barriers.damage(segment, metres / 1000.0)
    return model


def test_units_stand_with_a_crew_at_its_post_as_long_as_it_mends() -> None:
    model = breached(120.0, 370)  # ten soldiers, four metres an hour each, and by survey none: three hours
    asked = covered(model)
    start = model.world.calendar.hour_at(model.world.calendar.first_day, "07:00")
    assert np.flatnonzero(asked.any(axis=1)).tolist() == [start, start + 1, start + 2]
    assert asked[start : start + 3, POST].tolist() == [2, 2, 2]
    assert asked.sum() == 6


@pytest.mark.parametrize("segments", [(366, 384), (375, 381)], ids=["at two posts", "at one post"])
def test_units_with_several_teams_add_up_at_each_post(segments: tuple[int, int]) -> None:
    stretch = OPEN if segments[0] < 372 else range(374, 384)  # one half of it for each team
    model = breached(500.0, *segments, soldiers=20.0, teams=2, stretch=stretch)
    posts = [int(BORDER.segments.post[segment]) for segment in segments]
    asked = covered(model)
    assert asked.sum(axis=1).max() == 4
    assert np.flatnonzero(asked.any(axis=0)).tolist() == sorted(set(posts))
    assert asked[:, posts[0]].max() == 2 * posts.count(posts[0])


def test_each_team_draws_its_own_lot_for_a_part_of_a_unit() -> None:
    model = breached(1000.0, 375, 381, days=5, units=0.5, soldiers=2.0, teams=2, stretch=range(374, 384))
    asked = covered(model).sum(axis=1)
    assert set(asked[asked > 0]) == {1, 2}, "one lot for both would be two units or none"


def test_where_a_crew_goes_on_to_another_breach_its_cover_stays_for_the_hour() -> None:
    there, next_post = 370, next(s for s in range(370, 420) if BORDER.segments.post[s] != POST)
    asked = covered(breached(20.0, there, next_post))
    assert asked.sum() == 2
    assert np.count_nonzero(asked) == 1


@pytest.mark.parametrize("units", [0.0, 2.0])
def test_nobody_covers_where_nothing_is_mended_nor_when_it_is_switched_off(units: float) -> None:
    idle, busy = breached(0.0, 370, units=units), breached(120.0, 370, units=0.0)
    assert covered(idle).sum() == 0
    assert covered(busy).sum() == 0
    assert not busy.levers.is_covered
    assert busy.world.barriers.breached_m(370) == 0.0


@settings(max_examples=15, deadline=None)
@given(units=st.floats(0.0, 5.0), scale=st.sampled_from((0.01, 0.2, 1.0)))
def test_parts_of_a_unit_are_a_chance(units: float, scale: float) -> None:
    """In ninety hours lots are the whole numbers beside what is asked for, within five standard errors of it."""
    model = breached(1000.0, 370, days=10, units=units, scale=scale, soldiers=1.0)
    asked = covered(model)[:, POST]
    mean, worked = units * scale, 90
    assert set(np.unique(asked)) <= {0, int(np.floor(mean)), int(np.floor(mean)) + 1}
    spread = np.sqrt(worked * (mean % 1.0) * (1.0 - mean % 1.0))
    assert abs(asked.sum() - worked * mean) <= 5.0 * spread + 1e-6
    mesa.Agent._ids.pop(model, None)
