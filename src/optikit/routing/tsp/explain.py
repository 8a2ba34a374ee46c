"""Why there is no tour, or what binds: in words, with numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.check import Violation
from ...core.registry import cheap_bound
from ...explanation import Explanation
from ...inputs.wording import amount
from ..metrics import Matrix
from .check import ends, legs
from .connectivity import broken_chain, parts_without, reached, roads, strong_parts, too_few_heads
from .problem import TSP
from .reduction import arcs
from .solution import Tour

NAMED = 5
"""So many cities of a part are named."""

MAX_PART_SEARCH = 2_000
"""Up to this many cities every solve looks for cities that all ways pass; `explain` always does."""


def explain(problem: TSP, tour: Tour | None = None) -> Explanation:
    """Why there is no tour, or what binds; with a tour, also what is wrong with it, and its longest legs.

    Examples
    --------
    >>> inf = float("inf")
    >>> street = [[0, 1, inf], [1, 0, 1], [inf, 1, 0]]
    >>> print(explain(TSP.from_matrix(street)).reasons[0])
    city 0 is a dead end: its only neighbour is city 1, which a round trip would pass twice
    """
    violations = problem.check(tour).violations if tour is not None else ()
    reasons = tuple(_reasons(problem, thorough=True))
    facts = [*_size(problem), *_twins(problem)]
    if not reasons:
        facts += [*_forced(problem), *_bound(problem)]
    if tour is not None and len(tour) > 1:
        facts += _legs(problem, tour)
    return Explanation(bool(reasons), reasons, tuple(facts), violations)


def impossible(problem: TSP) -> tuple[Violation, ...]:
    """Reasons, proved from the missing arcs, why there is no tour; finding none proves nothing.

    Takes O(n^2) for n cities, and nothing where no arc is missing.

    Returns
    -------
    tuple of Violation
        Rule ``"no way out"`` or ``"no way in"`` for a city, ``"dead end"`` for one with a single neighbour, ``"parts"`` where no
        way leads between parts, ``"cut city"`` and ``"bridge"`` for what all ways pass, ``"too few ways"`` where cities can be left
        for fewer others than they are.
    """
    return tuple(_reasons(problem, thorough=False))


def _reasons(problem: TSP, thorough: bool) -> Iterator[Violation]:
    network = problem.network
    if not isinstance(network, Matrix) or not network.has_missing:
        return
    road = roads(network.distance)
    found = list(_without_arcs(problem, road)) or list(_dead_ends(problem, road)) or list(_parts(problem, road))
    if not found and problem.symmetric and (thorough or problem.num_cities <= MAX_PART_SEARCH):
        found = list(_cuts(problem, road))
    if not found and thorough:
        found = list(_too_few(problem))
    yield from found


def _without_arcs(problem: TSP, road: NDArray[np.bool_]) -> Iterator[Violation]:
    """A path's first city needs no arc in, and its last none out: one of each kind may lack them where the ends are free."""
    for out, end, verb, side in ((True, problem.last, "leave", "out"), (False, problem.first, "reach", "in")):
        bare = np.flatnonzero(~road.any(axis=1 if out else 0))
        spared = not problem.closed and end is None and len(bare) <= 1
        for city in bare[bare != end].tolist() if not spared else []:
            more = "" if problem.closed else f", and a path {'ends' if out else 'begins'} "
            more += "" if problem.closed else f"at {problem.called(end)}" if end is not None else "at one city only"
            yield Violation(f"no way {side}", f"{problem.called(city)} has no arc {side}: no tour can {verb} it{more}")


