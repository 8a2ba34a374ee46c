"""Candidate lists as an undirected graph: an edge is in it if either end lists the other, or if it was added."""

from __future__ import annotations

from optikit.kernels.jit import Arrays, array, i4, i8, inline, kernel, scalar, u1

from ..arrays import Instance
from .arcs import arc
from .flags import VARIANTS
from .one_tree import Candidates

POINTS = {name: flags for name, flags in VARIANTS.items() if not flags["HAS_MATRIX"]}


class Lists(Arrays):
    """Where candidate edges come from. Nodes are those but the hub, which is the last of the rows."""

    num_nodes = scalar(i8, "nodes but the hub")
    width = scalar(i8, "length of each list")
    num_added = scalar(i8, "edges that were added")
    listed = array(i4, "(num_nodes + 1) * width", "candidates of each node; the hub among them is passed over")
    added_tail = array(i4, "num_added", "edges that no list has: one end,")
    added_head = array(i4, "num_added", "and the other")
    first = array(i4, "num_nodes + 1", "where the links of a node begin", mutable=True)
    fill = array(i4, "num_nodes", "where its next link goes", mutable=True)


class Edges(Arrays):
    """Some edges, of which it is asked whether they are candidates."""

    num_edges = scalar(i8, "at least 0")
    tail = array(i4, "num_edges", "one end")
    head = array(i4, "num_edges", "the other")
    known = array(u1, "num_edges", "1 where the edge is a candidate", mutable=True)


@inline
def lists(p, u, v):
    """Whether u lists v."""
    k = i8(0)
    while k < p.width and p.listed[u * p.width + k] != v:
        k += 1
    return k < p.width


@kernel
def count_links(p: Lists) -> i8:
    """Set `first`; returns the number of links, two an edge."""
    for u in range(p.num_nodes):
        p.fill[u] = 0
    for u in range(p.num_nodes):
        for k in range(p.width):
            v = p.listed[u * p.width + k]
            if v < p.num_nodes and v != u:
                p.fill[u] += 1
                if not lists(p, v, u):
                    p.fill[v] += 1
    for i in range(p.num_added):
        p.fill[p.added_tail[i]] += 1
        p.fill[p.added_head[i]] += 1
    total = i8(0)
    for u in range(p.num_nodes):
        p.first[u] = total
        total += p.fill[u]
    p.first[p.num_nodes] = total
    return total


@inline
def put(p, q, u, v):
    q.head[p.fill[u]] = v
    p.fill[u] += 1


@kernel
def fill_links(p: Lists, q: Candidates) -> None:
    """Write the links, after `count_links`."""
    for u in range(p.num_nodes):
        q.first[u] = p.first[u]
        p.fill[u] = p.first[u]
    q.first[p.num_nodes] = p.first[p.num_nodes]
    for u in range(p.num_nodes):
        for k in range(p.width):
            v = p.listed[u * p.width + k]
            if v < p.num_nodes and v != u:
                put(p, q, i8(u), v)
                if not lists(p, v, u):
                    put(p, q, v, i8(u))
    for i in range(p.num_added):
        put(p, q, p.added_tail[i], p.added_head[i])
        put(p, q, p.added_head[i], p.added_tail[i])


@kernel(variants=POINTS)
def measure_links(p: Instance, q: Candidates, shift: i8, first: i8, last: i8) -> None:
    """Lengths of the links of the nodes first..last-1: ticks times two to the power of the shift."""
    for u in range(first, last):
        for i in range(q.first[u], q.first[u + 1]):
            q.length[i] = arc(p, i8(u), i8(q.head[i])) << shift


@kernel
def look_up(q: Candidates, e: Edges) -> None:
    """Find out which edges are candidates."""
    for j in range(e.num_edges):
        e.known[j] = 0
        u = e.tail[j]
        for i in range(q.first[u], q.first[u + 1]):
            if q.head[i] == e.head[j]:
                e.known[j] = 1
