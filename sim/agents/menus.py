"""What each government may choose to do when history is no longer replayed, and what has to hold for it.

A menu is a list of options. An option has a condition on what its government sees, an act, and a time that must pass
before it is chosen again. How readily an open option is taken up is its government's habit (`habits.py`). Conditions
are simple on purpose: they are assumed from the one dated chain of November 2021 (A113) and say what governments of
this kind answer to, not what these would have done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.agents.actions import CAPITALS, Act
from sim.agents.incidents import ARMED_SHARE
from sim.agents.picture import BAN_LEAVES_OPEN, View
from sim.agents.tension import WEST

__all__ = ["MENUS", "Option"]

NATIONAL_STEP: Final = dict(zip(CAPITALS, ARMED_SHARE, strict=True))
"""Soldiers added at once, as a share of Warsaw's step: like those already on the line."""

FLIGHT_HOME_SEATS: Final = 374.0
"""Seats on a flight home: 1,872 persons on five flights (A206)."""

CAMP_PEOPLE: Final = 1500.0
"""People gathered in a new camp (assumed: between the column of 8 November and the camp of the days after)."""

GROUP_SHARE: Final = 0.3
GROUP_MOST: Final = 500.0
"""Share of the people at a post who are taken to a group crossing (assumed), and the most (A169)."""

FEWEST_FOR_A_GROUP: Final = 100.0
"""People at a post below which no group crossing is started there (assumed: smaller ones need no order of Minsk)."""

FEWEST_FOR_A_CAMP: Final = 1000.0
"""People at the line below which no camp is gathered (assumed)."""

KYIV_FORCE: Final = 8500.0
"""Persons whom Kyiv announced for its own line with Belarus (A239)."""

CROSSING: Final = "Kuźnica–Bruzgi"
CROSSING_POST: Final = "Kuźnica"
FEWEST_AT_A_CROSSING: Final = 500.0
"""The road crossing that Warsaw closed on 9 November (E038), and the people there from which it does (assumed)."""

# Goldstein weights by kind of act (A136, A139, A140, A142, A143, A144, A148, A149, A151).
CRITICISE, THREATEN, SHOW_FORCE, IMPOSE, FORCE_A_WAY = -2.0, -4.4, -7.2, -8.0, -7.5
TALK, COOPERATE, YIELD, RESTRICT = 1.0, 6.0, 5.0, -5.0


@dataclass(frozen=True)
class Option:
    """One thing a government may do: its kind, after how many days again, under what condition, and the act."""

    kind: str
    again_after_days: float
    when: Callable[[View], bool]
    make: Callable[[View], Act]


_SENDS_SOLDIERS: Final = frozenset({"reinforce", "deploy", "support"})
_TALKS: Final = frozenset({"phone_call"})
_FLIES_HOME: Final = frozenset({"repatriation_flight"})
_BAGHDAD: Final = frozenset({"Baghdad"})
_WARSAW: Final = frozenset({"Warsaw"})
_EU: Final = frozenset({"EU"})


def _words(target: str, goldstein: float, text: str) -> Callable[[View], Act]:
    """Return a maker of acts that consist of words."""
    return lambda view: Act(view.name, "", target, goldstein=goldstein, text=text)


def _reinforce(view: View) -> Act:
    step = float(view.scenario.governments.reinforce_step) * NATIONAL_STEP[view.name]
    text = f"{view.name} adds {step:,.0f} soldiers to its line"
    return Act(view.name, "reinforce", "Minsk", size=step, goldstein=SHOW_FORCE, text=text)


def _start_group(view: View) -> Act:
    post = view.fullest_post
    people = min(GROUP_SHARE * float(view.picture.people_at_post[post]), GROUP_MOST)
    posts = view.border.posts
    target, place = CAPITALS[int(posts.country[post])], posts.name[post]
    text = f"a group crossing is started opposite {place}, as {target} sees it by Minsk's services"
    return Act("Minsk", "group_crossing", target, place, people, goldstein=FORCE_A_WAY, claimant=target, text=text)


def _ban_flights(view: View) -> Act:
    text = f"{view.name} bars people bound for the line from its flights to Minsk"
    return Act(view.name, "flight_ban", "", size=BAN_LEAVES_OPEN, routes=view.own_routes, text=text)


