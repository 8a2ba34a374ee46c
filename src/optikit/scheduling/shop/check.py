"""The judge of schedules: numpy on the original data, with no code of the solvers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...core.check import CheckReport, Violation
from ...errors import InvalidSolutionError
from ...inputs.wording import amount
from .parts import CHAIN, KINDS, NETWORK, OPEN
from .sequence import Neighbours, neighbours, worked_until
from .solution import Schedule

if TYPE_CHECKING:
    from .problem import Shop

SPELLED_OUT = 100
"""So many violations of one rule are listed one by one; the rest is counted."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Timetable:
    """What follows from a schedule: one entry an operation; those that are left out have machine -1 and end at their start.

    Attributes
    ----------
    start, end : numpy.ndarray of float64
        In the problem's unit of time.
    held : numpy.ndarray of float64
        Until when the operation keeps its machine: beyond its end where its job is blocking.
    machine, mode : numpy.ndarray of int64
        Where it is done, and its position among all modes; -1 where it is left out.
    present : numpy.ndarray of bool
    machines : Neighbours
        Operations that follow each other on a machine.
    jobs : Neighbours
        Operations that follow each other in a job, where that has an order.
    """

    start: Floats
    end: Floats
    held: Floats
    machine: Ints
    mode: Ints
    present: NDArray[np.bool_]
    machines: Neighbours
    jobs: Neighbours


def timetable(shop: Shop, schedule: Schedule) -> Timetable:
    """When each operation starts and ends, and what follows what.

    Raises
    ------
    InvalidSolutionError
        For a solution of another class or size, or a mode that its operation does not have.
    """
    shop.require(schedule)
    if len(schedule) != shop.num_operations:
        raise InvalidSolutionError(f"start has {len(schedule)} entries, expected {shop.num_operations}: one for each operation")
    wrong = np.flatnonzero(schedule.mode >= np.diff(shop.mode_ptr))
    if wrong.size:
        at = int(wrong[0])
        count = int(np.diff(shop.mode_ptr)[at])
        raise InvalidSolutionError(
            f"mode[{at}] is {schedule.mode[at]}; {shop.operation_called(at)} has {count} mode{'s' * (count > 1)}, from 0"
        )
    present = schedule.present
    mode = np.where(present, schedule.mode + shop.mode_ptr[:-1], -1)
    machine = np.where(present, shop.machine[mode], -1)
    duration = np.where(present, shop.duration[mode].astype(np.float64), 0.0)
    start = np.asarray(schedule.start)
    end = start + duration
    for index in np.flatnonzero(present & shop.resumable).tolist():
        calendar = shop.calendars[machine[index]]
        if calendar is not None:
            end[index] = worked_until(calendar.windows, float(start[index]), float(duration[index]), shop.tolerance)
    tick = 4 * shop.tolerance
    chained = (shop.order != NETWORK)[shop.job] & present
    # A chain is told in its own order, whatever the starts say.
    rank = np.where((shop.order == OPEN)[shop.job], np.rint(start / tick), np.arange(len(start)))
    jobs = neighbours(shop.job, rank, start, end, np.flatnonzero(chained), _carry(shop, machine), exact=shop.no_wait[shop.job])
    held = end.copy()
    stuck = shop.blocking[shop.job[jobs.before]]
    one, other = jobs.before[stuck], jobs.after[stuck]
    held[one] = np.maximum(end[one], start[other] - transports(shop, machine, one, other))
    machines = neighbours(
        machine, np.rint(start / tick), start, held, np.flatnonzero(present), _change(shop, machine), _set_up(shop, machine)
    )
    return Timetable(start, end, held, machine, mode, present, machines, jobs)


def freed(table: Timetable, before: Ints, after: Ints) -> Floats:
    """From when on the machine of operations is free for those that follow them on it.

    A job that blocks a machine does not block it for itself: its next operation there is set up for once the one before is done.
    """
    count = len(table.start)
    own = np.isin(before * count + after, table.jobs.before * count + table.jobs.after)
    return np.where(own, table.end[before], table.held[before])


