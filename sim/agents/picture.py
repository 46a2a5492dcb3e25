"""The picture of the situation that governments look at every morning, and one government's view of it.

All see the same picture. It holds only what could be seen: rungs, recorded attempts, people at the line, the camp,
flights, and what governments did.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from sim.agents.actions import CAPITALS, Act, hour_of_run
from sim.agents.drill_dangers import soldiers_in
from sim.agents.tension import PAIRS

if TYPE_CHECKING:
    from sim.agents.host import Host, Sleeper
    from sim.scenario.drills import Drill
    from sim.scenario.schema import Scenario
    from sim.world.border import Border
    from sim.world.calendar import Calendar

__all__ = ["BAN_LEAVES_OPEN", "USUAL_DAYS", "Deed", "Picture", "View", "Watch", "book_morning"]

MORNING: Final = "08:00"
"""Warsaw clock at which governments look at the picture and decide."""

USUAL_DAYS: Final = 14
FEWEST_DAYS: Final = 3
"""Days over which the usual number of attempts is taken, and the fewest that make one (assumed)."""

DEEDS_KEPT_HOURS: Final = 30 * 24

BUSY_FACTOR: Final = 1.5
"""Yesterday's attempts over their usual number from which a government speaks of a rise (assumed)."""

FEWEST_ATTEMPTS: Final = 20
"""Attempts below which no rise is noticed (assumed: three instead of one is no news)."""

BAN_LEAVES_OPEN: Final = 0.1
"""Seats that a flight ban leaves to people bound for the line (assumed: some fly by way of a third country)."""

LONGEST_ORDERED_HOURS: Final = 240
MOST_ORDERED_SOLDIERS: Final = 5000.0
"""Phase-hours and soldiers of a drill up to which a government orders it again (assumed: what can be held at a few
days' notice; Zapad-2021 cannot)."""

OWN_CITIES: Final = {
    "Baghdad": ("baghdad", "iraq", "erbil", "basra", "sulaymaniyah"),
    "Ankara": ("istanbul", "turkey", "antalya", "ankara"),
    "Damascus": ("damascus", "syria", "latakia"),
}
"""Words in a route's name by which a capital knows a route as its own."""


@dataclass(frozen=True)
class Deed:
    """An act that was done: when, by whom, of which kind."""

    hour: int
    actor: str
    kind: str


@dataclass(frozen=True, eq=False)
class Picture:
    """What could be seen on one morning, the same for all governments.

    Attributes:
        hour: hour of the run.
        rung: int8[n_pairs].
        attempts: float64[n_countries], recorded on the last full day, in real numbers.
        usual: float64[n_countries], mean of the up to 14 days before that; inf where too few are known.
        people_at_post: float64[n_posts], persons at the line on the Belarusian side, in real numbers.
        camp_open: whether the camp stands.
        let_back: whether those who want are let go back.
        seats_open: float64[n_routes], share of seats open on each route.
        closed: names of road crossings that are closed.
        deeds: acts of all governments in the last 30 days.
    """

    hour: int
    rung: NDArray[np.int8]
    attempts: NDArray[np.float64]
    usual: NDArray[np.float64]
    people_at_post: NDArray[np.float64]
    camp_open: bool
    let_back: bool
    seats_open: NDArray[np.float64]
    closed: frozenset[str]
    deeds: tuple[Deed, ...]


