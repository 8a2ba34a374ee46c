"""Shortest augmenting paths (Dijkstra's algorithm on reduced costs) over the lists of rows.

A row on the tree offers the columns of its list at once, and its other columns when the distance has come to what they cost at
least: most rows never get there. Distances never go back below what has been reached, so rounding cannot make a search go round.
"""

from __future__ import annotations

from optikit.kernels.jit import i8, inline

from ..arrays import (
    CURSOR,
    CUT,
    EFFORT,
    END,
    HEAD,
    NUM_DONE,
    NUM_HEAP,
    NUM_TOUCHED,
    OUT,
    OUT_ROW,
    PATHS,
    PHASE,
    REACHED,
    ROOT,
    ROW,
    WORK,
)
from .flags import IS_DENSE
from .heap import clear, pop, put
from .lists import BLOCK, pair_cost, scan
from .phases import INFEASIBLE, SEEK, enough


@inline
def settle(s, j):
    """The distance of a column is final."""
    s.settled[j] = 1
    s.done[s.words[NUM_DONE]] = j
    s.words[NUM_DONE] += 1


@inline
def offer(s, i, j, t):
    """A path to column j of length t by way of row i, known to be shorter than any so far; it may end there."""
    if s.distance[j] == s.far:
        s.touched[s.words[NUM_TOUCHED]] = j
        s.words[NUM_TOUCHED] += 1
    s.distance[j] = t
    s.via[j] = i
    if s.owner[j] < 0:
        s.measure[CUT] = t
        s.words[END] = j
    elif t <= s.measure[REACHED]:
        settle(s, j)
    else:
        put(s, j, t)


@inline
def relax_list(l, s, i):  # noqa: E741
    """Offer the columns of a row's list, and remember when its others are due."""
    base = s.base[i]
    reached = s.measure[REACHED]
    for k in range(l.first[i], l.last[i]):
        j = l.column[k]
        t = max(base + l.cost[k] + s.price[j], reached)
        if t < s.distance[j] and t < s.measure[CUT]:
            offer(s, i, j, t)
    if IS_DENSE and l.beyond[i] < s.far:
        t = max(base + l.beyond[i], reached)
        if t < s.measure[CUT]:
            put(s, s.num_columns + i, t)
    s.words[WORK] += l.last[i] - l.first[i]
    s.words[EFFORT] += l.last[i] - l.first[i]


@inline
def offer_out(s, i):
    """The path may end where a row goes out."""
    if s.out[i] < s.far:
        t = max(s.base[i] + s.out[i], s.measure[REACHED])
        if t < s.measure[CUT]:
            s.measure[CUT] = t
            s.words[END] = OUT - i


@inline
def relax_all(m, s, i):
    """Offer every column of a row of a dense matrix."""
    base = s.base[i]
    reached = s.measure[REACHED]
    row = i * m.num_columns
    at = i8(0)
    while at < m.num_columns:
        end = min(at + BLOCK, m.num_columns)
        hits = i8(0)
        if end == at + BLOCK:
            cut = s.measure[CUT]
            for q in range(BLOCK):
                t = base + m.sign * m.cost[row + at + q] + s.price[at + q]
                hits += i8(t < s.distance[at + q]) & i8(t < cut)
        else:
            hits = i8(1)
        if hits > 0:
            for j in range(at, end):
                cost = m.sign * m.cost[row + j]
                if cost < s.far:
                    t = max(base + cost + s.price[j], reached)
                    if t < s.distance[j] and t < s.measure[CUT]:
                        offer(s, i, i8(j), t)
        at = end
    s.words[WORK] += m.num_columns
    s.words[EFFORT] += m.num_columns


@inline
def is_due_in_full(m, l, s, i):  # noqa: E741
    """The columns beyond the list of a row are due: whether all have to be looked at, as a list made anew does not lead on."""
    beyond = l.beyond[i]
    risen = False
    for k in range(l.first[i], l.last[i]):
        risen = risen or l.cost[k] + s.price[l.column[k]] > beyond
    if risen:
        scan(m, l, s, i)
    s.words[EFFORT] += m.num_columns
    return l.beyond[i] <= beyond


