"""Observed series: of the many prints of a published count, the one number for each day or month.

Publishers round, correct and revise, so one day may have several prints in the evidence. What is compared with a
run is the firmest of them, and among equally firm ones the latest.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from sim.errors import EvidenceError, nearest
from sim.scenario.evidence import STANDINGS, ObservedCount, load_observed

__all__ = ["observed_attempts_by_day", "observed_months"]


def observed_attempts_by_day(country: str = "PL") -> dict[date, ObservedCount]:
    """Return the recorded attempts of each day that has a published count, in order of date.

    Where a day was printed several times, an exact number goes before a rounded one, and a later print before
    an earlier. Days without a print are absent, not zero.
    """
    return _best_by_first_day(c for c in _series("attempts", country) if c.first_day == c.last_day)


def observed_months(series: str, country: str) -> dict[date, ObservedCount]:
    """Return the final number of each whole calendar month, by its first day.

    Exact goes before rounded and rounded before provisional; within one standing the latest print wins, since
    publishers revise. `low` and `high` of an exact number are the number itself; the interval of a rounded
    one is widened to any earlier provisional print (recorded attempts of September 2021: 7,700, from 7,535).

    Raises:
        EvidenceError: no such series for this country.
    """
    whole = [
        count
        for count in _series(series, country)
        if count.first_day.day == 1
        and count.last_day
        == count.first_day.replace(day=calendar.monthrange(count.first_day.year, count.first_day.month)[1])
    ]
    final = _best_by_first_day(whole)
    for first, count in final.items():
        if count.standing == "exact":
            final[first] = replace(count, low=count.value, high=count.value)
            continue
        other = [c.value for c in whole if c.first_day == first and c.standing == "provisional"]
        low = min([x for x in (count.low, *other) if x is not None], default=None)
        high = None if count.high is None else max(count.high, *other, count.value)
        final[first] = replace(count, low=low, high=high)
    return final


def _series(series: str, country: str) -> list[ObservedCount]:
    observed = load_observed()
    chosen = [count for count in observed if (count.series, count.country) == (series, country)]
    if not chosen:
        known = sorted({f"{count.series} {count.country}" for count in observed})
        hint = nearest(f"{series} {country}", known)
        listed = ", ".join(known) + (f" ({hint})" if hint else "")
        raise EvidenceError(f"no observed series '{series} {country}'; allowed are {listed}")
    return chosen


def _best_by_first_day(counts: Iterable[ObservedCount]) -> dict[date, ObservedCount]:
    by_merit = sorted(counts, key=lambda c: (STANDINGS[::-1].index(c.standing), c.published))
    best = {count.first_day: count for count in by_merit}
    return dict(sorted(best.items()))
