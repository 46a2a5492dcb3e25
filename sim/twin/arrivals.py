"""Who comes: seats, the fixed list of parties of each route and day, landings, people at the start (rules 6.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.agents.states import SEATS, Kind, State
from sim.core.chance import Kind as Entity
from sim.core.chance import Purpose
from sim.twin.luck import exponential, in_force, lanes, near_normal, rounded, whole
from sim.twin.parties import least_resolve
from sim.twin.person import Person

if TYPE_CHECKING:
    from sim.scenario.people import InitialPeople
    from sim.twin.model import TwinModel

__all__ = ["FIRST_INITIAL_ROUTE", "Arrivals", "Traveller"]

FIRST_INITIAL_ROUTE: Final = 128
"""Row r of people there at the start is listed as route 128 + r."""

_SHARE_COUNTED_FROM: Final = date(2021, 8, 1)
_MOST_EXTRA: Final = 4.0


@dataclass(frozen=True)
class Traveller:
    """One party of a list, before it exists: its number, make-up, and when on the day it lands."""

    number: int
    kind: Kind
    size: int
    origin: int
    hour_of_day: int
    fraction: np.float64

    @property
    def n_children(self) -> int:
        """Children among its members, in the last seats."""
        return self.size - 2 if self.kind is Kind.FAMILY else 0


class Arrivals:
    """The passengers of today, and the way into the model."""

    def __init__(self, twin: TwinModel) -> None:
        self.twin = twin
        self.today: list[tuple[int, Traveller]] = []

    def start_day(self) -> None:
        """List the passengers of the day by route and index."""
        twin = self.twin
        self.today = []
        if not twin.scenario.migrants.enabled:
            return
        for number, route in enumerate(twin.scenario.route):
            u = lanes(twin.seed, Entity.ROUTE, number, Purpose.LOAD, twin.absolute_day)[0]
            people = whole(self._expected(number) * twin.levers.seats_open[number] + u)
            for traveller in self._listed(number, people, route.iraqi_share, route.syrian_share):
                self.today.append((number, traveller))

    def _expected(self, number: int) -> float:
        """Return the mean number of people bound for the line on a route today, all seats open."""
        twin, settings = self.twin, self.twin.scenario.arrivals
        row = in_force(twin.scenario.route[number].timetable, twin.date)
        seats = row.flights_per_week * row.seats_per_flight / 7.0 if row else 0.0
        first, peak = float(settings.share_of_seats_first), float(settings.share_of_seats_peak)
        way = (twin.date - _SHARE_COUNTED_FROM).days / float(settings.peak_day)
        share = first + (peak - first) * np.float64(min(max(way, 0.0), 1.0)) ** float(settings.growth)
        return seats * share * twin.scale

    def _listed(self, route: int, people: int, iraqi_share: float, syrian_share: float) -> Iterator[Traveller]:
        """Yield the parties that travel from the head of the list of a route and today."""
        ahead, index = 0, 0
        while ahead < people:
            traveller = self._make_up(route, index, iraqi_share, syrian_share)
            if ahead + traveller.size >= people:
                u = lanes(self.twin.seed, Entity.PARTY, traveller.number, Purpose.LOAD, 0)[0]
                if not u * traveller.size < people - ahead:
                    return
            yield traveller
            ahead += traveller.size
            index += 1

    def _make_up(self, route: int, index: int, iraqi_share: float, syrian_share: float) -> Traveller:
        """Return party `index` of the list of a route and today."""
        twin, migrants = self.twin, self.twin.scenario.migrants
        number = route * 2**40 + twin.absolute_day * 2**24 + index
        u0, u1, u2, u3 = lanes(twin.seed, Entity.PARTY, number, Purpose.PARTY_MAKE_UP, 0)
        alone_share = float(migrants.alone_share)
        extra = exponential(u1)
        if u0 < alone_share:
            kind, size = Kind.ALONE, 1.0
        elif u0 < alone_share + float(migrants.friends_share):
            kind, size = Kind.FRIENDS, 2.0 + min(np.floor(extra * float(migrants.friends_extra_mean)), _MOST_EXTRA)
        else:
            kind, size = Kind.FAMILY, 3.0 + min(np.floor(extra * float(migrants.family_extra_mean)), _MOST_EXTRA)
        origin = 0 if u2 < iraqi_share else 1 if u2 < iraqi_share + syrian_share else 2
        moment = u3 * 24.0
        return Traveller(number, kind, int(size), origin, whole(moment), moment - np.floor(moment))

    def _means(self, number: int) -> np.float32:
        """Return the money within reach for each member of a party of the lists, USD."""
        money = self.twin.scenario.money
        drawn = near_normal(lanes(self.twin.seed, Entity.PARTY, number, Purpose.PARTY_MAKE_UP, 1))
        return np.float32(float(money.means_median_usd) * np.exp(float(money.means_sigma) * drawn))

    # --- births -------------------------------------------------------------------------------------------------------

    def land(self) -> None:
        """Let the passengers of this hour land in Minsk; the last hour of a short day takes those left over."""
        twin = self.twin
        hour_of_day = twin.hour - int(twin.world.calendar.first_hour_of_day[twin.day])
        for route, traveller in self.today:
            is_due = traveller.hour_of_day == hour_of_day
            is_left_over = twin.is_last_hour_of_day and traveller.hour_of_day > hour_of_day
            if is_due or is_left_over:
                self._bear(traveller, State.MINSK, twin.nowhere, traveller.fraction, attempts=0)
                twin.tally.arrivals[twin.day, route] += traveller.size

    def place_initial(self) -> None:
        """Put the people who are there at the start where the scenario has them."""
        if not self.twin.scenario.migrants.enabled:
            return
        for number, row in enumerate(self.twin.scenario.initial):
            state, place = self._whereabouts(row)
            people = rounded(row.people * self.twin.scale)
            listed = self._listed(FIRST_INITIAL_ROUTE + number, people, row.iraqi_share, row.syrian_share)
            for traveller in listed:
                self._bear(traveller, state, place, np.float64(0.0), attempts=row.attempts)

    def _whereabouts(self, row: InitialPeople) -> tuple[State, int]:
        """Return state and place of people there at the start."""
        twin = self.twin
        if row.place == "Minsk":
            return State.MINSK, twin.nowhere
        if row.place in {"camp", "centre"}:
            return (State.CAMP if row.place == "camp" else State.CENTRE), twin.camp_post
        return State.LINE, twin.world.border.post_number(row.place)

    def _bear(self, traveller: Traveller, state: State, place: int, fraction: np.float64, attempts: int) -> None:
        """Let the members of a party be born."""
        twin = self.twin
        first_child = traveller.size - traveller.n_children
        members = [
            Person(
                twin,
                traveller.number * SEATS + seat,
                traveller.kind,
                traveller.origin,
                child=seat >= first_child,
                attempts=attempts,
            )
            for seat in range(traveller.size)
        ]
        twin.travellers[traveller.number] = members
        resolve, means = least_resolve(members), self._means(traveller.number)
        for member in members:
            member.resolve, member.means = resolve, means
            member.be_born(state, place, fraction)
            twin.people.append(member)
