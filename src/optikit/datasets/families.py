"""The families of instances: what each is an instance of, what its size counts, and who reads or builds its problems."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..inputs.keywords import strict

if TYPE_CHECKING:
    from ..core.problem import Problem


@dataclass(frozen=True)
class Family:
    """One family.

    Parameters
    ----------
    problem : str
        What its instances are instances of.
    unit : str
        What their size counts.
    reader : str
        ``"package.module:function"`` that reads a file; empty: no problem class of this version reads them.
    builder : str
        ``"package.module:function"`` that makes a problem of the numbers of a generator, and a name; empty: none does.
    """

    problem: str
    unit: str
    reader: str = ""
    builder: str = ""

    @property
    def has_landed(self) -> bool:
        """Whether this version has the problem class."""
        return bool(self.reader or self.builder)

    def read(self, path: str, **options: Any) -> Problem:
        return strict(_function(self.reader))(path, **options)  # type: ignore[no-any-return]

    def build(self, numbers: Any, name: str) -> Problem:
        return _function(self.builder)(numbers, name)  # type: ignore[no-any-return]


def _function(target: str) -> Callable[..., Any]:
    module, _, attribute = target.partition(":")
    return getattr(importlib.import_module(module), attribute)  # type: ignore[no-any-return]


_FLOWSHOP = "optikit.scheduling.flowshop"
_VRP, _TSP = "optikit.routing.vrp", "optikit.routing.tsp"

_SHOP = "optikit.scheduling.shop"

# A class that lands gives its families a reader (of files) and a builder (of computed numbers).
FAMILIES = {
    "cvrp": Family("capacitated vehicle routing problem", "clients", f"{_VRP}.files:read_vrplib", f"{__package__}.building:vrp"),
    "vrptw": Family("vehicle routing problem with time windows", "clients"),
    "gvrp": Family("generalized vehicle routing problem", "clients"),
    "hfvrp": Family("heterogeneous fleet vehicle routing problem", "clients"),
    "mdvrptw": Family("multi-depot vehicle routing problem with time windows", "clients"),
    "mtvrptwr": Family("multi-trip vehicle routing problem with time windows and release times", "clients"),
    "pcvrptw": Family("prize-collecting vehicle routing problem with time windows", "clients"),
    "sdvrptw": Family("site-dependent vehicle routing problem with time windows", "clients"),
    "vrpb": Family("vehicle routing problem with backhauls", "clients"),
    "tsp": Family("symmetric travelling salesman problem", "cities", f"{_TSP}.files:read_tsplib", f"{__package__}.building:tsp"),
    "atsp": Family("asymmetric travelling salesman problem", "cities", f"{_TSP}.files:read_tsplib", f"{__package__}.building:tsp"),
    "jobshop": Family("job shop", "operations", f"{_SHOP}.files:read_jsplib", f"{__package__}.building:jobshop"),
    "flexible-jobshop": Family(
        "flexible job shop", "operations", f"{_SHOP}.files:read_fjsplib", f"{__package__}.building:flexible_jobshop"
    ),
    "flowshop": Family(
        "permutation flow shop", "operations", f"{_FLOWSHOP}.files:read_flowshop", f"{__package__}.building:flowshop"
    ),
    "openshop": Family("open shop", "operations", f"{_SHOP}.files:read_openshop", f"{__package__}.building:openshop"),
    "rcpsp": Family("resource-constrained project scheduling problem", "activities"),
    "mmrcpsp": Family("multi-mode resource-constrained project scheduling problem", "activities"),
    "qap": Family(
        "quadratic assignment problem",
        "facilities",
        "optikit.assignment.quadratic.files:read_qaplib",
        f"{__package__}.building:qap",
    ),
    "lap": Family("linear assignment problem", "rows", builder=f"{__package__}.building:lap"),
    "gap": Family(
        "generalized assignment problem", "jobs", "optikit.assignment.generalized.files:read_gap", f"{__package__}.building:gap"
    ),
    "binpacking": Family("bin packing problem", "items"),
}
"""Family -> what it is."""
