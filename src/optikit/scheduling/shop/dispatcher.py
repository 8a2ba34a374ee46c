"""Dispatching as a step of other things: one rule, one schedule, on arrays that are kept."""

from __future__ import annotations

import math
from collections.abc import Sequence as List
from typing import TYPE_CHECKING

import numpy as np

from ...core.run import Run
from ...kernels.clock import now_ns
from ...kernels.control import BEST, DEADLINE, NEVER, Control
from ...kernels.jit import PLAIN
from ...kernels.rng import Random
from .kernels import dispatch as rules
from .kernels.sequencing import dispatch
from .plant import fresh_sequence, plant_of
from .problem import Shop
from .sequence_arrays import BEST_BREACH, BEST_COST, Dispatch, Plant, Sequence

if TYPE_CHECKING:
    from .solution import Schedule

RULES = {
    "spt": rules.SPT,
    "lpt": rules.LPT,
    "edd": rules.EDD,
    "mwkr": rules.MWKR,
    "lwkr": rules.LWKR,
    "fifo": rules.FIFO,
    "mopnr": rules.MOPNR,
    "atc": rules.ATC,
    "slack": rules.SLACK,
    "wspt": rules.WSPT,
    "ect": rules.ECT,
    "critical_ratio": rules.CR,
    "random": rules.RANDOM,
}
"""Name of a rule -> its number in the kernel."""

LOOKAHEAD = 2.0
"""The scaling parameter of ATC, in mean durations (Vepsalainen and Morton 1987)."""

DISPATCHING = 0.25
"""The part of the time that goes into first schedules, at most: whole jobs take long to find gaps for."""


class Dispatcher:
    """Makes sequences by rules, on arrays that it keeps.

    Parameters
    ----------
    shop : Shop
    seed, stream : int
        Of the random numbers of the rule ``random``.
    way : str, optional
        In which way the kernel is run: as plain Python, for those who cannot wait until it is compiled.
    """

    def __init__(self, shop: Shop, seed: int = 0, stream: int = 0, lookahead: float = LOOKAHEAD, way: str | None = None) -> None:
        flat = shop.flat
        self.kernel = dispatch[PLAIN] if way is None else dispatch[PLAIN].using(way)
        self.shop, self.lookahead = shop, lookahead
        self.plant: Plant = plant_of(shop)
        self.random = Random.seeded(seed, stream)
        self.control = Control.fresh()
        self.sequence: Sequence = empty_sequence(shop, self.plant)
        plant = self.plant
        self.work = np.minimum.reduceat(flat.mode_duration, flat.mode_ptr[:-1])
        # A job of any weight, and the order of weights is that of what the objective charges for its lateness or end.
        weight = (flat.tardiness_rate + flat.completion_rate).astype(np.float64) + flat.tardy_cost / max(1, flat.horizon)
        self.weight = np.where(weight > 0, weight, 1.0) / max(1.0, float(weight.max()))
        order = np.argsort(plant.before, kind="stable")
        heads = np.repeat(np.arange(plant.num_units), np.diff(plant.before_ptr))
        self.after = np.ascontiguousarray(heads[order], np.int32)
        self.after_ptr = np.searchsorted(plant.before[order], np.arange(plant.num_units + 1)).astype(np.int32)
        self.first = self.sequence.order.copy()

    def make(self, rule: str, delays: bool, deadline_ns: int = NEVER) -> int:
        """Make a sequence by a rule, decoded, and remembered in ``self.sequence`` if it is the best; returns its breach."""
        flat, plant = self.shop.flat, self.plant
        candidates = Dispatch.empty(
            num_jobs=plant.num_jobs,
            num_operations=plant.num_operations,
            num_machines=plant.num_machines,
            num_units=plant.num_units,
            num_befores=plant.num_befores,
            rule=RULES[rule],
            delays=int(delays),
            lookahead=self.lookahead,
            mean=max(1.0, float(self.work.mean())),
            work=self.work,
            weight=self.weight,
            rest=np.bincount(flat.job_of, self.work, flat.num_jobs).astype(np.int64),
            left=np.bincount(flat.job_of, minlength=flat.num_jobs).astype(np.int32),
            waiting=np.diff(plant.before_ptr).astype(np.int32),
            after_ptr=self.after_ptr,
            after=self.after,
            seen=np.full(plant.num_units, -1),
        )
        sequence = self.sequence
        sequence.order[:] = self.first
        sequence.place[self.first] = np.arange(plant.num_units)
        self.control.slots[DEADLINE] = deadline_ns
        return int(self.kernel(plant, sequence, candidates, self.random, self.control))

    def best(self) -> tuple[int, int, Schedule]:
        """Breach, cost and schedule of the best so far."""
        sequence = self.sequence
        schedule = self.shop.flat.schedule(sequence.best_start, sequence.best_mode)
        return int(sequence.words[BEST_BREACH]), int(sequence.words[BEST_COST]), schedule


def empty_sequence(shop: Shop, plant: Plant) -> Sequence:
    """A sequence in which nothing is best yet."""
    sequence = fresh_sequence(shop, plant)
    sequence.words[[BEST_BREACH, BEST_COST]] = NEVER
    return sequence


def made_ready(run: Run, seconds: float = math.inf) -> bool:
    """Whether the kernels are ready, or become so before the run's deadline, and before so many of its seconds have passed."""
    wait = min(run.remaining, seconds - run.seconds, 3600.0)
    return dispatch[PLAIN].ready(0.0) or dispatch[PLAIN].ready(max(0.0, wait))


def tries(shop: Shop, rules: List[str], most: int) -> list[tuple[str, bool]]:
    """Rules, non-delay and active; fewer of them, the first ones, where operations times jobs are more than ``most`` by far."""
    size = max(1, shop.num_operations * shop.num_jobs)
    return [(rule, delays) for rule in rules[: max(1, most // size)] for delays in (False, True)]


def best_of(shop: Shop, run: Run, rules: List[str], most: int = 1_000_000) -> Schedule | None:
    """The best schedule of `tries`; None while kernels compile, and where the time is over before one is through."""
    if not dispatch[PLAIN].ready(0.0):
        return None
    dispatcher, until = Dispatcher(shop, run.seed), deadline_of(run, DISPATCHING)
    for rule, delays in tries(shop, rules, most):
        if run.reason() is not None or now_ns() >= until:
            break
        dispatcher.make(rule, delays, until)
    return dispatcher.best()[2] if int(dispatcher.control.slots[BEST]) != NEVER else None


def deadline_of(run: Run, part: float = 1.0) -> int:
    """When so much of the time that is left will be over, on the clock of kernels; all of it where iterations are counted."""
    if run.deadline is None:
        return NEVER
    return now_ns() + int(1e9 * run.remaining * (part if run.stop.iterations is None else 1.0))
