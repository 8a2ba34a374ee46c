"""Annealing of the orders of all machines as an island of a search."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...core.run import Run
from ...kernels.control import BEST, DEADLINE, IMPROVED, ITERATIONS, LIMIT, NEVER, Control
from ...kernels.rng import Random
from .arrays import PHASE, Parameters, Plan
from .greedy import WORK_A_LOOK, Greedy, thresholds
from .instance import Shop
from .kernels.advance import DESTROY
from .kernels.anneal import anneal, count_plan
from .solution import JobSequences

GREEDY_TEMPERATURE = 0.4
"""Of the iterated greedy that it begins with."""

LONGER = 10
"""Where beam searches take turns with the greedy, it goes on for so many times the iterations: they gain more than moves here."""


class Annealing:
    """Rows of all stages under annealing: a `search.drive.Search`.

    It begins where an iterated greedy on line-ups ends, or at the start that was given.
    """

    def __init__(self, shop: Shop, run: Run, stream: int, temperature: float, greedy: int) -> None:
        self.shop, self.problem, p = shop, shop.problem, shop.instance
        self.random = Random.seeded(run.seed, stream)
        self.control = Control.fresh()
        n, m = self.problem.durations.shape
        self.parameters = Parameters(
            destroyed=1, partial=0, search=0, steps=max(1, WORK_A_LOOK // (n * m)), threshold=thresholds(self.problem, temperature)
        )
        counts = np.diff(self.problem.first_machine) * self.problem.factories + n - 1
        row_first = np.concatenate(([0], np.cumsum(counts)))
        self.plan = Plan.empty(num_jobs=p.num_jobs, num_stages=p.num_stages, size=int(row_first[-1]), row_first=row_first)
        given = run.initial_solution is not None
        self.first = None if given else Greedy(shop, run, stream, 2, GREEDY_TEMPERATURE, True, beams=True)
        self.greedy = greedy * LONGER if self.first is not None and self.first.beams is not None else greedy
        self.begun = False
        if run.initial_solution is not None:
            self._begin(run.initial_solution)  # type: ignore[arg-type]

    def advance(self) -> None:
        if not self.begun:
            assert self.first is not None
            first = self.first.control.slots
            first[[DEADLINE, LIMIT]] = self.control.slots[DEADLINE], self.greedy
            self.first.advance()
            if int(self.first.state.words[PHASE]) != DESTROY or first[ITERATIONS] < self.greedy:
                return
            solution = self.first.read()
            assert solution is not None
            self._begin(solution)
        anneal(self.shop.instance, self.parameters, self.plan, self.random, self.control)

    def _begin(self, solution: JobSequences) -> None:
        self.begun = True
        self._lay(solution)
        self._take(int(count_plan(self.shop.instance, self.plan)))

    def _lay(self, solution: JobSequences) -> None:
        """Write the rows of a solution."""
        problem, row, factory_of = self.problem, [], []
        orders = [solution.machine_orders(f, problem.num_machines) for f in range(problem.factories)]
        for stage in range(problem.num_stages):
            for f, machines in enumerate(orders):
                for machine in range(problem.first_machine[stage], problem.first_machine[stage + 1]):
                    row += [*machines[machine], problem.num_jobs]
                    factory_of += [f] * (len(machines[machine]) + 1)
                factory_of[-1] = -1  # no move leads across
            row.pop()
            factory_of.pop()
        self.plan.row[:] = row
        self.plan.factory_of[:] = factory_of

    def _take(self, cost: int) -> None:
        self.plan.best[:] = self.plan.row
        self.control.slots[BEST] = cost
        self.control.slots[IMPROVED] = self.control.slots[ITERATIONS]

    def best(self) -> tuple[int, NDArray[np.int32]] | None:
        """Cost and rows of the best so far."""
        cost = int(self.control.slots[BEST])
        return None if cost == NEVER else (cost, self.plan.best)

    def objective(self) -> float | None:
        if not self.begun:
            return None if self.first is None else self.first.objective()
        return self.problem.units(int(self.control.slots[BEST]))

    def read(self) -> JobSequences | None:
        if not self.begun:
            return None if self.first is None else self.first.read()
        return self._solution(self.plan.best)

    def _solution(self, rows: NDArray[np.int32]) -> JobSequences:
        problem, first = self.problem, self.plan.row_first
        factories: list[list[list[int]]] = [[] for _ in range(problem.factories)]
        for stage in range(problem.num_stages):
            row = rows[first[stage] : first[stage + 1]]
            parts = np.split(row, np.flatnonzero(row == problem.num_jobs))
            lines = iter(part[part < problem.num_jobs].tolist() for part in parts)
            for orders in factories:
                orders += [next(lines) for _ in range(problem.first_machine[stage + 1] - problem.first_machine[stage])]
        return JobSequences(factories)  # type: ignore[arg-type]

    def exhausted(self) -> bool:
        return self.begun and self.problem.num_jobs == 1

    def receive(self, other: Annealing) -> None:
        """Go on from the other's plan where it is better than anything here."""
        found, own = other.best(), self.best()
        if self.begun and found is not None and own is not None and found[0] < own[0]:
            self._go_on_from(other._solution(found[1]))

    def admit(self, solution: JobSequences) -> None:
        """Go on from a solution of somebody else's where it is better than anything here."""
        own = self.objective()
        if self.begun and own is not None and self.problem.evaluate(solution) < own:
            self._go_on_from(solution)

    def _go_on_from(self, solution: JobSequences) -> None:
        self._lay(solution)
        cost = int(count_plan(self.shop.instance, self.plan))
        if cost < int(self.control.slots[BEST]):
            self._take(cost)

    def audit(self) -> str | None:
        found = self.best()
        if found is None:
            return None
        value, own = self.problem.evaluate(self._solution(found[1])), self.problem.units(found[0])
        if abs(value - own) > 2 * self.problem.error + 1e-9 * max(1.0, abs(value)):
            return f"the best plan costs {value} by the judge, {own} by the search"
        return None
