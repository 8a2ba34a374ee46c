"""Frames, files, graphs and pictures: names in, names out."""

from __future__ import annotations

import math

import networkx as nx
import numpy as np
import pandas as pd
import polars as pl
import pytest

import optikit as ok
from optikit.assignment import Assignment, LinearAssignment
from optikit.errors import FileFormatError, InvalidProblemError, UnsupportedError

INF = math.inf
HOURS = pd.DataFrame({"roof": [4, 2, 3], "wall": [1, 0, 2], "door": [3, 5, 2]}, index=["Ann", "Bob", "Cy"])


def test_a_table_of_costs():
    problem = LinearAssignment.from_frame(HOURS, title="site")
    assert (problem.row_names, problem.column_names, problem.name) == (("Ann", "Bob", "Cy"), ("roof", "wall", "door"), "site")
    result = ok.solve(problem)
    table = result.to_frame()
    assert table.to_dict("list") == {"row": ["Ann", "Bob", "Cy"], "column": ["wall", "roof", "door"], "cost": [1, 2, 2]}
    assert table["cost"].sum() == result.objective


def test_frames_whose_rows_have_no_labels():
    frame = pl.DataFrame({"who": ["Ann", "Bob"], "x": [1, 2], "y": [3, 4]})
    problem = LinearAssignment.from_frame(frame, row="who")
    assert problem.row_names == ("Ann", "Bob")
    assert problem.cost.tolist() == [[1, 3], [2, 4]]
    assert LinearAssignment.from_frame(pd.DataFrame([[1, 2]])).row_names is None


@pytest.mark.parametrize("maximize", [False, True])
def test_infinite_lines_are_forbidden_pairs(maximize):
    never = -INF if maximize else INF
    trips = pd.DataFrame({"row": ["a", "a", "b"], "column": ["x", "y", "x"], "cost": [5.0, 0.0, never]})
    problem = LinearAssignment.from_frame(trips, maximize=maximize)
    assert (problem.row_names, problem.cost.indptr.tolist()) == (("a", "b"), [0, 2, 2])
    assert ok.explain(problem).reasons[0].message == "b can go to no column"
    with pytest.raises(InvalidProblemError, match="expected a finite number"):
        LinearAssignment.from_frame(trips.assign(cost=-trips.cost), maximize=maximize)


def test_numbers_by_node():
    graph = nx.Graph([("a", 1, {"weight": 3}), ("a", 2, {"weight": 4}), (("b", 0), 1, {"weight": 2})])
    rows, leave = ["a", ("b", 0)], {("b", 0): 9, "a": 1}
    problem = LinearAssignment.from_networkx(graph, rows=rows, leave_row=leave, leave_column={2: 7, 1: 8})
    assert (problem.leave_row.tolist(), problem.leave_column.tolist()) == ([1, 9], [8, 7])
    assert LinearAssignment.from_networkx(graph, rows=rows, capacity={2: 5, 1: 6}).capacity.tolist() == [6, 5]
    with pytest.raises(InvalidProblemError, match=r"leave_row lacks \('b', 0\)"):
        LinearAssignment.from_networkx(graph, rows=rows, leave_row={"a": 1})


def test_a_line_for_each_pair():
    trips = pd.DataFrame({"row": ["a", "a", "b"], "column": ["x", "y", "x"], "cost": [5, 0, 1]})
    problem = LinearAssignment.from_frame(trips)
    assert problem.is_sparse
    assert problem.evaluate(Assignment([1, 0])) == 1
    whole = LinearAssignment.from_frame(pd.concat([trips, pd.DataFrame({"row": ["b"], "column": ["y"], "cost": [2]})]))
    assert whole.cost.tolist() == [[5, 0], [1, 2]]


def test_numbers_by_name():
    problem = LinearAssignment.from_frame(
        HOURS, leave_row={"Cy": 3, "Ann": 1, "Bob": 2}, capacity=pd.Series([1, 2, 1], index=["door", "roof", "wall"])
    )
    assert problem.leave_row.tolist() == [1, 2, 3]
    assert problem.capacity.tolist() == [2, 1, 1]
    for given, words in (
        ({"Ann": 1, "Bob": 2}, "leave_row lacks 'Cy'"),
        ({**dict.fromkeys(HOURS.index, 1), "Dy": 1}, "is no name"),
    ):
        with pytest.raises(InvalidProblemError, match=words):
            LinearAssignment.from_frame(HOURS, leave_row=given)


