"""From a problem to what the kernels read, and from their nodes back to tours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...kernels.matrix_neighbours import matrix_in_slices
from ...kernels.neighbours import in_slices
from ..metrics import Geo, Matrix, Planar, Rounded, Sphere
from . import reduction
from .arrays import Instance
from .candidates import LINKS, LINKS_OF_DIRECTED, MOST_LINKED, alpha_lists, joined
from .duplicates import Places
from .kernels.arcs import ATT, EUCLIDEAN, MANHATTAN, MAXIMUM, SPHERE, XRAY1, XRAY2
from .kernels.hilbert import Curve, place_on_curve
from .kernels.measure import measure_candidates
from .problem import TSP
from .solution import Tour

COMPUTED_NODES = {"planar": 300, "points": 1_000, "globe": 2_000}
"""Above so many cities arcs are computed rather than read: a matrix that leaves the cache is slower than a root, though not
than an arc tangent."""

NORM_CODES = {
    "euclidean": EUCLIDEAN, "maximum": MAXIMUM, "manhattan": MANHATTAN, "att": ATT, "xray1": XRAY1, "xray2": XRAY2,
    "sphere": SPHERE,
}  # fmt: skip

EACH = 2  # of a node's candidates, so many are the nearest in each quadrant

_SLICE = 20_000  # nodes between two looks at the clock


class OutOfTimeError(Exception):
    """The deadline came while the instance was being made."""


@dataclass(frozen=True)
class Nodes:
    """A problem as a cycle through nodes.

    Parameters
    ----------
    problem : TSP
        What the cycle stands for; where cities share places, that of the places.
    instance : Instance
        What kernels read.
    variant : str
        The variant of the kernels that fits (``kernels/flags.py``).
    city_of : numpy.ndarray of int64, shape (num_cities,), or None
        City (or dummy) of each node; None: they are numbered alike.
    places : Places, optional
        Where cities share places: from the cycle's cities to all of them.
    """

    problem: TSP
    instance: Instance
    variant: str
    city_of: NDArray[np.int64] | None
    places: Places | None = None

    @property
    def offset(self) -> int:
        """What the cycle costs beyond its tour."""
        return reduction.offset(self.problem) - (0 if self.places is None else self.places.within)

    def ticks(self, cost: int) -> int | None:
        """Ticks of the tour that a cycle of some cost stands for; None where it uses an arc that does not exist."""
        return None if cost - reduction.offset(self.problem) >= self.problem.forbidden else cost - self.offset

    def tour(self, order: NDArray[np.int32]) -> Tour:
        """The tour that an order of the nodes stands for."""
        tour = self._cycle(order)
        return tour if self.places is None else self.places.whole(tour)

    def _cycle(self, order: NDArray[np.int32]) -> Tour:
        nodes = order.astype(np.int64)
        if self.variant == "asymmetric":
            # A city is entered at the node above `half` and then left from the other, if the order is read the right way.
            half = len(nodes) // 2
            at = int(np.flatnonzero(nodes == 0)[0])
            backward = nodes[(at + 1) % len(nodes)] == half
            nodes = nodes[nodes < half]
            nodes = nodes[::-1] if backward else nodes
        elif self.city_of is not None:
            nodes = self.city_of[nodes]
        return reduction.tour_of(self.problem, nodes)

    def order(self, tour: Tour) -> NDArray[np.int32]:
        """The order of the nodes that stands for a tour."""
        nodes = reduction.cycle_of(self.problem, tour if self.places is None else self.places.part(tour))
        if self.variant == "asymmetric":
            half = len(nodes)
            return np.column_stack([nodes + half, nodes]).reshape(-1).astype(np.int32)
        if self.city_of is not None:
            node_of = np.empty_like(self.city_of)
            node_of[self.city_of] = np.arange(len(node_of))
            nodes = node_of[nodes]
        return nodes.astype(np.int32)


def make_nodes(
    problem: TSP,
    neighbours: int,
    memory_limit: int | None = None,
    go_on: Callable[[], bool] = lambda: True,
    on_order: Callable[[NDArray[np.int64]], None] = lambda order: None,
    places: Places | None = None,
) -> Nodes:
    """What the kernels read, in ticks.

    Parameters
    ----------
    problem : TSP
        What is being solved.
    neighbours : int
        Length of the candidate lists.
    memory_limit : int, optional
        Bytes; no matrix is made that takes more than half of them.
    go_on : callable
        Asked every few milliseconds.
    on_order : callable
        Takes the cities along a space-filling curve, where there is one, as soon as it is known: a tour to have meanwhile.
    places : Places, optional
        What `duplicates.places` found: one city of each place is a node.

    Raises
    ------
    OutOfTimeError
        When ``go_on()`` says no.
    """
    if places is not None:
        nodes = make_nodes(places.problem, neighbours, memory_limit, go_on, lambda order: on_order(places.all_cities(order)))
        return replace(nodes, places=places)
    size, count = problem.num_cities, reduction.num_nodes(problem)
    variant = variant_of(problem, memory_limit)
    width = max(1, min(neighbours, count - 1))
    if variant == "asymmetric":
        dist = reduction.levelled(problem)
        near = _both_ways(dist, width, _alpha(problem, dist, width, memory_limit, go_on), go_on)
        return _measured(problem, variant, None, near, {"dist": dist}, go_on)
    if variant == "matrix":
        dist = reduction.levelled(problem)
        if isinstance(problem.network, Matrix):
            near = _in_time(matrix_in_slices(dist, width, symmetrise="min", go_on=go_on))
            alpha = _alpha(problem, dist, width, memory_limit, go_on)
            if alpha is not None:
                near[: len(alpha)] = joined(near[: len(alpha)], alpha, LINKS)
        else:
            near = _with_dummy(problem, _near_points(problem.network, problem.network.coordinates, width, go_on), width)
        return _measured(problem, variant, None, near, {"dist": dist}, go_on)
    network = problem.network
    assert isinstance(network, Rounded | Sphere | Geo)
    city_of = along_curve(network.coordinates, go_on)
    on_order(city_of)
    points = network.coordinates[city_of]
    near = _with_dummy(problem, _near_points(network, points, width, go_on), width)
    members = {axis: np.ascontiguousarray(points[:, k]) for k, axis in enumerate("xyz"[: points.shape[1]])}
    rule = network.tick_rule(problem.lattice)
    if count > size:
        price, _ = reduction.dummy(problem)
        city_of = np.append(city_of, size)
        members["price"] = price[city_of]
    return _measured(
        problem, variant, city_of, near, members, go_on,
        norm=NORM_CODES[network.norm], factor=float(rule.factor), offset=float(rule.offset), sign=float(rule.sign),
    )  # fmt: skip


def variant_of(problem: TSP, memory_limit: int | None = None) -> str:
    """The variant of the kernels that fits: see ``kernels/flags.py``."""
    if not problem.undirected:
        return "asymmetric"
    if isinstance(problem.network, Matrix) or problem.num_cities <= _computed_above(problem, memory_limit):
        return "matrix"
    network = problem.network
    return "planar" if isinstance(network, Planar) and network.tick_rule(problem.lattice).sign > 0 else "points"


def _computed_above(problem: TSP, memory_limit: int | None) -> int:
    network = problem.network
    kind = "globe" if isinstance(network, Sphere | Geo) else "planar" if isinstance(network, Planar) else "points"
    fits = np.inf if memory_limit is None else (memory_limit / 16) ** 0.5
    return int(min(COMPUTED_NODES[kind], fits))


def _measured(
    problem: TSP,
    variant: str,
    city_of: NDArray[np.int64] | None,
    near: NDArray[np.int32],
    members: Mapping[str, NDArray[Any]],
    go_on: Callable[[], bool],
    **numbers: float,
) -> Nodes:
    """Make the instance, and measure the candidates."""
    none = np.zeros(1)
    no_ticks = np.zeros(1, np.int64)
    shapes: dict[str, NDArray[Any]] = {"x": none, "y": none, "z": none, "price": no_ticks, "dist": no_ticks, **members}
    count, width = near.shape
    computed = "x" in members
    instance = Instance.empty(
        num_nodes=count,
        num_neighbours=width,
        num_points=shapes["x"].size,
        num_depths=shapes["z"].size,
        num_prices=shapes["price"].size,
        num_entries=shapes["dist"].size,
        dummy=count - 1 if computed and "price" in members else -1,
        neighbours=near,
        **({"norm": EUCLIDEAN, "factor": 1.0, "offset": 0.0, "sign": 1.0} | numbers),
        **{name: value.reshape(-1) for name, value in shapes.items()},
    )
    for first in range(0, count, _SLICE):
        measure_candidates[variant](instance, first, min(first + _SLICE, count))
        _ask(go_on)
    return Nodes(problem, instance, variant, city_of)


def _ask(go_on: Callable[[], bool]) -> None:
    if not go_on():
        raise OutOfTimeError


def _near_points(
    network: Rounded | Sphere | Geo, points: NDArray[np.float64], width: int, go_on: Callable[[], bool]
) -> NDArray[np.int32]:
    """Candidates by coordinates."""
    if isinstance(network, Sphere | Geo):
        points = _from_above(points)
    quadrants = points.shape[1] == 2 or isinstance(network, Sphere | Geo)
    return _in_time(in_slices(points, width, each=EACH if quadrants else 0, go_on=go_on))


def _from_above(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places on the globe, turned such that the middle of them is the pole: quadrants are told by the first two axes."""
    middle = vectors.mean(axis=0)
    length = float(np.sqrt((middle**2).sum()))
    if length < 1e-6:  # all around the globe
        return vectors
    up = middle / length
    # Householder's reflection that takes the middle to the pole; it keeps all distances.
    mirror = up - np.array([0.0, 0.0, 1.0 if up[2] < 0 else -1.0])
    return np.ascontiguousarray(vectors - np.outer(vectors @ mirror, mirror) * (2 / float(mirror @ mirror)))


