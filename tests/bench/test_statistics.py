"""Each figure against a published worked example, and against another package to 1e-9."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from optikit.bench.rank_tests import EXACT_RANKS, critical_difference, friedman, wilcoxon
from optikit.bench.statistics import (
    EXACT,
    bootstrap_mean,
    detectable_difference,
    holm,
    power_of,
    sign_flip,
    sign_flips,
    superiority,
)

MAIZE = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
"""Darwin's pairs of maize plants, crossed less self-fertilised, in eighths of an inch: Fisher (1935), section 17."""

AUC = np.array(
    [
        [0.763, 0.768, 0.771, 0.798],
        [0.599, 0.591, 0.590, 0.569],
        [0.954, 0.971, 0.968, 0.967],
        [0.628, 0.661, 0.654, 0.657],
        [0.882, 0.888, 0.886, 0.898],
        [0.936, 0.931, 0.916, 0.931],
        [0.661, 0.668, 0.609, 0.685],
        [0.583, 0.583, 0.563, 0.625],
        [0.775, 0.838, 0.866, 0.875],
        [1.000, 1.000, 1.000, 1.000],
        [0.940, 0.962, 0.965, 0.962],
        [0.619, 0.666, 0.614, 0.669],
        # The table prints 0.975 twice and ranks the two 2 and 3: they differ in a digit that is not printed.
        [0.972, 0.981, 0.9751, 0.975],
        [0.957, 0.978, 0.946, 0.970],
    ]
)
"""Demsar (2006), table 6: areas under the curve of C4.5, C4.5+m, C4.5+cf and C4.5+m+cf on 14 data sets."""

BASES = np.array(
    [
        [5.40, 5.50, 5.55], [5.85, 5.70, 5.75], [5.20, 5.60, 5.50], [5.55, 5.50, 5.40], [5.90, 5.85, 5.70], [5.45, 5.55, 5.60],
        [5.40, 5.40, 5.35], [5.45, 5.50, 5.35], [5.25, 5.15, 5.00], [5.85, 5.80, 5.70], [5.25, 5.20, 5.10], [5.65, 5.55, 5.45],
        [5.60, 5.35, 5.45], [5.05, 5.00, 4.95], [5.50, 5.50, 5.40], [5.45, 5.55, 5.50], [5.55, 5.55, 5.35], [5.45, 5.50, 5.55],
        [5.50, 5.45, 5.25], [5.65, 5.60, 5.40], [5.70, 5.65, 5.55], [6.30, 6.30, 6.25],
    ]
)  # fmt: skip
"""Hollander and Wolfe (1999), table 7.1: times to round first base, three methods, 22 players."""

