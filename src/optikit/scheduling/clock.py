"""What a number on the axis of time is by the clock on the wall.

Times are numbers from 0 on. A `Clock` says which instant 0 is and how long a unit lasts; it counts time that passes, so that a
day on which clocks are changed has 23 or 25 hours.
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from ..errors import InvalidProblemError
from ..inputs.forms import check_keys
from ..inputs.wording import shown

SECONDS = {"s": 1, "min": 60, "h": 3600, "day": 86400}
"""Units of time, in seconds."""


@dataclass(frozen=True)
class Clock:
    """Which instant the number 0 is, and how long a unit lasts.

    Parameters
    ----------
    origin : str or datetime
        Date and time of 0, as text in ISO 8601, a ``datetime`` or a pandas ``Timestamp``.
    zone : str, optional
        Time zone of the clock on the wall, ``"Europe/Berlin"`` for instance; by default that of ``origin``, where it has one. None:
        dates without a zone, whose days all have 24 hours.
    unit : {"s", "min", "h", "day"}
        How long a unit of time lasts.

    Raises
    ------
    InvalidProblemError
        For what is no date, an unknown zone, or an unknown unit.

    Examples
    --------
    >>> clock = Clock("2026-03-28T12:00", "Europe/Berlin", unit="h")
    >>> print(clock.instant(24))  # clocks go forward in between
    2026-03-29 13:00:00+02:00
    """

    origin: str
    zone: str | None = None
    unit: str = "min"

    def __post_init__(self) -> None:
        if not isinstance(self.unit, str) or self.unit not in SECONDS:
            raise InvalidProblemError(f"unit is {shown(self.unit)}; expected one of {', '.join(SECONDS)}")
        origin = instant_of("origin", self.origin)
        zone = self.zone
        if isinstance(zone, tzinfo):
            zone = _zone_name(zone, origin)
        if zone is None and origin.tzinfo is not None:
            zone = _zone_name(origin.tzinfo, origin)
        where = None if zone is None else _zone(zone)
        if where is not None:
            if origin.tzinfo is None:
                _refuse_change("origin", origin, where, str(zone))
            origin = origin.astimezone(where) if origin.tzinfo is not None else origin.replace(tzinfo=where)
        object.__setattr__(self, "zone", zone)
        object.__setattr__(self, "origin", origin.isoformat())

    @cached_property
    def _zero(self) -> datetime:
        """The instant 0: in UTC where there is a zone, as arithmetic on local times passes over changes of the clock."""
        origin = datetime.fromisoformat(self.origin)
        return origin if self.zone is None else origin.astimezone(UTC)

    @cached_property
    def _where(self) -> tzinfo | None:
        return None if self.zone is None else _zone(self.zone)

    def instant(self, number: float) -> datetime:
        """Date and time of a number, in the clock's zone; to the microsecond."""
        plain = number.item() if isinstance(number, np.generic) else number
        if isinstance(plain, bool) or not isinstance(plain, int | float):
            raise InvalidProblemError(f"number is {shown(number)}; expected a number of {self.unit} after {self.origin}")
        try:
            moment = self._zero + timedelta(seconds=float(plain) * SECONDS[self.unit])
        except (OverflowError, ValueError):
            raise InvalidProblemError(f"{number} {self.unit} after {self.origin} is beyond the calendar's years") from None
        return moment if self._where is None else moment.astimezone(self._where)

    def number(self, moment: Any, called: str = "a date") -> float:
        """The number of a date and time: one without a zone is by the clock on the wall, one without a time is the midnight before.

        Refusals call it as ``called`` says.

        Raises
        ------
        InvalidProblemError
            For what is no date, and for one with a zone where the clock has none; for a time without a zone that the clock on the
            wall never shows, or shows twice, as it is put forward or back.
        """
        found = instant_of(called, moment)
        if self._where is None and found.tzinfo is not None:
            raise InvalidProblemError(
                f"{called} is {shown(str(moment))}: it has a time zone, the clock has none; say zone=... of the Clock"
            )
        if self._where is not None and found.tzinfo is None:
            _refuse_change(called, found, self._where, str(self.zone))
        return self.by_wall(found)

    def by_wall(self, moment: datetime) -> float:
        """The number of a time by the clock on the wall, whatever it shows: of two such times it is the first, and one that is left
        out counts from the time before the change, as calendars do (RFC 5545, 3.3.5)."""
        found = moment
        if self._where is not None:
            found = (found if found.tzinfo is not None else found.replace(tzinfo=self._where)).astimezone(UTC)
        passed = found - self._zero
        return (passed // timedelta(microseconds=1)) / (SECONDS[self.unit] * 1_000_000)

    def to_dict(self) -> dict[str, Any]:
        return {"origin": self.origin, "zone": self.zone, "unit": self.unit}

    @classmethod
    def from_dict(cls, data: Any) -> Clock:
        check_keys(data, ("origin", "zone", "unit"), "a clock", InvalidProblemError)
        return cls(**data)


def is_date(value: Any) -> bool:
    """Whether a value is meant as a date, rather than as a number."""
    return hasattr(value, "isoformat") or isinstance(value, np.datetime64 | str)


def _refuse_change(field: str, moment: datetime, where: tzinfo, zone: str) -> None:
    """Refuse a time that is not shown, or shown twice, when clocks are changed (PEP 495)."""
    first, second = moment.replace(tzinfo=where, fold=0), moment.replace(tzinfo=where, fold=1)
    one, other = first.utcoffset(), second.utcoffset()
    if one == other or one is None or other is None or moment.fold:
        return
    at = moment.isoformat(" ", "minutes")
    if first.astimezone(UTC).astimezone(where).replace(tzinfo=None) != moment.replace(tzinfo=None):
        said = f"a time that there is not in {zone}: clocks are put forward then"
    else:
        said = f"a time that there is twice in {zone}: clocks are put back then"
    raise InvalidProblemError(f"{field} is {at}, {said}; say which is meant, {first.isoformat()} or {second.isoformat()}")


def instant_of(field: str, given: Any) -> datetime:
    """A date and time from outside; `InvalidProblemError`, which names the field, for what is none."""
    if type(given) is date:
        given = datetime(given.year, given.month, given.day)
    if isinstance(given, np.datetime64):
        given = str(given.astype("datetime64[us]"))
    try:
        if hasattr(given, "to_pydatetime"):
            given = given.to_pydatetime(warn=False)
        found = given if isinstance(given, datetime) else datetime.fromisoformat(given)
        operator.sub(found, found)  # NaT is a datetime, but no date
        found.isoformat()
        if not isinstance(found - found, timedelta):
            raise ValueError
        return found
    except (ValueError, TypeError):
        raise InvalidProblemError(f"{field} is {shown(given)}; expected a date and time, for instance '2026-11-23T08:00'") from None


def _zone(name: Any) -> tzinfo:
    try:
        if not isinstance(name, str):
            raise ValueError
        if name[:1] in "+-" and len(name) > 1:
            return datetime.fromisoformat(f"2000-01-01T00:00{name}").tzinfo or UTC
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        raise InvalidProblemError(
            f"zone is {shown(name)}; expected the name of a time zone, for instance 'Europe/Berlin'"
        ) from None


def _zone_name(zone: tzinfo, at: datetime) -> str:
    """The name of a zone: that of zoneinfo or pytz, else its offset."""
    name = getattr(zone, "key", None) or getattr(zone, "zone", None)
    if name:
        return str(name)
    if zone is UTC or str(zone) == "UTC":
        return "UTC"
    offset = at.replace(tzinfo=zone).utcoffset() or timedelta()
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    return f"{'-' if offset < timedelta() else '+'}{hours:02}:{minutes:02}"


def length_of(name: str, value: Any, clock: Clock | None) -> Any:
    """A length of time as a number in the clock's unit; anything else as it is, for others to judge."""
    if isinstance(value, np.timedelta64) and not np.isnat(value):
        value = value.astype("timedelta64[us]").item()
    if not isinstance(value, timedelta):
        return value
    if clock is None:
        raise InvalidProblemError(
            f"{name} is a length of time, but there is no clock; say clock=Clock(start, unit=...), or a number"
        )
    return value.total_seconds() / SECONDS[clock.unit]


def time_of(name: str, value: Any, unbounded: bool = False) -> float:
    """A time or a length of time from outside as a plain int or float; infinity only where it may be ``unbounded``."""
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, bool) or not isinstance(plain, int | float) or math.isnan(plain):
        raise InvalidProblemError(f"{name} is {shown(value)}; expected a number")
    if abs(plain) > 1e15 and not (unbounded and plain == math.inf):
        raise InvalidProblemError(f"{name} is {shown(value)}; expected a finite number, below 1e15: use a larger unit")
    return plain
