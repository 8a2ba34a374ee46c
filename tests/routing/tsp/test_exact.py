"""What is called optimal is what brute force finds, and every cut is obeyed by every tour."""

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import optikit as ok
from optikit import Status, StopReason
from optikit.routing import TSP
from optikit.routing.tsp import exact, separation
from optikit.routing.tsp.branch_and_cut import BranchAndCut
from optikit.routing.tsp.cuts import Cut, Support, crossings, depth
from optikit.routing.tsp.exact import Exact
from optikit.routing.tsp.graph import Graph, edges_of
from optikit.routing.tsp.kernels.cut_tree import Flow, cut_tree, small_cuts
from optikit.routing.tsp.kernels.lifted_cycle import lifted_cycles as search_sequences
from optikit.routing.tsp.kernels.tighten import Cells, tighten
from optikit.routing.tsp.lifted_cycles import LiftedCycle, lifted_cycles
from optikit.routing.tsp.relaxation import Relaxation
from optikit.routing.tsp.separation import _best_teeth, _slack, blossoms, combs, subtours
from optikit.routing.tsp.solution import Tour
from optikit.testing import check_result, check_solver
from tests.naive import tsp as naive
from tests.strategies import tsps

from .test_bounds import INSTANCES, here, known

SMALL = ["burma14", "gr17", "ulysses22", "bays29", "att48", "eil51", "berlin52", "kroA100", "gr120", "brg180"]

needs_highs = pytest.mark.usefixtures("highs")


@pytest.fixture(scope="module")
def highs():
    pytest.importorskip("highspy")


def agrees(problem, result):
    best = naive.optimum(problem)
    check_result(problem, result)
    if best is None:
        assert result.status is Status.INFEASIBLE
    else:
        assert result.status is Status.OPTIMAL
        assert result.objective == pytest.approx(best, abs=2 * problem.error + 1e-9 * max(1.0, best))
        assert result.bound <= best + 2 * problem.error + 1e-9 * max(1.0, best)


@given(tsps(max_cities=7))
@settings(max_examples=100)
def test_dynamic_programming_meets_brute_force(problem):
    agrees(problem, ok.solve(problem, "exact"))


