"""When to stop: plain data, so that it can be reused, stored, and translated for a backend."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from ..errors import UnsupportedError
from ..inputs.arguments import MOST_COUNT, MOST_SECONDS, check_count, check_number
from ..inputs.keywords import Strict


@dataclass(frozen=True)
class Stop(Strict):
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
    UnsupportedError
        For a criterion that is no number, negative or not finite (a target may be any number), and for two targets.

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
        way_out = "; leave it out for no such limit"
        for name in sorted(self.criteria):
            value = getattr(self, name)
            if name in ("iterations", "stall"):
                value = check_count(f"Stop.{name}", value, 0, way_out, MOST_COUNT)
            else:
                most = MOST_SECONDS if name == "time" else math.inf
                value = check_number(f"Stop.{name}", value, -math.inf if name == "target" else 0, way_out, most)
            object.__setattr__(self, name, value)

    def __or__(self, other: Stop) -> Stop:
        if not isinstance(other, Stop):
            return NotImplemented
        joined = {}
        for field in fields(self):
            mine, theirs = getattr(self, field.name), getattr(other, field.name)
            if field.name == "target" and None not in (mine, theirs) and mine != theirs:
                raise UnsupportedError(f"two targets, {mine} and {theirs}: which is tighter depends on the problem; name one")
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
