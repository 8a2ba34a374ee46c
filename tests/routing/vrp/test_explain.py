"""Explanations: proofs that no solution exists, held against brute force, and facts with the right numbers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import optikit as ok
from optikit.routing import VRP, Route, Routes, Trip
from optikit.routing.vrp.explain import Explanation, explain, impossible, least_vehicles
from tests.naive.vrp import partitions
from tests.strategies import vrps


def vrp(demand, capacity, num_vehicles=None) -> VRP:
    points = [(0, 0)] + [(i, i % 3) for i in range(1, len(demand) + 1)]
    names = ["yard", *[f"shop {i}" for i in range(1, len(demand) + 1)]]
    return VRP.from_coordinates(points, [0, *demand], capacity, num_vehicles=num_vehicles, names=names)


def packs(problem: VRP) -> list[list[list[int]]]:
    """All ways to form routes that the checker lets pass, but for the size of the fleet."""
    unlimited = VRP(problem.network, problem.demand, (type(problem.vehicle_types[0])(problem.vehicle_types[0].capacity),))
    return [groups for groups in partitions(list(range(problem.num_clients))) if unlimited.check(Routes.of(groups))]


@settings(max_examples=200, deadline=None)
@given(problem=vrps(limited=True, max_clients=5))
def test_what_is_called_impossible_is(problem):
    ways = packs(problem)
    solvable = any(len(groups) <= problem.num_vehicles for groups in ways)
    if impossible(problem):
        assert not solvable
    if ways:
        assert least_vehicles(problem) <= min(len(groups) for groups in ways)


@settings(max_examples=200, deadline=None)
@given(sizes=st.lists(st.integers(1, 12), min_size=1, max_size=7), capacity=st.integers(12, 20))
def test_the_bound_is_l2_by_its_definition(sizes, capacity):
    """Martello and Toth 1990: the maximum over all integer thresholds p up to half of the capacity, by plain loops."""

    def level(p: int) -> int:
        alone = [size for size in sizes if size > capacity - p]
        large = [size for size in sizes if capacity - p >= size > capacity / 2]
        small = [size for size in sizes if capacity / 2 >= size >= p]
        left = len(large) * capacity - sum(large)
        return len(alone) + len(large) + max(0, -(-(sum(small) - left) // capacity))

    assert least_vehicles(vrp(sizes, capacity)) == max(level(p) for p in range(capacity // 2 + 1))


def test_of_hundreds_of_reasons_a_result_tells_a_few():
    result = ok.solve(vrp([9] * 300, 5), time_limit=0)
    assert result.status is ok.Status.INFEASIBLE
    first, *_, last, note = result.message.split("; ")
    assert first == "client 'shop 1' (0) has a demand of 9, 4 more than the largest capacity, 5"
    assert (last.count("shop 5"), note) == (1, "and 295 more: seen from the data, no solver ran")


def test_clients_above_every_capacity_are_named():
    reasons = impossible(vrp([5, 130.5, 121, 120], 120))
    assert [(reason.rule, reason.size) for reason in reasons] == [("capacity", 10.5), ("capacity", 1)]
    assert str(reasons[0]) == "client 'shop 2' (1) has a demand of 130.5, 10.5 more than the largest capacity, 120"


def test_a_fleet_too_small_for_the_sum():
    (reason,) = impossible(vrp([5, 5, 5], 7, num_vehicles=2))
    assert str(reason) == "the total demand of 15 is 1 more than the 2 vehicles carry together, 2 x 7 = 14"
    assert reason.size == 1


def test_a_fleet_too_small_for_the_packing():
    (reason,) = impossible(vrp([6, 6, 6], 10, num_vehicles=2))
    assert str(reason).startswith("at least 3 vehicles are needed, 1 more than the 2 there are")
    assert impossible(vrp([6, 6, 6], 10, num_vehicles=3)) == ()


def test_float_dust_is_no_reason():
    """0.1 + 0.2 > 0.3 in floats; the checker lets it pass, and so must the proofs."""
    tight = vrp([0.1, 0.2], 0.3, num_vehicles=1)
    assert tight.check(Routes.of([[0, 1]]))
    assert impossible(tight) == ()
    assert impossible(vrp([0.0, 0.0], 0, num_vehicles=1)) == ()


def test_whole_numbers_are_judged_exactly():
    large = 10**12
    assert [reason.size for reason in impossible(vrp([large + 1, 1], large))] == [1]
    assert [reason.size for reason in impossible(vrp([large, large, 1], large, num_vehicles=2))] == [1]


def test_where_nothing_is_possible_nothing_binds():
    impossible_one = vrp([5, 130, 20], 120, num_vehicles=2)
    explanation = ok.explain(impossible_one)
    assert explanation.infeasible
    assert (explanation.facts, "What binds" in str(explanation)) == ((), False)
    # Of a solution, there is still something to say.
    with_routes = str(explain(impossible_one, Routes.of([[0, 2], [1]])))
    assert "What binds" not in with_routes
    assert "What else there is to say:\n  - the solution has 2 routes" in with_routes


def test_numbers_are_printed_as_far_as_anybody_counts():
    (too_large,) = impossible(vrp([5.0, 1e30], 10))
    assert str(too_large) == "client 'shop 2' (1) has a demand of 1e+30, 1e+30 more than the largest capacity, 10"
    (many,) = impossible(vrp([10**12 + 1], 10**12))
    assert "a demand of 1,000,000,000,001, 1 more than the largest capacity, 1,000,000,000,000" in str(many)
    assert "a capacity of 2.5e-07" in str(explain(vrp([1e-7, 2e-7], 2.5e-7)))


def test_what_binds():
    explanation = ok.explain(vrp([60, 70, 20, 30], 100, num_vehicles=4))
    assert isinstance(explanation, Explanation)
    assert not explanation.infeasible
    text = str(explanation)
    assert "4 clients need at least 2 routes with a capacity of 100; their demand is 180 and fills 90.0 % of these" in text
    assert "45.0 % of what the fleet of 4 carries; 2 vehicles could stay at home at most" in text
    assert "2 clients need more than half a vehicle, so that no two of them share one: 'shop 2' with 70, 'shop 1' with 60" in text
    assert "the farthest client is 'shop 4': 8.24621 there and back" in text
    assert "no solution is shorter than" in text


def test_a_solution_is_explained_too():
    problem = vrp([60, 70, 20, 30], 100)
    good = explain(problem, Routes.of([[0, 2], [1, 3], []]))
    assert good.violations == ()
    assert "the solution has 2 routes, on average 90.0 % full" in str(good)
    assert "the fullest route is 1: 100 of 100" in str(good)
    assert "the emptiest route is 0: 80 of 100" in str(good)
    assert "the longest leg is 4.12311, from 'shop 4' to 'yard' on route 1" in str(good)
    bad = ok.explain(problem, Routes.of([[0, 1]]))
    assert {violation.rule for violation in bad.violations} == {"capacity", "unserved"}
    assert not bad.infeasible, "the solution is, the problem is not"
    assert "The solution is infeasible:" in str(bad)
    assert "no route" in str(explain(problem, Routes(())))


def test_a_solution_of_clients_that_are_not_there_is_explained_as_far_as_it_goes():
    problem = vrp([60, 70], 100)
    explanation = ok.explain(problem, Routes.of([[7], [0]]))
    assert [violation.rule for violation in explanation.violations] == ["unknown client", "unserved"]
    assert "1 of 2 routes name clients or depots that are not there" in str(explanation)
    assert "the fullest route is 1: 60 of 100" in str(explanation)
    nowhere = ok.explain(problem, Routes((Route((Trip((0, 1), end=3),)),)))
    assert {"depot", "capacity"} == {violation.rule for violation in nowhere.violations}
    assert "fullest" not in str(nowhere)


def test_long_lists_are_shortened_and_html_is_escaped():
    explanation = explain(VRP.from_coordinates([(0, 0)] * 31, [0] + [9] * 30, 1, names=["<b>", *range(30)]))
    assert explanation.infeasible
    assert len(explanation.reasons) == 30
    assert "and 20 more" in str(explanation)
    assert "client 11" not in str(explanation)
    named = explain(VRP.from_coordinates([(0, 0), (1, 1)], [0, 9], 1, names=["yard", "<b>"]))
    assert "<b>'" not in named._repr_html_()
    assert "&lt;b&gt;" in named._repr_html_()


@pytest.mark.parametrize("capacity", [0, 10])
def test_zero_demands_and_capacities(capacity):
    assert not explain(vrp([0, 0], capacity)).infeasible
