"""Linear assignment: rows to columns, at the least sum of costs, or such that the largest cost is least.

Dense or sparse, square or not, minimised or maximised, with pairs that are forbidden, rows and columns that may be left out at a
cost, and columns that take several rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass, fields
from functools import cached_property
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...core.check import CheckReport
from ...core.problem import Problem
from ...errors import InvalidProblemError
from ...inputs.arrays import WHOLE_LIMIT, as_numbers, frozen_array, refuse
from ...inputs.forms import check_form, check_keys, reading, with_infinity, without_infinity
from ...inputs.frozen import fingerprint
from ...inputs.keywords import keywords, refuse_unknown
from ...inputs.names import Name, compact, plain_names, refuse_twins
from ...inputs.wording import did_you_mean, shown
from .certificate import Certificate, proved
from .costs import Array, Costs, SparseCosts, freeze, refuse_overflow, row_hashes, survey
from .solution import Assignment

__all__ = ["LinearAssignment"]

_KEYS = (
    "problem", "schema_version", "name", "cost", "maximize", "objective", "capacity", "leave_row", "leave_column", "row_names",
    "column_names",
)  # fmt: skip
"""Of the JSON form."""

OBJECTIVES = ("sum", "bottleneck")

HASHED_ABOVE = 2**14
"""Costs from which the fingerprint takes a matrix by hashes of its rows."""


@dataclass(frozen=True)
class _Hashed:
    """A problem as its fingerprint sees it."""

    kind: str
    shape: tuple[int, ...]
    rows: Array
    others: tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class LinearAssignment(Problem):
    """Assign rows to columns, one to one unless columns have capacities.

    As it stands, every row gets a column where there are at least as many columns as rows, and every column a row where there are
    fewer; what is left over costs nothing. With ``capacity`` every row gets a column. With ``leave_row`` or ``leave_column`` rows
    and columns may be left out.

    Parameters
    ----------
    cost : array_like or scipy.sparse matrix, shape (num_rows, num_columns)
        Of each pair; profits where ``maximize``. Ints stay ints, exact in 64 bits; floats are taken as they are. ``inf`` forbids a
        pair (``-inf`` where profits are maximised). Of a sparse matrix, pairs without an entry are forbidden, and an entry of 0
        is a cost. A row-major array of float64 or int64 above 64 MiB is lent: held as a read-only view, never copied.
    maximize : bool
        Whether the objective is maximised: a sign, not a negated copy.
    objective : {"sum", "bottleneck"}
        What is minimised: the sum of the costs, or the largest (maximised: the sum, or the least).
    capacity : int or array_like of int, shape (num_columns,), optional
        How many rows a column takes at most (semi-assignment). None: one.
    leave_row : float or array_like, shape (num_rows,), optional
        Cost of leaving a row out, in the unit of ``cost``; ``inf`` where it must be assigned. It counts against the objective:
        where profits are maximised it is subtracted. None: rows are left out for nothing where ``leave_column`` is given and
        there is no capacity, else as said above.
    leave_column : float or array_like, shape (num_columns,), optional
        The same for columns; of one with a capacity, for each place that stays empty. None: nothing, unless as said above.
    row_names, column_names : sequence of str or int, optional
        Unique. None: called by their positions.
    name : str
        For titles.
    forbidden : array_like of bool, shape (num_rows, num_columns), optional
        True where a pair is forbidden, besides those that ``cost`` forbids. (A matrix of ints is kept in sparse form then,
        since ints have no infinity.)

    Raises
    ------
    InvalidProblemError
        For data that make no sense: the message names the field, the index, the value and a way out.

    Examples
    --------
    >>> problem = LinearAssignment([[4, 1, 3], [2, 0, 5], [3, 2, 2]])
    >>> problem.evaluate(Assignment([1, 0, 2]))
    5.0
    >>> LinearAssignment([[4, 1], [2, 0], [3, 2]], leave_row=1, leave_column=0).evaluate(Assignment([-1, 1, -1]))
    2.0
    """

    solution_type: ClassVar[type[Assignment]] = Assignment
    certificate_type: ClassVar[type[Certificate]] = Certificate

    cost: Any
    maximize: bool = False
    objective: Literal["sum", "bottleneck"] = "sum"
    capacity: Any = None
    leave_row: Any = None
    leave_column: Any = None
    row_names: Sequence[Name] | None = None
    column_names: Sequence[Name] | None = None
    name: str = ""
    forbidden: InitVar[ArrayLike | None] = None

    def __post_init__(self, forbidden: ArrayLike | None) -> None:
        if not isinstance(self.maximize, bool | np.bool_):
            raise InvalidProblemError(f"maximize is {shown(self.maximize)}; expected True or False")
        if not isinstance(self.name, str):
            raise InvalidProblemError(f"name is {shown(self.name)}; expected text")
        if not isinstance(self.objective, str) or self.objective not in OBJECTIVES:
            hint = did_you_mean(self.objective, OBJECTIVES)
            raise InvalidProblemError(f"objective is {shown(self.objective)}{hint}; expected 'sum' or 'bottleneck'")
        self._set("maximize", bool(self.maximize))
        self._set("cost", freeze(self.cost, forbidden, self.maximize))
        if self.capacity is not None:
            given = as_numbers("capacity", self.capacity)
            endless = f"expected a finite number; of a column without limit, say {self.num_rows}: all rows"
            refuse("capacity", given, np.isposinf(given), endless)
            self._set("capacity", self._each("capacity", given, self.num_columns))
            refuse("capacity", self.capacity, self.capacity < 0, "a capacity is >= 0")
        for field, count in (("leave_row", self.num_rows), ("leave_column", self.num_columns)):
            if getattr(self, field) is not None:
                self._set(field, self._each(field, getattr(self, field), count))
        for field, count in (("row_names", self.num_rows), ("column_names", self.num_columns)):
            if getattr(self, field) is not None:
                names = compact(plain_names(field, getattr(self, field)))
                if len(names) != count:
                    raise InvalidProblemError(f"{field} has {len(names)} entries, expected {count}: one each")
                refuse_twins(names, "columns" if field == "column_names" else "rows")
                self._set(field, names)
        if not self.whole and not isinstance(self.cost, SparseCosts) and self.cost.dtype == np.int64:
            self._set("cost", frozen_array("cost", self.cost, np.float64, shape=(None, None), advice="leaving out costs fractions"))
        elif not self.whole and isinstance(self.cost, SparseCosts) and self.cost.data.dtype == np.int64:
            data = frozen_array("cost.data", self.cost.data, np.float64, shape=(None,), advice="leaving out costs fractions")
            self._set("cost", SparseCosts(self.cost.indptr, self.cost.indices, data, self.num_columns))
        room = 1 if self.capacity is None else self.capacity
        refuse_overflow(self.range, (self.num_rows, self.num_columns), ((self.leave_row, 1), (self.leave_column, room)), self.whole)

    def _set(self, field: str, value: Any) -> None:
        object.__setattr__(self, field, value)

    def _each(self, field: str, value: Any, count: int) -> Array:
        """One number for each row or column, from one for all of them or an array; infinite only where leaving out costs it."""
        given = as_numbers(field, value)
        if given.ndim == 0:
            given = np.full(count, given)
        endless = np.isposinf(given) if given.dtype.kind == "f" and field != "capacity" else np.zeros(given.shape, bool)
        finite = np.where(endless, 0, given) if endless.any() else given
        whole = field == "capacity" or finite.dtype.kind in "iu"
        array = frozen_array(field, finite, np.int64 if whole else np.float64, shape=(count,))
        if endless.any():
            array = np.where(endless, np.inf, array)
            array.flags.writeable = False
        return array

    # -- in -----------------------------------------------------------------

    @classmethod
    def from_frame(cls, frame: Any, **options: Any) -> Self:
        """From a table of costs, or one with a row for each pair: see `optikit.assignment.linear.frames.from_frame`."""
        from .frames import from_frame

        refuse_unknown("from_frame", options, keywords(from_frame))
        return from_frame(cls, frame, **options)

    @classmethod
    def from_networkx(cls, graph: Any, **options: Any) -> Self:
        """From a bipartite graph: see `optikit.assignment.linear.nx_graphs.from_networkx`."""
        from .nx_graphs import from_networkx

        refuse_unknown("from_networkx", options, keywords(from_networkx))
        return from_networkx(cls, graph, **options)

    @classmethod
    def read(cls, path: Any, **options: Any) -> Self:
        """From a table of costs, or a list of pairs, in a file: see `optikit.assignment.linear.files.read_costs`."""
        from .files import read_costs

        return read_costs(path, cls=cls, **options)  # type: ignore[return-value]

    # -- facts ----------------------------------------------------------------

    @property
    def num_rows(self) -> int:
        return int(self.cost.shape[0])

    @property
    def num_columns(self) -> int:
        return int(self.cost.shape[1])

    @property
    def sense(self) -> Literal["min", "max"]:
        return "max" if self.maximize else "min"

    @property
    def is_sparse(self) -> bool:
        return isinstance(self.cost, SparseCosts)

    @cached_property
    def range(self) -> Any:
        """The least and greatest finite cost, and how many pairs are forbidden (`optikit.assignment.linear.costs.Survey`)."""
        return survey(self.cost)

    @property
    def whole(self) -> bool:
        """Whether all numbers are ints, and all sums exact."""
        numbers = self.cost.data if isinstance(self.cost, SparseCosts) else self.cost
        return bool(numbers.dtype == np.int64) and all(
            exits is None or exits.dtype == np.int64 or _are_whole(exits) for exits in (self.leave_row, self.leave_column)
        )

    @property
    def sums_are_exact(self) -> bool:  # type: ignore[override]
        return self.whole

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """How many rows each column takes at most, shape (num_columns,); where that costs nothing, no more than there are."""
        if self.capacity is None:
            return np.ones(self.num_columns, np.int64)
        places: NDArray[np.int64] = self.capacity if self.leave_column is not None else np.minimum(self.capacity, self.num_rows)
        return places

    @cached_property
    def row_exit(self) -> Array:
        """What leaving each row out costs, shape (num_rows,); inf where it must be assigned."""
        if self.leave_row is not None:
            return self.leave_row  # type: ignore[no-any-return]
        if self.capacity is not None:
            free = False
        else:
            free = self.leave_column is not None or self.num_rows > self.num_columns
        return np.full(self.num_rows, 0.0 if free else np.inf)

    @cached_property
    def column_exit(self) -> Array:
        """What each empty place of a column costs, shape (num_columns,); inf where it must be taken."""
        if self.leave_column is not None:
            return self.leave_column  # type: ignore[no-any-return]
        free = self.capacity is not None or self.leave_row is not None or self.num_rows < self.num_columns
        return np.full(self.num_columns, 0.0 if free else np.inf)

    @property
    def is_partial(self) -> bool:
        """Whether leaving out has a price of its own."""
        return self.leave_row is not None or self.leave_column is not None

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over the class and the data, in hexadecimal, the same on every machine; of large matrices, over hashes of rows."""
        cost = self.cost
        if isinstance(cost, SparseCosts) or cost.size < HASHED_ABOVE:
            return super().fingerprint
        others = tuple(getattr(self, field.name) for field in fields(self) if field.name != "cost")
        shorter = _Hashed(cost.dtype.kind, cost.shape, row_hashes(cost), others)
        return fingerprint(f"LinearAssignment/{self.schema_version}", shorter)

    def row_called(self, row: int) -> str:
        """A row as it stands in a sentence: its name, or ``row 3``."""
        return _called("row", self.row_names, row)

    def column_called(self, column: int) -> str:
        """A column as it stands in a sentence: its name, or ``column 3``."""
        return _called("column", self.column_names, column)

    @cached_property
    def features(self) -> Mapping[str, Any]:
        entries = self.num_rows * self.num_columns - self.range.num_forbidden
        return {
            "size": max(self.num_rows, self.num_columns),
            "num_rows": self.num_rows,
            "num_columns": self.num_columns,
            "entries": entries,
            "sparse": self.is_sparse,
            "whole": self.whole,
            "maximize": self.maximize,
            "objective": self.objective,
            "partial": self.is_partial,
            "capacity": self.capacity is not None,
            "has_forbidden": self.range.num_forbidden > 0,
        }

    # -- the judge ------------------------------------------------------------

    def evaluate(self, solution: Assignment) -> float:
        """The sum of the costs, or the largest (least, where maximised); infinite for the worse where a pair is forbidden."""
        from .check import evaluate

        return evaluate(self, solution)

    def terms(self, solution: Assignment) -> dict[str, float]:
        """Costs of the pairs, and of the rows and the columns that are left out, where leaving out has a price."""
        from .check import terms

        return terms(self, solution)

    def check(self, solution: Assignment) -> CheckReport:
        from .check import check

        return check(self, solution)

    def proved(self, certificate: Certificate) -> float:
        """The bound that dual prices or a set of Hall's prove: see `optikit.assignment.linear.certificate`."""
        return proved(self, certificate)

    # -- out ------------------------------------------------------------------

    def to_frame(self, solution: Assignment) -> Any:
        """One row a pair, with names and costs: see `optikit.assignment.linear.frames.to_frame`."""
        from .frames import to_frame

        return to_frame(self, solution)

    def to_networkx(self, solution: Assignment | None = None) -> Any:
        """A bipartite graph of all pairs, or of those of a solution: see `optikit.assignment.linear.nx_graphs.to_networkx`."""
        from .nx_graphs import to_networkx

        return to_networkx(self, solution)

    def plot(self, solution: Assignment, path: str | None = None, **options: Any) -> Any:
        """The matrix with the chosen cells, or the bipartite graph: see `optikit.assignment.linear.plot.plot_assignment`."""
        from .plot import plot_assignment

        refuse_unknown("plot", options, keywords(plot_assignment))
        return plot_assignment(self, solution, path, **options)

    def to_dict(self) -> dict[str, Any]:
        return {
            "problem": "LinearAssignment",
            "schema_version": self.schema_version,
            "name": self.name,
            "cost": self.cost.to_dict() if isinstance(self.cost, SparseCosts) else [without_infinity(row) for row in self.cost],
            "maximize": self.maximize,
            "objective": self.objective,
            **{field: without_infinity(getattr(self, field)) for field in ("capacity", "leave_row", "leave_column")},
            "row_names": None if self.row_names is None else list(self.row_names),
            "column_names": None if self.column_names is None else list(self.column_names),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        form = "the JSON form of a LinearAssignment"
        check_form(data, form, cls.schema_version, InvalidProblemError, "LinearAssignment")
        check_keys(data, _KEYS, form, InvalidProblemError)
        with reading(form, InvalidProblemError):
            never = -np.inf if data["maximize"] else np.inf
            cost: Costs | list[Any]
            if isinstance(data["cost"], Mapping):
                cost = SparseCosts.from_dict(data["cost"])
            else:
                cost = [with_infinity(row, never) for row in data["cost"]]
            return cls(
                cost,
                **{field: data[field] for field in ("maximize", "objective", "capacity", "row_names", "column_names", "name")},
                **{field: with_infinity(data[field]) for field in ("leave_row", "leave_column")},
            )


def _called(noun: str, names: Sequence[Name] | None, index: int) -> str:
    name = index if names is None else names[index]
    return name if isinstance(name, str) else f"{noun} {name}"


def _are_whole(numbers: Array) -> bool:
    """Whether floats are ints, as far as they are finite, that floats hold exactly."""
    finite = numbers[np.isfinite(numbers)]
    return bool(((finite == np.floor(finite)) & (np.abs(finite) < WHOLE_LIMIT)).all())
