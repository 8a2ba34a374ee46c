"""The tabu list: orders of two operations, and machines, that may not come back for a while.

Taillard, "Parallel taboo search techniques for the job shop scheduling problem", ORSA Journal on Computing 6, 1994, and
Dell'Amico and Trubian, Annals of Operations Research 41, 1993: what a move turns round must not be turned back, and one forbidden
order is enough to forbid a move. To forbid the arrangement of a whole segment, as Zhang et al. 2007 do, let the search run in
circles through parts of segments. The list is a hash table of times, so that its size does not depend on the shop.
"""

from optikit.kernels.control import ITERATIONS
from optikit.kernels.jit import i8, inline, u8
from optikit.kernels.rng import MASK, below


@inline
def choosing(p, o, alternative):
    """The hash of an operation on the machine of an alternative."""
    return (p.code[o] * u8(2 * (alternative - p.first_alternative[o]) + 7_919_009)) & MASK


@inline
def ordering(p, a, b):
    """The hash of one operation before another."""
    return (p.code[a] * (p.code[b] | u8(2))) & MASK


@inline
def is_forbidden(s, c, key):
    return s.forbidden[i8(key >> 48)] > c.slots[ITERATIONS]


@inline
def forbid(s, key, until):
    s.forbidden[i8(key >> 48)] = until


@inline
def expiry(q, r, c, tenure):
    """Until when a move made now is remembered."""
    return c.slots[ITERATIONS] + tenure + below(r, ((tenure * q.slack) >> 8) + 1)


@inline
def brings_back(p, s, c, line, source, target):
    """Whether a move within a line brings back an order of two operations that is forbidden."""
    start = p.line_start[line]
    u = i8(s.sequence[start + source])
    back = False
    for k in range(source + 1, target + 1):
        back = back or is_forbidden(s, c, ordering(p, s.sequence[start + k], u))
    for k in range(target, source):
        back = back or is_forbidden(s, c, ordering(p, u, s.sequence[start + k]))
    return back


@inline
def forbid_as_it_is(p, q, s, r, c, line, source, target):
    """Forbid to bring back what a move within a line changes."""
    start = p.line_start[line]
    u = i8(s.sequence[start + source])
    until = expiry(q, r, c, q.tenure)
    for k in range(source + 1, target + 1):
        forbid(s, ordering(p, u, s.sequence[start + k]), until)
    for k in range(target, source):
        forbid(s, ordering(p, s.sequence[start + k], u), until)
