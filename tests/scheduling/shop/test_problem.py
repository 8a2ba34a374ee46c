"""Shops are read, refused by name, and stay what they are."""

import contextlib
import copy
import dataclasses
import math
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optikit.errors import InvalidProblemError, InvalidSolutionError, OptikitError, UnsupportedError
from optikit.scheduling import Calendar, Clock, FlexibleJobShop, JobShop, OpenShop, Precedence, Schedule, Shop
from optikit.scheduling.shop import Baseline
from optikit.scheduling.shop.flat import NEVER, fit, flatten
from tests.scheduling.shop.strategies import shops

TWO = [[(0, 3), (1, 2)], [(1, 4), (0, 1)]]


def two(**fields):
    return JobShop.from_jobs(TWO, **fields)


def test_jobs_become_flat_arrays():
    shop = FlexibleJobShop.from_jobs({"chair": [{"saw": 3, "laser": 2}, ("lathe", 4)], "bed": [("lathe", 1)]})
    assert shop.job.tolist() == [0, 0, 1]
    assert shop.operation.tolist() == [0, 0, 1, 2]
    assert shop.machine.tolist() == [0, 1, 2, 2]
    assert shop.duration.tolist() == [3, 2, 4, 1]
    assert shop.machine_names == ("saw", "laser", "lathe")
    assert shop.job_names == ("chair", "bed")
    assert shop.operation_called(1) == "operation 1 of job 'chair'"


def test_the_named_doors_agree_with_the_general_one():
    assert JobShop.from_arrays([[0, 1], [1, 0]], [[3, 2], [4, 1]]) == two()
    shop = Shop.from_jobs([[(0, 3), (1, 2)], [(0, 4), (1, 1)]], order="open")
    opened = OpenShop.from_matrix([[3, 2], [4, 1]])
    assert opened.flat.job_order.tolist() == shop.flat.job_order.tolist() == [1, 1]
    assert opened.duration.tolist() == shop.duration.tolist()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"due": [1, math.nan]}, r"due\[1\] is nan; expected a finite number"),
        ({"release": [1, math.inf]}, r"release\[1\] is inf"),
        ({"release": [-1, 0]}, r"release\[0\] is -1\.0; expected a number >= 0"),
        ({"weight": [1]}, r"weight has shape \(1,\), expected \(2,\)"),
        ({"deadline": "soon"}, r"deadline"),
        ({"order": "chian"}, r"order\[0\] is 'chian'; did you mean 'chain'\?"),
        ({"objective": "makespna"}, r"objective has 'makespna'; did you mean 'makespan'\?"),
        ({"objective": {"makespan": -1}}, r"a coefficient is >= 0"),
        ({"objective": {"makespan": math.nan}}, r"expected a number"),
        ({"setup": [[0, 1]]}, r"setup has shape \(1, 2\); expected \(2, 2\)"),
        ({"setup": [[0, -1], [0, 0]]}, r"setup\[0, 0, 1\] is -1; a setup is >= 0"),
        ({"transport": [[0, 1, 2]]}, r"transport has shape \(1, 3\), expected \(2, 2\)"),
        ({"calendars": [None]}, r"calendars has 1 entries, expected 2"),
        ({"calendars": {3: Calendar([(0, 9)])}}, r"there is no machine 3; machines are 0 to 1"),
        ({"calendars": [8, None]}, r"the calendar of machine 0 is 8; expected a Calendar"),
        ({"machine_names": ["saw", "saw"]}, r"the name 'saw' stands twice \(machines 0 and 1\)"),
        ({"job_names": ["a"]}, r"job_names has 1 entries, expected 2: one for each job"),
        ({"family": [0, 1, 2]}, r"family has shape \(3,\), expected \(4,\)"),
        ({"no_wait": [True, 7]}, r"no_wait\[1\] is 7; expected True or False"),
        ({"precedences": [Precedence(0, 9)]}, r"precedences\[0\] names operation 9; operations are 0 to 3"),
        ({"precedences": [(0, 1)]}, r"precedences\[0\] is \(0, 1\); expected a Precedence"),
        ({"precedences": [Precedence(2, 2)]}, r"before itself"),
        ({"baseline": Baseline([0], [0])}, r"expected a Baseline of 4 operations"),
        ({"clock": "2026-01-01"}, r"expected a Clock"),
        ({"omission": [1, 2, math.nan, 3]}, r"omission\[2\] is nan"),
        ({"num_machines": 1}, r"machines are 0 to 0, as num_machines is 1"),
    ],
)
def test_fields_that_make_no_sense_are_refused_by_name(fields, said):
    with pytest.raises(InvalidProblemError, match=said):
        Shop(**{"job": [0, 0, 1, 1], "operation": range(4), "machine": [0, 1, 1, 0], "duration": [3, 2, 4, 1], **fields})


