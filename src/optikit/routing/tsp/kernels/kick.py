"""A kick: the double bridge, within a small stretch of the tour.

Martin, Otto and Felten, "Large-step Markov chains for the traveling salesman problem", Complex Systems 5, 1991: four edges are
replaced such that no sequence of exchanges as in `exchange` easily takes it back. Three neighbouring segments a, b, c of the tour
become c, b, a; being short, they cost the same whatever the number of cities.
"""

from optikit.kernels.jit import i8, inline
from optikit.kernels.rng import below

from .arcs import arc, is_fixed
from .flags import IS_ASYMMETRIC
from .tour import exchange, wake

LEAST_NODES = 8  # of fewer, no kick


@inline
def at(s, k):
    """The node at a position, which may be past the end."""
    if k >= s.num_nodes:
        k -= s.num_nodes
    return i8(s.order[k])


@inline
def segment(q, s, r):
    """A random length of a segment."""
    if IS_ASYMMETRIC:
        # Edges at its two ends that may go, and not those between the two nodes of a city: every other.
        return 2 * (1 + below(r, max(1, min(q.reach // 2, (s.num_nodes - 2) // 6))))
    return 1 + below(r, min(q.reach, (s.num_nodes - 2) // 3))


@inline
def kick(p, q, s, r):
    """Move three segments, wake the ends, and return what the tour costs more."""
    k = below(r, s.num_nodes)
    if is_fixed(p, at(s, k), at(s, k + 1)):
        k += 1
        if k == s.num_nodes:
            k = i8(0)
    first = segment(q, s, r)
    second = first + segment(q, s, r)
    third = second + segment(q, s, r)
    a = at(s, k)
    b = at(s, k + 1)
    c = at(s, k + first)
    d = at(s, k + first + 1)
    e = at(s, k + second)
    f = at(s, k + second + 1)
    g = at(s, k + third)
    h = at(s, k + third + 1)
    exchange(s, a, b, g, h)
    exchange(s, a, g, f, e)
    exchange(s, g, e, d, c)
    exchange(s, e, c, b, h)
    wake(s, a)
    wake(s, b)
    wake(s, c)
    wake(s, d)
    wake(s, e)
    wake(s, f)
    wake(s, g)
    wake(s, h)
    added = arc(p, a, f) + arc(p, g, d) + arc(p, e, b) + arc(p, c, h)
    return added - arc(p, a, b) - arc(p, c, d) - arc(p, e, f) - arc(p, g, h)
