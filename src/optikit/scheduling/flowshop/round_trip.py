"""The makespan of jobs that do not wait as a round trip: an asymmetric travelling salesman problem, by the solvers of that."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ...backends.judge import offer
from ...core.problem import Problem
from ...core.registry import candidates
from ...core.result import StopReason
from ...core.run import Outcome, Progress, Run
from ...core.solution import Solution
from ...core.solver import Capabilities, Solver
from ...core.stop import Stop
from ...inputs.arguments import MOST_COUNT
from ...routing.tsp import TSP, Tour
from .dispatch import at_once
from .instance import MATRIX_JOBS
from .problem import FlowShop
from .rigid import delays
from .solution import JobSequences

LONGEST = 2**52
"""Ticks that a tour may add up to: where it would be more, its own ticks are coarser."""


@dataclass(frozen=True)
class RoundTrip(Solver):
    """Jobs that do not wait, one after the other: the makespan is the length of a tour.

    The first job on the first machine decides when the next one may follow, whatever came before; from the last job it is as far
    to the end as that job is long. So the best order is a shortest asymmetric tour through the jobs and one more place, which is
    the beginning and the end (Reddi and Ramamoorthy 1972; Wismer 1972). Up to about 100 jobs are mostly proved in seconds, by
    branch and cut; more are searched by edge assembly crossover: what ``"auto"`` takes for that tour. Setups are part of the
    distances; release dates and the total flow time are not.

    References
    ----------
    S. S. Reddi and C. V. Ramamoorthy, "On the flow-shop sequencing problem with no wait in process", Operational Research
    Quarterly 23, 1972.
    """

    name: ClassVar[str] = "round_trip"
    solves: ClassVar[type[Problem]] = FlowShop
    capabilities: ClassVar[Capabilities] = Capabilities(
        exact=True,
        bounds=True,
        anytime=True,
        start=True,
        seeded=True,
        threads=True,
        stops=frozenset({"time", "target", "gap"}),
        late=0.5,
    )

    def _unsupported(self, problem: FlowShop) -> str | None:
        if not problem.features["round_trip"]:
            return "only the makespan of jobs that do not wait, on single machines in one factory and without releases, is a tour"
        if problem.num_jobs > MATRIX_JOBS:
            return f"{problem.num_jobs} jobs; the matrix of delays is made for up to {MATRIX_JOBS}"
        return None

    def _run(self, problem: FlowShop, run: Run) -> Outcome:
        if run.incumbent is None:
            offer(problem, run, at_once(problem))
        trip, coarse = tour_problem(problem)
        solver, _ = next(candidates(trip, None if run.deadline is None else run.remaining, run.n_jobs))
        reason = run.reason()
        if reason is not None:
            return Outcome(reason, run.incumbent)
        limits = Stop(time=run.remaining) if run.deadline is not None else Stop()
        if run.deadline is None and not solver.capabilities.exact:
            limits = Stop(stall=MOST_COUNT)
        start = run.initial_solution
        result = solver.solve(
            trip,
            stop=limits,
            seed=run.seed,
            n_jobs=run.n_jobs,
            initial_solution=None if start is None else Tour([*start.order, problem.num_jobs]),  # type: ignore[attr-defined]
            callbacks=[_Relay(problem, run, coarse)],
            memory_limit=run.memory_limit,
        )
        if result.solution is not None:
            offer(problem, run, sequences(problem, result.solution))
        if result.bound is not None:
            run.tighten(_bound(problem, coarse, result.bound))
        ended = StopReason.TIME if result.stop_reason is StopReason.CANCELLED else result.stop_reason
        return Outcome(run.reason() or ended, run.incumbent, message=f"as a tour, by {result.solver}")


class _Relay:
    """What the tour's solver finds and proves goes to the run of the flow shop."""

    def __init__(self, problem: FlowShop, run: Run, coarse: int) -> None:
        self.problem, self.run, self.coarse = problem, run, coarse

    def on_improvement(self, progress: Progress) -> None:
        if progress.solution is not None:
            offer(self.problem, self.run, sequences(self.problem, progress.solution))

    def on_tick(self, progress: Progress) -> bool:
        self.run.iterations = progress.iterations
        if progress.bound is not None:
            self.run.tighten(_bound(self.problem, self.coarse, progress.bound))
        return self.run.tick() is not None


def tour_problem(problem: FlowShop) -> tuple[TSP, int]:
    """The tour: a place a job, and the last one for the beginning and the end; and how many ticks one of its own is.

    Where its ticks are coarser distances are rounded down, so that its bounds are bounds.
    """
    n = problem.num_jobs
    distance = delays(problem)
    distance[:n, n] = problem.lattice.ticks(problem.durations).sum(axis=1)
    np.fill_diagonal(distance, 0)
    coarse = 1 + int(distance.max()) * (n + 1) // LONGEST
    return TSP.from_matrix(distance // coarse), coarse


def sequences(problem: FlowShop, tour: Solution) -> JobSequences:
    """The jobs in the order of the tour, from the place that is no job."""
    places = np.asarray(tour.order)  # type: ignore[attr-defined]
    first = int(np.flatnonzero(places == problem.num_jobs)[0])
    return JobSequences.permutation(np.roll(places, -first)[1:].tolist())


def _bound(problem: FlowShop, coarse: int, ticks: float) -> float:
    """A bound on the tour as one on the makespan."""
    return problem.units(math.ceil(ticks - 1e-6) * coarse) - problem.error
