"""The entries of the matching kernels: through the phases until all is matched, or the control block says return."""

from optikit.kernels.control import Control
from optikit.kernels.jit import i8, inline, kernel

from ..arrays import (
    PHASE,
    FloatLists,
    FloatMatrix,
    FloatState,
    WholeLists,
    WholeMatrix,
    WholeState,
)  # fmt: skip
from .auction import auction
from .flags import VARIANTS
from .paths import seek
from .phases import AUCTION, REDUCE, REPAIR, RESTART, SEEK, START
from .reduction import reduce
from .repair import repair
from .start import start


@inline
def go_on(m, l, s, c):  # noqa: E741
    """One phase after the other; returns the phase that it is in, DONE or beyond where there is no more to do."""
    alive = True
    if s.words[PHASE] == AUCTION:
        alive = auction(m, l, s, c)
    if alive and (s.words[PHASE] == START or s.words[PHASE] == RESTART):
        alive = start(m, l, s, c)
    if alive and s.words[PHASE] == REDUCE:
        alive = reduce(m, l, s, c)
    if alive and s.words[PHASE] == SEEK:
        alive = seek(m, l, s, c)
    if alive and s.words[PHASE] == REPAIR:
        alive = repair(m, l, s, c)
    return s.words[PHASE]


@kernel(variants=VARIANTS)
def solve_floats(m: FloatMatrix, l: FloatLists, s: FloatState, c: Control) -> i8:  # noqa: E741
    """Go on; returns the phase."""
    return i8(go_on(m, l, s, c))


@kernel(variants=VARIANTS)
def solve_whole(m: WholeMatrix, l: WholeLists, s: WholeState, c: Control) -> i8:  # noqa: E741
    """The same in integers."""
    return i8(go_on(m, l, s, c))
