"""Tension: Richardson's equations, events, the ladder, incidents, and the channels to the world."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stand_in_host import BORDER, StandIn, assumed, scenario

from sim.agents.incidents import (
    ARMED_SHARE,
    INCIDENT_KINDS,
    INCIDENT_WEIGHT,
    MISREAD_SURVEY,
    Incident,
    Incidents,
    kind_of,
    report,
)
from sim.agents.tension import (
    HYSTERESIS,
    LINE_COUNTRIES,
    N_RUNGS,
    PAIRS,
    RUNGS,
    SIDE_WEIGHTS,
    Tension,
    end_factors,
    ladder,
    pair_weights,
)
from sim.scenario.load import load_scenario
from sim.scenario.politics import Readiness
from sim.scenario.politics import Tension as Settings
from sim.world.border import COUNTRIES

WARSAW, VILNIUS, RIGA, NATO, EU = range(5)
PINNED = {
    "reaction_per_day": 0.25, "decay_per_day": 0.40, "lag_hours": 24.0, "grievance_per_day": 0.10,
    "event_scale": 0.12, "rung_width": 0.35,
}  # fmt: skip
"""What these tests begin from, whatever the scenario's defaults become."""

MIDDLE = st.floats(0.0, 1.0, exclude_min=True, exclude_max=True)


def make(*, start: Any = None, incidents_from: int = 10**9, seed: int = 5, **settings: float | bool) -> Tension:
    changed = {k: v if isinstance(v, bool) else assumed(v) for k, v in (PINNED | settings).items()}
    return Tension(Settings(**changed), seed=seed, epoch_hour=7000, incidents_from=incidents_from, start=start)


def run(tension: Tension, hours: int) -> list[Incident]:
    return [incident for hour in range(hours) for incident in tension.step(hour)]


# --- action and reaction --------------------------------------------------------------------------


def test_lines_are_in_the_order_of_countries() -> None:
    assert LINE_COUNTRIES == COUNTRIES
    assert [second for _, second in PAIRS[:3]] == ["Warsaw", "Vilnius", "Riga"]
    assert len(RUNGS) == 12


@pytest.mark.parametrize("lag_hours", [0.0, 1.0, 24.0, 72.0])
def test_readiness_settles_at_the_equilibrium_whatever_the_lag(lag_hours: float) -> None:
    tension = make(start=0.0, lag_hours=lag_hours)
    # With a = 0.40, k = 0.25 and g = 0.10 on both ends: g / (a − k) = 2/3.
    assert tension.equilibrium() == pytest.approx(np.full((5, 2), 2.0 / 3.0))
    run(tension, 24 * 140)
    assert tension.readiness == pytest.approx(np.full((5, 2), 2.0 / 3.0), abs=1e-4)


def test_equilibrium_of_unlike_ends_is_the_solution_of_both_equations() -> None:
    tension = make()
    tension.decay[:] = (0.5, 0.2)
    tension.reaction[:] = (0.3, 0.1)
    tension.grievance[:] = (0.1, 0.2)
    x, y = tension.equilibrium()[0]
    assert 0.3 * y - 0.5 * x + 0.1 == pytest.approx(0.0, abs=1e-12)
    assert 0.1 * x - 0.2 * y + 0.2 == pytest.approx(0.0, abs=1e-12)


def test_one_step_is_eulers_with_the_other_end_as_it_was_a_lag_ago() -> None:
    tension = make(start=(1.0, 2.0), lag_hours=2.0, grievance_per_day=0.0)
    x, y = [1.0], [2.0]
    for hour in range(6):
        lagged = max(0, hour - 2)
        x.append(x[hour] + (0.25 * y[lagged] - 0.40 * x[hour]) / 24)
        y.append(y[hour] + (0.25 * x[lagged] - 0.40 * y[hour]) / 24)
        tension.step(hour)
        assert tension.readiness[0] == pytest.approx([x[-1], y[-1]], abs=1e-12)


@pytest.mark.parametrize(("reaction", "stable"), [(0.39, True), (0.40, False), (0.41, False)])
def test_stability_ends_where_reaction_reaches_decay(reaction: float, stable: bool) -> None:
    tension = make(reaction_per_day=reaction, decay_per_day=0.40)
    assert tension.is_stable().tolist() == [stable] * 5
    assert bool(np.all(np.isfinite(tension.equilibrium()))) is stable


