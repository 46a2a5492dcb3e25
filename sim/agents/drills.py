"""Military drills: they signal, draw watchers to themselves, and endanger those who take part.

Each row of the scenario is one agent with phases. While a phase lasts, a share of the watchers at every guard post
within its reach watches the drill and not the line. The announcement of a drill is an act that tension feels. A
parachute drop in gusts costs lives at a chance that one event tells us of; in hard gusts it waits for a day, and is
called off if the next is no better.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final, cast

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.agents.actions import drill_targets, hour_of_run
from sim.core.chance import Kind, Purpose, draw

if TYPE_CHECKING:
    from sim.agents.host import Host
    from sim.scenario.forces import Drill, DrillPhase

__all__ = ["GUST_LIMIT_KMH", "DrillAgent", "DrillBoard", "drop_death_chance", "make_drills"]

MOST_PINNED: Final = 0.9
"""Watchers that drills can draw from a post at most; some always stay (bound of the scenario's own numbers)."""

MOST_DROP_DEATHS: Final = 0.2
"""Chance of death in a drop at most (assumed: nobody drops a second wave into what kills a fifth of the first)."""

GUST_LIMIT_KMH: Final = 60.0
"""Gusts above which a drop is put off (assumed: round canopies are jumped to about 10 m/s of steady wind, 36 km/h, and
the drop of 12 November went ahead in gusts, A093)."""

REFERENCE_GUST_KMH: Final = 40.0
"""Gusts at which `drop_accident_chance` of the scenario holds."""

PUT_OFF_HOURS: Final = 24
PARACHUTISTS: Final = ("paratrooper", "parachutist")
NUMBERS_PER_DRILL: Final = 100_000
"""Draw numbers set aside for the parachutists of one drill."""


def drop_death_chance(chance_at_40: float, gust_kmh: float, gust_scale_kmh: float) -> float:
    """Return the chance that one parachutist dies in a drop at gusts of `gust_kmh`, in [0, 0.2]."""
    rise = np.exp((gust_kmh - REFERENCE_GUST_KMH) / gust_scale_kmh)
    return float(np.minimum(chance_at_40 * rise, MOST_DROP_DEATHS))


class DrillBoard:
    """All drills of a run: which phases are under way and whom they draw from the line.

    Attributes:
        names: names of the drills, in scenario order; the same whether drills are switched on or not.
        agents: the drills as agents; none when they are switched off.
        deaths: int64[n_drills], soldiers who died in drops so far.
    """

    def __init__(self, names: tuple[str, ...], n_posts: int) -> None:
        self.names = names
        self.n_drills = len(names)
        self.agents: list[DrillAgent] = []
        self.deaths = np.zeros(self.n_drills, dtype=np.int64)
        self._shares = np.zeros((self.n_drills, n_posts))

    def active_shares(self) -> NDArray[np.float64]:
        """Return the share of watchers that each drill alone would draw now, float64[n_drills, n_posts]."""
        return self._shares.copy()

    def refresh(self, host: Host) -> None:
        """Work out anew whom all phases under way draw, and write it to the levers.

        Always from the set of phases under way and in scenario order, so that it does not matter in which order they
        began: several draw 1 − Π(1 − share), at most 0.9.
        """
        left = np.ones(self._shares.shape[1])
        for number, agent in enumerate(self.agents):
            own = np.ones_like(left)
            for share in agent.shares_under_way(host.hour):
                own *= 1.0 - share
                left *= 1.0 - share
            self._shares[number] = np.minimum(1.0 - own, MOST_PINNED)
        host.levers.pinned_share[:] = np.minimum(1.0 - left, MOST_PINNED)


class DrillAgent(mesa.Agent):
    """One drill: it wakes when a phase begins or ends."""

    def __init__(self, host: Host, board: DrillBoard, number: int, row: Drill) -> None:
        super().__init__(cast(mesa.Model, host))
        self.host, self.board, self.number, self.row = host, board, number, row
        posts = host.world.border.posts
        distance = host.world.border.distance_to_line_km(row.longitude, row.latitude)
        self.targets = drill_targets(host.world.border, row)
        self.country = int(posts.country[np.argmin(distance)])
        self.parachutists = round(
            sum(count for what, count in row.forces.items() if what.lower().startswith(PARACHUTISTS))
        )
        calendar = host.world.calendar
        self.begins = [hour_of_run(calendar, phase.day, phase.clock) for phase in row.phases]
        pins = host.scenario.drills.pins_watchers
        self._reach = [np.where((distance <= phase.reach_km) & pins, phase.pinned_share, 0.0) for phase in row.phases]
        self._begun: set[int] = set()
        self._put_off: set[int] = set()
        self._called_off: set[int] = set()
        self._n_drops = 0
        self._announced = min(self.begins) < 0
        for phase in range(len(row.phases)):
            self._book(phase)

    @property
    def luck_number(self) -> int:
        """Number of the first parachutist's draws; it hangs on the name, so that other drills do not shift it."""
        return zlib.crc32(self.row.name.encode()) * NUMBERS_PER_DRILL

    def shares_under_way(self, hour: int) -> list[NDArray[np.float64]]:
        """Return the shares of watchers drawn by each phase under way in `hour`, each float64[n_posts]."""
        return [self._reach[phase] for phase in range(len(self.begins)) if self._under_way(phase, hour)]

    def wake(self) -> None:
        """Begin and end the phases whose hour it is."""
        hour = self.host.hour
        for phase, row in enumerate(self.row.phases):
            if self.begins[phase] == hour and phase not in self._begun | self._called_off:
                self._begin(phase, row)
        self.board.refresh(self.host)

    def _under_way(self, phase: int, hour: int) -> bool:
        begin = self.begins[phase]
        return phase not in self._called_off and begin <= hour < begin + self.row.phases[phase].hours

    def _book(self, phase: int) -> None:
        """Book the beginning of a phase, or hour 0 where it is already under way, and its end."""
        begin = self.begins[phase]
        end = begin + self.row.phases[phase].hours
        n_hours = self.host.world.calendar.n_hours
        if end > 0 and begin < n_hours:
            self.host.diary.book(max(begin, 0), self)
            if end < n_hours:
                self.host.diary.book(end, self)

    def _begin(self, phase: int, row: DrillPhase) -> None:
        """Announce the drill if this is its first phase, and begin the phase if the wind allows."""
        host = self.host
        if not self._announced:
            self._announced = True
            host.tension.event(self.row.side, self.targets, self.row.goldstein)
        if row.name == "drop" and not self._wind_allows(phase):
            return
        self._begun.add(phase)
        strength = sum(self.row.forces.values())
        self._log("drill", f"{self.row.name}: {row.name.replace('_', ' ')} begins", strength)
        if row.name == "drop":
            self._drop()

    def _gust_kmh(self) -> float:
        return float(self.host.world.weather.gust_kmh[self.host.hour, self.country])

    def _wind_allows(self, phase: int) -> bool:
        """Return whether a drop goes ahead; put it off by a day the first time, call it off the second."""
        gust = self._gust_kmh()
        if gust <= GUST_LIMIT_KMH:
            return True
        if phase in self._put_off:
            self._called_off.add(phase)
            self._log("drill", f"{self.row.name}: drop called off in gusts of {gust:.0f} km/h")
            return False
        self._put_off.add(phase)
        self.begins[phase] += PUT_OFF_HOURS
        self._book(phase)
        self._log("drill", f"{self.row.name}: drop put off by a day in gusts of {gust:.0f} km/h")
        return False

    def _drop(self) -> None:
        """Draw who of the parachutists dies: one draw for each, so that more wind never saves anyone."""
        settings = self.host.scenario.drills
        chance = drop_death_chance(
            float(settings.drop_accident_chance), self._gust_kmh(), float(settings.gust_scale_kmh)
        )
        numbers = self.luck_number + np.arange(min(self.parachutists, NUMBERS_PER_DRILL))
        uniform = draw(self.host.seed, Kind.DRILL, numbers, Purpose.DROP, self._n_drops)[0]
        self._n_drops += 1
        deaths = int(np.count_nonzero(uniform < chance))
        self.board.deaths[self.number] += deaths
        if deaths:
            died = "1 parachutist dies" if deaths == 1 else f"{deaths} parachutists die"
            self._log("soldier_deaths", f"{self.row.name}: {died} in the drop", deaths)

    def _log(self, kind: str, text: str, size: float = 0.0) -> None:
        self.host.log(kind, self.row.actor, self.row.place, text, size)


def make_drills(host: Host) -> DrillBoard:
    """Return the drills of the scenario with their appointments made; none act when drills are switched off."""
    rows = host.scenario.drill
    board = DrillBoard(tuple(row.name for row in rows), len(host.world.border.posts))
    if host.scenario.drills.enabled:
        board.agents = [DrillAgent(host, board, number, row) for number, row in enumerate(rows)]
    return board
