"""Bounds: one that is always there, that of Gilmore and Lawler, and the dual ascent of Hahn and Grant.

See docs/decisions/0011 for why these are bounds, in the integers of the lattice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ...backends.judge import offer
from ...core.problem import Problem
from ...core.result import StopReason
from ...core.run import POLL_SECONDS, Outcome, Run
from ...core.solver import Capabilities, Solver
from ...inputs.ranges import parameter
from .explain import impossible
from .instance import Core, make_core
from .problem import QuadraticAssignment

MOST_BY_ROWS = 1_500
"""Up to this many locations the cheap bound looks at each pair of a facility and a location."""

MEMORY = 2**30
"""Bytes that the tableau of the dual ascent may take, where no limit is given."""

WORTH = 100_000
"""The ascent ends once rounds raise the bound by less than one part in so many."""

_NO_LIMIT = 2**62
_EXACT_FLOATS = 2**52


def lower_bound(problem: QuadraticAssignment) -> float | None:
    """A bound in milliseconds, with numpy alone; `GilmoreLawler` and `DualAscent` are stronger.

    Each facility is given the location where its flows cost least, if the largest could go the shortest ways; and where there are
    as many facilities as locations, what then is cheapest for each location. For more than 1,500 locations: all flows go the
    shortest of all ways.

    Returns
    -------
    float or None
        In the user's units: below the optimum; above it, where the most is sought. None where the data contradict each other.

    Examples
    --------
    >>> lower_bound(QuadraticAssignment([[0, 3, 0], [0, 0, 1], [0, 0, 0]], [[0, 5, 2], [5, 0, 4], [2, 4, 0]]))
    10.0
    """
    if impossible(problem):
        return None
    core = make_core(problem)
    if core.num_facilities == 0:
        return core.bound(0)
    if core.size > MOST_BY_ROWS:
        return core.bound(-(-_shortest_ways(core) // 2))
    twice = twice_the_cost(core)
    rows = twice.min(axis=1)
    ticks = int(rows.sum())
    if core.num_facilities == core.size:
        columns = twice.min(axis=0)
        ticks = max(
            ticks + int((twice - rows[:, None]).min(axis=0).sum()), int(columns.sum() + (twice - columns).min(axis=1).sum())
        )
    return core.bound(-(-ticks // 2))


def twice_the_cost(core: Core) -> NDArray[np.int64]:
    """Twice the least that a facility can cost at a location: its linear cost, and half of its flows over the shortest ways from
    there, the largest first (Gilmore 1962, Lawler 1963).

    Returns
    -------
    numpy.ndarray of int64, shape (num_free, num_places)
        The sum over any placement is at most twice what that costs.
    """
    found = _least_products(core.flow, core.distance)
    if not core.symmetric:
        found = found + _least_products(core.flow.T, core.distance.T)
    return found + 2 * core.linear


def _least_products(flow: NDArray[np.int64], distance: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each row of flows and each of distances, without their diagonals: the least sum of products."""
    m, n = len(flow), len(distance)
    flows, ways = np.zeros((m, n - 1), np.int64), np.zeros((n, n - 1), np.int64)
    if n > 1:
        flows[:, : m - 1] = flow[~np.eye(m, dtype=bool)].reshape(m, m - 1)
        ways[:] = distance[~np.eye(n, dtype=bool)].reshape(n, n - 1)
    flows, ways = np.sort(flows, axis=1), np.sort(ways, axis=1)[:, ::-1]
    largest = float(np.abs(flows).max(initial=0)) * float(np.abs(ways).max(initial=0)) * n
    if largest < _EXACT_FLOATS:  # floats are exact, and many times faster
        return np.asarray(flows.astype(np.float64) @ ways.astype(np.float64).T).astype(np.int64)
    return np.asarray(flows @ ways.T)


def _shortest_ways(core: Core) -> int:
    """Twice the least sum of products of all flows with all distances, and the cheapest location of each facility."""
    factor = 1 if core.symmetric else 2
    flows = np.sort(core.flow[core.flow != 0])
    below = int((flows < 0).sum())
    ways = core.distance[~np.eye(core.size, dtype=bool)]
    least = np.sort(np.partition(ways, len(flows) - 1)[: len(flows)]) if 0 < len(flows) < len(ways) else np.sort(ways)
    most = np.sort(np.partition(ways, len(ways) - below)[len(ways) - below :])[::-1] if below else ways[:0]
    short = least[: len(flows) - below]
    total = int((flows[below:][::-1] * short).sum()) + int((flows[:below] * most[:below]).sum())
    return factor * total + 2 * int(core.linear.min(axis=1).sum())


