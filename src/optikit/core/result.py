"""One answer with its evidence."""

from __future__ import annotations

import enum
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import InvalidResultError, InvalidSolutionError
from ..inputs.forms import check_form, check_keys, check_kind, member, parsed, reading
from ..inputs.wording import STOP_REASONS, figure, html_table, shown
from ..ticks import optimality_tolerance, relative_gap
from .check import Violation
from .solution import Solution

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


_POINT_FIELDS = {
    "seconds": "a finite number >= 0",
    "iterations": "an int >= 0",
    **dict.fromkeys(("objective", "bound"), "a finite number or None"),
}


@dataclass(frozen=True)
class TracePoint:
    """One improvement: seconds since the call, iterations so far, objective and bound then (None where unknown)."""

    seconds: float
    iterations: int
    objective: float | None
    bound: float | None


_PLAIN_FIELDS = {
    **dict.fromkeys(("sense", "solver", "fingerprint", "message"), "text"),
    **dict.fromkeys(("objective", "bound"), "a finite number or None"),
    **dict.fromkeys(("iterations", "seed"), "an int >= 0"),
    "error": "a finite number >= 0",
    "terms": "finite numbers by name",
    "timings": "finite numbers >= 0 by name",
    "parameters": "names of values",
    "versions": "text by name",
}
"""Fields of a Result that are JSON as they are, and their kinds."""

