"""Through the phases until all is matched, or the control block says return."""

from optikit.kernels.jit import inline

from ..arrays import CURSOR, PHASE, ROW
from .auction import bid, keep_or_leave
from .flags import IS_DENSE
from .lists import choose
from .paths import begin, finish_path, grow
from .phases import AUCTION, DONE, HARD, INVALID, REDUCE, REPAIR, SEEK, START, enough
from .reduction import reduce_row
from .repair import finish_repair, next_repair
from .start import is_valid, start_row
from .turns import next_row


@inline
def act(m, l, s, i):  # noqa: E741
    """A row does what the phase wants of it."""
    if IS_DENSE and s.words[PHASE] == START and not is_valid(m, i):
        s.words[PHASE] = INVALID
        s.words[CURSOR] = i
        return
    best, second, at = choose(m, l, s, i)
    if s.words[PHASE] == REDUCE:
        reduce_row(l, s, i, best, second, at)
    elif s.words[PHASE] == SEEK:
        begin(s, i, best)
    elif s.words[PHASE] != AUCTION:
        start_row(m, l, s, i, best)
    elif s.column_of[i] >= 0:
        keep_or_leave(s, i, best)
    else:
        bid(l, s, i, best, second, at)


@inline
def go_on(m, l, s, c):  # noqa: E741
    """Go through the phases; returns the one in which it is: DONE or beyond where there is no more to do."""
    while s.words[PHASE] < DONE and s.words[PHASE] != HARD:
        searching = s.words[PHASE] == SEEK or s.words[PHASE] == REPAIR
        if searching and s.words[ROW] >= 0:
            if not grow(m, l, s, c):
                break
            if s.words[PHASE] == SEEK:
                finish_path(m, l, s)
            else:
                finish_repair(m, l, s)
        elif s.words[PHASE] == REPAIR:
            next_repair(s)
        else:
            i = next_row(s)
            if i >= 0:
                act(m, l, s, i)
        if enough(s, c):
            break
    return s.words[PHASE]
