"""The resolved form of a scenario: frozen, explicit, every number with its source.

`Scenario` is what `load` returns and what the model is built from. Tables of single numbers are sections with
sourced defaults; what differs between scenarios is mostly in the dated rows.
"""

from __future__ import annotations

from datetime import date
from typing import Final, Self

from pydantic import Field, model_validator

from sim.scenario.calibration import Prior
from sim.scenario.drills import Drill, Drills
from sim.scenario.engineering import Contingent, Engineers, Mandate
from sim.scenario.forces import Barriers, CustodyPolicy, ExistingBarrier, Force, Guards
from sim.scenario.passage import Couriers, CustodyPlaces, Money, OrdersToLeave
from sim.scenario.people import Aid, Arrivals, Exposure, InitialPeople, Migrants, Route
from sim.scenario.politics import (
    Action,
    Corridor,
    Coverage,
    Governments,
    Habit,
    Network,
    Observation,
    Readiness,
    Tension,
)
from sim.scenario.quantity import Quantity, Row, Section, number
from sim.scenario.services import GroupPlace, GroupRegime, Services, Steering

__all__ = ["MOST_PEOPLE_PER_AGENT", "MonthlyNormal", "Scenario", "Spell", "Weather"]

MOST_PEOPLE_PER_AGENT: Final = 1000
"""People that one agent may stand for: of the published scenarios a few dozen agents are left then."""


class MonthlyNormal(Row):
    """Normal weather of one month."""

    month: int = Field(ge=1, le=12)
    max_c: float = Field(ge=-40, le=45, description="°C, mean daily maximum")
    min_c: float = Field(ge=-40, le=45, description="°C, mean daily minimum")
    wind_kmh: float = Field(ge=0, le=150, description="km/h")
    wet_share: float = Field(ge=0, le=1, description="share of the time that is wet")


class Spell(Row):
    """Prescribed weather of some days."""

    first: date
    last: date
    max_c: float = Field(ge=-40, le=45, description="°C by day")
    min_c: float = Field(ge=-40, le=45, description="°C by night")
    wind_kmh: float | None = Field(default=None, ge=0, le=150, description="km/h")
    gust_kmh: float | None = Field(default=None, ge=0, le=250, description="km/h")
    wet: float | None = Field(default=None, ge=0, le=1, description="share of the time that is wet")


class Weather(Section):
    """Monthly normals, day-to-day noise and prescribed spells."""

    temperature_sd_c: Quantity = number(
        3.0,
        "°C",
        "Day-to-day standard deviation of temperature",
        source="assumed",
        low=2.0,
        high=5.0,
        because="usual for the region in autumn",
        ge=0,
        le=15,
    )
    persistence: Quantity = number(
        0.7,
        "1",
        "Day-to-day correlation of weather",
        source="assumed",
        low=0.4,
        high=0.9,
        because="spells of a few days",
        ge=0,
        le=0.9,
    )
    offset_c: Quantity = number(
        0.0,
        "°C",
        "Added to every temperature: for what-if scenarios",
        source="assumed",
        low=-10.0,
        high=10.0,
        because="0 leaves the weather as it is",
        ge=-40,
        le=40,
    )


class Scenario(Section):
    """One question put to the model, resolved."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{2,59}$")
    summary: str = Field(min_length=3, max_length=100, description="one line")
    question: str = Field(min_length=10, max_length=400)
    description: str = Field(min_length=10, max_length=3000)
    expectation: str = Field(default="", max_length=1000, description="what was expected before it was run")
    start: date = Field(description="first recorded day")
    until: date = Field(description="last day, included")
    spin_up_from: date | None = Field(default=None, description="simulated, but not recorded, from this day on")
    replay_until: date = Field(default=date(2021, 12, 31), description="last day of dated actions; then own rules")
    seed: int = Field(default=20211112, ge=0, le=2**63 - 1)
    calibrated: str = Field(default="", max_length=200, description="stored posterior that each run takes a draw of")
    people_per_agent: int = Field(default=1, ge=1, le=MOST_PEOPLE_PER_AGENT, description="people each agent stands for")

    migrants: Migrants = Migrants()
    arrivals: Arrivals = Arrivals()
    money: Money = Money()
    exposure: Exposure = Exposure()
    aid: Aid = Aid()
    network: Network = Network()
    guards: Guards = Guards()
    services: Services = Services()
    barriers: Barriers = Barriers()
    engineers: Engineers = Engineers()
    drills: Drills = Drills()
    governments: Governments = Governments()
    tension: Tension = Tension()
    observation: Observation = Observation()
    weather: Weather = Weather()

    route: tuple[Route, ...] = Field(default=(), strict=False)
    initial: tuple[InitialPeople, ...] = Field(default=(), strict=False)
    force: tuple[Force, ...] = Field(default=(), strict=False)
    custody: tuple[CustodyPolicy, ...] = Field(default=(), strict=False)
    custody_places: tuple[CustodyPlaces, ...] = Field(default=(), strict=False)
    orders_to_leave: tuple[OrdersToLeave, ...] = Field(default=(), strict=False)
    couriers: tuple[Couriers, ...] = Field(default=(), strict=False)
    steering: tuple[Steering, ...] = Field(default=(), strict=False)
    groups: tuple[GroupRegime, ...] = Field(default=(), strict=False)
    group_places: tuple[GroupPlace, ...] = Field(default=(), strict=False)
    existing: tuple[ExistingBarrier, ...] = Field(default=(), strict=False)
    contingent: tuple[Contingent, ...] = Field(default=(), strict=False)
    mandate: tuple[Mandate, ...] = Field(default=(), strict=False)
    drill: tuple[Drill, ...] = Field(default=(), strict=False)
    action: tuple[Action, ...] = Field(default=(), strict=False)
    coverage: tuple[Coverage, ...] = Field(default=(), strict=False)
    habit: tuple[Habit, ...] = Field(default=(), strict=False)
    readiness: tuple[Readiness, ...] = Field(default=(), strict=False)
    corridor: tuple[Corridor, ...] = Field(default=(), max_length=4, strict=False)
    normal: tuple[MonthlyNormal, ...] = Field(default=(), strict=False)
    spell: tuple[Spell, ...] = Field(default=(), strict=False)
    calibration: tuple[Prior, ...] = Field(default=(), strict=False)

    @property
    def first_day(self) -> date:
        """The first simulated day: of the spin-up where there is one."""
        return self.spin_up_from or self.start

    @property
    def agent_scale(self) -> float:
        """Agents simulated for each real person: what the rules scale people, guards and limits by."""
        return float(self.migrants.people_scale) / self.people_per_agent

    @model_validator(mode="after")
    def dates_in_order(self) -> Self:
        """Refuse an end before the start, or a spin-up after it."""
        if self.until < self.start:
            raise ValueError(f"until {self.until} lies before start {self.start}")
        if self.first_day > self.start:
            raise ValueError(f"spin_up_from {self.spin_up_from} lies after start {self.start}")
        if self.first_day < date(2021, 1, 1) or self.until > date(2022, 6, 30):
            raise ValueError("days must lie from 2021-01-01 to 2022-06-30")
        return self
