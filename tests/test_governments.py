"""Governments: history replayed in order, what each kind of act does, and what they choose afterwards."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stand_in_host import BORDER, StandIn, act, assumed, drill, phase, scenario, willing

from sim.agents.actions import EFFECTS, Act, perform
from sim.agents.governments import SIDES, Government, first_free_hour, make_governments
from sim.agents.levers import GroupOrder
from sim.agents.menus import MENUS
from sim.agents.tension import EAST, PAIRS, WEST
from sim.errors import ScenarioError
from sim.scenario.forces import Drills, Services
from sim.scenario.people import Migrants
from sim.scenario.politics import ACTION_KINDS, Action, Governments
from sim.world.calendar import Calendar

KUZNICA = BORDER.post_number("Kuźnica")
MINSK_EU = PAIRS.index(("Minsk", "EU"))
EVERY_SIDE = set(Action.model_fields["actor"].annotation.__args__)  # type: ignore[union-attr]


def opened(*actions: Any, seed: int = 7, **changes: Any) -> tuple[StandIn, list[Government]]:
    """Return a host with these dated actions, and its governments."""
    host = StandIn(scenario(action=actions, **changes), seed=seed)
    return host, make_governments(host)


def free(**changes: Any) -> tuple[StandIn, dict[str, Government]]:
    """Return a host whose governments act by their own rules from the first day on, on every day they may."""
    given_governments = changes.pop("governments", willing(reaction_hours=assumed(0.0)))
    host, governments = opened(replay_until=date(2021, 11, 7), governments=given_governments, **changes)
    return host, {government.name: government for government in governments}


def done(host: StandIn, kind: str, actor: str) -> list[int]:
    """Return the hours at which `actor` did acts of a kind."""
    return [row[0] for row in host.rows if row[1] == kind and row[2] == actor]


# --- completeness ---------------------------------------------------------------------------------


def test_every_side_has_a_number_a_menu_and_a_place_in_the_camps() -> None:
    assert set(SIDES) == EVERY_SIDE == set(MENUS)
    assert EVERY_SIDE >= EAST | WEST
    assert not EAST & WEST


def test_every_kind_of_action_has_an_effect_and_every_option_a_kind() -> None:
    assert set(EFFECTS) == set(ACTION_KINDS)
    assert {option.kind for menu in MENUS.values() for option in menu} <= set(ACTION_KINDS)


# --- history --------------------------------------------------------------------------------------


def test_history_is_replayed_in_the_order_of_its_dates() -> None:
    rows = [
        act(10, "statement", "EU", target="Minsk", text="third"),
        act(8, "statement", "EU", target="Minsk", clock="14:00", text="second"),
        act(8, "protest", "Warsaw", target="Minsk", clock="09:30", text="first"),
        act(10, "threat", "Minsk", target="EU", text="fourth, by its place in the file"),
        act(10, "statement", "EU", target="Minsk", text="fifth"),
    ]
    host, _ = opened(*rows)
    host.wake_until(host.at(20))
    assert [row[4].split(",")[0] for row in host.rows] == ["first", "second", "third", "fourth", "fifth"]
    assert [row[0] for row in host.rows] == [host.at(8, "09:00"), host.at(8, "14:00"), *[host.at(10, "12:00")] * 3]


def test_nothing_dated_after_the_replay_happens() -> None:
    host, _ = opened(
        act(9, "protest", "Warsaw", text="kept"),
        act(10, "protest", "Warsaw", clock="00:00", text="left out"),
        replay_until=date(2021, 11, 9),
        governments=Governments(reacts=False),
    )
    host.wake_until(host.at(20))
    assert [row[4] for row in host.rows] == ["kept"]


def test_governments_switched_off_do_nothing_at_all() -> None:
    rows = [act(7, "let_back"), act(9, "gather_camp", size=2000.0), act(9, "protest", "Warsaw", goldstein=-5.0)]
    host, governments = opened(*rows, governments=Governments(enabled=False), replay_until=date(2021, 11, 10))
    before = host.tension.readiness.copy()
    host.wake_until(host.at(20))
    assert governments == []
    assert len(host.diary) == 0
    assert host.rows == []
    assert not host.levers.let_back
    assert not host.levers.camp_open
    assert np.array_equal(host.tension.readiness, before)


def test_claims_keep_their_claimant() -> None:
    host, _ = opened(act(9, "incident", target="Warsaw", place="Kuźnica", claimant="Warsaw", goldstein=-7.0))
    host.wake_until(host.at(10))
    assert host.rows[0][1:4] == ("incident", "Minsk", "Kuźnica")
    assert host.rows[0][6] == "Warsaw"


def test_what_was_done_before_the_run_still_holds() -> None:
    host, _ = opened(
        act(5, "flight_ban", "Ankara", routes=("Istanbul–Minsk",), size=0.2),
        act(6, "gather_camp", size=900.0),
        act(6, "close_crossing", "Warsaw", place="Bobrowniki"),
        act(6, "group_crossing", target="Warsaw", place="Kuźnica", size=50.0),
        act(6, "repatriation_flight", "Baghdad", size=431.0),
        act(6, "threat", "Minsk", target="EU", goldstein=-7.0),
    )
    levers = host.levers
    assert levers.seats_open.tolist() == [0.2, 1.0]
    assert (levers.camp_open, levers.camp_target) == (True, 900)
    assert levers.crossings_closed == {"Bobrowniki"}
    assert (levers.group_orders, levers.home_seats) == ([], 0)
    assert host.tension.readiness[MINSK_EU, 0] > host.tension.equilibrium()[MINSK_EU, 0]
    assert host.rows == []


def test_nothing_of_the_run_is_brought_forward() -> None:
    host, _ = opened(act(9, "gather_camp", target="Warsaw", size=900.0, goldstein=-7.5), drill=(drill(phase()),))
    assert not host.levers.camp_open
    assert host.tension.readiness == pytest.approx(host.tension.equilibrium())


def test_drills_before_the_run_are_remembered_only_where_there_are_drills() -> None:
    earlier = drill(phase(day=5))
    with_drills, _ = opened(drill=(earlier,))
    without, _ = opened(drill=(earlier,), drills=Drills(enabled=False))
    rest = without.tension.equilibrium()
    assert without.tension.readiness == pytest.approx(rest)
    assert with_drills.tension.readiness[3, 0] > rest[3, 0]


# --- what acts do ---------------------------------------------------------------------------------


def performed(one: Act, **changes: Any) -> StandIn:
    host = StandIn(scenario(**changes))
    perform(host, one)
    return host


def test_a_camp_is_gathered_and_cleared() -> None:
    host = performed(Act("Minsk", "gather_camp", size=1500.0))
    perform(host, Act("Minsk", "gather_camp", size=500.0))
    assert (host.levers.camp_open, host.levers.camp_target, host.levers.centre_open) == (True, 2000, False)
    perform(host, Act("Minsk", "clear_camp"))
    assert (host.levers.camp_open, host.levers.camp_target, host.levers.centre_open) == (False, 0, True)


def test_a_ban_leaves_a_share_of_the_seats_of_its_routes() -> None:
    host = performed(Act("Baghdad", "flight_ban", size=0.25, routes=("Baghdad–Minsk",)))
    assert host.levers.seats_open.tolist() == [1.0, 0.25]
    perform(host, Act("Baghdad", "flight_ban", size=0.6, routes=("Baghdad–Minsk",)))
    assert host.levers.seats_open.tolist() == [1.0, 0.25], "a milder ban opens nothing"


def test_groups_and_flights_home_are_ordered_in_real_numbers_whatever_the_scale_of_the_run() -> None:
    group = Act("Minsk", "group_crossing", "Warsaw", "kuznica", 200.0)
    for scale in (1.0, 0.1):
        host = performed(group, migrants=Migrants(people_scale=assumed(scale)))
        perform(host, Act("Baghdad", "repatriation_flight", size=431.0))
        assert host.levers.group_orders == [GroupOrder(KUZNICA, 200)]
        assert host.levers.home_seats == 431


def test_a_smaller_run_is_seen_in_real_numbers() -> None:
    host, governments = free(migrants=Migrants(people_scale=assumed(0.1)))
    host.people[KUZNICA], host.attempts[KUZNICA] = 150, 20
    host.wake_until(host.at(8, "08:00"))
    picture = governments["Minsk"].watch.pictures[-1]
    assert picture.people_at_post[KUZNICA] == pytest.approx(1500.0)
    assert picture.attempts.tolist() == pytest.approx([200.0, 0.0, 0.0])


def test_what_happens_at_the_line_weighs_less_than_what_capitals_do() -> None:
    raised = []
    for kind in ("incident", "group_crossing", "threat"):
        host = performed(Act("Minsk", kind, "Warsaw", "Kuźnica", 1.0, goldstein=-8.0))
        raised.append(float((host.tension.readiness - host.tension.equilibrium())[0, 0]))
    assert raised == pytest.approx([0.25 * raised[2], 0.25 * raised[2], 8.0 * host.tension.event_scale])


def test_crossings_close_and_people_are_let_back() -> None:
    host = performed(Act("Warsaw", "close_crossing", "Minsk", "Kuźnica–Bruzgi"))
    perform(host, Act("Minsk", "let_back"))
    assert host.levers.crossings_closed == {"Kuźnica–Bruzgi"}
    assert host.levers.let_back


def test_a_dated_reinforcement_adds_nobody_but_a_chosen_one_does() -> None:
    one = Act("Vilnius", "reinforce", "Minsk", size=700.0, goldstein=-7.2)
    host = performed(one)
    assert host.levers.extra_persons.tolist() == [0.0, 0.0, 0.0]
    perform(host, one, of_own_choice=True)
    assert host.levers.extra_persons.tolist() == [0.0, 700.0, 0.0]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (act(9, "flight_ban", "Ankara", routes=("Istambul–Minsk",)), r"action\[0\]\.routes.*did you mean 'Istanbul"),
        (act(9, "flight_ban", "Ankara", routes=("Istanbul–Minsk",), size=40.0), r"action\[0\]\.size: found 40;"),
        (act(9, "group_crossing", place="Kuznca", size=40.0), r"action\[0\]\.place: found 'Kuznca';.*Kuźnica"),
        (act(9, "close_crossing", "Warsaw"), r"action\[0\]\.place: found nothing;"),
    ],
    ids=["route", "share", "post", "crossing"],
)
def test_an_action_that_cannot_be_carried_out_is_refused(row: Action, words: str) -> None:
    with pytest.raises(ScenarioError, match=words):
        opened(row)


def test_all_faults_of_actions_are_told_at_once() -> None:
    with pytest.raises(ScenarioError, match="2 problems"):
        opened(act(9, "close_crossing", "Warsaw"), act(9, "group_crossing", place="nowhere at all"))


# --- after history --------------------------------------------------------------------------------


def test_free_hours_begin_the_day_after_the_replay() -> None:
    calendar = Calendar(date(2021, 11, 8), date(2021, 11, 20))
    assert first_free_hour(scenario(replay_until=date(2021, 11, 9)), calendar) == 48
    assert first_free_hour(scenario(replay_until=date(2021, 10, 1)), calendar) == 0
    assert first_free_hour(scenario(), calendar) == calendar.n_hours


def test_nobody_reacts_when_reactions_are_off_or_history_goes_on() -> None:
    for changes in ({"governments": willing(reacts=False), "replay_until": date(2021, 11, 8)}, {}):
        host, _ = opened(**changes)
        host.tension.rung[:] = 9
        host.wake_until(host.at(20, "23:00"))
        assert host.rows == []


def test_warsaw_reinforces_from_its_rung_on_and_not_twice_a_week() -> None:
    host, _ = free()
    host.tension.rung[:] = 6
    host.wake_until(host.at(20, "23:00"))
    hours = done(host, "reinforce", "Warsaw")
    assert hours
    assert all(later - earlier >= 7 * 24 for earlier, later in itertools.pairwise(hours))
    assert host.levers.extra_persons[0] == 2500.0 * len(hours)
    assert host.levers.extra_persons[1] == pytest.approx(750.0 * len(done(host, "reinforce", "Vilnius")))


def test_warsaw_reinforces_when_attempts_rise_above_the_usual() -> None:
    quiet, _ = free()
    quiet.attempts[KUZNICA] = 100
    quiet.wake_until(quiet.at(20))
    assert done(quiet, "reinforce", "Warsaw") == []
    host, _ = free()
    host.attempts[KUZNICA] = 100
    host.wake_until(host.at(14))
    host.attempts[KUZNICA] = 180
    host.wake_until(host.at(14, "08:00"))
    assert done(host, "reinforce", "Warsaw") == [host.at(14, "08:00")]
    assert done(host, "reinforce", "Vilnius") == []


def test_governments_see_what_was_the_case_when_their_reaction_began() -> None:
    host, _ = free(governments=willing(reaction_hours=assumed(48.0)))
    host.wake_until(host.at(10, "09:00"))
    host.tension.rung[:] = 6
    host.wake_until(host.at(12, "23:00"))
    assert host.rows == [], "the picture of the 11th is seen on the 13th"
    host.wake_until(host.at(13, "08:00"))
    assert done(host, "reinforce", "Vilnius") or done(host, "emergency", "Vilnius") or done(host, "protest", "Vilnius")


def test_a_government_that_never_answers_stays_silent() -> None:
    host, _ = free(governments=Governments(answer_chance_per_day=assumed(0.0)))
    host.tension.rung[:] = 12
    host.wake_until(host.at(20))
    assert host.rows == []


def test_calm_calls_for_nothing() -> None:
    host, _ = free()
    host.tension.rung[:] = 1
    host.wake_until(host.at(20))
    assert host.rows == []


def test_moscow_answers_soldiers_with_a_patrol_flight_unless_drills_are_off() -> None:
    for drills, flies in ((Drills(), True), (Drills(enabled=False), False)):
        host, _ = free(drills=drills)
        host.tension.rung[:] = (6, 1, 1, 1, 1)
        host.wake_until(host.at(20))
        assert done(host, "reinforce", "Warsaw")
        assert bool(done(host, "deploy", "Moscow")) is flies


def test_sanctions_come_from_rung_seven_on_and_once_a_month() -> None:
    host, _ = free(until=date(2021, 12, 20))
    host.tension.rung[MINSK_EU] = 7
    for _ in range(42 * 24):
        host.wake_until(host.hour + 1)
        host.tension.rung[MINSK_EU] = 7
    hours = done(host, "sanctions", "EU")
    assert len(hours) == 2
    assert hours[1] - hours[0] >= 30 * 24


def test_airlines_are_banned_once_the_eu_presses() -> None:
    host, _ = free()
    host.tension.rung[:] = (1, 1, 1, 1, 5)
    host.wake_until(host.at(20))
    assert len(done(host, "flight_ban", "Ankara")) == 1
    assert len(done(host, "flight_ban", "Baghdad")) == 1
    assert done(host, "flight_ban", "Damascus") == [], "it has no route in this scenario"
    assert host.levers.seats_open.tolist() == [0.1, 0.1]
    assert done(host, "repatriation_flight", "Baghdad")
    assert host.levers.home_seats > 0


def test_minsk_starts_groups_where_people_are_and_only_with_its_services() -> None:
    for services, starts in ((Services(), True), (Services(enabled=False), False)):
        host, _ = free(services=services, route=())
        host.people[KUZNICA] = 1000
        host.people[0] = 200
        host.tension.rung[:] = (1, 1, 1, 1, 6)
        host.wake_until(host.at(20))
        orders = host.levers.group_orders
        assert bool(orders) is starts
        assert all(order == GroupOrder(KUZNICA, 300) for order in orders)
        assert {row[6] for row in host.rows if row[1] == "group_crossing"} <= {"Warsaw"}
        assert host.levers.camp_open is starts


def test_minsk_lets_people_back_after_bans_and_flights_home() -> None:
    host, _ = free()
    host.levers.seats_open[:] = 0.0
    host.tension.rung[:] = 1
    host.wake_until(host.at(20))
    assert host.levers.let_back
    assert len(done(host, "let_back", "Minsk")) == 1
    assert done(host, "let_back", "Minsk")[0] > done(host, "repatriation_flight", "Baghdad")[0]


def test_a_camp_is_cleared_after_a_telephone_call() -> None:
    call = act(8, "phone_call", "EU", target="Minsk", clock="20:00", goldstein=1.0)
    camp = act(8, "gather_camp", "Minsk", target="Warsaw", size=1500.0)
    governments = willing(reaction_hours=assumed(0.0))
    host, _ = opened(camp, call, replay_until=date(2021, 11, 8), governments=governments)
    host.tension.rung[:] = 1
    host.wake_until(host.at(9, "08:00"))
    assert done(host, "clear_camp", "Minsk") == [host.at(9, "08:00")]
    assert not host.levers.camp_open


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**63 - 1), rung=st.integers(1, 12))
def test_who_wakes_first_does_not_matter(seed: int, rung: int) -> None:
    chosen = []
    for step in (1, -1):
        host, governments = free(seed=seed, governments=Governments(reaction_hours=assumed(0.0)))
        host.tension.rung[:] = rung
        host.people[KUZNICA] = 2000
        host.wake_until(host.at(12, "07:00"))
        host.hour = host.at(12, "08:00")
        watch = governments["Minsk"].watch
        watch.wake()
        names = list(governments)[::step]
        chosen.append({name: governments[name].choose() for name in names})
    assert chosen[0] == chosen[1]


def test_the_days_luck_of_a_government_is_its_own() -> None:
    """Switching drills off takes Moscow's option away and changes nobody else's choice on that morning."""
    answers = []
    for drills in (Drills(), Drills(enabled=False)):
        host, governments = free(drills=drills, governments=Governments(reaction_hours=assumed(0.0)))
        host.tension.rung[:] = 7
        host.hour = host.at(9, "08:00")
        governments["Minsk"].watch.wake()
        answers.append({n: g.choose() for n, g in governments.items() if n != "Moscow"})
    assert answers[0] == answers[1]
    assert any(answers[0].values())
