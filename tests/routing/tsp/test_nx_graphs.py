"""Graphs of networkx in, tours and arcs out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given

from optikit.errors import InvalidProblemError, InvalidSolutionError, MissingExtraError, UnsupportedError
from optikit.routing import TSP, Planar, Tour
from tests.strategies import tsps

nx = pytest.importorskip("networkx", reason="networkx is not installed")
INF = math.inf


def test_edges_are_all_the_arcs_there_are():
    graph = nx.Graph()
    graph.add_weighted_edges_from([("a", "b", 1), ("b", "c", 2), ("c", "d", 3), ("d", "a", 4), ("a", "c", 9)])
    tsp = TSP.from_graph(graph, first="c", title="ring")
    assert (tsp.names, tsp.first, tsp.name, tsp.symmetric) == (("a", "b", "c", "d"), 2, "ring", True)
    assert tsp.network.matrix().tolist() == [[0, 1, 9, 4], [1, 0, 2, INF], [9, 2, 0, 3], [4, INF, 3, 0]]
    assert tsp.evaluate(Tour([0, 1, 2, 3])) == 10


def test_directed_graphs_parallel_edges_and_loops():
    one_way = nx.DiGraph([(0, 1, {"weight": 5}), (1, 0, {"weight": 7})])
    assert TSP.from_graph(one_way).network.matrix().tolist() == [[0, 5], [7, 0]]
    parallel = nx.MultiGraph([(0, 1, {"weight": 5}), (0, 1, {"weight": 3}), (1, 1, {"weight": "no matter"})])
    assert TSP.from_graph(parallel).network.matrix().tolist() == [[0, 3], [3, 0]]


def test_whole_lengths_stay_whole_where_no_arc_is_missing():
    complete = nx.complete_graph(4)
    nx.set_edge_attributes(complete, 2**60 // 10**6, "weight")
    assert TSP.from_graph(complete).network.distance.dtype == np.int64
    nx.set_edge_attributes(complete, 2.5, "weight")
    assert TSP.from_graph(complete).network.distance.dtype == np.float64


def test_steps_places_and_labels():
    grid = nx.grid_2d_graph(2, 3)
    for node in grid:
        grid.nodes[node]["pos"] = node
    tsp = TSP.from_graph(grid, weight=None)
    assert tsp.names == ("(0, 0)", "(0, 1)", "(0, 2)", "(1, 0)", "(1, 1)", "(1, 2)")
    assert tsp.evaluate(Tour([0, 1, 2, 5, 4, 3])) == 6
    assert isinstance(tsp.places, Planar)
    assert tsp.places.points[5].tolist() == [1, 2]
    assert TSP.from_graph(grid, weight=None, closed=False, first=(0, 0), last=(1, 2)).last == 5
    del grid.nodes[0, 0]["pos"]
    assert TSP.from_graph(grid, weight=None).places is None


@pytest.mark.parametrize(
    ("weights", "options", "complaint"),
    [
        ([1, None], {}, "the edge 'b' - 'c' has no 'weight'; say weight=... for another attribute"),
        ([1, 2], {"weight": "weigth"}, r"the edge 'a' - 'b' has no 'weigth'; did you mean 'weight'\?"),
        ([1, -2], {}, "the edge 'b' - 'c' has 'weight' -2; a length is a number >= 0"),
        ([1, math.nan], {}, "the edge 'b' - 'c' has 'weight' nan"),
        ([1, "far"], {}, "the edge 'b' - 'c' has 'weight' 'far'"),
        ([1, True], {}, "the edge 'b' - 'c' has 'weight' True"),
        ([1, 2**70], {}, "an int fits in 64 bits"),
        ([1, 2**55 + 1], {}, r"more than 2\^53, where floats skip integers"),
        ([1, 2], {"first": "z"}, "first is 'z', which is no node of the graph"),
        ([1, 2], {"closed": False, "last": "A"}, "last is 'A', which is no node"),
        ([1, 2], {"first": ["a"]}, r"first is \['a'\], which is no node"),
        ([1, 2], {"weight": ["weight"]}, r"weight is \['weight'\]; expected the name of an attribute"),
    ],
)
def test_what_makes_no_sense_is_named(weights, options, complaint):
    graph = nx.Graph()
    for edge, weight in zip([("a", "b"), ("b", "c")], weights):
        graph.add_edge(*edge, **({} if weight is None else {"weight": weight}))
    with pytest.raises(InvalidProblemError, match=complaint):
        TSP.from_graph(graph, **options)


def test_nodes_of_any_type_have_names():
    graph = nx.cycle_graph([0, "0", np.int64(7), (1, 2), 2.5, True])
    tsp = TSP.from_graph(graph, weight=None, closed=False, first=(1, 2), last=np.int64(7))
    assert tsp.names == (0, "0", 7, "(1, 2)", "2.5", "True")
    assert (tsp.first, tsp.last) == (3, 2)


def test_too_small_graphs_and_unknown_options():
    with pytest.raises(InvalidProblemError, match="the number of cities is 1"):
        TSP.from_graph(nx.empty_graph(1))
    with pytest.raises(InvalidProblemError, match="the number of cities is 0"):
        TSP.from_graph(nx.empty_graph(0))
    with pytest.raises(UnsupportedError, match=r"from_graph has no option 'wieght'; did you mean 'weight'\?"):
        TSP.from_graph(nx.path_graph(3), wieght="x")


@given(tsps())
def test_all_arcs_there_and_back(problem):
    graph = problem.to_graph()
    assert graph.is_directed() == (not problem.symmetric)
    again = TSP.from_graph(graph)
    assert again.network.matrix().tolist() == problem.network.matrix().tolist()


@given(tsps(missing=False))
def test_a_tour_is_a_cycle_or_a_path(problem):
    tour = Tour(range(problem.num_cities))
    graph = problem.to_graph(tour)
    assert graph.is_directed()
    assert graph.size(weight="weight") == pytest.approx(problem.evaluate(tour))
    assert graph.number_of_edges() == problem.num_cities - (not problem.closed)
    assert {graph.nodes[node]["city"] for node in graph} == set(range(problem.num_cities))


def test_a_graph_is_made_of_tours_only():
    with pytest.raises(InvalidSolutionError, match="expected a Tour for a TSP"):
        TSP.from_coordinates([(0, 0), (3, 4)]).to_graph([0, 1])


def test_names_and_places_come_along():
    tsp = TSP.from_coordinates([(0, 0), (3, 4)], names=["a", "b"])
    graph = tsp.to_graph(Tour([1, 0]))
    assert dict(graph.nodes(data=True)) == {"a": {"city": 0, "pos": (0.0, 0.0)}, "b": {"city": 1, "pos": (3.0, 4.0)}}
    assert "pos" not in tsp.replace(network=TSP.from_matrix([[0, 1], [1, 0]]).network).to_graph().nodes["a"]


def test_without_networkx_the_way_out_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "networkx", None)
    with pytest.raises(MissingExtraError, match=r'pip install "optikit\[solvers\]"'):
        TSP.from_coordinates([(0, 0), (3, 4)]).to_graph()
