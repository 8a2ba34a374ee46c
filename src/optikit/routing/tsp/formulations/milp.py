"""The TSP as a mixed-integer program whose subtours are forbidden as they turn up, for any solver that PuLP finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ....backends.answer import Answer
from ....backends.formulated import PART_OF_LATENESS, Formulated, OnCbc, OnHighs, OnPulp
from ....backends.judge import OutOfTimeError, look, offer, outcome_of, round_up, unfinished
from ....core.result import StopReason
from ....core.run import Outcome, Run
from ..nearest_neighbour import nearest_neighbour
from ..problem import TSP
from ..reduction import arcs, cycle_of, dense, num_nodes, tour_of
from ..solution import Tour

MAX_CITIES = 200
"""Above, PuLP takes seconds to build the model, and no open solver gets far with it."""


_UNIT = 1_000_000
"""Capacity of an arc of value 1, in flows of whole numbers."""

_SLACK = 10_000
"""Cuts are small that lack more than a hundredth of an arc."""


class SubtourModel:
    """A PuLP model of a TSP: degrees of nodes, and rows against the subtours found so far (Dantzig, Fulkerson and Johnson 1954).

    Where distances are symmetric there is a variable an edge and each node has two; else one an arc, and each node has one in
    and one out. A path is closed by the dummy city of `optikit.routing.tsp.reduction`.

    Parameters
    ----------
    problem : TSP
    pause : callable
        Called once a node while building.
    """

    def __init__(self, problem: TSP, pause: Callable[[], None] = lambda: None) -> None:
        import pulp

        self._pulp = pulp
        self.problem = problem
        self.model = model = pulp.LpProblem("tsp", pulp.LpMinimize)
        self.nodes = num_nodes(problem)
        # Two nodes have one edge, which a tour uses twice.
        self.undirected = problem.symmetric and self.nodes > 2
        usable = arcs(problem)
        if self.undirected:
            usable = np.triu(usable | usable.T)
        cost = np.zeros((self.nodes, self.nodes))
        cost[: problem.num_cities, : problem.num_cities] = problem.network.matrix()
        # PuLP 3.3 has the model make its variables, and warns of the old way.
        self._variable = model.add_variable if hasattr(model, "add_variable") else pulp.LpVariable
        self.arcs: dict[tuple[int, int], Any] = {}
        """(u, v) -> whether the arc is used; where distances are symmetric, u < v, and whether the edge is. n is the dummy."""
        for u in range(self.nodes):
            pause()
            for v in np.flatnonzero(usable[u]).tolist():
                self.arcs[u, v] = self._variable(f"x_{u}_{v}", 0, 1, cat=pulp.LpBinary)
        model.setObjective(self._sum((arc, float(cost[arc])) for arc in self.arcs))
        out_of: dict[int, list[tuple[int, int]]] = {node: [] for node in range(self.nodes)}
        into: dict[int, list[tuple[int, int]]] = {node: [] for node in range(self.nodes)}
        for u, v in self.arcs:
            out_of[u].append((u, v))
            into[v].append((u, v))
        for node in range(self.nodes):
            pause()
            if self.undirected:
                self._add(f"degree_{node}", out_of[node] + into[node], 2)
            else:
                self._add(f"leave_{node}", out_of[node], 1)
                self._add(f"enter_{node}", into[node], 1)
        if self.undirected and not problem.closed:
            # An edge does not say which end it is: the one that is fixed is one of the two.
            for end in (problem.first, problem.last):
                if end is not None:
                    self._add(f"end_{end}", [(end, self.nodes - 1)], 1)
        self.num_subtours = 0
        """Rows against subtours so far."""

    def _sum(self, terms: Iterable[tuple[tuple[int, int], float]]) -> Any:
        return self._pulp.LpAffineExpression([(self.arcs[arc], factor) for arc, factor in terms])

    def _add(self, name: str, chosen: list[tuple[int, int]], number: int) -> None:
        if chosen:
            self.model.addConstraint(self._sum((arc, 1.0) for arc in chosen) == number, name)
        else:
            # A node without an arc: no solution; but PuLP drops rows without variables.
            self.model.addConstraint(self._variable(f"no_arc_for_{name}", 0, 0) >= 1, name)

    # -- separation ---------------------------------------------------------------

    def separate(self, value_of: Callable[[Any], float]) -> int:
        """Forbid what a solution, of whole numbers or of fractions, has in the way of subtours; how many (0: it has none).

        A tour leaves each set of nodes. For each set that the solution leaves less than a tour does: at most ``|S| - 1`` arcs
        within it, or, where these are more terms, enough arcs out of it.
        """
        values = {arc: value for arc, x in self.arcs.items() if (value := value_of(x) or 0.0) > 1e-9}
        sets = loose_sets(self.nodes, values, self.undirected)
        for part in sets:
            self._forbid(part)
        return len(sets)

    def _forbid(self, part: NDArray[np.int64]) -> None:
        inside = np.zeros(self.nodes, bool)
        inside[part] = True
        within = [arc for arc in self.arcs if inside[arc[0]] and inside[arc[1]]]
        leaving = [arc for arc in self.arcs if inside[arc[0]] and not inside[arc[1]]]
        if self.undirected:
            leaving += [arc for arc in self.arcs if inside[arc[1]] and not inside[arc[0]]]
        self.num_subtours += 1
        name = f"subtour_{self.num_subtours}"
        if len(within) <= len(leaving) or not leaving:
            self.model.addConstraint(self._sum((arc, 1.0) for arc in within) <= len(part) - 1, name)
        else:
            self.model.addConstraint(self._sum((arc, 1.0) for arc in leaving) >= 1 + self.undirected, name)

    # -- to and fro ---------------------------------------------------------------

    def start(self, solution: Tour) -> dict[str, float]:
        """A solution as variable name -> value."""
        cycle = cycle_of(self.problem, solution)
        used = set(zip(cycle.tolist(), np.roll(cycle, -1).tolist()))
        used |= {(v, u) for u, v in used} if self.undirected else set()
        return {x.name: float(arc in used) for arc, x in self.arcs.items()}

    def cycles(self, value_of: Callable[[Any], float]) -> list[list[int]]:
        """The cycles of a solution of whole numbers, that of the last node first."""
        around: dict[int, list[int]] = {node: [] for node in range(self.nodes)}
        for (u, v), x in self.arcs.items():
            if (value_of(x) or 0.0) > 0.5:
                around[u].append(v)
                if self.undirected:
                    around[v].append(u)
        cycles, left = [], set(range(self.nodes))
        while left:
            cycle = [max(left)]
            left.discard(cycle[0])
            while onward := [node for node in around[cycle[-1]] if node in left]:
                cycle.append(onward[0])
                left.discard(onward[0])
            cycles.append(cycle)
        return cycles

    def read(self, value_of: Callable[[Any], float]) -> Tour:
        """The tour through the last node, from a function that gives the value of a variable (``pulp.value``, for instance).

        Where there are subtours, the cities on the others are not on it.
        """
        return tour_of(self.problem, self.cycles(value_of)[0])

    def bound(self, value: float) -> float:
        """A bound on the distance, rounded up to the next distance that can be."""
        return round_up(self.problem.lattice, value)

    def relax(self, fractions: bool) -> None:
        """Let variables be fractions, or forbid it again."""
        for x in self.arcs.values():
            x.cat = self._pulp.LpContinuous if fractions else self._pulp.LpInteger


def loose_sets(nodes: int, value_of_arc: Mapping[tuple[int, int], float], undirected: bool) -> list[NDArray[np.int64]]:
    """Sets of nodes that a solution leaves less than a tour does: the parts it falls into, or else its small cuts.

    By a maximum flow from node 0 to each node (and back, where arcs have directions) that no set found before cuts off
    (Padberg and Rinaldi 1990, without their shrinking).
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import breadth_first_order, connected_components, maximum_flow

    tails, heads = np.array(list(value_of_arc), np.int32).reshape(-1, 2).T
    capacity = np.rint(_UNIT * np.array(list(value_of_arc.values()))).astype(np.int32)
    if undirected:
        tails, heads, capacity = np.concatenate((tails, heads)), np.concatenate((heads, tails)), np.tile(capacity, 2)
    graph = csr_array((capacity, (tails, heads)), shape=(nodes, nodes))
    graph.eliminate_zeros()
    count, part_of = connected_components(graph, connection="strong")
    if count > 1:
        parts = [np.flatnonzero(part_of == number) for number in range(count)]
        return [part for part in parts if len(part) < nodes] if count > 2 else parts[:1]
    sets: list[NDArray[np.int64]] = []
    enough = _UNIT * (1 + undirected) - _SLACK
    for turned in (graph,) if undirected else (graph, csr_array(graph.T)):
        apart = np.zeros(nodes, bool)
        for sink in range(1, nodes):
            if apart[sink]:
                continue
            flow = maximum_flow(turned, 0, sink)
            if flow.flow_value < enough:
                left = turned - flow.flow
                left.eliminate_zeros()
                near = breadth_first_order(left, 0, return_predecessors=False)
                far = np.setdiff1d(np.arange(nodes), near)
                apart[far] = True
                sets.append(far)
    return sets


