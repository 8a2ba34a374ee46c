"""The named kinds of shops: doors that fit them, and nothing in them that is of another kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from ...errors import InvalidProblemError
from ...inputs.arrays import as_numbers, refuse
from .parts import CHAIN, OPEN, ORDERS
from .problem import Shop


@dataclass(frozen=True, eq=False)
class JobShop(Shop):
    """A job shop: each job visits its machines in its own order.

    The fields are those of `Shop`.

    Examples
    --------
    >>> shop = JobShop.from_jobs([[(0, 3), (1, 2)], [(1, 4), (0, 1)]], due=[5, 5], objective="total_tardiness")
    >>> shop.num_operations, shop.features["kind"]
    (4, 'job')
    """

    formats: ClassVar[tuple[str, ...]] = ("jsplib", "taillard-jobshop")

    def _check_kind(self) -> None:
        several = np.flatnonzero(np.diff(self.mode_ptr) > 1)
        if several.size:
            raise InvalidProblemError(
                f"{self.operation_called(int(several[0]))} has {np.diff(self.mode_ptr)[several[0]]} machines to choose from: that "
                f"is a FlexibleJobShop"
            )
        _one_order(self, CHAIN, "chain")

    @classmethod
    def from_arrays(cls, machines: Any, durations: Any, **fields: Any) -> Self:
        """From two matrices of shape (num_jobs, num_operations of a job): where, and for how long.

        Examples
        --------
        >>> JobShop.from_arrays([[0, 1], [1, 0]], [[3, 2], [4, 1]]).num_machines
        2
        """
        where, how_long = as_numbers("machines", machines), _durations(durations)
        if where.ndim != 2 or where.shape != how_long.shape:
            raise InvalidProblemError(
                f"machines has shape {where.shape} and durations {how_long.shape}; expected one row a job, and as many columns"
            )
        refuse("machines", where, where < 0, "machines are counted from 0")
        jobs, operations = where.shape
        return cls(
            job=np.repeat(np.arange(jobs), operations),
            operation=np.arange(where.size),
            machine=where.reshape(-1),
            duration=how_long.reshape(-1),
            **fields,
        )


@dataclass(frozen=True, eq=False)
class FlexibleJobShop(Shop):
    """A flexible job shop: operations have machines to choose from, each with its own duration.

    The fields are those of `Shop`.

    Examples
    --------
    >>> shop = FlexibleJobShop.from_jobs([[{"saw": 3, "laser": 2}, ("lathe", 4)], [("lathe", 1)]])
    >>> shop.num_modes, shop.features["kind"]
    (4, 'flexible')
    """

    formats: ClassVar[tuple[str, ...]] = ("fjsplib",)

    def _check_kind(self) -> None:
        _one_order(self, CHAIN, "chain")


@dataclass(frozen=True, eq=False)
class OpenShop(Shop):
    """An open shop: the operations of a job are done in any order, one at a time.

    The fields are those of `Shop`; ``order`` is ``"open"``. Operations may have alternatives.

    Examples
    --------
    >>> OpenShop.from_matrix([[3, 2], [4, 1]]).features["kind"]
    'open'
    """

    formats: ClassVar[tuple[str, ...]] = ("openshop", "taillard-openshop")

    order: Any = "open"

    def _check_kind(self) -> None:
        _one_order(self, OPEN, "open")

    @classmethod
    def from_matrix(cls, durations: Any, **fields: Any) -> Self:
        """From durations of shape (num_jobs, num_machines): each job visits each machine once."""
        how_long = _durations(durations)
        if how_long.ndim != 2 or not how_long.size:
            raise InvalidProblemError(f"durations has shape {how_long.shape}; expected one row a job and one column a machine")
        jobs, machines = how_long.shape
        return cls(
            job=np.repeat(np.arange(jobs), machines),
            operation=np.arange(how_long.size),
            machine=np.tile(np.arange(machines), jobs),
            duration=how_long.reshape(-1),
            **fields,
        )


def _durations(given: Any) -> NDArray[Any]:
    """A matrix as it was given, with what is wrong told by its row and column."""
    array = as_numbers("durations", given)
    refuse("durations", array, ~((array >= 0) & (array < np.inf)), "a duration is a finite number >= 0")
    return array


def _one_order(shop: Shop, wanted: int, word: str) -> None:
    other = np.flatnonzero(shop.order != wanted)
    if other.size:
        raise InvalidProblemError(
            f"order of {shop.job_called(int(other[0]))} is {list(ORDERS)[shop.order[other[0]]]!r}; in a {type(shop).__name__} all "
            f"are {word!r}; for a mixed one use Shop"
        )
