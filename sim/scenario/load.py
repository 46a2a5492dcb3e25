"""Loading a scenario: files in, one frozen, explicit :class:`~sim.scenario.schema.Scenario` out, or every problem.

Each table and each row is checked by itself, so that a mistake in one hides no mistake in another.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from sim.errors import Problem, ScenarioError, nearest
from sim.scenario.checks import Checked, check_meaning
from sim.scenario.evidence import all_source_ids
from sim.scenario.merge import Draft, Entry, apply_settings, merge, read_chain
from sim.scenario.quantity import KINDS_OF_SOURCE, Quantity, Row, is_evidence_id, source_problem
from sim.scenario.schema import Scenario
from sim.scenario.units import convert, split_amount, units_like
from sim.scenario.wording import (
    SCALARS,
    SECTIONS,
    TABLES,
    bounds_in_words,
    dotted,
    element_of,
    problems_of,
    show,
    unknown_key,
)

__all__ = ["load_scenario"]


def load_scenario(name_or_path: str | Path, settings: Mapping[str, str] = MappingProxyType({})) -> Scenario:
    """Return a published scenario (by name) or one from a file (by path), resolved and checked.

    A text is a path when it ends in ``.toml`` or ``.json`` or holds a slash. `settings` maps dotted keys to
    values as TOML text, such as ``{"guards.response_minutes": "20 min", "engineers.enabled": "false"}``.

    Raises:
        ScenarioError: anything is wrong with it; every problem is in the message, with file, key, value found,
            what is allowed, and the nearest right word.
        EvidenceError: the evidence it cites cannot be read.
    """
    draft = merge(read_chain(name_or_path))
    apply_settings(draft, settings)
    return _resolve(draft)


def _resolve(draft: Draft) -> Scenario:
    problems = draft.problems
    sections = {key: _section(key, draft.sections.get(key, {}), problems) for key in SECTIONS}
    rows = {key: [_row(TABLES[key], entry, problems) for entry in draft.rows.get(key, [])] for key in TABLES}
    checked = Checked(draft, sections, {key: [pair for pair in rows[key] if pair] for key in TABLES})
    check_meaning(checked, problems)
    parts: dict[str, Any] = {**sections, **checked.sorted_rows()}
    scalars = {key: draft.scalars[key].value for key in SCALARS if key in draft.scalars}
    try:
        scenario = Scenario.model_validate({**scalars, **parts})
    except ValidationError as error:

        def place(path: str) -> tuple[str, str]:
            entry = draft.scalars.get(path)
            return (entry.file if entry else draft.file), path

        known = {(problem.file, problem.key) for problem in problems}
        found = problems_of(error, Scenario, place)
        # an empty address is a rule over several dates, which check_meaning has put at the date concerned
        problems.extend(p for p in found if (p.file, p.key) not in known and (p.key or not checked.dates_wrong))
        scenario = None
    if problems or scenario is None:
        raise ScenarioError(problems)
    return scenario


# ---------------------------------------------------------------- tables of single numbers


def _section(key: str, entries: Mapping[str, Entry], problems: list[Problem]) -> BaseModel:
    """Return the section `key`; what is wrong goes to `problems`, with the default in its place."""
    kind = SECTIONS[key]
    values: dict[str, Any] = {}
    for name, entry in entries.items():
        field = kind.model_fields.get(name)
        if field is None:
            problems.append(unknown_key(entry.file, f"{key}.", name, list(kind.model_fields)))
        elif field.annotation is Quantity:
            quantity = _quantity(name, field, entry, problems)
            if quantity is not None:
                values[name] = quantity
        else:
            values[name] = entry.value
    try:
        return kind.model_validate(values)
    except ValidationError as error:

        def place(path: str) -> tuple[str, str]:
            entry = entries.get(path)
            return (entry.file if entry else ""), f"{key}.{path}"

        problems.extend(problems_of(error, kind, place))
        return kind()


def _quantity(name: str, field: FieldInfo, entry: Entry, problems: list[Problem]) -> Quantity | None:
    """Return the number written in `entry`, in the unit of its field, or None after noting what is wrong."""
    declared = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    unit, raw, before = str(declared["unit"]), entry.value, len(problems)
    if not isinstance(raw, dict):
        number = f"{raw:g}" if type(raw) is float and math.isfinite(raw) else "…"
        number = show(raw) if type(raw) is int else number
        form = f'{name} = {{ value = {number}, source = "assumed", low = …, high = …, because = "…" }}'
        problems.append(entry.problem("", raw, f"a number needs a source: {form}"))
        return None
    for key in raw.keys() - set(Quantity.model_fields):
        problems.append(unknown_key(entry.file, f"{entry.key}.", str(key), list(Quantity.model_fields)))
    figures = {
        key: _figure(f"{entry.key}.{key}", entry.file, raw.get(key), raw.get("unit"), unit, problems)
        for key in ("value", "low", "high")
        if key == "value" or key in raw
    }
    source, because = raw.get("source"), raw.get("because", "")
    _check_source(entry.file, f"{entry.key}.", raw, ("low", "high"), problems)
    if len(problems) > before:
        return None
    for key, figure in figures.items():
        _check_reach(Entry(entry.file, f"{entry.key}.{key}", figure), declared, unit, problems)
    value = figures["value"]
    assert value is not None  # _figure has noted it otherwise
    low, high = figures.get("low", value), figures.get("high", value)
    if low is not None and high is not None and not low <= value <= high:
        allowed = f"must lie within its own range, {low:g} to {high:g}"
        problems.append(Problem(entry.file, f"{entry.key}.value", show(value), allowed))
    if len(problems) > before:
        return None
    return Quantity(
        value=value, unit=unit, source=str(source), low=figures.get("low"), high=figures.get("high"),
        because=str(because),
    )  # fmt: skip


def _figure(key: str, file: str, raw: Any, written_unit: Any, unit: str, problems: list[Problem]) -> float | None:
    """Return one figure of a quantity in `unit`; a text may carry its own, such as ``90 min``."""
    like = units_like(unit)
    other = like[like.index(unit) - 1]  # the next smaller unit, of the smallest the largest
    allowed = f"must be a number{_in(unit)}" + (f", or text such as '2 {other}'" if len(like) > 1 else "")
    amount: tuple[float, str] | None = None
    if isinstance(raw, str):
        amount = split_amount(raw)
    elif isinstance(raw, int | float) and not isinstance(raw, bool) and abs(raw) < 1e300:
        amount = (float(raw), "")
    if amount is None or not math.isfinite(amount[0]):
        problems.append(Problem(file, key, show(raw), allowed))
        return None
    if written_unit is not None and not isinstance(written_unit, str):
        if key.endswith(".value"):
            problems.append(Problem(file, key.replace(".value", ".unit"), show(written_unit), "must be text"))
        return None
    from_unit = amount[1] or written_unit or unit
    converted = convert(amount[0], from_unit, unit)
    if converted is None:
        found = show(raw) if amount[1] else f"the unit {show(from_unit)}"
        problems.append(Problem(file, key, found, f"the unit must be one of: {', '.join(like)}"))
    return converted


def _in(unit: str) -> str:
    return "" if unit in ("", "1") else f" in {unit}"


def _check_reach(figure: Entry, declared: Mapping[str, Any], unit: str, problems: list[Problem]) -> None:
    low, high = declared.get("ge"), declared.get("le")
    if (low is not None and figure.value < low) or (high is not None and figure.value > high):
        shown = "" if unit in ("", "1") else f" {unit}"
        problems.append(figure.problem("", figure.value, f"must be {bounds_in_words(low, high)}{shown}"))


# ---------------------------------------------------------------- rows


def _row(kind: type[BaseModel], entry: Entry, problems: list[Problem]) -> tuple[Entry, BaseModel] | None:
    """Return the row with where it was written, or None after noting what is wrong."""
    before = len(problems)
    _check_row_sources(kind, entry, "", entry.value, problems)
    try:
        row = kind.model_validate(entry.value)
    except ValidationError as error:
        known = {problem.key for problem in problems[before:]}
        found = problems_of(error, kind, lambda path: (entry.file, f"{entry.key}: {path}"))
        problems.extend(problem for problem in found if problem.key not in known)
        return None
    return None if len(problems) > before else (entry, row)


def _check_row_sources(
    kind: type[BaseModel], entry: Entry, path: str, raw: Mapping[str, Any], problems: list[Problem]
) -> None:
    """Check the source of a row and of the rows within it."""
    if issubclass(kind, Row) or "source" in raw:
        factors = ("low_factor", "high_factor") if issubclass(kind, Row) else ()
        _check_source(entry.file, f"{entry.key}: {path}", raw, factors, problems)
    for name, field in kind.model_fields.items():
        inner, rows = element_of(field.annotation), raw.get(name)
        if isinstance(inner, type) and issubclass(inner, Row) and isinstance(rows, list):
            for number, row in enumerate(rows):
                if isinstance(row, dict):
                    _check_row_sources(inner, entry, f"{path}{dotted([name, number])}.", row, problems)


def _check_source(
    file: str, place: str, raw: Mapping[str, Any], ends: tuple[str, ...], problems: list[Problem]
) -> None:
    """Note a source that is missing, has no right form, lacks sentence or range, or is not in the evidence."""
    source, because = raw.get("source"), raw.get("because", "")
    if not isinstance(because, str) or not _is_unicode(because):
        problems.append(Problem(file, f"{place}because", show(because), "must be text"))
        because = "?"
    if not isinstance(source, str):
        allowed = "needs an evidence id such as 'B041', or one of: " + ", ".join(KINDS_OF_SOURCE[:-1])
        problems.append(Problem(file, f"{place}source", show(source), allowed))
        return
    wrong = source_problem(source, because, all(raw.get(end) is not None for end in ends))
    if wrong:
        hint = "" if source in KINDS_OF_SOURCE else nearest(source, KINDS_OF_SOURCE[:-1])
        allowed = wrong.replace("low and high", " and ".join(ends) or "low and high")
        problems.append(Problem(file, f"{place}source", show(source), allowed, hint))
        return
    known = all_source_ids()
    for part in source.split("+"):
        if is_evidence_id(part) and part not in known:
            problems.append(
                Problem(file, f"{place}source", show(part), "must be an id of the evidence", nearest(part, known))
            )


def _is_unicode(text: str) -> bool:
    """Return whether `text` is free of halves of surrogate pairs, which JSON and command lines can smuggle in."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