@pytest.mark.parametrize(
    ("jobs", "said"),
    [
        ([[(0, -3)]], "the duration of operation 0 of job 0 is -3; a duration is >= 0"),
        ([[(0, math.nan)]], "the duration of operation 0 of job 0 is nan; expected a number"),
        ([[[]]], "operation 0 of job 0 has no machine"),
        ([[(0, 1)], []], r"jobs\[1\] has no operations"),
        ([], "jobs is empty"),
        ([[(-1, 3)]], "machines are counted from 0"),
        ([[("saw", 3), (1, 2)]], None),
        ([[(0, 3), ("saw", 2)]], "others are numbered"),
        ([[(0, 3, 4)]], r"expected \(machine, duration\)"),
        ("jobs", "expected a sequence of jobs"),
        ([7], r"jobs\[0\] is 7; expected a list of operations"),
        ([[(1.5, 3)]], "is on machine 1.5; expected a name or a number"),
    ],
)
def test_jobs_that_make_no_sense_are_refused_by_name(jobs, said):
    if said is None:
        assert JobShop.from_jobs(jobs).machine_names == ("saw", 1)
        return
    with pytest.raises(InvalidProblemError, match=said):
        JobShop.from_jobs(jobs)


def test_unknown_machines_are_refused_where_machines_are_listed():
    with pytest.raises(InvalidProblemError, match="is on machine 'swa', which is not listed; did you mean 'saw'"):
        JobShop.from_jobs([[("swa", 3)]], machine_names=["saw", "lathe"])
    with pytest.raises(UnsupportedError, match="has no field 'dues'; did you mean 'due'"):
        JobShop.from_jobs(TWO, dues=[1, 2])


def test_arrays_with_gaps_are_refused():
    with pytest.raises(InvalidProblemError, match="operation 1 has no machine"):
        Shop([0, 0], [0, 0], [0, 1], [1, 1])
    with pytest.raises(InvalidProblemError, match=r"job\[1\] is 2 after 0"):
        Shop([0, 2], [0, 1], [0, 1], [1, 1])
    with pytest.raises(InvalidProblemError, match="job is empty"):
        Shop([], [], [], [])


def test_kinds_hold_only_their_own():
    with pytest.raises(InvalidProblemError, match="operation 0 of job 0 has 2 machines to choose from: that is a FlexibleJobShop"):
        JobShop.from_jobs([[[(0, 3), (1, 2)]]])
    with pytest.raises(InvalidProblemError, match="order of job 0 is 'open'; in a JobShop all are 'chain'"):
        two(order="open")
    with pytest.raises(InvalidProblemError, match="blocking, but its operations have no order"):
        OpenShop.from_matrix([[1, 2]], blocking=True)
    with pytest.raises(InvalidProblemError, match="may not wait, but its operations are a network"):
        Shop.from_jobs(TWO, order="network", no_wait=True)


# -- precedences --------------------------------------------------------------------


def test_a_circle_of_precedences_is_named():
    with pytest.raises(InvalidProblemError) as refusal:
        two(job_names=["a", "b"], precedences=[Precedence(1, 2), Precedence(3, 0)])
    said = str(refusal.value)
    assert said.startswith("precedences go in a circle: ")
    for name in ("operation 0 of job 'a'", "operation 1 of job 'a'", "operation 0 of job 'b'", "operation 1 of job 'b'"):
        assert name in said


