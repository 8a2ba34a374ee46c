"""Bounds on the shortest tour: one that is always there, and that of Held and Karp for who has the time.

See docs/decisions/0008 for the proofs, in the integers of the lattice, that these are bounds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.result import StopReason
from ...core.run import Outcome, Run
from ...core.solver import Capabilities, Solver
from ..metrics import Geo, Matrix, Planar, Space
from . import reduction
from .duplicates import places
from .graph import NO_EDGE, Graph, num_graph_nodes
from .problem import TSP

DENSE_CITIES = 2_500
"""Up to this many cities with coordinates a matrix of all arcs may be made for the cheap bound."""

MATRIX_NODES = 6_000
"""Up to this many nodes of the graph (twice the cities where arcs are asymmetric) `held_karp` takes a matrix, which it copies."""

NEIGHBOURS = 10
"""Candidates of each node, where the caller brings none."""

_BLOCK = 200  # rows of a matrix at once


def lower_bound(problem: TSP) -> float:
    """A bound in milliseconds, with numpy alone.

    Up to `DENSE_CITIES` cities, and with a matrix: half of the two shortest edges at each city; where arcs are asymmetric, the
    cheapest arc out of each city, and what then still is cheapest into each. For more cities on a map: a tour goes from one side
    of it to the other, and back where it is closed. `held_karp` is much stronger.

    Returns
    -------
    float
        In the user's units, never above the optimum.

    Examples
    --------
    >>> round(lower_bound(TSP.from_coordinates([(0, 0), (3, 4), (0, 4)])), 6)
    12.0
    """
    if problem.num_cities > DENSE_CITIES:
        least = _rows(problem) if isinstance(problem.network, Matrix) else _span(problem)
        return max(0.0, least * (1 - 1e-12) - problem.error)
    if problem.undirected and reduction.num_nodes(problem) > 2:
        ticks = _degree(Graph.of(problem))
    else:
        ticks = _reduction(problem)
    return max(0.0, problem.lattice.units(ticks) - problem.error)


def _degree(graph: Graph) -> int:
    """Half of the two shortest edges at each node, rounded up; an edge that is missing counts like the longest one."""
    length = np.where(graph.length == NO_EDGE, graph.length.max(), graph.length)
    np.fill_diagonal(length, np.iinfo(np.int64).max)
    two: NDArray[np.int64] = np.partition(length, 1, axis=1)[:, :2]
    return -(-int(two.sum()) // 2)


def _reduction(problem: TSP) -> int:
    """Row and column minima, one after the other: the better order of the two."""
    arcs = np.array(reduction.dense(problem))
    usable = reduction.arcs(problem)
    np.fill_diagonal(usable, False)
    longest = int(arcs[usable].max(initial=0))
    arcs[~usable] = longest
    np.fill_diagonal(arcs, 2**62)
    rows, columns = arcs.min(axis=1), arcs.min(axis=0)
    by_rows = int(rows.sum()) + int((arcs - rows[:, None]).min(axis=0).sum())
    by_columns = int(columns.sum()) + int((arcs - columns).min(axis=1).sum())
    return max(by_rows, by_columns)


def _rows(problem: TSP) -> float:
    """The bound by a matrix, a few rows at once and in the user's units.

    A path has one arc less, or two ends with one edge instead of two: the dearest of these are not counted.
    """
    distance, two = problem.network.distance, problem.symmetric  # type: ignore[union-attr]
    least = np.empty((problem.num_cities, 1 + two))
    into = np.full(problem.num_cities, np.inf)
    for first in range(0, problem.num_cities, _BLOCK):
        block = np.array(distance[first : first + _BLOCK], np.float64)
        at = np.arange(len(block))
        block[at, first + at] = np.inf
        least[first : first + len(block)] = found = np.partition(block, int(two), axis=1)[:, : 1 + two]
        if np.isfinite(found).all():
            into = np.minimum(into, (block - found[:, :1]).min(axis=0))
    if not np.isfinite(least).all() or not np.isfinite(into).all():
        return 0.0  # a city with fewer arcs: it is for `explain` to say what follows
    last = np.sort(least[:, -1])
    spared = 0.0 if problem.closed else float(last[-2:].sum() if two else last[-1])
    more = into.tolist() if problem.closed and not two else []
    return (math.fsum([*least.ravel().tolist(), *more]) - spared) / (1 + two)


def _span(problem: TSP) -> float:
    """From one side of the map to the other, in the user's units: the norms obey the triangle inequality, roundings nearly."""
    network, size = problem.network, problem.num_cities
    if isinstance(network, Space) and network.norm.startswith("xray"):
        return 0.0  # angles turn either way
    ends = [np.array([axis.argmin(), axis.argmax()]) for axis in network.coordinates.T]  # type: ignore[union-attr]
    tails, heads = np.array(ends).T
    lost = 0.0
    rule = network.rule if isinstance(network, Planar | Space) else None
    if rule is not None:
        # Rounding takes less than this off each leg.
        lost = size * max(0.0, 1 - rule.offset if rule.sign > 0 else 0.0) / rule.divisor
        exact = Planar(network.points) if isinstance(network, Planar) else Space(network.points, network.norm)  # type: ignore[union-attr]
        across = exact.legs(tails, heads) * rule.factor / rule.divisor
    else:
        across = network.legs(tails, heads) - (1.0 if isinstance(network, Geo) else 0.0)  # its formula adds up to 1 km
    return (2 if problem.closed else 1) * float(across.max()) - lost


class HeldKarpBound(NamedTuple):
    """What `held_karp` gives."""

    value: float
    """No tour is shorter; in the user's units."""
    multipliers: NDArray[np.float64]
    """Of each node of the graph but the last, in the user's units: added to the lengths of its edges. Where cities share places,
    the graph may be that of the places."""
    iterations: int
    complete: bool
    """Whether the ascent was not cut short."""


