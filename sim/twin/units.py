"""Patrols one by one: their service and kind, when they are on duty and when busy (rules 6.11.2 and 6.11.6)."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

import mesa
import numpy as np

if TYPE_CHECKING:
    from sim.twin.model import TwinModel

__all__ = ["ARMY", "AT_HOME", "BORDER_GUARD", "SERVICES", "Unit", "UnitKind"]

SERVICES: Final = ("border_guard", "army", "police", "territorial")
AT_HOME: Final = -1

BORDER_GUARD: Final = 0
ARMY: Final = 1
_TERRITORIAL: Final = 3
_GOLDEN: Final = 0.6180339887498949
"""Inverse of the golden ratio, whose multiples spread kinds of patrol evenly over posts and shifts."""


class UnitKind(IntEnum):
    """How a patrol moves, in the order in which patrols are sent."""

    VEHICLE = 0
    QUICK_REACTION = 1
    FOOT = 2


class Unit(mesa.Agent):
    """One patrol: of a country and service, with a number in its block.

    Attributes
    ----------
    kind : vehicle, quick reaction or foot, for good
    post : post of the day, -1 at home
    busy_until : hour of the run from which the unit is free again
    """

    def __init__(self, twin: TwinModel, country: int, service: int, number: int) -> None:
        super().__init__(twin)
        self.twin = twin
        self.country = country
        self.service = service
        self.number = number
        self.kind = self._kind()
        self.post = AT_HOME
        self.busy_until = 0

    def _kind(self) -> UnitKind:
        """Return what kind of patrol the unit is, by its number in its block."""
        settings = self.twin.scenario.guards
        quick, vehicle = float(settings.quick_reaction_share), float(settings.vehicle_share_others)
        if self.service == BORDER_GUARD:
            vehicle = float(settings.vehicle_share)
        elif self.service == _TERRITORIAL:
            quick, vehicle = 0.0, 0.0
        multiple = (self.number + 0.5) * _GOLDEN
        lot = multiple - np.floor(multiple)
        if lot < quick:
            return UnitKind.QUICK_REACTION
        return UnitKind.VEHICLE if lot < quick + vehicle else UnitKind.FOOT

    @property
    def is_on_duty(self) -> bool:
        """Whether the unit's shift is out in this hour."""
        if self.post == AT_HOME:
            return False
        shift = ((self.twin.clock - 6) // 8) % 3
        began = self.twin.absolute_day - 1 if self.twin.clock < 6 else self.twin.absolute_day
        return (self.number - began) % 3 == shift

    @property
    def is_busy(self) -> bool:
        """Whether a stop still ties the unit up."""
        return self.busy_until > self.twin.hour
