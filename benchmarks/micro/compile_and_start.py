"""What compiling, loading and calling kernels costs. Writes results/compile.md.

    taskset -c 1 python -m benchmarks.micro.compile_and_start

Every measurement of compiling and loading is a fresh process, first with an empty cache folder, then with a full one. The
JIT compiles one kernel module and variant at a time, at its first use.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import timeit
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.micro.search_twin import cold_start, random_problem
from benchmarks.table import load, write
from optikit.kernels.build import discover
from optikit.kernels.control import STOP
from optikit.kernels.jit import Unavailable, Variant, kernels_of
from optikit.routing.vrp.kernels.advance import advance

OURS = ("optikit.routing.vrp", "optikit.kernels")
"""Packages whose kernel modules a solve of the VRP may compile."""

CHILD = """
import json, sys, time
from importlib import import_module
from optikit.kernels.jit import kernels_of
module, variant, compiling = sys.argv[1:]
import_module(module)
kernel = next(kernel for kernel in kernels_of(module) if variant in kernel.variants)
readings = [(time.perf_counter(), time.process_time())]
if compiling == "True":
    import optikit.kernels.compile
    readings.append((time.perf_counter(), time.process_time()))
kernel[variant].using("jit")
readings.append((time.perf_counter(), time.process_time()))
print(json.dumps([[b - a for a, b in zip(*pair)] for pair in zip(readings, readings[1:])]))
"""


FIRST = """
import json, resource, warnings
import numpy as np
import optikit as ok
from optikit.kernels.build import discover
from optikit.kernels.jit import kernels_of
warnings.simplefilter("ignore")  # it is told that kernels are being compiled
rng = np.random.default_rng(1)
vrp = ok.routing.VRP.from_coordinates(rng.uniform(0, 1000, (101, 2)), np.r_[0, rng.integers(1, 100, 100)], 1000)
ok.solve(vrp, time_limit=10)
found = []
for module in discover():
    for kernel in kernels_of(module):
        for variant in kernel.variants.values():
            if variant._maker is not None:
                variant._maker.wait(None)
                found.append(f"{module}, {variant.name}")
spent = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([spent.ru_utime + spent.ru_stime, found]))
"""


def first_solve(repeat: int) -> dict[str, Any]:
    """What a first solve of 100 clients compiles, and the CPU seconds of all who compile it."""
    seconds = []
    for _ in range(repeat):
        with tempfile.TemporaryDirectory() as cache:
            environment = os.environ | {"OPTIKIT_CACHE_DIR": cache, "OPTIKIT_KERNELS": "jit"}
            done = subprocess.run([sys.executable, "-c", FIRST], env=environment, check=True, capture_output=True, text=True)
        spent, modules = json.loads(done.stdout)
        seconds.append(spent)
    return {"seconds": seconds, "modules": modules}


def in_child(module: str, variant: str, cache: str, *, compiling: bool) -> list[list[float]]:
    """Wall and CPU seconds of each step: of importing the compiler (if it compiles), and of making the kernel ready."""
    environment = os.environ | {"OPTIKIT_CACHE_DIR": cache}
    command = [sys.executable, "-c", CHILD, module, variant, str(compiling)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    steps: list[list[float]] = json.loads(done.stdout)
    return steps


def variants(modules: list[str]) -> list[tuple[str, str]]:
    found = []
    for module in modules:
        import_module(module)
        names = {name: None for kernel in kernels_of(module) for name in kernel.variants}
        found += [(module, name) for name in names]
    return found


def compiling(modules: list[str], repeat: int) -> dict[str, dict[str, Any]]:
    """For each module and variant every measurement of its compilation, of loading it, and the size of its object."""
    results = {}
    for module, variant in variants(modules):
        cold, loads = [], []
        for _ in range(repeat):
            with tempfile.TemporaryDirectory() as cache:
                cold.append(in_child(module, variant, cache, compiling=True))
                loads += [in_child(module, variant, cache, compiling=False)[0] for _ in range(2)]
                size = sum(file.stat().st_size for file in Path(cache).rglob("*.o"))
        results[f"{module}, {variant}"] = {
            "import": [c[0] for c in cold],
            "compile": [c[1] for c in cold],
            "load": loads,
            "bytes": size,
        }
    return results


def per_call(function: Callable[[], Any]) -> float:
    """Seconds of a call, the least of five rounds."""
    timer = timeit.Timer(function)
    number, _ = timer.autorange()
    return min(timer.repeat(5, number)) / number


def calling() -> list[list[Any]]:
    """The price of crossing from Python into a kernel: the stop flag is up, so that it returns at once."""
    kind, start = cold_start(random_problem(100), 1)
    arguments = start.structures
    arguments[-1].slots[STOP] = 1
    kernel: Variant = advance[kind]
    kernel.resolve()
    rows = [["a call of advance that returns at once: five structures", f"{1e6 * per_call(lambda: kernel(*arguments)):.2f} us"]]
    for way in ("aot", "jit", "python"):
        try:
            call = kernel.using(way)
        except Unavailable:
            continue
        rows.append([f"the same, {way}", f"{1e6 * per_call(lambda call=call: call(*arguments)):.2f} us"])
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=3, help="cold compilations of each module and variant")
    arguments = parser.parse_args()
    modules = [module for module in discover() if module.startswith(OURS)]
    results = compiling(modules, arguments.repeat)
    header = ["module, variant", "compile, CPU s", "compile, wall s", "load from the cache, wall ms", "object, KiB"]
    rows = []
    for name, found in results.items():
        wall, cpu = (median(step[k] for step in found["compile"]) for k in (0, 1))
        loading = median(step[0] for step in found["load"])
        rows.append(
            [name.removeprefix("optikit."), f"{cpu:.2f}", f"{wall:.2f}", f"{1000 * loading:.0f}", f"{found['bytes'] / 1024:.0f}"]
        )
    imports = [step for found in results.values() for step in found["import"]]
    calls, first = calling(), first_solve(arguments.repeat)
    names = " and ".join(name.removeprefix("optikit.") for name in first["modules"])
    remarks = [
        [
            f"a first `solve` of 100 clients, time_limit=10, compiles {names}: CPU s, processes and imports included (bar: 10)",
            f"{median(first['seconds']):.1f}",
        ],
        ["importing numba and the compiler, CPU s (once a process that compiles)", f"{median(s[1] for s in imports):.2f}"],
        *calls,
    ]
    notes = (
        f"Fresh processes, median of {arguments.repeat}. Compiled with an empty cache folder, then loaded from the full one in "
        "another process. The wheel carries its kernels compiled: this is what a source checkout or a platform without a wheel "
        f"pays, once for each variant in use. {load()}\n\n" + "\n".join(f"- {what}: {value}" for what, value in remarks)
    )
    write(
        "compile",
        "Compiling and calling kernels",
        header,
        rows,
        notes=notes,
        packages=["numba", "llvmlite"],
        raw=results | {"calls": calls, "first solve": first},
    )
    for line in [header, *rows, *remarks]:
        print(" | ".join(map(str, line)))


if __name__ == "__main__":
    main()
