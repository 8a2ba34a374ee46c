"""The gate: who may pass, and what the shell gets to know."""

import numpy as np
import pytest

from optikit.bench.comparison import compare
from optikit.bench.decision import failing_more, gate
from optikit.errors import UnsupportedError

from .frames import make_runs, paired


def runs(improvement, seed=1, **options):
    return make_runs(paired(np.random.default_rng(seed), improvement=improvement, **options))


def test_an_improvement_passes():
    decision = gate(runs(0.02), "live", "new")
    assert (decision.passed, decision.exit_code, bool(decision)) == (True, 0, True)
    assert decision.reason == "new is not worse"


def test_a_regression_is_refused():
    decision = gate(runs(-0.02), "live", "new")
    assert (decision.passed, decision.exit_code) == (False, 1)
    assert decision.reason.startswith("new is worse by ")
    assert str(decision).startswith("refused: new is worse by ")


def test_a_regression_within_the_tolerance_passes():
    assert gate(runs(-0.02), "live", "new", tolerance=0.05).reason == "new is not worse by more than 5 %"
    decision = gate(runs(-0.02), "live", "new", tolerance=0.01)
    assert not decision
    assert decision.reason.endswith("; allowed: 1 %")


def test_the_decision_is_that_of_the_interval():
    table = runs(-0.02)
    _, low, high = compare(table, "live", "new").percent
    assert gate(table, "live", "new", tolerance=-high / 100 + 1e-9)
    assert not gate(table, "live", "new", tolerance=-high / 100 - 1e-9)
    assert not gate(table, "live", "new", tolerance=-low / 100 - 1e-9, prove=True)
    assert gate(table, "live", "new", tolerance=-low / 100 + 1e-9, prove=True)


def test_doubt_passes_unless_proof_is_asked_for():
    table = runs(0.0, deviation=0.05)
    assert gate(table, "live", "new").reason.startswith("no regression can be shown, but new may be worse by up to ")
    decision = gate(table, "live", "new", prove=True)
    assert not decision
    assert decision.reason.endswith("not shown to be good enough")


def test_with_few_instances_the_pairs_of_runs_decide():
    table = runs(-0.5, instances=3)
    decision = gate(table, "live", "new")
    assert not decision
    assert decision.reason.startswith("on these 3 instances new is worse by ")
    assert decision.reason.endswith(", 15 pairs of runs")
    assert not gate(table, "live", "new", tolerance=0.3)
    passed = gate(table, "live", "new", tolerance=0.9)
    assert passed.reason == "on these 3 instances no regression beyond 90 % can be shown by 15 pairs of runs"
    assert gate(runs(0.02, instances=3), "live", "new")
    for given in (table, runs(0.5, instances=3)):
        assert (
            gate(given, "live", "new", tolerance=0.9, prove=True).reason
            == "3 instances cannot prove anything; at least 6 are needed"
        )


def test_pairs_of_runs_are_an_exact_test_of_no_change():
    """Two labels of one solver on 4 instances x 3 seeds: refused (one side of a two-sided test at 10 %) in at most 5 %."""
    generator = np.random.default_rng(3)
    refused = 0
    for _ in range(100):
        levels = generator.uniform(1, 100, (4, 1))
        drawn = {label: levels * (1 + 0.1 * generator.exponential(size=(4, 3))) for label in ("live", "new")}
        refused += not gate(make_runs(drawn), "live", "new", alpha=0.1)
    assert refused <= 12, "5 expected; more than 12 in one of 800 such experiments"
    assert refused >= 1, "none at all in one of 160"


@pytest.mark.parametrize("shape", [(1, 1), (3, 1), (1, 5), (5, 1)])
@pytest.mark.parametrize("improvement", [-0.5, 0.0, 0.5])
def test_who_can_show_nothing_is_no_gate(shape, improvement):
    table = make_runs({"live": np.full(shape, 100.0), "new": np.full(shape, 100.0 * (1 - improvement))})
    decision = gate(table, "live", "new")
    assert (decision.passed, decision.undecided, decision.exit_code) == (False, True, 1)
    assert "can show no regression, however large; at least 6 are needed: add instances or seeds" in decision.reason
    assert gate(table, "live", "new", undecided="pass").passed
    assert not gate(table, "live", "new", undecided="pass", prove=True)


