"""Hearsay: people try where others got in and on, follow drivers, shun barriers and water; memory fades by halves."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scenes import KUZNICA, N_POSTS, bare, build, evenly, start_day

from sim.agents.network import Network
from sim.agents.states import Outcome
from sim.model import StandoffModel
from sim.world.border import TERRAINS, load_border

BORDER = load_border()
LAND = np.flatnonzero(BORDER.segments.terrain == TERRAINS.index("forest"))
SIMPLE = build().scene.network
UNIFORM = st.floats(2.0**-33, 1.0 - 2.0**-33)


def after(
    outcomes: dict[int, dict[Outcome, int]], days: int = 1, on: dict[int, int] | None = None, **network: float
) -> StandoffModel:
    """Return a model some days after attempts on its first day: segment -> outcome -> persons.

    All who got in were fetched by drivers, or as many as `on` says: post -> persons.
    """
    model = build(until=date(2021, 11, 20), network=network)
    for segment, ended in outcomes.items():
        for outcome, persons in ended.items():
            model.tally.attempts[0, segment, outcome] = persons
            if on is None and outcome in {Outcome.SEEN_INSIDE, Outcome.UNSEEN_INSIDE}:
                model.tally.picked_up[0, BORDER.segments.post[segment]] += persons
    for post, persons in (on or {}).items():
        model.tally.picked_up[0, post] = persons
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


@pytest.mark.parametrize("fetched", [30, 12, 0, 400])
def test_weight_follows_the_share_that_led_on_drawn_towards_post_and_general_impression(fetched: int) -> None:
    place = int(LAND[3])
    post = int(BORDER.segments.post[place])
    known = {place: {Outcome.UNSEEN_INSIDE: 30, Outcome.CAUGHT: 70}}
    model = after(known, on={post: fetched}, learning_strength=2.0, prior_attempts=50.0)
    general = (fetched + 50 * 0.2) / (100 + 50)
    led_on = min(fetched, 100)  # news of more than all who tried in memory is news of all
    at_post = (led_on + 50 * general) / (100 + 50)
    success = (led_on + 50 * at_post) / (100 + 50)
    assert gain(model, place) == pytest.approx((success / general) ** 2.0)
    assert gain(model, place + 1) == pytest.approx((at_post / general) ** 2.0), "news of the post is news of its km"
    assert gain(model, int(LAND[-1])) == pytest.approx(1.0), "of another post nothing is known"


@pytest.mark.parametrize("hear", [True, False])
def test_who_is_admitted_is_told_of_as_who_is_fetched(hear: bool) -> None:
    place = int(LAND[3])
    post = BORDER.segments.post[place]
    model = build(until=date(2021, 11, 20), network={"hear_of_admission": hear})
    model.tally.attempts[0, place] = [0, 0, 30, 20, 50]
    model.tally.picked_up[0, post], model.tally.admitted[0, post] = 10, 25
    start_day(model, 1)
    network = model.scene.network
    assert network.got_on[post] == network.got_on.sum() == (35 if hear else 10)
    unheard = after({place: {Outcome.CAUGHT: 30, Outcome.UNSEEN_INSIDE: 70}}, on={int(post): 10})
    assert (gain(model, place) > gain(unheard, place)) == hear


@pytest.mark.parametrize(("tried", "on"), [(100, 0), (900, 0), (100, 20), (100, 90)])
def test_people_leave_a_stretch_the_likelier_the_less_leads_on_there(tried: int, on: int) -> None:
    here, there = int(LAND[3]), int(LAND[80])
    post, other = (int(BORDER.segments.post[place]) for place in (here, there))
    known = {here: {Outcome.UNSEEN_INSIDE: tried}, there: {Outcome.UNSEEN_INSIDE: 300}}
    network = after(known, on={post: on, other: 150}, prior_attempts=50.0).scene.network
    general = (on + 150 + 50 * 0.2) / (tried + 300 + 50)
    led_on = (on + 50 * general) / (tried + 50)
    assert network.leaving[post] == pytest.approx(max(1.0 - 0.6 ** (general / led_on), 0.4))
    assert network.leaving[other] == pytest.approx(0.4) or on == 90, "better than the whole line: as carried"
    untried = next(p for p in range(N_POSTS) if p not in (post, other))
    assert network.leaving[untried] == pytest.approx(0.4), "nothing is known: as carried"
    same = after(known, on={post: on, other: 150}, leave_poor_stretches=False).scene.network
    assert (same.leaving == 0.4).all()


@given(
    st.integers(0, 4000), st.lists(st.floats(0.0, 1.5), min_size=N_POSTS, max_size=N_POSTS), st.floats(0.0, 1.0),
    st.sampled_from([Outcome.UNSEEN_INSIDE, Outcome.CAUGHT]),
)  # fmt: skip
def test_leaving_is_a_chance_never_below_that_of_being_carried_and_falls_with_what_leads_on(
    tried: int, shares: list[float], carried: float, ended: Outcome
) -> None:
    model = build(migrants={"carried_elsewhere_chance": carried})
    model.tally.attempts[0, BORDER.posts.first_segment, ended] = tried
    model.tally.admitted[0] = [int(tried * share) for share in shares]
    start_day(model, 1)
    leaving = model.scene.network.leaving
    assert (leaving >= carried).all()
    assert (leaving <= 1.0).all()
    by_news = leaving[np.argsort(model.tally.admitted[0])]
    assert (np.diff(by_news) <= 1e-12).all(), "the more leads on, the fewer leave"
    general = (model.tally.admitted[0].sum() + 10) / (N_POSTS * tried + 50)
    led_on = (np.minimum(model.tally.admitted[0], tried) + 50 * general) / (tried + 50)
    assert leaving[led_on >= general] == pytest.approx(carried), "also where all were caught, and all admitted"


def test_what_has_faded_away_gives_no_infinite_shares() -> None:
    """Who got in months ago, remembered for hours, is 1e-320 of a person; somebody found yesterday is one."""
    model = build(until=date(2021, 11, 20), network={"memory_days": 0.1})
    network, place = model.scene.network, int(LAND[3])
    network.got_in[place] = network.tried[place] = 1e-317
    model.tally.admitted[0, BORDER.segments.post[place]] = 1
    start_day(model, 1)
    assert np.isfinite(network.weight).all()
    assert np.isfinite(network.running_posts).all()


def test_getting_in_draws_nobody_where_nobody_got_on() -> None:
    here, there = int(LAND[3]), int(LAND[80])
    posts = [int(BORDER.segments.post[place]) for place in (here, there)]
    model = after({place: {Outcome.UNSEEN_INSIDE: 100} for place in (here, there)}, on={posts[1]: 60})
    network = model.scene.network
    assert network.got_in[here] == network.got_in[there] == 100
    assert network.got_on[posts].tolist() == [0, 60]
    assert gain(model, here) < 1.0 < gain(model, there)
    assert network.success_at_post[posts[0]] == network.success_at_post[posts[1]], "the services see who got in"


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
    post = BORDER.segments.post[place]
    assert [network.got_on[post] for network in known] == pytest.approx([80, 40, 20])


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


def test_luck_on_the_border_of_two_means_the_northern_one() -> None:
    network = build().scene.network
    network.running = np.arange(1.0, len(BORDER.segments) + 1.0)  # all alike: the border is met exactly
    first, n = BORDER.posts.first_segment, BORDER.posts.end_segment - BORDER.posts.first_segment
    even = np.flatnonzero((n % 2 == 0) & (first > 0))
    assert network.choose_segment(even, np.full(len(even), 0.5)).tolist() == (first + n // 2)[even].tolist()
    network.running_posts = np.arange(1.0, N_POSTS + 1.0)
    network.running_posts[-1] = 64.0
    assert network.choose_post(np.arange(N_POSTS) / 64.0).tolist() == list(range(N_POSTS))


def pulled(network: Network) -> NDArray[np.float64]:
    """Return the share of those who choose for themselves that goes to each post."""
    n = 20_000
    return np.bincount(network.choose_post(evenly(n)), minlength=N_POSTS) / n


def test_posts_are_chosen_in_proportion_to_weight() -> None:
    wanted = np.bincount(SIMPLE.post_of_segment, weights=SIMPLE.weight, minlength=N_POSTS) / SIMPLE.weight.sum()
    assert np.abs(pulled(SIMPLE) - wanted).max() <= 1.0 / 20_000


def drivers(**strength: float) -> dict[str, Any]:
    """Return rows of couriers by country that never change."""
    said = {"source": "B048", "because": "a test"}
    return {
        "couriers": tuple({"day": date(2021, 8, 1), "country": k, "strength": v, **said} for k, v in strength.items())
    }


def test_people_who_choose_go_where_drivers_come() -> None:
    even = pulled(build(**drivers(PL=0.5, LT=0.5, LV=0.5)).scene.network)
    uneven = pulled(build(**drivers(PL=1.0, LT=0.1, LV=0.1)).scene.network)
    poland = BORDER.posts.country == 0
    wanted = even[poland].sum() / (even[poland].sum() + 0.1 * even[~poland].sum())
    assert uneven[poland].sum() == pytest.approx(wanted, abs=1e-3)
    assert pulled(build(**drivers(PL=0.0, LT=0.3, LV=0.0)).scene.network)[poland].sum() == 0.0
    assert pulled(build(**drivers(PL=0.0, LT=0.0, LV=0.0)).scene.network) == pytest.approx(even), "none anywhere"
    off = build(network={"follow_couriers": False}, **drivers(PL=1.0, LT=0.1, LV=0.1)).scene.network
    assert pulled(off) == pytest.approx(even)


def test_drivers_decide_the_country_and_never_the_kilometre() -> None:
    within = [build(**drivers(PL=pl, LT=0.1)).scene.network.weight for pl in (1.0, 0.0)]
    assert within[0].tolist() == within[1].tolist()


def test_segments_are_chosen_in_proportion_to_weight_within_a_post() -> None:
    n = 20_000
    first, end = int(BORDER.posts.first_segment[KUZNICA]), int(BORDER.posts.end_segment[KUZNICA])
    segment = SIMPLE.choose_segment(np.full(n, KUZNICA), evenly(n))
    share = np.bincount(segment, minlength=1270)[first:end] / n
    assert np.abs(share - SIMPLE.weight[first:end] / SIMPLE.weight[first:end].sum()).max() <= 1.0 / n
