"""A child of two tours: the first parent with the edges of one AB-cycle exchanged, and its subtours joined.

Nagata and Kobayashi 2013, sections 2.2 and 4.1: the "single" strategy, by which a child differs from its first parent only
around one cycle. It is written into the first parent's links, with a record to go back by; between the cuts, the first parent's
positions still tell which segment a node is on, so that a child costs what it changes.
"""

from optikit.kernels.jit import i8, inline

from ..arrays import NUM_COME, NUM_GONE, NUM_LOGGED, NUM_SEGMENTS, NUM_TOURS
from .arcs import arc, is_fixed

NO_CHILD = -(2**62)  # instead of a gain: a subtour has no candidate outside of it
NOWHERE = -1


@inline
def relink(g, m, base, u, old, new):
    """Let node u have `new` beside it instead of `old`."""
    k = base + 2 * u
    if g.link[k] != old:
        k += 1
    m.log_at[m.words[NUM_LOGGED]] = k
    m.log_old[m.words[NUM_LOGGED]] = old
    m.words[NUM_LOGGED] += 1
    g.link[k] = new


@inline
def unmake(g, m):
    """Undo every change of links on record."""
    k = m.words[NUM_LOGGED]
    while k > 0:
        k -= 1
        g.link[m.log_at[k]] = m.log_old[k]
    m.words[NUM_LOGGED] = 0


@inline
def lose(m, u, v):
    """Record that the child has not the edge u-v."""
    k = m.words[NUM_GONE]
    m.gone[2 * k] = u
    m.gone[2 * k + 1] = v
    m.words[NUM_GONE] = k + 1


@inline
def win(m, u, v):
    """Record that the child has the edge u-v."""
    k = m.words[NUM_COME]
    m.come[2 * k] = u
    m.come[2 * k + 1] = v
    m.words[NUM_COME] = k + 1


@inline
def lose_again(m, u, v):
    """Record that the child has not the edge u-v, be it one that came with the cycle: then nothing came or went."""
    last = m.words[NUM_COME] - 1
    for k in range(last + 1):
        x = m.come[2 * k]
        y = m.come[2 * k + 1]
        if (x == u and y == v) or (x == v and y == u):
            m.come[2 * k] = m.come[2 * last]
            m.come[2 * k + 1] = m.come[2 * last + 1]
            m.words[NUM_COME] = last
            return
    lose(m, u, v)


@inline
def sort_cuts(m, count):
    """Shell's sort, with Ciura's gaps continued."""
    gap = i8(1)
    while gap < count // 2:
        gap = gap * 9 // 4 + 1
    while gap > 0:
        for i in range(gap, count):
            value = m.cut[i]
            k = i
            while k >= gap and m.cut[k - gap] > value:
                m.cut[k] = m.cut[k - gap]
                k -= gap
            m.cut[k] = value
        gap = gap * 4 // 9


@inline
def exchange_edges(p, g, m, base, first, last):
    """Take out the first parent's edges of a cycle and put in the second's; returns the gain."""
    gain = i8(0)
    cuts = i8(0)
    n = g.num_nodes
    i = first
    while i < last:
        u = i8(m.cycle[i])
        v = i8(m.cycle[i + 1])
        relink(g, m, base, u, v, NOWHERE)
        relink(g, m, base, v, u, NOWHERE)
        lose(m, u, v)
        gain += arc(p, u, v)
        before = m.place[u]
        after = m.place[v]
        if before + 1 != after and (after != 0 or before != n - 1):
            before = after
        m.cut[cuts] = before
        cuts += 1
        i += 2
    i = first + 1
    while i < last:
        u = i8(m.cycle[i])
        k = i + 1
        if k == last:
            k = first
        v = i8(m.cycle[k])
        relink(g, m, base, u, NOWHERE, v)
        relink(g, m, base, v, NOWHERE, u)
        win(m, u, v)
        gain -= arc(p, u, v)
        i += 2
    m.words[NUM_SEGMENTS] = cuts
    sort_cuts(m, cuts)
    return gain


@inline
def begin_of(m, n, segment):
    """Position of a segment's first node."""
    k = m.cut[segment] + 1
    if k == n:
        k = i8(0)
    return k


@inline
def end_of(m, segment):
    """Position of its last node."""
    segment += 1
    if segment == m.words[NUM_SEGMENTS]:
        segment = i8(0)
    return i8(m.cut[segment])


@inline
def segment_at(m, position):
    """The segment that has a position: the last one that is cut off before it."""
    low = i8(0)
    high = m.words[NUM_SEGMENTS]
    while low < high:
        middle = (low + high) // 2
        if m.cut[middle] < position:
            low = middle + 1
        else:
            high = middle
    if low == 0:
        return m.words[NUM_SEGMENTS] - 1
    return low - 1


@inline
def leave(g, m, base, begin, end, forward, came):
    """The node beyond a segment that is walked over, `came` being the node before it (NOWHERE at the start)."""
    n = g.num_nodes
    if begin == end:
        out = i8(m.order[end])
        inner = came
    elif forward:
        out = i8(m.order[end])
        k = end - 1
        if k < 0:
            k = n - 1
        inner = i8(m.order[k])
    else:
        out = i8(m.order[begin])
        k = begin + 1
        if k == n:
            k = i8(0)
        inner = i8(m.order[k])
    if g.link[base + 2 * out] == inner:
        return i8(g.link[base + 2 * out + 1])
    return i8(g.link[base + 2 * out])


