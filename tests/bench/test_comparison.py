"""The verdict: its figures, its honest forms, and that it never contradicts itself."""

import html
import math
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from optikit.bench.comparison import compare
from optikit.bench.report import to_markdown
from optikit.bench.statistics import sign_flip
from optikit.bench.value import Value
from optikit.errors import UnsupportedError

from .frames import make_runs, make_traces, paired


def better(generator=None, **options):
    generator = generator or np.random.default_rng(1)
    return paired(generator, improvement=0.041, deviation=0.02, of_instances=0.015, **options)


def test_the_verdict_of_an_improvement():
    tables = better()
    found = compare(make_runs(tables), "live", "new")
    live, new = (tables[label].mean(axis=1) for label in ("live", "new"))
    d = (live - new) / ((live + new) / 2)
    estimate = sign_flip(d)
    share = [100 * x / (1 + x / 2) for x in (estimate.value, estimate.low, estimate.high)]
    assert found.percent == pytest.approx(share, abs=1e-9)
    assert (
        found.verdict
        == f"new is better by {share[0]:.2f} % [{share[1]:.2f}, {share[2]:.2f}], p < 0.001 (40 instances, 5 seeds each)"
    )
    assert found.significant
    assert found.superiority[0] > 0.5
    # About what it says in per cent of the baseline, computed plainly:
    assert found.percent[0] == pytest.approx(100 * ((live - new) / live).mean(), abs=0.05)


def test_the_verdict_of_a_regression_is_the_mirror_image():
    runs = make_runs(better())
    forth, back = compare(runs, "live", "new"), compare(runs, "new", "live")
    assert back.verdict.startswith("live is worse by ")
    assert back.estimate.p == forth.estimate.p
    assert back.estimate.value == pytest.approx(-forth.estimate.value, abs=1e-15)


def test_where_nothing_can_be_shown_it_says_what_would_have_been_found():
    found = compare(make_runs(paired(np.random.default_rng(3))), "live", "new")
    assert found.verdict.startswith("no difference can be shown between new and live (")
    power = re.search(r"a difference of ([\d.]+) % would have been found with 80 % power", found.verdict)
    deviation = 100 * found.differences.std(ddof=1)
    assert float(power[1]) == pytest.approx((stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) * deviation / math.sqrt(40), rel=0.05)


def test_the_same_runs_twice():
    table = np.random.default_rng(0).uniform(1, 2, (10, 3))
    found = compare(make_runs({"live": table, "new": table}), "live", "new")
    assert found.verdict == "new and live gave the same objectives: no difference at all (10 instances, 3 seeds each)"
    assert found.wins == (0, 10, 0)
    assert (found.detectable, found.signed_ranks.p) == (0.0, 1.0)


@pytest.mark.parametrize("label", ["live", "new"])
def test_a_solver_that_always_failed_has_no_smallest_difference(label):
    """Its charges are the same share everywhere: their deviation, 0, would be the smallest of all."""
    found = compare(make_runs(better() | {label: np.full((40, 5), np.nan)}), "live", "new")
    assert math.isnan(found.detectable)
    assert "cannot be computed: no pair of runs has two solutions" in to_markdown(found)


def test_solvers_that_never_both_succeed_have_no_smallest_difference():
    tables = {label: np.full((40, 5), np.nan) for label in ("live", "new")}
    tables["live"][::2], tables["new"][1::2] = 10.0, 10.0
    found = compare(make_runs(tables), "live", "new")
    assert not found.significant
    assert "what would have been found cannot be computed, for no pair of runs has two solutions" in found.verdict


def test_few_instances_are_told_apart_from_few_differences():
    found = compare(make_runs(better(instances=4)), "live", "new")
    assert found.verdict.startswith(
        "nothing can be shown with 4 instances: p cannot fall below 0.12, and a level of 5 % takes at least 6 instances"
    )
    assert compare(make_runs(better(instances=4)), "live", "new", alpha=0.2).significant


def test_one_instance_speaks_for_itself_only():
    found = compare(make_runs(better(instances=1, seeds=10)), "live", "new")
    assert found.unit == "seed"
    assert found.verdict.startswith("on i000 alone, new is better by ")
    assert found.verdict.endswith("(1 instance, 10 seeds)")


