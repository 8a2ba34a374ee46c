"""Why there is no tour: proofs that brute force agrees with, in words; and what binds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import optikit as ok
from optikit.routing import TSP, Tour
from optikit.routing.tsp.connectivity import parts_without, reached, roads, strong_parts, too_few_heads
from optikit.routing.tsp.explain import explain, impossible
from tests.naive import tsp as naive
from tests.strategies import tsps

INF = math.inf


def graph(n: int, edges: str, both: bool = True, **options) -> TSP:
    """Cities a, b, c, ... and roads ``"ab bc"`` of length 1."""
    matrix = np.full((n, n), INF)
    for u, v in edges.split():
        matrix[ord(u) - 97, ord(v) - 97] = 1
        if both:
            matrix[ord(v) - 97, ord(u) - 97] = 1
    return TSP.from_matrix(matrix, names=[chr(97 + city) for city in range(n)], **options)


@st.composite
def sparse(draw):
    """Graphs with few arcs, where most have no tour."""
    n = draw(st.integers(2, 7))
    share = draw(st.sampled_from([0.2, 0.4, 0.6]))
    there = np.array(draw(st.lists(st.lists(st.floats(0, 1), min_size=n, max_size=n), min_size=n, max_size=n))) < share
    if draw(st.booleans()):
        there |= there.T
    closed = draw(st.booleans())
    ends = {} if closed else {"first": draw(st.sampled_from([None, 0])), "last": draw(st.sampled_from([None, n - 1]))}
    return TSP.from_matrix(np.where(there, 1.0, INF), closed=closed, **ends)


@given(sparse())
@settings(max_examples=400)
def test_a_reason_is_a_proof(problem):
    """Whatever `explain` and `impossible` say, brute force finds no tour then."""
    reasons, quick = explain(problem).reasons, impossible(problem)
    assert set(quick) <= set(reasons)
    if reasons:
        assert naive.optimum(problem) is None
        for violation in reasons:
            assert violation.size > 0
            assert "\n" not in violation.message


@given(tsps())
def test_nothing_is_ruled_out_that_exists(problem):
    explanation = explain(problem)
    assert explanation.infeasible == bool(explanation.reasons)
    if naive.optimum(problem) is not None:
        assert not explanation.infeasible
    assert str(explanation)


@pytest.mark.parametrize(
    ("problem", "rule", "words"),
    [
        (
            graph(3, "ab bc"),
            "dead end",
            "'a' (0) is a dead end: its only neighbour is 'b' (1), which a round trip would pass twice",
        ),
        (graph(3, "ab bc ca ba", both=False), "", ""),
        (graph(3, "ab bc cb", both=False), "no way in", "'a' (0) has no arc in: no tour can reach it"),
        (graph(3, "ba bc cb", both=False), "no way out", "'a' (0) has no arc out: no tour can leave it"),
        (graph(6, "ab bc ca de ef fd"), "parts", "no way leads from 'a' (0), 'b' (1) and 'c' (2) to 'd' (3), 'e' (4) and 'f' (5)"),
        (
            graph(6, "ab bc ca cd de ef fd", both=False),
            "parts",
            "back from 'd' (3), 'e' (4) and 'f' (5) to 'a' (0)",
        ),
        (
            graph(5, "ab bc ca cd de ec"),
            "cut city",
            "all ways between 2 parts lead through 'c' (2), which a tour passes once: 'a' (0) and 'b' (1); 'd' (3) and 'e' (4)",
        ),
        (graph(6, "ab bc ca cd de ef fd"), "bridge", "the road between 'c' (2) and 'd' (3) is the only one between its two sides"),
        (graph(5, "ac ad ae bc bd be"), "too few ways", "'c' (2), 'd' (3) and 'e' (4) can be left only for 'a' (0) and 'b' (1)"),
        (graph(4, "ab bc ac"), "no way out", "'d' (3) has no arc out"),
        # -- paths
        (graph(3, "ab bc", closed=False), "", ""),
        (graph(3, "ab bc", closed=False, first=1), "dead end", "'a' (0) and 'c' (2) are dead ends, with a single neighbour each"),
        (graph(4, "ab ac ad", closed=False), "dead end", "'b' (1), 'c' (2) and 'd' (3) are dead ends"),
        (graph(4, "ab bc ca cd", closed=False, first=0, last=1), "dead end", "'d' (3) is a dead end"),
        (graph(6, "ab bc ca de ef fd", closed=False), "parts", "no way leads between"),
        (graph(4, "ab ba cd dc bc", both=False, closed=False), "", ""),
        (graph(4, "ab ba cd dc bc", both=False, closed=False, first=3), "parts", "a path must begin at 'a' (0) and 'b' (1)"),
        (graph(4, "ab ba cd dc bc", both=False, closed=False, last=0), "parts", "a path must end at 'c' (2) and 'd' (3)"),
        (graph(3, "ab cb", both=False, closed=False), "no way in", "and a path begins at one city only"),
        (graph(3, "ab bc", both=False, closed=False, first=1), "no way in", "and a path begins at 'b' (1)"),
        (graph(7, "ab ac bc ad ae de af ag fg", closed=False), "cut city", "all ways between 3 parts lead through 'a' (0)"),
        (graph(5, "ab ac bc ad ae de", closed=False), "", ""),
        (graph(5, "ab ac bc ad ae de", closed=False, first=0), "cut city", "all ways between 2 parts lead through 'a' (0)"),
        (graph(2, "ab"), "", ""),
        (graph(2, "ab", both=False), "no way out", "'b' (1) has no arc out"),
        (graph(2, "ab", both=False, closed=False), "", ""),
    ],
)
def test_reasons_in_words(problem, rule, words):
    found: dict[str, str] = {}
    for violation in explain(problem).reasons:
        found[violation.rule] = f"{found.get(violation.rule, '')}; {violation}"
    if not rule:
        assert not found
        assert naive.optimum(problem) is not None
    else:
        assert words in found[rule]
        assert naive.optimum(problem) is None


def test_a_solve_says_why_there_is_none():
    result = ok.solve(graph(5, "ab bc ca cd de ec"), "cpsat")
    assert result.status is ok.Status.INFEASIBLE
    assert "lead through 'c' (2)" in result.message


def test_what_binds():
    text = str(explain(graph(4, "ab bc cd da ac")))
    assert "a round trip through 4 cities, with distances that are the same both ways" in text
    assert "10 of 12 arcs exist (83.3 %); tours avoid the others" in text
    assert "every tour has the leg between 'a' (0) and 'b' (1), and 3 more: a city there has no other arc" in text
    one_way = graph(3, "ab bc ca ba", both=False)
    assert "every tour has the leg between 'a' (0) and 'b' (1), and 2 more" in str(explain(one_way))
    path = TSP.from_coordinates([(0, 0), (3, 4)], closed=False, first=1, last=0)
    assert "a path from city 1 to city 0 through 2 cities" in str(explain(path))


def test_cities_in_one_place_are_told():
    twins = TSP.from_coordinates([(0, 0), (1, 1), (0, 0), (3, 3), (3, 3), (3, 3)])
    assert "city 0 and city 2 are in one place; 3 cities stand where another one does" in str(explain(twins))
    matrix = TSP.from_matrix([[0, 0, 1], [0, 0, 1], [1, 1, 0]], names=["a", "b", "c"])
    assert "'a' (0) and 'b' (1) are 0 apart" in str(explain(matrix))
    assert "place" not in str(explain(TSP.from_coordinates([(0, 0), (1, 1)])))


def test_with_a_tour():
    tsp = TSP.from_coordinates([(0, 0), (0, 3), (4, 3)])
    explanation = ok.explain(tsp, Tour([0, 1, 2]))
    assert "the longest leg is 5, from city 2 to city 0, 41.7 % of the tour" in explanation.facts
    assert not explanation.violations
    bad = ok.explain(tsp, Tour([0, 1, 9]))
    assert {violation.rule for violation in bad.violations} == {"unknown city", "not visited"}
    assert "The solution is infeasible:" in str(bad)
    assert "<li>" in bad._repr_html_()
    missing = graph(3, "ab bc ca ba", both=False)
    assert "the longest leg is 1" in str(ok.explain(missing, Tour([0, 2, 1])))


# -- graph theory, against the textbook --------------------------------------------


@given(st.integers(2, 7).flatmap(lambda n: st.lists(st.lists(st.booleans(), min_size=n, max_size=n), min_size=n, max_size=n)))
def test_parts_and_cuts_agree_with_networkx(rows):
    nx = pytest.importorskip("networkx", reason="networkx is not installed")
    road = roads(np.where(np.array(rows), 1.0, INF))
    directed = nx.from_numpy_array(road.astype(int), create_using=nx.DiGraph)
    parts = strong_parts(road)
    assert {frozenset(part.tolist()) for part in parts} == set(map(frozenset, nx.strongly_connected_components(directed)))
    for earlier in range(len(parts)):
        assert not road[np.ix_(np.concatenate(parts[earlier + 1 :] or [np.zeros(0, int)]).astype(int), parts[earlier])].any()
    assert set(np.flatnonzero(reached(road, 0)).tolist()) == nx.descendants(directed, 0) | {0}
    few = too_few_heads(road)
    assert (few is None) == _matched(road)
    if few is not None:
        tails, heads = few
        assert len(tails) > len(heads)
        assert set(np.flatnonzero(road[tails].any(axis=0)).tolist()) <= set(heads.tolist())
    edge = road | road.T
    undirected = nx.from_numpy_array(edge.astype(int))
    if nx.is_connected(undirected):
        counts, bridges = parts_without(edge)
        for city in undirected:
            rest = undirected.copy()
            rest.remove_node(city)
            assert counts[city] == max(1, nx.number_connected_components(rest))
        assert {frozenset(bridge) for bridge in bridges} == set(map(frozenset, nx.bridges(undirected)))


def _matched(road: np.ndarray) -> bool:
    """Whether each city can be left for another one of its own: all ways tried."""
    from itertools import permutations

    n = len(road)
    return any(all(road[u, heads[u]] for u in range(n)) for heads in permutations(range(n)))
