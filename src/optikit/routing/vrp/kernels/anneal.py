"""The temperature, and one iteration of ruin and recreate under it.

Simulated annealing as in Christiaens and Vanden Berghe 2020, section 5.3: exponential cooling, a trial is accepted below
current + T * (-ln U). One call anneals for one cycle; where the next one starts, and how hot, is decided in Python.
"""

from optikit.kernels.chance import decay, exponential, logarithm
from optikit.kernels.clock import now_ns
from optikit.kernels.control import ITERATIONS, LIMIT
from optikit.kernels.jit import i8, inline

from ..arrays import ACCEPTED, BEGIN, BY_CLOCK, KEPT_COST, PHASE, SPAN, TEMPERATURE, TOP
from .best import note_best, settle_absent
from .phases import DONE, ITERATIONS_A_LOOK, ITERATIONS_A_TEMPERATURE, SEARCH
from .recreate import recreate
from .routes import begin_trial, go_back, keep
from .ruin import ruin


@inline
def set_temperature(q, s, c):
    """The temperature of the present moment; the cycle may be over."""
    now = c.slots[ITERATIONS]
    if s.words[BY_CLOCK] != 0:
        now = now_ns()
    elapsed = now - s.words[BEGIN]
    if elapsed >= s.words[SPAN]:
        s.words[PHASE] = DONE
        return
    top = s.reals[TOP]
    part = max(0.0, (elapsed * 1.0) / s.words[SPAN])
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
