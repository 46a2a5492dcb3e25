"""What may be asked for: `sweep` and `discover` refuse crossing success and deterrence by harm as objectives.

The model is for understanding and for reducing harm (docs/ethics.md). A sweep always shows suffering beside all else,
and never ranks settings; discover finds the conditions of an outcome, which must not be how people get through, nor how
harm to them keeps others away. Each outcome has its bearing on people here; one that has none is not served.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Final, Literal

from sim.errors import StandoffError, nearest

__all__ = [
    "BEARING",
    "FRONTIER",
    "UNITS",
    "Bearing",
    "ObjectiveError",
    "check_objective",
    "check_shown",
    "hint_of_outcome",
]

Bearing = Literal["crossing", "harm", "help", "neutral"]

FRONTIER: Final = {
    "suffering": "nights outdoors",
    "security": "recorded attempts, Poland",
    "cost": "guards' unit-hours on duty",
    "escalation": "incidents between armed forces",
}
"""The four sides of every frontier plot, shown beside each other and never summed."""
UNITS: Final = {
    "nights outdoors": "person-nights",
    "recorded attempts, Poland": "person-attempts",
    "guards' unit-hours on duty": "unit-hours",
    "incidents between armed forces": "incidents",
}
"""Units of these outcomes."""

_CROSSING: Final = (
    "reached Germany", "germany_arrivals", "germany_registered", "people_west", "people_road_west", "people_inside",
    "attempts_turned_back", "attempts_prevented", "attempts_caught", "attempts_seen_inside", "attempts_unseen_inside",
    "found_inland_pl", "found_inland_lt", "found_inland_lv",
)  # fmt: skip
_HARM: Final = (
    "deaths", "of these, becoming known", "deaths_found", "people_dead", "episodes of illness", "harm_events",
    "taken to hospital", "hospital_admissions", "people_hospital_belarus", "people_hospital_eu", "nights outdoors",
    "person_nights_outdoors", "people_line", "people_camp", "people_returning", "injured in EU hands",
    "injured in Belarusian hands", "handling_injuries_polish", "handling_injuries_lithuanian",
    "handling_injuries_latvian", "handling_injuries_belarusian", "wanted back, not let", "refused_back",
    "returned without procedure", "returned_pl", "returned_lt", "returned_lv", "taken to guarded centres",
    "custody_intake_pl", "custody_intake_lt", "custody_intake_lv", "people_custody",
)  # fmt: skip
_HELP: Final = ("aid_contacts", "people_centre", "people_procedure")
_NEUTRAL: Final = (
    "arrivals", "people_in_belarus", "in Belarus at the end", "people_minsk", "people_ride", "people_going_home",
    "people_home", "flown or gone home", "recorded attempts, Poland", "recorded attempts, Lithuania and Latvia",
    "recorded_attempts_pl", "recorded_attempts_lt", "recorded_attempts_lv", "attempts as they were",
    "of these, in group crossings", "group_attempts", "barrier raised", "barrier mended", "barrier_km_pl_low_coil",
    "barrier_km_pl_wire_fence", "barrier_km_pl_steel_wall", "barrier_km_pl_electronics", "patrol hours drawn by drills",
    "unit_hours_pinned", "guards' unit-hours on duty", "engineers' crew-hours", "incidents",
    "incidents between armed forces", "highest rung, Minsk–Warsaw",
)  # fmt: skip

BEARING: Final[dict[str, Bearing]] = {
    **dict.fromkeys(_CROSSING, "crossing"),
    **dict.fromkeys(_HARM, "harm"),
    **dict.fromkeys(_HELP, "help"),
    **dict.fromkeys(_NEUTRAL, "neutral"),
}
"""What each row of outcomes.csv and each daily series is for people: how attempts to cross end, by which people get
through or do not; what harms them, being held or put back included; what helps them; neither."""

_BY_LOWER: Final = {name.lower(): bearing for name, bearing in BEARING.items()}
_REFUSED: Final[dict[Literal["low", "high"], tuple[Bearing, ...]]] = {
    "low": ("crossing", "help"),
    "high": ("crossing", "harm"),
}


class ObjectiveError(StandoffError):
    """An objective that this software does not serve."""


def check_objective(outcome: str, direction: Literal["low", "high"]) -> None:
    """Refuse an objective: how people get through, in either direction, or how they come to more harm or less help.

    Raises
    ------
    ObjectiveError
        If the outcome is crossing success, more of something that harms people, less of something that helps them, or
        unknown; the nearest that may be asked for is named.
    """
    bearing = _served(outcome, _REFUSED[direction])
    if bearing in _REFUSED[direction]:
        more, other = ("more", "less") if direction == "high" else ("less", "more")
        raise ObjectiveError(
            f"found the objective of {more} '{outcome}'; deterrence by harm is no objective of this software "
            f"(docs/ethics.md); ask for the conditions of {other} of it"
        )


def check_shown(outcome: str) -> None:
    """Refuse to set levers by crossing success; harm and help of each setting are shown, and nothing is ranked.

    Raises
    ------
    ObjectiveError
        If the outcome is crossing success, or unknown; the nearest that may be asked for is named.
    """
    _served(outcome, ("crossing",))


def _served(outcome: str, refused: Container[Bearing]) -> Bearing:
    """Return the bearing of an outcome that is known, and no crossing success."""
    bearing = _BY_LOWER.get(outcome.strip().lower())
    if bearing == "crossing":
        raise ObjectiveError(
            f"found the objective '{outcome}'; crossing success is no objective of this software, neither to raise nor "
            "to lower it (docs/ethics.md); ask for what befalls people, such as less of 'nights outdoors' or 'deaths'"
        )
    if bearing is None or (outcome not in BEARING and bearing not in refused):
        raise ObjectiveError(
            f"found the unknown outcome '{outcome}'; rows of outcomes.csv and daily series are known"
            + hint_of_outcome(outcome, refused)
        )
    return bearing


def hint_of_outcome(word: str, refused: Container[Bearing] = ("crossing",)) -> str:
    """Return the nearest outcome to a word as a hint in brackets; never one of a bearing that is refused."""
    hint = nearest(word, [name for name, bearing in BEARING.items() if bearing not in refused])
    return f" ({hint})" if hint else ""
