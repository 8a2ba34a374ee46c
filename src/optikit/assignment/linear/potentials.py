"""The dual prices of an assignment that somebody else found: from its pairs alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .certificate import DualPrices, tight
from .costs import Array, SparseCosts, as_entries, blocks, of_pairs
from .problem import LinearAssignment
from .solution import Assignment

MOST_ROUNDS = 1_000
"""Rounds after which prices are taken as they are: what they prove is for the judge to say."""


def prices_of(problem: LinearAssignment, assignment: Assignment, enough: Callable[[], object] = lambda: False) -> DualPrices:
    """Prices that prove an optimal assignment, by complementary slackness; of another they prove less than its objective.

    A row's price is what its column leaves of the cost (what leaving it out costs, where it is left out), so the prices of columns
    are as high as they may be while no row would rather have another one: shortest distances in the graph of exchanges, by the
    method of Bellman and Ford, all rows at once in each round.

    Floats of many magnitudes need more: a price of 1e10 has lost the digits by which costs of 1e-3 are proved. There no column's
    price is higher than it must be, or than 0: the lowest prices come first, by the same method from below.

    Parameters
    ----------
    problem : LinearAssignment
        With a sum as its objective.
    assignment : Assignment
        A feasible one.
    enough : callable
        Asked between two rounds: whether prices are to be taken as they are.
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
    if not problem.whole:
        full = np.bincount(columns, minlength=problem.num_columns) >= problem.places
        v = np.where(full, np.minimum(v, np.maximum(_lowest(problem, sign, rows, columns, held, full, enough), 0.0)), v)
    for _ in range(MOST_ROUNDS):
        u[rows] = held - v[columns]
        before, v = v, np.minimum(v, _least_of_columns(problem, sign, u))
        if not (before - v > (0 if problem.whole else 2 * np.spacing(np.abs(v)))).any() or enough():
            break
    if not problem.whole:
        # What has no place counts for nothing: a hair lower, rounding costs no row its price.
        v[problem.places == 0] -= 8 * np.spacing(max(float(span), float(np.abs(v).max()), float(np.abs(u).max())))
    return tight(problem, sign * v)


def _lowest(
    problem: LinearAssignment, sign: int, rows: Array, columns: Array, held: Array, full: Array, enough: Callable[[], object]
) -> Array:
    """The lowest prices of columns at which every row keeps its own; minus infinity where nothing holds them."""
    v = np.where(full, -np.inf, problem.column_exit).astype(np.float64)
    for _ in range(MOST_ROUNDS):
        before, v = v, np.array(v)
        np.maximum.at(v, columns, held - np.minimum(_least_of_rows(problem, sign, before), problem.row_exit)[rows])
        v = np.where(full, v, before)
        with np.errstate(invalid="ignore"):
            rises = v - before > 2 * np.spacing(np.abs(v))
        if not rises.any() or enough():
            break
    return v


def _least_of_rows(problem: LinearAssignment, sign: int, v: Array) -> Array:
    """The least of cost less column price in each row, in the sense of minimising."""
    if isinstance(problem.cost, SparseCosts):
        least = np.full(problem.num_rows, np.inf)
        rows, columns, data = as_entries(problem.cost)
        np.minimum.at(least, rows, sign * data - v[columns])
        return least
    return np.concatenate([(sign * block - v).min(axis=1) for _, block in blocks(problem.cost)])


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
