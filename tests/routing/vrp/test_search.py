"""The compiled search against its laws: slices, threads, ways of running, exact costs."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import optikit as ok
from optikit import Stop, StopReason
from optikit.core.run import Run
from optikit.kernels.control import DEADLINE, ITERATIONS, LIMIT, NEVER, STOP
from optikit.kernels.jit import Unavailable, Variant
from optikit.routing.vrp import arrays as slot
from optikit.routing.vrp.audit import audit
from optikit.routing.vrp.instance import make_instance, prepare, variant
from optikit.routing.vrp.island import Island
from optikit.routing.vrp.kernels.advance import advance
from optikit.routing.vrp.kernels.insertion import insert_all
from optikit.routing.vrp.search import HGS, VICINITY
from tests.strategies import vrps

INSTANCES = Path(__file__).parents[3] / ".." / "shared" / "instances"
RELAXED = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def random_vrp(num_clients=30, seed=0, **options):
    rng = np.random.default_rng(seed)
    points = rng.integers(0, 90, (num_clients + 1, 2)) if "metric" in options else rng.integers(0, 100, (num_clients + 1, 2))
    demand = np.concatenate(([0], rng.integers(1, 20, num_clients)))
    return ok.routing.VRP.from_coordinates(points, demand, 60, **{"rounding": "nearest"} | options)


def island_of(problem, iterations, *, seed=3, way=None, **parameters):
    solver = HGS(**parameters)
    run = Run(problem, Stop(iterations=iterations), seed=seed)
    instance = make_instance(problem, VICINITY)
    island = Island(problem, solver, instance, run, 0, 1)
    if way is not None:
        island.kernel = advance[variant(problem, instance)].using(way)
    return island


def advance_to(island, iterations):
    island.control.slots[[DEADLINE, STOP]] = NEVER, 0
    island.control.slots[LIMIT] = iterations
    island.advance()


def state_of(island):
    """Everything that a kernel may write."""
    arrays = {name: getattr(island.state, name) for name, field in type(island.state).fields.items() if field.mutable}
    arrays |= {"random": island.random.words, "control": island.control.slots[ITERATIONS:7]}
    return {name: array.tolist() for name, array in arrays.items() if name != "control"} | {
        "control": [int(v) for k, v in enumerate(island.control.slots) if k not in (DEADLINE, LIMIT, STOP)]
    }


KINDS = {
    "matrix": random_vrp(),
    "floats": random_vrp(rounding="exact"),
    "asymmetric": ok.routing.VRP.from_matrix(np.random.default_rng(1).integers(1, 100, (25, 25)), [0] + [3] * 24, 10),
    "limited": random_vrp(num_vehicles=6),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cuts", [[1], [100, 101, 250], list(range(0, 300, 7))])
def test_advancing_in_slices_is_advancing_at_once(kind, cuts):
    whole, sliced = island_of(KINDS[kind], 300), island_of(KINDS[kind], 300)
    advance_to(whole, 300)
    for cut in [*cuts, 300]:
        advance_to(sliced, cut)
    assert state_of(whole) == state_of(sliced)


def test_a_slice_that_ends_at_once_changes_nothing_but_goes_on():
    """Deadlines that have passed, in the middle of construction too, leave a state from which the search goes on."""
    whole, sliced = island_of(KINDS["matrix"], 200), island_of(KINDS["matrix"], 200)
    advance_to(whole, 200)
    for _ in range(50):
        sliced.control.slots[[DEADLINE, LIMIT]] = 0, 200
        sliced.advance()
    assert int(sliced.control.slots[ITERATIONS]) == 0
    advance_to(sliced, 200)
    assert state_of(whole) == state_of(sliced)


@pytest.mark.parametrize("kind", KINDS)
def test_every_way_of_running_gives_the_same_bits(kind):
    states = {}
    for way in ("python", "jit", "aot", "checked"):
        try:
            island = island_of(KINDS[kind], 150, way=way)
        except Unavailable:
            continue
        advance_to(island, 150)
        states[way] = state_of(island)
    assert "python" in states
    assert all(state == states["python"] for state in states.values()), list(states)


@given(vrps(max_clients=9), st.integers(0, 2**32))
@RELAXED
def test_costs_loads_and_links_are_exact_after_every_iteration(problem, seed):
    island = island_of(problem, 40, seed=seed)
    for iteration in range(1, 41):
        advance_to(island, iteration)
        assert audit(problem, island.instance, island.state) is None


def test_the_audit_sees_a_wrong_cost():
    island = island_of(KINDS["matrix"], 50)
    advance_to(island, 50)
    assert audit(island.problem, island.instance, island.state) is None
    island.state.words[slot.KEPT_COST] += 1
    assert "the current cost is" in audit(island.problem, island.instance, island.state)


def test_planar_arcs_and_matrix_arcs_are_the_same_numbers(monkeypatch):
    """The variant without a matrix walks the same way, tick for tick."""
    for problem in (KINDS["matrix"], KINDS["floats"], random_vrp(rounding="ceil"), random_vrp(rounding="one_decimal")):
        with_matrix = island_of(problem, 200, annealed=1)  # children are bred with a matrix only
        monkeypatch.setattr("optikit.routing.vrp.instance.DENSE_NODES", 0)
        without = island_of(problem, 200, annealed=1)
        monkeypatch.undo()
        assert (with_matrix.instance.num_entries > 1, without.instance.num_entries) == (True, 1)
        # Neighbours and the unit of the temperature come from rounded arcs in one and from exact ones in the other.
        without.parameters = with_matrix.parameters
        without.state.reals[:], without.hot, without.warm = with_matrix.state.reals, with_matrix.hot, with_matrix.warm
        for name in ("neighbours", "saving_from", "saving_to"):
            getattr(without.instance, name).reshape(-1)[:] = getattr(with_matrix.instance, name).reshape(-1)
        advance_to(with_matrix, 200)
        advance_to(without, 200)
        assert state_of(with_matrix) == state_of(without)


def test_the_globe_without_a_matrix_stays_within_the_error(monkeypatch):
    rng = np.random.default_rng(5)
    points = np.column_stack([rng.uniform(47, 55, 40), rng.uniform(6, 15, 40)])
    problem = ok.routing.VRP.from_coordinates(points, [0] + [1] * 39, 7, metric="haversine")
    monkeypatch.setattr("optikit.routing.vrp.instance.DENSE_NODES", 0)
    island = island_of(problem, 500)
    assert variant(problem, island.instance) == "globe"
    advance_to(island, 500)
    assert island.objective() == pytest.approx(problem.evaluate(island.read()), abs=problem.error)


@pytest.mark.parametrize("stop", [Stop(iterations=3_001), Stop(stall=700)])
def test_threads_change_nothing(stop):
    """Islands are part of the search, the threads that carry them are not."""
    alone = ok.solve(KINDS["matrix"], HGS(islands=3), stop=stop, seed=4, n_jobs=1)
    side_by_side = ok.solve(KINDS["matrix"], HGS(islands=3), stop=stop, seed=4, n_jobs=3)
    assert alone.solution == side_by_side.solution
    assert alone.iterations == side_by_side.iterations


def test_an_iteration_budget_is_met_exactly():
    for jobs in (1, 2):
        result = ok.solve(KINDS["matrix"], "hgs", stop=Stop(iterations=1_001), n_jobs=jobs)
        assert (result.iterations, result.stop_reason) == (1_001, StopReason.ITERATIONS)


def test_islands_pass_their_best_on():
    problem = random_vrp(60)
    first, second = island_of(problem, 400, seed=1), island_of(problem, 400, seed=2)
    advance_to(first, 100)
    advance_to(second, 300)
    better, worse = sorted((first, second), key=lambda island: island.key())
    worse.receive(better)
    assert worse.read() == better.read()
    assert worse.key() == better.key()
    advance_to(worse, 400)
    assert audit(problem, worse.instance, worse.state) is None
    assert problem.check(worse.read())


def test_a_fleet_that_is_too_small_leaves_the_nearest():
    """Three clients of weight 3 on two vehicles of 5: total demand would fit, the clients do not."""
    problem = ok.routing.VRP.from_coordinates([(0, 0), (1, 0), (0, 1), (1, 1)], [0, 3, 3, 3], 5, num_vehicles=2)
    result = HGS().solve(problem, stop=Stop(iterations=500))
    assert result.solution is None
    if result.status is ok.Status.UNKNOWN:
        assert [v.rule for v in result.violations] == ["unserved"]


def test_no_matrix_where_coordinates_serve():
    instance = make_instance(random_vrp(3_000), 100)
    largest = max(getattr(instance, name).nbytes for name, field in type(instance).fields.items() if field.shape is not None)
    assert instance.num_entries == 1
    assert largest <= 3_001 * 100 * 8


@pytest.mark.parametrize("kind", KINDS)
def test_insertion_in_slices_and_ways(kind):
    from optikit.kernels.control import Control
    from optikit.routing.vrp.arrays import Construction
    from optikit.routing.vrp.kernels.insertion import WAITING

    problem = KINDS[kind]
    instance = make_instance(problem, 1)
    clients = np.arange(1, instance.num_nodes, dtype=np.int32)
    seen = []
    for way in ("python", None):
        building = Construction.empty(
            num_nodes=instance.num_nodes, num_segments=1, begin=np.array([0, len(clients)], np.int32), waiting=clients.copy()
        )
        building.words[WAITING] = -1
        kernel = insert_all[variant(problem, instance)]
        control = Control.fresh()
        assert (kernel.using(way) if way else kernel)(instance, building, control) == 1
        seen.append((building.succ.tolist(), building.first.tolist()))
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    "parameters", [{"neighbours": 0}, {"blink": 1.0}, {"cold": 0.0}, {"removed": float("nan")}, {"islands": 0}]
)
def test_nonsense_parameters_are_refused_by_name(parameters):
    with pytest.raises(ValueError, match=next(iter(parameters))):
        HGS(**parameters)


@pytest.mark.skipif(not INSTANCES.is_dir(), reason=f"the instance files are not here: {INSTANCES.resolve().name} is missing")
@pytest.mark.compiled
def test_a_real_instance_comes_close_to_the_best_known():
    with (INSTANCES / "best_known.csv").open(encoding="utf-8") as file:
        known = {row["instance"]: float(row["best_known"]) for row in csv.DictReader(file) if row["family"] == "cvrp"}
    problem = ok.read(INSTANCES / "cvrp" / "X-n101-k25.vrp")
    result = ok.solve(problem, "hgs", stop=Stop(iterations=200_000))
    assert known["X-n101-k25"] <= result.objective <= 1.02 * known["X-n101-k25"]
    assert result.bound <= known["X-n101-k25"]


def test_loads_without_an_exact_lattice_fill_vehicles_as_whole_ones_do():
    """Three thirds are one: the same routes as with demands of 1 and a capacity of 3."""
    points = np.random.default_rng(0).random((31, 2))
    thirds = ok.routing.VRP.from_coordinates(points, [0] + [1 / 3] * 30, 1.0)
    ones = ok.routing.VRP.from_coordinates(points, [0] + [1] * 30, 3)
    for solver in ("hgs", "savings", "insertion"):
        stop = Stop(iterations=2_000) if solver == "hgs" else None
        assert ok.solve(thirds, solver, stop=stop).solution == ok.solve(ones, solver, stop=stop).solution


def test_a_price_that_no_lattice_holds_is_refused():
    matrix = np.random.default_rng(1).random((20, 20))
    matrix[3, 4] = 1e13
    with pytest.raises(ValueError, match="price a missing arc a little above"):
        ok.routing.VRP.from_matrix(matrix, [0] + [1] * 19, 5)
    matrix[3, 4] = 30.0
    result = ok.solve(ok.routing.VRP.from_matrix(matrix, [0] + [1] * 19, 5), "hgs", stop=Stop(iterations=1_000))
    assert result.status is ok.Status.FEASIBLE


@pytest.mark.parametrize("options", [{"rounding": "exact"}, {"metric": "haversine", "rounding": "exact"}, {"rounding": "nearest"}])
def test_the_trace_is_in_the_numbers_of_the_problem(options):
    """Ticks of an inexact lattice differ from `evaluate` in the last digits; a trace in ticks once gained a point at the end."""
    problem = random_vrp(12, **options)
    budget = Stop(iterations=3_000)
    watcher = _Seen()
    result = ok.solve(problem, "hgs", stop=budget, callbacks=[watcher])
    assert [point.objective for point in result.trace] == watcher.evaluated
    again = ok.solve(problem, "hgs", stop=budget, initial_solution=result)
    improved = again.objective < result.objective
    assert len(again.trace) == 1 + improved
    assert again.trace[0].iterations == 0


class _Seen(ok.Callback):
    def __init__(self):
        self.evaluated = []

    def on_improvement(self, progress):
        self.evaluated.append(progress.problem.evaluate(progress.solution))


def test_set_up_looks_at_the_clock():
    """Whatever is prepared for a search, stage by stage, can end in between."""
    for problem in (random_vrp(60), random_vrp(60, rounding="exact"), random_vrp(60, metric="haversine", rounding="exact")):
        asked = []
        assert prepare(problem, 40, memory_limit=1, go_on=lambda: not asked.append(0)) is not None  # noqa: B023
        for stop_at in range(len(asked)):
            left = iter(range(stop_at))
            assert prepare(problem, 40, memory_limit=1, go_on=lambda: next(left, None) is not None) is None  # noqa: B023
    token = ok.CancelToken()
    token.cancel()
    for name in ("hgs", "savings", "insertion", "sweep"):
        assert ok.solve(random_vrp(60), name, time_limit=60, callbacks=[token]).stop_reason is StopReason.CANCELLED


def test_a_deadline_makes_no_more_islands_than_it_has_time_for(monkeypatch):
    monkeypatch.setattr(Run, "remaining", property(lambda run: next(clock)))
    run = Run(random_vrp(), Stop(time=10), n_jobs=1000)
    clock = iter([10.0, *[9.9] * 5, *[8.0] * 5000])
    instance = make_instance(run.problem, VICINITY)
    assert 1 <= len(HGS()._islands(run.problem, instance, run)) <= 6
    # Who counts iterations gets all that were asked for.
    clock = iter([float("inf")] * 10_000)
    run = Run(random_vrp(), Stop(iterations=10), n_jobs=30)
    assert len(HGS()._islands(run.problem, instance, run)) == 30


def test_a_limit_that_went_by_compiling_is_told(monkeypatch):
    answers = iter([False] * 3 + [True] * 10_000)
    monkeypatch.setattr(Variant, "ready", lambda variant, seconds: False)
    result = ok.solve(random_vrp(), "hgs", time_limit=0.3)
    assert result.objective is not None
    assert "the kernels were still being compiled" in result.message
    monkeypatch.setattr(Variant, "ready", lambda variant, seconds: next(answers))
    assert "s went by while the kernels were compiled, once" in ok.solve(random_vrp(), "hgs", time_limit=0.3).message
    monkeypatch.undo()
    assert ok.solve(random_vrp(), "hgs", stop=Stop(iterations=10)).message == ""


def test_a_search_that_has_the_proof_ends():
    """Twenty clients at one place, each with a vehicle of its own: whatever the routes, they cost 200, and so says the bound."""
    problem = ok.routing.VRP.from_coordinates([(0, 0)] + [(3, 4)] * 20, [0] + [1] * 20, 1)
    result = ok.solve(problem, "hgs", time_limit=600)
    assert (result.stop_reason, result.objective, result.bound) == (StopReason.PROVEN, 200, pytest.approx(200))
