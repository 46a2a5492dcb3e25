"""What a deliberating agent may ask of the model it lives in, and the diary by which it is woken.

Engineers, drills and governments are few and think: each is a ``mesa.Agent`` with :meth:`wake`. They are not called
every hour but at hours they have booked.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sim.agents.drills import DrillBoard
    from sim.agents.levers import Levers
    from sim.agents.tension import Tension
    from sim.scenario.schema import Scenario
    from sim.world.world import World

__all__ = ["Diary", "Host", "Sleeper"]


class Sleeper(Protocol):
    """Whoever can be woken."""

    def wake(self) -> None:
        """Do what was booked for this hour."""


class Host(Protocol):
    """The model as deliberating agents see it."""

    scenario: Scenario
    world: World
    levers: Levers
    tension: Tension
    diary: Diary
    drills: DrillBoard
    seed: int
    hour: int

    def log(self, kind: str, actor: str, place: str, text: str, size: float = 0.0, claimant: str = "") -> None:
        """Enter something that happened in this hour into the chronicle of the run.

        `claimant` says who says so, where it is a claim; empty where it is the model's own account.
        """

    def seen_attempts_by_post(self) -> object:
        """Return the recorded attempts of the last full day by post, int64[n_posts]."""

    def people_at_the_line(self) -> object:
        """Return the people on the Belarusian side at the line by post, int64[n_posts], now."""

    def survey_teams(self) -> list[tuple[str, int]]:
        """Return contingent and number of the guard post of each survey team at work in this hour."""


class Diary:
    """Appointments, by hour and then in the order in which they were made."""

    def __init__(self) -> None:
        self._entries: list[tuple[int, int, Sleeper]] = []
        self._made = 0

    def __len__(self) -> int:
        return len(self._entries)

    def book(self, hour: int, sleeper: Sleeper) -> None:
        """Wake `sleeper` at the start of `hour`."""
        heapq.heappush(self._entries, (hour, self._made, sleeper))
        self._made += 1

    def wake_due(self, hour: int) -> int:
        """Wake everyone booked for `hour` or before, in order; return how many were woken."""
        n_woken = 0
        while self._entries and self._entries[0][0] <= hour:
            _, _, sleeper = heapq.heappop(self._entries)
            sleeper.wake()
            n_woken += 1
        return n_woken
