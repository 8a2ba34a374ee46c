"""Annealing on critical arcs: job, flexible and open shops whose objective is a sum over the ends of jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ..._brisk import brisk
from ...backends.judge import offer
from ...core.problem import Problem
from ...core.run import Outcome, Run
from ...core.solver import Capabilities, Solver
from ...inputs.cpus import usable_cpus
from ...inputs.ranges import parameter
from ...kernels.control import BEST, IMPROVED, ITERATIONS, NEVER, Control
from ...kernels.jit import PLAIN
from ...kernels.rng import Random
from ...search.drive import drive
from . import arc_arrays as slot
from .arc_arrays import Annealing, Criteria
from .cycles import Cycles
from .disjunctive import Disjunctive, beyond_graph, disjunctive
from .dispatcher import best_of
from .kernels.arcs import advance
from .problem import Shop
from .solution import Schedule
from .stopgap import LARGE, in_haste, offer_in_time
from .tabu_arrays import State

EPOCH = 200_000
"""Trials of each island between two exchanges."""

STARTS = ("lwkr", "critical_ratio", "edd", "atc", "wspt", "mwkr")
"""Rules from whose best schedule the search starts, active and non-delay: first those that finish one job after the other, which is
best where jobs are many;"""

MOST_STARTS = 1_000_000
"""fewer of them where operations times jobs are so many."""

SAMPLE = 500
"""Trials by which the search measures how much a change costs."""

SPAN = 100_000
"""Trials of the first cycle after these where there is no limit."""

ENOUGH = 1000
"""Trials for each operation from which on it pays to begin as hot as is given."""

TERMS = frozenset({"makespan", "total_completion", "total_tardiness", "max_lateness", "num_tardy"})
"""What may be in the objective: the ends of jobs alone decide on it."""


@dataclass(frozen=True)
class CriticalArcs(Solver):
    """Annealing on critical arcs: for total completion times, tardiness, tardy jobs and their sums.

    Takes what the disjunctive graph holds: job shops, flexible job shops and open shops with release dates. A trial takes a job,
    the likelier the more it costs, and on a critical path to its end lets neighbours at an end of a block pass each other, or an
    operation several at once, or takes one to another machine; ends are counted exactly, as far as they change. Cycles of annealing
    start from the best of some dispatching rules, then from the best so far. An iteration is a trial. Same seed, islands and
    iterations: same schedule.

    Parameters
    ----------
    hot, warm : float
        Temperature at the start of the first cycle and of the others, in mean rises of the cost of a trial; less where there is no
        time for 1,000 trials an operation.
    cold : float
        The temperature at the end of a cycle, as a part of that at its start.
    cycles : int
        Cycles within the known time or iterations; without a limit they grow.
    inserts : float
        Share of the moves within a block that may pass several operations.
    inside : float
        Share of the moves that are anywhere in a block and not at an end of it.
    elsewhere : float
        Share of the moves that take an operation to another machine, where there are several to choose from.
    islands : int, optional
        Searches side by side that pass their best on; by default ``n_jobs``.

    References
    ----------
    Y. Mati, S. Dauzere-Peres and C. Lahlou, "A general approach for optimizing regular criteria in the job-shop scheduling
    problem", European Journal of Operational Research 212, 2011.
    P. J. M. van Laarhoven, E. H. L. Aarts and J. K. Lenstra, "Job shop scheduling by simulated annealing", Operations Research 40,
    1992.
    """

    name: ClassVar[str] = "critical_arcs"
    solves: ClassVar[type[Problem]] = Shop
    capabilities: ClassVar[Capabilities] = Capabilities(anytime=True, start=True, seeded=True, threads=True)

    hot: float = parameter(1.0, least=0, most=1e6, tune=(0.02, 2), log=True)
    warm: float = parameter(0.4, least=0, most=1e6, tune=(0.01, 1), log=True)
    cold: float = parameter(0.05, least=1e-9, most=1, tune=(0.001, 0.2), log=True)
    cycles: int = parameter(4, least=1, most=10**6, tune=(1, 10))
    inserts: float = parameter(0.5, least=0, most=1, tune=(0, 1))
    inside: float = parameter(0.3, least=0, most=1, tune=(0, 1))
    elsewhere: float = parameter(0.3, least=0, most=1, tune=(0.1, 0.8))
    islands: int | None = parameter(None, least=1, most=10**4)

    def _unsupported(self, problem: Shop) -> str | None:
        more = [term for term in problem.objective if term not in TERMS]
        if more:
            return f"the objective has {' and '.join(more)}, which does not follow from the ends of jobs; 'general' takes all"
        return beyond_graph(problem)

    def _run(self, problem: Shop, run: Run) -> Outcome:
        deadline = run.deadline
        try:
            with brisk:
                graph = disjunctive(problem)
                first = None if run.initial_solution is not None else best_of(problem, run, STARTS, MOST_STARTS)
                if first is None:
                    first = graph.schedule(*graph.any_order())
                if problem.num_operations >= LARGE:
                    offer_in_time(problem, run, first)
                if not advance[PLAIN].ready(0.0):
                    # The kernel is compiled at its first use on this machine: there is a schedule meanwhile.
                    offer(problem, run, first)
                    if not advance[PLAIN].ready(min(run.remaining, 3600.0)):
                        return in_haste(problem, run, "the kernels were being compiled")
                start = run.initial_solution or first
                count = self.islands or run.n_jobs
                islands = [Island(self, problem, graph, run, stream, count, start) for stream in range(count)]  # type: ignore[arg-type]
            reason = drive(run, islands, epoch=EPOCH, threads=min(run.n_jobs, usable_cpus()))
            return in_haste(problem, run) if run.incumbent is None else Outcome(reason, run.incumbent)
        finally:
            run.deadline = deadline


class Island:
    """One search with its own state and random numbers: a `search.drive.Search`."""

    def __init__(
        self, solver: CriticalArcs, problem: Shop, graph: Disjunctive, run: Run, stream: int, islands: int, start: Schedule
    ) -> None:
        self.solver, self.problem, self.graph, self.run = solver, problem, graph, run
        self.kernel = advance[PLAIN]
        self.control = Control.fresh()
        self.random = Random.seeded(run.seed, stream)
        flat, p = problem.flat, graph.instance
        self.criteria = Criteria(
            num_jobs=p.num_jobs,
            makespan_rate=flat.makespan_rate,
            lateness_rate=flat.lateness_rate,
            due=flat.due,
            completion_rate=flat.completion_rate,
            tardiness_rate=flat.tardiness_rate,
            tardy_cost=flat.tardy_cost,
            inserts=int(1000 * solver.inserts),
            elsewhere=int(1000 * solver.elsewhere) if p.is_flexible else 0,
            inside=int(1000 * solver.inside),
        )
        self.state = State.empty(num_operations=p.num_operations, num_lines=p.num_jobs + p.num_machines, room=p.room)
        self.state.end[p.num_operations :] = p.release
        self.state.tail[p.num_operations :] = p.delivery
        self.state.position[p.num_operations :] = -1
        self.annealing = Annealing.empty(num_jobs=p.num_jobs, num_operations=p.num_operations)
        self._stand_at(start)
        self.cycles = Cycles(solver, run, self.control, stream, islands, sample=SAMPLE, span=SPAN, enough=ENOUGH * p.num_operations)

    def _stand_at(self, schedule: Schedule) -> None:
        self.state.order[:], self.state.choice[:] = self.graph.order_of(schedule)
        self.annealing.words[slot.TASK] = slot.SET_UP

    def advance(self) -> None:
        if self.cycles.number < 0:
            self._next_cycle()
        p, g, s, a, y = self.graph.instance, self.criteria, self.state, self.annealing, self.cycles.now
        while self.kernel(p, g, s, a, y, self.random, self.control):
            self._next_cycle()

    def _next_cycle(self) -> None:
        """Where the next cycle starts."""
        self.cycles.begin()
        if self.cycles.number > 0 and self.annealing.words[slot.TASK] == slot.GO_ON:
            self.annealing.words[slot.TASK] = slot.RESTART

    # -- what it found --------------------------------------------------------------

    def objective(self) -> float | None:
        best = int(self.control.slots[BEST])
        return None if best == NEVER else self.problem.flat.cost(best)

    def read(self) -> Schedule | None:
        return None if self.objective() is None else self.graph.schedule(*self._best())

    def _best(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        return self.annealing.best_order, self.annealing.best_choice

    def exhausted(self) -> bool:
        return False

    def receive(self, other: Island) -> None:
        """Take over the other's best where it is better; the next cycle starts from it."""
        if other.control.slots[BEST] >= self.control.slots[BEST]:
            return
        for mine, theirs in zip(self._best(), other._best(), strict=True):
            mine[:] = theirs
        self.control.slots[BEST] = other.control.slots[BEST]
        self.control.slots[IMPROVED] = self.control.slots[ITERATIONS]

    def admit(self, solution: Schedule) -> None:
        """Go on from a schedule that somebody else found."""
        self._stand_at(solution)

    def audit(self) -> str | None:
        """Place the present schedule and the best one anew, and ask the judge what they cost."""
        s, flat = self.state, self.problem.flat
        best = self.read()
        if best is not None and abs(self.problem.evaluate(best) - self.objective()) > self.problem.error + 1e-9:  # type: ignore[operator]
            return f"the best schedule costs {self.problem.evaluate(best)}, kept is {self.objective()}"
        if self.annealing.words[slot.TASK] != slot.GO_ON:
            return None
        start, _ = self.graph.place(s.order, s.choice)
        if not np.array_equal(start, s.end[: s.num_operations] - s.time[: s.num_operations]):
            return "the ends of operations are not those of their order"
        found = self.problem.evaluate(flat.schedule(start, self.graph.mode_of[s.choice]))
        kept = flat.cost(int(self.annealing.words[slot.COST]))
        if abs(found - kept) > self.problem.error + 1e-9 * max(1.0, abs(found)):
            return f"the schedule costs {found}, kept is {kept}"
        return None
