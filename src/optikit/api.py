"""The public functions: wiring only."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from .core import registry
from .core.errors import FileFormatError, MissingExtraError, UnsupportedError
from .core.problem import Problem
from .core.result import Result, StopReason
from .core.run import DEFAULT_SECONDS, brisk, watchers
from .core.solution import Solution
from .core.solver import Solver, joined_stop
from .core.stop import Stop


def solve(
    problem: Problem,
    solver: str | Solver = "auto",
    *,
    time_limit: float | None = None,
    stop: Stop | None = None,
    seed: int = 0,
    n_jobs: int = 1,
    initial_solution: Solution | None = None,
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
    initial_solution : Solution, optional
        A feasible start; the result is never worse.
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
    if not isinstance(problem, Problem):
        raise UnsupportedError(f"problem is a {type(problem).__name__}; expected a Problem, for instance optikit.routing.VRP")
    if isinstance(solver, str) and solver != "auto":
        with brisk:
            solver = registry.find(type(problem), solver)
    elif not isinstance(solver, str | Solver):
        raise UnsupportedError(f"solver is {solver!r}; expected a name, a Solver object, or 'auto'")
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


def _solve_auto(problem: Problem, time_limit: float | None, stop: Stop | None, shared: dict[str, Any]) -> Result:
    """The first entry of the menu that fits; the next one where an engine died."""
    from dataclasses import replace

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
        message = "; ".join(part for part in (result.message, failed, why, note) if part)
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
        Further arguments of `solve` that pickle.

    Returns
    -------
    list of Result
        In the order of the problems.
    """
    from joblib import Parallel, delayed

    jobs = (delayed(solve)(problem, solver, seed=seed + index, **options) for index, problem in enumerate(problems))
    return list(Parallel(n_jobs=n_jobs)(jobs))


def compare(
    problem: Problem,
    solvers: Sequence[str | Solver] | Mapping[str, str | Solver] | None = None,
    *,
    time_limit: float = DEFAULT_SECONDS,
    **options: Any,
) -> dict[str, Result]:
    """Solve one problem with several solvers, one after the other, under the same limit.

    Parameters
    ----------
    problem : Problem
        What is to be decided.
    solvers : sequence or mapping, optional
        Names or solver objects, or label -> either. By default every solver that supports the instance.
    time_limit : float
        Seconds for each.
    **options
        Further arguments of `solve`.

    Returns
    -------
    dict of str to Result
        Best first; those without a solution last.
    """
    if solvers is None:
        solvers = [offer.name for offer in problem.solvers() if offer.supported]
    if not isinstance(solvers, Mapping):
        solvers = {entry if isinstance(entry, str) else repr(entry): entry for entry in solvers}
    results = {}
    for label, entry in solvers.items():
        chosen = registry.find(type(problem), entry) if isinstance(entry, str) and entry != "auto" else entry
        # A constructive solver runs to its own end: a limit that it cannot honour is no reason to leave it out.
        limited = not isinstance(chosen, Solver) or "time" in chosen.capabilities.stops
        results[label] = solve(problem, chosen, time_limit=time_limit if limited else None, **options)
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
        Whose bound; by default the cheap one that each problem has.
    **options
        Arguments of `solve`, such as ``time_limit``.
    """
    if solver is None:
        if options:
            raise UnsupportedError(f"the cheap bound takes no {', '.join(options)}; name a solver: lower_bound(problem, 'cpsat')")
        return registry.cheap_bound(problem)
    return solve(problem, solver, **options).bound


def explain(problem: Problem, solution: Solution | Result | None = None) -> Any:
    """What makes a problem infeasible, or what binds; with a solution, also what is wrong or tight in it.

    Returns
    -------
    Explanation
        Prints as sentences with numbers.
    """
    explanation = registry.hook(type(problem), "EXPLAIN")
    if explanation is None:
        raise UnsupportedError(f"{type(problem).__name__} has no explanation")
    if isinstance(solution, Result):
        solution = solution.solution or solution.nearest
    return explanation(problem, solution)


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
        The engine's model, and ``read(values) -> Solution``.
    """
    build = registry.formulation(problem, backend)
    try:
        model, read = build(problem)
    except ModuleNotFoundError as error:
        raise MissingExtraError(f'{error.name} is not installed; pip install "optikit[solvers]"') from None
    return model, read


_FAMILIES = ("optikit.routing.vrp",)
"""Problem folders whose ``READERS`` `read` tries."""


def read(path: str | os.PathLike[str], format: str | None = None, **options: Any) -> Problem:
    """Read a problem from a file.

    Parameters
    ----------
    path : path
        The file.
    format : str, optional
        Name of the format (``"vrplib"``, ...); needed where a file fits several.
    **options
        Arguments of the format's reader, such as ``rounding="nearest"``.

    Raises
    ------
    FileFormatError
        With file, line and token, if it cannot be read.
    """
    import importlib

    readers: dict[str, Any] = {}
    for family in _FAMILIES:
        for name, target in importlib.import_module(family).READERS.items():
            module, _, attribute = target.partition(":")
            readers[name] = getattr(importlib.import_module(module), attribute)
    if format is not None:
        if format not in readers:
            raise UnsupportedError(f"format is {format!r}; known: {', '.join(readers)}")
        return readers[format](path, **options)  # type: ignore[no-any-return]
    fitting = [name for name, reader in readers.items() if getattr(reader, "fits", lambda path: True)(path)]
    if len(fitting) > 1:
        raise FileFormatError(os.fspath(path), f"fits several formats; name one: format={' or '.join(map(repr, fitting))}")
    return readers[fitting[0]](path, **options)  # type: ignore[no-any-return]


def warmup() -> dict[str, str]:
    """Make the kernels ready, so that no later solve compiles: for the start of a service, or the building of an image.

    Returns
    -------
    dict of str to str
        Kernel -> how it runs: ``"aot"``, ``"jit"``, ``"python"`` or ``"checked"``.
    """
    import importlib

    from .kernels.jit import Kernel

    ways = {}
    for family in _FAMILIES:
        for name in getattr(importlib.import_module(family), "KERNELS", ()):
            module = importlib.import_module(name)
            for attribute, kernel in vars(module).items():
                if isinstance(kernel, Kernel) and kernel.module == name:
                    ways[f"{name}.{attribute}"] = kernel.resolve()
    return ways
