"""Ruin: adjacent string removal.

Christiaens and Vanden Berghe, "Slack Induction by String Removals for Vehicle Routing Problems", Transportation Science
54(2), 2020, section 5.1. Around a random client, one string of neighbouring stops is taken from each of several routes
that lie near each other: what is freed is both spatial and capacity slack.
"""

from optikit.kernels.jit import i8, inline
from optikit.kernels.rng import below, unit

from ..arrays import COST, NUM_ABSENT, NUM_REMOVED, NUM_ROUTES, STAMP
from .routes import take_out

MAX_ABSENT = 10  # absent clients that an iteration tries to insert


@inline
def to_insert(s, u):
    """Put client u on the list of those to insert."""
    s.removed[s.words[NUM_REMOVED]] = u
    s.words[NUM_REMOVED] += 1


@inline
def call_absent(p, s, r):
    """A run of the absent clients, from a random one on, is to be inserted too; their absence is taken off the cost."""
    count = s.words[NUM_ABSENT]
    if count == 0:
        return
    k = below(r, count)
    for _ in range(min(count, MAX_ABSENT)):
        u = i8(s.absent[k])
        to_insert(s, u)
        s.words[COST] -= p.absence[u]
        k += 1
        if k == count:
            k = i8(0)


@inline
def string_start(s, r, u, length):
    """The first client of a random string of `length` clients around u."""
    back = below(r, length)
    v = i8(u)
    steps = i8(0)
    while steps < back and s.pred[v] != 0:
        v = i8(s.pred[v])
        steps += 1
    # What the string lacks behind its end goes before its start.
    ahead = length - 1 - steps
    w = i8(u)
    while ahead > 0 and s.succ[w] != 0:
        w = i8(s.succ[w])
        ahead -= 1
    while ahead > 0 and s.pred[v] != 0:
        v = i8(s.pred[v])
        ahead -= 1
    return v


@inline
def remove_string(p, q, s, r, u, longest):
    """Take a string around u out of its route, perhaps sparing some clients in its middle ("split string")."""
    size = i8(s.size[s.route[u]])
    length = min(i8(unit(r) * min(f_size(size), longest) + 1.0), size)
    spared = i8(0)
    start = i8(0)
    if length > 1 and length < size and unit(r) < q.split:
        spared = i8(1)
        while length + spared < size and unit(r) < q.deeper:
            spared += 1
        start = below(r, length - 1) + 1
    v = string_start(s, r, u, length + spared)
    for k in range(length + spared):
        after = i8(s.succ[v])
        if k < start or k >= start + spared:
            take_out(p, s, v)
            to_insert(s, v)
        v = after


@inline
def f_size(size):
    """A count as a float."""
    return size * 1.0


@inline
def ruin(p, q, s, r):
    """Remove strings of several routes around a random client (or an absent one, half of the time if there is any)."""
    s.words[NUM_REMOVED] = 0
    clients = p.num_nodes - 1
    seed = below(r, clients) + 1
    if s.words[NUM_ABSENT] > 0 and unit(r) < 0.5:
        seed = i8(s.absent[below(r, s.words[NUM_ABSENT])])
    call_absent(p, s, r)
    longest = min(q.longest, f_size(clients) / max(1, s.words[NUM_ROUTES]))
    # Equations 5 to 7: as many strings as make `removed` clients on average.
    strings = i8(unit(r) * (4.0 * q.removed / (1.0 + longest) - 1.0) + 1.0)
    k = i8(-1)
    while strings > 0 and k < p.num_neighbours:
        u = seed
        if k >= 0:
            u = i8(p.neighbours[seed * p.num_neighbours + k])
        k += 1
        if s.route[u] >= 0 and s.route_stamp[s.route[u]] != s.words[STAMP]:
            remove_string(p, q, s, r, u, longest)
            strings -= 1
