"""One matrix that fits the processor's cache: arrays that are kept, and what the kernels of small matrices have to know."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arrays import NO_MATCHING, SOLVED, Costs, Desk
from .dense import INFEASIBLE, as_costs, refuse_other_than_numbers
from .kept import solve_dense
from .kernels.small import solve_costs
from .matcher import FLOAT_LIMIT

MOST_SMALL = 512
"""Rows or columns of a matrix that is solved without lists: for most kinds they are faster from 400 on, for all from 600."""

WHOLE_LIMIT = 2.0**49
"""Integers less than this, and their sums along paths, are exact in floats."""

WORTH_BINDING = 4_096
"""Costs of a matrix that takes longer to copy than to bind."""


def limit_of(dtype: np.dtype[Any]) -> float:
    """What costs must be less than, to be solved in floats."""
    return FLOAT_LIMIT if dtype.kind == "f" else WHOLE_LIMIT


def new_desk(size: int, num_costs: int) -> Desk:
    """Room for matrices of so many lines at most."""
    return Desk.empty(size=size, num_costs=num_costs, far=np.inf)


class _Seat(threading.local):
    """Room for one matrix, of each thread its own: binding arrays takes as long as solving ten rows."""

    def __init__(self) -> None:
        self.desk = new_desk(MOST_SMALL, 0)
        self.costs = Costs.empty(num_costs=MOST_SMALL**2)


_SEAT = _Seat()


def solve_small(costs: NDArray[Any], maximize: bool) -> NDArray[np.int64]:
    """The column of each row of one matrix, at most MOST_SMALL by MOST_SMALL; -1 for rows that are left.

    Raises
    ------
    TypeError, ValueError, OverflowError
        If a cost is no real number, invalid or too great, or there is no matching.
    """
    num_rows, num_columns = costs.shape
    turned = num_rows > num_columns
    refuse_other_than_numbers(costs.dtype)
    lines = costs.T if turned else costs
    flags = lines.flags
    if maximize or lines.size < WORTH_BINDING or lines.dtype != np.float64 or not (flags.c_contiguous and flags.aligned):
        table = _SEAT.costs
        copied = table.cost[: lines.size].reshape(lines.shape)
        np.copyto(copied, lines)
        if maximize:
            np.negative(copied, out=copied)
    else:
        table = Costs(num_costs=lines.size, cost=lines)
    desk = _SEAT.desk
    status = solve_costs(table, desk, *lines.shape, limit_of(lines.dtype))
    if status == SOLVED:
        column_of: NDArray[np.int64] = (desk.owner if turned else desk.column_of)[:num_rows].astype(np.int64)
        return column_of
    if status == NO_MATCHING:
        raise ValueError(INFEASIBLE)
    return solve_dense(as_costs(costs), maximize)
