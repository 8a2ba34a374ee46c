"""What a flow shop is, what it refuses, and the judge against a textbook simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import optikit as ok
from optikit.errors import InvalidProblemError, InvalidSolutionError
from optikit.scheduling import Clock, FlowShop, JobSequences
from tests.naive import flowshop as naive

from .shops import flowshops, random_shop

INF, NAN = math.inf, math.nan


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"durations": [[1, -2]]}, r"durations\[0, 1\] is -2; expected a number >= 0"),
        ({"durations": [[1, NAN]]}, r"durations\[0, 1\] is nan; expected a finite number"),
        ({"durations": [[1, 2], [3]]}, r"durations\[0\] has 2 entries, durations\[1\] has 1 entries"),
        ({"durations": [[1, None]]}, r"durations\[0, 1\] is None; expected a number"),
        ({"durations": [[]]}, "a flow shop has at least one job and one stage"),
        ({"durations": [1, 2]}, r"durations has shape \(2,\), expected \(any, any\); one row a job"),
        ({"durations": [[2**62, 2**62]]}, r"durations\[0, 0\] is .*more than the .*use a larger unit"),
        ({"durations": [[1e200], [1e-200]]}, None),
        ({"machines": [1, 0]}, r"machines\[1\] is 0; no machine at this stage"),
        ({"machines": [1, 10**6]}, r"come to 1,000,001 machines; at most 100,000"),
        ({"machines": [1]}, r"machines has shape \(1,\), expected \(2,\)"),
        ({"factories": 0}, "factories is 0; expected an int >= 1"),
        ({"factories": True}, "factories is True; expected an int >= 1"),
        ({"factories": 10**18}, r"come to 2,000,000,000,000,000,000 machines; at most 100,000"),
        ({"no_wait": 1}, "no_wait is 1; expected True or False"),
        ({"no_wait": True, "blocking": True}, "leave blocking out"),
        ({"setup": [[[0, 1]]]}, r"setup has shape \(1, 1, 2\), expected \(2, 2, 2\)"),
        ({"release": [0, -1]}, r"release\[1\] is -1"),
        ({"weight": [1, 1]}, "the makespan has no weights"),
        ({"objective": "makspan"}, "objective is 'makspan'; did you mean 'makespan'"),
        ({"objective": 3}, "objective is 3"),
        ({"job_names": ["a"]}, "job_names has 1 entries, expected 2: one a job"),
        ({"job_names": ["a", "a"]}, "the name 'a' stands twice"),
        ({"clock": "monday"}, "clock is 'monday'; expected a Clock"),
        ({"name": 3}, "name is 3; expected text"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_by_name(fields, words):
    fields = {"durations": [[1, 2], [3, 4]]} | fields
    if words is None:
        assert FlowShop(**fields).num_jobs == 2
        return
    with pytest.raises(InvalidProblemError, match=words):
        FlowShop(**fields)


@pytest.mark.parametrize(
    ("factories", "words"),
    [
        ([[0, 1, 7]], r"factories\[0\]\[0\]\[2\] is 7; jobs are 0 to 1"),
        ([[0], [1]], "the solution has 2 factories, the problem 1"),
        ([[[0, 1], [1, 0], [1, 0]]], "has 3 orders; expected one for all machines, or 2"),
    ],
)
def test_orders_of_another_problem_are_refused(factories, words):
    shop = FlowShop([[1, 2], [3, 4]])
    with pytest.raises(InvalidSolutionError, match=words):
        shop.evaluate(JobSequences(factories))
    assert not shop.check(JobSequences(factories))


@pytest.mark.parametrize("given", [3, "ab", [3], [["a"]], [[1.5]], [[True]], {"a": 1}, [[[1], 2]], None])
def test_what_is_no_sequence_of_sequences_is_refused(given):
    with pytest.raises(InvalidSolutionError, match="expected"):
        JobSequences(given)


def test_the_checker_says_what_is_wrong():
    shop = FlowShop([[1, 2], [3, 4], [5, 6]], job_names=["a", "b", "c"], stage_names=["saw", "drill"])
    assert [v.message for v in shop.check(JobSequences([[0, 2]])).violations] == [
        "'b' (1) is on no machine at 'saw' (0)",
        "'b' (1) is on no machine at 'drill' (1)",
    ]
    assert {v.rule for v in shop.check(JobSequences([[0, 1, 2, 0]])).violations} == {"twice"}
    assert shop.evaluate(JobSequences([[0, 2]])) == INF
    overtaking = JobSequences([[[0, 1, 2], [0, 2, 1]]])
    assert str(shop.check(overtaking)) == (
        "infeasible: at 'drill' (1) 'c' (2) overtakes 'b' (1); all machines take the jobs in one order"
    )
    assert shop.replace(permutation=False).check(overtaking)
    two = shop.replace(factories=2)
    assert {v.rule for v in two.check(JobSequences([[[0, 1], [0]], [[2], [1, 2]]])).violations} == {"two factories"}


def test_jobs_that_wait_for_each_other_have_no_timetable():
    shop = FlowShop([[2, 2, 2], [2, 2, 2]], machines=[2, 1, 2], blocking=True)
    circle = JobSequences([[[0, 1], [], [1, 0], [0, 1], []]])
    report = shop.check(circle)
    assert [v.rule for v in report.violations] == ["circle"]
    assert shop.evaluate(circle) == INF
    with pytest.raises(InvalidSolutionError, match="wait for each other in a circle"):
        shop.to_frame(circle)


def test_jobs_that_do_not_wait_may_pass_each_other_on_parallel_machines():
    # Job 1 begins second, and is through the last machine while job 0 is still in the middle.
    shop = FlowShop([[1, 9, 1], [1, 1, 1]], machines=[1, 2, 1], no_wait=True)
    solution = JobSequences([[[0, 1], [0], [1], [1, 0]]])
    assert shop.check(solution)
    assert shop.evaluate(solution) == 11


def test_objectives_by_hand():
    shop = FlowShop([[3, 2], [1, 4]], release=[1, 0])
    order = JobSequences.permutation([0, 1])
    assert shop.evaluate(order) == 10  # 1-4, 4-6; 4-5, 6-10
    assert shop.replace(objective="total_flow_time").evaluate(order) == (6 - 1) + (10 - 0)
    assert shop.replace(objective="total_flow_time", weight=[2, 0.5]).terms(order) == {"total_flow_time": 15.0}
    assert shop.replace(setup=np.full((2, 2, 2), 7)).evaluate(order) == 17  # 1-4, 4-6; 11-12, 13-17
    assert shop.replace(first_setup=[[0, 0], [9, 9]]).evaluate(order) == 15
    assert shop.replace(no_wait=True).evaluate(order) == 10
    assert FlowShop([[1, 5], [1, 1], [1, 1]], blocking=True).evaluate(JobSequences.permutation([0, 1, 2])) == 8


@given(flowshops(), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_judge_agrees_with_a_simulation(problem, random):
    factories = [[[] for _ in range(problem.num_machines)] for _ in range(problem.factories)]
    homes = [random.randrange(problem.factories) for _ in range(problem.num_jobs)]
    jobs = list(range(problem.num_jobs))
    random.shuffle(jobs)
    for stage in range(problem.num_stages):
        if problem.overtaking:
            random.shuffle(jobs)
        for job in jobs:
            machine = random.randrange(problem.first_machine[stage], problem.first_machine[stage + 1])
            factories[homes[job]][machine].append(job)
    solution = JobSequences(factories)
    machines = {
        (f, *problem.machine_place[k]): order for f, orders in enumerate(factories) for k, order in enumerate(orders) if order
    }
    ends = naive.ends_of(problem, machines)
    if ends is None:
        assert not problem.check(solution)
        assert problem.evaluate(solution) == INF
    elif problem.check(solution):
        assert problem.evaluate(solution) == pytest.approx(naive.cost_of(problem, ends), abs=problem.error + 1e-9)
    else:
        # A circle of waiting for no time: one operation of no length cannot be before and after another.
        assert problem.blocking
        assert (problem.durations == 0).any()


def test_json_keeps_everything(tmp_path):
    shop = random_shop(1, 3, 2, setup=True, first_setup=True, release=True, weight=True, objective="total_flow_time")
    shop = shop.replace(
        clock=Clock("2026-03-28T12:00", "Europe/Berlin", "h"), job_names=["a", "b", 3], name="three", machines=[2, 1]
    )
    again = FlowShop.from_json(shop.to_json())
    assert again == shop
    assert again.clock == shop.clock
    solution = JobSequences([[[0, 1], [2], [0, 2, 1]]])
    assert JobSequences.from_json(solution.to_json()) == solution
    for text in ('{"problem": "FlowShop"}', "[]", shop.to_json().replace('"makespan"', "3").replace("durations", "duration")):
        with pytest.raises(InvalidProblemError):
            FlowShop.from_json(text)
    with pytest.raises(InvalidSolutionError):
        JobSequences.from_json('{"schema_version": 1, "solution": "Tour", "factories": []}')


def test_weights_that_no_lattice_holds_still_have_a_true_bound():
    shop = FlowShop([[1 / 3, 2 / 3], [1 / 7, 1]], objective="total_flow_time", weight=[1 / 3, math.pi])
    result = ok.solve(shop, "cpsat", time_limit=20)
    best = naive.optimum(shop)
    assert result.objective == pytest.approx(best, abs=2 * shop.error)
    assert result.bound <= best + shop.error
