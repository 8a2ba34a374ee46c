"""The problem, its judge and its reductions, against the textbook."""

from __future__ import annotations

import copy
import json
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import optikit as ok
from optikit.errors import InvalidProblemError, InvalidSolutionError
from optikit.routing import TSP, Geo, Matrix, Planar, Space, Sphere, Tour
from optikit.routing.tsp import reduction
from optikit.routing.tsp.check import SPELLED_OUT
from optikit.routing.tsp.solution import Order
from optikit.testing import check_problem
from tests.naive import tsp as naive
from tests.strategies import tsps

SQUARE = [(0, 0), (0, 3), (4, 3), (4, 0)]
INF = math.inf


@st.composite
def tsps_with_tours(draw, **options):
    problem = draw(tsps(**options))
    return problem, draw(st.permutations(range(problem.num_cities)))


@given(tsps_with_tours())
def test_evaluate_and_check_agree_with_the_textbook(case):
    problem, order = case
    tour, value = Tour(order), naive.cost_of(problem, order)
    assert math.isclose(problem.evaluate(tour), value, rel_tol=1e-12, abs_tol=1e-12)
    at_ends = problem.closed or (problem.first in (None, order[0]) and problem.last in (None, order[-1]))
    assert bool(problem.check(tour)) == (at_ends and value < INF)
    rules = {violation.rule for violation in problem.check(tour)}
    assert ("missing arc" in rules) == (value == INF)
    assert bool(rules & {"first city", "last city"}) == (not at_ends)


@given(tsps_with_tours())
def test_the_laws_of_problems(case):
    problem, order = case
    nonsense = [Tour(order[1:]), Tour([*order, order[0]]), Tour([*order[1:], problem.num_cities]), Tour([-1, *order[1:]])]
    tour = Tour(order)
    check_problem(problem, [tour] if problem.check(tour) else [], nonsense)


@given(tsps())
def test_the_two_textbooks_agree(problem):
    one, other = naive.brute_force(problem), naive.optimum(problem)
    assert (one is None) == (other is None)
    if one is not None:
        assert math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12)


@given(tsps_with_tours())
def test_ticks_differ_by_no_more_than_the_error(case):
    problem, order = case
    tails, heads = np.array(order), np.roll(order, -1)
    if not problem.closed:
        tails, heads = tails[:-1], heads[:-1]
    ticks = problem.tick_matrix[tails, heads]
    assert problem.leg_ticks(tails, heads).tolist() == ticks.tolist()
    value = naive.cost_of(problem, order)
    if value == INF:
        assert ticks.sum() >= problem.forbidden
    else:
        assert ticks.sum() < problem.forbidden
        assert abs(value - problem.lattice.units(int(ticks.sum()))) <= problem.error + 1e-12 * value


@given(tsps_with_tours())
def test_a_cycle_of_the_reduction_costs_its_tour_and_a_forbidden_one_more_than_all_tours(case):
    problem, order = case
    tour = Tour(order)
    cycle = reduction.cycle_of(problem, tour)
    matrix, nodes = reduction.dense(problem), reduction.num_nodes(problem)
    assert sorted(cycle) == list(range(nodes))
    assert matrix.shape == (nodes, nodes)
    assert np.array_equal(matrix, matrix.T) == problem.symmetric
    cost = int(matrix[cycle, np.roll(cycle, -1)].sum()) - reduction.offset(problem)
    allowed = reduction.arcs(problem)[cycle, np.roll(cycle, -1)].all()
    if problem.check(tour):
        legs = [order[i : i + 2] for i in range(len(order) - 1)] + ([[order[-1], order[0]]] if problem.closed else [])
        assert cost == sum(int(problem.tick_matrix[u, v]) for u, v in legs) < problem.forbidden
        assert allowed
        found = reduction.tour_of(problem, np.roll(cycle, 1))
        assert problem.check(found)
        assert problem.evaluate(found) == problem.evaluate(tour)
    elif problem.closed or not problem.symmetric:
        assert cost >= problem.forbidden
        assert not allowed
    # Where an edge has no direction, a path from its last city to its first is the same cycle.
    elif cost < problem.forbidden:
        assert problem.check(Tour(order[::-1]))
        assert problem.check(reduction.tour_of(problem, cycle))


