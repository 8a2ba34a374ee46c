"""Lower bounds in milliseconds, with numpy alone: see docs/decisions/0012 for which relaxation holds for which flow shop.

All are relaxations to one stage, or to two: setups, releases, blocking and no waiting only add to what they count. M machines are
relaxed to one that is M times as fast, which any schedule of theirs can be put on, so that one rule serves lines, parallel
machines and factories. Sums are integers, in ticks.
"""

from __future__ import annotations

from heapq import heappop, heappush, heapreplace

import numpy as np
from numpy.typing import NDArray

from .orders import johnson
from .problem import FlowShop

WORK = 60_000
"""Operations that are looked at one by one, in Python: of more, only those of the busiest stages."""

PAIR_WORK = 400_000
"""The same for pairs of stages, by numpy."""

MATRIX_WORK = 10_000_000
"""Pairs of jobs times stages up to which the matrix of delays is looked at."""

Ticks = NDArray[np.int64]


def lower_bound(problem: FlowShop) -> float:
    """A bound that is always there, in the user's unit.

    For the makespan: the longest job; on each stage the preemptive one-machine relaxation with heads and tails (Carlier 1982),
    and its load with the least setups; on pairs of stages with one machine each Johnson's rule with lags (Lageweg, Lenstra and
    Rinnooy Kan 1978); for jobs that do not wait the reduction of their matrix of delays. For the total flow time: the sum over all
    jobs, and on each stage the shortest remaining time first, or with weights the mean busy times of Goemans, plus all tails.

    Examples
    --------
    >>> lower_bound(FlowShop([[3, 2], [1, 4]]))
    7.0
    """
    stages = _Stages(problem)
    ticks = stages.flow_time() if problem.objective == "total_flow_time" else stages.makespan()
    return max(0.0, problem.units(ticks) - problem.error)


