"""The limits of the model, in the words that every figure, report and table carries.

They stand in one place so that no picture leaves without them and none words them differently. The reasons
are in ``docs/ethics.md``.
"""

from __future__ import annotations

from typing import Final

__all__ = ["LIMITS", "MAP_ATTRIBUTION"]

LIMITS: Final[tuple[str, str]] = (
    "A historical model (2021 – June 2022) for understanding and for reducing harm. "
    "One run is one history, not a forecast.",
    "Not for operations, targeting or decisions about persons. Parties’ claims stay claims.",
)
"""Two lines, each short enough for the small print of one figure: what this is, and what it is not for."""

MAP_ATTRIBUTION: Final = "Border © OpenStreetMap contributors (ODbL). Towns: GeoNames (CC BY 4.0)."
"""The line under every picture that shows the border or the towns, as their licences ask."""
