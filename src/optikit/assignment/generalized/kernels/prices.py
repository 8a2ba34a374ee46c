"""Prices of capacity: the dual of the linear relaxation, by a subgradient ascent."""

from optikit.kernels.control import ITERATIONS, LIMIT, Control, out_of_time
from optikit.kernels.jit import Arrays, array, f8, i8, inline, kernel, scalar

from ..arrays import Instance

# Slots of Ascent.numbers.
BEST = 0  # the best value so far
STEP = 1
IDLE = 2  # iterations since it rose
SCALE = 3  # of the steps: about what all costs could rise by

PATIENCE = 20  # iterations without a rise until the step falls
FALL = 0.7


class Ascent(Arrays):
    """An ascent in progress."""

    num_agents = scalar(i8, "as in the Instance")
    numbers = array(f8, "4", "see the slots above", mutable=True)
    price = array(f8, "num_agents", "where the ascent is", mutable=True)
    best = array(f8, "num_agents", "the prices of the best value", mutable=True)
    slope = array(f8, "num_agents", "load above capacity", mutable=True)


@inline
def look(p, a):
    """The value at the prices, and the slope."""
    m = p.num_agents
    value = 0.0
    for i in range(m):
        a.slope[i] = -f8(p.capacity[i])
        value -= a.price[i] * f8(p.capacity[i])
    for j in range(p.num_jobs):
        least = 0.0
        chosen = i8(-1)
        for at in range(p.first[j], p.first[j + 1]):
            i = i8(p.option[at])
            whole = f8(p.cost[j * m + i]) + a.price[i] * f8(p.demand[j * m + i])
            if chosen < 0 or whole < least:
                least = whole
                chosen = i
        value += least
        a.slope[chosen] += f8(p.demand[j * m + chosen])
    return value


@kernel
def raise_prices(p: Instance, a: Ascent, c: Control) -> f8:
    """Iterate until the control block says return; returns the best value, in ticks."""
    while c.slots[ITERATIONS] < c.slots[LIMIT] and not out_of_time(c):
        value = look(p, a)
        if c.slots[ITERATIONS] == 0 or value > a.numbers[BEST]:
            a.numbers[BEST] = value
            a.numbers[IDLE] = 0.0
            for i in range(p.num_agents):
                a.best[i] = a.price[i]
        else:
            a.numbers[IDLE] += 1.0
            if a.numbers[IDLE] >= PATIENCE:
                a.numbers[IDLE] = 0.0
                a.numbers[STEP] *= FALL
                for i in range(p.num_agents):
                    a.price[i] = a.best[i]
        c.slots[ITERATIONS] += 1
        square = 0.0
        for i in range(p.num_agents):
            if a.price[i] <= 0.0 and a.slope[i] < 0.0:
                a.slope[i] = 0.0
            room = max(f8(p.capacity[i]), 1.0)
            square += (a.slope[i] / room) * (a.slope[i] / room)
        if square == 0.0:
            c.slots[LIMIT] = c.slots[ITERATIONS]  # nothing is overloaded: the prices are the best
            break
        stride = a.numbers[STEP] * a.numbers[SCALE] / square
        for i in range(p.num_agents):
            room = max(f8(p.capacity[i]), 1.0)
            a.price[i] = max(0.0, a.price[i] + stride * a.slope[i] / (room * room))
    return f8(a.numbers[BEST])
