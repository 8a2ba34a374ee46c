"""Placing: the earliest times at which a unit fits between what is placed already.

A unit's times are the least fixpoint of monotone conditions (precedences with minimum and maximum lags, no waiting, machines
held until the next start, gaps on machines with setups, working time): they rise from the earliest start until all hold. So an
operation may pass before others that were placed earlier, and a schedule of single operations is active (Kolisch 1996, serial
scheduling; of whole jobs: Mascis and Pacciarelli 2002, on alternative graphs, for what blocking and no waiting mean).
"""

from optikit.kernels.jit import i8, inline

from ..sequence_arrays import BLOCKING, FREE, NO_WAIT
from .calendar import begin, finish
from .gaps import behind_in, behind_on, link, link_in, look, setup_between, transport_between, unlink

MAX_ROUNDS = 2000  # over the operations of a unit; more mean that its own conditions exclude each other


@inline
def before_in_job(p, s, i):
    """The operation of its job that comes right before i in the given order and has a place; -1 where there is none."""
    j = i - 1
    first = p.job_ptr[p.job_of[i]]
    while j >= first and (s.mode[j] < 0 or s.placed[j] == 0):
        j -= 1
    if j < first:
        j = i8(-1)
    return j


@inline
def after_in_job(p, s, i):
    """The one that comes right after it, and has a place."""
    j = i + 1
    end = p.job_ptr[p.job_of[i] + 1]
    while j < end and (s.mode[j] < 0 or s.placed[j] == 0):
        j += 1
    if j == end:
        j = i8(-1)
    return j


@inline
def reach(p, s, e, q, k):
    """What precedence e, from operation q to one on machine k, asks of its head."""
    x = s.start[q]
    if p.arc_from_end[e] != 0:
        x = s.end[q]
    lag = p.arc_lag[e]
    if p.arc_moves[e] != 0:
        lag = max(lag, transport_between(p, s.on[q], k))
    return x + lag


@inline
def ready(p, s, i, k, d):
    """When operation i may begin on machine k for all that comes before it; says in s.cause whose doing it is."""
    t = p.earliest[i]
    s.cause[i] = -1
    s.rival[i] = 0
    if s.held[i] != 0 and p.baseline_start[i] > t:
        t = p.baseline_start[i]
    j = p.job_of[i]
    if p.chain[j] != 0:
        q = before_in_job(p, s, i)
        if q >= 0:
            x = s.end[q] + transport_between(p, s.on[q], k)
            if x > t:
                t = x
                s.cause[i] = q
    for e in range(p.in_ptr[i], p.in_ptr[i + 1]):
        q = i8(p.arc_tail[e])
        if s.mode[q] >= 0 and s.placed[q] != 0:
            x = reach(p, s, e, q, k)
            if p.arc_to_end[e] != 0:
                x -= d
                if p.resumable[i] != 0 and x > t:
                    # Breaks stretch it: what its end lacks at the start that is known, its start must gain at most.
                    y = begin(p, i, k, t, d)
                    x = min(x, y + max(0, x + d - finish(p, i, k, y, d)))
            if x > t:
                t = x
                s.cause[i] = q
    return t


@inline
def late_for_others(p, s, i):
    """Ticks by which operation i comes too late for what was placed before it but must come after it."""
    late = i8(0)
    if s.start[i] >= p.limit or s.end[i] > p.limit:  # it never begins, or its calendar ends before it is done
        late += 1 + max(s.start[i], s.end[i]) - p.limit
    if p.chain[p.job_of[i]] != 0:
        q = after_in_job(p, s, i)
        if q >= 0:
            late += max(0, s.end[i] + transport_between(p, s.on[i], s.on[q]) - s.start[q])
    for o in range(p.out_ptr[i], p.out_ptr[i + 1]):
        e = p.out_arc[o]
        q = i8(p.arc_head[e])
        if s.mode[q] >= 0 and s.placed[q] != 0:
            x = reach(p, s, e, i, s.on[q])
            y = s.start[q]
            if p.arc_to_end[e] != 0:
                y = s.end[q]
            late += max(0, x - y)
    return late


