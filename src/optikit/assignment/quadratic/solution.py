"""A placement: what a solver of the quadratic assignment problem decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from ...core.solution import Solution
from ...errors import InvalidSolutionError
from ...inputs.forms import check_form, check_keys
from ...inputs.positions import positions

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
        found = positions("locations", self.locations, "the position of a location", InvalidSolutionError)
        object.__setattr__(self, "locations", tuple(found.tolist()))

    def __len__(self) -> int:
        return len(self.locations)

    def to_dict(self) -> dict[str, Any]:
        return {"schema_version": SCHEMA_VERSION, "locations": list(self.locations)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        check_form(data, _FORM, SCHEMA_VERSION, InvalidSolutionError)
        check_keys(data, ("schema_version", "locations"), _FORM, InvalidSolutionError)
        return cls(data["locations"])
