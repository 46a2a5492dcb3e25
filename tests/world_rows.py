"""Rows of worlds that never were: those of history on other days, and rows that are made up.

What is made up is sized in simulated persons and patrols, not in real ones, so that a world is small whatever share of
the people it simulates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any, get_args

from grounds import Ground
from hypothesis import strategies as st

from sim.scenario.engineering import Contingent, Mandate
from sim.scenario.forces import CustodyPolicy, ExistingBarrier, Force
from sim.scenario.load import load_scenario
from sim.scenario.mandates import needs_mandate
from sim.scenario.passage import Couriers, CustodyPlaces, OrdersToLeave
from sim.scenario.people import InitialPeople, Route, RouteWeek
from sim.scenario.politics import Action, Corridor
from sim.scenario.schema import MonthlyNormal, Scenario, Spell
from sim.scenario.services import GroupPlace, GroupRegime, Steering
from sim.scenario.wording import SECTIONS
from sim.world.border import COUNTRIES, load_border

__all__ = [
    "FIRST_DAY", "LAST_DAY", "Draw", "Value", "about", "barriers", "forces", "history", "moved", "people", "policies",
    "routes", "weather",
]  # fmt: skip

Draw = Callable[[st.SearchStrategy[Any]], Any]
Value = float | bool

FIRST_DAY, LAST_DAY = date(2021, 1, 1), date(2022, 6, 30)
_SERVICES = get_args(Force.model_fields["service"].annotation)
_PLACES = ("Minsk", "camp", "centre", *load_border().posts.name)
_BUSY_PLACES = ("Minsk", "camp", "centre", "Kuźnica", "Nowy Dwór", "Kodeń", "Druskininkai", "Silene")


def _number(given: dict[str, Value], key: str) -> float:
    """Return a number that is given, or the default."""
    section, _, name = key.partition(".")
    return float(given.get(key, SECTIONS[section].model_fields[name].default))


def about(draw: Draw, first: date, n_before: int = 3, n_after: int = 4) -> date:
    """Return a day near the first."""
    day = first + timedelta(days=draw(st.integers(-n_before, n_after)))
    return min(max(day, FIRST_DAY), LAST_DAY)


# --- rows of history, moved to other days -----------------------------------------------------------------------------


@cache
def history(name: str) -> Scenario:
    return load_scenario(name)


def _by_kind(rows: Sequence[Action]) -> dict[str, list[Action]]:
    """Return acts by kind, so that seldom kinds can be drawn as often as others."""
    kinds: dict[str, list[Action]] = {}
    for row in rows:
        kinds.setdefault(row.kind, []).append(row)
    return kinds


@st.composite
def moved(draw: Draw, first: date, routes: Sequence[str]) -> dict[str, Any]:
    """Return acts, drills and contingents of history on days near the first."""
    crisis, winter = history("crisis-2021"), history("winter-2022")
    acts_of = _by_kind([*crisis.action, *winter.action])
    any_row = st.sampled_from([row for rows in acts_of.values() for row in rows])
    any_kind = st.sampled_from(sorted(acts_of)).flatmap(lambda kind: st.sampled_from(acts_of[kind]))
    actions = draw(st.lists(any_row | any_kind, max_size=8))
    acts = [
        row.model_copy(
            update={
                "day": about(draw, first),
                "clock": f"{draw(st.integers(0, 23)):02d}:00",
                "routes": tuple(routes[: len(row.routes)]),
            }
        )
        for row in actions
    ]
    rows = draw(st.lists(st.sampled_from(crisis.drill), max_size=3, unique_by=lambda drill: drill.name))
    drills = []
    for row in rows:
        moved_by = about(draw, first) - min(phase.day for phase in row.phases)
        phases = tuple(
            phase.model_copy(update={"day": min(max(phase.day + moved_by, FIRST_DAY), LAST_DAY)})
            for phase in row.phases
        )
        drills.append(row.model_copy(update={"phases": phases}))
    corps = st.sampled_from([*crisis.contingent, *winter.contingent])
    contingents = [
        row.model_copy(update={"first": (begin := about(draw, first, 2, 2)), "last": begin + timedelta(days=3)})
        for row in draw(st.lists(corps, max_size=4, unique_by=lambda one: one.name))
    ]
    return {
        "action": tuple(sorted(acts, key=lambda row: (row.day, row.clock))),
        "drill": tuple(sorted(drills, key=lambda row: min((phase.day, phase.clock) for phase in row.phases))),
        "contingent": tuple(sorted(contingents, key=lambda row: row.first)),
        "mandate": mandates(contingents),
        **{key: getattr(crisis, key) if draw(st.integers(0, 3)) else () for key in ("habit", "coverage", "readiness")},
    }


def mandates(contingents: Sequence[Contingent]) -> tuple[Mandate, ...]:
    """Return mandates that permit contingents from abroad all that they do, whenever they do it."""
    abroad = sorted({(row.nation, row.country) for row in contingents if needs_mandate(row)})
    return tuple(
        Mandate(
            source="A237", nation=nation, country=country, soldiers=1e5,
            first=min(row.first for row in contingents), last=max(row.last for row in contingents),
            tasks=("build", "survey", "support"),
        )
        for nation, country in abroad
    )  # fmt: skip


# --- rows that are made up -------------------------------------------------------------------------------------------


@st.composite
def people(draw: Draw, scale: float) -> tuple[InitialPeople, ...]:
    """Return people there at the start: some here and there, a flood at one post, or nobody."""
    sizes = draw(st.sampled_from(((5, 30),) * 6 + ((150, 300), (0, 0))))
    n_rows = 1 if sizes[0] > 100 else draw(st.integers(1, 6))
    places = st.sampled_from(_BUSY_PLACES) | st.sampled_from(_PLACES)
    keys = draw(
        st.lists(st.tuples(places, st.sampled_from((0, 1, 3, 100))), min_size=n_rows, max_size=n_rows, unique=True)
    )
    return tuple(
        InitialPeople(
            source="B246",
            place=place,
            people=min(1e7, draw(st.integers(*sizes)) / scale),
            attempts=attempts,
            iraqi_share=draw(st.sampled_from((0.0, 0.7, 1.0))),
            syrian_share=0.0,
        )
        for place, attempts in keys
    )


@st.composite
def routes(draw: Draw, first: date, given: dict[str, Value]) -> tuple[Route, ...]:
    """Return up to three routes that carry some tens of people a day, or a flood of them."""
    share = _number(given, "arrivals.share_of_seats_first")
    per_flight = 7.0 / (200.0 * max(share, 0.01) * _number(given, "migrants.people_scale"))
    return tuple(
        Route(
            name=name,
            iraqi_share=draw(st.sampled_from((0.0, 0.5, 1.0))),
            syrian_share=0.0,
            timetable=tuple(
                RouteWeek(
                    source="B002",
                    since=since,
                    flights_per_week=min(500.0, draw(st.sampled_from((0, 3, 10, 30, 100))) * per_flight),
                    seats_per_flight=200.0,
                )
                for since in sorted({about(draw, first), about(draw, first)})
            ),
        )
        for name in ("Istanbul", "Damascus", "overland")[: draw(st.integers(0, 3))]
    )


@st.composite
def forces(draw: Draw, first: date, given: dict[str, Value]) -> tuple[tuple[Force, ...], float]:
    """Return strengths by which each service has from no to forty patrols, and most soldiers that may be added."""
    per_person = (
        _number(given, "guards.available_share")
        / _number(given, "guards.persons_per_unit")
        * _number(given, "migrants.people_scale")
    )
    rows = [
        Force(
            source="F001",
            day=day,
            country=country,  # type: ignore[arg-type]
            service=service,  # type: ignore[arg-type]
            persons=min(200_000.0, draw(st.sampled_from((40, 15, 3, 0))) / per_person if per_person else 500.0),
        )
        for country in COUNTRIES
        for service in _SERVICES
        if draw(st.integers(0, 3))
        for day in sorted({about(draw, first), about(draw, first)})
    ]
    most_added = min(1e5, draw(st.sampled_from((0, 4, 20))) / per_person) if per_person else 9.0
    return tuple(sorted(rows, key=lambda row: (row.day, row.country, row.service))), most_added


@st.composite
def policies(draw: Draw, first: date, scale: float) -> dict[str, Any]:
    """Return policies on custody and returns, couriers, steering, group crossings and corridors."""
    shares = st.sampled_from((0.0, 0.3, 1.0)) | st.floats(0.0, 1.0)
    custody = {
        (since, country): CustodyPolicy(
            source="B166",
            since=since,
            country=country,  # type: ignore[arg-type]
            custody_share=draw(shares),
            family_factor=draw(st.sampled_from((0.0, 1.0, 3.0, 20.0))),
        )
        for country in COUNTRIES
        for since in [about(draw, first) for _ in range(draw(st.integers(0, 2)))]
    }
    places = {
        (since, country): CustodyPlaces(
            source="B166",
            since=since,
            country=country,  # type: ignore[arg-type]
            places=min(1e7, draw(st.sampled_from((0, 3, 20))) / scale),
            when_full=draw(st.sampled_from(("return", "procedure"))),
        )
        for country in COUNTRIES
        for since in [about(draw, first) for _ in range(draw(st.integers(0, 2)))]
    }
    couriers = {
        (day, country): Couriers(source="B102", day=day, country=country, strength=draw(shares))  # type: ignore[arg-type]
        for country in COUNTRIES
        for day in [about(draw, first, 9, 9) for _ in range(draw(st.integers(0, 2)))]
    }
    orders = {
        since: OrdersToLeave(source="B166", since=since, share=draw(shares))
        for since in [about(draw, first) for _ in range(draw(st.integers(0, 2)))]
    }
    steering = {}
    for since in [about(draw, first) for _ in range(draw(st.integers(0, 2)))]:
        poland = draw(shares)
        steering[since] = Steering(
            source="B113", since=since, steering_share=draw(shares), poland_share=poland,
            lithuania_share=draw(shares) * (1.0 - poland), drive=draw(st.sampled_from((1.0, 0.0, 3.0, 20.0))),
            drive_sigma=draw(st.floats(0.0, 2.0)), refuse_return=draw(shares),
        )  # fmt: skip
    groups = {
        since: GroupRegime(
            source="B251", since=since, groups_per_day=draw(st.floats(0.0, 8.0)),
            median_size=min(5000.0, max(2.0, draw(st.sampled_from((1, 8, 40))) / scale)),
            size_sigma=draw(st.floats(0.0, 2.0)),
        )
        for since in [about(draw, first) for _ in range(draw(st.integers(0, 2)))]
    }  # fmt: skip
    reported = {
        post: GroupPlace(source="A086", post=post, reported=draw(st.sampled_from((0.0, 1.0, 7.5))))
        for post in [draw(st.sampled_from(_BUSY_PLACES[3:])) for _ in range(draw(st.sampled_from((0, 0, 2, 3))))]
    }
    corridors = []
    for _ in range(draw(st.sampled_from((0, 0, 1, 4)))):
        since, until = sorted((about(draw, first), about(draw, first)))
        post = draw(st.sampled_from(_BUSY_PLACES[3:]))
        people = min(100_000.0, draw(st.sampled_from((1, 10, 60))) / scale)
        corridors.append(Corridor(source="B082", since=since, until=until, post=post, people_per_day=people))
    return {
        "custody": tuple(custody[key] for key in sorted(custody)),
        "custody_places": tuple(places[key] for key in sorted(places)),
        "couriers": tuple(couriers[key] for key in sorted(couriers)),
        "orders_to_leave": tuple(orders[since] for since in sorted(orders)),
        "steering": tuple(steering[since] for since in sorted(steering)),
        "groups": tuple(groups[since] for since in sorted(groups)),
        "group_places": tuple(reported[post] for post in sorted(reported)),
        "corridor": tuple(sorted(corridors, key=lambda row: (row.since, row.post))),
    }


@st.composite
def weather(draw: Draw, first: date) -> tuple[dict[str, Any], float]:
    """Return normals and a spell, and degrees added to both: as usual, frozen, or hot."""
    kind = draw(st.sampled_from(("usual", "usual", "frozen nights", "hot")))
    normals = history("crisis-2021").normal
    if kind == "hot":
        normals = tuple(
            MonthlyNormal(source="A118", month=month, max_c=40.0, min_c=30.0, wind_kmh=0.5, wet_share=0.0)
            for month in range(1, 13)
        )
    spells = ()
    if kind == "frozen nights":
        wind = draw(st.sampled_from((0.0, 30.0, 150.0)))
        spells = (
            Spell(
                source="A077", first=first, last=first + timedelta(days=draw(st.integers(0, 3))),
                max_c=draw(st.floats(-20.0, 5.0)), min_c=-40.0, wind_kmh=wind, gust_kmh=wind + 20.0, wet=1.0,
            ),
        )  # fmt: skip
    return {"normal": normals, "spell": spells}, draw(st.sampled_from((0.0, 0.0, -15.0, 15.0)))


@st.composite
def barriers(draw: Draw, first: date, ground: Ground) -> tuple[ExistingBarrier, ...]:
    """Return barriers that stand; on strange ground, where there may be no room, they come on the second day."""
    rows = {}
    for _ in range(draw(st.integers(0, 5))):
        since = None if ground.is_real and draw(st.booleans()) else first + timedelta(days=draw(st.integers(1, 2)))
        country, layer = (
            draw(st.sampled_from(COUNTRIES)),
            draw(st.sampled_from(("wire_fence", "steel_wall", "low_coil", "electronics"))),
        )
        rows[country, layer, since] = ExistingBarrier(
            source="F034", since=since, country=country, layer=layer,  # type: ignore[arg-type]
            km=draw(st.sampled_from((0.0, 1.7, 40.0, 100.0))),
        )  # fmt: skip
    return tuple(rows.values())
