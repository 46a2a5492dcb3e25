"""How files under ``seeds/`` are read: tables cell by cell, texts, and the manifest that lists them all.

Nothing stops at the first fault: each reader adds to a list of problems, with file, line, column, the value found
and what is allowed, and yields a stand-in. :func:`raise_problems` then tells of them all at once.
"""

from __future__ import annotations

import csv
import io
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

from sim.errors import EvidenceError, Problem, nearest
from sim.scenario.places import data_folder

__all__ = [
    "DataFile",
    "Row",
    "attribution",
    "raise_problems",
    "read_manifest",
    "read_table",
    "read_text",
    "read_toml",
]

_LARGEST_FILE_BYTES = 20_000_000
_LONGEST_SHOWN = 60
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file of the manifest: its number of rows, its licence, whom to name."""

    path: str
    rows: int
    holds: str
    licence: str
    attribution: str


class Row:
    """One row of a table: each method reads a cell; a bad cell adds a problem and yields a stand-in."""

    def __init__(self, file: str, line: int, cells: Mapping[str, str], problems: list[Problem]) -> None:
        self.file, self.line, self.cells, self.problems = file, line, cells, problems

    def complain(self, column: str, allowed: str, hint: str = "") -> None:
        """Record that the cell under `column` is not what is `allowed`."""
        found = self.cells.get(column, "")
        shown = repr(found if len(found) <= _LONGEST_SHOWN else found[:_LONGEST_SHOWN] + "...")
        self.problems.append(Problem(self.file, f"line {self.line}, column '{column}'", shown, allowed, hint))

    def text(self, column: str, *, needed: bool = True) -> str:
        """Return the cell as text, not empty if `needed`."""
        value = self.cells.get(column, "")
        if needed and not value.strip():
            self.complain(column, "allowed is a text that is not empty")
        return value

    def matching(self, column: str, pattern: re.Pattern[str], meaning: str) -> str:
        """Return the cell as text that `pattern` matches in full."""
        value = self.cells.get(column, "")
        if not pattern.fullmatch(value):
            self.complain(column, f"allowed is {meaning}")
        return value

    def one_of(self, column: str, allowed: Iterable[str]) -> str:
        """Return the cell as one of the words `allowed`."""
        value, words = self.cells.get(column, ""), tuple(allowed)
        if value not in words:
            self.complain(column, f"allowed is one of {', '.join(words)}", nearest(value, words))
        return value

    def code(self, column: str, allowed: tuple[str, ...]) -> int:
        """Return the cell, one of the words `allowed`, as its place among them."""
        value = self.one_of(column, allowed)
        return allowed.index(value) if value in allowed else 0

    def number(self, column: str, low: float = -math.inf, high: float = math.inf) -> float:
        """Return the cell as a finite number in [low, high]."""
        value = self.cells.get(column, "")
        if not _NUMBER.fullmatch(value) or not low <= float(value) <= high or math.isinf(float(value)):
            bounds = f" in [{low:g}, {high:g}]" if (low, high) != (-math.inf, math.inf) else ""
            self.complain(column, f"allowed is a number{bounds}")
            return 0.0
        return float(value)

    def whole(self, column: str, low: int, high: int) -> int:
        """Return the cell as a whole number in [low, high]."""
        value = self.number(column, low, high)
        if value != int(value):
            self.complain(column, "allowed is a whole number")
        return int(value)

    def number_or_none(self, column: str) -> float | None:
        """Return the cell as a finite number, or None where it is empty."""
        return self.number(column) if self.cells.get(column, "") else None

    def interval(self, column: str) -> tuple[float | None, float | None, float | None]:
        """Return the cells `column`, ``low`` and ``high``, in order low <= value <= high where given."""
        before = len(self.problems)
        value, low, high = (self.number_or_none(c) for c in (column, "low", "high"))
        given = [x for x in (low, value, high) if x is not None]
        if given != sorted(given) and len(self.problems) == before:
            self.complain(column, f"allowed is low <= {column} <= high, with low {low} and high {high}")
        return value, low, high

    def day(self, column: str) -> date:
        """Return the cell as a day written YYYY-MM-DD."""
        value = self.cells.get(column, "")
        try:
            if _DAY.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        self.complain(column, "allowed is a day of the calendar as YYYY-MM-DD")
        return date.min


def raise_problems(problems: list[Problem]) -> None:
    """Raise one error that names all `problems`; do nothing if there are none.

    Raises:
        EvidenceError: there is at least one problem.
    """
    if problems:
        head = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise EvidenceError("\n".join([f"{head} in the seeds:", *(f"  {p}" for p in problems)]))


def read_text(folder: Path, path: str, problems: list[Problem]) -> str:
    """Return the text of a file under `folder`, or an empty text and a problem."""
    try:
        with open(folder / path, "rb") as stream:
            raw = stream.read(_LARGEST_FILE_BYTES + 1)
        if len(raw) > _LARGEST_FILE_BYTES:
            problems.append(Problem(path, "", "a larger file", f"allowed are {_LARGEST_FILE_BYTES:,} bytes"))
            return ""
        text = raw.decode("utf-8")
    except OSError as error:
        problems.append(Problem(path, "", error.strerror or "no access", "a readable file is needed"))
    except UnicodeDecodeError as error:
        problems.append(Problem(path, f"byte {error.start}", "no UTF-8", "allowed is text in UTF-8"))
    else:
        if text.strip():
            return text
        problems.append(Problem(path, "", "an empty file", "rows are needed"))
    return ""


def read_toml(folder: Path, name: str, problems: list[Problem]) -> dict[str, object]:
    """Return the content of a TOML file under `folder`, or nothing and a problem."""
    text = read_text(folder, name, problems)
    try:
        return dict(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        problems.append(Problem(name, "", str(error), "allowed is TOML"))
        return {}


def read_table(
    folder: Path, path: str, columns: Iterable[str], manifest: Mapping[str, DataFile], problems: list[Problem]
) -> list[Row]:
    """Return the rows of a CSV file that has exactly these columns and as many rows as the manifest says."""
    text = read_text(folder, path, problems)
    if not text:
        return []
    wanted, rows = list(columns), list[Row]()
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader)
        for name in [c for c in wanted if c not in header]:
            problems.append(Problem(path, "line 1", "no such column", f"column '{name}' is needed"))
        for name in [c for c in header if c not in wanted] or [c for c in wanted if header.count(c) > 1]:
            allowed = f"allowed are {', '.join(wanted)}"
            problems.append(Problem(path, "line 1", f"column {name!r}", allowed, nearest(name, wanted)))
        if sorted(header) != sorted(wanted):
            return []
        for cells in reader:
            if len(cells) != len(header):
                place = f"line {reader.line_num}"
                problems.append(Problem(path, place, f"{len(cells)} cells", f"{len(header)} are needed"))
            else:
                rows.append(Row(path, reader.line_num, dict(zip(header, cells, strict=True)), problems))
    except csv.Error as error:
        problems.append(Problem(path, f"line {reader.line_num}", str(error), "allowed is a table in CSV"))
    entry = manifest.get(path)
    if entry is None:
        problems.append(Problem("manifest.toml", path, "no entry", "each file needs one with its licence"))
    elif entry.rows != len(rows):
        problems.append(Problem(path, "", f"{len(rows)} rows", f"the manifest says {entry.rows}"))
    return rows


def read_manifest(folder: Path, problems: list[Problem]) -> dict[str, DataFile]:
    """Return the files that ``manifest.toml`` lists, by path."""
    name, files = "manifest.toml", dict[str, DataFile]()
    content = read_toml(folder, name, problems)
    if not content:
        return files
    entries = content.get("file")
    if not isinstance(entries, list):
        problems.append(Problem(name, "file", repr(entries), "a list of [[file]] entries is needed"))
        return files
    if not isinstance(content.get("attribution"), str):
        problems.append(Problem(name, "attribution", "none", "a text is needed"))
    for number, entry in enumerate(entries, start=1):
        before = len(problems)
        for field in fields(DataFile):
            value = entry.get(field.name) if isinstance(entry, dict) else None
            if field.name == "rows":
                right, kind = type(value) is int and value > 0, "a whole number above 0"
            else:
                right, kind = isinstance(value, str) and value != "", "a text that is not empty"
            if not right:
                place = f"file {number}: {field.name}"
                problems.append(Problem(name, place, repr(value), f"allowed is {kind}"))
        if len(problems) == before:
            files[entry["path"]] = DataFile(**{f.name: entry[f.name] for f in fields(DataFile)})
    for path in files:
        if not (folder / path).is_file():
            problems.append(Problem(name, path, "no such file", "each listed file is needed"))
    return files


def attribution() -> str:
    """Return the line that stands under every map."""
    text = read_toml(data_folder("seeds"), "manifest.toml", [])["attribution"]
    return str(text)
