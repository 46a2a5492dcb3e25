"""Tables of a run as CSV, with a codebook that says what each column is, in which unit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from sim.agents.states import IN_BELARUS, STATE_NAMES
from sim.limits import LIMITS, MAP_ATTRIBUTION

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["codebook", "daily_table", "outcome_table", "write_tables"]

_OTHERS = (
    ("day", "all but outcomes.csv", "", "day of Europe/Warsaw"),
    ("group", "outcomes.csv", "", "whom the outcome concerns"),
    ("outcome", "outcomes.csv", "", "what is counted, over all days"),
    ("value", "outcomes.csv", "see unit", "its number"),
    ("unit", "outcomes.csv", "", "unit of the number"),
    ("post", "posts.csv", "", "guard post"),
    ("post_country", "posts.csv", "", "country of the guard post"),
    ("people_at_post", "posts.csv", "persons", "people at the line there, end of the day"),
    ("recorded_attempts_at_post", "posts.csv", "person-attempts", "attempts as border guards count them"),
    ("units_on_duty", "posts.csv", "units", "patrols on duty, mean of the day"),
    ("unit_hours_pinned", "posts.csv", "unit-hours", "patrol hours drawn by drills"),
    ("contingent", "engineers.csv", "", "contingent of engineers"),
    ("metres_mended", "engineers.csv", "m", "barrier mended"),
    ("road_metres", "engineers.csv", "m", "access road mended"),
    ("km_surveyed", "engineers.csv", "km", "line surveyed"),
    ("crew_hours", "engineers.csv", "man-hours", "hours worked"),
    ("metres_low_coil", "engineers.csv", "m", "low coil laid"),
    ("metres_wire_fence", "engineers.csv", "m", "2.5 m fence raised"),
    ("metres_steel_wall", "engineers.csv", "m", "steel wall raised"),
    ("metres_electronics", "engineers.csv", "m", "electronics laid"),
    ("hour_utc", "chronicle.csv", "", "start of the hour in which it happened, UTC"),
    ("kind", "chronicle.csv", "", "what sort of entry"),
    ("actor", "chronicle.csv", "", "who acted, or is said to have acted"),
    ("place", "chronicle.csv", "", "where"),
    ("size", "chronicle.csv", "by kind", "persons, seats, soldiers or kilometres"),
    ("claimant", "chronicle.csv", "", "who says so, where it is a claim"),
    ("simulated", "chronicle.csv", "", "whether it is the model's own doing, not a dated act or claim"),
    ("text", "chronicle.csv", "", "in words"),
)
"""Columns of the tables beside daily.csv: name, table, unit, meaning."""

_BELARUS_STATES = tuple(STATE_NAMES[state] for state in IN_BELARUS)


def _by_day(record: xr.Dataset, name: str) -> pd.Series:
    """Return a variable summed over all dimensions but the day."""
    variable = record[name]
    return variable.sum([dim for dim in variable.dims if dim != "day"]).to_series()


def _frame(variable: xr.DataArray) -> pd.DataFrame:
    """Return a variable of two dimensions as a table."""
    return cast("pd.DataFrame", variable.to_pandas())


def daily_table(record: xr.Dataset) -> pd.DataFrame:
    """Return one row a day: what befell people first, then the line, then those who hold and build."""
    people = _frame(record["people"])
    attempts = _frame(record["attempts_by_outcome"].sum("post"))
    columns: dict[str, pd.Series] = {
        "deaths": _by_day(record, "deaths"),
        "deaths_found": _by_day(record, "deaths_found"),
        "hospital_admissions": _by_day(record, "hospital_admissions"),
        "harm_events": _by_day(record, "harm_events"),
        "person_nights_outdoors": _by_day(record, "person_nights_outdoors"),
        "refused_back": _by_day(record, "refused_back"),
        "aid_contacts": _by_day(record, "aid_contacts"),
    }
    for handler in record["handler"].values:
        columns[f"handling_injuries_{str(handler).lower()}"] = (
            record["handling_injuries"].sel(handler=handler).to_series()
        )
    columns |= {f"people_{state}": people[state] for state in people.columns}
    columns["people_in_belarus"] = people[list(_BELARUS_STATES)].sum(axis=1)
    columns["arrivals"] = _by_day(record, "arrivals")
    for name in ("recorded_attempts", "returned", "custody_intake", "found_inland"):
        for country in record["country"].values:
            columns[f"{name}_{str(country).lower()}"] = record[name].sel(country=country).to_series()
    columns |= {f"attempts_{outcome}": attempts[outcome] for outcome in attempts.columns}
    columns["group_attempts"] = _by_day(record, "group_attempts")
    columns["germany_arrivals"] = record["germany_arrivals"].to_series()
    columns["germany_registered"] = record["germany_registered"].to_series()
    barrier = _frame(record["barrier_km"].sel(country="PL"))
    columns |= {f"barrier_km_pl_{layer}": barrier[layer] for layer in barrier.columns}
    columns["unit_hours_pinned"] = _by_day(record, "unit_hours_pinned")
    columns["incidents"] = _by_day(record, "incidents")
    table = pd.DataFrame(columns)
    table.index = pd.Index(pd.to_datetime(table.index).strftime("%Y-%m-%d"), name="day")
    return table


def outcome_table(record: xr.Dataset) -> list[tuple[str, str, float, str]]:
    """Return the outcomes of a run: group, name, value, unit; what befell people stands first."""

    def total(name: str, **where: object) -> float:
        return float(record[name].sel(where).sum()) if where else float(record[name].sum())

    n_days = record.sizes["day"]
    last = record["people"].isel(day=-1) if n_days else record["people"].sum("day")
    in_belarus = float(last.sel(state=list(_BELARUS_STATES)).sum())
    poland = total("recorded_attempts", country="PL")
    in_belarusian_hands = total("handling_injuries", handler="Belarusian")
    highest_rung = float(record["rung"].isel(pair=0).max()) if record.sizes["hour"] else 0.0
    everyone = "People"
    line, effort = "The line", "Guards, engineers, drills"
    return [
        (everyone, "deaths", total("deaths"), "persons"),
        (everyone, "of these, becoming known", total("deaths_found"), "persons"),
        (everyone, "episodes of illness", total("harm_events"), "episodes"),
        (everyone, "taken to hospital", total("hospital_admissions"), "persons"),
        (everyone, "nights outdoors", total("person_nights_outdoors"), "person-nights"),
        (everyone, "injured in EU hands", total("handling_injuries") - in_belarusian_hands, "persons"),
        (everyone, "injured in Belarusian hands", in_belarusian_hands, "persons"),
        (everyone, "wanted back, not let", total("refused_back"), "persons"),
        (everyone, "in Belarus at the end", in_belarus, "persons"),
        (everyone, "flown or gone home", float(record["flow"].sel(to_state="home").sum()), "persons"),
        (everyone, "reached Germany", total("germany_arrivals"), "persons"),
        (everyone, "taken to guarded centres", total("custody_intake"), "persons"),
        (everyone, "returned without procedure", total("returned"), "person-returns"),
        (line, "recorded attempts, Poland", poland, "person-attempts"),
        (line, "recorded attempts, Lithuania and Latvia", total("recorded_attempts") - poland, "person-attempts"),
        (line, "attempts as they were", total("attempts"), "person-attempts"),
        (line, "of these, in group crossings", total("group_attempts"), "person-attempts"),
        (effort, "barrier raised", total("metres_built") / 1000.0, "km"),
        (effort, "barrier mended", total("metres_mended") / 1000.0, "km"),
        (effort, "patrol hours drawn by drills", total("unit_hours_pinned"), "unit-hours"),
        (effort, "highest rung, Minsk–Warsaw", highest_rung, "rung"),
    ]  # fmt: skip


def codebook(record: xr.Dataset) -> pd.DataFrame:
    """Return what every variable of the record and every column of the tables is: name, where, unit, meaning."""
    rows = [
        {"name": name, "where": f"record.nc ({', '.join(map(str, variable.dims))})", "unit": variable.attrs["units"],
         "meaning": variable.attrs["long_name"]}
        for name, variable in record.data_vars.items()
    ]  # fmt: skip
    known = sorted((str(row["name"]) for row in rows), key=len, reverse=True)
    meaning = {str(row["name"]): row for row in rows}
    for column in daily_table(record).columns:
        base = next((name for name in known if column == name or column.startswith(f"{name}_")), None)
        part = column[len(base) + 1 :].replace("_", " ") if base else ""
        if base is None:
            base = "people"
        text = str(meaning[base]["meaning"]) + (f"; {part}" if part else ", all" if column != base else "")
        rows.append(
            {
                "name": column,
                "where": "daily.csv",
                "unit": str(meaning[base]["unit"]),
                "meaning": text,
            }
        )
    rows += [{"name": name, "where": where, "unit": unit, "meaning": meaning} for name, where, unit, meaning in _OTHERS]
    rows += [{"name": "limits", "where": "all", "unit": "", "meaning": " ".join(LIMITS)}]
    rows += [{"name": "attribution", "where": "all", "unit": "", "meaning": MAP_ATTRIBUTION}]
    return pd.DataFrame(rows)


def _at_posts(record: xr.Dataset) -> pd.DataFrame:
    """Return one row a day and guard post."""
    table = record[["recorded_attempts_at_post", "people_at_post", "units_on_duty", "unit_hours_pinned"]].to_dataframe()
    table = table.reset_index()[
        [
            "day",
            "post",
            "post_country",
            "people_at_post",
            "recorded_attempts_at_post",
            "units_on_duty",
            "unit_hours_pinned",
        ]
    ]
    table["day"] = pd.to_datetime(table["day"]).dt.strftime("%Y-%m-%d")
    return table


def _by_contingent(record: xr.Dataset) -> pd.DataFrame:
    """Return one row a day and contingent of engineers that worked."""
    table = record[["metres_mended", "road_metres", "km_surveyed", "crew_hours"]].to_dataframe()
    built = (
        record["metres_built_by_layer"].to_dataframe()["metres_built_by_layer"].unstack("layer").add_prefix("metres_")
    )
    table = table.join(built).reset_index()
    table["day"] = pd.to_datetime(table["day"]).dt.strftime("%Y-%m-%d")
    return table[table["crew_hours"] > 0.0]


def write_tables(record: xr.Dataset, chronicle: pd.DataFrame, folder: Path) -> None:
    """Write all tables of a run as CSV into ``folder/tables``."""
    tables = folder / "tables"
    tables.mkdir()
    outcomes = pd.DataFrame(outcome_table(record), columns=["group", "outcome", "value", "unit"])
    written = {
        "outcomes": outcomes,
        "daily": daily_table(record).reset_index(),
        "posts": _at_posts(record),
        "engineers": _by_contingent(record),
        "chronicle": chronicle,
        "codebook": codebook(record),
    }
    for name, table in written.items():
        floats = table.select_dtypes(include=[np.floating]).columns
        rounded = table.assign(**{column: table[column].round(6) for column in floats})
        rounded.to_csv(tables / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