def setups(shop: Shop, machine: Ints, before: Ints, after: Ints) -> Floats:
    """Setup times between operations that follow each other on a machine."""
    if shop.setup is None:
        return np.zeros(len(before))
    layer = machine[before] if len(shop.setup) > 1 else np.zeros(len(before), np.int64)
    return np.asarray(shop.setup[layer, shop.family[before], shop.family[after]], np.float64)


def first_setups(shop: Shop, machine: Ints, first: Ints) -> Floats:
    """Setup times before the first operations of machines."""
    if shop.first_setup is None:
        return np.zeros(len(first))
    layer = machine[first] if len(shop.first_setup) > 1 else np.zeros(len(first), np.int64)
    return np.asarray(shop.first_setup[layer, shop.family[first]], np.float64)


def transports(shop: Shop, machine: Ints, before: Ints, after: Ints) -> Floats:
    """Times of transport between operations that follow each other in a job."""
    if shop.transport is None:
        return np.zeros(len(before))
    return np.asarray(shop.transport[machine[before], machine[after]], np.float64)


def _change(shop: Shop, machine: Ints) -> Callable[[int, int], float] | None:
    if shop.setup is None:
        return None
    return lambda a, b: float(setups(shop, machine, np.array([a]), np.array([b]))[0])


def _set_up(shop: Shop, machine: Ints) -> Callable[[int], float] | None:
    if shop.first_setup is None:
        return None
    return lambda a: float(first_setups(shop, machine, np.array([a]))[0])


def _carry(shop: Shop, machine: Ints) -> Callable[[int, int], float] | None:
    if shop.transport is None:
        return None
    return lambda a, b: float(transports(shop, machine, np.array([a]), np.array([b]))[0])


def beyond(time: Floats, limit: Floats) -> Floats:
    """How much times are after their limits; -inf where there is no limit."""
    return np.where(limit < math.inf, time - np.where(limit < math.inf, limit, 0.0), -math.inf)


# -- the objective ------------------------------------------------------------------


def completions(shop: Shop, table: Timetable) -> Floats:
    """When each job is done: the largest end of its operations; -inf where none is done."""
    return np.maximum.reduceat(np.where(table.present, table.end, -math.inf), shop.job_ptr[:-1])


def terms(shop: Shop, schedule: Schedule) -> dict[str, float]:
    """Each term of the objective times its coefficient; ``omission`` and ``change`` where the problem has them."""
    table = timetable(shop, schedule)
    done = completions(shop, table)
    real = done > -math.inf
    dated = real & (shop.due < math.inf)
    late = done[dated] - shop.due[dated]
    weight = shop.weight
    value: dict[str, Callable[[], float]] = {
        "makespan": lambda: float(done[real].max(initial=0.0)),
        "total_completion": lambda: math.fsum(weight[real] * done[real]),
        "total_tardiness": lambda: math.fsum(weight[dated] * np.maximum(late, 0.0)),
        "max_lateness": lambda: float(late.max()) if late.size else 0.0,
        "num_tardy": lambda: math.fsum(weight[dated][late > shop.tolerance]),
        "total_setup": lambda: (
            math.fsum(setups(shop, table.machine, table.machines.before, table.machines.after))
            + math.fsum(first_setups(shop, table.machine, table.machines.first))
        ),
    }
    found = {term: coefficient * value[term]() for term, coefficient in shop.objective.items()}
    if (shop.omission < math.inf).any():
        left = ~table.present & (shop.omission < math.inf)
        found["omission"] = math.fsum(shop.omission[left])
    if shop.baseline is not None:
        found["change"] = math.fsum(change(shop, table))
    return found


def change(shop: Shop, table: Timetable) -> Floats:
    """The price of each operation's difference from the baseline."""
    baseline = shop.baseline
    assert baseline is not None
    planned = table.present & ~np.isnan(baseline.start)
    shift = np.where(planned, np.abs(table.start - np.nan_to_num(baseline.start)), 0.0)
    moved = table.present & (baseline.machine >= 0) & (table.machine != baseline.machine)
    return np.asarray(shift * baseline.per_time + moved * baseline.per_move)


