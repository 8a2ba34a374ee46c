"""The ascent to the bound of Held and Karp: rounds over a few candidate edges, each judged over all edges.

A round moves multipliers so that the lightest 1-tree *of the candidates* gets heavier (`kernels.one_tree.ascend`). Then the
lightest 1-tree over *all* edges is found for the best of them: its weight is a bound, whatever the candidates were. Edges of it
that were no candidates become some, so that the next round cannot profit from their absence.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ...core.run import POLL_SECONDS
from ...kernels.clock import now_ns
from ...kernels.control import DEADLINE, ITERATIONS, Control
from ...kernels.jit import PLAIN, Kernel
from ...kernels.neighbours import LEAF, Points, Tree, build_tree
from .graph import NO_EDGE, Graph
from .instance import Nodes, OutOfTimeError
from .kernels import one_tree as slot
from .kernels.links import Edges as Asked
from .kernels.links import Lists, count_links, fill_links, look_up, measure_links
from .kernels.one_tree import Ascent, Candidates, Complete, ascend, list_nearest, span
from .kernels.spanning import Forest, grow_tree

ROUNDS = ((0.1, 1.0), (0.2, 1.0), (0.3, 0.3), (0.4, 0.1))
"""Part of the iterations, and first step in half of a mean edge, of each round. A short first round keeps it from going far astray
where candidates are missing."""

FEW_ROUNDS = ((0.4, 1.0), (0.6, 0.3))
"""The same where there are few iterations,"""

FEW = 200
"""less than this,"""

ONE_ROUND = ((1.0, 1.0),)
"""and where two rounds were too short."""

FROM_THE_GROUND = 50_000
"""Up to this many nodes the first proof is one without multipliers: its edges join what the candidates leave apart."""

GAUGE = 5
"""Iterations that show how fast they are, where there is a time limit."""

PART_OF_TIME = 0.85
"""Part of the time that the plan fills."""

LISTED = 6
"""Candidates of a node by alpha-nearness, beside its nearest."""

LEAST_ROUND = 3
"""Iterations of a round, at least: its steps need so many to fall."""

_ROOM = 2**62
_ROWS = 200  # candidate lists made between two looks at the clock
_MEASURED = 100_000  # nodes whose links are measured in one call

Edges = NDArray[np.int64]


def _rounds(iterations: int) -> tuple[tuple[float, float], ...]:
    """How iterations are divided."""
    if iterations >= FEW:
        return ROUNDS
    return FEW_ROUNDS if int(FEW_ROUNDS[0][0] * iterations) >= LEAST_ROUND else ONE_ROUND


class Pace:
    """The clock of a bound: slices of a kernel, and whether to go on."""

    def __init__(self, seconds: float, wants_stop: Callable[[], bool]) -> None:
        self.control = Control.fresh()
        self._deadline = time.monotonic() + seconds
        self._wants_stop = wants_stop

    @property
    def remaining(self) -> float:
        return max(0.0, self._deadline - time.monotonic())

    def check(self) -> None:
        """Raise `OutOfTimeError` when it is time."""
        if self.remaining <= 0 or self._wants_stop():
            raise OutOfTimeError

    def wait_for(self, kernels: Iterable[Kernel], variant: str) -> None:
        """Give kernels time to be compiled, some seconds at the first use of all; raise `OutOfTimeError` where there is none."""
        for kernel in kernels:
            if not kernel[variant if variant in kernel else PLAIN].ready(min(self.remaining, 3600.0)):
                raise OutOfTimeError

    def slices(self, kernel: Callable[[], object]) -> None:
        """Run a kernel until it returns something that is true."""
        while True:
            self.control.slots[DEADLINE] = now_ns() + int(1e9 * min(self.remaining, POLL_SECONDS))
            if kernel():
                return
            self.check()


class AllEdges(Protocol):
    """The graph of a problem; its last node is the hub, and the others are numbered from 0."""

    num_nodes: int
    """Without the hub."""
    shift: int
    """Lengths are ticks times two to this power."""
    cap: int
    """Multipliers stay within -cap and cap: then neither do missing edges seem cheap, nor fixed ones dear, nor sums overflow."""
    fixed: int
    """Lengths of the fixed edges together: they are negative, so that every 1-tree has them, and count nothing in the end."""
    spoke: NDArray[np.int64]
    """Length of the edge between each node and the hub."""

    def measure(self, links: Candidates) -> None:
        """Set the lengths of links."""

    def lightest(self, multiplier: NDArray[np.int64], pace: Pace) -> tuple[int, Edges, NDArray[np.int64]]:
        """Weight, tree edges and their lengths of the lightest 1-tree over all edges."""

    def nearest(self, pace: Pace) -> Edges:
        """More candidates, by the multipliers of the last call of `lightest`."""


def _scale(num_nodes: int, longest: int) -> tuple[int, int, int]:
    """The shift that leaves room for sums, the cap of multipliers, and a length longer than all edges with multipliers."""
    # A 1-tree weighs at most num_nodes * (far + 4 * cap) in absolute terms, with cap = 2 * longest and far = 10 * longest.
    longest = max(longest, 1)
    shift = max(0, int(math.log2(_ROOM / (40 * num_nodes * longest))))
    return min(shift, 40), 2 * longest << min(shift, 40), 10 * longest << min(shift, 40)


class MatrixEdges:
    """All edges, from a matrix."""

    def __init__(self, graph: Graph) -> None:
        size = self.num_nodes = graph.num_nodes - 1
        length = graph.length
        self.shift, self.cap, far = _scale(graph.num_nodes, int(length.max()))
        missing = length == NO_EDGE
        length <<= self.shift
        length[missing] = far
        u, v = graph.fixed.T
        length[u, v] = length[v, u] = -far
        self.fixed = -far * len(u)
        self.spoke = np.ascontiguousarray(length[size, :size])
        self._complete = Complete.empty(
            num_nodes=size,
            num_listed=min(LISTED, size - 1),
            length=np.ascontiguousarray(length[:size, :size]),
            spoke=self.spoke,
        )

    def measure(self, links: Candidates) -> None:
        tails = np.repeat(np.arange(self.num_nodes), np.diff(links.first))
        links.length[:] = self._complete.length.reshape(self.num_nodes, -1)[tails, links.head]

    def lightest(self, multiplier: NDArray[np.int64], pace: Pace) -> tuple[int, Edges, NDArray[np.int64]]:
        tree = self._complete
        tree.multiplier[:] = multiplier
        weight = span(tree)
        joined = tree.order[1:].astype(np.int64)
        parent = tree.parent[joined].astype(np.int64)
        return weight, np.column_stack([joined, parent]), tree.length.reshape(self.num_nodes, -1)[joined, parent]

    def nearest(self, pace: Pace) -> Edges:
        for first in range(0, self.num_nodes, _ROWS):
            pace.check()
            list_nearest(self._complete, first, min(first + _ROWS, self.num_nodes))
        listed = self._complete.listed.astype(np.int64)
        return np.column_stack([np.repeat(np.arange(self.num_nodes), self._complete.num_listed), listed])


class PointEdges:
    """All edges, from coordinates: no matrix is made."""

    def __init__(self, nodes: Nodes) -> None:
        problem, self._instance, self._variant = nodes.problem, nodes.instance, nodes.variant
        size = self.num_nodes = nodes.instance.num_nodes - 1
        city_of = nodes.city_of
        assert city_of is not None
        longest = int(problem.network.longest * problem.lattice.scale) + 1
        self.shift, self.cap, far = _scale(size + 1, longest)
        self.fixed = 0
        if problem.closed:
            self.spoke = problem.leg_ticks(np.full(size, city_of[size]), city_of[:size]) << self.shift
        else:
            # As in `graph`: the dummy's edge to a given end is fixed; where there are two, it has no others.
            ends = np.array([end for end in (problem.first, problem.last) if end is not None], np.int64)
            self.spoke = np.full(size, far if len(ends) == 2 else 0)
            self.spoke[np.isin(city_of[:size], ends)] = -far
            self.fixed = -far * len(ends)
        where = np.zeros((size, 3))
        for axis, values in enumerate((self._instance.x, self._instance.y, self._instance.z)):
            where[:, axis] = values[:size] if values.size >= size else 0.0
        leaves = 1
        while leaves * LEAF < size:
            leaves *= 2
        points = Points(num_points=size, num_depots=0, num_neighbours=1, where=where)
        self._tree = Tree.empty(num_items=size, num_nodes=2 * leaves, num_lists=1, num_neighbours=1)
        build_tree(points, self._tree, 1, 2 * leaves)
        self._forest = Forest.empty(num_nodes=size, num_boxes=2 * leaves, shift=self.shift)

    def measure(self, links: Candidates) -> None:
        for first in range(0, self.num_nodes, _MEASURED):
            measure_links[self._variant](self._instance, links, self.shift, first, min(first + _MEASURED, self.num_nodes))

    def lightest(self, multiplier: NDArray[np.int64], pace: Pace) -> tuple[int, Edges, NDArray[np.int64]]:
        forest = self._forest
        forest.multiplier[:] = multiplier
        forest.words[:] = 0
        pace.slices(lambda: grow_tree[self._variant](self._instance, self._tree, forest, pace.control))
        edges = np.column_stack([forest.edge_tail, forest.edge_head])[: self.num_nodes - 1].astype(np.int64)
        degree = np.bincount(edges.reshape(-1), minlength=self.num_nodes)
        at_hub = np.argpartition(self.spoke + multiplier, 1)[:2]
        degree[at_hub] += 1
        lengths = forest.edge_ticks[: self.num_nodes - 1] << self.shift
        return int(lengths.sum()) + int(self.spoke[at_hub].sum()) + int((degree - 2) @ multiplier), edges, lengths

    def nearest(self, pace: Pace) -> Edges:
        return np.zeros((0, 2), np.int64)


def all_edges(nodes: Nodes) -> AllEdges:
    """The graph of a problem."""
    return PointEdges(nodes) if nodes.variant in grow_tree else MatrixEdges(Graph.of(nodes.problem))


class Proof(NamedTuple):
    """A bound, and what proves it."""

    weight: int
    """Of the lightest 1-tree over all edges, in ticks times two to the power of ``shift``, fixed edges included."""
    multiplier: NDArray[np.int64]


class Climb:
    """An ascent in progress.

    Parameters
    ----------
    nodes : Nodes
        The problem, with candidate lists.
    pace : Pace
        The clock.
    """

    def __init__(self, nodes: Nodes, pace: Pace) -> None:
        over = (grow_tree, measure_links) if nodes.variant in grow_tree else (span, list_nearest)
        pace.wait_for((count_links, fill_links, look_up, ascend, *over), nodes.variant)
        edges = self.edges = all_edges(nodes)
        self.pace = pace
        self.best = Proof(-_ROOM, np.zeros(edges.num_nodes, np.int64))
        self.state = Ascent.empty(num_nodes=edges.num_nodes)
        self.state.words[slot.CAP] = edges.cap
        near = nodes.instance.near.reshape(edges.num_nodes + 1, -1)[: edges.num_nodes, :2][:, -1]
        near = near[near < nodes.problem.forbidden]
        self.mean_edge = float(near.mean() if near.size else 0) * 2.0**edges.shift
        """About the mean edge of a short tour: from a node to the second of its candidates."""
        self.long_edge = 0.0
        """The mean edge of the lightest 1-tree, each weighted by its own length: the edge on which one is most of the way."""
        self._listed, self._width = nodes.instance.neighbours, nodes.instance.num_neighbours
        self._added = np.zeros((0, 2), np.int32)
        self._link()

    def _link(self) -> None:
        """Make a graph of the lists and of what was added."""
        edges, size = self.edges, self.edges.num_nodes
        tails, heads = (np.ascontiguousarray(ends) for ends in self._added.T)
        lists = Lists.empty(
            num_nodes=size,
            width=self._width,
            num_added=len(tails),
            listed=self._listed,
            added_tail=tails,
            added_head=heads,
        )
        self.candidates = Candidates.empty(num_nodes=size, num_links=count_links(lists), spoke=edges.spoke)
        fill_links(lists, self.candidates)
        edges.measure(self.candidates)

    def _add(self, edges: Edges) -> bool:
        """Make candidates of some edges; whether some were none."""
        ends = np.sort(edges, axis=1).astype(np.int32)
        asked = Asked.empty(num_edges=len(ends), tail=np.ascontiguousarray(ends[:, 0]), head=np.ascontiguousarray(ends[:, 1]))
        look_up(self.candidates, asked)
        missing = ends[asked.known == 0]
        if len(missing):
            self._added = np.concatenate([self._added, np.unique(missing, axis=0)])
            self._link()
        return len(missing) > 0

    @property
    def proved(self) -> bool:
        """Whether there is any proof yet."""
        return self.best.weight > -_ROOM

    @property
    def iterations(self) -> int:
        return int(self.pace.control.slots[ITERATIONS])

    def prove(self, multiplier: NDArray[np.int64]) -> bool:
        """Find the lightest 1-tree over all edges; whether some of its edges were no candidates."""
        weight, edges, lengths = self.edges.lightest(multiplier, self.pace)
        self._measure(lengths)
        if weight > self.best.weight:
            self.best = Proof(weight, multiplier.copy())
        return self._add(edges)

    def _measure(self, lengths: NDArray[np.int64]) -> None:
        """Lengths of a lightest 1-tree; those of fixed edges are no lengths."""
        real = lengths[lengths > 0].astype(np.float64)
        if real.size:
            self.long_edge = float((real**2).sum() / real.sum())

    def widen(self) -> None:
        """More candidates, by the last proof."""
        self._add(self.edges.nearest(self.pace))

    def round(self, iterations: int, top: float) -> None:
        """Ascend from the best proof on."""
        words = self.state.words
        words[[slot.PHASE, slot.ROUND_AT, slot.ROUND]] = slot.BEGIN, 0, max(iterations, LEAST_ROUND)
        # Where towns lie far apart, most of a tour is spent between them: steps of half a near edge would take for ever.
        mean_edge = max(self.mean_edge, float(self.bound()) * 2.0**self.edges.shift / self.edges.num_nodes, self.long_edge)
        self.state.top[0] = top * mean_edge / 2
        self.state.multiplier[:] = self.best.multiplier

        def go() -> bool:
            ascend(self.candidates, self.state, self.pace.control)
            return bool(words[slot.ROUND_AT] == words[slot.ROUND])

        self.pace.slices(go)

    def run(self, iterations: int, timed: bool, goal: int) -> None:
        """The whole ascent.

        Parameters
        ----------
        iterations : int
            In all; fewer where time is short.
        timed : bool
            Whether to plan by the clock: the same machine may then do a different number of iterations on another day.
        goal : int
            A bound of so many ticks is enough.
        """
        started = self.pace.remaining
        small = self.edges.num_nodes <= FROM_THE_GROUND
        if small or iterations < LEAST_ROUND:
            self.prove(self.best.multiplier)
            self.widen()
        proof = started - self.pace.remaining
        if timed and iterations >= LEAST_ROUND:
            iterations = self._affordable(iterations, proof if small else None)
        for part, top in _rounds(iterations):
            count = int(part * iterations)
            if count < LEAST_ROUND or self.bound() >= goal:
                continue
            self.round(count, top)
            if self.prove(self.state.best):
                self.widen()

    def _affordable(self, iterations: int, proof: float | None) -> int:
        """How many iterations fit in the time, with a proof after each round."""
        started = self.pace.remaining
        self.round(GAUGE, 1.0)
        each = max((started - self.pace.remaining) / GAUGE, 1e-9)
        proof = 20 * each if proof is None else proof
        count = 0
        for rounds in (ROUNDS, FEW_ROUNDS, ONE_ROUND):
            count = min(iterations, int((PART_OF_TIME * self.pace.remaining - len(rounds) * proof) / each))
            if _rounds(count) == rounds:
                break
        return max(LEAST_ROUND, count)

    def bound(self) -> int:
        """Ticks that every tour costs at least; 0 before there is a proof."""
        weight = self.best.weight - self.edges.fixed
        return max(0, -(-weight >> self.edges.shift)) if self.proved else 0
