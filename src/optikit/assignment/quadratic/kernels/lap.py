"""The linear assignment inside of the dual ascent: integers, and what is left of the matrix.

Shortest augmenting paths (Jonker and Volgenant, "A shortest augmenting path algorithm for dense and sparse linear assignment
problems", Computing 38, 1987), after the minima of rows and columns have been taken out.
"""

from optikit.kernels.jit import i8, inline, kernel

from ..arrays import BARRED, FAR, Matrix

HALF = BARRED // 2  # nothing but a barred pair comes near to that


@inline
def take_minima(t, k):
    """Take the minima out of rows, then of columns; returns their sum, BARRED or more where a line has barred pairs only."""
    total = i8(0)
    for i in range(k):
        least = i8(FAR)
        for j in range(k):
            least = min(least, t.work[i * k + j])
        if least >= HALF:
            return i8(BARRED)
        total += least
        if least != 0:
            for j in range(k):
                if t.work[i * k + j] < HALF:
                    t.work[i * k + j] -= least
    for j in range(k):
        t.v[j] = FAR
    for i in range(k):
        for j in range(k):
            t.v[j] = min(t.v[j], t.work[i * k + j])
    for j in range(k):
        least = t.v[j]
        if least >= HALF:
            return i8(BARRED)
        total += least
        if least != 0:
            for i in range(k):
                if t.work[i * k + j] < HALF:
                    t.work[i * k + j] -= least
    return total


@inline
def match_zeros(t, k):
    """Match along zeros, greedily; returns how many rows are left."""
    for j in range(k):
        t.row_of[j] = -1
        t.v[j] = 0
    left = k
    for i in range(k):
        t.u[i] = 0
        t.column_of[i] = -1
        for j in range(k):
            if t.row_of[j] < 0 and t.work[i * k + j] == 0:
                t.row_of[j] = i
                t.column_of[i] = j
                left -= 1
                break
    return left


@inline
def augment(t, k, start):
    """Match one more row along a shortest path; False where it is barred."""
    for j in range(k):
        t.dist[j] = FAR
        t.done[j] = 0
    i = i8(start)
    base = i8(0)
    end = i8(-1)
    while end < 0:
        least = i8(FAR)
        near = i8(-1)
        for j in range(k):
            if t.done[j] == 0:
                through = base + t.work[i * k + j] - t.u[i] - t.v[j]
                if through < t.dist[j]:
                    t.dist[j] = through
                    t.before[j] = i
                if t.dist[j] < least:
                    least = t.dist[j]
                    near = i8(j)
        if least >= HALF:
            return False
        base = least
        t.done[near] = 1
        if t.row_of[near] < 0:
            end = near
        else:
            i = i8(t.row_of[near])
    for j in range(k):
        if t.done[j] != 0 and j != end:
            t.u[t.row_of[j]] += base - t.dist[j]
            t.v[j] -= base - t.dist[j]
    t.u[start] += base
    j = end
    i = i8(-1)
    while i != start:
        i = i8(t.before[j])
        after = i8(t.column_of[i])
        t.row_of[j] = i
        t.column_of[i] = j
        j = after
    return True


@inline
def assign(t, k):
    """Solve the matrix in `work`; returns its least cost, BARRED where there is none, and leaves the reduced costs there."""
    total = take_minima(t, k)
    if total >= HALF:
        return i8(BARRED)
    if match_zeros(t, k) == 0:
        return total
    for i in range(k):
        if t.column_of[i] < 0 and not augment(t, k, i8(i)):
            return i8(BARRED)
    for i in range(k):
        total += t.u[i] + t.v[i]
        for j in range(k):
            if t.work[i * k + j] < HALF:
                t.work[i * k + j] -= t.u[i] + t.v[j]
    return total


@kernel
def solve_matrix(t: Matrix) -> i8:
    """The least cost of a linear assignment; BARRED where there is none."""
    return i8(assign(t, t.size))
