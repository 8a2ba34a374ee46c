"""Bounds on the cost: one that is always there, and that of the Lagrangean relaxation for who has the time."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.result import StopReason
from ...core.run import POLL_SECONDS, Outcome, Run
from ...core.solver import Capabilities, Solver
from ...errors import UnsupportedError
from ...inputs.arguments import check_count, check_number
from ...inputs.wording import shown
from .arrays import Instance
from .instance import Pairs, set_prices
from .problem import GeneralizedAssignment

if TYPE_CHECKING:
    from ...kernels.jit import Kernel
    from .kernels.relax import Relaxation

WORK = 2_000_000
"""Pairs that the cheap bound looks at, all iterations together,"""

FEW, MANY = 3, 100
"""of which there are no fewer, and no more."""

PRICED = 2_000
"""Iterations of the ascent that finds prices, at most;"""

PRICED_WORK = 200_000_000
"""fewer where they would look at more pairs than that."""

HOPE = 0.01
"""How far above the linear relaxation the bound is thought to come where no solution is known: in the mean differences between
the options of all jobs."""

_NEVER = -(2**61)

ITERATIONS = 300
"""Of the Lagrangean relaxation, where nobody says."""


def lower_bound(problem: GeneralizedAssignment) -> float | None:
    """A bound in milliseconds, with numpy alone: the linear relaxation, by some iterations of its dual's ascent.

    Each job takes the agent that is best for it at prices for the agents' capacities; what these are worth is subtracted. Above the
    optimum where profits are maximised.

    Returns
    -------
    float or None
        In the user's units; None where a job fits no agent, so that there is no solution.

    Examples
    --------
    >>> lower_bound(GeneralizedAssignment(cost=[[1, 1], [5, 6]], demand=[2, 2], capacity=[2, 2]))
    6.0
    """
    pairs = Pairs.of(problem)
    if not pairs.possible.any(axis=0).all():
        return None
    return pairs.bound(math.ceil(rough_prices(pairs)[0]))


def rough_prices(pairs: Pairs) -> tuple[float, NDArray[np.float64]]:
    """A lower bound in ticks, and the prices that give it: some iterations of the ascent, with numpy alone."""
    cost, demand = pairs.cost.astype(np.float64), pairs.demand.astype(np.float64)
    cost[~pairs.possible] = np.inf
    capacity, jobs = pairs.capacity.astype(np.float64), np.arange(cost.shape[1])
    room = np.maximum(capacity, 1.0)
    price = best_price = np.zeros(len(capacity))
    best, step, scale = -math.inf, 0.1, max(pairs.spread, 1.0)
    for _ in range(int(min(max(WORK // cost.size, FEW), MANY))):
        whole = cost + price[:, None] * demand
        chosen = whole.argmin(axis=0)
        least, paid = whole[chosen, jobs], price * capacity
        # Floats round each operation by 2^-53 at most: so much is taken off for all of them.
        off = (len(least) + len(paid) + 8) * 2.0**-52 * float(np.abs(least).sum() + 2 * paid.sum())
        value = float(least.sum() - paid.sum()) - off
        if value > best:
            best, best_price = value, price
        else:
            step *= 0.8
        slope = np.bincount(chosen, weights=demand[chosen, jobs], minlength=len(capacity)) - capacity
        slope[(price <= 0) & (slope < 0)] = 0.0
        square = float(((slope / room) ** 2).sum())
        if square == 0.0:
            break
        price = np.maximum(0.0, price + step * scale / square * slope / room**2)
    return best, best_price


class LagrangeanBound(NamedTuple):
    """What `lagrangean` gives."""

    value: float
    """No solution is better; in the user's units."""
    multipliers: NDArray[np.float64]
    """Of each job, in the user's units of cost."""
    iterations: int
    complete: bool
    """Whether the ascent was not cut short."""


