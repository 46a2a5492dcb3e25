"""What guards, engineers and drills did, measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.record.variables import PERSONS, Variables

if TYPE_CHECKING:
    from sim.model import StandoffModel

__all__ = ["of_effort"]


def of_effort(model: StandoffModel, days: slice) -> Variables:
    """Return what guards, engineers and drills did."""
    tally, accounts = model.tally, model.engineers.accounts
    hours = np.diff(model.world.calendar.first_hour_of_day)[days][:, None]
    dims = ("day", "contingent")
    return {
        "guards": (
            ("day", "country", "service"),
            model.guard_persons[days],
            PERSONS,
            "guards, soldiers, police, territorial soldiers at the line",
        ),
        "units_on_duty": (
            ("day", "post"),
            tally.unit_hours_on_duty[days] / hours,
            "units",
            "patrols on duty, mean of the day",
        ),
        "unit_hours_on_duty": (("day", "post"), tally.unit_hours_on_duty[days], "unit-hours", "patrol hours on duty"),
        "unit_hours_busy": (
            ("day", "post"),
            tally.unit_hours_busy[days],
            "unit-hours",
            "patrol hours tied up by stops",
        ),
        "unit_hours_by_kind": (
            ("day", "unit_kind"),
            tally.unit_hours_by_kind[days],
            "unit-hours",
            "hours on duty by kind of patrol, all lines together",
        ),
        "unit_hours_covering": (
            ("day", "post"),
            tally.unit_hours_covering[days],
            "unit-hours",
            "patrol hours beside crews that mend",
        ),
        "unit_hours_pinned": (
            ("day", "post"),
            model.pinned_unit_hours[days],
            "unit-hours",
            "patrol hours drawn by drills",
        ),
        "drill_pinned": (
            ("day", "drill"),
            model.drill_unit_hours[days],
            "unit-hours",
            "patrol hours that each drill alone would draw",
        ),
        "metres_built": (dims, accounts.metres_built.T[days], "m", "barrier raised, all layers"),
        "metres_built_by_layer": (
            ("day", "contingent", "layer"),
            np.moveaxis(accounts.metres_built_by_layer, 2, 0)[days],
            "m",
            "barrier raised",
        ),
        "metres_mended": (dims, accounts.metres_mended.T[days], "m", "barrier mended"),
        "road_metres": (dims, accounts.road_metres.T[days], "m", "access road mended"),
        "km_surveyed": (dims, accounts.km_surveyed.T[days], "km", "line surveyed"),
        "observation_posts": (dims, accounts.observation_posts.T[days], "posts", "observation posts set up"),
        "trees_on_barrier": (
            ("day", "country"),
            model.engineers.trees.fallen[days],
            "trees",
            "trees that gales threw on the barrier",
        ),
        "crew_hours": (dims, accounts.crew_hours.T[days], "man-hours", "hours worked"),
    }
