"""Hearsay: people try again where others got in, shun barriers and wide water, and memory fades by halves."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import KUZNICA, N_POSTS, bare, build, evenly, start_day

from sim.agents.states import Outcome
from sim.model import StandoffModel
from sim.world.border import TERRAINS, load_border

BORDER = load_border()
LAND = np.flatnonzero(BORDER.segments.terrain == TERRAINS.index("forest"))
SIMPLE = build().scene.network
UNIFORM = st.floats(2.0**-33, 1.0 - 2.0**-33)


def after(outcomes: dict[int, dict[Outcome, int]], days: int = 1, **network: float) -> StandoffModel:
    """Return a model some days after attempts on its first day: segment -> outcome -> persons."""
    model = build(until=date(2021, 11, 20), network=network)
    for segment, ended in outcomes.items():
        for outcome, persons in ended.items():
            model.tally.attempts[0, segment, outcome] = persons
    for day in range(1, days + 1):
        start_day(model, day)
    return model


def gain(model: StandoffModel, segment: int) -> float:
    """Return how much heavier a segment weighs than it would by ground and distance alone."""
    network = model.scene.network
    return float(network.weight[segment] / network.appeal[segment])


def test_before_anything_is_known_ground_and_distance_decide() -> None:
    network = SIMPLE
    near, far = LAND[np.argmin(BORDER.segments.city_km_by[LAND])], LAND[np.argmax(BORDER.segments.city_km_by[LAND])]
    apart = BORDER.segments.city_km_by[far] - BORDER.segments.city_km_by[near]
    assert network.weight[near] / network.weight[far] == pytest.approx(np.exp(apart / 45.0))


@pytest.mark.parametrize(("terrain", "setting"), [("river_wide", "wide_river_weight"), ("lake", "water_weight")])
def test_water_puts_off(terrain: str, setting: str) -> None:
    network = build(network={setting: 0.01}).scene.network
    wet = BORDER.segments.terrain == TERRAINS.index(terrain)
    assert network.terrain_appeal[wet].tolist() == [0.01] * wet.sum()
    assert network.terrain_appeal[LAND].min() == 1.0


def test_success_attracts_and_failure_repels() -> None:
    good, bad, untried = (int(LAND[n]) for n in (3, 40, 80))
    model = after({good: {Outcome.UNSEEN_INSIDE: 100, Outcome.SEEN_INSIDE: 100}, bad: {Outcome.CAUGHT: 200}})
    assert gain(model, good) > gain(model, untried) > gain(model, bad)


@pytest.mark.parametrize("outcome", [Outcome.TURNED_BACK, Outcome.PREVENTED, Outcome.CAUGHT])
def test_only_getting_in_counts_as_success(outcome: Outcome) -> None:
    place = int(LAND[3])
    mixed = after({place: {outcome: 100}})
    assert mixed.scene.network.tried[place] == 100
    assert mixed.scene.network.got_in[place] == 0
    assert gain(mixed, place) < gain(mixed, place + 1)


def test_weight_follows_the_success_share_drawn_towards_the_general_impression() -> None:
    place = int(LAND[3])
    model = after({place: {Outcome.UNSEEN_INSIDE: 30, Outcome.CAUGHT: 70}}, learning_strength=2.0, prior_attempts=50.0)
    general = (30 + 50 * 0.2) / (100 + 50)
    success = (30 + 50 * general) / (100 + 50)
    assert gain(model, place) == pytest.approx(np.exp(2.0 * (success - general)))
    assert gain(model, int(LAND[50])) == pytest.approx(1.0)


@pytest.mark.parametrize(("inside", "strength"), [(10, 1.0), (90, 1.0), (90, 0.0), (95, 9.0), (0, 50.0)])
def test_hope_follows_success_on_the_whole_line_within_bounds(inside: int, strength: float) -> None:
    first, second = int(LAND[3]), int(LAND[60])
    outcomes = {first: {Outcome.UNSEEN_INSIDE: inside}, second: {Outcome.PREVENTED: 100 - inside}}
    model = after(outcomes, hope_strength=strength, prior_attempts=50.0)
    general = (inside + 50 * 0.2) / (100 + 50)
    assert model.scene.network.hope == pytest.approx(min(max(np.exp(strength * (general - 0.2)), 0.3), 3.0))
    assert StandoffModel(bare(), 7).scene.network.hope == 1.0, "before the first midnight"


def test_memory_halves_in_memory_days() -> None:
    place = int(LAND[3])
    known = [
        after({place: {Outcome.UNSEEN_INSIDE: 80, Outcome.CAUGHT: 80}}, days, memory_days=3.0).scene.network
        for days in (1, 4, 7)
    ]
    assert [network.tried[place] for network in known] == pytest.approx([160, 80, 40])
    assert [network.got_in[place] for network in known] == pytest.approx([80, 40, 20])


@pytest.mark.parametrize("learning", [0.0, 3.0])
def test_without_learning_nothing_attracts(learning: float) -> None:
    place = int(LAND[3])
    model = after({place: {Outcome.UNSEEN_INSIDE: 100}}, learning_strength=learning)
    assert (gain(model, place) > gain(model, int(LAND[50]))) == (learning > 0.0)


def test_a_barrier_repels_by_the_delay_it_adds() -> None:
    model = build(network={"barrier_aversion": 1.5})
    place = int(LAND[3])
    model.world.barriers.build(1, place, 1000.0)
    start_day(model, 1)
    added = float(model.world.barriers.delay_hours[place] - model.world.barriers.natural_delay_hours[place])
    assert added == pytest.approx(0.2)
    assert gain(model, place) == pytest.approx(np.exp(-1.5 * 0.2))
    assert gain(model, place + 1) == pytest.approx(1.0)


@given(st.lists(st.tuples(st.integers(0, N_POSTS - 1), UNIFORM), min_size=1, max_size=50), st.data())
def test_a_segment_is_chosen_within_its_post(chosen: list[tuple[int, float]], data: Any) -> None:
    post = np.array([number for number, _ in chosen])
    segment = SIMPLE.choose_segment(post, np.array([uniform for _, uniform in chosen]))
    assert (segment >= BORDER.posts.first_segment[post]).all()
    assert (segment < BORDER.posts.end_segment[post]).all()


@pytest.mark.parametrize("uniform", [0.0, 2.0**-33, 1.0 - 2.0**-33, 1.0])
def test_the_ends_of_luck_stay_on_the_line(uniform: float) -> None:
    every = np.arange(N_POSTS)
    end = BORDER.posts.first_segment if uniform < 0.5 else BORDER.posts.end_segment - 1
    chosen = SIMPLE.choose_segment(every, np.full(N_POSTS, uniform))
    assert (SIMPLE.post_of_segment[chosen] == every).all()
    assert chosen.tolist() == end.tolist()
    assert SIMPLE.choose_post(np.array([uniform])).tolist() == [0 if uniform < 0.5 else N_POSTS - 1]


def test_luck_on_the_border_of_two_segments_means_the_northern_one() -> None:
    network = build().scene.network
    network.running = np.arange(1.0, len(BORDER.segments) + 1.0)  # all alike: the border is met exactly
    first, n = BORDER.posts.first_segment, BORDER.posts.end_segment - BORDER.posts.first_segment
    even = np.flatnonzero((n % 2 == 0) & (first > 0))
    assert network.choose_segment(even, np.full(len(even), 0.5)).tolist() == (first + n // 2)[even].tolist()
    network.running[-1] = 2048.0
    assert network.choose_post(first / 2048.0).tolist() == list(range(N_POSTS))


def test_posts_are_chosen_in_proportion_to_weight() -> None:
    n = 20_000
    share = np.bincount(SIMPLE.choose_post(evenly(n)), minlength=N_POSTS) / n
    wanted = np.bincount(SIMPLE.post_of_segment, weights=SIMPLE.weight, minlength=N_POSTS) / SIMPLE.weight.sum()
    assert np.abs(share - wanted).max() <= 1.0 / n


def test_segments_are_chosen_in_proportion_to_weight_within_a_post() -> None:
    n = 20_000
    first, end = int(BORDER.posts.first_segment[KUZNICA]), int(BORDER.posts.end_segment[KUZNICA])
    segment = SIMPLE.choose_segment(np.full(n, KUZNICA), evenly(n))
    share = np.bincount(segment, minlength=1270)[first:end] / n
    assert np.abs(share - SIMPLE.weight[first:end] / SIMPLE.weight[first:end].sum()).max() <= 1.0 / n
