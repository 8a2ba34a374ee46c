"""Branch and bound on the dual ascent: depth first, a facility at a time, the tableau of each level made from that above it.

Hahn, Grant and Hall, "A branch-and-bound algorithm for the quadratic assignment problem based on the Hungarian method", European
Journal of Operational Research 108, 1998.
"""

from optikit.kernels.control import BEST, IMPROVED, ITERATIONS, LIMIT, Control, out_of_time
from optikit.kernels.jit import i8, inline, kernel

from ..arrays import BARRED, BEFORE, CURSOR, FAR, IDLE_ROUNDS, LEFT, NODES, ROUND, STAGE, UPPER, Tree
from .ascent import raise_bound, raise_lead, spread_lead
from .lap import HALF

SPREAD = 0
RAISE = 1
MASTER = 2
BRANCH = 3
NEXT = 4
BACK = 5
DONE = 6

WORK = 300_000  # entries of matrices that are touched between two looks at the clock
MOST_PAIRS = 200  # and submatrices, where they are small
AHEAD = 6  # rounds like the last one that may be hoped for


@inline
def scaled(t, ticks):
    """A cost in the units of the tableau."""
    return (ticks * t.factor) >> t.shift


@inline
def goal_of(t):
    """A node with that bound has no better placement."""
    return scaled(t, t.words[UPPER]) - t.slack


@inline
def begin(t):
    """The tableau of the whole problem."""
    n = t.size
    lead = t.lead_at[n]
    quad = t.quad_at[n]
    for i in range(n):
        t.rows[n * n + i] = i
        t.columns[n * n + i] = i
        t.place[i] = -1
        for j in range(n):
            t.lead[lead + i * n + j] = BARRED
            if t.linear[i * n + j] < FAR:
                t.lead[lead + i * n + j] = scaled(t, t.linear[i * n + j])
            base = quad + (i * n + j) * n * n
            for x in range(n):
                for y in range(n):
                    t.quad[base + x * n + y] = scaled(t, t.flow[i * n + x] * t.distance[j * n + y])
    t.bound[n] = 0
    t.words[LEFT] = n
    enter_node(t)


@inline
def enter_node(t):
    """Begin with the ascent of the node at this level."""
    t.words[STAGE] = SPREAD
    t.words[CURSOR] = 0
    t.words[ROUND] = 0
    t.words[IDLE_ROUNDS] = 0
    t.words[BEFORE] = t.bound[t.words[LEFT]]
    t.words[NODES] += 1


@inline
def spread_some(t, count):
    """The leads of some pairs into their submatrices."""
    k = t.words[LEFT]
    for _ in range(count):
        if t.words[CURSOR] == k * k:
            t.words[CURSOR] = 0
            t.words[STAGE] = RAISE
            return
        spread_lead(t, k, t.words[CURSOR])
        t.words[CURSOR] += 1


@inline
def raise_some(t, count):
    """The submatrices of some pairs into their leads, in the other order every other round."""
    k = t.words[LEFT]
    for _ in range(count):
        if t.words[CURSOR] == k * k:
            t.words[STAGE] = MASTER
            return
        pair = t.words[CURSOR]
        if t.words[ROUND] % 2 == 1:
            pair = k * k - 1 - pair
        raise_lead(t, k, pair)
        t.words[CURSOR] += 1


@inline
def judge(t, c):
    """After a round: give the node up, go on with the ascent, or branch."""
    k = t.words[LEFT]
    c.slots[ITERATIONS] += 1
    if not raise_bound(t, k):
        t.bound[k] = BARRED
        t.words[STAGE] = BACK
        return
    goal = goal_of(t)
    t.words[ROUND] += 1
    if t.bound[k] >= goal:
        t.words[STAGE] = BACK
        return
    bar_leads(t, k, goal)
    gained = t.bound[k] - t.words[BEFORE]
    t.words[BEFORE] = t.bound[k]
    t.words[CURSOR] = 0
    t.words[STAGE] = SPREAD
    if k == t.size:
        # The root's bound is what is told: until three rounds in a row have brought next to nothing.
        t.words[IDLE_ROUNDS] += 1
        if gained * t.worth > abs(t.bound[k]):
            t.words[IDLE_ROUNDS] = 0
        if t.words[IDLE_ROUNDS] == 3 or t.words[ROUND] >= t.root_rounds:
            t.words[STAGE] = BACK
            if t.top == 0:
                t.words[STAGE] = BRANCH
    elif t.words[ROUND] >= t.rounds or gained * AHEAD < goal - t.bound[k]:
        t.words[STAGE] = BRANCH


@inline
def bar_leads(t, k, goal):
    """Bar the pairs that are in no placement better than the best."""
    lead = t.lead_at[k]
    for x in range(k * k):
        if t.bound[k] + t.lead[lead + x] >= goal:
            t.lead[lead + x] = BARRED


