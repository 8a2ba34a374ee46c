"""Parts of a shop: precedences between operations, and the plan that a new one should stay near to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import InvalidProblemError
from ...inputs.arrays import as_numbers, frozen_array, refuse
from ...inputs.forms import check_keys
from ...inputs.frozen import Frozen
from ...inputs.tables import is_missing
from ...inputs.wording import did_you_mean, shown
from ..clock import Clock, is_date, time_of

CHAIN, OPEN, NETWORK = 0, 1, 2
"""How the operations of a job follow each other: as they are listed; in any order, one at a time; as precedences say."""

ORDERS = {"chain": CHAIN, "open": OPEN, "network": NETWORK}

KINDS = {
    "finish-start": (True, False),
    "start-start": (False, False),
    "finish-finish": (True, True),
    "start-finish": (False, True),
}
"""Kind of a precedence -> whether the lag counts from the end of the one before, and up to the end of the one after."""


MOST_MACHINES = 1_000_000
"""More are a mistake, and would fill the memory."""


@dataclass(frozen=True)
class Precedence:
    """A rule between two operations: the lag between them is at least ``min_lag`` and at most ``max_lag``.

    Parameters
    ----------
    before, after : int
        Positions of the operations. The rule holds where neither of them is left out.
    kind : {"finish-start", "start-start", "finish-finish", "start-finish"}
        From what of the one before to what of the one after the lag counts.
    min_lag : float
        May be negative: they may overlap by so much.
    max_lag : float, optional
        None: no limit.

    Examples
    --------
    >>> Precedence(0, 1, max_lag=30)  # paint no later than 30 after the primer
    Precedence(before=0, after=1, kind='finish-start', min_lag=0, max_lag=30)
    """

    before: int
    after: int
    kind: str = "finish-start"
    min_lag: float = 0
    max_lag: float | None = None

    def __post_init__(self) -> None:
        for field in ("before", "after"):
            value = getattr(self, field)
            if isinstance(value, bool) or not isinstance(value, int | np.integer):
                raise InvalidProblemError(f"{field} of a precedence is {shown(value)}; expected the position of an operation")
            object.__setattr__(self, field, int(value))
        if not isinstance(self.kind, str) or self.kind not in KINDS:
            hint = did_you_mean(self.kind, KINDS)
            raise InvalidProblemError(f"kind of a precedence is {shown(self.kind)}{hint}; expected one of {', '.join(KINDS)}")
        object.__setattr__(self, "min_lag", time_of("min_lag of a precedence", self.min_lag))
        if self.max_lag is not None:
            least = time_of("max_lag of a precedence", self.max_lag, unbounded=True)
            object.__setattr__(self, "max_lag", None if least == math.inf else least)
        if self.max_lag is not None and self.max_lag < self.min_lag:
            raise InvalidProblemError(
                f"the precedence from operation {self.before} to {self.after} has min_lag {self.min_lag} above max_lag "
                f"{self.max_lag}: no plan meets both"
            )

    def to_dict(self) -> dict[str, Any]:
        return {
            "before": self.before,
            "after": self.after,
            "kind": self.kind,
            "min_lag": self.min_lag,
            "max_lag": self.max_lag,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Precedence:
        check_keys(data, ("before", "after", "kind", "min_lag", "max_lag"), "a precedence", InvalidProblemError)
        return cls(**data)


@dataclass(frozen=True, eq=False)
class Baseline(Frozen):
    """A plan to stay near to, and the price of leaving it: for replanning.

    Parameters
    ----------
    start : array_like of float, shape (num_operations,)
        When each operation was to start; NaN for one that the plan did not have.
    machine : array_like of int, shape (num_operations,)
        Where; -1 for one that the plan did not have.
    per_time : array_like of float, shape (num_operations,)
        Price of each unit of time that an operation starts earlier or later.
    per_move : array_like of float, shape (num_operations,)
        Price of another machine.
    """

    start: Any
    machine: Any
    per_time: Any = 1.0
    per_move: Any = 0.0

    def __post_init__(self) -> None:
        machine = frozen_array("baseline.machine", self.machine, np.int64, shape=(None,))
        size = len(machine)
        start = np.asarray(self.start) if not isinstance(self.start, list) else np.asarray(as_numbers("baseline.start", self.start))
        if start.shape != (size,) or start.dtype.kind not in "iuf":
            raise InvalidProblemError(
                f"baseline.start has shape {start.shape} of {start.dtype}; expected one number an operation, ({size},)"
            )
        start = start.astype(np.float64)
        refuse("baseline.start", start, np.isinf(start) | (start < 0), "expected a time >= 0, or NaN for none")
        start.flags.writeable = False
        object.__setattr__(self, "machine", machine)
        object.__setattr__(self, "start", start)
        for field in ("per_time", "per_move"):
            price = per_item(f"baseline.{field}", getattr(self, field), size, "operation")
            object.__setattr__(self, field, price)

    def to_dict(self) -> dict[str, Any]:
        start: Any = self.start
        return {
            "start": [None if math.isnan(value) else value for value in start.tolist()],
            "machine": np.asarray(self.machine).tolist(),
            "per_time": np.asarray(self.per_time).tolist(),
            "per_move": np.asarray(self.per_move).tolist(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Baseline:
        check_keys(data, ("start", "machine", "per_time", "per_move"), "a baseline", InvalidProblemError)
        return cls(
            np.array([math.nan if value is None else value for value in data["start"]]),
            *(data[key] for key in ("machine", "per_time", "per_move")),
        )


DATES = ("release", "due", "deadline", "earliest", "latest")
"""Fields that may be dates, where there is a clock."""


def moment_of(field: str, called: str, moment: Any, clock: Clock | None) -> float:
    """A date of one of `DATES` as a number; what may begin before the clock does has been waiting since, and may begin at 0."""
    if clock is None:
        raise InvalidProblemError(
            f"{called} is {shown(str(moment))}, but no clock says when 0 is; say clock=Clock(start, zone, unit=...)"
        )
    number = clock.number(moment, called)
    if number < 0 and field in ("deadline", "latest"):
        raise InvalidProblemError(
            f"{called} is {shown(str(moment))}, before the clock begins at {clock.origin}: nothing is done by then"
        )
    return max(number, 0.0) if field in ("release", "earliest") else number


def numbered(field: str, value: Any, clock: Any) -> Any:
    """A field of `DATES` with numbers in the place of its dates, or as it was given, where it has none."""
    if is_date(value):
        return moment_of(field, field, value, clock)
    plain = isinstance(value, np.ndarray) and value.dtype.kind not in "OMU"
    if plain or not isinstance(value, Iterable) or isinstance(value, bytes):
        return value
    items = list(value)
    if not any(map(is_date, items)):
        return items if not isinstance(value, np.ndarray) else value
    nothing = 0.0 if field in ("release", "earliest") else math.inf
    found = []
    for index, item in enumerate(items):
        none = is_missing(item) or (isinstance(item, float) and item == nothing)
        if not none and not is_date(item):
            raise InvalidProblemError(f"{field}[{index}] is {shown(item)} among dates; give dates, or numbers")
        found.append(nothing if none else moment_of(field, f"{field}[{index}]", item, clock))
    return found


def listed(field: str, given: Any, expected: str = "a sequence") -> list[Any]:
    """The items of a sequence, or a refusal of what is none."""
    if isinstance(given, str | bytes | Mapping | type) or not isinstance(given, Iterable) or getattr(given, "ndim", 1) == 0:
        raise InvalidProblemError(f"{field} is {shown(given)}; expected {expected}")
    return list(given)


def per_item(field: str, value: Any, count: int, what: str, *, least: float = 0.0, unbounded: bool = False) -> NDArray[np.float64]:
    """One float an item: a single number counts for all; infinity only where it may be ``unbounded``, for none.

    Raises
    ------
    InvalidProblemError
        Naming the field, the index and the value.
    """
    given: Any = value
    if isinstance(given, np.ndarray) and given.ndim == 0:
        given = given[()]
    if isinstance(given, str | bytes | Mapping | type):
        raise InvalidProblemError(f"{field} is {shown(value)}; expected one number for each {what}, or one for all")
    if isinstance(given, np.generic) or not hasattr(given, "__len__"):
        given = [given] * count
    if not isinstance(given, np.ndarray):
        items = listed(field, given, f"one number for each {what}, or one for all")
        given = [math.inf if item is None and unbounded else item for item in items]
    advice = f"one number for each {what}, or one for all"
    numbers: NDArray[np.float64]
    if unbounded:
        try:
            free = np.isposinf(np.asarray(given, np.float64)) if np.asarray(given).dtype.kind != "c" else np.zeros(len(given), bool)
        except (TypeError, ValueError, OverflowError):
            free = np.zeros(len(given), bool)
        filled = np.where(free, 0, np.asarray(given)) if free.any() else given
        advice += "; inf or None where there is none"
        numbers = np.array(frozen_array(field, filled, np.float64, shape=(count,), advice=advice))
        if free.any():
            numbers[free] = math.inf
    else:
        numbers = np.array(frozen_array(field, given, np.float64, shape=(count,), advice=advice))
    refuse(field, numbers, numbers < least, f"expected a number >= {least:g}")
    numbers.flags.writeable = False
    return numbers


def flags_of(field: str, value: Any, count: int, what: str) -> NDArray[np.bool_]:
    """One bool an item: a single one counts for all."""
    plain = value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value
    plain = plain.item() if isinstance(plain, np.generic) else plain
    if isinstance(plain, np.ndarray):
        items = plain.tolist()
    elif isinstance(plain, bool | int) or plain is None:
        items = [plain] * count
    else:
        items = listed(field, plain, f"one bool for each {what}, or one for all")
    if len(items) != count:
        raise InvalidProblemError(f"{field} has {len(items)} entries, expected {count}: one for each {what}, or one for all")
    for index, item in enumerate(items):
        if not isinstance(item, bool | int | np.bool_) or item not in (0, 1):
            raise InvalidProblemError(f"{field}[{index}] is {shown(item)}; expected True or False")
    flags = np.array(items, dtype=bool)
    flags.flags.writeable = False
    return flags
