"""The search for every constraint and every objective: annealing over sequences that a decoder turns into schedules."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ..._brisk import brisk
from ...backends.judge import offer
from ...core.problem import Problem
from ...core.run import Outcome, Run
from ...core.solver import Capabilities, Solver
from ...inputs.cpus import usable_cpus
from ...inputs.ranges import parameter
from ...kernels.clock import now_ns
from ...kernels.control import BEST, DEADLINE, IMPROVED, ITERATIONS, LIMIT, NEVER, STOP, Control
from ...kernels.rng import Random
from ...search.drive import drive
from . import sequence_arrays as slot
from .cycle_arrays import Cycle
from .cycles import Cycles
from .dispatcher import DISPATCHING, Dispatcher, deadline_of, made_ready, tries
from .fallback import fall_back, patience
from .kernels.sequencing import advance
from .parts import OPEN
from .plant import first_order, set_order
from .problem import Shop
from .sequence_arrays import NO_WAIT, Menu, Plant, Sequence
from .stopgap import NOTHING_YET, answer_first, in_haste

if TYPE_CHECKING:
    from .solution import Schedule

EPOCH = 20_000
"""Trials of each island between two exchanges."""

STARTS = ("atc", "mwkr", "spt", "ect", "slack", "wspt", "mopnr", "edd", "fifo", "lwkr", "critical_ratio", "lpt")
"""Rules from whose best schedule the search starts, active and non-delay;"""

MOST_STARTS = 2_000_000
"""fewer of them where operations times jobs are so many."""

SAMPLE = 300
"""Trials by which the search measures how much a change costs."""

_BREACH_PRICE = 1 << 20
"""Most that a tick of breach may come to, in the cost of a tick of everything."""


@dataclass(frozen=True)
class General(Solver):
    """Annealing over sequences: correct for every constraint and objective of a shop.

    A state is an order of the operations (of whole jobs, where these may not wait or block their machines, and of groups that a
    maximum lag ties) with a mode for each; a decoder places them one by one where they first fit, setups, transports, calendars and
    lags included. A move lets a rival on the critical path to a costly job wait instead, shifts an operation, changes a mode, or
    leaves an operation out; the schedule behind the change is decoded anew, so that costs are exact for any objective. Cycles of
    annealing start from the best of several dispatching rules, then from the best so far; in every other one the order is kept
    sorted by starts, where it then decodes to the same. An iteration is a trial. Missed deadlines and lags that cannot be met come
    before all costs. Same seed, islands and iterations: same schedule.

    Parameters
    ----------
    hot, warm : float
        Temperature at the start of the first cycle and of the others, in mean rises of the cost of a trial.
    cold : float
        The temperature at the end of a cycle, as a part of that at its start.
    cycles : int
        Cycles within the known time or iterations; without a limit they grow.
    critical : float
        Share of the moves that part rivals on a critical path.
    reach : int
        Positions by which a unit is shifted, at most.
    islands : int, optional
        Searches side by side that pass their best on; by default ``n_jobs``.

    References
    ----------
    Y. Mati, S. Dauzere-Peres and C. Lahlou, "A general approach for optimizing regular criteria in the job-shop scheduling
    problem", European Journal of Operational Research 212, 2011.
    P. J. M. van Laarhoven, E. H. L. Aarts and J. K. Lenstra, "Job shop scheduling by simulated annealing", Operations Research 40,
    1992.
    """

    name: ClassVar[str] = "general"
    solves: ClassVar[type[Problem]] = Shop
    capabilities: ClassVar[Capabilities] = Capabilities(anytime=True, start=True, seeded=True, threads=True)

    hot: float = parameter(0.3, least=0, most=1e6, tune=(0.02, 2), log=True)
    warm: float = parameter(0.15, least=0, most=1e6, tune=(0.01, 1), log=True)
    cold: float = parameter(0.02, least=1e-9, most=1, tune=(0.001, 0.2), log=True)
    cycles: int = parameter(4, least=1, most=10**6, tune=(1, 10))
    critical: float = parameter(0.3, least=0, most=1, tune=(0, 1))
    reach: int = parameter(30, least=1, most=10**6, tune=(2, 200), log=True)
    islands: int | None = parameter(None, least=1, most=10**4)

    def _run(self, problem: Shop, run: Run) -> Outcome:
        if run.remaining <= 0:
            return in_haste(problem, run)
        deadline = run.deadline
        try:
            answer_first(problem, run)
            return self._search(problem, run)
        finally:
            run.deadline = deadline

    def _search(self, problem: Shop, run: Run) -> Outcome:
        until = patience(problem, run) if run.incumbent is None else math.inf
        if not made_ready(run, until):
            why = "the kernels were being compiled (optikit.warmup() compiles beforehand)"
            if until < math.inf and run.reason() is None:
                return fall_back(problem, run, f"{why}, so that CP-SAT worked instead")
            return in_haste(problem, run, why)
        with brisk:
            count = self.islands or run.n_jobs
            islands = [Island(problem, self, run, stream, count, until) for stream in range(count)]
        reason = drive(run, islands, epoch=EPOCH, threads=min(run.n_jobs, usable_cpus()))
        nearest = None if run.incumbent is not None else min(islands, key=Island.key).nearest()
        if nearest is not None:
            # What the decoder counts as broken may hold all the same: the judge has the last word.
            offer(problem, run, nearest)
        if run.incumbent is None and any(island.is_stuck() for island in islands) and run.reason() is None:
            found = fall_back(problem, run, "the search found no schedule, so that CP-SAT took over")
            return found if run.incumbent is not None or found.infeasible else replace(found, nearest=nearest)
        if run.incumbent is None and nearest is None:
            return in_haste(problem, run)
        if run.incumbent is None:
            return Outcome(reason, nearest=nearest, message=NOTHING_YET)
        return Outcome(reason, run.incumbent)


def menu_of(problem: Shop, plant: Plant, solver: General) -> Menu:
    """What there is to change."""
    flat = problem.flat
    flexible = np.flatnonzero(np.diff(flat.mode_ptr) > 1)
    optional = np.flatnonzero(flat.omission >= 0)
    shiftable = np.flatnonzero(flat.shift_rate > 0)
    large = np.diff(plant.unit_ptr) > 1
    free = np.zeros(plant.num_units, bool)
    free[plant.unit_of[((flat.job_order == OPEN) & (plant.tie == NO_WAIT))[flat.job_of]]] = True
    inner = np.flatnonzero(large & ((plant.crowded != 0) | free))
    gaps = _gaps_matter(problem)
    shares = {
        "modes": 300 if flexible.size else 0,
        "presence": 100 if optional.size else 0,
        "holds": 100 if shiftable.size else 0,
        "gaps": 40 if gaps else 0,
        "delays": 40 if gaps else 0,
        "inners": 200 if inner.size else 0,
    }
    rest = 1000 - sum(shares.values())
    return Menu(
        critical=int(solver.critical * rest),
        num_flexible=len(flexible),
        num_optional=len(optional),
        num_shiftable=len(shiftable),
        num_inner=len(inner),
        sorts=int(_may_sort(problem, plant)),
        reach=max(1, min(solver.reach, plant.num_units - 1)),
        flexible=flexible.astype(np.int32),
        optional=optional.astype(np.int32),
        shiftable=shiftable.astype(np.int32),
        inner_units=inner.astype(np.int32),
        **shares,
    )


def _may_sort(problem: Shop, plant: Plant) -> bool:
    """Whether an active schedule is what its operations decode to in the order of their starts.

    Not where a later operation loosens an earlier one (a setup or transport between others), nor where something may start before
    what comes before it.
    """
    flat = problem.flat
    loose = flat.setup.size or flat.arc_tail.size or (flat.omission >= 0).any()
    carried = flat.transport.size and (flat.job_order == OPEN).any()
    return plant.num_units == plant.num_operations and not loose and not carried


def _gaps_matter(problem: Shop) -> bool:
    """Whether an optimal schedule may leave a gap that an operation would fit: not where only ends and machines bind."""
    flat = problem.flat
    binding = (flat.setup, flat.arc_tail, flat.transport, flat.no_wait[flat.no_wait > 0], flat.blocking[flat.blocking > 0])
    return any(part.size for part in binding) or flat.setup_rate > 0 or bool((flat.shift_rate > 0).any())


def decode(plant: Plant, menu: Menu, sequence: Sequence, control: Control) -> None:
    """Decode a sequence, stand at it, and remember it if none was better."""
    slots = control.slots
    saved = slots[[STOP, DEADLINE, LIMIT]]
    slots[[STOP, DEADLINE, LIMIT]] = 0, NEVER, slots[ITERATIONS]
    sequence.words[slot.TASK] = slot.DECODE
    advance(plant, menu, sequence, Cycle.empty(cold=1.0), Random.seeded(0), control)
    slots[[STOP, DEADLINE, LIMIT]] = saved


class Island:
    """One search with its own state and random numbers: a `search.drive.Search`."""

    def __init__(self, problem: Shop, solver: General, run: Run, stream: int, islands: int, patience: float = math.inf) -> None:
        self.problem, self.solver, self.run, self.patience = problem, solver, run, patience
        self.dispatcher = Dispatcher(problem, run.seed, stream)
        self.plant, self.sequence = self.dispatcher.plant, self.dispatcher.sequence
        self.control, self.random = self.dispatcher.control, self.dispatcher.random
        self.menu = menu_of(problem, self.plant, solver)
        flat = problem.flat
        rates = flat.makespan_rate + flat.lateness_rate + int((flat.completion_rate + flat.tardiness_rate).mean())
        self.prices = [8 * max(1, rates)]
        self.starts, self.until = tries(problem, STARTS, MOST_STARTS), deadline_of(run, DISPATCHING)
        span = max(1000, 2_000_000 // flat.num_operations)
        self.cycles = Cycles(solver, run, self.control, stream, islands, sample=SAMPLE, span=span)
        self.given = run.initial_solution
        self.sequence.words[slot.PRICE] = self.prices[0]

    # -- in slices ----------------------------------------------------------------

    def advance(self) -> None:
        slots = self.control.slots
        while self.starts:
            deadline = int(slots[DEADLINE])
            rule, delays = self.starts.pop(0)
            self.dispatcher.make(rule, delays, self.until)
            slots[DEADLINE] = deadline
            if now_ns() >= self.until:
                self.starts = []
            if not self.starts or now_ns() >= slots[DEADLINE]:
                break
        if self.starts:
            return
        if self.cycles.number < 0:
            if self.given is not None:
                self._load(self.given)
            self._next_cycle()
        while advance(self.plant, self.menu, self.sequence, self.cycles.now, self.random, self.control):
            self._next_cycle()

    def _next_cycle(self) -> None:
        """Where the next cycle starts."""
        self.cycles.begin()
        words = self.sequence.words
        words[slot.PRICE] = self._price()
        words[slot.SORTS] = self.menu.sorts if self.cycles.number % 2 == 1 else 0
        words[slot.TASK] = slot.RESTART

    def _price(self) -> int:
        """What a tick of breach costs the search: twice as much after each cycle that ended with one."""
        price = int(self.sequence.words[slot.PRICE])
        if self.cycles.number > 1 and self.sequence.words[slot.BEST_BREACH] > 0:
            price = min(2 * price, _BREACH_PRICE * self.prices[0])
        return price

    def _load(self, solution: Any) -> None:
        """Stand at what a schedule becomes when it is decoded in the order of its starts."""
        flat, sequence = self.problem.flat, self.sequence
        start, mode = flat.decisions(solution)
        first = np.full(self.plant.num_units, np.iinfo(np.int64).max)
        np.minimum.at(first, self.plant.unit_of, np.where(mode >= 0, start, 0))
        sequence.mode[:] = mode
        sequence.behind[:] = sequence.delay[:] = 0
        sequence.held[:] = (flat.shift_rate > 0) & (start >= flat.baseline_start)
        ends = np.lexsort((flat.earliest, start))
        sequence.inner[:] = ends[np.argsort(self.plant.unit_of[ends], kind="stable")]
        set_order(sequence, first_order(self.problem, self.plant, first))
        decode(self.plant, self.menu, sequence, self.control)

    # -- what it found --------------------------------------------------------------

    def key(self) -> tuple[int, int]:
        """Order among islands: least breach, then least cost."""
        return int(self.sequence.words[slot.BEST_BREACH]), int(self.sequence.words[slot.BEST_COST])

    def objective(self) -> float | None:
        breach, cost = self.key()
        return None if breach or cost == NEVER else self.problem.flat.cost(cost)

    def read(self) -> Schedule | None:
        return None if self.objective() is None else self.nearest()

    def nearest(self) -> Schedule | None:
        """The best schedule even where it breaks something; None before there is any."""
        return None if self.key()[1] == NEVER else self.dispatcher.best()[2]

    def exhausted(self) -> bool:
        """Nothing to change, or no schedule for too long."""
        if self.is_stuck():
            return True
        changes = self.menu.modes + self.menu.presence + self.menu.holds + self.menu.inners + self.menu.gaps
        return not self.starts and self.cycles.number >= 0 and changes == 0 and self.plant.num_units - self.plant.num_fixed < 2

    def is_stuck(self) -> bool:
        """Whether there is no schedule at a time when somebody else should have a try."""
        return self.run.seconds >= self.patience and self.objective() is None

    def receive(self, other: Island) -> None:
        """Take over the other's best where it is better; the next cycle starts from it."""
        if other.key() >= self.key():
            return
        mine, theirs = self.sequence, other.sequence
        for name in ("best_order", "best_inner", "best_mode", "best_held", "best_behind", "best_delay", "best_start"):
            getattr(mine, name)[:] = getattr(theirs, name)
        mine.words[[slot.BEST_BREACH, slot.BEST_COST]] = theirs.words[[slot.BEST_BREACH, slot.BEST_COST]]
        self.control.slots[BEST] = other.control.slots[BEST]
        self.control.slots[IMPROVED] = self.control.slots[ITERATIONS]

    def admit(self, solution: Schedule) -> None:
        """Go on from a schedule that somebody else found."""
        if not self.starts:
            self._load(solution)

    def audit(self) -> str | None:
        """Decode the sequence that the search stands at from nothing, and judge the best one."""
        if self.starts or self.cycles.number < 0:
            return None
        twin, control = self.sequence.copy(), Control.fresh()
        twin.words[slot.BEST_BREACH] = -1  # it is not to be remembered
        if self.sequence.words[slot.TASK] == slot.GO_ON and not self.sequence.words[slot.UNDER_WAY]:
            decode(self.plant, self.menu, twin, control)
            for kept in (slot.KEPT_COST, slot.KEPT_BREACH):
                if self.sequence.words[kept] != twin.words[kept]:
                    return f"the sequence is kept with {self.sequence.words[kept]}, and decodes to {twin.words[kept]}"
        best = self.read()
        if best is None:
            return None
        report = self.problem.check(best)
        if not report:
            return f"the best schedule is {report}"
        value, claimed = self.problem.evaluate(best), self.objective()
        apart = claimed - value  # type: ignore[operator]
        if apart > 0 and not self.problem.duration.all():
            return None  # operations of no length that begin together: the judge may set up for them in a better order
        if abs(apart) > self.problem.error + 1e-9 * max(1.0, abs(value)):
            return f"the best schedule costs {value}, kept is {claimed}"
        return None
