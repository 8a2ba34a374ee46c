"""Where flows are sparse: down to a local optimum, each swap costed by the partners of the two facilities alone.

For thousands of locations, the first steps of a tabu search, which looks at all swaps before each, would take longer than that.
"""

from optikit.kernels.jit import i8, inline

from ..arrays import COST, FILLED, PHASE, ROW, STEP
from .walk import keep_best, note

FILL = 1  # the phase that follows


@inline
def moved(p, s, u, v):
    """What facility u would pay more where v is, v not counted."""
    n = p.size
    here = i8(s.place[u])
    there = i8(s.place[v])
    change = p.linear[u * n + there] - p.linear[u * n + here]
    for k in range(p.first[u], p.first[u + 1]):
        other = i8(p.head[k])
        if other != v:
            at = s.place[other]
            change += p.amount[k] * (p.distance[there * n + at] - p.distance[here * n + at])
    return change


@inline
def descend_some(p, s, g, c, count):
    """Swap some facilities with any other, as soon as that gains; on to the tables once none does."""
    m = p.num_facilities
    for _ in range(count):
        u = s.words[ROW]
        s.words[STEP] += 1
        for v in range(p.size):
            if v != u:
                change = moved(p, s, u, i8(v)) + moved(p, s, i8(v), u)
                if change < 0:
                    held = s.place[u]
                    s.place[u] = s.place[v]
                    s.place[v] = held
                    s.words[COST] += change
                    s.words[STEP] = 0
        s.words[ROW] = (u + 1) % m
        if s.words[STEP] >= m:
            s.words[PHASE] = FILL
            s.words[ROW] = 0
            break
    if s.words[FILLED] == 0:
        # Of the first placement the cost was known.
        keep_best(p, s)
        note(s, g, c)
