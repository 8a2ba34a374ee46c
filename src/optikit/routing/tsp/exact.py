"""The proved optimum: dynamic programming for a handful of cities, branch and cut for more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ...backends.judge import offer
from ...core.result import StopReason
from ...core.run import POLL_SECONDS, Outcome, Run
from ...core.solver import Capabilities, Solver
from ...inputs.installed import is_installed
from . import reduction
from .duplicates import Places, places
from .graph import Graph, edges_of, num_graph_nodes, tour_of_edges
from .nearest_neighbour import nearest_neighbour
from .problem import TSP
from .solution import Tour

FEW_NODES = 12
"""Up to this many nodes, dynamic programming over subsets takes some milliseconds and nothing but numpy."""

MOST_NODES = 1_200
"""Nodes of the graph (twice the cities where arcs are asymmetric) that are taken on: far more than are mostly proved."""

NEIGHBOURS = 8
LOCAL_SEARCH = {"depth": 6, "reach": 50, "stretch": 50_000, "children": 1}
KICKS = 100
"""Of the local search that finds the first tour: candidates, parameters, and kicks a node."""

LATE = 0.5
"""Seconds that the linear programs have to end when they are told to."""


@dataclass(frozen=True)
class Exact(Solver):
    """Branch and cut: the linear relaxation with subtour and comb inequalities, and a tree where they leave a gap.

    Takes seconds for most instances of up to 200 cities, on one thread; closed tours and paths, symmetric and asymmetric, with
    missing arcs or without. The bound rises while it works, and every bound is proved in integers from the duals of the
    relaxation (see docs/decisions/0008). Dynamic programming over subsets (Held and Karp 1962) for up to a dozen nodes.

    References
    ----------
    M. Padberg and G. Rinaldi, "A branch-and-cut algorithm for the resolution of large-scale symmetric traveling salesman
    problems", SIAM Review 33, 1991.
    D. Applegate, R. Bixby, V. Chvatal and W. Cook, "The Traveling Salesman Problem: A Computational Study", Princeton 2006.
    """

    name: ClassVar[str] = "exact"
    solves: ClassVar[type[TSP]] = TSP
    capabilities: ClassVar[Capabilities] = Capabilities(
        exact=True, bounds=True, anytime=True, start=True, stops=frozenset({"time", "target", "gap"}), late=LATE
    )

    def _unsupported(self, problem: TSP) -> str | None:
        nodes = num_graph_nodes(problem)
        if reduction.num_nodes(problem) <= FEW_NODES:
            return None
        if nodes > MOST_NODES:
            why = "" if problem.undirected else " (two a city, as arcs are asymmetric)"
            return f"{nodes} nodes{why}; branch and cut takes up to {MOST_NODES}"
        if not is_installed("highspy"):
            return f'more than {FEW_NODES} nodes take highspy, which is not installed; pip install "optikit[solvers]"'
        return None

    def _run(self, problem: TSP, run: Run) -> Outcome:
        if reduction.num_nodes(problem) <= FEW_NODES:
            return _by_subsets(problem, run)
        return _by_cuts(problem, run)


def _by_subsets(problem: TSP, run: Run) -> Outcome:
    """Shortest paths from the last node through all subsets of the others, one layer of equal size after the other."""
    arcs = reduction.dense(problem)
    others = len(arcs) - 1
    never = 2**61
    masks = np.arange(1 << others)
    sizes = sum((masks >> node) & 1 for node in range(others))
    # cost[subset, node]: from the last node through the subset, ending at that node of it.
    cost = np.full((len(masks), others), never)
    cost[1 << np.arange(others), np.arange(others)] = arcs[others, :others]
    for size in range(2, others + 1):
        if run.reason() is not None:
            return Outcome(run.reason() or StopReason.TIME)
        layer = masks[sizes == size]
        for node in range(others):
            ending = layer[(layer >> node) & 1 == 1]
            before = cost[ending ^ (1 << node)] + arcs[:others, node]
            cost[ending, node] = np.minimum(before.min(axis=1), never)
    total = cost[-1] + arcs[:others, others]
    ticks = int(total.min()) - reduction.offset(problem)
    if ticks >= problem.forbidden:
        return Outcome(StopReason.PROVEN, infeasible=True, message="every tour uses an arc that does not exist")
    tour = reduction.tour_of(problem, _backwards(cost, arcs, int(total.argmin())))
    run.improve(problem.evaluate(tour), lambda: tour)
    return Outcome(StopReason.PROVEN, tour, bound=problem.lattice.units(ticks) - problem.error)


def _backwards(cost: NDArray[np.int64], arcs: NDArray[np.int64], node: int) -> list[int]:
    """The cycle whose last node but one is given."""
    others = len(arcs) - 1
    mask, cycle = len(cost) - 1, [others]
    while mask:
        cycle.append(node)
        mask ^= 1 << node
        node = int((cost[mask] + arcs[:others, node]).argmin())
    return cycle[::-1]


def _by_cuts(problem: TSP, run: Run) -> Outcome:
    """Branch and cut in a worker thread, watched from the caller's."""
    from ...backends.lp import release_threads
    from ...backends.watch import Watch
    from .branch_and_cut import BranchAndCut, Stopped

    versions = {"highspy": _version()}
    if run.incumbent is None:
        offer(problem, run, nearest_neighbour(problem))
    shared = places(problem)
    if not _compiled(problem, shared, run):
        return Outcome(
            run.reason() or StopReason.TIME, _incumbent(run), message="the kernels were being compiled", versions=versions
        )
    tour = _first_tour(problem, shared, run)
    if tour is not None:
        run.improve(problem.evaluate(tour), lambda: tour)
    if run.reason() is not None:
        return Outcome(run.reason() or StopReason.TIME, _incumbent(run), versions=versions)
    graph, lattice = Graph.of(problem), problem.lattice
    stopped = [False]

    def deliver(item: tuple[str, Any]) -> None:
        kind, value = item
        if kind == "bound":
            run.tighten(max(0.0, lattice.units(value) - problem.error))
        else:
            found = tour_of_edges(problem, value)
            if problem.check(found):
                run.improve(problem.evaluate(found), lambda: found)

    def interrupt() -> None:
        stopped[0] = True
        proof.relaxation.lp.interrupt()

    watch: Watch[bool] = Watch(run, interrupt, deliver, LATE)
    start = _incumbent(run)
    edges = np.zeros((0, 2), np.int64) if start is None else edges_of(problem, start)
    proof = BranchAndCut(
        graph,
        problem.forbidden if start is None else int(graph.length[edges[:, 0], edges[:, 1]].sum()),
        edges,
        remaining=lambda: 0.0 if stopped[0] else run.remaining,
        on_tour=lambda found: watch.post(("tour", found)),
        on_bound=lambda ticks: watch.post(("bound", ticks)),
    )

    def work() -> bool:
        try:
            proof.run()
            return True
        except Stopped:
            return False
        finally:
            release_threads()

    complete = watch.call(work)
    best = _incumbent(run)
    run.iterations = proof.nodes
    if complete and best is None:
        return Outcome(StopReason.PROVEN, infeasible=True, message="every tour uses an arc that does not exist", versions=versions)
    reason = StopReason.PROVEN if complete else watch.reason or run.reason() or StopReason.TIME
    return Outcome(reason, best, versions=versions)


