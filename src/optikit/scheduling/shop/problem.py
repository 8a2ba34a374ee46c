"""The shop: jobs of operations on machines, with everything that practice adds to a job shop, a flexible or an open shop."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from ...core.check import CheckReport
from ...core.problem import Problem
from ...errors import InvalidProblemError
from ...inputs.keywords import keywords, refuse_unknown
from ...inputs.names import Name
from ...inputs.wording import amount
from ...ticks import Lattice
from ..clock import Clock
from .fields import TERMS, called, find, read_fields
from .flat import Flat, flatten, kernel_lattice
from .parts import CHAIN, NETWORK, OPEN, Baseline
from .solution import Schedule

__all__ = ["CHAIN", "NETWORK", "OPEN", "TERMS", "Shop"]


@dataclass(frozen=True, eq=False)
class Shop(Problem):
    """Jobs whose operations are done on machines, one at a time on each: when is what done where?

    Build it with `JobShop`, `FlexibleJobShop` or `OpenShop`, with `from_jobs`, `from_frame` or `read`; the constructor takes flat
    arrays. Operations are numbered job by job, and their modes (a machine and a duration each) operation by operation.

    Parameters
    ----------
    job : array_like of int, shape (num_operations,)
        Job of each operation, 0, 0, ..., 1, 1, ...: none is missing.
    operation : array_like of int, shape (num_modes,)
        Operation of each mode, 0, ..., 1, ...: each has one or more.
    machine : array_like of int, shape (num_modes,)
        Machine of each mode.
    duration : array_like of int or float, shape (num_modes,)
        Duration of each mode, >= 0, in any unit of time; all times have the same.
    num_machines : int, optional
        By default as many as are named.
    order : {"chain", "open", "network"} or one a job
        How the operations of a job follow each other: as they are listed; in any order, one at a time; or as ``precedences`` say,
        side by side otherwise.
    release, due, deadline, weight : array_like of float, shape (num_jobs,), optional
        When a job may begin, should and must be done, and what it counts for; ``inf`` where there is no due date or deadline. The
        first three, and ``earliest`` and ``latest``, may be dates where there is a ``clock``.
    precedences : sequence of Precedence
        Further rules between operations, with minimum and maximum lags.
    setup : array_like, shape (num_families, num_families) or (num_machines, num_families, num_families), optional
        Time between two operations that follow each other on a machine, by their families; it may pass while the later one is
        elsewhere, and during breaks.
    first_setup : array_like, shape (num_families,) or (num_machines, num_families), optional
        The same before the first operation of a machine, from time 0 on.
    family : array_like of int, shape (num_operations,), optional
        Family of each operation; by default its job.
    transport : array_like, shape (num_machines, num_machines), optional
        Time from machine to machine, between consecutive operations of a job; in networks along its finish-start precedences.
    no_wait : bool or one a job
        Whether each operation of the job starts the moment it can after the one before.
    blocking : bool or one a job
        Whether a job stays on its machine, and blocks it, until its next operation starts. Two jobs may swap at one instant.
    calendars : Calendar, or sequence of Calendar or None, or mapping of machine to Calendar
        Working time; None: always.
    resumable : bool or one an operation
        Whether an operation is interrupted by breaks and goes on afterwards; else it fits between two.
    omission : array_like of float, shape (num_operations,), optional
        Price of leaving an operation out; ``inf``: it must be done.
    earliest, latest : array_like of float, shape (num_operations,), optional
        When an operation may start, and must end.
    baseline : Baseline, optional
        A plan to stay near to, and the price of change; see `optikit.scheduling.replan`.
    objective : str or mapping of str to float
        One of `TERMS`, or coefficients >= 0 of several. Jobs count with their weights in sums.
    job_names, operation_names, machine_names : sequence of str or int, optional
        Those of jobs and machines are unique.
    clock : Clock, optional
        What a number is by date and time.
    name : str
        For titles.

    Raises
    ------
    InvalidProblemError
        For data that make no sense, and for precedences that go in a circle: the message names what and where.

    Examples
    --------
    >>> from optikit.scheduling import JobShop, Schedule
    >>> shop = JobShop.from_jobs([[(0, 3), (1, 2)], [(1, 4), (0, 1)]])
    >>> shop.evaluate(Schedule([0, 4, 0, 4]))
    6.0
    """

    solution_type: ClassVar[type[Schedule]] = Schedule

    job: Any
    operation: Any
    machine: Any
    duration: Any
    num_machines: Any = None
    order: Any = "chain"
    release: Any = 0.0
    due: Any = math.inf
    deadline: Any = math.inf
    weight: Any = 1.0
    precedences: Any = ()
    setup: Any = None
    first_setup: Any = None
    family: Any = None
    transport: Any = None
    no_wait: Any = False
    blocking: Any = False
    calendars: Any = None
    resumable: Any = False
    omission: Any = math.inf
    earliest: Any = 0.0
    latest: Any = math.inf
    baseline: Baseline | None = None
    objective: Any = "makespan"
    job_names: Sequence[Name] | None = None
    operation_names: Sequence[Name] | None = None
    machine_names: Sequence[Name] | None = None
    clock: Clock | None = None
    name: str = ""

    def __post_init__(self) -> None:
        read_fields(self)
        self._check_kind()
        if self.precedences:
            from .longest import refuse_cycles

            refuse_cycles(self)
        _ = self.lattice  # raises where no lattice fits: better now than inside a solver

    def _check_kind(self) -> None:
        """What a named kind of shop asks for."""

    # -- in --------------------------------------------------------------------------

    @classmethod
    def from_jobs(cls, jobs: Sequence[Any], **fields: Any) -> Self:
        """From jobs as lists of operations, each (machine, duration) or a list of such: see `doors.from_jobs`."""
        from .doors import from_jobs

        return from_jobs(cls, jobs, fields)

    @classmethod
    def from_frame(cls, frame: Any, **options: Any) -> Self:
        """From a frame with one row an operation: see `optikit.scheduling.shop.frames.from_frame`."""
        from .frames import from_frame

        refuse_unknown("from_frame", options, keywords(from_frame))
        return from_frame(cls, frame, **options)

    @classmethod
    def read(cls, path: Any, format: str | None = None, **options: Any) -> Self:
        """From a file of one of `optikit.scheduling.shop.files.FORMATS`; options are those of its reader."""
        from .files import read_shop

        return read_shop(path, format, cls, **options)

    # -- facts -----------------------------------------------------------------------

    @property
    def num_jobs(self) -> int:
        return int(self.job[-1]) + 1

    @property
    def num_operations(self) -> int:
        return len(self.job)

    @property
    def num_modes(self) -> int:
        return len(self.operation)

    @cached_property
    def job_ptr(self) -> NDArray[np.int64]:
        """Operations of job j: ``job_ptr[j]`` to ``job_ptr[j + 1] - 1``."""
        return np.searchsorted(self.job, np.arange(self.num_jobs + 1)).astype(np.int64)

    @cached_property
    def mode_ptr(self) -> NDArray[np.int64]:
        """Modes of operation i: ``mode_ptr[i]`` to ``mode_ptr[i + 1] - 1``."""
        return np.searchsorted(self.operation, np.arange(self.num_operations + 1)).astype(np.int64)

    def find_machine(self, machine: Any) -> int:
        """The position of a machine that is given by its name, or where machines have none, by its position."""
        return find("machine", machine, self.machine_names, self.num_machines)

    def find_job(self, job: Any) -> int:
        """The position of a job, by its name or position."""
        return find("job", job, self.job_names, self.num_jobs)

    def find_operation(self, job: Any, operation: Any) -> int:
        """The position of an operation, by its job and its name; or by its place in the job, from 0, where it has no name."""
        j = self.find_job(job)
        begin, end = int(self.job_ptr[j]), int(self.job_ptr[j + 1])
        names = None if self.operation_names is None else self.operation_names[begin:end]
        at = begin + find("operation", operation, names, end - begin, f" of {self.job_called(j)}")
        if names is not None and names.count(names[at - begin]) > 1:
            raise InvalidProblemError(f"{self.job_called(j)} has several operations {operation!r}; say its position")
        return at

    def job_called(self, job: int) -> str:
        """A job as it stands in a sentence."""
        return called("job", self.job_names, job)

    def machine_called(self, machine: int) -> str:
        """A machine as it stands in a sentence."""
        return called("machine", self.machine_names, machine)

    def operation_called(self, operation: int) -> str:
        """An operation as it stands in a sentence: its name, or its place in its job, from 0."""
        job = int(self.job[operation])
        place = operation - int(self.job_ptr[job])
        name = place if self.operation_names is None else self.operation_names[operation]
        return f"{f'operation {name}' if isinstance(name, int) else repr(name)} of {self.job_called(job)}"

    def when(self, time: float) -> str:
        """A time as it stands in a sentence: by the clock, where there is one."""
        if self.clock is None or math.isinf(time):
            return amount(time)
        return self.clock.instant(time).strftime("%Y-%m-%d %H:%M")

    @cached_property
    def lattice(self) -> Lattice:
        """Ticks of time of our own searches; see `flat.kernel_lattice`."""
        return kernel_lattice(self)

    @cached_property
    def flat(self) -> Flat:
        """Everything in ticks, as engines read it."""
        return flatten(self, self.lattice)

    @property
    def error(self) -> float:  # type: ignore[override]
        return self.flat.error

    @property
    def sums_are_exact(self) -> bool:  # type: ignore[override]
        return bool(self.lattice.whole and self.flat.cost_scale == 1.0)

    @cached_property
    def tolerance(self) -> float:
        """How far two times may be apart that are the same: less than any difference that the data can make."""
        return 0.25 / self.lattice.scale if self.lattice.exact else 4 * self.lattice.error

    @cached_property
    def features(self) -> Mapping[str, Any]:
        from .features import features_of

        return features_of(self)

    # -- the judge -------------------------------------------------------------------

    def evaluate(self, solution: Schedule) -> float:
        """The objective: `TERMS` times their coefficients, and the prices of what is left out and changed."""
        return math.fsum(self.terms(solution).values())

    def terms(self, solution: Schedule) -> dict[str, float]:
        """What the objective is made of, coefficients included."""
        from .check import terms

        return terms(self, solution)

    def check(self, solution: Schedule) -> CheckReport:
        from .check import check

        return check(self, solution)

    # -- out -------------------------------------------------------------------------

    def to_frame(self, solution: Schedule) -> Any:
        """One row an operation: see `optikit.scheduling.shop.frames.to_frame`."""
        from .frames import to_frame

        return to_frame(self, solution)

    def plot(self, solution: Schedule, path: str | None = None, **options: Any) -> Any:
        """A Gantt chart: see `optikit.scheduling.shop.plot.plot_schedule`."""
        from .plot import plot_schedule

        refuse_unknown("plot", options, keywords(plot_schedule))
        return plot_schedule(self, solution, path, **options)

    def to_dict(self) -> dict[str, Any]:
        from .forms import to_dict

        return to_dict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        from .forms import from_dict

        return from_dict(cls, data)
