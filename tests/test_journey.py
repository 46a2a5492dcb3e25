"""The rules of the journey, state by state: who moves where, what is counted, and who decides."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from scenes import BORDER, KUZNICA, act, build, force, nobody, only, places, put, start_day, states, steering

from sim.agents.migrants.due import Due
from sim.agents.states import Kind, State
from sim.agents.tally import HANDLERS
from sim.core.chance import Kind as Who
from sim.core.chance import Purpose, draw, exponential
from sim.core.groups import starts
from sim.model import StandoffModel
from sim.scenario.forces import CustodyPolicy
from sim.world.border import COUNTRIES, TERRAINS

BELARUSIAN = HANDLERS.index("Belarusian")
POLISH = HANDLERS.index("Polish")
PL, LT = COUNTRIES.index("PL"), COUNTRIES.index("LT")
LITHUANIAN_POST = int(np.flatnonzero(BORDER.posts.country == LT)[5])
HURTS: dict[str, Any] = {"exposure": {"handling_injury_chance": 1.0}}


def custody(share: float, country: str = "PL", day: date = date(2021, 1, 1), family: float = 1.0) -> CustodyPolicy:
    return CustodyPolicy(
        source="B166", since=day, country=country, custody_share=share, family_factor=family,  # type: ignore[arg-type]
    )  # fmt: skip


def tallied(model: StandoffModel) -> dict[str, int]:
    """Return every book in which something stands, but for moves, units and the lists at the end of the day."""
    books = {name: int(book.sum()) for name, book in vars(model.tally).items()}
    return {name: n for name, n in books.items() if n and name != "flow" and not name.startswith("unit_hours")}


def one(
    state: State, cause: int | None = None, sizes: tuple[int, ...] = (2, 3), post: int | None = KUZNICA, **changes: Any
) -> tuple[StandoffModel, Any]:
    """Return a model and the rows of parties in a state, of whose causes only one is left."""
    model = build(**changes)
    if cause is not None:
        only(model, state, cause)
    return model, put(model, state, sizes, post=post)


# ---------------------------------------------------------------- in Belarus


def test_from_minsk_parties_ride_to_a_stretch_chosen_party_by_party() -> None:
    model, rows = one(State.MINSK, 0, sizes=(2,) * 40, post=None)
    act(model, rows)
    assert set(states(model, rows)) == {State.RIDE}
    where = np.array(places(model, rows))
    assert (where[::2] == where[1::2]).all()
    assert len(set(where)) > 4
    assert tallied(model) == {}


def test_from_minsk_the_services_send_parties_where_they_want() -> None:
    row = steering(steering_share=1.0, poland_share=0.0, lithuania_share=1.0)
    model, rows = one(State.MINSK, 0, sizes=(1,) * 40, post=None, steering=(row,))
    act(model, rows)
    assert set(BORDER.posts.country[places(model, rows)]) == {LT}


def test_from_minsk_some_give_up() -> None:
    model, rows = one(State.MINSK, 1, post=None)
    act(model, rows)
    assert set(states(model, rows)) == {State.GOING_HOME}
    assert set(places(model, rows)) == {model.scene.people.cells.nowhere}


def test_a_ride_ends_at_the_line() -> None:
    model, rows = one(State.RIDE, post=LITHUANIAN_POST)
    act(model, rows)
    assert set(states(model, rows)) == {State.LINE}
    assert set(places(model, rows)) == {LITHUANIAN_POST}


@pytest.mark.parametrize(
    ("post", "state"), [("Kuźnica", State.CAMP), ("Szudziałowo", State.CAMP), ("Mielnik", State.LINE)]
)
def test_a_ride_ends_in_the_camp_where_it_is_near_and_takes_people(post: str, state: State) -> None:
    there = BORDER.post_number(post)
    model, rows = one(State.RIDE, post=there)
    model.scene.services.camp_takes_people = True
    act(model, rows)
    assert set(states(model, rows)) == {state}
    assert set(places(model, rows)) == {KUZNICA if state is State.CAMP else there}


@pytest.mark.parametrize("state", [State.LINE, State.CAMP])
def test_those_who_want_back_are_let_go_where_nobody_refuses(state: State) -> None:
    model, rows = one(state, 1, **HURTS)
    act(model, rows)
    assert set(states(model, rows)) == {State.GOING_HOME}
    assert tallied(model) == {}


@pytest.mark.parametrize("state", [State.LINE, State.CAMP])
def test_those_who_want_back_and_are_refused_stay_and_may_be_hurt(state: State) -> None:
    model, rows = one(state, 1, **HURTS, steering=(steering(refuse_return=1.0),))
    act(model, rows)
    assert set(states(model, rows)) == {state}
    assert set(places(model, rows)) == {KUZNICA}
    assert model.people["moves"][rows].tolist() == [1] * 5  # a new stay: they may ask again
    assert tallied(model) == {"refused_back": 5, "handling": 5}
    assert model.tally.handling[0, BELARUSIAN] == 5


def test_those_who_rest_go_to_a_town_and_bear_cold_afresh() -> None:
    model, rows = one(State.LINE, 2, **HURTS, steering=(steering(refuse_return=1.0),))
    doses = model.people["doses"][rows].copy()
    act(model, rows)  # whether they are let is in the hazard: who comes to act was let
    assert set(states(model, rows)) == {State.MINSK}
    assert set(places(model, rows)) == {model.scene.people.cells.nowhere}
    assert model.people["doses"][rows].tolist() == (doses + 1).tolist()
    assert tallied(model) == {}


def test_the_share_that_is_refused_is_that_of_the_row() -> None:
    model, rows = one(State.LINE, 1, sizes=(1,) * 2000, steering=(steering(refuse_return=0.8),))
    act(model, rows)
    assert model.tally.refused_back[0] / 2000 == pytest.approx(0.8, abs=0.03)


def test_a_government_can_let_people_back() -> None:
    model, rows = one(State.LINE, 1, steering=(steering(refuse_return=1.0),))
    model.levers.let_back = True
    act(model, rows)
    assert set(states(model, rows)) == {State.GOING_HOME}
    assert tallied(model) == {}


@pytest.mark.parametrize(("cause", "state"), [(0, State.LINE), (1, State.GOING_HOME)])
def test_from_the_centre_parties_leave_for_the_line_or_for_home(cause: int, state: State) -> None:
    model, rows = one(State.CENTRE, cause)
    act(model, rows)
    assert set(states(model, rows)) == {state}
    assert (set(places(model, rows)) == {model.scene.people.cells.nowhere}) == (state is State.GOING_HOME)


@pytest.mark.parametrize("centre_open", [True, False])
def test_from_a_belarusian_hospital_people_go_to_the_centre_or_to_minsk(centre_open: bool) -> None:
    model, rows = one(State.HOSPITAL_BELARUS, post=LITHUANIAN_POST)
    model.levers.centre_open = centre_open
    act(model, rows)
    assert set(states(model, rows)) == {State.CENTRE if centre_open else State.MINSK}
    assert set(places(model, rows)) == {KUZNICA if centre_open else model.scene.people.cells.nowhere}


def test_those_who_gave_up_fly_home() -> None:
    model, rows = one(State.GOING_HOME, 0, post=None)
    act(model, rows)
    assert set(states(model, rows)) == {State.HOME}


# ---------------------------------------------------------------- at the line


def test_an_attempt_that_nobody_sees_leads_inside_and_is_not_counted() -> None:
    model, rows = one(State.LINE, 0, sizes=(2, 3, 1), barriers={"patience_hours": 48.0})
    model.people["counted"][rows] = True  # the attempt before was
    act(model, rows)
    assert set(states(model, rows)) == {State.INSIDE}
    assert model.people["attempts"][rows].tolist() == [1] * 6
    assert not model.people["counted"][rows].any()
    assert tallied(model) == {"attempts": 6}


def test_those_stopped_stay_where_they_were_camp_or_line() -> None:
    seen = {"sweep_forest_day_m": 5000.0, "sweep_open_day_m": 5000.0, "watch_depth_km": 0.02, "response_minutes": 0.0}
    model = build(force=(force(20_000),), guards=seen, observation={"prevented_recorded_share": 1.0})
    for state in (State.LINE, State.CAMP):
        only(model, state, 0)
    rows = np.concatenate((put(model, State.LINE, [2]), put(model, State.CAMP, [2])))
    act(model, rows)
    assert states(model, rows) == [State.LINE] * 2 + [State.CAMP] * 2
    assert model.people["counted"][rows].all()
    assert tallied(model) == {"attempts": 4, "counted": 4, "counted_prevented": 4}


@pytest.mark.parametrize(("persons", "state"), [(0.0, State.INSIDE), (20_000.0, State.LINE)])
def test_a_group_takes_its_people_to_the_post_where_it_crosses(persons: float, state: State) -> None:
    """People brought from the neighbouring stretch get in, or are held back, where the group is."""
    model = build(force=(force(persons),), guards={"response_minutes": 0.0})
    rows = put(model, State.LINE, [2, 3], post=KUZNICA - 1)
    where = np.full(5, KUZNICA)
    grouped = (rows, np.repeat([0.2, 0.7], [2, 3]), np.zeros(5, dtype=np.int64), where, np.full(5, 5))
    model.migrants.journey.act(model.scene, np.zeros(0, dtype=np.int64), grouped)
    assert states(model, rows) == [state] * 5
    assert places(model, rows) == [KUZNICA] * 5
    assert model.tally.group_attempts.sum() == 5


def test_when_nobody_is_due_nothing_happens() -> None:
    model = build()
    put(model, State.LINE, [4])
    model.migrants.journey.act(model.scene, np.zeros(0, dtype=np.int64), nobody())
    assert tallied(model) == {}
    assert model.tally.flow.sum() == 0


@pytest.mark.parametrize("chance", [0.0, 1.0])
def test_people_drown_on_wide_rivers_alone(chance: float) -> None:
    model = build(exposure={"drowning_chance": chance}, barriers={"patience_hours": 48.0})
    only(model, State.LINE, 0)
    wide = BORDER.segments.terrain == TERRAINS.index("river_wide")
    first, end = BORDER.posts.first_segment, BORDER.posts.end_segment
    share = np.array([wide[a:b].mean() for a, b in zip(first, end, strict=True)])
    wet, dry = int(share.argmax()), int(share.argmin())
    rows = np.concatenate((put(model, State.LINE, [3] * 10, post=wet), put(model, State.LINE, [3] * 10, post=dry)))
    act(model, rows)
    crossed_wet = int(model.tally.attempts[0, wide].sum())
    assert crossed_wet > 0
    assert model.tally.deaths[0].tolist() == [0, crossed_wet * chance]  # all got over, to the EU side
    assert states(model, rows).count(State.DEAD) == crossed_wet * chance
    assert set(states(model, rows[30:])) == {State.INSIDE}
    assert model.tally.attempts.sum() == 60


# ---------------------------------------------------------------- caught


def caught(model: StandoffModel, rows: Any) -> list[State]:
    """Return where people go who are found inside in this hour."""
    only(model, State.INSIDE, 1)
    act(model, rows)
    return states(model, rows)


@pytest.mark.parametrize(("share", "state"), [(1.0, State.CUSTODY), (0.0, State.RETURNING)])
def test_those_caught_are_held_or_returned_by_the_policy(share: float, state: State) -> None:
    model, rows = one(State.INSIDE, force=(force(2500),), custody=(custody(share),), **HURTS)
    assert set(caught(model, rows)) == {state}
    assert set(places(model, rows)) == {KUZNICA}
    held = state is State.CUSTODY
    assert model.tally.custody[0].tolist() == [5 * held, 0, 0]
    assert model.tally.returned[0].tolist() == [5 * (not held), 0, 0]
    assert model.tally.handling[0].tolist() == ([0] * 4 if held else [5, 0, 0, 0])


def test_without_a_policy_all_are_returned() -> None:
    model, rows = one(State.INSIDE, force=(force(2500),), custody=(custody(1.0, "LT"),))
    assert set(caught(model, rows)) == {State.RETURNING}


def test_a_policy_holds_from_its_date_on() -> None:
    policies = (custody(1.0, day=date(2021, 11, 9)), custody(0.0, day=date(2021, 11, 8)))
    model, rows = one(State.INSIDE, force=(force(2500),), custody=policies)
    later = put(model, State.INSIDE, [4])
    assert set(caught(model, rows)) == {State.RETURNING}
    start_day(model, 1)
    assert set(caught(model, later)) == {State.CUSTODY}


def test_a_policy_is_that_of_the_country() -> None:
    model = build(force=(force(2500), force(2500, "LT")), custody=(custody(0.0), custody(1.0, "LT")))
    rows = np.concatenate((put(model, State.INSIDE, [2]), put(model, State.INSIDE, [3], post=LITHUANIAN_POST)))
    assert caught(model, rows) == [State.RETURNING] * 2 + [State.CUSTODY] * 3
    assert model.tally.custody[0].tolist() == [0, 3, 0]
    assert model.tally.found_inland[0].tolist() == [2, 3, 0]


@pytest.mark.parametrize(("kind", "share"), [(Kind.FRIENDS, 0.3), (Kind.FAMILY, 0.6)])
def test_families_are_held_by_their_own_factor(kind: Kind, share: float) -> None:
    model = build(force=(force(2500),), custody=(custody(0.3, family=2.0),))
    rows = put(model, State.INSIDE, [1] * 2000, kind=kind)
    assert caught(model, rows).count(State.CUSTODY) / 2000 == pytest.approx(share, abs=0.03)


def test_a_party_is_held_or_returned_whole() -> None:
    model, rows = one(State.INSIDE, sizes=(4,) * 60, force=(force(2500),), custody=(custody(0.5),))
    found = np.array(caught(model, rows)).reshape(60, 4)
    assert (found == found[:, :1]).all()
    assert set(found.ravel()) == {State.CUSTODY, State.RETURNING}


# ---------------------------------------------------------------- inside the EU


def test_those_picked_up_take_the_road_west() -> None:
    model, rows = one(State.INSIDE, 0)
    act(model, rows)
    assert set(states(model, rows)) == {State.ROAD_WEST}
    assert tallied(model) == {"picked_up": 5}
    assert model.tally.picked_up[0, KUZNICA] == 5


def test_people_found_inland_count_as_an_attempt_once() -> None:
    """Those who were seen at the line are in the day's count already; those who were not are added when found."""
    model, rows = one(State.INSIDE, sizes=(2, 3), force=(force(2500),))
    model.people["counted"][rows[:2]] = True
    caught(model, rows)
    assert model.tally.found_inland[0].tolist() == [5, 0, 0]
    assert model.tally.counted[0, KUZNICA] == model.tally.counted.sum() == 3
    assert model.people["counted"][rows].all()


