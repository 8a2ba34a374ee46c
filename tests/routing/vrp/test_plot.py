"""Pictures: every kind of network, headless, without matplotlib's global state, and what is drawn is what was decided."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from optikit.errors import InvalidSolutionError, MissingExtraError, UnsupportedError
from optikit.pictures import figure_class
from optikit.routing import VRP, Route, Routes, Trip
from optikit.routing.maps import NAMED_STOPS, places

pytest.importorskip("matplotlib")

POINTS = [(0, 0), (0, 3), (4, 0), (4, 3), (1, 1)]


@pytest.fixture
def planar() -> VRP:
    return VRP.from_coordinates(POINTS, [0, 1, 1, 1, 1], 2, names=["yard", "a", "b", "$c_1$", "d"], name="five $ points")


def lines(figure):
    return [line.get_xydata().tolist() for line in figure.axes[0].get_lines()]


def test_routes_are_drawn_where_they_run(planar):
    figure = planar.plot(Routes.of([[0, 2], [1, 3]]))
    drawn = lines(figure)
    for inner in ([[0, 3], [4, 3]], [[4, 0], [1, 1]]):
        assert inner in drawn
    for leg in ([[0, 0], [0, 3]], [[4, 3], [0, 0]], [[0, 0], [4, 0]], [[1, 1], [0, 0]]):
        assert leg in drawn
    assert figure.axes[0].get_title(loc="left") == "five $ points: distance 20.58, 2 routes, 4 clients"
    assert {text.get_text() for text in figure.axes[0].texts} == {"yard", "a", "b", "$c_1$", "d"}


def test_stops_at_one_place_share_a_label():
    problem = VRP.from_coordinates([(0, 0), (0, 0), (3, 4), (3, 4), (3, 4), (3, 4), (6, 0)], [0] + [1] * 6, 6)
    figure = problem.plot(Routes.of([range(6)]))
    assert [text.get_text() for text in figure.axes[0].texts] == ["depot, c0", "c1, c2, c3, ...", "c5"]


def test_one_client_is_one_client():
    problem = VRP.from_coordinates([(0, 0), (0, 0)], [0, 1], 1)
    assert problem.plot(Routes.of([[0]])).axes[0].get_title(loc="left") == "distance 0, 1 route, 1 client"


def test_neighbouring_routes_differ_in_colour(planar):
    figure = planar.plot(Routes.of([[0], [1], [2], [3]]))
    dots = [c.get_facecolor().tobytes() for c in figure.axes[0].collections]
    assert len(set(dots)) == len(dots)


def test_unserved_clients_and_empty_routes(planar):
    figure = planar.plot(Routes.of([[], [0]]))
    assert "unserved" in figure.axes[0].get_legend_handles_labels()[1]
    assert "1 route," in figure.axes[0].get_title(loc="left")
    assert planar.plot(Routes(())).axes
    with pytest.raises(InvalidSolutionError):
        planar.plot(Routes.of([[9]]))


def test_reloads_go_through_the_depot(planar):
    figure = planar.plot(Routes((Route((Trip((0,)), Trip((1, 2)))),)))
    assert [[0, 3], [0, 0]] in lines(figure)
    assert [[0, 0], [4, 0]] in lines(figure)


def test_names_only_where_they_are_legible():
    n = NAMED_STOPS + 1
    many = VRP.from_coordinates(np.arange(2 * n).reshape(n, 2), [0] + [1] * (n - 1), n)
    solution = Routes.of([range(n - 1)])
    assert len(many.plot(solution).axes[0].texts) == 0
    assert len(many.plot(solution, names=True).axes[0].texts) == n


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"colour": 3}, r"plot has no option 'colour'; known: names, title, figsize, dpi"),
        ({"fig_size": (3, 4)}, r"did you mean 'figsize'\?"),
        ({"figsize": 3}, "figsize is 3; expected 2 numbers above 0"),
        ({"figsize": "34"}, "figsize is '34'; expected 2 numbers above 0"),
        ({"figsize": (3, 0)}, r"figsize is \(3, 0\); expected 2 numbers above 0"),
        ({"figsize": (3, float("nan"))}, r"figsize\[1\] is nan; expected a number"),
        ({"dpi": 0}, "dpi is 0; expected an int >= 1"),
        ({"title": 3}, "title is 3; expected str or None"),
        ({"names": "some"}, "names is 'some'; expected bool or None"),
    ],
)
def test_options_that_are_none_are_refused(planar, options, complaint):
    with pytest.raises(UnsupportedError, match=complaint):
        planar.plot(Routes.of([[0, 1], [2, 3]]), **options)


def test_matrices_are_placed_by_their_distances():
    """Distances of points in the plane give these points back, up to a rotation: checked by their distances."""
    rng = np.random.default_rng(5)
    for n in (5, 90):
        points = rng.uniform(0, 10, (n, 2))
        planar = VRP.from_coordinates(points, [0] + [1] * (n - 1), 3)
        problem = VRP.from_matrix(planar.network.matrix(), [0] + [1] * (n - 1), 3)
        found = places(problem.network)
        between = np.linalg.norm(found[:, None] - found[None, :], axis=-1)
        np.testing.assert_allclose(between, planar.network.matrix(), atol=1e-6)
        np.testing.assert_array_equal(places(problem.network), found, "the same picture twice")
    figure = problem.plot(Routes.of([[0]]))
    assert "multidimensional scaling" in figure.axes[0].get_title(loc="left")
    flat = VRP.from_matrix(np.zeros((4, 4)), [0, 1, 1, 1], 3)
    assert flat.plot(Routes.of([[0, 1, 2]])).axes


def test_the_globe_is_drawn_east_to_the_right_and_whole_at_the_antimeridian():
    problem = VRP.from_coordinates([(10, 179), (12, -179), (14, 178)], [0, 1, 1], 2, metric="haversine")
    np.testing.assert_allclose(places(problem.network), [(179, 10), (181, 12), (178, 14)])
    figure = problem.plot(Routes.of([[0, 1]]))
    assert " km, 1 route, 2 clients" in figure.axes[0].get_title(loc="left")
    assert figure.axes[0].xaxis.get_major_formatter()(181) == "-179°"


@pytest.mark.parametrize(("ending", "magic"), [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF"), ("", b"\x89PNG")])
def test_saved_by_the_ending_of_the_name(planar, tmp_path, ending, magic):
    path = tmp_path / f"routes{ending}"
    planar.plot(Routes.of([[0, 2], [1, 3]]), path)
    assert path.read_bytes().startswith(magic)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_notebooks_show_the_figure_without_pyplot(planar):
    figure = planar.plot(Routes.of([[0, 2], [1, 3]]))
    assert type(figure).__mro__[1].__name__ == "Figure"
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_unknown_endings_and_folders(planar, tmp_path):
    with pytest.raises(UnsupportedError, match=r"not saved as \.xyz"):
        planar.plot(Routes.of([[0]]), str(tmp_path / "routes.xyz"))
    with pytest.raises(FileNotFoundError):
        planar.plot(Routes.of([[0]]), tmp_path / "nowhere" / "routes.png")


@pytest.mark.parametrize("path", [5, b"routes.png", ["routes.png"]])
def test_paths_that_are_none_are_refused(planar, path):
    with pytest.raises(UnsupportedError, match=r"path is .*; expected the name of a file, as text or a pathlib.Path"):
        planar.plot(Routes.of([[0]]), path)


def test_no_global_state():
    """A fresh process without a display; pyplot is never imported, so that nothing piles up in a service."""
    code = (
        "import sys; from optikit.routing import VRP, Routes\n"
        "VRP.from_coordinates([(0, 0), (1, 1)], [0, 1], 1).plot(Routes.of([[0]]))\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    source = str(Path(__file__).parents[3] / "src")
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": source}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_without_matplotlib_the_way_out_is_named(planar, monkeypatch):
    figure_class.cache_clear()
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match=r'pip install "optikit\[plot\]"'):
        planar.plot(Routes.of([[0]]))


def test_routes_around_the_world_leave_the_map_on_one_side_and_come_back_on_the_other():
    world = [(0, 0), (10, 100), (0, -160), (10, -60)]
    problem = VRP.from_coordinates(world, [0, 1, 1, 1], 3, metric="haversine")
    for visits in ([0, 1, 2], [2, 1, 0]):
        drawn = [line.get_xydata() for line in problem.plot(Routes.of([visits])).axes[0].get_lines()]
        assert all(np.nanmax(np.abs(np.diff(line[:, 0]))) <= 180 for line in drawn)
        assert sum(int(np.isnan(line[:, 0]).sum()) for line in drawn) == 1
