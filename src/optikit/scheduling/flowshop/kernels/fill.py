"""Line-ups on parallel machines, where jobs do not wait or block: their schedules, with jobs in gaps, and their annealing.

One job after the other goes to where it can be done first, also before jobs that are there already, if it fits between them through
all stages; none of these is moved. A job may also be told to come behind all others on each machine, as a plain list schedule has
it: some of the best schedules are found in this way only. An entry of the line-up is the job, or the job and num_jobs + 1 where
it comes behind.

Each operation starts when its job or its machine is through with what was placed before, so that the orders of the machines alone
lead to the same times.
"""

from optikit.kernels.control import BEST, ITERATIONS, LIMIT, Control, out_of_time
from optikit.kernels.jit import f8, i8, inline, kernel
from optikit.kernels.rng import Random, below

from ..arrays import BIG, COST, NUM_WORSE, PROBING, RATE, SUM_WORSE, TEMPERATURE, Fill, Instance
from .anneal import allowed, keep_best, shift
from .lines import setup_of
from .listed import add_end

FAR = 0  # kinds of moves: an entry anywhere,
NEAR = 1  # an entry not far,
SWAP = 2  # two entries change places,
BEHIND = 3  # a job comes behind all others, or may pass into gaps again

REACH = 4  # a near entry goes this far at most


