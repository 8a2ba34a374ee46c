"""The public functions: wiring only."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from numbers import Integral
from typing import Any

from ._brisk import brisk
from ._many import Home, ended_by_ctrl_c, failure, honoured, listed
from .core import registry
from .core.problem import Problem
from .core.result import Result, Status, StopReason
from .core.run import DEFAULT_SECONDS, log, watchers
from .core.solution import Solution
from .core.solver import Solver, accepted_start, joined_stop
from .core.stop import Stop
from .errors import MissingExtraError, UnsupportedError
from .inputs.arguments import check_bytes, check_count, check_options, count_jobs
from .inputs.keywords import keywords, refuse_unknown, strict
from .inputs.wording import an, did_you_mean, shown
from .reading import FAMILIES


@strict
def solve(
    problem: Problem,
    solver: str | Solver = "auto",
    *,
    time_limit: float | None = None,
    stop: Stop | None = None,
    seed: int = 0,
    n_jobs: int = 1,
    initial_solution: Solution | Result | None = None,
    callbacks: Sequence[Any] = (),
    display: bool = False,
    memory_limit: int | None = None,
    options: Mapping[str, Any] | None = None,
) -> Result:
    """Solve a problem.

    Parameters
    ----------
    problem : Problem
        What is to be decided.
    solver : str or Solver
        A name from ``problem.solvers()``, a solver object, or ``"auto"``: small instances are proved, large ones searched.
    time_limit : float, optional
        Seconds of wall-clock time from this call, set-up included; short for ``stop=Stop(time=...)``. Without any stop: ten
        seconds, except that an exact solver which you name runs to its proof.
    stop : Stop, optional
        Further criteria; joined with ``time_limit``.
    seed : int
        Same seed, same solver, same iterations: same solution.
    n_jobs : int
        Threads; -1 for every CPU that this process may use.
    initial_solution : Solution or Result, optional
        A feasible start (that of a result is taken out of it); the result is never worse.
    callbacks : sequence of Callback, callable or CancelToken
        Who watches or cancels (see `Callback`).
    display : bool
        Show progress, in a terminal or a notebook.
    memory_limit : int, optional
        Bytes that the solver may take, as far as it can tell.
    options : mapping, optional
        Parameters of the solver, by name; unknown ones are refused.

    Returns
    -------
    Result
        The answer with its evidence. A solution in it has passed the checker.

    Raises
    ------
    UnsupportedError
        If the solver cannot take this problem or this stop; the message says why.
    InvalidSolutionError
        If the initial solution is infeasible, or of another problem.

    Examples
    --------
    >>> import optikit as ok
    >>> vrp = ok.routing.VRP.from_coordinates([(0, 0), (0, 3), (4, 0)], demand=[0, 1, 1], capacity=2)
    >>> ok.solve(vrp).objective
    12.0
    """
    started = time.monotonic()
    _require_problem(problem)
    solver = _chosen(problem, solver)
    with ExitStack() as screen:
        watching = watchers(callbacks)
        if display:
            from .display import ProgressDisplay

            watching.append(screen.enter_context(ProgressDisplay()))
        shared: dict[str, Any] = {
            "seed": seed,
            "n_jobs": n_jobs,
            "initial_solution": initial_solution,
            "callbacks": watching,
            "memory_limit": memory_limit,
            "options": options,
            "started": started,
        }
        if isinstance(solver, Solver):
            return solver.solve(problem, time_limit=time_limit, stop=stop, **shared)
        return _solve_auto(problem, time_limit, stop, shared)


def _require_problem(problem: Any) -> None:
    if not isinstance(problem, Problem):
        raise UnsupportedError(f"problem is {an(type(problem))}; expected a Problem, for instance optikit.routing.VRP")


def _chosen(problem: Problem, solver: str | Solver) -> str | Solver:
    """The solver that is named; ``"auto"`` stays as it is."""
    if isinstance(solver, str) and solver != "auto":
        with brisk:
            return registry.find(type(problem), solver)
    if not isinstance(solver, str | Solver):
        raise UnsupportedError(f"solver is {shown(solver)}; expected a name, a Solver object, or 'auto'")
    return solver


def _solve_auto(problem: Problem, time_limit: float | None, stop: Stop | None, shared: dict[str, Any]) -> Result:
    """The first entry of the menu that fits; the next one where an engine died."""
    joined = joined_stop(stop, time_limit)
    note = ""
    if not joined.criteria:
        joined, note = Stop(time=DEFAULT_SECONDS), f"no stop was given: {DEFAULT_SECONDS:.0f} seconds"
    result = None
    for chosen, why in registry.candidates(problem, joined.time, shared["n_jobs"]):
        if joined.criteria - chosen.capabilities.stops:
            continue
        if result is not None and joined.time is not None and time.monotonic() - shared["started"] >= joined.time:
            break
        failed = f"{result.solver} failed: {result.message}" if result is not None else ""
        result = chosen.solve(problem, stop=joined, **shared)
        if result.status is Status.INFEASIBLE and registry.impossible(problem):
            return replace(result, solver="none", parameters={}, message=f"{result.message}: seen from the data, no solver ran")
        message = "; ".join(
            part for part in (result.message, failed, why, note if result.stop_reason is StopReason.TIME else "") if part
        )
        result = replace(result, message=message)
        if result.stop_reason is not StopReason.FAILED:
            return result
    if result is None:
        reasons = "; ".join(str(offer) for offer in problem.solvers()) or "no solver is registered"
        raise UnsupportedError(f"no solver takes this {type(problem).__name__} with {joined!r}: {reasons}")
    return result


def solve_many(
    problems: Iterable[Problem],
    solver: str | Solver = "auto",
    *,
    n_jobs: int = 1,
    seed: int = 0,
    **options: Any,
) -> list[Result]:
    """Solve several problems, side by side, through joblib: any backend of ``joblib.parallel_config`` works.

    Parameters
    ----------
    problems : iterable of Problem
        In any number.
    solver : str or Solver
        As in `solve`.
    n_jobs : int
        Problems solved at once; each by one thread.
    seed : int
        Problem i is solved with seed ``seed + i``, whatever ``n_jobs`` is.
    **options
        Further arguments of `solve`, which pickle where joblib starts processes. (A `CancelToken` does not: use it with
        ``joblib.parallel_config(backend="threading")``.)

    Returns
    -------
    list of Result
        In the order of the problems. After a Ctrl-C with ``n_jobs=1``, those that had not begun are ``CANCELLED``; with more, it is
        raised.
    """
    import pickle

    from joblib import Parallel, delayed

    refuse_unknown("solve_many", options, ["problems", "solver", *keywords(solve)])
    given, first = listed(problems), check_count("seed", seed, 0)
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, Integral) or n_jobs == 0:
        raise UnsupportedError(f"n_jobs is {shown(n_jobs)}; expected an int >= 1, or -1 for all CPUs")
    at_once = min(int(n_jobs), max(1, len(given)))
    home = Home(given)
    with ended_by_ctrl_c() as token:
        if at_once == 1:
            options["callbacks"] = [*watchers(options.get("callbacks")), token]
        jobs = (delayed(_solve_from)(home, problem, solver, seed=first + index, **options) for index, problem in enumerate(given))
        try:
            return list(Parallel(n_jobs=at_once)(jobs))
        except pickle.PicklingError as error:
            cause = str(error.__cause__ or error).rstrip('"\n').splitlines()[-1]  # of the worker's traceback
            way_out = "leave it out, or solve on threads: joblib.parallel_config(backend='threading')"
            raise UnsupportedError(f"an argument of solve_many cannot be sent to another process ({cause}); {way_out}") from error


def _solve_from(home: Home, problem: Problem, solver: str | Solver, **options: Any) -> Result:
    """`solve` in another process, which may not know where the problem's class comes from."""
    home.settle()
    return solve(problem, solver, **options)


