"""Kernel speed: the compiled search of the TSP beside the same loop in C++. Writes results/tour_kernel_speed.md.

    taskset -c 1 python -m benchmarks.micro.tour_twin

``tour_twin.cpp`` does the work of the kernel `advance`, iterated Lin-Kernighan, statement by statement; how the two are held
against each other is told in `search_twin`. A move is an exchange of two or three edges whose gain is computed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import optikit as ok
from benchmarks.micro.search_twin import BUILDS, Start, compare, header, rows, twins
from benchmarks.table import write
from optikit import Stop
from optikit.core.run import Run
from optikit.kernels import control
from optikit.kernels.control import Control
from optikit.kernels.rng import Random
from optikit.routing.tsp import arrays
from optikit.routing.tsp import instance as makers
from optikit.routing.tsp.arrays import Instance, Parameters, State
from optikit.routing.tsp.descent import Descent
from optikit.routing.tsp.instance import make_nodes
from optikit.routing.tsp.kernels import advance as entry
from optikit.routing.tsp.kernels import exchange, kick
from optikit.routing.tsp.kernels.advance import advance
from optikit.routing.tsp.search import LinKernighan

SOURCE = Path(__file__).with_suffix(".cpp")


def declarations() -> str:
    """What `tour_twin.cpp` includes."""
    return header([Instance, Parameters, State, Random, Control], [arrays, control, exchange, kick, entry])


def problems(*sizes: int) -> Iterator[tuple[str, Any]]:
    """Uniform cities; few of them as a matrix too, and with distances that differ by direction."""
    for size in sizes:
        rng = np.random.default_rng(1)
        points = rng.integers(0, 10_000, (size, 2))
        yield f"{size:,} cities", ok.routing.TSP.from_coordinates(points, rounding="nearest")
        if size <= 1_000:
            straight = ok.routing.TSP.from_coordinates(points, rounding="nearest").network.matrix()
            yield f"{size:,} cities in a matrix", ok.routing.TSP.from_matrix(straight)
            yield f"{size:,} cities, asymmetric", ok.routing.TSP.from_matrix(straight + rng.integers(0, 1_000, straight.shape))


def cold_start(problem: Any) -> tuple[str, Start]:
    """The variant of the kernel, and a greedy tour before its descent."""
    solver = LinKernighan()
    nodes = make_nodes(problem, solver.neighbours)
    island = Descent(nodes, solver._parameters(nodes), Run(problem, Stop(iterations=1), seed=1), 0)
    return nodes.variant, Start(nodes.instance, island.parameters, island.state, island.random, island.control)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--iterations", type=int, default=100_000)
    parser.add_argument("--warm", type=int, default=20_000, help="kicks before the clock starts")
    parser.add_argument("--repeat", type=int, default=11)
    arguments = parser.parse_args()
    makers.COMPUTED_NODES["planar"] = 0  # coordinates are computed with, as from some hundreds of cities on
    results = {}
    with twins(SOURCE, declarations) as (timed, counting):
        for name, problem in problems(*arguments.sizes):
            kind, start = cold_start(problem)
            results[name] = compare(
                kind, start, timed, counting,
                warm=arguments.warm, budget=arguments.iterations, repeat=arguments.repeat, kernel=advance,
            )  # fmt: skip
    columns = ["million moves/s: optikit"] + [text for build in BUILDS for text in (f"C++ {build}", "ratio")]
    header_row, table = ["instance", "moves per iteration", *columns], rows(results)
    notes = (
        f"The kernel `advance` (iterated Lin-Kernighan) beside an equal C++ program, from the same state through "
        f"{arguments.iterations:,} kicks after a descent and {arguments.warm:,} kicks of warming up, to the same final state bit "
        f"for bit. Median of {arguments.repeat} runs in turn, CPU seconds. A move is an exchange whose gain is computed; the ratio "
        "is optikit's rate over that of C++, in brackets the quartiles over single runs. The bar is 0.8."
    )
    write(
        "tour_kernel_speed", "Kernel speed of the TSP beside C++", header_row, table,
        notes=notes, packages=["numba", "llvmlite"], raw=results,
    )  # fmt: skip
    for line in [header_row, *table]:
        print(" | ".join(map(str, line)))


if __name__ == "__main__":
    main()
