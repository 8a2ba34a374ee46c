"""The verdict of a checker: plain words, with sizes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..inputs.wording import several


@dataclass(frozen=True)
class Violation:
    """One broken rule.

    Parameters
    ----------
    rule : str
        Short name of the rule (``"capacity"``, ``"unserved"``, ...).
    message : str
        One sentence that names what, where and by how much.
    size : float
        How far it is broken, in the rule's own unit; larger than zero.
    """

    rule: str
    message: str
    size: float = 1.0

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True)
class CheckReport:
    """All violations that a checker found; true when there are none.

    Examples
    --------
    >>> bool(CheckReport(()))
    True
    >>> print(CheckReport((Violation("capacity", "route 3 carries 12 of 10", 2.0),)))
    infeasible: route 3 carries 12 of 10
    """

    violations: tuple[Violation, ...] = ()

    @classmethod
    def of(cls, violations: Iterable[Violation]) -> CheckReport:
        return cls(tuple(violations))

    @property
    def feasible(self) -> bool:
        return not self.violations

    def __bool__(self) -> bool:
        return self.feasible

    def __iter__(self) -> Iterator[Violation]:
        return iter(self.violations)

    def __len__(self) -> int:
        return len(self.violations)

    def __str__(self) -> str:
        return "feasible" if self.feasible else f"infeasible: {several(self.violations)}"
