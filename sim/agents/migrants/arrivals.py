"""Who comes: fixed lists of parties by route and day, of which the load decides how many travel.

Party `index` of a route and day is the same people in every scenario and every run of one seed; more seats only let
more of the list travel. Those present at the start are lists too.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from sim.agents.scene import Scene
from sim.agents.states import SEATS, Kind, State
from sim.core.chance import Kind as Who
from sim.core.chance import Purpose, draw, exponential
from sim.scenario.schema import Scenario
from sim.world.calendar import EPOCH, Calendar

__all__ = ["Arrivals", "Newcomers", "enumerate_parties"]

Ints = NDArray[np.int64]

_DAY_BITS = 16
_INDEX_BITS = 24
_INITIAL_ROUTE = 128
"""Route numbers from here on are rows of the table of people present at the start."""
_MOST_EXTRA = 4.0
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

    @classmethod
    def joined(cls, lists: list[Newcomers]) -> Newcomers:
        """Return several lists as one, in their order."""
        return cls(*(np.concatenate([getattr(one, f.name) for one in lists]) for f in fields(cls)))

    def __len__(self) -> int:
        return len(self.number)


def enumerate_parties(
    scenario: Scenario, seed: int, route: int, absolute_day: int, people: int, iraqi: float, syrian: float
) -> Newcomers:
    """Return the first parties of a route's list for a day, until they hold `people` persons or just more."""
    migrants = scenario.migrants
    alone = float(migrants.alone_share)
    not_family = alone + float(migrants.friends_share)
    base = (route << (_DAY_BITS + _INDEX_BITS)) | (absolute_day << _INDEX_BITS)
    index = np.arange(max(people, 0), dtype=np.int64)  # a party has at least one member
    number = base + index
    u_kind, u_size, u_origin, u_hour = draw(seed, Who.PARTY, number, Purpose.PARTY_MAKE_UP, 0)
    kind = np.where(u_kind < alone, Kind.ALONE, np.where(u_kind < not_family, Kind.FRIENDS, Kind.FAMILY)).astype(
        np.int64
    )
    wait = exponential(u_size)
    friends = 2.0 + np.minimum(np.floor(wait * float(migrants.friends_extra_mean)), _MOST_EXTRA)
    family = 3.0 + np.minimum(np.floor(wait * float(migrants.family_extra_mean)), _MOST_EXTRA)
    size = np.where(kind == Kind.ALONE, 1.0, np.where(kind == Kind.FRIENDS, friends, family)).astype(np.int64)
    travels = _who_travels(seed, number, size, people)
    keep = slice(0, travels)
    origin = np.where(u_origin < iraqi, 0, np.where(u_origin < iraqi + syrian, 1, 2)).astype(np.int64)
    clock = u_hour * _LANDING_HOURS
    hour = np.floor(clock)
    return Newcomers(
        number=number[keep],
        kind=kind[keep],
        size=size[keep],
        n_children=np.where(kind == Kind.FAMILY, size - 2, 0)[keep],
        origin=origin[keep],
        since_midnight=hour.astype(np.int64)[keep],
        fraction=(clock - hour)[keep],
        route=np.full(len(number[keep]), route),
    )


def _who_travels(seed: int, number: Ints, size: Ints, people: int) -> int:
    """Return how many parties from the start of a list travel when there is room for `people` persons.

    The party that no longer fits whole travels by its own lot, with the chance of the share of it that would fit: so
    that the mean is right, and more room never keeps anyone at home.
    """
    if people <= 0:
        return 0
    ahead = np.cumsum(size) - size
    last = int(np.searchsorted(ahead, people, side="left")) - 1
    lot, _, _, _ = draw(seed, Who.PARTY, number[last], Purpose.LOAD, 0)
    fits = lot[0] * size[last] < people - ahead[last]
    return last + 1 if fits else last


