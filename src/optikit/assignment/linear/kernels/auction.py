"""An auction with epsilon scaling (Bertsekas 1988): prices that are nearly right, where shortest paths would be long.

Rows bid for their best column: its price rises by what it is better than the second, and epsilon. Epsilon falls from round to
round, and prices are kept. What the last round leaves is put right exactly by the phases that follow.
"""

from __future__ import annotations

from optikit.kernels.jit import i8, inline

from ..arrays import BIDS, BUDGET, CURSOR, FREE, NUM_FREE, NUM_ROUNDS, PHASE, ROUND
from .lists import choose, take
from .phases import RESTART, enough


@inline
def open_round(m, l, s, c):  # noqa: E741
    """Rows give up a column that is not within epsilon of their best; returns whether all have been asked."""
    while s.words[CURSOR] < s.num_rows:
        i = s.words[CURSOR]
        s.words[CURSOR] = i + 1
        j = s.column_of[i]
        if j >= 0:
            best, _, _ = choose(m, l, s, i)
            if s.held[i] + s.price[j] > best + s.epsilon[s.words[ROUND]]:
                s.owner[j] = -1
                s.column_of[i] = FREE
                j = i8(FREE)
        if j < 0:
            s.free[s.words[NUM_FREE]] = i
            s.words[NUM_FREE] += 1
        if enough(s, c):
            return False
    return True


@inline
def bid(m, l, s, i):  # noqa: E741
    """A row takes its best column for a higher price; whoever had it is next."""
    best, second, at = choose(m, l, s, i)
    s.words[BIDS] += 1
    s.words[BUDGET] -= 1
    if at < 0:
        return
    rise = s.epsilon[s.words[ROUND]]
    if second < s.far:
        rise += second - best
    j = l.column[at]
    s.price[j] += rise
    other = s.owner[j]
    take(l, s, i, at)
    if other >= 0:
        s.column_of[other] = FREE
        s.free[s.words[NUM_FREE]] = other
        s.words[NUM_FREE] += 1


@inline
def auction(m, l, s, c):  # noqa: E741
    """The phase; returns whether it may go on."""
    while s.words[ROUND] < s.words[NUM_ROUNDS] and s.words[BUDGET] > 0:
        if s.words[CURSOR] < s.num_rows and not open_round(m, l, s, c):
            return False
        while s.words[NUM_FREE] > 0 and s.words[BUDGET] > 0:
            s.words[NUM_FREE] -= 1
            bid(m, l, s, i8(s.free[s.words[NUM_FREE]]))
            if enough(s, c):
                return False
        s.words[CURSOR] = 0
        s.words[NUM_FREE] = 0
        s.words[ROUND] += 1
    s.words[ROUND] = 0
    s.words[PHASE] = RESTART
    return True