DEPRESSION = np.array([1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]) - np.array(
    [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
)
"""Hollander and Wolfe (1999), table 3.1: depression factors of nine patients before and after a therapy."""

numbers = st.lists(st.integers(-20, 20), min_size=1, max_size=9).map(lambda ints: [i / 8 for i in ints])


def all_signs(differences):
    return np.array(list(itertools.product((1, -1), repeat=len(differences))))


def naive_p(differences, shift=0.0):
    """By going through every pattern of signs."""
    d = np.asarray(differences, float) - shift
    means = np.abs((all_signs(d) * d).mean(axis=1))
    return float((means >= abs(d.mean()) - 1e-12).mean())


# -- the sign-flip test ----------------------------------------------------------------


def test_fishers_count_of_darwins_maize():
    """Fisher (1935), section 21: of 32,768 sums, 835 are larger than 314 and 28 are equal to it, and as many below -314."""
    estimate = sign_flip(MAIZE)
    assert estimate.p == pytest.approx(2 * 863 / 32768, abs=1e-12)
    assert estimate.value == pytest.approx(314 / 15, abs=1e-12)
    assert not estimate.p <= 0.05
    assert estimate.low <= 0 <= estimate.high


def test_scipy_permutes_to_the_same_p_value():
    d = np.random.default_rng(3).normal(0.4, 1, 12)
    reference = stats.permutation_test((d,), np.mean, permutation_type="samples", n_resamples=np.inf)
    assert sign_flip(d).p == pytest.approx(reference.pvalue, abs=1e-9)


@settings(max_examples=150)
@given(numbers)
def test_every_pattern_of_signs_gives_the_same_p_value(differences):
    assert sign_flip(differences).p == pytest.approx(naive_p(differences), abs=1e-12)


@settings(max_examples=60)
@given(st.lists(st.integers(-20, 20), min_size=6, max_size=9), st.sampled_from([0.05, 0.1, 0.2, 0.32]))
def test_the_interval_is_all_shifts_that_the_test_does_not_reject(differences, alpha):
    estimate = sign_flip(differences, alpha)
    nudge = 1e-6
    for inside in (estimate.low + nudge, estimate.high - nudge, estimate.value):
        if estimate.low <= inside <= estimate.high:
            assert naive_p(differences, inside) > alpha
    for outside in (estimate.low - nudge, estimate.high + nudge, estimate.low - 3, estimate.high + 3):
        assert naive_p(differences, outside) <= alpha


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-9, 12), min_size=1, max_size=30), st.sampled_from([0.01, 0.05, 0.1]))
def test_p_value_and_interval_never_contradict_each_other(differences, alpha):
    estimate = sign_flip([d / 7 for d in differences], alpha)
    assert estimate.low <= estimate.value <= estimate.high
    if estimate.confidence == 1 - alpha:
        assert (estimate.p <= alpha) == (not estimate.low <= 0 <= estimate.high)
    else:
        assert estimate.p > alpha


def test_swapping_the_two_changes_the_sign_and_nothing_else():
    d = np.random.default_rng(0).exponential(size=33) - 0.7
    one, other = sign_flip(d), sign_flip(-d)
    assert other.p == one.p
    assert (other.value, other.low, other.high) == pytest.approx((-one.value, -one.high, -one.low), abs=1e-12)


def test_the_order_of_the_instances_does_not_matter():
    generator = np.random.default_rng(5)
    d = generator.normal(0.2, 1, 40)
    assert sign_flip(d) == sign_flip(generator.permutation(d))


def test_drawn_patterns_come_near_all_patterns():
    """Beyond EXACT differences patterns are drawn: against all 2^18 of them, within the error of drawing (five sigmas)."""
    d = np.random.default_rng(11).normal(0.5, 1, EXACT + 2)
    p = naive_p(d)
    assert abs(sign_flip(d).p - p) < 5 * math.sqrt(p * (1 - p) / 2**15)


def test_too_few_differences_are_given_the_confidence_that_they_allow():
    estimate = sign_flip([1.0, 2.0, 4.0, 3.0])
    assert (estimate.low, estimate.high) == (1.0, 4.0)
    assert estimate.confidence == 1 - 2 / 2**4
    assert estimate.p == 2 / 2**4
    assert sign_flip([2.5]).confidence == 0


def test_no_difference_at_all():
    estimate = sign_flip(np.zeros(40))
    assert (estimate.p, estimate.low, estimate.value, estimate.high) == (1.0, 0.0, 0.0, 0.0)


def test_many_ties_are_no_evidence():
    """Four instances of forty differ, all in favour: the signs alone do so in 1 of 8 cases, whatever a t test says."""
    d = np.zeros(40)
    d[:4] = 1.0
    assert sign_flip(d).p == pytest.approx(2 / 2**4, abs=0.005)
    assert stats.ttest_1samp(d, 0).pvalue < 0.05


def test_columns_at_once_are_as_one_by_one():
    table = np.random.default_rng(2).normal(0.1, 1, (25, 70))
    for column, estimate in zip(table.T, sign_flips(table), strict=True):
        alone = sign_flip(column)
        assert alone.p == estimate.p
        assert (alone.low, alone.high) == pytest.approx((estimate.low, estimate.high), abs=1e-12)


