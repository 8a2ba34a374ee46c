"""The entry of the search: schedules are built or relinked, then improved by tabu search, until the control block says return."""

from optikit.kernels.control import BEST, IMPROVED, ITERATIONS, LIMIT, MOVES, NEVER, Control, out_of_time
from optikit.kernels.jit import i8, inline, kernel
from optikit.kernels.rng import Random, below

from ..tabu_arrays import (
    BARREN,
    BEST_ROW,
    COST,
    FILLED,
    GIVEN,
    GIVEN_ROW,
    PHASE,
    PLACED,
    RECORD,
    RECORD_ROW,
    SINCE,
    Elites,
    Instance,
    Parameters,
    State,
)
from .build import clear, place_next, settle
from .critical_path import look, trace
from .elites import admit, another, copy, keep, load, relink
from .step import step

BUILD = 0  # a schedule is under construction
START = 1  # an order of the operations is there, to be set up for the tabu search
SEARCH = 2
CHOOSE = 3  # a run has ended: what comes next is to be chosen
EMPTY = 4  # nothing was done yet

PLACED_A_LOOK = 32  # operations that the construction places between two looks at the clock
MOVES_A_LOOK = 16  # moves of the tabu search, fewer of them in shops of more operations than
SMALL = 1024
BARREN_FACTOR = 3  # after so many runs without an elite, for each elite there is, all but the best are replaced


@inline
def record(p, s, e, c):
    """Keep the schedule if it is the best of its run."""
    if s.words[COST] < s.words[RECORD]:
        s.words[RECORD] = s.words[COST]
        s.words[SINCE] = c.slots[ITERATIONS]
        keep(p, s, e, e.size + RECORD_ROW)
        if s.words[COST] < c.slots[BEST]:
            c.slots[BEST] = s.words[COST]
            c.slots[IMPROVED] = c.slots[ITERATIONS]
            copy(e, e.size + RECORD_ROW, e.size + BEST_ROW)


@inline
def search_some(p, q, s, e, r, c):
    """Some moves of the tabu search; False at the limit of iterations."""
    for _ in range(max(1, min(MOVES_A_LOOK, MOVES_A_LOOK * SMALL // s.num_operations))):
        if c.slots[ITERATIONS] >= c.slots[LIMIT]:
            return False
        c.slots[ITERATIONS] += 1
        trace(p, s, r)
        found = look(p, q, s, r, c)
        if found:
            step(p, q, s, r, c)
            c.slots[MOVES] += 1
            record(p, s, e, c)
        if not found or c.slots[ITERATIONS] - s.words[SINCE] >= q.patience:
            s.words[PHASE] = CHOOSE
            return True
    return True


@inline
def choose(p, s, e, r, c):
    """Let the record of the run in, and go on from a new schedule or from one between two elites.

    Or from one that was given, unless the search has overtaken it meanwhile.
    """
    if admit(s, e, e.size + RECORD_ROW):
        s.words[BARREN] = 0
    else:
        s.words[BARREN] += 1
    if s.words[BARREN] > BARREN_FACTOR * e.size:
        s.words[BARREN] = 0
        s.words[FILLED] = 1
        copy(e, e.size + BEST_ROW, i8(0))
    given = s.words[GIVEN] != 0 and e.cost[e.size + GIVEN_ROW] < c.slots[BEST]
    s.words[GIVEN] = 0
    if given:
        load(s, e, e.size + GIVEN_ROW)
        s.words[PHASE] = START
    elif s.words[FILLED] < e.size:
        clear(p, s, r, 1 + below(r, 256))
        s.words[PHASE] = BUILD
    else:
        a = below(r, e.size)
        relink(p, s, e, r, a, another(r, e.size, a))
        s.words[PHASE] = START


@kernel
def advance(p: Instance, q: Parameters, s: State, e: Elites, r: Random, c: Control) -> i8:
    """Go on; returns the phase."""
    alive = not out_of_time(c)
    while alive:
        if s.words[PHASE] == EMPTY:
            clear(p, s, r, i8(0))
            s.words[PHASE] = BUILD
        elif s.words[PHASE] == BUILD:
            for _ in range(PLACED_A_LOOK):
                if s.words[PLACED] < s.num_operations:
                    place_next(p, s, r)
            if s.words[PLACED] == s.num_operations:
                s.words[PHASE] = START
        elif s.words[PHASE] == START:
            settle(p, s)
            s.words[RECORD] = NEVER
            record(p, s, e, c)
            s.words[PHASE] = SEARCH
        elif s.words[PHASE] == SEARCH:
            alive = search_some(p, q, s, e, r, c)
        else:
            choose(p, s, e, r, c)
        if alive:
            alive = not out_of_time(c)
    return i8(s.words[PHASE])
