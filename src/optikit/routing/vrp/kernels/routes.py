"""Linked routes with an undo log: take a client out, put it in, keep what was tried or go back.

Routes are chains of clients between `first` and `last`; the depot is no member. Every write marks its node or route,
so that an iteration costs what it changes, whatever the number of clients.
"""

from optikit.kernels.jit import i8, inline

from ..arrays import (
    COST,
    HINT,
    KEPT_COST,
    NUM_NODES_TOUCHED,
    NUM_ROUTES,
    NUM_ROUTES_TOUCHED,
    NUM_SLOTS,
    STAMP,
)
from .arcs import arc


@inline
def touch_node(s, u):
    """Remember that u may differ from the current solution."""
    if u != 0 and s.node_stamp[u] != s.words[STAMP]:
        s.node_stamp[u] = s.words[STAMP]
        s.nodes_touched[s.words[NUM_NODES_TOUCHED]] = u
        s.words[NUM_NODES_TOUCHED] += 1


@inline
def touch_route(s, r):
    """Remember that route r may differ from the current solution."""
    if s.route_stamp[r] != s.words[STAMP]:
        s.route_stamp[r] = s.words[STAMP]
        s.routes_touched[s.words[NUM_ROUTES_TOUCHED]] = r
        s.words[NUM_ROUTES_TOUCHED] += 1


@inline
def take_out(p, s, u):
    """Remove client u from its route; its absence is not charged."""
    a = i8(s.pred[u])
    b = i8(s.succ[u])
    r = i8(s.route[u])
    touch_route(s, r)
    touch_node(s, u)
    touch_node(s, a)
    touch_node(s, b)
    joined = arc(p, a, b)
    if s.size[r] == 1:
        joined = i8(0)  # an empty route costs nothing, whatever arc(0, 0) says
        s.words[NUM_ROUTES] -= 1
    s.words[COST] += joined - s.from_pred[u] - s.to_succ[u]
    if a != 0:
        s.succ[a] = b
        s.to_succ[a] = joined
    else:
        s.first[r] = b
    if b != 0:
        s.pred[b] = a
        s.from_pred[b] = joined
    else:
        s.last[r] = a
    s.size[r] -= 1
    s.load[r] -= p.demand[u]
    s.route[u] = -1


@inline
def put_in(p, s, u, a, b, r):
    """Insert client u between a and b on route r; 0 is the depot."""
    touch_route(s, r)
    touch_node(s, u)
    touch_node(s, a)
    touch_node(s, b)
    before = arc(p, a, u)
    after = arc(p, u, b)
    replaced = i8(0)
    if a != 0:
        replaced = s.to_succ[a]
        s.succ[a] = u
        s.to_succ[a] = before
    else:
        s.first[r] = u
    if b != 0:
        replaced = s.from_pred[b]
        s.pred[b] = u
        s.from_pred[b] = after
    else:
        s.last[r] = u
    s.words[COST] += before + after - replaced
    s.succ[u] = b
    s.pred[u] = a
    s.to_succ[u] = after
    s.from_pred[u] = before
    s.route[u] = r
    if s.size[r] == 0:
        s.words[NUM_ROUTES] += 1
    s.size[r] += 1
    s.load[r] += p.demand[u]


@inline
def empty_slot(s):
    """A route without clients, or -1."""
    slots = s.words[NUM_SLOTS]
    r = s.words[HINT]
    for _ in range(slots):
        if s.size[r] == 0:
            s.words[HINT] = r
            return r
        r += 1
        if r == slots:
            r = i8(0)
    return i8(-1)


@inline
def keep(s):
    """What was tried becomes the current solution."""
    for k in range(s.words[NUM_NODES_TOUCHED]):
        u = i8(s.nodes_touched[k])
        s.kept_succ[u] = s.succ[u]
        s.kept_pred[u] = s.pred[u]
        s.kept_route[u] = s.route[u]
        s.kept_to_succ[u] = s.to_succ[u]
        s.kept_from_pred[u] = s.from_pred[u]
    for k in range(s.words[NUM_ROUTES_TOUCHED]):
        r = i8(s.routes_touched[k])
        s.kept_first[r] = s.first[r]
        s.kept_last[r] = s.last[r]
        s.kept_size[r] = s.size[r]
        s.kept_load[r] = s.load[r]
    s.words[KEPT_COST] = s.words[COST]


@inline
def go_back(s):
    """Forget what was tried."""
    for k in range(s.words[NUM_NODES_TOUCHED]):
        u = i8(s.nodes_touched[k])
        s.succ[u] = s.kept_succ[u]
        s.pred[u] = s.kept_pred[u]
        s.route[u] = s.kept_route[u]
        s.to_succ[u] = s.kept_to_succ[u]
        s.from_pred[u] = s.kept_from_pred[u]
    for k in range(s.words[NUM_ROUTES_TOUCHED]):
        r = i8(s.routes_touched[k])
        if s.size[r] == 0 and s.kept_size[r] != 0:
            s.words[NUM_ROUTES] += 1
        if s.size[r] != 0 and s.kept_size[r] == 0:
            s.words[NUM_ROUTES] -= 1
        s.first[r] = s.kept_first[r]
        s.last[r] = s.kept_last[r]
        s.size[r] = s.kept_size[r]
        s.load[r] = s.kept_load[r]
    s.words[COST] = s.words[KEPT_COST]


@inline
def begin_trial(s):
    """Nothing is touched yet."""
    s.words[STAMP] += 1
    s.words[NUM_NODES_TOUCHED] = 0
    s.words[NUM_ROUTES_TOUCHED] = 0
