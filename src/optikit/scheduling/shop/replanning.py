"""A plan in progress: what has begun stays, machines break down, jobs come in, and change has its price."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...errors import InvalidProblemError
from ...inputs.wording import an, shown
from ..clock import is_date, length_of, time_of
from .calendars import Calendar, Window
from .check import timetable
from .parts import Baseline, per_item
from .progress import outlived, progress_of

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
    freeze: Any = 0.0,
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
    freeze : float or timedelta
        Operations that start less than so much after ``now`` are kept too, as far as they can be: one that a breakdown hits, or
        that waits for such a one, is open.
    breakdowns : mapping of machine to (start, end) or a list of such
        When machines do not work; an end of None is never. An operation that has begun and is interrupted goes on afterwards where
        it is resumable, else it has to start again, on any of its machines. What was to begin during a breakdown, or after
        something that it interrupted, has not begun, though it was planned before ``now``.
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
        For times and machines that make no sense, new jobs that do not fit the machines or families, a history that cannot have
        been (operations that began although they overlap, or before what they wait for), and operations that only a machine can
        do that never works again.

    Examples
    --------
    >>> from optikit.scheduling import JobShop, Schedule
    >>> shop = JobShop.from_jobs([[(0, 3), (1, 2)], [(1, 4), (0, 1)]])
    >>> later = replan(shop, Schedule([0, 4, 0, 4]), now=2, breakdowns={1: (5, 8)}, per_time=0.5)
    >>> later.terms(Schedule([0, 8, 0, 4]))
    {'makespan': 10.0, 'change': 2.0}
    """
    from .problem import Shop as AnyKind

    if not isinstance(shop, AnyKind):
        raise InvalidProblemError(
            f"shop is {an(type(shop))}; replan goes on from the schedule of a Shop (for a flow shop, of a JobShop whose "
            f"jobs visit the machines in turn)"
        )
    now = _instant(shop, "now", now)
    freeze = _length(shop, freeze)
    table = timetable(shop, schedule)
    calendars, broken = _broken(shop, {} if breakdowns is None else breakdowns)
    left = {machine: () if (calendar := calendars[machine]) is None else calendar.windows for machine in broken}
    dead = [machine for machine, windows in left.items() if not windows]
    went = progress_of(shop, table, now, freeze, left, broken)
    kept = went.kept
    keep = np.ones(shop.num_modes, bool)
    for i in np.flatnonzero(kept).tolist():
        keep[shop.mode_ptr[i] : shop.mode_ptr[i + 1]] = False
        keep[table.mode[i]] = True
    planned = table.present & ~kept
    baseline = Baseline(
        np.where(planned, table.start, math.nan),
        np.where(planned, table.machine, -1),
        per_item("per_time", per_time, shop.num_operations, "operation"),
        per_item("per_move", per_move, shop.num_operations, "operation"),
    )
    changed: dict[str, Any] = {field: getattr(shop, field)[keep] for field in _OF_MODES}
    changed |= {
        "earliest": np.where(kept, table.start, np.maximum(shop.earliest, now)),
        "latest": np.where(kept, went.end, shop.latest),
        "omission": np.where(kept, math.inf, shop.omission),
        "calendars": calendars,
        "baseline": baseline,
        "precedences": outlived(shop, went),
        "blocking": shop.blocking & ~np.isin(np.arange(shop.num_jobs), list(went.left)),
    }
    if new is not None:
        changed = _joined(shop, new, now, changed)
    if dead:
        _elsewhere(shop, new, changed, dead, kept)
    return dataclasses.replace(shop, **changed)


def _instant(shop: Shop, what: str, value: Any) -> float:
    if is_date(value):
        if shop.clock is None:
            raise InvalidProblemError(f"{what} is {shown(value)}, but the problem has no clock; give it one, or a number")
        number = shop.clock.number(value, what)
        if number < 0:
            raise InvalidProblemError(f"{what} is {shown(str(value))}, before the clock of the problem begins, at {shop.when(0)}")
        return number
    number = time_of(what, value)
    if number < 0:
        raise InvalidProblemError(f"{what} is {shown(value)}; times are >= 0")
    return number


def _length(shop: Shop, freeze: Any) -> float:
    length = time_of("freeze", length_of("freeze", freeze, shop.clock), unbounded=True)
    if length < 0:
        raise InvalidProblemError(f"freeze is {shown(freeze)}; expected a length of time >= 0, counted from now on")
    return length


