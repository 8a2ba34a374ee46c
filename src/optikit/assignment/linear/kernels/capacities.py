"""Columns that take several rows: shortest augmenting paths from place to place, and not from row to row.

Of all rows of a place, only the one that moves to another place at least cost can be on a shortest path. So a search looks at
places alone, over a table of the cheapest move between any two of them, of which a path spoils few. Kennington and Wang, "A
shortest augmenting path algorithm for the semi-assignment problem", Operations Research 40 (1992); Tokuyama and Nakano, "Efficient
algorithms for the Hitchcock transportation problem", SIAM Journal on Computing 24 (1995), who keep heaps in the place of the
table. Where there are too many places for a table, all rows of a place are looked at.
"""

from __future__ import annotations

from optikit.kernels.control import Control, out_of_time
from optikit.kernels.jit import i8, inline, kernel

from ..capacity_arrays import (
    CURSOR,
    CUT,
    DONE,
    END,
    FILL,
    NONE,
    NUM_DONE,
    NUM_FREE,
    NUM_HEAP,
    NUM_TOUCHED,
    PATHS,
    PHASE,
    REACHED,
    ROW,
    SEEK,
    SHORT_OF_PLACES,
    SHORT_OF_ROWS,
    STALE,
    START,
    WORK,
    FloatSemi,
    WholeSemi,
)
from .heap import clear, pop, put

A_LOOK = 30_000  # entries that are read between two looks at the clock


@inline
def begin_of(s, i):
    """Where the entries of a row begin; i may be the row after the last."""
    if s.num_entries == 0:
        return i * s.num_columns
    return s.first[i]


@inline
def column_at(s, e, begin):
    """The column of an entry of the row that begins there."""
    if s.num_entries == 0:
        return e - begin
    return i8(s.column[e])


@inline
def cost_at(s, i, k):
    """Cost of a row in a place; far where it may not be there."""
    if k == s.num_columns:
        return s.out[i]
    if s.num_entries == 0:
        return s.sign * s.cost[i * s.num_columns + k]
    for e in range(s.first[i], s.first[i + 1]):
        if s.column[e] == k:
            return s.sign * s.cost[e]
    return s.far


# -- the table of moves ---------------------------------------------------------


@inline
def improve_pair(s, at, i, cost):
    """A row may move at such a cost."""
    if cost < s.pair[at]:
        s.pair[at] = cost
        s.pair_row[at] = i


@inline
def improve_pairs(s, i, j):
    """All moves of a row from its place."""
    at = j * s.num_places
    held = s.held[i]
    begin = begin_of(s, i)
    end = begin_of(s, i + 1)
    for e in range(begin, end):
        cost = s.sign * s.cost[e]
        if cost < s.far:
            improve_pair(s, at + column_at(s, e, begin), i, cost - held)
    if s.out[i] < s.far:
        improve_pair(s, at + s.num_columns, i, s.out[i] - held)
    s.words[WORK] += end - begin


@inline
def fill_pairs(s, j):
    """The moves from a place, for the first time."""
    if s.fresh[j] == 0:
        for k in range(s.num_places):
            s.pair[j * s.num_places + k] = s.far
            s.pair_row[j * s.num_places + k] = NONE
        i = i8(s.first_of[j])
        while i >= 0:
            improve_pairs(s, i, j)
            i = i8(s.next_of[i])
        s.fresh[j] = 1
        s.words[WORK] += s.num_places


@inline
def renew_pair(s, j, k):
    """The cheapest move from j to k, where it may have gone."""
    at = j * s.num_places + k
    if s.pair_row[at] == STALE:
        s.pair[at] = s.far
        s.pair_row[at] = NONE
        i = i8(s.first_of[j])
        while i >= 0:
            cost = cost_at(s, i, k)
            if cost < s.far:
                improve_pair(s, at, i, cost - s.held[i])
            i = i8(s.next_of[i])
        s.words[WORK] += s.load[j]


@inline
def spoil_pairs(s, i, j):
    """A row leaves: where it was the cheapest, the cost of the move is known no more, but that it is no less."""
    at = j * s.num_places
    begin = begin_of(s, i)
    for e in range(begin, begin_of(s, i + 1)):
        k = at + column_at(s, e, begin)
        if s.pair_row[k] == i:
            s.pair_row[k] = STALE
    if s.pair_row[at + s.num_columns] == i:
        s.pair_row[at + s.num_columns] = STALE


# -- rows come and go -----------------------------------------------------------


