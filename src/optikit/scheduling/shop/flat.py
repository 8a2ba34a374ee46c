"""A shop in int64 ticks and flat arrays, as engines read it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...ticks import KERNEL_LIMIT, Lattice
from .parts import KINDS
from .solution import ABSENT, Schedule

if TYPE_CHECKING:
    from .problem import Shop

NEVER = 2**60
"""The tick of what has no limit."""

_EXACT, _FINE = 2**50, 2**42
"""The horizon in ticks stays below: where the ticks are exact, and where they are as fine as fits beside prices."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Flat:
    """A shop as engines read it; arrays are of int64, C-contiguous and read-only.

    Attributes
    ----------
    num_jobs, num_operations, num_modes, num_machines, num_families : int
        Sizes: J, N, A, M and F below.
    lattice : Lattice
        Ticks of time.
    cost_scale : float
        Ticks of cost in a unit of the objective.
    prices_are_exact : bool
        Whether coefficients, weights and prices are whole numbers of these ticks.
    error : float
        Bound on how far cost ticks are from the objective, over all schedules, in units of the objective.
    horizon : int
        No optimal schedule needs an end after it.
    job_ptr : (J + 1,)
        Operations of job j: ``job_ptr[j]`` to ``job_ptr[j + 1] - 1``, in the order of the job.
    job_of : (N,)
        Job of each operation.
    job_order : (J,)
        `parts.CHAIN`, `parts.OPEN` or `parts.NETWORK`.
    release, due, deadline : (J,)
        `NEVER` where there is no due date or deadline.
    no_wait, blocking : (J,)
        0 or 1.
    mode_ptr : (N + 1,)
        Modes of operation i: ``mode_ptr[i]`` to ``mode_ptr[i + 1] - 1``.
    mode_operation, mode_machine, mode_duration : (A,)
        What each mode is of, where it is done, and for how long.
    family : (N,)
        Family of each operation.
    setup : (1 or M) * F * F, or empty
        ``setup[setup_base[k] + a * F + b]`` passes between families a and b on machine k.
    setup_base : (M,)
        Where the setups of a machine begin.
    first_setup : M * F, or empty
        ``first_setup[k * F + a]`` passes before the first operation on machine k, from time 0 on.
    transport : M * M, or empty
        ``transport[k * M + l]`` passes from machine k to l.
    arc_tail, arc_head, arc_lag, arc_from_end, arc_to_end : (R,)
        Precedences: the start (or end, where ``arc_to_end`` is 1) of the head is at least the start (or end, where
        ``arc_from_end`` is 1) of the tail, plus the lag. A maximum lag is an arc of negative lag the other way round. The order of
        chains is not among them. Sorted by head.
    in_ptr, out_ptr : (N + 1,)
        Arcs into operation i: ``in_ptr[i]`` to ``in_ptr[i + 1] - 1``; out of it: ``out_arc[out_ptr[i]]`` and so on.
    out_arc : (R,)
        Arcs sorted by tail.
    window_ptr : (M + 1,)
        Windows of machine k: ``window_ptr[k]`` to ``window_ptr[k + 1] - 1``.
    window_start, window_end : (W,)
        Working time, sorted, neither overlapping nor touching; a machine that always works has the window from 0 to `NEVER`.
    resumable : (N,)
        0 or 1.
    earliest, latest : (N,)
        First possible start and last possible end, `NEVER` where there is none; of the operation and of its job.
    pinned : (N,)
        1 where a window and the only duration leave a single start.
    makespan_rate, lateness_rate, setup_rate : int
        Ticks of cost for each tick of time.
    completion_rate, tardiness_rate : (J,)
        The same, by job.
    tardy_cost : (J,)
        Cost of a job that is late.
    omission : (N,)
        Cost of leaving an operation out; -1: it must be done.
    baseline_start, baseline_machine : (N,)
        The plan to stay near to; -1 where there is none.
    shift_rate, move_cost : (N,)
        Cost for each tick of time that an operation is off, and of another machine.
    """

    num_jobs: int
    num_operations: int
    num_modes: int
    num_machines: int
    num_families: int
    lattice: Lattice
    cost_scale: float
    prices_are_exact: bool
    error: float
    horizon: int
    job_ptr: Ints
    job_of: Ints
    job_order: Ints
    release: Ints
    due: Ints
    deadline: Ints
    no_wait: Ints
    blocking: Ints
    mode_ptr: Ints
    mode_operation: Ints
    mode_machine: Ints
    mode_duration: Ints
    family: Ints
    setup: Ints
    setup_base: Ints
    first_setup: Ints
    transport: Ints
    arc_tail: Ints
    arc_head: Ints
    arc_lag: Ints
    arc_from_end: Ints
    arc_to_end: Ints
    in_ptr: Ints
    out_ptr: Ints
    out_arc: Ints
    window_ptr: Ints
    window_start: Ints
    window_end: Ints
    resumable: Ints
    earliest: Ints
    latest: Ints
    pinned: Ints
    makespan_rate: int
    lateness_rate: int
    setup_rate: int
    completion_rate: Ints
    tardiness_rate: Ints
    tardy_cost: Ints
    omission: Ints
    baseline_start: Ints
    baseline_machine: Ints
    shift_rate: Ints
    move_cost: Ints

    def schedule(self, start: NDArray[Any], mode: NDArray[Any]) -> Schedule:
        """A schedule from starts in ticks and modes as they are numbered here, -1 for an operation that is left out."""
        mode = np.asarray(mode, np.int64)
        local = np.where(mode >= 0, mode - self.mode_ptr[:-1], ABSENT)
        return Schedule(np.asarray(start, np.float64) / self.lattice.scale, local)

    def decisions(self, schedule: Schedule) -> tuple[Ints, Ints]:
        """Starts in ticks and modes as they are numbered here, from a schedule."""
        mode = np.where(schedule.mode >= 0, schedule.mode + self.mode_ptr[:-1], ABSENT)
        return np.rint(schedule.start * self.lattice.scale).astype(np.int64), mode.astype(np.int64)

    def cost(self, ticks: float) -> float:
        """Ticks of cost in units of the objective."""
        return float(ticks) / self.cost_scale


