"""Relative differences: what they are for costs, profits, zeros and both signs; and that swapping changes only the sign."""

import numpy as np
import pytest

from optikit.bench.comparison import compare
from optikit.bench.differences import by_instance, direction, of_baseline
from optikit.bench.selection import select

from .frames import make_runs


def difference(live, new, sense="min"):
    runs = select(make_runs({"live": live, "new": new}, sense=sense), ("live", "new")).runs
    return by_instance(runs, "live", "new").to_numpy(), direction(runs)


@pytest.mark.parametrize(
    ("live", "new", "sense", "share"),
    [
        (100.0, 90.0, "min", 0.10),  # costs: ten per cent less
        (90.0, 100.0, "min", -1 / 9),
        (100.0, 110.0, "max", 0.10),  # profits: ten per cent more
        (-100.0, -110.0, "min", 0.10),  # losses written as negative costs
        (-100.0, -90.0, "max", 0.10),
        (100.0, 0.0, "min", 1.0),
    ],
)
def test_a_single_instance_gives_the_share_of_the_baseline(live, new, sense, share):
    d, towards = difference([[live]], [[new]], sense)
    assert of_baseline(d[0], towards) == pytest.approx(share, abs=1e-12)


def test_zeros_and_both_signs_have_a_difference():
    d, towards = difference([[0.0], [0.0], [-5.0], [10.0]], [[0.0], [5.0], [5.0], [10.0]])
    assert d.tolist() == [0.0, -2.0, -2.0, 0.0]
    assert towards == 0
    assert of_baseline(-2.0, 0) == -2.0


def test_a_baseline_of_zero_has_no_share_that_is_finite():
    assert of_baseline(-2.0, 1) == -np.inf


def test_swapping_changes_the_sign():
    generator = np.random.default_rng(0)
    a, b = generator.normal(0, 10, (2, 12, 3))
    assert difference(a, b)[0] == pytest.approx(-difference(b, a)[0], abs=1e-15)


def test_scaling_an_instance_changes_nothing():
    generator = np.random.default_rng(1)
    a, b = generator.uniform(1, 2, (2, 12, 3))
    scale = 10.0 ** np.arange(-6, 6)[:, None]
    assert difference(a * scale, b * scale)[0] == pytest.approx(difference(a, b)[0], rel=1e-12)


def test_the_order_of_seeds_makes_no_difference_where_there_is_none():
    values = np.array([0.1, 0.2, 0.3, 0.7, 1.1])
    d, _ = difference([values], [values[::-1]])
    assert d[0] == 0.0


def test_a_solver_against_itself_has_no_mean_difference_even_where_runs_scatter_widely():
    """The mean of (a - b) / a is about minus the variance of a: at 30 % noise, a solver would look 3 % worse than itself."""
    generator = np.random.default_rng(4)
    a, b = 100 * np.exp(0.3 * generator.normal(size=(2, 4000, 1)))
    d, towards = difference(a, b)
    error = d.std() / np.sqrt(len(d))
    assert abs(d.mean()) < 4 * error
    naive = (a - b) / a
    assert naive.mean() < -4 * naive.std() / np.sqrt(len(d))
    assert abs(of_baseline(d.mean(), towards)) < 0.03


def test_percent_and_interval_turn_with_the_direction():
    generator = np.random.default_rng(2)
    live = generator.uniform(50, 150, (12, 3))
    costs = compare(make_runs({"live": live, "new": live * 0.8}), "live", "new")
    profits = compare(make_runs({"live": live, "new": live * 1.25}, sense="max"), "live", "new")
    assert costs.percent == pytest.approx((20, 20, 20), abs=1e-9)
    assert profits.percent == pytest.approx((25, 25, 25), abs=1e-9)
