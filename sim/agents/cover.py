"""Mending under cover: patrol units that stand with a crew while it closes a breach."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from sim.agents.host import Host
from sim.core.chance import Kind, Purpose, draw

__all__ = ["ask_for_cover"]

_HOURS_AT_ONCE = 24


def ask_for_cover(host: Host, team: int, segment: int) -> None:
    """Let units of the post of a segment stand with a team in this hour, watching but not free to respond.

    Patrols are scaled like people, so that a part of a unit is a chance, drawn by team and hour. The team mends whether
    or not anybody can be spared.
    """
    asked = float(host.scenario.engineers.cover_units) * host.scenario.agent_scale
    if asked > 0.0:
        some_hours, hour = divmod(host.world.calendar.epoch_hour + host.hour, _HOURS_AT_ONCE)
        lot = _lots(host.seed, team, some_hours)[hour]
        host.levers.cover(int(host.world.border.segments.post[segment]), int(np.floor(asked + lot)))


@lru_cache(maxsize=512)
def _lots(seed: int, team: int, some_hours: int) -> tuple[float, ...]:
    """Return the lots of a team for 24 hours: a call of chance costs as much as for one."""
    hours = some_hours * _HOURS_AT_ONCE + np.arange(_HOURS_AT_ONCE)
    lots, *_ = draw(seed, Kind.TEAM, team + 1, Purpose.COVER, hours)
    return tuple(lots.tolist())
