"""Mending under cover: patrol units that stand with a crew while it closes a breach."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from sim.agents.host import Host
from sim.core.chance import Kind, Purpose, draw

__all__ = ["ask_for_cover"]

_TEAMS_AT_ONCE, _HOURS_AT_ONCE = 32, 24


def ask_for_cover(host: Host, team: int, segment: int) -> None:
    """Let units of the post of a segment stand with a team in this hour, watching but not free to respond.

    Patrols are scaled like people, so that a part of a unit is a chance, drawn by team and hour. The team mends whether
    or not anybody can be spared.
    """
    asked = float(host.scenario.engineers.cover_units) * host.scenario.agent_scale
    if asked > 0.0:
        teams, number = divmod(team, _TEAMS_AT_ONCE)
        hours, hour = divmod(host.world.calendar.epoch_hour + host.hour, _HOURS_AT_ONCE)
        lot = _lots(host.seed, teams, hours)[number][hour]
        host.levers.cover(int(host.world.border.segments.post[segment]), int(np.floor(asked + lot)))


@lru_cache(maxsize=64)
def _lots(seed: int, teams: int, hours: int) -> list[list[float]]:
    """Return the lots of 32 teams in 24 hours, by team: drawn at one go, since one lot alone costs as much."""
    team, hour = np.divmod(np.arange(_TEAMS_AT_ONCE * _HOURS_AT_ONCE), _HOURS_AT_ONCE)
    number, when = teams * _TEAMS_AT_ONCE + team, hours * _HOURS_AT_ONCE + hour
    lots, *_ = draw(seed, Kind.TEAM, number + 1, Purpose.COVER, when)
    by_team: list[list[float]] = lots.reshape(_TEAMS_AT_ONCE, _HOURS_AT_ONCE).tolist()
    return by_team
