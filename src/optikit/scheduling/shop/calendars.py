"""When machines work: windows, breaks, and shifts by the clock on the wall."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np

from ...errors import InvalidProblemError
from ...inputs.wording import an, did_you_mean, shown
from ..clock import Clock, time_of
from .parts import listed

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Window = tuple[float, float]


@dataclass(frozen=True)
class Calendar:
    """The working time of a machine.

    Parameters
    ----------
    windows : iterable of (start, end)
        When it works, in the problem's unit of time; the last may end at ``inf``. Windows that touch or overlap are one.

    Raises
    ------
    InvalidProblemError
        For NaN, a window that ends before it starts, and where there is no working time at all.

    Examples
    --------
    >>> Calendar([(8, 12), (13, 17)])
    Calendar(windows=((8, 12), (13, 17)))
    >>> Calendar.always_but([(12, 13)])
    Calendar(windows=((0, 12), (13, inf)))
    """

    windows: Sequence[Window]

    def __post_init__(self) -> None:
        windows: list[Window] = []
        for start, end in sorted(_pairs("windows", self.windows)):
            if end <= 0:
                continue  # nothing happens before 0
            start = max(start, 0)
            if windows and start <= windows[-1][1]:
                windows[-1] = (windows[-1][0], max(windows[-1][1], end))
            elif end > start:
                windows.append((start, end))
        if not windows:
            raise InvalidProblemError("the calendar has no working time after 0; leave the machine out, or give it a window")
        object.__setattr__(self, "windows", tuple(windows))

    @classmethod
    def always_but(cls, breaks: Iterable[Window]) -> Calendar:
        """Working time all around some breaks (start, end)."""
        windows: list[Window] = []
        here: float = 0
        for start, end in sorted(_pairs("breaks", breaks)):
            if end <= start:
                continue
            if start > here:
                windows.append((here, start))
            here = max(here, end)
        return cls([*windows, (here, math.inf)] if here < math.inf else windows)

    @classmethod
    def shifts(
        cls,
        clock: Clock,
        shifts: Iterable[tuple[str, str]],
        *,
        days: str | Iterable[str] = "mon-fri",
        weeks: int = 52,
        holidays: Iterable[Any] = (),
    ) -> Calendar:
        """Working time by the clock on the wall, week for week; see `Clock.by_wall` for shifts that begin while clocks are changed.

        Parameters
        ----------
        clock : Clock
            Of the problem.
        shifts : iterable of (str, str)
            From when to when, ``"06:00"`` to ``"14:00"``; one that ends no later than it starts ends on the day after.
        days : str or iterable of str
            On which days shifts start: ``"mon-fri"``, ``"mon,wed,sat"``, ``["mon", "tue"]``.
        weeks : int
            For how many weeks from the clock's start on; afterwards the machine does not work.
        holidays : iterable of date or str
            Days on which no shift starts.

        Examples
        --------
        >>> from optikit.scheduling import Clock
        >>> clock = Clock("2026-10-24T00:00", "Europe/Berlin", unit="h")  # in the night clocks go back
        >>> Calendar.shifts(clock, [("22:00", "06:00")], days="sat", weeks=1)
        Calendar(windows=((22.0, 31.0),))
        """
        if not isinstance(clock, Clock):
            raise InvalidProblemError(f"clock is {an(type(clock))}; expected a Clock, which says what 8 o'clock is")
        if isinstance(weeks, bool) or not isinstance(weeks, int) or not 1 <= weeks <= 5_000:
            raise InvalidProblemError(f"weeks is {shown(weeks)}; expected a whole number from 1 to 5000")
        at = [(_time_of_day(start), _time_of_day(end)) for start, end in _two_each("shifts", shifts)]
        on, off = _weekdays(days), {_day(day) for day in listed("holidays", holidays, "dates like '2026-12-25'")}
        first = clock.instant(0).date()
        windows = []
        for offset in range(-1, 7 * weeks):
            day = first + timedelta(days=offset)
            if day.weekday() in on and day not in off:
                for start, end in at:
                    until = day if end > start else day + timedelta(days=1)
                    window = (clock.by_wall(datetime.combine(day, start)), clock.by_wall(datetime.combine(until, end)))
                    if window[0] < window[1]:  # clocks that are put forward may leave a short one out
                        windows.append(window)
        return cls(windows)

    def without(self, breaks: Iterable[Window]) -> Calendar:
        """The same working time less some breaks (start, end): a breakdown, for instance."""
        windows = list(self.windows)
        for start, end in _pairs("breaks", breaks):
            cut: list[Window] = []
            for first, last in windows:
                cut += [(a, b) for a, b in ((first, min(last, start)), (max(first, end), last)) if a < b]
            windows = cut
        return Calendar(windows)

    def to_dict(self) -> list[list[float | None]]:
        return [[start, None if end == math.inf else end] for start, end in self.windows]

    @classmethod
    def from_dict(cls, data: Any) -> Calendar:
        return cls([(start, math.inf if end is None else end) for start, end in data])


def _pairs(field: str, given: Any) -> list[Window]:
    pairs = []
    for index, (start, end) in enumerate(_two_each(field, given)):
        window = (
            time_of(f"{field}[{index}] starts: it", start),
            time_of(f"{field}[{index}] ends: it", end, unbounded=True),
        )
        if window[1] < window[0]:
            raise InvalidProblemError(f"{field}[{index}] is from {shown(start)} to {shown(end)}: it ends before it starts")
        pairs.append(window)
    return pairs


def _two_each(field: str, given: Any) -> list[Any]:
    if isinstance(given, np.ndarray):
        given = given.tolist()
    pairs = listed(field, given, "pairs (start, end)")
    for index, pair in enumerate(pairs):
        if isinstance(pair, str) or not isinstance(pair, Sequence) or len(pair) != 2:
            raise InvalidProblemError(f"{field}[{index}] is {shown(pair)}; expected a pair (start, end)")
    return pairs


def _time_of_day(text: Any) -> time:
    try:
        if isinstance(text, time):
            return text.replace(tzinfo=None)
        return time(0) if text == "24:00" else time.fromisoformat(text)
    except (ValueError, TypeError):
        raise InvalidProblemError(f"a shift names the time {shown(text)}; expected one like '08:00'") from None


def _day(given: Any) -> date:
    try:
        if isinstance(given, datetime):  # pandas' timestamps are such
            return given.date()
        return given if isinstance(given, date) else date.fromisoformat(given)
    except (ValueError, TypeError):
        raise InvalidProblemError(f"a holiday is {shown(given)}; expected a date like '2026-12-25'") from None


def _weekdays(days: Any) -> set[int]:
    parts = [days] if isinstance(days, str) else listed("days", days, "days like 'mon-fri' or 'sat'")
    words = [word for part in parts for word in str(part).lower().split(",")]
    found: set[int] = set()
    for word in words:
        ends = [end.strip()[:3] for end in word.split("-")]
        for end in ends:
            if end not in DAYS:
                raise InvalidProblemError(
                    f"days names {shown(word)}{did_you_mean(end, DAYS)}; expected days like 'mon-fri' or 'sat'"
                )
        first, last = DAYS.index(ends[0]), DAYS.index(ends[-1])
        found.update(day % 7 for day in range(first, last + 1 if last >= first else last + 8))
    return found
