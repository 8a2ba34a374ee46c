"""The problem and its judge: what is taken, what is refused and in which words, and values against a plain reference."""

from __future__ import annotations

import itertools
import math
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import sparse

from optikit.assignment import Assignment, LinearAssignment
from optikit.errors import EntryError, InvalidProblemError, InvalidSolutionError
from optikit.testing import check_problem
from tests.assignment.linear.strategies import problems

INF = math.inf


@given(problems(max_lines=3))
@settings(max_examples=60, deadline=None)
def test_values_and_rules_are_those_of_the_reference(pair):
    problem, reference = pair
    solutions, nonsense = [], []
    for choice in reference.choices():
        assignment = Assignment([-1 if column is None else column for column in choice])
        value = reference.value(choice)
        assert bool(problem.check(assignment)) == (value is not None)
        if value is None:
            nonsense.append(assignment)
        else:
            assert problem.evaluate(assignment) == float(value)
            solutions.append(assignment)
    check_problem(problem, solutions[:3], nonsense[:3])


@pytest.mark.parametrize(
    ("cost", "options", "words"),
    [
        ([[1, math.nan]], {}, r"cost\[0, 1\] is nan; expected a finite number; inf forbids"),
        ([[1, -INF]], {}, r"cost\[0, 1\] is -inf; .* inf forbids a pair where costs are minimised"),
        ([[1, INF]], {"maximize": True}, r"cost\[0, 1\] is inf; .* -inf forbids a pair where profits are maximised"),
        ([[1, 2], [3]], {}, r"cost\[0\] has 2 entries, cost\[1\] has 1"),
        ([], {}, r"cost has shape \(0,\)"),
        ([[]], {}, "at least one row and one column"),
        (np.zeros((0, 3)), {}, "at least one row and one column"),
        (np.zeros((2, 2, 2)), {}, r"expected \(num_rows, num_columns\)"),
        ("abc", {}, "expected a number"),
        ([["a", 1]], {}, r"cost\[0, 0\] is 'a'"),
        ([[True]], {}, r"cost\[0, 0\] is True"),
        ([[2**63]], {}, "64 bits"),
        ([[2**61, 0]], {}, "too much for 64-bit integers"),
        ([[1e300, 0]], {}, "too much for floats"),
        ([[1]], {"maximize": "yes"}, "expected True or False"),
        ([[1]], {"objective": np.zeros((2, 2))}, "expected 'sum' or 'bottleneck'"),
        ([[1]], {"name": 5}, "name is 5; expected text"),
        ([[1]], {"row_names": b"x"}, "expected a sequence of names"),
        ([[1]], {"objective": "botleneck"}, "did you mean 'bottleneck'"),
        ([[1, 2]], {"capacity": [1]}, r"capacity has shape \(1,\), expected \(2,\)"),
        ([[1, 2]], {"capacity": [1, -1]}, r"capacity\[1\] is -1; a capacity is >= 0"),
        ([[1, 2]], {"capacity": 1.5}, r"capacity\[0\] is 1.5; expected a whole number"),
        ([[1, 2]], {"capacity": INF}, "expected a finite number; of a column without limit, say 1"),
        ([[1, 2]], {"leave_row": math.nan}, r"leave_row\[0\] is nan"),
        ([[1, 2]], {"leave_row": -INF}, r"leave_row\[0\] is -inf"),
        ([[1, 2]], {"leave_column": [1, 2, 3]}, r"leave_column has shape \(3,\)"),
        ([[1, 2]], {"row_names": ["a", "b"]}, "row_names has 2 entries, expected 1"),
        ([[1, 2]], {"column_names": ["a", "a"]}, r"the name 'a' stands twice \(columns 0 and 1\)"),
        ([[1, 2]], {"forbidden": [[0, 1]]}, r"expected a matrix of True .*; .astype\(bool\) makes it of 0 and 1"),
        ([[1, 2]], {"forbidden": [[True]]}, "expected that of cost"),
        ([[1, 2], [3, 4]], {"forbidden": [[True], [True, False]]}, "forbidden is not rectangular"),
        (sparse.csr_array((0, 4)), {}, "at least one row"),
        (
            sparse.coo_array(([1.0, 2.0], ([0, 0], [1, 1])), shape=(2, 2)),
            {},
            r"cost\[0, 1\] stands twice; keep one entry, or call .sum_dup",
        ),
        (sparse.coo_array([1.0, 2.0]), {}, r"cost has shape \(2,\), expected \(num_rows, num_columns\)"),
        (sparse.csr_array(np.eye(2, dtype=bool)), {}, r"cost holds bool; expected ints or floats; .astype\(int\)"),
        (sparse.coo_array(([math.nan], ([1], [0])), shape=(2, 2)), {}, r"cost\[1, 0\] is nan; .* leave a forbidden pair out"),
        (sparse.coo_array(([1j], ([1], [0])), shape=(2, 2)), {}, "expected ints or floats"),
    ],
)
def test_refusals_name_what_is_wrong(cost, options, words):
    with pytest.raises(InvalidProblemError, match=words):
        LinearAssignment(cost, **options)


