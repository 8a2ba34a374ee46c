"""The classical moves around a client and a neighbour: relocate, swap, 2-opt, 2-opt*.

The neighbourhoods of Vidal, "Hybrid genetic search for the CVRP: open-source implementation and SWAP* neighborhood",
Computers & Operations Research 140, 2022, section 3.1. Arcs are symmetric. u is a client with a before it and x after
it, v a client or the end of a route with b before it and y after it. A move is made as soon as it gains: the links
are changed, and what is kept of the routes is left to the caller.
"""

from optikit.kernels.jit import i8, inline

from .arcs import arc
from .rings import exchange, fine_moved, lay, move_after


@inline
def gains(p, w, s, t, delta, load):
    """Whether a move between routes s and t that adds `delta` to the arcs, and takes `load` from s to t, is worth it."""
    if s != t and delta < w.fine[s] + w.fine[t]:
        delta += fine_moved(p, w, s, t, load)
    return delta < 0


@inline
def relocate(p, w, u, v):
    """u, or u and x, or x and u, behind v."""
    a = i8(w.pred[u])
    x = i8(w.succ[u])
    s = i8(w.route[u])
    t = i8(w.route[v])
    if v == a:
        return False
    sx = i8(w.site[x])
    sv = i8(w.site[v])
    sy = i8(w.site[w.succ[v]])
    arrive = arc(p, sv, u)
    depart = arc(p, u, sy)
    freed = w.leg[v] + w.leg[a] + w.leg[u]
    load = p.demand[u]
    if gains(p, w, s, t, arrive + depart + bridge(p, i8(w.site[a]), sx) - freed, load):
        move_after(w, u, v)
        return True
    if sx == 0 or v == x:
        return False
    # Both arcs of x but the one from u are freed; that one stays.
    base = bridge(p, i8(w.site[a]), i8(w.site[w.succ[x]])) - freed - w.leg[x] + w.leg[u]
    straight = base + arrive + arc(p, sx, sy)
    turned = base + arc(p, sv, sx) + depart
    if not gains(p, w, s, t, min(straight, turned), load + p.demand[sx]):
        return False
    if straight <= turned:
        move_after(w, u, v)
        move_after(w, x, u)
    else:
        move_after(w, x, v)
        move_after(w, u, x)
    return True


@inline
def bridge(p, a, b):
    """The arc from a to b; none from the depot to itself, where a route is left empty."""
    if a == b:
        return i8(0)
    return arc(p, a, b)


@inline
def swap(p, w, u, v):
    """u with v, u and x with v, u and x with v and y."""
    a = i8(w.pred[u])
    x = i8(w.succ[u])
    b = i8(w.pred[v])
    y = i8(w.succ[v])
    if u == b or u == y:  # noqa: SIM109 (kernels have no tuples)
        return False
    s = i8(w.route[u])
    t = i8(w.route[v])
    sx = i8(w.site[x])
    sy = i8(w.site[y])
    joins = arc(p, i8(w.site[a]), v) + arc(p, i8(w.site[b]), u) - w.leg[a] - w.leg[b]
    load = p.demand[u] - p.demand[v]
    # Where both give as many, u and v are tried once.
    if u < v and gains(p, w, s, t, joins + arc(p, v, sx) + arc(p, u, sy) - w.leg[u] - w.leg[v], load):
        exchange(w, u, v)
        return True
    if sx == 0 or x == b:
        return False
    joins -= w.leg[x]
    load += p.demand[sx]
    after_x = i8(w.site[w.succ[x]])
    if gains(p, w, s, t, joins + arc(p, v, after_x) + arc(p, sx, sy) - w.leg[v], load):
        exchange(w, u, v)
        move_after(w, x, u)
        return True
    if v < u or sy == 0 or y == a:
        return False
    after_y = i8(w.site[w.succ[y]])
    if not gains(p, w, s, t, joins + arc(p, sy, after_x) + arc(p, sx, after_y) - w.leg[y], load - p.demand[sy]):
        return False
    exchange(w, u, v)
    exchange(w, x, y)
    return True


@inline
def two_opt(p, w, u, v):
    """The path from x to v turned round, on one route."""
    x = i8(w.succ[u])
    if w.position[u] >= w.position[v] or x == v:
        return False
    y = i8(w.succ[v])
    if arc(p, u, v) + arc(p, x, i8(w.site[y])) >= w.leg[u] + w.leg[v]:
        return False
    k = x
    while k != y:
        after = i8(w.succ[k])
        w.succ[k] = w.pred[k]
        w.pred[k] = after
        k = after
    w.succ[u] = v
    w.pred[v] = u
    w.succ[x] = y
    w.pred[y] = x
    return True


@inline
def write(w, k, u, stop, forward):
    """Append the links from u up to, and not including, `stop` to `scratch`, which has k."""
    while u != stop:
        w.scratch[k] = u
        k += 1
        if forward:
            u = i8(w.succ[u])
        else:
            u = i8(w.pred[u])
    return k


@inline
def two_opt_star(p, w, u, v):
    """Two routes exchange what follows u and v (straight), or what follows u and what leads to v (turned)."""
    s = i8(w.route[u])
    t = i8(w.route[v])
    x = i8(w.succ[u])
    y = i8(w.succ[v])
    sx = i8(w.site[x])
    sv = i8(w.site[v])
    sy = i8(w.site[y])
    freed = w.leg[u] + w.leg[v]
    behind = w.load[s] - w.carried[u]
    turned = gains(p, w, s, t, arc(p, u, sv) + bridge(p, sx, sy) - freed, behind - w.carried[v])
    if not turned and not gains(p, w, s, t, arc(p, u, sy) + bridge(p, sv, sx) - freed, behind - w.load[t] + w.carried[v]):
        return False
    ring = w.num_nodes + s
    other = w.num_nodes + t
    k = write(w, i8(0), i8(w.succ[ring]), x, True)
    if turned:
        k = write(w, k, v, other, False)
        middle = k
        k = write(w, k, i8(w.pred[ring]), u, False)
        k = write(w, k, y, other, True)
    else:
        k = write(w, k, y, other, True)
        middle = k
        k = write(w, k, i8(w.succ[other]), y, True)
        k = write(w, k, x, ring, True)
    lay(w, s, i8(0), middle)
    lay(w, t, middle, k)
    return True
