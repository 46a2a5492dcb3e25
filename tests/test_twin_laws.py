"""The twin holds laws of its own, in its own words: each is broken once, and the twin says when and by whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from scenes import bare

from sim.agents.states import State
from sim.errors import LedgerError
from sim.scenario.people import InitialPeople
from sim.twin.clocks import Clock
from sim.twin.model import TwinModel
from sim.twin.person import Person

HOURS_BEFORE = 23
"""Hours that pass before a law is broken: parties are looked at in the hour that follows, the last of the day."""


@pytest.fixture(name="twin")
def running() -> Iterator[TwinModel]:
    """Return a twin of a hundred people in Minsk on the evening of the first day."""
    waiting = InitialPeople(source="B112", place="Minsk", people=100, attempts=0)
    twin = TwinModel(bare(initial=(waiting,), migrants={"wait_in_minsk_hours": 2000.0}), 7)
    twin.run(HOURS_BEFORE)
    yield twin
    twin.release()


def follower(twin: TwinModel) -> Person:
    """Return somebody in Minsk whose party is another's."""
    return next(person for person in twin.people if person.state == State.MINSK and person.party != person.id)


def move_behind_the_books(twin: TwinModel) -> None:
    follower(twin).state = State.LINE


def lose_a_person(twin: TwinModel) -> None:
    twin.people.remove(follower(twin))


def change_the_mind_of_one(twin: TwinModel) -> None:
    one = follower(twin)
    one.act_mark = np.nextafter(one.act_mark, np.inf)


def put_one_elsewhere(twin: TwinModel) -> None:
    follower(twin).place = 3


def raise_the_dead(twin: TwinModel) -> None:
    one = follower(twin)
    for state in (State.DEAD, State.MINSK):
        one.begin_stay(state, one.place, np.float64(0.5))


@pytest.mark.parametrize(
    ("breaking", "message"),
    [
        (move_behind_the_books, r"hour 23: 'minsk' holds \d+, its books say \d+"),
        (lose_a_person, r"hour 23: 'minsk' holds \d+, its books say \d+"),
        (change_the_mind_of_one, r"hour 23: party \d+ is not whole"),
        (put_one_elsewhere, r"hour 23: party \d+ is not whole"),
        (raise_the_dead, r"hour 23: person \d+ leaves the final state 'DEAD'"),
    ],
)
def test_a_twin_stops_at_a_broken_law(twin: TwinModel, breaking: Callable[[TwinModel], None], message: str) -> None:
    def run_on() -> None:
        breaking(twin)
        twin.step()

    with pytest.raises(LedgerError, match=f"^{message}"):
        run_on()


@pytest.mark.parametrize("hazard", [-0.01, np.inf, np.nan])
def test_hazards_of_the_twin_are_finite_and_not_negative(hazard: float) -> None:
    clock = Clock("harm", n_places=4)
    clock.advance()
    clock.hazard[2, 1, 3] = hazard
    with pytest.raises(LedgerError, match=r"^clock harm: hazard of cell \(2, 1, 3\) is .*, must be finite and >= 0$"):
        clock.advance()


def test_a_twin_left_alone_breaks_no_law(twin: TwinModel) -> None:
    twin.step()
    assert twin.hour == HOURS_BEFORE + 1
