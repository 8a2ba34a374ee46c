"""The entry of the genetic part: one child after the other, from the choice of its parents to its place in a family.

Vidal, "Hybrid genetic search for the CVRP: open-source implementation and SWAP* neighborhood", Computers & Operations
Research 140, 2022. A child that breaks the capacity joins the family of those, and half of the time it is also brought
below the capacity by a fine ten times as high.
"""

from optikit.kernels.control import Control, out_of_time
from optikit.kernels.jit import i8, inline, kernel
from optikit.kernels.rng import Random, below, unit

from ..arrays import Instance
from ..genetic_arrays import (
    BREAKS,
    CHILDREN,
    CURSOR,
    EXCESS,
    FINE,
    KEEPS,
    PHASE,
    REPAIRING,
    SINCE_BEST,
    USUAL_FINE,
    Descent,
    Families,
)
from .descend import descend_some, exchange_some, settle_all
from .families import begin_again, draw_parent, join, learn
from .flags import VARIANTS
from .phases import ADOPT, ADOPTED, BRED, CONCEIVE, DESCEND, EXCHANGE, GROWN, SETTLE
from .tour import cross, cut, write_tour

PATIENCE = 20_000  # children without a better one after which the families begin again
FIRST = 4  # children for each place in a family that are descents from random tours


@inline
def choose_parents(w, f, r):
    """Two tours: of two members, or one at random."""
    n = w.num_nodes - 1
    if f.words[CHILDREN] < FIRST * f.num_members or f.words[KEEPS] + f.words[BREAKS] == 0:
        for k in range(n):
            w.mother[k] = w.order[k]
        for k in range(n - 1, 0, -1):
            j = below(r, k + 1)
            u = i8(w.mother[k])
            w.mother[k] = w.mother[j]
            w.mother[j] = u
        for k in range(n):
            w.father[k] = w.mother[k]
        return
    a = draw_parent(f, r)
    b = draw_parent(f, r)
    for _ in range(10):
        if a == b:
            b = draw_parent(f, r)
    for k in range(n):
        w.mother[k] = f.tour[a * n + k]
        w.father[k] = f.tour[b * n + k]


@inline
def conceive(p, w, f, r):
    """Routes of a new child, linked only."""
    if f.words[SINCE_BEST] >= PATIENCE:
        begin_again(f)
    choose_parents(w, f, r)
    f.words[REPAIRING] = 0
    w.reals[FINE] = f.reals[USUAL_FINE]
    cross(w, r)
    cut(p, w)
    w.words[PHASE] = SETTLE


@inline
def grow_up(w, f, r):
    """The child joins a family, and is over or goes on to be repaired; what was adopted just joins."""
    breaks = w.words[EXCESS] > 0
    adopted = w.words[PHASE] == ADOPTED
    w.words[PHASE] = BRED
    write_tour(w)
    if f.words[REPAIRING] != 0 and breaks and not adopted:
        return
    join(w, f)
    if f.words[REPAIRING] != 0 or adopted:
        return
    learn(w, f)
    if breaks and unit(r) < 0.5:
        f.words[REPAIRING] = 1
        w.reals[FINE] = 10.0 * f.reals[USUAL_FINE]
        w.words[PHASE] = SETTLE


@kernel(variants={"matrix": VARIANTS["matrix"]})
def breed(p: Instance, w: Descent, f: Families, r: Random, c: Control) -> i8:
    """Advance until the child is bred, the deadline, the iteration limit or the stop flag; returns the phase."""
    alive = not out_of_time(c)
    while alive:
        phase = w.words[PHASE]
        if phase == CONCEIVE:
            conceive(p, w, f, r)
        elif phase == SETTLE or phase == ADOPT:  # noqa: SIM109 (kernels have no tuples)
            w.words[PHASE] = DESCEND
            if phase == ADOPT:
                w.reals[FINE] = f.reals[USUAL_FINE]
                w.words[PHASE] = ADOPTED
            w.words[CURSOR] = 0
            settle_all(p, w, r)
        elif phase == DESCEND:
            alive = descend_some(p, w, c)
        elif phase == EXCHANGE:
            exchange_some(p, w)
        elif phase == GROWN or phase == ADOPTED:  # noqa: SIM109
            grow_up(w, f, r)
        else:
            alive = False
        if alive:
            alive = not out_of_time(c)
    return i8(w.words[PHASE])
