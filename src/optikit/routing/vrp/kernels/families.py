"""Two families of local optima: who joins, who goes, who is chosen.

Vidal, Crainic, Gendreau, Lahrichi and Rei, "A hybrid genetic algorithm for multidepot and periodic vehicle routing
problems", Operations Research 60(3), 2012, section 4.5: what a member is worth is its rank by cost and, but for the
elite, its rank by how far it is from its nearest members, in broken pairs (Prins 2009).
"""

from optikit.kernels.jit import f8, i8, inline
from optikit.kernels.rng import below

from ..genetic_arrays import (
    BEST,
    BREAKS,
    CHILDREN,
    DISTANCE,
    EXCESS,
    KEEPS,
    KEPT,
    LEAST_FINE,
    MOST_FINE,
    SINCE_BEST,
    USUAL_FINE,
)

ELITE = 4  # members whose cost counts for more than how far they are from others
CLOSEST = 5  # nearest members that say how far
WITHIN = 20  # children of a hundred that shall keep the capacity at once: the fine is set so that they do
SLACK = 5


@inline
def broken_pairs(f, a, b):
    """Neighbours on the routes of row a that are none on the routes of row b."""
    count = i8(0)
    a = a * f.num_nodes
    b = b * f.num_nodes
    for u in range(1, f.num_nodes):
        x = f.after[a + u]
        y = f.after[b + u]
        z = f.before[b + u]
        if x != y and x != z:
            count += 1
        if f.before[a + u] == 0 and y != 0 and z != 0:
            count += 1
    return count


@inline
def note_nearest(f, k, a):
    """How far row a is from its nearest members."""
    n0 = i8(1 << 40)
    n1 = n0
    n2 = n0
    n3 = n0
    n4 = n0
    for b in range(f.words[k]):
        d = i8(f.broken[a * f.num_rows + b])
        if b + k * f.num_rows != a and d < n4:
            # The five least, in order: d sinks to its place.
            n4 = max(n3, d)
            e = min(n3, d)
            n3 = max(n2, e)
            e = min(n2, e)
            n2 = max(n1, e)
            e = min(n1, e)
            n1 = max(n0, e)
            n0 = min(n0, e)
    f.closest[a] = n0
    f.nearest[a] = n0 + n1 + n2 + n3 + n4


@inline
def rank_family(f, k):
    """What every member of family k is worth."""
    begin = k * f.num_rows
    end = begin + f.words[k]
    for a in range(begin, end):
        f.cost[a] = f.distance[a] + i8(f.reals[USUAL_FINE] * f.excess[a])
        note_nearest(f, k, a)
    far = max(0.0, 1.0 - f8(ELITE) / max(1, f.words[k]))
    for a in range(begin, end):
        cheaper = i8(0)
        farther = i8(0)
        for b in range(begin, end):
            if f.cost[b] < f.cost[a] or (f.cost[b] == f.cost[a] and b < a):
                cheaper += 1
            if f.nearest[b] > f.nearest[a] or (f.nearest[b] == f.nearest[a] and b < a):
                farther += 1
        f.rank[a] = cheaper
        f.worth[a] = cheaper + far * farther


@inline
def copy_row(f, a, b):
    """Row a becomes what row b is."""
    f.distance[a] = f.distance[b]
    f.excess[a] = f.excess[b]
    n = f.num_nodes
    for u in range(n - 1):
        f.tour[a * (n - 1) + u] = f.tour[b * (n - 1) + u]
    for u in range(n):
        f.after[a * n + u] = f.after[b * n + u]
        f.before[a * n + u] = f.before[b * n + u]


@inline
def drop(f, k):
    """Of a ranked family, the member that is worth least goes, and before it one that has a twin; the best one stays."""
    begin = k * f.num_rows
    count = f.words[k]
    gone = begin
    most = -1.0
    for a in range(begin, begin + count):
        worth = f.worth[a]
        if f.closest[a] == 0:
            worth += 3.0 * count
        if f.rank[a] != 0 and worth > most:
            most = worth
            gone = a
    last = begin + count - 1
    f.words[k] -= 1
    if gone == last:
        return
    copy_row(f, gone, last)
    for b in range(count - 1):
        d = f.broken[last * f.num_rows + b]
        if b == gone - begin:
            d = 0
        f.broken[gone * f.num_rows + b] = d
        f.broken[(begin + b) * f.num_rows + gone - begin] = d


@inline
def join(w, f):
    """The child joins the family it belongs to; a generation may end."""
    k = i8(KEEPS)
    if w.words[EXCESS] > 0:
        k = i8(BREAKS)
    begin = k * f.num_rows
    here = f.words[k]
    a = begin + here
    n = f.num_nodes
    f.distance[a] = w.words[DISTANCE]
    f.excess[a] = w.words[EXCESS]
    for u in range(n - 1):
        f.tour[a * (n - 1) + u] = w.tour[u]
    for u in range(1, n):
        f.after[a * n + u] = w.site[w.succ[u]]
        f.before[a * n + u] = w.site[w.pred[u]]
    f.broken[a * f.num_rows + here] = 0
    for b in range(here):
        d = broken_pairs(f, a, begin + b)
        f.broken[a * f.num_rows + b] = d
        f.broken[(begin + b) * f.num_rows + here] = d
    f.words[k] += 1
    most = f.words[k]
    if most == f.num_rows - 1:
        most = f.num_members
    while True:
        rank_family(f, k)
        if f.words[k] <= most:
            break
        drop(f, k)
    if k == KEEPS and w.words[DISTANCE] < f.words[BEST]:
        f.words[BEST] = w.words[DISTANCE]
        f.words[SINCE_BEST] = 0


@inline
def learn(w, f):
    """Count the child, and set the fine once in a hundred."""
    f.words[CHILDREN] += 1
    f.words[SINCE_BEST] += 1
    if w.words[EXCESS] == 0:
        f.words[KEPT] += 1
    if f.words[CHILDREN] % 100 == 0:
        fine = f.reals[USUAL_FINE]
        if f.words[KEPT] < WITHIN - SLACK:
            fine = min(1.2 * fine, f.reals[MOST_FINE])
        elif f.words[KEPT] > WITHIN + SLACK:
            fine = max(0.85 * fine, f.reals[LEAST_FINE])
        f.reals[USUAL_FINE] = fine
        f.words[KEPT] = 0


@inline
def draw_parent(f, r):
    """The row of the better of two members drawn at random from both families."""
    total = f.words[KEEPS] + f.words[BREAKS]
    best = i8(-1)
    for _ in range(2):
        a = below(r, total)
        if a >= f.words[KEEPS]:
            a += f.num_rows - f.words[KEEPS]
        if best < 0 or f.worth[a] < f.worth[best]:
            best = a
    return best


@inline
def begin_again(f):
    """Two families without members."""
    f.words[KEEPS] = 0
    f.words[BREAKS] = 0
    f.words[CHILDREN] = 0
    f.words[SINCE_BEST] = 0
    f.words[KEPT] = 0
