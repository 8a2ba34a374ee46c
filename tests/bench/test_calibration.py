"""How often the verdict is wrong, and how often it finds what is there: measured, on simulated runs.

The model: relative differences of (instance, seed) pairs have a standard deviation of 1 %, 40 instances x 5 seeds. Where
``of_instances`` is given, the instances differ among themselves besides: what a change does to one instance, it does not do to
all. The harder reading of "a paired standard deviation of 1 %" is that of the instances' own means.
"""

import numpy as np
import pandas as pd
import pytest

from optikit.bench.comparison import compare
from optikit.bench.differences import by_instance
from optikit.bench.statistics import sign_flips

from .frames import make_runs, paired


def heavy(generator, shape):
    return generator.standard_t(3, size=shape) / np.sqrt(3)


def skewed(generator, shape):
    return generator.exponential(size=shape) - 1


def normal(generator, shape):
    return generator.normal(size=shape)


def estimates(simulations, seed, **options):
    generator = np.random.default_rng(seed)
    columns = []
    for _ in range(simulations):
        tables = paired(generator, **options)
        instances, seeds = tables["live"].shape
        runs = pd.DataFrame(
            {
                "solver": np.repeat(list(tables), instances * seeds),
                "instance": np.tile(np.repeat(np.arange(instances), seeds), 2),
                "cost": np.concatenate([table.ravel() for table in tables.values()]),
            }
        )
        columns.append(by_instance(runs, "live", "new").to_numpy())
    return sign_flips(np.column_stack(columns))


def significant(found):
    return float(np.mean([estimate.p <= 0.05 for estimate in found]))


@pytest.mark.parametrize("seed", [1, 2])
def test_null_comparisons_are_called_significant_as_often_as_promised(seed):
    """150 of them: between 1 and 10 % (a level of 5 % lies within in all but one of 1,000 such tests)."""
    assert 0.01 <= significant(estimates(150, seed)) <= 0.10


@pytest.mark.parametrize("seed", [1, 2])
def test_half_a_per_cent_is_found(seed):
    assert significant(estimates(40, seed, improvement=0.005)) >= 0.95


@pytest.mark.soak
def test_of_2000_null_comparisons_3_to_6_per_cent_are_called_significant():
    """Through the whole of `compare`, from the frame to the verdict."""
    generator = np.random.default_rng(2026)
    called = 0
    for _ in range(2000):
        found = compare(make_runs(paired(generator)), "live", "new")
        assert found.significant == (not found.percent[1] <= 0 <= found.percent[2])
        called += "no difference can be shown" not in found.verdict
    assert 0.03 <= called / 2000 <= 0.06


@pytest.mark.soak
@pytest.mark.parametrize("noise", [heavy, skewed])
@pytest.mark.parametrize("of_instances", [0.0, 0.01])
def test_the_level_holds_for_heavy_tails_and_for_runs_that_scatter_to_one_side(noise, of_instances):
    """Skewed with ``of_instances``: even the instances' true differences are skewed, about a mean of zero."""
    level = significant(estimates(2000, 7, noise=noise, of_instances=of_instances))
    assert 0.03 <= level <= (0.075 if noise is skewed and of_instances else 0.06)


@pytest.mark.soak
def test_half_a_per_cent_is_found_in_95_per_cent_of_500():
    assert significant(estimates(500, 3, improvement=0.005)) >= 0.95


@pytest.mark.soak
def test_on_the_harder_reading_the_power_is_what_theory_says():
    """A deviation of 1 % between the instances' means: the t test's power is 0.87 then, and no test has much more."""
    from optikit.bench.statistics import power_of

    level = significant(estimates(500, 4, improvement=0.005, deviation=1e-9, of_instances=0.01))
    expected = power_of(0.5, 40)
    assert abs(level - expected) <= 4 * np.sqrt(expected * (1 - expected) / 500)


@pytest.mark.soak
@pytest.mark.parametrize("noise", [normal, heavy])
def test_the_interval_covers_the_truth(noise):
    """An improvement of 2 % of the baseline is 2 % / (1 - 1 %) of the mean of both."""
    found = estimates(2000, 5, improvement=0.02, of_instances=0.01, noise=noise)
    covered = np.mean([estimate.low <= 0.02 / 0.99 <= estimate.high for estimate in found])
    assert 0.94 <= covered <= 0.97