def test_lags_that_contradict_each_other_are_named():
    with pytest.raises(
        InvalidProblemError, match=r"precedences contradict each other: .*operation 0 of job 1.* asks for 4 more time"
    ):
        two(precedences=[Precedence(0, 2, min_lag=5), Precedence(0, 2, max_lag=1)])
    with pytest.raises(InvalidProblemError, match="min_lag 5 above max_lag 1"):
        Precedence(0, 2, min_lag=5, max_lag=1)
    two(precedences=[Precedence(0, 2, min_lag=5), Precedence(0, 2, max_lag=5)])


def test_a_circle_that_takes_no_time_and_one_that_can_be_left_out_are_none():
    Shop.from_jobs([[(0, 0)], [(1, 0)]], precedences=[Precedence(0, 1), Precedence(1, 0)])
    two(precedences=[Precedence(0, 2, kind="start-start"), Precedence(2, 0, kind="start-start")])
    shop = two(precedences=[Precedence(1, 2), Precedence(3, 0)], omission=[1, math.inf, math.inf, math.inf])
    assert shop.check(Schedule([0, 0, 2, 6], [-1, 0, 0, 0])).feasible


@pytest.mark.parametrize("field", ["before", "kind", "min_lag", "max_lag"])
def test_a_precedence_of_nonsense_is_refused(field):
    for value in ("x", math.nan, True, [1]):
        with pytest.raises(InvalidProblemError, match=field):
            Precedence(**{"before": 0, "after": 1, field: value})


# -- solutions ----------------------------------------------------------------------


def test_schedules_that_make_no_sense_are_refused():
    shop = two()
    with pytest.raises(InvalidSolutionError, match=r"start\[1\] is nan"):
        Schedule([0, math.nan])
    with pytest.raises(InvalidSolutionError, match=r"mode\[0\] is -2"):
        Schedule([0], [-2])
    with pytest.raises(InvalidSolutionError, match="start has 3 entries, expected 4"):
        shop.evaluate(Schedule([0, 4, 0]))
    with pytest.raises(InvalidSolutionError, match=r"mode\[2\] is 1; operation 0 of job 1 has 1 mode, from 0"):
        shop.check(Schedule([0, 4, 0, 4], [0, 0, 1, 0]))
    for data in ({}, {"schema_version": 1, "start": [0], "mode": ["x"]}, {"schema_version": 1, "start": [None], "mode": [0]}, []):
        with pytest.raises(InvalidSolutionError):
            Schedule.from_dict(data)


def test_schedules_are_values():
    one, other = Schedule([0, -0.0, 5], [0, 0, -1]), Schedule([0, 0, 0], [0, 0, -1])
    assert one == other
    assert hash(one) == hash(other)
    assert one != Schedule([0, 0, 1])
    assert pickle.loads(pickle.dumps(one)) == copy.deepcopy(one) == one == Schedule.from_json(one.to_json())


# -- forms and ticks ----------------------------------------------------------------


@given(shops())
@settings(max_examples=20, deadline=None)
def test_forms_hold_everything(shop):
    again = Shop.from_json(shop.to_json())
    assert again == shop
    assert again.fingerprint == shop.fingerprint
    assert pickle.loads(pickle.dumps(shop)) == shop
    assert shop.replace() == shop


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)


@given(shops(), st.data())
@settings(max_examples=25, deadline=None)
def test_hostile_forms_are_refused_in_words(shop, data):
    form = shop.to_dict()
    key = data.draw(st.sampled_from(sorted(form)))
    form[key] = data.draw(json_values)
    try:
        Shop.from_dict(form)
    except InvalidProblemError as error:
        assert str(error)  # noqa: PT017


def test_decimals_have_exact_ticks():
    shop = two().replace(duration=[0.1, 0.25, 3, 1.5], due=[7.05, math.inf])
    flat = shop.flat
    assert flat.lattice.scale == 100
    assert flat.mode_duration.tolist() == [10, 25, 300, 150]
    assert flat.due.tolist() == [705, NEVER]
    assert shop.error == 0


def test_thirds_have_one_too():
    shop = two().replace(duration=[1 / 3, 2 / 3, 1, 1])
    assert (shop.lattice.scale, shop.error) == (3, 0)
    assert shop.flat.mode_duration.tolist() == [1, 2, 3, 3]


