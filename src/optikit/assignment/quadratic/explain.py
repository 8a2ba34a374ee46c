"""Why there is no placement, or what binds: in words, with numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from ...core.check import Violation
from ...core.registry import cheap_bound
from ...explanation import Explanation
from ...inputs.wording import amount
from ...ticks import relative_gap
from .check import located
from .matching import Matching
from .problem import QuadraticAssignment
from .solution import Placement

NAMED = 5
"""So many facilities or locations are named."""


def explain(problem: QuadraticAssignment, placement: Placement | None = None) -> Explanation:
    """Why there is no placement, or what binds; with one, also what is wrong with it, and its dearest flows.

    Examples
    --------
    >>> qap = QuadraticAssignment([[0, 1], [1, 0]], [[0, 2], [2, 0]], forbidden=[(0, 0), (1, 0)])
    >>> print(explain(qap).reasons[0])
    facility 0 and facility 1 may be at location 1 only: 2 facilities for 1 location
    """
    violations = problem.check(placement).violations if placement is not None else ()
    reasons = impossible(problem)
    facts = [*_size(problem), *_bound(problem, placement if not reasons and not violations else None)]
    if not reasons:
        facts += _forced(problem)
    if placement is not None and not violations:
        facts += _dearest(problem, placement)
    return Explanation(bool(reasons), reasons, tuple(facts), violations)


def impossible(problem: QuadraticAssignment) -> tuple[Violation, ...]:
    """Reasons, proved by the data alone, why there is no placement; none where there is one.

    Returns
    -------
    tuple of Violation
        Rule ``"fixed twice"`` for a facility that is fixed at two locations, or two that are fixed at the same; ``"fixed and
        forbidden"``; ``"nowhere"`` for a facility that may be nowhere; ``"too few locations"`` for facilities that may be at fewer
        locations than they are (Hall 1935).
    """
    return tuple(_clashes(problem)) or tuple(_too_few(problem))


def _clashes(problem: QuadraticAssignment) -> Iterator[Violation]:
    where: dict[int, int] = {}
    who: dict[int, int] = {}
    for facility, location in problem.fixed:
        first = where.setdefault(facility, location)
        if first != location:
            both = f"{problem.location(first)} and at {problem.location(location)}"
            yield Violation("fixed twice", f"{problem.facility(facility)} is fixed at {both}")
        holder = who.setdefault(location, facility)
        if holder != facility:
            both = f"{problem.facility(holder)} and {problem.facility(facility)}"
            yield Violation("fixed twice", f"{both} are both fixed at {problem.location(location)}")
        if problem.forbidden is not None and problem.forbidden[facility, location]:
            pair = f"{problem.facility(facility)} is fixed at {problem.location(location)}"
            yield Violation("fixed and forbidden", f"{pair}, where it may not be")


def _too_few(problem: QuadraticAssignment) -> Iterator[Violation]:
    if problem.forbidden is None:
        return
    matching = Matching(problem.allowed)
    if matching.complete():
        return
    assert matching.stuck is not None
    facilities, locations = matching.stuck
    who = _listed(map(problem.facility, facilities.tolist()), len(facilities))
    if not locations.size:
        yield Violation("nowhere", f"{who} may be at no location that is left", float(len(facilities)))
        return
    at = _listed(map(problem.location, locations.tolist()), len(locations))
    counts = f"{len(facilities)} facilities for {len(locations)} location{'s' if len(locations) > 1 else ''}"
    yield Violation("too few locations", f"{who} may be at {at} only: {counts}", float(len(facilities) - len(locations)))


def _listed(names: Iterable[str], count: int) -> str:
    shown = [name for name, _ in zip(names, range(NAMED))]
    if count > NAMED:
        return f"{', '.join(shown)} and {count - NAMED} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if count > 1 else shown)


def _size(problem: QuadraticAssignment) -> Iterator[str]:
    m, n = problem.num_facilities, problem.num_locations
    spare = f", {n - m} stay{'s' if n - m == 1 else ''} empty" if n > m else ""
    tails, heads, _ = problem.entries
    pairs = int(np.count_nonzero(tails != heads))
    density = 100 * pairs / max(1, m * (m - 1))
    kind = "symmetric" if problem.symmetric else "asymmetric"
    facilities, locations = "one facility" if m == 1 else f"{m:,} facilities", "one location" if n == 1 else f"{n:,} locations"
    flows = "one flow" if pairs == 1 else f"{pairs:,} flows"
    yield f"{facilities}, {locations}{spare}; {flows} ({density:.0f} % of all pairs), {kind}"
    idle = np.setdiff1d(np.arange(m), np.concatenate([tails[tails != heads], heads[tails != heads]]))
    if idle.size:
        yield f"{_listed(map(problem.facility, idle.tolist()), len(idle))} ha{'s' if len(idle) == 1 else 've'} no flow to others"


def _forced(problem: QuadraticAssignment) -> Iterator[str]:
    if problem.fixed:
        yield f"{len(problem.fixed)} of the facilities are fixed; {problem.num_facilities - len(problem.fixed)} are to be placed"
    if problem.forbidden is None:
        return
    allowed = problem.allowed
    fixed = {facility for facility, _ in problem.fixed}
    for facility in np.flatnonzero(allowed.sum(axis=1) == 1).tolist():
        if facility not in fixed:
            yield f"{problem.facility(facility)} can only be at {problem.location(int(allowed[facility].argmax()))}"


def _bound(problem: QuadraticAssignment, placement: Placement | None) -> Iterator[str]:
    bound = cheap_bound(problem)
    if bound is None:
        return
    gap = None if placement is None else relative_gap(problem.evaluate(placement), bound)
    told = "" if gap is None else f"; this placement is {100 * gap:.1f} % from that"
    yield f"no placement costs {'more' if problem.maximize else 'less'} than {amount(bound)}, by the cheap bound{told}"


def _dearest(problem: QuadraticAssignment, placement: Placement) -> Iterator[str]:
    """The flows that cost most, of those that are not fixed by the data."""
    at = located(problem, placement)
    tails, heads, amounts = problem.entries
    costs = amounts * problem.distance[at[tails], at[heads]].astype(np.float64)
    total = float(np.abs(costs).sum())
    for k in np.argsort(-costs, kind="stable")[:3].tolist() if total > 0 else []:
        if costs[k] > 0:
            ends = f"{problem.facility(int(tails[k]))} to {problem.facility(int(heads[k]))}"
            over = f"{amount(float(amounts[k]))} over {amount(float(problem.distance[at[tails[k]], at[heads[k]]]))}"
            yield f"the flow from {ends} costs {amount(float(costs[k]))} ({over}), {100 * costs[k] / total:.1f} % of all"
