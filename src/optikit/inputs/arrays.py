"""Arrays from outside: numbers of one dtype and shape, finite, read-only, or a refusal that names field, index and value."""

from __future__ import annotations

import sys
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from ..errors import EntryError, InvalidProblemError
from .wording import convertible, shown

LENT_ABOVE = 64 * 2**20
"""Arrays of the right dtype above this many bytes are held as read-only views of the caller's memory, not copied."""

WHOLE_LIMIT = 2.0**53
"""From here on floats skip integers."""

FLOAT_LIMIT = 1e300
"""Sums of the user's floats stay below this: beyond 1.8e308 there is only infinity."""


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


def as_numbers(field: str, value: ArrayLike, hint: str = "") -> NDArray[Any]:
    """What the user gave as an array of ints or floats of any shape, or a refusal that names field, index and value."""
    masked = sys.modules.get("numpy.ma")  # numpy loads it for who asks for it, which takes 8 ms
    if masked is not None and isinstance(value, masked.MaskedArray):
        for flat in np.flatnonzero(np.ma.getmaskarray(value))[:1].tolist():
            place, index = _place(field, value.shape, flat)
            raise EntryError(f"{place} is masked; fill it in with .filled(...), or leave it out{hint}", index)
    try:
        given = np.asarray(value)
    except OverflowError:
        given = np.asarray(value, dtype=object)
    except (ValueError, TypeError) as error:
        raise InvalidProblemError(
            f"{field} is not a rectangular array of numbers ({_ragged(field, value) or error}){hint}"
        ) from None
    refuse_times(field, given)
    mixed = given.dtype.kind == "f" and not isinstance(value, np.ndarray) and (np.abs(given) >= WHOLE_LIMIT).any()
    if given.dtype.kind not in "iuf" or mixed or _has_truths(value):
        given = np.asarray(value, dtype=object)  # the user's own items, where numpy made text or floats of all of them
    if given.dtype.kind == "O":
        for flat, item in enumerate(given.ravel()):
            if isinstance(item, bool | np.timedelta64) or not isinstance(item, int | float | np.integer | np.floating):
                raise _bad(field, given, flat, f"expected a number{convertible(item)}{hint}")
            if isinstance(item, int) and not -(2**63) <= item < 2**63:
                raise _bad(field, given, flat, f"an int fits in 64 bits; use a larger unit{hint}")
        fractions = any(isinstance(item, float | np.floating) for item in given.ravel())
        if fractions:
            for flat, item in enumerate(given.ravel()):
                if is_rounded(item):
                    raise _bad(field, given, flat, f"beside fractions all are floats, which skip integers above 2^53{hint}")
        given = given.astype(np.float64 if fractions else np.int64)
    elif given.dtype.kind == "f" and given.dtype.itemsize > 8:
        with np.errstate(over="ignore"):
            plain = given.astype(np.float64)
        refuse(field, given, np.isinf(plain) & ~np.isinf(given), f"more than floats of 64 bits hold; use a larger unit{hint}")
        skipped = (np.abs(given) > WHOLE_LIMIT) & (plain != given) & np.isfinite(given)
        refuse(field, given, skipped, f"above 2^53 floats of 64 bits skip numbers; use a larger unit{hint}")
        given = plain
    return given


def _has_truths(value: Any) -> bool:
    """Whether lists hold True or False, of which numpy makes numbers beside others."""
    level = value
    while isinstance(level, list | tuple) and level:
        kinds = set(map(type, level))
        if not kinds.isdisjoint((bool, np.bool_)):
            return True
        if not kinds <= {list, tuple}:
            return np.ndarray in kinds and any(isinstance(item, np.ndarray) and item.dtype.kind == "b" for item in level)
        level = list(chain.from_iterable(level))
    return False


def is_rounded(item: Any) -> bool:
    """Whether a number is an int that a float would round, or a long double of that size."""
    if isinstance(item, np.longdouble):
        return bool(WHOLE_LIMIT < abs(item) < np.inf and float(item) != item)
    return isinstance(item, int | np.integer) and abs(int(item)) > WHOLE_LIMIT and int(float(item)) != int(item)


def refuse_times(field: str, array: NDArray[Any]) -> None:
    """Raise `InvalidProblemError` for durations and dates, whose bare counts depend on a unit that nobody sees."""
    if array.dtype.kind == "m":
        raise InvalidProblemError(
            f"{field} holds durations ({array.dtype}); say in which unit they count: .dt.total_seconds() of a column, "
            f"or / np.timedelta64(1, 's')"
        )
    if array.dtype.kind == "M":
        raise InvalidProblemError(
            f"{field} holds dates ({array.dtype}); expected numbers, for instance seconds since a start: "
            f"(column - start).dt.total_seconds()"
        )


def _ragged(field: str, value: Any) -> str:
    """Which row is of another length than the first, where it is that."""
    rows = value if isinstance(value, list | tuple) else ()
    lengths = [len(row) if isinstance(row, list | tuple | np.ndarray) else None for row in rows]
    odd = next((row for row, length in enumerate(lengths) if length != lengths[0]), None)
    if odd is None:
        return ""
    said = (f"has {lengths[row]} entries" if lengths[row] is not None else f"is {shown(rows[row])}" for row in (0, odd))
    return f"{field}[0] {next(said)}, {field}[{odd}] {next(said)}"


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


TWICE = "keep one entry, or call .sum_duplicates() where they add up"


def refuse_filled(field: str, matrix: Any) -> None:
    """Refuse a matrix of scipy.sparse in a format that fills up with zeros, where it has any: nobody can tell which are entries."""
    layout = getattr(matrix, "format", "")
    fills = layout == "dia" or (layout == "bsr" and matrix.blocksize != (1, 1))
    zeros = matrix.nnz - matrix.count_nonzero() if fills else 0
    if zeros:
        what = "blocks" if layout == "bsr" else "diagonals"
        raise InvalidProblemError(
            f"{field} is in {layout.upper()} format, whose {what} have {zeros:,} zeros; which of them are entries cannot be told: "
            f"pass coo_array((values, (rows, columns)), shape), where a zero that is given is one"
        )


def refuse_twice(field: str, matrix: Any) -> None:
    """Refuse a matrix of scipy.sparse with two entries of one place: scipy adds them up, but here they are mostly a mistake."""
    entries = matrix.tocoo()
    ends = entries.coords if hasattr(entries, "coords") else (entries.row, entries.col)
    order = np.lexsort(ends[::-1])
    twice = np.logical_and.reduce([np.diff(end[order]) == 0 for end in ends])
    for at in order[:-1][twice][:1].tolist():
        place = tuple(int(end[at]) for end in ends)
        raise EntryError(f"{field}[{', '.join(map(str, place))}] stands twice; {TWICE}", place)
