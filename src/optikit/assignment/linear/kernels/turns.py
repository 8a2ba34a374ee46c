"""Whose turn it is: the rows of each phase in order, and on to the next phase."""

from __future__ import annotations

from optikit.kernels.jit import i8, inline

from ..arrays import BUDGET, CURSOR, EFFORT, EFFORT_LIMIT, NUM_FREE, NUM_LEFT, NUM_ROUNDS, PHASE, ROUND, ROW
from .phases import AUCTION, HARD, REDUCE, REPAIR, RESTART, SEEK

SWEEPS = 2  # of augmenting row reduction


@inline
def enter_phase(s, phase):
    """On to a phase that goes through rows from the first."""
    s.words[PHASE] = phase
    s.words[CURSOR] = 0
    s.words[ROUND] = 0
    s.words[BUDGET] = 20 * s.words[NUM_FREE] + s.num_rows


@inline
def next_in_reduction(s):
    """Who was turned out by the last, else the next that waits; after the last, those that were put off."""
    i = s.words[ROW]
    s.words[ROW] = -1
    if i >= 0:
        return i
    if s.words[CURSOR] < s.words[NUM_FREE]:
        s.words[CURSOR] += 1
        return i8(s.free[s.words[CURSOR] - 1])
    s.words[NUM_FREE] = s.words[NUM_LEFT]
    s.words[NUM_LEFT] = 0
    s.words[CURSOR] = 0
    s.words[ROUND] += 1
    s.words[BUDGET] = 20 * s.words[NUM_FREE] + s.num_rows
    if s.words[ROUND] == SWEEPS:
        enter_phase(s, SEEK)
    return i8(-1)


@inline
def next_in_auction(s):
    """In each round first the rows that have a column, to be asked whether they keep it; then those that bid."""
    while s.words[CURSOR] < s.num_rows:
        i = s.words[CURSOR]
        s.words[CURSOR] = i + 1
        if s.column_of[i] >= 0:
            return i
        s.free[s.words[NUM_FREE]] = i
        s.words[NUM_FREE] += 1
    if s.words[NUM_FREE] > 0 and s.words[BUDGET] > 0:
        s.words[NUM_FREE] -= 1
        return i8(s.free[s.words[NUM_FREE]])
    s.words[CURSOR] = 0
    s.words[NUM_FREE] = 0
    s.words[ROUND] += 1
    if s.words[ROUND] == s.words[NUM_ROUNDS] or s.words[BUDGET] <= 0:
        enter_phase(s, RESTART)
    return i8(-1)


@inline
def next_row(s):
    """The row whose turn it is, or -1 where the phase, its round or its sweep has come to an end."""
    if s.words[PHASE] == REDUCE:
        return next_in_reduction(s)
    if s.words[PHASE] == AUCTION:
        return next_in_auction(s)
    if s.words[PHASE] == SEEK:
        if s.words[CURSOR] == s.words[NUM_FREE]:
            enter_phase(s, REPAIR)
            return i8(-1)
        if s.words[EFFORT] > s.words[EFFORT_LIMIT]:
            s.words[PHASE] = HARD
            return i8(-1)
        return i8(s.free[s.words[CURSOR]])
    if s.words[CURSOR] == s.num_rows:
        enter_phase(s, REDUCE)
        return i8(-1)
    s.words[CURSOR] += 1
    return s.words[CURSOR] - 1
