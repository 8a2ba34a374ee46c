"""The runs of a plan, through joblib: on this machine, or wherever its backend leads."""

from __future__ import annotations

import contextlib
import itertools
import logging
import re
import threading
import time
import zlib
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from typing import Any

from ..errors import EngineError, StoreError, UnsupportedError
from ..inputs.arguments import count_jobs, is_listed
from ..inputs.wording import shown
from .claims import LEASE_SECONDS, Claims
from .cluster import is_dask, patience_of, records_from, threads_of
from .execute import CANCELLED, execute
from .phrases import plural
from .plan import Plan, Task
from .progress import SuiteProgress
from .runs import Runs
from .spill import Outbox
from .store import Store

log = logging.getLogger("optikit")

POLL_SECONDS = 1.0
"""How often runs that another runner does are looked at, once there is nothing else to do."""

PATIENCE = 60.0
"""Seconds for which a store that fails in the middle of a suite is tried again."""

_EVENTS = ("on_start", "on_run", "on_end")
"""What callbacks are told of."""

_DEATHS = ("TerminatedWorkerError", "WorkerCrashedError", "ActorDiedError", "WorkerLost")
"""What joblib's backends raise when a worker process has died (loky, Ray)."""


def run_plan(
    plan: Plan,
    store: Any,
    n_jobs: int | None = None,
    *,
    callbacks: Sequence[Any] = (),
    display: bool = False,
    retry_errors: bool = False,
    lease: float = LEASE_SECONDS,
) -> Runs:
    """See `Suite.run`."""
    n_jobs = None if n_jobs is None else count_jobs(n_jobs)
    watching = _watchers(callbacks)
    _refuse_backend()
    with contextlib.ExitStack() as until_end:
        store = Store.of(store)
        store.register(plan)
        if retry_errors:
            store.forget_errors(plan)
        if display:
            watching.append(until_end.enter_context(SuiteProgress(store)))
        outbox = Outbox(store)
        outbox.recover()
        _tell(watching, "on_start", plan)
        try:
            with outbox:
                Runner(plan, store, outbox, n_jobs, watching, lease).run()
        finally:
            if outbox.kept:
                log.error("%s", outbox.said())
        if outbox.kept:
            raise StoreError(f"{outbox.trouble}; {outbox.said()}")
        runs = Runs.of_plan(store, plan)
        _tell(watching, "on_end", runs)
        return runs


