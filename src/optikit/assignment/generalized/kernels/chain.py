"""Ejection chains: a job moves to another agent, a job of that agent gives way to a third, and so on, until one stays.

After Yagiura, Ibaraki and Glover, "An ejection chain approach for the generalized assignment problem", INFORMS Journal on
Computing 16, 2004; but the search of a chain is that of Lin and Kernighan: depth first over all chains whose sums of changes stay
below zero link after link. Every cycle of links with a negative sum can be begun such that they do. With the prices of the
relaxation the changes of an optimal allocation's neighbours are small, and nearly all chains end at their first link.
"""

from optikit.kernels.jit import i8, inline

from ..arrays import DEAREST
from .allocation import strain

UNSEEN = -2  # in chain_next: the option has not been looked at


@inline
def on_chain(s, depth, agent):
    """Whether a job that is to give way is one of this agent's already."""
    found = False
    for d in range(1, depth + 1):
        if s.agent_of[s.chain_job[d]] == agent:
            found = True
    return found


@inline
def find_chain(p, q, s, start):
    """The first chain from a job that lowers the energy; its number of links, 0 where there is none.

    The chain is in chain_job and chain_agent; each of its agents but the first takes a job and gives one away, or takes the last.
    """
    m = p.num_agents
    home = i8(s.agent_of[start])
    home_load = s.load[home] - p.demand[start * m + home]
    home_strain = strain(p, s, home, s.load[home])
    leaving = strain(p, s, home, home_load) - home_strain
    s.chain_job[0] = start
    s.chain_gain[0] = 0.0
    s.chain_at[0] = p.first[start]
    s.chain_next[0] = UNSEEN
    work = i8(0)
    d = i8(0)
    while d >= 0 and work < q.work:
        work += 1
        j = i8(s.chain_job[d])
        if s.chain_next[d] == UNSEEN:
            at = s.chain_at[d]
            if at == p.first[j + 1]:
                d -= 1
                continue
            s.chain_at[d] = at + 1
            to = i8(p.option[at])
            here = i8(s.agent_of[j])
            if to == here:
                continue
            base = s.chain_gain[d] + p.regret[j * m + to] - p.regret[j * m + here]
            s.chain_agent[d] = to
            if to == home:
                if base + strain(p, s, home, home_load + p.demand[j * m + home]) - home_strain < -p.tiny:
                    return d + 1
                continue
            if base - s.numbers[DEAREST] > -p.tiny:
                d -= 1  # options are sorted: the others are worse still
                continue
            now = strain(p, s, to, s.load[to])
            if base - now > -p.tiny or on_chain(s, d, to):
                continue
            if base + strain(p, s, to, s.load[to] + p.demand[j * m + to]) - now + leaving < -p.tiny:
                return d + 1
            if d + 1 < q.depth:
                s.chain_base[d] = base - now
                s.chain_next[d] = s.head[to]
                if s.head[to] < 0:
                    s.chain_next[d] = UNSEEN
            continue
        k = i8(s.chain_next[d])
        to = i8(s.chain_agent[d])
        s.chain_next[d] = s.after[k]
        if s.after[k] < 0:
            s.chain_next[d] = UNSEEN
        gain = s.chain_base[d] + strain(p, s, to, s.load[to] + p.demand[j * m + to] - p.demand[k * m + to])
        if gain < -p.tiny:
            d += 1
            s.chain_job[d] = k
            s.chain_gain[d] = gain
            s.chain_at[d] = p.first[k]
            s.chain_next[d] = UNSEEN
    return i8(0)
