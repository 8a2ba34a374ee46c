"""Mixed-integer programs through PuLP: what HiGHS and CBC share, and any other solver that PuLP finds, in a child process.

HiGHS runs in this process (`highs`), CBC as a program under our own eyes (`cbc`). Any other solver that PuLP knows (Gurobi,
SCIP, GLPK, CPLEX, ...) runs in a child of ours: it can be ended when it is late, whatever it thinks of its own limit.

The objective is scaled before an engine sees it, so that the engines' absolute tolerances (1e-6) mean about 1e-12 of the
largest cost, and every bound is reported less those tolerances.
"""

from __future__ import annotations

import math
import signal
import tempfile
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..core.result import StopReason
from ..core.run import POLL_SECONDS, Run
from ..errors import EngineError, UnsupportedError
from .answer import Answer
from .child import Child, Pipe

Values = Callable[[Any], float]
"""Variable of the model -> its value."""

_LARGEST_COST = 2.0**20
_FURTHEST = 900
_ABSOLUTE_SLACK = 2e-6
_RELATIVE_SLACK = 2e-10


class Scaled:
    """A copy of a PuLP model whose largest cost is about 2^20, and the way back to the model's units.

    Parameters
    ----------
    model : pulp.LpProblem
        The model; it is not changed, and its variables are shared.
    """

    def __init__(self, model: Any) -> None:
        largest = max((abs(cost) for cost in model.objective.values()), default=0.0) if model.objective else 0.0
        self._costless = largest == 0.0
        exponent = 0 if self._costless else round(math.log2(_LARGEST_COST) - math.log2(largest))
        self.factor = 2.0 ** max(-_FURTHEST, min(exponent, _FURTHEST))
        self.model = model.copy()
        if model.objective:
            self.constant = model.objective.constant
            self.model.setObjective((model.objective - self.constant) * self.factor)
        else:
            self.constant = 0.0
            self.model.setObjective(0 * model.variables()[0])
        self.sense: int = model.sense  # 1: minimise, -1: maximise
        self.variables = self.model.variables()
        self.mixed = any(variable.cat == "Integer" for variable in self.variables)

    def bound(self, scaled: float | None, decimals: float = 0.0) -> float | None:
        """A bound of the engine in the model's units, less the engine's tolerances; None where there is none.

        Parameters
        ----------
        scaled : float
            As the engine states it, in the sense of the model.
        decimals : float
            What the engine rounds off when it prints.
        """
        if scaled is None or not math.isfinite(scaled) or abs(scaled) > 1e29:
            return None
        if self._costless:
            return float(self.constant)
        slack = _ABSOLUTE_SLACK + _RELATIVE_SLACK * abs(scaled) + decimals
        return float((scaled - self.sense * slack) / self.factor + self.constant)

    def values(self, columns: Iterable[float]) -> Values:
        """A reader of variables, from values in the order of ``variables``; integers are rounded within 1e-6."""
        return values_of({variable.name: float(value) for variable, value in zip(self.variables, columns)})


def values_of(value_by_name: Mapping[str, float]) -> Values:
    """A reader of variables by their names; what lies within 1e-6 of an integer is that integer."""

    def value_of(variable: Any) -> float:
        value = value_by_name.get(variable.name, 0.0)
        nearest = round(value)
        return float(nearest) if abs(value - nearest) <= 1e-6 else value

    return value_of


def installed_solvers() -> list[str]:
    """Names of the solvers that PuLP finds on this machine."""
    import pulp

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            return [str(name) for name in pulp.listSolvers(onlyAvailable=True)]
        except OSError:
            # One of them asks for the working directory, which somebody has deleted; the others do not mind.
            return [str(kind.name) for kind in pulp.apis._all_solvers if _is_available(kind.name)]


def _is_available(name: str) -> bool:
    import pulp

    try:
        return bool(pulp.getSolver(name, msg=False).available())
    except OSError:
        return False


