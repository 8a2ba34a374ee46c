"""What a suite costs beyond its runs: wall clock against runs of a known time, in SQLite and, where a URL is given, PostgreSQL.

    python -m benchmarks.micro.bench_overhead                        # 1,000 runs of 1 s, two at a time: some nine minutes
    python -m benchmarks.micro.bench_overhead --quick                # shorter runs alone: what a run costs in milliseconds

The solver waits until its time is up and reports an improvement fifty times meanwhile, so that traces are as long as those of a
search; the problem has 100 clients. The overhead is the wall clock of `Suite.run`, from the call to the return, times the runs
at once, less the time that the solver was given in all: set-up, workers, claims, results and idling are all in it. A second
table says how long a store of 10,000 runs takes to be filled and read, and a report on them to be made.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

import optikit as ok
from benchmarks.table import load, write
from optikit.bench import Runs, Store, Suite
from optikit.core.run import Outcome, Run

POINTS = 50


@dataclass(frozen=True)
class Waiting(ok.Solver):
    """One client a route; takes a known time."""

    name: ClassVar[str] = "waiting"
    solves: ClassVar[type[ok.Problem]] = ok.routing.VRP
    capabilities: ClassVar[ok.Capabilities] = ok.Capabilities(anytime=True, seeded=True)
    seconds: float = 1.0

    def _run(self, problem: Any, run: Run) -> Outcome:
        solution = ok.routing.Routes.of([[client] for client in range(problem.num_clients)])
        objective = problem.evaluate(solution)
        for point in range(1, POINTS + 1):
            time.sleep(max(0.0, run.started + self.seconds * point / POINTS - time.monotonic()))
            run.iterations += 1
            run.improve(objective * (1 + 0.001 * (POINTS - point)), lambda: solution)
        return Outcome(ok.StopReason.ITERATIONS, solution)


def instances(count: int) -> dict[str, Any]:
    rng = np.random.default_rng(1)
    make = ok.routing.VRP.from_coordinates
    return {f"random-{k}": make(rng.integers(0, 1000, (101, 2)), [0, *rng.integers(1, 9, 100)], 50) for k in range(count)}


def overhead(store: str, runs: int, seconds: float, n_jobs: int) -> dict[str, Any]:
    """One suite of so many runs: wall clock, and what it has cost beyond the runs."""
    # The version is named, so that a source that somebody edits meanwhile does not make all runs new.
    solvers = {"waiting": {"solver": Waiting(seconds), "code": "1"}}
    suite = Suite(instances(20), solvers, seeds=runs // 20, time_limit=600, name=f"{runs} x {seconds} s")
    began = time.perf_counter()
    done = suite.run(store, n_jobs)
    wall = time.perf_counter() - began
    frame = done.to_frame()
    assert len(frame) == runs
    assert set(frame["status"]) == {"feasible"}
    began = time.perf_counter()
    suite.run(store, n_jobs)
    again = time.perf_counter() - began
    beyond = wall * n_jobs - seconds * runs
    return {
        "store": store.partition(":")[0],
        "runs": runs,
        "seconds each": seconds,
        "at once": n_jobs,
        "wall clock, s": wall,
        "beyond, %": 100 * beyond / (seconds * runs),
        "beyond, ms/run": 1000 * beyond / runs,
        "of these in the solves, ms/run": 1000 * float(frame["seconds"].mean() - seconds),
        "nothing left to do, s": again,
    }


def large(store: str, runs: int) -> dict[str, Any]:
    """A store with many runs of a trace each: seconds to register them, to write them one by one, and to read them."""
    suite = Suite(instances(20), {"a": Waiting(1.0), "b": Waiting(2.0)}, seeds=runs // 40, time_limit=600, name=f"{runs} runs")
    began = time.perf_counter()
    plan = suite.plan()
    planned = time.perf_counter() - began
    database = Store(store)
    began = time.perf_counter()
    database.register(plan)
    registered = time.perf_counter() - began
    record, rng = one_record(plan.tasks[0]), np.random.default_rng(1)
    records = [record | {"run_id": task.run_id} | worse(record, rng.exponential(0.01)) for task in plan.tasks]
    began = time.perf_counter()
    for each in records:
        database.finish([each])
    written = time.perf_counter() - began
    read = Runs.of_plan(database, plan)
    began = time.perf_counter()
    assert len(read.to_frame()) == runs
    frame = time.perf_counter() - began
    began = time.perf_counter()
    assert len(read.traces()) == runs * POINTS
    traces = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as folder:
        began, cpu = time.perf_counter(), time.process_time()
        read.report(Path(folder, "report.html"))
        report, cpu = time.perf_counter() - began, time.process_time() - cpu
    return {
        "store": store.partition(":")[0],
        "runs": runs,
        "plan, s": planned,
        "register, s": registered,
        "write, ms/run": 1000 * written / runs,
        "to_frame, s": frame,
        "traces, s": traces,
        "report, s": report,
        "report, CPU s": cpu,
        "MiB": Path(store.removeprefix("sqlite:///")).stat().st_size / 2**20 if store.startswith("sqlite") else "",
    }


def worse(record: dict[str, Any], share: float) -> dict[str, Any]:
    """What differs in a record whose solutions all cost so much more: reports on runs that are all alike have less to do."""
    trace = [[seconds, count, objective * (1 + share), *rest] for seconds, count, objective, *rest in json.loads(record["trace"])]
    return {"objective": record["objective"] * (1 + share), "trace": json.dumps(trace)}


def one_record(task: Any) -> dict[str, Any]:
    from dataclasses import replace

    from optikit.bench.execute import execute

    return execute(replace(task, solver=Waiting(0.05)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="leave the runs of one second out, and write no table")
    parser.add_argument("--n-jobs", type=int, default=2)
    parser.add_argument("--postgresql", help="URL of an empty database")
    parser.add_argument("--large", type=int, default=10_000, help="runs in the large store")
    arguments = parser.parse_args()
    sizes = [] if arguments.quick else [(1000, 1.0)]
    sizes += [(1000, 0.1)]
    rows, stores = [], []
    with tempfile.TemporaryDirectory() as folder:
        for kind, url in (("sqlite", f"sqlite:///{folder}/runs.db"), ("postgresql", arguments.postgresql)):
            if not url:
                continue
            for runs, seconds in sizes:
                rows.append(overhead(url, runs, seconds, arguments.n_jobs))
                sys.stderr.write(f"{kind}: {rows[-1]}\n")
            stores.append(large(url.replace("runs.db", "large.db"), arguments.large))
            sys.stderr.write(f"{kind}: {stores[-1]}\n")
    if arguments.quick:
        return
    notes = f"Wall clock of `Suite.run` times the runs at once, less the time that the solver was given. {load()}"
    found = [list(row.values()) for row in rows]
    packages = ["joblib", "sqlalchemy", "psycopg", "pandas"]
    write("bench_overhead", "What a suite costs beyond its runs", list(rows[0]), found, notes=notes, packages=packages, raw=rows)
    found = [list(row.values()) for row in stores]
    notes = f"Traces of {POINTS} improvements; each run is written in a transaction of its own. The report is in HTML. {load()}"
    write("bench_store", "A store of many runs", list(stores[0]), found, notes=notes, packages=packages, raw=stores)


if __name__ == "__main__":
    main()
