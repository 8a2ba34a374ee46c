"""The first solution: parallel savings over neighbour pairs.

Clarke and Wright, "Scheduling of vehicles from a central depot to a number of delivery points", Operations Research 12(4),
1964. Only pairs of near neighbours are on the list (it is made and sorted in Python); routes are walked to renumber
and reverse them, so that a merge costs the length of the shorter of the two.
"""

from optikit.kernels.jit import i8, inline

from ..arrays import CURSOR, NUM_SLOTS, PHASE
from .flags import SYMMETRIC
from .phases import CHUNK, RESTORE, STORE


@inline
def reverse(s, t):
    """Turn route t round."""
    u = i8(s.first[t])
    while u != 0:
        after = i8(s.succ[u])
        s.succ[u] = s.pred[u]
        s.pred[u] = after
        u = after
    u = i8(s.first[t])
    s.first[t] = s.last[t]
    s.last[t] = u


@inline
def join(s, t, w, u, v):
    """Append route w, which starts with v, to route t, which ends with u; the longer one keeps its number."""
    s.succ[u] = v
    s.pred[v] = u
    kept = t
    gone = w
    if s.size[t] < s.size[w]:
        kept = w
        gone = t
    x = i8(s.first[gone])
    stop = u
    if gone == w:
        stop = i8(s.last[w])
    start = i8(s.first[t])
    end = i8(s.last[w])
    while x != stop:
        s.route[x] = kept
        x = i8(s.succ[x])
    s.route[x] = kept
    s.first[kept] = start
    s.last[kept] = end
    s.size[kept] += s.size[gone]
    s.load[kept] += s.load[gone]
    s.size[gone] = 0
    s.first[gone] = 0
    s.last[gone] = 0


@inline
def merge(p, s, u, v):
    """Serve v right after u if both ends are free and the load fits; returns the nodes that were walked over."""
    t = i8(s.route[u])
    w = i8(s.route[v])
    if t == w or s.load[t] + s.load[w] > p.capacity:
        return 1
    # Flags stand alone in a condition, so that the branch they rule out is not compiled.
    if s.last[t] != u and (not SYMMETRIC or s.first[t] != u):
        return 1
    if s.first[w] != v and (not SYMMETRIC or s.last[w] != v):
        return 1
    walked = i8(s.size[t]) + i8(s.size[w])
    if s.last[t] != u:
        reverse(s, t)
    if s.first[w] != v:
        reverse(s, w)
    join(s, t, w, u, v)
    return walked


@inline
def merge_some(p, s):
    """One step of SAVINGS."""
    k = s.words[CURSOR]
    if k == 0:
        for u in range(1, p.num_nodes):
            s.route[u] = u - 1
            s.first[u - 1] = u
            s.last[u - 1] = u
            s.size[u - 1] = 1
            s.load[u - 1] = p.demand[u]
    work = i8(0)
    while k < p.num_savings and work < CHUNK:
        work += merge(p, s, i8(p.saving_from[k]), i8(p.saving_to[k]))
        k += 1
    s.words[CURSOR] = k
    if k == p.num_savings:
        s.words[CURSOR] = 0
        s.words[NUM_SLOTS] = 0
        s.words[PHASE] = STORE


@inline
def store_some(p, s):
    """One step of STORE: number the routes from 0; those beyond the fleet, and overloaded ones, stay out."""
    t = s.words[CURSOR]
    slots = s.words[NUM_SLOTS]
    work = i8(0)
    while t < p.num_nodes and work < CHUNK:
        work += 1 + s.size[t]
        if s.size[t] != 0 and slots < p.max_vehicles and s.load[t] <= p.capacity:
            u = i8(s.first[t])
            s.best_first[slots] = u
            slots += 1
            while u != 0:
                s.best_succ[u] = s.succ[u]
                u = i8(s.succ[u])
        t += 1
    s.words[CURSOR] = t
    s.words[NUM_SLOTS] = slots
    if t == p.num_nodes:
        # Spare slots for routes that the search opens.
        s.words[NUM_SLOTS] = min(min(slots + slots // 5 + 10, p.max_vehicles), p.num_nodes)
        s.words[CURSOR] = 0
        s.words[PHASE] = RESTORE
