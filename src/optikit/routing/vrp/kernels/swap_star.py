"""SWAP*: two routes exchange a client each, and either goes to its best place rather than to the other's.

Vidal, Computers & Operations Research 140, 2022, section 3.2: the three best places of every client on the other route
are enough, since one client that leaves takes away two places at most. One client that goes over alone is tried too.
"""

from optikit.kernels.jit import i8, inline

from ..genetic_arrays import LOOP, MOVES
from .arcs import arc
from .moves import bridge
from .rings import fine_moved, move_after, moved, overlap

NOWHERE = 1 << 60


@inline
def detour(p, a, u, b):
    """What u adds between a and b."""
    return arc(p, a, u) + arc(p, u, b) - bridge(p, a, b)


@inline
def find_places(p, w, u, t):
    """The three best places of client u on route t."""
    cell = t * w.num_nodes + u
    if w.changed[t] < w.known[cell]:
        return
    w.known[cell] = w.words[MOVES] + 1
    at = cell * 3
    for k in range(at, at + 3):
        w.price[k] = NOWHERE
        w.place[k] = -1
    v = w.num_nodes + t
    for _ in range(i8(w.size[t]) + 1):
        y = i8(w.succ[v])
        added = arc(p, i8(w.site[v]), u) + arc(p, u, i8(w.site[y])) - w.leg[v]
        k = at + 3
        while k > at and added < w.price[k - 1]:
            k -= 1
            if k < at + 2:
                w.price[k + 1] = w.price[k]
                w.place[k + 1] = w.place[k]
        if k < at + 3:
            w.price[k] = added
            w.place[k] = v
        v = y


@inline
def learn(p, w, s, t):
    """What the removal of each client of route s saves, and its best places on route t."""
    u = i8(w.succ[w.num_nodes + s])
    while u < w.num_nodes:
        a = i8(w.pred[u])
        w.gain[u] = w.leg[a] + w.leg[u] - bridge(p, i8(w.site[a]), i8(w.site[w.succ[u]]))
        find_places(p, w, u, t)
        u = i8(w.succ[u])


@inline
def best_place(p, w, u, v):
    """Which of the three is u's best place once v is gone, as an index of `place`; -1: where v was."""
    b = i8(w.pred[v])
    at = (i8(w.route[v]) * w.num_nodes + u) * 3
    for k in range(at, at + 3):
        q = i8(w.place[k])
        if q >= 0 and q != v and q != b:
            if w.price[k] < detour(p, i8(w.site[b]), u, i8(w.site[w.succ[v]])):
                return k
            return i8(-1)
    return i8(-1)


@inline
def price_instead(p, w, u, v):
    """What u adds to v's route once v is gone, at the best place."""
    k = best_place(p, w, u, v)
    if k >= 0:
        return w.price[k]
    return detour(p, i8(w.site[w.pred[v]]), u, i8(w.site[w.succ[v]]))


@inline
def place_instead(p, w, u, v):
    """The link after which that is."""
    k = best_place(p, w, u, v)
    if k >= 0:
        return i8(w.place[k])
    return i8(w.pred[v])


@inline
def swap_star(p, w, s, t):
    """Make the best of these moves between routes s and t, if any gains."""
    home = s
    away = t
    for _ in range(2):
        learn(p, w, home, away)
        home = t
        away = s
    least = i8(0)
    chosen = i8(0)
    partner = i8(0)
    u = i8(w.succ[w.num_nodes + s])
    while u < w.num_nodes:
        v = i8(w.succ[w.num_nodes + t])
        while v < w.num_nodes:
            delta = fine_moved(p, w, s, t, p.demand[u] - p.demand[v]) - w.gain[u] - w.gain[v]
            if delta < least:  # insertions cost nothing less than 0 where the triangle inequality holds
                delta += price_instead(p, w, u, v) + price_instead(p, w, v, u)
                if delta < least:
                    least = delta
                    chosen = u
                    partner = v
            v = i8(w.succ[v])
        u = i8(w.succ[u])
    for way in range(2):
        home = s
        away = t
        if way == 1:
            home = t
            away = s
        u = i8(w.succ[w.num_nodes + home])
        while u < w.num_nodes:
            delta = w.price[(away * w.num_nodes + u) * 3] - w.gain[u] + fine_moved(p, w, home, away, p.demand[u])
            if delta < least:
                least = delta
                chosen = u
                partner = i8(0)
            u = i8(w.succ[u])
    if chosen == 0:
        return
    if partner != 0:
        there = place_instead(p, w, chosen, partner)
        move_after_both(w, chosen, there, partner, place_instead(p, w, partner, chosen))
    else:
        away = s + t - i8(w.route[chosen])
        move_after(w, chosen, i8(w.place[(away * w.num_nodes + chosen) * 3]))
    moved(p, w, s, t)


@inline
def move_after_both(w, u, there, v, here):
    """Move u behind `there` and v behind `here`."""
    move_after(w, u, there)
    move_after(w, v, here)


@inline
def compare_routes(p, w, s):
    """Route s with every later one whose sector meets its own, if either has changed."""
    since = w.swapped[s]
    w.swapped[s] = w.words[MOVES]
    for t in range(s + 1, w.num_slots):
        changed = w.words[LOOP] == 0 or max(w.changed[s], w.changed[t]) > since
        if changed and w.size[s] > 0 and w.size[t] > 0 and overlap(w, s, t):
            swap_star(p, w, s, t)
