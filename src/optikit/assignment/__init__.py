"""Assignment: who does what: linear, generalized, quadratic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from .generalized import GAP, Allocation, GeneralizedAssignment
    from .linear import Assignment, DualPrices, LinearAssignment, Reassignment, k_best, ranked
    from .linear.batch import linear_sum_assignment_batch
    from .linear.functions import linear_sum_assignment, min_weight_full_bipartite_matching
    from .quadratic import QAP, Placement, QuadraticAssignment

__all__ = [
    "GAP",
    "QAP",
    "Allocation",
    "Assignment",
    "DualPrices",
    "GeneralizedAssignment",
    "LinearAssignment",
    "Placement",
    "QuadraticAssignment",
    "Reassignment",
    "k_best",
    "linear_sum_assignment",
    "linear_sum_assignment_batch",
    "min_weight_full_bipartite_matching",
    "ranked",
]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "GAP": ".generalized.problem",
        "GeneralizedAssignment": ".generalized.problem",
        "Allocation": ".generalized.solution",
        "generalized": ".generalized",
        "linear_sum_assignment": ".linear.functions",
        "linear_sum_assignment_batch": ".linear.batch",
        "min_weight_full_bipartite_matching": ".linear.functions",
        "Assignment": ".linear.solution",
        "DualPrices": ".linear.certificate",
        "LinearAssignment": ".linear.problem",
        "Reassignment": ".linear.incremental",
        "k_best": ".linear.ranking",
        "ranked": ".linear.ranking",
        "linear": ".linear",
        "QAP": ".quadratic.problem",
        "QuadraticAssignment": ".quadratic.problem",
        "Placement": ".quadratic.solution",
        "quadratic": ".quadratic",
    },
)
