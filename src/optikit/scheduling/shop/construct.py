"""Constructive heuristics: dispatching rules, each a schedule at once, and the best of several."""

from __future__ import annotations

from collections.abc import Sequence as List
from dataclasses import dataclass
from typing import ClassVar

from ..._brisk import brisk
from ...core.problem import Problem
from ...core.result import StopReason
from ...core.run import Outcome, Run
from ...core.solver import Capabilities, Solver
from ...inputs.ranges import parameter
from ...kernels.control import BEST, NEVER
from .dispatcher import LOOKAHEAD, RULES, Dispatcher, deadline_of, made_ready
from .problem import Shop
from .stopgap import NOTHING_YET, in_haste


def outcome(problem: Shop, run: Run, dispatcher: Dispatcher) -> Outcome:
    """The best that was made, as a solution where it breaks nothing."""
    if int(dispatcher.control.slots[BEST]) == NEVER:
        return in_haste(problem, run)
    reason = run.reason() or StopReason.EXHAUSTED
    _, _, schedule = dispatcher.best()
    if not problem.check(schedule):  # the judge has the last word: what sequences breach, operations of no duration may keep
        return Outcome(reason, run.incumbent, nearest=schedule, message=NOTHING_YET)
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
            return in_haste(problem, run, "the kernels were being compiled")
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
