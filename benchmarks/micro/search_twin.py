"""Kernel speed: the compiled search of the VRP beside the same loop in C++. Writes results/kernel_speed.md.

    taskset -c 1 python -m benchmarks.micro.search_twin --instances ../shared/instances/cvrp

``search_twin.cpp`` does the work of the kernel `advance` statement by statement. Both start from copies of one state and
must end with the same bits in every array, so the comparison is of compiled code alone. Of the C++ there are three builds:
the two that are timed, and one that counts the moves (positions for a client whose cost is computed), which are the same
on both sides. Seconds are CPU seconds of the thread.
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
from typing import Any

import numpy as np

import optikit as ok
from benchmarks.table import write
from optikit import Stop
from optikit.core.run import Run
from optikit.kernels import control
from optikit.kernels.control import LIMIT, Control
from optikit.kernels.jit import Arrays, Kernel
from optikit.kernels.rng import Random
from optikit.routing.vrp import arrays
from optikit.routing.vrp.arrays import Instance, Parameters, State
from optikit.routing.vrp.instance import make_instance, variant
from optikit.routing.vrp.island import Island
from optikit.routing.vrp.kernels import phases, ruin
from optikit.routing.vrp.kernels.advance import advance
from optikit.routing.vrp.search import HGS, VICINITY

SOURCE = Path(__file__).with_suffix(".cpp")
INSTANCES = Path(__file__).parents[2] / ".." / "shared" / "instances" / "cvrp"
NAMES = ["X-n106-k14", "X-n308-k13", "X-n1001-k43"]

# Fused multiply-adds round once where the kernels, and every other machine, round twice.
ALWAYS = ["-std=c++17", "-shared", "-fPIC", "-ffp-contract=off"]
BUILDS = {"-O3": ["-O3"], "-O3 -march=native": ["-O3", "-march=native"]}
COUNTING = ["-O3", "-DCOUNT_MOVES"]

C_TYPES = {"u1": "std::uint8_t", "i4": "std::int32_t", "i8": "std::int64_t", "u8": "std::uint64_t", "f8": "double"}

Advance = Callable[[Arrays, Arrays, Arrays, Arrays, Arrays], int]


def find_compiler() -> str | None:
    """The C++ compiler: the environment variable CXX, else g++ or c++."""
    return shutil.which(os.environ["CXX"]) if "CXX" in os.environ else shutil.which("g++") or shutil.which("c++")


def header(structures: Iterable[type[Arrays]], constants: Iterable[ModuleType]) -> str:
    """C++ declarations of structures, laid out as their tables, and of the integer constants of some modules."""
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


def declarations() -> str:
    """What `search_twin.cpp` includes."""
    return header([Instance, Parameters, State, Random, Control], [arrays, control, phases, ruin])


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
        subprocess.run([compiler, *ALWAYS, *flags, f"-I{folder}", "-o", str(library), str(source)], check=True)
        self._library = ctypes.CDLL(str(library))

    def __getitem__(self, name: str) -> Advance:
        function = self._library[name]
        function.argtypes, function.restype = [ctypes.c_void_p] * 5, ctypes.c_int64
        return lambda *structures: int(function(*(structure._address for structure in structures)))

    def moves(self) -> int:
        """Positions evaluated since the last question; of a build that counts them."""
        function = self._library["evaluated"]
        function.argtypes, function.restype = [], ctypes.c_int64
        return int(function())


@contextmanager
def twins(source: Path = SOURCE, declared: Callable[[], str] = declarations) -> Iterator[tuple[dict[str, Twin], Twin]]:
    """The builds to be timed, by their flags, and the build that counts."""
    compiler = find_compiler()
    if compiler is None:
        raise RuntimeError("no C++ compiler: install g++ or set CXX")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "arrays.h").write_text(declared(), "utf-8")
        timed = {name: Twin(compiler, flags, folder, source) for name, flags in BUILDS.items()}
        yield timed, Twin(compiler, COUNTING, folder, source)


@dataclass
class Start:
    """Where a search stands."""

    instance: Arrays
    parameters: Arrays
    state: Arrays
    random: Random
    control: Control

    def copy(self) -> Start:
        return Start(self.instance, self.parameters, self.state.copy(), self.random.copy(), self.control.copy())

    def run(self, kernel: Advance, limit: int) -> float:
        """Go on until so many iterations are done; returns CPU seconds."""
        self.control.slots[LIMIT] = limit
        started = time.thread_time()
        kernel(self.instance, self.parameters, self.state, self.random, self.control)
        return time.thread_time() - started

    def differences(self, other: Start) -> list[str]:
        """The arrays in which two searches differ."""
        pairs = [(self.state, other.state), (self.random, other.random), (self.control, other.control)]
        return [
            f"{type(mine).__name__}.{name}"
            for mine, theirs in pairs
            for name, field in type(mine).fields.items()
            if field.mutable and getattr(mine, name).tobytes() != getattr(theirs, name).tobytes()
        ]


def cold_start(problem: Any, iterations: int, *, as_matrix: bool = True) -> tuple[str, Start]:
    """The variant of the kernel and a search that has not begun: one cycle of annealing over so many iterations.

    Without `as_matrix` arcs are computed whatever the size; with it, they are where the solver computes them too.
    """
    instance = make_instance(problem, VICINITY, None if as_matrix else 1)
    run = Run(problem, Stop(iterations=iterations), seed=1)
    island = Island(problem, HGS(first_cycles=1, first_part=1.0, annealed=1), instance, run, 0, 1)
    return variant(problem, instance), Start(instance, island.parameters, island.state, island.random, island.control)


def compare(
    kind: str,
    start: Start,
    timed: dict[str, Twin],
    counting: Twin,
    *,
    warm: int,
    budget: int,
    repeat: int,
    kernel: Kernel = advance,
) -> dict[str, Any]:
    """Time kernel and twins from the same state, in turn.

    Parameters
    ----------
    kind : str
        Variant of the kernel.
    start : Start
        A search that has not begun; it is left as it is.
    timed : dict of str to Twin
    counting : Twin
    warm, budget : int
        Iterations before the clock starts, and while it runs.
    repeat : int
    kernel : Kernel

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
    if way not in ("aot", "jit"):
        raise RuntimeError(f"the kernel runs as {way}; compiled code is to be measured")
    contenders: dict[str, Advance] = {"optikit": ours, **{name: twin[kind] for name, twin in timed.items()}}

    reached = start.copy()
    reached.run(counting[kind], warm)
    for name, contender in contenders.items():  # from the very beginning, savings included
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


