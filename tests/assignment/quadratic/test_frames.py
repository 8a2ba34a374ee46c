"""Tables and graphs: names in, names out."""

from __future__ import annotations

import numpy as np
import pytest

import optikit as ok
from optikit.assignment import Placement, QuadraticAssignment
from optikit.assignment.quadratic.flows import SparseFlow
from optikit.errors import InvalidProblemError, UnsupportedError

pd = pytest.importorskip("pandas")

FLOWS = pd.DataFrame({"from": ["saw", "drill", "saw"], "to": ["drill", "paint", "drill"], "flow": [5, 3, 3]})
COSTS = pd.DataFrame({"facility": ["paint", "office"], "location": ["A", "C"], "cost": [2.5, 4]})
WAYS = pd.DataFrame({"from": list("AABABC"), "to": list("BCCDDD"), "distance": [1, 2, 4, 7, 6, 5]})


def make(**changes):
    return QuadraticAssignment.from_frame(changes.pop("flows", FLOWS), changes.pop("ways", WAYS), **{"mirror": True, **changes})


def test_tables_become_matrices():
    places = pd.DataFrame({"location": list("DCBA"), "x": [4, 3, 2, 1], "y": [0, 0, 0, 1]})
    everybody = ["saw", "drill", "paint", "office"]
    problem = make(facilities=everybody, costs=COSTS, fixed={"saw": "B"}, forbidden=[("drill", "D")], places=places, title="shop")
    assert problem.facilities == ("saw", "drill", "paint", "office")
    assert problem.locations == ("A", "B", "C", "D")
    assert problem.flow.tolist() == [[0, 8, 0, 0], [0, 0, 3, 0], [0] * 4, [0] * 4]
    assert problem.distance.tolist() == [[0, 1, 2, 7], [1, 0, 4, 6], [2, 4, 0, 5], [7, 6, 5, 0]]
    assert problem.linear[2, 0] == 2.5
    assert problem.fixed == ((0, 1),)
    assert np.argwhere(problem.forbidden).tolist() == [[1, 3]]
    assert problem.places[0].tolist() == [1, 1]
    assert problem.name == "shop"
    frame = ok.solve(problem, time_limit=20).to_frame()
    assert frame["facility"].tolist() == ["saw", "drill", "paint", "office"]
    assert frame["location"][0] == "B"
    assert frame["flow"].sum() + frame["linear"].sum() == pytest.approx(problem.evaluate(ok.solve(problem, time_limit=20).solution))


def test_polars_too():
    pl = pytest.importorskip("polars")
    assert QuadraticAssignment.from_frame(*(pl.DataFrame(frame.to_dict("list")) for frame in (FLOWS, WAYS)), mirror=True) == make()


def test_both_directions_may_differ():
    back = WAYS.rename(columns={"from": "to", "to": "from"}).assign(distance=9)
    problem = make(ways=pd.concat([WAYS, back]), mirror=False)
    assert problem.distance[0, 1] == 1
    assert problem.distance[1, 0] == 9


def test_many_with_few_flows_are_sparse():
    flows = pd.DataFrame({"from": range(150), "to": range(1, 151), "flow": 1})
    ends = [(a, b) for a in range(151) for b in range(a)]
    ways = pd.DataFrame(ends, columns=["from", "to"]).assign(distance=1.0)
    assert isinstance(make(flows=flows, ways=ways).flow, SparseFlow)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"mirror": False}, "distances lack the way from 'B' to 'A'; say mirror=True where ways are the same in both directions"),
        ({"ways": WAYS[:-1]}, "distances lack the way from 'C' to 'D'"),
        ({"ways": pd.concat([WAYS, WAYS[:1]])}, "distances has the pair 'A', 'B' in row 0 and in row 6; each stands once"),
        ({"flows": FLOWS.rename(columns={"flow": "amount"})}, "flows has no column 'flow'; columns: 'from', 'to', 'amount'"),
        ({"flows": FLOWS.assign(flow=[1, None, 2])}, r"flow of 'drill to paint' \(row 1\) is missing; fill it in, or drop the row"),
        ({"flows": FLOWS.assign(**{"from": ["saw", None, "saw"]})}, "from in row 1 of flows is missing; every facility has a name"),
        ({"flows": FLOWS.assign(**{"from": [1.5, 2, 3]})}, "from in row 0 of flows is 1.5; a name is text or a whole number"),
        ({"fixed": {"saw": "Z"}}, "fixed names 'Z', which is no location of the tables"),
        ({"fixed": [("saw", "A")]}, "fixed is .*; expected a mapping"),
        (
            {"fixed": {1.5: "A"}},
            "fixed names 1.5, which is no facility of the tables; facilities without flows are named by facilities=",
        ),
        ({"fixed": {"sow": "A"}}, "fixed names 'sow', which is no facility of the tables; did you mean 'saw'"),
        ({"facilities": ["saw", "drill"]}, "to in row 1 of flows is 'paint', which is no facility of the tables"),
        ({"facilities": ["saw", "saw"]}, r"facilities\[1\] is 'saw', which stands there already"),
        ({"facilities": "saw"}, "facilities is 'saw'; expected the names of all of them"),
        ({"costs": COSTS}, "facility in row 1 of costs is 'office', which is no facility of the tables; facilities without flows"),
        ({"costs": COSTS[:1].assign(location="Z")}, "location in row 0 of costs is 'Z', which is no location of the tables"),
        ({"forbidden": [("sow", "A")]}, "forbidden names 'sow', which is no facility of the tables; did you mean 'saw'"),
        ({"forbidden": ["ab"]}, r"forbidden\[0\] is 'ab'; expected the names of a facility and a location"),
        ({"forbidden": "ab"}, "forbidden is 'ab'; expected pairs of the names"),
        ({"places": pd.DataFrame({"location": ["A"], "x": [0], "y": [0]})}, "places lack the location 'B'"),
        ({"places": pd.DataFrame({"location": ["A", "A"], "x": 0, "y": 0})}, "places has the location 'A' a second time in row 1"),
        ({"places": pd.DataFrame({"location": ["A", None], "x": 0, "y": 0})}, "location in row 1 of places is missing"),
        ({"mirror": "yes"}, "mirror is 'yes'; expected True or False"),
        ({"flows": [1, 2]}, "frame is a list; expected a pandas or polars frame"),
    ],
)
def test_refusals(changes, said):
    with pytest.raises(InvalidProblemError, match=said):
        make(**changes)