def _broken(shop: Shop, breakdowns: Mapping[Any, Any]) -> tuple[tuple[Calendar | None, ...], dict[int, list[Window]]]:
    """Calendars without the breakdowns, none for machines that never work again; and the breakdowns of each machine."""
    if not isinstance(breakdowns, Mapping):
        raise InvalidProblemError(f"breakdowns is {shown(breakdowns)}; expected a mapping of machines to (start, end)")
    calendars, found = list(shop.calendars), dict[int, list[Window]]()
    for name, given in breakdowns.items():
        machine = shop.find_machine(name)
        given = given.tolist() if isinstance(given, np.ndarray) else given
        if not isinstance(given, list | tuple) or not given:
            raise InvalidProblemError(f"the breakdown of {shop.machine_called(machine)} is {shown(given)}; expected (start, end)")
        spans = [given] if not isinstance(given[0], list | tuple | np.ndarray) else list(given)
        windows = []
        for span in spans:
            span = span.tolist() if isinstance(span, np.ndarray) else span
            if not isinstance(span, list | tuple) or len(span) != 2:
                raise InvalidProblemError(
                    f"the breakdown of {shop.machine_called(machine)} is {shown(span)}; expected (start, end)"
                )
            whose = f"of the breakdown of {shop.machine_called(machine)}"
            start = _instant(shop, f"the start {whose}", span[0])
            for_ever = span[1] is None or (isinstance(span[1], float) and span[1] == math.inf)
            stop = math.inf if for_ever else _instant(shop, f"the end {whose}", span[1])
            if stop < start:
                raise InvalidProblemError(f"the breakdown of {shop.machine_called(machine)}, {shown(span)}, ends before it starts")
            windows.append((start, stop))
        found[machine] = windows
        whole = calendars[machine] or Calendar([(0, math.inf)])
        calendars[machine] = whole.without(windows) if _some_left(whole.windows, windows) else None
    return tuple(calendars), found


def _some_left(windows: Sequence[Window], breaks: Sequence[Window]) -> bool:
    """Whether there is working time beside the breaks."""
    for start, end in windows:
        here = start
        for first, last in sorted(breaks):
            if first <= here:
                here = max(here, last)
        if here < end:
            return True
    return False


def _elsewhere(shop: Shop, new: Shop | None, changed: dict[str, Any], dead: Sequence[int], kept: NDArray[np.bool_]) -> None:
    """Take machines that never work again from the operations that have others; refuse where they have none and must be done."""
    operation, machine = changed["operation"], changed["machine"]
    count = len(changed["omission"])
    stays = np.zeros(count, bool)
    stays[: len(kept)] = kept
    gone = np.isin(machine, dead) & ~stays[operation]
    stuck = np.bincount(operation[~gone], minlength=count) == 0
    optional = stuck & (changed["omission"] < math.inf)
    lost = np.flatnonzero(stuck & ~optional).tolist()
    if lost:
        called = [shop.operation_called(i) if i < len(kept) or new is None else new.operation_called(i - len(kept)) for i in lost]
        where = " and ".join(map(shop.machine_called, np.unique(machine[np.isin(operation, lost)]).tolist()))
        works = "work" if " and " in where else "works"
        more = f" and {len(lost) - 4} more" if len(lost) > 4 else ""
        raise InvalidProblemError(
            f"{where} never {works} again after the breakdown, and no other machine can do {', '.join(called[:4])}{more}; give the "
            f"breakdown an end, the operations another machine, or a price of leaving them out (omission)"
        )
    gone &= ~optional[operation]  # an operation has a mode; one that has to end at 0 is left out
    changed["latest"] = np.where(optional, 0.0, changed["latest"])
    for field in _OF_MODES:
        changed[field] = changed[field][~gone]


def _joined(shop: Shop, new: Shop, now: float, changed: dict[str, Any]) -> dict[str, Any]:
    """The fields with those of new jobs behind them."""
    from .problem import Shop as AnyKind

    if not isinstance(new, AnyKind):
        raise InvalidProblemError(f"new is {an(type(new))}; expected a Shop of the jobs that come in")
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
    changed["precedences"] = (*changed["precedences"], *moved)
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
