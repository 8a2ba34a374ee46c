"""Several solvers at once."""

import itertools

import numpy as np
import pandas as pd
import pytest

from optikit.bench.comparison import compare
from optikit.bench.rank_tests import critical_difference, friedman
from optikit.bench.ranking import cliques, rank
from optikit.bench.statistics import holm

from .frames import make_runs
from .test_statistics import AUC

NAMES = ("C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf")


def drawn(steps, seed=0, instances=20):
    generator = np.random.default_rng(seed)
    level = generator.uniform(100, 1000, (instances, 1))
    return {f"s{k}": level * (1.1 + step + 0.01 * generator.normal(size=(instances, 3))) for k, step in enumerate(steps)}


def test_demsars_classifiers():
    """Mean ranks of section 3.2.2, from a frame of runs; the statistics are those of the array."""
    found = rank(make_runs({name: AUC[:, [k]] for k, name in enumerate(NAMES)}, sense="max"))
    assert [found.mean_ranks[name] for name in NAMES] == pytest.approx([3.143, 2.000, 2.893, 1.964], abs=5e-4)
    assert found.ranks == friedman(-AUC)
    assert found.critical_difference == critical_difference(4, 14)
    # Figure 1a of the paper: at 5 % nothing but the extremes may differ, and they lie 1.179 apart, less than 1.25.
    assert found.groups == [("C4.5+m+cf", "C4.5+m", "C4.5+cf", "C4.5")]
    at_ten = rank(make_runs({name: AUC[:, [k]] for k, name in enumerate(NAMES)}, sense="max"), alpha=0.10)
    # At 10 % the difference is 1.12: C4.5 is told from C4.5+m+cf and from C4.5+m.
    assert at_ten.groups == [("C4.5+m+cf", "C4.5+m", "C4.5+cf"), ("C4.5+cf", "C4.5")]


def test_the_best_is_told_from_the_others():
    found = rank(make_runs(drawn([0.0, 0.05, 0.10])))
    assert found.solvers == ("s0", "s1", "s2")
    assert found.verdict.startswith("s0 has the smallest mean gap of 3 solvers, ")
    assert "and is better than all others (p < 0.001 after Holm's correction) (20 instances, 3 seeds each)" in found.verdict


def test_the_best_is_not_told_from_the_second():
    verdict = rank(make_runs(drawn([0.0, 0.0, 0.10]))).verdict
    assert "but not shown to be better than" in verdict
    assert rank(make_runs(drawn([0.0, 0.0, 0.0], seed=2))).verdict.startswith("no solver can be told from the best: ")


def test_pairs_are_those_of_comparisons():
    runs = make_runs(drawn([0.0, 0.02, 0.05]))
    found = rank(runs)
    for row in found.pairs.to_dict("records"):
        alone = compare(runs, row["worse"], row["better"])
        assert (row["percent"], row["low"], row["high"]) == pytest.approx(alone.percent, abs=1e-9)
        assert row["p"] == pytest.approx(alone.estimate.p, abs=1e-12)
        assert row["rank_biserial"] == pytest.approx(alone.signed_ranks.rank_biserial)
    assert found.pairs["p_holm"].tolist() == pytest.approx(holm(list(found.pairs["p"])))
    assert len(found.pairs) == 3


def test_pairs_and_ranks_agree_with_scikit_posthocs():
    """Pairs by Wilcoxon with Holm's correction, and Nemenyi's sets. Differences relative to both rank as those of logarithms."""
    posthocs = pytest.importorskip("scikit_posthocs", reason="the extra test has scikit-posthocs")
    costs = {name: table[:, :1] for name, table in drawn([0.0, 0.004, 0.006, 0.02]).items()}
    found = rank(make_runs(costs))
    logarithms = pd.DataFrame({name: np.log(table[:, 0]) for name, table in costs.items()})
    p = posthocs.posthoc_wilcoxon(logarithms.melt(), val_col="value", group_col="variable", p_adjust="holm")
    for pair in found.pairs.itertuples():
        assert pair.wilcoxon == pytest.approx(p.loc[pair.better, pair.worse], abs=1e-9)
    told = posthocs.posthoc_nemenyi_friedman(logarithms) < 0.05
    together = {pair for group in found.groups for pair in itertools.combinations(sorted(group), 2)}
    assert together == {pair for pair in itertools.combinations(sorted(costs), 2) if not told.loc[pair]}
    assert 0 < len(together) < 6


def test_one_solver_has_a_gap_and_no_rival():
    found = rank(make_runs({"live": [[110.0, 120.0], [100.0, 100.0]]}, best_known=100.0))
    assert found.verdict == "live has a mean gap of 8 % [0, 15] (2 instances, 2 seeds each)"
    assert found.ranks is None
    assert len(found.pairs) == 0


def test_one_instance():
    found = rank(make_runs({"a": [[110.0]], "b": [[120.0]], "c": [[100.0]]}))
    assert found.verdict.startswith("no solver can be told from the best: c has the smallest mean gap of 3 solvers, 0.00 %")
    assert found.ranks is None


def test_failures_are_told():
    tables = drawn([0.0, 0.05])
    tables["s1"][0, 0] = np.nan
    assert rank(make_runs(tables)).verdict.endswith("; without a solution, and charged for it: 1 of s1, of 60 runs each")


def test_cliques_are_all_largest_stretches():
    generator = np.random.default_rng(0)
    for _ in range(50):
        ranks = np.sort(generator.uniform(1, 6, 6))
        width = generator.uniform(0.2, 4)
        close = [(i, j + 1) for i, j in itertools.combinations(range(6), 2) if ranks[j] - ranks[i] < width]
        largest = [(i, j) for i, j in close if not any((a, b) != (i, j) and a <= i and j <= b for a, b in close)]
        assert cliques(list(ranks), width) == largest
