"""The searches of flow shops: iterated greedy on line-ups, and annealing of the orders of all machines."""

from __future__ import annotations

import time
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
from .dispatch import at_once
from .filling import MOST_FILLED, Filling
from .greedy import Greedy
from .instance import Shop, variant_of
from .kernels.advance import advance
from .kernels.anneal import anneal, count_plan
from .kernels.beam import widen
from .kernels.fill import count_filled, fill
from .problem import FlowShop

EPOCH = 2_000
"""Iterations of each island between two exchanges,"""

MOVES_AN_EPOCH = 1_000_000
"""and moves of the annealing."""

LARGE = 5_000
"""From so many operations on, checking and costing the answer takes time that is kept free for it."""

_SEARCH = Capabilities(anytime=True, start=True, seeded=True, threads=True)


@dataclass(frozen=True)
class IteratedGreedy(Solver):
    """Iterated greedy: take some jobs out, put each back where it is best, search, and accept what is not much worse.

    For the makespan with Taillard's acceleration (1990), the tie-breaking of Fernandez-Viagas and Framinan (2014), and local
    search on the partial line-up too (Dubois-Lacoste, Pagnozzi and Stuetzle 2017). With setups, releases, blocking or no waiting
    the acceleration is that of the literature for each; the total flow time is recounted from the place of the job on, while that
    may still be the best; jobs that do not wait have a matrix of delays; several factories share one line-up with separators
    (Naderi and Ruiz 2010; Ruiz, Pan and Naderi 2019); several machines a stage are list-scheduled. For the makespan of plain lines
    beam searches from both ends take turns with it (Libralesso, Focke, Secardin and Jost 2022), about as long. An iteration takes
    jobs out once. Same seed, islands and iterations: same answer.

    Parameters
    ----------
    destroyed : int
        Jobs that are taken out in an iteration.
    temperature : float
        Worse line-ups are accepted with probability exp(-worse / t), where t is this times the mean duration, over 10 (times the
        number of jobs, for the total flow time).
    partial : bool
        Whether there is a local search also while jobs are out.
    beams : bool
        Whether beam searches take turns with it where they are of use: the makespan of plain lines, one factory.
    islands : int, optional
        Searches side by side that pass their best on; by default ``n_jobs``.

    References
    ----------
    R. Ruiz and T. Stuetzle, "A simple and effective iterated greedy algorithm for the permutation flowshop scheduling problem",
    European Journal of Operational Research 177, 2007.
    L. Libralesso, P. A. Focke, A. Secardin and V. Jost, "Iterative beam search algorithms for the permutation flowshop", European
    Journal of Operational Research 301, 2022.
    """

    name: ClassVar[str] = "iterated_greedy"
    solves: ClassVar[type[Problem]] = FlowShop
    capabilities: ClassVar[Capabilities] = _SEARCH

    destroyed: int = parameter(2, least=1, most=1000, tune=(1, 8))
    temperature: float = parameter(0.4, least=0, most=100, tune=(0.1, 2))
    partial: bool = True
    beams: bool = True
    islands: int | None = parameter(None, least=1, most=10**4)

    def _run(self, problem: FlowShop, run: Run) -> Outcome:
        def islands() -> list[Greedy]:
            shop, count = Shop(problem), self.islands or run.n_jobs
            return [
                Greedy(shop, run, stream, self.destroyed, self.temperature, self.partial, beams=self.beams)
                for stream in range(count)
            ]

        return _search(problem, run, (advance, widen), islands, EPOCH)


