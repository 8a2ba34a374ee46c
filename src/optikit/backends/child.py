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

from ..core.errors import EngineError

_HEADER = struct.Struct("<Q")
_BOOT = "import sys; parent, target, *sys.path = sys.argv[1:]; from optikit.backends.child import serve; serve(parent, target)"
_END = object()
_PR_SET_PDEATHSIG = 1


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
        if not sys.executable:
            raise EngineError("there is no Python interpreter to start a child process with (sys.executable is empty)")
        here = os.getcwd()
        paths = [os.path.join(here, path) if not os.path.isabs(path) else path for path in sys.path]
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 (closed in `close`)
        command = [sys.executable, "-P", "-c", _BOOT, str(os.getpid()), target, *paths]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            **own_group(),
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._pipe = Pipe(self._process.stdout, self._process.stdin)
        self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True, name="optikit-child").start()

    def _listen(self) -> None:
        try:
            while True:
                self._inbox.put(self._pipe.receive())
        except (EOFError, OSError, ValueError, pickle.UnpicklingError):
            self._inbox.put(_END)

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, message: Any) -> None:
        # A child that died says so when it is read from.
        with contextlib.suppress(BrokenPipeError, OSError):
            self._pipe.send(message)

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
        end_group(self._process)
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
        data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
        with self._lock:
            self._sink.write(_HEADER.pack(len(data)))
            self._sink.write(data)
            self._sink.flush()

    def receive(self) -> Any:
        (length,) = _HEADER.unpack(self._read(_HEADER.size))
        return pickle.loads(self._read(length))

    def _read(self, length: int) -> bytes:
        data = self._source.read(length)
        if len(data) < length:
            raise EOFError
        return data


def serve(parent: str, target: str) -> None:
    """Run a target in the child: messages on the standard streams, which nothing else may use."""
    die_with_parent(int(parent))
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


def die_with_parent(parent: int) -> None:
    """Ask the kernel to end this process when its parent ends (Linux).

    A thread that waits for the end of stdin would not do: OR-Tools routing holds the GIL for its whole solve.
    """
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked
        os._exit(1)


def launcher(command: list[str]) -> list[str]:
    """A command that runs another program so that it dies with this process (Linux; elsewhere the program itself)."""
    if not sys.platform.startswith("linux") or not sys.executable:
        return command
    boot = (
        "import ctypes, os, sys\n"
        f"ctypes.CDLL(None).prctl({_PR_SET_PDEATHSIG}, 9)\n"
        "os.getppid() == int(sys.argv[1]) and os.execv(sys.argv[2], sys.argv[2:])"
    )
    return [sys.executable, "-I", "-S", "-c", boot, str(os.getpid()), *command]


def own_group() -> dict[str, Any]:
    """Arguments of `subprocess.Popen` that put a child into a group of its own: a Ctrl-C at the terminal is for us alone."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a child that was started with `own_group`, with all that it started, and collect it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        elif process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
