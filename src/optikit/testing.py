"""The public conformance kit: what our own tests run, for authors of problems and solvers.

Call `check_problem` and `check_solver` from any test; each raises AssertionError with a sentence that says which law is
broken.
"""

from __future__ import annotations

import contextlib
import copy
import io
import math
import operator
import pickle
import threading
import time
from collections.abc import Callable, Iterable
from itertools import pairwise

from .core.problem import Problem
from .core.registry import candidates, cheap_bound
from .core.result import Result, Status, StopReason
from .core.run import Callback, CancelToken, Progress
from .core.solution import Solution
from .core.solver import Solver
from .core.stop import Stop
from .ticks import optimality_tolerance

__all__ = ["check_problem", "check_result", "check_solver"]


def check_problem(problem: Problem, solutions: Iterable[Solution] = (), nonsense: Iterable[Solution] = ()) -> None:
    """Hold a problem against the laws that every problem obeys.

    Parameters
    ----------
    problem : Problem
        An instance.
    solutions : iterable of Solution
        Some feasible solutions of it.
    nonsense : iterable of Solution
        Some solutions that break a rule.

    Raises
    ------
    AssertionError
        Naming the law.
    """
    twin = type(problem).from_json(problem.to_json())
    assert twin == problem, "a problem read back from its JSON equals itself"
    assert twin.fingerprint == problem.fingerprint, "the fingerprint survives JSON"
    assert pickle.loads(pickle.dumps(problem)) == problem, "a problem pickles"
    assert copy.deepcopy(problem) == problem, "a problem copies"
    assert hash(twin) == hash(problem), "equal problems have equal hashes"
    assert problem.replace() == problem, "replace() without changes changes nothing"
    assert problem.sense in ("min", "max"), "the sense is min or max"
    bound = cheap_bound(problem)
    for solution in solutions:
        report = problem.check(solution)
        assert report.feasible, f"the solution given as feasible is {report}"
        value = problem.evaluate(solution)
        assert isinstance(value, float), f"evaluate returns a float, not {type(value).__name__}"
        assert math.isfinite(value), "evaluate is finite"
        assert problem.evaluate(solution) == value, "evaluate gives the same value twice"
        terms = problem.terms(solution)
        assert math.isclose(sum(terms.values()), value, rel_tol=1e-9, abs_tol=1e-9), f"the terms {terms} add up to {value}"
        again = type(solution).from_json(solution.to_json())
        assert again == solution, "a solution read back from its JSON equals itself"
        assert problem.evaluate(again) == value, "and has the same value"
        assert pickle.loads(pickle.dumps(solution)) == solution, "a solution pickles"
        if bound is not None:
            beyond = bound - value if problem.sense == "min" else value - bound
            assert beyond <= 2 * problem.error + 1e-9 * max(1.0, abs(value)), (
                f"the bound {bound} excludes a solution of value {value}"
            )
    for solution in nonsense:
        report = problem.check(solution)
        assert not report.feasible, "a solution that breaks a rule is refused"
        for violation in report:
            assert violation.message, "a violation says in words what is wrong"
            assert violation.size > 0, f"a violation has a size: {violation.message}"


def check_result(problem: Problem, result: Result) -> None:
    """Hold a result against the problem it answers: nothing in it is taken on trust."""
    assert result.fingerprint == problem.fingerprint, "the result is of this problem"
    assert result.timings["total"] >= 0, "time is not negative"
    if result.solution is not None:
        report = problem.check(result.solution)
        assert report.feasible, f"a solution in a Result is feasible, this one is {report}"
        assert result.objective == problem.evaluate(result.solution), "the objective is the evaluated one"
        values = [point.objective for point in result.trace if point.objective is not None]
        gain: Callable[[float, float], float] = operator.sub if problem.sense == "min" else lambda a, b: b - a
        assert values, "a solution leaves a trace"
        assert values[-1] == result.objective, "the trace ends at the objective"
        # Sums that are off in their last digits may, as the only ones, call what is equal better.
        slack = 2 * problem.error
        assert all(gain(a, b) > 0 or abs(a - b) <= slack for a, b in pairwise(values)), f"the trace improves: {values}"
    if result.status is Status.OPTIMAL:
        assert result.stop_reason in (StopReason.PROVEN, StopReason.FAILED), "OPTIMAL is proved"
    again = Result.from_json(result.to_json(), problem)
    assert again.to_dict() == result.to_dict(), "a result read back from its JSON equals itself"
    assert again.solution == result.solution, "with its solution"
    assert str(result), "a result prints"


