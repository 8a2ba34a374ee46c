"""The columns that are cheapest for a row, kept in a list with a proof.

While prices rise, cost plus price of a column outside the list stays at least `beyond`. So the best two columns of a row are found
in its list until the second is dearer than that; only then is the row read again.
"""

from __future__ import annotations

from optikit.kernels.jit import i8, inline

from ..arrays import KEEP, PHASE, SCANS, SPREAD, WORK
from .flags import IS_DENSE
from .phases import START

BLOCK = 16  # entries of a row that are looked at together
LEAST = 4  # entries that a list must have
AIM = 8  # that the first list of a row is to have, about: most rows never need more


@inline
def enter(l, count, w, j):  # noqa: E741
    """Put a column into the list in the making; returns how many it has then, KEEP + 1 at most."""
    k = min(count, KEEP)
    while k > 0 and l.key[k - 1] > w:
        l.key[k] = l.key[k - 1]
        l.item[k] = l.item[k - 1]
        k -= 1
    l.key[k] = w
    l.item[k] = j
    return min(count + 1, KEEP + 1)


@inline
def finish(m, l, s, i, count, bound):  # noqa: E741
    """The list in the making becomes that of row i; columns that are not in it cost at least the bound."""
    at = l.first[i]
    kept = min(count, KEEP)
    for k in range(kept):
        j = l.item[k]
        l.column[at + k] = j
        l.cost[at + k] = m.sign * m.cost[i * m.num_columns + j]
    l.last[i] = at + kept
    l.beyond[i] = bound
    if count > KEEP:
        l.beyond[i] = l.key[KEEP]
    s.words[SCANS] += 1
    s.words[WORK] += m.num_columns


@inline
def find_minima(m, l, s, row):  # noqa: E741
    """The least cost plus price of each block of a row; four chains of comparisons keep the processor busy."""
    full = m.num_columns // BLOCK
    for b in range(full):
        at = b * BLOCK
        least = s.far
        second = s.far
        third = s.far
        fourth = s.far
        for q in range(0, BLOCK, 4):
            w = m.sign * m.cost[row + at + q] + s.price[at + q]
            x = m.sign * m.cost[row + at + q + 1] + s.price[at + q + 1]
            y = m.sign * m.cost[row + at + q + 2] + s.price[at + q + 2]
            z = m.sign * m.cost[row + at + q + 3] + s.price[at + q + 3]
            least = w if w < least else least
            second = x if x < second else second
            third = y if y < third else third
            fourth = z if z < fourth else fourth
        least = second if second < least else least
        third = fourth if fourth < third else third
        l.least[b] = third if third < least else least
    if full * BLOCK < m.num_columns:
        least = s.far
        for j in range(full * BLOCK, m.num_columns):
            w = m.sign * m.cost[row + j] + s.price[j]
            least = w if w < least else least
        l.least[full] = least


@inline
def collect(m, l, s, i, cap):  # noqa: E741
    """Enter the columns of a row up to a cap, of those at the cap as many as there is room for; returns how many.

    Rows begin at different blocks, so that they do not all keep the same columns where costs are equal.
    """
    row = i * m.num_columns
    blocks = l.num_blocks
    b = row // m.num_rows // BLOCK
    count = i8(0)
    for _ in range(blocks):
        if l.least[b] < cap or (l.least[b] <= cap and count <= KEEP):
            for j in range(b * BLOCK, min(b * BLOCK + BLOCK, m.num_columns)):
                w = m.sign * m.cost[row + j] + s.price[j]
                if w < cap or (w <= cap and count <= KEEP and w < s.far):
                    count = enter(l, count, w, i8(j))
                    if count > KEEP:
                        cap = l.key[KEEP]
        b += 1
        if b == blocks:
            b = i8(0)
    return count


@inline
def scan(m, l, s, i):  # noqa: E741
    """Make the list of a row of a dense matrix anew.

    A cap keeps most columns from being sorted in: what the row before needed beyond its best, else the least but KEEP of the minima
    of blocks.
    """
    find_minima(m, l, s, i * m.num_columns)
    best = s.far
    for b in range(l.num_blocks):
        best = min(best, l.least[b])
    count = i8(0)
    bound = s.far
    if best < s.far and s.measure[SPREAD] >= 0:
        bound = best + s.measure[SPREAD]
        count = collect(m, l, s, i, bound)
    if count < LEAST:
        count = i8(0)
        for b in range(l.num_blocks):
            if count <= KEEP or l.least[b] < l.key[KEEP]:
                count = enter(l, count, l.least[b], i8(b))
        bound = s.far
        if count > KEEP:
            bound = l.key[KEEP]
        count = collect(m, l, s, i, bound)
        bound = s.far
    finish(m, l, s, i, count, bound)
    aim = AIM if s.words[PHASE] == START else KEEP
    if count > aim:
        s.measure[SPREAD] = l.key[aim] - l.key[0]
    elif count > 0 and bound < s.far:
        s.measure[SPREAD] += l.key[count - 1] - l.key[0]


@inline
def best_two(l, s, i):  # noqa: E741
    """Cost plus price of the best two entries in the list of a row, and where the best is; far and -1 for none.

    Without branches: which way they would go cannot be foretold.
    """
    best = s.far
    second = s.far
    at = i8(-1)
    for k in range(l.first[i], l.last[i]):
        w = l.cost[k] + s.price[l.column[k]]
        above = w if w > best else best
        second = above if above < second else second
        at = i8(k) if w < best else at
        best = w if w < best else best
    return best, second, at


@inline
def choose(m, l, s, i):  # noqa: E741
    """The same of all columns of a row."""
    best, second, at = best_two(l, s, i)
    if IS_DENSE and second > l.beyond[i]:
        scan(m, l, s, i)
        best, second, at = best_two(l, s, i)
    s.words[WORK] += l.last[i] - l.first[i]
    return best, second, at


@inline
def pair_cost(m, l, s, i, j):  # noqa: E741
    """Cost of a pair times the sign."""
    if IS_DENSE:
        return m.sign * m.cost[i * m.num_columns + j]
    for k in range(l.first[i], l.last[i]):
        if l.column[k] == j:
            return l.cost[k]
    return s.far


@inline
def take(l, s, i, k):  # noqa: E741
    """Give a row the column of an entry of its list."""
    j = l.column[k]
    s.owner[j] = i
    s.column_of[i] = j
    s.held[i] = l.cost[k]
