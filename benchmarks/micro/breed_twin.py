"""Kernel speed: the genetic local search of the VRP beside the same loop in C++. Writes results/breed_kernel_speed.md.

    taskset -c 1 python -m benchmarks.micro.breed_twin --instances ../shared/instances/cvrp

``breed_twin.cpp`` does the work of the kernel `breed`: a child after the other, crossover, cuts, the descent with SWAP*, and
the families; how the two are held against each other is told in `twin`. A move is a change of one or two routes whose cost
is computed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.micro.search_twin import INSTANCES, problems
from benchmarks.micro.twin import Entry, Start, compare, header, options, report, twins
from optikit.kernels import control
from optikit.kernels.control import Control
from optikit.kernels.rng import Random
from optikit.routing.vrp import genetic_arrays
from optikit.routing.vrp.arrays import Instance
from optikit.routing.vrp.genetic import make_descent, make_families
from optikit.routing.vrp.genetic_arrays import PHASE, Descent, Families
from optikit.routing.vrp.instance import make_instance
from optikit.routing.vrp.kernels import breed as entry
from optikit.routing.vrp.kernels import families, phases, rings, swap_star, tour
from optikit.routing.vrp.kernels.breed import breed
from optikit.routing.vrp.kernels.phases import BRED, CONCEIVE
from optikit.routing.vrp.search import VICINITY

SOURCE = Path(__file__).with_suffix(".cpp")
NAMES = ["X-n106-k14", "X-n204-k19", "X-n308-k13", "X-n367-k17"]
DECLARED = header(
    [Instance, Descent, Families, Random, Control],
    [control, phases, genetic_arrays, rings, swap_star, tour, families, entry],
)
MEMBERS = 25
"""Of each family, as the solver has them."""


class Nursery(Start):
    """Families that grow: iterations are clients whose moves are tried."""

    def call(self, kernel: Entry) -> None:
        words = self.structures[1].words
        while kernel(*self.structures) == BRED:
            words[PHASE] = CONCEIVE


def cold_start(problem: Any) -> Nursery:
    """Two families without members."""
    instance = make_instance(problem, VICINITY)
    descent = make_descent(problem, instance)
    descent.words[PHASE] = CONCEIVE
    return Nursery((instance, descent, make_families(instance, MEMBERS), Random.seeded(1), Control.fresh()))


def main() -> None:
    parser = options(__doc__, iterations=500_000, warm=1_000_000, warming="clients")
    parser.add_argument("--instances", type=Path, default=INSTANCES, help="folder of the X instances; a random one where absent")
    asked = parser.parse_args()
    results = {}
    with twins(SOURCE, DECLARED) as (timed, counting):
        for name, problem in problems(asked.instances, NAMES).items():
            results[name] = compare(
                breed, "matrix", cold_start(problem), timed, counting, warm=asked.warm, budget=asked.iterations, repeat=asked.repeat
            )
    report(
        "breed_kernel_speed", "Kernel speed beside C++: genetic local search", results, repeat=asked.repeat,
        what="The kernel `breed` of the VRP, children and their descent with SWAP*",
        how=f"{asked.iterations:,} clients whose moves are tried, after {asked.warm:,} of warming up",
        move="a change of one or two routes whose cost is computed",
    )  # fmt: skip


if __name__ == "__main__":
    main()
