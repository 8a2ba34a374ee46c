"""Maps of tours."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...pictures import headed
from ..maps import Map

if TYPE_CHECKING:
    from .problem import TSP
    from .solution import Tour

DOTS = 20_000
"""Up to this many cities have dots of their own; above, the line says it all."""

_LINE, _CITY, _END = "#0072b2", "#222222", "#d55e00"


def plot_tour(
    problem: TSP,
    tour: Tour,
    path: str | os.PathLike[str] | None = None,
    *,
    names: bool | None = None,
    title: str | None = None,
    figsize: Sequence[float] | None = None,
    dpi: int = 150,
) -> Any:
    """Draw a tour.

    Parameters
    ----------
    problem : TSP
        What was solved. Cities are drawn at its ``places``, where it has such, else as its network says.
    tour : Tour
        Cities that are not on it are drawn as crosses.
    path : path, optional
        Where to save the picture; the ending names the format (png, svg, pdf, ...).
    names : bool, optional
        Whether cities bear their names; by default where there are few.
    title : str, optional
        By default the problem's name, the distance and the number of cities.
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
    sheet = Map(problem.places if problem.places is not None else problem.network, path, figsize, dpi)
    distance = problem.evaluate(tour)
    axes, points, order = sheet.axes, sheet.points, np.asarray(tour.order)
    way = np.append(order, order[:1]) if problem.closed else order
    width = 1.6 if len(points) <= 150 else 1.2 if len(points) <= 500 else 0.9 if len(points) <= 5_000 else 0.4
    axes.plot(*sheet.way(way), color=_LINE, linewidth=width, zorder=2, solid_joinstyle="round")
    if len(points) <= DOTS:
        axes.scatter(*points[order].T, s=sheet.dot(), color=_CITY, zorder=3, linewidths=0)
    absent = np.setdiff1d(np.arange(problem.num_cities), order)
    if absent.size:
        axes.scatter(*points[absent].T, s=30, color="black", marker="x", label="not visited", zorder=4)
    if not problem.closed and order.size:
        for city, marker, label in ((order[0], "s", "first"), (order[-1], "D", "last")):
            look = {"marker": marker, "edgecolors": "white", "linewidths": 1.2, "label": label}
            axes.scatter(*points[[city]].T, s=70, color=_END, zorder=5, **look)
    sheet.draw_names(range(problem.num_cities) if problem.names is None else problem.names, names)
    what = f"distance {sheet.length(distance)}, {len(order):,} cities{'' if problem.closed else ', a path'}"
    return sheet.finish(title, headed(problem.name, what))
