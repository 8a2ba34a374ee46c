"""A first schedule, operation after operation, between non-delay and active.

Giffler and Thompson, "Algorithms for solving production-scheduling problems", Operations Research 8, 1960, with most work remaining
as the rule, disturbed by lot; how late an operation may begin is drawn for each schedule, as Bierwirth and Mattfeld, Evolutionary
Computation 7, 1999, do. What each job would do next is kept, and sought anew only where its machine was given away.
"""

from optikit.kernels.control import NEVER
from optikit.kernels.jit import i4, i8, inline
from optikit.kernels.rng import below

from ..tabu_arrays import COST, PLACED, SPREAD
from .heads import cost_of, refresh_ends, refresh_tails
from .lines import link, put


@inline
def least_time(p, o):
    """Duration of an operation on its fastest machine."""
    least = i8(p.duration[p.first_alternative[o]])
    for k in range(p.first_alternative[o] + 1, p.first_alternative[o + 1]):
        least = min(least, p.duration[k])
    return least


@inline
def clear(p, s, r, spread):
    """Begin with nobody placed."""
    s.words[PLACED] = 0
    s.words[SPREAD] = spread
    for line in range(s.num_lines):
        s.count[line] = 0
        s.ready[line] = p.release[line]
    for job in range(p.num_jobs):
        s.work[job] = 0
        for o in range(p.line_start[job], p.line_start[job + 1]):
            s.sequence[o] = i4(o)
            s.work[job] += least_time(p, o)
        propose(p, s, job)


@inline
def propose(p, s, job):
    """What the job would do next: its next operation where that ends first; of an open job, what it can begin first."""
    s.best_end[job] = NEVER
    s.best_start[job] = NEVER
    low = p.line_start[job] + s.count[job]
    high = p.line_start[job + 1] if p.is_open != 0 else min(low + 1, p.line_start[job + 1])
    for place in range(low, high):
        o = i8(s.sequence[place])
        for k in range(p.first_alternative[o], p.first_alternative[o + 1]):
            start = max(s.ready[job], s.ready[p.num_jobs + p.machine[k]])
            end = start + p.duration[k]
            if p.is_open != 0:
                better = start < s.best_start[job] or (start == s.best_start[job] and end > s.best_end[job])
            else:
                better = end < s.best_end[job]
            if better:
                s.best_start[job] = start
                s.best_end[job] = end
                s.best_choice[job] = i4(k)
                s.best_place[job] = i4(place)


@inline
def place_next(p, s, r):
    """Place one operation more."""
    soonest = NEVER
    machine = i8(0)
    for job in range(p.num_jobs):
        if s.best_end[job] < soonest:
            soonest = i8(s.best_end[job])
            machine = i8(p.machine[s.best_choice[job]])
    start = soonest
    for job in range(p.num_jobs):
        if s.best_end[job] < NEVER and p.machine[s.best_choice[job]] == machine:
            start = min(start, s.best_start[job])
    limit = start + (((soonest - start) * s.words[SPREAD]) >> 8)
    chosen = i8(-1)
    most = i8(-1)
    for job in range(p.num_jobs):
        if s.best_start[job] <= limit and p.machine[s.best_choice[job]] == machine:
            work = s.work[job] - ((s.work[job] * below(r, s.words[SPREAD] + 1)) >> 9)
            if work > most:
                most = work
                chosen = job
    k = i8(s.best_choice[chosen])
    place = i8(s.best_place[chosen])
    o = i8(s.sequence[place])
    free = p.line_start[chosen] + s.count[chosen]
    s.sequence[place] = s.sequence[free]
    s.sequence[free] = i4(o)
    s.count[chosen] += 1
    s.choice[o] = i4(k)
    s.order[s.words[PLACED]] = i4(o)
    s.words[PLACED] += 1
    s.work[chosen] -= least_time(p, o)
    s.ready[chosen] = s.best_end[chosen]
    s.ready[p.num_jobs + machine] = s.best_end[chosen]
    for job in range(p.num_jobs):
        if job == chosen or (s.best_end[job] < NEVER and p.machine[s.best_choice[job]] == machine):
            propose(p, s, job)


@inline
def settle(p, s):
    """Set up the schedule that a topological order and the alternatives of its operations describe."""
    n = s.num_operations
    for line in range(s.num_lines):
        s.count[line] = 0
    for k in range(n):
        o = i8(s.order[k])
        s.position[o] = i4(k)
        s.time[o] = p.duration[s.choice[o]]
        s.line[2 * o] = p.job[o]
        s.line[2 * o + 1] = i4(p.num_jobs + p.machine[s.choice[o]])
        for side in range(2):
            line = i8(s.line[2 * o + side])
            put(p, s, line, s.count[line], o, side)
            s.count[line] += 1
    for line in range(s.num_lines):
        side = 0 if line < p.num_jobs else 1
        w = n + line
        for k in range(s.count[line]):
            o = i8(s.sequence[p.line_start[line] + k])
            link(s, w, o, side)
            w = o
        link(s, w, n + line, side)
    refresh_ends(s, i8(0), n - 1)
    refresh_tails(s, n - 1, i8(0))
    s.words[COST] = cost_of(p, s)
