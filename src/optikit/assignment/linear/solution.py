"""An assignment: what a solver of a linear assignment problem decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ...core.solution import Solution
from ...errors import InvalidSolutionError
from ...inputs.forms import check_form, check_keys
from ...inputs.positions import positions

SCHEMA_VERSION = 1

LEFT_OUT = -1
"""In the place of a column: the row has none."""


@dataclass(frozen=True, eq=False)
class Assignment(Solution):
    """A solution of a `LinearAssignment`: the column of each row.

    Parameters
    ----------
    column_of : sequence of int, shape (num_rows,)
        Position of the row's column, 0-based; -1 where the row is left out. Kept as a read-only array.

    Raises
    ------
    InvalidSolutionError
        For a position that is no int.

    Examples
    --------
    >>> assignment = Assignment([2, -1, 0])
    >>> assignment.pairs
    (array([0, 2]), array([2, 0]))
    >>> assignment == Assignment((2, -1, 0))
    True
    """

    column_of: Any

    def __post_init__(self) -> None:
        columns = positions("column_of", self.column_of, "the position of a column (-1 for none)", InvalidSolutionError)
        columns.flags.writeable = False
        object.__setattr__(self, "column_of", columns)

    @property
    def pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows that have a column, ascending, and their columns: what `scipy.optimize.linear_sum_assignment` returns."""
        rows = np.flatnonzero(self.column_of >= 0)
        return rows, self.column_of[rows]

    def __len__(self) -> int:
        return len(self.column_of)

    def __eq__(self, other: object) -> bool:
        return np.array_equal(self.column_of, other.column_of) if isinstance(other, Assignment) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.column_of.tobytes())

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (np.asarray(self.column_of),)

    def __repr__(self) -> str:
        if len(self) <= 12:
            return f"Assignment(column_of={tuple(self.column_of.tolist())})"
        return f"Assignment(column_of=({', '.join(map(str, self.column_of[:10].tolist()))}, ... {len(self):,} rows))"

    def to_dict(self) -> dict[str, Any]:
        return {"schema_version": SCHEMA_VERSION, "column_of": self.column_of.tolist()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        form = "the JSON form of an Assignment"
        check_form(data, form, SCHEMA_VERSION, InvalidSolutionError)
        check_keys(data, ("schema_version", "column_of"), form, InvalidSolutionError)
        return cls(data["column_of"])
