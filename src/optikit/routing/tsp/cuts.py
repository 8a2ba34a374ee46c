"""Inequalities that every tour obeys, and how a solution of a linear relaxation breaks them.

A *subtour* inequality (Dantzig, Fulkerson and Johnson 1954) says that a tour crosses the border of a set of nodes at least twice.
A *comb* (Chvatal 1973; Grotschel and Padberg 1979) has a handle H and an odd number t >= 3 of disjoint teeth, each partly in H
and partly not: a tour crosses the borders of all of them together at least 3 t + 1 times. Both are sums of crossings, so that an
edge counts once for each set that separates its ends; both hold in every undirected graph, fixed edges or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

NOUGHT = 1e-7
"""Values of a relaxation up to this are 0, and those from 1 less this are 1."""

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

OUTSIDE, HANDLE = 0, 1
"""Cells of every inequality: outside of all sets, and in the handle (or the set of a subtour) but in no tooth. Tooth i has two:
2 + 2 i, its part in the handle, and 3 + 2 i, its other part."""


@cache
def _memberships(teeth: int) -> NDArray[np.int64]:
    """Which sets (the handle, then the teeth) each cell belongs to, shape (cells, sets)."""
    table = np.zeros((2 + 2 * teeth, 1 + teeth), np.int64)
    table[HANDLE, 0] = 1
    for tooth in range(teeth):
        table[2 + 2 * tooth, [0, 1 + tooth]] = 1
        table[3 + 2 * tooth, 1 + tooth] = 1
    return table


@cache
def crossings(teeth: int) -> NDArray[np.int64]:
    """How many sets separate two cells, shape (cells, cells)."""
    table = _memberships(teeth)
    return np.ascontiguousarray(np.abs(table[:, None, :] - table[None, :, :]).sum(axis=2))


@cache
def depth(teeth: int) -> NDArray[np.int64]:
    """How many sets each cell belongs to."""
    return np.asarray(_memberships(teeth).sum(axis=1), np.int64)


class Inequality(Protocol):
    """What a row of a relaxation says: the sum of its coefficients over the edges of a tour is at least ``least``."""

    @property
    def teeth(self) -> int:
        """Of a comb; 0 for any other."""

    @property
    def least(self) -> int: ...

    @property
    def key(self) -> tuple[int, bytes]:
        """Equal for equal inequalities."""

    @property
    def depths(self) -> Ints:
        """Of each node, >= 0: an edge's coefficient is at most the sum of its two ends'."""

    def coefficients(self, tails: Ints, heads: Ints) -> Ints:
        """Of some edges."""


@dataclass(frozen=True, eq=False)
class Cut:
    """An inequality: the crossings of all its sets are at least ``least``.

    Parameters
    ----------
    cell : numpy.ndarray of int16, shape (num_nodes,)
        Where each node is (see `HANDLE`). The sets may be turned inside out together: made so that node 0 is outside.
    teeth : int
        0 for a subtour, else odd and at least 3.
    """

    cell: NDArray[np.int16]
    teeth: int

    @classmethod
    def subtour(cls, inside: Mask) -> Cut:
        """Of a set of nodes."""
        return cls((inside ^ inside[0]).astype(np.int16), 0)

    @classmethod
    def comb(cls, handle: Mask, teeth: Sequence[Mask]) -> Cut:
        """Of a handle and an odd number of disjoint teeth; of the handle alone where there is but one."""
        if len(teeth) < 3:
            return cls.subtour(handle)
        cell = handle.astype(np.int16)
        for number, tooth in enumerate(teeth):
            cell[tooth] = np.where(handle[tooth], 2 + 2 * number, 3 + 2 * number)
        return cls(cell, len(teeth))

    @property
    def depths(self) -> Ints:
        """Of each node: how many sets it is in."""
        return depth(self.teeth)[self.cell]

    @property
    def least(self) -> int:
        return 3 * self.teeth + 1 if self.teeth else 2

    @cached_property
    def key(self) -> tuple[int, bytes]:
        """Equal for equal inequalities."""
        return self.teeth, self.cell.tobytes()

    def coefficients(self, tails: Ints, heads: Ints) -> Ints:
        """How often edges cross."""
        found: Ints = crossings(self.teeth)[self.cell[tails], self.cell[heads]]
        return found


@dataclass(frozen=True)
class Support:
    """The edges that a solution of a relaxation uses.

    Parameters
    ----------
    num_nodes : int
        At least 3.
    tails, heads : numpy.ndarray of int64, shape (num_edges,)
        Ends of the edges.
    values : numpy.ndarray of float, shape (num_edges,)
        Above `NOUGHT`; those at each node add up to 2.
    doubled : bool
        Whether node u and node u + num_nodes / 2 are the two of one city (see `Graph`).
    """

    num_nodes: int
    tails: Ints
    heads: Ints
    values: NDArray[np.float64]
    doubled: bool = False

    def violation(self, cut: Inequality) -> float:
        """By how much the solution breaks an inequality; negative where it does not."""
        return cut.least - float(cut.coefficients(self.tails, self.heads) @ self.values)

    @cached_property
    def links(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
        """By node: where its links begin, the other ends, the values."""
        first, order = by_node(self.num_nodes, np.concatenate([self.tails, self.heads]))
        return first, np.concatenate([self.heads, self.tails])[order].astype(np.int32), np.tile(self.values, 2)[order]


def by_node(num_nodes: int, tails: Ints) -> tuple[NDArray[np.int32], Ints]:
    """Arcs in the order of the nodes they leave: where those of each node begin, and the order."""
    first = np.zeros(num_nodes + 1, np.int32)
    np.cumsum(np.bincount(tails, minlength=num_nodes), out=first[1:])
    return first, np.argsort(tails, kind="stable")