def check_solver(solver: Solver, problem: Problem, *, seconds: float = 2.0, iterations: int = 50) -> Result | None:
    """Hold a solver against its own declared capabilities on one instance.

    Parameters
    ----------
    solver : Solver
        With the parameters to test.
    problem : Problem
        An instance that it supports, small enough to be solved in ``seconds``.
    seconds : float
        Time limit of each of the solves, where the solver honours one.
    iterations : int
        Iteration limit, where it honours one.

    Returns
    -------
    Result or None
        Of the first solve; None where the solver does not support the instance (the reason must be given).

    Raises
    ------
    AssertionError
        Naming the law.
    """
    support = solver.supports(problem)
    if not support:
        assert support.reason, "a refusal has a reason"
        return None
    before = problem.fingerprint
    able = solver.capabilities
    stop = Stop(time=seconds) if "time" in able.stops else None
    out, err = io.StringIO(), io.StringIO()
    watcher = _Watcher()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        result = solver.solve(problem, stop=stop, seed=1, callbacks=[watcher])
    assert out.getvalue() == "", f"nothing is written to stdout; this was: {out.getvalue()[:80]!r}"
    check_result(problem, result)
    watcher.compare(result)
    assert type(problem).from_json(problem.to_json()).fingerprint == before, "solving does not change the problem"
    assert watcher.threads <= {threading.get_ident()}, "callbacks run on the caller's thread"
    assert watcher.events[:1] == ["start"], "on_start comes first"
    assert watcher.events[-1:] == ["end"], "on_end comes last"
    assert pickle.loads(pickle.dumps(result)).to_dict() == result.to_dict(), "a result pickles"
    assert type(solver)(**result.parameters) == solver, "a result's parameters make the solver again"
    if able.exact and result.stop_reason not in (StopReason.TIME, StopReason.FAILED):
        assert result.status in (Status.OPTIMAL, Status.INFEASIBLE), "an exact solver that was not stopped has a proof"
    if result.solution is not None:
        # Iterations end it sooner than the clock, where they are honoured, and prove the same.
        sooner = Stop(iterations=iterations) if "iterations" in able.stops else Stop()
        _check_start(solver, problem, result, (stop or Stop()) | sooner)
    if able.deterministic:
        budget = Stop(iterations=iterations) if "iterations" in able.stops else None
        if budget is not None or not able.anytime:
            first = solver.solve(problem, stop=budget, seed=7)
            second = solver.solve(problem, stop=budget, seed=7)
            assert first.solution == second.solution, "same seed and iterations, same solution"
            assert first.iterations == second.iterations, "and as many iterations"
    if "time" in able.stops:
        _check_cancel(solver, problem, seconds)
    for criterion in ("iterations", "stall", "target", "gap", "time"):
        if criterion not in able.stops:
            _check_refusal(solver, problem, criterion)
    return result


def _check_start(solver: Solver, problem: Problem, result: Result, stop: Stop | None) -> None:
    assert result.solution is not None
    watcher = _Watcher()
    again = solver.solve(problem, stop=stop, seed=2, initial_solution=result.solution, callbacks=[watcher])
    check_result(problem, again)
    watcher.compare(again)
    assert again.trace[0].objective == result.objective, "the trace begins with the start"
    assert again.objective is not None, "a start is kept"
    assert result.objective is not None
    worse = again.objective > result.objective if problem.sense == "min" else again.objective < result.objective
    assert not worse, f"a start of {result.objective} became {again.objective}: a start is never worsened"


def _check_cancel(solver: Solver, problem: Problem, seconds: float) -> None:
    token = CancelToken()
    token.cancel()
    started = time.monotonic()
    result = solver.solve(problem, time_limit=60 + seconds, callbacks=[token])
    check_result(problem, result)
    # No measurement: a solve that ignores its token runs for a minute.
    assert time.monotonic() - started < 50, "a cancel token that is already set ends the solve"


def _check_refusal(solver: Solver, problem: Problem, criterion: str) -> None:
    value = {"iterations": 5, "stall": 5, "target": 0.0, "gap": 0.5, "time": 1.0}[criterion]
    complaint = ""
    with contextlib.suppress(ValueError):
        try:
            solver.solve(problem, stop=Stop(**{criterion: value}))  # type: ignore[arg-type]
        except ValueError as error:
            complaint = str(error)
            raise
    assert complaint, f"{solver.name} declares that it does not honour {criterion!r}, but accepts it"
    assert criterion in complaint, f"the refusal names {criterion!r}: {complaint}"


def check_auto(problem: Problem) -> None:
    """`"auto"` has somebody for this instance, and says why."""
    solver, why = next(iter(candidates(problem, 10.0, 1)), (None, ""))
    assert solver is not None, "auto has a solver"
    assert solver.name in why, f"auto says whom it chose: {why!r}"


class _Watcher(Callback):
    def __init__(self) -> None:
        self.events: list[str] = []
        self.threads: set[int] = set()
        self.improvements: list[Progress] = []

    def _note(self, event: str) -> None:
        self.events.append(event)
        self.threads.add(threading.get_ident())

    def on_start(self, progress: Progress) -> None:
        self._note("start")

    def on_improvement(self, progress: Progress) -> None:
        self._note("improvement")
        self.improvements.append(progress)
        problem, objective, solution = progress.problem, progress.objective, progress.solution
        assert objective is not None, "an improvement has an objective"
        if solution is not None:
            assert problem.check(solution).feasible, "what callbacks see is feasible"
            value = problem.evaluate(solution)
            same = abs(value - objective) <= optimality_tolerance(value, problem.error)
            assert same, f"an improvement to {objective} is one to {value} by the problem's own evaluation"

    def compare(self, result: Result) -> None:
        """The trace is what the callbacks saw, when they saw it: nothing is left out, and nothing is added at the end."""
        seen = [(progress.objective, progress.iterations) for progress in self.improvements]
        traced = [(point.objective, point.iterations) for point in result.trace]
        assert len(seen) == len(traced), f"the trace has {len(traced)} points, the callbacks saw {len(seen)}: {traced}, {seen}"
        for point, progress in zip(result.trace, self.improvements, strict=True):
            assert point.objective is not None, "a point of the trace has an objective"
            assert progress.objective is not None, "so has an improvement"
            slack = optimality_tolerance(point.objective, progress.problem.error)
            assert abs(point.objective - progress.objective) <= slack, f"the trace is what the callbacks saw: {traced}, {seen}"
            assert point.iterations == progress.iterations, f"and in the same iteration: {traced}, {seen}"
            assert point.seconds <= progress.seconds, "and not later than they did"

    def on_tick(self, progress: Progress) -> None:
        self._note("tick")

    def on_end(self, progress: Progress) -> None:
        self._note("end")