@dataclass(frozen=True)
class GilmoreLawler(Solver):
    """The bound of Gilmore (1962) and Lawler (1963): a linear assignment over the least that each facility can cost anywhere.

    Its assignment is a placement, too. In integers, so that it is proved.

    References
    ----------
    P. C. Gilmore, "Optimal and suboptimal algorithms for the quadratic assignment problem", SIAM Journal 10, 1962.
    E. L. Lawler, "The quadratic assignment problem", Management Science 9, 1963.
    """

    name: ClassVar[str] = "gilmore_lawler"
    solves: ClassVar[type[Problem]] = QuadraticAssignment
    capabilities: ClassVar[Capabilities] = Capabilities(bounds=True, stops=frozenset({"time"}))

    def _unsupported(self, problem: QuadraticAssignment) -> str | None:
        if problem.num_locations > MOST_BY_ROWS:
            return f"{problem.num_locations} locations; every pair is looked at for up to {MOST_BY_ROWS}"
        return None

    def _run(self, problem: QuadraticAssignment, run: Run) -> Outcome:
        from .kernels.lap import solve_matrix

        core = make_core(problem)
        if core.num_facilities and not solve_matrix.variants["plain"].ready(min(run.remaining, 3600.0)):
            return Outcome(run.reason() or StopReason.TIME, run.incumbent, message="the kernels were being compiled")
        ticks, place = gilmore_lawler(core)
        offer(problem, run, core.placement(place))
        return Outcome(run.reason() or StopReason.EXHAUSTED, run.incumbent, bound=core.bound(ticks))


def gilmore_lawler(core: Core) -> tuple[int, NDArray[np.int64]]:
    """The bound in ticks of the core, and the placement of its linear assignment."""
    from .arrays import BARRED, Matrix
    from .kernels.lap import solve_matrix

    if core.num_facilities == 0:
        return 0, np.arange(core.size)
    twice = np.zeros((core.size, core.size), np.int64)
    found = twice_the_cost(core)
    barred = core.linear >= core.price
    # Rounded down to so few digits that a sum of all rows stays below BARRED.
    shift = max(0, int(np.abs(np.where(barred, 0, found)).max(initial=0)).bit_length() - 40)
    twice[: core.num_facilities] = np.where(barred, BARRED, found >> shift)
    matrix = Matrix.empty(size=core.size, work=twice)
    ticks = int(solve_matrix(matrix)) << shift
    return -(-ticks // 2), matrix.column_of.astype(np.int64)


@dataclass(frozen=True)
class DualAscent(Solver):
    """The dual ascent of Hahn and Grant (1998) on the level-1 reformulation-linearisation: a bound only, above that of Gilmore and
    Lawler.

    Takes memory for the fourth power of the number of locations: 6 MB for 30, 800 MB for 100. An iteration is a round, in which
    each pair of a facility and a location has its linear assignment. In integers, so that every bound is proved.

    Parameters
    ----------
    rounds : int
        At most; it ends before, once three rounds in a row have brought next to nothing.

    References
    ----------
    P. Hahn and T. Grant, "Lower bounds for the quadratic assignment problem based upon a dual formulation", Operations Research 46,
    1998.
    """

    name: ClassVar[str] = "dual_ascent"
    solves: ClassVar[type[Problem]] = QuadraticAssignment
    capabilities: ClassVar[Capabilities] = Capabilities(bounds=True, stops=frozenset({"time", "iterations", "gap"}), late=1.0)
    rounds: int = parameter(1_000, least=1, most=10**6)

    def _unsupported(self, problem: QuadraticAssignment) -> str | None:
        from .tableau import tableau_bytes

        size = problem.num_locations - len(problem.fixed)
        need = tableau_bytes(size, deep=False)
        if need > MEMORY:
            return f"{size} free locations take {need / 2**30:.1f} GB; it takes up to {MEMORY / 2**30:.0f} GB"
        return None

    def _run(self, problem: QuadraticAssignment, run: Run) -> Outcome:
        from .kernels.tree import branch
        from .tableau import tableau_bytes

        core = make_core(problem)
        if core.num_facilities == 0 or core.size < 2:
            return Outcome(StopReason.EXHAUSTED, run.incumbent, bound=core.bound(_only(core)))
        if run.memory_limit is not None and tableau_bytes(core.size, deep=False) > run.memory_limit:
            need = f"its tableau takes {tableau_bytes(core.size, deep=False):,} bytes, above the memory limit"
            return Outcome(StopReason.EXHAUSTED, run.incumbent, message=need)
        if not branch.variants["plain"].ready(min(run.remaining, 3600.0)):
            return Outcome(run.reason() or StopReason.TIME, run.incumbent, message="the kernels were being compiled")
        limit = run.stop.iterations if run.stop.iterations is not None else _NO_LIMIT

        def count(rounds: int) -> None:
            run.iterations = rounds

        reason = ascend(core, run, run.remaining, rounds=self.rounds, limit=limit, count=count)
        return Outcome(reason or StopReason.EXHAUSTED, run.incumbent)


def ascend(
    core: Core,
    run: Run,
    seconds: float,
    *,
    rounds: int = 1_000,
    limit: int = _NO_LIMIT,
    count: Callable[[int], None] = lambda rounds: None,
) -> StopReason | None:
    """The dual ascent for so many seconds, its bound told to the run as it rises; why the run wants to stop, or None."""
    from ...kernels.clock import now_ns
    from .tableau import Tableau

    tableau = Tableau(core, deep=False, rounds=1, root_rounds=rounds, worth=WORTH)
    tableau.begin()
    begun, done, reason = run.seconds, False, run.tick()
    while reason is None and not done and run.seconds - begun < seconds:
        left = min(run.remaining, seconds - (run.seconds - begun), POLL_SECONDS)
        done = tableau.advance(now_ns() + int(1e9 * max(0.0, left)), limit)
        count(tableau.rounds)
        found = tableau.root_bound
        if found is not None:
            run.tighten(core.bound(found))
        reason = run.tick()
    return reason


def _only(core: Core) -> int:
    """What the only placement costs."""
    return core.cost(np.arange(core.num_facilities))
