"""Minsk's services: a drive that scatters and persists, directions by share, groups by a rate, parties drawn by lot."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest
from grounds import Ground, on_ground
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scenes import BORDER, KUZNICA, N_POSTS, bare, build, evenly, put, start_day, steering

from sim.agents.levers import GroupOrder
from sim.agents.migrants.bodies import near_normal
from sim.agents.minsk_services import by_lot, in_force
from sim.agents.states import State
from sim.core.chance import Kind as Who
from sim.core.chance import Purpose, draw
from sim.model import StandoffModel
from sim.scenario.politics import Action
from sim.scenario.services import GroupPlace, GroupRegime
from sim.world.border import COUNTRIES

LONG: dict[str, Any] = {"start": date(2021, 1, 2), "until": date(2022, 6, 30)}


def regime(groups_per_day: float, median_size: float = 100.0, size_sigma: float = 0.9) -> GroupRegime:
    """Return how often and how large group crossings are, from the first day on."""
    return GroupRegime(
        source="B251", since=date(2021, 1, 1), groups_per_day=groups_per_day, median_size=median_size,
        size_sigma=size_sigma,
    )  # fmt: skip


def crossing(day: date) -> Action:
    """Return a dated group crossing."""
    return Action(source="A113", day=day, kind="group_crossing", actor="Minsk", place="Kuźnica", size=100.0)


@cache
def drives(sigma: float, persistence: float) -> NDArray[np.float64]:
    """Return the logarithm of the drive of some 545 days under a steering with drive 1.5."""
    model = build(
        **LONG, steering=(steering(drive=1.5, drive_sigma=sigma),), services={"drive_persistence": persistence}
    )
    found = []
    for day in range(model.world.calendar.n_days):
        start_day(model, day)
        found.append(model.scene.services.drive)
    return np.array(found)


# ---------------------------------------------------------------- drive


def test_the_latest_row_not_after_the_day_is_in_force() -> None:
    rows = [steering(since=date(2021, 11, day), drive=float(day)) for day in (20, 8, 12)]
    days = [date(2021, 11, day).toordinal() for day in (7, 8, 11, 12, 30)]
    found = [in_force(rows, day) for day in days]
    assert [row and row.drive for row in found] == [None, 8.0, 8.0, 12.0, 20.0]


def test_the_drive_has_the_stated_mean_and_spread() -> None:
    drive = drives(0.4, 0.5)
    assert drive.mean() == pytest.approx(1.5, rel=0.05)
    assert np.log(drive).std() == pytest.approx(0.4, rel=0.08)


@pytest.mark.parametrize("persistence", [0.0, 0.5, 0.8])
def test_the_drive_persists_from_day_to_day(persistence: float) -> None:
    level = np.log(drives(0.4, persistence))
    level = level - level.mean()
    for lag in (1, 2):
        correlation = (level[lag:] * level[:-lag]).mean() / (level * level).mean()
        assert correlation == pytest.approx(persistence**lag, abs=0.1)


@pytest.mark.parametrize("persistence", [0.0, 0.5])
def test_the_drive_of_a_day_weighs_its_own_shock_and_those_before_it(persistence: float) -> None:
    row = steering(drive=1.5, drive_sigma=0.4)
    model = build(steering=(row,), services={"drive_persistence": persistence})
    day, lags = model.scene.absolute_day, np.arange(20)
    lots = draw(model.scene.seed, Who.SERVICES, np.zeros(20, dtype=np.int64), Purpose.DRIVE, day - lags + 1000)
    weight = persistence ** (lags + 1) if persistence else np.eye(20)[0]
    level = (weight * near_normal(lots)).sum() / np.sqrt((weight * weight).sum())
    assert model.scene.services.drive == pytest.approx(1.5 * np.exp(0.4 * level - 0.08))


def test_without_spread_the_drive_is_what_the_row_says() -> None:
    model = build(steering=(steering(drive=1.7, drive_sigma=0.0),))
    assert model.scene.services.drive == pytest.approx(1.7)
    assert build().scene.services.drive == 1.0


def test_drive_and_favour_do_not_depend_on_the_first_day_of_the_run() -> None:
    row = steering(drive_sigma=0.4, steering_share=0.8, poland_share=0.8, lithuania_share=0.1)
    late, early = build(start=date(2021, 11, 6), steering=(row,)), build(start=date(2021, 9, 1), steering=(row,))
    for model in (late, early):
        start_day(model, model.world.calendar.day_of(date(2021, 11, 9)))
    assert late.scene.services.drive == early.scene.services.drive
    assert late.scene.services.running.tolist() == early.scene.services.running.tolist()


def test_another_seed_has_another_drive() -> None:
    row = steering(drive_sigma=0.4)
    assert build(steering=(row,), seed=1).scene.services.drive != build(steering=(row,), seed=2).scene.services.drive


# ---------------------------------------------------------------- directions


def test_directed_parties_go_to_the_countries_by_their_shares() -> None:
    row = steering(steering_share=1.0, poland_share=0.7, lithuania_share=0.2)
    model = build(steering=(row,))
    n = 10_000
    post = model.scene.services.choose_post(model.scene, np.zeros(n), evenly(n))
    share = np.bincount(BORDER.posts.country[post], minlength=3) / n
    assert share.tolist() == pytest.approx([0.7, 0.2, 0.1], abs=2.0 / n)
    assert len(np.unique(post)) > 20


def test_the_share_that_is_not_directed_goes_by_hearsay() -> None:
    model = build(steering=(steering(steering_share=0.6, poland_share=0.0, lithuania_share=1.0),))
    scene = model.scene
    who, where = evenly(1000), np.full(1000, 0.05)
    post = scene.services.choose_post(scene, who, where)
    assert (BORDER.posts.country[post[:600]] == COUNTRIES.index("LT")).all()
    assert (post[600:] == scene.network.choose_post(where[:1])[0]).all()


def test_favour_changes_from_week_to_week_and_not_within() -> None:
    """Weeks are whole sevens of days since 1 January 2021: 5 November begins one."""
    model = build(start=date(2021, 11, 5), until=date(2021, 11, 12), steering=(steering(),))
    favours = []
    for day in range(8):
        start_day(model, day)
        favours.append(model.scene.services.running.tolist())
    assert favours.count(favours[0]) == 7
    assert favours[7] != favours[0]


def test_without_spread_favour_follows_ground_and_cities_alone() -> None:
    row = steering(poland_share=0.5, lithuania_share=0.3)
    services = build(steering=(row,), services={"place_sigma": 0.0}).scene.services
    weight = np.diff(services.running, prepend=0.0)
    for country, share in enumerate((0.5, 0.3, 0.2)):
        here = BORDER.posts.country == country
        base = services.base[here]
        assert weight[here].tolist() == pytest.approx((share * base / base.sum()).tolist())


def test_services_that_would_choose_no_ground_leave_the_choice_to_hearsay() -> None:
    with on_ground(Ground(terrain="all river_wide")):
        model = build(network={"wide_river_weight": 0.0}, steering=(steering(steering_share=1.0, poland_share=0.5),))
    scene = model.scene
    assert scene.services.running.tolist() == [0.0] * N_POSTS
    who, where = evenly(500), evenly(500)
    assert scene.services.choose_post(scene, who, where).tolist() == scene.network.choose_post(where).tolist()


def test_a_country_without_ground_that_services_would_choose_gets_nobody() -> None:
    with on_ground(Ground(cities="all far")):
        near = build(services={"access_scale_km": 100.0}, steering=(steering(poland_share=0.4, lithuania_share=0.3),))
    assert near.scene.services.running[-1] == pytest.approx(1.0)
    with on_ground(Ground(cities="all far")):
        far = build(services={"access_scale_km": 1.0}, steering=(steering(poland_share=0.4, lithuania_share=0.3),))
    assert far.scene.services.running[-1] == 0.0


def test_off_nobody_is_directed_hastened_or_gathered() -> None:
    today = date(2021, 11, 8)
    model = build(
        services={"enabled": False},
        steering=(steering(steering_share=1.0, drive=3.0, refuse_return=1.0),),
        groups=(regime(8.0),),
        action=(crossing(today),),
    )
    scene = model.scene
    who, where = evenly(500), evenly(500)
    assert scene.services.choose_post(scene, who, where).tolist() == scene.network.choose_post(where).tolist()
    assert (scene.services.drive, scene.services.refuse_return) == (1.0, 0.0)
    put(model, State.LINE, [5] * 20)
    model.levers.group_orders.append(GroupOrder(KUZNICA, 50))
    for hour in range(24):
        scene.hour = hour
        assert scene.services.orders_now(scene) == []
    assert model.levers.group_orders == []


# ---------------------------------------------------------------- group crossings


def planned(model: StandoffModel, day: int) -> list[tuple[int, float]]:
    """Return hour and size of the group crossings planned on a day."""
    first = int(model.world.calendar.first_hour_of_day[day])
    model.scene.services._planned.clear()
    start_day(model, day)
    return [(plan.hour - first, plan.people) for plan in model.scene.services._planned]


@pytest.mark.parametrize("rate", [0.3, 1.2, 4.0])
def test_groups_come_at_the_stated_rate_with_the_spread_of_chance(rate: float) -> None:
    model = build(**LONG, groups=(regime(rate),))
    numbers = np.array([len(planned(model, day)) for day in range(model.world.calendar.n_days)])
    assert numbers.mean() == pytest.approx(rate, rel=0.12)
    assert numbers.var() == pytest.approx(rate, rel=0.25)


def test_groups_gather_by_night_and_have_the_stated_sizes() -> None:
    model = build(**LONG, groups=(regime(3.0, median_size=80.0, size_sigma=0.7),))
    plans = [plan for day in range(model.world.calendar.n_days) for plan in planned(model, day)]
    hours, sizes = np.array([hour for hour, _ in plans]), np.log([size for _, size in plans])
    assert set(hours) <= set(range(16, 28))  # 17:00 to 03:00 by the clock; an hour more or less where it is changed
    assert set(range(17, 27)) <= set(hours)
    assert np.exp(np.median(sizes)) == pytest.approx(80.0, rel=0.08)
    assert sizes.std() == pytest.approx(0.7, rel=0.08)


def test_dated_groups_take_the_place_of_drawn_ones() -> None:
    free = build(**LONG, groups=(regime(1.2),))
    days = [LONG["start"] + timedelta(days=number) for number in range(free.world.calendar.n_days)]
    dated = build(**LONG, replay_until=date(2022, 6, 30), groups=(regime(1.2),), action=tuple(map(crossing, days)))
    for day in range(0, len(days), 7):
        assert len(planned(dated, day)) == max(0, len(planned(free, day)) - 1)


@pytest.mark.parametrize("change", [{"governments": {"enabled": False}}, {"replay_until": date(2021, 11, 7)}])
def test_dated_groups_that_will_not_be_replayed_take_no_place(change: dict[str, Any]) -> None:
    today = date(2021, 11, 8)
    free = build(groups=(regime(3.0),))
    changed = build(groups=(regime(3.0),), action=(crossing(today),) * 9, **change)
    assert len(planned(changed, 0)) == len(planned(free, 0)) > 0


def test_plans_outlive_midnight_and_are_carried_out_once() -> None:
    model = build(until=date(2021, 11, 20), groups=(regime(3.0),))
    put(model, State.LINE, [5] * 40)
    scene, calendar = model.scene, model.world.calendar
    plans: dict[int, int] = {}
    hours: list[int] = []
    for day in range(10):
        if day:  # the first day has begun
            start_day(model, day)
        plans |= {plan.number: plan.hour for plan in scene.services._planned}
        for hour in range(int(calendar.first_hour_of_day[day]), int(calendar.first_hour_of_day[day + 1])):
            scene.hour = hour
            hours += [hour] * len(scene.services.orders_now(scene))
    assert any(hour % 24 < 3 for hour in hours)
    assert hours == sorted(hour for hour in plans.values() if hour < calendar.first_hour_of_day[10])


def test_groups_form_where_most_people_wait_and_nowhere_when_nobody_does() -> None:
    model = build(until=date(2021, 12, 20), groups=(regime(5.0),))
    scene = model.scene
    crowd, few = BORDER.post_number("Krynki north"), BORDER.post_number("Mielnik")
    for hour in range(24):
        scene.hour = hour
        assert scene.services.orders_now(scene) == []
    put(model, State.LINE, [5] * 30, post=crowd)
    put(model, State.CAMP, [5] * 10, post=few)
    posts = []
    for day in range(40):
        start_day(model, day)
        for hour in range(int(scene.hour), int(scene.hour) + 24):
            scene.hour = hour
            posts += [order.post for order in scene.services.orders_now(scene)]
    assert set(posts) == {crowd, few}
    assert posts.count(crowd) / len(posts) == pytest.approx(0.9, abs=0.05)  # by the square of those who wait


def test_groups_form_as_often_as_they_were_reported_wherever_people_wait() -> None:
    places = tuple(
        GroupPlace(source="A086", post=post, reported=reported)
        for post, reported in (("Mielnik", 3.0), ("Czeremcha", 9.0), ("Narewka", 0.0))
    )
    model = build(until=date(2021, 12, 20), groups=(regime(5.0),), group_places=places)
    put(model, State.LINE, [5] * 30, post=BORDER.post_number("Krynki north"))
    scene = model.scene
    posts = []
    for day in range(40):
        start_day(model, day)
        for hour in range(int(scene.hour), int(scene.hour) + 24):
            scene.hour = hour
            posts += [BORDER.posts.name[order.post] for order in scene.services.orders_now(scene)]
    assert set(posts) == {"Mielnik", "Czeremcha"}
    assert posts.count("Czeremcha") / len(posts) == pytest.approx(0.75, abs=0.08)


def test_dated_orders_are_scaled_like_people_and_given_once() -> None:
    model = build(migrants={"people_scale": 0.1})
    model.levers.group_orders += [GroupOrder(KUZNICA, 200), GroupOrder(3, 37)]
    scene = model.scene
    assert scene.services.orders_now(scene) == [GroupOrder(KUZNICA, 20), GroupOrder(3, 4)]
    assert scene.services.orders_now(scene) == []


def test_people_at_the_line_are_those_in_woods_and_camp() -> None:
    model = build()
    put(model, State.LINE, [3], post=4)
    put(model, State.CAMP, [2], post=KUZNICA)
    for state in (State.INSIDE, State.RIDE, State.CENTRE, State.RETURNING):
        put(model, state, [6], post=4)
    put(model, State.MINSK, [7], post=None)
    here = model.scene.services.at_the_line(model.scene)
    assert here.shape == (N_POSTS,)
    assert {number: count for number, count in enumerate(here) if count} == {4: 3.0, KUZNICA: 2.0}


# ---------------------------------------------------------------- drawing by lot

CROWD = StandoffModel(bare(), 7)
ROWS = put(CROWD, State.LINE, [1, 3, 2, 5, 1, 4, 6, 2, 1, 7, 3, 2])
PARTY = CROWD.people["party"]


@given(st.sets(st.integers(0, 11)), st.integers(0, 45), st.integers(0, 1000), st.randoms())
def test_by_lot_takes_whole_parties_until_the_quota(chosen: set[int], quota: int, occasion: int, random: Any) -> None:
    candidates = ROWS[np.isin(PARTY[ROWS], np.unique(PARTY)[list(chosen)])]
    random.shuffle(order := candidates.tolist())
    rows, lots = by_lot(CROWD.scene, np.array(order, dtype=np.int64), quota, occasion)
    drawn = list(dict.fromkeys(PARTY[rows].tolist()))
    assert sorted(rows.tolist()) == candidates[np.isin(PARTY[candidates], drawn)].tolist()
    assert len(rows) >= min(quota, len(candidates))
    if drawn:
        assert len(rows) - np.count_nonzero(PARTY[rows] == drawn[-1]) < quota
    assert all(len(set(lots[PARTY[rows] == party])) == 1 for party in drawn)
    again, lots_again = by_lot(CROWD.scene, candidates, quota, occasion)
    assert (again.tolist(), lots_again.tolist()) == (rows.tolist(), lots.tolist())


def test_by_lot_draws_every_party_alike_and_anew_each_time() -> None:
    alone = put(CROWD, State.LINE, [1] * 20, first_number=1_000_000)
    times = np.zeros(len(CROWD.people))
    for occasion in range(600):
        rows, _ = by_lot(CROWD.scene, alone, 5, occasion)
        times[rows] += 1
    assert times[alone].sum() == 3000
    assert times[alone].min() > 110  # 150 each, give or take a dozen
    assert times[alone].max() < 190


def test_when_within_the_hour_does_not_depend_on_who_was_drawn_first() -> None:
    """Otherwise those drawn for a small quota would all act in the first minutes."""
    fractions = np.concatenate([by_lot(CROWD.scene, ROWS, 3, occasion)[1] for occasion in range(400)])
    assert fractions.mean() == pytest.approx(0.5, abs=0.05)
    assert (fractions > 0.9).any()
