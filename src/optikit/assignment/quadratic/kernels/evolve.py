"""The entry of the search: a population of placements, recombined, each child improved by tabu search.

Benlic and Hao, "Memetic search for the quadratic assignment problem", Expert Systems with Applications 42, 2015: a facility stays
where both parents have it, and else goes to where one of them has it, as far as that is free. A population that has
taken no child for some time has settled: the next one begins with its best and random ones, and walks twice as far from each child.
"""

from optikit.kernels.control import BEST, MOVES, Control, out_of_time
from optikit.kernels.jit import i8, inline, kernel
from optikit.kernels.rng import Random, below

from ..arrays import COST, FILLED, FLOOR, IDLE, LENGTH, PHASE, ROW, SETTLED, STEP, Parameters, Population, WideInstance, WideState
from .descend import FILL, descend_some
from .flags import IS_SPARSE, VARIANTS
from .swaps import fill_deltas, fill_row
from .walk import keep_best, note, walk_some

MAKE = 0
WALK = 2
KEEP = 3
DESCEND = 4

WORK = 200_000  # entries of the tables that are touched between two looks at the clock
MOST_STEPS = 200  # and steps, where tables are small
MOST_LENGTH = 10**15  # of a walk


@inline
def take_member(s, g, k):
    """Begin with a member of the population."""
    for u in range(s.size):
        s.place[u] = g.place[k * s.size + u]


@inline
def exchange(s, u, v):
    """Swap two facilities where nothing is kept up to date."""
    held = s.place[u]
    s.place[u] = s.place[v]
    s.place[v] = held


@inline
def shuffle(p, s, r):
    """A random placement."""
    for u in range(min(p.num_facilities, p.size - 1)):
        exchange(s, u, u + below(r, p.size - u))


@inline
def cross(p, s, g, r, first, second):
    """A child of two members: where both agree, and elsewhere at random from either, as far as locations are free."""
    n = p.size
    for at in range(n):
        s.mark[at] = 0
    for u in range(n):
        at = g.place[first * n + u]
        s.place[u] = -1
        if at == g.place[second * n + u]:
            s.place[u] = at
            s.mark[at] = 1
    begin = below(r, n)
    for k in range(n):
        u = begin + k
        if u >= n:
            u -= n
        if s.place[u] < 0:
            x = i8(g.place[first * n + u])
            y = i8(g.place[second * n + u])
            if below(r, 2) == 1:
                x = i8(g.place[second * n + u])
                y = i8(g.place[first * n + u])
            if s.mark[x] != 0:
                x = y
            if s.mark[x] == 0:
                s.place[u] = x
                s.mark[x] = 1
    # The rest, in a random order, to the locations that are left.
    left = i8(0)
    for at in range(n):
        if s.mark[at] == 0:
            s.best[left] = at
            left += 1
    for u in range(n):
        if s.place[u] < 0:
            k = below(r, left)
            left -= 1
            s.place[u] = s.best[k]
            s.best[k] = s.best[left]


@inline
def make(p, q, s, g, r, c):
    """The placement from which the next walk begins."""
    if s.words[IDLE] >= q.rest:
        # This population has settled: the next one has its best, others at random, and more time for each child.
        best_first(g)
        s.words[IDLE] = 0
        s.words[FILLED] = 1
        s.words[SETTLED] += 1
        s.words[LENGTH] = min(2 * s.words[LENGTH], MOST_LENGTH)
    if s.words[LENGTH] == 0:
        s.words[LENGTH] = q.steps
    if s.words[FILLED] < g.members:
        take_member(s, g, i8(0))
        if s.words[FILLED] == 0:
            s.words[COST] = c.slots[BEST]
        else:
            shuffle(p, s, r)
    else:
        first = below(r, g.members)
        second = below(r, g.members - 1)
        if second >= first:
            second += 1
        cross(p, s, g, r, first, second)
    s.words[PHASE] = FILL
    if IS_SPARSE:
        s.words[PHASE] = DESCEND
    s.words[ROW] = 0
    s.words[STEP] = 0


@inline
def best_first(g):
    """Bring the best member to the front."""
    k = i8(0)
    for j in range(1, g.members):
        if g.cost[j] < g.cost[k]:
            k = i8(j)
    for u in range(g.size):
        held = g.place[u]
        g.place[u] = g.place[k * g.size + u]
        g.place[k * g.size + u] = held
    cost = g.cost[0]
    g.cost[0] = g.cost[k]
    g.cost[k] = cost


@inline
def fill_some(p, s, count):
    """Some rows of the tables; the deltas, once all facilities have theirs."""
    m = p.num_facilities
    for _ in range(count):
        row = s.words[ROW]
        if row < m:
            fill_row(p, s, row)
        else:
            fill_deltas(p, s, row - m)
        s.words[ROW] = row + 1
        if row + 1 == 2 * m:
            begin_walk(p, s)
            return


@inline
def begin_walk(p, s):
    """Cost the placement from the table, and forget where facilities may not go."""
    n = p.size
    twice = i8(0)
    for u in range(p.num_facilities):
        at = u * n + s.place[u]
        twice += s.table[u * n + u] + p.linear[at]
        for x in range(n):
            s.until[u * n + x] = 0
    s.words[COST] = twice // 2
    s.words[STEP] = 0
    s.words[PHASE] = WALK
    keep_best(p, s)


@inline
def same(s, g, k):
    """Whether the best of this walk is that member."""
    u = i8(0)
    while u < s.size and s.best[u] == g.place[k * s.size + u]:
        u += 1
    return u == s.size


@inline
def enter(s, g, k):
    """The best of this walk becomes member k."""
    g.cost[k] = s.words[FLOOR]
    for u in range(s.size):
        g.place[k * s.size + u] = s.best[u]


@inline
def keep(s, g):
    """Take the best of this walk into the population, where it is new and better than the worst."""
    cost = s.words[FLOOR]
    filled = s.words[FILLED]
    s.words[PHASE] = MAKE
    if filled < g.members:
        enter(s, g, filled)
        s.words[FILLED] = filled + 1
        return
    s.words[IDLE] += 1
    worst = i8(0)
    for k in range(g.members):
        if g.cost[k] == cost and same(s, g, i8(k)):
            return
        if g.cost[k] > g.cost[worst]:
            worst = i8(k)
    if cost < g.cost[worst]:
        enter(s, g, worst)
        s.words[IDLE] = 0


@inline
def go_on(p, q, s, g, r, c):
    """Make, fill, walk and keep, while the control block allows."""
    n = p.size
    rows = max(1, WORK // (n * n))
    steps = min(MOST_STEPS, max(1, WORK // (n * p.num_facilities)))
    alive = not out_of_time(c)
    while alive:
        phase = s.words[PHASE]
        if phase == MAKE:
            make(p, q, s, g, r, c)
        elif IS_SPARSE and phase == DESCEND:
            descend_some(p, s, g, c, max(1, WORK // (n + 2 * p.num_links)))
        elif phase == FILL:
            fill_some(p, s, rows)
            if s.words[PHASE] == WALK:
                note(s, g, c)
        elif phase == WALK:
            alive = walk_some(p, q, s, g, r, c, steps)
            if s.words[STEP] >= s.words[LENGTH]:
                s.words[PHASE] = KEEP
        else:
            keep(s, g)
            c.slots[MOVES] += 1
        if alive:
            alive = not out_of_time(c)


@kernel(variants=VARIANTS)
def evolve(p: WideInstance, q: Parameters, s: WideState, g: Population, r: Random, c: Control) -> i8:
    """Go on; returns the phase."""
    go_on(p, q, s, g, r, c)
    return i8(s.words[PHASE])
