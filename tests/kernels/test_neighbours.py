"""Neighbour lists against the definition: sort everything by (squared distance, index)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from optikit.kernels import neighbours
from optikit.kernels.matrix_neighbours import from_matrix, matrix_in_slices
from optikit.kernels.neighbours import in_slices, nearest


def naive(proximity, k, num_depots=0):
    proximity = np.array(proximity, float)
    np.fill_diagonal(proximity, np.inf)
    order = np.argsort(proximity[:, num_depots:], axis=1, kind="stable") + num_depots
    return order[:, : max(0, min(k, len(proximity) - num_depots - 1))]


def squared(points):
    points = np.asarray(points, float)
    total = np.zeros((len(points), len(points)))
    for axis in range(points.shape[1]):
        total += (points[:, None, axis] - points[None, :, axis]) ** 2
    return total


# Few distinct values make duplicates and ties; floats make neither.
coordinates = st.sampled_from([-1.0, 0.0, 0.5, 3.0]) | st.floats(-1e6, 1e6, allow_subnormal=False)
shapes = st.tuples(st.integers(1, 60), st.sampled_from([2, 3]))


@given(hnp.arrays(np.float64, shapes, elements=coordinates), st.integers(0, 70), st.integers(0, 3))
@settings(deadline=None)
def test_points(points, k, num_depots):
    num_depots = min(num_depots, len(points) - 1)
    assert (nearest(points, k, num_depots=num_depots) == naive(squared(points), k, num_depots)).all()


@pytest.mark.parametrize("kind", ["equal", "collinear", "lattice", "clustered", "sphere"])
def test_degenerate_clouds(kind):
    g = np.random.default_rng(1)
    n = 400
    points = {
        "equal": np.full((n, 2), 3.7),
        "collinear": np.column_stack([g.permutation(n), np.zeros(n)]),
        "lattice": g.integers(0, 6, (n, 2)),
        "clustered": g.normal(size=(n, 2)) * 10.0 ** g.integers(-9, 9, (n, 1)),
        "sphere": (v := g.normal(size=(n, 3))) / np.linalg.norm(v, axis=1, keepdims=True),
    }[kind]
    for k in (1, 17, n - 1):
        assert (nearest(points, k) == naive(squared(points), k)).all()


def test_equal_points_cost_no_more_than_others():
    """Ties prune as well as distances do; with quadratic work this would not end where kernels are plain Python."""
    lists = nearest(np.zeros((5_000, 2)), 10)
    assert lists[0].tolist() == list(range(1, 11))
    assert lists[-1].tolist() == list(range(10))


@pytest.mark.parametrize("way", ["python", "jit", "checked"])
def test_every_way_finds_the_same(way, monkeypatch):
    if way != "python":
        pytest.importorskip("numba")
    points = np.random.default_rng(2).integers(0, 9, (90, 2))
    expected = naive(squared(points), 12)
    for name in ("build_tree", "query_tree", "query_quadrants"):
        monkeypatch.setattr(neighbours, name, getattr(neighbours, name).using(way))
    assert (nearest(points, 12) == expected).all()
    assert (in_slices(points, 8, each=2) == naive_quadrants(points, 8, 2)).all()


def naive_quadrants(points, k, each):
    """Sort everything, quadrant after quadrant, then fill up."""
    away = squared(points)
    lists = []
    for u, (x, y) in enumerate(points):
        order = sorted((v for v in range(len(points)) if v != u), key=lambda v: (away[u, v], v))
        step = [(points[v][0] - x, points[v][1] - y) for v in range(len(points))]
        quadrants = (
            lambda dx, dy: dx > 0 and dy >= 0,
            lambda dx, dy: dx <= 0 and dy > 0,
            lambda dx, dy: dx < 0 and dy <= 0,
            lambda dx, dy: dx >= 0 and dy < 0,
        )
        chosen = [v for inside in quadrants for v in [v for v in order if inside(*step[v])][: min(each, k // 4)]]
        chosen += [v for v in order if v not in chosen][: k - len(chosen)]
        lists.append(sorted(chosen, key=lambda v: (away[u, v], v)))
    return np.array(lists)


@given(
    hnp.arrays(np.float64, st.tuples(st.integers(10, 60), st.just(2)), elements=coordinates), st.integers(4, 9), st.integers(1, 3)
)
@settings(deadline=None)
def test_quadrants(points, k, each):
    assert (in_slices(points, k, each=each) == naive_quadrants(points, k, each)).all()


def test_a_slow_search_for_neighbours_can_be_ended():
    assert in_slices(np.random.default_rng(0).random((100, 2)), 5, go_on=lambda: False) is None
    assert matrix_in_slices(np.ones((100, 100), int), 5, go_on=lambda: False) is None


matrices = hnp.arrays(np.int64, st.integers(1, 30).map(lambda n: (n, n)), elements=st.integers(0, 9) | st.integers(0, 10**9))


@given(matrices, st.integers(0, 35), st.integers(0, 3), st.sampled_from(["min", "mean"]))
def test_matrices(matrix, k, num_depots, symmetrise):
    num_depots = min(num_depots, len(matrix) - 1)
    near = np.minimum(matrix, matrix.T) if symmetrise == "min" else matrix + matrix.T
    lists = from_matrix(matrix, k, num_depots=num_depots, symmetrise=symmetrise)
    assert (lists == naive(near, k, num_depots)).all()


def test_matrix_in_several_blocks():
    matrix = np.random.default_rng(3).integers(0, 50, (800, 800))
    lists = from_matrix(matrix, 5)
    rows = [0, 162, 163, 164, 327, 799]
    near = np.minimum(matrix, matrix.T).astype(float)
    np.fill_diagonal(near, np.inf)
    assert (lists[rows] == np.argsort(near[rows], axis=1, kind="stable")[:, :5]).all()


@pytest.mark.parametrize("points", [np.zeros(4), np.zeros((4, 1)), [[0, np.nan]], [[0, np.inf]], [[0, 1e200], [1, 1]]])
def test_bad_points_are_refused(points):
    with pytest.raises(ValueError, match="points has"):
        nearest(points, 1)


def test_bad_matrices_are_refused():
    with pytest.raises(ValueError, match="matrix has shape"):
        from_matrix(np.zeros((2, 3)), 1)
