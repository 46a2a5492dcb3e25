"""What no single field can tell: dates that overlap, shares that exceed the whole, names nobody knows."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Protocol

from pydantic import BaseModel

from sim.errors import EvidenceError, Problem, ScenarioError, nearest
from sim.scenario.calibration import MOST_FREE
from sim.scenario.mandates import beyond_mandates
from sim.scenario.merge import Draft, Entry
from sim.scenario.people import Migrants
from sim.scenario.posteriors import find_posterior
from sim.scenario.quantity import Quantity
from sim.scenario.schema import Scenario
from sim.scenario.wording import show

__all__ = ["PLACES_OF_PEOPLE", "Checked", "KnowsPlaces", "check_meaning", "check_references"]

PLACES_OF_PEOPLE: Final = ("Minsk", "camp", "centre")
"""Where people may be at the start, besides the stretch of a guard post."""

_ACTED_AT_A_PLACE: Final = ("gather_camp", "clear_camp", "group_crossing", "close_crossing", "open_crossing")

_ORDER: Final[Mapping[str, Callable[[Any], tuple[object, ...]]]] = {
    "force": lambda row: (row.day, row.country, row.service),
    "custody": lambda row: (row.since, row.country),
    "custody_places": lambda row: (row.since, row.country),
    "orders_to_leave": lambda row: (row.since,),
    "couriers": lambda row: (row.day, row.country),
    "steering": lambda row: (row.since,),
    "groups": lambda row: (row.since,),
    "contingent": lambda row: (row.first,),
    "mandate": lambda row: (row.first,),
    "drill": lambda row: min((phase.day, phase.clock) for phase in row.phases),
    "action": lambda row: (row.day, row.clock),
    "normal": lambda row: (row.month,),
    "spell": lambda row: (row.first,),
    "corridor": lambda row: (row.since, row.post),
}
"""How rows are sorted; lists without dates stay as written."""

_ONCE: Final[Mapping[str, tuple[str, ...]]] = {
    "route": ("name",),
    "initial": ("place", "attempts"),
    "force": ("day", "country", "service"),
    "custody": ("since", "country"),
    "custody_places": ("since", "country"),
    "orders_to_leave": ("since",),
    "couriers": ("day", "country"),
    "steering": ("since",),
    "groups": ("since",),
    "group_places": ("post",),
    "existing": ("country", "layer", "since", "from_segment"),
    "mandate": ("nation", "country", "first"),
    "drill": ("name",),
    "coverage": ("actor",),
    "habit": ("actor", "kind"),
    "readiness": ("side",),
    "normal": ("month",),
    "calibration": ("key",),
}
"""Fields that no two rows of a list may share."""

_SHARES: Final[Mapping[str, tuple[str, str]]] = {
    "steering": ("poland_share", "lithuania_share"),
    "route": ("iraqi_share", "syrian_share"),
}
"""Shares of one whole, which they may not exceed together."""

_IN_ORDER: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "contingent": (("first", "last"),),
    "mandate": (("first", "last"),),
    "corridor": (("since", "until"),),
    "spell": (("first", "last"), ("min_c", "max_c")),
    "normal": (("min_c", "max_c"),),
    "calibration": (("low", "high"),),
}
"""Pairs of fields of which the second may not lie before the first."""

FIRST_DAY, LAST_DAY = date(2021, 1, 1), date(2022, 6, 30)


@dataclass
class Checked:
    """The parts of a scenario whose fields are in order, with where each row was written."""

    draft: Draft
    sections: Mapping[str, BaseModel]
    rows: Mapping[str, Sequence[tuple[Entry, Any]]]
    dates_wrong: bool = field(default=False)

    def sorted_rows(self) -> dict[str, list[Any]]:
        """Return all rows, dated ones by date; those of the same moment stay as written."""
        result = {key: [row for _, row in pairs] for key, pairs in self.rows.items()}
        for key, order in _ORDER.items():
            result[key].sort(key=order)
        result["route"] = [_with_sorted_timetable(route) for route in result["route"]]
        return result


def _with_sorted_timetable(route: Any) -> Any:
    weeks = tuple(sorted(route.timetable, key=lambda week: week.since))
    return route if weeks == route.timetable else route.model_copy(update={"timetable": weeks})


def check_meaning(checked: Checked, problems: list[Problem]) -> None:
    """Add to `problems` what is wrong between the parts of a scenario."""
    _check_days(checked, problems)
    _check_parties(checked, problems)
    for key, pairs in checked.rows.items():
        if key in _ONCE:
            problems.extend(_given_twice(pairs, _ONCE[key]))
        for entry, row in pairs:
            problems.extend(_wrong_in_row(key, entry, row))
    problems.extend(_overlaps(checked.rows["spell"], lambda row: ""))
    problems.extend(_overlaps(checked.rows["contingent"], lambda row: str(row.name)))
    problems.extend(beyond_mandates(checked.rows["contingent"], checked.rows["mandate"]))
    problems.extend(_unknown_routes(checked))
    problems.extend(_wrong_priors(checked))
    named = checked.draft.scalars.get("calibrated")
    if named is not None and isinstance(named.value, str) and named.value:
        try:
            find_posterior(named.value)
        except EvidenceError as error:
            problems.append(named.problem("", named.value, str(error).partition("; ")[2] or str(error)))


def _wrong_priors(checked: Checked) -> Iterator[Problem]:
    """Yield what is wrong with priors: numbers that are none, ranges beyond their bounds, too many to fit."""
    numbers = {
        f"{section}.{name}": declared.json_schema_extra
        for section, part in checked.sections.items()
        for name, declared in type(part).model_fields.items()
        if declared.annotation is Quantity
    }
    free = 0
    for entry, prior in checked.rows["calibration"]:
        declared = numbers.get(prior.key)
        if not isinstance(declared, dict):
            allowed = "must be a number of a section, such as 'migrants.attempt_interval_hours'"
            yield entry.problem("key", prior.key, allowed, nearest(prior.key, numbers))
            continue
        least, most = declared["ge"], declared["le"]
        for name, value in (("low", prior.low), ("high", prior.high)):
            if (isinstance(least, int | float) and value < least) or (isinstance(most, int | float) and value > most):
                yield entry.problem(name, value, f"{prior.key} must be from {least} to {most}")
        if prior.low == prior.high:
            yield entry.problem("high", prior.high, f"must be above low {prior.low:g}")
        if prior.family.startswith("log_") and prior.low <= 0:
            yield entry.problem("low", prior.low, f"must be above 0 for the family {prior.family}")
        free += prior.role == "free"
        if free > MOST_FREE and prior.role == "free":
            yield entry.problem("role", "free", f"at most {MOST_FREE} numbers may be free; carry the others")


def _check_days(checked: Checked, problems: list[Problem]) -> None:
    entries = checked.draft.scalars
    days = {
        key: entries[key]
        for key in ("start", "until", "spin_up_from", "replay_until")
        if key in entries and type(entries[key].value) is date
    }
    before = len(problems)
    for key in ("start", "until", "spin_up_from"):
        if key in days and not FIRST_DAY <= days[key].value <= LAST_DAY:
            allowed = f"must be from {FIRST_DAY} to {LAST_DAY}"
            problems.append(days[key].problem("", days[key].value, allowed))
    start = days.get("start")
    if start is not None:
        until, spin_up = days.get("until"), days.get("spin_up_from")
        if until is not None and until.value < start.value:
            problems.append(until.problem("", until.value, f"must not lie before start {start.value}"))
        if spin_up is not None and spin_up.value > start.value:
            problems.append(spin_up.problem("", spin_up.value, f"must not lie after start {start.value}"))
        else:
            problems.extend(_people_of_another_day(checked, start, spin_up))
    checked.dates_wrong = len(problems) > before


def _people_of_another_day(checked: Checked, start: Entry, spin_up: Entry | None) -> Iterator[Problem]:
    """Yield a first simulated day that would put people into their places on another day than that of their list.

    A file lists those who are there on the morning of its own first day: of its spin-up if it has one, else of its
    start. An earlier day is never theirs. A later one is let through where the list is inherited or only one of both
    days is moved, for a look at some days of a long scenario; but not where a scenario's own list is left behind.
    """
    people: dict[str, float] = {}
    for entry, row in checked.rows["initial"]:
        people[entry.file] = people.get(entry.file, 0.0) + float(row.people)
    first = spin_up or start
    for file, n_people in people.items():
        theirs = checked.draft.first_days.get(file)
        if theirs is None or type(theirs.value) is not date or not n_people or first.value == theirs.value:
            continue
        own = file == checked.draft.file and spin_up is not None and file not in (start.file, spin_up.file)
        if first.value < theirs.value or own:
            word = "must not lie before" if first.value < theirs.value else "must be"
            allowed = f"{word} {theirs.value}, for which {file} lists {n_people:,.0f} people under initial"
            hint = f"leave {first.key} out, or give initial for {first.value}"
            yield first.problem("", first.value, allowed, hint)


def _check_parties(checked: Checked, problems: list[Problem]) -> None:
    migrants = checked.sections["migrants"]
    written = checked.draft.sections.get("migrants", {})
    if not isinstance(migrants, Migrants):
        return
    together = float(migrants.alone_share) + float(migrants.friends_share)
    if together > 1 + 1e-9:
        entry = written.get("friends_share") or written["alone_share"]
        allowed = "alone_share and friends_share must not exceed 1 together; the rest are families"
        problems.append(entry.problem("", together, allowed))


def _given_twice(pairs: Iterable[tuple[Entry, Any]], fields: Sequence[str]) -> Iterable[Problem]:
    first: dict[tuple[object, ...], Entry] = {}
    for entry, row in pairs:
        values = tuple(getattr(row, name) for name in fields)
        if values in first:
            found = " ".join(str(value) for value in values)
            other = first[values]
            allowed = f"each {', '.join(fields)} stands once; it is also {other.key} in {other.file}"
            yield entry.problem(fields[0], found, allowed)
        first.setdefault(values, entry)


def _wrong_in_row(key: str, entry: Entry, row: Any) -> Iterable[Problem]:
    if key in _SHARES:
        one, other = _SHARES[key]
        together = getattr(row, one) + getattr(row, other)
        if together > 1 + 1e-9:
            yield entry.problem(other, together, f"{one} and {other} must not exceed 1 together")
    for low, high in _IN_ORDER.get(key, ()):
        least, most = getattr(row, low), getattr(row, high)
        if most < least:
            word = "lie before" if isinstance(most, date) else "be below"
            yield entry.problem(high, most, f"must not {word} {low} {show(least)}")
    if key == "contingent" and row.end_segment <= row.from_segment:
        yield entry.problem("end_segment", row.end_segment, f"must be above from_segment {row.from_segment}")
    if key == "drill":
        for number, phase in enumerate(row.phases):
            if not _is_clock(phase.clock):
                allowed = 'must be a Warsaw clock time such as "06:30"'
                yield entry.problem(f"phases[{number}].clock", phase.clock, allowed)
        for what, amount in row.forces.items():
            if amount < 0:
                yield entry.problem(f"forces.{what}", amount, "must be at least 0")
    if key == "route":
        places = [Entry(entry.file, f"{entry.key}: timetable[{n}]", None) for n in range(len(row.timetable))]
        yield from _given_twice(zip(places, row.timetable, strict=True), ("since",))


def _is_clock(text: str) -> bool:
    try:
        datetime.strptime(text, "%H:%M")
    except ValueError:
        return False
    return True


def _overlaps(pairs: Iterable[tuple[Entry, Any]], group: Callable[[Any], str]) -> Iterable[Problem]:
    """Yield rows of one group whose days, first to last, overlap those of the row before."""
    ordered = sorted(pairs, key=lambda pair: (group(pair[1]), pair[1].first))
    for (before, one), (entry, row) in itertools.pairwise(ordered):
        if group(one) == group(row) and row.first <= one.last:
            allowed = f"must lie after {one.last}, the last day of {before.key} in {before.file}"
            yield entry.problem("first", row.first, allowed)


def _unknown_routes(checked: Checked) -> Iterable[Problem]:
    written = [entry.value.get("name") for entry in checked.draft.rows.get("route", [])]
    known = [name for name in written if isinstance(name, str)]
    for entry, action in checked.rows["action"]:
        for number, name in enumerate(action.routes):
            if name not in known:
                allowed = f"must be a route of this scenario: {', '.join(known) or 'it has none'}"
                yield entry.problem(f"routes[{number}]", name, allowed, nearest(name, known))


# ---------------------------------------------------------------- names on the map


class KnowsPlaces(Protocol):
    """What is asked of the border here: both raise :class:`EvidenceError`, with a hint, for unknown names."""

    def post_number(self, name: str) -> int:
        """Return the number of the guard post called `name`."""

    def post_of_place(self, place_name: str) -> int:
        """Return the number of the guard post to whose stretch a place belongs."""


def check_references(scenario: Scenario, border: KnowsPlaces, file: str = "") -> None:
    """Refuse a scenario that puts people or actions at places the border does not know.

    `file` stands in the messages; it is the scenario's name when empty.

    Raises:
        ScenarioError: with every such place, and the nearest right name.
    """
    problems: list[Problem] = []

    def check(find: Callable[[str], int], key: str, name: str, allowed: str) -> None:
        try:
            find(name)
        except EvidenceError as error:
            _, _, hint = str(error).partition("; ")
            problems.append(Problem(file or scenario.name, key, show(name), allowed, hint))

    for number, stock in enumerate(scenario.initial):
        if stock.place not in PLACES_OF_PEOPLE:
            allowed = f"must be {', '.join(PLACES_OF_PEOPLE)} or the name of a guard post"
            check(border.post_number, f"initial[{number}].place", stock.place, allowed)
    for number, corridor in enumerate(scenario.corridor):
        check(border.post_number, f"corridor[{number}].post", corridor.post, "must be the name of a guard post")
    for number, row in enumerate(scenario.group_places):
        check(border.post_number, f"group_places[{number}].post", row.post, "must be the name of a guard post")
    for number, action in enumerate(scenario.action):
        if action.kind in _ACTED_AT_A_PLACE and action.place:
            key = f"action[{number}] {action.day} {action.actor} {action.kind}: place"
            check(border.post_of_place, key, action.place, "must be a guard post, crossing point or town")
    if problems:
        raise ScenarioError(problems)
