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
from sim.agents.habits import Habits
from sim.agents.levers import GroupOrder
from sim.agents.menus import MENUS
from sim.agents.tension import EAST, PAIRS, WEST
from sim.errors import ScenarioError
from sim.scenario.drills import Drills
from sim.scenario.people import Migrants
from sim.scenario.politics import ACTION_KINDS, Action, Coverage, Governments, Habit
from sim.scenario.services import Services
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


def habit(actor: str, kind: str, n_reported: float, days_open: float) -> Habit:
    """Return a habit counted for a test."""
    return Habit(source="A113", actor=actor, kind=kind, n_reported=n_reported, days_open=days_open)  # type: ignore[arg-type]


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
    host, _ = free(governments=Governments(answer_factor=assumed(0.0)))
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
        host, _ = free(services=services, route=(), until=date(2021, 11, 28))
        host.people[KUZNICA] = 1000
        host.people[0] = 200
        host.tension.rung[:] = (1, 1, 1, 1, 6)
        host.wake_until(host.at(28))
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
        host, governments = free(drills=drills, governments=willing(reaction_hours=assumed(0.0)))
        host.tension.rung[:] = 7
        host.hour = host.at(9, "08:00")
        governments["Minsk"].watch.wake()
        answers.append({n: g.choose() for n, g in governments.items() if n != "Moscow"})
    assert answers[0] == answers[1]
    assert any(answers[0].values())


# --- habits and coverage --------------------------------------------------------------------------


def test_a_habit_is_counts_corrected_for_coverage_over_open_days() -> None:
    rows = (habit("Warsaw", "protest", 4.0, 20.0), habit("EU", "sanctions", 2.0, 10.0))
    covered = (Coverage(source="A113", actor="Warsaw", share=0.5),)
    habits = Habits(scenario(habit=rows, coverage=covered))
    assert habits.per_day("Warsaw", "protest") == pytest.approx((4.0 / 0.5 + 0.5) / 20.0)
    assert habits.per_day("EU", "sanctions") == pytest.approx(2.5 / 10.0), "no coverage stated: taken for all"
    assert habits.per_day("Riga", "protest") == pytest.approx(0.5 / 30.0), "never seen is rare, not impossible"
    off = Habits(scenario(habit=rows, coverage=covered, governments=Governments(corrects_coverage=False)))
    assert off.per_day("Warsaw", "protest") == pytest.approx(4.5 / 20.0)


def test_governments_act_at_the_rate_of_their_habits() -> None:
    """Over 42 mornings and 30 seeds the EU alone, with one option open, acts as often as its rate says."""
    acted = mornings = 0
    rows = (habit("EU", "statement", 10.0, 21.0),)
    for seed in range(30):
        host, governments = free(
            habit=rows, governments=Governments(reaction_hours=assumed(0.0)), seed=seed, until=date(2021, 12, 20)
        )
        eu = governments["EU"]
        for day in range(1, 42):
            host.hour = 24 * day + 8
            host.tension.rung[:] = (1, 1, 1, 1, 4)
            eu.watch.wake()
            acted += eu.choose() is not None
            mornings += 1
    chance = 1.0 - np.exp(-10.5 / 21.0)
    assert abs(acted - chance * mornings) < 4 * np.sqrt(mornings * chance * (1 - chance))


def test_among_open_options_the_lot_goes_by_habit() -> None:
    """Two options open: three times the habit is taken up three times as often."""
    rows = (habit("EU", "statement", 8.5, 1.0), habit("EU", "phone_call", 2.5, 1.0))
    kinds = []
    for seed in range(300):
        host, governments = free(habit=rows, seed=seed)
        host.tension.rung[:] = (7, 1, 1, 1, 5)
        host.hour = host.at(9, "08:00")
        governments["EU"].watch.wake()
        chosen = governments["EU"].choose()
        assert chosen is not None
        kinds.append(chosen.kind)
    assert abs(kinds.count("statement") - 225) < 4 * np.sqrt(300 * 0.75 * 0.25)


# --- what came in as history can come out as a consequence ----------------------------------------


