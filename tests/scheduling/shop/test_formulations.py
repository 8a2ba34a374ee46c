"""CP-SAT and the disjunctive model against every schedule of tiny shops."""

import numpy as np
import pytest
from hypothesis import given, settings

import optikit as ok
from optikit import Status
from optikit.errors import UnsupportedError
from optikit.scheduling import Calendar, JobShop, OpenShop, Schedule
from optikit.scheduling.shop.check import timetable
from optikit.scheduling.shop.formulations.cpsat import CpSat, build_cpsat
from optikit.scheduling.shop.formulations.milp import build_milp, unsupported
from tests.naive import shop as naive
from tests.scheduling.shop.strategies import shops

pytest.importorskip("ortools", reason="CP-SAT is OR-Tools'")

LATEST = 6
"""Schedules that end later are not tried one by one."""


def solved(shop, schedule=None, **parameters):
    from ortools.sat.python import cp_model

    model, read = build_cpsat(shop)
    made = read.__self__
    if schedule is not None:
        made.start(schedule)
    assert model.validate() == ""
    solver = cp_model.CpSolver()
    for name, value in {"num_workers": 1, **parameters}.items():
        setattr(solver.parameters, name, value)
    status = solver.status_name(solver.solve(model))
    if status == "INFEASIBLE":
        return None
    assert status == "OPTIMAL"
    found = read(solver.value)
    assert shop.check(found).feasible
    assert shop.evaluate(found) == pytest.approx(solver.objective_value / made.flat.cost_scale)
    return found


@given(shops(max_operations=2))
@settings(max_examples=60, deadline=None)
def test_cpsat_finds_what_trying_all_finds(shop):
    check_against_all(shop)


@pytest.mark.soak
@given(shops(max_operations=3))
@settings(max_examples=300, deadline=None)
def test_cpsat_finds_what_trying_all_finds_with_three_operations(shop):
    check_against_all(shop)


def check_against_all(shop):
    best = naive.optimum(shop, LATEST)
    found = solved(shop)
    if best is None:
        assert found is None or timetable(shop, found).end.max() > LATEST
        return
    value, starts, modes = best
    assert found is not None
    assert shop.evaluate(found) <= value + 1e-9
    if timetable(shop, found).end.max() <= LATEST:
        assert shop.evaluate(found) == pytest.approx(value)
    # A start is hinted at whole: with every variable fixed to its hint, it is still a solution, of the same value.
    schedule = Schedule(starts, modes)
    held = solved(shop, schedule, fix_variables_to_their_hinted_value=True)
    assert held is not None
    assert shop.evaluate(held) == pytest.approx(value)


@given(shops(max_operations=3))
@settings(max_examples=20, deadline=None)
def test_the_disjunctive_model_agrees_with_cpsat(shop):
    pytest.importorskip("pulp", reason="mixed-integer models are PuLP's")
    if unsupported(shop) is not None:
        with pytest.raises(UnsupportedError, match="which the disjunctive model does not have; use cpsat"):
            build_milp(shop)
        return
    one, other = ok.solve(shop, "cpsat"), ok.solve(shop, "highs")
    assert one.status == other.status
    if one.objective is not None:
        assert one.objective == pytest.approx(other.objective)


def test_more_objectives_by_both_engines():
    pytest.importorskip("highspy", reason="HiGHS is one of the engines")
    jobs = [[(0, 4), (1, 3), (2, 2)], [(1, 2), (0, 5), (2, 4)], [(2, 3), (1, 2), (0, 2)]]
    terms = dict.fromkeys(("makespan", "total_completion", "total_tardiness", "max_lateness", "num_tardy"), 1)
    shop = JobShop.from_jobs(
        jobs, due=[8, 9, 9], weight=[3, 1, 2], objective=terms, release=[0, 1, 2], no_wait=[True, False, False]
    )
    results = [ok.solve(shop, name, time_limit=30) for name in ("cpsat", "highs")]
    assert [result.status for result in results] == [Status.OPTIMAL] * 2
    assert results[0].objective == results[1].objective


