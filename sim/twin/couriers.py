"""How strong the drivers are who fetch people inside (rules 6.3.9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.world.border import COUNTRIES

if TYPE_CHECKING:
    from sim.twin.model import TwinModel

__all__ = ["couriers_today"]


def couriers_today(twin: TwinModel) -> list[np.float64]:
    """Return the strength of drivers by country, 1 where no rows say."""
    ordinal = twin.date.toordinal()
    strength = [np.float64(1.0)] * len(COUNTRIES)
    for country, code in enumerate(COUNTRIES):
        rows = sorted((row for row in twin.scenario.couriers if row.country == code), key=lambda row: row.day)
        if rows:
            days, strengths = [row.day.toordinal() for row in rows], [row.strength for row in rows]
            strength[country] = np.float64(np.interp(ordinal, days, strengths))
    return strength
