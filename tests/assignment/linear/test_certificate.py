"""Certificates are judged: what they prove is never more than what is true, and nonsense is refused."""

from __future__ import annotations

import json
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import optikit as ok
from optikit import Result, Status
from optikit.assignment import Assignment, DualPrices, LinearAssignment
from optikit.assignment.linear import HallViolator
from optikit.assignment.linear.certificate import Certificate, tight
from optikit.assignment.linear.potentials import prices_of
from optikit.errors import InvalidResultError, InvalidSolutionError
from tests.assignment.linear.strategies import problems

INF = math.inf
SQUARE = LinearAssignment([[4, 1, 3], [2, 0, 5], [3, 2, 2]])


def exact_bound(problem, u, v):
    """The least of the dual's objective over u lowered to where they are feasible, in fractions; costs minimised."""
    dense = np.array(problem.cost)
    total = Fraction(0)
    for row in range(problem.num_rows):
        rest = [Fraction(c) - Fraction(p) for c, p in zip(dense[row].tolist(), v.tolist()) if math.isfinite(c)]
        total += min([Fraction(u[row]), *rest])
    return total + sum(Fraction(p) for p in v.tolist())


@given(st.integers(0, 10_000))
@settings(max_examples=100, deadline=None)
def test_bounds_of_float_prices_are_exact_to_the_last_rounding(seed):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 6))
    scale = 10.0 ** rng.integers(-6, 7)
    problem = LinearAssignment(rng.normal(size=(size, size)) * scale + rng.choice([0, 1e6]))
    v = rng.normal(size=size) * scale * 1.1
    prices = tight(problem, v)
    bound = problem.proved(prices)
    exact = exact_bound(problem, prices.row_prices.tolist(), prices.column_prices)
    assert math.isclose(bound, float(exact), rel_tol=3e-16, abs_tol=1e-300)
    raised = DualPrices(prices.row_prices + 1e-9 * scale, prices.column_prices)
    exact = exact_bound(problem, raised.row_prices.tolist(), raised.column_prices)
    assert math.isclose(problem.proved(raised), float(exact), rel_tol=3e-16, abs_tol=1e-300)


@given(problems(objective="sum", max_lines=3))
@settings(max_examples=60, deadline=None)
def test_no_prices_prove_more_than_the_optimum(pair):
    problem, reference = pair
    best = reference.optimum()
    rng = np.random.default_rng(problem.num_rows)
    for _ in range(3):
        v = rng.integers(-9, 9, problem.num_columns) if problem.whole else rng.normal(size=problem.num_columns) * 5
        bound = problem.proved(tight(problem, v))
        if best is not None:
            slack = 1e-9 * max(1, abs(float(best)))
            assert bound >= best - slack if problem.maximize else bound <= best + slack


@given(problems(objective="sum", max_lines=3))
@settings(max_examples=60, deadline=None)
def test_prices_are_found_from_an_optimal_assignment_alone(pair):
    problem, reference = pair
    best = reference.optimum()
    if best is None:
        return
    choice = next(choice for choice in reference.choices() if reference.value(choice) == best)
    assignment = Assignment([-1 if column is None else column for column in choice])
    bound = problem.proved(prices_of(problem, assignment))
    assert math.isclose(bound, float(best), rel_tol=1e-9, abs_tol=1e-6)


def test_integer_prices_are_exact_beyond_floats():
    big = 2**56
    problem = LinearAssignment([[big + 1, big], [big, big + 1]])
    result = ok.solve(problem)
    assert result.certificate.row_prices.dtype == np.int64
    assert sum(result.certificate.row_prices.tolist()) + sum(result.certificate.column_prices.tolist()) == 2 * big


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        (DualPrices([5, 0, 0], [0, 0, 0]), r"row_prices\[0\] is 5, but its cheapest column leaves 1"),
        (DualPrices([1, 0], [0, 0, 0]), "row_prices has 2 entries, expected 3"),
        (DualPrices([1.0, 0.0, 0.0], [0, 0, 0]), "prices of a problem in ints are ints"),
        (DualPrices([0, 0, 0], [-(2**62), 0, 0]), "less than 2"),
        (HallViolator("rows", [0, 1]), "the set proves nothing"),
        (HallViolator("rows", [0, 7]), "expected rows, 0 to 2"),
        (HallViolator("rows", [1, 0]), "ascending"),
        (HallViolator("rows", [0], 3.0), "bounds bottlenecks"),
        ("prices", "expected DualPrices or a HallViolator"),
    ],
)
def test_what_proves_nothing_is_refused(certificate, words):
    with pytest.raises(InvalidResultError, match=words):
        SQUARE.proved(certificate)


def test_prices_above_what_leaving_out_costs_are_refused():
    problem = LinearAssignment([[9, 9]], leave_row=2)
    with pytest.raises(InvalidResultError, match="leaving it out costs 2"):
        problem.proved(DualPrices([3], [0, 0]))
    with pytest.raises(InvalidResultError, match=r"column_prices\[1\] is 1, but leaving it out costs 0"):
        problem.proved(DualPrices([0], [0, 1]))


def test_lines_that_may_be_left_out_prove_nothing():
    problem = LinearAssignment([[1], [1]], leave_row=5)
    with pytest.raises(InvalidResultError, match="rows 0 may be left out"):
        problem.proved(HallViolator("rows", [0, 1]))


def test_prices_of_a_bottleneck_are_refused():
    with pytest.raises(InvalidResultError, match="a bottleneck"):
        SQUARE.replace(objective="bottleneck").proved(DualPrices([0, 0, 0], [0, 0, 0]))


