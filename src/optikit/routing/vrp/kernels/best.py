"""The best solution: written when the search finds a better one, read back when it starts anew from it."""

from optikit.kernels.control import BEST, IMPROVED, ITERATIONS
from optikit.kernels.jit import i8, inline

from ..arrays import (
    BEST_ABSENT,
    CHAMPION_ABSENT,
    COST,
    CURSOR,
    CYCLE_BEST,
    HINT,
    KEPT_COST,
    NUM_ABSENT,
    NUM_REMOVED,
    NUM_ROUTES,
    NUM_SLOTS,
    PHASE,
)
from .arcs import arc
from .phases import CHUNK, SEARCH


@inline
def settle_absent(s):
    """Bring the list of absent clients up to date with the insertions of this iteration."""
    for k in range(s.words[NUM_REMOVED]):
        u = i8(s.removed[k])
        at = i8(s.absent_at[u])
        if s.route[u] < 0 and at < 0:
            add_absent(s, u)
        elif s.route[u] >= 0 and at >= 0:
            s.words[NUM_ABSENT] -= 1
            other = i8(s.absent[s.words[NUM_ABSENT]])
            s.absent[at] = other
            s.absent_at[other] = at
            s.absent_at[u] = -1


@inline
def add_absent(s, u):
    """Client u is on no route."""
    s.absent_at[u] = s.words[NUM_ABSENT]
    s.absent[s.words[NUM_ABSENT]] = u
    s.words[NUM_ABSENT] += 1


@inline
def precedes(absent, cost, other_absent, other_cost):
    """Order among solutions: fewer absent clients, then lower cost."""
    return absent < other_absent or (absent == other_absent and cost < other_cost)


@inline
def note_best(s, c):
    """Copy the current solution if it is the best of the cycle; say so if it is the best of all."""
    absent = s.words[NUM_ABSENT]
    cost = s.words[KEPT_COST]
    if not precedes(absent, cost, s.words[BEST_ABSENT], s.words[CYCLE_BEST]):
        return
    for u in range(s.num_nodes):
        s.best_succ[u] = s.succ[u]
    for t in range(s.words[NUM_SLOTS]):
        s.best_first[t] = s.first[t]
    s.words[BEST_ABSENT] = absent
    s.words[CYCLE_BEST] = cost
    if precedes(absent, cost, s.words[CHAMPION_ABSENT], c.slots[BEST]):
        s.words[CHAMPION_ABSENT] = absent
        c.slots[BEST] = cost
        c.slots[IMPROVED] = c.slots[ITERATIONS]


@inline
def restore_route(p, s, t):
    """Rebuild route t from the best solution; returns its length."""
    a = i8(0)
    u = i8(s.best_first[t])
    s.first[t] = u
    count = i8(0)
    load = i8(0)
    cost = i8(0)
    while u != 0:
        b = i8(s.best_succ[u])
        s.pred[u] = a
        s.succ[u] = b
        s.from_pred[u] = arc(p, a, u)
        s.to_succ[u] = arc(p, u, b)
        s.route[u] = t
        s.kept_pred[u] = a
        s.kept_succ[u] = b
        s.kept_from_pred[u] = s.from_pred[u]
        s.kept_to_succ[u] = s.to_succ[u]
        s.kept_route[u] = t
        cost += s.from_pred[u]
        load += p.demand[u]
        count += 1
        a = u
        u = b
    if a != 0:
        s.words[COST] += cost + s.to_succ[a]
        s.words[NUM_ROUTES] += 1
    s.last[t] = a
    s.size[t] = count
    s.load[t] = load
    s.kept_first[t] = s.first[t]
    s.kept_last[t] = a
    s.kept_size[t] = count
    s.kept_load[t] = load
    return count


@inline
def restore_some(p, s, c):
    """One step of RESTORE."""
    t = s.words[CURSOR]
    if t == 0:
        s.words[COST] = 0
        s.words[NUM_ROUTES] = 0
        s.words[NUM_ABSENT] = 0
        s.words[HINT] = 0
        for u in range(s.num_nodes):
            s.route[u] = -1
            s.kept_route[u] = -1
            s.absent_at[u] = -1
    work = i8(0)
    while t < s.words[NUM_SLOTS] and work < CHUNK:
        work += 1 + restore_route(p, s, t)
        t += 1
    s.words[CURSOR] = t
    if t == s.words[NUM_SLOTS]:
        for u in range(1, s.num_nodes):
            if s.route[u] < 0:
                add_absent(s, u)
                s.words[COST] += p.absence[u]
        s.words[KEPT_COST] = s.words[COST]
        s.words[CURSOR] = 0
        s.words[PHASE] = SEARCH
        note_best(s, c)
