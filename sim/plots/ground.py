"""What the figures need to know of the ground: handed in by whoever calls, since pictures never meet the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from sim.world.border import Border

__all__ = ["SIDES", "Ground", "barrier_minutes", "stretches"]

Floats = npt.NDArray[np.float64]

SIDES: Final = ("PL", "LT", "LV")
"""Countries of the line, south to north, as the codes of the segments number them."""


@dataclass(frozen=True, eq=False)
class Ground:
    """The border with its posts and places, its line by country, and the outlines of the countries around."""

    border: Border
    lines: Mapping[str, Floats]
    """By country, float64[n, 2]: longitude and latitude in degrees, south to north."""
    basemap: Mapping[str, tuple[Floats, ...]]
    """By country, rings of float64[n, 2]: longitude and latitude in degrees."""


def stretches(border: Border) -> list[tuple[str, int, int]]:
    """Return (country, first segment, one past the last) for each country of the line, south to north."""
    codes = np.asarray(border.segments.country)
    found = []
    for number, country in enumerate(SIDES):
        own = np.flatnonzero(codes == number)
        if len(own):
            found.append((country, int(own[0]), int(own[-1]) + 1))
    return found


def barrier_minutes(delay: Floats, border: Border) -> Floats:
    """Return the delay by barriers alone, float64[n_days, n_segments], minutes, at least 0.

    The record holds the whole delay, water and bog included. Those are the same wherever the terrain is the same, so
    they are the least delay found on that terrain.
    """
    terrain = np.asarray(border.segments.terrain).astype(np.int64)
    least = np.full(int(terrain.max(initial=0)) + 1, np.inf)
    np.minimum.at(least, terrain, delay.min(axis=0))
    minutes: Floats = np.maximum(delay - least[terrain], 0.0)
    return minutes
