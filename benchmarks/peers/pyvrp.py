"""PyVRP (Wouda, Lan and Kool 2024)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from benchmarks.peers import BUDGET, answered
from optikit import Capabilities, Problem, Solver
from optikit.core.run import Outcome, Run
from optikit.routing import VRP, Routes
from optikit.routing.vrp.loads import fleet, load_ticks
from optikit.ticks import Lattice

LONGEST = 2**17
"""Arcs are no longer than this: PyVRP's penalties are at most 100,000 a unit of load, and then no longer help."""

STOPS = frozenset({"iterations", "stall", "target"}) | BUDGET


@dataclass(frozen=True)
class PyVRP(Solver):
    """PyVRP with its default parameters.

    Its stopping criterion is called once an iteration with the best cost: here it reads our clock, which began with the call, and
    notes improvements.

    References
    ----------
    N. A. Wouda, L. Lan and W. Kool, "PyVRP: a high-performance VRP solver package", INFORMS Journal on Computing 36(4), 2024.
    """

    name: ClassVar[str] = "pyvrp"
    solves: ClassVar[type[Problem]] = VRP
    capabilities: ClassVar[Capabilities] = Capabilities(
        anytime=True, seeded=True, stops=STOPS, late=5.0, requires=("pyvrp",), extra="peers"
    )

    def _run(self, problem: VRP, run: Run) -> Outcome:
        import pyvrp

        arcs = 2 * problem.num_clients
        lattice = problem.network.lattice(arcs, arcs * LONGEST)
        data = model(problem, lattice)
        never = int(np.iinfo(np.int64).max)

        def stop(best_cost: int) -> bool:
            if best_cost < never:
                run.improve(lattice.units(int(best_cost)), lambda: None)
            run.iterations += 1
            return run.reason() is not None

        result = pyvrp.solve(data, stop=stop, seed=run.seed, collect_stats=False, display=False)
        routes = [[activity.idx for activity in route if activity.is_client()] for route in result.best.routes()]
        return answered(problem, run, Routes.of(route for route in routes if route))


def model(problem: VRP, lattice: Lattice) -> Any:
    """The problem in PyVRP's integers: distances and loads in ticks."""
    import pyvrp

    demand, capacity = load_ticks(problem)
    points = getattr(problem.network, "coordinates", np.zeros((len(problem.network), 2)))
    ticks = problem.network.ticks(lattice)
    return pyvrp.ProblemData(
        locations=[pyvrp.Location(*map(float, point[:2])) for point in points],
        clients=[pyvrp.Client(location=client + 1, delivery=[int(load)]) for client, load in enumerate(demand)],
        depots=[pyvrp.Depot(location=0)],
        vehicle_types=[pyvrp.VehicleType(num_available=fleet(problem)[1], capacity=[int(capacity)])],
        distance_matrices=[ticks],
        duration_matrices=[np.zeros_like(ticks)],
    )
