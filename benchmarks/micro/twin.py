"""A compiled search beside the same loop in C++: how the two are held against each other.

A twin does the work of a kernel statement by statement. Both start from copies of one state and must end with the same
bits in every array, so the comparison is of compiled code alone. Of the C++ there are three builds: the two that are
timed, and one that counts the moves, which are the same on both sides. Seconds are CPU seconds of the thread.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from types import ModuleType
from typing import Any, Self

import numpy as np

from benchmarks.table import write
from optikit.kernels.control import LIMIT
from optikit.kernels.jit import Arrays, Kernel

FOLDER = Path(__file__).parent

# Fused multiply-adds round once where the kernels, and every other machine, round twice.
ALWAYS = ["-std=c++17", "-shared", "-fPIC", "-ffp-contract=off"]
BUILDS = {"-O3": ["-O3"], "-O3 -march=native": ["-O3", "-march=native"]}
COUNTING = ["-O3", "-DCOUNT_MOVES"]

C_TYPES = {"u1": "std::uint8_t", "i4": "std::int32_t", "i8": "std::int64_t", "u8": "std::uint64_t", "f8": "double"}

COMPILED = {"aot": "ahead of time", "jit": "by the JIT, which makes the same code as the wheel's library"}

Entry = Callable[..., int]


def find_compiler() -> str | None:
    """The C++ compiler: the environment variable CXX, else g++ or c++."""
    return shutil.which(os.environ["CXX"]) if "CXX" in os.environ else shutil.which("g++") or shutil.which("c++")


def header(structures: Iterable[type[Arrays]], constants: Iterable[ModuleType]) -> str:
    """C++ declarations of structures, laid out as their tables, and of the integer constants of some modules.

    Where two modules give a name to different numbers, the later one's is meant.
    """
    lines = ["#pragma once", "#include <cstdint>"]
    for structure in structures:
        lines.append(f"struct {structure.__name__} {{")
        for name, field in structure.fields.items():
            const = "" if field.mutable or field.shape is None else "const "
            lines.append(f"    {const}{C_TYPES[field.dtype.name]}{'' if field.shape is None else '*'} {name};")
        lines.append("};")
    found = {
        name: value for module in constants for name, value in vars(module).items() if name.isupper() and isinstance(value, int)
    }
    lines += [f"constexpr std::int64_t {name} = {value};" for name, value in found.items()]
    return "\n".join(lines) + "\n"


class Twin:
    """One build of a search in C++.

    Parameters
    ----------
    compiler : str
    flags : list of str
        Beside `ALWAYS`.
    folder : Path
        Where to build; ``arrays.h`` is there.
    source : Path
    """

    def __init__(self, compiler: str, flags: list[str], folder: Path, source: Path) -> None:
        library = folder / f"twin{'_'.join(flags)}.so"
        subprocess.run(
            [compiler, *ALWAYS, *flags, f"-I{folder}", f"-I{FOLDER}", "-o", str(library), str(source)],
            check=True,
        )
        self._library = ctypes.CDLL(str(library))

    def __getitem__(self, name: str) -> Entry:
        function = self._library[name]
        function.argtypes, function.restype = [ctypes.c_void_p] * 5, ctypes.c_int64
        return lambda *structures: int(function(*(structure._address for structure in structures)))

    def moves(self) -> int:
        """Moves evaluated since the last question; of a build that counts them."""
        function = self._library["evaluated"]
        function.argtypes, function.restype = [], ctypes.c_int64
        return int(function())


@contextmanager
def twins(source: Path, declared: str) -> Iterator[tuple[dict[str, Twin], Twin]]:
    """The builds to be timed, by their flags, and the build that counts.

    Parameters
    ----------
    source : Path
    declared : str
        What it includes as ``arrays.h``.
    """
    compiler = find_compiler()
    if compiler is None:
        raise RuntimeError("no C++ compiler: install g++ or set CXX")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "arrays.h").write_text(declared, "utf-8")
        timed = {name: Twin(compiler, flags, folder, source) for name, flags in BUILDS.items()}
        yield timed, Twin(compiler, COUNTING, folder, source)


@dataclass
class Start:
    """Where a search stands: what its kernel is called with, the control block last."""

    structures: tuple[Any, ...]

    def copy(self) -> Self:
        """Another one that goes on from here; they share what is only read."""
        own = (each.copy() if any(field.mutable for field in type(each).fields.values()) else each for each in self.structures)
        return type(self)(tuple(own))

    def run(self, kernel: Entry, limit: int) -> float:
        """Go on until so many iterations are done; returns CPU seconds."""
        self.structures[-1].slots[LIMIT] = limit
        started = time.thread_time()
        self.call(kernel)
        return time.thread_time() - started

    def call(self, kernel: Entry) -> None:
        kernel(*self.structures)

    def differences(self, other: Self) -> list[str]:
        """The arrays in which two searches differ."""
        return [
            f"{type(mine).__name__}.{name}"
            for mine, theirs in zip(self.structures, other.structures, strict=True)
            for name, field in type(mine).fields.items()
            if field.mutable and getattr(mine, name).tobytes() != getattr(theirs, name).tobytes()
        ]


def compare(
    kernel: Kernel, kind: str, start: Start, timed: dict[str, Twin], counting: Twin, *, warm: int, budget: int, repeat: int
) -> dict[str, Any]:
    """Time kernel and twins from the same state, in turn.

    Parameters
    ----------
    kernel : Kernel
    kind : str
        Its variant.
    start : Start
        A search that has not begun; it is left as it is.
    timed : dict of str to Twin
    counting : Twin
    warm, budget : int
        Iterations before the clock starts, and while it runs.
    repeat : int

    Returns
    -------
    dict
        ``way`` (how the kernel was compiled), ``moves``, ``iterations`` and ``seconds``: of each contender, every single
        measurement.

    Raises
    ------
    RuntimeError
        If a final state differs in a single bit.
    """
    ours = kernel[kind]
    way = ours.resolve()
    if way not in COMPILED:
        raise RuntimeError(f"the kernel runs as {way}; compiled code is to be measured")
    contenders: dict[str, Entry] = {"optikit": ours, **{name: twin[kind] for name, twin in timed.items()}}

    reached = start.copy()
    reached.run(counting[kind], warm)
    for name, contender in contenders.items():  # from the very beginning, first solutions included
        own = start.copy()
        own.run(contender, warm)
        _same(name, own, reached)
    counting.moves()
    end = reached.copy()
    end.run(counting[kind], warm + budget)
    moves = counting.moves()
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(repeat):
        for name, contender in contenders.items():
            own = reached.copy()
            seconds[name].append(own.run(contender, warm + budget))
            _same(name, own, end)
    return {"way": way, "moves": moves, "iterations": budget, "seconds": seconds}


def _same(name: str, mine: Start, expected: Start) -> None:
    differing = mine.differences(expected)
    if differing:
        raise RuntimeError(f"{name} does other work than the twin that counts: {', '.join(differing)} differ")


def options(description: str | None, *, iterations: int, warm: int, warming: str) -> argparse.ArgumentParser:
    """What every measurement of a twin may be asked."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iterations", type=int, default=iterations)
    parser.add_argument("--warm", type=int, default=warm, help=f"{warming} before the clock starts")
    parser.add_argument("--repeat", type=int, default=11)
    return parser


