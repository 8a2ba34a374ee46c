"""Pictures: what is drawn is what was computed; every one has a title, axes and units; no window is opened."""

import subprocess
import sys

import numpy as np
import pytest

from optikit.bench.comparison import compare
from optikit.bench.plot import PICTURES, draw, draw_evidence
from optikit.bench.profiles import anytime, performance_profile
from optikit.bench.ranking import rank
from optikit.errors import UnsupportedError

from .frames import make_runs, make_traces, paired

OF_MANY = sorted(set(PICTURES) - {"differences"})


def runs_and_traces(instances=12, solvers=3, sense="min"):
    generator = np.random.default_rng(0)
    tables = paired(generator, instances=instances, seeds=3, improvement=0.03)
    for k in range(solvers - 2):
        tables[f"other{k}"] = tables["live"] * (1.05 + 0.01 * k) * (1 + 0.01 * generator.normal(size=tables["live"].shape))
    runs = make_runs(tables, sense=sense)
    return runs, make_traces(runs, generator)


def lines_of(figure):
    return {line.get_label(): line.get_xydata() for line in figure.axes[0].get_lines() if not line.get_label().startswith("_")}


@pytest.mark.parametrize("kind", OF_MANY)
@pytest.mark.parametrize("sense", ["min", "max"])
def test_every_picture_has_a_title_and_axes(kind, sense, tmp_path):
    runs, traces = runs_and_traces(sense=sense)
    figure = draw(kind, runs, traces, tmp_path / f"{kind}.svg")
    (axes,) = figure.axes
    assert axes.get_title(loc="left")
    if kind != "critical_difference":
        assert "(s)" in axes.get_xlabel() or "(%)" in axes.get_xlabel() or "τ" in axes.get_xlabel()
    assert (tmp_path / f"{kind}.svg").read_text().startswith("<?xml")


def test_the_profile_that_is_drawn_is_the_one_computed():
    runs, traces = runs_and_traces()
    ranking = rank(runs, traces=traces)
    steps = performance_profile(ranking.incumbents, "time", 0.02)
    drawn = lines_of(ranking.plot("profile", target=0.02))
    assert set(drawn) == {"live", "new", "other0"}
    for label, x, share in zip(steps.solvers, steps.x, steps.share, strict=True):
        assert drawn[label][1:-1] == pytest.approx(np.column_stack([x, 100 * share]))


@pytest.mark.parametrize("measure", ["time", "quality"])
def test_a_profile_of_factors_that_are_all_one_has_an_axis_to_show_them_on(measure):
    table = np.full((4, 2), 10.0)
    runs = make_runs({"live": table, "new": table})
    traces = make_traces(runs, np.random.default_rng(0), points=2, excess=0.0).assign(seconds=1.0)
    axes = rank(runs, traces=traces).plot("profile", measure=measure).axes[0]
    assert axes.get_xlim() == (1.0, 2.0)
    assert sum(1 <= tick <= 2 for tick in axes.get_xticks()) >= 2


def test_the_curve_that_is_drawn_is_the_one_computed():
    runs, traces = runs_and_traces()
    ranking = rank(runs, traces=traces)
    curves = anytime(ranking.incumbents)
    drawn = lines_of(ranking.plot("anytime"))
    assert drawn["new"] == pytest.approx(np.column_stack([curves.seconds, 100 * curves.mean[1]]))


def test_differences_are_drawn_sorted_with_their_mean():
    runs, _ = runs_and_traces(solvers=2)
    comparison = compare(runs, "live", "new")
    (axes,) = comparison.plot("differences").axes
    points = axes.collections[-1].get_offsets()
    assert np.asarray(points)[:, 0] == pytest.approx(np.sort(comparison.instances["percent"]))
    assert [label.get_text() for label in axes.get_yticklabels()] == comparison.instances.sort_values("percent").index.tolist()
    assert "% [" in axes.get_title(loc="left")


def test_mean_ranks_stand_in_the_diagram():
    runs, _ = runs_and_traces(solvers=5)
    ranking = rank(runs)
    texts = [text.get_text().strip() for text in ranking.plot("critical_difference").axes[0].texts]
    for label, value in ranking.mean_ranks.items():
        assert f"{label}  {value:.2f}" in texts or f"{value:.2f}  {label}" in texts