def _close_crossing(view: View) -> Act:
    text = f"{view.name} suspends road traffic at {CROSSING}"
    return Act(view.name, "close_crossing", "Minsk", CROSSING, goldstein=RESTRICT, text=text)


def _open_crossing(view: View) -> Act:
    text = f"{view.name} opens {CROSSING} to road traffic again"
    return Act(view.name, "open_crossing", "Minsk", CROSSING, goldstein=YIELD, text=text)


def _order_drill(view: View) -> Act:
    drill = view.own_drill
    name = drill.name if drill else ""
    return Act(view.name, "drill", place=name, text=f"{view.name} orders that '{name}' be held again")


_ORDERS_DRILL_EAST: Final = Option(
    "drill", 14, lambda view: view.own_drill is not None and view.lately(7, _SENDS_SOLDIERS, WEST)
    and max(view.rung("Moscow", "NATO"), view.rung("Minsk", "Warsaw")) >= 6, _order_drill,
)  # fmt: skip
"""The drill of 12 November followed two days on 15,000 Polish soldiers (A113); the rung is assumed."""

_ORDERS_DRILL_WEST: Final = Option(
    "drill", 14, lambda view: view.own_drill is not None and view.rung("Minsk", "Warsaw") >= 7, _order_drill,
)  # fmt: skip

_REINFORCE: Final = Option("reinforce", 7, lambda view: view.pressed, _reinforce)
_BAN: Final = Option(
    "flight_ban", 30, lambda view: view.rung("Minsk", "EU") >= 5 and view.own_flights_open, _ban_flights
)


_FLY_HOME: Final = Option(
    "repatriation_flight", 2, lambda view: view.flights_mostly_closed or view.picture.let_back,
    lambda view: Act(view.name, "repatriation_flight", "", size=FLIGHT_HOME_SEATS, text="a flight home from Minsk"),
)  # fmt: skip


def _neighbour(name: str) -> tuple[Option, ...]:
    """Return the menu of a smaller neighbour: declare an emergency, send soldiers, protest."""
    return (
        Option(
            "emergency", 60, lambda view: view.rung("Minsk", name) >= 5 or view.attempts_rise,
            _words("", 0.0, f"{name} declares an emergency on its line"),
        ),
        _REINFORCE,
        Option(
            "protest", 7, lambda view: view.rung("Minsk", name) >= 4,
            _words("Minsk", CRITICISE, f"{name} protests to Minsk"),
        ),
    )  # fmt: skip


