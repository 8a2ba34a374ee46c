"""Constructive heuristics: dispatching rules, each a schedule at once, and the best of several."""

from __future__ import annotations

import math
from collections.abc import Sequence as List
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from ..._brisk import brisk
from ...core.problem import Problem
from ...core.result import StopReason
from ...core.run import Outcome, Run
from ...core.solver import Capabilities, Solver
from ...inputs.ranges import parameter
from ...kernels.clock import now_ns
from ...kernels.control import BEST, DEADLINE, NEVER, Control
from ...kernels.jit import PLAIN
from ...kernels.rng import Random
from .kernels import dispatch as rules
from .kernels.sequencing import dispatch
from .plant import fresh_sequence, plant_of
from .problem import Shop
from .sequence_arrays import BEST_BREACH, BEST_COST, Dispatch, Plant, Sequence

if TYPE_CHECKING:
    from .solution import Schedule

RULES = {
    "spt": rules.SPT,
    "lpt": rules.LPT,
    "edd": rules.EDD,
    "mwkr": rules.MWKR,
    "lwkr": rules.LWKR,
    "fifo": rules.FIFO,
    "mopnr": rules.MOPNR,
    "atc": rules.ATC,
    "slack": rules.SLACK,
    "wspt": rules.WSPT,
    "ect": rules.ECT,
    "critical_ratio": rules.CR,
    "random": rules.RANDOM,
}
"""Name of a rule -> its number in the kernel."""

LOOKAHEAD = 2.0
"""The scaling parameter of ATC, in mean durations (Vepsalainen and Morton 1987)."""


class Dispatcher:
    """Makes sequences by rules, on arrays that it keeps.

    Parameters
    ----------
    shop : Shop
    seed, stream : int
        Of the random numbers of the rule ``random``.
    """

    def __init__(self, shop: Shop, seed: int = 0, stream: int = 0, lookahead: float = LOOKAHEAD) -> None:
        flat = shop.flat
        self.shop, self.lookahead = shop, lookahead
        self.plant: Plant = plant_of(shop)
        self.random = Random.seeded(seed, stream)
        self.control = Control.fresh()
        self.sequence: Sequence = empty_sequence(shop, self.plant)
        plant = self.plant
        self.work = np.minimum.reduceat(flat.mode_duration, flat.mode_ptr[:-1])
        # A job of any weight, and the order of weights is that of what the objective charges for its lateness or end.
        weight = (flat.tardiness_rate + flat.completion_rate).astype(np.float64) + flat.tardy_cost / max(1, flat.horizon)
        self.weight = np.where(weight > 0, weight, 1.0) / max(1.0, float(weight.max()))
        order = np.argsort(plant.before, kind="stable")
        heads = np.repeat(np.arange(plant.num_units), np.diff(plant.before_ptr))
        self.after = np.ascontiguousarray(heads[order], np.int32)
        self.after_ptr = np.searchsorted(plant.before[order], np.arange(plant.num_units + 1)).astype(np.int32)
        self.first = self.sequence.order.copy()

    def make(self, rule: str, delays: bool, deadline_ns: int = NEVER) -> int:
        """Make a sequence by a rule, decoded, and remembered in ``self.sequence`` if it is the best; returns its breach."""
        flat, plant = self.shop.flat, self.plant
        candidates = Dispatch.empty(
            num_jobs=plant.num_jobs,
            num_operations=plant.num_operations,
            num_machines=plant.num_machines,
            num_units=plant.num_units,
            num_befores=plant.num_befores,
            rule=RULES[rule],
            delays=int(delays),
            lookahead=self.lookahead,
            mean=max(1.0, float(self.work.mean())),
            work=self.work,
            weight=self.weight,
            rest=np.bincount(flat.job_of, self.work, flat.num_jobs).astype(np.int64),
            left=np.bincount(flat.job_of, minlength=flat.num_jobs).astype(np.int32),
            waiting=np.diff(plant.before_ptr).astype(np.int32),
            after_ptr=self.after_ptr,
            after=self.after,
            seen=np.full(plant.num_units, -1),
        )
        sequence = self.sequence
        sequence.order[:] = self.first
        sequence.place[self.first] = np.arange(plant.num_units)
        self.control.slots[DEADLINE] = deadline_ns
        return int(dispatch(plant, sequence, candidates, self.random, self.control))

    def best(self) -> tuple[int, int, Schedule]:
        """Breach, cost and schedule of the best so far."""
        sequence = self.sequence
        schedule = self.shop.flat.schedule(sequence.best_start, sequence.best_mode)
        return int(sequence.words[BEST_BREACH]), int(sequence.words[BEST_COST]), schedule


def empty_sequence(shop: Shop, plant: Plant) -> Sequence:
    """A sequence in which nothing is best yet."""
    sequence = fresh_sequence(shop, plant)
    sequence.words[[BEST_BREACH, BEST_COST]] = NEVER
    return sequence


def made_ready(run: Run, seconds: float = math.inf) -> bool:
    """Whether the kernels are ready, or become so before the run's deadline, and before so many of its seconds have passed."""
    wait = min(run.remaining, seconds - run.seconds, 3600.0)
    return dispatch[PLAIN].ready(0.0) or dispatch[PLAIN].ready(max(0.0, wait))


def deadline_of(run: Run) -> int:
    """The deadline on the clock of kernels."""
    return NEVER if run.deadline is None else now_ns() + int(1e9 * run.remaining)


