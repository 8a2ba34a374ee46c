"""The tabu search of job shops, flexible job shops and open shops."""

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
from ...kernels.control import BEST, NEVER, Control
from ...kernels.jit import PLAIN
from ...kernels.rng import Random
from ...search.drive import drive
from .disjunctive import Disjunctive, disjunctive, refusal
from .kernels.tabu import EMPTY, SEARCH, START, advance
from .problem import Shop
from .solution import Schedule
from .stopgap import LARGE, in_haste, offer_in_time
from .tabu_arrays import BEST_ROW, COST, GIVEN, GIVEN_ROW, PHASE, Elites, Parameters, State

EPOCH = 100_000
"""Moves of each island between two exchanges."""

SLACK = 128
"""How much longer than the tenure a move may be forbidden, in 256ths of it."""


@dataclass(frozen=True)
class TabuSearch(Solver):
    """Tabu search on the blocks of a critical path, with path relinking between elites.

    The neighbourhood is N7 (Zhang et al. 2007): operations of a block move behind its last or before its first one, and these
    inside; of flexible shops each operation of the path also goes to other machines, where Mastrolilli and Gambardella (2000) show
    the best place to be; of open shops the blocks of jobs count like those of machines, and operations change their places in the
    job and on the machine at once. Moves are estimated by Balas and Vazacopoulos (1998), made exactly, and what they turn round is
    forbidden for a while. A run that has found nothing new for long ends; the next begins from a new schedule, or, when there are
    enough, between two of the best (Peng, Lu and Cheng 2015). Takes release dates, and the maximum lateness as well as the
    makespan. An iteration is a move. Same seed, islands and iterations: same schedule.

    Parameters
    ----------
    elites : int
        Schedules that are relinked.
    patience : int
        Moves without a better schedule after which a run ends.
    tenure : int
        Moves for which two operations keep the order that a move gave them, at least; half as many in open shops.
    stay : int
        Moves for which an operation does not return to the machine that it was moved from, at least.
    reach : int
        Operations that a move passes over, at most.
    neighbourhood : {"n7", "n6", "n5"}
        ``"n6"`` (Balas and Vazacopoulos 1998) moves no first or last operation inside; ``"n5"`` (Nowicki and Smutnicki 1996) swaps
        the first two and the last two of a block only. For comparisons: other machines, and the moves of open shops, stay.
    islands : int, optional
        Searches side by side that pass their best on; by default ``n_jobs``.

    References
    ----------
    E. Nowicki and C. Smutnicki, "A fast taboo search algorithm for the job shop problem", Management Science 42, 1996.
    E. Balas and A. Vazacopoulos, "Guided local search with shifting bottleneck for job shop scheduling", Management Science 44,
    1998.
    C. Zhang, P. Li, Z. Guan and Y. Rao, "A tabu search algorithm with a new neighborhood structure for the job shop scheduling
    problem", Computers & Operations Research 34, 2007.
    B. Peng, Z. Lu and T. C. E. Cheng, "A tabu search/path relinking algorithm to solve the job shop scheduling problem", Computers
    & Operations Research 53, 2015.
    M. Mastrolilli and L. M. Gambardella, "Effective neighbourhood functions for the flexible job shop problem", Journal of
    Scheduling 3, 2000.
    """

    name: ClassVar[str] = "tabu"
    solves: ClassVar[type[Problem]] = Shop
    capabilities: ClassVar[Capabilities] = Capabilities(anytime=True, start=True, seeded=True, threads=True)

    elites: int = parameter(10, least=2, most=1000, tune=(4, 40), log=True)
    patience: int = parameter(5000, least=1, most=10**9, tune=(500, 50_000), log=True)
    tenure: int = parameter(6, least=0, most=10**6, tune=(2, 20))
    stay: int = parameter(25, least=0, most=10**6, tune=(5, 60))
    reach: int = parameter(100, least=1, most=10**6, tune=(5, 200), log=True)
    neighbourhood: str = parameter("n7", choices=("n7", "n6", "n5"))
    islands: int | None = parameter(None, least=1, most=10**4)

    def _unsupported(self, problem: Shop) -> str | None:
        return refusal(problem)

    def _run(self, problem: Shop, run: Run) -> Outcome:
        deadline = run.deadline
        try:
            with brisk:
                graph = disjunctive(problem)
                first = graph.schedule(*graph.any_order())
                if problem.num_operations >= LARGE:
                    offer_in_time(problem, run, first)
                kernel = advance[PLAIN]
                if not kernel.ready(0.0):
                    # The kernel is compiled at its first use on this machine: there is a schedule meanwhile.
                    offer(problem, run, first)
                    if not kernel.ready(min(run.remaining, 3600.0)):
                        return in_haste(problem, run, "the kernels were being compiled")
                islands = [Island(self, problem, graph, run, stream) for stream in range(self.islands or run.n_jobs)]
            reason = drive(run, islands, epoch=EPOCH, threads=min(run.n_jobs, usable_cpus()))
            return in_haste(problem, run) if run.incumbent is None else Outcome(reason, run.incumbent)
        finally:
            run.deadline = deadline


