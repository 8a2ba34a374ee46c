"""What a run was made from: the code behind its solver, the commit, the machine."""

from __future__ import annotations

import ast
import contextlib
import functools
import hashlib
import importlib.util
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec, PathFinder
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ..core import registry
from ..core.problem import Problem
from ..core.solver import Solver
from ..errors import UnsupportedError
from .described import Describer
from .loaded import is_edited

_INSTALLED = {"site-packages", "dist-packages"}
"""Folders of what is installed; its versions are known by its name."""


def code_version(solver: Solver | None, problem_class: type[Problem]) -> str:
    """A hash of the code that a run of this solver executes: its identity changes when, and only when, that code does.

    It covers the sources within reach of the solver's and the problem's modules by import (of their own packages, of optikit, and
    of whatever else is neither installed nor Python's own: the modules beside a script), and the versions of the engines that the
    solver requires. What a notebook has defined, which has no source file, is told by its compiled code and by what that looks
    up there. A change of the documentation, or of another problem's folder, leaves it as it is.

    Parameters
    ----------
    solver : Solver or None
        None stands for ``"auto"``: everything on the problem's menu.
    problem_class : type
        The class that it solves.

    Raises
    ------
    UnsupportedError
        If a file was edited after it was imported.
    """
    digest = hashlib.sha256()
    classes: list[type] = [problem_class]
    requires: set[str] = set()
    if solver is not None:
        classes.append(type(solver))
        requires.update(solver.capabilities.requires)
    menu = registry.menu(problem_class) if solver is None else ()
    targets = [entry.target for entry in menu]
    for entry in menu:
        with contextlib.suppress(UnsupportedError):  # it cannot be loaded, and will not be chosen
            requires.update(entry.make().capabilities.requires)
    home = sys.modules[problem_class.home()]
    targets += [hook for name in ("BOUND", "IMPOSSIBLE") if isinstance(hook := getattr(home, name, None), str)]
    modules = {cls.__module__ for cls in classes}
    modules |= {target.partition(":")[0] if isinstance(target, str) else target.__module__ for target in targets}
    packages = {name.partition(".")[0] for name in modules} | {__name__.partition(".")[0]}
    describer = Describer(has_source)
    defined = describer.text([*classes, solver])
    modules |= {name for name in describer.modules if (top := name.partition(".")[0]) in packages or _is_own(top)}
    reached: set[str] = set()
    waiting = sorted(modules)
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting += _imports(module, frozenset(packages))
    for module in sorted(reached):
        source, path = _source(module) or b"", _path(module)
        if path is not None and is_edited(module, path, source):
            raise UnsupportedError(
                f"{path} was edited after {module} was imported: what would be run is not what it says now; import it anew "
                "(importlib.reload, or start Python anew)"
            )
        digest.update(f"{module}\0".encode() + source)
    if any(_source(cls.__module__) is None for cls in classes):  # a notebook, or the standard input
        digest.update(defined.encode())
    for package in sorted(requires):
        digest.update(f"{package} {_version_of(package)}\0".encode())
    return digest.hexdigest()[:12]


def of_files(solver: Solver | None, problem_class: type[Problem]) -> bool:
    """Whether all that is described is in modules that have a file and a name of their own: another process can look it up."""
    describer = Describer(has_source)
    describer.plain([problem_class, type(solver), solver])
    modules = {problem_class.__module__, type(solver).__module__, *describer.modules} - {"builtins"}
    return "__main__" not in modules and all(map(has_source, modules))


def has_source(module: str) -> bool:
    """Whether a module has a source file."""
    return _path(module) is not None


def _source(module: str) -> bytes | None:
    path = _path(module)
    if path is None:
        return None
    with open(path, "rb") as file:
        return file.read().replace(b"\r\n", b"\n")


@functools.cache
def _path(module: str) -> str | None:
    """The source file of a module; None where there is none: a name inside of one, a notebook, a compiled module."""
    if module == "__main__":
        path = getattr(sys.modules["__main__"], "__file__", None)
    else:
        spec = _spec(module)
        path = spec.origin if spec is not None else None
    return path if path is not None and path.endswith(".py") and os.path.exists(path) else None


@functools.cache
def _is_own(package: str) -> bool:
    """Whether a package, or a module, is the user's own: neither Python's nor installed."""
    if package in sys.stdlib_module_names:
        return False
    if package == "__main__":
        return True
    spec = _spec(package)
    places = [] if spec is None else [spec.origin or "", *(spec.submodule_search_locations or ())]
    return any(os.path.isabs(place) and not _INSTALLED & set(place.split(os.sep)) for place in places)


def _spec(module: str) -> ModuleSpec | None:
    """Where a module is. Nothing is imported for it, as `importlib.util.find_spec` would import what is around it."""
    parent = module.rpartition(".")[0]
    try:
        if not parent:
            return importlib.util.find_spec(module)
        around = _spec(parent)
        if around is None or around.submodule_search_locations is None:
            return None
        return PathFinder.find_spec(module, around.submodule_search_locations)
    except (ImportError, ValueError, AttributeError):
        return None


def _imports(module: str, packages: frozenset[str]) -> list[str]:
    """Modules of these packages that a module imports, with the packages around them."""
    source, path = _source(module), _path(module)
    if source is None or path is None:
        return []
    package = module if os.path.basename(path) == "__init__.py" else module.rpartition(".")[0]
    tops = {name: name.partition(".")[0] for name in _named(source, package)}
    named = [name for name, top in tops.items() if top in packages or _is_own(top)]
    around = [name.rsplit(".", count)[0] for name in named for count in range(1, name.count(".") + 1)]
    return [name for name in dict.fromkeys([*named, *around]) if _path(name) is not None]


@functools.cache
def _named(source: bytes, package: str) -> tuple[str, ...]:
    """What a source imports, wherever it does so, but for what only a type checker sees."""
    found: list[str] = []
    for node in _visible(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: package.count(".") + 2 - node.level] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            found += [origin, *(f"{origin}.{alias.name}" for alias in node.names)]
    return tuple(found)


def _visible(node: ast.AST) -> Iterator[ast.AST]:
    """The statements of a source that are there at run time."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in (getattr(child.test, "id", ""), getattr(child.test, "attr", "")):
            for other in child.orelse:
                yield from (other, *_visible(other))
        elif isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):
            yield child
            yield from _visible(child)


@functools.cache
def _version_of(module: str) -> str:
    """The version of the distribution that holds a module; most bear the same name."""
    try:
        return version(module)
    except PackageNotFoundError:
        return str(getattr(sys.modules.get(module), "__version__", ""))


def engine_versions(solver: Solver | None) -> dict[str, str]:
    """Versions of the packages that a solver requires."""
    return {} if solver is None else {name: _version_of(name) for name in solver.capabilities.requires}


def git_commit(folder: str | None = None) -> str:
    """The commit of the repository around a folder, with ``+`` where there are changes; empty outside of one."""

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=folder or None,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
            stdin=subprocess.DEVNULL,
        )
        return done.stdout.strip()

    try:
        commit = git("rev-parse", "HEAD")
        return commit + ("+" if git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.SubprocessError):
        return ""


@functools.cache
def machine() -> dict[str, Any]:
    """Host and processor of this process."""
    from ..doctor import cpu_model

    return {"host": platform.node(), "cpu": cpu_model()}
