"""Menus of governments: what calls for an act, and what the act says and does."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from stand_in_host import BORDER, StandIn, drill, phase, scenario

from sim.agents.actions import Act
from sim.agents.menus import MENUS, Option
from sim.agents.picture import Picture, View, Watch
from sim.agents.tension import PAIRS
from sim.scenario.drills import Drills

KUZNICA = BORDER.post_number("Kuźnica")


def picture_of(host: StandIn) -> Picture:
    """Return the picture of the third morning."""
    host.hour = host.at(10, "08:00")
    watch = Watch(host)
    watch.wake()
    return watch.pictures[-1]


def seen_by(name: str, host: StandIn) -> View:
    return View(name, picture_of(host), host.scenario, BORDER, host.world.calendar)


def calm(**changes: Any) -> StandIn:
    """Return a host on whose pairs nothing is amiss."""
    host = StandIn(scenario(**changes))
    host.tension.rung[:] = 1
    return host


def option(name: str, kind: str) -> Option:
    return next(option for option in MENUS[name] if option.kind == kind)


@pytest.mark.parametrize(("name", "kind", "rung"), [
    *((name, kind, rung) for name in ("Vilnius", "Riga") for kind, rung in (("emergency", 5), ("protest", 4))),
    ("Warsaw", "emergency", 5), ("Warsaw", "protest", 4), ("Warsaw", "threat", 7), ("London", "support", 5),
])  # fmt: skip
def test_what_a_rung_calls_for_is_open_from_that_rung_on(name: str, kind: str, rung: int) -> None:
    pair = PAIRS.index(("Minsk", "Warsaw" if name == "London" else name))
    opens = []
    for step in range(1, 13):
        host = calm()
        host.tension.rung[pair] = step
        opens.append(option(name, kind).when(seen_by(name, host)))
    assert opens == [step >= rung for step in range(1, 13)]


def test_a_neighbours_emergency_is_named_and_meant_for_nobody() -> None:
    made = option("Riga", "emergency").make(seen_by("Riga", calm()))
    assert made == Act("Riga", "", "", goldstein=0.0, text="Riga declares an emergency on its line")


def test_a_group_crossing_is_started_where_most_are_and_told_by_the_capital_opposite() -> None:
    host = calm()
    host.people[KUZNICA], host.people[0] = 1000, 999
    made = option("Minsk", "group_crossing").make(seen_by("Minsk", host))
    assert (made.actor, made.target, made.place, made.claimant) == ("Minsk", "Warsaw", "Kuźnica", "Warsaw")
    assert (made.size, made.goldstein < 0.0) == (300.0, True)
    assert made.text == "a group crossing is started opposite Kuźnica, as Warsaw sees it by Minsk's services"
    host.people[:] = 0
    host.people[-1] = 10
    assert option("Minsk", "group_crossing").make(seen_by("Minsk", host)).claimant == "Riga"


@pytest.mark.parametrize(("shares", "closed"), [
    ((1.0, 1.0), False), ((0.0, 1.0), False), ((0.0, 0.5), False), ((0.0, 0.49), True), ((0.0, 0.0), True),
])  # fmt: skip
def test_flights_are_mostly_closed_when_more_than_half_of_the_routes_have_less_than_half_of_their_seats(
    shares: tuple[float, float], closed: bool
) -> None:
    host = calm()
    host.levers.seats_open[:] = shares
    assert seen_by("Minsk", host).flights_mostly_closed is closed


BEGUN, LATER = phase(day=8), phase(day=10)


@pytest.mark.parametrize(
    ("row", "known"),
    [
        (drill(BEGUN, side="Warsaw"), True),
        (drill(BEGUN, side="Minsk"), False),
        (drill(LATER, side="Warsaw"), False),
        (drill(phase(day=8, name="alert", reach_km=0.0, pinned_share=0.0), side="Warsaw"), True),
        (drill(phase(day=8, reach_km=0.0, pinned_share=0.0), side="Warsaw"), False),
        (drill(phase(day=8, hours=240), side="Warsaw"), True),
        (drill(phase(day=8, hours=241), side="Warsaw"), False),
        (drill(BEGUN, side="Warsaw", forces={"soldiers": 5000.0}), True),
        (drill(BEGUN, side="Warsaw", forces={"soldiers": 5001.0}), False),
    ],
    ids=["its own", "another side's", "not begun", "on notice", "drew nobody", "ten days", "too long", "of 5,000",
         "too large"],
)  # fmt: skip
def test_what_a_side_could_hold_again(row: Any, known: bool) -> None:
    host = calm(drill=(row,), replay_until=date(2021, 11, 20))
    found = seen_by("Warsaw", host).own_drill
    assert found == (row if known else None)


def test_the_latest_drill_is_ordered_again_by_name() -> None:
    rows = (drill(phase(day=9), side="Warsaw", name="Later"), drill(BEGUN, side="Warsaw", name="Earlier"))
    view = seen_by("Warsaw", calm(drill=rows, replay_until=date(2021, 11, 20)))
    made = option("Warsaw", "drill").make(view)
    assert (made.actor, made.place, made.text) == ("Warsaw", "Later", "Warsaw orders that 'Later' be held again")
    off = calm(drill=rows, replay_until=date(2021, 11, 20), drills=Drills(enabled=False))
    assert seen_by("Warsaw", off).own_drill is None
