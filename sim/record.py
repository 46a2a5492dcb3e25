"""What is measured: one run as an ``xarray.Dataset`` with named dimensions, long names and units, and its tables.

The record is made from integer books and series that the model keeps as it runs; it never holds the population.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from sim.agents.governments import first_free_hour
from sim.agents.guards import SERVICES
from sim.agents.states import KINDS, N_STATES, ORIGINS, STATE_NAMES, Outcome
from sim.agents.tally import HANDLERS, SIDES
from sim.agents.tension import PAIRS, RUNGS
from sim.limits import LIMITS
from sim.scenario.resolved import sources_of
from sim.world.barriers import LAYERS
from sim.world.border import COUNTRIES

if TYPE_CHECKING:
    from sim.model import Happening, StandoffModel

__all__ = ["chronicle_table", "make_record"]

_PERSONS = "persons"


def make_record(model: StandoffModel) -> xr.Dataset:
    """Return the record of a model's recorded days so far.

    Days before the scenario's start (the spin-up) are left out; so is a day that was not finished.
    """
    calendar = model.world.calendar
    first_day = calendar.day_of(model.scenario.start)
    end_day = int(np.searchsorted(calendar.first_hour_of_day, model.hour, side="right")) - 1
    days = slice(first_day, max(first_day, end_day))
    hours = slice(int(calendar.first_hour_of_day[days.start]), int(calendar.first_hour_of_day[days.stop]))
    coords = _coordinates(model, days, hours)
    variables: dict[str, tuple[tuple[str, ...], Any, str, str]] = {}
    variables.update(_people(model, days))
    variables.update(_line(model, days))
    variables.update(_effort(model, days))
    variables.update(_politics(model, days, hours))
    variables.update(_sky(model, hours))
    dataset = xr.Dataset(
        {
            name: (dims, _compact(values), {"long_name": long_name, "units": units})
            for name, (dims, values, units, long_name) in variables.items()
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
        "start": str(calendar.date_of_day(days.start)),
        "until": str(calendar.date_of_day(max(days.start, days.stop - 1))),
        "limits": " ".join(LIMITS),
    }
    return dataset


def _compact(values: Any) -> Any:
    """Return a copy that the model no longer touches: integers as int32, floats as they are, in C order."""
    array = np.array(values, order="C")
    if array.dtype.kind in "iub":
        return array.astype(np.int32)
    return array


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
        "state": ("state", list(STATE_NAMES)),
        "from_state": ("from_state", list(STATE_NAMES)),
        "to_state": ("to_state", list(STATE_NAMES)),
        "outcome": ("outcome", [outcome.name.lower() for outcome in Outcome]),
        "side": ("side", list(SIDES)),
        "handler": ("handler", list(HANDLERS)),
        "kind": ("kind", list(KINDS)),
        "origin": ("origin", list(ORIGINS)),
        "route": ("route", [route.name for route in model.scenario.route]),
        "layer": ("layer", list(LAYERS)),
        "contingent": ("contingent", list(model.engineers.names)),
        "drill": ("drill", list(model.drills.names)),
        "pair": ("pair", [f"{first}–{second}" for first, second in PAIRS]),
        "end": ("end", ["first", "second"]),
    }


Variables = dict[str, tuple[tuple[str, ...], Any, str, str]]


def _people(model: StandoffModel, days: slice) -> Variables:
    """Return what happened to people."""
    tally = model.tally
    cells = model.scene.people.cells
    columns = model.people
    state = cells.state(columns["cell"])
    fates = np.zeros((len(KINDS), len(ORIGINS), N_STATES), dtype=np.int64)
    np.add.at(fates, (cells.kind(columns["cell"]), columns["origin"], state), 1)
    by_day = ("day",)
    by_side = ("day", "side")
    by_country = ("day", "country")
    return {
        "people": (("day", "state"), tally.people[days], _PERSONS, "people by state at the end of the day"),
        "people_at_post": (
            ("day", "post"),
            tally.people_at_post[days],
            _PERSONS,
            "people on the Belarusian side at the line, end of the day",
        ),
        "person_nights_outdoors": (
            ("day", "state"),
            tally.nights_outdoors[days],
            "person-nights",
            "people outdoors in the depth of the night",
        ),
        "harm_events": (by_side, tally.harm[days], "episodes", "episodes of illness that need care"),
        "hospital_admissions": (by_side, tally.hospital[days], _PERSONS, "people taken to hospital"),
        "deaths": (
            by_side,
            tally.deaths[days],
            _PERSONS,
            "deaths of this one history, found or not; never a target, over many runs an interval",
        ),
        "deaths_found": (by_side, tally.deaths_found[days], _PERSONS, "deaths that become known"),
        "handling_injuries": (
            ("day", "handler"),
            tally.handling[days],
            _PERSONS,
            "people injured when handed over, returned or moved; one chance for all sides",
        ),
        "refused_back": (
            by_day,
            tally.refused_back[days],
            _PERSONS,
            "people at the line who wanted back and were not let",
        ),
        "aid_contacts": (by_day, tally.aid_contacts[days], _PERSONS, "people inside met by aid groups"),
        "heard_at_corridor": (by_day, tally.heard_at_corridor[days], _PERSONS, "people let over to have a claim heard"),
        "asylum_asked": (
            by_country,
            tally.asylum_asked[days],
            _PERSONS,
            "people inside who came out to ask for protection",
        ),
        "arrivals": (("day", "route"), tally.arrivals[days], _PERSONS, "people arriving in Belarus"),
        "found_inland": (by_country, tally.found_inland[days], _PERSONS, "people found inside after crossing"),
        "returned": (by_country, tally.returned[days], _PERSONS, "people returned without procedure"),
        "custody_intake": (by_country, tally.custody[days], _PERSONS, "people taken to guarded centres"),
        "germany_arrivals": (by_day, tally.germany[days], _PERSONS, "people who reached Germany"),
        "germany_registered": (by_day, tally.germany_registered[days], _PERSONS, "of these, registered there"),
        "flow": (
            ("from_state", "to_state"),
            tally.flow[days].sum(axis=0),
            "moves",
            "moves between states, recorded days",
        ),
        "fates": (("kind", "origin", "state"), fates, _PERSONS, "people at the end by party kind and origin"),
    }


def _line(model: StandoffModel, days: slice) -> Variables:
    """Return what happened along the line."""
    tally = model.tally
    country = model.world.border.posts.country
    recorded = np.stack(
        [tally.counted[days][:, country == number].sum(axis=1) for number in range(len(COUNTRIES))], axis=1
    )
    return {
        "attempts": (("day", "segment"), tally.attempts[days].sum(axis=2), "person-attempts", "attempts as they were"),
        "attempts_by_outcome": (
            ("day", "post", "outcome"),
            np.add.reduceat(tally.attempts[days], model.world.border.posts.first_segment, axis=1),
            "person-attempts",
            "attempts as they were, by guard post and outcome",
        ),
        "group_attempts": (
            ("day", "segment"),
            tally.group_attempts[days],
            "person-attempts",
            "of these, in group crossings",
        ),
        "recorded_attempts": (("day", "country"), recorded, "person-attempts", "attempts as border guards count them"),
        "recorded_attempts_at_post": (
            ("day", "post"),
            tally.counted[days],
            "person-attempts",
            "attempts as border guards count them, by post",
        ),
        "barrier_km": (
            ("day", "country", "layer"),
            model.barrier_km[days],
            "km",
            "barrier standing at the end of the day",
        ),
        "barrier_delay_minutes": (
            ("day", "segment"),
            model.barrier_delay_hours[days] * np.float32(60.0),
            "min",
            "mean delay of barriers as raised, breaches not shown, and of water and bog",
        ),
    }


def _effort(model: StandoffModel, days: slice) -> Variables:
    """Return what guards, engineers and drills did."""
    tally, accounts = model.tally, model.engineers.accounts
    hours = np.diff(model.world.calendar.first_hour_of_day)[days][:, None]
    dims = ("day", "contingent")
    return {
        "guards": (
            ("day", "country", "service"),
            model.guard_persons[days],
            _PERSONS,
            "guards, soldiers, police at the line",
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
        "crew_hours": (dims, accounts.crew_hours.T[days], "man-hours", "hours worked"),
    }


def _politics(model: StandoffModel, days: slice, hours: slice) -> Variables:
    """Return tension, rungs and incidents."""
    return {
        "readiness": (
            ("hour", "pair", "end"),
            model.readiness[hours],
            "1",
            "Richardson readiness, an index without data",
        ),
        "rung": (("hour", "pair"), model.rung[hours], "rung", "rung of the ladder"),
        "incidents": (("day", "pair"), model.incidents[days], "incidents", "simulated incidents"),
    }


def _sky(model: StandoffModel, hours: slice) -> Variables:
    """Return weather and light."""
    weather = model.world.weather
    country = model.world.border.posts.country
    dark = model.world.darkness[hours]
    darkness = np.stack([dark[:, country == number].mean(axis=1) for number in range(len(COUNTRIES))], axis=1)
    dims = ("hour", "country")
    return {
        "temperature_c": (dims, weather.temperature_c[hours], "degC", "air temperature"),
        "effective_temperature_c": (
            dims,
            weather.effective_temperature_c[hours],
            "degC",
            "temperature felt in the wind",
        ),
        "wind_kmh": (dims, weather.wind_kmh[hours], "km/h", "wind"),
        "wet": (dims, weather.wet[hours], "1", "wetness"),
        "darkness": (dims, darkness, "1", "darkness, 0 by day to 1 at night"),
    }


def _is_simulated(entry: Happening, free_from: int) -> bool:
    """Return whether an entry is the model's own and not a dated act: drills and engineers are dated throughout."""
    own = entry.hour >= free_from and entry.kind not in {"drill", "engineers"}
    return own or entry.claimant == "the model"