@pytest.mark.parametrize(
    ("frame", "options", "words"),
    [
        (HOURS.where(HOURS > 0), {}, "the cost of 'Bob' and 'wall' is missing; fill it in, with inf"),
        (HOURS.iloc[:0], {}, "at least one row"),
        (HOURS.rename(index={"Bob": "Ann"}), {}, "the name 'Ann' stands twice"),
        (
            pd.DataFrame({"row": ["a", "a"], "column": ["x", "x"], "cost": [1, 2]}),
            {},
            "the pair 'a', 'x' stands in row 0 and in row 1",
        ),
        (pd.DataFrame({"row": ["a", None], "column": ["x", "y"], "cost": [1, 2]}), {}, "row in row 1 is missing"),
        (pd.DataFrame({"row": ["a", "b"], "column": ["x", "y"], "cost": [1, None]}), {}, "cost of 'b and y' .* is missing"),
        (pd.DataFrame({"row": [0.5], "column": ["x"], "cost": [1]}), {}, "a name is text or a whole number"),
        (HOURS, {"cost": "wage"}, "there is no column 'row'"),
        ({"a": [1]}, {}, "frame is a dict"),
    ],
)
def test_refusals_of_frames(frame, options, words):
    with pytest.raises(InvalidProblemError, match=words):
        LinearAssignment.from_frame(frame, **options)


def test_rows_that_are_left_out_stand_in_the_table():
    problem = LinearAssignment([[9, 9], [1, 2]], leave_row=3, row_names=["a", "b"])
    table = problem.to_frame(Assignment([-1, 0]))
    assert table["column"].tolist() == [None, 0]
    assert table["cost"].tolist() == [3, 1]
    profits = LinearAssignment([[9.0, 9.0], [1.0, 2.0]], leave_row=3, maximize=True)
    assert profits.to_frame(Assignment([0, -1]))["cost"].tolist() == [9.0, -3.0]


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_tables_in_files(tmp_path, between):
    lines = ["", "who,early,late,night", "Ann,4,1,", "Bob,2,0,5", "Cy,-,2,2.5"]
    path = tmp_path / "costs.tsv"
    path.write_text("\n".join(line.replace(",", between) for line in lines))
    problem = ok.read(path)
    assert problem.row_names == ("Ann", "Bob", "Cy")
    assert problem.cost.tolist() == [[4, 1, INF], [2, 0, 5], [INF, 2, 2.5]]
    assert ok.read(path, format="costs", maximize=True).cost[0, 2] == -INF


def test_lists_in_files(tmp_path):
    path = tmp_path / "pairs.csv"
    path.write_text("Cost,Row,Column\n5,a,x\n0,a,y\n1,b,x\n,b,z\n")
    problem = LinearAssignment.read(path)
    assert problem.is_sparse
    assert problem.column_names == ("x", "y")
    assert ok.solve(problem).objective == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n", "expected a line with the names"),
        ("a,b\nAnn\n", ":2: expected 2 values"),
        ("a,b,b\nAnn,1,2\n", "two columns have this name"),
        ("a,b\nAnn,much\n", r":2: expected a cost; .*'much'"),
        ("a,b\nAnn,nan\n", "is missing|is nan"),
        ("a,b\nAnn,1\nAnn,2\n", "the name 'Ann' stands twice"),
        ('a,b\nAnn,"1\n', "not a table of comma-separated"),
    ],
)
def test_refusals_of_files(tmp_path, text, words):
    path = tmp_path / "costs.csv"
    path.write_text(text)
    with pytest.raises(FileFormatError, match=words):
        ok.read(path, format="costs")


