"""Minimum 1-trees and the ascent on their weight: the bound of Held and Karp.

A 1-tree is a spanning tree of all nodes but one, the hub, and two edges at the hub. Every cycle through all nodes is one, so
that the lightest 1-tree is no heavier than the shortest cycle. Adding a number to the length of all edges at a node (its
multiplier) changes all cycles alike, but not all 1-trees: the ascent looks for the multipliers whose lightest 1-tree is the
heaviest.

Held and Karp, "The traveling-salesman problem and minimum spanning trees", Operations Research 18, 1970, and part II,
Mathematical Programming 1, 1971. The steps are those of Volgenant and Jonker, "A branch and bound algorithm for the symmetric
traveling salesman problem based on the 1-tree relaxation", European Journal of Operational Research 9, 1982: their size falls
to nothing over a given number of iterations, and each remembers a part of the direction before.

The tree grows as Prim's does (1957), over a few candidate edges a node: such a tree is no bound on its own, since an edge that
is no candidate might be in the lightest one. `span` finds the lightest one over all edges.
"""

from __future__ import annotations

from optikit.kernels.control import ITERATIONS, LIMIT, Control, out_of_time
from optikit.kernels.jit import Arrays, array, f8, i4, i8, inline, kernel, scalar

FAR = 2**62  # more than any edge weighs, multipliers included

# Slots of Ascent.words.
PHASE = 0  # BEGIN, GROW, STEP
HEAP_SIZE = 1
TREE = 2  # sum of the lengths of the tree's edges so far
ROUND_AT = 3  # iterations of this round that are done
ROUND = 4  # iterations of this round in all, at least 3
BEST = 5  # greatest weight of a 1-tree in this round
WEIGHT = 6  # weight of the last 1-tree
CAP = 7  # multipliers stay within -CAP..CAP
JOINED = 8  # nodes of the tree so far
SCAN = 9  # where to look for a node that is not in it, once the heap is empty
WORDS = 10

BEGIN = 0
GROW = 1
STEP = 2

CHUNK = 500  # nodes that join the tree between two looks at the clock


class Candidates(Arrays):
    """The graph on which the ascent works: candidate edges between the nodes, and an edge from each node to the hub."""

    num_nodes = scalar(i8, "nodes but the hub, at least 2")
    num_links = scalar(i8, "candidate edges, counted from both ends")
    first = array(i4, "num_nodes + 1", "where the links of a node begin", mutable=True)
    head = array(i4, "num_links", "the other end of a link", mutable=True)
    length = array(i8, "num_links", "of a link, without multipliers", mutable=True)
    spoke = array(i8, "num_nodes", "length of the edge between a node and the hub")


class Ascent(Arrays):
    """What the ascent writes."""

    num_nodes = scalar(i8, "as in Candidates")
    words = array(i8, "10", "see the slots above", mutable=True)
    top = array(f8, "1", "first step of the round", mutable=True)
    multiplier = array(i8, "num_nodes", "added to each edge at the node", mutable=True)
    best = array(i8, "num_nodes", "multipliers of the heaviest 1-tree of the round", mutable=True)
    degree = array(i4, "num_nodes", "edges of the 1-tree at the node", mutable=True)
    before = array(i4, "num_nodes", "degree in the iteration before", mutable=True)
    parent = array(i4, "num_nodes", "node by which it joined the tree", mutable=True)
    length = array(i8, "num_nodes", "length of that edge", mutable=True)
    weight = array(i8, "num_nodes", "the same with multipliers: key of the heap", mutable=True)
    heap = array(i4, "num_nodes", "nodes beside the tree, the nearest first", mutable=True)
    place = array(i4, "num_nodes", "where a node stands in the heap; -1 not yet, -2 no more", mutable=True)


@inline
def rise(s, i, v):
    """Let node v, whose weight has fallen, rise in the heap from place i."""
    weight = s.weight[v]
    while i > 0:
        above = (i - 1) // 2
        u = s.heap[above]
        if s.weight[u] <= weight:
            break
        s.heap[i] = u
        s.place[u] = i
        i = above
    s.heap[i] = v
    s.place[v] = i


@inline
def take_first(s, size):
    """Take the nearest node out of a heap of that size."""
    nearest = s.heap[0]
    s.place[nearest] = -2
    size -= 1
    if size > 0:
        v = s.heap[size]
        weight = s.weight[v]
        i = 0
        below = 1
        while below < size:
            if below + 1 < size and s.weight[s.heap[below + 1]] < s.weight[s.heap[below]]:
                below += 1
            u = s.heap[below]
            if s.weight[u] >= weight:
                break
            s.heap[i] = u
            s.place[u] = i
            i = below
            below = 2 * i + 1
        s.heap[i] = v
        s.place[v] = i
    return nearest


