"""Compiling beside the caller: in a process of its own, so that nobody waits for it, neither a solve nor the program's end.

The process goes on when the program that started it ends, and keeps what it made for the next one. Where nothing can be
kept, it ends with the program. A thread would do neither: one that the interpreter waits for holds up the end of the program
for seconds, and one that it does not wait for may be inside LLVM when the interpreter is taken down.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from optikit._processes import our_python, own_group, working_folder
from optikit.kernels import native, store

if TYPE_CHECKING:
    from optikit.kernels.jit import Kernel

_BOOT = (
    "import sys; module, variant, checked, *sys.path = sys.argv[1:]\n"
    "from optikit.kernels.background import make; make(module, variant, checked == 'checked')"
)


class Maker(Protocol):
    """Whoever makes a kernel."""

    def wait(self, seconds: float | None) -> bool:
        """Whether it has ended, after waiting at most so long."""


class MakerThread:
    """A thread that makes a kernel which no other process can find; the program waits for it at its end."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._thread = threading.Thread(target=work, name="optikit-compile")
        self._thread.start()

    def wait(self, seconds: float | None) -> bool:
        self._thread.join(seconds)
        return not self._thread.is_alive()


class MakerProcess:
    """A process that compiles one variant of a kernel module; what it made is handed to `native`.

    Parameters
    ----------
    kernels : sequence of Kernel
        All of one module.
    variant : str
    checked : bool
    otherwise : callable
        Makes the kernel in this process, on a thread, where the other cannot: a module that only this one can import, or a
        kernel that does not compile, whose error is then raised here.
    """

    def __init__(self, kernels: list[Kernel], variant: str, checked: bool, otherwise: Callable[[], object]) -> None:
        self._name = native.object_name(kernels, variant, checked=checked)
        self._otherwise = otherwise
        self._instead: MakerThread | None = None
        arguments = kernels[0].__module__, variant, "checked" if checked else ""
        self._process = subprocess.Popen(
            our_python(_BOOT, *arguments),
            bufsize=0,
            stdin=subprocess.PIPE,  # closes when this process ends
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=working_folder(),
            **own_group(),
        )
        native.announce(kernels[0].__module__)
        self._reader = threading.Thread(target=self._read, name="optikit-compile", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        name, _, data = self._process.stdout.read().partition(b"\n")
        if self._process.wait() == 0 and name.decode() == self._name:
            native.handed[self._name] = data

    def wait(self, seconds: float | None) -> bool:
        self._reader.join(seconds)
        if self._reader.is_alive():
            return False
        if self._name in native.handed:
            return True
        if self._instead is None:
            self._instead = MakerThread(self._otherwise)
        return self._instead.wait(seconds)


def make(module: str, variant: str, checked: bool) -> None:
    """In the process: compile, keep the object, and write its name and itself to standard output."""
    import gc
    import importlib

    from optikit.kernels.jit import kernels_of

    gc.disable()  # looking for garbage that is not there takes a tenth of the time
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever an import prints
    needed = threading.Event()
    keeps = store.is_writable()
    if not keeps:
        _end_with_parent(needed)
    importlib.import_module(module)
    kernels = kernels_of(module)
    name = native.object_name(kernels, variant, checked=checked)
    # Many programs may start at once, or one after the other before the first kernel is done: one of them compiles.
    with store.alone(f"{module}-{variant}", meanwhile=lambda: _end_with_parent(needed)):
        if keeps:
            needed.set()
        data = native.object_of(kernels, variant, checked=checked)
    with sink:
        sink.write(name.encode() + b"\n" + data)


def _end_with_parent(unless: threading.Event) -> None:
    """From now on, end when the process that started this one ends, unless this one is needed by then."""

    def watch() -> None:
        os.read(0, 1)  # not sys.stdin, whose lock would be held when the interpreter ends
        if not unless.is_set():
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