def default_iterations(num_nodes: int) -> int:
    """Iterations of an ascent where nobody says: by the number of nodes alone, so that the answer does not depend on the clock."""
    return max(20, min(4_000, 10_000_000 // max(1, num_nodes)))


def held_karp(
    problem: TSP,
    *,
    nodes: Any = None,
    upper: float | None = None,
    seconds: float | None = None,
    iterations: int | None = None,
    wants_stop: Callable[[], bool] = lambda: False,
) -> HeldKarpBound | None:
    """The bound of Held and Karp, by an ascent on the weight of 1-trees.

    Proved over all pairs of cities with the final multipliers: on a k-d tree where there are coordinates, at any size; else from
    the matrix, of up to `MATRIX_NODES` nodes of the graph. Within some hundredths of a per cent of the
    linear relaxation with all subtour inequalities on most instances.

    Parameters
    ----------
    problem : TSP
        Symmetric or asymmetric, closed or a path.
    nodes : Nodes, optional
        What `make_nodes` gave, for who has it.
    upper : float, optional
        Length of a tour: a bound that meets it is enough.
    seconds : float, optional
        Time limit; fewer iterations are made where it is short.
    iterations : int, optional
        At most so many; by default `default_iterations`. Without a time limit, same iterations, same bound.
    wants_stop : callable
        Asked every 100 ms.

    Returns
    -------
    HeldKarpBound or None
        None where there was no time for any proof, or the problem is too large for its matrix (see `MATRIX_NODES`).

    References
    ----------
    M. Held and R. M. Karp, "The traveling-salesman problem and minimum spanning trees: part II", Mathematical Programming 1, 1971.

    Examples
    --------
    >>> bound = held_karp(TSP.from_coordinates([(0, 0), (3, 4), (0, 4), (5, 1)]))
    >>> round(bound.value, 6)
    15.704571
    """
    from .ascent import Climb, Pace
    from .instance import OutOfTimeError, make_nodes

    shared = places(problem) if nodes is None else None
    if shared is not None and (lost := _lost_by_short_cuts(problem, len(shared.cities) - len(shared.city_of))) is not None:
        part = seconds if seconds is None or lost == 0.0 else seconds / 2
        found = held_karp(shared.problem, upper=upper, seconds=part, iterations=iterations, wants_stop=wants_stop)
        if found is not None and lost <= 1e-3 * found.value:
            return found._replace(value=max(0.0, found.value * (1 - 1e-12) - lost))
        if seconds is not None and part is not None:
            seconds -= part
    if num_graph_nodes(problem) < 3:
        return HeldKarpBound(lower_bound(problem), np.zeros(1), 0, True)
    if isinstance(problem.network, Matrix) and num_graph_nodes(problem) > MATRIX_NODES:
        return None
    pace = Pace(math.inf if seconds is None else seconds, wants_stop)
    climb, complete = None, False
    try:
        if nodes is None:
            nodes = make_nodes(problem, NEIGHBOURS, go_on=lambda: pace.remaining > 0 and not wants_stop())
        climb = Climb(nodes, pace)
        count = default_iterations(climb.edges.num_nodes) if iterations is None else iterations
        # What is known to the last tick needs no further proof.
        goal = 2**62 if upper is None else math.ceil((upper + problem.error) * problem.lattice.scale)
        climb.run(count, seconds is not None, goal)
        complete = True
    except OutOfTimeError:
        pass
    if climb is None or not climb.proved:
        return None
    value = max(0.0, problem.lattice.units(climb.bound()) - problem.error)
    units = climb.best.multiplier / 2.0**climb.edges.shift / problem.lattice.scale
    return HeldKarpBound(value, units, climb.iterations, complete)


def _lost_by_short_cuts(problem: TSP, copies: int) -> float | None:
    """How much longer than a tour through all cities the shortest through their places can be; None where nothing is known.

    Leaving copies out of a tour makes it no longer, as norms obey the triangle inequality; a leg that is rounded may grow by less
    than two of what it is rounded to, in place of the two that it stands for.
    """
    network = problem.network
    if isinstance(network, Matrix | Geo) or (isinstance(network, Space) and network.norm.startswith("xray")):
        return None
    rule = network.rule if isinstance(network, Planar | Space) else None
    return 0.0 if rule is None else 2.0 * copies / rule.divisor


@dataclass(frozen=True)
class HeldKarp(Solver):
    """A lower bound alone: the ascent of Held and Karp (see `held_karp`)."""

    name: ClassVar[str] = "held_karp"
    solves: ClassVar[type[TSP]] = TSP
    capabilities: ClassVar[Capabilities] = Capabilities(bounds=True, stops=frozenset({"time", "iterations"}))

    def _unsupported(self, problem: TSP) -> str | None:
        if isinstance(problem.network, Matrix) and num_graph_nodes(problem) > MATRIX_NODES:
            nodes = num_graph_nodes(problem)
            return f"{nodes} nodes in a matrix (two a city where it is asymmetric); it takes up to {MATRIX_NODES}"
        return None

    def _run(self, problem: TSP, run: Run) -> Outcome:
        found = held_karp(
            problem,
            seconds=None if run.deadline is None else run.remaining,
            iterations=run.stop.iterations,
            wants_stop=lambda: run.tick() is not None,
        )
        if found is None:
            return Outcome(run.reason() or StopReason.TIME)
        run.iterations = found.iterations
        reason = StopReason.EXHAUSTED if found.complete else run.reason() or StopReason.TIME
        return Outcome(reason, bound=found.value)
