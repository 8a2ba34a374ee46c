"""Dispatching rules against Giffler and Thompson's algorithm by the textbook, and on every shop that can be."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import optikit as ok
from optikit import Status
from optikit.core import registry
from optikit.scheduling import JobShop, Shop
from optikit.scheduling.shop import construct
from optikit.scheduling.shop.construct import RandomRule
from optikit.scheduling.shop.dispatcher import RULES, Dispatcher
from optikit.testing import check_result
from tests.scheduling.shop.strategies import shops

NAMES = [entry.name for entry in registry.menu(Shop) if str(entry.target).startswith(construct.__name__)]


def dispatched(jobs, due, rule, active):
    """Starts by Giffler and Thompson 1960; jobs are lists of (machine, duration), ties go to the lower operation.

    ``rule(now, duration, due, work, count)`` is least for the operation that goes first; work and count are what remains.
    """
    step, ready = [0] * len(jobs), [0] * len(jobs)
    free = {}
    starts = [[0] * len(job) for job in jobs]
    while any(at < len(job) for at, job in zip(step, jobs, strict=True)):
        begin = {}
        for j, job in enumerate(jobs):
            if step[j] < len(job):
                machine, duration = job[step[j]]
                start = max(ready[j], free.get(machine, 0))
                begin[j] = (start, start + duration, machine)
        first = min(begin, key=lambda j: (begin[j][1 if active else 0], operation_number(jobs, j, step)))
        start, end, machine = begin[first]
        rivals = [j for j, (s, _, k) in begin.items() if k == machine and (s < end if active else s == start)]

        def value(j, begin=begin):
            rest = jobs[j][step[j] :]
            return rule(begin[j][0], rest[0][1], due[j], sum(d for _, d in rest), len(rest)), operation_number(jobs, j, step)

        chosen = min([*rivals, first], key=value)
        starts[chosen][step[chosen]] = begin[chosen][0]
        ready[chosen] = free[machine] = begin[chosen][1]
        step[chosen] += 1
    return [start for job in starts for start in job]


def operation_number(jobs, j, step):
    return sum(len(job) for job in jobs[:j]) + step[j]


TEXTBOOK = {
    "spt": lambda now, duration, due, work, count: duration,
    "lpt": lambda now, duration, due, work, count: -duration,
    "edd": lambda now, duration, due, work, count: due,
    "mwkr": lambda now, duration, due, work, count: -work,
    "lwkr": lambda now, duration, due, work, count: work,
    "mopnr": lambda now, duration, due, work, count: -count,
    "slack": lambda now, duration, due, work, count: due - now - work,
    "ect": lambda now, duration, due, work, count: now + duration,
    "critical_ratio": lambda now, duration, due, work, count: (due - now) / work,
    "atc": None,  # needs the mean duration
}


@st.composite
def classical(draw):
    machines = draw(st.integers(1, 4))
    jobs = draw(
        st.lists(
            st.lists(st.tuples(st.integers(0, machines - 1), st.integers(1, 9)), min_size=1, max_size=4), min_size=1, max_size=5
        )
    )
    return jobs, draw(st.lists(st.integers(1, 60), min_size=len(jobs), max_size=len(jobs)))


@pytest.mark.parametrize("active", [True, False])
@pytest.mark.parametrize("name", TEXTBOOK)
@given(data=classical())
@settings(max_examples=15, deadline=None)
def test_rules_choose_as_in_the_textbook(name, active, data):
    jobs, due = data
    rule = TEXTBOOK[name]
    if name == "atc":
        mean = np.mean([duration for job in jobs for _, duration in job])
        rule = lambda now, d, due, work, count: -np.exp(-max(0, due - now - work) / (2 * mean)) / d  # noqa: E731
    dispatcher = Dispatcher(JobShop.from_jobs(jobs, due=due))
    dispatcher.make(name, active)
    expected = dispatched(jobs, due, rule, active)
    assert dispatcher.sequence.start.tolist() == expected


@given(classical(), st.sampled_from(sorted(RULES)))
@settings(max_examples=40, deadline=None)
def test_active_schedules_leave_no_gap_that_an_operation_fits(data, name):
    jobs, due = data
    dispatcher = Dispatcher(shop := JobShop.from_jobs(jobs, due=due))
    dispatcher.make(name, True)
    start = dispatcher.sequence.start
    for i in range(shop.num_operations):
        for earlier in range(int(start[i])):
            moved = start.copy()
            moved[i] = earlier
            assert not shop.check(shop.flat.schedule(moved, dispatcher.sequence.mode))


@given(classical(), st.sampled_from(sorted(RULES)))
@settings(max_examples=40, deadline=None)
def test_non_delay_schedules_keep_no_machine_waiting(data, name):
    jobs, due = data
    dispatcher = Dispatcher(shop := JobShop.from_jobs(jobs, due=due))
    dispatcher.make(name, False)
    start, end, machine = dispatcher.sequence.start, dispatcher.sequence.end, dispatcher.sequence.on
    for i in range(shop.num_operations):
        first = i == shop.job_ptr[shop.job[i]]
        arrived = 0 if first else end[i - 1]
        for now in range(int(arrived), int(start[i])):
            assert any(start[k] <= now < end[k] for k in range(shop.num_operations) if machine[k] == machine[i])


@pytest.mark.parametrize("name", NAMES)
@given(shop=shops(max_operations=5))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_rule_keeps_what_every_shop_asks_for(name, shop):
    options = {"restarts": 3} if name == "random" else None
    result = ok.solve(shop, name, options=options)
    check_result(shop, result)
    tied = shop.no_wait.any() or shop.blocking.any() or shop.precedences
    limited = np.isfinite(shop.deadline).any() or np.isfinite(shop.latest).any() or any(shop.calendars)
    if not tied and not limited:
        assert result.solution is not None
    if result.nearest is not None:
        assert not shop.check(result.nearest)


def test_flexible_operations_go_where_they_end_first():
    shop = Shop(job=[0, 1], operation=[0, 0, 1, 1], machine=[0, 1, 0, 1], duration=[2, 3, 2, 3])
    result = ok.solve(shop, "spt")
    assert sorted(result.solution.mode.tolist()) == [0, 1]
    assert result.objective == 3


def test_the_best_rule_is_the_best_of_them():
    rng = np.random.default_rng(3)
    shop = JobShop.from_arrays(
        np.array([rng.permutation(5) for _ in range(6)]), rng.integers(1, 30, (6, 5)), due=rng.integers(50, 120, 6)
    )
    shop = shop.replace(objective="total_tardiness")
    each = [ok.solve(shop, name).objective for name in NAMES if name not in ("dispatching", "random")]
    assert ok.solve(shop, "dispatching").objective == min(each)


def test_random_restarts_follow_the_seed_and_do_no_harm():
    rng = np.random.default_rng(4)
    shop = JobShop.from_arrays(np.array([rng.permutation(5) for _ in range(6)]), rng.integers(1, 30, (6, 5)))
    few, many = (RandomRule(restarts=count).solve(shop, seed=1) for count in (2, 40))
    assert many.objective <= few.objective
    assert RandomRule(restarts=2).solve(shop, seed=1).solution == few.solution


def test_no_time_is_the_first_schedule_that_comes_to_hand():
    result = ok.solve(JobShop.from_jobs([[(0, 3)], [(0, 2)]]), "spt", time_limit=0)
    assert (result.status, result.objective) == (Status.OPTIMAL, 5)
    assert "no time" in result.message
