"""What happened to people, measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.agents.states import KINDS, N_STATES, ORIGINS, State
from sim.record.variables import PERSONS, Counts, Variable, Variables
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
        "people": Variable(
            ("day", "state"), tally.people[days], PERSONS, "people by state at the end of the day", Counts.AGENTS
        ),
        "people_at_post": Variable(
            ("day", "post"),
            tally.people_at_post[days],
            PERSONS,
            "people on the Belarusian side at the line, end of the day",
            Counts.AGENTS,
        ),
        "person_nights_outdoors": Variable(
            ("day", "state"),
            tally.nights_outdoors[days],
            "person-nights",
            "people outdoors in the depth of the night",
            Counts.AGENTS,
        ),
        "harm_events": Variable(
            by_side, tally.harm[days], "episodes", "episodes of illness that need care", Counts.AGENTS
        ),
        "hospital_admissions": Variable(
            by_side, tally.hospital[days], PERSONS, "people taken to hospital", Counts.AGENTS
        ),
        "deaths": Variable(
            by_side,
            tally.deaths[days],
            PERSONS,
            "deaths of this one history, found or not; never a target, over many runs an interval",
            Counts.AGENTS,
        ),
        "deaths_found": Variable(by_side, tally.deaths_found[days], PERSONS, "deaths that become known", Counts.AGENTS),
        "handling_injuries": Variable(
            ("day", "handler"),
            tally.handling[days],
            PERSONS,
            "people injured when handed over, returned or moved; one chance for all sides",
            Counts.AGENTS,
        ),
        "handling_robberies": Variable(
            ("day", "handler"),
            tally.robbed[days],
            PERSONS,
            "people whose money was taken when handed over, returned or moved; one chance for all sides",
            Counts.AGENTS,
        ),
        "handling_separations": Variable(
            ("day", "handler"),
            tally.separated[days],
            PERSONS,
            "adults parted from their party when handed over, returned or moved; one chance for all sides",
            Counts.AGENTS,
        ),
        "hypothermia": Variable(
            ("day", "side", "hypothermia_class"),
            tally.hypothermia[days],
            "episodes",
            "episodes outdoors with hypothermia by class, fatal ones included",
            Counts.AGENTS,
        ),
        "cannot_pay": Variable(
            ("day", "payment"),
            tally.cannot_pay[days],
            "events",
            "times that a person lacked the price of a ride, a courier or a flight home",
            Counts.AGENTS,
        ),
        "refused_back": Variable(
            by_day,
            tally.refused_back[days],
            PERSONS,
            "people at the line who wanted back and were not let",
            Counts.AGENTS,
        ),
        "aid_contacts": Variable(
            by_day, tally.aid_contacts[days], PERSONS, "people inside met by aid groups", Counts.AGENTS
        ),
        "heard_at_corridor": Variable(
            by_day, tally.heard_at_corridor[days], PERSONS, "people let over to have a claim heard", Counts.AGENTS
        ),
        "asylum_asked": Variable(
            by_country,
            tally.asylum_asked[days],
            PERSONS,
            "people inside who came out to ask for protection",
            Counts.AGENTS,
        ),
        "arrivals": Variable(
            ("day", "route"), tally.arrivals[days], PERSONS, "people arriving in Belarus", Counts.AGENTS
        ),
        "picked_up_at_post": Variable(
            ("day", "post"),
            tally.picked_up[days],
            PERSONS,
            "people inside fetched by a driver, by the post where they had crossed",
            Counts.AGENTS,
        ),
        "admitted_at_post": Variable(
            ("day", "post"),
            tally.admitted[days],
            PERSONS,
            "people caught and not turned back, by the post where they had crossed",
            Counts.AGENTS,
        ),
        "found_inland": Variable(
            by_country, tally.found_inland[days], PERSONS, "people found inside after crossing", Counts.AGENTS
        ),
        "returned": Variable(
            by_country, tally.returned[days], PERSONS, "people returned without procedure", Counts.AGENTS
        ),
        "custody_intake": Variable(
            by_country, tally.custody[days], PERSONS, "people taken to guarded centres", Counts.AGENTS
        ),
        "without_place": Variable(
            by_country,
            tally.no_place[days],
            PERSONS,
            "people who would have been held, but custody was full",
            Counts.AGENTS,
        ),
        "orders_to_leave": Variable(
            by_day,
            tally.orders_to_leave[days],
            PERSONS,
            "people returned by Poland who were given an order to leave, as its border guard counts them",
            Counts.AGENTS,
        ),
        "camp_count_belarusian": Variable(
            by_day,
            _counted(tally.people[days, State.CAMP], observation.camp_count_belarusian_factor),
            PERSONS,
            "people in the camp as Belarusian authorities would count them",
            Counts.AGENTS,
        ),
        "camp_count_polish": Variable(
            by_day,
            _counted(tally.people_at_post[days, camp], observation.camp_count_polish_factor),
            PERSONS,
            "people in the camp and around it as the Polish Border Guard would count them",
            Counts.AGENTS,
        ),
        "germany_arrivals": Variable(by_day, tally.germany[days], PERSONS, "people who reached Germany", Counts.AGENTS),
        "germany_registered": Variable(
            by_day, tally.germany_registered[days], PERSONS, "of these, registered there", Counts.AGENTS
        ),
        "flow": Variable(
            ("from_state", "to_state"),
            tally.flow[days].sum(axis=0),
            "moves",
            "moves between states, recorded days",
            Counts.AGENTS,
        ),
        "fates": Variable(
            ("kind", "origin", "state"), fates, PERSONS, "people at the end by party kind and origin", Counts.AGENTS
        ),
    }


def _counted(people: NDArray[np.int32], factor: Quantity) -> NDArray[np.int32]:
    """Return people as one side counts them, to the nearest whole person, int32[n_days]."""
    counted: NDArray[np.int32] = np.floor(people * float(factor) + 0.5).astype(np.int32)
    return counted
