"""The mechanics of stays: parties are born whole, move whole, part by rule, and carry their tolerance with them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scenes import KUZNICA, build, only, put, start_hour, states

from sim.agents.migrants.bodies import near_normal
from sim.agents.states import SEATS, Cells, Kind, State
from sim.agents.tally import Tally
from sim.core.chance import Kind as Who
from sim.core.chance import Purpose, draw, exponential
from sim.core.ledger import Ledger
from sim.errors import LedgerError
from sim.model import StandoffModel

Ints = NDArray[np.int64]


def cold(model: StandoffModel) -> None:
    """Let harm run at different speeds in the woods, in the camp and inside."""
    harm = model.scene.people.harm.hazard.reshape(model.migrants.hazards.shape)
    for state, hazard in ((State.LINE, 0.2), (State.CAMP, 0.1), (State.INSIDE, 0.3)):
        harm[state] = hazard
    model.scene.people.harm.advance()


def tolerance_left(model: StandoffModel, rows: Ints, fraction: float) -> list[float]:
    """Return what tolerance to harm people have left at a fraction of the hour."""
    people = model.scene.people
    level = people.harm.level(people.population["cell"][rows], np.full(len(rows), fraction))
    left: list[float] = (people.population["harm_mark"][rows] - level).tolist()
    return left


def move(model: StandoffModel, rows: Ints, to: State, fraction: float = 0.5, post: int = KUZNICA) -> None:
    """Begin a new stay at a fraction of this hour."""
    scene = model.scene
    scene.people.relocate(rows, np.full(len(rows), fraction), to, post, scene.hour, scene.day)


# ---------------------------------------------------------------- cells and books


@given(st.integers(0, 400))
def test_every_cell_has_its_own_number_and_tells_what_it_is(n_posts: int) -> None:
    cells = Cells(n_posts)
    state, kind, place = (axis.ravel() for axis in np.indices(cells.shape))
    number = cells.of(state, kind, place)
    assert number.tolist() == list(range(cells.n))
    assert cells.state(number.astype(np.uint16)).tolist() == state.tolist()
    assert cells.kind(number.astype(np.uint16)).tolist() == kind.tolist()
    assert cells.place(number.astype(np.uint16)).tolist() == place.tolist()


def test_books_begin_empty_and_count_in_whole_numbers_but_for_metres_of_wire() -> None:
    for name, book in vars(Tally(n_days=3, n_segments=5, n_posts=4, n_routes=2)).items():
        assert book.dtype == (np.float64 if name == "metres_cut" else np.int32), name
        assert book.shape[0] == 3, name
        assert not book.any(), name


def test_more_posts_than_the_cell_column_can_number_are_refused() -> None:
    with pytest.raises(ValueError, match="65616 cells do not fit the cell column"):
        Cells(1366)


# ---------------------------------------------------------------- being born


def test_a_party_shares_cell_mark_and_the_will_of_its_least_willing() -> None:
    model = build(migrants={"resolve_sigma": 0.6})
    rows = put(model, State.MINSK, [1, 4, 2, 6], post=None)
    people = model.people
    own = model.scene.people.bodies.own_resolve(people["id"][rows])
    assert len(set(own.tolist())) == len(rows)
    for party in np.unique(people["party"]):
        members = people["party"] == party
        assert len(set(people["act_mark"][members])) == len(set(people["cell"][members])) == 1
        assert set(people["resolve"][members]) == {own[members].min()}
        assert party == people["id"][members].min()


def test_a_persons_body_is_a_function_of_their_number_alone() -> None:
    changes: dict[str, Any] = {"exposure": {"susceptibility_sigma": 0.4}, "migrants": {"resolve_sigma": 0.5}}
    together, alone = build(**changes), build(**changes)
    put(together, State.MINSK, [3, 3, 3], post=None, first_number=50)
    put(alone, State.CAMP, [3], first_number=52)
    for name in ("susceptibility", "resolve"):
        assert together.people[name][6:].tolist() == alone.people[name].tolist()


def test_resolve_and_susceptibility_scatter_as_stated() -> None:
    model = build(migrants={"resolve_sigma": 0.5}, exposure={"susceptibility_sigma": 0.3, "child_susceptibility": 1.6})
    rows = put(model, State.MINSK, [2] * 4000, post=None, kind=Kind.FAMILY, children=1)
    own = np.log(model.scene.people.bodies.own_resolve(model.people["id"][rows]).astype(float))
    frail = np.log(model.people["susceptibility"][rows].astype(float))
    child = model.people["child"][rows]
    assert (own.mean(), own.std()) == (pytest.approx(0.0, abs=0.02), pytest.approx(0.5, rel=0.03))
    assert frail[~child].mean() == pytest.approx(0.0, abs=0.02)
    assert frail[child].mean() == pytest.approx(np.log(1.6), abs=0.02)
    assert frail[~child].std() == pytest.approx(0.3, rel=0.03)


def test_near_normal_numbers_have_no_mean_and_unit_spread() -> None:
    numbers = near_normal(draw(3, Who.TEST, np.arange(50_000), Purpose.BODY, 0))
    assert (numbers.mean(), numbers.std()) == (pytest.approx(0.0, abs=0.01), pytest.approx(1.0, abs=0.01))
    assert np.abs(numbers).max() < 2 * np.sqrt(3)


def test_a_stay_of_fixed_length_lasts_exactly_so_long() -> None:
    model = build(migrants={"ride_hours": 6.0})
    rows = put(model, State.RIDE, [2, 3])
    people = model.scene.people
    hours = 1  # the hour of birth, from its very start
    while not len(people.act.due(people.population["cell"], people.population["act_mark"])):
        start_hour(model, 12 + hours)
        hours += 1
    assert hours == 6
    at = people.act.fraction(people.population["cell"][rows], people.population["act_mark"][rows])
    assert at.tolist() == [1.0] * 5


def test_nobody_is_born_of_nobody() -> None:
    model = build()
    assert len(put(model, State.MINSK, [])) == len(model.people) == 0


# ---------------------------------------------------------------- moving


def test_what_tolerance_is_left_is_carried_over() -> None:
    model = build(exposure={"susceptibility_sigma": 0.3})
    rows = put(model, State.LINE, [2, 3])
    cold(model)
    for to in (State.CAMP, State.INSIDE, State.MINSK, State.LINE):
        before = tolerance_left(model, rows, 0.25)
        move(model, rows, to, 0.25)
        assert tolerance_left(model, rows, 0.25) == pytest.approx(before, rel=1e-12)


def test_the_mark_after_a_move_is_that_of_the_formula_to_the_bit() -> None:
    model = build()
    rows = put(model, State.LINE, [1])
    cold(model)
    people = model.scene.people
    old_mark, old_cell = people.population["harm_mark"][rows].copy(), people.population["cell"][rows].copy()
    fraction = np.array([0.3])
    move(model, rows, State.INSIDE, 0.3)
    level = people.harm.level
    wanted = level(people.population["cell"][rows], fraction) + (old_mark - level(old_cell, fraction))
    assert people.population["harm_mark"][rows].tolist() == wanted.tolist()


def test_a_new_stay_draws_its_own_wait_from_when_it_begins() -> None:
    model = build(migrants={"resolve_sigma": 0.5})
    rows = put(model, State.LINE, [2])
    people = model.scene.people
    move(model, rows, State.INSIDE, 0.75)
    party, moves = people.population["party"][rows], people.population["moves"][rows].astype(np.int64)
    assert moves.tolist() == [1, 1]
    wait = exponential(draw(model.seed, Who.PARTY, party, Purpose.MARK, 1)[0])
    start = people.act.level(people.population["cell"][rows], np.full(2, 0.75))
    wanted = start + wait / people.population["resolve"][rows].astype(np.float64)
    assert people.population["act_mark"][rows].tolist() == wanted.tolist()


def test_a_move_is_entered_in_the_books() -> None:
    model = build()
    rows = put(model, State.LINE, [2, 3])
    model.scene.hour = 17
    move(model, rows, State.INSIDE)
    assert model.tally.flow[0, State.LINE, State.INSIDE] == model.tally.flow.sum() == 5
    assert model.scene.people.ledger.counts[State.INSIDE] == 5
    assert set(model.people["since"][rows]) == {17}
    model.scene.people.ledger.check(model.people["cell"], 17)


@pytest.mark.parametrize("fate", [State.WEST, State.HOME, State.DEAD])
def test_a_fate_is_final(fate: State) -> None:
    model = build()
    rows = put(model, State.LINE, [2])
    move(model, rows, fate)
    assert set(model.people["act_mark"][rows]) == set(model.people["harm_mark"][rows]) == {np.inf}
    with pytest.raises(LedgerError, match=f"2 left the state '{fate.name.lower()}', which is final"):
        move(model, rows, State.LINE)


def test_moving_nobody_changes_nothing() -> None:
    model = build()
    put(model, State.LINE, [2])
    before = [model.people[column.name].copy() for column in model.people.columns]
    move(model, np.zeros(0, dtype=np.int64), State.CAMP)
    after = [model.people[column.name] for column in model.people.columns]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


# ---------------------------------------------------------------- tolerance


def test_restored_tolerance_is_fresh_and_drawn_once_for_each_dose() -> None:
    model = build(exposure={"susceptibility_sigma": 0.3})
    rows = put(model, State.LINE, [3])
    cold(model)
    left = [tolerance_left(model, rows, 0.5)]
    for dose in (1, 2):
        assert model.people["doses"][rows].tolist() == [dose] * 3
        model.scene.people.restore_tolerance(rows, np.full(3, 0.5))
        fresh = exponential(draw(model.seed, Who.PERSON, model.people["id"][rows], Purpose.TOLERANCE, dose)[0])
        left.append(tolerance_left(model, rows, 0.5))
        assert left[-1] == pytest.approx((fresh / model.people["susceptibility"][rows].astype(float)).tolist())
    assert len({tuple(tolerance) for tolerance in left}) == 3


@given(st.floats(1.0, 5.0), st.floats(0.0, 1.0))
def test_weakening_scales_what_tolerance_is_left(factor: float, fraction: float) -> None:
    model = build()
    rows = put(model, State.LINE, [2])
    cold(model)
    before = np.array(tolerance_left(model, rows, fraction))
    frail = model.people["susceptibility"][rows].astype(float)
    model.scene.people.weaken(rows, np.full(2, fraction), factor)
    assert model.people["susceptibility"][rows].tolist() == pytest.approx((frail * factor).tolist(), rel=1e-6)
    assert tolerance_left(model, rows, fraction) == pytest.approx((before / factor).tolist(), rel=1e-6)


# ---------------------------------------------------------------- parting


def test_companions_are_the_members_of_the_same_part() -> None:
    model = build()
    rows = put(model, State.LINE, [2, 5, 1, 16, 3])
    members, of = model.scene.people.companions(np.array([3, 25]))
    assert members.tolist() == [2, 3, 4, 5, 6, 24, 25, 26]
    assert of.tolist() == [0] * 5 + [1] * 3
    middle = rows[8 + 7]
    assert model.scene.people.companions(np.array([middle]))[0].tolist() == list(range(8, 24))


def test_two_of_one_party_have_their_companions_once() -> None:
    model = build()
    put(model, State.LINE, [4])
    members, of = model.scene.people.companions(np.array([2, 0]))
    assert members.tolist() == [0, 1, 2, 3]
    assert len(of) == 4


def test_each_part_carries_its_lowest_members_number_and_will() -> None:
    model = build(migrants={"resolve_sigma": 0.6})
    rows = put(model, State.LINE, [5, 2], first_number=10)
    people = model.people
    own = model.scene.people.bodies.own_resolve(people["id"])
    marks = people["act_mark"].copy()
    model.scene.people.part(rows[[0, 3]])
    first = 10 * SEATS
    assert people["party"].tolist() == [first, first + 1, first + 1, first + 3, first + 1, first + SEATS, first + SEATS]
    stay = [1, 2, 4]
    assert people["resolve"][stay].tolist() == [own[stay].min()] * 3
    assert people["resolve"][[0, 3]].tolist() == own[[0, 3]].tolist()
    assert people["act_mark"].tolist() == marks.tolist()
    Ledger.check_parties(people["id"], people["party"], people["cell"], people["act_mark"], SEATS, 0)


def test_when_all_part_each_stands_alone_and_nobody_is_forgotten() -> None:
    model = build()
    rows = put(model, State.LINE, [4])
    model.scene.people.part(rows)
    assert model.people["party"].tolist() == model.people["id"].tolist()


def test_parting_of_nobody_leaves_parties_whole() -> None:
    model = build()
    put(model, State.LINE, [4])
    model.scene.people.part(np.zeros(0, dtype=np.int64))
    assert len(set(model.people["party"])) == 1


@given(st.lists(st.integers(1, 7), min_size=1, max_size=8), st.data())
def test_parting_again_and_again_keeps_parties_by_their_lowest_member(sizes: list[int], data: st.DataObject) -> None:
    model = PARTING
    rows = put(model, State.LINE, sizes)
    parts = [set(rows[sum(sizes[:n]) : sum(sizes[: n + 1])].tolist()) for n in range(len(sizes))]
    for _ in range(3):
        leaving = data.draw(st.sets(st.sampled_from(rows.tolist()), max_size=5))
        model.scene.people.part(np.array(sorted(leaving), dtype=np.int64))
        parts = [part - leaving for part in parts] + [{row} for row in leaving]
    for part in filter(None, parts):
        lowest = min(model.people["id"][row] for row in part)
        assert {int(model.people["party"][row]) for row in part} == {lowest}


PARTING = build()


def test_parts_go_on_as_parties_of_their_own() -> None:
    model = build()
    only(model, State.LINE, 0)
    rows = put(model, State.LINE, [3])
    model.scene.people.part(rows[:1])
    move(model, rows[:1], State.CAMP)
    assert states(model, rows) == [State.CAMP, State.LINE, State.LINE]
    people = model.people
    Ledger.check_parties(people["id"], people["party"], people["cell"], people["act_mark"], SEATS, 0)
