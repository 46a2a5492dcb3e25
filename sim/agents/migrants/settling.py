"""How an hour of the journey is settled: what the rules noted for each person is decided, drawn and begun together.

Rules only note where somebody goes, who is in whose hands, and whom aid reaches. Here those caught are heard or
returned, injuries drawn, and all new stays of the hour begun, with one call of chance for everything.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents.migrants.due import Due
from sim.agents.migrants.harm import injure
from sim.agents.minsk_services import in_force
from sim.agents.scene import Scene
from sim.agents.states import Kind, State
from sim.core.chance import Address, Purpose, draw_all
from sim.core.chance import Kind as Who
from sim.world.border import COUNTRIES

__all__ = ["IN_HANDS", "NOBODY", "Settling"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

IN_HANDS = -2
"""Beside states: caught inside and not yet decided over."""
NOBODY = -1
"""Beside handlers: in nobody's hands."""
_STAYS = -1
"""Beside states: not moved by the rules of this hour."""
_NEVER_ASKED = 0.5
"""In the place of lots that were not drawn since no rule asks them."""


class Settling:
    """What the rules noted for the batch of an hour, an entry a person, and how it is carried out."""

    def __init__(self, scene: Scene) -> None:
        self.registered_share = float(scene.scenario.observation.registered_in_germany_share)
        self.country = np.append(scene.world.border.posts.country.astype(np.int64), 0)
        self.custody_share = np.zeros(len(COUNTRIES))
        self.family_factor = np.ones(len(COUNTRIES))
        self.begin(0)

    def start_day(self, scene: Scene) -> None:
        """Take up the custody policies in force today."""
        ordinal = scene.world.calendar.date_of_day(scene.day).toordinal()
        for number, country in enumerate(COUNTRIES):
            policy = in_force([row for row in scene.scenario.custody if row.country == country], ordinal)
            self.custody_share[number] = 0.0 if policy is None else policy.custody_share
            self.family_factor[number] = 1.0 if policy is None else policy.family_factor

    def begin(self, n_batch: int) -> None:
        """Forget the last hour; nothing is noted yet for a batch of so many persons."""
        self.n_batch = n_batch
        self._to_state = np.full(n_batch, _STAYS)
        self._to_place = np.zeros(n_batch, dtype=np.int64)
        self._handler = np.full(n_batch, NOBODY)
        self._helped: list[Due] = []

    def move(self, due: Due, state: Ints | int, place: Ints | int) -> None:
        """Note a new stay, in a state and place or in hands at a place; it takes the place of one noted before."""
        self._to_state[due.at] = state
        self._to_place[due.at] = place

    def hand(self, due: Due, handler: Ints) -> None:
        """Note whose hands people pass through, int64[n]: a handler or NOBODY."""
        self._handler[due.at] = handler

    def help(self, due: Due) -> None:
        """Note people whom aid reaches: their tolerance is restored in the new stay."""
        if len(due):
            self._helped.append(due)

    def finish(self, scene: Scene, batch: Due) -> None:
        """Decide over those caught, draw injuries, and begin the new stays of this hour, all at once."""
        people = scene.people
        caught = (self._to_state == IN_HANDS).nonzero()[0]
        handed = (self._handler != NOBODY).nonzero()[0]
        moving = (self._to_state != _STAYS).nonzero()[0]
        arrived = (self._to_state == State.WEST).nonzero()[0]
        to = self._to_state[moving]
        to[to == IN_HANDS] = State.CUSTODY  # the one of the two ends of being caught that asks for a lot
        waiting = moving[people.by_chance[to]]
        rows, moves = batch.rows, batch.moves
        columns = people.population
        may_be_hurt = np.concatenate((handed, caught))
        ids, party = columns["id"][rows], columns["party"][rows]
        asked: list[Address] = [
            (Who.PARTY, party[waiting], Purpose.MARK, moves[waiting] + 1),
            (Who.PARTY, party[caught], Purpose.AFTER_CATCH, moves[caught]),
            (Who.PERSON, ids[may_be_hurt], Purpose.HANDLING, moves[may_be_hurt]),
            (Who.PERSON, ids[arrived], Purpose.OBSERVED, moves[arrived] + 1),
        ]
        mark, after_catch, hurt, observed = draw_all(scene.seed, asked)
        if len(caught):
            self._hand_over(scene, caught, batch.kind[caught], after_catch[0])
        if len(may_be_hurt):
            handler = self._handler[may_be_hurt]
            handled = (handler != NOBODY).nonzero()[0]
            at = may_be_hurt[handled]
            injure(scene, rows[at], batch.fraction[at], handler[handled], hurt[0][handled])
        if len(arrived):
            scene.tally.germany[scene.day] += len(arrived)
            scene.tally.germany_registered[scene.day] += np.count_nonzero(observed[0] < self.registered_share)
        if len(moving):
            lot = np.full(len(batch), _NEVER_ASKED)
            lot[waiting] = mark[0]
            people.relocate(
                rows[moving], batch.fraction[moving], self._to_state[moving], self._to_place[moving],
                scene.hour, scene.day, lot[moving],
            )  # fmt: skip
        for due in self._helped:
            people.restore_tolerance(due.rows, due.fraction)
        self._helped = []

    def _hand_over(self, scene: Scene, caught: Ints, kind: Ints, lot: Floats) -> None:
        """Take people caught inside to a guarded centre or return them without procedure, by the policy in force.

        `caught` are their positions in the batch of the hour.
        """
        country = self.country[self._to_place[caught]]
        share = self.custody_share[country] * np.where(kind == Kind.FAMILY, self.family_factor[country], 1.0)
        heard = lot < share
        scene.tally.custody[scene.day] += np.bincount(country[heard], minlength=len(COUNTRIES))
        scene.tally.returned[scene.day] += np.bincount(country[~heard], minlength=len(COUNTRIES))
        self._handler[caught] = np.where(heard, NOBODY, country)
        self._to_state[caught] = np.where(heard, int(State.CUSTODY), int(State.RETURNING))
