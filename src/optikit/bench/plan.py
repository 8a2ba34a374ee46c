"""What a suite comes to: one task a run, each with an identity that says when it must be done again."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..core.problem import Problem
from ..core.solver import Solver
from ..core.stop import Stop
from ..errors import FetchError, UnsupportedError
from .budgets import budget_text, honoured
from .contenders import Contender
from .described import Describer
from .instances import NamedInstance
from .provenance import code_version, git_commit, has_source

if TYPE_CHECKING:
    from .suite import Suite


@dataclass(frozen=True)
class Task:
    """One run, as a worker gets it and as the store knows it.

    Parameters
    ----------
    run_id : str
        Hash of what the run is: the problem's fingerprint, the solver's name, its parameters and its code, the threads, the
        seed and the budget. A run of this identity that is in the store is not done again.
    label, instance : str
        How the suite calls the solver and the instance; not part of the identity.
    problem : bytes
        The problem, pickled: each run gets it fresh, so that none profits from what another has cached.
    solver : Solver or None
        None stands for ``"auto"``.
    stop : Stop
        As the solver takes it.
    budget : str
        As the suite states it.
    hashed_by, hashed_at : int, float
        The process that has made ``code`` a hash of sources, and when; 0 where the user has named the version.
    """

    run_id: str
    label: str
    instance: str
    problem: bytes
    solver: Solver | None
    stop: Stop
    seed: int
    n_jobs: int
    budget: str
    time_limit: float | None
    code: str
    identity: Mapping[str, Any]
    hashed_by: int = field(compare=False)
    hashed_at: float = field(compare=False)


@dataclass(frozen=True)
class InstanceFacts:
    """What the tables say of an instance."""

    name: str
    fingerprint: str
    problem_class: str
    size: int | None
    sense: str
    best_known: float | None
    known_bound: float | None


@dataclass(frozen=True)
class Plan:
    """All tasks of a suite in the order in which they are done; ``plan_id`` is a hash of their identities and names."""

    plan_id: str
    suite: str
    definition: str
    commit: str
    tasks: tuple[Task, ...]
    instances: tuple[InstanceFacts, ...]


def make_plan(suite: Suite) -> Plan:
    """Load every instance, find every solver, and refuse before the first run what could not be run.

    Raises
    ------
    UnsupportedError
        An instance that cannot be loaded, a solver or a parameter that is not known, a solver that does not take an
        instance or a budget: each with its place in the suite.
    """
    facts: list[InstanceFacts] = []
    tasks: list[Task] = []
    codes: dict[tuple[Any, ...], str] = {}
    trouble: dict[str, UnsupportedError] = {}
    for instance in suite.instances:
        try:
            problem = instance.problem()
        except UnsupportedError as error:
            trouble[instance.name] = error
            continue
        facts.append(_facts(instance, problem))
        data = _pickled(problem, f"{instance.place} ({instance.name})")
        times_of: Counter[str] = Counter()
        for contender in suite.solvers:
            solver = _solver(contender, instance, problem)
            key = contender.label, type(solver), type(problem)
            if key not in codes:
                codes[key] = contender.code or _code(contender, solver, type(problem))
            for stop in suite.budgets:
                tasks += _tasks(suite, contender, solver, instance.name, problem, data, stop, codes[key], times_of)
    if trouble:
        _refuse(trouble)
    tasks = _interleaved(tasks)
    definition = suite.describe()
    digest = hashlib.sha256(json.dumps([suite.name, [(t.run_id, t.label, t.instance) for t in tasks]]).encode())
    return Plan(digest.hexdigest()[:32], suite.name, definition, git_commit(suite.folder), tuple(tasks), tuple(facts))


def _refuse(trouble: Mapping[str, UnsupportedError]) -> None:
    """Of a selection without a network that is a hundred names: the first few say which they are."""
    first = next(iter(trouble.values()))
    if len(trouble) == 1:
        raise first
    named = ", ".join(list(trouble)[:5]) + (f" and {len(trouble) - 5} more" if len(trouble) > 5 else "")
    away = any(isinstance(error.__cause__, FetchError) for error in trouble.values())
    way_out = ". Or take those that are on this machine: datasets.select(..., available=True)" if away else ""
    raise UnsupportedError(f"{len(trouble)} instances cannot be loaded: {named}; the first: {first}{way_out}") from first


def _facts(instance: NamedInstance, problem: Problem) -> InstanceFacts:
    size = problem.features.get("size")
    return InstanceFacts(
        instance.name,
        problem.fingerprint,
        type(problem).__name__,
        None if size is None else int(size),
        problem.sense,
        instance.best_known,
        instance.bound,
    )


def _solver(contender: Contender, instance: NamedInstance, problem: Problem) -> Solver | None:
    solver = contender.solver_for(type(problem))
    if solver is None:
        return None
    support = solver.supports(problem)
    if not support:
        raise UnsupportedError(
            f"solvers.{contender.label}: {solver.name} cannot solve {instance.name}: {support.reason}; "
            "leave the instance or the solver out"
        )
    return solver


def _code(contender: Contender, solver: Solver | None, problem_class: type[Problem]) -> str:
    try:
        return code_version(solver, problem_class)
    except UnsupportedError as error:
        raise UnsupportedError(f"solvers.{contender.label}: {error}") from None


def _tasks(
    suite: Suite,
    contender: Contender,
    solver: Solver | None,
    name: str,
    problem: Problem,
    data: bytes,
    stop: Stop,
    code: str,
    times_of: Counter[str],
) -> list[Task]:
    try:
        taken = honoured(solver, stop)
    except UnsupportedError as error:
        raise UnsupportedError(f"solvers.{contender.label}: {error}") from None
    n_jobs = contender.n_jobs or suite.n_jobs
    tasks = []
    for seed in suite.seeds:
        identity = {
            "fingerprint": problem.fingerprint,
            "solver_name": "auto" if solver is None else solver.name,
            "parameters": parameters_text(solver),
            "n_jobs": n_jobs,
            "seed": seed,
            "budget": budget_text(stop),
            "code": code,
        }
        text = json.dumps(identity, sort_keys=True)
        # A solver that stands twice in a suite is run twice: that is how the noise of the runs themselves is seen.
        times_of[text] += 1
        identity["times"] = times_of[text]
        run_id = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:32]
        tasks.append(
            Task(
                run_id,
                contender.label,
                name,
                data,
                solver,
                taken,
                seed,
                n_jobs,
                budget_text(stop),
                stop.time,
                code,
                identity,
                *((0, 0.0) if contender.code else (os.getpid(), time.time())),
            )
        )
    return tasks


def parameters_text(solver: Solver | None) -> str:
    """The parameters of a solver as JSON, the same for equal parameters."""
    describer = Describer(has_source)
    own = [] if solver is None else dataclasses.fields(solver)
    return json.dumps({field.name: describer.plain(getattr(solver, field.name)) for field in own}, sort_keys=True)


def _pickled(thing: Any, place: str) -> bytes:
    """For workers, also what a script or a notebook has defined itself."""
    import cloudpickle

    try:
        data: bytes = cloudpickle.dumps(thing)
    except Exception as error:  # pickling runs code of the thing's own
        raise UnsupportedError(f"{place} cannot be sent to a worker: {error}") from error
    return data


def _interleaved(tasks: list[Task]) -> list[Task]:
    """Seed by seed, budget by budget, instance by instance, the solvers side by side.

    What a machine does besides then hits all solvers alike, and a suite that was stopped has pairs to compare.
    """
    seeds = {seed: place for place, seed in enumerate(dict.fromkeys(task.seed for task in tasks))}
    budgets = {budget: place for place, budget in enumerate(dict.fromkeys(task.budget for task in tasks))}
    names = {name: place for place, name in enumerate(dict.fromkeys(task.instance for task in tasks))}
    return sorted(tasks, key=lambda task: (seeds[task.seed], budgets[task.budget], names[task.instance]))