def test_a_single_instance_has_the_fitted_exponential_beside_it():
    runs, traces = runs_and_traces(instances=1, solvers=2)
    runs["best_known"] = runs["objective"].max()
    axes = rank(runs, traces=traces).plot("time_to_target", target=0.5).axes[0]
    assert len(axes.get_lines()) == 2 or len(axes.get_lines()) == 4


@pytest.mark.parametrize("kind", sorted(PICTURES))
@pytest.mark.parametrize("case", ["one instance", "no traces", "nothing solved by one", "all equal", "no seconds"])
def test_poor_data_are_drawn_or_refused(kind, case):
    runs, traces = runs_and_traces(instances=1 if case == "one instance" else 4, solvers=3)
    if case == "no traces":
        traces = None
    if case == "nothing solved by one":
        runs.loc[runs["solver"] == "new", "objective"] = np.nan
    if case == "all equal":
        runs["objective"], traces = 5.0, None
    if case == "no seconds":
        runs["seconds"], runs["time_limit"], traces = 0.0, np.nan, None
    if kind == "critical_difference" and case == "one instance":
        with pytest.raises(UnsupportedError, match="needs three solvers"):
            draw(kind, runs, traces)
        return
    solvers = ("live", "new") if kind == "differences" else None
    figure = draw(kind, runs, traces, solvers=solvers)
    figure.canvas.draw()
    assert figure.axes


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("profil",), {}, r"no picture 'profil'; did you mean 'profile'"),
        (("profile",), {"measure": "beauty"}, "measure is 'beauty'"),
        (("profile",), {"target": -1}, "target is -1"),
        (("profile",), {"target": "x"}, "target is 'x'; expected a number"),
        (("data_profile",), {"tau": "x"}, "tau is 'x'; expected a number"),
        (("profile",), {"tau": 1}, "'profile' has no option 'tau'; known: measure, target"),
        (("gaps",), {"measure": "time"}, "'gaps' has no option 'measure'; known: none"),
        (("data_profile",), {"tau": 2}, "tau is 2"),
        (("differences",), {}, "differences are of two solvers, not 3"),
    ],
)
def test_what_cannot_be_drawn(arguments, options, message):
    with pytest.raises(UnsupportedError, match=message):
        draw(*arguments, *runs_and_traces(), **options)


def test_an_unknown_ending_is_refused(tmp_path):
    with pytest.raises(UnsupportedError, match=r"not saved as \.xyz"):
        draw("gaps", *runs_and_traces(), tmp_path / "a.xyz")
    assert list(tmp_path.iterdir()) == []


def test_own_title():
    runs, traces = runs_and_traces()
    figure = draw_evidence("anytime", rank(runs, traces=traces), title="$5 for you")
    assert figure.axes[0].get_title(loc="left") == "$5 for you"
    figure.canvas.draw()


def test_labels_that_look_like_mathematics_are_drawn_as_they_are():
    runs, traces = runs_and_traces()
    runs["solver"] = runs["solver"].replace({"live": "a_$1$_{b", "new": "_hidden", "other0": r"\frac"})
    for kind in OF_MANY:
        figure = draw(kind, runs, traces)
        figure.canvas.draw()
        if (legend := figure.axes[0].get_legend()) is not None:
            assert {text.get_text() for text in legend.get_texts()} == {"a_$1$_{b", "_hidden", r"\frac"}
            assert not any(text.get_parse_math() for text in legend.get_texts())


def test_many_solvers_have_their_legend_below():
    figure = draw("profile", *runs_and_traces(solvers=9))
    assert figure.axes[0].get_legend() is None
    assert len(figure.legends[0].get_texts()) == 9


def test_no_global_state_of_matplotlib_is_touched():
    code = """
import sys, numpy as np
from tests.bench.test_plot import runs_and_traces
from optikit.bench.plot import draw
import matplotlib
before = matplotlib.rcParams.copy()
draw("anytime", *runs_and_traces())
assert "matplotlib.pyplot" not in sys.modules
assert matplotlib.rcParams.copy() == before
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_long_labels_stay_apart_beside_a_diagram():
    runs = make_runs({f"a-solver-with-a-long-name-{k}": np.full((6, 1), 10.0 + k) for k in range(3)})
    told = " ".join(text.get_text() for text in rank(runs).plot("critical_difference").axes[0].texts)
    assert all(f"a-solver-w…ng-name-{k}" in told for k in range(3))
