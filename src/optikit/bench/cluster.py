"""Runs on a cluster of Dask that joblib has been pointed at."""

from __future__ import annotations

import contextlib
import queue
import time
from asyncio import CancelledError
from collections.abc import Generator, Iterable, Mapping
from typing import Any

from ..errors import EngineError
from .execute import execute
from .plan import Task

PATIENCE = 60.0
"""Seconds for which a cluster may be without any worker while runs wait for one; longer where joblib is told to wait longer."""

LOOK_SECONDS = 1.0
"""How often the cluster is asked for its workers while no run ends."""

RESULT_SECONDS = 10.0
"""How long the result of a run that has ended is waited for: where its worker died with it, Dask does the run again."""

LONGER = "joblib.parallel_config(backend='dask', wait_for_workers_timeout=600) waits longer"


def is_dask(backend: Any) -> bool:
    """Whether this is joblib's backend of Dask, which has a client."""
    return type(backend).__name__ == "DaskDistributedBackend"


def threads_of(backend: Any) -> int:
    """How many threads the workers of the cluster have; joblib waits for the first of them.

    Raises
    ------
    EngineError
        If there is none, or the client has no connection any more.
    """
    try:
        threads = int(backend.effective_n_jobs(-1))
    except TimeoutError:
        threads = 0
    except (Exception, CancelledError) as error:
        cause = "its client is closed" if backend.client.status == "closed" else _told(error)
        raise EngineError(f"the cluster of Dask cannot be asked for its workers ({cause}); make a new Client of it") from error
    if not threads:
        waited = f" after {timeout:g} s" if (timeout := backend.wait_for_workers_timeout) else ""
        raise EngineError(f"the cluster of Dask has no worker{waited}; start workers, for instance by `dask worker`, or {LONGER}")
    return threads


def patience_of(backend: Any) -> float:
    """For how many seconds a cluster may be without any worker."""
    return max(PATIENCE, float(backend.wait_for_workers_timeout or 0))


def records_from(
    client: Any,
    tasks: Iterable[Task],
    commit: str,
    at_once: int,
    lost: list[Task],
    options: Mapping[str, Any],
    patience: float = PATIENCE,
) -> Generator[dict[str, Any], None, None]:
    """What comes out of runs, in the order in which they end.

    joblib's own way (as of 1.6) is not taken: it is not told of a task that Dask gives up because its workers died again and
    again, and waits for ever; and where a single thread is left in the cluster, it does the runs in its own process, which a
    run that kills its worker would kill too.

    Parameters
    ----------
    client : distributed.Client
        Of the cluster.
    tasks : iterable of Task
        Asked for one by one, as there is room.
    commit : str
        Where the suite was started from.
    at_once : int
        So many are handed to the cluster before one has ended.
    lost : list of Task
        Receives those that Dask has given up.
    options : mapping
        Of ``client.submit``.
    patience : float
        For so many seconds the cluster may be without any worker.

    Raises
    ------
    EngineError
        If it was longer without one, or is gone.
    """
    import distributed

    ended: queue.SimpleQueue[Any] = queue.SimpleQueue()
    coming = iter(tasks)
    under_way: dict[str, tuple[Any, Task]] = {}

    def hand_over(count: int) -> None:
        for _ in range(count):
            task = next(coming, None)
            if task is None:
                return
            future = client.submit(execute, task, commit, pure=False, **options)
            under_way[future.key] = future, task
            future.add_done_callback(ended.put)

    presence = _Presence(client, patience)
    try:
        hand_over(at_once)
        while under_way:
            try:
                future = ended.get(timeout=min(LOOK_SECONDS, patience))
                record = future.result(timeout=RESULT_SECONDS)
            except queue.Empty:
                presence.look()
                continue
            except distributed.KilledWorker:
                lost.append(under_way.pop(future.key)[1])
                hand_over(1)
                continue
            except (Exception, CancelledError) as error:  # runs record what solvers raise: this is the cluster's
                if isinstance(error, distributed.TimeoutError) and future.status != "error":
                    future.add_done_callback(ended.put)
                    presence.look()
                    continue
                raise EngineError(f"the cluster of Dask gave up a run ({_told(error)})") from error
            hand_over(1)
            del under_way[future.key]
            yield record
    finally:
        if under_way:
            with contextlib.suppress(Exception):  # the cluster may be gone
                client.cancel([future for future, _ in under_way.values()])


class _Presence:
    """Whether the cluster has workers: Dask keeps runs for one that may never come."""

    def __init__(self, client: Any, patience: float) -> None:
        self.client, self.patience = client, patience
        self.alone_since: float | None = None

    def look(self) -> None:
        """Raise `EngineError` where there has been no worker for too long."""
        now = time.monotonic()
        if self._has_workers():
            self.alone_since = None
        elif self.alone_since is None:
            self.alone_since = now
        elif now - self.alone_since >= self.patience:
            raise EngineError(f"the cluster of Dask has had no worker for {self.patience:g} s; start workers ({LONGER})")

    def _has_workers(self) -> bool:
        try:
            return bool(self.client.ncores())
        except (Exception, CancelledError):  # there is no way to it: for now, or for good
            return False


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
