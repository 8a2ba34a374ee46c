"""Bipartite graphs of networkx: rows, columns and the pairs that are allowed, in and out."""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ...errors import InvalidProblemError, MissingExtraError
from ...inputs.arrays import is_rounded
from ...inputs.wording import an, did_you_mean, shown
from .check import evaluate
from .costs import as_entries, of_pairs, sparse_of
from .frames import by_name
from .solution import Assignment

if TYPE_CHECKING:
    from .problem import LinearAssignment

    AnyLinear = TypeVar("AnyLinear", bound=LinearAssignment)


def from_networkx(
    cls: type[AnyLinear],
    graph: Any,
    *,
    rows: Iterable[Any] | None = None,
    weight: str = "weight",
    maximize: bool = False,
    objective: Any = "sum",
    capacity: Any = None,
    leave_row: Any = None,
    leave_column: Any = None,
    title: str = "",
) -> AnyLinear:
    """A problem from a bipartite graph: its edges are the pairs that are allowed.

    Parameters
    ----------
    cls : type
        The class to build.
    graph : networkx.Graph or DiGraph
        Each edge joins a row and a column.
    rows : iterable of nodes, optional
        The nodes that are rows. By default those whose attribute ``bipartite`` is 0, as networkx marks them.
    weight : str
        Attribute of the edges that is their cost.
    maximize, objective, capacity, leave_row, leave_column
        As in `LinearAssignment`. Numbers for each row or column may be a mapping by node.
    title : str
        Name of the problem.

    Returns
    -------
    LinearAssignment
        Sparse. Rows and columns in the order of ``graph.nodes``, called like them: nodes that are neither text nor ints, by
        ``str(node)``.

    Raises
    ------
    InvalidProblemError
        For an edge between two rows or two columns, one without a cost, and parallel edges: both nodes are named.

    Examples
    --------
    >>> import networkx as nx
    >>> from optikit.assignment import LinearAssignment
    >>> graph = nx.Graph()
    >>> graph.add_weighted_edges_from([("Ann", "day", 3), ("Ann", "night", 5), ("Bob", "day", 1)])
    >>> LinearAssignment.from_networkx(graph, rows=["Ann", "Bob"]).column_names
    ('day', 'night')
    """
    if not all(hasattr(graph, attribute) for attribute in ("nodes", "edges", "is_directed")):
        raise InvalidProblemError(f"graph is {an(type(graph))}; expected a bipartite graph of networkx")
    if not isinstance(weight, str):
        raise InvalidProblemError(f"weight is {shown(weight)}; expected the name of an attribute of the edges")
    nodes = list(graph.nodes)
    if rows is None:
        inside = {node for node, side in graph.nodes(data="bipartite") if side == 0}
        if not inside:
            raise InvalidProblemError("no node of the graph has bipartite=0; say which nodes are rows: rows=[...]")
    else:
        try:
            inside = set(rows)
        except TypeError:
            raise InvalidProblemError(f"rows is {shown(rows)}; expected the nodes that are rows, in a list") from None
        for node in inside - set(nodes):
            raise InvalidProblemError(f"rows has {shown(node)}, which is no node of the graph{did_you_mean(node, nodes)}")
    sides = [node for node in nodes if node in inside], [node for node in nodes if node not in inside]
    if not all(sides):
        raise InvalidProblemError(f"the graph has {len(sides[0])} rows and {len(sides[1])} columns; expected at least one of each")
    place = {node: at for side in sides for at, node in enumerate(side)}
    pairs: dict[tuple[int, int], int | float] = {}
    for u, v, data in graph.edges(data=True):
        edge = f"the edge {shown(u)} - {shown(v)}"
        if (u in inside) == (v in inside):
            raise InvalidProblemError(f"{edge} joins two {'rows' if u in inside else 'columns'}; expected a row and a column")
        u, v = (u, v) if u in inside else (v, u)
        if (place[u], place[v]) in pairs:
            raise InvalidProblemError(f"{edge} is there twice; keep the one that counts")
        pairs[place[u], place[v]] = _cost(edge, data, weight)
    ends = np.array(list(pairs), np.int64).reshape(-1, 2)
    costs = list(pairs.values())
    whole = all(isinstance(cost, int) for cost in costs)
    if whole and any(abs(cost) >= 2**62 for cost in costs):
        raise InvalidProblemError(
            f"an edge has {weight!r} {shown(max(costs, key=abs))}, too much for 64-bit integers; use a larger unit"
        )
    for (row, column), cost in pairs.items():
        if not whole and is_rounded(cost):
            edge = f"the edge {shown(sides[0][row])} - {shown(sides[1][column])}"
            raise InvalidProblemError(f"{edge} has {weight!r} {cost}; beside fractions all are floats, which skip ints above 2^53")
    data = np.array(costs, np.int64 if whole else np.float64)
    sparse = sparse_of(ends[:, 0], ends[:, 1], data, (len(sides[0]), len(sides[1])))
    row_names, column_names = ([node if _is_plain(node) else str(node) for node in side] for side in sides)
    return cls(
        sparse,
        maximize,
        objective,
        by_name("capacity", capacity, sides[1]),
        by_name("leave_row", leave_row, sides[0]),
        by_name("leave_column", leave_column, sides[1]),
        row_names,
        column_names,
        title,
    )


