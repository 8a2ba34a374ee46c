"""One run, in whatever process it lands: what goes in is a task, what comes out is a record for the store."""

from __future__ import annotations

import functools
import importlib
import json
import os
import pickle
import platform
import time
import traceback
from collections.abc import Sequence
from typing import Any

from ..api import solve
from ..core import registry
from ..core.problem import Problem
from ..core.result import Result, StopReason
from ..errors import EngineError, UnsupportedError
from .load import measured
from .loaded import BEGAN
from .plan import Task
from .provenance import code_version, engine_versions, machine, of_files

CANCELLED = "cancelled"
"""State of a record whose run was ended from outside: it is no result, and the run is to be done again."""


class OtherCodeError(EngineError):
    """A worker has other sources, or other versions of engines, than the process that has named them."""


def execute(task: Task, commit: str = "", workers: int = 1, callbacks: Sequence[Any] = ()) -> dict[str, Any]:
    """Solve, and say all that is known of the run. What the solver raises becomes the record's ``error``.

    Parameters
    ----------
    task : Task
        What to run.
    commit : str
        Where the suite was started from.
    workers : int
        Runs that go at once on this machine, as far as is known.
    callbacks : sequence
        As in `optikit.solve`.
    """
    record: dict[str, Any] = {"run_id": task.run_id, "commit": commit, "versions": engine_versions(task.solver), **machine()}
    with measured(task.n_jobs, workers) as load:
        record["started_at"] = time.time()
        began = time.perf_counter()
        try:
            problem: Problem = pickle.loads(task.problem)
            if task.hashed_by not in (0, os.getpid()):
                _check_code(type(task.solver), type(problem), task)
            warm(type(problem))
            record["started_at"], began = time.time(), time.perf_counter()
            result = solve(
                problem,
                "auto" if task.solver is None else task.solver,
                stop=task.stop if task.stop.criteria else None,
                seed=task.seed,
                n_jobs=task.n_jobs,
                callbacks=callbacks,
            )
            record.update(_of_result(result, record["versions"]))
        except (KeyboardInterrupt, OtherCodeError):
            raise
        except BaseException as error:
            # Also a defect of a solver is a result of the suite, and so is its `sys.exit`: the other runs go on.
            record.update(status="error", stop_reason="error", error=_told(error), trace="[]")
            record["seconds"] = time.perf_counter() - began
    record.update(cpu_wait=load.cpu_wait, oversubscribed=load.oversubscribed, versions=json.dumps(record["versions"]))
    return record


def _of_result(result: Result, versions: dict[str, str]) -> dict[str, Any]:
    if result.stop_reason is StopReason.CANCELLED:
        return {"state": CANCELLED}
    whole = result.to_dict()
    trace = whole.pop("trace")
    versions.update(result.versions)
    failed = result.stop_reason is StopReason.FAILED
    return {
        "status": result.status.value,
        "stop_reason": result.stop_reason.value,
        "objective": result.objective,
        "bound": result.bound,
        "gap": result.gap,
        "seconds": result.timings["total"],
        "iterations": result.iterations,
        "timings": json.dumps(dict(result.timings)),
        "error": _storable(result.message or "the engine failed") if failed else None,
        "trace": json.dumps(trace),
        "result": json.dumps(whole),
    }


def _told(error: BaseException) -> str:
    """The error, and where it came from."""
    return _storable("".join(traceback.format_exception(error, limit=-5)).strip()[-4000:])


def _storable(text: str) -> str:
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()  # as databases take it


_CHECKED: set[tuple[type, type, str]] = set()
"""Classes of solvers and problems with the version of their code, which this process was found to have."""


def _check_code(solver_class: type, problem_class: type[Problem], task: Task) -> None:
    """Raise where a worker would run something else than what its results are kept as.

    A worker of a cluster that has imported a module keeps it, whatever its file says later; and its checkout may be another. A
    worker that is younger than the plan has what the plan has, though somebody goes on editing while the suite runs.
    """
    if (solver_class, problem_class, task.code) in _CHECKED or not of_files(task.solver, problem_class):
        return
    try:
        own = code_version(task.solver, problem_class)
    except UnsupportedError as error:
        if task.hashed_at > BEGAN:
            raise OtherCodeError(f"a worker on {platform.node()}: {error}") from None
        own = task.code
    if own != task.code:
        raise OtherCodeError(
            f"a worker on {platform.node()} has other code for {task.label} than the process that runs the suite ({own}, not "
            f"{task.code}), or other versions of its engines: bring it to the same, or name the version yourself: "
            "{'solver': ..., 'code': '1'}"
        )
    _CHECKED.add((solver_class, problem_class, task.code))


@functools.cache
def warm(problem_class: type[Problem]) -> None:
    """Make the kernels of a class ready, once a process: no run is to be longer than the others for being the first."""
    from ..kernels.jit import Kernel

    for name in registry.hook(problem_class, "KERNELS") or ():
        for kernel in vars(importlib.import_module(name)).values():
            if isinstance(kernel, Kernel) and kernel.module == name:
                kernel.resolve()
