"""Costs of pairs, dense or sparse, as they come from outside: finite numbers, and pairs that are forbidden."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from ...errors import EntryError, InvalidProblemError
from ...inputs.arrays import FLOAT_LIMIT, LENT_ABOVE, TWICE, as_numbers, frozen_array, refuse, refuse_filled
from ...inputs.forms import check_keys
from ...inputs.frozen import Frozen
from ...inputs.wording import shown
from ...ticks import KERNEL_LIMIT

BLOCK = 2**16
"""Entries that are looked at in one go: they stay in the processor's cache, and a pass makes no second matrix."""

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class SparseCosts(Frozen):
    """Costs of the pairs that there are, row by row (CSR); all other pairs are forbidden, and a cost may be 0.

    Parameters
    ----------
    indptr : array of int64, shape (num_rows + 1,)
        Entries of row i are ``indptr[i]`` to ``indptr[i + 1] - 1``.
    indices : array of int64
        Column of each entry, ascending within a row, none twice.
    data : array of float64 or int64
        Finite costs.
    num_columns : int
    """

    indptr: Array
    indices: Array
    data: Array
    num_columns: int

    def __post_init__(self) -> None:
        if not isinstance(self.num_columns, int) or isinstance(self.num_columns, bool) or self.num_columns < 0:
            raise InvalidProblemError(f"cost.num_columns is {shown(self.num_columns)}; expected an int >= 0")
        given = as_numbers("cost.data", self.data)
        dtype = np.int64 if given.dtype.kind in "iu" and given.size else np.float64
        for field, kind in (("indptr", np.int64), ("indices", np.int64), ("data", dtype)):
            object.__setattr__(self, field, frozen_array(f"cost.{field}", getattr(self, field), kind, shape=(None,)))
        indptr, indices = self.indptr, self.indices
        if not len(indptr) or indptr[0] != 0 or indptr[-1] != len(indices) or (np.diff(indptr) < 0).any():
            raise InvalidProblemError(f"cost.indptr is {shown(indptr.tolist())}; expected 0 to {len(indices)}, never falling")
        if len(indices) != len(self.data):
            raise InvalidProblemError(f"cost has {len(indices)} indices and {len(self.data)} data; expected as many of both")
        refuse("cost.indices", indices, (indices < 0) | (indices >= self.num_columns), f"columns are 0 to {self.num_columns - 1}")
        falls = np.flatnonzero(np.diff(indices) <= 0) + 1
        within = falls[~np.isin(falls, indptr)]
        if within.size:
            at = int(within[0])
            row = int(np.searchsorted(indptr, at, side="right")) - 1
            pair = row, int(indices[at])
            twice = indices[at] == indices[at - 1]
            said = f"stands twice; {TWICE}" if twice else "comes after a later column; expected columns ascending in each row"
            raise EntryError(f"cost[{row}, {pair[1]}] {said}", pair)

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.indptr) - 1, self.num_columns

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """Row of each entry."""
        return np.repeat(np.arange(len(self.indptr) - 1), np.diff(self.indptr))

    def to_dict(self) -> dict[str, Any]:
        listed = {field: getattr(self, field).tolist() for field in ("indptr", "indices", "data")}
        return {**listed, "num_columns": self.num_columns}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        check_keys(data, ("indptr", "indices", "data", "num_columns"), "cost", InvalidProblemError)
        return cls(**data)


Costs = Array | SparseCosts
"""Dense, shape (num_rows, num_columns), of float64 or int64; or sparse."""


class Survey(NamedTuple):
    """What one pass over all costs tells."""

    least: float
    """The least finite cost, and"""
    greatest: float
    """the greatest; both 0 where every pair is forbidden."""
    num_forbidden: int


def freeze(cost: Any, forbidden: Any, maximize: bool) -> Costs:
    """Costs as a problem holds them: a read-only matrix, or `SparseCosts`.

    A matrix of floats holds ``inf`` (``-inf`` where profits are maximised) for what is forbidden. Large matrices of float64 or
    int64 in row-major order are lent, never copied, unless a mask has to be put in.
    """
    if isinstance(cost, SparseCosts):
        return cost if forbidden is None else _masked(cost, forbidden, maximize)
    if hasattr(cost, "tocsr") and hasattr(cost, "nnz"):
        sparse = _from_scipy(cost, maximize)
        return sparse if forbidden is None else _masked(sparse, forbidden, maximize)
    never = -np.inf if maximize else np.inf
    advice = f"; {never} forbids a pair where {'profits are maximised' if maximize else 'costs are minimised'}"
    given = as_numbers("cost", cost, "; one row each, a number in each cell")
    if given.ndim != 2:
        raise InvalidProblemError(f"cost has shape {given.shape}, expected (num_rows, num_columns): a matrix, or scipy.sparse")
    if 0 in given.shape:
        raise InvalidProblemError(f"cost has shape {given.shape}; an assignment needs at least one row and one column")
    if given.dtype.kind == "u" and int(given.max()) >= 2**63:
        refuse("cost", given, given >= 2**63, "an int fits in 64 bits; use a larger unit")
    target = np.float64 if given.dtype.kind == "f" else np.int64
    lent = given.dtype == target and given.flags.c_contiguous and given.nbytes > LENT_ABOVE
    dense: Array = given.view() if lent else np.array(given, target, order="C")
    for begin, block in blocks(dense):
        bad = np.isnan(block) | (block == -never) if target is np.float64 else np.zeros(0, bool)
        for flat in np.flatnonzero(bad)[:1].tolist():
            row, column = begin + flat // dense.shape[1], flat % dense.shape[1]
            value = dense[row, column]
            raise EntryError(f"cost[{row}, {column}] is {shown(value)}; expected a finite number{advice}", (row, column))
    dense.flags.writeable = False
    return dense if forbidden is None else _masked(dense, forbidden, maximize)


