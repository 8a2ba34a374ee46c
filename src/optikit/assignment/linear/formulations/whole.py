"""What engines that count in ints take."""

from __future__ import annotations

from ..problem import LinearAssignment

MOST_WHOLE = 2**60
"""Sums stay below that, times the number of nodes by which cost scaling multiplies."""


def not_whole(problem: LinearAssignment, who: str) -> str | None:
    """Why an engine that adds up ints cannot take the problem, or None."""
    if problem.objective != "sum":
        return f"{who} minimise sums, not bottlenecks"
    if not problem.whole:
        return f"the costs are floats, and {who} count in ints; scale the costs to ints, or use 'jv'"
    nodes = problem.num_rows + problem.num_columns + 2
    exits = [abs(float(e[abs(e) < float("inf")].max(initial=0))) for e in (problem.row_exit, problem.column_exit)]
    largest = max(abs(problem.range.least), abs(problem.range.greatest), *exits)
    if 4.0 * largest * nodes * nodes > MOST_WHOLE:
        return f"the costs reach {largest:.6g}, and {who} multiply them by the number of nodes, beyond 64 bits; use a larger unit"
    return None
