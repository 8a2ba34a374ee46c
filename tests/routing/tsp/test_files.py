"""Files: TSPLIB in, tours in and out, GeoJSON out; and every way in which a file can be broken."""

from __future__ import annotations

import csv
import json
import math
import os
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import optikit as ok
from optikit.errors import FileFormatError, InvalidSolutionError, UnsupportedError
from optikit.routing import TSP, VRP, Geo, Matrix, Planar, Space, Sphere, Tour
from optikit.routing.tsp.files import METRIC_OF, read_tour, read_tsplib, stated_length, to_geojson, write_tour

INSTANCES = Path(__file__).parents[3] / ".." / "shared" / "instances" / "tsp"

SMALL = """\
NAME : small
COMMENT : three four five
TYPE : TSP
DIMENSION : 4
EDGE_WEIGHT_TYPE : EUC_2D
NODE_COORD_SECTION
1 0 0
2 0 3
3 4 3
4 4.4 0
EOF
"""


def written(tmp_path: Path, text: str, name: str = "small.tsp") -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("kind", ["TSP", "ATSP", "CVRP"])
def test_a_pipe_is_read_once(tmp_path, kind):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text(SMALL.replace("TYPE : TSP", f"TYPE : {kind}")), daemon=True)
    writer.start()
    if kind == "CVRP":
        with pytest.raises(FileFormatError, match=r"VRP\.read"):
            ok.read(pipe, "tsplib")
    else:
        assert ok.read(pipe, "tsplib").num_cities == 4
    writer.join(5)


def refused(tmp_path: Path, text: str) -> FileFormatError:
    with pytest.raises(FileFormatError) as caught:
        read_tsplib(written(tmp_path, text))
    assert "\n" not in str(caught.value), "one line"
    assert str(caught.value).startswith(str(tmp_path / "small.tsp"))
    return caught.value


# -- instances -------------------------------------------------------------------

here = pytest.mark.skipif(not INSTANCES.is_dir(), reason="the instances of ../shared/instances/tsp are not on this machine")


@here
def test_the_check_value_of_the_documentation():
    """TSPLIB's documentation (Reinelt 1995) gives the lengths of the tours 1, 2, ..., n of three files, so that readers can be
    tested; att532 is the one of them that is here."""
    att532 = TSP.read(INSTANCES / "att532.tsp")
    assert att532.evaluate(Tour(range(532))) == 309636


@here
def test_every_instance_is_read():
    for path in sorted(INSTANCES.glob("*.tsp")):
        problem = ok.read(path)
        assert problem.num_cities == int("".join(c for c in path.stem if c.isdigit())), path.name
        assert problem.symmetric
        assert problem.lattice.exact, "all distances of TSPLIB are whole"
        assert problem.names == range(1, problem.num_cities + 1)
    assert problem == TSP.read(path)


@here
@pytest.mark.parametrize("name", ["burma14", "gr17", "ulysses22", "bays29", "att48", "eil51", "berlin52"])
def test_published_optima_are_met(name):
    """Geographical, explicit (triangular, full), pseudo-Euclidean, Euclidean: a wrong weight may show in a proved optimum."""
    pytest.importorskip("highspy", reason="highspy is not installed")
    with open(INSTANCES.parent / "best_known.csv", newline="") as file:
        published = {row["instance"]: float(row["best_known"]) for row in csv.DictReader(file) if row["family"] == "tsp"}
    result = ok.solve(TSP.read(INSTANCES / f"{name}.tsp"), "highs", time_limit=60)
    assert (result.status, result.objective) == (ok.Status.OPTIMAL, published[name])


def test_a_small_file_word_by_word(tmp_path):
    problem = read_tsplib(written(tmp_path, SMALL))
    assert problem.name == "small"
    assert problem.names == range(1, 5)
    assert isinstance(problem.network, Planar)
    # 3, 4, sqrt(9.16) = 3.03 and 4.4, each to the nearest.
    assert problem.evaluate(Tour([0, 1, 2, 3])) == 3 + 4 + 3 + 4
    assert ok.read(tmp_path / "small.tsp") == problem == TSP.read(tmp_path / "small.tsp")


