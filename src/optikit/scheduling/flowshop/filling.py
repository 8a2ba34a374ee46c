"""Annealing of line-ups whose jobs pass into gaps, in turn with the iterated greedy, as an island of a search."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...kernels.control import BEST
from .annealing import EXPONENTIAL, Annealing
from .arrays import Fill
from .greedy import WORK_A_LOOK
from .kernels.fill import count_filled, fill
from .solution import JobSequences
from .timetable import timetable

MOST_FILLED = 5_000
"""Operations, at most: a schedule is made anew for each move."""

FIRST_ROUND = 30
"""Moves a job of the first round of cooling."""

MOVES_A_PLACING = 0.25
"""The greedy puts a job in while so many moves times the number of jobs are made."""

WORK_OF_A_FIRST = {"no_wait": 20.0, "blocking": 5.0}
"""Operations that the greedy counts for its first line-up, in those times the square of the number of jobs: as much work."""


class Filling(Annealing):
    """Line-ups on parallel machines, of jobs that do not wait, or that block: a `search.drive.Search`.

    The greedy's line-ups place each job behind all others; here it may pass into gaps (``kernels/fill.py``). Neither decoder is
    always the better one, so that each job has its own, and the greedy goes on by turns as beside any `Annealing`.
    """

    plan: Fill  # type: ignore[assignment]

    def _empty(self) -> Fill:  # type: ignore[override]
        p, (n, m) = self.shop.instance, self.problem.durations.shape
        least = p.duration.reshape(n, m).min(axis=0)
        # Blocking jobs of no length in gaps: orders could wait for each other in a circle, which the judge refuses.
        gaps = self.problem.no_wait or bool((least > 0).all())
        plan = Fill.empty(
            num_jobs=n,
            num_stages=m,
            size=p.length,
            num_all=self.problem.factories * p.num_machines,
            num_windows=n * m + p.num_machines if self.problem.blocking else 1,
            gaps=int(gaps),
            steps=max(1, WORK_A_LOOK // (4 * n * m)),
            exponential=EXPONENTIAL,
            least=np.maximum(least, 1),
        )
        self.reader = plan.copy()
        return plan

    def _first_round(self) -> int:
        return FIRST_ROUND * self.problem.num_jobs

    def _moves_a_placing(self) -> float:
        return MOVES_A_PLACING * self.problem.num_jobs

    def _work_of_a_first(self) -> float:
        return (
            WORK_OF_A_FIRST["no_wait" if self.problem.no_wait else "blocking"]
            * self.problem.num_jobs**2
            * self.problem.durations.size
        )

    def _anneal(self) -> None:
        fill(self.shop.instance, self.plan, self.random, self.control)

    def _count(self) -> int:
        return int(count_filled(self.shop.instance, self.plan))

    def _restart(self) -> None:
        """By turns from the best line-up as it is, and with all of its jobs in gaps."""
        self.plan.row[:] = self.plan.best
        if self.plan.gaps and self.rounds % 2 == 0:
            self.plan.row %= self.problem.num_jobs + 1
        self._count()

    def _begin_from(self, jobs: NDArray[np.int32]) -> None:
        """Go on from the greedy's line-up, where each job comes behind all others."""
        self.begun = True
        self.plan.row[:] = np.where(jobs < self.problem.num_jobs, jobs + self.problem.num_jobs + 1, jobs)
        cost = self._count()
        if cost < self.control.slots[BEST]:
            self._take(cost)

    def _go_on_from(self, solution: JobSequences) -> None:
        row = self.plan.row.copy()
        self._lay(solution)
        cost = self._count()
        if cost < self.control.slots[BEST]:
            self._take(cost)
        else:
            self.plan.row[:] = row
            self._count()

    def receive(self, other: Annealing) -> None:
        found, own = other.best(), self.best()
        if self.begun and found is not None and own is not None and found[0] < own[0]:
            self.plan.row[:] = found[1]
            self._take(self._count())

    def _lay(self, solution: JobSequences) -> None:
        """The jobs of each factory in the order of their starts, into gaps where these are."""
        problem, row = self.problem, []
        starts = timetable(problem, solution, problem.tick_times).start
        for f in range(problem.factories):
            orders = solution.machine_orders(f, problem.num_machines)[: problem.first_machine[1]]
            row += sorted((job for order in orders for job in order), key=lambda job: (starts[job], job))
            row.append(problem.num_jobs)
        jobs = np.array(row[:-1], np.int32)
        self.plan.row[:] = jobs if self.plan.gaps else np.where(jobs < problem.num_jobs, jobs + problem.num_jobs + 1, jobs)

    def _solution(self, rows: NDArray[np.int32]) -> JobSequences:
        problem, s = self.problem, self.reader
        s.row[:] = rows
        count_filled(self.shop.instance, s)
        nodes, after = problem.durations.size, s.after.tolist()
        factories: list[list[list[int]]] = []
        for f in range(problem.factories):
            orders: list[list[int]] = []
            for machine in range(f * problem.num_machines, (f + 1) * problem.num_machines):
                orders.append([])
                node = after[nodes + machine]
                while node >= 0:
                    orders[-1].append(node // problem.num_stages)
                    node = after[node]
            factories.append(orders)
        return JobSequences(factories)  # type: ignore[arg-type]
