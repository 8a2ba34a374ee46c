"""A search and a backend side by side, over `core.Solver` only: two threads that share incumbents, bounds and proofs."""

from __future__ import annotations

import atexit
import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ..core.problem import Problem
from ..core.registry import candidates, find
from ..core.result import Result, Status, StopReason
from ..core.run import POLL_SECONDS, CancelToken, Outcome, Progress, Run
from ..core.solution import Solution
from ..core.solver import Capabilities, Solver
from ..core.stop import Stop
from ..errors import EngineError, UnknownSolverError
from ..inputs.arguments import MOST_COUNT
from ..inputs.installed import pays_to_import
from .suggestions import Suggestions

log = logging.getLogger("optikit")

FIRST_RESTART = 0.05
"""The backend first starts anew from the search's best at this part of the time limit;"""

FIRST_RESTART_SECONDS = 0.5
"""or, without a time limit, after so many seconds;"""

SPACING = 4.0
"""then at times that grow by this factor, so that without a limit three quarters of all time belong to its last start;"""

LAST_RESTART = 0.25
"""and not later than that part of the limit: what it proves alone in half of the time, it has the time to prove."""

LEAD = 0.5
"""What the backend finds goes to the search when it has been the best for this part of the time that it took to be found:"""

LEAST_LEAD_SECONDS = 0.1
"""so long at least. A search that is about to be better goes its own way."""

GRACE_SECONDS = 0.6
"""How long the two have to obey; after that they are left behind, since the deadline is worth more than their answer."""

_EXIT_SECONDS = 10.0


@dataclass(frozen=True)
class Portfolio(Solver):
    """A search and an exact backend at once, each in a thread of its own; not deterministic.

    What the search finds, the backend starts anew from while there is time for that (few engines take a solution in the middle
    of a run); what the backend finds, and the search does not soon surpass, that takes up between two slices; the backend's bound
    is the result's; and what either proves ends both. If one dies, the other goes on. Of ``n_jobs`` threads the search gets
    half, the backend the others; it takes two at least.

    A problem's own class names itself and what it solves, and stands on the menu with a rule that asks for ``n_jobs >= 2``:

        class SideBySide(Portfolio):
            name, solves = "portfolio", Shop

    Parameters
    ----------
    search : str, optional
        A name of the problem's menu; by default the search that ``"auto"`` would take on one thread.
    backend : str
        Another one, which proves.
    """

    capabilities: ClassVar[Capabilities] = Capabilities(
        exact=True,
        bounds=True,
        anytime=True,
        start=True,
        seeded=True,
        deterministic=False,
        threads=True,
        stops=frozenset({"time", "target", "gap"}),
        late=0.75,
    )

    search: str | None = None
    backend: str = "cpsat"

    def _unsupported(self, problem: Problem) -> str | None:
        try:
            pair = self._pair(problem, None)
        except UnknownSolverError as error:
            return str(error)
        for solver in pair:
            support = solver.supports(problem)
            if not support:
                return f"{solver.name}: {support.reason}"
        return super()._unsupported(problem)

    def _pair(self, problem: Problem, time_limit: float | None) -> tuple[Solver, Solver]:
        """The search and the backend."""
        backend = find(type(problem), self.backend)
        if self.search is not None:
            return find(type(problem), self.search), backend
        for solver, _ in candidates(problem, time_limit, 1):
            if solver.capabilities.anytime and not solver.capabilities.exact:
                return solver, backend
        raise UnknownSolverError(f"auto has no search for this {type(problem).__name__}; name one with search=")

    def _run(self, problem: Problem, run: Run) -> Outcome:
        search, backend = self._pair(problem, run.stop.time)
        if not all(pays_to_import(module, run.remaining) for module in backend.capabilities.requires):
            alone = search._run(problem, run)
            why = f"{search.name} alone, since importing {backend.name} would have taken most of the time"
            return replace(alone, message="; ".join(part for part in (alone.message, why) if part))
        return _Race(problem, run, search, backend).outcome()


