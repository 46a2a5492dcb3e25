"""One attempt to cross, from choosing the spot to how it ends: detect, delay, respond (EASI) within one event.

The chain is the one of physical protection: somebody may see the party (random search), the barrier delays it, a free
unit needs time to arrive; who is first decides. All attempts of an hour are resolved together. Parties meet the units
of a post in the order of their firing fraction, so early arrivals do not always meet the free guard.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sim.agents.scene import Scene
from sim.agents.states import Outcome
from sim.core.chance import Address, Kind, Purpose, draw, draw_all
from sim.core.groups import sizes, starts

__all__ = ["Attempts", "Resolved", "resolve"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_TURNED_BACK, _PREVENTED, _CAUGHT, _SEEN_INSIDE, _UNSEEN_INSIDE = (int(outcome) for outcome in Outcome)
_N_OUTCOMES = len(Outcome)
_SEEN_FOR_SURE = np.isin(np.arange(len(Outcome)), (_CAUGHT, _SEEN_INSIDE))
"""Outcomes after which an attempt is always counted."""


@dataclass(frozen=True)
class Attempts:
    """Parties that attempt in this hour, a row a party.

    Attributes
    ----------
    party : number of the party; its draws use it
    occasion : stays begun so far by the party
    post, size : guard post, persons
    fraction : when within the hour
    group : number of the group crossing it is part of, −1 for none
    group_people : persons in that group crossing, 0 for none
    """

    party: Ints
    occasion: Ints
    post: Ints
    size: Ints
    fraction: Floats
    group: Ints
    group_people: Ints

    def __len__(self) -> int:
        return len(self.party)


@dataclass(frozen=True)
class Resolved:
    """How attempts ended, a row a party, in the order of :class:`Attempts`."""

    segment: Ints
    outcome: Ints
    counted: NDArray[np.bool_]


def response_hours(scene: Scene, post: Ints, lot: Floats, speed: Floats) -> Floats:
    """Return the time in which a unit of the post arrives, float64[n], h: half to one and a half of its mean.

    `speed` is the factor of its kind.
    """
    mean = scene.scenario.guards.response_minutes.value / 60.0 * speed
    factor = scene.world.roads.response_road_factor[post] * scene.levers.response_factor[post]
    return mean * factor * (0.5 + lot)


def group_segments(scene: Scene, group: Ints, post: Ints) -> Ints:
    """Return the segment of each group crossing, int64[n]: one spot for all its parties."""
    spot, _, _, _ = draw(scene.seed, Kind.ORDER, group + 1, Purpose.PLACE, scene.absolute_hour)
    return scene.network.choose_segment(post, spot)


def of_attempts(party: Ints, occasion: Ints) -> list[Address]:
    """Return the addresses of the two draws of parties that attempt: its chances, and its times."""
    return [(Kind.PARTY, party, Purpose.ATTEMPT, occasion), (Kind.PARTY, party, Purpose.ATTEMPT_TIMES, occasion)]


def resolve(scene: Scene, attempts: Attempts, lots: tuple[Floats, Floats] | None = None) -> Resolved:
    """Return how the attempts of this hour end; units are tied up, barriers worn, books kept.

    The `lots` of the parties' two draws, float64[4, n] each, are drawn unless given.
    """
    barriers, guards = scene.world.barriers, scene.guards
    section, layers, services = scene.scenario.guards, scene.scenario.barriers, scene.scenario.services
    in_group = attempts.group >= 0
    groups = in_group.nonzero()[0]
    if lots is None:
        chances, times = draw_all(scene.seed, of_attempts(attempts.party, attempts.occasion))
    else:
        chances, times = lots
    spot, see_first, see_second, delay_lot = chances
    when_first, when_second, response_lot, count_lot = times
    segment = scene.network.choose_segment(attempts.post, spot)
    if len(groups):
        segment[groups] = group_segments(scene, attempts.group[groups], attempts.post[groups])

    # Delay: what the barrier costs, eased by help in a group; who has no patience turns back.
    patience = layers.patience_hours.value
    delay = barriers.delay_hours[segment] * (0.5 + delay_lot)
    gives_in = delay > patience
    held = np.minimum(delay, patience)
    if len(groups):
        gives_in[groups] = False
        held[groups] = delay[groups] * services.assist_factor.value
    delay = held
    at_barrier = section.approach_hours.value + delay
    strip = section.strip_hours.value

    # Detection: at the line, then in the strip behind it; a gathered group is always seen, and early.
    rate = guards.detections_per_hour(scene, segment, attempts.size)
    seen_first = see_first < 1.0 - np.exp(-rate * at_barrier)
    left_before_over = at_barrier * (1.0 - when_first)
    if len(groups):
        seen_first[groups] |= guards.enabled
        left_before_over[groups] = at_barrier[groups] + services.group_warning_hours.value
    seen_second = ~seen_first & ~gives_in & (see_second < 1.0 - np.exp(-rate * strip))
    left_inside = np.where(seen_first, left_before_over + strip, strip * (1.0 - when_second))

    # Response: units by rank at the post, then the neighbours'; the last to arrive decides.
    seen = seen_first | seen_second
    arrival = _respond(scene, attempts, seen, in_group, response_lot)

    stopped_first = seen_first & (arrival <= left_before_over)
    caught = seen & ~stopped_first & ~gives_in & (arrival <= left_inside)
    outcome = np.where(seen, _SEEN_INSIDE, _UNSEEN_INSIDE)
    outcome[caught] = _CAUGHT
    outcome[gives_in] = _TURNED_BACK
    outcome[stopped_first] = _PREVENTED

    observation = scene.scenario.observation
    noticed = count_lot < observation.prevented_recorded_share.value
    if len(groups):
        noticed[groups] = count_lot[groups] < observation.group_recorded_share.value
    counted_prevented = stopped_first & noticed
    counted = _SEEN_FOR_SURE[outcome] | counted_prevented

    _wear(scene, attempts, segment, outcome, groups)
    tally, size = scene.tally, attempts.size.astype(np.int32)
    attempted = tally.attempts[scene.day].reshape(-1)
    np.add.at(attempted, segment * _N_OUTCOMES + outcome, size)
    if len(groups):
        np.add.at(tally.group_attempts[scene.day], segment[groups], size[groups])
    np.add.at(tally.counted[scene.day], attempts.post[counted], size[counted])
    np.add.at(tally.counted_prevented[scene.day], attempts.post[counted_prevented], size[counted_prevented])
    return Resolved(segment, outcome, counted)


def _respond(
    scene: Scene, attempts: Attempts, seen: NDArray[np.bool_], in_group: NDArray[np.bool_], lot: Floats
) -> Floats:
    """Return when the last unit needed arrives, h after detection; infinite where units did not suffice.

    A party claims units for its size; a group crossing claims once, for all its people. Units hold back a group's
    parties in the order of their fractions, as far as they reach: the post's own first, then the neighbours'.
    """
    guards, section = scene.guards, scene.scenario.guards
    arrival = np.empty(len(attempts))
    arrival.fill(np.inf)
    alone = (seen & ~in_group).nonzero()[0]
    grouped = (seen & in_group).nonzero()[0]
    if not len(alone) and not len(grouped):
        return arrival
    per_unit, per_unit_in_group = section.persons_per_claim.value, section.persons_per_claim_in_group.value
    claims = alone
    demand = np.ceil(attempts.size[alone] / per_unit).astype(np.int64)
    if len(grouped):
        grouped = grouped[np.lexsort((attempts.party[grouped], attempts.fraction[grouped], attempts.group[grouped]))]
        first = starts(attempts.group[grouped])
        n_parties = sizes(first, len(grouped))
        size = attempts.size[grouped]
        ahead = size.cumsum() - size
        through = (ahead - np.repeat(ahead[first], n_parties)) + size
        people = np.add.reduceat(size, first)
        claims = np.concatenate((alone, grouped[first]))
        demand = np.concatenate((demand, np.ceil(people / per_unit_in_group).astype(np.int64)))
    post = attempts.post[claims]
    order = np.lexsort((attempts.party[claims], attempts.fraction[claims], post))
    granted = np.empty((4, len(claims)), dtype=np.int64)
    for row, units in zip(granted, guards.claim(post[order], demand[order]), strict=True):
        row[order] = units
    guards.tie_up(scene)

    n_alone = len(alone)
    arrival[alone] = _last_to_arrive(scene, post[:n_alone], lot[alone], granted[:, :n_alone], demand[:n_alone])
    if len(grouped):
        units = np.repeat(granted[:, n_alone:], n_parties, axis=1)
        needed = np.ceil(through / per_unit_in_group).astype(np.int64)
        arrival[grouped] = _last_to_arrive(scene, attempts.post[grouped], lot[grouped], units, needed)
    return arrival


def _last_to_arrive(scene: Scene, post: Ints, lot: Floats, units: Ints, needed: Ints) -> Floats:
    """Return when the last of the units needed arrives, float64[n], h; own units come before the neighbours'.

    `units`: int64[4, n], granted by the own, southern and northern post, and own units that went to earlier claims.
    """
    guards = scene.guards
    own, south, north, before = units
    own_hours = response_hours(scene, post, lot, guards.speed(post, before + np.minimum(own, needed), own))
    if not np.count_nonzero(own < needed):  # as mostly: nobody waits for neighbours
        return own_hours
    arrival = own_hours
    for others_needed, neighbour in (
        ((own < needed) & (south > 0), guards.south),
        ((own + south < needed) & (north > 0), guards.north),
    ):
        some = others_needed.nonzero()[0]
        if len(some):
            further = own_hours[some] + guards.travel_hours[post[some], neighbour[post[some]]]
            arrival = arrival.copy()
            arrival[some] = np.maximum(arrival[some], further)
    return np.where((own + south) + north >= needed, arrival, np.inf)


def _wear(scene: Scene, attempts: Attempts, segment: Ints, outcome: Ints, grouped: Ints) -> None:
    """Wear the barrier where parties got over, and damage it where a group crossing was helped.

    `grouped` are the positions of parties in group crossings.
    """
    barriers = scene.world.barriers
    scale = scene.scenario.agent_scale
    got_over = outcome >= _CAUGHT
    got_over[grouped] = False
    over = got_over.nonzero()[0]
    if len(over):
        order = over[attempts.party[over].argsort(kind="stable")]
        barriers.wear(segment[order], _loss_of_crossing(scene.scenario.barriers.wear_per_crossing.value, scale))
    if len(grouped):
        _, first = np.unique(attempts.group[grouped], return_index=True)
        for row in grouped[first]:
            loss = scene.scenario.services.group_damage.value * (attempts.group_people[row] / scale) / 100.0
            barriers.wear(segment[row : row + 1], min(1.0, loss))


@cache
def _loss_of_crossing(wear: float, scale: float) -> float:
    """Return the share of a barrier that a party takes by getting over: it stands for 1 / scale of them."""
    return float(1.0 - np.exp(np.log(np.float64(1.0) - wear) / scale))
