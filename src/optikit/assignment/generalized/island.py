"""One search by ejection chains, as an island: its state, and what it tells the loop that drives it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ...core.run import Run
from ...kernels.clock import now_ns
from ...kernels.control import BEST, DEADLINE, IMPROVED, ITERATIONS, LIMIT, NEVER, Control
from ...kernels.rng import Random
from .arrays import COST, ENERGY, OVER, PHASE, WAITING, Instance, Parameters, State
from .instance import Pairs
from .kernels.advance import KICK, advance
from .solution import Allocation

PENALTY = 1.0
"""Energy of a tick above a capacity at first, in prices."""

FLOOR = 0.3
"""The least penalty, in mean prices."""


class Island:
    """One search: a `search.drive.Search`."""

    def __init__(self, pairs: Pairs, instance: Instance, parameters: Parameters, run: Run, stream: int) -> None:
        self.pairs, self.instance, self.parameters = pairs, instance, parameters
        self.random = Random.seeded(run.seed, stream)
        self.control = Control.fresh()
        self.kernel: Callable[..., int] = advance
        start = run.initial_solution
        if start is None:
            agents = instance.option[instance.first[:-1]]
        else:
            agents = pairs.agents(start)  # type: ignore[arg-type]
        self.state = state_of(instance, agents)

    def begin(self, run: Run, iterations: int) -> None:
        """Some iterations at once, up to ten times as many until one is feasible, and tell the run what they found."""
        slots, most = self.control.slots, NEVER if run.stop.iterations is None else run.stop.iterations
        slots[DEADLINE] = NEVER if run.deadline is None else now_ns() + int(1e9 * run.remaining / 4)
        for times in range(1, 11):
            slots[LIMIT] = min(times * iterations, most)
            self.advance()
            if self.best is not None:
                break
        objective = self.objective()
        if objective is not None and self.pairs.problem.sums_are_exact:
            run.improve(objective, self.read)
        slots[LIMIT] = NEVER

    def advance(self) -> None:
        self.kernel(self.instance, self.parameters, self.state, self.random, self.control)

    @property
    def best(self) -> int | None:
        """Ticks of the best feasible allocation so far."""
        cost = int(self.control.slots[BEST])
        return None if cost == NEVER else cost

    def objective(self) -> float | None:
        return None if self.best is None else self.best * self.pairs.units

    def read(self) -> Allocation | None:
        return None if self.best is None else self.pairs.allocation(self.state.best)

    def exhausted(self) -> bool:
        """Each job has one option only: there is nothing to choose."""
        return self.instance.num_options == self.instance.num_jobs and int(self.state.words[PHASE]) == KICK

    def receive(self, other: Island) -> None:
        """Go on from the other's best where it is better."""
        if other.best is not None and (self.best is None or other.best < self.best):
            state = state_of(self.instance, other.state.best)
            for name in ("agent_of", "load", "head", "after", "before", "words", "numbers", "queue", "queued"):
                getattr(self.state, name)[:] = getattr(state, name)
            self.state.best[:] = other.state.best
            self.control.slots[BEST] = other.best
            self.control.slots[IMPROVED] = self.control.slots[ITERATIONS]

    def audit(self) -> str | None:
        """Recount loads and costs on the pairs."""
        state, pairs = self.state, self.pairs
        agents, jobs = state.agent_of.astype(np.int64), np.arange(len(state.agent_of))
        if not pairs.possible[agents, jobs].all():
            return "a job has an agent that must not have it"
        load = np.zeros_like(state.load)
        np.add.at(load, agents, pairs.demand[agents, jobs])
        if not np.array_equal(load, state.load):
            return "the loads are not those of the allocation"
        counted = int(pairs.cost[agents, jobs].sum()), int(np.maximum(load - pairs.capacity, 0).sum())
        kept = int(state.words[COST]), int(state.words[OVER])
        return None if counted == kept else f"cost and overload of the allocation are {counted}, kept are {kept}"


def state_of(instance: Instance, agents: NDArray[np.int32]) -> State:
    """An allocation before its descent, all jobs awake."""
    num_agents, num_jobs = instance.num_agents, instance.num_jobs
    jobs = np.arange(num_jobs)
    cost, demand = (table.reshape(num_jobs, -1)[jobs, agents] for table in (instance.cost, instance.demand))
    state = State.empty(num_agents=num_agents, num_jobs=num_jobs, agent_of=np.array(agents, np.int32), queue=jobs.astype(np.int32))
    np.add.at(state.load, agents, demand)
    state.words[COST], state.words[OVER] = cost.sum(), np.maximum(state.load - instance.capacity, 0).sum()
    state.words[WAITING] = num_jobs
    state.queued[:] = 1
    state.numbers[ENERGY] = math.inf  # the first descent is kept
    state.head[:], state.after[:], state.before[:] = -1, -1, -1
    order = np.argsort(agents, kind="stable").astype(np.int32)
    same = agents[order][1:] == agents[order][:-1]
    state.after[order[:-1][same]], state.before[order[1:][same]] = order[1:][same], order[:-1][same]
    begins = order[np.concatenate(([True], ~same))]
    state.head[agents[begins]] = begins
    mean = float(instance.price.mean()) or 1.0
    state.penalty[:] = PENALTY * np.maximum(instance.price, FLOOR * mean)
    return state
