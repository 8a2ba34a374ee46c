"""From a problem to what the kernels read, and from their placements back.

Facilities that are fixed leave the problem: what flows to and from them becomes linear cost. The others are padded with empty ones
to as many as there are locations. Diagonals become linear cost as well; and where flows or distances are symmetric, both directions
of a pair become one. Where the most is sought, all costs change their sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .arrays import NarrowInstance, WideInstance
from .lattice import CostLattice, fit
from .problem import QuadraticAssignment
from .solution import Placement

SPARSE_BELOW = 0.15
"""Up to this part of all pairs with a flow, lists of partners are faster than rows of the matrix."""


MOST_NARROW = 2**31 - 1
"""More than any number in the tables of 32 bits."""


@dataclass(frozen=True)
class Core:
    """A problem without its fixed facilities, in ticks, less is better.

    Parameters
    ----------
    problem : QuadraticAssignment
        What it stands for.
    facilities, locations : numpy.ndarray of int64
        Positions in the problem of those that are free.
    flow : numpy.ndarray of int64, shape (num_free, num_free)
        Without diagonal; where ``symmetric``, both directions together.
    distance : numpy.ndarray of int64, shape (num_places, num_places)
        Without diagonal; where ``symmetric``, the same both ways.
    linear : numpy.ndarray of int64, shape (num_free, num_places)
        Cost of a facility at a location, `price` where it may not be.
    constant : int
        What is always paid.
    symmetric : bool
        Whether each pair of facilities counts once.
    price : int
        More than any two placements differ by.
    lattice : CostLattice
        What a tick is: that of the problem, or a coarser one.
    """

    problem: QuadraticAssignment
    facilities: NDArray[np.int64]
    locations: NDArray[np.int64]
    flow: NDArray[np.int64]
    distance: NDArray[np.int64]
    linear: NDArray[np.int64]
    constant: int
    symmetric: bool
    price: int
    lattice: CostLattice

    @property
    def num_facilities(self) -> int:
        return len(self.facilities)

    @property
    def size(self) -> int:
        return len(self.locations)

    @property
    def sign(self) -> int:
        return -1 if self.problem.maximize else 1

    def units(self, ticks: int) -> float:
        """The objective in the user's units, of a cost of the core."""
        return self.lattice.units(self.sign * (ticks + self.constant))

    def bound(self, ticks: int) -> float:
        """A bound on the objective, of one on the cost of the core: with the lattice's error to the safe side."""
        bound = self.units(ticks) - self.sign * self.lattice.error
        return max(0.0, bound) if self.is_positive and self.sign > 0 else bound

    @cached_property
    def is_positive(self) -> bool:
        """Whether no placement costs less than nothing, as flows, distances and linear costs are >= 0."""
        problem = self.problem
        parts = (problem.entries[2], problem.distance, problem.linear)
        return all(part is None or not part.size or bool(part.min() >= 0) for part in parts)

    def is_feasible(self, ticks: int) -> bool:
        """Whether a placement of that cost has no forbidden pair."""
        return ticks <= self.lattice.most * 2

    def cost(self, place: NDArray[np.int64]) -> int:
        """What a placement of the free facilities costs, counted anew."""
        total = int((self.flow * self.distance[np.ix_(place, place)]).sum())
        return (total // 2 if self.symmetric else total) + int(self.linear[np.arange(len(place)), place].sum())

    def placement(self, place: NDArray[np.int64]) -> Placement:
        """The placement of all facilities; ``place`` may go on with empty ones."""
        at = np.zeros(self.problem.num_facilities, np.int64)
        for facility, location in self.problem.fixed:
            at[facility] = location
        at[self.facilities] = self.locations[place[: self.num_facilities]]
        return Placement(tuple(at.tolist()))

    def place(self, placement: Placement) -> NDArray[np.int64]:
        """Where the free facilities are in a placement, then where the empty ones are."""
        index = np.full(self.problem.num_locations, -1)
        index[self.locations] = np.arange(self.size)
        here = index[np.array(placement.locations, np.int64)[self.facilities]]
        return np.concatenate([here, np.setdiff1d(np.arange(self.size), here)])


def make_core(problem: QuadraticAssignment, lattice: CostLattice | None = None) -> Core:
    """Reduce a problem whose fixed pairs do not contradict each other (see `explain.impossible`); in ticks of a coarser lattice,
    where one is given."""
    lattice, sign = problem.lattice if lattice is None else lattice, -1 if problem.maximize else 1
    m, n = problem.num_facilities, problem.num_locations
    flow = np.zeros((m, m), np.int64)
    tails, heads, amounts = problem.entries
    flow[tails, heads] = sign * lattice.flow_ticks(amounts)
    distance = lattice.distance_ticks(problem.distance)
    linear = np.diagonal(flow)[:, None] * np.diagonal(distance)[None, :]
    if problem.linear is not None:
        linear = linear + sign * lattice.cost_ticks(problem.linear)
    fixed = np.array(problem.fixed, np.int64).reshape(-1, 2)
    placed, taken = fixed[:, 0], fixed[:, 1]
    free, places = np.setdiff1d(np.arange(m), placed), np.setdiff1d(np.arange(n), taken)
    constant = int((flow[np.ix_(placed, placed)] * _without_diagonal(distance[np.ix_(taken, taken)])).sum())
    constant += int(linear[placed, taken].sum())
    linear = linear[np.ix_(free, places)]
    linear = linear + flow[np.ix_(free, placed)] @ distance[np.ix_(places, taken)].T
    linear = linear + flow[np.ix_(placed, free)].T @ distance[np.ix_(taken, places)]
    flow, distance = _without_diagonal(flow[np.ix_(free, free)]), _without_diagonal(distance[np.ix_(places, places)])
    symmetric = True
    if np.array_equal(distance, distance.T):
        flow = flow + flow.T
    elif np.array_equal(flow, flow.T):
        distance = distance + distance.T
    else:
        symmetric = False
    price = 4 * lattice.most + 1
    if problem.forbidden is not None:
        linear = np.where(problem.forbidden[np.ix_(free, places)], price, linear)
    return Core(problem, free, places, flow, distance, np.ascontiguousarray(linear), constant, symmetric, price, lattice)


def lattice_within(problem: QuadraticAssignment, most: int) -> CostLattice | None:
    """The finest lattice in which no placement costs more than so many ticks, for engines that take no more: with an error of its
    own, where that is not the problem's. None for ints that are greater: these are not rounded."""
    finest = problem.lattice
    if finest.most <= most:
        return finest
    if finest.exact and finest.scale == 1.0:
        return None
    found = fit(problem.entries[2], problem.distance, problem.linear, 3 * most)
    return found if found.most <= most else None


def make_instance(core: Core) -> tuple[WideInstance | NarrowInstance, str]:
    """What the searches read, and the variant of the kernels that fits."""
    m, n = core.num_facilities, core.size
    kind, dtype = (NarrowInstance, np.int32) if is_narrow(core) else (WideInstance, np.int64)
    flow = np.zeros((n, n), dtype)
    flow[:m, :m] = core.flow
    linear = np.zeros((n, n), dtype)
    linear[:m] = core.linear
    tails, heads = np.nonzero(core.flow)
    sparse = core.symmetric and len(tails) <= SPARSE_BELOW * m * m
    links = max(1, len(tails)) if sparse else 1
    first, head, amount = np.zeros(n + 1, np.int32), np.zeros(links, np.int32), np.zeros(links, dtype)
    if sparse:
        first[1:] = np.cumsum(np.bincount(tails, minlength=n))
        head[: len(tails)], amount[: len(tails)] = heads, core.flow[tails, heads]
    instance = kind(
        size=n, num_facilities=m, num_links=links, flow=flow, distance=core.distance.astype(dtype, copy=False), linear=linear,
        first=first, head=head, amount=amount,
    )  # fmt: skip
    return instance, "sparse" if sparse else "symmetric" if core.symmetric else "asymmetric"


def is_narrow(core: Core) -> bool:
    """Whether 32 bits hold all that the searches keep in tables.

    With flows of up to F, distances of up to D, and C for the most that one facility can cost: entries of the table are up to C,
    deltas up to 4 C + 2 F D, and before those of the two facilities that were swapped are made anew, 16 F D more; F D is at most C.
    """
    if not core.symmetric or core.num_facilities == 0:
        return False
    flow, distance = np.abs(core.flow), int(np.abs(core.distance).max())
    most = int(flow.sum(axis=1).max()) * distance + int(np.abs(core.linear).max())
    return max(24 * most, 2 * int(flow.max()), 2 * distance) < MOST_NARROW


def _without_diagonal(matrix: NDArray[np.int64]) -> NDArray[np.int64]:
    bare = np.array(matrix, order="C")
    np.fill_diagonal(bare, 0)
    return bare