@dataclass(frozen=True, eq=False)
class View:
    """A picture as one government sees it, with what it knows anyway."""

    name: str
    picture: Picture
    scenario: Scenario
    border: Border
    calendar: Calendar

    def rung(self, first: str, second: str) -> int:
        """Return the rung of a pair of sides, 1 to 12."""
        return int(self.picture.rung[PAIRS.index((first, second))])

    def lately(self, days: float, kinds: frozenset[str], actors: frozenset[str]) -> bool:
        """Return whether one of `actors` did something of these kinds in the `days` before the picture."""
        since = self.picture.hour - 24.0 * days
        return any(deed.hour >= since and deed.kind in kinds and deed.actor in actors for deed in self.picture.deeds)

    @property
    def own_line(self) -> int:
        """Number of the country whose line this capital holds."""
        return CAPITALS.index(self.name)

    @property
    def attempts_rise(self) -> bool:
        """Whether yesterday's attempts on its own line were well above their usual number."""
        seen, usual = self.picture.attempts[self.own_line], self.picture.usual[self.own_line]
        return bool(seen >= FEWEST_ATTEMPTS and seen > BUSY_FACTOR * usual)

    @property
    def pressed(self) -> bool:
        """Whether its own line calls for more soldiers: the rung of its pair with Minsk, or a rise of attempts."""
        own_rung = self.rung("Minsk", self.name)
        return own_rung >= float(self.scenario.governments.reinforce_rung) or self.attempts_rise

    @property
    def own_routes(self) -> tuple[str, ...]:
        """Names of the flight routes that begin in its country."""
        words = OWN_CITIES[self.name]
        flights = (route.name for route in self.scenario.route if route.kind == "flight")
        return tuple(name for name in flights if any(word in name.casefold() for word in words))

    @property
    def own_flights_open(self) -> bool:
        """Whether it has a route on which more seats are open than a ban would leave."""
        numbers = [n for n, route in enumerate(self.scenario.route) if route.name in self.own_routes]
        return bool(np.any(self.picture.seats_open[numbers] > BAN_LEAVES_OPEN))

    @property
    def flights_mostly_closed(self) -> bool:
        """Whether on more than half of the flight routes less than half of the seats are open."""
        flights = [n for n, route in enumerate(self.scenario.route) if route.kind == "flight"]
        n_closed = int(np.count_nonzero(self.picture.seats_open[flights] < 0.5))
        return 2 * n_closed > len(flights)

    def people_at(self, place: str) -> float:
        """Return the people at the line opposite a place, in real numbers."""
        return float(self.picture.people_at_post[self.border.post_of_place(place)])

    @property
    def own_drill(self) -> Drill | None:
        """The latest drill of its side, or of its camp's for Minsk, that it could order again; None if there is none.

        Only what had begun when the picture was taken, lasted ten days at most with at most 5,000 soldiers, and drew
        watchers or stood on notice.
        """
        if not (self.scenario.drills.enabled and self.scenario.governments.orders_drills):
            return None
        seen = self.calendar.date_of_day(int(self.calendar.day_of_hour[self.picture.hour]))
        known = [
            (begins, row.name, row)
            for row in self.scenario.drill
            if row.side == self.name
            and (begins := min(phase.day for phase in row.phases)) < seen
            and begins <= self.scenario.replay_until
            and soldiers_in(row.forces) <= MOST_ORDERED_SOLDIERS
            and sum(phase.hours for phase in row.phases) <= LONGEST_ORDERED_HOURS
            and any(phase.reach_km > 0 or phase.name == "alert" for phase in row.phases)
        ]
        return max(known, key=lambda entry: entry[:2])[2] if known else None

    @property
    def fullest_post(self) -> int:
        """Number of the post with the most people on the other side."""
        return int(np.argmax(self.picture.people_at_post))


class Watch:
    """The situation as seen every morning, and the deeds of all governments."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.deeds: list[Deed] = []
        self.pictures: list[Picture] = []
        self._attempts: deque[NDArray[np.float64]] = deque(maxlen=USUAL_DAYS)

    def note(self, act: Act) -> None:
        """Remember that an act was done in this hour."""
        self.deeds.append(Deed(self.host.hour, act.actor, act.kind))

    def seen(self, hour: int) -> Picture | None:
        """Return the newest picture taken in `hour` or before; None if there is none yet."""
        return next((picture for picture in reversed(self.pictures) if picture.hour <= hour), None)

    def begin(self, day: int) -> None:
        """Take a picture every morning from day `day` of the run on.

        All mornings are booked at once, before governments book theirs, so that the picture is taken first.
        """
        for morning in range(day, self.host.world.calendar.n_days):
            book_morning(self.host, morning, self)

    def wake(self) -> None:
        """Take this morning's picture."""
        host = self.host
        levers, countries = host.levers, host.world.border.posts.country
        day = int(host.world.calendar.day_of_hour[host.hour])
        scale = host.scenario.agent_scale
        attempts = np.zeros(len(CAPITALS))
        np.add.at(attempts, countries, np.asarray(host.seen_attempts_by_post(), dtype=np.float64) / scale)
        usual = np.full(len(CAPITALS), np.inf)
        if len(self._attempts) >= FEWEST_DAYS:
            usual = np.cumsum(self._attempts, axis=0)[-1] / len(self._attempts)
        if day > 0:  # the first morning has no day before it
            self._attempts.append(attempts)
        self.deeds = [deed for deed in self.deeds if deed.hour >= host.hour - DEEDS_KEPT_HOURS]
        self.pictures.append(
            Picture(
                hour=host.hour,
                rung=host.tension.rung.copy(),
                attempts=attempts,
                usual=usual,
                people_at_post=np.asarray(host.people_at_the_line(), dtype=np.float64) / scale,
                camp_open=levers.camp_open,
                let_back=levers.let_back,
                seats_open=levers.seats_open.copy(),
                closed=frozenset(levers.crossings_closed),
                deeds=tuple(self.deeds),
            )
        )


def book_morning(host: Host, day: int, sleeper: Sleeper) -> None:
    """Wake someone on the morning of a day of the run, be it past its end, which nobody reaches before it is moved."""
    calendar = host.world.calendar
    host.diary.book(hour_of_run(calendar, calendar.first_day + timedelta(days=day), MORNING), sleeper)
