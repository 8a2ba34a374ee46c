"""Sequential insertion: fill one route after the other, each from the farthest client that waits.

Mole and Jameson, "A sequential route-building algorithm employing a generalised savings criterion", Operational Research
Quarterly 27(2), 1976, with lambda = mu = 1: of the clients that fit, the next is the one that saves most against a route
of its own.
"""

from optikit.kernels.control import Control, out_of_time
from optikit.kernels.jit import i8, inline, kernel

from ..arrays import Construction, Instance
from .arcs import arc
from .flags import VARIANTS

SEGMENT = 0  # the segment under way
WAITING = 1  # how many of its clients wait; -1 before it is begun
ROUTES = 2  # routes built
LOAD = 3  # of the route under way; -1 where none is


@inline
def detour(p, b, u, v):
    """What client u adds right after node v."""
    w = i8(b.succ[v])
    return arc(p, v, u) + arc(p, u, w) - arc(p, v, w)


@inline
def look_everywhere(p, b, u):
    """The best place for client u on the whole route under way."""
    best = detour(p, b, u, 0)
    b.place[u] = 0
    v = i8(b.succ[0])
    while v != 0:
        added = detour(p, b, u, v)
        if added < best:
            best = added
            b.place[u] = v
        v = i8(b.succ[v])
    b.price[u] = best


@inline
def look_beside(p, b, u, v):
    """The same after client v was inserted: only the places beside it are new, unless it took the best one."""
    w = i8(b.place[v])
    if b.place[u] == w:
        look_everywhere(p, b, u)
        return
    added = detour(p, b, u, v)
    if added < b.price[u]:
        b.price[u] = added
        b.place[u] = v


@inline
def take(p, b, at, k):
    """The waiting client number k leaves the list and joins the route."""
    u = i8(b.waiting[at + k])
    b.words[WAITING] -= 1
    last = at + b.words[WAITING]
    b.waiting[at + k] = b.waiting[last]
    b.waiting[last] = u
    b.words[LOAD] += p.demand[u]
    return u


@inline
def open_route(p, b, at):
    """Begin a route with the farthest client that waits."""
    farthest = i8(-1)
    chosen = i8(0)
    for k in range(b.words[WAITING]):
        u = i8(b.waiting[at + k])
        away = arc(p, 0, u) + arc(p, u, 0)
        if away > farthest:
            farthest = away
            chosen = i8(k)
    b.words[LOAD] = 0
    u = take(p, b, at, chosen)
    b.first[b.words[ROUTES]] = u
    b.words[ROUTES] += 1
    b.succ[0] = u
    b.succ[u] = 0
    for k in range(b.words[WAITING]):
        v = i8(b.waiting[at + k])
        before = arc(p, 0, v) + arc(p, v, u) - arc(p, 0, u)
        after = arc(p, u, v) + arc(p, v, 0) - arc(p, u, 0)
        b.place[v] = 0
        b.price[v] = before
        if after < before:
            b.place[v] = u
            b.price[v] = after


@inline
def extend_route(p, b, at):
    """Insert the client that saves most; False where none fits."""
    most = i8(0)
    chosen = i8(-1)
    room = p.capacity - b.words[LOAD]
    for k in range(b.words[WAITING]):
        u = i8(b.waiting[at + k])
        if p.demand[u] <= room:
            saved = arc(p, 0, u) + arc(p, u, 0) - b.price[u]
            if chosen < 0 or saved > most:
                most = saved
                chosen = i8(k)
    if chosen < 0:
        return False
    u = take(p, b, at, chosen)
    v = i8(b.place[u])
    b.succ[u] = b.succ[v]
    b.succ[v] = u
    if v == 0:
        b.first[b.words[ROUTES] - 1] = u
    for k in range(b.words[WAITING]):
        look_beside(p, b, i8(b.waiting[at + k]), u)
    return True


@kernel(variants=VARIANTS)
def insert_all(p: Instance, b: Construction, c: Control) -> i8:
    """Insert until every client is on a route (returns 1) or the control block says return (0)."""
    while b.words[SEGMENT] < b.num_segments:
        if out_of_time(c):
            return 0
        at = i8(b.begin[b.words[SEGMENT]])
        if b.words[WAITING] < 0:
            b.words[WAITING] = b.begin[b.words[SEGMENT] + 1] - at
            b.words[LOAD] = -1
        if b.words[LOAD] >= 0:
            if not extend_route(p, b, at):
                b.words[LOAD] = -1
        elif b.words[WAITING] > 0:
            open_route(p, b, at)
        else:
            b.words[SEGMENT] += 1
            b.words[WAITING] = -1
    return 1
