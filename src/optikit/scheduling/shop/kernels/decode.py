"""From a sequence to a schedule and its cost; only what stands behind the first change is placed anew."""

from optikit.kernels.control import out_of_time
from optikit.kernels.jit import i8, inline

from ..sequence_arrays import BREACH, COST, NEVER, NUM_DONE
from .gaps import setup_before, setup_between
from .placing import displace, place

WORK_A_LOOK = 512  # operations that are placed between two looks at the clock; tied ones count with their square


@inline
def clear(p, s):
    """Nothing is placed."""
    s.words[NUM_DONE] = 0
    for i in range(p.num_operations):
        s.placed[i] = 0
        s.previous[i] = -1
        s.following[i] = -1
        s.previous_in[i] = -1
        s.following_in[i] = -1
    for k in range(p.num_machines):
        s.last[k] = -1
    for j in range(p.num_jobs):
        s.last_in[j] = -1


@inline
def take_back(p, s, count):
    """Take units from their places until only `count` are left."""
    while s.words[NUM_DONE] > count:
        s.words[NUM_DONE] -= 1
        u = i8(s.done[s.words[NUM_DONE]])
        displace(p, s, u)


@inline
def setups(p, s):
    """Ticks of setup on all machines."""
    total = i8(0)
    for i in range(p.num_operations):
        if s.mode[i] >= 0:
            k = i8(s.on[i])
            b = i8(s.previous[i])
            if b >= 0:
                total += setup_between(p, k, b, i)
            else:
                total += setup_before(p, k, i)
    return total


@inline
def own_cost(p, s, i):
    """What operation i costs by itself: its omission, or the changes of the plan to stay near to."""
    if s.mode[i] < 0:
        return max(0, p.omission[i])
    cost = i8(0)
    if p.baseline_start[i] >= 0:
        cost += p.shift_rate[i] * abs(s.start[i] - p.baseline_start[i])
    if p.baseline_machine[i] >= 0 and p.baseline_machine[i] != s.on[i]:
        cost += p.move_cost[i]
    return cost


@inline
def weigh(p, s):
    """The cost of the schedule, its breach, and what each job adds."""
    makespan = i8(0)
    lateness = i8(-NEVER)
    cost = i8(0)
    breach = i8(0)
    for j in range(p.num_jobs):
        done = i8(-1)
        late = i8(0)
        burden = i8(0)
        for i in range(p.job_ptr[j], p.job_ptr[j + 1]):
            burden += own_cost(p, s, i)
            if s.mode[i] >= 0:
                done = max(done, min(s.end[i], p.limit))
                late += max(0, s.end[i] - p.latest[i])
        if done >= 0:
            makespan = max(makespan, done)
            burden += p.completion_rate[j] * done
            if p.due[j] < NEVER:
                lateness = max(lateness, done - p.due[j])
                if done > p.due[j]:
                    burden += p.tardiness_rate[j] * (done - p.due[j]) + p.tardy_cost[j]
        cost += burden
        breach += late
        s.burden[j] = burden + late
        s.done_at[j] = done
    for u in range(p.num_units):
        breach += s.fault[u]
    cost += p.makespan_rate * makespan
    if lateness > -NEVER:
        cost += p.lateness_rate * lateness
    if p.setup_rate > 0:
        cost += p.setup_rate * setups(p, s)
    s.words[COST] = cost
    s.words[BREACH] = breach


@inline
def effort(p, u):
    """About what placing unit u takes, in operations that stand alone."""
    size = p.unit_ptr[u + 1] - p.unit_ptr[u]
    return size * size


@inline
def decode_from(p, s, c, first):
    """Place the units of `order` from position `first` on anew, and weigh the schedule.

    False where the time is over before the last unit has its place: those that are placed stay, to be gone on from.
    """
    take_back(p, s, first)
    work = i8(0)
    while s.words[NUM_DONE] < p.num_units:
        at = s.words[NUM_DONE]
        u = i8(s.order[at])
        s.fault[u] = place(p, s, u)
        s.done[at] = u
        s.words[NUM_DONE] = at + 1
        work += effort(p, u)
        if work >= WORK_A_LOOK:
            work = i8(0)
            if s.words[NUM_DONE] < p.num_units and out_of_time(c):
                return False
    weigh(p, s)
    return True
