"""The thing that a user names: a frozen dataclass whose fields are its parameters, and one way of solving."""

from __future__ import annotations

import dataclasses
import logging
import math
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from .._brisk import brisk
from .._interrupts import unbroken
from ..errors import EngineError, InvalidSolutionError, SolverError, UnsupportedError
from ..inputs.arguments import check_bytes, check_count, check_options, count_jobs, typed
from ..inputs.installed import is_installed, versions
from ..inputs.keywords import Strict, refuse_unknown, strict
from ..inputs.ranges import ranges_of
from ..inputs.wording import several, shown
from ..ticks import is_better, is_proof, optimality_tolerance
from .check import CheckReport
from .problem import Problem
from .registry import cheap_bound, impossible
from .result import Result, Status, StopReason
from .run import DEFAULT_SECONDS, Outcome, Run, watchers
from .solution import Solution
from .stop import Stop

log = logging.getLogger("optikit")

ALL_STOPS = frozenset({"time", "iterations", "stall", "target", "gap"})


@dataclass(frozen=True)
class Capabilities:
    """What a solver can do, declared on its class and proved by `optikit.testing`.

    Parameters
    ----------
    exact : bool
        Runs to a proof when it is given the time.
    bounds : bool
        Gives a bound of its own.
    anytime : bool
        Has a solution early and improves it.
    start : bool
        Makes use of an initial solution (every solver at least keeps it).
    seeded : bool
        The seed matters.
    deterministic : bool
        Same seed and iterations (or no limit hit), same answer.
    threads : bool
        Uses ``n_jobs`` above 1.
    stops : frozenset of str
        The criteria of `Stop` that it honours.
    late : float
        Seconds by which it may miss the deadline.
    requires : tuple of str
        Modules that must be installed.
    extra : str
        The extra of optikit that installs them.
    """

    exact: bool = False
    bounds: bool = False
    anytime: bool = False
    start: bool = False
    seeded: bool = False
    deterministic: bool = True
    threads: bool = False
    stops: frozenset[str] = ALL_STOPS
    late: float = 0.05
    requires: tuple[str, ...] = ()
    extra: str = ""


@dataclass(frozen=True)
class Support:
    """Whether a solver takes an instance; false comes with the reason."""

    ok: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        return "yes" if self.ok else f"no: {self.reason}"


