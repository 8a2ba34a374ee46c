"""The formulations against enumeration, read back, with side constraints, and the solvers that run them."""

import threading

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import optikit as ok
from optikit import Status, StopReason
from optikit.backends.judge import round_up
from optikit.core import registry
from optikit.core.run import Run
from optikit.core.stop import Stop
from optikit.errors import UnsupportedError
from optikit.routing import VRP, Routes
from optikit.routing.vrp import loads
from optikit.routing.vrp.exact import Exact
from optikit.routing.vrp.formulations.cpsat import CircuitModel, CpSat, lattice_of, routes_of, trace_arcs
from optikit.routing.vrp.formulations.milp import Cbc, FlowModel, Highs, Milp
from optikit.routing.vrp.formulations.ortools import OrToolsRouting, build_ortools, num_vehicles
from tests.naive import vrp as naive
from tests.strategies import vrps

pytest.importorskip("ortools", reason="ortools is not installed")
pulp = pytest.importorskip("pulp", reason="pulp is not installed")
pytest.importorskip("highspy", reason="highspy is not installed")

EXACT = ["cpsat", "highs", "cbc"]
ENGINES = [*EXACT, "milp", "ortools"]


def town(num_clients, capacity=12, seed=0, **options):
    draw = np.random.default_rng(seed)
    points = draw.integers(0, 100, (num_clients + 1, 2))
    return VRP.from_coordinates(points, [0, *draw.integers(1, 8, num_clients)], capacity, **options)


SMALL = VRP.from_coordinates(
    [(0, 0), (2, 7), (-3, 4), (5, 5), (6, -2), (-4, -4)], [0, 3, 4, 2, 5, 3], 9, rounding="one_decimal", num_vehicles=2
)


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
        assert best - tolerance <= outcome.bound <= best + problem.error + 1e-9 * max(1.0, best)


@given(vrps(max_clients=6))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_cpsat_meets_enumeration(problem):
    assert_meets_enumeration(CpSat(), problem)


@given(vrps(max_clients=5))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_highs_meets_enumeration(problem):
    assert_meets_enumeration(Highs(), problem)


@given(vrps(max_clients=5))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_cbc_meets_enumeration(problem):
    assert_meets_enumeration(Cbc(), problem)


@pytest.mark.parametrize("name", EXACT)
def test_they_agree_with_dynamic_programming(name):
    for seed, fleet in ((1, None), (2, 4)):
        problem = town(8, seed=seed, num_vehicles=fleet, rounding="nearest")
        proved = ok.solve(problem, "exact")
        result = ok.solve(problem, name, time_limit=60)
        assert (result.status, result.objective) == (proved.status, proved.objective)


@pytest.mark.parametrize("name", EXACT)
def test_clients_without_demand_are_on_no_loop_of_their_own(name):
    # Four places far away, close to each other: loops among them would be cheap, and carry nothing.
    points = [(0, 0), (100, 0), (101, 0), (100, 1), (101, 1), (0, 5)]
    problem = VRP.from_coordinates(points, [0, 0, 0, 0, 0, 3], 3)
    result = ok.solve(problem, name, time_limit=60)
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(naive.optimum(problem))


def test_infeasible_packings_are_proved():
    problem = VRP.from_coordinates([(0, 0), (1, 0), (2, 0), (0, 1), (0, 2)], [0, 5, 5, 5, 9], 12, num_vehicles=2)
    for solver in (CpSat(), Highs(), Cbc(), Milp()):
        outcome = solver._run(problem, Run(problem, Stop(time=60)))
        assert (solver.name, outcome.infeasible) == (solver.name, True)


# -- models and readers --------------------------------------------------------


def test_side_constraint_on_cpsat():
    from ortools.sat.python import cp_model

    model, read = ok.formulate(SMALL, "cpsat")
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.catch_sigint_signal = False  # it would leave Ctrl-C at its default action, which ends Python
    solver.solve(model)
    free = read(solver.value)
    assert SMALL.evaluate(free) == pytest.approx(naive.optimum(SMALL))
    first, second = next(pair for pair in trace_arcs(free) if all(pair))
    model.add(read.__self__.arcs[first, second] == 0)
    model.add(read.__self__.arcs[second, first] == 0)
    solver.solve(model)
    kept_apart = read(solver.value)
    assert SMALL.check(kept_apart)
    assert not {(first, second), (second, first)} & trace_arcs(kept_apart)
    assert SMALL.evaluate(kept_apart) >= SMALL.evaluate(free)


