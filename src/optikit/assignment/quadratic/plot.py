"""Pictures of placements: a map of the flows where there are coordinates, else flows beside the ways that they take."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...inputs.arguments import typed
from ...inputs.wording import amount
from ...pictures import Sheet, headed
from .check import located
from .flows import SparseFlow

if TYPE_CHECKING:
    from .problem import QuadraticAssignment
    from .solution import Placement

NAMED = 40
"""Up to this many facilities bear their names."""

DRAWN = 2_000
"""So many flows are drawn, the largest."""

_FLOW, _PLACE, _EMPTY = "#0072b2", "#222222", "#999999"


def plot_placement(
    problem: QuadraticAssignment,
    placement: Placement,
    path: str | os.PathLike[str] | None = None,
    *,
    names: bool | None = None,
    title: str | None = None,
    figsize: Sequence[float] | None = None,
    dpi: int = 150,
) -> Any:
    """Draw a placement.

    With ``places`` it is a map: facilities at their locations, lines between them as wide as their flows, empty locations grey.
    Without, the matrix of flows, and beside it the matrix of the ways that they take: rows and columns of both are the facilities,
    sorted along the locations, so that of a good placement dark meets light.

    Parameters
    ----------
    problem : QuadraticAssignment
        What was solved.
    placement : Placement
        Of it.
    path : path, optional
        Where to save the picture; the ending names the format (png, svg, pdf, ...).
    names : bool, optional
        Whether facilities bear their names; by default where there are few.
    title : str, optional
        By default the problem's name, the cost and the number of facilities.
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
    """
    at = located(problem, placement)
    wanted, title = typed("names", names, "bool | None"), typed("title", title, "str | None")
    named = wanted if wanted is not None else problem.num_facilities <= NAMED
    sheet = Sheet(path, figsize, dpi, (7.0, 7.0) if problem.places is not None else (11.0, 5.2))
    figure = sheet.figure
    if problem.places is not None:
        _draw_map(problem, at, figure.subplots(), named)
    else:
        _draw_matrices(problem, at, figure, named)
    what = f"{amount(problem.evaluate(placement))}, {problem.num_facilities:,} facilities"
    figure.suptitle(headed(problem.name, what) if title is None else title, fontsize=11, parse_math=False)
    return sheet.finish()


def _draw_map(problem: QuadraticAssignment, at: NDArray[np.int64], axes: Any, named: bool) -> None:
    from matplotlib.collections import LineCollection

    assert problem.places is not None
    points = problem.places
    tails, heads, amounts = problem.entries
    between = tails != heads
    order = np.flatnonzero(between)[np.argsort(np.abs(amounts[between]), kind="stable")][-DRAWN:]
    if order.size:
        share = np.abs(amounts[order]) / np.abs(amounts[order]).max()
        lines = np.stack([points[at[tails[order]]], points[at[heads[order]]]], axis=1)
        axes.add_collection(LineCollection(list(lines), linewidths=0.2 + 4 * share, colors=_FLOW, alpha=0.35, zorder=1))
    empty = np.setdiff1d(np.arange(problem.num_locations), at)
    axes.scatter(*points[empty].T, s=14, color=_EMPTY, zorder=2, linewidths=0)
    axes.scatter(*points[at].T, s=30, color=_PLACE, zorder=3, linewidths=0)
    for facility, place in enumerate(at.tolist() if named else []):
        look = {"xytext": (4, 4), "textcoords": "offset points", "fontsize": 8, "zorder": 4}
        axes.annotate(_name(problem.facilities, facility), points[place], **look)
    axes.set_aspect("equal", "datalim")
    axes.set_axis_off()
    axes.autoscale_view()


def _draw_matrices(problem: QuadraticAssignment, at: NDArray[np.int64], figure: Any, named: bool) -> None:
    order = np.argsort(at, kind="stable")
    flow = problem.flow.toarray() if isinstance(problem.flow, SparseFlow) else problem.flow
    shown = (("flow", flow[np.ix_(order, order)]), ("distance", problem.distance[np.ix_(at[order], at[order])]))
    labels = [_name(problem.facilities, facility) for facility in order.tolist()]
    for axes, (what, matrix) in zip(figure.subplots(1, 2), shown, strict=True):
        image = axes.imshow(matrix, cmap="Blues", interpolation="nearest")
        figure.colorbar(image, ax=axes, shrink=0.8)
        axes.set_title(what, fontsize=10)
        if named:
            axes.set_xticks(range(len(labels)), labels, rotation=90, fontsize=6)
            axes.set_yticks(range(len(labels)), labels, fontsize=6)
        else:
            axes.set_xticks([])
            axes.set_yticks([])


def _name(names: Sequence[Any] | None, index: int) -> str:
    return str(index if names is None else names[index])
