"""Longest paths through what the data fix: how early operations can be, and precedences that contradict each other.

The network has two nodes an operation, its start and its end; an arc says that one is at least so long after the other (a simple
temporal network: Dechter, Meiri and Pearl, Artificial Intelligence 49 (1991), with paths of greatest length in the place of
shortest).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...errors import InvalidProblemError
from ...inputs.wording import amount
from .check import carries
from .parts import CHAIN, KINDS

if TYPE_CHECKING:
    from .problem import Shop

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NAMED = 8
"""So many operations of a circle are named."""


@dataclass(frozen=True)
class Network:
    """Arcs between starts (node 2 i) and ends (node 2 i + 1) of operations i, all of which are done.

    Attributes
    ----------
    tail, head : numpy.ndarray of int64
    length : numpy.ndarray of float64
        At least so long after the tail is the head.
    turn : numpy.ndarray of int64, shape (num_nodes,)
        In which order a sweep of `longest_paths` takes the nodes: as they are in their jobs.
    """

    num_nodes: int
    tail: Ints
    head: Ints
    length: Floats
    turn: Ints

    def reversed(self) -> Network:
        """All arcs the other way round."""
        return Network(self.num_nodes, self.head, self.tail, self.length, self.turn.max(initial=0) - self.turn)

    def joined(self, tail: Ints, head: Ints, length: Floats) -> Network:
        """With further arcs."""
        return Network(
            self.num_nodes,
            np.concatenate([self.tail, tail]),
            np.concatenate([self.head, head]),
            np.concatenate([self.length, length]),
            self.turn,
        )


def network(shop: Shop, present: NDArray[np.bool_] | None = None) -> Network:
    """What the data ask of every schedule: shortest durations, orders, lags and transports; resources are left out.

    Parameters
    ----------
    shop : Shop
    present : numpy.ndarray of bool, optional
        Operations that are done; by default those that must be.
    """
    present = shop.omission == math.inf if present is None else present
    least = np.minimum.reduceat(shop.duration, shop.mode_ptr[:-1]).astype(np.float64)
    most = np.maximum.reduceat(shop.duration, shop.mode_ptr[:-1]).astype(np.float64)
    done = np.flatnonzero(present)
    fixed = done[~_breakable(shop)[done]]
    tails, heads, lengths = [2 * done, 2 * fixed + 1], [2 * done + 1, 2 * fixed], [least[done], -most[fixed]]
    chained = done[(shop.order == CHAIN)[shop.job[done]]]
    follows = shop.job[chained[1:]] == shop.job[chained[:-1]]
    one, other = chained[:-1][follows], chained[1:][follows]
    # By way of an operation that may be done between the two, there may be less to carry than from one to the other.
    carried = np.where(other == one + 1, least_transport(shop, one, other), 0.0)
    tails.append(2 * one + 1)
    heads.append(2 * other)
    lengths.append(carried)
    tight = shop.no_wait[shop.job[one]]
    if tight.any():
        between = other[tight] == one[tight] + 1
        tails.append(2 * other[tight][between])
        heads.append(2 * one[tight][between] + 1)
        lengths.append(-most_transport(shop, one[tight][between], other[tight][between]))
    rows = [row for rule in shop.precedences if present[rule.before] and present[rule.after] for row in _rule_arcs(shop, rule)]
    if rows:
        table = np.array(rows, np.float64)
        tails.append(table[:, 0].astype(np.int64))
        heads.append(table[:, 1].astype(np.int64))
        lengths.append(table[:, 2])
    turn = np.arange(2 * shop.num_operations) - np.repeat(2 * shop.job_ptr[shop.job], 2)
    return Network(2 * shop.num_operations, np.concatenate(tails), np.concatenate(heads), np.concatenate(lengths), turn)


def _breakable(shop: Shop) -> NDArray[np.bool_]:
    """Operations that breaks may make longer than their duration."""
    broken = np.array([calendar is not None for calendar in shop.calendars])[shop.machine]
    return np.asarray(shop.resumable & np.logical_or.reduceat(broken, shop.mode_ptr[:-1]))


def _rule_arcs(shop: Shop, rule: object) -> list[tuple[float, float, float]]:
    from_end, to_end = KINDS[rule.kind]  # type: ignore[attr-defined]
    before, after = 2 * rule.before + from_end, 2 * rule.after + to_end  # type: ignore[attr-defined]
    least = rule.min_lag  # type: ignore[attr-defined]
    if carries(shop, rule):
        least = max(least, float(least_transport(shop, np.array([before // 2]), np.array([after // 2]))[0]))
    arcs = [(before, after, least)]
    if rule.max_lag is not None:  # type: ignore[attr-defined]
        arcs.append((after, before, -rule.max_lag))  # type: ignore[attr-defined]
    return arcs


def least_transport(shop: Shop, before: Ints, after: Ints) -> Floats:
    """The shortest transport between two operations over all their machines."""
    return _transport(shop, before, after, np.min)


def most_transport(shop: Shop, before: Ints, after: Ints) -> Floats:
    """The longest transport between two operations over all their machines."""
    return _transport(shop, before, after, np.max)


def _transport(shop: Shop, before: Ints, after: Ints, best: object) -> Floats:
    if shop.transport is None:
        return np.zeros(len(before))
    ptr, machine = shop.mode_ptr, shop.machine
    return np.array(
        [
            best(shop.transport[np.ix_(machine[ptr[a] : ptr[a + 1]], machine[ptr[b] : ptr[b + 1]])])  # type: ignore[operator]
            for a, b in zip(before.tolist(), after.tolist(), strict=True)
        ],
        np.float64,
    )


@dataclass(frozen=True)
class Paths:
    """Longest paths to all nodes.

    Attributes
    ----------
    time : numpy.ndarray of float64
        Length of the longest path to each node, its beginning included.
    via : numpy.ndarray of int64
        The arc by which it comes; -1 where it begins.
    circle : list of int
        Arcs of a circle of positive length, which makes all that senseless; empty where there is none.
    """

    time: Floats
    via: Ints
    circle: list[int]


def longest_paths(net: Network, begin: Floats, tolerance: float = 0.0) -> Paths:
    """Longest paths from beginnings (one a node, -inf where none begins there), by sweeps over all arcs (Bellman 1958).

    A sweep takes arcs in the order of their tails in jobs, so that it follows a chain to its end, and most networks are done in
    two. Where sweeps go on, the arcs by which paths come are followed back now and then, to see a circle.
    """
    time = begin.astype(np.float64).copy()
    via = np.full(net.num_nodes, -1, np.int64)
    groups = _in_turn(net)
    count, look = 0, _FIRST_LOOK
    while True:
        changed = False
        for arcs, tail, length, first, sizes, nodes in groups:
            reached = time[tail] + length
            best = np.maximum.reduceat(reached, first) if len(first) < len(arcs) else reached
            later = best > time[nodes] + tolerance
            if later.any():
                changed = True
                at = np.flatnonzero(later)
                which = first[at] if len(first) == len(arcs) else _argmax_each(reached, best, first, sizes)[at]
                time[nodes[at]] = best[at]
                via[nodes[at]] = arcs[which]
        if not changed:
            return Paths(time, via, [])
        count += 1
        if count == look:
            look *= 2
            circle = _circle(net, via)
            if circle:
                return Paths(time, via, circle)


_FIRST_LOOK = 8
"""After so many sweeps circles are looked for, and again after twice as many."""


def _in_turn(net: Network) -> list[tuple[Any, ...]]:
    """Arcs by the turns of their tails, and within a turn by head: what a sweep needs of them."""
    turn = net.turn[net.tail]
    order = np.lexsort((net.head, turn))
    edges = np.flatnonzero(np.diff(turn[order], prepend=-1, append=np.iinfo(np.int64).max))
    groups = []
    for start, stop in pairwise(edges.tolist()):
        arcs = order[start:stop]
        head = net.head[arcs]
        first = np.flatnonzero(np.r_[True, head[1:] != head[:-1]])
        groups.append((arcs, net.tail[arcs], net.length[arcs], first, np.diff(np.r_[first, len(arcs)]), head[first]))
    return groups


def _argmax_each(values: Floats, best: Floats, first: Ints, sizes: Ints) -> Ints:
    """Where the largest of each segment is."""
    at = np.where(values == np.repeat(best, sizes), np.arange(len(values)), len(values))
    return np.asarray(np.minimum.reduceat(at, first))


def _circle(net: Network, via: Ints) -> list[int]:
    """A circle among the arcs by which paths come, in the order in which it is walked; it has positive length."""
    state = np.zeros(net.num_nodes, np.int8)
    for node in np.flatnonzero(via >= 0).tolist():
        path = []
        while via[node] >= 0 and state[node] == 0:
            state[node] = 1
            path.append(node)
            node = int(net.tail[via[node]])
        if via[node] >= 0 and state[node] == 1:
            walked = path[path.index(node) :]
            return [int(via[each]) for each in reversed(walked)]
        state[path] = 2
    return []


def refuse_cycles(shop: Shop) -> None:
    """Raise `InvalidProblemError` where precedences, orders and lags contradict each other, naming the circle.

    Only operations that must be done count: what is optional can be left out of a circle.
    """
    net = network(shop)
    paths = longest_paths(net, np.zeros(net.num_nodes), shop.tolerance)
    if paths.circle:
        raise InvalidProblemError(circle_in_words(shop, net, paths.circle))


def circle_in_words(shop: Shop, net: Network, circle: Sequence[int]) -> str:
    """A circle of arcs, told from its first operation on."""
    nodes = [int(net.tail[arc]) for arc in circle]
    told: list[int] = []
    for node in nodes:
        if not told or told[-1] != node // 2:
            told.append(node // 2)
    if len(told) > 1 and told[0] == told[-1]:
        told.pop()
    names = [shop.operation_called(each) for each in told]
    if len(names) > NAMED:
        names = [*names[: NAMED - 1], f"{len(names) - NAMED + 1} more"]
    around = ", then ".join([*names, names[0]])
    total = math.fsum(net.length[arc] for arc in circle)
    backward = any(net.length[arc] < 0 for arc in circle)
    if backward:
        return (
            f"precedences contradict each other: {around} asks for {amount(total)} more time than the maximum lags (or the jobs "
            f"that may not wait) leave; widen a lag"
        )
    return f"precedences go in a circle: {around}; take one of them out"
