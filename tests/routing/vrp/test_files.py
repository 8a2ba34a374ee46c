"""Files: VRPLIB in, solutions in and out, GeoJSON out; and every way in which a file can be broken."""

from __future__ import annotations

import csv
import json
import math
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import optikit as ok
from optikit.errors import FileFormatError, UnsupportedError
from optikit.inputs.files import check_writable, read_text, replace_file
from optikit.routing import VRP, Matrix, Planar, Routes
from optikit.routing.vrp.files import read_solution, read_vrplib, stated_cost, to_geojson, write_solution

CVRP = Path(__file__).parents[3] / ".." / "shared" / "instances" / "cvrp"
INSTANCES = sorted(path.stem for path in CVRP.glob("*.vrp"))

SMALL = """\
NAME : small
COMMENT : "three clients: one far"
TYPE : CVRP
DIMENSION : 4
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 10
NODE_COORD_SECTION
1 0 0
2 0 3
3 4 0
4 1 1
DEMAND_SECTION
1 0
2 5
3 4
4 3
DEPOT_SECTION
 1
 -1
EOF
"""


def written(tmp_path: Path, text: str, name: str = "small.vrp") -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


def refused(tmp_path: Path, text: str) -> FileFormatError:
    with pytest.raises(FileFormatError) as caught:
        read_vrplib(written(tmp_path, text))
    assert "\n" not in str(caught.value), "one line"
    assert str(caught.value).startswith(str(tmp_path / "small.vrp"))
    return caught.value


# -- instances -------------------------------------------------------------------


@pytest.mark.skipif(not INSTANCES, reason="the instances of ../shared/instances/cvrp are not on this machine")
def test_every_instance_agrees_with_its_best_known_solution():
    with open(CVRP.parent / "best_known.csv", newline="") as file:
        best_known = {row["instance"]: float(row["best_known"]) for row in csv.DictReader(file) if row["family"] == "cvrp"}
    for name in INSTANCES:
        problem = VRP.read(CVRP / f"{name}.vrp")
        solution = read_solution(problem, CVRP / f"{name}.sol")
        assert problem.check(solution), name
        assert problem.evaluate(solution) == best_known[name] == stated_cost(CVRP / f"{name}.sol"), name
        assert name.split("-")[1] == f"n{problem.num_clients + 1}"


def test_a_small_file_word_by_word(tmp_path):
    problem = read_vrplib(written(tmp_path, SMALL))
    assert problem.name == "small"
    assert problem.depots == (1,)
    assert problem.clients == (2, 3, 4)
    assert problem.demand.ravel().tolist() == [5, 4, 3]
    assert problem.demand.dtype == np.int64
    assert problem.capacity == 10
    assert problem.num_vehicles is None
    # There and back to (0, 3), and (0, 0) - (4, 0) - (1, 1) - (0, 0) with legs 4, sqrt(10) -> 3, sqrt(2) -> 1.
    assert problem.evaluate(Routes.of([[0], [1, 2]])) == 6 + 4 + 3 + 1
    assert ok.read(tmp_path / "small.vrp") == problem


@pytest.mark.parametrize(
    ("kind", "rounding", "distance"),
    [
        ("EUC_2D", None, 1),
        ("CEIL_2D", None, 2),
        ("FLOOR_2D", None, 1),
        ("EXACT_2D", None, math.sqrt(2)),
        ("euc_2d", "exact", math.sqrt(2)),
        ("CEIL_2D", "nearest", 1),
        ("EUC_2D", "dimacs", 14),
    ],
)
def test_the_rounding_is_the_files_unless_it_is_named(tmp_path, kind, rounding, distance):
    problem = VRP.read(written(tmp_path, SMALL.replace("EUC_2D", kind)), rounding=rounding)
    assert problem.network.legs([0], [3])[0] == distance


