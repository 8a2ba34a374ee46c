"""Linear assignment: dense and sparse matrices, and many small ones, beside scipy, lapx and OR-Tools.

    python -m benchmarks.suites.lap
    python -m benchmarks.suites.lap --dense 200 500 1000 --only dense

One thread; CPU seconds of the process, the least of several runs that take turns, kernels compiled before. Every answer is compared
with the first: one that costs more ends the run. A peer that would take more than `--patience` seconds, by the cube of its time at
the size before, is left out.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linear_sum_assignment as scipy_dense
from scipy.sparse.csgraph import min_weight_full_bipartite_matching as scipy_sparse

from benchmarks.table import write
from optikit.assignment import linear_sum_assignment, linear_sum_assignment_batch, min_weight_full_bipartite_matching

Solve = Callable[[Any], tuple[float, float]]
"""Seconds and sum of costs."""


def uniform(g: np.random.Generator, n: int) -> np.ndarray:
    return g.random((n, n))


def ints(g: np.random.Generator, n: int, most: int) -> np.ndarray:
    return g.integers(1, most + 1, (n, n)).astype(np.float64)


def geometric(g: np.random.Generator, n: int) -> np.ndarray:
    a, b = g.random((n, 1, 2)), g.random((1, n, 2))
    return np.hypot(a[..., 0] - b[..., 0], a[..., 1] - b[..., 1])


def product(g: np.random.Generator, n: int) -> np.ndarray:
    return np.outer(g.integers(1, n, n), g.integers(1, n, n)).astype(np.float64)


KINDS = {
    "uniform": uniform,
    "ints 1..100": lambda g, n: ints(g, n, 100),
    "ints 1..1,000": lambda g, n: ints(g, n, 1_000),
    "ints 1..n": lambda g, n: ints(g, n, n),
    "geometric": geometric,
    "geometric, rounded": lambda g, n: np.rint(100 * geometric(g, n)),
    "product": product,
}
SPARSE = [(2_000, 20), (10_000, 20), (50_000, 10)]


def graph(n: int, k: int, whole: bool, seed: int) -> sp.csr_array:
    """About k entries a row, one of them of a permutation, so that there is a matching."""
    g = np.random.default_rng(seed)
    rows, columns = np.repeat(np.arange(n), k), g.integers(0, n, n * k)
    columns[::k] = g.permutation(n)
    pairs = np.unique(rows * n + columns)
    costs = g.integers(1, 1000, len(pairs)) if whole else g.random(len(pairs)) + 1e-9
    return sp.csr_array((costs, (pairs // n, pairs % n)), shape=(n, n))


def with_function(function: Callable[[Any], tuple[np.ndarray, np.ndarray]]) -> Solve:
    def solve(costs: Any) -> tuple[float, float]:
        started = time.process_time()
        pairs = function(costs)
        seconds = time.process_time() - started
        return seconds, float(costs[pairs].sum())

    return solve


def lapx(costs: np.ndarray) -> tuple[float, float]:
    import lap

    started = time.process_time()
    found = lap.lapjv(costs)
    return time.process_time() - started, float(found[0])


def ortools(costs: sp.csr_array) -> tuple[float, float]:
    """Its arcs are added within the time: so are ours."""
    from ortools.graph.python.linear_sum_assignment import SimpleLinearSumAssignment

    entries = costs.tocoo()
    started = time.process_time()
    solver = SimpleLinearSumAssignment()
    solver.add_arcs_with_cost(*(part.astype(np.int32) for part in entries.coords), entries.data.astype(np.int64))
    solver.solve()
    return time.process_time() - started, float(solver.optimal_cost())


def compare(solvers: dict[str, Solve], costs: Any, rounds: int) -> dict[str, float]:
    """The least seconds of each, in turns."""
    seconds = dict.fromkeys(solvers, float("inf"))
    best = None
    for _ in range(rounds):
        for name, solve in solvers.items():
            taken, total = solve(costs)
            seconds[name] = min(seconds[name], taken)
            best = total if best is None else best
            if abs(total - best) > 1e-9 * abs(best):
                raise AssertionError(f"{name} found {total}, another {best}")
    return seconds


def dense(sizes: list[int], patience: float) -> None:
    rows: list[list[Any]] = []
    for kind, make in KINDS.items():
        last: dict[str, tuple[int, float]] = {}
        for n in sizes:
            costs = make(np.random.default_rng(n), n)
            peers: dict[str, Solve] = {"scipy": with_function(scipy_dense), "lapx": lapx}
            expected = {name: last[name][1] * (n / last[name][0]) ** 3 for name in peers if name in last}
            peers = {name: solve for name, solve in peers.items() if expected.get(name, 0.0) <= patience}
            rounds = 15 if n <= 500 else 3 if n <= 1000 else 1
            seconds = compare({"optikit": with_function(linear_sum_assignment), **peers}, costs, rounds)
            last |= {name: (n, taken) for name, taken in seconds.items()}
            best = min((seconds[name] for name in peers), default=None)
            cells = [f"{1e3 * seconds[name]:,.2f}" if name in seconds else "" for name in ("optikit", "scipy", "lapx")]
            rows.append([kind, n, *cells, "" if best is None else f"{best / seconds['optikit']:.1f}"])
            print(*rows[-1], flush=True)
    write(
        "lap_dense",
        "Linear assignment, dense",
        ["costs", "n", "optikit ms", "scipy ms", "lapx ms", "better peer / optikit"],
        rows,
        notes=f"CPU milliseconds on one thread, sums compared. Empty: more than {patience:.0f} s expected.",
        packages=["scipy", "lapx"],
        raw=rows,
    )


def sparse(rounds: int) -> None:
    rows: list[list[Any]] = []
    for n, k in SPARSE:
        for whole in (True, False):
            costs = graph(n, k, whole, n)
            solvers = {"optikit": with_function(min_weight_full_bipartite_matching)} | ({"ortools": ortools} if whole else {})
            if n <= 10_000:
                solvers["scipy"] = with_function(scipy_sparse)
            seconds = compare(solvers, costs, rounds)
            cells = [f"{1e3 * seconds[name]:,.1f}" if name in seconds else "" for name in ("optikit", "ortools", "scipy")]
            rows.append([f"{n:,} x {k}", "ints 1..999" if whole else "floats", *cells])
            print(*rows[-1], flush=True)
    write(
        "lap_sparse",
        "Linear assignment, sparse",
        ["rows x entries a row", "costs", "optikit ms", "OR-Tools ms", "scipy ms"],
        rows,
        notes="CPU milliseconds on one thread, sums compared. OR-Tools takes ints only; scipy was left out above 10,000 rows.",
        packages=["scipy", "ortools"],
        raw=rows,
    )


def batch(rounds: int) -> None:
    """By the processor's seconds; two threads by the clock, for which both cores must be free for some milliseconds.

    So they run often, and scipy's loop in ten pieces as short as that, of which each may find its best time.
    """
    rows: list[list[Any]] = []
    for name, costs in (
        ("10,000 of 10 x 10, floats", np.random.default_rng(0).random((10_000, 10, 10))),
        ("10,000 of 10 x 10, ints", np.random.default_rng(1).integers(1, 101, (10_000, 10, 10))),
        ("2,000 of 30 x 30, floats", np.random.default_rng(2).random((2_000, 30, 30))),
    ):
        ways: dict[str, tuple[Callable[[Any], Any], list[Any], int]] = {
            "one": (linear_sum_assignment_batch, [costs], 3),
            "two": (lambda costs: linear_sum_assignment_batch(costs, n_jobs=2), [costs], 30),
            "scipy": (lambda costs: [scipy_dense(matrix)[1] for matrix in costs], np.array_split(costs, 10), 1),
        }
        seconds = {way: np.full(len(pieces), np.inf) for way, (_, pieces, _) in ways.items()}
        clock = {way: np.full(len(pieces), np.inf) for way, (_, pieces, _) in ways.items()}
        sums = set()
        for _ in range(rounds):
            for way, (solve, pieces, times) in ways.items():
                for _ in range(times):
                    total = 0.0
                    for k, piece in enumerate(pieces):
                        began, started = time.perf_counter(), time.process_time()
                        found = solve(piece)
                        seconds[way][k] = min(seconds[way][k], time.process_time() - started)
                        clock[way][k] = min(clock[way][k], time.perf_counter() - began)
                        total += float(np.take_along_axis(piece, np.asarray(found)[..., None], axis=2).sum())
                    sums.add(round(total, 6))
        if len(sums) != 1:
            raise AssertionError(f"{name}: sums {sums}")
        each = {way: 1e6 * taken.sum() / len(costs) for way, taken in seconds.items()}
        ratios = [f"{each['scipy'] / each['one']:.1f}", f"{clock['scipy'].sum() / clock['two'].sum():.1f}"]
        rows.append([name, f"{each['one']:.2f}", f"{each['scipy']:.2f}", *ratios])
        print(*rows[-1], flush=True)
    write(
        "lap_batch",
        "Linear assignment, many small matrices",
        ["matrices", "optikit us each", "scipy in a loop, us each", "ratio", "ratio with two threads, by the clock"],
        rows,
        notes="CPU microseconds for each matrix, sums compared. The last column depends on whether two cores are free.",
        packages=["scipy"],
        raw=rows,
    )


def ready() -> None:
    """Have the kernels compiled."""
    for costs in (np.ones((200, 200)), np.ones((200, 200), np.int64)):
        linear_sum_assignment(costs)
        linear_sum_assignment_batch(costs[None, :3, :3])
        min_weight_full_bipartite_matching(sp.csr_array(costs))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dense", nargs="+", type=int, default=[200, 300, 500, 1000, 2000, 5000], help="sizes, ascending")
    parser.add_argument("--patience", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--only", choices=["dense", "sparse", "batch"])
    arguments = parser.parse_args()
    ready()
    if arguments.only in (None, "batch"):
        batch(arguments.rounds)
    if arguments.only in (None, "sparse"):
        sparse(arguments.rounds)
    if arguments.only in (None, "dense"):
        dense(arguments.dense, arguments.patience)


if __name__ == "__main__":
    main()
