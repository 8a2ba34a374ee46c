"""Kernel speed: the compiled search of the TSP beside the same loop in C++. Writes results/tour_kernel_speed.md.

    taskset -c 1 python -m benchmarks.micro.tour_twin

``tour_twin.cpp`` does the work of the kernel `advance`, iterated Lin-Kernighan, statement by statement; how the two are held
against each other is told in `twin`. A move is an exchange of two or three edges whose gain is computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import optikit as ok
from benchmarks.micro.twin import Start, compare, header, options, report, twins
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
DECLARED = header([Instance, Parameters, State, Random, Control], [arrays, control, exchange, kick, entry])


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
    return nodes.variant, Start((nodes.instance, island.parameters, island.state, island.random, island.control))


def main() -> None:
    parser = options(__doc__, iterations=100_000, warm=20_000, warming="kicks")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000])
    asked = parser.parse_args()
    makers.COMPUTED_NODES["planar"] = 0  # coordinates are computed with, as from some hundreds of cities on
    results = {}
    with twins(SOURCE, DECLARED) as (timed, counting):
        for name, problem in problems(*asked.sizes):
            kind, start = cold_start(problem)
            results[name] = compare(
                advance, kind, start, timed, counting, warm=asked.warm, budget=asked.iterations, repeat=asked.repeat
            )
    report(
        "tour_kernel_speed", "Kernel speed of the TSP beside C++", results, repeat=asked.repeat,
        what="The kernel `advance` of the TSP, iterated Lin-Kernighan",
        how=f"{asked.iterations:,} kicks after a descent and {asked.warm:,} kicks of warming up",
        move="an exchange whose gain is computed",
    )  # fmt: skip


if __name__ == "__main__":
    main()