@given(tsps_with_tours(missing=True))
def test_sums_of_all_arcs_stay_within_64_bits(case):
    problem, _ = case
    assert (problem.num_cities + 2) * problem.forbidden < 2**62
    large = TSP.from_matrix([[0, 2**40, INF], [1, 0, 2**40], [INF, 1, 0]])
    assert large.lattice.exact
    assert 5 * large.forbidden < 2**62


def test_two_cities():
    there_and_back = TSP.from_matrix([[0, 5], [7, 0]])
    assert there_and_back.evaluate(Tour([0, 1])) == there_and_back.evaluate(Tour([1, 0])) == 12
    path = there_and_back.replace(closed=False)
    assert (path.evaluate(Tour([0, 1])), path.evaluate(Tour([1, 0]))) == (5, 7)
    assert not path.replace(first=1).check(Tour([0, 1]))
    assert not TSP.from_matrix([[0, INF], [7, 0]]).check(Tour([0, 1]))


def test_duplicated_cities_are_0_apart():
    tsp = TSP.from_coordinates([(1, 1), (1, 1), (4, 5)])
    assert tsp.evaluate(Tour([0, 1, 2])) == 10


def test_a_closed_tour_may_begin_anywhere_and_tables_tell_it_from_first():
    tsp = TSP.from_coordinates(SQUARE, first=2)
    assert tsp.check(Tour([0, 1, 2, 3]))
    assert Tour([0, 1, 2, 3]).rotated(2) == Tour([2, 3, 0, 1])
    assert Tour([2, 3]).rotated(2) == Tour([2, 3]) == Tour([2, 3]).rotated(9)


def test_violations_in_words():
    tsp = TSP.from_matrix([[0, 1, INF], [1, 0, 1], [1, 1, 0]], names=["a", "b", "c"], closed=False, first=1)
    assert str(tsp.check(Tour([0, 2, 7, 2]))) == (
        "infeasible: position 2 of the tour is city 7; cities are 0 to 2; 'b' (1) is not on the tour; "
        "'c' (2) is visited 2 times; there is no arc from 'a' (0) to 'c' (2); the path has 'a' (0) first, not 'b' (1)"
    )
    many = TSP.from_coordinates(np.arange(2000.0).reshape(1000, 2))
    report = many.check(Tour([0, 1]))
    assert len(report) == SPELLED_OUT + 1
    assert report.violations[-1].size == sum(1 for _ in range(998)) - SPELLED_OUT
    assert "898 more" in str(report.violations[-1])


def test_cities_that_are_not_there_have_no_distance():
    tsp = TSP.from_coordinates(SQUARE)
    for order in ([0, 9], [0, -1]):
        with pytest.raises(InvalidSolutionError, match=r"order\[1\] is -?\d; cities are 0 to 3"):
            tsp.evaluate(Tour(order))