def test_an_unstable_pair_runs_to_the_top_and_stays() -> None:
    tension = make(start=0.5, reaction_per_day=0.6, decay_per_day=0.3)
    run(tension, 24 * 60)
    assert tension.rung.tolist() == [N_RUNGS] * 5
    assert tension.readiness == pytest.approx(np.full((5, 2), tension.ceiling))


@given(
    reaction=st.floats(0.0, 5.0), decay=st.floats(0.001, 5.0), lag=st.floats(0.0, 48.0),
    events=st.lists(st.tuples(st.sampled_from(["Minsk", "Moscow", "Warsaw", "EU"]), st.floats(-10, 10)), max_size=30),
)  # fmt: skip
def test_readiness_and_rung_stay_within_their_bounds(
    reaction: float, decay: float, lag: float, events: list[tuple[str, float]]
) -> None:
    tension = make(reaction_per_day=reaction, decay_per_day=decay, lag_hours=lag, incidents_from=0)
    for hour, (actor, goldstein) in enumerate(events):
        tension.event(actor, "", goldstein)
        tension.step(hour)
        assert np.all((tension.readiness >= 0) & (tension.readiness <= tension.ceiling))
        assert np.all((tension.rung >= 1) & (tension.rung <= N_RUNGS))


# --- events ---------------------------------------------------------------------------------------


def test_a_hostile_act_raises_its_actors_end_most_in_the_pair_that_is_meant() -> None:
    tension = make(start=1.0, event_scale=0.1)
    tension.event("Minsk", "Warsaw", -5.0)
    none, one, both = SIDE_WEIGHTS
    expected = np.ones((5, 2))
    expected[:, 0] += 0.5 * np.array([both, one, one, none, one])
    assert tension.readiness == pytest.approx(expected)


def test_an_act_of_the_west_moves_the_second_end() -> None:
    tension = make(start=1.0, event_scale=0.1)
    tension.event("EU", "Minsk", -8.0)
    assert np.all(tension.readiness[:, 0] == 1.0)
    assert tension.readiness[EU, 1] == pytest.approx(1.8)
    assert tension.readiness[NATO, 1] == pytest.approx(1.0 + 0.8 * SIDE_WEIGHTS[0])


def test_a_friendly_act_lowers_readiness_but_not_below_nought() -> None:
    tension = make(start=0.3, event_scale=0.1)
    tension.event("Minsk", "EU", 1.0)
    assert tension.readiness[EU].tolist() == pytest.approx([0.2, 0.3])
    tension.event("Minsk", "EU", 10.0)
    assert tension.readiness[EU].tolist() == [0.0, 0.3]


@pytest.mark.parametrize(
    ("actor", "target"),
    [("London", "Warsaw"), ("Minsk", "Moscow"), ("Ankara", "Minsk"), ("Baghdad", ""), ("Minsk", "Baghdad")],
)
def test_acts_that_do_not_cross_between_the_camps_move_nothing(actor: str, target: str) -> None:
    tension = make(start=1.0)
    tension.event(actor, target, -9.0)
    assert np.all(tension.readiness == 1.0)


def test_several_targets_are_one_act() -> None:
    tension = make(start=1.0, event_scale=0.1)
    tension.event("Moscow", ("Warsaw", "NATO"), -5.0)
    assert tension.readiness[NATO, 0] == pytest.approx(1.5)
    assert tension.readiness[WARSAW, 0] == pytest.approx(1.0 + 0.5 * SIDE_WEIGHTS[1])


def test_london_counts_with_nato() -> None:
    assert pair_weights("London", ("Moscow",)) is not None
    london, nato = pair_weights("London", ("Moscow",)), pair_weights("NATO", ("Moscow",))
    assert london is not None
    assert nato is not None
    assert london[1].tolist() == nato[1].tolist()