def find_prices(pairs: Pairs, instance: Instance, seconds: float = math.inf) -> None:
    """Give an instance the prices of the linear relaxation."""
    from ...kernels.clock import now_ns
    from ...kernels.control import DEADLINE, LIMIT, Control
    from .kernels.prices import SCALE, STEP, Ascent, raise_prices

    ascent, control = Ascent.empty(num_agents=instance.num_agents), Control.fresh()
    ascent.numbers[[SCALE, STEP]] = max(pairs.spread, 1.0), 0.1
    control.slots[LIMIT] = min(PRICED, max(FEW, PRICED_WORK // instance.num_options))
    if seconds < math.inf:
        control.slots[DEADLINE] = now_ns() + int(1e9 * seconds)
    raise_prices(instance, ascent, control)
    set_prices(instance, ascent.best)


def lagrangean(
    problem: GeneralizedAssignment,
    *,
    pairs: Pairs | None = None,
    instance: Instance | None = None,
    upper: float | None = None,
    seconds: float | None = None,
    iterations: int | None = None,
    wants_stop: Callable[[], bool] = lambda: False,
) -> LagrangeanBound | None:
    """The bound of the Lagrangean relaxation: the assignment is relaxed, and each agent's knapsack solved exactly.

    At least as good as the linear relaxation, from whose multipliers the ascent begins. Computed in integers, and rounded up to the
    next value that the objective can have. A knapsack whose tree is too large counts with its own bound.

    Parameters
    ----------
    problem : GeneralizedAssignment
        What is bounded.
    pairs, instance
        What `Pairs.of` and `find_prices` made, for who has it.
    upper : float, optional
        Objective of a solution: steps are taken by the distance to it, and a bound that meets it is enough.
    seconds : float, optional
        Time limit.
    iterations : int, optional
        At most so many; by default `ITERATIONS`. Without a time limit, same iterations, same bound.
    wants_stop : callable
        Asked every 100 ms.

    Returns
    -------
    LagrangeanBound or None
        None where there was no time for any, or a job fits no agent.

    Raises
    ------
    UnsupportedError
        For another problem, or a number that is none.

    References
    ----------
    M. L. Fisher, R. Jaikumar and L. N. Van Wassenhove, "A multiplier adjustment method for the generalized assignment problem",
    Management Science 32(9), 1986.

    Examples
    --------
    >>> problem = GeneralizedAssignment(cost=[[1, 2, 3], [9, 9, 9]], demand=[2, 2, 2], capacity=[5, 9])
    >>> lagrangean(problem).value
    12.0
    """
    from ...kernels.clock import now_ns
    from ...kernels.control import DEADLINE, LIMIT, Control
    from ...kernels.control import ITERATIONS as DONE
    from ...kernels.jit import PLAIN
    from .kernels.relax import BEST, relax

    if not isinstance(problem, GeneralizedAssignment):
        raise UnsupportedError(f"problem is {shown(problem)}; expected a GeneralizedAssignment")
    seconds = None if seconds is None else check_number("seconds", seconds, 0)
    upper = None if upper is None else check_number("upper", upper)
    iterations = None if iterations is None else check_count("iterations", iterations, 0)
    ends = math.inf if seconds is None else now_ns() + 1e9 * seconds
    pairs = Pairs.of(problem) if pairs is None else pairs
    if not pairs.possible.any(axis=0).all():
        return None
    if not all(kernel[PLAIN].ready(3600.0 if seconds is None else min(seconds, 3600.0)) for kernel in _kernels()):
        return None
    if instance is None:
        instance = pairs.instance()
        find_prices(pairs, instance, (ends - now_ns()) / 4e9)
    relaxation = _relaxation(pairs, instance, None if upper is None else upper / pairs.units)
    goal = math.inf if upper is None else math.ceil(upper / pairs.units - 0.5)
    control = Control.fresh()
    control.slots[LIMIT] = ITERATIONS if iterations is None else iterations
    bound = _NEVER
    while control.slots[DONE] < control.slots[LIMIT] and bound < goal:
        control.slots[DEADLINE] = int(min(now_ns() + 1e9 * POLL_SECONDS, ends, 2**62))
        bound = relax(instance, relaxation, control)
        if now_ns() >= ends or wants_stop():
            break
    if int(relaxation.words[BEST]) == _NEVER:
        return None
    units = relaxation.best / 2.0**relaxation.shift / problem.lattice.scale
    complete = bool(control.slots[DONE] >= control.slots[LIMIT]) or bound >= goal
    return LagrangeanBound(pairs.bound(bound), units, int(control.slots[DONE]), complete)


def _kernels() -> tuple[Kernel, ...]:
    from .kernels.prices import raise_prices
    from .kernels.relax import relax

    return raise_prices, relax


def _relaxation(pairs: Pairs, instance: Instance, upper: float | None) -> Relaxation:
    """The relaxation with the multipliers of the linear one, and steps that aim at ``upper`` ticks."""
    from .kernels.relax import BEST, GOAL, STEP, Relaxation

    num_agents, num_jobs = instance.num_agents, instance.num_jobs
    whole = pairs.cost + instance.price[:, None] * pairs.demand
    least = np.where(pairs.possible, whole, np.inf).min(axis=0)
    largest = max(float(np.abs(least).max()), float(np.abs(pairs.cost).max()), 1.0)
    shift = max(0, min(20, math.floor(58 - math.log2(4 * num_jobs * largest))))
    loss = np.where(pairs.possible, (pairs.cost - least) / np.maximum(pairs.demand, 1), np.inf)
    order = np.argsort(loss, axis=1, kind="stable")
    count = pairs.possible.sum(axis=1)
    relaxation = Relaxation.empty(
        num_agents=num_agents,
        num_jobs=num_jobs,
        num_options=instance.num_options,
        shift=shift,
        most=2**58 // num_jobs,
        multiplier=np.floor(least * 2.0**shift).astype(np.int64),
        first=np.concatenate(([0], np.cumsum(count))),
        item=order[np.arange(num_jobs) < count[:, None]].astype(np.int32),
    )
    relaxation.words[BEST] = _NEVER
    if upper is None:
        linear = float(least.sum()) - float((instance.price * instance.capacity).sum())
        upper = linear + HOPE * max(pairs.spread, 1.0)
    relaxation.numbers[[STEP, GOAL]] = 1.0, upper * 2.0**shift
    return relaxation


@dataclass(frozen=True)
class Lagrangean(Solver):
    """A bound alone: the Lagrangean relaxation of the assignment (see `lagrangean`)."""

    name: ClassVar[str] = "lagrangean"
    solves: ClassVar[type[GeneralizedAssignment]] = GeneralizedAssignment
    capabilities: ClassVar[Capabilities] = Capabilities(bounds=True, stops=frozenset({"time", "iterations"}))

    def _run(self, problem: GeneralizedAssignment, run: Run) -> Outcome:
        found = lagrangean(
            problem,
            seconds=None if run.deadline is None else run.remaining,
            iterations=run.stop.iterations,
            wants_stop=lambda: run.tick() is not None,
        )
        if found is None:
            return Outcome(run.reason() or StopReason.TIME)
        run.iterations = found.iterations
        reason = StopReason.EXHAUSTED if found.complete else run.reason() or StopReason.TIME
        return Outcome(reason, bound=found.value)
