"""What both models share and neither can check by the other: the world as it is built, cells, levers."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import N_POSTS, bare

from sim.agents.levers import Levers
from sim.agents.states import N_STATES, Cells, Kind, State
from sim.errors import ScenarioError
from sim.scenario.forces import ExistingBarrier
from sim.scenario.schema import MonthlyNormal, Spell
from sim.world.barriers import LAYERS
from sim.world.world import build_world

FENCE = LAYERS.index("wire_fence")


def fence(since: date | None) -> ExistingBarrier:
    return ExistingBarrier(source="F034", since=since, country="PL", layer="wire_fence", km=5.0)


# --- the world --------------------------------------------------------------------------------------------------------


@settings(max_examples=12)
@given(st.integers(0, 2**63 - 1), st.floats(-15.0, 15.0))
def test_an_offset_warms_normals_and_spells_alike_and_leaves_wind_and_wetness(seed: int, offset: float) -> None:
    spell = Spell(source="A077", first=date(2021, 11, 9), last=date(2021, 11, 9), max_c=-5.0, min_c=-9.0)
    plain = build_world(bare(spell=(spell,)), seed).weather
    moved = build_world(bare(spell=(spell,), weather={"offset_c": offset}), seed).weather
    assert moved.temperature_c == pytest.approx(plain.temperature_c + offset, abs=1e-9)
    for name in ("wind_kmh", "gust_kmh", "wet"):
        assert np.array_equal(getattr(moved, name), getattr(plain, name))


@settings(max_examples=12)
@given(st.integers(0, 2**63 - 1), st.integers(1, 2**63 - 1))
def test_the_seed_decides_the_weather_and_nothing_else(seed: int, more: int) -> None:
    noisy = bare(weather={"temperature_sd_c": 3.0}, existing=(fence(None),))
    one, same, other = (build_world(noisy, number) for number in (seed, seed, (seed + more) % 2**63))
    assert np.array_equal(one.weather.temperature_c, same.weather.temperature_c)
    assert not np.array_equal(one.weather.temperature_c, other.weather.temperature_c)
    assert np.array_equal(one.darkness, other.darkness)
    assert np.array_equal(one.barriers.built_m, other.barriers.built_m)


@settings(max_examples=12)
@given(st.integers(0, 2**63 - 1), st.integers(0, 3))
def test_an_hour_is_the_same_hour_whatever_the_first_day_of_the_run(seed: int, earlier: int) -> None:
    scenario = bare(weather={"temperature_sd_c": 3.0})
    longer = bare(weather={"temperature_sd_c": 3.0}, spin_up_from=scenario.start - timedelta(days=earlier))
    one, other = build_world(scenario, seed), build_world(longer, seed)
    shift = one.calendar.epoch_hour - other.calendar.epoch_hour
    assert np.array_equal(other.weather.temperature_c[shift:], one.weather.temperature_c)
    assert np.array_equal(other.weather.wet[shift:], one.weather.wet)
    assert np.array_equal(other.darkness[shift:], one.darkness)


def test_hours_posts_and_countries_are_the_shapes_of_the_world() -> None:
    world = build_world(bare(start=date(2021, 10, 30), until=date(2021, 10, 31)), 1)
    assert world.calendar.n_hours == 24 + 25
    assert world.darkness.shape == (49, N_POSTS)
    assert world.weather.temperature_c.shape == (49, 3)
    assert world.n_posts == N_POSTS


def test_barriers_of_the_first_day_stand_and_later_ones_do_not_yet() -> None:
    scenario = bare(existing=(fence(None), fence(date(2021, 1, 1)), fence(date(2021, 11, 8)), fence(date(2021, 11, 9))))
    assert build_world(scenario, 1).barriers.built_m[FENCE].sum() == 15_000.0


def test_barriers_of_the_spin_up_s_first_day_are_those_that_stand() -> None:
    scenario = bare(existing=(fence(date(2021, 11, 8)),), spin_up_from=date(2021, 11, 7))
    assert build_world(scenario, 1).barriers.built_m[FENCE].sum() == 0.0


def test_weather_that_cannot_be_is_refused_with_its_place() -> None:
    hot = tuple(
        MonthlyNormal(source="A118", month=month, max_c=45.0, min_c=0.0, wind_kmh=1.0, wet_share=0.0)
        for month in range(1, 13)
    )
    with pytest.raises(ScenarioError, match=r"normal, spell, weather.*month 1"):
        build_world(bare(normal=hot, weather={"offset_c": 40.0}), 1)


# --- cells and levers -------------------------------------------------------------------------------------------------


@given(st.sampled_from(State), st.sampled_from(Kind), st.integers(0, N_POSTS))
def test_a_cell_tells_its_state_kind_and_place_and_fits_its_column(state: State, kind: Kind, place: int) -> None:
    cells = Cells(N_POSTS)
    number = cells.of(np.array([int(state)]), np.array([int(kind)]), np.array([place]))
    assert 0 <= number[0] < cells.n
    assert number[0] == (state * 3 + kind) * 36 + place  # as docs/odd.md has it
    column = number.astype(np.uint16)
    assert (cells.state(column)[0], cells.kind(column)[0], cells.place(column)[0]) == (state, kind, place)


def test_more_cells_than_their_column_holds_are_refused() -> None:
    most = np.iinfo(np.uint16).max // (N_STATES * len(Kind)) - 1
    assert Cells(most).n <= np.iinfo(np.uint16).max
    with pytest.raises(ValueError, match="do not fit the cell column"):
        Cells(most + 1)


@given(st.lists(st.tuples(st.sets(st.integers(0, 3)), st.floats(0.0, 1.0)), max_size=6))
def test_the_strictest_ban_on_a_route_holds_in_whatever_order_bans_come(bans: list[tuple[set[int], float]]) -> None:
    levers = Levers.fresh(4, N_POSTS)
    for routes, share in bans:
        levers.close_seats(routes, share)
    least = [min([share for routes, share in bans if route in routes], default=1.0) for route in range(4)]
    assert levers.seats_open.tolist() == least


def test_fresh_levers_change_nothing_and_are_nobody_else_s() -> None:
    one, other = Levers.fresh(2, N_POSTS), Levers.fresh(2, N_POSTS)
    one.close_seats([0], 0.0)
    one.extra_persons[0], one.pinned_share[3] = 5.0, 0.5
    one.crossings_closed.add("Kuźnica")
    assert other.seats_open.tolist() == [1.0, 1.0]
    assert not other.extra_persons.any()
    assert not other.pinned_share.any()
    assert (other.response_factor == 1.0).all()
    assert not other.crossings_closed
    assert (other.camp_target, other.home_seats, other.camp_open, other.centre_open, other.let_back) == (0,) * 5