def test_what_was_done_before_the_run_has_faded_in_its_hours() -> None:
    past = make()
    past.run_in([(5, "Minsk", ("Warsaw",), -7.0), (30, "EU", ("Minsk",), -8.0)])
    lived = make()
    for hour in range(30):
        if hour == 0:
            lived.event("EU", "Minsk", -8.0)
        if hour == 25:
            lived.event("Minsk", "Warsaw", -7.0)
        lived.step(hour)
    assert np.array_equal(past.readiness, lived.readiness)
    assert np.array_equal(past.rung, lived.rung)


# --- the ladder -----------------------------------------------------------------------------------

LEVELS = st.floats(0.0, 15.0)
RUNG = st.integers(1, N_RUNGS)


def climb(level: float, rung: int) -> int:
    return int(ladder(np.array([level]), np.array([rung], dtype=np.int8))[0])


def test_the_ladder_rises_at_the_edge_and_falls_below_it() -> None:
    assert climb(1.99, 1) == 2
    assert climb(2.0, 2) == 3
    assert climb(2.0 - HYSTERESIS + 0.01, 3) == 3
    assert climb(2.0 - HYSTERESIS - 0.01, 3) == 2
    assert climb(99.0, 5) == N_RUNGS


@given(low=LEVELS, high=LEVELS, rung=RUNG, other=RUNG)
def test_the_ladder_is_monotone_and_bounded(low: float, high: float, rung: int, other: int) -> None:
    low, high = sorted((low, high))
    rung, other = sorted((rung, other))
    assert 1 <= climb(low, rung) <= climb(high, other) <= N_RUNGS


@given(level=LEVELS, rung=RUNG)
def test_a_second_look_at_the_same_level_changes_nothing(level: float, rung: int) -> None:
    assert climb(level, climb(level, rung)) == climb(level, rung)


# --- incidents ------------------------------------------------------------------------------------


def source(seed: int = 5, **settings: float) -> Incidents:
    changed = {name: assumed(value) for name, value in settings.items()}
    return Incidents(Settings(**changed), PAIRS[:3], seed=seed, epoch_hour=7000, first_hour=0)


def test_incident_chance_at_rung_six_is_the_scenarios_and_grows_from_there() -> None:
    incidents = source(incidents_per_day=2.4, incident_per_rung=0.5)
    chance = incidents.chance(np.array([6, 8, 4], dtype=np.int8), np.array([1.0, 1.0, 1.0]))
    rate = 0.1 * np.exp([0.0, 1.0, -1.0])
    assert chance == pytest.approx(1.0 - np.exp(-rate * ARMED_SHARE))
    assert np.all(incidents.chance(np.full(3, 12, dtype=np.int8), np.zeros(3)) == 0.0)


def test_frequency_of_incidents_follows_their_chance() -> None:
    incidents = source(incidents_per_day=4.8)
    rung = np.full(3, 6, dtype=np.int8)
    n_hours = 4000
    n = sum(len(incidents.draw(hour, rung, np.ones(3), np.zeros(3, bool))) for hour in range(n_hours))
    expected = n_hours * float(np.sum(-np.expm1(-0.2 * np.array(ARMED_SHARE))))
    assert abs(n - expected) < 4 * np.sqrt(expected)


def test_incidents_do_not_depend_on_where_drawing_begins() -> None:
    rung, one, no = np.full(3, 8, dtype=np.int8), np.ones(3), np.zeros(3, bool)
    whole, late = source(incidents_per_day=6.0), source(incidents_per_day=6.0)
    assert [whole.draw(hour, rung, one, no) for hour in range(500)][123:] == [
        late.draw(hour, rung, one, no) for hour in range(123, 500)
    ]


def test_more_armed_units_never_undo_an_incident() -> None:
    rung, no = np.full(3, 6, dtype=np.int8), np.zeros(3, bool)
    few, many = source(incidents_per_day=3.0), source(incidents_per_day=3.0)
    for hour in range(300):
        by_few = few.draw(hour, rung, np.ones(3), no)
        by_many = many.draw(hour, rung, np.full(3, 2.5), no)
        assert all(incident in by_many for incident in by_few)


