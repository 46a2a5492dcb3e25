"""What may be asked for: `sweep` and `discover` refuse crossing success and deterrence by harm as objectives.

The model is for understanding and for reducing harm (docs/ethics.md). A sweep always shows suffering beside all else,
and never ranks settings; discover finds the conditions of an outcome, which must not be how people get through, nor how
harm to them keeps others away.
"""

from __future__ import annotations

from typing import Final, Literal

from sim.errors import StandoffError

__all__ = ["FRONTIER", "ObjectiveError", "check_objective"]

FRONTIER: Final = {
    "suffering": "nights outdoors",
    "security": "recorded attempts, Poland",
    "cost": "guards' unit-hours on duty",
    "escalation": "incidents between armed forces",
}
"""The four sides of every frontier plot, shown beside each other and never summed."""

_CROSSING: Final = (
    "reached germany", "germany_arrivals", "germany_registered", "attempts_unseen_inside", "attempts_seen_inside",
    "people_west", "people_road_west", "people_inside",
)  # fmt: skip
_HARM: Final = (
    "deaths", "of these, becoming known", "deaths_found", "deaths_so_far", "episodes of illness", "harm_events",
    "taken to hospital", "hospital_admissions", "nights outdoors", "person_nights_outdoors", "injured in eu hands",
    "injured in belarusian hands", "wanted back, not let", "refused_back", "returned without procedure", "returned_pl",
    "returned_lt", "returned_lv",
)  # fmt: skip


class ObjectiveError(StandoffError):
    """An objective that this software does not serve."""


def check_objective(outcome: str, direction: Literal["low", "high"]) -> None:
    """Refuse an objective: how people get through, in either direction, or how they come to more harm.

    Raises
    ------
    ObjectiveError
        If the outcome is crossing success, or more of something that harms people.
    """
    name = outcome.strip().lower()
    if name in _CROSSING:
        raise ObjectiveError(
            f"found the objective '{outcome}'; crossing success is no objective of this software, neither to raise nor "
            "to lower it (docs/ethics.md); ask for what befalls people, such as 'nights outdoors' or 'deaths'"
        )
    harmful = name in _HARM or name.startswith(("handling_injuries", "harm", "deaths"))
    if harmful and direction == "high":
        raise ObjectiveError(
            f"found the objective of more '{outcome}'; deterrence by harm is no objective of this software "
            "(docs/ethics.md); ask for the conditions of less of it"
        )
