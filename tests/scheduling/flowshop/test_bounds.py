"""Bounds: by hand, and never above brute force, for every rule."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings

from optikit import datasets
from optikit.scheduling import FlowShop, JobSequences
from optikit.scheduling.flowshop import bounds
from optikit.scheduling.flowshop.bounds import lower_bound
from tests.naive import flowshop as naive

from .shops import flowshops


@given(flowshops())
@settings(max_examples=120)
def test_no_bound_is_above_the_optimum(problem):
    best = naive.optimum(problem)
    assert lower_bound(problem) <= best + problem.error + 1e-9 * max(1.0, best)


def test_by_hand():
    assert lower_bound(FlowShop([[3, 2], [1, 4]])) == 7  # Johnson
    assert lower_bound(FlowShop([[5], [6], [7]])) == 18
    assert lower_bound(FlowShop([[5], [6], [7]], machines=[2])) == 9
    assert lower_bound(FlowShop([[5], [6], [7]], factories=3)) == 7
    assert lower_bound(FlowShop([[5], [6], [7]], objective="total_flow_time")) == 5 + 11 + 18
    assert lower_bound(FlowShop([[5], [6], [7]], setup=np.full((1, 3, 3), 10))) == 38
    # Preemption helps: the long job gives way at 1, so that all is over at 11 + its tail of nothing.
    assert lower_bound(FlowShop([[10], [1]], release=[0, 1])) == 11
    # Weights over work 3, 1, 1/2: mean busy times 0.5, 1.5, 3 and half of the work each.
    assert lower_bound(FlowShop([[1], [1], [2]], objective="total_flow_time", weight=[3, 1, 1])) == 3 * 1 + 1 * 2 + 1 * 4


def test_jobs_that_do_not_wait_have_a_stronger_bound():
    durations = [[9, 1, 9], [9, 1, 9], [9, 1, 9]]
    rigid = FlowShop(durations, no_wait=True)
    best = min(rigid.evaluate(JobSequences.permutation(order)) for order in permutations(range(3)))
    assert lower_bound(rigid) == best == 37


def test_lags_are_used_only_where_nobody_overtakes(monkeypatch):
    asked = []
    monkeypatch.setattr(bounds._Stages, "_two", lambda self, u, v: asked.append((u, v)) or 0)
    shop = FlowShop(np.ones((4, 4), int))
    lower_bound(shop)
    assert (0, 3) in asked
    asked.clear()
    lower_bound(shop.replace(permutation=False))
    assert asked == [(0, 1), (1, 2), (2, 3)]


@pytest.mark.parametrize(("name", "best"), [("ta001", 1278), ("ta031", 2724), ("ta061", 5493)])
def test_published_optima_are_not_exceeded(name, best):
    bound = lower_bound(datasets.load(f"flowshop/{name}"))
    assert 0.93 * best <= bound <= best
