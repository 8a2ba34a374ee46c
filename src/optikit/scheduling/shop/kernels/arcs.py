"""Annealing on critical arcs: for sums of what the ends of jobs cost.

Moves (`arc_moves`) are made, counted exactly, from the ends that they change, and taken back unless they are kept: annealing of
critical arcs, van Laarhoven, Aarts and Lenstra, "Job shop scheduling by simulated annealing", Operations Research 40, 1992.
"""

from optikit.kernels.control import BEST, IMPROVED, ITERATIONS, LIMIT, Control, out_of_time
from optikit.kernels.jit import f8, i8, inline, kernel
from optikit.kernels.rng import Random

from ..arc_arrays import (
    COST,
    GO_ON,
    MADE,
    NOTHING,
    RESTART,
    TASK,
    Annealing,
    Criteria,
)
from ..cycle_arrays import OVER, Cycle
from ..tabu_arrays import Instance, State
from .arc_moves import burden_of, cost_of_all, move, take_back
from .build import settle
from .cycle import ITERATIONS_A_TEMPERATURE, set_temperature, stays

WORK_A_LOOK = 100_000  # operations that are looked at between two looks at the clock, about


@inline
def note_best(p, s, a, c):
    """Copy the schedule if none was better."""
    if a.words[COST] >= c.slots[BEST]:
        return
    c.slots[BEST] = a.words[COST]
    c.slots[IMPROVED] = c.slots[ITERATIONS]
    for o in range(s.num_operations):
        a.best_order[o] = s.order[o]
        a.best_choice[o] = s.choice[o]


@inline
def stand(p, g, s, a, c):
    """The schedule is the one that the search stands at."""
    for j in range(p.num_jobs):
        a.kept_burden[j] = burden_of(p, g, s, j)
    note_best(p, s, a, c)


@inline
def iterate(p, g, s, a, y, r, c):
    """One trial, kept or taken back."""
    c.slots[ITERATIONS] += 1
    move(p, g, s, a, r)
    if a.words[MADE] == NOTHING:
        return
    cost = cost_of_all(p, g, s)
    if stays(y, r, f8(cost - a.words[COST])):
        a.words[COST] = cost
        stand(p, g, s, a, c)
    else:
        take_back(p, s, a)


@inline
def prepare(p, g, s, a, c):
    """Stand at the schedule that is given, or at the best one."""
    if a.words[TASK] == RESTART:
        for o in range(s.num_operations):
            s.order[o] = a.best_order[o]
            s.choice[o] = a.best_choice[o]
    a.words[TASK] = GO_ON
    settle(p, s)
    a.words[COST] = cost_of_all(p, g, s)
    stand(p, g, s, a, c)


@inline
def anneal_some(p, g, s, a, y, r, c):
    """Trials until the next look at the clock; False at the limit of iterations, or where the cycle is over."""
    for _ in range(1 + WORK_A_LOOK // (1 + p.num_operations)):
        if c.slots[ITERATIONS] >= c.slots[LIMIT]:
            return False
        if c.slots[ITERATIONS] % ITERATIONS_A_TEMPERATURE == 0:
            set_temperature(y, c)
            if y.words[OVER] != 0:
                return False
        iterate(p, g, s, a, y, r, c)
    return not out_of_time(c)


@kernel
def advance(p: Instance, g: Criteria, s: State, a: Annealing, y: Cycle, r: Random, c: Control) -> i8:
    """Do the task that is set, then go on with the cycle; returns whether it is over."""
    if a.words[TASK] != GO_ON:
        prepare(p, g, s, a, c)
    alive = not out_of_time(c)
    while alive:
        alive = anneal_some(p, g, s, a, y, r, c)
    return i8(y.words[OVER])
