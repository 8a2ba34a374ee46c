"""Linear assignment as a mixed-integer model for PuLP; its relaxation has whole corners (Birkhoff 1946)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ....backends.formulated import Formulated, OnCbc, OnHighs, OnPulp
from ..costs import as_entries
from ..problem import LinearAssignment
from ..solution import Assignment

MOST_PAIRS = 100_000
"""PuLP is pure Python: above, it takes more time to build a model than our own solver to prove the answer."""


class TransportationModel:
    """A PuLP model of an assignment: a binary variable for each pair that is allowed.

    Parameters
    ----------
    problem : LinearAssignment
    pause : callable
        Called once a row while building.

    Attributes
    ----------
    pairs : dict of (int, int) to variable
    rows_out : dict of int to variable
        Of the rows that may be left out.
    columns_out : dict of int to variable
        Of the columns that may stay empty: how many places do.
    """

    def __init__(self, problem: LinearAssignment, pause: Callable[[], None] = lambda: None) -> None:
        import pulp

        self.problem, self._pulp = problem, pulp
        sign = -1 if problem.maximize else 1
        self.sign = sign
        rows, columns, costs = as_entries(problem.cost)
        places = np.minimum(problem.places, problem.num_rows + np.isinf(problem.column_exit)).tolist()
        self.model = model = pulp.LpProblem("assignment", pulp.LpMinimize)
        self.pairs: dict[tuple[int, int], Any] = {}
        self.rows_out = {
            row: pulp.LpVariable(f"row_out_{row}", 0, 1, pulp.LpInteger)
            for row in np.flatnonzero(np.isfinite(problem.row_exit)).tolist()
        }
        self.columns_out = {
            column: pulp.LpVariable(f"column_out_{column}", 0, places[column], pulp.LpInteger)
            for column in np.flatnonzero(np.isfinite(problem.column_exit)).tolist()
        }
        in_row: list[list[Any]] = [[self.rows_out[row]] if row in self.rows_out else [] for row in range(problem.num_rows)]
        in_column: list[list[Any]] = [
            [self.columns_out[column]] if column in self.columns_out else [] for column in range(problem.num_columns)
        ]
        terms: list[tuple[Any, float]] = []
        for row, column, cost in zip(rows.tolist(), columns.tolist(), (sign * costs).tolist()):
            if len(in_row[row]) <= 1:
                pause()
            variable = self.pairs[row, column] = pulp.LpVariable(f"pair_{row}_{column}", 0, 1, pulp.LpInteger)
            in_row[row].append(variable)
            in_column[column].append(variable)
            terms.append((variable, cost))
        for priced, exits, out in (
            (problem.leave_row, problem.row_exit, self.rows_out),
            (problem.leave_column, problem.column_exit, self.columns_out),
        ):
            if priced is not None:
                terms += [(variable, exits[line].item()) for line, variable in out.items()]
        largest = None
        if problem.objective == "sum":
            model += pulp.LpAffineExpression([(variable, cost) for variable, cost in terms if cost])
        else:
            values = [cost for _, cost in terms] or [0.0]
            largest = pulp.LpVariable("largest", min(values), max(values))
            model += largest
        self._rows(in_row, in_column, places)
        if largest is not None:
            self._below(largest, terms, min(values))

    def _rows(self, in_row: list[list[Any]], in_column: list[list[Any]], places: list[int]) -> None:
        for name, lines, counts in (("row", in_row, [1] * len(in_row)), ("column", in_column, places)):
            for line, (variables, count) in enumerate(zip(lines, counts)):
                if not variables and count:
                    never = self._pulp.LpVariable(f"never_{name}_{line}", 0, 0)  # PuLP drops rows without variables
                    variables = [never]
                if variables:
                    self.model.addConstraint(self._sum((v, 1.0) for v in variables) == count, f"{name}_{line}")

    def _below(self, largest: Any, terms: list[tuple[Any, float]], least: float) -> None:
        for number, (variable, cost) in enumerate(terms):
            if cost > least:
                most = variable.upBound
                if most > 1:
                    used = self._pulp.LpVariable(f"used_{number}", 0, 1, self._pulp.LpInteger)
                    self.model.addConstraint(self._sum([(variable, 1.0), (used, -float(most))]) <= 0, f"use_{number}")
                    variable = used
                if most:
                    self.model.addConstraint(self._sum([(largest, 1.0), (variable, least - cost)]) >= least, f"below_{number}")

    def _sum(self, terms: Any) -> Any:
        return self._pulp.LpAffineExpression(list(terms))

    def start(self, solution: Assignment) -> dict[str, float]:
        """A solution as variable name -> value."""
        taken = set(zip(*(side.tolist() for side in solution.pairs)))
        values = {variable.name: float(pair in taken) for pair, variable in self.pairs.items()}
        load = np.bincount(solution.pairs[1], minlength=self.problem.num_columns)
        values |= {variable.name: float(solution.column_of[row] < 0) for row, variable in self.rows_out.items()}
        return values | {v.name: float(v.upBound - load[column]) for column, v in self.columns_out.items()}

    def read(self, value_of: Callable[[Any], float]) -> Assignment:
        """The assignment, from a function that gives the value of a variable (``pulp.value``, for instance)."""
        column_of = np.full(self.problem.num_rows, -1)
        for (row, column), variable in self.pairs.items():
            if (value_of(variable) or 0.0) > 0.5:
                column_of[row] = column
        return Assignment(column_of)

    def bound(self, value: float) -> float:
        """The engine's bound, in floats, in the sense of the problem; places beyond the number of rows stay empty at their cost."""
        problem = self.problem
        if problem.leave_column is not None and problem.objective == "sum":
            more = np.maximum(problem.places - problem.num_rows, 0)
            value += float((more * np.where(np.isinf(problem.leave_column), 0, problem.leave_column)).sum())
        if problem.whole:
            slack = 1e-5 + 1e-9 * abs(value)
            value = float(np.ceil(value - slack)) if slack < 0.01 else value - slack
        return self.sign * value


