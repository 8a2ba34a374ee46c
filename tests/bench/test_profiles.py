"""Profiles and curves against what is computed by hand and by plain loops."""

import math

import numpy as np
import pandas as pd
import pytest

from optikit.bench.gaps import primal_gap
from optikit.bench.incumbents import Incumbents
from optikit.bench.profiles import (
    anytime,
    cumulative,
    data_profile,
    fair_target,
    performance_profile,
    performance_ratios,
    shifted_exponential,
    time_to_gap,
    time_to_target,
)
from optikit.bench.schema import as_traces
from optikit.bench.selection import select

from .frames import make_runs, make_traces


def traced(objectives, steps, **columns):
    """Runs with traces given as lists of (seconds, objective), one a run in order."""
    runs = make_runs(objectives, **columns)
    rows = [
        {"run_id": run_id, "seconds": seconds, "objective": objective, "bound": np.nan, "iterations": 0}
        for run_id, trace in zip(runs["run_id"], steps, strict=True)
        for seconds, objective in trace
    ]
    return Incumbents.of(
        select(runs), as_traces(pd.DataFrame(rows, columns=["run_id", "seconds", "objective", "bound", "iterations"]))
    )


def random_incumbents(seed=0, sense="min", failed=True):
    generator = np.random.default_rng(seed)
    tables = {label: generator.uniform(100, 130, (6, 3)) for label in ("a", "b", "c")}
    if failed:
        tables["b"][2, 1] = np.nan
    runs = make_runs(tables, sense=sense, best_known=100.0 if sense == "min" else 130.0, size=9)
    traces = make_traces(runs, generator, 7)
    shuffled = traces.sample(frac=1.0, random_state=1)  # as a store may give them
    return Incumbents.of(select(runs), shuffled), runs, traces


def naive_cost(runs, traces, row, seconds):
    """Best cost of a run at a moment, by looking at its whole trace; None before there is one."""
    run = runs.iloc[row]
    sign = 1 if run["sense"] == "min" else -1
    seen = [sign * t.objective for t in traces[traces["run_id"] == run["run_id"]].itertuples() if t.seconds <= seconds]
    if math.isfinite(run["objective"]) and run["seconds"] <= seconds:
        seen.append(sign * run["objective"])
    return min(seen) if seen else None


@pytest.mark.parametrize("sense", ["min", "max"])
def test_gaps_at_any_moment(sense):
    incumbents, runs, traces = random_incumbents(3, sense)
    times = np.array([0.001, 0.1, 1.0, 4.0, 9.999, 10.0, 50.0])
    found = incumbents.gaps_at(times)
    reference = 100.0 if sense == "min" else -130.0
    for row, run in enumerate(incumbents.selection.runs["run_id"]):
        original = int(np.flatnonzero(runs["run_id"] == run)[0])
        for column, seconds in enumerate(times):
            cost = naive_cost(runs, traces, original, seconds)
            assert found[row, column] == pytest.approx(1.0 if cost is None else float(primal_gap(cost, reference)), abs=1e-12)


def test_the_primal_integral_by_hand():
    """Optimum 100; nothing until 2 s, then 200 (gap 1/2), at 6 s 125 (gap 1/5), at 8 s 100: (2 + 4/2 + 2/5) / 10."""
    incumbents = traced({"a": [[100.0]]}, [[(2.0, 200.0), (6.0, 125.0), (8.0, 100.0)]], best_known=100.0)
    assert incumbents.primal_integral()[0] == pytest.approx(0.44, abs=1e-12)


def test_the_primal_integral_of_a_run_without_solution_is_one():
    incumbents = traced({"a": [[np.nan, 100.0]]}, [[], [(0.0, 100.0)]], best_known=100.0)
    assert incumbents.primal_integral().tolist() == [1.0, 0.0]


def test_the_primal_integral_is_the_mean_of_the_gap_over_time():
    incumbents, *_ = random_incumbents(5)
    steps = (np.arange(200_000) + 0.5) * 10 / 200_000
    assert incumbents.primal_integral() == pytest.approx(incumbents.gaps_at(steps).mean(axis=1), abs=1e-4)


