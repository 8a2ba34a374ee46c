"""The quadratic assignment problem: facilities with flows between them, locations with distances between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...core.check import CheckReport
from ...core.problem import Problem
from ...errors import EntryError, InvalidProblemError
from ...inputs.arrays import as_numbers, frozen_array, refuse_twice
from ...inputs.forms import check_form, check_keys, reading
from ...inputs.keywords import keywords, refuse_unknown
from ...inputs.names import Name, compact, plain_names, refuse_twins
from ...inputs.wording import shown
from .flows import SparseFlow
from .lattice import LIMIT, CostLattice, fit
from .solution import Placement

__all__ = ["QAP", "QuadraticAssignment"]

_KEYS = (
    "problem", "schema_version", "name", "flow", "distance", "linear", "fixed", "forbidden", "maximize", "facilities", "locations",
    "places",
)  # fmt: skip
"""Of the JSON form."""


@dataclass(frozen=True, eq=False)
class QuadraticAssignment(Problem):
    """The quadratic assignment problem of Koopmans and Beckmann (1957): place facilities, such that what flows between them goes
    short ways.

    A placement p costs the sum over all i, k of ``flow[i, k] * distance[p(i), p(k)]``, the diagonal included, and over all i of
    ``linear[i, p(i)]``. Flows and distances may be asymmetric and negative, ints or floats. There may be more locations than
    facilities; those that are left stay empty.

    Parameters
    ----------
    flow : array_like, scipy.sparse matrix or array, or SparseFlow, shape (num_facilities, num_facilities)
        Flow from row to column. What is sparse stays so, and is searched faster; entries of one pair are added up.
    distance : array_like or scipy.sparse matrix, shape (num_locations, num_locations)
        Distance from row to column. Of a sparse matrix, what has no entry is 0, as where graphs are matched.
    linear : array_like, shape (num_facilities, num_locations), optional
        Cost of a facility at a location.
    fixed : sequence of (facility, location), or mapping of facility to location
        Pairs that are given, by their positions.
    forbidden : array_like of bool, shape (num_facilities, num_locations), or sequence of (facility, location), optional
        Pairs that may not be.
    maximize : bool
        Whether the most is sought, not the least: the matching of graphs, for instance.
    facilities, locations : sequence of str or int, optional
        Names, unique. None: they are called by their positions.
    places : array_like, shape (num_locations, 2), optional
        Where locations are drawn.
    name : str
        For titles.

    Raises
    ------
    InvalidProblemError
        For data that make no sense: the message names the field, the index, the value and a way out.

    Examples
    --------
    >>> qap = QuadraticAssignment([[0, 3, 0], [0, 0, 1], [0, 0, 0]], [[0, 5, 2], [5, 0, 4], [2, 4, 0]])
    >>> qap.evaluate(Placement([0, 2, 1]))
    10.0
    """

    solution_type: ClassVar[type[Placement]] = Placement

    flow: NDArray[Any] | SparseFlow
    distance: NDArray[Any]
    linear: NDArray[Any] | None = None
    fixed: tuple[tuple[int, int], ...] = ()
    forbidden: NDArray[np.bool_] | None = None
    maximize: bool = False
    facilities: Sequence[Name] | None = None
    locations: Sequence[Name] | None = None
    places: NDArray[np.float64] | None = None
    name: str = ""

    def __post_init__(self) -> None:
        flow = self.flow
        if not isinstance(flow, SparseFlow):
            flow = SparseFlow.from_scipy(flow) if _is_sparse(flow) else _square("flow", flow, "facility")
        given: Any = self.distance
        if _is_sparse(given):
            refuse_twice("distance", given)
            given = given.toarray()
        distance = _square("distance", given, "location")
        self._set(flow=flow, distance=distance)
        m, n = self.num_facilities, self.num_locations
        if m == 0:
            raise InvalidProblemError("flow has no row: there is no facility to be placed")
        if m > n:
            raise InvalidProblemError(
                f"flow has {m} facilities, but distance only {n} locations; each facility needs one of its own: add locations"
            )
        if not isinstance(self.maximize, bool | np.bool_):
            raise InvalidProblemError(f"maximize is {shown(self.maximize)}; expected True or False")
        if not isinstance(self.name, str):
            raise InvalidProblemError(f"name is {shown(self.name)}; expected text")
        self._set(
            linear=None if self.linear is None else _linear(self.linear, m, n),
            fixed=_fixed(self.fixed, m, n),
            forbidden=_forbidden(self.forbidden, m, n),
            maximize=bool(self.maximize),
            facilities=_names("facilities", self.facilities, m),
            locations=_names("locations", self.locations, n),
            places=None if self.places is None else frozen_array("places", self.places, np.float64, shape=(n, 2)),
        )
        _ = self.lattice  # raises where no lattice fits: better now than inside a solver

    def _set(self, **fields: Any) -> None:
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    # -- in -----------------------------------------------------------------

    @classmethod
    def from_frame(cls, flows: Any, distances: Any, **options: Any) -> Self:
        """From a table of flows and one of distances: see `optikit.assignment.quadratic.frames.from_frame`."""
        from .frames import from_frame

        refuse_unknown("from_frame", options, keywords(from_frame))
        return from_frame(cls, flows, distances, **options)

    @classmethod
    def from_graphs(cls, flow: Any, distance: Any, **options: Any) -> Self:
        """From two graphs of networkx: see `optikit.assignment.quadratic.nx_graphs.from_graphs`."""
        from .nx_graphs import from_graphs

        refuse_unknown("from_graphs", options, keywords(from_graphs))
        return from_graphs(cls, flow, distance, **options)

    @classmethod
    def read(cls, path: Any, **options: Any) -> Self:
        """From a file of QAPLIB: see `optikit.assignment.quadratic.files.read_qaplib`."""
        from .files import read_qaplib

        return read_qaplib(path, cls=cls, **options)

    # -- facts ----------------------------------------------------------------

    @property
    def num_facilities(self) -> int:
        return len(self.flow)

    @property
    def num_locations(self) -> int:
        return len(self.distance)

    @property
    def sense(self) -> Literal["min", "max"]:
        return "max" if self.maximize else "min"

    @cached_property
    def entries(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[Any]]:
        """The flows that are not zero: from which facility, to which, and how much."""
        if isinstance(self.flow, SparseFlow):
            return self.flow.tails, self.flow.heads, self.flow.amounts
        tails, heads = np.nonzero(self.flow)
        return tails, heads, self.flow[tails, heads]

    @cached_property
    def symmetric(self) -> bool:
        """Whether flows or distances are the same both ways, so that one direction of each pair is enough."""
        if np.array_equal(self.distance, self.distance.T):
            return True
        tails, heads, amounts = self.entries
        back = np.lexsort((tails, heads))
        same = np.array_equal(tails, heads[back]) and np.array_equal(heads, tails[back])
        return same and np.array_equal(amounts, amounts[back])

    @cached_property
    def allowed(self) -> NDArray[np.bool_]:
        """Which facility may be where, shape (num_facilities, num_locations): what is fixed and what is forbidden together."""
        may = np.ones((self.num_facilities, self.num_locations), bool) if self.forbidden is None else ~self.forbidden
        for facility, location in self.fixed:
            only = may[facility, location]
            may[facility, :] = False
            may[:, location] = False
            may[facility, location] = only
        may.flags.writeable = False
        return may

    @cached_property
    def lattice(self) -> CostLattice:
        """Ticks of flows, distances and costs."""
        # Where pairs are forbidden, searches put a price on them that is above all costs, for each facility.
        limit = LIMIT if self.forbidden is None else min(LIMIT, 2**59 // (self.num_locations + 2))
        return fit(self.entries[2], self.distance, self.linear, limit)

    @property
    def error(self) -> float:  # type: ignore[override]
        return self.lattice.error

    @property
    def sums_are_exact(self) -> bool:  # type: ignore[override]
        return self.lattice.whole

    @cached_property
    def features(self) -> Mapping[str, Any]:
        return {
            "size": self.num_locations,
            "facilities": self.num_facilities,
            "places": self.num_locations - len(self.fixed),
            "symmetric": self.symmetric,
            "density": len(self.entries[2]) / self.num_facilities**2,
            "linear": self.linear is not None,
        }

    def facility(self, index: int) -> str:
        """A facility as it stands in a sentence: ``'press' (3)`` with its position; ``facility 3``, where it has no name."""
        return _called("facility", self.facilities, index)

    def location(self, index: int) -> str:
        """A location as it stands in a sentence."""
        return _called("location", self.locations, index)

    # -- the judge ------------------------------------------------------------

    def evaluate(self, solution: Placement) -> float:
        """What the placement costs: flows times distances, and the linear costs."""
        from .check import evaluate

        return evaluate(self, solution)

    def terms(self, solution: Placement) -> dict[str, float]:
        from .check import terms

        return terms(self, solution)

    def check(self, solution: Placement) -> CheckReport:
        from .check import check

        return check(self, solution)

    # -- out ------------------------------------------------------------------

    def to_frame(self, solution: Placement) -> Any:
        """One row a facility: see `optikit.assignment.quadratic.frames.to_frame`."""
        from .frames import to_frame

        return to_frame(self, solution)

    def plot(self, solution: Placement, path: str | None = None, **options: Any) -> Any:
        """A map of the flows, or flows beside distances: see `optikit.assignment.quadratic.plot.plot_placement`."""
        from .plot import plot_placement

        refuse_unknown("plot", options, keywords(plot_placement))
        return plot_placement(self, solution, path, **options)

    def to_dict(self) -> dict[str, Any]:
        return {
            "problem": "QuadraticAssignment",
            "schema_version": self.schema_version,
            "name": self.name,
            "flow": self.flow.to_dict() if isinstance(self.flow, SparseFlow) else self.flow.tolist(),
            "distance": self.distance.tolist(),
            "linear": None if self.linear is None else self.linear.tolist(),
            "fixed": [list(pair) for pair in self.fixed],
            "forbidden": None if self.forbidden is None else np.argwhere(self.forbidden).tolist(),
            "maximize": self.maximize,
            "facilities": None if self.facilities is None else list(self.facilities),
            "locations": None if self.locations is None else list(self.locations),
            "places": None if self.places is None else self.places.tolist(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        form = "the JSON form of a QuadraticAssignment"
        check_form(data, form, cls.schema_version, InvalidProblemError, "QuadraticAssignment")
        check_keys(data, _KEYS, form, InvalidProblemError)
        with reading(form, InvalidProblemError):
            fields = {key: data[key] for key in _KEYS if key not in ("problem", "schema_version")}
            if isinstance(fields["flow"], Mapping):
                fields["flow"] = SparseFlow.from_dict(fields["flow"])
            return cls(**fields)


QAP = QuadraticAssignment


def _called(what: str, names: Sequence[Name] | None, index: int) -> str:
    name = index if names is None else names[index]
    return f"{name!r} ({index})" if isinstance(name, str) else f"{what} {name}"


def _is_sparse(value: Any) -> bool:
    """Whether that is a matrix or array of scipy.sparse, without importing it."""
    return hasattr(value, "tocoo") and hasattr(value, "toarray")


def _square(field: str, value: ArrayLike, noun: str) -> NDArray[Any]:
    """A square matrix of int64 or float64, without NaN and infinity."""
    hint = f"; one row and one column a {noun}"
    given = as_numbers(field, value, hint)
    if given.ndim != 2 or given.shape[0] != given.shape[1]:
        raise InvalidProblemError(f"{field} has shape {given.shape}, expected a square{hint}")
    return frozen_array(field, given, np.int64 if given.dtype.kind in "iu" else np.float64, shape=given.shape)


def _linear(value: Any, m: int, n: int) -> NDArray[Any]:
    if _is_sparse(value):
        raise InvalidProblemError(
            "linear is sparse, which does not say what a pair costs that is left out; pass linear.toarray() where that is 0, "
            "and forbidden=... for pairs that may not be"
        )
    given = as_numbers("linear", value)
    kind = np.int64 if given.dtype.kind in "iu" else np.float64
    return frozen_array("linear", given, kind, shape=(m, n), advice="a pair that may not be is named by forbidden=...")


def _pairs(field: str, value: Any, m: int, n: int) -> list[tuple[int, int]]:
    """Pairs of a facility and a location, within range, each once."""
    if isinstance(value, Mapping):
        value = list(value.items())
    given = np.asarray(value) if isinstance(value, np.ndarray) and value.size else value
    if isinstance(given, np.ndarray):
        given = given.tolist()
    if isinstance(given, str | bytes) or not isinstance(given, Sequence | np.ndarray | set | frozenset):
        raise InvalidProblemError(f"{field} is {shown(value)}; expected pairs of a facility and a location")
    found: dict[tuple[int, int], int] = {}
    for index, pair in enumerate(given):
        item = tuple(pair) if isinstance(pair, Sequence | np.ndarray) and not isinstance(pair, str | bytes) else ()
        if len(item) != 2 or any(isinstance(end, bool | np.bool_) or not isinstance(end, int | np.integer) for end in item):
            raise EntryError(f"{field}[{index}] is {shown(pair)}; expected a facility and a location, by their positions", (index,))
        facility, location = int(item[0]), int(item[1])
        for what, end, count in (("facility", facility, m), ("location", location, n)):
            if not 0 <= end < count:
                raise EntryError(f"{field}[{index}] names {what} {end}; positions are 0 to {count - 1}", (index,))
        first = found.setdefault((facility, location), index)
        if first != index:
            raise EntryError(
                f"{field}[{index}] is ({facility}, {location}), as {field}[{first}] is already; leave one out", (index,)
            )
    return list(found)


def _fixed(value: Any, m: int, n: int) -> tuple[tuple[int, int], ...]:
    return tuple(sorted(_pairs("fixed", () if value is None else value, m, n)))


def _forbidden(value: Any, m: int, n: int) -> NDArray[np.bool_] | None:
    """A matrix of bools, read-only; None where nothing is forbidden."""
    if value is None:
        return None
    try:
        given = np.asarray(value)
    except (ValueError, TypeError):
        given = np.zeros(0, object)
    if given.dtype == np.bool_ and given.ndim == 2:
        if given.shape != (m, n):
            raise InvalidProblemError(f"forbidden has shape {given.shape}, expected ({m}, {n}): facilities by locations")
        mask = np.array(given, order="C")
    elif given.dtype.kind in "iu" and given.shape == (m, n) and n != 2:
        raise InvalidProblemError(
            f"forbidden holds {given.dtype}, one a facility and location; .astype(bool) makes it True and False"
        )
    else:
        mask = np.zeros((m, n), bool)
        for facility, location in _pairs("forbidden", value, m, n):
            mask[facility, location] = True
    mask.flags.writeable = False
    return mask if mask.any() else None


def _names(field: str, value: Any, count: int) -> Sequence[Name] | None:
    if value is None:
        return None
    names = compact(plain_names(field, value))
    if len(names) != count:
        raise InvalidProblemError(f"{field} has {len(names)} names, expected {count}")
    refuse_twins(names, field)
    return names