@pytest.mark.parametrize(
    ("given", "message"), [([], "at least one"), ([1.0, math.nan], r"differences\[1\] is nan"), ([[1.0]], "one dim")]
)
def test_bad_differences(given, message):
    with pytest.raises(ValueError, match=message):
        sign_flip(given)


# -- ranks -----------------------------------------------------------------------------


def test_wilcoxon_as_demsar_computes_it():
    """Section 3.1.3: R+ = 93, R- = 12 of C4.5+m against C4.5, two ties shared; below the critical value of 21 at 5 %."""
    found = wilcoxon(AUC[:, 1] - AUC[:, 0])
    assert (found.positive, found.negative) == (93, 12)
    assert found.p < 0.05
    assert found.rank_biserial == pytest.approx((93 - 12) / 105, abs=1e-12)


def test_wilcoxon_as_hollander_and_wolfe_compute_it():
    """T+ = 40, one-sided p = 0.0195 (R's wilcox.test prints V = 40, p-value = 0.01953)."""
    found = wilcoxon(DEPRESSION)
    assert found.positive == 40
    assert found.p / 2 == pytest.approx(10 / 512, abs=1e-12)


def test_wilcoxon_exact_is_a_count_of_signs():
    d = np.random.default_rng(8).normal(0.6, 1, 11)
    ranks = stats.rankdata(np.abs(d))
    sums = (all_signs(d) > 0) @ ranks
    least = min(ranks[d > 0].sum(), ranks[d < 0].sum())
    assert wilcoxon(d).p == pytest.approx(2 * (sums <= least).mean(), abs=1e-9)


@pytest.mark.parametrize("d", [[1] * 6, [1, 1, 2, -1, 3, 4, 0, 5, -2, 6], [1, 1, 2, -1, 3, 4, 0, 0, 5, -2, 6], [0, -1, 1, 0]])
def test_wilcoxon_is_exact_with_ties_and_zeros_too(d):
    """Zeros dropped; scipy goes through every pattern of signs of the others."""
    told = [value for value in d if value]
    reference = stats.wilcoxon(told, method=stats.PermutationMethod(n_resamples=np.inf)).pvalue
    assert wilcoxon(d).p == pytest.approx(reference, abs=1e-9)
    ranks = stats.rankdata(np.abs(told))
    sums = (all_signs(told) > 0) @ ranks
    least = min(ranks[np.array(told) > 0].sum(), ranks[np.array(told) < 0].sum())
    assert wilcoxon(d).p == pytest.approx(min(1.0, 2 * (sums <= least).mean()), abs=1e-12)


def test_wilcoxon_of_six_equal_differences():
    assert wilcoxon([1] * 6).p == 2 / 2**6
    assert wilcoxon([1] * 5).p == sign_flip([1] * 5).p == 2 / 2**5  # five can show no more, by whichever test


def test_wilcoxon_is_exact_as_far_as_scipys_table_goes():
    d = np.random.default_rng(9).normal(0.2, 1, 50)
    assert wilcoxon(d).p == pytest.approx(stats.wilcoxon(d, method="exact").pvalue, abs=1e-9)


def test_wilcoxon_of_many_with_ties_is_the_normal_approximation():
    """Conover (1999), section 5.7: the mean n(n+1)/4, and the variance less the sum of (t^3 - t)/48 over the ties; no zeros."""
    d = np.random.default_rng(10).integers(-4, 6, 90)
    told, found = d[d != 0], wilcoxon(d)
    n, ranks = len(told), stats.rankdata(np.abs(told))
    assert n > EXACT_RANKS
    ties = sum(count**3 - count for count in np.unique(np.abs(told), return_counts=True)[1])
    deviation = math.sqrt(n * (n + 1) * (2 * n + 1) / 24 - ties / 48)
    z = (min(ranks[told > 0].sum(), ranks[told < 0].sum()) - n * (n + 1) / 4) / deviation
    assert found.p == pytest.approx(2 * stats.norm.cdf(z), abs=1e-9)


