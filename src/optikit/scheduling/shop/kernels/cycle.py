"""The temperature of a cycle of annealing, and which trials stay at it.

Simulated annealing: van Laarhoven, Aarts and Lenstra, "Job shop scheduling by simulated annealing", Operations Research 40, 1992.
"""

from optikit.kernels.chance import decay, exponential, logarithm
from optikit.kernels.clock import now_ns
from optikit.kernels.control import ITERATIONS
from optikit.kernels.jit import inline

from ..cycle_arrays import BEGIN, BY_CLOCK, OVER, RISE, RISES, SPAN, TEMPERATURE, TOP

ITERATIONS_A_TEMPERATURE = 16


@inline
def set_temperature(y, c):
    """The temperature of the present moment; the cycle may be over."""
    now = c.slots[ITERATIONS]
    if y.words[BY_CLOCK] != 0:
        now = now_ns()
    elapsed = now - y.words[BEGIN]
    if elapsed >= y.words[SPAN]:
        y.words[OVER] = 1
        return
    part = max(0.0, (elapsed * 1.0) / y.words[SPAN])
    y.reals[TEMPERATURE] = y.reals[TOP] * decay(part * logarithm(1.0 / y.cold))


@inline
def stays(y, r, more):
    """Whether a trial stays that costs so much more."""
    if more <= 0.0:
        return True
    y.words[RISES] += 1
    y.reals[RISE] += more
    return more < y.reals[TEMPERATURE] * exponential(r)
