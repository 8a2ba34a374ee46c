"""scipy's solvers of linear assignment: dense and sparse sums, everything assigned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ....core.run import Outcome, Run
from ....core.solver import Capabilities, Solver
from ....inputs.arrays import WHOLE_LIMIT
from ..costs import SparseCosts
from ..problem import LinearAssignment
from ..solution import Assignment
from .proof import proof


@dataclass(frozen=True)
class Scipy(Solver):
    """``scipy.optimize.linear_sum_assignment``, and ``scipy.sparse.csgraph.min_weight_full_bipartite_matching`` of sparse costs.

    It runs to its end, and gives no prices: these are found from its answer (`optikit.assignment.linear.potentials`). It
    computes in floats. Of sparse costs, a constant is added to all, since scipy takes no zeros there.
    """

    name: ClassVar[str] = "scipy"
    solves: ClassVar[type[LinearAssignment]] = LinearAssignment
    capabilities: ClassVar[Capabilities] = Capabilities(exact=True, bounds=True, stops=frozenset(), requires=("scipy",))

    def _unsupported(self, problem: LinearAssignment) -> str | None:
        for unfit, why in (
            (problem.objective != "sum", "scipy minimises sums, not bottlenecks"),
            (problem.is_partial, "scipy leaves out only what is left over, for nothing"),
            (problem.capacity is not None, "scipy's columns take one row each"),
            (problem.whole and _largest(problem) >= WHOLE_LIMIT, "scipy computes in floats, which skip integers above 2^53"),
        ):
            if unfit:
                return why
        return None

    def _run(self, problem: LinearAssignment, run: Run) -> Outcome:
        import scipy

        versions = {"scipy": scipy.__version__}
        try:
            rows, columns = _sparse(problem) if isinstance(problem.cost, SparseCosts) else _dense(problem)
        except ValueError:  # "cost matrix is infeasible", "no full matching exists"
            return proof(problem, None, versions)
        column_of = np.full(problem.num_rows, -1)
        column_of[rows] = columns
        return proof(problem, Assignment(column_of), versions)


def _largest(problem: LinearAssignment) -> float:
    largest = float(max(abs(problem.range.least), abs(problem.range.greatest)))
    return 4.0 * largest * (max(problem.num_rows, problem.num_columns) + 1)


def _dense(problem: LinearAssignment) -> tuple[np.ndarray, np.ndarray]:
    from scipy.optimize import linear_sum_assignment

    return linear_sum_assignment(problem.cost, maximize=problem.maximize)  # type: ignore[no-any-return]


def _sparse(problem: LinearAssignment) -> tuple[np.ndarray, np.ndarray]:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    cost = problem.cost
    if not len(cost.data):
        raise ValueError("no full matching exists")
    data = (-1.0 if problem.maximize else 1.0) * cost.data
    data = data - data.min() + 1.0 if (data == 0).any() else data
    graph = csr_array((data, cost.indices.astype(np.int32), cost.indptr.astype(np.int32)), shape=cost.shape)
    return min_weight_full_bipartite_matching(graph)  # type: ignore[no-any-return]
