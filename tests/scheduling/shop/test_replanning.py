"""Going on from a plan in progress."""

import math
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import optikit as ok
from optikit.errors import InvalidProblemError
from optikit.scheduling import Calendar, Clock, FlexibleJobShop, FlowShop, JobShop, Precedence, Schedule, Shop, replan
from tests.naive import shop as naive
from tests.scheduling.shop.strategies import shops

TWO = [[(0, 3), (1, 2)], [(1, 4), (0, 1)]]
PLAN = Schedule([0, 4, 0, 4])


def test_what_has_begun_stays_and_the_rest_is_not_in_the_past():
    shop = JobShop.from_jobs(TWO)
    later = replan(shop, PLAN, now=2)
    assert later.flat.pinned.tolist() == [1, 0, 1, 0]
    assert later.check(PLAN).feasible
    assert later.evaluate(PLAN) == 6
    assert not later.check(Schedule([1, 4, 0, 4])).feasible
    assert not replan(shop, PLAN, now=5).check(Schedule([0, 4.5, 0, 4])).feasible


@pytest.mark.parametrize("now", [4.2, 4.000001])
def test_what_began_a_moment_ago_has_begun(now):
    """Times of the plan are whole, and now is not."""
    assert replan(JobShop.from_jobs(TWO), PLAN, now=now).flat.pinned.tolist() == [1, 1, 1, 1]
    assert replan(JobShop.from_jobs(TWO), PLAN, now=4).flat.pinned.tolist() == [1, 0, 1, 0]


def test_operations_within_the_frozen_zone_stay():
    assert replan(JobShop.from_jobs(TWO), PLAN, now=2, freeze=2.5).flat.pinned.tolist() == [1, 1, 1, 1]


def test_machines_that_were_chosen_stay():
    shop = FlexibleJobShop.from_jobs([[{0: 3, 1: 2}, {0: 4, 1: 1}]])
    later = replan(shop, Schedule([0, 2], [1, 0]), now=1, per_move=7)
    assert later.mode_ptr.tolist() == [0, 1, 3]
    assert later.terms(Schedule([0, 2], [0, 0])) == {"makespan": 6.0, "change": 0.0}
    assert later.terms(Schedule([0, 2], [0, 1])) == {"makespan": 3.0, "change": 7.0}


def test_a_breakdown_interrupts_what_can_be_resumed_and_starts_anew_what_cannot():
    shop = JobShop.from_jobs(TWO)
    again = replan(shop, PLAN, now=2, breakdowns={1: (2, 5)})
    assert again.flat.pinned.tolist() == [1, 0, 0, 0]
    assert ok.solve(again, "cpsat").objective == 11
    resumed = replan(shop.replace(resumable=True), PLAN, now=2, breakdowns={1: np.array([[2, 5]])})
    result = ok.solve(resumed, "cpsat")
    assert result.solution.start[2] == 0
    assert resumed.check(Schedule([0, 7, 0, 7])).feasible
    assert result.objective == 9


def test_change_has_its_price():
    shop = JobShop.from_jobs([[(0, 2)], [(0, 4)], [(0, 3)]], objective="total_completion")
    plan = Schedule([0, 5, 2])
    cheap, dear = (replan(shop, plan, now=1, new=JobShop.from_jobs([[(0, 1)]]), per_time=price) for price in (0, 5))
    assert ok.solve(cheap, "cpsat").solution.start.tolist() == [0, 6, 3, 2]
    assert ok.solve(dear, "cpsat").solution.start.tolist() == [0, 5, 2, 9]


def test_new_jobs_come_behind_and_not_before_now():
    shop = JobShop.from_jobs({"chair": TWO[0], "bed": TWO[1]}, due=[9, 9])
    new = JobShop.from_jobs({"shelf": [(0, 2)]}, due=[5], num_machines=2)
    later = replan(shop, PLAN, now=2, new=new)
    assert later.job_names == ("chair", "bed", "shelf")
    assert later.release.tolist() == [0, 0, 2]
    assert later.due.tolist() == [9, 9, 5]
    assert type(later) is JobShop
    assert JobShop.from_json(later.to_json()) == later


