"""The instances of a suite: keys of data sets, files, or problems, each with a name and what is known of its optimum."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ..core.problem import Problem
from ..errors import OptikitError, UnsupportedError
from ..inputs.arguments import check_number, is_listed
from ..inputs.wording import an, did_you_mean, shown
from .schema import LARGEST, check_text

Loader = Callable[[], Problem]


@dataclass(frozen=True)
class NamedInstance:
    """One instance of a suite; nothing is loaded before it is asked for.

    Parameters
    ----------
    name : str
        As it stands in tables: a key, a file's name without its ending, or the name that a problem was given.
    place : str
        Where the user named it, for messages: ``instances[3]``.
    load : callable
        Makes the problem.
    best_known, bound : float, optional
        The best objective value known, and the published bound.
    """

    name: str
    place: str
    load: Loader
    best_known: float | None = None
    bound: float | None = None
    path: str = ""

    def problem(self) -> Problem:
        """The problem, or a refusal that says where the suite names it."""
        try:
            problem = self.load()
        except (OptikitError, OSError) as error:
            raise UnsupportedError(f"{self.place} ({self.name}) cannot be loaded: {error}") from error
        if not isinstance(problem, Problem):
            raise UnsupportedError(f"{self.place} ({self.name}) is {an(type(problem))}; expected a Problem")
        return problem


def named_instances(given: Any, folder: str = "", best_known: Mapping[str, float] | None = None) -> tuple[NamedInstance, ...]:
    """What the user gave as ``instances``, each with a name of its own.

    Parameters
    ----------
    given : one or an iterable of str, path, Problem or data-set instance, or a mapping of names to these
        A string is a file where there is one (``*`` stands for many), else the key of a data set.
    folder : str
        Files are looked up from here.
    best_known : mapping of str to float, optional
        Values by name; they go before those of the data sets.

    Raises
    ------
    UnsupportedError
        Naming the place, the value and a way out.
    """
    if isinstance(given, str | os.PathLike | Problem) or hasattr(given, "load"):
        given = (given,)
    if isinstance(given, Mapping):
        pairs = [(str(name), f"instances.{name}", item) for name, item in given.items()]
    elif is_listed(given):
        pairs = [("", f"instances[{index}]", item) for index, item in enumerate(given)]
    else:
        raise UnsupportedError(f"instances is {shown(given)}; expected keys, files or problems")
    found = [instance for name, place, item in pairs for instance in _instances(name, place, item, folder)]
    if not found:
        raise UnsupportedError("instances is empty; name at least one, for instance datasets.select('cvrp', max_size=300)")
    for one in found:
        check_text(f"the name of {one.place}", one.name)
    return _with_known(_distinct(found), best_known or {})


def _instances(name: str, place: str, item: Any, folder: str) -> Iterator[NamedInstance]:
    if isinstance(item, Problem):
        title = getattr(item, "title", "") or f"{type(item).__name__}-{item.fingerprint[:8]}"
        yield NamedInstance(name or title, place, partial(itself, item))
    elif hasattr(item, "key") and hasattr(item, "load"):
        yield NamedInstance(name or item.key, place, item.load, item.best_known, item.bound)
    elif isinstance(item, os.PathLike) or (isinstance(item, str) and _is_file(item, folder)):
        yield from _files(name, place, os.path.join(folder, os.fspath(item)))
    elif isinstance(item, str):
        yield _of_key(name, place, item)
    else:
        raise UnsupportedError(f"{place} is {shown(item)}; expected a key, a file or a problem")


def itself(problem: Problem) -> Problem:
    """The loader of a problem that is at hand; a function of the module, so that suites can be pickled."""
    return problem


def _is_file(text: str, folder: str) -> bool:
    return os.path.exists(os.path.join(folder, text)) or any(character in text for character in "*?")


def _files(name: str, place: str, pattern: str) -> Iterator[NamedInstance]:
    from ..reading import read

    paths = [pattern] if os.path.exists(pattern) else sorted(glob.glob(pattern, recursive=True))
    if not paths:
        raise UnsupportedError(f"{place}: there is no file {pattern}")
    for path in paths:
        told = path.encode("utf-8", "backslashreplace").decode()  # a name in another encoding, as databases take it
        stem = os.path.splitext(os.path.basename(told))[0]
        yield NamedInstance(name if name and len(paths) == 1 else stem, place, partial(read, path), path=told)


def _of_key(name: str, place: str, key: str) -> NamedInstance:
    from .. import datasets

    try:
        known = datasets.info(key)
    except (OptikitError, LookupError) as error:
        raise UnsupportedError(f"{place} is {key!r}, neither a file nor a key of a data set: {error}") from None
    return NamedInstance(name or known.key, place, known.load, known.best_known, known.bound)


def _distinct(found: list[NamedInstance]) -> list[NamedInstance]:
    """Files of one name in several folders go by their paths; any other name stands once."""
    twice = {name for name, count in Counter(instance.name for instance in found).items() if count > 1}
    found = [replace(one, name=one.path) if one.name in twice and one.path else one for one in found]
    first: dict[str, str] = {}
    for instance in found:
        if instance.name in first:
            raise UnsupportedError(
                f"{instance.place} has the name {instance.name!r}, which {first[instance.name]} has already; "
                "give names by a mapping: instances={'monday': ..., 'tuesday': ...}"
            )
        first[instance.name] = instance.place
    return found


def _with_known(found: list[NamedInstance], best_known: Mapping[str, float]) -> tuple[NamedInstance, ...]:
    names = [instance.name for instance in found]
    for name, value in best_known.items():
        if name not in names:
            raise UnsupportedError(f"best_known.{name}: the suite has no instance {name!r}{did_you_mean(name, names)}")
        check_number(f"best_known.{name}", value, -LARGEST, most=LARGEST)
    return tuple(replace(one, best_known=float(best_known[one.name])) if one.name in best_known else one for one in found)
