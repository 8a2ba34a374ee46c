"""Annealing of the orders of all machines, where jobs may wait and overtake each other.

A move takes a job to another place of its stage, on the same machine or another of the factory; the ends of this stage and all
later ones are counted again. Whatever the orders are, there is a schedule, since jobs go through the stages one way only.
"""

from optikit.kernels.control import BEST, IMPROVED, ITERATIONS, LIMIT, Control, out_of_time
from optikit.kernels.jit import i8, inline, kernel
from optikit.kernels.rng import Random, below

from ..arrays import THRESHOLDS, Instance, Parameters, Plan
from .lines import setup_of

COST = 0  # slots of Plan.words: of the plan as it is,
SINCE = 1  # and moves since the last improvement

REACH = 4  # half of the moves go this far at most


@inline
def count_stage(p, s, k):
    """Ends of the jobs at stage k, in `trial`, from when they are ready for it there."""
    n = p.num_jobs
    a = n
    free = i8(0)
    for at in range(s.row_first[k], s.row_first[k + 1]):
        j = i8(s.row[at])
        if j >= n:
            a = n
            free = i8(0)
        else:
            free = max(s.trial[k * n + j], free + setup_of(p, a, j, k)) + p.duration[j * p.num_stages + k]
            s.trial[(k + 1) * n + j] = free
            a = j


@inline
def count_from(p, s, k):
    """Count stage k and all later ones again; returns the cost."""
    n = p.num_jobs
    for j in range(n):
        s.trial[k * n + j] = s.end[k * n + j]
    for stage in range(k, p.num_stages):
        count_stage(p, s, i8(stage))
    cost = i8(0)
    base = p.num_stages * n
    if p.flow == 1:
        for j in range(n):
            cost += p.weight[j] * s.trial[base + j]
    else:
        for j in range(n):
            cost = max(cost, s.trial[base + j])
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
        s.words[SINCE] = 0
        for at in range(s.size):
            s.best[at] = s.row[at]


@inline
def move(p, q, s, r, c):
    """Try one move."""
    k = below(r, p.num_stages)
    first = s.row_first[k]
    width = s.row_first[k + 1] - first
    a = first + below(r, width)
    while s.row[a] >= p.num_jobs:
        a = first + below(r, width)
    if below(r, 2) == 0:
        b = first + below(r, width)
    else:
        b = a + 1 + below(r, REACH)
        if below(r, 2) == 0:
            b = a + a - b
    if b < first or b >= first + width or a == b or s.factory_of[b] != s.factory_of[a]:
        return
    shift(s, a, b)
    cost = count_from(p, s, k)
    if cost - s.words[COST] < q.threshold[below(r, THRESHOLDS)] or cost <= s.words[COST]:
        take(p, s, k)
        s.words[COST] = cost
        keep_best(s, c)
    else:
        shift(s, b, a)


@kernel
def anneal(p: Instance, q: Parameters, s: Plan, r: Random, c: Control) -> i8:
    """Go on; returns the cost."""
    if c.slots[BEST] > s.words[COST]:
        keep_best(s, c)
    alive = not out_of_time(c)
    while alive:
        tried = i8(0)
        while tried < q.steps and alive:
            alive = c.slots[ITERATIONS] < c.slots[LIMIT]
            if alive:
                c.slots[ITERATIONS] += 1
                move(p, q, s, r, c)
            tried += 1
        if alive:
            alive = not out_of_time(c)
    return i8(s.words[COST])


@kernel
def count_plan(p: Instance, s: Plan) -> i8:
    """Count the rows from scratch."""
    for j in range(p.num_jobs):
        s.end[j] = p.release[j]
    cost = count_from(p, s, i8(0))
    take(p, s, i8(0))
    s.words[COST] = cost
    return i8(cost)
