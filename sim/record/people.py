"""What happened to people, measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.agents.states import KINDS, N_STATES, ORIGINS, State
from sim.record.variables import PERSONS, Variables
from sim.scenario.quantity import Quantity

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
    camp, observation = model.scene.services.camp_post, model.scenario.observation
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
        "handling_robberies": (
            ("day", "handler"),
            tally.robbed[days],
            PERSONS,
            "people whose money was taken when handed over, returned or moved; one chance for all sides",
        ),
        "handling_separations": (
            ("day", "handler"),
            tally.separated[days],
            PERSONS,
            "adults parted from their party when handed over, returned or moved; one chance for all sides",
        ),
        "hypothermia": (
            ("day", "side", "hypothermia_class"),
            tally.hypothermia[days],
            "episodes",
            "episodes outdoors with hypothermia by class, fatal ones included",
        ),
        "cannot_pay": (
            ("day", "payment"),
            tally.cannot_pay[days],
            "events",
            "times that a person lacked the price of a ride, a courier or a flight home",
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
        "without_place": (
            by_country,
            tally.no_place[days],
            PERSONS,
            "people who would have been held, but custody was full",
        ),
        "orders_to_leave": (
            by_day,
            tally.orders_to_leave[days],
            PERSONS,
            "people returned by Poland who were given an order to leave, as its border guard counts them",
        ),
        "camp_count_belarusian": (
            by_day,
            _counted(tally.people[days, State.CAMP], observation.camp_count_belarusian_factor),
            PERSONS,
            "people in the camp as Belarusian authorities would count them",
        ),
        "camp_count_polish": (
            by_day,
            _counted(tally.people_at_post[days, camp], observation.camp_count_polish_factor),
            PERSONS,
            "people in the camp and around it as the Polish Border Guard would count them",
        ),
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


def _counted(people: NDArray[np.int32], factor: Quantity) -> NDArray[np.int32]:
    """Return people as one side counts them, to the nearest whole person, int32[n_days]."""
    counted: NDArray[np.int32] = np.floor(people * float(factor) + 0.5).astype(np.int32)
    return counted
