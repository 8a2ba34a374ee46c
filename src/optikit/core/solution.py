"""What a solver decides: decisions only, no cost and no reference to the problem."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Self

from ..errors import InvalidSolutionError
from ..inputs.forms import parsed


class Solution(ABC):
    """Base of all solutions: immutable, comparable, hashable, with a JSON form.

    A subclass is a frozen dataclass whose fields are the decisions.
    """

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """The decisions as JSON types, with a ``schema_version``."""

    @classmethod
    @abstractmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read back what `to_dict` wrote; raises `InvalidSolutionError` for anything else."""

    def to_json(self) -> str:
        return json.dumps(self.to_dict())

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read back what `to_json` wrote; raises `InvalidSolutionError` for anything else."""
        return cls.from_dict(parsed(text, f"the JSON form of {cls.__name__}", InvalidSolutionError))
