"""The search of the generalized assignment problem: ejection chains, guided by the prices of the linear relaxation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..._brisk import brisk
from ...backends.judge import offer
from ...core.problem import Problem
from ...core.result import StopReason
from ...core.run import Outcome, Run
from ...core.solver import Capabilities, Solver
from ...inputs.ranges import parameter
from ...kernels.control import LIMIT
from ...kernels.jit import PLAIN
from ...search.drive import drive
from .arrays import DEEPEST, Instance, Parameters
from .bounds import find_prices, lagrangean
from .construct import by_regret, in_one_pass
from .instance import Pairs
from .island import Island
from .kernels.advance import advance
from .kernels.prices import raise_prices
from .kernels.relax import relax
from .problem import GeneralizedAssignment

EPOCH = 2_000
"""Kicks of each island between two exchanges."""

FIRST = 100
"""Kicks before the bound, whose steps go by what they find."""

BEGUN = 10_000
"""Kicks before an engine that proves."""

BOUND_SHARE = 0.08
"""Part of the time that goes into the Lagrangean bound, at most,"""

PRICES_SHARE = 0.2
"""and into the prices of the linear relaxation."""

DEARER = (3.0, 1.0)
"""Factors of these prices at which jobs are assigned one by one."""

DEAREST = 1e6
"""The highest penalty, in the highest price."""

WORK = 400
"""Links that the search for one chain looks at, at most."""


@dataclass(frozen=True)
class EjectionChains(Solver):
    """Iterated ejection chains over the prices of the linear relaxation.

    Chains of moves, each job ejected by the one before, are sought depth first as Lin and Kernighan seek exchanges: as long as the
    changes add up to a gain. What is above a capacity is penalised, with weights that adapt. A kick moves a few jobs; what the
    repair makes worse is taken back. An iteration is a kick. Same seed, islands and iterations: same allocation.

    Parameters
    ----------
    depth : int
        Links of a chain, at most.
    kicks : int
        Jobs that a kick moves.
    heat : float
        What a kick may cost, on average, to be kept all the same: in mean prices of a job's load.
    near : int
        A kick moves a job to one of so many of its best agents, by their prices.
    islands : int, optional
        Searches side by side that pass their best on; by default ``n_jobs``.

    References
    ----------
    M. Yagiura, T. Ibaraki and F. Glover, "An ejection chain approach for the generalized assignment problem", INFORMS Journal on
    Computing 16(2), 2004; "A path relinking approach with ejection chains for the generalized assignment problem", European Journal
    of Operational Research 169(2), 2006.
    """

    name: ClassVar[str] = "ejection_chains"
    solves: ClassVar[type[Problem]] = GeneralizedAssignment
    capabilities: ClassVar[Capabilities] = Capabilities(anytime=True, start=True, seeded=True, threads=True, bounds=True)

    depth: int = parameter(4, least=1, most=DEEPEST, tune=(2, 8))
    kicks: int = parameter(1, least=1, most=10**6, tune=(1, 5))
    heat: float = parameter(0.01, least=0, most=1e6, tune=(0, 0.1))
    near: int = parameter(8, least=1, most=10**6, tune=(2, 20))
    islands: int | None = parameter(None, least=1, most=10**4)

    def _run(self, problem: GeneralizedAssignment, run: Run) -> Outcome:
        with brisk:
            if not _ready(0.0):
                # Kernels are compiled at their first use on this machine: there is an allocation meanwhile.
                offer(problem, run, by_regret(problem))
                if not _ready(min(run.remaining, 3600.0)):
                    return _late(problem, run)
            pairs = Pairs.of(problem)
            instance = pairs.instance()
            find_prices(pairs, instance, PRICES_SHARE * run.remaining)
            count = self.islands or run.n_jobs
            parameters = self._parameters(instance)
            islands = [Island(pairs, instance, parameters, run, stream) for stream in range(count)]
            islands[0].begin(run, FIRST)
            if islands[0].best is None and run.incumbent is None:
                _begin_anyhow(problem, pairs, instance, run)
        if run.remaining > 0:
            self._bound(problem, pairs, instance, run)
        reason = drive(run, islands, epoch=EPOCH, threads=run.n_jobs)
        if run.incumbent is not None:
            return Outcome(reason, run.incumbent)
        return Outcome(reason, nearest=pairs.allocation(islands[0].state.agent_of))

    def _parameters(self, instance: Instance) -> Parameters:
        loads = instance.price * instance.demand.reshape(-1, instance.num_agents)
        return Parameters(
            depth=self.depth,
            kicks=min(self.kicks, instance.num_jobs),
            work=WORK,
            near=self.near,
            dearest=DEAREST * max(float(instance.price.max()), 1.0),
            heat=self.heat * float(loads.mean()),
        )

    def _bound(self, problem: GeneralizedAssignment, pairs: Pairs, instance: Instance, run: Run) -> None:
        """The Lagrangean bound, for a small share of the time."""
        found = lagrangean(
            problem,
            pairs=pairs,
            instance=instance,
            upper=run.objective,
            seconds=None if run.deadline is None else BOUND_SHARE * run.remaining,
            wants_stop=lambda: run.reason() is not None,
        )
        if found is not None:
            run.tighten(found.value)


def begin(problem: GeneralizedAssignment, run: Run) -> None:
    """Make what a short search finds the incumbent, for an engine that goes on from it; nothing where kernels are not ready."""
    if not _ready(0.0):
        return
    pairs = Pairs.of(problem)
    if not pairs.possible.any(axis=0).all():
        return
    instance, ends = pairs.instance(), run.seconds + PRICES_SHARE * run.remaining
    find_prices(pairs, instance, PRICES_SHARE * run.remaining / 4)
    island = Island(pairs, instance, EjectionChains()._parameters(instance), run, 0)
    for kicks in range(FIRST, BEGUN + 1, FIRST):
        island.control.slots[LIMIT] = kicks
        island.advance()
        if run.tick() is not None or run.seconds > ends:
            break
    found = island.read()
    if found is not None:
        offer(problem, run, found)


def _begin_anyhow(problem: GeneralizedAssignment, pairs: Pairs, instance: Instance, run: Run) -> None:
    """Where the first descent kept no capacities in its time: what fits, then what costs less and may fit, if there is time."""
    begun = run.seconds
    offer(problem, run, in_one_pass(pairs))
    pass_seconds = run.seconds - begun
    for factor in DEARER:
        if run.remaining > 2 * pass_seconds:
            offer(problem, run, in_one_pass(pairs, factor * instance.price))


def _ready(seconds: float) -> bool:
    """Whether everything is compiled that the search and its bound call, after waiting for each that long."""
    return all(kernel[PLAIN].ready(seconds) for kernel in (advance, raise_prices, relax))


def _late(problem: GeneralizedAssignment, run: Run) -> Outcome:
    reason, message = run.reason() or StopReason.TIME, "the kernels were being compiled"
    if run.incumbent is not None:
        return Outcome(reason, run.incumbent, message=message)
    return Outcome(reason, nearest=by_regret(problem), message=message)
