"""The budgets of a suite: what each run may take."""

from __future__ import annotations

import itertools
from dataclasses import fields
from typing import Any

from ..core.solver import Solver
from ..core.stop import Stop
from ..errors import UnsupportedError
from ..inputs.arguments import is_listed
from ..inputs.wording import shown


def budgets(time_limit: Any, stop: Any) -> tuple[Stop, ...]:
    """Every time limit joined with every stop; one alone may be given, and either may be several."""
    limits = [_timed(place, limit) for place, limit in _each("time_limit", time_limit)]
    stops = []
    for place, one in _each("stop", stop):
        if one is not None and not isinstance(one, Stop):
            raise UnsupportedError(f"{place} is {shown(one)}; expected a Stop, for instance Stop(iterations=1000)")
        stops.append(one or Stop())
    joined = tuple(dict.fromkeys(limit | stop for limit, stop in itertools.product(limits, stops)))
    if any(not stop.criteria for stop in joined):
        raise UnsupportedError("time_limit is missing; a suite needs a budget: time_limit=10, or stop=Stop(iterations=1000)")
    return joined


def _each(name: str, given: Any) -> list[tuple[str, Any]]:
    if is_listed(given):
        listed = [(f"{name}[{index}]", item) for index, item in enumerate(given)]
        if not listed:
            raise UnsupportedError(f"{name} is empty; leave it out, or name at least one")
        return listed
    return [(name, given)]


def _timed(place: str, limit: Any) -> Stop:
    try:
        return Stop(time=limit)
    except ValueError:
        raise UnsupportedError(f"{place} is {shown(limit)}; expected seconds, a finite number >= 0") from None


def budget_text(stop: Stop) -> str:
    """All criteria in one text, the same for 10 and 10.0: ``"iterations=5000, time=10"``."""
    values = {field.name: getattr(stop, field.name) for field in fields(stop)}
    return ", ".join(f"{name}={_plain(value)}" for name, value in sorted(values.items()) if value is not None)


def _plain(value: float) -> str:
    return str(int(value)) if float(value).is_integer() and abs(value) < 2**53 else repr(value)


def honoured(solver: Solver | None, stop: Stop) -> Stop:
    """The budget as the solver takes it: one that runs to its own end knows no clock, and is not refused for that.

    Raises
    ------
    UnsupportedError
        For another criterion that the solver does not honour.
    """
    if solver is None:
        return stop
    stops = solver.capabilities.stops
    unknown = stop.criteria - stops - {"time"}
    if unknown:
        known = ", ".join(sorted(stops)) or "none (it runs to its end)"
        raise UnsupportedError(f"{solver.name} does not honour Stop({', '.join(sorted(unknown))}); it honours: {known}")
    if "time" in stop.criteria and "time" not in stops:
        return Stop(**{name: getattr(stop, name) for name in stop.criteria - {"time"}})
    return stop
