"""What proves a bound on an assignment, or that there is none; judged on the original data, with no code of the solvers.

The linear program of an assignment, in the sense of minimising, with places for what a column takes at most, and exits for what
leaving out costs (`LinearAssignment.row_exit`):

    min  sum c_ij x_ij + sum row_exit_i s_i + sum column_exit_j t_j,   sum_j x_ij + s_i = 1,   sum_i x_ij + t_j = places_j
    max  sum u_i + sum places_j v_j,   u_i + v_j <= c_ij,   u_i <= row_exit_i,   v_j <= column_exit_j

So any prices (u, v) that keep the second line prove a bound, and prices that meet a solution's objective prove it optimal
(Burkard, Dell'Amico and Martello, "Assignment Problems", SIAM 2009, section 4.1). That there is no solution, and that none has a
smaller largest cost, is proved by a set of rows that reach fewer places than they are, or of columns (Hall 1935).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from ...core.solution import Solution
from ...errors import InvalidResultError, InvalidSolutionError
from ...inputs.forms import check_form, check_keys, reading
from ...inputs.wording import shown
from .check import exact_sum
from .costs import Array, SparseCosts, as_entries, blocks

if TYPE_CHECKING:
    from .problem import LinearAssignment

SCHEMA_VERSION = 1

_SLACK = 1e-7
"""By so much of the numbers at hand may float prices miss; the bound is less for it, and beyond they are no prices."""


@dataclass(frozen=True, eq=False)
class Certificate(Solution):
    """Base of what proves something about an assignment; `from_dict` gives the subclass that the form names."""

    kind: ClassVar[str] = ""
    _fields: ClassVar[tuple[str, ...]] = ()

    def to_dict(self) -> dict[str, Any]:
        held = {field: getattr(self, field) for field in self._fields}
        plain = {field: value.tolist() if isinstance(value, np.ndarray) else value for field, value in held.items()}
        return {"schema_version": SCHEMA_VERSION, "kind": self.kind, **plain}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        form = "the JSON form of a Certificate"
        check_form(data, form, SCHEMA_VERSION, InvalidSolutionError)
        kinds: dict[Any, type[Any]] = {kind.kind: kind for kind in (DualPrices, HallViolator)}
        kind = data.get("kind")
        if not isinstance(kind, str) or kind not in kinds:
            raise InvalidSolutionError(f"kind is {shown(kind)}; expected one of {', '.join(kinds)}")
        check_keys(data, ("schema_version", "kind", *kinds[kind]._fields), form, InvalidSolutionError)
        with reading(form, InvalidSolutionError):
            return kinds[kind](**{field: data[field] for field in kinds[kind]._fields})  # type: ignore[no-any-return]

    def __eq__(self, other: object) -> bool:
        return self.to_dict() == other.to_dict() if isinstance(other, Certificate) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.to_json())

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, field) for field in self._fields)


@dataclass(frozen=True, eq=False)
class DualPrices(Certificate):
    """Dual prices: what one unit of each row and of each column is worth.

    Where costs are minimised, ``row_prices[i] + column_prices[j] <= cost[i, j]`` for all pairs that are allowed, with equality for
    the pairs of an optimal assignment; where profits are maximised, ``>=``. If the row had to be served once more, the objective
    would change by its price, as long as the same prices stay valid.

    Parameters
    ----------
    row_prices : array of float64 or int64, shape (num_rows,)
    column_prices : array of float64 or int64, shape (num_columns,)
    """

    kind: ClassVar[str] = "dual prices"
    _fields: ClassVar[tuple[str, ...]] = ("row_prices", "column_prices")

    row_prices: Any
    column_prices: Any

    def __post_init__(self) -> None:
        for field in self._fields:
            object.__setattr__(self, field, _prices(field, getattr(self, field)))

    def reduced_costs(self, problem: LinearAssignment) -> Any:
        """``cost - row_prices - column_prices`` of each pair: by how much its cost would have to change before it is of use.

        At least 0 (at most, where maximised) up to rounding, and 0 for the pairs of every optimal assignment.

        Returns
        -------
        array of shape (num_rows, num_columns), or `optikit.assignment.linear.costs.SparseCosts`
            With infinities where a pair is forbidden; of a sparse problem, for its entries.
        """
        _refuse_other(problem)
        cost, u, v = problem.cost, self.row_prices, self.column_prices
        if (len(u), len(v)) != cost.shape:
            raise InvalidResultError(f"{len(u)} row prices and {len(v)} column prices; the problem has {cost.shape} of them")
        if isinstance(cost, SparseCosts):
            return SparseCosts(cost.indptr, cost.indices, cost.data - u[cost.rows] - v[cost.indices], cost.num_columns)
        return cost - u[:, None] - v


@dataclass(frozen=True, eq=False)
class HallViolator(Certificate):
    """Rows that can only go to too few columns, or columns that too few rows can take.

    Parameters
    ----------
    axis : {"rows", "columns"}
        What `lines` are.
    lines : array of int64
        Positions, ascending. Each must be assigned.
    better_than : float, optional
        Of a bottleneck problem: the set violates Hall's condition where only pairs count (and leaving out) that are better than
        this, so that no assignment is. None: all allowed pairs count, and there is no assignment.
    """

    kind: ClassVar[str] = "Hall violator"
    _fields: ClassVar[tuple[str, ...]] = ("axis", "lines", "better_than")

    axis: str
    lines: Any
    better_than: float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.axis, str) or self.axis not in ("rows", "columns"):
            raise InvalidSolutionError(f"axis is {shown(self.axis)}; expected 'rows' or 'columns'")
        try:
            given = np.array(self.lines)
        except ValueError:
            given = np.zeros((0, 0))
        if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
            raise InvalidSolutionError(f"lines is {shown(self.lines)}; expected positions")
        limit = self.better_than.item() if isinstance(self.better_than, np.generic) else self.better_than
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int | float) or math.isnan(limit)):
            raise InvalidSolutionError(f"better_than is {shown(limit)}; expected a number, or None")
        object.__setattr__(self, "better_than", limit)
        lines = given.astype(np.int64)
        lines.flags.writeable = False
        object.__setattr__(self, "lines", lines)

    def neighbours(self, problem: LinearAssignment) -> NDArray[np.int64]:
        """The columns that the rows can go to (the rows that the columns can take)."""
        _refuse_other(problem)
        lines, limit = self.lines, self.better_than
        of_rows = self.axis == "rows"
        reached = np.zeros(problem.num_columns if of_rows else problem.num_rows, bool)
        inside = np.zeros(problem.num_rows if of_rows else problem.num_columns, bool)
        inside[lines] = True
        if isinstance(problem.cost, SparseCosts):
            rows, columns, data = as_entries(problem.cost)
            near, far = (rows, columns) if of_rows else (columns, rows)
            reached[far[inside[near] & _counts(problem, data, limit)]] = True
        else:
            for begin, block in blocks(problem.cost):
                if of_rows:
                    held = inside[begin : begin + len(block)]
                    if held.any():
                        reached |= _counts(problem, block[held], limit).any(axis=0)
                else:
                    reached[begin : begin + len(block)] = _counts(problem, block[:, lines], limit).any(axis=1)
        return np.flatnonzero(reached)


def _refuse_other(problem: Any) -> None:
    from .problem import LinearAssignment

    if not isinstance(problem, LinearAssignment):
        raise InvalidResultError(f"problem is {shown(problem)}; expected a LinearAssignment")


def proved(problem: LinearAssignment, certificate: Certificate) -> float:
    """The bound that a certificate proves; infinite, to the worse side: that there is no assignment.

    One pass over the costs. Of float prices, the bound is exact up to the last rounding of its sums.

    Raises
    ------
    InvalidResultError
        For what proves nothing: prices that exceed a cost, rows that reach enough columns.
    """
    if isinstance(certificate, HallViolator):
        return _by_hall(problem, certificate)
    if isinstance(certificate, DualPrices):
        return _by_prices(problem, certificate)
    raise InvalidResultError(f"certificate is {shown(certificate)}; expected DualPrices or a HallViolator")


# -- Hall ---------------------------------------------------------------------


def _by_hall(problem: LinearAssignment, violator: HallViolator) -> float:
    lines, limit = violator.lines, violator.better_than
    of_rows = violator.axis == "rows"
    count = problem.num_rows if of_rows else problem.num_columns
    if (lines < 0).any() or (lines >= count).any() or (np.diff(lines) <= 0).any():
        raise InvalidResultError(f"lines is {shown(lines.tolist())}; expected {violator.axis}, 0 to {count - 1}, ascending")
    if limit is not None and problem.objective != "bottleneck":
        raise InvalidResultError(f"better_than is {limit!r}, which bounds bottlenecks; the objective is a sum")
    for line in lines[~must(problem, violator.axis, limit)[lines]][:1].tolist():
        raise InvalidResultError(f"{violator.axis} {line} may be left out: the set proves nothing")
    reached = violator.neighbours(problem)
    needed = len(lines) if of_rows else int(problem.places[lines].sum())
    there = int(problem.places[reached].sum()) if of_rows else len(reached)
    if needed <= there:
        raise InvalidResultError(f"{needed} {violator.axis} reach {there} places: the set proves nothing")
    worst = -math.inf if problem.maximize else math.inf
    return worst if limit is None else float(limit)


def must(problem: LinearAssignment, axis: str, limit: float | None = None) -> NDArray[np.bool_]:
    """Which rows (or columns) must be assigned; with a limit, where only what is better than that may be left out."""
    exits, priced = (problem.row_exit, problem.leave_row) if axis == "rows" else (problem.column_exit, problem.leave_column)
    if limit is None or priced is None:
        return np.isinf(exits)
    return np.isinf(exits) | ~_counts(problem, -exits if problem.maximize else exits, limit)


def _counts(problem: LinearAssignment, values: Array, limit: float | None) -> NDArray[np.bool_]:
    """Which pairs count: those that are allowed, and better than the limit."""
    if limit is None:
        return np.isfinite(values)
    return values > limit if problem.maximize else values < limit


# -- prices -------------------------------------------------------------------


def tight(problem: LinearAssignment, column_prices: Array) -> DualPrices:
    """The best dual prices with these of the columns (lowered to what leaving them out costs), by one pass over the costs."""
    sign = -1 if problem.maximize else 1
    number: Any = int if problem.whole else float
    v = np.minimum(sign * column_prices, _limits(problem.column_exit, number))
    v = v.astype(np.int64 if problem.whole else np.float64)
    u = np.minimum(_least(problem, v)[0], _limits(problem.row_exit, number))
    return DualPrices(sign * np.where(np.isfinite(u) & (u < _ENDLESS), u, 0), sign * v)


_ENDLESS = 2**62
"""In the place of infinity, where prices are ints."""


def _by_prices(problem: LinearAssignment, prices: DualPrices) -> float:
    if problem.objective != "sum":
        raise InvalidResultError("dual prices bound sums; the objective is a bottleneck")
    for field, given, count in (("row_prices", prices.row_prices, problem.num_rows),
                                ("column_prices", prices.column_prices, problem.num_columns)):  # fmt: skip
        if len(given) != count:
            raise InvalidResultError(f"{field} has {len(given)} entries, expected {count}")
        if problem.whole and given.dtype != np.int64:
            raise InvalidResultError(f"{field} holds fractions; prices of a problem in ints are ints, and exact")
    sign = -1 if problem.maximize else 1
    number: Any = int if problem.whole else float
    u, v = sign * prices.row_prices, sign * prices.column_prices
    if not problem.whole:
        u, v = u.astype(np.float64), v.astype(np.float64)
    largest = max(abs(problem.range.least), abs(problem.range.greatest), 1, *(abs(number(w)) for w in (v.max(), v.min())))
    if problem.whole and largest >= 2**61:
        raise InvalidResultError(f"prices reach {largest}; expected less than 2^61")
    slack = 0 if problem.whole else _SLACK * largest
    row_exit, column_exit = _limits(problem.row_exit, number), _limits(problem.column_exit, number)
    _refuse_above("column_prices", sign, v, column_exit, slack, "leaving it out costs")
    v = np.minimum(v, column_exit).astype(v.dtype)
    least, rest = _least(problem, v)
    _refuse_above("row_prices", sign, u, least, slack, "its cheapest column leaves")
    _refuse_above("row_prices", sign, u, row_exit, slack, "leaving it out costs")
    # Where a row's price exceeds what its columns leave, the least of these is the price that is proved.
    above = (u > least) | ((u == least) & (rest < 0))
    u, rest = np.where(above, least, u), np.where(above, rest, 0)
    out = u > row_exit
    u, rest = np.where(out, row_exit, u), np.where(out, 0, rest)
    counts = np.concatenate((np.ones(2 * problem.num_rows, np.int64), problem.places))
    return float(sign * exact_sum(np.concatenate((u, rest, v)), counts))


def _limits(exits: Array, number: Any) -> Array:
    """Exits in the problem's own numbers; what is infinite, as more than any price."""
    if number is float:
        return exits.astype(np.float64)
    return exits if exits.dtype == np.int64 else np.where(np.isinf(exits), _ENDLESS, exits).astype(np.int64)