def outcome(problem: Shop, run: Run, dispatcher: Dispatcher) -> Outcome:
    """The best that was made, as a solution where it breaks nothing."""
    reason = run.reason() or StopReason.EXHAUSTED
    if int(dispatcher.control.slots[BEST]) == NEVER:
        return Outcome(reason, run.incumbent)
    _, _, schedule = dispatcher.best()
    if not problem.check(schedule):  # the judge has the last word: what sequences breach, operations of no duration may keep
        return Outcome(reason, run.incumbent, nearest=schedule)
    run.improve(problem.evaluate(schedule), lambda: schedule)
    return Outcome(reason, run.incumbent)


@dataclass(frozen=True)
class Dispatching(Solver):
    """A dispatching rule: whenever a machine is next, the candidate of least value gets it (Giffler and Thompson 1960).

    Operations take the mode in which they end first; all that the shop asks for is kept, and where deadlines cannot be, the result
    is the `nearest`.

    Parameters
    ----------
    schedule : {"active", "non_delay", "both"}
        Whether a machine may wait for a better candidate that could still end first of all, or never, or the better of both.
    """

    solves: ClassVar[type[Problem]] = Shop
    capabilities: ClassVar[Capabilities] = Capabilities(stops=frozenset({"time"}))

    schedule: str = parameter("both", choices=("active", "non_delay", "both"))

    def _run(self, problem: Shop, run: Run) -> Outcome:
        if not made_ready(run):
            return Outcome(run.reason() or StopReason.TIME, run.incumbent, message="the kernels were being compiled")
        with brisk:
            dispatcher = Dispatcher(problem, run.seed, lookahead=self._lookahead())
        for rule in self._rules():
            for delays in self._kinds():
                if run.tick() is not None:
                    break
                dispatcher.make(rule, delays, deadline_of(run))
        return outcome(problem, run, dispatcher)

    def _rules(self) -> List[str]:
        return [self.name]

    def _kinds(self) -> List[bool]:
        return {"active": [True], "non_delay": [False], "both": [True, False]}[self.schedule]

    def _lookahead(self) -> float:
        return LOOKAHEAD


@dataclass(frozen=True)
class SPT(Dispatching):
    """Shortest processing time first. See `Dispatching`."""

    name: ClassVar[str] = "spt"


@dataclass(frozen=True)
class LPT(Dispatching):
    """Longest processing time first. See `Dispatching`."""

    name: ClassVar[str] = "lpt"


@dataclass(frozen=True)
class EDD(Dispatching):
    """Earliest due date first. See `Dispatching`."""

    name: ClassVar[str] = "edd"


@dataclass(frozen=True)
class MWKR(Dispatching):
    """Most work remaining in the job first. See `Dispatching`."""

    name: ClassVar[str] = "mwkr"


@dataclass(frozen=True)
class LWKR(Dispatching):
    """Least work remaining in the job first. See `Dispatching`."""

    name: ClassVar[str] = "lwkr"


@dataclass(frozen=True)
class FIFO(Dispatching):
    """First come, first served: what became ready first is first. See `Dispatching`."""

    name: ClassVar[str] = "fifo"


@dataclass(frozen=True)
class MOPNR(Dispatching):
    """Most operations remaining in the job first. See `Dispatching`."""

    name: ClassVar[str] = "mopnr"


@dataclass(frozen=True)
class Slack(Dispatching):
    """Least slack first: due date less the present time and the work remaining. See `Dispatching`."""

    name: ClassVar[str] = "slack"


@dataclass(frozen=True)
class CriticalRatio(Dispatching):
    """Least ratio of the time that is left until the due date to the work remaining first. See `Dispatching`."""

    name: ClassVar[str] = "critical_ratio"


@dataclass(frozen=True)
class WSPT(Dispatching):
    """Weighted shortest processing time: least duration for each unit of the job's weight first. See `Dispatching`."""

    name: ClassVar[str] = "wspt"


@dataclass(frozen=True)
class ECT(Dispatching):
    """Earliest completion time first, setups and transports included. See `Dispatching`."""

    name: ClassVar[str] = "ect"


@dataclass(frozen=True)
class ATC(Dispatching):
    """Apparent tardiness cost: weight by duration, the less the more slack there is (Vepsalainen and Morton 1987).

    Parameters
    ----------
    schedule : {"active", "non_delay", "both"}
        See `Dispatching`.
    lookahead : float
        After so many mean durations of slack, a job's urgency has fallen by a factor of e.
    """

    name: ClassVar[str] = "atc"

    lookahead: float = parameter(LOOKAHEAD, least=0.01, most=1e6, tune=(0.5, 8), log=True)

    def _lookahead(self) -> float:
        return self.lookahead


@dataclass(frozen=True)
class RandomRule(Dispatching):
    """Random choices, again and again: the best of so many schedules.

    Parameters
    ----------
    schedule : {"active", "non_delay", "both"}
        See `Dispatching`.
    restarts : int
        Schedules of each kind.
    """

    name: ClassVar[str] = "random"
    capabilities: ClassVar[Capabilities] = Capabilities(stops=frozenset({"time"}), seeded=True)

    restarts: int = parameter(50, least=1, most=10**9, tune=(10, 1000), log=True)

    def _rules(self) -> List[str]:
        return [self.name] * self.restarts


@dataclass(frozen=True)
class BestRule(Dispatching):
    """The best of all rules (without random choices)."""

    name: ClassVar[str] = "dispatching"

    def _rules(self) -> List[str]:
        return [rule for rule in RULES if rule != "random"]
