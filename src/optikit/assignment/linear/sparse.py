"""Linear assignment of a sparse matrix: pairs that have no entry are forbidden."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .dense import INVALID_ENTRIES
from .kernels.phases import DONE
from .matcher import FLOAT_LIMIT, LIMIT, Matcher, make_state, structures
from .matching import Matching


class SparseMatching(Matcher):
    """The matching of least cost of a sparse matrix by rows (CSR): every line of the shorter side gets a partner.

    Parameters
    ----------
    indptr, indices, data : numpy.ndarray
        As in `scipy.sparse.csr_array`, each pair at most once. Zeros are costs. Infinity is a pair that is forbidden (minus
        infinity where it is maximised).
    shape : (int, int)
        n rows, m columns.
    maximize, row_out, column_out, v, column_of
        As for `DenseMatching`.

    Raises
    ------
    ValueError
        If a cost is NaN, or infinite and not forbidden.
    OverflowError
        If integers are so great that sums along a path may not fit 64 bits.
    """

    def __init__(
        self, indptr: NDArray[Any], indices: NDArray[Any], data: NDArray[Any], shape: tuple[int, int], *,
        maximize: bool = False, row_out: Any = None, column_out: Any = None, v: Any = None, column_of: Any = None,
    ) -> None:  # fmt: skip
        sign: Any = -1 if maximize else 1
        self._turned = shape[0] > shape[1] and row_out is None and column_out is None
        start = {"v": v, "column_of": column_of}
        if self._turned:
            if v is not None or column_of is not None:
                start = _turned_start(indptr, indices, data, shape, v, column_of, maximize)
            indptr, indices, data = _transpose(indptr, indices, data, shape)
            shape = shape[1], shape[0]
        num_rows, num_columns = shape
        sign, kept = _check(data, sign, num_rows)
        costs = data * sign
        first, last, indices = np.asarray(indptr[:-1], np.int64), np.array(indptr[1:], np.int64), np.array(indices, np.int32)
        if not kept.all():
            before = np.concatenate(([0], np.cumsum(kept)))
            first, last, indices, costs = before[first], before[last], indices[kept], costs[kept]
        state = make_state(shape, len(costs), data.dtype, sign, row_out=row_out, column_out=column_out, **start)
        matrix, lists, _, bounds = structures(data.dtype)
        super().__init__(
            matrix.empty(num_rows=num_rows, num_columns=num_columns, num_costs=0, sign=sign, **bounds),
            lists.empty(
                num_rows=num_rows, num_entries=len(costs), num_blocks=0, first=first, last=last, column=indices, cost=costs,
                beyond=np.full(num_rows, state.far),
            ),
            state,
        )  # fmt: skip

    def _costs_of_sample(self) -> NDArray[Any]:
        return np.asarray(self._lists.cost)

    def column_of(self) -> NDArray[np.int64] | None:
        return self.matching().column_of if self._turned and self.phase == DONE else super().column_of()

    def matching(self) -> Matching:
        return super().matching().transposed() if self._turned else super().matching()


def _check(data: NDArray[Any], sign: Any, num_rows: int) -> tuple[Any, NDArray[np.bool_]]:
    """The sign, shrunk where sums of such floats would overflow, and which pairs are allowed."""
    if data.dtype.kind == "f":
        costs = data * sign
        if np.isnan(costs).any() or (costs == -np.inf).any():
            raise ValueError(INVALID_ENTRIES)
        kept = costs < np.inf
        size = float(np.abs(costs[kept]).max(initial=0.0))
        return sign * (2.0**-100 if size > FLOAT_LIMIT else 1.0), kept
    if data.size and (int(data.max()) - int(data.min()) + 1) * (num_rows + 1) >= 4 * LIMIT:
        raise OverflowError(
            f"costs from {data.min()} to {data.max()} of {num_rows} rows: sums along a path may not fit 64 bits; "
            "subtract a constant from all costs of a row, or pass floats"
        )
    return sign, np.ones(len(data), bool)


def _rows_of(indptr: NDArray[Any]) -> NDArray[np.int64]:
    """The row of each entry."""
    return np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))


def _transpose(
    indptr: NDArray[Any], indices: NDArray[Any], data: NDArray[Any], shape: tuple[int, int]
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    order = np.argsort(indices, kind="stable")
    first = np.concatenate(([0], np.cumsum(np.bincount(indices, minlength=shape[1]))))
    return first, _rows_of(indptr)[order], data[order]


def _turned_start(
    indptr: NDArray[Any], indices: NDArray[Any], data: NDArray[Any], shape: tuple[int, int], v: Any, column_of: Any, maximize: bool
) -> dict[str, Any]:
    """Prices of rows from prices of columns, and the matching by columns."""
    start: dict[str, Any] = {"v": None, "column_of": None}
    if column_of is not None:
        given = np.asarray(column_of)
        start["column_of"] = np.full(shape[1], -1)
        start["column_of"][given[given >= 0]] = np.flatnonzero(given >= 0)
    if v is not None:
        slack = (data - np.asarray(v)[indices]).astype(np.float64)
        best = np.full(shape[0], -np.inf if maximize else np.inf)
        (np.maximum if maximize else np.minimum).at(best, _rows_of(indptr), slack)
        start["v"] = np.where(np.isfinite(best), best, 0).astype(data.dtype)
    return start
