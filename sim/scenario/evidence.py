"""Evidence: what ``seeds/`` says happened, as typed and checked records.

Every row has a source and an id that scenarios cite. The tables are read whole, once, and every problem in
any of them is reported together, with file, line, column, the value found and what is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from sim.errors import EvidenceError, Problem, nearest
from sim.scenario.places import data_folder
from sim.scenario.tables import Row, raise_problems, read_manifest, read_table

__all__ = [
    "STANDINGS",
    "Event",
    "Evidence",
    "Fact",
    "ForceLevel",
    "GroupAttempt",
    "GuardPost",
    "ObservedCount",
    "Source",
    "all_source_ids",
    "find_source",
    "load_events",
    "load_evidence",
    "load_facts",
    "load_forces",
    "load_group_attempts",
    "load_guard_posts",
    "load_observed",
    "load_stocks_and_flows",
    "read_evidence",
]

STANDINGS = ("exact", "rounded", "provisional")
"""How firm a published count is, best first; a `provisional` print was later replaced by its publisher."""

_COUNTRIES = ("PL", "LT", "LV")
_LOOSE_DATE = re.compile(r"(\d{4}(-\d{2}(-\d{2})?|-Q[1-4])?(/\d{4}-\d{2}-\d{2})?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure on one topic. `date` is as loose as its source (``2021``, ``2021-11``, empty)."""

    id: str
    topic: str
    statement: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    date: str
    source: str
    url: str
    note: str

    def describe(self) -> str:
        """Return the row as one sentence."""
        return self.statement


@dataclass(frozen=True, slots=True)
class Event:
    """A dated action of one side, as its source tells it; `size` counts `unit`."""

    id: str
    date: date
    side: str
    actor: str
    kind: str
    place: str
    size: float
    unit: str
    description: str
    source: str
    url: str

    def describe(self) -> str:
        """Return the row as one sentence."""
        return f"{self.date}, {self.place}: {self.description}"


@dataclass(frozen=True, slots=True)
class ForceLevel:
    """How many soldiers, guards or police there were, or kilometres of a barrier, on one day."""

    id: str
    series: str
    date: date
    value: float
    unit: str
    source: str
    note: str

    def describe(self) -> str:
        """Return the row as one sentence."""
        return f"{self.series.replace('_', ' ')} on {self.date}: {self.value:g} {self.unit}"


@dataclass(frozen=True, slots=True)
class ObservedCount:
    """A published count over the days `first_day` to `last_day`, both included (days of Europe/Warsaw).

    `published` is the date of the print, as loose as it is known; `standing` is one of :data:`STANDINGS`.
    Stocks and flows have no `country` and no `published`.
    """

    id: str
    series: str
    country: str
    first_day: date
    last_day: date
    value: float
    low: float | None
    high: float | None
    unit: str
    standing: str
    source: str
    url: str
    published: str
    note: str

    def describe(self) -> str:
        """Return the row as one sentence."""
        days = f"{self.first_day}" + (f" to {self.last_day}" if self.last_day > self.first_day else "")
        name = " ".join(filter(None, [self.series.replace("_", " "), self.country]))
        return f"{name}, {days}: {self.value:g} {self.unit}"


@dataclass(frozen=True, slots=True)
class GroupAttempt:
    """A reported group or incident; `date` is None where the report gives only the year."""

    id: str
    date: date | None
    place: str
    border: str
    kind: str
    group_size: float | None
    low: float | None
    high: float | None
    got_through: float | None
    source: str
    url: str
    note: str

    def describe(self) -> str:
        """Return the row as one sentence."""
        size = "size not given" if self.group_size is None else f"{self.group_size:g} people"
        return f"{self.date or 'day not given'}, {self.place}: group ({self.kind}), {size}"


@dataclass(frozen=True, slots=True)
class GuardPost:
    """The stretch of one guard post: segments `first_segment` up to, not including, `end_segment`."""

    id: str
    name: str
    label: str
    country: str
    first_segment: int
    end_segment: int
    landscape: str
    note: str
    source: str

    def describe(self) -> str:
        """Return the row as one sentence."""
        return f"stretch of the post {self.name}: segments {self.first_segment} to {self.end_segment - 1}"


@dataclass(frozen=True, slots=True)
class Source:
    """What an evidence id stands for, in one sentence, and who says so; `url` may be empty."""

    id: str
    statement: str
    source: str
    url: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """All tables that a scenario may cite."""

    facts: tuple[Fact, ...]
    events: tuple[Event, ...]
    forces: tuple[ForceLevel, ...]
    observed: tuple[ObservedCount, ...]
    stocks_and_flows: tuple[ObservedCount, ...]
    group_attempts: tuple[GroupAttempt, ...]
    guard_posts: tuple[GuardPost, ...]
    sources: Mapping[str, Source]


# ---------------------------------------------------------------- reading

_Record = TypeVar("_Record", Fact, Event, ForceLevel, ObservedCount, GroupAttempt, GuardPost)

_MIDDLE: Mapping[type, str] = {Fact: "value", ObservedCount: "value", GroupAttempt: "group_size"}
"""The column that lies between ``low`` and ``high``, for the tables that have these."""