@dataclass(frozen=True)
class SimulatedAnnealing(Solver):
    """Annealing of the orders of all machines, for jobs that may overtake: on single machines or on several a stage.

    It begins with some iterations of the iterated greedy, whose line-ups have one order, and goes on from what that found; then
    the two take turns, the one that is ahead three times as long. A move takes a job, or some in a row, to another place of one
    stage, on the same machine or another; or next to some other job, at one stage and all later ones. These are counted again
    until what they promise is too much. It cools down in rounds, each longer than the last and from the best plan so far, and
    hotter after one that found nothing. On parallel machines, jobs that do not wait or that block have a line-up instead, in which
    entries move: each job passes into gaps, or comes behind all others (``kernels/fill.py``). An iteration is a move.

    Parameters
    ----------
    temperature : float
        At the beginning of the hottest rounds, as a multiple of how much worse a move makes a plan on average: that is measured
        on the first plan.
    greedy : int
        Iterations of the iterated greedy at the beginning, at most; ten times as many where beam searches take turns with it.
    islands : int, optional
        Searches side by side that pass their best on; by default ``n_jobs``.

    References
    ----------
    I. H. Osman and C. N. Potts, "Simulated annealing for permutation flow-shop scheduling", Omega 17, 1989.
    """

    name: ClassVar[str] = "annealing"
    solves: ClassVar[type[Problem]] = FlowShop
    capabilities: ClassVar[Capabilities] = _SEARCH

    temperature: float = parameter(0.5, least=0, most=100, tune=(0.01, 2))
    greedy: int = parameter(100, least=0, most=10**9, tune=(10, 10_000), log=True)
    islands: int | None = parameter(None, least=1, most=10**4)

    def _unsupported(self, problem: FlowShop) -> str | None:
        if not problem.overtaking:
            return "jobs cannot overtake each other here, so that one order decides; iterated_greedy searches for it"
        if (problem.no_wait or problem.blocking) and problem.durations.size > MOST_FILLED:
            return f"more than {MOST_FILLED:,} operations without waiting take long to schedule anew; iterated_greedy takes them"
        return None

    def _run(self, problem: FlowShop, run: Run) -> Outcome:
        def islands() -> list[Annealing]:
            shop = Shop(problem)
            return [island(shop, run, stream, self.temperature, self.greedy) for stream in range(self.islands or run.n_jobs)]

        if problem.no_wait or problem.blocking:
            island: type[Annealing] = Filling
            return _search(problem, run, (advance, fill, count_filled), islands, MOVES_AN_EPOCH)
        island = Annealing
        return _search(problem, run, (advance, widen, anneal, count_plan), islands, MOVES_AN_EPOCH)


def _search(problem: FlowShop, run: Run, kernels: Sequence[Kernel], islands: Callable[[], Sequence[Search]], epoch: int) -> Outcome:
    """Drive the islands; while kernels are being compiled, for the first time on this machine, there is a schedule already."""
    deadline, message = run.deadline, ""
    try:
        with brisk:
            if problem.durations.size >= LARGE:
                _answer_first(problem, run)
            variant = variant_of(problem)
            needed = [kernel.variants.get(variant) or kernel.variants.get(PLAIN) for kernel in kernels]
            if not all(found is None or found.ready(0.0) for found in needed):
                _offer_dispatched(problem, run)
                if not all(found is None or found.ready(min(run.remaining, 3600.0)) for found in needed):
                    message = "the kernels were being compiled (optikit.warmup() compiles beforehand)"
            searches = [] if message or run.remaining <= 0 else islands()
        reason = drive(run, searches, epoch=epoch, threads=run.n_jobs) if searches else run.reason() or StopReason.TIME
    finally:
        run.deadline = deadline
    _offer_dispatched(problem, run)
    return Outcome(reason, run.incumbent, message=message)


def _offer_dispatched(problem: FlowShop, run: Run) -> None:
    """A schedule where there is none."""
    if run.incumbent is None:
        offer(problem, run, at_once(problem))


def _answer_first(problem: FlowShop, run: Run) -> None:
    """A schedule at once; and the deadline is brought forward by what the last look at the answer takes: measured on it."""
    solution = at_once(problem)
    started = time.monotonic()
    offer(problem, run, solution)
    if run.deadline is not None:
        run.deadline -= 2 * (time.monotonic() - started)
