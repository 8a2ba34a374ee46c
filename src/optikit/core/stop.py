"""When to stop: plain data, so that it can be reused, stored, and translated for a backend."""

from __future__ import annotations

import contextlib
import math
import numbers
import operator
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Stop:
    """Criteria of which the first that is met ends a solve.

    It owns no clock: the same object may serve many solves, also at once. Join several with ``|``; where both sides set
    the same criterion, the tighter one holds.

    Parameters
    ----------
    time : float, optional
        Seconds of wall-clock time from the call of ``solve``, set-up included.
    iterations : int, optional
        Iterations of the search, in the solver's own deterministic unit.
    stall : int, optional
        Iterations without an improvement.
    target : float, optional
        Stop at a solution whose objective is this good, or better.
    gap : float, optional
        Stop when the relative gap between objective and bound is this small, or smaller (0.01 is one per cent).

    Raises
    ------
    ValueError
        For a negative or non-finite criterion.

    Examples
    --------
    >>> Stop(time=10) | Stop(stall=5_000)
    Stop(time=10, stall=5000)
    """

    time: float | None = None
    iterations: int | None = None
    stall: int | None = None
    target: float | None = None
    gap: float | None = None

    def __post_init__(self) -> None:
        for name in ("time", "gap", "target"):
            value = getattr(self, name)
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, numbers.Real) or math.isnan(value):
                raise ValueError(f"Stop.{name} is {value!r}; expected a number, for instance Stop({name}=10)")
            if not isinstance(value, int | float):
                value = float(value)  # numpy's floats, fractions
                object.__setattr__(self, name, value)
            if name != "target" and not (0 <= value < math.inf):
                raise ValueError(f"Stop.{name} is {value!r}; expected a finite number >= 0; leave it out for no such limit")
        for name in ("iterations", "stall"):
            value = getattr(self, name)
            if value is None:
                continue
            if not isinstance(value, bool | float):
                with contextlib.suppress(TypeError):
                    object.__setattr__(self, name, value := operator.index(value))
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise ValueError(f"Stop.{name} is {value!r}; expected an int >= 0; leave it out for no such limit")

    def __or__(self, other: Stop) -> Stop:
        if not isinstance(other, Stop):
            return NotImplemented
        joined = {}
        for field in fields(self):
            mine, theirs = getattr(self, field.name), getattr(other, field.name)
            if field.name == "target" and None not in (mine, theirs) and mine != theirs:
                raise ValueError(f"two targets, {mine} and {theirs}: which is tighter depends on the problem; name one")
            if mine is None or theirs is None:
                joined[field.name] = theirs if mine is None else mine
            else:
                # The larger gap is met first; every other limit is met first where it is smaller.
                joined[field.name] = max(mine, theirs) if field.name == "gap" else min(mine, theirs)
        return Stop(**joined)

    @property
    def criteria(self) -> frozenset[str]:
        """Names of the criteria that are set."""
        return frozenset(field.name for field in fields(self) if getattr(self, field.name) is not None)

    def __repr__(self) -> str:
        values = ((field.name, getattr(self, field.name)) for field in fields(self))
        return "Stop(" + ", ".join(f"{name}={value!r}" for name, value in values if value is not None) + ")"
