"""A small stand-in for the model, in which drills and governments can be tried on the real border and calendar."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import mesa
import numpy as np

from sim.agents.drills import DrillBoard, make_drills
from sim.agents.governments import first_free_hour
from sim.agents.host import Diary
from sim.agents.levers import Levers
from sim.agents.tension import Tension
from sim.scenario.drills import Drill, DrillPhase
from sim.scenario.people import Route, RouteWeek
from sim.scenario.politics import Action, Governments
from sim.scenario.quantity import Quantity
from sim.scenario.schema import Scenario
from sim.world.border import load_border
from sim.world.calendar import Calendar

BORDER = load_border()
GOZHA = (23.85, 53.79)


def scenario(**changes: Any) -> Scenario:
    """Return a scenario of 8 to 20 November with two routes, changed as asked."""
    week = RouteWeek(source="B002", since=date(2021, 1, 1), flights_per_week=10, seats_per_flight=150)
    routes = tuple(
        Route(name=name, iraqi_share=0.5, syrian_share=0.2, timetable=(week,))
        for name in ("Istanbul–Minsk", "Baghdad–Minsk")
    )
    given: dict[str, Any] = {
        "name": "trial-run", "summary": "a trial", "question": "does it do what it says?",
        "description": "made for a test", "start": date(2021, 11, 8), "until": date(2021, 11, 20), "route": routes,
    }  # fmt: skip
    return Scenario(**(given | changes))


def act(day: int, kind: str, actor: str = "Minsk", **more: Any) -> Action:
    """Return a dated action of November."""
    return Action(source="A113", day=date(2021, 11, day), kind=kind, actor=actor, **more)  # type: ignore[arg-type]


def phase(day: int = 12, name: str = "manoeuvre", **more: Any) -> DrillPhase:
    """Return a phase of a drill in November: four hours from ten o'clock, 60 km around, unless told otherwise."""
    given: dict[str, Any] = {"clock": "10:00", "hours": 4, "reach_km": 60.0, "pinned_share": 0.3}
    return DrillPhase(name=name, day=date(2021, 11, day), **(given | more))  # type: ignore[arg-type]


def drill(*phases: DrillPhase, name: str = "Gozha", side: str = "Moscow", **more: Any) -> Drill:
    """Return a drill by Grodno with 250 paratroopers."""
    given: dict[str, Any] = {
        "source": "A092", "actor": "airborne forces", "place": "Gozha", "longitude": GOZHA[0], "latitude": GOZHA[1],
        "forces": {"paratroopers": 250.0, "Il-76": 7.0}, "goldstein": -7.2,
    }  # fmt: skip
    return Drill(name=name, side=side, phases=phases, **(given | more))


def assumed(value: float) -> Quantity:
    """Return a quantity of this value and no range worth speaking of."""
    return Quantity(value=value, source="assumed", low=value, high=value, because="set by a test")


def willing(**more: Any) -> Governments:
    """Return governments that answer on every day with a reason, and reinforce from rung six on by 2,500."""
    given = {
        "answer_factor": assumed(1000.0), "reinforce_rung": assumed(6.0), "reinforce_step": assumed(2500.0),
    }  # fmt: skip
    return Governments(**(given | more))


class StandIn(mesa.Model):  # type: ignore[misc]
    """A host that keeps a log and a diary, with gusts, attempts and people as the test sets them."""

    def __init__(self, asked: Scenario, *, seed: int = 7, gust_kmh: float = 20.0) -> None:
        super().__init__(rng=1)
        self.scenario, self.seed, self.hour = asked, seed, 0
        calendar = Calendar(asked.first_day, asked.until)
        gusts = np.full((calendar.n_hours, 3), gust_kmh)
        weather = SimpleNamespace(gust_kmh=gusts)
        self.world = SimpleNamespace(calendar=calendar, border=BORDER, weather=weather)
        self.diary = Diary()
        n_posts = len(BORDER.posts)
        self.levers = Levers.fresh(len(asked.route), n_posts)
        self.tension = Tension(
            asked.tension,
            seed=seed,
            epoch_hour=calendar.epoch_hour,
            incidents_from=first_free_hour(asked, calendar),
            readiness=asked.readiness,
        )
        self.drills: DrillBoard = make_drills(self)
        self.surveying: list[tuple[str, int]] = []
        self.attempts = np.zeros(n_posts, dtype=np.int64)
        self.people = np.zeros(n_posts, dtype=np.int64)
        self.rows: list[tuple[int, str, str, str, str, float, str]] = []

    def log(self, kind: str, actor: str, place: str, text: str, size: float = 0.0, claimant: str = "") -> None:
        self.rows.append((self.hour, kind, actor, place, text, size, claimant))

    def seen_attempts_by_post(self) -> object:
        return self.attempts

    def people_at_the_line(self) -> object:
        return self.people

    def survey_teams(self) -> list[tuple[str, int]]:
        return self.surveying

    def at(self, day: int, clock: str = "00:00") -> int:
        """Return the hour of a day of November."""
        return int(self.world.calendar.hour_at(date(2021, 11, day), clock))

    def wake_until(self, hour: int) -> None:
        """Wake whoever is booked up to and including `hour`, one hour after another."""
        while self.hour <= hour:
            self.diary.wake_due(self.hour)
            self.hour += 1
        self.hour = hour

    def kinds(self) -> list[str]:
        """Return the kinds of the rows of the log."""
        return [row[1] for row in self.rows]