def report(name: str, title: str, results: dict[str, dict[str, Any]], *, what: str, how: str, move: str, repeat: int) -> None:
    """Write and print the table of what `compare` found.

    Parameters
    ----------
    name : str
        Of the table.
    title : str
    results : dict of str to dict
        By instance.
    what, how, move : str
        The kernel, from where to where it was run, and what a move is.
    repeat : int
    """
    ways = " and ".join(COMPILED[way] for way in sorted({found["way"] for found in results.values()}))
    columns = ["million moves/s: optikit"] + [text for build in BUILDS for text in (f"C++ {build}", "ratio")]
    head, table = ["instance", "moves per iteration", *columns], _rows(results)
    notes = (
        f"{what} (compiled {ways}) beside an equal C++ program, from the same state through {how}, to the same final state bit "
        f"for bit. Median of {repeat} runs in turn, CPU seconds. A move is {move}; the ratio is optikit's rate over that of "
        "C++, in brackets the quartiles over single runs. The bar is 0.8."
    )
    write(name, title, head, table, notes=notes, packages=["numba", "llvmlite"], raw=results)
    for line in [head, *table]:
        print(" | ".join(map(str, line)))


def _rows(results: dict[str, dict[str, Any]]) -> list[list[Any]]:
    table = []
    for name, found in results.items():
        seconds, rate = found["seconds"], 1e-6 * found["moves"]
        ours = median(seconds["optikit"])
        row: list[Any] = [name, f"{found['moves'] / found['iterations']:.0f}", f"{rate / ours:.1f}"]
        for build in BUILDS:
            row += [
                f"{rate / median(seconds[build]):.1f}",
                f"{median(seconds[build]) / ours:.2f} ({_spread(seconds[build], seconds['optikit'])})",
            ]
        table.append(row)
    return table


def _spread(theirs: list[float], ours: list[float]) -> str:
    """The quartiles of the ratios of runs that followed each other: how far other work on the machine blurs the figure."""
    low, high = np.quantile(np.divide(theirs, ours), [0.25, 0.75])
    return f"{low:.2f} to {high:.2f}"
