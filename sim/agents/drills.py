"""Military drills: they signal, draw watchers to themselves, and endanger those who take part.

Each row of the scenario is one agent with phases. While a phase lasts, a share of the watchers at every guard post
within its reach watches the drill and not the line. The announcement of a drill is an act that tension feels. A
parachute drop in gusts costs lives at a chance that one event tells us of; in hard gusts it waits for a day, and is
called off if the next is no better; gunships stay on the ground. What a drill is said to be for stays a claim. A
government may order a drill of its own to be held again.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.agents.actions import drill_targets, hour_of_run
from sim.agents.drill_dangers import DANGERS, DangerDraws, danger_rates, incident_of
from sim.core.chance import Kind, Purpose, draw

if TYPE_CHECKING:
    from sim.agents.host import Host
    from sim.scenario.drills import Drill, DrillPhase

__all__ = ["DrillAgent", "DrillBoard", "drop_death_chance", "make_drills"]

MOST_PINNED: Final = 0.9
"""Watchers that drills can draw from a post at most; some always stay (bound of the scenario's own numbers)."""

MOST_DROP_DEATHS: Final = 0.2
"""Chance of death in a drop at most (assumed: nobody drops a second wave into what kills a fifth of the first)."""

REFERENCE_GUST_KMH: Final = 40.0
"""Gusts at which `drop_accident_chance` of the scenario holds."""

PUT_OFF_HOURS: Final = 24
PARACHUTISTS: Final = ("paratrooper", "parachutist")
NUMBERS_PER_DRILL: Final = 100_000
"""Draw numbers set aside for one drill: its parachutists first, its dangers from `DANGERS_FROM` on."""

DANGERS_FROM: Final = 90_000
DROPS_PER_REPEAT: Final = 64
"""Occasions set aside for the drops of one holding of a drill."""


def drop_death_chance(chance_at_40: float, gust_kmh: float, gust_scale_kmh: float) -> float:
    """Return the chance that one parachutist dies in a drop at gusts of `gust_kmh`, in [0, 0.2]."""
    rise = np.exp((gust_kmh - REFERENCE_GUST_KMH) / gust_scale_kmh)
    return float(np.minimum(chance_at_40 * rise, MOST_DROP_DEATHS))


class DrillBoard:
    """All drills of a run: which phases are under way and whom they draw from the line.

    Attributes:
        names: names of the drills, in scenario order; the same whether drills are switched on or not.
        agents: the drills as agents; none when they are switched off.
        deaths: int64[n_drills], soldiers who died so far, in drops and by accident.
        expected_dangers: float64[n_drills, 3], events of each danger to be expected of the phases begun so far.
    """

    def __init__(self, names: tuple[str, ...], n_posts: int) -> None:
        self.names = names
        self.n_drills = len(names)
        self.agents: list[DrillAgent] = []
        self.deaths = np.zeros(self.n_drills, dtype=np.int64)
        self.expected_dangers = np.zeros((self.n_drills, len(DANGERS)))
        self._shares = np.zeros((self.n_drills, n_posts))

    def active_shares(self) -> NDArray[np.float64]:
        """Return the share of watchers that each drill alone would draw now, float64[n_drills, n_posts]."""
        return self._shares.copy()

    def refresh(self, host: Host) -> None:
        """Work out anew whom all phases under way draw, and write it to the levers.

        Always from the set of phases under way and in scenario order, so that it does not matter in which order they
        began: several draw 1 − Π(1 − share), at most 0.9.
        """
        free = np.ones_like(self._shares)
        left = np.ones(self._shares.shape[1])
        for agent in self.agents:
            for share in agent.shares_under_way(host.hour):
                free[agent.number] *= 1.0 - share
                left *= 1.0 - share
        self._shares = np.minimum(1.0 - free, MOST_PINNED)
        host.levers.pinned_share[:] = np.minimum(1.0 - left, MOST_PINNED)

    def hold_again(self, host: Host, name: str, hour: int) -> None:
        """Hold the drill called `name` again, with the same forces and phases, from `hour` of the run on.

        Nothing happens when drills are switched off.
        """
        if not host.scenario.drills.enabled:
            return
        number = self.names.index(name)
        times = sum(agent.number == number for agent in self.agents)
        self.agents.append(DrillAgent(host, self, number, host.scenario.drill[number], begins=hour, repeat=times))


class DrillAgent(mesa.Agent):
    """One drill: it wakes when a phase begins or ends."""

    def __init__(
        self, host: Host, board: DrillBoard, number: int, row: Drill, *, begins: int | None = None, repeat: int = 0
    ) -> None:
        """Book the phases of drill `number`; held for the `repeat`-th time again, its first phase at hour `begins`."""
        super().__init__(cast(mesa.Model, host))
        self.host, self.board, self.number, self.row, self.repeat = host, board, number, row, repeat
        posts = host.world.border.posts
        distance = host.world.border.distance_to_line_km(row.longitude, row.latitude)
        self.targets = drill_targets(host.world.border, row)
        self.country = int(posts.country[np.argmin(distance)])
        self.parachutists = round(
            sum(count for what, count in row.forces.items() if what.lower().startswith(PARACHUTISTS))
        )
        calendar = host.world.calendar
        self.begins = [hour_of_run(calendar, phase.day, phase.clock) for phase in row.phases]
        if begins is not None:
            first = min(self.begins)
            self.begins = [begins + hour - first for hour in self.begins]
        settings = host.scenario.drills
        pins = settings.pins_watchers
        self._reach = [np.where((distance <= phase.reach_km) & pins, phase.pinned_share, 0.0) for phase in row.phases]
        self._near = [distance <= max(phase.reach_km, float(distance.min())) for phase in row.phases]
        self._rates = [danger_rates(settings, row, phase, float(distance.min())) for phase in range(len(row.phases))]
        self._gust_limit = {
            "drop": float(settings.drop_gust_limit_kmh), "gunships": float(settings.helicopter_gust_limit_kmh),
        }  # fmt: skip
        self._dangers: list[tuple[int, int, float, DangerDraws]] = []
        self._begun: set[int] = set()
        self._put_off: set[int] = set()
        self._called_off: set[int] = set()
        self._n_drops = repeat * DROPS_PER_REPEAT
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
        """Let happen what was drawn for this hour; begin and end the phases whose hour it is."""
        hour = self.host.hour
        happening = [entry for entry in self._dangers if entry[0] == hour]
        self._dangers = [entry for entry in self._dangers if entry[0] != hour]
        for _, phase, mark, draws in happening:
            self._endanger(phase, mark, draws)
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
        if end > 0:
            self.host.diary.book(max(begin, 0), self)
            self.host.diary.book(end, self)

    def _begin(self, phase: int, row: DrillPhase) -> None:
        """Announce the drill if this is its first phase, and begin the phase if the wind allows."""
        host = self.host
        if not self._announced:
            self._announced = True
            host.tension.event(self.row.side, self.targets, self.row.goldstein)
            for claim in self.row.claims:
                host.log("claim", claim.claimant, self.row.place, claim.text, 0.0, claim.claimant)
        if not self._wind_allows(phase):
            return
        self._begun.add(phase)
        strength = sum(self.row.forces.values())
        self._log("drill", f"{self.row.name}: {row.name.replace('_', ' ')} begins", strength)
        if row.name == "drop":
            self._drop()
        for number, danger in enumerate(DANGERS):
            rate = float(self._rates[phase][number])
            if rate > 0.0:
                self.board.expected_dangers[self.number, number] += rate * row.hours
                process = (self.repeat * len(self.begins) + phase) * len(DANGERS) + number
                draws = DangerDraws(self.luck_number + DANGERS_FROM + process, danger, rate)
                self._wait_for(phase, float(self.begins[phase]), draws)

    def _wait_for(self, phase: int, after: float, draws: DangerDraws) -> None:
        """Book the next event of a danger after a moment, if it comes while the phase lasts."""
        when, mark = draws.next_after(self.host.seed, after)
        end = min(self.begins[phase] + self.row.phases[phase].hours, self.host.world.calendar.n_hours)
        if when < end:
            self._dangers.append((int(when), phase, mark, replace(draws, since=when)))
            self.host.diary.book(int(when), self)

    def _endanger(self, phase: int, mark: float, draws: DangerDraws) -> None:
        """Let an event of a danger happen, and wait for the next."""
        if draws.danger == "accident":
            self.board.deaths[self.number] += 1
            self._log("soldier_deaths", f"{self.row.name}: a soldier dies in an accident", 1.0)
        else:
            incident = incident_of(self.host, self.row, draws.danger, mark, self._near[phase])
            if incident is not None:
                self.host.tension.note(incident)
        self._wait_for(phase, draws.since, draws)

    def _gust_kmh(self) -> float:
        return float(self.host.world.weather.gust_kmh[self.host.hour, self.country])

    def _wind_allows(self, phase: int) -> bool:
        """Return whether a phase goes ahead; a drop is put off by a day the first time, all else is called off."""
        gust, name = self._gust_kmh(), self.row.phases[phase].name
        if gust <= self._gust_limit.get(name, np.inf):
            return True
        if name != "drop" or phase in self._put_off:
            self._called_off.add(phase)
            self._log("drill", f"{self.row.name}: {name} called off in gusts of {gust:.0f} km/h")
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
    """Return the drills of the scenario with their appointments made; none act when drills are switched off.

    Drills are history like dated acts: one that would begin after `replay_until` does not begin, one that has begun
    goes on. After it, governments may order what they know (:meth:`DrillBoard.hold_again`).
    """
    rows = host.scenario.drill
    board = DrillBoard(tuple(row.name for row in rows), len(host.world.border.posts))
    if host.scenario.drills.enabled:
        last = host.scenario.replay_until
        board.agents = [
            DrillAgent(host, board, number, row)
            for number, row in enumerate(rows)
            if min(phase.day for phase in row.phases) <= last
        ]
    return board
