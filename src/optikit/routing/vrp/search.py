"""Ruin and recreate under annealing: from data to the arrays of the kernels, in slices, and back to routes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ...core.errors import InvalidProblemError
from ...core.problem import Problem
from ...core.run import Outcome, Run
from ...core.solver import Capabilities, Solver
from ...kernels.clock import now_ns
from ...kernels.control import BEST, NEVER, Control
from ...kernels.neighbours import from_matrix, nearest
from ...kernels.rng import Random
from ...search.drive import drive
from ..metrics import Matrix, Sphere
from . import arrays as slot
from .arrays import Instance, Parameters, State
from .kernels.advance import advance
from .kernels.phases import RESTORE, SEARCH
from .problem import DENSE_NODES, VRP
from .solution import Routes

SAVINGS_NEIGHBOURS = 40
"""Savings are computed between so many near neighbours."""

EPOCH = 200_000
"""Iterations of each island between two exchanges: some half a second."""


@dataclass(frozen=True)
class SISR(Solver):
    """Slack induction by string removals (Christiaens and Vanden Berghe 2020), with granular insertion.

    An iteration takes strings of neighbouring clients out of a few routes and puts them back greedily, now and then
    overlooking a place; simulated annealing decides whether the new routes stay. It starts from savings (Clarke and Wright
    1964), cools down over most of the time that is known to be there, and spends the rest in shorter, less hot cycles
    from the best routes found. Same seed, islands and iterations: same routes.

    Parameters
    ----------
    neighbours : int
        Length of the neighbour lists from which strings are chosen.
    reach : int
        So many nearest neighbours are tried as places beside which a client is put back.
    removed : float
        Clients removed in an iteration, on average.
    longest : float
        The longest string removed.
    split : float
        Probability that a string spares some clients in its middle.
    blink : float
        Probability that a better place is overlooked.
    hot, warm, cold : float
        Temperature at the start of the first and of later cycles, and at the end of each, in mean arcs between near
        neighbours.
    first_cycle : float
        Part of the known time or iterations that the first cycle takes.
    islands : int, optional
        Independent searches that pass their best on; by default ``n_jobs``.

    References
    ----------
    J. Christiaens and G. Vanden Berghe, "Slack Induction by String Removals for Vehicle Routing Problems", Transportation
    Science 54(2), 2020.
    """

    name: ClassVar[str] = "sisr"
    solves: ClassVar[type[Problem]] = VRP
    capabilities: ClassVar[Capabilities] = Capabilities(anytime=True, start=True, seeded=True, threads=True)

    neighbours: int = 100
    reach: int = 30
    removed: float = 10.0
    longest: float = 10.0
    split: float = 0.5
    deeper: float = 0.01
    blink: float = 0.01
    hot: float = 2.5
    warm: float = 0.25
    cold: float = 0.025
    first_cycle: float = 0.6
    later_cycle: float = 1 / 3
    islands: int | None = None

    def __post_init__(self) -> None:
        for name, least, below in (("neighbours", 1, None), ("reach", 1, None), ("removed", 1, None), ("longest", 1, None),
                                   ("split", 0, 1.001), ("deeper", 0, 1.001), ("blink", 0, 1), ("hot", 0, None),
                                   ("warm", 0, None), ("cold", 0, None), ("first_cycle", 0, 1.001), ("later_cycle", 0, 1.001)):  # fmt: skip
            value = getattr(self, name)
            if not (value >= least and (below is None or value < below)):
                raise InvalidProblemError(
                    f"{name} is {value!r}; expected a number >= {least}" + (f" and < {below:.0f}" if below else "")
                )
        if self.cold <= 0:
            raise InvalidProblemError(f"cold is {self.cold!r}; expected a number > 0")
        if self.islands is not None and self.islands < 1:
            raise InvalidProblemError(f"islands is {self.islands!r}; expected an int >= 1")

    def _run(self, problem: VRP, run: Run) -> Outcome:
        count = self.islands or run.n_jobs
        instance = make_instance(problem, self, run.memory_limit)
        islands = [Island(problem, self, instance, run, stream, count) for stream in range(count)]
        reason = drive(run, islands, epoch=EPOCH, threads=run.n_jobs)
        best = min(islands, key=lambda island: island.key())
        solution = best.read()
        return Outcome(reason, solution, nearest=None if solution is not None else best.nearest())


def make_instance(problem: VRP, parameters: SISR, memory_limit: int | None = None) -> Instance:
    """What the kernels read, in ticks; shared by all islands."""
    network, lattice = problem.network, problem.lattice
    size = len(network)
    clients = np.arange(1, size)
    width = max(1, min(parameters.neighbours, size - 2))
    as_matrix = isinstance(network, Matrix) or (size <= DENSE_NODES and (memory_limit is None or 16 * size * size <= memory_limit))
    dist = problem.tick_matrix if as_matrix else np.zeros((1, 1), np.int64)
    points = np.zeros((1, 3)) if as_matrix else _points(problem)
    if size == 2:
        near = np.ones((2, 1), np.int32)  # a single client stands beside itself, which the kernels skip
    elif isinstance(network, Matrix):
        near = from_matrix(dist, width, num_depots=1, symmetrise="mean")
    else:
        near = nearest(network.vectors if isinstance(network, Sphere) else network.points, width, num_depots=1)
    factor, offset, up = _rule(problem)
    instance: dict[str, Any] = {}

    def cost(tails: NDArray[Any], heads: NDArray[Any]) -> NDArray[np.int64]:
        """Ticks of some arcs: from the matrix, or as `metrics` computes them."""
        if as_matrix:
            return dist[tails, heads]
        if isinstance(network, Sphere):
            return np.floor(network.legs(tails, heads) * lattice.scale + 0.5).astype(np.int64)
        return np.rint(network.legs(tails, heads) * lattice.scale).astype(np.int64)

    home = np.zeros(size - 1, np.int64)
    there_and_back = cost(home, clients) + cost(clients, home)
    breadth = min(SAVINGS_NEIGHBOURS, width)
    first = np.repeat(clients, breadth)
    second = near[1:, :breadth].reshape(-1).astype(np.int64)
    if not network.symmetric:
        first, second = np.concatenate([first, second]), np.concatenate([second, first])
    none = np.zeros(len(first), np.int64)
    saving = cost(first, none) + cost(none, second) - cost(first, second)
    order = np.argsort(-saving, kind="stable")
    longest = int(there_and_back.max()) if as_matrix is False else max(int(there_and_back.max()), 2 * int(dist.max()))
    instance["absence"] = np.full(size, 2 * longest + 1, np.int64)  # more than any detour can cost
    total = problem.num_clients
    return Instance(
        num_nodes=size,
        num_neighbours=width,
        num_entries=dist.size,
        num_points=len(points),
        num_savings=len(order),
        capacity=int(load_capacity(problem)),
        max_vehicles=min(problem.num_vehicles or total, total),
        factor=factor,
        offset=offset,
        up=up,
        dist=dist.reshape(-1),
        x=np.ascontiguousarray(points[:, 0]),
        y=np.ascontiguousarray(points[:, 1]),
        z=np.ascontiguousarray(points[:, 2]),
        demand=np.concatenate(([0], problem.load_lattice.ticks(problem.demand.ravel(), "up"))),
        neighbours=near,
        saving_from=first[order].astype(np.int32),
        saving_to=second[order].astype(np.int32),
        **instance,
    )


def load_capacity(problem: VRP) -> int:
    """Capacity in load ticks, never overstated; more than the total demand is never used."""
    total = float(problem.demand.sum())
    if problem.capacity >= total:
        return int(problem.load_lattice.ticks(problem.demand.ravel(), "up").sum())
    return int(problem.load_lattice.ticks([problem.capacity], "down")[0])


def variant(problem: VRP, instance: Instance) -> str:
    """The variant of the kernels that fits: see ``kernels/flags.py``."""
    if instance.num_entries > 1:
        return "matrix" if problem.network.symmetric else "asymmetric"
    return "globe" if isinstance(problem.network, Sphere) else "planar"


def _points(problem: VRP) -> NDArray[np.float64]:
    network = problem.network
    if isinstance(network, Sphere):
        return network.vectors
    assert not isinstance(network, Matrix)
    return np.column_stack([network.points, np.zeros(len(network))])


def _rule(problem: VRP) -> tuple[float, float, int]:
    """Factor, offset and direction of `kernels.arcs.arc`."""
    network, scale = problem.network, problem.lattice.scale
    if isinstance(network, Matrix):
        return 1.0, 0.0, 0
    if isinstance(network, Sphere):
        return 2 * network.radius * scale, 0.5, 0
    rule = network.tick_rule(problem.lattice)
    return float(rule.factor), float(rule.offset), int(rule.sign < 0)


class Island:
    """One search with its own state and random numbers: a `search.drive.Search`."""

    def __init__(self, problem: VRP, parameters: SISR, instance: Instance, run: Run, stream: int, islands: int) -> None:
        self.problem, self.instance = problem, instance
        self.kernel = advance[variant(problem, instance)]
        self.random = Random.seeded(run.seed, stream)
        self.control = Control.fresh()
        self.state = State.empty(num_nodes=instance.num_nodes)
        self.state.absent_at[:] = -1
        self.parameters = _tuning(parameters, instance)
        words = self.state.words
        words[slot.BEST_ABSENT] = instance.num_nodes
        self._plan(parameters, run, stream, islands)
        if run.initial_solution is not None:
            self._start(run.initial_solution)

    def _plan(self, parameters: SISR, run: Run, stream: int, islands: int) -> None:
        """When the search ends, as far as it is known: the temperature follows it."""
        words = self.state.words
        if run.stop.iterations is not None:
            share = max(1, (run.stop.iterations + islands - 1 - stream) // islands)
            words[slot.END], words[slot.SPAN] = share, max(1, int(parameters.first_cycle * share))
        elif run.deadline is not None:
            now = now_ns()
            words[slot.BY_CLOCK], words[slot.BEGIN] = 1, now
            words[slot.END] = now + int(1e9 * run.remaining)
            words[slot.SPAN] = max(1, int(parameters.first_cycle * 1e9 * run.remaining))
        else:
            # Nothing is known of the end: cycles that double.
            words[slot.END], words[slot.SPAN] = NEVER, 2_000 * self.instance.num_nodes

    def _start(self, start: Any) -> None:
        words, state, size = self.state.words, self.state, self.instance.num_nodes
        routes = [[visit + 1 for visit in visits] for visits in start.visits if visits]
        for number, route in enumerate(routes):
            state.best_first[number] = route[0]
            state.best_succ[route] = [*route[1:], 0]
        spare = len(routes) + len(routes) // 5 + 10
        words[slot.NUM_SLOTS] = max(len(routes), min(spare, self.instance.max_vehicles, size))
        words[slot.PHASE] = RESTORE

    def advance(self) -> None:
        self.kernel(self.instance, self.parameters, self.state, self.random, self.control)

    def key(self) -> tuple[int, int]:
        """Order among islands: fewest clients left out, then least cost."""
        return int(self.state.words[slot.BEST_ABSENT]), int(self.control.slots[BEST])

    def objective(self) -> float | None:
        if self.state.words[slot.BEST_ABSENT] or self.control.slots[BEST] == NEVER:
            return None
        return self.problem.lattice.units(int(self.control.slots[BEST]))

    def read(self) -> Routes | None:
        return None if self.objective() is None else self._decode()

    def nearest(self) -> Routes | None:
        """The best routes even where clients are left out; None before there are any."""
        return None if self.control.slots[BEST] == NEVER else self._decode()

    def _decode(self) -> Routes:
        after = self.state.best_succ.tolist()
        routes = []
        for first in self.state.best_first[: int(self.state.words[slot.NUM_SLOTS])].tolist():
            visits, node = [], first
            while node:
                visits.append(node - 1)
                node = after[node]
            if visits:
                routes.append(visits)
        return Routes.of(routes)

    def exhausted(self) -> bool:
        """A single client: nothing to search."""
        return self.instance.num_nodes == 2 and int(self.state.words[slot.PHASE]) == SEARCH

    def receive(self, other: Island) -> None:
        """Take the other's best as the best from which the next cycle starts, where it is better."""
        mine, words = self.state, self.state.words
        if other.key() >= self.key() or words[slot.PHASE] != SEARCH:
            return
        slots = max(int(words[slot.NUM_SLOTS]), int(other.state.words[slot.NUM_SLOTS]))
        for array in (mine.first, mine.last, mine.size, mine.load, mine.kept_first, mine.kept_last, mine.kept_size, mine.kept_load):
            array[int(words[slot.NUM_SLOTS]) : slots] = 0
        mine.best_succ[:] = other.state.best_succ
        mine.best_first[:] = 0
        used = int(other.state.words[slot.NUM_SLOTS])
        mine.best_first[:used] = other.state.best_first[:used]
        words[slot.NUM_SLOTS], words[slot.BEST_ABSENT] = slots, other.state.words[slot.BEST_ABSENT]
        self.control.slots[BEST] = other.control.slots[BEST]

    def audit(self) -> str | None:
        """Recount cost, loads and sizes of the current and the best routes."""
        if int(self.state.words[slot.PHASE]) != SEARCH:
            return None
        from .audit import audit

        return audit(self.problem, self.instance, self.state, self.control)


