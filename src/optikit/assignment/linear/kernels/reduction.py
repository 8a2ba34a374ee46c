"""Augmenting row reduction (Jonker and Volgenant 1987, section 4): rows take their best column, and its price rises
until the second best is as good. Whom that displaces goes on, for a while."""

from __future__ import annotations

from optikit.kernels.jit import i8, inline

from ..arrays import BIDS, BUDGET, CURSOR, FREE, NUM_FREE, NUM_LEFT, OUT, PHASE, ROUND, ROW
from .lists import choose, take
from .phases import SEEK, enough

SWEEPS = 2


@inline
def next_row(s):
    """The row whose turn it is, or -1 at the end of the sweep."""
    i = s.words[ROW]
    s.words[ROW] = -1
    if i < 0 and s.words[CURSOR] < s.words[NUM_FREE]:
        i = s.free[s.words[CURSOR]]
        s.words[CURSOR] += 1
    return i


@inline
def put_off(s, i):
    """Leave a row to the next sweep."""
    s.free[s.words[NUM_LEFT]] = i
    s.words[NUM_LEFT] += 1


@inline
def reduce_row(m, l, s, i):  # noqa: E741
    """Give a row its best column; whoever had it is next, or is put off."""
    best, second, at = choose(m, l, s, i)
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
def reduce(m, l, s, c):  # noqa: E741
    """The phase; returns whether it may go on."""
    while s.words[ROUND] < SWEEPS:
        if s.words[CURSOR] == 0:
            s.words[BUDGET] = 20 * s.words[NUM_FREE] + s.num_rows
        i = next_row(s)
        while i >= 0:
            reduce_row(m, l, s, i)
            if enough(s, c):
                return False
            i = next_row(s)
        s.words[NUM_FREE] = s.words[NUM_LEFT]
        s.words[NUM_LEFT] = 0
        s.words[CURSOR] = 0
        s.words[ROUND] += 1
    s.words[PHASE] = SEEK
    return True
