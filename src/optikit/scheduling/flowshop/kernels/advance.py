"""The entry of the iterated greedy: put jobs in, search, accept, take some out; until the control block says return.

Ruiz and Stuetzle, "A simple and effective iterated greedy algorithm for the permutation flowshop scheduling problem", European
Journal of Operational Research 177, 2007; local search on the partial line-up after Dubois-Lacoste, Pagnozzi and Stuetzle, "An
iterated greedy algorithm with optimization of partial solutions for the makespan permutation flowshop problem", Computers &
Operations Research 81, 2017.
"""

from optikit.kernels.control import BEST, IMPROVED, ITERATIONS, LIMIT, MOVES, Control, out_of_time
from optikit.kernels.jit import i8, inline, kernel
from optikit.kernels.rng import Random, below

from ..arrays import (
    AT,
    BIG,
    CURRENT,
    CURRENT_SECOND,
    FROM,
    HEAD_OK,
    JOB,
    LENGTH,
    NEXT_OUT,
    NOW,
    NOW_SECOND,
    NUM_OUT,
    PARTIAL,
    PENDING,
    PHASE,
    PLACE,
    SECOND,
    SINCE,
    TAIL_OK,
    THRESHOLDS,
    TURN,
    VALUE,
    WALKED,
    Instance,
    LineUp,
    Parameters,
)
from .flags import IS_FLOW, IS_LISTED, IS_RIGID, IS_SHORT, VARIANTS
from .flow import look_flow
from .lines import look_lines, prepare_heads, prepare_tails
from .listed import list_all, look_listed, sum_of_ends
from .rigid import look_rigid, prepare_rigid, total
from .short import look_short, prepare_short

INSERT = 0
SEARCH = 1
DESTROY = 2

FEW = 12  # so few jobs come back to the same places soon: the search
AFRESH = 50  # begins at a line-up drawn at random after so many iterations that found nothing better

BEGIN = 1  # what waits for the cost of the line-up: the local search,
JUDGE = 2  # or whether a job stays where it was put


@inline
def prepare(p, s):
    if IS_SHORT:
        prepare_short(p, s)
    elif IS_RIGID:
        prepare_rigid(p, s)
    elif IS_FLOW:
        prepare_heads(p, s)
    elif not IS_LISTED:
        prepare_heads(p, s)
        prepare_tails(p, s)


@inline
def look(p, s):
    if IS_SHORT:
        look_short(p, s)
    elif IS_RIGID:
        look_rigid(p, s)
    elif IS_FLOW:
        look_flow(p, s)
    elif IS_LISTED:
        look_listed(p, s)
    else:
        look_lines(p, s)


@inline
def measure(p, s):
    """Cost of the line-up as it is in VALUE; in SECOND what decides between equals, the sum over the factories."""
    length = s.words[LENGTH]
    m = p.num_stages
    cost = i8(0)
    second = i8(0)
    if IS_LISTED:
        for i in range(length):
            s.trial[i] = s.jobs[i]
        cost = list_all(p, s, length, i8(BIG))
        second = sum_of_ends(p, s, length)
    else:
        prepare(p, s)
        for i in range(length):
            j = i8(s.jobs[i])
            is_end = i == length - 1
            if not is_end:
                is_end = s.jobs[i + 1] >= p.num_jobs
            if j < p.num_jobs and (p.flow == 1 or is_end):
                if IS_SHORT:
                    end = i8(s.short_head[(m - 1) * (s.length + 1) + i + 1])
                elif IS_RIGID:
                    end = s.sums[i + 1] + total(p, j)
                else:
                    end = s.head[(i + 2) * m - 1]
                if p.flow == 1:
                    cost += p.weight[j] * end
                else:
                    cost = max(cost, end)
                    second += end
    s.words[VALUE] = cost
    s.words[SECOND] = second


@inline
def remove_at(s, i):
    length = s.words[LENGTH]
    for at in range(i, length - 1):
        s.jobs[at] = s.jobs[at + 1]
    s.words[LENGTH] = length - 1
    s.words[HEAD_OK] = min(s.words[HEAD_OK], i)
    s.words[TAIL_OK] = max(s.words[TAIL_OK], s.length - length + i + 1)


