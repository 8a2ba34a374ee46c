"""Maps of routes."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...pictures import headed
from ..maps import Map

if TYPE_CHECKING:
    from .problem import VRP
    from .solution import Routes

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7", "#882255", "#44aa99", "#332288", "#999933")
"""Okabe and Ito's colours and Tol's muted ones: told apart by colour-blind readers, and dark enough on white."""

STYLES = ("-", (0, (6, 1.5)), (0, (1.5, 1)))
"""Line styles, changed whenever the colours are used up."""


def plot_routes(
    problem: VRP,
    solution: Routes,
    path: str | os.PathLike[str] | None = None,
    *,
    names: bool | None = None,
    title: str | None = None,
    figsize: Sequence[float] | None = None,
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
        Whether stops bear their names; by default where there are few.
    title : str, optional
        By default the problem's name, the distance and the number of routes.
    figsize : sequence of float, optional
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
    UnsupportedError
        For an ending that no picture has, and for an option that is not of its type.

    Notes
    -----
    How networks are drawn, `optikit.routing.maps.Map` says.
    """
    sheet = Map(problem.network, path, figsize, dpi)
    distance = problem.evaluate(solution)
    _draw_routes(sheet, problem, solution)
    _draw_stops(sheet, problem, solution)
    sheet.draw_names((*problem.depots, *(problem.clients or ())), names)
    return sheet.finish(title, _title(sheet, problem, solution, distance), _rank)


def _draw_routes(sheet: Map, problem: VRP, solution: Routes) -> None:
    axes, points = sheet.axes, sheet.points
    few = sum(bool(route.visits) for route in solution.routes) <= 2 * len(COLOURS)
    width = 1.6 if len(points) <= 150 else 1.2 if len(points) <= 500 else 0.9
    for rank, number in enumerate(_by_angle(problem, solution, points)):
        route = solution.routes[number]
        colour, style = COLOURS[rank % len(COLOURS)], STYLES[rank // len(COLOURS) % len(STYLES)] if few else "-"
        for leg, (start, visits, end) in enumerate(_trips(problem, route)):
            label = f"route {number}" if leg == 0 else None
            inner = points[visits]
            axes.plot(
                *sheet.way(np.array(visits)),
                color=colour,
                linestyle=style,
                linewidth=width,
                label=label,
                zorder=2,
                solid_capstyle="round",
            )
            # The ways from and to the depot cross everything: they step back.
            for ends in ((start, visits[0]), (visits[-1], end)):
                axes.plot(*sheet.way(np.array(ends)), color=colour, linewidth=0.5 * width, alpha=0.35, zorder=1)
            axes.scatter(inner[:, 0], inner[:, 1], s=sheet.dot(), color=colour, zorder=3, linewidths=0)


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


def _draw_stops(sheet: Map, problem: VRP, solution: Routes) -> None:
    axes, points = sheet.axes, sheet.points
    served = {visit for visits in solution.visits for visit in visits}
    left_out = [problem.num_depots + client for client in range(problem.num_clients) if client not in served]
    if left_out:
        axes.scatter(*points[left_out].T, s=30, color="black", marker="x", label="unserved", zorder=4)
    depots = points[: problem.num_depots]
    axes.scatter(*depots.T, s=90, color="black", marker="s", edgecolors="white", linewidths=1.2, label="depot", zorder=5)


def _rank(label: str) -> tuple[bool, int, str]:
    """Where a label stands in the legend: routes by their numbers, then the rest."""
    return not label.startswith("route"), len(label), label


def _title(sheet: Map, problem: VRP, solution: Routes, distance: float) -> str:
    routes = sum(bool(visits) for visits in solution.visits)
    counts = (f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in ((routes, "route"), (problem.num_clients, "client")))
    return headed(problem.name, ", ".join((f"distance {sheet.length(distance)}", *counts)))
