"""One search: cycles of annealing and children bred in turn, in slices of kernel calls, and back to routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...core.run import Run
from ...kernels.clock import now_ns
from ...kernels.control import BEST, DEADLINE, IMPROVED, ITERATIONS, LIMIT, NEVER, Control
from ...kernels.rng import Random
from . import arrays as slot
from .arrays import Instance, Parameters, State
from .genetic import Genetic
from .instance import mean_near_arc, variant
from .kernels.advance import advance
from .kernels.breed import breed
from .kernels.phases import DONE, RESTORE, SEARCH
from .population import Member, Population, Visits, recombine
from .problem import VRP
from .solution import Routes

if TYPE_CHECKING:
    from .search import HGS

BRED_NODES = 400
"""With more nodes than that there is no time for thousands of local optima: cycles of annealing alone find more."""

ENOUGH = 4_000
"""Iterations for each client, known beforehand, from which on children are bred: fewer are better spent on annealing."""

PACE = 2_000
"""Nanoseconds that an iteration takes, roughly."""


class Island:
    """One search with its own state and random numbers: a `search.drive.Search`."""

    def __init__(
        self, problem: VRP, parameters: HGS, instance: Instance, run: Run, stream: int, islands: int, unit: float | None = None
    ) -> None:
        self.problem, self.instance = problem, instance
        kind = variant(problem, instance)
        self.kernel = advance[kind]
        self.random = Random.seeded(run.seed, stream)
        self.rng = np.random.default_rng([run.seed, stream])  # chooses parents
        self.control = Control.fresh()
        self.unready = self.ready = 0  # when the kernel was first found to be missing, and to be there
        self.state = State.empty(num_nodes=instance.num_nodes)
        self.state.absent_at[:] = -1
        self.population = Population(parameters.population or 10)
        part = parameters.annealed
        if part is None:
            part = 0.25 if instance.num_nodes <= BRED_NODES and self._has_time(run, islands) else 1.0
        self.part_annealed = part
        self.breeds = kind == "matrix" and part < 1 and instance.num_nodes >= 4 and not instance.dist[0]
        self.members = parameters.population or 25
        self.genetic: Genetic | None = None  # made when the first cycles are over
        self.breeding = False  # what is under way: a child, or else a cycle of annealing
        self.annealed = self.bred_from = 0  # iterations of annealing since children are bred, and when that began
        self.champion: Visits = ()
        self.deadline = NEVER if run.deadline is None else now_ns() + int(1e9 * run.remaining)
        unit = mean_near_arc(instance) if unit is None else unit
        self.hot, self.warm = (max(heat, parameters.cold) * unit for heat in (parameters.hot, parameters.warm))
        self.parameters = Parameters(
            reach=min(parameters.neighbours, instance.num_neighbours),
            removed=float(parameters.removed),
            longest=float(parameters.longest),
            split=float(parameters.split),
            deeper=float(parameters.deeper),
            blink=float(parameters.blink),
            cold=parameters.cold * unit,
        )
        words = self.state.words
        words[slot.BEST_ABSENT] = words[slot.CHAMPION_ABSENT] = instance.num_nodes
        words[slot.CYCLE_BEST] = NEVER
        self._plan(parameters, run, stream, islands)
        self.cycle = 0
        self._heat_up(self.hot, self.first_span, self.by_clock)
        if run.initial_solution is not None:
            visits = [tuple(visit + 1 for visit in visits) for visits in run.initial_solution.visits if visits]  # type: ignore[attr-defined]
            self._load(tuple(visits))

    def _plan(self, parameters: HGS, run: Run, stream: int, islands: int) -> None:
        """How long cycles last, as far as the end of the search is known."""
        clients = self.instance.num_nodes - 1
        many = clients > 500
        self.first_cycles = parameters.first_cycles or (1 if many else 4 if self.breeds else 8)
        part = parameters.first_part if parameters.first_part is not None else (0.85 if many else 1 / 3)
        self.child_span = parameters.child or (100_000 if many else 20_000)
        self.by_clock = False
        if run.stop.iterations is not None:
            share = max(1, (run.stop.iterations + islands - 1 - stream) // islands)
            span = part * share / self.first_cycles
        elif run.deadline is not None:
            self.by_clock = True
            span = part * 1e9 * run.remaining / self.first_cycles
        else:
            span = 500 * clients  # nothing is known of the end
        self.first_span = max(1, int(span))

    def _has_time(self, run: Run, islands: int) -> bool:
        """Whether as many iterations lie ahead as it takes for children to be worth their time."""
        enough = ENOUGH * (self.instance.num_nodes - 1)
        if run.stop.iterations is not None and run.stop.iterations < enough * islands:
            return False
        return run.deadline is None or 1e9 * run.remaining >= PACE * enough

    def _heat_up(self, top: float, span: int, by_clock: bool) -> None:
        """Begin a cycle of annealing."""
        words = self.state.words
        words[slot.BY_CLOCK], words[slot.SPAN] = by_clock, span
        words[slot.BEGIN] = now_ns() if by_clock else self.control.slots[ITERATIONS]
        self.state.reals[slot.TOP] = top

    def _load(self, routes: Visits) -> None:
        """Make these routes the ones from which the cycle starts."""
        words, state, size = self.state.words, self.state, self.instance.num_nodes
        state.best_first[:] = 0
        for number, route in enumerate(routes):
            state.best_first[number] = route[0]
            state.best_succ[list(route)] = [*route[1:], 0]
        # Spare slots for routes that the search opens.
        slots = max(len(routes), min(len(routes) + len(routes) // 5 + 10, self.instance.max_vehicles, size))
        for array in (
            state.first,
            state.last,
            state.size,
            state.load,
            state.kept_first,
            state.kept_last,
            state.kept_size,
            state.kept_load,
        ):
            array[:] = 0
        words[slot.NUM_SLOTS], words[slot.CURSOR], words[slot.PHASE] = slots, 0, RESTORE
        words[slot.BEST_ABSENT], words[slot.CYCLE_BEST] = size, NEVER

    def _next_cycle(self) -> None:
        """Keep what the cycle found, and choose where the next one starts."""
        words = self.state.words
        found, cost = self._cycle_routes(), int(words[slot.CYCLE_BEST])
        if self._holds_champion():
            self.champion = found
        if words[slot.BEST_ABSENT] == 0:
            self._take_in(cost, found)
        self.cycle += 1
        if self.cycle < self.first_cycles:
            self._heat_up(self.hot, self.first_span, self.by_clock)
            self._load(found)
            return
        if self.breeds and breed["matrix"].ready(0.0):
            self._breed_or_anneal()
            return
        self._heat_up(self.warm, self.child_span, False)
        if len(self.population.members) < 2:
            self._load(self.champion)
            return
        parents = self.population.parents(self.rng)
        self._load(recombine(*parents, self.instance.neighbours.reshape(self.instance.num_nodes, -1), self.rng))

    def _take_in(self, cost: int, routes: Visits) -> None:
        """A solution from which others may come."""
        if self.genetic is not None:
            self.genetic.take(routes, self.random)
        else:
            self.population.add(Member(cost, routes))

    def _breed_or_anneal(self) -> None:
        """A child of the families, or a cycle of annealing from the best of them, so that either gets its part."""
        now = int(self.control.slots[ITERATIONS])
        if self.genetic is None:
            self.genetic = Genetic(self.problem, self.instance, self.members)
            self.bred_from = now
            for member in self.population.members:
                self.genetic.take(member.routes, self.random)
        due = self.annealed <= self.part_annealed * (now - self.bred_from)
        self.breeding = not (due and self.genetic.grown)
        if self.breeding:
            return
        self.annealed += self.child_span
        best = self.genetic.champion()
        self._heat_up(self.warm, self.child_span, False)
        self._load(self.champion if best is None else best[1])

    def _is_bred(self) -> None:
        """The child is ready: keep it if it is the best of all, and choose what comes next."""
        assert self.genetic is not None
        words, slots = self.state.words, self.control.slots
        if words[slot.CHAMPION_ABSENT] or self.genetic.best < slots[BEST]:
            best = self.genetic.champion()
            if best is not None:
                slots[BEST], self.champion = best
                slots[IMPROVED], words[slot.CHAMPION_ABSENT] = slots[ITERATIONS], 0
        self._breed_or_anneal()

    def _holds_champion(self) -> bool:
        """Whether the best solution of all is the best of the cycle under way."""
        words = self.state.words
        here = (int(words[slot.BEST_ABSENT]), int(words[slot.CYCLE_BEST]))
        return here == self.key() and here[1] != NEVER

    def advance(self) -> None:
        arguments = self.instance, self.parameters, self.state, self.random, self.control
        slots = self.control.slots
        if not self._kernels_ready(1e-9 * (int(slots[DEADLINE]) - now_ns())):
            self.unready = self.unready or now_ns()
            # The kernel is being compiled for the first time on this machine: the first routes need not wait for it, and
            # they are the same whoever makes them.
            limit = int(slots[LIMIT])
            slots[[DEADLINE, LIMIT]] = self.deadline, slots[ITERATIONS]
            self.kernel.using("python")(*arguments)
            slots[LIMIT] = limit
            return
        self.ready = self.ready or now_ns()
        while True:
            if self.breeding:
                assert self.genetic is not None
                if not self.genetic.advance(self.random, self.control):
                    return
                self._is_bred()
            elif self.kernel(*arguments) == DONE:
                self._next_cycle()
            else:
                return

    def _kernels_ready(self, seconds: float) -> bool:
        """Whether what has to be compiled is there, after waiting at most so long for it.

        By the clock, cycles of annealing fill the time until children can be bred; who counts iterations gets the same of
        both every time.
        """
        needed = [self.kernel]
        if self.breeds:
            breeder = breed["matrix"]
            breeder.ready(0.0)  # from now on it is being compiled
            needed += [] if self.by_clock else [breeder]
        return all(getattr(kernel, "ready", lambda seconds: True)(seconds / len(needed)) for kernel in needed)

    @property
    def waited(self) -> str:
        """What is to be said of a kernel that was not ready at the first call; nothing where it was."""
        if not self.unready:
            return ""
        if not self.ready:
            return (
                "the kernels were still being compiled, which takes some seconds once: what was found is plain Python's "
                "(optikit.warmup() compiles beforehand)"
            )
        seconds = 1e-9 * (self.ready - self.unready)
        return f"{seconds:.1f} s went by while the kernels were compiled, once (optikit.warmup() compiles beforehand)"

    def key(self) -> tuple[int, int]:
        """Order among islands: fewest clients left out, then least cost."""
        return int(self.state.words[slot.CHAMPION_ABSENT]), int(self.control.slots[BEST])

    def objective(self) -> float | None:
        if self.state.words[slot.CHAMPION_ABSENT] or self.control.slots[BEST] == NEVER:
            return None
        return self.problem.lattice.units(int(self.control.slots[BEST]))

    def read(self) -> Routes | None:
        return None if self.objective() is None else self.nearest()

    def nearest(self) -> Routes | None:
        """The best routes even where clients are left out; None before there are any."""
        if self.control.slots[BEST] == NEVER:
            return None
        routes = self._cycle_routes() if self._holds_champion() else self.champion
        return Routes.of([node - 1 for node in route] for route in routes)

    def _cycle_routes(self) -> Visits:
        """The best routes of the cycle under way."""
        after = self.state.best_succ.tolist()
        routes = []
        for first in self.state.best_first[: int(self.state.words[slot.NUM_SLOTS])].tolist():
            route, node = [], first
            while node:
                route.append(node)
                node = after[node]
            if route:
                routes.append(tuple(route))
        return tuple(routes)

    def exhausted(self) -> bool:
        """A single client: nothing to search."""
        return self.instance.num_nodes == 2 and int(self.state.words[slot.PHASE]) == SEARCH

    def receive(self, other: Island) -> None:
        """Let the other's best solution into the population."""
        routes = other._cycle_routes() if other._holds_champion() else other.champion
        if other.objective() is not None and routes:
            self._take_in(int(other.control.slots[BEST]), routes)

    def audit(self) -> str | None:
        """Recount cost, loads and sizes of the current and the best routes, and of the child under way."""
        from .audit import audit, audit_descent

        if self.breeding and self.genetic is not None:
            return audit_descent(self.instance, self.genetic.descent)
        if int(self.state.words[slot.PHASE]) != SEARCH:
            return None
        return audit(self.problem, self.instance, self.state)
