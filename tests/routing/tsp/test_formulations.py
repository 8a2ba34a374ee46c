"""The formulations against enumeration, read back, with side constraints, and the solvers that run them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import optikit as ok
from optikit import Status, StopReason
from optikit.core.run import Run
from optikit.core.stop import Stop
from optikit.errors import UnsupportedError
from optikit.routing import TSP, Tour
from optikit.routing.tsp import reduction
from optikit.routing.tsp.formulations import cpsat, milp, ortools
from optikit.routing.tsp.formulations.milp import SubtourModel, loose_sets, patched
from optikit.routing.tsp.nearest_neighbour import nearest_neighbour
from tests.naive import tsp as naive
from tests.strategies import tsps

pytest.importorskip("ortools", reason="ortools is not installed")
pulp = pytest.importorskip("pulp", reason="pulp is not installed")
pytest.importorskip("highspy", reason="highspy is not installed")

EXACT = ["cpsat", "highs", "cbc", "milp"]
INF = math.inf


def town(num_cities, seed=0, **options):
    points = np.random.default_rng(seed).integers(0, 100, (num_cities, 2))
    return TSP.from_coordinates(points, **options)


def crowds(**options):
    """Three villages far from each other: without rows against subtours, each is a tour of its own."""
    points = [(x + dx, dy) for x in (0, 100, 200) for dx, dy in ((0, 0), (0, 3), (4, 0), (4, 3))]
    return TSP.from_coordinates(points, rounding="nearest", **options)


# -- against enumeration -------------------------------------------------------


def assert_meets_enumeration(solver, problem):
    best = naive.optimum(problem)
    # `_run`, not `solve`: that would look for a reason of infeasibility first.
    run = Run(problem, Stop(time=60))
    outcome = solver._run(problem, run)
    assert outcome.reason is StopReason.PROVEN
    assert outcome.infeasible == (best is None)
    if best is not None:
        tolerance = 2 * problem.error + 1e-9 * max(1.0, best)
        assert problem.check(outcome.solution)
        assert problem.evaluate(outcome.solution) == pytest.approx(best, abs=tolerance)
        bounds = [bound for bound in (outcome.bound, run.bound) if bound is not None]  # told at the end, or on the way
        assert best - tolerance <= max(bounds) <= best + problem.error + 1e-9 * max(1.0, best)


@given(tsps(max_cities=7))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_cpsat_meets_enumeration(problem):
    assert_meets_enumeration(cpsat.CpSat(), problem)


@given(tsps(max_cities=7))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_highs_meets_enumeration(problem):
    assert_meets_enumeration(milp.Highs(), problem)


@given(tsps(max_cities=6))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_cbc_meets_enumeration(problem):
    assert_meets_enumeration(milp.Cbc(), problem)


@pytest.mark.parametrize(
    "problem",
    [
        TSP.from_matrix([[0, 1, INF, 9], [9, 0, 2, INF], [INF, 9, 0, 3], [4, INF, 9, 0]]),
        TSP.from_matrix([[0, 1, INF, 9], [9, 0, 2, INF], [INF, 9, 0, 3], [4, INF, 9, 0]], closed=False, first=2, last=1),
        TSP.from_coordinates([(0, 0), (3, 4), (3, 4), (0, 4)], closed=False, last=0),
    ],
)
def test_ortools_finds_what_there_is(problem):
    """It proves nothing; of four cities it finds the best tour."""
    assert ok.solve(problem, "ortools", time_limit=4).objective == pytest.approx(naive.optimum(problem))


ENDS = [
    {},
    {"closed": False},
    {"closed": False, "first": 5},
    {"closed": False, "last": 11},
    {"closed": False, "first": 1, "last": 2},
]


@pytest.mark.parametrize(("name", "options"), [("highs", ends) for ends in ENDS] + [("cbc", {}), ("milp", ENDS[2])])
def test_subtours_are_forbidden(name, options):
    problem = crowds(**options)
    proved = ok.solve(problem, "cpsat", time_limit=60)
    result = ok.solve(problem, name, time_limit=60)
    assert (result.status, result.objective) == (Status.OPTIMAL, proved.objective)
    if options == {}:
        # By hand: out and back between the villages, 96 each; around the outer ones by 4, 3 and 4; along both sides of the middle.
        assert result.objective == 4 * 96 + 2 * (4 + 3 + 4) + 2 * 4


# -- models and readers --------------------------------------------------------


def test_side_constraint_on_cpsat():
    from ortools.sat.python import cp_model

    problem = town(7, seed=3)
    model, read = ok.formulate(problem, "cpsat")
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.catch_sigint_signal = False  # it would leave Ctrl-C at its default action, which ends Python
    solver.solve(model)
    free = read(solver.value)
    assert problem.evaluate(free) == pytest.approx(naive.optimum(problem))
    u, v = free.order[0], free.order[1]
    for arc in ((u, v), (v, u)):
        model.add(read.__self__.arcs[arc] == 0)
    solver.solve(model)
    apart = read(solver.value)
    assert problem.check(apart)
    places = {city: place for place, city in enumerate(apart.order)}
    assert abs(places[u] - places[v]) not in (1, 6)
    assert problem.evaluate(apart) >= problem.evaluate(free)


def test_side_constraint_on_milp():
    problem = crowds()
    model, read = ok.formulate(problem, "milp")
    rounds = 0
    model.solve(pulp.HiGHS(msg=False))
    assert not problem.check(read(pulp.value)), "at first, the villages have tours of their own"
    while read.__self__.separate(pulp.value):
        model.solve(pulp.HiGHS(msg=False))
        rounds += 1
    free = read(pulp.value)
    assert rounds
    assert problem.check(free)
    assert pulp.value(model.objective) == pytest.approx(problem.evaluate(free))
    model += read.__self__.arcs[0, 1] == 0
    model.solve(pulp.HiGHS(msg=False))
    while read.__self__.separate(pulp.value):
        model.solve(pulp.HiGHS(msg=False))
    assert problem.evaluate(read(pulp.value)) > problem.evaluate(free)


def test_model_of_ortools():
    problem = TSP.from_matrix([[0, 1, 9], [8, 0, 1], [1, 7, 0]], first=1)
    spec, read = ok.formulate(problem, "ortools")
    manager, model = spec.build()
    assert (manager.GetNumberOfNodes(), manager.GetNumberOfVehicles()) == (3, 1)
    model.CloseModel()
    assert model.ReadAssignmentFromRoutes([[2, 0]], True).ObjectiveValue() == 3
    assert read([[2, 0]]) == Tour([1, 2, 0])
    spec, read = ok.formulate(problem.replace(closed=False), "ortools")
    assert spec.depot == 3
    assert read([[1, 2, 0]]) == Tour([1, 2, 0])


@given(tsps(max_cities=6))
@settings(max_examples=60, deadline=None)
def test_a_start_satisfies_the_models(problem):
    found = cpsat.CpSat()._run(problem, Run(problem, Stop(time=60))).solution
    if found is None:
        return
    subtours = SubtourModel(problem)
    values = subtours.start(found)
    rows = subtours.model._constraints if hasattr(subtours.model, "_constraints") else subtours.model.constraints
    for name, row in rows.items():
        slack = row.constant + sum(coefficient * values[variable.name] for variable, coefficient in row.items())
        assert abs(slack) <= 1e-9, name
    assert set(values) == {variable.name for variable in subtours.model.variables()}
    assert not subtours.separate(lambda variable: values[variable.name])
    assert problem.evaluate(subtours.read(lambda variable: values[variable.name])) == pytest.approx(problem.evaluate(found))
    circuit = cpsat.CircuitModel(problem)
    circuit.start(found)
    hinted = dict(zip(circuit.model.proto.solution_hint.vars, circuit.model.proto.solution_hint.values))
    assert circuit.read(lambda literal: hinted[literal.index]) == reduction.tour_of(problem, reduction.cycle_of(problem, found))
    routing = ortools.RoutingModel(problem)
    assert problem.evaluate(routing.read(routing.start(found))) == problem.evaluate(found)


# -- separation and patching ------------------------------------------------------


def test_loose_sets_are_parts_or_small_cuts():
    """Two triangles: apart; then joined by one edge of value 1 (a tour would cross twice); then by two."""
    triangles = {(0, 1): 1.0, (1, 2): 1.0, (0, 2): 1.0, (3, 4): 1.0, (4, 5): 1.0, (3, 5): 1.0}
    assert [sorted(part.tolist()) for part in loose_sets(6, triangles, True)] in ([[0, 1, 2]], [[3, 4, 5]])
    (far,) = loose_sets(6, triangles | {(2, 3): 1.0}, True)
    assert far.tolist() == [3, 4, 5]
    assert loose_sets(6, triangles | {(2, 3): 1.0, (1, 4): 1.0}, True) == []
    one_way = {(0, 1): 1.0, (1, 0): 0.5, (1, 2): 0.5, (2, 1): 1.0, (2, 0): 0.0}
    assert {tuple(part) for part in loose_sets(3, one_way, False)} <= {(2,), (1, 2), (0,), (0, 1)}
    assert loose_sets(3, one_way, False)


@given(tsps(min_cities=4, max_cities=7, missing=False))
@settings(max_examples=60, deadline=None)
def test_patched_cycles_are_a_tour(problem):
    nodes = list(range(reduction.num_nodes(problem)))
    tour = patched(problem, [nodes[:2], nodes[2:]])
    assert sorted(tour.order) == list(range(problem.num_cities))


@given(tsps(max_cities=7))
def test_the_first_tour_visits_all_and_keeps_the_ends(problem):
    rules = {violation.rule for violation in problem.check(nearest_neighbour(problem))}
    assert rules <= {"missing arc"}


def test_the_first_tour_goes_to_the_nearest():
    line = TSP.from_coordinates([(0, 0), (10, 0), (1, 0), (3, 0)], closed=False)
    assert nearest_neighbour(line) == Tour([0, 2, 3, 1])
    assert nearest_neighbour(line.replace(first=1, last=3)) == Tour([1, 2, 0, 3])
    assert nearest_neighbour(line.replace(last=0)) == Tour([1, 3, 2, 0])
    for problem in (line, line.replace(first=1, last=3), line.replace(last=0)):
        assert ok.solve(problem, "nearest_neighbour").solution == nearest_neighbour(problem)


def test_patching_joins_where_it_costs_least():
    problem = crowds()
    tour = patched(problem, [[0, 1, 3, 2], [4, 5, 7, 6], [8, 9, 11, 10]])
    assert problem.check(tour)
    # The villages are joined by their sides of 3: 14 each, less 3 four times, and four ways of 96.
    assert problem.evaluate(tour) == 3 * 14 - 4 * 3 + 4 * 96


# -- solvers -------------------------------------------------------------------


@pytest.mark.parametrize("name", ["highs", "cpsat"])
def test_a_hundred_cities_at_a_deadline(name):
    """Not proved in this time, mostly; but there is a tour, and a bound below it."""
    result = ok.solve(town(90, seed=1), name, time_limit=2)
    assert result.bound <= result.objective


def test_a_city_without_any_arc_is_not_passed_over():
    problem = TSP.from_matrix([[0, 1, INF], [1, 0, INF], [INF, INF, 0]])
    for solver in (cpsat.CpSat(), milp.Highs(), milp.Cbc()):
        assert solver._run(problem, Run(problem, Stop(time=60))).infeasible, solver.name


@pytest.mark.parametrize("name", EXACT)
def test_a_start_is_used(name):
    problem = town(12, seed=5, rounding="nearest")
    best = ok.solve(problem, "highs").solution
    result = ok.solve(problem, name, initial_solution=best, time_limit=60)
    assert result.status is Status.OPTIMAL
    assert result.objective == problem.evaluate(best)


def test_infeasible_graphs_are_proved_by_engines():
    """Petersen's graph has no Hamiltonian cycle, and no simple reason; but it has a Hamiltonian path."""
    outer = [(i, (i + 1) % 5) for i in range(5)]
    inner = [(5 + i, 5 + (i + 2) % 5) for i in range(5)]
    matrix = np.full((10, 10), INF)
    for u, v in [*outer, *inner, *((i, i + 5) for i in range(5))]:
        matrix[u, v] = matrix[v, u] = 1
    petersen = TSP.from_matrix(matrix)
    assert not ok.explain(petersen).infeasible
    for name in EXACT:
        assert ok.solve(petersen, name, time_limit=60).status is Status.INFEASIBLE, name
        assert ok.solve(petersen.replace(closed=False), name, time_limit=60).objective == 9, name
    assert ok.solve(petersen, "ortools", time_limit=1).status is Status.UNKNOWN


def test_too_large_is_refused_with_a_number():
    points = np.arange(8000.0).reshape(4000, 2)
    offers = {offer.name: offer for offer in TSP.from_coordinates(points).solvers()}
    for name in ("cpsat", "highs", "cbc", "milp", "ortools"):
        assert not offers[name].supported
        assert "4000 cities" in offers[name].reason
    with pytest.raises(UnsupportedError, match="4000 cities make a model too large for CP-SAT; it takes up to"):
        ok.solve(TSP.from_coordinates(points), "cpsat")
    huge = TSP.from_matrix(np.full((6, 6), 2**49))
    with pytest.raises(UnsupportedError, match=r"CP-SAT adds up below 2\^53"):
        ok.solve(huge, "cpsat")
    with pytest.raises(UnsupportedError, match="no formulation for 'networkx'; known: cpsat, milp, ortools"):
        ok.formulate(huge, "networkx")
