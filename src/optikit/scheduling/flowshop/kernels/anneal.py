"""Annealing of the orders of all machines, where jobs may wait and overtake each other.

A move takes a job to another place of its stage, on the same machine or another of the factory; or next to some other job at this
stage and all later ones, as an insertion into one order for all does. The ends of this stage and all later ones are counted again,
until what they promise is too much. Whatever the orders are, there is a schedule, since jobs go through the stages one way only.
"""

from optikit.kernels.control import BEST, IMPROVED, ITERATIONS, LIMIT, Control, out_of_time
from optikit.kernels.jit import f8, i8, inline, kernel
from optikit.kernels.rng import Random, below

from ..arrays import (
    BIG,
    COST,
    KIND,
    LONG,
    NUM_WORSE,
    PROBING,
    RATE,
    SOURCE,
    SUM_WORSE,
    TARGET,
    TEMPERATURE,
    THRESHOLDS,
    Instance,
    Plan,
)
from .lines import setup_of

FAR = 0  # kinds of moves: a job anywhere in the row,
NEAR = 1  # a job not far,
SEGMENT = 2  # some jobs in a row anywhere,
FOLLOW = 3  # a job next to another at several stages
KINDS = 4

REACH = 4  # a near job goes this far at most
LONGEST = 4  # jobs of a segment, at most


@inline
def count_stage(p, s, k):
    """Ends of the jobs at stage k, in `trial`, from when they are ready for it there; returns what cannot be undercut then."""
    n = p.num_jobs
    m = p.num_stages
    a = n
    free = i8(0)
    promised = i8(0)
    for at in range(s.row_first[k], s.row_first[k + 1]):
        j = i8(s.row[at])
        if j >= n:
            a = n
            free = i8(0)
        else:
            free = max(s.trial[k * n + j], free + setup_of(p, a, j, k)) + p.duration[j * m + k]
            s.trial[(k + 1) * n + j] = free
            end = free + p.offset[j * (m + 1) + m] - p.offset[j * (m + 1) + k + 1]
            if p.flow == 1:
                promised += p.weight[j] * end
            else:
                promised = max(promised, end)
            a = j
    return promised


@inline
def count_from(p, s, k, limit):
    """Count stage k and all later ones again; returns the cost, or some number of at least `limit` where it is not less."""
    n = p.num_jobs
    for j in range(n):
        s.trial[k * n + j] = s.end[k * n + j]
    stage = i8(k)
    cost = i8(0)
    while stage < p.num_stages:
        cost = count_stage(p, s, stage)
        stage += 1
        if cost >= limit:
            stage = i8(p.num_stages)
    return cost


@inline
def shift(s, a, b):
    """Take the entry at a to b, and move what is in between."""
    moved = i8(s.row[a])
    if a < b:
        for at in range(a, b):
            s.row[at] = s.row[at + 1]
    else:
        for back in range(a - b):
            s.row[a - back] = s.row[a - back - 1]
    s.row[b] = moved


@inline
def place_of(s, k, j):
    """Where a job stands in the row of a stage."""
    at = i8(s.row_first[k])
    while s.row[at] != j:
        at += 1
    return at


@inline
def follow(p, s, k, j, other, after):
    """Put a job next to another at stage k and all later ones."""
    for at in range(s.row_first[k], s.size):
        s.kept[at] = s.row[at]
    for stage in range(k, p.num_stages):
        a = place_of(s, stage, j)
        b = place_of(s, stage, other)
        if a < b:
            b -= 1
        shift(s, a, b + after)


@inline
def take(p, s, k):
    """The ends of the trial become those of the plan."""
    n = p.num_jobs
    for i in range((k + 1) * n, (p.num_stages + 1) * n):
        s.end[i] = s.trial[i]


@inline
def keep_best(s, c):
    cost = s.words[COST]
    if cost < c.slots[BEST]:
        c.slots[BEST] = cost
        c.slots[IMPROVED] = c.slots[ITERATIONS]
        for at in range(s.size):
            s.best[at] = s.row[at]


