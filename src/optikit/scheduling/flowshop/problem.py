"""Flow shops: all jobs pass the same stages in the same order.

One machine a stage or several, one factory or several; jobs overtake each other or not, wait between machines or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from ...core.check import CheckReport
from ...core.problem import Problem
from ...errors import InvalidProblemError
from ...inputs.arrays import frozen_array, refuse, refuse_overflow
from ...inputs.forms import check_form, check_keys, reading
from ...inputs.keywords import keywords, refuse_unknown
from ...inputs.names import Name, compact, plain_names, refuse_twins
from ...inputs.wording import did_you_mean, shown
from ...ticks import KERNEL_LIMIT, Lattice
from ..clock import Clock
from .fields import called, count_of, numbers_of, truth_of
from .solution import JobSequences
from .timetable import Times

__all__ = ["FlowShop"]

OBJECTIVES = ("makespan", "total_flow_time")

MOST_MACHINES = 100_000
"""In all factories: a solution names each."""

_FIELDS = (
    "durations", "machines", "factories", "permutation", "no_wait", "blocking", "setup", "first_setup", "release", "weight",
    "objective", "job_names", "stage_names", "clock", "name",
)  # fmt: skip
_ARRAYS = ("durations", "machines", "setup", "first_setup", "release", "weight")


@dataclass(frozen=True, eq=False)
class FlowShop(Problem):
    """A flow shop: in which order does each machine take the jobs?

    Build it with the constructor, `from_frame` or `read`.

    Parameters
    ----------
    durations : array_like of int or float, shape (num_jobs, num_stages)
        How long each job is on the machine of each stage; >= 0. Every job visits every stage, if for no time.
    machines : sequence of int, shape (num_stages,), optional
        Identical parallel machines of each stage (a hybrid flow shop); by default one.
    factories : int
        Identical factories, each with all the machines (a distributed flow shop); every job is made in one of them.
    permutation : bool
        Whether all machines of a factory take the jobs in one order. Where a stage has several machines it does not apply; where
        jobs may not wait, or block, they cannot overtake on single machines anyway.
    no_wait : bool
        Whether a job goes on to the next machine the moment it is done on one.
    blocking : bool
        Whether a job stays on its machine, and keeps it busy, until the next one is free: there are no buffers.
    setup : array_like, shape (num_stages, num_jobs, num_jobs), optional
        ``setup[k, i, j]``: time between job i and job j, where j is next after i on a machine of stage k. The machine may be set up
        before the job arrives.
    first_setup : array_like, shape (num_stages, num_jobs), optional
        The same before the first job of a machine, counted from time 0.
    release : array_like, shape (num_jobs,), optional
        Times before which jobs cannot begin.
    weight : array_like, shape (num_jobs,), optional
        Weights of the jobs in the total flow time; by default 1.
    objective : {"makespan", "total_flow_time"}
        The time at which all is done, or the sum over the jobs of weight times (end - release).
    job_names, stage_names : sequence of str or int, optional
        Unique. None: they are called by their positions.
    clock : Clock, optional
        Which instant time 0 is and how long a unit lasts: tables and charts then tell dates.
    name : str
        For titles.

    Raises
    ------
    InvalidProblemError
        For data that make no sense: the message names the field, the index, the value and a way out.

    Examples
    --------
    >>> shop = FlowShop([[3, 2], [1, 4]])
    >>> shop.evaluate(JobSequences.permutation([0, 1])), shop.evaluate(JobSequences.permutation([1, 0]))
    (9.0, 7.0)
    >>> shop.replace(objective="total_flow_time").evaluate(JobSequences.permutation([1, 0]))
    12.0
    """

    solution_type: ClassVar[type[JobSequences]] = JobSequences

    durations: NDArray[Any]
    machines: NDArray[np.int64] | None = None
    factories: int = 1
    permutation: bool = True
    no_wait: bool = False
    blocking: bool = False
    setup: NDArray[Any] | None = None
    first_setup: NDArray[Any] | None = None
    release: NDArray[Any] | None = None
    weight: NDArray[Any] | None = None
    objective: str = "makespan"
    job_names: Sequence[Name] | None = None
    stage_names: Sequence[Name] | None = None
    clock: Clock | None = None
    name: str = ""

    def __post_init__(self) -> None:
        self._set("durations", numbers_of("durations", self.durations, (None, None), "one row a job, one column a stage"))
        n, m = self.durations.shape
        if n < 1 or m < 1:
            raise InvalidProblemError(f"durations has shape {(n, m)}; a flow shop has at least one job and one stage")
        if self.machines is not None:
            machines = frozen_array("machines", self.machines, np.int64, shape=(m,), advice="one count a stage")
            refuse(
                "machines", machines, machines < 1, "no machine at this stage: its operations could never be done; expected >= 1"
            )
            self._set("machines", machines if (machines > 1).any() else None)
        self._set("factories", count_of("factories", self.factories))
        in_all = self.factories * (m if self.machines is None else sum(self.machines.tolist()))
        if in_all > MOST_MACHINES:
            raise InvalidProblemError(
                f"factories and machines come to {in_all:,} machines; at most {MOST_MACHINES:,} are taken: {n} jobs use no "
                f"more than {n} at a stage"
            )
        for field in ("permutation", "no_wait", "blocking"):
            self._set(field, truth_of(field, getattr(self, field)))
        if self.no_wait and self.blocking:
            raise InvalidProblemError("no_wait and blocking are both True; jobs that never wait block nothing: leave blocking out")
        for field, shape in (("setup", (m, n, n)), ("first_setup", (m, n)), ("release", (n,)), ("weight", (n,))):
            if getattr(self, field) is not None:
                self._set(field, numbers_of(field, getattr(self, field), shape))
        if not isinstance(self.objective, str) or self.objective not in OBJECTIVES:
            known = " or ".join(map(repr, OBJECTIVES))
            raise InvalidProblemError(
                f"objective is {shown(self.objective)}{did_you_mean(self.objective, OBJECTIVES)}; expected {known}"
            )
        if self.weight is not None and self.objective == "makespan":
            raise InvalidProblemError(
                'weight is given, but the makespan has no weights; say objective="total_flow_time", or leave it out'
            )
        self._check_names(n, m)
        if self.clock is not None and not isinstance(self.clock, Clock):
            raise InvalidProblemError(
                f"clock is {shown(self.clock)}; expected a Clock, for instance Clock('2026-03-02T06:00', unit='min')"
            )
        if not isinstance(self.name, str):
            raise InvalidProblemError(f"name is {shown(self.name)}; expected text")
        _ = self.lattice, self.error  # raises where no lattice fits: better now than inside a solver

    def _check_names(self, n: int, m: int) -> None:
        for field, count, what in (("job_names", n, "job"), ("stage_names", m, "stage")):
            if getattr(self, field) is not None:
                names = compact(plain_names(field, getattr(self, field)))
                if len(names) != count:
                    raise InvalidProblemError(f"{field} has {len(names)} entries, expected {count}: one a {what}")
                refuse_twins(names, f"{what}s")
                self._set(field, names)

    def _set(self, field: str, value: Any) -> None:
        object.__setattr__(self, field, value)

    # -- in -----------------------------------------------------------------

    @classmethod
    def from_frame(cls, frame: Any, **options: Any) -> Self:
        """From a frame with one row an operation: see `optikit.scheduling.flowshop.frames.from_frame`."""
        from .frames import from_frame

        refuse_unknown("from_frame", options, keywords(from_frame))
        return from_frame(cls, frame, **options)

    @classmethod
    def read(cls, path: Any, format: str | None = None, **options: Any) -> Self:
        """From a file of one of `optikit.scheduling.flowshop.files.FORMATS`; options are those of its reader."""
        from .files import read_any

        return read_any(path, format, cls, **options)

    # -- facts --------------------------------------------------------------

    @property
    def num_jobs(self) -> int:
        return len(self.durations)

    @property
    def num_stages(self) -> int:
        return int(self.durations.shape[1])

    @property
    def is_hybrid(self) -> bool:
        """Whether a stage has several machines."""
        return self.machines is not None

    @property
    def overtaking(self) -> bool:
        """Whether jobs may pass the machines in different orders."""
        return self.is_hybrid or not (self.permutation or self.no_wait or self.blocking)

    @cached_property
    def first_machine(self) -> tuple[int, ...]:
        """Number of the first machine of each stage, and the number of machines of a factory at the end."""
        counts = [1] * self.num_stages if self.machines is None else self.machines.tolist()
        return tuple(accumulate(counts, initial=0))

    @property
    def num_machines(self) -> int:
        """Machines of one factory."""
        return self.first_machine[-1]

    @cached_property
    def machine_place(self) -> tuple[tuple[int, int], ...]:
        """Stage of each machine of a factory, and its number there."""
        counts = np.diff(self.first_machine).tolist()
        return tuple((stage, number) for stage, count in enumerate(counts) for number in range(count))

    def called(self, job: int) -> str:
        """A job as it stands in a sentence."""
        return called("job", self.job_names, job)

    def stage_called(self, stage: int) -> str:
        """A stage as it stands in a sentence."""
        return called("stage" if self.is_hybrid else "machine", self.stage_names, stage)

    # -- numbers ------------------------------------------------------------

    @property
    def max_items(self) -> int:
        """The largest number of durations, setups and releases in one sum: of a longest path, or a difference of two."""
        n, m = self.durations.shape
        return int(n * (2 * m + 1) + m + 2)

    @cached_property
    def weight_lattice(self) -> Lattice:
        """Ticks of weight."""
        if self.weight is None:
            return Lattice(1.0, 0.0, self.num_jobs)
        return Lattice.fit(self.weight, max_items=self.num_jobs, limit=2**31, field="weight")

    @cached_property
    def lattice(self) -> Lattice:
        """Ticks of time: the sum of all operations and setups of a schedule, weighted where jobs are, stays below 2^61."""
        limit = KERNEL_LIMIT >> 1
        if self.objective == "total_flow_time":
            limit = max(2, limit // max(1, int(self.weight_ticks.sum())))
        for field in ("durations", "setup", "first_setup", "release"):
            if getattr(self, field) is not None:
                refuse_overflow(field, getattr(self, field), self.max_items, "with it all other times")
                Lattice.fit(
                    getattr(self, field), max_items=self.max_items, limit=limit, field=field
                )  # names the field that overflows
        parts = [part.ravel() for part in (self.durations, self.setup, self.first_setup, self.release) if part is not None]
        if all(part.dtype.kind == "i" for part in parts):
            return Lattice.fit(np.concatenate(parts), max_items=self.max_items, limit=limit)
        times = np.concatenate([part.astype(np.float64) for part in parts])
        return Lattice.fit(times, max_items=self.max_items, limit=limit, parts=True)

    @cached_property
    def weight_ticks(self) -> NDArray[np.int64]:
        """Weights in ticks, shape (num_jobs,)."""
        if self.weight is None:
            return np.ones(self.num_jobs, np.int64)
        return self.weight_lattice.ticks(self.weight)

    @cached_property
    def times(self) -> Times:
        """All times in the user's unit."""
        return self._times(lambda part: part)

    @cached_property
    def tick_times(self) -> Times:
        """All times in ticks."""
        return self._times(self.lattice.ticks)

    def _times(self, turned: Any) -> Times:
        def listed(part: NDArray[Any] | None) -> Any:
            return None if part is None else turned(part).tolist()

        release = [0] * self.num_jobs if self.release is None else listed(self.release)
        return Times(listed(self.durations), listed(self.setup), listed(self.first_setup), release)

    @cached_property
    def horizon(self) -> int:
        """No sensible schedule needs more ticks: one job after the other."""
        ticks = self.lattice.ticks
        total = int(ticks(self.durations).sum()) + (0 if self.release is None else int(ticks(self.release).max()))
        for part in (self.setup, self.first_setup):
            if part is not None:
                axis = 0 if part.ndim == 2 else (0, 1)
                total += int(ticks(part).max(axis=axis).sum())
        return total

    @cached_property
    def error(self) -> float:  # type: ignore[override]
        if self.objective == "makespan":
            return self.lattice.error
        weights = self.weight_ticks.sum() / self.weight_lattice.scale
        rounded = self.weight_lattice.item_error * self.num_jobs * self.horizon / self.lattice.scale
        return float(weights * self.lattice.error + rounded)

    @property
    def sums_are_exact(self) -> bool:  # type: ignore[override]
        return self.lattice.whole and self.weight_lattice.whole

    def units(self, cost: int | float) -> float:
        """An objective in ticks, release dates not yet taken off, as one in the user's units."""
        if self.objective == "makespan":
            return self.lattice.units(cost)
        if self.release is not None:
            cost -= int(self.lattice.ticks(self.release) @ self.weight_ticks)
        return float(cost) / (self.lattice.scale * self.weight_lattice.scale)

    @cached_property
    def features(self) -> Mapping[str, Any]:
        plain = self.setup is None and self.first_setup is None and self.release is None
        different = self.is_hybrid or self.factories > 1 or self.objective != "makespan"
        return {
            "size": self.durations.size,
            "johnson": self.num_stages == 2 and plain and not (different or self.no_wait or self.blocking),
            "round_trip": self.no_wait and self.release is None and not different,
            "num_jobs": self.num_jobs,
            "num_stages": self.num_stages,
            "hybrid": self.is_hybrid,
            "distributed": self.factories > 1,
            "overtaking": self.overtaking,
            "no_wait": self.no_wait,
            "blocking": self.blocking,
            "setup": self.setup is not None or self.first_setup is not None,
            "release": self.release is not None,
            "weighted": self.weight is not None,
            "objective": self.objective,
        }

    # -- the judge ------------------------------------------------------------

    def evaluate(self, solution: JobSequences) -> float:
        """Makespan or total flow time, in the user's unit; infinite for orders without a timetable."""
        from .check import evaluate

        return evaluate(self, solution)

    def terms(self, solution: JobSequences) -> dict[str, float]:
        return {self.objective: self.evaluate(solution)}

    def check(self, solution: JobSequences) -> CheckReport:
        from .check import check

        return check(self, solution)

    # -- out ------------------------------------------------------------------

    def to_frame(self, solution: JobSequences) -> Any:
        """One row an operation, with dates where there is a ``start``: see `optikit.scheduling.flowshop.frames.to_frame`."""
        from .frames import to_frame

        return to_frame(self, solution)

    def plot(self, solution: JobSequences, path: Any = None, **options: Any) -> Any:
        """A Gantt chart: see `optikit.scheduling.flowshop.plot.plot_gantt`."""
        from .plot import plot_gantt

        refuse_unknown("plot", options, keywords(plot_gantt))
        return plot_gantt(self, solution, path, **options)

    def to_dict(self) -> dict[str, Any]:
        data: dict[str, Any] = {"problem": "FlowShop", "schema_version": self.schema_version}
        for field in _FIELDS:
            value = getattr(self, field)
            if field in _ARRAYS:
                value = None if value is None else value.tolist()
            elif field.endswith("_names"):
                value = None if value is None else list(value)
            elif field == "clock":
                value = None if value is None else value.to_dict()
            data[field] = value
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        form = "the JSON form of a FlowShop"
        check_form(data, form, cls.schema_version, InvalidProblemError, "FlowShop")
        check_keys(data, ("problem", "schema_version", *_FIELDS), form, InvalidProblemError)
        with reading(form, InvalidProblemError):
            fields = {field: data[field] for field in _FIELDS}
            if fields["clock"] is not None:
                fields["clock"] = Clock.from_dict(fields["clock"])
            return cls(**fields)
