"""Names of things as the user calls them: places, machines, jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InvalidProblemError
from .arguments import is_sequence
from .wording import shown

Name = str | int
"""Things are called as in the user's table: text or whole numbers."""


def plain_names(field: str, names: Any) -> tuple[Name, ...]:
    """Names as a tuple of plain str or int."""
    if not is_sequence(names) or getattr(names, "ndim", 1) != 1:
        raise InvalidProblemError(f"{field} is {shown(names)}; expected a sequence of names, text or whole numbers")
    plain = tuple(name.item() if isinstance(name, np.generic) else name for name in names)
    for index, name in enumerate(plain):
        if isinstance(name, bool) or not isinstance(name, str | int):
            raise InvalidProblemError(f"{field}[{index}] is {shown(name)}; a name is text or a whole number")
    return plain


def compact(names: tuple[Name, ...]) -> Sequence[Name]:
    """The same names, as a range where they count up from one to the next: a file of a million nodes has such."""
    if not names or type(names[0]) is not int:
        return names
    counted = range(names[0], names[0] + len(names))
    return counted if names == tuple(counted) else names


def refuse_twins(names: Sequence[Name], what: str = "nodes") -> None:
    """Raise `InvalidProblemError` where two are called the same; ``what`` they are, several of them."""
    if isinstance(names, range):
        return
    seen: dict[Name, int] = {}
    for index, name in enumerate(names):
        if name in seen:
            raise InvalidProblemError(f"the name {name!r} stands twice ({what} {seen[name]} and {index}); names are unique")
        seen[name] = index
