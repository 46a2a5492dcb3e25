"""What the figures need to know of the ground: handed in by whoever calls, since pictures never meet the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from sim.world.border import Border

__all__ = ["SIDES", "Ground", "stretches"]

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
