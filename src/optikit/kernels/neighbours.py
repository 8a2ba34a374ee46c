"""The k nearest neighbours of every node: what granular local search looks at.

Points are put in a k-d tree (Bentley, "Multidimensional binary search trees used for associative searching", CACM
18(9), 1975), so that no n x n matrix is needed. Neighbours are exact and ordered by (squared distance, index): a box
is passed over only if nothing in it can come before the last neighbour found, which bounds the work also where all
points are equal.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from optikit.kernels.jit import Arrays, array, f8, i4, i8, inline, kernel, scalar

LEAF = 8  # points in a leaf at most
_SLICE = 4096  # queries between two returns to Python


class Points(Arrays):
    """Where the nodes are."""

    num_points = scalar(i8, "nodes, depots first")
    num_depots = scalar(i8, "the first nodes, which are nobody's neighbours")
    num_neighbours = scalar(i8, "length of each list; at most num_points - num_depots - 1")
    where = array(f8, "num_points * 3", "x, y, z of each point")


class Tree(Arrays):
    """A k-d tree over the points that may be neighbours, and the lists that queries write.

    Node 1 is the root, 2i and 2i + 1 are the children of node i.
    """

    num_items = scalar(i8, "points in the tree")
    num_nodes = scalar(i8, "one more than the greatest node")
    num_lists = scalar(i8, "points that have a list")
    num_neighbours = scalar(i8, "length of each list")
    item = array(i4, "num_items", "the points, so that those of a node stand together", mutable=True)
    first = array(i4, "num_nodes", "where the points of a node begin in item", mutable=True)
    last = array(i4, "num_nodes", "where they end, exclusive", mutable=True)
    least = array(i4, "num_nodes", "the smallest point of a node", mutable=True)
    low = array(f8, "num_nodes * 3", "least x, y, z of a node's points", mutable=True)
    high = array(f8, "num_nodes * 3", "greatest x, y, z of a node's points", mutable=True)
    stack = array(i4, "64", "nodes yet to be visited by the query under way", mutable=True)
    gap = array(f8, "64", "squared distance from the query to each of them", mutable=True)
    distance = array(f8, "num_neighbours", "squared distances of the list under way", mutable=True)
    neighbours = array(i4, "num_lists * num_neighbours", "the lists", mutable=True)


@inline
def precedes(p: Any, u: Any, v: Any, axis: Any) -> Any:
    """Order along an axis; by index where the coordinates are equal, so that no two points are."""
    a, b = p.where[3 * u + axis], p.where[3 * v + axis]
    return a < b or (a == b and u < v)


@inline
def median_of_three(p: Any, t: Any, first: Any, last: Any, axis: Any) -> Any:
    a, b, c = t.item[first], t.item[(first + last) // 2], t.item[last - 1]
    if precedes(p, b, a, axis):
        a, b = b, a
    if precedes(p, b, c, axis):
        return b
    if precedes(p, a, c, axis):
        return c
    return a


@inline
def split(p: Any, t: Any, first: Any, last: Any, middle: Any, axis: Any) -> Any:
    """Hoare's quickselect: what precedes the point at `middle` comes to stand before it."""
    while last - first > 1:
        pivot = median_of_three(p, t, first, last, axis)
        i = first
        j = last - 1
        while i <= j:
            while precedes(p, t.item[i], pivot, axis):
                i += 1
            while precedes(p, pivot, t.item[j], axis):
                j -= 1
            if i <= j:
                held = t.item[i]
                t.item[i] = t.item[j]
                t.item[j] = held
                i += 1
                j -= 1
        if middle <= j:
            last = j + 1
        elif middle >= i:
            first = i
        else:
            return


@inline
def bound(p: Any, t: Any, node: Any) -> Any:
    """Set the box and the least point of a node; returns the axis along which it is widest."""
    u = t.item[t.first[node]]
    t.least[node] = u
    for axis in range(3):
        t.low[3 * node + axis] = p.where[3 * u + axis]
        t.high[3 * node + axis] = p.where[3 * u + axis]
    for i in range(t.first[node] + 1, t.last[node]):
        u = t.item[i]
        t.least[node] = min(t.least[node], u)
        for axis in range(3):
            t.low[3 * node + axis] = min(t.low[3 * node + axis], p.where[3 * u + axis])
            t.high[3 * node + axis] = max(t.high[3 * node + axis], p.where[3 * u + axis])
    widest = 0
    for axis in range(1, 3):
        width = t.high[3 * node + axis] - t.low[3 * node + axis]
        if width > t.high[3 * node + widest] - t.low[3 * node + widest]:
            widest = axis
    return widest


