import numpy as np
import pytest

from optikit import Result, Status, StopReason
from optikit.core.result import RawSolution, TracePoint

from .toy import Choose, Chosen, Sorting

PICK = Chosen((0,))


def make(**fields):
    return Result(**({"status": Status.FEASIBLE, "stop_reason": StopReason.TIME, "solution": PICK, "objective": 3.0} | fields))


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"objective": None}, "a solution and its objective, or neither"),
        ({"status": Status.UNKNOWN}, "OPTIMAL or FEASIBLE"),
        ({"solution": None, "objective": None}, "FEASIBLE needs a solution"),
        ({"status": Status.OPTIMAL}, "OPTIMAL needs a bound"),
        ({"status": Status.OPTIMAL, "bound": 2.9}, "OPTIMAL needs a bound that meets"),
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
