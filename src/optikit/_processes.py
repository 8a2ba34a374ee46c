"""Processes of our own: they find our modules, form a group of their own, and end when we end, however that is."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from typing import Any

# The parent holds the other end of stdin: it closes when the parent ends, whatever the reason. Where a fork of the parent
# holds it too, the parent's number tells.
_WARDEN = """
import os, signal, sys
process, parent = map(int, sys.argv[1:])
if os.name == "nt":
    os.read(0, 1)
    os.kill(process, signal.SIGTERM)
else:
    from select import select
    while os.getppid() == parent and not select([0], [], [], 1.0)[0]:
        pass
    os.killpg(process, signal.SIGKILL)
"""


def our_python(code: str, *arguments: str) -> list[str]:
    """The command that runs ``code`` in a Python like this one; ``sys.argv[1:]`` is the arguments, then what stands in `sys.path`.

    Raises
    ------
    OSError
        Where Python is embedded, and nobody knows how to start another one.
    """
    if not sys.executable:
        raise OSError("there is no Python interpreter to start a process with (sys.executable is empty)")
    # Of a working folder that has been deleted nothing is left to import.
    here = "" if working_folder() else os.getcwd()
    paths = (path if os.path.isabs(path) else os.path.join(here, path) for path in sys.path if here or os.path.isabs(path))
    return [sys.executable, "-P", "-c", code, *arguments, *paths]


def working_folder() -> str | None:
    """Where a child is to run: None, which is where we are, unless that folder has been deleted."""
    try:
        os.getcwd()
    except OSError:
        return tempfile.gettempdir()
    return None


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


class Warden:
    """A small process beside a child of ours that kills it, with all that it started, should we end first.

    Nothing inside the child would do everywhere: an engine that holds the interpreter lock stops all Python threads beside
    it, Linux alone offers a signal at the parent's death, and no such signal reaches the programs that the child started.
    (On Windows, programs that the child started are left to their own time limits.)

    Parameters
    ----------
    process : subprocess.Popen
        Started with `own_group`.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        # Isolated and without site-packages: it starts in 20 ms and takes 9 MB.
        command = [sys.executable, "-I", "-S", "-c", _WARDEN, str(process.pid), str(os.getpid())]
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **own_group()
            )
        except OSError:
            end_group(process)
            raise

    def dismiss(self) -> None:
        """The child has ended: nobody is to be killed any more."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdin is not None
        self._process.stdin.close()
