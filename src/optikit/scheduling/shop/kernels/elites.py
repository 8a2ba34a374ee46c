"""Schedules that are worth keeping, and a schedule between two of them.

Peng, Lu and Cheng, "A tabu search/path relinking algorithm to solve the job shop scheduling problem", Computers & OR 53, 2015: what
lies on a way from one elite to another, far from both, is where the tabu search begins anew. Here the way is straight: the start
of each operation is weighed between its starts in the two, and the operations follow in that order. Whatever both have in the same
order stays so, precedences too; so every point of the way is a schedule.
"""

from optikit.kernels.jit import f8, i4, i8, inline, u8
from optikit.kernels.rng import MASK, below, unit

from ..tabu_arrays import COST, FILLED


@inline
def keep(p, s, e, row):
    """Copy the schedule into a row."""
    stamp = u8(0)
    base = row * s.num_operations
    for k in range(s.num_operations):
        o = i8(s.order[k])
        e.order[base + k] = i4(o)
        e.choice[base + o] = s.choice[o]
        e.start[base + o] = s.end[o] - s.time[o]
        place = i8(s.place[2 * o + 1])
        if p.is_open != 0:
            place += s.place[2 * o] << 20
        if p.is_flexible != 0:
            place += (s.choice[o] - p.first_alternative[o]) << 40
        stamp = (stamp + p.code[o] * u8(2 * place + 1)) & MASK
    e.stamp[row] = stamp
    e.cost[row] = s.words[COST]


@inline
def copy(e, source, target):
    """Copy a row into another."""
    a = source * e.num_operations
    b = target * e.num_operations
    for k in range(e.num_operations):
        e.order[b + k] = e.order[a + k]
        e.choice[b + k] = e.choice[a + k]
        e.start[b + k] = e.start[a + k]
    e.stamp[target] = e.stamp[source]
    e.cost[target] = e.cost[source]


@inline
def load(s, e, row):
    """Take the order and the alternatives of a row, to be set up."""
    base = row * s.num_operations
    for k in range(s.num_operations):
        s.order[k] = e.order[base + k]
        s.choice[k] = e.choice[base + k]


@inline
def admit(s, e, row):
    """Let a schedule in among the elites, in place of the worst unless there is room; False if it is no better or known."""
    worst = i8(0)
    for k in range(s.words[FILLED]):
        if e.cost[k] == e.cost[row] and e.stamp[k] == e.stamp[row]:
            return False
        if e.cost[k] > e.cost[worst]:
            worst = k
    if s.words[FILLED] < e.size:
        worst = s.words[FILLED]
        s.words[FILLED] += 1
    elif e.cost[row] >= e.cost[worst]:
        return False
    copy(e, row, worst)
    return True


@inline
def relink(p, s, e, r, a, b):
    """Order the operations as on the way from one row to another, somewhere in the middle of it."""
    n = s.num_operations
    first = a * n
    second = b * n
    share = 0.3 + 0.4 * unit(r)
    load(s, e, a)
    for o in range(n):
        e.key[o] = (1.0 - share) * f8(e.start[first + o]) + share * f8(e.start[second + o])
        if p.is_flexible != 0 and e.choice[second + o] != e.choice[first + o] and unit(r) < share:
            s.choice[o] = e.choice[second + o]
    sort(s, e)


@inline
def sort(s, e):
    """Sort the order by the keys, such that equals stay as they were: runs of two lengths are merged again and again."""
    n = s.num_operations
    length = i8(1)
    while length < n:
        start = i8(0)
        while start < n:
            middle = min(start + length, n)
            stop = min(start + 2 * length, n)
            i = start
            j = middle
            for k in range(start, stop):
                take_first = j >= stop or (i < middle and e.key[s.order[i]] <= e.key[s.order[j]])
                if take_first:
                    s.aside[k] = s.order[i]
                    i += 1
                else:
                    s.aside[k] = s.order[j]
                    j += 1
            start += 2 * length
        for k in range(n):
            s.order[k] = s.aside[k]
        length *= 2


@inline
def another(r, count, than):
    """A random number below a count, but not that one."""
    k = below(r, count - 1)
    return k + 1 if k >= than else k
