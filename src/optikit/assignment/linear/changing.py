"""Costs that change: a matrix, or entries by rows, with the same few operations."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .costs import Array, SparseCosts, as_entries
from .dense import DenseMatching
from .matcher import Matcher
from .sparse import SparseMatching


class DenseTable:
    """A matrix of costs; infinite where a pair is forbidden."""

    def __init__(self, cost: Array) -> None:
        self._cost = np.array(cost)

    @property
    def shape(self) -> tuple[int, int]:
        return self._cost.shape  # type: ignore[return-value]

    @property
    def ends(self) -> tuple[Any, Any]:
        """The least and the greatest cost of all; 0 where all pairs are forbidden."""
        finite = self._cost[np.isfinite(self._cost)]
        return finite.min(initial=0), finite.max(initial=0)

    def costs(self) -> Array:
        """As a problem takes them, of their own."""
        return np.array(self._cost)

    def entries(self) -> tuple[Array, Array, Array]:
        """Row, column and cost of every pair that is allowed."""
        return as_entries(self._cost)

    def put(self, rows: Array, columns: Array, values: Array) -> None:
        self._cost[rows, columns] = values

    def column(self, column: int) -> tuple[Array, Array]:
        """The rows that may go to a column, and their costs."""
        rows = np.flatnonzero(np.isfinite(self._cost[:, column]))
        return rows, self._cost[rows, column]

    def of_pairs(self, rows: Array, columns: Array) -> Array:
        """Costs of pairs that are allowed."""
        return self._cost[rows, columns]  # type: ignore[no-any-return]

    def add(self, axis: int, values: Array) -> None:
        """Add a row (axis 0) or a column (1)."""
        line = values[None] if axis == 0 else values[:, None]
        self._cost = np.ascontiguousarray(np.concatenate([self._cost, line], axis=axis))

    def remove(self, axis: int, line: int) -> None:
        self._cost = np.ascontiguousarray(np.delete(self._cost, line, axis=axis))

    def matcher(self, **options: Any) -> Matcher:
        return DenseMatching(self._cost, **options)


class SparseTable:
    """Entries by rows and columns, ascending; pairs without one are forbidden, and infinite costs have none."""

    def __init__(self, shape: tuple[int, int], rows: Array, columns: Array, data: Array) -> None:
        self.shape = shape
        self._rows, self._columns, self._data = np.array(rows), np.array(columns, np.int64), np.array(data)

    @property
    def ends(self) -> tuple[Any, Any]:
        return self._data.min(initial=0), self._data.max(initial=0)

    def costs(self) -> SparseCosts:
        return SparseCosts(self._indptr(), np.array(self._columns), np.array(self._data), self.shape[1])

    def put(self, rows: Array, columns: Array, values: Array) -> None:
        keys = (rows * self.shape[1] + columns).ravel()
        last = len(keys) - 1 - np.unique(keys[::-1], return_index=True)[1]  # of a pair that is given twice, as numpy does
        keys, values = keys[last], np.broadcast_to(values, rows.shape).ravel()[last]
        kept = np.isin(self._rows * self.shape[1] + self._columns, keys, invert=True)
        self._rows, self._columns, self._data = self._rows[kept], self._columns[kept], self._data[kept]
        new = np.isfinite(values)
        rows, columns = np.divmod(keys[new], self.shape[1])
        at = np.searchsorted(self._rows * self.shape[1] + self._columns, keys[new])
        self._rows, self._columns = np.insert(self._rows, at, rows), np.insert(self._columns, at, columns)
        self._data = np.insert(self._data, at, values[new].astype(self._data.dtype))

    def column(self, column: int) -> tuple[Array, Array]:
        at = np.flatnonzero(self._columns == column)
        return self._rows[at], self._data[at]

    def of_pairs(self, rows: Array, columns: Array) -> Array:
        at = np.searchsorted(self._rows * self.shape[1] + self._columns, rows * self.shape[1] + columns)
        return self._data[at]  # type: ignore[no-any-return]

    def add(self, axis: int, values: Array) -> None:
        line = self.shape[axis]
        self.shape = (line + 1, self.shape[1]) if axis == 0 else (self.shape[0], line + 1)
        others, this = np.arange(len(values)), np.full(len(values), line)
        rows, columns = (this, others) if axis == 0 else (others, this)
        self.put(rows, columns, values)

    def remove(self, axis: int, line: int) -> None:
        lines = self._rows if axis == 0 else self._columns
        kept = lines != line
        self._rows, self._columns, self._data = self._rows[kept], self._columns[kept], self._data[kept]
        lines = self._rows if axis == 0 else self._columns
        lines[lines > line] -= 1
        self.shape = (self.shape[0] - 1, self.shape[1]) if axis == 0 else (self.shape[0], self.shape[1] - 1)

    def matcher(self, **options: Any) -> Matcher:
        return SparseMatching(self._indptr(), self._columns, self._data, self.shape, **options)

    def _indptr(self) -> NDArray[np.int64]:
        return np.concatenate(([0], np.cumsum(np.bincount(self._rows, minlength=self.shape[0]))))


def table_of(cost: Any) -> DenseTable | SparseTable:
    """Of the costs of a problem."""
    return SparseTable(cost.shape, *as_entries(cost)) if isinstance(cost, SparseCosts) else DenseTable(cost)
