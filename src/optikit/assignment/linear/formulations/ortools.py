"""Linear assignment for OR-Tools' graph algorithms: cost-scaling assignment, and minimum-cost flow for the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ....core.run import Outcome, Run
from ....core.solver import Capabilities, Solver
from ....errors import EngineError
from ..problem import LinearAssignment
from ..solution import Assignment
from .flow import arcs_of
from .proof import proof
from .whole import MOST_WHOLE, not_whole


@dataclass(frozen=True)
class OrTools(Solver):
    """``SimpleLinearSumAssignment`` of OR-Tools where all rows and columns are assigned, else ``SimpleMinCostFlow``; ints only.

    It runs to its end. Its answer's prices are found from its pairs (`optikit.assignment.linear.potentials`).

    References
    ----------
    A. Goldberg and R. Kennedy, "An efficient cost scaling algorithm for the assignment problem", Mathematical Programming 71, 1995.
    """

    name: ClassVar[str] = "ortools"
    solves: ClassVar[type[LinearAssignment]] = LinearAssignment
    capabilities: ClassVar[Capabilities] = Capabilities(
        exact=True, bounds=True, stops=frozenset(), requires=("ortools",), extra="solvers"
    )

    def _unsupported(self, problem: LinearAssignment) -> str | None:
        return not_whole(problem, "OR-Tools' graph algorithms")

    def _run(self, problem: LinearAssignment, run: Run) -> Outcome:
        import ortools

        versions = {"ortools": ortools.__version__}
        model, read = build_ortools(problem)
        status = model.solve()
        if status == model.OPTIMAL:
            return proof(problem, read(model), versions)
        if status == model.INFEASIBLE:
            return proof(problem, None, versions)
        raise EngineError(f"OR-Tools ended with {status}")


def build_ortools(problem: LinearAssignment) -> tuple[Any, Callable[[Any], Assignment]]:
    """The model of OR-Tools' graph library for an assignment in ints, and ``read(model) -> Assignment``.

    Parameters
    ----------
    problem : LinearAssignment
        A sum of ints.

    Returns
    -------
    model : SimpleLinearSumAssignment or SimpleMinCostFlow
        To be solved by ``model.solve()``. Costs of the first are raised by the least of them, where that is below 0.
    read : callable
        Takes the solved model.
    """
    square = problem.num_rows == problem.num_columns and problem.capacity is None and not problem.is_partial
    return _assignment(problem) if square else _flow(problem)


def _assignment(problem: LinearAssignment) -> tuple[Any, Callable[[Any], Assignment]]:
    from ortools.graph.python import linear_sum_assignment

    from ..costs import as_entries

    rows, columns, costs = as_entries(problem.cost)
    model = linear_sum_assignment.SimpleLinearSumAssignment()
    sign = -1 if problem.maximize else 1
    # Nodes that no arc names are not there: one that may not be used keeps each in.
    diagonal = np.arange(problem.num_rows)
    never = MOST_WHOLE // (4 * (problem.num_rows + 1))
    # Below 0, OR-Tools may take what has an assignment for infeasible; a constant for each row changes no choice.
    costs = sign * costs
    model.add_arcs_with_cost(rows, columns, costs - costs.min(initial=0))
    bare = np.setdiff1d(diagonal, rows).size or np.setdiff1d(diagonal, columns).size
    if bare:
        model.add_arcs_with_cost(diagonal, diagonal, np.full(problem.num_rows, never))

    def read(solved: Any) -> Assignment:
        return Assignment([solved.right_mate(row) for row in range(problem.num_rows)])

    return model, read


def _flow(problem: LinearAssignment) -> tuple[Any, Callable[[Any], Assignment]]:
    from ortools.graph.python import min_cost_flow

    arcs = arcs_of(problem)
    model = min_cost_flow.SimpleMinCostFlow()
    model.add_arcs_with_capacity_and_unit_cost(arcs.tails, arcs.heads, arcs.capacities, arcs.costs)
    model.set_nodes_supplies(np.arange(len(arcs.supplies)), arcs.supplies)

    def read(solved: Any) -> Assignment:
        return arcs.read(np.asarray(solved.flows(np.arange(len(arcs.tails)))))

    return model, read
