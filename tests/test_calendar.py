"""The calendar: hours of UTC, days of Warsaw, and the days on which clocks change."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.world.calendar import EPOCH, LAST_DATE, WARSAW, Calendar

AUTUMN = Calendar(date(2021, 8, 1), date(2021, 12, 31))
SPRING = Calendar(date(2022, 3, 25), date(2022, 3, 29))


@st.composite
def calendars(draw: st.DrawFn, most_days: int = 200) -> Calendar:
    first = draw(st.dates(EPOCH, LAST_DATE))
    last = min(first + timedelta(days=draw(st.integers(0, most_days))), LAST_DATE)
    return Calendar(first, last)


def test_the_crisis_has_one_hour_more_than_its_days_times_24() -> None:
    assert (AUTUMN.n_days, AUTUMN.n_hours) == (153, 3673)


def test_hour_0_is_warsaw_midnight_in_utc() -> None:
    assert AUTUMN.utc(0) == datetime(2021, 7, 31, 22, tzinfo=UTC)
    assert AUTUMN.epoch_hour == 211 * 24 + 22
    assert AUTUMN.epoch_day == 212


def test_the_epoch_day_begins_an_hour_before_absolute_hour_0() -> None:
    first = Calendar(EPOCH, EPOCH)
    assert (first.epoch_hour, first.epoch_day, first.n_hours) == (-1, 0, 24)


def test_31_october_has_25_hours_and_two_o_clock_twice() -> None:
    day = AUTUMN.day_of(date(2021, 10, 31))
    begin, end = AUTUMN.first_hour_of_day[day], AUTUMN.first_hour_of_day[day + 1]
    assert AUTUMN.hour_of_day[begin:end].tolist() == [0, 1, 2, 2, *range(3, 24)]
    assert [AUTUMN.local(int(begin) + h).fold for h in (2, 3)] == [0, 1]
    assert AUTUMN.hour_at(date(2021, 10, 31), "02:30") == begin + 2
    assert AUTUMN.hour_at(date(2021, 10, 31), "03:00") == begin + 4


def test_27_march_has_23_hours_and_skips_two_o_clock() -> None:
    day = SPRING.day_of(date(2022, 3, 27))
    begin, end = SPRING.first_hour_of_day[day], SPRING.first_hour_of_day[day + 1]
    assert SPRING.hour_of_day[begin:end].tolist() == [0, 1, *range(3, 24)]
    assert SPRING.hour_at(date(2022, 3, 27), "02:30") == SPRING.hour_at(date(2022, 3, 27), "03:00") == begin + 2


def test_minsk_is_one_hour_ahead_in_summer_and_two_in_winter() -> None:
    assert AUTUMN.minsk_clock(AUTUMN.hour_at(date(2021, 10, 30), "12:00")) == "13:00"
    assert AUTUMN.minsk_clock(AUTUMN.hour_at(date(2021, 11, 8), "12:00")) == "14:00"


def test_a_run_that_begins_in_winter_time_begins_at_23_utc() -> None:
    november = Calendar(date(2021, 11, 8), date(2021, 11, 30))
    assert november.utc(0) == datetime(2021, 11, 7, 23, tzinfo=UTC)
    assert november.n_hours == 23 * 24


def test_both_years_fit_in_one_calendar() -> None:
    whole = Calendar(EPOCH, LAST_DATE)
    assert (whole.n_days, whole.n_hours) == (730, 730 * 24)
    assert np.count_nonzero(np.diff(whole.first_hour_of_day) == 25) == 2
    assert np.count_nonzero(np.diff(whole.first_hour_of_day) == 23) == 2


def test_dtypes_are_those_of_the_contract() -> None:
    assert AUTUMN.day_of_hour.dtype == np.int32
    assert AUTUMN.hour_of_day.dtype == np.int8
    assert AUTUMN.first_hour_of_day.dtype == np.int32


@settings(max_examples=60, deadline=None)
@given(calendars(), st.data())
def test_hours_and_days_agree_with_the_zone_itself(calendar: Calendar, data: st.DataObject) -> None:
    hour = data.draw(st.integers(0, calendar.n_hours - 1))
    day = int(calendar.day_of_hour[hour])
    local = calendar.local(hour)
    assert local.date() == calendar.date_of_day(day)
    assert local.hour == calendar.hour_of_day[hour]
    assert local.minute == 0
    assert calendar.day_of(calendar.date_of_day(day)) == day
    assert calendar.first_hour_of_day[day] <= hour < calendar.first_hour_of_day[day + 1]


@settings(max_examples=60, deadline=None)
@given(calendars(), st.data())
def test_hour_at_finds_the_hour_that_local_names(calendar: Calendar, data: st.DataObject) -> None:
    hour = data.draw(st.integers(0, calendar.n_hours - 1))
    minute = data.draw(st.integers(0, 59))
    local = calendar.local(hour)
    found = calendar.hour_at(local.date(), f"{local.hour:02d}:{minute:02d}")
    assert found == hour - local.fold


@settings(max_examples=60, deadline=None)
@given(calendars())
def test_days_share_out_all_hours(calendar: Calendar) -> None:
    assert calendar.first_hour_of_day[0] == 0
    assert calendar.first_hour_of_day[-1] == calendar.n_hours
    assert np.array_equal(np.bincount(calendar.day_of_hour), np.diff(calendar.first_hour_of_day))
    end = datetime.combine(calendar.last_day + timedelta(days=1), datetime.min.time(), tzinfo=WARSAW)
    assert calendar.utc(calendar.n_hours) == end


@settings(max_examples=40, deadline=None)
@given(calendars(), calendars())
def test_the_same_moment_has_the_same_absolute_hour_in_every_run(one: Calendar, other: Calendar) -> None:
    assert one.utc(0) - other.utc(0) == timedelta(hours=one.epoch_hour - other.epoch_hour)
    assert (one.first_day - other.first_day).days == one.epoch_day - other.epoch_day


@pytest.mark.parametrize("day", [date(2020, 12, 31), date(2023, 1, 1)])
def test_a_day_outside_the_two_years_is_refused(day: date) -> None:
    with pytest.raises(ValueError, match=r"first_day: found .*; allowed are 2021-01-01 to 2022-12-31"):
        Calendar(day, day)


def test_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(ValueError, match="last_day: found 2021-11-07, before first_day 2021-11-08"):
        Calendar(date(2021, 11, 8), date(2021, 11, 7))


def test_a_datetime_is_not_taken_for_a_date() -> None:
    with pytest.raises(TypeError, match=r"last_day: found datetime\.datetime"):
        Calendar(date(2021, 11, 8), datetime(2021, 11, 9, tzinfo=UTC))


@pytest.mark.parametrize("clock", ["", "6:30", "24:00", "12:60", "12.30", "12:30:00", " 12:30", "12:30\n", "١٢:٣٠"])
def test_a_malformed_clock_is_refused(clock: str) -> None:
    with pytest.raises(ValueError, match=r"clock: found .*; a time from 00:00 to 23:59 is needed"):
        AUTUMN.hour_at(date(2021, 11, 8), clock)


def test_a_date_outside_the_run_is_refused() -> None:
    with pytest.raises(ValueError, match="found 2022-01-01; this run goes from 2021-08-01 to 2021-12-31"):
        AUTUMN.hour_at(date(2022, 1, 1), "12:00")
    with pytest.raises(ValueError, match="found 2021-07-31"):
        AUTUMN.day_of(date(2021, 7, 31))


@pytest.mark.parametrize("hour", [-1, 3674])
def test_an_hour_outside_the_run_is_refused(hour: int) -> None:
    with pytest.raises(ValueError, match=f"hour: found {hour}; allowed are 0 to 3673"):
        AUTUMN.utc(hour)


@pytest.mark.parametrize("day", [-1, 153])
def test_a_day_number_outside_the_run_is_refused(day: int) -> None:
    with pytest.raises(ValueError, match=f"day: found {day}; allowed are 0 to 152"):
        AUTUMN.date_of_day(day)


def test_a_calendar_cannot_be_changed_not_even_after_pickling() -> None:
    for calendar in (AUTUMN, pickle.loads(pickle.dumps(AUTUMN))):
        assert calendar == AUTUMN
        assert hash(calendar) == hash(AUTUMN)
        with pytest.raises(FrozenInstanceError, match="n_days"):
            calendar.n_days = 1  # type: ignore[misc]
        with pytest.raises(ValueError, match="read-only"):
            calendar.hour_of_day[0] = 1