@dataclass(frozen=True)
class Solver(Strict, ABC):
    """Base of all solvers. A subclass sets the class attributes and writes `_run`."""

    name: ClassVar[str]
    solves: ClassVar[type[Problem]]
    capabilities: ClassVar[Capabilities] = Capabilities()

    def __post_init__(self) -> None:
        """Parameters as plain Python numbers and text, so that they print, pickle and turn into JSON; others are refused."""
        for field in dataclasses.fields(self):
            object.__setattr__(self, field.name, typed(field.name, getattr(self, field.name), field.type))
        for name, allowed in ranges_of(self).items():
            allowed.check(name, getattr(self, name))

    @abstractmethod
    def _run(self, problem: Any, run: Run) -> Outcome:
        """Solve until ``run.reason()`` says stop; report by ``run.improve`` and ``run.tighten``."""

    def _unsupported(self, problem: Any) -> str | None:
        """Why this solver cannot take the instance, or None."""
        return None

    def supports(self, problem: Problem) -> Support:
        """Whether this solver takes the instance, and where not, the reason."""
        if not isinstance(problem, self.solves):
            return Support(False, f"{self.name} solves {self.solves.__name__}, not {type(problem).__name__}")
        missing = [module for module in self.capabilities.requires if not is_installed(module)]
        if missing:
            extra = self.capabilities.extra or "all"
            return Support(False, f'{" and ".join(missing)} not installed; pip install "optikit[{extra}]"')
        reason = self._unsupported(problem)
        return Support(reason is None, reason or "")

    def with_options(self, options: Mapping[str, Any] | None) -> Self:
        """A copy with some parameters changed; unknown names are refused with the nearest known one."""
        refuse_unknown(self.name, check_options(options), [field.name for field in dataclasses.fields(self)])
        return dataclasses.replace(self, **options) if options else self

    @strict
    def solve(
        self,
        problem: Problem,
        *,
        time_limit: float | None = None,
        stop: Stop | None = None,
        seed: int = 0,
        n_jobs: int = 1,
        initial_solution: Solution | Result | None = None,
        callbacks: Sequence[Any] = (),
        memory_limit: int | None = None,
        options: Mapping[str, Any] | None = None,
        started: float | None = None,
    ) -> Result:
        """Solve one problem; the parameters are those of `optikit.solve`."""
        started = time.monotonic() if started is None else started
        stop, note = complete_stop(self, stop, time_limit)
        run = Run(
            problem,
            stop,
            seed=check_count("seed", seed, 0),
            n_jobs=count_jobs(n_jobs),
            callbacks=watchers(callbacks),
            memory_limit=check_bytes(memory_limit),
            started=started,
            solver=self.name,
        )
        solver = self.with_options(options)
        support = solver.supports(problem)
        if not support:
            raise UnsupportedError(f"{self.name} cannot solve this {type(problem).__name__}: {support.reason}")
        unknown = stop.criteria - self.capabilities.stops
        if unknown:
            honoured = ", ".join(sorted(self.capabilities.stops)) or "none (it runs to its end)"
            raise UnsupportedError(f"{self.name} does not honour Stop({', '.join(sorted(unknown))}); it honours: {honoured}")
        if initial_solution is not None:
            run.initial_solution = accepted_start(problem, initial_solution)
        try:
            run.start()
            with brisk:
                outcome = solver._prepare(problem, run)
        except KeyboardInterrupt:
            outcome = Outcome(StopReason.CANCELLED)
        run.timings["setup"] = run.seconds
        if outcome is None:
            outcome = solver._attempt(problem, run)
        if run.raised is not None:
            raise run.raised
        run.timings["search"] = run.seconds - run.timings["setup"]
        with brisk, unbroken(raised=False):
            return solver._conclude(problem, run, outcome, note)

    def _prepare(self, problem: Problem, run: Run) -> Outcome | None:
        """The start and the cheap bound; an Outcome where the data alone prove that there is no solution."""
        start = run.initial_solution
        if start is not None:
            run.improve(problem.evaluate(start), lambda: start)
        _ = problem.fingerprint  # now, and not when the time is over
        reasons = impossible(problem)
        if reasons:
            return Outcome(StopReason.PROVEN, infeasible=True, message=several(reasons))
        bound = cheap_bound(problem)
        if bound is not None:
            run.tighten(bound)
        return None

    def _attempt(self, problem: Problem, run: Run) -> Outcome:
        reason = run.reason()
        if reason in (StopReason.CANCELLED, StopReason.PROVEN):
            return Outcome(reason, solution=run.incumbent)
        try:
            outcome = self._run(problem, run)
            if not isinstance(outcome, Outcome):
                raise SolverError(f"{self.name} returned {shown(outcome)}; expected an Outcome")
            return outcome
        except (EngineError, MemoryError) as error:
            log.warning("%s failed: %s", self.name, error)
            return Outcome(StopReason.FAILED, solution=run.incumbent, message=str(error))
        except KeyboardInterrupt:
            # Ctrl-C is a request to stop: the best so far is the answer.
            return Outcome(StopReason.CANCELLED, solution=run.incumbent)

    def _conclude(self, problem: Problem, run: Run, outcome: Outcome, note: str) -> Result:
        """Check what the solver claims and make the Result: the status is derived here, never taken over."""
        solution, objective = self._best(problem, run, outcome)
        if outcome.bound is not None:
            run.tighten(outcome.bound)
        if outcome.certificate is not None:
            proved = problem.proved(outcome.certificate)
            if math.isinf(proved) is not outcome.infeasible:
                raise SolverError(f"{self.name} returned a certificate that proves {proved!r}, which is not what it says")
            if not outcome.infeasible:
                run.tighten(proved)
        if solution is not None and outcome.infeasible:
            raise SolverError(f"{self.name} says that the problem has no solution, but one passed the checker")
        nearest = outcome.nearest if solution is None else None
        violations = problem.check(nearest).violations if nearest is not None else ()
        status, reason, bound = Status.UNKNOWN, outcome.reason, run.bound
        if solution is not None and objective is not None:
            tolerance = optimality_tolerance(objective, problem.error)
            status = Status.FEASIBLE
            if bound is not None:
                excess = bound - objective if problem.sense == "min" else objective - bound
                if excess > tolerance:
                    raise SolverError(f"{self.name}: the bound {bound!r} contradicts the objective {objective!r} that was found")
                if is_proof(objective, bound, problem.error):
                    status = Status.OPTIMAL
                    # An engine that met the deadline with a closed gap has proved its answer all the same.
                    reason = StopReason.PROVEN if reason is not StopReason.FAILED else reason
        elif outcome.infeasible:
            status, reason = Status.INFEASIBLE, StopReason.PROVEN
        if reason is StopReason.PROVEN and status in (Status.FEASIBLE, Status.UNKNOWN):
            reason = StopReason.EXHAUSTED  # a claim without its evidence
        if solution is not None and objective is not None:
            run.settle(objective, solution)
        run.end()
        run.timings["total"] = run.seconds
        return Result(
            status=status,
            stop_reason=reason,
            sense=problem.sense,
            solution=solution,
            objective=objective,
            bound=bound,
            nearest=nearest,
            certificate=outcome.certificate,
            violations=violations,
            terms={} if solution is None else problem.terms(solution),
            trace=tuple(run.trace),
            timings=run.timings,
            iterations=run.iterations,
            solver=self.name,
            seed=run.seed,
            parameters=dataclasses.asdict(self),
            fingerprint=problem.fingerprint,
            versions=versions() | dict(outcome.versions),
            error=problem.error,
            # Of a limit that was filled in, only who met it needs to know.
            message="; ".join(part for part in (outcome.message, note if reason is StopReason.TIME else "") if part),
            problem=problem,
        )

    def _best(self, problem: Problem, run: Run, outcome: Outcome) -> tuple[Solution | None, float | None]:
        """The best of the solver's answer, what it reported on the way, and the start: re-checked and re-evaluated."""
        best: Solution | None = None
        objective: float | None = None
        for candidate in (outcome.solution, run.incumbent, run.initial_solution):
            if candidate is None or candidate is best:
                continue
            report = problem.check(candidate)
            if not isinstance(report, CheckReport):
                raise SolverError(f"{type(problem).__name__}.check returned {shown(report)}; expected a CheckReport")
            if not report:
                raise SolverError(f"{self.name} returned a solution that the checker refuses: {report}")
            value = problem.evaluate(candidate)
            if objective is None or is_better(value, objective, problem.sense):
                best, objective = candidate, value
        if run.objective is not None:
            slack = optimality_tolerance(run.objective, problem.error)
            ahead = run.objective + (slack if problem.sense == "min" else -slack)
            if objective is None or is_better(ahead, objective, problem.sense):
                kept = "no solution" if objective is None else f"none better than {objective!r}"
                raise SolverError(f"{self.name} reported a solution of {run.objective!r}, and kept {kept}")
        return best, objective


