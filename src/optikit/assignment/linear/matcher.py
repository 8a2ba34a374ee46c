"""A solve in progress: the arrays of the kernels, and what they say at the end."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...kernels.control import NEVER, Control
from .arrays import (
    BIDS,
    BUDGET,
    CURSOR,
    EFFORT,
    EFFORT_LIMIT,
    END,
    FREE,
    NUM_DONE,
    NUM_FREE,
    NUM_LEFT,
    NUM_ROUNDS,
    OUT,
    PATHS,
    PHASE,
    ROOT,
    ROUND,
    ROW,
    SCANS,
    SPREAD,
    FloatLists,
    FloatMatrix,
    FloatState,
    WholeLists,
    WholeMatrix,
    WholeState,
)
from .kernels.float_matching import solve_floats
from .kernels.phases import AUCTION, DONE, HARD, INFEASIBLE, SEEK
from .kernels.whole_matching import solve_whole
from .matching import Matching, Violator

FAR = 2**62
LIMIT = 2**58
"""More than any sum of integers, and the greatest integer that is taken as a cost."""

FLOAT_LIMIT = 2.0**960
ROUNDING = 2.0**-50

EFFORT_A_COST = 0.4
"""The search for paths may read so many entries for each cost before an auction is thought of: easy instances need a third."""

AUCTION_A_COST = 0.7
"""What is left takes as long as what was done, a path: fewer entries for each cost than this, and there is no auction."""

FIRST_EPSILON, LAST_EPSILON, SHRINKING = 0.05, 1e-6, 8.0
"""Of the auction, in units of the range of costs; measured on distances in the plane and on products."""

BIDS_A_ROW = 300
"""After so many bids the auction ends early; where there is no matching it would not end at all."""


class Matcher:
    """A search for the matching of least cost of ``num_rows`` rows, each to a column or out.

    Attributes
    ----------
    control : Control
        Its deadline and its stop flag end `advance` early.
    """

    def __init__(self, matrix: Any, lists: Any, state: Any) -> None:
        self.control = Control.fresh()
        self._num_costs = matrix.num_costs or lists.num_entries
        self._matrix, self._lists, self._state = matrix, lists, state
        kernel = solve_floats if isinstance(state, FloatState) else solve_whole
        self._kernel = kernel["dense" if matrix.num_costs else "sparse"]

    def advance(self) -> bool:
        """Go on until there is no more to do (True) or the control block says return (False). Releases the GIL."""
        phase = HARD
        while phase == HARD:
            phase = self._kernel(self._matrix, self._lists, self._state, self.control)
            if phase == HARD:
                self._think_of_auction()
        return phase >= DONE

    def _think_of_auction(self) -> None:
        """The paths are long: hold an auction first, unless what is left to do takes less."""
        s = self._state
        effort, done = int(s.words[EFFORT]), int(s.words[CURSOR])
        if effort * (int(s.words[NUM_FREE]) - done) < AUCTION_A_COST * self._num_costs * done:
            s.words[EFFORT_LIMIT] = effort + int(EFFORT_A_COST * self._num_costs)
            s.words[PHASE] = SEEK
            return
        s.words[EFFORT_LIMIT] = NEVER
        steps = _epsilons(self._range(), s.epsilon.dtype.kind == "i")
        s.epsilon[: len(steps)] = steps
        s.words[[NUM_FREE, NUM_LEFT, CURSOR, ROUND]] = 0
        s.words[ROW] = -1
        s.words[NUM_ROUNDS] = len(steps)
        s.words[BUDGET] = BIDS_A_ROW * s.num_rows
        s.words[PHASE] = AUCTION

    def _range(self) -> float:
        """How far apart costs are, about: the widest spread among a sample of rows; without those that are forbidden."""
        costs = self._costs_of_sample()
        costs = costs[np.isfinite(costs)] if costs.dtype.kind == "f" else costs
        return float(costs.max() - costs.min()) if costs.size else 0.0

    def _costs_of_sample(self) -> NDArray[Any]:
        """Costs of some rows, times the sign."""
        raise NotImplementedError

    def _restart(self, matrix: Any) -> None:
        """Make ready for another matrix of the same shape and sign, without prices to start from: binding arrays takes time."""
        s = self._state
        self._matrix = matrix
        s.words[:] = 0
        s.words[[ROW, END, ROOT]] = -1
        s.words[EFFORT_LIMIT] = EFFORT_A_COST * self._num_costs
        s.measure[SPREAD] = -1
        for member, value in ((s.column_of, FREE), (s.owner, -1), (s.place, -1), (s.price, 0), (s.settled, 0), (s.distance, s.far)):
            member.fill(value)
        self._lists.beyond.fill(-s.far)  # no list proves anything yet

    @property
    def phase(self) -> int:
        """A code of kernels/phases.py."""
        return int(self._state.words[PHASE])

    @property
    def scans(self) -> int:
        """Rows read in full."""
        return int(self._state.words[SCANS])

    @property
    def bids(self) -> int:
        """Rows that took a column without a search."""
        return int(self._state.words[BIDS])

    @property
    def augmentations(self) -> int:
        """Shortest paths."""
        return int(self._state.words[PATHS])

    def column_of(self) -> NDArray[np.int64] | None:
        """The column of each row at the end, without prices; None where there is no matching."""
        return None if self.phase == INFEASIBLE else np.maximum(self._state.column_of, -1, dtype=np.int64)

    def matching(self) -> Matching:
        """Where it stands; what it finds at the end."""
        s, sign = self._state, self._matrix.sign
        column_of = s.column_of.astype(np.int64)
        matched = column_of >= 0
        u = np.zeros_like(s.held)
        u[matched] = s.held[matched] + s.price[column_of[matched]]
        u[column_of == OUT] = s.out[column_of == OUT]
        column_of[~matched] = -1
        v = -s.price
        # Not times the sign, which may be a small power of two.
        return Matching(column_of, s.owner.astype(np.int64), _over(u, sign), _over(v, sign), self._violator())

    def _violator(self) -> Violator | None:
        """The tree from which no path leads on: its rows have no columns but those on it."""
        if self.phase != INFEASIBLE:
            return None
        s = self._state
        columns = s.done[: s.words[NUM_DONE]].astype(np.int64)
        rows = np.append(s.owner[columns].astype(np.int64), s.words[ROW])
        return Violator("rows", np.sort(rows), np.sort(columns))


def _epsilons(span: float, whole: bool) -> list[float]:
    """The epsilon of each round of an auction over costs so far apart; at least 1 in integers, which is all that they can tell."""
    steps = [FIRST_EPSILON * span]
    while steps[-1] > LAST_EPSILON * span:
        steps.append(max(steps[-1] / SHRINKING, LAST_EPSILON * span))
    return [max(1, int(step)) for step in steps] if whole else steps


def _over(values: NDArray[Any], sign: float) -> NDArray[Any]:
    with np.errstate(over="ignore"):  # of floats whose sums overflow
        return np.asarray(values * sign if abs(sign) == 1 else values / sign)


def structures(dtype: np.dtype[Any]) -> tuple[type[Any], type[Any], type[Any], dict[str, Any]]:
    """The classes of Matrix, Lists and State for numbers of a dtype, and what a Matrix of them has to know."""
    if dtype.kind == "f":
        return FloatMatrix, FloatLists, FloatState, {"limit": FLOAT_LIMIT, "most": float(np.finfo(np.float64).max)}
    return WholeMatrix, WholeLists, WholeState, {"limit": LIMIT, "most": 2**63 - 1}


def make_state(
    shape: tuple[int, int],
    num_costs: int,
    dtype: np.dtype[Any],
    sign: Any,
    *,
    row_out: Any,
    column_out: Any,
    v: Any,
    column_of: Any,
) -> Any:
    """The state before the first phase: nobody has a column, or those have it to whom it was given."""
    num_rows, num_columns = shape
    is_float = dtype.kind == "f"
    far = np.inf if is_float else FAR
    state = (FloatState if is_float else WholeState).empty(
        num_rows=num_rows,
        num_columns=num_columns,
        slack=ROUNDING if is_float else 0,
        far=far,
        column_of=np.full(num_rows, FREE, np.int32),
        owner=np.full(num_columns, -1, np.int32),
        place=np.full(num_rows + num_columns, -1, np.int32),
        distance=np.full(num_columns, far, dtype),
        out=np.full(num_rows, far, dtype) if row_out is None else _times(row_out, sign, dtype, far),
        floor=np.zeros(num_columns, dtype) if column_out is None else -_times(column_out, sign, dtype, far),
    )
    state.words[[ROW, END, ROOT]] = -1
    state.words[EFFORT_LIMIT] = EFFORT_A_COST * num_costs
    state.measure[SPREAD] = -1
    if column_out is not None:
        state.price[:] = state.floor
    if v is not None:
        state.price[:] = -_times(v, sign, dtype, far)
        if num_rows != num_columns or row_out is not None or column_out is not None:
            np.maximum(state.price, state.floor, out=state.price)
    if column_of is not None:
        given = np.asarray(column_of)
        rows = np.flatnonzero(given >= 0)
        state.column_of[rows] = given[rows]
        state.owner[given[rows]] = rows
        if np.count_nonzero(state.owner >= 0) != len(rows):
            raise ValueError("column_of gives a column to two rows")
    return state


def _times(values: Any, sign: Any, dtype: np.dtype[Any], far: Any) -> NDArray[Any]:
    """Numbers times the sign; in integers, what is as good as infinite stays so."""
    given = np.asarray(values)
    if dtype.kind == "f":
        return np.asarray(given * sign, dtype)
    with np.errstate(invalid="ignore"):
        times = given * sign
    return np.asarray(np.where(times >= LIMIT, far, times), dtype)
