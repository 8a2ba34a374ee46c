"""Tables of the generalized assignment: costs and demands in, one row a pair or one row an agent; allocations out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...errors import EntryError, InvalidProblemError, MissingExtraError
from ...inputs.names import Name
from ...inputs.tables import column_of, columns_of, is_missing, listed, names_of, numbers_of
from ...inputs.wording import did_you_mean, shown
from .check import evaluate
from .solution import LEFT_OUT, Allocation

if TYPE_CHECKING:
    from .problem import GeneralizedAssignment

    AnyGAP = TypeVar("AnyGAP", bound=GeneralizedAssignment)


def from_frame(
    cls: type[AnyGAP],
    frame: Any,
    *,
    capacity: Any,
    demands: Any = None,
    job: str = "job",
    agent: str = "agent",
    cost: str = "cost",
    demand: str = "demand",
    maximize: bool = False,
    leave_out: Any = None,
    title: str = "",
) -> AnyGAP:
    """A problem from one long table of pairs, or from two wide ones.

    Parameters
    ----------
    cls : type
        The class to build.
    frame : pandas.DataFrame or polars.DataFrame
        Long: one row a pair, with its job, agent, cost and demand; pairs that are not there, and those whose cost is missing, are
        forbidden. Wide, where ``demands`` is given: costs, one row an agent and one column a job; an entry that is missing forbids
        the pair. Agents are named by the column ``agent``, or by the index where there is no such column.
    capacity : mapping of name to number, or frame
        Of each agent; a frame has a column with their names and one called ``capacity``. It may hold more agents than the table.
    demands : frame or mapping, optional
        Of wide tables: a frame like that of the costs, aligned by names; or one demand a job, by name.
    job, agent, cost, demand : str
        Columns of the long table.
    maximize : bool
        Whether costs are profits, to be maximised.
    leave_out : float or mapping of name to float, optional
        Cost of leaving a job out; a job that a mapping does not name must be assigned.
    title : str
        Name of the problem.

    Returns
    -------
    GeneralizedAssignment
        Agents and jobs in the order in which the table names them first.

    Raises
    ------
    InvalidProblemError
        For a column, name or value that is missing or makes no sense, with its row (counted from 0).

    Examples
    --------
    >>> import pandas as pd
    >>> from optikit.assignment import GeneralizedAssignment
    >>> pairs = pd.DataFrame({"job": ["a", "a", "b"], "agent": ["X", "Y", "X"], "cost": [3, 1, 2], "demand": [2, 2, 3]})
    >>> gap = GeneralizedAssignment.from_frame(pairs, capacity={"X": 4, "Y": 2})
    >>> gap.agent_names, gap.job_names, gap.cost.tolist()
    (('X', 'Y'), ('a', 'b'), [[3.0, 2.0], [1.0, inf]])
    """
    if demands is None:
        agents, jobs, costs, loads, absent = _long(frame, job, agent, cost, demand)
    else:
        agents, jobs, costs, loads, absent = _wide(frame, demands, agent)
    return cls(
        costs,
        loads,
        _capacities(capacity, agents, agent),
        maximize=maximize,
        leave_out=_exits(leave_out, jobs),
        agent_names=agents,
        job_names=jobs,
        name=title,
        forbidden=absent if absent.any() else None,
    )


_Tables = tuple[list[Name], list[Name], NDArray[Any], NDArray[Any], NDArray[np.bool_]]


def _long(frame: Any, job: str, agent: str, cost: str, demand: str) -> _Tables:
    columns = columns_of(frame)
    if job not in columns and agent not in columns:
        raise InvalidProblemError(
            f"there are no columns {job!r} and {agent!r}; columns: {listed(columns)}. Name those of a table with one row a pair by "
            f"job=... and agent=..., or give demands=... beside a table of costs with one row an agent"
        )
    agents, jobs = _Places(frame, agent, "agent"), _Places(frame, job, "job")
    pairs = [f"{a!r} with {j!r}" for a, j in zip(agents.by_row, jobs.by_row, strict=True)]
    seen: dict[tuple[int, int], int] = {}
    for row, pair in enumerate(zip(agents.place, jobs.place, strict=True)):
        if pair in seen:
            raise EntryError(f"{pairs[row]} stands in row {seen[pair]} and in row {row}; a pair stands once", (row,))
        seen[pair] = row
    given = [not is_missing(value) for value in column_of(frame, cost, "cost").tolist()]
    kept = frame if all(given) else frame[np.array(given)] if hasattr(frame, "iloc") else frame.filter(np.array(given))
    keep = np.flatnonzero(given)
    told = [pairs[row] for row in keep]
    values, loads = numbers_of(kept, cost, "cost", told), numbers_of(kept, demand, "demand", told)
    shape = (len(agents.names), len(jobs.names))
    at = np.array(agents.place)[keep], np.array(jobs.place)[keep]
    costs, demands, absent = np.zeros(shape, values.dtype), np.zeros(shape, loads.dtype), np.ones(shape, bool)
    costs[at], demands[at], absent[at] = values, loads, False
    return agents.names, jobs.names, costs, demands, absent


class _Places:
    """The names of a column in the order in which they first stand there, and the place of each row's."""

    def __init__(self, frame: Any, column: str, noun: str) -> None:
        place: dict[Name, int] = {}
        self.place: list[int] = []
        self.by_row: list[Name] = []
        for row, value in enumerate(column_of(frame, column, noun).tolist()):
            if is_missing(value):
                raise EntryError(f"{column} in row {row} is missing; every row needs one", (row,))
            if isinstance(value, bool) or not isinstance(value, str | int):
                hint = "; convert the column with .astype(int)" if isinstance(value, float) else ""
                raise EntryError(f"{column} in row {row} is {shown(value)}; a name is text or a whole number{hint}", (row,))
            self.place.append(place.setdefault(value, len(place)))
            self.by_row.append(value)
        self.names = list(place)


