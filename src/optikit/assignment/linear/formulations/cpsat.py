"""Linear assignment for CP-SAT: a literal for each pair that is allowed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from ....backends.formulated import OnCpSat
from ....ticks import CPSAT_LIMIT, Lattice
from ..costs import Array, as_entries
from ..problem import LinearAssignment
from ..solution import Assignment

MOST_PAIRS = 250_000
"""Above, the model takes more time to build than our own solver to prove the answer."""


class PairModel:
    """A CP-SAT model of an assignment.

    Parameters
    ----------
    problem : LinearAssignment
    pause : callable
        Called once a row while building.

    Attributes
    ----------
    pairs : dict of (int, int) to literal
        Of the pairs that are allowed.
    rows_out : dict of int to literal
        Of the rows that may be left out: true where they are.
    columns_out : dict of int to variable
        Of the columns that may stay empty: how many places do.
    """

    def __init__(self, problem: LinearAssignment, pause: Callable[[], None] = lambda: None) -> None:
        from ortools.sat.python import cp_model

        self.problem = problem
        self.model = model = cp_model.CpModel()
        rows, columns, costs = as_entries(problem.cost)
        sign = -1 if problem.maximize else 1
        places = np.minimum(problem.places, problem.num_rows + np.isinf(problem.column_exit)).tolist()
        self.pairs: dict[tuple[int, int], Any] = {}
        in_row: list[list[Any]] = [[] for _ in range(problem.num_rows)]
        in_column: list[list[Any]] = [[] for _ in range(problem.num_columns)]
        for row, column in zip(rows.tolist(), columns.tolist()):
            if not in_row[row]:
                pause()
            literal = self.pairs[row, column] = model.new_bool_var("")
            in_row[row].append(literal)
            in_column[column].append(literal)
        self.rows_out = {row: model.new_bool_var("") for row in np.flatnonzero(np.isfinite(problem.row_exit)).tolist()}
        self.columns_out = {
            column: model.new_int_var(0, places[column], "") for column in np.flatnonzero(np.isfinite(problem.column_exit)).tolist()
        }
        for row, literals in enumerate(in_row):
            model.add_exactly_one([*literals, *([self.rows_out[row]] if row in self.rows_out else [])])
        for column, literals in enumerate(in_column):
            empty = [self.columns_out[column]] if column in self.columns_out else []
            model.add(sum([*literals, *empty]) == places[column])
        variables = list(self.pairs.values())
        ticks = (sign * self.lattice.ticks(costs)).tolist()
        if problem.leave_row is not None:
            variables += self.rows_out.values()
            ticks += self.lattice.ticks(problem.row_exit[list(self.rows_out)]).tolist()
        if problem.leave_column is not None:
            variables += self.columns_out.values()
            ticks += self.lattice.ticks(problem.column_exit[list(self.columns_out)]).tolist()
        if problem.objective == "sum":
            model.minimize(cp_model.LinearExpr.weighted_sum(variables, ticks))
            return
        self.largest = model.new_int_var(min(ticks, default=0), max(ticks, default=0), "")
        for variable, tick in zip(variables, ticks):
            used = variable
            if not variable.is_boolean:
                used = model.new_bool_var("")
                model.add(variable == 0).only_enforce_if(used.negated())
            model.add(self.largest >= tick).only_enforce_if(used)
        model.minimize(self.largest)

    @cached_property
    def lattice(self) -> Lattice:
        """Ticks of costs, chosen such that the model stays within CP-SAT's limit."""
        problem = self.problem
        exits = [e[np.isfinite(e)] for e in (problem.leave_row, problem.leave_column) if e is not None]
        values: Array = np.concatenate([as_entries(problem.cost)[2], *exits])
        items = len(values) if problem.leave_column is None else len(values) + int(np.minimum(problem.places, 2**20).sum())
        return Lattice.fit(values, max_items=max(1, items), limit=CPSAT_LIMIT, field="cost")

    def start(self, solution: Assignment) -> None:
        """Hints."""
        taken = set(zip(*(side.tolist() for side in solution.pairs)))
        for pair, literal in self.pairs.items():
            self.model.add_hint(literal, pair in taken)

    def read(self, value_of: Callable[[Any], int]) -> Assignment:
        """The assignment, from a function that gives the value of a variable."""
        column_of = np.full(self.problem.num_rows, -1)
        for (row, column), literal in self.pairs.items():
            if value_of(literal):
                column_of[row] = column
        return Assignment(column_of)

    def bound(self, value: float) -> float:
        """The model's bound in the user's units; less what ticks are off by."""
        problem, lattice = self.problem, self.lattice
        items = problem.num_rows + (0 if problem.leave_column is None else int(problem.places.sum()))
        error = lattice.item_error * (items if problem.objective == "sum" else 1)
        # Bounds are ticks, and may be off in their last digit as floats.
        bound = lattice.units(np.ceil(value - 1e-6)) - error
        least = self._constant()
        return -(bound + least) if problem.maximize else bound + least

    def _constant(self) -> float:
        """What places beyond those that the model counts add: there are never rows for them."""
        problem = self.problem
        if problem.leave_column is None or problem.objective != "sum":
            return 0.0
        more = np.maximum(problem.places - problem.num_rows, 0)
        exits = np.where(np.isinf(problem.leave_column), 0, problem.leave_column)
        return float((more * exits).sum())


def build_cpsat(problem: LinearAssignment) -> tuple[Any, Callable[[Callable[[Any], int]], Assignment]]:
    """The CP-SAT model of an assignment, and ``read(value_of) -> Assignment``.

    Returns
    -------
    model : ortools.sat.python.cp_model.CpModel
    read : callable
        ``read(solver.value)`` gives the assignment. ``read.__self__`` is the `PairModel`, whose ``pairs[row, column]`` are the
        literals, for side constraints of your own.
    """
    formulated = PairModel(problem)
    return formulated.model, formulated.read


@dataclass(frozen=True)
class CpSat(OnCpSat):
    """CP-SAT on `PairModel`; the parameter is that of `OnCpSat`."""

    name: ClassVar[str] = "cpsat"
    solves: ClassVar[type[LinearAssignment]] = LinearAssignment

    def _unsupported(self, problem: LinearAssignment) -> str | None:
        pairs = problem.features["entries"]
        if pairs > MOST_PAIRS:
            return f"{pairs:,} pairs make a model too large to build in time; it takes up to {MOST_PAIRS:,}"
        return super()._unsupported(problem)

    def _formulate(self, problem: LinearAssignment, pause: Callable[[], None]) -> PairModel:
        return PairModel(problem, pause)
