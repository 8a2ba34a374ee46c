"""Keyword arguments that a function hands on: unknown ones are refused with the nearest known one."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ParamSpec, Self, TypeVar

from ..errors import UnsupportedError
from .wording import did_you_mean

P = ParamSpec("P")
R = TypeVar("R")


def keywords(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a function's keyword-only parameters."""
    return tuple(p.name for p in inspect.signature(function).parameters.values() if p.kind is inspect.Parameter.KEYWORD_ONLY)


def refuse_unknown(name: str, given: Iterable[str], known: Sequence[str]) -> None:
    """Raise `UnsupportedError` for the first of the keywords ``given`` to the function ``name`` that is not ``known``."""
    for key in given:
        if key not in known:
            hint = did_you_mean(key, known)
            raise UnsupportedError(f"{name} has no option {key!r}{hint}; known: {', '.join(known) or 'none'}")


def strict(function: Callable[P, R]) -> Callable[P, R]:
    """A function or method that refuses a keyword it does not know as `Strict` classes do.

    Examples
    --------
    >>> @strict
    ... def walk(*, seconds=1):
    ...     return seconds
    >>> walk(second=2)
    Traceback (most recent call last):
    optikit.errors.UnsupportedError: walk has no option 'second'; did you mean 'seconds'?; known: seconds
    """
    parameters = inspect.signature(function).parameters
    if any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values()):
        return function  # it looks after them itself
    known = [name for name in parameters if name not in ("self", "cls")]
    taken = frozenset(known)

    @functools.wraps(function)
    def checked(*values: P.args, **named: P.kwargs) -> R:
        if not named.keys() <= taken:
            refuse_unknown(function.__qualname__.removesuffix(".__init__").rpartition(".")[2], named, known)
        return function(*values, **named)

    return checked


class _Signature:
    """What `inspect.signature` and the docs show of a class: its constructor's parameters, whatever ``__new__`` takes."""

    def __get__(self, instance: object, owner: Any) -> inspect.Signature:
        signature = inspect.signature(owner.__init__)
        return signature.replace(parameters=list(signature.parameters.values())[1:])


class Strict:
    """Base of dataclasses that users build: a keyword that the constructor does not know is refused like any other mistake.

    Examples
    --------
    >>> from optikit import Stop
    >>> Stop(iteration=5)
    Traceback (most recent call last):
    optikit.errors.UnsupportedError: Stop has no option 'iteration'; did you mean 'iterations'?; known: time, iterations, ...
    """

    __signature__ = _Signature()

    def __new__(cls, *values: Any, **named: Any) -> Self:
        if named.keys() - getattr(cls, "__dataclass_fields__", {}).keys():
            known = cls.__signature__.parameters
            if all(parameter.kind is not inspect.Parameter.VAR_KEYWORD for parameter in known.values()):
                refuse_unknown(cls.__name__, named, tuple(known))
        return super().__new__(cls)