def test_side_constraint_on_milp():
    model, read = ok.formulate(SMALL, "milp")
    model.solve(pulp.HiGHS(msg=False))
    free = read(pulp.value)
    assert SMALL.evaluate(free) == pytest.approx(naive.optimum(SMALL))
    assert pulp.value(model.objective) == pytest.approx(SMALL.evaluate(free))
    arc = next(pair for pair in trace_arcs(free) if all(pair))
    model += read.__self__.arcs[arc] + read.__self__.arcs[arc[::-1]] == 0
    model.solve(pulp.HiGHS(msg=False))
    assert SMALL.check(read(pulp.value))
    assert not {arc, arc[::-1]} & trace_arcs(read(pulp.value))


@pytest.mark.parametrize("backend", ["cpsat", "milp"])
def test_reading_from_what_is_no_function_is_refused(backend):
    _, read = ok.formulate(SMALL, backend)
    with pytest.raises(ok.errors.UnsupportedError, match=r"value_of is \{\}; expected a function"):
        read({})


def test_model_of_ortools():
    spec, read = ok.formulate(SMALL, "ortools")
    manager, model = spec.build()
    assert (manager.GetNumberOfNodes(), manager.GetNumberOfVehicles()) == (6, 2)
    given = [[2, 4], [1, 3, 5]]
    model.CloseModel()
    assignment = model.ReadAssignmentFromRoutes(given, True)
    solution = read(given)
    assert solution.visits == ((1, 3), (0, 2, 4))
    assert assignment.ObjectiveValue() == round(10 * SMALL.evaluate(solution))  # one decimal: ticks are tenths


def test_flow_relaxation():
    matrix = np.array([[0, 1, 9, 1], [1, 0, 1, 9], [9, 1, 0, 1], [1, 9, 1, 0]])
    problem = VRP.from_matrix(matrix, [0, 1, 1, 1], 3)
    result = ok.solve(problem, "networkx")
    # The relaxation is a tour by itself: the bound is the optimum, and the solution comes with it.
    assert (result.status, result.objective) == (Status.OPTIMAL, 4)
    bound = ok.lower_bound(town(7, seed=5), "networkx")
    assert 0 < bound <= naive.optimum(town(7, seed=5)) + 1e-6


@given(vrps(max_clients=6))
@settings(max_examples=60, deadline=None)
def test_a_start_satisfies_the_models(problem):
    outcome = Exact()._run(problem, Run(problem, Stop()))
    if outcome.infeasible:
        return
    flow = FlowModel(problem)
    values = flow.start(outcome.solution)
    # PuLP 3.3 warns of the public name.
    rows = flow.model._constraints if hasattr(flow.model, "_constraints") else flow.model.constraints
    for name, row in rows.items():
        slack = row.constant + sum(coefficient * values[variable.name] for variable, coefficient in row.items())
        assert {1: slack >= -1e-9, -1: slack <= 1e-9, 0: abs(slack) <= 1e-9}[row.sense], name
    assert set(values) == {variable.name for variable in flow.model.variables()}
    assert problem.evaluate(flow.read(lambda variable: values[variable.name])) == pytest.approx(problem.evaluate(outcome.solution))
    circuit = CircuitModel(problem)
    circuit.start(outcome.solution)
    hinted = dict(zip(circuit.model.proto.solution_hint.vars, circuit.model.proto.solution_hint.values))
    assert sorted(map(sorted, circuit.read(lambda literal: hinted[literal.index]).visits)) == sorted(
        map(sorted, outcome.solution.visits)
    )
    fixed = circuit.model.clone()
    for index, value in hinted.items():
        fixed.add(fixed.get_int_var_from_proto_index(index) == value)
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.catch_sigint_signal = False  # it would leave Ctrl-C at its default action, which ends Python
    assert solver.solve(fixed) == cp_model.OPTIMAL


def test_routes_of_arcs():
    solution = Routes.of([[2, 0], [1], [4, 3]])
    assert sorted(routes_of(sorted(trace_arcs(solution))).visits) == [(1,), (2, 0), (4, 3)]
    assert routes_of([(0, 1), (1, 0), (2, 3), (3, 2)]).visits == ((0,),)  # a loop that misses the depot


