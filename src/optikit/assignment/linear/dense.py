"""Linear assignment of a dense matrix."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arrays import CURSOR, KEEP
from .kernels.lists import BLOCK
from .kernels.phases import DONE, INVALID
from .matcher import LIMIT, Matcher, make_state, structures
from .matching import Matching

INVALID_ENTRIES = "matrix contains invalid numeric entries"
INFEASIBLE = "cost matrix is infeasible"
SHRINK = 2.0**-100
SAMPLE = 64  # rows that tell how far apart costs are


def as_array(given: Any) -> NDArray[Any]:
    """An array as it is; of anything else, with numbers that arrays have no dtype for (fractions, decimals, long ints), floats."""
    costs = np.asarray(given)
    plain = costs.dtype.kind in "biu" or (costs.dtype.kind == "f" and costs.dtype.itemsize <= 8)
    return costs if plain or isinstance(given, np.ndarray) else np.asarray(given, np.float64)


def refuse_other_than_numbers(dtype: np.dtype[Any]) -> None:
    """TypeError for what are no real numbers, or floats of more than 64 bits."""
    if not (dtype.kind in "biu" or (dtype.kind == "f" and dtype.itemsize <= 8)):
        raise TypeError(f"Cannot cast array data from {dtype!r} to dtype('float64') according to the rule 'safe'")


def in_64_bits(costs: NDArray[Any]) -> NDArray[Any]:
    """Numbers as float64 or int64, without a copy where they are that already; TypeError for what are no real numbers."""
    refuse_other_than_numbers(costs.dtype)
    if costs.dtype.kind == "f":
        return costs.astype(np.float64, copy=False)
    return as_costs(costs) if costs.dtype == np.uint64 else costs.astype(np.int64, copy=False)


def as_costs(costs: NDArray[Any]) -> NDArray[Any]:
    """The same, of integers whose sums fit: what is far from 0 but near each other is shifted, which changes no choice.

    Raises
    ------
    OverflowError
        If integers are too far apart.
    """
    if costs.dtype.kind in "iu" and costs.dtype.itemsize == 8:
        low, high = (operator.index(costs.min()), operator.index(costs.max())) if costs.size else (0, 0)
        if max(-low, high) >= LIMIT:
            if high - low >= LIMIT:
                raise OverflowError(f"integers from {low} to {high} are too far apart for exact sums in 64 bits; pass floats")
            costs = costs - costs.dtype.type(low)
        return costs.astype(np.int64, copy=False)
    return in_64_bits(costs)


class DenseMatching(Matcher):
    """The matching of least cost of a dense matrix: every line of the shorter side gets a partner.

    Jonker and Volgenant, "A shortest augmenting path algorithm for dense and sparse linear assignment problems", Computing 38
    (1987), on lists of the cheapest columns of each row (see kernels/lists.py).

    Parameters
    ----------
    costs : numpy.ndarray of float64 or int64, shape (n, m)
        Used in place where it is C-contiguous, or Fortran-contiguous and not wider than high; else copied. Infinity is a pair that
        is forbidden (minus infinity where it is maximised).
    maximize : bool
        Whether the sum is to be as great as can be.
    row_out, column_out : array_like, optional
        What leaving the line adds to the sum. Where either is given, any column may be left, for nothing if it does not say
        more, and a row where ``row_out`` is not infinite.
    v : array_like, shape (m,), optional
        Prices of columns to start from, of any quality.
    column_of : array_like of int, shape (n,), optional
        A matching to start from, with -1 for rows without a column. Pairs that ``v`` does not make tight are given up.

    Raises
    ------
    ValueError
        When it advances: a cost is NaN, or infinite and not forbidden.
    OverflowError
        When it advances: an integer is too great for exact sums.
    """

    def __init__(
        self, costs: NDArray[Any], *, maximize: bool = False, row_out: Any = None, column_out: Any = None, v: Any = None,
        column_of: Any = None,
    ) -> None:  # fmt: skip
        self._costs, self._given = costs, {"row_out": row_out, "column_out": column_out, "v": v, "column_of": column_of}
        num_rows, num_columns = costs.shape
        may_turn = row_out is None and column_out is None
        self._turned = may_turn and (num_rows > num_columns or (num_rows == num_columns and not costs.flags.c_contiguous))
        if self._turned:
            costs = costs.T
            if v is not None or column_of is not None:
                self._given |= _turned_start(costs, v, column_of, maximize)
        self._lines = np.ascontiguousarray(costs)
        self._bind(-1 if maximize else 1)

    def _bind(self, sign: Any) -> None:
        costs = self._lines
        num_rows, num_columns = costs.shape
        lists = structures(costs.dtype)[1]
        state = make_state(costs.shape, costs.size, costs.dtype, sign, **self._given)
        super().__init__(
            _matrix(costs, sign),
            lists.empty(
                num_rows=num_rows, num_entries=KEEP * num_rows, num_blocks=-(-num_columns // BLOCK),
                first=KEEP * np.arange(num_rows), beyond=np.full(num_rows, -state.far),
            ),
            state,
        )  # fmt: skip

    def fits(self, costs: NDArray[Any]) -> bool:
        """Whether another matrix has the same shape, layout and dtype."""
        here, there = self._costs, costs
        return (here.shape, here.dtype, here.flags.c_contiguous) == (there.shape, there.dtype, there.flags.c_contiguous)

    def again(self, costs: NDArray[Any]) -> None:
        """Begin anew with another matrix that fits, from nothing."""
        self._costs = costs
        self._lines = np.ascontiguousarray(costs.T if self._turned else costs)
        self._restart(_matrix(self._lines, self._matrix.sign))

    def advance(self) -> bool:
        done = super().advance()
        if self.phase == INVALID:
            row = self._lines[self._state.words[CURSOR]] * self._matrix.sign
            if row.dtype.kind != "f":
                raise OverflowError(f"row {self._state.words[CURSOR]} has integers beyond 2**58; pass floats")
            if np.isnan(row).any() or (row == -np.inf).any():
                raise ValueError(INVALID_ENTRIES)
            self._bind(self._matrix.sign * SHRINK)  # sums of such floats overflow
            return False
        return done

    def _costs_of_sample(self) -> NDArray[Any]:
        return np.asarray(self._lines[:: max(1, len(self._lines) // SAMPLE)] * self._matrix.sign)

    def column_of(self) -> NDArray[np.int64] | None:
        return self.matching().column_of if self._turned and self.phase == DONE else super().column_of()

    def matching(self) -> Matching:
        return super().matching().transposed() if self._turned else super().matching()


def _matrix(costs: NDArray[Any], sign: Any) -> Any:
    matrix, _, _, bounds = structures(costs.dtype)
    return matrix(num_rows=costs.shape[0], num_columns=costs.shape[1], num_costs=costs.size, sign=sign, cost=costs, **bounds)


def _turned_start(lines: NDArray[Any], v: Any, column_of: Any, maximize: bool) -> dict[str, Any]:
    """Prices of rows from prices of columns, and the matching by columns, for a matrix whose columns are its lines."""
    start: dict[str, Any] = {}
    if column_of is not None:
        given = np.asarray(column_of)
        start["column_of"] = np.full(len(lines), -1)
        start["column_of"][given[given >= 0]] = np.flatnonzero(given >= 0)
    if v is not None:
        slack = lines - np.asarray(v)[:, None]
        best = slack.max(axis=0) if maximize else slack.min(axis=0)
        start["v"] = np.where(np.isfinite(best), best, 0).astype(lines.dtype)
    return start
