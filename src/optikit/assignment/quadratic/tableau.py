"""The tableau of the dual ascent and its tree: from a core to what the kernels read, and bounds back from there."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ...kernels.control import DEADLINE, LIMIT, NEVER, Control
from .arrays import BARRED, FAR, MOST_TREE, NODES, ROUND, UPPER, Tree
from .instance import Core

UNKNOWN = 2**50
"""Ticks of the best placement, scaled, where none is known: no bound reaches that."""


class Tableau:
    """A tableau with its control block.

    Parameters
    ----------
    core : Core
        What is bounded.
    deep : bool
        Whether there is a tree below; else only the bound is raised.
    rounds : int
        Of ascent at a node, at most.
    root_rounds : int
        Of ascent at the root, at most.
    worth : int
        That ends once rounds raise the bound by less than one part in so many.
    """

    def __init__(self, core: Core, *, deep: bool, rounds: int, root_rounds: int, worth: int) -> None:
        self.core = core
        n, m = core.size, core.num_facilities
        most = 2 * core.lattice.most + 1
        bits = math.floor(math.log2(MOST_TREE)) - most.bit_length()
        self.factor, self.shift = 2 ** max(0, bits), max(0, -bits)
        flow, linear = np.zeros((n, n), np.int64), np.zeros((n, n), np.int64)
        flow[:m, :m] = np.triu(core.flow) if core.symmetric else core.flow
        linear[:m] = np.where(core.linear >= core.price, FAR, core.linear)
        self.step = 1 if self.shift else max(1, _common_step(core))
        levels = np.arange(n + 1, dtype=np.int64) if deep else np.where(np.arange(n + 1) == n, n, 0).astype(np.int64)
        lead, quad = levels**2, levels**4
        self.tree = Tree.empty(
            size=n, num_facilities=m, top=int(not deep), num_lead=int(lead.sum()), num_quad=int(quad.sum()), factor=self.factor,
            shift=self.shift, slack=n * n if self.shift else self.step * self.factor - 1, rounds=rounds, root_rounds=root_rounds,
            worth=worth, flow=flow,
            distance=core.distance, linear=linear, lead_at=np.cumsum(lead) - lead, quad_at=np.cumsum(quad) - quad,
        )  # fmt: skip
        self.control = Control.fresh()
        self.tree.words[UPPER] = UNKNOWN >> max(0, bits) << self.shift

    def begin(self, upper: int | None = None, best: NDArray[np.int64] | None = None) -> None:
        """Make the tableau; with a placement and its cost, what does not better it is not looked into."""
        from .kernels.tree import begin_tree

        if upper is not None and best is not None:
            self.tree.words[UPPER] = upper
            self.tree.best[:] = best
        begin_tree(self.tree)

    def advance(self, deadline: int = NEVER, limit: int = NEVER) -> bool:
        """Go on until the deadline (of `now_ns`) or so many rounds in all; True once nothing is left."""
        from .kernels.tree import DONE, branch

        self.control.slots[DEADLINE], self.control.slots[LIMIT] = deadline, limit
        return bool(branch(self.tree, self.control) == DONE)

    @property
    def rounds(self) -> int:
        return int(self.tree.words[ROUND])

    @property
    def nodes(self) -> int:
        return int(self.tree.words[NODES])

    @property
    def upper(self) -> int:
        """Cost of the best placement known, in ticks."""
        return int(self.tree.words[UPPER])

    @property
    def root_bound(self) -> int | None:
        """The bound of the whole problem, in ticks, rounded up to the next cost that can be.

        None before the first round, and where nothing is possible.
        """
        bound = int(self.tree.bound[self.core.size])
        if self.nodes == 1 and self.rounds == 0:
            return None
        if bound >= BARRED // 2:
            return None
        if self.shift:
            return bound << self.shift
        return int(-(-bound // (self.factor * self.step)) * self.step)

    @property
    def proved(self) -> int:
        """Once nothing is left: no placement costs less, in ticks."""
        if self.shift:
            return ((self.upper >> self.shift) - int(self.tree.slack)) << self.shift
        return self.upper


def _common_step(core: Core) -> int:
    """The greatest common divisor of all costs."""
    linear = core.linear[core.linear < core.price]
    products = int(np.gcd.reduce(core.flow, axis=None)) * int(np.gcd.reduce(core.distance, axis=None))
    return math.gcd(products, int(np.gcd.reduce(linear, axis=None)) if linear.size else 0)


def tableau_bytes(size: int, *, deep: bool) -> int:
    """How much memory a tableau takes."""
    levels = np.arange(size + 1, dtype=object) if deep else np.array([size], dtype=object)
    return int(8 * (levels**4).sum())
