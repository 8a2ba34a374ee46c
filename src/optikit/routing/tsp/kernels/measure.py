"""Lengths of candidate edges, of legs and of tours, as the search counts them."""

from optikit.kernels.jit import i8, inline, kernel

from ..arrays import Instance, State
from .arcs import arc
from .flags import VARIANTS


@inline
def sift(p, row, k):
    """Move the candidate number k of a list forward to where its length belongs."""
    node = p.neighbours[row + k]
    length = p.near[row + k]
    while k > 0 and p.near[row + k - 1] > length:
        p.neighbours[row + k] = p.neighbours[row + k - 1]
        p.near[row + k] = p.near[row + k - 1]
        k -= 1
    p.neighbours[row + k] = node
    p.near[row + k] = length


@kernel(variants=VARIANTS)
def measure_candidates(p: Instance, first: i8, last: i8) -> None:
    """Measure the candidates of the nodes first..last-1 and sort each list by length."""
    for u in range(first, last):
        row = u * p.num_neighbours
        for k in range(p.num_neighbours):
            p.near[row + k] = arc(p, u, i8(p.neighbours[row + k]))
            sift(p, row, i8(k))


@kernel(variants=VARIANTS)
def measure_tour(p: Instance, s: State) -> i8:
    """Length of a tour."""
    total = i8(0)
    for k in range(s.num_nodes - 1):
        total += arc(p, i8(s.order[k]), i8(s.order[k + 1]))
    return i8(total + arc(p, i8(s.order[s.num_nodes - 1]), i8(s.order[0])))
