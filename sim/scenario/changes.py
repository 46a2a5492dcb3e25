"""What a scenario changes in the one it extends, as text: numbers before and after, rows taken out and put in."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from pydantic import BaseModel

from sim.scenario.quantity import Quantity
from sim.scenario.schema import Scenario
from sim.scenario.wording import SECTIONS, TABLES

__all__ = ["describe_changes"]

_WIDTH: Final = 100
_MOST_ROWS: Final = 12
_DAYS: Final = ("start", "until", "spin_up_from", "replay_until", "seed", "people_per_agent")
_NOT_TOLD: Final = ("source", "because", "low_factor", "high_factor", "phases", "claims", "timetable", "forces")


def describe_changes(scenario: Scenario, base: Scenario) -> str:
    """Return what differs between a scenario and the one it extends; numbers that are the same are left out."""
    lines = [f"{scenario.name}, against {base.name}", ""]
    lines += textwrap.wrap(" ".join(scenario.question.split()), _WIDTH)
    told = [*_of_days(scenario, base), *_of_sections(scenario, base), *_of_tables(scenario, base)]
    lines += ["", *(told or ["Nothing differs."])]
    if scenario.expectation:
        lines += ["", *textwrap.wrap("Expected beforehand: " + " ".join(scenario.expectation.split()), _WIDTH)]
    return "\n".join(lines) + "\n"


def _of_days(scenario: Scenario, base: Scenario) -> Iterator[str]:
    for key in _DAYS:
        before, after = getattr(base, key), getattr(scenario, key)
        if before != after:
            yield f"{key}: {'none' if before is None else before} → {'none' if after is None else after}"


def _of_sections(scenario: Scenario, base: Scenario) -> Iterator[str]:
    for section, kind in SECTIONS.items():
        for key in kind.model_fields:
            before, after = getattr(getattr(base, section), key), getattr(getattr(scenario, section), key)
            if before != after:
                yield f"{section}.{key}: {_value(before)} → {_value(after)}"
                because = getattr(after, "because", "")
                yield from _indented(f"{getattr(after, 'source', '')}; {because}" if because else "")


def _value(value: object) -> str:
    if isinstance(value, Quantity):
        return f"{value.value:g}" + ("" if value.unit == "1" else f" {value.unit}")
    return "on" if value is True else "off" if value is False else str(value)


def _indented(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="    ", subsequent_indent="    ")


def _of_tables(scenario: Scenario, base: Scenario) -> Iterator[str]:
    for table in TABLES:
        before, after = getattr(base, table), getattr(scenario, table)
        yield from _rows(table, "taken out", [row for row in before if row not in after])
        yield from _rows(table, "put in", [row for row in after if row not in before])


def _rows(table: str, what: str, rows: Sequence[BaseModel]) -> Iterator[str]:
    if not rows:
        return
    yield f"[[{table}]]: {len(rows)} row{'s' if len(rows) > 1 else ''} {what}"
    for row in rows[:_MOST_ROWS]:
        yield from _indented(_words(row))
    if len(rows) > _MOST_ROWS:
        yield f"    … and {len(rows) - _MOST_ROWS} more"


def _words(row: BaseModel) -> str:
    """Return what a row says: its fields that are not at their default."""
    words = []
    for key, field in type(row).model_fields.items():
        value = getattr(row, key)
        if key in _NOT_TOLD or (not field.is_required() and value == field.get_default()):
            continue
        shown = value.isoformat() if isinstance(value, date) else f"{value:g}" if isinstance(value, float) else value
        words.append(f"{key} {', '.join(map(str, shown)) if isinstance(shown, tuple) else shown}")
    return "; ".join(words)
