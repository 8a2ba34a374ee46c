"""The Lagrangean relaxation of the assignment: each agent fills its knapsack, and jobs that several take, or none, are paid for.

Fisher, Jaikumar and Van Wassenhove, "A multiplier adjustment method for the generalized assignment problem", Management Science 32,
1986. With a multiplier for each job, what the knapsacks gain is subtracted from the sum of the multipliers: a lower bound on the
cost, whatever the multipliers. All of it is in integers: ticks times a power of two.
"""

from optikit.kernels.control import ITERATIONS, LIMIT, MOVES, Control, out_of_time
from optikit.kernels.jit import Arrays, array, f8, i4, i8, inline, kernel, scalar, u1

from ..arrays import Instance

# Slots of Relaxation.words.
BEST = 0  # the best bound so far, in scaled ticks
IDLE = 1  # iterations since it rose
AGENT = 2  # whose knapsack is next,
VALUE = 3  # and the bound as far as it is summed up
COUNT = 4  # items of the knapsack at hand

# Slots of Relaxation.numbers.
STEP = 0  # part of the way to the goal
GOAL = 1  # what the bound is thought to reach, in scaled ticks

PATIENCE = 10  # iterations without a rise until the step falls
FALL = 0.6
MOST_NODES = 20_000  # of the tree of one knapsack; beyond them its bound stands for its value


class Relaxation(Arrays):
    """Multipliers, and room for one knapsack."""

    num_agents = scalar(i8, "as in the Instance")
    num_jobs = scalar(i8, "as in the Instance")
    num_options = scalar(i8, "as in the Instance")
    shift = scalar(i8, "scaled ticks are ticks times two to this power")
    most = scalar(i8, "multipliers stay within -most and most, so that sums do not overflow")
    words = array(i8, "5", "see the slots above", mutable=True)
    numbers = array(f8, "2", "see the slots above", mutable=True)
    multiplier = array(i8, "num_jobs", "what a job pays to whom takes it, in scaled ticks", mutable=True)
    best = array(i8, "num_jobs", "the multipliers of the best bound", mutable=True)
    cover = array(i4, "num_jobs", "agents that take the job", mutable=True)
    mean = array(f8, "num_jobs", "direction of the steps: of what is not covered, the mean of late", mutable=True)
    first = array(i8, "num_agents + 1", "where the jobs of an agent begin in `item`")
    item = array(i4, "num_options", "jobs that an agent can have, by their worth")
    job = array(i4, "num_jobs", "of the knapsack at hand: its items by gain for load,", mutable=True)
    gain = array(i8, "num_jobs", "what each is worth, above 0,", mutable=True)
    load = array(i8, "num_jobs", "and takes,", mutable=True)
    ratio = array(f8, "num_jobs", "gain for load", mutable=True)
    taken = array(u1, "num_jobs", "1 where the tree has the item", mutable=True)
    chosen = array(u1, "num_jobs", "1 where the best knapsack has it", mutable=True)


@inline
def gather(p, x, i):
    """The items of an agent that gain something, by gain for load; what needs no room is taken at once, and its gain returned."""
    m = p.num_agents
    count = i8(0)
    free = i8(0)
    for at in range(x.first[i], x.first[i + 1]):
        j = i8(x.item[at])
        gain = x.multiplier[j] - (p.cost[j * m + i] << x.shift)
        if gain <= 0:
            continue
        load = p.demand[j * m + i]
        if load == 0:
            free += gain
            x.cover[j] += 1
            continue
        ratio = f8(gain) / f8(load)
        k = count
        while k > 0 and x.ratio[k - 1] < ratio:
            x.job[k] = x.job[k - 1]
            x.gain[k] = x.gain[k - 1]
            x.load[k] = x.load[k - 1]
            x.ratio[k] = x.ratio[k - 1]
            k -= 1
        x.job[k] = j
        x.gain[k] = gain
        x.load[k] = load
        x.ratio[k] = ratio
        count += 1
    x.words[COUNT] = count
    return free


