"""One solve in progress: its clock, its incumbent, its trace, and whoever watches or cancels it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..errors import UnsupportedError
from ..ticks import is_better, is_proof, relative_gap
from .problem import Problem
from .result import StopReason, TracePoint
from .solution import Solution
from .stop import Stop

log = logging.getLogger("optikit")

DEFAULT_SECONDS = 10.0
"""The time limit of a solve for which no stop was given."""

POLL_SECONDS = 0.1
"""How often the caller's thread looks at callbacks, the cancel token and Ctrl-C."""


class CancelToken:
    """Ends a running solve from another thread: pass it among the ``callbacks``, then call `cancel`.

    Examples
    --------
    >>> token = CancelToken()
    >>> token.cancel()
    >>> token.cancelled
    True
    """

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        self._event.set()

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()


class Callback:
    """Base of objects that watch a solve; override what is needed. Returning True ends the solve.

    All methods run on the thread that called ``solve``. An exception raised in one ends the solve and reaches the caller.
    A plain function among the callbacks is taken as `on_improvement`.
    """

    def on_start(self, progress: Progress) -> bool | None:
        """Called once, before the search begins."""

    def on_improvement(self, progress: Progress) -> bool | None:
        """Called when there is a new best solution (at most once a slice of about 100 ms)."""

    def on_tick(self, progress: Progress) -> bool | None:
        """Called about every 100 ms."""

    def on_end(self, progress: Progress) -> None:
        """Called once, after the answer has been checked."""


@dataclass(frozen=True)
class Progress:
    """What a callback sees: a snapshot."""

    problem: Problem = field(repr=False)
    solver: str
    seconds: float
    time_limit: float | None
    iterations: int
    objective: float | None
    bound: float | None
    read: Callable[[], Solution | None] = field(repr=False)

    @property
    def gap(self) -> float | None:
        return relative_gap(self.objective, self.bound)

    @property
    def solution(self) -> Solution | None:
        """The best solution so far; decoded on access."""
        return self.read()


_EVENTS = ("on_start", "on_improvement", "on_tick", "on_end")


def watchers(callbacks: Any) -> list[Any]:
    """Callbacks, functions and cancel tokens as a list; a single one is taken as a list of one, anything else refused."""
    if callbacks is None:
        return []
    given = list(callbacks) if isinstance(callbacks, list | tuple | set) else [callbacks]
    for index, item in enumerate(given):
        watches = callable(item) or isinstance(item, CancelToken) or any(hasattr(item, event) for event in _EVENTS)
        if not watches or isinstance(item, type):
            way_out = "pass an object of it" if isinstance(item, type) else "expected a Callback, a function or a CancelToken"
            raise UnsupportedError(f"callbacks[{index}] is {item!r}; {way_out}")
    return given