@inline
def blame(p, s, i, k, t, b, c):
    """Say that b, before i on machine k, or c, before it in its open job, is why i does not start at t; if one of them is."""
    free = t
    if b >= 0:
        x = s.until[b] + setup_between(p, k, b, i)
        if x > free:
            free = x
            s.cause[i] = b
            s.rival[i] = 1
    if c >= 0:
        x = s.end[c] + transport_between(p, s.on[c], k)
        if x > free:
            s.cause[i] = c
            s.rival[i] = 1


@inline
def neighbour_within(p, s, i, at, step):
    """The operation of its tied job that comes right after i (step 1) or before it (-1); -1 where there is none.

    In a chain by number; in an open job by the unit's own order, in which i stands at `at`.
    """
    j = p.job_of[i]
    if p.tie[j] == FREE:
        return i8(-1)
    if p.chain[j] != 0:
        if step > 0:
            return i8(after_in_job(p, s, i))
        return i8(before_in_job(p, s, i))
    u = p.unit_of[i]
    q = i8(-1)
    a = at + step
    while q < 0 and a >= p.unit_ptr[u] and a < p.unit_ptr[u + 1]:
        o = i8(s.inner[a])
        if p.job_of[o] == j and s.mode[o] >= 0:
            q = o
        a += step
    return q


@inline
def tied_to(p, s, i, at, k, d, t):
    """When operation i, ready at t, may begin for what ties it to others of its unit, as these stand."""
    t = max(t, s.start[i])
    j = p.job_of[i]
    if p.tie[j] == NO_WAIT:
        q = neighbour_within(p, s, i, at, 1)
        if q >= 0:
            # It ends when the next one starts: its start may not be earlier than that asks for.
            t += max(0, s.start[q] - transport_between(p, k, s.on[q]) - finish(p, i, k, begin(p, i, k, t, d), d))
        if p.open[j] != 0:
            q = neighbour_within(p, s, i, at, -1)
            if q >= 0:
                t = max(t, s.end[q] + transport_between(p, s.on[q], k))
    u = p.unit_of[i]
    if p.crowded[u] != 0:
        # Those right before it in its unit: one on its machine, one in its open job.
        on_machine = True
        in_job = p.open[j] != 0
        a = i8(at - 1)
        while a >= p.unit_ptr[u] and (on_machine or in_job):
            o = i8(s.inner[a])
            if s.mode[o] >= 0:
                if on_machine and s.on[o] == k:
                    on_machine = False
                    x = s.until[o]
                    if p.chain[j] != 0 and o == before_in_job(p, s, i):
                        x = s.end[o]  # a job does not block a machine for itself
                    t = max(t, x + setup_between(p, k, o, i))
                if in_job and p.job_of[o] == j:
                    in_job = False
                    t = max(t, s.end[o] + transport_between(p, s.on[o], k))
            a -= 1
    return t


@inline
def hold_of(p, s, i, at, k):
    """Until when operation i of a blocking job holds its machine at least; 0 where it does not."""
    if p.tie[p.job_of[i]] != BLOCKING:
        return i8(0)
    q = neighbour_within(p, s, i, at, 1)
    if q < 0:
        return i8(0)
    return s.start[q] - transport_between(p, k, s.on[q])


@inline
def settle(p, s, u, alone, back):
    """One round over the operations of unit u, or `back` from the last: each goes where it fits, `alone` for good.

    Returns whether any rose.
    """
    risen = False
    first = p.unit_ptr[u]
    last = p.unit_ptr[u + 1] - 1
    for n in range(last + 1 - first):
        at = first + n
        if back:
            at = last - n
        i = i8(s.inner[at])
        if s.mode[i] >= 0:
            k = p.mode_machine[s.mode[i]]
            d = p.mode_duration[s.mode[i]]
            hold = i8(0)
            h = i8(-1)
            t = ready(p, s, i, k, d)
            if p.tie[p.job_of[i]] != NO_WAIT or neighbour_within(p, s, i, at, -1) < 0:
                t += s.delay[i]  # only all of a job that may not wait can
            free = t
            if not alone:
                if s.placed[i] == 2:
                    h = i8(s.previous[i])  # times rise: the gaps before it were too small in the last round already
                hold = hold_of(p, s, i, at, k)
                t = tied_to(p, s, i, at, k, d, t)
            x, b, c = look(p, s, i, k, t, d, hold, h)
            s.previous[i] = b
            end = finish(p, i, k, x, d)
            if s.placed[i] == 3 or x > s.start[i] or max(end, hold) > s.until[i]:
                risen = True
            s.on[i] = k
            s.start[i] = x
            s.end[i] = end
            s.until[i] = max(end, hold)
            s.placed[i] = 2
            if alone:
                blame(p, s, i, k, free, b, c)
                link(s, i, k, b)
                if p.open[p.job_of[i]] != 0:
                    link_in(s, i, p.job_of[i], c)
                s.placed[i] = 1
    return risen


