"""Minsk's services: they carry people to the line, choose where, start group crossings, keep the camp, refuse return.

They act on the mass by *orders*: parties are drawn by lot until a quota is met and moved, or set to attempt, in this
hour. Their drive hastens or holds back attempts from day to day and carries most of the scatter of daily counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.agents.levers import GroupOrder
from sim.agents.migrants.bodies import near_normal
from sim.agents.scene import Scene
from sim.agents.states import SEATS, State
from sim.agents.wire_cuts import WireCuts
from sim.core.chance import Kind, Purpose, draw, poisson
from sim.core.groups import sizes, starts
from sim.scenario.services import Steering

__all__ = ["FETCHED_PER_HOUR", "GATHERED_PER_HOUR", "MinskServices", "by_lot", "in_force"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_NEAR_CAMP_KM = 40.0
"""Stretches from which people are gathered into the camp (Kuźnica's neighbours; assumed)."""
GATHERED_PER_HOUR = 400
"""People whom the services move into or out of the camp in an hour: ten buses (assumed)."""
FETCHED_PER_HOUR = 40
"""People whom they fetch from Minsk for the camp in an hour: one bus (assumed)."""
_MEMORY_OF_SHOCKS = 20
_FIRST_SHOCK = 1000
"""Added to absolute days so that the past of the first day has a number too."""
_MOST_GROUPS = 12


class _Since(Protocol):
    @property
    def since(self) -> date: ...


_Dated = TypeVar("_Dated", bound=_Since)


def in_force(rows: Iterable[_Dated], ordinal: int) -> _Dated | None:
    """Return the latest row whose date is not after a day (a date's ordinal), if any."""
    found = [row for row in rows if row.since.toordinal() <= ordinal]
    return max(found, key=lambda row: row.since) if found else None


@dataclass(frozen=True)
class PlannedGroup:
    """A group crossing that the services mean to start: when, with how many people, and its number for draws."""

    hour: int
    people: float
    number: int


class MinskServices:
    """The Belarusian side's steering of people.

    Attributes
    ----------
    camp_takes_people : whether people who arrive near the camp in this hour are taken into it
    drive : factor on readiness to attempt today
    steering_share : share of parties whose stretch the services choose today
    refuse_return : share of those who want to go back who are not let
    running : float64[n_posts], running sum of the services' weights over posts
    cuts : what they cut of the wire outside group crossings
    """

    def __init__(self, scene: Scene) -> None:
        self.scenario = scene.scenario
        self.section = scene.scenario.services
        self.seed = scene.seed
        self.enabled = scene.scenario.services.enabled
        border = scene.world.border
        self.n_posts = len(border.posts)
        self.country = border.posts.country.astype(np.int64)
        self.camp_post = border.post_number("Kuźnica")
        self.near_camp = border.post_distance_km[self.camp_post] <= _NEAR_CAMP_KM
        self.first_segment = border.posts.first_segment
        self.end_segment = border.posts.end_segment
        self.city_km = border.segments.city_km_by
        self.camp_takes_people = False
        self.drive = 1.0
        self.steering_share = 0.0
        self.refuse_return = 0.0
        self.running = np.arange(1.0, self.n_posts + 1.0)
        self.cuts = WireCuts(scene)
        self._reported = np.zeros(self.n_posts)
        for row in scene.scenario.group_places:
            self._reported[border.post_number(row.post)] = row.reported
        self._planned: list[PlannedGroup] = []
        self._dated: dict[int, int] = {}
        if scene.scenario.governments.enabled:
            for action in scene.scenario.action:
                if action.kind == "group_crossing" and action.day <= scene.scenario.replay_until:
                    self._dated[action.day.toordinal()] = self._dated.get(action.day.toordinal(), 0) + 1
        posts = np.arange(self.n_posts)
        appeal = scene.network.terrain_appeal * np.exp(-self.city_km / float(self.section.access_scale_km))
        self.base = np.array([np.cumsum(appeal[self.first_segment[p] : self.end_segment[p]])[-1] for p in posts])

    def _shock(self, kind: Purpose, entity: Ints, number: Ints) -> Floats:
        return near_normal(draw(self.seed, Kind.SERVICES, entity, kind, number + _FIRST_SHOCK))

    def start_day(self, scene: Scene) -> None:
        """Set today's drive, favoured stretches and group crossings."""
        if not self.enabled:
            return
        self._planned = [plan for plan in self._planned if plan.hour >= scene.hour]
        ordinal = scene.world.calendar.date_of_day(scene.day).toordinal()
        steering = in_force(self.scenario.steering, ordinal)
        if steering is None:
            self.drive, self.steering_share, self.refuse_return = 1.0, 0.0, 0.0
        else:
            persistence = float(self.section.drive_persistence)
            lags = np.arange(_MEMORY_OF_SHOCKS)
            weight = np.cumprod(np.full(_MEMORY_OF_SHOCKS, persistence)) if persistence > 0.0 else (lags == 0) * 1.0
            shocks = self._shock(Purpose.DRIVE, np.zeros(_MEMORY_OF_SHOCKS, dtype=np.int64), scene.absolute_day - lags)
            level = np.cumsum(weight * shocks)[-1] / np.sqrt(np.cumsum(weight * weight)[-1])
            spread = np.exp(steering.drive_sigma * level - 0.5 * (steering.drive_sigma * steering.drive_sigma))
            self.drive = float(steering.drive * spread)
            self.steering_share = steering.steering_share
            self.refuse_return = steering.refuse_return
            self._favour(scene, steering)
            self.cuts.plan(scene, self.steering_share, self.running)
        self._plan_groups(scene, ordinal)

    def _favour(self, scene: Scene, steering: Steering) -> None:
        """Weigh posts: country shares, access from cities, and a favour that changes from week to week."""
        week = np.full(self.n_posts, scene.absolute_day // 7)
        shock = self._shock(Purpose.FAVOUR, np.arange(self.n_posts) + 1, week)
        lately = float(self.section.adaptation) * scene.network.success_at_post
        weight = self.base * np.exp(float(self.section.place_sigma) * shock + lately)
        rest = max(0.0, 1.0 - steering.poland_share - steering.lithuania_share)
        for number, share in enumerate((steering.poland_share, steering.lithuania_share, rest)):
            here = self.country == number
            total = np.cumsum(np.where(here, weight, 0.0))[-1]
            weight = np.where(here, weight * (share / total if total > 0.0 else 0.0), weight)
        self.running = np.cumsum(weight)
        if self.running[-1] <= 0.0:  # nowhere to send anybody: no ground that they would choose
            self.steering_share = 0.0

    def _plan_groups(self, scene: Scene, ordinal: int) -> None:
        """Plan today's group crossings beyond the dated ones: how many, at what hour, how large."""
        regime = in_force(self.scenario.groups, ordinal)
        if regime is None:
            return
        number = np.arange(1, _MOST_GROUPS + 1)
        count_lot, *_ = draw(self.seed, Kind.SERVICES, 0, Purpose.GROUPS, scene.absolute_day)
        n_groups = poisson(count_lot[0], regime.groups_per_day, _MOST_GROUPS)
        n_groups = max(0, n_groups - self._dated.get(ordinal, 0))
        occasion = scene.absolute_day * _MOST_GROUPS + number[:n_groups]
        hour_lot, _, _, _ = draw(
            self.seed, Kind.SERVICES, np.zeros(n_groups, dtype=np.int64), Purpose.GROUPS, occasion + 2**30
        )
        size = regime.median_size * np.exp(
            regime.size_sigma
            * near_normal(
                draw(self.seed, Kind.SERVICES, np.zeros(n_groups, dtype=np.int64), Purpose.GROUP_SIZE, occasion)
            )
        )
        size = size * self.scenario.agent_scale
        hours = scene.hours_of_night(hour_lot)
        self._planned += map(PlannedGroup, hours.tolist(), size.tolist(), occasion.tolist())

    def orders_now(self, scene: Scene) -> list[GroupOrder]:
        """Return the group crossings to start in this hour: the dated ones, then those planned."""
        orders = [
            GroupOrder(order.post, int(np.floor(order.people * self.scenario.agent_scale + 0.5)))
            for order in scene.levers.group_orders
        ]
        scene.levers.group_orders.clear()
        if not self.enabled:
            return []
        due = [plan for plan in self._planned if plan.hour == scene.hour]
        running = self._where_groups_start(scene) if due else np.zeros(0)
        for plan in due:
            if running[-1] <= 0.0:
                continue
            uniform, *_ = draw(self.seed, Kind.SERVICES, plan.number, Purpose.PLACE, scene.absolute_hour)
            post = int(np.searchsorted(running, uniform[0] * running[-1], side="right"))
            orders.append(GroupOrder(min(post, self.n_posts - 1), max(1, int(np.floor(plan.people + 0.5)))))
        return orders

    def _where_groups_start(self, scene: Scene) -> Floats:
        """Return the running sum over posts of how likely a group starts there, float64[n_posts].

        As often as groups were reported there; in a scenario without such reports by the square of those who wait.
        """
        if self._reported.any():
            return np.cumsum(self._reported)
        waiting = self.at_the_line(scene)
        return np.cumsum(waiting * waiting)

    def at_the_line(self, scene: Scene) -> Floats:
        """Return people in the woods or the camp by post, float64[n_posts]."""
        people = scene.people
        cell = people.population["cell"][people.rows_in(State.LINE, State.CAMP)]
        count = np.bincount(people.cells.place(cell), minlength=self.n_posts + 1)
        return count[: self.n_posts].astype(np.float64)

    def choose_post(self, scene: Scene, who: Floats, where: Floats) -> Ints:
        """Return the stretch to which parties go, int64[n]: the services choose for some, the network for the rest.

        `who` and `where` are uniforms of the parties: who chooses, and what is chosen.
        """
        directed = self.running.searchsorted(where * self.running[-1], side="right")
        by_hearsay = scene.network.choose_post(where)
        return np.where(who < self.steering_share, np.minimum(directed, self.n_posts - 1), by_hearsay)


def by_lot(scene: Scene, rows: Ints, quota: int, occasion: int) -> tuple[Ints, Floats]:
    """Return the members of whole parties drawn by lot from `rows` until `quota` persons, and their fractions.

    One lane decides who is drawn, another when within the hour. The party that meets the quota goes whole. Members of
    a party share their lots.
    """
    people = scene.people.population
    party = people["party"][rows]
    first = starts(party)
    lots = draw(scene.seed, Kind.PARTY, party[first], Purpose.ORDERED, occasion)[:2]
    lot, when = lots.repeat(sizes(first, len(party)), axis=1)
    most = quota + SEATS  # the last party goes whole
    if most < len(rows):  # nobody with a higher lot than so many others is drawn: sort those that may be only
        low = (lot <= np.partition(lot, most)[most]).nonzero()[0]
        rows, party, lot, when = rows[low], party[low], lot[low], when[low]
    order = np.lexsort((people["id"][rows], party, lot))
    ordered = rows[order]
    parties = party[order]
    first = starts(parties)
    ahead = first.repeat(sizes(first, len(parties)))
    chosen = ahead < quota
    return ordered[chosen], when[order][chosen]