@needs_highs
@given(tsps(min_cities=3, max_cities=8))
@settings(max_examples=80)
def test_branch_and_cut_meets_brute_force(problem):
    """Closed and open, asymmetric, missing arcs and none, all roundings: with nothing left to dynamic programming."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exact, "FEW_NODES", 2)
        agrees(problem, ok.solve(problem, "exact"))


@pytest.mark.compiled
@needs_highs
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", ["plane", "asymmetric", "path", "holes"])
def test_branch_and_cut_meets_the_recursion_at_eleven_cities(seed, kind, monkeypatch):
    monkeypatch.setattr(exact, "FEW_NODES", 2)
    g = np.random.default_rng(seed)
    rows = g.integers(1, 100, (11, 11)).astype(float)
    if kind == "plane":
        problem = TSP.from_coordinates(g.integers(0, 60, (11, 2)), rounding="nearest")
    elif kind == "asymmetric":
        problem = TSP.from_matrix(rows)
    elif kind == "path":
        problem = TSP.from_coordinates(g.random((11, 2)), closed=False, first=3)
    else:
        rows[g.random((11, 11)) < 0.6] = math.inf
        problem = TSP.from_matrix(np.minimum(rows, rows.T))
    agrees(problem, ok.solve(problem, "exact"))


@needs_highs
@here
@pytest.mark.parametrize(
    "name", ["burma14", "gr17", "ulysses22", "bays29", "att48", "eil51", "berlin52", "kroA100", "gr120", "brg180"]
)
@pytest.mark.compiled
def test_all_tsplib_instances_of_up_to_200_cities_are_proved(name):
    problem = TSP.read(INSTANCES / "tsp" / f"{name}.tsp")
    result = ok.solve(problem, "exact")
    assert result.status is Status.OPTIMAL
    assert result.objective == known()[name]
    assert result.bound == known()[name]


@pytest.mark.compiled
@needs_highs
def test_the_laws():
    problem = TSP.from_coordinates(np.random.default_rng(0).integers(0, 99, (30, 2)), rounding="nearest")
    result = check_solver(Exact(), problem, seconds=20.0)
    assert result is not None
    assert result.status is Status.OPTIMAL


@pytest.mark.compiled
@needs_highs
def test_cut_short_it_has_a_tour_and_a_bound():
    problem = TSP.from_coordinates(np.random.default_rng(0).random((400, 2)))
    result = ok.solve(problem, "exact", time_limit=1.0)
    check_result(problem, result)
    assert result.bound > 0
    assert ok.solve(problem, "exact", time_limit=0.0).stop_reason is StopReason.TIME


def test_sizes_are_refused_with_a_reason():
    support = Exact().supports(TSP.from_coordinates(np.random.default_rng(0).random((1500, 2))))
    assert not support
    assert "1500 nodes" in support.reason
    support = Exact().supports(TSP.from_matrix(np.random.default_rng(0).random((700, 700))))
    assert "1400 nodes (two a city" in support.reason


# -- cuts -----------------------------------------------------------------------


def all_tours(size):
    for order in permutations(range(1, size)):
        if order[0] < order[-1]:
            cycle = np.array([0, *order])
            yield cycle, np.roll(cycle, -1)


def fractional(seed, size):
    """A solution of the degree relaxation that is no tour: a vertex of some random costs."""
    g = np.random.default_rng(seed)
    length = g.integers(1, 40, (size, size))
    length = np.minimum(length, length.T)
    np.fill_diagonal(length, -1)
    relaxation = Relaxation(Graph(length, np.zeros((0, 2), np.int64)), np.zeros((0, 2), np.int64))
    relaxation.add_edges(np.flatnonzero(relaxation.column_of < 0))
    while True:
        relaxation.solve()
        found = subtours(relaxation.support())
        if not found:
            return relaxation, relaxation.support()
        relaxation.add_cuts(found)


@needs_highs
@given(st.integers(0, 10**6), st.integers(6, 8))
@settings(max_examples=40)
def test_every_cut_is_obeyed_by_every_tour(seed, size):
    _, support = fractional(seed, size)
    found = blossoms(support) + combs(support, [])
    found += combs(support, [Cut.subtour(np.arange(size) < 3), *found])
    for tails, heads in all_tours(size):
        for cut in found:
            assert cut.coefficients(tails, heads).sum() >= cut.least
    assert all(support.violation(cut) > 0 for cut in found)


def all_directed_tours(size):
    """Edges of the doubled graph: cities are left at nodes below ``size`` and entered at the others."""
    for order in permutations(range(1, size)):
        cycle = np.array([0, *order])
        yield np.concatenate([cycle, cycle]), np.concatenate([np.roll(cycle, -1), cycle]) + size


def fractional_directed(seed, size):
    """As `fractional`, of an asymmetric problem."""
    g = np.random.default_rng(seed)
    relaxation = Relaxation(Graph.of(TSP.from_matrix(g.integers(1, 40, (size, size)))), np.zeros((0, 2), np.int64))
    relaxation.add_edges(np.flatnonzero(relaxation.column_of < 0))
    while True:
        relaxation.solve()
        found = subtours(relaxation.support())
        if not found:
            return relaxation.support()
        relaxation.add_cuts(found)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("size", [4, 5, 6, 7])
def test_lifted_cycles_are_obeyed_by_every_tour_and_met_by_some(size, turned):
    tours = list(all_directed_tours(size))
    for number in range(3, size):
        cities = tuple(np.random.default_rng(number).permutation(size)[:number].tolist())
        cut = LiftedCycle(cities, size, turned)
        assert min(cut.coefficients(*tour).sum() for tour in tours) == cut.least == 1 - number


def test_a_lifted_cycle_by_hand():
    """D_4+ of 0, 1, 2, 3: the cycle 0 3 2 1, from city 0 to 1 and 2 twice, and from 1 to 2."""
    tails, heads = np.nonzero(~np.eye(5, dtype=bool))
    coefficients = dict(
        zip(zip(tails.tolist(), heads.tolist()), LiftedCycle((0, 1, 2, 3), 5, False).coefficients(tails, heads + 5))
    )
    expected = {(0, 3): -1, (3, 2): -1, (2, 1): -1, (1, 0): -1, (0, 1): -2, (0, 2): -2, (1, 2): -1}
    assert {arc: value for arc, value in coefficients.items() if value} == expected
    turned = LiftedCycle((0, 1, 2, 3), 5, True).coefficients(heads, tails + 5)
    assert turned.tolist() == list(coefficients.values())


@needs_highs
@given(st.integers(0, 10**6), st.integers(4, 7))
@settings(max_examples=40)
def test_every_cut_is_obeyed_by_every_directed_tour(seed, size):
    support = fractional_directed(seed, size)
    assert support.doubled
    found = [*lifted_cycles(support), *combs(support, [])]
    found += combs(support, [cut for cut in found if cut.teeth])
    for tails, heads in all_directed_tours(size):
        for cut in found:
            assert cut.coefficients(tails, heads).sum() >= cut.least
    assert all(support.violation(cut) > 0 for cut in found)


@needs_highs
def test_lifted_cycles_are_found_by_python_too(monkeypatch):
    """The same ones; and of three cities, all that are broken are found."""
    seen = 0
    for seed in range(12):
        support = fractional_directed(seed, 9)
        found = lifted_cycles(support)
        with monkeypatch.context() as patch:
            patch.setattr("optikit.routing.tsp.lifted_cycles.search_sequences", search_sequences.using("python"))
            assert [cut.key for cut in lifted_cycles(support)] == [cut.key for cut in found]
        seen += len(found)
        broken = [
            cities[0] for cities in permutations(range(9), 3) if support.violation(LiftedCycle(cities, 9, False)) > 0.02 + 1e-9
        ]
        assert set(broken) <= {cut.cities[0] for cut in found if not cut.turned}
    assert seen > 0


@needs_highs
@given(st.integers(0, 10**6), st.integers(6, 9))
@settings(max_examples=20)
def test_handles_are_left_out_only_where_no_teeth_make_a_blossom(seed, size):
    support = fractional_directed(seed, size)
    g = np.random.default_rng(seed)
    handles = g.random((20, support.num_nodes)) < 0.4
    for handle, left in zip(handles, _slack(support, handles)):
        if _best_teeth(support, handle) is not None:
            assert left < 1 - separation.LEAST + 1e-9


def test_a_comb_counts_each_border():
    """By hand: a handle of three nodes and three teeth of two; each tooth crosses the handle's border."""
    handle = np.array([1, 1, 1, 0, 0, 0, 0], bool)
    teeth = [np.isin(np.arange(7), pair) for pair in ((0, 3), (1, 4), (2, 5))]
    cut = Cut.comb(handle, teeth)
    assert (cut.teeth, cut.least) == (3, 10)
    assert cut.coefficients(np.array([0, 0, 3, 3, 6]), np.array([1, 3, 4, 6, 0])).tolist() == [2, 1, 2, 1, 2]
    table = depth(3)[:, None] + depth(3)[None, :] - crossings(3)
    assert (table >= 0).all()
    assert (table % 2 == 0).all()


