"""Names of clients and depots."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ...core.errors import InvalidProblemError
from ...core.problem import shown

Name = str | int
"""Clients and depots are called as in the user's table: text or whole numbers."""


def plain_names(field: str, names: Any) -> tuple[Name, ...]:
    """Names as plain str or int."""
    if isinstance(names, str) or not isinstance(names, Iterable):
        raise InvalidProblemError(f"{field} is {shown(names)}; expected a sequence of names, text or whole numbers")
    plain = tuple(name.item() if isinstance(name, np.generic) else name for name in names)
    for index, name in enumerate(plain):
        if isinstance(name, bool) or not isinstance(name, str | int):
            raise InvalidProblemError(f"{field}[{index}] is {shown(name)}; a name is text or a whole number")
    return plain


def refuse_twins(names: tuple[Name, ...]) -> None:
    """Raise `InvalidProblemError` where two are called the same."""
    seen: dict[Name, int] = {}
    for index, name in enumerate(names):
        if name in seen:
            raise InvalidProblemError(f"the name {name!r} stands twice (nodes {seen[name]} and {index}); names are unique")
        seen[name] = index
