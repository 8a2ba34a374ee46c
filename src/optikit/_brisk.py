"""Short turns between threads while a solve is being set up or concluded."""

from __future__ import annotations

import os
import sys
import threading


class _Brisk:
    """While the body runs, threads hand over the interpreter after a twentieth of a millisecond instead of five.

    Setting up makes some dozens of numpy calls, and the first solve of a process imports some dozens of modules; each of them
    releases the interpreter a few times, and beside a thread that never does would wait five milliseconds to get it back
    (measured: 4.8 s of set-up at 1,000 clients), and the deadline would be gone. The setting is the process's, so nested and
    concurrent bodies share it, and the last one puts it back.
    """

    SECONDS = 5e-5

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._before = 0.0
        if hasattr(os, "register_at_fork"):  # not on Windows
            # Nobody is left there to release a lock that another thread of the parent held.
            os.register_at_fork(after_in_child=lambda: setattr(self, "_lock", threading.Lock()))

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._before = sys.getswitchinterval()
                sys.setswitchinterval(min(self._before, self.SECONDS))
            self._inside += 1

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                sys.setswitchinterval(self._before)


brisk = _Brisk()
"""For set-up and conclusion, a matter of milliseconds; see `_Brisk`."""
