"""Iterations per second of every compiled search. Writes results/search_speed.md.

    taskset -c 1 python -m benchmarks.micro.search_speed

Two runs from one seed, the second with three times the iterations of the first: the difference leaves set-up, construction and
descent out. Seconds are those of the CPU. What an iteration is differs from search to search, so rows are compared with
themselves of another day, not with each other; beside C++ the kernels stand in `search_twin`, `breed_twin` and `tour_twin`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import optikit as ok
from benchmarks.table import write
from optikit.bench.execute import warm
from optikit.core import registry
from optikit.core.problem import Problem


@dataclass(frozen=True)
class Case:
    """A search on an instance that it does not prove within so many iterations."""

    key: str
    solver: str
    iterations: int
    changes: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.solver} on {self.key}"

    @property
    def problem(self) -> Problem:
        problem = ok.datasets.load(self.key)
        return problem.replace(**self.changes) if self.changes else problem


CASES = (
    Case("cvrp/uchoa:size=200,seed=1", "hgs", 200_000),
    Case("tsp/uniform:size=1000,seed=1", "lin_kernighan", 5_000),
    Case("tsp/uniform:size=1000,seed=1", "eax", 200),
    Case("tsp/uniform:size=1000,seed=1", "held_karp", 3_000),
    Case("atsp/amat:size=200,seed=1", "lin_kernighan", 5_000),
    Case("gap/chu_beasley:size=200,agents=20,kind=d,seed=1", "ejection_chains", 5_000),
    Case("gap/chu_beasley:size=200,agents=20,kind=d,seed=1", "lagrangean", 1_000),
    Case("qap/grid:rows=5,columns=10,seed=1", "memetic", 500_000),
    Case("qap/grid:rows=5,columns=10,seed=1", "robust_tabu", 200_000),
    Case("qap/grid:rows=5,columns=6,seed=1", "dual_ascent", 40),
    Case("jobshop/ta21", "tabu", 100_000),
    Case("jobshop/ta21", "critical_arcs", 300_000),
    Case("jobshop/ta21", "general", 15_000),
    Case("flexible-jobshop/hurink:kind=rdata,seed=1", "tabu", 100_000),
    Case("openshop/taillard:jobs=15,machines=15,time_seed=1,machine_seed=2", "tabu", 20_000),
    Case("flowshop/ta051", "iterated_greedy", 500),
    Case("flowshop/ta051", "annealing", 200_000, {"permutation": False}),
)
"""Every search that counts iterations."""


def searches(problem_class: type[Problem]) -> set[str]:
    """Solvers on the menu of a class that count iterations: those that run kernels."""
    return {entry.name for entry in registry.menu(problem_class) if "iterations" in entry.make().capabilities.stops}


def spent(case: Case, problem: Problem, iterations: int) -> tuple[float, int]:
    """CPU seconds, and iterations done."""
    began = time.process_time()
    result = ok.solve(problem, case.solver, stop=ok.Stop(iterations=iterations), seed=1)
    return time.process_time() - began, result.iterations


def rate(case: Case, problem: Problem) -> float:
    """Iterations per CPU second."""
    seconds, done = spent(case, problem, case.iterations)
    longer, more = spent(case, problem, 3 * case.iterations)
    if more <= done or longer <= seconds:
        raise SystemExit(f"{case} has nothing to do after {done} iterations: choose another instance")
    return (more - done) / (longer - seconds)


def digits(value: float) -> str:
    """Three digits, thousands apart."""
    return f"{float(f'{value:.3g}'):,.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=5)
    repeat = parser.parse_args().repeat
    rows: list[list[Any]] = []
    raw: dict[str, list[float]] = {}
    for case in CASES:
        problem = case.problem
        warm(type(problem))
        raw[str(case)] = rates = [rate(case, problem) for _ in range(repeat)]
        rows.append([case.key, case.solver, digits(median(rates)), f"{digits(min(rates))} to {digits(max(rates))}"])
    write(
        "search_speed", "Speed of every compiled search", ["instance", "search", "iterations per second", "range"], rows,
        notes=f"CPU seconds, set-up left out, median of {repeat}. What an iteration is differs from search to search.",
        packages=("numba", "llvmlite"), raw=raw,
    )  # fmt: skip


if __name__ == "__main__":
    main()
