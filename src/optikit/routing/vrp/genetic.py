"""The genetic part of the search: its structures, and the way in and out of the families."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...kernels.control import Control
from ...kernels.rng import Random
from ..metrics import Matrix, Sphere
from . import genetic_arrays as slot
from .arrays import Instance
from .genetic_arrays import Descent, Families
from .kernels.breed import breed
from .kernels.phases import ADOPT, BRED, CONCEIVE
from .population import Visits
from .problem import VRP

GRANULARITY = 20
"""Neighbours of a client with which moves are tried."""

GENERATION = 40
"""Children that a family takes in before it is thinned out."""


def coordinates(problem: VRP) -> NDArray[np.float64]:
    """East and north of the depot, shape (nodes, 2): by these routes are ordered and found to lie side by side; 0 for a matrix."""
    network = problem.network
    if isinstance(network, Matrix):
        return np.zeros((len(network), 2))
    if not isinstance(network, Sphere):
        plane: NDArray[np.float64] = network.points - network.points[0]
        return plane
    # The plane that touches the globe at the depot; any two axes do.
    depot = network.vectors[0]
    east = np.cross(np.eye(3)[np.argmin(np.abs(depot))], depot)
    return np.asarray(network.vectors @ np.column_stack([east, np.cross(depot, east)]))


def make_descent(problem: VRP, instance: Instance) -> Descent:
    """The structure of the local search, without routes as yet."""
    size, total = instance.num_nodes, int(instance.demand.sum())
    slots = min(instance.max_vehicles, size - 1, -(-13 * total // (10 * max(1, instance.capacity))) + 3)
    places = coordinates(problem)
    x, y = places.T
    around = np.abs(places).sum(axis=1)
    part = y / np.where(around == 0, 1.0, around)
    bearing = np.where(x < 0, 2 - part, np.where(y < 0, 4 + part, part))  # kernels.rings.bearing_of
    return Descent.empty(
        num_nodes=size,
        num_slots=slots,
        num_links=size + slots,
        reach=min(GRANULARITY, instance.num_neighbours),
        most=min(instance.capacity + instance.capacity // 2, total),
        east=np.ascontiguousarray(x),
        north=np.ascontiguousarray(y),
        angle=np.minimum(bearing * 16384, 65535).astype(np.int64),
        order=np.arange(1, size, dtype=np.int32),
        site=np.concatenate((np.arange(size), np.zeros(slots))).astype(np.int32),
    )


def make_families(instance: Instance, size: int) -> Families:
    """Two families without members, and a first fine."""
    total = max(1, int(instance.demand.sum()))
    usual = min(max(instance.dist.max() / max(1, instance.demand.max()), 1e-3), 2**50 / total)
    families = Families.empty(num_nodes=instance.num_nodes, num_members=size, num_rows=size + GENERATION + 1)
    families.reals[[slot.USUAL_FINE, slot.LEAST_FINE, slot.MOST_FINE]] = usual, 1e-4 * usual, min(1e3 * usual, 2**53 / total)
    families.words[slot.BEST] = 2**62
    return families


class Genetic:
    """Hybrid genetic search with SWAP* (Vidal 2022), from the outside.

    Parameters
    ----------
    problem, instance
        As the search has them; arcs are symmetric and in a matrix.
    size : int
        Members of each family.
    """

    def __init__(self, problem: VRP, instance: Instance, size: int) -> None:
        self.instance = instance
        self.kernel = breed["matrix"]
        self.descent, self.families = make_descent(problem, instance), make_families(instance, size)
        self.arrivals: list[Visits] = []

    @property
    def best(self) -> int:
        """Least cost of a child or an arrival that keeps the capacity."""
        return int(self.families.words[slot.BEST])

    @property
    def grown(self) -> bool:
        """Whether children have parents: the first ones are descents from random tours."""
        return bool(self.families.words[slot.CHILDREN] >= 4 * self.families.num_members)

    def advance(self, random: Random, control: Control) -> bool:
        """Go on with the child under way, or a new one; False where the control block said return before it was bred."""
        words = self.descent.words
        if words[slot.PHASE] == BRED:
            words[slot.PHASE] = CONCEIVE
        if self.kernel(self.instance, self.descent, self.families, random, control) != BRED:
            return False
        arrivals, self.arrivals = self.arrivals, []
        for routes in arrivals:
            self.take(routes, random)
        return True

    def take(self, routes: Visits, random: Random) -> None:
        """Let routes that keep the capacity into their family, once the child under way is bred; not if it has them."""
        child = self.descent
        if child.words[slot.PHASE] != BRED:
            self.arrivals.append(routes)
            return
        if len(routes) > child.num_slots or self._has(routes):
            return
        size = self.instance.num_nodes
        child.succ[size:] = child.pred[size:] = np.arange(size, child.num_links)
        for number, route in enumerate(routes):
            ring = [size + number, *route]
            child.succ[ring] = [*ring[1:], ring[0]]
            child.pred[ring] = [ring[-1], *ring[:-1]]
        child.words[slot.PHASE] = ADOPT
        self.kernel(self.instance, child, self.families, random, Control.fresh())

    def _has(self, routes: Visits) -> bool:
        """Whether a member has these very routes, whichever way round."""
        size, count = self.instance.num_nodes, int(self.families.words[slot.KEEPS])
        links = np.zeros((2, size), np.int32)
        for route in routes:
            links[:, list(route)] = [*route[1:], 0], [0, *route[:-1]]
        there, here = (links.reshape(-1, size)[:count, 1:] for links in (self.families.after, self.families.before))
        after, before = links[:, 1:]
        same = ((after == there) & (before == here)) | ((after == here) & (before == there))
        return bool(same.all(axis=1).any())

    def champion(self) -> tuple[int, Visits] | None:
        """Cost and routes of the best member that keeps the capacity; None where there is none."""
        families, size = self.families, self.instance.num_nodes
        count = int(families.words[slot.KEEPS])
        if not count:
            return None
        best = int(np.argmin(families.distance[:count]))
        before = families.before.reshape(-1, size)[best].tolist()
        routes: list[list[int]] = []
        for client in families.tour.reshape(-1, size - 1)[best].tolist():
            if before[client] == 0:
                routes.append([])
            routes[-1].append(client)
        return int(families.distance[best]), tuple(tuple(route) for route in routes)
