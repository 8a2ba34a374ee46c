"""The fast approximate quadratic assignment of scipy, as a solver of ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ...backends.judge import offer
from ...core.problem import Problem
from ...core.result import StopReason
from ...core.run import Outcome, Run
from ...core.solver import Capabilities, Solver
from ...inputs.ranges import parameter
from .flows import SparseFlow
from .problem import QuadraticAssignment
from .solution import Placement

MOST_LOCATIONS = 1_000
"""A run takes seconds there, and cannot be interrupted."""

MOST_EXCHANGED = 200
"""Exchanges take seconds there, and minutes at twice as many; they cannot be interrupted either."""


@dataclass(frozen=True)
class FAQ(Solver):
    """`scipy.optimize.quadratic_assignment`: Frank-Wolfe on the relaxation to doubly stochastic matrices, from the barycentre and
    then from random points nearby, each placement improved by exchanges of two (scipy's ``2opt``).

    Strong in the matching of graphs that are nearly alike; weak where flows and distances have nothing to do with each other. It
    knows fixed facilities, but no linear costs and no forbidden pairs.

    Parameters
    ----------
    restarts : int
        Random points after the barycentre.
    exchange : bool
        Whether placements are improved by exchanges, up to 200 locations.

    References
    ----------
    J. T. Vogelstein et al., "Fast approximate quadratic programming for graph matching", PLOS ONE 10(4), 2015.
    """

    name: ClassVar[str] = "faq"
    solves: ClassVar[type[Problem]] = QuadraticAssignment
    capabilities: ClassVar[Capabilities] = Capabilities(
        anytime=True, seeded=True, stops=frozenset({"time", "target", "gap"}), late=10.0, requires=("scipy",)
    )

    restarts: int = parameter(10, least=0, most=10**6)
    exchange: bool = True

    def _unsupported(self, problem: QuadraticAssignment) -> str | None:
        if problem.linear is not None:
            return "scipy knows no linear costs"
        if problem.forbidden is not None:
            return "scipy knows no forbidden pairs"
        if problem.num_locations > MOST_LOCATIONS:
            return f"{problem.num_locations} locations; a run of scipy, which cannot be interrupted, takes up to {MOST_LOCATIONS}"
        return None

    def _run(self, problem: QuadraticAssignment, run: Run) -> Outcome:
        from scipy.optimize import quadratic_assignment

        m, n = problem.num_facilities, problem.num_locations
        flow, distance = np.zeros((n, n)), problem.distance.astype(np.float64)
        flow[:m, :m] = problem.flow.toarray() if isinstance(problem.flow, SparseFlow) else problem.flow
        # Scaled, since the step of Frank and Wolfe divides by squares.
        flow, distance = (matrix / (np.abs(matrix).max() or 1.0) for matrix in (flow, distance))
        fixed = np.array(problem.fixed, np.int64).reshape(-1, 2)
        shared: dict[str, Any] = {"maximize": problem.maximize, "partial_match": fixed if len(fixed) else None}
        rng = np.random.default_rng(run.seed)
        for turn in range(self.restarts + 1):
            start = {"P0": "randomized" if turn and len(fixed) < n else "barycenter", "rng": rng}
            found = quadratic_assignment(flow, distance, method="faq", options={**shared, **start}).col_ind
            if self.exchange and n <= MOST_EXCHANGED and len(fixed) < n - 1:
                guess = np.column_stack([np.arange(n), found])
                polish = {"rng": rng, "partial_guess": guess[~np.isin(guess[:, 0], fixed[:, 0])]}
                found = quadratic_assignment(flow, distance, method="2opt", options={**shared, **polish}).col_ind
            run.iterations += 1
            offer(problem, run, Placement(found[:m].tolist()))
            reason = run.tick()
            if reason is not None:
                return Outcome(reason, run.incumbent)
        return Outcome(StopReason.EXHAUSTED, run.incumbent)
