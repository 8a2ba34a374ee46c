"""Tables in and out: long, wide, pandas and polars, names kept, and refusals that name row and name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from optikit.assignment import GAP, Allocation
from optikit.errors import InvalidProblemError

PAIRS = pd.DataFrame({
    "job": ["wash", "wash", "dry", "dry", "iron"], "agent": ["Ann", "Bob", "Ann", "Bob", "Ann"],
    "cost": [4, 2, 1, 5, 3], "demand": [2, 2, 3, 4, 1],
})  # fmt: skip
CAPACITY = {"Bob": 4, "Ann": 5, "Eve": 1}
WIDE = pd.DataFrame({"wash": [4]}, index=["Ann"])
EXPECTED = GAP(
    [[4, 1, 3], [2, 5, np.inf]], [[2, 3, 1], [2, 4, 0]], [5, 4], agent_names=["Ann", "Bob"], job_names=["wash", "dry", "iron"]
)


@pytest.mark.parametrize("make", [lambda frame: frame, lambda frame: pl.DataFrame(frame.to_dict("list"))], ids=["pandas", "polars"])
def test_a_row_a_pair(make):
    assert GAP.from_frame(make(PAIRS), capacity={"Bob": 4, "Ann": 5}) == EXPECTED
    table = pd.DataFrame({"agent": list(CAPACITY), "capacity": list(CAPACITY.values())})
    problem = GAP.from_frame(make(PAIRS), capacity=make(table))
    assert problem == GAP.from_frame(make(PAIRS), capacity=pd.Series(CAPACITY))
    # An agent whom only the capacities name is there, and can have no job.
    assert problem.agent_names == ("Ann", "Bob", "Eve")
    np.testing.assert_array_equal(problem.cost[:2], EXPECTED.cost)
    assert not problem.allowed[2].any()


def test_an_infinite_cost_forbids_the_pair():
    row = pd.DataFrame({"job": ["iron"], "agent": ["Bob"], "cost": [np.inf], "demand": [0]})
    given = pd.concat([PAIRS, row], ignore_index=True)
    assert GAP.from_frame(given, capacity={"Bob": 4, "Ann": 5}) == EXPECTED
    given["cost"] = given["cost"].replace(np.inf, -np.inf)
    assert not GAP.from_frame(given, capacity={"Bob": 4, "Ann": 5}, maximize=True).allowed[1, 2]


def test_two_wide_tables():
    cost = pd.DataFrame({"wash": [4, 2], "dry": [1, 5], "iron": [3, np.inf]}, index=["Ann", "Bob"])
    demand = pd.DataFrame({"iron": [np.nan, 1], "dry": [4, 3], "wash": [2, 2]}, index=["Bob", "Ann"])
    capacity = {"Bob": 4, "Ann": 5}
    problem = GAP.from_frame(cost, demands=demand, capacity=capacity)
    np.testing.assert_array_equal(problem.cost, EXPECTED.cost)
    np.testing.assert_array_equal(problem.demand, EXPECTED.demand)
    assert (problem.agent_names, problem.job_names) == (EXPECTED.agent_names, EXPECTED.job_names)
    named = pl.DataFrame(cost.reset_index(names="agent").to_dict("list"))
    same = GAP.from_frame(named, demands=pd.Series({"wash": 2, "dry": 3, "iron": 1}), capacity=capacity)
    np.testing.assert_array_equal(same.cost, EXPECTED.cost)
    assert same.demand.tolist() == [[2, 3, 1], [2, 3, 1]]


def test_leaving_out_by_name():
    problem = GAP.from_frame(PAIRS, capacity=CAPACITY, leave_out={"iron": 7}, maximize=True)
    assert problem.leave_out.tolist() == [np.inf, np.inf, 7]
    assert problem.maximize


@pytest.mark.parametrize(
    ("frame", "options", "message"),
    [
        (PAIRS.drop(columns=["job", "agent"]), {}, "there are no columns 'job' and 'agent'.*or give demands="),
        (PAIRS.rename(columns={"cost": "costs"}), {}, "there is no column 'cost'; did you mean 'costs'"),
        (PAIRS, {"cost": "price"}, "there is no column 'price'"),
        (PAIRS, {"capacity": {"Ann": 5}}, "capacity has no agent 'Bob'"),
        (PAIRS, {"capacity": None}, "capacity is missing: expected a mapping of agents to numbers, or a frame"),
        (PAIRS, {"capacity": {**CAPACITY, "Bob": None}}, "capacity of agent 'Bob' is missing; fill it in"),
        (PAIRS, {"capacity": {**CAPACITY, "Bob": "much"}}, "capacity of agent 'Bob' is 'much'; expected a number"),
        (
            PAIRS.assign(cost=[4, None, 1, 5, 3]),
            {},
            r"cost of \"?'Bob' with 'wash'\"? \(row 1\) is missing; fill it in, or drop the row",
        ),
        (PAIRS.assign(cost=[4, -np.inf, 1, 5, 3]), {}, r"\(row 1\) is -inf; expected a finite number"),
        (
            WIDE.assign(dry=[np.nan]),
            {"demands": {"wash": 1, "dry": 1}, "capacity": {"Ann": 1}},
            r"the cost of 'dry' at 'Ann' \(row 0\) is missing; fill it in, with inf where the pair is forbidden",
        ),
        (
            WIDE,
            {"demands": {"wash": 1}},
            "capacity names 'Bob', which is no agent of the table of costs; leave it out, or add it there",
        ),
        (
            WIDE,
            {"demands": {"wash": 1, "wsh": 1}, "capacity": {"Ann": 1}},
            "demands names 'wsh', which is no job of the table of costs; did you mean 'wash'",
        ),
        (
            WIDE,
            {"demands": pd.DataFrame({"wash": [1, 2]}, index=["Ann", "Bob"]), "capacity": {"Ann": 1}},
            "demands names 'Bob', which is no agent",
        ),
        (PAIRS, {"leave_out": {"iron": None}}, "leave_out of job 'iron' is missing"),
        (PAIRS, {"capacity": [5, 4]}, r"capacity is \[5, 4\]; expected a mapping of agents to numbers, or a frame"),
        (
            pd.concat([PAIRS, PAIRS[:1]], ignore_index=True),
            {},
            "'Ann' with 'wash' stands in row 0 and in row 5; a pair stands once",
        ),
        (PAIRS.assign(demand=[2, 2, None, 4, 1]), {}, r"demand of \"?'Ann' with 'dry'\"? \(row 2\) is missing"),
        (PAIRS.assign(job=[1.5, "a", "b", "c", "d"]), {}, "job in row 0 is 1.5; a name is text or a whole number"),
        (PAIRS.assign(agent=["Ann", None, "Ann", "Bob", "Ann"]), {}, "agent in row 1 is missing"),
        (PAIRS, {"leave_out": {"irn": 3}}, "leave_out names 'irn', which is no job of the table of costs; did you mean 'iron'"),
        ([1, 2], {}, "frame is a list; expected a pandas or polars frame"),
        (pd.DataFrame({"a": [1]}, index=["X"]), {"demands": {"b": 1}, "capacity": {"X": 1}}, "demands has no job 'a'"),
        (pd.DataFrame({"a": [1]}, index=["X"]), {"demands": pd.DataFrame({"a": [1]}, index=["Y"])}, "demands has no agent 'X'"),
        (
            pd.DataFrame({"a": ["much"]}, index=["X"]),
            {"demands": {"a": 1}, "capacity": {"X": 1}},
            r"the cost of 'a' at 'X' \(row 0\) is 'much'; expected a number",
        ),
    ],
)
def test_refusals(frame, options, message):
    with pytest.raises(InvalidProblemError, match=message):
        GAP.from_frame(frame, **{"capacity": CAPACITY, **options})


def test_an_allocation_as_a_table():
    problem = EXPECTED.replace(leave_out=[9, 9, 9])
    frame = problem.to_frame(Allocation([1, 0, -1]))
    assert frame["job"].tolist() == ["wash", "dry", "iron"]
    assert frame["agent"].tolist() == ["Bob", "Ann", None]
    assert frame["cost"].sum() == problem.evaluate(Allocation([1, 0, -1]))
    assert frame["demand"].tolist() == [2, 3, 0]
    assert GAP([[1, 2]], [1, 1], [2]).to_frame(Allocation([0, 0]))["agent"].tolist() == [0, 0]
