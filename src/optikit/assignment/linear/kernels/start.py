"""The first look at every row."""

from __future__ import annotations

from optikit.kernels.jit import i8, inline

from ..arrays import FREE, NUM_FREE, OUT
from .lists import pair_cost, take


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
def start_row(m, l, s, i, best):  # noqa: E741
    """Keep the pair that the row is in if it is tight, else take a best column that is free, or go out, or wait."""
    best = min(best, s.out[i])
    j = s.column_of[i]
    if j >= 0:
        cost = pair_cost(m, l, s, i, j)
        if cost < s.far and cost + s.price[j] - best <= s.slack * (max(cost, -cost) + max(s.price[j], -s.price[j])):
            s.held[i] = cost
            return
        s.owner[j] = -1
    if s.out[i] < s.far and s.out[i] <= best:
        s.column_of[i] = OUT
        return
    s.column_of[i] = FREE
    at = free_entry(l, s, i, best)
    if at >= 0:
        take(l, s, i, at)
    else:
        s.free[s.words[NUM_FREE]] = i
        s.words[NUM_FREE] += 1
