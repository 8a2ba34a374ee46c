"""No bound crosses the optimum that brute force finds, and that of Held and Karp is what the linear relaxation says."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import optikit as ok
from optikit.kernels.control import ITERATIONS, LIMIT, Control
from optikit.routing import TSP
from optikit.routing.metrics import NORMS
from optikit.routing.tsp import bounds, instance
from optikit.routing.tsp.ascent import Climb, Pace, PointEdges
from optikit.routing.tsp.bounds import held_karp, lower_bound
from optikit.routing.tsp.branch_and_cut import BranchAndCut
from optikit.routing.tsp.graph import Graph, edges_of, num_graph_nodes, tour_of_edges
from optikit.routing.tsp.instance import make_nodes
from optikit.routing.tsp.kernels import one_tree
from optikit.routing.tsp.kernels.one_tree import Candidates, Complete, ascend, list_nearest, span
from optikit.routing.tsp.solution import Tour
from tests.naive import tsp as naive
from tests.strategies import tsps

INSTANCES = Path(__file__).parents[3] / ".." / "shared" / "instances"
here = pytest.mark.skipif(not INSTANCES.is_dir(), reason="the instances of ../shared/instances are not on this machine")
PUBLISHED = {"kroA100": 20936.5, "lin318": 41888.75, "gr120": 6911.25, "a280": 2566.0}
"""Values of the subtour relaxation (Reinelt's TSPLIB notes; Johnson, McGeoch and Rothberg 1996), to a quarter."""


def below(bound, problem):
    best = naive.optimum(problem)
    return best is None or bound <= best + 2 * problem.error + 1e-9 * max(1.0, best)


@given(tsps(max_cities=7))
@settings(max_examples=150)
def test_the_cheap_bound_never_crosses_the_optimum(problem):
    assert below(lower_bound(problem), problem)


@given(tsps(max_cities=7))
@settings(max_examples=100)
def test_neither_does_it_by_a_few_rows_at_once(problem):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bounds, "DENSE_CITIES", 1)
        patch.setattr(bounds, "_BLOCK", 3)
        assert below(lower_bound(problem), problem)


@pytest.mark.parametrize("both_ways", [True, False])
def test_rows_at_once_give_the_bound_of_the_whole_matrix(monkeypatch, both_ways):
    distance = np.random.default_rng(3).integers(1, 100, (30, 30))
    problem = TSP.from_matrix(np.minimum(distance, distance.T) if both_ways else distance)
    whole = lower_bound(problem)
    monkeypatch.setattr(bounds, "DENSE_CITIES", 1)
    monkeypatch.setattr(bounds, "_BLOCK", 7)
    rows = lower_bound(problem)
    assert rows <= whole
    assert rows > (whole - 1 if both_ways else 0.9 * whole)  # whole numbers are rounded up; the better order of two is taken


@given(tsps(max_cities=7), st.integers(0, 60))
@settings(max_examples=150)
def test_the_ascent_never_crosses_the_optimum(problem, iterations):
    found = held_karp(problem, iterations=iterations)
    assert found is not None
    assert below(found.value, problem)


@given(tsps(max_cities=7, missing=False))
@settings(max_examples=100)
def test_neither_does_it_without_a_matrix(problem):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(instance, "COMPUTED_NODES", {"planar": 2, "points": 2, "globe": 2})
        patch.setattr(bounds, "DENSE_CITIES", 2)
        assert below(lower_bound(problem), problem)
        found = held_karp(problem, iterations=40)
    assert found is not None
    assert below(found.value, problem)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e12])
@pytest.mark.parametrize("closed", [True, False])
def test_huge_and_tiny_units(scale, closed):
    points = np.random.default_rng(3).random((9, 2)) * scale
    problem = TSP.from_coordinates(points, closed=closed)
    best = naive.optimum(problem)
    found = held_karp(problem)
    assert 0.9 * best <= found.value <= best * (1 + 1e-9)


