"""What happened to people, measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agents.states import KINDS, N_STATES, ORIGINS
from sim.record.variables import PERSONS, Variables

if TYPE_CHECKING:
    from sim.model import StandoffModel

__all__ = ["of_people"]


def of_people(model: StandoffModel, days: slice) -> Variables:
    """Return what happened to people."""
    tally = model.tally
    cells = model.scene.people.cells
    columns = model.people
    state = cells.state(columns["cell"])
    fates = np.zeros((len(KINDS), len(ORIGINS), N_STATES), dtype=np.int64)
    np.add.at(fates, (cells.kind(columns["cell"]), columns["origin"], state), 1)
    by_day = ("day",)
    by_side = ("day", "side")
    by_country = ("day", "country")
    return {
        "people": (("day", "state"), tally.people[days], PERSONS, "people by state at the end of the day"),
        "people_at_post": (
            ("day", "post"),
            tally.people_at_post[days],
            PERSONS,
            "people on the Belarusian side at the line, end of the day",
        ),
        "person_nights_outdoors": (
            ("day", "state"),
            tally.nights_outdoors[days],
            "person-nights",
            "people outdoors in the depth of the night",
        ),
        "harm_events": (by_side, tally.harm[days], "episodes", "episodes of illness that need care"),
        "hospital_admissions": (by_side, tally.hospital[days], PERSONS, "people taken to hospital"),
        "deaths": (
            by_side,
            tally.deaths[days],
            PERSONS,
            "deaths of this one history, found or not; never a target, over many runs an interval",
        ),
        "deaths_found": (by_side, tally.deaths_found[days], PERSONS, "deaths that become known"),
        "handling_injuries": (
            ("day", "handler"),
            tally.handling[days],
            PERSONS,
            "people injured when handed over, returned or moved; one chance for all sides",
        ),
        "refused_back": (
            by_day,
            tally.refused_back[days],
            PERSONS,
            "people at the line who wanted back and were not let",
        ),
        "aid_contacts": (by_day, tally.aid_contacts[days], PERSONS, "people inside met by aid groups"),
        "heard_at_corridor": (by_day, tally.heard_at_corridor[days], PERSONS, "people let over to have a claim heard"),
        "asylum_asked": (
            by_country,
            tally.asylum_asked[days],
            PERSONS,
            "people inside who came out to ask for protection",
        ),
        "arrivals": (("day", "route"), tally.arrivals[days], PERSONS, "people arriving in Belarus"),
        "found_inland": (by_country, tally.found_inland[days], PERSONS, "people found inside after crossing"),
        "returned": (by_country, tally.returned[days], PERSONS, "people returned without procedure"),
        "custody_intake": (by_country, tally.custody[days], PERSONS, "people taken to guarded centres"),
        "germany_arrivals": (by_day, tally.germany[days], PERSONS, "people who reached Germany"),
        "germany_registered": (by_day, tally.germany_registered[days], PERSONS, "of these, registered there"),
        "flow": (
            ("from_state", "to_state"),
            tally.flow[days].sum(axis=0),
            "moves",
            "moves between states, recorded days",
        ),
        "fates": (("kind", "origin", "state"), fates, PERSONS, "people at the end by party kind and origin"),
    }
