"""Graphs of networkx: flows along the edges of one, distances along those of the other."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...errors import InvalidProblemError
from ...inputs.wording import an, shown
from .flows import SparseFlow
from .instance import SPARSE_BELOW

if TYPE_CHECKING:
    from .problem import QuadraticAssignment

    AnyQAP = TypeVar("AnyQAP", bound=QuadraticAssignment)


def from_graphs(
    cls: type[AnyQAP],
    flow: Any,
    distance: Any,
    *,
    weight: str | None = "weight",
    shortest_paths: bool = False,
    seeds: Mapping[Hashable, Hashable] | None = None,
    maximize: bool = False,
    title: str = "",
) -> AnyQAP:
    """A problem from two graphs of networkx: facilities are the nodes of the first, locations those of the second.

    To match two graphs, such that as many edges as possible meet: ``weight=None, maximize=True``.

    Parameters
    ----------
    cls : type
        The class to build.
    flow, distance : networkx.Graph or DiGraph, or one with parallel edges, whose weights are added
        An edge of an undirected graph counts in both directions. Where all nodes of ``distance`` have a pair ``pos``, as networkx'
        layouts make them, they are drawn there.
    weight : str, optional
        Attribute of the edges: the flow, and the distance; None: 1 for each edge.
    shortest_paths : bool
        Whether distances are those of shortest paths through the second graph, with weights that are >= 0; else nodes without an
        edge between them are 0 apart.
    seeds : mapping of node to node, optional
        Pairs that are given.
    maximize : bool
        Whether the most is sought.
    title : str
        Name of the problem.

    Returns
    -------
    QuadraticAssignment
        Facilities and locations in the order of ``nodes``, called like them: by ``str(node)`` where they are neither text nor ints.

    Raises
    ------
    InvalidProblemError
        For an edge without that attribute, or with one that is no number: both its nodes are named.

    Examples
    --------
    >>> import networkx as nx
    >>> from optikit.assignment import Placement, QuadraticAssignment
    >>> path, ring = nx.path_graph(3), nx.cycle_graph(4)
    >>> qap = QuadraticAssignment.from_graphs(path, ring, weight=None, maximize=True)
    >>> qap.evaluate(Placement([3, 0, 1])) / 2  # edges that meet
    2.0
    """
    if not isinstance(weight, Hashable):
        raise InvalidProblemError(f"weight is {shown(weight)}; expected the name of an attribute of edges, or None for 1")
    if not isinstance(shortest_paths, bool):
        raise InvalidProblemError(f"shortest_paths is {shown(shortest_paths)}; expected True or False")
    seeds = {} if seeds is None else seeds
    if not isinstance(seeds, Mapping):
        raise InvalidProblemError(f"seeds is {shown(seeds)}; expected a mapping of nodes of flow to nodes of distance")
    facilities, flows = _matrix("flow", flow, weight)
    if shortest_paths:
        locations, ways = _shortest(distance, weight)
    else:
        locations, found = _matrix("distance", distance, weight)
        ways = found.toarray()
    m = len(facilities)
    fixed = [
        (_position("seeds", key, facilities, "flow"), _position("seeds", value, locations, "distance"))
        for key, value in seeds.items()
    ]
    return cls(
        flow=flows if len(flows.amounts) <= SPARSE_BELOW * m * m else flows.toarray(),
        distance=ways,
        fixed=tuple(fixed),
        maximize=maximize,
        facilities=_names(facilities),
        locations=_names(locations),
        places=_places(distance),
        name=title,
    )


def _matrix(field: str, graph: Any, weight: str | None) -> tuple[list[Any], SparseFlow]:
    """The nodes, and the weights between them."""
    nodes = _nodes(field, graph)
    index = {node: k for k, node in enumerate(nodes)}
    tails, heads, weights = [], [], []
    for tail, head, data in graph.edges(data=True):
        value = 1 if weight is None else _weight(field, tail, head, data, weight)
        ways = [(tail, head)] if graph.is_directed() or tail == head else [(tail, head), (head, tail)]
        for a, b in ways:
            tails.append(index[a])
            heads.append(index[b])
            weights.append(value)
    whole = all(isinstance(value, int) for value in weights)
    try:
        amounts = np.array(weights, np.int64 if whole else np.float64)
    except OverflowError:
        raise InvalidProblemError(f"an edge of {field} has a {weight!r} above 2^63; use a larger unit") from None
    return nodes, SparseFlow(len(nodes), tails, heads, amounts)  # type: ignore[arg-type]


def _nodes(field: str, graph: Any) -> list[Any]:
    if not all(hasattr(graph, attribute) for attribute in ("nodes", "edges", "is_directed")):
        raise InvalidProblemError(f"{field} is {an(type(graph))}; expected a graph of networkx, or use the constructor")
    return list(graph.nodes)


def _weight(field: str, tail: Any, head: Any, data: Mapping[str, Any], weight: str) -> int | float:
    where = f"the edge of {field} between {shown(tail)} and {shown(head)}"
    if weight not in data:
        raise InvalidProblemError(f"{where} has no {weight!r}; say weight=... for another attribute, or weight=None for 1")
    value = data[weight]
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidProblemError(f"{where} has {weight!r} {shown(value)}; expected a finite number")
    return value


def _shortest(graph: Any, weight: str | None) -> tuple[list[Any], NDArray[Any]]:
    """Shortest paths between all nodes."""
    import networkx as nx

    nodes = _nodes("distance", graph)
    for tail, head, data in graph.edges(data=True):
        if weight is not None and _weight("distance", tail, head, data, weight) < 0:
            raise InvalidProblemError(f"the edge of distance between {shown(tail)} and {shown(head)} is negative; expected >= 0")
    lengths = dict(nx.all_pairs_dijkstra_path_length(graph, weight=weight if weight is not None else lambda u, v, data: 1))
    for a in nodes:
        missing = next((b for b in nodes if b not in lengths[a]), None)
        if missing is not None:
            raise InvalidProblemError(f"there is no path in distance from {shown(a)} to {shown(missing)}")
    return nodes, np.array([[lengths[a][b] for b in nodes] for a in nodes])


def _position(field: str, node: Hashable, nodes: list[Any], graph: str) -> int:
    if node not in nodes:
        raise InvalidProblemError(f"{field} names {shown(node)}, which is no node of {graph}")
    return nodes.index(node)


def _names(nodes: list[Any]) -> list[Any]:
    plain = all(isinstance(node, str | int) and not isinstance(node, bool) for node in nodes)
    return nodes if plain else [str(node) for node in nodes]


def _places(graph: Any) -> NDArray[np.float64] | None:
    """Where the nodes are drawn, if all of them say it."""
    points = [data.get("pos") for _, data in graph.nodes(data=True)]
    try:
        array = np.array(points, np.float64)
    except (TypeError, ValueError):
        return None
    return array if array.ndim == 2 and array.shape[1] == 2 and np.isfinite(array).all() else None