def test_entry_errors_bear_the_place():
    with pytest.raises(EntryError) as caught:
        LinearAssignment([[1.0, 2.0], [3.0, math.nan]])
    assert caught.value.index == (1, 1)


def test_explicit_zeros_of_sparse_costs_are_costs():
    matrix = sparse.csr_array(([0, 7, 0], ([0, 0, 1], [0, 1, 1])), shape=(2, 2))
    problem = LinearAssignment(matrix)
    assert problem.cost.data.tolist() == [0, 7, 0]
    assert problem.evaluate(Assignment([0, 1])) == 0.0
    assert problem.check(Assignment([1, 0])).violations[0].message == "row 1 may not go to column 0"


@pytest.mark.parametrize("form", ["csr", "csc", "coo", "lil", "dok", "bsr"])
def test_all_sparse_forms_are_read(form):
    dense = np.array([[0, 3, 0], [5, 0, 1]])
    problem = LinearAssignment(sparse.coo_array(dense).asformat(form))
    assert [problem.evaluate(Assignment(pair)) for pair in ((1, 0), (1, 2))] == [8.0, 4.0]


@pytest.mark.parametrize("form", ["bsr", "dia"])
def test_zeros_that_a_sparse_form_fills_in_are_no_costs(form):
    dense = np.array([[4, 0, 3, 1], [2, 7, 0, 5], [3, 0, 2, 2], [1, 1, 1, 1]])
    options = {"blocksize": (2, 2)} if form == "bsr" else {}
    filled = getattr(sparse.csr_array(dense), f"to{form}")(**options)
    with pytest.raises(InvalidProblemError, match=rf"cost is in {form.upper()} format, whose .* have \d zeros.*pass coo_array"):
        LinearAssignment(filled)
    full = getattr(sparse.csr_array(dense + 1), f"to{form}")(**options)
    assert np.array_equal(LinearAssignment(full).cost.data.reshape(4, 4), dense + 1)


def test_unsorted_rows_are_sorted_and_infinite_entries_dropped():
    matrix = sparse.csr_array((np.array([2.0, 1.0, INF]), np.array([2, 0, 1]), np.array([0, 3])), shape=(1, 3))
    problem = LinearAssignment(matrix)
    assert problem.cost.indices.tolist() == [0, 2]
    assert problem.cost.data.tolist() == [1.0, 2.0]


def test_large_matrices_are_lent_and_small_ones_copied():
    large = np.zeros((3000, 3000))
    problem = LinearAssignment(large, maximize=True)
    assert np.shares_memory(problem.cost, large)
    assert not problem.cost.flags.writeable
    assert large.flags.writeable
    small = np.zeros((3, 3))
    assert not np.shares_memory(LinearAssignment(small).cost, small)


def test_ints_stay_exact():
    big = 2**55 + 1
    problem = LinearAssignment([[big, big + 2], [big, big + 4]])
    assert problem.whole
    assert problem.cost.dtype == np.int64
    assert problem.evaluate(Assignment([1, 0])) == float(2 * big + 2)


def test_leaving_out_in_fractions_makes_floats_of_ints():
    problem = LinearAssignment([[1, 2]], leave_row=0.5)
    assert problem.cost.dtype == np.float64
    assert LinearAssignment([[1, 2]], leave_row=[INF]).whole
    with pytest.raises(InvalidProblemError, match="leaving out costs fractions"):
        LinearAssignment([[2**55 + 1, 2]], leave_row=0.5)


def test_what_is_left_out_by_default():
    wide, tall, capacity = LinearAssignment([[1, 2]]), LinearAssignment([[1], [2]]), LinearAssignment([[1], [2]], capacity=2)
    assert wide.check(Assignment([1]))
    assert not wide.check(Assignment([-1]))
    assert tall.check(Assignment([-1, 0]))
    assert [v.rule for v in tall.check(Assignment([-1, -1]))] == ["left empty"]
    assert capacity.check(Assignment([0, 0]))
    assert [v.rule for v in capacity.check(Assignment([0, -1]))] == ["left out"]


def test_overloads_say_by_how_much():
    problem = LinearAssignment([[1, 1]] * 4, capacity=[2, 2], column_names=["van", "car"], row_names=list("abcd"))
    report = problem.check(Assignment([0, 0, 0, 1]))
    assert [(v.rule, v.message, v.size) for v in report] == [("overload", "van takes 3 rows, 1 more than its 2", 1.0)]


