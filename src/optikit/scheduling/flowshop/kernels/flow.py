"""The total flow time of lines with a job put in: recounted from its place on, while the place may still be the best."""

from optikit.kernels.jit import i8, inline

from ..arrays import AT, BIG, JOB, LENGTH, PLACE, SECOND, VALUE
from .lines import job_at, step

WORK_A_LOOK = 200_000  # operations counted between two looks at the clock


@inline
def cost_at(p, s, j, i, limit):
    """Cost of the line-up with job j at place i; some number of at least `limit` where it is not less.

    Without setups a job that comes in delays all others, so that what they have cost before is a bound on what they will.
    """
    m = p.num_stages
    room = s.length + 1
    length = s.words[LENGTH]
    step(p, s, i, job_at(p, s, i - 1), j, room)
    total = s.sums[length] + p.weight[j] * s.head[room * m + m - 1]
    a = j
    while i < length and s.jobs[i] < p.num_jobs and (total < limit or p.has_setups == 1):
        b = i8(s.jobs[i])
        step(p, s, room, a, b, room)
        total += p.weight[b] * (s.head[room * m + m - 1] - s.head[(i + 2) * m - 1])
        a = b
        i += 1
    return total


@inline
def look_flow(p, s):
    """Look at some more places; the later ones first, which are soon counted and bound the others."""
    length = s.words[LENGTH]
    if s.words[AT] == 0:
        s.words[VALUE] = BIG
    work = i8(0)
    while s.words[AT] <= length and work < WORK_A_LOOK:
        i = length - s.words[AT]
        cost = cost_at(p, s, s.words[JOB], i, s.words[VALUE])
        if cost < s.words[VALUE]:
            s.words[VALUE] = cost
            s.words[SECOND] = 0
            s.words[PLACE] = i
        s.words[AT] += 1
        work += (length + 1 - i) * p.num_stages
