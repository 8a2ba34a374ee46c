import json
from dataclasses import replace

import numpy as np
import pytest

from optikit import Result, Status, StopReason
from optikit.core.result import RawSolution, TracePoint
from optikit.core.run import Outcome
from optikit.errors import InvalidResultError

from .toy import Choose, Chosen, Claiming, Sorting

PROBLEM = Choose(np.array([3.0, 1.0]), 1)
PICK = Chosen((0,))
NOTHING = {"status": Status.UNKNOWN, "solution": None, "objective": None}


def make(**fields):
    return Result(**({"status": Status.FEASIBLE, "stop_reason": StopReason.TIME, "solution": PICK, "objective": 3.0} | fields))


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"objective": None}, "a solution and its objective, or neither"),
        ({"status": Status.UNKNOWN}, "OPTIMAL or FEASIBLE"),
        ({"solution": None, "objective": None}, "FEASIBLE needs a solution"),
        ({"status": Status.OPTIMAL, "stop_reason": StopReason.PROVEN}, "OPTIMAL needs a bound"),
        ({"status": Status.OPTIMAL, "stop_reason": StopReason.PROVEN, "bound": 2.9}, "OPTIMAL needs a bound that meets"),
        ({"status": Status.OPTIMAL, "bound": 3.0}, "OPTIMAL ends by FAILED, PROVEN, not by TIME"),
        ({"stop_reason": StopReason.PROVEN}, "FEASIBLE ends by CANCELLED, .*, not by PROVEN"),
        (NOTHING | {"stop_reason": StopReason.PROVEN}, "UNKNOWN ends by .*, not by PROVEN"),
        (NOTHING | {"status": Status.INFEASIBLE}, "INFEASIBLE ends by PROVEN, not by TIME"),
        ({"status": "feasible"}, "status is 'feasible'; expected one of Status.OPTIMAL, "),
        ({"stop_reason": "TIME"}, "stop_reason is 'TIME'; expected one of StopReason.PROVEN, "),
        ({"sense": "minimise"}, "sense is 'minimise'; expected 'min' or 'max'"),
        ({"sense": None}, "sense is None; expected text"),
        ({"objective": 4.0, "problem": PROBLEM}, "objective is 4.0, but the solution evaluates at 3.0"),
        ({"objectives": (2.0,)}, "objective is 3.0, but objectives begins at 2.0"),
        ({"objectives": (3.0, None)}, r"objectives\[1\] is None; expected a finite number"),
        ({"trace": (TracePoint(0.1, 5, 4.0, None),)}, "objective is 3.0, but trace ends at 4.0"),
        ({"trace": (TracePoint(-0.1, 5, 3.0, None),)}, r"trace\[0\].seconds is -0.1; expected a finite number >= 0"),
        ({"trace": (TracePoint(0.1, 0.5, 3.0, None),)}, r"trace\[0\].iterations is 0.5; expected an int >= 0"),
        ({"timings": {"total": float("nan")}}, "timings is .*nan.*; expected finite numbers >= 0 by name"),
        ({"error": float("inf")}, "error is inf"),
        ({"seed": -1}, "seed is -1; expected an int >= 0"),
        ({"terms": {"distance": "3"}}, "terms is .*; expected finite numbers by name"),
        ({"versions": {"numpy": 2}}, "versions is .*; expected text by name"),
        ({"parameters": [1]}, "parameters is"),
        ({"message": None}, "message is None; expected text"),
        ({"bound": 10**400}, "bound is an int of 1329 bits; expected a finite number or None"),
        ({"bound": 3.1}, "wrong side"),
        ({"bound": 2.9, "sense": "max"}, "wrong side"),
        ({"objective": float("nan")}, "finite"),
        ({"bound": float("inf")}, "finite"),
        ({"timings": {"total": -1.0}}, "timings"),
        ({"timings": {}}, "timings"),
        ({"iterations": -1}, "iterations"),
        ({"nearest": PICK}, "nearest is for results without"),
    ],
)
def test_nonsense_is_refused(fields, complaint):
    with pytest.raises(ValueError, match=complaint):
        make(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"stop_reason": StopReason.FAILED},  # an engine that died keeps the start
        {"stop_reason": StopReason.FAILED, "status": Status.OPTIMAL, "bound": 3.0},  # which may meet the bound
        NOTHING | {"stop_reason": StopReason.EXHAUSTED, "bound": 1.0},
        NOTHING | {"stop_reason": StopReason.PROVEN, "status": Status.INFEASIBLE},
        {"problem": PROBLEM, "iterations": np.int64(3), "bound": np.float32(1.5)},
    ],
)
def test_what_can_be_is_accepted(fields):
    make(**fields)


