"""Keyword arguments that a function hands on: unknown ones are refused with the nearest known one."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..errors import UnsupportedError
from .wording import did_you_mean


def keywords(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a function's keyword-only parameters."""
    return tuple(p.name for p in inspect.signature(function).parameters.values() if p.kind is inspect.Parameter.KEYWORD_ONLY)


def refuse_unknown(name: str, given: Iterable[str], known: Sequence[str]) -> None:
    """Raise `UnsupportedError` for the first of the keywords ``given`` to the function ``name`` that is not ``known``."""
    for key in given:
        if key not in known:
            hint = did_you_mean(key, known)
            raise UnsupportedError(f"{name} has no option {key!r}{hint}; known: {', '.join(known) or 'none'}")