@inline
def leave(s, i, j):
    """A row leaves its place."""
    if s.num_pairs > 0 and s.fresh[j] == 1:
        spoil_pairs(s, i, j)
    after = i8(s.next_of[i])
    before = i8(s.before[i])
    if before >= 0:
        s.next_of[before] = after
    else:
        s.first_of[j] = after
    if after >= 0:
        s.before[after] = before
    s.load[j] -= 1


@inline
def enter(s, i, k):
    """A row takes a place."""
    s.column_of[i] = k
    s.held[i] = cost_at(s, i, k)
    head = i8(s.first_of[k])
    s.next_of[i] = head
    s.before[i] = -1
    if head >= 0:
        s.before[head] = i
    s.first_of[k] = i
    s.load[k] += 1
    if s.num_pairs > 0 and s.fresh[k] == 1:
        improve_pairs(s, i, k)


# -- paths ------------------------------------------------------------------------


@inline
def forget(s):
    """Make ready for the next search."""
    for k in range(s.words[NUM_TOUCHED]):
        s.distance[s.touched[k]] = s.far
    clear(s)
    s.words[NUM_TOUCHED] = 0
    s.words[NUM_DONE] = 0
    s.words[END] = -1
    s.measure[CUT] = s.far
    s.measure[REACHED] = -s.far


@inline
def reach(s, k, t, i):
    """A path to place k of length t, known to be shorter than any so far."""
    if s.distance[k] == s.far:
        s.touched[s.words[NUM_TOUCHED]] = k
        s.words[NUM_TOUCHED] += 1
    s.distance[k] = t
    s.via[k] = i


@inline
def offer(s, k, t, i):
    """A path on which row i comes to place k; it ends there if there is room."""
    t = max(t, s.measure[REACHED])
    if t < s.distance[k] and t < s.measure[CUT]:
        reach(s, k, t, i)
        if s.load[k] < s.room[k]:
            s.measure[CUT] = t
            s.words[END] = k
        else:
            put(s, k, t)


@inline
def offer_row(s, i, base):
    """Paths by way of a row to all its places."""
    begin = begin_of(s, i)
    end = begin_of(s, i + 1)
    for e in range(begin, end):
        cost = s.sign * s.cost[e]
        if cost < s.far:
            k = column_at(s, e, begin)
            offer(s, k, base + cost + s.price[k], i)
    if s.out[i] < s.far:
        offer(s, s.num_columns, base + s.out[i], i)
    s.words[WORK] += end - begin


@inline
def offer_pairs(s, j):
    """Paths by the cheapest moves from a place; moves that may have become dearer are looked at again where they lead on."""
    fill_pairs(s, j)
    at = j * s.num_places
    base = s.distance[j] - s.price[j]
    for k in range(s.num_places):
        if s.pair[at + k] < s.far:
            t = max(base + s.pair[at + k] + s.price[k], s.measure[REACHED])
            if t < s.distance[k] and t < s.measure[CUT]:
                renew_pair(s, j, k)
                if s.pair[at + k] < s.far:
                    offer(s, k, base + s.pair[at + k] + s.price[k], s.pair_row[at + k])
    s.words[WORK] += s.num_places


@inline
def settle_next(s):
    """The next place in the heap has its distance; returns it, -1 where none is nearer than the end of the shortest path."""
    if s.words[NUM_HEAP] == 0 or s.heap_key[0] >= s.measure[CUT]:
        return i8(-1)
    s.measure[REACHED] = max(s.measure[REACHED], s.heap_key[0])
    j = i8(pop(s))
    s.done[s.words[NUM_DONE]] = j
    s.words[NUM_DONE] += 1
    return j


@inline
def find_place(s, root):
    """The shortest path from a row to a place with room; returns whether there is one."""
    forget(s)
    offer_row(s, root, 0)
    j = settle_next(s)
    while j >= 0:
        if s.num_pairs > 0:
            offer_pairs(s, j)
        else:
            i = i8(s.first_of[j])
            base = s.distance[j] - s.price[j]
            while i >= 0:
                offer_row(s, i, base - s.held[i])
                i = i8(s.next_of[i])
        j = settle_next(s)
    return s.words[END] >= 0


@inline
def hand_on(s, root):
    """The dual step, and every row on the path moves."""
    cut = s.measure[CUT]
    for k in range(s.words[NUM_DONE]):
        j = s.done[k]
        s.price[j] += cut - s.distance[j]
    k = s.words[END]
    i = i8(-1)
    while i != root:
        i = i8(s.via[k])
        before = i8(s.column_of[i])
        if before >= 0:
            leave(s, i, before)
        enter(s, i, k)
        k = before
    s.words[PATHS] += 1


