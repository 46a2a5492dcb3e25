"""Counts to be held against runs: of this repository, or of a file in the schema of ``seeds/observed/counts.csv``."""

from __future__ import annotations

import csv
import io
import re
import textwrap
from dataclasses import dataclass, fields
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from sim.errors import EvidenceError, Problem, nearest
from sim.scenario.evidence import STANDINGS, ObservedCount, load_observed
from sim.scenario.tables import Row

__all__ = ["SERIES_OF_RUNS", "Observed", "read_counts", "right_word", "usable"]

SERIES_OF_RUNS: Final = {
    ("attempts", "PL"): "recorded_attempts_pl",
    ("attempts", "LT"): "recorded_attempts_lt",
    ("attempts", "LV"): "recorded_attempts_lv",
    ("turned_away", "LT"): "recorded_attempts_lt",
    ("turned_away", "LV"): "recorded_attempts_lv",
    ("entries_germany", "DE"): "germany_registered",
}
"""Which daily series of a run a published series is held against. A country may also be ``PL:NAME OF A GUARD POST``."""

_COLUMNS: Final = tuple(field.name for field in fields(ObservedCount))
_LOOSE_DATE: Final = re.compile(r"(\d{4}(-\d{2}(-\d{2})?)?)?", re.ASCII)
_LARGEST: Final = 20_000_000
_MOST_SOURCES, _LONGEST_SOURCE = 2, 50
"""How many sources a figure names, and with how many letters each."""


@dataclass(frozen=True)
class Observed:
    """The firmest print of each series and span of days.

    Attributes
    ----------
    counts : by series of runs, first and last day
    not_used : rows that no series of a run can be held against, as ``series country``, with how many
    """

    counts: dict[tuple[str, date, date], ObservedCount]
    not_used: dict[str, int]

    def by_day(self, series: str) -> dict[date, float]:
        """Return the counts of single days of a series of runs, in order."""
        days = {
            first: count.value for (name, first, last), count in self.counts.items() if name == series and first == last
        }
        return dict(sorted(days.items()))

    def by_month(self, series: str) -> dict[date, float]:
        """Return the counts of whole calendar months of a series of runs by their first day, in order."""
        months = {
            first: count.value
            for (name, first, last), count in self.counts.items()
            if name == series and first.day == 1 and (last + timedelta(days=1)).day == 1 and (last - first).days < 31
        }
        return dict(sorted(months.items()))

    @property
    def series(self) -> tuple[str, ...]:
        """The series of runs that anything is held against."""
        return tuple(dict.fromkeys(name for name, _, _ in self.counts))

    def sources(self, series: str) -> str:
        """Return in brackets whom the counts of single days of a series name, few and short; empty if nobody."""
        of_days = [count for (name, first, last), count in self.counts.items() if name == series and first == last]
        named = list(dict.fromkeys(textwrap.shorten(count.source, _LONGEST_SOURCE) for count in of_days))
        more = len(named) - _MOST_SOURCES
        told = "; ".join([*named[:_MOST_SOURCES], *([f"{more} more"] if more > 0 else [])])
        return f" ({told})" if told else ""


def usable(rows: tuple[ObservedCount, ...] | None = None, posts: tuple[str, ...] = ()) -> Observed:
    """Return what of published rows can be held against runs: the counts of this repository if none are given.

    Of several prints of one span an exact one goes before a rounded one before a provisional one, then the latest.
    """
    counts: dict[tuple[str, date, date], ObservedCount] = {}
    not_used: dict[str, int] = {}
    given = load_observed() if rows is None else rows
    for row in sorted(given, key=lambda row: (STANDINGS[::-1].index(row.standing), row.published)):
        series = SERIES_OF_RUNS.get((row.series, row.country))
        _, colon, post = row.country.partition(":")
        if colon and row.series == "attempts" and post in posts:
            series = f"post:{post}"
        if series is None:
            name = f"{row.series} {row.country}"
            not_used[name] = not_used.get(name, 0) + 1
        else:
            counts[series, row.first_day, row.last_day] = row
    return Observed(counts, not_used)


