"""Orders: when services, police or airlines move people, parties are drawn by lot until a quota is met.

An ordered person acts in this hour whatever the marks say; the lot is also the fraction of the hour.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents.minsk_services import FETCHED_PER_HOUR, GATHERED_PER_HOUR, by_lot
from sim.agents.scene import Scene
from sim.agents.states import State

__all__ = ["carry_out_orders", "gather_groups"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_OCCASIONS_PER_HOUR = 64
_GATHER, _GATHER_FAR, _CLEAR, _HOME = 60, 61, 62, 63
_MOST_ORDERS = 28
"""Group orders in an hour; each has two occasions, for people there and for people brought."""
_CAMP_HOURS = range(7, 22)


def gather_groups(scene: Scene, moved: Ints) -> tuple[Ints, Floats, Ints, Ints, Ints, list[tuple[int, int, int]]]:
    """Draw the people of the group crossings that start in this hour, but for those `moved` by an order already.

    People at the post come first; where they are too few, people of the neighbouring stretches are brought.

    Returns
    -------
    rows, lots, group, post, people : row, lot, number of the crossing, its post and its size, for each person
    started : (post, people gathered, people asked for) of each crossing
    """
    chosen: list[tuple[Ints, Floats, int, int]] = []
    started: list[tuple[int, int, int]] = []
    willing = float(scene.scenario.services.group_willing_share)
    people = scene.people
    cell = people.population["cell"]
    for number, order in enumerate(scene.services.orders_now(scene)[:_MOST_ORDERS]):
        state, place = people.cells.state(cell), people.cells.place(cell)
        free = (state == State.LINE) | (state == State.CAMP)
        free[moved] = False
        for rows, *_ in chosen:
            free[rows] = False
        quota = int(np.ceil(order.people * willing))
        occasion = scene.absolute_hour * _OCCASIONS_PER_HOUR + 2 * number
        here = np.flatnonzero(free & (place == order.post))
        rows, lots = by_lot(scene, here, quota, occasion)
        if len(rows) < quota:
            beside = [q for q in (scene.guards.south[order.post], scene.guards.north[order.post]) if q >= 0]
            near = np.flatnonzero(free & (state == State.LINE) & np.isin(place, beside))
            more, more_lots = by_lot(scene, near, quota - len(rows), occasion + 1)
            rows, lots = np.concatenate((rows, more)), np.concatenate((lots, more_lots))
        started.append((order.post, len(rows), order.people))
        chosen.append((rows, lots, number, order.post))
    filled = [entry for entry in chosen if len(entry[0])]
    if not filled:
        none = np.zeros(0, dtype=np.int64)
        return none, np.zeros(0), none, none, none, started
    size = [len(rows) for rows, *_ in filled]
    return (
        np.concatenate([rows for rows, *_ in filled]),
        np.concatenate([lots for _, lots, _, _ in filled]),
        np.repeat([number for _, _, number, _ in filled], size),
        np.repeat([post for *_, post in filled], size),
        np.repeat(size, size),
        started,
    )


def carry_out_orders(scene: Scene, hour_of_day: int) -> Ints:
    """Fill or empty the camp and board flights home; return the rows of all who were moved, int64[n]."""
    people = scene.people
    levers = scene.levers
    cell = people.population["cell"]
    state = people.cells.state(cell)
    occasion = scene.absolute_hour * _OCCASIONS_PER_HOUR
    moved: list[Ints] = []

    def move(candidates: Ints, quota: int, number: int, to: State, place: int) -> int:
        rows, lots = by_lot(scene, candidates, quota, occasion + number)
        people.relocate(rows, lots, to, place, scene.hour, scene.day)
        moved.append(rows)
        return len(rows)

    services = scene.services
    camp, nowhere = services.camp_post, people.cells.nowhere
    scale = float(scene.scenario.migrants.people_scale)
    pace = max(1, int(GATHERED_PER_HOUR * scale))
    in_camp = int(np.count_nonzero(state == State.CAMP))
    target = int(levers.camp_target * scale)
    services.camp_takes_people = levers.camp_open and services.enabled and in_camp < target
    if services.enabled and hour_of_day in _CAMP_HOURS:
        if levers.camp_open:
            place = people.cells.place(cell)
            coming = int(np.count_nonzero((state == State.RIDE) & (place == camp)))
            missing = min(target - in_camp - coming, pace)
            if missing > 0:
                near = np.append(services.near_camp, False)[place]
                missing -= move(np.flatnonzero((state == State.LINE) & near), missing, _GATHER, State.CAMP, camp)
            missing = min(missing, max(1, int(FETCHED_PER_HOUR * scale)))
            if missing > 0:
                move(np.flatnonzero(state == State.MINSK), missing, _GATHER_FAR, State.RIDE, camp)
        elif in_camp > 0:
            to = State.CENTRE if levers.centre_open else State.LINE
            move(np.flatnonzero(state == State.CAMP), pace, _CLEAR, to, camp)
    if levers.home_seats > 0:
        seats = max(1, int(levers.home_seats * scale))
        levers.home_seats = 0
        move(np.flatnonzero(state == State.GOING_HOME), seats, _HOME, State.HOME, nowhere)
    return np.concatenate(moved) if moved else np.zeros(0, dtype=np.int64)
