"""Tables of the quadratic assignment: flows and distances in, one row a pair; the placement out, one row a facility."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...errors import EntryError, InvalidProblemError, MissingExtraError
from ...inputs.names import Name
from ...inputs.tables import column_of, columns_of, is_missing, listed, numbers_of
from ...inputs.wording import did_you_mean, shown
from .check import located
from .flows import SparseFlow
from .instance import SPARSE_BELOW
from .solution import Placement

if TYPE_CHECKING:
    from .problem import QuadraticAssignment

    AnyQAP = TypeVar("AnyQAP", bound=QuadraticAssignment)

_MANY = 100
"""From so many facilities on, a table with few of their pairs is kept sparse."""


def from_frame(
    cls: type[AnyQAP],
    flows: Any,
    distances: Any,
    *,
    tail: str = "from",
    head: str = "to",
    flow: str = "flow",
    distance: str = "distance",
    mirror: bool = False,
    facilities: Iterable[Name] | None = None,
    costs: Any = None,
    fixed: Mapping[Name, Name] | None = None,
    forbidden: Iterable[tuple[Name, Name]] = (),
    places: Any = None,
    maximize: bool = False,
    title: str = "",
) -> AnyQAP:
    """A problem from a table of flows and a table of distances.

    Parameters
    ----------
    cls : type
        The class to build.
    flows : pandas.DataFrame or polars.DataFrame
        One row a pair of facilities: from, to, flow. Pairs that are not there have none; where one stands several times, its flows
        are added.
    distances : pandas.DataFrame or polars.DataFrame
        One row a pair of locations: from, to, distance. Each pair once; a location is 0 from itself where the table says nothing.
    tail, head : str
        Columns of both tables with the names, text or whole numbers.
    flow, distance : str
        Columns with the numbers.
    mirror : bool
        Whether a distance that stands in one direction only is that of the other, too. Without, both must be there.
    facilities : iterable of name, optional
        All facilities, in their order: also those without any flow. By default those of ``flows``.
    costs : pandas.DataFrame or polars.DataFrame, optional
        Linear costs, one row a pair: columns ``facility``, ``location`` and ``cost``. Pairs that are not there cost nothing.
    fixed : mapping of name to name, optional
        Facility to location.
    forbidden : iterable of (facility, location)
        Pairs of names that may not be.
    places : pandas.DataFrame or polars.DataFrame, optional
        Where locations are drawn: columns ``location``, ``x`` and ``y``. Its locations are added to those of ``distances``.
    maximize : bool
        Whether the most is sought.
    title : str
        Name of the problem.

    Returns
    -------
    QuadraticAssignment
        Facilities and locations in the order in which ``flows``, ``distances`` and ``places`` name them first. No other table makes
        any, so that a name that is misspelt is refused.

    Raises
    ------
    InvalidProblemError
        For a column, name or value that is missing or makes no sense, with its row (counted from 0).

    Examples
    --------
    >>> import pandas as pd
    >>> from optikit.assignment import QuadraticAssignment
    >>> flows = pd.DataFrame({"from": ["saw", "drill"], "to": ["drill", "paint"], "flow": [8, 3]})
    >>> ways = pd.DataFrame({"from": ["A", "A", "B"], "to": ["B", "C", "C"], "distance": [1, 2, 4]})
    >>> qap = QuadraticAssignment.from_frame(flows, ways, mirror=True, fixed={"saw": "B"})
    >>> qap.facilities, qap.locations, qap.fixed
    (('saw', 'drill', 'paint'), ('A', 'B', 'C'), ((0, 1),))
    """
    fixed = {} if fixed is None else fixed
    if not isinstance(fixed, Mapping):
        raise InvalidProblemError(f"fixed is {shown(fixed)}; expected a mapping of the name of a facility to that of its location")
    if not isinstance(mirror, bool | np.bool_):
        raise InvalidProblemError(f"mirror is {shown(mirror)}; expected True or False")
    barred = _name_pairs(forbidden)
    hint = "; facilities without flows are named by facilities=[...], with all others"
    placed, places_of = _Index("facility", hint), _Index("location")
    if facilities is not None:
        _declare(facilities, placed)
    flow_pairs, amounts = _table(flows, "flows", tail, head, flow, placed, placed)
    way_pairs, ways = _table(distances, "distances", tail, head, distance, places_of, places_of)
    points = None if places is None else _points(places, places_of)
    placed.closed = places_of.closed = True
    pairs, charges = (None, None) if costs is None else _table(costs, "costs", "facility", "location", "cost", placed, places_of)
    m, n = len(placed), len(places_of)
    linear = None
    if pairs is not None and charges is not None:
        _refuse_twice("costs", pairs, placed, places_of)
        linear = np.zeros((m, n), charges.dtype)
        linear[pairs[:, 0], pairs[:, 1]] = charges
    sparse = SparseFlow(m, flow_pairs[:, 0], flow_pairs[:, 1], amounts)
    few = m >= _MANY and len(sparse.amounts) <= SPARSE_BELOW * m * m
    return cls(
        flow=sparse if few else sparse.toarray(),
        distance=_matrix(way_pairs, ways, places_of, mirror),
        linear=linear,
        fixed=tuple((placed.at(key, "fixed"), places_of.at(value, "fixed")) for key, value in fixed.items()),
        forbidden=tuple((placed.at(a, "forbidden"), places_of.at(b, "forbidden")) for a, b in barred) or None,  # type: ignore[arg-type]
        maximize=maximize,
        facilities=tuple(placed.names),
        locations=tuple(places_of.names),
        places=None if points is None else _aligned(points, places_of),
        name=title,
    )


class _Index:
    """Names in the order in which they came, and their positions."""

    def __init__(self, noun: str, hint: str = "") -> None:
        self.noun, self.hint = noun, hint
        self.closed = False  # whether other names are refused from now on
        self.names: list[Name] = []
        self.position: dict[Name, int] = {}

    def __len__(self) -> int:
        return len(self.names)

    def add(self, name: Any, where: str = "") -> int:
        plain = name.item() if isinstance(name, np.generic) else name
        if is_missing(plain):
            raise InvalidProblemError(f"{where} is missing; every {self.noun} has a name")
        if isinstance(plain, bool) or not isinstance(plain, str | int):
            hint = "; convert the column with .astype(int)" if isinstance(plain, float) else ""
            raise InvalidProblemError(f"{where or self.noun} is {shown(plain)}; a name is text or a whole number{hint}")
        if plain not in self.position and self.closed:
            raise InvalidProblemError(f"{where} is {self._unknown(plain)}")
        if plain not in self.position:
            self.position[plain] = len(self.names)
            self.names.append(plain)
        return self.position[plain]

    def at(self, name: Any, field: str) -> int:
        plain = name.item() if isinstance(name, np.generic) else name
        if not isinstance(plain, Hashable) or isinstance(plain, bool) or plain not in self.position:
            raise InvalidProblemError(f"{field} names {self._unknown(plain)}")
        return self.position[plain]

    def _unknown(self, name: Any) -> str:
        return f"{shown(name)}, which is no {self.noun} of the tables{did_you_mean(name, self.position) or self.hint}"


def _declare(facilities: Any, index: _Index) -> None:
    """All names, each once, before any table."""
    if isinstance(facilities, str | bytes) or not isinstance(facilities, Iterable):
        raise InvalidProblemError(f"facilities is {shown(facilities)}; expected the names of all of them")
    for place, name in enumerate(facilities):
        if index.add(name, f"facilities[{place}]") != place:
            raise InvalidProblemError(f"facilities[{place}] is {shown(name)}, which stands there already; names are unique")
    index.closed = True


def _table(
    frame: Any, what: str, tail: str, head: str, value: str, tails: _Index, heads: _Index
) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Pairs of positions, shape (rows, 2), and their numbers."""
    columns = columns_of(frame)
    missing = [column for column in (tail, head, value) if column not in columns]
    if missing:
        raise InvalidProblemError(f"{what} has no column {missing[0]!r}; columns: {listed(columns)}")
    ends = [column_of(frame, column, what).tolist() for column in (tail, head)]
    names = [f"{a} to {b}" for a, b in zip(*ends, strict=True)]
    numbers = numbers_of(frame, value, value, names)
    pairs = np.zeros((len(names), 2), np.int64)
    for row, (a, b) in enumerate(zip(*ends, strict=True)):
        pairs[row] = tails.add(a, f"{tail} in row {row} of {what}"), heads.add(b, f"{head} in row {row} of {what}")
    return pairs, numbers


