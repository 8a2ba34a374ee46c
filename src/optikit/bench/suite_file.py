"""Suites as TOML files."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ..core.stop import Stop
from ..errors import FileFormatError, OptikitError
from ..inputs.files import path_of, read_text
from ..inputs.wording import did_you_mean, shown
from .suite import Suite

STOPS = tuple(field.name for field in fields(Stop) if field.name != "time")
KEYS = ("name", "instances", "solvers", "seeds", "time_limit", *STOPS, "n_jobs", "best_known")


def read_suite(path: str | os.PathLike[str]) -> Suite:
    """See `Suite.read`."""
    path = path_of(path)
    data = _parsed(path)
    for key in data:
        if key not in KEYS:
            raise FileFormatError(path, f"a suite has no key {key!r}{did_you_mean(key, KEYS)}; known: {', '.join(KEYS)}")
    for key, example in (("instances", '["data/*.vrp"]'), ("solvers", '{ live = "ortools", new = { solver = "hgs" } }')):
        if key not in data:
            raise FileFormatError(path, f"{key} is missing; for instance: {key} = {example}")
    try:
        return Suite(
            instances=_instances(data["instances"]),
            solvers=data["solvers"],
            seeds=data.get("seeds", 5),
            time_limit=data.get("time_limit"),
            stop=_stops(data),
            n_jobs=data.get("n_jobs", 1),
            name=data.get("name", os.path.splitext(os.path.basename(path))[0]),
            best_known=data.get("best_known", {}),
            file=path,
        )
    except (OptikitError, TypeError, ValueError) as error:
        raise FileFormatError(path, str(error)) from error


def _parsed(path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        line = int(where.group(1)) if where else None
        raise FileFormatError(path, f"is no TOML: {error}", line) from None


def _instances(given: Any) -> Any:
    """Keys and files as they stand; a table with ``select`` as `datasets.select` answers it."""
    if not isinstance(given, Mapping) or "select" not in given:
        return given
    import inspect

    from .. import datasets

    family = given["select"]
    options = {key: value for key, value in given.items() if key != "select"}
    known = [name for name in inspect.signature(datasets.select).parameters if name != "family"]
    for key in options:
        if key not in known:
            raise ValueError(f"instances.select.{key} is not known{did_you_mean(key, known)}; known: {', '.join(known)}")
    try:
        return datasets.select(family, **options)
    except (OptikitError, TypeError, LookupError) as error:
        raise ValueError(f"instances.select is {shown(family)}: {error}") from error


def _stops(data: Mapping[str, Any]) -> Any:
    """The criteria beside ``time_limit``; one of them may be a list."""
    given = {name: data[name] for name in STOPS if name in data}
    if not given:
        return None
    several = [name for name, value in given.items() if isinstance(value, list)]
    if len(several) > 1:
        raise ValueError(f"{several[0]} and {several[1]} are lists; only one of the budgets may be several")
    if not several:
        return Stop(**given)
    name = several[0]
    if not given[name]:
        raise ValueError(f"{name} is empty; leave it out, or name at least one")
    return [Stop(**(given | {name: value})) for value in given[name]]
