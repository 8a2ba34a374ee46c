"""Linear programs that grow, by HiGHS: columns and rows come, rows go, and each solve starts where the last one ended."""

from __future__ import annotations

import enum
import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import EngineError

_NO_LIMIT = 2**31 - 1
_OPTIONS = {"output_flag": False, "threads": 1, "presolve": "off", "solver": "simplex", "random_seed": 0}


class LPStatus(enum.Enum):
    """How a solve ended."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    LIMIT = "limit"
    """The iterations or the time ran out, or it was interrupted: values and duals are those of the last basis."""


class Entries(NamedTuple):
    """Nonzeros of some new columns (or rows), one after the other: those of column i are from ``starts[i]`` on."""

    starts: NDArray[np.int32]
    indices: NDArray[np.int32]
    values: NDArray[np.float64]

    @classmethod
    def of(cls, dense: ArrayLike) -> Entries:
        """From a dense array, one row of it for each new column (or row)."""
        table = np.asarray(dense, np.float64)
        lines, indices = np.nonzero(table)
        starts = np.searchsorted(lines, np.arange(len(table)))
        return cls(starts.astype(np.int32), indices.astype(np.int32), table[lines, indices])


class GrowingLP:
    """minimise cost x, subject to lower <= A x <= upper and bounds on x: simplex, warm, on one thread.

    Floats in, floats out: what a solve gives is a claim, from which a bound is yet to be proved (safe dual bounds: Neumaier and
    Shcherbina, "Safe bounds in linear and mixed-integer linear programming", Mathematical Programming 99, 2004).

    Parameters
    ----------
    lower, upper : array_like of float
        Sides of the first rows, which are empty until columns come; ``inf`` for none.

    Examples
    --------
    >>> lp = GrowingLP([3.0], [math.inf])
    >>> lp.add_columns([2.0, 5.0], [0.0, 0.0], [1.0, 9.0], Entries.of([[1], [1]]))
    >>> lp.solve().name, lp.objective, lp.values.tolist(), lp.duals.tolist()
    ('OPTIMAL', 12.0, [1.0, 2.0], [5.0])
    """

    def __init__(self, lower: ArrayLike, upper: ArrayLike) -> None:
        import highspy

        self._module = highspy
        self._highs = highspy.Highs()
        for name, value in _OPTIONS.items():
            self._highs.setOptionValue(name, value)
        self._highs.HandleUserInterrupt = True
        self.iterations = 0
        """Of the simplex method, in all solves."""
        self.objective = math.nan
        self.values: NDArray[np.float64] = np.zeros(0)
        """Of the columns, at the end of the last solve."""
        self.activities: NDArray[np.float64] = np.zeros(0)
        """Of the rows: A x."""
        self.duals: NDArray[np.float64] = np.zeros(0)
        """Of the rows: >= 0 where only a lower side binds."""
        lower = np.asarray(lower, np.float64)
        empty = Entries(np.zeros(len(lower), np.int32), np.zeros(0, np.int32), np.zeros(0))
        self.add_rows(lower, upper, empty)

    @property
    def num_columns(self) -> int:
        return int(self._highs.getNumCol())

    @property
    def num_rows(self) -> int:
        return int(self._highs.getNumRow())

    def add_columns(self, cost: ArrayLike, lower: ArrayLike, upper: ArrayLike, entries: Entries) -> None:
        """Append columns; the indices of their entries are rows."""
        cost, lower, upper = (np.ascontiguousarray(a, np.float64) for a in (cost, lower, upper))
        self._done(self._highs.addCols(len(cost), cost, lower, upper, len(entries.values), *entries))

    def add_rows(self, lower: ArrayLike, upper: ArrayLike, entries: Entries) -> None:
        """Append rows; the indices of their entries are columns."""
        lower, upper = (np.ascontiguousarray(a, np.float64) for a in (lower, upper))
        self._done(self._highs.addRows(len(lower), lower, upper, len(entries.values), *entries))

    def remove_rows(self, rows: ArrayLike) -> None:
        """Take rows out; those behind them move up."""
        indices = np.unique(np.asarray(rows, np.int32))
        self._done(self._highs.deleteRows(len(indices), indices))

    def change_bounds(self, columns: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> None:
        """Bounds of some columns."""
        indices = np.ascontiguousarray(columns, np.int32)
        lower, upper = (np.ascontiguousarray(a, np.float64) for a in (lower, upper))
        self._done(self._highs.changeColsBounds(len(indices), indices, lower, upper))

    def basic_rows(self) -> NDArray[np.bool_]:
        """Which rows are slack in the basis: taking those out leaves it one."""
        basic = self._module.HighsBasisStatus.kBasic
        return np.array([status == basic for status in self._highs.getBasis().row_status], bool)

    def basis(self) -> Any:
        """Where the last solve ended, for `restore`."""
        return self._highs.getBasis()

    def restore(self, basis: Any) -> None:
        """Start the next solve there; columns and rows must be those of then."""
        self._done(self._highs.setBasis(basis))

    def solve(self, seconds: float = math.inf, iterations: int | None = None) -> LPStatus:
        """Solve from the last basis.

        Parameters
        ----------
        seconds : float
            Limit of the clock.
        iterations : int, optional
            Limit of the simplex iterations.

        Raises
        ------
        EngineError
            If HiGHS fails.
        """
        highs = self._highs
        highs.setOptionValue("simplex_iteration_limit", _NO_LIMIT if iterations is None else iterations)
        # The limit counts from the making of the object.
        highs.setOptionValue("time_limit", highs.getRunTime() + seconds if seconds < math.inf else math.inf)
        highs.run()
        info, solution = highs.getInfo(), highs.getSolution()
        self.iterations += max(0, info.simplex_iteration_count)
        self.objective = info.objective_function_value
        self.values, self.activities = np.array(solution.col_value), np.array(solution.row_value)
        self.duals = np.array(solution.row_dual)
        status = str(highs.getModelStatus()).rpartition(".")[2]
        match status:
            case "kOptimal" | "kModelEmpty":
                return LPStatus.OPTIMAL
            case "kInfeasible":
                return LPStatus.INFEASIBLE
            case "kTimeLimit" | "kIterationLimit" | "kInterrupt" | "kHighsInterrupt" | "kUnknown" | "kObjectiveBound":
                return LPStatus.LIMIT
            case _:
                raise EngineError(f"HiGHS ended with {status[1:]}")

    def ray(self) -> NDArray[np.float64] | None:
        """After INFEASIBLE: multipliers of the rows that show it, from the least sum by which the rows can be broken.

        Those of rows with a lower side alone are >= 0. Times any large number they are duals whose bound exceeds any objective.
        None where that sum is nought, or was not found. (HiGHS's own dual ray is not always there.)
        """
        program = self._highs.getLp()
        lower, upper = np.array(program.row_lower_), np.array(program.row_upper_)
        program.col_cost_ = np.zeros(self.num_columns)
        highs = self._module.Highs()
        for name, value in _OPTIONS.items():
            highs.setOptionValue(name, value)
        highs.passModel(program)
        short, long = np.flatnonzero(lower > -math.inf), np.flatnonzero(upper < math.inf)
        rows = np.concatenate([short, long]).astype(np.int32)
        signs = np.concatenate([np.ones(len(short)), -np.ones(len(long))])
        count = len(rows)
        starts = np.arange(count, dtype=np.int32)
        highs.addCols(count, np.ones(count), np.zeros(count), np.full(count, math.inf), count, starts, rows, signs)
        highs.run()
        optimal = highs.getModelStatus() == self._module.HighsModelStatus.kOptimal
        if not optimal or highs.getInfo().objective_function_value <= 1e-9:
            return None
        return np.array(highs.getSolution().row_dual)

    def interrupt(self) -> None:
        """Ask a solve in another thread to end."""
        self._highs.cancelSolve()

    def _done(self, status: Any) -> None:
        if status == self._module.HighsStatus.kError:
            raise EngineError("HiGHS refused a change of the linear program")


def release_threads() -> None:
    """End HiGHS's threads of the calling thread: to be called by a thread that solved, before it ends."""
    import highspy

    highspy.Highs.resetGlobalScheduler(False)
