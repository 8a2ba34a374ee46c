"""What is to be decided: immutable data with its own evaluator and checker. A problem knows no solver."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from .check import CheckReport
from .errors import InvalidProblemError, InvalidSolutionError
from .solution import Solution

if TYPE_CHECKING:
    from .registry import Offer

LENT_ABOVE = 64 * 2**20
"""Arrays of the right dtype above this many bytes are held as read-only views of the caller's memory, not copied."""

FLOAT_LIMIT = 1e300
"""Sums of the user's floats stay below this: beyond 1.8e308 there is only infinity."""


class Frozen:
    """Pickles and copies by building anew from its fields: arrays stay read-only, and what was cached stays behind."""

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, field.name) for field in dataclasses.fields(self))  # type: ignore[arg-type]


class Problem(Frozen, ABC):
    """Base of all problem classes.

    A subclass is a ``@dataclass(frozen=True, eq=False)`` that validates its fields in ``__post_init__`` and keeps arrays made
    by `frozen_array`. Two problems are equal when they are of one class and their fingerprints are.
    """

    solution_type: ClassVar[type[Solution]]
    """The class of its solutions."""
    schema_version: ClassVar[int] = 1
    error: float = 0.0
    """Bound on ``|evaluate - what the engines add up|`` over all solutions, in the user's units (see `core.ticks`)."""

    @property
    def sense(self) -> Literal["min", "max"]:
        return "min"

    @abstractmethod
    def evaluate(self, solution: Any) -> float:
        """Objective of a solution in the user's units, from the original data."""

    def terms(self, solution: Any) -> dict[str, float]:
        """What the objective is made of; the values add up to `evaluate`."""
        return {"objective": self.evaluate(solution)}

    @abstractmethod
    def check(self, solution: Any) -> CheckReport:
        """All rules that a solution breaks, found without any code of the solvers."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """The data as JSON types, with ``problem`` (its name) and ``schema_version``."""

    @classmethod
    @abstractmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read back what `to_dict` wrote."""

    @property
    def features(self) -> Mapping[str, Any]:
        """Facts derived from the data that solvers and rules of the registry ask for; ``size`` is always there."""
        return {}

    @classmethod
    def home(cls) -> str:
        """Module that holds the menu of solvers, formulations and bounds of this class.

        A problem of optikit lives in ``package.problem`` and its menu in ``package``; any other class has its menu, if it
        has one, in its own module.
        """
        package, _, module = cls.__module__.rpartition(".")
        return package if module == "problem" else cls.__module__

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over the class and the data, in hexadecimal; the same on every machine."""
        digest = hashlib.sha256(f"{type(self).__name__}/{self.schema_version}".encode())
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            digest.update(b"\0" + field.name.encode() + b"\0")
            _feed(digest, getattr(self, field.name))
        return digest.hexdigest()

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(self) is not type(other) or not isinstance(other, Problem):
            return NotImplemented
        return self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed, validated again."""
        return dataclasses.replace(self, **changes)  # type: ignore[type-var]

    def to_json(self) -> str:
        return json.dumps(self.to_dict())

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read back what `to_json` wrote; raises `InvalidProblemError` for anything else."""
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InvalidProblemError(f"not the JSON form of a {cls.__name__}: {error}") from None
        if not isinstance(data, dict):
            raise InvalidProblemError(f"not the JSON form of a {cls.__name__}: expected an object, got {shown(data)}")
        return cls.from_dict(data)

    def solvers(self) -> list[Offer]:
        """Every registered solver with whether it can take this instance, and the reason where it cannot."""
        from .registry import offers

        return offers(self)

    def to_frame(self, solution: Any) -> Any:
        """A solution as a pandas frame."""
        raise NotImplementedError(f"{type(self).__name__} has no table form")

    def plot(self, solution: Any, path: str | None = None) -> Any:
        """A picture of a solution: the matplotlib figure; saved where ``path`` is given."""
        raise NotImplementedError(f"{type(self).__name__} has no picture")

    def require(self, solution: object) -> None:
        """Raise `InvalidSolutionError` unless the object is of this problem's solution type."""
        if not isinstance(solution, self.solution_type):
            raise InvalidSolutionError(
                f"expected a {self.solution_type.__name__} for a {type(self).__name__}, got {type(solution).__name__}"
            )


