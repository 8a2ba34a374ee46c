"""The linear relaxation of a tour: degrees, cuts as they are found, and columns for few edges until others are worth one.

Whatever the engine says in floats, a bound is computed anew from its duals, rounded to integers, over all edges: any duals, with
those of inequalities >= 0, prove that no tour costs less than

    2 * (sum of the nodes' duals) + (sum over cuts of dual * least) + (sum over edges of the least of reduced cost * use)

with use 0 or 1 as an edge may still be (weak duality). In integers there is no error in it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ...backends.lp import Entries, GrowingLP, LPStatus
from .cuts import NOUGHT, Inequality, Support
from .graph import NO_EDGE, Graph

NEAREST = 6
"""Edges a node that are columns from the beginning."""

SLACK = 1e-3
"""A row that is slack by more than this may go."""

_ROOM = 2**58
"""Sums of duals stay below this, in the unit chosen for them: far from where int64 ends."""

_COST = 2.0**20
"""The longest edge in the linear program: its tolerances are absolute."""


class Relaxation:
    """Edges, columns, rows, and what the last solve says.

    Parameters
    ----------
    graph : Graph
        With at least three nodes.
    edges : numpy.ndarray of int64, shape (num_edges, 2)
        Edges that are columns from the beginning, besides short and fixed ones: those of a tour, if one is known.
    """

    def __init__(self, graph: Graph, edges: NDArray[np.int64]) -> None:
        size = self.num_nodes = graph.num_nodes
        self.doubled = graph.doubled
        upper = np.triu(graph.length != NO_EDGE, 1)
        self.tails, self.heads = (ends.astype(np.int64) for ends in np.nonzero(upper))
        self.ticks = graph.length[self.tails, self.heads]
        self._number = np.full((size, size), -1, np.int32)
        self._number[self.tails, self.heads] = self._number[self.heads, self.tails] = np.arange(len(self.ticks))
        self.low = np.zeros(len(self.ticks), np.int8)
        self.high = np.ones(len(self.ticks), np.int8)
        fixed = self._numbers(graph.fixed)
        self.low[fixed] = 1
        self.open = np.arange(len(self.ticks))
        """Edges that a better tour may use, by what is known so far."""
        self.step = int(np.gcd.reduce(self.ticks)) or 1 if len(self.ticks) else 1
        """Costs of tours are multiples of this."""
        longest = int(self.ticks.max(initial=1)) or 1
        self.scale = _COST / longest
        self.unit = 2 ** max(0, int(math.log2(_ROOM / (16.0 * size * longest))))
        """Duals are whole multiples of a tick over this."""
        self.lp = GrowingLP(np.full(size, 2.0), np.full(size, 2.0))
        self.cuts: list[Inequality] = []
        self._keys: set[tuple[int, bytes]] = set()
        self.columns = np.zeros(0, np.int64)
        """Edge of each column."""
        self.column_of = np.full(len(self.ticks), -1)
        """Column of each edge, -1 where it has none."""
        self.reduced = np.zeros(0, np.int64)
        """Reduced costs of the open edges in units, since the last `bound`."""
        self.bound_units, self.proved_unit = 0, 1
        """The last bound, and the units of a tick that it has."""
        self.add_edges(np.unique(np.concatenate([self._numbers(_shortest(graph.length)), self._numbers(edges), fixed])))

    def _numbers(self, edges: NDArray[np.int64]) -> NDArray[np.int64]:
        found: NDArray[np.int64] = self._number[edges[:, 0], edges[:, 1]].astype(np.int64)
        return found[found >= 0]

    # -- columns and rows -------------------------------------------------------

    def add_edges(self, edges: NDArray[np.int64]) -> None:
        """Give some edges columns."""
        if not len(edges):
            return
        tails, heads = self.tails[edges], self.heads[edges]
        table = np.zeros((len(edges), self.num_nodes + len(self.cuts)))
        each = np.arange(len(edges))
        table[each, tails] = table[each, heads] = 1
        for row, cut in enumerate(self.cuts, self.num_nodes):
            table[:, row] = cut.coefficients(tails, heads)
        self.lp.add_columns(self.ticks[edges] * self.scale, self.low[edges], self.high[edges], Entries.of(table))
        self.column_of[edges] = len(self.columns) + each
        self.columns = np.concatenate([self.columns, edges])

    def add_cuts(self, cuts: Iterable[Inequality]) -> int:
        """Make rows of inequalities that are none yet; returns how many."""
        fresh = {cut.key: cut for cut in cuts if cut.key not in self._keys}
        if not fresh:
            return 0
        tails, heads = self.tails[self.columns], self.heads[self.columns]
        rows = Entries.of([cut.coefficients(tails, heads) for cut in fresh.values()])
        self.lp.add_rows([cut.least for cut in fresh.values()], np.full(len(fresh), math.inf), rows)
        self.cuts += fresh.values()
        self._keys |= fresh.keys()
        return len(fresh)

    def drop_slack_cuts(self) -> None:
        """Take out rows that do not bind; to be called right after a solve."""
        basic = self.lp.basic_rows()[self.num_nodes :]
        slack = self.lp.activities[self.num_nodes :] > np.array([cut.least for cut in self.cuts]) + SLACK
        gone = np.flatnonzero(basic & slack) if len(self.cuts) else np.zeros(0, int)
        if gone.size:
            self.lp.remove_rows(self.num_nodes + gone)
            for row in gone[::-1].tolist():
                self._keys.discard(self.cuts.pop(row).key)

    def restrict(self, edges: NDArray[np.int64]) -> None:
        """Tell the linear program the bounds of some edges."""
        columns = self.column_of[edges]
        known = edges[columns >= 0]
        if known.size:
            self.lp.change_bounds(self.column_of[known], self.low[known], self.high[known])

    # -- solving ------------------------------------------------------------------

    def solve(self, seconds: float = math.inf, iterations: int | None = None) -> LPStatus:
        """Solve the linear program over its columns."""
        return self.lp.solve(seconds, iterations)

    @property
    def objective(self) -> float:
        """Of the last solve, in ticks: a claim over the columns alone."""
        return self.lp.objective / self.scale

    def support(self) -> Support:
        """The edges that the last solution uses."""
        used = self.lp.values > NOUGHT
        edges = self.columns[used]
        return Support(self.num_nodes, self.tails[edges], self.heads[edges], self.lp.values[used], self.doubled)

    def bound(self) -> int:
        """Ticks below which no tour of open edges is, proved in integers from the duals of the last solve."""
        return self._prove(self.lp.duals / self.scale)

    def bound_of_ray(self, goal: int) -> int:
        """The same after an infeasible solve, from the multipliers that show it, made large enough to exceed the goal if they can.

        Zero where HiGHS has none.
        """
        duals = self.lp.ray()
        if duals is None:
            return 0
        size = self.num_nodes
        duals[size:] = np.maximum(duals[size:], 0.0)
        tails, heads = self.tails[self.columns], self.heads[self.columns]
        price = duals[tails] + duals[heads]
        for cut, dual in zip(self.cuts, duals[size:].tolist()):
            if dual > 0:
                price = price + dual * cut.coefficients(tails, heads)
        use = np.where(price > 0, self.high[self.columns], self.low[self.columns])
        gain = 2 * duals[:size].sum() + sum(cut.least * dual for cut, dual in zip(self.cuts, duals[size:].tolist())) - price @ use
        if gain <= 1e-9:
            return 0
        return self._prove(duals * (1.001 * (goal + 1 + self.step) / gain))

    def _prove(self, duals: NDArray[np.float64]) -> int:
        """The bound of any duals, in ticks: of nodes, then of cuts."""
        size, unit, coarse = self.num_nodes, self.unit, 0
        largest = float(np.abs(duals).max(initial=0.0)) * 16 * (len(duals) + 1)
        while unit > 1 and largest * unit > _ROOM:
            unit //= 2
        while largest * unit > _ROOM:  # the ticks themselves are too fine: what is rounded down is still a bound
            coarse, largest = coarse + 1, largest / 2
        duals = duals / 2.0**coarse
        potential = np.rint(duals[:size] * unit).astype(np.int64)
        total = 2 * _sum(potential)
        active = [(cut, math.floor(dual * unit)) for cut, dual in zip(self.cuts, duals[size:].tolist()) if dual * unit >= 1]
        # Sets overlap only where both ends are inside: without that, a reduced cost is no larger.
        for cut, dual in active:
            total += cut.least * dual
            potential += dual * cut.depths
        tails, heads = self.tails[self.open], self.heads[self.open]
        reduced = (self.ticks[self.open] >> coarse) * unit - potential[tails] - potential[heads]
        some = (
            np.flatnonzero((reduced < 0) | (self.low[self.open] > 0)) if len(self.open) > 20 * size else np.arange(len(self.open))
        )
        tails, heads = tails[some], heads[some]
        exact = reduced[some]
        for cut, dual in active:
            inside = cut.depths
            exact += dual * (inside[tails] + inside[heads] - cut.coefficients(tails, heads))
        reduced[some] = exact
        total += _sum(np.where(exact < 0, exact * self.high[self.open[some]], exact * self.low[self.open[some]]))
        self.reduced, self.bound_units, self.proved_unit = reduced, total, unit
        ticks = -(-total // unit) << coarse
        return int(-(-ticks // self.step) * self.step)

    def price(self) -> bool:
        """Give columns to open edges whose reduced cost in the last bound is negative; whether there were any."""
        worth = np.flatnonzero((self.reduced < 0) & (self.column_of[self.open] < 0))
        # Edges that gain less than the engine's own tolerance would come for nothing.
        worth = worth[self.reduced[worth] * self.scale < -1e-7 * self.proved_unit]
        if not worth.size:
            return False
        best = worth[np.argsort(self.reduced[worth], kind="stable")[: max(2 * self.num_nodes, len(worth) // 4)]]
        self.add_edges(self.open[best])
        return True

    def fix(self, goal: int) -> int:
        """Close edges that no tour of at most ``goal`` ticks uses, and fix those that each of them does.

        By the reduced costs of the last bound (Dantzig, Fulkerson and Johnson 1954). Returns how many.
        """
        room = goal * self.proved_unit - self.bound_units
        closed = (self.reduced > room) & (self.low[self.open] == 0)
        needed = (-self.reduced > room) & (self.high[self.open] == 1) & (self.low[self.open] == 0)
        changed = self.open[closed | needed]
        self.high[self.open[closed]] = 0
        self.low[self.open[needed]] = 1
        self.restrict(changed)
        self.open, self.reduced = self.open[~closed], self.reduced[~closed]
        return len(changed)


def _sum(values: NDArray[np.int64]) -> int:
    """Of integers whose sum may be beyond int64."""
    return (int((values >> 30).sum()) << 30) + int((values & (2**30 - 1)).sum())


def _shortest(length: NDArray[np.int64]) -> NDArray[np.int64]:
    """The shortest edges at each node, shape (number, 2)."""
    size = len(length)
    keys = np.where(length == NO_EDGE, np.iinfo(np.int64).max, length)
    width = min(NEAREST, size - 1)
    near = np.argpartition(keys, width - 1, axis=1)[:, :width]
    return np.column_stack([np.repeat(np.arange(size), width), near.ravel()])
