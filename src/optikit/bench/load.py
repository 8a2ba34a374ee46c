"""How busy a machine is while a run is measured: threads are pinned, and waiting for a CPU is noted."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from ..inputs.cpus import usable_cpus

THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)
"""Variables by which libraries, and the child processes of engines, are told how many threads they may start."""

WAITING = 0.05
"""A run whose thread was ready but had no CPU for more than this share of its time was on an oversubscribed machine."""


@dataclass
class Load:
    """What was measured beside a run: the share of its time that it waited for a CPU (None where unknown), and the verdict."""

    cpu_wait: float | None = None
    oversubscribed: bool = False


class _Pinned:
    """While runs are under way, the environment limits threads; nested and concurrent bodies share it, the last puts it back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.busy = 0  # threads that the runs of this process may keep busy
        self._inside = 0
        self._before: dict[str, str | None] = {}

    @contextlib.contextmanager
    def __call__(self, n_jobs: int) -> Iterator[None]:
        with self._lock:
            if self._inside == 0:
                self._before = {name: os.environ.get(name) for name in THREADS}
            os.environ.update(dict.fromkeys(THREADS, str(n_jobs)))
            self._inside += 1
            self.busy += n_jobs
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                self.busy -= n_jobs
                if self._inside == 0:
                    for name, value in self._before.items():
                        if value is None:
                            os.environ.pop(name, None)
                        else:
                            os.environ[name] = value


pinned = _Pinned()


@contextlib.contextmanager
def measured(n_jobs: int, workers: int) -> Iterator[Load]:
    """Pin threads while the body runs, and fill the `Load` when it is over.

    Parameters
    ----------
    n_jobs : int
        Threads of this run.
    workers : int
        Runs that go at once on this machine, as far as is known.
    """
    load = Load()
    with pinned(n_jobs):
        busy = max(workers * n_jobs, pinned.busy)
        waited, began = _waited(), time.perf_counter()
        yield load
        taken, waiting = time.perf_counter() - began, _waited()
        busy = max(busy, pinned.busy)
    if waited is not None and waiting is not None and taken > 0:
        load.cpu_wait = min(1.0, (waiting - waited) / taken)
    load.oversubscribed = busy > usable_cpus() or (load.cpu_wait or 0.0) > WAITING


def _waited() -> float | None:
    """Seconds that this thread has been ready to run, but on no CPU (Linux counts them)."""
    try:
        with open("/proc/thread-self/schedstat", encoding="ascii") as file:
            return int(file.read().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return None
