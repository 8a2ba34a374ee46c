"""What two threads prove of shops within a limit, beside what CP-SAT with one worker proves in half of it; and a large shop.

python -m benchmarks.suites.shop_proofs --seconds 30

On two threads a search runs beside CP-SAT and they share what they find. The large job shop has 1,000 jobs on 50 machines, made as
Taillard makes his, and is solved in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from typing import Any

import optikit as ok
from benchmarks.table import load, write
from optikit import Status

JOBS, MACHINES = 1_000, 50

INSTANCES = (
    *(f"jobshop/{name}" for name in ("ft06", "ft10", "ft20", "la02", "la16", "la21", "la29", "la38", "orb03", "ta01", "ta11")),
    *(f"openshop/{name}" for name in ("ta5x5_8os", "ta7x7_3os", "ta7x7_6os", "ta10x10_10os")),
)


def proved(problem: Any, solver: str, seconds: float, n_jobs: int) -> tuple[float, float | None]:
    """The makespan that was found, and the seconds to its proof where there is one."""
    result = ok.solve(problem, solver, time_limit=seconds, seed=1, n_jobs=n_jobs)
    return result.objective, result.timings["total"] if result.status is Status.OPTIMAL else None


def large(seconds: float) -> dict[str, float]:
    """The large shop, in this process: its first makespan, the last, the bound, the seconds and the peak of memory."""
    problem = ok.datasets.generate("jobshop/taillard", jobs=JOBS, machines=MACHINES, time_seed=1, machine_seed=2)
    result = ok.solve(problem, "tabu", time_limit=seconds, seed=1)
    return {
        "first": result.trace[0].objective,
        "last": result.objective,
        "bound": result.bound,
        "seconds": result.trace[-1].seconds,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--instances", nargs="+", default=INSTANCES)
    parser.add_argument("--large", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.large:
        print(json.dumps(large(2 * arguments.seconds)))
        return
    rows: list[list[Any]] = []
    kept = total = 0
    for key in arguments.instances:
        problem = ok.datasets.load(key)
        alone, alone_seconds = proved(problem, "cpsat", arguments.seconds / 2, 1)
        both, both_seconds = proved(problem, "auto", arguments.seconds, 2)
        total += alone_seconds is not None
        kept += alone_seconds is not None and both_seconds is not None
        times = ["open" if seconds is None else f"{seconds:.1f}" for seconds in (alone_seconds, both_seconds)]
        rows.append([key, f"{alone:.0f}", times[0], f"{both:.0f}", times[1]])
    command = [sys.executable, "-m", "benchmarks.suites.shop_proofs", "--large", "--seconds", str(arguments.seconds)]
    big = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    write(
        "shop_proofs",
        "Shops: what two threads prove",
        [
            "instance",
            f"cpsat, one worker, {arguments.seconds / 2:g} s",
            "proof, s",
            f"optikit, n_jobs=2, {arguments.seconds:g} s",
            "proof, s",
        ],
        rows,
        notes=f"Of {total} that CP-SAT proves in half of the time, two threads prove {kept}.  \n"
        f"A job shop of {JOBS:,} jobs on {MACHINES} machines: {big['first']:,.0f} at first, {big['last']:,.0f} after "
        f"{big['seconds']:.1f} s (bound {big['bound']:,.0f}), one thread, peak of memory {big['peak_mib']:.0f} MiB.  \n{load()}",
        packages=("ortools",),
        raw={"proofs": rows, "large": big},
    )


if __name__ == "__main__":
    main()
