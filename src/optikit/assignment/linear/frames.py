"""Tables of linear assignment: a table of costs, or one with a row for each pair, in; a frame of pairs out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ...errors import EntryError, InvalidProblemError, MissingExtraError
from ...inputs.tables import column_of, columns_of, is_missing, numbers_of, values_of
from ...inputs.wording import did_you_mean, shown
from .check import evaluate
from .costs import of_pairs, sparse_of
from .solution import Assignment

if TYPE_CHECKING:
    from .problem import LinearAssignment

    AnyLinear = TypeVar("AnyLinear", bound=LinearAssignment)

LONG = ("row", "column", "cost")
"""Columns of a frame that has a row for each pair, where none are named."""


def from_frame(
    cls: type[AnyLinear],
    frame: Any,
    *,
    row: str | None = None,
    column: str | None = None,
    cost: str | None = None,
    maximize: bool = False,
    objective: Any = "sum",
    capacity: Any = None,
    leave_row: Any = None,
    leave_column: Any = None,
    title: str = "",
) -> AnyLinear:
    """A problem from a frame: names in, names out.

    Parameters
    ----------
    cls : type
        The class to build.
    frame : pandas.DataFrame or polars.DataFrame
        A table of costs: a row each (its names are the index, or the column that ``row`` names), a column each, a cost in each
        cell, ``inf`` where a pair is forbidden (``-inf`` where profits are maximised). Or, where it has the columns ``row``,
        ``column`` and ``cost`` (or such are named), a line for each pair that is allowed; those that are infinite are not.
    row, column, cost : str, optional
        Columns with the names of the rows, with the names of the columns, and with the costs.
    maximize, objective, capacity, leave_row, leave_column
        As in `LinearAssignment`. Numbers for each row or column may be a mapping or a Series by name.
    title : str
        Name of the problem.

    Raises
    ------
    InvalidProblemError
        For a cell that is missing or no number, a pair or a name that stands twice: with the names.

    Examples
    --------
    >>> import pandas as pd
    >>> from optikit.assignment import LinearAssignment
    >>> hours = pd.DataFrame({"roof": [4, 2], "wall": [1, 0]}, index=["Ann", "Bob"])
    >>> LinearAssignment.from_frame(hours).column_names
    ('roof', 'wall')
    >>> trips = pd.DataFrame({"driver": ["a", "a", "b"], "trip": ["x", "y", "x"], "km": [5, 2, 1]})
    >>> LinearAssignment.from_frame(trips, row="driver", column="trip", cost="km").is_sparse
    True
    """
    columns = columns_of(frame)
    long = column is not None or cost is not None or (row is None and set(LONG) == set(columns))
    never = -np.inf if maximize is True else np.inf
    data, row_names, column_names = _long(frame, row, column, cost, never) if long else _wide(frame, row, columns)
    return cls(
        data,
        maximize,
        objective,
        by_name("capacity", capacity, column_names),
        by_name("leave_row", leave_row, row_names),
        by_name("leave_column", leave_column, column_names),
        row_names,
        column_names,
        title,
    )


def _wide(frame: Any, row: str | None, columns: Sequence[Any]) -> tuple[Any, Sequence[Any] | None, Sequence[Any]]:
    """A table of costs: the matrix, and the names of both sides."""
    if row is not None:
        row_names: Sequence[Any] | None = column_of(frame, row, "row").tolist()
        columns = [name for name in columns if name != row]
        frame = frame[columns]
    else:
        index = list(frame.index) if hasattr(frame, "index") else []
        row_names = None if index == list(range(len(index))) else index
    if not columns or not len(frame):
        raise InvalidProblemError(
            f"frame has shape {(len(frame), len(columns))}; an assignment needs at least one row and one column"
        )
    values = values_of(frame)
    called = row_names if row_names is not None else range(len(values))
    gaps = np.isnan(values) if values.dtype.kind == "f" else np.zeros(values.shape, bool)
    if values.dtype.kind == "O":
        gaps = np.vectorize(is_missing, otypes=[bool])(values)
    for u, v in np.argwhere(gaps)[:1].tolist():
        raise EntryError(
            f"the cost of {called[u]!r} and {columns[v]!r} is missing; fill it in, with inf where it is forbidden", (u, v)
        )
    return values, row_names, columns


def _long(
    frame: Any, row: str | None, column: str | None, cost: str | None, never: float
) -> tuple[Any, Sequence[Any], Sequence[Any]]:
    """A line for each pair: sparse costs, and the names in the order in which they come."""
    roles = dict(zip(LONG, (row or "row", column or "column", cost or "cost")))
    sides = [_names(frame, roles[role], role) for role in LONG[:2]]
    named = [f"{u} and {v}" for u, v in zip(*sides)]
    costs = numbers_of(frame, roles["cost"], "cost", named, never=never)
    if not named:
        raise InvalidProblemError("frame has no rows; expected one for each pair that is allowed")
    seen: dict[Any, int] = {}
    for line, pair in enumerate(zip(*sides)):
        if pair in seen:
            raise EntryError(f"the pair {pair[0]!r}, {pair[1]!r} stands in row {seen[pair]} and in row {line}; keep one", (line,))
        seen[pair] = line
    places = [{name: place for place, name in enumerate(dict.fromkeys(side))} for side in sides]
    rows, columns = (np.array([place[name] for name in side]) for place, side in zip(places, sides))
    shape = len(places[0]), len(places[1])
    kept = costs != never
    sparse = sparse_of(rows[kept], columns[kept], costs[kept], shape)
    whole = len(sparse.data) == shape[0] * shape[1]
    return sparse.data.reshape(shape) if whole else sparse, list(places[0]), list(places[1])


def _names(frame: Any, column: str, field: str) -> list[Any]:
    """A column of names, text or whole numbers, each as often as it has pairs."""
    names = [name.item() if isinstance(name, np.generic) else name for name in column_of(frame, column, field)]
    for line, name in enumerate(names):
        if is_missing(name):
            raise EntryError(f"{column} in row {line} is missing; every pair has a row and a column", (line,))
        if isinstance(name, bool) or not isinstance(name, str | int):
            hint = "; convert the column with .astype(int)" if isinstance(name, float) else ""
            raise EntryError(f"{column} in row {line} is {shown(name)}; a name is text or a whole number{hint}", (line,))
    return names


def by_name(field: str, given: Any, names: Sequence[Any] | None) -> Any:
    """Numbers in the order of the names, from a mapping or a Series; anything else as it is."""
    if given is None or not (isinstance(given, Mapping) or (hasattr(given, "index") and hasattr(given, "to_dict"))):
        return given
    mapping = dict(given if isinstance(given, Mapping) else given.to_dict())
    if names is None:
        names = range(len(mapping))
    for name in names:
        if name not in mapping:
            raise InvalidProblemError(f"{field} lacks {name!r}{did_you_mean(name, mapping)}; expected a number for each name")
    unknown = [key for key in mapping if key not in set(names)]
    if unknown:
        raise InvalidProblemError(f"{field} has {shown(unknown[0])}, which is no name{did_you_mean(unknown[0], names)}")
    return [mapping[name] for name in names]


def to_frame(problem: LinearAssignment, assignment: Assignment) -> Any:
    """An assignment as a pandas frame with one line for each row.

    Returns
    -------
    pandas.DataFrame
        ``row`` and ``column``: names, or positions where there are none, and None in the place of a column where the row is left
        out; ``cost``: of the pair, or of leaving the row out (profits, less what leaving out costs, where these are maximised).

    Raises
    ------
    MissingExtraError
        If pandas is not installed.
    InvalidSolutionError
        If the assignment is of another number of rows, or names a column that is not there.
    """
    try:
        import pandas as pd
    except ImportError:
        raise MissingExtraError('to_frame needs pandas; pip install "optikit[frames]"') from None
    evaluate(problem, assignment)  # refuses what is of another problem
    column_of_row = assignment.column_of
    cost = np.where(np.isinf(problem.row_exit), 0, problem.row_exit) * (-1 if problem.maximize else 1)
    rows, columns = assignment.pairs
    values = of_pairs(problem.cost, rows, columns)[0]
    cost = np.where(column_of_row >= 0, 0, cost).astype(np.result_type(values, np.int64 if problem.whole else np.float64))
    cost[rows] = values
    row_names = range(problem.num_rows) if problem.row_names is None else problem.row_names
    column_names = range(problem.num_columns) if problem.column_names is None else problem.column_names
    named = [None if column < 0 else column_names[column] for column in column_of_row.tolist()]
    return pd.DataFrame(
        {"row": list(row_names), "column": pd.Series(named, dtype=None if None not in named else object), "cost": cost}
    )
