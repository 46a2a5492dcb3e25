"""The form in which rooms hand over what they measured: dimensions, values, unit, long name."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["PERSONS", "Variables"]

PERSONS: Final = "persons"
Variables = dict[str, tuple[tuple[str, ...], Any, str, str]]
"""By name: dimensions, values, units, long name."""
