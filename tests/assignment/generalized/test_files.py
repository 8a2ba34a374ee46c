"""Files of Yagiura and of OR-Library: read, told from others, and refused with line and word."""

from __future__ import annotations

from pathlib import Path

import pytest

import optikit as ok
from optikit.assignment import GAP, Allocation
from optikit.errors import FileFormatError, InvalidProblemError, UnsupportedError

INSTANCES = Path(__file__).parents[3] / ".." / "shared" / "instances" / "gap"
here = pytest.mark.skipif(not INSTANCES.is_dir(), reason="the instances of ../shared/instances/gap are not on this machine")

ONE = " 2 3\n 4 1 3\n 2 5 5\n 2 3 2\n 2 3 2\n 5 4\n"
OTHER = " 1 2\n 7 8\n 1 1\n 2\n"


def written(tmp_path, text, name="a.txt"):
    path = tmp_path / name
    path.write_text(text)
    return path


def test_one_instance_is_minimised(tmp_path):
    problem = ok.read(written(tmp_path, ONE))
    assert problem == GAP([[4, 1, 3], [2, 5, 5]], [2, 3, 2], [5, 4], name="a")
    assert GAP.read(written(tmp_path, ONE), maximize=True).maximize


def test_lines_may_break_anywhere(tmp_path):
    assert ok.read(written(tmp_path, ONE.replace(" ", "\n\n  "))) == ok.read(written(tmp_path, ONE))


def test_of_several_one_is_named_and_maximised(tmp_path):
    path = written(tmp_path, f" 2\n{ONE}{OTHER}")
    with pytest.raises(FileFormatError, match="holds 2 instances; say which: number=1 to 2"):
        GAP.read(path)
    assert ok.read(path, number=2) == GAP([[7, 8]], [1, 1], [2], maximize=True, name="a-2")
    assert not GAP.read(path, number=1, maximize=False).maximize
    with pytest.raises(UnsupportedError, match="number is 3; expected an int of at most 2; the file has 2 instances"):
        GAP.read(path, number=3)


def test_fractions_are_read(tmp_path):
    assert ok.read(written(tmp_path, ONE.replace("4 1 3", "4.5 1 3"))).cost[0, 0] == 4.5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ONE.replace(" 5 4\n", " 5\n"), "holds 15 numbers, which are no instances: 2 agents and 3 jobs take 16"),
        ("", "holds 0 numbers, which are no instances: expected the numbers of agents and of jobs"),
        (ONE.replace("5 5", "5 five"), r"a.txt:3: expected a finite number \(at 'five'\)"),
        (ONE.replace("5 5", "5 nan"), r"a.txt:3: expected a finite number \(at 'nan'\)"),
        (ONE.replace("5 5", "5 -1").replace(" 5 4", " 5 -4"), r"capacity\[1\] is -4; a capacity is >= 0"),
    ],
)
def test_what_is_wrong_with_a_file(tmp_path, text, message):
    with pytest.raises((FileFormatError, InvalidProblemError), match=message):
        GAP.read(written(tmp_path, text))


def test_other_files_are_not_taken_for_these(tmp_path):
    from optikit.assignment.generalized.files import read_gap

    assert read_gap.fits(written(tmp_path, ONE))
    for text in ("", "2 3\n1 2 3\n", "NAME: x\nTYPE: TSP\n", "2 3 " + "9 " * 15):
        assert not read_gap.fits(written(tmp_path, text))


@here
@pytest.mark.parametrize("path", sorted(INSTANCES.glob("*.txt")), ids=lambda path: path.stem)
def test_real_files(path):
    """Names tell type, agents and jobs."""
    problem = ok.read(path)
    assert (problem.num_agents, problem.num_jobs) == (int(path.stem[1:3]), int(path.stem[3:]))
    assert not problem.maximize
    if path.stem[0] == "d":
        gap = problem.cost + problem.demand - 111
        assert abs(gap).max() <= 10, "costs of type D are 111 less the demand, within 10"
    if path.stem[0] in "cd":
        assert (abs(problem.capacity - 0.8 * problem.demand.sum(axis=1) / problem.num_agents) < 1).all()


@here
def test_best_known_values_are_met():
    """A small instance of Yagiura, whose optimum is published."""
    problem = ok.read(INSTANCES / "c05100.txt")
    result = ok.solve(problem, "ejection_chains", stop=ok.Stop(iterations=60, target=1940.0))
    assert 1931 <= result.objective <= 1940
    assert 1920 <= result.bound <= 1931


def test_answers_are_saved_as_json(tmp_path):
    problem = ok.read(written(tmp_path, ONE))
    assert Allocation.from_json(Allocation([1, 0, 0]).to_json()) == Allocation([1, 0, 0])
    assert GAP.from_json(problem.to_json()) == problem


@pytest.mark.parametrize("path", [None, 5, b"a.dat"])
def test_paths_that_are_none(path):
    with pytest.raises(UnsupportedError, match=r"path is .*; expected the name of a file"):
        GAP.read(path)
