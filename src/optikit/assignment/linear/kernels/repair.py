"""Columns that nobody owns go back to their floor.

Only after a start from given prices, or an auction: there a column that is not needed may be dear. It is as if each such column
had to be taken by a dummy row to which every column costs its floor: a shortest path from all dummies and from the rows that are
out, at which the columns that are too dear are the ends. Prices fall here, all by the same except where the tree has been, and so
do the bounds of the lists.
"""

from __future__ import annotations

from optikit.kernels.jit import i8, inline

from ..arrays import CURSOR, CUT, NUM_TOUCHED, OUT, PHASE, ROW, WORK
from .paths import augment, forget, grow, offer, relax_list
from .phases import DONE


@inline
def is_dear(s, j):
    """Whether a column is above its floor though nobody owns it."""
    return s.owner[j] < 0 and s.price[j] > s.floor[j]


@inline
def begin_at_dummies(l, s):  # noqa: E741
    """Put the dummies, and the rows that are out, at the root of the tree."""
    forget(s)
    for j in range(s.num_columns):
        if is_dear(s, j):
            if s.price[j] - s.floor[j] < s.measure[CUT]:
                offer(s, i8(-1), i8(j), s.price[j] - s.floor[j])
        elif s.owner[j] < 0:  # a dummy's own
            s.distance[j] = 0
            s.touched[s.words[NUM_TOUCHED]] = j
            s.words[NUM_TOUCHED] += 1
    for j in range(s.num_columns):
        if s.owner[j] >= 0 and s.price[j] - s.floor[j] < s.measure[CUT]:
            offer(s, i8(-1), i8(j), s.price[j] - s.floor[j])
    for i in range(s.num_rows):
        if s.column_of[i] == OUT:
            s.base[i] = -s.out[i]
            relax_list(l, s, i8(i))
    s.words[WORK] += s.num_columns


@inline
def lower_prices(l, s):  # noqa: E741
    """The dual step: prices fall by the length of the path, and less where the tree has been."""
    cut = s.measure[CUT]
    for j in range(s.num_columns):
        if is_dear(s, j):
            s.price[j] = max(s.price[j] - cut, s.floor[j])
        elif s.owner[j] >= 0:
            s.price[j] -= min(cut, s.distance[j])
    for i in range(s.num_rows):
        if l.beyond[i] < s.far:
            l.beyond[i] -= cut


@inline
def repair(m, l, s, c):  # noqa: E741
    """The phase; returns whether it may go on."""
    while s.words[CURSOR] < s.num_columns:
        j = s.words[CURSOR]
        if s.words[ROW] < 0 and not is_dear(s, j):
            s.words[CURSOR] += 1
            continue
        if s.words[ROW] < 0:
            s.words[ROW] = j
            begin_at_dummies(l, s)
        if not grow(m, l, s, c):
            return False
        lower_prices(l, s)
        augment(m, l, s)
        s.words[ROW] = -1
    s.words[PHASE] = DONE
    return True
