"""Tables: pandas and polars in, one row a stop out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from optikit.errors import InvalidProblemError, InvalidSolutionError, MissingExtraError, UnsupportedError
from optikit.routing import TSP, Matrix, Planar, Space, Sphere, Tour

pd = pytest.importorskip("pandas", reason="pandas is not installed")


@pytest.fixture
def cities():
    return pd.DataFrame({"name": ["a", "b", "c"], "x": [0, 3, 0], "y": [0.0, 0.0, 4.0], "height": [0, 0, 12]})


def test_names_and_coordinates_are_found(cities):
    tsp = TSP.from_frame(cities, first="b", title="three")
    assert (tsp.names, tsp.first, tsp.name) == (("a", "b", "c"), 1, "three")
    assert isinstance(tsp.network, Planar)
    assert tsp.evaluate(Tour([0, 1, 2])) == 12
    path = TSP.from_frame(cities, closed=False, first="b", last="c", rounding="nearest")
    assert (path.closed, path.first, path.last) == (False, 1, 2)
    assert path.network.rounding == "nearest"


def test_polars_frames_are_frames(cities):
    pl = pytest.importorskip("polars", reason="polars is not installed")
    assert TSP.from_frame(pl.DataFrame(cities.to_dict("list"))) == TSP.from_frame(cities)


def test_rows_are_names_where_there_are_none(cities):
    tsp = TSP.from_frame(cities[["x", "y"]], first=2)
    assert tsp.names is None
    assert tsp.first == 2
    with pytest.raises(InvalidProblemError, match="first is 3, which is no row of the table"):
        TSP.from_frame(cities[["x", "y"]], first=3)


def test_other_columns(cities):
    renamed = cities.rename(columns={"name": "town", "x": "east", "y": "north"})
    tsp = TSP.from_frame(renamed, name="town", x="east", y="north", z="height")
    assert isinstance(tsp.network, Space)
    assert tsp.network.legs([0, 1], [2, 2]).tolist() == [math.sqrt(160), 13]
    degrees = cities.rename(columns={"x": "Lon", "y": "LAT"})
    assert isinstance(TSP.from_frame(degrees, unit="m").network, Sphere)
    with pytest.raises(InvalidProblemError, match="z is 'height', but the distances are great circles"):
        TSP.from_frame(degrees, z="height")


def test_matrices_are_aligned_by_their_labels_and_may_have_gaps(cities):
    labels = ["c", "a", "b", "elsewhere"]
    matrix = pd.DataFrame(np.arange(16.0).reshape(4, 4), index=labels, columns=labels)
    matrix.loc["a", "c"] = math.inf
    tsp = TSP.from_frame(cities, matrix=matrix, x="x", y="y")
    assert isinstance(tsp.network, Matrix)
    assert tsp.network.matrix().tolist() == [[0, 6, math.inf], [9, 0, 8], [1, 2, 0]]
    assert tsp.places.points.tolist() == cities[["x", "y"]].to_numpy().tolist()
    assert TSP.from_frame(cities, matrix=np.ones((3, 3))).places is None
    matrix.loc["a", "b"] = math.nan
    with pytest.raises(InvalidProblemError, match="the distance from 'a' to 'b' is missing"):
        TSP.from_frame(cities, matrix=matrix)
    with pytest.raises(InvalidProblemError, match="round the matrix itself"):
        TSP.from_frame(cities, matrix=np.ones((3, 3)), rounding="nearest")
    with pytest.raises(InvalidProblemError, match="maps are flat"):
        TSP.from_frame(cities, matrix=np.ones((3, 3)), z="height")


@pytest.mark.parametrize(
    ("change", "arguments", "complaint"),
    [
        ({"x": [0, None, 1]}, {}, r"x of 'b' \(row 1\) is missing"),
        ({"x": [0, "z", 1]}, {}, r"x of 'b' \(row 1\) is 'z'; expected a number"),
        ({"x": [0, math.inf, 1]}, {}, r"x of 'b' \(row 1\) is inf"),
        ({"name": ["a", "b", "a"]}, {}, "name 'a' stands in row 0 and in row 2"),
        ({"name": ["a", None, "c"]}, {}, "name in row 1 is missing; every city needs a name"),
        ({"name": ["a", 0.5, "c"]}, {}, r"name in row 1 is 0.5"),
        ({}, {"first": "Bonn"}, "first is 'Bonn', which is no name of the table"),
        ({}, {"first": "b", "last": "b", "closed": False}, "first and last are both 1"),
        ({}, {"name": "nane"}, r"there is no column 'nane'; did you mean 'name'\?"),
        ({}, {"x": "x", "y": "yy"}, r"there is no column 'yy'"),
        ({}, {"z": "zz"}, "there is no column 'zz'"),
        ({}, {"matrix": np.ones((2, 2))}, r"matrix has shape \(2, 2\), expected \(3, 3\): one row and one column a city"),
    ],
)
def test_what_makes_no_sense_is_named(cities, change, arguments, complaint):
    with pytest.raises(InvalidProblemError, match=complaint):
        TSP.from_frame(cities.assign(**change), **arguments)


def test_unknown_options_and_too_few_rows(cities):
    with pytest.raises(UnsupportedError, match=r"from_frame has no option 'matirx'; did you mean 'matrix'\?"):
        TSP.from_frame(cities, matirx=1)
    with pytest.raises(InvalidProblemError, match="frame has 1 rows; a tour needs at least two cities"):
        TSP.from_frame(cities[:1])
    with pytest.raises(InvalidProblemError, match="no coordinates: expected the columns lat and lon, or x and y"):
        TSP.from_frame(cities[["name"]])


# -- out ----------------------------------------------------------------------------


def test_one_row_a_stop_and_the_way_back(cities):
    tsp = TSP.from_frame(cities)
    table = tsp.to_frame(Tour([2, 0, 1]))
    assert list(table.columns) == ["position", "city", "name", "leg", "distance"]
    assert table["name"].tolist() == ["c", "a", "b", "c"]
    assert table["city"].tolist() == [2, 0, 1, 2]
    assert table["leg"].tolist() == [0, 4, 3, 5]
    assert table["distance"].tolist() == [0, 4, 7, 12]
    assert tsp.replace(first=0).to_frame(Tour([2, 0, 1]))["name"].tolist() == ["a", "b", "c", "a"]
    path = tsp.replace(closed=False).to_frame(Tour([2, 0, 1]))
    assert path["position"].tolist() == [0, 1, 2]
    assert path["distance"].tolist() == [0, 4, 7]
    assert tsp.replace(names=None).to_frame(Tour([2, 0, 1]))["name"].tolist() == [2, 0, 1, 2]
    assert tsp.replace(names=[7, 8, 9]).to_frame(Tour([2, 0, 1]))["name"].tolist() == [9, 7, 8, 9]


def test_tables_of_odd_tours(cities):
    tsp = TSP.from_frame(cities)
    assert len(tsp.to_frame(Tour([]))) == 0
    assert tsp.to_frame(Tour([1]))["name"].tolist() == ["b", "b"]
    assert tsp.replace(closed=False).to_frame(Tour([1]))["leg"].tolist() == [0]
    with pytest.raises(InvalidSolutionError, match="cities are 0 to 2"):
        tsp.to_frame(Tour([0, 9]))


def test_without_pandas_the_way_out_is_named(cities, monkeypatch):
    tsp = TSP.from_frame(cities)
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(MissingExtraError, match=r'pip install "optikit\[frames\]"'):
        tsp.to_frame(Tour([0, 1, 2]))


def test_a_frame_is_an_array_of_points_too():
    points = pd.DataFrame({"x": [0, 3, 0], "y": [0, 0, 4], "z": [0, 0, 0]})
    assert (
        TSP.from_coordinates(points).network.matrix().tolist() == TSP.from_coordinates(points[["x", "y"]]).network.matrix().tolist()
    )