class _Partner(Suggestions):
    """One of the two: solves in a thread of its own, says what it finds, and may be given what the other found."""

    def __init__(self, solver: Solver, n_jobs: int, post: Callable[[Any], None]) -> None:
        super().__init__()
        self.solver, self.n_jobs, self._post = solver, n_jobs, post
        self.objective: float | None = None
        self.result: Result | None = None
        self.error: BaseException | None = None
        self.token = CancelToken()
        self.thread: threading.Thread | None = None
        self._bound: float | None = None

    def begin(self, problem: Problem, run: Run, start: Solution | None) -> None:
        self.token = CancelToken()
        self.result = self.objective = None
        limits = Stop(time=run.stop.time)
        if run.stop.time is None and not self.solver.capabilities.exact:
            limits = Stop(stall=MOST_COUNT)  # else it would take the limit of who gives none
        given: dict[str, Any] = {
            "stop": limits,
            "seed": run.seed,
            "n_jobs": self.n_jobs,
            "initial_solution": start,
            "callbacks": (self, self.token),
            "memory_limit": None if run.memory_limit is None else max(1, run.memory_limit // 2),
            "started": run.started,
        }
        self.thread = threading.Thread(target=self._body, args=(problem, given), daemon=True, name=f"optikit-{self.solver.name}")
        self.thread.start()

    def _body(self, problem: Problem, given: dict[str, Any]) -> None:
        end: Result | BaseException
        try:
            end = self.solver.solve(problem, **given)
        except BaseException as error:
            end = error
        self._post((self, end))

    @property
    def at_work(self) -> bool:
        return self.thread is not None

    # In the partner's own thread:

    def on_improvement(self, progress: Progress) -> None:
        if progress.solution is not None:
            self._post((self, progress.solution))

    def on_tick(self, progress: Progress) -> None:
        self._post((self, progress.iterations))
        if progress.bound is not None and progress.bound != self._bound:
            self._bound = progress.bound
            self._post((self, progress.bound))


class _Race:
    """The two, watched from the caller's thread."""

    def __init__(self, problem: Problem, run: Run, search: Solver, backend: Solver) -> None:
        self.problem, self.run = problem, run
        self.inbox: queue.SimpleQueue[tuple[_Partner, Any]] = queue.SimpleQueue()
        jobs = max(2, run.n_jobs)
        self.search = _Partner(search, jobs // 2, self.inbox.put)
        self.backend = _Partner(backend, jobs - jobs // 2, self.inbox.put)
        self.partners = (self.search, self.backend)
        limit = run.stop.time
        self.next_restart = FIRST_RESTART_SECONDS if limit is None else FIRST_RESTART * limit
        self.last_restart = float("inf") if limit is None else LAST_RESTART * limit
        self.restarting = self.infeasible = False
        self.found_by = self.bound_by = ""
        self.lead: tuple[float, Solution] | None = None  # of the backend: when the search is told of it

    def outcome(self) -> Outcome:
        """Begin, share until a criterion is met or both have ended, and end both."""
        run = self.run
        reason = None
        for partner in self.partners:
            partner.begin(self.problem, run, run.initial_solution)
        try:
            while reason is None and any(partner.at_work for partner in self.partners):
                self._share(until=time.monotonic() + min(POLL_SECONDS, run.remaining))
                self._restart()
                self._tell_the_search()
                reason = StopReason.PROVEN if self.infeasible else run.tick()
        finally:
            self._end(reason)
        errors = [partner.error for partner in self.partners if partner.error is not None]
        if len(errors) == len(self.partners) and run.incumbent is None:
            raise errors[-1]
        nearest = [partner.result.nearest for partner in self.partners if partner.result is not None]
        return Outcome(
            reason or run.reason() or (StopReason.FAILED if errors else StopReason.EXHAUSTED),
            run.incumbent,
            nearest=next((solution for solution in nearest if solution is not None), None) if run.incumbent is None else None,
            infeasible=self.infeasible,
            message=self._message(),
            versions={name: v for p in self.partners if p.result is not None for name, v in p.result.versions.items()},
        )

    def _share(self, until: float) -> None:
        """Hand on what comes until then; sooner back when one has ended or a criterion is met."""
        while True:
            try:
                partner, item = self.inbox.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                return
            if self._receive(partner, item):
                return

    def _receive(self, partner: _Partner, item: Any) -> bool:
        """One piece of news; true where it calls for a look at the whole."""
        run = self.run
        if isinstance(item, Solution):
            self._found(partner, item)
        elif isinstance(item, float):
            self._tighten(partner, item)
        elif isinstance(item, int):
            run.iterations = max(run.iterations, item if partner is self.search else 0)
        else:
            self._ended(partner, item)
            return True
        return run.reason() is not None

    def _found(self, partner: _Partner, solution: Solution) -> None:
        """A solution of one becomes the incumbent of both, if the checker and the objective agree."""
        value = self.problem.evaluate(solution)
        partner.objective = value
        if not self.run.is_better(value) or not self.problem.check(solution):
            return
        self.found_by = partner.solver.name
        self.run.improve(value, lambda: solution)
        seconds = self.run.seconds
        self.lead = (seconds + max(LEAST_LEAD_SECONDS, LEAD * seconds), solution) if partner is self.backend else None

    def _tell_the_search(self) -> None:
        """Suggest what the backend has found, where the search has not come to be better in the meantime."""
        if self.lead is not None and self.run.seconds >= self.lead[0]:
            self.search.suggest(self.lead[1])
            self.lead = None

    def _tighten(self, partner: _Partner, bound: float) -> None:
        before = self.run.bound
        self.run.tighten(bound)
        if self.run.bound != before:
            self.bound_by = partner.solver.name

    def _ended(self, partner: _Partner, end: Result | BaseException) -> None:
        partner.thread = None
        if isinstance(end, BaseException):
            partner.error = end
        elif end.stop_reason is StopReason.FAILED:
            partner.error = EngineError(end.message)
        if partner.error is not None:
            log.warning("%s failed: %s", partner.solver.name, partner.error)
        if isinstance(end, Result):
            partner.result = end
            if end.solution is not None:
                self._found(partner, end.solution)
            if end.bound is not None:
                self._tighten(partner, end.bound)
            self.infeasible = self.infeasible or end.status is Status.INFEASIBLE

    def _restart(self) -> None:
        """At the appointed times, let the backend start anew where the search is ahead of it."""
        run, backend = self.run, self.backend
        if self.restarting and not backend.at_work:
            self.restarting = False
            if backend.error is None and not self.infeasible and run.reason() is None:
                backend.begin(self.problem, run, run.incumbent)
        if run.seconds < self.next_restart:
            return
        while self.next_restart <= run.seconds:
            self.next_restart *= SPACING
        ahead = self.found_by == self.search.solver.name and run.objective != backend.objective
        if ahead and backend.at_work and run.seconds <= self.last_restart:
            self.restarting = True
            backend.token.cancel()

    def _end(self, reason: StopReason | None) -> None:
        """Stop both, and take what they still say; who does not obey in time is left behind.

        A search whose set-up took all of the time has no solution yet, and makes one in a hurry: the deadline is its own, too, and
        it is not told to stop.
        """
        deadline = self.run.deadline
        until = GRACE_SECONDS + (time.monotonic() if deadline is None else min(time.monotonic(), deadline))
        in_a_hurry = reason is StopReason.TIME and self.run.incumbent is None
        for partner in self.partners:
            if partner is self.backend or not in_a_hurry:
                partner.token.cancel()
        try:
            while any(partner.at_work for partner in self.partners) and time.monotonic() < until:
                self._share(until)
        finally:
            for partner in self.partners:
                partner.token.cancel()
                if partner.thread is not None:
                    # The interpreter must not be taken down under it.
                    atexit.register(partner.thread.join, _EXIT_SECONDS)

    def _message(self) -> str:
        parts = [f"{partner.solver.name} failed: {partner.error}" for partner in self.partners if partner.error is not None]
        if self.found_by:
            parts.append(f"the solution is from {self.found_by}")
        if self.bound_by:
            parts.append(f"the bound from {self.bound_by}")
        return "; ".join(parts)
