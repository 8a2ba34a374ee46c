"""Populations of tours as an island of a search: tours of the local search, then couples and their children."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...core.run import Run
from ...kernels.clock import now_ns
from ...kernels.control import BEST, DEADLINE, IMPROVED, ITERATIONS, LIMIT, STOP, Control
from .arrays import COST, PHASE, Mating, Parameters, Population, State
from .descent import Island, state_of
from .instance import Nodes
from .kernels.advance import DESCEND, advance
from .kernels.evolve import count_tours, evolve, write_order
from .kernels.kick import LEAST_NODES
from .starts import greedy

if TYPE_CHECKING:
    from .search import EAX

FEWEST_TOURS, MOST_TOURS = 8, 300
COUPLES = 100
SECONDS_A_NODE = 50e-6
"""The population is as large as will have converged by half of the time: so many couples a tour, so long a tour and node."""


class Evolution(Island):
    """Populations, one after the other: a `search.drive.Search`."""

    def __init__(self, solver: EAX, nodes: Nodes, parameters: Parameters, run: Run, stream: int, islands: int) -> None:
        super().__init__(nodes, parameters, run, stream)
        self.solver = solver
        self.local, self.evolve = advance[nodes.variant], evolve[nodes.variant]
        self.count, self.write = count_tours[nodes.variant], write_order[nodes.variant]
        self.remaining: Callable[[], float] = lambda: run.remaining
        self.seconds_to_begin = 0.0
        """What the beginning of a tour took: it is not interrupted."""
        self.kicks = int(solver.kicks * nodes.instance.num_nodes)
        self.size = solver.population or _population(nodes.instance.num_nodes, run, islands)
        self.local_control = Control.fresh()
        self.champion: tuple[int, NDArray[np.int32]] | None = None
        self.state: State | None = None
        self.mating: Mating | None = None
        self._begin()

    def _begin(self) -> None:
        """Begin a population: the champion, if there is one, is a member."""
        self.tours: list[tuple[int, NDArray[np.int32]]] = [] if self.champion is None else [self.champion]
        self.population: Population | None = None

    def advance(self) -> None:
        slots = self.control.slots
        while slots[STOP] == 0 and now_ns() < slots[DEADLINE]:
            if slots[ITERATIONS] >= slots[LIMIT] and self.best() is not None:
                return
            if self.exhausted():
                return
            if self.population is None:
                self._make_tour()
            elif self.evolve(self.nodes.instance, self.parameters, self.population, self.mating, self.random, self.control):
                self._end()

    def _make_tour(self) -> None:
        """Go on with the tour under way; the last one makes the population."""
        count = self.nodes.instance.num_nodes
        if self.state is None:
            if self.champion is not None and self.remaining() < 1.5 * self.seconds_to_begin:
                # No time for another tour: that of the slice passes.
                time.sleep(max(0.0, 1e-9 * (self.control.slots[DEADLINE] - now_ns())))
                return
            started, first = time.monotonic(), not self.tours
            if first and self.start is not None:
                order = self.start
            else:
                noise = None if first else 1 + self.solver.noise * self.rng.random(self.nodes.instance.near.size)
                order = greedy(self.nodes, noise)
            self.state = state_of(self.nodes, order)
            self.local_control.slots[[ITERATIONS, LIMIT]] = 0, self.kicks
            self.seconds_to_begin = time.monotonic() - started
        self.local_control.slots[DEADLINE] = self.control.slots[DEADLINE]
        self.local_control.slots[STOP] = self.control.slots[STOP]
        self.local(self.nodes.instance, self.parameters, self.state, self.random, self.local_control)
        done = self.local_control.slots[ITERATIONS] >= self.kicks or count < LEAST_NODES
        if self.state.words[PHASE] == DESCEND or not done:
            return
        self._admit(int(self.state.words[COST]), self.state.order)
        self.state = None
        self.control.slots[ITERATIONS] += 1
        if len(self.tours) >= self.size and count >= LEAST_NODES:
            self._settle()

    def _admit(self, cost: int, order: NDArray[np.int32]) -> None:
        self.tours.append((cost, order))
        if self.champion is None or cost < self.champion[0]:
            self.champion = cost, order
            self.control.slots[BEST] = cost
            self.control.slots[IMPROVED] = self.control.slots[ITERATIONS] + 1

    def _settle(self) -> None:
        """Make a population of the tours."""
        count, size = self.nodes.instance.num_nodes, len(self.tours)
        shares = np.arange(1, size + 2) / size
        self.population = Population.empty(
            num_nodes=count,
            size=size,
            slots=min(2 * size, count - 1),
            entropy=np.concatenate(([0.0], -shares * np.log(shares))),
        )
        for row, (cost, order) in enumerate(self.tours):
            self._write(row, cost, order)
        self.count(self.population, 0, size)
        if self.mating is None:
            self.mating = Mating.empty(num_nodes=count)

    def _write(self, row: int, cost: int, order: NDArray[np.int32]) -> None:
        assert self.population is not None
        link = self.population.link.reshape(self.population.size + 1, -1, 2)
        link[row, order, 0], link[row, order, 1] = np.roll(order, 1), np.roll(order, -1)
        self.population.cost[row] = cost

    def _fittest(self) -> tuple[int, NDArray[np.int32]] | None:
        """The best tour of the population, where it is better than the champion."""
        if self.population is None:
            return None
        costs = self.population.cost[: self.population.size]
        row = int(costs.argmin())
        if self.champion is not None and costs[row] >= self.champion[0]:
            return None
        assert self.mating is not None
        self.write(self.population, self.mating, row)
        return int(costs[row]), self.mating.order.copy()

    def _end(self) -> None:
        """The population has converged: keep its best and begin another."""
        self.champion = self._fittest() or self.champion
        self._begin()

    def best(self) -> tuple[int, NDArray[np.int32]] | None:
        found = self._fittest() or self.champion
        if found is None and self.state is not None:
            return int(self.state.words[COST]), self.state.order
        return found

    def objective(self) -> float | None:
        cost = None
        if self.champion is not None:
            cost = self.champion[0]
            if self.population is not None:
                cost = min(cost, int(self.population.cost[: self.population.size].min()))
        elif self.state is not None:
            cost = int(self.state.words[COST])
        return None if cost is None else self.units(cost)

    def exhausted(self) -> bool:
        """Too few nodes to recombine: one tour is all."""
        return self.nodes.instance.num_nodes < LEAST_NODES and bool(self.tours)

    def receive(self, other: Evolution) -> None:
        """Let the other's best tour in, in place of the longest."""
        found = other._fittest() or other.champion
        if found is None:
            return
        if self.population is None:
            self.tours.append(found)
            if len(self.tours) >= self.size and self.nodes.instance.num_nodes >= LEAST_NODES:
                self.state = None
                self._settle()
            return
        costs = self.population.cost[: self.population.size]
        if (costs == found[0]).any():
            return
        self._write(int(costs.argmax()), *found)
        self.population.edges_at[:] = 0
        self.count(self.population, 0, self.population.size)


def _population(num_nodes: int, run: Run, islands: int) -> int:
    """How many tours, as far as the end of the search is known."""
    size: float = 100
    if run.stop.iterations is not None:
        size = run.stop.iterations / islands / COUPLES
    elif run.deadline is not None:
        size = run.remaining / (SECONDS_A_NODE * num_nodes)
    return int(max(FEWEST_TOURS, min(MOST_TOURS, size)))
