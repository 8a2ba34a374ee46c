"""Bounds and proofs of the travelling salesman: the ascent in five seconds, beside the relaxation with all subtours, and proofs.

    python -m benchmarks.suites.tsp_bounds --instances ../shared/instances

One thread. Seconds are CPU seconds of the process, kernels compiled before; the limit of five seconds is one of the clock. The
value of Held and Karp is that of the linear relaxation with all subtour inequalities over all edges, proved in integers.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

import optikit as ok
from benchmarks.table import write
from optikit.routing import TSP
from optikit.routing.tsp.bounds import held_karp
from optikit.routing.tsp.branch_and_cut import BranchAndCut
from optikit.routing.tsp.graph import Graph

PROVED_UP_TO = 200
"""Cities of the instances that are proved."""

RELAXED_UP_TO = 3_100
"""Cities of the instances whose relaxation is solved: it takes a matrix."""

GENERATED = [(kind, size, seed) for kind in ("uniform", "clustered") for size in (100, 200) for seed in (1, 2, 3)]


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    started = time.process_time()
    return work(), time.process_time() - started


def generated(kind: str, size: int, seed: int) -> TSP:
    """Uniform points in a square of 10,000, or normal around a tenth as many centres."""
    g = np.random.default_rng(seed)
    points = g.uniform(0, 1e4, (size, 2))
    if kind == "clustered":
        points = points[g.integers(0, size // 10, size)] + g.normal(0, 200, (size, 2))
    return TSP.from_coordinates(np.rint(points), rounding="nearest", name=f"{kind} {size}, seed {seed}")


def one(problem: TSP, optimum: float | None, seconds: float, proof: float) -> dict[str, Any]:
    """Everything about one instance."""
    record: dict[str, Any] = {"instance": problem.name, "cities": problem.num_cities}
    bound, record["bound_seconds"] = timed(lambda: held_karp(problem, seconds=seconds))
    record["bound"] = None if bound is None else bound.value
    if problem.num_cities <= RELAXED_UP_TO:
        none = np.zeros((0, 2), np.int64)
        relaxation, record["relaxation_seconds"] = timed(
            lambda: BranchAndCut(Graph.of(problem), problem.forbidden, none).bound_of_subtours()
        )
        record["relaxation"] = problem.lattice.units(relaxation)
    if problem.num_cities <= PROVED_UP_TO:
        result, record["proof_seconds"] = timed(lambda: ok.solve(problem, "exact", time_limit=proof))
        record |= {"status": result.status.value, "nodes": result.iterations}
        if result.status is ok.Status.OPTIMAL:
            if optimum is not None and result.objective != optimum:
                raise AssertionError(f"{problem.name}: proved {result.objective}, known {optimum}")
            optimum = result.objective
    record["optimum"] = optimum
    return record


def report(records: list[dict[str, Any]], seconds: float) -> None:
    rows: list[list[Any]] = []
    gaps, ratios = [], []
    for r in records:
        gap = 100 * (1 - r["bound"] / r["optimum"]) if r["bound"] is not None and r["optimum"] else None
        ratio = 100 * (1 - r["bound"] / r["relaxation"]) if r["bound"] is not None and "relaxation" in r else None
        if gap is not None and r["cities"] <= 2000:
            gaps.append(gap)
        if ratio is not None:
            ratios.append(ratio)
        proof = "" if "status" not in r else f"{r['proof_seconds']:.2f}" if r["status"] == "optimal" else f"no ({r['status']})"
        rows.append([
            r["instance"], r["cities"], "" if r["optimum"] is None else f"{r['optimum']:.0f}", f"{r.get('relaxation', '')}",
            "" if r["bound"] is None else f"{r['bound']:.0f}", "" if gap is None else f"{gap:.3f}",
            "" if ratio is None else f"{ratio:.3f}", f"{r['bound_seconds']:.2f}", proof, r.get("nodes", ""),
        ])  # fmt: skip
    rows.append(["mean, up to 2,000 cities", "", "", "", "", f"**{mean(gaps):.3f}**", f"**{mean(ratios):.3f}**", "", "", ""])
    write(
        "tsp_bounds",
        "TSP: bounds and proofs",
        ["instance", "cities", "optimum", "relaxation", "bound", "gap %", "below relaxation %", "s", "proof s", "nodes"],
        rows,
        notes=f"Bound: `held_karp` within {seconds:.0f} s. Gap: below the best known tour. Seconds are CPU seconds on one thread.",
        packages=["highspy"],
        raw=records,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=Path, default=Path("../shared/instances"))
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--proof", type=float, default=120)
    parser.add_argument("--only", nargs="+", help="names of instances")
    arguments = parser.parse_args()
    ok.warmup()
    with (arguments.instances / "best_known.csv").open(encoding="utf-8") as file:
        known = {row["instance"]: float(row["best_known"]) for row in csv.DictReader(file) if row["family"] == "tsp"}
    problems = [(ok.read(path), known.get(path.stem)) for path in (arguments.instances / "tsp").glob("*.tsp")]
    problems.sort(key=lambda pair: pair[0].num_cities)
    problems += [(generated(*parameters), None) for parameters in GENERATED]
    if arguments.only:
        problems = [pair for pair in problems if pair[0].name in arguments.only]
    report([one(problem, optimum, arguments.seconds, arguments.proof) for problem, optimum in problems], arguments.seconds)


if __name__ == "__main__":
    main()