def test_what_is_done_with_the_undecided_is_one_of_two_words():
    with pytest.raises(UnsupportedError, match="undecided is 'maybe'; expected 'refuse' or 'pass'"):
        gate(runs(0.0), "live", "new", undecided="maybe")


def test_equal_runs_pass():
    values = np.random.default_rng(0).uniform(1, 2, (8, 2))
    assert gate(make_runs({"live": values, "new": values}), "live", "new", prove=True).reason == "new is not worse"


def failing(count, **options):
    """An improvement; one run of each of the first instances gives no solution."""
    tables = paired(np.random.default_rng(1), improvement=0.05, **options)
    tables["new"][:count, 0] = np.nan
    return make_runs(tables)


def test_an_improvement_with_one_failure_in_1000_runs_passes():
    decision = gate(failing(1, instances=200), "live", "new")
    assert decision.passed
    assert decision.reason == "new is not worse; it has 1 run more without a solution than live, not told from chance: p = 1"


def test_failures_that_chance_does_not_explain_are_refused_however_good_the_rest():
    table = failing(12)
    decision = gate(table, "live", "new", tolerance=0.9)
    assert decision.reason == "new has 12 runs more without a solution than live, p < 0.001"
    assert gate(table, "live", "new", tolerance=0.9, max_failures=12).reason.endswith("than live, allowed")
    assert gate(table, "new", "live").passed or "without a solution" not in gate(table, "new", "live").reason


@pytest.mark.parametrize(("count", "refused"), [(5, False), (6, True)])
def test_failures_are_tested_by_instance(count, refused):
    """Five signs that are all alike come of one coin in 16, six of one in 32: the exact sign test, whose level is 5 %."""
    decision = gate(failing(count), "live", "new", tolerance=0.9)
    assert decision.passed != refused


def test_who_fails_everywhere_does_not_pass_for_want_of_instances():
    tables = paired(np.random.default_rng(1), instances=3)
    tables["new"][:] = np.nan
    assert gate(make_runs(tables), "live", "new").reason == "new has 15 runs more without a solution than live, p < 0.001"


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (3, 1), (5, 1)])
def test_who_never_gives_a_solution_is_refused_however_few_the_runs(shape):
    table = make_runs({"live": np.full(shape, 100.0), "new": np.full(shape, np.nan)})
    decision = gate(table, "live", "new", tolerance=0.9)
    assert not decision
    assert decision.reason.startswith("new gave no solution at all, in ")
    assert gate(table, "live", "new", tolerance=0.9, max_failures=5, undecided="pass").passed


def test_more_failures_than_allowed_are_refused():
    decision = gate(failing(1), "live", "new", max_failures=0)
    assert decision.reason == "new has 1 run more without a solution than live; allowed: 0"
    assert gate(failing(1), "live", "new", max_failures=1)
    with pytest.raises(UnsupportedError, match="max_failures is -1"):
        gate(failing(1), "live", "new", max_failures=-1)


@pytest.mark.parametrize("tolerance", [-0.1, 1, 5, float("nan"), "1 %"])
def test_tolerances_that_are_no_share(tolerance):
    with pytest.raises(UnsupportedError, match="tolerance is"):
        gate(runs(0.0), "live", "new", tolerance=tolerance)


def test_options_reach_the_comparison():
    decision = gate(runs(0.02), "live", "new", alpha=0.01, value={"per_unit": 1, "unit": "EUR"})
    assert decision.comparison.alpha == 0.01
    assert "EUR" in str(decision)


def test_failures_are_tested_as_by_mcnemar():
    """With one seed the sign-flip test of failures is McNemar's exact test (1947), as statsmodels makes it."""
    tables = pytest.importorskip("statsmodels.stats.contingency_tables", reason="the extra test has statsmodels")
    for more, fewer in ((6, 0), (7, 1), (5, 3), (2, 2)):
        live, new = np.full((14, 1), 100.0), np.full((14, 1), 100.0)
        new[:more], live[more : more + fewer] = np.nan, np.nan
        found = failing_more(compare(make_runs({"live": live, "new": new}), "live", "new"))
        reference = tables.mcnemar([[0, more], [fewer, 14 - more - fewer]], exact=True).pvalue
        assert found == pytest.approx(reference, abs=1e-9)
