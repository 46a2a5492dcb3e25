"""What guards, engineers and drills did, measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.record.variables import PERSONS, Counts, Variable, Variables

if TYPE_CHECKING:
    from sim.model import StandoffModel

__all__ = ["of_effort"]


def of_effort(model: StandoffModel, days: slice) -> Variables:
    """Return what guards, engineers and drills did."""
    tally, accounts = model.tally, model.engineers.accounts
    hours = np.diff(model.world.calendar.first_hour_of_day)[days][:, None]
    dims = ("day", "contingent")
    return {
        "guards": Variable(
            ("day", "country", "service"),
            model.guard_persons[days],
            PERSONS,
            "guards, soldiers, police, territorial soldiers at the line",
            Counts.WORLD,
        ),
        "units_on_duty": Variable(
            ("day", "post"),
            tally.unit_hours_on_duty[days] / hours,
            "units",
            "patrols on duty, mean of the day",
            Counts.AGENTS,
        ),
        "unit_hours_on_duty": Variable(
            ("day", "post"), tally.unit_hours_on_duty[days], "unit-hours", "patrol hours on duty", Counts.AGENTS
        ),
        "unit_hours_busy": Variable(
            ("day", "post"), tally.unit_hours_busy[days], "unit-hours", "patrol hours tied up by stops", Counts.AGENTS
        ),
        "unit_hours_by_kind": Variable(
            ("day", "unit_kind"),
            tally.unit_hours_by_kind[days],
            "unit-hours",
            "hours on duty by kind of patrol, all lines together",
            Counts.AGENTS,
        ),
        "unit_hours_covering": Variable(
            ("day", "post"),
            tally.unit_hours_covering[days],
            "unit-hours",
            "patrol hours beside crews that mend",
            Counts.AGENTS,
        ),
        "unit_hours_pinned": Variable(
            ("day", "post"), model.pinned_unit_hours[days], "unit-hours", "patrol hours drawn by drills", Counts.AGENTS
        ),
        "drill_pinned": Variable(
            ("day", "drill"),
            model.drill_unit_hours[days],
            "unit-hours",
            "patrol hours that each drill alone would draw",
            Counts.AGENTS,
        ),
        "metres_built": Variable(dims, accounts.metres_built.T[days], "m", "barrier raised, all layers", Counts.WORLD),
        "metres_built_by_layer": Variable(
            ("day", "contingent", "layer"),
            np.moveaxis(accounts.metres_built_by_layer, 2, 0)[days],
            "m",
            "barrier raised",
            Counts.WORLD,
        ),
        "metres_mended": Variable(dims, accounts.metres_mended.T[days], "m", "barrier mended", Counts.WORLD),
        "road_metres": Variable(dims, accounts.road_metres.T[days], "m", "access road mended", Counts.WORLD),
        "km_surveyed": Variable(dims, accounts.km_surveyed.T[days], "km", "line surveyed", Counts.WORLD),
        "observation_posts": Variable(
            dims, accounts.observation_posts.T[days], "posts", "observation posts set up", Counts.WORLD
        ),
        "trees_on_barrier": Variable(
            ("day", "country"),
            model.engineers.trees.fallen[days],
            "trees",
            "trees that gales threw on the barrier",
            Counts.WORLD,
        ),
        "crew_hours": Variable(dims, accounts.crew_hours.T[days], "man-hours", "hours worked", Counts.WORLD),
    }
