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
    "busy units": booked("unit_hours_busy"),
    "wish to go home": moved(State.LINE, State.GOING_HOME),
    "camp gathered": moved(State.LINE, State.CAMP),
    "camp fetches from Minsk": moved(State.MINSK, State.RIDE),
    "camp emptied": moved(State.CAMP, State.CENTRE),
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
