"""What is to be decided: immutable data with its own evaluator and checker. A problem knows no solver."""

from __future__ import annotations

import dataclasses
import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from ..errors import InvalidProblemError, InvalidSolutionError
from ..inputs.forms import parsed
from ..inputs.frozen import Frozen, fingerprint
from ..inputs.wording import an, shown
from .check import CheckReport
from .solution import Solution

if TYPE_CHECKING:
    from .registry import Offer


class Problem(Frozen, ABC):
    """Base of all problem classes.

    A subclass is a ``@dataclass(frozen=True, eq=False)`` that validates its fields in ``__post_init__`` and keeps arrays made
    by `frozen_array`. Two problems are equal when they are of one class and their fingerprints are.
    """

    solution_type: ClassVar[type[Solution]]
    """The class of its solutions."""
    certificate_type: ClassVar[type[Solution]]
    """The class of what proves its bounds, where it has such: see `proved`."""
    schema_version: ClassVar[int] = 1
    error: float = 0.0
    """Bound on ``|evaluate - what the engines add up|`` over all solutions, in the user's units (see `optikit.ticks`)."""
    sums_are_exact: bool = False
    """Whether engines add up exactly what `evaluate` returns, to the last digit: sums of whole numbers, in whole units."""

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

    def proved(self, certificate: Any) -> float:
        """The bound that a certificate proves, found without any code of the solvers; infinite: that there is no solution."""
        raise NotImplementedError(f"{type(self).__name__} has no certificates")

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
        return fingerprint(f"{type(self).__name__}/{self.schema_version}", self)

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
        data = parsed(text, f"the JSON form of a {cls.__name__}", InvalidProblemError)
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
            raise InvalidSolutionError(f"expected {an(self.solution_type)} for {an(type(self))}, got {an(type(solution))}")


SENT: dict[str, Any] = {}
"""Homes that this process cannot import, as another one sent them: those of classes of scripts and notebooks."""


def module_of(problem_class: type[Problem]) -> Any:
    """The imported module that `Problem.home` names."""
    import importlib

    name = problem_class.home()
    return SENT.get(name) or sys.modules.get(name) or importlib.import_module(name)
