"""Solving again after a change: from the pairs and prices of before, by a shortest path for each row that lost its column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ...core.result import Result, StopReason
from ...core.run import Outcome, Run
from ...core.stop import Stop
from ...errors import InvalidProblemError, UnsupportedError
from ...inputs.arrays import WHOLE_LIMIT, as_numbers, frozen_array, is_rounded
from ...inputs.names import Name, plain_names
from ...inputs.wording import did_you_mean, shown
from .certificate import DualPrices
from .changing import DenseTable, SparseTable, table_of
from .check import exact_sum
from .costs import Array, refuse_overflow
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
        Dense or sparse, with a sum as its objective, and columns that take one row each. Its costs are copied.

    Rows and columns go by their names where they have any, else by their positions; where all names are text, positions will do as
    well. A change that is refused (`InvalidProblemError`) leaves everything as it was.

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
            raise UnsupportedError(f"problem is {shown(problem)}; expected a LinearAssignment")
        for unfit, why in (
            (problem.objective != "sum", "a bottleneck"),
            (problem.capacity is not None, "one with capacities"),
        ):
            if unfit:
                raise UnsupportedError(f"the problem is {why}; Reassignment takes sums with one row a column: use solve")
        self._table = table_of(problem.cost)
        self._maximize, self._whole = problem.maximize, problem.whole
        self._leave = {"row": problem.leave_row, "column": problem.leave_column}
        self._names = {"row": problem.row_names, "column": problem.column_names}
        self._ends = problem.range[:2]
        self._known: dict[str, tuple[Any, Mapping[Any, int], bool] | None] = {"row": None, "column": None}
        self._title = problem.name
        self._column_of = np.full(problem.num_rows, -1)
        self._prices: tuple[Array, Array] | None = None
        self._violator: Violator | None = None
        self._solved = False

    # -- changes ------------------------------------------------------------------

    def set_costs(self, rows: ArrayLike, columns: ArrayLike, costs: ArrayLike) -> None:
        """Change the costs of some pairs: ``cost[rows, columns] = costs``, broadcast as numpy does; infinite where forbidden."""
        ends = [self._lines(side, given) for side, given in (("row", rows), ("column", columns))]
        values = self._values(costs)
        try:
            near, far = np.broadcast_arrays(*ends)
            np.broadcast_to(values, near.shape)
        except ValueError:
            said = f"{np.shape(rows)} rows, {np.shape(columns)} columns and {np.shape(costs)} costs"
            raise InvalidProblemError(f"{said} do not go together; expected as many of each, or one for all") from None
        self._accept(values)
        self._put(near, far, values)

    def replace_row(self, row: Name, costs: ArrayLike | Mapping[Name, float]) -> None:
        """Change all costs of a row: one for each column, or those of some by column (a mapping, a Series of pandas), the others
        being forbidden."""
        at, values = self._line("row", row), self._line_of_costs("column", costs)
        self._accept(values)
        self._put(np.full(len(values), at), np.arange(len(values)), values)

    def replace_column(self, column: Name, costs: ArrayLike | Mapping[Name, float]) -> None:
        """Change all costs of a column; as `replace_row`."""
        at, values = self._line("column", column), self._line_of_costs("row", costs)
        self._accept(values)
        self._column_of[self._column_of == at] = -1
        self._put(np.arange(len(values)), np.full(len(values), at), values)
        self._price_column(at)

    def add_row(self, costs: ArrayLike | Mapping[Name, float], *, name: Name | None = None, leave: float | None = None) -> int:
        """Add a row, with its name where rows have such, and what leaving it out costs where that has a price; its position."""
        self._add("row", costs, name, leave)
        self._column_of = np.append(self._column_of, -1)
        if self._prices is not None:
            self._prices = np.append(self._prices[0], 0), self._prices[1]
        return self._table.shape[0] - 1

    def add_column(self, costs: ArrayLike | Mapping[Name, float], *, name: Name | None = None, leave: float | None = None) -> int:
        """Add a column; as `add_row`."""
        self._add("column", costs, name, leave)
        if self._prices is not None:
            self._prices = self._prices[0], np.append(self._prices[1], 0)
        self._price_column(self._table.shape[1] - 1)
        return self._table.shape[1] - 1

    def remove_row(self, row: Name) -> None:
        """Take a row out; those behind it move up."""
        at = self._remove("row", row)
        self._column_of = np.delete(self._column_of, at)
        if self._prices is not None:
            self._prices = np.delete(self._prices[0], at), self._prices[1]

    def remove_column(self, column: Name) -> None:
        """Take a column out; those behind it move up."""
        at = self._remove("column", column)
        self._column_of[self._column_of == at] = -1
        self._column_of[self._column_of > at] -= 1
        if self._prices is not None:
            self._prices = self._prices[0], np.delete(self._prices[1], at)

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
                search = self._table.matcher(maximize=self._maximize, **exits, **start)
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
        values = [self._table.of_pairs(rows, columns)]
        free = np.setdiff1d(np.arange(self._table.shape[1]), columns)
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
            self._table.costs(),
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

    def _put(self, rows: Array, columns: Array, values: Array) -> None:
        if self._whole and isinstance(self._table, DenseTable) and np.isinf(values).any():
            self._table = SparseTable(self._table.shape, *self._table.entries())  # ints have no infinity
        self._table.put(rows, columns, values)

    def _accept(self, values: Array, leaving: Any = (), more: tuple[int, int] = (0, 0)) -> None:
        """Refuse what sums do not hold; from here on things have changed."""
        finite = values[np.isfinite(values)]
        shape = self._table.shape[0] + more[0], self._table.shape[1] + more[1]
        exits = [*((exits, 1) for exits in self._leave.values()), *leaving]

        def wider(ends: Any) -> Any:
            return min(ends[0], finite.min(initial=ends[0])), max(ends[1], finite.max(initial=ends[1]))

        ends = wider(self._ends)
        try:
            refuse_overflow(ends, shape, exits, self._whole)
        except InvalidProblemError:  # perhaps only by costs that were there once
            ends = wider(self._table.ends)
            refuse_overflow(ends, shape, exits, self._whole)
        self._ends, self._solved = ends, False

    def _exits(self) -> dict[str, Any]:
        if self._leave["row"] is None and self._leave["column"] is None:
            return {}
        sign = -1 if self._maximize else 1
        counts = dict(zip(("row", "column"), self._table.shape))
        exits = {side: np.zeros(counts[side]) if leave is None else leave for side, leave in self._leave.items()}
        return {"row_out": sign * exits["row"], "column_out": sign * exits["column"]}

    def _price_column(self, column: int) -> None:
        """A price at which no row would rather have the column: the others keep theirs."""
        if self._prices is None:
            return
        u, v = self._prices[0], np.array(self._prices[1])
        rows, costs = self._table.column(column)
        left = costs - u[rows]
        price = 0 if not left.size else left.max() if self._maximize else left.min()
        if self._table.shape[0] < self._table.shape[1]:
            price = max(price, 0) if self._maximize else min(price, 0)
        v[column] = price
        self._prices = u, v

    def _line(self, side: str, given: Any) -> int:
        """The position of a row or column, from its name, or from that where no name is a number."""
        names, count = self._names[side], self._table.shape[0 if side == "row" else 1]
        plain = given.item() if isinstance(given, np.generic) else given
        is_name = isinstance(plain, str | int) and not isinstance(plain, bool)
        positions, by_name = self._known_names(side)
        if is_name and plain in positions:
            return positions[plain]
        if by_name or isinstance(plain, bool) or not isinstance(plain, int) or not 0 <= plain < count:
            wanted = (
                f"a name of a {side}" if by_name else f"a position, 0 to {count - 1}{', or a name' if names is not None else ''}"
            )
            near = did_you_mean(plain, [name for name in names if isinstance(name, str)]) if names is not None else ""
            raise InvalidProblemError(f"{side} is {shown(given)}{near}; expected {wanted}")
        return plain

    def _known_names(self, side: str) -> tuple[Mapping[Any, int], bool]:
        """The position of each name, and whether numbers are names; kept until names change."""
        names, known = self._names[side], self._known[side]
        if known is None or known[0] is not names:
            positions = {} if names is None else {name: at for at, name in enumerate(names)}
            known = self._known[side] = names, positions, any(isinstance(name, int) for name in positions)
        return known[1:]

    def _lines(self, side: str, given: Any) -> Array:
        try:
            shape = np.shape(given)
            flat = np.asarray(given, object).ravel().tolist()
        except ValueError:
            raise InvalidProblemError(f"{side}s is {shown(given)}; expected one {side}, or an array of them") from None
        return np.array([self._line(side, item) for item in flat], np.int64).reshape(shape)

    def _values(self, costs: Any, field: str = "costs") -> Array:
        """Costs of the problem's own kind, and infinity where a pair is forbidden."""
        given = as_numbers(field, costs)
        never = -np.inf if self._maximize else np.inf
        forbidden = given == never
        finite = np.where(forbidden, 0, given)
        advice = f"{never} forbids a pair" + (
            "; the problem's costs are ints: build it of floats for others" if self._whole else ""
        )
        values = frozen_array(field, finite, np.int64 if self._whole else np.float64, shape=(None,) * given.ndim, advice=advice)
        return np.where(forbidden, never, values) if forbidden.any() else values

    def _line_of_costs(self, other: str, costs: Any) -> Array:
        count = self._table.shape[1 if other == "column" else 0]
        if hasattr(costs, "index") and hasattr(costs, "to_numpy"):  # a Series: its index says which is which
            keys, costs = costs.index.tolist(), costs.to_numpy()
        else:
            keys, costs = (list(costs), list(costs.values())) if isinstance(costs, Mapping) else (None, costs)
        if keys is not None:
            at = [self._line(other, key) for key in keys]
            if len(set(at)) < len(at):
                key = next(key for place, key in enumerate(keys) if at[place] in at[:place])
                raise InvalidProblemError(f"costs has the {other} {key!r} twice; expected a number for each {other}")
            listed = self._values(costs if len(costs) else np.zeros(0, np.int64))
            if listed.shape != (len(at),):
                raise InvalidProblemError(f"costs is {shown(costs)}; expected a number for each {other}")
            values: Array = np.full(count, -np.inf if self._maximize else np.inf)
            if len(set(at)) == count:
                values = values.astype(listed.dtype) if listed.dtype.kind == "f" else np.zeros(count, np.int64)
            elif self._whole and (np.abs(listed[np.isfinite(listed)]) > WHOLE_LIMIT).any():
                raise InvalidProblemError(f"costs reach {shown(max(costs))}; above 2^53 give all {other}s, as ints")
            values[at] = listed
            return values
        values = self._values(costs)
        if values.shape != (count,):
            raise InvalidProblemError(f"costs has shape {values.shape}, expected ({count},): one for each {other}")
        return values

    def _add(self, side: str, costs: Any, name: Any, leave: Any) -> None:
        """A row or a column more: everything is checked before anything changes."""
        axis, other = (0, "column") if side == "row" else (1, "row")
        names, exits = self._names[side], self._leave[side]
        values = self._line_of_costs(other, costs)
        if (names is None) != (name is None):
            raise InvalidProblemError(
                f"name is {shown(name)}; {side}s {'have no names' if names is None else 'have names: say one'}"
            )
        if names is not None:
            (name,) = plain_names("name", [name])
            if name in self._known_names(side)[0]:
                raise InvalidProblemError(f"the {side} {name!r} is there already; names are unique")
            if not any(isinstance(other, type(name)) for other in names):
                raise InvalidProblemError(f"name is {name!r}; expected one of the kind of the others, like {names[0]!r}")
        if (exits is None) != (leave is None):
            raise InvalidProblemError(
                f"leave is {shown(leave)}; leaving {side}s out {'has no price here' if exits is None else 'has a price: say one'}"
            )
        price = None if exits is None else self._price(exits, leave)
        self._accept(values, [] if price is None else [(price, 1)], (1, 0) if axis == 0 else (0, 1))
        if self._whole and isinstance(self._table, DenseTable) and np.isinf(values).any():
            self._table = SparseTable(self._table.shape, *self._table.entries())
        self._table.add(axis, values)
        if names is not None:
            self._names[side] = (*names, name)
        if exits is not None:
            assert price is not None
            self._leave[side] = np.append(exits, price)

    def _price(self, exits: Array, leave: Any) -> Array:
        """What leaving one more out costs, beside the others."""
        price = as_numbers("leave", leave)
        fits = price.ndim == 0 and (price > -np.inf if price.dtype.kind == "f" else True)
        if not fits or (self._whole and np.isfinite(price) and price != np.floor(price)):
            kind = "an int" if self._whole else "a number"
            raise InvalidProblemError(f"leave is {shown(leave)}; expected {kind}, or inf where it must be assigned")
        if np.append(exits, price).dtype.kind == "f" and any(map(is_rounded, [*exits.tolist(), price.item()])):
            raise InvalidProblemError(f"leave is {shown(leave)}; beside it, others are above 2^53, where floats skip ints")
        return price

    def _remove(self, side: str, given: Any) -> int:
        at, axis = self._line(side, given), 0 if side == "row" else 1
        if self._table.shape[axis] == 1:
            raise InvalidProblemError(f"this is the only {side}; an assignment needs at least one")
        names, exits = self._names[side], self._leave[side]
        self._table.remove(axis, at)
        if names is not None:
            self._names[side] = (*names[:at], *names[at + 1 :])
        if exits is not None:
            self._leave[side] = np.delete(exits, at)
        self._solved = False
        return at
