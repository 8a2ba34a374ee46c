"""The searches of the travelling salesman problem: iterated Lin-Kernighan, and a genetic search over its tours."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ..._brisk import brisk
from ...backends.judge import offer
from ...core.problem import Problem
from ...core.result import StopReason
from ...core.run import Outcome, Run
from ...core.solver import Capabilities, Solver
from ...inputs.ranges import parameter
from ...kernels import neighbours
from ...kernels.jit import PLAIN, Kernel, kernels_of
from ...search.drive import Search, drive
from ..metrics import Matrix
from .arrays import Parameters
from .descent import Descent
from .duplicates import places
from .evolution import Evolution
from .graph import num_graph_nodes
from .instance import Nodes, OutOfTimeError, make_nodes, variant_of
from .kernels import one_tree
from .kernels.advance import advance
from .kernels.evolve import count_tours, evolve, write_order
from .kernels.greedy import join_greedily, walk
from .kernels.hilbert import place_on_curve
from .kernels.links import count_links, fill_links, look_up, measure_links
from .kernels.measure import measure_candidates, measure_tour
from .kernels.spanning import grow_tree
from .nearest_neighbour import nearest_neighbour
from .problem import TSP
from .starts import anything, with_ends

STRETCH = 50_000
"""Exchanges between cities that are farther apart along the tour come last: their reversals would take most of the time."""

EPOCH = 3_000
"""Couples of each island between two exchanges; of the local search, kicks."""

BOUND_SHARE = 0.08
"""Part of the time that goes into the bound of Held and Karp,"""

BOUND_ITERATIONS = 200
"""and iterations of its ascent, at most, where there is no time limit."""

LARGE_BOUNDED = 200_000
"""From so many cities on, the bound takes more of the time"""

LARGE_BOUND_SHARE = 0.2
"""than others: this part; and none"""

BOUND_SECONDS_A_CITY = 8e-6
"""where that is less than a proof over all edges takes."""

LARGE = 20_000
"""From so many cities on, checking and costing the answer takes time that is kept free for it."""

LARGEST_MEANWHILE = 2_000
"""Cities up to which a tour to the nearest neighbour, in Python, takes no time to speak of."""

_SEARCH = Capabilities(anytime=True, start=True, seeded=True, threads=True, bounds=True)


@dataclass(frozen=True)
class LinKernighan(Solver):
    """Iterated Lin-Kernighan: a local optimum of the greedy tour, then kicks, each repaired where it struck.

    Exchanges of three edges built one upon the other (Lin and Kernighan 1973, with the basis of Helsgaun 2000), over candidate
    edges to near neighbours in every quadrant, with a queue of nodes instead of don't-look bits; double bridges within a short
    stretch of the tour (Martin, Otto and Felten 1991) that are taken back unless the tour gets no longer. An iteration is a
    kick, which costs about the same whatever the number of cities. Same seed, islands and iterations: same tour.

    Parameters
    ----------
    neighbours : int
        Candidates of each node for the other end of a new edge.
    depth : int
        Exchanges that are tried one upon the other.
    reach : int
        The longest segment that a kick moves.
    islands : int, optional
        Searches side by side that pass their best on; by default ``n_jobs``.

    References
    ----------
    S. Lin and B. W. Kernighan, "An effective heuristic algorithm for the traveling-salesman problem", Operations Research 21,
    1973.
    D. S. Johnson and L. A. McGeoch, "Experimental analysis of heuristics for the STSP", in Gutin and Punnen, "The Traveling
    Salesman Problem and its Variations", 2002.
    """

    name: ClassVar[str] = "lin_kernighan"
    solves: ClassVar[type[Problem]] = TSP
    capabilities: ClassVar[Capabilities] = _SEARCH

    neighbours: int = parameter(8, least=1, most=100, tune=(5, 12))
    depth: int = parameter(6, least=1, most=60, tune=(1, 12))
    reach: int = parameter(50, least=1, most=10**6, tune=(5, 100), log=True)
    islands: int | None = parameter(None, least=1, most=10**4)

    def _run(self, problem: TSP, run: Run) -> Outcome:
        def islands(nodes: Nodes) -> list[Descent]:
            count = self.islands or run.n_jobs
            return [Descent(nodes, self._parameters(nodes), run, stream) for stream in range(count)]

        return _search(problem, run, self.neighbours, (advance,), islands)

    def _parameters(self, nodes: Nodes) -> Parameters:
        return _parameters(nodes, self.depth, self.reach, 1)


@dataclass(frozen=True)
class EAX(Solver):
    """Genetic search with edge assembly crossover, on tours of the local search.

    A population of tours is made by Lin-Kernighan from greedy tours with disturbed lengths. Couples then have children that
    differ from the first parent around one AB-cycle of the two; of those that are shorter, the one that costs the population
    least variety takes its parent's place (Nagata and Kobayashi 2013). Where no couple has a better child any more, a new
    population is begun. An iteration is a tour of the population or a couple. Same seed, islands and iterations: same tour.

    Parameters
    ----------
    population : int, optional
        Tours; by default as many as half of the known time or iterations allow.
    children : int
        Of a couple, at most.
    kicks : float
        Kicks for each node in the local search that makes a tour of the population.
    noise : float
        Lengths are disturbed by up to this part of them.
    neighbours, depth, reach, islands
        As in `LinKernighan`.

    References
    ----------
    Y. Nagata and S. Kobayashi, "A powerful genetic algorithm using edge assembly crossover for the traveling salesman problem",
    INFORMS Journal on Computing 25(2), 2013.
    """

    name: ClassVar[str] = "eax"
    solves: ClassVar[type[Problem]] = TSP
    capabilities: ClassVar[Capabilities] = _SEARCH

    population: int | None = parameter(None, least=2, most=10**4, tune=(30, 300), log=True)
    children: int = parameter(30, least=1, most=10**4, tune=(10, 60))
    kicks: float = parameter(0.1, least=0, most=1e6, tune=(0, 1))
    noise: float = parameter(0.3, least=0, most=10, tune=(0.1, 1))
    neighbours: int = parameter(8, least=1, most=100, tune=(5, 12))
    depth: int = parameter(6, least=1, most=60, tune=(1, 12))
    reach: int = parameter(50, least=1, most=10**6, tune=(5, 100), log=True)
    islands: int | None = parameter(None, least=1, most=10**4)

    def _run(self, problem: TSP, run: Run) -> Outcome:
        def islands(nodes: Nodes) -> list[Evolution]:
            count = self.islands or run.n_jobs
            parameters = _parameters(nodes, self.depth, self.reach, self.children)
            return [Evolution(self, nodes, parameters, run, stream, count) for stream in range(count)]

        return _search(problem, run, self.neighbours, (advance, evolve, count_tours, write_order), islands)


def _parameters(nodes: Nodes, depth: int, reach: int, children: int) -> Parameters:
    return Parameters(breadth=nodes.instance.num_neighbours, depth=depth, reach=reach, stretch=STRETCH, children=children)


def _search(problem: TSP, run: Run, width: int, search: Sequence[Kernel], islands: Callable[[Nodes], Sequence[Search]]) -> Outcome:
    """Make the instance, bound it, and drive the islands, such that the answer is in time."""
    deadline, message = run.deadline, ""

    def meanwhile(order: NDArray[np.int64]) -> None:
        offer(problem, run, with_ends(problem, order))

    try:
        with brisk:
            if deadline is not None and isinstance(problem.network, Matrix) and problem.num_cities > LARGEST_MEANWHILE:
                offer(problem, run, anything(problem))
            elif deadline is not None and problem.num_cities >= LARGE:
                _keep_time_for_the_end(problem, run)
            shared = places(problem)
            variant = variant_of(problem if shared is None else shared.problem, run.memory_limit)
            needed = kernels_for(problem, variant, search)
            if not _ready(variant, needed, 0.0):
                # Kernels are compiled at their first use on this machine: there is a tour meanwhile.
                if problem.num_cities <= LARGEST_MEANWHILE:
                    offer(problem, run, nearest_neighbour(problem))
                if not _ready(variant, needed, min(run.remaining, 3600.0)):
                    message = "the kernels were being compiled"
                    raise OutOfTimeError
            nodes = make_nodes(problem, width, run.memory_limit, lambda: run.reason() is None, meanwhile, shared)
            searches = islands(nodes)
        _bound(problem, nodes, run)
        reason = drive(run, searches, epoch=EPOCH, threads=run.n_jobs)
    except OutOfTimeError:
        reason = run.reason() or StopReason.TIME
        if reason is StopReason.TIME:
            message = message or "the time ended while the search was being set up"
    finally:
        run.deadline = deadline
    if run.incumbent is not None:
        return Outcome(reason, run.incumbent, message=message)
    tour = anything(problem)
    feasible = bool(problem.check(tour))
    return Outcome(reason, tour if feasible else None, nearest=None if feasible else tour, message=message)


def _keep_time_for_the_end(problem: TSP, run: Run) -> None:
    """Bring the search's deadline forward by what the last look at the answer takes: measured on a first tour."""
    started = time.monotonic()
    offer(problem, run, anything(problem))
    assert run.deadline is not None
    run.deadline -= 3 * (time.monotonic() - started)


