"""The judge of assignments: numpy on the original data, with no code of the solvers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...core.check import CheckReport, Violation
from ...errors import InvalidSolutionError
from .costs import Array, of_pairs
from .solution import Assignment

if TYPE_CHECKING:
    from .problem import LinearAssignment

SPELLED_OUT = 100
"""So many violations of one rule are listed one by one; the rest is counted."""


def evaluate(problem: LinearAssignment, assignment: Assignment) -> float:
    """The objective; infinite, to the worse side, where a pair is forbidden or something that must be assigned is left out.

    Sums are exact for ints, and exactly rounded for floats.

    Raises
    ------
    InvalidSolutionError
        For a solution of another class, of another number of rows, or that names a column that is not there.
    """
    return float(exact_objective(problem, assignment))


def exact_objective(problem: LinearAssignment, assignment: Assignment) -> int | float:
    """The same; a sum of ints as an int, also where a float would round it."""
    parts = _parts(problem, assignment)
    worst = -math.inf if problem.maximize else math.inf
    if any(np.isinf(values).any() for values, _ in parts.values()):
        return worst
    values, counts = map(np.concatenate, zip(*(part for key, part in parts.items() if _is_priced(problem, key)), strict=True))
    if problem.objective == "sum":
        return exact_sum(values, counts)
    return worst if not values.size else float(values.min() if problem.maximize else values.max())


def terms(problem: LinearAssignment, assignment: Assignment) -> dict[str, float]:
    """What the objective is made of."""
    if problem.objective == "bottleneck":
        return {"bottleneck": evaluate(problem, assignment)}
    parts = _parts(problem, assignment)
    return {key: float(exact_sum(*part)) for key, part in parts.items() if _is_priced(problem, key)}


def _is_priced(problem: LinearAssignment, part: str) -> bool:
    """Whether a part of the objective has a price at all."""
    return {"rows left out": problem.leave_row, "columns left out": problem.leave_column, "pairs": part}[part] is not None


def _parts(problem: LinearAssignment, assignment: Assignment) -> dict[str, tuple[Array, Array]]:
    """What each pair, each row without a column and each empty place adds to the objective, and how often."""
    problem.require(assignment)
    column_of = assignment.column_of
    if len(column_of) != problem.num_rows:
        raise InvalidSolutionError(f"column_of has {len(column_of)} entries, expected {problem.num_rows}: one a row")
    for row in np.flatnonzero((column_of < -1) | (column_of >= problem.num_columns))[:1].tolist():
        raise InvalidSolutionError(
            f"column_of[{row}] is {column_of[row]}; columns are 0 to {problem.num_columns - 1}, and -1 is none"
        )
    rows, columns = assignment.pairs
    values, allowed = of_pairs(problem.cost, rows, columns)
    if not allowed.all():
        values = np.where(allowed, values, -np.inf if problem.maximize else np.inf)
    empty = np.maximum(problem.places - np.bincount(columns, minlength=problem.num_columns), 0)
    left, vacant = problem.row_exit[column_of < 0], np.flatnonzero(empty)
    exits = problem.column_exit[vacant]
    if problem.whole:
        left, exits = (e.astype(np.int64) if np.isfinite(e).all() else e for e in (left, exits))
    return {
        "pairs": (values, np.ones(len(values), np.int64)),
        "rows left out": (-left if problem.maximize else left, np.ones(len(left), np.int64)),
        "columns left out": (-exits if problem.maximize else exits, empty[vacant]),
    }


def exact_sum(values: Array, counts: Array) -> int | float:
    """``sum(values * counts)``, without a rounding on the way; a single one at the end, of floats."""
    if values.dtype == np.int64:
        return int(sum(value * count for value, count in zip(values.tolist(), counts.tolist())))
    if (counts == 1).all():
        return math.fsum(values.tolist())
    high = values * 134217729.0 - (values * 134217729.0 - values)  # Veltkamp: exact times counts below 2^26
    return math.fsum([*(counts * high).tolist(), *(counts * (values - high)).tolist()])


def check(problem: LinearAssignment, assignment: Assignment) -> CheckReport:
    """All rules: pairs that are allowed, capacities, and that nothing is left out that must be assigned."""
    problem.require(assignment)
    return CheckReport.of(_violations(problem, assignment.column_of))


def _violations(problem: LinearAssignment, column_of: NDArray[np.int64]) -> Iterator[Violation]:
    if len(column_of) != problem.num_rows:
        apart = abs(len(column_of) - problem.num_rows)
        yield Violation("length", f"the assignment has {len(column_of)} rows, the problem {problem.num_rows}", apart)
        return
    row_called, column_called = problem.row_called, problem.column_called
    known = (column_of >= -1) & (column_of < problem.num_columns)
    yield from _listed(
        "unknown column",
        np.flatnonzero(~known),
        lambda row: f"{row_called(row)} goes to column {column_of[row]}, which is not there",
    )
    rows = np.flatnonzero(known & (column_of >= 0))
    columns = column_of[rows]
    allowed = of_pairs(problem.cost, rows, columns)[1]
    yield from _listed(
        "forbidden",
        rows[~allowed],
        lambda row: f"{row_called(row)} may not go to {column_called(column_of[row])}",
    )
    load, places = np.bincount(columns, minlength=problem.num_columns), problem.places
    yield from _listed(
        "overload",
        np.flatnonzero(load > places),
        lambda column: (
            f"{column_called(column)} takes {load[column]} rows, {load[column] - places[column]} more than its {places[column]}"
        ),
        lambda column: float(load[column] - places[column]),
    )
    left = np.flatnonzero((column_of < 0) & known & np.isinf(problem.row_exit))
    yield from _listed("left out", left, lambda row: f"{row_called(row)} has no column, and must have one")
    empty = np.flatnonzero((load < places) & np.isinf(problem.column_exit))
    yield from _listed(
        "left empty",
        empty,
        lambda column: f"{column_called(column)} takes {load[column]} rows, and must take {places[column]}",
        lambda column: float(places[column] - load[column]),
    )


def _listed(
    rule: str, lines: NDArray[Any], sentence: Callable[[Any], str], size: Callable[[Any], float] = lambda line: 1.0
) -> Iterator[Violation]:
    for line in lines[:SPELLED_OUT].tolist():
        yield Violation(rule, sentence(line), size(line))
    rest = lines[SPELLED_OUT:]
    if rest.size:
        yield Violation(rule, f"{len(rest):,} more of that kind: {rule}", math.fsum(map(size, rest.tolist())))
