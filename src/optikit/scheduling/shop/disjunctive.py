"""A shop as the tabu search reads it, and its schedules as orders of operations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .features import EXTRAS
from .flat import NEVER, Flat
from .parts import CHAIN, OPEN
from .tabu_arrays import Instance

if TYPE_CHECKING:
    from .problem import Shop
    from .solution import Schedule

CODES = 0x5EED
"""Seed of the addends of the tabu list's hash: any will do."""

CARRIED = ("release", "due")
"""What the disjunctive graph carries besides the classical shops: heads and tails."""


def refusal(shop: Shop) -> str | None:
    """Why a shop is more than its disjunctive graph, or None."""
    terms = shop.features["terms"]
    if terms not in (("makespan",), ("max_lateness",)):
        return f"the objective is {' + '.join(terms)}; a makespan or a maximum lateness expected, 'general' takes all"
    return beyond_graph(shop)


def beyond_graph(shop: Shop) -> str | None:
    """What a shop has that its disjunctive graph does not hold, or None."""
    features = shop.features
    extras = [words for key, words in EXTRAS.items() if features[key] and key not in CARRIED]
    if extras:
        return f"it has {' and '.join(extras)}; 'general' takes them"
    if not ((shop.order == CHAIN).all() or (shop.order == OPEN).all()):
        return "jobs differ in whether their order is given, or have none; 'general' takes them"
    return None


@dataclass(frozen=True, eq=False)
class Disjunctive:
    """The disjunctive graph of a shop (Roy and Sussmann 1964), without the orders that a search decides.

    Attributes
    ----------
    instance : Instance
        What kernels read.
    mode_of : array of int64
        The shop's mode of each alternative. Of an operation's modes on one machine only the fastest is an alternative.
    offset, rate : int
        The objective, in ticks of cost, is ``rate * (cost - offset)``.
    """

    flat: Flat
    instance: Instance
    mode_of: NDArray[np.int64]
    offset: int
    rate: int

    def value(self, cost: int) -> float:
        """The objective of a schedule by the kernels' cost."""
        return self.flat.cost(self.rate * (cost - self.offset))

    def schedule(self, order: NDArray[np.int32], choice: NDArray[np.int32]) -> Schedule:
        """The semi-active schedule of an order of the operations, placed here and not by the kernels."""
        start, _ = self.place(order, choice)
        return self.flat.schedule(start, self.mode_of[choice])

    def place(self, order: NDArray[np.int32], choice: NDArray[np.int32]) -> tuple[NDArray[np.int64], int]:
        """Starts of the operations as early as the order lets them, and the cost."""
        p = self.instance
        free, job_of = p.release.tolist(), p.job.tolist()
        machine, duration = (p.machine[choice] + p.num_jobs).tolist(), p.duration[choice].tolist()
        start = np.empty(p.num_operations, np.int64)
        for o in order.tolist():
            job, line = job_of[o], machine[o]
            begin = max(free[job], free[line])
            start[o] = begin
            free[job] = free[line] = begin + duration[o]
        return start, max(end + tail for end, tail in zip(free[: p.num_jobs], p.delivery.tolist(), strict=False))

    def order_of(self, schedule: Schedule) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """A topological order and the alternatives of a schedule; placed early, it is no worse than the schedule."""
        start, mode = self.flat.decisions(schedule)
        p, machine = self.instance, self.flat.mode_machine
        owner = np.repeat(np.arange(p.num_operations), np.diff(p.first_alternative))
        # Alternatives are sorted by operation and machine.
        choice = np.searchsorted(owner * p.num_machines + p.machine, np.arange(p.num_operations) * p.num_machines + machine[mode])
        if not p.is_open:
            for low, high in zip(self.flat.job_ptr[:-1].tolist(), self.flat.job_ptr[1:].tolist(), strict=True):
                start[low:high] = np.maximum.accumulate(start[low:high])
        order = np.lexsort((np.arange(p.num_operations), start + self.flat.mode_duration[mode], start))
        return order.astype(np.int32), choice.astype(np.int32)

    def any_order(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """The operations rank by rank through all jobs, each on its fastest machine."""
        p = self.instance
        rank = np.arange(p.num_operations) - self.flat.job_ptr[p.job]
        size = np.diff(p.first_alternative)
        owner = np.repeat(np.arange(p.num_operations), size)
        fastest = np.lexsort((p.duration, owner))[p.first_alternative[:-1]]
        return np.lexsort((p.job, rank)).astype(np.int32), fastest.astype(np.int32)


def disjunctive(shop: Shop) -> Disjunctive:
    """The disjunctive graph of a shop for which `refusal` has no reason."""
    flat = shop.flat
    keep = _fastest(flat)
    machine = flat.mode_machine[keep]
    operation = flat.mode_operation[keep]
    jobs, machines = flat.num_jobs, flat.num_machines
    loads = np.bincount(machine, minlength=machines)
    delivery = np.zeros(jobs + machines, np.int64)
    offset, rate = 0, flat.makespan_rate
    if flat.lateness_rate:
        dated = flat.due < NEVER
        if dated.any():
            offset, rate = int(flat.due[dated].max()), flat.lateness_rate
            # A job without a due date counts for nothing: its tail is too short for any path to it to be the longest.
            delivery[:jobs] = np.where(dated, offset - flat.due, -2 * flat.horizon - 1)
        delivery[jobs:] = delivery[:jobs].min()
    instance = Instance(
        num_operations=flat.num_operations,
        num_jobs=jobs,
        num_machines=machines,
        num_alternatives=len(keep),
        room=flat.num_operations + len(keep),
        is_flexible=int(len(keep) > flat.num_operations),
        is_open=int((flat.job_order == OPEN).all()),
        least_head=int(flat.release.min()),
        least_tail=int(delivery.min()),
        job=flat.job_of.astype(np.int32),
        line_start=np.concatenate((flat.job_ptr, flat.num_operations + np.cumsum(loads))).astype(np.int32),
        release=np.concatenate((flat.release, np.zeros(machines, np.int64))),
        delivery=delivery,
        first_alternative=np.searchsorted(operation, np.arange(flat.num_operations + 1)).astype(np.int32),
        machine=machine.astype(np.int32),
        duration=flat.mode_duration[keep],
        code=np.random.default_rng(CODES).integers(0, 2**64, flat.num_operations, dtype=np.uint64) | np.uint64(1),
    )
    return Disjunctive(flat, instance, keep, offset, rate)


def _fastest(flat: Flat) -> NDArray[np.int64]:
    """Of each operation's modes on one machine the fastest, sorted by operation and machine."""
    order = np.lexsort((flat.mode_duration, flat.mode_machine, flat.mode_operation))
    keys: Any = flat.mode_operation[order] * flat.num_machines + flat.mode_machine[order]
    return order[np.concatenate(([True], keys[1:] != keys[:-1]))].astype(np.int64)
