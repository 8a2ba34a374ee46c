"""The minimum spanning tree over all pairs of points, with multipliers, in about n log n.

Boruvka's algorithm (1926): in each round every component is joined by its lightest edge to another one. The lightest edge at a
point is found in a k-d tree, after March, Ram and Gray, "Fast Euclidean minimum spanning tree: algorithm, analysis, and
applications", KDD 2010: a box is passed over where all of its points are of the point's own component, or where the distance to
the box and the least multiplier in it already weigh more than the lightest edge that the component has.

Nothing is approximate. A step to a point of a box is, along each axis, no shorter than the gap to the box, also in floats; norms
and roundings are monotone in each axis, also in floats; so that the ticks of the gap are at most the ticks of the edge. (Angles of
XRAY files are not monotone; there the first axis counts nothing.) Equal
weights are told apart by the numbers of the ends, so that all components agree on one order and no cycle closes.
"""

from __future__ import annotations

import math

from optikit.kernels.control import Control, out_of_time
from optikit.kernels.jit import Arrays, array, i4, i8, inline, kernel, scalar
from optikit.kernels.neighbours import Tree

from ..arrays import Instance
from .arcs import SPHERE, XRAY1, XRAY2, arc, ticks_of
from .flags import IS_PLANAR, VARIANTS
from .one_tree import FAR

POINTS = {name: flags for name, flags in VARIANTS.items() if not flags["HAS_MATRIX"]}

# Slots of Forest.words.
PHASE = 0  # LABEL, SEEK or JOIN
CURSOR = 1  # how far the phase has come
EDGES = 2  # edges of the tree so far

LABEL = 0
SEEK = 1
JOIN = 2

CHUNK = 200  # points whose lightest edge is sought between two looks at the clock
SAFE = 1.0 - 1e-9  # on the globe, angles of gaps are off by some units in the last place


class Forest(Arrays):
    """Components that grow into one tree."""

    num_nodes = scalar(i8, "points, at least 2: the first so many nodes of the Instance")
    num_boxes = scalar(i8, "num_nodes of the Tree")
    shift = scalar(i8, "lengths are ticks times two to this power")
    multiplier = array(i8, "num_nodes", "added to each edge at the node", mutable=True)
    words = array(i8, "4", "see the slots above", mutable=True)
    root = array(i4, "num_nodes", "towards the node that stands for the component", mutable=True)
    least = array(i8, "num_boxes", "least multiplier in a box", mutable=True)
    owner = array(i4, "num_boxes", "component of all points of a box, -1 where there are several", mutable=True)
    weight = array(i8, "num_nodes", "of the lightest edge out of a component, by its root", mutable=True)
    tail = array(i4, "num_nodes", "its end inside", mutable=True)
    head = array(i4, "num_nodes", "its end outside", mutable=True)
    known = array(i8, "num_nodes", "no edge from the node out of its component weighs less", mutable=True)
    edge_tail = array(i4, "num_nodes", "edges of the tree: one end,", mutable=True)
    edge_head = array(i4, "num_nodes", "the other,", mutable=True)
    edge_ticks = array(i8, "num_nodes", "and their length in ticks", mutable=True)


@inline
def find(f, u):
    """The root of a node's component."""
    while f.root[u] != u:
        f.root[u] = f.root[f.root[u]]
        u = f.root[u]
    return u


@inline
def precedes(weight, u, v, other_weight, x, y):
    """The order of edges: by weight, then by the smaller and the greater end."""
    if weight != other_weight:
        return weight < other_weight
    if min(u, v) != min(x, y):
        return min(u, v) < min(x, y)
    return max(u, v) < max(x, y)


@inline
def offer(f, c, u, v, weight):
    """Take an edge from u to v for the lightest out of component c, if it is."""
    if weight < f.weight[c] or (weight == f.weight[c] and precedes(weight, u, v, weight, f.tail[c], f.head[c])):
        f.weight[c] = weight
        f.tail[c] = u
        f.head[c] = v


@inline
def gap(p, t, u, box, axis, at):
    """From a coordinate to a box along an axis."""
    return max(t.low[3 * box + axis] - at, at - t.high[3 * box + axis], 0.0)