def test_dates_are_taken_where_there_is_a_clock():
    shop = JobShop.from_jobs(TWO, clock=Clock("2026-11-23T08:00", unit="h"))
    assert replan(shop, PLAN, now="2026-11-23T10:00") == replan(shop, PLAN, now=2)
    down = replan(shop, PLAN, now=2, breakdowns={1: ("2026-11-23T12:00", "2026-11-23T14:00")})
    assert down.calendars[1] == Calendar.always_but([(4, 6)])
    with pytest.raises(InvalidProblemError, match="but the problem has no clock"):
        replan(shop.replace(clock=None), PLAN, now="2026-11-23T10:00")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"now": -1}, "now is -1; times are >= 0"),
        ({"now": math.nan}, "now is nan; expected a number"),
        ({"breakdowns": {7: (1, 2)}}, "there is no machine 7"),
        ({"breakdowns": {0: (3, 2)}}, "ends before it starts"),
        ({"breakdowns": {0: 3}}, r"expected \(start, end\)"),
        ({"breakdowns": [(0, 1)]}, "expected a mapping of machines"),
        ({"new": [[(0, 1)]]}, "expected a Shop of the jobs that come in"),
        ({"new": JobShop.from_jobs([[(5, 1)]])}, "new has 6 machines, the plan 2"),
        ({"per_time": -1}, "per_time"),
        ({"freeze": -5}, "freeze is -5; expected a length of time >= 0"),
        ({"freeze": timedelta(hours=1)}, "freeze is a length of time, but there is no clock"),
        ({"breakdowns": {0: ("soon", 3)}}, "the start of the breakdown of machine 0 is 'soon', but the problem has no clock"),
    ],
)
def test_nonsense_is_refused(arguments, said):
    with pytest.raises(InvalidProblemError, match=said):
        replan(JobShop.from_jobs(TWO), PLAN, **{"now": 2, **arguments})


def test_new_jobs_need_a_family_where_there_are_setups():
    shop = JobShop.from_jobs(TWO, setup=[[0, 1], [1, 0]])
    fits = replan(shop, Schedule([0, 5, 0, 5]), now=1, new=JobShop.from_jobs([[(0, 1)]], num_machines=2))
    assert fits.family.tolist() == [0, 0, 1, 1, 0]
    with pytest.raises(InvalidProblemError, match="new has family 2, but setups of the plan are between 2; say family"):
        replan(shop, Schedule([0, 5, 0, 5]), now=1, new=JobShop.from_jobs([[(0, 1)]], num_machines=2, family=[2]))


@given(shops(max_operations=2), st.integers(0, 5))
@settings(max_examples=40, deadline=None)
def test_without_a_breakdown_the_plan_itself_can_go_on(shop, now):
    best = naive.optimum(shop, 6)
    if best is None:
        return
    _, starts, modes = best
    plan = Schedule(starts, modes)
    later = replan(shop.replace(baseline=None), plan, now=now, per_time=1, per_move=1)
    fixed = later.mode_ptr[1:] - later.mode_ptr[:-1] == 1
    kept = Schedule(starts, [0 if alone and mode >= 0 else mode for alone, mode in zip(fixed, modes, strict=True)])
    assert later.check(kept).feasible
    assert later.terms(kept)["change"] == 0


@given(shops(max_operations=3), st.data())
@settings(max_examples=25, deadline=None)
def test_a_breakdown_that_ends_never_makes_a_shop_without_limits_infeasible(shop, data):
    rules = [Precedence(rule.before, rule.after, rule.kind, rule.min_lag) for rule in shop.precedences if rule.before < rule.after]
    free = {
        "deadline": math.inf,
        "latest": math.inf,
        "no_wait": False,
        "precedences": rules,
        "baseline": None,
        "omission": math.inf,
    }
    shop = shop.replace(**free)
    plan = ok.solve(shop, "spt", time_limit=60).solution  # it may compile first
    times = st.integers(0, 8)
    spans = {k: sorted([data.draw(times), data.draw(times)]) for k in range(shop.num_machines)}
    later = replan(shop, plan, data.draw(times), freeze=data.draw(st.sampled_from([0, 2, 50])), breakdowns=spans)
    assert ok.solve(later, "cpsat", time_limit=10).solution is not None


def test_what_waits_for_a_moved_operation_is_not_frozen():
    shop = JobShop.from_jobs(TWO)
    later = replan(shop, PLAN, now=2, freeze=10, breakdowns={1: (3, 8)})
    assert later.flat.pinned.tolist() == [1, 0, 0, 0]  # the operation on machine 1 starts again, and what comes after it waits
    assert ok.solve(later, "cpsat").objective == 14
    side = JobShop.from_jobs([*TWO, [(2, 9)]])
    assert replan(side, Schedule([0, 4, 0, 4, 3]), now=2, freeze=10, breakdowns={1: (3, 8)}).flat.pinned.tolist() == [1, 0, 0, 0, 1]


def test_what_a_breakdown_of_the_past_prevented_has_not_begun():
    shop = JobShop.from_jobs(TWO)
    later = replan(shop, PLAN, now=5, breakdowns={1: (3, 8)})  # the plan did not know of it
    assert later.flat.pinned.tolist() == [1, 0, 0, 0]
    assert later.earliest.tolist() == [0, 5, 5, 5]


def test_operations_without_a_duration_inside_a_breakdown_are_moved():
    shop = JobShop.from_jobs([[(0, 2), (1, 0), (0, 1)]])
    later = replan(shop, Schedule([0, 2, 2]), now=1, freeze=5, breakdowns={1: (1, 4)})
    assert later.flat.pinned.tolist() == [1, 0, 0]
    assert ok.solve(later, "cpsat").objective == 5
    at_its_edge = replan(shop, Schedule([0, 2, 2]), now=1, freeze=5, breakdowns={1: (2, 4)})
    assert at_its_edge.flat.pinned.tolist() == [1, 1, 1]


