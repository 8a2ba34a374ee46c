"""Why there is no allocation, or what binds: in words, with numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.check import Violation
from ...core.registry import cheap_bound
from ...explanation import Explanation
from ...inputs.wording import amount
from ...ticks import relative_gap
from .check import evaluate, loads
from .problem import GeneralizedAssignment
from .solution import LEFT_OUT, Allocation

NAMED = 5
"""So many jobs or agents are named."""

TIGHT = 0.9
"""From this part of all capacity on, what the jobs take at least is worth a word."""


def explain(problem: GeneralizedAssignment, allocation: Allocation | None = None) -> Explanation:
    """Why there is no allocation, or what binds; with one, also what is wrong with it, and which agents are full.

    Examples
    --------
    >>> gap = GeneralizedAssignment(cost=[[1, 1], [1, 1]], demand=[[3, 9], [4, 8]], capacity=[5, 6])
    >>> print(explain(gap).reasons[0])
    job 1 fits no agent: the nearest is agent 1, whose capacity 6 is 2 short of its demand 8
    """
    violations = problem.check(allocation).violations if allocation is not None else ()
    reasons = impossible(problem)
    facts = list(_size(problem))
    if not reasons:
        facts += [*_tightness(problem), *_forced(problem), *_bound(problem, allocation if not violations else None)]
    if allocation is not None and not any(violation.rule in ("length", "unknown agent") for violation in violations):
        facts += _loads(problem, allocation)
    return Explanation(bool(reasons), reasons, tuple(facts), violations)


def impossible(problem: GeneralizedAssignment) -> tuple[Violation, ...]:
    """Reasons, proved by the data alone, why there is no allocation; finding none proves nothing.

    Returns
    -------
    tuple of Violation
        Rule ``"fits nowhere"`` for a job that no agent can have; ``"only one agent"`` where jobs that fit one agent only are too
        much for it; ``"total capacity"`` where what the jobs take at least, each of the agent where it takes least, is more than
        there is: in the unit of the demands, or in parts of each agent's capacity.
    """
    return tuple(_nowhere(problem)) or tuple(_only_one(problem)) or tuple(_in_all(problem))


def _nowhere(problem: GeneralizedAssignment) -> Iterator[Violation]:
    for job in np.flatnonzero(~problem.may_leave & ~problem.possible.any(axis=0)).tolist():
        agents = np.flatnonzero(problem.allowed[:, job])
        if not agents.size:
            yield Violation("fits nowhere", f"{problem.job_called(job)} fits no agent: all its pairs are forbidden")
            continue
        short = problem.demand[agents, job].astype(np.float64) - problem.capacity[agents]
        near = int(agents[short.argmin()])
        yield Violation(
            "fits nowhere",
            f"{problem.job_called(job)} fits no agent: the nearest is {problem.agent_called(near)}, whose capacity "
            f"{amount(problem.capacity[near])} is {amount(short.min())} short of its demand {amount(problem.demand[near, job])}",
            max(float(short.min()), 5e-324),
        )


def _only_one(problem: GeneralizedAssignment) -> Iterator[Violation]:
    demand, capacity = problem.load_ticks
    single = ~problem.may_leave & (problem.possible.sum(axis=0) == 1)
    for agent in range(problem.num_agents):
        jobs = np.flatnonzero(single & problem.possible[agent])
        if sum(demand[agent, jobs].tolist()) > int(capacity[agent]):
            total = math.fsum(problem.demand[agent, jobs].tolist())
            over = total - float(problem.capacity[agent])
            yield Violation(
                "only one agent",
                f"{_named(problem.job_called, jobs)} fit {problem.agent_called(agent)} only, and take {amount(total)}: "
                f"{amount(over)} more than its capacity {amount(problem.capacity[agent])}",
                max(over, 5e-324),
            )


def _in_all(problem: GeneralizedAssignment) -> Iterator[Violation]:
    demand, _ = problem.load_ticks
    jobs = np.flatnonzero(~problem.may_leave)
    if problem.demand.dtype.kind == "i" and jobs.size:
        # Ticks of whole demands are of one unit for all agents.
        never = int(np.iinfo(np.int64).max)
        least = sum(np.where(problem.possible, demand, never).min(axis=0)[jobs].tolist())
        most = int(sum(np.floor(problem.capacity).tolist()))
        if least > most:
            yield Violation(
                "total capacity",
                f"the jobs take {amount(least)} at least, each of the agent where it takes least, and all agents together have "
                f"{amount(most)}: {amount(least - most)} too little",
                float(least - most),
            )
            return
    part = _least_parts(problem, jobs)
    if part is not None and part > problem.num_agents:
        yield Violation(
            "total capacity",
            f"counted in parts of the agents' capacities, the jobs take {float(part):.6g} agents at least, each where it takes the "
            f"smallest part, and there are {problem.num_agents}",
            max(float(part - problem.num_agents), 5e-324),
        )


def _least_parts(problem: GeneralizedAssignment, jobs: NDArray[np.intp]) -> Fraction | None:
    """The least that jobs take, in agents: exact; None where floats show that there is room."""
    if not jobs.size or _share(problem, jobs) < 1 - 1e-9:
        return None
    demand, capacity = problem.load_ticks
    total = Fraction(0)
    for job in jobs.tolist():
        agents = np.flatnonzero(problem.possible[:, job]).tolist()
        total += min(Fraction(int(demand[agent, job]), max(int(capacity[agent]), 1)) for agent in agents)
    return total


def _share(problem: GeneralizedAssignment, jobs: NDArray[np.intp]) -> float:
    """The part of all capacity that jobs take at least, each of the agent where it takes the smallest part."""
    demand, capacity = problem.load_ticks
    parts = np.where(problem.possible, demand / np.maximum(capacity, 1)[:, None], np.inf)
    return float(parts[:, jobs].min(axis=0).sum()) / problem.num_agents


def _size(problem: GeneralizedAssignment) -> Iterator[str]:
    pairs, most = int(problem.allowed.sum()), problem.num_agents * problem.num_jobs
    forbidden = f", {most - pairs:,} of {most:,} pairs forbidden" if pairs < most else ""
    jobs, agents = (
        f"one {noun}" if count == 1 else f"{count:,} {noun}s"
        for count, noun in ((problem.num_jobs, "job"), (problem.num_agents, "agent"))
    )
    yield f"{jobs}, {agents}{forbidden}"


def _tightness(problem: GeneralizedAssignment) -> Iterator[str]:
    jobs = np.flatnonzero(~problem.may_leave)
    share = _share(problem, jobs)
    if jobs.size and share >= TIGHT:
        yield f"even where they take least, the jobs take {share:.1%} of all capacity: it is tight"


def _forced(problem: GeneralizedAssignment) -> Iterator[str]:
    single = np.flatnonzero((problem.possible.sum(axis=0) == 1) & ~problem.may_leave)
    if single.size:
        one = len(single) == 1
        yield f"{_named(problem.job_called, single)} {'fits' if one else 'fit'} one agent only{'' if one else ' each'}"


def _bound(problem: GeneralizedAssignment, allocation: Allocation | None) -> Iterator[str]:
    bound = cheap_bound(problem)
    if bound is None:
        return
    kind = "profits more" if problem.maximize else "costs less"
    yield f"no allocation {kind} than {amount(bound)} (the linear relaxation)"
    if allocation is not None:
        objective = evaluate(problem, allocation)
        gap = relative_gap(objective, bound)
        if gap is not None:
            yield f"this one is worth {amount(objective)}, within {gap:.2%} of that"


def _loads(problem: GeneralizedAssignment, allocation: Allocation) -> Iterator[str]:
    carried, capacity = loads(problem, allocation), problem.capacity.astype(np.float64)
    over = np.flatnonzero(carried > capacity)
    for agent in over[np.argsort(capacity[over] - carried[over], kind="stable")][:NAMED].tolist():
        fitting = _smallest_relief(problem, allocation, agent, carried[agent] - capacity[agent])
        yield (
            f"{problem.agent_called(agent)} is overloaded: {amount(carried[agent])} of {amount(capacity[agent])}, "
            f"{amount(carried[agent] - capacity[agent])} too much{fitting}"
        )
    full = np.flatnonzero((carried >= 0.99 * capacity) & (carried <= capacity) & (capacity > 0))
    if full.size:
        words = "is full to within a hundredth" if len(full) == 1 else "are full to within a hundredth"
        yield f"{_named(problem.agent_called, full)} {words}"
    used = float(carried.sum()), float(capacity.sum())
    if used[1] > 0:
        yield f"the agents carry {amount(used[0])} of {amount(used[1])}: {used[0] / used[1]:.1%}"
    out = allocation.jobs_of(LEFT_OUT)
    if out.size:
        yield f"{_named(problem.job_called, out)} {'is' if len(out) == 1 else 'are'} left out"


def _smallest_relief(problem: GeneralizedAssignment, allocation: Allocation, agent: int, over: float) -> str:
    """The smallest job whose leaving is enough."""
    jobs = allocation.jobs_of(agent)
    demand = problem.demand[agent, jobs].astype(np.float64)
    enough = np.flatnonzero(demand >= over)
    if not enough.size:
        return ""
    job = int(jobs[enough[demand[enough].argmin()]])
    return f"; without {problem.job_called(job)} ({amount(problem.demand[agent, job])}) it is not"


def _named(called: Any, members: Iterable[int]) -> str:
    names = [called(int(member)) for member in members]
    if len(names) > NAMED:
        return f"{', '.join(names[:NAMED])} and {len(names) - NAMED:,} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