def test_small_instances_by_hand():
    """Two cities there and back; a triangle; a square whose bound is tight."""
    assert held_karp(TSP.from_matrix([[0, 5], [7, 0]])).value == 12
    assert held_karp(TSP.from_matrix([[0, 5], [5, 0]])).value == 10
    assert held_karp(TSP.from_coordinates([(0, 0), (3, 4), (0, 4)], rounding="nearest")).value == 12
    assert held_karp(TSP.from_coordinates([(0, 0), (0, 9), (9, 9), (9, 0)], rounding="nearest")).value == 36
    assert held_karp(TSP.from_coordinates([(0, 0)] * 5)).value == 0


@given(st.sampled_from([*NORMS, "haversine"]), st.integers(0, 2**32 - 1), st.integers(3, 60), st.booleans())
@settings(max_examples=60)
def test_the_tree_over_all_pairs_is_that_of_prim(norm, seed, size, coarse):
    """Boruvka on a k-d tree against Prim on the matrix, multipliers and ties included: equal weights, in all norms."""
    g = np.random.default_rng(seed)
    axes = 3 if norm.startswith("xray") or (norm in ("euclidean", "manhattan") and seed % 2) else 2
    wide = 200 if norm.startswith("xray") else 80  # angles that turn the other way round
    points = g.integers(-6, 7, (size, axes)).astype(float) if coarse else g.uniform(-wide, wide, (size, axes))
    problem = TSP.from_coordinates(points, metric=norm, rounding="exact" if norm == "haversine" else "nearest")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(instance, "COMPUTED_NODES", {"planar": 2, "points": 2, "globe": 2})
        nodes = make_nodes(problem, 5)
    pace = Pace(math.inf, lambda: False)
    spread = PointEdges(nodes)
    assert nodes.city_of is not None
    order = nodes.city_of
    ticks = problem.tick_matrix[np.ix_(order, order)]
    multiplier = (g.normal(0, 0.5, size - 1) * ticks.mean()).astype(np.int64) << spread.shift
    weight, edges, lengths = spread.lightest(multiplier, pace)
    assert (lengths == ticks[edges[:, 0], edges[:, 1]] << spread.shift).all()
    dense = Complete.empty(
        num_nodes=size - 1,
        num_listed=1,
        length=np.ascontiguousarray(ticks[:-1, :-1] << spread.shift),
        spoke=np.ascontiguousarray(ticks[-1, :-1] << spread.shift),
        multiplier=multiplier.copy(),
    )
    # On the globe, kernels and numpy may differ in the last tick of each edge.
    slack = size << spread.shift if norm == "haversine" else 0
    assert abs(weight - span(dense)) <= slack
    assert len(np.unique(np.sort(edges, axis=1), axis=0)) == size - 2


@given(st.integers(0, 2**32 - 1), st.integers(3, 25))
@settings(max_examples=40)
def test_all_multipliers_give_bounds_and_kernels_agree(seed, size):
    """A 1-tree weighs no more than any cycle, whatever the multipliers; in Python and compiled it is the same tree."""
    g = np.random.default_rng(seed)
    ticks = g.integers(0, 50, (size, size))
    ticks = np.minimum(ticks, ticks.T)
    ways = []
    multiplier = g.integers(-30, 31, size - 1)
    for way in ("python", None):
        tree = Complete.empty(
            num_nodes=size - 1,
            num_listed=min(3, size - 2),
            length=np.ascontiguousarray(ticks[:-1, :-1]),
            spoke=np.ascontiguousarray(ticks[-1, :-1]),
            multiplier=multiplier.copy(),
        )
        weight = (span.using(way) if way else span)(tree)
        if size > 3:
            (list_nearest.using(way) if way else list_nearest)(tree, 0, size - 1)
        ways.append((weight, tree.parent.tolist(), tree.order.tolist(), tree.listed.tolist()))
    assert ways[0] == ways[1]
    for _ in range(20):
        order = g.permutation(size)
        assert ways[0][0] <= ticks[order, np.roll(order, -1)].sum()


