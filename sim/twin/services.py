"""Minsk's services: how they hasten people, which stretch they choose, which groups they start (rules 6.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.agents.states import State
from sim.core.chance import Kind as Entity
from sim.core.chance import Purpose
from sim.twin.luck import in_force, lanes, near_normal, rounded, running_sum, search_right, whole
from sim.twin.network import terrain_appeal

if TYPE_CHECKING:
    from sim.scenario.services import Steering
    from sim.twin.model import TwinModel
    from sim.twin.person import Person

__all__ = ["Order", "Planned", "Services"]

_REMEMBERED_DAYS: Final = 20
_MOST_A_DAY: Final = 12
"""Of group crossings, and of cuts."""

_MOST_ORDERS_AN_HOUR: Final = 28
_FIRST_CLOCK: Final = "17:00"
_PLANNED_HOURS: Final = 10
_WIRE: Final = (0, 1)
"""Layers that can be cut: coil and fence."""
_OFFSET: Final = 1000
"""Added to days and weeks, so that what lies before the first of them has a number too."""


@dataclass(frozen=True)
class Planned:
    """A group crossing that the services mean to start in an hour of the run, with so many people (not rounded)."""

    number: int
    hour: int
    size: np.float64


@dataclass(frozen=True)
class Order:
    """A group crossing to be started now: number in this hour, post, people."""

    number: int
    post: int
    people: int


@dataclass(frozen=True)
class Cut:
    """A cut of wire that the services mean to make in an hour of the run at a post; `lot` will pick its segment."""

    hour: int
    post: int
    lot: np.float64


class Services:
    """What the services want today.

    Attributes
    ----------
    drive : factor on the readiness to attempt
    plan : group crossings that are still to come
    cuts : cuts of wire that are still to come
    """

    def __init__(self, twin: TwinModel) -> None:
        self.twin = twin
        self.is_on = twin.scenario.services.enabled
        self.drive = np.float64(1.0)
        self.steering: Steering | None = None
        self.plan: list[Planned] = []
        self.cuts: list[Cut] = []
        self.running = [np.float64(0.0)] * twin.world.n_posts
        self._base = [self._base_weight(post) for post in range(twin.world.n_posts)]

    def _base_weight(self, post: int) -> np.float64:
        """Return how readily a post's stretch is reached from the staging towns."""
        posts, segments = self.twin.world.border.posts, self.twin.world.border.segments
        scale_km = float(self.twin.scenario.services.access_scale_km)
        return running_sum(
            terrain_appeal(self.twin, segment) * np.exp(-segments.city_km_by[segment] / scale_km)
            for segment in range(int(posts.first_segment[post]), int(posts.end_segment[post]))
        )[-1]

    # --- midnight -----------------------------------------------------------------------------------------------------

    def start_day(self) -> None:
        """Set drive, favour and plan of the day."""
        if not self.is_on:
            return
        self.steering = in_force(self.twin.scenario.steering, self.twin.date)
        self.drive = self._drive_of_today()
        self.running = running_sum(self._post_weights())
        self.plan = [planned for planned in self.plan if planned.hour >= self.twin.hour]
        self.plan += self._planned_today()
        self.cuts += self._cuts_of_the_night()

    def _drive_of_today(self) -> np.float64:
        """Return the dated drive times a factor of mean 1 that resembles yesterday's."""
        if self.steering is None:
            return np.float64(1.0)
        persistence = np.float64(float(self.twin.scenario.services.drive_persistence))
        terms, squares = [], []
        weight = np.float64(1.0)
        for lag in range(_REMEMBERED_DAYS):
            remembered = np.float64(1.0 if lag == 0 else 0.0)
            weight = weight * persistence if persistence > 0.0 else remembered
            occasion = self.twin.absolute_day - lag + _OFFSET
            terms.append(weight * near_normal(lanes(self.twin.seed, Entity.SERVICES, 0, Purpose.DRIVE, occasion)))
            squares.append(weight * weight)
        level = running_sum(terms)[-1] / np.sqrt(running_sum(squares)[-1])
        sigma = self.steering.drive_sigma
        drive: np.float64 = self.steering.drive * np.exp(sigma * level - 0.5 * (sigma * sigma))
        return drive

    def _post_weights(self) -> list[np.float64]:
        """Return how strongly the services favour each post this week; countries have their dated shares."""
        twin = self.twin
        sigma = float(twin.scenario.services.place_sigma)
        adaptation = float(twin.scenario.services.adaptation)
        week = twin.absolute_day // 7 + _OFFSET
        weights = []
        for post, base in enumerate(self._base):
            shock = near_normal(lanes(twin.seed, Entity.SERVICES, post + 1, Purpose.FAVOUR, week))
            learnt = adaptation * twin.network.success_at_post[post]
            weights.append(base * np.exp(sigma * shock + learnt))
        for country, share in enumerate(self._country_shares()):
            own = [post for post in range(len(weights)) if twin.country_of(post) == country]
            total = running_sum(weights[post] for post in own)[-1]
            for post in own:
                weights[post] = weights[post] * (share / total) if total > 0.0 else np.float64(0.0)
        return weights

    def _country_shares(self) -> tuple[float, float, float]:
        if self.steering is None:
            return 0.0, 0.0, 0.0
        poland, lithuania = self.steering.poland_share, self.steering.lithuania_share
        return poland, lithuania, max(0.0, 1.0 - poland - lithuania)

    def _planned_today(self) -> list[Planned]:
        """Return the group crossings planned for the coming night, less those that governments date."""
        twin = self.twin
        regime = in_force(twin.scenario.groups, twin.date)
        if regime is None:
            return []
        n_groups = max(0, self._n_drawn(Purpose.GROUPS, regime.groups_per_day) - self._n_dated_today())
        planned = []
        for n in range(1, n_groups + 1):
            number = twin.absolute_day * 12 + n
            u = lanes(twin.seed, Entity.SERVICES, 0, Purpose.GROUPS, number + 2**30)[0]
            hour = twin.world.calendar.hour_at(twin.date, _FIRST_CLOCK) + whole(u * _PLANNED_HOURS)
            shock = near_normal(lanes(twin.seed, Entity.SERVICES, 0, Purpose.GROUP_SIZE, number))
            size = regime.median_size * np.exp(regime.size_sigma * shock) * twin.scale
            planned.append(Planned(number, hour, size))
        return planned

    def _n_drawn(self, purpose: Purpose, per_day: float) -> int:
        """Return a Poisson number with mean `per_day` for today, at most 12."""
        u = lanes(self.twin.seed, Entity.SERVICES, 0, purpose, self.twin.absolute_day)[0]
        term = np.exp(-per_day)
        below = term
        number = 0
        while u > below and number < _MOST_A_DAY:
            number += 1
            term = term * per_day / number
            below = below + term
        return number

    def _n_dated_today(self) -> int:
        """Return how many group crossings are dated today."""
        scenario, today = self.twin.scenario, self.twin.date
        if not scenario.governments.enabled or today > scenario.replay_until:
            return 0
        return sum(1 for row in scenario.action if row.kind == "group_crossing" and row.day == today)

    def _cuts_of_the_night(self) -> list[Cut]:
        """Return the cuts of wire planned for the coming night: by the share directed, at favoured posts."""
        twin = self.twin
        if self.steering is None or not self.running[-1] > 0.0:
            return []
        per_day = float(twin.scenario.services.cuts_per_day) * self.steering.steering_share
        cuts = []
        for n in range(1, self._n_drawn(Purpose.CUTS, per_day) + 1):
            occasion = twin.absolute_day * 12 + n + 2**30
            when, which, lot, _ = lanes(twin.seed, Entity.SERVICES, 0, Purpose.CUTS, occasion)
            hour = twin.world.calendar.hour_at(twin.date, _FIRST_CLOCK) + whole(when * _PLANNED_HOURS)
            post = min(search_right(self.running, which * self.running[-1]), len(self.running) - 1)
            cuts.append(Cut(hour, post, lot))
        return cuts

    def cut_wire(self) -> None:
        """Make the cuts of this hour, each on a segment of its post that has coil or fence, if there is one."""
        twin = self.twin
        barriers, posts = twin.world.barriers, twin.world.border.posts
        for cut in self.cuts:
            if cut.hour != twin.hour:
                continue
            own = range(int(posts.first_segment[cut.post]), int(posts.end_segment[cut.post]))
            wired = [segment for segment in own if any(barriers.built_m[layer, segment] > 0.0 for layer in _WIRE)]
            if wired:
                segment = wired[min(whole(cut.lot * len(wired)), len(wired) - 1)]
                lost = barriers.cut(segment, float(twin.scenario.services.cut_m))
                twin.tally.metres_cut[twin.day, twin.country_of(cut.post)] += lost
        self.cuts = [cut for cut in self.cuts if cut.hour > twin.hour]

    # --- what others ask ----------------------------------------------------------------------------------------------

    def choose_post(self, person: Person) -> int:
        """Return the post to which a party goes: the services' choice, or where the network says it works."""
        who_chooses, which, _, _ = person.party_luck(Purpose.PLACE)
        share = self.steering.steering_share if self.steering is not None and self.running[-1] > 0.0 else 0.0
        if who_chooses < share:
            return min(search_right(self.running, which * self.running[-1]), len(self.running) - 1)
        return self.twin.network.post_by_hearsay(which)

    @property
    def refuse_return(self) -> float:
        """Share of those who wish to go back who are not let."""
        return self.steering.refuse_return if self.steering is not None else 0.0

    # --- group crossings ----------------------------------------------------------------------------------------------

    def orders_of_the_hour(self) -> list[Order]:
        """Return the group crossings that start in this hour: those of governments first, then the planned ones."""
        twin = self.twin
        asked = [(order.post, rounded(order.people * twin.scale)) for order in twin.levers.group_orders]
        twin.levers.group_orders.clear()
        if not self.is_on:
            return []
        for planned in self.plan:
            if planned.hour == twin.hour:
                post = self._post_with_people(planned)
                if post is not None:
                    asked.append((post, max(1, rounded(planned.size))))
        return [Order(number, post, people) for number, (post, people) in enumerate(asked[:_MOST_ORDERS_AN_HOUR])]

    def _post_with_people(self, planned: Planned) -> int | None:
        """Return the post of a planned group, by lot: as often as reported, or by the square of the people there."""
        twin = self.twin
        reported = [0.0] * twin.world.n_posts
        for row in twin.scenario.group_places:
            reported[twin.world.border.post_number(row.post)] = row.reported
        if any(reported):
            running = running_sum(reported)
        else:
            running = running_sum(float(waiting * waiting) for waiting in twin.n_at_posts(State.LINE, State.CAMP))
        if running[-1] <= 0.0:
            return None
        u = lanes(twin.seed, Entity.SERVICES, planned.number, Purpose.PLACE, twin.absolute_hour)[0]
        return search_right(running, u * running[-1])
