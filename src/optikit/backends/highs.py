"""HiGHS on a PuLP model, in this process: highspy in a worker thread, watched and stopped from the caller's."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from ..core.errors import EngineError, UnsupportedError
from ..core.result import StopReason
from ..core.run import Run
from .answer import Answer
from .milp import Scaled, Values
from .watch import Watch

_FEASIBLE_POINT = 2  # HighsInfo.primal_solution_status
_MAX_SEED = 2**31 - 1


def solve_highs(
    model: Any,
    run: Run,
    *,
    late: float,
    start: Mapping[str, float] | None = None,
    on_values: Callable[[Values], None] = lambda values: None,
    on_bound: Callable[[float], None] = lambda bound: None,
    parameters: Mapping[str, Any] | None = None,
) -> Answer:
    """Solve a PuLP model by HiGHS until it is proved or ``run`` says stop.

    Parameters
    ----------
    model : pulp.LpProblem
        The model.
    run : Run
        Deadline, stop criteria, seed, threads.
    late : float
        Seconds that HiGHS has to obey when it is told to stop.
    start : mapping, optional
        Variable name -> value.
    on_values, on_bound : callable
        Take each improvement and each bound (in the model's units) on the caller's thread.
    parameters : mapping, optional
        Options of HiGHS, verbatim.

    Raises
    ------
    UnsupportedError
        For an option that HiGHS does not have.
    EngineError
        If HiGHS fails.
    """
    import highspy
    import pulp

    scaled = Scaled(model)
    versions = {"pulp": str(pulp.__version__), "highspy": _version()}
    bridge = pulp.HiGHS(msg=False, threads=run.n_jobs)
    bridge.createAndConfigureSolver(scaled.model)
    highs = scaled.model.solverModel
    bridge.buildSolverModel(scaled.model)
    # The tree is searched to its end: by default HiGHS stops at a gap of 1e-4, and calls that optimal.
    options: dict[str, Any] = {"mip_rel_gap": 0.0, "mip_abs_gap": 1e-6, "random_seed": run.seed % _MAX_SEED, **(parameters or {})}
    for name, value in options.items():
        if highs.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            raise UnsupportedError(f"HiGHS has no option {name!r}, or it does not take {value!r}")
    if start:
        solution = highspy.HighsSolution()
        solution.col_value = [float(start.get(variable.name, 0.0)) for variable in scaled.variables]
        highs.setSolution(solution)

    def deliver(item: tuple[str, Any]) -> None:
        kind, value = item
        if kind == "bound":
            bound = scaled.bound(scaled.sense * value)
            if bound is not None:
                on_bound(bound)
        else:
            on_values(scaled.values(value))

    watch: Watch[tuple[str, Any, Any]] = Watch(run, highs.cancelSolve, deliver, late)
    highs.HandleUserInterrupt = True
    highs.cbMipImprovingSolution += lambda event: watch.post(("values", list(event.data_out.mip_solution)))
    highs.cbMipLogging += lambda event: watch.post(("bound", float(event.data_out.mip_dual_bound)))

    def work() -> tuple[str, Any, Any]:
        try:
            highs.run()
            if highs.getModelStatus() == highspy.HighsModelStatus.kUnboundedOrInfeasible:
                # Presolve cannot tell them apart; the simplex method can.
                highs.setOptionValue("presolve", "off")
                highs.run()
            point = highs.getInfo()
            found = point.primal_solution_status == _FEASIBLE_POINT
            values = list(highs.getSolution().col_value) if found else None
            mixed = highs.getLp().integrality_
            bound = point.mip_dual_bound if mixed else point.objective_function_value if found else math.inf
            return str(highs.getModelStatus()).rpartition(".")[2], values, bound
        finally:
            # The scheduler belongs to this thread; it would keep its number of threads for the next one.
            highspy.Highs.resetGlobalScheduler(False)

    remaining = run.remaining
    if remaining <= 0:
        return Answer(StopReason.TIME, versions=versions)
    if remaining != math.inf:
        highs.setOptionValue("time_limit", remaining)
    ended = watch.call(work)
    if ended is None:
        return Answer(watch.reason or StopReason.TIME, message="HiGHS did not stop in time", versions=versions)
    return read_status(*ended, scaled, run, watch.reason, versions)


def read_status(
    status: str,
    columns: list[float] | None,
    bound: float | None,
    scaled: Scaled,
    run: Run,
    stopped_by: StopReason | None,
    versions: Mapping[str, str] | None = None,
) -> Answer:
    """HiGHS's model status as an `Answer`: one row a status, see ``docs/decisions/0003-backends.md``."""
    why = stopped_by or run.reason()
    versions = versions or {}
    values = None if columns is None else scaled.values(columns)
    proved = None if bound is None else scaled.bound(scaled.sense * bound)
    match status:
        case "kOptimal" | "kModelEmpty":
            return Answer(StopReason.PROVEN, values, proved, versions=versions)
        case "kInfeasible":
            return Answer(StopReason.PROVEN, infeasible=True, versions=versions)
        case "kUnbounded" | "kUnboundedOrInfeasible":
            words = "the model is unbounded" if status == "kUnbounded" else "the model is infeasible or unbounded"
            return Answer(StopReason.EXHAUSTED, message=words, versions=versions)
        case "kTimeLimit":
            return Answer(why or StopReason.TIME, values, proved, versions=versions)
        case "kInterrupt" | "kHighsInterrupt" | "kIterationLimit" | "kSolutionLimit" | "kObjectiveBound" | "kObjectiveTarget":
            return Answer(why or StopReason.EXHAUSTED, values, proved, message=f"HiGHS: {status[1:]}", versions=versions)
        case "kUnknown" | "kNotset":
            return Answer(why or StopReason.EXHAUSTED, values, message=f"HiGHS: {status[1:]}", versions=versions)
        case _:  # kLoadError, kModelError, kPresolveError, kSolveError, kPostsolveError, kMemoryLimit
            raise EngineError(f"HiGHS ended with {status[1:]}")


def _version() -> str:
    from importlib.metadata import version

    return version("highspy")