def compare(
    problem: Problem,
    solvers: str | Solver | Iterable[str | Solver] | Mapping[str, str | Solver] | None = None,
    *,
    time_limit: float | None = DEFAULT_SECONDS,
    **options: Any,
) -> dict[str, Result]:
    """Solve one problem with several solvers, one after the other, under the same limit.

    A solver that fails is no reason to lose what the others found: its result has the stop reason FAILED and says why. Of the
    stop, a solver is given what it honours, and its result names what it does not. After a Ctrl-C, those that had not begun are
    CANCELLED.

    Parameters
    ----------
    problem : Problem
        What is to be decided.
    solvers : sequence or mapping, optional
        Names or solver objects, or label -> either; a single one is a sequence of one. By default every solver that supports
        the instance.
    time_limit : float, optional
        Seconds for each; None: as each has it by default.
    **options
        Further arguments of `solve`. An exception in a callback is a failure of the solver that it watched.

    Returns
    -------
    dict of str to Result
        Best first; those without a solution last.

    Raises
    ------
    UnsupportedError
        For a solver that is not known, and for arguments that make no sense for any.
    InvalidSolutionError
        If the initial solution is infeasible, or of another problem.
    """
    refuse_unknown("compare", options, ["problem", "solvers", *keywords(solve)])
    _require_problem(problem)
    if solvers is None:
        solvers = [offer.name for offer in problem.solvers() if offer.supported]
    if isinstance(solvers, str | Solver):
        solvers = [solvers]
    if not isinstance(solvers, Iterable):
        raise UnsupportedError(f"solvers is {shown(solvers)}; expected names or Solver objects")
    if not isinstance(solvers, Mapping):
        solvers = {entry if isinstance(entry, str) else repr(entry): entry for entry in solvers}
    chosen = {str(label): _chosen(problem, entry) for label, entry in solvers.items()}
    whole = joined_stop(options.pop("stop", None), time_limit)
    if (start := options.pop("initial_solution", None)) is not None:
        options["initial_solution"] = accepted_start(problem, start)
    seed = options["seed"] = check_count("seed", options.get("seed", 0), 0)
    options["callbacks"] = watchers(options.get("callbacks"))
    count_jobs(options.get("n_jobs", 1))
    check_bytes(options.get("memory_limit"))
    check_options(options.get("options"))
    results = {}
    with ended_by_ctrl_c() as token:
        options["callbacks"].append(token)
        for label, entry in chosen.items():
            # A limit that a solver cannot honour is no reason to leave it out: a constructive one runs to its own end.
            stop, note = honoured(entry, whole)
            began = time.monotonic()
            try:
                result = solve(problem, entry, stop=stop, **options)
            except Exception as error:
                log.warning("%s failed: %s", label, error)
                result = failure(problem, entry.name if isinstance(entry, Solver) else entry, seed, time.monotonic() - began, error)
            results[label] = replace(result, message="; ".join(part for part in (result.message, note) if part))
    sign = 1 if problem.sense == "min" else -1
    order = sorted(results, key=lambda label: (results[label].objective is None, sign * (results[label].objective or 0.0)))
    return {label: results[label] for label in order}