def kernel_lattice(shop: Shop) -> Lattice:
    """Ticks of time for our own searches."""
    return fit(shop, _EXACT, _FINE)


def fit(shop: Shop, exact: int, fine: int) -> Lattice:
    """Ticks of time such that no optimal schedule takes more of them than ``exact``, or than ``fine`` where they round."""
    times = _all_times(shop)
    largest = float(np.abs(times).max(initial=0.0))
    items = 2 + math.ceil(1.01 * horizon_of(shop) / largest) if largest else 1
    lattice = Lattice.fit(times, max_items=items, limit=exact, field="times", parts=True)
    if not lattice.exact:
        lattice = Lattice.fit(times, max_items=items, limit=fine, field="times", exact=False)
    # No path through a schedule adds up more than a duration, a setup, a transport and a lag for each operation.
    return Lattice(lattice.scale, lattice.item_error, 4 * shop.num_operations + 4)


def horizon_of(shop: Shop) -> float:
    """A time after which no optimal schedule needs to end anything.

    Each start is tight: a path of durations, setups, transports and lags, each operation once on it, leads there from a release, a
    window's end or a start of the plan to stay near to.
    """
    anchors = [shop.release, shop.earliest, [0.0]]
    anchors += [
        [edge for window in calendar.windows for edge in window] for calendar in set(shop.calendars) if calendar is not None
    ]
    if shop.baseline is not None:
        anchors.append(np.nan_to_num(shop.baseline.start))
    latest = max(float(max((value for value in np.asarray(part).tolist() if value < math.inf), default=0.0)) for part in anchors)
    lengths = [float(np.maximum.reduceat(shop.duration, shop.mode_ptr[:-1]).astype(np.float64).sum())]
    if shop.setup is not None:
        lengths.append(float(shop.setup.max(axis=(0, 1))[shop.family].astype(np.float64).sum()))
    if shop.first_setup is not None:
        lengths.append(float(shop.first_setup.max()))
    if shop.transport is not None:
        lengths.append(float(shop.transport.max()) * shop.num_operations)
    lengths += [max(rule.min_lag, 0.0) + max(-(rule.max_lag or 0.0), 0.0) for rule in shop.precedences]
    return latest + math.fsum(lengths)