_REASONS = {
    Status.OPTIMAL: {StopReason.PROVEN, StopReason.FAILED},
    Status.INFEASIBLE: {StopReason.PROVEN},
    Status.FEASIBLE: set(StopReason) - {StopReason.PROVEN},
    Status.UNKNOWN: set(StopReason) - {StopReason.PROVEN},
}
"""Why a solver can have ended, by what is known: a proof, and nothing else, proves. (An engine may die with its gap closed.)"""


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
    certificate : Solution, optional
        What proves the bound, or that there is no solution, where a problem has such: dual prices. `Problem.proved` has judged it.
    trace : tuple of TracePoint
        The improvements in order of time.
    timings : mapping of str to float
        Seconds by phase; ``total`` is always there.
    iterations : int
        In the solver's own unit.
    solver, seed, parameters, fingerprint, versions
        What gave the answer: name, seed and parameters of the solver, the problem's fingerprint, the packages used.
    tolerance : float
        How far the bound of an OPTIMAL result may stay from the objective (see `optikit.ticks.optimality_tolerance`).
    message : str
        What else there is to say: a default that was filled in, an engine's complaint, why ``auto`` chose this solver.

    Raises
    ------
    InvalidResultError
        For a status without what it needs or with a reason that it cannot have, a bound on the wrong side of the objective, an
        objective that is not the solution's, a value of another kind than its field's, such as a negative time.
    """

    status: Status
    stop_reason: StopReason
    sense: str = "min"
    solution: Solution | None = None
    objective: float | None = None
    bound: float | None = None
    nearest: Solution | None = None
    certificate: Solution | None = None
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
        for name, enumeration in (("status", Status), ("stop_reason", StopReason)):
            if not isinstance(getattr(self, name), enumeration):
                known = ", ".join(map(str, enumeration))
                raise InvalidResultError(f"{name} is {shown(getattr(self, name))}; expected one of {known}")
        for name, kind in _PLAIN_FIELDS.items():
            check_kind(name, getattr(self, name), kind, InvalidResultError)
        if self.sense not in ("min", "max"):
            raise InvalidResultError(f"sense is {shown(self.sense)}; expected 'min' or 'max'")
        if self.stop_reason not in _REASONS[self.status]:
            possible = ", ".join(sorted(reason.name for reason in _REASONS[self.status]))
            raise InvalidResultError(f"a Result that is {self.status.name} ends by {possible}, not by {self.stop_reason.name}")
        found = self.solution is not None
        if found != (self.objective is not None):
            raise InvalidResultError("a Result has a solution and its objective, or neither")
        if found and self.status not in (Status.OPTIMAL, Status.FEASIBLE):
            raise InvalidResultError(f"a Result with a solution is OPTIMAL or FEASIBLE, not {self.status.name}")
        if not found and self.status in (Status.OPTIMAL, Status.FEASIBLE):
            raise InvalidResultError(f"a Result that is {self.status.name} needs a solution")
        if found and self.nearest is not None:
            raise InvalidResultError("nearest is for results without a feasible solution")
        if self.objective is not None and self.bound is not None:
            excess = self.bound - self.objective if self.sense == "min" else self.objective - self.bound
            if excess > self.tolerance:
                raise InvalidResultError(f"bound {self.bound} lies on the wrong side of the objective {self.objective}")
        if self.status is Status.OPTIMAL:
            if self.bound is None:
                raise InvalidResultError("OPTIMAL needs a bound")
            if abs(self.objective - self.bound) > self.tolerance:  # type: ignore[operator]
                raise InvalidResultError(f"OPTIMAL needs a bound that meets the objective {self.objective}; it is {self.bound}")
        if "total" not in self.timings:
            raise InvalidResultError("timings has no total")
        for index, point in enumerate(self.trace):
            for name, kind in _POINT_FIELDS.items():
                check_kind(f"trace[{index}].{name}", getattr(point, name), kind, InvalidResultError)
        if not self.objectives and self.objective is not None:
            object.__setattr__(self, "objectives", (self.objective,))
        for index, value in enumerate(self.objectives):
            check_kind(f"objectives[{index}]", value, "a finite number", InvalidResultError)
        ends: list[tuple[str, float | None]] = [("objectives begins", value) for value in self.objectives[:1]]
        ends += [("trace ends", self.trace[-1].objective)] if self.trace else []
        if self.problem is not None and self.solution is not None:
            ends.append(("the solution evaluates", self.problem.evaluate(self.solution)))
        for what, said in ends:
            if self.objective is None or said is None or not math.isclose(said, self.objective, rel_tol=1e-12):
                raise InvalidResultError(f"objective is {self.objective!r}, but {what} at {said!r}")

    @property
    def tolerance(self) -> float:
        return optimality_tolerance(self.objective if self.objective is not None else 0.0, self.error)

    @property
    def gap(self) -> float | None:
        """Relative gap between objective and bound; None where either is missing."""
        return relative_gap(self.objective, self.bound)

    def __str__(self) -> str:
        lines = [f"status     {self.status.value}, stopped by: {STOP_REASONS[self.stop_reason.value]}"]
        if self.objective is not None:
            lines.append(f"objective  {figure(self.objective)}")
            if len(self.terms) > 1:
                lines.append("terms      " + ", ".join(f"{name} {figure(value)}" for name, value in self.terms.items()))
        if self.bound is not None:
            lines.append(f"bound      {figure(self.bound)}")
        if self.gap is not None:
            lines.append(f"gap        {100 * self.gap:.2f} %")
        lines.append(f"solver     {self.solver}, seed {self.seed}, {self.iterations:,} iterations, {self.timings['total']:.2f} s")
        if trace := self.trace:
            points = f"{len(trace)} improvement{'s' if len(trace) > 1 else ''}"
            ends = [f"{figure(p.objective)} at {p.seconds:.2f} s" for p in (trace[0], trace[-1]) if p.objective is not None]
            if len(ends) == 2:
                points += f", {' to '.join(ends)}"
            lines.append(f"trace      {points}")
        lines.extend(f"violation  {violation}" for violation in self.violations[:5])
        if self.message:
            lines.append(f"note       {self.message}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return html_table(str(self))

    def to_dict(self) -> dict[str, Any]:
        plain = {key: getattr(self, key) for key in _PLAIN_FIELDS}
        return {
            "schema_version": 1,
            "status": self.status.name,
            "stop_reason": self.stop_reason.name,
            **{key: dict(value) if isinstance(value, Mapping) else value for key, value in plain.items()},
            "gap": self.gap,
            "objectives": list(self.objectives),
            "violations": [{"rule": v.rule, "message": v.message, "size": v.size} for v in self.violations],
            "trace": [[p.seconds, p.iterations, p.objective, p.bound] for p in self.trace],
            **{name: None if (held := getattr(self, name)) is None else held.to_dict() for name in _HELD},
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
        InvalidResultError
            If it is no result, or the problem is another one than the result's fingerprint says.
        """
        form = "the JSON of a result"
        data = parsed(text, form, InvalidResultError)
        check_form(data, form, 1, InvalidResultError)
        check_keys(data, _KEYS, form, InvalidResultError)
        for name, kind in _PLAIN_FIELDS.items():
            check_kind(name, data[name], kind, InvalidResultError)
        if problem is not None:
            _compare(problem, data)

        def read(name: str) -> Any:
            if data[name] is None:
                return None
            check_kind(name, data[name], "names of values", InvalidResultError)
            if problem is None:
                return RawSolution(data[name])
            try:
                kind = problem.certificate_type if name == "certificate" else problem.solution_type
                return kind.from_dict(data[name])
            except InvalidSolutionError as error:
                raise InvalidResultError(f"{name}: {error}") from None

        with reading("the JSON of a result, which Result.to_json writes", InvalidResultError):
            result = cls(
                status=member(Status, "status", data["status"], InvalidResultError),
                stop_reason=member(StopReason, "stop_reason", data["stop_reason"], InvalidResultError),
                **{name: read(name) for name in _HELD},
                violations=tuple(Violation(**violation) for violation in data["violations"]),
                objectives=tuple(data["objectives"]),
                trace=tuple(TracePoint(*point) for point in data["trace"]),
                problem=problem,
                **{name: data[name] for name in _PLAIN_FIELDS},
            )
        for index, violation in enumerate(result.violations):
            for name, kind in (("rule", "text"), ("message", "text"), ("size", "a finite number >= 0")):
                check_kind(f"violations[{index}].{name}", getattr(violation, name), kind, InvalidResultError)
        if data["gap"] != result.gap:
            raise InvalidResultError(f"gap is {shown(data['gap'])}; that of objective and bound is {result.gap!r}")
        if problem is not None:
            result._check_against(problem)
        return result

    def _check_against(self, problem: Problem) -> None:
        """What stands in a file is not taken on trust; what the constructor cannot know is checked here."""
        if self.solution is not None:
            report = problem.check(self.solution)
            if not report:
                raise InvalidResultError(f"the solution of this result is {report}")
            terms = problem.terms(self.solution)
            same = terms.keys() == self.terms.keys() and all(math.isclose(terms[k], self.terms[k], rel_tol=1e-9) for k in terms)
            if not same:
                raise InvalidResultError(f"terms is {shown(dict(self.terms))}; those of the solution are {shown(terms)}")
        broken = () if self.nearest is None else problem.check(self.nearest).violations
        if tuple(violation.rule for violation in broken) != tuple(violation.rule for violation in self.violations):
            raise InvalidResultError(f"violations are {len(self.violations)}; the nearest solution has {len(broken)}, or others")
        if self.certificate is not None:
            proved = problem.proved(self.certificate)
            near = self.bound is None or math.isclose(proved, self.bound, rel_tol=1e-9, abs_tol=1e-9)
            if not (math.isinf(proved) if self.status is Status.INFEASIBLE else near):
                raise InvalidResultError(f"the certificate proves {proved!r}; the result ({self.status.value}) says {self.bound!r}")

    def _problem(self, what: str) -> Problem:
        if self.problem is None:
            raise InvalidResultError(f"{what} needs the problem: read the result with Result.from_json(text, problem)")
        if self.solution is None and self.nearest is None:
            raise InvalidResultError(f"{what} needs a solution, and this result ({self.status.value}) has none")
        return self.problem

    def to_frame(self) -> Any:
        """The solution as a pandas frame (`Problem.to_frame`)."""
        return self._problem("to_frame").to_frame(self.solution or self.nearest)

    def plot(self, path: str | None = None, **options: Any) -> Any:
        """A picture of the solution (`Problem.plot`); saved where ``path`` is given."""
        return self._problem("plot").plot(self.solution or self.nearest, path, **options)


_HELD = ("solution", "nearest", "certificate")
_KEYS = ("schema_version", "status", "stop_reason", *_PLAIN_FIELDS, "gap", "objectives", "violations", "trace", *_HELD)


def _compare(problem: Problem, data: Mapping[str, Any]) -> None:
    """Refuse a form that is of another problem, or says otherwise of this one."""
    if getattr(problem, "fingerprint", None) != data["fingerprint"]:  # also what is no problem at all
        raise InvalidResultError("this result is of another problem: the fingerprints differ")
    if data["sense"] != problem.sense:
        raise InvalidResultError(f"sense is {shown(data['sense'])}; that of the problem is {problem.sense!r}")
    if not math.isclose(data["error"], problem.error, rel_tol=1e-9):
        raise InvalidResultError(f"error is {data['error']!r}; that of the problem is {problem.error!r}")


@dataclass(frozen=True)
class RawSolution(Solution):
    """A solution read back without its problem: the JSON form, untouched."""

    data: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        return dict(self.data)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> RawSolution:
        return cls(data)