def test_bipartite_graphs_in_and_out():
    graph = nx.Graph()
    graph.add_nodes_from(["Ann", "Bob"], bipartite=0)
    graph.add_nodes_from(["day", "night"], bipartite=1)
    graph.add_weighted_edges_from([("Ann", "day", 3), ("night", "Ann", 5), ("Bob", "day", 1)])
    problem = LinearAssignment.from_networkx(graph)
    assert (problem.row_names, problem.column_names) == (("Ann", "Bob"), ("day", "night"))
    result = ok.solve(problem)
    assert result.objective == 6
    chosen = problem.to_networkx(result.solution)
    assert {frozenset(edge) for edge in chosen.edges} == {frozenset(("Ann", "night")), frozenset(("Bob", "day"))}
    assert nx.utils.graphs_equal(nx.Graph(problem.to_networkx().edges), nx.Graph(graph.edges))
    assert LinearAssignment.from_networkx(problem.to_networkx()).cost.data.tolist() == [3, 5, 1]
    unnamed = LinearAssignment([[1, 2]]).to_networkx()
    assert set(unnamed.nodes) == {("row", 0), ("column", 0), ("column", 1)}


@pytest.mark.parametrize(
    ("edges", "options", "words"),
    [
        ([("a", "b", {"weight": 1}), ("b", "x", {"weight": 1})], {"rows": ["a", "b"]}, "joins two rows"),
        ([("a", "x", {"cost": 1})], {"rows": ["a"]}, "has no 'weight'"),
        ([("a", "x", {"weight": math.nan})], {"rows": ["a"]}, "a cost is a finite number"),
        ([("a", "x", {"weight": 1})], {}, "say which nodes are rows"),
        ([("a", "x", {"weight": 1})], {"rows": ["z"]}, "is no node of the graph"),
        ([("a", "x", {"weight": 1})], {"rows": ["a", "x"]}, "2 rows and 0 columns"),
        ([("a", "x", {"weight": 1})], {"rows": 5}, "rows is 5; expected the nodes"),
        ([("a", "x", {"weight": 1})], {"rows": ["a"], "weight": []}, "expected the name of an attribute"),
        ([("a", "x", {"weight": 10**400})], {"rows": ["a"]}, "an int fits in 64 bits"),
        ([("a", "x", {"weight": 2**53 + 1}), ("a", "y", {"weight": 0.5})], {"rows": ["a"]}, "'a' - 'x' has .* skip ints"),
    ],
)
def test_refusals_of_graphs(edges, options, words):
    with pytest.raises(InvalidProblemError, match=words):
        LinearAssignment.from_networkx(nx.Graph(edges), **options)
    with pytest.raises(InvalidProblemError, match="expected a bipartite graph"):
        LinearAssignment.from_networkx("graph")


@pytest.mark.parametrize("kind", ["matrix", "bipartite"])
def test_pictures(tmp_path, kind):
    problem = LinearAssignment.from_frame(HOURS)
    solution = ok.solve(problem).solution
    figure = problem.plot(solution, tmp_path / "site.png", kind=kind)
    assert "sum 5, 3 pairs" in figure.axes[0].get_title(loc="left")
    assert (tmp_path / "site.png").stat().st_size > 1000
    drawn = len(figure.axes[0].patches) if kind == "matrix" else len(figure.axes[0].collections[1].get_segments())
    assert drawn == 3
    large = LinearAssignment(np.random.default_rng(0).random((250, 250)), leave_row=0.5)
    assert large.plot(Assignment([-1] * 250), kind=kind) is not None


def test_refusals_of_pictures():
    problem = LinearAssignment([[1]])
    for options, words in (
        ({"kind": "map"}, "expected 'matrix' or 'bipartite'"),
        ({"colour": 1}, "no option 'colour'"),
        ({"dpi": 0}, "dpi"),
    ):
        with pytest.raises(UnsupportedError, match=words):
            problem.plot(Assignment([0]), **options)


@pytest.mark.parametrize(
    ("lines", "word", "told"),
    [
        ("Ann\troof\tx\nBob\troof\t1\nBob\twall\t2\n", "Ann", "every pair of this row is forbidden"),
        ("Ann\troof\t-inf\nAnn\twall\t1\nBob\troof\t1\n", "-inf", "forbids nothing"),
        ("Ann\troof\t1e999\nAnn\twall\t1\nBob\troof\t1\n", "1e999", "too large"),
    ],
)
def test_a_list_loses_nothing_without_a_word(lines, word, told, tmp_path):
    path = tmp_path / "costs.tsv"
    path.write_text("row\tcolumn\tcost\n" + lines)
    with pytest.raises(FileFormatError, match=told) as refused:
        ok.read(path)
    assert word in str(refused.value)
    assert ":2: " in str(refused.value)
