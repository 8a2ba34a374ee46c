"""HiGHS on a PuLP model, in this process: highspy in a worker thread, watched and stopped from the caller's."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from ..core.result import StopReason
from ..core.run import Run
from ..errors import EngineError, UnsupportedError
from .answer import Answer
from .milp import Scaled, Values
from .watch import Watch

_FEASIBLE_POINT = 2  # HighsInfo.primal_solution_status
_MAX_SEED = 2**31 - 1


_FALSE_PRESOLVE = "1.14."
"""Versions whose presolve takes the optimum out of small programs (see docs/decisions/0001); 1.13 and before do not."""


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

    The parameters are those of `formulated.Formulated._engine`; ``parameters`` are options of HiGHS, verbatim.

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
    if run.reason() is not None:
        return Answer(run.reason() or StopReason.TIME, versions=versions)
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.passModel(_lp(scaled))
    options: dict[str, Any] = {
        "threads": run.n_jobs,
        "random_seed": run.seed % _MAX_SEED,
        # The tree is searched to its end: by default HiGHS stops at a gap of 1e-4, and calls that optimal.
        "mip_rel_gap": 0.0,
        # Its default of 1e-6 takes solutions that checkers refuse.
        "mip_feasibility_tolerance": 1e-9,
        **({"presolve": "off"} if _version().startswith(_FALSE_PRESOLVE) else {}),
        **(parameters or {}),
    }
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
    best_bound = [-math.inf]

    def look_at_bound(event: Any) -> None:
        bound = float(event.data_out.mip_dual_bound)
        if bound > best_bound[0]:
            best_bound[0] = bound
            watch.post(("bound", bound))

    highs.cbMipInterrupt += look_at_bound

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
            bound = point.mip_dual_bound if scaled.mixed else point.objective_function_value if found else math.inf
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


def _lp(scaled: Scaled) -> Any:
    """The model as highspy's own structure: PuLP hands it over row by row, which takes three times as long as writing it."""
    import highspy
    import numpy as np

    infinity = highspy.kHighsInf
    column_of = {variable.name: index for index, variable in enumerate(scaled.variables)}
    # PuLP 3.3 keeps its rows in _constraints and warns of the public name.
    rows = list((scaled.model._constraints if hasattr(scaled.model, "_constraints") else scaled.model.constraints).values())
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(column_of), len(rows)
    objective = scaled.model.objective
    lp.col_cost_ = np.array([scaled.sense * float(objective.get(variable, 0.0)) for variable in scaled.variables])
    lp.col_lower_ = np.array([-infinity if v.lowBound is None else v.lowBound for v in scaled.variables], np.float64)
    lp.col_upper_ = np.array([infinity if v.upBound is None else v.upBound for v in scaled.variables], np.float64)
    kinds = highspy.HighsVarType
    if scaled.mixed:
        lp.integrality_ = [kinds.kInteger if variable.cat == "Integer" else kinds.kContinuous for variable in scaled.variables]
    lower, upper, starts, columns, values = [], [], [0], [], []
    for row in rows:
        columns += [column_of[variable.name] for variable in row]
        values += row.values()
        starts.append(len(columns))
        below, above = row.getLb(), row.getUb()
        lower.append(-infinity if below is None else below)
        upper.append(infinity if above is None else above)
    lp.row_lower_, lp.row_upper_ = np.array(lower, np.float64), np.array(upper, np.float64)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.array(starts, np.int32)
    lp.a_matrix_.index_ = np.array(columns, np.int32)
    lp.a_matrix_.value_ = np.array(values, np.float64)
    return lp


def _version() -> str:
    from importlib.metadata import version

    return version("highspy")
