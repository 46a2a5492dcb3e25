"""The hour in which rules act: everything a rule of the mass may see, in one object handed to all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from sim.agents.levers import Levers
from sim.agents.tally import Tally
from sim.scenario.schema import Scenario
from sim.world.world import World

if TYPE_CHECKING:
    from sim.agents.guards import Guards
    from sim.agents.migrants.people import People
    from sim.agents.minsk_services import MinskServices
    from sim.agents.network import Network

__all__ = ["Scene"]

_EVENING_CLOCK: Final = "17:00"
_NIGHT_HOURS: Final = 10
"""What services plan for a night happens from 17:00 Warsaw time over ten hours (G rows: dusk to the small hours)."""


@dataclass
class Scene:
    """One run in one hour.

    Attributes
    ----------
    hour : hours since the run's first midnight
    day : days since the run's first day
    """

    scenario: Scenario
    world: World
    seed: int
    levers: Levers
    tally: Tally
    hour: int = 0
    day: int = 0
    people: People = field(init=False)
    guards: Guards = field(init=False)
    services: MinskServices = field(init=False)
    network: Network = field(init=False)

    @property
    def absolute_hour(self) -> int:
        """Hours since 2021-01-01 00:00 UTC."""
        return self.world.calendar.epoch_hour + self.hour

    @property
    def absolute_day(self) -> int:
        """Warsaw days since 2021-01-01."""
        return self.world.calendar.epoch_day + self.day

    def hours_of_night(self, lot: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return in which hours of the run what is planned for the coming night happens, int64[n], by lots."""
        calendar = self.world.calendar
        evening = calendar.hour_at(calendar.date_of_day(self.day), _EVENING_CLOCK)
        hours: NDArray[np.int64] = evening + np.floor(lot * _NIGHT_HOURS).astype(np.int64)
        return hours
