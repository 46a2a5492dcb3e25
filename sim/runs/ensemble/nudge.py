"""The placebo's only act: one party's waiting time is drawn anew. Nothing is changed that any rule or number is about.

Waiting times have no memory, so what is left of one may be drawn again at any hour without a change of its law. Two
worlds that differ by a nudge differ by chaos alone: what then comes apart between them is the churn that any change,
however idle, would bring about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agents.states import State
from sim.core.chance import Kind, Purpose, draw, exponential

if TYPE_CHECKING:
    from sim.model import StandoffModel

__all__ = ["nudge"]

_WAITING = (State.LINE, State.CAMP, State.MINSK)


def nudge(model: StandoffModel) -> int:
    """Draw the remaining wait of one party anew, before an hour is stepped; return the party's number, −1 for none.

    The party is picked by lot among those at the line, or where nobody is there, among those in Minsk. Party and new
    wait are draws of a kind that no rule uses, at this hour: all other luck is as it was.
    """
    people = model.scene.people
    columns, state = people.population, people.state()
    lot, wait, _, _ = draw(model.seed, Kind.TEST, model.hour, Purpose.MARK, 0)[:, 0]
    for states in (_WAITING[:2], _WAITING[2:]):
        waiting = np.isin(state, states) & np.isfinite(columns["act_mark"])
        parties = np.unique(columns["party"][waiting])
        if len(parties):
            break
    else:
        return -1
    party = parties[int(lot * len(parties))]
    rows = np.flatnonzero(waiting & (columns["party"] == party))
    so_far = people.act.after[columns["cell"][rows]]  # accumulated up to the hour that is about to begin
    columns["act_mark"][rows] = so_far + exponential(wait) / columns["resolve"][rows].astype(np.float64)
    people.reschedule(rows)
    return int(party)