# Weights by hand, as the documentation defines them, from (1, 2, 3) to (4, 6, 8.5): differences 3, 4 and 5.5.
BY_HAND = {
    "EUC_2D": 5,
    "EUC_3D": 7,  # sqrt(55.25) = 7.43
    "CEIL_2D": 5,
    "CEIL_3D": 8,
    "FLOOR_2D": 5,
    "FLOOR_3D": 7,
    "EXACT_2D": 5,
    "EXACT_3D": math.sqrt(55.25),
    "MAX_2D": 4,
    "MAX_3D": 6,  # max(3, 4, nint(5.5))
    "MAN_2D": 7,
    "MAN_3D": 13,  # nint(12.5): halves go up
    "ATT": 2,  # sqrt(25 / 10) = 1.58: 2, and rounded up it stays
    "XRAY1": 550,
    "XRAY2": 478,  # 5.5 / 1.15 = 4.7826, 4 / 1.5 = 2.67, 3 / 1.25 = 2.4
}


@pytest.mark.parametrize("kind", METRIC_OF)
def test_weights_by_hand(tmp_path, kind):
    third = METRIC_OF[kind][0] == 3
    rows = ["7 1 2 3", "9 4 6 8.5"] if third else ["7 1 2", "9 4 6"]
    text = SMALL.split("1 0 0")[0].replace("EUC_2D", kind).replace(": 4", ": 2") + "\n".join(rows)
    problem = read_tsplib(written(tmp_path, text))
    assert problem.names == (7, 9)
    assert problem.network.legs([0], [1])[0] == pytest.approx(BY_HAND[kind], abs=1e-12)
    assert problem.evaluate(Tour([0, 1])) == pytest.approx(2 * BY_HAND[kind], abs=1e-12)


def test_att_is_rounded_up_also_where_the_nearest_is_below(tmp_path):
    """The documentation: t = nint(r), and t + 1 where t < r."""
    text = SMALL.replace("EUC_2D", "ATT").replace("2 0 3", "2 0 4").replace("3 4 3", "3 1 3")
    problem = read_tsplib(written(tmp_path, text))
    assert problem.network.legs([0], [1])[0] == 2  # sqrt(1.6) = 1.26, nearest 1
    assert problem.network.legs([0], [2])[0] == 1  # sqrt(10 / 10): exact, and not more


def test_angles_of_xray_turn_either_way(tmp_path):
    text = SMALL.split("1 0 0")[0].replace("EUC_2D", "XRAY1").replace(": 4", ": 2") + "1 350 0 0\n2 -20 0 0\n"
    assert read_tsplib(written(tmp_path, text)).network.legs([0], [1])[0] == 1000  # 370 degrees are 10


def test_geo_by_hand(tmp_path):
    """16.47 is 16 degrees and 47 minutes; written out here with the documentation's constants."""
    text = SMALL.split("1 0 0")[0].replace("EUC_2D", "GEO").replace(": 4", ": 2") + "1 16.47 96.10\n2 -16.47 94.44\n"
    problem = read_tsplib(written(tmp_path, text))

    def radians(degrees: int, minutes: float) -> float:
        return 3.141592 * (degrees + minutes / 60) / 180

    (lat1, lon1), (lat2, lon2) = (radians(16, 47), radians(96, 10)), (radians(-16, -47), radians(94, 44))
    q1, q2, q3 = math.cos(lon1 - lon2), math.cos(lat1 - lat2), math.cos(lat1 + lat2)
    expected = int(6378.388 * math.acos(0.5 * ((1 + q1) * q2 - (1 - q1) * q3)) + 1)
    assert problem.network.legs([0], [1])[0] == expected
    assert isinstance(problem.network, Geo)
    np.testing.assert_allclose(problem.network.degrees, [[16 + 47 / 60, 96 + 10 / 60], [-16 - 47 / 60, 94 + 44 / 60]])


