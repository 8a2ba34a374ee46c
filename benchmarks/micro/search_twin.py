"""Kernel speed: the annealing of the VRP beside the same loop in C++. Writes results/kernel_speed.md.

    taskset -c 1 python -m benchmarks.micro.search_twin --instances ../shared/instances/cvrp

``search_twin.cpp`` does the work of the kernel `advance`, ruin and recreate; how the two are held against each other is told
in `twin`. A move is a position for a client whose cost is computed.
"""

from __future__ import annotations

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
from optikit.routing.vrp import arrays
from optikit.routing.vrp.arrays import Instance, Parameters, State
from optikit.routing.vrp.instance import make_instance, variant
from optikit.routing.vrp.island import Island
from optikit.routing.vrp.kernels import phases, ruin
from optikit.routing.vrp.kernels.advance import advance
from optikit.routing.vrp.search import HGS, VICINITY

SOURCE = Path(__file__).with_suffix(".cpp")
INSTANCES = Path(__file__).parents[2] / ".." / "shared" / "instances" / "cvrp"
NAMES = ["X-n106-k14", "X-n308-k13", "X-n1001-k43"]
DECLARED = header([Instance, Parameters, State, Random, Control], [arrays, control, phases, ruin])


def cold_start(problem: Any, iterations: int, *, as_matrix: bool = True) -> tuple[str, Start]:
    """The variant of the kernel and a search that has not begun: one cycle of annealing over so many iterations.

    Without `as_matrix` arcs are computed whatever the size; with it, they are where the solver computes them too.
    """
    instance = make_instance(problem, VICINITY, None if as_matrix else 1)
    run = Run(problem, Stop(iterations=iterations), seed=1)
    island = Island(problem, HGS(first_cycles=1, first_part=1.0, annealed=1), instance, run, 0, 1)
    return variant(problem, instance), Start((instance, island.parameters, island.state, island.random, island.control))


def problems(folder: Path, names: list[str]) -> dict[str, Any]:
    """Instances of the X set where they are at hand, and a random one."""
    found = {name: ok.read(folder / f"{name}.vrp") for name in names if (folder / f"{name}.vrp").exists()}
    return found or {"random, 400 clients": random_problem(400)}


def random_problem(num_clients: int, **options: Any) -> Any:
    rng = np.random.default_rng(1)
    points = rng.integers(0, 1000, (num_clients + 1, 2))
    demand = np.concatenate(([0], rng.integers(1, 100, num_clients)))
    return ok.routing.VRP.from_coordinates(points, demand, 1000, rounding="nearest", **options)


def main() -> None:
    """Every problem with the matrix that smaller ones get, and with computed arcs."""
    parser = options(__doc__, iterations=300_000, warm=100_000, warming="iterations")
    parser.add_argument("--instances", type=Path, default=INSTANCES, help="folder of the X instances; a random one where absent")
    asked = parser.parse_args()
    warm, budget, repeat = asked.warm, asked.iterations, asked.repeat
    results = {}
    with twins(SOURCE, DECLARED) as (timed, counting):
        for name, problem in problems(asked.instances, NAMES).items():
            # One start where both agree.
            starts = dict(cold_start(problem, warm + budget, as_matrix=as_matrix) for as_matrix in (True, False))
            for kind, start in starts.items():
                results[f"{name}, {kind}"] = compare(advance, kind, start, timed, counting, warm=warm, budget=budget, repeat=repeat)
    report(
        "kernel_speed", "Kernel speed beside C++: ruin and recreate", results, repeat=repeat,
        what="The kernel `advance` of the VRP, annealing",
        how=f"{budget:,} iterations of ruin and recreate after {warm:,} of warming up",
        move="a position for a client whose cost is computed",
    )  # fmt: skip


if __name__ == "__main__":
    main()
