"""The step of Lin and Kernighan: sequential exchanges of two or three edges, and one upon the other.

Lin and Kernighan, "An effective heuristic algorithm for the traveling-salesman problem", Operations Research 21(2), 1973; the
three-edge basis is Helsgaun's, "An effective implementation of the Lin-Kernighan traveling salesman heuristic", European Journal
of Operational Research 126, 2000. An edge t1-t2 is taken out, t2-t3 put in, t3-t4 taken out and so on, as long as what was
taken out outweighs what was put in; the tour is closed by an edge to t1. Exchanges are weighed before they are made: only
those that stay, and those on which a next one builds, reverse anything.

Looking from t1 along the tour to t2 and on, and back to t1 at last (a path from t2 to t1), the shapes are
    TWO     t4 before t3: the part t2..t4 is reversed
    THREE   t4 before t3, then t6 as TWO does it again
    MOVED   t4 after t3, t6 after t5, t5 on the part t2..t3: the parts t2..t5 and t6..t3 change places, nothing is reversed
    TURNED  t4 after t3, t6 before t5, t5 on the part t2..t3: the parts t2..t6 and t5..t3 are reversed, each where it stands
"""

from optikit.kernels.jit import i8, inline

from ..arrays import ENDS, FLIPS, KIND, OPEN, STAGE, T3, T4, T5, T6
from .arcs import arc, is_fixed
from .flags import IS_ASYMMETRIC
from .tour import exchange, go_back, pred, succ, wake

NEAR = 0  # exchanges between nodes within a stretch of the tour
FAR = 1  # between any

NOTHING = 0
TWO = 1
THREE = 2
MOVED = 3
TURNED = 4


@inline
def onward(s, u, forward):
    """The node after u in the direction of the look."""
    if forward:
        return succ(s, u)
    return pred(s, u)


@inline
def steps(s, base, u, forward):
    """How far u is from the node at position `base` in the direction of the look."""
    distance = s.place[u] - base
    if not forward:
        distance = -distance
    if distance < 0:
        distance += s.num_nodes
    return distance


@inline
def in_stretch(q, s, distance):
    """Whether a node so far from where the look begins may take part: near it on either side, or at the stage where all may."""
    return distance <= q.stretch or distance >= s.num_nodes - q.stretch or s.words[STAGE] == FAR


@inline
def note(s, kind, t3, t4, t5, t6, gain):
    """Remember an exchange."""
    s.words[KIND] = kind
    s.words[T3] = t3
    s.words[T4] = t4
    s.words[T5] = t5
    s.words[T6] = t6
    s.words[OPEN] = gain


@inline
def close_or_note(p, s, kind, t1, t3, t4, t5, t6, gain):
    """Weigh an exchange of three edges that has gained so much before t5-t6 goes; returns what it gains closed, if anything."""
    gain += arc(p, t5, t6)
    closed = gain - arc(p, t6, t1)
    if closed > 0:
        note(s, kind, t3, t4, t5, t6, gain)
        return closed
    if gain > s.words[OPEN] and t6 != t1:
        note(s, kind, t3, t4, t5, t6, gain)
    return i8(0)


@inline
def look_before(p, q, s, t1, base, t3, place3, gain, forward):
    """Exchanges in which t4 stands before t3; returns what one gains, 0 where none does."""
    t4 = onward(s, t3, not forward)
    gain += arc(p, t3, t4)
    closed = gain - arc(p, t4, t1)
    if closed > 0:
        note(s, TWO, t3, t4, t4, t4, gain)
        return closed
    row = t4 * p.num_neighbours
    for k in range(q.breadth):
        rest = gain - p.near[row + k]
        if rest <= 0:
            break
        t5 = i8(p.neighbours[row + k])
        if t5 != t3:
            place5 = steps(s, base, t5, forward)
            t6 = onward(s, t5, forward != (place5 > place3))
            if t6 != t4 and in_stretch(q, s, place5):
                closed = close_or_note(p, s, THREE, t1, t3, t4, t5, t6, rest)
                if closed > 0:
                    return closed
    return i8(0)


