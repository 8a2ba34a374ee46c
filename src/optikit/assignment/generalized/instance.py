"""From a problem to what the kernels read, and from their agents back to allocations."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .arrays import Instance
from .problem import GeneralizedAssignment
from .solution import LEFT_OUT, Allocation

TINY = 1e-7
"""Part of a mean difference between two options of a job below which energies count as equal."""


@dataclass(frozen=True)
class Pairs:
    """A problem to be minimised in ticks, agents by jobs, with an agent more for what is left out, where that is allowed.

    Parameters
    ----------
    problem : GeneralizedAssignment
        What it stands for.
    cost, demand : numpy.ndarray of int64, shape (num_agents, num_jobs)
        In ticks.
    possible : numpy.ndarray of bool, shape (num_agents, num_jobs)
        Pairs that are not forbidden and fit; others cost 0.
    capacity : numpy.ndarray of int64, shape (num_agents,)
        In ticks.
    """

    problem: GeneralizedAssignment
    cost: NDArray[np.int64]
    demand: NDArray[np.int64]
    possible: NDArray[np.bool_]
    capacity: NDArray[np.int64]

    @classmethod
    def of(cls, problem: GeneralizedAssignment) -> Pairs:
        demand, capacity = problem.load_ticks
        possible = problem.possible
        sign = -1 if problem.maximize else 1
        cost = sign * problem.lattice.ticks(np.where(possible, problem.cost, 0))
        if problem.leave_out is not None:
            exits = problem.lattice.ticks(np.where(problem.may_leave, problem.leave_out, 0))
            cost = np.vstack([cost, exits])
            demand = np.vstack([demand, np.zeros_like(exits)])
            possible = np.vstack([possible, problem.may_leave])
            capacity = np.append(capacity, 0)
        return cls(problem, cost, demand, possible, capacity)

    @property
    def units(self) -> float:
        """What a tick is worth in the objective: below zero where profits are maximised."""
        return (-1 if self.problem.maximize else 1) / self.problem.lattice.scale

    def bound(self, ticks: int) -> float:
        """A lower bound in ticks as a bound on the objective."""
        lattice = self.problem.lattice
        value = max(lattice.units(ticks) - lattice.error, self.floor)
        return -value if self.problem.maximize else value

    @cached_property
    def floor(self) -> float:
        """Each job where it costs least, in units as they are given: no sum of `evaluate` is below it, to the last digit."""
        problem = self.problem
        if problem.lattice.exact:
            return -math.inf
        least = np.where(self.possible[: problem.num_agents], -problem.cost if problem.maximize else problem.cost, np.inf).min(
            axis=0
        )
        if problem.leave_out is None:
            return math.fsum(least.tolist())
        # Beside what is left out there are two sums, whose digits may be lost in each.
        return 0.0 if (least >= 0).all() and (problem.leave_out >= 0).all() else -math.inf

    def allocation(self, agent_of: NDArray[np.int32]) -> Allocation:
        agents = agent_of.astype(np.int64)
        agents[agents == self.problem.num_agents] = LEFT_OUT
        return Allocation(agents)

    def agents(self, allocation: Allocation) -> NDArray[np.int32]:
        """The reverse of `allocation`."""
        agents: NDArray[np.int32] = allocation.agent_of.astype(np.int32)
        agents[agents == LEFT_OUT] = self.problem.num_agents
        return agents

    def instance(self) -> Instance:
        """For the kernels, without prices yet."""
        num_agents, num_jobs = self.cost.shape
        per_job = self.possible.sum(axis=0)
        agents = np.nonzero(self.possible.T)[1]
        instance = Instance.empty(
            num_agents=num_agents,
            num_jobs=num_jobs,
            num_options=len(agents),
            tiny=TINY * max(1.0, self.spread / num_jobs),
            cost=np.ascontiguousarray(self.cost.T).reshape(-1),
            demand=np.ascontiguousarray(self.demand.T).reshape(-1),
            capacity=self.capacity,
            first=np.concatenate(([0], np.cumsum(per_job))),
            option=agents.astype(np.int32),
        )
        set_prices(instance, np.zeros(num_agents))
        return instance

    @property
    def spread(self) -> float:
        """Ticks by which the mean option of each job is above its best, all together."""
        count = np.maximum(self.possible.sum(axis=0), 1)
        least = np.where(self.possible, self.cost, np.iinfo(np.int64).max).min(axis=0)
        mean = np.where(self.possible, self.cost, 0).sum(axis=0) / count
        return float((mean - np.where(self.possible.any(axis=0), least, mean)).sum())


def set_prices(instance: Instance, price: NDArray[np.float64]) -> None:
    """Set prices, and with them regrets and the order of the options."""
    num_agents, num_jobs = instance.num_agents, instance.num_jobs
    instance.price[:] = price
    whole = instance.cost.reshape(num_jobs, num_agents) + price * instance.demand.reshape(num_jobs, num_agents)
    per_job = np.diff(instance.first)
    jobs = np.repeat(np.arange(num_jobs), per_job)
    values = np.full((num_jobs, num_agents), np.inf)
    values[jobs, instance.option] = whole[jobs, instance.option]
    order = np.argsort(values, axis=1, kind="stable")
    instance.option[:] = order[np.arange(num_agents) < per_job[:, None]]
    least = np.where(per_job > 0, values[np.arange(num_jobs), order[:, 0]], 0.0)
    instance.regret[:] = (whole - least[:, None]).reshape(-1)
