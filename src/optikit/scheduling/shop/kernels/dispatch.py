"""Dispatching: unit after unit, chosen by a rule among those that compete for a machine.

Giffler and Thompson, "Algorithms for solving production-scheduling problems", Operations Research 8, 1960: the machine on which
something could end first is next, and whatever could start there before that end competes for it (active schedules); or whatever
could start first (non-delay schedules). The rules are those of Panwalkar and Iskander, "A survey of scheduling rules",
Operations Research 25, 1977; ATC is that of Vepsalainen and Morton, Management Science 33, 1987.
"""

from optikit.kernels.chance import decay
from optikit.kernels.control import out_of_time
from optikit.kernels.jit import f8, i8, inline
from optikit.kernels.rng import unit

from ..sequence_arrays import COUNT, CURSOR, NEVER, NUM_DONE, TRIED
from .decode import WORK_A_LOOK, effort
from .placing import displace, place

SPT, LPT, EDD, MWKR, LWKR, FIFO, MOPNR, ATC, SLACK, WSPT, ECT, CR, RANDOM = range(13)
"""Shortest and longest processing time, earliest due date, most and least work remaining, first in first out, most operations
remaining, apparent tardiness cost, least slack, weighted shortest processing time, earliest completion, critical ratio, random."""


@inline
def version_of(p, s, g, u):
    """How many operations were placed where unit u could go: while that is the same, so is where it fits."""
    total = i8(0)
    for at in range(p.unit_ptr[u], p.unit_ptr[u + 1]):
        i = i8(s.inner[at])
        for m in range(p.mode_ptr[i], p.mode_ptr[i + 1]):
            total += g.version[p.mode_machine[m]]
        if p.open[p.job_of[i]] != 0:
            total += p.num_operations - g.left[p.job_of[i]]
    return total


@inline
def next_probe(p, s, g):
    """The next candidate that is to be looked at anew, as a position in `candidate`; COUNT where there is none."""
    n = g.words[CURSOR]
    while n < g.words[COUNT]:
        u = i8(g.candidate[n])
        i = i8(s.inner[p.unit_ptr[u]])
        if g.words[TRIED] >= 0:
            # It was looked at in one mode: the next.
            g.words[TRIED] += 1
            if g.words[TRIED] < p.mode_ptr[i + 1] and p.unit_ptr[u + 1] - p.unit_ptr[u] == 1:
                return n
        else:
            seen = version_of(p, s, g, u)
            if g.seen[u] != seen:
                g.seen[u] = seen
                g.end[u] = NEVER
                g.start[u] = p.limit
                g.words[TRIED] = p.mode_ptr[i]
                g.words[CURSOR] = n
                return n
        g.words[TRIED] = -1
        n += 1
        g.words[CURSOR] = n
    return n


@inline
def note_probe(p, s, g, u, m):
    """Where unit u, now placed in mode m, would go: it competes for the machine of what starts first."""
    first = i8(-1)
    for at in range(p.unit_ptr[u], p.unit_ptr[u + 1]):
        i = i8(s.inner[at])
        if s.mode[i] >= 0 and (first < 0 or s.start[i] < s.start[first]):
            first = i
    if first >= 0 and s.end[first] < g.end[u]:
        g.start[u] = s.start[first]
        g.end[u] = s.end[first]
        g.machine[u] = s.on[first]
        g.mode[u] = m


@inline
def value_of(p, s, g, r, u):
    """What the rule says of a candidate; the least is chosen."""
    i = i8(s.inner[p.unit_ptr[u]])
    j = p.job_of[i]
    d = f8(max(1, g.end[u] - g.start[u]))
    rest = f8(g.rest[j])
    due = f8(p.due[j])
    slack = due - f8(g.start[u]) - rest
    value = d
    if g.rule == LPT:
        value = -d
    elif g.rule == EDD:
        value = due
    elif g.rule == MWKR:
        value = -rest
    elif g.rule == LWKR:
        value = rest
    elif g.rule == FIFO:
        value = f8(g.arrival[u])
    elif g.rule == MOPNR:
        value = -f8(g.left[j])
    elif g.rule == ATC:
        value = -g.weight[j] / d * decay(min(500.0, max(0.0, slack) / (g.lookahead * g.mean)))
    elif g.rule == SLACK:
        value = slack
    elif g.rule == WSPT:
        value = d / g.weight[j]
    elif g.rule == ECT:
        value = f8(g.end[u])
    elif g.rule == CR:
        value = (due - f8(g.start[u])) / max(1.0, rest)
    elif g.rule == RANDOM:
        value = unit(r)
    return value