def reached(kind: str, actor: str, seed: int) -> bool:
    """Return whether an act can be chosen: in a world in which its reason holds, it is done within a month."""
    reasons: dict[str, Any] = {
        "phone_call": lambda host: host.tension.rung.__setitem__(slice(None), 8),
        "sanctions": lambda host: host.tension.rung.__setitem__(MINSK_EU, 8),
        "flight_ban": lambda host: host.tension.rung.__setitem__(MINSK_EU, 8),
        "clear_camp": lambda host: (
            setattr(host.levers, "camp_open", True), host.levers.seats_open.__setitem__(slice(None), 0.0),
        ),
        "repatriation_flight": lambda host: host.levers.seats_open.__setitem__(slice(None), 0.0),
        "close_crossing": lambda host: (
            host.tension.rung.__setitem__(0, 8), host.people.__setitem__(KUZNICA, 2000),
        ),
        "open_crossing": lambda host: host.tension.rung.__setitem__(slice(None), 1),
        "drill": lambda host: host.tension.rung.__setitem__(slice(None), 8),
    }  # fmt: skip
    rows = (act(5, "close_crossing", "Warsaw", place="Kuźnica–Bruzgi"),) if kind == "open_crossing" else ()
    drills = (drill(phase(day=6), side="Minsk", name="Own"), drill(phase(day=6, name="alert"), side="Warsaw"))
    host, _ = opened(
        *rows, replay_until=date(2021, 11, 7), governments=willing(reaction_hours=assumed(0.0)), drill=drills,
        until=date(2021, 12, 8), seed=seed,
    )  # fmt: skip
    for _ in range(30 * 24):
        reasons[kind](host)
        host.wake_until(host.hour + 1)
    return bool(done(host, kind, actor))


@pytest.mark.parametrize(
    ("kind", "actor"),
    [
        ("phone_call", "EU"), ("sanctions", "EU"), ("flight_ban", "Baghdad"), ("flight_ban", "Ankara"),
        ("clear_camp", "Minsk"), ("repatriation_flight", "Baghdad"), ("close_crossing", "Warsaw"),
        ("open_crossing", "Warsaw"), ("drill", "Minsk"), ("drill", "Warsaw"),
    ],
)  # fmt: skip
def test_each_turn_of_history_can_be_chosen(kind: str, actor: str) -> None:
    assert any(reached(kind, actor, seed) for seed in range(3))


def test_every_kind_of_dated_act_of_a_government_is_on_some_menu_or_known_not_to_be() -> None:
    chosen = {option.kind for menu in MENUS.values() for option in menu}
    only_given = {"law", "incident"}  # laws are passed for many reasons; incidents are a process of their own
    assert set(ACTION_KINDS) - chosen == only_given


def test_a_closed_crossing_is_opened_again() -> None:
    host = performed(Act("Warsaw", "close_crossing", "Minsk", "Kuźnica–Bruzgi"))
    perform(host, Act("Warsaw", "open_crossing", "Minsk", "Kuźnica–Bruzgi"))
    assert host.levers.crossings_closed == set()


def test_an_ordered_drill_is_held_from_the_next_day_with_its_hours() -> None:
    host, _ = opened(
        act(14, "drill", "Moscow", place="Gozha", clock="09:00"), drill=(drill(phase(), phase(name="live_fire")),)
    )
    host.wake_until(host.at(15, "09:00"))
    assert not host.levers.pinned_share.any()
    host.wake_until(host.at(15, "10:00"))
    assert host.levers.pinned_share[KUZNICA] == pytest.approx(1 - 0.7 * 0.7)
    host.wake_until(host.at(15, "14:00"))
    assert not host.levers.pinned_share.any()


def test_no_drill_is_ordered_where_orders_are_off() -> None:
    for orders in (True, False):
        host, _ = free(
            drill=(drill(phase(day=6), side="Warsaw"),),
            governments=willing(reaction_hours=assumed(0.0), orders_drills=orders),
        )
        for _ in range(12 * 24):
            host.tension.rung[:] = 8
            host.wake_until(host.hour + 1)
        assert bool(done(host, "drill", "Warsaw")) is orders


def test_an_order_for_a_drill_nobody_knows_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"action\[0\]\.place: found 'Gosha';.*did you mean 'Gozha'"):
        opened(act(9, "drill", "Moscow", place="Gosha"), drill=(drill(phase()),))


def test_only_what_can_be_held_at_short_notice_is_ordered_again() -> None:
    for soldiers, orders in ((250.0, True), (12_800.0, False)):
        rows = (drill(phase(day=6), side="Warsaw", forces={"soldiers": soldiers}),)
        host, _ = free(drill=rows, governments=willing(reaction_hours=assumed(0.0)))
        for _ in range(12 * 24):
            host.tension.rung[:] = 8
            host.wake_until(host.hour + 1)
        assert bool(done(host, "drill", "Warsaw")) is orders
