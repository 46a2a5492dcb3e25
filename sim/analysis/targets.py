"""What calibration may look at: published numbers to 31 October 2021, cut into spans that do not overlap.

Recorded attempts enter as the days that have a published count and, for each month, what is left of its total over
its other days. Beside them stand the German registrations by month, the stock in Belarus, all arrivals, and tries a
person. Of repatriation the window holds one dated flight home in August, which every run replays: it tells of nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from sim.scenario.evidence import load_facts, load_stocks_and_flows
from sim.scenario.observed import observed_attempts_by_day, observed_months

__all__ = ["WINDOW_END", "WINDOW_START", "Target", "targets", "values_of_run"]

WINDOW_START: Final = date(2021, 8, 1)
WINDOW_END: Final = date(2021, 10, 31)
"""Last day that calibration may see. Everything later is kept to test what was learned."""

_GERMANY_SD: Final = 0.15
"""Assumed: share by which a month's registrations may miss the model's for reasons that it does not hold (1 sd)."""
_STOCK_SD: Final = 0.35
_ARRIVALS_SD: Final = 0.2
_TRIES_SD: Final = 0.2


@dataclass(frozen=True)
class Target:
    """One published number and how far it may lie from the model's.

    Attributes
    ----------
    name : what it is, with its days
    family : ``count`` scatters as a negative binomial; ``rough`` has logarithms with Student's t (4 degrees of
        freedom), so that one number which the model cannot meet does not overrule all others
    series : daily series of a run that it is held against
    how : whether the series is summed over the days, or taken on the last
    days : which days, as numbers from the first of the window
    value : the published number
    sd : standard deviation of the logarithm, of ``rough`` ones
    source : evidence id
    """

    name: str
    family: Literal["count", "rough"]
    series: str
    how: Literal["sum", "last", "per_arrival"]
    days: tuple[int, ...]
    value: float
    sd: float
    source: str


def targets() -> tuple[Target, ...]:
    """Return all targets of the window."""
    return (*_attempts(), *_germany(), *_people())


def _day(day: date) -> int:
    return (day - WINDOW_START).days


def _days_of(first: date) -> list[date]:
    following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return [first + timedelta(days=number) for number in range((following - first).days)]


def _attempts() -> list[Target]:
    found = []
    by_day = {day: count for day, count in observed_attempts_by_day().items() if WINDOW_START <= day <= WINDOW_END}
    for day, count in by_day.items():
        name = f"attempts {day}"
        found.append(Target(name, "count", "recorded_attempts_pl", "sum", (_day(day),), count.value, 0.0, count.id))
    for first, total in observed_months("attempts", "PL").items():
        if not WINDOW_START <= first <= WINDOW_END:
            continue
        others = [day for day in _days_of(first) if day not in by_day]
        rest = total.value - sum(count.value for day, count in by_day.items() if day.replace(day=1) == first)
        days = tuple(_day(day) for day in others)
        name = f"attempts of the other {len(days)} days of {first:%B}"
        found.append(Target(name, "count", "recorded_attempts_pl", "sum", days, rest, 0.0, total.id))
    return found


def _germany() -> list[Target]:
    return [
        Target(
            f"registered in Germany, {first:%B}", "rough", "germany_registered", "sum",
            tuple(_day(day) for day in _days_of(first)), count.value, _GERMANY_SD, count.id,
        )
        for first, count in observed_months("entries_germany", "DE").items()
        if WINDOW_START <= first <= WINDOW_END
    ]  # fmt: skip


def _people() -> list[Target]:
    stock = next(row for row in load_stocks_and_flows() if row.id == "S086")
    facts = {fact.id: fact for fact in load_facts()}
    everything = tuple(range(_day(WINDOW_END) + 1))
    # The mean of 1 July to 12 November (B246), over the weeks of the window, of which the peak is a part
    weekly, tries = facts["B246"], facts["B118"]
    arrived = float(weekly.value or 0.0) * len(everything) / 7.0
    return [
        Target("people in Belarus on 19 September", "rough", "people_in_belarus", "last", (_day(stock.last_day),),
               stock.value, _STOCK_SD, stock.id),
        Target("arrivals in the window", "rough", "arrivals", "sum", everything, arrived, _ARRIVALS_SD, weekly.id),
        Target("recorded attempts for each arrival", "rough", "recorded_attempts_pl", "per_arrival", everything,
               float(tries.value or 0.0), _TRIES_SD, tries.id),
    ]  # fmt: skip


def values_of_run(wanted: tuple[Target, ...], daily: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return what a run says of each target, float64[n_targets], of its daily series from the window's first day."""
    return np.array([_value(target, daily) for target in wanted])


def _value(target: Target, daily: dict[str, NDArray[np.float64]]) -> float:
    series = daily[target.series]
    if target.how == "last":
        return float(series[target.days[-1]])
    total = float(series[list(target.days)].sum())
    if target.how == "per_arrival":
        return total / max(1.0, float(daily["arrivals"][list(target.days)].sum()))
    return total
