"""Which tours a graph rules out: dead ends, parts without a way between them, cities that every way passes.

Graphs are boolean matrices, ``road[u, v]``: there is an arc from u to v; never one from a city to itself.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Road = NDArray[np.bool_]


def roads(distance: NDArray[np.float64]) -> Road:
    """The arcs that a matrix of distances has."""
    road = np.isfinite(distance)
    np.fill_diagonal(road, False)
    return road


def reached(road: Road, start: int) -> NDArray[np.bool_]:
    """The cities to which a way leads from ``start``, itself among them."""
    seen = np.zeros(len(road), bool)
    seen[start] = True
    frontier = seen.copy()
    while frontier.any():
        frontier = road[frontier].any(axis=0) & ~seen
        seen |= frontier
    return seen


def strong_parts(road: Road) -> list[NDArray[np.int64]]:
    """Strongly connected parts, in an order in which ways lead from earlier to later ones, if at all.

    Kosaraju's method: by the order in which a depth-first search leaves the cities, then against the arcs.
    """
    left = _leaving_order(road)
    part_of = np.full(len(road), -1)
    parts: list[NDArray[np.int64]] = []
    for city in reversed(left):
        if part_of[city] < 0:
            free = part_of < 0
            # Cities that lead here, over free ones only.
            seen = np.zeros(len(road), bool)
            seen[city] = True
            frontier = seen.copy()
            while frontier.any():
                frontier = road[:, frontier].any(axis=1) & free & ~seen
                seen |= frontier
            part_of[seen] = len(parts)
            parts.append(np.flatnonzero(seen))
    return parts


def _leaving_order(road: Road) -> list[int]:
    seen = np.zeros(len(road), bool)
    left: list[int] = []
    for root in range(len(road)):
        if seen[root]:
            continue
        seen[root] = True
        stack = [root]
        while stack:
            onward = road[stack[-1]] & ~seen
            following = int(onward.argmax())
            if onward[following]:
                seen[following] = True
                stack.append(following)
            else:
                left.append(stack.pop())
    return left


def broken_chain(road: Road, parts: list[NDArray[np.int64]]) -> tuple[int, int] | None:
    """Two parts of which neither leads to the other, or None: then a path may pass them all, in their order.

    An acyclic graph has a path through all of its nodes exactly where each node has an arc to the next in topological order.
    """
    for index in range(len(parts) - 1):
        if not road[np.ix_(parts[index], parts[index + 1])].any():
            return index, index + 1
    return None


def parts_without(edge: Road) -> tuple[NDArray[np.int64], list[tuple[int, int]]]:
    """For a connected undirected graph: into how many parts each city's removal breaks it, and its bridges.

    Hopcroft and Tarjan 1973: in a depth-first tree, a child from whose subtree no edge leads above its parent is cut off by it.

    Returns
    -------
    parts : shape (num_cities,)
        1 for a city that can be spared.
    bridges : list of (int, int)
        Edges that are the only way between their ends.
    """
    n = len(edge)
    found = np.full(n, -1)
    lowest = np.zeros(n, np.int64)
    parent = np.full(n, -1)
    cut_off = np.zeros(n, np.int64)
    bridges = []
    stack, count = [0], 1
    found[0] = 0
    while stack:
        city = stack[-1]
        onward = edge[city] & (found < 0)
        following = int(onward.argmax())
        if onward[following]:
            found[following], parent[following] = count, city
            count += 1
            stack.append(following)
            continue
        stack.pop()
        around = edge[city].copy()
        if parent[city] >= 0:
            around[parent[city]] = False
        # Of the children, the lowest that they reach; of the others, when they were found.
        children = around & (parent == city)
        above = found[around & ~children].min(initial=found[city])
        lowest[city] = min(int(above), int(lowest[children].min(initial=found[city])))
        cut_off[city] = np.count_nonzero(lowest[children] >= found[city])
        bridges += [(city, int(child)) for child in np.flatnonzero(children & (lowest > found[city]))]
    parts = cut_off + 1
    parts[0] = max(1, cut_off[0])
    return parts, bridges


def too_few_heads(road: Road) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """Cities that can be left for fewer others than they are, and these others; None where there are no such.

    By a largest set of arcs of which no two share a tail or a head (Hall 1935; Koenig 1931).
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    head_of = maximum_bipartite_matching(csr_array(road), perm_type="column")
    free = np.flatnonzero(head_of < 0)
    if not free.size:
        return None
    tail_of = np.full(len(road), -1)
    tail_of[head_of[head_of >= 0]] = np.flatnonzero(head_of >= 0)
    tails = np.zeros(len(road), bool)
    tails[free[0]] = True
    frontier = tails.copy()
    heads = np.zeros(len(road), bool)
    while frontier.any():
        new = road[frontier].any(axis=0) & ~heads
        heads |= new
        frontier = np.zeros(len(road), bool)
        frontier[tail_of[new]] = True
        frontier &= ~tails
        tails |= frontier
    return np.flatnonzero(tails), np.flatnonzero(heads)
