"""Branch and cut: the relaxation of a tour is tightened by cuts, and where those end, split by an edge that is in or out.

The scheme of Padberg and Rinaldi, "A branch-and-cut algorithm for the resolution of large-scale symmetric traveling salesman
problems", SIAM Review 33, 1991: edges are priced and fixed by reduced costs, cuts hold everywhere in the tree, the open node with
the least bound is next. An edge to split by is chosen by strong branching (Applegate, Bixby, Chvatal and Cook 2006, chapter 14).

Every bound by which a node is closed is proved in integers (see `relaxation`).
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...backends.lp import LPStatus
from ...errors import EngineError
from .cuts import Cut, Inequality, Support
from .graph import Graph
from .lifted_cycles import lifted_cycles
from .relaxation import Relaxation
from .separation import combs, subtours

CUTS_A_ROUND = 40
"""So many inequalities become rows at once, the most violated first."""

ROUNDS_BETWEEN_CLEARANCES = 10
"""After so many rounds, rows that do not bind go."""

POOL = 100
"""So many combs found lately are tried again."""

CANDIDATES = 8
"""So many edges are tried by strong branching,"""

COLUMNS = 5
"""So many edges a node are columns in the tree from its beginning; others come when they are worth one."""

TRIAL = 30
"""with so many iterations of the simplex method for each side."""


class Patience(NamedTuple):
    """When cutting has become slow: after so many rounds in a row that each gained less than a part of the gap."""

    rounds: int
    part: float
    most: int


TO_THE_END = Patience(1_000_000, 0.0, 1_000_000)
AT_THE_ROOT = Patience(6, 1e-3, 1000)
IN_THE_TREE = Patience(1, 3e-2, 8)


class Stopped(Exception):  # noqa: N818 - an outcome, not an error
    """The caller wants no more."""


@dataclass(order=True)
class Node:
    """A part of the tours: those that use some edges and do not use others."""

    bound: int
    number: int
    sides: tuple[tuple[int, int], ...] = field(compare=False)


class BranchAndCut:
    """One proof in progress.

    Parameters
    ----------
    graph : Graph
        With at least three nodes.
    upper : int
        Ticks of the best tour known, or more than any tour costs.
    edges : numpy.ndarray of int64, shape (num_nodes, 2)
        Its edges; none where none is known.
    remaining : callable
        Seconds that are left; at none, it stops.
    on_tour : callable
        Takes the edges of each better tour.
    on_bound : callable
        Takes each better bound, in ticks.
    """

    def __init__(
        self,
        graph: Graph,
        upper: int,
        edges: NDArray[np.int64],
        *,
        remaining: Callable[[], float] = lambda: math.inf,
        on_tour: Callable[[NDArray[np.int64]], None] = lambda edges: None,
        on_bound: Callable[[int], None] = lambda bound: None,
    ) -> None:
        self.relaxation = Relaxation(graph, edges)
        self.upper, self.lower = upper, 0
        self.remaining, self.on_tour, self.on_bound = remaining, on_tour, on_bound
        self.pool: dict[tuple[int, bytes], Cut] = {}
        self.nodes = 0
        self._set: tuple[tuple[int, int], ...] = ()
        self._root: tuple[NDArray[np.int64], NDArray[np.int64], int, int] | None = None

    @property
    def goal(self) -> int:
        """Tours of more ticks are not sought: they are no better, or by no more than half of what counts as equal."""
        return self.upper - max(self.relaxation.step, int(5e-10 * self.upper))

    @property
    def settled(self) -> int:
        """Tours that are not sought cost at least this."""
        step = self.relaxation.step
        return -(-(self.goal + 1) // step) * step

    @property
    def closed(self) -> bool:
        """Whether it is proved that no tour is better."""
        return self.lower > self.goal

    # -- the tree ---------------------------------------------------------------

    def run(self) -> None:
        """Go on until the proof is complete; raises `Stopped` when there is no time left."""
        bound = self.bound_of_subtours()
        if bound <= self.goal:
            bound = self._cut(AT_THE_ROOT, deep=True)
        self._raise(bound)
        if bound <= self.goal:
            self._remember_root()
            self._search(bound)
        self._raise(self.settled)

    def bound_of_subtours(self) -> int:
        """The bound of all subtour inequalities and all edges: the value of Held and Karp."""
        bound = self._cut(TO_THE_END, deep=False)
        self._raise(bound)
        return bound

    def _search(self, bound: int) -> None:
        relaxation = self.relaxation
        near = relaxation.open[np.argsort(relaxation.reduced, kind="stable")[: COLUMNS * relaxation.num_nodes]]
        relaxation.add_edges(near[relaxation.column_of[near] < 0])
        heap = [Node(bound, 0, ())]
        while heap:
            node = heapq.heappop(heap)
            self._raise(node.bound)
            if node.bound > self.goal:
                return
            self.nodes += 1
            self._enter(node)
            bound = max(node.bound, self._cut(IN_THE_TREE, deep=True))
            if bound > self.goal:
                continue
            edge = self._choose_edge(bound)
            for side in (1, 0):
                heapq.heappush(heap, Node(bound, 2 * self.nodes + side, (*node.sides, (edge, side))))

    def _raise(self, bound: int) -> None:
        """Tell a better bound."""
        bound = min(bound, self.settled)
        if bound > self.lower:
            self.lower = bound
            self.on_bound(bound)

    def _enter(self, node: Node) -> None:
        """Set the bounds of the edges by which the node differs from the one before."""
        relaxation = self.relaxation
        for edge, _ in self._set:
            relaxation.low[edge], relaxation.high[edge] = 0, 1
        for edge, side in node.sides:
            relaxation.low[edge] = relaxation.high[edge] = side
        changed = {edge for edge, _ in (*self._set, *node.sides)}
        relaxation.restrict(np.array(sorted(changed), np.int64))
        self._set = node.sides

    # -- cuts -------------------------------------------------------------------

    def _cut(self, patience: Patience, deep: bool) -> int:
        """Cut at the node under way until nothing is found or little is gained; returns the bound."""
        relaxation = self.relaxation
        best, idle, last = 0, 0, -math.inf
        for round_number in range(patience.most):
            feasible = self._solve()
            if not feasible or relaxation.objective > self.goal:
                # Perhaps done: only a proof over all edges tells.
                best = max(best, relaxation.bound() if feasible else relaxation.bound_of_ray(self.goal))
                if relaxation.price():
                    continue
                if best > self.goal:
                    return best
                if not feasible:
                    raise EngineError("HiGHS calls a relaxation infeasible, and its proof does not hold")
            support = relaxation.support()
            found = self._violated(support, deep)
            gained = relaxation.objective - last > patience.part * max(0.0, self.goal - relaxation.objective)
            idle = 0 if gained else idle + 1
            last = max(last, relaxation.objective)
            if found and idle < patience.rounds:
                relaxation.add_cuts(found)
                if round_number % ROUNDS_BETWEEN_CLEARANCES == ROUNDS_BETWEEN_CLEARANCES - 1 and self._solve():
                    relaxation.drop_slack_cuts()
                continue
            best = max(best, relaxation.bound())
            if relaxation.price():
                idle = 0
                continue
            if not found:
                self._look_for_tour(support)
            break
        else:
            # No more rounds; but the bound is that of the cuts at hand only when no other edge is worth a column.
            while best <= self.goal:
                feasible = self._solve()
                best = max(best, relaxation.bound() if feasible else relaxation.bound_of_ray(self.goal))
                if not relaxation.price():
                    break
        if patience is not IN_THE_TREE and best <= self.goal:
            relaxation.fix(self.goal)
        return best

    def _violated(self, support: Support, deep: bool) -> list[Inequality]:
        """The most violated inequalities that are found."""
        found: list[Inequality] = [*subtours(support)]
        if deep and len(found) < CUTS_A_ROUND // 4:
            relaxation = self.relaxation
            duals = relaxation.lp.duals[relaxation.num_nodes :]
            binding = [cut for cut, dual in zip(relaxation.cuts, duals.tolist()) if isinstance(cut, Cut) and cut.teeth and dual > 0]
            pool = list(self.pool.values())[-POOL:]
            fresh = combs(support, {cut.key: cut for cut in (*binding, *pool)}.values())
            self.pool |= {cut.key: cut for cut in fresh if cut.teeth}
            found += fresh
            if support.doubled:
                found += lifted_cycles(support)
        found.sort(key=lambda cut: -support.violation(cut))
        return found[:CUTS_A_ROUND]

    def _solve(self) -> bool:
        """Solve the relaxation; whether it is feasible."""
        for _ in range(2):
            seconds = self.remaining()
            if seconds <= 0:
                raise Stopped
            status = self.relaxation.solve(seconds)
            if status is not LPStatus.LIMIT:
                return status is LPStatus.OPTIMAL
        if self.remaining() <= 0:
            raise Stopped
        raise EngineError("HiGHS gives up on a relaxation")

    def _look_for_tour(self, support: Support) -> None:
        """A solution in whole numbers that breaks nothing is a tour."""
        if (np.abs(support.values - 1) > 1e-6).any():
            return
        relaxation = self.relaxation
        edges = relaxation.columns[relaxation.lp.values > 0.5]
        ticks = int(relaxation.ticks[edges].sum())
        if len(edges) == relaxation.num_nodes and ticks < self.upper:
            self.upper = ticks
            self.on_tour(np.column_stack([relaxation.tails[edges], relaxation.heads[edges]]))
            self._fix_from_root()

    # -- fixing and splitting -----------------------------------------------------

    def _remember_root(self) -> None:
        relaxation = self.relaxation
        self._root = relaxation.open, relaxation.reduced, relaxation.bound_units, relaxation.proved_unit

    def _fix_from_root(self) -> None:
        """A better tour closes more edges by the reduced costs of the root."""
        if self._root is not None:
            relaxation = self.relaxation
            edges, reduced, units, unit = self._root
            closed = edges[reduced > self.goal * unit - units]
            closed = closed[relaxation.low[closed] == 0]
            relaxation.high[closed] = 0
            relaxation.restrict(closed)
            relaxation.open = np.setdiff1d(relaxation.open, closed, assume_unique=True)

    def _choose_edge(self, bound: int) -> int:
        """The edge whose two sides both raise the bound most, by trial (strong branching)."""
        relaxation = self.relaxation
        lp, values = relaxation.lp, relaxation.lp.values
        split = np.flatnonzero((values > 1e-6) & (values < 1 - 1e-6))
        split = split[relaxation.low[relaxation.columns[split]] < relaxation.high[relaxation.columns[split]]]
        if not split.size:
            # In whole numbers, but cuts are violated or time ran out for them: split by any edge that is free.
            free = relaxation.low[relaxation.columns] < relaxation.high[relaxation.columns]
            split = np.flatnonzero(free & (values > 0.5))
        tried = split[np.argsort(np.abs(values[split] - 0.5), kind="stable")[:CANDIDATES]]
        if len(tried) == 1:
            return int(relaxation.columns[tried[0]])
        basis, start, best, chosen = lp.basis(), lp.objective, -1.0, int(tried[0])
        for column in tried.tolist():
            gains = []
            for side in (0.0, 1.0):
                lp.change_bounds([column], [side], [side])
                lp.restore(basis)
                status = relaxation.solve(self.remaining(), TRIAL)
                gains.append(math.inf if status is LPStatus.INFEASIBLE else max(0.0, lp.objective - start))
            lp.change_bounds([column], [0.0], [1.0])
            most = (self.goal - bound + 1) * relaxation.scale
            down, up = (max(min(gain, most), 1e-6 * most) for gain in gains)
            if down * up > best:
                best, chosen = down * up, column
        lp.restore(basis)
        return int(relaxation.columns[chosen])
