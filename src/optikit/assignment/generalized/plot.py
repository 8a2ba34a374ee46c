"""Pictures of allocations: the agents' loads against their capacities, or the matrix of pairs with those that are chosen."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import UnsupportedError
from ...inputs.arguments import typed
from ...inputs.wording import amount, did_you_mean, shown
from ...pictures import Sheet, headed
from .check import evaluate, loads
from .solution import LEFT_OUT

if TYPE_CHECKING:
    from .problem import GeneralizedAssignment
    from .solution import Allocation

NAMED = 40
"""Up to this many agents bear their names; of the matrix, jobs too."""

STACKED = 400
"""Up to this many jobs a bar is made of its jobs, each a part."""

KINDS = ("loads", "matrix")

_SHADES, _OVER, _LIMIT, _CHOSEN = ("#0072b2", "#56b4e9"), "#d55e00", "#222222", "#d55e00"


def plot_allocation(
    problem: GeneralizedAssignment,
    allocation: Allocation,
    path: str | os.PathLike[str] | None = None,
    *,
    kind: str = "loads",
    names: bool | None = None,
    title: str | None = None,
    figsize: Sequence[float] | None = None,
    dpi: int = 150,
) -> Any:
    """Draw an allocation.

    Parameters
    ----------
    problem : GeneralizedAssignment
        What was solved.
    allocation : Allocation
        Of it.
    path : path, optional
        Where to save the picture; the ending names the format (png, svg, pdf, ...).
    kind : {"loads", "matrix"}
        A bar an agent, stacked of the demands of its jobs, with a mark at its capacity; what is above is red. Or the matrix of
        costs, light where cheap, with the chosen pairs marked.
    names : bool, optional
        Whether agents (and the jobs of the matrix) bear their names; by default where there are few.
    title : str, optional
        By default the problem's name, the objective and the numbers of jobs and agents.
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
    if kind not in KINDS:
        raise UnsupportedError(f"kind is {shown(kind)}{did_you_mean(kind, KINDS)}; expected 'loads' or 'matrix'")
    objective = evaluate(problem, allocation)
    wide = min(16.0, max(6.0, 0.3 * problem.num_agents if kind == "loads" else 0.15 * problem.num_jobs))
    wanted, title = typed("names", names, "bool | None"), typed("title", title, "str | None")
    sheet = Sheet(path, figsize, dpi, (wide, 4.5))
    axes = sheet.figure.add_subplot()
    draw = _draw_loads if kind == "loads" else _draw_matrix
    draw(problem, allocation, axes, wanted)
    what = (
        f"{'profit' if problem.maximize else 'cost'} {amount(objective)}, {problem.num_jobs:,} jobs, {problem.num_agents:,} agents"
    )
    return sheet.finish(axes, title, headed(problem.name, what))


def _draw_loads(problem: GeneralizedAssignment, allocation: Allocation, axes: Any, names: bool | None) -> None:
    carried, capacity = loads(problem, allocation), problem.capacity.astype(np.float64)
    agents = np.arange(problem.num_agents)
    if problem.num_jobs <= STACKED:
        parts = [(agent, *part) for agent in agents.tolist() for part in _parts(problem, allocation, agent)]
        if parts:
            at, bottom, height, shade = (np.array(column) for column in zip(*parts, strict=True))
            axes.bar(at, height, 0.8, bottom, color=[_SHADES[index] for index in shade], edgecolor="white", linewidth=0.5)
    else:
        axes.bar(agents, carried, 0.8, color=_SHADES[0])
    over = carried > capacity
    if over.any():
        axes.bar(agents[over], (carried - capacity)[over], 0.8, capacity[over], color=_OVER, alpha=0.8, label="above the capacity")
    axes.hlines(capacity, agents - 0.45, agents + 0.45, color=_LIMIT, linewidth=2, label="capacity")
    axes.figure.legend(loc="outside lower center", ncols=2)
    axes.set_ylabel("load")
    _name_agents(problem, axes.set_xticks, names, 90 if problem.num_agents > 12 else 0)
    axes.set_xlabel("agent")


def _parts(problem: GeneralizedAssignment, allocation: Allocation, agent: int) -> list[tuple[float, float, int]]:
    """Bottom, height and shade of each job's part of a bar, the largest at the bottom."""
    demand = np.sort(problem.demand[agent, allocation.jobs_of(agent)].astype(np.float64))[::-1]
    bottom = np.concatenate(([0.0], np.cumsum(demand)[:-1])) if demand.size else demand
    return [(low, high, index % 2) for index, (low, high) in enumerate(zip(bottom.tolist(), demand.tolist(), strict=True))]


def _draw_matrix(problem: GeneralizedAssignment, allocation: Allocation, axes: Any, names: bool | None) -> None:
    cost = np.where(problem.allowed, problem.cost, np.nan).astype(np.float64)
    image = axes.imshow(cost, cmap="Greys_r" if problem.maximize else "Greys", aspect="auto", interpolation="nearest", alpha=0.7)
    axes.figure.colorbar(image, ax=axes, label="profit" if problem.maximize else "cost")
    jobs = np.flatnonzero(allocation.agent_of != LEFT_OUT)
    width = 72 * axes.figure.get_size_inches()[0] / max(problem.num_jobs, 1)
    axes.scatter(
        jobs, allocation.agent_of[jobs], s=max(2.0, min(60.0, (0.5 * width) ** 2)), color=_CHOSEN, marker="s", linewidths=0
    )
    _name_agents(problem, axes.set_yticks, names, 0)
    if (names is None and problem.num_jobs <= NAMED) or names:
        told = range(problem.num_jobs) if problem.job_names is None else problem.job_names
        axes.set_xticks(np.arange(problem.num_jobs), [str(name) for name in told], rotation=90)
    axes.set_xlabel("job")
    axes.set_ylabel("agent")


def _name_agents(problem: GeneralizedAssignment, set_ticks: Any, names: bool | None, rotation: int) -> None:
    if (names is None and problem.num_agents <= NAMED) or names:
        told = range(problem.num_agents) if problem.agent_names is None else problem.agent_names
        set_ticks(np.arange(problem.num_agents), [str(name) for name in told], rotation=rotation)
