"""Maps of routes, by matplotlib and without its global state: fit for services, notebooks and headless machines."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import MissingExtraError, UnsupportedError
from ...core.files import replace_file
from ..metrics import Matrix, Sphere

if TYPE_CHECKING:
    from .problem import VRP
    from .solution import Routes

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7", "#882255", "#44aa99", "#332288", "#999933")
"""Okabe and Ito's colours and Tol's muted ones: told apart by colour-blind readers, and dark enough on white."""

STYLES = ("-", (0, (6, 1.5)), (0, (1.5, 1)))
"""Line styles, changed whenever the colours are used up."""

NAMED_STOPS = 40
"""Up to this many stops bear their names."""


def plot_routes(
    problem: VRP,
    solution: Routes,
    path: str | os.PathLike[str] | None = None,
    *,
    names: bool | None = None,
    title: str | None = None,
    figsize: tuple[float, float] | None = None,
    dpi: int = 150,
) -> Any:
    """Draw the routes of a solution.

    Parameters
    ----------
    problem : VRP
        What was solved.
    solution : Routes
        Its routes; clients on none of them are drawn as crosses.
    path : path, optional
        Where to save the picture; the ending names the format (png, svg, pdf, ...).
    names : bool, optional
        Whether stops bear their names; by default where there are at most `NAMED_STOPS`.
    title : str, optional
        By default the problem's name, the distance and the number of routes.
    figsize : tuple of float, optional
        Width and height in inches.
    dpi : int
        Dots an inch.

    Returns
    -------
    matplotlib.figure.Figure
        Notebooks show it; it belongs to no window and needs no closing.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.

    Notes
    -----
    Latitude and longitude are drawn as an equirectangular map with true proportions at the middle latitude. A matrix has no
    coordinates: its nodes are placed by classical multidimensional scaling (Torgerson 1952), whose picture is a likeness.
    """
    figure_class = _figure_class()
    distance = problem.evaluate(solution)
    points = places(problem)
    figure = figure_class(figsize=figsize or _figsize(problem, points), layout="constrained")
    ending = "" if path is None else _ending(figure, path)
    axes = figure.add_subplot()
    _draw_routes(axes, problem, solution, points)
    _draw_stops(axes, problem, solution, points)
    if names or (names is None and len(points) <= NAMED_STOPS):
        _draw_names(axes, problem, points)
    _frame(axes, problem, points)
    axes.set_title(title if title is not None else _title(problem, solution, distance), loc="left", fontsize=11, parse_math=False)
    if path is not None:
        picture = BytesIO()
        figure.savefig(picture, format=ending, dpi=dpi, facecolor="white")
        replace_file(path, picture.getvalue())
    return figure


@cache
def _figure_class() -> Any:
    """matplotlib's Figure, which notebooks show by themselves only where pyplot has been set up for them."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError('plots need matplotlib; pip install "optikit[plot]"') from None

    class RouteMap(Figure):  # type: ignore[misc]
        def _repr_png_(self) -> bytes:
            picture = BytesIO()
            self.savefig(picture, format="png", dpi=100, facecolor="white")
            return picture.getvalue()

    return RouteMap


def places(problem: VRP) -> NDArray[np.float64]:
    """Where each node is drawn, shape (num_nodes, 2): x to the right, y up."""
    network = problem.network
    if isinstance(network, Matrix):
        return _scaled(network.matrix())
    if isinstance(network, Sphere):
        latitude, longitude = network.points.T
        # Across the antimeridian too, the map is centred on the depot.
        around = (longitude - longitude[0] + 180) % 360 - 180 + longitude[0]
        return np.stack((around, latitude), axis=1)
    return np.asarray(network.points, np.float64)


def _scaled(distance: NDArray[Any]) -> NDArray[np.float64]:
    """Classical multidimensional scaling: points in the plane whose distances resemble those of a matrix."""
    squared = ((distance + distance.T) / 2.0) ** 2
    centred = -0.5 * (squared - squared.mean(axis=0) - squared.mean(axis=1)[:, None] + squared.mean())
    if len(centred) <= 64:
        values, vectors = np.linalg.eigh(centred)
    else:
        from scipy.sparse.linalg import eigsh

        values, vectors = eigsh(centred, k=2, which="LA", v0=np.ones(len(centred)) + np.arange(len(centred)) / len(centred))
    points = np.zeros((len(centred), 2))
    for axis, index in enumerate(np.argsort(-values)[:2]):
        vector = vectors[:, index] * math.sqrt(max(values[index], 0.0))
        # An eigenvector's sign is arbitrary: the same picture on every machine.
        points[:, axis] = vector * (1 if vector[np.abs(vector).argmax()] >= 0 else -1)
    return points