def flatten(shop: Shop, lattice: Lattice, limit: int = KERNEL_LIMIT >> 1) -> Flat:
    """A shop in ticks of a lattice; the cost of any schedule within the horizon stays below ``limit``."""

    def ticks(values: Any) -> Ints:
        return ticks_of(lattice, values)

    operations, none = shop.num_operations, np.zeros(0, np.int64)
    horizon = math.ceil(horizon_of(shop) * lattice.scale) + (0 if lattice.exact else lattice.max_items)
    duration = ticks(shop.duration)
    earliest = np.maximum(ticks(shop.earliest), ticks(shop.release)[shop.job])
    deadline, last = ticks(shop.deadline), ticks(shop.latest)
    alone = (np.diff(shop.mode_ptr) == 1) & (shop.omission == math.inf)
    pinned = alone & (np.minimum(last, deadline[shop.job]) - earliest == duration[shop.mode_ptr[:-1]])
    # Where ticks round, what a chain meets by a hair is not refused, as the judge does not.
    hair = 0 if lattice.exact else math.ceil(lattice.error * lattice.scale)
    deadline, last = (np.where(limits < NEVER, limits + hair, NEVER) for limits in (deadline, last))
    flat = Flat(
        num_jobs=shop.num_jobs,
        num_operations=operations,
        num_modes=shop.num_modes,
        num_machines=shop.num_machines,
        lattice=lattice,
        horizon=horizon,
        job_ptr=shop.job_ptr,
        job_of=shop.job,
        job_order=shop.order.astype(np.int64),
        release=ticks(shop.release),
        due=ticks(shop.due),
        deadline=deadline,
        no_wait=shop.no_wait.astype(np.int64),
        blocking=shop.blocking.astype(np.int64),
        mode_ptr=shop.mode_ptr,
        mode_operation=shop.operation,
        mode_machine=shop.machine,
        mode_duration=duration,
        family=shop.family,
        transport=none if shop.transport is None else ticks(shop.transport).reshape(-1),
        resumable=shop.resumable.astype(np.int64),
        earliest=earliest,
        latest=np.minimum(last, deadline[shop.job]),
        pinned=pinned.astype(np.int64),
        **_setups(shop, lattice),
        **_arcs(shop, lattice),
        **_windows(shop, lattice),
        **_prices(shop, lattice, horizon / lattice.scale, limit),
    )
    for value in vars(flat).values():
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
    return flat


def _setups(shop: Shop, lattice: Lattice) -> dict[str, Any]:
    """Tables of setups as wide as the widest."""
    tables = [table for table in (shop.setup, shop.first_setup) if table is not None]
    families = max([int(shop.family.max()) + 1, *(table.shape[1] for table in tables)])
    machines, none = shop.num_machines, np.zeros(0, np.int64)
    setup = none if shop.setup is None else ticks_of(lattice, _widened(shop.setup, families, 2))
    first = none if shop.first_setup is None else ticks_of(lattice, _widened(shop.first_setup, families, 1))
    each = families * families if len(setup) > 1 else 0
    return {
        "num_families": families,
        "setup": setup.reshape(-1),
        "setup_base": np.arange(machines, dtype=np.int64) * each,
        "first_setup": np.broadcast_to(first, (machines, families)).reshape(-1) if first.size else none,
    }


def ticks_of(lattice: Lattice, values: Any) -> Ints:
    """Ticks of times, of which some may be infinite."""
    array = np.asarray(values)
    if array.dtype.kind == "f" and np.isinf(array).any():
        return np.where(np.isinf(array), NEVER, lattice.ticks(np.where(np.isinf(array), 0.0, array)))
    return lattice.ticks(array)


def _widened(table: NDArray[Any], families: int, axes: int) -> NDArray[Any]:
    """A table of setups with zeros for families that only another one has."""
    more = families - table.shape[1]
    return np.pad(table, [(0, 0)] + [(0, more)] * axes) if more else table


def _all_times(shop: Shop) -> NDArray[np.float64]:
    """Every finite time and length of time."""
    parts: list[Any] = [shop.duration, shop.release, shop.due, shop.deadline, shop.earliest, shop.latest]
    parts += [table for table in (shop.setup, shop.first_setup, shop.transport) if table is not None]
    parts.append([lag for rule in shop.precedences for lag in (rule.min_lag, rule.max_lag or 0)])
    parts += [[edge for window in calendar.windows for edge in window] for calendar in set(shop.calendars) if calendar is not None]
    if shop.baseline is not None:
        parts.append(shop.baseline.start)
    times = np.concatenate([np.unique(np.asarray(part, np.float64)) for part in parts])
    return np.asarray(times[np.isfinite(times)])


