"""Tables in and out, with dates."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import polars as pl
import pytest

from optikit.errors import InvalidProblemError, UnsupportedError
from optikit.scheduling import Calendar, Clock, FlexibleJobShop, JobShop, Precedence, Schedule, Shop

ROWS = [
    ("chair", "cut", "saw", 30),
    ("chair", "cut", "laser", 20),
    ("chair", "paint", "booth", 400),
    ("bed", "cut", "saw", 50),
]
COLUMNS = ["job", "operation", "machine", "duration"]


def frame(**columns):
    return pd.DataFrame(ROWS, columns=COLUMNS).assign(**columns)


def test_rows_of_one_operation_are_its_alternatives():
    shop = FlexibleJobShop.from_frame(frame())
    assert shop.operation.tolist() == [0, 0, 1, 2]
    assert shop.operation_names == ("cut", "paint", "cut")
    assert shop.job_names == ("chair", "bed")
    assert shop.machine_names == ("saw", "laser", "booth")


def test_polars_gives_the_same():
    data = {column: list(values) for column, values in zip(COLUMNS, zip(*ROWS, strict=True), strict=True)}
    data["due"] = [datetime(2026, 3, 29, 12, tzinfo=ZoneInfo("Europe/Berlin"))] * 3 + [None]
    told = FlexibleJobShop.from_frame(pl.DataFrame(data), clock=Clock("2026-03-28T22:00", "Europe/Berlin"))
    plain = FlexibleJobShop.from_frame(pd.DataFrame(data), clock=Clock("2026-03-28T22:00", "Europe/Berlin"))
    assert told == plain
    assert told.due.tolist() == [13 * 60, float("inf")]  # clocks go forward in that night


def test_without_names_each_row_is_an_operation_in_the_order_of_rows_or_positions():
    table = pd.DataFrame({"job": [1, 2, 1], "machine": [0, 0, 1], "duration": [3, 4, 5], "step": [2, 1, 1]})
    assert JobShop.from_frame(table).duration.tolist() == [3, 5, 4]
    assert JobShop.from_frame(table, position="step").duration.tolist() == [5, 3, 4]
    assert list(JobShop.from_frame(table).job_names) == [1, 2]


def test_what_is_said_of_jobs_is_said_once_or_alike():
    shop = FlexibleJobShop.from_frame(
        frame(due=[None, None, 500, 90], weight=[2, None, None, None], omission=[None, 7, None, None])
    )
    assert shop.due.tolist() == [500, 90]
    assert shop.weight.tolist() == [2, 1]
    assert shop.omission.tolist() == [7, float("inf"), float("inf")]
    with pytest.raises(InvalidProblemError, match=r"due in row 2 is 500\.0, in row 0 of the same job 400\.0"):
        FlexibleJobShop.from_frame(frame(due=[400, None, 500, 90]))


def test_setups_and_transports_by_name():
    shop = FlexibleJobShop.from_frame(frame(), setup={("chair", "bed"): 5}, transport={("saw", "booth"): 3})
    assert shop.setup.tolist() == [[[0, 5], [0, 0]]]
    assert shop.transport[0].tolist() == [0, 0, 3]
    coloured = FlexibleJobShop.from_frame(frame(family=["red", "red", "blue", "blue"]), setup={("red", "blue"): 2})
    assert coloured.family.tolist() == [0, 1, 1]
    timed = FlexibleJobShop.from_frame(
        frame(), clock=START, setup={("chair", "bed"): timedelta(hours=1)}, transport={("saw", "booth"): timedelta(minutes=3)}
    )
    assert (timed.setup[0, 0, 1], timed.transport[0, 2]) == (60, 3)
    with pytest.raises(InvalidProblemError, match=r"transport\[\('saw', 'booth'\)\] is a length of time, but there is no clock"):
        FlexibleJobShop.from_frame(frame(), transport={("saw", "booth"): timedelta(minutes=3)})
    with pytest.raises(InvalidProblemError, match=r"setup\[\('chair', 'bed'\)\] is -5; a setup is >= 0"):
        FlexibleJobShop.from_frame(frame(), setup={("chair", "bed"): -5})
    with pytest.raises(InvalidProblemError, match=r"expected a mapping of names to times, such as {\('a', 'b'\): 5}"):
        FlexibleJobShop.from_frame(frame(), setup=[[0, 5], [5, 0]])
    with pytest.raises(InvalidProblemError, match="setup names 'bad', which is not in the frame; did you mean 'bed'"):
        FlexibleJobShop.from_frame(frame(), setup={("chair", "bad"): 5})


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"machine": ["saw", None, "booth", "saw"]}, "machine in row 1 is missing: an operation has no machine"),
        ({"duration": [30, -20, 1, 1]}, "duration in row 1 is -20; a duration is >= 0"),
        ({"duration": [30, None, 1, 1]}, "duration in row 1 is missing"),
        ({"duration": ["30", "2", "1", "1"]}, "duration in row 0 is '30'; expected a number"),
        ({"job": [1.5, 1, 1, 1]}, r"job in row 0 is 1.5; a name is text or a whole number; convert"),
        ({"weight": ["x", None, None, 1]}, "weight in row 0 is 'x'; expected a number"),
        ({"weight": [None, None, None, -1]}, "weight in row 3 is -1.0; expected a number >= 0"),
        ({"duration": [1, 1, 1, 2**60]}, "duration in row 3 is 1152921504606846976; use a larger unit"),
        ({"resumable": ["often", True, True, False]}, "resumable in row 0 is 'often'; expected True or False"),
    ],
)
def test_cells_that_make_no_sense_are_refused_with_their_row(columns, said):
    with pytest.raises(InvalidProblemError, match=said):
        Shop.from_frame(frame(**columns))


def test_columns_and_options_that_are_not_there():
    with pytest.raises(InvalidProblemError, match="there is no column 'resource'"):
        Shop.from_frame(frame(), machine="resource")
    with pytest.raises(UnsupportedError, match="from_frame has no option 'machin'; did you mean 'machine'"):
        Shop.from_frame(frame(), machin="machine")
    with pytest.raises(InvalidProblemError, match="is on machine 'laser', which is not listed"):
        Shop.from_frame(frame(), machines=["saw", "booth"])
    with pytest.raises(InvalidProblemError, match="frame has no rows"):
        Shop.from_frame(frame().head(0))
    with pytest.raises(InvalidProblemError, match="say clock=Clock"):
        Shop.from_frame(frame(duration=pd.to_timedelta([1, 2, 3, 4], unit="h")))


def test_dates_in_and_dates_out():
    released = pd.to_datetime(["2026-03-28 22:00", None, None, None]).tz_localize("Europe/Berlin")
    shop = FlexibleJobShop.from_frame(frame(release=released, duration=pd.to_timedelta([30, 20, 400, 50], unit="min")))
    assert shop.clock == Clock("2026-03-28T22:00", "Europe/Berlin", "min")
    assert shop.duration.tolist() == [30, 20, 400, 50]
    told = shop.to_frame(Schedule([0, 20, 0], [1, 0, 0]))
    assert told["end"][1] == pd.Timestamp("2026-03-29 06:00", tz="Europe/Berlin")  # 400 minutes in a night without 2 o'clock
    assert told["duration"][1] == timedelta(minutes=400)
    assert str(told["start"].dtype.tz) == "Europe/Berlin"
    assert told["critical"].tolist() == [True, True, False]


def test_the_clock_by_start_zone_and_unit():
    dated = frame(release=["2026-11-23T08:00", None, None, "2026-11-23T07:00"])
    shop = FlexibleJobShop.from_frame(dated, zone="Europe/Berlin", unit="h")
    assert (shop.clock, shop.release.tolist()) == (Clock("2026-11-23T07:00", "Europe/Berlin", "h"), [1, 0])
    shop = FlexibleJobShop.from_frame(dated, start=date(2026, 11, 23))
    assert (shop.clock, shop.release.tolist()) == (Clock("2026-11-23"), [480, 420])
    for option in ({"zone": "Europe/Berlin"}, {"unit": "h"}):
        with pytest.raises(InvalidProblemError, match=rf"{next(iter(option))} is .*, but no start says when 0 is"):
            FlexibleJobShop.from_frame(frame(), **option)
        with pytest.raises(InvalidProblemError, match=rf"clock and {next(iter(option))} both say what 0 is"):
            FlexibleJobShop.from_frame(frame(), clock=START, **option)


def test_numbers_in_and_numbers_out():
    shop = JobShop.from_jobs([[(0, 3), (1, 2)], [(1, 4), (0, 1)]], due=[5, float("inf")], omission=[9, 9, 9, 9])
    told = shop.to_frame(Schedule([0, 4, 0, 0], [0, 0, 0, -1]))
    assert told["end"].tolist()[:3] == [3, 6, 4]
    assert told["late"].tolist()[:2] == [0, 1]
    assert told["machine"].isna().tolist() == [False, False, False, True]
    assert told["start"].isna().tolist() == [False, False, False, True]


START = Clock("2026-11-23T07:00", "Europe/Berlin")


@pytest.mark.parametrize(
    ("columns", "clock", "said"),
    [
        ({"due": "2026-11-25"}, None, "due holds dates, but nothing says when work may begin: say start="),
        (
            {"due": ["2026-11-25", None, 17, None]},
            START,
            "due in row 2 is 17, in row 0 '2026-11-25'; a column holds dates, or numbers",
        ),
        ({"deadline": "2026-11-20"}, START, "deadline in row 0 is '2026-11-20', before the clock begins at 2026-11-23T07:00"),
        ({"due": "soon"}, START, "due in row 0 is 'soon'; expected a date and time"),
        ({"due": "2027-03-28T02:30"}, START, "due in row 0 is 2027-03-28 02:30, a time that there is not in Europe/Berlin"),
        ({"due": datetime(2026, 11, 25, tzinfo=ZoneInfo("Asia/Tokyo"))}, Clock("2026-11-23"), "due in row 0 .* the clock has none"),
    ],
)
def test_dates_that_make_no_sense_are_refused_as_dates(columns, clock, said):
    with pytest.raises(InvalidProblemError, match=said):
        FlexibleJobShop.from_frame(frame(**columns), clock=clock)


def test_what_was_released_before_the_clock_begins_may_begin_with_it():
    shop = FlexibleJobShop.from_frame(frame(release="2026-11-20", due="2026-11-22T07:00"), clock=START)
    assert shop.release.tolist() == [0, 0]
    assert shop.due.tolist() == [-1440, -1440]
    given = JobShop.from_jobs(
        [[(0, 3)], [(0, 2)]], clock=START, release=[date(2026, 11, 20), "2026-11-23T08:00"], due=["2026-11-24", None]
    )
    assert (given.release.tolist(), given.due.tolist()) == ([0, 60], [1020, float("inf")])
    with pytest.raises(InvalidProblemError, match=r"deadline\[0\] is '2026-11-22', before the clock begins"):
        given.replace(deadline=["2026-11-22", None])
    with pytest.raises(InvalidProblemError, match=r"latest\[1\] is 3 among dates; give dates, or numbers"):
        given.replace(latest=["2026-11-24", 3])
    with pytest.raises(InvalidProblemError, match=r"due\[0\] is '2026-11-24', but no clock says when 0 is"):
        JobShop.from_jobs([[(0, 3)]], due=["2026-11-24"])


AFTER = Precedence(1, 2, min_lag=5, max_lag=60)


@pytest.mark.parametrize(
    "precedences",
    [
        [(("chair", "paint"), ("bed", "cut"), 5, 60)],
        [{"before": ("chair", "paint"), "after": ("bed", "cut"), "min_lag": 5, "max_lag": timedelta(hours=1)}],
        pd.DataFrame(
            [("chair", "paint", "bed", "cut", 5, 60)], columns=["before_job", "before", "after_job", "after", "min_lag", "max_lag"]
        ),
        [AFTER],
    ],
)
def test_precedences_by_names(precedences):
    assert FlexibleJobShop.from_frame(frame(), precedences=precedences, clock=START).precedences == (AFTER,)


def test_precedences_of_one_job_in_a_frame():
    rules = pd.DataFrame({"job": ["chair"], "before": ["cut"], "after": ["paint"], "max_lag": [None]})
    assert FlexibleJobShop.from_frame(frame(), precedences=rules).precedences == (Precedence(0, 1),)


@pytest.mark.parametrize(
    ("precedences", "said"),
    [
        ([(("chair", "pant"), ("bed", "cut"))], "there is no operation 'pant' of job 'chair'; did you mean 'paint'"),
        ([(("chaise", "paint"), ("bed", "cut"))], "there is no job 'chaise'"),
        ([("paint", ("bed", "cut"))], r"before of precedences\[0\] is 'paint'; expected \(job, operation\)"),
        ([{"before": ("bed", "cut"), "aftr": 1}], r"precedences\[0\] has 'aftr'; expected before, after"),
        ([{"before": ("bed", "cut")}], r"precedences\[0\] lacks before or after"),
        ([3], r"precedences\[0\] is 3; expected \(before, after\)"),
        (
            [(("chair", "cut"), ("bed", "cut"), timedelta(1))],
            r"min_lag of precedences\[0\] is a length of time, but there is no clock",
        ),
        (pd.DataFrame({"before": ["cut"]}), "the frame of precedences has no column 'before_job'"),
        (pd.DataFrame({"wait": [1]}), "the frame of precedences has a column 'wait'"),
        (
            [(("chair", "paint"), ("bed", "cut")), (("bed", "cut"), ("chair", "cut"))],
            "precedences go in a circle: 'cut' of job 'chair'",
        ),
    ],
)
def test_precedences_that_make_no_sense(precedences, said):
    with pytest.raises(InvalidProblemError, match=said):
        FlexibleJobShop.from_frame(frame(), precedences=precedences)


def test_waiting_blocking_calendars_and_setups_by_machine():
    early = Calendar([(3, 999)])
    shop = FlexibleJobShop.from_frame(
        frame(no_wait=[None, None, None, True]), blocking=True, calendars={"saw": early},
        setup={("saw", "chair", "bed"): 3}, first_setup={("laser", "chair"): 2},
    )  # fmt: skip
    assert (shop.no_wait.tolist(), shop.blocking.tolist()) == ([False, True], [True, True])
    assert shop.calendars == (early, None, None)
    assert (shop.setup.shape, shop.setup.sum(), shop.setup[0, 0, 1]) == ((3, 2, 2), 3, 3)
    assert (shop.first_setup.shape, shop.first_setup[1, 0]) == ((3, 2), 2)
    with pytest.raises(InvalidProblemError, match="setup names 'lathe', which is not in the frame"):
        FlexibleJobShop.from_frame(frame(), setup={("lathe", "chair", "bed"): 3})
    with pytest.raises(InvalidProblemError, match="expected a machine and a pair of names, the same for all"):
        FlexibleJobShop.from_frame(frame(), setup={("saw", "chair", "bed"): 3, ("bed", "chair"): 1})


def test_operations_are_found_by_name():
    shop = FlexibleJobShop.from_frame(frame())
    assert (shop.find_operation("chair", "paint"), shop.find_operation("bed", "cut")) == (1, 2)
    assert JobShop.from_jobs([[(0, 1)], [(0, 2), (1, 1)]]).find_operation(1, 1) == 2
    with pytest.raises(InvalidProblemError, match="job 1 has several operations 'a'"):
        JobShop.from_jobs([[(0, 1)], [(0, 2), (1, 1)]], operation_names=["a", "a", "a"]).find_operation(1, "a")


def test_a_column_has_lengths_of_time_or_numbers():
    frame = pd.DataFrame({"job": ["a", "b"], "machine": "saw", "duration": pd.Series([timedelta(hours=1), 2], dtype=object)})
    with pytest.raises(InvalidProblemError, match="duration in row 1 is 2, others are lengths of time"):
        JobShop.from_frame(frame, clock=Clock("2026-03-02"))
