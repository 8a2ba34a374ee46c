"""Annealing over sequences: a move, its exact cost by the decoder, and whether it stays.

Simulated annealing (`cycle`) with the moves of Mati, Dauzere-Peres and
Lahlou, "A general approach for optimizing regular criteria in the job-shop scheduling problem", European Journal of Operational
Research 212, 2011: rivals on the critical path to a costly job are parted. Where they estimate, the decoder places anew what stands
behind the change, so that every constraint is kept whatever it is.
"""

from optikit.kernels.control import BEST, IMPROVED, ITERATIONS, LIMIT, out_of_time
from optikit.kernels.jit import f8, i8, inline
from optikit.kernels.rng import below

from ..cycle_arrays import OVER
from ..sequence_arrays import (
    BEHIND,
    BEST_BREACH,
    BEST_COST,
    BREACH,
    CHANGED,
    COST,
    DELAY,
    GO_ON,
    HELD,
    KEPT_BREACH,
    KEPT_COST,
    MODE,
    NUM_DONE,
    PRICE,
    RESTART,
    SORTS,
    TASK,
    TASKED,
    TOUCHED,
    TRIAL,
    UNDER_WAY,
    VALID,
    WHAT,
)
from .cycle import ITERATIONS_A_TEMPERATURE, set_temperature, stays
from .decode import clear, decode_from
from .moves import (
    another_mode,
    begin_move,
    change,
    costly_job,
    insert_somewhere,
    part_rivals,
    swap_inner,
    take_move_back,
    waiting_operation,
)

WORK_A_LOOK = 20_000  # operations that are placed between two looks at the clock, about


@inline
def keep(p, s):
    """The decoded sequence is the one that the search stands at."""
    s.words[KEPT_COST] = s.words[COST]
    s.words[KEPT_BREACH] = s.words[BREACH]
    for i in range(p.num_operations):
        s.kept_cause[i] = s.cause[i]
        s.kept_rival[i] = s.rival[i]
        s.kept_end[i] = s.end[i]
    for j in range(p.num_jobs):
        s.kept_burden[j] = s.burden[j]
        s.kept_done[j] = s.done_at[j]


@inline
def sort_by_start(p, s):
    """Sort the units by their starts, by insertion: few are out of place. Rivals then stand near to each other."""
    for at in range(p.num_fixed + 1, p.num_units):
        u = i8(s.order[at])
        start = s.start[s.inner[p.unit_ptr[u]]]
        n = at
        while n > p.num_fixed and s.start[s.inner[p.unit_ptr[s.order[n - 1]]]] > start:
            s.order[n] = s.order[n - 1]
            s.place[s.order[n]] = n
            n -= 1
        s.order[n] = u
        s.place[u] = n
    for at in range(p.num_units):
        s.done[at] = s.order[at]


@inline
def note_best(p, s, c):
    """Copy the decoded sequence if none was better: less breach, then less cost."""
    if s.words[BREACH] > s.words[BEST_BREACH]:
        return
    if s.words[BREACH] == s.words[BEST_BREACH] and s.words[COST] >= s.words[BEST_COST]:
        return
    s.words[BEST_BREACH] = s.words[BREACH]
    s.words[BEST_COST] = s.words[COST]
    c.slots[BEST] = s.words[COST]
    c.slots[IMPROVED] = c.slots[ITERATIONS]
    for u in range(p.num_units):
        s.best_order[u] = s.order[u]
    for i in range(p.num_operations):
        s.best_inner[i] = s.inner[i]
        s.best_mode[i] = s.mode[i]
        s.best_held[i] = s.held[i]
        s.best_behind[i] = s.behind[i]
        s.best_delay[i] = s.delay[i]
        s.best_start[i] = s.start[i]


@inline
def recall_best(p, s):
    """The best sequence, still to be decoded."""
    for u in range(p.num_units):
        s.order[u] = s.best_order[u]
        s.place[s.best_order[u]] = u
    for i in range(p.num_operations):
        s.inner[i] = s.best_inner[i]
        s.mode[i] = s.best_mode[i]
        s.held[i] = s.best_held[i]
        s.behind[i] = s.best_behind[i]
        s.delay[i] = s.best_delay[i]


