"""A recount of the search's state from scratch, for audit mode and tests."""

from __future__ import annotations

from . import arrays as slot
from .arrays import Instance, State
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
