"""The local search: loops over all clients in random order, each with its neighbours, then SWAP* between routes.

Vidal 2022 (see moves.py), until a loop gains nothing.
"""

from optikit.kernels.control import ITERATIONS, LIMIT
from optikit.kernels.jit import i8, inline
from optikit.kernels.rng import below

from ..genetic_arrays import CURSOR, DISTANCE, EXCESS, GAINED, LOOP, MOVES, PHASE
from .moves import relocate, swap, two_opt, two_opt_star
from .phases import CLIENTS_A_LOOK, DESCEND, EXCHANGE, GROWN
from .rings import moved, settle
from .swap_star import compare_routes


@inline
def settle_all(p, w, r):
    """Before the first loop: what is kept of the routes, and a new random order."""
    w.words[MOVES] += 1
    w.words[LOOP] = 0
    w.words[GAINED] = 0
    w.words[DISTANCE] = 0
    w.words[EXCESS] = 0
    for t in range(w.num_slots):
        w.load[t] = 0
        w.length[t] = 0
        settle(p, w, t)
    for k in range(w.num_nodes - 2, 0, -1):
        j = below(r, k + 1)
        u = i8(w.order[k])
        w.order[k] = w.order[j]
        w.order[j] = u


@inline
def try_moves(p, w, u, v):
    """The first move of client u and v, a client or the end of a route, that gains; False where none does."""
    if relocate(p, w, u, v):
        return True
    if v < w.num_nodes and swap(p, w, u, v):
        return True
    if w.route[u] != w.route[v]:
        return two_opt_star(p, w, u, v)
    return v < w.num_nodes and two_opt(p, w, u, v)


@inline
def empty_end(w, u):
    """The end of an empty route on which u, or u and what follows it, could be alone; -1 where it is or there is none."""
    if w.words[LOOP] > 0 and w.size[w.route[u]] > 1:
        for t in range(w.num_slots):
            if w.size[t] == 0:
                return w.num_nodes + t
    return i8(-1)


@inline
def visit(p, w, u):
    """Moves between client u and its neighbours, where either route has changed since they were last tried.

    Where a neighbour is the first of its route and no move gains, u is tried with the end of that route; at last, with an
    empty route.
    """
    # Moves are called, and routes settled, at one place: all of it is inlined there, and each place is compiled anew.
    since = w.tested[u]
    w.tested[u] = w.words[MOVES]
    k = u * p.num_neighbours
    end = k + w.reach
    last = i8(-1)  # the end of a route that comes before the next neighbour
    while k <= end:
        v = last
        if last >= 0:
            last = i8(-1)
        elif k < end:
            v = i8(p.neighbours[k])
            if w.words[LOOP] != 0 and max(w.changed[w.route[u]], w.changed[w.route[v]]) <= since:
                v = i8(-1)
            elif w.pred[v] >= w.num_nodes:
                last = i8(w.pred[v])
            k += 1
        else:
            v = empty_end(w, u)
            k += 1
        if v >= 0:
            s = i8(w.route[u])
            t = i8(w.route[v])
            if try_moves(p, w, u, v):
                moved(p, w, s, t)
                last = i8(-1)


@inline
def descend_some(p, w, c):
    """One step of DESCEND; False where the iteration limit is reached."""
    for _ in range(CLIENTS_A_LOOK):
        k = w.words[CURSOR]
        if k == w.num_nodes - 1:
            w.words[CURSOR] = 0
            w.words[PHASE] = EXCHANGE
            return True
        if c.slots[ITERATIONS] >= c.slots[LIMIT]:
            return False
        visit(p, w, i8(w.order[k]))
        c.slots[ITERATIONS] += 1
        w.words[CURSOR] = k + 1
    return True


@inline
def exchange_some(p, w):
    """One step of EXCHANGE."""
    compare_routes(p, w, w.words[CURSOR])
    w.words[CURSOR] += 1
    if w.words[CURSOR] < w.num_slots:
        return
    w.words[CURSOR] = 0
    # Empty routes are tried from the second loop on.
    if w.words[GAINED] == 0 and w.words[LOOP] > 0:
        w.words[PHASE] = GROWN
        return
    w.words[PHASE] = DESCEND
    w.words[GAINED] = 0
    w.words[LOOP] += 1
