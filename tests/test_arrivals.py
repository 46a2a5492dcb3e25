"""Who comes: the same people in every scenario, as many as the seats, landing once, and those who are there already."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scenes import BORDER, KUZNICA, bare, build, put, route, start_day

from sim.agents.migrants.arrivals import Newcomers, Room, enumerate_parties, fill, seats_by_day
from sim.agents.states import SEATS, Kind, State
from sim.model import StandoffModel
from sim.scenario.people import InitialPeople, RouteWeek
from sim.world.calendar import Calendar

PLAIN = bare()
SEED = 7
DAY = 311
CHANGE_OF_CLOCKS = date(2021, 10, 31)


def listed(people: int, seed: int = SEED, route_number: int = 0, day: int = DAY) -> Newcomers:
    return enumerate_parties(PLAIN, seed, route_number, day, people, 0.6, 0.3)


@cache
def many() -> Newcomers:
    return listed(40_000)


def initial(place: str, people: float, attempts: int = 0) -> InitialPeople:
    return InitialPeople(source="B112", place=place, people=people, attempts=attempts)


# ---------------------------------------------------------------- lists


@given(st.integers(0, 400), st.integers(0, 400))
def test_more_seats_let_the_same_people_travel_first(fewer: int, more: int) -> None:
    few, many_more = (listed(people) for people in sorted((fewer, more)))
    for field in fields(Newcomers):
        assert getattr(many_more, field.name)[: len(few)].tolist() == getattr(few, field.name).tolist()


@given(st.integers(0, 300), st.integers(0, 2**63 - 1))
def test_as_many_travel_as_seats_but_for_one_party(people: int, seed: int) -> None:
    newcomers = listed(people, seed)
    n_travel = int(newcomers.size.sum())
    largest = 7
    assert people - largest < n_travel < people + largest
    assert (n_travel == 0) or people > 0


def test_on_average_exactly_as_many_travel_as_there_are_seats() -> None:
    over = [int(listed(people=10, day=day).size.sum()) - 10 for day in range(4000)]
    assert np.mean(over) == pytest.approx(0.0, abs=0.06)


def test_a_route_without_room_lets_nobody_travel_and_leaves_the_others_alone() -> None:
    busy, empty = (Room(0, 40, 0.6, 0.3), Room(2, 25, 0.1, 0.1)), Room(1, 0, 0.5, 0.5)
    alone = fill(PLAIN, SEED, DAY, list(busy))
    for rooms in ([empty, *busy], [busy[0], empty, busy[1]], [*busy, empty]):
        together = fill(PLAIN, SEED, DAY, rooms)
        for field in fields(Newcomers):
            assert getattr(together, field.name).tolist() == getattr(alone, field.name).tolist()
    assert len(fill(PLAIN, SEED, DAY, [empty])) == len(fill(PLAIN, SEED, DAY, [])) == 0


def test_numbers_never_meet_between_routes_and_days() -> None:
    lists = [listed(200, route_number=number, day=day) for number in (0, 1, 127, 128, 200) for day in (0, 1, 545)]
    numbers = np.concatenate([newcomers.number for newcomers in lists])
    assert len(np.unique(numbers)) == len(numbers)
    assert numbers.max() * SEATS < 2**63


def test_kinds_of_party_come_in_their_shares() -> None:
    share = np.bincount(many().kind, minlength=3) / len(many())
    assert share.tolist() == pytest.approx([0.30, 0.47, 0.23], abs=0.01)


@pytest.mark.parametrize(("kind", "least", "mean"), [(Kind.FRIENDS, 2, 1.0), (Kind.FAMILY, 3, 1.2)])
def test_party_sizes_follow_a_cut_exponential(kind: Kind, least: int, mean: float) -> None:
    size = many().size[many().kind == kind]
    below = [1.0 - np.exp(-(extra + 1) / mean) for extra in range(4)] + [1.0]
    wanted = np.diff([0.0, *below])
    share = np.bincount(size - least, minlength=5) / len(size)
    assert share.tolist() == pytest.approx(wanted.tolist(), abs=0.02)


def test_those_alone_are_one_and_families_have_all_but_two_children() -> None:
    newcomers = many()
    assert set(newcomers.size[newcomers.kind == Kind.ALONE]) == {1}
    family = newcomers.kind == Kind.FAMILY
    assert (newcomers.n_children[family] == newcomers.size[family] - 2).all()
    assert newcomers.n_children[~family].max() == 0


def test_origins_come_in_the_shares_of_the_route() -> None:
    share = np.bincount(many().origin, minlength=3) / len(many())
    assert share.tolist() == pytest.approx([0.6, 0.3, 0.1], abs=0.01)


def test_landings_are_spread_over_the_day() -> None:
    share = np.bincount(many().since_midnight, minlength=24) / len(many())
    assert len(share) == 24
    assert np.abs(share - 1 / 24).max() < 0.005
    assert 0.0 <= many().fraction.min() < many().fraction.max() < 1.0


# ---------------------------------------------------------------- seats


def test_the_share_of_seats_rises_straight_to_its_peak_and_stays() -> None:
    scenario = bare(
        route=(route(700.0),),
        arrivals={"share_of_seats_first": 0.1, "share_of_seats_peak": 0.3, "peak_day": 100.0, "growth": 1.0},
    )
    first = date(2021, 7, 30)
    seats = seats_by_day(scenario, Calendar(first, first + timedelta(days=150)))[:, 0]
    share = seats / 100.0
    assert share[:3].tolist() == pytest.approx([0.1, 0.1, 0.1])  # 1 August is the third day
    assert np.diff(share[2:103]) == pytest.approx(0.002)
    assert share[102:].tolist() == pytest.approx([0.3] * len(share[102:]))


@pytest.mark.parametrize("growth", [0.5, 1.0, 2.0, 3.5])
def test_the_rise_goes_by_a_power_of_the_way_to_the_peak(growth: float) -> None:
    scenario = bare(
        route=(route(700.0),),
        arrivals={"share_of_seats_first": 0.1, "share_of_seats_peak": 0.3, "peak_day": 80.0, "growth": growth},
    )
    first = date(2021, 8, 1)
    share = seats_by_day(scenario, Calendar(first, first + timedelta(days=99)))[:, 0] / 100.0
    assert share[0] == pytest.approx(0.1)
    assert share[40] == pytest.approx(0.1 + 0.2 * 0.5**growth)
    assert share[80:].tolist() == pytest.approx([0.3] * 20)


def test_a_timetable_holds_from_its_date_on_and_scale_applies() -> None:
    weeks = tuple(
        RouteWeek(source="B002", since=since, flights_per_week=flights, seats_per_flight=100.0)
        for since, flights in ((date(2021, 11, 9), 14.0), (date(2021, 11, 8), 7.0))
    )
    scenario = bare(
        route=(route(1.0).model_copy(update={"timetable": weeks}),),
        arrivals={"share_of_seats_first": 0.2, "share_of_seats_peak": 0.2},
        migrants={"people_scale": 0.5},
    )
    seats = seats_by_day(scenario, Calendar(date(2021, 11, 7), date(2021, 11, 10)))
    assert seats[:, 0].tolist() == pytest.approx([0.0, 10.0, 20.0, 20.0])


def landed(model: StandoffModel, days: int) -> NDArray[np.int32]:
    """Let some days of passengers land and return the tally, int[days, n_routes]."""
    calendar = model.world.calendar
    for day in range(days):
        start_day(model, day)
        for hour in range(int(calendar.first_hour_of_day[day]), int(calendar.first_hour_of_day[day + 1])):
            model.scene.hour = hour
            model.migrants.arrivals.land(model.scene)
    return model.tally.arrivals[:days]


def test_bans_close_seats_route_by_route() -> None:
    changes: dict[str, Any] = {
        "until": date(2021, 11, 27),
        "route": (route(7000.0), route(7000.0, "Dubai"), route(7000.0, "Erbil")),
        "arrivals": {"share_of_seats_first": 0.1, "share_of_seats_peak": 0.1},
    }
    model = build(**changes)
    model.levers.seats_open[:] = (1.0, 0.5, 0.0)
    by_day = landed(model, 20)
    assert by_day.mean(axis=0).tolist() == pytest.approx([100.0, 50.0, 0.0], rel=0.02)
    free = landed(build(**changes), 20)
    assert (free[:, 0] == by_day[:, 0]).all()


def test_seats_are_rounded_by_lot_so_that_few_still_come() -> None:
    model = build(
        until=date(2021, 12, 31), route=(route(7.0),),
        arrivals={"share_of_seats_first": 0.3, "share_of_seats_peak": 0.3},
    )  # fmt: skip
    assert landed(model, 54).sum() == pytest.approx(0.3 * 54, abs=8)


def test_newcomers_begin_in_minsk_with_their_party_whole() -> None:
    model = build(route=(route(7000.0),))
    by_day = landed(model, 2)
    people = model.people
    assert len(people) == by_day.sum() > 300
    state = model.scene.people.state()
    assert set(state) == {State.MINSK}
    assert set(model.scene.people.cells.place(people["cell"])) == {model.scene.people.cells.nowhere}
    assert (people["party"] == people["id"] // SEATS * SEATS).all()
    family = model.scene.people.cells.kind(people["cell"]) == Kind.FAMILY
    assert not people["child"][~family].any()
    parties, of = np.unique(people["party"][family], return_inverse=True)
    assert np.bincount(of, weights=~people["child"][family]).tolist() == [2] * len(parties)


@pytest.mark.parametrize(("day", "hours"), [(CHANGE_OF_CLOCKS, 25), (date(2022, 3, 27), 23), (date(2021, 11, 8), 24)])
def test_everybody_lands_once_also_when_the_clocks_change(day: date, hours: int) -> None:
    model = build(start=day, until=day, route=(route(7000.0),), arrivals={"share_of_seats_first": 0.3})
    assert model.world.calendar.n_hours == hours
    by_day = landed(model, 1)
    ids = model.people["id"]
    assert len(np.unique(ids)) == len(ids) == by_day.sum()
    assert len(ids) == listed_today(model)
    assert set(model.people["since"]) <= set(range(hours))


def listed_today(model: StandoffModel) -> int:
    """Return how many are on the list of passengers of the day."""
    today = model.migrants.arrivals._today
    assert today is not None
    return int(today.size.sum())


def test_off_nobody_arrives_and_nobody_is_there() -> None:
    model = build(route=(route(7000.0),), initial=(initial("Minsk", 50),), migrants={"enabled": False})
    assert landed(model, 2).sum() == 0
    assert len(model.people) == 0


# ---------------------------------------------------------------- those present at the start


def test_those_present_at_the_start_stand_where_the_table_says() -> None:
    rows = (initial("Minsk", 300), initial("camp", 200, 1), initial("centre", 100, 2), initial("Krynki north", 80, 3))
    model = build(initial=rows)
    cells, people = model.scene.people.cells, model.people
    state, place = cells.state(people["cell"]), cells.place(people["cell"])
    for where, at, wanted, attempts in (
        (State.MINSK, cells.nowhere, 300, 0),
        (State.CAMP, KUZNICA, 200, 1),
        (State.CENTRE, KUZNICA, 100, 2),
        (State.LINE, BORDER.post_number("Krynki north"), 80, 3),
    ):
        here = state == where
        assert set(place[here]) == {at}
        assert set(people["attempts"][here]) == {attempts}
        assert abs(np.count_nonzero(here) - wanted) < 7
    assert model.tally.arrivals.sum() == 0


def test_those_present_are_there_from_the_first_minute() -> None:
    """A stay that begins within the hour would lose part of its first hour's hazard."""
    model = StandoffModel(bare(initial=(initial("Minsk", 200),)), SEED)
    people = model.people
    alone = np.flatnonzero(model.scene.people.cells.kind(people["cell"]) == Kind.ALONE)
    numbers = people["id"][alone] // SEATS
    at_once = StandoffModel(bare(), SEED)
    for number in numbers:
        put(at_once, State.MINSK, [1], post=None, kind=Kind.ALONE, first_number=int(number))
    assert len(alone) > 10
    assert at_once.people["act_mark"].tolist() == people["act_mark"][alone].tolist()


@pytest.mark.parametrize("scale", [0.5, 0.05])
def test_those_present_are_scaled_like_all_people(scale: float) -> None:
    model = build(initial=(initial("Minsk", 1000),), migrants={"people_scale": scale})
    assert abs(len(model.people) - 1000 * scale) < 7