def test_one_run_each():
    verdict = compare(make_runs({"live": [[10.0]], "new": [[9.0]]}), "live", "new").verdict
    assert verdict == (
        "on i000 alone, nothing can be shown with 1 seed: p cannot fall below 1, and a level of 5 % takes at least 6 seeds; "
        "new is better by 10 % on average (1 instance, 1 seed)"
    )


def test_one_seed_is_enough_but_it_is_said():
    found = compare(make_runs(better(seeds=1)), "live", "new")
    assert found.significant
    assert any(text.startswith("One seed an instance") for text in found.conditions.warnings)


def test_maximising():
    tables = better()
    found = compare(make_runs({"live": tables["new"], "new": tables["live"]}, sense="max"), "live", "new")
    assert found.verdict.startswith("new is better by ")


def test_zero_and_negative_objectives():
    tables = better()
    tables = {label: table - 500 for label, table in tables.items()}
    tables["live"][0], tables["new"][0] = 0.0, 0.0
    found = compare(make_runs(tables), "live", "new")
    assert np.isfinite(found.percent).all()
    assert found.differences.iloc[0] == 0
    assert found.differences.abs().max() <= 2


def test_runs_without_a_solution_stand_in_the_verdict_and_beside_it_what_holds_where_both_have_one():
    tables = better()
    tables["new"][:8] = np.nan
    found = compare(make_runs(tables), "live", "new")
    assert found.verdict.startswith(
        "new gave no solution in 40 of 200 runs, live in none; with each of these charged the worst objective found on its "
        "instance, and 100 % on top, new is worse by "
    )
    assert any(
        re.match(r"Where both gave a solution, new is better by 4\.\d+ % \[.*\], p < 0\.001\.", note) for note in found.notes
    )
    assert found.where_both.n == 32
    assert found.instances["candidate_failed"].sum() == 40
    assert found.instances["candidate"].isna().sum() == 8


def test_a_solver_that_never_has_a_solution_is_said_to_have_none():
    tables = better(instances=10)
    tables["live"][:] = np.nan
    found = compare(make_runs(tables), "live", "new")
    assert found.verdict.startswith("live gave no solution in 50 of 50 runs, new in none; with each of these charged ")
    assert found.where_both is None
    assert (
        found.notes[-1] == "There is no instance and seed on which both gave a solution: the difference is nothing but the charge."
    )


@pytest.mark.parametrize(
    ("change", "instances", "said"),
    [
        (lambda live, noise: live, 40, "new and live gave the same objectives: no difference at all."),
        (
            lambda live, noise: live * (1 + 0.01 * noise),
            40,
            r"no difference can be shown between new and live \(.* with 80 % power\.",
        ),
        (lambda live, noise: live * 0.9, 5, r"nothing can be shown with 4 instances: p cannot fall below 0\.12"),
        (lambda live, noise: live * 1.1, 40, r"new is worse by 10\.00 % \[10\.00, 10\.00\], p < 0\.001\."),
    ],
)
def test_where_both_gave_a_solution_the_sentence_is_as_honest(change, instances, said):
    generator = np.random.default_rng(5)
    live = generator.uniform(90, 110, (instances, 2))
    new = np.array(change(live, generator.normal(size=live.shape)))
    new[0] = np.nan
    (told,) = (note for note in compare(make_runs({"live": live, "new": new}), "live", "new").notes if note.startswith("Where"))
    assert re.match(f"Where both gave a solution, {said}", told), told


@pytest.mark.parametrize("sense", ["min", "max"])
@pytest.mark.parametrize("live", ["both signs", "zero"])
def test_no_share_of_a_baseline_that_means_nothing(live, sense):
    """Of nothing there is no per cent: what they are per cent of is said, and the difference in the objective's unit besides."""
    generator = np.random.default_rng(6)
    new = generator.uniform(1, 3, (12, 2)) * (1 if live == "both signs" else -1 if sense == "min" else 1)
    old = -new if live == "both signs" else np.zeros_like(new)
    if live == "zero" and sense == "min":
        new = -new  # costs where the baseline has none
    found = compare(make_runs({"live": old, "new": new}, sense=sense), "live", "new")
    assert " % [200, 200] of the mean size of both objectives, p < 0.001" in found.verdict.replace("200.0", "200")
    assert "unlimited" not in str(found)
    assert np.isfinite(found.instances["percent"]).all()
    size = abs((old - new).mean())
    better = "new" if (new.mean() < old.mean()) == (sense == "min") else "live"
    assert f"In the objective's own unit {better} is better by {size:,.6g} on average." in found.notes[-1]


