"""Constructive heuristics against their definitions, on examples by hand."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import optikit as ok
from optikit import Status
from optikit.errors import UnsupportedError
from optikit.scheduling import FlowShop, JobSequences
from optikit.scheduling.flowshop.orders import campbell_dudek_smith, gupta, johnson, liu_reeves, palmer

from .shops import random_shop


def test_johnsons_textbook_example():
    # Johnson's rule, by hand: 2 (1, 2), 0 (3, 6), 4 (7, 5) ... the short ones of the first machine first.
    first, second = np.array([3, 5, 1, 6, 7]), np.array([6, 2, 2, 6, 5])
    assert johnson(first, second).tolist() == [2, 0, 3, 4, 1]
    result = ok.solve(FlowShop(np.column_stack([first, second])), "johnson")
    assert result.status is Status.OPTIMAL
    assert result.objective == 24


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=6))
@settings(max_examples=40)
def test_johnson_is_best_on_two_machines(rows):
    shop = FlowShop(rows)
    best = min(shop.evaluate(JobSequences.permutation(order)) for order in permutations(range(len(rows))))
    result = ok.solve(shop, "johnson")
    assert (result.objective, result.bound, result.status) == (best, best, Status.OPTIMAL)


def test_johnson_says_what_it_cannot_do():
    for fields in ({"no_wait": True}, {"release": [0, 1]}, {"objective": "total_flow_time"}, {"factories": 2}):
        with pytest.raises(UnsupportedError, match="Johnson's rule"):
            ok.solve(FlowShop([[3, 2], [1, 4]], **fields), "johnson")
    with pytest.raises(UnsupportedError, match="total flow time"):
        ok.solve(FlowShop([[3, 2], [1, 4]]), "lr")


DURATIONS = np.array([[5, 9, 8], [9, 3, 10], [9, 4, 5], [4, 8, 8], [3, 5, 6]])


def test_palmer_and_gupta_by_their_formulas():
    # Slopes -2 p1 + 2 p3: 6, 2, -8, 8, 6; indices by Gupta: sign / least sum of neighbours.
    assert palmer(FlowShop(DURATIONS)).tolist() == [3, 0, 4, 1, 2]
    index = []
    for row in DURATIONS.tolist():
        least = min(row[0] + row[1], row[1] + row[2])
        index.append((1 if row[0] < row[2] else -1) / least)
    assert gupta(FlowShop(DURATIONS)).tolist() == sorted(range(5), key=lambda j: (-index[j], j))


def test_cds_takes_the_best_of_its_orders():
    shop = FlowShop(DURATIONS)
    orders = [order.tolist() for order in campbell_dudek_smith(shop)]
    assert len(orders) == 2
    assert orders[1] == johnson(DURATIONS[:, 0] + DURATIONS[:, 1], DURATIONS[:, 1] + DURATIONS[:, 2]).tolist()
    best = min(shop.evaluate(JobSequences.permutation(order)) for order in orders)
    assert ok.solve(shop, "cds").objective == best


def test_liu_reeves_begins_with_the_least_index():
    """The index of the first job, written out from the paper's section 2."""
    shop = FlowShop(DURATIONS, objective="total_flow_time")
    n, m = DURATIONS.shape
    index = []
    for j in range(n):
        ends = np.cumsum(DURATIONS[j])
        idle = sum(m * ends[k - 1] / (k + 1 + 0 * (m - k - 1) / (n - 2)) for k in range(1, m))
        average = (DURATIONS.sum(axis=0) - DURATIONS[j]) / (n - 1)
        now = 0.0
        for k in range(m):
            now = max(now, ends[k]) + average[k]
        index.append((n - 2) * idle + ends[-1] + now)
    order = next(iter(liu_reeves(shop)))
    assert order[0] == int(np.argmin(index))
    assert sorted(order.tolist()) == list(range(n))
    assert ok.solve(shop, "lr", options={"tries": 5}).objective <= shop.evaluate(JobSequences.permutation(order))


def test_every_rule_takes_every_shop():
    rules = ({"machines": [2, 1, 2], "factories": 2}, {"blocking": True, "setup": True}, {"no_wait": True, "machines": [1, 2, 1]})
    for fields in rules:
        shop = random_shop(3, 7, 3, **fields)
        for name in ("neh", "cds", "palmer", "gupta"):
            assert shop.check(ok.solve(shop, name).solution)