@pytest.mark.parametrize(
    ("build", "complaint"),
    [
        (lambda: TSP.from_coordinates([(0, 0)]), "the number of cities is 1; a tour needs at least two"),
        (lambda: TSP.from_coordinates(np.zeros((0, 2))), "the number of cities is 0"),
        (lambda: TSP.from_coordinates([]), r"points has shape \(0,\), expected \(any, 2\)"),
        (lambda: TSP.from_coordinates([1, 2]), r"points has shape \(2,\)"),
        (lambda: TSP.from_coordinates([(1, 2), (3,)]), "points.0. has 2 entries, points.1. has 1 entries"),
        (lambda: TSP.from_coordinates(np.zeros((3, 4))), r"points has shape \(3, 4\)"),
        (lambda: TSP.from_coordinates([(0, 0), (math.nan, 1)]), r"points\[1, 0\] is nan"),
        (lambda: TSP.from_coordinates([(0, 0), (1e16, 1)]), r"points\[1, 0\] is 1e\+16; .* larger unit"),
        (lambda: TSP.from_coordinates(SQUARE, metric="crow"), "metric is 'crow'; expected one of haversine, geo, euclidean"),
        (lambda: TSP.from_coordinates(SQUARE, metric=["euclidean"]), r"metric is \['euclidean'\]"),
        (lambda: TSP.from_coordinates(SQUARE, rounding="up"), "rounding is 'up'; expected one of exact, nearest"),
        (lambda: TSP.from_coordinates(SQUARE, metric="haversine", rounding="nearest"), "have their own, leave it out"),
        (lambda: TSP.from_coordinates(SQUARE, metric="xray1"), r"the norm 'xray1' takes 3 coordinates"),
        (lambda: TSP.from_coordinates(SQUARE, unit="m"), "unit is 'm', which is for metric='haversine'; euclidean distances have"),
        (lambda: TSP.from_coordinates(SQUARE, metric="geo", unit="mi"), "unit is 'mi', which is for metric='haversine'; geo"),
        (lambda: TSP.from_coordinates([(91, 0), (0, 0)], metric="haversine"), r"latitude\[0\] is 91"),
        (lambda: TSP.from_coordinates([(91, 0), (0, 0)], metric="geo"), r"latitude\[0\] is 91"),
        (lambda: TSP.from_matrix([[0, 1], [1, 0], [1, 1]]), r"distance has shape \(3, 2\), expected a square matrix"),
        (lambda: TSP.from_matrix([[0, -1], [1, 0]]), r"distance\[0, 1\] is -1; a distance is >= 0"),
        (lambda: TSP.from_matrix([[0, -INF], [1, 0]]), r"distance\[0, 1\] is -inf; expected a finite number"),
        (lambda: TSP.from_matrix([[0, math.nan], [1, 0]]), r"distance\[0, 1\] is nan"),
        (lambda: TSP.from_matrix([[0, "x"], [1, 0]]), r"distance\[0, 1\] is 'x'"),
        (lambda: TSP.from_matrix([[0, 2**61], [1, 0]]), r"distance\[0, 1\] is 2305843009213693952"),
        (lambda: TSP.from_matrix([[0, 2**70], [1, 0]]), "an int fits in 64 bits"),
        (lambda: TSP.from_matrix([[0, 1.7e308], [1.7e308, 0]]), "sums of such numbers overflow"),
        (lambda: TSP.from_coordinates(SQUARE, names=["a", "b"]), "names has 2 entries, expected 4"),
        (lambda: TSP.from_coordinates(SQUARE, names=["a", "b", "a", "c"]), "the name 'a' stands twice"),
        (lambda: TSP.from_coordinates(SQUARE, names=["a", "b", 0.5, "c"]), r"names\[2\] is 0.5"),
        (lambda: TSP.from_coordinates(SQUARE, first=4), "first is 4; expected the position of a city, 0 to 3"),
        (lambda: TSP.from_coordinates(SQUARE, first=-1), "first is -1"),
        (lambda: TSP.from_coordinates(SQUARE, first=True), "first is True"),
        (lambda: TSP.from_coordinates(SQUARE, first="a"), "first is 'a'"),
        (lambda: TSP.from_coordinates(SQUARE, last=1), "last is 1, but the tour is closed .* say closed=False"),
        (lambda: TSP.from_coordinates(SQUARE, closed=False, first=1, last=1), "first and last are both 1: .* say closed=True"),
        (lambda: TSP.from_coordinates(SQUARE, closed="no"), "closed is 'no'; expected True"),
        (lambda: TSP.from_coordinates(SQUARE, name=math.nan), "name is nan; expected text"),
        (lambda: TSP(SQUARE), "network is a list; expected a Matrix"),
        (lambda: TSP.from_matrix(np.ones((2, 2)), places=SQUARE), "places is a list; expected a Planar or a Sphere"),
        (lambda: TSP.from_matrix(np.ones((2, 2)), places=Planar(SQUARE)), "places has 4 points, expected 2"),
        (lambda: TSP.from_frame([1, 2]), "frame is a list"),
        (lambda: TSP.from_graph([1, 2]), "graph is a list; expected a graph of networkx"),
    ],
)
def test_bad_input_is_refused_by_name(build, complaint):
    with pytest.raises(InvalidProblemError, match=complaint) as caught:
        build()
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_the_diagonal_is_nobodys_business():
    plain = TSP.from_matrix([[0, 5], [7, 0]])
    for nothing in (INF, math.nan, -1, -1.0, 2**62, 1e300, -INF):
        odd = TSP.from_matrix([[nothing, 5], [7, nothing]])
        assert not odd.features["has_missing"]
        assert odd.network.matrix().tolist() == plain.network.matrix().tolist()