@inline
def forget(s):
    """Make ready for the next search."""
    for k in range(s.words[NUM_TOUCHED]):
        j = s.touched[k]
        s.distance[j] = s.far
        s.settled[j] = 0
    clear(s)
    s.words[NUM_TOUCHED] = 0
    s.words[NUM_DONE] = 0
    s.words[HEAD] = 0
    s.words[END] = -1
    s.words[ROOT] = -1
    s.measure[CUT] = s.far
    s.measure[REACHED] = 0


@inline
def begin(s, i, best):
    """Put a row that has no column at the root of the tree."""
    forget(s)
    best = min(best, s.out[i])
    s.words[ROW] = i
    s.words[OUT_ROW] = s.num_rows
    if best < s.far:
        s.base[i] = -best
        s.words[ROOT] = i


@inline
def next_on_tree(s):
    """The next row to offer its columns: at a root, or the owner of a column that was settled; -1 for none."""
    i = s.words[ROOT]
    s.words[ROOT] = -1
    if i >= 0:
        return i
    while s.words[OUT_ROW] < s.num_rows:
        i = s.words[OUT_ROW]
        s.words[OUT_ROW] = i + 1
        if s.column_of[i] == OUT:
            s.base[i] = -s.out[i]
            return i
    if s.words[HEAD] < s.words[NUM_DONE]:
        j = s.done[s.words[HEAD]]
        s.words[HEAD] += 1
        i = i8(s.owner[j])
        s.base[i] = s.distance[j] - (s.held[i] + s.price[j])
        return i
    return i8(-1)


@inline
def grow(m, l, s, c):  # noqa: E741
    """Settle columns until the shortest path is known, or that there is none; returns whether that is so."""
    while s.measure[REACHED] < s.measure[CUT]:
        i = next_on_tree(s)
        in_full = False
        if i < 0:
            if s.words[NUM_HEAP] == 0 or s.heap_key[0] >= s.measure[CUT]:
                return True
            s.measure[REACHED] = max(s.measure[REACHED], s.heap_key[0])
            e = pop(s)
            if IS_DENSE and e >= s.num_columns:
                i = e - s.num_columns
                in_full = is_due_in_full(m, l, s, i)
            elif s.settled[e] == 0:
                settle(s, e)
        if IS_DENSE and in_full:
            relax_all(m, s, i)
        elif i >= 0:
            if s.words[PHASE] == SEEK:
                offer_out(s, i)
            relax_list(l, s, i)
        if enough(s, c):
            return False
    return True


@inline
def augment(m, l, s):  # noqa: E741
    """Hand the columns on along the path."""
    j = s.words[END]
    if j <= OUT:
        i = OUT - j
        j = s.column_of[i]
        s.column_of[i] = OUT
    while j >= 0:
        i = s.via[j]
        if i < 0:
            s.owner[j] = -1
            s.price[j] = s.floor[j]
            return
        before = s.column_of[i]
        s.owner[j] = i
        s.column_of[i] = j
        s.held[i] = pair_cost(m, l, s, i, j)
        j = before
    s.words[PATHS] += 1


@inline
def raise_prices(s):
    """The dual step: settled columns become as dear as the path is long."""
    cut = s.measure[CUT]
    for k in range(s.words[NUM_DONE]):
        j = s.done[k]
        s.price[j] += cut - s.distance[j]


@inline
def finish_path(m, l, s):  # noqa: E741
    """A row gets its column by the path that was found; or there is none."""
    if s.words[END] == -1:
        s.words[PHASE] = INFEASIBLE
        return
    raise_prices(s)
    augment(m, l, s)
    s.words[ROW] = -1
    s.words[CURSOR] += 1
