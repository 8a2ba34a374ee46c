"""Problems of every class in JSON files: one door reads them all."""

import json

import pytest

import optikit as ok
from optikit.assignment import LinearAssignment
from optikit.errors import FileFormatError
from optikit.routing import TSP
from optikit.scheduling import FlowShop, JobShop, Shop

PROBLEMS = [
    JobShop.from_jobs([[(0, 3), (1, 2)], [(1, 4)]], due=[5, float("inf")]),
    FlowShop([[1, 2], [2, 1]]),
    LinearAssignment([[1.5, 2], [2, 1]]),
    TSP.from_matrix([[0, 1, 2], [1, 0, 3], [2, 3, 0]]),
]


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: type(problem).__name__)
def test_what_was_written_is_read(problem, tmp_path):
    path = tmp_path / "problem.json"
    path.write_text(problem.to_json())
    assert ok.read(path) == problem
    assert type(ok.read(str(path), "json")) is type(problem)


class OwnShop(Shop):
    """A class of a user."""


def test_classes_that_are_imported_are_known(tmp_path):
    path = tmp_path / "own.json"
    path.write_text(OwnShop.from_jobs([[(0, 1)]]).to_json())
    assert type(ok.read(path)) is OwnShop


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not the JSON of a problem: Expecting value"),
        ("[" * 100_000, "not the JSON of a problem: it is nested too deeply"),
        ("[1]", "not the JSON of a problem: it has no entry 'problem'"),
        ('{"problem": 3}', "it has no entry 'problem'"),
        ('{"fingerprint": "", "solution": null}', "not the JSON of a problem: it holds a result"),
        ('{"problem": "JobShp"}', "holds a problem of class 'JobShp'; did you mean 'JobShop'"),
        ('{"problem": "replan"}', "holds a problem of class 'replan'"),
        ('{"problem": "JobShop"}', "schema_version"),
        (json.dumps({**PROBLEMS[0].to_dict(), "duration": [1, -2, 3]}), r"duration\[1\] is -2"),
    ],
)
def test_what_is_no_problem_is_refused(text, said, tmp_path):
    path = tmp_path / "problem.json"
    path.write_text(text)
    with pytest.raises(FileFormatError, match=said):
        ok.read(path)
