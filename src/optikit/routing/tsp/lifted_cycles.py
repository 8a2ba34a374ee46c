"""Inequalities of directed tours that no set of crossings gives: the D_k of Groetschel and Padberg.

For a sequence i(1), ..., i(k) of cities, 3 <= k < n, every directed tour obeys

    x[i(1), i(k)] + sum over h = 2..k of x[i(h), i(h-1)]
      + 2 sum over h = 2..k-1 of x[i(1), i(h)] + sum over 2 <= l < h <= k-1 of x[i(l), i(h)]  <=  k - 1:

the arcs of the cycle i(1), i(k), i(k-1), ..., i(2), i(1), of which a tour has at most k - 1, and others lifted in. This is D_k+;
D_k- is the same with all arcs turned round. M. Groetschel and M. W. Padberg, "Polyhedral theory", in Lawler et al., "The Traveling
Salesman Problem", 1985; they define facets (M. Fischetti, "Facets of the asymmetric traveling salesman polytope", Mathematics of
Operations Research 16, 1991).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from .cuts import Ints, Support, by_node
from .kernels.lifted_cycle import Sequences
from .kernels.lifted_cycle import lifted_cycles as search_sequences

LEAST = 0.02
"""Violations below this are not worth a row."""

MOST_CITIES = 12
"""Of a sequence."""

STEPS = 100
"""Prolongations of a sequence that are tried from each city."""


@cache
def lifting(size: int) -> Ints:
    """How often D_k+ counts an arc from place to place, shape (size + 1, size + 1); the last place is outside of the sequence."""
    table = np.zeros((size + 1, size + 1), np.int64)
    place = np.arange(1, size)
    table[place, place - 1] = 1
    table[0, 1 : size - 1] += 2
    table[0, size - 1] += 1
    for h in range(2, size - 1):
        table[1:h, h] += 1
    return table


@dataclass(frozen=True, eq=False)
class LiftedCycle:
    """D_k of a sequence of cities, in the graph where city u is left at node u and entered at node n + u.

    It stands among the inequalities "at least" with its sign changed.

    Parameters
    ----------
    cities : tuple of int
        The sequence.
    num_cities : int
        Of the problem: half of the graph's nodes.
    turned : bool
        D_k- instead of D_k+.
    """

    cities: tuple[int, ...]
    num_cities: int
    turned: bool

    teeth = 0

    @property
    def least(self) -> int:
        return 1 - len(self.cities)

    @cached_property
    def key(self) -> tuple[int, bytes]:
        """Equal for equal inequalities; unlike those of subtours and combs."""
        return -1 - self.turned, np.array(self.cities).tobytes()

    @cached_property
    def depths(self) -> Ints:
        """Of each node: an arc's coefficient is nowhere above the sum of two of these."""
        return np.zeros(2 * self.num_cities, np.int64)

    @cached_property
    def _places(self) -> Ints:
        place = np.full(self.num_cities, len(self.cities))
        place[list(self.cities)] = np.arange(len(self.cities))
        return place

    def coefficients(self, tails: Ints, heads: Ints) -> Ints:
        """Minus how often arcs count; tails are nodes that are left, heads nodes that are entered."""
        ends = self._places[tails], self._places[heads - self.num_cities]
        found: Ints = -lifting(len(self.cities))[ends[::-1] if self.turned else ends]
        return found


def lifted_cycles(support: Support) -> list[LiftedCycle]:
    """Violated D_k inequalities of a doubled graph, found by heuristics: at most two a city."""
    size = support.num_nodes // 2
    most = min(MOST_CITIES, size - 1)
    if most < 3:
        return []
    arcs = support.tails + size != support.heads
    tails, heads, values = support.tails[arcs], support.heads[arcs] - size, support.values[arcs]
    ways = [(*by_node(size, ends), other) for ends, other in ((tails, heads), (heads, tails))]
    found = []
    for turned in (False, True):
        (out_first, leaving, out_city), (in_first, entering, in_city) = ways[::-1] if turned else ways
        state = Sequences.empty(
            num_cities=size,
            num_arcs=len(values),
            most=most,
            steps=STEPS,
            least=LEAST,
            out_first=out_first,
            out_city=out_city[leaving].astype(np.int32),
            out_value=values[leaving],
            in_first=in_first,
            in_city=in_city[entering].astype(np.int32),
            in_value=values[entering],
        )
        if search_sequences(state):
            rows = state.best.reshape(size, most)
            found += [LiftedCycle(tuple(row[:k].tolist()), size, turned) for row, k in zip(rows, state.length.tolist()) if k]
    return found
