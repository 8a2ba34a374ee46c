"""Maps by matplotlib, without its global state: fit for services, notebooks and headless machines."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..inputs.arguments import typed
from ..pictures import Sheet
from .metrics import Geo, Matrix, Network, Sphere

NAMED_STOPS = 40
"""Up to this many stops bear their names."""

_LEGEND = 13
"""Up to this many entries a legend is drawn."""

_PATHS = 500
"""Up to this many nodes lengths of detours place the nodes of a matrix where arcs are missing."""


class Map:
    """A picture of places: the figure, its axes, and where each node is drawn.

    Parameters
    ----------
    network : Matrix, Planar, Space, Sphere or Geo
        Latitude and longitude are drawn as an equirectangular map with true proportions at the middle latitude; points in
        space are seen from above. A matrix has no coordinates: its nodes are placed by classical multidimensional scaling
        (Torgerson 1952), whose picture is a likeness.
    path : path, optional
        Where `finish` saves the picture; the ending names the format.
    figsize : sequence of float, optional
        Width and height in inches; by default as the map is.
    dpi : int
        Dots an inch.
    """

    def __init__(
        self, network: Network, path: str | os.PathLike[str] | None = None, figsize: Sequence[float] | None = None, dpi: int = 150
    ) -> None:
        self.network = network
        self.on_globe = isinstance(network, Sphere | Geo)
        self.points = places(network)
        self._sheet = Sheet(path, figsize, dpi, self._size())
        self.axes = self._sheet.figure.add_subplot()

    def way(self, order: NDArray[np.int64]) -> NDArray[np.float64]:
        """The line through some nodes, shape (2, points): cut, by points that are NaN, where a leg leaves the map on one side."""
        points = self.points[order]
        if not self.on_globe or len(points) < 2:
            return points.T
        step = np.diff(points[:, 0])
        leaves = np.flatnonzero(np.abs(step) > 180)
        start, end = points[leaves], points[leaves + 1]
        side = -np.sign(step[leaves])  # 1 where it leaves in the east
        edge = self.points[0, 0] + 180 * side
        share = (edge - start[:, 0]) / (end[:, 0] + 360 * side - start[:, 0])
        height = start[:, 1] + share * (end[:, 1] - start[:, 1])
        nowhere = np.full(len(leaves), np.nan)
        more = np.stack(([edge, height], [nowhere, nowhere], [edge - 360 * side, height]), axis=1)
        return np.insert(points, np.repeat(leaves + 1, 3), more.transpose(2, 1, 0).reshape(-1, 2), axis=0).T

    def draw_names(self, names: Iterable[object], wanted: bool | None) -> None:
        """Write each node's name beside it: where that is wanted, by default where there are few."""
        wanted = typed("names", wanted, "bool | None")
        if not wanted and (wanted is not None or len(self.points) > NAMED_STOPS):
            return
        from matplotlib.patheffects import withStroke

        halo = [withStroke(linewidth=2.5, foreground="white")]
        look = {"fontsize": 7.5, "color": "#222222", "zorder": 6, "path_effects": halo, "parse_math": False}
        called: dict[tuple[float, ...], list[str]] = {}
        for name, point in zip(names, self.points.tolist(), strict=True):
            called.setdefault(tuple(point), []).append(str(name))  # one place, one label
        for place, here in called.items():
            label = ", ".join([*here[:3], *(["..."] if len(here) > 3 else [])])
            self.axes.annotate(label, place, xytext=(4, 4), textcoords="offset points", **look)

    def finish(self, title: str | None, default: str, rank: Callable[[str], Any] = str) -> Any:
        """Frame, legend (its labels in the order of ``rank``) and title; saved where there is a path. The figure."""
        title = typed("title", title, "str | None")
        self._frame()
        handles, labels = self.axes.get_legend_handles_labels()
        if 0 < len(labels) <= _LEGEND:
            order = sorted(range(len(labels)), key=lambda i: rank(labels[i]))
            look = {"fontsize": 8, "frameon": False, "loc": "center left", "bbox_to_anchor": (1.0, 0.5)}
            self.axes.legend([handles[i] for i in order], [labels[i] for i in order], **look)
        if title is None and isinstance(self.network, Matrix):
            default += "\nplaces by multidimensional scaling: the matrix has no coordinates"
        return self._sheet.finish(self.axes, title, default)

    def length(self, distance: float) -> str:
        """A distance as it stands in a title."""
        unit = f" {self.network.unit}" if isinstance(self.network, Sphere) else " km" if self.on_globe else ""
        if not math.isfinite(distance):
            return "without end"
        return (f"{distance:,.0f}" if distance >= 1000 or distance == int(distance) else f"{distance:,.4g}") + unit

    def dot(self) -> float:
        """Area of a node's dot, in square points."""
        return max(5.0, min(26.0, 3000.0 / len(self.points)))

    def _frame(self) -> None:
        self.axes.set_aspect(self._aspect(), adjustable="datalim")
        self.axes.margins(0.04)
        for side in ("top", "right"):
            self.axes.spines[side].set_visible(False)
        for side in ("left", "bottom"):
            self.axes.spines[side].set_color("#bbbbbb")
        self.axes.tick_params(colors="#777777", labelsize=8, length=3)
        if self.on_globe:
            self.axes.xaxis.set_major_formatter(lambda value, _: f"{(value + 180) % 360 - 180:g}°")
            self.axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}°")
        elif isinstance(self.network, Matrix):
            self.axes.set_axis_off()

    def _aspect(self) -> float:
        """How many units of x one unit of y is long."""
        if not self.on_globe:
            return 1.0
        middle = (self.points[:, 1].min() + self.points[:, 1].max()) / 2
        return 1.0 / max(0.1, math.cos(math.radians(middle)))

    def _size(self) -> tuple[float, float]:
        """As wide as high as the map, within reason."""
        width, height = np.ptp(self.points, axis=0)
        ratio = height * self._aspect() / width if width > 0 else 1.0
        size = 8.0 if len(self.points) <= 500 else 10.0
        return size, min(1.25, max(0.6, ratio)) * size


def places(network: Network) -> NDArray[np.float64]:
    """Where each node is drawn, shape (num_nodes, 2): x to the right, y up."""
    if isinstance(network, Matrix):
        return _scaled(_detours(network))
    if isinstance(network, Sphere | Geo):
        latitude, longitude = (network.points if isinstance(network, Sphere) else network.degrees).T
        # Across the antimeridian too, the map is centred on the first node.
        around = (longitude - longitude[0] + 180) % 360 - 180 + longitude[0]
        return np.stack((around, latitude), axis=1)
    return np.asarray(network.points[:, :2], np.float64)


def _detours(network: Matrix) -> NDArray[Any]:
    """All distances, those of missing arcs by a way round, or as somewhat longer than all others."""
    distance = network.matrix()
    if network.has_missing and len(distance) <= _PATHS:
        from scipy.sparse.csgraph import shortest_path

        # Zeros would be taken for missing arcs.
        distance = shortest_path(np.where(np.isfinite(distance), distance + 1e-9 * (1 + network.longest), 0.0))
    distance[np.isinf(distance)] = 1.5 * float(distance.max(initial=0.0, where=np.isfinite(distance)))
    return distance


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
