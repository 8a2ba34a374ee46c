"""Bounds that no schedule is below."""

import itertools
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import optikit as ok
from optikit.scheduling import Calendar, FlexibleJobShop, JobShop, OpenShop, Schedule
from optikit.scheduling.shop.bounds import lower_bound, preemptive, terms_bound
from optikit.scheduling.shop.explain import impossible
from tests.naive import shop as naive
from tests.scheduling.shop.strategies import shops

INSTANCES = Path(__file__).parents[3] / ".." / "shared" / "instances"
here = pytest.mark.skipif(not INSTANCES.is_dir(), reason="the instances of ../shared/instances are not on this machine")


@given(shops(max_operations=2))
@settings(max_examples=60, deadline=None)
def test_no_schedule_is_below(shop):
    best = naive.optimum(shop, 6)
    if best is not None:
        assert lower_bound(shop) <= best[0] + 1e-9


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(1, 4), st.integers(-3, 8)), min_size=1, max_size=6))
@settings(max_examples=100, deadline=None)
def test_jacksons_schedule_is_the_best_set_of_operations(items):
    """Carlier and Pinson's theorem: the preemptive makespan is the largest of head + load + tail over all subsets."""
    best = max(
        min(head for head, _, _ in chosen) + sum(length for _, length, _ in chosen) + min(tail for _, _, tail in chosen)
        for size in range(1, len(items) + 1)
        for chosen in itertools.combinations(items, size)
    )
    assert preemptive(*zip(*items, strict=True)) == best


def test_bounds_by_hand():
    assert lower_bound(JobShop.from_jobs([[(0, 3), (1, 2)], [(1, 4), (0, 1)]])) == 6  # machine 1, then machine 0 for 0
    assert lower_bound(OpenShop.from_matrix([[3, 2], [4, 1], [2, 9]])) == 12  # machine 1
    flexible = FlexibleJobShop.from_jobs([[{0: 3, 1: 4}], [{0: 3, 1: 4}], [{0: 3, 1: 4}]])
    assert lower_bound(flexible) == 5  # 9 on two machines
    shop = JobShop.from_jobs([[(0, 3), (1, 2)], [(1, 4), (0, 1)]], due=[4, 9], weight=[2, 1])
    terms = dict.fromkeys(("total_completion", "total_tardiness", "max_lateness", "num_tardy"), 1)
    assert terms_bound(shop.replace(objective=terms)) == {
        "total_completion": 2 * 5 + 5,
        "total_tardiness": 2,
        "max_lateness": 1,
        "num_tardy": 2,
    }


def test_setups_have_a_bound():
    shop = JobShop.from_jobs([[(0, 1)], [(0, 1)], [(0, 1)]], setup=[[0, 2, 3], [4, 0, 5], [6, 7, 0]], objective="total_setup")
    assert lower_bound(shop) == 4 + 2 + 3 - 4  # the least into each, but the first
    assert lower_bound(shop.replace(first_setup=[1, 1, 1])) == 3


def test_calendars_count():
    shop = JobShop.from_jobs([[(0, 3), (1, 2)]], calendars=[Calendar([(2, 4), (10, 20)]), Calendar.always_but([(0, 14)])])
    assert lower_bound(shop) == 16
    assert lower_bound(shop.replace(resumable=True)) == 16
    assert lower_bound(shop.replace(calendars=[Calendar([(2, 4), (10, 20)]), None], resumable=True)) == 13


@here
def test_the_one_machine_bound_of_known_instances():
    """Carlier and Pinson 1989 begin their proof for ft10 at 808."""
    assert lower_bound(JobShop.read(INSTANCES / "jobshop" / "ft10.txt")) == 808
    assert lower_bound(JobShop.read(INSTANCES / "jobshop" / "ft06.txt")) == 52


def test_a_way_round_by_an_optional_operation_is_not_ruled_out():
    """From machine 0 to 2 it is 5; by machine 1, where an operation may be done or left out, 1 and 1."""
    shop = JobShop.from_jobs(
        [[(0, 1), (1, 0), (2, 1)]], transport=[[0, 1, 5], [0, 0, 1], [0, 0, 0]], omission=[math.inf, 0, math.inf]
    )
    assert shop.check(Schedule([0, 2, 3]))
    assert shop.evaluate(Schedule([0, 2, 3])) == 4
    assert ok.lower_bound(shop) <= 4
    result = ok.solve(shop, time_limit=5)
    assert (result.status, result.objective) == (ok.Status.OPTIMAL, 4)
    assert ok.solve(shop.replace(deadline=[4]), time_limit=5).status is ok.Status.OPTIMAL


@pytest.mark.parametrize("unit", [0.1, 1 / 60, 1 / 3, 0.7390851332151607])
@pytest.mark.parametrize("resumable", [False, True])
def test_what_fills_a_window_fits_whatever_the_last_digits_are(unit, resumable):
    """0.1 + 0.2 is 0.30000000000000004 of floats, and is done by 0.3 all the same."""
    for start, length in itertools.product((1, 7, 8), (1, 2, 3, 6)):
        end = (start + length) * unit
        calendar = Calendar([(start * unit, end), (40 * unit, 60 * unit)])
        shop = JobShop.from_jobs([[(0, length * unit)]], calendars=calendar, resumable=resumable, deadline=end)
        assert impossible(shop) == ()
        assert lower_bound(shop) == pytest.approx(end)