@given(uniform=MIDDLE)
def test_survey_teams_are_misread_only_where_they_are(uniform: float) -> None:
    assert kind_of(uniform, False) in INCIDENT_KINDS
    assert kind_of(uniform, True) in (*INCIDENT_KINDS, MISREAD_SURVEY)
    assert sum(kind.share for kind in INCIDENT_KINDS) == pytest.approx(1.0)
    assert kind_of(0.99, True) is MISREAD_SURVEY


def test_no_incident_is_simulated_while_history_is_replayed() -> None:
    tension = make(incidents_from=100, incidents_per_day=50.0)
    assert run(tension, 100) == []
    assert tension.n_incidents.sum() == 0
    assert tension.step(100)
    assert tension.n_incidents.sum() > 0


def test_an_incident_raises_the_end_that_is_blamed_by_a_share_of_its_weight() -> None:
    tension = make(start=2.5, incidents_from=0, incidents_per_day=50.0, reaction_per_day=0.0, decay_per_day=0.001)
    tension.grievance[:] = 0.0
    found = [i for hour in range(24) for i in tension.step(hour, armed_in_reach=(1.0, 0.0, 0.0))][:1]
    tension = make(start=2.5, incidents_from=0, reaction_per_day=0.0, decay_per_day=0.001, event_scale=0.1)
    before = tension.readiness[WARSAW].copy()
    tension.incidents.draw = lambda *_: found  # type: ignore[method-assign]
    assert tension.step(0) == found
    end = PAIRS[WARSAW].index(found[0].actor)
    risen = tension.readiness[WARSAW] - before
    assert risen[end] == pytest.approx(-0.1 * INCIDENT_WEIGHT * found[0].kind.goldstein, abs=0.01)
    assert risen[1 - end] == pytest.approx(0.0, abs=0.01)
    assert tension.n_incidents.tolist() == [1, 0, 0, 0, 0]


def test_most_incidents_are_alleged_of_minsk_and_some_by_it() -> None:
    rung, one, no = np.full(3, 10, dtype=np.int8), np.ones(3), np.zeros(3, bool)
    incidents = source(incidents_per_day=6.0)
    found = [i for hour in range(600) for i in incidents.draw(hour, rung, one, no)]
    by_minsk = [i for i in found if i.actor == "Minsk"]
    assert 0.7 * len(found) < len(by_minsk) < len(found)
    assert all((i.actor, i.claimant) in (PAIRS[i.line], PAIRS[i.line][::-1]) for i in found)
    assert {i.actor for i in found if i.kind.name == "fence_damaged"} == {"Minsk"}


def test_a_reported_incident_names_claimant_and_a_post_on_its_own_line() -> None:
    host = StandIn(scenario())
    for line, luck in [(0, 0.01), (1, 0.5), (2, 0.999)]:
        report(host, [Incident(line, INCIDENT_KINDS[0], "Minsk", PAIRS[line][1], luck)])
    places = [row[3] for row in host.rows]
    assert [int(BORDER.posts.country[BORDER.post_number(place)]) for place in places] == [0, 1, 2]
    assert places[0] == BORDER.posts.name[0]
    assert places[2] == BORDER.posts.name[-1]
    assert [row[6] for row in host.rows] == ["Warsaw", "Vilnius", "Riga"]


# --- channels -------------------------------------------------------------------------------------


def test_response_slows_above_rung_four_on_the_line_concerned() -> None:
    tension = make(delay_per_rung=0.05)
    tension.rung[:3] = (7, 4, 1)
    factor = tension.response_factor(BORDER.posts.country)
    assert factor[BORDER.posts.country == 0] == pytest.approx(1.15)
    assert np.all(factor[BORDER.posts.country > 0] == 1.0)


def test_decision_delay_can_be_switched_off() -> None:
    tension = make(delay_per_rung=0.05, decision_delay=False)
    tension.rung[:] = 12
    assert np.all(tension.response_factor(BORDER.posts.country) == 1.0)


def test_rung_of_a_pair_is_found_by_name() -> None:
    tension = make()
    tension.rung[NATO] = 9
    assert tension.rung_of("Moscow", "NATO") == 9
    with pytest.raises(ValueError, match="not in tuple"):
        tension.rung_of("NATO", "Moscow")


