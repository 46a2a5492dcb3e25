"""Scenario tables about military drills: order of battle, phases, what is claimed of them, and their dangers."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from sim.scenario.quantity import Quantity, Row, Section, number

__all__ = ["Drill", "DrillClaim", "DrillPhase", "Drills"]

PhaseName = Literal[
    "alert", "lift", "drop", "manoeuvre", "live_fire", "air_defence", "gunships", "patrol", "air_policing", "withdraw",
]  # fmt: skip


# fmt: off
# Declarations of numbers read as tables: value, unit, meaning, source, range, sentence, bounds.


class DrillPhase(Section):
    """One phase of a drill, from an hour for some hours."""

    name: PhaseName
    day: date
    clock: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Warsaw clock")
    hours: int = Field(ge=1, le=2000, description="h")
    reach_km: float = Field(ge=0, le=400, description="km within which watchers are drawn")
    pinned_share: float = Field(ge=0, le=0.9, description="share of watchers within reach who watch the drill instead")


class DrillClaim(Section):
    """What somebody says a drill is for or was; it stays a claim and names who made it."""

    claimant: str = Field(min_length=2, max_length=60)
    text: str = Field(min_length=5, max_length=300)


class Drill(Row):
    """A military activity with its order of battle and phases."""

    name: str = Field(min_length=3, max_length=60)
    actor: str = Field(min_length=2, max_length=40)
    side: Literal["Minsk", "Moscow", "NATO", "Warsaw", "Vilnius", "Riga"]
    place: str = Field(min_length=2, max_length=60)
    longitude: float = Field(ge=20, le=45, description="degrees east")
    latitude: float = Field(ge=48, le=60, description="degrees north")
    forces: dict[str, float] = Field(description="order of battle: what, how many")
    goldstein: float = Field(ge=-10, le=10, description="Goldstein weight of its announcement")
    phases: tuple[DrillPhase, ...] = Field(min_length=1, strict=False)
    claims: tuple[DrillClaim, ...] = Field(default=(), strict=False, description="who says what it is for")


class Drills(Section):
    """What drills do besides signalling."""

    title: ClassVar[str] = "Military drills"

    enabled: bool = Field(default=True, description="off: no drills, no patrol flights")
    drop_accident_chance: Quantity = number(
        0.0008,
        "1",
        "Chance that a parachutist dies in a drop at gusts of 40 km/h",
        source="estimated",
        low=0.0001,
        high=0.008,
        because="two of 250 died on 12 November in gusts (A092, A093): one drop, so the rate is uncertain",
        ge=0,
        le=1,
    )
    gust_scale_kmh: Quantity = number(
        10.0,
        "km/h",
        "Rise of gusts that multiplies that chance by e",
        source="assumed",
        low=5.0,
        high=20.0,
        because="drops are usually called off in strong wind",
        ge=1,
        le=100,
    )
    drop_gust_limit_kmh: Quantity = number(
        60.0,
        "km/h",
        "Gusts above which a drop is put off by a day, and the day after called off",
        source="assumed",
        low=36.0,
        high=80.0,
        because="round canopies are jumped to about 10 m/s of steady wind, 36 km/h, and the drop "
        "of 12 November went ahead in gusts (A093)",
        ge=0,
        le=250,
    )
    helicopter_gust_limit_kmh: Quantity = number(
        85.0,
        "km/h",
        "Gusts above which gunships stay on the ground that day",
        source="assumed",
        low=65.0,
        high=110.0,
        because="rotors of this class are started to about 20 to 25 m/s",
        ge=0,
        le=250,
    )
    pins_watchers: bool = Field(default=True, description="off: drills draw no watchers (their named channel closed)")
    dangers: bool = Field(
        default=True, description="off: no aircraft strays over the line, no survey team is misread, no accident"
    )
    airspace_per_aircraft_hour: Quantity = number(
        0.001,
        "1/h",
        "Rate at which an aircraft flying at the line is said to have crossed it",
        source="assumed",
        low=0.0,
        high=0.013,
        because="none is reported for the drills of 2021, some 230 aircraft-hours near the line "
        "with Zapad-2021: at most about 3/230 by the rule of three",
        ge=0,
        le=1,
    )
    airspace_scale_km: Quantity = number(
        15.0,
        "km",
        "Distance from the line over which that rate falls by e",
        source="assumed",
        low=5.0,
        high=40.0,
        because="a few minutes of flight",
        ge=0.1,
        le=500,
    )
    misread_per_hour: Quantity = number(
        0.02,
        "1/h",
        "Rate at which a survey team at work within reach of shooting or landing troops is taken for something else",
        source="assumed",
        low=0.0,
        high=0.1,
        because="teams carry instruments and flags along a "
        "line where uniformed men with long guns were reported as intruders (A153); no such case is reported",
        ge=0,
        le=1,
    )
    deaths_per_million_soldier_days: Quantity = number(
        1.5,
        "1/million",
        "Soldiers who die by accident in a million soldier-days of a drill, drops apart",
        source="estimated",
        low=0.2,
        high=10.0,
        because="one soldier at the Polish line died by a weapon (E059) in "
        "some 700,000 soldier-days from August to November",
        ge=0,
        le=1000,
    )