def seats_by_day(scenario: Scenario, calendar: Calendar) -> NDArray[np.float64]:
    """Return people bound for the line among the seats of each route and day, before bans, float64[n_days, n_routes].

    The share of seats rises in a straight line from 1 August 2021 to its peak and stays there.
    """
    arrivals = scenario.arrivals
    first, peak = float(arrivals.share_of_seats_first), float(arrivals.share_of_seats_peak)
    n_days = calendar.n_days
    dates = [calendar.date_of_day(day) for day in range(n_days)]
    since_august = np.array([day.toordinal() for day in dates]) - (EPOCH.toordinal() + 212)
    share = first + (peak - first) * np.clip(since_august / float(arrivals.peak_day), 0.0, 1.0)
    seats = np.zeros((n_days, len(scenario.route)))
    for number, route in enumerate(scenario.route):
        for row in sorted(route.timetable, key=lambda row: row.since):
            running = np.array([day >= row.since for day in dates])
            seats[running, number] = row.flights_per_week * row.seats_per_flight / 7.0
    return seats * share[:, None] * float(scenario.migrants.people_scale)


class Arrivals:
    """Turns the day's seats into parties and lets them land hour by hour."""

    def __init__(self, scene: Scene) -> None:
        self.scenario = scene.scenario
        self.seed = scene.seed
        self.enabled = scene.scenario.migrants.enabled
        self.expected = seats_by_day(scene.scenario, scene.world.calendar)
        self._today: Newcomers | None = None

    def start_day(self, scene: Scene) -> None:
        """Decide who travels today: seats × share × what bans leave open, rounded by lot."""
        self._today = None
        if not self.enabled:
            return
        n_routes = self.expected.shape[1]
        routes = np.arange(n_routes)
        lot = draw(self.seed, Who.ROUTE, routes, Purpose.LOAD, scene.absolute_day)[0]
        people = np.floor(self.expected[scene.day] * scene.levers.seats_open + lot).astype(np.int64)
        lists = [
            enumerate_parties(
                self.scenario,
                self.seed,
                int(number),
                scene.absolute_day,
                int(people[number]),
                self.scenario.route[number].iraqi_share,
                self.scenario.route[number].syrian_share,
            )
            for number in routes[people > 0]
        ]
        self._today = Newcomers.joined(lists) if lists else None

    def land(self, scene: Scene) -> None:
        """Let the parties of this hour land and begin their stay in Minsk.

        Hours are counted from midnight, not read off the clock, which shows 2 twice on 31 October.
        """
        if self._today is None:
            return
        first_hours = scene.world.calendar.first_hour_of_day
        since_midnight = scene.hour - int(first_hours[scene.day])
        landing = self._today.since_midnight
        if scene.hour + 1 == int(first_hours[scene.day + 1]):  # the last hour takes all, on days of 23 hours too
            here = np.flatnonzero((landing >= since_midnight) & (landing < _LANDING_HOURS))
        else:
            here = np.flatnonzero(landing == since_midnight)
        if len(here):
            self._add(scene, self._today, here, State.MINSK, scene.people.cells.nowhere, 0)
            np.add.at(scene.tally.arrivals[scene.day], self._today.route[here], self._today.size[here])

    def _add(self, scene: Scene, newcomers: Newcomers, which: Ints, state: int, place: int, attempts: int) -> None:
        """Add the members of some parties to the population."""
        size = newcomers.size[which]
        n_people = int(size.sum())
        start = np.cumsum(size) - size
        seat = np.arange(n_people) - np.repeat(start, size)
        n_adults = np.repeat(size - newcomers.n_children[which], size)
        scene.people.born(
            ids=np.repeat(newcomers.number[which] * SEATS, size) + seat,
            kind=np.repeat(newcomers.kind[which], size),
            state=np.full(n_people, state, dtype=np.int64),
            place=np.full(n_people, place, dtype=np.int64),
            origin=np.repeat(newcomers.origin[which], size),
            child=seat >= n_adults,
            attempts=np.full(n_people, attempts, dtype=np.int64),
            fraction=np.repeat(newcomers.fraction[which], size),
            hour=scene.hour,
        )

    def place_initial(self, scene: Scene) -> None:
        """Put those who are there at the start into their places: the table ``[[initial]]``."""
        if not self.enabled:
            return
        scale = float(self.scenario.migrants.people_scale)
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
            newcomers = replace(newcomers, fraction=np.zeros(len(newcomers)))  # there when the run begins
            if row.place == "Minsk":
                state, place = int(State.MINSK), nowhere
            elif row.place in ("camp", "centre"):
                state = int(State.CAMP if row.place == "camp" else State.CENTRE)
                place = scene.services.camp_post
            else:
                state, place = int(State.LINE), scene.world.border.post_number(row.place)
            self._add(scene, newcomers, np.arange(len(newcomers)), state, place, row.attempts)
