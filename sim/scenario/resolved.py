"""The resolved form of a scenario: as plain data, as text that loads back, as a hash, as a list of its numbers."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any, Final, NamedTuple

from pydantic import BaseModel

from sim.scenario.evidence import find_source
from sim.scenario.posteriors import find_posterior
from sim.scenario.quantity import Quantity, Row, is_evidence_id
from sim.scenario.schema import Scenario
from sim.scenario.wording import SCALARS, SECTIONS, TABLES, limit_of

__all__ = [
    "Number", "kind_of_source", "numbers_of", "resolved_dict", "scenario_hash", "shares_by_kind", "sources_of",
    "to_json", "to_toml",
]  # fmt: skip

KINDS: Final = ("measured", "estimated", "calibrated", "assumed", "set")
"""Kinds of numbers, the firmest first; ``measured`` rests on the evidence, ``set`` on the command line."""

_NOT_AMOUNTS: Final = frozenset(
    {"low", "high", "low_factor", "high_factor", "month", "longitude", "latitude", "from_segment", "end_segment"}
)
"""Numbers of rows that are places, dates or ends of ranges: nobody varies them."""

_UNIT_ENDINGS: Final[tuple[tuple[str, str], ...]] = (
    ("_per_day", "1/day"), ("_per_week", "1/week"), ("_per_flight", "seats"), ("_kmh", "km/h"), ("_km", "km"),
    ("km", "km"), ("_c", "°C"), ("hours", "h"), ("persons", "persons"), ("people", "persons"),
    ("soldiers", "persons"), ("median_size", "persons"), ("teams", "teams"), ("attempts", "attempts"),
)  # fmt: skip
"""Units of plain numbers by the ending of their name, which by the rule of the house is their unit."""

_BY_COLLECTORS: Final = re.compile(r"^(own|derived)\b|\bestimate\b", re.IGNORECASE)
"""Sources of evidence rows that nobody measured."""

_ACTION_UNITS: Final = {"flight_ban": "1", "repatriation_flight": "seats"}


class Number(NamedTuple):
    """One number of a scenario with all that is known about it."""

    key: str
    value: float
    unit: str
    low: float | None
    high: float | None
    source: str
    because: str


def resolved_dict(scenario: Scenario) -> dict[str, Any]:
    """Return every key of `scenario` as plain JSON data, dates as ISO text."""
    return {str(key): _plain(value) for key, value in scenario.model_dump(mode="json").items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value + 0.0 if isinstance(value, float) else value  # equal scenarios, equal text: no minus zero


def scenario_hash(scenario: Scenario) -> str:
    """Return the SHA-256 of the canonical JSON of `scenario`, as 64 hexadecimal digits.

    Where it names a posterior, the draws of that are part of it.
    """
    data = resolved_dict(scenario)
    if scenario.calibrated:
        posterior = find_posterior(scenario.calibrated)
        data["posterior"] = [posterior.keys, posterior.draws]
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def to_json(scenario: Scenario) -> str:
    """Return the resolved form as JSON; as a ``.json`` file it loads back to an equal scenario."""
    return json.dumps(resolved_dict(scenario), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


# ---------------------------------------------------------------- TOML


def to_toml(scenario: Scenario) -> str:
    """Return the resolved form as TOML that loads back to an equal scenario."""
    data = scenario.model_dump()
    lines = [f"{key} = {_toml(data[key])}" for key in SCALARS if data[key] is not None]
    for section in SECTIONS:
        lines += ["", f"[{section}]"]
        lines += [f"{key} = {_toml(value)}" for key, value in data[section].items()]
    for table in TABLES:
        for row in data[table]:
            lines += ["", f"[[{table}]]"]
            lines += [f"{key} = {_toml(value)}" for key, value in row.items() if value is not None]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case float():
            return repr(value + 0.0)
        case int():
            return str(value)
        case str():
            # JSON's escapes are TOML's, but for the DEL character; halves of surrogate pairs cannot occur
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case date():
            return value.isoformat()
        case Mapping():
            given = {key: item for key, item in value.items() if item is not None}
            inner = ", ".join(f"{_toml_key(key)} = {_toml(item)}" for key, item in given.items())
            return f"{{ {inner} }}" if inner else "{}"
        case _:
            return "[" + ", ".join(_toml(item) for item in value) + "]"


def _toml_key(key: str) -> str:
    bare = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if bare else _toml(key)


# ---------------------------------------------------------------- numbers and their sources


def numbers_of(scenario: Scenario) -> Iterator[Number]:
    """Yield every number that rests on a source: those of the sections, then those of the rows.

    A number of a row has the row's source, and a range where the row gives factors, within the bounds of its
    field. Left out are places and dates, and plain numbers at their default, of which the source says nothing.
    """
    for section in SECTIONS:
        for key, value in getattr(scenario, section):
            if isinstance(value, Quantity):
                yield Number(
                    f"{section}.{key}", value.value, value.unit, value.low, value.high, value.source, value.because
                )
    for table in TABLES:
        for index, row in enumerate(getattr(scenario, table)):
            yield from _numbers_of_row(f"{table}[{index}]", row, row)


def _numbers_of_row(place: str, row: BaseModel, sourced: Any) -> Iterator[Number]:
    """Yield the numbers of `row`, whose source is that of `sourced`: itself or the row around it."""
    for key, field in type(row).model_fields.items():
        value, address = getattr(row, key), f"{place}.{key}"
        if isinstance(value, tuple):
            for index, inner in enumerate(value):
                if isinstance(inner, BaseModel):
                    source = inner if isinstance(inner, Row) else sourced
                    yield from _numbers_of_row(f"{address}[{index}]", inner, source)
        elif isinstance(value, dict):
            for name, amount in value.items():
                yield _number(f"{address}.{name}", amount, "", sourced, None, None)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            if key in _NOT_AMOUNTS or (not field.is_required() and value == field.default):
                continue
            least, most = limit_of(field.metadata, "ge"), limit_of(field.metadata, "le")
            unit = _ACTION_UNITS.get(getattr(row, "kind", ""), "persons") if key == "size" else _unit(key)
            yield _number(address, float(value), unit, sourced, least, most)


def _number(key: str, value: float, unit: str, sourced: Any, least: float | None, most: float | None) -> Number:
    low = high = None
    factors = getattr(sourced, "low_factor", None), getattr(sourced, "high_factor", None)
    if factors[0] is not None and factors[1] is not None:
        low, high = sorted((value * factors[0], value * factors[1]))
        low = low if least is None else max(low, least)
        high = high if most is None else min(high, most)
    return Number(key, value, unit, low, high, sourced.source, sourced.because)


def _unit(key: str) -> str:
    return next((unit for ending, unit in _UNIT_ENDINGS if key.endswith(ending)), "1")


def kind_of_source(source: str) -> str:
    """Return the least firm kind of the sources that `source` joins by ``+``: one of :data:`KINDS`.

    Evidence is measured, but for rows whose own source is an estimate or a calculation of the collectors.
    """
    return max((_kind_of_part(part) for part in source.split("+")), key=KINDS.index)


@cache
def _kind_of_part(part: str) -> str:
    if not is_evidence_id(part):
        return part
    return "estimated" if _BY_COLLECTORS.search(find_source(part).source) else "measured"


def shares_by_kind(scenario: Scenario) -> dict[str, int]:
    """Return how many numbers of `scenario` are of each kind of source, the firmest kind first."""
    counts = dict.fromkeys(KINDS, 0)
    for number in numbers_of(scenario):
        counts[kind_of_source(number.source)] += 1
    return counts


def sources_of(scenario: Scenario) -> tuple[str, ...]:
    """Return the evidence ids that `scenario` cites, of numbers and of rows without any, sorted."""
    cited = {number.source for number in numbers_of(scenario)}
    cited |= {row.source for table in TABLES for row in getattr(scenario, table)}
    return tuple(sorted(part for part in {p for s in cited for p in s.split("+")} if is_evidence_id(part)))
