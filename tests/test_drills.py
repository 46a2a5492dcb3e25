"""Drills: phases and whom they draw from the line, what they signal, and drops in the wind."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stand_in_host import BORDER, GOZHA, StandIn, assumed, drill, phase, scenario

from sim.agents.actions import drill_targets, hour_of_run
from sim.agents.drill_dangers import DANGERS, danger_rates, incident_of
from sim.agents.drills import DANGERS_FROM, DrillBoard, drop_death_chance
from sim.agents.incidents import report
from sim.agents.tension import PAIRS
from sim.core.chance import Kind, Purpose, draw
from sim.scenario.drills import DrillClaim, Drills
from sim.scenario.load import load_scenario
from sim.world.calendar import Calendar

GUST_LIMIT_KMH = float(Drills().drop_gust_limit_kmh)
KUZNICA = BORDER.post_number("Kuźnica")


def opened(*drills: Any, settings: Drills | None = None, **more: Any) -> tuple[StandIn, DrillBoard]:
    """Return a host with these drills, and their board."""
    host = StandIn(scenario(drill=drills, drills=settings or Drills()), **more)
    return host, host.drills


# --- whom a drill draws ---------------------------------------------------------------------------


def test_watchers_within_reach_are_drawn_while_a_phase_lasts() -> None:
    host, board = opened(drill(phase(reach_km=60.0, pinned_share=0.3)))
    near = BORDER.distance_to_line_km(*GOZHA) <= 60.0
    assert near[KUZNICA]
    assert not near.all()
    host.wake_until(host.at(12, "09:00"))
    assert not host.levers.pinned_share.any()
    host.wake_until(host.at(12, "10:00"))
    assert host.levers.pinned_share.tolist() == pytest.approx(np.where(near, 0.3, 0.0).tolist())
    assert np.array_equal(board.active_shares()[0], host.levers.pinned_share)
    host.wake_until(host.at(12, "13:00"))
    assert host.levers.pinned_share[KUZNICA] == pytest.approx(0.3)
    host.wake_until(host.at(12, "14:00"))
    assert not host.levers.pinned_share.any()
    assert not board.active_shares().any()


def test_two_phases_combine_as_if_they_drew_independently() -> None:
    first, second = drill(phase(pinned_share=0.3)), drill(phase(pinned_share=0.5), name="Other")
    host, board = opened(first, second)
    host.wake_until(host.at(12, "11:00"))
    assert host.levers.pinned_share[KUZNICA] == pytest.approx(1 - 0.7 * 0.5)
    assert board.active_shares()[:, KUZNICA].tolist() == pytest.approx([0.3, 0.5])


def test_phases_of_one_drill_combine_in_its_own_share() -> None:
    host, board = opened(drill(phase(pinned_share=0.3), phase(pinned_share=0.5, hours=9)))
    host.wake_until(host.at(12, "11:00"))
    assert board.active_shares()[0, KUZNICA] == pytest.approx(1 - 0.7 * 0.5)


@given(shares=st.lists(st.floats(0.0, 0.9), min_size=1, max_size=6))
def test_no_drill_empties_a_post(shares: list[float]) -> None:
    phases = [phase(pinned_share=share, hours=2) for share in shares]
    host, _ = opened(drill(*phases), drill(*reversed(phases), name="Twin"))
    host.wake_until(host.at(12, "10:00"))
    pinned = host.levers.pinned_share
    assert np.all((pinned >= 0.0) & (pinned <= 0.9))
    assert pinned[KUZNICA] >= max(shares) - 1e-12


def test_it_does_not_matter_which_drill_began_first() -> None:
    early = drill(phase(clock="08:00", hours=9, pinned_share=0.37), name="First")
    late = drill(phase(clock="09:00", hours=9, pinned_share=0.11), name="Second")
    swapped = (
        drill(phase(clock="09:00", hours=9, pinned_share=0.37), name="First"),
        drill(phase(clock="08:00", hours=9, pinned_share=0.11), name="Second"),
    )
    pinned = []
    for drills in ((early, late), swapped):
        host, _ = opened(*drills)
        host.wake_until(host.at(12, "10:00"))
        pinned.append(host.levers.pinned_share.tobytes())
    assert pinned[0] == pinned[1]


def test_a_drill_that_began_before_the_run_is_under_way_at_its_first_hour() -> None:
    host, _ = opened(drill(phase(day=7, clock="22:00", hours=5)))
    host.wake_until(0)
    assert host.levers.pinned_share[KUZNICA] == pytest.approx(0.3)
    host.wake_until(2)
    assert host.levers.pinned_share[KUZNICA] == pytest.approx(0.3)
    host.wake_until(3)
    assert host.levers.pinned_share[KUZNICA] == 0.0


def test_hours_outside_the_run_are_counted_from_its_first() -> None:
    calendar = Calendar(date(2021, 11, 8), date(2021, 11, 20))
    assert hour_of_run(calendar, date(2021, 11, 8), "05:00") == 5
    assert hour_of_run(calendar, date(2021, 11, 7), "22:00") == -2
    assert hour_of_run(calendar, date(2021, 11, 21), "01:00") == calendar.n_hours + 1
    # The night of 31 October has an hour more.
    assert hour_of_run(calendar, date(2021, 10, 31), "00:00") == -(8 * 24 + 1)


def test_a_drill_that_would_begin_after_the_replayed_history_does_not_begin() -> None:
    begun, later = drill(phase(day=9), phase(day=13), name="Begun"), drill(phase(day=13), name="Later")
    host = StandIn(scenario(drill=(begun, later), replay_until=date(2021, 11, 9)))
    host.wake_until(host.at(20))
    assert [row[4] for row in host.rows] == ["Begun: manoeuvre begins"] * 2
    assert host.drills.names == ("Begun", "Later")


# --- off-switches ---------------------------------------------------------------------------------


def test_drills_switched_off_do_nothing_but_keep_their_names() -> None:
    host, board = opened(drill(phase(name="drop")), settings=Drills(enabled=False), gust_kmh=59.0)
    host.wake_until(host.at(12, "12:00"))
    assert (board.n_drills, board.names, board.agents) == (1, ("Gozha",), [])
    assert len(host.diary) == 0
    assert not host.levers.pinned_share.any()
    assert not board.active_shares().any()
    assert host.rows == []


def test_pinning_switched_off_leaves_the_signal() -> None:
    host, board = opened(drill(phase()), settings=Drills(pins_watchers=False))
    before = host.tension.readiness.copy()
    host.wake_until(host.at(12, "10:00"))
    assert not host.levers.pinned_share.any()
    assert not board.active_shares().any()
    assert host.tension.readiness.sum() > before.sum()
    assert host.kinds() == ["drill"]


# --- what it signals ------------------------------------------------------------------------------


def test_a_drill_is_meant_for_the_neighbours_it_is_near() -> None:
    assert drill_targets(BORDER, drill(phase())) == ("Warsaw", "Vilnius", "NATO")
    brest = drill(phase(), longitude=23.7, latitude=52.1, side="Minsk")
    assert drill_targets(BORDER, brest) == ("Warsaw", "NATO")
    assert drill_targets(BORDER, drill(phase(), side="Warsaw")) == ("Minsk",)
    assert drill_targets(BORDER, drill(phase(), side="NATO")) == ("Minsk",)


def test_only_the_first_phase_raises_tension() -> None:
    host, _ = opened(drill(phase(clock="10:00"), phase(clock="12:00", name="live_fire")))
    host.wake_until(host.at(12, "10:00"))
    after_first = host.tension.readiness.copy()
    scale = host.tension.event_scale
    start = host.tension.equilibrium()
    assert after_first[PAIRS.index(("Moscow", "NATO"))] - start[3] == pytest.approx([7.2 * scale, 0.0])
    host.wake_until(host.at(12, "13:00"))
    assert np.array_equal(host.tension.readiness, after_first)
    assert [row[4] for row in host.rows] == ["Gozha: manoeuvre begins", "Gozha: live fire begins"]


def test_two_phases_in_the_same_hour_begin_once_each() -> None:
    host, _ = opened(drill(phase(name="lift"), phase(name="drop")), gust_kmh=20.0)
    host.wake_until(host.at(12, "20:00"))
    assert [row[4] for row in host.rows] == ["Gozha: lift begins", "Gozha: drop begins"]


# --- drops ----------------------------------------------------------------------------------------


@given(chance=st.floats(0.0, 1.0), gust=st.floats(0.0, 250.0), scale=st.floats(1.0, 100.0))
def test_drop_deaths_are_a_chance(chance: float, gust: float, scale: float) -> None:
    lower = drop_death_chance(chance, gust, scale)
    assert 0.0 <= lower <= 0.2
    assert lower <= drop_death_chance(chance, gust + 5.0, scale)


def test_the_published_chance_holds_at_gusts_of_forty() -> None:
    assert drop_death_chance(0.0008, 40.0, 10.0) == pytest.approx(0.0008)
    assert drop_death_chance(0.0008, 50.0, 10.0) == pytest.approx(0.0008 * np.e)


def deaths(seed: int, chance: float, gust: float, *others: Any, men: float = 250.0) -> int:
    """Return the deaths in one drop, with other drills beside it."""
    forces = {"paratroopers": men, "Il-76": 7.0}
    dropping = drill(phase(name="drop"), forces=forces)
    settings = Drills(drop_accident_chance=assumed(chance))
    host, board = opened(*others, dropping, settings=settings, seed=seed, gust_kmh=gust)
    host.wake_until(host.at(14))
    logged = [row[5] for row in host.rows if row[1] == "soldier_deaths" and row[4].startswith("Gozha")]
    assert sum(logged) == board.deaths[-1]
    return int(board.deaths[-1])


def test_nobody_dies_at_no_chance() -> None:
    assert deaths(1, 0.0, 59.0, men=50_000.0) == 0


def test_deaths_are_as_many_as_the_chance_says() -> None:
    n = sum(deaths(seed, 0.02, 40.0, men=1000.0) for seed in range(20))
    assert abs(n - 400) < 4 * np.sqrt(400)


def test_more_wind_never_saves_and_other_drills_change_no_luck() -> None:
    calm, windy = deaths(3, 0.02, 40.0), deaths(3, 0.02, 55.0)
    assert 0 < calm < windy
    alone = [deaths(seed, 0.02, 40.0) for seed in range(8)]
    another = drill(phase(name="drop"), name="Another")
    assert [deaths(seed, 0.02, 40.0, another) for seed in range(8)] == alone


def test_a_drop_waits_a_day_for_the_wind() -> None:
    host, _ = opened(drill(phase(name="drop", pinned_share=0.2)))
    host.world.weather.gust_kmh[: host.at(13)] = GUST_LIMIT_KMH + 1
    host.wake_until(host.at(12, "10:00"))
    assert not host.levers.pinned_share.any()
    host.wake_until(host.at(13, "10:00"))
    assert host.levers.pinned_share[KUZNICA] == pytest.approx(0.2)
    host.wake_until(host.at(13, "14:00"))
    assert not host.levers.pinned_share.any()
    texts = [row[4] for row in host.rows]
    assert texts == ["Gozha: drop put off by a day in gusts of 61 km/h", "Gozha: drop begins"]
    assert host.kinds() == ["drill", "drill"]


def test_a_drop_goes_ahead_in_gusts_up_to_the_limit() -> None:
    host, _ = opened(drill(phase(name="drop", pinned_share=0.2)), gust_kmh=GUST_LIMIT_KMH)
    host.wake_until(host.at(12, "10:00"))
    assert host.rows[0][4] == "Gozha: drop begins"


@pytest.mark.parametrize(("chance", "told"), [(0.004, "1 parachutist dies"), (0.02, "5 parachutists die")])
def test_deaths_in_a_drop_are_told_by_their_number(chance: float, told: str) -> None:
    for seed in range(40):
        host, board = opened(
            drill(phase(name="drop")), settings=Drills(drop_accident_chance=assumed(chance)), gust_kmh=40.0, seed=seed
        )
        host.wake_until(host.at(12, "10:00"))
        n = int(board.deaths.sum())
        assert [row[5] for row in host.rows if row[1] == "soldier_deaths"] == [n] * bool(n)
        if n == int(told.split(maxsplit=1)[0]):
            assert host.rows[-1][4] == f"Gozha: {told} in the drop"
            return
    raise AssertionError("no such drop among forty")


def test_a_drop_is_called_off_when_the_next_day_is_no_better() -> None:
    settings = Drills(drop_accident_chance=assumed(0.008))
    host, board = opened(drill(phase(name="drop")), settings=settings, gust_kmh=120.0)
    host.wake_until(host.at(16))
    assert [row[4].split(": ")[1][:13] for row in host.rows] == ["drop put off ", "drop called o"]
    assert board.deaths.sum() == 0
    assert not host.levers.pinned_share.any()


def test_gusts_are_those_of_the_nearest_country() -> None:
    by_riga = drill(phase(name="drop"), longitude=27.5, latitude=55.8)
    host, board = opened(by_riga)
    host.world.weather.gust_kmh[:, 2] = GUST_LIMIT_KMH + 5
    host.wake_until(host.at(12, "10:00"))
    assert board.agents[0].country == 2
    assert "put off" in host.rows[0][4]


# --- what is said of them -------------------------------------------------------------------------


def test_what_a_drill_is_said_to_be_for_stays_a_claim() -> None:
    claims = (DrillClaim(claimant="Moscow", text="the flights answer the build-up"),)
    host, _ = opened(drill(phase(clock="10:00"), phase(clock="12:00"), claims=claims))
    host.wake_until(host.at(12, "20:00"))
    told = [row for row in host.rows if row[1] == "claim"]
    assert [(row[4], row[6]) for row in told] == [("the flights answer the build-up", "Moscow")], "said once"
    assert host.tension.readiness[3, 0] == pytest.approx(host.tension.equilibrium()[3, 0] + 7.2 * 0.07), "not felt"


def test_the_published_history_keeps_every_claim_with_its_claimant() -> None:
    rows = {row.name: row for row in load_scenario("crisis-2021").drill}
    for name in ("Tu-22M3 patrol of 10 November", "Tu-160 patrol of 11 November"):
        assert any(claim.claimant == "Moscow" and "answer" in claim.text for claim in rows[name].claims)
    gozha = rows["Gozha airborne drop"]
    assert {phase.name for phase in gozha.phases} == {
        "alert", "lift", "air_defence", "drop", "gunships", "live_fire", "withdraw",
    }  # fmt: skip
    assert any('"scouts"' in claim.text and '"illegal armed formations"' in claim.text for claim in gozha.claims)
    assert any(claim.claimant == "NATO" and "vigilant" in claim.text for claim in gozha.claims)
    assert {row.side for row in rows.values()} == {"Moscow", "Minsk", "Warsaw", "NATO"}
    assert all(row.claims for row in rows.values())


# --- weather --------------------------------------------------------------------------------------


def test_gunships_stay_on_the_ground_in_hard_gusts_and_fire_goes_on() -> None:
    host, _ = opened(drill(phase(name="gunships"), phase(name="live_fire")), gust_kmh=86.0)
    host.wake_until(host.at(12, "10:00"))
    assert [row[4] for row in host.rows] == [
        "Gozha: gunships called off in gusts of 86 km/h", "Gozha: live fire begins",
    ]  # fmt: skip
    assert host.levers.pinned_share[KUZNICA] == pytest.approx(0.3), "of the live fire alone"


# --- dangers --------------------------------------------------------------------------------------

GUNSHIPS = {"helicopter_gunships": 4.0}


def dangerous(**rates: float) -> Drills:
    """Return drills with these rates of dangers."""
    return Drills(**{key: assumed(value) for key, value in rates.items()})


def test_rates_follow_aircraft_distance_and_soldiers() -> None:
    settings = dangerous(airspace_per_aircraft_hour=0.01, airspace_scale_km=10.0, misread_per_hour=0.05)
    row = drill(phase(name="gunships"), phase(name="alert"), forces={"helicopter_gunships": 4.0, "soldiers": 1000.0})
    flying, waiting = (danger_rates(settings, row, number, 20.0) for number in (0, 1))
    assert flying.tolist() == pytest.approx([4 * 0.01 * np.exp(-2.0), 0.05, 1000 * 1.5e-6 / 24])
    assert waiting.tolist() == pytest.approx([0.0, 0.0, 1000 * 1.5e-6 / 24])
    assert not danger_rates(Drills(dangers=False), row, 0, 0.0).any()


def test_aircraft_stray_as_often_as_the_rate_says_and_only_while_they_fly() -> None:
    hours, n, seeds = 1000, 0, 30
    settings = dangerous(airspace_per_aircraft_hour=0.005, airspace_scale_km=500.0)
    for seed in range(seeds):
        host, board = opened(
            drill(phase(name="gunships", day=8, hours=hours), forces=GUNSHIPS), settings=settings, seed=seed
        )
        host.wake_until(host.world.calendar.n_hours - 1)
        incidents = host.tension.step(host.hour)
        n += sum(incident.kind.name == "airspace" for incident in incidents)
        assert all(incident.actor == "Moscow" and incident.claimant in ("Warsaw", "Vilnius") for incident in incidents)
    lasted = host.world.calendar.n_hours - host.at(8, "10:00")
    expected = float(board.expected_dangers[0, 0]) / hours * lasted * seeds
    assert abs(n - expected) < 4 * np.sqrt(expected)


@pytest.mark.parametrize(("post", "claimant"), [(KUZNICA, "Warsaw"), (24, "Vilnius"), (len(BORDER.posts) - 1, "Riga")])
def test_an_incident_is_told_by_the_capital_on_whose_line_it_is(post: int, claimant: str) -> None:
    near = np.arange(len(BORDER.posts)) == post
    host, _ = opened()
    told = incident_of(host, drill(phase()), "airspace", 0.5, near)
    assert told is not None
    assert (told.actor, told.claimant, told.place) == ("Moscow", claimant, BORDER.posts.name[post])
    own = incident_of(host, drill(phase(), side="Warsaw"), "airspace", 0.5, near)
    assert own is not None
    assert (own.actor, own.claimant) == ("Warsaw", "Minsk")
    assert incident_of(host, drill(phase()), "airspace", 0.5, near & False) is None


def test_a_danger_waits_by_a_number_of_its_own() -> None:
    settings = dangerous(deaths_per_million_soldier_days=1000.0)
    host, board = opened(drill(phase(day=8, hours=200), forces={"soldiers": 4000.0}), settings=settings)
    host.wake_until(host.at(18))
    number = board.agents[0].luck_number + DANGERS_FROM + DANGERS.index("accident")
    lot = float(draw(host.seed, Kind.DRILL, number, Purpose.DANGER, 0)[0][0])
    rate = float(board.expected_dangers[0, DANGERS.index("accident")]) / 200
    first = next(row[0] for row in host.rows if row[1] == "soldier_deaths")
    assert first == int(host.at(8, "10:00") - np.log(lot) / rate)


def test_a_survey_team_is_misread_only_where_one_is_at_work() -> None:
    settings = dangerous(misread_per_hour=1.0, airspace_per_aircraft_hour=0.0)
    teams = {(): 0, (("British engineers", KUZNICA),): 1, (("British engineers", len(BORDER.posts) - 1),): 0}
    for surveying, happens in teams.items():
        host, _ = opened(drill(phase(name="gunships"), forces=GUNSHIPS), settings=settings)
        host.surveying = list(surveying)
        host.wake_until(host.at(12, "20:00"))
        incidents = host.tension.step(host.hour)
        assert bool(incidents) is bool(happens)
        for incident in incidents:
            assert (incident.kind.name, incident.place, incident.line) == ("misread_survey", "Kuźnica", 0)
            assert "British engineers" in incident.text


def test_incidents_of_drills_are_claims_and_move_tension() -> None:
    settings = dangerous(misread_per_hour=1.0)
    host, _ = opened(drill(phase(name="live_fire"), side="Warsaw", forces={"brigades": 1.0}), settings=settings)
    host.surveying = [("Polish sappers", KUZNICA)]
    host.wake_until(host.at(12, "13:00"))
    before = host.tension.readiness.copy()
    incidents = host.tension.step(host.hour)
    assert {(incident.actor, incident.claimant) for incident in incidents} == {("Warsaw", "Minsk")}
    assert host.tension.readiness[0, 1] > before[0, 1]
    report(host, incidents)
    assert {row[6] for row in host.rows if row[1] == "incident"} == {"Minsk"}


def test_accidents_cost_soldiers_at_their_rate_and_none_when_dangers_are_off() -> None:
    rates = {"deaths_per_million_soldier_days": 1000.0}
    drilling = drill(phase(day=8, clock="00:00", hours=240), forces={"soldiers": 4000.0})
    n = []
    for on in (True, False):
        settings = Drills(dangers=on, **{key: assumed(value) for key, value in rates.items()})
        total = 0
        for seed in range(10):
            host, board = opened(drilling, settings=settings, seed=seed)
            host.wake_until(host.at(18))
            total += int(board.deaths.sum())
            told = [row[2:6] for row in host.rows if row[1] == "soldier_deaths"]
            assert len(told) == board.deaths.sum()
            assert set(told) <= {("airborne forces", "Gozha", "Gozha: a soldier dies in an accident", 1.0)}
        n.append(total)
    assert abs(n[0] - 400) < 4 * np.sqrt(400)
    assert n[1] == 0


def test_dangers_of_one_drill_leave_the_luck_of_another_alone() -> None:
    settings = dangerous(deaths_per_million_soldier_days=1000.0)
    one = drill(phase(day=8, hours=200), forces={"soldiers": 4000.0})
    counts = []
    for others in ((), (drill(phase(day=8, hours=200), name="Another", forces={"soldiers": 9000.0}),)):
        host, board = opened(*others, one, settings=settings)
        host.wake_until(host.at(20))
        counts.append(int(board.deaths[-1]))
    assert counts[0] == counts[1] > 0


def test_a_drill_held_again_has_its_own_luck_and_counts_under_its_name() -> None:
    settings = Drills(drop_accident_chance=assumed(0.02))
    host, board = opened(drill(phase(name="drop")), settings=settings, gust_kmh=40.0, seed=3)
    host.wake_until(host.at(13))
    first = int(board.deaths[0])
    board.hold_again(host, "Gozha", host.at(14, "10:00"))
    host.wake_until(host.at(14, "10:00"))
    assert board.active_shares()[0, KUZNICA] == pytest.approx(0.3)
    uniforms = [
        draw(3, Kind.DRILL, board.agents[0].luck_number + np.arange(250), Purpose.DROP, occasion)[0]
        for occasion in (0, 64)
    ]
    deaths = [int(np.count_nonzero(uniform < 0.02)) for uniform in uniforms]
    assert [first, int(board.deaths[0]) - first] == deaths
