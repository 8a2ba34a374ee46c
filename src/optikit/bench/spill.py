"""Results that the store does not take now: kept in memory and in a side file, and written when it takes them again."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import json
import logging
import os
import queue
import tempfile
import threading
import time
import uuid
from collections import deque
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self

from ..errors import StoreError
from .phrases import plural
from .store import Store

log = logging.getLogger("optikit")


DENSE = 0.05
"""Results that follow each other within so many seconds are written together: waiting for the disk once for all of them."""


class Outbox:
    """The way of results into the store: none is lost where the disk is full, or the database is gone.

    Parameters
    ----------
    store : Store
        Where the results belong.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.kept: list[dict[str, Any]] = []  # what the store has not taken yet
        self.file = ""  # where they are also kept
        self.trouble: StoreError | None = None
        self._failure: Exception | None = None
        self._lock = threading.Lock()
        self._queue: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._idle = threading.Event()
        self._settled: deque[dict[str, Any]] = deque()
        self._last = float("-inf")
        self._writer = threading.Thread(target=self._write, name="optikit-bench-writer", daemon=True)
        key = hashlib.sha256(store.sqlite_path.encode() or store.url.encode()).hexdigest()[:12]
        self._prefix = f"optikit-bench-{key}-"
        self._own = f"{self._prefix}{uuid.uuid4().hex[:8]}.jsonl"

    def __enter__(self) -> Self:
        self._writer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._queue.put(None)
        self._writer.join()
        self.flush()

    @property
    def _folders(self) -> list[str]:
        beside = [os.path.dirname(self.store.sqlite_path)] if self.store.sqlite_path else [os.getcwd()]
        return [*beside, os.environ.get("OPTIKIT_CACHE_DIR") or tempfile.gettempdir(), tempfile.gettempdir()]

    def put(self, record: Mapping[str, Any]) -> None:
        """Hand over a result: written when this returns, but where others come so fast that they are written together."""
        now = time.monotonic()
        sparse, self._last = now - self._last > DENSE, now
        self._idle.clear()
        self._queue.put(dict(record))
        if sparse:
            self._until_idle()

    def settled(self) -> Iterator[dict[str, Any]]:
        """Results that are in the store, or in the side file, and were not told of before."""
        while self._settled:
            yield self._settled.popleft()

    def wait(self) -> None:
        """Until all that was put is settled."""
        self._idle.clear()
        self._queue.put({})
        self._until_idle()

    def _until_idle(self) -> None:
        while not self._idle.wait(1.0):
            if not self._writer.is_alive():
                raise StoreError(f"{self.store.url}: results can no longer be written; {self.said()}") from self._failure

    def _write(self) -> None:
        try:
            while self._write_batch():
                pass
        except Exception as error:  # a defect: whoever waits for the results is told
            self._failure = error
            log.exception("results can no longer be written")

    def _write_batch(self) -> bool:
        batch = [self._queue.get()]
        with contextlib.suppress(queue.Empty):
            while batch[-1] is not None:
                batch.append(self._queue.get_nowait())
        records = [record for record in batch if record]
        if records:
            with self._lock:
                self.kept += records
                if not self._flushed():
                    for record in records:
                        self._spill(record)
            self._settled += records
        if self._queue.empty():
            self._idle.set()
        return batch[-1] is not None

    def flush(self) -> bool:
        """Try again to write what is kept; whether nothing is left."""
        with self._lock:
            return self._flushed()

    def _flushed(self) -> bool:
        if self.kept:
            try:
                self.store.finish(self.kept)
            except StoreError as error:
                if self.trouble is None:
                    log.warning("results are kept until the store takes them: %s", error)
                self.trouble = error
                return False
            self.kept.clear()
            if self.file:
                with contextlib.suppress(OSError):
                    os.unlink(self.file)
                self.file = ""
        self.trouble = None
        return True

    def _spill(self, record: Mapping[str, Any]) -> None:
        """Append a result to the side file, in the first folder that takes it."""
        line = json.dumps(record).encode() + b"\n"
        for path in [self.file] if self.file else [os.path.join(folder, self._own) for folder in self._folders]:
            size = None
            try:
                with open(path, "ab") as file:
                    size = file.tell()
                    file.write(line)
                    file.flush()
                    os.fsync(file.fileno())
            except OSError:
                with contextlib.suppress(OSError):
                    if size:
                        os.truncate(path, size)
                    else:
                        os.unlink(path)
                continue
            self.file = path
            return
        log.warning("result of run %s is kept in memory alone: no folder of %s takes it", record["run_id"], self._folders)

    def recover(self) -> int:
        """Write the results that earlier runners had to leave in side files; how many were new."""
        recovered = 0
        for folder in dict.fromkeys(self._folders):
            for path in sorted(glob.glob(os.path.join(glob.escape(folder), f"{self._prefix}*.jsonl*"))):
                recovered += self._take_over(path)
        return recovered

    def _take_over(self, path: str) -> int:
        mine = path if path.endswith(".taken") else f"{path}.{uuid.uuid4().hex[:8]}.taken"
        try:
            os.replace(path, mine)  # a runner that is still writing begins a new file
            with open(mine, encoding="utf-8") as file:
                records = [record for line in file if (record := _parsed(line)) is not None]
        except OSError:
            return 0  # another runner was first
        new = self.store.finish(records)
        os.unlink(mine)
        log.info("%d results were taken over from %s", new, path)
        return new

    def said(self) -> str:
        """Where the results are that the store has not taken."""
        if not self.kept:
            return ""
        count = plural(len(self.kept), "result")
        if self.file:
            return f"{count} could not be written, but kept in {self.file}; the next run of a suite with this store takes them over"
        return f"{count} could not be written, and nothing else takes them: they are lost with this process"


def _parsed(line: str) -> dict[str, Any] | None:
    """A record; None for the half line of a process that died while writing it."""
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) and "run_id" in record else None
