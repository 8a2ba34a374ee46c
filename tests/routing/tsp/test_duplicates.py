"""Cities in one place are visited as one, and nothing is lost by that."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import optikit as ok
from optikit import Stop
from optikit.routing import TSP, Tour
from optikit.routing.tsp import ascent
from optikit.routing.tsp.bounds import held_karp
from optikit.routing.tsp.duplicates import places
from tests.naive import tsp as naive

METRICS = ("euclidean", "manhattan", "haversine", "geo", "matrix")


@st.composite
def crowded(draw, most=7):
    """A problem with few places and more cities."""
    count = draw(st.integers(2, most))
    towns = draw(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=4))
    at = draw(st.lists(st.integers(0, len(towns) - 1), min_size=count, max_size=count))
    points = np.array([towns[town] for town in at], float)
    closed = draw(st.booleans())
    first = draw(st.none() | st.integers(0, count - 1))
    last = None if closed else draw(st.none() | st.integers(0, count - 1))
    ends = {"closed": closed, "first": first, "last": None if last == first else last}
    metric = draw(st.sampled_from(METRICS))
    if metric != "matrix":
        return TSP.from_coordinates(points, metric=metric, **ends)
    distance = np.abs(points[:, None] - points).sum(axis=-1)
    uphill = 1.5 if draw(st.booleans()) else 1.0  # asymmetric
    return TSP.from_matrix(np.where(points[:, None, 0] < points[:, 0], uphill, 1.0) * distance, **ends)


@given(crowded(), st.randoms(use_true_random=False))
@settings(max_examples=200)
def test_a_tour_of_places_is_one_of_all_cities_at_its_cost(problem, random):
    shared = places(problem)
    if shared is None:
        return
    small = shared.problem
    order = list(range(small.num_cities))
    random.shuffle(order)
    for end, at in ((small.first, 0), (small.last, -1)):
        if not small.closed and end is not None:
            order.remove(end)
            order.insert(0 if at == 0 else len(order), end)
    whole = shared.whole(Tour(order))
    assert problem.check(whole)
    units = problem.lattice.units(shared.within)
    assert problem.evaluate(whole) == pytest.approx(small.evaluate(Tour(order)) + units, abs=1e-6)
    assert shared.part(whole) == Tour(order)


@given(crowded())
@example(TSP.from_coordinates([[0, 0], [0, 0], [0, 1]], closed=False, first=0, last=1))  # only the ends share a place
@settings(max_examples=40, deadline=None)
def test_searches_find_the_optimum_of_few_places(problem):
    best = naive.brute_force(problem)
    for solver in ("lin_kernighan", "eax", "greedy"):
        result = ok.solve(problem, solver, **({} if solver == "greedy" else {"stop": Stop(iterations=60)}))
        assert problem.check(result.solution)
        assert solver == "greedy" or result.objective == pytest.approx(best, abs=1e-6)
        assert result.bound <= best + 2 * problem.error + 1e-9 * best


@pytest.mark.parametrize("metric", METRICS)
def test_copies_do_not_hide_the_neighbours(metric):
    """Ten cities a place used to fill all candidate lists with copies: tours were a fifth longer, greedy ones twice as long."""
    rng = np.random.default_rng(2)
    towns = rng.integers(0, 80, (15, 2))
    crowd = np.repeat(towns, 10, axis=0)[rng.permutation(150)]

    def problem(points):
        if metric == "matrix":
            return TSP.from_matrix(np.abs(points[:, None] - points).sum(axis=-1))
        return TSP.from_coordinates(points, metric=metric)

    shortest = ok.solve(problem(towns), "eax", stop=Stop(iterations=60)).objective
    copies = 135 if metric == "geo" else 0
    found = ok.solve(problem(crowd), "lin_kernighan", stop=Stop(iterations=100))
    assert found.objective - copies == pytest.approx(shortest, rel=0.01)
    assert ok.solve(problem(crowd), "greedy").objective - copies < 1.4 * shortest


def test_a_start_is_never_worsened():
    points = np.repeat(np.random.default_rng(3).integers(0, 99, (30, 2)), 3, axis=0)
    problem = TSP.from_coordinates(points, rounding="nearest")
    start = ok.solve(problem, "eax", stop=Stop(iterations=100)).solution
    again = ok.solve(problem, "lin_kernighan", stop=Stop(iterations=1), initial_solution=start)
    assert again.objective <= problem.evaluate(start)


def test_one_place_or_none_is_left_alone():
    assert places(TSP.from_coordinates([(1, 1)] * 5)) is None
    assert places(TSP.from_coordinates([(0, 0), (0, 1), (1, 0)])) is None
    assert places(TSP.from_matrix([[0, 0, 1], [0, 0, 2], [1, 1, 0]])) is None, "0 apart, but not equally far from the third"
    shared = places(TSP.from_coordinates([(0.0, 1), (-0.0, 1), (1, 1)]))
    assert shared is not None
    assert shared.city_of.tolist() == [0, 2]


@given(crowded())
@settings(max_examples=60, deadline=None)
def test_bounds_of_places_never_cross_the_optimum_of_all_cities(problem):
    best = naive.brute_force(problem)
    bound = held_karp(problem, iterations=40)
    assert bound is not None
    assert bound.value <= best + 2 * problem.error + 1e-9 * best


@pytest.mark.compiled
@pytest.mark.parametrize(("metric", "rounding"), [("euclidean", "exact"), ("manhattan", "nearest"), ("haversine", "exact")])
def test_the_bound_is_that_of_the_places(metric, rounding):
    """The ascent over all cities ended some per cent below."""
    towns = np.random.default_rng(2).integers(0, 80, (30, 2)) * (10_000 if rounding == "nearest" else 1)
    small = TSP.from_coordinates(towns, metric=metric, rounding=rounding)
    crowd = TSP.from_coordinates(np.repeat(towns, 10, axis=0), metric=metric, rounding=rounding)
    assert held_karp(crowd, iterations=200).value == pytest.approx(held_karp(small, iterations=200).value, rel=2e-3)
    assert held_karp(crowd, iterations=200).value <= ok.solve(small, "exact").objective


@pytest.mark.parametrize("rounding", ["exact", "nearest"])
def test_bounds_of_places_and_of_all_cities_share_the_time(monkeypatch, rounding):
    """On a coarse rounding the bound of the places says little, and that of all cities is made, too."""
    given = []
    pace = ascent.Pace
    monkeypatch.setattr(ascent, "Pace", lambda seconds, wants_stop: given.append(seconds) or pace(seconds, wants_stop))
    crowd = TSP.from_coordinates(np.repeat([(0, 0), (3, 0), (3, 4), (0, 4)], 4, axis=0), rounding=rounding)
    held_karp(crowd, seconds=60.0)
    assert given == ([60.0] if rounding == "exact" else [30.0, 30.0])
