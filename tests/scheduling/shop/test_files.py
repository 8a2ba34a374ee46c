"""Files of shops: what is in them, what is wrong with them, and Taillard's without any."""

from pathlib import Path

import numpy as np
import pytest

import optikit as ok
from optikit import datasets
from optikit.errors import FileFormatError, UnsupportedError
from optikit.scheduling import FlexibleJobShop, JobShop, OpenShop, Shop

INSTANCES = Path(__file__).parents[3] / ".." / "shared" / "instances"
here = pytest.mark.skipif(not INSTANCES.is_dir(), reason="the instances of ../shared/instances are not on this machine")


def write(tmp_path, text):
    path = tmp_path / "shop.txt"
    path.write_text(text)
    return path


def test_jsplib(tmp_path):
    shop = JobShop.read(write(tmp_path, "# a comment\n2 2\n0 3 1 2\n1 4 0 1.5\n"))
    assert shop.machine.tolist() == [0, 1, 1, 0]
    assert shop.duration.tolist() == [3, 2, 4, 1.5]
    assert shop.name == "shop"


def test_the_heading_of_the_or_library_and_machines_from_1(tmp_path):
    shop = JobShop.read(write(tmp_path, " instance ft99\n +++++++\n Fisher and Thompson, alternate\n 2 2\n 1 3 2 2\n 2 4\n 1 1\n"))
    assert shop.machine.tolist() == [0, 1, 1, 0]


def test_jobs_of_different_lengths(tmp_path):
    shop = JobShop.read(write(tmp_path, "2 3\n0 3 1 2 2 5\n1 4\n"))
    assert shop.job_ptr.tolist() == [0, 3, 4]
    assert shop.num_machines == 3


def test_fjsplib(tmp_path):
    shop = FlexibleJobShop.read(write(tmp_path, "2 2 1.5\n2 1 1 3 2 1 4 2 5\n1 1 2 7\n"))
    assert shop.operation.tolist() == [0, 1, 1, 2]
    assert shop.machine.tolist() == [0, 0, 1, 1]
    assert shop.duration.tolist() == [3, 4, 5, 7]


def test_openshop(tmp_path):
    shop = OpenShop.read(write(tmp_path, "2 3\n1 2 3\n4 5 6\n"))
    assert shop.duration.reshape(2, 3).tolist() == [[1, 2, 3], [4, 5, 6]]
    assert shop.order.tolist() == [1, 1]


TAILLARD = """Nb of jobs, Nb of Machines, Time seed, Machine seed, Upper bound, Lower bound
 2 2 1 2 9 9
Times
 3 2
 4 1
Machines
 1 2
 2 1
"""


def test_the_command_line_chooses_one_of_several(tmp_path):
    click = pytest.importorskip("click", reason="the command line is an extra")
    from optikit.cli_reading import read_problem

    path = str(write(tmp_path, TAILLARD + TAILLARD.replace(" 3 2", " 8 2")))
    with pytest.raises(click.UsageError, match="say which: --number 1 to 2"):
        read_problem(path, None)
    assert read_problem(path, None, number=2).duration.tolist() == [8, 2, 4, 1]


