"""Who serves where: strength by date, kinds of patrol unit, and how units are shared out over posts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from sim.agents.tally import UNIT_KINDS
from sim.world.border import COUNTRIES

if TYPE_CHECKING:
    from sim.scenario.forces import Guards
    from sim.scenario.schema import Scenario
    from sim.world.calendar import Calendar

__all__ = ["FOOT", "QUICK", "SERVICES", "VEHICLE", "apportion", "kinds_of_units", "strength_by_day"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SERVICES: Final = ("border_guard", "army", "police", "territorial")
"""Services at the line; border guards first, since only they are trained to watch it."""

VEHICLE, QUICK, FOOT = range(len(UNIT_KINDS))
"""Kinds of unit, in the order in which a post sends them."""

_GOLDEN: Final = 0.6180339887498949


def strength_by_day(scenario: Scenario, calendar: Calendar) -> Floats:
    """Return persons at the line, float64[n_days, n_countries, n_services]: straight lines between dated levels.

    Before the first and after the last level of a service that level holds.
    """
    strength = np.zeros((calendar.n_days, len(COUNTRIES), len(SERVICES)))
    days = np.array([calendar.date_of_day(day).toordinal() for day in range(calendar.n_days)], dtype=np.float64)
    for country_number, country in enumerate(COUNTRIES):
        for service_number, service in enumerate(SERVICES):
            rows = sorted(
                (row.day.toordinal(), row.persons)
                for row in scenario.force
                if row.country == country and row.service == service
            )
            if rows:
                strength[:, country_number, service_number] = np.interp(days, *np.array(rows, dtype=np.float64).T)
    return strength


def apportion(total: int, weight: Floats) -> Ints:
    """Return `total` units shared out by weight, int64[n]: whole parts first, then the largest remainders."""
    running = np.cumsum(weight)
    if total <= 0 or running[-1] <= 0.0:
        return np.zeros(len(weight), dtype=np.int64)
    quota = weight * (total / running[-1])
    share: Ints = np.floor(quota).astype(np.int64)
    left = total - int(share.sum())
    order = np.argsort(-(quota - share), kind="stable")
    share[order[:left]] += 1
    return share


def kinds_of_units(section: Guards, service: NDArray[np.uint8], number: NDArray[np.int32]) -> NDArray[np.uint8]:
    """Return the kind of each unit for good, uint8[n], from its service and its number within its block.

    Multiples of the golden ratio fall evenly over [0, 1) however many there are and whichever third of them is on duty
    (Knuth, The Art of Computer Programming 3, 6.4): any few neighbours, who share a post, are mixed as the whole is.
    """
    turn = (number + 0.5) * _GOLDEN
    lot = turn - np.floor(turn)
    on_foot = service == SERVICES.index("territorial")
    others = np.where(on_foot, 0.0, float(section.vehicle_share_others))
    vehicle = np.where(service == SERVICES.index("border_guard"), float(section.vehicle_share), others)
    quick = np.where(on_foot, 0.0, float(section.quick_reaction_share))
    kind = np.where(lot < quick, QUICK, np.where(lot < quick + vehicle, VEHICLE, FOOT))
    return kind.astype(np.uint8)
