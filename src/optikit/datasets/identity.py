"""Whether a problem that was read is the instance that was asked for, as far as size and name tell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..errors import FetchError
from .instance import Instance

if TYPE_CHECKING:
    from ..core.problem import Problem


def check_problem(instance: Instance, problem: Problem, what: str) -> None:
    """Refuse a problem whose size, or whose name inside its file, is not the one of the index.

    Where the index has no checksum, what is fetched first is held on to: this stands between a mirror's mistake and that.

    Parameters
    ----------
    instance : Instance
        What was asked for.
    problem : Problem
        What was read.
    what : str
        Where it came from, for the message.

    Raises
    ------
    FetchError
        Naming what differs.
    """
    check_size(instance, problem, what)
    name = getattr(problem, "name", "")
    own = instance.name.rpartition("/")[2]
    if name and _plain(name) not in (_plain(own), _plain(instance.file), _plain(f"{instance.collection}-{own}")):
        raise _another(instance, what, f"it calls itself {name!r}")


def check_size(instance: Instance, problem: Problem, what: str) -> None:
    """The same, of the size alone."""
    size = problem.features.get("size")
    if size is not None and size != instance.size:
        raise _another(instance, what, f"it has {size:,} {instance.unit or 'entities'}, the index says {instance.size:,}")


def _another(instance: Instance, what: str, why: str) -> FetchError:
    return FetchError(f"{what} is not {instance.key}: {why}, so that the best known value would not hold")


def _plain(name: str) -> str:
    """Without case, marks and the ending of a file: ``ulysses16.tsp`` is ulysses16."""
    return re.sub(r"[^0-9a-z]", "", re.sub(r"\.(vrp|tsp|atsp|txt|dat|sm)$", "", name.lower()))
