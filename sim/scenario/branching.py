"""What may be changed when a run goes on another way from a day on: what is still to come, and numbers of the rules.

What has happened stays: the first day, the scale, the world's geometry, the weather until then, who was there at the
start, and every dated row up to that day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from sim.errors import Problem, ScenarioError
from sim.scenario.resolved import resolved_dict
from sim.scenario.schema import Scenario

__all__ = ["check_branch"]

_ABOUT: Final = frozenset({"name", "summary", "question", "description", "expectation", "until", "replay_until"})
"""Keys that say what a scenario is, or that have a rule of their own."""

_FIXED: Final = ("start", "spin_up_from", "seed", "weather", "initial", "normal")
"""Keys of what was so from the first hour on."""

_BY_ROW: Final = ("route", "contingent", "drill")
"""Tables whose rows have numbers in a run: those that have begun keep their places, others may follow after them."""


def check_branch(old: Scenario, new: Scenario, last_day: date) -> None:
    """Check that `new` can follow on what `old` was until the end of `last_day`, the last day of the past.

    Raises
    ------
    ScenarioError
        With everything that would change the past.
    """
    problems = list(_problems(old, new, last_day))
    if problems:
        raise ScenarioError(problems)


def _problems(old: Scenario, new: Scenario, last_day: date) -> Iterator[Problem]:
    before, after = resolved_dict(old), resolved_dict(new)
    keeps = f"{last_day} is the last day of the past, and what it rests on stays"
    for key in _FIXED:
        if before[key] != after[key]:
            yield Problem(new.name, key, "a change", f"{keeps}: leave it as in '{old.name}'")
    if before["migrants"]["people_scale"] != after["migrants"]["people_scale"]:
        found = f"{float(new.migrants.people_scale):g}"
        yield Problem(new.name, "migrants.people_scale", found, f"the run is of {float(old.migrants.people_scale):g}")
    if old.people_per_agent != new.people_per_agent:
        found, allowed = str(new.people_per_agent), f"the run has one agent for {old.people_per_agent}"
        yield Problem(new.name, "people_per_agent", found, allowed)
    if new.until <= last_day:
        yield Problem(new.name, "until", str(new.until), f"a day after {last_day} is needed")
    if old.replay_until != new.replay_until and min(old.replay_until, new.replay_until) < last_day:
        yield Problem(new.name, "replay_until", str(new.replay_until), f"{last_day} or later, as history was replayed")
    for table, rows in before.items():
        if table in _ABOUT or table in _FIXED or not isinstance(rows, list | tuple):
            continue
        yield from _problems_of_table(new.name, table, list(rows), list(after[table]), last_day)


def _problems_of_table(name: str, table: str, before: list[Any], after: list[Any], last_day: date) -> Iterator[Problem]:
    """Yield rows up to the last day of the past that were changed, left out or added."""
    where = f"only what is dated after {_last_of(table, last_day)} may change"
    if table == "route":
        if [_without(row, "timetable") for row in before] != [_without(row, "timetable") for row in after]:
            yield Problem(name, table, "other routes", "routes stay, with their shares; their timetables may change")
            return
        before = [entry for row in before for entry in row["timetable"]]
        after = [entry for row in after for entry in row["timetable"]]
    past, kept = ([row for row in rows if _begins(table, row) <= _last_of(table, last_day)] for rows in (before, after))
    for number, row in enumerate(before):
        if row in past and row not in kept:
            yield Problem(name, f"{table}[{number}]", f"a change of {_told(table, row, 'the row')}", where)
    for number, row in enumerate(after):
        if row in kept and row not in past:
            yield Problem(name, f"{table}[{number}]", _told(table, row, "a new row"), where)
    if table in _BY_ROW and any(
        row in past and after[number : number + 1] != [row] for number, row in enumerate(before)
    ):
        yield Problem(
            name, table, "another order of rows", "those that have begun keep their places; add others at the end"
        )


def _last_of(table: str, last_day: date) -> date:
    """Return the last day on which a row belongs to the past; weather is joined from one day to the next."""
    return last_day + timedelta(days=1) if table == "spell" else last_day


def _without(row: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != key}


def _told(table: str, row: dict[str, Any], what: str) -> str:
    """Return a row in words, with its day if it has one."""
    begins = _begins(table, row)
    return f"{what} without a date" if begins == date.min else f"{what} of {begins}"


def _begins(table: str, row: dict[str, Any]) -> date:
    """Return the day on which a row takes effect; what has no day was so from the beginning, before any."""
    if table == "drill":
        return min(date.fromisoformat(phase["day"]) for phase in row["phases"])
    for key in ("day", "since", "first"):
        if row.get(key) is not None:
            return date.fromisoformat(row[key])
    return date.min
