"""Guards: units one by one, where they are posted, who is on duty, who sees, who comes in time (rules 6.11)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.agents.states import Outcome
from sim.twin.luck import running_sum, whole
from sim.twin.units import ARMY, AT_HOME, BORDER_GUARD, SERVICES, Unit, UnitKind
from sim.world.border import COUNTRIES, TERRAINS

if TYPE_CHECKING:
    from sim.twin.model import TwinModel

__all__ = ["Claim", "Guards", "apportion"]

_HIDDEN: Final = ("forest", "wetland")
_SEEN: Final = (Outcome.PREVENTED, Outcome.CAUGHT, Outcome.SEEN_INSIDE)


@dataclass
class Claim:
    """A call for units at a post, and what it got from the post and its neighbours.

    `before` are the units of its own post that earlier claims have taken.
    """

    post: int
    fraction: np.float64
    party: int
    wanted: int
    before: int = 0
    own: int = 0
    southern: int = 0
    northern: int = 0

    @property
    def n_missing(self) -> int:
        """Units still wanted."""
        return self.wanted - self.own - self.southern - self.northern


def apportion(total: int, weights: list[float]) -> list[int]:
    """Return `total` shared out by weight in whole numbers, by largest remainders; ties go to the lower place."""
    shares = [0] * len(weights)
    weight_of_all = running_sum(weights)[-1]
    if total <= 0 or weight_of_all <= 0.0:
        return shares
    quotas = [weight * (total / weight_of_all) for weight in weights]
    shares = [whole(quota) for quota in quotas]
    by_remainder = sorted(range(len(weights)), key=lambda place: (-(quotas[place] - shares[place]), place))
    for place in by_remainder[: total - sum(shares)]:
        shares[place] += 1
    return shares


class Guards:
    """All units and posts.

    Attributes
    ----------
    blocks : units by country, then service
    memory : headquarters' fading memory of counted attempts by post
    seen : fading memory of persons seen at or over each segment
    focus : how much more patrols watch each segment than the mean of its post
    found_factor : how much more likely people inside are found, by country
    clear_share : chance by post that nobody on duty is in sight of people at the line today
    armed_share : soldiers today against the most that any dated row gives, by country
    tired : fading share of busy units by post
    n_watching, n_free : by post, what watches and what may respond in this hour
    """

    def __init__(self, twin: TwinModel) -> None:
        self.twin = twin
        self.settings = twin.scenario.guards
        self.is_on = self.settings.enabled
        posts = twin.world.border.posts
        self.n_posts = len(posts)
        self.length_km = [posts.length_km[post] for post in range(self.n_posts)]
        share, size = float(self.settings.available_share), float(self.settings.persons_per_unit)
        self.units_per_person = share / size * twin.scale
        self.blocks = [
            [Unit(twin, country, service, number) for number in range(self._capacity(country, service))]
            for country in range(len(COUNTRIES))
            for service in range(len(SERVICES))
        ]
        self.memory = [np.float64(0.0)] * self.n_posts
        self.seen = [np.float64(0.0)] * len(twin.world.border.segments)
        self.focus = [np.float64(1.0)] * len(self.seen)
        self.found_factor = [np.float64(0.0)] * len(COUNTRIES)
        self.clear_share = [np.float64(1.0)] * self.n_posts
        self.armed_share = [np.float64(1.0)] * len(COUNTRIES)
        self.tired = [np.float64(0.0)] * self.n_posts
        self.n_watching = [np.float64(0.0)] * self.n_posts
        self.n_free = [0] * self.n_posts
        self.free: list[list[Unit]] = [[] for _ in range(self.n_posts)]

    # --- strength -----------------------------------------------------------------------------------------------------

    def _dated_strength(self, country: int, service: int, day: int) -> np.float64:
        """Return the persons whom the scenario gives a service on a day of the run."""
        rows = [
            row
            for row in self.twin.scenario.force
            if row.country == COUNTRIES[country] and row.service == SERVICES[service]
        ]
        if not rows or not self.is_on:
            return np.float64(0.0)
        rows.sort(key=lambda row: row.day)
        ordinal = self.twin.world.calendar.date_of_day(day).toordinal()
        return np.float64(np.interp(ordinal, [row.day.toordinal() for row in rows], [row.persons for row in rows]))

    def _capacity(self, country: int, service: int) -> int:
        """Return the units that a service can ever have in this run; none where guards are switched off."""
        if not self.is_on:
            return 0
        days = range(self.twin.world.calendar.n_days)
        greatest = max(self._dated_strength(country, service, day) for day in days)
        room = float(self.twin.scenario.governments.reinforce_most)
        return int((greatest + room) * self.units_per_person)

    def _persons(self, country: int, service: int) -> np.float64:
        """Return the persons of a service today, soldiers added by governments included."""
        persons = self._dated_strength(country, service, self.twin.day)
        if service == ARMY and self.is_on:
            persons = persons + self.twin.levers.extra_persons[country]
        return persons

    # --- midnight -----------------------------------------------------------------------------------------------------

    def start_day(self) -> None:
        """Take in yesterday's counts, post every block anew, and see how many look for people inland."""
        if self.twin.day > 0:
            keep = np.exp(-np.log(2.0) / float(self.settings.memory_days))
            for post in range(self.n_posts):
                self.memory[post] = self.memory[post] * keep + int(self.twin.tally.counted[self.twin.day - 1, post])
            for segment, yesterday in enumerate(self.twin.tally.attempts[self.twin.day - 1]):
                self.seen[segment] = self.seen[segment] * keep + sum(int(yesterday[outcome]) for outcome in _SEEN)
        for post in range(self.n_posts):
            self._focus_on(post)
        for block, units in enumerate(self.blocks):
            self._post_block(units, *divmod(block, len(SERVICES)))
        self.found_factor = [self._found_factor(country) for country in range(len(COUNTRIES))]
        posted = [unit.post for units in self.blocks for unit in units]
        self.clear_share = [self._clear_share(post, posted.count(post)) for post in range(self.n_posts)]
        self.armed_share = [self._armed_share(country) for country in range(len(COUNTRIES))]

    def _focus_on(self, post: int) -> None:
        """Let the patrols of a post look most where people were seen."""
        posts = self.twin.world.border.posts
        own = range(int(posts.first_segment[post]), int(posts.end_segment[post]))
        prior = float(self.settings.focus_prior_persons) * self.twin.scale
        remembered = [self.seen[segment] + prior for segment in own]
        total = running_sum(remembered)[-1]
        share, n_segments = float(self.settings.focus_share), float(len(own))
        for segment, known in zip(own, remembered, strict=True):
            self.focus[segment] = (1.0 - share) + share * (known * n_segments / total)

    def _post_block(self, units: list[Unit], country: int, service: int) -> None:
        """Give the units of a block their posts: most by length, the mobile ones by where attempts were."""
        n_units = min(int(self._persons(country, service) * self.units_per_person), len(units))
        n_mobile = 0 if service == BORDER_GUARD else int(n_units * float(self.settings.mobile_share))
        here = [self.twin.country_of(post) == country for post in range(self.n_posts)]
        by_length = [km if own else 0.0 for km, own in zip(self.length_km, here, strict=True)]
        by_memory = [self.memory[post] + 0.001 * self.length_km[post] if own else 0.0 for post, own in enumerate(here)]
        standing, mobile = apportion(n_units - n_mobile, by_length), apportion(n_mobile, by_memory)
        posts = [post for post in range(self.n_posts) for _ in range(standing[post] + mobile[post])]
        for unit in units:
            unit.post = posts[unit.number] if unit.number < len(posts) else AT_HOME

    def _found_factor(self, country: int) -> np.float64:
        """Return how guards of a country, for their number, bear on finding people inland."""
        p0, p1, p2, p3 = (self._persons(country, service) for service in range(len(SERVICES)))
        km = running_sum(self.length_km[post] for post in range(self.n_posts) if self.twin.country_of(post) == country)
        density = (((p0 + p1) + p2) + p3) / km[-1] / 6.0
        if not density > 0.0:
            return np.float64(0.0)
        factor: np.float64 = np.exp(float(self.settings.diminishing_power) * np.log(density))
        return factor

    def _clear_share(self, post: int, n_units: int) -> np.float64:
        """Return the chance that none of a post's units on duty stands within sight of people at its line."""
        per_km = n_units / (3 * self.length_km[post] * self.twin.scale)
        share: np.float64 = np.exp(-2.0 * float(self.settings.seen_from_km) * per_km)
        return share

    def _armed_share(self, country: int) -> np.float64:
        """Return the soldiers of a country today against the most that any dated row gives it."""
        dated = [row.persons for row in self.twin.scenario.force if row.country == COUNTRIES[country]
                 and row.service == SERVICES[ARMY]]  # fmt: skip
        most = max(dated, default=0.0)
        return self._persons(country, ARMY) / most if most > 0.0 else np.float64(0.0)

    # --- the hour -----------------------------------------------------------------------------------------------------

    def start_hour(self) -> None:
        """See who is on duty, free and watching."""
        tally, day = self.twin.tally, self.twin.day
        self.free = [[] for _ in range(self.n_posts)]
        on_duty = [0] * self.n_posts
        for units in self.blocks:
            for unit in units:
                if not unit.is_on_duty:
                    continue
                on_duty[unit.post] += 1
                tally.unit_hours_on_duty[day, unit.post] += 1
                tally.unit_hours_by_kind[day, unit.kind] += 1
                if unit.is_busy:
                    tally.unit_hours_busy[day, unit.post] += 1
                else:
                    self.free[unit.post].append(unit)
        for post in range(self.n_posts):
            self._tire(post, on_duty[post])
            self._watch(post)

    def _tire(self, post: int, on_duty: int) -> None:
        """Let the units of a post tire by the share of them that is busy, and rest otherwise."""
        rested = np.exp(-np.log(2.0) / float(self.settings.fatigue_hours))
        busy_share = (on_duty - len(self.free[post])) / max(on_duty, 1)
        self.tired[post] = self.tired[post] * rested + busy_share * (1.0 - rested)

    def _watch(self, post: int) -> None:
        """See how many watch at a post and how many of them may respond."""
        free = len(self.free[post])
        gf = self._n_free(post, UnitKind.FOOT, of_border_guard=True)
        gv = self._n_free(post, UnitKind.VEHICLE, of_border_guard=True)
        of = self._n_free(post, UnitKind.FOOT, of_border_guard=False)
        ov = self._n_free(post, UnitKind.VEHICLE, of_border_guard=False)
        open_share = 1.0 - self.twin.levers.pinned_share[post]
        weight, from_vehicle = float(self.settings.army_weight), float(self.settings.vehicle_watch)
        watching = ((gf + from_vehicle * gv) + weight * (of + from_vehicle * ov)) * open_share
        watching = watching / (1.0 + float(self.settings.fatigue) * self.tired[post])
        reference = (float(self.settings.reference_units_per_km) * self.twin.scale) * self.length_km[post]
        density = watching / reference
        if density > 1.0:
            watching = reference * np.exp(float(self.settings.diminishing_power) * np.log(density))
        self.n_watching[post] = watching
        may_respond = whole(free * open_share)
        covering = min(int(self.twin.levers.covering[post]), may_respond)
        self.n_free[post] = may_respond - covering
        self.twin.tally.unit_hours_covering[self.twin.day, post] += covering

    def _n_free(self, post: int, kind: UnitKind, *, of_border_guard: bool) -> int:
        """Return the free units of a kind at a post, of the border guard or of all other services."""
        return sum(
            1 for unit in self.free[post] if unit.kind is kind and (unit.service == BORDER_GUARD) is of_border_guard
        )

    def n_free_of(self, post: int, kind: UnitKind) -> int:
        """Return the units of a kind at a post that were free at the start of the hour."""
        return sum(1 for unit in self.free[post] if unit.kind is kind)

    def detection_rate(self, post: int, segment: int, size: int) -> np.float64:
        """Return the rate at which patrols detect a party of `size` at a segment, 1/h."""
        settings, world = self.settings, self.twin.world
        hidden = TERRAINS[world.border.segments.terrain[segment]] in _HIDDEN
        by_day = settings.sweep_forest_day_m if hidden else settings.sweep_open_day_m
        unaided = settings.sweep_forest_night_m if hidden else settings.sweep_open_night_m
        thermal = settings.thermal_forest_m if hidden else settings.thermal_open_m
        share = float(settings.thermal_share)
        day = float(by_day) / 1000.0
        night = (float(unaided) * (1.0 - share) + float(thermal) * share) / 1000.0
        dark = world.darkness[self.twin.hour, post]
        width = day * (1.0 - dark) + night * dark
        width = width * np.exp(float(settings.party_size_power) * np.log(np.float64(size)))
        area = self.length_km[post] * float(settings.watch_depth_km)
        watching = self.n_watching[post] * (1.0 / self.twin.scale)
        rate = width * float(settings.patrol_speed_kmh) * watching / area
        seen: np.float64 = (rate * world.barriers.detection_factor[segment]) * self.focus[segment]
        return seen

    # --- claims -------------------------------------------------------------------------------------------------------

    def neighbours(self, post: int) -> tuple[int | None, int | None]:
        """Return the next post south and the next north in the same country."""
        south, north = post - 1, post + 1
        country = self.twin.country_of(post)
        has_south = south >= 0 and self.twin.country_of(south) == country
        has_north = north < self.n_posts and self.twin.country_of(north) == country
        return (south if has_south else None), (north if has_north else None)

    def answer(self, claims: Iterable[Claim]) -> None:
        """Grant units to claims in order of (post, moment, party): own posts first, then southern, then northern."""
        ranked = sorted(claims, key=lambda claim: (claim.post, claim.fraction, claim.party))
        left = list(self.n_free)
        granted = [0] * self.n_posts

        def take(post: int | None, wanted: int) -> int:
            if post is None:
                return 0
            taken = min(left[post], wanted)
            left[post] -= taken
            granted[post] += taken
            return taken

        for claim in ranked:
            claim.before = self.n_free[claim.post] - left[claim.post]
            claim.own = take(claim.post, claim.n_missing)
        for claim in ranked:
            claim.southern = take(self.neighbours(claim.post)[0], claim.n_missing)
        for claim in ranked:
            claim.northern = take(self.neighbours(claim.post)[1], claim.n_missing)
        for post in range(self.n_posts):
            self._tie_up(post, granted[post])

    def _tie_up(self, post: int, n_units: int) -> None:
        """Make as many free units of a post busy as were granted, by kind, then in order of blocks and numbers."""
        for unit in sorted(self.free[post], key=lambda one: one.kind)[:n_units]:
            unit.busy_until = self.twin.hour + int(float(self.settings.handling_hours))
        self.twin.tally.unit_hours_busy[self.twin.day, post] += n_units
