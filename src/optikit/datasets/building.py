"""Problems of the numbers that generators draw: one function a problem class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..assignment.generalized.problem import GeneralizedAssignment
    from ..assignment.linear.problem import LinearAssignment
    from ..assignment.quadratic.problem import QuadraticAssignment
    from ..routing.tsp.problem import TSP
    from ..routing.vrp.problem import VRP
    from ..scheduling.flowshop.problem import FlowShop
    from ..scheduling.shop.shops import FlexibleJobShop, JobShop, OpenShop


def vrp(numbers: Mapping[str, Any], name: str) -> VRP:
    """From points, demands and a capacity; the first point is the depot. Distances are rounded to the nearest integer."""
    from ..routing.vrp.problem import VRP

    return VRP.from_coordinates(numbers["points"], numbers["demand"], numbers["capacity"], rounding="nearest", name=name)


def tsp(numbers: Mapping[str, Any], name: str) -> TSP:
    """From points with a rounding, or a matrix of distances."""
    from ..routing.tsp.problem import TSP

    if "distance" in numbers:
        return TSP.from_matrix(numbers["distance"], name=name)
    return TSP.from_coordinates(numbers["points"], rounding=numbers["rounding"], name=name)


def jobshop(numbers: Mapping[str, Any], name: str) -> JobShop:
    """From machines and durations, a row a job."""
    from ..scheduling.shop.shops import JobShop

    return JobShop.from_arrays(numbers["machines"], numbers["durations"], name=name)


def flexible_jobshop(numbers: Mapping[str, Any], name: str) -> FlexibleJobShop:
    """From modes: job, operation, machine and duration of each."""
    from ..scheduling.shop.shops import FlexibleJobShop

    return FlexibleJobShop(
        job=numbers["job"], operation=numbers["operation"], machine=numbers["machine"], duration=numbers["duration"], name=name
    )


def openshop(numbers: Mapping[str, Any], name: str) -> OpenShop:
    """From durations, a row a job and a column a machine."""
    from ..scheduling.shop.shops import OpenShop

    return OpenShop.from_matrix(numbers["durations"], name=name)


def gap(numbers: Mapping[str, Any], name: str) -> GeneralizedAssignment:
    """From costs, demands and capacities."""
    from ..assignment.generalized.problem import GeneralizedAssignment

    return GeneralizedAssignment(numbers["cost"], numbers["demand"], numbers["capacity"], name=name)


def lap(numbers: Mapping[str, Any], name: str) -> LinearAssignment:
    """From a matrix of costs, or sparse rows."""
    from ..assignment.linear.costs import SparseCosts
    from ..assignment.linear.problem import LinearAssignment

    if "cost" in numbers:
        return LinearAssignment(numbers["cost"], name=name)
    indptr, indices, data = (numbers[part] for part in ("indptr", "indices", "data"))
    return LinearAssignment(SparseCosts(indptr, indices, data, len(indptr) - 1), name=name)


def qap(numbers: Mapping[str, Any], name: str) -> QuadraticAssignment:
    """From flows and distances, and the places that these lie between."""
    from ..assignment.quadratic.problem import QuadraticAssignment

    return QuadraticAssignment(numbers["flow"], numbers["distance"], places=numbers.get("places"), name=name)


def flowshop(numbers: Mapping[str, Any], name: str) -> FlowShop:
    """From durations by job and machine, and setups or factories where there are any."""
    from ..scheduling.flowshop.problem import FlowShop

    return FlowShop(numbers["durations"], setup=numbers.get("setup"), factories=numbers.get("factories", 1), name=name)