def test_floats_of_many_digits_have_none_and_the_error_says_so():
    shop = two().replace(duration=[math.pi, math.e, 1, 1])
    assert 0 < shop.error < 1e-9
    coarse = flatten(shop, fit(shop, 2**45, 2**20))
    assert coarse.error > shop.error
    assert abs(coarse.mode_duration[0] / coarse.lattice.scale - math.pi) <= coarse.lattice.item_error


@given(shops())
@settings(max_examples=15, deadline=None)
def test_ticks_go_to_and_fro(shop):
    flat = shop.flat
    start = np.arange(flat.num_operations) * 3
    mode = flat.mode_ptr[1:] - 1
    schedule = flat.schedule(start, mode)
    again = flat.decisions(schedule)
    assert again[0].tolist() == start.tolist()
    assert again[1].tolist() == mode.tolist()


class Sized:
    def __len__(self):
        return 2


ODD = [np.array(3), Sized, Sized(), object(), {1: 2}, b"ab", 10**30, [[1], 2], lambda: 0, {"a"}, [None, set()], 1j]


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Shop)])
def test_whatever_is_given_is_taken_or_refused_by_name(field):
    given = {"job": [0, 0, 1, 1], "operation": [0, 1, 2, 3], "machine": [0, 1, 1, 0], "duration": [3, 2, 4, 1]}
    for odd in ODD:
        with contextlib.suppress(OptikitError):
            JobShop(**{**given, field: odd})


def test_doors_refuse_what_is_nothing_of_theirs():
    table = pd.DataFrame({"job": [0], "machine": ["a"], "duration": [1]})
    for odd in ODD:
        for door in (
            JobShop.from_jobs,
            OpenShop.from_matrix,
            JobShop.from_frame,
            JobShop.from_dict,
            Calendar,
            Calendar.always_but,
            lambda odd: JobShop.from_jobs([odd]),
            lambda odd: JobShop.from_jobs([[odd]]),
            lambda odd: JobShop.from_jobs([[(0, odd)]]),
            lambda odd: JobShop.from_arrays(odd, [[1]]),
            lambda odd: JobShop.from_frame(table, machines=odd),
            lambda odd: JobShop.from_frame(table, precedences=odd),
            lambda odd: JobShop.from_frame(table, setup=odd),
            lambda odd: Clock("2026-11-23", odd),
            lambda odd: Calendar.shifts(Clock("2026-11-23"), [("08:00", "09:00")], days=odd),
            lambda odd: Calendar.shifts(Clock("2026-11-23"), [("08:00", "09:00")], holidays=odd),
            Clock("2026-11-23").instant,
            lambda odd: two().plot(Schedule([0, 4, 0, 4]), by=odd),
            JobShop.read,
        ):
            with contextlib.suppress(OptikitError):
                door(odd)


def test_machines_beyond_all_reason():
    for machine in (2_000_000, 10**12):
        with pytest.raises(InvalidProblemError, match="machines are counted from 0; give them"):
            Shop([0], [0], [machine], [1])
    with pytest.raises(InvalidProblemError, match="num_machines is 2000000; expected a whole number from 1 to 1,000,000"):
        Shop([0], [0], [0], [1], num_machines=2_000_000)


def test_operations_of_jobs_with_names_are_refused_by_them():
    with pytest.raises(InvalidProblemError, match="the duration of operation 0 of job 'chair' is -3; a duration is >= 0"):
        JobShop.from_jobs({"chair": [("saw", -3)]})
    with pytest.raises(InvalidProblemError, match="operation 0 of job 'bed' has no machine; give it"):
        FlexibleJobShop.from_jobs({"bed": [{}]})


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: JobShop.from_arrays([[0, 1], [1, 0]], [[1, 2], [3, -4]]), r"durations\[1, 1\] is -4; a duration is"),
        (lambda: JobShop.from_arrays([[0, -1]], [[1, 2]]), r"machines\[0, 1\] is -1; machines are counted from 0"),
        (lambda: OpenShop.from_matrix([[1, 2], [math.inf, 1]]), r"durations\[1, 0\] is inf; a duration is"),
    ],
)
def test_entries_of_matrices_are_refused_where_they_stand(make, said):
    with pytest.raises(InvalidProblemError, match=said):
        make()
