"""Robust tabu search: always the best swap that is allowed, whatever it costs.

Taillard, "Robust taboo search for the quadratic assignment problem", Parallel Computing 17, 1991: a facility may not return to a
location that it left for a random time, unless that gives the best placement of this walk; and a pair of places that was not taken
for very long is taken, whatever it costs. Random times are those of his later programs: a cube of a uniform number, so that most
are short.
"""

from optikit.kernels.control import BEST, IMPROVED, ITERATIONS, LIMIT
from optikit.kernels.jit import i8, inline
from optikit.kernels.rng import unit

from ..arrays import COST, FAR, FLOOR, GAIN, LENGTH, MOVE_U, MOVE_V, STEP
from .swaps import swap


@inline
def is_free(p, s, u, v, time):
    """Whether one of the two comes to where it was not lately; an empty one is always free, and does not count."""
    n = p.size
    if s.until[u * n + s.place[v]] < time:
        return True
    return v < p.num_facilities and s.until[v * n + s.place[u]] < time


@inline
def find_old(p, q, s, u, time):
    """A pair with facility u that was not taken for as long as the patience lasts, the best of them; True where there is one."""
    n = p.size
    since = time - q.patience
    least = i8(FAR)
    for v in range(u + 1, n):
        x = s.delta[u * n + v]
        if x < least and s.until[u * n + s.place[v]] < since and (v >= p.num_facilities or s.until[v * n + s.place[u]] < since):
            least = x
            s.words[MOVE_V] = v
    s.words[MOVE_U] = u
    s.words[GAIN] = least
    return least < FAR


@inline
def find_best(p, s, time):
    """The best swap that is allowed; True where there is one."""
    n = p.size
    least = i8(FAR)
    aspired = s.words[FLOOR] - s.words[COST]
    for u in range(p.num_facilities):
        row = u * n
        # Most rows have nothing better: this loop is made of vector instructions (of the array's width), the next is not.
        s.low[0] = s.far
        for v in range(u + 1, n):
            s.low[0] = min(s.low[0], s.delta[row + v])
        if s.low[0] >= least:
            continue
        for v in range(u + 1, n):
            x = s.delta[row + v]
            if x < least and (x < aspired or is_free(p, s, i8(u), i8(v), time)):
                least = x
                s.words[MOVE_U] = u
                s.words[MOVE_V] = v
    s.words[GAIN] = least
    return least < FAR


@inline
def random_time(q, r):
    """For how long a facility may not return."""
    x = unit(r)
    return 1 + i8(x * x * x * q.tenure)


@inline
def keep_best(p, s):
    """Note the placement as the best of this walk."""
    s.words[FLOOR] = s.words[COST]
    for u in range(p.size):
        s.best[u] = s.place[u]


@inline
def note(s, g, c):
    """Tell the driver of a new best placement."""
    if s.words[FLOOR] < c.slots[BEST]:
        c.slots[BEST] = s.words[FLOOR]
        c.slots[IMPROVED] = c.slots[ITERATIONS]
        for u in range(s.size):
            g.best[u] = s.best[u]


@inline
def step(p, q, s, g, r, c):
    """One swap of the walk."""
    n = p.size
    c.slots[ITERATIONS] += 1
    s.words[STEP] += 1
    time = s.words[STEP]
    found = False
    if time > q.patience:
        found = find_old(p, q, s, time % p.num_facilities, time)
    if not found:
        found = find_best(p, s, time)
    if found:
        u = s.words[MOVE_U]
        v = s.words[MOVE_V]
        s.until[u * n + s.place[u]] = time + random_time(q, r)
        if v < p.num_facilities:
            s.until[v * n + s.place[v]] = time + random_time(q, r)
        swap(p, s, u, v)
        if s.words[COST] < s.words[FLOOR]:
            keep_best(p, s)
            note(s, g, c)


@inline
def walk_some(p, q, s, g, r, c, count):
    """Some steps; False at the limit of iterations."""
    for _ in range(count):
        if c.slots[ITERATIONS] >= c.slots[LIMIT]:
            return False
        if s.words[STEP] >= s.words[LENGTH]:
            return True
        step(p, q, s, g, r, c)
    return True
