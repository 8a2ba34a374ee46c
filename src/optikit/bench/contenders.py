"""The solvers of a suite: each a label, a solver with its parameters, and the threads that it may use."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..core import registry
from ..core.problem import Problem
from ..core.solver import Solver
from ..errors import OptikitError, UnsupportedError
from ..inputs.arguments import count_jobs, is_listed
from ..inputs.wording import shown
from .schema import check_text

RESERVED = ("solver", "n_jobs", "code")
"""Keys of a solver's entry that are not parameters of the solver."""


@dataclass(frozen=True)
class Contender:
    """One solver of a suite.

    Parameters
    ----------
    label : str
        As it stands in tables and in ``compare``.
    solver : str or Solver
        A name of the menu, ``"auto"``, ``"package.module:Class"``, or a solver object.
    parameters : mapping
        Of a solver that is named.
    n_jobs : int, optional
        Threads of each solve; by default the suite's.
    code : str, optional
        Version of the solver's code; by default a hash of its sources (see `bench.provenance`).
    """

    label: str
    solver: str | Solver
    parameters: Mapping[str, Any] = field(default_factory=dict)
    n_jobs: int | None = None
    code: str | None = None

    def solver_for(self, problem_class: type[Problem]) -> Solver | None:
        """The solver with its parameters; None for ``"auto"``, which is chosen in each solve.

        Raises
        ------
        UnsupportedError
            For a name or a parameter that is not known, with the entry of the suite.
        """
        try:
            if isinstance(self.solver, Solver):
                return self.solver
            if self.solver == "auto":
                return None
            chosen = _of_target(self.solver) if ":" in self.solver else registry.find(problem_class, self.solver)
            return chosen.with_options(self.parameters)
        except (OptikitError, TypeError) as error:
            raise UnsupportedError(f"solvers.{self.label}: {error}") from error


def _of_target(target: str) -> Solver:
    """The solver of ``"package.module:Class"``, with its default parameters."""
    module, _, attribute = target.partition(":")
    try:
        loaded = getattr(importlib.import_module(module), attribute)
    except Exception as error:  # importing runs code of the user's own
        raise UnsupportedError(
            f"{target!r} cannot be imported ({error}); expected package.module:Class, of what is installed or in a folder that "
            "PYTHONPATH names"
        ) from None
    if not (isinstance(loaded, type) and issubclass(loaded, Solver)):
        raise UnsupportedError(f"{target!r} is no Solver class")
    return loaded()


def contenders(given: Any) -> tuple[Contender, ...]:
    """What the user gave as ``solvers``: a mapping of labels, or an iterable of names and solver objects."""
    if isinstance(given, str | Solver):
        given = (given,)
    if not isinstance(given, Mapping):
        if not is_listed(given):
            raise UnsupportedError(f"solvers is {shown(given)}; expected a mapping, for instance {{'live': 'ortools'}}")
        entries = list(given)
        for index, entry in enumerate(entries):
            if not isinstance(entry, str | Solver | Contender):
                raise UnsupportedError(
                    f"solvers[{index}] is {shown(entry)}; expected a name or a Solver object, or labels: {{'live': ...}}"
                )
        labels = [_label(entry) for entry in entries]
        twice = next((label for label in labels if labels.count(label) > 1), None)
        if twice is not None:
            raise UnsupportedError(f"solvers has {twice!r} twice; give labels: solvers={{'live': ..., 'new': ...}}")
        given = dict(zip(labels, entries, strict=True))
    if not given:
        raise UnsupportedError("solvers is empty; name at least one")
    return tuple(_contender(label, entry) for label, entry in given.items())


def _label(entry: Any) -> str:
    if isinstance(entry, Contender):
        return entry.label
    return entry if isinstance(entry, str) else str(getattr(entry, "name", entry))


def _contender(label: Any, entry: Any) -> Contender:
    if not isinstance(label, str) or not label or "@" in label:
        raise UnsupportedError(f"solvers has the label {shown(label)}; expected text without '@'")
    check_text("a label of solvers", label)
    if isinstance(entry, Contender):
        return dataclasses.replace(entry, label=label)
    if isinstance(entry, str | Solver):
        return Contender(label, entry)
    if not isinstance(entry, Mapping):
        raise UnsupportedError(
            f"solvers.{label} is {shown(entry)}; expected a name, a Solver object, or {{'solver': name, parameter: value}}"
        )
    solver = entry.get("solver")
    if not isinstance(solver, str | Solver):
        raise UnsupportedError(f"solvers.{label}.solver is {shown(solver)}; expected a name or a Solver object")
    parameters = {name: value for name, value in entry.items() if name not in RESERVED}
    n_jobs, code = entry.get("n_jobs"), entry.get("code")
    try:
        n_jobs = None if n_jobs is None else count_jobs(n_jobs)
    except UnsupportedError as error:
        raise UnsupportedError(f"solvers.{label}.{error}") from None
    if code is not None and (not isinstance(code, str) or not code):
        raise UnsupportedError(f"solvers.{label}.code is {shown(code)}; expected text, the version of the solver's code")
    if isinstance(solver, Solver):
        try:
            solver, parameters = solver.with_options(parameters), {}
        except OptikitError as error:
            raise UnsupportedError(f"solvers.{label}: {error}") from None
    elif solver == "auto" and parameters:
        raise UnsupportedError(f"solvers.{label}: 'auto' takes no parameters ({', '.join(parameters)}); name a solver")
    return Contender(label, solver, parameters, n_jobs, code)
