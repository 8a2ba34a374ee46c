"""The entry of the matching kernels in floats."""

from optikit.kernels.control import Control
from optikit.kernels.jit import i8, kernel

from ..arrays import FloatLists, FloatMatrix, FloatState
from .flags import VARIANTS
from .solve import go_on


@kernel(variants=VARIANTS)
def solve_floats(m: FloatMatrix, l: FloatLists, s: FloatState, c: Control) -> i8:  # noqa: E741
    """Go on; returns the phase: DONE or beyond where there is no more to do."""
    return i8(go_on(m, l, s, c))
