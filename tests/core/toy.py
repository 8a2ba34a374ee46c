"""A problem small enough to see through: choose ``count`` of some items at the least (or largest) total cost."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from optikit import Capabilities, CheckReport, Problem, Solution, Solver, StopReason, Violation
from optikit.core.run import Outcome, Run
from optikit.errors import EngineError
from optikit.inputs.arrays import frozen_array


@dataclass(frozen=True)
class Chosen(Solution):
    items: tuple[int, ...]

    def to_dict(self) -> dict[str, Any]:
        return {"schema_version": 1, "items": list(self.items)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        return cls(tuple(data["items"]))


@dataclass(frozen=True, eq=False)
class Choose(Problem):
    solution_type: ClassVar[type[Chosen]] = Chosen
    cost: np.ndarray
    count: int
    maximize: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "cost", frozen_array("cost", self.cost, np.float64, shape=(None,)))

    @property
    def sense(self):
        return "max" if self.maximize else "min"

    @property
    def features(self) -> Mapping[str, Any]:
        return {"size": len(self.cost)}

    def evaluate(self, solution: Chosen) -> float:
        return float(self.cost[list(solution.items)].sum())

    def check(self, solution: Chosen) -> CheckReport:
        self.require(solution)
        wrong = len(set(solution.items)) != self.count or len(solution.items) != self.count
        return CheckReport.of([Violation("count", f"{len(solution.items)} items instead of {self.count}")] if wrong else [])

    def to_dict(self) -> dict[str, Any]:
        return {
            "problem": "Choose",
            "schema_version": 1,
            "cost": self.cost.tolist(),
            "count": self.count,
            "maximize": self.maximize,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        return cls(np.array(data["cost"]), data["count"], data["maximize"])

    def optimum(self) -> Chosen:
        order = np.argsort(-self.cost if self.maximize else self.cost, kind="stable")
        return Chosen(tuple(int(i) for i in order[: self.count]))


@dataclass(frozen=True)
class Sorting(Solver):
    """Exact: sorts."""

    name: ClassVar[str] = "sorting"
    solves: ClassVar[type[Problem]] = Choose
    capabilities: ClassVar[Capabilities] = Capabilities(exact=True, bounds=True, stops=frozenset({"time"}))

    def _run(self, problem: Choose, run: Run) -> Outcome:
        best = problem.optimum()
        return Outcome(StopReason.PROVEN, best, bound=problem.evaluate(best))


@dataclass(frozen=True)
class Shuffling(Solver):
    """Anytime: draws at random, an iteration at a time."""

    name: ClassVar[str] = "shuffling"
    solves: ClassVar[type[Problem]] = Choose
    capabilities: ClassVar[Capabilities] = Capabilities(anytime=True, seeded=True)
    pause: float = 0.0

    def _run(self, problem: Choose, run: Run) -> Outcome:
        rng = np.random.default_rng(run.seed)
        best = run.incumbent
        while (reason := run.tick()) is None:
            drawn = Chosen(tuple(int(i) for i in rng.permutation(len(problem.cost))[: problem.count]))
            run.iterations += 1
            if run.is_better(problem.evaluate(drawn)):
                best = drawn
                run.improve(problem.evaluate(drawn), lambda found=drawn: found)
            time.sleep(self.pause)
        return Outcome(reason, best)


@dataclass(frozen=True)
class Claiming(Solver):
    """Claims whatever it is told to."""

    name: ClassVar[str] = "claiming"
    solves: ClassVar[type[Problem]] = Choose
    capabilities: ClassVar[Capabilities] = Capabilities(exact=True, bounds=True)
    outcome: Outcome | None = None
    dies: str = ""

    def _run(self, problem: Choose, run: Run) -> Outcome:
        if self.dies:
            raise EngineError(self.dies)
        assert self.outcome is not None
        return self.outcome
