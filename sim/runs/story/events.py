"""From what was noted of a party to the events of one life: what befell the person, and who was still with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from sim.agents.migrants.hour import NIGHT_COUNT_CLOCK
from sim.agents.states import KINDS, ORIGINS, OUTDOORS, SEATS, State
from sim.runs.story.watch import Asked, Ending, Manner, Notes

if TYPE_CHECKING:
    from sim.model import StandoffModel

__all__ = ["KIND_OF_MOVE", "Event", "Member", "Night", "Party", "events_of", "move_kind", "nights_of", "party_of"]

Ints = NDArray[np.int64]

_HOSPITALS: Final = (State.HOSPITAL_BELARUS, State.HOSPITAL_EU)
_HELD: Final = (State.RETURNING, State.CUSTODY, State.PROCEDURE)
_INITIAL_ROUTE: Final = 128

KIND_OF_MOVE: Final[dict[tuple[State, State], str]] = {
    (State.MINSK, State.RIDE): "rode",
    (State.MINSK, State.GOING_HOME): "left_off_in_minsk",
    (State.RIDE, State.LINE): "reached_line",
    (State.RIDE, State.CAMP): "reached_camp",
    (State.LINE, State.CAMP): "gathered",
    (State.CAMP, State.LINE): "cleared_to_woods",
    (State.CAMP, State.CENTRE): "cleared_to_centre",
    (State.CAMP, State.MINSK): "cleared_to_towns",
    (State.LINE, State.LINE): "refused",
    (State.CAMP, State.CAMP): "refused",
    (State.LINE, State.MINSK): "rested_in_town",
    (State.LINE, State.GOING_HOME): "let_back",
    (State.CAMP, State.GOING_HOME): "let_back",
    (State.CENTRE, State.LINE): "left_centre",
    (State.CENTRE, State.GOING_HOME): "turned_home",
    (State.INSIDE, State.INSIDE): "aided",
    (State.INSIDE, State.ROAD_WEST): "picked_up",
    (State.INSIDE, State.RETURNING): "found",
    (State.INSIDE, State.CUSTODY): "found",
    (State.INSIDE, State.PROCEDURE): "found",
    (State.ROAD_WEST, State.WEST): "west",
    (State.ROAD_WEST, State.RETURNING): "stopped_on_road",
    (State.ROAD_WEST, State.CUSTODY): "stopped_on_road",
    (State.ROAD_WEST, State.PROCEDURE): "stopped_on_road",
    (State.RETURNING, State.LINE): "back_at_line",
    (State.HOSPITAL_BELARUS, State.CENTRE): "discharged",
    (State.HOSPITAL_BELARUS, State.MINSK): "discharged",
    (State.HOSPITAL_EU, State.RETURNING): "discharged",
    (State.HOSPITAL_EU, State.CUSTODY): "discharged",
    (State.HOSPITAL_EU, State.PROCEDURE): "discharged",
    (State.CUSTODY, State.ROAD_WEST): "released",
    (State.LINE, State.PROCEDURE): "heard",
    (State.CAMP, State.PROCEDURE): "heard",
    (State.PROCEDURE, State.ROAD_WEST): "released",
    (State.GOING_HOME, State.GOING_HOME): "no_flight",
    (State.GOING_HOME, State.HOME): "flown_home",
}
"""Kinds of moves other than attempts, illness and death. Attempts, hospital and death are told from any state."""


@dataclass(frozen=True)
class Member:
    """One of a party as it set out. Nobody has a name."""

    child: bool


@dataclass(frozen=True)
class Party:
    """The party that a person set out with, and where from."""

    kind: str
    origin: str
    members: tuple[Member, ...]
    route: str
    """Where the flights or the road came from; empty for people present when the run began."""


@dataclass(frozen=True)
class Event:
    """One thing that happened to the person, or to somebody with them, within an hour of the run.

    Attributes
    ----------
    hour : hour of the run, −1 for those present when it began
    kind : what happened, one word of the model
    from_state, to_state : names of states before and after (the same for what is no move)
    place, from_place : guard post after and before, empty away from the line
    n_together : people of the party who are together with the person afterwards, the person included
    attempt : number of the attempt, 0 where there was none
    ending, manner : how the attempt ended and was made; empty where there was none
    counted : whether the attempt was counted by the border guard
    asked_for_asylum : of people found inside: no, yes or perhaps; empty otherwise
    patient : of those who came to a hospital, whether the person was ill and did not only go along
    weakened : how the person was weakened in this hour: empty, fell_ill or hurt
    others : those of the party who parted from the person, or died, by their position in the party
    """

    hour: int
    kind: str
    from_state: str
    to_state: str
    place: str = ""
    from_place: str = ""
    n_together: int = 1
    attempt: int = 0
    ending: str = ""
    manner: str = ""
    counted: bool = False
    asked_for_asylum: str = ""
    patient: bool = False
    weakened: str = ""
    others: tuple[int, ...] = ()


@dataclass(frozen=True)
class Night:
    """One night outdoors: hour in which it was counted, the lowest temperature felt in °C, whether it was wet."""

    hour: int
    felt_c: float
    wet: bool


def move_kind(before: State, after: State) -> str:
    """Return the kind of a move; every kind has its words, ``moved`` those for moves that no rule makes today."""
    if after == State.DEAD:
        return "died"
    if after in _HOSPITALS:
        return "to_hospital"
    return KIND_OF_MOVE.get((before, after), "moved")


def party_of(model: StandoffModel, row: int) -> tuple[Party, Ints]:
    """Return the party with which the person at `row` set out, and the rows of its members."""
    people = model.people
    number = people["id"] // SEATS
    rows = np.flatnonzero(number == number[row])
    route = int(number[row]) >> 40
    members = tuple(Member(bool(people["child"][r])) for r in rows)
    kind = int(model.scene.people.cells.kind(people["cell"][row : row + 1])[0])
    origin = ORIGINS[int(people["origin"][row])]
    came_by = "" if route >= _INITIAL_ROUTE else model.scenario.route[route].name
    return Party(KINDS[kind], origin, members, came_by), rows


def events_of(model: StandoffModel, notes: Notes, row: int, rows: Ints) -> tuple[Event, ...]:
    """Return the events in the life of the person at `row`, in order of time.

    Parameters
    ----------
    notes : of all `rows` of the party
    """
    names = (*model.world.border.posts.name, "")
    order = np.lexsort((notes.row, notes.hour))
    latest: dict[int, int] = {}
    events: list[Event] = []
    for hour in np.unique(notes.hour):
        before = dict(latest)
        for entry in order[notes.hour[order] == hour]:
            latest[int(notes.row[entry])] = int(entry)
        if row in before and notes.state[before[row]] == State.DEAD:
            break
        if row in latest:
            events += _hour_of_life(notes, int(hour), row, rows, before, latest, names)
    return tuple(events)


def _with(notes: Notes, row: int, rows: Ints, known: dict[int, int]) -> set[int]:
    """Return the rows of those who are together with the person, the person included."""
    if row not in known:
        return set()
    own = notes.party[known[row]]
    here = {int(r) for r in rows if int(r) in known and notes.party[known[int(r)]] == own}
    return {r for r in here if r == row or notes.state[known[r]] != State.DEAD}


def _hour_of_life(
    notes: Notes,
    hour: int,
    row: int,
    rows: Ints,
    before: dict[int, int],
    latest: dict[int, int],
    names: tuple[str, ...],
) -> list[Event]:
    """Return what happened in one hour: first to others of the party, then to the person."""
    now = latest[row]
    state, place = State(int(notes.state[now])), names[int(notes.place[now])]
    together = _with(notes, row, rows, latest)
    if row not in before:
        kind = "landed" if hour >= 0 and state == State.MINSK else "present"
        attempts = int(notes.attempts[now])
        return [Event(hour, kind, "", state.name.lower(), place, "", len(together), attempts)]
    then = before[row]
    old_state, old_place = State(int(notes.state[then])), names[int(notes.place[then])]
    own: list[Event] = []
    if then != now:
        own = _own(notes, then, now, (old_state, state), (old_place, place), len(together))
    events = []
    gone = sorted(_with(notes, row, rows, before) - together)
    joined = sorted(together - _with(notes, row, rows, before))
    alive = state != State.DEAD
    for fate, who in (
        ("companion_died", [r for r in gone if notes.state[latest[r]] == State.DEAD]),
        ("parted", [r for r in gone if notes.state[latest[r]] != State.DEAD]),
        ("rejoined", joined),
    ):
        if who:
            to = State(int(notes.state[latest[who[0]]])).name.lower()
            drowned = any(notes.ending[latest[r]] == Ending.DROWNED and notes.hour[latest[r]] == hour for r in who)
            ending = "drowned" if fate == "companion_died" and drowned else ""
            seats = tuple(int(r - rows[0]) for r in who)
            from_state = old_state.name.lower()
            events.append(
                Event(hour, fate, from_state, to, old_place, old_place, len(together), ending=ending, others=seats)
            )
    # those who stay behind are told of after the person has gone
    return events + own if alive and state not in _HOSPITALS else own + events


def _own(
    notes: Notes, then: int, now: int, states: tuple[State, State], places: tuple[str, str], n_together: int
) -> list[Event]:
    """Return the event of a person's own change, if it was more than one of number."""
    hour, (old, new) = int(notes.hour[now]), states
    tried = notes.attempts[now] > notes.attempts[then]
    moved = notes.moves[now] > notes.moves[then]
    weaker = bool(notes.susceptibility[now] > notes.susceptibility[then])
    dosed = notes.doses[now] > notes.doses[then]
    weakened = "" if not weaker else "fell_ill" if dosed and not moved else "hurt"
    if not (tried or moved or weaker):
        return []
    kind = "weakened"
    if moved:
        kind = move_kind(old, new)
        if kind == "aided" and not dosed:  # aid restores tolerance; a new stay without it is a driver not paid
            kind = "not_fetched"
    asked = ""
    if tried:
        kind = "died" if new == State.DEAD else "attempt"
    elif old == State.INSIDE and new in _HELD:
        asked = Asked(int(notes.asked[now])).name.lower()
    return [
        Event(
            hour,
            kind,
            old.name.lower(),
            new.name.lower(),
            places[1],
            places[0],
            n_together,
            attempt=int(notes.attempts[now]) if tried else 0,
            ending=Ending(int(notes.ending[now])).name.lower() if tried else "",
            manner=Manner(int(notes.manner[now])).name.lower() if tried else "",
            counted=bool(tried and notes.counted[now]),
            asked_for_asylum=asked,
            patient=bool(kind == "to_hospital" and notes.ill[now]),
            weakened=weakened,
        )
    ]


