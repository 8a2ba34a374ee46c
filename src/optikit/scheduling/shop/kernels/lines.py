"""Operations change places on their lines."""

from optikit.kernels.jit import i4, i8, inline


@inline
def link(s, a, b, side):
    """Make two nodes neighbours on a line."""
    s.after[2 * a + side] = i4(b)
    s.before[2 * b + side] = i4(a)


@inline
def put(p, s, line, place, o, side):
    """Write down where an operation stands."""
    s.sequence[p.line_start[line] + place] = i4(o)
    s.place[2 * o + side] = i4(place)


@inline
def shift(p, s, u, target, side):
    """Bring an operation to another place of its line; those in between move up by one."""
    line = s.line[2 * u + side]
    start = p.line_start[line]
    k = i8(s.place[2 * u + side])
    link(s, s.before[2 * u + side], s.after[2 * u + side], side)
    while k < target:
        put(p, s, line, k, s.sequence[start + k + 1], side)
        k += 1
    while k > target:
        put(p, s, line, k, s.sequence[start + k - 1], side)
        k -= 1
    put(p, s, line, target, u, side)
    gate = s.num_operations + line
    a = gate if target == 0 else i8(s.sequence[start + target - 1])
    b = gate if target == s.count[line] - 1 else i8(s.sequence[start + target + 1])
    link(s, a, u, side)
    link(s, u, b, side)


@inline
def leave(p, s, u):
    """Take an operation off its machine."""
    line = s.line[2 * u + 1]
    start = p.line_start[line]
    link(s, s.before[2 * u + 1], s.after[2 * u + 1], 1)
    s.count[line] -= 1
    for k in range(s.place[2 * u + 1], s.count[line]):
        put(p, s, line, k, s.sequence[start + k + 1], 1)


@inline
def join(p, s, u, alternative, place):
    """Put an operation on the machine of an alternative, before the one that stands at the place."""
    line = p.num_jobs + p.machine[alternative]
    start = p.line_start[line]
    gate = s.num_operations + line
    b = gate if place == s.count[line] else i8(s.sequence[start + place])
    k = i8(s.count[line])
    while k > place:
        put(p, s, line, k, s.sequence[start + k - 1], 1)
        k -= 1
    s.count[line] += 1
    s.line[2 * u + 1] = i4(line)
    put(p, s, line, place, u, 1)
    link(s, s.before[2 * b + 1], u, 1)
    link(s, u, b, 1)
    s.choice[u] = i4(alternative)
    s.time[u] = p.duration[alternative]
