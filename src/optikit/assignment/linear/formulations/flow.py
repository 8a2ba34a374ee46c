"""Linear assignment as a minimum-cost flow: for networkx and OR-Tools, with capacities and with leaving out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ....backends.judge import OutOfTimeError, look, unfinished
from ....core.run import Outcome, Run
from ....core.solver import Capabilities, Solver
from ..costs import as_entries
from ..problem import LinearAssignment
from ..solution import Assignment
from .proof import proof
from .whole import not_whole

MOST_PAIRS = 20_000
"""networkx is pure Python: above, its network simplex takes minutes."""


class Arcs(NamedTuple):
    """A network: rows supply one each, columns take what they hold, and what is left out passes by a node of its own."""

    tails: NDArray[np.int64]
    heads: NDArray[np.int64]
    capacities: NDArray[np.int64]
    costs: NDArray[np.int64]
    supplies: NDArray[np.int64]
    num_pairs: int
    shape: tuple[int, int]

    def read(self, flows: NDArray[np.int64]) -> Assignment:
        """The assignment, from the flow on each arc."""
        column_of = np.full(self.shape[0], -1)
        used = np.flatnonzero(flows[: self.num_pairs] > 0)
        column_of[self.tails[used]] = self.heads[used] - self.shape[0]
        return Assignment(column_of)


def arcs_of(problem: LinearAssignment) -> Arcs:
    """The network of an assignment in ints (Ahuja, Magnanti and Orlin, "Network Flows", 1993, section 12.4).

    Node i is a row, ``num_rows + j`` a column, and the last one stands beside them: a row that is left out sends its unit
    there, and an empty place takes one from there, each at the cost of leaving out.
    """
    rows, columns = problem.num_rows, problem.num_columns
    sign = -1 if problem.maximize else 1
    near, far, costs = as_entries(problem.cost)
    places = np.minimum(problem.places, rows + np.isinf(problem.column_exit))
    beside = rows + columns
    out, empty = np.flatnonzero(np.isfinite(problem.row_exit)), np.flatnonzero(np.isfinite(problem.column_exit) & (places > 0))
    supplies = np.concatenate((np.ones(rows, np.int64), -places, [int(places.sum()) - rows]))
    return Arcs(
        np.concatenate((near, out, np.full(len(empty), beside))),
        np.concatenate((far + rows, np.full(len(out), beside), empty + rows)),
        np.concatenate((np.ones(len(near) + len(out), np.int64), places[empty])),
        np.concatenate((sign * costs, problem.row_exit[out].astype(np.int64), problem.column_exit[empty].astype(np.int64))),
        supplies,
        len(near),
        (rows, columns),
    )


def build_flow(problem: LinearAssignment, pause: Callable[[], None] = lambda: None) -> tuple[Any, Callable[..., Assignment]]:
    """The network of `arcs_of` for networkx, and ``read(flow_of) -> Assignment``.

    Returns
    -------
    graph : networkx.DiGraph
        Nodes ``("row", i)``, ``("column", j)`` and ``"left out"``, with ``demand``; arcs with ``capacity`` and ``weight``.
    read : callable
        ``read(flow_of)``, with ``flow_of(tail, head)``, gives the assignment.
    """
    import networkx as nx

    arcs = arcs_of(problem)
    rows, columns = arcs.shape
    nodes: list[Any] = [("row", row) for row in range(rows)] + [("column", column) for column in range(columns)] + ["left out"]
    graph = nx.DiGraph()
    for node, supply in zip(nodes, arcs.supplies.tolist()):
        graph.add_node(node, demand=-supply)
    for number, arc in enumerate(zip(*(field.tolist() for field in arcs[:4]))):
        if number % 1000 == 0:
            pause()
        tail, head, capacity, cost = arc
        graph.add_edge(nodes[tail], nodes[head], capacity=capacity, weight=cost)

    def read(flow_of: Callable[[Any, Any], int]) -> Assignment:
        flows = [flow_of(nodes[tail], nodes[head]) for tail, head in zip(arcs.tails.tolist(), arcs.heads.tolist())]
        return arcs.read(np.array(flows, np.int64))

    return graph, read


@dataclass(frozen=True)
class NetworkX(Solver):
    """The network simplex of networkx on `build_flow`, in a child process; ints only, and small.

    Its answer's prices are found from its pairs (`optikit.assignment.linear.potentials`).
    """

    name: ClassVar[str] = "networkx"
    solves: ClassVar[type[LinearAssignment]] = LinearAssignment
    capabilities: ClassVar[Capabilities] = Capabilities(
        exact=True, bounds=True, stops=frozenset({"time"}), late=0.5, requires=("networkx",), extra="solvers"
    )

    def _unsupported(self, problem: LinearAssignment) -> str | None:
        pairs = problem.features["entries"]
        if pairs > MOST_PAIRS:
            return f"{pairs:,} pairs are too many for networkx, which is pure Python; it takes up to {MOST_PAIRS:,}"
        return not_whole(problem, "networkx' algorithms")

    def _run(self, problem: LinearAssignment, run: Run) -> Outcome:
        from ....backends.graph import solve_min_cost_flow

        try:
            graph, read = build_flow(problem, look(run))
        except OutOfTimeError:
            return unfinished(run)
        answer = solve_min_cost_flow(graph, run)
        if answer.infeasible:
            return proof(problem, None, answer.versions)
        if answer.values is None:
            return Outcome(answer.reason, message=answer.message, versions=answer.versions)
        return proof(problem, read(answer.values), answer.versions)