def test_spaces_order_of_sections_and_of_nodes_do_not_matter(tmp_path):
    text = """NAME:small
DIMENSION:  4
CAPACITY :10
EDGE_WEIGHT_TYPE\t:\tEUC_2D

DEPOT_SECTION
1
-1
DEMAND_SECTION :
4\t3
1 0
3 4
2 5
NODE_COORD_SECTION
3 4.0 0
1 0 0
4 1 1e0
2 0 3
"""
    assert read_vrplib(written(tmp_path, text)) == read_vrplib(written(tmp_path, SMALL, "other.vrp"))


def test_the_depot_may_be_any_node_and_nodes_any_numbers(tmp_path):
    text = SMALL.replace("\n1 0 0", "\n70 0 0").replace("\n1 0\n", "\n70 0\n").replace(" 1\n -1", "70 -1")
    problem = read_vrplib(written(tmp_path, text))
    assert problem.depots == (70,)
    assert problem.clients == (2, 3, 4)
    assert problem.evaluate(Routes.of([[0], [1, 2]])) == 14


def test_vehicles_and_floats(tmp_path):
    text = SMALL.replace("CAPACITY : 10", "CAPACITY : 10.5\nVEHICLES : 3").replace("2 5\n", "2 2.5\n")
    problem = read_vrplib(written(tmp_path, text))
    assert problem.num_vehicles == 3
    assert problem.capacity == 10.5
    assert problem.demand.ravel().tolist() == [2.5, 4, 3]


FULL = [[0, 1, 2, 3], [1, 0, 4, 5], [2, 4, 0, 6], [3, 5, 6, 0]]
EXPLICIT = {
    "FULL_MATRIX": "0 1 2 3\n1 0 4 5\n2 4 0 6\n3 5 6 0",
    "UPPER_ROW": "1 2 3\n4 5\n6",
    "LOWER_ROW": "1\n2 4\n3 5 6",
    "UPPER_DIAG_ROW": "0 1 2 3\n0 4 5\n0 6\n0",
    "LOWER_DIAG_ROW": "0\n1 0\n2 4 0\n3 5 6 0",
    "LOWER_COL": "1 2 3\n4 5\n6",
    "UPPER_COL": "1\n2 4\n3 5 6",
    "LOWER_DIAG_COL": "0 1 2 3\n0 4 5\n0 6\n0",
    "UPPER_DIAG_COL": "0\n1 0\n2 4 0\n3 5 6 0",
}


def explicit(form: str, weights: str) -> str:
    start = SMALL.index("NODE_COORD_SECTION")
    end = SMALL.index("DEMAND_SECTION")
    head = SMALL[:start].replace("EUC_2D", f"EXPLICIT\nEDGE_WEIGHT_FORMAT : {form}")
    return f"{head}EDGE_WEIGHT_SECTION\n{weights}\n{SMALL[end:]}"


@pytest.mark.parametrize("form", EXPLICIT)
@pytest.mark.parametrize("wrapped", [False, True])
def test_explicit_weights_in_every_format(tmp_path, form, wrapped):
    weights = EXPLICIT[form].replace("\n", " ") if wrapped else EXPLICIT[form]
    problem = read_vrplib(written(tmp_path, explicit(form, weights)))
    assert isinstance(problem.network, Matrix)
    assert problem.network.distance.tolist() == FULL
    assert problem.network.distance.dtype == np.int64


