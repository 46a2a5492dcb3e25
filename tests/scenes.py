"""A bare stretch of history for tests of the mass: few numbers, mild still weather, people put where a test wants them.

Nothing arrives, nobody steers, builds, drills or governs unless a test says so; every change goes through the schema.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.agents.states import SEATS, Kind, State
from sim.model import StandoffModel
from sim.scenario.forces import Force
from sim.scenario.people import Route, RouteWeek
from sim.scenario.quantity import Quantity
from sim.scenario.schema import MonthlyNormal, Scenario
from sim.scenario.services import Steering
from sim.scenario.wording import SECTIONS
from sim.world.border import load_border

BORDER = load_border()
KUZNICA = BORDER.post_number("Kuźnica")
N_POSTS = len(BORDER.posts)
START = date(2021, 11, 8)

_CALM = tuple(
    MonthlyNormal(source="A118", month=month, max_c=0.0, min_c=0.0, wind_kmh=1.0, wet_share=0.0)
    for month in range(1, 13)
)
_STILL: dict[str, dict[str, Any]] = {
    "weather": {"temperature_sd_c": 0.0},
    "migrants": {"resolve_sigma": 0.0},
    "exposure": {
        "susceptibility_sigma": 0.0,
        "handling_injury_chance": 0.0,
        "handling_robbery_chance": 0.0,
        "handling_separation_chance": 0.0,
        "drowning_chance": 0.0,
        "hypothermia_odds": 0.0,
        "hunger_factor": 0.0,
    },
    "money": {"means_sigma": 0.0},
    "network": {"hope_strength": 0.0},
}

Ints = NDArray[np.int64]


def quantity(value: float) -> Quantity:
    """Return a number as a command line would set it."""
    return Quantity(value=float(value), source="set")


def bare(**changes: Any) -> Scenario:
    """Return a bare scenario of 8 and 9 November; a section is changed by a mapping of its numbers and switches."""
    given: dict[str, Any] = {
        "name": "bare-trial", "summary": "a trial", "question": "does each rule do what it says?",
        "description": "made for a test", "start": START, "until": date(2021, 11, 9), "normal": _CALM,
    }  # fmt: skip
    for key in (_STILL.keys() | changes.keys()) & SECTIONS.keys():
        numbers = {**_STILL.get(key, {}), **changes.pop(key, {})}
        given[key] = SECTIONS[key](
            **{name: value if isinstance(value, bool) else quantity(value) for name, value in numbers.items()}
        )
    return Scenario(**(given | changes))


def force(persons: float, country: str = "PL", service: str = "border_guard", day: date = START) -> Force:
    """Return a dated strength."""
    return Force(source="F001", day=day, country=country, service=service, persons=persons)  # type: ignore[arg-type]


def steering(since: date = date(2021, 1, 1), **more: float) -> Steering:
    """Return what the services do from a date on: nothing but what is asked."""
    given: dict[str, Any] = {
        "steering_share": 0.0, "poland_share": 1.0, "lithuania_share": 0.0, "drive": 1.0, "drive_sigma": 0.0,
        "refuse_return": 0.0,
    }  # fmt: skip
    return Steering(source="B113", since=since, **(given | more))


def route(seats_per_week: float, name: str = "Istanbul", since: date = date(2021, 1, 1)) -> Route:
    """Return a flight route of one weekly flight with so many seats."""
    flights = max(1.0, seats_per_week / 500.0)
    week = RouteWeek(source="B002", since=since, flights_per_week=flights, seats_per_flight=seats_per_week / flights)
    return Route(name=name, iraqi_share=0.6, syrian_share=0.3, timetable=(week,))


def build(hour: int = 12, seed: int = 7, **changes: Any) -> StandoffModel:
    """Return the model of a bare scenario with an hour made ready: rosters posted, hazards set, clocks advanced."""
    model = StandoffModel(bare(**changes), seed)
    start_day(model, 0)
    start_hour(model, hour)
    return model


def start_day(model: StandoffModel, day: int) -> None:
    """Let midnight of a day pass for network, guards, services and people."""
    scene = model.scene
    scene.day, scene.hour = day, int(model.world.calendar.first_hour_of_day[day])
    scene.network.start_day(scene)
    scene.guards.start_day(scene)
    scene.services.start_day(scene)
    model.migrants.start_day()


def start_hour(model: StandoffModel, hour: int) -> None:
    """Make an hour ready: who is on duty, what the hazards are, how far the clocks have come."""
    scene = model.scene
    scene.hour, scene.day = hour, int(model.world.calendar.day_of_hour[hour])
    scene.guards.start_hour(scene, int(model.world.calendar.hour_of_day[hour]))
    model.migrants.look_ahead()
    model.migrants.begin_hour()


def put(
    model: StandoffModel,
    state: State,
    sizes: Sequence[int] = (1,),
    *,
    post: int | None = KUZNICA,
    kind: Kind = Kind.FRIENDS,
    children: int = 0,
    attempts: int = 0,
    first_number: int | None = None,
) -> Ints:
    """Add whole parties of given sizes, the last `children` of each children; return the rows of their members."""
    people = model.scene.people
    number = (len(people) + 1) * SEATS if first_number is None else first_number
    ids, child = [], []
    for size in sizes:
        ids += [number * SEATS + seat for seat in range(size)]
        child += [seat >= size - children for seat in range(size)]
        number += 1
    n_people = len(ids)
    place = people.cells.nowhere if post is None else post
    return people.born(
        ids=np.array(ids, dtype=np.int64),
        kind=np.full(n_people, int(kind)),
        state=np.full(n_people, int(state)),
        place=np.full(n_people, place),
        origin=np.zeros(n_people, dtype=np.int64),
        child=np.array(child, dtype=bool),
        attempts=np.full(n_people, attempts),
        fraction=np.zeros(n_people),
        hour=model.scene.hour,
    )


def nobody() -> tuple[Ints, NDArray[np.float64], Ints, Ints, Ints]:
    """Return no group crossing: no rows, lots, groups, posts, sizes."""
    none = np.zeros(0, dtype=np.int64)
    return none, np.zeros(0), none, none, none


def only(model: StandoffModel, state: State, cause: int) -> None:
    """Leave one cause to a state: all others lose their hazard."""
    hazards = model.migrants.hazards
    for number, hazard in enumerate(hazards.causes[state]):
        if number != cause:
            hazard[:] = 0.0
    hazards.add_up(state)


def act(model: StandoffModel, rows: Ints) -> None:
    """Let parties act in this hour by the rules of their states."""
    model.migrants.journey.act(model.scene, rows, nobody())


def states(model: StandoffModel, rows: Ints | slice = slice(None)) -> list[State]:
    """Return where people are."""
    return [State(state) for state in model.scene.people.state()[rows]]


def places(model: StandoffModel, rows: Ints | slice = slice(None)) -> list[int]:
    """Return the posts of people; the number after the last post is nowhere."""
    people = model.scene.people
    found: list[int] = people.cells.place(people.population["cell"][rows]).tolist()
    return found


def evenly(n: int) -> NDArray[np.float64]:
    """Return n uniforms spread evenly over (0, 1): shares of what they choose are weights, to within 1/n."""
    return (np.arange(n) + 0.5) / n