class Runner:
    """One process that works on a plan, beside others perhaps.

    Parameters
    ----------
    plan, store, outbox
        What to do, where it is noted, and the way of results to there.
    n_jobs : int, optional
        Runs at once; None leaves it to joblib.
    callbacks : sequence
        Told of each run.
    lease : float
        See `Claims`.
    """

    def __init__(
        self, plan: Plan, store: Store, outbox: Outbox, n_jobs: int | None, callbacks: Sequence[Any], lease: float
    ) -> None:
        self.plan, self.outbox, self.n_jobs, self.callbacks = plan, outbox, n_jobs, callbacks
        self.claims = Claims(store, plan, lease)
        self.under_way: dict[str, Task] = {}
        self.done: dict[str, Task] = {}  # but not told yet
        self.trouble: StoreError | None = None
        self.failing_since: float | None = None

    def run(self) -> None:
        """Until no run of the plan is left, here or elsewhere."""
        with self.claims.heartbeat():
            try:
                while True:
                    self._spread(self._claimed())
                    self.outbox.wait()
                    self._tell_settled()
                    if self.trouble is not None:
                        self._wait_for_store()
                    elif self.claims.any_left():
                        continue  # a worker died
                    elif self.claims.busy_elsewhere():
                        self.claims.release_dead()
                        time.sleep(POLL_SECONDS)
                    else:
                        return
            finally:
                # Ctrl-C, or an error: others need not wait for the lease to run out.
                with contextlib.suppress(StoreError):
                    self.claims.give_back(list(self.under_way.values()))

    def _claimed(self) -> Iterator[Task]:
        """Runs, claimed one by one as joblib asks for them, from whichever of its threads."""
        lock = threading.Lock()
        while True:
            with lock:
                try:
                    task = self.claims.take()
                except StoreError as error:
                    self.trouble = error
                    return
                if task is None:
                    return
                self.under_way[task.run_id] = task
                self.failing_since = None
            yield task

    def _spread(self, tasks: Iterable[Task]) -> None:
        """Do the runs; where a worker died, do those it may have died of one at a time."""
        try:
            self._do(tasks)
        except Exception as error:
            if not _worker_died(error):
                raise
            suspects = list(self.under_way.values())
            log.warning("a worker died%s; its runs are done again, one at a time: %d", _cause(error), len(suspects))
            for task in suspects:
                try:
                    self._do([task])
                except Exception as again:
                    if not _worker_died(again):
                        raise
                    self._give_up(task, _cause(again))

    def _give_up(self, task: Task, cause: str = "") -> None:
        error = f"the worker process died of this run twice, the second time alone{cause}"
        self._record({"run_id": task.run_id, "status": "error", "stop_reason": "error", "error": error})

    def _do_on(self, backend: Any, tasks: Iterable[Task]) -> None:
        """By Dask; where its cluster goes away, the error says what is kept."""
        try:
            self._do_by(backend, tasks)
        except EngineError as error:
            self.outbox.wait()
            self._tell_settled()
            kept = self.outbox.said()
            if not kept:
                store = self.claims.store
                kept = f"{store.count_done(self.plan):,} of {plural(len(self.plan.tasks), 'run')} are in {store.url}"
            raise EngineError(f"{error}; {kept}: run the suite again for the others") from error.__cause__

    def _do_by(self, backend: Any, tasks: Iterable[Task]) -> None:
        """Dask does the runs of a dead worker again, but gives those up during which several died."""
        lost: list[Task] = []
        with contextlib.closing(self._records(backend, tasks, 2 * threads_of(backend), lost)) as records:
            self._take(records)
        if lost:
            log.warning("workers died again and again; what they did is done again, one at a time: %d", len(lost))
        for task in lost:
            again: list[Task] = []
            self._take(self._records(backend, [task], 1, again))
            if again:
                self._give_up(task)

    def _records(
        self, backend: Any, tasks: Iterable[Task], at_once: int, lost: list[Task]
    ) -> Generator[dict[str, Any], None, None]:
        options, patience = getattr(backend, "submit_kwargs", {}), patience_of(backend)
        return records_from(backend.client, tasks, self.plan.commit, at_once, lost, options, patience)

    def _do(self, tasks: Iterable[Task]) -> None:
        from joblib import Parallel, delayed, effective_n_jobs
        from joblib.parallel import get_active_backend

        backend, _ = get_active_backend()
        if is_dask(backend):
            self._do_on(backend, tasks)
            return
        with fresh_workers(self.plan, self.n_jobs):
            workers = _workers_here(self.n_jobs)
            calls = (delayed(execute)(task, self.plan.commit, workers) for task in tasks)
            if not getattr(backend, "supports_return_generator", False):
                # Ray: results come when all calls have ended, so there are only as many calls as go at once.
                at_once = effective_n_jobs(self.n_jobs)
                while batch := list(itertools.islice(calls, at_once)):
                    self._take(Parallel(n_jobs=self.n_jobs, batch_size=1)(batch))
                return
            parallel = Parallel(n_jobs=self.n_jobs, return_as="generator_unordered", batch_size=1, pre_dispatch="2*n_jobs")
            with contextlib.closing(parallel(calls)) as records:
                self._take(records)

    def _take(self, records: Iterable[dict[str, Any]]) -> None:
        for record in records:
            if record.get("state") == CANCELLED:
                raise KeyboardInterrupt  # it reached the worker first
            self._record(record)

    def _record(self, record: dict[str, Any]) -> None:
        self.outbox.put(record)
        self.done[record["run_id"]] = self.under_way.pop(record["run_id"])
        self._tell_settled()

    def _tell_settled(self) -> None:
        for record in self.outbox.settled():
            _tell(self.callbacks, "on_run", self.done.pop(record["run_id"]), record)

    def _wait_for_store(self) -> None:
        """The store failed in the middle: pause, to try again; after a while, say so."""
        trouble, self.trouble = self.trouble, None
        now = time.monotonic()
        if self.failing_since is None:
            self.failing_since = now
            log.warning("the store fails, and is tried again: %s", trouble)
        self.outbox.flush()
        lasted = now - self.failing_since
        if lasted > PATIENCE:
            raise StoreError(f"{trouble}; {self.outbox.said() or 'no result is lost'}")
        time.sleep(min(5.0, 0.1 + lasted / 4))


