"""Linear assignment to columns that take several rows, without a copy of any column."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...kernels.control import Control
from .capacity_arrays import (
    DONE,
    NUM_DONE,
    PATHS,
    PHASE,
    ROW,
    SHORT_OF_PLACES,
    SHORT_OF_ROWS,
    FloatSemi,
    WholeSemi,
)
from .certificate import DualPrices, HallViolator
from .costs import SparseCosts
from .hall import closed
from .kernels.capacities import place_floats, place_whole
from .matcher import FAR
from .problem import LinearAssignment
from .solution import Assignment

MOST_PAIRS = 2**24
"""Moves between places that a table may hold: 200 MB, of 4,095 columns."""


class SemiMatching:
    """A search for the assignment of least cost whose columns take as many rows as they have places.

    Parameters
    ----------
    problem : LinearAssignment
        With capacities, and a sum as its objective; see `takes`.

    Attributes
    ----------
    control : Control
        Its deadline and its stop flag end `advance` early.
    """

    def __init__(self, problem: LinearAssignment) -> None:
        self.control = Control.fresh()
        self._problem = problem
        self._sign = sign = -1 if problem.maximize else 1
        rows, columns, cost = problem.num_rows, problem.num_columns, problem.cost
        sparse = isinstance(cost, SparseCosts)
        dtype = np.dtype(np.int64 if problem.whole else np.float64)
        far: Any = FAR if problem.whole else np.inf
        must = np.isinf(problem.column_exit)
        floor = np.append(np.where(must, 0, -np.where(must, 0, problem.column_exit)), 0).astype(dtype)
        out = np.where(np.isinf(problem.row_exit), 0, problem.row_exit).astype(dtype)
        tabled = (columns + 1) ** 2 <= MOST_PAIRS
        numbers = cost.data if sparse else cost
        structure = WholeSemi if problem.whole else FloatSemi
        self._state: Any = structure.empty(
            num_rows=rows, num_columns=columns, num_places=columns + 1, num_costs=numbers.size,
            num_entries=len(cost.data) if sparse else 0, num_ends=rows + 1 if sparse else 0,
            num_pairs=(columns + 1) ** 2 if tabled else 0, sign=sign, far=far, cost=np.asarray(numbers, dtype), floor=floor,
            price=floor.copy(), out=np.where(np.isinf(problem.row_exit), far, out),
            room=np.append(np.minimum(problem.places, rows + must), rows), must=must.astype(np.uint8),
            column_of=np.full(rows, -1, np.int32), first_of=np.full(columns + 1, -1, np.int32),
            place=np.full(columns + 1, -1, np.int32), distance=np.full(columns + 1, far, dtype),
            **({"column": cost.indices.astype(np.int32), "first": cost.indptr} if sparse else {}),
        )  # fmt: skip
        self._kernel = place_whole if problem.whole else place_floats

    @staticmethod
    def takes(problem: LinearAssignment) -> bool:
        """Whether some column takes several rows, and a table of moves can be held where one is needed."""
        tabled = (problem.num_columns + 1) ** 2 <= MOST_PAIRS
        fits = tabled or (problem.is_sparse and not np.isinf(problem.column_exit).any())
        return fits and problem.range.num_forbidden < problem.num_rows * problem.num_columns and bool((problem.places > 1).any())

    def advance(self) -> bool:
        """Go on until there is no more to do (True) or the control block says return (False). Releases the GIL."""
        return int(self._kernel(self._state, self.control)) >= DONE

    @property
    def augmentations(self) -> int:
        """Shortest paths."""
        return int(self._state.words[PATHS])

    def assignment(self) -> Assignment:
        """Where it stands; what it finds at the end."""
        taken = self._state.column_of.astype(np.int64)
        return Assignment(np.where(taken < self._problem.num_columns, taken, -1))

    def prices(self) -> DualPrices:
        """At the end: what proves it."""
        s = self._state
        return DualPrices(self._sign * (s.held + s.price[s.column_of]), self._sign * -s.price[:-1])

    def violator(self) -> HallViolator | None:
        """Rows that have too few places between them, or columns that draw too few rows."""
        s, phase = self._state, int(self._state.words[PHASE])
        reached = np.sort(s.done[: s.words[NUM_DONE]].astype(np.int64))
        if phase == SHORT_OF_PLACES:
            rows = np.flatnonzero(np.isin(s.column_of, reached))
            return closed(self._problem, HallViolator("rows", np.union1d(rows, s.words[ROW])))
        return closed(self._problem, HallViolator("columns", reached)) if phase == SHORT_OF_ROWS else None
