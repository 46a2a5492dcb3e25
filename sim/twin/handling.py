"""What services do to people whom they return, refuse to let back or carry elsewhere (rules 6.9.5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.core.chance import Purpose
from sim.twin.parties import part_ways

if TYPE_CHECKING:
    from sim.twin.model import TwinModel
    from sim.twin.parties import Part
    from sim.twin.person import Person

__all__ = ["HANDLER_BELARUSIAN", "Handled", "Handling"]

HANDLER_BELARUSIAN: Final = 3
"""Handlers 0 to 2 are those of the EU's countries."""


@dataclass(frozen=True)
class Handled:
    """A part of a party that a service handles at a moment of the hour."""

    members: Part
    handler: int
    fraction: np.float64


class Handling:
    """Robbery, injury and separation: one chance of each for all handlers."""

    def __init__(self, twin: TwinModel) -> None:
        self.twin = twin

    def happen(self, handled: list[Handled]) -> None:
        """Let all that services do in this hour happen, before new stays begin."""
        for one in handled:
            self._rob(one)
        for one in handled:
            for person in one.members:
                self._injure(person, one)
        part_ways([person for one in handled for person in one.members if self._is_separated(person, one)])

    def _rob(self, handled: Handled) -> None:
        """Take what a part has, by one lot for all of it."""
        chance = float(self.twin.scenario.exposure.handling_robbery_chance)
        if handled.members[0].party_luck(Purpose.HANDLING)[0] < chance:
            for person in handled.members:
                if person.means > 0.0:
                    self.twin.tally.robbed[self.twin.day, handled.handler] += 1
                person.means = np.float32(0.0)

    def _injure(self, person: Person, handled: Handled) -> None:
        """Injure a person by chance: who is injured is weaker from then on."""
        chance = float(self.twin.scenario.exposure.handling_injury_chance)
        if person.luck(Purpose.HANDLING, person.moves)[0] < chance:
            self.twin.tally.handling[self.twin.day, handled.handler] += 1
            person.weaken(handled.fraction)

    def _is_separated(self, person: Person, handled: Handled) -> bool:
        """Return whether an adult is parted from the others by chance, and enter it; the lowest stays with them."""
        chance = float(self.twin.scenario.exposure.handling_separation_chance)
        if person.child or person.id == person.party:
            return False
        if not person.luck(Purpose.HANDLING, person.moves)[1] < chance:
            return False
        self.twin.tally.separated[self.twin.day, handled.handler] += 1
        return True
