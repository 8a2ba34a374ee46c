"""OR-Tools routing, in a child process of ours.

It holds the GIL for the whole solve, ignores Ctrl-C and aborts the process on bad input: none of which may happen to the
user's process. The child streams its improvements; the parent enforces the deadline by killing it.
"""

from __future__ import annotations

import faulthandler
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.result import StopReason
from ..core.run import POLL_SECONDS, Run
from ..errors import EngineError, UnsupportedError
from .answer import Answer
from .child import Child, Pipe

_SAFETY_SECONDS = 5.0


@dataclass(frozen=True, eq=False)
class RoutingSpec:
    """A routing model as plain data: what crosses the pipe, and what `build` makes a model of.

    Parameters
    ----------
    cost : numpy.ndarray of int64, shape (num_nodes, num_nodes)
        Arc costs in ticks.
    loads : sequence of numpy.ndarray of int64, shape (num_nodes,)
        One array a load dimension.
    capacity : sequence of sequence of int
        For each load dimension, one entry a vehicle.
    num_vehicles : int
        Vehicles that may be used.
    depot : int
        The node where routes begin and end.
    """

    cost: NDArray[np.int64]
    loads: tuple[NDArray[np.int64], ...]
    capacity: tuple[tuple[int, ...], ...]
    num_vehicles: int
    depot: int = 0
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def build(self) -> tuple[Any, Any]:
        """OR-Tools' ``(RoutingIndexManager, RoutingModel)`` of this data."""
        from ortools.constraint_solver import pywrapcp

        manager = pywrapcp.RoutingIndexManager(len(self.cost), self.num_vehicles, self.depot)
        model = pywrapcp.RoutingModel(manager)
        # Data only: a Python callback that raises would give objective 0 and "optimal".
        model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(self.cost.tolist()))
        for number, (load, capacity) in enumerate(zip(self.loads, self.capacity)):
            transit = model.RegisterUnaryTransitVector(load.tolist())
            model.AddDimensionWithVehicleCapacity(transit, 0, list(capacity), True, f"load{number}")
        return manager, model


def solve_routing(
    spec: RoutingSpec,
    run: Run,
    *,
    late: float,
    start: Sequence[Sequence[int]] | None = None,
    on_routes: Callable[[list[list[int]]], None] = lambda routes: None,
) -> Answer:
    """Solve a routing model in a child process until ``run`` says stop.

    Parameters
    ----------
    spec : RoutingSpec
        The model.
    run : Run
        Deadline and stop criteria.
    late : float
        Seconds past the deadline after which the child is killed.
    start : sequence of routes, optional
        Nodes of each route, without the depot.
    on_routes : callable
        Takes each improvement, as nodes of each route, on the caller's thread.

    Raises
    ------
    UnsupportedError
        For a search parameter that OR-Tools does not have.
    EngineError
        If the child dies.
    """
    best: list[list[int]] | None = None
    reason: StopReason | None = None
    versions: dict[str, str] = {}
    with Child("optikit.backends.ortools_routing:_work") as child:
        child.send((spec, start))
        try:
            while True:
                # The child ends by itself at the deadline; only what comes too late is cut off.
                if reason is not None and (reason is not StopReason.TIME or not versions or _overdue(run) >= late):
                    break
                message = child.receive(POLL_SECONDS if run.deadline is None else min(POLL_SECONDS, max(run.remaining, 0.01)))
                if message is not None:
                    kind, content = message
                    if kind == "ready":
                        versions = {"ortools": content}
                        # Only now does its clock start: what building took is gone already.
                        child.send(None if run.deadline is None else run.remaining)
                    elif kind == "routes":
                        best = content
                        on_routes(content)
                    elif kind == "refused":
                        raise UnsupportedError(f"OR-Tools routing: {content}")
                    elif kind == "done":
                        status, routes = content
                        return read_status(status, routes or best, run, reason, versions)
                reason = reason or run.tick()
        except KeyboardInterrupt:
            reason = StopReason.CANCELLED
        except EngineError as error:
            raise EngineError(f"OR-Tools routing: {error}") from None
    # Importing and building are the first thing that the child does.
    late_start = "" if versions or reason is not StopReason.TIME else "the time was over before OR-Tools had started"
    return Answer(reason, best, message=late_start, versions=versions)


def _overdue(run: Run) -> float:
    return run.seconds - (run.stop.time or 0.0)


