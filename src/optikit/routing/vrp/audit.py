"""A recount of the search's state from scratch, for audit mode and tests."""

from __future__ import annotations

from . import arrays as slot
from . import genetic_arrays
from .arrays import Instance, State
from .genetic_arrays import Descent
from .kernels.phases import DESCEND, EXCHANGE
from .problem import VRP


def audit(problem: VRP, instance: Instance, state: State) -> str | None:
    """What is wrong with the current or the best routes, or None.

    Everything is recomputed by plain loops: links, loads, sizes, membership, arc costs and their sum.
    """
    words = state.words
    ticks = problem.network.ticks(problem.lattice).tolist()
    slots = int(words[slot.NUM_SLOTS])
    seen: set[int] = set()
    total = 0
    for route in range(slots):
        load = size = 0
        before, node = 0, int(state.first[route])
        while node:
            if node in seen or int(state.route[node]) != route or int(state.pred[node]) != before:
                return f"client {node} of route {route} is linked wrongly"
            if int(state.from_pred[node]) != ticks[before][node]:
                return f"the arc {before} -> {node} costs {ticks[before][node]}, kept is {int(state.from_pred[node])}"
            seen.add(node)
            total += ticks[before][node]
            load, size = load + int(instance.demand[node]), size + 1
            before, node = node, int(state.succ[node])
        total += ticks[before][0] if before else 0
        if (load, size, before) != (int(state.load[route]), int(state.size[route]), int(state.last[route])):
            return f"route {route} has load {load}, size {size}, last {before}; kept are others"
        if load > instance.capacity:
            return f"route {route} is overloaded: {load} of {instance.capacity}"
    absent = [node for node in range(1, instance.num_nodes) if node not in seen]
    if sorted(state.absent[: int(words[slot.NUM_ABSENT])].tolist()) != absent:
        return f"absent are {absent}, listed are others"
    total += sum(int(instance.absence[node]) for node in absent)
    if total != int(words[slot.KEPT_COST]):
        return f"the current cost is {total}, kept is {int(words[slot.KEPT_COST])}"
    return _audit_best(instance, state, ticks)


def _audit_best(instance: Instance, state: State, ticks: list[list[int]]) -> str | None:
    total = 0
    seen: set[int] = set()
    for first in state.best_first[: int(state.words[slot.NUM_SLOTS])].tolist():
        before, node = 0, first
        while node:
            if node in seen:
                return f"client {node} stands twice in the best routes"
            seen.add(node)
            total += ticks[before][node]
            before, node = node, int(state.best_succ[node])
        total += ticks[before][0] if before else 0
    absent = [node for node in range(1, instance.num_nodes) if node not in seen]
    if len(absent) != int(state.words[slot.BEST_ABSENT]):
        return f"the best routes leave out {len(absent)} clients, kept is {int(state.words[slot.BEST_ABSENT])}"
    total += sum(int(instance.absence[node]) for node in absent)
    if total != int(state.words[slot.CYCLE_BEST]):
        return f"the best cost is {total}, kept is {int(state.words[slot.CYCLE_BEST])}"
    return None


def audit_descent(instance: Instance, child: Descent) -> str | None:
    """What is wrong with the routes of a child under way, or None: links, loads, arcs and their sums by plain loops."""
    if int(child.words[genetic_arrays.PHASE]) not in (DESCEND, EXCHANGE):
        return None
    size = instance.num_nodes
    ticks = instance.dist.reshape(size, size).tolist()
    seen: set[int] = set()
    distance = excess = 0
    for route in range(child.num_slots):
        ring = size + route
        load = length = count = 0
        link = ring
        while True:
            after = int(child.succ[link])
            here, there = (node if node < size else 0 for node in (link, after))
            arc = 0 if here == there else ticks[here][there]
            kept = int(child.pred[after]), int(child.route[link]), int(child.leg[link]), int(child.carried[link])
            if kept != (link, route, arc, load) or int(child.position[link]) != count:
                return f"link {link} of route {route} is not what its neighbours say"
            length += arc
            if after == ring:
                break
            if after in seen:
                return f"client {after} stands twice"
            seen.add(after)
            load, count, link = load + int(instance.demand[after]), count + 1, after
        fine = int(child.reals[genetic_arrays.FINE] * max(0, load - instance.capacity))
        kept = int(child.load[route]), int(child.size[route]), int(child.length[route]), int(child.fine[route])
        if kept != (load, count, length, fine):
            return f"route {route} of the child has load {load}, size {count}, length {length}, fine {fine}; kept are {kept}"
        distance, excess = distance + length, excess + max(0, load - instance.capacity)
    if len(seen) != size - 1:
        return f"the child has {len(seen)} of {size - 1} clients"
    sums = int(child.words[genetic_arrays.DISTANCE]), int(child.words[genetic_arrays.EXCESS])
    return None if sums == (distance, excess) else f"the child costs {distance}, excess {excess}; kept are {sums}"
