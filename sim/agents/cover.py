"""Mending under cover: patrol units that stand with a crew while it closes a breach."""

from __future__ import annotations

import numpy as np

from sim.agents.host import Host
from sim.core.chance import Kind, Purpose, draw

__all__ = ["ask_for_cover"]


def ask_for_cover(host: Host, team: int, segment: int) -> None:
    """Let units of the post of a segment stand with a team in this hour, watching but not free to respond.

    Patrols are scaled like people, so that a part of a unit is a chance, drawn by team and hour. The team mends whether
    or not anybody can be spared.
    """
    asked = float(host.scenario.engineers.cover_units) * host.scenario.agent_scale
    if asked > 0.0:
        hour = host.world.calendar.epoch_hour + host.hour
        lot, *_ = draw(host.seed, Kind.TEAM, team + 1, Purpose.COVER, hour)
        host.levers.cover(int(host.world.border.segments.post[segment]), int(np.floor(asked + lot[0])))