def test_rules_that_were_kept_before_a_breakdown_are_not_asked_again():
    together = [Precedence(0, 1, "start-start", min_lag=1, max_lag=3)]
    shop = Shop.from_jobs([[(0, 6)], [(1, 6)]], precedences=together)
    later = replan(shop, Schedule([0, 2]), now=4, breakdowns={0: (3, 5)})
    assert later.precedences == ()
    assert ok.solve(later, "cpsat").objective == 11


def test_a_blocking_job_that_had_left_its_machine_does_not_block_it_again():
    shop = JobShop.from_jobs([[(0, 2), (1, 3)], [(0, 3)]], blocking=True)
    later = replan(shop, Schedule([0, 2, 2]), now=4, breakdowns={1: (3, 6)})  # it stands on machine 1, broken down
    assert later.blocking.tolist() == [False, True]
    assert ok.solve(later, "cpsat").objective == 9


def test_a_machine_that_never_works_again_leaves_the_work_to_others():
    jobs = [[{"saw": 3, "laser": 4}, {"saw": 2, "laser": 3}], [{"saw": 2, "laser": 3}]]
    shop = FlexibleJobShop.from_jobs(jobs)
    plan = ok.solve(shop, "spt", time_limit=60).solution  # it may compile first
    for end in (None, math.inf):
        later = replan(shop, plan, now=0, breakdowns={"saw": (0, end)})
        assert ok.solve(later, "cpsat").objective == 10
    only = FlexibleJobShop.from_jobs([*jobs, [("saw", 1)]], job_names=["a", "b", "c"])
    plan = ok.solve(only, "spt", time_limit=5).solution
    with pytest.raises(
        InvalidProblemError, match=r"'saw' never works again .* no other machine can do operation 0 of job 'c'; give"
    ):
        replan(only, plan, now=0, breakdowns={"saw": (0, None)})
    left_out = replan(only.replace(omission=[math.inf] * 3 + [50]), plan, now=0, breakdowns={"saw": (0, None)})
    assert ok.solve(left_out, "cpsat").objective == 60
    new = FlexibleJobShop.from_jobs([[("saw", 1)]], machine_names=shop.machine_names, job_names=["rush"])
    with pytest.raises(InvalidProblemError, match="operation 0 of job 'rush'"):
        replan(shop.replace(job_names=["a", "b"]), Schedule([0, 3, 5], [0] * 3), now=0, breakdowns={"saw": (0, None)}, new=new)


@pytest.mark.parametrize(
    ("starts", "now", "said"),
    [
        ([0, 3, 3, 9], 5, "operation 0 of job 1 starts at 3 on machine 1, where operation 1 of job 0 is done until 5"),
        ([9, 5, 0, 12], 6, "operation 1 of job 0 started at 5, but waits for operation 0 of job 0, which has not begun"),
    ],
)
def test_a_history_that_cannot_have_been_is_refused(starts, now, said):
    with pytest.raises(InvalidProblemError, match=f"what has begun cannot have been so: {said}"):
        replan(JobShop.from_jobs(TWO), Schedule(starts), now=now)


def test_starts_that_were_later_than_planned_free_what_was_frozen_behind_them():
    late = replan(JobShop.from_jobs(TWO), Schedule([0, 4, 2, 4]), now=3, freeze=10)  # the second job began 2 too late
    assert late.flat.pinned.tolist() == [1, 0, 1, 0]
    assert ok.solve(late, "cpsat").objective == 8


def test_flow_shops_and_lengths_of_time():
    with pytest.raises(InvalidProblemError, match="shop is a FlowShop; replan goes on from the schedule of a Shop"):
        replan(FlowShop([[1, 2]]), PLAN, now=1)
    shop = JobShop.from_jobs(TWO, clock=Clock("2026-11-23T08:00", unit="h"))
    assert replan(shop, PLAN, now=2, freeze=timedelta(hours=2.5)) == replan(shop, PLAN, now=2, freeze=2.5)
    with pytest.raises(
        InvalidProblemError, match="now is '2026-11-22T08:00', before the clock of the problem begins, at 2026-11-23"
    ):
        replan(shop, PLAN, now="2026-11-22T08:00")


def test_times_that_there_are_twice_are_named():
    shop = JobShop.from_jobs(TWO, clock=Clock("2026-10-24", "Europe/Berlin", unit="h"))  # clocks are put back in the next night
    with pytest.raises(InvalidProblemError, match="now is 2026-10-25 02:30, a time that there is twice in Europe/Berlin"):
        replan(shop, PLAN, now="2026-10-25T02:30")
    with pytest.raises(InvalidProblemError, match="the start of the breakdown of machine 0 is 2026-10-25 02:30, a time that"):
        replan(shop, PLAN, now=1, breakdowns={0: ("2026-10-25T02:30", None)})