def lower_bound(problem: Problem, solver: str | Solver | None = None, **options: Any) -> float | None:
    """A proved bound on the objective: no solution is better.

    Parameters
    ----------
    problem : Problem
        What is to be decided (for a problem that maximises, this is the upper bound).
    solver : str or Solver, optional
        Whose bound; by default the cheap one that each problem has, in milliseconds. It is weaker on large instances: that of a
        `VRP` uses spanning trees up to 400 nodes, degrees up to 2,500, and above only the ways to and from the depot (see
        `optikit.routing.vrp.bounds.lower_bound`). With a time limit, and no solver: the stronger one that some problems have, such
        as the ascent of Held and Karp for a `TSP`.
    **options
        Arguments of `solve`, such as ``time_limit``.

    Returns
    -------
    float or None
        In the user's units; None where neither the problem nor the solver has one.

    Examples
    --------
    >>> import optikit as ok
    >>> vrp = ok.routing.VRP.from_coordinates([(0, 0), (0, 3), (4, 0)], demand=[0, 1, 1], capacity=2)
    >>> round(ok.lower_bound(vrp), 6)
    10.0
    """
    _require_problem(problem)
    refuse_unknown("lower_bound", options, ["problem", "solver", *keywords(solve)])
    if solver is None:
        if not options:
            return registry.cheap_bound(problem)
        stronger = registry.hook(type(problem), "BOUND_SOLVER")
        if stronger is None:
            raise UnsupportedError(f"the cheap bound takes no {', '.join(options)}; name a solver: lower_bound(problem, 'cpsat')")
        solver = stronger()
    return solve(problem, solver, **options).bound


