"""Hours of a run, days of Warsaw, and how the two count each other.

A run counts hours of UTC from Warsaw midnight of its first day; everything published is counted by days of
``Europe/Warsaw``. Most days have 24 hours: 31 October 2021 and 30 October 2022 have 25, 28 March 2021 and 27
March 2022 have 23. *Absolute* hours and days count from 2021-01-01 00:00 UTC and from 2021-01-01, whatever
the first day of the run: weather and luck are drawn by them, so that scenarios with different first days
share both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

__all__ = ["EPOCH", "LAST_DATE", "MINSK", "WARSAW", "Calendar"]

EPOCH: Final = date(2021, 1, 1)
"""Absolute day 0; absolute hour 0 is its midnight in UTC."""

LAST_DATE: Final = date(2022, 12, 31)
"""Last day a run may reach: the two years around the stand-off, and no more."""

WARSAW: Final = ZoneInfo("Europe/Warsaw")

MINSK: Final = timezone(timedelta(hours=3), "Minsk")
"""Minsk keeps UTC+3 all year, so that it is one hour ahead of Warsaw in summer and two in winter."""

_EPOCH_MIDNIGHT: Final = datetime(EPOCH.year, EPOCH.month, EPOCH.day, tzinfo=UTC)
_HOUR: Final = timedelta(hours=1)
_USUAL_HOURS: Final = 24
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def _absolute_hour_of_midnight(day: date) -> int:
    """Return the absolute hour at which `day` begins in Warsaw."""
    midnight = datetime.combine(day, time(), tzinfo=WARSAW).astimezone(UTC)
    return (midnight - _EPOCH_MIDNIGHT) // _HOUR


@dataclass(frozen=True)
class Calendar:
    """The hours and days of a run from `first_day` to `last_day`, both included; arrays are read-only.

    Two calendars are equal when their first and last days are.

    Attributes:
        first_day: day 0, in Warsaw.
        last_day: last day of the run, in Warsaw, included.
        n_days: number of Warsaw days, >= 1.
        n_hours: number of hours, >= 23.
        epoch_hour: absolute hour of hour 0 (since 2021-01-01 00:00 UTC); -1 when `first_day` is 2021-01-01,
            since Warsaw is ahead of UTC.
        epoch_day: absolute day of day 0 (days since 2021-01-01), >= 0.
        first_hour_of_day: int32[n_days + 1], hour at which each day begins; the last entry is `n_hours`.
        day_of_hour: int32[n_hours], day to which each hour belongs.
        hour_of_day: int8[n_hours], Warsaw clock hour in [0, 23]; 2 occurs twice on the day that ends summer
            time and not at all on the day that begins it.

    Raises:
        ValueError: a day outside 2021-01-01..2022-12-31, or `last_day` before `first_day`.
        TypeError: something other than a plain date.
    """

    first_day: date
    last_day: date
    n_days: int = field(init=False, repr=False, compare=False)
    n_hours: int = field(init=False, repr=False, compare=False)
    epoch_hour: int = field(init=False, repr=False, compare=False)
    epoch_day: int = field(init=False, repr=False, compare=False)
    first_hour_of_day: NDArray[np.int32] = field(init=False, repr=False, compare=False)
    day_of_hour: NDArray[np.int32] = field(init=False, repr=False, compare=False)
    hour_of_day: NDArray[np.int8] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name, day in (("first_day", self.first_day), ("last_day", self.last_day)):
            if type(day) is not date:  # a datetime is a date to isinstance, and compares with none
                raise TypeError(f"{name}: found {day!r}; a datetime.date is needed")
            if not EPOCH <= day <= LAST_DATE:
                raise ValueError(f"{name}: found {day}; allowed are {EPOCH} to {LAST_DATE}")
        if self.last_day < self.first_day:
            raise ValueError(f"last_day: found {self.last_day}, before first_day {self.first_day}")

        n_days = (self.last_day - self.first_day).days + 1
        midnights = np.array(
            [_absolute_hour_of_midnight(self.first_day + timedelta(days=d)) for d in range(n_days + 1)],
            dtype=np.int64,
        )
        first_hour = (midnights - midnights[0]).astype(np.int32)
        hours_in_day = np.diff(first_hour)
        n_hours = int(first_hour[-1])
        day_of_hour = np.repeat(np.arange(n_days, dtype=np.int32), hours_in_day)
        hour_of_day = (np.arange(n_hours, dtype=np.int32) - first_hour[day_of_hour]).astype(np.int8)
        for changing in np.flatnonzero(hours_in_day != _USUAL_HOURS):
            begin, end = int(first_hour[changing]), int(first_hour[changing + 1])
            absolute = range(int(midnights[0]) + begin, int(midnights[0]) + end)
            hour_of_day[begin:end] = [(_EPOCH_MIDNIGHT + h * _HOUR).astimezone(WARSAW).hour for h in absolute]

        for array in (first_hour, day_of_hour, hour_of_day):
            array.flags.writeable = False
        derived: dict[str, Any] = {
            "n_days": n_days,
            "n_hours": n_hours,
            "epoch_hour": int(midnights[0]),
            "epoch_day": (self.first_day - EPOCH).days,
            "first_hour_of_day": first_hour,
            "day_of_hour": day_of_hour,
            "hour_of_day": hour_of_day,
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)

    def __reduce__(self) -> tuple[type[Calendar], tuple[date, date]]:
        """Return the call that rebuilds this calendar: pickled arrays would come back writeable."""
        return Calendar, (self.first_day, self.last_day)

    def utc(self, hour: int) -> datetime:
        """Return the UTC time at which `hour` begins; `n_hours` gives the end of the run.

        Raises:
            ValueError: `hour` outside [0, n_hours].
        """
        if not 0 <= hour <= self.n_hours:
            raise ValueError(f"hour: found {hour}; allowed are 0 to {self.n_hours} in this run")
        return _EPOCH_MIDNIGHT + (self.epoch_hour + int(hour)) * _HOUR

    def local(self, hour: int) -> datetime:
        """Return the Warsaw time at which `hour` begins; its ``fold`` is 1 in the second 02:00 of autumn.

        Raises:
            ValueError: `hour` outside [0, n_hours].
        """
        return self.utc(hour).astimezone(WARSAW)

    def minsk_clock(self, hour: int) -> str:
        """Return the Minsk clock time ``"HH:MM"`` at which `hour` begins (always UTC+3).

        Raises:
            ValueError: `hour` outside [0, n_hours].
        """
        return f"{self.utc(hour).astimezone(MINSK):%H:%M}"

    def date_of_day(self, day: int) -> date:
        """Return the Warsaw date of run day `day`.

        Raises:
            ValueError: `day` outside [0, n_days).
        """
        if not 0 <= day < self.n_days:
            raise ValueError(f"day: found {day}; allowed are 0 to {self.n_days - 1} in this run")
        return self.first_day + timedelta(days=int(day))

    def day_of(self, when: date) -> int:
        """Return the run day of the Warsaw date `when`, in [0, n_days).

        Raises:
            ValueError: a date outside the run.
        """
        if not self.first_day <= when <= self.last_day:
            raise ValueError(f"date: found {when}; this run goes from {self.first_day} to {self.last_day}")
        return (when - self.first_day).days

    def hour_at(self, when: date, clock: str = "00:00") -> int:
        """Return the hour of the run that contains the Warsaw time `clock` (``"HH:MM"``) on the date `when`.

        A clock time that occurs twice (02:30 in autumn) means the first; one that the clocks skip (02:30 in
        spring) means the next hour that exists.

        Raises:
            ValueError: a date outside the run, or a clock that is not 00:00 to 23:59.
        """
        match = _CLOCK.fullmatch(clock)
        if match is None:
            raise ValueError(f"clock: found {clock!r}; a time from 00:00 to 23:59 is needed, as in '06:30'")
        day = self.day_of(when)
        begin, end = int(self.first_hour_of_day[day]), int(self.first_hour_of_day[day + 1])
        # The clock never jumps back below an hour already passed, so that the first hour not before will do.
        return begin + int(np.argmax(self.hour_of_day[begin:end] >= int(match[1])))
