"""Bottlenecks: the assignment whose largest cost is least (whose least profit is largest), by our own kernel.

First all rows that must be assigned, by paths below a threshold that rises only where it must (see kernels/threshold.py); then,
where columns must be and are not yet, the same with rows and columns exchanged, from the pairs that there are. Neither takes a
partner away from what has one, so both sides are served in the end, below the larger of two thresholds that are both necessary
(Mendelsohn and Dulmage 1958). The set of rows, or of columns, for which the threshold last rose is the certificate.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.result import StopReason
from ...core.run import Outcome, Run
from ...kernels.control import Control
from .bottleneck_arrays import FREE, NUM_HALL, OUT, PATHS, ROOT, THRESHOLD, Levels, Table
from .bounds import best_of_lines, lower_bound
from .certificate import HallViolator, must
from .costs import Array, SparseCosts, sparse_of
from .hall import closed
from .kernels.threshold import DONE, INFEASIBLE, rise_and_match
from .problem import LinearAssignment
from .search import advance, said
from .solution import Assignment

ANY = -(2**63)
"""The key of what may be left out whatever the threshold."""


class Keys:
    """Numbers of a problem as 64-bit keys: what is better is less."""

    def __init__(self, problem: LinearAssignment) -> None:
        self.whole = problem.whole
        self.dtype = np.dtype(np.int64 if self.whole else np.float64)
        self.flip = 0 if self.whole else 2**63 - 1
        self.turn = -1 if problem.maximize else 0
        self.far = 2**62 if self.whole else int(self.of(np.array([-np.inf if problem.maximize else np.inf]))[0])

    def of(self, values: Array) -> NDArray[np.int64]:
        words = np.ascontiguousarray(values, self.dtype).view(np.int64)
        return (words ^ ((words >> 63) & self.flip)) ^ self.turn

    def value(self, key: int) -> float:
        word = np.array([key]) ^ self.turn
        return float((word ^ ((word >> 63) & self.flip)).view(self.dtype)[0])


class Rising:
    """A search for pairs below a threshold that covers rows.

    Parameters
    ----------
    cost : array or SparseCosts
        Of rows and columns.
    keys : Keys
    leave : array of int64
        Key of leaving each row out.
    room : array of int64
        Rows that each column takes.
    threshold : int
        A key that is known to be necessary.
    column_of : array of int
        Pairs to start from, below the threshold; OUT for rows that are left out.
    """

    def __init__(self, cost: Any, keys: Keys, leave: Array, room: Array, threshold: int, column_of: Array) -> None:
        self.control = Control.fresh()
        rows, columns = cost.shape
        sparse = isinstance(cost, SparseCosts)
        data = (cost.data if sparse else cost).view(np.int64).reshape(-1)
        self._table = Table.empty(
            num_rows=rows, num_columns=columns, num_costs=len(data), num_entries=len(data) if sparse else 0,
            num_ends=rows + 1 if sparse else 0, flip=keys.flip, turn=keys.turn, far=keys.far, cost=data,
            **({"column": cost.indices.astype(np.int32), "first": cost.indptr} if sparse else {}),
        )  # fmt: skip
        self.levels = levels = Levels.empty(
            num_rows=rows,
            num_columns=columns,
            leave=leave,
            room=room,
            column_of=np.array(column_of, np.int32),
            first_of=np.full(columns, -1, np.int32),
            next_of=np.full(rows, -1, np.int32),
            before=np.full(rows, -1, np.int32),
        )
        for row in np.flatnonzero(levels.column_of >= 0).tolist():
            column = levels.column_of[row]
            head = levels.first_of[column]
            levels.next_of[row] = head
            if head >= 0:
                levels.before[head] = row
            levels.first_of[column] = row
            levels.load[column] += 1
        levels.words[ROOT] = -1
        levels.words[THRESHOLD] = threshold
        self._kernel = rise_and_match["sparse" if sparse else "dense"]
        self.state = 0

    def advance(self) -> bool:
        self.state = int(self._kernel(self._table, self.levels, self.control))
        return self.state >= DONE

    @property
    def threshold(self) -> int:
        return int(self.levels.words[THRESHOLD])

    @property
    def hall(self) -> NDArray[np.int64]:
        """The rows for which the threshold last rose; empty where it never did."""
        return np.sort(self.levels.hall[: self.levels.words[NUM_HALL]].astype(np.int64))


def solve_bottleneck(problem: LinearAssignment, run: Run) -> Outcome:
    """The bottleneck assignment, with the set of Hall's that proves it."""
    keys = Keys(problem)
    bound = lower_bound(problem)
    assert bound is not None, "where nothing is allowed and nothing may be left out, that can be counted"
    threshold = start = int(keys.of(np.array([bound]))[0])
    column_of = np.full(problem.num_rows, OUT)
    violator: HallViolator | None = None
    rows_leave = _keys_of_leaving(problem, keys, "rows")
    if (rows_leave > ANY).any():
        column_of[rows_leave > ANY] = FREE
        room = np.minimum(problem.places, problem.num_rows)
        search = Rising(problem.cost, keys, rows_leave, room, threshold, column_of)
        reason = advance(search, run)
        run.iterations += int(search.levels.words[PATHS])
        if reason is not None:
            return Outcome(reason, bound=keys.value(search.threshold))  # necessary for some rows is necessary
        if search.state == INFEASIBLE:
            return _impossible(problem, HallViolator("rows", search.hall))
        column_of = search.levels.column_of.astype(np.int64)
        if search.threshold > threshold:
            threshold, violator = search.threshold, HallViolator("rows", search.hall, keys.value(search.threshold))
    columns_leave = _keys_of_leaving(problem, keys, "columns")
    load = np.bincount(column_of[column_of >= 0], minlength=problem.num_columns)
    if ((load < problem.places) & (columns_leave > threshold)).any():
        turned = _Turned(problem, column_of)
        search = Rising(turned.cost, keys, columns_leave[turned.owner], np.ones(problem.num_rows, np.int64), threshold,
                        turned.row_of)  # fmt: skip
        search.levels.column_of[(turned.row_of < 0) & (columns_leave[turned.owner] > threshold)] = FREE
        reason = advance(search, run)
        run.iterations += int(search.levels.words[PATHS])
        if reason is not None:
            return Outcome(reason, bound=keys.value(search.threshold))
        if search.state == INFEASIBLE:
            return _impossible(problem, HallViolator("columns", np.unique(turned.owner[search.hall])))
        column_of = turned.read(search.levels.column_of)
        if search.threshold > threshold:
            threshold = search.threshold
            violator = HallViolator("columns", np.unique(turned.owner[search.hall]), keys.value(threshold))
    if violator is None:
        assert threshold == start
        violator = _of_one_line(problem, bound)
    return Outcome(StopReason.PROVEN, Assignment(np.where(column_of >= 0, column_of, -1)), certificate=violator)


