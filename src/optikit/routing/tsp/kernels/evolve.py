"""The entry of the genetic search: couple after couple, each first parent gives way to its best child."""

from optikit.kernels.control import BEST, IMPROVED, ITERATIONS, LIMIT, MOVES, Control, out_of_time
from optikit.kernels.jit import i8, inline, kernel
from optikit.kernels.rng import Random, below

from ..arrays import BETTERED, GENERATION, IDLE, NUM_CYCLES, TURN, Instance, Mating, Parameters, Population
from .child import make_child, unmake
from .cycles import find_cycles
from .entropy import count_child, count_edge, uncount_child
from .flags import VARIANTS

SMALL_LOSS = 1e9  # a gain of variety is worth as much as if a loss of one in so many were paid


@inline
def read_tour(g, m, a):
    """Write tour a as an array."""
    base = a * 2 * g.num_nodes
    before = i8(g.link[base])
    u = i8(0)
    for k in range(g.num_nodes):
        m.order[k] = u
        m.place[u] = k
        after = i8(g.link[base + 2 * u])
        if after == before:
            after = i8(g.link[base + 2 * u + 1])
        before = u
        u = after


@inline
def worth(g, m, gain):
    """What a child is worth that is shorter by so much: the gain for each unit of variety that is lost."""
    lost = -count_child(g, m)
    uncount_child(g, m)
    if lost <= 0.0:
        return gain * SMALL_LOSS
    return gain / lost


@inline
def mate(p, q, g, m, r, c, a, b):
    """Let tours a and b have children, each by one AB-cycle; the best that is shorter takes the place of a."""
    find_cycles(g, m, r, a, b)
    cycles = m.words[NUM_CYCLES]
    if cycles == 0:
        return
    read_tour(g, m, a)
    base = a * 2 * g.num_nodes
    for k in range(cycles):
        m.pick[k] = k
    best = 0.0
    chosen = i8(-1)
    for k in range(min(cycles, q.children)):
        other = k + below(r, cycles - k)
        cycle = i8(m.pick[other])
        m.pick[other] = m.pick[k]
        m.pick[k] = cycle
        gain = make_child(p, q, g, m, base, cycle)
        if gain > 0:
            value = worth(g, m, gain)
            if value > best:
                best = value
                chosen = cycle
        unmake(g, m)
        c.slots[MOVES] += 1
    if chosen >= 0:
        gain = make_child(p, q, g, m, base, chosen)
        count_child(g, m)
        g.cost[a] -= gain
        g.words[BETTERED] += 1
        if g.cost[a] < c.slots[BEST]:
            c.slots[BEST] = g.cost[a]
            c.slots[IMPROVED] = c.slots[ITERATIONS] + 1


@inline
def begin_generation(g, r):
    """Shuffle the tours; the first is kept aside, since it is the last one's partner."""
    for k in range(g.size):
        g.turn[k] = k
    for k in range(g.size - 1):
        other = k + below(r, g.size - k)
        held = g.turn[k]
        g.turn[k] = g.turn[other]
        g.turn[other] = held
    source = i8(g.turn[0]) * 2 * g.num_nodes
    target = g.size * 2 * g.num_nodes
    for k in range(2 * g.num_nodes):
        g.link[target + k] = g.link[source + k]
    g.words[BETTERED] = 0


@inline
def end_generation(g):
    """Note whether anything came of it."""
    g.words[TURN] = 0
    g.words[GENERATION] += 1
    if g.words[BETTERED] == 0:
        g.words[IDLE] += 1
    else:
        g.words[IDLE] = 0


@kernel(variants=VARIANTS)
def evolve(p: Instance, q: Parameters, g: Population, m: Mating, r: Random, c: Control) -> i8:
    """Go on, a couple an iteration, until the control block says return (0) or two generations change nothing (1)."""
    alive = not out_of_time(c)
    while alive and g.words[IDLE] < 2 and c.slots[ITERATIONS] < c.slots[LIMIT]:
        turn = g.words[TURN]
        if turn == 0:
            begin_generation(g, r)
        partner = i8(g.size)
        if turn + 1 < g.size:
            partner = i8(g.turn[turn + 1])
        mate(p, q, g, m, r, c, i8(g.turn[turn]), partner)
        c.slots[ITERATIONS] += 1
        g.words[TURN] = turn + 1
        if turn + 1 == g.size:
            end_generation(g)
        alive = not out_of_time(c)
    if g.words[IDLE] < 2:
        return 0
    return 1


@kernel(variants=VARIANTS)  # as `evolve`, so that all are compiled at once
def write_order(g: Population, m: Mating, a: i8) -> None:
    """Write tour a as an array, into the couple's `order`."""
    read_tour(g, m, a)


@kernel(variants=VARIANTS)
def count_tours(g: Population, first: i8, last: i8) -> None:
    """Count the edges of the tours first..last-1."""
    for a in range(first, last):
        base = a * 2 * g.num_nodes
        for u in range(g.num_nodes):
            for side in range(2):
                v = i8(g.link[base + 2 * u + side])
                if u < v:
                    count_edge(g, u, v, i8(1))
