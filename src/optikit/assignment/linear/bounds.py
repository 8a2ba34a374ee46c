"""Bounds that are cheap: row and column reduction. (What a solver proves by its prices is in `certificate`.)"""

from __future__ import annotations

import numpy as np

from ...inputs.arrays import WHOLE_LIMIT
from .certificate import DualPrices, must, proved, tight
from .costs import Array, SparseCosts, as_entries, blocks
from .problem import LinearAssignment


def lower_bound(problem: LinearAssignment) -> float | None:
    """A bound on the objective (from above, where it is maximised), by three passes over the costs.

    Of a sum: what is cheapest in each row, and what then is cheapest in each column (Kuhn 1955). Of a bottleneck: no row and no
    column that must be assigned does better than at its best.

    Examples
    --------
    >>> lower_bound(LinearAssignment([[4, 1, 3], [2, 0, 5], [3, 2, 2]]))
    4.0
    """
    sign = -1 if problem.maximize else 1
    if problem.objective == "bottleneck":
        rows, columns = _best(problem, np.zeros(problem.num_rows))
        needed = np.concatenate((rows[must(problem, "rows")], columns[must(problem, "columns") & (problem.places > 0)]))
        priced = [exits.astype(np.float64) for exits in (problem.leave_row, problem.leave_column) if exits is not None]
        least = np.concatenate((rows, *priced)).min()  # nothing is better than the best of all
        return None if np.isinf(least) else float(sign * needed[np.isfinite(needed)].max(initial=least))
    dtype = np.int64 if problem.whole else np.float64
    start = np.where(np.isinf(problem.column_exit), 0, np.minimum(problem.column_exit, 0)).astype(dtype)
    first = tight(problem, sign * start)
    if problem.whole and max(abs(problem.range.least), abs(problem.range.greatest)) >= WHOLE_LIMIT / 4:
        return proved(problem, first)  # what follows is in floats
    spare = _best(problem, sign * first.row_prices)[1]
    second = np.minimum(np.where(np.isfinite(spare), spare, 0), problem.column_exit).astype(dtype)
    better = max if sign == 1 else min
    return better(proved(problem, first), proved(problem, DualPrices(first.row_prices, sign * second)))


def best_of_lines(problem: LinearAssignment) -> tuple[Array, Array]:
    """The best cost (profit) in each row and in each column; infinite, to the worse side, where every pair is forbidden."""
    sign = -1 if problem.maximize else 1
    rows, columns = _best(problem, np.zeros(problem.num_rows))
    return sign * rows, sign * columns


def _best(problem: LinearAssignment, row_prices: Array) -> tuple[Array, Array]:
    """The least of cost less row price in each row and in each column, in the sense of minimising."""
    rows, columns = np.full(problem.num_rows, np.inf), np.full(problem.num_columns, np.inf)
    if isinstance(problem.cost, SparseCosts):
        near, far, data = as_entries(problem.cost)
        left = (-data if problem.maximize else data) - row_prices[near]
        np.minimum.at(rows, near, left)
        np.minimum.at(columns, far, left)
        return rows, columns
    for begin, block in blocks(problem.cost):
        left = (-block if problem.maximize else block) - row_prices[begin : begin + len(block), None]
        rows[begin : begin + len(block)] = left.min(axis=1)
        np.minimum(columns, left.min(axis=0), out=columns)
    return rows, columns
