"""The record of a run, put together: coordinates, variables with units, and what the file says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sim.agents.rosters import SERVICES
from sim.agents.states import KINDS, ORIGINS, STATE_NAMES, Outcome
from sim.agents.tally import HANDLERS, HYPOTHERMIA, PAYMENTS, SIDES, UNIT_KINDS
from sim.agents.tension import PAIRS, RUNGS
from sim.limits import LIMITS
from sim.record.circumstances import of_politics, of_sky
from sim.record.effort import of_effort
from sim.record.line import of_the_line
from sim.record.people import of_people
from sim.record.variables import Variables
from sim.scenario.resolved import sources_of
from sim.world.barriers import LAYERS
from sim.world.border import COUNTRIES

if TYPE_CHECKING:
    from sim.model import StandoffModel

__all__ = ["make_record"]


def make_record(model: StandoffModel) -> xr.Dataset:
    """Return the record of a model's recorded days so far.

    Days before the scenario's start (the spin-up) are left out; so is a day that was not finished. Counts are of
    people, whatever number of them each agent stands for.
    """
    calendar = model.world.calendar
    first_day = calendar.day_of(model.scenario.start)
    end_day = int(np.searchsorted(calendar.first_hour_of_day, model.hour, side="right")) - 1
    days = slice(first_day, max(first_day, end_day))
    hours = slice(int(calendar.first_hour_of_day[days.start]), int(calendar.first_hour_of_day[days.stop]))
    coords = _coordinates(model, days, hours)
    variables: Variables = {}
    variables.update(of_people(model, days))
    variables.update(of_the_line(model, days))
    variables.update(of_effort(model, days))
    variables.update(of_politics(model, days, hours))
    variables.update(of_sky(model, hours))
    dataset = xr.Dataset(
        {
            name: (
                variable.dims,
                variable.of_people(model.scenario.people_per_agent),
                {"long_name": variable.long_name, "units": variable.units},
            )
            for name, variable in variables.items()
        },
        coords=coords,
    )
    dataset["rung"].attrs |= {
        "flag_values": np.arange(1, len(RUNGS) + 1, dtype=np.int32),
        "flag_meanings": " ".join(rung.replace(" ", "_") for rung in RUNGS),
    }
    dataset.attrs = {
        "title": f"Border Standoff: {model.scenario.summary}",
        "history": "one run, one history",
        "sources": f"{len(sources_of(model.scenario))} sources, listed in manifest.json",
        "Conventions": "CF-1.11",
        "scenario": model.scenario.name,
        "question": model.scenario.question,
        "seed": str(model.seed),
        "people_scale": float(model.scenario.migrants.people_scale),
        "people_per_agent": model.scenario.people_per_agent,
        "start": str(calendar.date_of_day(days.start)),
        "until": str(calendar.date_of_day(max(days.start, days.stop - 1))),
        "limits": " ".join(LIMITS),
    }
    return dataset


def _coordinates(model: StandoffModel, days: slice, hours: slice) -> dict[str, Any]:
    """Return the coordinates of the record."""
    calendar, border = model.world.calendar, model.world.border
    dates = [calendar.date_of_day(day) for day in range(days.start, days.stop)]
    hour_zero = np.datetime64(calendar.utc(0).replace(tzinfo=None), "ns")
    return {
        "day": ("day", np.array(dates, dtype="datetime64[ns]"), {"long_name": "day of Europe/Warsaw"}),
        "hour": (
            "hour",
            hour_zero + np.arange(hours.start, hours.stop) * np.timedelta64(3600, "s"),
            {"long_name": "start of the hour, UTC"},
        ),
        "segment": ("segment", np.arange(len(border.segments)), {"long_name": "km from the south, along the line"}),
        "segment_country": ("segment", np.array(COUNTRIES)[border.segments.country]),
        "segment_post": ("segment", border.segments.post.astype(np.int32)),
        "post": ("post", np.array(border.posts.name)),
        "post_country": ("post", np.array(COUNTRIES)[border.posts.country]),
        "post_length_km": ("post", border.posts.length_km, {"units": "km"}),
        "country": ("country", list(COUNTRIES)),
        "service": ("service", list(SERVICES)),
        "unit_kind": ("unit_kind", list(UNIT_KINDS)),
        "state": ("state", list(STATE_NAMES)),
        "from_state": ("from_state", list(STATE_NAMES)),
        "to_state": ("to_state", list(STATE_NAMES)),
        "outcome": ("outcome", [outcome.name.lower() for outcome in Outcome]),
        "side": ("side", list(SIDES)),
        "handler": ("handler", list(HANDLERS)),
        "hypothermia_class": ("hypothermia_class", list(HYPOTHERMIA)),
        "payment": ("payment", list(PAYMENTS)),
        "kind": ("kind", list(KINDS)),
        "origin": ("origin", list(ORIGINS)),
        "route": ("route", [route.name for route in model.scenario.route]),
        "layer": ("layer", list(LAYERS)),
        "contingent": ("contingent", list(model.engineers.names)),
        "drill": ("drill", list(model.drills.names)),
        "pair": ("pair", [f"{first}–{second}" for first, second in PAIRS]),
        "end": ("end", ["first", "second"]),
    }
