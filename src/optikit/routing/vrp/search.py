"""Ruin and recreate under annealing, on a small population: the state of the kernels, in slices, and back to routes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..._brisk import brisk
from ...core.problem import Problem
from ...core.result import StopReason
from ...core.run import Outcome, Run
from ...core.solver import Capabilities, Solver
from ...inputs.cpus import usable_cpus
from ...inputs.ranges import parameter
from ...kernels.clock import now_ns
from ...kernels.control import BEST, DEADLINE, ITERATIONS, LIMIT, NEVER, Control
from ...kernels.rng import Random
from ...search.drive import drive
from . import arrays as slot
from .arrays import Instance, Parameters, State
from .instance import mean_near_arc, prepare, variant
from .kernels.advance import advance
from .kernels.phases import DONE, RESTORE, SEARCH
from .population import Member, Population, Visits, recombine
from .problem import VRP
from .solution import Routes
from .stopgap import in_haste

VICINITY = 100
"""Length of the neighbour lists from which strings and routes around a client are chosen."""

EPOCH = 200_000
"""Iterations of each island between two exchanges: some half a second."""


@dataclass(frozen=True)
class HGS(Solver):
    """Hybrid genetic search: a small population whose members are improved by ruin and recreate.

    An iteration of the improvement takes strings of neighbouring clients out of a few routes and puts them back greedily, now
    and then overlooking a place (slack induction by string removals, Christiaens and Vanden Berghe 2020); simulated annealing
    decides whether the new routes stay. The first cycles of annealing start hot, from savings (Clarke and Wright 1964), and
    fill the population; then two members are recombined by an exchange of routes (after Nagata and Braysy 2010), and the
    child is annealed for a shorter, cooler cycle (the scheme of Vidal et al. 2012). Same seed, islands and iterations: same
    routes.

    Parameters
    ----------
    neighbours : int
        So many nearest neighbours are tried as places beside which a client is put back.
    removed : float
        Clients removed in an iteration, on average.
    longest : float
        The longest string removed.
    split : float
        Probability that a string spares some clients in its middle.
    deeper : float
        Probability that it spares one more, again and again.
    blink : float
        Probability that a better place is overlooked.
    hot, warm, cold : float
        Temperature at the start of a first cycle, at the start of a child's, and at the end of each, in mean arcs between
        near neighbours.
    population : int
        Solutions that are kept.
    first_cycles : int, optional
        How many cycles start hot; by default fewer, the more clients there are.
    first_part : float, optional
        Part of the known time or iterations that these cycles take together.
    child : int, optional
        Iterations of a child's cycle.
    islands : int, optional
        Searches side by side that pass their best on; by default ``n_jobs``.

    References
    ----------
    J. Christiaens and G. Vanden Berghe, "Slack Induction by String Removals for Vehicle Routing Problems", Transportation
    Science 54(2), 2020.
    T. Vidal, T. G. Crainic, M. Gendreau, N. Lahrichi and W. Rei, "A hybrid genetic algorithm for multidepot and periodic
    vehicle routing problems", Operations Research 60(3), 2012.
    """

    name: ClassVar[str] = "hgs"
    solves: ClassVar[type[Problem]] = VRP
    capabilities: ClassVar[Capabilities] = Capabilities(anytime=True, start=True, seeded=True, threads=True)

    neighbours: int = parameter(30, least=1, most=10**6, tune=(10, 100))
    removed: float = parameter(10.0, least=1, most=10**6, tune=(5, 30), log=True)
    longest: float = parameter(10.0, least=1, most=10**6, tune=(5, 30), log=True)
    split: float = parameter(0.5, least=0, most=1, tune=(0, 1))
    deeper: float = parameter(0.01, least=0, most=0.99, tune=(0.001, 0.5), log=True)
    blink: float = parameter(0.01, least=0, most=0.99, tune=(0.001, 0.1), log=True)
    hot: float = parameter(2.5, least=0, most=1e9, tune=(0.5, 10), log=True)
    warm: float = parameter(0.25, least=0, most=1e9, tune=(0.05, 2), log=True)
    cold: float = parameter(0.025, least=1e-9, most=1e9, tune=(0.002, 0.2), log=True)
    population: int = parameter(10, least=2, most=10**4, tune=(2, 40), log=True)
    first_cycles: int | None = parameter(None, least=1, most=10**6, tune=(1, 16), log=True)
    first_part: float | None = parameter(None, least=0, most=1, tune=(0.1, 0.9))
    child: int | None = parameter(None, least=1, most=10**12, tune=(5_000, 500_000), log=True)
    islands: int | None = parameter(None, least=1, most=10**4)

    def _run(self, problem: VRP, run: Run) -> Outcome:
        outcome = self._search(problem, run)
        if outcome.reason is StopReason.TIME and outcome.nearest is None and run.incumbent is None:
            outcome = in_haste(problem, run, outcome.message)
        return outcome

    def _search(self, problem: VRP, run: Run) -> Outcome:
        if run.remaining <= 0:
            return Outcome(StopReason.TIME)  # arrays that nobody would look at make it only later
        with brisk:
            instance = prepare(problem, VICINITY, run.memory_limit, in_time(run))
            if instance is None:
                return Outcome(run.reason() or StopReason.TIME)
            islands = self._islands(problem, instance, run)
        reason = drive(run, islands, epoch=EPOCH, threads=min(run.n_jobs, usable_cpus()))
        solution = run.incumbent
        nearest = None if solution is not None else min(islands, key=lambda island: island.key()).nearest()
        return Outcome(reason, solution, nearest=nearest, message=islands[0].waited)

    def _islands(self, problem: VRP, instance: Instance, run: Run) -> list[Island]:
        """As many as are asked for; by a deadline, no more than a tenth of the time that is left makes."""
        count = self.islands or run.n_jobs
        unit = mean_near_arc(instance)
        enough = 0.9 * run.remaining
        islands = []
        for stream in range(count):
            islands.append(Island(problem, self, instance, run, stream, count, unit))
            if run.remaining < enough:
                break
        return islands


def in_time(run: Run) -> Callable[[], bool]:
    """For set-up: whether to go on, as far as the clock and who may cancel are concerned."""
    return lambda: run.reason() not in (StopReason.TIME, StopReason.CANCELLED)


class Island:
    """One search with its own state and random numbers: a `search.drive.Search`."""

    def __init__(
        self, problem: VRP, parameters: HGS, instance: Instance, run: Run, stream: int, islands: int, unit: float | None = None
    ) -> None:
        self.problem, self.instance = problem, instance
        self.kernel = advance[variant(problem, instance)]
        self.random = Random.seeded(run.seed, stream)
        self.rng = np.random.default_rng([run.seed, stream])  # chooses parents
        self.control = Control.fresh()
        self.unready = self.ready = 0  # when the kernel was first found to be missing, and to be there
        self.state = State.empty(num_nodes=instance.num_nodes)
        self.state.absent_at[:] = -1
        self.population = Population(parameters.population)
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
        self.first_cycles = parameters.first_cycles or (1 if many else 8)
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
            self.population.add(Member(cost, found))
        self.cycle += 1
        if self.cycle < self.first_cycles:
            self._heat_up(self.hot, self.first_span, self.by_clock)
            self._load(found)
            return
        self._heat_up(self.warm, self.child_span, False)
        if len(self.population.members) < 2:
            self._load(self.champion)
            return
        parents = self.population.parents(self.rng)
        self._load(recombine(*parents, self.instance.neighbours.reshape(self.instance.num_nodes, -1), self.rng))

    def _holds_champion(self) -> bool:
        """Whether the best solution of all is the best of the cycle under way."""
        words = self.state.words
        here = (int(words[slot.BEST_ABSENT]), int(words[slot.CYCLE_BEST]))
        return here == self.key() and here[1] != NEVER

    def advance(self) -> None:
        arguments = self.instance, self.parameters, self.state, self.random, self.control
        slots = self.control.slots
        if not getattr(self.kernel, "ready", lambda seconds: True)(1e-9 * (int(slots[DEADLINE]) - now_ns())):
            self.unready = self.unready or now_ns()
            # The kernel is being compiled for the first time on this machine: the first routes need not wait for it, and
            # they are the same whoever makes them.
            limit = int(slots[LIMIT])
            slots[[DEADLINE, LIMIT]] = self.deadline, slots[ITERATIONS]
            self.kernel.using("python")(*arguments)
            slots[LIMIT] = limit
            return
        self.ready = self.ready or now_ns()
        while self.kernel(*arguments) == DONE:
            self._next_cycle()

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
            self.population.add(Member(int(other.control.slots[BEST]), routes))

    def audit(self) -> str | None:
        """Recount cost, loads and sizes of the current and the best routes."""
        if int(self.state.words[slot.PHASE]) != SEARCH:
            return None
        from .audit import audit

        return audit(self.problem, self.instance, self.state)