def test_a_tolerance_of_a_billionth_does_not_cut_off_the_optimum():
    """HiGHS 1.14 with mip_feasibility_tolerance 1e-9 and seed 0 called 1167 optimal here."""
    pytest.importorskip("highspy", reason="HiGHS is the engine")
    shop = OpenShop.from_matrix([[504, 5, 491], [334, 332, 334], [162, 663, 175]])
    assert ok.solve(shop, "highs", seed=0).objective == ok.solve(shop, "cpsat").objective == 1162


def floats(seed, **fields):
    rng = np.random.default_rng(seed)
    machines = [rng.permutation(3) for _ in range(3)]
    return JobShop.from_arrays(machines, rng.random((3, 3)) * 10, due=rng.random(3) * 10, **fields)


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("objective", ["makespan", "total_tardiness"])
def test_floats_of_many_digits_are_proved(seed, objective):
    """What CP-SAT finds where times round is what the judge accepts, and so near to its bound that it is optimal."""
    shop = floats(seed, objective=objective, weight=[0.3, 1.0, 2.0])
    result = ok.solve(shop, "cpsat")
    assert result.status is Status.OPTIMAL
    assert shop.evaluate(solved(shop)) == pytest.approx(result.objective, rel=1e-6)


def test_a_deadline_that_a_schedule_of_floats_meets_by_nothing_is_met():
    shop = floats(7)
    best = ok.solve(shop, "cpsat")
    again = ok.solve(shop.replace(deadline=best.objective), "cpsat")
    assert (again.status, again.objective) == (Status.OPTIMAL, pytest.approx(best.objective))


def test_hours_that_are_minutes_are_proved():
    """Times in hours that were read from dates have no decimals, but parts of an hour."""
    minutes = np.array([[95, 20, 7], [31, 45, 50], [64, 13, 77]])
    machines = [[0, 1, 2], [1, 2, 0], [2, 0, 1]]
    plain = JobShop.from_arrays(machines, minutes, due=[100, 120, 131], objective="total_tardiness")
    hours = JobShop.from_arrays(machines, minutes / 60, due=np.array([100, 120, 131]) / 60, objective="total_tardiness")
    one, other = ok.solve(plain, "cpsat"), ok.solve(hours, "cpsat")
    assert one.status is other.status is Status.OPTIMAL
    assert other.objective == pytest.approx(one.objective / 60)


def test_the_last_digits_of_floats_close_no_window():
    """3 * 0.1 is 0.30000000000000004: by the numbers alone, three such tenths end after a window that ends at 0.6 + 0.3."""
    calendar = Calendar([(0, 0.9)])
    result = ok.solve(JobShop.from_jobs([[(0, 3 * 0.1)], [(0, 0.2 + 0.1)], [(0, 0.3)]], calendars=calendar), "cpsat")
    assert (result.status, result.objective) == (Status.OPTIMAL, pytest.approx(0.9))


def test_too_large_is_said():
    shop = JobShop.from_jobs([[(0, 1)] * 30] * 60, setup=[[1] * 60] * 60)
    assert "pairs of operations make a model too large for CP-SAT" in CpSat().supports(shop).reason


def test_windows_far_from_0_cost_nothing():
    calendar = Calendar([(1_000_000 + 24 * day, 1_000_008 + 24 * day) for day in range(50)])
    shop = JobShop.from_jobs([[(0, 20), (1, 5)]], calendars=calendar, resumable=True)
    result = ok.solve(shop, "cpsat", time_limit=20)
    assert result.status is Status.OPTIMAL
    assert result.objective == 1_000_000 + 3 * 24 + 1


def test_what_is_left_out_is_hinted_at_too():
    """A blocking job of which nothing is done: its variables have values that fit."""
    shop = JobShop.from_jobs([[(0, 2)], [(0, 1), (1, 1)]], release=[0, 1], blocking=[False, True], omission=[1, 1, 1])
    left = Schedule([0, 0, 0], [-1, -1, -1])
    assert shop.evaluate(solved(shop, left, fix_variables_to_their_hinted_value=True)) == 3


def test_nothing_to_decide_is_a_model_all_the_same():
    pytest.importorskip("highspy", reason="HiGHS is the engine")
    result = ok.solve(JobShop.from_jobs([[(0, 0)]], objective="total_tardiness"), "highs", time_limit=20)
    assert (result.status, result.objective) == (Status.OPTIMAL, 0)