def test_those_who_ask_for_protection_are_found_too() -> None:
    model, rows = one(State.INSIDE, 2, custody=(custody(0.0),))
    act(model, rows)
    assert set(states(model, rows)) == {State.RETURNING}
    assert tallied(model) == {"asylum_asked": 5, "found_inland": 5, "returned": 5, "counted": 5}


def test_aid_restores_tolerance_and_people_go_on_hiding() -> None:
    model, rows = one(State.INSIDE, 3)
    before = model.people["harm_mark"][rows].copy()
    act(model, rows)
    assert set(states(model, rows)) == {State.INSIDE}
    assert set(places(model, rows)) == {KUZNICA}
    assert model.people["doses"][rows].tolist() == [2] * 5
    assert not np.isin(model.people["harm_mark"][rows], before).any()
    assert tallied(model) == {"aid_contacts": 5}


@pytest.mark.parametrize("stopped", [0.0, 1.0])
def test_the_road_west_ends_in_germany_or_with_a_stop(stopped: float) -> None:
    model, rows = one(State.ROAD_WEST, migrants={"stopped_on_road_chance": stopped})
    act(model, rows)
    if stopped:
        assert set(states(model, rows)) == {State.RETURNING}
        assert tallied(model) == {"found_inland": 5, "returned": 5, "counted": 5}
    else:
        assert set(states(model, rows)) == {State.WEST}
        assert tallied(model)["germany"] == 5