def chronicle_table(model: StandoffModel) -> pd.DataFrame:
    """Return the chronicle of the recorded days: what happened, by whom, and who says so where it is a claim."""
    calendar = model.world.calendar
    first_hour = int(calendar.first_hour_of_day[calendar.day_of(model.scenario.start)])
    rows = [entry for entry in model.chronicle if entry.hour >= first_hour]
    free_from = first_free_hour(model.scenario, calendar)
    return pd.DataFrame(
        {
            "hour_utc": pd.Series([calendar.utc(e.hour).strftime("%Y-%m-%dT%H:%MZ") for e in rows], dtype=str),
            "day": pd.Series([str(calendar.date_of_day(int(calendar.day_of_hour[e.hour]))) for e in rows], dtype=str),
            "kind": pd.Series([e.kind for e in rows], dtype=str),
            "actor": pd.Series([e.actor for e in rows], dtype=str),
            "place": pd.Series([e.place for e in rows], dtype=str),
            "size": pd.Series([e.size for e in rows], dtype=float),
            "claimant": pd.Series([e.claimant for e in rows], dtype=str),
            "simulated": pd.Series([_is_simulated(e, free_from) for e in rows], dtype=bool),
            "text": pd.Series([e.text for e in rows], dtype=str),
        }
    )
