"""Every registered solver of linear assignment against the laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.sparse import csr_array

from optikit import Status
from optikit.assignment import Assignment, LinearAssignment
from optikit.core import registry
from optikit.testing import check_auto, check_problem, check_solver
from tests.naive.assignment import Reference

INF = math.inf
NAMES = [entry.name for entry in registry.menu(LinearAssignment)]

COST = [[4, 1, 3, 9], [2, 0, 5, 8], [3, 2, 2, 7], [8, 8, 1, 6]]
FORMS = {
    "ints": {"cost": COST},
    "floats": {"cost": [[cost + 0.25 for cost in row] for row in COST]},
    "wide": {"cost": COST[:2]},
    "tall, maximised": {"cost": [row[:2] for row in COST], "maximize": True},
    "forbidden": {"cost": [[4, None, 3, 9], [None, 0, 5, 8], [3, 2, None, 7], [8, 8, 1, None]]},
    "partial": {"cost": COST, "leave_row": [1, 2, 3, 4], "leave_column": [0, 0, 1, math.inf]},
    "semi": {"cost": COST, "capacity": [3, 1, 0, 2]},
    "bottleneck": {"cost": COST, "objective": "bottleneck"},
    "semi, the largest least": {"cost": COST, "objective": "bottleneck", "capacity": [2, 2, 1, 0], "maximize": True},
    "none": {"cost": [[1, None, None], [2, None, None], [1, 1, 1]]},
}
ENDLESS = ("milp", "cbc", "networkx")
"""Programs and processes of their own, which take a while to start: three instances are enough for them."""

CASES = [(name, form) for name in NAMES for form in (("ints", "partial", "none") if name in ENDLESS else FORMS)]


def problem_of(form):
    options = dict(FORMS[form])
    cost = options.pop("cost")
    never = -INF if options.get("maximize") else INF
    if form == "forbidden":
        rows, columns = np.nonzero([[value is not None for value in row] for row in cost])
        data = [cost[row][column] for row, column in zip(rows, columns)]
        return LinearAssignment(csr_array((data, (rows, columns)), shape=(len(cost), len(cost[0]))), **options)
    return LinearAssignment([[never if value is None else value for value in row] for row in cost], **options)


@pytest.mark.parametrize(("name", "form"), CASES)
def test_laws(name, form):
    problem = problem_of(form)
    result = check_solver(registry.find(LinearAssignment, name), problem, seconds=2.0)
    if result is None:
        return
    best = Reference(**FORMS[form]).optimum()
    if best is None:
        assert result.status is Status.INFEASIBLE
        return
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(float(best))
    assert result.bound == pytest.approx(float(best))


@pytest.mark.parametrize("form", FORMS)
def test_problems(form):
    problem, reference = problem_of(form), Reference(**FORMS[form])
    good, bad = [], []
    for choice in reference.choices():
        side = good if reference.value(choice) is not None else bad
        if len(side) < 4:
            side.append(Assignment([-1 if column is None else column for column in choice]))
    check_problem(problem, good, bad)


@pytest.mark.parametrize("form", FORMS)
def test_auto(form):
    check_auto(problem_of(form))