@pytest.mark.parametrize("way", ["python", None])
def test_small_cuts_and_cut_trees_against_brute_force(way):
    g = np.random.default_rng(9)
    for _ in range(15):
        size = int(g.integers(2, 8))
        pairs = [(u, v) for u in range(size) for v in range(u) if g.random() < 0.6]
        if not pairs:
            continue
        tails, heads = np.array(pairs).T
        weights = g.integers(1, 20, len(pairs))
        arcs = np.column_stack([tails, heads]).reshape(-1)
        order = np.argsort(arcs, kind="stable")
        first = np.concatenate([[0], np.cumsum(np.bincount(arcs, minlength=size))]).astype(np.int32)
        cuts = {}
        for mask in range(1, 2 ** (size - 1)):
            side = (mask >> np.arange(size)) & 1 == 1
            cuts[side.tobytes()] = int(weights[side[tails] != side[heads]].sum())

        def flow(size=size, arcs=arcs, order=order, first=first, heads=heads, tails=tails, weights=weights):
            return Flow.empty(
                num_nodes=size,
                num_arcs=len(arcs),
                first=first,
                arc=order.astype(np.int32),
                head=np.column_stack([heads, tails]).reshape(-1).astype(np.int32),
                capacity=np.repeat(weights, 2),
            )

        tree = flow()
        (cut_tree.using(way) if way else cut_tree)(tree)
        for u in range(size):
            for v in range(u):
                least = min(c for key, c in cuts.items() if np.frombuffer(key, bool)[u] != np.frombuffer(key, bool)[v])
                sides = tree.side.reshape(size, size)[1:].astype(bool)
                found = [int(c) for side, c in zip(sides, tree.value[1:]) if side[u] != side[v]]
                assert min(found) == least
        few = flow()
        limit = min(cuts.values()) + 1
        number = (small_cuts.using(way) if way else small_cuts)(few, limit)
        assert number >= 1
        assert min(few.value[:number]) == limit - 1
        assert (small_cuts.using(way) if way else small_cuts)(few, limit - 1) == 0