def test_by_class_with_holms_correction():
    tables = better(instances=30)
    tables["new"][15:] = tables["live"][15:] * (1 + np.random.default_rng(0).normal(0, 0.01, (15, 5)))
    runs = make_runs(tables)
    runs["problem_class"] = np.where(runs["instance"] < "i015", "TSP", "VRP")
    table = compare(runs, "live", "new").by_class
    assert table.index.tolist() == ["TSP", "VRP"]
    assert table.loc["TSP", "p_holm"] == pytest.approx(2 * table.loc["TSP", "p"])
    assert table.loc["TSP", "p_holm"] < 0.05 < table.loc["VRP", "p_holm"]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(2, 30),
    st.integers(1, 3),
    st.floats(-0.05, 0.05),
    st.sampled_from(["min", "max"]),
    st.sampled_from([0.01, 0.05, 0.1]),
    st.integers(0, 10_000),
)
def test_sentence_p_value_and_interval_agree(instances, seeds, improvement, sense, alpha, seed):
    tables = paired(np.random.default_rng(seed), instances=instances, seeds=seeds, improvement=improvement, deviation=0.03)
    found = compare(make_runs(tables, sense=sense), "live", "new", alpha=alpha)
    _, low, high = found.percent
    shown = "is better by" in found.verdict.partition(";")[0] or "is worse by" in found.verdict
    assert shown == found.significant == (found.estimate.p <= alpha)
    if found.significant:
        assert low > 0 or high < 0
        numbers = re.search(r"by ([-\d.,]+) % \[([-\d.,]+), ([-\d.,]+)\], p", found.verdict)
        mean, least, most = (float(text.replace(",", "")) for text in numbers.groups())
        assert 0 < least <= mean <= most  # as printed, too
        p = re.search(r"p [=<] ([\d.]+)", found.verdict)
        assert float(p[1]) <= alpha
    elif instances >= found.least_instances:
        assert low <= 0 <= high


# -- what it is worth --------------------------------------------------------------------------------


def test_worth_is_the_mean_difference_in_money():
    generator = np.random.default_rng(0)
    live = generator.uniform(90, 110, (20, 4))
    found = compare(make_runs({"live": live, "new": live - 10}), "live", "new", value=Value(0.5, "EUR", times=250, period="year"))
    assert found.worth.estimate.value == pytest.approx(10 * 0.5 * 250)
    assert found.verdict.endswith("; worth 1,250 EUR [1,250, 1,250] a year")


def test_worth_of_profits_and_of_losses():
    generator = np.random.default_rng(0)
    live = generator.uniform(90, 110, (20, 4))
    more = live + generator.uniform(5, 15, (20, 4))
    gain = compare(make_runs({"live": live, "new": more}, sense="max"), "live", "new", value={"per_unit": 2, "unit": "points"})
    assert gain.worth.estimate.value == pytest.approx(2 * (more - live).mean())
    assert "worth" in gain.verdict
    loss = compare(make_runs({"live": live, "new": more}), "live", "new", value={"per_unit": 2, "unit": "points"})
    assert re.search(r"; costs [\d.]+ points \[[\d.]+, [\d.]+\] a solve more$", loss.verdict)


def test_worth_that_is_not_told_from_nothing():
    found = compare(
        make_runs(paired(np.random.default_rng(3))), "live", "new", value={"per_unit": 1, "unit": "EUR", "period": "day"}
    )
    assert "; what that is worth cannot be told from nothing: " in found.verdict


