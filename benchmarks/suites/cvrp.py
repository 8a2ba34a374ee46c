"""CVRP quality: optikit, PyVRP and HGS-CVRP side by side, gap to the best known value after a wall-clock limit.

    python -m benchmarks.suites.cvrp --instances ../shared/instances --seconds 30 --seeds 1 2 3

Each run has a core to itself: with ``--n-jobs 1`` two runs go at once on a machine of two cores (always of different
solvers on the same instance, so that noise hits both sides), otherwise one. Answers are re-checked and re-costed by
optikit's checker, whoever found them. The instances on which parameters were chosen are told apart from the others.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from benchmarks.table import RESULTS, write

TUNED_ON = ["n106", "n139", "n190", "n233", "n308", "n367", "n459", "n599", "n749", "n1001"]
"""Instances on which parameters were chosen; the others had not been looked at before the report."""

SOLVERS = ["optikit", "optikit-2", "pyvrp", "hgs-cvrp"]


def read(path: Path) -> Any:
    import optikit as ok

    return ok.read(path)


def solve_optikit(path: Path, seconds: float, seed: int, n_jobs: int) -> list[list[int]]:
    import optikit as ok

    result = ok.solve(read(path), time_limit=seconds, seed=seed, n_jobs=n_jobs)
    return [list(visits) for visits in result.solution.visits]


def solve_pyvrp(path: Path, seconds: float, seed: int) -> list[list[int]]:
    import pyvrp
    from pyvrp.stop import MaxRuntime

    data = pyvrp.read(path, round_func="round")
    result = pyvrp.solve(data, stop=MaxRuntime(seconds), seed=seed, display=False)
    return [[visit - data.num_depots for visit in _visits(route)] for route in result.best.routes()]


def _visits(route: Any) -> list[int]:
    """PyVRP 0.14 lists activities, earlier versions client numbers counted after the depots."""
    visits = []
    for item in route.visits() if hasattr(route, "visits") else route:
        if isinstance(item, int | np.integer):
            visits.append(int(item))
        elif item.is_client():
            visits.append(int(item.idx) + 1)
    return visits


def solve_hgs(path: Path, seconds: float, seed: int) -> list[list[int]]:
    import hygese

    problem = read(path)
    size = len(problem.network)
    data = {
        "distance_matrix": problem.network.matrix(),
        "demands": np.concatenate(([0], problem.demand.ravel())),
        "vehicle_capacity": problem.capacity,
        "service_times": np.zeros(size),
        "num_vehicles": size,
        "depot": 0,
    }
    parameters = hygese.AlgorithmParameters(timeLimit=seconds, seed=seed)
    answer = hygese.Solver(parameters=parameters, verbose=False).solve_cvrp(data, rounding=True)
    return [[int(node) - 1 for node in route] for route in answer.routes]


def one(solver: str, path: str, seconds: float, seed: int) -> dict[str, Any]:
    """In a process of its own: solve, re-check, re-cost."""
    import optikit as ok

    place = Path(path)
    started = time.perf_counter()
    match solver:
        case "optikit":
            visits = solve_optikit(place, seconds, seed, 1)
        case "optikit-2":
            visits = solve_optikit(place, seconds, seed, 2)
        case "pyvrp":
            visits = solve_pyvrp(place, seconds, seed)
        case "hgs-cvrp":
            visits = solve_hgs(place, seconds, seed)
        case _:
            raise ValueError(solver)
    taken = time.perf_counter() - started
    problem = read(place)
    solution = ok.routing.Routes.of([route for route in visits if route])
    report = problem.check(solution)
    if not report:
        raise AssertionError(f"{solver} on {place.stem}: {report}")
    return {"solver": solver, "instance": place.stem, "seed": seed, "objective": problem.evaluate(solution), "seconds": taken}


def in_a_process(core: int | None, solver: str, path: Path, seconds: float, seed: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.suites.cvrp", "--one", solver, str(path), str(seconds), str(seed)]
    if core is not None:
        command = ["taskset", "-c", str(core), *command]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{solver} on {path.stem}: {done.stderr[-2000:]}")
    record: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return record


def best_known(folder: Path) -> dict[str, float]:
    with (folder / "best_known.csv").open(encoding="utf-8") as file:
        return {row["instance"]: float(row["best_known"]) for row in csv.DictReader(file) if row["family"] == "cvrp"}


def bootstrap(differences: list[float], draws: int = 10_000) -> tuple[float, float]:
    """95 % percentile interval of the mean."""
    from scipy.stats import bootstrap as scipy_bootstrap

    if len(set(differences)) < 2:
        return differences[0], differences[0]
    interval = scipy_bootstrap((np.array(differences),), np.mean, n_resamples=draws, method="percentile", rng=0).confidence_interval
    return float(interval.low), float(interval.high)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one", nargs=4, metavar=("SOLVER", "PATH", "SECONDS", "SEED"))
    parser.add_argument("--instances", type=Path, default=Path("../shared/instances"))
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--solvers", nargs="+", default=SOLVERS)
    parser.add_argument("--only", nargs="+", help="parts of instance names")
    parser.add_argument("--cores", type=int, default=2)
    arguments = parser.parse_args()
    if arguments.one:
        solver, path, seconds, seed = arguments.one
        sys.stdout.write(json.dumps(one(solver, path, float(seconds), int(seed))) + "\n")
        return
    known = best_known(arguments.instances)
    paths = sorted((arguments.instances / "cvrp").glob("*.vrp"), key=lambda p: int(p.stem.split("-")[1][1:]))
    if arguments.only:
        paths = [p for p in paths if any(part in p.stem.split("-") for part in arguments.only)]
    store = RESULTS / "cvrp_runs.jsonl"
    RESULTS.mkdir(exist_ok=True)
    records = [json.loads(line) for line in store.read_text("utf-8").splitlines()] if store.exists() else []
    done = {(r["solver"], r["instance"], r["seed"], r["limit"]) for r in records}
    for seed in arguments.seeds:
        for path in paths:
            wanted = [s for s in arguments.solvers if (s, path.stem, seed, arguments.seconds) not in done]
            single = [s for s in wanted if not s.endswith("-2")]
            with ThreadPoolExecutor(arguments.cores) as pool:
                jobs = [
                    pool.submit(in_a_process, k % arguments.cores, s, path, arguments.seconds, seed) for k, s in enumerate(single)
                ]
                fresh = [job.result() for job in jobs]
            fresh += [in_a_process(None, s, path, arguments.seconds, seed) for s in wanted if s.endswith("-2")]
            with store.open("a", encoding="utf-8") as file:
                for record in fresh:
                    record |= {"limit": arguments.seconds, "gap": 100 * (record["objective"] / known[path.stem] - 1)}
                    records.append(record)
                    file.write(json.dumps(record) + "\n")
    report([r for r in records if r["limit"] == arguments.seconds], arguments)


def report(records: list[dict[str, Any]], arguments: argparse.Namespace) -> None:
    """Mean gaps by instance, and the paired differences between optikit and each peer."""
    solvers = [s for s in arguments.solvers if any(r["solver"] == s for r in records)]
    gap: dict[tuple[str, str], float] = {}
    names = list(dict.fromkeys(r["instance"] for r in records))
    for solver in solvers:
        for name in names:
            gaps = [r["gap"] for r in records if (r["solver"], r["instance"]) == (solver, name)]
            if gaps:
                gap[solver, name] = mean(gaps)
    rows: list[list[Any]] = [[name, *(f"{gap[s, name]:.2f}" if (s, name) in gap else "" for s in solvers)] for name in names]
    for label, group in (
        ("mean, parameters chosen here", [n for n in names if n.split("-")[1] in TUNED_ON]),
        ("mean, not looked at before", [n for n in names if n.split("-")[1] not in TUNED_ON]),
        ("mean of all", names),
    ):
        cells = []
        for s in solvers:
            values = [gap[s, n] for n in group if (s, n) in gap]
            cells.append(f"**{mean(values):.2f}**" if values else "")
        rows.append([label, *cells])
    notes = [
        f"Gap to the best known value in per cent, {arguments.seconds:.0f} s wall clock, mean over seeds {arguments.seeds}; "
        "optikit-2 has n_jobs=2."
    ]
    for ours in ("optikit", "optikit-2"):
        for peer in ("pyvrp", "hgs-cvrp"):
            paired = [gap[ours, n] - gap[peer, n] for n in names if (ours, n) in gap and (peer, n) in gap]
            if paired:
                low, high = bootstrap(paired)
                notes.append(f"{ours} - {peer}: {mean(paired):+.2f} points, 95 % bootstrap interval [{low:+.2f}, {high:+.2f}].")
    write(
        f"cvrp_{arguments.seconds:.0f}s",
        "CVRP: gap to the best known value",
        ["instance", *solvers],
        rows,
        notes="  \n".join(notes),
        packages=["pyvrp", "hygese"],
        raw=records,
    )


if __name__ == "__main__":
    main()
