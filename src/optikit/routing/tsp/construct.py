"""Constructive heuristics: a tour at once, without a search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ...core.problem import Problem
from ...core.result import StopReason
from ...core.run import Outcome, Run
from ...core.solver import Capabilities, Solver
from ...inputs.ranges import parameter
from ..metrics import Matrix
from . import reduction
from .duplicates import places
from .instance import OutOfTimeError, along_curve, make_nodes
from .nearest_neighbour import nearest_neighbour
from .problem import TSP
from .solution import Tour
from .starts import greedy, with_ends

_CONSTRUCTIVE = Capabilities(stops=frozenset({"time"}))

MOST_BY_ROWS = 30_000
MOST_BY_MATRIX = 5_000
MOST_MATCHED = 200
"""Cities that are taken by who looks at every city at every step, by who needs a matrix, and by the matching of networkx."""


@dataclass(frozen=True)
class SpaceFillingCurve(Solver):
    """The cities in the order of Hilbert's curve (after Bartholdi and Platzman 1982): at once, for any number of them."""

    name: ClassVar[str] = "space_filling_curve"
    solves: ClassVar[type[Problem]] = TSP
    capabilities: ClassVar[Capabilities] = _CONSTRUCTIVE

    def _unsupported(self, problem: TSP) -> str | None:
        return "a curve needs coordinates, and this problem has a matrix" if isinstance(problem.network, Matrix) else None

    def _run(self, problem: TSP, run: Run) -> Outcome:
        assert not isinstance(problem.network, Matrix)
        try:
            order = along_curve(problem.network.coordinates, lambda: run.tick() is None)
        except OutOfTimeError:
            return _late(run)
        return _outcome(problem, run, with_ends(problem, order))


@dataclass(frozen=True)
class Greedy(Solver):
    """The greedy edge heuristic: the shortest edge that joins two paths, again and again.

    Edges to near neighbours in every quadrant are offered first; then edges between the ends of the paths, the nearest of
    each, until one path is left.

    Parameters
    ----------
    neighbours : int
        So many neighbours of each city are offered at first.
    """

    name: ClassVar[str] = "greedy"
    solves: ClassVar[type[Problem]] = TSP
    capabilities: ClassVar[Capabilities] = _CONSTRUCTIVE
    neighbours: int = parameter(8, least=1, most=100)

    def _run(self, problem: TSP, run: Run) -> Outcome:
        try:
            nodes = make_nodes(problem, self.neighbours, run.memory_limit, lambda: run.tick() is None, places=places(problem))
        except OutOfTimeError:
            return _late(run)
        return _outcome(problem, run, nodes.tour(greedy(nodes)))


@dataclass(frozen=True)
class NearestNeighbour(Solver):
    """From the first city (or city 0) on to the nearest that was not visited yet."""

    name: ClassVar[str] = "nearest_neighbour"
    solves: ClassVar[type[Problem]] = TSP
    capabilities: ClassVar[Capabilities] = _CONSTRUCTIVE

    def _unsupported(self, problem: TSP) -> str | None:
        return _too_many(problem, MOST_BY_ROWS, "it looks at every city at every step")

    def _run(self, problem: TSP, run: Run) -> Outcome:
        def pause() -> None:
            if run.tick() is not None:
                raise OutOfTimeError

        try:
            return _outcome(problem, run, nearest_neighbour(problem, pause))
        except OutOfTimeError:
            return _late(run)