def test_a_run_that_ends_early_keeps_what_it_had():
    incumbents = traced({"a": [[110.0]]}, [[(0.0, 110.0)]], best_known=100.0, seconds=1.0)
    assert incumbents.primal_integral()[0] == pytest.approx(10 / 110)


def test_without_traces_the_end_is_all_that_is_known():
    incumbents = Incumbents.of(select(make_runs({"a": [[110.0, np.nan]]}, best_known=100.0, seconds=4.0)), None)
    assert incumbents.gaps_at(np.array([3.9, 4.0]))[0].tolist() == pytest.approx([1.0, 10 / 110])
    assert incumbents.gaps_at(np.array([3.9, 4.0]))[1].tolist() == [1.0, 1.0]
    assert incumbents.time_to(np.array([110.0, 110.0])).tolist() == [4.0, math.inf]


def test_a_trace_is_not_believed_beyond_what_was_evaluated_in_the_end():
    incumbents = traced({"a": [[110.0]]}, [[(1.0, 90.0)]], best_known=100.0)
    assert incumbents.cost.min() == 110.0


def test_one_run_with_two_labels_has_its_trace_twice():
    runs = make_runs({"a": [[110.0]], "b": [[110.0]]}, run_id="same", best_known=100.0)
    traces = as_traces(
        pd.DataFrame({"run_id": ["same"], "seconds": [2.0], "objective": [110.0], "bound": [np.nan], "iterations": [1]})
    )
    assert Incumbents.of(select(runs), traces).time_to(np.array([110.0, 110.0])).tolist() == [2.0, 2.0]


# -- Dolan and More ------------------------------------------------------------------------


def test_performance_ratios_by_hand():
    """Three problems, two solvers; the second fails on the last."""
    ratios = performance_ratios([[2.0, 1.0], [3.0, 6.0], [5.0, math.inf]])
    assert ratios.tolist() == [[2.0, 1.0], [1.0, 2.0], [1.0, math.inf]]
    steps = cumulative(ratios, ("a", "b"))
    assert steps.at(1.0) == pytest.approx({"a": 2 / 3, "b": 1 / 3})
    assert steps.at(1.99) == pytest.approx({"a": 2 / 3, "b": 1 / 3})
    assert steps.at(2.0) == pytest.approx({"a": 1.0, "b": 2 / 3})
    assert steps.at(0.9) == {"a": 0.0, "b": 0.0}


def test_problems_that_nobody_solved_count_for_nobody():
    assert cumulative(performance_ratios([[math.inf, math.inf], [1.0, 2.0]]), ("a", "b")).at(100.0) == {"a": 0.5, "b": 0.5}


def test_a_time_of_zero_is_as_good_as_the_best():
    assert performance_ratios([[0.0, 0.5], [0.0, 0.0]]).tolist() == [[1.0, 1.0], [1.0, 1.0]]


def test_the_profile_of_times_is_a_count():
    incumbents, *_ = random_incumbents(7)
    target = 0.12
    times = time_to_gap(incumbents, target).reshape(3, -1).T
    steps = performance_profile(incumbents, "time", target)
    for tau in (1.0, 1.3, 2.0, 10.0):
        best = times.min(axis=1)
        expected = [
            float(
                np.mean([t <= tau * b for t, b in zip(column, best, strict=True) if math.isfinite(t)] or [0])
                * np.isfinite(column).mean()
            )
            for column in times.T
        ]
        assert list(steps.at(tau * (1 + 1e-12)).values()) == pytest.approx(expected, abs=1e-12)


def test_the_profile_of_quality_is_that_of_the_objectives():
    """For costs, (1 + gap) is a multiple of the objective: the ratios are those of the objectives themselves."""
    incumbents, runs, _ = random_incumbents(9)
    objectives = np.column_stack([runs.loc[runs["solver"] == s, "objective"].fillna(math.inf) for s in ("a", "b", "c")])
    assert performance_profile(incumbents, "quality").at(1.05) == pytest.approx(
        cumulative(performance_ratios(objectives), ("a", "b", "c")).at(1.05)
    )


# -- More and Wild, Aiex, Resende and Ribeiro ---------------------------------------------