def test_unknown_options_are_refused():
    with pytest.raises(UnsupportedError, match="from_frame has no option 'mirrored'; did you mean 'mirror'"):
        QuadraticAssignment.from_frame(FLOWS, WAYS, mirrored=True)


# -- graphs --------------------------------------------------------------------------


def test_graphs_are_matched():
    nx = pytest.importorskip("networkx")
    graph = nx.gnp_random_graph(12, 0.4, seed=3)
    order = np.random.default_rng(0).permutation(12)
    twin = nx.relabel_nodes(graph, {node: f"n{order[node]}" for node in graph})
    problem = QuadraticAssignment.from_graphs(graph, twin, weight=None, maximize=True, seeds={0: f"n{order[0]}"})
    result = ok.solve(problem, "memetic", stop=ok.Stop(target=2 * graph.number_of_edges()))
    assert result.objective == 2 * graph.number_of_edges()  # all edges meet: the graphs are the same
    assert problem.fixed[0] == (0, list(twin.nodes).index(f"n{order[0]}"))


def test_directions_weights_and_shortest_paths():
    nx = pytest.importorskip("networkx")
    flow = nx.MultiDiGraph()
    flow.add_weighted_edges_from([("a", "b", 2), ("a", "b", 3), ("b", "b", 1)])
    ring = nx.cycle_graph(4)
    nx.set_edge_attributes(ring, 2.5, "weight")
    nx.set_node_attributes(ring, nx.circular_layout(ring), "pos")
    problem = QuadraticAssignment.from_graphs(flow, ring, shortest_paths=True)
    assert problem.flow.tolist() == [[0, 5], [0, 1]]
    assert problem.distance[0].tolist() == [0, 2.5, 5, 2.5]
    assert problem.facilities == ("a", "b")
    assert problem.places.shape == (4, 2)


def test_graphs_that_make_no_sense():
    nx = pytest.importorskip("networkx")
    path, parts = nx.path_graph(3), nx.Graph([(0, 1), (2, 3)])
    with pytest.raises(InvalidProblemError, match="the edge of flow between 0 and 1 has no 'weight'; say weight="):
        QuadraticAssignment.from_graphs(path, path)
    with pytest.raises(InvalidProblemError, match="there is no path in distance from 0 to 2"):
        QuadraticAssignment.from_graphs(path, parts, weight=None, shortest_paths=True)
    with pytest.raises(InvalidProblemError, match="flow is a list; expected a graph of networkx"):
        QuadraticAssignment.from_graphs([1], path)
    with pytest.raises(InvalidProblemError, match=r"weight is \['w'\]; expected the name of an attribute"):
        QuadraticAssignment.from_graphs(path, path, weight=["w"])
    with pytest.raises(InvalidProblemError, match="shortest_paths is 'yes'; expected True or False"):
        QuadraticAssignment.from_graphs(path, path, weight=None, shortest_paths="yes")
    with pytest.raises(InvalidProblemError, match="flow is 5; expected a matrix or array of scipy"):
        SparseFlow.from_scipy(5)
    with pytest.raises(InvalidProblemError, match=r"flow.size is 10+; expected 1,000,000,000 facilities at most"):
        SparseFlow(10**12, [0], [1], [1])
    with pytest.raises(InvalidProblemError, match="seeds is 5; expected a mapping of nodes of flow to nodes of distance"):
        QuadraticAssignment.from_graphs(path, path, weight=None, seeds=5)
    with pytest.raises(InvalidProblemError, match="seeds names 9, which is no node of flow"):
        QuadraticAssignment.from_graphs(path, path, weight=None, seeds={9: 0})
    path[0][1]["weight"] = float("nan")
    with pytest.raises(InvalidProblemError, match="has 'weight' nan; expected a finite number"):
        QuadraticAssignment.from_graphs(path, path)


def test_positions_where_there_are_no_names():
    problem = QuadraticAssignment([[0, 2], [0, 0]], [[0, 1, 5], [1, 0, 3], [5, 3, 0]])
    frame = problem.to_frame(Placement([2, 0]))
    assert frame.to_dict("list") == {
        "facility": [0, 1], "location": [2, 0], "position": [2, 0], "flow": [5.0, 5.0], "linear": [0.0, 0.0],
    }  # fmt: skip
