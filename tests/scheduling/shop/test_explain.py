"""What is said of shops and schedules is true, and names names."""

from hypothesis import given, settings

import optikit as ok
from optikit.scheduling import Calendar, Clock, JobShop, OpenShop, Precedence, Schedule, Shop, replan
from optikit.scheduling.shop.critical import critical_path
from optikit.scheduling.shop.explain import explain, impossible
from tests.naive import shop as naive
from tests.scheduling.shop.strategies import shops

TWO = [[(0, 3), (1, 2)], [(1, 4), (0, 1)]]


@given(shops(max_operations=2))
@settings(max_examples=60, deadline=None)
def test_what_is_called_impossible_is(shop):
    if impossible(shop):
        assert naive.optimum(shop, 8) is None
    assert str(explain(shop))


def test_a_deadline_that_cannot_be_met_is_explained_by_its_chain():
    shop = JobShop.from_jobs({"chair": TWO[0], "bed": TWO[1]}, deadline=[9, 6], release=[0, 2])
    (reason,) = impossible(shop)
    assert reason.rule == "deadline"
    assert reason.size == 1
    assert str(reason) == (
        "job 'bed' cannot be done before 7, 1 after its deadline 6: from 2 on operation 0 of job 'bed' (4), "
        "then operation 1 of job 'bed' (1)"
    )
    result = ok.solve(shop, "cpsat")
    assert result.status is ok.Status.INFEASIBLE
    assert "job 'bed' cannot be done before 7" in result.message


def test_chains_go_through_precedences_and_breaks():
    clock = Clock("2026-11-23T08:00", unit="h")
    shop = JobShop.from_jobs(
        [[(0, 3)], [(1, 4)]],
        precedences=[Precedence(0, 1, min_lag=2)],
        calendars={1: Calendar([(0, 6), (24, 40)])},
        deadline=[float("inf"), 27],
        clock=clock,
    )
    (reason,) = impossible(shop)
    assert "cannot be done before 2026-11-24 12:00, 1 after its deadline 2026-11-24 11:00" in str(reason)
    assert "operation 0 of job 0 (3), then operation 0 of job 1 (4)" in str(reason)


def test_a_load_that_does_not_fit():
    shop = JobShop.from_jobs([[(0, 3)], [(0, 4)], [(0, 5)]], deadline=[9, 9, 9])
    (reason,) = impossible(shop)
    assert str(reason).startswith("machine 0 has 12 to do in 3 operations by 9: some deadline is missed by 3 or more")


def test_working_time_that_does_not_suffice():
    short = JobShop.from_jobs([[(0, 5)]], calendars=Calendar([(0, 3), (4, 8)]))
    assert str(impossible(short)[0]) == "operation 0 of job 0 takes 5 on machine 0, whose longest window is 4: it never fits"
    assert not impossible(short.replace(resumable=True))
    full = JobShop.from_jobs([[(0, 3)], [(0, 3)]], calendars=Calendar([(0, 5)]))
    assert "machine 0 works 5 until its calendar ends at 5, but has 6 to do" in str(impossible(full)[0])


def test_a_schedule_is_told():
    shop = JobShop.from_jobs(TWO, due=[5, 9])
    said = str(explain(shop, Schedule([0, 4, 0, 4])))
    assert "the end at 6 hangs on 2 operations from 0 on: operation 0 of job 1 starts at once" in said
    assert "operation 1 of job 0 starts when its machine is free of operation 0 of job 1" in said
    assert "1 job is late, job 0 the most, by 1" in said
    broken = explain(shop, Schedule([0, 3, 0, 4]))
    assert broken.violations
    assert "The solution is infeasible" in str(broken)


# -- the critical path --------------------------------------------------------------


