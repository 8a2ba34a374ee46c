"""The k best assignments, in order, one after the other as they are asked for.

Murty's scheme ("An algorithm for ranking all the assignments in order of increasing cost", Operations Research 16, 1968) in
Lawler's form (Management Science 18, 1972): what is left of a set of assignments without its best one falls into parts, in the
i-th of which the first rows go where they went in the best, and row i elsewhere. The best of a part is one augmentation away,
from the prices at hand (Miller, Stone and Cox, "Optimizing Murty's ranked assignment method", IEEE Transactions on Aerospace
and Electronic Systems 33, 1997). And it is looked for only when its bound comes up: row i's next best reduced cost, and what
taking its column away from it costs.
"""

from __future__ import annotations

import heapq
import itertools
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...errors import UnsupportedError
from ...inputs.arguments import check_count
from ...inputs.arrays import WHOLE_LIMIT
from ...inputs.wording import shown
from .check import exact_objective
from .costs import Array, SparseCosts, as_dense, as_entries, sparse_of
from .dense import DenseMatching
from .matcher import Matcher
from .problem import LinearAssignment
from .reduction import Reduced
from .solution import Assignment
from .sparse import SparseMatching

MOST_DENSE = 50_000_000
"""Cells of a sparse problem up to which it is ranked as a matrix, which is faster."""

_ROUNDING = 1e-12
"""Of the numbers at hand: bounds of parts that wait are lowered by it, so that rounding cannot change the order."""


class Ranked(NamedTuple):
    """One of the best assignments."""

    objective: float
    assignment: Assignment


def k_best(problem: LinearAssignment, k: int) -> list[Ranked]:
    """The ``k`` best assignments, the best first; fewer, where there are no more.

    Parameters
    ----------
    problem : LinearAssignment
        With a sum as its objective; whatever may be left out, and columns with capacities.
    k : int

    Raises
    ------
    UnsupportedError
        For a bottleneck, whose value many assignments share.

    Examples
    --------
    >>> problem = LinearAssignment([[4, 1, 3], [2, 0, 5], [3, 2, 1]])
    >>> [(best.objective, best.assignment.column_of.tolist()) for best in k_best(problem, 3)]
    [(4.0, [1, 0, 2]), (5.0, [0, 1, 2]), (6.0, [2, 1, 0])]
    """
    return list(itertools.islice(ranked(problem), min(check_count("k", k, 0), sys.maxsize)))


def ranked(problem: LinearAssignment) -> Iterator[Ranked]:
    """All assignments in the order of their objectives, as they are asked for; as `k_best`."""
    if not isinstance(problem, LinearAssignment):
        raise UnsupportedError(f"problem is {shown(problem)}; expected a LinearAssignment")
    if problem.objective != "sum":
        raise UnsupportedError("k-best ranks sums, and the objective is a bottleneck; say objective='sum'")
    return _ranked(_Space(problem))


class _Node(NamedTuple):
    """Assignments, with the best of them: rows before ``depth`` go where they go in it, row ``depth`` to none of ``without``."""

    copies: NDArray[np.int64]
    u: Array
    v: Array
    depth: int
    without: frozenset[int]


def _ranked(space: _Space) -> Iterator[Ranked]:
    number = itertools.count()
    best = space.best()
    waiting: list[tuple[Any, int, _Node, int, bool]] = []  # bound, a number that breaks ties, the node, the row of its part, solved
    if best is not None:
        waiting.append((space.value(best), next(number), best, 0, True))
    while waiting:
        _, _, node, row, solved = heapq.heappop(waiting)
        if solved:
            assignment = space.assignment(node)
            yield Ranked(space.problem.evaluate(assignment), assignment)
            for part, bound in space.parts(node):
                heapq.heappush(waiting, (bound, next(number), node, part, False))
        else:
            found = space.best_of_part(node, row)
            if found is not None:
                heapq.heappush(waiting, (space.value(found), next(number), found, row, True))


def _widened(cost: Any, count: int) -> Any:
    """Costs with so many columns more, to which every row may go for nothing."""
    rows, columns = cost.shape
    if not isinstance(cost, SparseCosts):
        return np.hstack([cost, np.zeros((rows, count), cost.dtype)])
    near, far = np.divmod(np.arange(rows * count), count)
    ends = np.append(cost.rows, near), np.append(cost.indices, columns + far)
    return sparse_of(*ends, np.append(cost.data, np.zeros(rows * count, cost.data.dtype)), (rows, columns + count))


