"""What may have happened in a run, by name, as the twin counts it: rules must be seen used, not only equal."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.agents.states import Outcome, State
from sim.twin.model import TwinModel

__all__ = ["HAPPENINGS", "happened"]


def moved(old: State, new: State) -> Callable[[TwinModel], int]:
    """Return the count of stays of one state that followed on stays of another."""
    return lambda twin: int(twin.tally.flow[:, old, new].sum())


def booked(name: str, *index: int) -> Callable[[TwinModel], int]:
    """Return the count of what a book holds, over all days; further numbers pick its last columns."""
    return lambda twin: int(getattr(twin.tally, name)[(..., *index)].sum())


HAPPENINGS: dict[str, Callable[[TwinModel], int]] = {
    **{f"attempts {outcome.name.lower()}": booked("attempts", outcome) for outcome in Outcome},
    "group crossings": booked("group_attempts"),
    "landings": booked("arrivals"),
    "found inland": booked("found_inland"),
    "asylum asked": booked("asylum_asked"),
    "aid": booked("aid_contacts"),
    "refused back": booked("refused_back"),
    "custody": booked("custody"),
    "returns": booked("returned"),
    "Germany": booked("germany_registered"),
    "illness in Belarus": booked("harm", 0),
    "illness in the EU": booked("harm", 1),
    "hospital": booked("hospital"),
    "deaths": booked("deaths"),
    "deaths found": booked("deaths_found"),
    "injuries by EU services": lambda twin: int(twin.tally.handling[:, :3].sum()),
    "injuries by Belarusian services": booked("handling", 3),
    "nights outdoors": booked("nights_outdoors"),
    "mild hypothermia": booked("hypothermia", 0),
    "moderate hypothermia": booked("hypothermia", 1),
    "severe hypothermia": booked("hypothermia", 2),
    "robbed": booked("robbed"),
    "separated": booked("separated"),
    "no money for the ride": booked("cannot_pay", 0),
    "no money for a courier": booked("cannot_pay", 1),
    "no money for the flight": booked("cannot_pay", 2),
    "no place in custody": booked("no_place"),
    "orders to leave": booked("orders_to_leave"),
    "prevented and counted": booked("counted_prevented"),
    "vehicle patrols": booked("unit_hours_by_kind", 0),
    "quick-reaction forces": booked("unit_hours_by_kind", 1),
    "foot patrols": booked("unit_hours_by_kind", 2),
    "busy units": booked("unit_hours_busy"),
    "crews under cover": booked("unit_hours_covering"),
    "wire cut": booked("metres_cut"),
    "wish to go home": moved(State.LINE, State.GOING_HOME),
    "rest in a town": moved(State.LINE, State.MINSK),
    "let back by decree": lambda twin: int(twin.levers.let_back),
    "camp gathered": moved(State.LINE, State.CAMP),
    "camp fetches from Minsk": moved(State.MINSK, State.RIDE),
    "camp emptied": moved(State.CAMP, State.CENTRE),
    "camp emptied to the towns": moved(State.CAMP, State.MINSK),
    "procedure for want of custody": moved(State.INSIDE, State.PROCEDURE),
    "centre left": moved(State.CENTRE, State.LINE),
    "flown home": moved(State.GOING_HOME, State.HOME),
    "procedure ended": moved(State.PROCEDURE, State.ROAD_WEST),
    "released": moved(State.CUSTODY, State.ROAD_WEST),
    "back from hospital": moved(State.HOSPITAL_BELARUS, State.CENTRE),
    "back from hospital to Minsk": moved(State.HOSPITAL_BELARUS, State.MINSK),
    "stopped on the road": moved(State.ROAD_WEST, State.RETURNING),
    "parted": lambda twin: sum(one.party != one.id - one.id % 16 for one in twin.people),
    "drills": lambda twin: int(np.ceil(twin.pinned_unit_hours.sum())),
    "heard at a corridor": booked("heard_at_corridor"),
    "simulated incidents": lambda twin: sum(entry.kind == "incident" for entry in twin.chronicle),
    "own soldiers": lambda twin: int(twin.levers.extra_persons.sum()),
}


def happened(twin: TwinModel) -> set[str]:
    """Return the names of all that has happened at least once."""
    return {name for name, count in HAPPENINGS.items() if count(twin) > 0}