@pytest.mark.parametrize(
    ("order", "complaint"),
    [
        (["a"], r"order\[0\] is 'a'; expected the position of a city, an int"),
        ([0, 0.5], r"order\[1\] is 0.5"),
        ([0, True], r"order\[1\] is True"),
        ([0, 2**70], r"order\[1\] is 1180591620717411303424"),
        (np.array([0, 2**63], np.uint64), r"order\[1\] is 9223372036854775808"),
        (np.array([0.0, 1.0]), r"order\[0\] is 0.0"),
        (np.array([[0, 1]]), r"order\[0\] is array"),
        ("01", "order is '01'; expected a sequence"),
        (5, "order is 5"),
        ({0: 1}, "order is {0: 1}"),
        ({0, 1}, "order is {0, 1}; expected a sequence"),
    ],
)
def test_orders_of_odd_numbers_are_refused_by_place(order, complaint):
    with pytest.raises(InvalidSolutionError, match=f"^{complaint}"):
        Tour(order)


def test_an_order_reads_like_a_tuple():
    for same in ([2, 0, 1], (2, 0, 1), np.array([2, 0, 1]), np.array([2, 0, 1], np.int8), iter([2, 0, 1]), [np.int64(2), 0, 1]):
        order = Tour(same).order
        assert order == (2, 0, 1)
        assert (len(order), order[0], order[-1], order.index(1), order.count(0)) == (3, 2, 1, 2, 1)
        assert list(order) == [2, 0, 1]
        assert all(type(city) is int for city in order)
        assert order[1:] == (0, 1)
        assert 2 in order
        assert 7 not in order
        assert "2" not in order
        assert order != [2, 0, 1], "as a tuple is not equal to a list"
        assert hash(order) == hash((2, 0, 1))
        assert {Tour((2, 0, 1)): "found"}[Tour(order)] == "found"
    array = np.asarray(order)
    assert not array.flags.writeable
    assert np.asarray(order) is array or np.shares_memory(np.asarray(order), array)
    assert np.array(order, np.float64).tolist() == [2.0, 0.0, 1.0]
    assert np.array(order, copy=True).flags.writeable
    assert Tour(range(3)) == Tour([0, 1, 2])
    assert pickle.loads(pickle.dumps(order)) == copy.deepcopy(order) == order
    assert not np.asarray(pickle.loads(pickle.dumps(order))).flags.writeable
    assert repr(Tour(range(20))) == "Tour(order=(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ... 20 cities))"


def test_a_tour_does_not_share_the_callers_array_but_may_take_one_over():
    mine = np.array([1, 0])
    tour = Tour(mine)
    mine[0] = 7
    assert tour.order == (1, 0)
    taken = np.array([1, 0])
    assert np.shares_memory(np.asarray(Tour(Order(taken)).order), taken)


@pytest.mark.parametrize(
    "text", ["[]", "{}", '{"schema_version": 2, "order": [0]}', '{"schema_version": 1}', '{"schema_version": 1, "order": "01"}',
             '{"schema_version": 1, "order": [0.5]}', '{"schema_version": 1, "order": [true]}', "no", "[" * 100_000],
)  # fmt: skip
def test_other_json_is_no_tour(text):
    with pytest.raises(InvalidSolutionError):
        Tour.from_json(text)


def form(**changes):
    return json.dumps(TSP.from_coordinates(SQUARE).to_dict() | changes)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[]", "expected an object"),
        (form(problem="VRP"), "problem is 'VRP'; expected 'TSP'"),
        (form(schema_version=9), "schema_version is 9"),
        (form(network="x"), "network is 'x'; expected an object with a kind"),
        (form(network={"kind": "grid"}), "network.kind is 'grid'; expected matrix, planar, space, sphere or geo"),
        (form(network={"kind": "matrix"}), "network lacks 'distance'"),
        (form(network={"kind": "matrix", "distance": [[0, None], 3]}), "not a rectangular array"),
        (form(places=3), "places is 3; expected an object with a kind"),
        (form(places={"kind": "matrix", "distance": [[0, 1], [1, 0]]}), "places is a Matrix"),
        (form(first="x"), "first is 'x'"),
        ("{}", "problem is None"),
    ],
)
def test_json_that_is_no_problem_is_refused(text, complaint):
    with pytest.raises(InvalidProblemError, match=complaint):
        TSP.from_json(text)


def test_missing_arcs_have_a_place_in_json():
    tsp = TSP.from_matrix([[0, 1, INF], [1, 0, 2.5], [1, 1, 0]])
    assert json.loads(tsp.to_json())["network"]["distance"] == [[0, 1, None], [1, 0, 2.5], [1, 1, 0]]
    assert TSP.from_json(tsp.to_json()) == tsp


