"""That the speed of every compiled search is measured."""

from benchmarks.micro.search_speed import CASES, searches

from optikit.assignment import GAP, QAP, LinearAssignment
from optikit.routing import TSP, VRP
from optikit.scheduling import FlowShop, JobShop


def test_every_search_that_counts_iterations_is_measured():
    measured = {(type(case.problem).home(), case.solver) for case in CASES}
    classes = (VRP, TSP, LinearAssignment, GAP, QAP, JobShop, FlowShop)
    assert measured == {(kind.home(), solver) for kind in classes for solver in searches(kind)}