def _compiled(problem: TSP, shared: Places | None, run: Run) -> bool:
    """Whether the kernels are there, after waiting for them: at the first use of all they are compiled."""
    from ...kernels.jit import PLAIN
    from .ascent import Pace
    from .instance import OutOfTimeError, variant_of
    from .kernels.advance import advance
    from .kernels.cut_tree import cut_tree, small_cuts
    from .kernels.lifted_cycle import lifted_cycles
    from .kernels.one_tree import list_nearest, span
    from .kernels.tighten import tighten

    pace = Pace(run.remaining, lambda: run.tick() is not None)
    try:
        pace.wait_for((small_cuts, cut_tree, tighten, lifted_cycles, span, list_nearest), PLAIN)
        pace.wait_for((advance,), variant_of(problem if shared is None else shared.problem))
    except OutOfTimeError:
        return False
    return True


def _incumbent(run: Run) -> Tour | None:
    found = run.incumbent
    return found if isinstance(found, Tour) else None


def _first_tour(problem: TSP, shared: Places | None, run: Run) -> Tour | None:
    """A short tour to begin with, by local search: what is longer need not be looked at. None where it would use a missing arc."""
    from ...kernels.clock import now_ns
    from ...kernels.control import DEADLINE, ITERATIONS, LIMIT, Control
    from ...kernels.rng import Random
    from .arrays import PHASE, Parameters
    from .descent import state_of
    from .instance import make_nodes
    from .kernels.advance import KICK, advance
    from .starts import greedy

    nodes = make_nodes(problem, NEIGHBOURS, places=shared)
    count = nodes.instance.num_nodes
    state = state_of(nodes, greedy(nodes))
    parameters = Parameters(breadth=min(NEIGHBOURS, nodes.instance.num_neighbours), **LOCAL_SEARCH)
    random, control = Random.seeded(0), Control.fresh()
    control.slots[LIMIT] = KICKS * count
    done = -1
    while run.reason() is None and control.slots[ITERATIONS] < control.slots[LIMIT] and control.slots[ITERATIONS] != done:
        done = control.slots[ITERATIONS] if state.words[PHASE] == KICK else -1
        control.slots[DEADLINE] = now_ns() + int(1e9 * min(POLL_SECONDS, run.remaining))
        advance[nodes.variant](nodes.instance, parameters, state, random, control)
        run.tick()
    tour = nodes.tour(state.order)
    return tour if problem.check(tour) else None


def _version() -> str:
    from importlib.metadata import version

    return version("highspy")
