"""A linear assignment as the kernels take it, and back: columns with capacities become as many columns.

A column that takes c rows is c columns of the same costs, of which each takes one (the semi-assignment problem as a transportation
problem: Burkard, Dell'Amico and Martello, "Assignment Problems", SIAM 2009, section 5.1; Kennington and Wang, "A shortest
augmenting path algorithm for the semi-assignment problem", Operations Research 40, 1992). No column needs more copies than
there are rows. Leaving out needs no reduction, since the kernels take its costs, unless some columns must be
taken where rows need not be: then each row has a column of its own to go to when it is left out, each column a row of its own, and
those of a pair go together for nothing (Riesen and Bunke, "Approximate graph edit distance computation by means of bipartite graph
matching", Image and Vision Computing 27, 2009, section 3). The numbers stay the user's: no cost is made up to force anything.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import UnsupportedError
from .certificate import DualPrices, HallViolator
from .costs import Array, SparseCosts, as_entries, sparse_of
from .hall import closed, find_violator
from .matcher import Matcher
from .matching import Matching, Violator
from .problem import LinearAssignment
from .solution import Assignment

MOST_COPIES = 2**31 - 2
"""Columns and entries that kernels count in 32 bits."""


class Reduced:
    """A problem whose columns take one row each.

    Parameters
    ----------
    problem : LinearAssignment
        With a sum as its objective.
    most : array of int64, shape (num_columns,), optional
        So many copies of each column will do, as long as none of those that have more places gets them all filled: see `is_short`.
    """

    def __init__(self, problem: LinearAssignment, most: NDArray[np.int64] | None = None) -> None:
        self.problem = problem
        self.copies: NDArray[np.int64] = problem.places
        self.cost = problem.cost
        num_rows, num_columns = problem.num_rows, problem.num_columns
        self.column_of_copy: NDArray[np.int64] = np.arange(num_columns)
        if problem.capacity is not None:
            # One more than there are rows where all must be taken: it cannot be done, and that must show.
            full = np.minimum(problem.places, num_rows + np.isinf(problem.column_exit))
            copies = full if most is None else np.minimum(full, most)
            self.copies = np.where(copies < full, copies, problem.places)
            entries = int(copies.sum()) * num_rows if not problem.is_sparse else int(copies[problem.cost.indices].sum())
            if entries > MOST_COPIES:
                raise UnsupportedError(f"columns with capacities become {entries:,} costs; the kernels take {MOST_COPIES:,}")
            self.column_of_copy = np.repeat(np.arange(num_columns), copies)
            self.cost = _copied(problem.cost, copies, self.column_of_copy)
        self.has_exits = problem.is_partial or problem.capacity is not None
        self.is_doubled = self.has_exits and bool(np.isinf(problem.column_exit[self.column_of_copy]).any())

    def is_short(self, matching: Matching) -> NDArray[np.bool_]:
        """Columns that might take more rows than they have copies: all that lack some, where no assignment was found."""
        lacking = self.copies < self.problem.places
        if matching.violator is not None or not lacking.any():
            return lacking
        taken = self.assignment(matching).column_of
        return lacking & (np.bincount(taken[taken >= 0], minlength=self.problem.num_columns) >= self.copies)

    def matcher(self, prices: DualPrices | None = None, assignment: Assignment | None = None) -> Matcher:
        """A search, from the prices of columns and from the pairs of an assignment where these are given."""
        problem, cost = self.problem, self.cost
        if self.is_doubled:
            from .sparse import SparseMatching

            twice = self.doubled()
            return SparseMatching(twice.indptr, twice.indices, twice.data, twice.shape, maximize=problem.maximize)
        start: dict[str, Any] = {
            "v": None if prices is None else prices.column_prices[self.column_of_copy],
            "column_of": None if assignment is None else self.copies_of(assignment),
        }
        exits: dict[str, Any] = {}
        if self.has_exits:
            sign = -1 if problem.maximize else 1
            exits = {"row_out": sign * problem.row_exit, "column_out": sign * problem.column_exit[self.column_of_copy]}
        if isinstance(cost, SparseCosts):
            from .sparse import SparseMatching

            return SparseMatching(cost.indptr, cost.indices, cost.data, cost.shape, maximize=problem.maximize, **exits, **start)
        from .dense import DenseMatching

        return DenseMatching(cost, maximize=problem.maximize, **exits, **start)

    def doubled(self) -> SparseCosts:
        """All rows, then one for each column; all columns, then one for each row."""
        problem, sign = self.problem, -1 if self.problem.maximize else 1
        rows, columns = problem.num_rows, len(self.column_of_copy)
        near, far, data = as_entries(self.cost)
        row_exit, column_exit = problem.row_exit, problem.column_exit[self.column_of_copy]
        out, empty = np.flatnonzero(np.isfinite(row_exit)), np.flatnonzero(np.isfinite(column_exit))
        entries = (
            (near, far, data),
            (out, columns + out, (sign * row_exit[out]).astype(data.dtype)),
            (rows + empty, empty, (sign * column_exit[empty]).astype(data.dtype)),
            (rows + far, columns + near, np.zeros(len(near), data.dtype)),
        )
        joined = [np.concatenate(parts) for parts in zip(*entries)]
        return sparse_of(joined[0], joined[1], joined[2], (rows + columns, columns + rows))

    def copies_of(self, assignment: Assignment) -> NDArray[np.int64]:
        """The copy of its column that each row of an assignment takes."""
        column_of = assignment.column_of
        if self.problem.capacity is None:
            return np.array(column_of)
        first = np.searchsorted(self.column_of_copy, np.arange(self.problem.num_columns))
        copies = np.full(len(column_of), -1)
        rows = np.argsort(column_of, kind="stable")[np.count_nonzero(column_of < 0) :]
        columns = column_of[rows]
        copies[rows] = first[columns] + np.arange(len(rows)) - np.searchsorted(columns, columns)
        return copies

    def assignment(self, matching: Matching) -> Assignment:
        """The columns of the rows."""
        taken = matching.column_of[: self.problem.num_rows]
        return Assignment(np.append(self.column_of_copy, -1)[np.where(taken < len(self.column_of_copy), taken, -1)])

    def prices(self, matching: Matching) -> DualPrices:
        """Dual prices: copies of a column have the same, up to rounding."""
        problem, sign = self.problem, -1 if self.problem.maximize else 1
        # Of ints, prices are ints; without any pair that is allowed, the kernels do not know.
        u, of_copies = (side.astype(np.int64) if problem.whole else side for side in (matching.u, matching.v))
        if self.is_doubled:
            rows, columns = problem.num_rows, len(self.column_of_copy)
            u, of_copies = u[:rows] + of_copies[columns:], of_copies[:columns] + u[rows:]
        if problem.capacity is None:
            return DualPrices(u, of_copies)
        u, of_copies = sign * u, sign * of_copies
        v = np.zeros(problem.num_columns, of_copies.dtype)
        first = np.searchsorted(self.column_of_copy, np.arange(problem.num_columns))
        some = problem.places > 0
        if some.any():
            v[some] = np.maximum.reduceat(of_copies, first[some])
        for column in np.flatnonzero(~some).tolist():
            left = self._costs_of(column, sign, u)
            v[column] = min(left.min(initial=0), problem.column_exit[column])
        return DualPrices(sign * u, sign * v)

    def _costs_of(self, column: int, sign: int, u: Array) -> Array:
        """Costs of a column that takes no row, less the prices of the rows."""
        cost = self.problem.cost
        if isinstance(cost, SparseCosts):
            at = np.flatnonzero(cost.indices == column)
            return sign * cost.data[at] - u[cost.rows[at]]  # type: ignore[no-any-return]
        left = sign * cost[:, column] - u
        return left[np.isfinite(left)]  # type: ignore[no-any-return]

    def violator(self, found: Violator) -> HallViolator:
        """Hall's set, in the problem's own columns."""
        if self.is_doubled:
            smaller = find_violator(self.problem)
            assert smaller is not None
            return smaller
        lines = found.rows if found.axis == "rows" else np.unique(self.column_of_copy[found.columns])
        return closed(self.problem, HallViolator(found.axis, lines))


def _copied(cost: Any, copies: NDArray[np.int64], column_of_copy: NDArray[np.int64]) -> Any:
    if not isinstance(cost, SparseCosts):
        return np.ascontiguousarray(cost[:, column_of_copy])
    first = np.concatenate(([0], np.cumsum(copies)[:-1]))
    times = copies[cost.indices]
    begin = np.concatenate(([0], np.cumsum(times)))
    within = np.arange(begin[-1]) - np.repeat(begin[:-1], times)
    return SparseCosts(
        begin[cost.indptr], np.repeat(first[cost.indices], times) + within, np.repeat(cost.data, times), len(column_of_copy)
    )
