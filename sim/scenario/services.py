"""Scenario tables about Minsk's services: how much they direct, which groups they start and where."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from pydantic import Field

from sim.scenario.quantity import Quantity, Row, Section, number

__all__ = ["GroupPlace", "GroupRegime", "Services", "Steering"]


# fmt: off
# Declarations of numbers read as tables: value, unit, meaning, source, range, sentence, bounds.

class Steering(Row):
    """Where and how strongly Minsk's services direct people, from a date on."""

    since: date
    steering_share: float = Field(ge=0, le=1, description="share of parties whose stretch the services choose")
    poland_share: float = Field(ge=0, le=1, description="share of directed parties sent to the Polish line")
    lithuania_share: float = Field(ge=0, le=1, description="share sent to the Lithuanian line; the rest to the Latvian")
    drive: float = Field(ge=0, le=20, description="how the services hasten or hold back attempts (1: not at all)")
    drive_sigma: float = Field(ge=0, le=2, description="day-to-day spread (log standard deviation) of that")
    refuse_return: float = Field(ge=0, le=1, description="share of those who want to go back who are not let")


class GroupRegime(Row):
    """How often and how large the services start group crossings, from a date on."""

    since: date
    groups_per_day: float = Field(ge=0, le=8, description="group crossings a day on the whole line")
    median_size: float = Field(ge=2, le=5000, description="persons in the median group")
    size_sigma: float = Field(ge=0, le=2, description="spread (log standard deviation) of size")


class GroupPlace(Row):
    """A stretch on which the services start group crossings, as often as its share of those that were reported."""

    post: str = Field(min_length=1, max_length=80, description="guard post")
    reported: float = Field(ge=0, le=10_000, description="group crossings reported there")


class Services(Section):
    """Belarusian services: they carry, choose the place, start group crossings, let people back or not."""

    title: ClassVar[str] = "Minsk's services"

    enabled: bool = Field(
        default=True, description="off: nobody directs; people go where others got on and where drivers come"
    )
    access_scale_km: Quantity = number(
        30.0, "km", "Distance from a Belarusian city over which the services' choice of a stretch falls by e",
        source="assumed", low=15.0, high=80.0, because="Grodno and Brest were the staging towns (B046, B047)",
        ge=1, le=1000,
    )
    adaptation: Quantity = number(
        2.0, "1", "How strongly the services favour stretches where people got in lately (log weight per unit of "
        "success share)", source="assumed", low=0.0, high=6.0,
        because="services scouted gaps (B134) and moved groups (B131)",
        ge=0, le=50,
    )
    place_sigma: Quantity = number(
        0.6, "1", "Week-to-week spread (log standard deviation) of the favour a stretch finds with the services",
        source="assumed", low=0.2, high=1.2, because="groups were moved between sectors (B113, B131)", ge=0, le=3,
    )
    drive_persistence: Quantity = number(
        0.5, "1", "Day-to-day correlation of the drive", source="assumed", low=0.0, high=0.9,
        because="spells of a few days show in the daily counts", ge=0, le=0.99,
    )
    assist_factor: Quantity = number(
        0.3, "1", "Delay of a barrier in a group crossing, against alone: tools, planks, cover", source="assumed",
        low=0.1, high=0.8, because="services cut wire, gave tools and blinded patrols (B235, E072)", ge=0, le=1,
    )
    group_warning_hours: Quantity = number(
        0.5, "h", "How long before the attempt a gathering group is seen", source="assumed", low=0.0, high=2.0,
        because="groups massed in sight of the line (A169)", ge=0, le=24,
    )
    group_damage: Quantity = number(
        0.5, "1", "Share of a barrier's integrity lost on the segment in a group crossing of 100", source="assumed",
        low=0.1, high=1.0, because="posts pulled out and coil torn by vehicle (E072)", ge=0, le=1,
    )
    cuts_per_day: Quantity = number(
        1.0, "1/day", "Cuts of coil or fence by the services a day outside group crossings, if they directed all; "
        "times the share whom they do direct", source="A052+B235+assumed", low=0.0, high=4.0,
        because="alleged, not counted: people who were returned tell of it (B235); of the two to five damaged sectors "
        "a day of winter (A052) attempts damage most in this model", ge=0, le=12,
    )
    cut_m: Quantity = number(
        5.0, "m", "Metres of coil, and of fence where it stands, that one such cut takes", source="B235+assumed",
        low=2.0, high=20.0, because="a gap for a party to walk through; nobody has published a length", ge=0, le=1000,
    )
    centre_places: Quantity = number(
        2000.0, "persons", "People for whom the logistics centre has room; others are taken to the towns",
        source="S073+S074", low=1800.0, high=2500.0,
        because="about 2,000, stable for days; buses took people elsewhere (B131, B018)", ge=0, le=1e7,
    )
    group_willing_share: Quantity = number(
        0.5, "1", "Share of a gathered group that presses over the line; the rest stay", source="B253+A169", low=0.3,
        high=1.0, ge=0, le=1,
    )
