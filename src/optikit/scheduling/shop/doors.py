"""From jobs as lists of operations to the flat arrays of a shop."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ...errors import InvalidProblemError, UnsupportedError
from ...inputs.names import plain_names
from ...inputs.wording import did_you_mean, shown
from ..clock import time_of
from .parts import MOST_MACHINES, listed

if TYPE_CHECKING:
    from .problem import Shop

    AnyShop = TypeVar("AnyShop", bound=Shop)


class Machines:
    """Machines by name or number, counted as they turn up where nobody listed them."""

    def __init__(self, names: Any = None) -> None:
        self.listed = names is not None
        self.at: dict[Any, int] = {}
        for name in plain_names("machine_names", names) if self.listed else ():
            self.at[name] = len(self.at)
        self.numbers = False

    def position(self, where: str, machine: Any) -> int:
        """Where a machine is in the list; a number stands for itself where no machine has a name."""
        name = _plain(machine)
        if isinstance(name, bool) or not isinstance(name, str | int):
            raise InvalidProblemError(f"{where} is on machine {shown(machine)}; expected a name or a number")
        if name in self.at:
            return self.at[name]
        if self.listed:
            known = ", ".join(map(repr, list(self.at)[:8])) + (", ..." if len(self.at) > 8 else "")
            raise InvalidProblemError(
                f"{where} is on machine {name!r}, which is not listed{did_you_mean(name, self.at)}; known: {known}"
            )
        if isinstance(name, int) and (self.numbers or not self.at):
            self.numbers = True
            if not 0 <= name < MOST_MACHINES:
                way_out = "machines are counted from 0" + ("; give them names instead" if name > 0 else "")
                raise InvalidProblemError(f"{where} is on machine {shown(name)}; {way_out}")
            return name
        if self.numbers:
            raise InvalidProblemError(f"{where} is on machine {name!r}, others are numbered; give all of them names, or numbers")
        self.at[name] = len(self.at)
        return self.at[name]

    @property
    def names(self) -> tuple[Any, ...] | None:
        return tuple(self.at) if self.at else None


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def from_jobs(cls: type[AnyShop], jobs: Any, fields: Mapping[str, Any]) -> AnyShop:
    """A shop from jobs as lists of operations.

    Parameters
    ----------
    cls : type
        The class to build.
    jobs : sequence, or mapping of job names to sequences
        Of operations: ``(machine, duration)``, a list of such for alternatives, or a mapping of machine to duration. Machines are
        positions, or names.
    fields : mapping
        Fields of the `Shop`; ``machine_names`` lists the machines, those of which nobody speaks too.

    Examples
    --------
    >>> from optikit.scheduling import FlexibleJobShop
    >>> shop = FlexibleJobShop.from_jobs({"chair": [{"saw": 3, "laser": 2}, ("lathe", 4)]})
    >>> shop.machine_names, shop.duration.tolist()
    (('saw', 'laser', 'lathe'), [3, 2, 4])
    """
    fields = dict(fields)
    for taken in ("job", "operation", "machine", "duration"):
        if taken in fields:
            raise UnsupportedError(f"from_jobs makes {taken} of the jobs; leave it out")
    names = list(jobs) if isinstance(jobs, Mapping) else None
    if isinstance(jobs, Mapping):
        fields.setdefault("job_names", tuple(jobs))
        jobs = list(jobs.values())
    jobs = listed("jobs", jobs, "a sequence of jobs, each a list of (machine, duration)")
    machines = Machines(fields.get("machine_names"))
    job_of: list[int] = []
    operation_of: list[int] = []
    machine_of: list[int] = []
    duration_of: list[float] = []
    for j, operations in enumerate(jobs):
        count = len(job_of)
        for o, given in enumerate(listed(f"jobs[{j}]", operations, "a list of operations (machine, duration)")):
            where = f"operation {o} of job {j if names is None else repr(names[j])}"
            for machine, duration in _modes(where, given):
                machine_of.append(machines.position(where, machine))
                duration_of.append(_duration(f"the duration of {where}", duration))
                operation_of.append(len(job_of))
            job_of.append(j)
        if len(job_of) == count:
            raise InvalidProblemError(f"jobs[{j}] has no operations; leave the job out")
    if not job_of:
        raise InvalidProblemError("jobs is empty; a shop has at least one operation")
    if machines.names is not None:
        fields["machine_names"] = machines.names
    known = [field.name for field in dataclasses.fields(cls)]
    unknown = [name for name in fields if name not in known]
    if unknown:
        raise UnsupportedError(f"a {cls.__name__} has no field {unknown[0]!r}{did_you_mean(unknown[0], known)}")
    return cls(job=job_of, operation=operation_of, machine=machine_of, duration=duration_of, **fields)


def _duration(what: str, value: Any) -> float:
    duration = time_of(what, value)
    if duration < 0:
        raise InvalidProblemError(f"{what} is {shown(value)}; a duration is >= 0")
    return duration


def _modes(where: str, given: Any) -> list[tuple[Any, Any]]:
    """One (machine, duration) or several."""
    if isinstance(given, Mapping):
        modes = list(given.items())
    elif isinstance(given, np.ndarray):
        modes = given.tolist()
    else:
        modes = given
    if isinstance(modes, str) or not isinstance(modes, list | tuple):
        raise InvalidProblemError(f"{where} is {shown(given)}; expected (machine, duration), or a list of such")
    if len(modes) == 2 and not isinstance(modes[0], list | tuple):
        modes = [modes]
    if not modes:
        raise InvalidProblemError(f"{where} has no machine; give it a machine and a duration")
    for mode in modes:
        if isinstance(mode, str) or not isinstance(mode, list | tuple) or len(mode) != 2:
            raise InvalidProblemError(f"{where} has {shown(mode)}; expected (machine, duration)")
    return [(machine, duration) for machine, duration in modes]