def _keys_of_leaving(problem: LinearAssignment, keys: Keys, axis: str) -> NDArray[np.int64]:
    """Keys of leaving each row or column out: of no account, at its price, or never."""
    exits, priced = (problem.row_exit, problem.leave_row) if axis == "rows" else (problem.column_exit, problem.leave_column)
    never = np.isinf(exits)
    leave = np.full(len(exits), ANY)
    if priced is not None:
        finite = np.where(never, 0, exits)
        leave = keys.of(-finite if problem.maximize else finite)
    leave[never] = keys.far
    return leave


def _of_one_line(problem: LinearAssignment, bound: float) -> HallViolator:
    """The first line that has nothing better than the bound: it proves it alone."""
    for axis, best in zip(("rows", "columns"), best_of_lines(problem)):
        lines = np.flatnonzero(must(problem, axis, bound) & (best <= bound if problem.maximize else best >= bound))
        if axis == "columns":
            lines = lines[problem.places[lines] > 0]
        if lines.size:
            return HallViolator(axis, lines[:1], bound)
    raise AssertionError("a bound has a line that proves it")


def _impossible(problem: LinearAssignment, violator: HallViolator) -> Outcome:
    violator = closed(problem, violator)
    return Outcome(StopReason.PROVEN, certificate=violator, infeasible=True, message=said(problem, violator))


class _Turned:
    """The places of columns as rows, and rows as columns that take one."""

    def __init__(self, problem: LinearAssignment, column_of: Array) -> None:
        copies = np.minimum(problem.places, problem.num_rows + 1)
        self.owner = np.repeat(np.arange(problem.num_columns), copies)
        self.num_rows = problem.num_rows
        first = np.concatenate(([0], np.cumsum(copies)[:-1]))
        cost = problem.cost
        if isinstance(cost, SparseCosts):
            times = copies[cost.indices]
            begin = np.cumsum(times) - times
            lines = np.repeat(first[cost.indices] - begin, times) + np.arange(times.sum())
            shape = (len(self.owner), problem.num_rows)
            self.cost: Any = sparse_of(lines, np.repeat(cost.rows, times), np.repeat(cost.data, times), shape)
        else:
            self.cost = np.ascontiguousarray(cost.T[self.owner])
        self.row_of = np.full(len(self.owner), OUT)
        taken = np.zeros(problem.num_columns, np.int64)
        for row in np.flatnonzero(column_of >= 0).tolist():
            column = column_of[row]
            self.row_of[first[column] + taken[column]] = row
            taken[column] += 1

    def read(self, row_of: Array) -> NDArray[np.int64]:
        column_of = np.full(self.num_rows, -1)
        served = np.flatnonzero(row_of >= 0)
        column_of[row_of[served]] = self.owner[served]
        return column_of
