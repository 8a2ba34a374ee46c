"""Tables of operations in CSV files, through every door."""

import re

import pytest

import optikit as ok
from optikit.cli import main
from optikit.errors import FileFormatError, UnsupportedError
from optikit.scheduling import Calendar, Clock, FlexibleJobShop, FlowShop, JobShop, OpenShop, Shop

STEPS = """job;operation;machine;duration;due;no_wait
chair;cut;saw;30;2026-11-24 16:00;yes
chair;cut;laser;20;;
chair;paint;booth;400.5;;
bed;cut;saw;50;;
"""
FLOW = "job,stage,duration,release\na,saw,3,\na,drill,2,5\nb,saw,1,0\nb,drill,4,\n"


def written(tmp_path, text, name="steps.csv"):
    path = tmp_path / name
    path.write_text(text)
    return str(path)


def test_a_table_of_operations_tells_itself(tmp_path):
    path = written(tmp_path, STEPS)
    shop = ok.read(path, start="2026-11-23T07:00", zone="Europe/Berlin")
    assert type(shop) is FlexibleJobShop
    assert shop == FlexibleJobShop.read(path, start="2026-11-23T07:00", zone="Europe/Berlin")
    assert (shop.job_names, shop.machine_names, shop.name) == (("chair", "bed"), ("saw", "laser", "booth"), "steps")
    assert shop.duration.tolist() == [30, 20, 400.5, 50]
    assert shop.clock == Clock("2026-11-23T07:00", "Europe/Berlin")
    assert (shop.due.tolist(), shop.no_wait.tolist()) == ([33 * 60, float("inf")], [True, False])


def test_the_class_is_that_of_the_operations(tmp_path):
    plain = written(tmp_path, "job,machine,duration\na,x,3\na,y,2\nb,y,4\n")
    assert type(ok.read(plain)) is JobShop
    assert type(ok.read(plain, order="open")) is OpenShop
    assert type(ok.read(plain, order="network")) is Shop
    assert type(FlexibleJobShop.read(plain)) is FlexibleJobShop
    with pytest.raises(FileFormatError, match="has 2 machines to choose from: that is a FlexibleJobShop"):
        JobShop.read(written(tmp_path, STEPS), start="2026-11-23T07:00")


def test_columns_shifts_and_breaks(tmp_path):
    path = written(tmp_path, "order,where,minutes,rush\n1,x,300,2\n2,x,300,\n")
    given = {"job": "order", "machine": "where", "duration": "minutes", "weight": "rush"}
    shop = ok.read(path, "shop-csv", **given, start="2026-11-23T06:00", shifts="06:00-10:00, 10:30-14:00", weeks=1, resumable=True)
    assert shop.job_names == ("1", "2")  # names are text
    assert shop.weight.tolist() == [2, 1]
    assert shop.resumable.all()
    assert shop.calendars[0] == Calendar.shifts(shop.clock, [("06:00", "10:00"), ("10:30", "14:00")], weeks=1)


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("job,machine,duration\na,x,3\nb,y\n", {}, "steps.csv:3: expected 3 values"),
        ("job,machine,duration\na,x,long\n", {}, "steps.csv:2: duration is 'long'; expected a number"),
        ("job,machine,duration\na,x,3\n\nb,y,-4\n", {}, "steps.csv:4: duration in line 4 is -4; a duration is >= 0"),
        ("job,machine,duration\na,,3\n", {}, "steps.csv:2: machine in line 2 is missing: an operation has no machine"),
        ("job,machine,duration,no_wait\na,x,3,maybe\n", {}, "no_wait is 'maybe'; expected true or false"),
        ("job,machine,duration,due\na,x,3,2026-11-24\n", {}, "due holds dates, but nothing says when work may begin"),
        ("job,machine,duration\na,x,3\n", {"shifts": "06:00-14:00"}, "shifts go by the clock on the wall"),
        ("job,machine,duration\na,x,3\n", {"shifts": "early", "start": "2026-11-23"}, "shifts has 'early'; expected times like"),
        ("job,machine,duration\na,x,3\n", {"zone": "Europe/Berlin"}, "zone is 'Europe/Berlin', but no start says when 0 is"),
        ("job,machine,duration\na,x,3\n", {"unit": "h"}, "unit is 'h', but no start says when 0 is"),
        ("job,machine,duration\na,x,3\n", {"start": "2026-11-23", "clock": Clock("2026-11-23")}, "clock and start both say"),
        (
            "job,machine,duration,weight\na,x,1,\na,y,1,\nb,x,1,-1\n",
            {},
            "steps.csv:4: weight in line 4 is -1; expected",
        ),
        ("job,machine,duration,earliest\na,x,1,0\n\nb,x,1,inf\n", {}, "steps.csv:4: earliest in line 4 is inf; expected a finite"),
        (
            "job,machine,duration,due\na,x,1,\nb,x,1,soon\n",
            {"start": "2026-11-23"},
            "steps.csv:3: due in line 3 is 'soon'",
        ),
        ("job,machine,duration\na,x,1\nb,z,1\n", {"machines": ["x", "y"]}, "steps.csv:3: line 3 is on machine 'z', which is not"),
        ("job,machine,duration\n", {}, "and a line for each operation"),
        ("job,machine,duration,job\na,x,1,b\n", {}, "two columns have this name"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path, text, options, said):
    with pytest.raises(FileFormatError, match=said):
        ok.read(written(tmp_path, text), **options)


