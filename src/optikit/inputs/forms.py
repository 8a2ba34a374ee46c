"""JSON forms from outside: parsed, of the schema that this version reads, and refused in one way where they are not."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .wording import did_you_mean, shown

_WORDS = 200


def parsed(text: str, what: str, refusal: type[Exception]) -> Any:
    """What stands in a JSON text.

    Parameters
    ----------
    text : str
        From outside.
    what : str
        What it should be, for the message: ``"the JSON form of a VRP"``.
    refusal : type of Exception
        Raised where it is no JSON, is nested too deeply, or holds a number of thousands of digits.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError, TypeError) as error:
        raise refusal(f"not {what}: {error}") from None


def check_form(data: Any, what: str, version: int, refusal: type[Exception], problem: str | None = None) -> None:
    """Refuse what is no object, another kind of problem than ``problem`` (where that is given), or of another version."""
    if not isinstance(data, Mapping):
        raise refusal(f"not {what}: expected an object, got {shown(data)}")
    if problem is not None and data.get("problem") != problem:
        raise refusal(f"problem is {shown(data.get('problem'))}; expected {problem!r}")
    if data.get("schema_version") != version:
        raise refusal(f"schema_version is {shown(data.get('schema_version'))}; this version of optikit reads {version}")


def check_keys(data: Any, known: Collection[str], what: str, refusal: type[Exception]) -> None:
    """Refuse an object that has other keys than the ``known``, or lacks one: nothing that somebody wrote is passed over."""
    if not isinstance(data, Mapping):
        raise refusal(f"{what} is {shown(data)}; expected an object")
    for key in data:
        if key not in known:
            raise refusal(f"{what} has {shown(key)}, which nobody reads{did_you_mean(key, known)}; known: {', '.join(known)}")
    for key in known:
        if key not in data:
            raise refusal(f"{what} lacks {key!r}")


def check_kind(name: str, value: Any, kind: str, refusal: type[Exception]) -> None:
    """Refuse a value that is not of its ``kind``, a key of `KINDS`: NaN, infinity, text in the place of a number."""
    fits = KINDS[kind]
    if not fits(value):
        raise refusal(f"{name} is {shown(value)}; expected {kind}")


def member(enumeration: type[Any], name: str, value: Any, refusal: type[Exception]) -> Any:
    """The member of an enumeration that a name stands for."""
    if not isinstance(value, str) or value not in enumeration.__members__:
        raise refusal(f"{name} is {shown(value)}; expected one of {', '.join(enumeration.__members__)}")
    return enumeration[value]


def _is_number(value: Any, least: float = -sys.float_info.max) -> bool:
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    try:
        return least <= float(value) <= sys.float_info.max
    except OverflowError:  # an int of hundreds of digits
        return False


def _is_count(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= 0


def _is_object(value: Any, fits: Callable[[Any], bool] = lambda item: True) -> bool:
    return isinstance(value, Mapping) and all(isinstance(key, str) and fits(item) for key, item in value.items())


KINDS: Mapping[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "an int >= 0": _is_count,
    "a finite number": _is_number,
    "a finite number or None": lambda value: value is None or _is_number(value),
    "a finite number >= 0": lambda value: _is_number(value, 0),
    "names of values": _is_object,
    "finite numbers by name": lambda value: _is_object(value, _is_number),
    "finite numbers >= 0 by name": lambda value: _is_object(value, lambda item: _is_number(item, 0)),
    "text by name": lambda value: _is_object(value, lambda item: isinstance(item, str)),
}
"""What fields of forms are, in the words of their refusals."""


@contextmanager
def reading(what: str, refusal: type[Exception]) -> Iterator[None]:
    """Refuse a form in which something is missing, or of another type than the code inside takes for granted."""
    try:
        yield
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        words = str(error)
        words = words if len(words) <= _WORDS else f"{words[:_WORDS]}..."
        raise refusal(f"not {what}: {type(error).__name__}: {words}") from None


def without_infinity(numbers: NDArray[Any] | None) -> list[Any] | None:
    """An array as JSON holds it, which has no infinity: None in its place."""
    if numbers is None:
        return None
    if numbers.dtype.kind != "f" or np.isfinite(numbers).all():
        return numbers.tolist()  # type: ignore[no-any-return]
    return [number if np.isfinite(number) else None for number in numbers.tolist()]


def with_infinity(plain: Any, infinity: float = np.inf) -> Any:
    """What `without_infinity` wrote: ``infinity`` again in the place of None."""
    return [infinity if item is None else item for item in plain] if isinstance(plain, list) and None in plain else plain
