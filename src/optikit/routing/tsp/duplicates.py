"""Cities in one place, which a search visits as one.

Near neighbours of a city with many copies are its copies, and nothing else; and exchanges among them gain nothing. So one city
stands for each place, and its copies are visited with it. That is a heuristic where distances are rounded such that a way
through a place can be shorter than the direct one; bounds and proofs hold for all cities (see `bounds`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..metrics import Matrix
from .problem import TSP
from .solution import Order, Tour

_ROWS = 1_000  # of a matrix at once
_ODD = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)


@dataclass(frozen=True)
class Places:
    """A problem with one city a place.

    Parameters
    ----------
    whole_problem, problem : TSP
        That of all cities, and that of the places, in the same ticks.
    city_of : numpy.ndarray of int64, shape (num_places,)
        The city that stands for a place.
    cities, first : numpy.ndarray of int64, shapes (num_cities,) and (num_places + 1,)
        The cities of place p, in the order of their visits: ``cities[first[p]:first[p + 1]]``.
    within : int
        Ticks between copies, of all together: each has its leg even where that is not 0 (TSPLIB's GEO).
    """

    whole_problem: TSP
    problem: TSP
    city_of: NDArray[np.int64]
    cities: NDArray[np.int64]
    first: NDArray[np.int64]
    within: int

    def all_cities(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """The cities of some places, one place after the other."""
        counts = np.diff(self.first)[places]
        ends = np.cumsum(counts)
        all_of_them: NDArray[np.int64] = self.cities[np.repeat(self.first[places] - (ends - counts), counts) + np.arange(ends[-1])]
        return all_of_them

    def whole(self, tour: Tour) -> Tour:
        """The tour through all cities that one through the places stands for."""
        return Tour(Order(self.all_cities(np.asarray(tour.order))))

    def part(self, tour: Tour) -> Tour:
        """The places in the order in which a tour visits the cities that stand for them."""
        place_of = np.full(len(self.cities), -1)
        place_of[self.city_of] = np.arange(len(self.city_of))
        places = place_of[np.asarray(tour.order)]
        return Tour(Order(places[places >= 0]))


def places(problem: TSP) -> Places | None:
    """The problem with one city a place; None where no two cities share one but the ends of a path, and where all do.

    Cities share a place where they are equally far from and to all others, and nothing apart.
    """
    network = problem.network
    twin = _equal_rows(network) if isinstance(network, Matrix) else _equal_points(network.points)
    count = problem.num_cities
    if twin is None or len(np.unique(twin)) < 2:
        return None
    # The ends of a path stand for their places; where they share one, the last is a place of its own.
    for end in (problem.first, problem.last):
        if end is not None:
            twin[twin == twin[end]] = end
    if problem.first is not None and problem.last is not None and twin[problem.first] == problem.last:
        twin[twin == problem.last] = problem.first
        twin[problem.last] = problem.last
    if (twin == np.arange(count)).all():  # no two but the ends, which stay apart
        return None
    city_of, place = np.unique(twin, return_inverse=True)
    # The city that stands for a place comes first in it, but where a path ends.
    rank = np.where(twin == np.arange(count), 1, 2)
    if problem.last is not None:
        rank[problem.last] = 3
    cities = np.lexsort((rank, place))
    first = np.searchsorted(place[cities], np.arange(len(city_of) + 1))
    starts, ends = (None if city is None else int(place[city]) for city in (problem.first, problem.last))
    inner = TSP(network.take(city_of), closed=problem.closed, first=starts, last=ends)
    inner.__dict__["lattice"] = problem.lattice  # the same ticks
    copies = np.flatnonzero(twin != np.arange(count))
    within = int(problem.leg_ticks(twin[copies], copies).sum())
    return Places(problem, inner, city_of, cities, first, within)


def _equal_points(points: NDArray[np.float64]) -> NDArray[np.int64] | None:
    """The first city in the place of each; None where they differ.

    By a hash of the coordinates: `numpy.unique` along an axis takes six times as long, two thirds of a second for a million cities.
    """
    key = np.zeros(len(points), np.uint64)
    for axis, odd in zip((points + 0.0).T, _ODD):  # -0.0 is 0.0
        bits = np.ascontiguousarray(axis).view(np.uint64)
        key = (key ^ bits ^ (bits >> np.uint64(29))) * np.uint64(odd)
    ranked = np.sort(key)
    if not (ranked[1:] == ranked[:-1]).any():
        return None
    order = np.argsort(key, kind="stable")
    same = (points[order[1:]] == points[order[:-1]]).all(axis=1)
    if not same.any():
        return None
    begins = np.flatnonzero(np.concatenate(([True], ~same)))
    twin = np.empty(len(points), np.int64)
    twin[order] = np.repeat(order[begins], np.diff(np.append(begins, len(points))))
    return twin


def _equal_rows(network: Matrix) -> NDArray[np.int64] | None:
    """The same by a matrix."""
    distance, count = network.distance, len(network)
    twin = np.arange(count)
    for start in range(0, count, _ROWS):
        rows = np.array(distance[start : start + _ROWS])
        at = np.arange(len(rows))
        rows[at, start + at] = 0
        twin[start : start + len(rows)] = (rows == 0).argmax(axis=1)
    for city in np.flatnonzero(twin < np.arange(count)).tolist():
        other = twin[city]
        others = np.ones(count, bool)
        others[[city, other]] = False
        alike = twin[other] == other and distance[other, city] == 0
        alike = alike and np.array_equal(distance[city, others], distance[other, others])
        if not (alike and np.array_equal(distance[others, city], distance[others, other])):
            twin[city] = city
    return twin if (twin < np.arange(count)).any() else None
