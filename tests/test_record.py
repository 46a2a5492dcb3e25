"""The record: every variable named, measured in something, and equal to the books it was made from."""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
import pytest
import xarray as xr

from sim.agents.states import ORIGINS, STATE_NAMES, State
from sim.limits import LIMITS
from sim.model import StandoffModel
from sim.record import chronicle_table, make_record
from sim.runs.tables import daily_table, outcome_table
from sim.scenario.load import load_scenario

HALTED = 24 * 4 + 9
"""A morning on which the run is looked at before its day is over."""


@cache
def stopped() -> StandoffModel:
    """Return a small November with two days of spin-up, halted in the morning of its fifth day."""
    listed = load_scenario("kuznica-8-november", {"migrants.people_scale": "0.1", "until": "2021-11-11"})
    scenario = listed.model_copy(update={"spin_up_from": date(2021, 11, 6)})  # no file may move listed people so
    model = StandoffModel(scenario, 5)
    model.run(HALTED)
    return model


@cache
def record() -> xr.Dataset:
    return make_record(stopped())


DAYS = slice(2, 4)
"""Days of the run that are recorded: 8 and 9 November."""


def test_every_variable_has_a_long_name_and_a_unit() -> None:
    lacking = [
        name for name, variable in record().data_vars.items() if not {"long_name", "units"} <= variable.attrs.keys()
    ]
    assert lacking == []
    assert all(variable.attrs["long_name"] for variable in record().data_vars.values())
    assert len(record().data_vars) > 40


def test_dimensions_are_named_and_have_coordinates() -> None:
    found = record()
    assert dict(found.sizes) == {
        "day": 2, "hour": 48, "segment": 1270, "post": 35, "country": 3, "service": 4, "unit_kind": 3, "state": 16,
        "from_state": 16, "to_state": 16, "outcome": 5, "side": 2, "handler": 4, "kind": 3, "origin": 3,
        "hypothermia_class": 3, "payment": 3,
        "route": len(stopped().scenario.route), "layer": 4, "contingent": len(stopped().engineers.names),
        "drill": len(stopped().drills.names), "pair": found.sizes["pair"], "end": 2,
    }  # fmt: skip
    assert set(found.sizes) <= set(found.coords)
    assert found["day"].values.tolist() == np.array(["2021-11-08", "2021-11-09"], "datetime64[ns]").tolist()
    assert str(found["hour"].values[0]) == "2021-11-07T23:00:00.000000000"  # Warsaw midnight in UTC
    assert str(found["hour"].values[-1]) == "2021-11-09T22:00:00.000000000"


def test_spin_up_days_and_a_day_that_is_not_over_are_left_out() -> None:
    model = stopped()
    assert model.world.calendar.n_days == 6
    assert record().attrs["start"] == "2021-11-08"
    assert record().attrs["until"] == "2021-11-09"
    assert model.tally.flow[:2].sum() > 0
    assert model.tally.attempts[4].sum() > 0
    assert record()["flow"].values.sum() == model.tally.flow[DAYS].sum()


def test_a_run_that_has_not_begun_has_an_empty_record() -> None:
    model = StandoffModel(stopped().scenario, 5)
    for hour in (0, 30):
        model.run(hour)
        empty = make_record(model)
        assert empty.sizes["day"] == empty.sizes["hour"] == 0
    assert len(daily_table(empty)) == 0
    assert dict((name, value) for _, name, value, _ in outcome_table(empty))["deaths"] == 0.0


BOOKS = [
    ("people", "people"), ("people_at_post", "people_at_post"), ("person_nights_outdoors", "nights_outdoors"),
    ("harm_events", "harm"), ("hospital_admissions", "hospital"), ("deaths", "deaths"),
    ("deaths_found", "deaths_found"), ("handling_injuries", "handling"), ("refused_back", "refused_back"),
    ("aid_contacts", "aid_contacts"), ("hypothermia", "hypothermia"), ("handling_robberies", "robbed"),
    ("handling_separations", "separated"), ("cannot_pay", "cannot_pay"), ("orders_to_leave", "orders_to_leave"),
    ("without_place", "no_place"), ("recorded_prevented_at_post", "counted_prevented"),
    ("picked_up_at_post", "picked_up"), ("admitted_at_post", "admitted"),
    ("heard_at_corridor", "heard_at_corridor"), ("asylum_asked", "asylum_asked"), ("arrivals", "arrivals"),
    ("found_inland", "found_inland"), ("returned", "returned"), ("custody_intake", "custody"),
    ("germany_arrivals", "germany"), ("germany_registered", "germany_registered"),
    ("group_attempts", "group_attempts"), ("recorded_attempts_at_post", "counted"),
    ("unit_hours_busy", "unit_hours_busy"), ("unit_hours_on_duty", "unit_hours_on_duty"),
    ("unit_hours_by_kind", "unit_hours_by_kind"), ("unit_hours_covering", "unit_hours_covering"),
]  # fmt: skip


@pytest.mark.parametrize(("variable", "book"), BOOKS)
def test_counts_are_those_of_the_books(variable: str, book: str) -> None:
    found, kept = record()[variable], getattr(stopped().tally, book)[DAYS]
    assert found.dtype == np.int32
    assert found.dims[0] == "day"
    assert (found.values == kept).all()


