"""The allocation under search: the jobs of an agent are a list, a move takes a job from one to another.

The energy is what an allocation costs above the bound of the linear relaxation: its regrets, the price of the room that is left,
and a penalty for what is above a capacity. Without anything above, energies differ exactly as costs do, up to the rounding of
floats.
"""

from optikit.kernels.jit import f8, i8, inline

from ..arrays import COST, DEAREST, OVER


@inline
def strain(p, s, i, load):
    """Energy of an agent that carries so much: above its capacity the penalty, below it the price of its room."""
    rest = f8(load - p.capacity[i])
    if rest > 0.0:
        return s.penalty[i] * rest
    return -p.price[i] * rest


@inline
def move(p, s, j, to):
    """Give a job to another agent."""
    m = p.num_agents
    old = i8(s.agent_of[j])
    before = i8(s.before[j])
    after = i8(s.after[j])
    if before >= 0:
        s.after[before] = after
    else:
        s.head[old] = after
    if after >= 0:
        s.before[after] = before
    first = i8(s.head[to])
    s.after[j] = first
    s.before[j] = -1
    if first >= 0:
        s.before[first] = j
    s.head[to] = j
    s.agent_of[j] = to
    s.words[COST] += p.cost[j * m + to] - p.cost[j * m + old]
    over = max(0, s.load[old] - p.capacity[old]) + max(0, s.load[to] - p.capacity[to])
    s.load[old] -= p.demand[j * m + old]
    s.load[to] += p.demand[j * m + to]
    s.words[OVER] += max(0, s.load[old] - p.capacity[old]) + max(0, s.load[to] - p.capacity[to]) - over


@inline
def energy(p, s):
    """Of the whole allocation, from scratch; notes the dearest strain of an agent."""
    m = p.num_agents
    total = 0.0
    dearest = 0.0
    for j in range(p.num_jobs):
        total += p.regret[j * m + s.agent_of[j]]
    for i in range(m):
        one = strain(p, s, i, s.load[i])
        total += one
        if one > dearest:
            dearest = one
    s.numbers[DEAREST] = dearest
    return total


@inline
def find_dearest(p, s):
    """Note the dearest strain of an agent."""
    dearest = 0.0
    for i in range(p.num_agents):
        one = strain(p, s, i, s.load[i])
        if one > dearest:
            dearest = one
    s.numbers[DEAREST] = dearest
