"""Linear assignment by trying every matching, in exact arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any


def matchings(num_rows: int, num_columns: int, row: int = 0, taken: frozenset[int] = frozenset()) -> Iterator[list[int]]:
    """For each matching, also partial ones, the column of each row; -1 for none."""
    if row == num_rows:
        yield []
        return
    for column in [-1, *(j for j in range(num_columns) if j not in taken)]:
        for rest in matchings(num_rows, num_columns, row + 1, taken | {column}):
            yield [column, *rest]


def least(costs: Any, row_out: Any = None, column_out: Any = None) -> Fraction | None:
    """The least sum of costs; None where there is no matching.

    Without costs of leaving lines out, the shorter side is served. With any, a row is left out for what it says, where that is not
    infinite, and a column for what it says, or for nothing.
    """
    infinity = float("inf")
    num_rows, num_columns = len(costs), len(costs[0])
    best = None
    for columns in matchings(num_rows, num_columns):
        used = [(i, j) for i, j in enumerate(columns) if j >= 0]
        if row_out is None and column_out is None and len(used) < min(num_rows, num_columns):
            continue
        if column_out is not None and row_out is None and len(used) < num_rows:
            continue
        terms = [costs[i][j] for i, j in used]
        terms += [row_out[i] for i, j in enumerate(columns) if j < 0] if row_out is not None else []
        left = set(range(num_columns)) - {j for _, j in used}
        terms += [column_out[j] for j in left] if column_out is not None else []
        if any(term == infinity for term in terms):
            continue
        total = sum((Fraction(term) for term in terms), Fraction(0))
        best = total if best is None else min(best, total)
    return best
