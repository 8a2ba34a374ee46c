"""What a schedule hangs on: the chain of operations without slack that leads to its end."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .check import Timetable, beyond, completions, first_setups, freed, setups, timetable, transports
from .parts import KINDS
from .sequence import next_start

if TYPE_CHECKING:
    from .problem import Shop
    from .solution import Schedule


@dataclass(frozen=True)
class Link:
    """Why an operation does not start earlier.

    Attributes
    ----------
    operation : int
    cause : str
        ``"job"``, ``"machine"``, ``"precedence"``, ``"no-wait"``, ``"release"``, ``"setup"``, ``"calendar"``, ``"start"`` (it
        begins at 0) or ``"slack"`` (nothing holds it back).
    after : int
        The operation that it waits for; -1 where it waits for none.
    """

    operation: int
    cause: str
    after: int = -1


@dataclass(frozen=True)
class CriticalPath:
    """The chain that leads to the end of a schedule, or of one job: its operations in time, each with why it is not earlier.

    Attributes
    ----------
    links : tuple of Link
    start, end : float
        When the first of them starts, and the last of them ends.
    """

    links: tuple[Link, ...]
    start: float
    end: float

    @property
    def operations(self) -> tuple[int, ...]:
        return tuple(link.operation for link in self.links)

    @property
    def blocks(self) -> tuple[tuple[int, ...], ...]:
        """Operations that follow each other on one machine: what has to change for an earlier end (Grabowski 1986)."""
        blocks: list[list[int]] = []
        for link in self.links:
            if link.cause == "machine" and blocks and blocks[-1][-1] == link.after:
                blocks[-1].append(link.operation)
            else:
                blocks.append([link.operation])
        return tuple(tuple(block) for block in blocks)


def critical_path(shop: Shop, schedule: Schedule, job: int | None = None) -> CriticalPath:
    """The operations on which the end of a schedule hangs.

    Parameters
    ----------
    shop : Shop
    schedule : Schedule
    job : int, optional
        Of whose end; by default of the job that is done last, or where the objective asks for due dates and not for the makespan,
        of the one that is the latest.

    Returns
    -------
    CriticalPath
        Empty for a schedule in which nothing is done. Where an operation could be earlier (``"slack"``), the chain begins with it:
        then the schedule itself is not tight.

    Examples
    --------
    >>> from optikit.scheduling import JobShop, Schedule
    >>> shop = JobShop.from_jobs([[(0, 3), (1, 2)], [(1, 4), (0, 1)]])
    >>> critical_path(shop, Schedule([0, 4, 0, 4])).operations
    (2, 1)
    """
    table = timetable(shop, schedule)
    if not table.present.any():
        return CriticalPath((), 0.0, 0.0)
    chosen = table.present if job is None else table.present & (shop.job == job)
    if not chosen.any():
        return CriticalPath((), 0.0, 0.0)
    ends = np.where(chosen, table.end, -math.inf)
    if job is None and "makespan" not in shop.objective and (shop.due < math.inf).any():
        late = beyond(completions(shop, table), shop.due)
        if late.max() > -math.inf:
            ends = np.where(chosen & (shop.job == int(late.argmax())), table.end, -math.inf)
    here = int(ends.argmax())
    last, links, seen = here, [], set()
    while here >= 0:
        seen.add(here)
        link = _why(shop, table, here, seen)
        links.append(link)
        here = link.after
    return CriticalPath(tuple(reversed(links)), float(table.start[links[-1].operation]), float(table.end[last]))


def _why(shop: Shop, table: Timetable, i: int, seen: set[int]) -> Link:
    """The latest of what an operation waits for."""
    ready, link = 0.0, Link(i, "start")
    for time, cause, after in _waits(shop, table, i):
        if time > ready + shop.tolerance and after not in seen:
            ready, link = time, Link(i, cause, after)
    start = float(table.start[i])
    if abs(start - ready) <= 2 * shop.tolerance:
        return link
    opening = _next_start(shop, table, i, ready)
    if abs(start - opening) <= 2 * shop.tolerance:
        return Link(i, "calendar", link.after)
    for time, cause, after in _held_back(shop, table, i):
        if abs(start - time) <= 2 * shop.tolerance and after not in seen:
            return Link(i, cause, after)
    return Link(i, "slack")


def _waits(shop: Shop, table: Timetable, i: int) -> Iterator[tuple[float, str, int]]:
    """(not before, cause, operation) of all that an operation waits for."""
    job = int(shop.job[i])
    yield max(float(shop.release[job]), float(shop.earliest[i])), "release", -1
    one = np.array([i])
    for which, found in (("job", table.jobs), ("machine", table.machines)):
        where = np.flatnonzero(found.after == i)
        if where.size:
            before = found.before[where]
            if which == "job":
                yield float(table.end[before[0]] + transports(shop, table.machine, before, one)[0]), which, int(before[0])
            else:
                yield float((freed(table, before, one) + setups(shop, table.machine, before, one))[0]), which, int(before[0])
    if (table.machines.first == i).any():
        yield float(first_setups(shop, table.machine, one)[0]), "setup", -1
    length = float(table.end[i] - table.start[i])
    for rule in shop.precedences:
        from_end, to_end = KINDS[rule.kind]
        if rule.after == i and table.present[rule.before]:
            time = (table.end if from_end else table.start)[rule.before] + rule.min_lag - (length if to_end else 0.0)
            yield float(time), "precedence", rule.before


def _held_back(shop: Shop, table: Timetable, i: int) -> Iterator[tuple[float, str, int]]:
    """What comes later and may not be too far away."""
    length = float(table.end[i] - table.start[i])
    where = np.flatnonzero(table.jobs.before == i)
    if where.size and shop.no_wait[shop.job[i]]:
        after = table.jobs.after[where]
        yield (
            float(table.start[after[0]] - transports(shop, table.machine, np.array([i]), after)[0]) - length,
            "no-wait",
            int(after[0]),
        )
    for rule in shop.precedences:
        from_end, to_end = KINDS[rule.kind]
        if rule.before == i and rule.max_lag is not None and table.present[rule.after]:
            time = (table.end if to_end else table.start)[rule.after] - rule.max_lag - (length if from_end else 0.0)
            yield float(time), "precedence", rule.after


def _next_start(shop: Shop, table: Timetable, i: int, ready: float) -> float:
    """When an operation that is ready can start on its machine, whose calendar may let it wait."""
    calendar = shop.calendars[table.machine[i]]
    if calendar is None:
        return ready
    duration = float(shop.duration[table.mode[i]])
    return next_start(calendar.windows, ready, duration, bool(shop.resumable[i]), shop.tolerance)


CAUSES = {
    "job": "when {0} is done",
    "machine": "when its machine is free of {0}",
    "precedence": "as {0} asks for it",
    "no-wait": "as its job may not wait before {0}",
    "release": "when it is released",
    "setup": "when its machine is set up",
    "calendar": "when its machine works",
    "start": "at once",
    "slack": "later than it could",
}


def told(shop: Shop, path: CriticalPath, most: int = 12) -> list[str]:
    """A critical path in sentences; the middle of a long one is left out."""
    links = path.links
    lines = []
    for place, link in enumerate(links):
        if len(links) > most and most // 2 <= place < len(links) - most // 2:
            if place == most // 2:
                lines.append(f"... {len(links) - most} more ...")
            continue
        waits = CAUSES[link.cause].format(shop.operation_called(link.after) if link.after >= 0 else "")
        lines.append(f"{shop.operation_called(link.operation)} starts {waits}")
    return lines


def utilisation(shop: Shop, table: Timetable) -> dict[int, float]:
    """Of each machine that does anything: the part of the makespan that it works."""
    done = float(table.end[table.present].max(initial=0.0))
    found: dict[int, float] = {}
    for machine in range(shop.num_machines):
        on = table.present & (table.machine == machine)
        if on.any() and done > 0:
            found[machine] = float(shop.duration[table.mode[on]].sum()) / done
    return found