def test_a_share_of_those_who_reach_germany_is_registered() -> None:
    model, rows = one(
        State.ROAD_WEST, sizes=(5,) * 400,
        migrants={"stopped_on_road_chance": 0.11}, observation={"registered_in_germany_share": 0.85},
    )  # fmt: skip
    act(model, rows)
    arrived = int(model.tally.germany[0])
    assert arrived / 2000 == pytest.approx(0.89, abs=0.03)
    assert model.tally.germany_registered[0] / arrived == pytest.approx(0.85, abs=0.02)


def test_those_released_take_the_road_west() -> None:
    model, rows = one(State.CUSTODY, 0, migrants={"custody_days": 2.0})
    act(model, rows)
    assert set(states(model, rows)) == {State.ROAD_WEST}


@pytest.mark.parametrize(("share", "state"), [(1.0, State.CUSTODY), (0.0, State.RETURNING)])
def test_from_an_eu_hospital_people_are_held_or_returned(share: float, state: State) -> None:
    model, rows = one(State.HOSPITAL_EU, custody=(custody(share),))
    act(model, rows)
    assert set(states(model, rows)) == {state}
    assert model.tally.found_inland.sum() == model.tally.counted.sum() == 0  # they were in hand already


# ---------------------------------------------------------------- returned


@pytest.mark.parametrize("elsewhere", [0.0, 1.0])
def test_those_returned_stand_at_the_line_again_there_or_carried_elsewhere(elsewhere: float) -> None:
    row = steering(steering_share=1.0, poland_share=0.0, lithuania_share=1.0)
    model, rows = one(State.RETURNING, migrants={"carried_elsewhere_chance": elsewhere}, steering=(row,), **HURTS)
    act(model, rows)
    assert set(states(model, rows)) == {State.LINE}
    where = places(model, rows)
    if elsewhere:
        assert set(BORDER.posts.country[where]) == {LT}
        assert model.tally.handling[0].tolist() == [0, 0, 0, 5]
    else:
        assert set(where) == {KUZNICA}
        assert model.tally.handling.sum() == 0