def _dead_ends(problem: TSP, road: NDArray[np.bool_]) -> Iterator[Violation]:
    if problem.num_cities < 3:
        return
    around = road | road.T
    dead = np.flatnonzero(around.sum(axis=1) == 1)
    neighbour = around.argmax(axis=1)
    if problem.closed:
        for city in dead.tolist():
            only = problem.called(int(neighbour[city]))
            yield Violation(
                "dead end",
                f"{problem.called(city)} is a dead end: its only neighbour is {only}, which a round trip would pass twice",
            )
        return
    fixed = {city for city in (problem.first, problem.last) if city is not None}
    at_ends = fixed | set(dead.tolist())
    if len(at_ends) > 2:
        named = _named(problem, sorted(at_ends - fixed))
        already = f", and {_named(problem, sorted(fixed))} is one already" if len(fixed) == 1 else ""
        already = f", and those are {_named(problem, sorted(fixed))}" if len(fixed) == 2 else already
        one = len(at_ends - fixed) == 1
        yield Violation(
            "dead end",
            f"{named} {'is a dead end' if one else 'are dead ends'}, with a single neighbour each: a path has them at its two ends"
            f"{already}",
            len(at_ends) - 2,
        )


def _parts(problem: TSP, road: NDArray[np.bool_]) -> Iterator[Violation]:
    if problem.closed:
        for graph, words in ((road, "from {0} to {1}"), (road.T, "back from {1} to {0}")):
            there = reached(graph, 0)
            if not there.all():
                within, beyond = np.flatnonzero(there), np.flatnonzero(~there)
                way = words.format(_named(problem, within), _named(problem, beyond))
                yield Violation("parts", f"no way leads {way}", min(len(within), len(beyond)))
                return
        return
    parts = strong_parts(road)
    broken = broken_chain(road, parts)
    if broken is not None:
        one, other = (_named(problem, parts[index]) for index in broken)
        yield Violation("parts", f"no way leads between {one} on one side, and {other} on the other")
        return
    for end, part, verb in ((problem.first, parts[0], "begin"), (problem.last, parts[-1], "end")):
        if end is not None and end not in part:
            where = f"a path must {verb} at {_named(problem, part)}, the only way through all parts"
            yield Violation("parts", f"{where}, not at {problem.called(end)}")


def _cuts(problem: TSP, edge: NDArray[np.bool_]) -> Iterator[Violation]:
    """Where roads lead both ways: a tour passes each city once, and a path breaks into two parts at most without one."""
    if problem.num_cities < 3:
        return
    parts, bridges = parts_without(edge)
    ends = (problem.first, problem.last)
    for city in np.flatnonzero(parts > 1).tolist():
        at_most = 1 if problem.closed or city in ends else 2
        if parts[city] > at_most:
            rest = edge.copy()
            rest[city] = rest[:, city] = False
            pieces = _pieces(rest, city)
            listed = "; ".join(_named(problem, piece) for piece in pieces[:3]) + ("; ..." if len(pieces) > 3 else "")
            yield Violation(
                "cut city",
                f"all ways between {parts[city]} parts lead through {problem.called(city)}, which a tour passes once: {listed}",
                int(parts[city]) - at_most,
            )
    for u, v in bridges if problem.closed else []:
        yield Violation(
            "bridge", f"the road between {problem.called(u)} and {problem.called(v)} is the only one between its two sides"
        )


def _pieces(edge: NDArray[np.bool_], without: int) -> list[NDArray[np.int64]]:
    left = np.ones(len(edge), bool)
    left[without] = False
    pieces = []
    while left.any():
        piece = reached(edge, int(left.argmax()))
        pieces.append(np.flatnonzero(piece))
        left &= ~piece
    return pieces


def _too_few(problem: TSP) -> Iterator[Violation]:
    n = problem.num_cities
    few = too_few_heads(arcs(problem))
    if few is None:
        return
    tails, heads = (side[side < n] for side in few)
    spare = ", and only one of them can end the path" if n in few[1] else ""
    yield Violation(
        "too few ways",
        f"{_named(problem, tails)} can be left only for {_named(problem, heads) if heads.size else 'none'}: too few{spare}",
        len(few[0]) - len(few[1]),
    )


# -- facts ----------------------------------------------------------------------


