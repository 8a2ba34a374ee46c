"""Hall's condition: whether all that must be assigned can be, and where not, the lines that cannot.

Rows that must be assigned and columns that must be can be so together as soon as either can be without the other (Mendelsohn and
Dulmage, "Some generalizations of the problem of distinct representatives", Canadian Journal of Mathematics 10, 1958): one side
after the other is looked at.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .certificate import HallViolator, must
from .costs import SparseCosts, as_entries, blocks
from .problem import LinearAssignment

TRIES = 20
"""Lines without a partner from which a set is grown: the smallest set is told."""


def find_violator(problem: LinearAssignment) -> HallViolator | None:
    """Rows that reach too few places, or columns that too few rows can take; None: there is an assignment.

    All rows that have nowhere else to go, so that it shows how many are too many. By a maximum matching (Hopcroft and Karp
    1973, of scipy), and the alternating paths from what it leaves out.
    """
    rows_needed, columns_needed = must(problem, "rows"), must(problem, "columns")
    if problem.range.num_forbidden == 0:
        if rows_needed.sum() > problem.places.sum():
            return HallViolator("rows", np.flatnonzero(rows_needed))
        if problem.places[columns_needed].sum() > problem.num_rows:
            return HallViolator("columns", np.flatnonzero(columns_needed))
        return None
    rows, columns, _ = as_entries(problem.cost)
    copies = np.minimum(problem.places, problem.num_rows + 1)
    found = _of_rows(rows, columns, rows_needed, copies)
    if found is not None:
        return closed(problem, HallViolator("rows", found))
    if not columns_needed.any():
        return None
    # Columns as rows: each place of one that must be taken is a row of its own.
    owner = np.repeat(np.arange(problem.num_columns), copies)
    first = np.concatenate(([0], np.cumsum(copies)[:-1]))
    times = copies[columns]
    lines = np.repeat(first[columns] - np.concatenate(([0], np.cumsum(times)[:-1])), times) + np.arange(times.sum())
    found = _of_rows(lines, np.repeat(rows, times), columns_needed[owner], np.ones(problem.num_rows, np.int64))
    return None if found is None else closed(problem, HallViolator("columns", np.unique(owner[found])))


def closed(problem: LinearAssignment, violator: HallViolator) -> HallViolator:
    """The set with all other lines that must be assigned and have nowhere else to go either."""
    of_rows = violator.axis == "rows"
    within = np.zeros(problem.num_columns if of_rows else problem.num_rows, bool)
    within[violator.neighbours(problem)] = True
    beyond = np.zeros(problem.num_rows if of_rows else problem.num_columns, bool)
    if isinstance(problem.cost, SparseCosts):
        rows, columns, _ = as_entries(problem.cost)
        near, far = (rows, columns) if of_rows else (columns, rows)
        beyond[near[~within[far]]] = True
    else:
        for begin, block in blocks(problem.cost):
            allowed = np.isfinite(block)
            if of_rows:
                beyond[begin : begin + len(block)] = (allowed & ~within).any(axis=1)
            else:
                beyond |= (allowed & ~within[begin : begin + len(block), None]).any(axis=0)
    return HallViolator(violator.axis, np.flatnonzero(must(problem, violator.axis) & ~beyond))


def _of_rows(
    rows: NDArray[np.int64], columns: NDArray[np.int64], needed: NDArray[np.bool_], places: NDArray[np.int64]
) -> NDArray[np.int64] | None:
    """Rows that are needed and have fewer places within their reach than they are."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    kept = needed[rows]
    rows, columns = rows[kept], columns[kept]
    first = np.concatenate(([0], np.cumsum(places)[:-1]))
    owner = np.repeat(np.arange(len(places)), places)
    times = places[columns]
    spread = np.repeat(first[columns] - np.concatenate(([0], np.cumsum(times)[:-1])), times) + np.arange(times.sum())
    places_of = np.repeat(rows, times).astype(np.int32), spread.astype(np.int32)  # scipy's matching takes no others
    graph = csr_array((np.ones(len(spread), np.int8), places_of), shape=(len(needed), max(1, len(owner))))
    taken = maximum_bipartite_matching(graph, perm_type="column")
    alone = np.flatnonzero(needed & (taken < 0))
    if not alone.size:
        return None
    row_of = np.full(graph.shape[1], -1)
    row_of[taken[taken >= 0]] = np.flatnonzero(taken >= 0)
    grown = [_reached(graph.indptr, graph.indices, row_of, int(row)) for row in alone[:TRIES]]
    return min(grown, key=len)


def _reached(indptr: NDArray[np.int64], indices: NDArray[np.int64], row_of: NDArray[np.int64], start: int) -> NDArray[np.int64]:
    """Rows on alternating paths from one that has no partner: all their columns are taken, by the others of them."""
    inside, waiting = {start}, [start]
    while waiting:
        row = waiting.pop()
        for other in row_of[indices[indptr[row] : indptr[row + 1]]].tolist():
            if other not in inside:
                inside.add(other)
                waiting.append(other)
    return np.array(sorted(inside), np.int64)
