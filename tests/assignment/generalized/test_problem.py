"""The generalized assignment problem as data: what it takes, what it refuses and how, and its judge against plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import optikit as ok
from optikit.assignment import GAP, Allocation, GeneralizedAssignment
from optikit.errors import EntryError, InvalidProblemError, InvalidSolutionError
from tests.assignment.generalized.strategies import gaps
from tests.naive import gap as naive

INF, NAN = math.inf, math.nan
COST, DEMAND, CAPACITY = [[4, 1, 3], [2, 5, 5]], [[2, 3, 2], [2, 3, 2]], [5, 4]


def test_the_short_name():
    assert GAP is GeneralizedAssignment


def test_one_demand_a_job_is_that_of_all_agents():
    assert GAP(COST, [2, 3, 2], CAPACITY) == GAP(COST, DEMAND, CAPACITY)


def test_a_mask_forbids_what_infinity_forbids():
    masked = GAP(COST, DEMAND, CAPACITY, forbidden=[[True, False, False], [False, False, True]])
    assert masked == GAP([[INF, 1, 3], [2, 5, INF]], DEMAND, CAPACITY)
    assert GAP(COST, DEMAND, CAPACITY, True, forbidden=masked.cost == INF) == GAP(
        [[-INF, 1, 3], [2, 5, -INF]], DEMAND, CAPACITY, True
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"cost": [[1, 2], [3]]},
            r"cost is not a rectangular array of numbers \(cost\[0\] has 2 entries, cost\[1\] has 1 entries\)",
        ),
        ({"cost": []}, r"cost has shape \(0,\), expected \(agents, jobs\), one of each at least"),
        ({"cost": [[]]}, r"cost has shape \(1, 0\)"),
        ({"cost": [[4, NAN, 3], [2, 5, 5]]}, r"cost\[0, 1\] is nan; expected a finite number"),
        ({"cost": [[4, -INF, 3], [2, 5, 5]]}, r"cost\[0, 1\] is -inf; a pair that is forbidden has inf"),
        ({"cost": [[4, INF, 3], [2, 5, 5]], "maximize": True}, r"cost\[0, 1\] is inf; a pair that is forbidden has -inf"),
        ({"cost": [["4", 1, 3], [2, 5, 5]]}, r"cost\[0, 0\] is '4'; expected a number"),
        (
            {"cost": [[2**62, 1, 3], [2, 5, 5]]},
            r"cost\[0, 0\] is 4611686018427387904; sums of 3 such ints overflow.*use a larger unit",
        ),
        ({"demand": [2, 3]}, r"demand has shape \(2,\), expected \(3,\); one a job, or one a pair"),
        ({"demand": [[2, 3, 2]]}, r"demand has shape \(1, 3\), expected \(2, 3\); a row an agent and a column a job"),
        ({"demand": [2, -3, 2]}, r"demand\[1\] is -3; a demand is >= 0"),
        ({"demand": [[2, 3, 2], [2, 3, -2]]}, r"demand\[1, 2\] is -2; a demand is >= 0"),
        ({"demand": [2, NAN, 2]}, r"demand\[1\] is nan; expected a finite number"),
        ({"demand": [[2**61] * 3] * 2, "capacity": [2**62] * 2}, r"demand\[0, 0\] is 2.*use a larger unit"),
        ({"capacity": [5]}, r"capacity has shape \(1,\), expected \(2,\); one an agent"),
        ({"capacity": [5, -1]}, r"capacity\[1\] is -1; a capacity is >= 0"),
        ({"capacity": [5, INF]}, r"capacity\[1\] is inf; .* of an agent without limit, say the sum of its demands"),
        ({"capacity": [5, NAN]}, r"capacity\[1\] is nan"),
        ({"maximize": 1}, "maximize is 1; expected True or False"),
        ({"leave_out": [1, 2]}, r"leave_out has shape \(2,\), expected \(3,\); one a job"),
        ({"leave_out": -INF}, r"leave_out\[0\] is -inf; expected a finite number"),
        ({"leave_out": "much"}, "leave_out.* is 'much'; expected a number"),
        ({"agent_names": ["a"]}, "agent_names has 1 entries, expected 2"),
        ({"job_names": ["a", "b", "a"]}, r"the name 'a' stands twice \(jobs 0 and 2\); names are unique"),
        ({"job_names": "abc"}, "job_names is 'abc'; expected a sequence of names"),
        ({"forbidden": [True]}, r"forbidden is of bool and shape \(1,\); expected bool and shape \(2, 3\)"),
    ],
)
def test_refusals(changes, message):
    given = {"cost": COST, "demand": DEMAND, "capacity": CAPACITY}
    with pytest.raises(InvalidProblemError, match=message):
        GAP(**{**given, **changes})


def test_an_entry_that_is_refused_has_its_index():
    with pytest.raises(EntryError) as caught:
        GAP(COST, [[2, 3, 2], [2, -3, 2]], CAPACITY)
    assert caught.value.index == (1, 1)


@pytest.mark.parametrize("agents", [None, "ab", [0.5, 1], [True], {"a": 1}, [2**70]])
def test_allocations_that_are_none(agents):
    with pytest.raises(InvalidSolutionError, match="agent_of"):
        Allocation(agents)


def test_a_solution_of_another_problem():
    problem = GAP(COST, DEMAND, CAPACITY)
    with pytest.raises(InvalidSolutionError, match=r"agent_of has 2 entries, expected 3"):
        problem.evaluate(Allocation([0, 1]))
    with pytest.raises(InvalidSolutionError, match=r"agent_of\[1\] is 7; agents are 0 to 1"):
        problem.evaluate(Allocation([0, 7, 1]))


def test_violations_say_what_where_and_by_how_much():
    problem = GAP([[4, 1, 3], [2, INF, 5]], DEMAND, CAPACITY, agent_names=["Ann", "Bob"], job_names=["wash", "dry", "iron"])
    report = problem.check(Allocation([0, 0, 0]))
    assert [str(violation) for violation in report] == ["Ann carries 7, 2 more than its capacity 5"]
    assert report.violations[0].size == 2
    report = problem.check(Allocation([-1, 1, 3]))
    told = ["iron has agent 3; agents are 0 to 1", "wash has no agent", "Bob must not have dry: the pair is forbidden"]
    assert [str(violation) for violation in report] == told


def test_a_tenth_ten_times_fills_one():
    problem = GAP([[1.0] * 10], [0.1] * 10, [1.0])
    assert problem.check(Allocation([0] * 10)).feasible
    assert not GAP([[1.0] * 11], [0.1] * 11, [1.0]).check(Allocation([0] * 11)).feasible


def test_capacities_between_whole_loads_are_those_below():
    assert not GAP([[1, 1]], [2, 1], [2.9]).check(Allocation([0, 0])).feasible
    assert GAP([[1, 1]], [2, 1], [3.1]).check(Allocation([0, 0])).feasible


def test_profits_less_what_leaving_out_costs():
    problem = GAP([[5, 7], [6, 1]], [1, 1], [1, 1], maximize=True, leave_out=[2, 3])
    assert problem.evaluate(Allocation([0, -1])) == 5 - 3
    assert problem.terms(Allocation([0, -1])) == {"profit": 5.0, "left out": -3.0}
    assert str(problem.terms(Allocation([0, 0]))["left out"]) == "0.0", "not -0.0"
    assert ok.solve(problem, time_limit=5).objective == 13


@given(problem=gaps(), data=st.data())
@settings(max_examples=80)
def test_the_judge_agrees_with_plain_loops(problem, data):
    agents = tuple(
        data.draw(st.lists(st.integers(-1, problem.num_agents - 1), min_size=problem.num_jobs, max_size=problem.num_jobs))
    )
    solution = Allocation(agents)
    assert problem.check(solution).feasible == naive.is_feasible(problem, agents)
    assert problem.evaluate(solution) == pytest.approx(naive.cost_of(problem, agents), rel=1e-12, abs=1e-12)


def test_the_given_arrays_stay_the_users():
    cost = np.array(COST, float)
    problem = GAP(cost, DEMAND, CAPACITY)
    cost[0, 0] = 99
    assert problem.cost[0, 0] == 4
    with pytest.raises(ValueError, match="read-only"):
        problem.cost[0, 0] = 1


def test_of_a_sparse_matrix_what_has_no_entry_is_forbidden():
    sparse = pytest.importorskip("scipy.sparse")
    entries = sparse.coo_matrix(([4, 0, 2], ([0, 0, 1], [0, 1, 1])), shape=(2, 2))
    for form in ("coo", "csr", "csc"):
        problem = GAP(entries.asformat(form), demand=sparse.csr_matrix([[1, 2], [0, 3]]), capacity=[3, 3])
        assert problem == GAP([[4, 0], [np.inf, 2]], demand=[[1, 2], [0, 3]], capacity=[3, 3])
    assert GAP(sparse.csr_array(np.ones((2, 2), int)), demand=[1, 1], capacity=[1, 1]).cost.dtype == np.int64
    with pytest.raises(InvalidProblemError, match=r"demand\[0, 1\] has no entry, but agent 0 may have job 1; give it one"):
        GAP([[4, 1], [3, 2]], demand=sparse.csr_matrix([[1, 0], [2, 3]]), capacity=[3, 3])
    for twice in (
        {"cost": sparse.coo_array(([4, 1, 2], ([0, 0, 1], [0, 0, 1])))},
        {"demand": sparse.coo_array(([4, 1], ([0, 0],)))},
    ):
        with pytest.raises(InvalidProblemError, match=r"(cost\[0, 0\]|demand\[0\]) stands twice; keep one entry, or call .sum_dup"):
            GAP(**{"cost": [[4, 1], [3, 2]], "demand": [1, 1], "capacity": [3, 3], **twice})
    with pytest.raises(InvalidProblemError, match="cost is in BSR format, whose blocks have 2 zeros"):
        GAP(sparse.bsr_array(entries.toarray(), blocksize=(2, 2)), demand=[1, 1], capacity=[3, 3])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"forbidden": [[True], [False, True]]}, r"forbidden is no table of True and False; expected shape \(2, 2\)"),
        ({"forbidden": [[0, 1], [0, 0]]}, r"forbidden is of int64 and shape \(2, 2\); expected bool and shape .*; .astype"),
        ({"name": 5}, "name is 5; expected text"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(changes, said):
    with pytest.raises(InvalidProblemError, match=said):
        GAP([[1, 2], [3, 4]], demand=[1, 1], capacity=[2, 2], **changes)
