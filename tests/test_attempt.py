"""One attempt: who is seen, held up, met by a unit in time; groups; counts; what it does to the barrier."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import BORDER, KUZNICA, N_POSTS, build, force

from sim.agents.migrants.attempt import Attempts, Resolved, resolve, response_hours
from sim.agents.states import Outcome
from sim.model import StandoffModel
from sim.world.border import TERRAINS

EYES = {"sweep_open_day_m": 5000.0, "sweep_forest_day_m": 5000.0, "watch_depth_km": 0.02, "party_size_power": 0.0}
"""Whoever comes near is seen, wherever a patrol is on duty."""
AT_ONCE = {"response_minutes": 0.0}
PLENTY = (force(20_000),)
N = 60


def parties(n: int = N, size: int = 3, post: int = KUZNICA, group: int = -1, **more: Any) -> Attempts:
    """Return parties of one size that attempt at one post within an hour, by themselves or in one group crossing."""
    given = {
        "party": 16 * (np.arange(n) + 100),
        "occasion": np.zeros(n, dtype=np.int64),
        "post": np.full(n, post),
        "size": np.full(n, size),
        "fraction": (np.arange(n) + 0.5) / n,
        "group": np.full(n, group),
        "group_people": np.full(n, n * size if group >= 0 else 0),
    }
    return Attempts(**(given | more))


def counts(result: Resolved) -> dict[Outcome, int]:
    """Return how many parties ended how, leaving out what nobody met."""
    return {Outcome(outcome): int(n) for outcome, n in enumerate(np.bincount(result.outcome)) if n}


def tried(model: StandoffModel, attempts: Attempts) -> dict[Outcome, int]:
    return counts(resolve(model.scene, attempts))


def delay_everywhere(model: StandoffModel, hours: float) -> None:
    """Let the barrier cost so much on every segment, on average."""
    model.world.barriers.delay_hours[:] = hours


# ---------------------------------------------------------------- detect, delay, respond


def test_nobody_attempts_and_nothing_happens() -> None:
    model = build(force=PLENTY)
    result = resolve(model.scene, parties(0))
    assert len(result.outcome) == len(result.segment) == 0
    assert model.tally.attempts.sum() == model.tally.unit_hours_busy.sum() == 0


def test_where_nobody_watches_all_get_in_unseen() -> None:
    model = build(guards={"enabled": False})
    delay_everywhere(model, 0.1)
    assert tried(model, parties()) == {Outcome.UNSEEN_INSIDE: N}


def test_where_nobody_watches_only_patience_turns_people_back() -> None:
    model = build(guards={"enabled": False}, barriers={"patience_hours": 0.75})
    delay_everywhere(model, 0.75)  # times a half to one and a half: half of them give in
    ended = tried(model, parties(2000))
    assert set(ended) == {Outcome.TURNED_BACK, Outcome.UNSEEN_INSIDE}
    assert ended[Outcome.TURNED_BACK] / 2000 == pytest.approx(0.5, abs=0.04)


@pytest.mark.parametrize("patience", [0.05, 48.0])
def test_patience_decides_who_turns_back(patience: float) -> None:
    model = build(guards={"enabled": False}, barriers={"patience_hours": patience})
    delay_everywhere(model, 2.0)
    wanted = Outcome.TURNED_BACK if patience < 1.0 else Outcome.UNSEEN_INSIDE
    assert tried(model, parties()) == {wanted: N}


def test_a_long_delay_and_free_units_prevent_everything() -> None:
    model = build(force=PLENTY, guards=EYES, barriers={"patience_hours": 48.0})
    delay_everywhere(model, 24.0)
    assert tried(model, parties(10)) == {Outcome.PREVENTED: 10}


def test_whoever_is_seen_at_once_by_units_that_are_there_at_once_is_prevented() -> None:
    assert tried(build(force=PLENTY, guards=EYES | AT_ONCE), parties(10)) == {Outcome.PREVENTED: 10}


def test_where_response_is_slower_than_everything_all_are_seen_inside() -> None:
    model = build(force=PLENTY, guards={**EYES, "response_minutes": 600.0})
    assert tried(model, parties(10)) == {Outcome.SEEN_INSIDE: 10}


def test_units_that_come_too_late_for_the_line_catch_people_in_the_strip() -> None:
    model = build(force=PLENTY, guards={**EYES, "approach_hours": 0.0, "strip_hours": 10.0, "response_minutes": 30.0})
    model.world.barriers.delay_hours[:] = 0.0
    assert tried(model, parties(10)) == {Outcome.CAUGHT: 10}


def test_seen_only_in_the_strip_means_not_prevented() -> None:
    """Nobody is near the line long enough to be seen there; all are seen behind it."""
    model = build(force=PLENTY, guards={**EYES, **AT_ONCE, "approach_hours": 0.0, "strip_hours": 10.0})
    model.world.barriers.delay_hours[:] = 0.0
    assert tried(model, parties(10)) == {Outcome.CAUGHT: 10}


def test_those_seen_who_lose_patience_are_not_inside() -> None:
    model = build(force=PLENTY, guards={**EYES, "response_minutes": 600.0}, barriers={"patience_hours": 0.05})
    delay_everywhere(model, 1.0)
    assert tried(model, parties(10)) == {Outcome.TURNED_BACK: 10}


def test_the_chance_to_be_seen_at_the_line_is_that_of_random_search() -> None:
    guards = {"strip_hours": 0.0, "approach_hours": 0.3, "response_minutes": 600.0, "watch_depth_km": 0.12}
    model = build(force=(force(800),), guards=guards)
    delay_everywhere(model, 0.0)
    attempts = parties(4000)
    result = resolve(model.scene, attempts)
    rate = model.scene.guards.detections_per_hour(model.scene, result.segment, attempts.size)
    seen = np.count_nonzero(result.outcome == Outcome.SEEN_INSIDE) / 4000
    assert 0.1 < seen < 0.9
    assert seen == pytest.approx(float((1.0 - np.exp(-rate * 0.3)).mean()), abs=0.025)


def test_response_takes_half_to_one_and_a_half_of_its_mean_longer_under_tension_and_by_bad_roads() -> None:
    model = build(guards={"response_minutes": 30.0})
    post = np.array([KUZNICA, KUZNICA, KUZNICA])
    lots = np.array([0.0, 0.5, 1.0])
    assert response_hours(model.scene, post, lots, np.ones(3)).tolist() == pytest.approx([0.25, 0.5, 0.75])
    assert response_hours(model.scene, post, lots, np.full(3, 2.0)).tolist() == pytest.approx([0.5, 1.0, 1.5])
    model.levers.response_factor[KUZNICA] = 1.2
    model.world.roads.response_road_factor[KUZNICA] = 0.8
    assert response_hours(model.scene, post, lots, np.ones(3)).tolist() == pytest.approx([0.24, 0.48, 0.72])


@given(st.floats(0.0, 120.0), st.floats(0.0, 120.0), st.integers(0, 50))
def test_under_the_same_luck_a_faster_response_lets_nobody_more_in(first: float, second: float, number: int) -> None:
    inside = []
    for minutes in sorted((first, second)):
        guards = MODERATE.scenario.guards.model_copy(
            update={"response_minutes": MODERATE.scenario.guards.response_minutes.model_copy(update={"value": minutes})}
        )
        MODERATE.scene.scenario = MODERATE.scenario.model_copy(update={"guards": guards})
        MODERATE.scene.guards.busy_until[:] = 0
        MODERATE.scene.guards.start_hour(MODERATE.scene, 12)
        outcome = resolve(MODERATE.scene, replace(parties(40), occasion=np.full(40, number))).outcome
        inside.append(set(np.flatnonzero(outcome >= Outcome.SEEN_INSIDE)))
    assert inside[0] <= inside[1]


MODERATE = build(force=(force(3000),), barriers={"wear_per_crossing": 0.0})


# ---------------------------------------------------------------- units run out


def free_units(model: StandoffModel, units: dict[int, int]) -> None:
    """Leave only so many free units at posts."""
    guards = model.scene.guards
    free = guards._free
    order = np.argsort(guards.post[free], kind="stable")
    rank = np.empty(len(free), dtype=np.int64)
    post = guards.post[free][order]
    rank[order] = np.arange(len(free)) - np.searchsorted(post, post)
    keep = rank < np.array([units.get(number, 0) for number in range(N_POSTS)])[guards.post[free]]
    guards._free = free[keep]
    guards.n_free = guards.free_units = np.bincount(guards.post[guards._free], minlength=N_POSTS)


def test_a_post_is_saturated_when_its_units_are_taken() -> None:
    model = build(force=PLENTY, guards=EYES | AT_ONCE)
    free_units(model, {KUZNICA: 2})
    attempts = parties(5, size=6)  # two units a party
    result = resolve(model.scene, attempts)
    assert result.outcome.tolist() == [Outcome.PREVENTED, *[Outcome.SEEN_INSIDE] * 4]
    assert model.tally.unit_hours_busy[0, KUZNICA] == 2


def test_the_first_to_come_meets_the_free_unit_whatever_its_number() -> None:
    model = build(force=PLENTY, guards=EYES | AT_ONCE)
    free_units(model, {KUZNICA: 1})
    late_first = parties(4, fraction=np.array([0.9, 0.6, 0.2, 0.4]))
    assert resolve(model.scene, late_first).outcome.tolist() == [
        Outcome.SEEN_INSIDE, Outcome.SEEN_INSIDE, Outcome.PREVENTED, Outcome.SEEN_INSIDE,
    ]  # fmt: skip


def test_among_those_who_come_together_the_lower_number_goes_first() -> None:
    model = build(force=PLENTY, guards=EYES | AT_ONCE)
    free_units(model, {KUZNICA: 1})
    together = parties(3, party=np.array([320, 160, 480]), fraction=np.full(3, 0.5))
    assert resolve(model.scene, together).outcome.tolist() == [
        Outcome.SEEN_INSIDE, Outcome.PREVENTED, Outcome.SEEN_INSIDE,
    ]  # fmt: skip


@pytest.mark.parametrize("step", [-1, 1], ids=["south", "north"])
def test_neighbours_help_but_have_further_to_come(step: int) -> None:
    neighbour = KUZNICA + step
    quick, slow = ({**EYES, **AT_ONCE, "neighbour_speed_kmh": speed} for speed in (120.0, 1.0))
    ended = []
    for guards in (quick, slow):
        model = build(force=PLENTY, guards=guards, barriers={"patience_hours": 48.0})
        delay_everywhere(model, 4.0)
        free_units(model, {neighbour: 1})
        ended.append(tried(model, parties(1)))
        assert model.tally.unit_hours_busy[0].nonzero()[0].tolist() == [neighbour]
    assert ended == [{Outcome.PREVENTED: 1}, {Outcome.SEEN_INSIDE: 1}]


@pytest.mark.parametrize(("size", "outcome"), [(9, Outcome.PREVENTED), (10, Outcome.SEEN_INSIDE)])
def test_units_of_a_post_and_of_both_neighbours_add_up(size: int, outcome: Outcome) -> None:
    """Three units, one of each post, are enough for nine persons and not for ten."""
    model = build(force=PLENTY, guards={**EYES, **AT_ONCE, "neighbour_speed_kmh": 120.0, "persons_per_claim": 3.0},
                  barriers={"patience_hours": 48.0})  # fmt: skip
    delay_everywhere(model, 4.0)
    free_units(model, {KUZNICA - 1: 1, KUZNICA: 1, KUZNICA + 1: 1})
    assert tried(model, parties(1, size=size)) == {outcome: 1}
    assert model.tally.unit_hours_busy[0].nonzero()[0].tolist() == [KUZNICA - 1, KUZNICA, KUZNICA + 1]


def test_units_of_another_country_do_not_come() -> None:
    model = build(force=PLENTY, guards=EYES | AT_ONCE)
    last_polish = int(np.flatnonzero(BORDER.posts.country == 0)[-1])
    free_units(model, {last_polish + 1: 50})
    assert tried(model, parties(3, post=last_polish)) == {Outcome.SEEN_INSIDE: 3}


def test_a_claim_takes_a_unit_for_so_many_persons() -> None:
    model = build(force=PLENTY, guards={**EYES, **AT_ONCE, "persons_per_claim": 4.0})
    resolve(model.scene, parties(1, size=4))
    assert model.tally.unit_hours_busy[0, KUZNICA] == 1
    resolve(model.scene, parties(1, size=5))
    assert model.tally.unit_hours_busy[0, KUZNICA] == 3


# ---------------------------------------------------------------- group crossings


def test_a_group_is_always_seen_even_where_nobody_searches() -> None:
    model = build(12)
    assert model.scene.guards.n_watching.sum() == 0.0
    assert tried(model, parties(10, group=0)) == {Outcome.SEEN_INSIDE: 10}
    assert tried(build(guards={"enabled": False}), parties(10, group=0)) == {Outcome.UNSEEN_INSIDE: 10}


def test_a_group_crosses_at_one_spot_of_its_post() -> None:
    model = build()
    together = resolve(model.scene, parties(20, group=0)).segment
    apart = resolve(model.scene, parties(20)).segment
    assert len(set(together)) == 1 < len(set(apart))
    assert model.scene.network.post_of_segment[together[0]] == KUZNICA


def test_two_groups_of_an_hour_have_their_own_spots() -> None:
    group = np.repeat(np.arange(6), 5)
    segment = resolve(build().scene, replace(parties(30), group=group, group_people=np.full(30, 15))).segment
    spots = [set(segment[group == number]) for number in range(6)]
    assert [len(spot) for spot in spots] == [1] * 6
    assert len(set().union(*spots)) > 1


def test_units_hold_back_a_group_as_far_as_they_reach() -> None:
    """Three units of ten persons each against fifty: the first thirty by fraction are held, the rest get in."""
    model = build(force=PLENTY, guards={**AT_ONCE, "persons_per_claim_in_group": 10.0})
    free_units(model, {KUZNICA: 3})
    result = resolve(model.scene, parties(10, size=5, group=0, fraction=np.arange(10)[::-1] / 10))
    assert result.outcome.tolist() == [Outcome.SEEN_INSIDE] * 4 + [Outcome.PREVENTED] * 6
    assert model.tally.unit_hours_busy[0, KUZNICA] == 3


def test_a_group_claims_once_for_all_its_people() -> None:
    model = build(force=PLENTY, guards={**AT_ONCE, "persons_per_claim_in_group": 10.0})
    assert tried(model, parties(10, size=2, group=0)) == {Outcome.PREVENTED: 10}
    assert model.tally.unit_hours_busy[0, KUZNICA] == 2


def test_help_and_warning_change_how_long_units_have() -> None:
    """Without warning and with every delay taken away units come too late; warned in good time they do not."""
    guards = {"response_minutes": 30.0, "approach_hours": 0.0, "strip_hours": 0.0}
    ended = []
    for warning in (0.0, 2.0):
        model = build(force=PLENTY, guards=guards, services={"group_warning_hours": warning, "assist_factor": 0.0})
        delay_everywhere(model, 5.0)
        ended.append(tried(model, parties(10, group=0)))
    assert ended == [{Outcome.SEEN_INSIDE: 10}, {Outcome.PREVENTED: 10}]


def test_a_group_does_not_turn_back_at_a_barrier() -> None:
    model = build(barriers={"patience_hours": 0.05})
    delay_everywhere(model, 20.0)
    assert tried(model, parties(10, group=0)) == {Outcome.SEEN_INSIDE: 10}


# ---------------------------------------------------------------- the barrier


def with_coil(**changes: Any) -> StandoffModel:
    """Return a model with a whole wire fence along the stretch of Kuźnica where one can stand."""
    model = build(**changes)
    for segment in range(int(BORDER.posts.first_segment[KUZNICA]), int(BORDER.posts.end_segment[KUZNICA])):
        model.world.barriers.build(1, segment, 1000.0)
    return model


def test_each_party_that_gets_over_wears_the_barrier_there() -> None:
    model = with_coil(guards={"enabled": False}, barriers={"wear_per_crossing": 0.1})
    result = resolve(model.scene, parties(30))
    over = np.bincount(result.segment, minlength=1270)
    fence = model.world.barriers.built_m[1] > 0.0
    assert over[fence].sum() > 0
    assert model.world.barriers.integrity[1, fence].tolist() == pytest.approx((0.9 ** over[fence]).tolist())


def test_the_prevented_and_those_who_turn_back_wear_nothing() -> None:
    prevented = with_coil(force=PLENTY, guards=EYES | AT_ONCE)
    assert tried(prevented, parties(10)) == {Outcome.PREVENTED: 10}
    turned = with_coil(guards={"enabled": False}, barriers={"patience_hours": 0.05, "wire_fence_minutes": 600.0})
    ended = resolve(turned.scene, parties(10))
    fenced = turned.world.barriers.built_m[1, ended.segment] > 0.0
    assert (ended.outcome[fenced] == Outcome.TURNED_BACK).all()
    assert fenced.any()
    for model in (prevented, turned):
        assert model.world.barriers.integrity.min() == 1.0


def test_a_helped_group_damages_the_barrier_once_by_its_size() -> None:
    model = with_coil(services={"group_damage": 0.5})
    spot = int(resolve(model.scene, parties(10, size=3, group=0)).segment[0])
    expected = np.ones(1270)
    if model.world.barriers.built_m[1, spot] > 0.0:
        expected[spot] = 1.0 - 0.5 * 30 / 100
    assert model.world.barriers.integrity[1].tolist() == pytest.approx(expected.tolist())
    assert BORDER.segments.terrain[spot] not in [TERRAINS.index(wet) for wet in ("lake", "river_wide")]


def test_the_simulated_share_stands_for_all_in_wear_and_damage() -> None:
    """One party of a tenth stands for ten."""
    tenth = with_coil(guards={"enabled": False}, barriers={"wear_per_crossing": 0.1}, migrants={"people_scale": 0.1})
    spot = int(resolve(tenth.scene, parties(1)).segment[0])
    assert tenth.world.barriers.integrity[1, spot] == pytest.approx(0.9**10)


# ---------------------------------------------------------------- books and counts


def test_the_books_hold_every_attempt_in_persons() -> None:
    model = build(force=(force(3000),))
    alone, group = parties(30), parties(10, size=4, group=0)
    together = Attempts(*(np.concatenate((getattr(alone, f), getattr(group, f))) for f in Attempts.__annotations__))
    result = resolve(model.scene, together)
    tally = model.tally
    assert tally.attempts[0].sum() == 30 * 3 + 10 * 4
    assert tally.group_attempts[0].sum() == 40
    for outcome in Outcome:
        assert tally.attempts[0, :, outcome].sum() == together.size[result.outcome == outcome].sum()
    assert tally.counted[0].sum() == together.size[result.counted].sum()
    assert tally.counted[0].nonzero()[0].tolist() == [KUZNICA]


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("group", [-1, 0])
def test_the_prevented_are_counted_by_their_share(share: float, group: int) -> None:
    shares = {"prevented_recorded_share": share, "group_recorded_share": 1.0 - share}
    model = build(force=(force(200_000),), guards=EYES | AT_ONCE, observation=shares)
    attempts = parties(500, group=group)
    if group < 0:  # all Polish posts, so that units suffice
        attempts = replace(attempts, post=np.arange(500) % np.count_nonzero(BORDER.posts.country == 0))
    result = resolve(model.scene, attempts)
    assert counts(result) == {Outcome.PREVENTED: 500}
    wanted = share if group < 0 else 1.0 - share
    assert np.count_nonzero(result.counted) / 500 == pytest.approx(wanted, abs=0.06 if 0 < share < 1 else 0.0)


@pytest.mark.parametrize(
    ("guards", "outcome", "counted"),
    [
        ({**EYES, "response_minutes": 600.0}, Outcome.SEEN_INSIDE, True),
        ({**EYES, "approach_hours": 0.0, "strip_hours": 10.0, "response_minutes": 30.0}, Outcome.CAUGHT, True),
        ({"enabled": False}, Outcome.UNSEEN_INSIDE, False),
    ],
)
def test_who_is_seen_inside_is_counted_and_who_is_not_is_not(
    guards: dict[str, float], outcome: Outcome, counted: bool
) -> None:
    nothing = {"prevented_recorded_share": 0.0, "group_recorded_share": 0.0}
    model = build(force=PLENTY, guards=guards, observation=nothing)
    model.world.barriers.delay_hours[:] = 0.0
    result = resolve(model.scene, parties(8))
    assert counts(result) == {outcome: 8}
    assert set(result.counted) == {counted}


def test_luck_belongs_to_the_party_and_its_try_not_to_the_batch() -> None:
    model = build(guards={"enabled": False})
    every = parties(40)
    whole = resolve(model.scene, every).segment
    parts = [
        resolve(model.scene, Attempts(*(getattr(every, f)[part] for f in Attempts.__annotations__))).segment
        for part in (slice(25, 40), slice(0, 25))
    ]
    assert whole.tolist() == [*parts[1].tolist(), *parts[0].tolist()]
    again = resolve(model.scene, replace(every, occasion=np.full(40, 1))).segment
    assert again.tolist() != whole.tolist()
