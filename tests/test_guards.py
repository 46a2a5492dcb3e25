"""Patrols: shared out without loss, on duty in turns, seeing by search theory, granted as a plain loop would grant."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scenes import KUZNICA, N_POSTS, START, bare, build, force, quantity, start_day, start_hour

from sim.agents.rosters import FOOT, QUICK, SERVICES, VEHICLE, apportion, kinds_of_units, strength_by_day
from sim.model import StandoffModel
from sim.world.border import COUNTRIES, TERRAINS, load_border
from sim.world.calendar import Calendar

BORDER = load_border()
PLENTY = (force(20_000), force(20_000, "LT"), force(20_000, "LV"))
POSTS_OF_POLAND = np.flatnonzero(BORDER.posts.country == COUNTRIES.index("PL"))


# ---------------------------------------------------------------- sharing out


@given(
    st.integers(0, 500),
    st.lists(st.one_of(st.just(0.0), st.floats(1e-3, 1e3)), min_size=1, max_size=40).filter(any),
)
def test_apportion_hands_out_all_and_nobody_is_off_by_one(total: int, weights: list[float]) -> None:
    weight = np.array(weights)
    share = apportion(total, weight)
    quota = total * weight / weight.sum()
    assert share.sum() == total
    assert (np.abs(share - quota) < 1.0 + 1e-9).all()
    assert (share >= 0).all()


@given(st.integers(1, 200), st.lists(st.integers(1, 50), min_size=2, max_size=20))
def test_apportion_gives_the_rest_to_the_largest_remainders(total: int, weights: list[int]) -> None:
    remainders = [total * weight % sum(weights) for weight in weights]
    share = apportion(total, np.array(weights, dtype=np.float64))
    extra = [int(got) - total * weight // sum(weights) for got, weight in zip(share, weights, strict=True)]
    assume(min(remainders) > 0)  # a remainder of nought may come out a hair below one in floats
    least = min((r for r, more in zip(remainders, extra, strict=True) if more), default=sum(weights))
    assert all(more or r <= least for r, more in zip(remainders, extra, strict=True))


def test_apportion_gives_ties_to_the_first() -> None:
    assert apportion(5, np.ones(3)).tolist() == [2, 2, 1]
    assert apportion(1, np.array([1.0, 2.0, 2.0])).tolist() == [0, 1, 0]


@pytest.mark.parametrize(("total", "weight"), [(0, 1.0), (-2, 1.0), (7, 0.0)])
def test_apportion_of_nothing_or_to_nobody_is_nothing(total: int, weight: float) -> None:
    assert apportion(total, np.full(4, weight)).tolist() == [0, 0, 0, 0]


def test_strength_runs_straight_between_dated_levels_and_holds_outside_them() -> None:
    days = [date(2021, 11, 8) + timedelta(days=n) for n in (0, 4)]
    scenario = bare(force=(force(900.0, day=days[1]), force(500.0, day=days[0]), force(40.0, "LV", "police")))
    strength = strength_by_day(scenario, Calendar(date(2021, 11, 6), date(2021, 11, 14)))
    assert strength[:, 0, 0].tolist() == [500, 500, 500, 600, 700, 800, 900, 900, 900]
    assert strength[:, 2, SERVICES.index("police")].tolist() == [40] * 9
    assert strength.sum(axis=0).nonzero()[0].tolist() == [0, 2]


# ---------------------------------------------------------------- posting and shifts


def test_units_stand_by_length_of_line_and_none_is_lost() -> None:
    model = build(force=(force(2000.0), force(3000.0, service="army")), guards={"mobile_share": 0.0})
    guards = model.scene.guards
    per_person = 0.6 / 4.0
    assert guards.roster.sum() == int(2000 * per_person) + int(3000 * per_person)
    assert guards.roster[BORDER.posts.country != 0].sum() == 0
    wanted = guards.roster.sum() * BORDER.posts.length_km / 418.0
    assert np.abs(guards.roster - wanted)[POSTS_OF_POLAND].max() < 2.0  # one for each service


def test_mobile_units_go_where_attempts_were_and_border_guards_stay() -> None:
    model = build(force=(force(2000.0), force(3000.0, service="army")), guards={"mobile_share": 0.5})
    guards = model.scene.guards
    before = guards.roster.copy()
    model.tally.counted[0, KUZNICA] = 300
    start_day(model, 1)
    assert guards.roster.sum() == before.sum()
    assert guards.roster[KUZNICA] - before[KUZNICA] == pytest.approx(0.5 * 450, rel=0.1)
    of_border_guards = np.bincount(guards.post[(guards.service == 0) & (guards.post >= 0)], minlength=N_POSTS)
    assert np.abs(of_border_guards - 300 * BORDER.posts.length_km / 418.0)[POSTS_OF_POLAND].max() < 1.0


def test_headquarters_forget_half_in_memory_days() -> None:
    model = build(until=date(2021, 11, 12), force=PLENTY, guards={"memory_days": 2.0})
    model.tally.counted[0, KUZNICA] = 80
    for day in (1, 2, 3):
        start_day(model, day)
    assert model.scene.guards.memory[KUZNICA] == pytest.approx(40.0)


def test_what_a_government_adds_comes_as_soldiers() -> None:
    model = build(force=(force(1000.0),))
    model.levers.extra_persons[0] = 400.0
    start_day(model, 1)
    assert model.scene.guards.persons(model.scene)[0].tolist() == [1000.0, 400.0, 0.0, 0.0]
    assert model.scene.guards.roster.sum() == 150 + 60


def test_the_armed_share_holds_soldiers_of_today_against_the_most_ever_dated() -> None:
    later = START + timedelta(days=90)
    rows = (force(9000.0), force(1000.0, service="army"), force(4000.0, service="army", day=later),
            force(500.0, "LT", "territorial"))  # fmt: skip
    model = build(force=rows)
    model.levers.extra_persons[:] = (600.0, 50.0, 50.0)
    most, today = 4000.0, 1000.0 + 600.0
    assert model.scene.guards.armed_share(model.scene).tolist() == [today / most, 0.0, 0.0]


def test_shifts_cover_three_days_and_every_unit_stands_eight_hours_and_rests_as_long() -> None:
    model = build(0, until=date(2021, 11, 12), force=PLENTY)
    guards, tally = model.scene.guards, model.tally
    tally.unit_hours_on_duty[:] = 0
    watches = np.zeros((72, len(guards.post)), dtype=bool)
    for hour in range(72):
        if hour % 24 == 0:
            start_day(model, hour // 24)
        start_hour(model, hour)
        assert (guards.free_units > 0).all()
        watches[hour, guards._duty] = True
    assert (tally.unit_hours_on_duty.sum(axis=0) == 24 * guards.roster).all()
    for unit in np.flatnonzero(guards.post >= 0)[:50]:
        changes = np.flatnonzero(np.diff(watches[:, unit].astype(int))) + 1
        stretches = np.diff(changes)
        assert (stretches >= 8).all(), "a watch or a rest shorter than eight hours"
        assert ((watches[changes[:-1], unit] == 0) | (stretches == 8)).all(), "a watch longer than eight hours"


def test_without_guards_there_are_no_units_and_nobody_sees() -> None:
    model = build(force=PLENTY, guards={"enabled": False})
    guards = model.scene.guards
    model.levers.extra_persons[:] = 5000.0
    start_day(model, 1)
    start_hour(model, 30)
    assert len(guards.post) == guards.roster.sum() == guards.free_units.sum() == 0
    assert guards.persons(model.scene).sum() == 0.0
    assert guards.detections_per_hour(model.scene, np.arange(1270), np.full(1270, 6)).max() == 0.0
    assert guards.found_factor.max() == 0.0


def test_people_inside_are_found_sooner_with_diminishing_returns() -> None:
    assert build(force=(force(6.0 * 418),)).scene.guards.found_factor[KUZNICA] == pytest.approx(1.0)
    four = build(force=(force(6.0 * 418 * 4),), guards={"diminishing_power": 0.5}).scene.guards.found_factor
    assert four[KUZNICA] == pytest.approx(2.0)
    assert four[-1] == 0.0


# ---------------------------------------------------------------- what they see


def seen_per_hour(model: StandoffModel, segment: int, size: int = 3) -> float:
    return float(model.scene.guards.detections_per_hour(model.scene, np.array([segment]), np.array([size]))[0])


@pytest.mark.parametrize("hour", [0, 6, 12, 16])
@pytest.mark.parametrize("terrain", ["forest", "wetland", "open", "stream"])
def test_detection_is_random_search(terrain: str, hour: int) -> None:
    """W·v·n/A with the numbers of the default tables, worked out by hand."""
    model = build(hour, force=(force(1600.0), force(800.0, service="army")))
    segments = BORDER.segments
    segment = int(np.flatnonzero((segments.terrain == TERRAINS.index(terrain)) & (segments.country == 0))[-1])
    post = int(segments.post[segment])
    hidden = terrain in ("forest", "wetland")
    by_day, by_night = (60.0, 12.0 * 0.7 + 60.0 * 0.3) if hidden else (300.0, 40.0 * 0.7 + 800.0 * 0.3)
    dark = float(model.world.darkness[hour, post])
    width_km = (by_day * (1 - dark) + by_night * dark) / 1000.0 * math.pow(3, 0.4)
    guards = model.scene.guards
    shift = ((hour - 6) // 8) % 3
    began = model.scene.absolute_day - (hour < 6)
    weighed = 0.0
    for unit in range(len(guards.post)):
        if guards.post[unit] == post and (guards.number_in_block[unit] - began) % 3 == shift:
            eyes = {VEHICLE: 1.2, QUICK: 0.0, FOOT: 1.0}[int(guards.kind[unit])]
            weighed += eyes if guards.service[unit] == 0 else 0.5 * eyes
    length = float(BORDER.posts.length_km[post])
    if weighed > 0.5 * length:
        weighed = 0.5 * length * math.pow(weighed / (0.5 * length), 0.35)
    rate = width_km * 3.0 * weighed / (length * 0.21)
    assert rate > 0.0
    assert seen_per_hour(model, segment) == pytest.approx(rate, rel=1e-12)


def test_the_line_is_clear_by_chance_of_units_on_duty_in_sight() -> None:
    """A third of the units are on duty, each is seen from both sides: exp(−2 · sight · units on duty per km)."""
    model = build(force=(force(4000.0),), guards={"seen_from_km": 0.15})
    guards = model.scene.guards
    for post in POSTS_OF_POLAND.tolist():
        on_duty_per_km = guards.roster[post] / 3 / float(BORDER.posts.length_km[post])
        assert guards.clear_share[post] == pytest.approx(math.exp(-0.3 * on_duty_per_km), rel=1e-12)
    assert guards.clear_share[BORDER.posts.country != 0].tolist() == [1.0] * int((BORDER.posts.country != 0).sum())


@pytest.mark.parametrize("change", [{"guards": {"seen_from_km": 0.0}}, {"guards": {"enabled": False}}])
def test_the_line_is_clear_where_nobody_is_seen(change: dict[str, Any]) -> None:
    assert set(build(force=(force(4000.0),), **change).scene.guards.clear_share) == {1.0}


def test_a_scaled_line_is_as_clear_as_a_whole_one() -> None:
    whole, tenth = (
        build(force=(force(20_000.0),), migrants={"people_scale": scale}).scene.guards.clear_share
        for scale in (1.0, 0.1)
    )
    assert tenth == pytest.approx(whole, abs=0.03)
    assert whole[KUZNICA] < 0.75


def test_more_watchers_see_more_with_diminishing_returns_above_the_reference() -> None:
    rates = []
    for persons in (1000.0, 2000.0, 8000.0, 32_000.0):
        model = build(force=(force(persons),))
        rates.append(model.scene.guards.detections_per_hour(model.scene, np.arange(418), np.full(418, 3)).mean())
    assert rates == sorted(rates)
    assert rates[1] / rates[0] == pytest.approx(2.0, rel=0.05)  # below the reference: in proportion
    assert rates[3] / rates[2] == pytest.approx(math.pow(4.0, 0.35), rel=0.02)


def test_larger_parties_are_seen_sooner_and_night_hides() -> None:
    forest = int(np.flatnonzero(BORDER.segments.terrain == TERRAINS.index("forest"))[0])
    day, night = build(12, force=PLENTY), build(0, force=PLENTY)
    assert seen_per_hour(day, forest, 5) > seen_per_hour(day, forest, 2)
    assert seen_per_hour(day, forest) > seen_per_hour(night, forest)
    assert seen_per_hour(day, forest, 1) * math.pow(7, 0.4) == pytest.approx(seen_per_hour(day, forest, 7))


def test_thermal_imagers_help_by_night_alone() -> None:
    few, many = (
        [seen_per_hour(build(hour, force=PLENTY, guards={"thermal_share": share}), 60) for hour in (0, 12)]
        for share in (0.1, 0.9)
    )
    assert many[0] > few[0]
    assert many[1] == few[1]


def test_electronics_widen_the_sweep_where_they_stand() -> None:
    model = build(force=PLENTY)
    segment = int(np.flatnonzero(BORDER.segments.terrain == TERRAINS.index("forest"))[0])
    before = seen_per_hour(model, segment)
    model.world.barriers.build(3, segment, 1000.0)
    assert seen_per_hour(model, segment) == pytest.approx(2.0 * before)


def test_the_size_of_the_simulated_share_leaves_detection_alone() -> None:
    segment = int(BORDER.posts.first_segment[KUZNICA])
    whole = build(force=(force(12_000.0),))
    tenth = build(force=(force(12_000.0),), migrants={"people_scale": 0.1})
    assert seen_per_hour(tenth, segment) == pytest.approx(seen_per_hour(whole, segment), rel=0.1)


def test_a_drill_draws_watchers_and_those_who_would_respond() -> None:
    model = build(12, force=(force(400.0),))
    guards = model.scene.guards
    watching, free = guards.n_watching.copy(), guards.n_free.copy()
    model.levers.pinned_share[KUZNICA] = 0.5
    start_hour(model, 13)
    assert guards.n_watching[KUZNICA] == pytest.approx(0.5 * watching[KUZNICA])
    assert guards.n_free[KUZNICA] == math.floor(free[KUZNICA] * 0.5) < free[KUZNICA]
    assert guards.free_units.tolist() == free.tolist()
    others = np.arange(N_POSTS) != KUZNICA
    assert (guards.n_free[others] == free[others]).all()


def test_who_covers_a_crew_watches_and_may_not_respond() -> None:
    model = build(10, force=(force(400.0),))
    guards, levers, tally = model.scene.guards, model.levers, model.tally
    watching, free = guards.n_watching.copy(), guards.n_free.copy()
    levers.cover(KUZNICA, 1)
    levers.cover(KUZNICA + 1, int(free[KUZNICA + 1]) + 3)
    start_hour(model, 11)
    assert guards.n_watching.tolist() == watching.tolist()
    assert guards.n_free[KUZNICA] == free[KUZNICA] - 1
    assert guards.n_free[KUZNICA + 1] == 0
    assert tally.unit_hours_covering[0, KUZNICA : KUZNICA + 2].tolist() == [1, free[KUZNICA + 1]]
    assert tally.unit_hours_covering.sum() == 1 + free[KUZNICA + 1]
    levers.begin_hour()
    start_hour(model, 12)
    assert guards.n_free.tolist() == free.tolist()
    assert tally.unit_hours_covering.sum() == 1 + free[KUZNICA + 1]


# ---------------------------------------------------------------- claims


CLAIMS = st.lists(st.tuples(st.integers(0, N_POSTS - 1), st.integers(1, 6)), max_size=40)
SIMPLE = build(force=PLENTY)


def granted_by_loop(free: list[int], claims: list[tuple[int, int]]) -> tuple[list[list[int]], list[int]]:
    """Grant claims one by one, in three rounds: own units, the southern neighbour's, the northern neighbour's.

    Last comes how many of its own post's units each claim found gone.
    """
    country = BORDER.posts.country
    left, missing = list(free), [wanted for _, wanted in claims]
    rounds = []
    before = [0] * len(claims)
    for step in (0, -1, 1):
        got = [0] * len(claims)
        for number, (post, _) in enumerate(claims):
            there = post + step
            if 0 <= there < N_POSTS and country[there] == country[post]:
                if step == 0:
                    before[number] = free[post] - left[post]
                got[number] = min(left[there], missing[number])
                left[there] -= got[number]
                missing[number] -= got[number]
        rounds.append(got)
    return [*rounds, before], left


@given(st.lists(st.integers(0, 5), min_size=N_POSTS, max_size=N_POSTS), CLAIMS)
def test_claims_are_granted_as_a_loop_would(free: list[int], claims: list[tuple[int, int]]) -> None:
    claims = sorted(claims, key=lambda claim: claim[0])
    guards = SIMPLE.scene.guards
    guards.n_free = np.array(free, dtype=np.int64)
    post, demand = (np.array([claim[n] for claim in claims], dtype=np.int64) for n in (0, 1))
    rounds, left = granted_by_loop(free, claims)
    assert [got.tolist() for got in guards.claim(post, demand)] == rounds
    assert guards._left.tolist() == left
    assert guards.n_free.tolist() == free


@given(st.lists(st.tuples(st.integers(12, 14), st.integers(1, 9)), min_size=1, max_size=25), st.integers(0, 9))
def test_claims_at_crowded_neighbours_are_granted_as_a_loop_would(claims: list[tuple[int, int]], units: int) -> None:
    claims = sorted(claims, key=lambda claim: claim[0])
    guards = SIMPLE.scene.guards
    free = [units] * N_POSTS
    guards.n_free = np.array(free, dtype=np.int64)
    post, demand = (np.array([claim[n] for claim in claims], dtype=np.int64) for n in (0, 1))
    assert [got.tolist() for got in guards.claim(post, demand)] == granted_by_loop(free, claims)[0]


def test_no_help_comes_over_a_state_line() -> None:
    guards = build(force=PLENTY).scene.guards
    last_polish = int(POSTS_OF_POLAND[-1])
    guards.n_free = np.zeros(N_POSTS, dtype=np.int64)
    guards.n_free[last_polish + 1] = 9
    assert [got.tolist() for got in guards.claim(np.array([last_polish]), np.array([3]))] == [[0], [0], [0], [0]]


def test_neighbours_are_the_next_posts_of_the_country_and_its_last_posts_have_one() -> None:
    guards, country = build().scene.guards, BORDER.posts.country
    for neighbour, step in ((guards.south, -1), (guards.north, 1)):
        wanted = [
            post + step if 0 <= post + step < N_POSTS and country[post + step] == country[post] else -1
            for post in range(N_POSTS)
        ]
        assert neighbour.tolist() == wanted


def test_a_stop_ties_up_the_lowest_numbered_free_units_for_handling_hours() -> None:
    on_foot = {"vehicle_share": 0.0, "quick_reaction_share": 0.0}
    model = build(12, force=PLENTY, guards={"handling_hours": 3.0, **on_foot})
    guards = model.scene.guards
    free_here = guards._free[guards.post[guards._free] == KUZNICA]
    guards.claim(np.array([KUZNICA, KUZNICA]), np.array([2, 1]))
    guards.tie_up(model.scene)
    busy = np.flatnonzero(guards.busy_until > 12)
    assert busy.tolist() == sorted(free_here.tolist())[:3]
    busy_hours = [int(model.tally.unit_hours_busy[0, KUZNICA])]
    for hour in (13, 14):  # they are relieved at 14 o'clock
        start_hour(model, hour)
        busy_hours.append(int(model.tally.unit_hours_busy[0, KUZNICA]))
    assert busy_hours == [3, 6, 6]


def test_watches_change_hands_from_day_to_day() -> None:
    model = build(12, force=PLENTY)
    guards = model.scene.guards
    today = set(guards._duty.tolist())
    start_day(model, 1)
    start_hour(model, 36)
    assert not today & set(guards._duty.tolist())


def test_busy_units_come_back_within_their_watch() -> None:
    model = build(7, force=PLENTY, guards={"handling_hours": 2.0})
    guards = model.scene.guards
    on_duty = int(guards.free_units[KUZNICA])
    guards.claim(np.array([KUZNICA]), np.array([5]))
    guards.tie_up(model.scene)
    counts = []
    for hour in (8, 9):
        start_hour(model, hour)
        counts.append(int(guards.free_units[KUZNICA]))
    assert counts == [on_duty - 5, on_duty]


def test_granting_nothing_ties_up_nobody() -> None:
    model = build(force=PLENTY)
    guards = model.scene.guards
    none = np.zeros(0, dtype=np.int64)
    assert [len(got) for got in guards.claim(none, none)] == [0, 0, 0, 0]
    guards.tie_up(model.scene)
    assert guards.busy_until.max() == 0


# ---------------------------------------------------------------- kinds of unit


@given(st.integers(0, 10_000), st.integers(30, 300), st.floats(0.0, 0.6), st.floats(0.0, 0.4))
def test_any_run_of_neighbours_is_mixed_as_the_whole_is(first: int, n: int, vehicle: float, quick: float) -> None:
    shares = {"vehicle_share": quantity(vehicle), "quick_reaction_share": quantity(quick)}
    section = SIMPLE.scenario.guards.model_copy(update=shares)
    number = np.arange(first, first + n)
    kind = kinds_of_units(section, np.zeros(n, dtype=np.int64), number)
    assert abs((kind == VEHICLE).mean() - vehicle) * n < 4.0
    assert abs((kind == QUICK).mean() - quick) * n < 4.0
    for shift in range(3):  # whoever is on duty, too
        assert abs((kind[shift::3] == VEHICLE).mean() - vehicle) * len(kind[shift::3]) < 4.0


def test_each_service_has_its_own_mix_and_territorial_soldiers_walk() -> None:
    section = build(guards={"vehicle_share": 1.0, "vehicle_share_others": 0.0, "quick_reaction_share": 0.0}).scene
    numbers = np.arange(40)
    kinds = [
        set(kinds_of_units(section.guards.section, np.full(40, service), numbers).tolist())
        for service in range(len(SERVICES))
    ]
    assert kinds == [{VEHICLE}, {FOOT}, {FOOT}, {FOOT}]
    ready = build(guards={"quick_reaction_share": 1.0}).scene.guards.section
    kinds = [set(kinds_of_units(ready, np.full(40, service), numbers).tolist()) for service in range(len(SERVICES))]
    assert kinds == [{QUICK}, {QUICK}, {QUICK}, {FOOT}]


def test_a_quick_reaction_force_waits_and_does_not_watch_but_responds() -> None:
    model = build(12, force=PLENTY, guards={"quick_reaction_share": 1.0})
    guards = model.scene.guards
    assert guards.n_watching.max() == 0.0
    assert (guards.n_free == guards.free_units).all()
    assert guards.n_free.min() > 0


def test_a_vehicle_patrol_sees_so_many_times_what_a_foot_patrol_sees() -> None:
    few = (force(800.0),)
    walking, driving = (
        build(force=few, guards={"vehicle_share": share, "quick_reaction_share": 0.0, "vehicle_watch": 1.5})
        for share in (0.0, 1.0)
    )
    assert driving.scene.guards.n_watching == pytest.approx(1.5 * walking.scene.guards.n_watching)


def test_a_post_sends_vehicles_first_then_the_quick_reaction_force_then_those_on_foot() -> None:
    model = build(12, force=PLENTY, guards={"vehicle_share": 0.3, "quick_reaction_share": 0.3})
    guards = model.scene.guards
    free_here = guards._free[guards.post[guards._free] == KUZNICA]
    by_kind = [sorted(free_here[guards.kind[free_here] == kind].tolist()) for kind in (VEHICLE, QUICK, FOOT)]
    assert min(map(len, by_kind)) > 1
    n_taken = len(by_kind[0]) + 1
    guards.claim(np.array([KUZNICA]), np.array([n_taken]))
    guards.tie_up(model.scene)
    assert np.flatnonzero(guards.busy_until > 12).tolist() == sorted(by_kind[0] + by_kind[1][:1])


def test_the_kind_of_the_last_unit_needed_sets_the_pace() -> None:
    model = build(12, force=PLENTY, guards={"vehicle_response_factor": 0.5, "foot_response_factor": 2.0})
    guards = model.scene.guards
    here = np.bincount(guards.kind[guards._free[guards.post[guards._free] == KUZNICA]], minlength=3)
    n_vehicles, n_quick = int(here[VEHICLE]), int(here[QUICK])
    last = np.array([1, n_vehicles, n_vehicles + 1, n_vehicles + n_quick, n_vehicles + n_quick + 1])
    post = np.full(5, KUZNICA)
    assert n_quick > 1
    assert guards.speed(post, last, np.ones(5)).tolist() == [0.5, 0.5, 1.0, 1.0, 2.0]
    assert guards.speed(post, last, np.zeros(5)).tolist() == [0.5] * 5, "neighbours come by vehicle"


@given(st.integers(1, 12), st.integers(1, 12))
def test_a_crowded_post_answers_no_sooner_than_an_idle_one(earlier: int, wanted: int) -> None:
    guards = SIMPLE.scene.guards
    guards.n_free = guards.free_units.copy()
    post = np.array([KUZNICA, KUZNICA])
    own, _, _, before = guards.claim(post, np.array([earlier, wanted]))
    paces = guards.speed(post[1:], np.minimum(own, wanted)[1:], own[1:])
    assert guards.speed(post[1:], (before + np.minimum(own, wanted))[1:], own[1:]) >= paces


def test_hours_on_duty_are_kept_by_kind_too() -> None:
    model = build(12, force=PLENTY)
    tally = model.tally
    assert tally.unit_hours_by_kind[0].min() > 0
    assert tally.unit_hours_by_kind[0].sum() == tally.unit_hours_on_duty[0].sum()


# ---------------------------------------------------------------- the watch within a post


def test_the_watch_shifts_within_a_post_to_where_people_were_seen() -> None:
    model = build(force=PLENTY, guards={"focus_share": 0.4, "focus_prior_persons": 1.0})
    guards = model.scene.guards
    assert guards.focus.tolist() == [1.0] * 1270
    first, end = int(BORDER.posts.first_segment[KUZNICA]), int(BORDER.posts.end_segment[KUZNICA])
    model.tally.attempts[0, first, 1:4] = (3, 4, 5)
    model.tally.attempts[0, first + 1, [0, 4]] = 90  # nobody saw these
    start_day(model, 1)
    n = end - first
    assert guards.focus[first] == pytest.approx(0.6 + 0.4 * 13.0 * n / (12.0 + n))
    assert guards.focus[first + 1] == pytest.approx(0.6 + 0.4 * n / (12.0 + n))
    elsewhere = BORDER.segments.post != KUZNICA
    assert (guards.focus[elsewhere] == 1.0).all()


def test_where_the_watch_is_closer_people_are_seen_sooner() -> None:
    model = build(force=PLENTY)
    before = seen_per_hour(model, 60)
    model.scene.guards.focus[60] = 1.75
    assert seen_per_hour(model, 60) == pytest.approx(1.75 * before)


@given(st.integers(0, 2**32 - 1), st.floats(0.0, 1.0))
def test_a_closer_watch_here_is_a_thinner_one_elsewhere_in_the_post(number: int, share: float) -> None:
    model = build(force=PLENTY, guards={"focus_share": share})
    model.tally.attempts[0, :, 2] = np.random.default_rng(number).integers(0, 500, 1270)
    start_day(model, 1)
    focus = model.scene.guards.focus
    n_segments = np.bincount(BORDER.segments.post, minlength=N_POSTS)
    assert np.bincount(BORDER.segments.post, weights=focus, minlength=N_POSTS) == pytest.approx(n_segments)
    assert focus.min() >= 1.0 - share - 1e-12
