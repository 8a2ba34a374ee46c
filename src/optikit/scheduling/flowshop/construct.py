"""Constructive heuristics by their names: a schedule at once, without a search."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from ..._brisk import brisk
from ...backends.judge import offer
from ...core.problem import Problem
from ...core.result import StopReason
from ...core.run import POLL_SECONDS, Outcome, Run
from ...core.solver import Capabilities, Solver
from ...inputs.ranges import parameter
from ...kernels.clock import now_ns
from ...kernels.control import DEADLINE, LIMIT
from .arrays import PHASE
from .dispatch import dispatched
from .greedy import Greedy
from .instance import Shop, variant_of
from .kernels.advance import DESTROY, advance
from .orders import Order, by_total, campbell_dudek_smith, gupta, johnson, liu_reeves, palmer
from .problem import FlowShop

_CONSTRUCTIVE = Capabilities(stops=frozenset({"time"}))


@dataclass(frozen=True)
class NEH(Solver):
    """Nawaz, Enscore and Ham 1983: the longest job first, each where the schedule so far becomes shortest.

    Ties are broken as in `IteratedGreedy`. With several factories it is NEH2 of Naderi and Ruiz (2010); for the total flow time the
    shortest job comes first.
    """

    name: ClassVar[str] = "neh"
    solves: ClassVar[type[Problem]] = FlowShop
    capabilities: ClassVar[Capabilities] = _CONSTRUCTIVE

    def _run(self, problem: FlowShop, run: Run) -> Outcome:
        variant = variant_of(problem)
        with brisk:
            if not advance[variant].ready(min(run.remaining, 3600.0)):
                offer(problem, run, dispatched(problem, by_total(problem).tolist()))
                message = "the kernels were being compiled: a dispatched schedule (optikit.warmup() compiles beforehand)"
                return Outcome(run.reason() or StopReason.TIME, run.incumbent, message=message)
            run_start, run.initial_solution = run.initial_solution, None
            island = Greedy(Shop(problem), run, 0, 1, 0.0, False, search=False)
            run.initial_solution = run_start
        slots = island.control.slots
        slots[LIMIT] = 0
        while int(island.state.words[PHASE]) != DESTROY:
            reason = run.tick()
            if reason is not None:
                offer(problem, run, dispatched(problem, by_total(problem).tolist()))
                return Outcome(reason, run.incumbent, message="there was no time for all jobs: a dispatched schedule")
            slots[DEADLINE] = now_ns() + int(1e9 * min(run.remaining, POLL_SECONDS))
            island.advance()
        solution = island.read()
        assert solution is not None
        offer(problem, run, solution)
        return Outcome(StopReason.EXHAUSTED, solution)


@dataclass(frozen=True)
class _ByOrder(Solver):
    """Orders of jobs, each dispatched; the best of them."""

    solves: ClassVar[type[Problem]] = FlowShop
    capabilities: ClassVar[Capabilities] = _CONSTRUCTIVE

    def _orders(self, problem: FlowShop) -> Iterable[Order]:
        raise NotImplementedError

    def _run(self, problem: FlowShop, run: Run) -> Outcome:
        for order in self._orders(problem):
            offer(problem, run, dispatched(problem, order.tolist()))
            reason = run.tick()
            if reason is not None:
                return Outcome(reason, run.incumbent)
        return Outcome(StopReason.EXHAUSTED, run.incumbent)


@dataclass(frozen=True)
class Palmer(_ByOrder):
    """Jobs by Palmer's slope index (1965), each where it is done first."""

    name: ClassVar[str] = "palmer"

    def _orders(self, problem: FlowShop) -> Iterable[Order]:
        yield palmer(problem)


@dataclass(frozen=True)
class Gupta(_ByOrder):
    """Jobs by Gupta's index (1971), each where it is done first."""

    name: ClassVar[str] = "gupta"

    def _orders(self, problem: FlowShop) -> Iterable[Order]:
        yield gupta(problem)


@dataclass(frozen=True)
class CDS(_ByOrder):
    """Campbell, Dudek and Smith 1970: Johnson's rule on the first k stages and the last k, for every k; the best order."""

    name: ClassVar[str] = "cds"

    def _orders(self, problem: FlowShop) -> Iterable[Order]:
        return campbell_dudek_smith(problem)


@dataclass(frozen=True)
class LiuReeves(_ByOrder):
    """LR(x) of Liu and Reeves (2001), for the total flow time: by idle time and what it makes of an average job; the best order.

    Parameters
    ----------
    tries : int
        x: orders that are made, from as many first jobs.
    """

    name: ClassVar[str] = "lr"
    tries: int = parameter(5, least=1, most=10**6, tune=(1, 50), log=True)

    def _unsupported(self, problem: FlowShop) -> str | None:
        return "it is made for the total flow time" if problem.objective != "total_flow_time" else None

    def _orders(self, problem: FlowShop) -> Iterable[Order]:
        return liu_reeves(problem, self.tries)


@dataclass(frozen=True)
class Johnson(_ByOrder):
    """Johnson's rule (1954): the shortest makespan on two machines, proved."""

    name: ClassVar[str] = "johnson"
    capabilities: ClassVar[Capabilities] = Capabilities(exact=True, stops=frozenset({"time"}))

    def _unsupported(self, problem: FlowShop) -> str | None:
        facts = problem.features
        if problem.num_stages != 2 or problem.objective != "makespan":
            return "Johnson's rule is for the makespan on two machines"
        beyond = [fact for fact in ("hybrid", "distributed", "no_wait", "blocking", "setup", "release") if facts[fact]]
        return f"Johnson's rule knows nothing of: {', '.join(beyond)}" if beyond else None

    def _orders(self, problem: FlowShop) -> Iterable[Order]:
        yield johnson(problem.durations[:, 0], problem.durations[:, 1])
