"""Positions in a table, as solutions name them: ints of Python or numpy, and nothing that only looks like one."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arguments import is_sequence
from .wording import shown


def position(field: str, item: Any, what: str, refusal: type[Exception]) -> int:
    """The int that an item is.

    Parameters
    ----------
    field : str
        Where it stands, for the message: ``"order[3]"``.
    item : object
        From outside.
    what : str
        What it should be, for the message: ``"the position of a city"``.
    refusal : type of Exception
        Raised for what is no int, or no int of 64 bits.
    """
    if not isinstance(item, bool | np.bool_):  # Python takes its own for indices, and so did numpy 1
        try:
            index = operator.index(item)
        except TypeError:
            pass
        else:
            if -(2**63) <= index < 2**63:
                return index
    raise refusal(f"{field} is {shown(item)}; expected {what}, an int")


def positions(field: str, given: Any, what: str, refusal: type[Exception]) -> NDArray[np.int64]:
    """An array of its own, one position each, from any iterable of them; refused as by `position`."""
    if isinstance(given, np.ndarray) and given.dtype.kind == "i" and given.ndim == 1:
        return np.array(given, np.int64)
    if not is_sequence(given):
        raise refusal(f"{field} is {shown(given)}; expected a sequence, of each {what}")
    items = given if isinstance(given, list | tuple | range) else list(given)
    if isinstance(items, range) or set(map(type, items)) <= {int}:
        try:
            return np.fromiter(items, np.int64, len(items))
        except OverflowError:
            pass  # told with its index below
    return np.fromiter((position(f"{field}[{at}]", item, what, refusal) for at, item in enumerate(items)), np.int64, len(items))