def _size(problem: TSP) -> Iterator[str]:
    what = "a round trip" if problem.closed else "a path"
    fixed = [f"{word} {problem.called(city)}" for word, city in (("from", problem.first), ("to", problem.last)) if city is not None]
    same = "the same both ways" if problem.symmetric else "not the same both ways"
    yield f"{what} {' '.join([*fixed, ''])}through {problem.num_cities:,} cities, with distances that are {same}"
    if isinstance(problem.network, Matrix) and problem.network.has_missing:
        n = problem.num_cities
        there = int(roads(problem.network.distance).sum())
        yield f"{there:,} of {n * (n - 1):,} arcs exist ({100 * there / (n * (n - 1)):.3g} %); tours avoid the others"


def _twins(problem: TSP) -> Iterator[str]:
    """Cities in one place."""
    network = problem.network
    if isinstance(network, Matrix):
        near = (network.distance == 0) & (network.distance.T == 0)
        np.fill_diagonal(near, False)
        u, v = np.nonzero(np.triu(near))
        if u.size:
            more = f", and {u.size - 1:,} more pairs" if u.size > 1 else ""
            yield f"{problem.called(int(u[0]))} and {problem.called(int(v[0]))} are 0 apart{more}"
        return
    order = np.lexsort(network.points.T)
    points = network.points[order]
    same = np.flatnonzero((points[1:] == points[:-1]).all(axis=1))
    if same.size:
        first = sorted(order[same[0] : same[0] + 2].tolist())
        more = f"; {same.size:,} cities stand where another one does" if same.size > 1 else ""
        yield f"{problem.called(first[0])} and {problem.called(first[1])} are in one place{more}"


def _forced(problem: TSP) -> Iterator[str]:
    """Legs that every tour has, since a city has no other."""
    if not isinstance(problem.network, Matrix) or not problem.network.has_missing or not problem.closed:
        return
    road = roads(problem.network.distance)
    legs_of: set[tuple[int, int]] = set()
    if problem.symmetric:
        for city in np.flatnonzero(road.sum(axis=1) == 2).tolist():
            legs_of |= {(min(city, other), max(city, other)) for other in np.flatnonzero(road[city]).tolist()}
    else:
        legs_of |= {(city, int(road[city].argmax())) for city in np.flatnonzero(road.sum(axis=1) == 1).tolist()}
        legs_of |= {(int(road[:, city].argmax()), city) for city in np.flatnonzero(road.sum(axis=0) == 1).tolist()}
    if legs_of:
        u, v = min(legs_of)
        more = f", and {len(legs_of) - 1:,} more" if len(legs_of) > 1 else ""
        yield f"every tour has the leg between {problem.called(u)} and {problem.called(v)}{more}: a city there has no other arc"


def _bound(problem: TSP) -> Iterator[str]:
    bound = cheap_bound(problem)
    if bound is not None:
        yield f"no tour is shorter than {amount(bound)}"


def _legs(problem: TSP, tour: Tour) -> Iterator[str]:
    order = np.asarray(tour.order)
    if ((order < 0) | (order >= problem.num_cities)).any():
        return
    length = np.asarray(legs(problem, tour), np.float64)
    length = np.where(np.isfinite(length), length, -1.0)
    tails, heads = ends(problem, order)
    worst = int(length.argmax())
    if length[worst] < 0:
        return
    way = f"from {problem.called(int(tails[worst]))} to {problem.called(int(heads[worst]))}"
    share = f", {100 * length[worst] / total:.3g} % of the tour" if (total := length[length > 0].sum()) > 0 else ""
    yield f"the longest leg is {amount(float(length[worst]))}, {way}{share}"


def _named(problem: TSP, cities: Iterable[Any]) -> str:
    """The first cities of a part, and how many there are."""
    listed = [int(city) for city in cities]
    *most, last = [problem.called(city) for city in listed[:NAMED]]
    if len(listed) > NAMED:
        return f"{', '.join([*most, last])}, ... ({len(listed):,} cities)"
    return f"{', '.join(most)} and {last}" if most else last
