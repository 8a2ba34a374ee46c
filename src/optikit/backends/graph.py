"""networkx: minimum-cost flow on a directed graph, in a child process (pure Python cannot be interrupted from outside).

Integers only: networkx's network simplex may never end on floats.
"""

from __future__ import annotations

from numbers import Integral
from typing import Any

from ..core.result import StopReason
from ..core.run import POLL_SECONDS, Run
from ..errors import EngineError
from .answer import Answer
from .child import Child, Pipe


def solve_min_cost_flow(graph: Any, run: Run) -> Answer:
    """Minimum-cost flow by the network simplex method.

    Parameters
    ----------
    graph : networkx.DiGraph
        Integer ``demand`` on nodes (negative: supply), integer ``capacity`` and ``weight`` on edges.
    run : Run
        Deadline and stop criteria.

    Returns
    -------
    Answer
        ``values(u, v)`` is the flow on an edge, and ``bound`` the cost, proved optimal.

    Raises
    ------
    EngineError
        For a number that is not an integer: name the edge, scale it to ticks first.
    """
    import networkx as nx

    versions = {"networkx": str(nx.__version__)}
    _require_integers(graph)
    reason: StopReason | None = run.reason()
    with Child("optikit.backends.graph:_work") as child:
        child.send(graph)
        try:
            while reason is None:
                reply = child.receive(min(POLL_SECONDS, run.remaining))
                if reply is not None:
                    status, cost, flow = reply
                    return read_status(status, cost, flow, versions)
                reason = run.tick()
        except KeyboardInterrupt:
            reason = StopReason.CANCELLED
    return Answer(reason, versions=versions)


def read_status(status: str, cost: int | None, flow: dict[Any, dict[Any, int]] | None, versions: dict[str, str]) -> Answer:
    """What networkx said as an `Answer`: one row a status, see ``docs/decisions/0003-backends.md``."""
    match status:
        case "optimal":
            assert flow is not None
            assert cost is not None

            def value_of(tail: Any, head: Any) -> int:
                return flow.get(tail, {}).get(head, 0)

            return Answer(StopReason.PROVEN, value_of, float(cost), versions=versions)
        case "NetworkXUnfeasible":
            return Answer(StopReason.PROVEN, infeasible=True, versions=versions)
        case "NetworkXUnbounded":
            return Answer(StopReason.EXHAUSTED, message="the flow is unbounded", versions=versions)
        case _:
            raise EngineError(f"networkx: {status}")


def _require_integers(graph: Any) -> None:
    for node, demand in graph.nodes(data="demand", default=0):
        if not isinstance(demand, Integral):
            raise EngineError(f"demand of node {node!r} is {demand!r}; networkx needs integers, scale it to ticks first")
    for tail, head, data in graph.edges(data=True):
        for name in ("capacity", "weight"):
            if not isinstance(data.get(name, 0), Integral):
                where = f"{name} of edge {tail!r} -> {head!r}"
                raise EngineError(f"{where} is {data[name]!r}; networkx needs integers, scale it to ticks first")


def _work(pipe: Pipe) -> None:
    import networkx as nx

    graph = pipe.receive()
    try:
        cost, flow = nx.network_simplex(graph)
    except nx.NetworkXException as error:
        name = type(error).__name__
        pipe.send((name if name in ("NetworkXUnfeasible", "NetworkXUnbounded") else f"{name}: {error}", None, None))
        return
    pipe.send(("optimal", int(cost), flow))