@kernel
def build_tree(p: Points, t: Tree) -> None:
    """Put every point but the depots into the tree."""
    for i in range(t.num_items):
        t.item[i] = p.num_depots + i
    t.first[1] = 0
    t.last[1] = t.num_items
    for node in range(1, t.num_nodes):
        first = t.first[node]
        last = t.last[node]
        if last > first:
            axis = bound(p, t, node)
            if 2 * node + 1 < t.num_nodes:
                middle = (first + last) // 2
                split(p, t, first, last, middle, axis)
                t.first[2 * node] = first
                t.last[2 * node] = middle
                t.first[2 * node + 1] = middle
                t.last[2 * node + 1] = last


@inline
def gap_to(p: Any, t: Any, u: Any, node: Any) -> Any:
    """Squared distance from a point to the box of a node.

    Rounded just as the distance to a point in the box is, it never exceeds that: comparing the two is exact.
    """
    total = 0.0
    for axis in range(3):
        at = p.where[3 * u + axis]
        beyond = max(t.low[3 * node + axis] - at, at - t.high[3 * node + axis], 0.0)
        total += beyond * beyond
    return total


@inline
def consider(p: Any, t: Any, u: Any, v: Any, found: Any) -> Any:
    """Put v where it belongs in the list of u, of which `found` are known; returns how many are known then."""
    distance = 0.0
    for axis in range(3):
        along = p.where[3 * u + axis] - p.where[3 * v + axis]
        distance += along * along
    k = t.num_neighbours
    base = u * k
    if found == k:
        if distance > t.distance[k - 1] or (distance == t.distance[k - 1] and v > t.neighbours[base + k - 1]):
            return found
        found -= 1
    i = found
    while i > 0 and (distance < t.distance[i - 1] or (distance == t.distance[i - 1] and v < t.neighbours[base + i - 1])):
        t.distance[i] = t.distance[i - 1]
        t.neighbours[base + i] = t.neighbours[base + i - 1]
        i -= 1
    t.distance[i] = distance
    t.neighbours[base + i] = v
    return found + 1


@inline
def push(p: Any, t: Any, u: Any, node: Any, depth: Any) -> Any:
    t.stack[depth] = node
    t.gap[depth] = gap_to(p, t, u, node)


@inline
def push_children(p: Any, t: Any, u: Any, node: Any, depth: Any) -> Any:
    """The nearer child on top, and of equally near ones that with the smaller points."""
    push(p, t, u, 2 * node, depth)
    push(p, t, u, 2 * node + 1, depth + 1)
    a, b = t.gap[depth], t.gap[depth + 1]
    if a < b or (a == b and t.least[2 * node] < t.least[2 * node + 1]):
        t.stack[depth] = 2 * node + 1
        t.gap[depth] = b
        t.stack[depth + 1] = 2 * node
        t.gap[depth + 1] = a


@inline
def search(p: Any, t: Any, u: Any) -> Any:
    """Write the list of one point."""
    k = t.num_neighbours
    found = 0
    push(p, t, u, 1, 0)
    depth = 1
    while depth > 0:
        depth -= 1
        node = t.stack[depth]
        if found == k:
            worst = t.distance[k - 1]
            if t.gap[depth] > worst or (t.gap[depth] == worst and t.least[node] > t.neighbours[u * k + k - 1]):
                continue
        if 2 * node + 1 < t.num_nodes:
            push_children(p, t, u, node, depth)
            depth += 2
        else:
            for i in range(t.first[node], t.last[node]):
                v = t.item[i]
                if v != u:
                    found = consider(p, t, u, v, found)


@kernel
def query_tree(p: Points, t: Tree, first: i8, last: i8) -> None:
    """Write the lists of the points first..last-1."""
    for u in range(first, last):
        search(p, t, u)


