"""Limits that set-up and imports use up: there is a schedule all the same, and nothing is begun that would be late."""

import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import optikit as ok
from optikit.inputs.installed import imports_within, pays_to_import
from optikit.kernels.jit import Variant
from optikit.scheduling import FlexibleJobShop, FlowShop, JobShop, OpenShop
from optikit.scheduling.shop import stopgap
from optikit.scheduling.shop.appending import appended
from optikit.scheduling.shop.dispatcher import Dispatcher
from optikit.scheduling.shop.stopgap import first_schedule
from tests.scheduling.shop.strategies import shops

JOBS = [[(0, 3), (1, 2), (2, 2)], [(0, 2), (2, 1), (1, 4)], [(1, 4), (2, 3), (0, 1)]]

SHOPS = {
    "job": JobShop.from_jobs(JOBS),
    "tardiness": JobShop.from_jobs(JOBS, due=[5, 6, 7], objective={"total_tardiness": 1}),
    "blocking": JobShop.from_jobs(JOBS, blocking=True),
    "no wait": JobShop.from_jobs(JOBS, no_wait=True),
    "flexible": FlexibleJobShop.from_jobs([[[(0, 3), (1, 2)], [(1, 4)]], [[(1, 2)], [(0, 5), (1, 6)]]]),
    "open": OpenShop.from_matrix([[3, 2, 4], [2, 4, 1], [5, 1, 2]]),
}


@pytest.fixture
def in_haste(monkeypatch):
    """Kernels are being compiled, and OR-Tools is not imported."""
    monkeypatch.setattr(Variant, "ready", lambda variant, seconds: False)
    monkeypatch.delitem(sys.modules, "ortools.sat.python.cp_model", raising=False)


@pytest.mark.parametrize("solver", ["auto", "portfolio", "general", "cpsat", "mwkr"])
@pytest.mark.parametrize("kind", SHOPS)
def test_there_is_a_schedule_by_any_deadline(in_haste, kind, solver):
    result = ok.solve(SHOPS[kind], solver, time_limit=0.1, n_jobs=2 if solver == "portfolio" else 1)
    assert result.solution is not None
    assert "ortools.sat.python.cp_model" not in sys.modules


@pytest.mark.parametrize("solver", ["auto", "portfolio", "cpsat", "neh", "iterated_greedy"])
def test_a_flow_shop_has_one_too(in_haste, solver):
    flow = FlowShop([[3, 2], [1, 4], [2, 2]], release=[0, 1, 0])
    assert ok.solve(flow, solver, time_limit=0.1, n_jobs=2 if solver == "portfolio" else 1).solution is not None
    assert "ortools.sat.python.cp_model" not in sys.modules


@pytest.mark.parametrize("solver", ["tabu", "critical_arcs", "general", "mwkr", "dispatching", "neh", "iterated_greedy"])
def test_time_that_is_over_before_the_search_begins(solver):
    shop = FlowShop([[3, 2], [1, 4]]) if solver in ("neh", "iterated_greedy") else SHOPS["job"]
    assert ok.solve(shop, solver, time_limit=1e-6).solution is not None


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(shops())
def test_the_first_schedule_is_that_of_the_compiled_rule(shop):
    compiled = Dispatcher(shop)
    breach = compiled.make("ect", False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Variant, "ready", lambda variant, seconds: False)
        patch.setattr(stopgap, "HASTE_SECONDS", 60)
        first = first_schedule(shop)
    assert first == compiled.best()[2]
    assert shop.check(first) or breach > 0


@pytest.mark.parametrize("kind", SHOPS)
def test_large_shops_have_one(monkeypatch, kind):
    monkeypatch.setattr(stopgap, "MOST_RANKED", 0)
    monkeypatch.setattr(stopgap, "HASTE_SECONDS", 0.0)
    assert SHOPS[kind].check(first_schedule(SHOPS[kind]))


@pytest.mark.parametrize("kind", SHOPS)
@pytest.mark.parametrize("large", [8, 10_000])
def test_large_shops_have_a_schedule_while_kernels_are_being_compiled(monkeypatch, in_haste, kind, large):
    monkeypatch.setattr(stopgap, "MOST_IN_PYTHON", 4)
    monkeypatch.setattr(stopgap, "MOST_RANKED", 4)
    monkeypatch.setattr(stopgap, "LARGE", large)
    assert SHOPS[kind].check(first_schedule(SHOPS[kind]))
    assert ok.solve(SHOPS[kind], "general", time_limit=0.1).solution is not None


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(shops())
def test_what_is_appended_is_a_schedule(shop):
    """Whatever the constraints are, but for those that only some orders can meet."""
    report = shop.check(appended(shop))
    bounded = (
        shop.latest.min() < np.inf or shop.deadline.min() < np.inf or any(rule.max_lag is not None for rule in shop.precedences)
    )
    ends = any(calendar is not None for calendar in shop.calendars)
    against = any(rule.before > rule.after for rule in shop.precedences)  # a circle: of no length, or with what is to be left out
    # A machine that is set up while its job stays, a lag in a job that may not wait.
    tight = bool((shop.no_wait | shop.blocking).any()) and (shop.setup is not None or shop.precedences)
    assert report or bounded or ends or against or tight, report


def test_appended_operations_are_interleaved():
    """Rank by rank: three jobs on machines of their own order are done side by side."""
    shop = JobShop.from_jobs([[(0, 5), (1, 5), (2, 5)], [(1, 5), (2, 5), (0, 5)], [(2, 5), (0, 5), (1, 5)]])
    assert shop.evaluate(appended(shop)) == 15


def test_a_large_shop_has_a_schedule_however_short_the_limit_is():
    """600 operations in jobs without waiting: a place for a whole job among the others takes long to find."""
    rng = np.random.default_rng(1)
    routes = np.array([rng.permutation(6) for _ in range(100)])
    shop = JobShop.from_arrays(routes, rng.integers(1, 30, routes.shape), no_wait=True)
    assert shop.check(ok.solve(shop, "general", time_limit=1e-6).solution)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(shops())
def test_what_is_dispatched_in_a_hurry_is_a_schedule(shop):
    """Whatever the constraints are: unless the rule itself breaks one, too."""
    slow, fast = Dispatcher(shop), Dispatcher(shop)
    fast.make("ect", False, 0)
    breach, _, schedule = fast.best()
    assert bool(shop.check(schedule)) or breach > 0
    if not (slow.make("ect", False) or shop.latest.min() < np.inf or shop.deadline.min() < np.inf or shop.precedences):
        assert breach == 0


def test_what_has_to_be_imported_takes_its_time(monkeypatch):
    monkeypatch.delitem(sys.modules, "ortools.sat.python.cp_model", raising=False)
    assert [imports_within("ortools", seconds) for seconds in (0.1, 0.6)] == [False, True]
    assert [pays_to_import("ortools", seconds) for seconds in (0.6, 1.0, None)] == [False, True, True]
    monkeypatch.setitem(sys.modules, "ortools.sat.python.cp_model", sys)
    assert imports_within("ortools", 0.0)
    assert pays_to_import("numpy", 0.0)
