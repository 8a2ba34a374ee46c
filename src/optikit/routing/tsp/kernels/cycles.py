"""AB-cycles: the edges in which two tours differ, as closed walks that use an edge of the one and the other in turn.

Nagata and Kobayashi, "A powerful genetic algorithm using edge assembly crossover for the traveling salesman problem", INFORMS
Journal on Computing 25(2), 2013, section 2.2.
"""

from optikit.kernels.jit import i8, inline
from optikit.kernels.rng import below

from ..arrays import NUM_CYCLE_NODES, NUM_CYCLES, NUM_OPEN


@inline
def compare(g, m, a, b):
    """Note, for each node, the edges that only one of the tours a and b has."""
    count_open = i8(0)
    of_a = a * 2 * g.num_nodes
    of_b = b * 2 * g.num_nodes
    for v in range(g.num_nodes):
        a0 = g.link[of_a]
        a1 = g.link[of_a + 1]
        b0 = g.link[of_b]
        b1 = g.link[of_b + 1]
        of_a += 2
        of_b += 2
        count = i8(0)
        if a0 != b0 and a0 != b1:
            m.rest_a[2 * v] = a0
            count = i8(1)
        if a1 != b0 and a1 != b1:
            m.rest_a[2 * v + count] = a1
            count += 1
        m.left_a[v] = count
        if count > 0:
            m.open[count_open] = v
            m.open_at[v] = count_open
            count_open += 1
            m.at_even[v] = -1
            m.at_odd[v] = -1
            count = i8(0)
            if b0 != a0 and b0 != a1:
                m.rest_b[2 * v] = b0
                count = i8(1)
            if b1 != a0 and b1 != a1:
                m.rest_b[2 * v + count] = b1
                count += 1
            m.left_b[v] = count
    m.words[NUM_OPEN] = count_open


@inline
def use_a(m, u, v):
    """The first parent's edge u-v is used up, as far as u is concerned."""
    if m.rest_a[2 * u] == v:
        m.rest_a[2 * u] = m.rest_a[2 * u + 1]
    m.left_a[u] -= 1
    if m.left_a[u] == 0:
        m.words[NUM_OPEN] -= 1
        last = m.open[m.words[NUM_OPEN]]
        k = m.open_at[u]
        m.open[k] = last
        m.open_at[last] = k


@inline
def use_b(m, u, v):
    """The second parent's edge u-v is used up, as far as u is concerned."""
    if m.rest_b[2 * u] == v:
        m.rest_b[2 * u] = m.rest_b[2 * u + 1]
    m.left_b[u] -= 1


@inline
def go_by_a(m, r, u):
    """Walk from u along an edge of the first parent, a random one of two; returns where it leads."""
    k = 2 * u
    if m.left_a[u] == 2:
        k += below(r, 2)
    v = i8(m.rest_a[k])
    use_a(m, u, v)
    use_a(m, v, u)
    return v


@inline
def go_by_b(m, r, u):
    """The same along an edge of the second parent."""
    k = 2 * u
    if m.left_b[u] == 2:
        k += below(r, 2)
    v = i8(m.rest_b[k])
    use_b(m, u, v)
    use_b(m, v, u)
    return v


@inline
def keep_cycle(m, first, last):
    """The places first..last of the walk are a cycle that begins with an edge of the first parent."""
    k = m.words[NUM_CYCLE_NODES]
    for i in range(first, last + 1):
        m.cycle[k] = m.path[i]
        k += 1
    m.words[NUM_CYCLE_NODES] = k
    m.words[NUM_CYCLES] += 1
    m.cycle_first[m.words[NUM_CYCLES]] = k


@inline
def forget(m, first, last):
    """The walk no longer has the places first..last."""
    for i in range(first, last + 1):
        if i % 2 == 0:
            m.at_even[m.path[i]] = -1
        else:
            m.at_odd[m.path[i]] = -1


@inline
def walk(m, r, start):
    """Walk until the walk has come back to its start, and keep every cycle that closes on the way."""
    m.path[0] = start
    m.at_even[start] = 0
    end = i8(0)
    walking = True
    while walking:
        u = i8(m.path[end])
        if end % 2 == 0:
            v = go_by_a(m, r, u)
            m.path[end + 1] = v
            back = i8(m.at_odd[v])
            if back >= 0:
                keep_cycle(m, back + 1, end + 1)
            else:
                m.at_odd[v] = end + 1
        else:
            v = go_by_b(m, r, u)
            m.path[end + 1] = v
            back = i8(m.at_even[v])
            if back >= 0:
                keep_cycle(m, back, end)
            else:
                m.at_even[v] = end + 1
        if back >= 0:
            forget(m, back + 1, end)
            end = back
            if end == 0:
                m.at_even[start] = -1
                walking = False
        else:
            end += 1


@inline
def find_cycles(g, m, r, a, b):
    """Decompose what differs between the tours a and b into AB-cycles."""
    compare(g, m, a, b)
    m.words[NUM_CYCLES] = 0
    m.words[NUM_CYCLE_NODES] = 0
    m.cycle_first[0] = 0
    while m.words[NUM_OPEN] > 0:
        walk(m, r, i8(m.open[below(r, m.words[NUM_OPEN])]))