def kernels_for(problem: TSP, variant: str, search: Sequence[Kernel]) -> list[Kernel]:
    """Everything that a search and its bound call."""
    needed = [*search, measure_candidates, measure_tour, join_greedily, walk, count_links, fill_links, look_up]
    needed += kernels_of(one_tree.__name__)
    if not isinstance(problem.network, Matrix):
        needed += kernels_of(neighbours.__name__)
    if variant in grow_tree:  # arcs are computed
        needed += [place_on_curve, measure_links, grow_tree]
    return needed


def _ready(variant: str, kernels: Sequence[Kernel], seconds: float) -> bool:
    """Whether kernels are compiled, after waiting for each that long."""
    return all(kernel[variant if variant in kernel else PLAIN].ready(seconds) for kernel in kernels)


def _bound(problem: TSP, nodes: Nodes, run: Run) -> None:
    """The bound of Held and Karp, for a small share of the time."""
    from .bounds import default_iterations, held_karp

    seconds = None
    if run.deadline is not None:
        seconds = (BOUND_SHARE if problem.num_cities <= LARGE_BOUNDED else LARGE_BOUND_SHARE) * run.remaining
    if problem.num_cities > LARGE_BOUNDED and (seconds is None or seconds < BOUND_SECONDS_A_CITY * problem.num_cities):
        return
    found = held_karp(
        problem,
        nodes=None if nodes.places else nodes,  # of all cities
        seconds=seconds,
        iterations=min(BOUND_ITERATIONS, default_iterations(num_graph_nodes(problem))) if run.deadline is None else None,
        wants_stop=lambda: run.reason() is not None,
    )
    if found is not None:
        run.tighten(found.value)
