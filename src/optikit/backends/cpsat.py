"""CP-SAT of OR-Tools: runs a ``CpModel`` by a deadline, with improvements and bounds on the way.

Everything is set that CP-SAT would choose to our harm: the number of workers (it takes every core of the host), the seed, and
Ctrl-C (it would install a signal handler of its own). Its status is not believed where it matters: the template of
`core.solver` derives optimality from the bound.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..core.result import StopReason
from ..core.run import Run
from ..errors import EngineError, UnsupportedError
from .answer import Answer
from .watch import Watch

Values = Callable[[Any], int]
"""Variable of the model -> its value."""

_MAX_SEED = 2**31 - 1


def solve_cpsat(
    model: Any,
    run: Run,
    *,
    late: float,
    start: None = None,
    on_values: Callable[[Values], None] = lambda values: None,
    on_bound: Callable[[float], None] = lambda bound: None,
    parameters: Mapping[str, Any] | None = None,
) -> Answer:
    """Solve a ``CpModel``, with hints where there is a start, until it is proved or ``run`` says stop.

    The parameters are those of `formulated.Formulated._engine`; ``parameters`` are fields of ``SatParameters``, verbatim. The
    memory limit of ``run`` is kept too.

    Raises
    ------
    UnsupportedError
        For a parameter that CP-SAT does not have.
    EngineError
        For a model that CP-SAT calls invalid, with its words.
    """
    import ortools
    from ortools.sat.python import cp_model

    versions = {"ortools": ortools.__version__}
    complaint = model.validate()
    if complaint:
        raise EngineError(f"CP-SAT refuses the model: {complaint}")
    solver = cp_model.CpSolver()
    _set_parameters(solver.parameters, run, parameters or {})

    def deliver(item: tuple[str, Any]) -> None:
        kind, value = item
        if kind == "bound":
            on_bound(value)
        else:
            on_values(_values_of(value))

    watch: Watch[Any] = Watch(run, solver.stop_search, deliver, late)

    class Improvements(cp_model.CpSolverSolutionCallback):  # type: ignore[misc]
        def on_solution_callback(self) -> None:
            watch.post(("values", list(self.Response().solution)))

    if model.has_objective():
        solver.best_bound_callback = lambda bound: watch.post(("bound", bound))
    remaining = run.remaining
    if remaining <= 0:
        return Answer(StopReason.TIME, versions=versions)
    if remaining != float("inf"):
        solver.parameters.max_time_in_seconds = remaining
    status = watch.call(lambda: solver.solve(model, Improvements()))
    if status is None:
        return Answer(watch.reason or StopReason.TIME, message="CP-SAT did not stop in time", versions=versions)
    response = solver.response_proto
    solution = list(response.solution)
    bound = response.best_objective_bound if model.has_objective() else None
    return read_status(solver.status_name(status), solution, bound, run, watch.reason, solver.solution_info(), versions)


def read_status(
    status: str,
    solution: list[int],
    bound: float | None,
    run: Run,
    stopped_by: StopReason | None,
    info: str = "",
    versions: Mapping[str, str] | None = None,
) -> Answer:
    """CP-SAT's status as an `Answer`: one row a status, see ``docs/decisions/0003-backends.md``."""
    why = stopped_by or run.reason() or _early(run)
    values = _values_of(solution) if solution else None
    versions = versions or {}
    match status:
        case "OPTIMAL":
            return Answer(StopReason.PROVEN, values, bound, versions=versions)
        case "FEASIBLE":
            return Answer(why or StopReason.EXHAUSTED, values, bound, versions=versions)
        case "INFEASIBLE":
            return Answer(StopReason.PROVEN, infeasible=True, versions=versions)
        case "UNKNOWN":
            # The bound of a search without a solution is proved too, except its start value at the end of the range.
            proved = bound if bound is not None and abs(bound) < 2.0**53 else None
            return Answer(why or StopReason.EXHAUSTED, None, proved, message=info, versions=versions)
        case "MODEL_INVALID":
            raise EngineError(f"CP-SAT refuses the model: {info or 'it gives no reason'}")
        case _:
            raise EngineError(f"CP-SAT ended with a status that optikit does not know: {status}")


def _early(run: Run) -> StopReason | None:
    """CP-SAT may give up somewhat before its limit, when it sees that no time is left for what comes next."""
    return StopReason.TIME if run.stop.time is not None and run.remaining <= 0.2 * run.stop.time else None


def _values_of(solution: list[int]) -> Values:
    def value_of(variable: Any) -> int:
        return int(solution[variable.index])

    return value_of


def _set_parameters(target: Any, run: Run, parameters: Mapping[str, Any]) -> None:
    target.num_workers = run.n_jobs
    target.random_seed = run.seed % _MAX_SEED
    target.catch_sigint_signal = False
    target.symmetry_level = (
        0  # with coefficients above 2^32, what 9.15 makes of symmetries proves false optima (docs/decisions/0003)
    )
    if run.memory_limit is not None:
        target.max_memory_in_mb = max(1, run.memory_limit // 2**20)
    for name, value in parameters.items():
        if not hasattr(target, name) or callable(getattr(target, name)):
            raise UnsupportedError(f"CP-SAT has no parameter {name!r}; its parameters are the fields of SatParameters")
        try:
            if isinstance(value, list | tuple):
                getattr(target, name).extend(value)
            elif isinstance(value, str) and hasattr(type(getattr(target, name)), "__members__"):
                setattr(target, name, type(getattr(target, name)).__members__[value])
            else:
                setattr(target, name, value)
        except (TypeError, ValueError, AttributeError, KeyError) as error:
            raise UnsupportedError(f"CP-SAT refuses {name}={value!r}: {str(error).splitlines()[0]}") from None