def _wide(frame: Any, demands: Any, agent: str) -> _Tables:
    agents, jobs, values = _table(frame, "frame", agent)
    cells = values.tolist()
    absent = np.array([[is_missing(value) for value in row] for row in cells], bool).reshape(len(agents), len(jobs))
    costs = np.array([[0 if is_missing(value) else value for value in row] for row in cells], object)
    if isinstance(demands, Mapping):
        return agents, jobs, costs, np.array([_named(demands, job, "demands", "job") for job in jobs], object), absent
    rows, columns, loads = _table(demands, "demands", agent)
    at = []
    for wanted, there, noun in ((agents, rows, "agent"), (jobs, columns, "job")):
        lacking = [name for name in wanted if name not in there]
        if lacking:
            hint = did_you_mean(lacking[0], there)
            raise InvalidProblemError(f"demands has no {noun} {lacking[0]!r}{hint}; it has {listed(there[:10])}")
        place = {name: index for index, name in enumerate(there)}
        at.append([place[name] for name in wanted])
    loads = loads[np.ix_(*at)]
    for i, j in np.argwhere(absent).tolist():
        loads[i, j] = 0  # of a pair that is forbidden nobody asks
    for i, row in enumerate(loads.tolist()):
        for j, value in enumerate(row):
            if is_missing(value):
                raise EntryError(f"demands of {jobs[j]!r} at {agents[i]!r} is missing; fill it in, or forbid the pair", (i, j))
    return agents, jobs, costs, loads, absent


