"""A child as a tour of all clients: order crossover, and the cuts that make routes of it.

Prins, "A simple and effective evolutionary algorithm for the vehicle routing problem", Computers & Operations Research
31(12), 2004: order crossover, and the shortest path over all routes that serve clients consecutive on the tour.
"""

from optikit.kernels.jit import i8, inline
from optikit.kernels.rng import below

from .arcs import arc
from .rings import fine

NEVER = 1 << 62


@inline
def cross(w, r):
    """A stretch of the mother's tour, at its place; then the other clients in the father's order."""
    n = w.num_nodes - 1
    for k in range(w.num_nodes):
        w.cut_at[k] = 0
    first = below(r, n)
    last = below(r, n)
    length = last - first + 1
    if length <= 0:
        length += n
    j = first
    for _ in range(length):
        u = i8(w.mother[j])
        w.tour[j] = u
        w.cut_at[u] = 1
        j += 1
        if j == n:
            j = i8(0)
    k = j
    for _ in range(n):
        u = i8(w.father[k])
        if w.cut_at[u] == 0:
            w.tour[j] = u
            j += 1
            if j == n:
                j = i8(0)
        k += 1
        if k == n:
            k = i8(0)


@inline
def find_cuts(p, w):
    """For each client of the tour, where the route that ends with it begins: Bellman's algorithm."""
    n = w.num_nodes - 1
    w.potential[0] = 0
    for k in range(1, n + 1):
        w.potential[k] = NEVER
    for i in range(n):
        u = i8(w.tour[i])
        load = p.demand[u]
        cost = w.potential[i] + arc(p, 0, u)
        j = i + 1
        while True:
            total = cost + arc(p, u, 0) + fine(p, w, load)
            if total < w.potential[j]:
                w.potential[j] = total
                w.cut_at[j] = i
            if j == n:
                break
            v = i8(w.tour[j])
            load += p.demand[v]
            if load > w.most:
                break
            cost += arc(p, u, v)
            u = v
            j += 1


@inline
def cut(p, w):
    """Routes from the tour, the last ones first; those for which there is no slot all join the last slot."""
    find_cuts(p, w)
    for t in range(w.num_slots):
        ring = w.num_nodes + t
        w.succ[ring] = ring
        w.pred[ring] = ring
    t = i8(0)
    j = w.num_nodes - 1
    while j > 0:
        i = i8(w.cut_at[j])
        ring = w.num_nodes + t
        u = i8(w.pred[ring])
        for k in range(i, j):
            v = i8(w.tour[k])
            w.succ[u] = v
            w.pred[v] = u
            u = v
        w.succ[u] = ring
        w.pred[ring] = u
        t = min(t + 1, w.num_slots - 1)
        j = i


@inline
def write_tour(w):
    """The tour of the routes as they are, by the direction in which they lie from the depot."""
    count = i8(0)
    for t in range(w.num_slots):
        k = count
        if w.size[t] > 0:
            while k > 0 and w.bearing[w.scratch[k - 1]] > w.bearing[t]:
                w.scratch[k] = w.scratch[k - 1]
                k -= 1
            w.scratch[k] = t
            count += 1
    j = i8(0)
    for k in range(count):
        u = i8(w.succ[w.num_nodes + w.scratch[k]])
        while u < w.num_nodes:
            w.tour[j] = u
            j += 1
            u = i8(w.succ[u])
