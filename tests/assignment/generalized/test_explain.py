"""What is said of problems without an allocation, and of allocations: sentences with numbers, proved or not said."""

from __future__ import annotations

from hypothesis import given, settings

import optikit as ok
from optikit.assignment import GAP, Allocation
from optikit.assignment.generalized.explain import impossible
from tests.assignment.generalized.strategies import gaps
from tests.naive import gap as naive


def reasons(problem):
    return [str(reason) for reason in ok.explain(problem).reasons]


def test_a_job_that_fits_nowhere():
    problem = GAP([[1, 1], [1, 1]], [[3, 9], [4, 8]], [5, 6], agent_names=["Ann", "Bob"], job_names=["wash", "dry"])
    assert reasons(problem) == ["dry fits no agent: the nearest is Bob, whose capacity 6 is 2 short of its demand 8"]
    assert impossible(problem)[0].size == 2
    result = ok.solve(problem)
    assert result.status is ok.Status.INFEASIBLE
    assert "dry fits no agent" in result.message


def test_a_job_whose_pairs_are_all_forbidden():
    problem = GAP([[1, float("inf")]], [1, 1], [5])
    assert reasons(problem) == ["job 1 fits no agent: all its pairs are forbidden"]


def test_jobs_that_fit_one_agent_only():
    problem = GAP([[1, 1, 1], [1, 1, 1]], [[4, 4, 1], [9, 9, 1]], [7, 8])
    assert reasons(problem) == ["job 0 and job 1 fit agent 0 only, and take 8: 1 more than its capacity 7"]


def test_more_demand_than_capacity():
    problem = GAP([[1] * 4, [1] * 4], [[3, 3, 2, 2], [2, 4, 3, 2]], [5, 3])
    sentence = "the jobs take 9 at least, each of the agent where it takes least, and all agents together have 8: 1 too little"
    assert reasons(problem) == [sentence]
    assert naive.brute_force(problem) is None


def test_more_demand_than_capacity_in_parts():
    """In the unit of the demands there is room enough, as the second agent counts in hundreds."""
    problem = GAP([[1] * 3, [1] * 3], [[3, 3, 3], [70, 70, 70]], [4, 100])
    (sentence,) = reasons(problem)
    assert sentence.startswith("counted in parts of the agents' capacities, the jobs take 2.1 agents at least")
    assert naive.brute_force(problem) is None


def test_overloads_by_how_much_and_what_would_help():
    problem = GAP([[1, 2, 3], [4, 5, 6]], [2, 3, 4], [5, 5])
    told = ok.explain(problem, Allocation([0, 0, 0]))
    assert not told.infeasible
    assert "agent 0 is overloaded: 9 of 5, 4 too much; without job 2 (4) it is not" in told.facts
    assert [str(violation) for violation in told.violations] == ["agent 0 carries 9, 4 more than its capacity 5"]


def test_what_binds():
    problem = GAP([[1, 2, 3], [4, 5, 6]], [2, 3, 4], [5, 4])
    told = ok.explain(problem, Allocation([0, 0, 1]))
    assert "even where they take least, the jobs take 95.0% of all capacity: it is tight" not in told.facts
    assert "agent 0 and agent 1 are full to within a hundredth" in told.facts
    assert "the agents carry 9 of 9: 100.0%" in told.facts
    assert any(fact.startswith("no allocation costs less than 9 ") for fact in told.facts)


def test_what_is_left_out():
    problem = GAP([[1, 2]], [2, 2], [3], leave_out=9)
    facts = ok.explain(problem, Allocation([0, -1])).facts
    assert "job 1 is left out" in facts
    assert "2 jobs, one agent" in facts


@given(gaps(max_jobs=5))
@settings(max_examples=60)
def test_whatever_is_called_impossible_is(problem):
    if impossible(problem):
        assert naive.brute_force(problem) is None
    assert str(ok.explain(problem))
