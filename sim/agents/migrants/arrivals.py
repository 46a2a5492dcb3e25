"""Who comes: fixed lists of parties by route and day, of which the load decides how many travel.

Party `index` of a route and day is the same people in every scenario and every run of one seed; more seats only let
more of the list travel. Those present at the start are lists too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.agents.migrants.bodies import Entrants
from sim.agents.scene import Scene
from sim.agents.states import SEATS, Kind, State
from sim.core.chance import Kind as Who
from sim.core.chance import Purpose, draw, exponential
from sim.core.groups import starts
from sim.scenario.schema import Scenario
from sim.world.calendar import EPOCH, Calendar

__all__ = ["Arrivals", "Newcomers", "Room", "enumerate_parties", "fill"]

Ints = NDArray[np.int64]

_DAY_BITS = 16
_INDEX_BITS = 24
_INITIAL_ROUTE = 128
"""Route numbers from here on are rows of the table of people present at the start."""
_MOST_EXTRA = 4.0
_ALONE, _FRIENDS, _FAMILY = (int(kind) for kind in Kind)
_PARTIES_AT_ONCE = 1 << 15
"""Parties that are put into their places together: what they need on the way must not outweigh them."""
_LANDING_HOURS = 24.0
"""Landings are spread over so many hours after midnight, also on the day of 25."""


@dataclass(frozen=True)
class Newcomers:
    """Parties of one list that travel, a row a party, in order of index."""

    number: Ints
    kind: Ints
    size: Ints
    n_children: Ints
    origin: Ints
    since_midnight: Ints
    fraction: NDArray[np.float64]
    route: Ints

    def __len__(self) -> int:
        return len(self.number)


@dataclass(frozen=True)
class Room:
    """Room for so many persons on a route today, and where those who take it come from."""

    route: int
    people: int
    iraqi: float
    syrian: float


def enumerate_parties(
    scenario: Scenario, seed: int, route: int, absolute_day: int, people: int, iraqi: float, syrian: float
) -> Newcomers:
    """Return the first parties of a route's list for a day, until they hold `people` persons or just more."""
    return fill(scenario, seed, absolute_day, [Room(route, people, iraqi, syrian)])


def fill(scenario: Scenario, seed: int, absolute_day: int, rooms: list[Room]) -> Newcomers:
    """Return the parties that fill the room on some routes for a day: the first of each route's list, route by route.

    All routes are worked out together: a list is short, and asking chance for each would cost more than its parties.
    """
    migrants = scenario.migrants
    alone = float(migrants.alone_share)
    not_family = alone + float(migrants.friends_share)
    if not rooms:
        rooms = [Room(0, 0, 0.0, 0.0)]
    people = np.array([max(room.people, 0) for room in rooms])  # a party has at least one member
    base = np.array([(room.route << (_DAY_BITS + _INDEX_BITS)) | (absolute_day << _INDEX_BITS) for room in rooms])
    on = np.repeat(np.arange(len(rooms)), people)
    number = base[on] + np.arange(len(on)) - (np.cumsum(people) - people)[on]
    u_kind, u_size, u_origin, u_hour = draw(seed, Who.PARTY, number, Purpose.PARTY_MAKE_UP, 0)
    kind = np.where(u_kind < alone, _ALONE, np.where(u_kind < not_family, _FRIENDS, _FAMILY))
    wait = exponential(u_size)
    friends = 2.0 + np.minimum(np.floor(wait * float(migrants.friends_extra_mean)), _MOST_EXTRA)
    family = 3.0 + np.minimum(np.floor(wait * float(migrants.family_extra_mean)), _MOST_EXTRA)
    size = np.where(kind == _ALONE, 1.0, np.where(kind == _FRIENDS, friends, family)).astype(np.int64)
    travels = _who_travels(seed, number, size, on, people)
    number, kind, size, on = number[travels], kind[travels], size[travels], on[travels]
    u_origin, clock = u_origin[travels], u_hour[travels] * _LANDING_HOURS
    iraqi = np.array([room.iraqi for room in rooms])[on]
    iraqi_or_syrian = np.array([room.iraqi + room.syrian for room in rooms])[on]
    hour = np.floor(clock)
    return Newcomers(
        number=number,
        kind=kind,
        size=size,
        n_children=np.where(kind == _FAMILY, size - 2, 0),
        origin=np.where(u_origin < iraqi, 0, np.where(u_origin < iraqi_or_syrian, 1, 2)),
        since_midnight=hour.astype(np.int64),
        fraction=clock - hour,
        route=np.array([room.route for room in rooms])[on],
    )


