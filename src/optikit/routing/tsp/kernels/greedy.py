"""Greedy matching of ends: the shortest edge first, wherever it makes no node of degree three and no cycle too early."""

from __future__ import annotations

from optikit.kernels.jit import Arrays, array, i4, i8, inline, kernel, scalar


class Fragments(Arrays):
    """Paths being put together, and the edges that are offered, shortest first."""

    num_nodes = scalar(i8, "nodes")
    num_offers = scalar(i8, "edges that are offered")
    offer_from = array(i4, "num_offers", "one end,")
    offer_to = array(i4, "num_offers", "and the other")
    link = array(i4, "2 * num_nodes", "the neighbours of a node, -1 for none", mutable=True)
    other_end = array(i4, "num_nodes", "of the end of a path, the node at its other end", mutable=True)
    order = array(i4, "num_nodes", "the nodes along a path", mutable=True)


@inline
def attach(f, u, v):
    """Put v beside u."""
    k = 2 * u
    if f.link[k] >= 0:
        k += 1
    f.link[k] = v


@kernel
def join_greedily(f: Fragments, first: i8, last: i8) -> i8:
    """Take the offers first..last-1 where they join two paths; returns how many do."""
    joined = i8(0)
    for k in range(first, last):
        u = i8(f.offer_from[k])
        v = i8(f.offer_to[k])
        if f.link[2 * u + 1] < 0 and f.link[2 * v + 1] < 0 and f.other_end[u] != v:
            attach(f, u, v)
            attach(f, v, u)
            a = f.other_end[u]
            b = f.other_end[v]
            f.other_end[a] = b
            f.other_end[b] = a
            joined += 1
    return joined


@kernel
def walk(f: Fragments, start: i8) -> i8:
    """Write the nodes of the path that begins at `start` to `order`; returns how many there are."""
    before = i8(-1)
    u = start
    count = i8(0)
    while u >= 0 and count < f.num_nodes:
        f.order[count] = u
        count += 1
        after = i8(f.link[2 * u])
        if after == before:
            after = i8(f.link[2 * u + 1])
        before = u
        u = after
    return count