@inline
def reach(x, k, room):
    """No more than this can be gained from item k on: whole items, and a part of the one that does not fit, rounded up."""
    total = i8(0)
    while k < x.words[COUNT] and x.load[k] <= room:
        room -= x.load[k]
        total += x.gain[k]
        k += 1
    if k < x.words[COUNT]:
        total += i8(f8(room) * x.ratio[k] * 1.000000000001) + 1
    return total


@inline
def fill(x, capacity):
    """The best knapsack: its value, or a bound on it where the tree is too large; its items are in `chosen`.

    Depth first, the items by gain for load: Horowitz and Sahni, "Computing partitions with applications to the knapsack problem",
    Journal of the ACM 21, 1974.
    """
    count = x.words[COUNT]
    for k in range(count):
        x.taken[k] = 0
        x.chosen[k] = 0
    limit = reach(x, i8(0), capacity)
    best = i8(0)
    value = i8(0)
    room = capacity
    k = i8(0)
    nodes = i8(0)
    while nodes < MOST_NODES:
        nodes += 1
        if k < count and value + reach(x, k, room) > best:
            while k < count and x.load[k] <= room:
                x.taken[k] = 1
                value += x.gain[k]
                room -= x.load[k]
                k += 1
            if k < count:
                x.taken[k] = 0
                k += 1
                if k < count:
                    continue
        if value > best:
            best = value
            for t in range(count):
                x.chosen[t] = x.taken[t]
            if best == limit:
                return best
        k -= 1
        while k >= 0 and (k >= count or x.taken[k] == 0):
            k -= 1
        if k < 0:
            return best
        x.taken[k] = 0
        value -= x.gain[k]
        room += x.load[k]
        k += 1
    return limit


@inline
def settle(x):
    """At the end of an iteration: keep the multipliers if the bound is the best, and step on."""
    value = x.words[VALUE]
    if value > x.words[BEST]:
        x.words[BEST] = value
        x.words[IDLE] = 0
        for j in range(x.num_jobs):
            x.best[j] = x.multiplier[j]
    else:
        x.words[IDLE] += 1
        if x.words[IDLE] >= PATIENCE:
            x.words[IDLE] = 0
            x.numbers[STEP] *= FALL
    square = 0.0
    for j in range(x.num_jobs):
        x.mean[j] = 0.3 * x.mean[j] + f8(1 - x.cover[j])
        square += x.mean[j] * x.mean[j]
    if square > 0.0:
        stride = x.numbers[STEP] * max(0.0, x.numbers[GOAL] - f8(value)) / square
        for j in range(x.num_jobs):
            step = stride * x.mean[j]
            if step > -f8(x.most) and step < f8(x.most):
                x.multiplier[j] = max(-x.most, min(x.most, x.multiplier[j] + i8(step)))


@kernel
def relax(p: Instance, x: Relaxation, c: Control) -> i8:
    """Iterate until the control block says return; returns the best bound in ticks, rounded up."""
    while c.slots[ITERATIONS] < c.slots[LIMIT] and not out_of_time(c):
        if x.words[AGENT] == 0:
            x.words[VALUE] = 0
            for j in range(p.num_jobs):
                x.cover[j] = 0
                x.words[VALUE] += x.multiplier[j]
        i = x.words[AGENT]
        x.words[VALUE] -= gather(p, x, i)
        x.words[VALUE] -= fill(x, p.capacity[i])
        c.slots[MOVES] += 1
        for k in range(x.words[COUNT]):
            x.cover[x.job[k]] += x.chosen[k]
        x.words[AGENT] = i + 1
        if i + 1 == p.num_agents:
            x.words[AGENT] = 0
            settle(x)
            c.slots[ITERATIONS] += 1
    return i8(-((-x.words[BEST]) >> x.shift))
