"""Scenario tables about engineers: who builds, surveys and mends, when, and at what rates."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from sim.scenario.forces import Country, Layer
from sim.scenario.quantity import Quantity, Row, Section, number

__all__ = ["Contingent", "Engineers", "Mandate"]


# fmt: off
# Declarations of numbers read as tables: value, unit, meaning, source, range, sentence, bounds.

class Contingent(Row):
    """A named body of engineers: strength, dates, what it may build and where."""

    name: str = Field(min_length=3, max_length=60)
    country: Country = Field(description="on whose line it works")
    nation: str = Field(min_length=2, max_length=20)
    soldiers: float = Field(ge=0, le=100_000, description="soldiers at work")
    teams: int = Field(ge=1, le=50, description="teams it works in")
    first: date
    last: date
    task: Literal["build", "survey", "support"] = "build"
    layers: tuple[Layer, ...] = Field(default=("wire_fence",), strict=False)
    from_segment: int = Field(default=0, ge=0, le=1269)
    end_segment: int = Field(default=1270, ge=1, le=1270)
    observation_posts: int = Field(default=0, ge=0, le=500, description="observation posts it sets up before all else")
    target_km: float = Field(default=700.0, ge=0, le=700, description="km after which it only mends")


class Mandate(Row):
    """What the host of a contingent from abroad permits: soldiers, days, tasks. Checked on loading; no run needs it."""

    nation: str = Field(min_length=2, max_length=20)
    country: Country = Field(description="whose line it permits to work on")
    soldiers: float = Field(ge=0, le=100_000, description="soldiers permitted at a time, at most")
    first: date
    last: date
    tasks: tuple[Literal["build", "survey", "support"], ...] = Field(min_length=1, strict=False)


class Engineers(Section):
    """Work rates of engineers and what slows or speeds them."""

    title: ClassVar[str] = "Engineers"

    enabled: bool = Field(default=True, description="off: nobody builds, surveys or mends")
    low_coil_m_per_soldier_day: Quantity = number(
        21.0, "m", "Low coil laid per soldier and day", source="A253", low=10.0, high=25.0, ge=0.1, le=500,
    )
    wire_fence_m_per_soldier_day: Quantity = number(
        2.6, "m", "2.5 m fence raised per soldier and day", source="estimated", low=1.5, high=4.0,
        because="about 2.3 km a day (A198, A253) by an effort of roughly 1,000 soldiers", ge=0.01, le=500,
    )
    steel_wall_m_per_soldier_day: Quantity = number(
        1.0, "m", "Steel wall raised per worker and day once under way", source="estimated", low=0.5, high=2.0,
        because="1.0–1.9 km a day in spring 2022 (A222, A232) by roughly a thousand workers", ge=0.001, le=100,
    )
    electronics_m_per_soldier_day: Quantity = number(
        2.0, "m", "Electronics laid per worker and day", source="assumed", low=0.5, high=5.0,
        because="206 km within about a year (A101)", ge=0.001, le=100,
    )
    mend_m_per_soldier_hour: Quantity = number(
        4.0, "m", "Coil mended per soldier and hour", source="A019", low=1.0, high=8.0, ge=0.01, le=500,
    )
    work_hours_per_day: Quantity = number(
        9.0, "h", "Length of a working day", source="assumed", low=7.0, high=12.0,
        because="November days had about nine hours of light (A077)", ge=1, le=24,
    )
    night_factor: Quantity = number(
        1.5, "1", "Man-hours needed in the dark, against daylight", source="A251", low=1.3, high=1.8, ge=1, le=10,
    )
    frost_factor: Quantity = number(
        1.4, "1", "Man-hours needed below −5 °C, against mild weather", source="assumed", low=1.0, high=2.5,
        because="posts are sunk more than a metre (A202) into frozen ground", ge=1, le=10,
    )
    forest_factor: Quantity = number(
        1.3, "1", "Man-hours needed in forest or bog, against the open", source="assumed", low=1.0, high=2.5,
        because="Białowieża was the last to be built for its ground (A224)", ge=1, le=10,
    )
    surveyed_factor: Quantity = number(
        0.8, "1", "Man-hours needed on a surveyed stretch, against an unsurveyed one", source="assumed", low=0.6,
        high=1.0, because="planning and access are the stated tasks of British engineers (A233, A237)", ge=0.1, le=1,
    )
    survey_km_per_team_day: Quantity = number(
        8.0, "km", "Line surveyed by one team and day", source="assumed", low=4.0, high=20.0,
        because="a walking reconnaissance with vehicles", ge=0.1, le=200,
    )
    observation_post_man_hours: Quantity = number(
        200.0, "h", "Man-hours to set up one observation post", source="assumed", low=50.0, high=600.0,
        because="a section of eight for three days", ge=1, le=10_000,
    )
    mend_share: Quantity = number(
        0.25, "1", "Share of a building team's day that goes to mending where the fence is breached", source="assumed",
        low=0.0, high=0.6, because="two to five breached sectors a day (A052), half an hour to hours each (A019)",
        ge=0, le=1,
    )
    cover_units: Quantity = number(
        1.0, "units", "Units of guards that stand with a team while it mends and may not respond elsewhere",
        source="A205+assumed", low=0.0, high=3.0,
        because="police covered the repair of a fence from 17:30 to 22:00 (A205); how many is not told", ge=0, le=50,
    )
    road_response_factor: Quantity = number(
        0.7, "1", "Response time where engineers have mended the access road, against elsewhere", source="assumed",
        low=0.5, high=1.0,
        because="access roads are a stated British task (A233); ten of 26 km at Białowieża were drivable (A039)",
        ge=0.1, le=1,
    )
    road_m_per_soldier_day: Quantity = number(
        8.0, "m", "Access road mended per soldier and day", source="assumed", low=3.0, high=20.0,
        because="grading and filling of forest tracks with plant", ge=0.1, le=500,
    )