@inline
def job_of(p, node):
    """The job of an operation; num_jobs for the beginning of a machine."""
    return min(node // p.num_stages, p.num_jobs)


@inline
def gap_from(p, s, node, j, k):
    """When job j could start behind an operation, for all that is known of the machine."""
    return s.leave[node] + setup_of(p, job_of(p, node), j, k)


@inline
def gap_until(p, s, node, j, k):
    """When job j must be off the machine there; -1 where the next operation is as early as this one allows."""
    after = i8(s.after[node])
    if after < 0:
        return i8(BIG)
    other = job_of(p, after)
    if s.begin[after] <= gap_from(p, s, node, other, k):
        return i8(-1)
    return s.begin[after] - setup_of(p, j, other, k)


@inline
def open_machines(p, s):
    for machine in range(s.num_all):
        node = p.num_jobs * p.num_stages + machine
        s.leave[node] = 0
        s.after[node] = -1
        s.solid[machine] = node
        s.last[machine] = node


@inline
def book(p, s, j, k, machine, node, begin, leave):
    """Put the operation behind a node; what has no room for any other before it is not looked at again."""
    own = j * p.num_stages + k
    s.begin[own] = begin
    s.leave[own] = leave
    s.after[own] = s.after[node]
    s.after[node] = own
    if s.after[own] < 0:
        s.last[machine] = own
    solid = i8(s.solid[machine])
    after = i8(s.after[solid])
    while after >= 0 and s.begin[after] - s.leave[solid] < s.least[k]:
        solid = after
        after = i8(s.after[solid])
    s.solid[machine] = solid


@inline
def first_look(s, machine, fills):
    if fills:
        return i8(s.solid[machine])
    return i8(s.last[machine])


@inline
def earliest_gap(p, s, j, k, base, ready):
    """The machine where the operation starts first from `ready` on, of these the one that is idle since last."""
    found = i8(-1)
    best = i8(0)
    for machine in range(base + p.first_machine[k], base + p.first_machine[k + 1]):
        node = i8(s.look[machine])
        start = max(ready, gap_from(p, s, node, j, k))
        while gap_until(p, s, node, j, k) < start + p.duration[j * p.num_stages + k]:
            node = i8(s.after[node])
            start = max(ready, gap_from(p, s, node, j, k))
        s.look[machine] = node
        if found < 0 or start < best or (start == best and s.leave[node] > s.leave[s.look[found]]):
            found = i8(machine)
            best = start
    s.chosen[k] = found
    return best


@inline
def place_rigid(p, s, j, base, fills):
    """A job that does not wait: the least start from which it fits everywhere. Returns its end."""
    m = p.num_stages
    for machine in range(base, base + p.num_machines):
        s.look[machine] = first_look(s, machine, fills)
    now = p.release[j]
    fitting = i8(0)
    k = i8(0)
    while fitting < m:
        ready = now + p.offset[j * (m + 1) + k]
        start = earliest_gap(p, s, j, k, base, ready)
        fitting += 1
        if start > ready:
            now += start - ready
            fitting = i8(1)
        k += 1
        if k == m:
            k = i8(0)
    for k in range(m):
        at = j * (m + 1) + k
        machine = i8(s.chosen[k])
        book(p, s, j, k, machine, i8(s.look[machine]), now + p.offset[at], now + p.offset[at + 1])
    return now + p.offset[j * (m + 1) + m]


@inline
def arrive(p, s, j, k, start, window):
    """The first time at which the job gets into a window of stage k that opens at `start`: from the windows of the stage before."""
    s.arrival[window] = BIG
    s.source[window] = -1
    if k == 0:
        s.arrival[window] = max(p.release[j], start)
        return
    for before in range(s.first_window[k - 1], s.first_window[k]):
        at = max(start, s.arrival[before] + p.duration[j * p.num_stages + k - 1])
        sooner = at < s.arrival[window]
        if at == s.arrival[window]:
            sooner = s.leave[s.place[before]] > s.leave[s.place[s.source[window]]]
        if sooner and at <= s.until[before]:
            s.arrival[window] = at
            s.source[window] = before


@inline
def open_windows(p, s, j, k, base, fills, count):
    """All windows of stage k that the job can get into in time; returns how many windows there are now."""
    work = p.duration[j * p.num_stages + k]
    s.first_window[k] = count
    ready = p.release[j]
    if k > 0:
        ready = i8(BIG)
        for before in range(s.first_window[k - 1], count):
            ready = min(ready, s.arrival[before] + p.duration[j * p.num_stages + k - 1])
    for machine in range(base + p.first_machine[k], base + p.first_machine[k + 1]):
        node = first_look(s, machine, fills)
        while node >= 0:
            until = gap_until(p, s, node, j, k)
            start = gap_from(p, s, node, j, k)
            if until >= max(ready, start) + work:
                arrive(p, s, j, k, start, count)
                if s.arrival[count] + work <= until:
                    s.until[count] = until
                    s.place[count] = node
                    s.where[count] = machine
                    count += 1
            node = i8(s.after[node])
    return count


@inline
def place_blocking(p, s, j, base, fills):
    """A job that keeps each machine until the next one is free: the way through the windows that ends first. Returns its end."""
    m = p.num_stages
    count = i8(0)
    for k in range(m):
        count = open_windows(p, s, j, i8(k), base, fills, count)
    found = i8(s.first_window[m - 1])
    for window in range(found, count):
        later = s.leave[s.place[window]] > s.leave[s.place[found]]
        if s.arrival[window] < s.arrival[found] or (s.arrival[window] == s.arrival[found] and later):
            found = i8(window)
    end = s.arrival[found] + p.duration[j * m + m - 1]
    leave = end
    for back in range(m):
        k = m - 1 - back
        book(p, s, j, k, i8(s.where[found]), i8(s.place[found]), s.arrival[found], leave)
        leave = s.arrival[found]
        found = i8(s.source[found])
    return end


@inline
def fill_all(p, s, limit):
    """Schedule the line-up; returns the cost, or some number of at least `limit` where it is not less."""
    open_machines(p, s)
    base = i8(0)
    cost = i8(0)
    i = i8(0)
    while i < s.size:
        entry = i8(s.row[i])
        j = entry % (p.num_jobs + 1)
        if j >= p.num_jobs:
            base += p.num_machines
        elif p.no_wait == 1:
            cost = add_end(p, cost, j, place_rigid(p, s, j, base, entry <= p.num_jobs))
        else:
            cost = add_end(p, cost, j, place_blocking(p, s, j, base, entry <= p.num_jobs))
        i += 1
        if cost >= limit:
            i = s.size
    return cost


@inline
def turn(p, s, a):
    """A job may pass into gaps, or no longer."""
    if s.row[a] < p.num_jobs:
        s.row[a] += p.num_jobs + 1
    elif s.row[a] > p.num_jobs:
        s.row[a] -= p.num_jobs + 1


@inline
def change(p, s, kind, a, b):
    if kind == BEHIND:
        turn(p, s, a)
    elif kind == SWAP:
        entry = i8(s.row[a])
        s.row[a] = s.row[b]
        s.row[b] = entry
    else:
        shift(s, a, b)


@inline
def move(p, s, r, c):
    """Try one move."""
    s.heat[TEMPERATURE] *= s.heat[RATE]
    kind = below(r, 3 + s.gaps)
    a = below(r, s.size)
    b = below(r, s.size)
    if kind == NEAR:
        b = min(s.size - 1, max(0, a - REACH + below(r, 2 * REACH + 1)))
    if kind == BEHIND:
        b = a
    elif a == b:
        return
    change(p, s, kind, a, b)
    limit = allowed(s, r)
    cost = fill_all(p, s, i8(BIG) if s.words[PROBING] == 1 else limit)
    if s.words[PROBING] == 1 and cost > s.words[COST]:
        s.heat[SUM_WORSE] += f8(cost - s.words[COST])
        s.heat[NUM_WORSE] += 1.0
    if cost < limit:
        s.words[COST] = cost
        keep_best(s, c)
    else:
        change(p, s, kind, b, a)


@kernel
def fill(p: Instance, s: Fill, r: Random, c: Control) -> i8:
    """Go on; returns the cost."""
    if c.slots[BEST] > s.words[COST]:
        keep_best(s, c)
    alive = not out_of_time(c)
    while alive:
        tried = i8(0)
        while tried < s.steps and alive:
            alive = c.slots[ITERATIONS] < c.slots[LIMIT]
            if alive:
                c.slots[ITERATIONS] += 1
                move(p, s, r, c)
            tried += 1
        if alive:
            alive = not out_of_time(c)
    return i8(s.words[COST])


@kernel
def count_filled(p: Instance, s: Fill) -> i8:
    """Schedule the line-up as it is."""
    s.words[COST] = fill_all(p, s, i8(BIG))
    return i8(s.words[COST])