def _draw_routes(axes: Any, problem: VRP, solution: Routes, points: NDArray[np.float64]) -> None:
    few = sum(bool(route.visits) for route in solution.routes) <= 2 * len(COLOURS)
    width = 1.6 if len(points) <= 150 else 1.2 if len(points) <= 500 else 0.9
    for rank, number in enumerate(_by_angle(problem, solution, points)):
        route = solution.routes[number]
        colour, style = COLOURS[rank % len(COLOURS)], STYLES[rank // len(COLOURS) % len(STYLES)] if few else "-"
        for leg, (start, visits, end) in enumerate(_trips(problem, route)):
            label = f"route {number}" if leg == 0 else None
            inner = points[visits]
            axes.plot(
                inner[:, 0],
                inner[:, 1],
                color=colour,
                linestyle=style,
                linewidth=width,
                label=label,
                zorder=2,
                solid_capstyle="round",
            )
            # The ways from and to the depot cross everything: they step back.
            for ends in ((start, visits[0]), (visits[-1], end)):
                axes.plot(*points[list(ends)].T, color=colour, linewidth=0.5 * width, alpha=0.35, zorder=1)
            axes.scatter(inner[:, 0], inner[:, 1], s=_dot(len(points)), color=colour, zorder=3, linewidths=0)


def _trips(problem: VRP, route: Any) -> Iterator[tuple[int, list[int], int]]:
    start = route.start
    for trip in route.trips:
        if trip.visits:
            yield start, [problem.num_depots + visit for visit in trip.visits], trip.end
        start = trip.end


def _by_angle(problem: VRP, solution: Routes, points: NDArray[np.float64]) -> list[int]:
    """Routes with visits, by the direction in which they lie: neighbours get different colours."""

    def angle(number: int) -> float:
        route = solution.routes[number]
        middle = points[[problem.num_depots + visit for visit in route.visits]].mean(axis=0) - points[route.start]
        return math.atan2(middle[1], middle[0])

    return sorted((number for number, route in enumerate(solution.routes) if route.visits), key=angle)


def _draw_stops(axes: Any, problem: VRP, solution: Routes, points: NDArray[np.float64]) -> None:
    served = {visit for visits in solution.visits for visit in visits}
    left_out = [problem.num_depots + client for client in range(problem.num_clients) if client not in served]
    if left_out:
        axes.scatter(*points[left_out].T, s=30, color="black", marker="x", label="unserved", zorder=4)
    depots = points[: problem.num_depots]
    axes.scatter(*depots.T, s=90, color="black", marker="s", edgecolors="white", linewidths=1.2, label="depot", zorder=5)


def _dot(num_nodes: int) -> float:
    return max(5.0, min(26.0, 3000.0 / num_nodes))


def _draw_names(axes: Any, problem: VRP, points: NDArray[np.float64]) -> None:
    from matplotlib.patheffects import withStroke

    halo = [withStroke(linewidth=2.5, foreground="white")]
    look = {"fontsize": 7.5, "color": "#222222", "zorder": 6, "path_effects": halo, "parse_math": False}
    for name, point in zip((*problem.depots, *(problem.clients or ())), points, strict=True):
        axes.annotate(str(name), point, xytext=(4, 4), textcoords="offset points", **look)


def _frame(axes: Any, problem: VRP, points: NDArray[np.float64]) -> None:
    axes.set_aspect(_aspect(problem, points), adjustable="datalim")
    axes.margins(0.04)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color("#bbbbbb")
    axes.tick_params(colors="#777777", labelsize=8, length=3)
    if isinstance(problem.network, Sphere):
        axes.xaxis.set_major_formatter(lambda value, _: f"{(value + 180) % 360 - 180:g}°")
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}°")
    elif isinstance(problem.network, Matrix):
        axes.set_axis_off()
    handles, labels = axes.get_legend_handles_labels()
    if len(labels) <= 13:
        order = sorted(range(len(labels)), key=lambda i: (not labels[i].startswith("route"), len(labels[i]), labels[i]))
        axes.legend(
            [handles[i] for i in order],
            [labels[i] for i in order],
            fontsize=8,
            frameon=False,
            loc="center left",
            bbox_to_anchor=(1.0, 0.5),
        )


def _aspect(problem: VRP, points: NDArray[np.float64]) -> float:
    """How many units of x one unit of y is long."""
    if not isinstance(problem.network, Sphere):
        return 1.0
    middle = (points[:, 1].min() + points[:, 1].max()) / 2
    return 1.0 / max(0.1, math.cos(math.radians(middle)))


def _figsize(problem: VRP, points: NDArray[np.float64]) -> tuple[float, float]:
    """As wide as high as the map, within reason."""
    width, height = np.ptp(points, axis=0)
    ratio = height * _aspect(problem, points) / width if width > 0 else 1.0
    size = 8.0 if len(points) <= 500 else 10.0
    return size, min(1.25, max(0.6, ratio)) * size


def _title(problem: VRP, solution: Routes, distance: float) -> str:
    routes = sum(bool(visits) for visits in solution.visits)
    unit = f" {problem.network.unit}" if isinstance(problem.network, Sphere) else ""
    number = f"{distance:,.0f}" if distance >= 1000 or distance == int(distance) else f"{distance:,.4g}"
    parts = [problem.name] if problem.name else []
    parts.append(f"distance {number}{unit}, {routes} route{'' if routes == 1 else 's'}, {problem.num_clients} clients")
    title = ": ".join(parts)
    if isinstance(problem.network, Matrix):
        title += "\nplaces by multidimensional scaling: the matrix has no coordinates"
    return title


def _ending(figure: Any, path: str | os.PathLike[str]) -> str:
    """The format that a file's name asks for."""
    ending = os.path.splitext(os.fspath(path))[1].lstrip(".").lower() or "png"
    known = figure.canvas.get_supported_filetypes()
    if ending not in known:
        raise UnsupportedError(f"pictures are not saved as .{ending}; known: {', '.join(sorted(known))}")
    return ending