def read_status(
    status: int, routes: list[list[int]] | None, run: Run, stopped_by: StopReason | None, versions: Mapping[str, str] | None = None
) -> Answer:
    """OR-Tools' routing status as an `Answer`: one row a status, see ``docs/decisions/0003-backends.md``.

    It proves nothing here: "optimal" and "infeasible" are said of its own search, and no bound comes with them.
    """
    why = stopped_by or run.reason()
    name = STATUSES.get(status, str(status))
    versions = versions or {}
    match name:
        case "ROUTING_SUCCESS" | "ROUTING_OPTIMAL" | "ROUTING_PARTIAL_SUCCESS_LOCAL_OPTIMUM_NOT_REACHED":
            return Answer(why or StopReason.EXHAUSTED, routes, versions=versions)
        case "ROUTING_FAIL_TIMEOUT":
            return Answer(why or StopReason.TIME, routes, versions=versions)
        case "ROUTING_FAIL" | "ROUTING_INFEASIBLE" | "ROUTING_NOT_SOLVED":
            return Answer(why or StopReason.EXHAUSTED, routes, message=f"OR-Tools found no solution ({name})", versions=versions)
        case "ROUTING_INVALID":
            raise EngineError("OR-Tools routing refuses the model or its parameters (ROUTING_INVALID)")
        case _:
            raise EngineError(f"OR-Tools routing ended with a status that optikit does not know: {name}")


STATUSES = {
    0: "ROUTING_NOT_SOLVED",
    1: "ROUTING_SUCCESS",
    2: "ROUTING_PARTIAL_SUCCESS_LOCAL_OPTIMUM_NOT_REACHED",
    3: "ROUTING_FAIL",
    4: "ROUTING_FAIL_TIMEOUT",
    5: "ROUTING_INVALID",
    6: "ROUTING_INFEASIBLE",
    7: "ROUTING_OPTIMAL",
}
"""``RoutingSearchStatus.Value`` of OR-Tools 9."""


def _work(pipe: Pipe) -> None:
    """In the child: build the model, say that we are ready, solve, send every improvement."""
    spec, start = pipe.receive()
    import ortools
    from ortools.constraint_solver import pywrapcp

    manager, model = spec.build()
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    for name, value in spec.parameters.items():
        refusal = _set_parameter(parameters, name, value)
        if refusal:
            pipe.send(("refused", refusal))
            return

    def routes_of(next_of: Callable[[int], int]) -> list[list[int]]:
        routes = []
        for vehicle in range(spec.num_vehicles):
            index, nodes = next_of(model.Start(vehicle)), []
            while not model.IsEnd(index):
                nodes.append(manager.IndexToNode(index))
                index = next_of(index)
            if nodes:
                routes.append(nodes)
        return routes

    best = [sys.maxsize]

    def improved() -> None:
        # OR-Tools swallows what a callback raises: nothing in here may.
        cost = model.CostVar().Max()
        if cost < best[0]:
            best[0] = cost
            pipe.send(("routes", routes_of(lambda index: model.NextVar(index).Value())))

    model.AddAtSolutionCallback(improved)
    model.CloseModelWithParameters(parameters)
    pipe.send(("ready", ortools.__version__))
    seconds = pipe.receive()
    if seconds is not None:
        parameters.time_limit.FromMilliseconds(max(1, int(seconds * 1000)))
        # Should both the parent and the warden be killed, this ends the child: it needs no GIL.
        faulthandler.dump_traceback_later(seconds + _SAFETY_SECONDS, exit=True)
    assignment = None
    if start is not None:
        given = model.ReadAssignmentFromRoutes([list(route) for route in start], True)
        assignment = model.SolveFromAssignmentWithParameters(given, parameters) if given is not None else None
    if assignment is None:
        assignment = model.SolveWithParameters(parameters)
    routes = None
    if assignment is not None:
        routes = routes_of(lambda index: assignment.Value(model.NextVar(index)))
    pipe.send(("done", (int(model.status()), routes)))


def _set_parameter(parameters: Any, name: str, value: Any) -> str | None:
    """Set a field of ``RoutingSearchParameters``, an enumeration by its name; what is wrong with it, or None."""
    if name not in parameters.DESCRIPTOR.fields_by_name:
        return f"there is no search parameter {name!r}; see RoutingSearchParameters"
    kind = parameters.DESCRIPTOR.fields_by_name[name].enum_type
    if kind is not None and isinstance(value, str):
        if value not in kind.values_by_name:
            return f"{name} is {value!r}; expected one of {', '.join(kind.values_by_name)}"
        value = kind.values_by_name[value].number
    try:
        setattr(parameters, name, value)
    except (TypeError, ValueError, AttributeError) as error:
        return f"{name} is {value!r}: {error}"
    return None
