"""Swaps of two facilities: what each would cost, kept up to date from one swap to the next.

Let C[u, l] be what facility u would cost at location l, all others staying where they are: its linear cost, and its flows to the
others times the distances. A swap of r and s changes C by a matrix of rank one (or two, where flows and distances are not
symmetric), so that all swaps are known again after O(n^2) operations without a look at flows and distances. Taillard, "Robust
taboo search for the quadratic assignment problem", Parallel Computing 17, 1991, section 2, has the update of a swap that is apart
from the one that was made, in O(1); the table gives the others, which share a facility with it, in O(1) too.
"""

from optikit.kernels.jit import i8, inline

from ..arrays import COST
from .flags import IS_SPARSE, IS_SYMMETRIC


@inline
def pair_cost(p, s, u, v):
    """What the flow between two facilities costs as they are placed, and if they were swapped: both together."""
    n = p.size
    ends = i8(s.place[u]) * n + s.place[v]
    if IS_SYMMETRIC:
        return 2 * p.flow[u * n + v] * p.distance[ends]
    both = p.distance[ends] + p.distance[i8(s.place[v]) * n + s.place[u]]
    return (p.flow[u * n + v] + p.flow[v * n + u]) * both


@inline
def cost_at(p, s, u, to):
    """What facility u would cost at location `to`, all others as they are."""
    n = p.size
    total = p.linear[u * n + to]
    if IS_SPARSE:
        for k in range(p.first[u], p.first[u + 1]):
            total += p.amount[k] * p.distance[to * n + s.place[p.head[k]]]
        return total
    for k in range(p.num_facilities):
        at = i8(s.place[k])
        total += p.flow[u * n + k] * p.distance[to * n + at]
        if not IS_SYMMETRIC:
            total += p.flow[k * n + u] * p.distance[at * n + to]
    return total


@inline
def fill_row(p, s, u):
    """The table's row of facility u."""
    row = u * p.size
    for v in range(p.size):
        s.table[row + v] = cost_at(p, s, u, i8(s.place[v]))


@inline
def swap_cost(p, s, u, v):
    """What swapping u and v adds, from the table."""
    n = p.size
    change = s.table[u * n + v] - s.table[u * n + u]
    if v < p.num_facilities:
        change += s.table[v * n + u] - s.table[v * n + v] + pair_cost(p, s, u, v)
    return change


@inline
def fill_deltas(p, s, u):
    """The deltas of facility u with all that come after it."""
    for v in range(u + 1, p.size):
        s.delta[u * p.size + v] = swap_cost(p, s, u, v)


@inline
def set_directions(p, s, r, t):
    """The vectors of a swap of r and t, before it is made."""
    n = p.size
    here = i8(s.place[r])
    there = i8(s.place[t])
    for u in range(n):
        s.a[u] = p.flow[r * n + u] - p.flow[t * n + u]
        if not IS_SYMMETRIC:
            s.a_back[u] = s.a[u]
            s.a[u] = p.flow[u * n + r] - p.flow[u * n + t]
    for u in range(n):
        at = i8(s.place[u])
        s.b[u] = p.distance[there * n + at] - p.distance[here * n + at]
        if not IS_SYMMETRIC:
            s.b_back[u] = s.b[u]
            s.b[u] = p.distance[at * n + there] - p.distance[at * n + here]


@inline
def update_row(p, s, u):
    """Table and deltas of facility u after the swap whose directions are set."""
    n = p.size
    row = u * n
    a = s.a[u]
    b = s.b[u]
    if IS_SYMMETRIC:
        for v in range(n):
            s.table[row + v] += a * s.b[v]
        for v in range(u + 1, n):
            s.delta[row + v] -= (a - s.a[v]) * (b - s.b[v])
    else:
        c = s.a_back[u]
        d = s.b_back[u]
        for v in range(n):
            s.table[row + v] += a * s.b[v] + c * s.b_back[v]
        for v in range(u + 1, n):
            s.delta[row + v] -= (a - s.a[v]) * (b - s.b[v]) + (c - s.a_back[v]) * (d - s.b_back[v])


@inline
def refresh(p, s, r):
    """All deltas of one of the two facilities that were swapped, from the table."""
    n = p.size
    for u in range(min(r, p.num_facilities)):
        s.delta[u * n + r] = swap_cost(p, s, i8(u), r)
    if r < p.num_facilities:
        fill_deltas(p, s, r)


@inline
def swap(p, s, r, t):
    """Swap two facilities, r < t, and bring table and deltas up to date."""
    n = p.size
    s.words[COST] += s.delta[r * n + t]
    set_directions(p, s, r, t)
    for u in range(p.num_facilities):
        if not IS_SPARSE or s.a[u] != 0:
            update_row(p, s, i8(u))
    if IS_SPARSE:
        # The deltas of a facility without flow to either change only where the other one has such.
        for v in range(p.num_facilities):
            if s.a[v] != 0:
                for u in range(v):
                    if s.a[u] == 0:
                        s.delta[u * n + v] -= s.a[v] * (s.b[v] - s.b[u])
    for u in range(p.num_facilities):
        held = s.table[u * n + r]
        s.table[u * n + r] = s.table[u * n + t]
        s.table[u * n + t] = held
    at = s.place[r]
    s.place[r] = s.place[t]
    s.place[t] = at
    refresh(p, s, r)
    refresh(p, s, t)