def nights_of(model: StandoffModel, notes: Notes, row: int) -> tuple[Night, ...]:
    """Return the nights that a person spent outdoors, counted when the Warsaw clock first shows 02:00.

    The temperature felt is the lowest of the hours from 18:00 to 08:00 that were spent outdoors.
    """
    calendar, weather = model.world.calendar, model.world.weather
    own = notes.of(np.array([row]))
    if not len(own):
        return ()
    n_hours = model.hour
    start = np.maximum(own.hour, 0)
    spans = np.diff(np.append(start, n_hours))
    state = np.concatenate((np.full(start[0], int(State.HOME)), np.repeat(own.state, spans)))
    place = np.concatenate((np.full(start[0], model.world.n_posts), np.repeat(own.place, spans)))
    country = model.world.country_of_place[place]
    outdoors = np.isin(state, OUTDOORS)
    felt = weather.effective_temperature_c[np.arange(n_hours), country]
    nights = []
    for day in range(calendar.n_days):
        hour = calendar.hour_at(calendar.date_of_day(day), NIGHT_COUNT_CLOCK)
        if hour < n_hours and outdoors[hour]:
            span = np.arange(max(hour - 8, 0), min(hour + 6, n_hours))
            span = span[outdoors[span]]
            wet = float(weather.wet[span, country[span]].mean())
            nights.append(Night(hour, float(felt[span].min()), wet >= 0.5))
    return tuple(nights)
