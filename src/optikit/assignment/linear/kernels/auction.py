"""An auction with epsilon scaling (Bertsekas 1988): prices that are nearly right, where shortest paths would be long.

Rows bid for their best column: its price rises by what it is better than the second, and epsilon. Epsilon falls from round to
round, and prices are kept. What the last round leaves is put right exactly by the phases that follow.
"""

from __future__ import annotations

from optikit.kernels.jit import inline

from ..arrays import BIDS, BUDGET, FREE, NUM_FREE, ROUND
from .lists import take


@inline
def keep_or_leave(s, i, best):
    """A row gives up a column that is not within epsilon of its best."""
    j = s.column_of[i]
    if s.held[i] + s.price[j] > best + s.epsilon[s.words[ROUND]]:
        s.owner[j] = -1
        s.column_of[i] = FREE
        s.free[s.words[NUM_FREE]] = i
        s.words[NUM_FREE] += 1


@inline
def bid(l, s, i, best, second, at):  # noqa: E741
    """A row takes its best column for a higher price; whoever had it is next."""
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
