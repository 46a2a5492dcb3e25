"""The ledger: each law is broken once, and the ledger says which, when and by whom."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from small import small_model

from sim.agents.states import State
from sim.core.census import Census
from sim.core.ledger import Ledger
from sim.errors import LedgerError
from sim.model import StandoffModel

HERE, THERE, GONE = 0, 1, 2
HOURS_BEFORE = 21
"""Hours that pass before a law is broken by hand; parties are checked at midnight."""


def books(*states: int) -> Ledger:
    """Return a ledger of three states, the last of them final, with people in the given states."""
    ledger = Ledger(("here", "there", "gone"), absorbing=(GONE,))
    ledger.born(np.array(states, dtype=np.int64))
    return ledger


def whole(party: list[int], cell: list[int], mark: list[float], ids: list[int] | None = None) -> None:
    """Check parties of 16 seats at hour 5; members of a party are numbered from its number on unless said."""
    seats = [number + party[:at].count(number) for at, number in enumerate(party)] if ids is None else ids
    cells = np.array(cell, dtype=np.uint16)
    Ledger.check_parties(np.array(seats, dtype=np.int64), np.array(party, dtype=np.int64), cells, np.array(mark), 16, 5)


# ---------------------------------------------------------------- the census


@given(st.lists(st.tuples(st.lists(st.integers(0, 4), max_size=9), st.integers(1, 40)), min_size=1, max_size=6))
def test_a_census_counts_everybody_wherever_they_went(hours: list[tuple[list[int], int]]) -> None:
    census, cell = Census(5), np.zeros(0, dtype=np.uint16)
    for born, turn in hours:
        cell = np.concatenate((cell * turn % 5, np.array(born, dtype=np.uint16))).astype(np.uint16)
        assert census.count(cell).tolist() == np.bincount(cell, minlength=5).tolist()


# ---------------------------------------------------------------- the ledger by itself


@given(st.lists(st.sampled_from([HERE, THERE]), min_size=1, max_size=20), st.data())
def test_books_follow_every_lawful_history(states: list[int], data: st.DataObject) -> None:
    ledger, state = books(*states), np.array(states)
    for hour in range(data.draw(st.integers(1, 5))):
        free = np.flatnonzero(state != GONE)
        movers = free[np.array(data.draw(st.lists(st.booleans(), min_size=len(free), max_size=len(free))), dtype=bool)]
        to = data.draw(st.lists(st.sampled_from([HERE, THERE, GONE]), min_size=len(movers), max_size=len(movers)))
        ledger.moved(state[movers], np.array(to, dtype=np.int64), hour)
        state[movers] = to
        ledger.check(state, hour)
        assert ledger.counts.sum() == len(states)


@pytest.mark.parametrize("piece", [1, 2, 3, 5])
def test_parties_are_looked_at_whole_however_few_people_at_a_time(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.core.ledger._PIECE", piece)
    ids, party = [0, 1, 2, 16, 17, 18, 32], [0, 0, 0, 16, 17, 16, 32]
    cell, mark = [4, 4, 4, 5, 6, 5, 4], [1.0, 1.0, 1.0, 2.0, 3.0, 2.0, 4.0]
    whole(party, cell, mark, ids)
    for someone in (2, 5):
        elsewhere = [*cell]
        elsewhere[someone] += 1
        with pytest.raises(LedgerError, match=f"party {party[someone]} is not whole"):
            whole(party, elsewhere, mark, ids)
    with pytest.raises(LedgerError, match="party 20 is not accounted for: person 32"):
        whole([*party[:-1], 20], cell, mark, ids)


def test_newcomers_are_added_to_those_who_came_before() -> None:
    ledger = books(HERE, THERE)
    ledger.born(np.array([HERE, HERE]))
    assert ledger.counts.tolist() == [3, 1, 0]


def test_leaving_a_final_state_is_refused_and_not_booked() -> None:
    ledger = books(HERE, GONE, GONE)
    with pytest.raises(LedgerError, match=r"^hour 7: 2 left the state 'gone', which is final$"):
        ledger.moved(np.array([HERE, GONE, GONE]), np.array([THERE, HERE, HERE]), 7)
    assert ledger.counts.tolist() == [1, 0, 2]


def test_moving_within_a_final_state_is_refused() -> None:
    with pytest.raises(LedgerError, match="hour 7: 1 left the state 'gone'"):
        books(GONE).moved(np.array([GONE]), np.array([GONE]), 7)


@pytest.mark.parametrize(
    ("found", "culprit"),
    [
        ([HERE, THERE, THERE], "'here' holds 1, its books say 2"),
        ([HERE, HERE], "'there' holds 0, its books say 1"),
        ([HERE, HERE, THERE, GONE], "'gone' holds 1, its books say 0"),
    ],
    ids=["moved behind the books", "lost", "from nowhere"],
)
def test_people_who_are_not_conserved_are_found(found: list[int], culprit: str) -> None:
    with pytest.raises(LedgerError, match=f"^hour 3: people are not conserved: {culprit}$"):
        books(HERE, HERE, THERE).check(np.array(found), 3)


def test_parties_that_hold_together_pass() -> None:
    whole([], [], [])
    whole([16, 32, 16, 48], [1, 2, 1, 1], [0.5, 0.1, 0.5, 0.5])
    whole([16, 16], [1, 1], [np.inf, np.inf])


@pytest.mark.parametrize(
    ("cell", "mark"),
    [([1, 1, 2], [0.5, 0.5, 0.5]), ([1, 1, 1], [0.5, 0.5, 0.25]), ([1, 1, 1], [0.5, 0.5, np.nextafter(0.5, 1)])],
    ids=["in two cells", "of two minds", "of two minds by one bit"],
)
def test_a_party_that_is_not_whole_is_found_wherever_its_members_stand(cell: list[int], mark: list[float]) -> None:
    for order in ([0, 1, 2], [2, 0, 1], [1, 2, 0]):
        party = np.array([16, 32, 32])
        with pytest.raises(LedgerError, match=r"^hour 5: party 32 is not whole: its members differ in cell or mark$"):
            whole(party[order].tolist(), [cell[i] for i in order], [mark[i] for i in order])


@pytest.mark.parametrize(
    ("party", "ids", "problem"),
    [
        ([16, 16], [16, 16], "person 16 is there twice"),
        ([32, 33], [33, 33], "person 33 is there twice"),
        ([16, 32, 32], [16, 33, 33], "person 33 is there twice"),
        ([16, 16], [17, 18], "party 16 is not accounted for: person 17 carries a number that is not the lowest"),
        ([17, 17], [16, 17], "party 17 is not accounted for: person 16 carries a number that is not the lowest"),
        ([16, 16], [16, 33], "party 16 is not accounted for: person 33 carries a number"),
    ],
    ids=["twice in a party", "twice in two", "twice further on", "led by nobody", "not by the lowest", "a stranger"],
)
def test_nobody_is_there_twice_and_every_part_is_accounted_for(party: list[int], ids: list[int], problem: str) -> None:
    whole([16, 17, 16], [1, 2, 1], [0.5, 0.1, 0.5], [16, 17, 18])
    with pytest.raises(LedgerError, match=f"^hour 5: {problem}"):
        whole(party, [1] * len(ids), [0.5] * len(ids), ids)


def test_hazard_that_falls_is_found_within_the_hour_and_between_hours() -> None:
    ledger, low, high = books(), np.array([0.5, 1.0, 2.0]), np.array([0.5, 1.5, 2.0])
    ledger.check_clock("act", low, high, 0)
    ledger.check_clock("harm", low, low, 0)
    ledger.check_clock("act", high, high, 1)
    with pytest.raises(
        LedgerError, match=r"^hour 2: accumulated hazard falls: slot act, cell 1: 1\.5 before, then 1\.0"
    ):
        ledger.check_clock("act", low, high, 2)
    with pytest.raises(
        LedgerError, match=r"^hour 1: accumulated hazard falls: slot harm, cell 1: 1\.0 before, then 1\.5"
    ):
        ledger.check_clock("harm", high, low, 1)


def test_a_culprit_is_named_by_its_cell_where_states_have_two() -> None:
    ledger = Ledger(("here", "gone"), absorbing=(1,), cells_per_state=2)
    with pytest.raises(LedgerError, match=r"not conserved: 'here', cell 1 of the state, holds 1, its books say 0$"):
        ledger.check(np.array([1]), 0)


def test_people_are_conserved_by_place_too() -> None:
    ledger = Ledger(("here", "gone"), absorbing=(1,), cells_per_state=3)
    ledger.born(np.array([0, 1, 2, 5]))
    ledger.moved(np.array([0, 1]), np.array([4, 2]), 0)
    assert ledger.counts.tolist() == [2, 2]
    ledger.check(np.array([2, 2, 4, 5]), 0)
    with pytest.raises(
        LedgerError, match=r"^hour 1: people are not conserved: 'here', cell 1 of the state, holds 1, its"
    ):
        ledger.check(np.array([1, 2, 4, 5]), 1)
    with pytest.raises(LedgerError, match=r"^hour 1: 1 left the state 'gone', which is final$"):
        ledger.moved(np.array([4, 2]), np.array([3, 2]), 1)


def test_more_units_on_duty_than_the_roster_are_found() -> None:
    Ledger.check_units(np.array([3, 0, 2]), np.array([3, 0, 5]), 9)
    with pytest.raises(LedgerError, match=r"^hour 9: post 1 has 1 units on duty, its roster is 0$"):
        Ledger.check_units(np.array([3, 1, 2]), np.array([3, 0, 9]), 9)


# ---------------------------------------------------------------- the ledger in a run


@pytest.fixture(name="model")
def running() -> StandoffModel:
    """Return a small world after some hours."""
    model = small_model("kuznica-8-november", migrants__people_scale=0.1)
    model.run(HOURS_BEFORE)
    return model


def party_in_minsk(model: StandoffModel) -> NDArray[np.int64]:
    """Return the rows of a party of several who wait in Minsk, where nothing harms them."""
    rows = np.flatnonzero(model.scene.people.state() == State.MINSK)
    parties = model.people["party"][rows]
    party, count = np.unique(parties, return_counts=True)
    return np.asarray(rows[parties == party[count > 1][0]])


def put(model: StandoffModel, rows: NDArray[np.int64], state: State) -> None:
    """Write people into a state at the first place, past all rules and books."""
    cell, cells = model.people["cell"], model.scene.people.cells
    cell[rows] = cells.of(np.full(len(rows), int(state)), cells.kind(cell[rows]), np.zeros(len(rows), np.int64))


def move_by_hand(model: StandoffModel) -> None:
    put(model, party_in_minsk(model)[:1], State.WEST)


def change_the_mind_of_one(model: StandoffModel) -> None:
    model.people["act_mark"][party_in_minsk(model)[-1]] = 1e9


def move_within_the_state(model: StandoffModel) -> None:
    """Put a whole party in another place within the same state, where books by state see nothing."""
    put(model, party_in_minsk(model), State.MINSK)


def copy_a_person(model: StandoffModel) -> None:
    rows = party_in_minsk(model)[:1]
    people, cell = model.people, model.people["cell"][rows]
    same = {column.name: people[column.name][rows] for column in people.columns}
    model.scene.people.reschedule(people.add(1, **same))
    model.scene.people.ledger.born(cell)


def give_a_strangers_number(model: StandoffModel) -> None:
    rows = party_in_minsk(model)
    model.people["party"][rows] = model.people["id"][0]
    model.people["act_mark"][rows] = model.people["act_mark"][0]
    for row in rows:
        model.scene.people.relocate(np.array([row]), np.zeros(1), State.DEAD, 0, model.hour, model.scene.day)


def turn_the_clock_back(model: StandoffModel) -> None:
    schedule = model.scene.people.harm_schedule
    schedule._hazards[schedule.step + 1, 7] = -1.0


def put_one_elsewhere(model: StandoffModel) -> None:
    """Put one member in another place within the same state, where the books by state see nothing."""
    party = party_in_minsk(model)
    model.people["act_mark"][party] = 1e9
    put(model, party[-1:], State.MINSK)


def raise_the_dead(model: StandoffModel) -> None:
    people, one = model.scene.people, party_in_minsk(model)[:1]
    for state in (State.DEAD, State.MINSK):
        people.relocate(one, np.zeros(1), int(state), 0, model.hour, model.scene.day)


def call_up_more_than_there_are(model: StandoffModel) -> None:
    model.scene.guards.roster[:] -= 1


def let_hazard_fall(model: StandoffModel) -> None:
    model.migrants.hazards.lasting[State.GOING_HOME, 0, 3] = -0.01
    model.scene.services.drive += 1.0  # so that hazards are planned anew


def pass_over_a_mark(model: StandoffModel) -> None:
    model.people["act_mark"][party_in_minsk(model)] = 0.0


BREAKS: dict[str, tuple[Callable[[StandoffModel], None], str]] = {
    "a person moved behind the books": (move_by_hand, r"hour 21: people are not conserved: 'minsk', cell \d+ of"),
    "a party of two minds": (change_the_mind_of_one, r"hour 23: party \d+ is not whole"),
    "a party in two places": (put_one_elsewhere, r"hour 21: people are not conserved: 'minsk', cell \d+ of the state"),
    "moved within a state": (
        move_within_the_state,
        r"hour 21: people are not conserved: 'minsk', cell \d+ of the state",
    ),
    "a person twice": (copy_a_person, r"hour 23: person \d+ is there twice"),
    "a stranger's number": (give_a_strangers_number, r"hour 23: party \d+ is not (accounted for|whole)"),
    "the clock turned back": (turn_the_clock_back, r"hour 21: accumulated hazard falls: slot harm, cell 7"),
    "the dead rise": (raise_the_dead, "hour 21: 1 left the state 'dead', which is final"),
    "units over the roster": (call_up_more_than_there_are, r"hour 22: post \d+ has \d+ units on duty, its roster is"),
    "a mark passed over": (pass_over_a_mark, r"hour 24: slot act: the mark of row \d+ was passed over"),
    "hazard falls": (let_hazard_fall, r"hour 21: slot act: hazard of cell \d+ is -0.01, must be finite and >= 0"),
}


@pytest.mark.parametrize(("breaking", "message"), BREAKS.values(), ids=BREAKS.keys())
def test_a_run_stops_at_a_broken_law(
    model: StandoffModel, breaking: Callable[[StandoffModel], None], message: str
) -> None:
    def run_on() -> None:
        breaking(model)
        model.run(25)

    with pytest.raises(LedgerError, match=message):
        run_on()


def test_a_run_left_alone_breaks_no_law(model: StandoffModel) -> None:
    model.run(24)
    assert model.hour == 24