def test_alpha_is_what_the_tree_gains_by_an_edge():
    """Nearness by its definition: force the edge in, and weigh the lightest spanning tree again."""
    size = 9
    g = np.random.default_rng(4)
    length = g.integers(1, 90, (size, size))
    length = np.minimum(length, length.T)
    tree = Complete.empty(num_nodes=size, num_listed=size - 1, length=length, spoke=np.zeros(size, np.int64))
    free = span(tree)
    list_nearest(tree, 0, size)
    for u, row in enumerate(tree.listed.reshape(size, -1).tolist()):
        alphas = []
        for v in row:
            forced = length.copy()
            forced[u, v] = forced[v, u] = -1000
            other = Complete.empty(num_nodes=size, num_listed=1, length=forced, spoke=np.zeros(size, np.int64))
            alphas.append(span(other) + 1000 + int(length[u, v]) - free)
        assert alphas == sorted(alphas)
        assert min(alphas) == 0


def started(seed, size=40):
    g = np.random.default_rng(seed)
    problem = TSP.from_coordinates(g.integers(0, 500, (size, 2)), rounding="nearest")
    return Climb(make_nodes(problem, 6), Pace(math.inf, lambda: False))


def test_slices_and_ways_of_running_change_nothing():
    results = []
    for way, limits in ((None, [50]), (None, [1, 7, 8, 30, 50]), ("python", [50])):
        climb = started(1)
        climb.state.words[[one_tree.ROUND, one_tree.BEST]] = 50, 0
        climb.state.top[0] = climb.mean_edge / 2
        control = Control.fresh()
        for limit in limits:
            control.slots[LIMIT] = limit
            (ascend.using(way) if way else ascend)(climb.candidates, climb.state, control)
        assert control.slots[ITERATIONS] == 50
        results.append((climb.state.best.tolist(), climb.state.multiplier.tolist(), climb.state.words.tolist()))
    assert results[0] == results[1] == results[2]


@pytest.mark.compiled
def test_same_iterations_same_bound():
    problem = TSP.from_coordinates(np.random.default_rng(2).random((400, 2)))
    first, second = (held_karp(problem, iterations=200) for _ in range(2))
    assert first.value == second.value
    assert first.iterations == second.iterations == 200
    assert (first.multipliers == second.multipliers).all()


@pytest.mark.compiled
def test_missing_candidates_do_not_make_a_bound():
    """Two towns far apart, and lists that stay within each: the ascent sees no bridge, the bound has two."""
    g = np.random.default_rng(5)
    points = np.concatenate([g.random((20, 2)), g.random((20, 2)) + 1000])
    problem = TSP.from_coordinates(points)
    found = held_karp(problem)
    best = ok.solve(problem, "exact").objective
    assert 2 * 1410 < found.value <= best


def test_a_bound_in_time_and_none_without():
    problem = TSP.from_coordinates(np.random.default_rng(2).random((3000, 2)))
    assert held_karp(problem, seconds=0.0) is None
    assert held_karp(problem, wants_stop=lambda: True) is None


def test_what_is_too_large_is_refused():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bounds, "MATRIX_NODES", 4)
        problem = TSP.from_matrix(np.ones((5, 5)))
        assert held_karp(problem) is None
        support = bounds.HeldKarp().supports(problem)
    assert not support
    assert "5 nodes" in support.reason


@pytest.mark.compiled
def test_lower_bound_offers_the_stronger_one_for_time():
    problem = TSP.from_coordinates(np.random.default_rng(6).random((60, 2)))
    assert ok.lower_bound(problem) < ok.lower_bound(problem, time_limit=60)
    assert ok.lower_bound(problem, time_limit=60) == held_karp(problem).value