def _in_time(lists: NDArray[np.int32] | None) -> NDArray[np.int32]:
    if lists is None:
        raise OutOfTimeError
    return lists


def _with_dummy(problem: TSP, near: NDArray[np.int32], width: int) -> NDArray[np.int32]:
    """The same lists where there is a dummy: it is a candidate of every node where a path may end, and these are its own."""
    if problem.closed:
        return near
    size = problem.num_cities
    full = np.full((size + 1, width), size, np.int32)
    full[:size, : width - 1] = near[:, : width - 1]
    ends = [end for end in (problem.first, problem.last) if end is not None]
    step = max(1, size // width)
    others = [city for city in range(0, size, step) if city not in ends][: max(0, width - len(ends))]
    own = (ends + others)[:width]
    full[size, : len(own)] = own
    full[size, len(own) :] = own[-1]
    return full


def _alpha(
    problem: TSP, dist: NDArray[np.int64], width: int, memory_limit: int | None, go_on: Callable[[], bool]
) -> NDArray[np.int32] | None:
    """Candidates of the cities by alpha-nearness, where there is room for them; the dummy of a path would be near to all."""
    size = problem.num_cities
    if not width < size <= MOST_LINKED or (memory_limit is not None and 16 * size * size > memory_limit):
        return None
    inner = dist[:size, :size]
    return _in_time(alpha_lists(inner if problem.undirected else np.minimum(inner, inner.T), width, go_on))


def _both_ways(
    dist: NDArray[np.int64], width: int, alpha: NDArray[np.int32] | None, go_on: Callable[[], bool]
) -> NDArray[np.int32]:
    """Candidates of a node that is left (below the number of cities) and of one that is entered."""
    size = len(dist)
    lists = np.zeros((2 * size, width), np.int32)
    rows = max(1, 2**20 // size)
    most = 2**62 // size - 1  # above all but arcs that may not be used
    for start, table in ((0, dist), (size, dist.T)):
        for first in range(0, size, rows):
            _ask(go_on)
            block = np.array(table[first : first + rows], order="C")
            at = np.arange(len(block))
            block[at, first + at] = np.iinfo(np.int64).max
            # Length and place in one integer: what is to be partitioned and sorted, and reproducibly.
            block -= block.min(axis=1)[:, None]
            np.minimum(block, most, out=block)
            block[at, first + at] = most
            block *= size
            block += np.arange(size)
            block.partition(width - 1, axis=1)
            near = (np.sort(block[:, :width], axis=1) % size).astype(np.int32)
            linked = 0 if alpha is None else len(alpha[first : first + len(block)])
            if alpha is not None and linked:
                near[:linked] = joined(near[:linked], alpha[first : first + linked], LINKS_OF_DIRECTED)
            lists[start + first : start + first + len(block)] = near
        if start == 0:
            lists[:size] += size
    return lists


def along_curve(coordinates: NDArray[np.float64], go_on: Callable[[], bool] = lambda: True) -> NDArray[np.int64]:
    """Points in the order of Hilbert's curve."""
    count, axes = coordinates.shape
    place_bits = max(1, (count - 1).bit_length())
    bits = min(26, (62 - place_bits) // axes)
    low = coordinates.min(axis=0)
    span = float(np.ptp(coordinates, axis=0).max()) or 1.0
    cell = ((coordinates - low) * ((2**bits - 1) / span)).astype(np.int64)
    curve = Curve.empty(num_points=count, num_axes=axes, num_bits=bits, cell=np.ascontiguousarray(cell))
    for first in range(0, count, _SLICE):
        place_on_curve(curve, first, min(first + _SLICE, count))
        _ask(go_on)
    # Key and place in one integer sort several times faster than a stable sort of the keys.
    packed = (curve.key << place_bits) + np.arange(count)
    packed.sort()
    order: NDArray[np.int64] = packed & ((1 << place_bits) - 1)
    return order
