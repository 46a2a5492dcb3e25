"""How fast things happen: bounded, exact where an hour is meant, readier by night, harder in the cold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scenes import KUZNICA, N_POSTS, build, evenly, force, steering

from sim.agents.migrants.hazards import HIGHEST
from sim.agents.states import ABSORBING, N_STATES, TIMED, Kind, State
from sim.model import StandoffModel

Floats = NDArray[np.float64]

OUT_IN_THE_COLD = (State.LINE, State.CAMP, State.INSIDE, State.RETURNING)
HASTY = {
    "attempt_interval_hours": 3.4, "night_attempt_factor": 10.0, "family_attempt_factor": 2.0,
    "camp_attempt_factor": 2.0,
    "give_up_per_day": 1.0, "give_up_minsk_per_day": 1.0, "wait_in_minsk_hours": 3.9, "give_up_centre_per_day": 1.0,
    "leave_centre_per_day": 1.0, "rest_per_day": 7.0, "fly_home_hours": 3.4,
    "pick_up_hours": 10.0, "found_inland_hours": 3.4,
    "ask_for_asylum_hours": 10.0, "custody_days": 1.0,
}  # fmt: skip
HARSH = {"harm_per_day": 1.0, "wet_factor": 10.0, "forest_factor": 20.0, "line_factor": 20.0, "indoors_factor": 5.0}


def act_hazard(model: StandoffModel) -> Floats:
    """Return the act hazards by state, kind and place."""
    return model.scene.people.act.hazard.reshape(model.migrants.hazards.shape)


def harm_hazard(model: StandoffModel) -> Floats:
    """Return the harm hazards by state, kind and place."""
    return model.scene.people.harm.hazard.reshape(model.migrants.hazards.shape)


def set_sky(model: StandoffModel, *, dark: float = 0.0, felt_c: float = 0.0, wet: float = 0.0) -> None:
    """Make every hour as dark, cold and wet as asked, and set the hazards anew."""
    world = model.world
    sky = world.weather
    world.weather = replace(sky, effective_temperature_c=np.full_like(sky.wet, felt_c), wet=np.full_like(sky.wet, wet))
    world.darkness = np.full_like(world.darkness, dark)
    model.migrants.look_ahead()
    model.migrants.begin_hour()


def test_states_of_fixed_length_pass_at_exactly_one_an_hour() -> None:
    hazard = act_hazard(build())
    for state in TIMED:
        assert set(hazard[state].ravel()) == {1.0}


def test_final_states_have_no_hazard_and_all_others_have_one() -> None:
    hazard = act_hazard(build(force=(force(2500),)))
    for state in State:
        assert (hazard[state].max() > 0.0) == (state not in ABSORBING)


def test_harm_comes_to_those_outdoors_and_to_a_lesser_degree_in_the_centre() -> None:
    hazard = harm_hazard(build())
    exposed = {state for state in State if hazard[state].max() > 0.0}
    assert exposed == {*OUT_IN_THE_COLD, State.CENTRE}
    assert hazard[State.CENTRE].max() == pytest.approx(0.0038 / 24 * 0.25)


@given(
    drive=st.floats(0.0, 20.0), dark=st.floats(0.0, 1.0), felt=st.floats(-60.0, 40.0), wet=st.floats(0.0, 1.0),
    persons=st.sampled_from([0.0, 2500.0, 200_000.0]),
)  # fmt: skip
def test_no_single_cause_exceeds_the_highest_hazard(
    drive: float, dark: float, felt: float, wet: float, persons: float
) -> None:
    model = EXTREME[persons]
    model.scene.services.drive = drive
    set_sky(model, dark=dark, felt_c=felt, wet=wet)
    for causes in model.migrants.hazards.causes.values():
        assert all(0.0 <= cause.min() <= cause.max() <= HIGHEST for cause in causes)
    assert harm_hazard(model).max() <= HIGHEST
    for state in (State.LINE, State.CAMP):
        assert act_hazard(model)[state].max() <= HIGHEST * (1 + 1e-12)


EXTREME = {
    persons: build(force=(force(persons),), migrants=HASTY, exposure=HARSH) for persons in (0.0, 2500.0, 200_000.0)
}


def test_no_state_exceeds_the_highest_hazard() -> None:
    model = EXTREME[2500.0]
    set_sky(model, dark=1.0)
    by_chance = [state for state in range(N_STATES) if state not in TIMED]
    assert act_hazard(model)[by_chance].max() <= HIGHEST * (1 + 1e-12)


@pytest.mark.parametrize("scenario", [{}, {"steering": (steering(drive=2.0),)}])
def test_with_usual_numbers_no_state_comes_near_it(scenario: dict[str, Any]) -> None:
    model = build(0, force=(force(20_000),), **scenario)
    by_chance = [state for state in range(N_STATES) if state not in TIMED]
    assert act_hazard(model)[by_chance].max() < HIGHEST / 2


def test_a_state_passes_at_the_sum_of_its_causes() -> None:
    model = build(force=(force(2500),))
    for state, causes in model.migrants.hazards.causes.items():
        assert act_hazard(model)[state] == pytest.approx(np.sum(causes, axis=0))


# ---------------------------------------------------------------- attempts


def attempt(model: StandoffModel, kind: Kind = Kind.ALONE, state: State = State.LINE) -> float:
    return float(model.migrants.hazards.causes[state][0][kind, KUZNICA])


def test_people_are_readier_by_night_and_as_ready_as_said_over_day_and_night() -> None:
    model = build(migrants={"night_attempt_factor": 1.8, "attempt_interval_hours": 72.0})
    set_sky(model, dark=1.0)
    night = attempt(model)
    set_sky(model, dark=0.0)
    day = attempt(model)
    assert night / day == pytest.approx(1.8)
    assert (night + day) / 2 == pytest.approx(1 / 72)


def test_families_and_the_camp_are_less_ready_by_their_factors() -> None:
    model = build(migrants={"family_attempt_factor": 0.7, "camp_attempt_factor": 0.3})
    assert attempt(model, Kind.FAMILY) / attempt(model, Kind.ALONE) == pytest.approx(0.7)
    assert attempt(model, Kind.FRIENDS) == attempt(model, Kind.ALONE)
    assert attempt(model, state=State.CAMP) / attempt(model) == pytest.approx(0.3)


def test_people_keep_back_as_often_as_a_unit_on_duty_is_in_sight() -> None:
    held, free = (
        build(force=(force(9000.0),), guards={"seen_from_km": sight}, network={"hope_strength": 0.0})
        for sight in (0.2, 0.0)
    )
    clear = held.scene.guards.clear_share
    assert 0.1 < clear[KUZNICA] < 0.9
    for state in (State.LINE, State.CAMP):
        attempts = [model.migrants.hazards.causes[state][0] for model in (held, free)]
        assert attempts[0][:, :N_POSTS] == pytest.approx(attempts[1][:, :N_POSTS] * clear, rel=1e-12)
        assert attempts[0][:, N_POSTS] == pytest.approx(attempts[1][:, N_POSTS])


def test_the_drive_of_the_services_hastens_attempts() -> None:
    calm, driven = build(), build(steering=(steering(drive=2.0),))
    assert attempt(driven) / attempt(calm) == pytest.approx(2.0)


# ---------------------------------------------------------------- cold


@given(st.lists(st.floats(-40.0, 25.0), min_size=2, max_size=6, unique=True))
def test_cold_never_lessens_harm_or_the_wish_to_go_back(temperatures: list[float]) -> None:
    harm, back = [], []
    for felt in sorted(temperatures, reverse=True):
        set_sky(SIMPLE, felt_c=felt)
        harm.append([harm_hazard(SIMPLE)[state, 0, KUZNICA] for state in OUT_IN_THE_COLD])
        back.append([SIMPLE.migrants.hazards.causes[state][1][0, KUZNICA] for state in (State.LINE, State.CAMP)])
    assert (np.diff(harm, axis=0) >= 0.0).all()
    assert (np.diff(back, axis=0) >= 0.0).all()


SIMPLE = build()


def test_harm_at_nought_degrees_is_what_the_table_says_by_place() -> None:
    model = build(exposure={"harm_per_day": 0.0048, "line_factor": 1.5, "forest_factor": 2.0, "wet_factor": 1.5})
    set_sky(model)
    base = 0.0048 / 24
    factors = {State.CAMP: 1.0, State.RETURNING: 1.0, State.LINE: 1.5, State.INSIDE: 2.0}
    for state, factor in factors.items():
        assert harm_hazard(model)[state].max() == pytest.approx(base * factor)
    set_sky(model, felt_c=-8.0, wet=1.0)
    for state, factor in factors.items():
        assert harm_hazard(model)[state, 0, KUZNICA] == pytest.approx(base * factor * np.e * 2.5)


@pytest.mark.parametrize(("felt", "factor"), [(0.0, 1.0), (-8.0, np.exp(0.5)), (-40.0, 3.0), (40.0, 0.3)])
def test_the_wish_to_go_back_grows_with_cold_between_bounds(felt: float, factor: float) -> None:
    model = build(migrants={"give_up_per_day": 0.024})
    set_sky(model, felt_c=felt)
    assert model.migrants.hazards.causes[State.LINE][1][0, KUZNICA] == pytest.approx(0.001 * factor)


@pytest.mark.parametrize(("felt", "factor"), [(0.0, 1.0), (-8.0, np.exp(0.5)), (-40.0, 3.0), (40.0, 0.3)])
def test_the_wish_to_rest_in_a_town_grows_with_cold_between_bounds(felt: float, factor: float) -> None:
    model = build(migrants={"rest_per_day": 0.24})
    set_sky(model, felt_c=felt)
    assert model.migrants.hazards.causes[State.LINE][2][0, KUZNICA] == pytest.approx(0.01 * factor)


def test_rest_in_a_town_is_as_open_as_the_services_leave_the_way_back() -> None:
    model = build(migrants={"rest_per_day": 0.24}, steering=(steering(refuse_return=0.75),))
    set_sky(model)
    assert model.migrants.hazards.causes[State.LINE][2][0, KUZNICA] == pytest.approx(0.25 * 0.01)
    planned = act_hazard(model)[State.LINE, 0, KUZNICA]
    model.levers.let_back = True  # in the course of a day: the hours left are planned anew
    model.migrants.begin_hour()
    assert model.migrants.hazards.causes[State.LINE][2][0, KUZNICA] == pytest.approx(0.01)
    assert act_hazard(model)[State.LINE, 0, KUZNICA] == pytest.approx(planned + 0.75 * 0.01)


def test_people_inside_are_found_only_where_guards_stand() -> None:
    found = build(force=(force(6.0 * 418),)).migrants.hazards.causes[State.INSIDE][1]
    assert found[0, KUZNICA] == pytest.approx(1 / 220)
    assert found[0, N_POSTS - 1] == 0.0


# ---------------------------------------------------------------- which cause acts


def test_causes_are_picked_in_proportion_to_their_hazards() -> None:
    hazards = build(force=(force(2500),)).migrants.hazards
    n = 10_000
    for state, causes in hazards.causes.items():
        here = np.array([cause[0, KUZNICA] for cause in causes])
        cell = hazards.cells.of(np.full(n, state), np.zeros(n, dtype=np.int64), KUZNICA)
        share = np.bincount(hazards.pick(cell, evenly(n)), minlength=len(causes)) / n
        assert np.abs(share - here / here.sum()).max() <= 1.0 / n


def test_a_cause_without_hazard_is_never_picked() -> None:
    hazards = build().migrants.hazards
    cell = hazards.cells.of(np.full(3, State.INSIDE), np.zeros(3, dtype=np.int64), 0)
    for chosen in range(4):
        for number, cause in enumerate(hazards.causes[State.INSIDE]):
            cause[:] = 0.01 if number == chosen else 0.0
        edges = np.array([2.0**-33, 0.5, 1.0 - 2.0**-33])
        hazards.add_up(State.INSIDE)
        assert hazards.pick(cell, edges).tolist() == [chosen] * 3
