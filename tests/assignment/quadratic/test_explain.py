"""Why there is no placement: each reason is a proof, and where there is none there is a placement."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

import optikit as ok
from optikit import Status
from optikit.assignment import Placement, QuadraticAssignment
from optikit.assignment.quadratic.explain import impossible
from optikit.assignment.quadratic.matching import Matching
from tests.naive import qap as naive

from .strategies import qaps

ZERO = np.zeros((4, 4))


@given(qaps(restricted=True))
@settings(max_examples=60)
def test_reasons_are_there_if_and_only_if_there_is_no_placement(problem):
    assert bool(impossible(problem)) == (naive.optimum(problem) is None)


def test_clashes_of_fixed_pairs():
    problem = QuadraticAssignment(ZERO, ZERO, fixed=[(0, 1), (0, 2), (3, 1)], forbidden=[(3, 1)], facilities=list("abcd"))
    assert [str(reason) for reason in impossible(problem)] == [
        "'a' (0) is fixed at location 1 and at location 2",
        "'a' (0) and 'd' (3) are both fixed at location 1",
        "'d' (3) is fixed at location 1, where it may not be",
    ]
    result = ok.solve(problem)
    assert result.status is Status.INFEASIBLE
    assert "fixed at location 1 and at location 2" in result.message


def test_halls_violator_is_named():
    pairs = [(facility, location) for facility in (0, 1, 3) for location in (0, 2)]
    reasons = impossible(QuadraticAssignment(ZERO, ZERO, forbidden=pairs))
    assert [str(reason) for reason in reasons] == [
        "facility 0, facility 1 and facility 3 may be at location 1 and location 3 only: 3 facilities for 2 locations"
    ]
    assert reasons[0].size == 1
    nowhere = impossible(QuadraticAssignment(ZERO, ZERO, forbidden=[(2, location) for location in range(4)]))
    assert str(nowhere[0]) == "facility 2 may be at no location that is left"


@given(qaps(max_locations=6, restricted=True))
@settings(max_examples=50)
def test_a_violator_is_one(problem):
    matching = Matching(problem.allowed)
    if matching.complete():
        facilities = np.arange(problem.num_facilities)
        assert problem.allowed[facilities, matching.location].all()
        assert len(set(matching.location.tolist())) == problem.num_facilities
    else:
        facilities, locations = matching.stuck
        assert len(facilities) > len(locations)
        assert set(np.flatnonzero(problem.allowed[facilities].any(axis=0)).tolist()) <= set(locations.tolist())


def test_what_binds():
    flow = [[0, 9, 0], [0, 0, 1], [0, 0, 0]]
    problem = QuadraticAssignment(flow, [[0, 1, 2], [1, 0, 3], [2, 3, 0]], forbidden=[(2, 0), (2, 1)], fixed={0: 0})
    told = str(ok.explain(problem, Placement([0, 1, 2])))
    assert "Nothing in the data rules a solution out." in told
    assert "3 facilities, 3 locations; 2 flows (33 % of all pairs), symmetric" in told
    assert "1 of the facilities are fixed; 2 are to be placed" in told
    assert "facility 2 can only be at location 2" in told
    assert "facility 1 can only be at location 1" not in told or problem.allowed[1].sum() == 1
    assert "the flow from facility 0 to facility 1 costs 9 (9 over 1), 75.0 % of all" in told
    assert "no placement costs less than" in told


def test_a_bad_placement_is_explained():
    problem = QuadraticAssignment(ZERO, ZERO)
    explanation = ok.explain(problem, Placement([0, 0, 1, 2]))
    assert [violation.rule for violation in explanation.violations] == ["taken twice"]
    assert "have no flow to others" in str(explanation)


def test_the_other_sense():
    problem = QuadraticAssignment([[0, 1], [1, 0]], [[0, 2], [2, 0]], maximize=True)
    assert "no placement costs more than 4" in str(ok.explain(problem))
    assert "one facility, one location; 0 flows" in str(ok.explain(QuadraticAssignment([[1]], [[1]])))


@pytest.mark.parametrize("places", [None, [(0, 0), (0, 1), (1, 0), (2, 2)]])
def test_pictures(tmp_path, places):
    pytest.importorskip("matplotlib")
    problem = QuadraticAssignment([[0, 9], [-1, 0]], np.ones((4, 4)), places=places, facilities=["saw", "drill"])
    problem.plot(Placement([3, 1]), str(tmp_path / "a.png"), title="shop")
    assert (tmp_path / "a.png").stat().st_size > 2_000
    figure = problem.plot(Placement([3, 1]))
    texts = [text.get_text() for axes in figure.axes for text in (*axes.texts, *axes.get_xticklabels())]
    assert {"saw", "drill"} <= set(texts)
    assert figure.get_suptitle() == "8, 2 facilities"
    with pytest.raises(ok.errors.UnsupportedError, match=r"pictures are not saved as \.xyz"):
        problem.plot(Placement([3, 1]), str(tmp_path / "a.xyz"))
    with pytest.raises(ok.errors.UnsupportedError, match="plot has no option 'titel'; did you mean 'title'"):
        problem.plot(Placement([3, 1]), titel="x")
