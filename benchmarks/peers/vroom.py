"""VROOM (Coupey, Nicod and Varnier), through its Python package pyvroom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import numpy as np

from benchmarks.peers import BUDGET, answered, seconds_left
from optikit import Capabilities, Problem, Solver
from optikit.core.run import Outcome, Run
from optikit.inputs.ranges import parameter
from optikit.routing import VRP, Routes
from optikit.routing.vrp.formulations.ortools import num_vehicles
from optikit.routing.vrp.loads import load_ticks

LIMIT = 2**30
"""VROOM counts in 32 bits: the sum of a solution's arcs stays below this."""


@dataclass(frozen=True)
class Vroom(Solver):
    """VROOM at its highest exploration level. It ends by itself, has no seed and no trace.

    Parameters
    ----------
    exploration : int
        0 to 5: how many starts, and how long each is improved.
    """

    name: ClassVar[str] = "vroom"
    solves: ClassVar[type[Problem]] = VRP
    capabilities: ClassVar[Capabilities] = Capabilities(
        threads=True, deterministic=False, stops=BUDGET, late=5.0, requires=("vroom",), extra="peers"
    )
    exploration: int = parameter(5, least=0, most=5)

    def _run(self, problem: VRP, run: Run) -> Outcome:
        import vroom

        lattice = problem.network.lattice(2 * problem.num_clients, LIMIT)
        demand, capacity = load_ticks(problem)
        data = vroom.Input()
        data.set_durations_matrix("car", problem.network.ticks(lattice).astype(np.uint32))
        vehicles = [vroom.Vehicle(k, start=0, end=0, capacity=[int(capacity)]) for k in range(num_vehicles(problem))]
        data.add_vehicle(vehicles)
        data.add_job([vroom.Job(client, location=client + 1, delivery=[int(load)]) for client, load in enumerate(demand)])
        left = timedelta(seconds=max(0.001, seconds_left(run)))
        answer = data.solve(exploration_level=self.exploration, nb_threads=run.n_jobs, timeout=left)
        steps = answer.routes[answer.routes["type"] == "job"]
        routes = [group["id"].astype(int).tolist() for _, group in steps.groupby("vehicle_id", sort=True)]
        return answered(problem, run, Routes.of(routes))