@pytest.mark.parametrize(("rounding", "leg"), [("exact", 4.4), ("ceil", 5), ("dimacs", 44)])
def test_the_rounding_is_the_files_unless_it_is_named(tmp_path, rounding, leg):
    assert TSP.read(written(tmp_path, SMALL), rounding=rounding).network.legs([3], [0])[0] == pytest.approx(leg)
    assert TSP.read(tmp_path / "small.tsp").network.legs([3], [0])[0] == 4


def test_spaces_order_and_numbers_of_nodes_do_not_matter(tmp_path):
    text = """NAME:small
EDGE_WEIGHT_TYPE\t:\tEUC_2D
 DIMENSION:  4

NODE_COORD_SECTION :
  3 4.0 3

 1 0 0
4 4.4e0 0
2 0 3
"""
    assert read_tsplib(written(tmp_path, text)) == read_tsplib(written(tmp_path, SMALL, "other.tsp"))


FULL = [[0, 1, 2, 3], [1, 0, 4, 5], [2, 4, 0, 6], [3, 5, 6, 0]]
EXPLICIT = {
    "FULL_MATRIX": "0 1 2 3\n1 0 4 5\n2 4 0 6\n3 5 6 0",
    "UPPER_ROW": "1 2 3\n4 5\n6",
    "LOWER_ROW": "1\n2 4\n3 5 6",
    "UPPER_DIAG_ROW": "0 1 2 3 0\n4 5 0 6 0",
    "LOWER_DIAG_ROW": "0\n1 0\n2 4 0\n3 5 6 0",
    "UPPER_COL": "1\n2 4\n3 5 6",
    "LOWER_COL": "1 2 3\n4 5\n6",
    "UPPER_DIAG_COL": "0\n1 0\n2 4 0\n3 5 6 0",
    "LOWER_DIAG_COL": "0 1 2 3\n0 4 5\n0 6\n0",
}


def explicit(form: str, weights: str, kind: str = "TSP", more: str = "") -> str:
    return (
        f"NAME : small\nTYPE : {kind}\nDIMENSION : 4\nEDGE_WEIGHT_TYPE : EXPLICIT\nEDGE_WEIGHT_FORMAT : {form}\n"
        f"EDGE_WEIGHT_SECTION\n{weights}\n{more}EOF\n"
    )


@pytest.mark.parametrize(("form", "weights"), EXPLICIT.items())
def test_explicit_weights_in_every_layout(tmp_path, form, weights):
    problem = read_tsplib(written(tmp_path, explicit(form, weights)))
    assert isinstance(problem.network, Matrix)
    assert problem.network.distance.tolist() == FULL
    assert problem.network.distance.dtype == np.int64


def test_asymmetric_instances(tmp_path):
    weights = "9999 1 2 3\n10 9999 4 5\n20 40 9999 6\n30 50 60 9999"
    problem = read_tsplib(written(tmp_path, explicit("FULL_MATRIX", weights, "ATSP"), "small.atsp"))
    assert not problem.symmetric
    assert problem.evaluate(Tour([0, 1, 2, 3])) == 1 + 4 + 6 + 30
    assert ok.read(tmp_path / "small.atsp") == problem


def test_places_for_pictures(tmp_path):
    shown = "DISPLAY_DATA_TYPE : TWOD_DISPLAY\nDISPLAY_DATA_SECTION\n2 0 3\n1 0 0\n3 4 3\n4 4 0\n"
    problem = read_tsplib(written(tmp_path, explicit("FULL_MATRIX", EXPLICIT["FULL_MATRIX"], more=shown)))
    assert problem.places.points.tolist() == [[0, 0], [0, 3], [4, 3], [4, 0]]
    beside = "NODE_COORD_SECTION\n10 0 0\n20 0 3\n30 4 3\n40 4 0\n"
    problem = read_tsplib(written(tmp_path, explicit("FULL_MATRIX", EXPLICIT["FULL_MATRIX"], more=beside)))
    assert problem.places.points.tolist() == [[0, 0], [0, 3], [4, 3], [4, 0]]
    assert problem.names == (10, 20, 30, 40)
    assert problem.network.distance.tolist() == FULL