def _who_travels(seed: int, number: Ints, size: Ints, on: Ints, people: Ints) -> Ints:
    """Return which parties of some lists, one behind the other, travel when there is room for `people` on each.

    The party that no longer fits whole travels by its own lot, with the chance of the share of it that would fit: so
    that the mean is right, and more room never keeps anyone at home.

    Parameters
    ----------
    on : int64[n], the list of each party
    people : int64[n_lists], persons for whom there is room
    """
    if not len(number):
        return np.zeros(0, dtype=np.int64)
    ahead = np.cumsum(size) - size
    ahead -= ahead[starts(on)].repeat(people[people > 0])  # each list holds as many parties as persons
    travels = ahead < people[on]
    last = np.append(on[travels][1:] != on[travels][:-1], True).nonzero()[0]
    last = travels.nonzero()[0][last]
    lot, _, _, _ = draw(seed, Who.PARTY, number[last], Purpose.LOAD, 0)
    travels[last] = lot * size[last] < people[on[last]] - ahead[last]
    return travels.nonzero()[0]


def seats_by_day(scenario: Scenario, calendar: Calendar) -> NDArray[np.float64]:
    """Return people bound for the line among the seats of each route and day, before bans, float64[n_days, n_routes].

    The share of seats rises from 1 August 2021 to its peak, by a power of the share of the way, and stays there.
    """
    arrivals = scenario.arrivals
    first, peak = float(arrivals.share_of_seats_first), float(arrivals.share_of_seats_peak)
    n_days = calendar.n_days
    dates = [calendar.date_of_day(day) for day in range(n_days)]
    since_august = np.array([day.toordinal() for day in dates]) - (EPOCH.toordinal() + 212)
    way = np.clip(since_august / float(arrivals.peak_day), 0.0, 1.0)
    share = first + (peak - first) * way ** float(arrivals.growth)
    seats = np.zeros((n_days, len(scenario.route)))
    for number, route in enumerate(scenario.route):
        for row in sorted(route.timetable, key=lambda row: row.since):
            running = np.array([day >= row.since for day in dates])
            seats[running, number] = row.flights_per_week * row.seats_per_flight / 7.0
    return seats * share[:, None] * scenario.agent_scale


@dataclass(frozen=True)
class _Landing:
    """The people of a day in the order in which they land, and where each hour ends among parties and persons."""

    who: Entrants
    fraction: NDArray[np.float64]
    route: Ints
    size: Ints
    party_ends: Ints
    ends: Ints

    def of_hour(self, hour: int) -> tuple[slice, slice]:
        """Return the persons and the parties that land in an hour since midnight."""
        if hour == 0:
            return slice(0, int(self.ends[0])), slice(0, int(self.party_ends[0]))
        persons = slice(int(self.ends[hour - 1]), int(self.ends[hour]))
        return persons, slice(int(self.party_ends[hour - 1]), int(self.party_ends[hour]))


