"""A schedule: what a solver of a shop decides."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ...core.solution import Solution
from ...errors import InvalidProblemError, InvalidSolutionError
from ...inputs.arrays import frozen_array
from ...inputs.forms import check_form, check_keys
from ...inputs.wording import shown

SCHEMA_VERSION = 1
ABSENT = -1
"""Mode of an operation that is left out."""


@dataclass(frozen=True, eq=False)
class Schedule(Solution):
    """A solution of a `Shop`: when each operation starts, and in which of its modes.

    Parameters
    ----------
    start : array_like of float, shape (num_operations,)
        In the problem's unit of time. That of an operation that is left out is read as 0.
    mode : array_like of int, shape (num_operations,), optional
        Which of its own machines and durations each operation takes, from 0; -1: it is left out. By default the first, which is
        the only one in job shops and open shops.

    Raises
    ------
    InvalidSolutionError
        For a time that is no finite number, or a mode that is no whole number >= -1.

    Examples
    --------
    >>> Schedule([0, 3, 5])
    Schedule(start=[0.0, 3.0, 5.0], mode=[0, 0, 0])
    """

    start: Any
    mode: Any = None

    def __post_init__(self) -> None:
        try:
            start = np.array(frozen_array("start", self.start, np.float64, shape=(None,)))
            mode = np.zeros(len(start), np.int64) if self.mode is None else self.mode
            mode = np.array(frozen_array("mode", mode, np.int64, shape=(len(start),), advice="one for each operation"))
        except InvalidProblemError as error:
            raise InvalidSolutionError(str(error)) from None
        wrong = np.flatnonzero(mode < ABSENT)
        if wrong.size:
            raise InvalidSolutionError(
                f"mode[{wrong[0]}] is {mode[wrong[0]]}; expected one of the operation's modes, or -1 for none"
            )
        start[mode == ABSENT] = 0.0
        start += 0.0  # no negative zero: equal schedules have equal bytes
        for field, array in (("start", start), ("mode", mode)):
            array.flags.writeable = False
            object.__setattr__(self, field, array)

    @property
    def present(self) -> NDArray[np.bool_]:
        """Which operations are done."""
        return np.asarray(self.mode >= 0)

    def __len__(self) -> int:
        return len(self.start)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Schedule):
            return NotImplemented
        return np.array_equal(self.start, other.start) and np.array_equal(self.mode, other.mode)

    def __hash__(self) -> int:
        return hash((self.start.tobytes(), self.mode.tobytes()))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (np.array(self.start), np.array(self.mode))

    def __repr__(self) -> str:
        if len(self) <= 12:
            return f"Schedule(start={self.start.tolist()}, mode={self.mode.tolist()})"
        first = ", ".join(map(str, self.start[:8].tolist()))
        return f"Schedule(start=[{first}, ... {len(self):,} operations])"

    def to_dict(self) -> dict[str, Any]:
        return {"schema_version": SCHEMA_VERSION, "start": self.start.tolist(), "mode": self.mode.tolist()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        check_form(data, "the JSON form of a Schedule", SCHEMA_VERSION, InvalidSolutionError)
        check_keys(data, ("schema_version", "start", "mode"), "the JSON form of a Schedule", InvalidSolutionError)
        for field in ("start", "mode"):
            if not isinstance(data[field], list):
                raise InvalidSolutionError(f"{field} is {shown(data[field])}; expected a list of numbers")
        if not all(isinstance(value, int | float) and math.isfinite(value) for value in data["start"]):
            raise InvalidSolutionError("start holds what is no finite number")
        return cls(data["start"], data["mode"])