def _feed(digest: Any, value: Any) -> None:
    """Add a field to a hash, such that equal data give equal bytes on every platform."""
    if isinstance(value, np.ndarray):
        little = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<"))
        digest.update(f"{little.dtype.str}{little.shape}".encode())
        digest.update(little.data)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        digest.update(type(value).__name__.encode())
        for field in dataclasses.fields(value):
            digest.update(b"\0" + field.name.encode() + b"\0")
            _feed(digest, getattr(value, field.name))
    elif isinstance(value, tuple | list):
        digest.update(f"({len(value)}".encode())
        for item in value:
            _feed(digest, item)
            digest.update(b",")
    elif isinstance(value, Mapping):
        _feed(digest, sorted(value.items()))
    else:
        digest.update(f"{type(value).__name__}:{value!r}".encode())


def frozen_array(
    field: str, value: ArrayLike, dtype: DTypeLike, *, shape: tuple[int | None, ...], advice: str = ""
) -> NDArray[Any]:
    """A C-contiguous read-only array of exactly this dtype, or a refusal that names the field.

    Parameters
    ----------
    field : str
        Name for error messages.
    value : array_like
        What the user gave. A large array of the right dtype and layout is lent (held as a read-only view), others are copied.
    dtype : dtype
        ``float64`` or ``int64``, mostly. Ints and floats are accepted for either where no value changes.
    shape : tuple of int or None
        Expected shape; None fits any length.
    advice : str
        What to do, appended to the message.

    Raises
    ------
    InvalidProblemError
        Ragged or non-numeric input, a wrong shape, NaN or infinity, a fraction where ints are expected, int64 overflow.
    """
    hint = f"; {advice}" if advice else ""
    given = as_numbers(field, value, hint)
    if len(given.shape) != len(shape) or any(
        want is not None and have != want for have, want in zip(given.shape, shape, strict=True)
    ):
        wanted = "(" + ", ".join("any" if want is None else str(want) for want in shape) + ("," if len(shape) == 1 else "") + ")"
        raise InvalidProblemError(f"{field} has shape {given.shape}, expected {wanted}{hint}")
    target = np.dtype(dtype)
    if given.dtype.kind == "f":
        bad = np.flatnonzero(~np.isfinite(given))
        if bad.size:
            raise _bad(field, given, bad[0], f"expected a finite number{hint}")
        if target.kind == "i":
            bad = np.flatnonzero((given != np.floor(given)) | (np.abs(given) >= 2.0**63))
            if bad.size:
                raise _bad(field, given, bad[0], f"expected a whole number below 2^63{hint}")
    elif given.dtype.kind == "u" and target.kind == "i" and given.size and int(given.max()) >= 2**63:
        raise _bad(field, given, int(given.argmax()), f"expected a whole number below 2^63{hint}")
    elif target.kind == "f" and given.dtype.kind in "iu" and given.size:
        bad = np.flatnonzero((given > 2**53) | (given < -(2**53))) if given.dtype.kind == "i" else np.flatnonzero(given > 2**53)
        if bad.size:
            raise _bad(field, given, bad[0], f"more than 2^53, where floats skip integers{hint}")
    lent = given.dtype == target and given.flags.c_contiguous and given.nbytes > LENT_ABOVE
    array = given.view() if lent else np.array(given, dtype=target, order="C")
    array.flags.writeable = False
    return array


class EntryError(InvalidProblemError):
    """An entry of an array or a table makes no sense; ``index`` is its place."""

    def __init__(self, message: str, index: tuple[int, ...]) -> None:
        self.index = index
        super().__init__(message)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.index)


