"""Assignment: who does what: linear, generalized, quadratic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from .linear.batch import linear_sum_assignment_batch
    from .linear.functions import linear_sum_assignment, min_weight_full_bipartite_matching
    from .quadratic import QAP, Placement, QuadraticAssignment

__all__ = [
    "QAP",
    "Placement",
    "QuadraticAssignment",
    "linear_sum_assignment",
    "linear_sum_assignment_batch",
    "min_weight_full_bipartite_matching",
]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "linear_sum_assignment": ".linear.functions",
        "linear_sum_assignment_batch": ".linear.batch",
        "min_weight_full_bipartite_matching": ".linear.functions",
        "QAP": ".quadratic.problem",
        "QuadraticAssignment": ".quadratic.problem",
        "Placement": ".quadratic.solution",
        "quadratic": ".quadratic",
    },
)