def blocks(dense: Array) -> Iterator[tuple[int, Array]]:
    """The rows of a matrix, some at a time: the first row, and a view of all of them."""
    height = max(1, BLOCK // max(1, dense.shape[1]))
    for begin in range(0, len(dense), height):
        yield begin, dense[begin : begin + height]


def survey(cost: Costs) -> Survey:
    """The range of the finite costs, and how many pairs are forbidden."""
    if isinstance(cost, SparseCosts):
        rows, columns = cost.shape
        data = cost.data
        least, greatest = (data.min().item(), data.max().item()) if data.size else (0, 0)
        return Survey(least, greatest, rows * columns - len(data))
    least, greatest, forbidden = [], [], 0
    for _, block in blocks(cost):
        low, high = block.min(), block.max()
        if block.dtype.kind == "f" and not (np.isfinite(low) and np.isfinite(high)):
            finite = block[np.isfinite(block)]
            forbidden += block.size - finite.size
            if not finite.size:
                continue
            low, high = finite.min(), finite.max()
        least.append(low.item())
        greatest.append(high.item())
    return Survey(min(least, default=0), max(greatest, default=0), forbidden)


def refuse_overflow(ends: tuple[float, ...], shape: tuple[int, int], leaving: Iterable[tuple[Any, Any]], whole: bool) -> None:
    """Sums of the costs have to stay where 64 bits hold them, with room for the differences that engines form.

    ``ends`` are the least and the greatest cost, ``leaving`` pairs of what leaving out costs, or None, and how often.
    """
    largest = max(abs(float(ends[0])), abs(float(ends[1])))
    total = 2 * largest * (max(shape) + 1)
    for exits, each in leaving:
        if exits is not None:
            finite = np.where(np.isfinite(exits), exits, 0)
            total += float((np.abs(finite.astype(np.float64)) * each).sum())
    if total > (KERNEL_LIMIT / 4 if whole else FLOAT_LIMIT):
        raise InvalidProblemError(
            f"cost reaches {largest:.6g}: sums over all rows and columns, with what leaving out costs, may reach {total:.3g}, "
            f"too much for {'64-bit integers' if whole else 'floats'}; use a larger unit (divide by 1000), and inf or a "
            f"mask for pairs that are forbidden"
        )


def row_hashes(dense: Array) -> NDArray[np.uint64]:
    """A number for each row that another row, in all likelihood, does not have: for fingerprints, four times as fast as sha256.

    A sum of the entries' bits times odd numbers, modulo 2^64 (Carter and Wegman, "Universal classes of hash functions", Journal of
    Computer and System Sciences 18, 1979), where the upper half of each entry is laid over its lower half, so that a difference in
    the sign bit alone reaches all digits.
    """
    words, hashes = dense.view(np.uint64), np.empty(len(dense), np.uint64)
    multipliers = _mixed(np.arange(1, dense.shape[1] + 1, dtype=np.uint64)) | np.uint64(1)
    folded = None
    for begin, block in blocks(words):
        folded = np.empty(block.shape, np.uint64) if folded is None else folded[: len(block)]
        np.right_shift(block, np.uint64(32), out=folded)
        np.bitwise_xor(folded, block, out=folded)
        hashes[begin : begin + len(block)] = folded @ multipliers
    return hashes


def _mixed(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64 (Steele, Lea and Flood, OOPSLA 2014)."""
    words = words * np.uint64(0x9E3779B97F4A7C15)
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def of_pairs(cost: Costs, rows: Array, columns: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Costs of pairs ``rows[k], columns[k]``, and which of them are allowed (the cost of another is meaningless)."""
    if not isinstance(cost, SparseCosts):
        values = cost[rows, columns]
        return values, np.isfinite(values)
    low, high = cost.indptr[rows], cost.indptr[rows + 1]
    end = high
    while (low < high).any():  # a binary search in every row at once
        middle = (low + high) // 2
        left = cost.indices[np.minimum(middle, max(0, len(cost.indices) - 1))] < columns
        low, high = np.where((low < high) & left, middle + 1, low), np.where((low < high) & ~left, middle, high)
    at = np.minimum(low, max(0, len(cost.indices) - 1))
    if not len(cost.indices):
        return np.zeros(len(rows)), np.zeros(len(rows), bool)
    return cost.data[at], (low < end) & (cost.indices[at] == columns)


def as_dense(cost: Costs, maximize: bool) -> Array:
    """A matrix of its own; of sparse costs, in floats, with infinities where a pair is forbidden."""
    if not isinstance(cost, SparseCosts):
        return np.array(cost)
    dense = np.full(cost.shape, -np.inf if maximize else np.inf)
    dense[cost.rows, cost.indices] = cost.data
    return dense


def as_entries(cost: Costs) -> tuple[NDArray[np.int64], NDArray[np.int64], Array]:
    """Row, column and cost of every allowed pair, row by row."""
    if isinstance(cost, SparseCosts):
        return cost.rows, cost.indices, cost.data
    rows, columns = np.nonzero(np.isfinite(cost))
    return rows, columns, cost[rows, columns]


def sparse_of(rows: Array, columns: Array, data: Array, shape: tuple[int, int]) -> SparseCosts:
    """From the entries in any order; a pair that stands twice is refused."""
    order = np.lexsort((columns, rows))
    indptr = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=shape[0]))))
    return SparseCosts(indptr, np.asarray(columns)[order], np.asarray(data)[order], shape[1])


