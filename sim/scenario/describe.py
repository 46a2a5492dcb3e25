"""A scenario as text for people: what ``standoff show`` prints; and one door to the other resolved forms."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel

from sim.scenario.evidence import find_source
from sim.scenario.quantity import Quantity
from sim.scenario.resolved import (
    Number,
    kind_of_source,
    numbers_of,
    resolved_dict,
    scenario_hash,
    shares_by_kind,
    sources_of,
    to_json,
    to_toml,
)
from sim.scenario.schema import Scenario
from sim.scenario.wording import SECTIONS, TABLES

__all__ = [
    "Number", "describe", "kind_of_source", "numbers_of", "resolved_dict", "scenario_hash", "shares_by_kind",
    "sources_of", "to_json", "to_toml",
]  # fmt: skip

_WIDTH: Final = 100
_WIDEST_COLUMN: Final = 34
_BELOW_THE_ROW: Final = ("text", "because", "forces", "phases", "claims", "timetable")
_OF_THE_SOURCE: Final = ("source", "low_factor", "high_factor")

_TITLES: Final[Mapping[str, str]] = {
    "route": "Ways to Minsk",
    "initial": "People there at the start",
    "force": "Strength at the line",
    "custody": "Custody of those caught inside",
    "custody_places": "Places in custody",
    "orders_to_leave": "Orders to leave",
    "couriers": "Drivers inside the EU (couriers)",
    "steering": "Steering by Minsk's services",
    "groups": "Group crossings that Minsk's services start",
    "group_places": "Where they start them",
    "existing": "Barriers that stand at the start",
    "contingent": "Contingents of engineers",
    "mandate": "Mandates of contingents from abroad",
    "drill": "Military drills",
    "action": "Dated actions",
    "coverage": "How much of what each side does the evidence holds",
    "habit": "How often each side did what, while it had reason to",
    "readiness": "How sides differ in readiness",
    "corridor": "Corridors where claims are heard",
    "normal": "Normal weather by month",
    "spell": "Prescribed weather",
    "calibration": "Priors of calibration",
}


def describe(scenario: Scenario) -> str:
    """Return all of `scenario` as text: question, days, each number with unit, range and source, citations."""
    parts = [_head(scenario)]
    parts += [_section(key, getattr(scenario, key)) for key in SECTIONS]
    parts += [_table(key, getattr(scenario, key)) for key in TABLES if getattr(scenario, key)]
    parts += [_citations(scenario), _shares(scenario)]
    return "\n\n".join(parts) + "\n"


def _head(scenario: Scenario) -> str:
    n_days = (scenario.until - scenario.start).days + 1
    lines = [scenario.name, "=" * len(scenario.name), *_wrap(scenario.question, ""), ""]
    for paragraph in scenario.description.split("\n\n"):
        lines += [*_wrap(" ".join(paragraph.split()), ""), ""]
    if scenario.expectation:
        lines += [*_wrap(f"Expected beforehand: {scenario.expectation}", ""), ""]
    facts = [("recorded", f"{scenario.start} to {scenario.until}, {n_days} day{'s' if n_days > 1 else ''}")]
    if scenario.spin_up_from:
        facts.append(("simulated from", str(scenario.spin_up_from)))
    if scenario.calibrated:
        facts.append(("calibrated by", scenario.calibrated))
    facts += [("history until", str(scenario.replay_until)), ("seed", str(scenario.seed))]
    if scenario.people_per_agent > 1:
        facts.append(("people an agent", str(scenario.people_per_agent)))
    return "\n".join([*lines, *(f"{name:<16}{value}" for name, value in facts)])


def _wrap(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


# ---------------------------------------------------------------- tables of single numbers


def _section(key: str, section: BaseModel) -> str:
    lines = [f"[{key}] {getattr(section, 'title', '')}".rstrip()]
    width = max(len(name) for name in type(section).model_fields)
    for name, field in type(section).model_fields.items():
        value, meaning = getattr(section, name), field.description or ""
        if isinstance(value, Quantity):
            cells = f"{_amount(value):<18} {_range(value):<20} {_source(value.source)}"
            lines.append(f"  {name:<{width}}  {cells}".rstrip())
            lines += _wrap(f"{meaning}; {value.because}" if value.because else meaning, "      ")
        else:
            lines.append(f"  {name:<{width}}  {_cell(value):<18} {meaning}".rstrip())
    return "\n".join(lines)


def _amount(quantity: Quantity) -> str:
    return f"{quantity.value:g} {_unit(quantity.unit)}".rstrip()


def _unit(unit: str) -> str:
    return "" if unit == "1" else unit


def _range(quantity: Quantity) -> str:
    if quantity.low is None and quantity.high is None:
        return ""
    low, high = (quantity.value if end is None else end for end in (quantity.low, quantity.high))
    return f"{low:g} to {high:g}"


def _source(source: str) -> str:
    kind = kind_of_source(source)
    return kind if kind == source else f"{kind} ({source})"


# ---------------------------------------------------------------- lists of rows


def _table(key: str, rows: Sequence[BaseModel]) -> str:
    """Return rows under one heading, in columns; long texts and inner lists follow below their row."""
    columns = [name for name in type(rows[0]).model_fields if _is_shown(name, rows)]
    cells = [[*(_cell(getattr(row, name)) for name in columns), _row_source(row)] for row in rows]
    columns.append("source")
    widths = [max(map(len, [name, *column])) for name, column in zip(columns, zip(*cells, strict=True), strict=True)]
    lines = [f"[[{key}]] {_TITLES.get(key, '')}".rstrip(), _line(columns, widths)]
    for row, texts in zip(rows, cells, strict=True):
        lines.append(_line(texts, widths))
        lines += _below(row)
    return "\n".join(lines)


def _is_shown(name: str, rows: Sequence[BaseModel]) -> bool:
    default = type(rows[0]).model_fields[name].get_default()
    return name not in (*_BELOW_THE_ROW, *_OF_THE_SOURCE) and any(getattr(row, name) != default for row in rows)


def _line(texts: Sequence[str], widths: Sequence[int]) -> str:
    return ("  " + "  ".join(f"{text:<{width}}" for text, width in zip(texts, widths, strict=True))).rstrip()


def _row_source(row: Any) -> str:
    """Return the source of a row with its range, which is a factor on its numbers."""
    low, high = getattr(row, "low_factor", None), getattr(row, "high_factor", None)
    reach = f", ×{1 if low is None else low:g} to ×{1 if high is None else high:g}"
    return _source(row.source) + (reach if low is not None or high is not None else "")


def _below(row: BaseModel) -> Iterator[str]:
    for name in _BELOW_THE_ROW:
        value = getattr(row, name, None)
        if isinstance(value, str) and value:
            yield from _wrap(value, "      ")
        elif isinstance(value, dict) and value:
            yield from _wrap(", ".join(f"{amount:g} {what}" for what, amount in value.items()), "      ")
        elif isinstance(value, tuple):
            for inner in value:
                kept = [(key, item) for key, item in inner if key not in (*_OF_THE_SOURCE, "because")]
                words = [f"{key} {_cell(item)}" for key, item in kept]
                if hasattr(inner, "source"):
                    words.append(f"source {_row_source(inner)}")
                yield from _wrap(", ".join(words), "      ")
                yield from _wrap(getattr(inner, "because", ""), "        ")


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "on" if value else "off"
        case float():
            return f"{value:,.10g}"
        case tuple():
            text = ", ".join(str(item) for item in value)
        case _:
            text = str(value)
    return text if len(text) <= _WIDEST_COLUMN else text[: _WIDEST_COLUMN - 1] + "…"


# ---------------------------------------------------------------- sources


def _citations(scenario: Scenario) -> str:
    lines = ["Sources"]
    for source_id in sources_of(scenario):
        source = find_source(source_id)
        lines += textwrap.wrap(
            f"{source_id}  {source.statement}. {source.source}".strip(),
            _WIDTH,
            initial_indent="  ",
            subsequent_indent=" " * 8,
            break_on_hyphens=False,
        )
        if source.url:
            lines.append(" " * 8 + source.url)
    return "\n".join(lines)


def _shares(scenario: Scenario) -> str:
    counts = shares_by_kind(scenario)
    total = sum(counts.values())
    shares = [f"{count / total:.0%} {kind} ({count})" for kind, count in counts.items() if count]
    lines = _wrap(f"{total} numbers: {', '.join(shares)}.", "")
    return "\n".join([*lines, f"Scenario hash {scenario_hash(scenario)[:16]}"])