def test_numbers_that_count_up_are_held_as_a_range_and_are_the_same_names():
    counted = TSP.from_coordinates(SQUARE, names=[7, 8, 9, 10])
    assert counted.names == range(7, 11)
    assert TSP.from_json(counted.to_json()) == counted
    assert counted.called(0) == "city 7"
    assert counted != TSP.from_coordinates(SQUARE, names=[7, 8, 9, 11])


@pytest.mark.parametrize(
    ("metric", "axes", "kind", "norm"),
    [("euclidean", 2, Planar, "euclidean"), ("euclidean", 3, Space, "euclidean"), ("manhattan", 2, Space, "manhattan"),
     ("haversine", 2, Sphere, "sphere"), ("geo", 2, Geo, "sphere"), ("xray2", 3, Space, "xray2")],
)  # fmt: skip
def test_every_metric_has_its_network(metric, axes, kind, norm):
    points = np.arange(4.0 * axes).reshape(4, axes)
    for same in (points, points.tolist(), [tuple(point) for point in points]):
        network = TSP.from_coordinates(same, metric=metric).network
        assert (type(network), network.norm, len(network.coordinates)) == (kind, norm, 4)


def test_features():
    assert TSP.from_matrix([[0, 1], [2, 0]], closed=False).features == {
        "size": 2, "coordinates": False, "symmetric": False, "closed": False, "has_missing": False,
    }  # fmt: skip
    assert TSP.from_coordinates(SQUARE).features["symmetric"]


def test_fingerprints_tell_problems_apart():
    tsp = TSP.from_coordinates(SQUARE)
    assert tsp == TSP.from_coordinates(SQUARE)
    others = [tsp.replace(closed=False), tsp.replace(first=1), tsp.replace(names=["a", "b", "c", "d"]), tsp.replace(name="x")]
    others += [tsp.replace(places=Planar(SQUARE)), TSP(Space(SQUARE)), TSP(Planar(SQUARE, "nearest")), TSP(Matrix(np.ones((4, 4))))]
    assert len({problem.fingerprint for problem in [tsp, *others]}) == 9


def test_a_million_cities_are_built_and_judged_without_a_matrix():
    import tracemalloc

    points = np.random.default_rng(1).uniform(0, 1000, (1_000_000, 2))
    tracemalloc.start()
    tsp = TSP.from_coordinates(points, rounding="nearest")
    tour = Tour(np.random.default_rng(2).permutation(1_000_000))
    assert tsp.check(tour)
    # Two random points of a unit square are 0.5214 apart on average (Ghosh 1951).
    assert tsp.evaluate(tour) == pytest.approx(0.5214 * 1000 * 1_000_000, rel=0.01)
    assert tsp.features["size"] == 1_000_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 300 * 2**20


# -- what distances owe to their direction --------------------------------------


@given(tsps(max_cities=8))
def test_potentials_change_no_cycle(problem):
    raw, level = reduction.dense(problem), reduction.levelled(problem)
    for seed in range(3):
        cycle = np.random.default_rng(seed).permutation(len(raw))
        onward = np.roll(cycle, -1)
        assert raw[cycle, onward].sum() == level[cycle, onward].sum()


@given(tsps(max_cities=7))
def test_undirected_means_that_every_tour_costs_the_same_backwards(problem):
    if problem.undirected and problem.closed:
        arcs = reduction.dense(problem)
        for seed in range(3):
            cycle = np.random.default_rng(seed).permutation(len(arcs))
            onward = np.roll(cycle, -1)
            assert arcs[cycle, onward].sum() == arcs[onward, cycle].sum()
        assert np.array_equal(reduction.levelled(problem), reduction.levelled(problem).T)


def test_a_tilted_board_is_undirected():
    """Twice as long up as aside, nothing down: `rtilt` of the datasets."""
    tilted = ok.datasets.generate("atsp/rtilt", size=40, seed=1)
    assert not tilted.symmetric
    assert tilted.undirected
    assert not ok.datasets.generate("atsp/stilt", size=40, seed=1).undirected
    assert not tilted.replace(closed=False).undirected, "a path may end up or down"


def test_a_missing_way_back_keeps_a_tour_directed():
    ring = [[0, 1, 9], [9, 0, 1], [1, 9, 0]]
    assert TSP.from_matrix(ring).undirected is False
    assert TSP.from_matrix([[0, 1, 2], [1, 0, 3], [np.inf, 3, 0]]).undirected is False