@inline
def insert_at(s, j, i):
    length = s.words[LENGTH]
    for back in range(length - i):
        s.jobs[length - back] = s.jobs[length - back - 1]
    s.jobs[i] = j
    s.words[LENGTH] = length + 1
    s.words[HEAD_OK] = min(s.words[HEAD_OK], i)
    s.words[TAIL_OK] = max(s.words[TAIL_OK], s.length - length + i)


@inline
def take_up(s, j, place):
    """Begin to look for the best place of a job, which stood at `place`."""
    s.words[JOB] = j
    s.words[FROM] = place
    s.words[AT] = 0
    s.words[PLACE] = 0
    s.words[VALUE] = 0
    s.words[SECOND] = 0


@inline
def begin_search(p, s, r):
    """A walk through all jobs of the line-up, in random order."""
    count = i8(0)
    for i in range(s.words[LENGTH]):
        if s.jobs[i] < p.num_jobs:
            s.walk[count] = s.jobs[i]
            count += 1
    for i in range(count - 1):
        other = i + below(r, count - i)
        j = s.walk[i]
        s.walk[i] = s.walk[other]
        s.walk[other] = j
    s.words[PHASE] = SEARCH
    s.words[WALKED] = 0
    s.words[SINCE] = 0


@inline
def next_job(s):
    """Take the next job of the walk out of the line-up."""
    j = i8(s.walk[s.words[WALKED]])
    s.words[WALKED] += 1
    place = i8(0)
    while s.jobs[place] != j:
        place += 1
    remove_at(s, place)
    take_up(s, j, place)


@inline
def settle(p, s):
    """Put the job where it is best; in a search, back where it came from if that is worse than before."""
    j = s.words[JOB]
    if s.words[FROM] < 0:
        insert_at(s, j, s.words[PLACE])
        s.words[NEXT_OUT] += 1
    elif p.length == p.num_jobs or p.flow == 1 or IS_LISTED:
        # The cost of the place is that of the whole line-up.
        if s.words[VALUE] > s.words[NOW]:
            insert_at(s, j, s.words[FROM])
        else:
            insert_at(s, j, s.words[PLACE])
        count_try(s, s.words[VALUE], s.words[NOW_SECOND])
        s.words[NOW] = min(s.words[NOW], s.words[VALUE])
    else:
        insert_at(s, j, s.words[PLACE])
        s.words[PENDING] = JUDGE
    if s.words[PENDING] != JUDGE:
        s.words[JOB] = -1


@inline
def count_try(s, cost, second):
    """One more job tried, or from the start again after an improvement."""
    if cost < s.words[NOW] or (cost == s.words[NOW] and second < s.words[NOW_SECOND]):
        s.words[SINCE] = 0
    else:
        s.words[SINCE] += 1


@inline
def judge(s, cost, second):
    """With several factories: keep the job at its place if the whole line-up is not worse for it."""
    if cost > s.words[NOW] or (cost == s.words[NOW] and second > s.words[NOW_SECOND]):
        remove_at(s, s.words[PLACE])
        insert_at(s, s.words[JOB], s.words[FROM])
        s.words[SINCE] += 1
    else:
        count_try(s, cost, second)
        s.words[NOW] = cost
        s.words[NOW_SECOND] = second
    s.words[JOB] = -1


@inline
def num_walked(p, s):
    """Jobs in the line-up."""
    return s.words[LENGTH] - (p.length - p.num_jobs)


@inline
def keep(s, r, q, c):
    """Remember the best line-up; go on from this one, or from the last that was accepted."""
    cost = s.words[NOW]
    if cost < c.slots[BEST]:
        c.slots[BEST] = cost
        c.slots[IMPROVED] = c.slots[ITERATIONS]
        for i in range(s.length):
            s.best[i] = s.jobs[i]
    worse = cost - s.words[CURRENT]
    accepted = worse < 0 or (worse == 0 and s.words[NOW_SECOND] <= s.words[CURRENT_SECOND])
    if not accepted:
        accepted = worse < q.threshold[below(r, THRESHOLDS)]
    if accepted:
        s.words[CURRENT] = cost
        s.words[CURRENT_SECOND] = s.words[NOW_SECOND]
        for i in range(s.length):
            s.current[i] = s.jobs[i]
    else:
        same = True
        for i in range(s.length):
            if same and s.jobs[i] != s.current[i]:
                same = False
                s.words[HEAD_OK] = min(s.words[HEAD_OK], i)
            s.jobs[i] = s.current[i]
        s.words[TAIL_OK] = s.length


