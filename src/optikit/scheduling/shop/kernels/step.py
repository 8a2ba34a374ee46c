"""A picked move is made: lines, topological order, ends and tails, and the tabu list."""

from optikit.kernels.jit import i8, inline

from ..tabu_arrays import COST, FIRST, MOVE, PLACE, SECOND
from .block_moves import ANYWHERE, ELSEWHERE
from .heads import cost_of, defer, prefer, refresh_ends, refresh_tails
from .lines import join, leave, shift
from .tabu_list import choosing, expiry, forbid, forbid_as_it_is


@inline
def step(p, q, s, r, c):
    """Make the picked move and recount."""
    n = s.num_operations
    u = s.words[FIRST]
    v = s.words[SECOND]
    kind = s.words[MOVE]
    near = i8(1) if kind == ELSEWHERE else (i8(0) if kind == ANYWHERE else s.words[PLACE])
    far = i8(1) if kind >= ELSEWHERE else s.words[PLACE]
    # Whose neighbours change: those around the operation now, and those around it then.
    first = n
    last = i8(-1)
    for side in range(near, far + 1):
        a = i8(s.before[2 * u + side])
        if a < n:
            first = min(first, s.position[a])
        last = max(last, s.position[s.after[2 * u + side]])
    if kind == ELSEWHERE:
        forbid(s, choosing(p, u, s.choice[u]), expiry(q, r, c, q.stay))
        leave(p, s, u)
        join(p, s, u, v, s.words[PLACE])
    else:
        for side in range(near, far + 1):
            target = i8(s.place[2 * v + side]) if kind < ELSEWHERE else (v if side == 1 else s.words[PLACE])
            forbid_as_it_is(p, q, s, r, c, s.line[2 * u + side], s.place[2 * u + side], target)
            shift(p, s, u, target, side)
    low = i8(s.position[u])
    high = low
    behind = i8(-1)
    ahead = n
    for side in range(near, far + 1):
        behind = max(behind, s.position[s.before[2 * u + side]])
        last = max(last, s.position[s.after[2 * u + side]])
        if s.after[2 * u + side] < n:
            ahead = min(ahead, s.position[s.after[2 * u + side]])
    if behind > low:
        high = behind
        defer(s, u, high)
    elif ahead < low:
        low = ahead
        prefer(s, u, low)
    for side in range(near, far + 1):
        b = i8(s.before[2 * u + side])
        if b < n:
            first = min(first, s.position[b])
    refresh_ends(s, low, max(high, last))
    refresh_tails(s, high, min(low, first))
    s.words[COST] = cost_of(p, s)