@pytest.mark.parametrize("name", [n for n in ENGINES if n in ("highs", "cbc", "milp")])
def test_what_floats_leave_of_a_full_vehicle_is_no_room(name):
    """1 - 1/9 - 8/9 is 5e-17 in floats; as the room on an arc it made HiGHS's presolve prove a false optimum."""
    problem = VRP.from_matrix([[0.0, 0, 0], [0, 0, 1], [0, 1, 0]], [0, 1, 8], 12)
    assert ok.solve(problem, name, time_limit=20).objective == naive.optimum(problem) == 0


def test_the_slack_of_a_capacity_is_no_coefficient():
    """A room of 1e-9 of the capacity is what HiGHS's tolerance is: taken as it is, its presolve proved 63.3 for the optimum."""
    arcs = [67.512447108314305, 96.19571925189773, 86.62661865008713, 62.56130173621441, 58.30194622315179, 4.58203395411122]
    arcs += [33.216362843781576, 51.65209033165818, 55.0588760429209, 97.45835389170016, 34.890558347972388, 40.800738074422665]
    arcs += [6.558043608439767, 81.58200035298662, 97.03529543471243]
    matrix = np.zeros((6, 6))
    matrix[np.triu_indices(6, 1)] = arcs
    problem = VRP.from_matrix(matrix + matrix.T, [0, 0.2, 0.1, 0.1, 0.1, 0.1], 0.1 + 0.2)
    assert ok.solve(problem, "highs", time_limit=20).objective == pytest.approx(naive.optimum(problem))


def test_highs_does_not_take_a_hair_more_than_a_vehicle_holds():
    """A millionth of the capacity is within HiGHS's own tolerance, and the routes that it then finds are refused."""
    points = [(0, 1), (1, 0), (0, 0), (1, 1), (1, 1)]
    problem = VRP.from_coordinates(points, [0, 0.0, 0.1, 0.0, 1e-7], 0.1 + 1e-7, num_vehicles=1)
    result = ok.solve(problem, "highs", time_limit=20)
    assert (result.status, result.objective) == (Status.OPTIMAL, pytest.approx(naive.optimum(problem)))


# -- loads ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("demand", "capacity", "ticks", "limit"),
    [
        ([1, 2, 3], 4, [1, 2, 3], 4),
        ([0.1, 0.2, 0.3], 0.3, [1, 2, 3], 3),  # 0.1 + 0.2 > 0.3 in floats, and not here
        ([1, 2, 3], 100, [1, 2, 3], 6),
        ([1, 2], 2.5, [1, 2], 2),
        ([0.5, 2.0], 2.25, [50, 200], 225),
        ([1, 2, 9], 4.0, [1, 2, 9], 4),
        ([0, 0], 5, [0, 0], 0),
    ],
)
def test_loads_are_exact(demand, capacity, ticks, limit):
    problem = VRP.from_coordinates(np.arange(2 * len(demand) + 2).reshape(-1, 2), [0, *demand], capacity)
    found, largest = loads.load_ticks(problem)
    assert (found.tolist(), largest) == (ticks, limit)


def test_loads_that_no_lattice_holds_lose_no_solution_and_let_none_in():
    third = 1 / 3
    problem = VRP.from_coordinates([(i, i * i) for i in range(5)], [0, third, third, third, np.pi], 1.0 * 3 * third + np.pi)
    demand, capacity = loads.load_ticks(problem)
    assert not problem.load_lattice.exact
    assert demand.sum() <= capacity
    tighter = VRP.from_coordinates([(i, i * i) for i in range(5)], [0, third, third, third, np.pi], np.pi + 0.9)
    demand, capacity = loads.load_ticks(tighter)
    assert demand.sum() > capacity
    assert demand.sum() - demand[0] <= capacity


@given(vrps(max_clients=6, limited=False))
@settings(max_examples=100, deadline=None)
def test_first_fit_is_enough_and_fewest_is_a_bound(problem):
    best = Exact()._run(problem, Run(problem, Stop())).solution
    least, most = loads.fleet(problem)
    assert least <= len(best.visits) <= most
    limited = problem.replace(vehicle_types=(ok.routing.VehicleType(problem.vehicle_types[0].capacity, loads.first_fit(problem)),))
    assert not Exact()._run(limited, Run(limited, Stop())).infeasible


def test_vehicles_given_to_ortools():
    many = town(80, capacity=20)
    assert loads.first_fit(many) < num_vehicles(many) < 80
    assert num_vehicles(many, Routes.of([[i] for i in range(80)])) == 80
    assert num_vehicles(town(80, capacity=20, num_vehicles=33)) == 33
    spec, _ = build_ortools(many)
    assert spec.num_vehicles == len(spec.capacity[0]) == num_vehicles(many)