def patched(problem: TSP, cycles: list[list[int]]) -> Tour:
    """Cycles joined to one tour, the smallest first, each where that costs least (Karp 1979)."""
    cost = dense(problem)
    merged = [np.array(cycle, np.int64) for cycle in sorted(cycles, key=len)]
    while len(merged) > 1:
        small = merged.pop(0)
        after_small = np.roll(small, -1)
        best: tuple[int, int, int, int] | None = None
        for index, other in enumerate(merged):
            after = np.roll(other, -1)
            gain = cost[small, after_small][:, None] + cost[other, after][None, :]
            price = cost[np.ix_(small, after)] + cost[np.ix_(other, after_small)].T - gain
            flat = int(price.argmin())
            i, j = divmod(flat, len(other))
            if best is None or price[i, j] < best[0]:
                best = int(price[i, j]), index, i, j
        assert best is not None
        _, index, i, j = best
        other = merged.pop(index)
        merged.append(np.concatenate((other[: j + 1], np.roll(small, -i - 1), other[j + 1 :])))
        merged.sort(key=len)
    return tour_of(problem, merged[0])


def build_milp(problem: TSP) -> tuple[Any, Callable[[Callable[[Any], float]], Tour]]:
    """The PuLP model of a TSP without its rows against subtours, and ``read(value_of) -> Tour``.

    Parameters
    ----------
    problem : TSP

    Returns
    -------
    model : pulp.LpProblem
        Minimises the distance, in the user's unit.
    read : callable
        ``read(pulp.value)`` gives the tour. ``read.__self__`` is the `SubtourModel`: ``separate(pulp.value)`` forbids the subtours
        of a solution and says how many there were, and ``arcs[u, v]`` is the variable of an arc, for side constraints of your
        own.

    Examples
    --------
    >>> import pulp
    >>> tsp = TSP.from_coordinates([(0, 0), (0, 1), (1, 0), (9, 0), (9, 1), (8, 0)])
    >>> model, read = build_milp(tsp)
    >>> _ = model.solve(pulp.HiGHS(msg=False))
    >>> while read.__self__.separate(pulp.value):
    ...     _ = model.solve(pulp.HiGHS(msg=False))
    >>> tsp.check(read(pulp.value)).feasible
    True
    """
    formulated = SubtourModel(problem)
    return formulated.model, formulated.read