def _tuning(parameters: SISR, instance: Instance) -> Parameters:
    """Parameters in ticks: temperatures in the mean arc between near neighbours."""
    size = instance.num_nodes
    unit = 1.0
    if size > 2:
        breadth = min(5, instance.num_neighbours)
        near = instance.neighbours.reshape(size, -1)[1:, :breadth].reshape(-1).astype(np.int64)
        tails = np.repeat(np.arange(1, size), breadth)
        if instance.num_entries > 1:
            arcs = instance.dist.reshape(size, size)[tails, near]
        else:
            step = [axis[tails] - axis[near] for axis in (instance.x, instance.y, instance.z)]
            # Half an angle on the globe is nearly half a chord.
            half = 0.5 if instance.z.any() else 1.0
            arcs = half * np.sqrt(step[0] ** 2 + step[1] ** 2 + step[2] ** 2) * instance.factor
        unit = max(float(arcs.mean()), 1e-9)
    return Parameters(
        reach=min(parameters.reach, instance.num_neighbours),
        removed=float(parameters.removed),
        longest=float(parameters.longest),
        split=float(parameters.split),
        deeper=float(parameters.deeper),
        blink=float(parameters.blink),
        hot=max(parameters.hot, parameters.cold) * unit,
        warm=max(parameters.warm, parameters.cold) * unit,
        cold=parameters.cold * unit,
        again=float(parameters.later_cycle),
    )
