"""Tables of stops as files: read by their ending, refused with their line."""

from __future__ import annotations

from pathlib import Path

import pytest

import optikit as ok
from optikit.errors import FileFormatError, UnsupportedError
from optikit.routing.vrp.files import read_csv

INSTANCE = """\
DIMENSION : 2
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 1
NODE_COORD_SECTION
1 0 0
2 3 4
DEMAND_SECTION
1 0
2 1
DEPOT_SECTION
1
-1
"""

STOPS = "name,x,y,demand\nyard,0,0,0\na,3,4,1\n\nb,0,3,2\n"


def written(tmp_path: Path, text: str, name: str) -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


def test_a_table_is_read_by_its_ending(tmp_path):
    path = written(tmp_path, STOPS, "stops.CSV")
    problem = ok.read(path, depot="yard", capacity=3)
    assert problem.clients == ("a", "b")
    assert problem.demand.ravel().tolist() == [1, 2]
    assert problem == ok.read(path, format="csv", depot="yard", capacity=3)
    assert ok.read(written(tmp_path, INSTANCE, "two.vrp")).num_clients == 1


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("b,0,3,2", "b,0,3,-4", 5, "demand of 'b' (row 2) is -4"),
        ("b,0,3,2", "b,0,,2", 5, "y of 'b' (row 2) is missing"),
        ("b,0,3,2", "a,0,3,2", 5, "'a' stands in row 1 and in row 2"),
        ("b,0,3,2", "b,0,3," + "9" * 30, 5, "64 bits"),
        ("b,0,3,2", "b,0,3," + "9" * 5000, 5, "expected a number"),
        ("b,0,3,2", "b,0,3,1_000", 5, "'1_000'"),
        ("b,0,3,2", 'b,0,"3,5",2', 5, "it has a decimal comma"),
        ("b,0,3,2", "b,0,3,inf", 5, "'inf'"),
        ("b,0,3,2", "b,0,1e16,2", 5, "points[2, 1] is 1e+16"),
        ("yard,0,0,0", "yard,0,0,7", 2, "that is the depot"),
        ("x,y,demand", "lat,lon,demand\nz,91,0,1", 2, "latitude[0] is 91"),
        ("x,y,demand", "x,x,demand", 1, "'x'"),
        ("demand", "kilos", None, "say demand=... for another one"),
    ],
)
def test_a_broken_table_is_named_with_its_line(tmp_path, old, new, line, words):
    path = written(tmp_path, STOPS.replace(old, new), "stops.csv")
    with pytest.raises(FileFormatError) as caught:
        read_csv(path, "yard", 3)
    assert caught.value.line == line
    assert words in str(caught.value)
    assert len(str(caught.value)) < 400 + len(str(path))


def test_unknown_arguments_of_readers_are_refused_with_the_nearest(tmp_path):
    table, instance = written(tmp_path, STOPS, "stops.csv"), written(tmp_path, INSTANCE, "two.vrp")
    with pytest.raises(UnsupportedError, match=r"read_csv has no option 'capcity'; did you mean 'capacity'\?"):
        ok.read(table, depot="yard", capcity=3)
    with pytest.raises(UnsupportedError, match="depot=<its name>, capacity="):
        ok.read(table)
    with pytest.raises(UnsupportedError, match=r"read_vrplib has no option 'roundng'; did you mean 'rounding'\?"):
        ok.read(instance, roundng="exact")