def test_wilcoxon_of_nothing_but_zeros():
    found = wilcoxon(np.zeros(8))
    assert (found.p, found.rank_biserial) == (1.0, 0.0)


def test_friedman_as_demsar_computes_it():
    """Section 3.2.2: mean ranks 3.143, 2.000, 2.893, 1.964; chi-square 9.28; F = 3.69."""
    found = friedman(-AUC)
    assert found.ranks == pytest.approx((3.143, 2.000, 2.893, 1.964), abs=5e-4)
    n, k = AUC.shape
    plain = 12 * n / (k * (k + 1)) * (sum(r * r for r in found.ranks) - k * (k + 1) ** 2 / 4)
    assert plain == pytest.approx(9.28, abs=0.005)
    assert (n - 1) * plain / (n * (k - 1) - plain) == pytest.approx(3.69, abs=0.005)
    # With the correction for ties, which Demsar leaves out, the statistic is larger.
    assert found.statistic > plain
    assert found.f == pytest.approx((n - 1) * found.statistic / (n * (k - 1) - found.statistic), rel=1e-12)


def test_friedman_as_hollander_and_wolfe_compute_it():
    """S' = 11.1 (R's friedman.test prints 11.143, p-value = 0.003805)."""
    found = friedman(BASES)
    assert found.statistic == pytest.approx(11.143, abs=5e-4)
    assert found.p == pytest.approx(0.003805, abs=5e-7)
    # Conover (1999), section 5.8: with ties, the sum of squared ranks takes the place of k(k+1)(2k+1)/6 an instance.
    ranks = stats.rankdata(BASES, axis=1)
    n, k = BASES.shape
    middle = n * k * (k + 1) ** 2 / 4
    statistic = (k - 1) * ((ranks.sum(axis=0) ** 2).sum() - n * middle) / ((ranks**2).sum() - middle)
    assert found.statistic == pytest.approx(statistic, abs=1e-9)
    assert found.p == pytest.approx(math.exp(-found.statistic / 2), abs=1e-9)  # chi-square with two degrees of freedom


def test_friedman_of_equal_solvers():
    assert friedman(np.ones((5, 3))).p == 1.0


def test_nemenyi_as_demsar_computes_it():
    """Section 3.2.2: q = 2.569 and CD = 1.25 for 4 classifiers on 14 data sets at 5 %; q = 2.291 and CD = 1.12 at 10 %."""
    unit = math.sqrt(4 * 5 / (6 * 14))
    assert critical_difference(4, 14) / unit == pytest.approx(2.569, abs=5e-4)
    assert critical_difference(4, 14, 0.10) / unit == pytest.approx(2.291, abs=5e-4)
    assert critical_difference(4, 14) == pytest.approx(1.25, abs=0.005)


def test_nemenyi_agrees_with_scikit_posthocs():
    """Two mean ranks that lie exactly a critical difference apart have a Nemenyi p-value of alpha."""
    posthocs = pytest.importorskip("scikit_posthocs", reason="the extra test has scikit-posthocs")
    n, k = AUC.shape
    ranks = np.array(friedman(-AUC).ranks)
    p = posthocs.posthoc_nemenyi_friedman(-AUC).to_numpy()
    for i, j in itertools.combinations(range(k), 2):
        alpha = p[i, j]
        if 1e-6 < alpha < 0.95:
            assert critical_difference(k, n, alpha) == pytest.approx(abs(ranks[i] - ranks[j]), abs=1e-9)


def test_holm_agrees_with_statsmodels():
    multitest = pytest.importorskip("statsmodels.stats.multitest", reason="the extra test has statsmodels")
    generator = np.random.default_rng(1)
    for size in (1, 2, 5, 30):
        p = generator.uniform(0, 0.2, size)
        assert holm(list(p)) == pytest.approx(list(multitest.multipletests(p, method="holm")[1]), abs=1e-12)