def as_numbers(field: str, value: ArrayLike, hint: str = "") -> NDArray[Any]:
    """What the user gave as an array of ints or floats of any shape, or a refusal that names field, index and value."""
    if isinstance(value, np.ma.MaskedArray):
        for flat in np.flatnonzero(np.ma.getmaskarray(value))[:1].tolist():
            place, index = _place(field, value.shape, flat)
            raise EntryError(f"{place} is masked; fill it in with .filled(...), or leave it out{hint}", index)
    try:
        given = np.asarray(value)
        if given.dtype.kind not in "iuf":
            given = np.asarray(value, dtype=object)  # the user's own items, where numpy made all of them text
    except OverflowError:
        given = np.asarray(value, dtype=object)
    except (ValueError, TypeError) as error:
        raise InvalidProblemError(
            f"{field} is not a rectangular array of numbers ({_ragged(field, value) or error}){hint}"
        ) from None
    if given.dtype == object:
        for flat, item in enumerate(given.ravel()):
            if isinstance(item, bool) or not isinstance(item, int | float | np.integer | np.floating):
                raise _bad(field, given, flat, f"expected a number{hint}")
            if isinstance(item, int) and not -(2**63) <= item < 2**63:
                raise _bad(field, given, flat, f"an int fits in 64 bits; use a larger unit{hint}")
        fractions = any(isinstance(item, float | np.floating) for item in given.ravel())
        given = given.astype(np.float64 if fractions else np.int64)
    return given


def _ragged(field: str, value: Any) -> str:
    """Which row is of another length than the first, where it is that."""
    rows = value if isinstance(value, list | tuple) else ()
    lengths = [len(row) if isinstance(row, list | tuple | np.ndarray) else None for row in rows]
    odd = next((row for row, length in enumerate(lengths) if length != lengths[0]), None)
    if odd is None:
        return ""
    said = (f"has {lengths[row]} entries" if lengths[row] is not None else f"is {shown(rows[row])}" for row in (0, odd))
    return f"{field}[0] {next(said)}, {field}[{odd}] {next(said)}"


def shown(value: object) -> str:
    """A value as it stands in a message: on one line, and not for pages."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, int) and value.bit_length() > 200:
        return f"an int of {value.bit_length()} bits"
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _place(field: str, shape: tuple[int, ...], flat_index: int) -> tuple[str, tuple[int, ...]]:
    """``demand[17]`` and ``(17,)`` for an element of an array."""
    index = tuple(int(i) for i in np.unravel_index(flat_index, shape))
    return (f"{field}[{', '.join(map(str, index))}]" if index else field), index


def _bad(field: str, array: NDArray[Any], flat_index: int, expected: str, more: str = "") -> EntryError:
    """The error ``demand[17] is -3; <expected>`` for an element of an array."""
    place, index = _place(field, array.shape, int(flat_index))
    return EntryError(f"{place} is {shown(array.ravel()[int(flat_index)])}{more}; {expected}", index)


def refuse(field: str, array: NDArray[Any], bad: NDArray[np.bool_], expected: str) -> None:
    """Raise `EntryError` for the first true entry of ``bad``: ``demand[17] is -3; <expected>``."""
    where = np.flatnonzero(bad)
    if where.size:
        raise _bad(field, array, where[0], expected, f" ({where.size - 1} more)" if where.size > 1 else "")


def refuse_overflow(field: str, array: NDArray[Any], items: int, advice: str) -> None:
    """Raise `EntryError` for the first number of which ``items`` do not add up in floats, with much room to spare."""
    limit = FLOAT_LIMIT / max(1, items)
    if array.dtype.kind == "f" and array.size and float(np.abs(array).max()) > limit:
        refuse(field, array, np.abs(array) > limit, f"sums of such numbers overflow; use a larger unit, and {advice}")


def module_of(problem_class: type[Problem]) -> Any:
    """The imported module that `Problem.home` names."""
    import importlib

    name = problem_class.home()
    return sys.modules.get(name) or importlib.import_module(name)
