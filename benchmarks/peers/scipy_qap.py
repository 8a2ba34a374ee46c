"""scipy: FAQ from the barycentre, then FAQ and 2-opt from random points, until the time is over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from benchmarks.peers import BUDGET, answered
from optikit import Capabilities, Problem, Solver
from optikit.assignment import Placement, QuadraticAssignment
from optikit.assignment.quadratic.flows import SparseFlow
from optikit.core.run import Outcome, Run


@dataclass(frozen=True)
class ScipyQAP(Solver):
    """`scipy.optimize.quadratic_assignment`, again and again, the best kept; a run is not interrupted."""

    name: ClassVar[str] = "scipy"
    solves: ClassVar[type[Problem]] = QuadraticAssignment
    capabilities: ClassVar[Capabilities] = Capabilities(seeded=True, stops=BUDGET, late=20.0, requires=("scipy",))

    def _unsupported(self, problem: QuadraticAssignment) -> str | None:
        if problem.linear is not None or problem.forbidden is not None or problem.num_facilities < problem.num_locations:
            return "scipy takes as many facilities as locations, without linear costs and forbidden pairs"
        return None

    def _run(self, problem: QuadraticAssignment, run: Run) -> Outcome:
        from scipy.optimize import quadratic_assignment

        flow = problem.flow.toarray() if isinstance(problem.flow, SparseFlow) else problem.flow
        rng, sign = np.random.default_rng(run.seed), -1 if problem.maximize else 1
        best, turn = None, 0
        while best is None or run.reason() is None:
            options = {"maximize": problem.maximize, "rng": rng, "P0": "randomized" if turn else "barycenter"}
            found = quadratic_assignment(flow, problem.distance, method="faq", options=options)
            guess = np.column_stack([np.arange(len(flow)), found.col_ind])
            polish = {"maximize": problem.maximize, "rng": rng, "partial_guess": guess}
            found = quadratic_assignment(flow, problem.distance, method="2opt", options=polish)
            if best is None or sign * found.fun < sign * best.fun:
                best = found
            turn += 1
        return answered(problem, run, Placement(best.col_ind.tolist()))