def test_terms_add_up():
    problem = LinearAssignment([[4, 9], [2, 1]], leave_row=[3, 5], leave_column=7)
    assert problem.terms(Assignment([-1, 1])) == {"pairs": 1.0, "rows left out": 3.0, "columns left out": 7.0}
    profits = LinearAssignment([[4, 9], [2, 1]], maximize=True, leave_row=[3, 5], leave_column=7)
    assert profits.evaluate(Assignment([-1, 1])) == 1 - 3 - 7


@pytest.mark.parametrize(
    ("column_of", "words"),
    [
        ([0.5, 1], r"column_of\[0\] is 0.5"),
        ("01", "expected a sequence"),
        (3, "expected a sequence"),
        ([True, 0], r"column_of\[0\] is True"),
        ([2**70, 0], "expected the position of a column"),
    ],
)
def test_assignments_are_ints(column_of, words):
    with pytest.raises(InvalidSolutionError, match=words):
        Assignment(column_of)


def test_evaluate_refuses_what_is_of_another_problem():
    problem = LinearAssignment([[1, 2], [3, 4]])
    for column_of, words in (([0], "1 entries, expected 2"), ([0, 2], r"column_of\[1\] is 2; columns are 0 to 1")):
        with pytest.raises(InvalidSolutionError, match=words):
            problem.evaluate(Assignment(column_of))
        assert not problem.check(Assignment(column_of))


def test_assignments_compare_hash_and_pickle():
    one, other = Assignment([1, -1, 0]), Assignment(np.array([1, -1, 0]))
    assert one == other
    assert hash(one) == hash(other)
    again = pickle.loads(pickle.dumps(one))
    assert again == one
    assert not again.column_of.flags.writeable
    assert Assignment(range(20)) != one
    assert "20 rows" in repr(Assignment(range(20)))


def test_forms_with_nonsense_are_refused():
    form = LinearAssignment([[1, 2]]).to_dict()
    for changes in (
        {"cost": 5},
        {"cost": [[1], 2]},
        {"cost": {"indptr": [0]}},
        {"capacity": "x"},
        {"leave_row": [[1]]},
        {"maximize": 3},
    ):
        with pytest.raises(InvalidProblemError):
            LinearAssignment.from_dict({**form, **changes})
    with pytest.raises(InvalidProblemError, match="lacks 'cost'"):
        LinearAssignment.from_dict({key: value for key, value in form.items() if key != "cost"})


def test_fingerprints_tell_variants_apart():
    cost = [[1, 2], [3, 4]]
    variants = [
        LinearAssignment(cost),
        LinearAssignment(np.array(cost, float)),
        LinearAssignment(cost, maximize=True),
        LinearAssignment(cost, objective="bottleneck"),
        LinearAssignment(cost, capacity=1),
        LinearAssignment(cost, leave_row=1),
        LinearAssignment(cost, leave_column=1),
        LinearAssignment(sparse.csr_array(cost)),
        LinearAssignment(cost, row_names=["a", "b"]),
    ]
    for one, other in itertools.combinations(variants, 2):
        assert one != other


def test_fingerprints_of_large_matrices_tell_any_change():
    """Hashes of rows are not sha256: a change of one entry, of signs, and of places must show all the same."""
    rng = np.random.default_rng(0)
    cost = rng.normal(size=(150, 150))
    changed = [cost.copy() for _ in range(6)]
    changed[0][7, 9] = np.nextafter(cost[7, 9], np.inf)
    changed[1][7, [3, 9]] *= -1
    changed[2][7, [3, 9]] = cost[7, [9, 3]]
    changed[3][[3, 9]] = cost[[9, 3]]
    changed[4][0, 0] = np.inf
    changed[5] = changed[5].T
    prints = {LinearAssignment(matrix).fingerprint for matrix in [cost, *changed]}
    assert len(prints) == 7
    assert LinearAssignment(cost).fingerprint == LinearAssignment(np.asfortranarray(cost)).fingerprint
    whole = np.arange(150 * 150).reshape(150, 150)
    assert LinearAssignment(whole).fingerprint != LinearAssignment(whole.astype(float)).fingerprint
    assert LinearAssignment(whole).fingerprint != LinearAssignment(whole, leave_row=1).fingerprint


def test_solving_loads_numpy_and_nothing_else():
    script = """
import sys, numpy as np, optikit as ok
from optikit.assignment import LinearAssignment
for objective in ("sum", "bottleneck"):
    assert ok.solve(LinearAssignment(np.eye(3), objective=objective)).status is ok.Status.OPTIMAL
loaded = {name.partition(".")[0] for name in sys.modules}
print(sorted(loaded & {"scipy", "pandas", "ortools", "pulp", "highspy", "networkx", "matplotlib", "joblib"}))
"""
    environment = {**os.environ, "OPTIKIT_KERNELS": "python"}  # compiling takes numba, which takes more
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == "[]"