# -- the rules ----------------------------------------------------------------------


def check(shop: Shop, schedule: Schedule) -> CheckReport:
    """All rules of a `Shop`, each with whom it concerns and by how much it is broken, in the unit of time."""
    table = timetable(shop, schedule)
    found = [*_presence(shop, table), *_windows(shop, table), *_calendars(shop, table), *_on_machines(shop, table)]
    found += [*_in_jobs(shop, table), *_precedences(shop, table)]
    return CheckReport.of(_shortened(found))


def _presence(shop: Shop, table: Timetable) -> Iterator[Violation]:
    for index in np.flatnonzero(~table.present & (shop.omission == math.inf)).tolist():
        yield Violation("left out", f"{shop.operation_called(index)} is left out, but must be done")


def _windows(shop: Shop, table: Timetable) -> Iterator[Violation]:
    tolerance, job = shop.tolerance, shop.job
    early = np.maximum(np.maximum(shop.release[job], shop.earliest), 0.0) - table.start
    for index in np.flatnonzero(table.present & (early > tolerance)).tolist():
        says = "its job is released" if shop.release[job[index]] >= shop.earliest[index] else "it may"
        yield Violation(
            "release",
            f"{shop.operation_called(index)} starts at {shop.when(table.start[index])}, {amount(early[index])} before {says}",
            float(early[index]),
        )
    over = beyond(table.end, np.minimum(shop.deadline[job], shop.latest))
    for index in np.flatnonzero(table.present & (over > tolerance)).tolist():
        of_job = shop.deadline[job[index]] <= shop.latest[index]
        says = f"the deadline of {shop.job_called(int(job[index]))}" if of_job else "it must"
        ends = "is never done" if math.isinf(over[index]) else f"ends at {shop.when(table.end[index])}, {amount(over[index])} after"
        yield Violation("deadline", f"{shop.operation_called(index)} {ends} {says}", float(over[index]))


def _calendars(shop: Shop, table: Timetable) -> Iterator[Violation]:
    for machine in range(shop.num_machines):
        calendar = shop.calendars[machine]
        if calendar is None:
            continue
        on = np.flatnonzero(table.present & (table.machine == machine))
        starts, ends = (np.array(edges, np.float64) for edges in zip(*calendar.windows, strict=True))
        window = np.maximum(np.searchsorted(starts, table.start[on] + shop.tolerance, side="right") - 1, 0)
        begins = np.maximum(starts[window] - table.start[on], 0.0)
        length = table.end[on] - table.start[on]
        # What may be interrupted only has to start in working time, with some of it left.
        until = np.where(shop.resumable[on], table.start[on] + np.minimum(length, 4 * shop.tolerance), table.end[on])
        outside = np.where(np.isinf(table.end[on]), math.inf, np.maximum(until - ends[window], 0.0))
        for place in np.flatnonzero((begins > shop.tolerance) | (outside > shop.tolerance)).tolist():
            index = int(on[place])
            what = f"{shop.operation_called(index)}, {shop.when(table.start[index])} to {shop.when(table.end[index])},"
            size = max(float(begins[place]), float(outside[place]))
            how = "is not done before its calendar ends" if math.isinf(size) else f"is {amount(size)} outside of its working time"
            yield Violation("calendar", f"{what} on {shop.machine_called(machine)} {how}", size)


