"""The VRP as a mixed-integer program: single-commodity flow, for any solver that PuLP finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from ....backends.formulated import Formulated, OnCbc, OnHighs, OnPulp
from ....backends.judge import round_up
from ..loads import fleet, joinable, load_ticks
from ..problem import VRP
from ..solution import Routes
from .cpsat import routes_of, trace_arcs

MAX_CLIENTS = 100
"""Above, PuLP takes seconds to build the model, and no open solver gets far with it."""

_MOST_QUANTA = 10**7
"""In so many parts, all alike, a capacity is counted at most: coefficients near tolerances (1e-9) are taken for
others, and HiGHS's presolve has cut off the optimum for one of 5e-17, and for one of 1e-9."""


class FlowModel:
    """A PuLP model of a VRP with its variables by arc.

    Single-commodity flow (Gavish and Graves 1978) in the strengthened form in which the load on an arc lies between the
    demand at its head and the capacity less the demand at its tail (Gouveia 1995; as strong as the two-commodity flow of
    Baldacci, Hadjiconstantinou and Mingozzi 2004), with the number of routes at least the total demand over the capacity,
    rounded up. Loads are fractions of the capacity, ``x`` is binary and in the unit of the distances.

    Parameters
    ----------
    problem : VRP
    pause : callable
        Called once a node while building.
    """

    def __init__(self, problem: VRP, pause: Callable[[], None] = lambda: None) -> None:
        import pulp

        self.problem = problem
        self.model = model = pulp.LpProblem("vrp", pulp.LpMinimize)
        ticks, capacity = load_ticks(problem)
        too_large = [False, *(ticks > capacity).tolist()]
        # Whole numbers until the last moment, as 1 - 8/9 - 1/9 is not 0 in floats; loads rounded down, so that no route is lost.
        quantum = max(1, -(-capacity // _MOST_QUANTA))
        load, full = [0, *(ticks // quantum).tolist()], max(1, capacity // quantum)
        self._demand = demand = [amount / full for amount in load]
        room = [[max(0, full - one - other) / full for other in load] for one in load]
        cost = problem.network.matrix()
        possible = joinable(problem)
        least, most = fleet(problem)
        nodes = range(problem.num_clients + 1)
        clients = nodes[1:]
        # PuLP 3.3 has the model make its variables, and warns of the old way.
        variable = model.add_variable if hasattr(model, "add_variable") else pulp.LpVariable
        self.arcs: dict[tuple[int, int], Any] = {}
        """(u, v) -> whether the arc is used; node 0 is the depot, client i is node i + 1."""
        self.beyond: dict[tuple[int, int], Any] = {}
        """(u, v), v a client -> load on the arc beyond the demand of v, as a fraction of the capacity."""
        for u in nodes:
            pause()
            for v in nodes:
                if possible[u, v]:
                    self.arcs[u, v] = variable(f"x_{u}_{v}", 0, 1, cat=pulp.LpBinary)
                    if v:
                        self.beyond[u, v] = variable(f"g_{u}_{v}", 0, room[u][v])
        model.setObjective(pulp.LpAffineExpression([(x, float(cost[arc])) for arc, x in self.arcs.items()]))

        def total(terms: list[tuple[Any, float]]) -> Any:
            return pulp.LpAffineExpression(terms)

        into = {v: [u for u in nodes if possible[u, v]] for v in nodes}
        out_of = {u: [v for v in nodes if possible[u, v]] for u in nodes}
        for v in clients:
            pause()
            model.addConstraint(total([(self.arcs[u, v], 1.0) for u in into[v]]) == 1, f"enter_{v}")
            model.addConstraint(total([(self.arcs[v, w], 1.0) for w in out_of[v]]) == 1, f"leave_{v}")
            onward = [(self.arcs[v, w], -demand[w]) for w in out_of[v] if w] + [(self.beyond[v, w], -1.0) for w in out_of[v] if w]
            model.addConstraint(total([(self.beyond[u, v], 1.0) for u in into[v]] + onward) == 0, f"load_{v}")
            if too_large[v]:
                model.addConstraint(total([(self.arcs[0, v], 0.0)]) >= 1, f"too_large_{v}")
        for (u, v), beyond in self.beyond.items():
            model.addConstraint(total([(beyond, 1.0), (self.arcs[u, v], -room[u][v])]) <= 0, f"room_{u}_{v}")
            if 0 < u < v and (v, u) in self.arcs:
                model.addConstraint(total([(self.arcs[u, v], 1.0), (self.arcs[v, u], 1.0)]) <= 1, f"pair_{u}_{v}")
        leaving = [(self.arcs[0, v], 1.0) for v in clients]
        model.addConstraint(total(leaving) >= least, "least_routes")
        model.addConstraint(total(leaving) <= most, "fleet")
        self.position: dict[int, Any] = {}
        """Client without demand -> its position among those, where there are such."""
        self._order_weightless([v for v in clients if demand[v] == 0], total, variable)

    def _order_weightless(self, weightless: list[int], total: Callable[[list[tuple[Any, float]]], Any], variable: Any) -> None:
        """Clients without demand carry no flow, so that loops among them are forbidden by positions (Miller, Tucker, Zemlin)."""
        count = len(weightless)
        if count < 3:
            return  # a pair is forbidden already
        self.position = {v: variable(f"p_{v}", 1, count) for v in weightless}
        for u in weightless:
            for v in weightless:
                if u != v:
                    row = total([(self.position[u], 1.0), (self.position[v], -1.0), (self.arcs[u, v], float(count))])
                    self.model.addConstraint(row <= count - 1, f"order_{u}_{v}")

    def start(self, solution: Routes) -> dict[str, float]:
        """A solution as variable name -> value."""
        used = trace_arcs(solution)
        values = {x.name: float(arc in used) for arc, x in self.arcs.items()}
        values.update(dict.fromkeys((beyond.name for beyond in self.beyond.values()), 0.0))
        for visits in solution.visits:
            left, here = sum(self._demand[client + 1] for client in visits), 0
            for client in visits:
                left -= self._demand[client + 1]
                values[self.beyond[here, client + 1].name] = max(0.0, left)
                here = client + 1
            weightless = [client + 1 for client in visits if client + 1 in self.position]
            values.update({self.position[v].name: 1.0 + number for number, v in enumerate(weightless)})
        return values

    def read(self, value_of: Callable[[Any], float]) -> Routes:
        """Routes from a function that gives the value of a variable (``pulp.value``, for instance)."""
        return routes_of([arc for arc, x in self.arcs.items() if (value_of(x) or 0.0) > 0.5])

    def bound(self, value: float) -> float:
        """A bound on the distance, rounded up to the next distance that can be."""
        return round_up(self.problem.lattice, value)


def build_milp(problem: VRP) -> tuple[Any, Callable[[Callable[[Any], float]], Routes]]:
    """The PuLP model of a VRP, and ``read(value_of) -> Routes``.

    Parameters
    ----------
    problem : VRP

    Returns
    -------
    model : pulp.LpProblem
        Minimises the distance, in the user's unit.
    read : callable
        ``read(pulp.value)`` gives the routes. ``read.__self__.arcs[u, v]`` is the variable of an arc, for side constraints
        of your own.

    Examples
    --------
    >>> import pulp
    >>> vrp = VRP.from_coordinates([(0, 0), (0, 3), (4, 0)], demand=[0, 1, 1], capacity=2)
    >>> model, read = build_milp(vrp)
    >>> _ = model.solve(pulp.HiGHS(msg=False))
    >>> vrp.evaluate(read(pulp.value))
    12.0
    """
    formulated = FlowModel(problem)
    return formulated.model, formulated.read


@dataclass(frozen=True)
class _OnFlowModel(Formulated):
    """What the solvers on the flow model share; a subclass says who runs it."""

    solves: ClassVar[type[VRP]] = VRP

    def _unsupported(self, problem: VRP) -> str | None:
        if problem.num_clients > MAX_CLIENTS:
            return (
                f"{problem.num_clients} clients make a mixed-integer model too large to build in time; it takes up to {MAX_CLIENTS}"
            )
        return super()._unsupported(problem)

    def _formulate(self, problem: VRP, pause: Callable[[], None]) -> FlowModel:
        return FlowModel(problem, pause)


@dataclass(frozen=True)
class Highs(_OnFlowModel, OnHighs):
    """HiGHS on the single-commodity flow model (`FlowModel`); the parameter is that of `OnHighs`."""

    name: ClassVar[str] = "highs"


@dataclass(frozen=True)
class Cbc(_OnFlowModel, OnCbc):
    """CBC on the single-commodity flow model (`FlowModel`); the parameter is that of `OnCbc`."""

    name: ClassVar[str] = "cbc"


@dataclass(frozen=True)
class Milp(_OnFlowModel, OnPulp):
    """Any solver that PuLP finds on the single-commodity flow model (`FlowModel`); the parameters are those of `OnPulp`."""

    name: ClassVar[str] = "milp"
