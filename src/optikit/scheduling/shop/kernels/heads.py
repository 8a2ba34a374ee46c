"""Ends and tails of operations, kept exact along a topological order.

After a move only what the move can change is gone through: from the first place in the order where somebody's neighbours changed
to the last that an end was passed on to, and the same backwards for tails.
"""

from optikit.kernels.jit import i4, i8, inline


@inline
def defer(s, u, last):
    """Bring an operation, and those that must come after it, behind a position of the topological order."""
    first = i8(s.position[u])
    s.marked[u] = 1
    free = first
    waiting = i8(0)
    for k in range(first + 1, last + 1):
        w = i8(s.order[k])
        if s.marked[s.before[2 * w]] + s.marked[s.before[2 * w + 1]] != 0:
            s.marked[w] = 1
            s.aside[waiting] = i4(w)
            waiting += 1
        else:
            s.order[free] = i4(w)
            s.position[w] = i4(free)
            free += 1
    s.order[free] = i4(u)
    s.position[u] = i4(free)
    s.marked[u] = 0
    for k in range(waiting):
        w = i8(s.aside[k])
        free += 1
        s.order[free] = i4(w)
        s.position[w] = i4(free)
        s.marked[w] = 0


@inline
def prefer(s, u, first):
    """Bring an operation, and those that must come before it, ahead of a position of the topological order."""
    last = i8(s.position[u])
    s.marked[u] = 1
    free = last
    waiting = i8(0)
    k = last - 1
    while k >= first:
        w = i8(s.order[k])
        if s.marked[s.after[2 * w]] + s.marked[s.after[2 * w + 1]] != 0:
            s.marked[w] = 1
            s.aside[waiting] = i4(w)
            waiting += 1
        else:
            s.order[free] = i4(w)
            s.position[w] = i4(free)
            free -= 1
        k -= 1
    s.order[free] = i4(u)
    s.position[u] = i4(free)
    s.marked[u] = 0
    for j in range(waiting):
        w = i8(s.aside[j])
        free -= 1
        s.order[free] = i4(w)
        s.position[w] = i4(free)
        s.marked[w] = 0


@inline
def refresh_ends(s, first, last):
    """Recount ends, after those before some operations between two positions have changed."""
    k = first
    while k <= last:
        w = i8(s.order[k])
        end = max(s.end[s.before[2 * w]], s.end[s.before[2 * w + 1]]) + s.time[w]
        if end != s.end[w]:
            s.end[w] = end
            last = max(last, max(s.position[s.after[2 * w]], s.position[s.after[2 * w + 1]]))
        k += 1


@inline
def refresh_tails(s, last, first):
    """Recount tails, after those behind some operations between two positions have changed."""
    k = last
    while k >= first:
        w = i8(s.order[k])
        tail = max(s.tail[s.after[2 * w]], s.tail[s.after[2 * w + 1]]) + s.time[w]
        if tail != s.tail[w]:
            s.tail[w] = tail
            a = i8(s.before[2 * w])
            b = i8(s.before[2 * w + 1])
            if a < s.num_operations:
                first = min(first, s.position[a])
            if b < s.num_operations:
                first = min(first, s.position[b])
        k -= 1


@inline
def cost_of(p, s):
    """The largest end plus tail over all jobs."""
    n = s.num_operations
    worst = i8(s.end[s.before[2 * n]] + s.tail[n])
    for gate in range(n + 1, n + p.num_jobs):
        worst = max(worst, s.end[s.before[2 * gate]] + s.tail[gate])
    return worst
