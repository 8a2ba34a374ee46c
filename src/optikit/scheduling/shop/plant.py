"""From a shop to the arrays of the decoder: units, what must come before what, and the first sequence."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence as List
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .check import carries
from .parts import CHAIN, OPEN
from .sequence_arrays import BLOCKING, NO_WAIT, Plant, Sequence

if TYPE_CHECKING:
    from .problem import Shop

Ints = NDArray[np.int64]

_MOST_ROUNDS = 200
"""Of the longest paths that order the operations within units: a good order is enough."""


def plant_of(shop: Shop) -> Plant:
    """The arrays of the decoder; what must come before what is in them, and circles of it are units."""
    flat = shop.flat
    unit_of = _units(shop)
    num_units = int(unit_of.max()) + 1
    order = np.argsort(unit_of, kind="stable")
    before_ptr, before = _befores(shop, unit_of, num_units)
    pinned = np.zeros(num_units, bool)
    pinned[unit_of[flat.pinned != 0]] = True
    tie = np.where(flat.no_wait != 0, NO_WAIT, np.where(flat.blocking != 0, BLOCKING, 0))
    carrying = {(rule.before, rule.after) for rule in shop.precedences if shop.transport is not None and carries(shop, rule)}
    ends = zip(flat.arc_tail.tolist(), flat.arc_head.tolist(), strict=True)
    moves = np.array([pair in carrying for pair in ends], bool) & (flat.arc_from_end > flat.arc_to_end) & (flat.arc_lag >= 0)

    def short(values: NDArray) -> NDArray[np.int32]:
        return np.ascontiguousarray(values, np.int32)

    def byte(values: NDArray) -> NDArray[np.uint8]:
        return np.ascontiguousarray(values, np.uint8)

    return Plant(
        num_jobs=flat.num_jobs,
        num_operations=flat.num_operations,
        num_modes=flat.num_modes,
        num_machines=flat.num_machines,
        num_families=flat.num_families,
        num_units=num_units,
        num_fixed=int(pinned.sum()),
        num_arcs=len(flat.arc_tail),
        num_windows=len(flat.window_start),
        num_befores=len(before),
        num_setups=len(flat.setup),
        num_first_setups=len(flat.first_setup),
        num_transports=len(flat.transport),
        limit=2 * flat.horizon + 2,
        job_of=short(flat.job_of),
        job_ptr=short(flat.job_ptr),
        chain=byte(flat.job_order == CHAIN),
        open=byte(flat.job_order == OPEN),
        tie=byte(tie),
        mode_ptr=short(flat.mode_ptr),
        mode_machine=short(flat.mode_machine),
        mode_duration=flat.mode_duration,
        family=short(flat.family),
        setup=flat.setup,
        setup_base=flat.setup_base,
        first_setup=np.ascontiguousarray(flat.first_setup),
        transport=flat.transport,
        arc_tail=short(flat.arc_tail),
        arc_head=short(flat.arc_head),
        arc_lag=flat.arc_lag,
        arc_from_end=byte(flat.arc_from_end),
        arc_to_end=byte(flat.arc_to_end),
        arc_moves=byte(moves),
        in_ptr=short(flat.in_ptr),
        out_ptr=short(flat.out_ptr),
        out_arc=short(flat.out_arc),
        window_ptr=short(flat.window_ptr),
        window_start=flat.window_start,
        window_end=flat.window_end,
        resumable=byte(flat.resumable),
        earliest=flat.earliest,
        latest=flat.latest,
        due=flat.due,
        makespan_rate=flat.makespan_rate,
        lateness_rate=flat.lateness_rate,
        setup_rate=flat.setup_rate,
        completion_rate=flat.completion_rate,
        tardiness_rate=flat.tardiness_rate,
        tardy_cost=flat.tardy_cost,
        omission=flat.omission,
        baseline_start=flat.baseline_start,
        baseline_machine=short(flat.baseline_machine),
        shift_rate=flat.shift_rate,
        move_cost=flat.move_cost,
        unit_ptr=short(np.searchsorted(unit_of[order], np.arange(num_units + 1))),
        unit_of=short(unit_of),
        crowded=byte(_crowded(shop, unit_of, num_units)),
        before_ptr=short(before_ptr),
        before=short(before),
    )


def fresh_sequence(shop: Shop, plant: Plant) -> Sequence:
    """A sequence with all operations present, in their shortest modes, in an order in which what must come before does."""
    flat = shop.flat
    modes = np.lexsort((flat.mode_duration, flat.mode_operation))
    heads = _heads(shop) if plant.num_units < plant.num_operations else np.zeros(plant.num_operations)
    inner = np.lexsort((heads, plant.unit_of)).astype(np.int32)
    sequence = Sequence.empty(
        num_jobs=plant.num_jobs,
        num_operations=plant.num_operations,
        num_machines=plant.num_machines,
        num_units=plant.num_units,
        inner=inner,
        mode=modes[flat.mode_ptr[:-1]].astype(np.int32),
        held=(flat.shift_rate > 0).astype(np.uint8),
    )
    set_order(sequence, first_order(shop, plant))
    return sequence


def set_order(sequence: Sequence, order: Iterable[int] | NDArray) -> None:
    sequence.order[:] = np.asarray(order, np.int32)
    sequence.place[sequence.order] = np.arange(sequence.num_units)


def first_order(shop: Shop, plant: Plant, rank: NDArray | None = None) -> list[int]:
    """The units by rank (by default: as numbered), with what must come before them first; pinned ones lead, in time.

    Parameters
    ----------
    rank : numpy.ndarray, shape (num_units,), optional
        The lowest comes first among those that may.
    """
    import heapq

    count = plant.num_units
    keys = (np.arange(count) if rank is None else np.asarray(rank)).tolist()
    leads = pinned_units(shop, plant)
    waiting = np.diff(plant.before_ptr).tolist()
    after: list[list[int]] = [[] for _ in range(count)]
    ptr, before = plant.before_ptr.tolist(), plant.before.tolist()
    for unit in range(count):
        for other in before[ptr[unit] : ptr[unit + 1]]:
            after[other].append(unit)
    heap = [(keys[unit], unit) for unit in range(count) if waiting[unit] == 0]
    heapq.heapify(heap)
    order = []
    while heap:
        _, unit = heapq.heappop(heap)
        order.append(unit)
        for other in after[unit]:
            waiting[other] -= 1
            if waiting[other] == 0:
                heapq.heappush(heap, (keys[other], other))
    return _pinned_in_time(shop, plant) + [unit for unit in order if not leads[unit]]


def _pinned_in_time(shop: Shop, plant: Plant) -> list[int]:
    """Units with a pinned operation by their starts, so that each is set up for from the one before; what takes no time first."""
    flat = shop.flat
    pinned = np.flatnonzero(flat.pinned)
    pinned = pinned[np.lexsort((flat.latest[pinned], flat.earliest[pinned]))]
    return list(dict.fromkeys(plant.unit_of[pinned].tolist()))


def pinned_units(shop: Shop, plant: Plant) -> NDArray[np.bool_]:
    """Units with an operation whose start is fixed: all others are placed around them."""
    leads = np.zeros(plant.num_units, bool)
    leads[plant.unit_of[shop.flat.pinned != 0]] = True
    return leads


def _links(shop: Shop) -> list[tuple[int, int]]:
    """Pairs of operations, the first of which comes before the second in every sequence; tied ones both ways."""
    flat = shop.flat
    tied = (flat.no_wait != 0) | (flat.blocking != 0)
    pairs = []
    for operation in range(1, flat.num_operations):
        job = int(flat.job_of[operation])
        if flat.job_of[operation - 1] == job and (flat.job_order[job] == CHAIN or tied[job]):
            pairs.append((operation - 1, operation))
            if tied[job]:
                pairs.append((operation, operation - 1))
    return pairs + list(zip(flat.arc_tail.tolist(), flat.arc_head.tolist(), strict=True))


def _units(shop: Shop) -> Ints:
    """Unit of each operation: operations that wait for each other, in circles; numbered by their first operation."""
    count = shop.num_operations
    after: list[list[int]] = [[] for _ in range(count)]
    for tail, head in _links(shop):
        after[tail].append(head)
    return _numbered(components(after))


def components(after: List[List[int]]) -> list[int]:
    """Strongly connected component of each node of a graph (Tarjan 1972, without recursion)."""
    count = len(after)
    index, low, component = [-1] * count, [0] * count, [-1] * count
    stack: list[int] = []
    visited = found = 0
    for root in range(count):
        if index[root] >= 0:
            continue
        path = [(root, 0)]
        while path:
            node, edge = path.pop()
            if edge == 0:
                index[node] = low[node] = visited
                visited += 1
                stack.append(node)
            elif component[after[node][edge - 1]] < 0:
                low[node] = min(low[node], low[after[node][edge - 1]])
            while edge < len(after[node]):
                other = after[node][edge]
                edge += 1
                if index[other] < 0:
                    path += [(node, edge), (other, 0)]
                    break
                if component[other] < 0:
                    low[node] = min(low[node], index[other])
            else:
                if low[node] == index[node]:
                    while component[node] < 0:
                        component[stack.pop()] = found
                    found += 1
    return component


def _numbered(labels: List[int]) -> Ints:
    number: dict[int, int] = {}
    return np.array([number.setdefault(label, len(number)) for label in labels], np.int64)


def _heads(shop: Shop) -> Ints:
    """How long after the beginning each operation can start for what comes before it: the order within units follows it."""
    flat = shop.flat
    length = np.minimum.reduceat(flat.mode_duration, flat.mode_ptr[:-1])
    lag = flat.arc_lag + np.where(flat.arc_from_end != 0, length[flat.arc_tail], 0)
    lag -= np.where(flat.arc_to_end != 0, length[flat.arc_head], 0)
    forward = lag > 0
    chained = flat.job_order[flat.job_of] == CHAIN
    follows = np.flatnonzero(chained[1:] & (flat.job_of[1:] == flat.job_of[:-1])) + 1
    # A tick more than they take, so that operations without a duration keep their order too.
    tail = np.concatenate([flat.arc_tail[forward], follows - 1])
    head = np.concatenate([flat.arc_head[forward], follows])
    step = np.concatenate([lag[forward], length[follows - 1]]) + 1
    heads = np.zeros(flat.num_operations, np.int64)
    for _ in range(_MOST_ROUNDS):
        raised = heads.copy()
        np.maximum.at(raised, head, heads[tail] + step)
        if np.array_equal(raised, heads):
            break
        heads = raised
    return heads


def _befores(shop: Shop, unit_of: Ints, num_units: int) -> tuple[Ints, Ints]:
    """Which units come before which, as positions in a flat array."""
    pairs = {(int(unit_of[head]), int(unit_of[tail])) for tail, head in _links(shop) if unit_of[tail] != unit_of[head]}
    table = np.array(sorted(pairs), np.int64).reshape(-1, 2)
    return np.searchsorted(table[:, 0], np.arange(num_units + 1)), table[:, 1]


def _crowded(shop: Shop, unit_of: Ints, num_units: int) -> NDArray[np.bool_]:
    """Units of which two operations may meet: on a machine that modes of both name, or in an open job."""
    flat = shop.flat
    seen: dict[tuple[int, str, int], int] = {}
    crowded = np.zeros(num_units, bool)
    sizes = np.bincount(unit_of)
    for mode in np.flatnonzero(sizes[unit_of[flat.mode_operation]] > 1).tolist():
        operation = int(flat.mode_operation[mode])
        unit, job = int(unit_of[operation]), int(flat.job_of[operation])
        keys = [(unit, "machine", int(flat.mode_machine[mode]))]
        if flat.job_order[job] == OPEN:
            keys.append((unit, "job", job))
        for key in keys:
            if seen.setdefault(key, operation) != operation:
                crowded[unit] = True
    return crowded