def test_full_matrix_may_be_asymmetric_and_of_floats(tmp_path):
    problem = read_vrplib(written(tmp_path, explicit("FULL_MATRIX", EXPLICIT["FULL_MATRIX"].replace("0 1 2 3", "0 1.5 2 3"))))
    assert problem.evaluate(Routes.of([[0]])) == 2.5


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("1 2 3\n", "1 1_0 3\n", r"broken.vrp:9: expected a number \(at '1_0'\)"),
        ("1 2 3\n", "1 9007199254740993 3\n", r"broken.vrp:9: a whole number above 2\^53.*\(at '9007199254740993'\)"),
        ("1 2 3\n", "1 1e30 3\n", r"broken.vrp:8: EDGE_WEIGHT_SECTION: distance\[0, 2\] is 1e\+30 where nodes can be left for"),
        ("CAPACITY : 10", "CAPACITY : 1e305", r"broken.vrp:\d+: CAPACITY: capacity\[0\] is 1e\+305"),
        ("3 4\n", "3 1e308\n", r"broken.vrp:15: DEMAND_SECTION: demand\[1\] is 1e\+308; sums of such numbers overflow"),
        ("3 4\n", "3 9007199254740991\n", r"broken.vrp:15: DEMAND_SECTION: demand\[2\] is 9007199254740991, and up to 3"),
    ],
)
def test_what_no_problem_can_hold_is_refused_with_its_section(tmp_path, old, new, complaint):
    text = explicit("LOWER_COL", EXPLICIT["LOWER_COL"])
    assert old in text
    with pytest.raises(FileFormatError, match=complaint):
        read_vrplib(written(tmp_path, text.replace(old, new, 1), "broken.vrp"))


def test_a_file_is_read_as_it_declares_itself_whoever_its_comment_names(tmp_path):
    text = explicit("LOWER_ROW", EXPLICIT["LOWER_ROW"]).replace("three clients: one far", "my own data, demands as by Eilon et al")
    assert read_vrplib(written(tmp_path, text)).network.distance.tolist() == FULL


def test_files_that_misstate_their_layout_are_read_as_the_caller_says(tmp_path):
    """E-n13-k4 and E-n31-k7 of CVRPLIB: the distances are Dantzig and Ramser's only when read by columns."""
    text = explicit("LOWER_ROW", EXPLICIT["LOWER_COL"]).replace("three clients: one far", "(Eilon et al, 4 trucks)")
    path = written(tmp_path, text)
    assert read_vrplib(path).network.distance.tolist() != FULL
    for problem in (
        read_vrplib(path, edge_weight_format="LOWER_COL"),
        ok.read(path, edge_weight_format="LOWER_COL"),
        ok.routing.VRP.read(path, edge_weight_format="LOWER_COL"),
    ):
        assert problem.network.distance.tolist() == FULL
    with pytest.raises(UnsupportedError, match=r"edge_weight_format is 'COLUMNS'; expected one of .*LOWER_COL"):
        read_vrplib(path, edge_weight_format="COLUMNS")
    with pytest.raises(FileFormatError, match="this file has coordinates, leave it out"):
        read_vrplib(written(tmp_path, SMALL), edge_weight_format="LOWER_COL")