def right_word(not_used: str, posts: tuple[str, ...] = ()) -> str:
    """Return the nearest right word for rows that no series of a run can be held against, or which are known.

    `not_used` is what :attr:`Observed.not_used` calls them: ``series country``.
    """
    series, _, country = not_used.partition(" ")
    known = list(dict.fromkeys(name for name, _ in SERIES_OF_RUNS))
    if series not in known:
        return nearest(series, known) or f"known are {', '.join(known)}"
    countries = [place for name, place in SERIES_OF_RUNS if name == series]
    _, colon, post = country.partition(":")
    if colon and series == "attempts":
        return nearest(post, posts) or "no guard post has this name"
    told = " or ".join([", ".join(countries[:-1]), countries[-1]] if len(countries) > 1 else countries)
    return nearest(country, countries) or f"{series} are counted in {told}"


def read_counts(path: Path) -> tuple[ObservedCount, ...]:
    """Return the rows of a file in the schema of ``seeds/observed/counts.csv``.

    Raises
    ------
    EvidenceError
        If anything in it is wrong; every problem is named, with line, column, what was found and what is allowed.
    """
    problems: list[Problem] = []
    rows = _rows(path, problems)
    counts = [_count(row) for row in rows]
    seen: set[str] = set()
    for row, count in zip(rows, counts, strict=True):
        if count.id in seen:
            row.complain("id", "allowed is an id that no other row has")
        seen.add(count.id)
    if not counts and not problems:
        problems.append(Problem(str(path), "", "no rows", "at least one count is needed"))
    if problems:
        head = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise EvidenceError("\n".join([f"{head} in the observed counts:", *(f"  {p}" for p in problems)]))
    return tuple(counts)


def _rows(path: Path, problems: list[Problem]) -> list[Row]:
    name = str(path)
    try:
        raw = path.read_bytes()
        if len(raw) > _LARGEST:
            problems.append(Problem(name, "", f"{len(raw):,} bytes", f"allowed are {_LARGEST:,}"))
            return []
        text = raw.decode("utf-8-sig")
    except OSError as error:
        problems.append(Problem(name, "", error.strerror or "no access", "a readable file is needed"))
        return []
    except UnicodeDecodeError as error:
        problems.append(Problem(name, f"byte {error.start}", "no UTF-8", "allowed is text in UTF-8"))
        return []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    try:
        header = next(reader, [])
        for column in (c for c in _COLUMNS if c not in header):
            problems.append(Problem(name, "line 1", "no such column", f"column '{column}' is needed"))
        for column in (c for c in header if c not in _COLUMNS or header.count(c) > 1):
            problems.append(
                Problem(name, "line 1", f"column {column!r}", f"allowed once each are {', '.join(_COLUMNS)}")
            )
        if sorted(header) != sorted(_COLUMNS):
            return []
        for cells in reader:
            if not cells:
                continue
            if len(cells) == len(header):
                rows.append(Row(name, reader.line_num, dict(zip(header, cells, strict=True)), problems))
            else:
                allowed = f"{len(header)} are needed"
                problems.append(Problem(name, f"line {reader.line_num}", f"{len(cells)} cells", allowed))
    except csv.Error as error:
        problems.append(Problem(name, f"line {reader.line_num}", str(error), "allowed is a table in CSV"))
    return rows


def _count(row: Row) -> ObservedCount:
    value, low, high = row.interval("value")
    if value is None or value < 0:
        row.complain("value", "allowed is a number from 0")
    first, last = row.day("first_day"), row.day("last_day")
    if last < first:
        row.complain("last_day", f"allowed is a day not before first_day ({first})")
    return ObservedCount(
        id=row.text("id"), series=row.text("series"), country=row.text("country"), first_day=first, last_day=last,
        value=value or 0.0, low=low, high=high, unit=row.text("unit"), standing=row.one_of("standing", STANDINGS),
        source=row.text("source"), url=row.text("url", needed=False),
        published=row.matching("published", _LOOSE_DATE, "a year, month or day, or nothing"),
        note=row.text("note", needed=False),
    )  # fmt: skip
