"""Problems of every class in JSON files: one door reads them all."""

import json
import os

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


@pytest.mark.skipif(os.name == "nt", reason="pipes have no names there")
def test_a_pipe_is_read_once():
    """To look into it for its format would empty it, or wait for ever."""
    head = "DIMENSION:2\nCAPACITY:1\nEDGE_WEIGHT_TYPE:EUC_2D\n"
    text = f"{head}NODE_COORD_SECTION\n1 0 0\n2 3 4\nDEMAND_SECTION\n1 0\n2 1\nDEPOT_SECTION\n1\n"
    end, other = os.pipe()
    try:
        os.write(other, text.encode())
        os.close(other)
        with pytest.raises(FileFormatError, match=r"no regular file; name its format: tsplib, vrplib"):
            ok.read(f"/dev/fd/{end}")
        assert ok.read(f"/dev/fd/{end}", "vrplib").num_clients == 1
    finally:
        os.close(end)


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
