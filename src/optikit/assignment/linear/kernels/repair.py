"""Columns that nobody owns go back to their floor.

Only after a start from given prices, or an auction: there a column that is not needed may be dear. It is as if each such column
had to be taken by a dummy row to which every column costs its floor: a shortest path from all dummies and from the rows that are
out, at which the columns that are too dear are the ends. Prices fall here, all by the same except where the tree has been, and so
do the bounds of the lists.
"""

from __future__ import annotations

from optikit.kernels.jit import i8, inline

from ..arrays import CURSOR, CUT, END, NUM_TOUCHED, OUT_ROW, PHASE, ROW, WORK
from .paths import augment, forget, offer
from .phases import DONE


@inline
def is_dear(s, j):
    """Whether a column is above its floor though nobody owns it."""
    return s.owner[j] < 0 and s.price[j] > s.floor[j]


@inline
def begin_at_dummies(s, column):
    """Put the dummies, and the rows that are out, at the root of the tree."""
    forget(s)
    s.words[ROW] = column
    s.words[OUT_ROW] = 0
    for j in range(s.num_columns):
        if s.owner[j] < 0:
            t = s.price[j] - s.floor[j]
            s.distance[j] = t
            s.via[j] = -1
            s.touched[s.words[NUM_TOUCHED]] = j
            s.words[NUM_TOUCHED] += 1
            if 0 < t < s.measure[CUT]:  # else a dummy's own
                s.measure[CUT] = t
                s.words[END] = j
    for j in range(s.num_columns):
        t = s.price[j] - s.floor[j]
        if s.owner[j] >= 0 and t < s.measure[CUT]:
            offer(s, i8(-1), i8(j), t)
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
def next_repair(s):
    """Begin a search for the next column that is too dear, or be done."""
    while s.words[CURSOR] < s.num_columns:
        if is_dear(s, s.words[CURSOR]):
            begin_at_dummies(s, s.words[CURSOR])
            return
        s.words[CURSOR] += 1
    s.words[PHASE] = DONE


@inline
def finish_repair(m, l, s):  # noqa: E741
    """The path ends at a column that was too dear: the one of which was thought, or a nearer one."""
    lower_prices(l, s)
    augment(m, l, s)
    s.words[ROW] = -1
