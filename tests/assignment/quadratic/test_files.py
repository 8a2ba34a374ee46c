"""Files of QAPLIB, as they are and as they should not be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import optikit as ok
from optikit.assignment import Placement, QuadraticAssignment
from optikit.assignment.quadratic.files import read_placement, read_qaplib, stated_cost, write_placement
from optikit.errors import FileFormatError, OptikitError, UnsupportedError

INSTANCES = Path(__file__).parents[3] / ".." / "shared" / "instances" / "qap"
needs_instances = pytest.mark.skipif(not INSTANCES.is_dir(), reason="../shared/instances is not on this machine")

# Flow 3 from the first to the second, distances asymmetric.
SMALL = "3\n\n0 3 0\n0 0 1\n0 0 0\n\n0 5 2\n1 0 4\n7 4 0\n"


def written(folder: Path, text: str, name: str = "small.dat") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_flows_come_first(tmp_path):
    problem = read_qaplib(written(tmp_path, SMALL))
    assert problem.name == "small"
    assert problem.flow.tolist() == [[0, 3, 0], [0, 0, 1], [0, 0, 0]]
    assert problem.distance.tolist() == [[0, 5, 2], [1, 0, 4], [7, 4, 0]]
    assert problem.linear is None
    assert ok.read(tmp_path / "small.dat") == problem == QuadraticAssignment.read(tmp_path / "small.dat")


def test_line_breaks_mean_nothing(tmp_path):
    twisted = "  3 0 3 0 0\n0 1 0 0\n\n\n0 0 5\n2 1 0 4 7,4 0"
    assert read_qaplib(written(tmp_path, twisted, "small.dat")) == read_qaplib(written(tmp_path, SMALL, "small.dat"))


def test_floats_and_a_third_matrix(tmp_path):
    problem = read_qaplib(written(tmp_path, "2  0 1.5 0 0  0 1e1 3 0  1 2 3 4"))
    assert problem.flow.tolist() == [[0, 1.5], [0, 0]]
    assert problem.linear.tolist() == [[1, 2], [3, 4]]
    assert read_qaplib(written(tmp_path, "1 0.0 2.0")).distance.dtype == np.int64


BROKEN = [
    ("", "1: expected the size, a whole number from 1 to 30000, at the beginning"),
    ("x 1 2", r"1: expected the size.*\(at 'x'\)"),
    ("0", "1: expected the size"),
    ("-3 1 2", "1: expected the size"),
    ("99999999999999999999999 1", "1: expected the size"),
    ("2 0 1 1 0 0 1 1", "holds 7 numbers behind the size 2; expected 8: flows, then distances"),
    ("2 0 1 1 0\n0 1 1 0 9", "2: holds 9 numbers behind the size 2; expected 8"),
    ("2 0 1 1 0\n0 1 one 0", r"2: expected a finite number \(at 'one'\)"),
    ("2 0 1 1 0\n0 nan 1 0", r"2: expected a finite number \(at 'nan'\)"),
    ("2 0 1 1 0 0 1e999 1 0", "expected a finite number"),
    ("2 0 4611686018427387904 1 0 0 4611686018427387904 1 0", "add up to"),
    ("2 0 1 1 0\0", "holds zero bytes"),
]


@pytest.mark.parametrize(("text", "said"), BROKEN)
def test_broken_files(tmp_path, text, said):
    with pytest.raises(FileFormatError, match=said):
        read_qaplib(written(tmp_path, text))
    with pytest.raises(OptikitError):
        ok.read(tmp_path / "small.dat", "qaplib")


def test_other_formats_are_not_taken_for_this_one(tmp_path):
    assert read_qaplib.fits(written(tmp_path, SMALL))
    assert not read_qaplib.fits(written(tmp_path, "instance la01\n10 5\n", "la01.dat"))
    assert not read_qaplib.fits(written(tmp_path, SMALL, "small.txt"))
    assert not read_qaplib.fits(tmp_path / "nowhere.dat")


@needs_instances
def test_all_instances_are_read():
    best = {instance.name: instance for instance in ok.datasets.select("qap")}
    for path in sorted(INSTANCES.glob("*.dat")):
        problem = ok.read(path)
        assert problem.num_facilities == problem.num_locations == best[path.stem].size
        cost = problem.evaluate(Placement(range(problem.num_facilities)))
        assert cost >= best[path.stem].best_known


# -- placements -----------------------------------------------------------------


def test_placements_come_back(tmp_path):
    problem = read_qaplib(written(tmp_path, SMALL))
    placement = Placement([2, 0, 1])
    for name in ("a.sln", "a.json"):
        write_placement(problem, placement, tmp_path / name)
        assert read_placement(problem, tmp_path / name) == placement
    assert (tmp_path / "a.sln").read_text() == "3 26\n3 1 2\n"
    assert stated_cost(tmp_path / "a.sln") == 26
    assert stated_cost(tmp_path / "a.json") is None


def test_a_result_is_a_placement(tmp_path):
    problem = read_qaplib(written(tmp_path, SMALL))
    result = ok.solve(problem, time_limit=20)
    (tmp_path / "r.json").write_text(result.to_json())
    assert read_placement(problem, tmp_path / "r.json") == result.solution
    assert stated_cost(tmp_path / "r.json") == result.objective


def test_the_stated_cost_says_which_way_a_permutation_is_meant(tmp_path):
    """[3, 1, 2] costs 26 as locations of facilities, and its inverse [2, 3, 1] 19: both are found in QAPLIB."""
    problem = read_qaplib(written(tmp_path, SMALL))
    there, back = Placement([2, 0, 1]), Placement([1, 2, 0])
    assert (problem.evaluate(there), problem.evaluate(back)) == (26, 19)
    assert read_placement(problem, written(tmp_path, "3 26\n3 1 2", "a.sln")) == there
    assert read_placement(problem, written(tmp_path, "3 19\n3 1 2", "a.sln")) == back
    assert read_placement(problem, written(tmp_path, "3 7\n3 1 2", "a.sln")) == there  # neither: as it stands
    assert read_placement(problem, written(tmp_path, "3\n3 1 2", "a.sln")) == there  # nothing stated
    assert read_placement(problem, written(tmp_path, "3,26\n3,1,2", "a.sln")) == there  # some files have commas


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected the number of facilities"),
        ("4 1\n1 2 3 4", r"places 4 facilities, but the problem has 3 \(at '4'\)"),
        ("3 26\n3 1", "^(?!.*holds 2).*expected a location|holds"),
        ("3 26\n3 1 2 2", "holds 5 numbers behind the size 3; expected 3 locations, with or without the cost before them"),
        ("3 26\n3 1 4", r"2: expected a location, 1 to 3 \(at '4'\)"),
        ("3 26\n3 1 0", "expected a location"),
        ("3 26\n3 1.5 2", r"expected a location, 1 to 3 \(at '1.5'\)"),
        ("3 26\n3 one 2", "expected a finite number"),
    ],
)
def test_broken_placements(tmp_path, text, said):
    problem = read_qaplib(written(tmp_path, SMALL))
    with pytest.raises(FileFormatError, match=said):
        read_placement(problem, written(tmp_path, text, "a.sln"))


def test_fewer_facilities_than_locations(tmp_path):
    problem = QuadraticAssignment([[0, 1], [2, 0]], np.arange(9).reshape(3, 3))
    placement = Placement([2, 0])
    write_placement(problem, placement, tmp_path / "a.sln")
    assert read_placement(problem, tmp_path / "a.sln") == placement


@pytest.mark.parametrize("path", [None, 5, b"a.dat"])
def test_paths_that_are_none(path):
    with pytest.raises(UnsupportedError, match=r"path is .*; expected the name of a file"):
        QuadraticAssignment.read(path)


def test_a_best_known_cost_beside_the_size_is_skipped(tmp_path):
    plain = read_qaplib(written(tmp_path, "2\n0 1\n1 0\n\n0 3\n3 0\n", "a.dat"))
    stated = written(tmp_path, "2 6\n0 1\n1 0\n\n0 3\n3 0\n", "a.dat")
    assert read_qaplib(stated) == plain == ok.read(stated)


def test_a_file_may_be_maximised(tmp_path):
    assert QuadraticAssignment.read(written(tmp_path, SMALL), maximize=True).maximize
    with pytest.raises(FileFormatError, match="maximize is 'yes'; expected True or False"):
        read_qaplib(written(tmp_path, SMALL), maximize="yes")