class _Space:
    """The assignments of a problem, in the numbers and the sense of minimising; columns with capacities are several copies.

    Where columns must be taken beside rows that have a price of leaving out, those of the problem of twice the size
    (`Reduced.doubled`): its first rows are the problem's own and say all, and only they are told apart.
    """

    def __init__(self, problem: LinearAssignment) -> None:
        self.problem, reduced = problem, Reduced(problem)
        self.owner = reduced.column_of_copy
        self.cost, self.row_exit, self.column_exit = reduced.cost, problem.row_exit, problem.column_exit[self.owner]
        if reduced.is_doubled:
            self.cost = reduced.doubled()
            self.owner = np.append(self.owner, np.full(problem.num_rows, -1))
            self.row_exit = self.column_exit = np.full(len(self.owner), np.inf)
        elif not reduced.has_exits and problem.num_rows > problem.num_columns:  # a column of its own for each row that is left
            spare = problem.num_rows - problem.num_columns
            self.cost = _widened(self.cost, spare)
            self.owner = np.append(self.owner, np.full(spare, -1))
            self.row_exit = self.column_exit = np.full(len(self.owner), np.inf)
        self.sign = -1 if problem.maximize else 1
        rows, columns = self.cost.shape
        exits = np.concatenate((problem.row_exit, problem.column_exit)).astype(np.float64)
        largest = max(*(abs(float(end)) for end in problem.range[:2]), np.abs(exits[np.isfinite(exits)]).max(initial=0))
        exact = not problem.whole or 4 * largest * (rows + columns + 1) < WHOLE_LIMIT
        self.slack = 0 if problem.whole else _ROUNDING * float(max(largest, 1))
        self.dense: Array | None = None
        if exact and (not isinstance(self.cost, SparseCosts) or rows * columns <= MOST_DENSE):
            self.dense = self.sign * as_dense(self.cost, problem.maximize).astype(np.float64)
        else:
            self.entries = as_entries(self.cost)

    def _solve(self, matcher: Matcher) -> Any:
        while not matcher.advance():
            pass
        matching = matcher.matching()
        return None if matching.violator is not None else matching

    def _exits(self, rows: Array, columns: Array) -> dict[str, Any]:
        """What leaving out costs; nothing is said where all rows must be assigned, and columns may stay empty or cannot."""
        row_exit, column_exit = self.row_exit[rows], self.column_exit[columns]
        more = len(columns) - len(rows)
        rows_must, columns_must = bool(np.isinf(row_exit).all()), bool(np.isinf(column_exit).all())
        if rows_must and ((columns_must and more == 0) or (not column_exit.any() and more >= 0)):
            return {}
        return {"row_out": row_exit, "column_out": column_exit}

    def best(self) -> _Node | None:
        rows, columns = np.arange(len(self.row_exit)), np.arange(len(self.owner))
        return self._node(rows, columns, frozenset(), None, 0)

    def best_of_part(self, node: _Node, row: int) -> _Node | None:
        """The best where rows before ``row`` go where they go in the node's best, and ``row`` goes elsewhere."""
        taken = node.copies[:row]
        left = np.ones(len(self.owner), bool)
        left[taken[taken >= 0]] = False
        without = {int(node.copies[row])} if node.copies[row] < 0 else {int(self.owner[node.copies[row]])}
        return self._node(
            np.arange(row, len(self.row_exit)), np.flatnonzero(left), frozenset(without | self._without(node, row)), node, row
        )

    def _without(self, node: _Node, row: int) -> frozenset[int]:
        return node.without if row == node.depth else frozenset()

    def _node(self, rows: Array, columns: Array, without: frozenset[int], parent: _Node | None, depth: int) -> _Node | None:
        """The best of the rows and columns that are left, where the first row goes to none of ``without`` (-1: is not left out)."""
        exits = self._exits(rows, columns)
        if -1 in without and "row_out" in exits:
            exits["row_out"] = exits["row_out"].astype(np.float64)
            exits["row_out"][0] = np.inf
        banned = np.isin(self.owner[columns], list(without))
        start: dict[str, Any] = {}
        if parent is not None:
            place = np.full(len(self.owner) + 1, -1)
            place[columns] = np.arange(len(columns))
            column_of = place[parent.copies[rows]]
            column_of[0] = -1
            start = {"v": parent.v[columns], "column_of": column_of}
        if self.dense is not None:
            part = np.ascontiguousarray(self.dense[rows[0] :][:, columns])
            part[0, banned] = np.inf
            matching = self._solve(DenseMatching(part, **exits, **start))
        else:
            near, far, data = self.entries
            place = np.full(len(self.owner), -1)
            place[columns] = np.arange(len(columns))
            kept = (near >= rows[0]) & (place[far] >= 0)
            kept[kept] &= ~((near[kept] == rows[0]) & banned[place[far[kept]]])
            indptr = np.concatenate(([0], np.cumsum(np.bincount(near[kept] - rows[0], minlength=len(rows)))))
            matching = self._solve(
                SparseMatching(indptr, place[far[kept]], self.sign * data[kept], (len(rows), len(columns)), **exits, **start)
            )
        if matching is None:
            return None
        copies = np.full(len(self.row_exit), -1) if parent is None else np.array(parent.copies)
        copies[rows] = np.append(columns, -1)[matching.column_of]
        u = np.zeros(len(self.row_exit), matching.u.dtype)
        v = np.zeros(len(self.owner), matching.v.dtype) if parent is None else np.array(parent.v)
        u[rows], v[columns] = matching.u, matching.v
        return _Node(copies, u, v, depth, without)

    def value(self, node: _Node) -> Any:
        """The objective, in the sense of minimising: of ints as an int, which no float rounds."""
        return self.sign * exact_objective(self.problem, self.assignment(node))

    def assignment(self, node: _Node) -> Assignment:
        return Assignment(np.append(self.owner, -1)[node.copies[: self.problem.num_rows]])

    def parts(self, node: _Node) -> Iterator[tuple[int, Any]]:
        """The parts of a set without its best, each with a bound."""
        base = self.value(node)
        rows = np.arange(node.depth, self.problem.num_rows)
        bounds = self._bounds(node, rows) if self.dense is not None else [self._least_elsewhere(node, row) for row in rows.tolist()]
        for row, bound in zip(rows.tolist(), bounds):
            if bound < np.inf:
                yield row, base + max(0, int(bound) if self.problem.whole else bound - self.slack)

    def _bounds(self, node: _Node, rows: Array) -> list[Any]:
        """What each part costs more than the best at least: reduced costs of its row elsewhere, and of who has its column then."""
        assert self.dense is not None
        copies, u = node.copies[rows], node.u[rows]
        out = np.where(copies < 0, np.inf, self.row_exit[rows] - u)
        if -1 in node.without:
            out[0] = np.inf
        if not len(self.owner):
            return out.tolist()  # type: ignore[no-any-return]
        reduced = self.dense[rows[0] :] - node.u[rows[0] :, None] - node.v
        taker = np.full(len(self.owner), len(self.row_exit))
        taken = np.flatnonzero(node.copies >= 0)
        taker[node.copies[taken]] = taken
        column = np.append(self.owner, -1)[copies]
        elsewhere = np.where((taker < rows[:, None]) | (self.owner == column[:, None]), np.inf, reduced[: len(rows)])
        elsewhere[0, np.isin(self.owner, list(node.without))] = np.inf
        later = np.minimum.accumulate(np.vstack([reduced, np.full(len(self.owner), np.inf)])[::-1])[::-1]
        instead = np.where(
            copies < 0, 0, np.minimum(later[np.arange(1, len(rows) + 1), copies], (self.column_exit - node.v)[copies])
        )
        return (np.minimum(elsewhere.min(axis=1), out) + np.maximum(instead, 0)).tolist()  # type: ignore[no-any-return]

    def _least_elsewhere(self, node: _Node, row: int) -> Any:
        """Of sparse costs: the least of a row's reduced costs elsewhere."""
        gone = {*self._without(node, row), int(np.append(self.owner, -1)[node.copies[row]])}
        out = np.inf if -1 in gone else self.row_exit[row]
        left = int(out) - node.u[row] if self.problem.whole and out < np.inf else out - node.u[row]
        near, far, data = self.entries
        span = slice(*np.searchsorted(near, [row, row + 1]))
        reduced = (self.sign * data[span] - node.v[far[span]])[~np.isin(self.owner[far[span]], list(gone))]
        return min(left, (reduced.min() - node.u[row]) if reduced.size else np.inf)
