"""Working time by the clock on the wall."""

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

import optikit as ok
from optikit.errors import InvalidProblemError
from optikit.scheduling import Calendar, Clock, JobShop, Shop
from optikit.scheduling.shop.sequence import next_start, worked_until

INF = float("inf")


def test_windows_that_touch_are_one_and_nothing_is_before_0():
    assert Calendar([(5, 7), (-3, 2), (7, 9), (8, 8.5)]).windows == ((0, 2), (5, 9))
    assert Calendar.always_but([(3, 4), (0, 1), (3.5, 6)]).windows == ((1, 3), (6, INF))
    assert Calendar([(0, 10)]).without([(2, 3), (9, 12)]).windows == ((0, 2), (3, 9))


@pytest.mark.parametrize(
    ("windows", "said"),
    [
        ([], "no working time"),
        ([(4, 4)], "no working time"),
        ([(-5, -1)], "no working time"),
        ([(4, 3)], r"windows\[0\] is from 4 to 3: it ends before it starts"),
        ([(float("nan"), 3)], r"windows\[0\] starts: it is nan"),
        ([(INF, INF)], "expected a finite number"),
        ([(1, 2, 3)], r"windows\[0\] is \(1, 2, 3\); expected a pair"),
        ("8-12", "expected pairs"),
        (7, "expected pairs"),
    ],
)
def test_calendars_that_make_no_sense(windows, said):
    with pytest.raises(InvalidProblemError, match=said):
        Calendar(windows)


def test_a_calendar_without_any_time_left():
    with pytest.raises(InvalidProblemError, match="no working time"):
        Calendar.always_but([(0, INF)])
    with pytest.raises(InvalidProblemError, match="no working time"):
        Calendar([(0, 10)]).without([(0, 10)])


def test_shifts_go_by_the_wall():
    clock = Clock("2026-10-24T00:00", "Europe/Berlin", unit="h")  # Saturday; in the night clocks go back
    assert Calendar.shifts(clock, [("22:00", "06:00")], days="sat", weeks=1).windows == ((22.0, 31.0),)
    plain = Clock("2026-10-24T00:00", unit="h")
    assert Calendar.shifts(plain, [("22:00", "06:00")], days="sat", weeks=1).windows == ((22.0, 30.0),)
    week = Calendar.shifts(plain, [("06:00", "14:00"), ("14:00", "22:00")], weeks=1, holidays=["2026-10-27"])
    assert len(week.windows) == 4  # Monday to Friday without Tuesday
    assert week.windows[0] == (54.0, 70.0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"days": "mon-fru"}, "days names 'mon-fru'"),
        ({"shifts": [("8", "25:00")]}, "a shift names the time"),
        ({"weeks": 0}, "weeks is 0"),
        ({"holidays": ["Easter"]}, "a holiday is 'Easter'"),
        ({"shifts": ["08:00"]}, "expected a pair"),
    ],
)
def test_shifts_that_make_no_sense(arguments, said):
    given = {"shifts": [("08:00", "16:00")], **arguments}
    with pytest.raises(InvalidProblemError, match=said):
        Calendar.shifts(Clock("2026-01-01"), given.pop("shifts"), **given)


def test_days_may_go_over_the_end_of_the_week():
    clock = Clock("2026-11-23T00:00", unit="day")  # a Monday
    assert len(Calendar.shifts(clock, [("00:00", "24:00")], days="sat-mon", weeks=1).windows) == 2
    assert Calendar.shifts(clock, [("00:00", "24:00")], days=["mon", "tue"], weeks=1).windows == ((0.0, 2.0),)


def test_a_clock_counts_time_that_passes():
    clock = Clock("2026-03-28T12:00", "Europe/Berlin", unit="h")
    assert str(clock.instant(24)) == "2026-03-29 13:00:00+02:00"
    assert clock.number("2026-03-29T12:00") == 23
    assert clock.number(datetime(2026, 3, 29, 10, tzinfo=UTC)) == 23
    for number in (0, 0.5, 13.25, 1000):
        assert clock.number(clock.instant(number)) == number


