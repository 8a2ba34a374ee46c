"""Matrices that fit the processor's cache, one after the other: reduction, and shortest augmenting paths without lists."""

from __future__ import annotations

from optikit.kernels.control import Control, out_of_time
from optikit.kernels.jit import i8, inline, kernel

from ..arrays import BAD_COST, NO_MATCHING, SOLVED, FloatBatch, FloatDesk, WholeBatch, WholeDesk

CONTESTS = 8  # in a row, of rows that turn each other out
A_LOOK = 64  # matrices between two looks at the clock


@inline
def lay(b, d, k, n, m):
    """Copy a matrix to the desk, turned where it has more rows than columns; returns whether its costs are numbers."""
    base = b.first[k]
    good = i8(0)
    great = i8(0)
    for e in range(n * m):
        w = b.sign * b.cost[base + e]
        good += i8(w > -d.limit)
        great += i8(w > d.limit)
        d.cost[e] = w
    if great > 0:  # infinite, or too great
        for e in range(n * m):
            good -= i8(d.limit < d.cost[e] <= d.most)
    if n > m:
        for i in range(n):
            for j in range(m):
                d.cost[j * n + i] = b.sign * b.cost[base + i * m + j]
    return good == n * m


@inline
def least(d, i, m):
    """The least sum of cost and price in a row."""
    row = i * m
    best = d.far
    for j in range(m):
        w = d.cost[row + j] + d.price[j]
        best = w if w < best else best
    return best


@inline
def reduce(d, n, m):
    """Prices such that every column has a row that it costs nothing, but not where columns will be left over."""
    for j in range(m):
        d.price[j] = 0
        d.owner[j] = -1
    if n < m:
        return
    for j in range(m):
        d.distance[j] = d.far
    for i in range(n):
        for j in range(m):
            w = d.cost[i * m + j]
            d.distance[j] = w if w < d.distance[j] else d.distance[j]
    for j in range(m):
        if d.distance[j] < d.far:
            d.price[j] = -d.distance[j]


@inline
def free_among(d, i, best, m):
    """The first free column of a row at its best, -1 for none."""
    for j in range(m):
        if d.owner[j] < 0 and d.cost[i * m + j] + d.price[j] <= best:
            return i8(j)
    return i8(-1)


@inline
def contest(d, i, m):
    """A row takes its best column, which becomes as dear for it as the second best; returns who had it, -1 for nobody.

    Augmenting row reduction (Jonker and Volgenant 1987). Where several columns are equally good and none of them is free, nothing
    happens, and the row itself is returned. Even and odd columns apart: half as long a chain of numbers that wait for each other.

    Here and below, loops without branches: which way they would go cannot be foretold, and guessing wrong takes longer.
    """
    row = i * m
    best = d.far
    second = d.far
    at = i8(0)
    best_odd = d.far
    second_odd = d.far
    at_odd = i8(1)
    for j in range(0, m - 1, 2):
        w = d.cost[row + j] + d.price[j]
        x = d.cost[row + j + 1] + d.price[j + 1]
        above = w if w > best else best
        above_odd = x if x > best_odd else best_odd
        second = above if above < second else second
        second_odd = above_odd if above_odd < second_odd else second_odd
        at = i8(j) if w < best else at
        at_odd = i8(j + 1) if x < best_odd else at_odd
        best = w if w < best else best
        best_odd = x if x < best_odd else best_odd
    if m % 2 == 1:
        w = d.cost[row + m - 1] + d.price[m - 1]
        above = w if w > best else best
        second = above if above < second else second
        at = m - 1 if w < best else at
        best = w if w < best else best
    above = best if best > best_odd else best_odd
    second = second_odd if second_odd < second else second
    second = above if above < second else second
    at = at_odd if best_odd < best else at
    best = best_odd if best_odd < best else best
    if not best < second:
        if not best < d.far:
            return i
        at = free_among(d, i, best, m)
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
def settle_by_contest(d, n, m):
    """Let the rows contest columns for a while; returns how many are left then."""
    left = i8(0)
    for f in range(n):
        i = i8(f)
        for _ in range(CONTESTS):
            other = contest(d, i, m)
            if other < 0 or other == i:
                i = other
                break
            i = other
        if i >= 0:
            d.column_of[i] = -1
            d.free[left] = i
            left += 1
    return left


@inline
def relax(d, i, base, reached, m):
    """Offer the columns of a row; returns the least distance of an open column, which is at least what has been reached."""
    row = i * m
    best = d.far
    for j in range(m):
        t = base + d.cost[row + j] + d.price[j]
        t = t if t > reached else reached
        before = d.distance[j]
        via = d.via[j]
        d.via[j] = i if t < before else via
        t = t if t < before else before
        d.distance[j] = t
        t = t if t > d.closed[j] else d.closed[j]
        best = t if t < best else best
    return best


@inline
def nearest(d, best, m):
    """An open column at the least distance, a free one if there are several."""
    found = i8(-1)
    free = i8(-1)
    for j in range(m):
        hit = i8(d.distance[j] <= best) & i8(d.closed[j] <= best)
        found = i8(j) if hit else found
        free = i8(j) if hit & i8(d.owner[j] < 0) else free
    return free if free >= 0 else found


@inline
def find_path(d, root, m):
    """The shortest path from a row to a free column (Dijkstra's algorithm); returns the column, -1 for none."""
    for j in range(m):
        d.distance[j] = d.far
        d.closed[j] = -d.far
    best = least(d, root, m)
    if best < d.far:
        best = relax(d, root, -best, 0, m)
    steps = i8(0)
    while best < d.far:
        j = nearest(d, best, m)
        i = d.owner[j]
        if i < 0:
            for k in range(steps):
                d.price[d.order[k]] += best - d.distance[d.order[k]]
            return j
        d.closed[j] = d.far
        d.order[steps] = j
        steps += 1
        best = relax(d, i, best - (d.cost[i * m + j] + d.price[j]), best, m)
    return i8(-1)


@inline
def solve_one(d, n, m):
    """Find the matching of least cost of what is on the desk; returns whether there is one."""
    reduce(d, n, m)
    left = settle_by_contest(d, n, m)
    for f in range(left):
        root = i8(d.free[f])
        j = find_path(d, root, m)
        if j < 0:
            return False
        i = i8(-1)
        while i != root:
            i = i8(d.via[j])
            before = i8(d.column_of[i])
            d.owner[j] = i
            d.column_of[i] = j
            j = before
    return True


@inline
def solve_matrix(b, d, k):
    """Solve one matrix of the batch."""
    n = i8(b.rows[k])
    m = i8(b.columns[k])
    line = b.line[k]
    if not lay(b, d, k, n, m):
        b.status[k] = BAD_COST
    elif not solve_one(d, min(n, m), max(n, m)):
        b.status[k] = NO_MATCHING
    else:
        b.status[k] = SOLVED
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
def solve_float_batch(b: FloatBatch, d: FloatDesk, c: Control, first: i8, last: i8) -> i8:
    """Solve matrices first..last-1; returns the first that is not solved yet."""
    return i8(solve_some(b, d, c, first, last))


@kernel
def solve_whole_batch(b: WholeBatch, d: WholeDesk, c: Control, first: i8, last: i8) -> i8:
    """The same in integers."""
    return i8(solve_some(b, d, c, first, last))
