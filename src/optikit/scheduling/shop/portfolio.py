"""A search and CP-SAT side by side on a shop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ...core.problem import Problem
from ...search.portfolio import Portfolio
from .problem import Shop


@dataclass(frozen=True)
class SideBySide(Portfolio):
    """The search that ``"auto"`` would take, and CP-SAT, each on half of the threads; see `optikit.search.portfolio.Portfolio`."""

    name: ClassVar[str] = "portfolio"
    solves: ClassVar[type[Problem]] = Shop
