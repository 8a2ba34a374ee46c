"""Annealing of the orders of all machines as an island of a search."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...core.run import Run
from ...kernels.control import BEST, DEADLINE, IMPROVED, ITERATIONS, LIMIT, MOVES, NEVER, Control
from ...kernels.rng import Random
from .arrays import NUM_WORSE, PHASE, PROBING, RATE, SUM_WORSE, TEMPERATURE, THRESHOLDS, TURN, Plan
from .dispatch import at_once
from .greedy import WORK_A_LOOK, Greedy
from .instance import Shop
from .kernels.advance import DESTROY
from .kernels.anneal import anneal, count_plan
from .solution import JobSequences

GREEDY_TEMPERATURE = 0.4
"""Of the iterated greedy that it begins with."""

LONGER = 10
"""Where beam searches take turns with the greedy, it goes on for so many times the iterations: they gain more than moves here."""

PROBES = 200
"""Moves from which it is learnt how much worse they make a plan."""

FIRST_ROUND = 50
"""Moves an operation of the first round of cooling;"""

GROWTH = 1.3
"""each round is so much longer than the last."""

HEATS = (0.0002, 0.004, 0.06, 0.5)
"""Rounds begin at so many times the temperature that was asked for: at the first after a better plan, at the next after none;"""

COOLED = 0.01
"""they end at so many times that at which they begin."""

MOVES_A_PLACING = {"short": 4.0, "lines": 4.0, "flow": 0.4, "listed": 4.5}
"""The greedy puts a job in while so many moves are made, by variant: about as much work;"""

BY_JOBS = ("flow", "listed")
"""in these variants so many times the number of jobs."""

SLOW = 3e9
"""Operations that are counted until the greedy has its first line-up, above which the first plan is dispatched."""

EXPONENTIAL = -np.log((np.arange(THRESHOLDS) + 0.5) / THRESHOLDS)
"""Numbers as likely as exp(-x)."""

FAVOUR = 3.0
"""Whoever of the two has found the better plan goes on for so many times as long."""


class Annealing:
    """Rows of all stages under annealing: a `search.drive.Search`.

    It begins where an iterated greedy on line-ups stands after some iterations, or at the start that was given. The greedy goes on
    whenever a round of cooling ends, since each of the two is far ahead of the other on some shops. All turns are counted.
    """

    def __init__(self, shop: Shop, run: Run, stream: int, temperature: float, greedy: int) -> None:
        self.shop, self.problem = shop, shop.problem
        self.random = Random.seeded(run.seed, stream)
        self.control = Control.fresh()
        n = self.problem.num_jobs
        self.plan = self._empty()
        self.plan.words[PROBING] = 1
        self.temperature, self.until, self.length = temperature, PROBES, self._first_round()
        self.level, self.rounds, self.begins = 0, 0, -1
        self.first = Greedy(shop, run, stream, 2, GREEDY_TEMPERATURE, True, beams=True)
        self.placing = self._moves_a_placing()
        self.first.control.slots[LIMIT] = greedy if self.first.beams is None else greedy * LONGER
        if shop.variant == "listed":  # where an iteration may take a second
            self.first.state.words[TURN] = n + self._turn(1.0)
        start = run.initial_solution
        if start is None and self._work_of_a_first() > SLOW:
            start = at_once(self.problem)
        self.begun, self.greedy_on = False, start is None
        if start is not None:
            self._begin(start)  # type: ignore[arg-type]

    # -- what moves: other plans say it in another way -------------------------------

    def _empty(self) -> Plan:
        p, (n, m) = self.shop.instance, self.problem.durations.shape
        counts = np.diff(self.problem.first_machine) * self.problem.factories + n - 1
        row_first = np.concatenate(([0], np.cumsum(counts)))
        return Plan.empty(
            num_jobs=p.num_jobs,
            num_stages=p.num_stages,
            size=int(row_first[-1]),
            steps=max(1, WORK_A_LOOK // (n * m)),
            row_first=row_first,
            exponential=EXPONENTIAL,
        )

    def _first_round(self) -> int:
        return FIRST_ROUND * self.problem.durations.size

    def _moves_a_placing(self) -> float:
        return MOVES_A_PLACING[self.shop.variant] * (self.problem.num_jobs if self.shop.variant in BY_JOBS else 1)

    def _work_of_a_first(self) -> float:
        """Operations that are counted until the greedy has its first line-up."""
        return self.problem.num_jobs * self.problem.durations.size * self.placing

    def _anneal(self) -> None:
        anneal(self.shop.instance, self.plan, self.random, self.control)

    def _count(self) -> int:
        return int(count_plan(self.shop.instance, self.plan))

    def _restart(self) -> None:
        self.plan.row[:] = self.plan.best
        self._count()

    def _begin_from(self, jobs: NDArray[np.int32]) -> None:
        """Go on from a line-up of the greedy."""
        self._begin(self.shop.solution(jobs))

    # -- in slices ---------------------------------------------------------------------

    def advance(self) -> None:
        while self._advance_greedy() if self.greedy_on else self._advance_annealing():
            pass

    def _advance_greedy(self) -> bool:
        """Go on with the greedy; False where the clock ended it."""
        words, slots = self.first.state.words, self.first.control.slots
        slots[DEADLINE] = self.control.slots[DEADLINE]
        self.first.advance()
        found, beams = self.first.best(), self.first.beams
        ended = slots[MOVES] >= words[TURN] or (words[PHASE] == DESTROY and slots[ITERATIONS] >= slots[LIMIT])
        if (found is None and not self.begun) or not ended or (beams is not None and beams.beam is not None):
            return False
        self.greedy_on = False
        slots[LIMIT] = NEVER
        if found is not None and found[0] < int(self.control.slots[BEST]):
            self._begin_from(found[1])
        return True

    def _advance_annealing(self) -> bool:
        """Go on with the round; False where the clock or the limit ended it."""
        slots, limit = self.control.slots, int(self.control.slots[LIMIT])
        slots[LIMIT] = min(limit, self.until)
        self._anneal()
        slots[LIMIT] = limit
        if int(slots[ITERATIONS]) < self.until or self.until >= limit:
            return False
        probed = self.plan.words[PROBING] == 1
        self._next_round()
        if not probed:
            first = self.first.control.slots
            self.first.state.words[TURN] = first[MOVES] + self._turn(FAVOUR if first[BEST] <= slots[BEST] else 1 / FAVOUR)
            self.greedy_on = True
        return True

    def _turn(self, times: float) -> int:
        """Jobs that the greedy puts in while it goes on so many times as long as the next round takes."""
        return max(1, int(times * self.length / self.placing))

    def _next_round(self) -> None:
        """Cool down again, from the best plan."""
        plan, heat = self.plan, self.plan.heat
        if plan.words[PROBING] == 1:
            plan.words[PROBING] = 0
        else:
            self.length = int(self.length * GROWTH)
        mean = heat[SUM_WORSE] / max(1.0, heat[NUM_WORSE])
        self.level = 0 if self.control.slots[IMPROVED] > self.begins else (self.level + 1) % len(HEATS)
        self.begins = int(self.control.slots[ITERATIONS])
        heat[TEMPERATURE] = self.temperature * mean * HEATS[self.level]
        heat[RATE] = COOLED ** (1 / self.length)
        self.until += self.length
        self._restart()
        self.rounds += 1

    def _begin(self, solution: JobSequences) -> None:
        self.begun = True
        self._lay(solution)
        self._take(self._count())

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
        cost = min(int(self.control.slots[BEST]), int(self.first.control.slots[BEST]))
        return None if cost == NEVER else self.problem.units(cost)

    def read(self) -> JobSequences | None:
        if self.first.control.slots[BEST] < self.control.slots[BEST]:
            return self.first.read()
        return self._solution(self.plan.best) if self.begun else None

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
        best = self._solution(self.plan.best)
        self._lay(solution)
        cost = self._count()
        if cost < int(self.control.slots[BEST]):
            self._take(cost)
        else:
            self._lay(best)  # factories may have other numbers of jobs in it
            self._count()

    def audit(self) -> str | None:
        found = self.best()
        if found is None:
            return None
        value, own = self.problem.evaluate(self._solution(found[1])), self.problem.units(found[0])
        if abs(value - own) > 2 * self.problem.error + 1e-9 * max(1.0, abs(value)):
            return f"the best plan costs {value} by the judge, {own} by the search"
        return self.first.audit()
