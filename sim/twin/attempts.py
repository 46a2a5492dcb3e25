"""One attempt: where, how long the barrier holds, who sees it, who comes in time, and what is left (rules 6.12)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from sim.agents.states import Outcome
from sim.core.chance import Kind as Entity
from sim.core.chance import Purpose
from sim.twin.guards import Claim
from sim.twin.luck import lanes, whole_up
from sim.twin.units import UnitKind

if TYPE_CHECKING:
    from sim.twin.luck import Lanes
    from sim.twin.model import TwinModel
    from sim.twin.orders import Group
    from sim.twin.parties import Part

__all__ = ["Attempt", "Attempts"]


@dataclass
class Attempt:
    """One part of a party that tries to get over, alone or in a group crossing, as it comes to be known."""

    members: Part
    post: int
    fraction: np.float64
    group: Group | None
    spot: Lanes
    times: Lanes
    segment: int = -1
    at_barrier: np.float64 = field(default_factory=lambda: np.float64(0.0))
    gives_in: bool = False
    seen_at_line: bool = False
    seen_in_strip: bool = False
    claim: Claim | None = None
    n_needed: int = 0
    outcome: Outcome = Outcome.UNSEEN_INSIDE
    is_counted: bool = False

    @property
    def party(self) -> int:
        """Number of the part that tries."""
        return self.members[0].party

    @property
    def size(self) -> int:
        """Persons who try."""
        return len(self.members)

    @property
    def is_seen(self) -> bool:
        """Whether patrols have seen it."""
        return self.seen_at_line or self.seen_in_strip


class Attempts:
    """All attempts of an hour, from the choice of a spot to the books."""

    def __init__(self, twin: TwinModel) -> None:
        self.twin = twin

    def make(self, alone: Iterable[tuple[Part, np.float64]], groups: Iterable[Group]) -> list[Attempt]:
        """Return the attempts of the hour, decided and entered: of parties alone at their moments, and of groups."""
        attempts = [self._attempt(members, members[0].place, moment, None) for members, moment in alone]
        for group in groups:
            attempts += [self._attempt(drawn.members, group.post, drawn.fraction, group) for drawn in group.parts]
        for attempt in attempts:
            self._approach(attempt)
            self._be_seen(attempt)
        self._claim(attempts)
        for attempt in attempts:
            self._decide(attempt)
        self._wear(attempts, groups)
        for attempt in attempts:
            self._enter(attempt)
        return attempts

    def _attempt(self, members: Part, post: int, fraction: np.float64, group: Group | None) -> Attempt:
        one = members[0]
        spot, times = one.party_luck(Purpose.ATTEMPT), one.party_luck(Purpose.ATTEMPT_TIMES)
        return Attempt(members, post, fraction, group, spot, times)

    # --- at the line --------------------------------------------------------------------------------------------------

    def _approach(self, attempt: Attempt) -> None:
        """Choose the spot and see how long the barrier holds, or whether the party gives in."""
        twin, scenario = self.twin, self.twin.scenario
        uniform = attempt.spot[0]
        if attempt.group is not None:
            number = attempt.group.number + 1
            uniform = lanes(twin.seed, Entity.ORDER, number, Purpose.PLACE, twin.absolute_hour)[0]
        attempt.segment = twin.network.segment_within(attempt.post, uniform)
        delay = twin.world.barriers.delay_hours[attempt.segment] * (0.5 + attempt.spot[3])
        if attempt.group is not None:
            delay = delay * float(scenario.services.assist_factor)
        elif delay > float(scenario.barriers.patience_hours):
            attempt.gives_in = True
            delay = np.float64(float(scenario.barriers.patience_hours))
        attempt.at_barrier = float(scenario.guards.approach_hours) + delay

    def _be_seen(self, attempt: Attempt) -> None:
        """See whether patrols detect it at the line or in the strip behind."""
        rate = self.twin.guards.detection_rate(attempt.post, attempt.segment, attempt.size)
        strip = float(self.twin.scenario.guards.strip_hours)
        is_announced = attempt.group is not None and self.twin.guards.is_on
        attempt.seen_at_line = is_announced or bool(attempt.spot[1] < 1.0 - np.exp(-rate * attempt.at_barrier))
        if not attempt.seen_at_line and not attempt.gives_in:
            attempt.seen_in_strip = bool(attempt.spot[2] < 1.0 - np.exp(-rate * strip))

    # --- who comes ----------------------------------------------------------------------------------------------------

    def _claim(self, attempts: list[Attempt]) -> None:
        """Call units: a party alone for itself, a group once, by its first party."""
        settings = self.twin.scenario.guards
        claims: dict[int, Claim] = {}
        through: dict[int, int] = {}
        for attempt in sorted(attempts, key=lambda one: (one.fraction, one.party)):
            if not attempt.is_seen:
                continue
            if attempt.group is None:
                attempt.n_needed = whole_up(attempt.size / float(settings.persons_per_claim))
                attempt.claim = Claim(attempt.post, attempt.fraction, attempt.party, attempt.n_needed)
                claims[-1 - attempt.party] = attempt.claim
                continue
            number, per_unit = attempt.group.number, float(settings.persons_per_claim_in_group)
            if number not in claims:
                wanted = whole_up(attempt.group.n_persons / per_unit)
                claims[number] = Claim(attempt.post, attempt.fraction, attempt.party, wanted)
            attempt.claim = claims[number]
            through[number] = through.get(number, 0) + attempt.size
            attempt.n_needed = whole_up(through[number] / per_unit)
        self.twin.guards.answer(claims.values())

    def _arrival(self, attempt: Attempt) -> float:
        """Return after how many hours the units that are needed have come; infinity where they never all come."""
        twin, claim, needed = self.twin, attempt.claim, attempt.n_needed
        if claim is None:
            return np.inf
        post = attempt.post
        minutes = float(twin.scenario.guards.response_minutes)
        factor = twin.world.roads.response_road_factor[post] * twin.levers.response_factor[post]
        own = ((minutes / 60.0) * self._speed(post, claim, needed)) * factor * (0.5 + attempt.times[2])
        south, north = twin.guards.neighbours(post)
        arrival = own
        if claim.own < needed and claim.southern > 0 and south is not None:
            arrival = max(arrival, own + self._drive_hours(post, south))
        if claim.own + claim.southern < needed and claim.northern > 0 and north is not None:
            arrival = max(arrival, own + self._drive_hours(post, north))
        if claim.own + claim.southern + claim.northern < needed:
            return np.inf
        return float(arrival)

    def _speed(self, post: int, claim: Claim, needed: int) -> float:
        """Return by what factor the last own unit that is needed takes longer than a quick-reaction force."""
        guards, settings = self.twin.guards, self.twin.scenario.guards
        last = claim.before + min(claim.own, needed)
        vehicles, quick = guards.n_free_of(post, UnitKind.VEHICLE), guards.n_free_of(post, UnitKind.QUICK_REACTION)
        if claim.own == 0 or last <= vehicles:
            return float(settings.vehicle_response_factor)
        if last <= vehicles + quick:
            return 1.0
        return float(settings.foot_response_factor)

    def _drive_hours(self, post: int, neighbour: int) -> np.float64:
        """Return how long units of a neighbouring post are on the way, h."""
        distance = self.twin.world.border.post_distance_km[post, neighbour]
        hours: np.float64 = distance / float(self.twin.scenario.guards.neighbour_speed_kmh)
        return hours

    # --- the end of it ------------------------------------------------------------------------------------------------

    def _decide(self, attempt: Attempt) -> None:
        """Decide how the attempt ends and whether it is counted."""
        scenario, strip = self.twin.scenario, float(self.twin.scenario.guards.strip_hours)
        arrival = self._arrival(attempt)
        if attempt.group is not None:
            before = attempt.at_barrier + float(scenario.services.group_warning_hours)
        else:
            before = attempt.at_barrier * (1.0 - attempt.times[0])
        in_all = before + strip if attempt.seen_at_line else strip * (1.0 - attempt.times[1])
        if attempt.seen_at_line and arrival <= before:
            attempt.outcome = Outcome.PREVENTED
        elif attempt.gives_in:
            attempt.outcome = Outcome.TURNED_BACK
        elif attempt.is_seen and arrival <= in_all:
            attempt.outcome = Outcome.CAUGHT
        elif attempt.is_seen:
            attempt.outcome = Outcome.SEEN_INSIDE
        observation = scenario.observation
        in_group = attempt.group is not None
        share = observation.group_recorded_share if in_group else observation.prevented_recorded_share
        attempt.is_counted = attempt.outcome in {Outcome.CAUGHT, Outcome.SEEN_INSIDE} or (
            attempt.outcome is Outcome.PREVENTED and bool(attempt.times[3] < float(share))
        )

    def _wear(self, attempts: list[Attempt], groups: Iterable[Group]) -> None:
        """Let barriers suffer: from each party alone that got over, then from each group."""
        twin, scenario = self.twin, self.twin.scenario
        per_crossing = float(scenario.barriers.wear_per_crossing)
        loss = 1.0 - np.exp(np.log(1.0 - per_crossing) / twin.scale)
        for attempt in sorted(attempts, key=lambda one: one.party):
            if attempt.group is None and attempt.outcome >= Outcome.CAUGHT:
                twin.world.barriers.damage(attempt.segment, float(loss))
        for group in groups:
            segment = next(attempt.segment for attempt in attempts if attempt.group is group)
            damage = float(scenario.services.group_damage)
            twin.world.barriers.damage(segment, min(1.0, damage * (group.n_persons / twin.scale) / 100.0))

    def _enter(self, attempt: Attempt) -> None:
        """Enter the attempt in the books."""
        tally, day = self.twin.tally, self.twin.day
        tally.attempts[day, attempt.segment, attempt.outcome] += attempt.size
        if attempt.group is not None:
            tally.group_attempts[day, attempt.segment] += attempt.size
        if attempt.is_counted:
            tally.counted[day, attempt.post] += attempt.size
            if attempt.outcome is Outcome.PREVENTED:
                tally.counted_prevented[day, attempt.post] += attempt.size
        for member in attempt.members:
            member.attempts += 1
            member.counted = attempt.is_counted
