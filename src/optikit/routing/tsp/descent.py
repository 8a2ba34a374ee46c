"""Iterated Lin-Kernighan as an island of a search: a tour, its local search, and what every island tells."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...core.run import Run
from ...kernels.control import BEST, IMPROVED, ITERATIONS, Control
from ...kernels.rng import Random
from ..metrics import Geo
from .arrays import COST, PHASE, WAITING, Parameters, State
from .instance import Nodes
from .kernels.advance import KICK, advance
from .kernels.kick import LEAST_NODES
from .kernels.measure import measure_tour
from .solution import Tour
from .starts import greedy

LEAST_DESCENT = 5
"""Nodes that exchanges need."""

_ALL_OF_FOUR = ((0, 1, 2, 3), (0, 2, 1, 3), (0, 1, 3, 2))


def state_of(nodes: Nodes, order: NDArray[np.int32]) -> State:
    """A tour before its descent, all nodes awake; where there are too few for a descent, the best one."""
    count = nodes.instance.num_nodes
    if count == 4 and nodes.variant != "asymmetric":  # where two cities have one tour
        tours = [_state_of(nodes, order[list(turn)]) for turn in _ALL_OF_FOUR]
        return min(tours, key=lambda state: int(state.words[COST]))
    return _state_of(nodes, order)


def _state_of(nodes: Nodes, order: NDArray[np.int32]) -> State:
    count = nodes.instance.num_nodes
    state = State.empty(num_nodes=count, order=order.copy(), queue=order.copy(), queued=np.ones(count, np.uint8))
    state.place[order] = np.arange(count)
    state.words[COST] = measure_tour[nodes.variant](nodes.instance, state)
    state.words[WAITING] = count
    if count < LEAST_DESCENT:
        state.words[PHASE], state.words[WAITING] = KICK, 0
    return state


class Island:
    """What both searches share: a best tour, in ticks of the cycle, and how it is told."""

    def __init__(self, nodes: Nodes, parameters: Parameters, run: Run, stream: int) -> None:
        self.nodes, self.parameters = nodes, parameters
        self.problem = nodes.problem if nodes.places is None else nodes.places.whole_problem
        self.random = Random.seeded(run.seed, stream)
        self.rng = np.random.default_rng([run.seed, stream])
        self.control = Control.fresh()
        start = run.initial_solution
        self.start = None if start is None else nodes.order(start)  # type: ignore[arg-type]

    def best(self) -> tuple[int, NDArray[np.int32]] | None:
        """Cost and order of the best tour so far."""
        raise NotImplementedError

    def objective(self) -> float | None:
        found = self.best()
        return None if found is None else self.units(found[0])

    def units(self, cost: int) -> float | None:
        """Length of the tour that a cycle of some cost stands for; None where it uses an arc that does not exist."""
        ticks = self.nodes.ticks(cost)
        return None if ticks is None else self.problem.lattice.units(ticks)

    def read(self) -> Tour | None:
        found = self.best()
        return None if found is None or self.objective() is None else self.nodes.tour(found[1])

    def audit(self) -> str | None:
        """Recount the best tour on the problem's own ticks."""
        found = self.best()
        if found is None:
            return None
        cost, order = found
        if not np.array_equal(np.sort(order), np.arange(len(order))):
            return "the best tour does not visit each node once"
        if self.objective() is None:
            return None
        cities = np.asarray(self.nodes.tour(order).order)
        tails, heads = (cities, np.roll(cities, -1)) if self.problem.closed else (cities[:-1], cities[1:])
        ticks = int(self.problem.leg_ticks(tails, heads).sum())
        if ticks != self.nodes.ticks(cost) and self.problem.lattice.exact and not isinstance(self.problem.network, Geo):
            return f"the best tour costs {ticks}, kept is {self.nodes.ticks(cost)}"
        return None


class Descent(Island):
    """Iterated Lin-Kernighan: a `search.drive.Search`."""

    def __init__(self, nodes: Nodes, parameters: Parameters, run: Run, stream: int) -> None:
        super().__init__(nodes, parameters, run, stream)
        self.kernel = advance[nodes.variant]
        self.state = state_of(nodes, greedy(nodes) if self.start is None else self.start)

    def advance(self) -> None:
        self.kernel(self.nodes.instance, self.parameters, self.state, self.random, self.control)

    def best(self) -> tuple[int, NDArray[np.int32]]:
        return int(self.state.words[COST]), self.state.order

    def exhausted(self) -> bool:
        """Too few nodes for a kick: nothing to do after the descent."""
        return self.nodes.instance.num_nodes < LEAST_NODES and int(self.state.words[PHASE]) == KICK

    def receive(self, other: Descent) -> None:
        """Go on from the other's tour where it is shorter."""
        cost, order = other.best()
        if cost < self.state.words[COST] and self.state.words[PHASE] == KICK:
            self.state.order[:] = order
            self.state.place[order] = np.arange(len(order))
            self.state.words[COST] = self.control.slots[BEST] = cost
            self.control.slots[IMPROVED] = self.control.slots[ITERATIONS]
