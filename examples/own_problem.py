"""A problem of your own: maximum cut, with a small solver, a bound, and the conformance kit that proves both.

Given a graph with weighted edges, put each vertex on one of two sides such that the edges between the sides weigh as much
as possible. One file holds the problem, its solution, a solver and the menu; `optikit.solve` then works as for any other.

    python examples/own_problem.py
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

import numpy as np

import optikit as ok
from optikit.core.registry import Entry
from optikit.core.run import Outcome, Run
from optikit.inputs.arrays import frozen_array, refuse


@dataclass(frozen=True)
class Cut(ok.Solution):
    """Decisions only: the side (0 or 1) of each vertex."""

    side: tuple[int, ...]

    def to_dict(self) -> dict[str, Any]:
        return {"schema_version": 1, "side": list(self.side)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        return cls(tuple(data["side"]))


@dataclass(frozen=True, eq=False)
class MaxCut(ok.Problem):
    """Maximum cut in a graph.

    Parameters
    ----------
    edges : array_like of int, shape (num_edges, 2)
        The vertices that each edge joins.
    weight : array_like of float, shape (num_edges,)
        Of each edge, >= 0.
    """

    solution_type: ClassVar[type[Cut]] = Cut

    edges: Any
    weight: Any

    def __post_init__(self) -> None:
        edges = frozen_array("edges", self.edges, np.int64, shape=(None, 2))
        refuse("edges", edges, (edges < 0).ravel(), "vertices are counted from 0")
        weight = frozen_array("weight", self.weight, np.float64, shape=(len(edges),))
        refuse("weight", weight, weight < 0, "a weight is >= 0")
        object.__setattr__(self, "edges", edges)
        object.__setattr__(self, "weight", weight)

    @property
    def num_vertices(self) -> int:
        return int(self.edges.max()) + 1 if len(self.edges) else 0

    @property
    def sense(self) -> Literal["min", "max"]:
        return "max"

    @property
    def features(self) -> Mapping[str, Any]:
        return {"size": self.num_vertices}

    def evaluate(self, solution: Cut) -> float:
        self.require(solution)
        side = np.array(solution.side)
        return float(self.weight[side[self.edges[:, 0]] != side[self.edges[:, 1]]].sum())

    def check(self, solution: Cut) -> ok.CheckReport:
        self.require(solution)
        violations = []
        if len(solution.side) != self.num_vertices:
            missing = abs(len(solution.side) - self.num_vertices)
            violations.append(ok.Violation("length", f"{len(solution.side)} sides for {self.num_vertices} vertices", missing))
        for vertex, side in enumerate(solution.side):
            if side not in (0, 1):
                violations.append(ok.Violation("side", f"vertex {vertex} is on side {side}; there are 0 and 1"))
        return ok.CheckReport.of(violations)

    def to_dict(self) -> dict[str, Any]:
        return {"problem": "MaxCut", "schema_version": 1, "edges": self.edges.tolist(), "weight": self.weight.tolist()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        return cls(np.array(data["edges"]).reshape(-1, 2), np.array(data["weight"], float))


@dataclass(frozen=True)
class OneFlip(ok.Solver):
    """Local search: move the vertex that gains most to the other side, until none gains; then start anew at random."""

    name: ClassVar[str] = "one_flip"
    solves: ClassVar[type[ok.Problem]] = MaxCut
    capabilities: ClassVar[ok.Capabilities] = ok.Capabilities(anytime=True, seeded=True)

    def _run(self, problem: MaxCut, run: Run) -> Outcome:
        rng = np.random.default_rng(run.seed)
        between = np.zeros((problem.num_vertices, problem.num_vertices))
        np.add.at(between, (problem.edges[:, 0], problem.edges[:, 1]), problem.weight)
        between += between.T
        np.fill_diagonal(between, 0.0)  # a loop is never cut
        best = None
        while (reason := run.tick()) is None:
            sign = rng.choice([-1.0, 1.0], problem.num_vertices)
            while (gain := sign * (between @ sign)).max(initial=0.0) > 1e-9:
                sign[gain.argmax()] *= -1
            run.iterations += 1
            cut = Cut(tuple((sign > 0).astype(int).tolist()))
            if run.is_better(problem.evaluate(cut)):
                best = cut
                run.improve(problem.evaluate(cut), lambda found=cut: found)
        return Outcome(reason, best)


def all_edges(problem: MaxCut) -> float:
    """An upper bound: no cut is heavier than all edges that are not loops."""
    return float(problem.weight[problem.edges[:, 0] != problem.edges[:, 1]].sum())


# The menu of this module's problem: what `solve(problem)` and `problem.solvers()` read.
SOLVERS = (Entry("one_flip", f"{__name__}:OneFlip", "local search with restarts", rule=lambda *_: True),)
BOUND = all_edges


def main() -> None:
    from optikit.testing import check_problem, check_solver

    rng = np.random.default_rng(1)
    pairs = np.array([(u, v) for u in range(40) for v in range(u)])
    edges = pairs[rng.random(len(pairs)) < 0.2]
    problem = MaxCut(edges, rng.integers(1, 10, len(edges)))
    print(ok.solve(problem, stop=ok.Stop(iterations=200)))

    check_problem(problem, solutions=[Cut((0, 1) * 20)], nonsense=[Cut((0, 1)), Cut((2,) * 40)])
    check_solver(OneFlip(), problem, seconds=0.5)
    print("\nproblem and solver obey the laws")


if __name__ == "__main__":
    main()