def test_options_that_are_not_there(tmp_path):
    path = written(tmp_path, STEPS)
    with pytest.raises(UnsupportedError, match="order is 'opn'; did you mean 'open'"):
        ok.read(path, order="opn")
    with pytest.raises(UnsupportedError, match="has no option 'depot'"):
        ok.read(path, depot="a")


def test_flow_shops_are_named(tmp_path):
    shop = ok.read(written(tmp_path, FLOW), "flowshop-csv", machines={"drill": 2})
    assert type(shop) is FlowShop
    assert (shop.durations.tolist(), shop.release.tolist(), shop.name) == ([[3, 2], [1, 4]], [5, 0], "steps")
    with pytest.raises(FileFormatError, match=r"steps\.csv: job 'b' has no operation on 'drill'"):
        ok.read(written(tmp_path, FLOW[: FLOW.index("b,drill")]), "flowshop-csv")


def test_the_command_line_solves_checks_and_explains_tables(tmp_path, capsys):
    path = written(tmp_path, "order,machine,minutes,due\na,x,30,2026-11-24\na,y,20,\nb,x,50,\n")
    reading = ["--column", "job=order", "--column", "duration=minutes", "--clock", "2026-11-23T06:00", "--shifts", "06:00-14:00"]
    plan = str(tmp_path / "plan.json")

    def said(*words):
        with pytest.raises(SystemExit) as end:
            main([*words, *reading])
        assert end.value.code == 0
        return capsys.readouterr().out

    assert "objective  80" in said("solve", path, "--solver", "cpsat", "--time-limit", "20", "--out", plan)
    assert "verdict    feasible" in said("check", path, plan)
    assert "the end at 2026-11-23 07:20 hangs on" in said("explain", path, plan)


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("order,step,machine,minutes,due\na,cut,x,3,9\n", (), "no column 'job'; .*; say --column job=<name> for another one"),
        ("job,machine,duration,due\na,x,3,2026-11-24\n", (), "nothing says when work may begin: say --clock <date and time>"),
        ("job,machine,duration\na,x,3\n", ("--zone", "Europe/Berlin"), "no start says when 0 is; say --clock <date and time>"),
    ],
)
def test_the_command_line_refuses_by_its_flags(tmp_path, capsys, text, options, said):
    with pytest.raises(SystemExit) as end:
        main(["solve", written(tmp_path, text), *options])
    assert end.value.code == 2
    assert re.search(said, capsys.readouterr().err)


def test_a_problem_in_json_is_solved_from_the_command_line(tmp_path, capsys):
    shop = JobShop.from_jobs({"a": [("x", 3), ("y", 2)], "b": [("y", 4), ("x", 1)]}, due=[5, 6], objective={"num_tardy": 2})
    with pytest.raises(SystemExit) as end:
        main(["solve", written(tmp_path, shop.to_json(), "problem.json"), "--solver", "dispatching"])
    assert end.value.code == 0
    assert "objective  2" in capsys.readouterr().out


def test_units_count_from_the_first_release(tmp_path):
    path = written(tmp_path, "job,machine,duration,release\na,x,3,2026-11-23T07:00\nb,x,4,2026-11-23T08:00\n")
    shop = ok.read(path, unit="h", zone="Europe/Berlin")
    assert (shop.clock, shop.release.tolist()) == (Clock("2026-11-23T07:00", "Europe/Berlin", "h"), [0, 1])


def test_flow_shops_are_read_from_tables_too(tmp_path):
    path = written(tmp_path, FLOW)
    shop = FlowShop.read(path)
    assert (shop.durations.tolist(), shop.release.tolist()) == ([[3, 2], [1, 4]], [5, 0])
    assert FlowShop.read(path, "flowshop-csv", no_wait=True).no_wait
    with pytest.raises(UnsupportedError, match="format is 'csv'; known: flowshop, flowshop-csv"):
        FlowShop.read(path, format="csv")
    with pytest.raises(FileFormatError, match=r"steps.csv:5: weight of job 'b' \(line 5\) is -1"):
        FlowShop.read(
            written(tmp_path, "job,stage,duration,weight\na,x,1,\na,y,1,\nb,x,1,\nb,y,1,-1\n"), objective="total_flow_time"
        )
