"""A child process of ours that runs an engine: framed messages on pipes, dies with its parent, killed when late.

Never `multiprocessing`: that runs an unguarded script again, and knows neither ``python -c`` nor a program read from stdin.
Both ends are ours and of one version, so that frames are pickles behind their length.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import pickle
import queue
import signal
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import IO, Any, Self

from .._processes import Warden, end_group, our_python, own_group, working_folder
from ..errors import EngineError

_HEADER = struct.Struct("<Q")
_BOOT = "import sys; target, *sys.path = sys.argv[1:]; from optikit.backends.child import serve; serve(target)"
_END = object()


class Child:
    """A child that runs ``target``, seen from the parent; a context manager that leaves no process behind.

    Parameters
    ----------
    target : str
        ``"package.module:function"`` that the child imports and calls with its `Pipe`.
    env : mapping, optional
        Added to the environment.
    cwd : str, optional
        Where the child runs.
    """

    def __init__(self, target: str, env: Mapping[str, str] | None = None, cwd: str | None = None) -> None:
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 (closed in `close`)
        try:
            self._process = subprocess.Popen(
                our_python(_BOOT, target),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._complaints,
                env={**os.environ, **(env or {})},
                cwd=cwd or working_folder(),
                **own_group(),
            )
            self._warden = Warden(self._process)
        except OSError as error:
            self._complaints.close()
            raise EngineError(f"a child process cannot be started: {error}") from None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._pipe = Pipe(self._process.stdout, self._process.stdin)
        self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        for work in (self._listen, self._write):
            threading.Thread(target=work, daemon=True, name="optikit-child").start()

    def _listen(self) -> None:
        try:
            while True:
                self._inbox.put(self._pipe.receive())
        except (EOFError, OSError, ValueError, pickle.UnpicklingError):
            self._inbox.put(_END)

    def _write(self) -> None:
        # A child that died says so when it is read from.
        with contextlib.suppress(OSError, ValueError):
            while (frame := self._outbox.get()) is not None:
                self._pipe.write(frame)

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, message: Any) -> None:
        """Hand a message over; a large one that the child is not yet there to read does not hold the caller up."""
        self._outbox.put(framed(message))

    def receive(self, timeout: float) -> Any:
        """The next message, or None after ``timeout`` seconds.

        Raises
        ------
        EngineError
            If the child died: with the signal or exit code, and its last words.
        """
        try:
            message = self._inbox.get(timeout=max(0.0, timeout))
        except queue.Empty:
            return None
        if message is _END:
            raise EngineError(self._obituary())
        return message

    def interrupt(self) -> None:
        """A Ctrl-C for the child and the programs that it started (not on Windows, which has none for a group)."""
        if sys.platform != "win32":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGINT)

    def _obituary(self) -> str:
        code = self._process.wait()
        if code < 0:
            try:
                how = f"was ended by {signal.Signals(-code).name}"
            except ValueError:
                how = f"was ended by signal {-code}"
        else:
            how = f"ended with exit code {code}"
        self._complaints.seek(max(0, self._complaints.seek(0, os.SEEK_END) - 2000))
        lines = [line for line in self._complaints.read().decode(errors="replace").splitlines() if line.strip()]
        # A traceback has its point in the last line, a C++ abort in the first that speaks of a check.
        words = next((line for line in lines if "Check fail" in line or line.startswith("F0")), lines[-1] if lines else "")
        return f"the child process {how}" + (f": {words.strip()[:500]}" if words else "")

    def close(self) -> None:
        """End the child, and all that it started, at once."""
        self._outbox.put(None)
        end_group(self._process)
        self._warden.dismiss()
        for stream in (self._process.stdin, self._process.stdout, self._complaints):
            with contextlib.suppress(OSError, ValueError):
                stream.close()  # type: ignore[union-attr]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class Pipe:
    """Messages over two byte streams."""

    def __init__(self, source: IO[bytes], sink: IO[bytes]) -> None:
        self._source, self._sink = source, sink
        self._lock = threading.Lock()

    def send(self, message: Any) -> None:
        self.write(framed(message))

    def write(self, frame: bytes) -> None:
        with self._lock:
            self._sink.write(frame)
            self._sink.flush()

    def receive(self) -> Any:
        (length,) = _HEADER.unpack(self._read(_HEADER.size))
        return pickle.loads(self._read(length))

    def _read(self, length: int) -> bytes:
        data = self._source.read(length)
        if len(data) < length:
            raise EOFError
        return data


def framed(message: Any) -> bytes:
    """A message behind its length."""
    data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    return _HEADER.pack(len(data)) + data


def serve(target: str) -> None:
    """Run a target in the child: messages on the standard streams, which nothing else may use."""
    sink = os.fdopen(os.dup(1), "wb")
    source = os.fdopen(os.dup(0), "rb")
    # Whatever the engine prints goes where its complaints go, and what it reads is empty.
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    module, _, name = target.partition(":")
    work: Callable[[Pipe], None] = getattr(importlib.import_module(module), name)
    work(Pipe(source, sink))