def test_tightening_is_the_same_in_python_and_counts_right():
    g = np.random.default_rng(2)
    size, cells = 12, 8
    pairs = np.array([(u, v) for u in range(size) for v in range(u) if g.random() < 0.4])
    values = g.random(len(pairs))
    support = Support(size, pairs[:, 0], pairs[:, 1], values)
    first, head, value = support.links
    results = []
    for way in ("python", None):
        state = Cells.empty(
            num_nodes=size,
            num_links=len(head),
            num_cells=cells,
            first=first,
            head=head,
            value=value,
            apart=crossings(3),
            may_empty=np.array([1, 1, 0, 0, 0, 0, 0, 0], np.uint8),
            cell=np.arange(size, dtype=np.int32) % cells,
        )
        total = (tighten.using(way) if way else tighten)(state, 100)
        cut = Cut(state.cell.astype(np.int16), 3)
        assert total == pytest.approx(float(cut.coefficients(support.tails, support.heads) @ values))
        assert (np.bincount(state.cell, minlength=cells)[2:] > 0).all()
        results.append((total, state.cell.tolist()))
    assert results[0] == results[1]


# -- proofs -----------------------------------------------------------------------


@needs_highs
@given(st.integers(0, 10**6), st.integers(5, 8))
@settings(max_examples=30)
def test_any_duals_prove_a_bound(seed, size):
    """Random multipliers, not those of a solve: what is proved from them never exceeds the shortest tour."""
    relaxation, _ = fractional(seed, size)
    relaxation.add_cuts([Cut.subtour(np.arange(size) < 2), Cut.subtour(np.arange(size) % 2 == 1)])
    g = np.random.default_rng(seed)
    best = min(int(relaxation.ticks[relaxation._number[tails, heads]].sum()) for tails, heads in all_tours(size))
    for spread in (1.0, 10.0, 1e6):
        duals = g.normal(0, spread, size + len(relaxation.cuts))
        assert relaxation._prove(duals) <= best
    relaxation.solve()
    assert relaxation.bound() <= best


@pytest.mark.compiled
@needs_highs
def test_the_bound_rises_and_never_crosses():
    problem = TSP.from_coordinates(np.random.default_rng(8).integers(0, 500, (60, 2)), rounding="nearest")
    best = ok.solve(problem, "exact").objective
    heard = []
    start = Tour(range(60))
    edges = edges_of(problem, start)
    graph = Graph.of(problem)
    tours = []
    proof = BranchAndCut(
        graph, int(graph.length[edges[:, 0], edges[:, 1]].sum()), edges, on_bound=heard.append, on_tour=tours.append
    )
    proof.run()
    assert heard == sorted(heard)
    assert heard[-1] == best == proof.upper
    assert tours
    assert all(len(tour) == 60 for tour in tours)