@inline
def lift(p, s, u):
    """Let the operations of unit u begin to look for their times: at 0, from where they rise."""
    for at in range(p.unit_ptr[u], p.unit_ptr[u + 1]):
        i = i8(s.inner[at])
        if s.mode[i] >= 0:
            s.placed[i] = 3
            s.on[i] = p.mode_machine[s.mode[i]]
            s.start[i] = 0
            s.end[i] = 0
            s.until[i] = 0


@inline
def hopeless(p, s, u, rounds):
    """Whether the times of unit u rise without end."""
    highest = i8(0)
    for at in range(p.unit_ptr[u], p.unit_ptr[u + 1]):
        i = i8(s.inner[at])
        if s.mode[i] >= 0:
            highest = max(highest, s.start[i])
    return rounds >= MAX_ROUNDS or highest >= p.limit


@inline
def take_places(p, s, u):
    """Put the operations of unit u, whose times are known, on their machines."""
    for at in range(p.unit_ptr[u], p.unit_ptr[u + 1]):
        i = i8(s.inner[at])
        if s.mode[i] >= 0:
            k = i8(s.on[i])
            b = behind_on(s, i, k)
            c = i8(-1)
            link(s, i, k, b)
            if p.open[p.job_of[i]] != 0:
                c = behind_in(s, i, p.job_of[i])
                link_in(s, i, p.job_of[i], c)
            if b >= 0 and p.unit_of[b] == u:
                b = i8(-1)
            if c >= 0 and p.unit_of[c] == u:
                c = i8(-1)
            blame(p, s, i, k, s.start[i] - 1, b, c)
            s.placed[i] = 1


@inline
def breach_of(p, s, u, apart):
    """Ticks by which unit u comes too late for others; and, where its operations were placed apart, by which they wait."""
    late = i8(0)
    for at in range(p.unit_ptr[u], p.unit_ptr[u + 1]):
        i = i8(s.inner[at])
        if s.mode[i] >= 0:
            late += late_for_others(p, s, i)
            if apart and p.tie[p.job_of[i]] != FREE:
                q = i8(before_in_job(p, s, i))
                if p.tie[p.job_of[i]] == BLOCKING or p.chain[p.job_of[i]] == 0:
                    late += 1  # by how much, nobody knows
                if p.chain[p.job_of[i]] != 0 and q >= 0:
                    late += max(0, s.start[i] - s.end[q] - transport_between(p, s.on[q], s.on[i]))
    return late


@inline
def place(p, s, u):
    """Place unit u; returns the breach.

    Where no times meet all that ties its operations, they are placed one by one, and the breach is not 0.
    """
    single = p.unit_ptr[u + 1] - p.unit_ptr[u] == 1
    alone = single
    if not alone:
        lift(p, s, u)
    rounds = i8(0)
    settling = True
    while settling:
        # What waits for those behind it, as in a job that may not, has its time sooner on the way back.
        risen = settle(p, s, u, alone, rounds % 2 == 1 and not alone)
        rounds += 1
        settling = risen and not alone
        if settling and hopeless(p, s, u, rounds):
            alone = True
            for at in range(p.unit_ptr[u], p.unit_ptr[u + 1]):
                s.placed[s.inner[at]] = 0
    if not alone:
        take_places(p, s, u)
    return breach_of(p, s, u, alone and not single)


@inline
def displace(p, s, u):
    """Take unit u from its place."""
    for at in range(p.unit_ptr[u], p.unit_ptr[u + 1]):
        i = i8(s.inner[at])
        if s.placed[i] != 0:
            unlink(p, s, i)
            s.placed[i] = 0