@inline
def allowed(s, r):
    """A cost that is not reached by what is accepted: worse by x with probability exp(-x / temperature)."""
    return s.words[COST] + 1 + i8(min(s.heat[TEMPERATURE] * s.exponential[below(r, THRESHOLDS)], 1e18))


@inline
def draw_move(p, s, r, k):
    """Some entries of the row of stage k and where they go; words say what was drawn. False where that is no move."""
    first = i8(s.row_first[k])
    width = s.row_first[k + 1] - first
    a = first + below(r, width)
    while s.row[a] >= p.num_jobs:
        a = first + below(r, width)
    kind = below(r, KINDS)
    length = i8(1)
    if kind == SEGMENT:
        length = 2 + below(r, LONGEST - 1)
    if kind != NEAR:
        b = first + below(r, width)
    else:
        b = a + 1 + below(r, REACH)
        if below(r, 2) == 0:
            b = a + a - b
    last = a + length - 1
    if b < first or b >= first + width or last >= first + width or (a <= b and b <= last):
        return False
    factory = s.factory_of[a]
    if s.factory_of[b] != factory or s.factory_of[last] != factory:
        return False
    s.words[KIND] = kind
    s.words[SOURCE] = last
    if a < b:
        s.words[SOURCE] = a
    s.words[TARGET] = b
    s.words[LONG] = length
    return True


@inline
def make_move(p, s, r, k):
    """Move the entries; or the job next to the one at the target, at this stage and all later ones."""
    a = s.words[SOURCE]
    b = s.words[TARGET]
    if s.words[KIND] == FOLLOW and s.row[b] < p.num_jobs:
        follow(p, s, k, i8(s.row[a]), i8(s.row[b]), below(r, 2))
    else:
        s.words[KIND] = NEAR
        for _ in range(s.words[LONG]):
            shift(s, a, b)


@inline
def unmake_move(p, s, k):
    if s.words[KIND] == FOLLOW:
        for at in range(s.row_first[k], s.size):
            s.row[at] = s.kept[at]
    else:
        for _ in range(s.words[LONG]):
            shift(s, s.words[TARGET], s.words[SOURCE])


@inline
def move(p, s, r, c):
    """Try one move."""
    s.heat[TEMPERATURE] *= s.heat[RATE]
    k = below(r, p.num_stages)
    if not draw_move(p, s, r, k):
        return
    make_move(p, s, r, k)
    limit = allowed(s, r)
    cost = count_from(p, s, k, i8(BIG) if s.words[PROBING] == 1 else limit)
    if s.words[PROBING] == 1 and cost > s.words[COST]:
        s.heat[SUM_WORSE] += f8(cost - s.words[COST])
        s.heat[NUM_WORSE] += 1.0
    if cost < limit:
        take(p, s, k)
        s.words[COST] = cost
        keep_best(s, c)
    else:
        unmake_move(p, s, k)


@kernel
def anneal(p: Instance, s: Plan, r: Random, c: Control) -> i8:
    """Go on; returns the cost."""
    if c.slots[BEST] > s.words[COST]:
        keep_best(s, c)
    alive = not out_of_time(c)
    while alive:
        tried = i8(0)
        while tried < s.steps and alive:
            alive = c.slots[ITERATIONS] < c.slots[LIMIT]
            if alive:
                c.slots[ITERATIONS] += 1
                move(p, s, r, c)
            tried += 1
        if alive:
            alive = not out_of_time(c)
    return i8(s.words[COST])


@kernel
def count_plan(p: Instance, s: Plan) -> i8:
    """Count the rows from scratch."""
    for j in range(p.num_jobs):
        s.end[j] = p.release[j]
    cost = count_from(p, s, i8(0), i8(BIG))
    take(p, s, i8(0))
    s.words[COST] = cost
    return i8(cost)
