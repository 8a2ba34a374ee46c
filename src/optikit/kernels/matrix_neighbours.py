"""The k nearest neighbours of every node by a matrix of arc costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt


def from_matrix(
    matrix: npt.ArrayLike, k: int, *, num_depots: int = 0, symmetrise: Literal["min", "mean"] = "min"
) -> npt.NDArray[np.int32]:
    """`matrix_in_slices` for who has the time."""
    lists = matrix_in_slices(matrix, k, num_depots=num_depots, symmetrise=symmetrise)
    assert lists is not None
    return lists


def matrix_in_slices(
    matrix: npt.ArrayLike,
    k: int,
    *,
    num_depots: int = 0,
    symmetrise: Literal["min", "mean"] = "min",
    go_on: Callable[[], bool] = lambda: True,
) -> npt.NDArray[np.int32] | None:
    """The k nearest neighbours of each node by a matrix of arc costs.

    Parameters
    ----------
    matrix : array_like, shape (n, n)
        Cost of the arc from row to column; the diagonal is not read.
    k : int
        At least 0; lists are shorter where there are fewer other nodes.
    num_depots : int
        The first so many nodes have lists but are in none.
    symmetrise : {"min", "mean"}
        How near two nodes are where the arcs between them differ: as the cheaper arc, since a route needs only one of
        them; or as both together.
    go_on : callable
        Asked every few dozen milliseconds.

    Returns
    -------
    numpy.ndarray of int32, shape (n, min(k, n - num_depots - 1)), or None
        Row i: the nearest nodes to i but itself, by (proximity, index). None where ``go_on()`` said no.

    Raises
    ------
    ValueError
        If the matrix is not square.
    """
    costs = np.asarray(matrix)
    if costs.ndim != 2 or costs.shape[0] != costs.shape[1]:
        raise ValueError(f"matrix has shape {costs.shape}; (n, n) expected")
    join = {"min": np.minimum, "mean": np.add}[symmetrise]
    n = len(costs)
    k = max(0, min(k, n - num_depots - 1))
    lists = np.zeros((n, k), np.int32)
    if k == 0:
        return lists
    nodes = np.arange(num_depots, n)
    block = max(1, 2**17 // n)  # stays in the cache, and asks the system for no memory
    # Whole numbers leave room for the index behind them: one key to partition and sort whole blocks by.
    keyed = costs.dtype.kind == "i" and int(costs.max()) < 2**61 // n and int(costs.min()) >= 0
    for first in range(0, n, block):
        if not go_on():
            return None
        rows = slice(first, min(first + block, n))
        near = join(costs[rows], costs[:, rows].T)
        if keyed:
            near[np.arange(len(near)), np.arange(first, first + len(near))] = 2**62 // n
            near = near[:, num_depots:] * n + nodes
            near.partition(k - 1, axis=1)
            lists[rows] = np.sort(near[:, :k], axis=1) % n
            continue
        for i, row in enumerate(near, first):
            others = nodes[nodes != i]
            proximity = row[others]
            within = np.flatnonzero(proximity <= np.partition(proximity, k - 1)[k - 1])
            order = np.argsort(proximity[within], kind="stable")[:k]
            lists[i] = others[within[order]]
    return lists