@given(tsps(min_cities=3, max_cities=7), st.randoms(use_true_random=False))
@settings(max_examples=80)
def test_the_graph_has_every_tour_at_its_cost(problem, random):
    """A tour is a cycle of the graph with its fixed edges, costs what it costs, and is read back as it was."""
    if num_graph_nodes(problem) < 3 or naive.optimum(problem) is None:
        return
    order = list(range(problem.num_cities))
    random.shuffle(order)
    tour = Tour(order)
    if not problem.check(tour):
        return
    graph, edges = Graph.of(problem), edges_of(problem, tour)
    length = graph.length[edges[:, 0], edges[:, 1]]
    assert (length >= 0).all()
    assert abs(problem.lattice.units(int(length.sum())) - problem.evaluate(tour)) <= problem.error + 1e-9 * (
        1 + problem.evaluate(tour)
    )
    assert {tuple(sorted(edge)) for edge in graph.fixed.tolist()} <= {tuple(edge) for edge in edges.tolist()}
    again = tour_of_edges(problem, edges)
    assert problem.check(again)
    assert problem.evaluate(again) == pytest.approx(problem.evaluate(tour), abs=1e-9)


def known():
    with (INSTANCES / "best_known.csv").open(encoding="utf-8") as file:
        return {row["instance"]: float(row["best_known"]) for row in csv.DictReader(file) if row["family"] == "tsp"}


@pytest.mark.compiled
@here
@pytest.mark.parametrize("name", ["burma14", "gr17", "att48", "kroA100", "gr120", "brg180", "a280", "lin318", "si1032"])
def test_real_instances(name):
    """Never above the best known, and within 0.2 % of the relaxation with all subtour inequalities."""
    problem = TSP.read(INSTANCES / "tsp" / f"{name}.tsp")
    iterations = bounds.default_iterations(problem.num_cities)
    found = held_karp(problem, iterations=min(iterations, 2000))
    assert lower_bound(problem) <= found.value <= known()[name]
    if name in PUBLISHED:
        assert found.value == pytest.approx(PUBLISHED[name], rel=2e-3, abs=1)
    pytest.importorskip("highspy")
    from optikit.routing.tsp.branch_and_cut import BranchAndCut

    relaxation = BranchAndCut(Graph.of(problem), problem.forbidden, np.zeros((0, 2), np.int64)).bound_of_subtours()
    assert 0.998 * relaxation <= found.value <= relaxation


def test_candidates_are_the_lists_both_ways():
    """Every listed edge is a link of both of its ends, once."""
    climb = started(3)
    size = climb.edges.num_nodes
    lists = climb._listed.reshape(size + 1, -1)[:size]
    wanted = {(u, v) for u, row in enumerate(lists.tolist()) for v in row if v < size}
    wanted |= {(v, u) for u, v in wanted}
    links: Candidates = climb.candidates
    tails = np.repeat(np.arange(size), np.diff(links.first))
    found = list(zip(tails.tolist(), links.head.tolist()))
    assert len(found) == len(set(found))
    assert set(found) == wanted


def test_few_iterations_are_proved_too(monkeypatch):
    monkeypatch.setattr("optikit.routing.tsp.ascent.FROM_THE_GROUND", 0)  # as of large instances
    problem = TSP.from_coordinates(np.random.default_rng(5).integers(0, 999, (120, 2)))
    for iterations in (1, 3, 4, 8, 20):
        bound = held_karp(problem, iterations=iterations)
        assert bound is not None
        assert bound.value > 0.8 * held_karp(problem, iterations=100).value


@pytest.mark.compiled
def test_towns_far_apart_have_the_bound_of_the_relaxation():
    """Steps of the ascent as long as streets never reached from town to town: 4 to 8 % were missing."""
    rng = np.random.default_rng(4)
    towns = rng.random((12, 2))
    points = np.rint(1e6 * (np.repeat(towns, 25, axis=0) + rng.normal(0, 0.0005, (300, 2))))
    problem = TSP.from_coordinates(points, rounding="nearest")
    proof = BranchAndCut(Graph.of(problem), problem.forbidden, np.zeros((0, 2), np.int64))
    relaxation = problem.lattice.units(proof.bound_of_subtours())
    assert held_karp(problem).value == pytest.approx(relaxation, rel=2e-3)
