"""The entry of the search where 32 bits are enough (see `optikit.assignment.quadratic.instance.is_narrow`): twice as fast."""

from optikit.kernels.control import Control
from optikit.kernels.jit import i8, kernel
from optikit.kernels.rng import Random

from ..arrays import PHASE, NarrowInstance, NarrowState, Parameters, Population
from .evolve import go_on
from .flags import NARROW


@kernel(variants=NARROW)
def evolve_narrow(p: NarrowInstance, q: Parameters, s: NarrowState, g: Population, r: Random, c: Control) -> i8:
    """Go on; returns the phase."""
    go_on(p, q, s, g, r, c)
    return i8(s.words[PHASE])