def problems(folder: Path) -> dict[str, Any]:
    """Instances of the X set where they are at hand, and a random one."""
    found = {name: ok.read(folder / f"{name}.vrp") for name in NAMES if (folder / f"{name}.vrp").exists()}
    return found or {"random, 400 clients": random_problem(400)}


def random_problem(num_clients: int, **options: Any) -> Any:
    rng = np.random.default_rng(1)
    points = rng.integers(0, 1000, (num_clients + 1, 2))
    demand = np.concatenate(([0], rng.integers(1, 100, num_clients)))
    return ok.routing.VRP.from_coordinates(points, demand, 1000, rounding="nearest", **options)


def measure(folder: Path, *, warm: int, budget: int, repeat: int) -> dict[str, dict[str, Any]]:
    """`compare` on every problem, with the matrix that smaller ones get and with computed arcs."""
    results = {}
    with twins() as (timed, counting):
        for name, problem in problems(folder).items():
            starts = dict(
                cold_start(problem, warm + budget, as_matrix=as_matrix) for as_matrix in (True, False)
            )  # one where both agree
            for kind, start in starts.items():
                results[f"{name}, {kind}"] = compare(kind, start, timed, counting, warm=warm, budget=budget, repeat=repeat)
    return results


def rows(results: dict[str, dict[str, Any]]) -> list[list[Any]]:
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=Path, default=INSTANCES, help="folder of the X instances; a random one where absent")
    parser.add_argument("--iterations", type=int, default=300_000)
    parser.add_argument("--warm", type=int, default=100_000, help="iterations before the clock starts")
    parser.add_argument("--repeat", type=int, default=11)
    arguments = parser.parse_args()
    results = measure(arguments.instances, warm=arguments.warm, budget=arguments.iterations, repeat=arguments.repeat)
    ways = {found["way"] for found in results.values()}
    compiled = {"aot": "ahead of time", "jit": "by the JIT, which makes the same code as the wheel's library"}
    columns = ["million moves/s: optikit"] + [text for build in BUILDS for text in (f"C++ {build}", "ratio")]
    header_row = ["instance", "moves per iteration", *columns]
    table = rows(results)
    notes = (
        f"The kernel `advance` (compiled {' and '.join(compiled[way] for way in sorted(ways))}) beside an equal C++ program, from "
        f"the same state through {arguments.iterations:,} iterations of ruin and recreate after {arguments.warm:,} of warming up, "
        f"to the same final state bit for bit. Median of {arguments.repeat} runs in turn, CPU seconds. A move is a position for a "
        "client whose cost is computed; the ratio is optikit's rate over that of C++, in brackets "
        "the quartiles over single runs. The bar is 0.8."
    )
    write("kernel_speed", "Kernel speed beside C++", header_row, table, notes=notes, packages=["numba", "llvmlite"], raw=results)
    for line in [header_row, *table]:
        print(" | ".join(map(str, line)))


if __name__ == "__main__":
    main()
