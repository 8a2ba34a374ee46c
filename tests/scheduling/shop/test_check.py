"""The judge against schedules that are told instant by instant."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optikit.scheduling import Calendar, FlexibleJobShop, JobShop, OpenShop, Precedence, Schedule, Shop
from optikit.scheduling.shop import Baseline
from tests.naive import shop as naive
from tests.scheduling.shop.strategies import shops

TWO = [[(0, 3), (1, 2)], [(1, 4), (0, 1)]]
GOOD = Schedule([0, 4, 0, 4])


@given(shops(max_operations=4), st.data())
@settings(max_examples=80, deadline=None)
def test_judge_and_textbook_agree_on_any_schedule(shop, data):
    modes = [
        data.draw(st.integers(-1 if shop.omission[i] < math.inf else 0, int(np.diff(shop.mode_ptr)[i]) - 1))
        for i in range(shop.num_operations)
    ]
    starts = [data.draw(st.integers(0, 7)) if mode >= 0 else 0 for mode in modes]
    value = naive.value(shop, starts, modes)
    schedule = Schedule(starts, modes)
    report = shop.check(schedule)
    assert report.feasible == (value is not None), str(report)
    assert all(violation.size > 0 and violation.message for violation in report)
    if value is not None:
        assert shop.evaluate(schedule) == pytest.approx(value)


@given(shops(max_operations=2), st.data())
@settings(max_examples=30, deadline=None)
def test_judge_and_textbook_agree_on_feasible_schedules(shop, data):
    """Random schedules are seldom feasible: this looks at the best and at its neighbours."""
    best = naive.optimum(shop, 6)
    if best is None:
        return
    value, starts, modes = best
    assert shop.check(Schedule(starts, modes)).feasible
    assert shop.evaluate(Schedule(starts, modes)) == pytest.approx(value)
    moved = list(starts)
    moved[data.draw(st.integers(0, len(starts) - 1))] += data.draw(st.sampled_from([-1, 1]))
    if min(moved) >= 0:
        told = naive.value(shop, moved, modes)
        assert shop.check(Schedule(moved, modes)).feasible == (told is not None)


@pytest.mark.parametrize(
    ("shop", "schedule", "said", "size"),
    [
        (
            JobShop.from_jobs(TWO),
            [0, 3, 0, 4],
            "operation 1 of job 0 starts at 3 on machine 1, where operation 0 of job 1 is done until 4",
            1,
        ),
        (JobShop.from_jobs(TWO), [0, 2, 4, 8], "operation 1 of job 0 starts at 2, but operation 0 of job 0 ends at 3", 1),
        (JobShop.from_jobs(TWO, release=[2, 0]), [0, 4, 0, 4], "operation 0 of job 0 starts at 0, 2 before its job is released", 2),
        (JobShop.from_jobs(TWO, deadline=[5, 9]), [0, 4, 0, 4], "operation 1 of job 0 ends at 6, 1 after the deadline of job 0", 1),
        (
            JobShop.from_jobs(TWO, setup=[[0, 1], [2, 0]]),
            [0, 4, 0, 4],
            "leaves 0 of the setup time 2 after operation 0 of job 1",
            2,
        ),
        (
            JobShop.from_jobs(TWO, first_setup=[1, 0]),
            [0, 4, 0, 4],
            "is the first on machine 0 and starts 1 before that is set up",
            1,
        ),
        (JobShop.from_jobs(TWO, transport=[[0, 2], [2, 0]]), [0, 4, 0, 6], "ends at 3 and the transport takes 2", 1),
        (JobShop.from_jobs(TWO, no_wait=True), [0, 4, 0, 4], "operation 1 of job 0 waits 1 after operation 0 of job 0", 1),
        (JobShop.from_jobs(TWO, blocking=True), [0, 4, 0, 3.5], "on machine 0, where operation 0 of job 0 blocks it until 4", 0.5),
        (
            JobShop.from_jobs(TWO, calendars={1: Calendar([(0, 4), (5, 9)])}),
            [0, 4, 0, 4],
            "operation 1 of job 0, 4 to 6, on machine 1 is 2 outside of its working time",
            2,
        ),
        (JobShop.from_jobs(TWO, precedences=[Precedence(0, 3, min_lag=2)]), [0, 4, 0, 4], "at least 2 must pass", 1),
        (JobShop.from_jobs(TWO, precedences=[Precedence(2, 3, max_lag=0)]), [0, 4, 0, 5], "at most 0 may pass", 1),
        (
            OpenShop.from_matrix([[3, 2], [4, 1]]),
            [0, 2, 3, 0],
            "operation 1 of job 0 starts at 2, but operation 0 of job 0 ends at 3",
            1,
        ),
    ],
)
def test_what_is_broken_is_told_with_its_size(shop, schedule, said, size):
    report = shop.check(Schedule(schedule))
    found = [violation for violation in report if said in violation.message]
    assert found, str(report)
    assert found[0].size == pytest.approx(size)


def test_left_out():
    shop = JobShop.from_jobs(TWO, omission=[math.inf, 5, math.inf, math.inf])
    assert shop.terms(Schedule([0, 0, 0, 4], [0, -1, 0, 0])) == {"makespan": 5.0, "omission": 5.0}
    report = shop.check(Schedule([0, 4, 0, 4], [-1, 0, 0, 0]))
    assert str(report) == "infeasible: operation 0 of job 0 is left out, but must be done"


def test_all_terms_by_hand():
    shop = JobShop.from_jobs(
        TWO,
        due=[5, 4],
        weight=[2, 3],
        setup=[[0, 0], [0, 0]],
        first_setup=[0, 0],
        baseline=Baseline([0, 3, math.nan, 4], [0, 1, -1, 1], 0.5, 10),
        objective=dict.fromkeys(("makespan", "total_completion", "total_tardiness", "max_lateness", "num_tardy", "total_setup"), 1),
    )
    assert shop.terms(GOOD) == {
        "makespan": 6.0,
        "total_completion": 2 * 6 + 3 * 5,
        "total_tardiness": 2 * 1 + 3 * 1,
        "max_lateness": 1.0,
        "num_tardy": 5.0,
        "total_setup": 0.0,
        "change": 0.5 * 1 + 10,
    }


def test_breaks_are_not_worked_but_passed():
    shop = JobShop.from_jobs([[(0, 5)]], calendars=Calendar.always_but([(2, 4), (6, 7)]), resumable=True)
    assert shop.evaluate(Schedule([0])) == 8.0
    assert shop.check(Schedule([0])).feasible
    assert not shop.check(Schedule([2])).feasible
    assert shop.evaluate(Schedule([5])) == 11.0
    closing = shop.replace(calendars=Calendar([(0, 3)]))
    assert closing.evaluate(Schedule([0])) == math.inf
    assert "is not done before its calendar ends" in str(closing.check(Schedule([0])))


def test_a_swap_of_blocking_jobs_at_one_instant_is_allowed():
    shop = JobShop.from_jobs([[(0, 2), (1, 2)], [(1, 2), (0, 2)]], blocking=True)
    assert shop.check(Schedule([0, 2, 0, 2])).feasible


def test_decimals_are_judged_in_ticks():
    shop = JobShop.from_jobs([[(0, 0.1), (1, 0.2), (2, 0.3)]], due=[0.6], objective="num_tardy")
    schedule = Schedule([0, 0.1, 0.1 + 0.2])
    assert shop.check(schedule).feasible
    assert shop.evaluate(schedule) == 0  # 0.1 + 0.2 + 0.3 is 0.6000000000000001
    assert not shop.check(Schedule([0, 0.05, 0.3])).feasible


def test_many_violations_are_counted():
    shop = JobShop.from_arrays(np.zeros((150, 1), int), np.ones((150, 1), int))
    report = shop.check(Schedule(np.zeros(150)))
    assert len(report) == 101
    assert "49 more of that kind: overlap" in report.violations[-1].message


def test_alternatives_have_their_own_machines_and_durations():
    shop = FlexibleJobShop.from_jobs([[{"slow": 5, "fast": 2}], [{"slow": 5}]])
    assert shop.evaluate(Schedule([0, 0], [1, 0])) == 5.0
    assert not shop.check(Schedule([0, 0], [0, 0])).feasible
    network = Shop.from_jobs([[(0, 3), (1, 4)]], order="network")
    assert network.check(Schedule([0, 0])).feasible


def test_many_operations_at_one_instant_have_an_order_that_fits():
    """One path through twelve of them without a setup; with a setup on it there is none."""
    rng = np.random.default_rng(2)
    path = rng.permutation(12)
    setup = rng.integers(1, 9, (12, 12))
    setup[path[:-1], path[1:]] = 0
    none = np.zeros((12, 1), int)
    shop = JobShop.from_arrays(none, none, setup=setup, objective="total_setup")
    at_once = Schedule(np.zeros(12))
    assert shop.check(at_once).feasible
    assert shop.evaluate(at_once) == 0
    setup[path[5], path[6]] = 1
    assert not shop.replace(setup=setup).check(at_once).feasible


def test_of_operations_at_one_instant_the_first_is_the_one_that_nothing_waits_for():
    """The way to the second machine takes 1, to the third 2; between these it takes nothing, nor does the work there."""
    carried = {"transport": [[0, 1, 2], [1, 0, 0], [2, 0, 0]], "no_wait": True}
    shop = OpenShop.from_matrix([[3, 0, 0]], **carried)
    assert shop.check(Schedule([0, 5, 5])).feasible
    assert shop.check(Schedule([0, 4, 4])).feasible
    assert not shop.check(Schedule([0, 6, 6])).feasible


def test_operations_at_one_instant_are_taken_in_the_order_that_fits():
    shop = Shop([0, 1, 1], range(3), [0, 0, 0], [0, 0, 0], first_setup=[1, 0], family=[0, 1, 1], objective="total_setup")
    assert shop.check(Schedule([0, 0, 0])).feasible
    assert shop.evaluate(Schedule([0, 0, 0])) == 0
    pair = Shop([0, 1], range(2), [0, 0], [0, 0], setup=[[0, 0], [3, 0]])
    assert pair.check(Schedule([0, 0])).feasible
