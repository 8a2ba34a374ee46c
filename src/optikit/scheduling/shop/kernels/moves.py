"""Moves on a sequence: a unit before or behind another, another mode, an operation left out or taken in.

Each is made in `order`, `inner`, `mode` and `held`, with what is needed to take it back; what it costs, the decoder says.
"""

from optikit.kernels.jit import i8, inline
from optikit.kernels.rng import below

from ..sequence_arrays import BEHIND, CHANGED, FIRST, FORMER, HELD, LENGTH, MODE, NEVER, STAMP, SWAPPED, TOUCHED, WHAT, WITH
from .costly import by_burden

CHAINS = 200  # links of a chain of causes that are followed, at most


@inline
def begin_move(p, s):
    s.words[CHANGED] = p.num_units
    s.words[LENGTH] = 0
    s.words[TOUCHED] = -1
    s.words[SWAPPED] = -1


@inline
def note_change(s, at):
    """The decoding changes from position `at` on."""
    if at < s.words[CHANGED]:
        s.words[CHANGED] = at


@inline
def remember(s, first, last):
    """Keep what the positions first..last of `order` are."""
    s.words[FIRST] = first
    s.words[LENGTH] = last + 1 - first
    for at in range(first, last + 1):
        s.moved[at - first] = s.order[at]


@inline
def rearrange(s, stamped_first):
    """Write the remembered units with the marked ones first, or last, each kind in its order."""
    first = s.words[FIRST]
    at = first
    for turn in range(2):
        wanted = (turn == 0) == stamped_first
        for n in range(s.words[LENGTH]):
            u = i8(s.moved[n])
            if (s.mark[u] == s.words[STAMP]) == wanted:
                s.order[at] = u
                s.place[u] = at
                at += 1
    note_change(s, first)


@inline
def move_before(p, s, u, v):
    """Put unit u, with whatever must come before it, right before unit v, which stands earlier; nothing if v is of these."""
    first = i8(s.place[v])
    last = i8(s.place[u])
    if first >= last or first < p.num_fixed:
        return
    s.words[STAMP] += 1
    s.mark[u] = s.words[STAMP]
    at = last
    while at > first:
        w = i8(s.order[at])
        if s.mark[w] == s.words[STAMP]:
            for n in range(p.before_ptr[w], p.before_ptr[w + 1]):
                s.mark[p.before[n]] = s.words[STAMP]
        at -= 1
    if s.mark[v] != s.words[STAMP]:
        remember(s, first, last)
        rearrange(s, True)


@inline
def move_behind(p, s, u, v):
    """Put unit u, with whatever must come behind it, right behind unit v, which stands later; nothing if v is of these."""
    first = i8(s.place[u])
    last = i8(s.place[v])
    if first >= last or first < p.num_fixed:
        return
    s.words[STAMP] += 1
    s.mark[u] = s.words[STAMP]
    for at in range(first + 1, last + 1):
        w = i8(s.order[at])
        for n in range(p.before_ptr[w], p.before_ptr[w + 1]):
            if s.mark[p.before[n]] == s.words[STAMP]:
                s.mark[w] = s.words[STAMP]
    if s.mark[v] != s.words[STAMP]:
        remember(s, first, last)
        rearrange(s, False)


@inline
def insert_somewhere(p, s, r, u, reach):
    """Move unit u by up to `reach` positions."""
    at = i8(s.place[u])
    step = 1 + below(r, reach)
    if below(r, 2) == 0:
        if at - step >= p.num_fixed:
            move_before(p, s, u, i8(s.order[at - step]))
    elif at + step < p.num_units:
        move_behind(p, s, u, i8(s.order[at + step]))


@inline
def costly_job(p, s, r):
    """A job, the likelier the more it costs; or the one that is last, where the objective is a largest value."""
    single = p.makespan_rate + p.lateness_rate
    if single > 0 and below(r, 2) == 0:
        worst = i8(0)
        most = i8(-NEVER)
        for j in range(p.num_jobs):
            value = s.kept_done[j]
            if p.makespan_rate == 0:
                value = s.kept_done[j] - p.due[j]
            if s.kept_done[j] >= 0 and value > most:
                most = value
                worst = j
        return worst
    return by_burden(s, r, p.num_jobs)


