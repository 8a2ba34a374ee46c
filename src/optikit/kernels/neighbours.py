"""The k nearest neighbours of every node: what granular local search looks at.

Points are put in a k-d tree (Bentley, "Multidimensional binary search trees used for associative searching", CACM
18(9), 1975), so that no n x n matrix is needed. Neighbours are exact and ordered by (squared distance, index): a box
is passed over only if nothing in it can come before the last neighbour found, which bounds the work also where all
points are equal.

Where points come in clusters, the nearest are all of one cluster; lists by quadrant have the nearest in every direction too
(Johnson and McGeoch, "Experimental analysis of heuristics for the STSP", 2002, section 4.2).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
    found = array(i4, "num_neighbours", "the list under way", mutable=True)
    distance = array(f8, "num_neighbours", "squared distances to its points", mutable=True)
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
def build_tree(p: Points, t: Tree, begin: i8, end: i8) -> None:
    """Make the nodes begin..end-1 of the tree; the points but the depots are all in node 1."""
    if begin == 1:
        for i in range(t.num_items):
            t.item[i] = p.num_depots + i
        t.first[1] = 0
        t.last[1] = t.num_items
    for node in range(begin, end):
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
def squared(p: Any, u: Any, v: Any) -> Any:
    """Squared distance between two points."""
    total = 0.0
    for axis in range(3):
        along = p.where[3 * u + axis] - p.where[3 * v + axis]
        total += along * along
    return total


@inline
def consider(p: Any, t: Any, u: Any, v: Any, k: Any, count: Any) -> Any:
    """Put v where it belongs in the list of the k nearest to u, of which `count` are known; returns how many are known then."""
    distance = squared(p, u, v)
    if count == k:
        if distance > t.distance[k - 1] or (distance == t.distance[k - 1] and v > t.found[k - 1]):
            return count
        count -= 1
    i = count
    while i > 0 and (distance < t.distance[i - 1] or (distance == t.distance[i - 1] and v < t.found[i - 1])):
        t.distance[i] = t.distance[i - 1]
        t.found[i] = t.found[i - 1]
        i -= 1
    t.distance[i] = distance
    t.found[i] = v
    return count + 1


EVERYWHERE = -1


@inline
def is_in(p: Any, u: Any, v: Any, quadrant: Any) -> Any:
    """Whether v lies in a quadrant around u: 0 to 3, counterclockwise. A point at u itself lies in none."""
    dx = p.where[3 * v] - p.where[3 * u]
    dy = p.where[3 * v + 1] - p.where[3 * u + 1]
    if quadrant == 0:
        return dx > 0.0 and dy >= 0.0
    if quadrant == 1:
        return dx <= 0.0 and dy > 0.0
    if quadrant == 2:
        return dx < 0.0 and dy <= 0.0
    if quadrant == 3:
        return dx >= 0.0 and dy < 0.0
    return True


@inline
def misses(p: Any, t: Any, u: Any, node: Any, quadrant: Any) -> Any:
    """Whether no point of a node's box lies in a quadrant around u."""
    x, y = p.where[3 * u], p.where[3 * u + 1]
    if quadrant == 0:
        return t.high[3 * node] <= x or t.high[3 * node + 1] < y
    if quadrant == 1:
        return t.low[3 * node] > x or t.high[3 * node + 1] <= y
    if quadrant == 2:
        return t.low[3 * node] >= x or t.low[3 * node + 1] > y
    if quadrant == 3:
        return t.high[3 * node] < x or t.low[3 * node + 1] >= y
    return False


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
def search(p: Any, t: Any, u: Any, k: Any, quadrant: Any) -> Any:
    """List the k nearest points to u in a quadrant, or EVERYWHERE; returns how many there are."""
    count = 0
    push(p, t, u, 1, 0)
    depth = 1
    while depth > 0:
        depth -= 1
        node = t.stack[depth]
        if count == k:
            worst = t.distance[k - 1]
            if t.gap[depth] > worst or (t.gap[depth] == worst and t.least[node] > t.found[k - 1]):
                continue
        if misses(p, t, u, node, quadrant):
            continue
        if 2 * node + 1 < t.num_nodes:
            push_children(p, t, u, node, depth)
            depth += 2
        else:
            for i in range(t.first[node], t.last[node]):
                v = t.item[i]
                if v != u and is_in(p, u, v, quadrant):
                    count = consider(p, t, u, v, k, count)
    return count


@kernel
def query_tree(p: Points, t: Tree, first: i8, last: i8) -> None:
    """Write the lists of the points first..last-1."""
    k = t.num_neighbours
    for u in range(first, last):
        search(p, t, u, k, EVERYWHERE)
        for i in range(k):
            t.neighbours[u * k + i] = t.found[i]


@inline
def add(p: Any, t: Any, u: Any, v: Any, count: Any) -> Any:
    """Put v where it belongs in the written list of u, which has `count` points, unless it is there; returns how many it has."""
    base = u * t.num_neighbours
    for i in range(count):
        if t.neighbours[base + i] == v:
            return count
    distance = squared(p, u, v)
    i = count
    while i > 0:
        other = t.neighbours[base + i - 1]
        beyond = squared(p, u, other)
        if beyond < distance or (beyond == distance and other < v):
            break
        t.neighbours[base + i] = other
        i -= 1
    t.neighbours[base + i] = v
    return count + 1


@kernel
def query_quadrants(p: Points, t: Tree, each: i8, first: i8, last: i8) -> None:
    """Write lists of the nearest in each quadrant, and for the rest the nearest."""
    k = t.num_neighbours
    for u in range(first, last):
        count = i8(0)
        for quadrant in range(4):
            for i in range(search(p, t, u, min(each, k // 4), quadrant)):
                count = add(p, t, u, i8(t.found[i]), count)
        search(p, t, u, k, EVERYWHERE)
        for i in range(k):
            if count < k:
                count = add(p, t, u, i8(t.found[i]), count)


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
    lists = in_slices(points, k, num_depots=num_depots)
    assert lists is not None
    return lists


def in_slices(
    points: npt.ArrayLike, k: int, *, num_depots: int = 0, each: int = 0, go_on: Callable[[], bool] = lambda: True
) -> npt.NDArray[np.int32] | None:
    """As `nearest`, for who has a deadline or wants neighbours in every direction.

    Parameters
    ----------
    points, k, num_depots
        As for `nearest`.
    each : int
        In a list, of points in the plane, are the nearest so many in each quadrant (at most a quarter of the list), before the
        rest is filled up by the nearest.
    go_on : callable
        Asked every few milliseconds.

    Returns
    -------
    numpy.ndarray of int32, or None
        None where ``go_on()`` said no.
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
    node = 1
    while node < t.num_nodes:
        # Nodes of one level have all points between them: of each, a few milliseconds' worth.
        end = min(t.num_nodes, node + max(1, node * _SLICE * 16 // n))
        build_tree(p, t, node, end)
        node = end
        if not go_on():
            return None
    for first in range(0, n, _SLICE):
        last = min(first + _SLICE, n)
        if each and k >= 4:
            query_quadrants(p, t, each, first, last)
        else:
            query_tree(p, t, first, last)
        if not go_on():
            return None
    lists: npt.NDArray[np.int32] = t.neighbours.reshape(n, k)
    return lists
