"""Routes as rings of links, and all that is kept of a route: relink first, then `settle` recomputes."""

from optikit.kernels.jit import i8, inline

from ..genetic_arrays import DISTANCE, EXCESS, FINE, GAINED, MOVES
from .arcs import arc

TURN = 65535  # angles are counted in a power of two, so that differences wrap by a mask


@inline
def fine(p, w, load):
    """What a load above the capacity costs."""
    return i8(w.reals[FINE] * max(0, load - p.capacity))


@inline
def fine_moved(p, w, s, t, load):
    """What the fines of routes s and t change by when `load` goes from s to t."""
    return fine(p, w, w.load[s] - load) + fine(p, w, w.load[t] + load) - w.fine[s] - w.fine[t]


@inline
def bearing_of(x, y):
    """The direction of a vector, growing counterclockwise from 0 to 4, by + - / alone."""
    total = abs(x) + abs(y)
    if total == 0.0:
        return 0.0
    part = y / total
    if x < 0.0:
        return 2.0 - part
    if y < 0.0:
        return 4.0 + part
    return part


@inline
def widen(w, t, a, count):
    """The sector of route t takes in angle a."""
    if count == 1:
        w.begin[t] = a
        w.end[t] = a
    elif ((a - w.begin[t]) & TURN) > ((w.end[t] - w.begin[t]) & TURN):
        if ((a - w.end[t]) & TURN) <= ((w.begin[t] - a) & TURN):
            w.end[t] = a
        else:
            w.begin[t] = a


@inline
def overlap(w, s, t):
    """Whether the sectors of two routes meet (Vidal 2022, section 3.2)."""
    apart = (w.begin[t] - w.begin[s]) & TURN
    return apart <= ((w.end[s] - w.begin[s]) & TURN) or ((-apart) & TURN) <= ((w.end[t] - w.begin[t]) & TURN)


@inline
def settle(p, w, t):
    """Recompute what is kept of route t from its links."""
    ring = w.num_nodes + t
    w.carried[ring] = 0
    w.position[ring] = 0
    w.route[ring] = t
    load = i8(0)
    length = i8(0)
    count = i8(0)
    x = 0.0
    y = 0.0
    u = ring
    v = i8(w.succ[u])
    while v != ring:
        step = arc(p, i8(w.site[u]), v)
        w.leg[u] = step
        length += step
        count += 1
        load += p.demand[v]
        w.carried[v] = load
        w.position[v] = count
        w.route[v] = t
        x += w.east[v]
        y += w.north[v]
        widen(w, t, w.angle[v], count)
        u = v
        v = i8(w.succ[u])
    w.leg[u] = 0
    w.bearing[t] = 8.0
    if count > 0:
        w.leg[u] = arc(p, u, 0)
        length += w.leg[u]
        w.bearing[t] = bearing_of(x, y)
    w.words[DISTANCE] += length - w.length[t]
    w.words[EXCESS] += max(0, load - p.capacity) - max(0, w.load[t] - p.capacity)
    w.size[t] = count
    w.load[t] = load
    w.length[t] = length
    w.fine[t] = fine(p, w, load)
    w.changed[t] = w.words[MOVES]


@inline
def moved(p, w, s, t):
    """A move was made within or between routes s and t."""
    w.words[MOVES] += 1
    w.words[GAINED] = 1
    while True:
        settle(p, w, s)
        if s == t:
            return
        s = t


@inline
def move_after(w, u, v):
    """Take u from where it is and link it after v."""
    a = i8(w.pred[u])
    b = i8(w.succ[u])
    w.succ[a] = b
    w.pred[b] = a
    y = i8(w.succ[v])
    w.succ[v] = u
    w.pred[u] = v
    w.succ[u] = y
    w.pred[y] = u


@inline
def exchange(w, u, v):
    """u and v, which are not neighbours on a route, change places."""
    a = i8(w.pred[u])
    move_after(w, u, v)
    move_after(w, v, a)


@inline
def lay(w, t, begin, end):
    """scratch[begin:end] becomes route t."""
    ring = w.num_nodes + t
    u = ring
    for k in range(begin, end):
        v = i8(w.scratch[k])
        w.succ[u] = v
        w.pred[v] = u
        u = v
    w.succ[u] = ring
    w.pred[ring] = u
