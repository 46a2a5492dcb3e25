"""Orders: when services, police or airlines move people, parties are drawn by lot until a quota is met.

An ordered person acts in this hour whatever the marks say; the lot is also the fraction of the hour.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents.minsk_services import FETCHED_PER_HOUR, GATHERED_PER_HOUR, by_lot
from sim.agents.scene import Scene
from sim.agents.states import State
from sim.scenario.politics import Corridor

__all__ = ["carry_out_orders", "gather_groups"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_OCCASIONS_PER_HOUR = 64
_CORRIDOR = 59
_CORRIDOR_HOURS = range(8, 18)
"""Hours of the Warsaw clock in which claims are taken at a corridor (assumed office hours)."""
_GATHER, _GATHER_FAR, _CLEAR, _HOME = 60, 61, 62, 63
_MOST_ORDERS = 28
"""Group orders in an hour; each has two occasions, for people there and for people brought."""
_CAMP_HOURS = range(7, 22)


def gather_groups(scene: Scene, moved: Ints) -> tuple[Ints, Floats, Ints, Ints, Ints, list[tuple[int, int, int]]]:
    """Draw the people of the group crossings that start in this hour, but for those `moved` by an order already.

    People at the post come first; where they are too few, people of the neighbouring stretches are brought, then, by
    bus, people of the camp (B113, B131).

    Returns
    -------
    rows, lots, group, post, people : row, lot, number of the crossing, its post and its size, for each person
    started : (post, people gathered, people asked for) of each crossing
    """
    chosen: list[tuple[Ints, Floats, int, int]] = []
    started: list[tuple[int, int, int]] = []
    willing = float(scene.scenario.services.group_willing_share)
    people = scene.people
    for number, order in enumerate(scene.services.orders_now(scene)[:_MOST_ORDERS]):
        free = people.rows_in(State.LINE, State.CAMP)
        free = free[~np.isin(free, np.concatenate([moved, *(rows for rows, *_ in chosen)]))]
        cell = people.population["cell"][free]
        state, place = people.cells.state(cell), people.cells.place(cell)
        quota = int(np.ceil(order.people * willing))
        occasion = scene.absolute_hour * _OCCASIONS_PER_HOUR + 2 * number
        at_post = place == order.post
        beside = [q for q in (scene.guards.south[order.post], scene.guards.north[order.post]) if q >= 0]
        near = (state == State.LINE) & np.isin(place, beside)
        in_camp = (state == State.CAMP) & ~at_post
        rows, lots = by_lot(scene, free[at_post], quota, occasion)
        for candidates in (near, in_camp):
            if len(rows) < quota:
                more, more_lots = by_lot(scene, free[candidates], quota - len(rows), occasion + 1)
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


def corridors_open(scene: Scene) -> list[Corridor]:
    """Return the corridors that are open today, in the order of the scenario."""
    if not scene.scenario.corridor:
        return []
    today = scene.world.calendar.date_of_day(scene.day)
    return [row for row in scene.scenario.corridor if row.since <= today <= row.until]


def _share_of_day(people: float, hour: int) -> int:
    """Return how many of a day's people are let over in one of the corridor's hours, counted from 0."""
    n_hours = len(_CORRIDOR_HOURS)
    return int(np.floor(people * (hour + 1) / n_hours)) - int(np.floor(people * hour / n_hours))


def carry_out_orders(scene: Scene, hour_of_day: int) -> Ints:
    """Fill or empty the camp and board flights home; return the rows of all who were moved, int64[n]."""
    people = scene.people
    levers = scene.levers
    occasion = scene.absolute_hour * _OCCASIONS_PER_HOUR
    moved: list[Ints] = []

    def place_of(rows: Ints) -> Ints:
        return people.cells.place(people.population["cell"][rows])

    def move(candidates: Ints, quota: int, number: int, to: State, place: int) -> int:
        rows, lots = by_lot(scene, candidates, quota, occasion + number)
        people.relocate(rows, lots, to, place, scene.hour, scene.day)
        moved.append(rows)
        return len(rows)

    services = scene.services
    camp, nowhere = services.camp_post, people.cells.nowhere
    scale = scene.scenario.agent_scale
    pace = max(1, int(GATHERED_PER_HOUR * scale))
    in_camp = int(people.ledger.counts[State.CAMP])
    target = int(levers.camp_target * scale)
    services.camp_takes_people = levers.camp_open and services.enabled and in_camp < target
    if services.enabled and hour_of_day in _CAMP_HOURS:
        if levers.camp_open:
            coming = int(np.count_nonzero(place_of(people.rows_in(State.RIDE)) == camp))
            missing = min(target - in_camp - coming, pace)
            if missing > 0:
                waiting = people.rows_in(State.LINE)
                near = np.append(services.near_camp, False)[place_of(waiting)]
                missing -= move(waiting[near], missing, _GATHER, State.CAMP, camp)
            missing = min(missing, max(1, int(FETCHED_PER_HOUR * scale)))
            if missing > 0:
                move(people.rows_in(State.MINSK), missing, _GATHER_FAR, State.RIDE, camp)
        elif in_camp > 0:
            to, place = (State.CENTRE, camp) if levers.centre_open else (State.LINE, camp)
            full = int(float(scene.scenario.services.centre_places) * scale)
            if levers.centre_open and int(people.ledger.counts[State.CENTRE]) >= full:
                to, place = State.MINSK, nowhere
            move(people.rows_in(State.CAMP), pace, _CLEAR, to, place)
    for number, corridor in enumerate(corridors_open(scene)):
        quota = _share_of_day(corridor.people_per_day * scale, hour_of_day - _CORRIDOR_HOURS.start)
        if hour_of_day in _CORRIDOR_HOURS and quota > 0:
            post = scene.world.border.post_number(corridor.post)
            waiting = people.rows_in(State.LINE, State.CAMP)
            waiting = waiting[place_of(waiting) == post]
            waiting = waiting[~np.isin(waiting, np.concatenate([*moved, np.zeros(0, dtype=np.int64)]))]
            n_heard = move(waiting, quota, _CORRIDOR - number, State.PROCEDURE, post)
            scene.tally.heard_at_corridor[scene.day] += n_heard
    if levers.home_seats > 0:
        seats = max(1, int(levers.home_seats * scale))
        levers.home_seats = 0
        move(people.rows_in(State.GOING_HOME), seats, _HOME, State.HOME, nowhere)
    return np.concatenate(moved) if moved else np.zeros(0, dtype=np.int64)
