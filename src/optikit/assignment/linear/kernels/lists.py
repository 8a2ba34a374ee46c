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
TELLS = 8  # every so many rows one tells what the next lists need


@inline
def put_in_order(l, done, count):  # noqa: E741
    """Sort what was found since into the list in the making, equals by column; returns how many it has then, KEEP + 1 at most."""
    for f in range(done, count):
        w = l.key[f]
        j = l.item[f]
        k = f
        while k > 0 and (l.key[k - 1] > w or (l.key[k - 1] == w and l.item[k - 1] > j)):
            l.key[k] = l.key[k - 1]
            l.item[k] = l.item[k - 1]
            k -= 1
        l.key[k] = w
        l.item[k] = j
    return min(count, KEEP + 1)


@inline
def finish(m, l, s, i, count, bound):  # noqa: E741
    """The list in the making becomes that of row i; columns that are not in it cost at least the bound."""
    at = l.first[i]
    kept = min(count, KEEP)
    for k in range(kept):
        j = l.item[k]
        j -= m.num_columns if j >= m.num_columns else 0
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
    """The least cost plus price of each group of a row: every fourth entry of a block, as four are looked at together."""
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
        l.least[4 * b] = least
        l.least[4 * b + 1] = second
        l.least[4 * b + 2] = third
        l.least[4 * b + 3] = fourth
        least = second if second < least else least
        third = fourth if fourth < third else third
        l.lowest[b] = third if third < least else least
    for g in range(4 * full, 4 * l.num_blocks):
        least = s.far
        for j in range(full * BLOCK + g % 4, m.num_columns, 4):
            w = m.sign * m.cost[row + j] + s.price[j]
            least = w if w < least else least
        l.least[g] = least
        l.lowest[full] = least if g % 4 == 0 or least < l.lowest[full] else l.lowest[full]


@inline
def find_groups(l, begin, end, hits, cap):  # noqa: E741
    """Note the groups, of some blocks, whose least is up to a cap; returns how many have been noted."""
    blocks = i8(0)
    for b in range(begin, end):
        l.block[blocks] = b
        blocks += i8(l.lowest[b] <= cap)
    for k in range(blocks):
        for g in range(4 * l.block[k], 4 * l.block[k] + 4):
            l.hit[hits] = g
            hits += i8(l.least[g] <= cap)
    return hits


@inline
def collect(m, l, s, i, cap):  # noqa: E741
    """Find the columns of a row up to a cap, of those at the cap as many as there is room for; returns how many.

    Rows begin at different groups, so that they do not all keep the same columns where costs are equal; columns before that come
    last, and are noted as num_columns more. No branch depends on costs until there are more columns than a list keeps.
    """
    row = i * m.num_columns
    begin = row // m.num_rows // BLOCK
    turned = find_groups(l, begin, l.num_blocks, i8(0), cap)
    hits = find_groups(l, i8(0), begin, turned, cap)
    count = i8(0)
    done = i8(0)
    for h in range(hits):
        g = l.hit[h]
        at = (g >> 2) * BLOCK + (g & 3)
        more = m.num_columns if h >= turned else 0
        if done == 0 or l.least[g] < cap:
            for q in range(0, BLOCK, 4):
                j = min(at + q, m.num_columns - 1)
                w = m.sign * m.cost[row + j] + s.price[j]
                l.item[count] = j + more
                l.key[count] = w
                count += i8(w <= cap) & i8(w < s.far) & i8(at + q < m.num_columns)
            if count > KEEP:
                count = put_in_order(l, done, count)
                done = count
                cap = l.key[KEEP]
    return count


@inline
def scan(m, l, s, i):  # noqa: E741
    """Make the list of a row of a dense matrix anew.

    A cap keeps most columns from being looked at: what a row before needed beyond its best, else the least but KEEP of the minima
    of blocks.
    """
    find_minima(m, l, s, i * m.num_columns)
    best = s.far
    for b in range(l.num_blocks):
        best = min(best, l.lowest[b])
    count = i8(0)
    bound = s.far
    if best < s.far and s.measure[SPREAD] >= 0:
        bound = best + s.measure[SPREAD]
        count = collect(m, l, s, i, bound)
    short = count < LEAST
    if short:
        count = i8(0)
        for b in range(l.num_blocks):
            if count <= KEEP or l.lowest[b] < l.key[KEEP]:
                l.key[count] = l.lowest[b]
                count = put_in_order(l, count, count + 1)
        bound = s.far
        if count > KEEP:
            bound = l.key[KEEP]
        count = collect(m, l, s, i, bound)
        bound = s.far
    starts = s.words[PHASE] == START
    if short or count > KEEP or not starts or i % TELLS == 0:
        put_in_order(l, i8(0), count)
        aim = AIM if starts else KEEP
        if count > aim:
            s.measure[SPREAD] = l.key[aim] - l.key[0]
        elif count > 0 and bound < s.far:
            s.measure[SPREAD] += l.key[count - 1] - l.key[0]
    finish(m, l, s, i, count, bound)


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
