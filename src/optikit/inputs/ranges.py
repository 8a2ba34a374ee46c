"""Parameters of solvers with their ranges: declared once on the field, for validation, for tables and for tuning."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import UnsupportedError
from .wording import did_you_mean, shown

_KEY = "optikit.range"


@dataclass(frozen=True)
class Range:
    """What values a parameter may take, and where tuning looks.

    Parameters
    ----------
    least, most : float, optional
        Of a number, both included.
    choices : tuple
        Of text, or of anything else: one of these.
    tune : tuple
        For a number, the range in which tuning looks (within ``least`` and ``most``); for choices, those that it tries. Empty: the
        parameter is not tuned.
    log : bool
        Whether tuning looks at orders of magnitude rather than at differences.
    """

    least: float | None = None
    most: float | None = None
    choices: tuple[Any, ...] = ()
    tune: tuple[Any, ...] = ()
    log: bool = False

    def __post_init__(self) -> None:
        if not self.tune:
            return
        if self.choices:
            inside = set(self.tune) <= set(self.choices)
        else:
            low, high = self.tune
            inside = low < high and (self.least is None or low >= self.least) and (self.most is None or high <= self.most)
        if not inside:
            raise ValueError(f"tune is {self.tune}; expected a part of what the parameter may be")

    def check(self, name: str, value: Any) -> None:
        """Raise `UnsupportedError` for a value outside; None stands for a default that the solver chooses."""
        if value is None:
            return
        if self.choices:
            if value not in self.choices:
                known = ", ".join(map(repr, self.choices))
                raise UnsupportedError(f"{name} is {shown(value)}{did_you_mean(value, self.choices)}; expected one of {known}")
            return
        low, high = self.least, self.most
        if (low is None or value >= low) and (high is None or value <= high):
            return
        both = low is not None and high is not None
        said = f"from {low:g} to {high:g}" if both else f">= {low:g}" if high is None else f"<= {high:g}"
        raise UnsupportedError(f"{name} is {shown(value)}; expected a number {said}")


def parameter(
    default: Any,
    *,
    least: float | None = None,
    most: float | None = None,
    choices: tuple[Any, ...] = (),
    tune: tuple[Any, ...] = (),
    log: bool = False,
) -> Any:
    """A dataclass field with a `Range`: the solver's constructor refuses values outside, and `optikit.bench.tune` looks inside.

    Parameters
    ----------
    default
        The field's default.
    least, most, choices, tune, log
        See `Range`.

    Examples
    --------
    >>> @dataclasses.dataclass(frozen=True)
    ... class Search:
    ...     neighbours: int = parameter(30, least=1, most=10**6, tune=(10, 60))
    >>> Search().neighbours
    30
    >>> ranges_of(Search)["neighbours"].tune
    (10, 60)
    """
    return dataclasses.field(default=default, metadata={_KEY: Range(least, most, choices, tune, log)})


def ranges_of(solver: Any) -> Mapping[str, Range]:
    """The ranges that a dataclass, or an object of one, declares; fields without one are left out."""
    return {field.name: field.metadata[_KEY] for field in dataclasses.fields(solver) if _KEY in field.metadata}