def _refuse_twice(what: str, pairs: NDArray[np.int64], tails: _Index, heads: _Index) -> None:
    key = pairs[:, 0] * max(1, len(heads)) + pairs[:, 1]
    order = np.argsort(key, kind="stable")
    twice = np.flatnonzero(np.diff(key[order]) == 0)
    if twice.size:
        first, row = sorted(order[twice[0] : twice[0] + 2].tolist())
        a, b = (index.names[end] for index, end in zip((tails, heads), pairs[row].tolist()))
        raise EntryError(f"{what} has the pair {a!r}, {b!r} in row {first} and in row {row}; each stands once", (row,))


def _matrix(pairs: NDArray[np.int64], ways: NDArray[Any], locations: _Index, mirror: bool) -> NDArray[Any]:
    """All distances; refused where one is missing."""
    _refuse_twice("distances", pairs, locations, locations)
    n = len(locations)
    matrix, known = np.zeros((n, n), ways.dtype), np.eye(n, dtype=bool)
    matrix[pairs[:, 0], pairs[:, 1]] = ways
    known[pairs[:, 0], pairs[:, 1]] = True
    if mirror:
        matrix = np.where(known, matrix, matrix.T)
        known = known | known.T
    for a, b in np.argwhere(~known)[:1].tolist():
        back = "; say mirror=True where ways are the same in both directions" if known[b, a] else ""
        raise InvalidProblemError(f"distances lack the way from {locations.names[a]!r} to {locations.names[b]!r}{back}")
    return matrix


