"""The dual prices of an assignment that somebody else found: from its pairs alone."""

from __future__ import annotations

import numpy as np

from .certificate import DualPrices, tight
from .costs import Array, SparseCosts, as_entries, blocks, of_pairs
from .problem import LinearAssignment
from .solution import Assignment

MOST_ROUNDS = 1_000
"""Rounds after which prices are taken as they are: what they prove is for the judge to say."""


def prices_of(problem: LinearAssignment, assignment: Assignment) -> DualPrices:
    """Prices that prove an optimal assignment, by complementary slackness; of another they prove less than its objective.

    A row's price is what its column leaves of the cost (what leaving it out costs, where it is left out), so the prices of columns
    are as high as they may be while no row would rather have another one: shortest distances in the graph of exchanges, by the
    method of Bellman and Ford, all rows at once in each round.

    Parameters
    ----------
    problem : LinearAssignment
        With a sum as its objective.
    assignment : Assignment
        A feasible one.
    """
    sign = -1 if problem.maximize else 1
    dtype = np.int64 if problem.whole else np.float64
    span = int(max(abs(problem.range.least), abs(problem.range.greatest))) + 1
    rows, columns = assignment.pairs
    held = sign * of_pairs(problem.cost, rows, columns)[0]
    left = np.flatnonzero(assignment.column_of < 0)
    open_ends = np.isinf(problem.column_exit)
    # Where all must be assigned, only differences of prices matter; else what must be taken may cost as much as exchanges do.
    most = 0 if open_ends.all() and np.isinf(problem.row_exit).all() else 4 * span * (problem.num_rows + 1)
    v = np.where(open_ends, most, problem.column_exit).astype(dtype)
    u = np.zeros(problem.num_rows, dtype)
    u[left] = problem.row_exit[left]
    for _ in range(MOST_ROUNDS):
        u[rows] = held - v[columns]
        before, v = v, np.minimum(v, _least_of_columns(problem, sign, u))
        if (before - v).max() <= (0 if problem.whole else 1e-15 * span):
            break
    return tight(problem, sign * v)


def _least_of_columns(problem: LinearAssignment, sign: int, u: Array) -> Array:
    """The least of cost less row price in each column, in the sense of minimising."""
    least = np.full(problem.num_columns, 2**62 if problem.whole else np.inf, u.dtype)
    if isinstance(problem.cost, SparseCosts):
        rows, columns, data = as_entries(problem.cost)
        np.minimum.at(least, columns, sign * data - u[rows])
        return least
    for begin, block in blocks(problem.cost):
        np.minimum(least, (sign * block - u[begin : begin + len(block), None]).min(axis=0), out=least)
    return least