FORGED = [
    # What is forged, and what the refusal says.
    ({"error": 1e9, "status": "OPTIMAL", "stop_reason": "PROVEN", "bound": 0.0, "gap": 1.0}, "error is 1000000000.0"),
    ({"sense": "max", "bound": 1e9}, "sense is 'max'; that of the problem is 'min'"),
    ({"terms": {"objective": 1.0}}, "terms is .*; those of the solution are .*3.0"),
    ({"terms": {"distance": 3.0}}, "terms is"),
    ({"objectives": [5.0]}, "objectives begins at 5.0"),
    ({"objective": 2.5, "bound": 2.5, "objectives": [2.5], "trace": []}, "the solution evaluates at 3.0"),
    ({"solution": {"schema_version": 1, "items": [0, 1]}}, "the solution evaluates at 7.0"),
    ({"solution": [0]}, r"solution is \[0\]; expected"),
    ({"violations": [{"rule": "count", "message": "none", "size": 1.0}]}, "violations are 1; the nearest solution has 0"),
    ({"violations": [{"rule": 5, "message": "none", "size": 1.0}]}, r"violations\[0\].rule is 5"),
    ({"violations": [{"rule": "count"}]}, "not the JSON of a result"),
    ({"gap": 0.3}, "gap is 0.3; that of objective and bound is 0.0"),
    ({"fingerprint": "0" * 64}, "another problem"),
    ({"status": "GOOD"}, "status is 'GOOD'; expected one of OPTIMAL, FEASIBLE"),
    ({"stop_reason": 5}, "stop_reason is 5; expected one of PROVEN, TIME"),
    ({"trace": [[0.0, 1]]}, "not the JSON of a result"),
    ({"soultion": None}, "has 'soultion', which nobody reads; did you mean 'solution'"),
]


@pytest.mark.parametrize(("forged", "complaint"), FORGED)
def test_nothing_in_a_file_is_taken_on_trust(forged, complaint):
    problem = Choose(np.array([3.0, 4.0]), 1)
    form = json.loads(Sorting().solve(problem).to_json())
    assert Result.from_json(json.dumps(form), problem).objective == 3.0
    with pytest.raises(InvalidResultError, match=complaint):
        Result.from_json(json.dumps(form | forged), problem)


@pytest.mark.parametrize("key", Sorting().solve(PROBLEM).to_dict())
def test_a_result_that_lacks_a_field_is_refused(key):
    form = json.loads(Sorting().solve(PROBLEM).to_json())
    del form[key]
    with pytest.raises(InvalidResultError, match=key):
        Result.from_json(json.dumps(form), PROBLEM)


def test_a_solution_is_judged_again():
    problem = Choose(np.array([0.0, 4.0]), 1)
    form = json.loads(Sorting().solve(problem).to_json())
    form["solution"]["items"] = [0, 0]  # of the same objective
    with pytest.raises(InvalidResultError, match="the solution of this result is infeasible: 2 items instead of 1"):
        Result.from_json(json.dumps(form), problem)


def test_a_nearest_solution_is_judged_again():
    outcome = Outcome(StopReason.TIME, nearest=Chosen((0, 1)))
    result = replace(Claiming(outcome=outcome).solve(PROBLEM), parameters={})
    assert Result.from_json(result.to_json(), PROBLEM).violations == result.violations
    form = json.loads(result.to_json())
    form["nearest"]["items"] = [1]
    with pytest.raises(InvalidResultError, match="violations are 1; the nearest solution has 0"):
        Result.from_json(json.dumps(form), PROBLEM)


def test_gap_is_relative_to_the_objective():
    assert make(bound=1.5).gap == 0.5
    assert make(bound=3.0, status=Status.OPTIMAL, stop_reason=StopReason.PROVEN).gap == 0.0
    assert make().gap is None


def test_prints_what_matters():
    text = str(make(bound=1.5, solver="toy", trace=(TracePoint(0.1, 5, 3.0, None),), message="chosen by hand"))
    for part in (
        "feasible",
        "time limit",
        "objective  3",
        "bound      1.5",
        "gap        50.00 %",
        "toy",
        "1 improvement",
        "chosen by hand",
    ):
        assert part in text
    assert "<table>" in make()._repr_html_()
    assert "&lt;" in make(message="a < b")._repr_html_()


def test_json_without_the_problem_says_what_needs_it():
    problem = Choose(np.array([3.0, 1.0]), 1)
    result = Sorting().solve(problem)
    alone = Result.from_json(result.to_json())
    assert isinstance(alone.solution, RawSolution)
    assert alone.to_dict() == result.to_dict()
    with pytest.raises(ValueError, match=r"from_json\(text, problem\)"):
        alone.to_frame()
    with pytest.raises(ValueError, match="another problem"):
        Result.from_json(result.to_json(), Choose(np.array([3.0, 2.0]), 1))