@pytest.mark.parametrize(
    ("old", "new", "line", "token", "word"),
    [
        ("2 0 3\n", "2 0 three\n", 9, "three", "number"),
        ("2 0 3\n", "2 0 nan\n", 9, "nan", "number"),
        ("2 0 3\n", "2 0 1_0\n", 9, "1_0", "number"),
        ("2 0 3\n", "2 0 1e200\n", 9, None, "below 1e15"),
        ("2 0 3\n", "2 0\n", 9, "0", "3 numbers, not 2"),
        ("2 0 3\n", "1 0 3\n", 9, "1", "node 1 twice"),
        ("2 0 3\n", "", 10, None, "has 3 rows; DIMENSION is 4"),
        ("2 5\n", "9 5\n", 14, "9", "not there"),
        ("2 5\n", "2.5 5\n", 14, "2.5", "number of a node"),
        ("2 5\n", "2 -5\n", 14, "-5", "demand is >= 0"),
        ("2 5\n", "", 15, None, "no row for node 2"),
        ("\n1 0\n2", "\n1 7\n2", 13, None, "depot"),
        (" 1\n -1", " 7\n -1", 18, "7", "not there"),
        (" 1\n -1", " 1\n 2\n -1", 19, "2", "second depot"),
        (" 1\n -1", " -1", 17, None, "no depot"),
        ("TYPE : CVRP", "TYPE : VRPTW", 3, "VRPTW", "CVRP"),
        ("DIMENSION : 4", "DIMENSION : four", 4, "four", "number"),
        ("DIMENSION : 4", "DIMENSION : 1", 4, "1", "whole number >= 2"),
        ("DIMENSION : 4\n", "", 19, None, "DIMENSION is missing"),
        ("CAPACITY : 10", "CAPACITY :", 20, None, "CAPACITY is missing"),
        ("CAPACITY : 10", "CAPACITY : ten", 6, "ten", "number"),
        ("CAPACITY : 10", "CAPACITY : -1", 6, "-1", ">= 0"),
        ("CAPACITY : 10", "CAPACITY : 10\nCAPACITY : 11", 7, "CAPACITY", "twice"),
        ("CAPACITY : 10", "CAPACITY : 10\nDISTANCE : 200", 7, "DISTANCE", "unknown keyword"),
        ("CAPACITY : 10", "CAPACITY : 10\nSERVICE_TIME : 10", 7, "SERVICE_TIME", "unknown keyword"),
        ("CAPACITY : 10", "CAPACITY : 10\nVEHICLES : 0", 7, "0", "VEHICLES"),
        ("DEPOT_SECTION", "TIME_WINDOW_SECTION\n1 0 9\nDEPOT_SECTION", 17, "TIME_WINDOW_SECTION", "beyond"),
        ("DEPOT_SECTION", "DEMAND_SECTION\n1 0\nDEPOT_SECTION", 17, "DEMAND_SECTION", "twice"),
        ("EUC_2D", "GEO", 5, "GEO", "haversine"),
        ("EUC_2D", "MAN_2D", 5, "MAN_2D", "from_matrix"),
        ("EUC_2D", "EXPLICIT", 20, None, "EDGE_WEIGHT_FORMAT is missing"),
        ("EUC_2D", "EXPLICIT\nEDGE_WEIGHT_FORMAT : FUNCTION", 6, "FUNCTION", "this version reads"),
        ("EUC_2D", "EXPLICIT\nEDGE_WEIGHT_FORMAT : UPPER_ROW", 21, None, "EDGE_WEIGHT_SECTION is missing"),
    ],
)
def test_a_broken_file_is_named_with_line_and_word(tmp_path, old, new, line, token, word):
    assert SMALL.count(old) == 1
    error = refused(tmp_path, SMALL.replace(old, new))
    assert word in str(error)
    assert (error.line, error.token) == (line, token)
    assert str(error).startswith(f"{tmp_path / 'small.vrp'}:{line}: ")


@pytest.mark.parametrize(
    ("weights", "line", "token", "word"),
    [("1 2 3\n4 5", 10, None, "5 numbers"), ("1 2 3\n4 x\n6", 10, "x", "number"), ("1 2 3\n4 -5\n6", 10, "-5", ">= 0")],
)
def test_broken_weights_are_named(tmp_path, weights, line, token, word):
    error = refused(tmp_path, explicit("UPPER_ROW", weights))
    assert (error.line, error.token) == (line, token)
    assert word in str(error)


