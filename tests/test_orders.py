"""Orders: the camp fills and empties, seats home are taken, groups gather; nobody is moved twice in an hour."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scenes import BORDER, KUZNICA, build, force, places, put, states

from sim.agents.levers import GroupOrder
from sim.agents.migrants.orders import carry_out_orders, gather_groups
from sim.agents.states import State
from sim.core.chance import Kind, Purpose, draw
from sim.model import StandoffModel

NEAR = BORDER.post_number("Szudziałowo")
FAR = BORDER.post_number("Mielnik")
NOBODY = np.zeros(0, dtype=np.int64)


def camp(target: int, *, is_open: bool = True, **changes: Any) -> StandoffModel:
    """Return a model whose camp stands, or is to be cleared, with so many people wanted in it."""
    model = build(**changes)
    model.levers.camp_open, model.levers.camp_target = is_open, target
    return model


def hours(model: StandoffModel, n: int, clock: int = 12) -> list[int]:
    """Carry out orders for some hours and return how many were moved in each."""
    moved = []
    for hour in range(n):
        model.scene.hour = 12 + hour
        moved.append(len(carry_out_orders(model.scene, clock)))
    return moved


def count(model: StandoffModel, state: State) -> int:
    return states(model).count(state)


# ---------------------------------------------------------------- the camp


def test_the_camp_fills_to_its_target_from_the_stretches_around() -> None:
    model = camp(500)
    put(model, State.LINE, [4] * 100, post=KUZNICA)
    put(model, State.LINE, [4] * 100, post=NEAR)
    far = put(model, State.LINE, [4] * 20, post=FAR)
    moved = hours(model, 4)
    assert moved[0] == 400  # ten buses an hour
    assert sum(moved) == count(model, State.CAMP) == 500
    assert moved[2:] == [0, 0]
    assert set(states(model, far)) == {State.LINE}
    in_camp = np.array(states(model)) == State.CAMP
    assert set(np.array(places(model))[in_camp]) == {KUZNICA}


def test_a_bus_an_hour_comes_from_minsk_when_too_few_are_near() -> None:
    model = camp(100)
    put(model, State.LINE, [2] * 5, post=NEAR)
    put(model, State.MINSK, [2] * 200, post=None)
    assert hours(model, 4) == [10 + 40, 40, 10, 0]  # those who ride count as coming
    assert (count(model, State.CAMP), count(model, State.RIDE)) == (10, 90)
    assert set(places(model)[10:]) == {KUZNICA, model.scene.people.cells.nowhere}


def test_whole_parties_move_even_where_the_target_is_met_within_one() -> None:
    model = camp(10)
    put(model, State.LINE, [4] * 10, post=KUZNICA)
    assert hours(model, 2) == [12, 0]


@pytest.mark.parametrize(("clock", "moves"), [(6, False), (7, True), (21, True), (22, False), (3, False)])
def test_nobody_is_gathered_by_night(clock: int, moves: bool) -> None:
    model = camp(50)
    put(model, State.LINE, [2] * 50, post=KUZNICA)
    assert (hours(model, 1, clock)[0] > 0) == moves


def test_the_camp_takes_people_while_it_is_open_and_has_room() -> None:
    model = camp(3)
    services = model.scene.services
    hours(model, 1)
    assert services.camp_takes_people
    put(model, State.CAMP, [3])
    hours(model, 1)
    assert not services.camp_takes_people
    model.levers.camp_target, model.levers.camp_open = 100, False
    hours(model, 1)
    assert not services.camp_takes_people


def test_when_the_centre_is_full_people_of_the_camp_are_taken_to_the_towns() -> None:
    model = build(services={"centre_places": 10.0})
    model.levers.camp_open, model.levers.centre_open = False, True
    put(model, State.CENTRE, [9])
    first, second = put(model, State.CAMP, [1] * 400), put(model, State.CAMP, [1] * 50)
    carry_out_orders(model.scene, 12)
    moved = np.array(states(model))
    assert (moved == State.MINSK).sum() == 0  # nine in the centre: room for the buses of this hour
    carry_out_orders(model.scene, 12)
    assert np.count_nonzero(np.array(states(model)) == State.MINSK) == 50
    assert len(first) + len(second) == 450


@pytest.mark.parametrize(("centre_open", "to"), [(True, State.CENTRE), (False, State.LINE)])
def test_a_camp_that_is_cleared_empties_at_the_pace_of_the_buses(centre_open: bool, to: State) -> None:
    model = camp(0, is_open=False)
    model.levers.centre_open = centre_open
    put(model, State.CAMP, [5] * 200)
    assert hours(model, 4) == [400, 400, 200, 0]
    assert set(states(model)) == {to}
    assert set(places(model)) == {KUZNICA}
    assert model.tally.flow[0, State.CAMP, to] == 1000


def test_without_the_services_the_camp_neither_fills_nor_empties() -> None:
    model = camp(500, services={"enabled": False})
    put(model, State.LINE, [4] * 10, post=KUZNICA)
    put(model, State.CAMP, [2] * 10)
    assert hours(model, 1) == [0]
    model.levers.camp_open = False
    assert hours(model, 1) == [0]
    assert not model.scene.services.camp_takes_people


def test_targets_and_buses_are_scaled_like_people() -> None:
    model = camp(2000, migrants={"people_scale": 0.1})
    put(model, State.LINE, [1] * 300, post=KUZNICA)
    assert hours(model, 7) == [40, 40, 40, 40, 40, 0, 0]


# ---------------------------------------------------------------- flights home


def test_seats_home_are_taken_once_by_those_who_wait_for_them() -> None:
    model = build()
    put(model, State.GOING_HOME, [1] * 50, post=None)
    stay = put(model, State.MINSK, [1] * 10, post=None)
    model.levers.home_seats = 30
    assert hours(model, 3) == [30, 0, 0]
    assert (count(model, State.HOME), count(model, State.GOING_HOME)) == (30, 20)
    assert set(states(model, stay)) == {State.MINSK}
    assert model.levers.home_seats == 0


def test_flights_home_leave_without_the_services_too_and_are_scaled() -> None:
    model = build(services={"enabled": False}, migrants={"people_scale": 0.1})
    put(model, State.GOING_HOME, [1] * 50, post=None)
    model.levers.home_seats = 200
    assert hours(model, 1) == [20]


# ---------------------------------------------------------------- group crossings


def gather(model: StandoffModel, *orders: GroupOrder, moved: Any = NOBODY) -> Any:
    model.levers.group_orders += orders
    return gather_groups(model.scene, moved)


def test_nobody_gathers_without_an_order() -> None:
    model = build()
    put(model, State.LINE, [3] * 10)
    rows, lots, group, post, size, started = gather(model)
    assert [len(column) for column in (rows, lots, group, post, size)] == [0] * 5
    assert started == []


def test_the_willing_of_a_group_are_drawn_at_its_post_from_woods_and_camp() -> None:
    model = build(services={"group_willing_share": 0.5})
    put(model, State.LINE, [1] * 60)
    put(model, State.CAMP, [1] * 60)
    put(model, State.CENTRE, [1] * 60)
    rows, lots, group, post, size, started = gather(model, GroupOrder(KUZNICA, 80))
    assert len(rows) == len(set(rows.tolist())) == 40
    assert set(states(model, rows)) == {State.LINE, State.CAMP}
    assert set(group) == {0}
    assert set(post) == {KUZNICA}
    assert set(size) == {40}
    assert started == [(KUZNICA, 40, 80)]
    assert ((lots > 0.0) & (lots < 1.0)).all()


def test_people_of_the_neighbouring_stretches_are_brought_where_too_few_wait() -> None:
    model = build(services={"group_willing_share": 1.0})
    here = put(model, State.LINE, [1] * 10)
    beside = np.concatenate([put(model, State.LINE, [1] * 10, post=KUZNICA + step) for step in (-1, 1)])
    put(model, State.LINE, [1] * 50, post=KUZNICA - 2)
    rows, _, _, post, _, started = gather(model, GroupOrder(KUZNICA, 25))
    assert set(here) <= set(rows)
    assert set(rows) - set(here) <= set(beside)
    assert set(post) == {KUZNICA}
    assert started == [(KUZNICA, 25, 25)]
    assert gather(model, GroupOrder(KUZNICA, 99))[-1] == [(KUZNICA, 30, 99)]


def test_people_of_the_camp_are_brought_where_the_stretch_and_its_neighbours_have_too_few() -> None:
    model = build(services={"group_willing_share": 1.0})
    beside = put(model, State.LINE, [1] * 5, post=FAR + 1)
    camp_row = put(model, State.CAMP, [1] * 30)
    rows, lots, _, post, size, started = gather(model, GroupOrder(FAR, 20))
    assert set(beside) <= set(rows)
    assert set(rows) - set(beside) <= set(camp_row)
    assert len(set(rows)) == len(rows) == 20
    assert (set(post), set(size), started) == ({FAR}, {20}, [(FAR, 20, 20)])
    assert len(set(lots)) == 20


def test_people_of_the_camp_who_fail_elsewhere_stay_there_in_the_woods() -> None:
    """The camp is at one post: whoever is driven off and fails waits where that was."""
    swift = {"response_minutes": 1.0}
    model = camp(1000, services={"group_willing_share": 1.0}, guards=swift, force=(force(40_000.0),))
    rows = put(model, State.CAMP, [1] * 40)
    model.levers.group_orders.append(GroupOrder(FAR, 40))
    assert model.migrants.hour(12) == [(FAR, 40, 40)]
    cell = model.people["cell"][rows]
    place = model.scene.people.cells.place(cell)
    failed = np.isin(states(model, rows), (State.LINE, State.CAMP)) & (place == FAR)
    assert failed.any()
    assert set(states(model, rows[failed])) == {State.LINE}


def test_people_of_the_camp_stay_while_the_neighbours_are_enough() -> None:
    model = build(services={"group_willing_share": 1.0})
    put(model, State.CAMP, [1] * 30)
    beside = put(model, State.LINE, [1] * 25, post=FAR + 1)
    assert set(gather(model, GroupOrder(FAR, 20))[0]) <= set(beside)


def test_two_groups_of_an_hour_share_nobody() -> None:
    model = build(services={"group_willing_share": 1.0})
    put(model, State.LINE, [3] * 20)
    rows, _, group, _, size, started = gather(model, GroupOrder(KUZNICA, 30), GroupOrder(KUZNICA, 50))
    assert len(rows) == len(set(rows.tolist())) == 60
    assert np.bincount(group).tolist() == [30, 30]
    assert [people for _, people, _ in started] == [30, 30]
    assert set(size) == {30}


def test_each_group_of_an_hour_draws_at_its_post_and_beside_it_by_lots_of_its_own() -> None:
    model = build(services={"group_willing_share": 1.0})
    near, far, beside = (
        put(model, State.LINE, [1] * n, post=post) for n, post in ((30, NEAR), (5, FAR), (20, FAR + 1))
    )
    rows, lots, group, *_ = gather(model, GroupOrder(NEAR, 10), GroupOrder(FAR, 9))

    def drawn(waiting: Any, n: int, order: int) -> list[tuple[int, float]]:
        party = model.people["party"][waiting]
        occasion = model.scene.absolute_hour * 64 + order
        lot, when, *_ = draw(model.scene.seed, Kind.PARTY, party, Purpose.ORDERED, occasion)
        first = np.argsort(lot)[:n]
        return list(zip(waiting[first].tolist(), when[first].tolist(), strict=True))

    found = list(zip(rows.tolist(), lots.tolist(), strict=True))
    assert found == drawn(near, 10, 0) + drawn(far, 5, 2) + drawn(beside, 4, 3)
    assert group.tolist() == [0] * 10 + [1] * 9


def test_a_group_nobody_joins_is_told_of_but_leads_nowhere() -> None:
    model = build(services={"group_willing_share": 1.0})
    put(model, State.LINE, [2] * 5)
    rows, _, group, _, _, started = gather(model, GroupOrder(FAR, 20), GroupOrder(KUZNICA, 4))
    assert started == [(FAR, 0, 20), (KUZNICA, 4, 4)]
    assert set(group) == {1}
    assert len(rows) == 4


def test_those_moved_in_this_hour_are_not_gathered_as_well() -> None:
    model = build(services={"group_willing_share": 1.0})
    rows = put(model, State.CAMP, [1] * 20)
    drawn = gather(model, GroupOrder(KUZNICA, 20), moved=rows[:15])[0]
    assert sorted(drawn.tolist()) == rows[15:].tolist()


def test_in_an_hour_the_ordered_act_once_whatever_their_marks_say() -> None:
    """Marks of all are reached; who was gathered or moved is left out of those who act by themselves."""
    model = camp(10, services={"group_willing_share": 1.0}, guards={"enabled": False})
    model.levers.group_orders.append(GroupOrder(KUZNICA, 10))
    rows = put(model, State.LINE, [1] * 40)
    model.people["act_mark"][rows] = 0.0
    model.scene.people.reschedule(rows)
    started = model.migrants.hour(12)
    assert started == [(KUZNICA, 10, 10)]
    assert set(model.people["moves"][rows]) == {1}
    assert model.tally.group_attempts.sum() == 10
    assert count(model, State.CAMP) == 10