def _table(frame: Any, field: str, agent: str) -> tuple[list[Name], list[Name], NDArray[Any]]:
    """Names of the rows and the columns of a wide table, and its cells as they are."""
    columns = columns_of(frame)
    if agent in columns:
        agents = names_of(frame, agent, "agent")
        jobs = [column for column in columns if column != agent]
    elif hasattr(frame, "index"):
        agents, jobs = list(frame.index), columns
    else:
        raise InvalidProblemError(f"{field} has no column {agent!r} with the names of the agents; say agent=... for another one")
    if not agents or not jobs:
        raise InvalidProblemError(f"{field} has {len(agents)} rows and {len(jobs)} columns of jobs; expected one of each at least")
    agents, jobs = [_plain(name) for name in agents], [_plain(name) for name in jobs]
    cells = np.empty((len(agents), len(jobs)), object)
    for index, column in enumerate(column for column in columns if column != agent):
        cells[:, index] = column_of(frame, column, field).tolist()
    return agents, jobs, cells


def _plain(name: Any) -> Any:
    return name.item() if isinstance(name, np.generic) else name


def _capacities(capacity: Any, agents: Sequence[Name], agent: str) -> NDArray[Any]:
    if isinstance(capacity, Mapping):
        return np.array([_named(capacity, name, "capacity", "agent") for name in agents], object)
    if not hasattr(capacity, "columns"):
        raise InvalidProblemError(
            f"capacity is {shown(capacity)}; expected a mapping of agents to numbers, or a frame with the columns {agent!r} and "
            f"'capacity'"
        )
    names = names_of(capacity, agent, "agent")
    values = numbers_of(capacity, "capacity", "capacity", names)
    by_name = dict(zip(names, values, strict=True))
    return np.array([_named(by_name, name, "capacity", "agent") for name in agents])


def _named(numbers: Mapping[Any, Any], name: Name, field: str, noun: str) -> Any:
    if name not in numbers:
        raise InvalidProblemError(
            f"{field} has no {noun} {name!r}{did_you_mean(name, numbers)}; it has {listed(list(numbers)[:10])}"
        )
    return _plain(numbers[name])


def _exits(leave_out: Any, jobs: Sequence[Name]) -> Any:
    if not isinstance(leave_out, Mapping):
        return leave_out
    for name in leave_out:
        if name not in jobs:
            raise InvalidProblemError(f"leave_out names {name!r}, which is no job of the table{did_you_mean(name, jobs)}")
    return [_plain(leave_out.get(name, float("inf"))) for name in jobs]


def to_frame(problem: GeneralizedAssignment, allocation: Allocation) -> Any:
    """An allocation as a pandas frame with one row a job.

    Returns
    -------
    pandas.DataFrame
        ``job`` and ``agent`` by name (positions, where they have none; the agent is missing where the job is left out), ``cost``,
        and the ``demand`` that the job makes on its agent. The costs add up to ``problem.evaluate(allocation)``.

    Raises
    ------
    MissingExtraError
        If pandas is not installed.
    InvalidSolutionError
        If the allocation names an agent that is not there.
    """
    try:
        import pandas as pd
    except ImportError:
        raise MissingExtraError('to_frame needs pandas; pip install "optikit[frames]"') from None
    evaluate(problem, allocation)
    agents, jobs = allocation.agent_of, range(problem.num_jobs)
    job_names = jobs if problem.job_names is None else problem.job_names
    agent_names = range(problem.num_agents) if problem.agent_names is None else problem.agent_names
    exits = np.full(problem.num_jobs, np.inf) if problem.leave_out is None else problem.leave_out
    out = agents == LEFT_OUT
    sign = -1 if problem.maximize else 1
    cost = np.where(out, sign * exits, problem.cost[agents, jobs]) if out.any() else problem.cost[agents, jobs]
    chosen = [None if agent == LEFT_OUT else agent_names[agent] for agent in agents.tolist()]
    return pd.DataFrame(
        {
            "job": list(job_names),
            "agent": pd.Series(chosen, dtype="Int64" if all(isinstance(name, int) for name in agent_names) else object),
            "cost": cost,
            "demand": np.where(out, 0, problem.demand[agents, jobs]),
        }
    )