def solve_pulp(
    model: Any,
    run: Run,
    *,
    solver: str,
    late: float,
    start: Mapping[str, float] | None = None,
    on_values: Callable[[Values], None] = lambda values: None,
    on_bound: Callable[[float], None] = lambda bound: None,
    parameters: Mapping[str, Any] | None = None,
) -> Answer:
    """Solve a PuLP model by any solver that PuLP finds, in a child process that is killed when it is late.

    The solver is given what is left of the time as its own limit. If it does not keep that, or the solve is cancelled, it is
    interrupted (SIGINT), upon which most programs hand over what they have. Only one that obeys neither is killed, and what it
    found is lost; it streams nothing (``on_values`` and ``on_bound`` are never called), as PuLP has no way for that.

    The parameters are those of `formulated.Formulated._engine`; ``parameters`` are arguments of PuLP's class, verbatim, and
    ``solver`` a name from ``pulp.listSolvers(onlyAvailable=True)``.
    """
    import pulp

    versions = {"pulp": str(pulp.__version__)}
    scaled = Scaled(model)
    job = {
        "model": scaled.model,
        "solver": solver,
        "start": dict(start or {}),
        "parameters": dict(parameters or {}),
        "threads": run.n_jobs,
        "gap": run.stop.gap or 0.0,
    }
    reason: StopReason | None = None
    reply: dict[str, Any] | None = None
    ended: float | None = None
    asked = False
    # The engine's files and logs go where they are deleted, also when it is killed.
    with tempfile.TemporaryDirectory(prefix="optikit-") as folder, _child(folder) as child:
        child.send(job)
        while reply is None and (ended is None or run.seconds < ended + late):
            try:
                reply = child.receive(min(POLL_SECONDS, max(run.remaining, 0.02)))
                if reply == "ready":
                    reply = None
                    child.send(None if run.deadline is None else run.remaining)
                reason = reason or run.tick()
            except KeyboardInterrupt:
                reason = StopReason.CANCELLED
            except EngineError:
                if asked:
                    break
                raise
            if reason is not None:
                ended = run.seconds if ended is None else ended
                # Its own limit comes first.
                if not asked and (reason is not StopReason.TIME or run.seconds >= ended + late / 3):
                    child.interrupt()
                    asked = True
    if reply is None:
        return Answer(reason or StopReason.TIME, message=f"{solver} kept no limit and had to be killed", versions=versions)
    if "refused" in reply:
        raise UnsupportedError(f"{solver}: {reply['refused']}")
    if "failed" in reply:
        if reason is not None:  # interrupted before it had a solution
            return Answer(reason, message=f"{solver}: {reply['failed']}", versions=versions)
        raise EngineError(f"{solver} failed: {reply['failed']}")
    return read_status(reply["status"], reply["sol_status"], reply["values"], reply["exact_gap"], scaled, run, reason, versions)


def read_status(
    status: int,
    sol_status: int,
    value_by_name: Mapping[str, float | None],
    exact_gap: bool,
    scaled: Scaled,
    run: Run,
    stopped_by: StopReason | None,
    versions: Mapping[str, str] | None = None,
) -> Answer:
    """PuLP's two statuses as an `Answer`: one row a pair, see ``docs/decisions/0003-backends.md``.

    PuLP calls a run "optimal" that ended at its limit with a solution, so both statuses, and that the limit was not yet
    reached, have to agree before a bound is drawn from it.
    """
    versions = versions or {}
    why = stopped_by or run.reason()
    found = {name: value for name, value in value_by_name.items() if value is not None}
    values = values_of(found) if found and sol_status in (1, 2) else None
    in_time = why is None
    match (status, sol_status):
        case (1, 1) if in_time and values is not None:
            value = scaled.model.objective.constant + sum(
                cost * found.get(variable.name, 0.0) for variable, cost in scaled.model.objective.items()
            )
            return Answer(StopReason.PROVEN, values, scaled.bound(value) if exact_gap else None, versions=versions)
        case (-1, -1 | 0) if in_time:  # CBC's "integer infeasible" comes as (-1, 0)
            return Answer(StopReason.PROVEN, infeasible=True, versions=versions)
        case (-2, _) if in_time:
            return Answer(StopReason.EXHAUSTED, message="the model is unbounded", versions=versions)
        case _:
            return Answer(why or StopReason.EXHAUSTED, values, versions=versions)


def _child(folder: str) -> Child:
    return Child("optikit.backends.milp:_work", dict.fromkeys(("TMPDIR", "TMP", "TEMP"), folder), folder)


def _work(pipe: Pipe) -> None:
    """In the child: build PuLP's solver, say that we are ready, solve, send what came of it."""
    import inspect

    import pulp

    job = pipe.receive()
    model = job["model"]
    warnings.simplefilter("ignore")
    solver_class = type(pulp.getSolver(job["solver"], msg=False))
    known = inspect.signature(solver_class.__init__).parameters
    open_ended = any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in known.values())
    unknown = [name for name in job["parameters"] if name not in known and not open_ended]
    if unknown:
        pipe.send({"refused": f"PuLP's {job['solver']} has no parameter {unknown[0]!r}; it has {', '.join(list(known)[1:])}"})
        return
    wanted: dict[str, Any] = {"gapRel": job["gap"], "threads": job["threads"], "warmStart": bool(job["start"])}
    pipe.send("ready")
    seconds = pipe.receive()
    if seconds is not None:
        wanted["timeLimit"] = max(0.1, seconds)
    arguments = {"msg": False, **{name: value for name, value in wanted.items() if name in known}, **job["parameters"]}
    for variable in model.variables():
        if variable.name in job["start"]:
            variable.setInitialValue(job["start"][variable.name], check=False)
    # An interrupt is for the engine; a handler, unlike SIG_IGN, is not handed down to the programs that PuLP starts.
    signal.signal(signal.SIGINT, lambda *_: None)
    try:
        model.solve(solver_class(**arguments))
    except (pulp.PulpSolverError, OSError, TypeError, ValueError) as error:
        pipe.send({"failed": f"{type(error).__name__}: {error}"})
        return
    values = {variable.name: variable.varValue for variable in model.variables()}
    exact_gap = "gapRel" in arguments and job["gap"] == 0 and "gapRel" not in job["parameters"]
    pipe.send({"status": model.status, "sol_status": model.sol_status, "values": values, "exact_gap": exact_gap})
