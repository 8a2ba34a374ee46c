"""Tables in, tables out."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

pd = pytest.importorskip("pandas", reason="pandas is not installed")

from optikit.errors import InvalidProblemError, UnsupportedError  # noqa: E402
from optikit.scheduling import Clock, FlowShop, JobSequences  # noqa: E402

ROWS = [("a", "saw", 3), ("a", "drill", 2), ("b", "drill", 4), ("b", "saw", 1)]


def frame(rows=ROWS, columns=("job", "machine", "duration")):
    return pd.DataFrame(rows, columns=list(columns))


def test_rows_may_stand_in_any_order():
    shop = FlowShop.from_frame(frame())
    assert shop.durations.tolist() == [[3, 2], [1, 4]]
    assert (shop.job_names, shop.stage_names) == (("a", "b"), ("saw", "drill"))


def test_columns_by_other_names_and_rules():
    table = frame(columns=("order", "stage", "minutes"))
    shop = FlowShop.from_frame(table, job="order", duration="minutes", machines={"drill": 2}, objective="total_flow_time")
    assert shop.machines.tolist() == [1, 2]
    with pytest.raises(InvalidProblemError, match="machines names 'mill', which is no machine"):
        FlowShop.from_frame(frame(), machines={"mill": 2})
    with pytest.raises(UnsupportedError, match="durations"):
        FlowShop.from_frame(frame(), durations="x")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (ROWS[:3], "job 'b' has no operation on 'saw': .*add a row, with duration 0"),
        ([*ROWS, ROWS[0]], "job 'a' is on machine 'saw' in row 0 and in row 4"),
        ([*ROWS[:3], ("b", "saw", None)], r"duration of .*'b' on 'saw'.* \(row 3\) is missing"),
        ([*ROWS[:3], ("b", "saw", -1)], r"duration of job 'b' on 'saw' \(row 3\) is -1"),
        ([*ROWS[:3], ("b", "saw", "x")], "is 'x'; expected a number"),
        ([*ROWS[:3], (None, "saw", 1)], "job in row 3 is missing"),
        ([*ROWS[:3], (1.5, "saw", 1)], "job in row 3 is 1.5; a name is text or a whole number"),
        ([], "frame has no rows"),
    ],
)
def test_what_is_missing_or_wrong_is_named(rows, words):
    with pytest.raises(InvalidProblemError, match=words):
        FlowShop.from_frame(frame(rows))


def test_releases_are_the_same_in_all_rows_and_may_be_dates():
    table = frame().assign(release=pd.to_datetime(["2026-03-02 06:30"] * 2 + ["2026-03-02 06:00"] * 2))
    shop = FlowShop.from_frame(table, release="release", start="2026-03-02T06:00", unit="min")
    assert shop.release.tolist() == [30, 0]
    with pytest.raises(InvalidProblemError, match="release of job 'b' is 3 in row 2 and 4 in row 3"):
        FlowShop.from_frame(frame().assign(release=[0, 0, 3, 4]), release="release")
    assert FlowShop.from_frame(frame().assign(w=[2, 2, 3, 3]), weight="w", objective="total_flow_time").weight.tolist() == [2, 3]


def test_columns_of_jobs_are_read_where_they_are_called_so():
    table = frame().assign(release=[None, 5, 0, None], weight=[2, 2, 3, 3], due=9)
    shop = FlowShop.from_frame(table)
    assert (shop.release.tolist(), shop.weight) == ([5, 0], None)  # the makespan has no weights
    assert FlowShop.from_frame(table, objective="total_flow_time").weight.tolist() == [2, 3]
    dated = FlowShop.from_frame(frame().assign(release=["2026-03-02T06:30"] * 2 + ["2026-03-02T06:00"] * 2))
    assert (dated.release.tolist(), dated.clock) == ([30, 0], Clock("2026-03-02T06:00"))
    assert FlowShop.from_frame(frame().assign(deadline=None)).release is None
    with pytest.raises(InvalidProblemError, match="a column 'deadline', which a flow shop cannot keep"):
        FlowShop.from_frame(frame().assign(deadline=9))
    with pytest.raises(InvalidProblemError, match=r"release of job 'b' \(row 2\) is 3, others are dates"):
        FlowShop.from_frame(frame().assign(release=["2026-03-02", None, 3, None]))
    with pytest.raises(InvalidProblemError, match=r"\(row 0\) is '2026-03-01', before the clock begins at 2026-03-02"):
        FlowShop.from_frame(frame().assign(release="2026-03-01"), clock=Clock("2026-03-02"))
    with pytest.raises(InvalidProblemError, match="clock and start both say what 0 is"):
        FlowShop.from_frame(frame(), clock=Clock("2026-03-02"), start="2026-03-02")


def test_dates_come_out_where_there_is_a_start():
    shop = FlowShop.from_frame(frame(), start=datetime(2026, 3, 2, 6), unit="h")
    table = shop.to_frame(JobSequences.permutation([1, 0]))
    assert table["job"].tolist() == ["b", "a", "b", "a"]
    assert table["machine"].tolist() == ["saw", "saw", "drill", "drill"]
    assert table["start"].dt.hour.tolist() == [6, 7, 7, 11]
    assert table["end"].max() == datetime(2026, 3, 2, 13)
    assert table["duration"].tolist() == [timedelta(hours=length) for length in (1, 3, 4, 2)]
    assert table["critical"].tolist() == [True, False, True, True]


def test_numbers_come_out_otherwise_with_machine_and_factory():
    shop = FlowShop([[3, 2], [1, 4], [1, 1]], machines=[2, 1], factories=2, blocking=True)
    table = shop.to_frame(JobSequences([[[0], [1], [1, 0]], [[2], [], [2]]]))
    assert list(table.columns) == ["job", "machine", "number", "factory", "start", "end", "leave", "duration", "critical"]
    last = table.set_index(["job", "machine"])
    assert last.loc[(0, 0), "leave"] == 5
    assert last.loc[(2, 1), "factory"] == 1
    assert table["end"].max() == shop.evaluate(JobSequences([[[0], [1], [1, 0]], [[2], [], [2]]]))


def test_durations_are_lengths_of_time_too():
    timed = frame().assign(duration=[timedelta(minutes=length) for _, _, length in ROWS])
    assert FlowShop.from_frame(timed, start="2026-03-02", unit="s").durations.tolist() == [[180, 120], [60, 240]]
    with pytest.raises(InvalidProblemError, match="duration in row 0 is a length of time, but there is no clock"):
        FlowShop.from_frame(timed)


def test_setups_are_given_by_names():
    shop = FlowShop.from_frame(
        frame(), start="2026-03-02", unit="min", setup={("a", "b"): timedelta(minutes=5)}, first_setup={("drill", "b"): 2}
    )
    assert shop.setup.tolist() == [[[0, 5], [0, 0]]] * 2
    assert shop.first_setup.tolist() == [[0, 0], [0, 2]]
    by_stage = FlowShop.from_frame(frame(), setup={("drill", "b", "a"): 1.5}, first_setup={"a": 1})
    assert by_stage.setup.tolist() == [[[0, 0], [0, 0]], [[0, 0], [1.5, 0]]]
    assert by_stage.first_setup.tolist() == [[1, 0], [1, 0]]
    assert FlowShop.from_frame(frame(), setup=[[[0, 1], [1, 0]]] * 2).setup.shape == (2, 2, 2)
    with pytest.raises(InvalidProblemError, match="setup names 'c', which is not in the frame"):
        FlowShop.from_frame(frame(), setup={("a", "c"): 5})
    with pytest.raises(InvalidProblemError, match=r"setup\[\('a', 'b'\)\] is -5; a setup is >= 0"):
        FlowShop.from_frame(frame(), setup={("a", "b"): -5})


def test_zones_and_units_are_of_a_clock():
    dated = frame().assign(release=["2026-03-02T06:00"] * 2 + ["2026-03-02T07:00"] * 2)
    shop = FlowShop.from_frame(dated, zone="Europe/Berlin", unit="h")
    assert (shop.clock, shop.release.tolist()) == (Clock("2026-03-02T06:00", "Europe/Berlin", "h"), [0, 1])
    with pytest.raises(InvalidProblemError, match="unit is 'h', but no start says when 0 is"):
        FlowShop.from_frame(frame(), unit="h")
    with pytest.raises(InvalidProblemError, match="clock and zone both say what 0 is"):
        FlowShop.from_frame(frame(), clock=Clock("2026-03-02"), zone="Europe/Berlin")
