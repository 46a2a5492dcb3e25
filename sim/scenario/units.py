"""A short table of units, so that a scenario may say ``"90 min"`` where a field counts hours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

__all__ = ["convert", "split_amount", "units_like"]

_SIZES: Final[tuple[Mapping[str, float], ...]] = (
    {"s": 1.0, "min": 60.0, "h": 3600.0, "day": 86400.0, "days": 86400.0, "week": 604800.0},
    {"1/h": 168.0, "1/day": 7.0, "1/week": 1.0},
    {"m": 1.0, "km": 1000.0},
    {"1/km": 1.0, "1/m": 1000.0},
    {"km/h": 1.0, "m/s": 3.6},
    {"1": 100.0, "%": 1.0},
)
"""Units of one kind with their sizes, chosen so that the usual conversions are exact."""

_NUMBER = r"[+-]?\d{1,15}(?:\.\d{0,15})?(?:[eE][+-]?\d{1,2})?"
_AMOUNT = re.compile(rf"\s*({_NUMBER})\s*([^\d\s]\S{{0,15}})?\s*", re.ASCII)


def units_like(unit: str) -> tuple[str, ...]:
    """Return every unit that converts to `unit`, itself included."""
    return next((tuple(kind) for kind in _SIZES if unit in kind), (unit,))


def convert(amount: float, unit: str, to: str) -> float | None:
    """Return `amount` of `unit` in the unit `to`, or None where the two measure different things."""
    if unit == to:
        return amount
    for kind in _SIZES:
        if unit in kind and to in kind:
            return amount * kind[unit] / kind[to]
    return None


def split_amount(text: str) -> tuple[float, str] | None:
    """Return number and unit of a text such as ``90 min`` (the unit may be missing), or None."""
    match = _AMOUNT.fullmatch(text)
    return (float(match[1]), match[2] or "") if match else None
