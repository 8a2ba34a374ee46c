"""Networks: what they say of one arc, of many and of all is the same, in units and in ticks, and as a kernel computes it."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optikit.errors import InvalidProblemError
from optikit.routing import Geo, Matrix, Planar, Space, Sphere
from optikit.routing.metrics import NORMS, ROUNDINGS, network_from_dict


@st.composite
def networks(draw):
    n = draw(st.integers(2, 6))
    kind = draw(st.sampled_from(["matrix", "sparse", "planar", "space", "sphere", "geo"]))
    if kind in ("matrix", "sparse"):
        cell = st.integers(0, 99) | st.floats(0, 99).map(lambda x: round(x, 5))
        cell = cell | st.just(math.inf) if kind == "sparse" else cell
        return Matrix(draw(st.lists(st.lists(cell, min_size=n, max_size=n), min_size=n, max_size=n)))
    norm = draw(st.sampled_from(list(NORMS)))
    axes = 3 if norm.startswith("xray") else 2 if norm == "att" else draw(st.integers(2, 3))
    coordinate = st.integers(-80, 80) | st.floats(-80, 80).map(lambda x: x if abs(x) > 1e-100 else 0.0)
    axes = axes if kind == "space" else 2
    points = draw(st.lists(st.tuples(*[coordinate] * axes), min_size=n, max_size=n))
    rounding = draw(st.sampled_from(list(ROUNDINGS)))
    if kind == "space":
        return Space(points, norm, rounding)
    return Planar(points, rounding) if kind == "planar" else Sphere(points) if kind == "sphere" else Geo(points)


def by_hand(network, u: int, v: int) -> float:
    """The norm of a step in plain Python, from left to right."""
    steps = [float(a - b) for a, b in zip(network.points[u], network.points[v])]
    squares = steps[0] * steps[0] + steps[1] * steps[1]
    if len(steps) == 3:
        squares += steps[2] * steps[2]
    speeds = {"xray1": (1.0, 1.0, 1.0), "xray2": (1.25, 1.5, 1.15)}
    match network.norm:
        case "euclidean":
            return math.sqrt(squares)
        case "att":
            return math.sqrt(squares / 10.0)
        case "maximum":
            return max(map(abs, steps))
        case "manhattan":
            return sum(map(abs, steps))
        case norm:
            turn = min(abs(steps[0]), abs(abs(steps[0]) - 360.0))
            return max(length / speed for length, speed in zip((turn, abs(steps[1]), abs(steps[2])), speeds[norm]))


@pytest.mark.parametrize("network", [Planar, partial(Space, norm="xray2"), partial(Planar, rounding="nearest")])
def test_all_arcs_of_many_points_are_computed_in_parts_that_fit_together(network):
    axes = 3 if getattr(network, "func", network) is Space else 2
    network = network(np.random.default_rng(5).uniform(-80, 80, (300, axes)))
    tails, heads = np.divmod(np.arange(300 * 300), 300)
    assert (network.matrix().ravel() == network.legs(tails, heads)).all()
    lattice = network.lattice(600)
    assert (network.ticks(lattice).ravel() == network.leg_ticks(lattice, tails, heads)).all()


@given(networks())
def test_one_arc_many_and_all_are_the_same(network):
    cities = range(len(network))
    full = network.matrix()
    tails, heads = (side.ravel() for side in np.indices(full.shape))
    assert network.legs(tails, heads).reshape(full.shape).tolist() == full.tolist()
    for u in cities:
        assert full[u, u] == 0
        for v in cities:
            assert network.legs([u], [v]).tolist() == [full[u, v]]
            assert np.ravel(network.legs(u, v)).tolist() == [full[u, v]]
    assert (full == full.T).all() == network.symmetric
    assert np.isinf(full).any() == network.has_missing
    assert (full[np.isfinite(full)] <= network.longest).all()


@given(networks())
def test_ticks_are_the_same_by_matrix_and_by_arcs_and_near_the_distances(network):
    lattice = network.lattice(10, 2**50)
    missing = {"missing": 123} if isinstance(network, Matrix) else {}
    ticks = network.ticks(lattice, **missing)
    tails, heads = (side.ravel() for side in np.indices(ticks.shape))
    assert ticks.dtype == np.int64
    assert network.leg_ticks(lattice, tails, heads, **missing).reshape(ticks.shape).tolist() == ticks.tolist()
    full = network.matrix()
    there = np.isfinite(full)
    assert (ticks[~there] == 123).all()
    assert (np.abs(full[there] - ticks[there] / lattice.scale) <= lattice.item_error + 1e-12 * full[there]).all()
    assert int(ticks[there].max()) * 10 < 2**50


@given(networks())
def test_a_kernel_computes_the_very_same_ticks(network):
    """From `coordinates`, `norm` and `tick_rule`, with scalars and the maths library: bit for bit, whatever the norm."""
    if not isinstance(network, Planar | Space):
        return
    lattice = network.lattice(10)
    factor, offset, _, sign = network.tick_rule(lattice)
    ticks = network.ticks(lattice)
    for u in range(len(network)):
        for v in range(len(network)):
            if u != v:
                assert ticks[u, v] == sign * math.floor(sign * by_hand(network, u, v) * factor + offset)


@given(networks())
def test_networks_read_back_from_json_and_taken_apart(network):
    again = network_from_dict(network.to_dict())
    assert type(again) is type(network)
    assert again.matrix().tolist() == network.matrix().tolist()
    order = list(range(len(network)))[::-1]
    assert network.take(order).matrix().tolist() == network.matrix()[np.ix_(order, order)].tolist()


@pytest.mark.parametrize(
    ("rounding", "distance"),
    [
        ("exact", math.sqrt(2)),
        ("nearest", 1),
        ("floor", 1),
        ("ceil", 2),
        ("dimacs", 14),
        ("one_decimal", 1.4),
        ("hundredfold", 141),
    ],
)
def test_rounding_rules_by_hand(rounding, distance):
    for network in (Planar([(0, 0), (1, 1)], rounding), Space([(0, 0, 5), (1, 1, 5)], "euclidean", rounding)):
        assert network.legs([0], [1])[0] == pytest.approx(distance, abs=1e-12)


def test_all_arcs_may_be_required():
    with pytest.raises(InvalidProblemError, match=r"distance\[1, 0\] is inf; here every arc needs a distance; price a missing arc"):
        Matrix([[0, 1], [math.inf, 0]]).require_all_arcs()
    Matrix([[math.inf, 1], [1, math.inf]]).require_all_arcs()


def test_a_large_matrix_is_lent():
    large = np.ones((3000, 3000))
    assert np.shares_memory(Matrix(large).distance, large)
    large[0, 1] = math.inf
    assert not np.shares_memory(Matrix(large).distance, large)
    assert not Matrix(large).distance.flags.writeable


def test_huge_prices_are_told_apart_from_missing_arcs():
    with pytest.raises(InvalidProblemError, match="no 64-bit integers hold sums of both"):
        Matrix([[0, 1e-9, 1e15], [1e-9, 0, 1e-9], [1e15, 1e-9, 0]]).lattice(3)
    assert Matrix([[0, 0.5, math.inf], [0.5, 0, 0.5], [math.inf, 0.5, 0]]).lattice(3).exact
