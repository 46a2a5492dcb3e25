"""Enumerations whose members are found as quickly as any other attribute of a class."""

from __future__ import annotations

from enum import Enum
from typing import TypeVar

__all__ = ["quick_members"]

_Class = TypeVar("_Class", bound=type[Enum])


def quick_members(enum: _Class) -> _Class:
    """Enter the members of an enumeration among the attributes of its class, and return the class.

    Python 3.11 keeps them in a table that it asks only when the look-up of an attribute has failed: half a microsecond
    for each ``State.LINE``, and an hour names a state a hundred times. From 3.12 on Python does what is done here.
    """
    for name, member in enum.__members__.items():
        type.__setattr__(enum, name, member)
    return enum
