"""The sliced loop: a search advances for about 100 ms at a time, and in between Python looks at the world."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

from .._interrupts import unbroken
from ..core.result import StopReason
from ..core.run import POLL_SECONDS, Run
from ..core.solution import Solution
from ..errors import SolverError
from ..kernels.clock import now_ns
from ..kernels.control import DEADLINE, IMPROVED, ITERATIONS, LIMIT, NEVER, STOP, Control
from ..ticks import is_better
from .suggestions import Open, Suggestions

LOOKING = 0.1
"""Part of the time, at most, that evaluating goes into: a tour through a million cities takes as long as a slice."""

AUDIT = "OPTIKIT_AUDIT"
"""Environment variable: set to 1, every slice ends with a recount of the whole state from scratch."""


class Search(Protocol):
    """A search whose whole state is in arrays: `advance` goes on from wherever the last call left it."""

    control: Control

    def advance(self) -> None:
        """Run the kernel until ``control`` says return: deadline, iteration limit or stop flag. Releases the GIL."""

    def objective(self) -> float | None:
        """Objective of the best feasible solution so far, by the search's own sums in the user's units; or None."""

    def read(self) -> Solution | None:
        """The best feasible solution so far."""

    def exhausted(self) -> bool:
        """Whether going on cannot change anything."""

    def receive(self, other: Any) -> None:
        """Take over what another island found (called between epochs, on the caller's thread)."""

    def audit(self) -> str | None:
        """Recount the state from scratch; what is wrong, or None."""


def drive(run: Run, islands: Sequence[Search], *, epoch: int, threads: int = 1) -> StopReason:
    """Advance islands until the run says stop.

    Between epochs of a fixed number of iterations each island receives from its neighbour in a ring, so that the answer
    depends on the seed, the number of islands and the iterations, and neither on threads nor on the length of slices.

    Parameters
    ----------
    run : Run
        Deadline, criteria, callbacks.
    islands : sequence of Search
        One or more.
    epoch : int
        Iterations of each island between two exchanges.
    threads : int
        How many islands advance at once.

    Returns
    -------
    StopReason
        Why it ended.
    """
    auditing = os.environ.get(AUDIT) == "1"
    crew = _Crew(max(1, min(threads, len(islands))))
    reporter = _Reporter(run, islands)
    next_exchange = epoch
    try:
        while True:
            shares = _shares(run, islands)
            goals = [min(share, next_exchange) for share in shares]
            with unbroken(lambda: _stop(islands)):
                _slice(run, islands, crew, goals)
            if auditing:
                for island in islands:
                    fault = island.audit()
                    if fault:
                        raise SolverError(f"audit of {run.solver}: {fault}")
            reporter.report()
            _take_up(run, islands)
            reason = run.tick() or _used_up(run, islands)
            at_epoch = all(_done(island) >= next_exchange for island in islands)
            if reason is StopReason.PROVEN and run.stop.iterations is not None and not at_epoch:
                # Slices end when the clock says so: who counts iterations gets the same number of them every time.
                reason = _used_up(run, islands)
            if reason is not None:
                reporter.report(last=True)
                return reason
            if at_epoch:
                if len(islands) > 1:
                    with unbroken():
                        _exchange(islands)
                next_exchange += epoch
    except KeyboardInterrupt:
        with unbroken(raised=False):
            _stop(islands)
            crew.join()
            reporter.report(last=True)
            return StopReason.CANCELLED
    finally:
        crew.close()


def _stop(islands: Sequence[Search]) -> None:
    for island in islands:
        island.control.slots[STOP] = 1


def _take_up(run: Run, islands: Sequence[Search]) -> None:
    """What was suggested from outside goes to the first island; the exchange passes on what is good.

    Only what is better than all that they have by now: a suggestion may have waited for a slice, and one that is behind would lead
    a search away from what it reaches alone.
    """
    for callback in run.callbacks:
        if isinstance(callback, Suggestions) and isinstance(islands[0], Open):
            solution = callback.take()
            if solution is not None and run.is_better(run.problem.evaluate(solution)):
                islands[0].admit(solution)


def _done(island: Search) -> int:
    return int(island.control.slots[ITERATIONS])


def _shares(run: Run, islands: Sequence[Search]) -> list[int]:
    """How far each island may go: its part of the iterations, and the stall counted from its last improvement."""
    shares = []
    for index, island in enumerate(islands):
        share = NEVER
        if run.stop.iterations is not None:
            # The first islands take what does not divide.
            share = (run.stop.iterations + len(islands) - 1 - index) // len(islands)
        if run.stop.stall is not None:
            share = min(share, int(island.control.slots[IMPROVED]) + run.stop.stall)
        shares.append(share)
    return shares


def _slice(run: Run, islands: Sequence[Search], crew: _Crew, goals: Sequence[int]) -> None:
    at_work = []
    for island, goal in zip(islands, goals, strict=True):
        island.control.slots[LIMIT] = goal
        # With no iterations to do, the first solution is still to be made.
        if _done(island) < goal or island.objective() is None:
            at_work.append(island)
    # Where threads are fewer than islands, they share the slice.
    rounds = -(-len(at_work) // crew.threads)
    crew.advance([partial(_advance, run, island, POLL_SECONDS / max(1, rounds)) for island in at_work])


def _advance(run: Run, island: Search, seconds: float) -> None:
    if run.remaining <= 0:
        return  # the others of this slice took what was left
    island.control.slots[DEADLINE] = now_ns() + int(1e9 * min(run.remaining, seconds))
    island.advance()


class _Reporter:
    """Tells the run of improvements, with the objectives that the problem itself gives them."""

    def __init__(self, run: Run, islands: Sequence[Search]) -> None:
        self.run, self.islands = run, islands
        self.best: float | None = None  # by the searches' own sums
        self.improved = False
        self.next_look = 0.0

    def report(self, last: bool = False) -> None:
        """Look at every island; where decoding and evaluating take long, only now and then, and at the end."""
        run, islands = self.run, self.islands
        due, spent = last or run.seconds >= self.next_look, 0.0
        run.iterations = sum(_done(island) for island in islands)
        for island in islands:
            value = island.objective()
            if value is None or (self.best is not None and not is_better(value, self.best, run.problem.sense)):
                continue
            if run.problem.sums_are_exact:
                self.best = value
                self.improved = self.improved or run.is_better(value)
                run.improve(value, self._read)  # decoded only where somebody looks
            elif due:
                begun = run.seconds
                found = island.read()
                if found is None:
                    continue
                evaluated = run.problem.evaluate(found)
                spent += run.seconds - begun
                self.best = value
                self.improved = self.improved or run.is_better(evaluated)
                run.improve(evaluated, partial(_same, found))
        if spent:
            self.next_look = run.seconds + spent * (1 / LOOKING - 1)
        if last and self.improved and run.deadline is None and not run.problem.sums_are_exact:
            found, kept = self._read(), run.objective
            if found is not None and kept is not None:
                value = run.problem.evaluate(found)
                if abs(value - kept) <= 2 * run.problem.error + 1e-12 * abs(kept):
                    run.settle(value, found)
        if self.improved:
            # Counted in the iterations of all islands, since that is what the run counts.
            run.last_improvement = run.iterations - min(_done(island) - int(island.control.slots[IMPROVED]) for island in islands)

    def _read(self) -> Solution | None:
        """Of equals, the first island's, as it is now: in which slice one was found first is for the clock to say."""
        assert self.best is not None
        for island in self.islands:
            value = island.objective()
            if value is not None and not is_better(self.best, value, self.run.problem.sense):
                return island.read()
        return None


def _same(solution: Solution) -> Solution:
    return solution


def _used_up(run: Run, islands: Sequence[Search]) -> StopReason | None:
    if all(island.exhausted() for island in islands):
        return StopReason.EXHAUSTED
    stop = run.stop
    if stop.iterations is not None and run.iterations >= stop.iterations:
        return StopReason.ITERATIONS
    if stop.stall is not None and all(_done(island) >= int(island.control.slots[IMPROVED]) + stop.stall for island in islands):
        return StopReason.STALLED
    return None


def _exchange(islands: Sequence[Search]) -> None:
    """Each island receives from the one before it; all read before any writes is up to `receive` (it copies the best only)."""
    for index, island in enumerate(islands):
        island.receive(islands[index - 1])


class _Crew:
    """Threads that advance islands; the caller's thread waits where Ctrl-C reaches it. One island needs no thread."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._workers: list[threading.Thread] = []
        self._work: list[Callable[[], None]] = []
        self._errors: list[BaseException] = []
        self._ready = threading.Semaphore(0)
        self._finished = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._pending = 0

    def advance(self, work: Sequence[Callable[[], None]]) -> None:
        """Do all of the work, side by side."""
        if self.threads == 1 or len(work) == 1:
            for item in work:
                item()
            return
        if not self._workers:
            for _ in range(self.threads):
                worker = threading.Thread(target=self._serve, name="optikit-island", daemon=True)
                worker.start()
                self._workers.append(worker)
        with self._lock:
            self._work.extend(work)
            self._pending = len(work)
        for _ in work:
            self._ready.release()
        self.join()
        if self._errors:
            raise self._errors.pop()

    def join(self) -> None:
        """Wait until no island is at work."""
        while self._pending:
            # With a timeout, so that a signal is handled while waiting on every platform.
            if self._finished.acquire(timeout=POLL_SECONDS):
                self._pending -= 1

    def close(self) -> None:
        with self._lock:
            self._work.clear()
        for _ in self._workers:
            self._ready.release()
        for worker in self._workers:
            worker.join()

    def _serve(self) -> None:
        while True:
            self._ready.acquire()
            with self._lock:
                if not self._work:
                    return
                work = self._work.pop(0)
            try:
                work()
            except BaseException as error:
                self._errors.append(error)
            finally:
                self._finished.release()
