"""How an hour of the journey is settled: what the rules noted for each person is decided, drawn and begun together.

Rules only note where somebody goes, who is in whose hands, and whom aid reaches. Here those caught are heard or
returned, what handling does drawn, and all new stays of the hour begun, with one call of chance for everything.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents.migrants.custody import Custody
from sim.agents.migrants.due import Due
from sim.agents.migrants.harm import handle
from sim.agents.scene import Scene
from sim.agents.states import State
from sim.core.chance import Address, Purpose, draw, draw_all
from sim.core.chance import Kind as Who

__all__ = ["IN_HANDS", "NOBODY", "Settling"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

IN_HANDS = -2
"""Beside states: caught inside and not yet decided over."""
NOBODY = -1
"""Beside handlers: in nobody's hands."""
_STAYS = -1
"""Beside states: not moved by the rules of this hour."""
_WEST, _RETURNING = int(State.WEST), int(State.RETURNING)
_NOBODY_HELPED = np.zeros(0, dtype=np.int64)
_NEVER_ASKED = 0.5
"""In the place of lots that were not drawn since no rule asks them."""


class Settling:
    """What the rules noted for the batch of an hour, an entry a person, and how it is carried out."""

    def __init__(self, scene: Scene) -> None:
        self.registered_share = float(scene.scenario.observation.registered_in_germany_share)
        self.custody = Custody(scene)
        self.begin(0)

    def begin(self, n_batch: int) -> None:
        """Forget the last hour; nothing is noted yet for a batch of so many persons."""
        self.n_batch = n_batch
        self._to_state = np.empty(n_batch, dtype=np.int64)
        self._to_state.fill(_STAYS)
        self._to_place = np.zeros(n_batch, dtype=np.int64)
        self._handler = np.empty(n_batch, dtype=np.int64)
        self._handler.fill(NOBODY)
        self._helped: list[Ints] = []

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
            self._helped.append(due.at)

    def finish(self, scene: Scene, batch: Due) -> None:
        """Decide over those caught, draw what handling does, and begin the new stays of this hour, all at once."""
        people = scene.people
        caught = (self._to_state == IN_HANDS).nonzero()[0]
        handed = (self._handler != NOBODY).nonzero()[0]
        moving = (self._to_state != _STAYS).nonzero()[0]
        arrived = (self._to_state == _WEST).nonzero()[0]
        to = self._to_state[moving]
        to[to == IN_HANDS] = State.CUSTODY  # the one of the two ends of being caught that asks for a lot
        waiting = moving[people.by_chance[to]]
        helped = np.concatenate(self._helped) if self._helped else _NOBODY_HELPED
        rows, moves = batch.rows, batch.moves
        columns = people.population
        may_be_hurt = np.concatenate((handed, caught))
        ids, party = columns["id"][rows], columns["party"][rows]
        asked: list[Address] = [
            (Who.PARTY, party[waiting], Purpose.MARK, moves[waiting] + 1),
            (Who.PARTY, party[caught], Purpose.AFTER_CATCH, moves[caught]),
            (Who.PERSON, ids[may_be_hurt], Purpose.HANDLING, moves[may_be_hurt]),
            (Who.PERSON, ids[arrived], Purpose.OBSERVED, moves[arrived] + 1),
            (Who.PARTY, party[may_be_hurt], Purpose.HANDLING, moves[may_be_hurt]),
            (Who.PARTY, party[caught], Purpose.OBSERVED, moves[caught]),
            people.of_tolerance(rows[helped]),
        ]
        mark, after_catch, hurt, observed, robbed, ordered, tolerance = draw_all(scene.seed, asked)
        separated = np.zeros(0, dtype=np.int64)
        if len(caught):
            place, kind = self._to_place[caught], batch.kind[caught]
            decided, country = self.custody.decide(scene, place, kind, after_catch[0], ordered[0])
            self._to_state[caught] = decided
            np.add.at(scene.tally.admitted[scene.day], place[decided != _RETURNING], np.int32(1))
            self._handler[caught] = np.where(decided == _RETURNING, country, NOBODY)
        if len(may_be_hurt):
            handler = self._handler[may_be_hurt]
            handled = (handler != NOBODY).nonzero()[0]
            at = may_be_hurt[handled]
            lots = hurt.take(handled, axis=1)
            alone = handle(scene, rows[at], batch.fraction[at], handler[handled], robbed[0][handled], lots)
            separated = at[alone]
        if len(arrived):
            scene.tally.germany[scene.day] += len(arrived)
            scene.tally.germany_registered[scene.day] += np.count_nonzero(observed[0] < self.registered_share)
        if len(moving):
            lot = np.empty(len(batch))
            lot.fill(_NEVER_ASKED)
            lot[waiting] = mark[0]
            if len(separated):  # they wait under their own number
                lot[separated] = draw(scene.seed, Who.PARTY, ids[separated], Purpose.MARK, moves[separated] + 1)[0]
            people.relocate(
                rows[moving], batch.fraction[moving], self._to_state[moving], self._to_place[moving],
                scene.hour, scene.day, lot[moving],
            )  # fmt: skip
        people.restore_tolerance(rows[helped], batch.fraction[helped], tolerance[0])
        self._helped = []