class _Stages:
    """Heads and tails of all operations, and the bounds."""

    def __init__(self, problem: FlowShop) -> None:
        self.problem = problem
        ticks = problem.lattice.ticks
        self.work = ticks(problem.durations)
        self.release = np.zeros(problem.num_jobs, np.int64) if problem.release is None else ticks(problem.release)
        passed = np.cumsum(self.work, axis=1)
        self.heads = passed - self.work + self.release[:, None]
        self.tails = passed[:, -1:] - passed
        self.total = passed[:, -1] + self.release
        # No more than one for each job is ever used.
        self.machines = np.minimum(np.diff(problem.first_machine) * problem.factories, problem.num_jobs)

    # -- makespan -----------------------------------------------------------------

    def makespan(self) -> int:
        by_load = [self._load(stage) for stage in range(self.problem.num_stages)]
        best = max(int(self.total.max()), *by_load)
        busiest = np.argsort(-np.array(by_load), kind="stable")
        for stage in busiest[: max(1, WORK // self.problem.num_jobs)].tolist():
            best = max(best, self._preemptive(stage))
        best = max(best, self._pairs(busiest))
        single = not self.problem.is_hybrid and self.problem.factories == 1
        if self.problem.no_wait and single and self.work.size * self.problem.num_jobs <= MATRIX_WORK:
            best = max(best, self._reduction())
        return best

    def _load(self, stage: int) -> int:
        """Work and least setups between the earliest start and the least tail; for M machines as Santos et al. (1995) have it."""
        problem, count = self.problem, int(self.machines[stage])
        heads, tails = np.sort(self._first_starts(stage))[:count], np.sort(self.tails[:, stage])[:count]
        if problem.first_setup is not None or (problem.is_hybrid and problem.factories > 1):
            # A machine may better be left idle: then only the least of all is sure.
            heads, tails = np.repeat(heads[:1], count), np.repeat(tails[:1], count)
        load = int(self.work[:, stage].sum()) + int(heads.sum()) + int(tails.sum())
        if problem.setup is not None and problem.num_jobs > count:
            setup = problem.lattice.ticks(problem.setup[stage])
            np.fill_diagonal(setup, np.iinfo(np.int64).max)
            least = np.sort(setup.min(axis=0))
            load += int(least[: problem.num_jobs - count].sum())  # all but the first jobs of the machines have one before
        return -(-load // count)

    def _first_starts(self, stage: int) -> Ticks:
        """When each job could start as the first of its machine."""
        heads: Ticks = self.heads[:, stage]
        if self.problem.first_setup is None:
            return heads
        first: Ticks = self.problem.lattice.ticks(self.problem.first_setup[stage])
        return np.maximum(heads, first)

    def _preemptive(self, stage: int) -> int:
        """Jackson's preemptive schedule, longest tail first, on one machine that is as fast as all of the stage."""
        count = int(self.machines[stage])
        heads, tails = (self.heads[:, stage] * count).tolist(), (self.tails[:, stage] * count).tolist()
        work = self.work[:, stage].tolist()
        waiting: list[tuple[int, int]] = []
        now = best = 0
        order = sorted(range(len(heads)), key=heads.__getitem__)
        for index, job in enumerate(order):
            now = max(now, heads[job])
            heappush(waiting, (-tails[job], job))
            until = heads[order[index + 1]] if index + 1 < len(order) else None
            while waiting:
                tail, first = waiting[0]
                if until is not None and now + work[first] > until:
                    work[first] -= until - now
                    now = until
                    break
                now += work[first]
                best = max(best, now - tail)
                heappop(waiting)
        return -(-best // count)

    def _pairs(self, busiest: NDArray[np.intp]) -> int:
        """Two stages with one machine each: between them a job takes as long as its work there.

        Where jobs may overtake between the two, that an order of both is best is known for neighbours only.
        """
        problem, m, best = self.problem, self.problem.num_stages, 0
        single = self.machines == 1
        pairs = [(u, u + 1) for u in range(m - 1)]
        if not problem.overtaking:
            pairs += [(u, v) for u in sorted(busiest.tolist()) for v in range(u + 2, m)]
        for u, v in pairs[: max(m, PAIR_WORK // problem.num_jobs)]:
            if single[u] and single[v]:
                best = max(best, self._two(u, v))
        return best

    def _two(self, u: int, v: int) -> int:
        first, second = self.work[:, u], self.work[:, v]
        lag = self.heads[:, v] - self.heads[:, u] - first
        order = johnson(first + lag, second + lag)
        ends = np.cumsum(first[order])
        done = np.cumsum(second[order])
        last = (ends + lag[order] - done + second[order]).max() + done[-1]
        return int(last) + int(self.heads[:, u].min()) + int(self.tails[:, v].min())

    def _reduction(self) -> int:
        """Jobs that do not wait are a round trip through their delays: row and column minima, one after the other."""
        from .rigid import delays

        n = self.problem.num_jobs
        cost = delays(self.problem)
        cost[n, :n] = np.maximum(cost[n, :n], self.release)
        cost[:n, n] = self.total - self.release
        np.fill_diagonal(cost, np.iinfo(np.int64).max)
        rows = cost.min(axis=1)
        columns = cost.min(axis=0)
        by_rows = int(rows.sum()) + int((cost - rows[:, None]).min(axis=0).sum())
        by_columns = int(columns.sum()) + int((cost - columns[None, :]).min(axis=1).sum())
        return max(by_rows, by_columns)

    # -- total flow time ------------------------------------------------------------

    def flow_time(self) -> int:
        """In ticks, release dates not taken off."""
        weight = self.problem.weight_ticks
        best = int(weight @ self.total)
        load = self.work.sum(axis=0) // self.machines
        for stage in np.argsort(-load, kind="stable")[: max(1, WORK // self.problem.num_jobs)].tolist():
            tails = int(weight @ self.tails[:, stage])
            ends = self._shortest_first(stage) if self.problem.weight is None else self._mean_busy(stage, weight)
            best = max(best, tails + ends)
        return best

    def _shortest_first(self, stage: int) -> int:
        """Sum of the ends on one machine that is as fast as all of the stage: shortest remaining time first (Schrage 1968)."""
        count = int(self.machines[stage])
        heads, work = (self.heads[:, stage] * count).tolist(), self.work[:, stage].tolist()
        waiting: list[int] = []
        now = total = 0
        order = sorted(range(len(heads)), key=heads.__getitem__)
        for index, job in enumerate(order):
            now = max(now, heads[job])
            heappush(waiting, work[job])
            until = heads[order[index + 1]] if index + 1 < len(order) else None
            while waiting:
                if until is not None and now + waiting[0] > until:
                    heapreplace(waiting, waiting[0] - (until - now))
                    now = until
                    break
                now += heappop(waiting)
                total += now
        return -(-total // count)

    def _mean_busy(self, stage: int, weights: Ticks) -> int:
        """Weighted: an end is at least the mean time at which a machine is busy with the job, plus half of its work there.

        The sum of weighted means is least by the preemptive rule of the greatest weight over work first (Goemans et al. 2002).
        """
        count = int(self.machines[stage])
        heads, weight = (self.heads[:, stage] * count).tolist(), weights.tolist()
        work = self.work[:, stage].tolist()
        left, squares = list(work), [0] * len(work)
        waiting: list[tuple[float, int]] = []
        now = 0
        order = sorted((job for job in range(len(work)) if work[job]), key=heads.__getitem__)
        for index, job in enumerate(order):
            now = max(now, heads[job])
            heappush(waiting, (-weight[job] / work[job], job))
            until = heads[order[index + 1]] if index + 1 < len(order) else None
            while waiting:
                first = waiting[0][1]
                end = now + left[first]
                if until is not None and end > until:
                    end = until
                squares[first] += end * end - now * now
                left[first] -= end - now
                now = end
                if left[first]:
                    break
                heappop(waiting)
        total = 0
        for job, size in enumerate(work):
            # Twice the end: twice the mean, and the work.
            twice = squares[job] // size + size if size else 2 * heads[job]
            total += weight[job] * (twice // 2)
        return total // count
