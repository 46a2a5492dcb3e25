"""Illness, hypothermia and death, person by person (rules 6.9.1 to 6.9.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.agents.states import Kind, State
from sim.core.chance import Purpose
from sim.twin.parties import companions, part_ways
from sim.twin.person import SIDE_EU

if TYPE_CHECKING:
    from sim.twin.model import TwinModel
    from sim.twin.person import Person

__all__ = ["Aftermath", "Illness"]

_WORST: Final = 3
"""Gravest class of hypothermia: 1 mild, 2 moderate, 3 severe."""
_HELPLESS: Final = 2
"""Class from which on a person is not left behind."""


@dataclass(frozen=True)
class Aftermath:
    """Whom illness keeps from acting in this hour.

    Attributes
    ----------
    moved : ids of those who died or went to hospital
    weakened_parties : numbers of parties with a weakened member
    """

    moved: set[int]
    weakened_parties: set[int]


class Illness:
    """What comes of a tolerance that has ended."""

    def __init__(self, twin: TwinModel) -> None:
        self.twin = twin

    def strike(self, ill: list[Person]) -> Aftermath:
        """Let people fall ill at their moments in this hour: some die, some find help, others go on weaker."""
        tally, day = self.twin.tally, self.twin.day
        moments = {person.id: person.harm_fraction for person in ill}
        dying, patients, others = [], [], []
        for person in ill:
            tally.harm[day, person.side] += 1
            fate, help_comes, how_cold, _ = person.luck(Purpose.ILLNESS, person.doses)
            grade, death_chance = self._hypothermia(person, how_cold)
            if grade > 0:
                tally.hypothermia[day, person.side, grade - 1] += 1
            is_reached = help_comes < float(self.twin.scenario.exposure.reached_by_help_chance)
            if fate < death_chance:
                dying.append(person)
            elif not person.is_outdoors or grade >= _HELPLESS or is_reached:
                patients.append(person)
            else:
                others.append(person)
        self.die([(person, moments[person.id], person.side) for person in dying])
        moved = {person.id for person in dying} | self._take_to_hospital(patients, moments)
        weakened = [person for person in others if person.id not in moved]
        for person in weakened:
            person.weaken(moments[person.id])
            person.restore(moments[person.id])
        return Aftermath(moved, {person.party for person in weakened})

    def _hypothermia(self, person: Person, uniform: np.float64) -> tuple[int, float]:
        """Return the class of hypothermia of a person who falls ill, 0 to 3, and the chance to die of it; 0 indoors."""
        if not person.is_outdoors:
            return 0, 0.0
        exposure, hazards = self.twin.scenario.exposure, self.twin.hazards
        cold = np.exp(-hazards.temperature(person.place) / float(exposure.cold_scale_c))
        odds = float(exposure.hypothermia_odds) * (
            cold * (1.0 + float(exposure.wet_factor) * hazards.wet(person.place))
        )
        chances = []
        for _ in range(_WORST):
            chances.append(odds / (1.0 + odds))
            odds = odds * float(exposure.hypothermia_step)
        grade = sum(1 for chance in chances if uniform < chance)
        lethality = float(exposure.hypothermia_lethality)
        weights = [1.0, lethality, lethality * lethality, (lethality * lethality) * lethality]
        p1, p2, p3 = chances
        mean = (((1.0 - p1) + (p1 - p2) * weights[1]) + (p2 - p3) * weights[2]) + p3 * weights[3]
        return grade, float(exposure.death_chance) * weights[grade] / mean

    def _take_to_hospital(self, patients: list[Person], moments: dict[int, np.float64]) -> set[int]:
        """Take patients to hospital, whole families with theirs; return the ids of all who went."""
        for person in patients:
            self.twin.tally.hospital[self.twin.day, person.side] += 1
        part_ways([person for person in patients if person.kind is not Kind.FAMILY])
        moved: set[int] = set()
        for person in sorted(patients, key=lambda one: (moments[one.id], one.id)):
            if person.id in moved:  # with an earlier patient of the family
                continue
            fraction = moments[person.id]
            hospital = State.HOSPITAL_EU if person.side == SIDE_EU else State.HOSPITAL_BELARUS
            for member in companions(person) if person.kind is Kind.FAMILY else [person]:
                member.begin_stay(hospital, member.place, fraction)
                member.restore(fraction)
                moved.add(member.id)
        return moved

    def die(self, deaths: list[tuple[Person, np.float64, int]]) -> None:
        """Let persons die, each at a moment of the hour and on a side of the line."""
        tally, day = self.twin.tally, self.twin.day
        found_share = float(self.twin.scenario.observation.deaths_found_share)
        part_ways([person for person, _, _ in deaths])
        for person, fraction, side in deaths:
            tally.deaths[day, side] += 1
            if person.luck(Purpose.OBSERVED, 0)[0] < found_share:
                tally.deaths_found[day, side] += 1
            person.begin_stay(State.DEAD, person.place, fraction)
