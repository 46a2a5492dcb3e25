"""Getting on: money at each gate, couriers by date, places in custody, orders to leave, counts that disagree."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import KUZNICA, act, build, force, only, put, start_day, states
from small import small_scenario

from sim.agents.migrants.money import COURIER, FLIGHT, RIDE
from sim.agents.states import Kind, State
from sim.model import StandoffModel
from sim.record import make_record
from sim.scenario.forces import CustodyPolicy
from sim.scenario.passage import Couriers, CustodyPlaces, OrdersToLeave
from sim.world.border import COUNTRIES

PL = COUNTRIES.index("PL")
HELD = CustodyPolicy(source="B166", since=date(2021, 1, 1), country="PL", custody_share=1.0, family_factor=1.0)
RETURNED = HELD.model_copy(update={"custody_share": 0.0})


def places(n: float, when_full: Literal["return", "procedure"] = "return") -> CustodyPlaces:
    return CustodyPlaces(source="B019", since=date(2021, 1, 1), country="PL", places=n, when_full=when_full)


def courier(day: date, strength: float, country: Literal["PL", "LT", "LV"] = "PL") -> Couriers:
    return Couriers(source="B191", day=day, country=country, strength=strength)


def with_means(state: State, cause: int | None, *means: float, **changes: Any) -> tuple[StandoffModel, Any]:
    """Return a model with one person for each sum of money, in a state of whose causes only one is left."""
    model = build(**changes)
    if cause is not None:
        only(model, state, cause)
    rows = put(model, state, [1] * len(means))
    model.people["means"][rows] = means
    return model, rows


# ---------------------------------------------------------------- money


def test_a_ride_is_paid_and_who_cannot_goes_home() -> None:
    model, rows = with_means(State.MINSK, 0, 149.0, 150.0, 400.0)
    act(model, rows)
    assert states(model, rows) == [State.GOING_HOME, State.RIDE, State.RIDE]
    assert model.people["means"][rows].tolist() == [149.0, 0.0, 250.0]
    assert model.tally.cannot_pay[0].tolist() == [1, 0, 0]


def test_a_courier_is_not_paid_before_germany_and_takes_nobody_without_the_price() -> None:
    model, rows = with_means(State.INSIDE, 0, 1499.0, 1500.0)
    act(model, rows)
    assert states(model, rows) == [State.INSIDE, State.ROAD_WEST]
    assert model.people["means"][rows].tolist() == [1499.0, 1500.0]
    assert model.tally.cannot_pay[0].tolist() == [0, 1, 0]


def test_who_cannot_pay_a_flight_waits_for_a_seat_given() -> None:
    model, rows = with_means(State.GOING_HOME, 0, 399.0, 400.0)
    act(model, rows)
    assert states(model, rows) == [State.GOING_HOME, State.HOME]
    assert model.tally.cannot_pay[0].tolist() == [0, 0, 1]


def test_without_money_in_the_world_everything_is_free() -> None:
    model, rows = with_means(State.INSIDE, 0, 0.0, money={"enabled": False})
    act(model, rows)
    assert states(model, rows) == [State.ROAD_WEST]
    assert model.tally.cannot_pay.sum() == 0


def test_without_hope_of_a_courier_parties_give_up_more_readily() -> None:
    model, rows = with_means(
        State.LINE,
        0,
        *[0.0] * 500,
        *[1e6] * 500,
        money={"hopeless_rate": 1.0},
        migrants={"exhaustion_per_attempt": 0.0},
    )
    act(model, rows)
    gave_up = np.array(states(model, rows)) == State.GOING_HOME
    assert gave_up[:500].mean() == pytest.approx(1.0 - np.exp(-1.0), abs=0.07)
    assert not gave_up[500:].any()


def test_means_are_one_for_a_party_and_a_function_of_its_number() -> None:
    model = build(money={"means_median_usd": 3000.0, "means_sigma": 0.7})
    rows = put(model, State.MINSK, [3] * 2000, post=None)
    means = model.people["means"][rows].reshape(-1, 3)
    assert (means == means[:, :1]).all()
    assert np.median(means) == pytest.approx(3000.0, rel=0.05)
    assert np.log(means[:, 0]).std() == pytest.approx(0.7, abs=0.03)
    again = build(money={"means_median_usd": 3000.0, "means_sigma": 0.7})
    late = put(again, State.LINE, [3], first_number=int(model.people["id"][rows[300]]) // 16)
    assert again.people["means"][late].tolist() == means[100].tolist()


@given(price=st.floats(0.0, 1e5), means=st.lists(st.floats(0.0, 1e5, width=32), min_size=1, max_size=6))
def test_a_dearer_courier_never_takes_more_people(price: float, means: list[float]) -> None:
    taken = []
    for usd in (price, price * 1.5 + 1.0):
        model, rows = with_means(State.INSIDE, 0, *means, money={"courier_usd": usd})
        act(model, rows)
        taken.append([state == State.ROAD_WEST for state in states(model, rows)])
        assert model.tally.cannot_pay[0, [RIDE, FLIGHT]].sum() == 0
        assert model.tally.cannot_pay[0, COURIER] == len(means) - sum(taken[-1])
    assert all(cheap or not dear for cheap, dear in zip(*taken, strict=True))


# ---------------------------------------------------------------- couriers


def test_couriers_grow_evenly_between_dated_rows_and_hold_beyond_them() -> None:
    rows = (courier(date(2021, 11, 7), 0.2), courier(date(2021, 11, 9), 0.6))
    model = build(couriers=rows, migrants={"pick_up_hours": 10.0})
    strength = model.migrants.hazards.courier_strength
    assert strength[:, PL].tolist() == pytest.approx([0.4, 0.6])
    assert (strength[:, 1:] == 1.0).all()
    picked_up, _, comes_out, _ = model.migrants.hazards.causes[State.INSIDE]
    assert picked_up[0, KUZNICA] == pytest.approx(0.04)
    assert comes_out[0, KUZNICA] == pytest.approx(1 / 500 + 0.6 / 120)


def test_the_couriers_of_a_new_day_are_asked() -> None:
    rows = (courier(date(2021, 11, 8), 0.0), courier(date(2021, 11, 9), 1.0))
    model = build(couriers=rows)
    assert model.migrants.hazards.causes[State.INSIDE][0][0, KUZNICA] == 0.0
    assert not model.migrants.hazards.known_ahead(_tomorrow(model))


def _tomorrow(model: StandoffModel) -> Any:
    start_day(model, 1)
    return model.scene


# ---------------------------------------------------------------- hope


def test_news_of_success_hastens_attempts_and_news_of_none_holds_them_back() -> None:
    model = build(network={"hope_strength": 2.0})
    network, scene = model.scene.network, model.scene
    assert network.hope == pytest.approx(1.0)
    before = model.migrants.hazards.causes[State.LINE][0][0, KUZNICA]
    scene.tally.attempts[0, 100, 4] = 1000
    scene.tally.picked_up[0, KUZNICA] = 800
    scene.day = 1
    network.start_day(scene)
    assert 1.0 < network.hope <= 3.0
    scene.day = 0
    act_hazard, _ = model.migrants.hazards.look_ahead(scene, 1)
    line = act_hazard.reshape(16, 3, -1)[State.LINE, 0, KUZNICA]
    assert line > before * 1.5
    scene.tally.attempts[0, 100] = [0, 1000, 0, 0, 0]
    scene.day = 1
    scene.tally.picked_up[0] = 0
    network.tried[:] = network.got_in[:] = network.got_on[:] = 0.0
    network.start_day(scene)
    assert 0.3 <= network.hope < 0.8


# ---------------------------------------------------------------- custody and paper


@pytest.mark.parametrize(("when_full", "to"), [("return", State.RETURNING), ("procedure", State.PROCEDURE)])
def test_when_custody_is_full_at_midnight_nobody_is_held_that_day(when_full: Any, to: State) -> None:
    model = build(force=(force(2500),), custody=(HELD,), custody_places=(places(5.0, when_full),))
    only(model, State.INSIDE, 1)
    put(model, State.CUSTODY, [4])
    rows = put(model, State.INSIDE, [2, 2])
    act(model, rows)
    assert set(states(model, rows)) == {State.CUSTODY}  # eight are held now, but at midnight there was room
    start_day(model, 1)
    only(model, State.INSIDE, 1)
    more = put(model, State.INSIDE, [3])
    act(model, more)
    assert set(states(model, more)) == {to}
    assert model.tally.no_place.sum(axis=0).tolist() == [3, 0, 0]
    assert model.tally.custody.sum() == 4
    assert model.tally.returned.sum() == (3 if when_full == "return" else 0)
    assert model.tally.admitted[0].sum() == model.tally.admitted[0, KUZNICA] == 4
    assert model.tally.admitted[1].sum() == model.tally.admitted[1, KUZNICA] == (0 if when_full == "return" else 3)


def test_places_are_scaled_like_people_and_nobody_is_turned_away_without_a_row() -> None:
    model = build(custody_places=(places(10.0),), migrants={"people_scale": 0.5})
    put(model, State.CUSTODY, [5])
    start_day(model, 1)
    assert model.migrants.journey.settling.custody.full.tolist() == [True, False, False]


def test_orders_to_leave_go_to_a_share_of_parties_returned_by_poland_from_the_day_of_the_law() -> None:
    law = OrdersToLeave(source="O153", since=date(2021, 11, 9), share=0.5)
    model = build(force=(force(2500),), custody=(RETURNED,), orders_to_leave=(law,))
    for day in (0, 1):
        start_day(model, day)
        only(model, State.INSIDE, 1)
        rows = put(model, State.INSIDE, [2] * 400, kind=Kind.FRIENDS)
        act(model, rows)
        assert model.tally.returned[day, PL] == 800
    before, after = model.tally.orders_to_leave
    assert before == 0
    assert after == pytest.approx(400, abs=60)
    assert after % 2 == 0


# ---------------------------------------------------------------- counts that disagree


def test_the_camp_is_counted_by_two_sides_who_disagree() -> None:
    scenario = small_scenario(
        "kuznica-8-november", until="2021-11-11", migrants__people_scale=0.2, replay_until="2021-11-11"
    )
    model = StandoffModel(scenario, 5)
    model.run()
    record = make_record(model)
    camp = record["people"].sel(state="camp").values
    around = record["people_at_post"].sel(post="Kuźnica").values
    assert camp[-1] > 0
    assert (record["camp_count_belarusian"].values == np.floor(camp * 0.75 + 0.5)).all()
    assert (record["camp_count_polish"].values == np.floor(around * 1.2 + 0.5)).all()
    for name, claimant in (("belarusian", "Belarusian authorities"), ("polish", "Polish Border Guard")):
        assert claimant in record[f"camp_count_{name}"].attrs["long_name"]