def accepted_start(problem: Problem, start: Solution | Result) -> Solution:
    """An initial solution that has passed the checker; that of a Result is taken out of it."""
    if isinstance(start, Result):
        if start.fingerprint not in ("", problem.fingerprint):
            raise InvalidSolutionError("initial_solution is a result of another problem; to try its solution, give result.solution")
        if start.solution is None:
            raise InvalidSolutionError(f"initial_solution is a result without a solution ({start.status.value}); leave it out")
        start = start.solution
    problem.require(start)
    report = problem.check(start)
    if not report:
        raise InvalidSolutionError(f"initial_solution is {report}; repair it, or leave it out")
    return start


def complete_stop(solver: Solver, stop: Stop | None, time_limit: float | None) -> tuple[Stop, str]:
    """Join ``stop`` and ``time_limit``; without either, ten seconds, except for an exact solver that the user named."""
    joined = joined_stop(stop, time_limit)
    if joined.criteria or solver.capabilities.exact or "time" not in solver.capabilities.stops:
        return joined, ""
    return Stop(time=DEFAULT_SECONDS), f"no stop was given: {DEFAULT_SECONDS:.0f} seconds"


def joined_stop(stop: Stop | None, time_limit: float | None) -> Stop:
    """``stop`` and ``time_limit`` as one."""
    if stop is not None and not isinstance(stop, Stop):
        raise UnsupportedError(f"stop is {stop!r}; expected a Stop, for instance Stop(time=10) or time_limit=10")
    return (stop or Stop()) | Stop(time=time_limit)