def test_taillards_own_format_holds_several(tmp_path):
    path = write(tmp_path, TAILLARD + TAILLARD.replace(" 3 2", " 8 2"))
    with pytest.raises(FileFormatError, match="holds 2 instances; say which: number=1 to 2"):
        JobShop.read(path)
    assert JobShop.read(path, number=2).duration.tolist() == [8, 2, 4, 1]
    assert ok.read(path, number=1).machine.tolist() == [0, 1, 1, 0]
    with pytest.raises(UnsupportedError, match="number is 3; expected an int of at most 2; the file has 2 instances"):
        JobShop.read(path, number=3)
    opened = OpenShop.read(write(tmp_path, TAILLARD.replace("Times", "processing times :").replace("Machines\n", "machines :\n")))
    assert opened.machine.tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize(
    ("cls", "text", "said"),
    [
        (JobShop, "2 2\n0 3 1 2\n1 4 0\n", "has 7 numbers after the first line; 2 jobs on 2 machines are 8"),
        (JobShop, "2 2\n0 3 1 x\n1 4 0 1\n", r":2: expected a duration of job 0, a number >= 0 \(at 'x'\)"),
        (JobShop, "2 2\n0 3 5 2\n1 4 0 1\n", r":2: names machine 5, but there are 2, counted from 0"),
        (JobShop, "2 2\n0 3 1 -2\n1 4 0 1\n", r"expected a duration of job 0, a number >= 0 \(at '-2'\)"),
        (JobShop, "0 2\n", "expected the number of jobs, a whole number >= 1"),
        (JobShop, "", "ends before the number of jobs"),
        (JobShop, "9999999 9999999\n1 2\n", "more than 50,000,000 numbers"),
        (FlexibleJobShop, "1 2 1\n1 2 1 3\n", "ends before a machine of operation 0 of job 0"),
        (FlexibleJobShop, "1 2 1\n1 1 3 3\n", "is on machine 3, but there are 2"),
        (FlexibleJobShop, "1 2 1\n1 0\n", "expected the number of machines of operation 0 of job 0, a whole number >= 1"),
        (FlexibleJobShop, "1 2 1\n1 1 1 3 9\n", r"1 words too many: nobody expects this one \(at '9'\)"),
        (OpenShop, "2 2\n1 2 3\n", "has 3 numbers after the first line; 2 jobs on 2 machines are 4"),
    ],
)
def test_broken_files_are_refused_with_line_and_word(tmp_path, cls, text, said):
    with pytest.raises(FileFormatError, match=said):
        cls.read(write(tmp_path, text))


def test_formats_are_told_apart_or_asked_for(tmp_path):
    assert isinstance(ok.read(write(tmp_path, "2 2\n0 3 1 2\n1 4 0 1\n")), JobShop)
    assert isinstance(ok.read(write(tmp_path, "2 2\n3 2\n4 1\n")), OpenShop)
    assert isinstance(ok.read(write(tmp_path, "2 2 1.5\n2 1 1 3 2 1 4 2 5\n1 1 2 7\n")), FlexibleJobShop)
    both = write(tmp_path, "2 1\n1 1\n1 1\n")  # two open jobs of one operation? no: 1 x 1 twice, or jobs on machine 1
    assert isinstance(ok.read(both, format="jsplib"), JobShop)
    with pytest.raises(UnsupportedError, match="format is array"):
        JobShop.read(both, format=np.array([1, 2]))
    with pytest.raises(UnsupportedError, match="format is 'jssp'; known: jsplib, taillard-jobshop"):
        JobShop.read(both, format="jssp")


@here
@pytest.mark.parametrize(("family", "cls"), [("jobshop", JobShop), ("flexible-jobshop", FlexibleJobShop), ("openshop", OpenShop)])
def test_all_files_are_read_without_naming_their_format(family, cls):
    for path in sorted((INSTANCES / family).rglob("*.txt"))[::3]:
        shop = ok.read(path)
        assert type(shop) is cls
        assert shop.features["classical"]
        assert Shop.read(path, format=cls.formats[0]).flat.mode_duration.tolist() == shop.flat.mode_duration.tolist()


@here
def test_taillards_shops_come_from_their_seeds():
    for name in ("ta01", "ta21", "ta71"):
        computed, read = datasets.load(f"jobshop/{name}"), JobShop.read(INSTANCES / "jobshop" / f"{name}.txt")
        assert np.array_equal(computed.machine, read.machine)
        assert np.array_equal(computed.duration, read.duration)
    computed = datasets.load("openshop/ta10x10_10os")
    assert np.array_equal(computed.duration, OpenShop.read(INSTANCES / "openshop" / "Taillard1993-ta10x10_10os.txt").duration)


def test_all_of_taillards_shops_are_there_without_a_file():
    shops = [instance for instance in datasets.index() if instance.family in ("jobshop", "openshop") and instance.generator]
    assert len(shops) == 80 + 60
    assert isinstance(datasets.load(shops[-1]), OpenShop)