def _refuse_backend() -> None:
    from joblib.parallel import get_active_backend

    backend, _ = get_active_backend()
    if type(backend).__name__ == "MultiprocessingBackend":  # Ray's is derived from it, and tells of deaths
        raise UnsupportedError(
            "joblib's backend 'multiprocessing' waits for ever for the run of a worker that died; use 'loky', the default"
        )


def fresh_workers(plan: Plan, n_jobs: int | None) -> Any:
    """Worker processes whose libraries start no more threads than their runs have; a backend that the user chose stays.

    joblib takes the workers of its last call again, unless it is called with other options: they would run what they imported
    then, although it was edited and imported anew here. So the versions of the code choose an option that does nothing here, the
    size from which arrays are mapped.
    """
    from joblib import parallel_config
    from joblib.parallel import get_active_backend

    backend, configured = get_active_backend()
    if type(backend).__name__ != "LokyBackend" or (n_jobs or configured or 1) == 1:
        return contextlib.nullcontext()
    codes = "".join(sorted({task.code for task in plan.tasks})).encode()
    return parallel_config(
        "loky",
        n_jobs=configured,
        inner_max_num_threads=max((task.n_jobs for task in plan.tasks), default=1),
        max_nbytes=2**20 + zlib.crc32(codes) % 2**20,
    )


def _workers_here(n_jobs: int | None) -> int:
    """How many runs go at once on this machine; of a cluster, nobody knows."""
    from joblib import effective_n_jobs
    from joblib.parallel import get_active_backend

    backend, configured = get_active_backend()
    return int(effective_n_jobs(n_jobs or configured)) if type(backend).__module__.startswith("joblib._parallel") else 1


def _worker_died(error: BaseException) -> bool:
    return isinstance(error, BrokenExecutor) or any(cls.__name__ in _DEATHS for cls in type(error).__mro__)


def _cause(error: BaseException) -> str:
    """What is known of a worker's death, in a few words: backends write paragraphs about themselves."""
    # joblib itself ends the other workers, by SIGTERM.
    signal = next((name for name in re.findall(r"SIG[A-Z]+", str(error)) if name != "SIGTERM"), "")
    if not signal:
        return ""
    return f": killed by {signal}" + (", which most often means that memory ran out" if signal == "SIGKILL" else "")


def _watchers(callbacks: Any) -> list[Any]:
    """Callbacks as a list; a single one is taken as a list of one, and what could not be told of anything is refused."""
    given = [] if callbacks is None else list(callbacks) if is_listed(callbacks) else [callbacks]
    for index, item in enumerate(given):
        if isinstance(item, type) or all(getattr(item, event, None) is None for event in _EVENTS):
            way_out = "pass an object of it" if isinstance(item, type) else "expected an object with on_start, on_run or on_end"
            raise UnsupportedError(f"callbacks[{index}] is {shown(item)}; {way_out}")
        for event in _EVENTS:
            method = getattr(item, event, None)
            if method is not None and not callable(method):
                raise UnsupportedError(f"callbacks[{index}].{event} is {shown(method)}; expected a method")
    return given


def _tell(callbacks: Sequence[Any], event: str, *arguments: Any) -> None:
    for callback in callbacks:
        method = getattr(callback, event, None)
        if method is not None:
            method(*arguments)