def test_bounds_round_up_where_distances_are_whole():
    assert round_up(SMALL.lattice, 12.3400001) == 12.4
    assert round_up(SMALL.lattice, 12.3000001) == 12.3
    assert round_up(town(4).lattice, 12.34) == 12.34


# -- solvers -------------------------------------------------------------------


@pytest.mark.parametrize("name", ENGINES)
def test_deadline_and_start(name):
    problem = town(40, seed=3)
    start = Routes.of([[i] for i in range(40)])
    result = ok.solve(problem, name, time_limit=0.8, initial_solution=start)
    assert result.stop_reason is StopReason.TIME
    assert result.objective <= problem.evaluate(start)
    assert result.bound <= result.objective


@pytest.mark.parametrize("name", ENGINES)
def test_no_time_at_all(name):
    result = ok.solve(town(30), name, time_limit=0.0)
    assert (result.stop_reason, result.solution) == (StopReason.TIME, None)


@pytest.mark.parametrize("name", ENGINES)
def test_cancel(name):
    token = ok.CancelToken()
    threading.Timer(0.5, token.cancel).start()
    start = Routes.of([[i] for i in range(40)])
    result = ok.solve(town(40, seed=3), name, time_limit=100, callbacks=[token], initial_solution=start)
    assert result.stop_reason is StopReason.CANCELLED
    assert result.solution is not None


@pytest.mark.parametrize("name", ["cpsat", "highs", "ortools"])
def test_target(name):
    problem = town(15, seed=4)
    target = 2.5 * ok.lower_bound(problem)
    result = ok.solve(problem, name, time_limit=100, stop=ok.Stop(target=target))
    assert result.stop_reason in (StopReason.TARGET, StopReason.PROVEN)
    assert result.objective <= target


@pytest.mark.parametrize("name", [*EXACT, "milp"])
def test_gap(name):
    result = ok.solve(town(12, seed=4), name, time_limit=100, stop=ok.Stop(gap=0.5))
    assert result.stop_reason in (StopReason.GAP, StopReason.PROVEN, StopReason.EXHAUSTED)
    assert result.gap <= 0.5


@pytest.mark.parametrize("name", EXACT)
def test_seed_and_threads_are_taken(name):
    result = ok.solve(SMALL, name, seed=2**33 + 1, n_jobs=2, time_limit=60)
    assert (result.status, result.objective) == (Status.OPTIMAL, pytest.approx(naive.optimum(SMALL)))


@pytest.mark.parametrize("name", ENGINES)
def test_unknown_engine_parameter(name):
    with pytest.raises(UnsupportedError, match="nonsense"):
        ok.solve(town(6), name, time_limit=20, options={"parameters": {"nonsense": 1}})


@pytest.mark.parametrize(
    ("name", "size"),
    [("cpsat", 201), ("highs", 101), ("cbc", 101), ("milp", 101), ("ortools", 3001), ("networkx", 101), ("exact", 15)],
)
def test_sizes_that_are_refused(name, size):
    points = np.stack((np.arange(size + 1), np.arange(size + 1) ** 2 % 97), axis=1)
    support = registry.find(VRP, name).supports(VRP.from_coordinates(points, [0] + [1] * size, 5))
    assert not support
    assert str(size) in support.reason


def test_distances_too_large_for_cpsat_are_refused():
    matrix = np.full((61, 61), 2**43)
    support = CpSat().supports(VRP.from_matrix(matrix, [0] + [1] * 60, 5))
    assert not support
    assert "2^53" in support.reason


def test_a_solver_that_pulp_does_not_find_is_refused():
    support = Milp(solver="GUROBI_OF_TOMORROW").supports(SMALL)
    assert not support
    assert "GUROBI_OF_TOMORROW" in support.reason


def test_lattice_of_cpsat_keeps_below_its_limit():
    for problem in (SMALL, town(100), VRP.from_coordinates([(52.0, 9.0), (48.0, 11.0)], [0, 1], 1, metric="haversine")):
        lattice = lattice_of(problem)
        assert problem.network.ticks(lattice).sum() < 2**53
        assert 2 * lattice.error < 1e-9 * max(1.0, ok.lower_bound(problem))


def test_ortools_without_a_possible_vehicle():
    problem = VRP.from_coordinates([(0, 0), (1, 0), (2, 0)], [0, 3, 9], 5)
    outcome = OrToolsRouting()._run(problem, Run(problem, Stop(time=5)))
    assert outcome.infeasible
