"""Tours to start from: the greedy edge heuristic over candidate edges, as it is or with lengths disturbed at random."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...kernels.neighbours import nearest
from ..metrics import Matrix
from . import reduction
from .instance import Nodes
from .kernels.greedy import Fragments, join_greedily, walk
from .nearest_neighbour import nearest_neighbour
from .problem import TSP
from .solution import Order, Tour

FEW_ENDS = 600
"""So many ends of paths are matched by all distances between them, more by their nearest only."""

NEAREST_ENDS = 8

_SLICE = 100_000


def anything(problem: TSP) -> Tour:
    """A tour at once: in strips over the map (0.1 s for a million cities), or to nearest neighbours where there is none."""
    network = problem.network
    if isinstance(network, Matrix):
        return nearest_neighbour(problem)
    return with_ends(problem, _in_strips(network.points[:, :2]))


def _in_strips(points: NDArray[np.float64]) -> NDArray[np.intp]:
    """Points in strips, up one and down the next: 0.92 sqrt(n A) for uniform ones.

    C. F. Daganzo, "The length of tours in zones of different shapes", Transportation Research B 18, 1984.
    """
    across, along = (axis - axis.min() for axis in points.T)
    least = 1e-9 * (float(max(across.max(), along.max())) or 1.0)  # all on a line
    width, length = (max(float(axis.max()), least) for axis in (across, along))
    strips = int(min(max(1.0, round((len(points) / 3 * (width / length)) ** 0.5)), len(points)))
    strip = np.minimum((across * (strips / width)).astype(np.int64), strips - 1)
    place = along / length
    return _sorted(strip + np.where(strip % 2, 1 - place, place))


def with_ends(problem: TSP, order: NDArray[np.int64]) -> Tour:
    """The cities in some order, but the ends of a path where they belong, and a closed tour told from its first city."""
    if problem.closed:
        return Tour(Order(order)).rotated(problem.first or 0)
    head, tail = ([] if end is None else [end] for end in (problem.first, problem.last))
    inner = order[~np.isin(order, head + tail)]
    return Tour(Order(np.concatenate([np.array(head, np.int64), inner, np.array(tail, np.int64)])))


def greedy(nodes: Nodes, noise: NDArray[np.float64] | None = None) -> NDArray[np.int32]:
    """A tour by the greedy edge heuristic.

    The shortest edge is taken that joins two paths, again and again: first of the candidate edges, then of those between the
    paths' ends that lie near each other, until one path is left.

    Parameters
    ----------
    nodes : Nodes
        The cycle that is sought.
    noise : numpy.ndarray of float, shape (num_nodes * num_neighbours,), optional
        Factors by which the lengths of candidate edges are multiplied for the occasion.

    Returns
    -------
    numpy.ndarray of int32, shape (num_nodes,)
        The nodes as visited.
    """
    instance = nodes.instance
    count, width = instance.num_nodes, instance.num_neighbours
    tails = np.repeat(np.arange(count, dtype=np.int32), width)
    heads = instance.neighbours.reshape(-1)
    lengths = instance.near.reshape(-1) if noise is None else instance.near.reshape(-1) * noise
    # An edge that both ends list is offered once.
    once = tails < heads
    once[np.flatnonzero(~once)] = ~_lists(instance.neighbours.reshape(count, width), heads[~once], tails[~once])
    link = np.full(2 * count, -1, np.int32)
    other_end = np.arange(count, dtype=np.int32)
    for u, v in _given_edges(nodes):
        for end, beside in ((u, v), (v, u)):
            link[2 * end + (link[2 * end] >= 0)] = beside
        a, b = other_end[u], other_end[v]
        other_end[a], other_end[b] = b, a
    paths = count - np.count_nonzero(link >= 0) // 2
    paths -= _join(link, other_end, tails[once], heads[once], lengths[once])
    while paths > 1:
        joined = _join(link, other_end, *_offers(nodes, np.flatnonzero(link[1::2] < 0), other_end))
        if not joined:
            break
        paths -= joined
    return _in_order(link, other_end)


def _lists(lists: NDArray[np.int32], rows: NDArray[np.int32], items: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether each of some lists has an item."""
    found: NDArray[np.bool_] = (lists[rows] == items[:, None]).any(axis=1)
    return found


def _given_edges(nodes: Nodes) -> list[tuple[int, int]]:
    """Edges that the tour must have, or had better have: between the two nodes of a city, and to the fixed ends of a path."""
    problem, count = nodes.problem, nodes.instance.num_nodes
    if nodes.variant == "asymmetric":
        half = count // 2
        given = [(u, u + half) for u in range(half)]
        if not problem.closed:
            given += [] if problem.first is None else [(half - 1, problem.first + half)]
            given += [] if problem.last is None else [(problem.last, count - 1)]
        return given
    if problem.closed:
        return []
    node_of = {int(city): node for node, city in enumerate(nodes.city_of)} if nodes.city_of is not None else None
    ends = [end for end in (problem.first, problem.last) if end is not None]
    return [(end if node_of is None else node_of[end], count - 1) for end in ends]


