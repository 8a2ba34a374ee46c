"""The entry of the search: down to a local optimum, then kick, repair, and keep it or take it back."""

import math

from optikit.kernels.control import BEST, IMPROVED, ITERATIONS, LIMIT, MOVES, NEVER, Control, out_of_time
from optikit.kernels.jit import i8, inline, kernel
from optikit.kernels.rng import Random, below, unit

from ..arrays import (
    COST,
    ENERGY,
    HEAD,
    LOGGED,
    OVER,
    PHASE,
    WAITING,
    Instance,
    Parameters,
    State,
)  # fmt: skip
from .allocation import energy, find_dearest, move
from .chain import find_chain

DESCEND = 0  # jobs wait in the queue: look for chains from them
KICK = 1

JOBS_A_LOOK = 16  # jobs between two looks at the clock
LOG = 4096  # moves on record
NO_KICK = math.inf  # energy to come back to, before the first kick

# How penalties follow the search, slowly: what moves them undoes what the descents have won.
DEARER = 1.0005  # factor of an agent above its capacity, a kick,
URGENT = 1.03  # the same as long as no allocation has been feasible,
CHEAPER = 0.9995  # and of all agents where none is
LEAST = 0.5  # in prices


@inline
def wake(s, j):
    """Put a job into the queue."""
    if s.queued[j] == 0:
        s.queued[j] = 1
        at = s.words[HEAD] + s.words[WAITING]
        if at >= s.num_jobs:
            at -= s.num_jobs
        s.queue[at] = j
        s.words[WAITING] += 1


@inline
def wake_agent(s, i):
    """Put all jobs of an agent into the queue."""
    k = i8(s.head[i])
    while k >= 0:
        wake(s, k)
        k = i8(s.after[k])


@inline
def logged_move(p, s, j, to):
    """Move a job such that it can be taken back."""
    if s.words[LOGGED] < LOG:
        s.log_job[s.words[LOGGED]] = j
        s.log_agent[s.words[LOGGED]] = s.agent_of[j]
    s.words[LOGGED] += 1
    move(p, s, j, to)


@inline
def descend_some(p, q, s, c):
    """Look for chains from some of the jobs that wait."""
    for _ in range(JOBS_A_LOOK):
        if s.words[WAITING] == 0:
            return
        j = i8(s.queue[s.words[HEAD]])
        s.words[HEAD] += 1
        if s.words[HEAD] == s.num_jobs:
            s.words[HEAD] = 0
        s.words[WAITING] -= 1
        s.queued[j] = 0
        links = i8(1)
        while links > 0:
            links = find_chain(p, q, s, j)
            c.slots[MOVES] += 1
            old = i8(s.agent_of[j])
            for d in range(links):
                logged_move(p, s, i8(s.chain_job[d]), i8(s.chain_agent[d]))
            for d in range(links):
                wake_agent(s, i8(s.chain_agent[d]))
            if links > 0:
                wake_agent(s, old)
                find_dearest(p, s)


@inline
def copy_to_best(s, c):
    """Keep the allocation: it is feasible, and better than any before."""
    for j in range(s.num_jobs):
        s.best[j] = s.agent_of[j]
    c.slots[BEST] = s.words[COST]
    c.slots[IMPROVED] = c.slots[ITERATIONS]


@inline
def take_back(p, s):
    """Undo the moves since the kick, unless they are too many."""
    if s.words[LOGGED] <= LOG:
        while s.words[LOGGED] > 0:
            s.words[LOGGED] -= 1
            at = s.words[LOGGED]
            move(p, s, i8(s.log_job[at]), i8(s.log_agent[at]))


@inline
def reprice(p, q, s, c):
    """Penalties dearer where a capacity is exceeded; all of them cheaper where none is."""
    dearer = DEARER
    if c.slots[BEST] == NEVER:
        dearer = URGENT
    for i in range(p.num_agents):
        if s.words[OVER] == 0:
            s.penalty[i] = max(LEAST * p.price[i], CHEAPER * s.penalty[i])
        elif s.load[i] > p.capacity[i]:
            s.penalty[i] = min(q.dearest, dearer * s.penalty[i])


@inline
def settle(p, q, s, r, c):
    """At a local optimum: keep it or go back to where the kick began."""
    now = energy(p, s)
    if s.words[OVER] == 0 and s.words[COST] < c.slots[BEST]:
        copy_to_best(s, c)
    limit = s.numbers[ENERGY] + p.tiny
    if q.heat > 0.0:
        limit -= q.heat * math.log(1.0 - unit(r))
    if now > limit:
        take_back(p, s)
    s.words[LOGGED] = 0
    reprice(p, q, s, c)


@inline
def kick(p, q, s, r):
    """Move some jobs to other agents that are nearly as good for them, and wake what that concerns."""
    s.numbers[ENERGY] = energy(p, s)
    s.words[LOGGED] = 0
    for _ in range(q.kicks):
        j = below(r, p.num_jobs)
        at = p.first[j] + below(r, min(q.near, p.first[j + 1] - p.first[j]))
        to = i8(p.option[at])
        old = i8(s.agent_of[j])
        if to != old:
            logged_move(p, s, j, to)
            wake_agent(s, old)
            wake_agent(s, to)
    find_dearest(p, s)


@kernel
def advance(p: Instance, q: Parameters, s: State, r: Random, c: Control) -> i8:
    """Go on until the control block says return; returns the phase."""
    while not out_of_time(c):
        if s.words[WAITING] > 0:
            descend_some(p, q, s, c)
            continue
        if s.words[PHASE] == DESCEND:
            # Counted when it is whole: who has done its iterations waits, and must not wait in the middle of a descent.
            if s.numbers[ENERGY] < NO_KICK:
                c.slots[ITERATIONS] += 1
            settle(p, q, s, r, c)
            s.words[PHASE] = KICK
        if c.slots[ITERATIONS] >= c.slots[LIMIT]:
            break
        kick(p, q, s, r)
        s.words[PHASE] = DESCEND
    return i8(s.words[PHASE])
