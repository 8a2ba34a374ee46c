"""The generalized assignment problem: each job to one agent, within the agents' capacities, at the least total cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...core.check import CheckReport
from ...core.problem import Problem
from ...errors import EntryError, InvalidProblemError
from ...inputs.arrays import as_numbers, frozen_array, refuse, refuse_filled, refuse_overflow, refuse_twice
from ...inputs.forms import check_form, check_keys, reading, with_infinity, without_infinity
from ...inputs.keywords import keywords, refuse_unknown
from ...inputs.names import Name, compact, plain_names, refuse_twins
from ...inputs.wording import shown
from ...ticks import KERNEL_LIMIT, Lattice
from .loads import measure
from .solution import Allocation

__all__ = ["GAP", "GeneralizedAssignment"]

_KEYS = (
    "problem", "schema_version", "name", "cost", "demand", "capacity", "maximize", "leave_out", "agent_names", "job_names",
)  # fmt: skip
"""Of the JSON form."""

Array = NDArray[Any]

LIMIT = KERNEL_LIMIT >> 12
"""Costs of all jobs together stay below that, in ticks."""


@dataclass(frozen=True, eq=False)
class GeneralizedAssignment(Problem):
    """Assign each job to one agent such that no agent has more than it can carry, at the least total cost.

    Parameters
    ----------
    cost : array_like or scipy.sparse matrix, shape (num_agents, num_jobs)
        Of each pair; profits where ``maximize``. Ints stay ints. ``inf`` forbids a pair (``-inf`` where profits are maximised).
        Of a sparse matrix, pairs without an entry are forbidden, an entry of 0 is a cost, and a pair that has two is refused.
    demand : array_like or scipy.sparse matrix, shape (num_agents, num_jobs) or (num_jobs,)
        What a job takes of an agent's capacity, >= 0: of each agent its own, or the same of all. A sparse matrix has an entry for
        each pair that is allowed.
    capacity : array_like, shape (num_agents,)
        What each agent has, >= 0.
    maximize : bool
        Whether the objective is maximised.
    leave_out : float or array_like, shape (num_jobs,), optional
        Cost of leaving a job out, in the unit of ``cost``; ``inf`` where it must be assigned. It counts against the objective:
        where profits are maximised it is subtracted. None: every job must be assigned.
    agent_names, job_names : sequence of str or int, optional
        Unique. None: called by their positions.
    name : str
        For titles.
    forbidden : array_like of bool, shape (num_agents, num_jobs), optional
        True where a pair is forbidden, besides those that ``cost`` forbids.

    Raises
    ------
    InvalidProblemError
        For data that make no sense: the message names the field, the index, the value and a way out.

    Examples
    --------
    >>> problem = GeneralizedAssignment(cost=[[4, 1, 3], [2, 5, 5]], demand=[2, 3, 2], capacity=[5, 4])
    >>> problem.evaluate(Allocation([1, 0, 0]))
    6.0
    >>> problem.check(Allocation([0, 0, 0])).feasible
    False
    """

    solution_type: ClassVar[type[Allocation]] = Allocation

    cost: Any
    demand: Any
    capacity: Any
    maximize: bool = False
    leave_out: Any = None
    agent_names: Sequence[Name] | None = None
    job_names: Sequence[Name] | None = None
    name: str = ""
    forbidden: InitVar[ArrayLike | None] = None

    def __post_init__(self, forbidden: ArrayLike | None) -> None:
        if not isinstance(self.maximize, bool | np.bool_):
            raise InvalidProblemError(f"maximize is {shown(self.maximize)}; expected True or False")
        if not isinstance(self.name, str):
            raise InvalidProblemError(f"name is {shown(self.name)}; expected text")
        self._set("maximize", bool(self.maximize))
        self._set("cost", self._costs(forbidden))
        shape = self.cost.shape
        demand = self._demands()
        if demand.ndim == 1:
            demand = frozen_array("demand", demand, _dtype(demand), shape=shape[1:], advice="one a job, or one a pair")
            refuse("demand", demand, demand < 0, "a demand is >= 0")
            demand = np.broadcast_to(demand, shape)
        demand = frozen_array("demand", demand, _dtype(demand), shape=shape, advice="a row an agent and a column a job, as cost")
        refuse("demand", demand, demand < 0, "a demand is >= 0")
        refuse_overflow("demand", demand, shape[1], "divide capacities too")
        self._set("demand", demand)
        capacity = as_numbers("capacity", self.capacity)
        endless = "; of an agent without limit, say the sum of its demands"
        refuse("capacity", capacity, np.isposinf(capacity), f"expected a finite number{endless}")
        capacity = frozen_array("capacity", capacity, _dtype(capacity), shape=shape[:1], advice="one an agent")
        refuse("capacity", capacity, capacity < 0, "a capacity is >= 0")
        refuse_overflow("capacity", capacity, shape[1], "divide demands too")
        self._set("capacity", capacity)
        if self.leave_out is not None:
            self._set("leave_out", self._exits())
        for field, count, what in (("agent_names", shape[0], "agents"), ("job_names", shape[1], "jobs")):
            if getattr(self, field) is not None:
                names = compact(plain_names(field, getattr(self, field)))
                if len(names) != count:
                    raise InvalidProblemError(f"{field} has {len(names)} entries, expected {count}: one each")
                refuse_twins(names, what)
                self._set(field, names)
        _ = self.lattice, self.load_ticks  # raise where no lattice fits: better now than inside a solver

    def _set(self, field: str, value: Any) -> None:
        object.__setattr__(self, field, value)

    def _costs(self, forbidden: ArrayLike | None) -> Array:
        advice = "a row an agent and a column a job"
        given, lacking = (
            _spread("cost", self.cost) if _is_sparse(self.cost) else (as_numbers("cost", self.cost, f"; {advice}"), None)
        )
        if given.ndim != 2 or 0 in given.shape:
            raise InvalidProblemError(f"cost has shape {given.shape}, expected (agents, jobs), one of each at least; {advice}")
        never, other = (-np.inf, "-inf") if self.maximize else (np.inf, "inf")
        absent = given == never if given.dtype.kind == "f" else np.zeros(given.shape, bool)
        if lacking is not None:
            absent = absent | lacking
        if forbidden is not None:
            try:
                mask = np.asarray(forbidden)
            except (ValueError, TypeError, OverflowError):
                mask = np.zeros(0, object)
            if mask.dtype == object:
                raise InvalidProblemError(f"forbidden is no table of True and False; expected shape {given.shape}: one a pair")
            if mask.dtype != np.bool_ or mask.shape != given.shape:
                hint = "; .astype(bool) makes it of 0 and 1" if mask.dtype.kind in "iu" else ""
                raise InvalidProblemError(
                    f"forbidden is of {mask.dtype} and shape {mask.shape}; expected bool and shape {given.shape}: one a pair{hint}"
                )
            absent = absent | mask
        refuse("cost", given, np.isinf(given) & ~absent, f"a pair that is forbidden has {other}; others need a finite number")
        if not absent.any():
            cost = frozen_array("cost", given, _dtype(given), shape=(None, None), advice=advice)
        else:
            # Ints have no infinity: beside it they are floats, which hold them exactly up to 2^53.
            finite = frozen_array("cost", np.where(absent, 0, given), np.float64, shape=(None, None), advice=advice)
            cost = np.where(absent, never, finite)
            cost.flags.writeable = False
        _refuse_sums(
            "cost", np.where(absent, 0, cost), cost.shape[1], "divide leave_out too; forbid pairs by inf, not by huge costs"
        )
        return cost

    def _demands(self) -> Array:
        """Numbers, one a job or one a pair; of a sparse matrix each pair that is allowed has an entry, if only a 0."""
        if not _is_sparse(self.demand):
            return as_numbers("demand", self.demand)
        given, lacking = _spread("demand", self.demand)
        if given.shape in (self.cost.shape, self.cost.shape[1:]):
            for pair in np.argwhere(lacking & np.isfinite(self.cost))[:1].tolist():
                place = tuple(pair[-given.ndim :])
                raise EntryError(
                    f"demand[{', '.join(map(str, place))}] has no entry, but agent {pair[0]} may have job {pair[1]}; give it one, "
                    f"or pass demand.toarray() where what has none takes nothing",
                    place,
                )
        return given

    def _exits(self) -> Array:
        given = as_numbers("leave_out", self.leave_out)
        if given.ndim == 0:
            given = np.full(self.num_jobs, given)
        must = np.isposinf(given) if given.dtype.kind == "f" else np.zeros(given.shape, bool)
        finite = frozen_array("leave_out", np.where(must, 0, given), _dtype(given), shape=(self.num_jobs,), advice="one a job")
        _refuse_sums("leave_out", finite, self.num_jobs, "divide cost too; a job that must be assigned has inf")
        exits = np.where(must, np.inf, finite) if must.any() else finite
        exits.flags.writeable = False
        return exits

    # -- in -----------------------------------------------------------------

    @classmethod
    def from_frame(cls, frame: Any, **options: Any) -> Self:
        """From a table with a row for each pair, or one with a row an agent: see `optikit.assignment.generalized.frames`."""
        from .frames import from_frame

        refuse_unknown("from_frame", options, keywords(from_frame))
        return from_frame(cls, frame, **options)

    @classmethod
    def read(cls, path: Any, **options: Any) -> Self:
        """From a file of Yagiura or OR-Library: see `optikit.assignment.generalized.files.read_gap`."""
        from .files import read_gap

        return read_gap(path, cls=cls, **options)

    # -- facts ----------------------------------------------------------------

    @property
    def num_agents(self) -> int:
        return int(self.cost.shape[0])

    @property
    def num_jobs(self) -> int:
        return int(self.cost.shape[1])

    @property
    def sense(self) -> Literal["min", "max"]:
        return "max" if self.maximize else "min"

    @cached_property
    def allowed(self) -> NDArray[np.bool_]:
        """Pairs that are not forbidden, shape (num_agents, num_jobs)."""
        allowed: NDArray[np.bool_] = np.isfinite(self.cost)
        return allowed

    @cached_property
    def possible(self) -> NDArray[np.bool_]:
        """Pairs that are not forbidden, and whose job alone fits the agent, shape (num_agents, num_jobs)."""
        demand, capacity = self.load_ticks
        return self.allowed & (demand <= capacity[:, None])

    @cached_property
    def may_leave(self) -> NDArray[np.bool_]:
        """Jobs that may be left out, shape (num_jobs,)."""
        return np.zeros(self.num_jobs, bool) if self.leave_out is None else np.isfinite(self.leave_out)

    @cached_property
    def load_ticks(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Demands and capacities in integers: see `optikit.assignment.generalized.loads.measure`."""
        return measure(self)

    @cached_property
    def lattice(self) -> Lattice:
        """Ticks of cost: sums over all jobs stay below 2^50."""
        values = self.cost[self.allowed]
        if self.leave_out is not None:
            values = np.concatenate([values, self.leave_out[self.may_leave]])
        if values.dtype.kind == "f" and values.size and np.abs(values).max() < 2**53 and (values == np.floor(values)).all():
            values = values.astype(np.int64)
        return Lattice.fit(values, max_items=self.num_jobs, limit=LIMIT, field="cost")

    @property
    def error(self) -> float:  # type: ignore[override]
        return self.lattice.error

    @property
    def sums_are_exact(self) -> bool:  # type: ignore[override]
        return self.lattice.whole

    def agent_called(self, agent: int) -> str:
        """An agent as it stands in a sentence: its name, or ``agent 3``."""
        return _called("agent", self.agent_names, agent)

    def job_called(self, job: int) -> str:
        """A job as it stands in a sentence: its name, or ``job 3``."""
        return _called("job", self.job_names, job)

    @cached_property
    def features(self) -> Mapping[str, Any]:
        return {
            "size": self.num_jobs,
            "num_agents": self.num_agents,
            "pairs": int(self.allowed.sum()),
            "maximize": self.maximize,
            "partial": self.leave_out is not None,
            "has_forbidden": not bool(self.allowed.all()),
        }

    # -- the judge ------------------------------------------------------------

    def evaluate(self, solution: Allocation) -> float:
        """Total cost (profit, where maximised); infinite for the worse where a pair is forbidden or a job left out that may not."""
        from .check import evaluate

        return evaluate(self, solution)

    def terms(self, solution: Allocation) -> dict[str, float]:
        """What the pairs are worth, and what leaving jobs out costs where that is allowed."""
        from .check import terms

        return terms(self, solution)

    def check(self, solution: Allocation) -> CheckReport:
        from .check import check

        return check(self, solution)

    # -- out ------------------------------------------------------------------

    def to_frame(self, solution: Allocation) -> Any:
        """One row a job: see `optikit.assignment.generalized.frames.to_frame`."""
        from .frames import to_frame

        return to_frame(self, solution)

    def plot(self, solution: Allocation, path: str | None = None, **options: Any) -> Any:
        """Loads against capacities, or the matrix of pairs: see `optikit.assignment.generalized.plot.plot_allocation`."""
        from .plot import plot_allocation

        refuse_unknown("plot", options, keywords(plot_allocation))
        return plot_allocation(self, solution, path, **options)

    def to_dict(self) -> dict[str, Any]:
        return {
            "problem": "GeneralizedAssignment",
            "schema_version": self.schema_version,
            "name": self.name,
            "cost": [without_infinity(row) for row in self.cost],
            "demand": self.demand.tolist(),
            "capacity": self.capacity.tolist(),
            "maximize": self.maximize,
            "leave_out": without_infinity(self.leave_out),
            "agent_names": None if self.agent_names is None else list(self.agent_names),
            "job_names": None if self.job_names is None else list(self.job_names),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        form = "the JSON form of a GeneralizedAssignment"
        check_form(data, form, cls.schema_version, InvalidProblemError, "GeneralizedAssignment")
        check_keys(data, _KEYS, form, InvalidProblemError)
        with reading(form, InvalidProblemError):
            never = -np.inf if data["maximize"] else np.inf
            return cls(
                cost=[with_infinity(row, never) for row in data["cost"]],
                leave_out=with_infinity(data["leave_out"]),
                **{field: data[field] for field in ("demand", "capacity", "maximize", "agent_names", "job_names", "name")},
            )


GAP = GeneralizedAssignment
"""As the literature calls it."""


def _refuse_sums(field: str, values: Array, items: int, advice: str) -> None:
    """Refuse numbers that do not add up: floats in floats, ints in the ticks of the lattice."""
    refuse_overflow(field, values, items, advice)
    if values.dtype.kind == "i":
        expected = f"sums of {items} such ints overflow 64 bits in the search; use a larger unit, and {advice}"
        refuse(field, values, np.abs(values) > LIMIT // items - 1, expected)


def _is_sparse(value: Any) -> bool:
    """Whether that is a matrix or array of scipy.sparse, without importing it."""
    return hasattr(value, "tocoo") and hasattr(value, "toarray")


def _spread(field: str, matrix: Any) -> tuple[Array, NDArray[np.bool_]]:
    """A sparse matrix in full, and which places have no entry."""
    refuse_filled(field, matrix)
    refuse_twice(field, matrix)
    entries = matrix.tocoo()
    lacking = np.ones(entries.shape, bool)
    lacking[entries.coords if hasattr(entries, "coords") else (entries.row, entries.col)] = False
    return as_numbers(field, entries.toarray()), lacking


def _dtype(given: Array) -> type[np.generic]:
    return np.int64 if given.dtype.kind in "iu" else np.float64


def _called(noun: str, names: Sequence[Name] | None, index: int) -> str:
    name = index if names is None else names[index]
    return name if isinstance(name, str) else f"{noun} {name}"
