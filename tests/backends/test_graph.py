"""networkx: minimum-cost flow with its statuses, integers only."""

import pytest

from optikit.backends.graph import read_status, solve_min_cost_flow
from optikit.core.result import StopReason
from optikit.errors import EngineError

from .runs import make_run

nx = pytest.importorskip("networkx", reason="networkx is not installed")


def two_ways(demand=4, capacity=3, weight=1):
    """From s to t over a (cheap) or b (dear)."""
    graph = nx.DiGraph()
    graph.add_node("s", demand=-demand)
    graph.add_node("t", demand=demand)
    graph.add_edge("s", "a", capacity=capacity, weight=weight)
    graph.add_edge("a", "t", capacity=capacity, weight=weight)
    graph.add_edge("s", "b", capacity=capacity, weight=5)
    graph.add_edge("b", "t", capacity=capacity, weight=5)
    return graph


def test_optimum():
    answer = solve_min_cost_flow(two_ways(), make_run())
    assert (answer.reason, answer.bound) == (StopReason.PROVEN, 16.0)  # three cheap at 2, one dear at 10
    assert [answer.values("s", "a"), answer.values("s", "b"), answer.values("a", "b")] == [3, 1, 0]


def test_unfeasible():
    assert solve_min_cost_flow(two_ways(demand=7), make_run()).infeasible


def test_unbounded():
    graph = two_ways()
    graph.add_edge("a", "b", weight=-1)
    graph.add_edge("b", "a", weight=-1)
    answer = solve_min_cost_flow(graph, make_run())
    assert (answer.bound, answer.infeasible, answer.message) == (None, False, "the flow is unbounded")


def test_time():
    assert solve_min_cost_flow(two_ways(), make_run(time=0.0)).reason is StopReason.TIME


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"demand": 4.0}, r"demand of node 's' is -4.0"),
        ({"capacity": 2.5}, "capacity of edge 's' -> 'a' is 2.5"),
        ({"weight": 0.1}, "weight.*0.1"),
    ],
)
def test_floats_are_refused(change, words):
    with pytest.raises(EngineError, match=words):
        solve_min_cost_flow(two_ways(**change), make_run())


@pytest.mark.parametrize(
    ("status", "reason", "infeasible"),
    [
        ("optimal", StopReason.PROVEN, False),
        ("NetworkXUnfeasible", StopReason.PROVEN, True),
        ("NetworkXUnbounded", StopReason.EXHAUSTED, False),
    ],
)
def test_status_table(status, reason, infeasible):
    answer = read_status(status, 7, {"s": {"t": 1}}, {})
    assert (answer.reason, answer.infeasible, answer.bound) == (reason, infeasible, 7.0 if status == "optimal" else None)


def test_any_other_status_is_an_error():
    with pytest.raises(EngineError, match="NetworkXError: no nodes"):
        read_status("NetworkXError: no nodes", None, None, {})