def test_what_is_no_text_file(tmp_path):
    assert "empty" in str(refused(tmp_path, ""))
    assert "empty" in str(refused(tmp_path, "\n \n"))
    with pytest.raises(FileFormatError, match="directory"):
        read_vrplib(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_vrplib(tmp_path / "nowhere.vrp")
    binary = tmp_path / "binary"
    binary.write_bytes(b"NAME : x\n\x00\x01\x02")
    with pytest.raises(FileFormatError, match="zero bytes") as caught:
        read_vrplib(binary)
    assert caught.value.line == 2
    binary.write_bytes("NAME : x\nCOMMENT : Köln".encode("latin-1"))
    with pytest.raises(FileFormatError, match="UTF-8") as caught:
        read_vrplib(binary)
    assert caught.value.line == 2
    binary.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    assert read_vrplib(binary).name == "small"


def test_rounding_is_refused_where_there_is_nothing_to_round(tmp_path):
    path = written(tmp_path, explicit("FULL_MATRIX", EXPLICIT["FULL_MATRIX"]))
    with pytest.raises(FileFormatError, match="lists its distances"):
        read_vrplib(path, rounding="nearest")
    with pytest.raises(UnsupportedError, match="rounding is 'up'"):
        read_vrplib(path, rounding="up")


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_refused_or_read_but_never_breaks_the_reader(tmp_path, data):
    """Words are swapped for others, lines are doubled."""
    base = data.draw(st.sampled_from([SMALL, explicit("UPPER_ROW", EXPLICIT["UPPER_ROW"])]))
    lines = base.splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        words = lines[at].split(" ")
        word = data.draw(st.sampled_from(["", "-1", "1e400", "0x10", "EOF", ":", "x:y", "DEMAND_SECTION", "٣", "9" * 30, "\t"]))
        words[data.draw(st.integers(0, len(words) - 1))] = word
        lines[at] = " ".join(words)
        if data.draw(st.booleans()):
            lines.insert(at, lines[data.draw(st.integers(0, len(lines) - 1))])
    path = tmp_path / "damaged.vrp"
    path.write_text("\n".join(lines), encoding="utf-8")
    try:
        outcome = read_vrplib(path).name
    except FileFormatError as error:
        outcome = str(error)
    assert "\n" not in outcome


# -- solutions --------------------------------------------------------------------


@pytest.fixture
def small(tmp_path) -> VRP:
    return read_vrplib(written(tmp_path, SMALL))


def test_sol_files_number_clients_from_one(tmp_path, small):
    path = tmp_path / "small.sol"
    write_solution(small, Routes.of([[2, 1], [], [0]]), path)
    assert path.read_text() == "Route #1: 3 2\nRoute #2: 1\nCost 14\n"
    assert read_solution(small, path) == Routes.of([[2, 1], [0]])
    assert stated_cost(path) == 14


def test_json_solutions_and_results(tmp_path, small):
    path = tmp_path / "small.json"
    write_solution(small, Routes.of([[2, 1], [0]]), path)
    assert read_solution(small, path) == Routes.of([[2, 1], [0]])
    assert stated_cost(path) is None
    solution = Routes.of([[2, 1], [0]])
    result = ok.Result(
        ok.Status.FEASIBLE, ok.StopReason.TIME, solution=solution, objective=14.0, fingerprint=small.fingerprint, problem=small
    )
    path.write_text(result.to_json())
    assert read_solution(small, path) == solution
    assert stated_cost(path) == 14
    with pytest.raises(FileFormatError, match="another problem"):
        read_solution(small.replace(name="renamed"), path)


def test_numbers_beyond_64_bits_stay_what_they_are(tmp_path):
    problem = read_vrplib(written(tmp_path, SMALL.replace("CAPACITY : 10", "CAPACITY : 1e30").replace("2 5", "2 1e25")))
    assert problem.capacity == 1e30
    assert problem.demand[0, 0] == 1e25


@pytest.mark.parametrize(
    ("text", "line", "token"),
    [
        ("", None, None),
        ("nothing\n", None, None),
        ("Route #1: 1\nRoute #2: 2 x\n", 2, "x"),
        ("Route #1: 1\nRoute #2: 4\n", 2, "4"),
        ("Route #1: 0\n", 1, "0"),
        ("Route #1 1 2\n", 1, "2"),
        ("Route count: 2\nRoute #1: 1 2\n", 1, "count"),
        ("Route #1: 1\n 2\n", 2, " 2"),
        ('{"schema_version": 1,\n oops', 2, "oops"),
        ('{"schema_version": 1, "routes": 3}', None, None),
        (Routes.of([[7]]).to_json(), None, None),
        ('{"solution": null}', None, None),
        ("[1, 2]", None, None),
        (f"Route #1: {'1' * 5000}\n", 1, "1" * 5000),
        ('{"schema_version": ' + "1" * 5000 + "}", None, None),
        ("[" * 100_000, None, None),
    ],
)
def test_broken_solutions_are_named(tmp_path, small, text, line, token):
    path = written(tmp_path, text, "broken.sol")
    with pytest.raises(FileFormatError) as caught:
        read_solution(small, path)
    assert (caught.value.line, caught.value.token) == (line, token)


def test_a_cost_that_is_no_number_is_none(tmp_path):
    for text in ("[" * 100_000, '{"objective": ' + "1" * 400 + "}", '{"objective": NaN}', "Cost 1e999\n", '{"objective": "x"}'):
        assert stated_cost(written(tmp_path, text, "cost.sol")) is None


def test_a_client_missing_from_a_file_is_the_checkers_business(tmp_path, small):
    solution = read_solution(small, written(tmp_path, "Route #1: 1 2\nRoute #2: 2\n", "odd.sol"))
    assert {violation.rule for violation in small.check(solution)} == {"visited twice", "unserved"}


def test_files_are_replaced_in_one_step(tmp_path):
    path = tmp_path / "file"
    replace_file(path, b"old")
    os.chmod(path, 0o640)
    replace_file(path, b"new")
    assert read_text(path) == "new"
    assert path.stat().st_mode & 0o777 == 0o640
    link = tmp_path / "link"
    link.symlink_to(path)
    replace_file(link, b"newer")
    assert link.is_symlink()
    assert path.read_bytes() == b"newer"
    for attempt in (lambda path: replace_file(path, b""), check_writable):
        with pytest.raises(FileNotFoundError) as missing:
            attempt(tmp_path / "nowhere" / "file")
        assert missing.value.filename == str(tmp_path / "nowhere" / "file"), "the user's file, not the temporary one"
        with pytest.raises(IsADirectoryError) as folder:
            attempt(tmp_path)
        assert folder.value.filename == str(tmp_path)
    check_writable(path)
    check_writable(tmp_path / "new")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "link"]


