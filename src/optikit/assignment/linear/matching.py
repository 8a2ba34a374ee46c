"""What the kernels find: a matching of least cost with the prices that prove it, or the lines that stand in the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Violator:
    """Why no matching covers what it has to (Hall 1935): some lines have too few partners between them all.

    Attributes
    ----------
    axis : {"rows", "columns"}
        Whose lines are too many: all allowed columns of ``rows`` are in ``columns``, one fewer than those; or the other way round.
    rows, columns : numpy.ndarray of int64
        Ascending.
    """

    axis: str
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]


@dataclass(frozen=True)
class Matching:
    """Pairs and prices.

    Attributes
    ----------
    column_of : numpy.ndarray of int64, shape (n,)
        The column of each row; -1 for a row that is left.
    row_of : numpy.ndarray of int64, shape (m,)
        The row of each column; -1 for a column that is left.
    u, v : numpy.ndarray, shape (n,) and (m,)
        Dual prices of rows and columns. Minimising, ``u[i] + v[j] <= cost[i, j]`` for every pair that is allowed, with equality for
        the pairs of the matching; maximising, ``>=``. In integers exactly. In floats the pairs of the matching are met to a unit in
        the last place of the numbers, the others to rounding. A line that is left has price 0, or what it costs to leave it.
    violator : Violator or None
        None where the matching covers all that it has to; the prices then prove that none is better.
    """

    column_of: NDArray[np.int64]
    row_of: NDArray[np.int64]
    u: NDArray[Any]
    v: NDArray[Any]
    violator: Violator | None = None

    def transposed(self) -> Matching:
        """The same with rows as columns."""
        hall = self.violator
        if hall is not None:
            hall = Violator("columns" if hall.axis == "rows" else "rows", hall.columns, hall.rows)
        return Matching(self.row_of, self.column_of, self.v, self.u, hall)
