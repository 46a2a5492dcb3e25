"""What acts of governments do: each kind of action, and what it changes in the levers, in tension and in the books.

An act changes the world only through levers and tension. Its words are claims: the chronicle keeps who acted and who
says so. Acts dated before the run opens are recalled, so that a run that begins in the middle of the story finds the
crossings closed, the flights banned, and tension where they left it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from sim.agents.incidents import INCIDENT_WEIGHT
from sim.agents.levers import GroupOrder
from sim.agents.tension import EAST, PastEvent
from sim.errors import EvidenceError, Problem, ScenarioError, nearest
from sim.world.calendar import WARSAW, Calendar

if TYPE_CHECKING:
    from sim.agents.host import Host
    from sim.scenario.drills import Drill
    from sim.scenario.politics import Action
    from sim.world.border import Border

__all__ = [
    "CAPITALS", "EFFECTS", "LASTING", "Act", "act_of", "check_actions", "drill_targets", "hour_of_run", "perform",
    "recall_past",
]  # fmt: skip

CAPITALS: Final = ("Warsaw", "Vilnius", "Riga")
"""Who governs each country of the line, in the order of COUNTRIES."""

NEIGHBOUR_KM: Final = 40.0
"""Distance from a country's line within which a drill is taken as meant for it too (assumed: a day's march)."""

LASTING: Final = frozenset({"flight_ban", "gather_camp", "clear_camp", "close_crossing", "open_crossing", "let_back"})
"""Kinds whose effect goes on until something undoes it; the others are done once."""


ON_THE_LINE: Final = frozenset({"incident", "group_crossing"})
"""Kinds that happen at the line and not between capitals: tension feels them as it feels simulated incidents
(`INCIDENT_WEIGHT`). In full, some forty dated group crossings would drown what governments did."""


@dataclass(frozen=True)
class Act:
    """One act of a government, dated or of its own choosing; `size` counts as its kind says (see `Action`)."""

    actor: str
    kind: str
    target: str = ""
    place: str = ""
    size: float = 0.0
    routes: tuple[str, ...] = ()
    goldstein: float = 0.0
    claimant: str = ""
    text: str = ""


def act_of(row: Action) -> Act:
    """Return the act that a dated row of the scenario describes."""
    return Act(row.actor, row.kind, row.target, row.place, row.size, row.routes, row.goldstein, row.claimant, row.text)


def hour_of_run(calendar: Calendar, when: date, clock: str) -> int:
    """Return the hour of the run of a Warsaw date and clock; below 0 or past the end for times outside the run."""
    if calendar.first_day <= when <= calendar.last_day:
        return calendar.hour_at(when, clock)
    moment = datetime.combine(when, time.fromisoformat(clock), tzinfo=WARSAW)
    return int((moment - calendar.utc(0)).total_seconds() // 3600)


def perform(host: Host, act: Act, *, of_own_choice: bool = False) -> None:
    """Carry out an act in this hour: its effect on the levers, what tension feels, its entry in the chronicle.

    Sizes go into the levers in real persons; their readers scale them to a run of fewer people. `of_own_choice` marks
    acts that the model's governments chose. Only these add soldiers: the strengths of dated reinforcements are in the
    scenario's own table of forces.
    """
    EFFECTS[act.kind](host, act)
    if of_own_choice and act.kind == "reinforce" and act.actor in CAPITALS:
        extra, capital = host.levers.extra_persons, CAPITALS.index(act.actor)
        extra[capital] = min(extra[capital] + act.size, float(host.scenario.governments.reinforce_most))
    host.tension.event(act.actor, act.target, act.goldstein * _weight_share(act.kind))
    host.log(act.kind, act.actor, act.place, act.text, act.size, act.claimant)


def _weight_share(kind: str) -> float:
    """Return the share of its Goldstein weight with which tension feels an act of this kind."""
    return INCIDENT_WEIGHT if kind in ON_THE_LINE else 1.0


def _only_words(host: Host, act: Act) -> None:
    """Change no lever: the act is felt by tension and by whoever reads the chronicle."""


def _ban_flights(host: Host, act: Act) -> None:
    """Leave the share `size` of the seats on the named routes to people bound for the line."""
    numbers = {route.name: number for number, route in enumerate(host.scenario.route)}
    host.levers.close_seats([numbers[name] for name in act.routes], act.size)


def _gather_camp(host: Host, act: Act) -> None:
    """Open the camp at the line, or let it grow, by so many people."""
    host.levers.camp_open = True
    host.levers.camp_target += round(act.size)


def _clear_camp(host: Host, act: Act) -> None:
    """Close the camp and open the logistics centre to those who were in it."""
    host.levers.camp_open = False
    host.levers.camp_target = 0
    host.levers.centre_open = True


def _start_group(host: Host, act: Act) -> None:
    """Order a group crossing of so many people at the post of the place."""
    post = host.world.border.post_of_place(act.place)
    host.levers.group_orders.append(GroupOrder(post=post, people=round(act.size)))


def _fly_home(host: Host, act: Act) -> None:
    """Put so many seats on a flight home in this hour."""
    host.levers.home_seats += round(act.size)


def _close_crossing(host: Host, act: Act) -> None:
    """Close the named road crossing."""
    host.levers.crossings_closed.add(act.place)


def _open_crossing(host: Host, act: Act) -> None:
    """Open the named road crossing again."""
    host.levers.crossings_closed.discard(act.place)


def _hold_drill(host: Host, act: Act) -> None:
    """Hold the drill whose name stands as place again, from the day after the order at its own hour of the day."""
    row = next(row for row in host.scenario.drill if row.name == act.place)
    calendar = host.world.calendar
    clock = min((phase.day, phase.clock) for phase in row.phases)[1]
    tomorrow = calendar.date_of_day(int(calendar.day_of_hour[host.hour])) + timedelta(days=1)
    host.drills.hold_again(host, act.place, hour_of_run(calendar, tomorrow, clock))


def _let_back(host: Host, act: Act) -> None:
    """Let those who want to go back from the line go."""
    host.levers.let_back = True


EFFECTS: Final[dict[str, Callable[[Host, Act], None]]] = {
    "statement": _only_words,
    "protest": _only_words,
    "threat": _only_words,
    "sanctions": _only_words,
    "reinforce": _only_words,
    "deploy": _only_words,
    "law": _only_words,
    "emergency": _only_words,
    "close_crossing": _close_crossing,
    "open_crossing": _open_crossing,
    "flight_ban": _ban_flights,
    "gather_camp": _gather_camp,
    "clear_camp": _clear_camp,
    "group_crossing": _start_group,
    "repatriation_flight": _fly_home,
    "phone_call": _only_words,
    "support": _only_words,
    "incident": _only_words,
    "let_back": _let_back,
    "drill": _hold_drill,
}
"""What each kind of action does to the levers."""


def check_actions(host: Host) -> None:
    """Refuse dated actions that could not be carried out.

    Raises:
        ScenarioError: with every route, place or share that does not fit.
    """
    problems = [
        Problem(host.scenario.name, f"action[{number}].{key}", found, allowed, hint)
        for number, row in enumerate(host.scenario.action)
        for key, found, allowed, hint in _problems_of(host, row)
    ]
    if problems:
        raise ScenarioError(problems)


def _problems_of(host: Host, row: Action) -> Iterator[tuple[str, str, str, str]]:
    """Yield key, what was found, what is allowed and a hint for everything wrong with one action."""
    routes = [route.name for route in host.scenario.route]
    for name in row.routes:
        if name not in routes:
            yield "routes", repr(name), "allowed are the names of routes in this scenario", nearest(name, routes)
    if row.kind == "flight_ban" and row.size > 1:
        yield "size", f"{row.size:g}", "a flight ban's size is the share of seats left open, from 0 to 1", ""
    if row.kind in ("close_crossing", "open_crossing") and not row.place:
        yield "place", "nothing", "the name of the crossing is needed", ""
    drills = [drill.name for drill in host.scenario.drill]
    if row.kind == "drill" and row.place not in drills:
        yield "place", repr(row.place), "the name of a drill of this scenario is needed", nearest(row.place, drills)
    if row.kind == "group_crossing":
        try:
            host.world.border.post_of_place(row.place)
        except EvidenceError as error:
            yield "place", repr(row.place), "a guard post or a place on the line is needed", str(error)


def drill_targets(border: Border, drill: Drill) -> tuple[str, ...]:
    """Return the sides that a drill is taken to address.

    A drill of Minsk or Moscow addresses Warsaw, NATO, and every neighbour whose line is within 40 km; a drill of the
    other camp addresses Minsk.
    """
    if drill.side not in EAST:
        return ("Minsk",)
    distance = border.distance_to_line_km(drill.longitude, drill.latitude)
    near = set(border.posts.country[distance <= NEIGHBOUR_KM].tolist()) | {0}
    return (*(capital for country, capital in enumerate(CAPITALS) if country in near), "NATO")


def recall_past(host: Host) -> None:
    """Bring back what was done before hour 0: lasting effects of dated actions, and what tension kept of it all.

    Actions count only where governments are switched on, drills only where drills are.
    """
    scenario, calendar = host.scenario, host.world.calendar
    past: list[PastEvent] = []
    if scenario.governments.enabled:
        dated = [(hour_of_run(calendar, row.day, row.clock), row) for row in scenario.action]
        for hour, row in sorted(dated, key=lambda entry: entry[0]):
            if hour >= 0 or row.day > scenario.replay_until:
                continue
            if row.kind in LASTING:
                EFFECTS[row.kind](host, act_of(row))
            past.append((-hour, row.actor, (row.target,), row.goldstein * _weight_share(row.kind)))
    if scenario.drills.enabled:
        for drill in scenario.drill:
            hour = min(hour_of_run(calendar, phase.day, phase.clock) for phase in drill.phases)
            if hour < 0 and min(phase.day for phase in drill.phases) <= scenario.replay_until:
                past.append((-hour, drill.side, drill_targets(host.world.border, drill), drill.goldstein))
    host.tension.run_in(past)
