"""Dense matrices of middling size, one after the other, on arrays that are kept: to bind them takes time."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .dense import INFEASIBLE, DenseMatching
from .matcher import Matcher

MOST_KEPT = 1_000 * 1_000
"""Costs of a matrix whose arrays are kept for the next: they hold a reference to it meanwhile."""


class _Kept(threading.local):
    """The arrays of the last matrix, of each thread its own: who solves one mostly solves more of its shape."""

    search: DenseMatching | None = None
    maximize = False

    def solve(self, costs: NDArray[Any], maximize: bool) -> NDArray[np.int64]:
        search, self.search = self.search, None  # not to be used as it is, should anything interrupt
        if search is not None and maximize == self.maximize and search.fits(costs):
            search.again(costs)
        else:
            search = DenseMatching(costs, maximize=maximize)
        column_of = finish(search, INFEASIBLE)
        if costs.size <= MOST_KEPT:
            self.search, self.maximize = search, maximize
        return column_of


_KEPT = _Kept()


def solve_dense(costs: NDArray[Any], maximize: bool) -> NDArray[np.int64]:
    """The column of each row of a matrix of float64 or int64, by lists; -1 for rows that are left.

    Raises
    ------
    ValueError, OverflowError
        As `DenseMatching` does when it advances, or if there is no matching.
    """
    return _KEPT.solve(costs, maximize)


def finish(search: Matcher, refusal: str) -> NDArray[np.int64]:
    """Go on to the end; ValueError where there is no matching."""
    while not search.advance():
        pass
    column_of = search.column_of()
    if column_of is None:
        raise ValueError(refusal)
    return column_of
