"""Pictures of assignments: the matrix with the chosen cells, or the bipartite graph."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import UnsupportedError
from ...inputs.arguments import typed
from ...inputs.wording import amount, shown
from ...pictures import Sheet, headed
from .costs import as_dense, as_entries

if TYPE_CHECKING:
    from .problem import LinearAssignment
    from .solution import Assignment

NAMED = 40
"""Up to this many rows or columns bear their names."""

WRITTEN = 15
"""Up to this many rows and columns cells bear their costs."""

MOST_CELLS = 4_000_000
"""Above, the picture of a matrix is one of its chosen cells alone."""

MOST_EDGES = 2_000
"""Up to this many pairs are drawn in the bipartite graph besides those that are chosen."""

_CHOSEN, _OUT, _EDGE = "#d55e00", "#999999", "#dddddd"


def plot_assignment(
    problem: LinearAssignment,
    assignment: Assignment,
    path: str | os.PathLike[str] | None = None,
    *,
    kind: str = "matrix",
    names: bool | None = None,
    title: str | None = None,
    figsize: Sequence[float] | None = None,
    dpi: int = 150,
) -> Any:
    """Draw an assignment.

    Parameters
    ----------
    problem : LinearAssignment
        What was solved.
    assignment : Assignment
        Rows and columns that it leaves out are grey.
    path : path, optional
        Where to save the picture; the ending names the format (png, svg, pdf, ...).
    kind : {"matrix", "bipartite"}
        Costs as shades, forbidden pairs white, with the chosen cells framed; or rows on the left and columns on the right, with
        lines between the pairs.
    names : bool, optional
        Whether rows and columns bear their names; by default where there are few.
    title : str, optional
        By default the problem's name, the objective and the number of pairs.
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
    if kind not in ("matrix", "bipartite"):
        raise UnsupportedError(f"kind is {shown(kind)}; expected 'matrix' or 'bipartite'")
    wanted, title = typed("names", names, "bool | None"), typed("title", title, "str | None")
    objective = problem.evaluate(assignment)
    sheet = Sheet(path, figsize, dpi, _size(problem, kind))
    axes = sheet.figure.add_subplot()
    (_matrix if kind == "matrix" else _bipartite)(axes, problem, assignment, wanted)
    what = f"{problem.objective} {amount(objective)}, {len(assignment.pairs[0]):,} pairs"
    return sheet.finish(axes, title, headed(problem.name, what))


def _size(problem: LinearAssignment, kind: str) -> tuple[float, float]:
    if kind == "bipartite":
        return 6.0, min(14.0, max(3.0, 0.3 * max(problem.num_rows, problem.num_columns)))
    cell = min(0.8, 8.0 / problem.num_columns)
    return min(8.0, max(4.0, cell * problem.num_columns + 2.0)), min(12.0, max(2.5, cell * problem.num_rows + 0.8))


def _labels(names: Any, count: int) -> list[str]:
    return [str(name) for name in (range(count) if names is None else names)]


def _matrix(axes: Any, problem: LinearAssignment, assignment: Assignment, names: bool | None) -> None:
    rows, columns = assignment.pairs
    shape = problem.num_rows, problem.num_columns
    if shape[0] * shape[1] <= MOST_CELLS:
        costs = as_dense(problem.cost, problem.maximize).astype(np.float64)
        picture = axes.imshow(np.ma.masked_invalid(costs), cmap="Blues", aspect="auto", interpolation="nearest")
        axes.figure.colorbar(picture, ax=axes, shrink=0.8, label="profit" if problem.maximize else "cost")
        if max(shape) <= WRITTEN:
            middle = (problem.range.least + problem.range.greatest) / 2
            for row, column in np.argwhere(np.isfinite(costs)).tolist():
                colour = "white" if costs[row, column] > middle else "black"
                axes.text(column, row, f"{costs[row, column]:.4g}", ha="center", va="center", fontsize=8, color=colour)
    else:
        axes.set_xlim(-0.5, shape[1] - 0.5)
        axes.set_ylim(shape[0] - 0.5, -0.5)
    if max(shape) <= 200:
        from matplotlib.patches import Rectangle

        for row, column in zip(rows.tolist(), columns.tolist()):
            axes.add_patch(
                Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, edgecolor=_CHOSEN, linewidth=2, clip_on=False, zorder=3)
            )
    else:
        axes.scatter(columns, rows, s=max(1.0, 4_000 / max(shape)), color=_CHOSEN, linewidths=0)
    for axis, given, count in ((axes.yaxis, problem.row_names, shape[0]), (axes.xaxis, problem.column_names, shape[1])):
        if names or (names is None and count <= NAMED):
            axis.set_ticks(range(count), _labels(given, count), fontsize=8, parse_math=False)
    if names or (names is None and shape[1] <= NAMED and problem.column_names is not None):
        axes.tick_params(axis="x", rotation=45)


def _bipartite(axes: Any, problem: LinearAssignment, assignment: Assignment, names: bool | None) -> None:
    from matplotlib.collections import LineCollection

    heights = [1 - (np.arange(count) + 0.5) / count for count in (problem.num_rows, problem.num_columns)]
    if problem.num_rows * problem.num_columns - problem.range.num_forbidden <= MOST_EDGES:
        rows, columns, _ = as_entries(problem.cost)
        lines = [((0, heights[0][row]), (1, heights[1][column])) for row, column in zip(rows.tolist(), columns.tolist())]
        axes.add_collection(LineCollection(lines, colors=_EDGE, linewidths=0.6, zorder=1))
    rows, columns = assignment.pairs
    lines = [((0, heights[0][row]), (1, heights[1][column])) for row, column in zip(rows.tolist(), columns.tolist())]
    axes.add_collection(LineCollection(lines, colors=_CHOSEN, linewidths=1.8, zorder=2))
    sides = ((0, rows, problem.row_names, "right", -6), (1, columns, problem.column_names, "left", 6))
    for x, taken, given, side, away in sides:
        count = len(heights[x])
        colours = np.full(count, _OUT, object)
        colours[taken] = "#222222"
        axes.scatter(np.full(count, x), heights[x], s=max(4.0, min(30.0, 1500 / count)), c=list(colours), zorder=3, linewidths=0)
        if names or (names is None and count <= NAMED):
            for height, label in zip(heights[x].tolist(), _labels(given, count)):
                look = {"ha": side, "va": "center", "fontsize": 8, "textcoords": "offset points", "parse_math": False}
                axes.annotate(label, (x, height), xytext=(away, 0), **look)
    axes.set_xlim(-0.35, 1.35)
    axes.set_ylim(0, 1)
    axes.set_axis_off()