@dataclass(frozen=True)
class Insertion(Solver):
    """Insert one city after the other where it lengthens the tour least (Rosenkrantz, Stearns and Lewis 1977).

    Parameters
    ----------
    rule : {"farthest", "nearest", "cheapest"}
        Which city is next: the one farthest from the tour, the one nearest to it, or the one that lengthens it least.
    """

    name: ClassVar[str] = "insertion"
    solves: ClassVar[type[Problem]] = TSP
    capabilities: ClassVar[Capabilities] = _CONSTRUCTIVE
    rule: str = parameter("farthest", choices=("farthest", "nearest", "cheapest"))

    def _unsupported(self, problem: TSP) -> str | None:
        return _too_many(problem, MOST_BY_MATRIX, "it needs a matrix of all distances")

    def _run(self, problem: TSP, run: Run) -> Outcome:
        arcs = reduction.dense(problem)
        count = len(arcs)
        start = count - 1
        after = np.full(count, -1)
        after[start] = start
        waiting = np.delete(np.arange(count), start)
        distance = np.minimum(arcs[start, waiting], arcs[waiting, start])
        while waiting.size:
            if run.tick() is not None:
                return _late(run)
            tails = np.flatnonzero(after >= 0)
            if self.rule == "cheapest":
                added = arcs[np.ix_(tails, waiting)] + arcs[np.ix_(waiting, after[tails])].T - arcs[tails, after[tails]][:, None]
                row, place = divmod(int(added.argmin()), len(waiting))
            else:
                place = int(distance.argmax() if self.rule == "farthest" else distance.argmin())
                city = waiting[place]
                row = int((arcs[tails, city] + arcs[city, after[tails]] - arcs[tails, after[tails]]).argmin())
            tail, city = int(tails[row]), int(waiting[place])
            after[tail], after[city] = city, after[tail]
            waiting, distance = np.delete(waiting, place), np.delete(distance, place)
            distance = np.minimum(distance, np.minimum(arcs[city, waiting], arcs[waiting, city]))
        return _outcome(problem, run, reduction.tour_of(problem, _walk(after, start)))


@dataclass(frozen=True)
class Christofides(Solver):
    """Minimum spanning tree, perfect matching of its odd nodes, and short cuts (Christofides 1976).

    At most half as long again as the best tour, where distances obey the triangle inequality. The matching is that of networkx,
    which cannot be interrupted.
    """

    name: ClassVar[str] = "christofides"
    solves: ClassVar[type[Problem]] = TSP
    capabilities: ClassVar[Capabilities] = Capabilities(
        stops=frozenset({"time"}), late=10.0, requires=("networkx",), extra="solvers"
    )

    def _unsupported(self, problem: TSP) -> str | None:
        if not problem.symmetric or not problem.closed or problem.network.has_missing:
            return "the guarantee holds for closed tours over symmetric distances without missing arcs"
        return _too_many(problem, MOST_MATCHED, "networkx matches the odd nodes in Python")

    def _run(self, problem: TSP, run: Run) -> Outcome:
        import networkx as nx

        ticks = problem.tick_matrix
        graph = nx.from_numpy_array(ticks.astype(np.int64) + 1)  # an edge of weight 0 is none to networkx
        tree = nx.minimum_spanning_tree(graph)
        odd = [node for node, degree in tree.degree() if degree % 2]
        multigraph = nx.MultiGraph(tree)
        multigraph.add_edges_from(nx.min_weight_matching(graph.subgraph(odd)))
        order = list(dict.fromkeys(tail for tail, _ in nx.eulerian_circuit(multigraph, problem.first or 0)))
        return _outcome(problem, run, Tour(order))


def _too_many(problem: TSP, most: int, why: str) -> str | None:
    if problem.num_cities > most:
        return f"{problem.num_cities:,} cities; it takes up to {most:,}, as {why}"
    return None


def _walk(after: NDArray[np.int64], start: int) -> list[int]:
    order, node, following = [start], int(after[start]), after.tolist()
    while node != start:
        order.append(node)
        node = following[node]
    return order


def _late(run: Run) -> Outcome:
    return Outcome(run.reason() or StopReason.TIME)


def _outcome(problem: TSP, run: Run, tour: Tour) -> Outcome:
    """A solution where it is one: it may use an arc that does not exist."""
    if not problem.check(tour):
        return Outcome(StopReason.EXHAUSTED, nearest=tour)
    run.improve(problem.evaluate(tour), lambda: tour)
    return Outcome(StopReason.EXHAUSTED, tour)
