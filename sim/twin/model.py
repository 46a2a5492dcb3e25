"""The twin model: the rules of the mass one person and one unit at a time, as ordinary Mesa agents.

It is slow on purpose. Written from the text of the rules (section 6 of ``docs/odd.md``) and not from the fast model,
it is the proof of the fast one: on the same scenario and seed both must agree in every hour, bit for bit. What both
share, the world, the few who deliberate and chance itself, it cannot check.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.agents.drills import make_drills
from sim.agents.engineers import make_engineers, standing_m
from sim.agents.governments import first_free_hour, make_governments
from sim.agents.host import Diary
from sim.agents.incidents import report
from sim.agents.levers import Levers
from sim.agents.states import ABSORBING, N_STATES, STATE_NAMES, Outcome, State
from sim.agents.tally import Tally
from sim.agents.tension import Tension
from sim.errors import LedgerError
from sim.scenario.posteriors import as_drawn
from sim.twin.arrivals import Arrivals
from sim.twin.attempts import Attempts
from sim.twin.clocks import Clock
from sim.twin.guards import Guards
from sim.twin.handling import Handling
from sim.twin.hazards import Hazards
from sim.twin.illness import Illness
from sim.twin.journey import Journey
from sim.twin.network import Network
from sim.twin.orders import Orders
from sim.twin.parties import parts_of
from sim.twin.person import OUTDOORS, Person
from sim.twin.services import Services
from sim.world.world import build_world

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = ["Entry", "TwinModel"]

_CAMP: Final = "Kuźnica"


@dataclass(frozen=True)
class Entry:
    """One line of the chronicle."""

    hour: int
    kind: str
    actor: str
    place: str
    text: str
    size: float
    claimant: str


class TwinModel(mesa.Model):
    """The stand-off of one scenario under one seed, person by person.

    Parameters
    ----------
    scenario : resolved scenario
    seed : 64-bit seed

    Attributes
    ----------
    hour : the next hour to be stepped, from 0
    people : everybody who ever was, in order of birth
    travellers : the members of each party of the lists, by its number
    books : persons by state as births and stays make them
    act, harm : the two clocks
    """

    def __init__(self, scenario: Scenario, seed: int) -> None:
        super().__init__(rng=seed)
        self.seed = seed
        self.scenario = scenario = as_drawn(scenario, seed)
        self.scale = scenario.agent_scale
        self.hour = 0
        self.world = build_world(scenario, seed)
        calendar, border = self.world.calendar, self.world.border
        self.n_posts = len(border.posts)
        self.nowhere = self.n_posts
        self.camp_post = border.post_number(_CAMP)
        self.levers = Levers.fresh(len(scenario.route), self.n_posts)
        self.tally = Tally(calendar.n_days, len(border.segments), self.n_posts, len(scenario.route))
        self.chronicle: list[Entry] = []
        self.crossings_by_segment: NDArray[np.float64] = np.zeros(len(border.segments))
        self.pinned_unit_hours: NDArray[np.float64] = np.zeros((calendar.n_days, self.n_posts))
        self.diary = Diary()
        self.tension = Tension(
            scenario.tension,
            seed=seed,
            epoch_hour=calendar.epoch_hour,
            incidents_from=first_free_hour(scenario, calendar),
            readiness=scenario.readiness,
        )
        self.people: list[Person] = []
        self.travellers: dict[int, list[Person]] = {}
        self.books = [0] * N_STATES
        self.fixed_hours = self._fixed_hours()
        self.act = Clock("act", self.nowhere + 1)
        self.harm = Clock("harm", self.nowhere + 1)
        self.hazards = Hazards(self)
        self.arrivals = Arrivals(self)
        self.network = Network(self)
        self.guards = Guards(self)
        self.services = Services(self)
        self.orders = Orders(self)
        self.illness = Illness(self)
        self.handling = Handling(self)
        self.attempts = Attempts(self)
        self.journey = Journey(self)

        self.governments = make_governments(self)
        self.drills = make_drills(self)
        self.engineers = make_engineers(self)
        self.survey_near: NDArray[np.bool_] = self.engineers.surveys(0)
        self.arrivals.place_initial()

    def _fixed_hours(self) -> dict[State, np.float64]:
        """Return the length of stays that do not hang on chance, h."""
        migrants = self.scenario.migrants
        hospital = np.floor(float(migrants.hospital_days)) * 24.0
        return {
            State.RIDE: np.floor(float(migrants.ride_hours)),
            State.ROAD_WEST: np.floor(float(migrants.transit_hours)),
            State.RETURNING: np.floor(float(migrants.return_hours)),
            State.HOSPITAL_BELARUS: hospital,
            State.HOSPITAL_EU: hospital,
        }

    # --- when and where -----------------------------------------------------------------------------------------------

    @property
    def day(self) -> int:
        """Day of the run of the present hour."""
        return int(self.world.calendar.day_of_hour[self.hour])

    @property
    def date(self) -> date:
        """Warsaw date of the present hour."""
        return self.world.calendar.date_of_day(self.day)

    @property
    def clock(self) -> int:
        """Warsaw clock of the present hour, 0 to 23."""
        return int(self.world.calendar.hour_of_day[self.hour])

    @property
    def absolute_hour(self) -> int:
        """Hours since 2021-01-01 00:00 UTC."""
        return self.world.calendar.epoch_hour + self.hour

    @property
    def absolute_day(self) -> int:
        """Warsaw days since 2021-01-01."""
        return self.world.calendar.epoch_day + self.day

    @property
    def is_first_hour_of_day(self) -> bool:
        """Whether Warsaw's midnight has just passed."""
        return self.hour == int(self.world.calendar.first_hour_of_day[self.day])

    @property
    def is_last_hour_of_day(self) -> bool:
        """Whether Warsaw's next midnight ends this hour."""
        return self.hour + 1 == int(self.world.calendar.first_hour_of_day[self.day + 1])

    def country_of(self, place: int) -> int:
        """Return the country of a place; people who are nowhere at the line have Poland's weather."""
        return 0 if place == self.nowhere else int(self.world.border.posts.country[place])

    def n_at_posts(self, *states: State) -> list[int]:
        """Return how many persons of some states are at each post, now."""
        counts = [0] * self.n_posts
        for person in self.people:
            if person.state in states:
                counts[person.place] += 1
        return counts

    # --- the order of an hour -----------------------------------------------------------------------------------------

    def step(self) -> None:
        """Let one hour pass."""
        self.levers.begin_hour()
        self.diary.wake_due(self.hour)
        if self.is_first_hour_of_day:
            self._start_day()
        self.levers.response_factor[:] = self.tension.response_factor(self.world.border.posts.country)
        self.guards.start_hour()
        self.services.cut_wire()
        self._move_people()
        self.pinned_unit_hours[self.day] += [
            len(self.guards.free[post]) * self.levers.pinned_share[post] for post in range(self.n_posts)
        ]
        armed = np.array(self.guards.armed_share)
        report(self, self.tension.step(self.hour, armed_in_reach=armed, survey_near=self.survey_near))
        if self.is_last_hour_of_day:
            self._end_day()
        self.hour += 1
        self.running = self.hour < self.world.calendar.n_hours

    def run(self, until_hour: int | None = None) -> None:
        """Step to the end, or to the start of `until_hour`."""
        end = self.world.calendar.n_hours if until_hour is None else until_hour
        while self.hour < end:
            self.step()

    def release(self) -> None:
        """Let Mesa forget the model, which it otherwise keeps for ever; the model cannot be stepped afterwards."""
        self.remove_all_agents()  # type: ignore[no-untyped-call]
        ids = getattr(mesa.Agent, "_ids", None)
        if isinstance(ids, dict):
            ids.pop(self, None)

    def _start_day(self) -> None:
        """Midnight: barriers that begin today, rumours, rosters, the services' plans, policies, passengers."""
        self._put_up_given_barriers()
        self.network.start_day()
        self.guards.start_day()
        self.survey_near = self.engineers.surveys(self.day)
        self.services.start_day()
        self.journey.start_day()
        self.hazards.start_day()
        self.arrivals.start_day()

    def _put_up_given_barriers(self) -> None:
        """Put up what the scenario says stands from today on, without crews."""
        rows = [row for row in self.scenario.existing if row.since == self.date]
        if rows and self.day > 0:
            before = standing_m(self.world.barriers)
            self.world.barriers.place_existing(rows, as_far_as_there_is_room=True)
            self.engineers.allow_for_given(standing_m(self.world.barriers) - before)

    def _move_people(self) -> None:
        """Let the hour pass for the people: clocks, orders, groups, illness, acts, landings, laws."""
        self.hazards.set_hour()
        self.act.advance()
        self.harm.advance()
        self.orders.carry_out()
        groups = self.orders.draw_groups(self.services.orders_of_the_hour())

        free = [person for person in self.people if person.id not in self.orders.moved]
        acting = [person for person in free if person.is_due_to_act]
        acts = {person.id for person in acting}
        ill = [
            person
            for person in free
            if person.is_due_to_fall_ill and (person.id not in acts or person.harm_fraction < person.act_fraction)
        ]
        aftermath = self.illness.strike(ill)
        able = [
            person
            for person in acting
            if person.id not in aftermath.moved and person.party not in aftermath.weakened_parties
        ]
        self.journey.act(able, groups)
        self.arrivals.land()
        self._check_books()
        if self.hour == self.world.calendar.hour_at(self.date, "02:00"):
            for person in self.people:
                if person.state in OUTDOORS:
                    self.tally.nights_outdoors[self.day, person.state] += 1

    def _end_day(self) -> None:
        """Close the books of the day and check the laws."""
        for person in self.people:
            self.tally.people[self.day, person.state] += 1
        self.tally.people_at_post[self.day] = self.n_at_posts(State.LINE, State.CAMP)
        self._check_parties()
        self.engineers.check(self.hour)
        for segment in range(len(self.crossings_by_segment)):
            over = [int(self.tally.attempts[self.day, segment, outcome]) for outcome in Outcome]
            self.crossings_by_segment[segment] = sum(over[Outcome.CAUGHT :])

    # --- laws ---------------------------------------------------------------------------------------------------------

    def _check_books(self) -> None:
        """Hold every state to its births and arrivals less departures."""
        counts = [0] * N_STATES
        for person in self.people:
            counts[person.state] += 1
        for state, name in enumerate(STATE_NAMES):
            if counts[state] != self.books[state]:
                raise LedgerError(
                    f"hour {self.hour}: '{name}' holds {counts[state]}, its books say {self.books[state]}"
                )

    def _check_parties(self) -> None:
        """Hold the members of each part to one cell and one act mark."""
        for members in parts_of(person for person in self.people if person.state not in ABSORBING):
            if len({(member.cell, member.act_mark) for member in members}) > 1:
                raise LedgerError(f"hour {self.hour}: party {members[0].party} is not whole")

    # --- what those who deliberate may ask ----------------------------------------------------------------------------

    def log(self, kind: str, actor: str, place: str, text: str, size: float = 0.0, claimant: str = "") -> None:
        """Enter something that happened in this hour into the chronicle."""
        self.chronicle.append(Entry(self.hour, kind, actor, place, text, size, claimant))

    def seen_attempts_by_post(self) -> NDArray[np.int64]:
        """Return the recorded attempts of the last full day by post, int64[n_posts]."""
        if self.day == 0:
            return np.zeros(self.n_posts, dtype=np.int64)
        yesterday: NDArray[np.int64] = self.tally.counted[self.day - 1].astype(np.int64)
        return yesterday

    def survey_teams(self) -> list[tuple[str, int]]:
        """Return contingent and number of the guard post of each survey team at work in this hour."""
        return self.engineers.survey_teams(int(self.world.calendar.day_of_hour[self.hour]))

    def people_at_the_line(self) -> NDArray[np.int64]:
        """Return the people on the Belarusian side at the line by post, int64[n_posts], now."""
        return np.array(self.n_at_posts(State.LINE, State.CAMP), dtype=np.int64)