@inline
def look_around(p, s, u, size):
    """Node u has joined the tree: its neighbours may be nearer now. Returns the size of the heap."""
    own = s.multiplier[u]
    for i in range(p.first[u], p.first[u + 1]):
        v = p.head[i]
        at = s.place[v]
        if at != -2:
            weight = p.length[i] + own + s.multiplier[v]
            if weight < s.weight[v]:
                s.weight[v] = weight
                s.parent[v] = u
                s.length[v] = p.length[i]
                if at < 0:
                    at = size
                    size += 1
                rise(s, at, v)
    return size


@inline
def begin(p, s):
    """No tree yet."""
    for v in range(p.num_nodes):
        s.weight[v] = FAR
        s.place[v] = -1
        s.degree[v] = 0
    s.words[TREE] = 0
    s.words[HEAP_SIZE] = 0
    s.words[JOINED] = 0
    s.words[SCAN] = 0


@inline
def grow(p, s):
    """Let some nodes join the tree; returns whether it is complete.

    Where the candidates fall apart, it is a forest: its degrees still tell where to go.
    """
    size = s.words[HEAP_SIZE]
    tree = s.words[TREE]
    joined = s.words[JOINED]
    last = min(joined + CHUNK, p.num_nodes)
    while joined < last:
        u = s.words[SCAN]
        if size > 0:
            u = take_first(s, size)
            size -= 1
            tree += s.length[u]
            s.degree[u] += 1
            s.degree[s.parent[u]] += 1
        else:
            while s.place[u] == -2:
                u += 1
            s.words[SCAN] = u
            s.place[u] = -2
        size = look_around(p, s, u, size)
        joined += 1
    s.words[HEAP_SIZE] = size
    s.words[TREE] = tree
    s.words[JOINED] = joined
    return joined == p.num_nodes


@inline
def close(n, spoke, multiplier, degree):
    """Add the two lightest edges at the hub to the degrees; returns their lengths together."""
    first = i8(0)
    second = i8(1)
    if spoke[1] + multiplier[1] < spoke[0] + multiplier[0]:
        first = i8(1)
        second = i8(0)
    for v in range(2, n):
        weight = spoke[v] + multiplier[v]
        if weight < spoke[second] + multiplier[second]:
            if weight < spoke[first] + multiplier[first]:
                second = first
                first = v
            else:
                second = v
    degree[first] += 1
    degree[second] += 1
    return spoke[first] + spoke[second]


@inline
def step_size(s):
    """Falls from `top` to nothing, quadratically (Volgenant and Jonker 1982, section 3)."""
    m = f8(s.words[ROUND])
    k = f8(s.words[ROUND_AT]) + 1.0
    share = (k - 1.0) * (2.0 * m - 5.0) / (2.0 * (m - 1.0)) - (k - 2.0)
    share += 0.5 * (k - 1.0) * (k - 2.0) / ((m - 1.0) * (m - 2.0))
    return s.top[0] * share


@inline
def step(p, s):
    """Weigh the 1-tree, keep the multipliers if it is the heaviest, and move them."""
    n = p.num_nodes
    weight = s.words[TREE] + close(n, p.spoke, s.multiplier, s.degree)
    for v in range(n):
        weight += (s.degree[v] - 2) * s.multiplier[v]
    s.words[WEIGHT] = weight
    if s.words[ROUND_AT] == 0 or weight > s.words[BEST]:
        s.words[BEST] = weight
        for v in range(n):
            s.best[v] = s.multiplier[v]
    size = step_size(s)
    cap = s.words[CAP]
    opening = s.words[ROUND_AT] == 0
    for v in range(n):
        turn = s.degree[v] - 2
        last = s.before[v] - 2
        if opening:
            last = turn
        s.before[v] = s.degree[v]
        if turn != 0 or last != 0:
            moved = s.multiplier[v] + i8(size * (0.6 * turn + 0.4 * last))
            s.multiplier[v] = max(-cap, min(moved, cap))
    s.words[ROUND_AT] += 1


@kernel
def ascend(p: Candidates, s: Ascent, c: Control) -> None:
    """Go on with the round until it is over, or until the control block says return."""
    alive = not out_of_time(c)
    while alive and s.words[ROUND_AT] < s.words[ROUND] and c.slots[ITERATIONS] < c.slots[LIMIT]:
        if s.words[PHASE] == BEGIN:
            begin(p, s)
            s.words[PHASE] = GROW
        elif s.words[PHASE] == GROW:
            if grow(p, s):
                s.words[PHASE] = STEP
        else:
            step(p, s)
            s.words[PHASE] = BEGIN
            c.slots[ITERATIONS] += 1
        alive = not out_of_time(c)