HCP = "NAME : ring\nTYPE : HCP\nDIMENSION : 4\nEDGE_DATA_FORMAT : {}\nEDGE_DATA_SECTION\n{}\nEOF\n"


@pytest.mark.parametrize(
    ("form", "edges"),
    [("EDGE_LIST", "1 2\n2 3 3 4\n4 1\n-1"), ("ADJ_LIST", "1 2 4 -1\n3 2 4 -1\n-1"), ("ADJ_LIST", "1 2 4\n-1 3 2 4 -1")],
)
def test_hamiltonian_cycle_problems_are_graphs(tmp_path, form, edges):
    problem = read_tsplib(written(tmp_path, HCP.format(form, edges), "ring.hcp"))
    inf = math.inf
    assert problem.network.matrix().tolist() == [[0, 1, inf, 1], [1, 0, 1, inf], [inf, 1, 0, 1], [1, inf, 1, 0]]
    assert problem.evaluate(Tour([0, 1, 2, 3])) == 4
    assert not problem.check(Tour([0, 2, 1, 3]))
    assert ok.read(tmp_path / "ring.hcp") == problem


def test_edges_of_a_graph_with_coordinates(tmp_path):
    text = SMALL.replace("NODE_COORD", "EDGE_DATA_FORMAT : EDGE_LIST\nNODE_COORD")
    text = text.replace("EOF", "EDGE_DATA_SECTION\n1 2\n2 3\n3 4\n1 4\n-1\nEOF")
    problem = read_tsplib(written(tmp_path, text))
    assert problem.features["has_missing"]
    assert problem.evaluate(Tour([0, 1, 2, 3])) == 14
    assert problem.places.points.tolist() == [[0, 0], [0, 3], [4, 3], [4.4, 0]]


def test_a_section_of_fixed_edges_may_be_empty(tmp_path):
    assert read_tsplib(written(tmp_path, SMALL.replace("EOF", "FIXED_EDGES_SECTION\n-1\nEOF"))).num_cities == 4


def test_the_type_may_carry_a_remark(tmp_path):
    assert read_tsplib(written(tmp_path, SMALL.replace("TYPE : TSP", "TYPE : TSP (M.~Hofmeister)"))).num_cities == 4


