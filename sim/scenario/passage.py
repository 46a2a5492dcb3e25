"""Scenario tables about getting on: what people can pay, who fetches them, where they are held, what paper they get."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from sim.scenario.forces import Country
from sim.scenario.quantity import Quantity, Row, Section, number

__all__ = ["Couriers", "CustodyPlaces", "Money", "OrdersToLeave"]


# fmt: off
# Declarations of numbers read as tables: value, unit, meaning, source, range, sentence, bounds.

class Money(Section):
    """What people have left after the flight to Minsk, and what the way on costs."""

    title: ClassVar[str] = "Money"

    enabled: bool = Field(default=True, description="off: everything is free")
    means_median_usd: Quantity = number(
        3500.0, "USD", "Median money within reach for each person on landing, for the way on", source="estimated",
        low=1500.0, high=6000.0,
        because="whole trips cost 4,000 to 15,000 USD (B014, B050, B207), flight and visa about 3,000 of it (B013)",
        ge=0, le=1e6,
    )
    means_sigma: Quantity = number(
        0.7, "1", "Spread (log standard deviation) of that among parties", source="assumed", low=0.3, high=1.2,
        because="quoted totals differ threefold between people (B049, B050)", ge=0, le=3,
    )
    ride_usd: Quantity = number(
        150.0, "USD", "Price of a seat from Minsk to the line", source="B046+B047", low=100.0, high=350.0,
        ge=0, le=1e6,
    )
    courier_usd: Quantity = number(
        1500.0, "USD", "Price of a courier from the line to Germany for each person, paid on arrival",
        source="B048+B080", low=1000.0, high=3390.0,
        because="a taxi to Germany; others left 3,390 with an intermediary until arrival (B198)", ge=0, le=1e6,
    )
    flight_usd: Quantity = number(
        400.0, "USD", "Price of a seat on a scheduled flight home", source="assumed", low=200.0, high=800.0,
        because="a flight to Minsk alone cost some 1,300 EUR return from Beirut (B205); the way back is part of it",
        ge=0, le=1e6,
    )
    hopeless_rate: Quantity = number(
        0.05, "1", "Added, without the price of a courier, to the rate at which a party gives up instead of trying",
        source="assumed", low=0.0, high=0.3, because="without money a crossing leads nowhere; no study found",
        ge=0, le=5,
    )

# fmt: on


class Couriers(Row):
    """How strong the network of drivers inside a country is on a day; between days it changes evenly."""

    day: date
    country: Country
    strength: float = Field(ge=0, le=1, description="share of the strength at which `migrants.pick_up_hours` holds")


class CustodyPlaces(Row):
    """How many can be held in a country, and what happens to others, from a date on."""

    since: date
    country: Country
    places: float = Field(ge=0, le=1e7, description="persons")
    when_full: Literal["return", "procedure"] = Field(
        description="others are returned without procedure, or go to an open procedure"
    )


class OrdersToLeave(Row):
    """From a date on, some of those whom Poland returns hold a written order to leave."""

    since: date
    share: float = Field(ge=0, le=1, description="share of those returned")