def test_a_run_of_the_stand_off_fits_the_calendar() -> None:
    host = StandIn(scenario(replay_until=date(2021, 11, 10)))
    assert host.tension.incidents.first_hour == 72


# --- ends that differ -----------------------------------------------------------------------------

SIDES = ("Minsk", "Moscow", "Warsaw", "Vilnius", "Riga", "NATO", "EU")


def readiness(side: str, reaction: float, decay: float, grievance: float) -> Readiness:
    return Readiness(
        source="A208",
        side=side,
        reaction_factor=reaction,
        decay_factor=decay,
        grievance_factor=grievance,  # type: ignore[arg-type]
    )


def test_a_side_differs_in_every_pair_of_which_it_is_an_end() -> None:
    factors = end_factors([readiness("Minsk", 0.9, 1.1, 1.3), readiness("EU", 0.5, 0.6, 0.7)])
    minsk = [pair for pair, ends in enumerate(PAIRS) if ends[0] == "Minsk"]
    assert factors[:, minsk, 0].tolist() == [[0.9] * 4, [1.1] * 4, [1.3] * 4]
    assert factors[:, PAIRS.index(("Minsk", "EU")), 1].tolist() == [0.5, 0.6, 0.7]
    assert (factors[:, PAIRS.index(("Moscow", "NATO"))] == 1.0).all()


@given(
    rows=st.lists(
        st.tuples(st.sampled_from(SIDES), st.floats(0.1, 3.0), st.floats(0.3, 3.0), st.floats(0.0, 5.0)),
        min_size=1, max_size=7, unique_by=lambda row: row[0],
    )
)  # fmt: skip
def test_symmetry_comes_back_when_asymmetry_is_off(rows: list[tuple[str, float, float, float]]) -> None:
    given_rows = [readiness(*row) for row in rows]
    plain = Tension(Settings(), seed=1, epoch_hour=0, incidents_from=9999)
    off = Tension(Settings(asymmetric=False), seed=1, epoch_hour=0, incidents_from=9999, readiness=given_rows)
    on = Tension(Settings(), seed=1, epoch_hour=0, incidents_from=9999, readiness=given_rows)
    for tension in (plain, off, on):
        tension.event("Moscow", "NATO", -7.2)
        tension.event("Warsaw", "Minsk", -5.0)
        for hour in range(48):
            tension.step(hour)
    assert np.array_equal(plain.readiness, off.readiness)
    assert np.array_equal(plain.readiness, on.readiness) == all(set(row[1:]) == {1.0} for row in rows)


def test_the_published_sides_differ_and_every_pair_comes_to_rest() -> None:
    scenario = load_scenario("crisis-2021")
    tension = Tension(scenario.tension, seed=1, epoch_hour=0, readiness=scenario.readiness)
    rest = tension.equilibrium()
    assert tension.is_stable().all()
    assert (rest[:, 0] != rest[:, 1]).all()
    assert rest.mean() == pytest.approx(Tension(scenario.tension, seed=1, epoch_hour=0).equilibrium().mean(), rel=0.05)


@given(side=st.sampled_from(SIDES), low=st.floats(0.2, 1.0), more=st.floats(0.05, 2.0))
def test_more_grievance_of_one_side_never_calms_a_pair(side: str, low: float, more: float) -> None:
    calm, sore = (
        Tension(Settings(), seed=1, epoch_hour=0, readiness=[readiness(side, 1.0, 1.0, factor)]).equilibrium()
        for factor in (low, low + more)
    )
    assert (sore >= calm).all()
    assert (sore > calm).any()


def test_an_incident_noted_by_a_drill_is_felt_and_counted_with_those_of_the_hour() -> None:
    tension = Tension(Settings(), seed=1, epoch_hour=0, incidents_from=9999)
    before = tension.readiness.copy()
    tension.note(Incident(0, INCIDENT_KINDS[0], "Minsk", "Warsaw", 0.5, place="Kuźnica"))
    assert [incident.place for incident in tension.step(0)] == ["Kuźnica"]
    assert tension.n_incidents.tolist() == [1, 0, 0, 0, 0]
    assert tension.readiness[0, 0] > before[0, 0]
    assert tension.step(1) == []