@inline
def change_something(p, q, s, r, w):
    """One operation with another value: mode, presence, hold, gap or delay, as w falls in their shares."""
    what = i8(MODE)
    i = i8(0)
    value = i8(0)
    former = i8(0)
    if w < q.modes:
        i = i8(-1)
        if below(r, 2) == 0:
            i = waiting_operation(p, s, r, costly_job(p, s, r))
        if i < 0 or p.mode_ptr[i + 1] - p.mode_ptr[i] < 2:
            i = i8(q.flexible[below(r, q.num_flexible)])
        former = i8(s.mode[i])
        value = former
        if former >= 0:
            value = another_mode(p, s, r, i)
    elif w < q.modes + q.presence:
        i = i8(q.optional[below(r, q.num_optional)])
        former = i8(s.mode[i])
        value = i8(-1)
        if former < 0:
            value = another_mode(p, s, r, i)
    elif w < q.modes + q.presence + q.holds:
        what = i8(HELD)
        i = i8(q.shiftable[below(r, q.num_shiftable)])
        former = i8(s.held[i])
        value = 1 - former
    elif w < q.modes + q.presence + q.holds + q.gaps:
        what = i8(BEHIND)
        i = below(r, p.num_operations)
        former = i8(s.behind[i])
        value = 1 - former
    else:
        what = i8(DELAY)
        i = below(r, p.num_operations)
        former = s.delay[i]
        if former == 0 or below(r, 2) == 0:
            value = p.mode_duration[below(r, p.num_modes)]
    change(p, s, i, what, value, former)
    if what == MODE and below(r, 2) == 0:
        insert_somewhere(p, s, r, p.unit_of[i], q.reach)


@inline
def move(p, q, s, r):
    """One move at random; perhaps none."""
    begin_move(p, s)
    w = below(r, 1000)
    changes = q.modes + q.presence + q.holds + q.gaps + q.delays
    if w < changes:
        change_something(p, q, s, r, w)
        return
    w -= changes
    if w < q.inners:
        swap_inner(p, s, r, i8(q.inner_units[below(r, q.num_inner)]))
        return
    w -= q.inners
    if w < q.critical:
        i = waiting_operation(p, s, r, costly_job(p, s, r))
        if i >= 0:
            part_rivals(p, s, r, i)
            return
    if p.num_units - p.num_fixed > 1:
        insert_somewhere(p, s, r, i8(s.order[p.num_fixed + below(r, p.num_units - p.num_fixed)]), q.reach)


@inline
def prepare(p, q, s, r):
    """Make a move; or what the task is that was set, which is kept whatever it costs: TRIAL or TASKED."""
    if s.words[TASK] == GO_ON:
        move(p, q, s, r)
        return i8(TRIAL)
    if s.words[TASK] == RESTART:
        recall_best(p, s)
    s.words[TASK] = GO_ON
    clear(p, s)
    begin_move(p, s)
    s.words[CHANGED] = 0
    s.words[VALID] = 0
    return i8(TASKED)


@inline
def wanders(s):
    """Whether the move makes an operation wait, or go behind all others, for nothing that it must: it has to pay at once.

    Most such moves cost nothing, since something else is critical. Taken as others are they add up, and leave a sequence of which
    every operation waits for no reason.
    """
    i = s.words[TOUCHED]
    if i < 0:
        return False
    if s.words[WHAT] == BEHIND:
        return s.behind[i] != 0
    return s.words[WHAT] == DELAY and s.delay[i] != 0


@inline
def iterate(p, q, s, y, r, c):
    """One trial, kept or taken back; or as much of it as there is time for, which the next call goes on with."""
    first = s.words[NUM_DONE]
    if s.words[UNDER_WAY] == 0 or s.words[TASK] != GO_ON:
        s.words[UNDER_WAY] = prepare(p, q, s, r)
        first = min(s.words[CHANGED], s.words[VALID])
    if s.words[CHANGED] < p.num_units and not decode_from(p, s, c, first):
        return
    accepted = s.words[UNDER_WAY] == TASKED
    s.words[UNDER_WAY] = 0
    if not accepted:
        c.slots[ITERATIONS] += 1
    if s.words[CHANGED] >= p.num_units:
        return
    if not accepted:
        more = f8(s.words[COST] - s.words[KEPT_COST]) + f8(s.words[BREACH] - s.words[KEPT_BREACH]) * f8(s.words[PRICE])
        accepted = more < 0.0 if wanders(s) else stays(y, r, more)
    if accepted:
        s.words[VALID] = p.num_units
        if s.words[SORTS] != 0:
            sort_by_start(p, s)
        keep(p, s)
        note_best(p, s, c)
    else:
        take_move_back(s)
        s.words[VALID] = s.words[CHANGED]


@inline
def anneal_some(p, q, s, y, r, c):
    """Trials until the next look at the clock; False at the limit of iterations, or where the cycle is over."""
    trials = 1 + WORK_A_LOOK // (1 + p.num_operations)
    for _ in range(trials):
        if s.words[TASK] == GO_ON and s.words[UNDER_WAY] == 0:
            if c.slots[ITERATIONS] >= c.slots[LIMIT]:
                return False
            if c.slots[ITERATIONS] % ITERATIONS_A_TEMPERATURE == 0:
                set_temperature(y, c)
                if y.words[OVER] != 0:
                    return False
        iterate(p, q, s, y, r, c)
        if s.words[UNDER_WAY] != 0:
            return False
    return not out_of_time(c)