MENUS: Final[dict[str, tuple[Option, ...]]] = {
    "Minsk": (
        Option(
            "threat", 7, lambda view: view.rung("Minsk", "EU") >= 6,
            _words("EU", THREATEN, "Minsk threatens to answer further sanctions"),
        ),
        Option(
            "statement", 5, lambda view: view.rung("Minsk", "EU") >= 5,
            _words("EU", CRITICISE, "Minsk denies that it directs anyone"),
        ),
        Option(
            "protest", 7, lambda view: view.lately(3, _SENDS_SOLDIERS, _WARSAW),
            _words("Warsaw", THREATEN, "Minsk protests against soldiers sent to the line"),
        ),
        _ORDERS_DRILL_EAST,
        Option(
            "gather_camp", 14,
            lambda view: view.scenario.services.enabled
            and not view.picture.camp_open and not view.picture.let_back
            and max(view.rung("Minsk", "EU"), view.rung("Minsk", "Warsaw")) >= 5
            and float(np.sum(view.picture.people_at_post)) >= FEWEST_FOR_A_CAMP,
            lambda view: Act(
                "Minsk", "gather_camp", "Warsaw", size=CAMP_PEOPLE, goldstein=FORCE_A_WAY, claimant="Warsaw",
                text="people are gathered in a camp at the line, as Warsaw sees it by Minsk's services",
            ),
        ),
        Option(
            "group_crossing", 2,
            lambda view: view.scenario.services.enabled
            and (view.rung("Minsk", "EU") >= 6 or view.rung("Minsk", "Warsaw") >= 7) and not view.picture.let_back
            and float(np.max(view.picture.people_at_post)) >= FEWEST_FOR_A_GROUP,
            _start_group,
        ),
        Option(
            "clear_camp", 14,
            lambda view: view.picture.camp_open
            and (view.flights_mostly_closed or view.lately(7, _TALKS, _EU)),
            _words("EU", YIELD, "the camp at the line is emptied and the logistics centre takes people in"),
        ),
        Option(
            "let_back", 1000,
            lambda view: not view.picture.let_back and view.flights_mostly_closed
            and view.lately(14, _FLIES_HOME, _BAGHDAD),
            _words("EU", YIELD, "Minsk lets people go back from the line"),
        ),
    ),
    "Moscow": (
        Option(
            "deploy", 3,
            lambda view: view.scenario.drills.enabled and view.lately(3, _SENDS_SOLDIERS, WEST),
            _words("NATO", SHOW_FORCE, "a patrol flight over Belarus answers soldiers sent to the line"),
        ),
        Option(
            "statement", 5, lambda view: view.rung("Moscow", "NATO") >= 4,
            _words("NATO", CRITICISE, "Moscow backs Minsk and blames the other side"),
        ),
        _ORDERS_DRILL_EAST,
    ),
    "Warsaw": (
        _REINFORCE,
        Option(
            "protest", 3, lambda view: view.rung("Minsk", "Warsaw") >= 4,
            _words("Minsk", CRITICISE, "Warsaw protests to Minsk"),
        ),
        Option(
            "threat", 7, lambda view: view.rung("Minsk", "Warsaw") >= 7,
            _words("Minsk", THREATEN, "Warsaw threatens to close rail traffic with Belarus"),
        ),
        Option(
            "close_crossing", 14,
            lambda view: CROSSING not in view.picture.closed and view.rung("Minsk", "Warsaw") >= 5
            and (view.picture.camp_open or view.people_at(CROSSING_POST) >= FEWEST_AT_A_CROSSING),
            _close_crossing,
        ),
        Option(
            "open_crossing", 30,
            lambda view: CROSSING in view.picture.closed and view.rung("Minsk", "Warsaw") <= 3
            and not view.picture.camp_open,
            _open_crossing,
        ),
        Option(
            "emergency", 60, lambda view: view.rung("Minsk", "Warsaw") >= 5 or view.attempts_rise,
            _words("Minsk", RESTRICT, "Warsaw prolongs the state of emergency along the line"),
        ),
        _ORDERS_DRILL_WEST,
    ),
    "Vilnius": _neighbour("Vilnius"),
    "Riga": _neighbour("Riga"),
    "London": (
        Option(
            "support", 30, lambda view: view.rung("Minsk", "Warsaw") >= 5,
            _words("Warsaw", COOPERATE, "London offers engineers to Warsaw"),
        ),
    ),
    "NATO": (
        Option(
            "statement", 7, lambda view: view.rung("Moscow", "NATO") >= 5 or view.rung("Minsk", "Warsaw") >= 6,
            _words("Minsk", CRITICISE, "the North Atlantic Council condemns what happens at the line"),
        ),
    ),
    "EU": (
        Option(
            "sanctions", 30, lambda view: view.rung("Minsk", "EU") >= 6,
            _words("Minsk", IMPOSE, "the EU imposes sanctions on those whom it holds to steer the crossings"),
        ),
        Option(
            "statement", 5, lambda view: view.rung("Minsk", "EU") >= 4,
            _words("Minsk", CRITICISE, "the EU condemns what happens at the line"),
        ),
        Option(
            "phone_call", 3, lambda view: view.rung("Minsk", "Warsaw") >= 7 or view.rung("Minsk", "EU") >= 6,
            _words("Minsk", TALK, "a telephone call from the EU to Minsk"),
        ),
    ),
    "Baghdad": (
        _BAN,
        _FLY_HOME,
    ),
    "Ankara": (_BAN,),
    "Damascus": (_BAN, _FLY_HOME),
    "Kyiv": (
        Option(
            "deploy", 60, lambda view: view.rung("Minsk", "Warsaw") >= 7,
            lambda view: Act(
                "Kyiv", "deploy", "Minsk", size=KYIV_FORCE, goldstein=SHOW_FORCE,
                text="Kyiv sends border guards, National Guard and police to its line with Belarus",
            ),
        ),
    ),
}  # fmt: skip
"""The options of every government; thresholds are rungs and, like the waiting times, assumed."""