@inline
def choose_row(t, k):
    """Branch on the real facility whose locations cost most, those that are barred first."""
    lead = t.lead_at[k]
    most = i8(-1)
    goal = goal_of(t) - t.bound[k]
    for i in range(k):
        if t.rows[k * t.size + i] < t.num_facilities:
            total = i8(0)
            for j in range(k):
                total += min(t.lead[lead + i * k + j], goal)
            if total > most:
                most = total
                t.row[k] = i
    t.child[k] = 0
    t.words[STAGE] = NEXT


@inline
def go_down(t, k, i, j):
    """Place a facility, and make the tableau of those that are left."""
    n = t.size
    m = k - 1
    t.place[t.rows[k * n + i]] = t.columns[k * n + j]
    to = i8(0)
    for x in range(k):
        if x != i:
            t.rows[m * n + to] = t.rows[k * n + x]
            to += 1
    to = i8(0)
    for y in range(k):
        if y != j:
            t.columns[m * n + to] = t.columns[k * n + y]
            to += 1
    lead = t.lead_at[k]
    quad = t.quad_at[k]
    own = quad + (i * k + j) * k * k
    t.bound[m] = t.bound[k] + t.lead[lead + i * k + j]
    to = t.lead_at[m]
    into = t.quad_at[m]
    for x in range(k):
        for y in range(k):
            if x != i and y != j:
                cost = t.lead[lead + x * k + y]
                if cost < HALF:
                    cost += t.quad[own + x * k + y] + t.quad[quad + ((x * k + y) * k + i) * k + j]
                t.lead[to] = min(cost, i8(BARRED))
                to += 1
                base = quad + (x * k + y) * k * k
                for z in range(k):
                    if z != i:
                        for w in range(k):
                            if w != j:
                                t.quad[into] = t.quad[base + z * k + w]
                                into += 1


@inline
def cost_of(t):
    """What the placement costs, counted from the data."""
    n = t.size
    total = i8(0)
    for u in range(t.num_facilities):
        at = i8(t.place[u])
        total += t.linear[u * n + at]
        for v in range(t.num_facilities):
            total += t.flow[u * n + v] * t.distance[at * n + t.place[v]]
    return total


@inline
def look_at_leaf(t, c):
    """All real facilities are placed: is that better than the best?"""
    total = cost_of(t)
    if total < t.words[UPPER]:
        t.words[UPPER] = total
        c.slots[BEST] = total
        c.slots[IMPROVED] = c.slots[ITERATIONS]
        for u in range(t.size):
            t.best[u] = t.place[u]


@inline
def next_child(t, c):
    """Go down to the next location of the facility on which this node branches, or back where there is none left."""
    n = t.size
    k = t.words[LEFT]
    lead = t.lead_at[k]
    i = i8(t.row[k])
    goal = goal_of(t)
    j = i8(t.child[k])
    while j < k and (t.lead[lead + i * k + j] >= HALF or t.bound[k] + t.lead[lead + i * k + j] >= goal):
        j += 1
    t.child[k] = j + 1
    if j == k:
        t.words[STAGE] = BACK
    elif n - k + 1 == t.num_facilities:
        # The last real facility, and nothing left to decide.
        t.place[t.rows[k * n + i]] = t.columns[k * n + j]
        look_at_leaf(t, c)
    else:
        go_down(t, k, i, j)
        t.words[LEFT] = k - 1
        enter_node(t)


@inline
def go_back(t):
    """To the node above."""
    t.words[LEFT] += 1
    t.words[STAGE] = NEXT
    if t.words[LEFT] > t.size:
        t.words[LEFT] = t.size
        t.words[STAGE] = DONE


@kernel
def begin_tree(t: Tree) -> None:
    """Make the tableau of the whole problem."""
    begin(t)


@kernel
def branch(t: Tree, c: Control) -> i8:
    """Go on; returns the stage: DONE once nothing is left."""
    alive = not out_of_time(c)
    while alive and t.words[STAGE] != DONE:
        stage = t.words[STAGE]
        k = t.words[LEFT]
        if stage == SPREAD:
            spread_some(t, min(MOST_PAIRS, max(1, WORK // (k * k))))
        elif stage == RAISE:
            raise_some(t, min(MOST_PAIRS, max(1, WORK // (k * k * k))))
        elif stage == MASTER:
            judge(t, c)
        elif stage == BRANCH:
            choose_row(t, k)
        elif stage == NEXT:
            next_child(t, c)
        else:
            go_back(t)
        alive = not out_of_time(c) and c.slots[ITERATIONS] < c.slots[LIMIT]
    return i8(t.words[STAGE])
