"""Local search for violated inequalities: move nodes between the cells of one that is known.

An inequality over sets of nodes stays valid when a node moves to another cell of their Venn diagram, as long as no cell that
the proof needs becomes empty. What counts is the left side at the solution of the linear relaxation: the smaller, the more
violated. After Applegate, Bixby, Chvatal and Cook, "The Traveling Salesman Problem: A Computational Study", Princeton 2006,
chapter 10.
"""

from __future__ import annotations

from optikit.kernels.jit import Arrays, array, f8, i4, i8, inline, kernel, scalar, u1

TINY = 1e-9
IDLE = 15  # moves in a row that gain nothing, at most
REST = 30  # moves for which a node that gained nothing stays where it is


class Cells(Arrays):
    """An inequality, and the solution of the relaxation that it should cut off."""

    num_nodes = scalar(i8, "at least 1")
    num_links = scalar(i8, "edges of the support, counted from both ends")
    num_cells = scalar(i8, "at least 1")
    first = array(i4, "num_nodes + 1", "where the links of a node begin")
    head = array(i4, "num_links", "the other end of a link")
    value = array(f8, "num_links", "of its edge in the relaxation, above 0")
    apart = array(i8, "num_cells * num_cells", "sets of the inequality that separate two cells")
    may_empty = array(u1, "num_cells", "1 where a cell may become empty")
    cell = array(i4, "num_nodes", "of a node", mutable=True)
    size = array(i4, "num_cells", "nodes of a cell", mutable=True)
    share = array(f8, "num_nodes * num_cells", "left side that a node's links would have in each cell", mutable=True)
    resting = array(i4, "num_nodes", "number of the move until which a node stays", mutable=True)


@inline
def prepare(p):
    """Count and add up; returns the left side."""
    total = 0.0
    for k in range(p.num_cells):
        p.size[k] = 0
    for v in range(p.num_nodes):
        p.size[p.cell[v]] += 1
        p.resting[v] = 0
        for k in range(p.num_cells):
            p.share[v * p.num_cells + k] = 0.0
        for i in range(p.first[v], p.first[v + 1]):
            row = p.cell[p.head[i]] * p.num_cells
            for k in range(p.num_cells):
                p.share[v * p.num_cells + k] += p.value[i] * p.apart[row + k]
        total += p.share[v * p.num_cells + p.cell[v]]
    return 0.5 * total


@inline
def move(p, v, to):
    """Put node v into another cell."""
    old = p.cell[v]
    p.size[old] -= 1
    p.size[to] += 1
    p.cell[v] = to
    for i in range(p.first[v], p.first[v + 1]):
        base = p.head[i] * p.num_cells
        for k in range(p.num_cells):
            p.share[base + k] += p.value[i] * (p.apart[to * p.num_cells + k] - p.apart[old * p.num_cells + k])


@kernel
def tighten(p: Cells, moves: i8) -> f8:
    """Make the best moves, some that change nothing among them, until none is left; returns the left side."""
    total = prepare(p)
    idle = 0
    for turn in range(moves):
        best = -1.0
        node = i8(-1)
        to = i8(0)
        for v in range(p.num_nodes):
            here = p.cell[v]
            if p.resting[v] <= turn and (p.size[here] > 1 or p.may_empty[here] != 0):
                now = p.share[v * p.num_cells + here]
                for k in range(p.num_cells):
                    gain = now - p.share[v * p.num_cells + k]
                    if k != here and gain > best:
                        best = gain
                        node = i8(v)
                        to = i8(k)
        if best < -TINY:
            break
        if best < TINY:
            idle += 1
            if idle > IDLE:
                break
            p.resting[node] = turn + REST
        else:
            idle = 0
        total -= best
        move(p, node, to)
    return f8(total)
