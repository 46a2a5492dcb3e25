"""Illness and death: by chance and by place, families together and friends apart, each episode counted on its side."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import KUZNICA, build, put, states

from sim.agents.migrants.harm import BELARUS, EU, die, fall_ill, handle, hypothermia, side_of
from sim.agents.states import SEATS, Kind, State
from sim.model import StandoffModel

SURE_DEATH = {"death_chance": 1.0}
HELPED = {"death_chance": 0.0, "reached_by_help_chance": 1.0}
ALONE_WITH_IT = {"death_chance": 0.0, "reached_by_help_chance": 0.0}


def ill(
    exposure: dict[str, float], state: State = State.LINE, who: tuple[int, ...] = (0,), **party: Any
) -> tuple[StandoffModel, Any]:
    """Return a model in which members of a party of three in a state fell ill in the middle of the hour."""
    model = build(exposure=exposure)
    rows = put(model, state, [3], **party)
    fall_ill(model.scene, rows[list(who)], np.full(len(who), 0.5))
    return model, rows


def test_sides_are_told_by_where_people_are() -> None:
    east = {
        State.MINSK, State.RIDE, State.LINE, State.CAMP, State.CENTRE, State.HOSPITAL_BELARUS, State.GOING_HOME,
    }  # fmt: skip
    side = side_of(np.arange(len(State)))
    assert {state for state in State if side[state] == BELARUS} == east
    assert side[State.RETURNING] == EU


@pytest.mark.parametrize(
    ("state", "side", "hospital"),
    [
        (State.LINE, BELARUS, State.HOSPITAL_BELARUS),
        (State.CAMP, BELARUS, State.HOSPITAL_BELARUS),
        (State.INSIDE, EU, State.HOSPITAL_EU),
        (State.RETURNING, EU, State.HOSPITAL_EU),
    ],
)
def test_an_episode_is_counted_on_its_side(state: State, side: int, hospital: State) -> None:
    for exposure, book in ((SURE_DEATH, "deaths"), (HELPED, "hospital"), (ALONE_WITH_IT, None)):
        model, rows = ill(exposure, state)
        assert model.tally.harm[0].tolist() == [side == BELARUS, side == EU]
        for name in ("deaths", "hospital"):
            wanted = [side == BELARUS, side == EU] if name == book else [0, 0]
            assert getattr(model.tally, name)[0].tolist() == wanted
        if exposure is HELPED:
            assert states(model, rows)[0] == hospital


def test_in_the_centre_nobody_dies_of_it_and_all_are_reached() -> None:
    model, rows = ill({"death_chance": 1.0, "reached_by_help_chance": 0.0}, State.CENTRE)
    assert states(model, rows)[0] == State.HOSPITAL_BELARUS
    assert model.tally.deaths.sum() == 0


def test_when_one_dies_the_others_go_on_under_their_lowest_number() -> None:
    model, rows = ill(SURE_DEATH, kind=Kind.FAMILY, children=1, first_number=9)
    assert states(model, rows) == [State.DEAD, State.LINE, State.LINE]
    assert model.people["party"][rows].tolist() == [9 * SEATS, 9 * SEATS + 1, 9 * SEATS + 1]
    assert set(model.people["harm_mark"][rows[:1]]) == {np.inf}
    assert model.scene.people.cells.place(model.people["cell"][rows[:1]]).tolist() == [KUZNICA]


def test_families_go_to_hospital_together() -> None:
    model, rows = ill(HELPED, kind=Kind.FAMILY, children=1, who=(2,))
    assert set(states(model, rows)) == {State.HOSPITAL_BELARUS}
    assert len(set(model.people["party"][rows])) == 1
    assert model.tally.hospital[0].sum() == 1  # one patient
    assert model.people["doses"][rows].tolist() == [2, 2, 2]
    assert len(set(model.people["act_mark"][rows])) == 1


def test_friends_part_when_one_goes_to_hospital() -> None:
    model, rows = ill(HELPED, kind=Kind.FRIENDS, first_number=9)
    assert states(model, rows) == [State.HOSPITAL_BELARUS, State.LINE, State.LINE]
    assert model.people["party"][rows].tolist() == [9 * SEATS, 9 * SEATS + 1, 9 * SEATS + 1]
    assert model.people["doses"][rows].tolist() == [2, 1, 1]


def test_two_of_a_family_who_fall_ill_together_are_two_patients_and_move_once() -> None:
    model, rows = ill(HELPED, kind=Kind.FAMILY, who=(2, 0))
    assert model.tally.hospital[0].sum() == 2
    assert set(states(model, rows)) == {State.HOSPITAL_BELARUS}
    assert model.people["moves"][rows].tolist() == [1, 1, 1]
    assert model.tally.flow.sum() == 3


def test_a_stay_in_hospital_lasts_its_days_from_admission() -> None:
    model, rows = ill(HELPED, kind=Kind.FRIENDS)
    people = model.scene.people
    level = people.act.level(model.people["cell"][rows[:1]], np.array([0.5]))
    assert (model.people["act_mark"][rows[:1]] - level).tolist() == [4 * 24.0]


def test_those_who_are_not_reached_stay_weakened_with_a_new_tolerance() -> None:
    model, rows = ill({**ALONE_WITH_IT, "weakened_factor": 1.5})
    before = build()
    same = put(before, State.LINE, [3])
    assert states(model, rows) == [State.LINE] * 3
    ratio = model.people["susceptibility"][rows] / before.people["susceptibility"][same]
    assert ratio.tolist() == pytest.approx([1.5, 1.0, 1.0])
    assert model.people["doses"][rows].tolist() == [2, 1, 1]
    assert len(set(model.people["party"][rows])) == 1
    assert model.tally.flow.sum() == 0


def test_who_moved_and_who_was_weakened_is_told() -> None:
    model = build(exposure=HELPED)
    family, friend = put(model, State.LINE, [3], kind=Kind.FAMILY), put(model, State.LINE, [2])
    moved, weak = fall_ill(model.scene, np.array([friend[0], family[1]]), np.array([0.3, 0.6]))
    assert sorted(moved.tolist()) == [*family.tolist(), friend[0]]
    assert len(weak) == 0
    model = build(exposure=ALONE_WITH_IT)
    rows = put(model, State.LINE, [2])
    moved, weak = fall_ill(model.scene, rows[:1], np.array([0.3]))
    assert (moved.tolist(), weak.tolist()) == ([], [0])


@pytest.mark.parametrize(("chance", "book"), [("death_chance", "deaths"), ("reached_by_help_chance", "hospital")])
def test_death_and_help_come_by_their_chances(chance: str, book: str) -> None:
    model = build(exposure={"death_chance": 0.0, "reached_by_help_chance": 0.0, chance: 0.3})
    rows = put(model, State.LINE, [1] * 3000)
    fall_ill(model.scene, rows, np.full(3000, 0.5))
    assert getattr(model.tally, book)[0, BELARUS] / 3000 == pytest.approx(0.3, abs=0.025)
    assert model.tally.harm[0, BELARUS] == 3000


def test_a_share_of_deaths_becomes_known() -> None:
    model = build(observation={"deaths_found_share": 0.7})
    rows = put(model, State.INSIDE, [1] * 2000)
    die(model.scene, rows, np.full(2000, 0.5), np.full(2000, EU))
    assert model.tally.deaths[0].tolist() == [0, 2000]
    assert model.tally.deaths_found[0, EU] / 2000 == pytest.approx(0.7, abs=0.03)
    assert model.tally.deaths_found[0, BELARUS] == 0


def handled(model: StandoffModel, rows: Any, handler: int, party_lot: float = 1.0, lots: Any = None) -> Any:
    """Let a service handle people with given lots of their parts and their own."""
    n = len(rows)
    own = np.ones((2, n)) if lots is None else lots
    return handle(model.scene, rows, np.full(n, 0.5), np.full(n, handler), np.full(n, party_lot), own)


def test_nobody_dies_and_nobody_is_hurt_where_there_is_nobody() -> None:
    model = build(exposure={"handling_injury_chance": 1.0})
    none = np.zeros(0, dtype=np.int64)
    die(model.scene, none, np.zeros(0), none)
    assert len(handled(model, none, 0)) == 0
    assert model.tally.deaths.sum() == model.tally.handling.sum() == 0


@pytest.mark.parametrize("handler", range(4))
def test_chances_of_handling_are_one_for_all_handlers(handler: int) -> None:
    model = build(
        exposure={
            "handling_injury_chance": 0.25, "handling_robbery_chance": 0.5, "handling_separation_chance": 0.4,
        }
    )  # fmt: skip
    rows = put(model, State.LINE, [2] * 1000)
    grid = np.linspace(0.0, 1.0, 2000, endpoint=False)
    alone = handled(model, rows, handler, 0.49, np.stack((grid, grid[::-1])))
    books = model.tally.handling[0], model.tally.robbed[0], model.tally.separated[0]
    assert all(book.sum() == book[handler] for book in books)
    assert books[0][handler] == 500 == np.count_nonzero(model.people["susceptibility"] > 1.2)
    assert books[1][handler] == 2000
    assert books[2][handler] == len(alone) == 400  # of each two, the second, for two fifths of them


def test_robbery_takes_what_there_is_and_is_counted_once() -> None:
    model = build(exposure={"handling_robbery_chance": 0.5})
    rows = put(model, State.LINE, [3, 1])
    assert (model.people["means"][rows] > 0).all()
    handled(model, rows[:3], 3, 0.5)
    assert model.tally.robbed.sum() == 0
    handled(model, rows[:3], 3, 0.4)
    handled(model, rows[:3], 3, 0.4)
    assert model.tally.robbed[0].tolist() == [0, 0, 0, 3]
    assert (model.people["means"][rows] > 0).tolist() == [False] * 3 + [True]


def test_who_is_separated_is_an_adult_and_the_lowest_stays_with_the_others() -> None:
    model = build(exposure={"handling_separation_chance": 1.0})
    rows = put(model, State.LINE, [4, 1], kind=Kind.FAMILY, children=2)
    alone = handled(model, rows, 0, lots=np.full((2, 5), 0.5))
    ids, party = model.people["id"][rows], model.people["party"][rows]
    assert alone.tolist() == [1]
    assert party.tolist() == [ids[0], ids[1], ids[0], ids[0], ids[4]]


# ---------------------------------------------------------------- hypothermia


def cold_cases(n: int = 20_000, offset: float = 0.0, **exposure: float) -> StandoffModel:
    """Return a model in which many fell ill outdoors at once, in weather warmer or colder by an offset."""
    model = build(exposure={"hypothermia_odds": 0.6} | exposure, weather={"offset_c": offset})
    rows = put(model, State.LINE, [1] * n)
    fall_ill(model.scene, rows, np.full(n, 0.5))
    return model


@pytest.mark.parametrize("offset", [-30.0, 0.0, 15.0])
def test_all_classes_together_die_with_the_chance_of_the_scenario(offset: float) -> None:
    model = cold_cases(offset=offset, death_chance=0.02)  # low enough that no class is sure to die
    assert model.tally.deaths.sum() / 20_000 == pytest.approx(0.02, abs=0.003)


def test_graver_classes_are_rarer_and_more_of_them_come_with_cold() -> None:
    cold, mild = cold_cases(offset=-10.0).tally.hypothermia[0, BELARUS], cold_cases().tally.hypothermia[0, BELARUS]
    assert cold[0] > cold[1] > cold[2] > 0
    assert (cold.sum() > mild.sum()) and (cold[2] > mild[2])


@settings(max_examples=25)
@given(odds=st.floats(0.0, 100.0), step=st.floats(0.0, 1.0), worse=st.floats(0.5, 6.0), offset=st.floats(-30.0, 20.0))
def test_classes_are_nested_and_share_out_one_chance_of_death(
    odds: float, step: float, worse: float, offset: float
) -> None:
    exposure = {
        "hypothermia_odds": odds, "hypothermia_step": step, "hypothermia_lethality": worse, "death_chance": 0.008,
    }  # fmt: skip
    model = build(exposure=exposure, weather={"offset_c": offset})
    lot = (np.arange(20_000) + 0.5) / 20_000
    stage, lethality = hypothermia(model.scene, np.full(len(lot), KUZNICA), lot)
    assert (np.diff(stage) <= 0).all()  # a higher lot is never a graver class
    assert lethality.mean() == pytest.approx(0.008, rel=0.03)


def test_without_odds_of_hypothermia_there_is_none() -> None:
    assert cold_cases(hypothermia_odds=0.0).tally.hypothermia.sum() == 0


def test_who_is_helpless_dies_or_is_brought_to_hospital() -> None:
    model = cold_cases(hypothermia_odds=100.0, hypothermia_step=1.0, death_chance=0.0, reached_by_help_chance=0.0)
    tally = model.tally
    assert tally.hospital[0, BELARUS] == tally.hypothermia[0, BELARUS, 1:].sum() > 10_000


def test_indoors_nobody_is_hypothermic() -> None:
    model = build(exposure={"hypothermia_odds": 100.0})
    rows = put(model, State.CENTRE, [1] * 50)
    fall_ill(model.scene, rows, np.full(50, 0.5))
    assert model.tally.hypothermia.sum() == 0
    assert model.tally.harm.sum() == 50