def _name_pairs(forbidden: Any) -> list[tuple[Name, Name]]:
    pairs = [] if forbidden is None else forbidden
    if isinstance(pairs, str | bytes | Mapping) or not isinstance(pairs, Iterable):
        raise InvalidProblemError(f"forbidden is {shown(forbidden)}; expected pairs of the names of a facility and a location")
    found = []
    for index, pair in enumerate(pairs):
        if isinstance(pair, str | bytes) or not isinstance(pair, Sequence) or len(pair) != 2:
            raise InvalidProblemError(f"forbidden[{index}] is {shown(pair)}; expected the names of a facility and a location")
        found.append((pair[0], pair[1]))
    return found


def _points(places: Any, locations: _Index) -> dict[int, tuple[float, float]]:
    """Where locations are drawn, by their positions."""
    names = column_of(places, "location", "places").tolist()
    axes = [numbers_of(places, axis, axis, [str(name) for name in names]) for axis in ("x", "y")]
    points: dict[int, tuple[float, float]] = {}
    for row, (name, x, y) in enumerate(zip(names, *axes, strict=True)):
        at = locations.add(name, f"location in row {row} of places")
        if at in points:
            raise EntryError(f"places has the location {name!r} a second time in row {row}; each stands once", (row,))
        points[at] = float(x), float(y)
    return points


def _aligned(points: Mapping[int, tuple[float, float]], locations: _Index) -> NDArray[np.float64]:
    missing = next((name for at, name in enumerate(locations.names) if at not in points), None)
    if missing is not None:
        raise InvalidProblemError(f"places lack the location {missing!r}")
    return np.array([points[at] for at in range(len(locations))])


def to_frame(problem: QuadraticAssignment, placement: Placement) -> Any:
    """A placement as a pandas frame with one row a facility.

    Returns
    -------
    pandas.DataFrame
        ``facility`` and ``location`` (their names, or positions where there are none); ``position`` of the location; ``flow``, half
        of what its flows to and from others cost, and all of that to itself; ``linear``, its linear cost. Both columns together add
        up to ``problem.evaluate(placement)``.

    Raises
    ------
    MissingExtraError
        If pandas is not installed.
    InvalidSolutionError
        If the placement names a location that is not there.
    """
    try:
        import pandas as pd
    except ImportError:
        raise MissingExtraError('to_frame needs pandas; pip install "optikit[frames]"') from None
    at = located(problem, placement)
    tails, heads, amounts = problem.entries
    half = amounts * problem.distance[at[tails], at[heads]] / 2
    m = problem.num_facilities
    share = np.bincount(tails, half, m) + np.bincount(heads, half, m)
    linear = np.zeros(m) if problem.linear is None else problem.linear[np.arange(m), at].astype(np.float64)
    return pd.DataFrame(
        {
            "facility": list(problem.facilities or range(m)),
            "location": at if problem.locations is None else [problem.locations[place] for place in at.tolist()],
            "position": at,
            "flow": share,
            "linear": linear,
        }
    )
