"""The entry: go on with whatever the search was doing, until the control block says return."""

from optikit.kernels.control import Control, out_of_time
from optikit.kernels.jit import i8, kernel
from optikit.kernels.rng import Random

from ..arrays import PHASE, Instance, Parameters, State
from .anneal import search_some
from .best import restore_some
from .flags import VARIANTS
from .phases import RESTORE, SAVINGS, SEARCH, STORE
from .savings import merge_some, store_some


@kernel(variants=VARIANTS)
def advance(p: Instance, q: Parameters, s: State, r: Random, c: Control) -> i8:
    """Advance until the cycle is over, the deadline, the iteration limit or the stop flag; returns the phase that it is in."""
    alive = not out_of_time(c)
    while alive:
        phase = s.words[PHASE]
        if phase == SAVINGS:
            merge_some(p, s)
        elif phase == STORE:
            store_some(p, s)
        elif phase == RESTORE:
            restore_some(p, s, c)
        elif phase == SEARCH:
            alive = search_some(p, q, s, r, c)
        else:
            alive = False
        if alive:
            alive = not out_of_time(c)
    return i8(s.words[PHASE])
