"""How figures put numbers, dates and codes into words, so that one thing has one name in every figure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = [
    "COUNTRY_NAMES",
    "KIND_NAMES",
    "LAYER_NAMES",
    "OUTCOME_NAMES",
    "STATE_NAMES",
    "count",
    "day_name",
    "named",
    "period",
    "short_text",
    "thousands",
]

STATE_NAMES: Final[dict[str, str]] = {
    "minsk": "in Minsk, in towns",
    "ride": "on the way to the line",
    "line": "in the woods at the line",
    "camp": "in the camp at the line",
    "centre": "in the Bruzgi centre",
    "inside": "inside the EU, near the line",
    "road_west": "on the road west",
    "returning": "being taken back to the line",
    "hospital": "in hospital",
    "hospital_belarus": "in hospital in Belarus",
    "hospital_eu": "in hospital in the EU",
    "custody": "in guarded centres",
    "procedure": "in an asylum procedure",
    "going_home": "going home",
    "west": "reached Germany",
    "home": "flown home",
    "dead": "dead",
}
OUTCOME_NAMES: Final[dict[str, str]] = {
    "turned_back": "turned back at the line",
    "prevented": "stopped at the barrier",
    "caught": "caught inside",
    "seen_inside": "seen, but got in",
    "unseen_inside": "unseen",
}
COUNTRY_NAMES: Final[dict[str, str]] = {
    "PL": "Poland",
    "LT": "Lithuania",
    "LV": "Latvia",
    "BY": "Belarus",
    "UA": "Ukraine",
    "RU": "Russia",
}
LAYER_NAMES: Final[dict[str, str]] = {
    "low_coil": "low coil",
    "wire_fence": "2.5 m wire fence",
    "steel_wall": "steel wall",
    "electronics": "electronics",
    "river": "river",
}
KIND_NAMES: Final[dict[str, str]] = {
    "flight_ban": "flights limited",
    "gather_camp": "camp gathers",
    "clear_camp": "camp cleared",
    "close_crossing": "crossing closed",
    "repatriation_flight": "flight home",
    "phone_call": "call",
    "let_back": "return allowed",
    "reinforce": "reinforces",
    "deploy": "deploys",
    "emergency": "emergency law",
}
"""Kinds of chronicle entries whose name needs more than a blank for an underscore."""


def named(code: str, names: dict[str, str] | None = None) -> str:
    """Return the words for a code of the record; an unknown code loses its underscores."""
    return (names or {}).get(code, code.replace("_", " "))


def thousands(value: float, digits: int = 0) -> str:
    """Return a number with commas between thousands and a true minus sign."""
    return f"{value:,.{digits}f}".replace("-", "−")


def count(value: float, one: str, many: str = "") -> str:
    """Return ``1 person`` or ``1,204 persons``; `many` is `one` with an s unless given."""
    whole = round(value)
    return f"{thousands(whole)} {one if whole == 1 else many or one + 's'}"


def as_date(day: np.datetime64 | date | str) -> date:
    """Return a calendar date from what a record or a chronicle holds (time of day is dropped)."""
    if isinstance(day, datetime):
        return day.date()
    if isinstance(day, date):
        return day
    return date.fromisoformat(str(np.datetime64(str(day), "D")))


def day_name(day: np.datetime64 | date | str, *, year: bool = False) -> str:
    """Return a day as ``8 Nov``, or ``8 Nov 2021``."""
    plain = as_date(day)
    return f"{plain.day} {plain:%b}" + (f" {plain.year}" if year else "")


def period(days: Sequence[np.datetime64] | npt.NDArray[np.datetime64]) -> str:
    """Return the days of a record as ``8–30 Nov 2021``, ``1 Aug – 31 Dec 2021`` or ``8 Nov 2021``."""
    if len(days) == 0:
        return "no recorded day"
    first, last = as_date(days[0]), as_date(days[-1])
    if first == last:
        return day_name(first, year=True)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day_name(last, year=True)}"
    return f"{day_name(first, year=first.year != last.year)} – {day_name(last, year=True)}"


def short_text(text: str, longest: int) -> str:
    """Return `text` cut after a whole word to at most `longest` characters, with an ellipsis where cut."""
    text = " ".join(str(text).split())
    if len(text) <= longest:
        return text
    head = text[:longest].rsplit(" ", 1)[0].rstrip(" ,;:.–-")
    return f"{head}…"
