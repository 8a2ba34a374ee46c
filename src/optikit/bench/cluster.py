"""Runs on a cluster of Dask that joblib has been pointed at."""

from __future__ import annotations

import contextlib
from asyncio import CancelledError
from collections.abc import Generator, Iterable, Mapping
from typing import Any

from ..errors import EngineError
from .execute import execute
from .plan import Task


def client_of(backend: Any) -> Any:
    """The client of joblib's backend of Dask; None for other backends."""
    return getattr(backend, "client", None) if type(backend).__name__ == "DaskDistributedBackend" else None


def records_from(
    client: Any, tasks: Iterable[Task], commit: str, at_once: int, lost: list[Task], options: Mapping[str, Any]
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
    """
    import distributed

    ended: Any = distributed.as_completed  # untyped
    waiting, coming = ended(), iter(tasks)
    under_way: dict[str, tuple[Any, Task]] = {}

    def hand_over(count: int) -> None:
        for _ in range(count):
            task = next(coming, None)
            if task is None:
                return
            future = client.submit(execute, task, commit, pure=False, **options)
            under_way[future.key] = future, task
            waiting.add(future)

    try:
        hand_over(at_once)
        for future in waiting:
            hand_over(1)
            try:
                record = future.result()
            except distributed.KilledWorker:
                lost.append(under_way.pop(future.key)[1])
                continue
            except (Exception, CancelledError) as error:  # runs record what solvers raise: this is the cluster's
                raise EngineError(
                    f"the cluster of Dask gave up a run ({type(error).__name__}: {error}); results that came are in the store: "
                    f"run the suite again for the others"
                ) from error
            del under_way[future.key]
            yield record
    finally:
        if under_way:
            with contextlib.suppress(Exception):  # the cluster may be gone
                client.cancel([future for future, _ in under_way.values()])
