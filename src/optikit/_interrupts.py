"""Ctrl-C at the right moment: what must not be cut in half is finished first."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

PATIENCE = 1.0
"""Seconds: who presses Ctrl-C again after so long is not made to wait."""


@contextmanager
def on_ctrl_c(react: Callable[[KeyboardInterrupt], None]) -> Iterator[None]:
    """While the body runs, ``react`` is given what Ctrl-C would raise, and may raise it.

    On threads other than the main one, and where somebody else has taken the signal out of Python's hands, it is never called.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return

    def handle(number: int, frame: Any) -> None:
        try:
            before(number, frame)  # who handles the signal otherwise may not mean to end anything
        except KeyboardInterrupt as error:
            react(error)

    signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def unbroken(heard: Callable[[], None] = lambda: None, *, raised: bool = True) -> Iterator[None]:
    """Ctrl-C waits until the body is done, so that nobody reads what is half written.

    Parameters
    ----------
    heard : callable
        Called at once, to make the body end sooner.
    raised : bool
        Whether `KeyboardInterrupt` is raised after the body; if not, its end is the answer to Ctrl-C.
    """
    pressed: list[float] = []

    def react(error: KeyboardInterrupt) -> None:
        now = time.monotonic()
        if pressed and now - pressed[0] > PATIENCE:
            raise error
        pressed.append(now)
        heard()

    with on_ctrl_c(react):
        yield
    if pressed and raised:
        raise KeyboardInterrupt
