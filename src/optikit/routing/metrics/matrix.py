"""Distances given arc by arc."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import EntryError, InvalidProblemError
from ...inputs.arrays import WHOLE_LIMIT, as_numbers, frozen_array, refuse, refuse_overflow
from ...inputs.frozen import Frozen
from ...ticks import KERNEL_LIMIT, Lattice
from .rounding import Array

PRICED = "price a missing arc a little above the longest real detour, not with a huge number (a TSP takes inf for it)"

_BLOCK = 100  # rows at once: large matrices leave the cache


@dataclass(frozen=True, eq=False)
class Matrix(Frozen):
    """Distances given arc by arc.

    Parameters
    ----------
    distance : array_like, shape (num_nodes, num_nodes)
        ``distance[u, v]`` from u to v, >= 0, int or float; the diagonal is ignored. May be asymmetric. ``inf``: there is no such
        arc (problems that need all arcs refuse it: `require_all_arcs`).
    """

    kind: ClassVar[str] = "matrix"
    distance: Array

    def __post_init__(self) -> None:
        advice = "one row and one column a node, a number in each cell (a TSP takes inf where there is no arc)"
        given = as_numbers("distance", self.distance, f"; {advice}")
        if given.ndim != 2 or given.shape[0] != given.shape[1]:
            raise InvalidProblemError(f"distance has shape {given.shape}, expected a square matrix; {advice}")
        dtype = np.int64 if given.dtype.kind in "iu" else np.float64
        missing = np.isposinf(given) if dtype is np.float64 else np.zeros(0, bool)
        # Nobody reads the diagonal, whatever it marks: it is kept where it is a distance.
        to_itself = given.diagonal()
        marked = ~((to_itself >= 0) & (to_itself < WHOLE_LIMIT))
        if missing.any() or marked.any():
            given = np.where(missing, 0.0, given) if dtype is np.float64 else np.array(given)
            given[np.diag_indices(len(given))] = np.where(marked, 0, to_itself)
            if dtype is np.float64:
                np.fill_diagonal(missing, False)
        distance = frozen_array("distance", given, dtype, shape=(None, None), advice=advice)
        refuse("distance", distance, distance < 0, "a distance is >= 0")
        refuse_overflow("distance", distance, 2 * len(distance), PRICED)
        if missing.any():
            distance = np.where(missing, np.inf, distance)
            distance.flags.writeable = False
        object.__setattr__(self, "distance", distance)

    def __len__(self) -> int:
        return int(self.distance.shape[0])

    @cached_property
    def symmetric(self) -> bool:
        blocks = [slice(first, first + _BLOCK) for first in range(0, len(self), _BLOCK)]
        return all(
            np.array_equal(self.distance[rows, columns], self.distance[columns, rows].T)
            for i, rows in enumerate(blocks)
            for columns in blocks[: i + 1]
        )

    @cached_property
    def has_missing(self) -> bool:
        """Whether some arc does not exist."""
        return self.distance.dtype.kind == "f" and bool(np.isinf(self.distance).any())

    def require_all_arcs(self) -> None:
        """Raise `EntryError` for the first missing arc."""
        if self.has_missing:
            refuse("distance", self.distance, np.isinf(self.distance), f"here every arc needs a distance; {PRICED}")

    @cached_property
    def longest(self) -> float:
        """No arc is longer."""
        full = self.matrix()
        return float(full.max(initial=0.0, where=np.isfinite(full)))

    def legs(self, tails: ArrayLike, heads: ArrayLike) -> Array:
        """Distances of arcs ``tails[i] -> heads[i]``; 0 where both are the same node."""
        u, v = np.asarray(tails, np.int64), np.asarray(heads, np.int64)
        return np.where(u == v, 0, self.distance[u, v])

    def matrix(self) -> Array:
        """All distances, shape (num_nodes, num_nodes), with a zero diagonal."""
        full = np.array(self.distance)
        np.fill_diagonal(full, 0)
        return full

    def lattice(self, max_items: int, limit: int = KERNEL_LIMIT) -> Lattice:
        full = self.matrix()
        if self.has_missing:
            full[np.isinf(full)] = 0.0
        lattice = Lattice.fit(full, max_items=max_items, limit=limit, field="distance")
        if not lattice.exact:
            # Every node is left at least once: what that costs must stand out from the lattice's error.
            off = np.array(self.distance)
            np.fill_diagonal(off, np.inf)
            leaving = off.min(axis=1)
            leaving = leaving[np.isfinite(leaving)]
            least = float(leaving.sum()) or float(off[off > 0].min(initial=math.inf))
            if lattice.error > 1e-6 * least:
                u, v = (int(node) for node in np.unravel_index(int(full.argmax()), full.shape))
                raise EntryError(
                    f"distance[{u}, {v}] is {full[u, v]:.6g} where nodes can be left for {np.median(leaving):.6g}: "
                    f"no 64-bit integers hold sums of both; {PRICED}",
                    (u, v),
                )
        return lattice

    def ticks(self, lattice: Lattice, missing: int = 0) -> NDArray[np.int64]:
        """All distances in ticks, shape (num_nodes, num_nodes); ``missing`` where there is no arc."""
        ticks = np.empty((len(self), len(self)), np.int64)
        for first in range(0, len(self), _BLOCK):
            rows = slice(first, first + _BLOCK)
            ticks[rows] = self._in_ticks(lattice, np.array(self.distance[rows]), missing)
        np.fill_diagonal(ticks, 0)
        return ticks

    def leg_ticks(self, lattice: Lattice, tails: ArrayLike, heads: ArrayLike, missing: int = 0) -> NDArray[np.int64]:
        """Ticks of arcs ``tails[i] -> heads[i]``; ``missing`` where there is no such arc."""
        return self._in_ticks(lattice, self.legs(tails, heads), missing)

    def _in_ticks(self, lattice: Lattice, legs: Array, missing: int) -> NDArray[np.int64]:
        if not self.has_missing:
            return lattice.ticks(legs)
        gone = np.isinf(legs)
        legs[gone] = 0.0
        ticks = lattice.ticks(legs)
        ticks[gone] = missing
        return ticks

    def take(self, order: ArrayLike) -> Matrix:
        """The nodes in another order (or some of them)."""
        order = np.asarray(order, np.int64)
        if np.array_equal(order, np.arange(len(self))):
            return self
        return Matrix(self.distance[np.ix_(order, order)])

    def to_dict(self) -> dict[str, Any]:
        """JSON has no infinity: None stands for a missing arc."""
        rows = self.distance.tolist()
        if self.has_missing:
            rows = [[None if value == math.inf else value for value in row] for row in rows]
        return {"kind": self.kind, "distance": rows}

    @classmethod
    def from_dict(cls, data: Any) -> Matrix:
        rows = data["distance"]
        if isinstance(rows, list) and any(isinstance(row, list) and None in row for row in rows):
            rows = [[math.inf if value is None else value for value in row] if isinstance(row, list) else row for row in rows]
        return cls(rows)
