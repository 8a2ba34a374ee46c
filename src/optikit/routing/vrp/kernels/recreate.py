"""Recreate: greedy insertion with blinks.

Christiaens and Vanden Berghe 2020, section 5.2. Differences: a client is tried beside its nearest neighbours only (and
at the ends of routes where none of those has room), and an insertion may cost no more than what the acceptance of this
iteration leaves, so that hopeless iterations end at their first client without a place.
"""

from optikit.kernels.chance import until_blink
from optikit.kernels.jit import i8, inline
from optikit.kernels.rng import below

from ..arrays import BLINK, COST, NUM_REMOVED, NUM_SLOTS
from .arcs import arc
from .flags import SYMMETRIC
from .routes import empty_slot, put_in


@inline
def shuffle(s, r):
    """The removed clients in random order."""
    for k in range(s.words[NUM_REMOVED] - 1, 0, -1):
        j = below(r, k + 1)
        u = i8(s.removed[k])
        s.removed[k] = s.removed[j]
        s.removed[j] = u


@inline
def sort_by_key(s):
    """The removed clients by increasing key: insertion sort, they are few."""
    for k in range(1, s.words[NUM_REMOVED]):
        u = i8(s.removed[k])
        key = s.key[k]
        j = i8(k - 1)
        while j >= 0 and s.key[j] > key:
            s.key[j + 1] = s.key[j]
            s.removed[j + 1] = s.removed[j]
            j -= 1
        s.key[j + 1] = key
        s.removed[j + 1] = u


@inline
def order(p, s, r):
    """Sort the removed clients: random 4, largest 4, farthest 2, nearest 1 time in 11."""
    lot = below(r, 11)
    if lot < 4:
        shuffle(s, r)
        return
    for k in range(s.words[NUM_REMOVED]):
        u = i8(s.removed[k])
        if lot < 8:
            s.key[k] = -p.demand[u]
        elif lot < 10:
            s.key[k] = -arc(p, 0, u)
        else:
            s.key[k] = arc(p, 0, u)
    sort_by_key(s)


@inline
def blinks(q, s, r):
    """Whether this improving position is overlooked."""
    s.words[BLINK] -= 1
    if s.words[BLINK] >= 0:
        return False
    s.words[BLINK] = until_blink(r, q.blink)
    return True


@inline
def end_of_route(p, s, u, budget):
    """The cheapest place at the start or end of a route with room: the client to stand beside (negative: before it).

    0 where there is none below `budget`.
    """
    found = i8(0)
    room = p.capacity - p.demand[u]
    out = arc(p, 0, u)
    home = arc(p, u, 0)
    for t in range(s.words[NUM_SLOTS]):
        if s.size[t] != 0 and s.load[t] <= room:
            v = i8(s.first[t])
            delta = out + arc(p, u, v) - s.from_pred[v]
            if delta < budget:
                budget = delta
                found = -v
            v = i8(s.last[t])
            delta = arc(p, v, u) + home - s.to_succ[v]
            if delta < budget:
                budget = delta
                found = v
    return found


@inline
def beside_neighbours(p, q, s, r, u, budget):
    """The cheapest place beside a neighbour, as for `end_of_route`; p.num_nodes where none has room."""
    found = i8(p.num_nodes)
    room = p.capacity - p.demand[u]
    base = u * p.num_neighbours
    for k in range(q.reach):
        v = i8(p.neighbours[base + k])
        t = i8(s.route[v])
        if t >= 0 and s.load[t] <= room:
            if found == p.num_nodes:
                found = i8(0)
            there = arc(p, u, v)
            back = there
            if not SYMMETRIC:
                back = arc(p, v, u)
            delta = back + arc(p, u, s.succ[v]) - s.to_succ[v]
            if delta < budget and not blinks(q, s, r):
                budget = delta
                found = v
            delta = arc(p, s.pred[v], u) + there - s.from_pred[v]
            if delta < budget and not blinks(q, s, r):
                budget = delta
                found = -v
    return found


@inline
def insert(p, q, s, r, u, limit):
    """Give client u a place, or leave it absent where that is cheaper; False where neither stays below `limit`."""
    absence = p.absence[u]
    budget = min(limit - s.words[COST], absence)
    place = beside_neighbours(p, q, s, r, u, budget)
    if place == p.num_nodes:
        place = end_of_route(p, s, u, budget)
    if place > 0:
        put_in(p, s, u, place, i8(s.succ[place]), i8(s.route[place]))
        return True
    if place < 0:
        place = -place
        put_in(p, s, u, i8(s.pred[place]), place, i8(s.route[place]))
        return True
    if p.demand[u] <= p.capacity and arc(p, 0, u) + arc(p, u, 0) < budget:
        t = empty_slot(s)
        if t >= 0:
            put_in(p, s, u, 0, 0, t)
            return True
    s.words[COST] += absence
    return s.words[COST] < limit


@inline
def recreate(p, q, s, r, limit):
    """Insert every removed client; False as soon as the cost cannot stay below `limit`."""
    order(p, s, r)
    for k in range(s.words[NUM_REMOVED]):
        if not insert(p, q, s, r, i8(s.removed[k]), limit):
            return False
    return s.words[COST] < limit
