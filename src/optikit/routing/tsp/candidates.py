"""Candidate edges of a matrix that has no coordinates: the nearest, and by alpha-nearness such as a spanning tree would take.

Near neighbours alone are all of one town where cities lie in towns; edges between towns have small alphas, however long they are
(Helsgaun, "An effective implementation of the Lin-Kernighan traveling salesman heuristic", European Journal of Operational Research
126, 2000, section 4; here without its multipliers).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .kernels.one_tree import Complete, list_nearest, span

LINKS = 3 / 8
LINKS_OF_DIRECTED = 1 / 4
"""Part of a list that is by alpha-nearness, of symmetric and of asymmetric distances."""

MOST_LINKED = 6_000
"""Nodes of a matrix up to which its copy and its tree are worth their time."""

_ROWS = 200  # lists made between two looks at the clock


def alpha_lists(distance: NDArray[np.int64], width: int, go_on: Callable[[], bool]) -> NDArray[np.int32] | None:
    """The nodes of least alpha-nearness to each, shape (num_nodes, 1 + width); None where ``go_on()`` said no.

    The other end of a node's longest edge of the tree comes first: of all that have an alpha of 0, it leads to another town if
    any does.

    Parameters
    ----------
    distance : numpy.ndarray of int64, shape (num_nodes, num_nodes)
        Symmetric.
    width : int
        Less than num_nodes.
    go_on : callable
        Asked every few milliseconds.
    """
    size = len(distance)
    tree = Complete.empty(num_nodes=size, num_listed=width, length=np.ascontiguousarray(distance), spoke=np.zeros(size, np.int64))
    span(tree)
    for first in range(0, size, _ROWS):
        if not go_on():
            return None
        list_nearest(tree, first, min(first + _ROWS, size))
    ends = tree.order[1:].astype(np.int64)
    tails, heads = np.concatenate((ends, tree.parent[ends])), np.concatenate((tree.parent[ends], ends))
    by_length = np.argsort(distance[tails, heads], kind="stable")
    longest = np.empty((size, 1), np.int32)
    longest[tails[by_length], 0] = heads[by_length]  # of several at a node, the last is kept
    return np.concatenate((longest, tree.listed.reshape(size, width)), axis=1)


def joined(near: NDArray[np.int32], alpha: NDArray[np.int32], links: float) -> NDArray[np.int32]:
    """Lists as long as those of the nearest: most of these, then the least alphas, then the rest of the nearest; each node once."""
    width = near.shape[1]
    kept = width - int(width * links)
    pool = np.concatenate((near[:, :kept], alpha, near[:, kept:]), axis=1)
    again = np.zeros(pool.shape, bool)
    for column in range(1, pool.shape[1]):
        again[:, column] = (pool[:, :column] == pool[:, column : column + 1]).any(axis=1)
    chosen = np.argsort(again, axis=1, kind="stable")[:, :width]
    return np.ascontiguousarray(np.take_along_axis(pool, chosen, axis=1))
