"""Tables of the generalized assignment: costs and demands in, one row a pair or one row an agent; allocations out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    capacity: Any = None,
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
        Long: one row a pair, with its job, agent, cost and demand; pairs that are not there, and those whose cost is ``inf``
        (``-inf`` where profits are maximised), are forbidden. Wide, where ``demands`` is given: costs, one row an agent and one
        column a job. Agents are named by the column ``agent``, or by the index where there is no such column.
    capacity : mapping of name to number, Series, or frame
        Of each agent; a frame has a column with their names and one called ``capacity``. Agents that only it names can have no
        job; beside a wide table there are none.
    demands : frame, mapping or Series, optional
        Of wide tables: a frame like that of the costs, aligned by names; or one demand a job, by name.
    job, agent, cost, demand : str
        Columns of the long table.
    maximize : bool
        Whether costs are profits, to be maximised.
    leave_out : float, mapping of name to float, or Series, optional
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
    capacity, demands, leave_out = map(_mapped, (capacity, demands, leave_out))
    if capacity is None:
        raise InvalidProblemError(f"capacity is missing: {_CAPACITY.format(agent)}")
    never = float("-inf") if maximize is True else float("inf")
    if demands is None:
        agents, jobs, costs, loads = _long(frame, _names_in(capacity, agent), job, agent, cost, demand, never)
    else:
        agents, jobs, costs, loads = _wide(frame, demands, agent, never)
        _refuse_unknown("capacity", _names_in(capacity, agent), agents, "agent")
    absent = np.array(costs == never, bool)
    return cls(
        np.where(absent, 0, costs),
        loads,
        _capacities(capacity, agents, agent),
        maximize=maximize,
        leave_out=_exits(leave_out, jobs),
        agent_names=agents,
        job_names=jobs,
        name=title,
        forbidden=absent if absent.any() else None,
    )


_CAPACITY = "expected a mapping of agents to numbers, or a frame with the columns {!r} and 'capacity'"

_Tables = tuple[list[Name], list[Name], NDArray[Any], NDArray[Any]]


def _mapped(given: Any) -> Any:
    """A Series as a mapping of its index; anything else as it is."""
    return given.to_dict() if hasattr(given, "to_dict") and hasattr(given, "index") and not hasattr(given, "columns") else given


def _long(frame: Any, able: Sequence[Name], job: str, agent: str, cost: str, demand: str, never: float) -> _Tables:
    columns = columns_of(frame)
    if job not in columns and agent not in columns:
        raise InvalidProblemError(
            f"there are no columns {job!r} and {agent!r}; columns: {listed(columns)}. Name those of a table with one row a pair by "
            f"job=... and agent=..., or give demands=... beside a table of costs with one row an agent"
        )
    agents, jobs = _Places(frame, agent, "agent"), _Places(frame, job, "job")
    if not jobs.names:
        raise InvalidProblemError("frame has no rows; expected one for each pair that is possible")
    pairs = [f"{a!r} with {j!r}" for a, j in zip(agents.by_row, jobs.by_row, strict=True)]
    seen: dict[tuple[int, int], int] = {}
    for row, pair in enumerate(zip(agents.place, jobs.place, strict=True)):
        if pair in seen:
            raise EntryError(f"{pairs[row]} stands in row {seen[pair]} and in row {row}; a pair stands once", (row,))
        seen[pair] = row
    values, loads = numbers_of(frame, cost, "cost", pairs, never=never), numbers_of(frame, demand, "demand", pairs)
    names = list(dict.fromkeys([*agents.names, *able]))  # who has a capacity but no row has no pair
    shape, at = (len(names), len(jobs.names)), (agents.place, jobs.place)
    # Ints stay ints as long as no pair is forbidden; beside infinity they are floats.
    costs = np.zeros(shape, values.dtype) if len(pairs) == shape[0] * shape[1] else np.full(shape, never, object)
    demands = np.zeros(shape, loads.dtype)
    costs[at], demands[at] = values, loads
    return names, jobs.names, costs, demands


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


def _wide(frame: Any, demands: Any, agent: str, never: float) -> _Tables:
    agents, jobs, costs = _table(frame, "frame", agent)
    for i, row in enumerate(costs.tolist()):
        for j, value in enumerate(row):
            where = f"the cost of {jobs[j]!r} at {agents[i]!r} (row {i})"
            if is_missing(value):
                raise EntryError(f"{where} is missing; fill it in, with {never} where the pair is forbidden", (i, j))
            if isinstance(value, bool) or not isinstance(value, int | float) or value == -never:
                raise EntryError(f"{where} is {shown(value)}; expected a number, or {never} where the pair is forbidden", (i, j))
    if isinstance(demands, Mapping):
        loads = np.array([_named(demands, job, "demands", "job") for job in jobs], object)
        _refuse_unknown("demands", demands, jobs, "job")
        return agents, jobs, costs, loads
    rows, columns, loads = _table(demands, "demands", agent)
    at = []
    for wanted, there, noun in ((agents, rows, "agent"), (jobs, columns, "job")):
        place = {name: index for index, name in enumerate(there)}
        lacking = next((name for name in wanted if name not in place), None)
        if lacking is not None:
            raise InvalidProblemError(
                f"demands has no {noun} {lacking!r}{did_you_mean(lacking, there)}; it has {listed(there[:10])}"
            )
        _refuse_unknown("demands", there, wanted, noun)
        at.append([place[name] for name in wanted])
    loads = loads[np.ix_(*at)]
    loads[costs == never] = 0  # of a pair that is forbidden nobody asks
    for i, row in enumerate(loads.tolist()):
        for j, value in enumerate(row):
            if is_missing(value):
                raise EntryError(f"demands of {jobs[j]!r} at {agents[i]!r} is missing; fill it in, or forbid the pair", (i, j))
    return agents, jobs, costs, loads


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


def _names_in(capacity: Any, agent: str) -> list[Name]:
    """The agents of whom ``capacity`` speaks."""
    if isinstance(capacity, Mapping):
        return list(capacity)
    if not hasattr(capacity, "columns"):
        raise InvalidProblemError(f"capacity is {shown(capacity)}; {_CAPACITY.format(agent)}")
    return names_of(capacity, agent, "agent")


def _capacities(capacity: Any, agents: Sequence[Name], agent: str) -> NDArray[Any]:
    if not isinstance(capacity, Mapping):
        names = names_of(capacity, agent, "agent")
        capacity = dict(zip(names, numbers_of(capacity, "capacity", "capacity", names), strict=True))
    return np.array([_named(capacity, name, "capacity", "agent") for name in agents], object)


def _refuse_unknown(field: str, names: Iterable[Any], known: Sequence[Name], noun: str) -> None:
    place = set(known)
    for name in names:
        if name not in place:
            hint = did_you_mean(name, known) or "; leave it out, or add it there"
            raise InvalidProblemError(f"{field} names {shown(name)}, which is no {noun} of the table of costs{hint}")


def _named(numbers: Mapping[Any, Any], name: Name, field: str, noun: str) -> Any:
    if name not in numbers:
        raise InvalidProblemError(
            f"{field} has no {noun} {name!r}{did_you_mean(name, numbers)}; it has {listed(list(numbers)[:10])}"
        )
    value = _plain(numbers[name])
    if is_missing(value) or isinstance(value, bool) or not isinstance(value, int | float):
        said = "missing; fill it in" if is_missing(value) else f"{shown(value)}; expected a number"
        raise InvalidProblemError(f"{field} of {noun} {name!r} is {said}")
    return value


def _exits(leave_out: Any, jobs: Sequence[Name]) -> Any:
    if not isinstance(leave_out, Mapping):
        return leave_out
    _refuse_unknown("leave_out", leave_out, jobs, "job")
    return [_named(leave_out, name, "leave_out", "job") if name in leave_out else float("inf") for name in jobs]


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
