"""The hour in which rules act: everything a rule of the mass may see, in one object handed to all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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
