"""The first look at every row."""

from __future__ import annotations

from optikit.kernels.jit import i8, inline

from ..arrays import CURSOR, FREE, NUM_FREE, OUT, PHASE, WORK
from .flags import IS_DENSE
from .lists import choose, pair_cost, scan
from .phases import INVALID, REDUCE, START, enough


@inline
def is_valid(m, i):
    """Whether the costs of a row are numbers that can be added up, or forbid a pair."""
    good = i8(0)
    great = i8(0)
    for k in range(i * m.num_columns, (i + 1) * m.num_columns):
        w = m.sign * m.cost[k]
        good += i8(w > -m.limit)
        great += i8(w > m.limit)
    if great > 0:  # infinite, or too great
        for k in range(i * m.num_columns, (i + 1) * m.num_columns):
            w = m.sign * m.cost[k]
            good -= i8(m.limit < w <= m.most)
    return good == m.num_columns


@inline
def free_entry(l, s, i, best):  # noqa: E741
    """Where a best column that nobody owns is in the list of a row; -1 for none."""
    for k in range(l.first[i], l.last[i]):
        j = l.column[k]
        if s.owner[j] < 0 and l.cost[k] + s.price[j] == best:
            return i8(k)
    return i8(-1)


@inline
def start_row(m, l, s, i):  # noqa: E741
    """Keep the pair that the row is in if it is tight, else take a best column that is free, or go out, or wait."""
    best, _, _ = choose(m, l, s, i)
    best = min(best, s.out[i])
    j = s.column_of[i]
    if j >= 0:
        cost = pair_cost(m, l, s, i, j)
        if cost < s.far and cost + s.price[j] - best <= s.slack * (max(cost, -cost) + max(s.price[j], -s.price[j])):
            s.held[i] = cost
            return
        s.owner[j] = -1
        s.column_of[i] = FREE
    if s.out[i] < s.far and s.out[i] <= best:
        s.column_of[i] = OUT
        return
    s.column_of[i] = FREE
    at = free_entry(l, s, i, best)
    if at >= 0:
        j = l.column[at]
        s.owner[j] = i
        s.column_of[i] = j
        s.held[i] = l.cost[at]
    else:
        s.free[s.words[NUM_FREE]] = i
        s.words[NUM_FREE] += 1


@inline
def start(m, l, s, c):  # noqa: E741
    """The phase; returns whether it may go on."""
    while s.words[CURSOR] < s.num_rows:
        i = s.words[CURSOR]
        if IS_DENSE and s.words[PHASE] == START:
            if not is_valid(m, i):
                s.words[PHASE] = INVALID
                return False
            scan(m, l, s, i)
        start_row(m, l, s, i)
        s.words[CURSOR] = i + 1
        s.words[WORK] += 32
        if enough(s, c):
            return False
    s.words[CURSOR] = 0
    s.words[PHASE] = REDUCE
    return True
