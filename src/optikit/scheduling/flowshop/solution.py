"""The orders of jobs on machines: what a solver of a flow shop decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from ...core.solution import Solution
from ...errors import InvalidSolutionError
from ...inputs.forms import check_form, check_keys
from ...inputs.positions import position
from ...inputs.wording import shown

SCHEMA_VERSION = 1

Orders = tuple[tuple[int, ...], ...]
"""Of one factory: the jobs of each machine in their order, or a single order that all machines have."""


@dataclass(frozen=True)
class JobSequences(Solution):
    """In which order each machine takes the jobs; every operation starts as early as that allows.

    Parameters
    ----------
    factories : sequence of factories
        One entry a factory: a sequence of jobs where all its machines have one order (a permutation schedule); else a sequence of
        such sequences, one a machine, the machines of the first stage first. Orders that are all equal are kept as one.

    Raises
    ------
    InvalidSolutionError
        For what is no sequence of sequences of ints.

    Examples
    --------
    >>> JobSequences([[2, 0, 1]]) == JobSequences([[[2, 0, 1], [2, 0, 1]]]) == JobSequences.permutation([2, 0, 1])
    True
    >>> JobSequences([[2, 0, 1], [4, 3]]).factories  # two factories
    (((2, 0, 1),), ((4, 3),))
    """

    factories: Sequence[Any]

    def __post_init__(self) -> None:
        given = _items("factories", self.factories)
        object.__setattr__(self, "factories", tuple(_factory(f"factories[{f}]", item) for f, item in enumerate(given)))

    @classmethod
    def permutation(cls, order: Iterable[int]) -> Self:
        """One factory in which all machines have the same order."""
        return cls(((tuple(_items("order", order)),),))

    @property
    def order(self) -> tuple[int, ...]:
        """The jobs in the order of the first machines, factory after factory: the permutation, where there is one."""
        return tuple(job for orders in self.factories for job in orders[0])

    def machine_orders(self, factory: int, num_machines: int) -> Orders:
        """The orders of all machines of a factory, where the solution has one for each, or one for all."""
        orders: Orders = self.factories[factory]
        return orders * num_machines if len(orders) == 1 else orders

    def to_dict(self) -> dict[str, Any]:
        return {
            "solution": "JobSequences",
            "schema_version": SCHEMA_VERSION,
            "factories": [[list(order) for order in orders] for orders in self.factories],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        form = "the JSON form of JobSequences"
        check_form(data, form, SCHEMA_VERSION, InvalidSolutionError)
        check_keys(data, ("solution", "schema_version", "factories"), form, InvalidSolutionError)
        if data["solution"] != "JobSequences":
            raise InvalidSolutionError(f"solution is {shown(data['solution'])}; expected 'JobSequences'")
        return cls(data["factories"])


def _items(field: str, given: Any) -> list[Any]:
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise InvalidSolutionError(f"{field} is {shown(given)}; expected a sequence")
    return list(given)


def _factory(field: str, given: Any) -> Orders:
    items = _items(field, given)
    nested = [isinstance(item, Iterable) and not isinstance(item, str | bytes | Mapping) for item in items]
    if any(nested):
        orders = tuple(_order(f"{field}[{k}]", item) for k, item in enumerate(items))
        return orders[:1] if len(set(orders)) == 1 else orders
    return (_order(field, items),)


def _order(field: str, given: Any) -> tuple[int, ...]:
    return tuple(
        position(f"{field}[{place}]", item, "the position of a job", InvalidSolutionError)
        for place, item in enumerate(_items(field, given))
    )