@pytest.mark.parametrize("chance", [0.0, 0.3])
def test_those_returned_leave_a_poor_stretch_of_themselves_and_in_nobodys_hands(chance: float) -> None:
    row = steering(steering_share=1.0, poland_share=0.0, lithuania_share=1.0)
    migrants = {"carried_elsewhere_chance": chance}
    model, rows = one(State.RETURNING, sizes=(1,) * 4000, migrants=migrants, steering=(row,), **HURTS)
    model.scene.network.leaving[KUZNICA] = 0.8
    act(model, rows)
    assert np.mean(BORDER.posts.country[places(model, rows)] == LT) == pytest.approx(0.8, abs=0.03)
    assert model.tally.handling[0, :3].sum() == 0
    assert model.tally.handling[0, 3] / len(rows) == pytest.approx(chance, abs=0.03), "carried, and no more than before"


def test_injuries_are_entered_with_those_in_whose_hands_people_were() -> None:
    both = (force(2500), force(2500, "LT"))
    model = build(force=both, custody=(custody(0.0), custody(0.0, "LT")), **HURTS)
    rows = np.concatenate((put(model, State.INSIDE, [2]), put(model, State.INSIDE, [3], post=LITHUANIAN_POST)))
    frail = model.people["susceptibility"][rows].copy()
    caught(model, rows)
    assert model.tally.handling[0].tolist() == [2, 3, 0, 0]
    assert model.people["susceptibility"][rows].tolist() == pytest.approx((frail * 1.3).tolist())