class Arrivals:
    """Turns the day's seats into parties and lets them land hour by hour."""

    def __init__(self, scene: Scene) -> None:
        self.scenario = scene.scenario
        self.seed = scene.seed
        self.enabled = scene.scenario.migrants.enabled
        self.expected = seats_by_day(scene.scenario, scene.world.calendar)
        self._today: _Landing | None = None

    def start_day(self, scene: Scene) -> None:
        """Decide who travels today: seats × share × what bans leave open, rounded by lot."""
        self._today = None
        if not self.enabled:
            return
        n_routes = self.expected.shape[1]
        routes = np.arange(n_routes)
        lot = draw(self.seed, Who.ROUTE, routes, Purpose.LOAD, scene.absolute_day)[0]
        people = np.floor(self.expected[scene.day] * scene.levers.seats_open + lot).astype(np.int64)
        rooms = [
            Room(number, int(people[number]), route.iraqi_share, route.syrian_share)
            for number, route in enumerate(self.scenario.route)
            if people[number] > 0
        ]
        newcomers = fill(self.scenario, self.seed, scene.absolute_day, rooms)
        if len(newcomers):
            self._today = self._in_order_of_landing(scene, newcomers)

    def _in_order_of_landing(self, scene: Scene, newcomers: Newcomers) -> _Landing:
        """Return the parties of a day with their members, by hour of landing.

        Hours are counted from midnight, not read off the clock, which shows 2 twice on 31 October. The last hour takes
        all that are left, on days of 23 hours too.
        """
        first_hours = scene.world.calendar.first_hour_of_day
        n_hours = int(first_hours[scene.day + 1] - first_hours[scene.day])
        hour = np.minimum(newcomers.since_midnight, n_hours - 1)
        order = np.argsort(hour, kind="stable")
        size = newcomers.size[order]
        ends = np.searchsorted(hour[order], np.arange(n_hours), side="right")
        return _Landing(
            who=self._members(scene, newcomers, order),
            fraction=np.repeat(newcomers.fraction[order], size),
            route=newcomers.route[order],
            size=size,
            party_ends=ends,
            ends=np.append(0, np.cumsum(size))[ends],
        )

    def _members(self, scene: Scene, newcomers: Newcomers, which: Ints) -> Entrants:
        """Return the members of some parties, ready to enter."""
        size = newcomers.size[which]
        start = np.cumsum(size) - size
        seat = np.arange(int(size.sum())) - np.repeat(start, size)
        n_adults = np.repeat(size - newcomers.n_children[which], size)
        return scene.people.bodies.prepare(
            ids=np.repeat(newcomers.number[which] * SEATS, size) + seat,
            kind=np.repeat(newcomers.kind[which], size),
            origin=np.repeat(newcomers.origin[which], size),
            child=seat >= n_adults,
        )

    def land(self, scene: Scene) -> None:
        """Let the parties of this hour land and begin their stay in Minsk."""
        today = self._today
        if today is None:
            return
        since_midnight = scene.hour - int(scene.world.calendar.first_hour_of_day[scene.day])
        part, parties = today.of_hour(since_midnight)
        if part.start == part.stop:
            return
        nowhere = scene.people.cells.nowhere
        scene.people.enter(today.who.part(part), int(State.MINSK), nowhere, 0, today.fraction[part], scene.hour)
        np.add.at(scene.tally.arrivals[scene.day], today.route[parties], today.size[parties])

    def place_initial(self, scene: Scene) -> None:
        """Put those who are there at the start into their places: the table ``[[initial]]``."""
        if not self.enabled:
            return
        scale = self.scenario.agent_scale
        nowhere = scene.people.cells.nowhere
        for number, row in enumerate(self.scenario.initial):
            newcomers = enumerate_parties(
                self.scenario,
                self.seed,
                _INITIAL_ROUTE + number,
                scene.absolute_day,
                int(np.floor(row.people * scale + 0.5)),
                row.iraqi_share,
                row.syrian_share,
            )
            if row.place == "Minsk":
                state, place = int(State.MINSK), nowhere
            elif row.place in ("camp", "centre"):
                state = int(State.CAMP if row.place == "camp" else State.CENTRE)
                place = scene.services.camp_post
            else:
                state, place = int(State.LINE), scene.world.border.post_number(row.place)
            for first in range(0, len(newcomers), _PARTIES_AT_ONCE):
                some = np.arange(first, min(first + _PARTIES_AT_ONCE, len(newcomers)))
                who = self._members(scene, newcomers, some)
                there = np.zeros(len(who))  # from the very beginning of the run
                scene.people.enter(who, state, place, row.attempts, there, scene.hour)