@inline
def choose(p, s, g, r):
    """The candidate that is next, as a position in `candidate`."""
    first = i8(0)
    for n in range(g.words[COUNT]):
        u = i8(g.candidate[n])
        w = i8(g.candidate[first])
        if g.delays != 0:
            if g.end[u] < g.end[w]:
                first = n
        elif g.start[u] < g.start[w]:
            first = n
    w = i8(g.candidate[first])
    chosen = first
    least = value_of(p, s, g, r, w)
    for n in range(g.words[COUNT]):
        u = i8(g.candidate[n])
        competes = g.machine[u] == g.machine[w]
        if g.delays != 0:
            competes = competes and g.start[u] < g.end[w]
        else:
            competes = competes and g.start[u] == g.start[w]
        if competes and n != first:
            value = value_of(p, s, g, r, u)
            if value < least or (value == least and u < g.candidate[chosen]):
                least = value
                chosen = n
    return chosen


@inline
def add_candidate(g, u):
    g.candidate[g.words[COUNT]] = u
    g.words[COUNT] += 1


@inline
def admit(p, s, g, u, at):
    """Unit u has its place, at position `at` of the order: those after it may come next."""
    s.order[at] = u
    s.place[u] = at
    s.done[at] = u
    g.waiting[u] = -1
    done = i8(0)
    for a in range(p.unit_ptr[u], p.unit_ptr[u + 1]):
        i = i8(s.inner[a])
        g.rest[p.job_of[i]] -= g.work[i]
        g.left[p.job_of[i]] -= 1
        if s.mode[i] >= 0:
            g.version[s.on[i]] += 1
            done = max(done, s.end[i])
    for a in range(g.after_ptr[u], g.after_ptr[u + 1]):
        w = i8(g.after[a])
        g.waiting[w] -= 1
        g.arrival[w] = max(g.arrival[w], done)
        if g.waiting[w] == 0 and at >= p.num_fixed:
            add_candidate(g, w)
    g.words[CURSOR] = 0
    g.words[TRIED] = -1


@inline
def take_candidate(g, n):
    """The candidate at position n, which is one no longer."""
    u = i8(g.candidate[n])
    g.words[COUNT] -= 1
    g.candidate[n] = g.candidate[g.words[COUNT]]
    return u


@inline
def dispatch_all(p, s, g, r, c):
    """Order all units; those with a pinned operation are the first, as they stand. In a hurry the rest is as it comes."""
    g.words[TRIED] = -1
    at = i8(0)
    work = i8(0)
    hurried = out_of_time(c)
    while at < p.num_units:
        if at == p.num_fixed and g.words[COUNT] == 0:
            for w in range(p.num_units):
                if g.waiting[w] == 0:
                    add_candidate(g, w)
        u = i8(s.order[at])
        m = i8(-1)
        probing = False
        if at >= p.num_fixed:
            n = i8(0)
            if not hurried:
                n = next_probe(p, s, g)
                probing = n < g.words[COUNT]
            if probing:
                u = i8(g.candidate[n])
                m = g.words[TRIED]
            else:
                if not hurried:
                    n = choose(p, s, g, r)
                u = take_candidate(g, n)
                if g.seen[u] >= 0:
                    m = i8(g.mode[u])
        i = i8(s.inner[p.unit_ptr[u]])
        if m >= 0 and p.unit_ptr[u + 1] - p.unit_ptr[u] == 1 and s.mode[i] >= 0:
            s.mode[i] = m
        s.fault[u] = place(p, s, u)
        if probing:
            note_probe(p, s, g, u, m)
            displace(p, s, u)
        else:
            admit(p, s, g, u, at)
            at += 1
        work += effort(p, u)
        if work >= WORK_A_LOOK:
            work = i8(0)
            hurried = hurried or out_of_time(c)
    s.words[NUM_DONE] = p.num_units