def build_milp(problem: LinearAssignment) -> tuple[Any, Callable[[Callable[[Any], float]], Assignment]]:
    """The PuLP model of an assignment, and ``read(value_of) -> Assignment``.

    Returns
    -------
    model : pulp.LpProblem
        Minimises (profits, turned round, where these are maximised).
    read : callable
        ``read(pulp.value)`` gives the assignment. ``read.__self__`` is the `TransportationModel`, whose ``pairs[row, column]``
        are the variables, for side constraints of your own.

    Examples
    --------
    >>> import pulp
    >>> model, read = build_milp(LinearAssignment([[4, 1, 3], [2, 0, 5], [3, 2, 2]]))
    >>> model += read.__self__.pairs[0, 1] == 0
    >>> _ = model.solve(pulp.HiGHS(msg=False))
    >>> read(pulp.value)
    Assignment(column_of=(2, 1, 0))
    """
    formulated = TransportationModel(problem)
    return formulated.model, formulated.read


@dataclass(frozen=True)
class _OnTransportationModel(Formulated):
    solves: ClassVar[type[LinearAssignment]] = LinearAssignment

    def _unsupported(self, problem: LinearAssignment) -> str | None:
        pairs = problem.features["entries"]
        if pairs > MOST_PAIRS:
            return f"{pairs:,} pairs make a model too large to build in time; it takes up to {MOST_PAIRS:,}"
        return super()._unsupported(problem)

    def _formulate(self, problem: LinearAssignment, pause: Callable[[], None]) -> TransportationModel:
        return TransportationModel(problem, pause)


@dataclass(frozen=True)
class Highs(_OnTransportationModel, OnHighs):
    """HiGHS on `TransportationModel`; the parameter is that of `OnHighs`."""

    name: ClassVar[str] = "highs"


@dataclass(frozen=True)
class Cbc(_OnTransportationModel, OnCbc):
    """CBC on `TransportationModel`; the parameter is that of `OnCbc`."""

    name: ClassVar[str] = "cbc"


@dataclass(frozen=True)
class Milp(_OnTransportationModel, OnPulp):
    """Any solver that PuLP finds on `TransportationModel`; the parameters are those of `OnPulp`."""

    name: ClassVar[str] = "milp"