# -- GeoJSON ------------------------------------------------------------------------


def test_geojson_of_three_cities():
    places = [(52.37, 9.73), (53.55, 9.99), (52.52, 13.41), (50.11, 8.68)]
    problem = VRP.from_coordinates(
        places, [0, 3, 4, 5], 8, metric="haversine", names=["Hannover", "Hamburg", "Berlin", "Frankfurt"]
    )
    solution = Routes.of([[0, 1], []])
    line, *points = json.loads(json.dumps(to_geojson(problem, solution)))["features"]
    assert line["geometry"]["type"] == "LineString"
    assert line["geometry"]["coordinates"] == [[9.73, 52.37], [9.99, 53.55], [13.41, 52.52], [9.73, 52.37]]
    assert line["properties"] == {"route": 0, "distance": problem.evaluate(solution), "load": 7, "stops": 2}
    assert [(p["properties"]["name"], p["properties"]["kind"]) for p in points] == [
        ("Hannover", "depot"),
        ("Hamburg", "client"),
        ("Berlin", "client"),
        ("Frankfurt", "client"),
    ]
    assert [p["properties"].get("route") for p in points] == [None, 0, 0, None]
    assert points[1]["properties"]["demand"] == 3


def test_geojson_cuts_lines_at_the_antimeridian():
    problem = VRP.from_coordinates([(0, 170), (10, -170), (5, 185)], [0, 1, 1], 2, metric="haversine")
    features = to_geojson(problem, Routes.of([[0]]))["features"]
    line = features[0]["geometry"]
    assert line["type"] == "MultiLineString"
    assert line["coordinates"] == [[[170, 0], [180, 5]], [[-180, 5], [-170, 10], [-180, 5]], [[180, 5], [170, 0]]]
    assert features[-1]["geometry"]["coordinates"] == [-175, 5]


def test_geojson_needs_the_globe():
    problem = VRP.from_coordinates([(0, 0), (1, 1)], [0, 1], 1)
    assert isinstance(problem.network, Planar)
    with pytest.raises(UnsupportedError, match="latitudes"):
        problem.to_geojson(Routes.of([[0]]))