@inline
def last_of(p, s, j):
    """The operation that ends job j; -1 where none is done."""
    last = i8(-1)
    for i in range(p.job_ptr[j], p.job_ptr[j + 1]):
        if s.mode[i] >= 0 and (last < 0 or s.kept_end[i] > s.kept_end[last]):
            last = i
    return last


@inline
def rival_within(p, s, r, i):
    """An operation of the unit of i that waits for a rival: i itself if the unit has no other; -1 where none waits."""
    u = p.unit_of[i]
    if p.unit_ptr[u + 1] - p.unit_ptr[u] == 1:
        return i
    found = i8(-1)
    count = i8(0)
    for at in range(p.unit_ptr[u], p.unit_ptr[u + 1]):
        o = i8(s.inner[at])
        if s.mode[o] >= 0 and s.kept_rival[o] != 0:
            count += 1
            if below(r, count) == 0:
                found = o
    return found


@inline
def waiting_operation(p, s, r, j):
    """One of the operations that wait for a rival on the chain of causes to the end of job j, at random; -1 where none does."""
    chosen = i8(-1)
    count = i8(0)
    links = i8(0)
    i = last_of(p, s, j)
    while i >= 0 and links < CHAINS:
        links += 1
        i = rival_within(p, s, r, i)
        if i >= 0:
            if s.kept_rival[i] != 0:
                count += 1
                if below(r, count) == 0:
                    chosen = i
            i = i8(s.kept_cause[i])
    return chosen


@inline
def part_rivals(p, s, r, i):
    """Let operation i before the rival for which it waits."""
    b = i8(s.kept_cause[i])
    u = p.unit_of[i]
    v = p.unit_of[b]
    if s.place[v] < s.place[u]:
        if below(r, 3) == 0:
            move_behind(p, s, v, u)
        else:
            move_before(p, s, u, v)


@inline
def restore(s, i, value):
    """Give operation i a value of what the move under way changes."""
    what = s.words[WHAT]
    if what == MODE:
        s.mode[i] = value
    elif what == HELD:
        s.held[i] = value
    elif what == BEHIND:
        s.behind[i] = value
    else:
        s.delay[i] = value


@inline
def change(p, s, i, what, value, former):
    """Give operation i another value, and keep what it was."""
    s.words[TOUCHED] = i
    s.words[WHAT] = what
    s.words[FORMER] = former
    restore(s, i, value)
    note_change(s, i8(s.place[p.unit_of[i]]))


@inline
def another_mode(p, s, r, i):
    """A mode of operation i that it does not have."""
    count = p.mode_ptr[i + 1] - p.mode_ptr[i]
    if s.mode[i] < 0:
        return p.mode_ptr[i] + below(r, count)
    m = p.mode_ptr[i] + below(r, count - 1)
    if m >= s.mode[i]:
        m += 1
    return m


@inline
def swap_inner(p, s, r, u):
    """Swap two operations in the order within unit u."""
    first = p.unit_ptr[u]
    count = p.unit_ptr[u + 1] - first
    a = first + below(r, count)
    b = first + below(r, count - 1)
    if b >= a:
        b += 1
    i = i8(s.inner[a])
    s.inner[a] = s.inner[b]
    s.inner[b] = i
    s.words[SWAPPED] = a
    s.words[WITH] = b
    note_change(s, i8(s.place[u]))


@inline
def take_move_back(s):
    """Undo the move under way."""
    first = s.words[FIRST]
    for n in range(s.words[LENGTH]):
        u = i8(s.moved[n])
        s.order[first + n] = u
        s.place[u] = first + n
    i = s.words[TOUCHED]
    if i >= 0:
        restore(s, i, s.words[FORMER])
    a = s.words[SWAPPED]
    if a >= 0:
        i = i8(s.inner[a])
        s.inner[a] = s.inner[s.words[WITH]]
        s.inner[s.words[WITH]] = i