def test_holm_passes_over_tests_that_could_not_be_made():
    assert holm([0.04, math.nan, 0.01]) == pytest.approx([0.04, math.nan, 0.02], nan_ok=True)
    assert holm([math.nan, 0.03, 0.02]) == pytest.approx([math.nan, 0.04, 0.04], nan_ok=True)
    assert holm([]) == []


# -- power, bootstrap, superiority -----------------------------------------------------


def test_power_agrees_with_statsmodels():
    power = pytest.importorskip("statsmodels.stats.power", reason="the extra test has statsmodels")
    for n, alpha in itertools.product((3, 6, 10, 40, 200, 1000), (0.05, 0.01)):
        effect = detectable_difference(1.0, n, alpha)
        assert power.TTestPower().power(effect, n, alpha) == pytest.approx(0.8, abs=1e-9)
        assert power_of(1.5 / n**0.5, n, alpha) == pytest.approx(power.TTestPower().power(1.5 / n**0.5, n, alpha), abs=1e-9)


def test_power_in_cohens_table():
    """Cohen (1988), table 2.4.1 gives 34 pairs for d = 0.5 at two-sided 5 % and power 0.80 (one sample of differences)."""
    assert power_of(0.5, 34) >= 0.8 > power_of(0.5, 33)


def test_detectable_difference_scales_and_has_limits():
    assert detectable_difference(3.0, 20) == pytest.approx(3 * detectable_difference(1.0, 20), rel=1e-12)
    assert detectable_difference(1.0, 1) == math.inf
    assert detectable_difference(0.0, 20) == 0.0


def test_bootstrap_comes_near_that_of_all_resamples():
    """Six values have 6^6 resamples: BCa by Efron's formulas from all of them (Efron and Tibshirani 1993, section 14.3)."""
    sample = np.array([1.0, 2.0, 3.5, 4.0, 7.0, 12.0])
    means = sample[np.array(list(itertools.product(range(6), repeat=6)))].mean(axis=1)
    z0 = stats.norm.ppf(((means < sample.mean()).mean() + (means <= sample.mean()).mean()) / 2)
    left = np.array([np.delete(sample, i).mean() for i in range(6)])
    pull = left.mean() - left
    acceleration = (pull**3).sum() / (6 * ((pull**2).sum()) ** 1.5)
    error = 5 * math.sqrt(0.05 * 0.95 / 9_999)  # of a quantile's level, five sigmas
    for limit, z in zip(bootstrap_mean(sample), stats.norm.ppf([0.025, 0.975]), strict=True):
        level = stats.norm.cdf(z0 + (z0 + z) / (1 - acceleration * (z0 + z)))
        assert (means < limit - 1e-9).mean() - error <= level <= (means <= limit + 1e-9).mean() + error


def test_bootstrap_of_too_little():
    assert all(map(math.isnan, bootstrap_mean([3.0])))
    assert bootstrap_mean([2.0, 2.0, 2.0]) == (2.0, 2.0)


@settings(max_examples=50)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=6), st.lists(st.integers(0, 5), min_size=1, max_size=6))
def test_superiority_is_a_count_of_pairs(baseline, candidate):
    wins = [1.0 if b < a else 0.5 if b == a else 0.0 for a in baseline for b in candidate]
    assert superiority(baseline, candidate) == pytest.approx(np.mean(wins), abs=1e-12)
    # The same as Mann and Whitney's U, as Vargha and Delaney (2000) define it.
    statistic = stats.mannwhitneyu(baseline, candidate, method="asymptotic").statistic
    assert superiority(baseline, candidate) == pytest.approx(statistic / len(wins), abs=1e-9)


def test_tables_of_the_literature_are_whole():
    assert pd.DataFrame(AUC).shape == (14, 4)
    assert BASES.shape == (22, 3)
    assert sum(MAIZE) == 314
