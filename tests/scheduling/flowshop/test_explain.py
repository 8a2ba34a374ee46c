"""What binds: the critical path is one, whatever the rules; charts mark it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings

import optikit as ok
from optikit.errors import InvalidSolutionError, UnsupportedError
from optikit.scheduling import Clock, FlowShop, JobSequences
from optikit.scheduling.flowshop.critical import critical_path
from optikit.scheduling.flowshop.dispatch import dispatched
from optikit.scheduling.flowshop.timetable import timetable

from .shops import flowshops, random_shop


def test_the_path_by_hand():
    shop = FlowShop([[3, 2], [1, 4]])
    table = timetable(shop, JobSequences.permutation([1, 0]))
    assert critical_path(shop, table) == [(1, 0), (1, 1), (0, 1)]


@given(flowshops())
@settings(max_examples=60)
def test_the_path_leads_to_the_end_without_a_gap(problem):
    solution = dispatched(problem, range(problem.num_jobs))
    table = timetable(problem, solution)
    path = critical_path(problem, table)
    ends = [row[-1] for row in table.end]
    job, stage = path[-1]
    assert stage == problem.num_stages - 1
    assert table.end[job][stage] == max(ends)
    assert len(set(path)) == len(path)
    if not problem.no_wait and problem.setup is None:
        for (i, k), (j, stage) in pairwise(path):
            assert table.end[i][k] == pytest.approx(table.start[j][stage], abs=1e-9)


def test_explain_names_bottleneck_bound_and_path():
    shop = FlowShop([[3, 2], [1, 4]], job_names=["a", "b"], stage_names=["saw", "drill"])
    best = ok.solve(shop, "johnson")
    facts = ok.explain(shop, best).facts
    assert "The busiest machine is 'drill' (1): 6 of work." in facts
    assert "No schedule has a makespan below 7." in facts
    assert "This schedule's is 7: the least." in facts
    assert "The critical path has 3 operations. 'saw' (0): 'b' (1); 'drill' (1): 'b' (1), 'a' (0)." in facts
    assert ok.explain(shop, JobSequences([[0]])).violations
    assert "factories" in ok.explain(shop.replace(factories=2)).facts[0]
    for rule in ("no_wait", "blocking"):
        other = random_shop(1, 5, 3, **{rule: True})
        assert len(ok.explain(other, ok.solve(other, "palmer")).facts) >= 5


def test_charts_by_machine_and_by_job():
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    shop = random_shop(2, 5, 3, machines=[2, 1, 1], factories=2, setup=True, name="five")
    solution = dispatched(shop, range(5))
    figure = shop.plot(solution)
    (axes,) = figure.axes
    assert axes.get_title(loc="left").startswith("five: makespan")
    names = [text.get_text() for text in axes.get_yticklabels()]
    assert names == ["0: 0/0", "0: 0/1", "0: 1", "0: 2", "1: 0/0", "1: 0/1", "1: 1", "1: 2"]
    assert axes.get_xlim()[1] >= shop.evaluate(solution)
    (chain,) = axes.get_lines()
    assert max(chain.get_xdata()) == shop.evaluate(solution)
    dated = shop.replace(clock=Clock("2026-03-02T06:00", unit="min"), job_names=list("abcde"), setup=None, blocking=True)
    figure = dated.plot(dispatched(dated, range(5)), by="job", critical=False)
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == list("abcde")
    assert not figure.axes[0].get_lines()


def test_a_chart_that_cannot_be_is_refused(tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    shop = FlowShop([[3, 2], [1, 4]])
    order = JobSequences.permutation([0, 1])
    with pytest.raises(UnsupportedError, match="by is 'stage'; expected 'machine' or 'job'"):
        shop.plot(order, by="stage")
    with pytest.raises(UnsupportedError, match="critical is 'no'; expected bool"):
        shop.plot(order, critical="no")
    with pytest.raises(UnsupportedError, match="colour"):
        shop.plot(order, colour="red")
    with pytest.raises(InvalidSolutionError, match="no timetable"):
        shop.plot(JobSequences([[0]]))
    shop.plot(order, tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 1000
