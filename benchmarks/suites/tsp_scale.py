"""The travelling salesman from a thousand cities to a million: what a local optimum costs, and what a minute of the clock gives.

    python -m benchmarks.suites.tsp_scale --sizes 1000 10000 100000 1000000 --seconds 60

Uniform cities in a square, one thread, each run in a process of its own. The yardstick is 0.7124 sqrt(n A), which the mean optimal
tour of n uniform cities approaches from above (Johnson, McGeoch and Rothberg, SODA 1996).
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from typing import Any

from benchmarks.table import write

CONSTANT = 0.7124


def measure(size: int, seconds: float) -> dict[str, Any]:
    """One size, in this process."""
    import optikit as ok

    problem = ok.datasets.generate("tsp/uniform", size=size, seed=1)
    ok.solve(
        ok.datasets.generate("tsp/uniform", size=2_500, seed=2), "lin_kernighan", stop=ok.Stop(iterations=1)
    )  # loads what it needs
    started, clock = time.process_time(), time.monotonic()
    local = ok.solve(problem, "lin_kernighan", stop=ok.Stop(iterations=1))
    spent = time.process_time() - started
    took = time.monotonic() - clock
    clock = time.monotonic()
    found = ok.solve(problem, time_limit=seconds)
    late = time.monotonic() - clock - seconds
    points = problem.network.coordinates
    yardstick = CONSTANT * (size * float((points.max(axis=0) - points.min(axis=0)).prod())) ** 0.5
    return {
        "cities": size,
        "local_seconds": spent,
        "local_clock": took,
        "local": local.objective / yardstick,
        "solver": found.solver,
        "found": found.objective / yardstick,
        "bound": None if found.bound is None else found.bound / yardstick,
        "late": late,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measure(arguments.one, arguments.seconds)))
        return
    rows, raw = [], []
    for size in arguments.sizes:
        command = [sys.executable, "-m", __spec__.name, "--one", str(size), "--seconds", str(arguments.seconds)]
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        raw.append(found)
        rows.append(
            [
                f"{size:,}",
                f"{found['local_seconds']:.2f}",
                f"{1e6 * found['local_seconds'] / size:.0f}",
                f"{100 * (found['local'] - 1):.1f}",
                found["solver"],
                f"{100 * (found['found'] - 1):.1f}",
                "-" if found["bound"] is None else f"{100 * (found['bound'] - 1):.1f}",
                f"{1000 * found['late']:.0f}",
                f"{found['peak_mib']:.0f}",
            ]
        )
        print(" | ".join(map(str, rows[-1])), flush=True)
    after = f"{arguments.seconds:g} s"
    write(
        "tsp_scale",
        "TSP: from a thousand cities to a million",
        [
            "cities", "local optimum, CPU s", "us a city", "above 0.7124 sqrt(n A), %", "solver", f"after {after}, %", "bound, %",
            "ms late", "peak MiB",
        ],
        rows,
        notes=f"Uniform cities, one thread; a local optimum with its first kick, then a run of {after} of the clock.",
        raw=raw,
    )  # fmt: skip


if __name__ == "__main__":
    main()
