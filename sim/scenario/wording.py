"""The words of a problem: what the schema holds, how a value is shown, what is allowed instead.

The schema is the only place that states types and bounds; this module reads them off its fields, so that no
message can disagree with the check behind it, and no library's own wording reaches the reader.
"""

from __future__ import annotations

import math
import re
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from sim.errors import Problem, nearest
from sim.scenario.quantity import Row, Section
from sim.scenario.schema import Scenario

__all__ = [
    "DATE_KEYS",
    "SCALARS",
    "SECTIONS",
    "TABLES",
    "bounds_in_words",
    "choices",
    "dotted",
    "element_of",
    "in_words",
    "limit_of",
    "problems_of",
    "show",
    "unknown_key",
]

_LONGEST_SHOWN = 60
_MOST_KEYS_LISTED = 14
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]{1,60}", re.ASCII)

_FORMS: Final[Mapping[str, str]] = {
    r"^[a-z0-9][a-z0-9-]{2,59}$": "3 to 60 small letters, digits and hyphens",
    r"^\d{2}:\d{2}$": 'a Warsaw clock time such as "06:30"',
    r"^([01]\d|2[0-3]):[0-5]\d$": 'a Warsaw clock time such as "06:30"',
}
"""Patterns of the schema in words."""


def element_of(annotation: Any) -> Any:
    """Return ``X`` of ``tuple[X, ...]``, and None for any other type."""
    return get_args(annotation)[0] if get_origin(annotation) is tuple else None


def _is_model(annotation: Any, kind: type[BaseModel] = BaseModel) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, kind)


_KINDS: Final = {name: field.annotation for name, field in Scenario.model_fields.items()}

SECTIONS: Final[Mapping[str, type[Section]]] = {
    name: kind for name, kind in _KINDS.items() if isinstance(kind, type) and issubclass(kind, Section)
}
"""Tables of single numbers and switches, by key."""

TABLES: Final[Mapping[str, type[BaseModel]]] = {
    name: element_of(kind) for name, kind in _KINDS.items() if _is_model(element_of(kind))
}
"""Lists of rows, by key, with the model of one row."""

SCALARS: Final = tuple(name for name in _KINDS if name not in SECTIONS and name not in TABLES)
"""Keys that stand at the top of a file."""


def _date_keys(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        kind = element_of(field.annotation) or field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _date_keys(kind)
        elif kind is date or date in get_args(kind):
            yield name


DATE_KEYS: Final[frozenset[str]] = frozenset(_date_keys(Scenario))
"""Keys whose values are dates, for formats that have no dates of their own."""


def show(value: object) -> str:
    """Return `value` as a reader of the file would know it again, on one short line."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case str():
            return repr(value if len(value) <= _LONGEST_SHOWN else value[:_LONGEST_SHOWN] + "…")
        case int() if abs(value) >= 10**20:
            return "a whole number of more than 20 digits"
        case float() if math.isfinite(value):
            return f"{value:.12g}"
        case datetime() | date() | time():
            return value.isoformat()
        case list() | tuple():
            return "an empty list" if not value else f"a list of {len(value)}"
        case dict():
            keys = [_key(str(key)) for key in list(value)[:4]]
            more = ", …" if len(value) > len(keys) else ""
            return f"a table with the keys {', '.join(keys)}{more}" if keys else "an empty table"
        case _:
            return str(value)


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else show(key)


def dotted(parts: Sequence[str | int]) -> str:
    """Return a path such as ``phases[0].hours``; keys that are no plain words are quoted."""
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{_key(part)}" if text else _key(part)
    return text


def choices(annotation: Any) -> tuple[str, ...]:
    """Return the words that a field of literals allows, none for any other field."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    if get_origin(annotation) in (Union, types.UnionType):
        return tuple(word for part in get_args(annotation) for word in choices(part))
    return ()


def limit_of(metadata: Sequence[Any], name: str) -> Any:
    """Return the constraint `name` (``ge``, ``le``, ``pattern`` …) of a field, or None."""
    return next((getattr(item, name) for item in metadata if getattr(item, name, None) is not None), None)


def _reach(metadata: Sequence[Any]) -> str:
    """Return the bounds of a plain number in words, or an empty string."""
    above, low, high = (limit_of(metadata, name) for name in ("gt", "ge", "le"))
    if above is not None:
        return f"above {above:g}" + (f" and at most {high:g}" if high is not None else "")
    return "" if low is None and high is None else bounds_in_words(low, high)


def bounds_in_words(low: float | None, high: float | None) -> str:
    """Return bounds such as ``from 0 to 1``; large ones keep all their digits."""
    if low is None:
        return f"at most {_figure(high)}"
    return f"at least {_figure(low)}" if high is None else f"from {_figure(low)} to {_figure(high)}"


def _figure(value: float | None) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.10g}"


