"""Matrices that fit the processor's cache: column reduction, augmenting row reduction, shortest augmenting paths, over whole rows.

As published by Jonker and Volgenant (1987), in floats: whole numbers of up to 2**49 are exact in them, and so are their sums here.
The loops over a row have no branches: which way they would go cannot be foretold, and without them two columns go at a time.
"""

from __future__ import annotations

import math

from optikit.kernels.control import Control, out_of_time
from optikit.kernels.jit import f8, i8, inline, kernel

from ..arrays import BAD_COST, NO_MATCHING, SOLVED, TOO_HARD, Costs, Desk, FloatBatch, WholeBatch

SWEEPS = 2  # of augmenting row reduction
LONG = 32  # columns, of a row that is looked at by four
CONTESTS = 8  # in a row, of rows that turn each other out
A_LOOK = 64  # matrices between two looks at the clock

EARLY = 4  # searches that have relaxed so many times as many rows as there are may be given up,
PATIENCE = 24  # where as many as this, times as many rows, are to be expected of them all


@inline
def are_costs(t, d, count, limit):
    """Whether all costs are numbers within the limit, or infinite and so forbid a pair."""
    good = i8(0)
    for e in range(count):
        good += i8(math.fabs(t.cost[e]) < limit)
    if good < count:
        for e in range(count):
            good += i8(t.cost[e] == d.far)
    return good == count


@inline
def reduce(t, d, n, m):
    """Prices such that every column has a row that it costs nothing, but not where columns will be left over."""
    for j in range(m):
        d.price[j] = 0
        d.owner[j] = -1
        d.distance[j] = d.far
    if n < m:
        return
    for i in range(n):
        for j in range(m):
            w = t.cost[i * m + j]
            d.distance[j] = w if w < d.distance[j] else d.distance[j]
    for j in range(m):
        if d.distance[j] < d.far:
            d.price[j] = -d.distance[j]


@inline
def free_among(t, d, i, best, m):
    """The first free column of a row at its best, -1 for none."""
    found = i8(-1)
    for j in range(m - 1, -1, -1):
        found = i8(j) if i8(d.owner[j] < 0) & i8(t.cost[i * m + j] + d.price[j] <= best) else found
    return found


@inline
def with_one_more(best, second, at, w, j):
    """The best two of a part of a row, and where the best is, with one more column."""
    above = w if w > best else best
    second = above if above < second else second
    at = i8(j) if w < best else at
    best = w if w < best else best
    return best, second, at


@inline
def merged(best, second, at, other_best, other_second, other_at):
    """The best two, and where the best is, of two parts of a row."""
    second = other_second if other_second < second else second
    return with_one_more(best, second, at, other_best, other_at)


@inline
def best_two(t, d, i, m):
    """The least two sums of cost and price in a row, and where the least is.

    Even and odd columns apart, in long rows every fourth: the numbers of one chain wait for each other.
    """
    row = i * m
    w = x = y = z = d.far
    w2 = x2 = y2 = z2 = d.far
    at_w = at_x = at_y = at_z = i8(0)
    j = i8(0)
    if m >= LONG:
        while j < m - 3:
            a = t.cost[row + j] + d.price[j]
            b = t.cost[row + j + 1] + d.price[j + 1]
            c = t.cost[row + j + 2] + d.price[j + 2]
            e = t.cost[row + j + 3] + d.price[j + 3]
            w, w2, at_w = with_one_more(w, w2, at_w, a, j)
            x, x2, at_x = with_one_more(x, x2, at_x, b, j)
            y, y2, at_y = with_one_more(y, y2, at_y, c, j)
            z, z2, at_z = with_one_more(z, z2, at_z, e, j)
            j += 4
        w, w2, at_w = merged(w, w2, at_w, y, y2, at_y + 2)
        x, x2, at_x = merged(x, x2, at_x, z, z2, at_z + 2)
    while j < m - 1:
        w, w2, at_w = with_one_more(w, w2, at_w, t.cost[row + j] + d.price[j], j)
        x, x2, at_x = with_one_more(x, x2, at_x, t.cost[row + j + 1] + d.price[j + 1], j)
        j += 2
    if j < m:
        w, w2, at_w = with_one_more(w, w2, at_w, t.cost[row + j] + d.price[j], j)
    return merged(w, w2, at_w, x, x2, at_x + 1)


@inline
def contest(t, d, i, m):
    """A row takes its best column, which becomes as dear for it as the second best; returns who had it, -1 for nobody.

    Where several columns are equally good and none of them is free, nothing happens, and the row itself is returned.
    """
    best, second, at = best_two(t, d, i, m)
    if not best < second:
        if not best < d.far:
            return i
        at = free_among(t, d, i, best, m)
        if at < 0:
            return i
    elif second < d.far:
        d.price[at] += second - best
    elif d.owner[at] >= 0:
        return i
    other = i8(d.owner[at])
    d.owner[at] = i
    d.column_of[i] = at
    return other


@inline
def settle_by_contest(t, d, n, m):
    """Let the rows contest columns for a while; returns how many are left then."""
    for i in range(n):
        d.free[i] = i
    left = n
    for _ in range(SWEEPS):
        waiting = left
        left = i8(0)
        for f in range(waiting):
            i = i8(d.free[f])
            for _ in range(CONTESTS):
                other = contest(t, d, i, m)
                if other < 0 or other == i:
                    i = other
                    break
                i = other
            if i >= 0:
                d.free[left] = i
                left += 1
    return left


@inline
def relax(t, d, i, base, reached, m):
    """Offer the columns of a row; returns how many of them are now at the distance that has been reached, and were not before."""
    row = i * m
    hits = i8(0)
    for j in range(m):
        w = base + (t.cost[row + j] + d.price[j])
        w = w if w > reached else reached
        before = d.distance[j]
        w = w if w < before else before
        d.distance[j] = w
        hits += i8(w == reached)
    return hits


