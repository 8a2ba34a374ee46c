"""Moves on the critical path: what each would make of the cost, and whether it keeps the graph free of cycles.

An operation of a block (operations that follow each other on a line without a gap) moves right behind a later one of it or right
before an earlier one. Balas and Vazacopoulos, "Guided local search with shifting bottleneck for job shop scheduling", Management
Science 44(2), 1998: a condition under which no cycle arises, and an estimate, a longest path through the operations of the
segment that counts what is outside as it was. Theirs asks for t(v) >= t(after u); t(v) > t(after u) - d(after u) is enough.
"""

from optikit.kernels.jit import i8, inline

BEHIND = 0  # u goes right behind v, later on its line
AHEAD = 1  # u goes right before v, earlier on its line
ELSEWHERE = 2  # u changes to another machine
ANYWHERE = 3  # u changes its place on both of its lines


@inline
def may_go_behind(s, u, v, side):
    """Whether u may go right behind v: nothing leads from u by its other line to v."""
    x = i8(s.after[2 * u + 1 - side])
    return x >= s.num_operations or (x != v and s.tail[v] > s.tail[x] - s.time[x])


@inline
def may_go_ahead(s, u, v, side):
    """Whether u may go right before v: nothing leads from v to u by its other line."""
    x = i8(s.before[2 * u + 1 - side])
    return x >= s.num_operations or (x != v and s.end[v] > s.end[x] - s.time[x])


@inline
def cost_behind(s, u, v, side):
    """Estimate of the cost with u right behind v."""
    other = 1 - side
    end = i8(s.end[s.before[2 * u + side]])
    length = i8(0)
    w = u
    while w != v:
        w = i8(s.after[2 * w + side])
        end = max(end, s.end[s.before[2 * w + other]]) + s.time[w]
        s.trial[length] = end
        length += 1
    end = max(end, s.end[s.before[2 * u + other]])
    tail = max(s.tail[s.after[2 * v + side]], s.tail[s.after[2 * u + other]]) + s.time[u]
    worst = end + tail
    w = v
    while w != u:
        length -= 1
        tail = max(tail, s.tail[s.after[2 * w + other]])
        worst = max(worst, s.trial[length] + tail)
        tail += s.time[w]
        w = i8(s.before[2 * w + side])
    return worst


@inline
def cost_ahead(s, u, v, side):
    """Estimate of the cost with u right before v."""
    other = 1 - side
    tail = i8(s.tail[s.after[2 * u + side]])
    length = i8(0)
    w = u
    while w != v:
        w = i8(s.before[2 * w + side])
        tail = max(tail, s.tail[s.after[2 * w + other]]) + s.time[w]
        s.trial[length] = tail
        length += 1
    tail = max(tail, s.tail[s.after[2 * u + other]])
    end = max(s.end[s.before[2 * v + side]], s.end[s.before[2 * u + other]]) + s.time[u]
    worst = end + tail
    w = v
    while w != u:
        length -= 1
        end = max(end, s.end[s.before[2 * w + other]])
        worst = max(worst, s.trial[length] + end)
        end += s.time[w]
        w = i8(s.after[2 * w + side])
    return worst