def nearest(points: npt.ArrayLike, k: int, *, num_depots: int = 0) -> npt.NDArray[np.int32]:
    """The k nearest neighbours of each point.

    Parameters
    ----------
    points : array_like of float, shape (n, 2) or (n, 3)
        Planar coordinates, or unit vectors for places on a sphere: a longer chord is a longer arc.
    k : int
        At least 0; lists are shorter where there are fewer other points.
    num_depots : int
        The first so many points have lists but are in none.

    Returns
    -------
    numpy.ndarray of int32, shape (n, min(k, n - num_depots - 1))
        Row i: the nearest points to i but itself, by (squared Euclidean distance, index).

    Raises
    ------
    ValueError
        If the shape is another, or a coordinate is not finite or too large to square.

    Examples
    --------
    >>> nearest([[0, 0], [1, 0], [3, 0], [3.5, 0]], k=2)
    array([[1, 2],
           [0, 2],
           [3, 1],
           [2, 1]], dtype=int32)
    """
    given = np.asarray(points, np.float64)
    if given.ndim != 2 or given.shape[1] not in (2, 3):
        raise ValueError(f"points has shape {given.shape}; (n, 2) or (n, 3) expected")
    if not np.all(np.abs(given) < 1e150):
        raise ValueError("points has a coordinate that is not finite, or too large to square")
    n = len(given)
    items = n - num_depots
    k = max(0, min(k, items - 1))
    if k == 0:
        return np.zeros((n, 0), np.int32)
    where = np.zeros((n, 3))
    where[:, : given.shape[1]] = given
    leaves = 1
    while leaves * LEAF < items:
        leaves *= 2
    p = Points(num_points=n, num_depots=num_depots, num_neighbours=k, where=where)
    t = Tree.empty(num_items=items, num_nodes=2 * leaves, num_lists=n, num_neighbours=k)
    build_tree(p, t)
    for first in range(0, n, _SLICE):
        query_tree(p, t, first, min(first + _SLICE, n))
    lists: npt.NDArray[np.int32] = t.neighbours.reshape(n, k)
    return lists


def from_matrix(
    matrix: npt.ArrayLike, k: int, *, num_depots: int = 0, symmetrise: Literal["min", "mean"] = "min"
) -> npt.NDArray[np.int32]:
    """The k nearest neighbours of each node by a matrix of arc costs.

    Parameters
    ----------
    matrix : array_like, shape (n, n)
        Cost of the arc from row to column; the diagonal is not read.
    k : int
        At least 0; lists are shorter where there are fewer other nodes.
    num_depots : int
        The first so many nodes have lists but are in none.
    symmetrise : {"min", "mean"}
        How near two nodes are where the arcs between them differ: as the cheaper arc, since a route needs only one of
        them; or as both together.

    Returns
    -------
    numpy.ndarray of int32, shape (n, min(k, n - num_depots - 1))
        Row i: the nearest nodes to i but itself, by (proximity, index).

    Raises
    ------
    ValueError
        If the matrix is not square.
    """
    costs = np.asarray(matrix)
    if costs.ndim != 2 or costs.shape[0] != costs.shape[1]:
        raise ValueError(f"matrix has shape {costs.shape}; (n, n) expected")
    join = {"min": np.minimum, "mean": np.add}[symmetrise]
    n = len(costs)
    k = max(0, min(k, n - num_depots - 1))
    lists = np.zeros((n, k), np.int32)
    if k == 0:
        return lists
    nodes = np.arange(num_depots, n)
    block = max(1, 2**22 // n)
    # Whole numbers leave room for the index behind them: one key to partition and sort whole blocks by.
    keyed = costs.dtype.kind == "i" and int(costs.max()) < 2**61 // n and int(costs.min()) >= 0
    for first in range(0, n, block):
        rows = slice(first, min(first + block, n))
        near = join(costs[rows], costs[:, rows].T)
        if keyed:
            near[np.arange(len(near)), np.arange(first, first + len(near))] = 2**62 // n
            near = near[:, num_depots:] * n + nodes
            near.partition(k - 1, axis=1)
            lists[rows] = np.sort(near[:, :k], axis=1) % n
            continue
        for i, row in enumerate(near, first):
            others = nodes[nodes != i]
            proximity = row[others]
            within = np.flatnonzero(proximity <= np.partition(proximity, k - 1)[k - 1])
            order = np.argsort(proximity[within], kind="stable")[:k]
            lists[i] = others[within[order]]
    return lists