def _on_machines(shop: Shop, table: Timetable) -> Iterator[Violation]:
    one, other = table.machines.before, table.machines.after
    setup = setups(shop, table.machine, one, other)
    overlap = freed(table, one, other) + setup - table.start[other]
    for place in np.flatnonzero(overlap > shop.tolerance).tolist():
        a, b, size = int(one[place]), int(other[place]), float(overlap[place])
        machine = shop.machine_called(int(table.machine[a]))
        if size <= setup[place]:
            rest = f"leaves {amount(setup[place] - size)} of the setup time {amount(setup[place])} after {shop.operation_called(a)}"
            yield Violation("setup", f"{shop.operation_called(b)} on {machine} {rest}", size)
            continue
        blocked = shop.job[a] != shop.job[b] and table.held[a] > table.end[a]
        why = f"{shop.operation_called(a)} {'blocks it' if blocked else 'is done'} until {shop.when(table.held[a])}"
        more = f", and a setup takes {amount(setup[place])}" if setup[place] else ""
        yield Violation(
            "overlap", f"{shop.operation_called(b)} starts at {shop.when(table.start[b])} on {machine}, where {why}{more}", size
        )
    first = table.machines.first
    missing = first_setups(shop, table.machine, first) - table.start[first]
    for place in np.flatnonzero(missing > shop.tolerance).tolist():
        index = int(first[place])
        yield Violation(
            "setup",
            f"{shop.operation_called(index)} is the first on {shop.machine_called(int(table.machine[index]))} and starts "
            f"{amount(missing[place])} before that is set up",
            float(missing[place]),
        )


def _in_jobs(shop: Shop, table: Timetable) -> Iterator[Violation]:
    one, other = table.jobs.before, table.jobs.after
    carried = transports(shop, table.machine, one, other)
    slack = table.start[other] - table.end[one] - carried
    for place in np.flatnonzero(slack < -shop.tolerance).tolist():
        a, b, size = int(one[place]), int(other[place]), float(-slack[place])
        more = f" and the transport takes {amount(carried[place])}" if carried[place] else ""
        rule = "order" if shop.order[shop.job[a]] == CHAIN else "job overlap"
        yield Violation(
            rule,
            f"{shop.operation_called(b)} starts at {shop.when(table.start[b])}, but {shop.operation_called(a)} ends at "
            f"{shop.when(table.end[a])}{more}",
            size,
        )
    for place in np.flatnonzero(shop.no_wait[shop.job[one]] & (slack > shop.tolerance)).tolist():
        a, b = int(one[place]), int(other[place])
        yield Violation(
            "no-wait",
            f"{shop.operation_called(b)} waits {amount(slack[place])} after {shop.operation_called(a)}",
            float(slack[place]),
        )


def _precedences(shop: Shop, table: Timetable) -> Iterator[Violation]:
    for rule in shop.precedences:
        a, b = rule.before, rule.after
        if not (table.present[a] and table.present[b]):
            continue
        from_end, to_end = KINDS[rule.kind]
        lag = float((table.end if to_end else table.start)[b] - (table.end if from_end else table.start)[a])
        what = f"{shop.operation_called(b)} {'ends' if to_end else 'starts'} {amount(lag)} after {shop.operation_called(a)} " + (
            "ends" if from_end else "starts"
        )
        if rule.min_lag - lag > shop.tolerance:
            yield Violation("minimum lag", f"{what}; at least {amount(rule.min_lag)} must pass", rule.min_lag - lag)
        if rule.max_lag is not None and lag - rule.max_lag > shop.tolerance:
            yield Violation("maximum lag", f"{what}; at most {amount(rule.max_lag)} may pass", lag - rule.max_lag)
        if shop.transport is not None and carries(shop, rule):
            short = float(shop.transport[table.machine[a], table.machine[b]]) - lag
            if short > shop.tolerance:
                yield Violation("transport", f"{what}; the transport takes {amount(short + lag)}", short)


def carries(shop: Shop, rule: Any) -> bool:
    """Whether a precedence has the time of transport to pass: finish-start, within a job that is a network."""
    same = shop.job[rule.before] == shop.job[rule.after]
    return bool(same and shop.order[shop.job[rule.before]] == NETWORK and rule.kind == "finish-start" and rule.min_lag >= 0)


def _shortened(found: list[Violation]) -> Iterator[Violation]:
    counts: dict[str, int] = {}
    rest: dict[str, list[float]] = {}
    for violation in found:
        counts[violation.rule] = counts.get(violation.rule, 0) + 1
        if counts[violation.rule] <= SPELLED_OUT:
            yield violation
        else:
            rest.setdefault(violation.rule, []).append(violation.size)
    for rule, sizes in rest.items():
        yield Violation(rule, f"{len(sizes):,} more of that kind: {rule}", math.fsum(sizes))
