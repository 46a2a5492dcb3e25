"""One attempt to cross, from choosing the spot to how it ends: detect, delay, respond (EASI) within one event.

The chain is the one of physical protection: somebody may see the party (random search), the barrier delays it, a free
unit needs time to arrive; who is first decides. All attempts of an hour are resolved together. Parties meet the units
of a post in the order of their firing fraction, so early arrivals do not always meet the free guard.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.agents.scene import Scene
from sim.agents.states import Outcome
from sim.core.chance import Kind, Purpose, draw, draw_all

__all__ = ["Attempts", "Resolved", "resolve"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


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


def response_hours(scene: Scene, post: Ints, lot: Floats) -> Floats:
    """Return the time in which a unit of the post arrives, float64[n], h: half to one and a half of its mean."""
    mean = float(scene.scenario.guards.response_minutes) / 60.0
    factor = scene.world.roads.response_road_factor[post] * scene.levers.response_factor[post]
    return mean * factor * (0.5 + lot)


def group_segments(scene: Scene, group: Ints, post: Ints) -> Ints:
    """Return the segment of each group crossing, int64[n]: one spot for all its parties."""
    spot, _, _, _ = draw(scene.seed, Kind.ORDER, group + 1, Purpose.PLACE, scene.absolute_hour)
    return scene.network.choose_segment(post, spot)


def resolve(scene: Scene, attempts: Attempts) -> Resolved:
    """Return how the attempts of this hour end; units are tied up, barriers worn, books kept."""
    barriers, guards = scene.world.barriers, scene.guards
    section, layers, services = scene.scenario.guards, scene.scenario.barriers, scene.scenario.services
    in_group = attempts.group >= 0
    chances, times = draw_all(
        scene.seed,
        [
            (Kind.PARTY, attempts.party, Purpose.ATTEMPT, attempts.occasion),
            (Kind.PARTY, attempts.party, Purpose.ATTEMPT_TIMES, attempts.occasion),
        ],
    )
    spot, see_first, see_second, delay_lot = chances
    when_first, when_second, response_lot, count_lot = times
    segment = scene.network.choose_segment(attempts.post, spot)
    if in_group.any():
        segment[in_group] = group_segments(scene, attempts.group[in_group], attempts.post[in_group])

    # Delay: what the barrier costs, eased by help in a group; who has no patience turns back.
    patience = float(layers.patience_hours)
    delay = barriers.delay_hours[segment] * (0.5 + delay_lot)
    delay = np.where(in_group, delay * float(services.assist_factor), delay)
    gives_in = ~in_group & (delay > patience)
    delay = np.minimum(delay, np.where(in_group, np.inf, patience))
    at_barrier = float(section.approach_hours) + delay
    strip = float(section.strip_hours)

    # Detection: at the line, then in the strip behind it; a gathered group is always seen, and early.
    rate = guards.detections_per_hour(scene, segment, attempts.size)
    seen_first = in_group & guards.enabled | (see_first < 1.0 - np.exp(-rate * at_barrier))
    seen_second = ~seen_first & ~gives_in & (see_second < 1.0 - np.exp(-rate * strip))
    warning = np.where(in_group, float(services.group_warning_hours), 0.0)
    left_before_over = np.where(in_group, at_barrier + warning, at_barrier * (1.0 - when_first))
    left_inside = np.where(seen_first, left_before_over + strip, strip * (1.0 - when_second))

    # Response: units by rank at the post, then the neighbours'; the last to arrive decides.
    seen = seen_first | seen_second
    per_unit = np.where(in_group, float(section.persons_per_claim_in_group), float(section.persons_per_claim))
    demand = np.ceil(attempts.size / per_unit).astype(np.int64)
    arrival, served = _respond(scene, attempts, seen, demand, response_hours(scene, attempts.post, response_lot))

    stopped_first = seen_first & served & (arrival <= left_before_over)
    caught = seen & served & ~stopped_first & ~gives_in & (arrival <= left_inside)
    outcome = np.where(seen, int(Outcome.SEEN_INSIDE), int(Outcome.UNSEEN_INSIDE))
    outcome = np.where(caught, int(Outcome.CAUGHT), outcome)
    outcome = np.where(gives_in, int(Outcome.TURNED_BACK), outcome)
    outcome = np.where(stopped_first, int(Outcome.PREVENTED), outcome)

    observation = scene.scenario.observation
    share = np.where(in_group, float(observation.group_recorded_share), float(observation.prevented_recorded_share))
    counted = (outcome == Outcome.CAUGHT) | (outcome == Outcome.SEEN_INSIDE)
    counted = counted | ((outcome == Outcome.PREVENTED) & (count_lot < share))

    _wear(scene, attempts, segment, outcome)
    np.add.at(scene.tally.attempts[scene.day], (segment, outcome), attempts.size)
    np.add.at(scene.tally.group_attempts[scene.day], segment[in_group], attempts.size[in_group])
    np.add.at(scene.tally.counted[scene.day], attempts.post[counted], attempts.size[counted])
    return Resolved(segment, outcome, counted)


def _respond(
    scene: Scene, attempts: Attempts, seen: NDArray[np.bool_], demand: Ints, own_hours: Floats
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return when the last unit needed arrives (h after detection) and whether the demand was met."""
    guards = scene.guards
    arrival = np.zeros(len(attempts))
    served = np.zeros(len(attempts), dtype=bool)
    claims = np.flatnonzero(seen)
    if not len(claims):
        return arrival, served
    order = np.lexsort((attempts.party[claims], attempts.fraction[claims], attempts.post[claims]))
    claims = claims[order]
    post = attempts.post[claims]
    own, south, north = guards.claim(post, demand[claims])
    travel = own_hours[claims].copy()
    for got, neighbour in ((south, guards.south), (north, guards.north)):
        there = neighbour[post]
        further = own_hours[claims] + guards.travel_hours[post, np.maximum(there, 0)]
        travel = np.where(got > 0, np.maximum(travel, further), travel)
    arrival[claims] = travel
    served[claims] = own + south + north >= demand[claims]
    guards.tie_up(scene.hour)
    return arrival, served


def _wear(scene: Scene, attempts: Attempts, segment: Ints, outcome: Ints) -> None:
    """Wear the barrier where parties got over, and damage it where a group crossing was helped."""
    barriers = scene.world.barriers
    over = np.flatnonzero((outcome >= Outcome.CAUGHT) & (attempts.group < 0))
    if len(over):
        order = over[np.argsort(attempts.party[over], kind="stable")]
        barriers.wear(segment[order], float(scene.scenario.barriers.wear_per_crossing))
    grouped = np.flatnonzero(attempts.group >= 0)
    if len(grouped):
        _, first = np.unique(attempts.group[grouped], return_index=True)
        for row in grouped[first]:
            loss = float(scene.scenario.services.group_damage) * attempts.group_people[row] / 100.0
            barriers.wear(segment[row : row + 1], min(1.0, loss))
