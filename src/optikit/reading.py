"""Problems from files: the formats of all families, and the JSON of any class."""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Iterator
from typing import Any

from .core import registry
from .core.problem import Problem
from .errors import FileFormatError, InvalidProblemError, UnsupportedError
from .inputs.files import path_of, read_text
from .inputs.keywords import refuse_unknown, strict
from .inputs.wording import did_you_mean, shown

FAMILIES = (
    "optikit.routing.tsp",
    "optikit.routing.vrp",
    "optikit.scheduling.shop",
    "optikit.scheduling.flowshop",
    "optikit.assignment.generalized",
    "optikit.assignment.quadratic",
    "optikit.assignment.linear",
)
"""Problem folders whose ``READERS`` `read` tries."""


def read(path: str | os.PathLike[str], format: str | None = None, **options: Any) -> Problem:
    """Read a problem from a file.

    Parameters
    ----------
    path : path
        The file.
    format : str, optional
        Name of the format (``"vrplib"``, ...); needed where a file fits several. ``"json"``: what ``problem.to_json()`` wrote, of
        any class; so are files read that end in ``.json``.
    **options
        Arguments of the format's reader, such as ``rounding="nearest"``.

    Raises
    ------
    FileFormatError
        With file, line and token, if it cannot be read.
    """
    path = path_of(path)
    readers: dict[str, Any] = {}
    for family in FAMILIES:
        for name, target in importlib.import_module(family).READERS.items():
            readers[name] = strict(registry.resolved(target))
    if format == "json" or (format is None and path.lower().endswith(".json")):
        refuse_unknown("read", options, ())
        return _from_json(path)  # type: ignore[no-any-return]
    if format is not None:
        if format not in readers:
            raise UnsupportedError(f"format is {shown(format)}; known: {', '.join(readers)}, json")
        return readers[format](path, **options)  # type: ignore[no-any-return]
    if os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):
        raise FileFormatError(path, f"can be read only once, as it is no regular file; name its format: {', '.join(readers)}")
    fitting = [name for name, reader in readers.items() if getattr(reader, "fits", lambda path: True)(path)]
    if not fitting:
        read_text(path)  # says what is wrong with a file that is none
    if len(fitting) != 1:
        fits, known = ("fits several formats", fitting) if fitting else ("is of no format that its name or its TYPE tells", readers)
        raise FileFormatError(path, f"{fits}; name one: format={' or '.join(map(repr, known))}")
    return readers[fitting[0]](path, **options)  # type: ignore[no-any-return]


def _from_json(file: str) -> Any:
    """A problem from its JSON, whose ``"problem"`` names the class: one of ours, or one that is imported."""
    text = read_text(file)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else None
        why = getattr(error, "msg", "it is nested too deeply, or holds a number of thousands of digits")
        raise FileFormatError(file, f"not the JSON of a problem: {why}", line) from None
    name = data.get("problem") if isinstance(data, dict) else None
    if not isinstance(name, str):
        what = "it holds a result" if isinstance(data, dict) and "fingerprint" in data else "it has no entry 'problem'"
        raise FileFormatError(file, f"not the JSON of a problem: {what}; write one with problem.to_json()")
    own: Any = Problem  # mypy takes no abstract class for a type
    known: dict[str, Any] = {each.__name__: each for each in _subclasses(own)}
    for home in FAMILIES:
        exported = importlib.import_module(home)
        if name in getattr(exported, "__all__", ()):
            known[name] = getattr(exported, name)
    if not isinstance(known.get(name), type) or not issubclass(known[name], Problem):
        names = sorted(each for each, kind in known.items() if kind.__module__.startswith("optikit."))
        raise FileFormatError(
            file, f"holds a problem of class {shown(name)}{did_you_mean(name, names)}, that no imported module has"
        )
    try:
        return known[name].from_dict(data)
    except InvalidProblemError as error:
        raise FileFormatError(file, str(error)) from None


def _subclasses(kind: type[Any]) -> Iterator[type[Any]]:
    for each in kind.__subclasses__():
        yield each
        yield from _subclasses(each)
