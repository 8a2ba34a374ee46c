"""Gantt charts hold what they should, in both directions."""

import numpy as np
import pytest

from optikit.errors import UnsupportedError
from optikit.scheduling import Calendar, Clock, JobShop, Schedule
from optikit.scheduling.gantt import Bar, draw_gantt

pytest.importorskip("matplotlib", reason="pictures are matplotlib's")

SHOP = JobShop.from_jobs(
    {"chair": [("saw", 3), ("lathe", 2)], "bed": [("lathe", 4), ("saw", 1)]},
    setup=[[0, 1], [1, 0]],
    blocking=[True, False],
    calendars={"saw": Calendar([(0, 8), (10, 20)])},
    name="Joinery",
)
GOOD = Schedule([0, 5, 0, 6])


def boxes(figure):
    """Rectangles by the height of their rows: (row, left, right)."""
    found = []
    for collection in figure.axes[0].collections:
        for path in collection.get_paths():
            low, high = path.vertices.min(axis=0), path.vertices.max(axis=0)
            found.append((round(float(low[1] + high[1]) / 2), float(low[0]), float(high[0])))
    return found


def test_rows_of_machines_hold_operations_setups_blocked_time_and_breaks():
    assert SHOP.check(GOOD).feasible
    figure = SHOP.plot(GOOD)
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["saw", "lathe"]
    assert axes.get_title(loc="left") == "Joinery: makespan 7"
    found = boxes(figure)
    for bar in ((0, 0, 3), (1, 5, 7), (1, 0, 4), (0, 6, 7)):  # operations
        assert bar in found
    assert (1, 4, 5) in found  # a setup on the lathe
    assert (0, 3, 5) in found  # the chair blocks the saw
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert legend == ["chair", "bed", "critical", "setup", "blocked"]
    texts = [text.get_text() for text in axes.texts]
    assert sorted(texts) == ["bed", "bed", "chair", "chair"]


def test_rows_of_jobs_and_the_critical_path():
    figure = SHOP.plot(GOOD, by="job")
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["chair", "bed"]
    (line,) = axes.lines
    assert np.asarray(line.get_xdata()).tolist() == [0, 4, 5, 7]
    assert not SHOP.plot(GOOD, by="job", critical=False).axes[0].lines


def test_breaks_are_grey_and_clocks_give_dates():
    clocked = SHOP.replace(
        clock=Clock("2026-03-28T22:00", "Europe/Berlin", unit="h"), calendars={"saw": Calendar([(0, 3), (6, 9)])}
    )
    figure = clocked.plot(GOOD)
    figure.canvas.draw()
    assert figure.axes[0].get_xlabel() == "Europe/Berlin"
    left, right = figure.axes[0].get_xlim()
    assert right - left == pytest.approx(7 / 24 * 1.01)


def test_pictures_are_saved_and_options_checked(tmp_path):
    SHOP.plot(GOOD, tmp_path / "chart.svg", title="Monday")
    assert "Monday" in (tmp_path / "chart.svg").read_text() or (tmp_path / "chart.svg").stat().st_size > 5_000
    for options, said in (
        ({"by": "worker"}, "by is 'worker'; expected 'machine' or 'job'"),
        ({"critical": 3}, "critical is 3"),
        ({"titel": "x"}, "plot has no option 'titel'; did you mean 'title'"),
    ):
        with pytest.raises(UnsupportedError, match=said):
            SHOP.plot(GOOD, **options)
    with pytest.raises(UnsupportedError, match=r"pictures are not saved as \.docx"):
        SHOP.plot(GOOD, "chart.docx")


def test_an_empty_chart_and_a_large_one():
    assert draw_gantt(["a"], []).axes
    bars = [Bar(row, start, start + 1, row) for row in range(100) for start in range(30)]
    figure = draw_gantt([f"machine {row}" for row in range(100)], bars)
    assert len(figure.axes[0].get_yticklabels()) == 50
    assert not figure.axes[0].texts


def test_a_long_legend_leaves_room_for_the_chart():
    """Twenty jobs on two machines: in one column the legend is higher than the picture."""
    shop = JobShop.from_jobs([[(0, 2), (1, 1)]] * 20)
    figure = shop.plot(Schedule([start for job in range(20) for start in (2 * job, 2 * job + 2)]))
    figure.draw_without_rendering()
    assert len(figure.axes[0].get_legend().get_texts()) >= 20
    assert figure.axes[0].get_position().height > 0.6


def test_long_names_stay_within_their_bars_and_are_told_apart():
    jobs = {
        f"Order number {i} of a company with a long name": [(f"centre {m} in hall four, north", 1 + i + m) for m in range(3)]
        for i in range(3)
    }
    shop = JobShop.from_jobs(jobs, name="a title " * 30)
    figure = shop.plot(Schedule([0, 1, 3, 1, 3, 6, 3, 6, 10]))
    figure.draw_without_rendering()
    axes = figure.axes[0]
    texts = [text for text in axes.texts if text.get_text()]
    assert len(texts) > 5
    for text in texts:
        box = text.get_window_extent().transformed(axes.transData.inverted())
        start = next(
            s
            for s, length in zip([0, 1, 3, 1, 3, 6, 3, 6, 10], [1, 2, 3, 2, 3, 4, 3, 4, 5])
            if abs(s + length / 2 - (box.x0 + box.x1) / 2) < 0.01
        )
        assert box.x0 > start - 0.05
    assert len({text.get_text() for text in axes.get_legend().get_texts()}) == 4
    assert axes.title.get_window_extent().x1 <= figure.bbox.x1


def test_rows_of_jobs_show_where_operations_are_interrupted():
    shop = JobShop.from_jobs([[(0, 3)]], calendars=Calendar.always_but([(1, 2)]), resumable=True)
    plan = Schedule([0])
    whole = shop.replace(calendars=None)
    assert len(shop.plot(plan, by="job").axes[0].collections) == len(whole.plot(plan, by="job").axes[0].collections) + 1
