"""A schedule of any shop in plain Python and one pass: each operation behind all others on its machine, as soon as it can."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from .plant import first_order, fresh_sequence, plant_of
from .problem import Shop
from .sequence_arrays import BLOCKING, NO_WAIT

if TYPE_CHECKING:
    from .solution import Schedule

MOST_ROUNDS = 1_000
"""Through the working times of the machines of a job that may not wait."""


def appended(shop: Shop) -> Schedule:
    """The first operations of all jobs, then the second ones, and so on, each on the machine where it ends first.

    What must come before does, and what is tied is placed at once. Some microseconds an operation, whatever the constraints
    are; it keeps them all but for deadlines, maximum lags, working time that ends, circles of precedences that take no time or of
    which an operation is left out, and setups and lags of jobs that do not wait or block. The checker says whether it does.
    """
    return _Appending(shop).schedule()


class _Appending:
    """When machines are free, and what has been placed; all times in ticks."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.flat, self.plant = shop, shop.flat, plant_of(shop)
        flat = self.flat
        self.free = [0] * flat.num_machines
        self.family: list[int | None] = [None] * flat.num_machines
        self.start, self.end, self.mode = ([-1] * flat.num_operations for _ in range(3))
        self.ended: list[tuple[int, int] | None] = [None] * flat.num_jobs  # the last end of each job, and its machine
        self.of_operation = flat.family.tolist()
        self.setup, self.base, self.first_setup = flat.setup.tolist(), flat.setup_base.tolist(), flat.first_setup.tolist()
        self.transport: list[int] = flat.transport.tolist()
        self.machine, self.duration = flat.mode_machine.tolist(), flat.mode_duration.tolist()
        windows = list(zip(flat.window_start.tolist(), flat.window_end.tolist(), strict=True))
        self.windows = [windows[a:b] for a, b in pairwise(flat.window_ptr.tolist())]
        self.resumable, self.mode_ptr, self.earliest = flat.resumable.tolist(), flat.mode_ptr.tolist(), flat.earliest.tolist()
        self.in_ptr, self.job_of = flat.in_ptr.tolist(), flat.job_of.tolist()
        names = ("arc_tail", "arc_lag", "arc_from_end", "arc_to_end")
        self.arcs = list(zip(*(getattr(flat, name).tolist() for name in names), strict=True))
        self.chained = ((self.plant.chain != 0) | (self.plant.open != 0)).tolist()

    def schedule(self) -> Schedule:
        sequence, plant = fresh_sequence(self.shop, self.plant), self.plant
        inner, ptr, tie = sequence.inner.tolist(), plant.unit_ptr.tolist(), plant.tie.tolist()
        rank = np.arange(plant.num_operations) - self.flat.job_ptr[self.flat.job_of]
        least = np.minimum.reduceat(rank[inner], plant.unit_ptr[:-1])
        for unit in first_order(self.shop, plant, least):
            operations = inner[ptr[unit] : ptr[unit + 1]]
            rule = tie[self.job_of[operations[0]]]
            if rule == NO_WAIT and len({self.job_of[operation] for operation in operations}) == 1:
                self._without_waiting(sorted(operations) if plant.chain[self.job_of[operations[0]]] else operations)
            else:
                for operation in operations:
                    self._append(operation, rule == BLOCKING)
        return self.flat.schedule(self.start, self.mode)  # type: ignore[arg-type]

    # -- one operation ---------------------------------------------------------------

    def _set_up(self, operation: int, machine: int) -> int:
        """When the machine is free and set up for the operation."""
        own, before, count = self.of_operation[operation], self.family[machine], self.flat.num_families
        if before is None:
            return self.first_setup[machine * count + own] if self.first_setup else 0  # type: ignore[no-any-return]
        passing = self.setup[self.base[machine] + before * count + own] if self.setup else 0
        return self.free[machine] + passing  # type: ignore[no-any-return]

    def _carried(self, job: int, machine: int) -> int:
        """When the job is at the machine."""
        ended = self.ended[job]
        if ended is None or not self.chained[job]:
            return 0
        return ended[0] + self._moved(ended[1], machine)

    def _moved(self, machine: int, to: int) -> int:
        """The transport from one machine to another."""
        return self.transport[machine * self.flat.num_machines + to] if self.transport else 0

    def _ready(self, operation: int, duration: int) -> int:
        """The least start that what comes before it allows, apart from its job's order."""
        least: int = self.earliest[operation]
        for tail, lag, from_end, to_end in self.arcs[self.in_ptr[operation] : self.in_ptr[operation + 1]]:
            if self.mode[tail] >= 0:
                least = max(least, (self.end if from_end else self.start)[tail] + lag - (duration if to_end else 0))
        return least

    def _worked(self, operation: int, mode: int, ready: int) -> tuple[int, int]:
        """Start and end from `ready` on, in working time."""
        windows, duration = self.windows[self.machine[mode]], self.duration[mode]
        at = max(0, bisect_right(windows, (ready, 2**62)) - 1)
        left, begin = duration, -1
        for opens, closes in windows[at:]:
            start = max(opens, ready)
            if self.resumable[operation] and start < closes:
                begin = start if begin < 0 else begin
                if left <= closes - start:
                    return begin, start + left
                left -= closes - start
            elif start + duration <= closes:
                return start, start + duration
        return ready, ready + duration

    def _place(self, operation: int, mode: int, start: int, end: int) -> None:
        machine = self.machine[mode]
        self.start[operation], self.end[operation], self.mode[operation] = start, end, mode
        self.free[machine], self.family[machine] = max(self.free[machine], end), self.of_operation[operation]
        self.ended[self.job_of[operation]] = end, machine

    def _append(self, operation: int, blocking: bool) -> None:
        job, best = self.job_of[operation], None
        for mode in range(self.mode_ptr[operation], self.mode_ptr[operation + 1]):
            machine = self.machine[mode]
            ready = max(self._ready(operation, self.duration[mode]), self._carried(job, machine))
            start, end = self._worked(operation, mode, max(ready, self._set_up(operation, machine)))
            if best is None or end < best[2]:
                best = mode, start, end
        assert best is not None
        before = self.ended[job]
        if blocking and before is not None:
            self.free[before[1]] = max(self.free[before[1]], best[1] - self._moved(before[1], self.machine[best[0]]))
        self._place(operation, *best)

    # -- a job that may not wait -------------------------------------------------------

    def _without_waiting(self, operations: list[int]) -> None:
        """Its first start is put off until each operation can begin the moment that the job is there."""
        modes = [min(range(self.mode_ptr[i], self.mode_ptr[i + 1]), key=self.duration.__getitem__) for i in operations]
        first = 0
        for _ in range(MOST_ROUNDS):
            now, late, times = first, 0, []
            used: dict[int, tuple[int, int]] = {}
            for place, (operation, mode) in enumerate(zip(operations, modes, strict=True)):
                machine = self.machine[mode]
                if place:
                    now += self._moved(self.machine[modes[place - 1]], machine)
                kept = self.free[machine], self.family[machine]
                if machine in used:
                    self.free[machine], self.family[machine] = used[machine]
                ready = max(now, self._ready(operation, self.duration[mode]), self._set_up(operation, machine))
                self.free[machine], self.family[machine] = kept
                start, end = self._worked(operation, mode, ready)
                late = max(late, start - now)
                times.append((operation, mode, start, end))
                now = end
                used[machine] = end, self.of_operation[operation]
            first += late
            if not late:
                break
        for operation, mode, start, end in times:
            self._place(operation, mode, start, end)
