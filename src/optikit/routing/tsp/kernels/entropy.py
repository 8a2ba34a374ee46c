"""How varied a population is: the entropy of its edges, and what a child does to it.

Nagata and Kobayashi 2013, section 3.3: of children that are shorter, the one that costs least variety for what it gains takes
its parent's place, so that the population does not become uniform before it has become good.
"""

from optikit.kernels.jit import i8, inline

from ..arrays import NUM_COME, NUM_GONE


@inline
def slot_of(g, u, v):
    """Where the edge u-v stands among those at u; past the last where it does not."""
    first = u * g.slots
    for k in range(first, first + g.edges_at[u]):
        if g.edge_to[k] == v:
            return i8(k)
    return i8(first + g.edges_at[u])


@inline
def count_at(g, u, v, change):
    """One tour more or less has the edge u-v, as far as u is concerned; returns how many had it."""
    k = slot_of(g, u, v)
    end = u * g.slots + g.edges_at[u]
    before = i8(0)
    if k < end:
        before = i8(g.edge_count[k])
    else:
        g.edge_to[k] = v
        g.edges_at[u] += 1
        end += 1
    g.edge_count[k] = before + change
    if before + change == 0:
        g.edge_to[k] = g.edge_to[end - 1]
        g.edge_count[k] = g.edge_count[end - 1]
        g.edges_at[u] -= 1
    return before


@inline
def count_edge(g, u, v, change):
    """One tour more or less has the edge u-v; returns by how much the entropy changes."""
    before = count_at(g, u, v, change)
    count_at(g, v, u, change)
    return g.entropy[before + change] - g.entropy[before]


@inline
def count_child(g, m):
    """Put the child in its parent's place as far as edges are counted; returns by how much the entropy changes."""
    change = 0.0
    for k in range(m.words[NUM_GONE]):
        change += count_edge(g, i8(m.gone[2 * k]), i8(m.gone[2 * k + 1]), i8(-1))
    for k in range(m.words[NUM_COME]):
        change += count_edge(g, i8(m.come[2 * k]), i8(m.come[2 * k + 1]), i8(1))
    return change


@inline
def uncount_child(g, m):
    """Take that back."""
    for k in range(m.words[NUM_COME]):
        count_edge(g, i8(m.come[2 * k]), i8(m.come[2 * k + 1]), i8(-1))
    for k in range(m.words[NUM_GONE]):
        count_edge(g, i8(m.gone[2 * k]), i8(m.gone[2 * k + 1]), i8(1))
