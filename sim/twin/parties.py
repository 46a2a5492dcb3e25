"""Parties and their parts: who moves with whom, how a part breaks, whom an order takes by lot (rules 6.2.6, 6.7.1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.agents.states import SEATS
from sim.core.chance import Kind as Entity
from sim.core.chance import Purpose
from sim.twin.luck import lanes

if TYPE_CHECKING:
    from sim.twin.model import TwinModel
    from sim.twin.person import Person

__all__ = ["Drawn", "Part", "companions", "draw_by_lot", "least_resolve", "part_ways", "parts_of"]

Part = list["Person"]
"""Persons with the same `party`, by id: they act as one."""


@dataclass(frozen=True)
class Drawn:
    """A part that an order takes, and when within the hour."""

    members: Part
    fraction: np.float64


def companions(person: Person) -> Part:
    """Return everybody who moves with a person, the person included, by id."""
    travellers = person.twin.travellers[person.id // SEATS]
    return [other for other in travellers if other.party == person.party]


def parts_of(people: Iterable[Person]) -> list[Part]:
    """Return people by the part with which they move, in order of party, members by id."""
    parts: dict[int, Part] = {}
    for person in sorted(people, key=lambda one: one.id):
        parts.setdefault(person.party, []).append(person)
    return [parts[party] for party in sorted(parts)]


def least_resolve(members: Iterable[Person]) -> np.float32:
    """Return the resolve of the least willing, as each would be alone."""
    least = np.float32(np.inf)
    for member in members:
        least = np.minimum(least, member.own_resolve())
    return least


def part_ways(leavers: Collection[Person]) -> None:
    """Let people leave their parts, all at once; marks, moves and cells stay as they are."""
    parts = {person.party: companions(person) for person in leavers}
    leaving = {person.id for person in leavers}
    for members in parts.values():
        staying = [member for member in members if member.id not in leaving]
        if staying:
            party, resolve = min(member.id for member in staying), least_resolve(staying)
            for member in staying:
                member.party, member.resolve = party, resolve
    for person in leavers:
        person.party, person.resolve = person.id, person.own_resolve()


def draw_by_lot(twin: TwinModel, candidates: Iterable[Person], quota: int, order: int) -> list[Drawn]:
    """Return the parts that an order of this hour takes: by lot until `quota` persons go, the last whole."""
    entries = []
    for members in parts_of(candidates):
        party = members[0].party
        lot, moment, _, _ = lanes(twin.seed, Entity.PARTY, party, Purpose.ORDERED, twin.absolute_hour * 64 + order)
        entries.append((lot, party, Drawn(members, moment)))
    taken: list[Drawn] = []
    ahead = 0
    for _, _, drawn in sorted(entries, key=lambda entry: entry[:2]):
        if ahead < quota:
            taken.append(drawn)
        ahead += len(drawn.members)
    return taken
