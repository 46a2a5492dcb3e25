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
from sim.agents.drills import GUST_LIMIT_KMH, DrillBoard, drop_death_chance, make_drills
from sim.agents.tension import PAIRS
from sim.scenario.forces import Drills
from sim.world.calendar import Calendar

KUZNICA = BORDER.post_number("Kuźnica")


def opened(*drills: Any, settings: Drills | None = None, **more: Any) -> tuple[StandIn, DrillBoard]:
    """Return a host with these drills, and their board."""
    host = StandIn(scenario(drill=drills, drills=settings or Drills()), **more)
    return host, make_drills(host)


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
