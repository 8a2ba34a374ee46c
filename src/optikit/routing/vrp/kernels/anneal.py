"""The temperature, and one iteration of ruin and recreate under it.

Simulated annealing as in Christiaens and Vanden Berghe 2020, section 5.3: exponential cooling, a trial is accepted below
current + T * (-ln U). Ours runs in cycles: the first takes most of the time that is known to be there, later ones
start less hot from the best; where the end is unknown, each cycle is twice as long as the one before.
"""

from optikit.kernels.clock import now_ns
from optikit.kernels.control import ITERATIONS, LIMIT, NEVER
from optikit.kernels.jit import i8, inline

from ..arrays import (
    ACCEPTED,
    BEGIN,
    BY_CLOCK,
    CYCLE,
    END,
    KEPT_COST,
    PHASE,
    SPAN,
    TEMPERATURE,
)
from .best import note_best, settle_absent
from .chance import decay, exponential, logarithm
from .phases import ITERATIONS_A_LOOK, ITERATIONS_A_TEMPERATURE, RESTORE, SEARCH
from .recreate import recreate
from .routes import begin_trial, go_back, keep
from .ruin import ruin


@inline
def next_cycle(q, s, now):
    """Start again from the best solution, less hot. The last cycle ends with the search."""
    w = s.words
    w[CYCLE] += 1
    w[BEGIN] = now
    if w[END] == NEVER:
        w[SPAN] = w[SPAN] * 2
    else:
        w[SPAN] = max(1, min(w[SPAN], w[END] - now))
        if w[END] - now < w[SPAN] + w[SPAN] // 2:
            w[SPAN] = max(1, w[END] - now)
    w[PHASE] = RESTORE


@inline
def set_temperature(q, s, c):
    """The temperature of the present moment; at the end of a cycle, the start of the next."""
    now = c.slots[ITERATIONS]
    if s.words[BY_CLOCK] != 0:
        now = now_ns()
    elapsed = now - s.words[BEGIN]
    if elapsed >= s.words[SPAN] and now < s.words[END]:
        if s.words[CYCLE] == 0 and s.words[END] != NEVER:
            # The first cycle is over: the rest is cut into shorter ones.
            s.words[SPAN] = i8(q.again * (s.words[END] - now)) + 1
        next_cycle(q, s, now)
        elapsed = i8(0)
    top = q.hot
    if s.words[CYCLE] > 0:
        top = q.warm
    part = min(1.0, max(0.0, (elapsed * 1.0) / s.words[SPAN]))
    s.reals[TEMPERATURE] = top * decay(part * logarithm(max(1.0, top / q.cold)))


@inline
def iterate(p, q, s, r, c):
    """One trial, kept or undone."""
    begin_trial(s)
    # One tick above the current cost at least: an equally good solution is always accepted.
    limit = s.words[KEPT_COST] + i8(s.reals[TEMPERATURE] * exponential(r)) + 1
    ruin(p, q, s, r)
    if recreate(p, q, s, r, limit):
        keep(s)
        settle_absent(s)
        s.words[ACCEPTED] += 1
        c.slots[ITERATIONS] += 1
        note_best(s, c)
    else:
        go_back(s)
        c.slots[ITERATIONS] += 1


@inline
def search_some(p, q, s, r, c):
    """One step of SEARCH; False where the iteration limit is reached (or there is no client)."""
    for _ in range(ITERATIONS_A_LOOK):
        if c.slots[ITERATIONS] >= c.slots[LIMIT] or p.num_nodes < 2:
            return False
        if c.slots[ITERATIONS] % ITERATIONS_A_TEMPERATURE == 0:
            set_temperature(q, s, c)
            if s.words[PHASE] != SEARCH:
                return True
        iterate(p, q, s, r, c)
    return True