_WORDS: Mapping[tuple[type, str], tuple[str, ...]] = {
    (ObservedCount, "standing"): STANDINGS,
    (GuardPost, "country"): _COUNTRIES,
}
_MAY_BE_EMPTY: frozenset[tuple[type, str]] = frozenset({(Fact, "unit"), (Fact, "url")})


def read_evidence(folder: Path) -> Evidence:
    """Return all evidence under the seeds folder `folder`, checked.

    Raises:
        EvidenceError: anything in any of the files is wrong; the message names every place.
    """
    problems: list[Problem] = []
    manifest = read_manifest(folder, problems)
    sources: dict[str, Source] = {}

    def table(kind: type[_Record], path: str, letters: str, *absent: str) -> tuple[_Record, ...]:
        columns = [field.name for field in fields(kind) if field.name not in absent]
        records: list[_Record] = []
        for row in read_table(folder, path, columns, manifest, problems):
            record = _record(kind, row, letters)
            if record.id in sources:
                row.complain("id", "allowed is an id that no other row has")
            sources[record.id] = Source(record.id, record.describe(), record.source, row.cells.get("url", ""))
            records.append(record)
        return tuple(records)

    evidence = Evidence(
        facts=table(Fact, "evidence/facts.csv", "AB"),
        events=table(Event, "evidence/events.csv", "E"),
        forces=table(ForceLevel, "evidence/forces_and_fences.csv", "F"),
        observed=table(ObservedCount, "observed/counts.csv", "O"),
        stocks_and_flows=table(ObservedCount, "observed/stocks_and_flows.csv", "S", "country", "published"),
        group_attempts=table(GroupAttempt, "evidence/group_attempts.csv", "G"),
        guard_posts=table(GuardPost, "geography/guard_posts.csv", "P"),
        sources=MappingProxyType(sources),
    )
    raise_problems(problems)
    return evidence


def _record(kind: type[_Record], row: Row, letters: str) -> _Record:
    """Return the row as a `kind`: the dataclass is the schema, its annotations say how each cell is read."""
    middle = _MIDDLE.get(kind, "")
    interval = dict(zip((middle, "low", "high"), row.interval(middle), strict=True)) if middle else {}
    values: dict[str, Any] = {}
    for field in fields(kind):
        name, meaning = field.name, str(field.type)
        words = _WORDS.get((kind, name))
        if name not in row.cells:
            values[name] = ""
        elif name == "id":
            pattern = re.compile(rf"[{letters}]\d{{2,3}}", re.ASCII)
            values[name] = row.matching(name, pattern, f"{' or '.join(letters)} and a number")
        elif words:
            values[name] = row.one_of(name, words)
        elif meaning == "float | None":
            values[name] = interval[name] if name in interval else row.number_or_none(name)
        elif meaning == "float":
            values[name] = row.number(name, low=0)
        elif meaning == "int":
            values[name] = row.whole(name, 0, 100_000)
        elif meaning == "date | None" and not row.cells[name]:
            values[name] = None
        elif meaning.startswith("date"):
            values[name] = row.day(name)
        elif name in ("date", "published"):
            values[name] = row.matching(name, _LOOSE_DATE, "a year, month or day, or nothing")
        else:
            values[name] = row.text(name, needed=name != "note" and (kind, name) not in _MAY_BE_EMPTY)
    record = kind(**values)
    if isinstance(record, Fact) and record.value is not None and not record.unit:
        row.complain("unit", "a value needs a unit")
    if isinstance(record, ObservedCount) and record.last_day < record.first_day:
        row.complain("last_day", f"allowed is a day not before first_day ({record.first_day})")
    return record


@cache
def load_evidence() -> Evidence:
    """Return the evidence of this installation (read once)."""
    return read_evidence(data_folder("seeds"))


def load_facts() -> tuple[Fact, ...]:
    """Return the figures by topic."""
    return load_evidence().facts


def load_events() -> tuple[Event, ...]:
    """Return the dated actions of the parties, in order of date."""
    return load_evidence().events


def load_forces() -> tuple[ForceLevel, ...]:
    """Return strengths and kilometres of barrier over time."""
    return load_evidence().forces


def load_observed() -> tuple[ObservedCount, ...]:
    """Return the published counts to 30 November 2021; one day may have several prints."""
    return load_evidence().observed


def load_stocks_and_flows() -> tuple[ObservedCount, ...]:
    """Return people present, returned home, held or dead, and flights a week."""
    return load_evidence().stocks_and_flows


def load_group_attempts() -> tuple[GroupAttempt, ...]:
    """Return the reported groups; only the newsworthy is reported, so sizes are biased upward."""
    return load_evidence().group_attempts


def load_guard_posts() -> tuple[GuardPost, ...]:
    """Return the 35 stretches of guard posts, south to north."""
    return load_evidence().guard_posts


def find_source(source_id: str) -> Source:
    """Return what the evidence id `source_id` stands for.

    Raises:
        EvidenceError: no row has this id; the nearest right one is named.
    """
    sources = load_evidence().sources
    if source_id not in sources:
        hint = nearest(source_id, sources)
        raise EvidenceError(f"no evidence has the id {source_id!r}" + (f"; {hint}" if hint else ""))
    return sources[source_id]


def all_source_ids() -> tuple[str, ...]:
    """Return every evidence id, table by table."""
    return tuple(load_evidence().sources)
