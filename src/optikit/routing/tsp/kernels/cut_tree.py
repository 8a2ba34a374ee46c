"""Minimum cuts of a small graph with capacities: where a solution of a linear relaxation falls apart.

Flows are augmented along shortest paths (Edmonds and Karp, "Theoretical improvements in algorithmic efficiency for network flow
problems", JACM 19, 1972): the graphs are sparse, and few paths saturate a cut.
"""

from __future__ import annotations

from optikit.kernels.jit import Arrays, array, i4, i8, inline, kernel, scalar, u1

ENOUGH = 2**62  # more than any flow

UNSEEN = -1
START = -2


class Flow(Arrays):
    """An undirected graph: arcs 2i and 2i + 1 are the two directions of edge i."""

    num_nodes = scalar(i8, "at least 1")
    num_arcs = scalar(i8, "twice the edges")
    first = array(i4, "num_nodes + 1", "where the arcs out of a node begin in `arc`")
    arc = array(i4, "num_arcs", "arcs by the node they leave")
    head = array(i4, "num_arcs", "node that an arc enters")
    capacity = array(i8, "num_arcs", "of an edge, in each direction")
    residual = array(i8, "num_arcs", "what is left of it", mutable=True)
    queue = array(i4, "num_nodes", "nodes reached from the source", mutable=True)
    via = array(i4, "num_nodes", "arc by which a node was reached; UNSEEN, or START for the source", mutable=True)
    is_sink = array(u1, "num_nodes", "1 where the flow may end", mutable=True)
    parent = array(i4, "num_nodes", "of the cut tree", mutable=True)
    value = array(i8, "num_nodes", "of each cut found", mutable=True)
    side = array(u1, "num_nodes * num_nodes", "row i: 1 for the nodes on the source's side of cut i", mutable=True)


@inline
def reach(p, source):
    """Breadth-first from the source over arcs with something left; returns the sink that is reached first, or -1."""
    for v in range(p.num_nodes):
        p.via[v] = UNSEEN
    p.via[source] = START
    p.queue[0] = source
    head = i8(0)
    tail = i8(1)
    while head < tail:
        u = p.queue[head]
        head += 1
        for i in range(p.first[u], p.first[u + 1]):
            a = p.arc[i]
            v = p.head[a]
            if p.residual[a] > 0 and p.via[v] == UNSEEN:
                p.via[v] = a
                if p.is_sink[v] != 0:
                    return i8(v)
                p.queue[tail] = v
                tail += 1
    return i8(-1)


@inline
def push(p, sink):
    """Send as much as fits along the path that was found to the sink; returns how much."""
    most = i8(ENOUGH)
    v = sink
    while p.via[v] != START:
        a = p.via[v]
        most = min(most, p.residual[a])
        v = p.head[a ^ 1]
    v = sink
    while p.via[v] != START:
        a = p.via[v]
        p.residual[a] -= most
        p.residual[a ^ 1] += most
        v = p.head[a ^ 1]
    return most


@inline
def max_flow(p, source, limit):
    """Value of a maximum flow from the source to the sinks, or `limit` where it is at least that.

    Below the limit, `via` tells the source's side of a minimum cut: the nodes that are not UNSEEN.
    """
    for a in range(p.num_arcs):
        p.residual[a] = p.capacity[a]
    total = i8(0)
    while total < limit:
        sink = reach(p, source)
        if sink < 0:
            return total
        total += push(p, sink)
    return limit


@inline
def keep(p, row, value):
    """Write the cut that `via` tells as cut number `row`."""
    p.value[row] = value
    base = row * p.num_nodes
    for v in range(p.num_nodes):
        p.side[base + v] = 1
        if p.via[v] == UNSEEN:
            p.side[base + v] = 0


@kernel
def small_cuts(p: Flow, limit: i8) -> i8:
    """Find cuts below a limit: at least one if there is one, a minimum cut among them. Returns their number.

    One node after the other is separated from those before it, which have become one sink (Padberg and Rinaldi, "An efficient
    algorithm for the minimum capacity cut problem", Mathematical Programming 47, 1990): the first flow that crosses a minimum
    cut finds one.
    """
    for v in range(p.num_nodes):
        p.is_sink[v] = 0
    p.is_sink[0] = 1
    found = i8(0)
    for source in range(1, p.num_nodes):
        value = max_flow(p, i8(source), limit)
        if value < limit:
            keep(p, found, value)
            found += 1
        p.is_sink[source] = 1
    return found


@kernel
def cut_tree(p: Flow) -> None:
    """The n - 1 cuts of a cut tree: cut i separates node i from its parent, and among them is a minimum cut of every pair.

    Gusfield, "Very simple methods for all pairs network flow analysis", SIAM Journal on Computing 19, 1990.
    """
    for v in range(p.num_nodes):
        p.parent[v] = 0
        p.is_sink[v] = 0
    for source in range(1, p.num_nodes):
        sink = p.parent[source]
        p.is_sink[sink] = 1
        keep(p, i8(source), max_flow(p, i8(source), i8(ENOUGH)))
        p.is_sink[sink] = 0
        for v in range(source + 1, p.num_nodes):
            if p.parent[v] == sink and p.via[v] != UNSEEN:
                p.parent[v] = source
