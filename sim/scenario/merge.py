"""From a chain of files to one draft: ``extends``, ``add``, ``without``, and settings of the command line.

A draft keeps beside each value the file and the address at which it was written, so that a problem found
later is reported where its author can mend it.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from sim.errors import Problem, ScenarioError, nearest
from sim.scenario.catalogue import find_scenario
from sim.scenario.files import read_table
from sim.scenario.quantity import Quantity
from sim.scenario.wording import SCALARS, SECTIONS, TABLES, show, unknown_key

__all__ = ["COMMAND_LINE", "Document", "Draft", "Entry", "apply_settings", "merge", "read_chain"]

COMMAND_LINE: Final = "command line"
"""Stands in place of a file name for values given by ``--set``."""

_OWN: Final = ("name", "summary", "question", "description", "expectation")
"""What a scenario is about is its own; what it assumes is inherited."""

_EDITS: Final = ("extends", "add", "without")
_TOP: Final = (*SCALARS, *SECTIONS, *TABLES, *_EDITS)
_ROW_NAMES: Final = (
    "name", "day", "since", "first", "month", "place", "nation", "country", "service", "layer", "actor", "kind", "key",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Document:
    """One file of the chain: where it is, how messages call it, what it holds."""

    path: Path
    file: str
    table: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """A value with the file and the address at which it is written."""

    file: str
    key: str
    value: Any

    def problem(self, key: str, found: object, allowed: str, hint: str = "") -> Problem:
        """Return a problem at `key` inside this entry (at the entry itself when empty)."""
        return Problem(self.file, f"{self.key}: {key}" if key else self.key, show(found), allowed, hint)


@dataclass
class Draft:
    """A scenario as written, merged, not yet checked."""

    file: str
    scalars: dict[str, Entry] = field(default_factory=dict)
    sections: dict[str, dict[str, Entry]] = field(default_factory=dict)
    rows: dict[str, list[Entry]] = field(default_factory=dict)
    first_days: dict[str, Entry] = field(default_factory=dict)
    """The day from which each file of the chain is simulated, where it says so itself: spin_up_from, else start."""
    problems: list[Problem] = field(default_factory=list)


# ---------------------------------------------------------------- the chain of files


def _locate(name_or_path: str | Path, beside: Path | None = None) -> tuple[Path, str]:
    """Return the file meant by a name or path, and what messages call it."""
    text = os.fspath(name_or_path)
    if isinstance(name_or_path, Path) or text.endswith((".toml", ".json")) or "/" in text or os.sep in text:
        path = Path(text) if beside is None else beside.parent / text
        return path, str(path)
    path = find_scenario(text)
    return path, path.name


def read_chain(name_or_path: str | Path) -> list[Document]:
    """Return the file and all it extends, the oldest ancestor first.

    Raises:
        ScenarioError: one of them cannot be read, or extends something unknown or itself.
    """
    path, file = _locate(name_or_path)
    documents: list[Document] = []
    while True:
        documents.insert(0, Document(path, file, read_table(path, file)))
        parent = documents[0].table.get("extends")
        if parent is None:
            return documents
        entry = Entry(file, "extends", parent)
        if not isinstance(parent, str) or not parent:
            allowed = "must be the name of a published scenario or the path of a file"
            raise ScenarioError([entry.problem("", parent, allowed)])
        try:
            path, file = _locate(parent, path)
        except ScenarioError as error:
            here = [entry.problem("", parent, problem.allowed, problem.hint) for problem in error.problems]
            raise ScenarioError(here) from None
        if any(_same_file(path, document.path) for document in documents):
            names = " → ".join([*(document.path.name for document in reversed(documents)), path.name])
            raise ScenarioError([entry.problem("", parent, f"a scenario cannot extend itself: {names}")])


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except (OSError, ValueError):  # a missing file is reported when it is read
        return False


# ---------------------------------------------------------------- merging


def merge(documents: list[Document]) -> Draft:
    """Return one draft of a chain: later files replace single numbers and whole lists, or edit lists."""
    draft = Draft(documents[-1].file)
    for document in documents:
        for key, value in document.table.items():
            _merge_key(draft, document, key, value, last=document is documents[-1])
        for key, matchers in _edit(draft, document, "without"):
            draft.rows[key] = _leave_out(draft, document.file, key, matchers)
        for key, rows in _edit(draft, document, "add"):
            draft.rows.setdefault(key, []).extend(_rows(draft, document.file, f"add.{key}", rows))
    return draft


def _merge_key(draft: Draft, document: Document, key: str, value: Any, *, last: bool) -> None:
    file = document.file
    if key in SCALARS:
        if last or key not in _OWN:
            draft.scalars[key] = Entry(file, key, value)
        if value is not None and (key == "spin_up_from" or (key == "start" and file not in draft.first_days)):
            draft.first_days[file] = draft.scalars[key]
    elif key in SECTIONS:
        if not isinstance(value, dict):
            draft.problems.append(Problem(file, key, show(value), f"must be a table: [{key}]"))
            return
        entries = {name: Entry(file, f"{key}.{name}", item) for name, item in value.items()}
        draft.sections.setdefault(key, {}).update(entries)
    elif key in TABLES:
        draft.rows[key] = _rows(draft, file, key, value)
    elif key not in _EDITS:
        hint_from = [name for name in _TOP if name not in SECTIONS or isinstance(value, dict)]
        problem = unknown_key(file, "", key, _TOP)
        draft.problems.append(
            Problem(file, problem.key, problem.found, problem.allowed, nearest(key, hint_from) or problem.hint)
        )


def _rows(draft: Draft, file: str, key: str, rows: Any) -> list[Entry]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        draft.problems.append(Problem(file, key, show(rows), f"must be a list of tables: [[{key}]]"))
        return []
    return [Entry(file, f"{key}[{number}]{_row_name(row)}", row) for number, row in enumerate(rows)]


def _row_name(row: Mapping[str, Any]) -> str:
    """Return the words by which a reader knows a row: its name, or its date and who or where."""
    given = [show(row[key]).strip("'") for key in _ROW_NAMES if isinstance(row.get(key), str | int | date)]
    return "".join(f" {word}" for word in given[: 1 if "name" in row else 4])


def _edit(draft: Draft, document: Document, verb: str) -> Iterator[tuple[str, Any]]:
    """Yield key and value of an ``[add]`` or ``[without]`` table."""
    table = document.table.get(verb)
    if table is None:
        return
    if not isinstance(table, dict):
        allowed = f"must be a table of lists, such as {verb}.action = […]"
        draft.problems.append(Problem(document.file, verb, show(table), allowed))
        return
    for key, value in table.items():
        if key in TABLES:
            yield key, value
        else:
            draft.problems.append(unknown_key(document.file, f"{verb}.", key, list(TABLES)))


def _leave_out(draft: Draft, file: str, key: str, matchers: Any) -> list[Entry]:
    """Return the rows that no matcher of ``without.KEY`` fits; a matcher that fits nothing is a problem."""
    rows, place = draft.rows.get(key, []), f"without.{key}"
    if matchers == "all":
        if not rows:
            draft.problems.append(Problem(file, place, "'all'", "there are no such rows to leave out"))
        return []
    if not isinstance(matchers, list) or not all(isinstance(item, dict) and item for item in matchers):
        allowed = f'must be "all" or a list of tables, such as {place} = [{{ name = "…" }}]'
        draft.problems.append(Problem(file, place, show(matchers), allowed))
        return rows
    gone: set[int] = set()
    for number, matcher in enumerate(matchers):
        fits = {
            index
            for index, row in enumerate(rows)
            if all(name in row.value and row.value[name] == wanted for name, wanted in matcher.items())
        }
        if not fits:
            draft.problems.append(_no_fit(file, f"{place}[{number}]", TABLES[key].model_fields, rows, matcher))
        gone |= fits
    return [row for index, row in enumerate(rows) if index not in gone]


def _no_fit(file: str, place: str, fields: Mapping[str, Any], rows: list[Entry], matcher: Mapping[str, Any]) -> Problem:
    for name, wanted in matcher.items():
        if name not in fields:
            return unknown_key(file, f"{place}.", name, list(fields))
        there = [row.value[name] for row in rows if name in row.value]
        if wanted not in there:
            close = nearest(str(wanted), dict.fromkeys(str(value) for value in there))
            return Problem(file, f"{place}.{name}", show(wanted), "no row has this value", close)
    return Problem(file, place, show(dict(matcher)), "no row has all of these values together")


# ---------------------------------------------------------------- settings of the command line


def apply_settings(draft: Draft, settings: Mapping[str, str]) -> None:
    """Write ``--set key=value`` over the draft; the source of such a number is ``set``."""
    for key, text in settings.items():
        value = _parse_setting(text)
        section, _, name = key.partition(".")
        kind = SECTIONS.get(section)
        if key in SCALARS:
            if key not in draft.scalars or draft.scalars[key].file != COMMAND_LINE:
                draft.scalars[key] = Entry(COMMAND_LINE, key, value)
        elif kind is not None and name in kind.model_fields:
            if kind.model_fields[name].annotation is Quantity:
                value = {"source": "set", **(value if isinstance(value, dict) else {"value": value})}
            draft.sections.setdefault(section, {})[name] = Entry(COMMAND_LINE, key, value)
        else:
            draft.problems.append(_unknown_setting(key))


def _unknown_setting(key: str) -> Problem:
    if key in SECTIONS:
        return Problem(COMMAND_LINE, key, "a whole table", f"set one of its keys: {key}.KEY=VALUE")
    if key.partition(".")[0].partition("[")[0] in TABLES:
        allowed = "rows of lists are changed in a scenario file, by add and without"
        return Problem(COMMAND_LINE, key, "a row", allowed)
    known = [*SCALARS, *(f"{section}.{name}" for section in SECTIONS for name in SECTIONS[section].model_fields)]
    last = key.rpartition(".")[2]
    same = next((name for name in known if name.rpartition(".")[2] == last), "")
    hint = f"did you mean '{same}'?" if same else nearest(key, known)
    return Problem(COMMAND_LINE, show(key).strip("'"), "an unknown key", "`standoff show` lists the right ones", hint)


def _parse_setting(text: str) -> Any:
    """Return `text` as a TOML value; what is none (a bare word, ``90 min``) is text."""
    try:
        table = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return table["value"] if list(table) == ["value"] else text