@inline
def walk_subtour(g, m, base, start, tour):
    """Mark the segments of the subtour on which segment `start` is; returns its number of nodes."""
    n = g.num_nodes
    size = i8(0)
    segment = i8(start)
    home = i8(m.order[begin_of(m, n, start)])
    forward = True
    came = i8(NOWHERE)
    walking = True
    while walking:
        m.tour_of[segment] = tour
        begin = begin_of(m, n, segment)
        end = end_of(m, segment)
        length = end - begin + 1
        if length <= 0:
            length += n
        size += length
        following = leave(g, m, base, begin, end, forward, came)
        if forward:
            came = i8(m.order[end])
        else:
            came = i8(m.order[begin])
        if following == home:
            walking = False
        else:
            segment = i8(m.segment_of[following])
            forward = m.order[begin_of(m, n, segment)] == following
    return size


@inline
def find_subtours(g, m, base):
    """Which segments make a subtour together."""
    n = g.num_nodes
    for k in range(m.words[NUM_SEGMENTS]):
        m.segment_of[m.order[begin_of(m, n, k)]] = k
        m.segment_of[m.order[end_of(m, k)]] = k
        m.tour_of[k] = -1
    tours = i8(0)
    for k in range(m.words[NUM_SEGMENTS]):
        if m.tour_of[k] < 0:
            m.tour_size[tours] = walk_subtour(g, m, base, k, tours)
            tours += 1
    m.words[NUM_TOURS] = tours


@inline
def smallest_tour(m):
    """The subtour with fewest nodes."""
    found = i8(-1)
    for t in range(m.words[NUM_TOURS]):
        if m.tour_size[t] > 0 and (found < 0 or m.tour_size[t] < m.tour_size[found]):
            found = i8(t)
    return found


@inline
def best_bridge(p, q, g, m, base, tour):
    """The best way to join a subtour to another: writes the four nodes behind the edges won; returns the gain."""
    best = i8(NO_CHILD)
    n = g.num_nodes
    k = 2 * m.words[NUM_COME]
    for segment in range(m.words[NUM_SEGMENTS]):
        if m.tour_of[segment] == tour:
            position = begin_of(m, n, segment)
            length = end_of(m, segment) - position + 1
            if length <= 0:
                length += n
            for _ in range(length):
                v = i8(m.order[position])
                position += 1
                if position == n:
                    position = i8(0)
                row = v * p.num_neighbours
                for j in range(q.breadth):
                    x = i8(p.neighbours[row + j])
                    if m.tour_of[segment_at(m, i8(m.place[x]))] != tour:
                        for side in range(4):
                            w = i8(g.link[base + 2 * v + side % 2])
                            y = i8(g.link[base + 2 * x + side // 2])
                            if not is_fixed(p, v, w) and not is_fixed(p, x, y):
                                gain = arc(p, v, w) + arc(p, x, y) - p.near[row + j] - arc(p, w, y)
                                if gain > best:
                                    best = gain
                                    m.come[k] = v
                                    m.come[k + 1] = x
                                    m.come[k + 2] = w
                                    m.come[k + 3] = y
    return best


@inline
def join_subtours(p, q, g, m, base):
    """Join the smallest subtour to another until there is one tour; returns the gain, or NO_CHILD."""
    total = i8(0)
    for _ in range(1, m.words[NUM_TOURS]):
        tour = smallest_tour(m)
        gain = best_bridge(p, q, g, m, base, tour)
        if gain == NO_CHILD:
            return i8(NO_CHILD)
        total += gain
        k = 2 * m.words[NUM_COME]
        v = i8(m.come[k])
        x = i8(m.come[k + 1])
        w = i8(m.come[k + 2])
        y = i8(m.come[k + 3])
        m.words[NUM_COME] += 2
        lose_again(m, v, w)
        lose_again(m, x, y)
        relink(g, m, base, v, w, x)
        relink(g, m, base, w, v, y)
        relink(g, m, base, x, y, v)
        relink(g, m, base, y, x, w)
        other = m.tour_of[segment_at(m, i8(m.place[x]))]
        m.tour_size[other] += m.tour_size[tour]
        m.tour_size[tour] = 0
        for segment in range(m.words[NUM_SEGMENTS]):
            if m.tour_of[segment] == tour:
                m.tour_of[segment] = other
    return total


@inline
def make_child(p, q, g, m, base, cycle):
    """Write the child by one cycle into the first parent's links; returns how much shorter it is, or NO_CHILD."""
    m.words[NUM_LOGGED] = 0
    m.words[NUM_GONE] = 0
    m.words[NUM_COME] = 0
    gain = exchange_edges(p, g, m, base, i8(m.cycle_first[cycle]), i8(m.cycle_first[cycle + 1]))
    find_subtours(g, m, base)
    joined = join_subtours(p, q, g, m, base)
    if joined == NO_CHILD:
        return i8(NO_CHILD)
    return gain + joined
