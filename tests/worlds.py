"""Worlds that never were: a strategy of whole scenarios, on strange ground, for laws that must hold in all of them.

Every number of every section may take any value within its bounds and every switch may be off; rows are those of a
published scenario, moved to other days, or are made up. What is made up is sized in simulated persons and patrols, not
in real ones, so that a world is small whatever share of the people it simulates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import world_rows as row_strategies
from grounds import Ground, grounds
from hypothesis import strategies as st
from world_rows import FIRST_DAY, LAST_DAY, Draw, Value, about, history

from sim.scenario.quantity import Quantity, Section
from sim.scenario.schema import Scenario
from sim.scenario.wording import SECTIONS

__all__ = ["FEATURES", "NUMBERS", "RESTLESS", "SWITCHES", "TURNS", "WorldOfChance", "spans", "worlds"]

RESTLESS: dict[str, Value] = {
    "migrants.attempt_interval_hours": 12.0, "migrants.wait_in_minsk_hours": 24.0, "migrants.give_up_per_day": 0.1,
    "migrants.fly_home_hours": 36.0, "migrants.pick_up_hours": 12.0, "migrants.found_inland_hours": 30.0,
    "migrants.ask_for_asylum_hours": 60.0, "migrants.hospital_days": 1.0, "migrants.custody_days": 1.0,
    "migrants.procedure_days": 1.0, "migrants.leave_centre_per_day": 0.5, "migrants.give_up_minsk_per_day": 0.1,
    "aid.contact_hours": 30.0, "exposure.harm_per_day": 0.2, "exposure.death_chance": 0.1,
    "exposure.drowning_chance": 0.1, "exposure.handling_injury_chance": 0.2,
    "exposure.handling_robbery_chance": 0.2, "exposure.handling_separation_chance": 0.2, "money.means_sigma": 1.5,
    "network.wide_river_weight": 1.0,
}  # fmt: skip
"""Numbers with which most of what can happen happens within a few days."""

_APART = ("migrants.people_scale", "migrants.friends_share", "governments.reinforce_most", "weather.offset_c")
"""Numbers that hang on others, and are drawn with them."""


_REST = "migrants.rest_per_day"
"""How soon people leave the line for a town: drawn more often than others, since much hangs on it."""


def _declared(kind: type) -> dict[str, tuple[float, float]]:
    """Return the bounds of all numbers of the sections."""
    return {
        f"{name}.{key}": (extra["ge"], extra["le"])
        for name, section in SECTIONS.items()
        for key, field in section.model_fields.items()
        if isinstance(field.default, kind) and isinstance(extra := field.json_schema_extra, dict)
    }


NUMBERS = {key: bounds for key, bounds in _declared(Quantity).items() if key not in _APART}
"""Least and greatest value of every number that is drawn by itself."""

SWITCHES = tuple(
    f"{name}.{key}"
    for name, section in SECTIONS.items()
    for key, field in section.model_fields.items()
    if isinstance(field.default, bool)
)
_SWITCHED_FOR_ALL = ("migrants.enabled",)
"""Switches that leave nobody to whom anything could happen: off but seldom."""

_OF_HISTORY = (
    "route", "force", "custody", "custody_places", "orders_to_leave", "couriers", "steering", "groups", "group_places",
    "contingent", "mandate", "drill", "action", "habit", "coverage", "readiness",
)  # fmt: skip
"""Rows that a world of history takes as they were."""

SCALES = (0.0001, 0.001, 0.01, 0.03, 0.1, 1.0, 7.0, 1000.0)
TURNS = (date(2021, 10, 31), date(2021, 3, 28), date(2022, 3, 27), date(2021, 12, 31), date(2022, 1, 1))
"""Days on which clocks change or the year ends."""


@dataclass(frozen=True)
class WorldOfChance:
    """A scenario, a seed and a ground; what is strange about it has names."""

    scenario: Scenario
    seed: int
    ground: Ground
    features: frozenset[str]

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """Let hypothesis print the short form, not every row."""
        printer.text(repr(self))

    def __repr__(self) -> str:
        """Return what tells this world from a plain one."""
        given = {
            f"{name}.{key}": value if isinstance(value, bool) else float(value)
            for name, kind in SECTIONS.items()
            for key, value in getattr(self.scenario, name)
            if value != kind.model_fields[key].default
        }
        rows = {key: len(value) for key, value in self.scenario if isinstance(value, tuple) and value}
        days = f"{self.scenario.first_day} ({self.scenario.start}) to {self.scenario.until}"
        return f"<world of {days}, seed {self.seed}, {self.ground}, {sorted(self.features)}, rows {rows}, {given}>"


# --- numbers --------------------------------------------------------------------------------------------------------


@cache
def _between(low: float, high: float) -> st.SearchStrategy[float]:
    """Return a strategy of numbers within bounds: either end, anywhere, or anywhere by order of magnitude."""
    plain = st.floats(low, high)
    least = max(low, high / 1e4)
    if least >= high:
        return plain
    by_magnitude = st.floats(0.0, 1.0).map(lambda share: min(high, max(low, least * (high / least) ** share)))
    return st.one_of(by_magnitude, plain, st.sampled_from((low, high)))


@st.composite
def _settings(draw: Draw) -> dict[str, Value]:
    """Return numbers and switches that are changed: few or many, over numbers with which much happens or not."""
    given = dict(RESTLESS) if draw(st.integers(0, 3)) else {}
    if draw(st.integers(0, 3)) == 1:
        given[_REST] = draw(_between(*NUMBERS[_REST]))
    n_most = draw(st.sampled_from((0, 5, 20, 60)))
    for key in draw(st.lists(st.sampled_from(sorted(NUMBERS)), unique=True, max_size=n_most)):
        given[key] = draw(_between(*NUMBERS[key]))
    for key in draw(st.lists(st.sampled_from(SWITCHES), unique=True, max_size=3)):
        given[key] = key in _SWITCHED_FOR_ALL and draw(st.integers(0, 5)) > 0
    alone_share = float(given.get("migrants.alone_share", 0.3))
    given["migrants.friends_share"] = draw(st.floats(0.0, 1.0)) * (1.0 - alone_share)
    given["migrants.people_scale"] = draw(st.sampled_from(SCALES))
    return given


def _sections(given: dict[str, Value]) -> dict[str, Section]:
    """Return the sections of a scenario with some numbers and switches changed."""
    return {
        name: kind(
            **{
                key.partition(".")[2]: value if isinstance(value, bool) else Quantity(value=value, source="set")
                for key, value in given.items()
                if key.partition(".")[0] == name
            }
        )
        for name, kind in SECTIONS.items()
    }


# --- days -----------------------------------------------------------------------------------------------------------


@st.composite
def spans(draw: Draw) -> tuple[date, date | None, date]:
    """Return first recorded day, first simulated day where it is another, last day: one to four days."""
    n_days = draw(st.sampled_from((2, 1, 3, 4)))
    latest = (LAST_DAY - FIRST_DAY).days - n_days + 1
    turns = st.sampled_from([(turn - FIRST_DAY).days - back for turn in TURNS for back in range(min(n_days, 2))])
    day = draw(
        st.one_of(st.integers(300, 345), turns, st.sampled_from((0, latest)), st.integers(0, latest)).filter(
            lambda number: number <= latest
        )
    )
    first = FIRST_DAY + timedelta(days=day)
    recorded = draw(st.integers(0, n_days - 1)) if draw(st.booleans()) else 0
    start = first + timedelta(days=recorded)
    return start, (first if recorded else None), first + timedelta(days=n_days - 1)


# --- worlds ----------------------------------------------------------------------------------------------------------


@st.composite
def worlds(draw: Draw) -> WorldOfChance:
    """Return a world of one to four days with some tens of people, seldom some hundreds."""
    start, spin_up_from, until = draw(spans())
    first = spin_up_from or start
    ground, given = draw(grounds()), draw(_settings())
    is_history = draw(st.integers(0, 3)) == 1
    if is_history:
        given["migrants.people_scale"] = min(float(given["migrants.people_scale"]), 0.03)
    scale = float(given["migrants.people_scale"])
    weather, given["weather.offset_c"] = draw(row_strategies.weather(first))
    routes = draw(row_strategies.routes(first, given))
    force, given["governments.reinforce_most"] = draw(row_strategies.forces(first, given))
    rows: dict[str, Any] = {
        "initial": draw(row_strategies.people(scale)),
        "route": routes,
        "force": force,
        "existing": draw(row_strategies.barriers(first, ground)),
        **weather,
        **draw(row_strategies.policies(first, scale)),
    }
    if is_history:
        past = history(draw(st.sampled_from(("crisis-2021", "winter-2022"))))
        rows |= {key: getattr(past, key) for key in _OF_HISTORY}
        given["governments.reinforce_most"] = 10_000.0
    else:
        rows |= draw(row_strategies.moved(first, [route.name for route in routes]))
    scenario = Scenario(
        name="world-of-chance",
        summary="a world that never was",
        question="do both models agree in it?",
        description="made by a strategy of hypothesis",
        start=start,
        until=until,
        spin_up_from=spin_up_from,
        replay_until=about(draw, first),
        people_per_agent=draw(st.sampled_from((1, 1, 1, 3))),
        **_sections(given),
        **rows,
    )
    seed = draw(st.integers(0, 2**63 - 1))
    return WorldOfChance(scenario, seed, ground, _features(scenario, ground, is_history))


def _spans(scenario: Scenario, *days: date) -> bool:
    """Return whether one of some days is simulated."""
    return any(scenario.first_day <= day <= scenario.until for day in days)


def _n_people(scenario: Scenario) -> int:
    return sum(int(np.floor(row.people * scenario.agent_scale + 0.5)) for row in scenario.initial)


FEATURES: dict[str, Callable[[Scenario], bool]] = {
    "across 31 October": lambda it: _spans(it, TURNS[0]),
    "across the clock change of spring": lambda it: _spans(it, *TURNS[1:3]),
    "across the year's end": lambda it: _spans(it, TURNS[3]) and _spans(it, TURNS[4]),
    "the first possible day": lambda it: it.first_day == FIRST_DAY,
    "the last possible day": lambda it: it.until == LAST_DAY,
    "spin-up": lambda it: it.spin_up_from is not None,
    "a flood of people at one post": lambda it: _n_people(it) >= 150,
    "nobody at the start": lambda it: _n_people(it) == 0,
    "no guards at all": lambda it: not any(row.persons for row in it.force),
    "frozen nights": lambda it: any(row.min_c <= -40 for row in it.spell),
    "governments by their own rules": lambda it: it.replay_until < it.until,
    "corridors": lambda it: bool(it.corridor),
    "custody policies": lambda it: bool(it.custody),
    "couriers that come and go": lambda it: bool(it.couriers),
    "places in custody": lambda it: bool(it.custody_places),
    "no steering": lambda it: not it.steering,
    "one agent for three people": lambda it: it.people_per_agent == 3,
    "scale of 7 and more": lambda it: float(it.migrants.people_scale) >= 7,
    "scale of 0.001 and less": lambda it: float(it.migrants.people_scale) <= 0.001,
}
"""What is strange about worlds, by name, and whether it holds."""


def _features(scenario: Scenario, ground: Ground, is_history: bool) -> frozenset[str]:
    """Return the names of what is strange about a world."""
    named = [name for name, holds in FEATURES.items() if holds(scenario)]
    named += [f"terrain {ground.terrain}", f"cities {ground.cities}", f"stretches of posts {ground.stretches}"]
    named += [f"{key} off" for key in SWITCHES if not getattr(getattr(scenario, (at := key.split("."))[0]), at[1])]
    return frozenset([*named, *(("rows of history",) if is_history else ())])