@dataclass(frozen=True)
class _OnSubtourModel(Formulated):
    """Solve, separate, add, repeat: first with fractions, then in whole numbers; a subclass says who solves."""

    solves: ClassVar[type[TSP]] = TSP

    def _unsupported(self, problem: TSP) -> str | None:
        if problem.num_cities > MAX_CITIES:
            return f"{problem.num_cities} cities make a mixed-integer model too large to build in time; it takes up to {MAX_CITIES}"
        return super()._unsupported(problem)

    def _formulate(self, problem: TSP, pause: Callable[[], None]) -> SubtourModel:
        return SubtourModel(problem, pause)

    def _run(self, problem: TSP, run: Run) -> Outcome:
        try:
            formulated = self._formulate(problem, look(run))
        except OutOfTimeError:
            return unfinished(run)
        offer(problem, run, nearest_neighbour(problem))
        fractions = True
        formulated.relax(fractions)
        while True:
            answer = self._ask(formulated, run, fractions)
            if answer.values is None or (fractions and answer.reason is not StopReason.PROVEN):
                return outcome_of(problem, run, answer, None, self._bound(formulated, answer))
            if not fractions:
                cycles = formulated.cycles(answer.values)
                tour = tour_of(problem, cycles[0]) if len(cycles) == 1 else patched(problem, cycles)
                if len(cycles) == 1 or answer.reason not in (StopReason.PROVEN, StopReason.GAP):
                    return outcome_of(problem, run, answer, tour, self._bound(formulated, answer))
                offer(problem, run, tour)
            self._tighten(formulated, run, answer)
            if not formulated.separate(answer.values):
                fractions = False
                formulated.relax(fractions)
            reason = run.tick()
            if reason is not None:
                return outcome_of(problem, run, Answer(reason, versions=answer.versions), None, run.bound)

    def _ask(self, formulated: SubtourModel, run: Run, fractions: bool) -> Answer:
        best = run.incumbent
        return self._engine(
            formulated.model,
            run,
            late=PART_OF_LATENESS * self.capabilities.late,
            start=None if best is None or fractions else formulated.start(best),  # type: ignore[arg-type]
            on_values=lambda value_of: self._look_at(formulated, run, value_of),
            on_bound=lambda value: run.tighten(formulated.bound(value)),
            parameters=self.parameters,
        )

    def _look_at(self, formulated: SubtourModel, run: Run, value_of: Callable[[Any], float]) -> None:
        """What an engine finds on its way may be a tour already; and if not, tours can be made of it."""
        cycles = formulated.cycles(value_of)
        offer(formulated.problem, run, patched(formulated.problem, cycles))

    def _bound(self, formulated: SubtourModel, answer: Answer) -> float | None:
        return None if answer.bound is None else formulated.bound(answer.bound)

    def _tighten(self, formulated: SubtourModel, run: Run, answer: Answer) -> None:
        bound = self._bound(formulated, answer)
        if bound is not None:
            run.tighten(bound)


@dataclass(frozen=True)
class Highs(_OnSubtourModel, OnHighs):
    """HiGHS on the subtour model (`SubtourModel`); the parameter is that of `OnHighs`."""

    name: ClassVar[str] = "highs"


@dataclass(frozen=True)
class Cbc(_OnSubtourModel, OnCbc):
    """CBC on the subtour model (`SubtourModel`); the parameter is that of `OnCbc`."""

    name: ClassVar[str] = "cbc"


@dataclass(frozen=True)
class Milp(_OnSubtourModel, OnPulp):
    """Any solver that PuLP finds on the subtour model (`SubtourModel`); the parameters are those of `OnPulp`."""

    name: ClassVar[str] = "milp"