def _refuse_above(field: str, sign: int, prices: Array, most: Array, slack: float, why: str) -> None:
    for line in np.flatnonzero(prices - slack > most)[:1].tolist():
        price, limit = shown(sign * prices[line]), shown(sign * most[line])
        raise InvalidResultError(f"{field}[{line}] is {price}, but {why} {limit}: no dual prices")


def _least(problem: LinearAssignment, v: Array) -> tuple[Array, Array]:
    """The least of cost less column price in each row, in the sense of minimising, as a float and what its rounding left over."""
    cost, turned = problem.cost, problem.maximize
    count = problem.num_rows
    far = np.iinfo(np.int64).max if problem.whole else np.inf
    least, rest = np.full(count, far, v.dtype), np.zeros(count, v.dtype)
    if isinstance(cost, SparseCosts):
        filled = np.flatnonzero(np.diff(cost.indptr))
        if filled.size:
            data = -cost.data if turned else cost.data
            prices = v[cost.indices]
            left = data - prices
            least[filled] = np.minimum.reduceat(left, cost.indptr[filled])
            if not problem.whole:
                near = np.flatnonzero(left <= least[cost.rows] + 2 * np.spacing(np.abs(least[cost.rows])))
                _settle(cost.rows[near], data[near], prices[near], left[near], least, rest)
        return least, rest
    left, near = np.zeros((0, len(v)), v.dtype), np.zeros((0, len(v)), bool)
    for begin, block in blocks(cost):
        if not len(left):
            left, near = np.empty(block.shape, v.dtype), np.empty(block.shape, bool)
        left, near = left[: len(block)], near[: len(block)]
        if turned:
            np.negative(block, out=left)
            np.subtract(left, v, out=left)
        else:
            np.subtract(block, v, out=left)
        low = left.min(axis=1)
        least[begin : begin + len(block)] = low
        if not problem.whole:
            with np.errstate(invalid="ignore"):
                np.less_equal(left, (low + 2 * np.spacing(np.abs(low)))[:, None], out=near)
            rows, columns = np.divmod(np.flatnonzero(near), problem.num_columns)
            data = block[rows, columns]
            _settle(begin + rows, -data if turned else data, v[columns], left[rows, columns], least, rest)
    return least, rest


def _settle(rows: Array, data: Array, prices: Array, left: Array, least: Array, rest: Array) -> None:
    """What rounding took from the least difference of each row: of its candidates, the least to the last digit (Knuth's TwoSum)."""
    if not len(rows):
        return
    lost = data - left
    error = (data - (left + lost)) + (lost - prices)
    exact = (left - least[rows]) + error
    starts = np.flatnonzero(np.concatenate(([True], np.diff(rows) > 0)))
    rest[rows[starts]] = np.minimum.reduceat(exact, starts)


def _prices(field: str, given: Any) -> Array:
    """Prices of their own, int64 or float64, finite."""
    try:
        prices = np.array(given)
    except ValueError:
        prices = np.zeros((0, 0))
    if prices.ndim != 1 or prices.dtype.kind not in "iuf" or not np.isfinite(prices).all():
        raise InvalidSolutionError(f"{field} is {shown(given)}; expected finite numbers, one each")
    prices = prices.astype(np.float64 if prices.dtype.kind == "f" else np.int64)
    prices.flags.writeable = False
    return prices