@inline
def look_after(p, q, s, t1, base, t3, place3, gain, forward):
    """Exchanges in which t4 stands after t3; returns what one gains, 0 where none does."""
    t4 = onward(s, t3, forward)
    gain += arc(p, t3, t4)
    row = t4 * p.num_neighbours
    for k in range(q.breadth):
        rest = gain - p.near[row + k]
        if rest <= 0:
            break
        t5 = i8(p.neighbours[row + k])
        place5 = steps(s, base, t5, forward)
        if place5 < place3 and in_stretch(q, s, place5):
            closed = close_or_note(p, s, MOVED, t1, t3, t4, t5, onward(s, t5, forward), rest)
            if closed > 0:
                return closed
            if not IS_ASYMMETRIC:  # noqa: SIM102 - a flag stands alone: what it rules out is not compiled
                if place5 > 0:
                    closed = close_or_note(p, s, TURNED, t1, t3, t4, t5, onward(s, t5, not forward), rest)
                    if closed > 0:
                        return closed
    return i8(0)


@inline
def look(p, q, s, t1, t2, gain, forward):
    """The first exchange found that gains (returns how much), or the one that gains most while it is open (returns 0)."""
    s.words[KIND] = NOTHING
    s.words[OPEN] = -1
    base = i8(s.place[t2])
    row = t2 * p.num_neighbours
    for k in range(q.breadth):
        rest = gain - p.near[row + k]
        if rest <= 0:
            break
        t3 = i8(p.neighbours[row + k])
        place3 = steps(s, base, t3, forward)
        if t3 != t1 and in_stretch(q, s, place3):
            if not IS_ASYMMETRIC:  # noqa: SIM102
                if place3 > 1:
                    closed = look_before(p, q, s, t1, base, t3, place3, rest, forward)
                    if closed > 0:
                        return closed
            closed = look_after(p, q, s, t1, base, t3, place3, rest, forward)
            if closed > 0:
                return closed
    return i8(0)


@inline
def record_end(s, u):
    """An edge at u is about to change."""
    s.ends[s.words[ENDS]] = u
    s.words[ENDS] += 1


@inline
def make(s, t1, t2):
    """Make the exchange that the last look noted."""
    kind = s.words[KIND]
    t3 = s.words[T3]
    t4 = s.words[T4]
    t5 = s.words[T5]
    t6 = s.words[T6]
    if kind == MOVED:
        exchange(s, t1, t2, t3, t4)
        exchange(s, t1, t3, t6, t5)
        exchange(s, t3, t5, t2, t4)
    elif kind == TURNED:
        exchange(s, t1, t2, t6, t5)
        exchange(s, t2, t5, t3, t4)
    else:
        exchange(s, t1, t2, t4, t3)
        if kind == THREE:
            exchange(s, t1, t4, t6, t5)
    record_end(s, t2)
    record_end(s, t3)
    record_end(s, t4)
    record_end(s, t5)
    record_end(s, t6)


@inline
def improve_along(p, q, s, t1, t2):
    """Exchanges that begin with the edge t1-t2; returns what was gained, 0 where the tour is as it was."""
    if is_fixed(p, t1, t2):
        return i8(0)
    mark = s.words[FLIPS]
    gain = arc(p, t1, t2)
    s.words[ENDS] = 0
    record_end(s, t1)
    for level in range(q.depth):
        closed = look(p, q, s, t1, t2, gain, succ(s, t1) == t2)
        if closed > 0:
            make(s, t1, t2)
            for k in range(s.words[ENDS]):
                wake(s, i8(s.ends[k]))
            return closed
        if s.words[KIND] == NOTHING or level == q.depth - 1:
            break
        make(s, t1, t2)
        t2 = s.words[T6]
        gain = s.words[OPEN]
    go_back(s, mark)
    return i8(0)


@inline
def improve(p, q, s, t1):
    """Exchanges that begin at t1, on either side; returns what was gained."""
    gained = improve_along(p, q, s, t1, succ(s, t1))
    if gained > 0:
        return gained
    return improve_along(p, q, s, t1, pred(s, t1))
