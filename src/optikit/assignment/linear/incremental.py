"""Solving again after a change: from the pairs and prices of before, by a shortest path for each row that lost its column."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ...core.result import Result, StopReason
from ...core.run import Outcome, Run
from ...core.stop import Stop
from ...errors import InvalidProblemError, UnsupportedError
from ...inputs.arrays import as_numbers
from ...inputs.names import Name
from ...inputs.wording import shown
from .certificate import DualPrices
from .check import exact_sum
from .costs import Array, of_pairs
from .dense import DenseMatching
from .matching import Violator
from .problem import LinearAssignment
from .reduction import Reduced
from .search import JonkerVolgenant, said
from .solution import Assignment


class Reassignment:
    """A linear assignment that changes, and is solved again from where it was.

    Prices of the last solve stay valid for all that did not change, so that a new one takes a look at the costs and one
    shortest path for each row that lost its column: the answer is as good as that of solving afresh, and proved as it is.
    (Toroslu and Ucoluk, "Incremental assignment problem", Information Sciences 177, 2007; Mills-Tettey, Stentz and Dias, "The
    dynamic Hungarian algorithm for the assignment problem with changing costs", Carnegie Mellon CMU-RI-TR-07-27, 2007.)

    Parameters
    ----------
    problem : LinearAssignment
        Dense, with a sum as its objective, and columns that take one row each. Its costs are copied.

    Examples
    --------
    >>> again = Reassignment(LinearAssignment([[4, 1, 3], [2, 0, 5], [3, 2, 1]]))
    >>> again.solve()
    Assignment(column_of=(1, 0, 2))
    >>> again.set_costs(1, 0, 9)
    >>> again.solve(), again.objective
    (Assignment(column_of=(0, 1, 2)), 5.0)
    """

    def __init__(self, problem: LinearAssignment) -> None:
        if not isinstance(problem, LinearAssignment):
            raise UnsupportedError(f"problem is a {type(problem).__name__}; expected a LinearAssignment")
        for unfit, why in (
            (problem.objective != "sum", "a bottleneck"),
            (problem.is_sparse, "sparse"),
            (problem.capacity is not None, "one with capacities"),
        ):
            if unfit:
                raise UnsupportedError(f"the problem is {why}; Reassignment takes dense sums with one row a column: use solve")
        self._cost: Array = np.array(problem.cost)
        self._maximize, self._whole = problem.maximize, problem.cost.dtype == np.int64
        self._leave = {"row": problem.leave_row, "column": problem.leave_column}
        self._names = {"row": problem.row_names, "column": problem.column_names}
        self._title = problem.name
        self._column_of = np.full(problem.num_rows, -1)
        self._prices: tuple[Array, Array] | None = None
        self._violator: Violator | None = None
        self._solved = False

    # -- changes ------------------------------------------------------------------

    def set_costs(self, rows: ArrayLike, columns: ArrayLike, costs: ArrayLike) -> None:
        """Change the costs of some pairs: ``cost[rows, columns] = costs``, broadcast as numpy does; infinite where forbidden."""
        shape = self._cost.shape
        ends = [self._lines(axis, given) for axis, given in (("row", rows), ("column", columns))]
        new = self._values("costs", costs)
        try:
            near, far, values = np.broadcast_arrays(*ends, new)
        except ValueError:
            raise InvalidProblemError(
                f"rows, columns and costs do not go together: cost has shape {shape}, and they differ"
            ) from None
        self._cost[near, far] = values
        self._changed()

    def replace_row(self, row: int, costs: ArrayLike) -> None:
        """Change all costs of a row."""
        at = self._line("row", row)
        self._cost[at] = self._line_of_costs("column", costs)
        self._changed()

    def replace_column(self, column: int, costs: ArrayLike) -> None:
        """Change all costs of a column."""
        at = self._line("column", column)
        self._cost[:, at] = self._line_of_costs("row", costs)
        self._column_of[self._column_of == at] = -1
        self._price_column(at)
        self._changed()

    def add_row(self, costs: ArrayLike, *, name: Name | None = None, leave: float | None = None) -> int:
        """Add a row, with its name where rows have such, and what leaving it out costs where that has a price; its position."""
        new = self._line_of_costs("column", costs)
        self._add("row", name, leave)
        self._cost = np.vstack([self._cost, new[None]])
        self._column_of = np.append(self._column_of, -1)
        if self._prices is not None:
            self._prices = np.append(self._prices[0], 0), self._prices[1]
        self._changed()
        return len(self._cost) - 1

    def add_column(self, costs: ArrayLike, *, name: Name | None = None, leave: float | None = None) -> int:
        """Add a column; as `add_row`."""
        new = self._line_of_costs("row", costs)
        self._add("column", name, leave)
        self._cost = np.ascontiguousarray(np.hstack([self._cost, new[:, None]]))
        if self._prices is not None:
            self._prices = self._prices[0], np.append(self._prices[1], 0)
        self._price_column(self._cost.shape[1] - 1)
        self._changed()
        return int(self._cost.shape[1]) - 1

    def remove_row(self, row: int) -> None:
        """Take a row out; those behind it move up."""
        at = self._remove("row", row)
        self._cost = np.delete(self._cost, at, axis=0)
        self._column_of = np.delete(self._column_of, at)
        if self._prices is not None:
            self._prices = np.delete(self._prices[0], at), self._prices[1]
        self._changed()

    def remove_column(self, column: int) -> None:
        """Take a column out; those behind it move up."""
        at = self._remove("column", column)
        self._cost = np.ascontiguousarray(np.delete(self._cost, at, axis=1))
        self._column_of[self._column_of == at] = -1
        self._column_of[self._column_of > at] -= 1
        if self._prices is not None:
            self._prices = self._prices[0], np.delete(self._prices[1], at)
        self._changed()

    # -- answers ------------------------------------------------------------------

    def solve(self) -> Assignment | None:
        """The best assignment as things are; None where there is none (`result` says why)."""
        if not self._solved:
            exits, reduced = self._exits(), None
            start = {} if self._prices is None else {"v": self._prices[1], "column_of": self._column_of}
            if np.isinf(exits.get("column_out", 0)).any():  # such are solved in another form, afresh
                reduced = Reduced(self.problem)
                search = reduced.matcher()
            else:
                search = DenseMatching(self._cost, maximize=self._maximize, **exits, **start)
            while not search.advance():
                pass
            matching = search.matching()
            self._violator, self._solved = matching.violator, True
            if self._violator is None:
                found = matching.column_of if reduced is None else reduced.assignment(matching).column_of
                prices = DualPrices(matching.u, matching.v) if reduced is None else reduced.prices(matching)
                self._column_of, self._prices = np.array(found), (prices.row_prices, prices.column_prices)
        return None if self._violator is not None else Assignment(self._column_of)

    @property
    def objective(self) -> float | None:
        """Of the best assignment, exactly summed; None where there is none."""
        assignment = self.solve()
        if assignment is None:
            return None
        rows, columns = assignment.pairs
        values = [of_pairs(self._cost, rows, columns)[0]]
        free = np.setdiff1d(np.arange(self._cost.shape[1]), columns)
        for side, left in (("row", assignment.column_of < 0), ("column", free)):
            if self._leave[side] is not None:
                values.append((-1 if self._maximize else 1) * self._leave[side][left])
        joined = np.concatenate(values)
        return float(exact_sum(joined, np.ones(len(joined), np.int64)))

    @property
    def prices(self) -> DualPrices | None:
        """The dual prices that prove it; None where there is no assignment."""
        if self.solve() is None or self._prices is None:
            return None
        return DualPrices(*self._prices)

    @property
    def problem(self) -> LinearAssignment:
        """As things are: checked, and with its costs copied."""
        return LinearAssignment(
            np.array(self._cost),
            self._maximize,
            leave_row=self._leave["row"],
            leave_column=self._leave["column"],
            row_names=self._names["row"],
            column_names=self._names["column"],
            name=self._title,
        )

    def result(self) -> Result:
        """The answer with its evidence, as `optikit.solve` gives it: the judge looks at all costs once."""
        problem = self.problem
        run = Run(problem, Stop(), seed=0, n_jobs=1, callbacks=[], memory_limit=None, solver=JonkerVolgenant.name)
        assignment = self.solve()
        if assignment is None:
            assert self._violator is not None
            violator = Reduced(problem).violator(self._violator)
            outcome = Outcome(StopReason.PROVEN, certificate=violator, infeasible=True, message=said(problem, violator))
        else:
            outcome = Outcome(StopReason.PROVEN, assignment, certificate=self.prices)
        return JonkerVolgenant()._conclude(problem, run, outcome, "")

    # -- within -------------------------------------------------------------------

    def _changed(self) -> None:
        self._solved = False

    def _exits(self) -> dict[str, Any]:
        if self._leave["row"] is None and self._leave["column"] is None:
            return {}
        sign = -1 if self._maximize else 1
        counts = dict(zip(("row", "column"), self._cost.shape))
        exits = {side: np.zeros(counts[side]) if leave is None else leave for side, leave in self._leave.items()}
        return {"row_out": sign * exits["row"], "column_out": sign * exits["column"]}

    def _price_column(self, column: int) -> None:
        """A price at which no row would rather have the column: the others keep theirs."""
        if self._prices is None:
            return
        u, v = self._prices[0], np.array(self._prices[1])
        left = self._cost[:, column] - u
        left = left[np.isfinite(left)]
        price = 0 if not left.size else left.max() if self._maximize else left.min()
        if self._cost.shape[0] < self._cost.shape[1]:
            price = max(price, 0) if self._maximize else min(price, 0)
        v[column] = price
        self._prices = u, v

    def _line(self, side: str, given: Any) -> int:
        """The position of a row or column, from that or from its name."""
        names, count = self._names[side], self._cost.shape[0 if side == "row" else 1]
        if names is not None and isinstance(given, str) and given in names:
            return names.index(given)
        plain = given.item() if isinstance(given, np.generic) else given
        if isinstance(plain, bool) or not isinstance(plain, int) or not 0 <= plain < count:
            raise InvalidProblemError(f"{side} is {shown(given)}; expected a position, 0 to {count - 1}, or a name")
        return plain

    def _lines(self, side: str, given: Any) -> Any:
        if isinstance(given, str | int | np.integer):
            return self._line(side, given)
        flat = [self._line(side, item) for item in np.asarray(given, object).ravel().tolist()]
        return np.array(flat, np.int64).reshape(np.shape(given))

    def _values(self, field: str, costs: Any) -> Array:
        """Costs of the problem's own kind: numbers, and infinity where a pair is forbidden."""
        given = as_numbers(field, costs)
        never = -np.inf if self._maximize else np.inf
        if given.dtype.kind == "f":
            if np.isnan(given).any() or (given == -never).any():
                raise InvalidProblemError(f"{field} is {shown(costs)}; expected numbers, and {never} where a pair is forbidden")
            if self._whole:
                raise InvalidProblemError(f"{field} holds floats, and the problem's costs are ints; build it of floats")
        return given

    def _line_of_costs(self, other: str, costs: Any) -> Array:
        count = self._cost.shape[1 if other == "column" else 0]
        given = self._values("costs", costs)
        if given.shape != (count,):
            raise InvalidProblemError(f"costs has shape {given.shape}, expected ({count},): one for each {other}")
        return given

    def _add(self, side: str, name: Name | None, leave: Any) -> None:
        names, exits = self._names[side], self._leave[side]
        if (names is None) != (name is None):
            raise InvalidProblemError(
                f"name is {shown(name)}; {side}s {'have no names' if names is None else 'have names: say one'}"
            )
        if (exits is None) != (leave is None):
            raise InvalidProblemError(
                f"leave is {shown(leave)}; leaving {side}s out {'has no price here' if exits is None else 'has a price: say one'}"
            )
        if names is not None:
            if name in names:
                raise InvalidProblemError(f"the {side} {name!r} is there already; names are unique")
            self._names[side] = (*names, name)  # type: ignore[arg-type]
        if exits is not None:
            price = as_numbers("leave", leave)
            fits = price.ndim == 0 and (price > -np.inf if price.dtype.kind == "f" else True)
            if not fits or (self._whole and np.isfinite(price) and price != np.floor(price)):
                kind = "an int" if self._whole else "a number"
                raise InvalidProblemError(f"leave is {shown(leave)}; expected {kind}, or inf where it must be assigned")
            self._leave[side] = np.append(exits, price)

    def _remove(self, side: str, given: Any) -> int:
        at, axis = self._line(side, given), 0 if side == "row" else 1
        if self._cost.shape[axis] == 1:
            raise InvalidProblemError(f"this is the only {side}; an assignment needs at least one")
        names, exits = self._names[side], self._leave[side]
        if names is not None:
            self._names[side] = (*names[:at], *names[at + 1 :])
        if exits is not None:
            self._leave[side] = np.delete(exits, at)
        return at
