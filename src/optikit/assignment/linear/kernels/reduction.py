"""Augmenting row reduction (Jonker and Volgenant 1987, section 4): rows take their best column, and its price rises
until the second best is as good. Whom that displaces goes on, for a while."""

from __future__ import annotations

from optikit.kernels.jit import i8, inline

from ..arrays import BIDS, BUDGET, FREE, NUM_LEFT, OUT, ROW
from .lists import take


@inline
def put_off(s, i):
    """Leave a row to the next sweep."""
    s.free[s.words[NUM_LEFT]] = i
    s.words[NUM_LEFT] += 1


@inline
def second_entry(l, s, i, second, at):  # noqa: E741
    """Another entry as good as the best, a free one if there is; -1 for none."""
    found = i8(-1)
    for k in range(l.first[i], l.last[i]):
        if k != at and l.cost[k] + s.price[l.column[k]] <= second:
            found = i8(k)
            if s.owner[l.column[k]] < 0:
                return found
    return found


@inline
def reduce_row(l, s, i, best, second, at):  # noqa: E741
    """Give a row its best column; whoever had it is next, or is put off."""
    s.words[BIDS] += 1
    if s.out[i] < s.far and s.out[i] <= best:
        s.column_of[i] = OUT
        return
    second = min(second, s.out[i])
    if at < 0 or not second < s.far:
        put_off(s, i)  # one column or none: a path will tell
        return
    j = l.column[at]
    other = s.owner[j]
    rises = second > best
    if rises:
        s.price[j] += second - best
    elif other >= 0:
        at = second_entry(l, s, i, second, at)
        if at < 0:
            put_off(s, i)
            return
        other = s.owner[l.column[at]]
    take(l, s, i, at)
    if other >= 0:
        s.column_of[other] = FREE
        s.words[BUDGET] -= 1
        if rises and s.words[BUDGET] > 0:
            s.words[ROW] = other
        else:
            put_off(s, other)
