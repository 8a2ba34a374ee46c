"""Who can solve what: menus of the problem folders, entry points of third parties, and the choice of ``"auto"``."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .._brisk import brisk
from ..errors import UnknownSolverError, UnsupportedError
from ..inputs.wording import did_you_mean, shown
from .problem import Problem, module_of

if TYPE_CHECKING:
    from .solver import Solver

ENTRY_POINT_GROUP = "optikit.solvers"
"""Third parties register ``"VRP/greedy" = "their_package.module:GreedySolver"`` in this group."""

Rule = Callable[[Mapping[str, Any], float | None, int], bool]
"""(features of the problem, time limit in seconds, n_jobs) -> whether ``"auto"`` may choose the entry."""


@dataclass(frozen=True)
class Entry:
    """One line of a menu.

    Parameters
    ----------
    name : str
        What the user writes.
    target : str or type
        ``"package.module:Class"``; imported when it is asked for. Or the class itself.
    about : str
        One line for tables.
    rule : callable, optional
        When ``"auto"`` may choose this entry; None: never.
    why : str
        What the Result says when ``"auto"`` chose it.
    package : str
        Of a third party: whose entry point it is.
    """

    name: str
    target: str | type[Solver]
    about: str = ""
    rule: Rule | None = None
    why: str = ""
    package: str = ""

    def make(self) -> Solver:
        """The solver with its default parameters; `UnsupportedError`, which says whose it is, where it cannot be made."""
        from .solver import Solver

        whose = f" of the package {self.package!r} (entry point {self.target!r})" if self.package else f" ({self.target})"
        try:
            loaded = resolved(self.target)
            if not isinstance(loaded, type) or not issubclass(loaded, Solver) or not isinstance(getattr(loaded, "name", None), str):
                raise TypeError(f"{shown(loaded)} is no Solver class with a name")
            return loaded()
        except Exception as error:
            way_out = "; repair or remove the package" if self.package else ""
            said = f"{type(error).__name__}: {error}{way_out}"
            raise UnsupportedError(f"the solver {self.name!r}{whose} cannot be loaded: {said}") from error


@dataclass(frozen=True)
class Offer:
    """An entry of the menu for one instance: whether it takes it, and the reason where not."""

    name: str
    supported: bool
    reason: str
    about: str
    exact: bool

    def __str__(self) -> str:
        return f"{self.name}: {self.about}" if self.supported else f"{self.name}: no, {self.reason}"


def menu(problem_class: type[Problem]) -> tuple[Entry, ...]:
    """The entries of a problem class, best first, without third parties."""
    return tuple(_of_home(problem_class, "SOLVERS", ()))


def _of_home(problem_class: type[Problem], name: str, default: Any) -> Any:
    """An attribute of the class's home, or of the nearest of its bases that has it: a subclass keeps the menu."""
    for base in problem_class.__mro__:
        if issubclass(base, Problem) and base is not Problem:
            found = getattr(module_of(base), name, None)
            if found is not None:
                return found
    return default


def third_parties(problem_class: type[Problem]) -> Iterator[Entry]:
    """Entries that installed packages registered for a problem class."""
    from importlib.metadata import entry_points

    for point in entry_points(group=ENTRY_POINT_GROUP):
        problem_name, _, name = point.name.partition("/")
        if problem_name in {base.__name__ for base in problem_class.__mro__} and name:
            package = point.dist.name if point.dist else point.value
            yield Entry(name, point.value, about=f"from {package}", package=package)


def entries(problem_class: type[Problem]) -> tuple[Entry, ...]:
    """The menu, then what third parties registered; a name of the menu cannot be taken over."""
    own = menu(problem_class)
    taken = {entry.name for entry in own}
    return own + tuple(entry for entry in third_parties(problem_class) if entry.name not in taken)


def find(problem_class: type[Problem], name: str) -> Solver:
    """The solver of that name with its default parameters."""
    entry = next((entry for entry in menu(problem_class) if entry.name == name), None)
    if entry is None:
        # Reading the entry points of all installed packages takes time, so only for a name that is not ours.
        entry = next((entry for entry in third_parties(problem_class) if entry.name == name), None)
    if entry is None:
        known = [entry.name for entry in entries(problem_class)]
        hint = did_you_mean(name, known)
        raise UnknownSolverError(
            f"no solver {name!r} for {problem_class.__name__}{hint}; known: {', '.join(['auto', *known]) if known else 'none'}"
        )
    return entry.make()


def offers(problem: Problem) -> list[Offer]:
    """Every entry with whether it takes this instance; an entry that cannot be imported says why."""
    listed = []
    for entry in entries(type(problem)):
        exact = False
        try:
            solver = entry.make()
            support = solver.supports(problem)
            exact = solver.capabilities.exact
            supported, reason = bool(support), support.reason
        except UnsupportedError as error:  # a broken plug-in must not take the list down
            supported, reason = False, str(error)
        except Exception as error:
            supported, reason = False, f"cannot say whether it takes this ({type(error).__name__}: {error})"
        listed.append(Offer(entry.name, supported, reason, entry.about, exact))
    return listed


def candidates(problem: Problem, time_limit: float | None, n_jobs: int) -> Iterator[tuple[Solver, str]]:
    """What ``"auto"`` tries, in order: entries that fit by their rule and support the instance, with the reason."""
    passed_over: list[str] = []
    for entry in menu(type(problem)):
        with brisk:  # what is chosen is imported first
            if entry.rule is None or not entry.rule(problem.features, time_limit, n_jobs):
                continue
            solver = entry.make()
            support = solver.supports(problem)
        if support:
            why = f"auto chose {entry.name}" + (f": {entry.why}" if entry.why else "")
            yield solver, why + (f" ({'; '.join(passed_over)})" if passed_over else "")
        else:
            passed_over.append(f"{entry.name} was passed over: {support.reason}")


def hook(problem_class: type[Problem], name: str) -> Any:
    """A function that a problem folder names in its ``__init__`` as a string (``BOUND``, ``EXPLAIN``, ...), or None."""
    return resolved(_of_home(problem_class, name, None))


def resolved(target: Any) -> Any:
    """What ``"package.module:name"`` stands for; anything else is that itself."""
    if not isinstance(target, str):
        return target
    module, _, attribute = target.partition(":")
    return getattr(importlib.import_module(module), attribute)


def cheap_bound(problem: Problem) -> float | None:
    """The bound that is always there: ``BOUND`` of the problem's folder, where it has one."""
    bound = hook(type(problem), "BOUND")
    return None if bound is None else bound(problem)


def impossible(problem: Problem) -> tuple[str, ...]:
    """Reasons, proved by the data alone, why there is no solution: ``IMPOSSIBLE`` of the problem's folder."""
    reasons = hook(type(problem), "IMPOSSIBLE")
    return () if reasons is None else tuple(str(reason) for reason in reasons(problem))


def formulation(problem: Problem, backend: str) -> Any:
    """The formulation of a problem for a backend: from ``FORMULATIONS`` of the problem's folder."""
    targets: Mapping[str, str] = _of_home(type(problem), "FORMULATIONS", {})
    if not isinstance(backend, str) or backend not in targets:
        known = ", ".join(targets) or "none"
        raise UnsupportedError(f"{type(problem).__name__} has no formulation for {backend!r}; known: {known}")
    return resolved(targets[backend])
