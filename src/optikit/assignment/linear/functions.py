"""The functions of scipy, with its signatures, behaviour and errors, on our kernels."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .dense import as_array, as_costs
from .kept import finish, solve_dense
from .small import MOST_SMALL, solve_small
from .sparse import SparseMatching

NO_FULL_MATCHING = "no full matching exists"


def linear_sum_assignment(cost_matrix: Any, maximize: bool = False) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Solve the linear assignment problem of a dense matrix; a drop-in for `scipy.optimize.linear_sum_assignment`.

    After Jonker and Volgenant, "A shortest augmenting path algorithm for dense and sparse linear assignment problems", Computing 38
    (1987), on whole rows where the matrix fits the processor's cache, else on lists of the cheapest columns of each row; hard
    instances go through an auction with epsilon scaling (Bertsekas, "The auction algorithm", Annals of Operations Research 14,
    1988) first.

    Parameters
    ----------
    cost_matrix : array_like, shape (n, m)
        Costs. Infinity forbids a pair (minus infinity where it is maximised). A row-major array of float64 or int64 is read in
        place, also where n = m = 10,000; one with more rows than columns is copied once.
    maximize : bool
        Whether the sum is to be as great as can be.

    Returns
    -------
    row_ind, col_ind : numpy.ndarray of int64, shape (min(n, m),)
        Rows, ascending, and the column of each: ``cost_matrix[row_ind, col_ind].sum()`` is least.

    Raises
    ------
    ValueError
        If the matrix is not two-dimensional, has NaN or an infinity of the other sign, or forbids too many pairs.
    TypeError
        If its entries are no real numbers.
    OverflowError
        If integers are further apart than 2**58; scipy would round them.

    Examples
    --------
    >>> from optikit.assignment import linear_sum_assignment
    >>> rows, columns = linear_sum_assignment([[4, 1, 3], [2, 0, 5], [3, 2, 2]])
    >>> columns
    array([1, 0, 2])
    """
    if hasattr(cost_matrix, "tocsr"):
        raise ValueError("expected a dense matrix, got a sparse one; min_weight_full_bipartite_matching takes it")
    costs = as_array(cost_matrix)
    if costs.ndim != 2:
        raise ValueError(f"expected a matrix (2-D array), got a {costs.ndim} array")
    num_rows, num_columns = costs.shape
    if max(num_rows, num_columns) <= MOST_SMALL:
        column_of = solve_small(costs, bool(maximize))
    else:
        column_of = solve_dense(as_costs(costs), bool(maximize))
    if num_rows <= num_columns:
        return np.arange(num_rows), column_of
    rows = np.flatnonzero(column_of >= 0)
    return rows, column_of[rows]


def min_weight_full_bipartite_matching(biadjacency: Any, maximize: bool = False) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Solve the linear assignment problem of a sparse matrix; as `scipy.sparse.csgraph.min_weight_full_bipartite_matching`.

    Unlike there, an explicit zero is a cost, with a warning.

    Parameters
    ----------
    biadjacency : scipy.sparse array or matrix, shape (n, m)
        In CSR, CSC or COO format: costs of the pairs that are allowed. Infinity forbids a pair, as no entry does.
    maximize : bool
        Whether the sum is to be as great as can be.

    Returns
    -------
    row_ind, col_ind : numpy.ndarray of int64, shape (min(n, m),)
        Rows, ascending, and the column of each.

    Raises
    ------
    TypeError
        If the matrix is not sparse or in another format.
    ValueError
        If no matching covers the shorter side, or a cost is NaN.
    OverflowError
        If integers are so great that their sums may not fit 64 bits.

    Examples
    --------
    >>> from optikit.assignment import min_weight_full_bipartite_matching
    >>> from scipy.sparse import csr_array
    >>> min_weight_full_bipartite_matching(csr_array([[3, 3, 6], [4, 3, 5], [10, 1, 8]]))[1]
    array([0, 2, 1])
    """
    file_format = getattr(biadjacency, "format", None)
    if not (isinstance(file_format, str) and hasattr(biadjacency, "tocsr")):
        raise TypeError("graph must be sparse")
    if file_format not in ("csr", "csc", "coo"):
        raise TypeError("graph must be in CSC, CSR, or COO format.")
    if len(biadjacency.shape) != 2:
        raise ValueError(f"expected a matrix (2-D array), got a {len(biadjacency.shape)} array")
    rows = biadjacency.tocsr()
    if not rows.has_canonical_format:
        rows = rows.copy() if rows is biadjacency else rows
        rows.sum_duplicates()
    data = as_costs(rows.data)
    if not data.all():
        warnings.warn("explicit zeros are costs here; scipy.sparse.csgraph takes them for no entry", UserWarning, stacklevel=2)
    search = SparseMatching(rows.indptr, rows.indices, data, rows.shape, maximize=bool(maximize))
    column_of = finish(search, NO_FULL_MATCHING)
    found = np.flatnonzero(column_of >= 0)
    return found, column_of[found]
