"""One answer with its evidence."""

from __future__ import annotations

import enum
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .check import Violation
from .solution import Solution
from .ticks import optimality_tolerance

if TYPE_CHECKING:
    from .problem import Problem


class Status(enum.Enum):
    """What is known of the problem."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


class StopReason(enum.Enum):
    """Why the solver ended."""

    PROVEN = "proven"
    TIME = "time"
    ITERATIONS = "iterations"
    STALLED = "stalled"
    TARGET = "target"
    GAP = "gap"
    CANCELLED = "cancelled"
    EXHAUSTED = "exhausted"
    FAILED = "failed"


_REASON_IN_WORDS = {
    StopReason.PROVEN: "the answer is proved",
    StopReason.TIME: "the time limit",
    StopReason.ITERATIONS: "the iteration limit",
    StopReason.STALLED: "no improvement for the iterations allowed",
    StopReason.TARGET: "the target was reached",
    StopReason.GAP: "the gap was reached",
    StopReason.CANCELLED: "cancelled",
    StopReason.EXHAUSTED: "the solver had nothing more to try",
    StopReason.FAILED: "the engine died or refused",
}


@dataclass(frozen=True)
class TracePoint:
    """One improvement: seconds since the call, iterations so far, objective and bound then (None where unknown)."""

    seconds: float
    iterations: int
    objective: float | None
    bound: float | None


_PLAIN_FIELDS = (
    "sense", "objective", "terms", "bound", "timings", "iterations", "solver", "seed", "parameters", "fingerprint",
    "versions", "error", "message",
)  # fmt: skip
"""Fields of a Result that are JSON as they are."""


def relative_gap(objective: float | None, bound: float | None) -> float | None:
    """|objective - bound| / max(|objective|, 1e-9); 0 when equal, None where either is missing."""
    if objective is None or bound is None:
        return None
    if objective == bound:
        return 0.0
    return abs(objective - bound) / max(abs(objective), 1e-9)


@dataclass(frozen=True, eq=False)
class Result:
    """What `solve` returns. The constructor refuses what contradicts itself.

    Parameters
    ----------
    status : Status
        What is known of the problem.
    stop_reason : StopReason
        Why the solver ended.
    sense : {"min", "max"}
        Whether smaller or larger objectives are better.
    solution : Solution, optional
        The best solution found; it has passed the checker.
    objective : float, optional
        ``problem.evaluate(solution)`` on the original data, in the user's units.
    bound : float, optional
        No solution is better than this (proved).
    nearest : Solution, optional
        Where no feasible solution was found: the least infeasible one known, with its ``violations``.
    trace : tuple of TracePoint
        The improvements in order of time.
    timings : mapping of str to float
        Seconds by phase; ``total`` is always there.
    iterations : int
        In the solver's own unit.
    solver, seed, parameters, fingerprint, versions
        What gave the answer: name, seed and parameters of the solver, the problem's fingerprint, the packages used.
    tolerance : float
        How far the bound of an OPTIMAL result may stay from the objective (see `core.ticks.optimality_tolerance`).
    message : str
        What else there is to say: a default that was filled in, an engine's complaint, why ``auto`` chose this solver.

    Raises
    ------
    ValueError
        For a status without what it needs, a bound on the wrong side of the objective, a negative time.
    """

    status: Status
    stop_reason: StopReason
    sense: str = "min"
    solution: Solution | None = None
    objective: float | None = None
    bound: float | None = None
    nearest: Solution | None = None
    violations: tuple[Violation, ...] = ()
    objectives: tuple[float, ...] = ()
    terms: Mapping[str, float] = field(default_factory=dict)
    trace: tuple[TracePoint, ...] = ()
    timings: Mapping[str, float] = field(default_factory=lambda: {"total": 0.0})
    iterations: int = 0
    solver: str = ""
    seed: int = 0
    parameters: Mapping[str, Any] = field(default_factory=dict)
    fingerprint: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    error: float = 0.0
    message: str = ""
    problem: Problem | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        found = self.solution is not None
        if found != (self.objective is not None):
            raise ValueError("a Result has a solution and its objective, or neither")
        if found and self.status not in (Status.OPTIMAL, Status.FEASIBLE):
            raise ValueError(f"a Result with a solution is OPTIMAL or FEASIBLE, not {self.status.name}")
        if not found and self.status in (Status.OPTIMAL, Status.FEASIBLE):
            raise ValueError(f"a Result that is {self.status.name} needs a solution")
        if found and self.nearest is not None:
            raise ValueError("nearest is for results without a feasible solution")
        for name in ("objective", "bound"):
            value = getattr(self, name)
            if value is not None and not math.isfinite(value):
                raise ValueError(f"{name} is {value}; expected a finite number or None")
        if self.objective is not None and self.bound is not None:
            excess = self.bound - self.objective if self.sense == "min" else self.objective - self.bound
            if excess > self.tolerance:
                raise ValueError(f"bound {self.bound} lies on the wrong side of the objective {self.objective}")
        if self.status is Status.OPTIMAL:
            if self.bound is None:
                raise ValueError("OPTIMAL needs a bound")
            if abs(self.objective - self.bound) > self.tolerance:  # type: ignore[operator]
                raise ValueError(f"OPTIMAL needs a bound that meets the objective {self.objective}; it is {self.bound}")
        if self.iterations < 0 or any(seconds < 0 for seconds in self.timings.values()) or "total" not in self.timings:
            raise ValueError("iterations and timings are >= 0, and timings has a total")
        if not self.objectives and self.objective is not None:
            object.__setattr__(self, "objectives", (self.objective,))

    @property
    def tolerance(self) -> float:
        return optimality_tolerance(self.objective if self.objective is not None else 0.0, self.error)

    @property
    def gap(self) -> float | None:
        """Relative gap between objective and bound; None where either is missing."""
        return relative_gap(self.objective, self.bound)

    def __str__(self) -> str:
        lines = [f"status     {self.status.value}, stopped by: {_REASON_IN_WORDS[self.stop_reason]}"]
        if self.objective is not None:
            lines.append(f"objective  {self.objective:,.10g}")
            if len(self.terms) > 1:
                lines.append("terms      " + ", ".join(f"{name} {value:,.10g}" for name, value in self.terms.items()))
        if self.bound is not None:
            lines.append(f"bound      {self.bound:,.10g}")
        if self.gap is not None:
            lines.append(f"gap        {100 * self.gap:.2f} %")
        lines.append(f"solver     {self.solver}, seed {self.seed}, {self.iterations:,} iterations, {self.timings['total']:.2f} s")
        if self.trace:
            first, last = self.trace[0], self.trace[-1]
            points = f"{len(self.trace)} improvement{'s' if len(self.trace) > 1 else ''}"
            if first.objective is not None and last.objective is not None:
                points += f", {first.objective:,.10g} at {first.seconds:.2f} s to {last.objective:,.10g} at {last.seconds:.2f} s"
            lines.append(f"trace      {points}")
        lines.extend(f"violation  {violation}" for violation in self.violations[:5])
        if self.message:
            lines.append(f"note       {self.message}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from html import escape

        rows = (line.partition(" ") for line in str(self).splitlines())
        cells = "".join(
            f"<tr><th style='text-align:left'>{key}</th><td style='text-align:left'>{escape(text.strip())}</td></tr>"
            for key, _, text in rows
        )
        return f"<table>{cells}</table>"

    def to_dict(self) -> dict[str, Any]:
        return {
            "schema_version": 1,
            "status": self.status.name,
            "stop_reason": self.stop_reason.name,
            "sense": self.sense,
            "solution": None if self.solution is None else self.solution.to_dict(),
            "objective": self.objective,
            "objectives": list(self.objectives),
            "terms": dict(self.terms),
            "bound": self.bound,
            "gap": self.gap,
            "nearest": None if self.nearest is None else self.nearest.to_dict(),
            "violations": [{"rule": v.rule, "message": v.message, "size": v.size} for v in self.violations],
            "trace": [[p.seconds, p.iterations, p.objective, p.bound] for p in self.trace],
            "timings": dict(self.timings),
            "iterations": self.iterations,
            "solver": self.solver,
            "seed": self.seed,
            "parameters": dict(self.parameters),
            "fingerprint": self.fingerprint,
            "versions": dict(self.versions),
            "error": self.error,
            "message": self.message,
        }

    def to_json(self) -> str:
        """The result as JSON; of the problem, only the fingerprint."""
        return json.dumps(self.to_dict())

    @classmethod
    def from_json(cls, text: str, problem: Problem | None = None) -> Result:
        """Read back what `to_json` wrote.

        Parameters
        ----------
        text : str
            JSON.
        problem : Problem, optional
            The problem that was solved: needed for the solution's own class, for `to_frame` and for `plot`.

        Raises
        ------
        ValueError
            If the problem is another one than the result's fingerprint says.
        """
        from .solution import Solution as AnySolution

        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"not the JSON of a result: {error}") from None
        if not isinstance(data, Mapping) or not {"schema_version", "status", "solution", *_PLAIN_FIELDS} <= data.keys():
            raise ValueError("not the JSON of a result: Result.to_json writes it")
        if data.get("schema_version") != 1:
            raise ValueError(f"schema_version is {data.get('schema_version')!r}; this version of optikit reads 1")
        if problem is not None and problem.fingerprint != data["fingerprint"]:
            raise ValueError("this result is of another problem: the fingerprints differ")

        def read(form: Any) -> AnySolution | None:
            if form is None:
                return None
            return RawSolution(form) if problem is None else problem.solution_type.from_dict(form)

        result = cls(
            status=Status[data["status"]],
            stop_reason=StopReason[data["stop_reason"]],
            solution=read(data["solution"]),
            nearest=read(data["nearest"]),
            violations=tuple(Violation(**v) for v in data["violations"]),
            objectives=tuple(data["objectives"]),
            trace=tuple(TracePoint(*p) for p in data["trace"]),
            problem=problem,
            **{key: data[key] for key in _PLAIN_FIELDS},
        )
        if problem is not None and result.solution is not None and result.objective is not None:
            # What stands in a file is not taken on trust.
            report = problem.check(result.solution)
            if not report:
                raise ValueError(f"the solution of this result is {report}")
            value = problem.evaluate(result.solution)
            if not math.isclose(value, result.objective, rel_tol=1e-12, abs_tol=1e-12):
                raise ValueError(f"objective is {result.objective!r}, but the solution evaluates to {value!r}")
        return result

    def _problem(self, what: str) -> Problem:
        if self.problem is None:
            raise ValueError(f"{what} needs the problem: read the result with Result.from_json(text, problem)")
        if self.solution is None and self.nearest is None:
            raise ValueError(f"{what} needs a solution, and this result ({self.status.value}) has none")
        return self.problem

    def to_frame(self) -> Any:
        """The solution as a pandas frame (`Problem.to_frame`)."""
        return self._problem("to_frame").to_frame(self.solution or self.nearest)

    def plot(self, path: str | None = None, **options: Any) -> Any:
        """A picture of the solution (`Problem.plot`); saved where ``path`` is given."""
        return self._problem("plot").plot(self.solution or self.nearest, path, **options)


@dataclass(frozen=True)
class RawSolution(Solution):
    """A solution read back without its problem: the JSON form, untouched."""

    data: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        return dict(self.data)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> RawSolution:
        return cls(data)
