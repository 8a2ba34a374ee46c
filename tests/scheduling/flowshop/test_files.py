"""Files: both layouts, everything that can be wrong with them, and the collection in place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import optikit as ok
from optikit import datasets
from optikit.errors import FileFormatError, UnsupportedError
from optikit.scheduling import FlowShop, JobSequences
from optikit.scheduling.flowshop.files import write_flowshop

INSTANCES = Path(__file__).parents[3] / ".." / "shared" / "instances" / "flowshop"

COLLECTION = "2 3\n0 5 1 0 2 7\n0 1 1 2 2 3\n"
TAILLARD = """number of jobs, number of machines, initial seed, upper bound and lower bound :
          2           3   873654221        1278        1232
processing times :
 5  1
 0  2
 7  3
"""


def written(tmp_path, text, name="shop.txt"):
    path = tmp_path / name
    path.write_text(text)
    return path


@pytest.mark.parametrize("text", [COLLECTION, "# a comment\n" + COLLECTION, COLLECTION.replace("\n", "\r\n"), TAILLARD,
                                  "2 3\n1 5 2 0 3 7\n1 1 2 2 3 3\n"])  # fmt: skip
def test_both_layouts_are_read(tmp_path, text):
    shop = ok.read(written(tmp_path, text), format="flowshop")
    assert shop.durations.tolist() == [[5, 0, 7], [1, 2, 3]]
    assert shop.name == "shop"


def test_a_file_of_several_instances(tmp_path):
    path = written(tmp_path, TAILLARD + TAILLARD.replace(" 5  1", " 6  1"))
    with pytest.raises(FileFormatError, match="holds 2 instances; say which: number=1 to 2"):
        FlowShop.read(path)
    assert FlowShop.read(path, number=2).durations[0, 0] == 6
    with pytest.raises(UnsupportedError, match="number is 3; expected an int of at most 2; the file has 2 instances"):
        FlowShop.read(path, number=3)


def test_what_files_do_not_say_is_an_option(tmp_path):
    path = written(tmp_path, COLLECTION)
    shop = FlowShop.read(path, no_wait=True, objective="total_flow_time")
    assert shop.no_wait
    assert shop.objective == "total_flow_time"
    with pytest.raises(UnsupportedError, match="no_wiat"):
        FlowShop.read(path, no_wiat=True)
    with pytest.raises(FileFormatError, match="no machine at this stage"):
        FlowShop.read(path, machines=[0, 1, 1])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "ends where the number of jobs should stand"),
        ("2 3\n0 5 1 0 2 7\n0 1 1 2\n", "ends where the machine of operation 2 of job 1 should stand"),
        ("2 3\n0 5 1 0 2 7\n0 1 1 2 2 3 4\n", r"shop.txt:3: goes on after 2 jobs on 3 machines \(at '4'\)"),
        ("2 3\n0 5 2 0 1 7\n0 1 1 2 2 3\n", "operation 1 of job 0 is on machine 2, expected 1.*JobShop.read"),
        ("2 3\n0 -5 1 0 2 7\n0 1 1 2 2 3\n", r"shop.txt:2: the duration of operation 0 of job 0 is -5; expected a number >= 0"),
        ("2 3\n0 5 1 0.5 2 7\n0 1 1 2 2 3\n", "expected the duration of operation 1 of job 0, a whole number"),
        ("2 3\n0 99999999999999999999 1 0 2 7\n0 1 1 2 2 3\n", "use a larger unit"),
        ("0 3\n", "the number of jobs is 0; expected a number >= 1"),
        ("99999 99999\n1", "too few for 99999 jobs on 99999 machines"),
        (TAILLARD.replace(" 7  3\n", ""), "ends where the duration of job 0 on machine 2 should stand"),
        (TAILLARD + " 3 4\n", "goes on after"),
        ("jobs and machines", "holds no numbers"),
    ],
)  # fmt: skip
def test_broken_files_are_refused_with_line_and_word(tmp_path, text, words):
    with pytest.raises(FileFormatError, match=words):
        FlowShop.read(written(tmp_path, text))


def test_a_file_is_told_by_what_is_in_it(tmp_path):
    assert isinstance(ok.read(written(tmp_path, TAILLARD)), FlowShop)
    assert isinstance(ok.read(written(tmp_path, COLLECTION, "a.fsp")), FlowShop)


def test_written_is_read_back(tmp_path):
    shop = FlowShop([[5, 0, 7], [1, 2, 3]])
    write_flowshop(shop, tmp_path / "again.fsp")
    assert np.array_equal(FlowShop.read(tmp_path / "again.fsp").durations, shop.durations)
    with pytest.raises(UnsupportedError, match="not whole numbers"):
        write_flowshop(FlowShop([[0.5]]), tmp_path / "half.fsp")


def test_taillards_instances_are_regenerated_from_their_seeds():
    shop = datasets.load("flowshop/ta001")
    assert isinstance(shop, FlowShop)
    assert shop.durations.shape == (20, 5)
    # The optimum, 1278, is published; no schedule that anybody finds may be below, nor any bound above.
    result = ok.solve(shop, "neh")
    assert result.bound <= 1278 <= result.objective


@pytest.mark.skipif(not INSTANCES.is_dir(), reason="../shared/instances is not on this machine")
def test_the_collections_files_are_taillards():
    for path in sorted(INSTANCES.glob("ta*.txt")):
        read = FlowShop.read(path)
        assert np.array_equal(read.durations, datasets.load(f"flowshop/{path.stem}").durations)
        assert read.evaluate(JobSequences.permutation(range(read.num_jobs))) > 0
