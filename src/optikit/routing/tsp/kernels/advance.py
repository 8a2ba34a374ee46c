"""The entry of the local search: to a local optimum first, then kick and repair, until the control block says return."""

from optikit.kernels.control import BEST, IMPROVED, ITERATIONS, LIMIT, MOVES, Control, out_of_time
from optikit.kernels.jit import i8, inline, kernel
from optikit.kernels.rng import Random

from ..arrays import COST, FLIPS, MAX_FLIPS, PHASE, STAGE, WAITING, Instance, Parameters, State
from .exchange import FAR, NEAR, improve
from .flags import VARIANTS
from .kick import LEAST_NODES, kick
from .tour import go_back, next_awake, wake

DESCEND = 0
KICK = 1

NODES_A_LOOK = 64  # nodes at which exchanges are sought between two looks at the clock, on the way to the first optimum
KICKS_A_LOOK = 2
ROOM = 4096  # reversals that the exchanges from one node may need


@inline
def next_stage(q, s):
    """Where exchanges within a stretch are done, those between any nodes; then kicks, which are repaired within a stretch."""
    if s.words[STAGE] == NEAR and 2 * q.stretch < s.num_nodes:
        s.words[STAGE] = FAR
        for k in range(s.num_nodes):
            wake(s, i8(s.order[k]))
    else:
        s.words[STAGE] = NEAR
        s.words[PHASE] = KICK


@inline
def descend_some(p, q, s, c):
    """Take some nodes from the queue and improve the tour around them; nothing needs undoing."""
    for _ in range(NODES_A_LOOK):
        if s.words[WAITING] == 0:
            next_stage(q, s)
            return
        u = next_awake(s)
        gained = i8(1)
        while gained > 0:
            gained = improve(p, q, s, u)
            s.words[COST] -= gained
            s.words[FLIPS] = 0
        c.slots[MOVES] += 1


@inline
def repair(p, q, s, c):
    """Improve around the nodes in the queue until it is empty; returns what was gained."""
    total = i8(0)
    while s.words[WAITING] > 0:
        u = next_awake(s)
        gained = i8(1)
        while gained > 0 and s.words[FLIPS] < MAX_FLIPS - ROOM:
            gained = improve(p, q, s, u)
            total += gained
        c.slots[MOVES] += 1
    return total


@inline
def kick_some(p, q, s, r, c):
    """Some kicks, each kept if the tour is no longer than before; False at the limit of iterations."""
    for _ in range(KICKS_A_LOOK):
        if c.slots[ITERATIONS] >= c.slots[LIMIT] or s.num_nodes < LEAST_NODES:
            return False
        c.slots[ITERATIONS] += 1
        s.words[FLIPS] = 0
        added = kick(p, q, s, r)
        added -= repair(p, q, s, c)
        if added > 0:
            go_back(s, i8(0))
        else:
            s.words[COST] += added
            if added < 0:
                c.slots[BEST] = s.words[COST]
                c.slots[IMPROVED] = c.slots[ITERATIONS]
    return True


@kernel(variants=VARIANTS)
def advance(p: Instance, q: Parameters, s: State, r: Random, c: Control) -> i8:
    """Go on; returns the phase: DESCEND until there is a local optimum, then KICK."""
    alive = not out_of_time(c)
    while alive:
        if s.words[PHASE] == DESCEND:
            descend_some(p, q, s, c)
            if s.words[PHASE] == KICK:
                c.slots[BEST] = s.words[COST]
                c.slots[IMPROVED] = c.slots[ITERATIONS]
        else:
            alive = kick_some(p, q, s, r, c)
        if alive:
            alive = not out_of_time(c)
    return i8(s.words[PHASE])