@strict
def explain(problem: Problem, solution: Solution | Result | None = None) -> Any:
    """What makes a problem infeasible, or what binds; with a solution, also what is wrong or tight in it.

    Returns
    -------
    Explanation
        Prints as sentences with numbers.
    """
    _require_problem(problem)
    explanation = registry.hook(type(problem), "EXPLAIN")
    if explanation is None:
        raise UnsupportedError(f"{type(problem).__name__} has no explanation")
    if not isinstance(solution, Result):
        return explanation(problem, solution)
    found = explanation(problem, solution.solution or solution.nearest)
    proved = solution.status is Status.INFEASIBLE and solution.fingerprint == problem.fingerprint
    return found.with_proof(solution.solver) if proved else found


@strict
def formulate(problem: Problem, backend: str) -> tuple[Any, Callable[..., Solution]]:
    """The backend's own model of a problem, and a function that reads a solution back from it.

    Use it to add side constraints of your own before handing the model to the engine.

    Parameters
    ----------
    problem : Problem
        What is to be decided.
    backend : str
        ``"cpsat"`` or ``"milp"``, as far as the problem has it.

    Returns
    -------
    model, read
        The engine's model, and ``read(value_of) -> Solution``, where ``value_of`` gives the value of a variable: ``pulp.value``, or
        the ``value`` of a ``CpSolver``.

    Raises
    ------
    UnsupportedError
        If the problem has no such formulation, or ``read`` is given no function.
    MissingExtraError
        If the engine is not installed.
    """
    _require_problem(problem)
    build = registry.formulation(problem, backend)
    try:
        model, read = build(problem)
    except ModuleNotFoundError as error:
        raise MissingExtraError(f'{error.name} is not installed; pip install "optikit[solvers]"') from None
    return (model, _strict(read)) if backend in ("cpsat", "milp") else (model, read)


def _strict(read: Any) -> Any:
    """A reader that refuses what is no function of a variable; ``__self__`` is still the formulation."""

    def strict(value_of: Callable[[Any], float]) -> Solution:
        if not callable(value_of):
            expected = "a function that gives the value of a variable, such as pulp.value or the value of a CpSolver"
            raise UnsupportedError(f"value_of is {shown(value_of)}; expected {expected}")
        solution: Solution = read(value_of)
        return solution

    strict.__self__ = getattr(read, "__self__", None)  # type: ignore[attr-defined]
    return strict


@strict
def warmup(*problems: str) -> dict[str, str]:
    """Make kernels ready, so that no later solve compiles: for the start of a service, or the building of an image.

    Parameters
    ----------
    *problems : str
        For which problems: the names of their folders, such as ``"vrp"`` or ``"flowshop"``; by default for all.

    Returns
    -------
    dict of str to str
        Kernel -> how it runs: ``"aot"``, ``"jit"``, ``"python"`` or ``"checked"``.
    """
    import importlib

    from .kernels.jit import Kernel

    folders = {family.rpartition(".")[2]: family for family in FAMILIES}
    for problem in problems:
        if not isinstance(problem, str) or problem not in folders:
            raise UnsupportedError(
                f"there is no problem {shown(problem)}{did_you_mean(problem, folders)}; known: {', '.join(folders)}"
            )
    ways = {}
    for folder in problems or folders:
        for name in getattr(importlib.import_module(folders[folder]), "KERNELS", ()):
            module = importlib.import_module(name)
            for attribute, kernel in vars(module).items():
                if isinstance(kernel, Kernel) and kernel.module == name:
                    ways[f"{name}.{attribute}"] = kernel.resolve()
    return ways