class Complete(Arrays):
    """All edges between the nodes, their multipliers, and the lightest 1-tree over them."""

    num_nodes = scalar(i8, "nodes but the hub, at least 2")
    num_listed = scalar(i8, "length of each list of candidates, 1..num_nodes-1")
    length = array(i8, "num_nodes * num_nodes", "of the edge between two nodes, without multipliers; symmetric")
    spoke = array(i8, "num_nodes", "length of the edge between a node and the hub")
    multiplier = array(i8, "num_nodes", "added to each edge at the node", mutable=True)
    degree = array(i4, "num_nodes", "edges of the 1-tree at the node", mutable=True)
    order = array(i4, "num_nodes", "the nodes as they joined the tree; node 0 first", mutable=True)
    parent = array(i4, "num_nodes", "node by which it joined; of node 0, itself", mutable=True)
    weight = array(i8, "num_nodes", "weight of that edge, with multipliers", mutable=True)
    heaviest = array(i8, "num_nodes", "heaviest edge on the tree's path from the node under way", mutable=True)
    alpha = array(i8, "num_listed", "of the list under way", mutable=True)
    listed = array(i4, "num_nodes * num_listed", "candidates of each node, the best first", mutable=True)


@kernel
def span(p: Complete) -> i8:
    """The lightest 1-tree over all edges, by Prim's algorithm in O(n^2); returns its weight, which is a bound."""
    n = p.num_nodes
    for v in range(n):
        p.degree[v] = 0
        p.weight[v] = FAR
        p.order[v] = v
        p.parent[v] = 0
    total = i8(0)
    u = i8(0)
    for joined in range(1, n):
        # The nodes yet to join stand at the end of `order`.
        nearest = joined
        own = p.multiplier[u]
        row = u * n
        for i in range(joined, n):
            v = p.order[i]
            weight = p.length[row + v] + own + p.multiplier[v]
            if weight < p.weight[v]:
                p.weight[v] = weight
                p.parent[v] = u
            if p.weight[v] < p.weight[p.order[nearest]]:
                nearest = i
        u = p.order[nearest]
        p.order[nearest] = p.order[joined]
        p.order[joined] = u
        total += p.length[p.parent[u] * n + u]
        p.degree[u] += 1
        p.degree[p.parent[u]] += 1
    total += close(n, p.spoke, p.multiplier, p.degree)
    for v in range(n):
        total += (p.degree[v] - 2) * p.multiplier[v]
    return i8(total)


@inline
def precedes(alpha, weight, v, other_alpha, other_weight, other):
    """Order of candidates: by alpha, then by weight, then by number."""
    if alpha != other_alpha:
        return alpha < other_alpha
    if weight != other_weight:
        return weight < other_weight
    return v < other


@inline
def weigh(p, u, v):
    return p.length[u * p.num_nodes + v] + p.multiplier[u] + p.multiplier[v]


@inline
def insert(p, u, v, alpha, found):
    """Put v where it belongs among the candidates of u, of which `found` are known; returns how many are known then."""
    base = u * p.num_listed
    weight = weigh(p, u, v)
    if found == p.num_listed:
        last = p.listed[base + found - 1]
        if not precedes(alpha, weight, v, p.alpha[found - 1], weigh(p, u, last), last):
            return found
        found -= 1
    i = found
    while i > 0:
        w = p.listed[base + i - 1]
        if not precedes(alpha, weight, v, p.alpha[i - 1], weigh(p, u, w), w):
            break
        p.alpha[i] = p.alpha[i - 1]
        p.listed[base + i] = w
        i -= 1
    p.alpha[i] = alpha
    p.listed[base + i] = v
    return found + 1


@kernel
def list_nearest(p: Complete, first: i8, last: i8) -> None:
    """List the candidates of the nodes first..last-1 by alpha-nearness, given the tree that `span` left.

    The alpha of an edge is what the tree gains in weight if it has to contain that edge: the edge's own weight less that of
    the heaviest edge on the path between its ends (Helsgaun, "An effective implementation of the Lin-Kernighan traveling
    salesman heuristic", European Journal of Operational Research 126, 2000, section 4.1).
    """
    n = p.num_nodes
    for u in range(first, last):
        for v in range(n):
            p.degree[v] = 0  # here: 1 where `heaviest` is known
        x = u
        most = i8(-FAR)
        p.heaviest[u] = most
        p.degree[u] = 1
        while x != 0:
            most = max(most, p.weight[x])
            x = p.parent[x]
            p.heaviest[x] = most
            p.degree[x] = 1
        found = i8(0)
        for i in range(n):
            v = p.order[i]
            if p.degree[v] == 0:
                p.heaviest[v] = max(p.heaviest[p.parent[v]], p.weight[v])
            if v != u:
                found = insert(p, u, v, weigh(p, u, v) - p.heaviest[v], found)
