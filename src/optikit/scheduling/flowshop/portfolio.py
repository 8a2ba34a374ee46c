"""A search of flow shops beside CP-SAT."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ...core.problem import Problem
from ...search.portfolio import Portfolio
from .problem import FlowShop


@dataclass(frozen=True)
class SideBySide(Portfolio):
    """A search and CP-SAT at once, in two threads; the parameters are those of `optikit.search.portfolio.Portfolio`."""

    name: ClassVar[str] = "portfolio"
    solves: ClassVar[type[Problem]] = FlowShop
