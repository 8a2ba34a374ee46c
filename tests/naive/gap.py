"""A textbook generalized assignment problem: plain lists, plain loops, for instances of a handful of jobs."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

from optikit.assignment import GeneralizedAssignment

SLACK = Fraction(1, 10**9)
"""What a fractional load may be above a capacity, as a part of it: the same as the checker grants."""


def cost_of(problem: GeneralizedAssignment, agents: tuple[int, ...]) -> float:
    """The objective of an allocation, one job after the other; infinite for the worse where it is forbidden."""
    sign = -1 if problem.maximize else 1
    total = 0.0
    for job, agent in enumerate(agents):
        if agent >= 0:
            total += sign * float(problem.cost[agent][job])
        else:
            total += math.inf if problem.leave_out is None else float(problem.leave_out[job])
    return sign * total


def is_feasible(problem: GeneralizedAssignment, agents: tuple[int, ...], slack: Fraction = SLACK) -> bool:
    """Loads in fractions, which no order of summing changes."""
    if not math.isfinite(cost_of(problem, agents)):
        return False
    for agent in range(problem.num_agents):
        load = sum(
            (Fraction(problem.demand[agent][job].item()) for job, chosen in enumerate(agents) if chosen == agent), Fraction(0)
        )
        if load > Fraction(problem.capacity[agent].item()) * (1 + slack):
            return False
    return True


def brute_force(problem: GeneralizedAssignment, slack: Fraction = SLACK) -> float | None:
    """The best objective over all allocations; None where there is none."""
    first = -1 if problem.leave_out is not None else 0
    better = max if problem.maximize else min
    values = [
        cost_of(problem, agents)
        for agents in product(range(first, problem.num_agents), repeat=problem.num_jobs)
        if is_feasible(problem, agents, slack)
    ]
    return better(values) if values else None