@inline
def nearest(d, reached, m):
    """The least distance beyond what has been reached; every fourth column apart."""
    w = x = y = z = d.far
    whole = m // 4 * 4
    for j in range(0, whole, 4):
        a = d.distance[j] if d.distance[j] > reached else d.far
        b = d.distance[j + 1] if d.distance[j + 1] > reached else d.far
        c = d.distance[j + 2] if d.distance[j + 2] > reached else d.far
        e = d.distance[j + 3] if d.distance[j + 3] > reached else d.far
        w = a if a < w else w
        x = b if b < x else x
        y = c if c < y else y
        z = e if e < z else z
    for j in range(whole, m):
        a = d.distance[j] if d.distance[j] > reached else d.far
        w = a if a < w else w
    w = y if y < w else w
    x = z if z < x else x
    return x if x < w else w


@inline
def collect(d, reached, hits, m, count):
    """Columns at the distance that has been reached join the order, `hits` at most; returns how many are in it, and a free one."""
    j = i8(0)
    while hits > 0 and j < m:
        if d.distance[j] == reached:
            if d.owner[j] < 0:
                return count, j
            d.order[count] = j
            d.final[count] = reached
            d.distance[j] = -d.far  # no path is shorter
            count += 1
            hits -= 1
        j += 1
    return count, i8(-1)


@inline
def augment(t, d, root, j, distance, m):
    """Hand the columns on along the path that ends at a free one at such a distance.

    The row before a column is the first of those relaxed whose path to it is as short: found now, and not noted all along.
    """
    while t.cost[root * m + j] + d.price[j] != distance:
        k = i8(-1)
        w = -d.far
        while w != distance:
            k += 1
            w = d.base[k] + (t.cost[d.owner[d.order[k]] * m + j] + d.price[j])
            w = w if w > d.final[k] else d.final[k]
        i = i8(d.owner[d.order[k]])
        d.owner[j] = i
        d.column_of[i] = j
        j = i8(d.order[k])
        distance = d.final[k]
    d.owner[j] = root
    d.column_of[root] = j


@inline
def find_path(t, d, root, m):
    """The shortest path from a row to a free column (Dijkstra's algorithm); returns it, -1 for none, and how many rows it took."""
    for j in range(m):
        d.distance[j] = t.cost[root * m + j] + d.price[j]
    reached = -d.far
    count = i8(0)
    head = i8(0)
    free = i8(-1)
    while free < 0:
        if head < count:
            j = d.order[head]
            i = i8(d.owner[j])
            d.base[head] = d.final[head] - (t.cost[i * m + j] + d.price[j])
            hits = relax(t, d, i, d.base[head], reached, m)
            head += 1
        else:
            hits = m
            reached = nearest(d, reached, m)
            if not reached < d.far:
                return i8(-1), head
        count, free = collect(d, reached, hits, m, count)
    augment(t, d, root, free, reached, m)
    for k in range(count):
        d.price[d.order[k]] += reached - d.final[k]
    return free, head


@inline
def solve_one(t, d, n, m, limit):
    """Find the matching of least cost, of no more rows than columns; returns how that went."""
    if not are_costs(t, d, n * m, limit):
        return i8(BAD_COST)
    reduce(t, d, n, m)
    left = settle_by_contest(t, d, n, m)
    relaxed = i8(0)
    for f in range(left):
        root = i8(d.free[f])
        j, rows = find_path(t, d, root, m)
        if j < 0:
            return i8(NO_MATCHING)
        relaxed += rows
        if relaxed > EARLY * n and relaxed * (left - f - 1) > PATIENCE * n * (f + 1):
            return i8(TOO_HARD)
    return i8(SOLVED)


@inline
def lay(b, d, k, n, m):
    """Copy a matrix of a batch to the desk, turned where it has more rows than columns."""
    base = b.first[k]
    if n <= m:
        for e in range(n * m):
            d.cost[e] = b.sign * f8(b.cost[base + e])
    else:
        for i in range(n):
            for j in range(m):
                d.cost[j * n + i] = b.sign * f8(b.cost[base + i * m + j])


@inline
def solve_matrix(b, d, k):
    """Solve one matrix of the batch."""
    n = i8(b.rows[k])
    m = i8(b.columns[k])
    lay(b, d, k, n, m)
    b.status[k] = solve_one(d, d, min(n, m), max(n, m), b.limit)
    if b.status[k] == SOLVED:
        line = b.line[k]
        if n <= m:
            for i in range(n):
                b.column_of[line + i] = d.column_of[i]
        else:
            for i in range(n):
                b.column_of[line + i] = d.owner[i]


@inline
def solve_some(b, d, c, k, last):
    """Solve matrices k..last-1 while the control block allows; returns the first that is not."""
    while k < last:
        end = min(k + A_LOOK, last)
        while k < end:
            solve_matrix(b, d, k)
            k += 1
        if k < last and out_of_time(c):
            return k
    return k


@kernel
def solve_costs(t: Costs, d: Desk, n: i8, m: i8, limit: f8) -> i8:
    """Solve one matrix of n rows and m columns where it is, n <= m; returns how that went."""
    return i8(solve_one(t, d, n, m, limit))


@kernel
def solve_float_batch(b: FloatBatch, d: Desk, c: Control, first: i8, last: i8) -> i8:
    """Solve matrices first..last-1; returns the first that is not solved yet."""
    return i8(solve_some(b, d, c, first, last))


@kernel
def solve_whole_batch(b: WholeBatch, d: Desk, c: Control, first: i8, last: i8) -> i8:
    """The same of whole numbers."""
    return i8(solve_some(b, d, c, first, last))