@given(shops(max_operations=3))
@settings(max_examples=40, deadline=None)
def test_critical_paths_end_where_they_should_and_are_in_time(shop):
    schedule = Schedule(list(range(0, 3 * shop.num_operations, 3)))
    if not shop.check(schedule).feasible:
        return
    path = critical_path(shop, schedule)
    assert path.links
    assert len(set(path.operations)) == len(path.operations)
    assert path.links[0].after < 0
    assert [link.after for link in path.links[1:]] == list(path.operations[:-1])


def test_blocks_are_runs_on_one_machine():
    shop = JobShop.from_jobs([[(0, 2), (1, 3)], [(0, 2), (1, 1)], [(0, 2), (1, 1)]])
    path = critical_path(shop, Schedule([0, 4, 2, 7, 4, 8]))
    assert path.operations[-1] == 5
    assert path.blocks[-1] == (1, 3, 5)


def test_causes():
    shop = Shop.from_jobs(
        [[(0, 2), (1, 2)]],
        release=[1],
        calendars={1: Calendar([(6, 20)])},
        transport=[[0, 1], [1, 0]],
    )
    path = critical_path(shop, Schedule([1, 6]))
    assert [(link.cause, link.after) for link in path.links] == [("release", -1), ("calendar", 0)]
    assert critical_path(shop, Schedule([1, 9])).links[0].cause == "slack"
    tied = JobShop.from_jobs([[(0, 5), (1, 1)], [(1, 4)]], no_wait=True)
    path = critical_path(tied, Schedule([0, 5, 1]))
    assert [link.cause for link in path.links] == ["start", "job"]
    opened = critical_path(OpenShop.from_matrix([[3, 2]]), Schedule([2, 0]))
    assert opened.operations == (1, 0)


def test_nothing_done_has_no_critical_path():
    shop = JobShop.from_jobs([[(0, 3)]], omission=[1])
    assert critical_path(shop, Schedule([0], [-1])).links == ()
    assert critical_path(shop, Schedule([0], [0]), job=0).operations == (0,)


def test_chains_through_calendars_and_maximum_lags_end():
    calendar = Calendar([(0, 2), (10, 12), (20, 22), (30, 60)])
    shop = Shop.from_jobs(
        [[(0, 2), (1, 2)], [(1, 2), (0, 2)]],
        precedences=[Precedence(0, 3, min_lag=4, max_lag=9), Precedence(2, 1, max_lag=3)],
        calendars=calendar,
        resumable=[True, False, True, False],
        deadline=[11, 11],
    )
    reasons = impossible(shop)
    assert reasons
    assert all("after its deadline" in str(reason) for reason in reasons)


def test_a_setup_between_operations_that_may_not_wait_is_named():
    shop = JobShop.from_jobs({"chair": [(0, 2), (0, 1)], "bed": [(0, 1)]}, setup=[[1, 2], [1, 0]], no_wait=True)
    (reason,) = impossible(shop)
    assert str(reason).startswith("operation 1 of job 'chair' follows operation 0 of job 'chair' on machine 0 without waiting")
    assert naive.optimum(shop, 7) is None
    # Whoever takes no time may come between, and be set up for at once.
    shop = JobShop.from_jobs([[(0, 2), (0, 1)], [(0, 0)]], setup=[[1, 0], [0, 0]], no_wait=True)
    assert not impossible(shop)
    assert naive.optimum(shop, 5)[0] == 3


def test_what_a_maximum_lag_ties_to_a_moved_operation_is_told_as_such():
    waits = JobShop.from_jobs([[(0, 3), (1, 4)]], precedences=[Precedence(0, 1, max_lag=2)])
    never = waits.replace(precedences=(), no_wait=True)
    for shop, lag in ((waits, 2), (never, 0)):
        later = replan(shop, Schedule([0, 3]), now=4, breakdowns={1: (4, 8)})
        said = str(ok.explain(later).reasons[0])
        assert f"from 8 on operation 1 of job 0 (4), which starts no more than {lag} after operation 0 of job 0 (3)" in said
