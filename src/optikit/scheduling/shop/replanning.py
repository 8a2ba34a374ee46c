"""A plan in progress: what has begun stays, machines break down, jobs come in, and change has its price."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...errors import InvalidProblemError
from ...inputs.wording import shown
from .calendars import Calendar, Window
from .check import timetable
from .parts import Baseline, per_item, time_of

if TYPE_CHECKING:
    from .problem import Shop
    from .solution import Schedule

    AnyShop = TypeVar("AnyShop", bound=Shop)

_OF_MODES = ("operation", "machine", "duration")
_OF_OPERATIONS = ("job", "family", "resumable", "omission", "earliest", "latest")
_OF_JOBS = ("order", "release", "due", "deadline", "weight", "no_wait", "blocking")


def replan(
    shop: AnyShop,
    schedule: Schedule,
    now: Any,
    *,
    freeze: float = 0.0,
    breakdowns: Mapping[Any, Sequence[Any]] | None = None,
    new: Shop | None = None,
    per_time: Any = 0.0,
    per_move: Any = 0.0,
) -> AnyShop:
    """The problem of going on from a plan: what of it has begun is fixed, the rest is open from now on.

    Parameters
    ----------
    shop : Shop
        What was planned.
    schedule : Schedule
        The plan.
    now : float or date
        The time, as a number or, where the problem has a clock, a date. Operations that start before it keep their start and
        their machine; all others start from it on.
    freeze : float
        Operations that start less than so much after ``now`` are kept too.
    breakdowns : mapping of machine to (start, end) or a list of such
        When machines do not work. An operation that has begun and is interrupted goes on afterwards where it is resumable, else it
        has to start again, on any of its machines.
    new : Shop, optional
        Jobs that come in, on the same machines; they begin from now on. Their families count as those of ``shop``.
    per_time, per_move : float or array_like of float, shape (num_operations,)
        Price of each unit of time that an operation of the plan starts earlier or later than planned, and of another machine.

    Returns
    -------
    Shop
        Of the class of ``shop``; its operations keep their numbers, those of new jobs come after them. Solve it like any other.

    Raises
    ------
    InvalidProblemError
        For times and machines that make no sense, and for new jobs that do not fit the machines or families.

    Examples
    --------
    >>> from optikit.scheduling import JobShop, Schedule
    >>> shop = JobShop.from_jobs([[(0, 3), (1, 2)], [(1, 4), (0, 1)]])
    >>> later = replan(shop, Schedule([0, 4, 0, 4]), now=2, breakdowns={1: (5, 8)}, per_time=0.5)
    >>> later.terms(Schedule([0, 8, 0, 4]))
    {'makespan': 10.0, 'change': 2.0}
    """
    now = _instant(shop, "now", now)
    freeze = time_of("freeze", freeze)
    table = timetable(shop, schedule)
    calendars, broken = _broken(shop, breakdowns or {})
    begun = table.present & (table.start < now + freeze - shop.tolerance)
    begun |= table.present & (table.start < now - shop.tolerance)
    end = table.end.copy()
    for i in np.flatnonzero(begun & (table.end > now)).tolist():
        for start, stop in broken.get(int(table.machine[i]), ()):
            if table.start[i] < stop and start < end[i]:
                begun[i] = bool(shop.resumable[i])
                end[i] = math.inf  # when it goes on, the calendar says
    earliest = np.where(begun, table.start, np.maximum(shop.earliest, now))
    latest = np.where(begun, np.where(np.isinf(end), shop.latest, end), shop.latest)
    latest = np.where(begun & np.isinf(end), _ends_after(shop, table, calendars, begun & np.isinf(end), latest), latest)
    keep = np.ones(shop.num_modes, bool)
    for i in np.flatnonzero(begun).tolist():
        keep[shop.mode_ptr[i] : shop.mode_ptr[i + 1]] = False
        keep[table.mode[i]] = True
    omission = np.where(begun, math.inf, shop.omission)
    planned = table.present & ~begun
    baseline = Baseline(
        np.where(planned, table.start, math.nan),
        np.where(planned, table.machine, -1),
        per_item("per_time", per_time, shop.num_operations, "operation"),
        per_item("per_move", per_move, shop.num_operations, "operation"),
    )
    changed: dict[str, Any] = {field: getattr(shop, field)[keep] for field in _OF_MODES}
    changed |= {"earliest": earliest, "latest": latest, "omission": omission, "calendars": calendars, "baseline": baseline}
    if new is not None:
        changed = _joined(shop, new, now, changed)
    return dataclasses.replace(shop, **changed)


def _instant(shop: Shop, what: str, value: Any) -> float:
    if hasattr(value, "isoformat") or isinstance(value, str | np.datetime64):
        if shop.clock is None:
            raise InvalidProblemError(f"{what} is {shown(value)}, but the problem has no clock; give it one, or a number")
        return shop.clock.number(value)
    number = time_of(what, value)
    if number < 0:
        raise InvalidProblemError(f"{what} is {shown(value)}; times are >= 0")
    return number


def _broken(shop: Shop, breakdowns: Mapping[Any, Any]) -> tuple[tuple[Calendar | None, ...], dict[int, list[Window]]]:
    """Calendars without the breakdowns, and the breakdowns of each machine."""
    if not isinstance(breakdowns, Mapping):
        raise InvalidProblemError(f"breakdowns is {shown(breakdowns)}; expected a mapping of machines to (start, end)")
    calendars, found = list(shop.calendars), {}
    for name, given in breakdowns.items():
        machine = shop.find_machine(name)
        if not isinstance(given, list | tuple) or not given:
            raise InvalidProblemError(f"the breakdown of {shop.machine_called(machine)} is {shown(given)}; expected (start, end)")
        spans = [given] if not isinstance(given[0], list | tuple) else list(given)
        windows = []
        for span in spans:
            if not isinstance(span, list | tuple) or len(span) != 2:
                raise InvalidProblemError(
                    f"the breakdown of {shop.machine_called(machine)} is {shown(span)}; expected (start, end)"
                )
            start = _instant(shop, "the start of a breakdown", span[0])
            stop = math.inf if span[1] == math.inf else _instant(shop, "the end of a breakdown", span[1])
            if stop < start:
                raise InvalidProblemError(f"the breakdown of {shop.machine_called(machine)}, {shown(span)}, ends before it starts")
            windows.append((start, stop))
        found[machine] = windows
        whole = calendars[machine] or Calendar([(0, math.inf)])
        calendars[machine] = whole.without(windows)
    return tuple(calendars), found


def _ends_after(
    shop: Shop, table: Any, calendars: Sequence[Calendar | None], which: NDArray[np.bool_], latest: NDArray[np.float64]
) -> NDArray[np.float64]:
    """When operations are done that a breakdown interrupts."""
    from .sequence import worked_until

    latest = latest.copy()
    for i in np.flatnonzero(which).tolist():
        calendar = calendars[int(table.machine[i])]
        assert calendar is not None
        latest[i] = worked_until(calendar.windows, float(table.start[i]), float(shop.duration[table.mode[i]]), shop.tolerance)
    return latest


def _joined(shop: Shop, new: Shop, now: float, changed: dict[str, Any]) -> dict[str, Any]:
    """The fields with those of new jobs behind them."""
    from .problem import Shop as AnyKind

    if not isinstance(new, AnyKind):
        raise InvalidProblemError(f"new is a {type(new).__name__}; expected a Shop of the jobs that come in")
    if new.num_machines > shop.num_machines or (shop.machine_names is None) != (new.machine_names is None):
        raise InvalidProblemError(
            f"new has {new.num_machines} machines, the plan {shop.num_machines}; build it with machine_names=plan.machine_names"
        )
    if shop.machine_names is not None and tuple(new.machine_names or ()) != tuple(shop.machine_names):
        raise InvalidProblemError("new lists other machines than the plan; build it with machine_names=plan.machine_names")
    jobs, operations = shop.num_jobs, shop.num_operations
    family = new.family
    if shop.setup is not None or shop.first_setup is not None:
        most = shop.setup.shape[1] if shop.setup is not None else shop.first_setup.shape[1]
        if int(family.max()) >= most:
            raise InvalidProblemError(
                f"new has family {int(family.max())}, but setups of the plan are between {most}; say family=..."
            )
    else:
        family = family + int(shop.family.max()) + 1
    parts: dict[str, tuple[Any, Any]] = {
        field: (changed.get(field, getattr(shop, field)), getattr(new, field)) for field in (*_OF_MODES, *_OF_OPERATIONS, *_OF_JOBS)
    }
    shift = {"operation": operations, "job": jobs}
    for field, (old, more) in parts.items():
        more = family if field == "family" else more + shift[field] if field in shift else more
        if field == "release":
            more = np.maximum(more, now)
        changed[field] = np.concatenate([old, more])
    moved = [dataclasses.replace(rule, before=rule.before + operations, after=rule.after + operations) for rule in new.precedences]
    changed["precedences"] = (*shop.precedences, *moved)
    for field, count, own in (("job_names", jobs, new.num_jobs), ("operation_names", operations, new.num_operations)):
        names, more_names = getattr(shop, field), getattr(new, field)
        if names is not None or more_names is not None:
            first = names if names is not None else range(count)
            changed[field] = (*first, *(more_names if more_names is not None else range(count, count + own)))
    plan: Baseline = changed["baseline"]
    none = new.num_operations
    changed["baseline"] = Baseline(
        np.concatenate([plan.start, np.full(none, math.nan)]),
        np.concatenate([plan.machine, np.full(none, -1)]),
        np.concatenate([plan.per_time, np.zeros(none)]),
        np.concatenate([plan.per_move, np.zeros(none)]),
    )
    return changed