def test_clocks_are_made_of_anything_that_is_a_date():
    aware = pd.Timestamp("2026-03-01 08:00", tz="Europe/Paris")
    assert Clock(aware).zone == "Europe/Paris"
    assert Clock("2026-03-01T08:00+02:00").zone == "+02:00"
    assert Clock("2026-03-01T08:00Z").zone == "UTC"
    assert Clock(np.datetime64("2026-03-01T08:00")).zone is None
    assert Clock(datetime(2026, 3, 1, 8), "Europe/Paris") == Clock(aware)
    assert Clock.from_dict(Clock(aware, unit="s").to_dict()) == Clock(aware, unit="s")
    for nonsense in ("today?", 3, None, pd.NaT):
        with pytest.raises(InvalidProblemError, match="expected a date and time"):
            Clock(nonsense)
    with pytest.raises(InvalidProblemError, match="zone is 'Mars/City'"):
        Clock("2026-03-01", "Mars/City")
    with pytest.raises(InvalidProblemError, match="unit is 'weeks'; expected one of s, min, h, day"):
        Clock("2026-03-01", unit="weeks")
    with pytest.raises(InvalidProblemError, match="has a time zone, the clock has none"):
        Clock("2026-03-01").number(aware)
    with pytest.raises(InvalidProblemError, match="beyond the calendar's years"):
        Clock("2026-03-01", unit="day").instant(1e9)


def test_work_between_breaks():
    windows = ((0, 3), (5, 6), (8, INF))
    assert worked_until(windows, 1, 2) == 3
    assert worked_until(windows, 1, 2.5) == 5.5
    assert worked_until(windows, 2, 3) == 9
    assert worked_until(((0, 3),), 1, 3) == INF
    assert next_start(windows, 2, 2, resumable=False) == 8
    assert next_start(windows, 3, 2, resumable=True) == 5
    assert next_start(((0, 3),), 2, 2, resumable=False) == INF


def test_times_that_the_clock_on_the_wall_leaves_out_or_shows_twice():
    clock = Clock("2026-03-28T00:00", "Europe/Berlin", unit="h")
    with pytest.raises(InvalidProblemError, match=r"2026-03-29 02:30, a time that there is not in Europe/Berlin: .* forward"):
        clock.number("2026-03-29T02:30")
    with pytest.raises(
        InvalidProblemError, match=r"twice in Europe/Berlin: .* back then; say which is meant, 2026-10-25T02:30:00\+02"
    ):
        clock.number("2026-10-25T02:30")
    assert clock.number("2026-10-25T02:30+01:00") - clock.number("2026-10-25T02:30+02:00") == 1
    with pytest.raises(InvalidProblemError, match="origin is 2026-10-25 02:30"):
        Clock("2026-10-25T02:30", "Europe/Berlin")
    # A shift in a time that is left out begins as long after the change; one that lies within it is none.
    assert Calendar.shifts(clock, [("02:30", "04:00")], days="sun", weeks=1).windows == ((26.5, 27.0),)
    assert Calendar.shifts(clock, [("02:15", "03:00"), ("05:00", "06:00")], days="sun", weeks=1).windows == ((28.0, 29.0),)


def test_a_date_without_a_time_is_the_midnight_before():
    assert Clock("2026-11-23", unit="h").number(date(2026, 11, 24)) == 24


def test_a_search_knows_what_no_window_finishes():
    """The last operation may begin before its machine's calendar ends, but not be done: that is a breach, and no schedule."""
    shop = JobShop.from_jobs(
        [[(0, 4), (1, 1)], [(1, 1), (0, 2)]],
        calendars={0: Calendar([(0, 3), (5, 9)]), 1: Calendar([(0, 2), (7, 10)])},
        earliest=[2, 0, 0, 4],
        resumable=True,
    )
    result = ok.solve(shop, "general", stop=ok.Stop(iterations=50))
    assert result.solution is None
    assert not shop.check(result.nearest)


def test_a_search_comes_back_from_where_no_window_is():
    """Open jobs of which two operations may come after the last window of their machine: neither waits for the other for ever."""
    shop = Shop.from_jobs(
        [[(1, 4), (0, 3)], [(0, 2), (1, 3), {1: 2, 0: 3}]],
        order="open",
        calendars={0: Calendar([(0, 3), (6, 9)])},
        resumable=True,
        due=[2, 0],
        setup=[[0, 0], [3, 1]],
        objective="total_tardiness",
    )
    result = ok.solve(shop, "general", stop=ok.Stop(iterations=400), seed=1)
    assert result.objective == ok.solve(shop, "cpsat").objective
