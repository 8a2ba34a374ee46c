"""Bottleneck matching: augmenting paths below a threshold that rises only where it must.

From a row without a column all columns up to the threshold are reached, and from those that are full the rows that they have. Where
that ends without a column with room, the threshold rises to the least cost that leads on: every assignment has a cost that great,
since the rows on the tree have no more columns below it than they fill. Derigs and Zimmermann, "An augmenting path method for
solving linear bottleneck assignment problems", Computing 19 (1978); Burkard, Dell'Amico and Martello, "Assignment Problems",
SIAM 2009, section 6.2.
"""

from optikit.kernels.control import Control, out_of_time
from optikit.kernels.jit import i8, inline, kernel

from ..bottleneck_arrays import (
    CURSOR,
    END,
    EXIT,
    FREE,
    MARK,
    NUM_HALL,
    NUM_SCANNED,
    NUM_TREE,
    OUT,
    PATHS,
    ROOT,
    THRESHOLD,
    WORK,
    Levels,
    Table,
)  # fmt: skip
from .flags import IS_DENSE, VARIANTS

PATIENCE = 30_000  # entries that are read between two looks at the clock

RUNNING = 0
DONE = 1
INFEASIBLE = 2


@inline
def level(t, word):
    """The key of a cost: lesser is better, of floats as of ints."""
    return (word ^ ((word >> 63) & t.flip)) ^ t.turn


@inline
def plant(t, s, i):
    """Begin a search at a row."""
    for j in range(s.num_columns):
        s.reached[j] = 0
        s.key[j] = t.far
    s.tree[0] = i
    s.words[ROOT] = i
    s.words[NUM_TREE] = 1
    s.words[NUM_SCANNED] = 0
    s.words[END] = FREE
    s.words[EXIT] = -1
    s.words[MARK] = 0
    s.words[WORK] += s.num_columns


@inline
def reach(s, j):
    """A column joins the tree: the path ends there, or its rows join too."""
    s.reached[j] = 1
    if s.load[j] < s.room[j]:
        s.words[END] = j
    else:
        i = i8(s.first_of[j])
        while i >= 0:
            s.tree[s.words[NUM_TREE]] = i
            s.words[NUM_TREE] += 1
            i = i8(s.next_of[i])


@inline
def look(s, i, j, key):
    """A pair of a row on the tree."""
    if key < s.key[j] and s.reached[j] == 0:
        s.key[j] = key
        s.via[j] = i
        if key <= s.words[THRESHOLD]:
            reach(s, j)


@inline
def scan(t, s, i):
    """Look at all columns of a row on the tree."""
    if s.leave[i] <= s.words[THRESHOLD]:
        s.words[END] = OUT - i
    elif s.leave[i] < t.far and (s.words[EXIT] < 0 or s.leave[i] < s.leave[s.words[EXIT]]):
        s.words[EXIT] = i
    if IS_DENSE:
        row = i * t.num_columns
        j = i8(0)
        while j < t.num_columns and s.words[END] == FREE:
            look(s, i, j, level(t, t.cost[row + j]))
            j += 1
        s.words[WORK] += j
    else:
        k = i8(t.first[i])
        end = i8(t.first[i + 1])
        s.words[WORK] += end - k
        while k < end and s.words[END] == FREE:
            look(s, i, i8(t.column[k]), level(t, t.cost[k]))
            k += 1


@inline
def rise(t, s):
    """Raise the threshold to the least cost that leads on from the tree; False where nothing does."""
    least = t.far
    for j in range(s.num_columns):
        if s.reached[j] == 0 and s.key[j] < least:
            least = s.key[j]
    if s.words[EXIT] >= 0 and s.leave[s.words[EXIT]] < least:
        least = s.leave[s.words[EXIT]]
    s.words[WORK] += 2 * s.num_columns
    s.words[MARK] = s.words[NUM_TREE]
    if least >= t.far:
        return False
    s.words[THRESHOLD] = least
    if s.words[EXIT] >= 0 and s.leave[s.words[EXIT]] <= least:
        s.words[END] = OUT - s.words[EXIT]
    j = i8(0)
    while j < s.num_columns and s.words[END] == FREE:
        if s.reached[j] == 0 and s.key[j] <= least:
            reach(s, j)
        j += 1
    return True


@inline
def leave_column(s, i):
    """A row gives its column up; returns the column, FREE where it had none."""
    j = i8(s.column_of[i])
    if j < 0:
        return i8(FREE)
    after = i8(s.next_of[i])
    before = i8(s.before[i])
    if before >= 0:
        s.next_of[before] = after
    else:
        s.first_of[j] = after
    if after >= 0:
        s.before[after] = before
    s.load[j] -= 1
    return j


@inline
def take_column(s, i, j):
    """A row takes a column."""
    s.column_of[i] = j
    head = i8(s.first_of[j])
    s.next_of[i] = head
    s.before[i] = -1
    if head >= 0:
        s.before[head] = i
    s.first_of[j] = i
    s.load[j] += 1


@inline
def augment(s):
    """Every row on the path takes the column after it."""
    root = i8(s.words[ROOT])
    j = i8(s.words[END])
    i = i8(FREE)
    if j <= OUT:
        i = OUT - j
        j = leave_column(s, i)
        s.column_of[i] = OUT
    while i != root:
        i = i8(s.via[j])
        given_up = leave_column(s, i)
        take_column(s, i, j)
        j = given_up
    s.words[PATHS] += 1
    s.words[ROOT] = -1


@inline
def keep_hall(s):
    """The tree as it was when the threshold last rose proves that it had to."""
    for k in range(s.words[MARK]):
        s.hall[k] = s.tree[k]
    s.words[NUM_HALL] = s.words[MARK]


@kernel(variants=VARIANTS)
def rise_and_match(t: Table, s: Levels, c: Control) -> i8:
    """Go on until every row has a column or may be left out; returns RUNNING, DONE or INFEASIBLE."""
    while True:
        while s.words[ROOT] < 0:
            i = i8(s.words[CURSOR])
            if i >= s.num_rows:
                return i8(DONE)
            s.words[CURSOR] = i + 1
            if s.column_of[i] == FREE:
                plant(t, s, i)
        while s.words[END] == FREE and s.words[NUM_SCANNED] < s.words[NUM_TREE]:
            i = i8(s.tree[s.words[NUM_SCANNED]])
            s.words[NUM_SCANNED] += 1
            scan(t, s, i)
            if s.words[WORK] > PATIENCE:
                s.words[WORK] = 0
                if out_of_time(c):
                    return i8(RUNNING)
        if s.words[END] == FREE and not rise(t, s):
            keep_hall(s)
            return i8(INFEASIBLE)
        if s.words[END] != FREE:
            if s.words[MARK] > 0:
                keep_hall(s)
            augment(s)