def test_every_book_is_recorded() -> None:
    elsewhere = {"flow", "attempts", "metres_cut"}
    assert {book for _, book in BOOKS} | elsewhere == set(vars(stopped().tally))


def test_metres_of_wire_cut_leave_the_model_by_country_as_an_allegation() -> None:
    found = record()["wire_cut"]
    assert found.dims == ("day", "country")
    assert (found.values == stopped().tally.metres_cut[DAYS]).all()
    assert "allege" in found.attrs["long_name"]


def test_outcomes_leave_the_model_by_post_and_attempts_by_segment() -> None:
    """Where people get in leaves the model by guard post at the finest: docs/ethics.md."""
    found, kept = record(), stopped().tally.attempts[DAYS]
    assert (found["attempts"].values == kept.sum(axis=2)).all()
    assert found["attempts_by_outcome"].dims == ("day", "post", "outcome")
    assert (found["attempts_by_outcome"].sum(["day", "post"]).values == kept.sum(axis=(0, 1))).all()
    for name, variable in found.data_vars.items():
        assert not {"segment", "outcome"} <= set(variable.dims), f"{name} gives outcomes by kilometre"


def test_sums_agree_across_variables() -> None:
    found = record()
    assert (found["attempts"] >= found["group_attempts"]).all()
    by_country = found["recorded_attempts_at_post"].groupby("post_country").sum()
    for country in ("PL", "LT", "LV"):
        assert by_country.sel(post_country=country).values.tolist() == (
            found["recorded_attempts"].sel(country=country).values.tolist()
        )
    at_the_line = found["people"].sel(state=["line", "camp"]).sum("state")
    assert found["people_at_post"].sum("post").values.tolist() == at_the_line.values.tolist()
    assert (found["deaths_found"] <= found["deaths"]).all()
    assert (found["germany_registered"] <= found["germany_arrivals"]).all()
    assert found["custody_intake"].sum() <= found["flow"].sel(to_state="custody").sum()
    assert found["attempts"].sum() > 0


def test_people_change_by_the_flow_and_the_arrivals() -> None:
    model = stopped()
    change = model.tally.people[3] - model.tally.people[1]
    flow = record()["flow"].values
    wanted = flow.sum(axis=0) - flow.sum(axis=1)
    wanted[State.MINSK] += model.tally.arrivals[DAYS].sum()
    assert change.tolist() == wanted.tolist()


def test_fates_count_everybody_once() -> None:
    fates = record()["fates"]
    model = stopped()
    assert fates.sum() == len(model.people)
    assert fates.sum(["kind", "origin"]).values.tolist() == model.scene.people.ledger.counts.tolist()
    assert fates.dims == ("kind", "origin", "state")
    by_origin = np.bincount(model.people["origin"], minlength=len(ORIGINS))
    assert fates.sum(["kind", "state"]).values.tolist() == by_origin.tolist()
    assert tuple(fates["state"].values) == STATE_NAMES


def test_units_on_duty_are_the_mean_of_the_day() -> None:
    on_duty = stopped().tally.unit_hours_on_duty[DAYS]
    assert record()["units_on_duty"].values.tolist() == (on_duty / 24.0).tolist()


def test_weather_and_darkness_are_within_their_bounds() -> None:
    found = record()
    assert 0.0 <= found["darkness"].min() < 0.01
    assert 0.99 < found["darkness"].max() <= 1.0
    assert ((found["wet"] >= 0.0) & (found["wet"] <= 1.0)).all()
    assert (found["effective_temperature_c"] <= found["temperature_c"] + 1e-9).all()


def test_the_record_says_what_it_is_and_what_it_is_not_for() -> None:
    attributes = record().attrs
    assert attributes["title"] == f"Border Standoff: {stopped().scenario.summary}"
    assert attributes["history"] == "one run, one history"
    assert attributes["scenario"] == "kuznica-8-november"
    assert attributes["seed"] == "5"
    assert attributes["limits"] == " ".join(LIMITS)
    assert attributes["question"].strip().endswith("?")


def test_the_chronicle_begins_with_the_recorded_days() -> None:
    table = chronicle_table(stopped())
    assert list(table.columns) == ["hour_utc", "day", "kind", "actor", "place", "size", "claimant", "simulated", "text"]
    assert len(table) > 0
    assert min(table["day"]) >= str(date(2021, 11, 8))
    assert any(entry.hour < 48 for entry in stopped().chronicle)
    assert table["hour_utc"].str.fullmatch(r"2021-11-\d\dT\d\d:00Z").all()
    assert list(table["hour_utc"]) == sorted(table["hour_utc"])


def test_looking_at_a_run_does_not_change_it() -> None:
    settings = {"migrants.people_scale": "0.05", "until": "2021-11-09"}
    plain, watched = (StandoffModel(load_scenario("kuznica-8-november", settings), 5) for _ in range(2))
    plain.run()
    for hour in range(6, 49, 6):
        watched.run(hour)
        make_record(watched)
        chronicle_table(watched)
    xr.testing.assert_identical(make_record(plain), make_record(watched))