def test_the_data_profile_by_hand():
    """Size 9. First solutions 200 and 150, best 100: solved at tau 0.1 is at most 110. a gets there at 4 s, b never."""
    incumbents = traced(
        {"a": [[100.0]], "b": [[120.0]]}, [[(1.0, 200.0), (4.0, 109.0), (6.0, 100.0)], [(1.0, 150.0), (5.0, 120.0)]], size=9
    )
    steps = data_profile(incumbents, tau=0.1)
    assert steps.at(0.3999) == {"a": 0.0, "b": 0.0}
    assert steps.at(0.4) == {"a": 1.0, "b": 0.0}
    # At tau 0.6, 160 will do: b has it from its first solution on.
    assert data_profile(incumbents, tau=0.6).at(0.1) == {"a": 0.0, "b": 1.0}


def test_a_data_profile_without_sizes_is_in_seconds():
    incumbents = traced({"a": [[100.0]], "b": [[100.0]]}, [[(4.0, 100.0)], [(2.0, 100.0)]], size=pd.NA)
    assert data_profile(incumbents).at(2.0) == {"a": 0.0, "b": 1.0}


def test_times_to_a_target_have_plotting_positions():
    """(i - 1/2) / N of all N runs, those included that never get there."""
    incumbents = traced(
        {"a": [[100.0, 100.0, 150.0, 100.0]]}, [[(3.0, 100.0)], [(1.0, 100.0)], [(1.0, 150.0)], [(2.0, 100.0)]], best_known=100.0
    )
    steps = time_to_target(incumbents, 0.01)
    assert steps.x[0].tolist() == [1.0, 2.0, 3.0]
    assert steps.share[0].tolist() == [0.125, 0.375, 0.625]


def test_the_shifted_exponential_is_found_from_its_own_quantiles():
    """The quantiles at the plotting positions of shift 3 and mean 5 lie on a straight line, whose intercept and slope they are."""
    n = 200
    positions = (np.arange(1, n + 1) - 0.5) / n
    shift, mean = shifted_exponential(3 - 5 * np.log1p(-positions))
    assert (shift, mean) == pytest.approx((3, 5), rel=2e-3)


def test_the_fair_target_is_reached_by_half_of_the_runs():
    assert fair_target(select(make_runs({"a": [[100.0, 101.5, 103.0, 150.0]]}, best_known=100.0))) == 0.02
    assert fair_target(select(make_runs({"a": [[900.0, 901.0]]}, best_known=100.0))) == 1.0


# -- curves ---------------------------------------------------------------------------------


def test_the_curve_is_the_mean_over_instances():
    incumbents, *_ = random_incumbents(2)
    curves = anytime(incumbents, points=30)
    gaps = incumbents.gaps_at(curves.seconds).reshape(3, 6, 3, 30)  # solvers, instances, seeds, moments
    assert curves.mean == pytest.approx(gaps.mean(axis=(1, 2)), abs=1e-12)
    assert (curves.low <= curves.mean + 1e-12).all()
    assert (curves.high >= curves.mean - 1e-12).all()
    assert curves.seconds[-1] == 10.0


def test_the_band_is_the_bootstrap_of_instances():
    """Its width at the end against that of the normal approximation from the instances' own scatter."""
    generator = np.random.default_rng(0)
    table = 100 * (1 + generator.uniform(0, 0.5, (60, 1)) + np.zeros((60, 4)))
    incumbents = Incumbents.of(select(make_runs({"a": table}, best_known=100.0)), None)
    curves = anytime(incumbents)
    per_instance = primal_gap(table[:, 0], 100.0)
    expected = 2 * 1.96 * per_instance.std(ddof=1) / math.sqrt(60)
    assert curves.high[0, -1] - curves.low[0, -1] == pytest.approx(expected, rel=0.1)


def test_budgets_without_a_clock_have_the_longest_run_as_horizon():
    runs = make_runs({"a": [[100.0, 100.0]]}, time_limit=np.nan, budget="iterations=5", best_known=100.0)
    runs["seconds"] = [1.0, 3.0]
    assert Incumbents.of(select(runs), None).horizon.tolist() == [3.0, 3.0]
