"""The searches of flow shops: iterated greedy on line-ups, and annealing of the orders of all machines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from ..._brisk import brisk
from ...backends.judge import offer
from ...core.problem import Problem
from ...core.result import StopReason
from ...core.run import Outcome, Run
from ...core.solver import Capabilities, Solver
from ...inputs.ranges import parameter
from ...kernels.jit import PLAIN, Kernel
from ...search.drive import Search, drive
from .annealing import Annealing
from .dispatch import dispatched
from .greedy import Greedy
from .instance import Shop, variant_of
from .kernels.advance import advance
from .kernels.anneal import anneal, count_plan
from .orders import by_total
from .problem import FlowShop

EPOCH = 2_000
"""Iterations of each island between two exchanges,"""

MOVES_AN_EPOCH = 1_000_000
"""and moves of the annealing."""

LARGEST_MEANWHILE = 20_000
"""Operations up to which a schedule in plain Python takes no time to speak of."""

_SEARCH = Capabilities(anytime=True, start=True, seeded=True, threads=True)


@dataclass(frozen=True)
class IteratedGreedy(Solver):
    """Iterated greedy: take some jobs out, put each back where it is best, search, and accept what is not much worse.

    For the makespan with Taillard's acceleration (1990), the tie-breaking of Fernandez-Viagas and Framinan (2014), and local
    search on the partial line-up too (Dubois-Lacoste, Pagnozzi and Stuetzle 2017). With setups, releases, blocking or no waiting
    the acceleration is that of the literature for each; the total flow time is recounted from the place of the job on, while that
    may still be the best; jobs that do not wait have a matrix of delays; several factories share one line-up with separators
    (Naderi and Ruiz 2010; Ruiz, Pan and Naderi 2019); several machines a stage are list-scheduled. An iteration takes jobs out
    once. Same seed, islands and iterations: same answer.

    Parameters
    ----------
    destroyed : int
        Jobs that are taken out in an iteration.
    temperature : float
        Worse line-ups are accepted with probability exp(-worse / t), where t is this times the mean duration, over 10 (times the
        number of jobs, for the total flow time).
    partial : bool
        Whether there is a local search also while jobs are out.
    islands : int, optional
        Searches side by side that pass their best on; by default ``n_jobs``.

    References
    ----------
    R. Ruiz and T. Stuetzle, "A simple and effective iterated greedy algorithm for the permutation flowshop scheduling problem",
    European Journal of Operational Research 177, 2007.
    """

    name: ClassVar[str] = "iterated_greedy"
    solves: ClassVar[type[Problem]] = FlowShop
    capabilities: ClassVar[Capabilities] = _SEARCH

    destroyed: int = parameter(2, least=1, most=1000, tune=(1, 8))
    temperature: float = parameter(0.7, least=0, most=100, tune=(0.1, 2))
    partial: bool = True
    islands: int | None = parameter(None, least=1, most=10**4)

    def _run(self, problem: FlowShop, run: Run) -> Outcome:
        def islands() -> list[Greedy]:
            shop, count = Shop(problem), self.islands or run.n_jobs
            return [Greedy(shop, run, stream, self.destroyed, self.temperature, self.partial) for stream in range(count)]

        return _search(problem, run, (advance,), islands, EPOCH)


@dataclass(frozen=True)
class SimulatedAnnealing(Solver):
    """Annealing of the orders of all machines: for stages with several machines, and for jobs that may overtake.

    It begins with the greedy heuristic on line-ups and its local search. A move takes a job to another place of one stage, on the
    same machine or another; all later stages are counted again. Worse plans are accepted at a constant temperature. An iteration
    is a move.

    Parameters
    ----------
    temperature : float
        As in `IteratedGreedy`.
    islands : int, optional
        Searches side by side that pass their best on; by default ``n_jobs``.
    """

    name: ClassVar[str] = "annealing"
    solves: ClassVar[type[Problem]] = FlowShop
    capabilities: ClassVar[Capabilities] = _SEARCH

    temperature: float = parameter(0.3, least=0, most=100, tune=(0.05, 2))
    islands: int | None = parameter(None, least=1, most=10**4)

    def _unsupported(self, problem: FlowShop) -> str | None:
        if not problem.overtaking:
            return "jobs cannot overtake each other here, so that one order decides; iterated_greedy searches for it"
        if problem.no_wait or problem.blocking:
            return "jobs that may not wait make orders of machines depend on each other; iterated_greedy takes them"
        return None

    def _run(self, problem: FlowShop, run: Run) -> Outcome:
        def islands() -> list[Annealing]:
            shop = Shop(problem)
            return [Annealing(shop, run, stream, self.temperature) for stream in range(self.islands or run.n_jobs)]

        return _search(problem, run, (advance, anneal, count_plan), islands, MOVES_AN_EPOCH)


def _search(problem: FlowShop, run: Run, kernels: Sequence[Kernel], islands: Callable[[], Sequence[Search]], epoch: int) -> Outcome:
    """Drive the islands; while kernels are being compiled, for the first time on this machine, there is a schedule already."""
    variant = variant_of(problem)
    with brisk:
        needed = [kernel.variants.get(variant) or kernel.variants.get(PLAIN) for kernel in kernels]
        if not all(found is None or found.ready(0.0) for found in needed):
            if problem.durations.size <= LARGEST_MEANWHILE:
                offer(problem, run, dispatched(problem, by_total(problem).tolist()))
            if not all(found is None or found.ready(min(run.remaining, 3600.0)) for found in needed):
                return _outcome(problem, run, run.reason() or StopReason.TIME, "the kernels were being compiled")
        searches = islands()
    return _outcome(problem, run, drive(run, searches, epoch=epoch, threads=run.n_jobs))


def _outcome(problem: FlowShop, run: Run, reason: StopReason, message: str = "") -> Outcome:
    """The best so far, or, where time was too short for any, jobs in the order of their numbers."""
    solution = run.incumbent
    if solution is None:
        solution = dispatched(problem, range(problem.num_jobs))
    return Outcome(reason, solution, message=message)
