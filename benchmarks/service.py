"""What a service sees: cold start, import time, deadlines, memory, scaling. Writes results/service.md.

python -m benchmarks.service
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
import time
from statistics import median
from typing import Any

import numpy as np

from benchmarks.table import RESULTS, write


def fresh(code: str, repeat: int = 5) -> list[float]:
    """Wall-clock seconds of ``python -c code`` in fresh processes."""
    taken = []
    for _ in range(repeat):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
        taken.append(time.perf_counter() - started)
    return taken


def random_vrp(num_clients: int, seed: int = 1) -> Any:
    import optikit as ok

    rng = np.random.default_rng(seed)
    points = rng.uniform(0, 1000, (num_clients + 1, 2))
    demand = np.concatenate(([0], rng.integers(1, 100, num_clients)))
    return ok.routing.VRP.from_coordinates(points, demand, 1000, rounding="nearest")


SOLVE = """
import time
import numpy as np
import optikit as ok
rng = np.random.default_rng(1)
vrp = ok.routing.VRP.from_coordinates(rng.uniform(0, 1000, (101, 2)), np.r_[0, rng.integers(1, 100, 100)], 1000)
ok.solve(vrp, time_limit={limit})
"""


def cold_start() -> list[list[Any]]:
    bare = median(fresh("pass", 9))
    imported = median(fresh("import optikit", 9))
    limit = 0.2
    solved = median(fresh(SOLVE.format(limit=limit)))
    return [
        ["import optikit, over bare Python", f"{1000 * (imported - bare):.0f} ms", "60 ms"],
        ["first solve of a fresh process, beyond its limit (imports included)", f"{1000 * (solved - limit):.0f} ms", "300 ms"],
    ]


def lateness(limits: list[float], sizes: list[int], hog: bool) -> float:
    """The largest lateness in seconds over limits and sizes."""
    import optikit as ok

    stop = threading.Event()

    def burn() -> None:
        while not stop.is_set():
            sum(range(1000))

    worker = threading.Thread(target=burn, daemon=True)
    if hog:
        worker.start()
    worst = 0.0
    try:
        for size in sizes:
            problem = random_vrp(size)
            for limit in limits:
                started = time.perf_counter()
                ok.solve(problem, "hgs", time_limit=limit)
                worst = max(worst, time.perf_counter() - started - limit)
    finally:
        stop.set()
    return worst


FIRST = """
import threading, time
import numpy as np
import optikit as ok
rng = np.random.default_rng(1)
points = rng.uniform(0, 1000, ({size} + 1, 2))
vrp = ok.routing.VRP.from_coordinates(points, np.r_[0, rng.integers(1, 100, {size})], 1000, rounding="nearest")

def burn():
    while True:
        sum(range(1000))

threading.Thread(target=burn, daemon=True).start()
started = time.perf_counter()
result = ok.solve(vrp, time_limit=0.1)
print(time.perf_counter() - started - 0.1, result.solution is not None)
"""


def first_beside_a_hog(sizes: list[int], repeat: int = 5) -> list[list[Any]]:
    """The very first solve of a process imports its solver, and each import lets the hog have its turn."""
    rows = []
    for size in sizes:
        runs = []
        for _ in range(repeat):
            done = subprocess.run([sys.executable, "-c", FIRST.format(size=size)], check=True, capture_output=True, text=True)
            late, found = done.stdout.split()
            runs.append((float(late), found == "True"))
        what = f"the first solve of a process beside a hog, {size:,} clients, 0.1 s: median lateness (with routes)"
        late = median(seconds for seconds, _ in runs)
        rows.append([what, f"{1000 * late:.0f} ms ({sum(found for _, found in runs)} of {repeat})", "100 ms"])
    return rows


MEMORY = """
import json, resource
import numpy as np
import optikit as ok
rng = np.random.default_rng(1)
n = 10_000
vrp = ok.routing.VRP.from_coordinates(rng.uniform(0, 1000, (n + 1, 2)), np.r_[0, rng.integers(1, 100, n)], 1000)
result = ok.solve(vrp, "hgs", time_limit=10)
print(json.dumps([resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, result.timings["total"]]))
"""


def memory() -> list[list[Any]]:
    done = subprocess.run([sys.executable, "-c", MEMORY], check=True, capture_output=True, text=True)
    mebibytes, seconds = json.loads(done.stdout)
    return [["10,000 clients from coordinates, peak memory of the process", f"{mebibytes:.0f} MiB", "1024 MiB"],
            ["the same, lateness of a limit of 10 s", f"{1000 * (seconds - 10):.0f} ms", ""]]  # fmt: skip


SCALING = "iterations with n_jobs=2 over n_jobs=1"


def scaling(seconds: float = 10.0) -> list[list[Any]]:
    """Children are bred among 200 clients; 500 are annealed alone."""
    import optikit as ok

    rows = []
    for size in (200, 500):
        problem = random_vrp(size)
        counts = {jobs: ok.solve(problem, "hgs", time_limit=seconds, n_jobs=jobs).iterations for jobs in (1, 2)}
        rows.append([f"{SCALING}, {size} clients", f"{counts[2] / counts[1]:.2f}", "1.8"])
    return rows


def scaling_before() -> list[list[Any]]:
    """These rows of the table that is there."""
    table = RESULTS / "service.json"
    rows = json.loads(table.read_text("utf-8"))["rows"] if table.exists() else []
    return [row for row in rows if row[0].startswith(SCALING)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true", help="limits up to 30 s")
    parser.add_argument("--one-core", action="store_true", help="scaling stays as it was measured before")
    arguments = parser.parse_args()
    limits = [0.1, 0.3, 1.0, 3.0] + ([10.0, 30.0] if arguments.long else [])
    sizes = [10, 100, 300, 1000]
    rows = cold_start()
    rows.append(
        [
            f"largest lateness, 10 to 1,000 clients, limits {limits[0]} to {limits[-1]:.0f} s",
            f"{1000 * lateness(limits, sizes, False):.0f} ms",
            "50 ms",
        ]
    )
    rows.append(
        [
            f"the same with a thread that hogs the GIL, limits {limits[0]} to {limits[2]:.0f} s",
            f"{1000 * lateness(limits[:3], sizes, True):.0f} ms",
            "100 ms",
        ]
    )
    rows += first_beside_a_hog([100, 1000])
    rows += memory()
    notes = ""
    if arguments.one_core:
        rows += scaling_before()
        notes = f'Rows of "{SCALING}" are from an earlier run, on two cores.'
    else:
        rows += scaling()
    write("service", "Cold start, deadlines, memory, scaling", ["what", "measured", "bar"], rows, notes=notes)


if __name__ == "__main__":
    main()
