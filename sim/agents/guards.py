"""Patrols on the EU side: how many stand where, what they see, who is free to respond, who is busy.

Units are arrays: number, kind, post, shift, busy until. Strength by date comes from the scenario, scaled like people.
At each midnight headquarters posts them anew: most by the length of the line, a mobile share to where attempts were;
and each post shifts a share of its watch to where, within its stretch, people were seen.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents.rosters import FOOT, QUICK, SERVICES, VEHICLE, apportion, kinds_of_units, strength_by_day
from sim.agents.scene import Scene
from sim.agents.states import SEATS, Outcome
from sim.agents.tally import UNIT_KINDS
from sim.core.groups import sizes, starts
from sim.core.ledger import Ledger
from sim.world.border import COUNTRIES, TERRAINS

__all__ = ["Guards"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_SHIFTS = 3
_SHIFT_HOURS = 8
_FIRST_SHIFT_CLOCK = 6
_N_KINDS = len(UNIT_KINDS)
_REFERENCE_PERSONS_PER_KM = 6.0
"""2,500 guards on 418 km: the density at which `found_inland_hours` is stated."""


class Guards:
    """All patrol units of the three countries.

    Vehicle and foot patrols watch, a quick-reaction force waits. A post sends vehicles first, then the quick-reaction
    force, then those on foot, and the last that is needed decides when a party is met.

    Attributes
    ----------
    service, kind : uint8[n_units], number in SERVICES; vehicle patrol, quick-reaction force or foot patrol, for good
    number_in_block : int32[n_units], number among the units of the same country and service
    post : int16[n_units], guard post of today; −1 for units that are not there today
    busy_until : int32[n_units], hour from which a unit is free again
    focus : float64[n_segments], a segment's share of its post's watch against an even one; the mean of a post is 1
    n_watching : float64[n_posts], effective watching units of this hour
    tired : float64[n_posts], share of its units' time that stops have lately taken, fading over days
    free_units : int64[n_posts], units on duty and not busy in this hour
    n_free : int64[n_posts], of these, units that no drill draws and no crew keeps by it, and that may respond
    found_factor : float64[n_posts], how much sooner than at 2,500 guards people inside are found
    clear_share : float64[n_posts], chance today that no unit on duty is in sight of people at the line
    """

    def __init__(self, scene: Scene) -> None:
        section = scene.scenario.guards
        border = scene.world.border
        posts = border.posts
        self.enabled = section.enabled
        self.section = section
        self.n_posts = len(posts)
        self.country = posts.country.astype(np.int64)
        self.length_km = posts.length_km
        self.strength = (
            strength_by_day(scene.scenario, scene.world.calendar)
            if section.enabled
            else np.zeros((scene.world.calendar.n_days, len(COUNTRIES), len(SERVICES)))
        )
        self.units_per_person = (
            float(section.available_share) / float(section.persons_per_unit) * scene.scenario.agent_scale
        )
        self.weight_other = float(section.army_weight)
        self.power = float(section.diminishing_power)
        scale = scene.scenario.agent_scale
        self.reference = (float(section.reference_units_per_km) * scale) * self.length_km
        self.handling_hours = int(float(section.handling_hours))
        self.keep = np.exp(-np.log(np.float64(2.0)) / float(section.memory_days))
        self.memory = np.zeros(self.n_posts)
        room = float(scene.scenario.governments.reinforce_most) * section.enabled
        most = (self.strength.max(axis=0) + room).ravel()
        self.capacity = (most * self.units_per_person).astype(np.int64)
        self.number_in_block = np.concatenate([np.arange(n, dtype=np.int32) for n in self.capacity])
        self.service = np.repeat(np.tile(np.arange(len(SERVICES), dtype=np.uint8), len(COUNTRIES)), self.capacity)
        self.kind = kinds_of_units(section, self.service, self.number_in_block)
        self._class = np.where(self.service == 0, np.uint8(0), np.uint8(_N_KINDS)) + self.kind
        self.vehicle_watch = float(section.vehicle_watch)
        self.post = np.full(len(self.service), -1, dtype=np.int16)
        self.busy_until = np.zeros(len(self.service), dtype=np.int32)
        self.roster = np.zeros(self.n_posts, dtype=np.int64)
        self.found_factor = np.zeros(self.n_posts)
        self.clear_share = np.ones(self.n_posts)
        self._in_sight_km = 2.0 * float(section.seen_from_km)
        self._roster_km = (_SHIFTS * self.length_km) * scale
        self.n_watching = np.zeros(self.n_posts)
        self.tired = np.zeros(self.n_posts)
        self.fatigue = float(section.fatigue)
        self.rested = np.exp(-np.log(np.float64(2.0)) / float(section.fatigue_hours))
        self.n_free = np.zeros(self.n_posts, dtype=np.int64)
        self.free_units = np.zeros(self.n_posts, dtype=np.int64)
        self._duty = np.zeros(0, dtype=np.int64)  # by post, by kind as they are sent, by number
        self._address = np.zeros(0, dtype=np.int64)
        self._free = np.zeros(0, dtype=np.int64)
        self._n_duty = np.zeros(self.n_posts, dtype=np.int64)
        self._n_duty_by_kind = np.zeros(_N_KINDS, dtype=np.int64)
        self._sent_first = np.zeros((2, self.n_posts), dtype=np.int64)
        self._shift = -1
        country = self.country
        south = np.arange(self.n_posts) - 1
        self.south = np.where((south >= 0) & (country[south] == country), south, -1)
        north = np.minimum(np.arange(self.n_posts) + 1, self.n_posts - 1)
        self.north = np.where((north > np.arange(self.n_posts)) & (country[north] == country), north, -1)
        self.travel_hours = border.post_distance_km / float(section.neighbour_speed_kmh)
        self._scale = 1.0 / scale
        # how much wider a party is seen, by its size; nobody asks for a party of none
        self._by_size = np.exp(float(section.party_size_power) * np.log(np.maximum(np.arange(SEATS + 1.0), 1.0)))
        self._speed_kmh = float(section.patrol_speed_kmh)
        self._area_km2 = self.length_km * float(section.watch_depth_km)
        self._sweep = self._sweep_widths(border.segments.terrain)
        self.post_of_segment = border.segments.post.astype(np.int64)
        self._n_segments = np.bincount(self.post_of_segment, minlength=self.n_posts).astype(np.float64)
        self._prior = float(section.focus_prior_persons) * scene.scenario.agent_scale
        self.seen = np.zeros(len(border.segments))
        self.focus = np.ones(len(border.segments))
        self.response_factors = np.array(
            [float(section.vehicle_response_factor), 1.0, float(section.foot_response_factor)]
        )

    def _sweep_widths(self, terrain: NDArray[np.uint8]) -> tuple[Floats, Floats]:
        """Return sweep widths in km by day and in full darkness, each float64[n_segments]."""
        section = self.section
        hidden = np.isin(terrain, [TERRAINS.index("forest"), TERRAINS.index("wetland")])
        share = float(section.thermal_share)
        open_night = float(section.sweep_open_night_m) * (1.0 - share) + float(section.thermal_open_m) * share
        forest_night = float(section.sweep_forest_night_m) * (1.0 - share) + float(section.thermal_forest_m) * share
        day = np.where(hidden, float(section.sweep_forest_day_m), float(section.sweep_open_day_m))
        night = np.where(hidden, forest_night, open_night)
        return day / 1000.0, night / 1000.0

    def persons(self, scene: Scene) -> Floats:
        """Return persons at the line today, float64[n_countries, n_services], with what governments added."""
        persons: Floats = self.strength[scene.day].copy()
        if self.enabled:
            persons[:, SERVICES.index("army")] += scene.levers.extra_persons
        return persons

    def armed_share(self, scene: Scene) -> Floats:
        """Return soldiers at each country's line today against the most that the scenario has there, float64[3]."""
        most = np.zeros(len(COUNTRIES))  # of all dated levels, so that the past does not depend on when the run ends
        for row in scene.scenario.force:
            if row.service == "army":
                country = COUNTRIES.index(row.country)
                most[country] = max(most[country], row.persons)
        today = self.persons(scene)[:, SERVICES.index("army")]
        share: Floats = np.divide(today, most, out=np.zeros_like(today), where=most > 0.0)
        return share

    def start_day(self, scene: Scene) -> None:
        """Post all units anew at midnight, by length of line and yesterday's attempts; shift the watch within posts."""
        self._shift_watch(scene)
        if scene.day > 0:
            self.memory = self.memory * self.keep + scene.tally.counted[scene.day - 1]
        persons = self.persons(scene)
        self.post[:] = -1
        start = 0
        for country in range(len(COUNTRIES)):
            at_home = np.where(self.country == country, self.length_km, 0.0)
            wanted = np.where(self.country == country, self.memory + 0.001 * self.length_km, 0.0)
            for service in range(len(SERVICES)):
                capacity = int(self.capacity[country * len(SERVICES) + service])
                n_units = min(int(persons[country, service] * self.units_per_person), capacity)
                mobile = 0 if service == 0 else int(n_units * float(self.section.mobile_share))
                share = apportion(n_units - mobile, at_home) + apportion(mobile, wanted)
                self.post[start : start + n_units] = np.repeat(np.arange(self.n_posts), share)
                start += capacity
        self.roster = np.bincount(self.post[self.post >= 0], minlength=self.n_posts)
        # of units that stand along the line by chance, a third of them on duty at a time
        self.clear_share = np.exp(-self._in_sight_km * (self.roster / self._roster_km))
        self._shift = -1
        by_country = ((persons[:, 0] + persons[:, 1]) + persons[:, 2]) + persons[:, 3]
        lengths = np.array([self.length_km[self.country == number].sum() for number in range(len(COUNTRIES))])
        density = by_country / lengths / _REFERENCE_PERSONS_PER_KM
        factor = np.where(density > 0.0, np.exp(self.power * np.log(np.where(density > 0.0, density, 1.0))), 0.0)
        self.found_factor = factor[self.country]

    def _shift_watch(self, scene: Scene) -> None:
        """Share each post's watch over its segments: a share of it by where people were seen lately."""
        if scene.day > 0:
            yesterday = scene.tally.attempts[scene.day - 1][:, Outcome.PREVENTED : Outcome.SEEN_INSIDE + 1]
            self.seen = self.seen * self.keep + yesterday.sum(axis=1)
        drawn = self.seen + self._prior
        post = self.post_of_segment
        total = np.bincount(post, weights=drawn, minlength=self.n_posts)
        share = float(self.section.focus_share)
        self.focus = (1.0 - share) + share * (drawn * self._n_segments[post] / total[post])

    def start_hour(self, scene: Scene, hour_of_day: int) -> None:
        """Find out who is on duty, watching and free at the start of this hour."""
        shift = ((hour_of_day - _FIRST_SHIFT_CLOCK) // _SHIFT_HOURS) % _SHIFTS
        if shift != self._shift:
            self._shift = shift
            began = scene.absolute_day - (hour_of_day < _FIRST_SHIFT_CLOCK)  # the night shift began yesterday
            duty = np.flatnonzero((self.post >= 0) & ((self.number_in_block - began) % _SHIFTS == shift))
            self._duty = duty[np.lexsort((self.kind[duty], self.post[duty]))]
            self._n_duty = np.bincount(self.post[duty], minlength=self.n_posts)
            self._n_duty_by_kind = np.bincount(self.kind[duty], minlength=_N_KINDS)
            self._address = self._class[self._duty] * np.int64(self.n_posts) + self.post[self._duty]
            Ledger.check_units(self._n_duty, self.roster, scene.hour)
        n_duty = self._n_duty
        is_free = (self.busy_until[self._duty] <= scene.hour).nonzero()[0]
        self._free = self._duty[is_free]
        by_class = np.bincount(self._address[is_free], minlength=2 * _N_KINDS * self.n_posts).reshape(
            2, _N_KINDS, self.n_posts
        )
        by_kind = by_class[0] + by_class[1]
        self._sent_first[0] = by_kind[VEHICLE]
        np.add(by_kind[VEHICLE], by_kind[QUICK], out=self._sent_first[1])
        n_free = self._sent_first[1] + by_kind[FOOT]
        self.free_units = n_free
        n_busy = n_duty - n_free
        busy_share = n_busy / np.maximum(n_duty, 1)
        self.tired = self.tired * self.rested + busy_share * (1.0 - self.rested)
        open_share = 1.0 - scene.levers.pinned_share
        eyes = by_class[:, FOOT] + self.vehicle_watch * by_class[:, VEHICLE]
        watching = (eyes[0] + self.weight_other * eyes[1]) * open_share
        watching = watching / (1.0 + self.fatigue * self.tired)
        dense = watching / self.reference
        crowded = (dense > 1.0).nonzero()[0]
        if len(crowded):
            watching[crowded] = self.reference[crowded] * np.exp(self.power * np.log(dense[crowded]))
        self.n_watching = watching
        self.n_free = np.floor(n_free * open_share).astype(np.int64)
        if scene.levers.is_covered:
            covering = np.minimum(scene.levers.covering, self.n_free)
            self.n_free -= covering
            scene.tally.unit_hours_covering[scene.day] += covering
        scene.tally.unit_hours_on_duty[scene.day] += n_duty
        scene.tally.unit_hours_by_kind[scene.day] += self._n_duty_by_kind
        scene.tally.unit_hours_busy[scene.day] += n_busy

    def detections_per_hour(self, scene: Scene, segment: Ints, size: Ints) -> Floats:
        """Return the rate at which watchers would see parties at segments, 1/h, float64[n].

        Random search (Koopman 1946): W·v·n/A, with sweep width W by terrain, light and party size.
        """
        day, night = self._sweep
        post = self.post_of_segment[segment]
        dark = scene.world.darkness[scene.hour][post]
        width = day[segment] * (1.0 - dark) + night[segment] * dark
        width = width * self._by_size[size]
        rate = width * self._speed_kmh * (self.n_watching[post] * self._scale) / self._area_km2[post]
        seen: Floats = rate * scene.world.barriers.detection_factor[segment] * self.focus[segment]
        return seen

    def claim(self, post: Ints, demand: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """Give units to claims in order: a post's own first, then its southern, then its northern neighbour's.

        Parameters
        ----------
        post : int64[n], ascending; claims at one post stand in the order in which they are met
        demand : int64[n], units wanted

        Returns
        -------
        own, south, north : int64[n], units granted; they are what a loop over claims in order would grant.
        before : int64[n], units of the own post that went to earlier claims
        """
        left = self.n_free.copy()
        own, before = self._grant(post, demand, left)
        missing = demand - own
        granted = []
        if not np.count_nonzero(missing):
            self._left = left
            nothing = np.zeros_like(missing)
            return own, nothing, nothing, before
        for neighbour in (self.south, self.north):
            got = np.zeros(len(post), dtype=np.int64)
            some = missing.nonzero()[0]
            if len(some):
                there = neighbour[post[some]]
                some, there = some[there >= 0], there[there >= 0]
                got[some], _ = self._grant(there, missing[some], left)
                missing = missing - got
            granted.append(got)
        self._left = left
        return own, granted[0], granted[1], before

    def speed(self, post: Ints, last: Ints, own: Ints) -> Floats:
        """Return the factor on response time of the last unit needed, float64[n], by its kind.

        `last` counts the units of the post that are under way with it; neighbours come by vehicle where it sends none.
        """
        first, second = self._sent_first
        kind = (last > first[post]).astype(np.int64) + (last > second[post])
        factor: Floats = self.response_factors[np.where(own == 0, VEHICLE, kind)]
        return factor

    def _grant(self, post: Ints, demand: Ints, left: Ints) -> tuple[Ints, Ints]:
        """Grant units of `post` (ascending) in order and take them off `left`; return them and how many went before."""
        if not len(post):
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        running = demand.cumsum() - demand
        first = starts(post)
        size = sizes(first, len(post))
        ahead = running - running[first].repeat(size)
        before = np.minimum(ahead, left[post])
        got = np.minimum(left[post] - before, demand)
        np.subtract.at(left, post, got)
        return got, before

    def tie_up(self, scene: Scene) -> None:
        """Make the units granted by the last :meth:`claim` busy: by kind as they are sent, then the lowest numbers."""
        taken = self.n_free - self._left
        scene.tally.unit_hours_busy[scene.day] += taken
        posts = taken.nonzero()[0]
        if not len(posts):
            return
        free, n_taken = self._free, taken[posts]
        first = (self.free_units.cumsum() - self.free_units)[posts]
        ahead = n_taken.cumsum() - n_taken
        chosen = free[np.arange(ahead[-1] + n_taken[-1]) + (first - ahead).repeat(n_taken)]
        self.busy_until[chosen] = scene.hour + self.handling_hours