def test_who_is_separated_waits_alone_from_then_on() -> None:
    changes: dict[str, Any] = {"exposure": {"handling_separation_chance": 1.0}, "migrants": {"resolve_sigma": 0.4}}
    model = build(steering=(steering(refuse_return=1.0),), **changes)
    only(model, State.LINE, 1)
    rows = put(model, State.LINE, [3])
    act(model, rows)
    assert model.tally.separated[0].tolist() == [0, 0, 0, 2]
    people, ids = model.people, model.people["id"][rows]
    assert people["party"][rows].tolist() == ids.tolist()
    lot = draw(model.seed, Who.PARTY, ids, Purpose.MARK, people["moves"][rows].astype(np.int64))[0]
    wait = exponential(lot) / people["resolve"][rows].astype(np.float64)
    assert np.diff(people["act_mark"][rows]).tolist() == pytest.approx(np.diff(wait).tolist())


# ---------------------------------------------------------------- who is due


def test_due_stand_by_party_and_number_whatever_the_order_asked() -> None:
    model = build()
    rows = put(model, State.LINE, [3, 2, 4])
    due = Due.of(model.scene, rows[::-1])
    assert due.rows.tolist() == rows.tolist()
    assert starts(due.party).tolist() == [0, 3, 5]
    assert (due.fraction >= 0.0).all()
    given = Due.of(model.scene, rows[::-1], np.linspace(0.0, 0.8, 9))
    assert given.fraction.tolist() == np.linspace(0.0, 0.8, 9)[::-1].tolist()
    some = due.where(due.party == due.party[3])
    assert (len(some), some.rows.tolist()) == (2, rows[3:5].tolist())


def test_first_of_no_party_is_none() -> None:
    assert starts(np.zeros(0, dtype=np.int64)).tolist() == []