def _arcs(shop: Shop, lattice: Lattice) -> dict[str, Any]:
    """Precedences as arcs sorted by head, where they begin, and their order by tail."""
    rows = []
    for rule in shop.precedences:
        from_end, to_end = KINDS[rule.kind]
        rows.append((rule.before, rule.after, rule.min_lag, from_end, to_end))
        if rule.max_lag is not None:
            rows.append((rule.after, rule.before, -rule.max_lag, to_end, from_end))
    table = np.array(rows, np.float64).reshape(-1, 5)
    order = np.argsort(table[:, 1], kind="stable")
    tail, head, lag, from_end, to_end = table[order].T
    tail, head = tail.astype(np.int64), head.astype(np.int64)
    out = np.argsort(tail, kind="stable").astype(np.int64)
    edges = np.arange(shop.num_operations + 1)
    return {
        "arc_tail": tail,
        "arc_head": head,
        "arc_lag": lattice.ticks(lag),
        "arc_from_end": from_end.astype(np.int64),
        "arc_to_end": to_end.astype(np.int64),
        "in_ptr": np.searchsorted(head, edges).astype(np.int64),
        "out_ptr": np.searchsorted(tail[out], edges).astype(np.int64),
        "out_arc": out,
    }


def _windows(shop: Shop, lattice: Lattice) -> dict[str, Any]:
    """Working time of each machine."""
    starts: list[float] = []
    ends: list[float] = []
    ptr = [0]
    for calendar in shop.calendars:
        windows = ((0.0, math.inf),) if calendar is None else calendar.windows
        starts += [start for start, _ in windows]
        ends += [end for _, end in windows]
        ptr.append(len(starts))
    return {
        "window_ptr": np.array(ptr, np.int64),
        "window_start": ticks_of(lattice, np.array(starts, np.float64)),
        "window_end": ticks_of(lattice, np.array(ends, np.float64)),
    }


def _prices(shop: Shop, lattice: Lattice, horizon: float, limit: int) -> dict[str, Any]:
    """The objective in ticks of cost: for each tick of time, and for what is counted."""
    operations, weigh = shop.num_operations, shop.objective.get
    baseline = shop.baseline
    single = np.array([weigh("makespan", 0.0), weigh("max_lateness", 0.0), weigh("total_setup", 0.0)])
    completion = weigh("total_completion", 0.0) * shop.weight
    tardiness = np.where(shop.due < math.inf, weigh("total_tardiness", 0.0) * shop.weight, 0.0)
    tardy = np.where(shop.due < math.inf, weigh("num_tardy", 0.0) * shop.weight, 0.0)
    optional = shop.omission < math.inf
    omission = np.where(optional, np.where(optional, shop.omission, 0.0), 0.0)
    known = np.zeros(operations, bool) if baseline is None else ~np.isnan(baseline.start)
    placed = np.zeros(operations, bool) if baseline is None else np.asarray(baseline.machine) >= 0
    shift = np.zeros(operations) if baseline is None else np.where(known, baseline.per_time, 0.0)
    move = np.zeros(operations) if baseline is None else np.where(placed, baseline.per_move, 0.0)
    rates, counts = np.concatenate([single, completion, tardiness, shift]), np.concatenate([tardy, omission, move])
    span = max(horizon, float(np.abs(shop.due[shop.due < math.inf]).max(initial=0.0)))
    values = np.concatenate([rates, counts])
    largest = float(values.max(initial=0.0))
    most = span * float(rates.sum()) + float(counts.sum())
    room = max(1, int(limit / lattice.scale))
    items = 2 + math.ceil(1.01 * most / largest) if largest else 1
    scale = Lattice.fit(values, max_items=items, limit=room, field="prices", parts=True)
    error = lattice.error * float(rates.sum()) + scale.item_error * (span * len(rates) + len(counts))
    if not lattice.exact:
        error += float(tardy.sum())  # a rounded end may be on the other side of a due date
    cost_scale = scale.scale * lattice.scale

    def counted(amounts: NDArray[np.float64]) -> Ints:
        return np.rint(amounts * cost_scale).astype(np.int64)

    per_tick = scale.ticks
    makespan, lateness, setup = per_tick(single).tolist()
    return {
        "cost_scale": cost_scale,
        "prices_are_exact": scale.exact,
        "error": error,
        "makespan_rate": makespan,
        "lateness_rate": lateness,
        "setup_rate": setup,
        "completion_rate": per_tick(completion),
        "tardiness_rate": per_tick(tardiness),
        "tardy_cost": counted(tardy),
        "omission": np.where(optional, counted(omission), -1),
        "baseline_start": np.full(operations, -1) if baseline is None else np.where(
            known, lattice.ticks(np.nan_to_num(baseline.start)), -1
        ),
        "baseline_machine": np.full(operations, -1) if baseline is None else np.asarray(baseline.machine),
        "shift_rate": per_tick(shift),
        "move_cost": counted(move),
    }  # fmt: skip
