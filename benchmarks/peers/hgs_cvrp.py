"""HGS-CVRP (Vidal 2022), through its Python package hygese."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from benchmarks.peers import BUDGET, answered, seconds_left
from optikit import Capabilities, Problem, Solver
from optikit.core.run import Outcome, Run
from optikit.routing import VRP, Routes
from optikit.routing.vrp.loads import fleet, load_ticks


@dataclass(frozen=True)
class HGSCVRP(Solver):
    """HGS-CVRP with its default parameters, from the matrix of distances and, for its SWAP* sectors, the coordinates.

    Its clock counts the seconds of the processor. It has no trace.

    References
    ----------
    T. Vidal, "Hybrid genetic search for the CVRP: open-source implementation and SWAP* neighborhood", Computers & Operations
    Research 140, 2022.
    """

    name: ClassVar[str] = "hgs-cvrp"
    solves: ClassVar[type[Problem]] = VRP
    capabilities: ClassVar[Capabilities] = Capabilities(
        seeded=True, deterministic=False, stops=BUDGET, late=5.0, requires=("hygese",), extra="peers"
    )

    def _unsupported(self, problem: VRP) -> str | None:
        return None if problem.num_clients > 1 else "HGS-CVRP needs two clients at least"

    def _run(self, problem: VRP, run: Run) -> Outcome:
        import hygese

        demand, capacity = load_ticks(problem)
        points = getattr(problem.network, "coordinates", None)
        data = {
            "distance_matrix": problem.network.matrix(),
            "demands": np.concatenate(([0], demand)),
            "vehicle_capacity": int(capacity),
            "service_times": np.zeros(problem.num_clients + 1),
            "num_vehicles": fleet(problem)[1],
        }
        if points is not None:
            data |= {"x_coordinates": points[:, 0] - points[:, 0].min(), "y_coordinates": points[:, 1] - points[:, 1].min()}
        parameters = hygese.AlgorithmParameters(timeLimit=max(0.01, seconds_left(run)), seed=run.seed % 2**31)
        answer = hygese.Solver(parameters=parameters, verbose=False).solve_cvrp(data, rounding=False)
        return answered(problem, run, Routes.of([int(node) - 1 for node in route] for route in answer.routes if route))