@pytest.mark.parametrize("prices", [[math.nan, 0], [[1]], "x", [None]])
def test_prices_are_finite_numbers(prices):
    with pytest.raises(InvalidSolutionError, match="row_prices is"):
        DualPrices(prices, [0.0])


@pytest.mark.parametrize("given", [(np.zeros((2, 2)), [0]), ("rows", [[1, 2], [3]]), ("rows", ["a"]), ("rows", [0], "x")])
def test_sets_of_halls_are_positions(given):
    with pytest.raises(InvalidSolutionError, match="expected"):
        HallViolator(*given)


@pytest.mark.parametrize("problem", [None, [[1]], "x"])
def test_certificates_are_asked_about_assignments(problem):
    for ask in (DualPrices([1], [1]).reduced_costs, HallViolator("rows", [0]).neighbours):
        with pytest.raises(InvalidResultError, match="expected a LinearAssignment"):
            ask(problem)
    with pytest.raises(InvalidResultError, match="1 row prices and 1 column prices"):
        DualPrices([1], [1]).reduced_costs(SQUARE)


def test_certificates_have_forms():
    for certificate in (DualPrices([1, 2], [3, 4]), DualPrices([0.5], [0.1]), HallViolator("columns", [0, 2], 1.5)):
        assert Certificate.from_dict(json.loads(certificate.to_json())) == certificate
    for form in (
        {"kind": "guess"},
        {"kind": "dual prices"},
        {"kind": "Hall violator", "axis": "x", "lines": [], "better_than": None},
    ):
        with pytest.raises(InvalidSolutionError):
            Certificate.from_dict({"schema_version": 1, **form})


def test_results_carry_the_certificate_through_json():
    result = ok.solve(SQUARE)
    assert isinstance(result.certificate, DualPrices)
    again = Result.from_json(result.to_json(), SQUARE)
    assert again.certificate == result.certificate
    form = result.to_dict()
    form["certificate"]["row_prices"] = [0, 0, 0]
    with pytest.raises(InvalidResultError, match="the certificate proves"):
        Result.from_json(json.dumps(form), SQUARE)
    form["certificate"]["row_prices"] = [100, 0, 0]
    with pytest.raises(InvalidResultError, match="no dual prices"):
        Result.from_json(json.dumps(form), SQUARE)


def test_a_claim_of_infeasibility_is_judged_when_it_is_read():
    inf = math.inf
    problem = LinearAssignment([[1, inf, inf], [1, inf, inf], [1, 2, 3]])
    result = ok.solve(problem)
    assert result.status is Status.INFEASIBLE
    form = result.to_dict()
    assert Result.from_json(json.dumps(form), problem).certificate == result.certificate
    form["certificate"]["lines"] = [0, 2]
    with pytest.raises(InvalidResultError, match="proves nothing"):
        Result.from_json(json.dumps(form), problem)


def test_reduced_costs_are_those_of_the_prices():
    result = ok.solve(SQUARE)
    reduced = result.certificate.reduced_costs(SQUARE)
    assert (reduced >= 0).all()
    assert (reduced[np.arange(3), result.solution.column_of] == 0).all()
    by_hand = [
        [SQUARE.cost[i, j] - result.certificate.row_prices[i] - result.certificate.column_prices[j] for j in range(3)]
        for i in range(3)
    ]
    assert reduced.tolist() == by_hand


def of_many_magnitudes(seed):
    """Costs, and prices of leaving out, from 1e-10 to 1e10."""
    rng = np.random.default_rng(seed)
    rows, columns = rng.integers(2, 12, 2)
    cost, leave_row, leave_column = (10.0 ** rng.uniform(-10, 10, shape) for shape in ((rows, columns), rows, columns))
    more = {"capacity": rng.integers(1, 4, columns)} if seed % 3 == 1 else {}
    return LinearAssignment(
        cost, leave_row=None if seed % 5 == 1 else leave_row, leave_column=leave_column, maximize=bool(seed % 2), **more
    )


@pytest.mark.parametrize("seed", [0, 80, 84, 98, 204, 266, 342, 432, 596, 866])
def test_costs_of_twenty_decades_are_proved(seed):
    """Prices of the search had lost the digits of small costs to large ones; of 866 the assignment, too, was not the best."""
    problem = of_many_magnitudes(seed)
    result = ok.solve(problem, "jv")
    assert result.status is Status.OPTIMAL
    assert math.isclose(problem.proved(result.certificate), result.objective, rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.parametrize(
    ("cost", "maximize", "more", "left"),
    [
        ([[-114675751362.0]], False, {"capacity": [0], "leave_row": [-3.217645998771985], "leave_column": INF}, -3.217645998771985),
        ([[-INF, -INF, 949315736655]], True, {"capacity": [0, 2, 0], "leave_row": 2.75, "leave_column": [0, 8, 5]}, 2.75 + 2 * 8),
        ([[451225612087.0], [634806401942.0]], True, {"capacity": [0], "leave_row": [3.8125, -5.75]}, 3.8125 - 5.75),
    ],
)
def test_large_costs_of_columns_without_a_place_hide_no_digit(cost, maximize, more, left):
    """Prices of such columns count for nothing, so rounding need not cost the rows theirs."""
    problem = LinearAssignment(cost, maximize, **more)
    result = ok.solve(problem, "jv")
    assert result.status is Status.OPTIMAL
    assert math.isclose(result.objective, -left if maximize else left, rel_tol=1e-12)
    assert math.isclose(problem.proved(result.certificate), result.objective, rel_tol=1e-12)
