"""Graphs of networkx: a graph of cities and roads in, the tour or all arcs out."""

from __future__ import annotations

import math
from collections.abc import Hashable
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ...errors import InvalidProblemError, MissingExtraError
from ...inputs.wording import an, did_you_mean, shown
from ..metrics import Matrix, Planar, Rounded
from .check import ends, legs
from .solution import Tour

if TYPE_CHECKING:
    from .problem import TSP

    AnyTSP = TypeVar("AnyTSP", bound=TSP)


def from_graph(
    cls: type[AnyTSP],
    graph: Any,
    *,
    weight: str | None = "weight",
    closed: bool = True,
    first: Hashable = None,
    last: Hashable = None,
    title: str = "",
) -> AnyTSP:
    """A problem from a graph of networkx: its nodes are the cities, its edges all the arcs there are.

    Parameters
    ----------
    cls : type
        The class to build.
    graph : networkx.Graph or DiGraph, or one with parallel edges, of which the shortest counts
        At least two nodes. Where all nodes have a pair ``pos``, as networkx' layouts make them, they are drawn there.
    weight : str, optional
        Attribute of the edges that is their length, >= 0; None: each has length 1.
    closed : bool
        Whether the tour goes back to where it began.
    first, last : node, optional
        Ends of a path.
    title : str
        Name of the problem.

    Returns
    -------
    TSP
        Cities in the order of ``graph.nodes``, called like them; a node that is neither text nor an int, by ``str(node)``.

    Raises
    ------
    InvalidProblemError
        For an edge without that attribute, or with one that is no length: both its nodes are named.

    Examples
    --------
    >>> import networkx as nx
    >>> from optikit.routing import TSP, Tour
    >>> ring = nx.cycle_graph(4)
    >>> tsp = TSP.from_graph(ring, weight=None)
    >>> tsp.evaluate(Tour([0, 1, 2, 3])), tsp.evaluate(Tour([0, 2, 1, 3]))
    (4.0, inf)
    """
    if not all(hasattr(graph, attribute) for attribute in ("nodes", "edges", "is_directed")):
        raise InvalidProblemError(f"graph is {an(type(graph))}; expected a graph of networkx, or use from_matrix")
    if not isinstance(weight, Hashable):
        raise InvalidProblemError(f"weight is {shown(weight)}; expected the name of an attribute, or None for steps")
    nodes = list(graph.nodes)
    city_of = {node: city for city, node in enumerate(nodes)}
    tails, heads, lengths = [], [], []
    for tail, head, data in graph.edges(data=True):
        if city_of[tail] != city_of[head]:
            tails.append(city_of[tail])
            heads.append(city_of[head])
            lengths.append(1 if weight is None else _length(tail, head, data, weight))
    whole = all(isinstance(length, int) for length in lengths)
    try:
        values = np.array(lengths, np.int64 if whole else np.float64)
    except OverflowError:
        raise InvalidProblemError(
            f"an edge has {weight!r} {shown(max(lengths))}; an int fits in 64 bits: use a larger unit"
        ) from None
    if not graph.is_directed():
        tails, heads, values = [*tails, *heads], [*heads, *tails], np.concatenate((values, values))
    distance = np.full((len(nodes), len(nodes)), np.iinfo(np.int64).max if whole else np.inf, values.dtype)
    np.minimum.at(distance, (tails, heads), values)
    if whole:
        missing = distance == np.iinfo(np.int64).max
        np.fill_diagonal(missing, False)
        np.fill_diagonal(distance, 0)
        if missing.any():
            _require_exact(values, weight)
            distance = np.where(missing, np.inf, distance)
    plain = str | int | np.integer
    names: list[Any] = [node if isinstance(node, plain) and not isinstance(node, bool) else str(node) for node in nodes]
    return cls(
        Matrix(distance),
        names,
        closed,
        _city(city_of, "first", first),
        _city(city_of, "last", last),
        title,
        _places(graph),
    )


def _length(tail: Any, head: Any, data: Any, weight: str) -> int | float:
    edge = f"the edge {shown(tail)} - {shown(head)}"
    if weight not in data:
        hint = did_you_mean(weight, data)
        raise InvalidProblemError(f"{edge} has no {weight!r}{hint}; say weight=... for another attribute, or weight=None for steps")
    value = data[weight]
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, bool) or not isinstance(plain, Real) or math.isnan(plain) or plain < 0:
        raise InvalidProblemError(f"{edge} has {weight!r} {shown(value)}; a length is a number >= 0, or inf where there is no arc")
    return plain if isinstance(plain, int) else float(plain)


def _require_exact(values: np.ndarray[Any, Any], weight: Any) -> None:
    """Floats stand beside the infinities: they must hold the ints."""
    if values.size and int(values.max()) > 2**53:
        raise InvalidProblemError(
            f"an edge has {weight!r} {int(values.max())}, more than 2^53, where floats skip integers; use a larger unit"
        )


def _city(city_of: dict[Any, int], field: str, node: Hashable) -> int | None:
    if node is None:
        return None
    if not isinstance(node, Hashable) or node not in city_of:
        raise InvalidProblemError(f"{field} is {shown(node)}, which is no node of the graph{did_you_mean(node, city_of)}")
    return city_of[node]


def _places(graph: Any) -> Planar | None:
    found = [data.get("pos") for _, data in graph.nodes(data=True)]
    try:
        where = np.array(found, np.float64)
    except (TypeError, ValueError):
        return None
    return Planar(where) if where.ndim == 2 and where.shape[1] == 2 and np.isfinite(where).all() else None


def to_graph(problem: TSP, tour: Tour | None = None) -> Any:
    """A tour as a directed graph of networkx; without one, all arcs there are.

    Returns
    -------
    networkx.DiGraph or networkx.Graph
        Nodes are called like the cities (by their positions where these have no names), and bear ``city`` (the position) and,
        where cities have places in the plane, ``pos``; edges bear ``weight``. The legs of a tour are directed; all arcs are so
        only where the problem is asymmetric.

    Raises
    ------
    MissingExtraError
        If networkx is not installed.
    InvalidSolutionError
        If the tour names a city that is not there.
    """
    try:
        import networkx as nx
    except ImportError:
        raise MissingExtraError('to_graph needs networkx; pip install "optikit[solvers]"') from None
    if tour is not None:
        problem.require(tour)
    called = list(problem.names) if problem.names is not None else list(range(problem.num_cities))
    graph = nx.Graph() if tour is None and problem.symmetric else nx.DiGraph()
    where = problem.places if problem.places is not None else problem.network
    points = where.points.tolist() if isinstance(where, Rounded) and where.points.shape[1] == 2 else None
    for city, name in enumerate(called):
        graph.add_node(name, city=city, **({} if points is None else {"pos": tuple(points[city])}))
    if tour is not None:
        tails, heads = ends(problem, np.asarray(tour.order))
        lengths = legs(problem, tour)
    else:
        distance = problem.network.matrix()
        tails, heads = np.nonzero(np.isfinite(distance) & ~np.eye(len(distance), dtype=bool))
        if problem.symmetric:
            tails, heads = tails[tails < heads], heads[tails < heads]
        lengths = distance[tails, heads]
    graph.add_weighted_edges_from(
        (called[tail], called[head], length) for tail, head, length in zip(tails.tolist(), heads.tolist(), lengths.tolist())
    )
    return graph
