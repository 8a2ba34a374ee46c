"""A placement: what a solver of the quadratic assignment problem decides."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from ...core.solution import Solution
from ...errors import InvalidSolutionError
from ...inputs.forms import check_form, check_keys
from ...inputs.wording import shown

SCHEMA_VERSION = 1

_FORM = "the JSON form of a Placement"


@dataclass(frozen=True)
class Placement(Solution):
    """A solution of a `QuadraticAssignment`: the location of each facility, no two at the same, 0-based.

    Parameters
    ----------
    locations : sequence of int
        ``locations[i]`` is the position of the location where facility ``i`` stands. Locations that are not named stay empty.

    Raises
    ------
    InvalidSolutionError
        For a position that is no int.

    Examples
    --------
    >>> Placement([2, 0, 1]).locations
    (2, 0, 1)
    """

    locations: tuple[int, ...]

    def __post_init__(self) -> None:
        given = self.locations
        if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
            raise InvalidSolutionError(f"locations is {shown(given)}; expected a sequence of locations, one a facility")
        object.__setattr__(self, "locations", tuple(_location(index, item) for index, item in enumerate(given)))

    def __len__(self) -> int:
        return len(self.locations)

    def to_dict(self) -> dict[str, Any]:
        return {"schema_version": SCHEMA_VERSION, "locations": list(self.locations)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        check_form(data, _FORM, SCHEMA_VERSION, InvalidSolutionError)
        check_keys(data, ("schema_version", "locations"), _FORM, InvalidSolutionError)
        return cls(data["locations"])


def _location(index: int, item: Any) -> int:
    try:
        if not isinstance(item, bool | np.bool_) and -(2**63) <= operator.index(item) < 2**63:
            return operator.index(item)
    except TypeError:
        pass
    raise InvalidSolutionError(f"locations[{index}] is {shown(item)}; expected the position of a location, an int")
