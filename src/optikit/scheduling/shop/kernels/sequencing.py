"""The entries of the kernels on sequences."""

from optikit.kernels.control import Control, out_of_time
from optikit.kernels.jit import i8, kernel
from optikit.kernels.rng import Random

from ..cycle_arrays import OVER, Cycle
from ..sequence_arrays import BREACH, VALID, Dispatch, Menu, Plant, Sequence
from .anneal import anneal_some, keep, note_best
from .decode import clear, weigh
from .dispatch import dispatch_all


@kernel
def dispatch(p: Plant, s: Sequence, g: Dispatch, r: Random, c: Control) -> i8:
    """Make a sequence by a dispatching rule, stand at it, and remember it if none was better; returns its breach."""
    clear(p, s)
    dispatch_all(p, s, g, r, c)
    weigh(p, s)
    s.words[VALID] = p.num_units
    keep(p, s)
    note_best(p, s, c)
    return i8(s.words[BREACH])


@kernel
def advance(p: Plant, q: Menu, s: Sequence, y: Cycle, r: Random, c: Control) -> i8:
    """Do the task that is set, then go on with the cycle of annealing; returns whether it is over."""
    alive = not out_of_time(c)
    while alive:
        alive = anneal_some(p, q, s, y, r, c)
    return i8(y.words[OVER])
