"""The model: a real ``mesa.Model`` whose few deciders are Mesa agents and whose many are arrays.

:meth:`StandoffModel.step` is the order of an hour, readable in one screen. Results never draw from Mesa's own random
streams: chance is a function of who, what and when (``sim.core.chance``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.agents.drills import make_drills
from sim.agents.engineers import make_engineers, standing_m
from sim.agents.governments import first_free_hour, make_governments
from sim.agents.guards import Guards
from sim.agents.host import Diary
from sim.agents.incidents import report
from sim.agents.levers import Levers
from sim.agents.migrants.hour import Migrants
from sim.agents.migrants.people import People
from sim.agents.minsk_services import MinskServices
from sim.agents.network import Network
from sim.agents.rosters import SERVICES
from sim.agents.scene import Scene
from sim.agents.states import Outcome, State
from sim.agents.tally import Tally
from sim.agents.tension import PAIRS, Tension
from sim.agents.wire_cuts import report_cuts
from sim.core.chance import compile_draws
from sim.scenario.posteriors import as_drawn
from sim.world.barriers import LAYERS
from sim.world.border import COUNTRIES
from sim.world.world import build_world

if TYPE_CHECKING:
    from sim.core.population import Population
    from sim.scenario.schema import Scenario

__all__ = ["Happening", "StandoffModel"]

_LONG_RUN_H, _MANY_PEOPLE = 1000, 100_000
"""Hours and people from which on compiled draws gain more than they take to load."""


@dataclass(frozen=True)
class Happening:
    """One entry of the chronicle: what happened in an hour, by whom, and who says so where it is a claim."""

    hour: int
    kind: str
    actor: str
    place: str
    text: str
    size: float
    claimant: str


def _hour(model: StandoffModel) -> int:
    """Return the hours lived so far."""
    return model.hour + 1


def _at_the_line(model: StandoffModel) -> int:
    """Return the people in the woods and the camp."""
    counts = model.scene.people.ledger.counts
    return int(counts[State.LINE] + counts[State.CAMP]) * model.scenario.people_per_agent


def _dead(model: StandoffModel) -> int:
    """Return the deaths so far."""
    return int(model.scene.people.ledger.counts[State.DEAD]) * model.scenario.people_per_agent


def _recorded_today(model: StandoffModel) -> int:
    """Return the attempts that border guards counted since midnight."""
    return int(model.tally.counted[model.scene.day].sum()) * model.scenario.people_per_agent


class StandoffModel(mesa.Model):
    """The stand-off of one scenario under one seed, stepped hour by hour.

    Parameters
    ----------
    scenario : resolved scenario
    seed : 64-bit seed; the scenario's own when not given

    Attributes
    ----------
    hour : the next hour to be stepped, from 0
    people : the persons, a :class:`~sim.core.population.Population` with the verbs of an ``AgentSet``; each stands for
        ``scenario.people_per_agent`` people, which tallies and ledger leave to the record
    datacollector : four outcomes an hour in people, for Mesa's own tools; the record holds the rest
    """

    def __init__(self, scenario: Scenario, seed: int | None = None) -> None:
        self.seed = scenario.seed if seed is None else seed
        scenario = as_drawn(scenario, self.seed)
        super().__init__(rng=self.seed)
        self.scenario = scenario
        self.hour = 0
        self.world = build_world(scenario, self.seed)
        calendar, n_posts = self.world.calendar, self.world.n_posts
        self.levers = Levers.fresh(len(scenario.route), n_posts)
        self.tally = Tally(calendar.n_days, len(self.world.border.segments), n_posts, len(scenario.route))
        self.chronicle: list[Happening] = []
        self.crossings_by_segment = np.zeros(len(self.world.border.segments))
        self.diary = Diary()
        self.tension = Tension(
            scenario.tension,
            seed=self.seed,
            epoch_hour=calendar.epoch_hour,
            incidents_from=first_free_hour(scenario, calendar),
            readiness=scenario.readiness,
        )
        self.scene = Scene(scenario, self.world, self.seed, self.levers, self.tally)
        self.scene.people = People(scenario, self.seed, n_posts, self.tally)
        self.scene.network = Network(self.scene)
        self.scene.guards = Guards(self.scene)
        self.scene.services = MinskServices(self.scene)
        self.migrants = Migrants(self.scene)

        self.governments = make_governments(self)
        self.drills = make_drills(self)
        self.engineers = make_engineers(self)

        self._armed_share = np.ones(len(COUNTRIES))
        self._survey_near = np.zeros(len(COUNTRIES), dtype=bool)
        n_days, n_hours = calendar.n_days, calendar.n_hours
        self.readiness = np.zeros((n_hours, len(PAIRS), 2))
        self.rung = np.zeros((n_hours, len(PAIRS)), dtype=np.int8)
        self.incidents = np.zeros((n_days, len(PAIRS)), dtype=np.int64)
        self.guard_persons = np.zeros((n_days, len(COUNTRIES), len(SERVICES)))
        self.pinned_unit_hours = np.zeros((n_days, n_posts))
        self.drill_unit_hours = np.zeros((n_days, self.drills.n_drills))
        self.barrier_km = np.zeros((n_days, len(COUNTRIES), len(LAYERS)))
        self.barrier_delay_hours = np.zeros((n_days, len(self.world.border.segments)), dtype=np.float32)
        self.migrants.arrivals.place_initial(self.scene)
        if n_hours >= _LONG_RUN_H or len(self.people) >= _MANY_PEOPLE:
            compile_draws()
        self.datacollector = mesa.DataCollector(  # type: ignore[no-untyped-call]
            model_reporters={
                "hour": _hour, "at_the_line": _at_the_line, "dead": _dead, "recorded_today": _recorded_today,
            }
        )  # fmt: skip

    # --- the order of an hour -----------------------------------------------------------------------------------------

    def step(self) -> None:
        """Let one hour pass.

        Raises
        ------
        IndexError
            If the scenario's last hour has been lived.
        """
        calendar, scene = self.world.calendar, self.scene
        if self.hour >= calendar.n_hours:
            raise IndexError(f"the run ends after hour {calendar.n_hours - 1}, on {self.scenario.until}")
        hour = self.hour
        day = int(calendar.day_of_hour[hour])
        clock = int(calendar.hour_of_day[hour])
        scene.hour, scene.day = hour, day

        self.levers.begin_hour()
        self.diary.wake_due(hour)  # engineers, drills and governments who have something to decide
        if hour == calendar.first_hour_of_day[day]:
            self._start_day()
        self.levers.response_factor[:] = self.tension.response_factor(self.world.border.posts.country)
        scene.guards.start_hour(scene, clock)
        report_cuts(self, scene.services.cuts.carry_out(scene))
        for post, pressed, asked in self.migrants.hour(clock):
            name, each = self.world.border.posts.name[post], self.scenario.people_per_agent
            text = f"group crossing started: {asked * each} asked for, {pressed * each} took part"
            self.log("group_crossing", "Minsk's services", name, text, float(pressed * each), "the model")
        self._count_pinned()
        for incident in self._step_tension():
            self.incidents[day, incident] += 1
        if hour + 1 == calendar.first_hour_of_day[day + 1]:
            self._end_day()
        self.datacollector.collect(self)  # type: ignore[no-untyped-call]
        self.hour += 1
        self.running = self.hour < calendar.n_hours

    def run(self, until_hour: int | None = None) -> None:
        """Step to the end, or to the start of `until_hour`."""
        end = self.world.calendar.n_hours if until_hour is None else until_hour
        while self.hour < end:
            self.step()

    def release(self) -> None:
        """Let Mesa forget the model, which it otherwise keeps for ever once the model has held an agent.

        For processes that run many models; the model cannot be stepped afterwards.
        """
        self.remove_all_agents()  # type: ignore[no-untyped-call]
        ids = getattr(mesa.Agent, "_ids", None)
        if isinstance(ids, dict):
            ids.pop(self, None)

    def _start_day(self) -> None:
        """Midnight: rosters, rumours, the services' plans, passengers."""
        scene = self.scene
        self._put_up_given_barriers()
        scene.network.start_day(scene)
        scene.guards.start_day(scene)
        self._armed_share = scene.guards.armed_share(scene)
        self._survey_near = self.engineers.surveys(scene.day)
        scene.services.start_day(scene)
        self.migrants.start_day()

    def _put_up_given_barriers(self) -> None:
        """Put up what the scenario says stands from today on."""
        today = self.world.calendar.date_of_day(self.scene.day)
        rows = [row for row in self.scenario.existing if row.since == today and self.scene.day > 0]
        if rows:
            before = standing_m(self.world.barriers)
            self.world.barriers.place_existing(rows, as_far_as_there_is_room=True)
            self.engineers.allow_for_given(standing_m(self.world.barriers) - before)

    def _end_day(self) -> None:
        """The last minute of the day: books are closed and checked."""
        scene, day = self.scene, self.scene.day
        self.migrants.end_day()
        self.engineers.check(self.hour)
        over = self.tally.attempts[day][:, Outcome.CAUGHT :]
        self.crossings_by_segment[:] = over.sum(axis=1)
        self.guard_persons[day] = scene.guards.persons(scene)
        self.barrier_km[day] = self.world.barriers.km_by_country_layer()
        self.barrier_delay_hours[day] = self.world.barriers.delay_as_raised_hours()

    def _count_pinned(self) -> None:
        """Enter unit-hours drawn by drills: together, and what each alone would draw."""
        pinned = self.levers.pinned_share
        if np.count_nonzero(pinned):
            free = self.scene.guards.free_units
            self.pinned_unit_hours[self.scene.day] += free * pinned
            self.drill_unit_hours[self.scene.day] += (self.drills.active_shares() * free).sum(axis=1)

    def _step_tension(self) -> list[int]:
        """Let tension answer; return the pairs of this hour's incidents."""
        incidents = self.tension.step(self.hour, armed_in_reach=self._armed_share, survey_near=self._survey_near)
        report(self, incidents)
        self.readiness[self.hour] = self.tension.readiness
        self.rung[self.hour] = self.tension.rung
        return [incident.line for incident in incidents]

    # --- what deliberating agents and users may ask ------------------------------------------------------------------

    @property
    def people(self) -> Population:
        """The persons of the run."""
        return self.scene.people.population

    @property
    def n_person_hours(self) -> int:
        """Hours lived by people who have not reached a fate."""
        return self.migrants.person_hours

    def log(self, kind: str, actor: str, place: str, text: str, size: float = 0.0, claimant: str = "") -> None:
        """Enter something that happened in this hour into the chronicle."""
        self.chronicle.append(Happening(self.hour, kind, actor, place, text, size, claimant))

    def seen_attempts_by_post(self) -> NDArray[np.int64]:
        """Return the recorded attempts of the last full day by post, int64[n_posts]."""
        day = int(self.world.calendar.day_of_hour[self.hour])
        yesterday: NDArray[np.int64] = self.tally.counted[max(day - 1, 0)].astype(np.int64) * (day > 0)
        return yesterday

    def survey_teams(self) -> list[tuple[str, int]]:
        """Return contingent and number of the guard post of each survey team at work in this hour."""
        return self.engineers.survey_teams(int(self.world.calendar.day_of_hour[self.hour]))

    def people_at_the_line(self) -> NDArray[np.int64]:
        """Return the people on the Belarusian side at the line by post, int64[n_posts], now."""
        return self.scene.services.at_the_line(self.scene).astype(np.int64)
