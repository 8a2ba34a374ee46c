"""The compiled searches of the travelling salesman problem against their laws."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import optikit as ok
from optikit import Stop
from optikit.core.run import Run
from optikit.kernels.clock import now_ns
from optikit.kernels.control import DEADLINE, ITERATIONS, LIMIT, NEVER, STOP
from optikit.kernels.jit import PLAIN, Unavailable, Variant
from optikit.routing import TSP, Tour
from optikit.routing.tsp import reduction
from optikit.routing.tsp.arrays import NUM_COME, NUM_GONE, PHASE, STAGE, Mating, Parameters
from optikit.routing.tsp.candidates import alpha_lists
from optikit.routing.tsp.descent import Descent, state_of
from optikit.routing.tsp.evolution import Evolution
from optikit.routing.tsp.instance import OutOfTimeError, along_curve, make_nodes
from optikit.routing.tsp.kernels.advance import DESCEND, advance
from optikit.routing.tsp.kernels.child import lose_again, win
from optikit.routing.tsp.kernels.evolve import evolve, write_order
from optikit.routing.tsp.kernels.measure import measure_tour
from optikit.routing.tsp.search import EAX, LinKernighan
from optikit.routing.tsp.starts import anything, greedy
from tests.naive import tsp as naive
from tests.strategies import tsps

RNG = np.random.default_rng(0)
POINTS = RNG.integers(0, 200, (40, 2))
KINDS = {
    "matrix": TSP.from_coordinates(POINTS, rounding="nearest"),
    "asymmetric": TSP.from_matrix(RNG.integers(1, 100, (25, 25))),
    "path": TSP.from_coordinates(POINTS, closed=False, first=3, last=7),
}
COMPUTED = {
    "planar": TSP.from_coordinates(POINTS, rounding="nearest"),
    "floats": TSP.from_coordinates(POINTS),
    "ceil": TSP.from_coordinates(POINTS, rounding="ceil"),
    "att": TSP.from_coordinates(POINTS, metric="att", rounding="ceil"),
    "manhattan": TSP.from_coordinates(POINTS, metric="manhattan"),
    "maximum in space": TSP.from_coordinates(RNG.integers(0, 99, (40, 3)), metric="maximum"),
    "xray1": TSP.from_coordinates(RNG.uniform(0, 350, (40, 3)), metric="xray1", rounding="hundredfold"),
    "xray2": TSP.from_coordinates(RNG.uniform(0, 350, (40, 3)), metric="xray2", rounding="hundredfold"),
    "path": TSP.from_coordinates(POINTS, closed=False, first=3),
}


@pytest.fixture
def no_matrix(monkeypatch):
    """Arcs are computed, however few cities there are."""
    monkeypatch.setattr("optikit.routing.tsp.instance.COMPUTED_NODES", {"planar": 0, "points": 0, "globe": 0})


def island_of(problem, solver, iterations, *, seed=3, way=None):
    run = Run(problem, Stop(iterations=iterations), seed=seed)
    nodes = make_nodes(problem, solver.neighbours)
    if isinstance(solver, LinKernighan):
        island = Descent(nodes, solver._parameters(nodes), run, 0)
        if way is not None:
            island.kernel = advance[nodes.variant].using(way)
        return island
    parameters = LinKernighan()._parameters(nodes).copy()
    island = Evolution(solver, nodes, parameters, run, 0, 1)
    if way is not None:
        island.local, island.evolve = advance[nodes.variant].using(way), evolve[nodes.variant].using(way)
    return island


def advance_to(island, iterations):
    island.control.slots[[DEADLINE, STOP, LIMIT]] = NEVER, 0, iterations
    island.advance()


def told(island):
    """What an island has found, and what it will draw next."""
    cost, order = island.best()
    return cost, order.tolist(), island.random.words.tolist(), int(island.control.slots[ITERATIONS])


SOLVERS = {"lin_kernighan": (LinKernighan(), 60), "eax": (EAX(population=8), 40)}


@pytest.mark.parametrize("name", SOLVERS)
@pytest.mark.parametrize("kind", KINDS)
def test_advancing_in_slices_is_advancing_at_once(kind, name):
    solver, iterations = SOLVERS[name]
    whole, sliced = island_of(KINDS[kind], solver, iterations), island_of(KINDS[kind], solver, iterations)
    advance_to(whole, iterations)
    for cut in (*range(0, iterations, 7), iterations):
        advance_to(sliced, cut)
    assert told(whole) == told(sliced)


@pytest.mark.parametrize("name", SOLVERS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_way_of_running_gives_the_same_tour(kind, name):
    solver, iterations = SOLVERS[name]
    found = {}
    for way in ("python", "jit", "aot", "checked"):
        try:
            island = island_of(KINDS[kind], solver, iterations // 2, way=way)
        except Unavailable:
            continue
        advance_to(island, iterations // 2)
        found[way] = told(island)
    assert "python" in found
    assert all(other == found["python"] for other in found.values()), list(found)


@pytest.mark.parametrize("kind", COMPUTED)
def test_kernels_give_the_ticks_of_the_metrics(kind, no_matrix):
    problem = COMPUTED[kind]
    nodes = make_nodes(problem, 8)
    assert nodes.instance.num_entries == 1
    dense = reduction.dense(problem)
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(nodes.instance.num_nodes).astype(np.int32)
        cycle = nodes.city_of[order]
        expected = int(dense[cycle, np.roll(cycle, -1)].sum())
        assert measure_tour[nodes.variant](nodes.instance, state_of(nodes, order)) == expected


@pytest.mark.parametrize("kind", COMPUTED)
def test_costs_are_exact_where_arcs_are_computed(kind, no_matrix):
    for solver, iterations in SOLVERS.values():
        island = island_of(COMPUTED[kind], solver, iterations)
        for cut in range(0, iterations + 1, 10):
            advance_to(island, cut)
            assert island.audit() is None


@given(tsps(min_cities=5, max_cities=9), st.integers(0, 2**32))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_costs_are_exact_after_every_step(problem, seed):
    for solver, iterations in SOLVERS.values():
        island = island_of(problem, solver, iterations, seed=seed)
        for cut in range(0, iterations + 1, 5):
            advance_to(island, cut)
            cost, order = island.best()
            assert island.audit() is None
            assert measure_tour[island.nodes.variant](island.nodes.instance, state_of(island.nodes, order)) == cost


@pytest.mark.parametrize("solver", [LinKernighan(islands=3), EAX(islands=3, population=8)])
def test_threads_change_nothing(solver):
    """Islands are part of the search, the threads that carry them are not."""
    stop = Stop(iterations=301)
    alone = ok.solve(KINDS["matrix"], solver, stop=stop, seed=4, n_jobs=1)
    side_by_side = ok.solve(KINDS["matrix"], solver, stop=stop, seed=4, n_jobs=3)
    assert alone.solution == side_by_side.solution
    assert alone.iterations == side_by_side.iterations


def test_islands_pass_their_best_on():
    for solver, iterations in SOLVERS.values():
        better, worse = sorted((island_of(KINDS["matrix"], solver, iterations, seed=seed) for seed in (1, 2)), key=id)
        advance_to(better, iterations)
        advance_to(worse, iterations // 2)
        worse.receive(better)
        assert worse.best()[0] <= better.best()[0]
        advance_to(worse, iterations)
        assert worse.audit() is None


@given(tsps(min_cities=2, max_cities=9))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_greedy_visits_each_node_once(problem):
    nodes = make_nodes(problem, 8)
    order = greedy(nodes)
    assert sorted(order.tolist()) == list(range(nodes.instance.num_nodes))
    assert np.array_equal(np.sort(nodes.tour(order).order), np.arange(problem.num_cities))
    tour = nodes.tour(order)
    assert nodes.tour(nodes.order(tour)) == tour


@pytest.mark.parametrize("solver", [LinKernighan(), EAX(population=2)])
@given(problem=tsps(max_cities=4))
@settings(max_examples=40, deadline=None)
def test_a_handful_of_cities_is_solved_although_there_is_nothing_to_exchange(solver, problem):
    best = naive.optimum(problem)
    found = ok.solve(problem, solver, stop=Stop(iterations=20)).objective
    assert found is best is None or found == pytest.approx(best, abs=2 * problem.error + 1e-9)


@given(tsps(min_cities=2, max_cities=9))
@settings(max_examples=40, deadline=None)
def test_a_tour_without_thought_is_a_tour(problem):
    tour = anything(problem)
    report = problem.check(tour)
    assert report or {violation.rule for violation in report.violations} == {"missing arc"}


@pytest.mark.parametrize(("x", "y", "most"), [(1, 1, 0.98), (100, 1, 1.3), (1, 100, 1.3)])
def test_strips_are_as_short_as_daganzo_says(x, y, most):
    points = np.random.default_rng(1).random((5_000, 2)) * [x, y]
    problem = TSP.from_coordinates(points)
    assert problem.evaluate(anything(problem)) < most * (5_000 * x * y) ** 0.5


@pytest.mark.parametrize("axis", [0, 1])
def test_strips_follow_a_line(axis):
    points = np.zeros((500, 2))
    points[:, axis] = np.random.default_rng(1).random(500)
    problem = TSP.from_coordinates(points)
    assert problem.evaluate(anything(problem)) < 1.5 * 2 * np.ptp(points[:, axis])


@pytest.mark.parametrize(("axes", "side"), [(2, 16), (3, 8)])
def test_the_curve_steps_from_cell_to_neighbouring_cell(axes, side):
    grid = np.stack(np.meshgrid(*[np.arange(side)] * axes, indexing="ij"), -1).reshape(-1, axes).astype(float)
    assert np.abs(np.diff(grid[along_curve(grid)], axis=0)).sum(axis=1).max() == 1


def test_geo_distances_need_no_matrix_and_are_never_taken_for_more_than_they_are(no_matrix):
    degrees = np.round(np.column_stack([RNG.uniform(-60, 60, 90), RNG.uniform(-150, 150, 90)]), 2)
    degrees[80:] = degrees[:10]  # cities in one place are 1 km apart in TSPLIB's formula
    degrees[70:80] = degrees[60:70] + 0.01
    problem = TSP.from_coordinates(degrees, metric="geo")
    nodes = make_nodes(problem, 8)
    assert nodes.variant == "points"
    lists = nodes.instance.neighbours.reshape(90, -1)
    true = problem.leg_ticks(np.repeat(nodes.city_of, lists.shape[1]), nodes.city_of[lists.reshape(-1)])
    assert (true - nodes.instance.near >= 0).all()
    assert np.count_nonzero(true - nodes.instance.near) <= 5
    result = ok.solve(problem, "lin_kernighan", stop=Stop(iterations=1), seed=1)
    assert result.objective == problem.evaluate(result.solution)
    assert 0 < result.bound <= result.objective


@pytest.mark.parametrize("variant", ["computed", "matrix"])
def test_towns_on_the_globe_are_linked_in_every_direction(variant, monkeypatch):
    most = 0 if variant == "computed" else 9_999
    monkeypatch.setattr("optikit.routing.tsp.instance.COMPUTED_NODES", dict.fromkeys(("planar", "points", "globe"), most))
    towns = np.column_stack([48 + np.repeat(np.arange(3), 3), 10 + np.tile(np.arange(3), 3)])
    points = np.repeat(towns, 20, axis=0) + np.random.default_rng(1).normal(0, 1e-4, (180, 2))
    nodes = make_nodes(TSP.from_coordinates(points, metric="haversine"), 8)
    town_of = np.repeat(np.arange(9), 20)[np.arange(180) if nodes.city_of is None else nodes.city_of]
    other = town_of[nodes.instance.neighbours.reshape(180, -1)] != town_of[:, None]
    assert len(set(town_of[other.any(axis=1)].tolist())) == 9, "every town has a candidate edge to another"


@pytest.mark.parametrize("kind", ["symmetric", "asymmetric", "path"])
def test_towns_in_a_matrix_are_linked(kind):
    """Of lists of the nearest alone all were of one town: tours were up to a fifth longer."""
    rng = np.random.default_rng(4)
    points = np.repeat(rng.random((9, 2)) * 1e6, 20, axis=0) + rng.normal(0, 100, (180, 2))
    distance = np.rint(np.sqrt(((points[:, None] - points) ** 2).sum(axis=-1)))
    if kind == "asymmetric":
        distance = np.rint(distance * rng.uniform(1, 1.3, distance.shape))
    nodes = make_nodes(TSP.from_matrix(distance, closed=kind != "path"), 8)
    lists = nodes.instance.neighbours.reshape(-1, 8)
    assert all(len(set(row)) == 8 for row in lists[:180].tolist())
    assert (lists[:180] != np.arange(180)[:, None]).all()
    heads = lists[:180] - (180 if kind == "asymmetric" else 0)
    real = (heads >= 0) & (heads < 180)
    linked = np.zeros((9, 9), bool)
    linked[(np.arange(180)[:, None] // 20 + 0 * heads)[real], heads[real] // 20] = True
    assert np.linalg.matrix_power((linked | linked.T).astype(int), 8).all(), "candidate edges lead from every town to all others"


def test_alpha_is_what_the_lightest_tree_gains_by_an_edge():
    networkx = pytest.importorskip("networkx")
    distance = np.random.default_rng(7).integers(1, 1000, (12, 12))
    distance = np.triu(distance, 1) + np.triu(distance, 1).T
    graph = networkx.from_numpy_array(distance)
    weight = networkx.minimum_spanning_tree(graph).size("weight")
    lists = alpha_lists(distance, 4, lambda: True)[:, 1:]
    for u in range(12):
        alphas = []
        for v in range(12):
            forced = graph.copy()
            if u != v:
                forced[u][v]["weight"] = -1_000_000
                alphas.append((v, networkx.minimum_spanning_tree(forced).size("weight") + 1_000_000 + distance[u, v] - weight))
        assert sorted(alpha for _, alpha in alphas)[:4] == [dict(alphas)[v] for v in lists[u].tolist()]
    assert alpha_lists(distance, 4, lambda: False) is None


def test_memory_that_is_not_there_costs_no_tour(monkeypatch):
    def too_large(*arguments):
        raise MemoryError("Unable to allocate 2.98 GiB")

    monkeypatch.setattr("optikit.routing.tsp.search.make_nodes", too_large)
    start = Tour(range(40))
    # Kernels are compiled first: with every index checked, for longer than a search should take.
    result = ok.solve(KINDS["matrix"], "lin_kernighan", initial_solution=start, time_limit=300)
    assert result.stop_reason == ok.StopReason.FAILED
    assert "Unable to allocate" in result.message
    # Never worse than the start: where kernels are still being compiled, another solver stands in and may have found better.
    assert result.objective <= KINDS["matrix"].evaluate(start)


def test_no_matrix_where_coordinates_serve():
    nodes = make_nodes(TSP.from_coordinates(np.random.default_rng(1).random((3_000, 2))), 8)
    largest = max(getattr(nodes.instance, name).nbytes for name, field in type(nodes.instance).fields.items() if field.shape)
    assert largest <= 3_000 * 8 * 8


@pytest.mark.parametrize("kind", KINDS)
def test_exchanges_across_the_tour_come_in_a_stage_of_their_own(kind):
    islands = []
    for cuts in ((0, 60), (0, 7, 20, 41, 60)):
        island = island_of(KINDS[kind], LinKernighan(), 60)
        island.parameters = Parameters(**{name: getattr(island.parameters, name) for name in Parameters.fields} | {"stretch": 4})
        islands.append(island)
        for cut in cuts:
            island.control.slots[[DEADLINE, STOP, LIMIT]] = 0, 0, cut
            while island.control.slots[ITERATIONS] < cut or island.state.words[PHASE] == DESCEND:
                island.control.slots[DEADLINE] = now_ns() + 20_000
                island.advance()
                assert island.audit() is None
            assert island.state.words[STAGE] == 0
    assert told(islands[0]) == told(islands[1])


@pytest.mark.parametrize(
    ("solver", "problem"),
    [
        *((EAX(population=8), kind) for kind in KINDS.values()),
        *((LinKernighan(), kind) for kind in [*KINDS.values(), *COMPUTED.values()]),
    ],
)
def test_what_is_called_was_waited_for_and_no_more(request, monkeypatch, solver, problem):
    """Kernels are compiled a module at a time, seconds each."""
    if problem in COMPUTED.values():
        request.getfixturevalue("no_matrix")
    called, waited, call = set(), set(), Variant.__call__

    def noted(variant, *arguments):
        called.add(variant)
        return call(variant, *arguments)

    def ready(variant, kernels, seconds):
        waited.update(kernel[variant if variant in kernel else PLAIN] for kernel in kernels)
        return True

    monkeypatch.setattr(Variant, "__call__", noted)
    monkeypatch.setattr("optikit.routing.tsp.search._ready", ready)
    ok.solve(problem, solver, stop=Stop(iterations=40))
    assert called <= waited
    assert {variant.kernel.__module__ for variant in called} == {variant.kernel.__module__ for variant in waited}


@pytest.mark.parametrize("way", ["python", None])
def test_tours_of_a_population_are_read_along_their_links(way):
    problem = KINDS["matrix"]
    island = island_of(problem, EAX(population=8), 40)
    advance_to(island, 12)
    population = island.population
    (write_order[island.nodes.variant].using(way) if way else island.write)(population, island.mating, 3)
    order, link = island.mating.order, population.link.reshape(population.size + 1, -1, 2)[3]
    assert sorted(order) == list(range(population.num_nodes))
    assert all({before, after} == set(link[node]) for before, node, after in zip(np.roll(order, 1), order, np.roll(order, -1)))


def test_no_tour_is_begun_where_beginning_it_would_take_longer_than_is_left():
    problem = KINDS["matrix"]
    island = island_of(problem, EAX(population=8), 40)
    advance_to(island, 1)
    island.seconds_to_begin, island.remaining = 1.0, lambda: 0.5
    island.control.slots[[DEADLINE, LIMIT]] = now_ns() + 1_000_000, 2
    island.advance()
    assert (island.state, len(island.tours)) == (None, 1)
    island.remaining = lambda: 10.0
    advance_to(island, 2)
    assert len(island.tours) == 2


def test_where_time_ends_before_neighbours_are_known_the_tour_follows_the_curve(monkeypatch):
    def too_late(*arguments):
        raise OutOfTimeError

    monkeypatch.setattr("optikit.routing.tsp.instance._near_points", too_late)
    points = np.random.default_rng(1).random((2_000, 2))
    for problem in (TSP.from_coordinates(points), TSP.from_coordinates(points, closed=False, first=7, last=3)):
        found = ok.solve(problem, "lin_kernighan", time_limit=10)
        assert found.solution is not None
        assert found.objective < 1.6 * 0.7124 * 2_000**0.5


@pytest.mark.parametrize("solver", ["lin_kernighan", "eax"])
def test_what_is_proved_before_the_search_begins_is_not_said_to_be_late(solver):
    result = ok.solve(TSP.from_coordinates(np.zeros((1_500, 2))), solver, time_limit=60)
    assert (result.status, result.stop_reason, result.message) == (ok.Status.OPTIMAL, ok.StopReason.PROVEN, "")


def test_an_edge_that_a_child_won_and_lost_again_neither_came_nor_went():
    mating = Mating.empty(num_nodes=12)
    win(mating, 1, 2)
    win(mating, 3, 4)
    lose_again(mating, 2, 1)
    assert (mating.words[NUM_COME], mating.words[NUM_GONE]) == (1, 0)
    assert mating.come[:2].tolist() == [3, 4]
    lose_again(mating, 5, 6)
    assert (mating.words[NUM_COME], mating.words[NUM_GONE]) == (1, 1)


@pytest.mark.parametrize(("count", "seed"), [(12, 17), (16, 2), (20, 0)])
def test_counts_of_edges_stay_within_their_arrays(count, seed):
    # Few arcs, so that joining subtours breaks edges that came with the cycle; seen where indices are checked.
    rng = np.random.default_rng(seed)
    arcs = np.where(rng.random((count, count)) < 0.25, rng.integers(0, 99, (count, count)), np.inf)
    arcs[np.arange(count), np.roll(np.arange(count), 1)] = 99
    problem = TSP.from_matrix(arcs)
    result = ok.solve(problem, EAX(population=5), stop=Stop(iterations=20), seed=1)
    assert problem.check(result.solution)
