"""The tabu search as an island of a search: its arrays, and what every island tells."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.run import Run
from ...kernels.control import BEST, IMPROVED, ITERATIONS, Control
from ...kernels.rng import Random
from .arrays import FAR, FILLED, NarrowInstance, NarrowState, Parameters, Population, WideInstance, WideState
from .instance import MOST_NARROW, Core
from .kernels.evolve import evolve
from .kernels.narrow import evolve_narrow
from .solution import Placement


def kernel_of(instance: WideInstance | NarrowInstance, variant: str) -> Any:
    """The kernel for an instance of its width."""
    return (evolve_narrow if isinstance(instance, NarrowInstance) else evolve)[variant]


def state_of(instance: WideInstance | NarrowInstance) -> WideState | NarrowState:
    """The arrays of a search for an instance of its width."""
    if isinstance(instance, NarrowInstance):
        return NarrowState.empty(size=instance.size, far=MOST_NARROW)
    return WideState.empty(size=instance.size, far=FAR)


class Island:
    """A population of placements under tabu search: a `search.drive.Search`.

    Parameters
    ----------
    core : Core
        What is solved.
    instance : WideInstance or NarrowInstance
        The same for the kernels; islands share it.
    variant : str
        Of the kernels.
    parameters : Parameters
        Of the search.
    members : int
        Of the population.
    run : Run
        Seed and start.
    stream : int
        Number of the island.
    start : numpy.ndarray of int64, shape (size,)
        Feasible, where anything is.
    """

    def __init__(
        self,
        core: Core,
        instance: WideInstance | NarrowInstance,
        variant: str,
        parameters: Parameters,
        members: int,
        run: Run,
        stream: int,
        start: NDArray[np.int64],
    ) -> None:
        self.core, self.instance, self.parameters, self.kernel = core, instance, parameters, kernel_of(instance, variant)
        self.state = state_of(instance)
        self.population = Population.empty(size=core.size, members=members)
        self.population.place[: core.size] = start
        self.population.best[:] = start
        self.random = Random.seeded(run.seed, stream)
        self.control = Control.fresh()
        self.control.slots[BEST] = core.cost(start[: core.num_facilities])

    def advance(self) -> None:
        self.kernel(self.instance, self.parameters, self.state, self.population, self.random, self.control)

    def best(self) -> int:
        """Cost of the best placement so far."""
        return int(self.control.slots[BEST])

    def objective(self) -> float | None:
        cost = self.best()
        return self.core.units(cost) if self.core.is_feasible(cost) else None

    def read(self) -> Placement | None:
        if self.objective() is None:
            return None
        return self.core.placement(self.population.best.astype(np.int64))

    def exhausted(self) -> bool:
        """Nothing to swap."""
        return self.core.size < 2

    def receive(self, other: Island) -> None:
        """Take the other's best into the population, in the place of the worst, where it is better than all."""
        group, n = self.population, self.core.size
        if self.state.words[FILLED] < group.members or other.best() >= self.best():
            return
        worst = int(group.cost.argmax())
        group.cost[worst] = other.best()
        group.place[worst * n : worst * n + n] = other.population.best
        group.best[:] = other.population.best
        self.control.slots[BEST] = other.best()
        self.control.slots[IMPROVED] = self.control.slots[ITERATIONS]

    def audit(self) -> str | None:
        """Recount the best placement."""
        place = self.population.best.astype(np.int64)
        if not np.array_equal(np.sort(place), np.arange(self.core.size)):
            return "the best placement has a location twice"
        cost = self.core.cost(place[: self.core.num_facilities])
        return None if cost == self.best() else f"the best placement costs {cost}, kept is {self.best()}"
