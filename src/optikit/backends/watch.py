"""Run an engine in a worker thread while the caller's thread serves callbacks, Ctrl-C and the clock."""

from __future__ import annotations

import atexit
import contextlib
import queue
import threading
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from ..core.result import StopReason
from ..core.run import POLL_SECONDS, Run

T = TypeVar("T")
_DONE = object()
_EXIT_SECONDS = 10.0


class Watch(Generic[T]):
    """One call of an engine that releases the GIL, watched from the caller's thread.

    Parameters
    ----------
    run : Run
        The solve in progress.
    interrupt : callable
        Asks the engine to stop; called again at every poll until it does.
    deliver : callable
        Takes, on the caller's thread, whatever the engine's thread gave to `post`.
    grace : float
        Seconds that the engine has to obey. After that it is left behind: the deadline is worth more than its answer.
    """

    def __init__(self, run: Run, interrupt: Callable[[], None], deliver: Callable[[Any], None], grace: float) -> None:
        self._run, self._interrupt, self._deliver, self._grace = run, interrupt, deliver, grace
        self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._asked: float | None = None
        self.reason: StopReason | None = None
        """The criterion of ours that ended the call, or None where the engine ended by itself."""
        self.left_behind = False
        """Whether the engine did not obey in time."""

    def post(self, item: Any) -> None:
        """Hand something to the caller's thread; for the engine's thread, in its callbacks."""
        self._inbox.put(item)

    def call(self, work: Callable[[], T]) -> T | None:
        """The value of ``work()``, or None where it was left behind; an exception in it or in a callback is raised here."""
        outcome: list[T] = []
        failures: list[BaseException] = []

        def body() -> None:
            try:
                outcome.append(work())
            except BaseException as error:
                failures.append(error)
            finally:
                self._inbox.put(_DONE)

        thread = threading.Thread(target=body, daemon=True, name="optikit-engine")
        thread.start()
        while thread.is_alive() or not self._inbox.empty():
            try:
                if self._step(quiet=bool(failures)):
                    break
            except KeyboardInterrupt:
                self.reason = StopReason.CANCELLED
            except Exception as error:  # of a user's callback: end the engine first, then raise it
                self.reason = StopReason.CANCELLED
                failures.append(error)
        if self.left_behind:
            self._keep_asking(thread)
        if failures:
            raise failures[0]
        return outcome[0] if outcome else None

    def _keep_asking(self, thread: threading.Thread) -> None:
        """Tell an engine that was left behind to stop, until it does.

        One that had not begun when it was told is told in vain, and would go on for its whole limit, beside whatever the
        program does next; and the interpreter must not be taken down under it.
        """

        def ask() -> None:
            while thread.is_alive():
                with contextlib.suppress(Exception):
                    self._interrupt()
                thread.join(POLL_SECONDS)

        asking = threading.Thread(target=ask, daemon=True, name="optikit-engine-end")
        asking.start()
        atexit.register(thread.join, _EXIT_SECONDS)

    def _step(self, quiet: bool) -> bool:
        """One poll; true when the engine has ended, or has had its grace."""
        if self._poll(quiet):
            return True
        self.reason = self.reason or self._run.reason()
        if self.reason is not None:
            self._interrupt()
            now = time.monotonic()
            self._asked = self._asked or now
            self.left_behind = now - self._asked > self._grace
        return self.left_behind

    def _poll(self, quiet: bool) -> bool:
        """Wait for one poll; deliver what came; tell the callbacks. True when the engine has ended."""
        until = time.monotonic() + min(POLL_SECONDS, max(self._run.remaining, 0.005))
        while True:
            try:
                item = self._inbox.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                break
            if item is _DONE:
                return True
            if not quiet:
                self._deliver(item)
                if self._run.reason() is not None:
                    return False
        if not quiet:
            self._run.tick()
        return False
