"""Going on from a plan in progress."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import optikit as ok
from optikit.errors import InvalidProblemError
from optikit.scheduling import Calendar, Clock, FlexibleJobShop, JobShop, Schedule, replan
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
    resumed = replan(shop.replace(resumable=True), PLAN, now=2, breakdowns={1: [(2, 5)]})
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