@pytest.mark.parametrize(
    ("old", "new", "line", "token", "word"),
    [
        ("2 0 3\n", "2 0 three\n", 8, "three", "number"),
        ("2 0 3\n", "2 0 nan\n", 8, "nan", "number"),
        ("2 0 3\n", "2 0 1_0\n", 8, "1_0", "number"),
        ("2 0 3\n", "2 0\n", 8, "0", "3 numbers, not 2"),
        ("2 0 3\n", "2 0 3 7\n", 8, "7", "3 numbers, not 4"),
        ("2 0 3\n", "1 0 3\n", 8, "1", "node 1 twice"),
        ("2 0 3\n", "2.5 0 3\n", 8, "2.5", "number of a node"),
        ("2 0 3\n", "-2 0 3\n", 8, "-2", "number of a node"),
        ("2 0 3\n", "", 9, None, "has 3 rows; DIMENSION is 4"),
        ("DIMENSION : 4", "DIMENSION : four", 4, "four", "number"),
        ("DIMENSION : 4", "DIMENSION : 1", 4, "1", "whole number >= 2"),
        ("DIMENSION : 4\n", "", 10, None, "DIMENSION is missing"),
        ("DIMENSION : 4", "DIMENSION : 4\nDIMENSION : 5", 5, "DIMENSION", "twice"),
        ("DIMENSION : 4", "DIMENSION : 4\nDISTANCE : 200", 5, "DISTANCE", "unknown keyword"),
        ("TYPE : TSP", "TYPE : SOP", None, "SOP", "precedences"),
        ("TYPE : TSP", "TYPE : TOUR", None, "TOUR", "read_tour"),
        ("TYPE : TSP", "TYPE : CVRP", None, "CVRP", "VRP.read"),
        ("TYPE : TSP", "TYPE : QAP", None, "QAP", "TSP, ATSP and HCP"),
        ("EUC_2D", "SPECIAL", 5, "SPECIAL", "from_matrix"),
        ("EUC_2D", "TOR_2D", 5, "TOR_2D", "from_matrix"),
        ("EUC_2D", "EXPLICIT", 11, None, "EDGE_WEIGHT_FORMAT is missing"),
        ("EUC_2D", "EXPLICIT\nEDGE_WEIGHT_FORMAT : FUNCTION", 6, "FUNCTION", "this version reads"),
        ("EUC_2D", "EXPLICIT\nEDGE_WEIGHT_FORMAT : UPPER_ROW", 12, None, "EDGE_WEIGHT_SECTION is missing"),
        ("EOF", "FIXED_EDGES_SECTION\n1 2\n-1\nEOF", 12, "1 2", "first=u, last=v"),
        ("NODE_COORD_SECTION\n", "NODE_COORD_SECTION : 1 0 0\n", 6, "1", "on a line of its own"),
        ("2 0 3\n", "2 0\x0c three\n", 8, "three", "number"),
        ("2 0 3\n", "2 1e16 3\n", 8, None, "points[1, 0] is 1e+16"),
        ("2 0 3\n3 4 3\n", "2 0\u2028 3\n3 4 x\n", 9, "x", "number"),
        ("EOF", "DISPLAY_DATA_SECTION\n4 0 0\n3 1e16 0\n2 0 0\n1 0 0\nEOF", 13, None, "points[2, 0] is 1e+16"),
        ("EOF", "DEMAND_SECTION\n1 2\n-1\nEOF", 11, "DEMAND_SECTION", "beyond the travelling salesman"),
        ("EOF", "DISPLAY_DATA_SECTION\n1 2 3\nEOF", 12, None, "no row for node 2"),
    ],
)
def test_a_broken_file_is_named_with_line_and_word(tmp_path, old, new, line, token, word):
    text = SMALL.replace(old, new, 1)
    error = refused(tmp_path, text)
    assert word in str(error)
    assert (error.line, error.token) == (line, token)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (SMALL.replace("EUC_2D", "GEO").replace("3 4 3", "3 95 3"), ":9: NODE_COORD_SECTION: latitude[2] is 95"),
        (SMALL.replace("1 0 0", "1 -1e15 0").replace("2 0 3", "2 1e15 3"), ":6: NODE_COORD_SECTION: points are up to 2e+15 apart"),
        (explicit("UPPER_ROW", "1 2 3\n4 1e300 6"), ":6: EDGE_WEIGHT_SECTION: distance[1, 3] is 1e+300"),
        (explicit("UPPER_ROW", "1 2 3\n4 5"), "5 numbers; UPPER_ROW of 4 nodes has 6"),
        (explicit("UPPER_ROW", "1 2 3\n4 x 6"), "expected a number (at 'x')"),
        (explicit("UPPER_ROW", "1 2 3\n4 -5 6"), "a distance is >= 0 (at '-5')"),
        (explicit("LOWER_DIAG_ROW", "-1\n1 -1\n2 3 -1\n4 -5 6 -1"), ":10: a distance is >= 0 (at '-5')"),
        (explicit("FULL_MATRIX", "1").replace("DIMENSION : 4", f"DIMENSION : {10**12}"), "has 1000000000000000000000000"),
        (HCP.format("EDGE_LIST", "1 2\n3 -1"), "an edge of EDGE_LIST has two nodes"),
        (HCP.format("EDGE_LIST", "1 9\n-1"), "names a node that is not there (at '9')"),
        (HCP.format("MATRIX", "1 2\n-1"), "expected EDGE_LIST or ADJ_LIST"),
        (HCP.format("EDGE_LIST", "1 2\n-1").replace(": 4", ": 1000000"), "up to 20000 nodes"),
        (HCP.format("EDGE_LIST", "1 2\n-1").replace("EDGE_DATA_SECTION", "NODE_COORD_SECTION"), "EDGE_DATA_SECTION is missing"),
        ("", "empty"),
        ("\n \n", "empty"),
    ],
)
def test_what_makes_no_sense_is_named(tmp_path, text, word):
    assert word in str(refused(tmp_path, text))


