"""Values as plain data: JSON for what is small, named arrays for the rest, and back again. Nothing is ever executed.

Only plain numbers, text, dates, containers, arrays and the dataclasses of this package can be kept. What is not among
these (scenario rows, functions, what Mesa keeps for itself) is *given*: it is the same in every model built from the
scenario, so that its mere name is noted, to see whether it stayed the same.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Gone", "Leaf", "decode", "encode", "is_plain_data"]

_TAG: Final = "!"
_PACKAGE: Final = "sim"

Arrays = list[NDArray[Any]]


class Gone(Exception):  # noqa: N818 - not an error: the agent meant is not part of this model
    """An object is meant that the model does not have."""


class Leaf:
    """One attribute of one object: its form in JSON, and the arrays that the form names by number."""

    __slots__ = ("arrays", "form", "given", "owned")

    def __init__(self) -> None:
        self.form: Any = None
        self.arrays: Arrays = []
        self.given: list[str] = []
        """Names of what is only noted; a leaf that has changed and holds such a thing cannot be kept."""
        self.owned = True
        """Whether it is the attribute of one object alone, not an array that another attribute holds too."""

    def same_as(self, other: Leaf) -> bool:
        """Return whether both hold the same, arrays bit for bit."""
        return (
            self.form == other.form
            and len(self.arrays) == len(other.arrays)
            and all(_same(one, two) for one, two in zip(self.arrays, other.arrays, strict=True))
        )

    def kept(self) -> Leaf:
        """Return the leaf with copies of its arrays."""
        self.arrays = [array.copy() for array in self.arrays]
        return self


def _same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    if one.dtype != other.dtype or one.shape != other.shape:
        return False
    if one.dtype.kind == "f":  # bit for bit: nan is nan, and minus zero is not zero
        bits = f"u{one.dtype.itemsize}"
        one, other = np.ascontiguousarray(one).view(bits), np.ascontiguousarray(other).view(bits)
    return bool(np.array_equal(one, other))


def is_plain_data(thing: object) -> bool:
    """Return whether something is a dataclass of this package that can be built from its fields."""
    return is_dataclass(thing) and not isinstance(thing, type) and _of_package(type(thing))


def _of_package(kind: type) -> bool:
    return kind.__module__.partition(".")[0] == _PACKAGE


def encode(value: Any, name_of: Callable[[Any], str | None]) -> Leaf:
    """Return a value as a leaf; `name_of` gives the path of an object that belongs to the model, or None."""
    leaf = Leaf()

    def form(item: Any) -> Any:
        if item is None or type(item) in (bool, int, str):
            return item
        if type(item) is float:
            return item if np.isfinite(item) else {_TAG: "float", "hex": item.hex()}
        if isinstance(item, Enum):
            return {_TAG: "enum", "of": _class_name(type(item)), "value": form(item.value)}
        if isinstance(item, np.ndarray) and item.dtype.kind in "biufSU":
            leaf.arrays.append(item)
            return {_TAG: "array", "number": len(leaf.arrays) - 1}
        if isinstance(item, np.generic) and item.dtype.kind in "biuf":
            leaf.arrays.append(np.array(item))
            return {_TAG: "scalar", "number": len(leaf.arrays) - 1}
        name = name_of(item)
        if name is not None:
            return {_TAG: "object", "path": name}
        if type(item) is list:
            return [form(part) for part in item]
        if type(item) in (tuple, set, frozenset):
            parts = [form(part) for part in item]
            return {_TAG: type(item).__name__, "of": parts if type(item) is tuple else sorted(parts, key=repr)}
        if type(item) is deque:
            return {_TAG: "deque", "of": [form(part) for part in item], "most": item.maxlen}
        if isinstance(item, Mapping) and type(item) is dict:
            return {_TAG: "dict", "of": [[form(key), form(part)] for key, part in item.items()]}
        if type(item) in (date, datetime):
            return {_TAG: type(item).__name__, "iso": item.isoformat()}
        if type(item) is timedelta:
            return {_TAG: "timedelta", "of": [item.days, item.seconds, item.microseconds]}
        if is_plain_data(item) and not type(item).__module__.startswith(f"{_PACKAGE}.scenario"):
            inner = {field.name: form(getattr(item, field.name)) for field in fields(item)}
            return {_TAG: "data", "of": _class_name(type(item)), "fields": inner}
        given = _given_name(item)
        leaf.given.append(given)
        return {_TAG: "given", "name": given}

    leaf.form = form(value)
    return leaf


def _class_name(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


def _given_name(item: Any) -> str:
    """Return a name by which a thing that is not kept can be told from another, without addresses in memory."""
    named = getattr(item, "__qualname__", None)
    return f"{type(item).__module__}.{type(item).__qualname__}" + (f" {item.__module__}.{named}" if named else "")


def decode(form: Any, arrays: Arrays, object_at: Callable[[str], Any]) -> Any:
    """Return the value of a form.

    Raises
    ------
    Gone
        If it means an object that `object_at` does not know.
    ValueError
        If the form is none that :func:`encode` makes.
    """
    if form is None or isinstance(form, bool | int | float | str):
        return form
    if isinstance(form, list):
        return [decode(part, arrays, object_at) for part in form]
    try:
        return _decode_tagged(form, arrays, object_at)
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise ValueError(f"no form of a value: {str(form)[:80]}") from error


def _decode_tagged(form: dict[str, Any], arrays: Arrays, object_at: Callable[[str], Any]) -> Any:
    tag = form[_TAG]
    if tag == "array":
        return arrays[form["number"]].copy()
    if tag == "scalar":
        return arrays[form["number"]][()]
    if tag == "float":
        return float.fromhex(form["hex"])
    if tag == "object":
        return object_at(form["path"])
    if tag in ("tuple", "set", "frozenset"):
        parts = (decode(part, arrays, object_at) for part in form["of"])
        return {"tuple": tuple, "set": set, "frozenset": frozenset}[tag](parts)
    if tag == "deque":
        return deque((decode(part, arrays, object_at) for part in form["of"]), maxlen=form["most"])
    if tag == "dict":
        return {decode(key, arrays, object_at): decode(part, arrays, object_at) for key, part in form["of"]}
    if tag in ("date", "datetime"):
        return {"date": date, "datetime": datetime}[tag].fromisoformat(form["iso"])
    if tag == "timedelta":
        return timedelta(*form["of"])
    if tag == "enum":
        return _known_class(form["of"], Enum)(decode(form["value"], arrays, object_at))
    if tag == "data":
        kind = _known_class(form["of"], object)
        if not hasattr(kind, "__dataclass_fields__"):
            raise ValueError(f"'{form['of']}' is no data")
        return kind(**{name: decode(part, arrays, object_at) for name, part in form["fields"].items()})
    raise ValueError(f"no form of a value: {str(form)[:80]}")


def _known_class(name: str, base: type) -> Any:
    """Return a class of this package by its name: only among modules that are imported already."""
    module, _, qualified = name.partition(":")
    found: Any = sys.modules.get(module)
    for part in qualified.split("."):
        found = getattr(found, part, None)
    if not isinstance(found, type) or not _of_package(found) or not issubclass(found, base):
        raise ValueError(f"'{name}' is no class of this version")
    return found
