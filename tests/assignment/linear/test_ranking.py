"""The k best: all of them, in order, none twice."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from optikit.assignment import LinearAssignment, k_best, ranked
from optikit.errors import UnsupportedError
from tests.assignment.linear.strategies import problems


@given(problems(objective="sum", max_lines=3))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_all_assignments_come_once_in_order(pair):
    problem, reference = pair
    found = list(ranked(problem))
    assert [best.objective for best in found] == pytest.approx([float(value) for value in reference.values()], rel=1e-9, abs=1e-6)
    assert len({best.assignment for best in found}) == len(found)
    for best in found:
        assert problem.check(best.assignment)
        assert best.objective == problem.evaluate(best.assignment)


def test_the_first_of_many_are_those_of_all():
    cost = np.random.default_rng(0).integers(0, 20, (6, 6))
    everything = sorted(int(cost[np.arange(6), list(order)].sum()) for order in itertools.permutations(range(6)))
    assert [best.objective for best in k_best(LinearAssignment(cost), 60)] == everything[:60]


def test_ints_beyond_floats_are_ranked_exactly():
    big = 2**55
    found = k_best(LinearAssignment([[big, big + 1], [big + 3, big + 5]]), 5)
    assert [best.assignment.column_of.tolist() for best in found] == [[1, 0], [0, 1]]


@pytest.mark.parametrize("maximize", [False, True])
def test_sums_that_floats_round_are_in_order(maximize):
    cost = 2**54 + np.random.default_rng(1).integers(0, 8, (4, 4))
    everything = sorted((cost[np.arange(4), list(order)].sum() for order in itertools.permutations(range(4))), reverse=maximize)
    found = k_best(LinearAssignment(cost, maximize=maximize), 24)
    assert [cost[np.arange(4), best.assignment.column_of].sum() for best in found] == everything


def test_columns_that_must_be_taken_are_ranked_without_a_big_number():
    """Beside prices of leaving out that use all digits there is no room for one."""
    big = 2**55
    cost, leave = big + np.array([[5, 1], [2, 7]]), 2 * big + np.array([3, 4])
    problem = LinearAssignment(cost, leave_row=leave, leave_column=[float("inf"), 0])
    sums = sorted(
        int(sum(leave[row] if column < 0 else cost[row, column] for row, column in enumerate(pair)))
        for pair in [(0, 1), (1, 0), (0, -1), (-1, 0)]
    )
    found = [best.assignment.column_of.tolist() for best in k_best(problem, 9)]
    assert [int(sum(leave[row] if column < 0 else cost[row, column] for row, column in enumerate(pair))) for pair in found] == sums


def test_few_are_all():
    assert k_best(LinearAssignment([[1]]), 5)[0].objective == 1
    assert len(k_best(LinearAssignment([[1]]), 5)) == len(k_best(LinearAssignment([[1]]), 10**30)) == 1
    assert k_best(LinearAssignment([[1]]), 0) == []
    assert k_best(LinearAssignment([[float("inf")]]), 2) == []


def test_bottlenecks_are_not_ranked():
    with pytest.raises(UnsupportedError, match="ranks sums"):
        k_best(LinearAssignment([[1]], objective="bottleneck"), 2)
    with pytest.raises(UnsupportedError, match="k is -1"):
        k_best(LinearAssignment([[1]]), -1)
    with pytest.raises(UnsupportedError, match="expected a LinearAssignment"):
        k_best([[1]], 2)
