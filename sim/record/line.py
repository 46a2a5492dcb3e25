"""What happened along the line, measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.record.variables import Counts, Variable, Variables
from sim.world.border import COUNTRIES

if TYPE_CHECKING:
    from sim.model import StandoffModel

__all__ = ["of_the_line"]


def of_the_line(model: StandoffModel, days: slice) -> Variables:
    """Return what happened along the line."""
    tally = model.tally
    country = model.world.border.posts.country
    recorded = np.stack(
        [tally.counted[days][:, country == number].sum(axis=1) for number in range(len(COUNTRIES))], axis=1
    )
    return {
        "attempts": Variable(
            ("day", "segment"),
            tally.attempts[days].sum(axis=2),
            "person-attempts",
            "attempts as they were",
            Counts.AGENTS,
        ),
        "attempts_by_outcome": Variable(
            ("day", "post", "outcome"),
            np.add.reduceat(tally.attempts[days], model.world.border.posts.first_segment, axis=1),
            "person-attempts",
            "attempts as they were, by guard post and outcome",
            Counts.AGENTS,
        ),
        "group_attempts": Variable(
            ("day", "segment"),
            tally.group_attempts[days],
            "person-attempts",
            "of these, in group crossings",
            Counts.AGENTS,
        ),
        "recorded_attempts": Variable(
            ("day", "country"), recorded, "person-attempts", "attempts as border guards count them", Counts.AGENTS
        ),
        "recorded_attempts_at_post": Variable(
            ("day", "post"),
            tally.counted[days],
            "person-attempts",
            "attempts as border guards count them, by post",
            Counts.AGENTS,
        ),
        "recorded_prevented_at_post": Variable(
            ("day", "post"),
            tally.counted_prevented[days],
            "person-attempts",
            "of these, people whom border guards count as prevented",
            Counts.AGENTS,
        ),
        "barrier_km": Variable(
            ("day", "country", "layer"),
            model.barrier_km[days],
            "km",
            "barrier standing at the end of the day",
            Counts.WORLD,
        ),
        "wire_cut": Variable(
            ("day", "country"),
            tally.metres_cut[days],
            "m",
            "coil and fence that Minsk's services cut outside group crossings, as Warsaw and Vilnius allege",
            Counts.WORLD,
        ),
        "barrier_delay_minutes": Variable(
            ("day", "segment"),
            model.barrier_delay_hours[days] * np.float32(60.0),
            "min",
            "mean delay of barriers as raised, breaches not shown, and of water and bog",
            Counts.WORLD,
        ),
    }