class Island:
    """One tabu search with its own elites and random numbers: a `search.drive.Search`."""

    def __init__(self, solver: TabuSearch, problem: Shop, graph: Disjunctive, run: Run, stream: int) -> None:
        self.problem, self.graph = problem, graph
        self.kernel = advance[PLAIN]
        self.control = Control.fresh()
        self.random = Random.seeded(run.seed, stream)
        p = graph.instance
        self.parameters = Parameters(
            size=solver.elites,
            patience=solver.patience,
            tenure=solver.tenure // 2 if p.is_open else solver.tenure,
            stay=solver.stay,
            slack=SLACK,
            reach=1 if solver.neighbourhood == "n5" else solver.reach,
            inside=int(solver.neighbourhood == "n7"),
        )
        lines = p.num_jobs + p.num_machines
        self.state = State.empty(num_operations=p.num_operations, num_lines=lines, room=p.room)
        self.state.end[p.num_operations :] = p.release
        self.state.tail[p.num_operations :] = p.delivery
        self.state.position[p.num_operations :] = -1
        self.elites = Elites.empty(num_operations=p.num_operations, size=solver.elites)
        self.state.words[PHASE] = EMPTY
        if run.initial_solution is not None:
            self.state.order[:], self.state.choice[:] = graph.order_of(run.initial_solution)  # type: ignore[arg-type]
            self.state.words[PHASE] = START

    def advance(self) -> None:
        self.kernel(self.graph.instance, self.parameters, self.state, self.elites, self.random, self.control)

    def row(self, number: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Order and alternatives of a row behind the elites."""
        where = self.elites.size + number, self.elites.num_operations
        shape = -1, where[1]
        return self.elites.order.reshape(shape)[where[0]], self.elites.choice.reshape(shape)[where[0]]

    def objective(self) -> float | None:
        best = int(self.control.slots[BEST])
        return None if best == NEVER else self.graph.value(best)

    def read(self) -> Schedule | None:
        return None if self.objective() is None else self.graph.schedule(*self.row(BEST_ROW))

    def exhausted(self) -> bool:
        return False

    def receive(self, other: Island) -> None:
        """Let a run begin from the other's best where that is better."""
        if other.control.slots[BEST] < self.control.slots[BEST]:
            self._give(*other.row(BEST_ROW), int(other.control.slots[BEST]))

    def admit(self, solution: Schedule) -> None:
        """Let a run begin from a schedule that somebody else found."""
        order, choice = self.graph.order_of(solution)
        self._give(order, choice, self.graph.place(order, choice)[1])

    def _give(self, order: NDArray[np.int32], choice: NDArray[np.int32], cost: int) -> None:
        mine = self.row(GIVEN_ROW)
        mine[0][:], mine[1][:] = order, choice
        self.elites.cost[self.elites.size + GIVEN_ROW] = cost
        self.state.words[GIVEN] = 1

    def audit(self) -> str | None:
        """Place the present schedule and the best one anew."""
        s, best = self.state, int(self.control.slots[BEST])
        if best != NEVER and (found := self.graph.place(*self.row(BEST_ROW))[1]) != best:
            return f"the best schedule costs {found}, kept is {best}"
        if s.words[PHASE] != SEARCH:
            return None
        start, cost = self.graph.place(s.order, s.choice)
        if cost != s.words[COST]:
            return f"the schedule costs {cost}, kept is {s.words[COST]}"
        if not np.array_equal(start, s.end[: s.num_operations] - s.time[: s.num_operations]):
            return "the ends of operations are not those of their order"
        return None