def test_runs_without_a_solution_have_no_price_unless_one_is_named():
    tables = better()
    tables["new"][0, 0] = np.nan
    runs = make_runs(tables)
    free = compare(runs, "live", "new", value=Value(1.0, "EUR"))
    assert free.worth.left_out == 1
    assert "; where both gave a solution, worth " in free.verdict
    assert "1 pair of runs has no price in EUR, for want of a solution; set per_failure to count them." in free.notes
    named = compare(runs, "live", "new", value=Value(1.0, "EUR", per_failure=1e6))
    assert named.worth.left_out == 0
    worst = max(tables["live"][0].max(), np.nanmax(tables["new"][0]))
    expected = (tables["live"] - np.where(np.isnan(tables["new"]), worst + 1e6, tables["new"])).mean(axis=1).mean()
    assert named.worth.estimate.value == pytest.approx(expected)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"per_unit": 1, "unit": "EUR", "perod": "year"}, r"no option 'perod'; did you mean 'period'"),
        ({"unit": "EUR"}, "value has no per_unit"),
        ({"per_unit": -1, "unit": "EUR"}, "value.per_unit is -1"),
        ({"per_unit": 1, "unit": " "}, "value.unit is empty"),
        ({"per_unit": 1, "unit": 3}, "value.unit is 3; expected text"),
        ({"per_unit": 1, "unit": "EUR", "times": 0}, "value.times is 0"),
        ({"per_unit": 1, "unit": "EUR", "per_failure": math.nan}, "value.per_failure is nan"),
        (3.5, "value is 3.5; expected a Value"),
    ],
)
def test_values_that_are_none(value, message):
    with pytest.raises(UnsupportedError, match=message):
        compare(make_runs(better()), "live", "new", value=value)


@pytest.mark.parametrize("alpha", [0, 1, -0.1, math.nan, "5 %"])
def test_levels(alpha):
    with pytest.raises(UnsupportedError, match="alpha is"):
        compare(make_runs(better()), "live", "new", alpha=alpha)


# -- conditions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"oversubscribed": {"live": False, "new": True}}, "The machine was oversubscribed in 200 of 400 runs"),
        ({"cpu": {"live": "old", "new": "quick"}}, "The solvers ran on different kinds of processor: live: old; new: quick."),
        ({"host": {"live": "one", "new": "two"}}, "The solvers ran on different machines: live: one; new: two."),
        ({"commit": "abcdef+"}, 'Some runs were made with changes that were not committed ("+" after the commit).'),
        ({"n_jobs": {"live": 1, "new": 2}}, "The solvers had different numbers of threads: live 1, new 2."),
        ({"versions": {"live": '{"numpy": "1"}', "new": '{"numpy": "2"}'}}, "Versions differ between runs: numpy."),
        ({"seconds": {"live": 10.0, "new": 12.5}}, "200 runs took longer than the time limit, by up to 2.5 s: new 200."),
        ({"best_known": 1e9}, "Better than the best value known on 40 instances"),
    ],
)
def test_what_casts_doubt_is_said(columns, said):
    found = compare(make_runs(better(), **columns), "live", "new")
    assert any(text.startswith(said) for text in found.conditions.warnings), found.conditions.warnings
    assert said in str(found)


def test_mixed_commits_of_one_label():
    runs = make_runs(better())
    runs.loc[runs.index[:3], "commit"] = "fedcba9876543210"
    warnings = compare(runs, "live", "new").conditions.warnings
    assert warnings == ("Runs of live come from 2 commits (0123456789, fedcba9876), with the same code of the solver.",)
    runs.loc[runs.index[:3], "code"] = "2"
    assert compare(runs, "live", "new").conditions.warnings[0].startswith("Runs of live come from 2 versions of its code")


@pytest.mark.parametrize("died", [slice(0, 3), slice(0, 200)], ids=["some", "all"])
def test_a_run_that_died_is_not_taken_for_one_of_another_machine(died):
    runs = make_runs(better()).astype({"objective": float})
    lost = runs.index[runs["solver"] == "new"][died]
    runs.loc[lost, ["cpu", "host", "commit", "versions"]] = ""
    runs.loc[lost, "status"] = "error"
    runs.loc[lost, "objective"] = math.nan
    said = " ".join(compare(runs, "live", "new").conditions.warnings)
    assert "without a solution" in str(compare(runs, "live", "new"))
    assert not [word for word in ("processor", "machines", "commits") if word in said], said


def test_good_conditions_need_no_words():
    found = compare(make_runs(better()), "live", "new").conditions
    assert found.warnings == ()
    assert found.machines == ("a processor (a-machine)",)
    assert found.solvers[0] == {
        "solver": "live",
        "name": "live",
        "parameters": "defaults",
        "n_jobs": "1",
        "code": "1",
        "commits": "0123456789",
    }


def test_it_shows_itself():
    generator = np.random.default_rng(0)
    runs = make_runs(better())
    found = compare(runs, "live", "new", traces=make_traces(runs, generator))
    assert repr(found) == f"<Comparison: {found.verdict}>"
    assert html.escape(found.verdict) in found._repr_html_()
    assert isinstance(found.to_frame(), pd.DataFrame)