def _from_scipy(cost: Any, maximize: bool) -> SparseCosts:
    if cost.ndim != 2:
        raise InvalidProblemError(f"cost has shape {cost.shape}, expected (num_rows, num_columns): a matrix")
    if 0 in cost.shape:
        raise InvalidProblemError(f"cost has shape {cost.shape}; an assignment needs at least one row and one column")
    refuse_filled("cost", cost)
    if getattr(cost, "format", "") == "csr":
        shape, indptr, indices, data = cost.shape, cost.indptr, cost.indices, cost.data
        rows = np.repeat(np.arange(shape[0]), np.diff(indptr))
    else:
        entries = cost.tocoo()
        shape, rows, indices, data = entries.shape, entries.row, entries.col, entries.data
        indptr = None
    data = np.asarray(data)
    if data.dtype.kind not in "iuf":
        hint = "; .astype(int) makes them of True and False" if data.dtype.kind == "b" else ""
        raise InvalidProblemError(f"cost holds {data.dtype}; expected ints or floats{hint}")
    if data.dtype.kind == "u" and data.size and int(data.max()) >= 2**63:
        raise InvalidProblemError(f"cost holds {int(data.max())}; an int fits in 64 bits: use a larger unit")
    never = -np.inf if maximize else np.inf
    if data.dtype.kind == "f":
        for at in np.flatnonzero(np.isnan(data) | (data == -never))[:1].tolist():
            pair = int(rows[at]), int(indices[at])
            raise EntryError(
                f"cost[{pair[0]}, {pair[1]}] is {shown(data[at])}; expected a finite number; leave a forbidden pair out", pair
            )
        kept = data != never
        if not kept.all():
            rows, indices, data, indptr = rows[kept], indices[kept], data[kept], None
    if indptr is not None and (np.diff(indices)[np.diff(rows) == 0] > 0).all():
        return SparseCosts(indptr, indices, data, int(shape[1]))
    return sparse_of(rows, indices, data, (int(shape[0]), int(shape[1])))


def _masked(cost: Costs, forbidden: Any, maximize: bool) -> Costs:
    """Costs without the pairs of a mask; of ints that floats would round, in sparse form."""
    try:
        mask = np.asarray(forbidden)
    except ValueError:
        raise InvalidProblemError("forbidden is not rectangular; expected a matrix of True (forbidden) and False") from None
    if mask.dtype != bool:
        hint = "; .astype(bool) makes it of 0 and 1" if mask.dtype.kind in "iu" and mask.shape == cost.shape else ""
        raise InvalidProblemError(f"forbidden holds {mask.dtype}; expected a matrix of True (forbidden) and False{hint}")
    if mask.shape != cost.shape:
        raise InvalidProblemError(f"forbidden has shape {mask.shape}, expected that of cost: {cost.shape}")
    if not mask.any():
        return cost
    if isinstance(cost, SparseCosts):
        kept = ~mask[cost.rows, cost.indices]
        return sparse_of(cost.rows[kept], cost.indices[kept], cost.data[kept], cost.shape)
    if cost.dtype == np.int64:
        rows, columns = np.nonzero(~mask)
        return sparse_of(rows, columns, cost[rows, columns], (int(cost.shape[0]), int(cost.shape[1])))
    dense = np.where(mask, -np.inf if maximize else np.inf, cost)
    dense.flags.writeable = False
    return dense