def _text_in_words(metadata: Sequence[Any]) -> str:
    pattern, least, most = (limit_of(metadata, name) for name in ("pattern", "min_length", "max_length"))
    if pattern is not None:
        return _FORMS.get(pattern, f"text of the form {pattern}")
    if most is None:
        return "text"
    return f"text of {least} to {most} characters" if least else f"text of at most {most} characters"


def in_words(annotation: Any, metadata: Sequence[Any] = ()) -> str:
    """Return what a field allows, such as ``a number from 0 to 1`` or ``one of: PL, LT, LV``."""
    if get_origin(annotation) in (Union, types.UnionType) and type(None) in get_args(annotation):
        return in_words(next(part for part in get_args(annotation) if part is not type(None)), metadata)
    if words := choices(annotation):
        return "one of: " + ", ".join(word or '""' for word in words)
    plain = {bool: "true or false", date: "a date such as 2021-11-08, without quotation marks"}
    if annotation in plain:
        return plain[annotation]
    if annotation in (int, float):
        kind = "a whole number" if annotation is int else "a number"
        return f"{kind} {_reach(metadata)}".rstrip()
    if annotation is str:
        return _text_in_words(metadata)
    if get_origin(annotation) is tuple:
        element = element_of(annotation)
        least = " with at least one entry" if limit_of(metadata, "min_length") else ""
        return f"a list of {'tables' if _is_model(element) else 'values'}{least}"
    return "a table of names and numbers" if get_origin(annotation) is dict else "a table"


def unknown_key(file: str, place: str, key: str, allowed: Sequence[str]) -> Problem:
    """Return the problem of a key that does not exist; a long list of right keys is left out."""
    if len(allowed) <= _MOST_KEYS_LISTED:
        listed = "allowed are: " + ", ".join(allowed)
    else:
        listed = "`standoff show` lists the right ones"
    address = f"{place}{_key(key)}"
    return Problem(file, address, "an unknown key", listed, nearest(key, allowed))


def _walk(
    model: type[BaseModel], location: Sequence[str | int]
) -> tuple[list[str | int], Any, Sequence[Any], type[BaseModel] | None]:
    """Follow a location down the fields of `model`.

    Returns the part of it that is a path of the file (a library's own marks are cut off), the type and
    constraints there, and the model that lacks the last key when that key is unknown.
    """
    kept: list[str | int] = []
    kind: Any = model
    metadata: Sequence[Any] = ()
    for part in location:
        if _is_model(kind):
            kept.append(part)
            field = kind.model_fields.get(part)
            if field is None:
                return kept, None, (), kind
            kind, metadata = field.annotation, field.metadata
        elif get_origin(kind) is tuple and isinstance(part, int):
            kept.append(part)
            kind, metadata = element_of(kind), ()
        elif get_origin(kind) is dict and part != "[key]":
            kept.append(part)
            kind, metadata = get_args(kind)[1], ()
        else:
            break
    return kept, kind, metadata, None


def problems_of(
    error: ValidationError, model: type[BaseModel], place: Callable[[str], tuple[str, str]]
) -> Iterator[Problem]:
    """Yield what is wrong with the data of one `model`, each place once.

    `place` gives, for a dotted path inside the data, the file it stands in and its full address. Problems of
    sources are left out: they are found, with the nearest id, by the caller.
    """
    seen: set[tuple[str | int, ...]] = set()
    for item in error.errors(include_url=False):
        kept, kind, metadata, stranger = _walk(model, item["loc"])
        value, what = item["input"], item["type"]
        if tuple(kept) in seen or (what == "too_short" and value):  # too short only for want of its bad entries
            continue
        seen.add(tuple(kept))
        file, address = place(dotted(kept))
        if stranger is not None:
            prefix = address.removesuffix(dotted(kept[-1:]))
            yield unknown_key(file, prefix, str(kept[-1]), list(stranger.model_fields))
        elif what == "missing":
            yield Problem(file, address, "nothing", f"needs {in_words(kind, metadata)}")
        elif what == "value_error":
            if not _is_model(kind, Row):
                yield Problem(file, address, show(value), str(item["ctx"]["error"]))
        elif what in {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}:
            yield Problem(file, address, show(value), f"must be {_reach(metadata)}")
        else:
            words = [word for word in choices(kind) if word]
            hint = nearest(value, words) if isinstance(value, str) else ""
            yield Problem(file, address, show(value), f"must be {in_words(kind, metadata)}", hint)