class Run:
    """One solve in progress, made on the first line of `Solver.solve` so that all set-up counts.

    Parameters
    ----------
    problem : Problem
        What is being solved.
    stop : Stop
        Criteria; ``stop.time`` becomes an absolute deadline here.
    started : float, optional
        Reading of `time.monotonic` from which the deadline counts.
    """

    def __init__(
        self,
        problem: Problem,
        stop: Stop,
        *,
        seed: int = 0,
        n_jobs: int = 1,
        callbacks: Sequence[Any] = (),
        memory_limit: int | None = None,
        started: float | None = None,
        solver: str = "",
    ) -> None:
        self.started = time.monotonic() if started is None else started
        self.problem, self.stop, self.seed, self.n_jobs, self.memory_limit = problem, stop, seed, n_jobs, memory_limit
        self.solver = solver
        self.deadline = None if stop.time is None else self.started + stop.time
        self.tokens = [item for item in callbacks if isinstance(item, CancelToken)]
        self.callbacks = [item for item in callbacks if not isinstance(item, CancelToken)]
        self.cancelled = False
        self.iterations = 0
        self.last_improvement = 0
        self.objective: float | None = None
        self.bound: float | None = None
        self.trace: list[TracePoint] = []
        self.timings: dict[str, float] = {}
        self.initial_solution: Solution | None = None
        self.raised: Exception | None = None  # by a callback
        self._read: Callable[[], Solution | None] = lambda: None

    # -- the clock ---------------------------------------------------------

    @property
    def seconds(self) -> float:
        """Seconds since the call."""
        return time.monotonic() - self.started

    @property
    def remaining(self) -> float:
        """Seconds until the deadline; infinite without one, never negative."""
        return float("inf") if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    # -- what the solver reports --------------------------------------------

    def is_better(self, objective: float) -> bool:
        return self.objective is None or is_better(objective, self.objective, self.problem.sense)

    def improve(self, objective: float, read: Callable[[], Solution | None]) -> None:
        """Record a new best solution; ``read`` decodes it when somebody looks. A worse one is ignored."""
        if not self.is_better(objective):
            return
        self.trace.append(TracePoint(self.seconds, self.iterations, objective, self.bound))
        self.objective, self._read, self.last_improvement = objective, read, self.iterations
        log.debug("%s: %.10g after %.2f s", self.solver, objective, self.seconds)
        self._tell("on_improvement")

    def settle(self, objective: float, solution: Solution) -> None:
        """At the end: the answer, with the objective that its problem gives it, closes the trace."""
        last = self.trace[-1].objective if self.trace else None
        if last is not None:
            ahead = last - objective if self.problem.sense == "min" else objective - last
            if ahead <= 2 * self.problem.error + 1e-12 * abs(objective):
                # The one that was reported last, whose objective the solver gave in numbers of its own.
                self.trace[-1] = replace(self.trace[-1], objective=objective)
                self.objective, self._read = objective, lambda: solution
        self.improve(objective, lambda: solution)

    def tighten(self, bound: float) -> None:
        """Record a proved bound; a looser one is ignored."""
        tighter = max if self.problem.sense == "min" else min
        self.bound = bound if self.bound is None else tighter(self.bound, bound)

    def tick(self) -> StopReason | None:
        """To be called about every 100 ms on the caller's thread: callbacks, then `reason`."""
        self._tell("on_tick")
        return self.reason()

    def reason(self) -> StopReason | None:
        """The criterion that is met now, or None."""
        stop = self.stop
        if self.cancelled or any(token.cancelled for token in self.tokens):
            return StopReason.CANCELLED
        if self.deadline is not None and time.monotonic() >= self.deadline:
            return StopReason.TIME
        if stop.iterations is not None and self.iterations >= stop.iterations:
            return StopReason.ITERATIONS
        if stop.stall is not None and self.iterations - self.last_improvement >= stop.stall:
            return StopReason.STALLED
        objective, sense = self.objective, self.problem.sense
        if objective is not None and stop.target is not None and not is_better(stop.target, objective, sense):
            return StopReason.TARGET
        gap = relative_gap(objective, self.bound)
        if gap is not None and stop.gap is not None and gap <= stop.gap:
            return StopReason.GAP
        return StopReason.PROVEN if self.is_closed() else None

    def is_closed(self) -> bool:
        """Whether the bound proves the incumbent, so that nothing is left to search."""
        objective, bound, error = self.objective, self.bound, self.problem.error
        if objective is None or bound is None or not is_proof(objective, bound, error):
            return False
        # In a tiny unit the absolute tolerance of a proof is more than the objective itself: there the search goes on.
        return abs(objective - bound) <= 2 * error + 1e-9 * abs(objective)

    # -- who watches ---------------------------------------------------------

    @property
    def incumbent(self) -> Solution | None:
        """The best solution reported so far (the start, if there is one and nothing better)."""
        return self._read()

    def start(self) -> None:
        self._tell("on_start")

    def end(self) -> None:
        self._tell("on_end")

    def progress(self) -> Progress:
        return Progress(
            self.problem, self.solver, self.seconds, self.stop.time, self.iterations, self.objective, self.bound, self._read
        )

    def _tell(self, event: str) -> None:
        for callback in self.callbacks:
            method = getattr(callback, event, callback if event == "on_improvement" and callable(callback) else None)
            if method is not None:
                try:
                    answer = method(self.progress())
                except Exception as error:
                    self.raised = error  # for the caller, whatever the solver makes of it
                    raise
                # numpy's True too: it is what a comparison of numpy floats gives.
                if isinstance(answer, bool | np.bool_) and answer:
                    self.cancelled = True


@dataclass(frozen=True)
class Outcome:
    """What `Solver._run` hands to the template method: claims, to be checked there.

    Parameters
    ----------
    reason : StopReason
        Why the solver ended.
    solution : Solution, optional
        Its best solution, which it claims to be feasible.
    nearest : Solution, optional
        Without a feasible one: the least infeasible.
    bound : float, optional
        A proved bound in the user's units (already less the lattice's error).
    certificate : Solution, optional
        What proves a bound or that there is no solution, for `Problem.proved` to judge.
    infeasible : bool
        Whether the solver proved that there is no solution.
    """

    reason: StopReason
    solution: Solution | None = None
    nearest: Solution | None = None
    bound: float | None = None
    certificate: Solution | None = None
    infeasible: bool = False
    message: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