@inline
def shuffle(s, r):
    """A line-up at random, for the local search."""
    length = s.words[LENGTH]
    for i in range(length - 1):
        other = i + below(r, length - i)
        j = s.jobs[i]
        s.jobs[i] = s.jobs[other]
        s.jobs[other] = j
    s.words[HEAD_OK] = 0
    s.words[TAIL_OK] = s.length
    s.words[PARTIAL] = 0
    s.words[PENDING] = BEGIN


@inline
def destroy(p, q, s, r):
    """Take some jobs out, at random."""
    count = min(q.destroyed, p.num_jobs)
    for i in range(count):
        place = below(r, s.words[LENGTH])
        while s.jobs[place] >= p.num_jobs:
            place = below(r, s.words[LENGTH])
        s.out[i] = s.jobs[place]
        remove_at(s, place)
    s.words[NUM_OUT] = count
    s.words[NEXT_OUT] = 0
    s.words[PARTIAL] = 0
    s.words[PHASE] = INSERT
    if q.partial == 1 and count < p.num_jobs:
        s.words[PARTIAL] = 1
        s.words[PENDING] = BEGIN


@inline
def resume(p, q, s, r, c):
    """Count the line-up, for what waits for its cost."""
    measure(p, s)
    pending = s.words[PENDING]
    s.words[PENDING] = 0
    if pending == JUDGE:
        judge(s, s.words[VALUE], s.words[SECOND])
        return
    s.words[NOW] = s.words[VALUE]
    s.words[NOW_SECOND] = s.words[SECOND]
    begin_search(p, s, r)
    if s.words[CURRENT] < 0:
        # The first line-up: an answer, before the local search.
        s.words[CURRENT] = s.words[NOW]
        s.words[CURRENT_SECOND] = s.words[NOW_SECOND]
        keep(s, r, q, c)
        if q.search == 0:
            s.words[PHASE] = DESTROY


@inline
def search_on(p, q, s, r, c):
    """The next job of the local search, or what comes after it."""
    if s.words[SINCE] < num_walked(p, s):
        if s.words[WALKED] >= num_walked(p, s):
            s.words[WALKED] = 0
        next_job(s)
    elif s.words[PARTIAL] == 1:
        s.words[PARTIAL] = 0
        s.words[PHASE] = INSERT
    else:
        keep(s, r, q, c)
        s.words[PHASE] = DESTROY


@inline
def go_on(p, q, s, r, c):
    """Place a job, or go over to the next phase; False at the limit of iterations."""
    if s.words[PENDING] != 0:
        resume(p, q, s, r, c)
    elif s.words[JOB] >= 0:
        if s.words[AT] == 0:
            prepare(p, s)
        look(p, s)
        if s.words[AT] > s.words[LENGTH]:
            settle(p, s)
            c.slots[MOVES] += 1
    elif s.words[PHASE] == INSERT:
        if s.words[NEXT_OUT] < s.words[NUM_OUT]:
            take_up(s, i8(s.out[s.words[NEXT_OUT]]), i8(-1))
        else:
            s.words[PENDING] = BEGIN
    elif s.words[PHASE] == SEARCH:
        search_on(p, q, s, r, c)
    else:
        if c.slots[ITERATIONS] >= c.slots[LIMIT]:
            return False
        c.slots[ITERATIONS] += 1
        if p.num_jobs <= FEW and (c.slots[ITERATIONS] - c.slots[IMPROVED]) % AFRESH == 0:
            shuffle(s, r)
        else:
            destroy(p, q, s, r)
    return True


@kernel(variants=VARIANTS)
def advance(p: Instance, q: Parameters, s: LineUp, r: Random, c: Control) -> i8:
    """Go on; returns the phase: DESTROY between two iterations."""
    alive = not out_of_time(c)
    while alive:
        step = i8(0)
        while alive and step < q.steps:
            alive = c.slots[MOVES] < s.words[TURN] and go_on(p, q, s, r, c)
            step += 1
        if alive:
            alive = not out_of_time(c)
    return i8(s.words[PHASE])