def test_what_is_no_text_file(tmp_path):
    with pytest.raises(FileFormatError, match="directory"):
        read_tsplib(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_tsplib(tmp_path / "nowhere.tsp")
    for read in (read_tsplib, TSP.read, lambda path: read_tour(TSP.from_coordinates([(0, 0), (1, 1)]), path)):
        with pytest.raises(UnsupportedError, match="path is None; expected the name of a file"):
            read(None)


def test_what_a_file_says_of_the_way_from_a_city_to_itself_is_nobodys_business(tmp_path):
    text = explicit("LOWER_DIAG_ROW", "-1\n1 -1\n2 3 -1\n4 5 6 -1")
    assert read_tsplib(written(tmp_path, text)).network.matrix().tolist() == [
        [0, 1, 2, 4],
        [1, 0, 3, 5],
        [2, 3, 0, 6],
        [4, 5, 6, 0],
    ]


def test_options_are_refused_by_name(tmp_path):
    path = written(tmp_path, SMALL)
    with pytest.raises(UnsupportedError, match="rounding is 'up'; expected one of exact"):
        read_tsplib(path, rounding="up")
    with pytest.raises(UnsupportedError, match=r"read_tsplib has no option 'roundng'; did you mean 'rounding'\?"):
        ok.read(path, roundng="exact")
    for text in (explicit("FULL_MATRIX", EXPLICIT["FULL_MATRIX"]), SMALL.replace("EUC_2D", "GEO")):
        with pytest.raises(FileFormatError, match="is for coordinates in the plane"):
            read_tsplib(written(tmp_path, text), rounding="nearest")


CVRP = """\
NAME : two
TYPE : CVRP
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


def test_a_file_says_itself_what_it_is(tmp_path):
    """By its TYPE, whatever it is called; by its name, where it says nothing."""
    assert isinstance(ok.read(written(tmp_path, CVRP, "two.tsp")), VRP)
    assert isinstance(ok.read(written(tmp_path, SMALL, "small.vrp")), TSP)
    assert isinstance(ok.read(written(tmp_path, SMALL.replace("TYPE : TSP\n", ""), "small.tsp")), TSP)
    assert isinstance(ok.read(written(tmp_path, CVRP.replace("TYPE : CVRP\n", ""), "two.vrp")), VRP)
    assert isinstance(ok.read(written(tmp_path, SMALL, "small.txt"), format="tsplib"), TSP)
    with pytest.raises(UnsupportedError, match=r"format is 'tsp'.*tsplib"):
        ok.read(tmp_path / "small.tsp", format="tsp")


def test_formats_of_others_do_not_take_large_files_apart(tmp_path, monkeypatch):
    """A matrix of a thousand cities was split into words three times before its own reader saw it."""
    monkeypatch.setattr("optikit.scheduling.shop.files.Words", None)
    assert ok.read(written(tmp_path, SMALL)).num_cities == 4


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_refused_or_read_but_never_breaks_the_reader(tmp_path, data):
    """Words are swapped for others, lines are doubled."""
    bases = [SMALL, explicit("UPPER_ROW", EXPLICIT["UPPER_ROW"]), HCP.format("ADJ_LIST", "1 2 4 -1\n3 2 4 -1\n-1")]
    lines = data.draw(st.sampled_from(bases)).splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        words = lines[at].split(" ")
        word = data.draw(
            st.sampled_from(["", "-1", "1e400", "0x10", "EOF", ":", "x:y", "GEO", "NODE_COORD_SECTION", "٣", "9" * 30])
        )
        words[data.draw(st.integers(0, len(words) - 1))] = word
        lines[at] = " ".join(words)
        if data.draw(st.booleans()):
            lines.insert(at, lines[data.draw(st.integers(0, len(lines) - 1))])
    path = tmp_path / "damaged.tsp"
    path.write_text("\n".join(lines), encoding="utf-8")
    try:
        outcome = read_tsplib(path).name
    except FileFormatError as error:
        outcome = str(error)
    assert "\n" not in outcome


# -- tours ------------------------------------------------------------------------


@pytest.fixture
def small(tmp_path) -> TSP:
    return read_tsplib(written(tmp_path, SMALL))


def test_tours_are_numbered_as_in_the_file(tmp_path, small):
    path = tmp_path / "small.tour"
    write_tour(small, Tour([2, 1, 0, 3]), path)
    assert path.read_text() == (
        "NAME : small.tour\nCOMMENT : Length 14\nTYPE : TOUR\nDIMENSION : 4\nTOUR_SECTION\n3\n2\n1\n4\n-1\nEOF\n"
    )
    assert read_tour(small, path) == Tour([2, 1, 0, 3])
    assert stated_length(path) == 14
    write_tour(small.replace(first=0), Tour([2, 1, 0, 3]), path)
    assert read_tour(small, path) == Tour([0, 3, 2, 1])


def test_tours_of_cities_with_odd_numbers_or_names(tmp_path, small):
    path = tmp_path / "odd.tour"
    # No number below 0: -1 ends a tour.
    odd = (((70, 3, 9, 10), "9"), (("a", "b", "c", "d"), "3"), (None, "3"), ((-1, 0, 1, 2), "3"), ((7, -1, 5, 0), "3"))
    for names, first in odd:
        problem = small.replace(names=names)
        write_tour(problem, Tour([2, 1, 0, 3]), path)
        assert path.read_text().splitlines()[5] == first
        assert read_tour(problem, path) == Tour([2, 1, 0, 3])


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("TYPE : TOUR\nTOUR_SECTION\n1 3 2\n4\n", None),
        (
            "COMMENT : Length = 17, by hand\nTYPE : TOUR\nDIMENSION : 4\nTOUR_SECTION\n1\n3\n2\n4\n-1\n2\n1\n-1\nEOF",
            17,
        ),
        ("COMMENT: optimal tour, cost 14.5\nTYPE: TOUR\nTOUR_SECTION\n1 3 2 4 -1 -1\n", 14.5),
        ("COMMENT: length unknown\nTOUR_SECTION\n1 3 2 4 -1\n", None),
    ],
)
def test_tours_of_others(tmp_path, small, text, stated):
    """Several cities a line, no -1 at the end, a second tour, a comment with the length as others write it."""
    path = written(tmp_path, text, "other.tour")
    assert read_tour(small, path) == Tour([0, 2, 1, 3])
    assert stated_length(path) == stated


def test_json_tours_and_results(tmp_path, small):
    path = tmp_path / "small.json"
    write_tour(small, Tour([2, 1, 0, 3]), path)
    assert json.loads(path.read_text()) == {"schema_version": 1, "order": [2, 1, 0, 3]}
    assert read_tour(small, path) == Tour([2, 1, 0, 3])
    assert stated_length(path) is None
    tour = Tour([0, 1, 2, 3])
    result = ok.Result(
        ok.Status.FEASIBLE, ok.StopReason.TIME, solution=tour, objective=14.0, fingerprint=small.fingerprint, problem=small
    )
    path.write_text(result.to_json())
    assert read_tour(small, path) == tour
    assert stated_length(path) == 14
    with pytest.raises(FileFormatError, match="another problem"):
        read_tour(small.replace(name="renamed"), path)


@pytest.mark.parametrize(
    ("text", "line", "token", "word"),
    [
        ("TYPE : TOUR\nTOUR_SECTION\n1\n9\n-1\n", 4, "9", "expected the number of a city, 1 to 4"),
        ("TYPE : TOUR\nTOUR_SECTION\n1\n2.5\n-1\n", 4, "2.5", "expected the number of a city"),
        ("TYPE : TOUR\nTOUR_SECTION\n1\ntwo\n-1\n", 4, "two", "unknown keyword"),
        ("TYPE : TOUR\nTOUR_SECTION\n1\n2x\n-1\n", 4, "2x", "expected a number"),
        ("TYPE : TOUR\nTOUR_SECTION\n-1\n", 2, None, "holds no city"),
        ("TYPE : TOUR\nDIMENSION : 4\nTOUR_SECTION\n1\n2\n3\n-1\n", 2, "4", "(from line 3) has 3 cities"),
        ("TYPE : TOUR\nDIMENSION : 3\nTOUR_SECTION\n1\n2\n3\n4\n", 2, "3", "(from line 3) has 4 cities"),
        ("TYPE : TOUR\nDIMENSION : four\nTOUR_SECTION\n1\n-1\n", 2, "four", "expected a number"),
        ("TYPE : TOUR\n", 1, None, "TOUR_SECTION is missing"),
        ("TYPE : TSP\nTOUR_SECTION\n1\n-1", None, "TSP", "expected a file of type TOUR"),
        ("TYPE : TOUR\nDEMAND_SECTION\n1\n-1", 2, "DEMAND_SECTION", "not part of a tour"),
        ('{"schema_version": 1, "order": [7]}', None, None, "order[0] is 7; cities are 0 to 3"),
        ("{", 1, "", "not JSON"),
    ],
)
def test_broken_tours_are_named(tmp_path, small, text, line, token, word):
    path = written(tmp_path, text, "broken.tour")
    with pytest.raises(FileFormatError) as caught:
        read_tour(small, path)
    assert word in str(caught.value)
    assert (caught.value.line, caught.value.token) == (line, token)


def test_what_is_no_tour_is_not_written(tmp_path, small):
    for call in (lambda: write_tour(small, [0, 1, 2, 3], tmp_path / "a.tour"), lambda: small.to_frame(None)):
        with pytest.raises(InvalidSolutionError, match="expected a Tour for a TSP"):
            call()
    assert not (tmp_path / "a.tour").exists()


def test_what_a_tour_is_worth_the_checker_says(tmp_path, small):
    tour = read_tour(small, written(tmp_path, "TYPE : TOUR\nTOUR_SECTION\n1 2 2 -1\n", "short.tour"))
    assert {violation.rule for violation in small.check(tour)} == {"not visited", "visited twice"}


# -- maps ---------------------------------------------------------------------------


def test_geojson_of_the_globe():
    tsp = TSP.from_coordinates([(10, 179), (12, -179), (14, 178)], metric="haversine", names=["a", "b", "c"])
    line, *points = to_geojson(tsp, Tour([0, 1, 2]))["features"]
    assert line["properties"] == {"distance": tsp.evaluate(Tour([0, 1, 2])), "stops": 3, "closed": True}
    assert line["geometry"]["type"] == "MultiLineString", "cut at the antimeridian"
    assert points[1] == {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [-179.0, 12.0]},
        "properties": {"name": "b", "city": 1, "position": 1},
    }
    path = to_geojson(tsp.replace(closed=False), Tour([1, 0, 2]))["features"][0]
    assert path["properties"]["closed"] is False
    assert path["geometry"]["coordinates"][-1][-1] == [178.0, 14.0]
    json.dumps(to_geojson(tsp, Tour([0, 1, 2])))


def test_geojson_of_a_matrix_with_places_and_of_geo():
    streets = TSP.from_matrix([[0, 5], [5, 0]], places=Sphere([(52, 9), (48, 11)]))
    assert to_geojson(streets, Tour([0, 1]))["features"][0]["geometry"]["coordinates"] == [[9, 52], [11, 48], [9, 52]]
    geo = TSP.from_coordinates([(16.3, 96), (17, 97)], metric="geo")
    assert to_geojson(geo, Tour([0, 1]))["features"][1]["geometry"]["coordinates"] == [96, pytest.approx(16.5)]


def test_what_is_not_on_the_globe_has_no_geojson(small):
    with pytest.raises(UnsupportedError, match="this problem has a Planar network"):
        to_geojson(small, Tour([0, 1, 2, 3]))
    with pytest.raises(UnsupportedError, match="Space network"):
        to_geojson(TSP(Space([(0, 0, 0), (1, 1, 1)])), Tour([0, 1]))