@inline
def ticks_to_box(p, t, u, box):
    """At most the ticks of any edge from u to a point of the box."""
    dx = gap(p, t, u, box, 0, p.x[u])
    dy = gap(p, t, u, box, 1, p.y[u])
    if IS_PLANAR:
        return ticks_of(p, dx, dy, 0.0)
    dz = 0.0
    if p.num_depths > 1:
        dz = gap(p, t, u, box, 2, p.z[u])
    if p.norm == XRAY1 or p.norm == XRAY2:
        dx = 0.0  # an angle, which turns either way: a longer step may be a shorter turn
    if p.norm == SPHERE:
        squared = dx * dx + dy * dy + dz * dz
        return i8(math.atan2(math.sqrt(squared), math.sqrt(max(4.0 - squared, 0.0))) * p.factor * SAFE)
    return ticks_of(p, dx, dy, dz)


@inline
def seek(p, t, f, u):
    """Find the lightest edge from u out of its component, if it is lighter than what the component has."""
    c = find(f, u)
    own = f.multiplier[u]
    if f.known[u] > f.weight[c]:
        return
    t.stack[0] = 1
    depth = 1
    while depth > 0:
        depth -= 1
        box = t.stack[depth]
        if f.owner[box] == c:
            continue
        if (ticks_to_box(p, t, u, box) << f.shift) + own + f.least[box] > f.weight[c]:
            continue
        if 2 * box + 1 < t.num_nodes:
            # The child whose edges may be the lightest is looked at first.
            left = (ticks_to_box(p, t, u, 2 * box) << f.shift) + f.least[2 * box]
            right = (ticks_to_box(p, t, u, 2 * box + 1) << f.shift) + f.least[2 * box + 1]
            nearer = i8(left > right)
            t.stack[depth] = 2 * box + 1 - nearer
            t.stack[depth + 1] = 2 * box + nearer
            depth += 2
        else:
            for i in range(t.first[box], t.last[box]):
                v = t.item[i]
                if find(f, v) != c:
                    offer(f, c, u, v, (arc(p, u, v) << f.shift) + own + f.multiplier[v])
    f.known[u] = f.weight[c]


@inline
def label(t, f):
    """Name the components, of points and of boxes; a box in which there is no point belongs to nobody's business."""
    for u in range(f.num_nodes):
        f.root[u] = find(f, i8(u))
        f.weight[u] = FAR
    for back in range(1, t.num_nodes):
        box = t.num_nodes - back
        owner = i8(-1)
        if t.last[box] > t.first[box]:
            owner = f.root[t.item[t.first[box]]]
            least = f.multiplier[t.item[t.first[box]]]
            if 2 * box + 1 < t.num_nodes:
                if f.owner[2 * box] != owner or f.owner[2 * box + 1] != owner:
                    owner = i8(-1)
                least = min(f.least[2 * box], f.least[2 * box + 1])
            else:
                for i in range(t.first[box], t.last[box]):
                    if f.root[t.item[i]] != owner:
                        owner = i8(-1)
                    least = min(least, f.multiplier[t.item[i]])
            f.least[box] = least
        f.owner[box] = owner


@inline
def join(p, f):
    """Add the lightest edge of each component to the tree."""
    edges = f.words[EDGES]
    for c in range(f.num_nodes):
        if f.weight[c] < FAR:
            a = find(f, f.tail[c])
            b = find(f, f.head[c])
            if a != b:
                f.root[max(a, b)] = min(a, b)
                f.edge_tail[edges] = f.tail[c]
                f.edge_head[edges] = f.head[c]
                f.edge_ticks[edges] = arc(p, f.tail[c], f.head[c])
                edges += 1
    f.words[EDGES] = edges


@inline
def begin(f):
    """Every point alone."""
    f.words[EDGES] = 0
    for u in range(f.num_nodes):
        f.root[u] = u
        f.known[u] = -FAR


@kernel(variants=POINTS)
def grow_tree(p: Instance, t: Tree, f: Forest, c: Control) -> i8:
    """Go on growing until the tree is complete or the control block says return; returns whether it is complete.

    To begin another tree, set the phase to LABEL, and the edges and the cursor to 0.
    """
    alive = not out_of_time(c)
    while alive and f.words[EDGES] < f.num_nodes - 1:
        if f.words[PHASE] == LABEL:
            if f.words[EDGES] == 0:
                begin(f)
            label(t, f)
            f.words[CURSOR] = 0
            f.words[PHASE] = SEEK
        elif f.words[PHASE] == SEEK:
            last = min(f.words[CURSOR] + CHUNK, f.num_nodes)
            for i in range(f.words[CURSOR], last):
                seek(p, t, f, i8(t.item[i]))
            f.words[CURSOR] = last
            if last == f.num_nodes:
                f.words[PHASE] = JOIN
        else:
            join(p, f)
            f.words[PHASE] = LABEL
        alive = not out_of_time(c)
    return i8(f.words[EDGES] == f.num_nodes - 1)
