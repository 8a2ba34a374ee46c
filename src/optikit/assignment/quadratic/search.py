"""The searches of the quadratic assignment: robust tabu search, alone and in a population."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from ..._brisk import brisk
from ...backends.judge import offer
from ...core.problem import Problem
from ...core.result import StopReason
from ...core.run import Outcome, Run
from ...core.solver import Capabilities, Solver
from ...inputs.ranges import parameter
from ...search.drive import drive
from .arrays import Parameters
from .construct import greedy
from .instance import Core, make_core, make_instance
from .islands import Island, kernel_of
from .problem import QuadraticAssignment

EPOCH = 20_000
"""Steps of each island between two exchanges."""

MOST_LOCATIONS = 8_000
"""The tables of all swaps take 40 bytes a pair of locations."""

ISLAND_BYTES = 48
"""What the tables of an island, and its share of the instance, take for each pair of locations."""

START_SHARE = 0.2
"""Part of the time for the greedy placement with which a search begins: its time grows with the cube of the number of locations."""

BOUND_SHARE = 0.05
"""Part of the time that goes into the dual ascent,"""

LARGEST_BOUNDED = 50
"""and locations up to which it does; 50 MB."""

LARGEST_ASSIGNED = 400
"""Locations up to which the bound of Gilmore and Lawler takes milliseconds."""

_SEARCH = Capabilities(anytime=True, start=True, seeded=True, threads=True, bounds=True)
_FOR_EVER = 10**15


@dataclass(frozen=True)
class Memetic(Solver):
    """A population of placements, recombined, each child improved by a short robust tabu search.

    All swaps are known at every step, and brought up to date in O(n^2) after each. An iteration is a step of the tabu search. Same
    seed, islands and iterations: same placement.

    Parameters
    ----------
    members : int
        Of the population.
    steps : int
        Of the tabu search from each child of the first population.
    tenure : float
        The longest time for which a facility may not return to a location, in multiples of their number.
    rest : int
        So many children in a row that the population does not take, and another one is begun, of its best and of random
        placements; it walks twice as far from each child.
    islands : int, optional
        Searches side by side that pass their best on; by default ``n_jobs``.

    References
    ----------
    E. Taillard, "Robust taboo search for the quadratic assignment problem", Parallel Computing 17, 1991.
    U. Benlic and J.-K. Hao, "Memetic search for the quadratic assignment problem", Expert Systems with Applications 42, 2015.
    """

    name: ClassVar[str] = "memetic"
    solves: ClassVar[type[Problem]] = QuadraticAssignment
    capabilities: ClassVar[Capabilities] = _SEARCH

    members: int = parameter(20, least=2, most=10**4, tune=(8, 80), log=True)
    steps: int = parameter(1000, least=1, most=10**9, tune=(200, 20_000), log=True)
    tenure: float = parameter(3.0, least=0.1, most=1e4, tune=(1, 20), log=True)
    rest: int = parameter(60, least=1, most=10**6, tune=(20, 500), log=True)
    islands: int | None = parameter(None, least=1, most=10**4)

    def _unsupported(self, problem: QuadraticAssignment) -> str | None:
        return _too_large(problem)

    def _run(self, problem: QuadraticAssignment, run: Run) -> Outcome:
        def parameters(size: int) -> Parameters:
            return Parameters(
                steps=self.steps,
                tenure=max(1, int(self.tenure * size)),
                patience=_FOR_EVER,
                rest=self.rest,
            )

        return _search(problem, run, parameters, self.members, self.islands or run.n_jobs)


@dataclass(frozen=True)
class RobustTabu(Solver):
    """Robust tabu search (Taillard 1991): one walk without end, always the best swap that is allowed.

    A facility may not return to where it was for a random time, unless that gives the best placement of all; what was not tried for
    very long is tried, whatever it costs. An iteration is a step. Same seed, islands and iterations: same placement.

    Parameters
    ----------
    tenure : float
        The longest time for which a facility may not return to a location, in multiples of their number.
    patience : float
        Steps after which a pair of places that was not taken is taken, in multiples of the square of the number of locations.
    islands : int, optional
        Walks side by side; by default ``n_jobs``.

    References
    ----------
    E. Taillard, "Robust taboo search for the quadratic assignment problem", Parallel Computing 17, 1991.
    """

    name: ClassVar[str] = "robust_tabu"
    solves: ClassVar[type[Problem]] = QuadraticAssignment
    capabilities: ClassVar[Capabilities] = _SEARCH

    tenure: float = parameter(8.0, least=0.1, most=1e4, tune=(1, 20), log=True)
    patience: float = parameter(5.0, least=0.1, most=1e6, tune=(1, 50), log=True)
    islands: int | None = parameter(None, least=1, most=10**4)

    def _unsupported(self, problem: QuadraticAssignment) -> str | None:
        return _too_large(problem)

    def _run(self, problem: QuadraticAssignment, run: Run) -> Outcome:
        def parameters(size: int) -> Parameters:
            return Parameters(
                steps=_FOR_EVER,
                tenure=max(1, int(self.tenure * size)),
                patience=max(1, int(self.patience * size * size)),
                rest=1,
            )

        return _search(problem, run, parameters, 2, self.islands or run.n_jobs)


def _too_large(problem: QuadraticAssignment) -> str | None:
    if problem.num_locations > MOST_LOCATIONS:
        return f"{problem.num_locations} locations; the tables of all swaps are made for up to {MOST_LOCATIONS}"
    return None


def _search(problem: QuadraticAssignment, run: Run, parameters: Callable[[int], Parameters], members: int, count: int) -> Outcome:
    """Begin with a greedy placement, or the one that is given, and drive the islands, such that the answer is in time."""
    with brisk:
        core = make_core(problem)
        start = run.initial_solution
        if start is None:
            latest = run.seconds + START_SHARE * run.remaining
            start = core.placement(greedy(core, lambda: run.reason() is None and run.seconds < latest))
        place = core.place(start)  # type: ignore[arg-type]
        if run.incumbent is None:
            offer(problem, run, core.placement(place))
        if core.num_facilities == 0:
            return Outcome(StopReason.EXHAUSTED, run.incumbent, bound=core.bound(0))
        fits = count if run.memory_limit is None else run.memory_limit // (ISLAND_BYTES * core.size**2 + 1)
        if fits == 0:
            need = f"tables of {ISLAND_BYTES * core.size**2:,} bytes do not fit into the memory limit of {run.memory_limit:,}"
            return Outcome(StopReason.EXHAUSTED, run.incumbent, message=need)
        count = min(count, fits)
        instance, variant = make_instance(core)
        if not kernel_of(instance, variant).ready(min(run.remaining, 3600.0)):
            return Outcome(run.reason() or StopReason.TIME, run.incumbent, message="the kernels were being compiled")
        islands = [Island(core, instance, variant, parameters(core.size), members, run, stream, place) for stream in range(count)]
    _bound(core, run)
    reason = drive(run, islands, epoch=EPOCH, threads=run.n_jobs)
    return Outcome(reason, run.incumbent)


def _bound(core: Core, run: Run) -> None:
    """The bound of Gilmore and Lawler, and for a small share of the time that of Hahn and Grant, where its tableau is small."""
    from .bounds import ascend, gilmore_lawler
    from .kernels.lap import solve_matrix
    from .kernels.tree import branch

    if run.reason() is None and core.size <= LARGEST_ASSIGNED and solve_matrix.variants["plain"].ready(0.0):
        run.tighten(core.bound(gilmore_lawler(core)[0]))
    is_small = 2 <= core.size <= LARGEST_BOUNDED
    if run.reason() is None and is_small and run.deadline is not None and branch.variants["plain"].ready(0.0):
        ascend(core, run, BOUND_SHARE * run.remaining)
