"""The iterated greedy, and beam searches in turn with it, as an island of a search."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...core.run import Run
from ...kernels.control import BEST, IMPROVED, ITERATIONS, LIMIT, MOVES, NEVER, Control
from ...kernels.rng import Random
from .arrays import CURRENT, CURRENT_SECOND, HEAD_OK, JOB, LENGTH, NUM_OUT, PARTIAL, PENDING, PHASE, TAIL_OK, THRESHOLDS, Parameters
from .beams import Beams
from .instance import Shop
from .kernels.advance import BEGIN, DESTROY, INSERT, advance
from .orders import by_total
from .problem import FlowShop
from .solution import JobSequences

WORK_A_LOOK = 20_000
"""Operations counted between two looks at the clock."""

MOVES_A_NODE = 1.0
"""Jobs that are put in for each node of a beam: about as much work."""


def thresholds(problem: FlowShop, temperature: float, scale: float = 1.0) -> NDArray[np.int64]:
    """By how much a new schedule may be worse, as a table from which one entry is drawn: as likely as exp(-worse / t)."""
    mean = float(problem.lattice.ticks(problem.durations).mean())
    if problem.objective == "total_flow_time":
        mean *= float(problem.weight_ticks.mean()) * problem.num_jobs
    chance = (np.arange(THRESHOLDS) + 0.5) / THRESHOLDS
    return np.ceil(-0.1 * scale * temperature * mean * np.log(chance)).astype(np.int64)


class Greedy:
    """A line-up under an iterated greedy: a `search.drive.Search`."""

    def __init__(
        self,
        shop: Shop,
        run: Run,
        stream: int,
        destroyed: int,
        temperature: float,
        partial: bool,
        search: bool = True,
        beams: bool = False,
    ) -> None:
        self.shop, self.problem = shop, shop.problem
        self.random = Random.seeded(run.seed, stream)
        self.control = Control.fresh()
        n, m = self.problem.durations.shape
        self.parameters = Parameters(
            destroyed=min(destroyed, max(1, n // 2)),
            partial=int(partial),
            search=int(search),
            steps=max(1, WORK_A_LOOK // (n * m)),
            threshold=thresholds(self.problem, temperature),
        )
        self.kernel = advance[shop.variant]
        start = run.initial_solution
        jobs = None if start is None else shop.jobs(start)  # type: ignore[arg-type]
        self.state = shop.line_up(by_total(self.problem), jobs)
        plain = shop.variant == "short" and self.problem.factories == 1 and n > 1
        self.beams = Beams(shop, stream) if beams and plain else None
        self.until = 1  # iterations after which it is a beam's turn

    def advance(self) -> None:
        if self.beams is None:
            self._iterate()
            return
        limit, under_way = int(self.control.slots[LIMIT]), True
        while under_way:
            under_way = self._iterate_until(limit) if self.beams.beam is None else self._widen(self.beams)

    def _iterate(self) -> None:
        self.kernel(self.shop.instance, self.parameters, self.state, self.random, self.control)

    def _iterate_until(self, limit: int) -> bool:
        """Iterations up to a beam's turn; False where the clock or the limit ended them."""
        slots = self.control.slots
        slots[LIMIT] = min(limit, self.until)
        self._iterate()
        slots[LIMIT] = limit
        done = int(slots[ITERATIONS])
        if int(self.state.words[PHASE]) != DESTROY or done < self.until or done >= limit:
            return False
        assert self.beams is not None
        self.beams.begin(int(slots[BEST]))
        return True

    def _widen(self, beams: Beams) -> bool:
        """Go on with the beam; where it ends, go on from what it found. False where the clock ended it."""
        slots = self.control.slots
        nodes = beams.advance(self.control)
        if nodes == 0:
            return False
        found = beams.end()
        if found is not None and found[0] < int(slots[BEST]):
            self._take(found[1], found[0])
            self.state.words[[PHASE, PENDING]] = INSERT, BEGIN  # the local search first
        done = int(slots[ITERATIONS])
        self.until = NEVER if beams.exhausted else done + 1 + int(nodes * MOVES_A_NODE * done / int(slots[MOVES]))
        return True

    def best(self) -> tuple[int, NDArray[np.int32]] | None:
        """Cost and line-up of the best so far."""
        cost = int(self.control.slots[BEST])
        return None if cost == NEVER else (cost, self.state.best[: self.shop.instance.length])

    def objective(self) -> float | None:
        found = self.best()
        return None if found is None else self.problem.units(found[0])

    def read(self) -> JobSequences | None:
        found = self.best()
        return None if found is None else self.shop.solution(found[1])

    def exhausted(self) -> bool:
        """A single job, or one factory each: nothing to decide."""
        return self.problem.num_jobs == 1 and int(self.state.words[PHASE]) == DESTROY

    def receive(self, other: Greedy) -> None:
        """Go on from the other's line-up where it is better than anything here."""
        found, own = other.best(), self.best()
        if found is not None and own is not None and found[0] < own[0]:
            self._take(found[1], found[0])

    def admit(self, solution: JobSequences) -> None:
        """Go on from a solution of somebody else's where it is better than anything here."""
        own = self.best()
        if own is None:
            return
        jobs = self.shop.jobs(solution)
        cost = self._count(jobs)
        if cost < own[0]:
            self._take(jobs, cost)

    def _take(self, jobs: NDArray[np.int32], cost: int) -> None:
        """Take over a line-up, whatever was being tried."""
        state, length = self.state, self.shop.instance.length
        for target in (state.jobs, state.current, state.best):
            target[:length] = jobs
        state.words[[CURRENT, CURRENT_SECOND]] = cost, NEVER >> 1
        state.words[[HEAD_OK, TAIL_OK, LENGTH, JOB, NUM_OUT, PARTIAL, PENDING, PHASE]] = 0, length, length, -1, 0, 0, 0, DESTROY
        self.control.slots[BEST] = cost
        self.control.slots[IMPROVED] = self.control.slots[ITERATIONS]

    def _count(self, jobs: NDArray[np.int32]) -> int:
        return self.shop.counted(jobs)[0]

    def audit(self) -> str | None:
        """Recount the best line-up, and ask the judge."""
        found = self.best()
        if found is None:
            return None
        cost, jobs = found
        counts = np.bincount(jobs, minlength=self.problem.num_jobs + 1)
        if (counts[: self.problem.num_jobs] != 1).any():
            return "the best line-up does not have each job once"
        counted = self._count(jobs.copy())
        if counted != cost:
            return f"the best line-up costs {counted}, kept is {cost}"
        value = self.problem.evaluate(self.shop.solution(jobs))
        if abs(value - self.problem.units(cost)) > 2 * self.problem.error + 1e-9 * max(1.0, abs(value)):
            return f"the best line-up costs {value} by the judge, {self.problem.units(cost)} by the search"
        return None