# -- columns that must be filled ----------------------------------------------------


@inline
def draw(s, x):
    """Paths to where the search began by way of place x, from all places that have rows."""
    for k in range(s.num_places):
        if s.load[k] > 0 and k != x:
            fill_pairs(s, k)
            at = k * s.num_places + x
            base = s.distance[x] + s.price[x] - s.price[k]
            if s.pair[at] < s.far and max(base + s.pair[at], s.measure[REACHED]) < min(s.distance[k], s.measure[CUT]):
                renew_pair(s, k, x)
                if s.pair[at] < s.far:
                    t = max(base + s.pair[at], s.measure[REACHED])
                    if t < min(s.distance[k], s.measure[CUT]):
                        reach(s, k, t, s.pair_row[at])
                        s.onto[k] = x
                        put(s, k, t)
                        free = k == s.num_columns or s.must[k] == 0
                        if free and t + s.price[k] - s.floor[k] < s.measure[CUT]:
                            s.measure[CUT] = t + s.price[k] - s.floor[k]
                            s.words[END] = k
    s.words[WORK] += s.num_places


@inline
def find_row(s, j):
    """The shortest path from a place that may lose a row to column j; returns whether there is one."""
    forget(s)
    s.measure[REACHED] = 0
    reach(s, j, 0, -1)
    put(s, j, s.distance[j])
    x = settle_next(s)
    while x >= 0:
        draw(s, x)
        x = settle_next(s)
    return s.words[END] >= 0


@inline
def pass_on(s, j):
    """The dual step, where prices fall, and every row on the path moves."""
    cut = s.measure[CUT]
    for n in range(s.words[NUM_DONE]):
        x = s.done[n]
        s.price[x] -= cut - s.distance[x]
    k = s.words[END]
    s.price[k] = s.floor[k]
    while k != j:
        i = i8(s.via[k])
        x = i8(s.onto[k])
        leave(s, i, k)
        enter(s, i, x)
        k = x
    s.words[PATHS] += 1


# -- whose turn it is -----------------------------------------------------------------


@inline
def start_row(s, i):
    """A row takes a best place where there is room, else it waits."""
    best = s.out[i]
    at = s.num_columns
    begin = begin_of(s, i)
    end = begin_of(s, i + 1)
    for e in range(begin, end):
        k = column_at(s, e, begin)
        w = s.sign * s.cost[e]
        if w < s.far:
            w += s.price[k]
            if w < best or (w == best and s.load[at] >= s.room[at]):
                best = w
                at = k
    if best < s.far and s.load[at] < s.room[at]:
        enter(s, i, at)
    else:
        s.free[s.words[NUM_FREE]] = i
        s.words[NUM_FREE] += 1
    s.words[WORK] += end - begin


@inline
def next_phase(s, phase):
    s.words[PHASE] = phase
    s.words[CURSOR] = 0


@inline
def step(s):
    """One row finds its place, or one place of a column is filled."""
    at = s.words[CURSOR]
    if s.words[PHASE] == START:
        if at == s.num_rows:
            next_phase(s, SEEK)
        else:
            start_row(s, at)
            s.words[CURSOR] += 1
    elif s.words[PHASE] == SEEK:
        if at == s.words[NUM_FREE]:
            next_phase(s, FILL)
        else:
            root = i8(s.free[at])
            if find_place(s, root):
                hand_on(s, root)
                s.words[CURSOR] += 1
            else:
                s.words[PHASE] = SHORT_OF_PLACES
                s.words[ROW] = root
    elif at == s.num_columns:
        s.words[PHASE] = DONE
    elif s.must[at] == 0 or s.load[at] >= s.room[at]:
        s.words[CURSOR] += 1
    elif find_row(s, at):
        pass_on(s, at)
    else:
        s.words[PHASE] = SHORT_OF_ROWS


@inline
def go_on(s, c):
    """Go on while the control block allows; returns the phase: DONE or beyond where there is no more to do."""
    while s.words[PHASE] < DONE:
        step(s)
        if s.words[WORK] > A_LOOK:
            s.words[WORK] = 0
            if out_of_time(c):
                break
    return s.words[PHASE]


@kernel
def place_floats(s: FloatSemi, c: Control) -> i8:
    """Go on; returns the phase."""
    return i8(go_on(s, c))


@kernel
def place_whole(s: WholeSemi, c: Control) -> i8:
    """The same in integers."""
    return i8(go_on(s, c))
