"""Gaps to the best value known, and the tables of them."""

import numpy as np
import pytest

from optikit.bench.gaps import gap_table, primal_gap, references, run_gaps
from optikit.bench.selection import select

from .frames import make_runs

TABLE = np.array([[110.0, 100.0], [220.0, 200.0]])


def test_gaps_to_the_best_value_known():
    found = select(make_runs({"live": TABLE}, best_known=100.0))
    assert run_gaps(found).tolist() == pytest.approx([0.10, 0.0, 1.2, 1.0], abs=1e-12)
    assert references(found)["source"].tolist() == ["best known", "best known"]


def test_without_one_to_the_best_that_any_run_found():
    found = select(make_runs({"live": TABLE, "new": [[105.0, 99.0], [230.0, 250.0]]}))
    assert references(found)["cost"].tolist() == [99.0, 200.0]
    assert references(found)["source"].tolist() == ["best found", "best found"]
    assert run_gaps(found).min() == 0


def test_of_several_best_values_known_the_best_counts():
    for sense, best in (("min", 90.0), ("max", -100.0)):
        found = select(make_runs({"live": [[110.0, 100.0]]}, sense=sense).assign(best_known=[90.0, 100.0]))
        assert references(found)["cost"].tolist() == [best]


def test_gaps_where_more_is_better():
    found = select(make_runs({"live": [[90.0, 100.0]]}, sense="max", best_known=120.0))
    assert run_gaps(found).tolist() == pytest.approx([0.25, 20 / 120], abs=1e-12)


def test_a_reference_of_zero_and_below():
    found = select(make_runs({"live": [[0.0, 3.0], [-8.0, -10.0]]}, best_known=0.0).assign(best_known=[0.0, 0.0, -10.0, -10.0]))
    assert run_gaps(found).tolist() == pytest.approx([0.0, 1.0, 0.2, 0.0], abs=1e-12)


def test_better_than_the_best_known_is_a_negative_gap_and_noticed():
    found = select(make_runs({"live": [[95.0]], "new": [[100.0]]}, best_known=100.0))
    assert run_gaps(found).tolist() == pytest.approx([-0.05, 0.0])
    assert references(found)["improved"].tolist() == [True]


def test_the_primal_gap_of_berthold():
    """Definition in section 2: 0 where equal, 1 for opposite signs, else the difference over the larger of the two sizes."""
    assert primal_gap([5.0, 0.0, 20.0, -10.0, -4.0, 3.0, 0.0], [5.0, 0.0, 10.0, -10.0, -8.0, -3.0, -3.0]).tolist() == [
        0,
        0,
        0.5,
        0,
        0.5,
        1,
        1,
    ]
    assert primal_gap(9.0, 10.0) == 0  # better than the reference


def test_the_table_averages_seeds_before_instances():
    """Two instances of 2 seeds: the interval is of two values, not of four."""
    table = gap_table(select(make_runs({"live": TABLE}, best_known=100.0))).iloc[0]
    assert (table["instances"], table["runs"], table["failed"]) == (2, 4, 0)
    assert table["mean"] == pytest.approx((0.05 + 1.1) / 2)
    assert table["median"] == pytest.approx((0.05 + 1.1) / 2)
    assert table["worst"] == pytest.approx(1.1)
    assert table["reached"] == 0.25
    assert (table["low"], table["high"]) == pytest.approx((0.05, 1.1))


def test_failed_runs_are_counted_and_charged():
    live = TABLE.copy()
    live[0, 0] = np.nan
    row = gap_table(select(make_runs({"live": live}, best_known=100.0))).iloc[0]
    assert row["failed"] == 1
    assert row["mean"] == pytest.approx(((1.0 + 0.0) / 2 + 1.1) / 2)
    assert row["reached"] == 0.25


def test_by_class():
    runs = make_runs({"live": TABLE, "new": TABLE}, best_known=100.0)
    runs["problem_class"] = np.where(runs["instance"] == "i000", "TSP", "VRP")
    table = gap_table(select(runs), "problem_class")
    assert table[["problem_class", "solver"]].to_numpy().tolist() == [
        ["TSP", "live"],
        ["TSP", "new"],
        ["VRP", "live"],
        ["VRP", "new"],
    ]
    assert np.isnan(table["low"]).all()  # one instance a class
