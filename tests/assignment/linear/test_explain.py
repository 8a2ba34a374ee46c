"""Explanations name the rows and columns that stand in the way, and they are right."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, given, settings

import optikit as ok
from optikit.assignment import Assignment, LinearAssignment
from optikit.assignment.linear.hall import find_violator
from tests.assignment.linear.strategies import problems

INF = math.inf
SHIFTS = LinearAssignment(
    [[1, 2, INF, INF], [3, 1, INF, INF], [2, 2, INF, INF], [INF, 4, 1, 1]],
    row_names=["Ann", "Bob", "Cy", "Di"],
    column_names=["early", "late", "night", "off"],
)


@given(problems())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_it_is_infeasible_exactly_where_there_is_nothing(pair):
    problem, reference = pair
    explanation = ok.explain(problem)
    assert explanation.infeasible == (reference.optimum() is None)
    violator = find_violator(problem)
    assert (violator is not None) == explanation.infeasible
    if violator is not None:
        assert math.isinf(problem.proved(violator))


def test_hall_violators_are_named():
    (reason,) = ok.explain(SHIFTS).reasons
    assert str(reason) == "rows Ann, Bob and Cy can only go to 2 columns: early and late"
    assert reason.size == 1


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (LinearAssignment([[1, INF], [INF, INF]]), "row 1 can go to no column"),
        (LinearAssignment([[1, INF], [1, INF], [2, INF]]), "no row can go to column 1"),
        (LinearAssignment([[1, 1]] * 5, capacity=[2, 2]), "5 rows must be assigned, and the columns take 4; leave_row"),
        (LinearAssignment([[1, 1]] * 3, capacity=[2, 2], leave_column=INF), "the columns must take 4 rows, and there are 3"),
        (
            LinearAssignment([[1, INF], [1, INF], [1, INF], [1, 1]], capacity=[2, 2], column_names=["van", "car"]),
            "rows 0, 1 and 2 can only go to 1 column: van, which take 2 rows: 1 fewer",
        ),
    ],
)
def test_reasons(problem, words):
    explanation = ok.explain(problem)
    assert explanation.infeasible
    assert words in str(explanation)


def test_long_sets_are_cut_short():
    problem = LinearAssignment([[1, INF]] * 20 + [[1, 1]], capacity=[3, 30])
    words = "rows 0, 1, 2, 3, 4, 5, 6, 7 and 12 more can only go to 1 column: 0, which take 3 rows: 17 fewer"
    assert words in str(ok.explain(problem))
    assert words in ok.solve(problem).message


def test_overloads_are_told_by_how_much():
    problem = LinearAssignment([[1, 2]] * 4, capacity=[2, 3], column_names=["van", "car"])
    text = str(ok.explain(problem, Assignment([0, 0, 0, 0])))
    assert "van takes 4 rows, 2 more than its 2" in text


def test_what_binds():
    problem = LinearAssignment(
        [[1, 2], [1, INF]], leave_row=[5, INF], capacity=[1, 2], row_names=["a", "b"], column_names=["x", "y"]
    )
    text = str(ok.explain(problem, ok.solve(problem)))
    assert "b can only go to x" in text
    assert "3 of 4 pairs are allowed (75 %)" in text
    assert "the dearest pair is a to y: 2" in text
    assert "column x is full" in text
    assert "all but one of the rows may be left out" in text
    assert "no assignment costs less than" in text
    left = LinearAssignment([[9, 9], [1, 1]], leave_row=3)
    assert "row 0 is left out" in str(ok.explain(left, ok.solve(left)))
    assert "one row to 2 columns" in (text := str(ok.explain(LinearAssignment([[1, 2]]))))
    assert "one column is left over" in text
    assert "2 rows are left over" in str(ok.explain(LinearAssignment([[1], [2], [3]])))
