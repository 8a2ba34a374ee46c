"""A picked move is made: lines, topological order, ends and tails, and the tabu list."""

from optikit.kernels.jit import i8, inline

from ..tabu_arrays import COST, FIRST, MOVE, PLACE, SECOND
from .block_moves import ELSEWHERE
from .heads import cost_of, defer, prefer, refresh_ends, refresh_tails
from .lines import join, leave, shift
from .tabu_list import choosing, expiry, forbid, forbid_as_it_is


@inline
def position_or(s, o, otherwise):
    """Position of an operation in the topological order; something else for a gate."""
    return i8(s.position[o]) if o < s.num_operations else otherwise


@inline
def step(p, q, s, r, c):
    """Make the picked move and recount."""
    u = s.words[FIRST]
    v = s.words[SECOND]
    side = i8(1) if s.words[MOVE] == ELSEWHERE else s.words[PLACE]
    # Whose neighbours change: those around the operation now, and those around it then.
    a = i8(s.before[2 * u + side])
    b = i8(s.after[2 * u + side])
    if p.is_flexible != 0 and s.words[MOVE] == ELSEWHERE:
        forbid(s, choosing(p, u, s.choice[u]), expiry(q, r, c, q.stay))
        leave(p, s, u)
        join(p, s, u, v, s.words[PLACE])
    else:
        line = s.line[2 * u + side]
        source = i8(s.place[2 * u + side])
        target = i8(s.place[2 * v + side])
        forbid_as_it_is(p, q, s, r, c, line, source, target)
        shift(p, s, u, target, side)
    x = i8(s.before[2 * u + side])
    y = i8(s.after[2 * u + side])
    low = i8(s.position[u])
    high = low
    if position_or(s, x, low) > low:
        high = i8(s.position[x])
        defer(s, u, high)
    elif position_or(s, y, high) < high:
        low = i8(s.position[y])
        prefer(s, u, low)
    refresh_ends(s, min(low, position_or(s, b, low)), max(high, max(position_or(s, b, high), position_or(s, y, high))))
    refresh_tails(s, max(high, position_or(s, a, high)), min(low, min(position_or(s, a, low), position_or(s, x, low))))
    s.words[COST] = cost_of(p, s)
