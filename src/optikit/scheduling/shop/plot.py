"""Gantt charts of schedules of shops."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import UnsupportedError
from ...inputs.arguments import typed
from ...inputs.names import Name
from ...inputs.wording import amount, shown
from ...pictures import headed
from ..gantt import Bar, draw_gantt
from .check import Timetable, first_setups, setups, timetable
from .critical import critical_path

if TYPE_CHECKING:
    from .problem import Shop
    from .solution import Schedule


def plot_schedule(
    shop: Shop,
    schedule: Schedule,
    path: str | os.PathLike[str] | None = None,
    *,
    by: str = "machine",
    critical: bool = True,
    title: str | None = None,
    figsize: Sequence[float] | None = None,
    dpi: int = 150,
) -> Any:
    """Draw a Gantt chart of a schedule.

    Parameters
    ----------
    shop : Shop
    schedule : Schedule
    path : path, optional
        Where to save the picture; the ending names the format (png, svg, pdf, ...).
    by : {"machine", "job"}
        What rows are; bars have the colours of the other.
    critical : bool
        Whether the critical path is marked: its operations have a frame, and a line joins them.
    title : str, optional
        By default the problem's name and the objective.
    figsize : sequence of float, optional
        Width and height in inches.
    dpi : int
        Dots an inch.

    Returns
    -------
    matplotlib.figure.Figure
        Notebooks show it; it belongs to no window and needs no closing. Breaks are grey, setups thin, and a machine that a job
        blocks is hatched; the axis bears dates where the problem has a clock.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    UnsupportedError
        For an ending that no picture has, and for an option that is not of its type.
    """
    if not isinstance(by, str) or by not in ("machine", "job"):
        raise UnsupportedError(f"by is {shown(by)}; expected 'machine' or 'job'")
    critical = typed("critical", critical, "bool")
    table = timetable(shop, schedule)
    on_path = critical_path(shop, schedule).operations if critical else ()
    machines, jobs = _called("machine", shop.machine_names, shop.num_machines), _called("job", shop.job_names, shop.num_jobs)
    rows, groups = (machines, jobs) if by == "machine" else (jobs, machines)
    row_of = table.machine if by == "machine" else shop.job
    bars = list(_work(shop, table, by, set(on_path)))
    closed: list[tuple[int, float, float]] = []
    interrupted: list[tuple[int, float, float]] = []
    if by == "machine":
        bars += [*_setups(shop, table), *_held(table)]
        closed = list(_closed(shop))
    else:
        interrupted = list(_interrupted(shop, table))
    chain = [(int(row_of[i]), float(table.start[i]), float(table.end[i])) for i in on_path]
    terms = shop.terms(schedule)
    what = next(iter(terms)).replace("_", " ") if len(terms) == 1 else "objective"
    said = f"{what} {amount(shop.evaluate(schedule))}"
    return draw_gantt(
        rows, bars, closed=closed, interrupted=interrupted, chain=chain, clock=shop.clock, title=title,
        default_title=headed(shop.name, said), groups=groups, path=path, figsize=figsize, dpi=dpi,
    )  # fmt: skip


def _called(what: str, names: Sequence[Name] | None, count: int) -> list[str]:
    return [f"{what} {index}" for index in range(count)] if names is None else [str(name) for name in names]


def _work(shop: Shop, table: Timetable, by: str, on_path: set[int]) -> Iterator[Bar]:
    for i in np.flatnonzero(table.present & np.isfinite(table.end)).tolist():
        job, machine = int(shop.job[i]), int(table.machine[i])
        if by == "machine":
            text = str(job if shop.job_names is None else shop.job_names[job])
        elif shop.operation_names is not None:
            text = str(shop.operation_names[i])
        else:
            text = str(machine if shop.machine_names is None else shop.machine_names[machine])
        row, group = (machine, job) if by == "machine" else (job, machine)
        yield Bar(row, float(table.start[i]), float(table.end[i]), group, text, i in on_path)


def _setups(shop: Shop, table: Timetable) -> Iterator[Bar]:
    """Each as late as possible."""
    for items, lengths in (
        (table.machines.after, setups(shop, table.machine, table.machines.before, table.machines.after)),
        (table.machines.first, first_setups(shop, table.machine, table.machines.first)),
    ):
        for i, length in zip(items.tolist(), lengths.tolist(), strict=True):
            if length > 0:
                start = float(table.start[i])
                yield Bar(int(table.machine[i]), start - length, start, kind="setup")


def _held(table: Timetable) -> Iterator[Bar]:
    for i in np.flatnonzero(table.present & (table.held > table.end)).tolist():
        yield Bar(int(table.machine[i]), float(table.end[i]), float(table.held[i]), kind="held")


def _closed(shop: Shop) -> Iterator[tuple[int, float, float]]:
    for machine, calendar in enumerate(shop.calendars):
        here = 0.0
        for start, end in () if calendar is None else calendar.windows:
            if start > here:
                yield machine, here, float(start)
            here = float(end)
        if calendar is not None and here < float("inf"):
            yield machine, here, float("inf")


def _interrupted(shop: Shop, table: Timetable) -> Iterator[tuple[int, float, float]]:
    """Breaks during operations, in the rows of their jobs."""
    breaks: dict[int, list[tuple[float, float]]] = {}
    for machine, start, end in _closed(shop):
        breaks.setdefault(machine, []).append((start, end))
    for i in np.flatnonzero(table.present & shop.resumable & np.isfinite(table.end)).tolist():
        for start, end in breaks.get(int(table.machine[i]), ()):
            first, last = max(start, float(table.start[i])), min(end, float(table.end[i]))
            if first < last:
                yield int(shop.job[i]), first, last
