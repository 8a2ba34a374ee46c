"""The model of the quadratic assignment: what it takes, what it refuses, and what a placement costs."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optikit.assignment import QAP, Placement, QuadraticAssignment
from optikit.assignment.quadratic.flows import SparseFlow
from optikit.errors import InvalidProblemError, InvalidSolutionError
from tests.naive import qap as naive

from .strategies import qaps

FLOW = [[0, 3, 0], [0, 0, 1], [0, 0, 0]]
WAYS = [[0, 5, 2], [5, 0, 4], [2, 4, 0]]


def test_the_short_name_is_the_same_class():
    assert QAP is QuadraticAssignment


@given(qaps(), st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_evaluate_is_the_sum_of_products(problem, random):
    locations = tuple(random.sample(range(problem.num_locations), problem.num_facilities))
    exact = naive.cost_of(problem, locations)
    value = problem.evaluate(Placement(locations))
    assert math.isclose(value, exact, rel_tol=1e-12, abs_tol=problem.error)
    if problem.sums_are_exact:
        assert value == exact
    assert bool(problem.check(Placement(locations))) == naive.is_allowed(problem, locations)


@given(qaps())
@settings(max_examples=50)
def test_json_keeps_everything(problem):
    again = QuadraticAssignment.from_json(problem.to_json())
    assert again == problem
    assert again.to_dict() == problem.to_dict()


def test_the_diagonal_counts():
    assert QAP([[2, 0], [0, 0]], [[7, 1], [1, 0]]).evaluate(Placement([0, 1])) == 14


def test_formats_of_scipy_are_one():
    sparse = pytest.importorskip("scipy.sparse")
    dense = QAP(FLOW, WAYS)
    for make in (sparse.csr_matrix, sparse.csc_array, sparse.coo_array, sparse.lil_matrix):
        problem = QAP(make(np.array(FLOW)), WAYS)
        assert isinstance(problem.flow, SparseFlow)
        assert problem.flow.toarray().tolist() == FLOW
        assert problem.evaluate(Placement([0, 1, 2])) == dense.evaluate(Placement([0, 1, 2])) == 19
    twice = sparse.coo_array(([1, 2, 0], ([0, 0, 1], [1, 1, 2])), shape=(3, 3))
    assert QAP(twice, WAYS).flow.toarray().tolist() == [[0, 3, 0], [0, 0, 0], [0, 0, 0]]
    assert QAP(FLOW, sparse.csr_array(np.array(WAYS))) == dense
    with pytest.raises(InvalidProblemError, match=r"distance\[0, 1\] stands twice; keep one entry, or call .sum_duplicates"):
        QAP(FLOW, twice)
    with pytest.raises(InvalidProblemError, match=r"forbidden holds int64, one a facility and location; .astype\(bool\)"):
        QAP(FLOW, WAYS, forbidden=np.zeros((3, 3), np.int64))


def test_sparse_and_dense_have_the_same_entries():
    flow = np.zeros((30, 30), np.int64)
    flow[3, 7], flow[7, 3], flow[29, 0] = 4, 5, -2
    sparse = SparseFlow(30, [29, 7, 3], [0, 3, 7], [-2, 5, 4])
    for ours, theirs in zip(QAP(flow, np.ones((30, 30))).entries, QAP(sparse, np.ones((30, 30))).entries):
        assert ours.tolist() == theirs.tolist()


def test_symmetry():
    assert QAP(FLOW, WAYS).symmetric
    assert QAP([[0, 1], [1, 0]], [[0, 1], [2, 0]]).symmetric
    assert not QAP([[0, 1], [2, 0]], [[0, 1], [2, 0]]).symmetric


def test_arrays_are_frozen_and_the_callers_are_not():
    mine = np.array(WAYS)
    problem = QAP(FLOW, mine)
    mine[0, 1] = 99
    assert problem.distance[0, 1] == 5
    with pytest.raises(ValueError, match="read-only"):
        problem.distance[0, 1] = 1


REFUSED = [
    ({"flow": [[0, 1]]}, r"flow has shape \(1, 2\), expected a square; one row and one column a facility"),
    ({"flow": [[0, 1], [2]]}, r"flow is not a rectangular array of numbers \(flow\[0\] has 2 entries, flow\[1\] has 1 entries\)"),
    ({"flow": [[0, math.nan, 0], [0, 0, 0], [0, 0, 0]]}, r"flow\[0, 1\] is nan; expected a finite number"),
    ({"distance": [[0, 1, math.inf], [1, 0, 1], [1, 1, 0]]}, r"distance\[0, 2\] is inf; expected a finite number"),
    ({"distance": [[0, "a", 1]] * 3}, r"distance\[0, 1\] is 'a'; expected a number"),
    ({"distance": [[0, 1], [1, 0]]}, "flow has 3 facilities, but distance only 2 locations; each facility needs one of its own"),
    ({"flow": np.zeros((0, 0))}, "flow has no row"),
    ({"linear": [[1, 2], [3, 4]]}, r"linear has shape \(2, 2\), expected \(3, 3\)"),
    (
        {"linear": [[0, math.inf, 0], [0, 0, 0], [0, 0, 0]]},
        r"linear\[0, 1\] is inf; .* a pair that may not be is named by forbidden",
    ),
    ({"fixed": [(0, 1), (0, 1)]}, r"fixed\[1\] is \(0, 1\), as fixed\[0\] is already; leave one out"),
    ({"fixed": [(3, 1)]}, r"fixed\[0\] names facility 3; positions are 0 to 2"),
    ({"fixed": [(0, -1)]}, r"fixed\[0\] names location -1; positions are 0 to 2"),
    ({"fixed": [(0, 1.0)]}, r"fixed\[0\] is \(0, 1.0\); expected a facility and a location, by their positions"),
    ({"fixed": [(0, 1, 2)]}, r"fixed\[0\] is \(0, 1, 2\); expected a facility and a location"),
    ({"fixed": 7}, "fixed is 7; expected pairs of a facility and a location"),
    ({"fixed": "ab"}, "fixed is 'ab'; expected pairs"),
    ({"forbidden": [(0, 0), (0, 0)]}, r"forbidden\[1\] is \(0, 0\), as forbidden\[0\] is already"),
    ({"forbidden": np.zeros((2, 2), bool)}, r"forbidden has shape \(2, 2\), expected \(3, 3\)"),
    ({"forbidden": {"a": "b"}}, r"forbidden\[0\] is \('a', 'b'\); expected a facility and a location, by their positions"),
    ({"maximize": "yes"}, "maximize is 'yes'; expected True or False"),
    ({"facilities": ["a", "b"]}, "facilities has 2 names, expected 3"),
    ({"facilities": ["a", "b", "a"]}, r"the name 'a' stands twice \(facilities 0 and 2\)"),
    ({"locations": [1.5, 2, 3]}, r"locations\[0\] is 1.5; a name is text or a whole number"),
    ({"places": [(0, 0)]}, r"places has shape \(1, 2\), expected \(3, 2\)"),
    ({"name": 3}, "name is 3; expected text"),
    ({"flow": [[0, 2**62, 0]] * 3}, "add up to .*, more than the .* that costs may reach; use a larger unit"),
    (
        {"flow": np.full((3, 3), 10**9), "distance": np.full((3, 3), 10**9)},
        "flows of up to 1,000,000,000 times distances .* add up to 9e\\+18",
    ),
    ({"flow": np.full((3, 3), 1e200), "distance": np.full((3, 3), 1e200)}, "adds up to more than floats hold"),
    ({"flow": np.full((3, 3), 1e-200), "distance": np.full((3, 3), 1e-200)}, "so near to zero floats lose their digits"),
    ({"flow": [[True, False, False]] * 3}, r"flow\[0, 0\] is True; expected a number"),
    ({"flow": [[0, 10**30, 0]] * 3}, "an int fits in 64 bits; use a larger unit"),
    ({"flow": {"a": 1}}, "flow is not|flow has shape|flow is "),
    ({"flow": None}, "flow"),
]


@pytest.mark.parametrize(("changes", "said"), REFUSED)
def test_refusals(changes, said):
    with pytest.raises(InvalidProblemError, match=said):
        QuadraticAssignment(**{"flow": FLOW, "distance": WAYS, **changes})


def test_sparse_refusals():
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(InvalidProblemError, match="linear is sparse, which does not say what a pair costs that is left out"):
        QAP(FLOW, WAYS, linear=sparse.eye(3).tocsr())
    with pytest.raises(InvalidProblemError, match=r"flow has shape \(2, 3\), expected a square"):
        QAP(sparse.csr_array((2, 3)), WAYS)
    with pytest.raises(InvalidProblemError, match=r"flow.amounts\[0\] is nan"):
        QAP(sparse.csr_array(np.array([[0, math.nan], [0, 0]])), WAYS)
    with pytest.raises(InvalidProblemError, match=r"flow.tails\[1\] is 9; facilities are 0 to 2"):
        SparseFlow(3, [0, 9], [1, 1], [1, 1])
    with pytest.raises(InvalidProblemError, match=r"flow.amounts is not a rectangular array"):
        SparseFlow(2, [0, 0], [1, 1], [[1], [2, 3]])
    with pytest.raises(InvalidProblemError, match=r"flow.amounts of one pair add up to more"):
        SparseFlow(2, [0, 0], [1, 1], [2**62, 2**62])


@pytest.mark.parametrize(
    "change", [{"flow": 3}, {"fixed": [[0]]}, {"schema_version": 9}, {"problem": "TSP"}, {"more": 1}, {"flow": {"size": 2}}]
)
def test_json_from_elsewhere_is_refused(change):
    data = {**QAP(FLOW, WAYS).to_dict(), **change}
    with pytest.raises(InvalidProblemError):
        QuadraticAssignment.from_json(json.dumps(data))


def test_solutions_of_other_problems():
    problem = QAP(FLOW, WAYS)
    with pytest.raises(InvalidSolutionError, match="locations has 2 entries, expected 3"):
        problem.evaluate(Placement([0, 1]))
    with pytest.raises(InvalidSolutionError, match=r"locations\[2\] is 3; locations are 0 to 2"):
        problem.evaluate(Placement([0, 1, 3]))
    for given_ in ([0.5], "012", 3, [True], [None], [2**70]):
        with pytest.raises(InvalidSolutionError, match="locations"):
            Placement(given_)


def test_violations_in_words():
    problem = QAP(FLOW, WAYS, fixed={0: 2}, forbidden=[(1, 1)], facilities=["saw", "drill", "paint"], locations=["A", "B", "C"])
    report = problem.check(Placement([1, 1, 7]))
    assert [violation.rule for violation in report] == ["taken twice", "forbidden", "unknown location", "fixed"]
    assert [str(violation) for violation in report] == [
        "'saw' (0) and 'drill' (1) are both at 'B' (1)",
        "'drill' (1) may not be at 'B' (1)",
        "'paint' (2) is at location 7; locations are 0 to 2",
        "'saw' (0) is fixed at 'C' (2), but is not there",
    ]
    assert problem.check(Placement([2])).violations[0].size == 2


@given(qaps())
@settings(max_examples=50)
def test_ticks_are_within_the_error(problem):
    """Every placement's cost in ticks is its objective, but for the error that the lattice states."""
    lattice = problem.lattice
    tails, heads, amounts = problem.entries
    locations = list(range(problem.num_facilities))
    ways = problem.distance[np.ix_(locations, locations)]
    ticks = int((lattice.flow_ticks(amounts) * lattice.distance_ticks(ways)[tails, heads]).sum())
    if problem.linear is not None:
        ticks += int(np.diagonal(lattice.cost_ticks(problem.linear)).sum())
    assert abs(ticks) <= lattice.most
    exact = naive.cost_of(problem, tuple(locations))
    assert abs(float(exact - ticks) if lattice.scale == 1 else float(exact) - lattice.units(ticks)) <= problem.error + 1e-12 * abs(
        exact
    )
    if lattice.whole:
        assert ticks == exact


def test_no_linear_costs_beside_fine_flows_and_distances():
    """Both have scales of their own, whose product may be beyond an int of C."""
    problem = QAP([[1 / 3]], [[1 / 7000]], [[0]])
    assert problem.lattice.scale > 2.0**63
    assert problem.lattice.cost_ticks(problem.linear).tolist() == [[0]]
    assert problem.lattice.cost_ticks(np.zeros((1, 1))).tolist() == [[0]]
