"""Pictures: every kind of network, headless, and what is drawn is what was decided."""

from __future__ import annotations

import math

import numpy as np
import pytest

from optikit.errors import InvalidSolutionError, UnsupportedError
from optikit.routing import TSP, Planar, Sphere, Tour
from optikit.routing.maps import NAMED_STOPS
from optikit.routing.tsp.plot import DOTS

pytest.importorskip("matplotlib", reason="matplotlib is not installed")

POINTS = [(0, 0), (0, 3), (4, 3), (4, 0)]


def way(figure):
    (line,) = figure.axes[0].get_lines()
    return line.get_xydata().tolist()


def test_a_tour_is_drawn_where_it_runs():
    tsp = TSP.from_coordinates(POINTS, names=["a", "b", "$c_1$", "d"], name="four $ points")
    figure = tsp.plot(Tour([2, 1, 0, 3]))
    assert way(figure) == [[4, 3], [0, 3], [0, 0], [4, 0], [4, 3]]
    assert figure.axes[0].get_title(loc="left") == "four $ points: distance 14, 4 cities"
    assert {text.get_text() for text in figure.axes[0].texts} == {"a", "b", "$c_1$", "d"}
    assert figure.axes[0].get_legend() is None


def test_a_path_has_ends_and_absent_cities_are_crosses():
    tsp = TSP.from_coordinates(POINTS, closed=False)
    figure = tsp.plot(Tour([2, 1, 0]))
    assert way(figure) == [[4, 3], [0, 3], [0, 0]]
    assert figure.axes[0].get_legend_handles_labels()[1] == ["not visited", "first", "last"]
    assert tsp.plot(Tour([])).axes
    with pytest.raises(InvalidSolutionError):
        tsp.plot(Tour([9]))


def test_space_is_seen_from_above_and_places_are_preferred():
    assert way(TSP.from_coordinates([(0, 0, 9), (3, 4, 7)]).plot(Tour([0, 1]))) == [[0, 0], [3, 4], [0, 0]]
    streets = TSP.from_matrix([[0, 5, 1], [5, 0, 1], [1, 1, 0]], places=Planar(POINTS[:3]))
    figure = streets.plot(Tour([0, 1, 2]))
    assert way(figure) == [[0, 0], [0, 3], [4, 3], [0, 0]]
    assert "multidimensional" not in figure.axes[0].get_title(loc="left")
    globe = streets.replace(places=Sphere([(10, 179), (12, -179), (14, 178)])).plot(Tour([0, 1, 2]))
    assert way(globe)[:3] == [[179, 10], [181, 12], [178, 14]]


def test_units_of_the_globe():
    globe = TSP.from_coordinates([(10, 179), (12, -179), (14, 178)], metric="haversine", unit="mi").plot(Tour([0, 1, 2]))
    assert " mi, 3 cities" in globe.axes[0].get_title(loc="left")
    geo = TSP.from_coordinates([(16.3, 96), (17, 97)], metric="geo").plot(Tour([0, 1]))
    assert " km, 2 cities" in geo.axes[0].get_title(loc="left")
    np.testing.assert_allclose(way(geo)[0], [96, 16.5])


@pytest.mark.parametrize("n", [6, 600])
def test_a_graph_without_coordinates_is_laid_out_by_its_ways(n):
    """A ring of roads looks like a ring: neighbours are nearer than what lies across."""
    matrix = np.full((n, n), math.inf)
    cities = np.arange(n)
    matrix[cities, (cities + 1) % n] = matrix[(cities + 1) % n, cities] = 1
    figure = TSP.from_matrix(matrix).plot(Tour(range(n)))
    points = np.array(way(figure))[:n]
    assert "multidimensional scaling" in figure.axes[0].get_title(loc="left")
    assert np.isfinite(points).all()
    if n == 6:
        apart = np.linalg.norm(points - points[0], axis=1)
        assert apart[1] == pytest.approx(apart[5])
        assert apart[1] < apart[2] < apart[3]


def test_parts_without_a_way_between_them_are_drawn_too():
    inf = math.inf
    tsp = TSP.from_matrix([[0, 1, inf, inf], [1, 0, inf, inf], [inf, inf, 0, 1], [inf, inf, 1, 0]])
    figure = tsp.plot(Tour([0, 1, 2, 3]))
    assert np.isfinite(way(figure)).all()
    assert "distance without end" in figure.axes[0].get_title(loc="left")


def test_names_and_dots_only_where_they_are_legible():
    n = NAMED_STOPS + 1
    many = TSP.from_coordinates(np.arange(2.0 * n).reshape(n, 2))
    assert len(many.plot(Tour(range(n))).axes[0].texts) == 0
    assert len(many.plot(Tour(range(n)), names=True).axes[0].texts) == n
    assert len(many.plot(Tour(range(n))).axes[0].collections) == 1
    crowd = TSP.from_coordinates(np.arange(2.0 * (DOTS + 1)).reshape(DOTS + 1, 2))
    assert len(crowd.plot(Tour(range(DOTS + 1))).axes[0].collections) == 0


@pytest.mark.parametrize(("ending", "magic"), [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF"), ("", b"\x89PNG")])
def test_saved_by_the_ending_of_the_name(tmp_path, ending, magic):
    path = tmp_path / f"tour{ending}"
    TSP.from_coordinates(POINTS).plot(Tour([0, 1, 2, 3]), path, title="mine", figsize=(3, 2), dpi=50)
    assert path.read_bytes().startswith(magic)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"path": "tour.xyz"}, r"not saved as \.xyz"),
        ({"dpi": 0}, "dpi is 0"),
        ({"title": 5}, "title is 5"),
        ({"names": "yes"}, "names is 'yes'"),
        ({"figsize": 3}, "figsize"),
    ],
)
def test_options_that_make_no_sense(options, complaint):
    with pytest.raises(UnsupportedError, match=complaint):
        TSP.from_coordinates(POINTS).plot(Tour([0, 1, 2, 3]), **options)


def test_a_tour_around_the_world_leaves_the_map_on_one_side_and_comes_back_on_the_other():
    equator = TSP.from_coordinates([(0, 0), (10, 100), (0, -160), (10, -60)], metric="haversine")
    for order in ([0, 1, 2, 3], [3, 2, 1, 0]):
        line = equator.plot(Tour(order)).axes[0].lines[0].get_xydata()
        assert np.nanmax(np.abs(np.diff(line[:, 0]))) <= 180
        crossing = np.flatnonzero(np.isnan(line[:, 0]))
        assert len(crossing) == 1
        before, after = line[crossing[0] - 1], line[crossing[0] + 1]
        assert sorted([before[0], after[0]]) == [-180, 180]
        assert before[1] == after[1] == pytest.approx(2)  # 80 of the 100 degrees from longitude 100 to -160 are over
