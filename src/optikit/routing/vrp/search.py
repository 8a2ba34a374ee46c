"""The solver `hgs`: what a user may set, and islands driven side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from ..._brisk import brisk
from ...core.problem import Problem
from ...core.result import StopReason
from ...core.run import Outcome, Run
from ...core.solver import Capabilities, Solver
from ...inputs.cpus import usable_cpus
from ...inputs.ranges import parameter
from ...search.drive import drive
from .arrays import Instance
from .instance import mean_near_arc, prepare, variant
from .island import Island
from .kernels.advance import advance
from .problem import VRP
from .stopgap import in_haste

VICINITY = 100
"""Length of the neighbour lists from which strings and routes around a client are chosen."""

LOADING = 0.08
"""Seconds: with less of them left, a compiled kernel that is still to be loaded from the user's cache would come too late."""

EPOCH = 200_000
"""Iterations of each island between two exchanges: some half a second."""


@dataclass(frozen=True)
class HGS(Solver):
    """Hybrid genetic search: local optima bred from one another, and ruin and recreate under annealing.

    An iteration of annealing takes strings of neighbouring clients out of a few routes and puts them back greedily, now
    and then overlooking a place (slack induction by string removals, Christiaens and Vanden Berghe 2020); simulated annealing
    decides whether the new routes stay. The first cycles of annealing start hot, from savings (Clarke and Wright 1964). Up to
    some hundred clients children are then bred from two families, one that keeps the capacity and one that does not: order
    crossover, cuts, and a descent with SWAP* (Vidal 2022); now and then the best of them is annealed for a shorter, cooler
    cycle and takes its place again. With more clients two members of a small population are recombined by an exchange of
    routes (after Nagata and Braysy 2010), and the child is annealed (the scheme of Vidal et al. 2012). An iteration is one
    trial of annealing, or one client whose moves are tried. Same seed, islands and iterations: same routes.

    Parameters
    ----------
    neighbours : int
        So many nearest neighbours are tried as places beside which a client is put back.
    removed : float
        Clients removed in an iteration, on average.
    longest : float
        The longest string removed.
    split : float
        Probability that a string spares some clients in its middle.
    deeper : float
        Probability that it spares one more, again and again.
    blink : float
        Probability that a better place is overlooked.
    hot, warm, cold : float
        Temperature at the start of a first cycle, at the start of a child's, and at the end of each, in mean arcs between
        near neighbours.
    population : int, optional
        Solutions that are kept; where children are bred, so many that keep the capacity and so many that do not.
    annealed : float, optional
        Where children are bred, part of the iterations that goes into cycles of annealing from the best of them; with 1 none
        are bred. By default 0.25 for up to 400 nodes where arcs are symmetric and the end is not near (8 ms or 4,000
        iterations a client), and else 1. Asymmetric arcs, and those that are not in a matrix, are never bred with.
    first_cycles : int, optional
        How many cycles start hot.
    first_part : float, optional
        Part of the known time or iterations that these cycles take together.
    child : int, optional
        Iterations of a child's cycle.
    islands : int, optional
        Searches side by side that pass their best on; by default ``n_jobs``.

    References
    ----------
    J. Christiaens and G. Vanden Berghe, "Slack Induction by String Removals for Vehicle Routing Problems", Transportation
    Science 54(2), 2020.
    T. Vidal, T. G. Crainic, M. Gendreau, N. Lahrichi and W. Rei, "A hybrid genetic algorithm for multidepot and periodic
    vehicle routing problems", Operations Research 60(3), 2012.
    T. Vidal, "Hybrid genetic search for the CVRP: open-source implementation and SWAP* neighborhood", Computers & Operations
    Research 140, 2022.
    """

    name: ClassVar[str] = "hgs"
    solves: ClassVar[type[Problem]] = VRP
    capabilities: ClassVar[Capabilities] = Capabilities(anytime=True, start=True, seeded=True, threads=True)

    neighbours: int = parameter(30, least=1, most=10**6, tune=(10, 100))
    removed: float = parameter(10.0, least=1, most=10**6, tune=(5, 30), log=True)
    longest: float = parameter(10.0, least=1, most=10**6, tune=(5, 30), log=True)
    split: float = parameter(0.5, least=0, most=1, tune=(0, 1))
    deeper: float = parameter(0.01, least=0, most=0.99, tune=(0.001, 0.5), log=True)
    blink: float = parameter(0.01, least=0, most=0.99, tune=(0.001, 0.1), log=True)
    hot: float = parameter(2.5, least=0, most=1e9, tune=(0.5, 10), log=True)
    warm: float = parameter(0.25, least=0, most=1e9, tune=(0.05, 2), log=True)
    cold: float = parameter(0.025, least=1e-9, most=1e9, tune=(0.002, 0.2), log=True)
    population: int | None = parameter(None, least=2, most=200, tune=(2, 40), log=True)
    annealed: float | None = parameter(None, least=0, most=1, tune=(0, 1))
    first_cycles: int | None = parameter(None, least=1, most=10**6, tune=(1, 16), log=True)
    first_part: float | None = parameter(None, least=0, most=1, tune=(0.1, 0.9))
    child: int | None = parameter(None, least=1, most=10**12, tune=(5_000, 500_000), log=True)
    islands: int | None = parameter(None, least=1, most=10**4)

    def _run(self, problem: VRP, run: Run) -> Outcome:
        outcome = self._search(problem, run)
        if outcome.reason is StopReason.TIME and outcome.nearest is None and run.incumbent is None:
            with brisk:
                outcome = in_haste(problem, run, outcome.message)
        return outcome

    def _search(self, problem: VRP, run: Run) -> Outcome:
        if run.remaining <= 0:
            return Outcome(StopReason.TIME)  # arrays that nobody would look at make it only later
        with brisk:
            instance = prepare(problem, VICINITY, run.memory_limit, in_time(run))
            if instance is None:
                return Outcome(run.reason() or StopReason.TIME)
            if run.remaining < LOADING and _puts_off(variant(problem, instance)):
                return Outcome(StopReason.TIME)
            islands = self._islands(problem, instance, run)
            # Files of the system are asked, each of which would hand over the interpreter: only where it matters, and here.
            threads = 1 if run.n_jobs == 1 else min(run.n_jobs, usable_cpus())
        reason = drive(run, islands, epoch=EPOCH, threads=threads)
        solution = run.incumbent
        nearest = None if solution is not None else min(islands, key=lambda island: island.key()).nearest()
        return Outcome(reason, solution, nearest=nearest, message=islands[0].waited)

    def _islands(self, problem: VRP, instance: Instance, run: Run) -> list[Island]:
        """As many as are asked for; by a deadline, no more than a tenth of the time that is left makes."""
        count = self.islands or run.n_jobs
        unit = mean_near_arc(instance)
        enough = 0.9 * run.remaining
        islands = []
        for stream in range(count):
            islands.append(Island(problem, self, instance, run, stream, count, unit))
            if run.remaining < enough:
                break
        return islands


_put_off: set[str] = set()
"""Variants whose loading had no time; once only, since with short limits alone it would never have any."""


def _puts_off(kind: str) -> bool:
    if kind in _put_off or advance[kind].at_hand:
        return False
    _put_off.add(kind)
    return True


def in_time(run: Run) -> Callable[[], bool]:
    """For set-up: whether to go on, as far as the clock and who may cancel are concerned."""
    return lambda: run.reason() not in (StopReason.TIME, StopReason.CANCELLED)
