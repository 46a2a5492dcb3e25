"""The placebo's only act: two parties exchange what is left of their waits. No rule, number or law is touched by it.

Parties that wait in the same cell are exchangeable: which of them got which waiting time is luck alone. Exchanging two
leaves the set of waits as it is, and yet another party acts first. Worlds that differ by this differ by chaos alone:
what comes apart between them from there is the churn that any change, however idle, would bring about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agents.states import State
from sim.core.chance import Kind, Purpose, draw

if TYPE_CHECKING:
    from sim.model import StandoffModel

__all__ = ["nudge"]

_WAITING = (State.LINE, State.CAMP, State.MINSK)
"""Where parties wait for their own decision; the first of these where two share a cell is taken."""


def nudge(model: StandoffModel) -> tuple[int, int] | None:
    """Exchange the waits of two parties, before an hour is stepped; return their numbers, or None where no two wait.

    In the cell of the woods with most parties (then the camp's, then Minsk's; ties: the lowest number) the party that
    would act first changes with another, picked by lot by a draw of a kind that no rule uses. What is exchanged is the
    rest of the standard exponential, each party's own readiness applied anew.
    """
    people = model.scene.people
    columns = people.population
    cell, party = columns["cell"].astype(np.int64), columns["party"]
    state = people.state()
    first = np.zeros(len(people), dtype=bool)  # one row stands for its part of a party
    first[np.unique(party, return_index=True)[1]] = True
    for wanted in _WAITING:
        standing = np.flatnonzero(first & (state == wanted) & np.isfinite(columns["act_mark"]))
        n_parties = np.bincount(cell[standing], minlength=people.cells.n)
        if n_parties.max() >= 2:
            break
    else:
        return None
    here = standing[cell[standing] == n_parties.argmax()]
    left = (columns["act_mark"][here] - people.act.after[cell[here]]) * columns["resolve"][here].astype(np.float64)
    soonest = int(np.argmin(columns["act_mark"][here]))
    others = np.delete(np.arange(len(here)), soonest)
    lot = draw(model.seed, Kind.TEST, model.hour, Purpose.MARK, 0)[0, 0]
    other = int(others[int(lot * len(others))])
    for giver, taker in ((soonest, other), (other, soonest)):
        rows = np.flatnonzero(party == party[here[taker]])
        columns["act_mark"][rows] = people.act.after[cell[rows]] + left[giver] / columns["resolve"][rows].astype(
            np.float64
        )
        people.reschedule(rows)
    return int(party[here[soonest]]), int(party[here[other]])