def _is_plain(node: Any) -> bool:
    return isinstance(node, str | int) and not isinstance(node, bool)


def _cost(edge: str, data: Any, weight: str) -> int | float:
    if weight not in data:
        raise InvalidProblemError(f"{edge} has no {weight!r}{did_you_mean(weight, data)}; say weight=... for another attribute")
    value = data[weight]
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, int) and abs(plain) >= 2**63:
        raise InvalidProblemError(f"{edge} has {weight!r} {shown(value)}; an int fits in 64 bits: use a larger unit")
    if isinstance(plain, bool) or not isinstance(plain, Real) or not math.isfinite(plain):
        raise InvalidProblemError(
            f"{edge} has {weight!r} {shown(value)}; a cost is a finite number: take out edges that are forbidden"
        )
    return plain if isinstance(plain, int) else float(plain)


def to_networkx(problem: LinearAssignment, assignment: Assignment | None = None) -> Any:
    """All pairs that are allowed as a bipartite graph; with an assignment, its pairs alone.

    Returns
    -------
    networkx.Graph
        Nodes are called like the rows and columns, where these have names and no two are the same; else ``("row", 3)`` and
        ``("column", 3)``. They bear ``bipartite`` (0 for rows, 1 for columns), edges ``weight``.

    Raises
    ------
    MissingExtraError
        If networkx is not installed.
    """
    try:
        import networkx as nx
    except ImportError:
        raise MissingExtraError('to_networkx needs networkx; pip install "optikit[solvers]"') from None
    plain = problem.row_names is not None and problem.column_names is not None
    if plain and not set(problem.row_names or ()) & set(problem.column_names or ()):
        row_nodes: list[Any] = list(problem.row_names or ())
        column_nodes: list[Any] = list(problem.column_names or ())
    else:
        row_nodes = [("row", row if problem.row_names is None else problem.row_names[row]) for row in range(problem.num_rows)]
        names = problem.column_names
        column_nodes = [("column", column if names is None else names[column]) for column in range(problem.num_columns)]
    graph = nx.Graph(name=problem.name)
    graph.add_nodes_from(row_nodes, bipartite=0)
    graph.add_nodes_from(column_nodes, bipartite=1)
    if assignment is None:
        rows, columns, costs = as_entries(problem.cost)
    else:
        evaluate(problem, assignment)
        rows, columns = assignment.pairs
        costs = of_pairs(problem.cost, rows, columns)[0]
    graph.add_weighted_edges_from(
        (row_nodes[row], column_nodes[column], cost) for row, column, cost in zip(rows.tolist(), columns.tolist(), costs.tolist())
    )
    return graph