def _join(
    link: NDArray[np.int32], other_end: NDArray[np.int32], tails: NDArray[np.int32], heads: NDArray[np.int32],
    lengths: NDArray[np.int64] | NDArray[np.float64],
) -> int:  # fmt: skip
    """Offer some edges, the shortest first; returns how many were taken."""
    if not len(tails):
        return 0
    order = _sorted(lengths)
    fragments = Fragments.empty(
        num_nodes=len(other_end),
        num_offers=len(order),
        offer_from=tails[order],
        offer_to=heads[order],
        link=link,
        other_end=other_end,
    )
    return sum(join_greedily(fragments, first, min(first + _SLICE, len(order))) for first in range(0, len(order), _SLICE))


def _sorted(lengths: NDArray[np.int64] | NDArray[np.float64]) -> NDArray[np.intp]:
    """The order of some lengths; of equal ones, and of such as differ by a millionth of a millionth, as they stand.

    Length and place in one integer sort several times faster than the stable sorts of numpy, and no less reproducibly.
    """
    bits = max(1, int(len(lengths) - 1).bit_length())
    largest = float(lengths.max())
    scale = (2.0 ** (62 - bits) - 1) / largest if largest > 0 else 0.0
    key = (lengths * min(scale, 2.0**20)).astype(np.int64)
    key <<= bits
    key += np.arange(len(lengths))
    key.sort()
    key &= (1 << bits) - 1
    return key


def _offers(nodes: Nodes, ends: NDArray[np.intp], other_end: NDArray[np.int32]) -> tuple[NDArray, NDArray, NDArray]:
    """Edges between ends of different paths: tails, heads, lengths."""
    if nodes.variant == "asymmetric":
        half = nodes.instance.num_nodes // 2
        left, entered = ends[ends < half], ends[ends >= half]
        length = nodes.instance.dist.reshape(half, half)[np.ix_(left, entered - half)]
        return _nearest_pairs(left, entered, length, other_end)
    if nodes.variant == "matrix":
        count = nodes.instance.num_nodes
        return _nearest_pairs(ends, ends, nodes.instance.dist.reshape(count, count)[np.ix_(ends, ends)], other_end)
    problem = nodes.problem
    assert nodes.city_of is not None
    if not problem.closed:
        # The dummy lies nowhere: it stays an end until there is one path of cities.
        cities = ends[ends != nodes.instance.dummy]
        ends = cities if len(cities) > 2 else ends
    if len(ends) <= FEW_ENDS:
        tails, heads = (np.repeat(ends, len(ends)), np.tile(ends, len(ends)))
    else:
        points = problem.network.coordinates[nodes.city_of[ends]]  # type: ignore[union-attr]
        near = nearest(points, NEAREST_ENDS)
        tails, heads = np.repeat(ends, near.shape[1]), ends[near.reshape(-1)]
    other = (tails < heads) & (other_end[tails] != heads)
    if len(ends) > FEW_ENDS:
        other = (tails != heads) & (other_end[tails] != heads)
    tails, heads = tails[other], heads[other]
    return tails.astype(np.int32), heads.astype(np.int32), _lengths(nodes, tails, heads)


def _lengths(nodes: Nodes, tails: NDArray[np.intp], heads: NDArray[np.intp]) -> NDArray[np.int64]:
    """Ticks of some edges where arcs are computed."""
    problem, dummy = nodes.problem, nodes.instance.dummy
    assert nodes.city_of is not None
    at_dummy = (tails == dummy) | (heads == dummy)
    u, v = nodes.city_of[np.where(at_dummy, 0, tails)], nodes.city_of[np.where(at_dummy, 0, heads)]
    ticks = problem.leg_ticks(u, v)
    if at_dummy.any():
        price, _ = reduction.dummy(problem)
        ticks[at_dummy] = price[nodes.city_of[np.where(tails == dummy, heads, tails)[at_dummy]]]
    return ticks


def _nearest_pairs(
    left: NDArray[np.intp], entered: NDArray[np.intp], length: NDArray[np.int64], other_end: NDArray[np.int32]
) -> tuple[NDArray, NDArray, NDArray]:
    """Of a block of a matrix, each row's least entries that would join two paths."""
    allowed = (other_end[left][:, None] != entered) & (left[:, None] != entered)
    masked = np.where(allowed, length, np.iinfo(np.int64).max)
    width = len(entered) if len(left) <= FEW_ENDS else NEAREST_ENDS
    columns = np.argsort(masked, axis=1, kind="stable")[:, :width].reshape(-1)
    rows = np.repeat(np.arange(len(left)), min(width, len(entered)))
    fine = allowed[rows, columns]
    rows, columns = rows[fine], columns[fine]
    return left[rows].astype(np.int32), entered[columns].astype(np.int32), length[rows, columns]


def _in_order(link: NDArray[np.int32], other_end: NDArray[np.int32]) -> NDArray[np.int32]:
    """The nodes along the path; should there be several, one after the other."""
    count = len(other_end)
    fragments = Fragments.empty(
        num_nodes=count,
        num_offers=0,
        offer_from=np.zeros(0, np.int32),
        offer_to=np.zeros(0, np.int32),
        link=link,
        other_end=other_end,
    )
    parts, seen = [], set()
    for start in np.flatnonzero(link[1::2] < 0).tolist():
        if start not in seen:
            seen.add(int(other_end[start]))
            parts.append(fragments.order[: walk(fragments, start)].copy())
    return np.concatenate(parts)
