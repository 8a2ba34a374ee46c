"""The judge of allocations: numpy on the original data, with no code of the solvers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...core.check import CheckReport, Violation
from ...errors import InvalidSolutionError
from .solution import LEFT_OUT, Allocation

if TYPE_CHECKING:
    from .problem import GeneralizedAssignment

SPELLED_OUT = 100
"""So many violations of one rule are listed one by one; the rest is counted."""


def evaluate(problem: GeneralizedAssignment, allocation: Allocation) -> float:
    """Total cost; infinite, to the worse side, where a pair is forbidden or a job is left out that must be assigned.

    Sums are exact for ints, and exactly rounded for floats.

    Raises
    ------
    InvalidSolutionError
        For a solution of another class, of another number of jobs, or that names an agent that is not there.
    """
    worst = -math.inf if problem.maximize else math.inf
    given, left = _parts(problem, allocation)
    if not np.isfinite(given).all() or not np.isfinite(left).all():
        return worst
    return _sum(given) - _sum(left) if problem.maximize else _sum(given) + _sum(left)


def terms(problem: GeneralizedAssignment, allocation: Allocation) -> dict[str, float]:
    """What the objective is made of."""
    given, left = _parts(problem, allocation)
    pairs = {"profit" if problem.maximize else "cost": _sum(given)}
    if problem.leave_out is None:
        return pairs
    return {**pairs, "left out": 0.0 - _sum(left) if problem.maximize else _sum(left)}


def loads(problem: GeneralizedAssignment, allocation: Allocation) -> NDArray[np.float64]:
    """What each agent carries, shape (num_agents,), in the unit of the demands."""
    _parts(problem, allocation)
    return np.array([_sum(problem.demand[agent, allocation.jobs_of(agent)]) for agent in range(problem.num_agents)])


def _parts(problem: GeneralizedAssignment, allocation: Allocation) -> tuple[NDArray[Any], NDArray[Any]]:
    """Costs of the pairs, and of the jobs that are left out."""
    problem.require(allocation)
    agents = allocation.agent_of
    if len(agents) != problem.num_jobs:
        raise InvalidSolutionError(f"agent_of has {len(agents)} entries, expected {problem.num_jobs}: one a job")
    unknown = np.flatnonzero((agents < LEFT_OUT) | (agents >= problem.num_agents))
    if unknown.size:
        job = int(unknown[0])
        last = problem.num_agents - 1
        raise InvalidSolutionError(f"agent_of[{job}] is {agents[job]}; agents are 0 to {last}, and -1 stands for none")
    jobs, out = np.flatnonzero(agents >= 0), np.flatnonzero(agents == LEFT_OUT)
    left = np.full(out.size, np.inf) if problem.leave_out is None else problem.leave_out[out]
    return problem.cost[agents[jobs], jobs], left


def _sum(numbers: NDArray[Any]) -> float:
    values = numbers.tolist()
    return float(sum(values)) if numbers.dtype.kind in "iu" else math.fsum(values)


def check(problem: GeneralizedAssignment, allocation: Allocation) -> CheckReport:
    """All rules: each job has an agent, unless it may be left out; no forbidden pair; no agent above its capacity."""
    problem.require(allocation)
    return CheckReport.of(_violations(problem, allocation))


def _violations(problem: GeneralizedAssignment, allocation: Allocation) -> Iterator[Violation]:
    agents, count = allocation.agent_of, problem.num_jobs
    if len(agents) != count:
        yield Violation("length", f"the allocation has {len(agents)} jobs, the problem {count}", abs(len(agents) - count))
        return
    agent, job = problem.agent_called, problem.job_called
    known = (agents >= 0) & (agents < problem.num_agents)
    yield from _listed(
        "unknown agent",
        np.flatnonzero(~known & (agents != LEFT_OUT)),
        lambda j: f"{job(j)} has agent {agents[j]}; agents are 0 to {problem.num_agents - 1}",
    )
    yield from _listed("left out", np.flatnonzero((agents == LEFT_OUT) & ~problem.may_leave), lambda j: f"{job(j)} has no agent")
    jobs = np.flatnonzero(known)
    yield from _listed(
        "forbidden",
        jobs[~problem.allowed[agents[jobs], jobs]],
        lambda j: f"{agent(agents[j])} must not have {job(j)}: the pair is forbidden",
    )
    demand, most = problem.load_ticks
    carried: list[int] = [0] * problem.num_agents
    for j, tick in zip(jobs.tolist(), demand[agents[jobs], jobs].tolist(), strict=True):
        carried[int(agents[j])] += tick
    above = [i for i, load in enumerate(carried) if load > int(most[i])]

    def load(i: int) -> float:
        return _sum(problem.demand[i, allocation.jobs_of(i)])

    def over(i: int) -> float:
        return max(load(i) - float(problem.capacity[i]), 5e-324)

    def sentence(i: int) -> str:
        return f"{agent(i)} carries {load(i):.10g}, {over(i):.10g} more than its capacity {float(problem.capacity[i]):.10g}"

    yield from _listed("capacity", np.array(above, np.intp), sentence, over)


def _listed(
    rule: str, places: NDArray[np.intp], sentence: Callable[[Any], str], size: Callable[[Any], float] = lambda place: 1.0
) -> Iterator[Violation]:
    for place in places[:SPELLED_OUT].tolist():
        yield Violation(rule, sentence(place), size(place))
    rest = places[SPELLED_OUT:]
    if rest.size:
        yield Violation(rule, f"{len(rest):,} more of that kind: {rule}", math.fsum(map(size, rest.tolist())))
