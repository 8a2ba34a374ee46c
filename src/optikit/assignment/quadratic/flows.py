"""Flows between facilities of which most are zero: coordinates and values, without scipy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ...errors import EntryError, InvalidProblemError
from ...inputs.arrays import as_numbers, frozen_array
from ...inputs.forms import check_keys
from ...inputs.frozen import Frozen
from ...inputs.wording import shown

MOST = 10**9
"""Pairs of so many have a number each."""

_KEYS = ("size", "tails", "heads", "amounts")


@dataclass(frozen=True, eq=False)
class SparseFlow(Frozen):
    """Flows as a list of the pairs that have one, sorted by tail and head.

    Parameters
    ----------
    size : int
        Number of facilities.
    tails, heads : sequence of int
        From which facility, and to which. Where a pair stands several times its amounts are added; zeros are left out.
    amounts : sequence of float or int
        The flows.

    Examples
    --------
    >>> SparseFlow(3, [0, 2, 0], [1, 0, 1], [4, 5, 6]).toarray()
    array([[ 0, 10,  0],
           [ 0,  0,  0],
           [ 5,  0,  0]])
    """

    size: int
    tails: NDArray[np.int64]
    heads: NDArray[np.int64]
    amounts: NDArray[Any]

    def __post_init__(self) -> None:
        if isinstance(self.size, bool) or not isinstance(self.size, int | np.integer) or self.size < 0:
            raise InvalidProblemError(f"flow.size is {shown(self.size)}; expected the number of facilities, an int >= 0")
        size = int(self.size)
        if size > MOST:
            raise InvalidProblemError(f"flow.size is {size}; expected {MOST:,} facilities at most")
        tails = frozen_array("flow.tails", self.tails, np.int64, shape=(None,))
        heads = frozen_array("flow.heads", self.heads, np.int64, shape=tails.shape)
        given = as_numbers("flow.amounts", self.amounts)
        kind = np.int64 if given.dtype.kind in "iu" or not given.size else np.float64
        amounts = frozen_array("flow.amounts", given, kind, shape=tails.shape)
        for field, ends in (("tails", tails), ("heads", heads)):
            strange = np.flatnonzero((ends < 0) | (ends >= size))
            if strange.size:
                k = int(strange[0])
                raise EntryError(f"flow.{field}[{k}] is {ends[k]}; facilities are 0 to {size - 1}", (k,))
        tails, heads, amounts = _summed(size, tails, heads, amounts)
        for name, value in (("size", size), ("tails", tails), ("heads", heads), ("amounts", amounts)):
            object.__setattr__(self, name, value)

    @classmethod
    def from_scipy(cls, matrix: Any) -> Self:
        """From a matrix or array of scipy.sparse, of any format."""
        if not hasattr(matrix, "tocoo"):
            raise InvalidProblemError(f"flow is {shown(matrix)}; expected a matrix or array of scipy.sparse")
        entries = matrix.tocoo()
        if len(entries.shape) != 2 or entries.shape[0] != entries.shape[1]:
            raise InvalidProblemError(f"flow has shape {entries.shape}, expected a square: one row and one column a facility")
        if entries.data.dtype.kind not in "iuf":
            amounts = frozen_array("flow.data", entries.data.astype(object), np.float64, shape=(None,))
        else:
            amounts = entries.data
        return cls(int(entries.shape[0]), entries.row.astype(np.int64), entries.col.astype(np.int64), amounts)

    def __len__(self) -> int:
        return self.size

    @property
    def shape(self) -> tuple[int, int]:
        return self.size, self.size

    def toarray(self) -> NDArray[Any]:
        """All flows, shape (size, size)."""
        dense = np.zeros((self.size, self.size), self.amounts.dtype)
        dense[self.tails, self.heads] = self.amounts
        return dense

    def to_dict(self) -> dict[str, Any]:
        return {
            "size": self.size,
            "tails": self.tails.tolist(),
            "heads": self.heads.tolist(),
            "amounts": self.amounts.tolist(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        check_keys(data, _KEYS, "flow", InvalidProblemError)
        return cls(data["size"], data["tails"], data["heads"], data["amounts"])


def _summed(
    size: int, tails: NDArray[np.int64], heads: NDArray[np.int64], amounts: NDArray[Any]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[Any]]:
    """Sorted by pair, each once, without zeros, read-only."""
    key = tails * max(1, size) + heads
    order = np.argsort(key, kind="stable")
    key, amounts = key[order], amounts[order]
    begins = np.flatnonzero(np.diff(key, prepend=-1))
    if amounts.dtype.kind == "i" and len(begins) < len(key) and float(np.abs(amounts.astype(np.float64)).sum()) >= 2.0**62:
        raise InvalidProblemError("flow.amounts of one pair add up to more than an int64 holds; use a larger unit")
    if len(begins) < len(key):
        amounts = np.add.reduceat(amounts, begins)
    key = key[begins]
    there = amounts != 0
    key, amounts = key[there], np.array(amounts[there])
    parts = key // max(1, size), key % max(1, size), amounts
    for part in parts:
        part.flags.writeable = False
    return parts
