"""List scheduling of a line-up where stages have several machines.

Where jobs may wait, the first stage takes them in the order of the line-up, each further one as they come from the stage before;
else one job after the other goes through all stages. Each operation goes to the machine on which it starts first, of these to
the one that was busy last.
"""

from optikit.kernels.jit import i8, inline

from ..arrays import AT, BIG, JOB, LENGTH, PLACE, SECOND, VALUE
from .lines import setup_of

WORK_A_LOOK = 100_000  # operations counted between two looks at the clock


@inline
def open_factory(p, s):
    for machine in range(p.num_machines):
        s.free[machine] = 0
        s.last[machine] = p.num_jobs


@inline
def choose(p, s, j, k, ready):
    """The machine of stage k that takes job j first, if it is there at time `ready`."""
    found = i8(-1)
    earliest = i8(0)
    for machine in range(p.first_machine[k], p.first_machine[k + 1]):
        start = max(ready, s.free[machine] + setup_of(p, i8(s.last[machine]), j, k))
        if found < 0 or start < earliest or (start == earliest and s.free[machine] > s.free[found]):
            found = i8(machine)
            earliest = start
    return found


@inline
def book(p, s, j, k, machine, rank):
    s.machine[j * p.num_stages + k] = machine
    s.rank[j * p.num_stages + k] = rank
    s.last[machine] = j


@inline
def add_end(p, cost, j, end):
    """The cost with one more job, which ends then."""
    if p.flow == 1:
        return cost + p.weight[j] * end
    return max(cost, end)


@inline
def list_stages(p, s, first, last, limit):
    """Stage by stage, the jobs at the places first..last-1 of `trial`; returns what cannot be undercut.

    Where that is more than `limit`, the rest is left out.
    """
    m = p.num_stages
    count = last - first
    promised = i8(0)
    for i in range(count):
        s.queue[i] = s.trial[first + i]
        s.ready[s.queue[i]] = p.release[s.queue[i]]
    k = i8(0)
    while k < m:
        promised = i8(0)
        if k > 0:
            for i in range(1, count):
                j = i8(s.queue[i])
                at = i8(i)
                while at > 0 and s.ready[s.queue[at - 1]] > s.ready[j]:
                    s.queue[at] = s.queue[at - 1]
                    at -= 1
                s.queue[at] = j
        for i in range(count):
            j = i8(s.queue[i])
            machine = choose(p, s, j, k, s.ready[j])
            start = max(s.ready[j], s.free[machine] + setup_of(p, i8(s.last[machine]), j, k))
            s.ready[j] = start + p.duration[j * m + k]
            s.free[machine] = s.ready[j]
            book(p, s, j, k, machine, first * m + k * count + i)
            promised = add_end(p, promised, j, s.ready[j] + p.offset[j * (m + 1) + m] - p.offset[j * (m + 1) + k + 1])
        k += 1
        if promised > limit:
            k = m
    return promised


@inline
def list_jobs(p, s, first, last, limit):
    """Job by job: those that block machines, or do not wait; returns and leaves out as `list_stages`."""
    m = p.num_stages
    cost = i8(0)
    i = first
    while i < last:
        j = i8(s.trial[i])
        now = p.release[j]
        if p.no_wait == 1:
            for k in range(m):
                offset = p.offset[j * (m + 1) + k]
                machine = choose(p, s, j, i8(k), BIG)
                for other in range(p.first_machine[k], p.first_machine[k + 1]):
                    if s.free[other] + setup_of(p, i8(s.last[other]), j, k) < s.free[machine] + setup_of(
                        p, i8(s.last[machine]), j, k
                    ):
                        machine = i8(other)
                now = max(now, s.free[machine] + setup_of(p, i8(s.last[machine]), j, k) - offset)
            for k in range(m):
                offset = p.offset[j * (m + 1) + k]
                machine = choose(p, s, j, i8(k), now + offset)
                s.free[machine] = now + p.offset[j * (m + 1) + k + 1]
                book(p, s, j, k, machine, i * m + k)
            now += p.offset[j * (m + 1) + m]
        else:
            before = i8(-1)
            for k in range(m):
                machine = choose(p, s, j, i8(k), now)
                now = max(now, s.free[machine] + setup_of(p, i8(s.last[machine]), j, k))
                if before >= 0:
                    s.free[before] = now
                now += p.duration[j * m + k]
                book(p, s, j, k, machine, i * m + k)
                before = machine
            s.free[before] = now
        s.ready[j] = now
        cost = add_end(p, cost, j, now)
        i += 1
        if cost > limit:
            i = last
    return cost


@inline
def list_all(p, s, length, limit):
    """Schedule `trial`; returns the cost, or some number above `limit` where it is more."""
    first = i8(0)
    cost = i8(0)
    while first < length and cost <= limit:
        last = first
        while last < length and s.trial[last] < p.num_jobs:
            last += 1
        open_factory(p, s)
        if p.no_wait == 1 or p.blocking == 1:
            part = list_jobs(p, s, first, last, limit)
        else:
            part = list_stages(p, s, first, last, limit)
        if p.flow == 1:
            cost += part
        else:
            cost = max(cost, part)
        first = last + 1
    return cost


@inline
def sum_of_ends(p, s, length):
    total = i8(0)
    for i in range(length):
        if s.trial[i] < p.num_jobs:
            total += s.ready[s.trial[i]]
    return total


@inline
def look_listed(p, s):
    """Look at some more places."""
    length = s.words[LENGTH]
    if s.words[AT] == 0:
        s.words[VALUE] = BIG
    work = i8(0)
    while s.words[AT] <= length and work < WORK_A_LOOK:
        at = s.words[AT]
        for i in range(at):
            s.trial[i] = s.jobs[i]
        s.trial[at] = s.words[JOB]
        for i in range(at, length):
            s.trial[i + 1] = s.jobs[i]
        cost = list_all(p, s, length + 1, s.words[VALUE])
        if cost <= s.words[VALUE]:
            second = sum_of_ends(p, s, length + 1)
            if cost < s.words[VALUE] or second < s.words[SECOND]:
                s.words[VALUE] = cost
                s.words[SECOND] = second
                s.words[PLACE] = at
        s.words[AT] += 1
        work += (length + 1) * p.num_stages
