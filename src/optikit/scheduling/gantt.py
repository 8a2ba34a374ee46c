"""Gantt charts: bars in rows along the axis of time, with the critical path marked."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..inputs.arguments import typed
from ..pictures import Sheet
from .clock import SECONDS, Clock

LABELLED_BARS = 1_000
"""Up to this many bars bear their texts, where these fit in."""

NAMED_ROWS = 60
"""Up to this many rows bear their names; above, some of them do."""

_COLOURS = (
    "#8dd3c7", "#bebada", "#fb8072", "#80b1d3", "#fdb462", "#b3de69", "#fccde5", "#d9d9d9", "#bc80bd", "#ccebc5",
    "#ffed6f", "#66c2a5", "#fc8d62", "#8da0cb", "#e78ac3", "#a6d854", "#ffd92f", "#e5c494", "#9ecae1", "#c7b8ea",
)  # fmt: skip
_CRITICAL = "#c00000"
_LEGEND_LINE = 0.19  # inches
_TITLE_LETTER = 0.083
_BAR_LETTER = 0.068


@dataclass(frozen=True)
class Bar:
    """Something that takes time in a row.

    Parameters
    ----------
    row : int
        From the top, 0-based.
    start, end : float
    group : int
        Bars of one group have one colour: the job in rows of machines, the machine in rows of jobs.
    text : str
        Written into the bar where it fits.
    critical : bool
        Whether it is on the critical path: bars that are have a frame.
    kind : {"work", "setup", "held"}
        A setup is drawn thin and grey, a machine that is blocked hatched.
    """

    row: int
    start: float
    end: float
    group: int = 0
    text: str = ""
    critical: bool = False
    kind: str = "work"


def draw_gantt(
    rows: Sequence[str],
    bars: Iterable[Bar],
    *,
    closed: Iterable[tuple[int, float, float]] = (),
    interrupted: Iterable[tuple[int, float, float]] = (),
    chain: Sequence[tuple[int, float, float]] = (),
    clock: Clock | None = None,
    title: str | None = None,
    default_title: str = "",
    groups: Sequence[str] = (),
    unit: str = "time",
    path: str | os.PathLike[str] | None = None,
    figsize: Sequence[float] | None = None,
    dpi: int = 150,
) -> Any:
    """Draw a Gantt chart.

    Parameters
    ----------
    rows : sequence of str
        Names of the rows, from the top.
    bars : iterable of Bar
    closed : iterable of (row, start, end)
        When nothing is done in a row: breaks, drawn grey, and bars pale.
    interrupted : iterable of (row, start, end)
        When bars of a row are interrupted, though the row has no breaks of its own.
    chain : sequence of (row, start, end)
        The bars of the critical path in their order: a line joins them.
    clock : Clock, optional
        For dates on the axis.
    title, default_title : str
        The title, and what it is where none is given.
    groups : sequence of str
        Names of the groups: a legend, where there are few.
    unit : str
        What the axis is called where there is no clock.
    path : path, optional
        Where to save the picture; the ending names the format (png, svg, pdf, ...).
    figsize : sequence of float, optional
        Width and height in inches.
    dpi : int
        Dots an inch.

    Returns
    -------
    matplotlib.figure.Figure
        Notebooks show it; it belongs to no window and needs no closing.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    UnsupportedError
        For an ending that no picture has, and for an option that is not of its type.
    """
    title = typed("title", title, "str | None")
    bars = list(bars)
    height = min(30.0, max(2.4, 1.3 + 0.32 * len(rows))) if len(rows) <= NAMED_ROWS else 12.0
    sheet = Sheet(path, figsize, dpi, (10.0, height))
    axes = sheet.figure.add_subplot()
    end = max((bar.end for bar in bars), default=1.0)
    place = _placed(axes, clock, unit)
    closed = list(closed)
    _shade(axes, closed, place, end)
    for look, chosen in _looks(bars):
        _rectangles(axes, chosen, place, **look)
    _pale(axes, [*closed, *interrupted], bars, place)
    if chain:
        ends = [(place(point), row) for row, start, stop in chain for point in (start, stop)]
        axes.plot(*zip(*ends, strict=True), color=_CRITICAL, linewidth=1.1, zorder=4, solid_joinstyle="round", label="_")
    _frame(axes, rows, place(0.0), place(end))
    _legend(axes, bars, groups)
    if len(bars) <= LABELLED_BARS:
        sheet.figure.draw_without_rendering()  # how much of the width is left beside names and legend, the layout says
        width = axes.get_position().width * sheet.size[0]
        _write(axes, width, [bar for bar in bars if bar.text and bar.kind == "work"], place, max(end, 1e-9))
    said = default_title if title is None else title
    return sheet.finish(axes, textwrap.fill(said, max(20, int((sheet.size[0] - 1.5) / _TITLE_LETTER))))


def _placed(axes: Any, clock: Clock | None, unit: str) -> Any:
    """From a time to where it is on the axis: dates by the clock on the wall, where there is a clock."""
    if clock is None:
        axes.set_xlabel(unit, fontsize=9, color="#555555")
        return float
    from matplotlib import dates

    origin = clock.instant(0)
    first, days = float(dates.date2num(origin)), SECONDS[clock.unit] / 86400
    locator = dates.AutoDateLocator(tz=origin.tzinfo)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator, tz=origin.tzinfo))
    if clock.zone is not None:
        axes.set_xlabel(clock.zone, fontsize=9, color="#555555")
    return lambda time: first + time * days


def _shade(axes: Any, closed: Iterable[tuple[int, float, float]], place: Any, end: float) -> None:
    from matplotlib.collections import PolyCollection

    boxes = [_box(place(start), place(min(stop, end)), row, 0.96) for row, start, stop in closed if start < end]
    if boxes:
        axes.add_collection(PolyCollection(boxes, facecolors="#ececec", edgecolors="none", zorder=1, label="_"))


def _pale(axes: Any, closed: Sequence[tuple[int, float, float]], bars: Sequence[Bar], place: Any) -> None:
    """Make bars pale where they are interrupted."""
    from matplotlib.collections import PolyCollection

    in_row: dict[int, list[Bar]] = {}
    for bar in bars:
        if bar.kind == "work":
            in_row.setdefault(bar.row, []).append(bar)
    boxes = [
        _box(place(max(start, bar.start)), place(min(stop, bar.end)), row, 0.7)
        for row, start, stop in closed
        for bar in in_row.get(row, ())
        if max(start, bar.start) < min(stop, bar.end)
    ]
    if boxes:
        axes.add_collection(PolyCollection(boxes, facecolors="white", alpha=0.55, edgecolors="none", zorder=5.5))


def _looks(bars: Sequence[Bar]) -> list[tuple[dict[str, Any], list[Bar]]]:
    """How each kind of bar is drawn, the later above the earlier."""
    work = [bar for bar in bars if bar.kind == "work"]
    return [
        ({"width": 0.3, "fill": "#777777", "zorder": 2}, [bar for bar in bars if bar.kind == "setup"]),
        ({"width": 0.5, "hatch": "////", "fill": "none", "edge": "#999999", "zorder": 2}, [b for b in bars if b.kind == "held"]),
        ({"width": 0.78, "edge": "white", "line": 0.4, "zorder": 3}, [bar for bar in work if not bar.critical]),
        ({"width": 0.78, "edge": _CRITICAL, "line": 1.5, "zorder": 5}, [bar for bar in work if bar.critical]),
    ]


def _rectangles(
    axes: Any,
    bars: Sequence[Bar],
    place: Any,
    *,
    width: float,
    zorder: int,
    fill: str | None = None,
    edge: str = "none",
    line: float = 0.6,
    hatch: str | None = None,
) -> None:
    if not bars:
        return
    from matplotlib.collections import PolyCollection

    boxes = [_box(place(bar.start), place(bar.end), bar.row, width) for bar in bars]
    colours: Any = fill if fill is not None else [_COLOURS[bar.group % len(_COLOURS)] for bar in bars]
    look: dict[str, Any] = {"edgecolors": edge, "linewidths": line, "hatch": hatch, "zorder": zorder}
    axes.add_collection(PolyCollection(boxes, facecolors=colours, **look))


def _box(left: float, right: float, row: int, width: float) -> list[tuple[float, float]]:
    low, high = row - width / 2, row + width / 2
    return [(left, low), (left, high), (right, high), (right, low)]


def _frame(axes: Any, rows: Sequence[str], left: float, right: float) -> None:
    axes.set_xlim(left, right + 0.01 * (right - left or 1.0))
    axes.set_ylim(len(rows) - 0.4, -0.6)
    step = 1 + (len(rows) - 1) // NAMED_ROWS
    names = _told_apart(rows, 24)
    axes.set_yticks(range(0, len(rows), step), [names[row] for row in range(0, len(rows), step)], parse_math=False)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color("#bbbbbb")
    axes.tick_params(axis="both", colors="#555555", labelsize=8, length=3)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.grid(visible=True, color="#dddddd", linewidth=0.6, zorder=0)
    axes.set_axisbelow(True)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _told_apart(names: Sequence[str], most: int) -> list[str]:
    """Names cut to a length: at their ends, or where they would be the same then, what they begin with alike."""
    cut = [_short(name, most) for name in names]
    if len(set(cut)) == len(set(names)):
        return cut
    long = sorted(name for name, short in zip(names, cut, strict=True) if name != short)
    alike = next((at for at, (a, b) in enumerate(zip(long[0], long[-1], strict=False)) if a != b), 0)
    return [short if short == name else _short("…" + name[alike:], most) for name, short in zip(names, cut, strict=True)]


def _write(axes: Any, width: float, bars: Sequence[Bar], place: Any, end: float) -> None:
    """Texts of bars, as far as they fit in."""
    inches = width / (1.01 * end)
    for bar in bars:
        fits = int((bar.end - bar.start) * inches / _BAR_LETTER)
        if fits >= 2 and (len(bar.text) <= fits or fits >= 5):
            middle = (place(bar.start) + place(bar.end)) / 2
            look = {
                "ha": "center",
                "va": "center",
                "fontsize": 7.5,
                "color": "#222222",
                "zorder": 6,
                "parse_math": False,
                "clip_on": True,
            }
            axes.text(middle, bar.row, _short(bar.text, fits), **look)


def _legend(axes: Any, bars: Sequence[Bar], groups: Sequence[str]) -> None:
    from matplotlib.patches import Patch

    seen = sorted({bar.group for bar in bars if bar.kind == "work"})
    handles = []
    if len(seen) <= len(_COLOURS) and groups:
        labels = dict(zip(seen, _told_apart([groups[group] for group in seen], 18), strict=True))
        handles = [Patch(facecolor=_COLOURS[group % len(_COLOURS)], label=labels[group]) for group in seen]
    if any(bar.critical for bar in bars):
        handles.append(Patch(facecolor="none", edgecolor=_CRITICAL, linewidth=1.5, label="critical"))
    if any(bar.kind == "setup" for bar in bars):
        handles.append(Patch(facecolor="#777777", label="setup"))
    if any(bar.kind == "held" for bar in bars):
        handles.append(Patch(facecolor="none", edgecolor="#999999", hatch="////", label="blocked"))
    if handles:
        # As many columns as the height asks for: a legend that is higher than the picture would squeeze the chart.
        lines = max(1, int((axes.figure.get_figheight() - 0.7) / _LEGEND_LINE))
        look = {"fontsize": 8, "frameon": False, "loc": "upper left", "bbox_to_anchor": (1.0, 1.0), "handlelength": 1.2}
        look["ncols"] = -(-len(handles) // lines)
        for text in axes.legend(handles=handles, **look).get_texts():
            text.set_parse_math(False)
