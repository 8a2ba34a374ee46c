"""Shops as the textbook defines them: whole times, every rule spelled out, every schedule tried."""

import itertools
import math

KINDS = {
    "finish-start": ("end", "start"),
    "start-start": ("start", "start"),
    "finish-finish": ("end", "end"),
    "start-finish": ("start", "end"),
}


def works(shop, machine, instant):
    """Whether a machine works from ``instant`` to the next."""
    calendar = shop.calendars[machine]
    return calendar is None or any(start <= instant < end for start, end in calendar.windows)


def end_of(shop, i, start, mode):
    """When an operation ends, by walking from instant to instant; None where it may not run like that."""
    m = int(shop.mode_ptr[i]) + mode
    machine, left = int(shop.machine[m]), int(shop.duration[m])
    calendar = shop.calendars[machine]
    if left == 0:
        inside = calendar is None or any(first <= start <= last for first, last in calendar.windows)
        return start if inside else None
    if calendar is None:
        return start + left
    if not works(shop, machine, start):
        return None
    now = start
    last = calendar.windows[-1][1]
    while left:
        if works(shop, machine, now):
            left -= 1
        elif not shop.resumable[i] or now > last:
            return None
        now += 1
    return now


def transport(shop, machines, a, b):
    return 0 if shop.transport is None else int(shop.transport[machines[a], machines[b]])


def setup(shop, machine, a, b):
    if shop.setup is None:
        return 0
    return int(shop.setup[machine if len(shop.setup) > 1 else 0, shop.family[a], shop.family[b]])


def first_setup(shop, machine, a):
    if shop.first_setup is None:
        return 0
    return int(shop.first_setup[machine if len(shop.first_setup) > 1 else 0, shop.family[a]])


def value(shop, starts, modes):
    """The objective of a schedule, None where it breaks a rule; mode -1 is an operation that is left out."""
    done = [i for i in range(shop.num_operations) if modes[i] >= 0]
    if any(modes[i] < 0 and math.isinf(shop.omission[i]) for i in range(shop.num_operations)):
        return None
    machines = {i: int(shop.machine[shop.mode_ptr[i] + modes[i]]) for i in done}
    ends = {}
    for i in done:
        job = shop.job[i]
        ends[i] = end_of(shop, i, starts[i], modes[i])
        if (
            ends[i] is None
            or starts[i] < max(shop.release[job], shop.earliest[i])
            or ends[i] > min(shop.deadline[job], shop.latest[i])
        ):
            return None
    held, follower = dict(ends), {}
    for job in range(shop.num_jobs):
        own = [i for i in done if shop.job[i] == job]
        if shop.order[job] == 0:
            if not job_in_order(shop, own, starts, ends, machines, job):
                return None
            if shop.blocking[job]:
                for a, b in itertools.pairwise(own):
                    held[a] = starts[b] - transport(shop, machines, a, b)
                    follower[a] = b
        elif shop.order[job] == 1 and not any(
            job_in_order(shop, order, starts, ends, machines, job) for order in itertools.permutations(own)
        ):
            return None
    if not lags_hold(shop, starts, ends, machines):
        return None
    setups = 0
    for machine in set(machines.values()):
        on = [i for i in done if machines[i] == machine]
        totals = [machine_order(shop, machine, order, starts, ends, held, follower) for order in itertools.permutations(on)]
        totals = [total for total in totals if total is not None]
        if not totals:
            return None
        setups += min(totals)
    return price(shop, starts, modes, done, ends, machines, setups)


def job_in_order(shop, order, starts, ends, machines, job):
    for a, b in itertools.pairwise(order):
        gap = starts[b] - ends[a] - transport(shop, machines, a, b)
        if gap < 0 or (shop.no_wait[job] and gap):
            return False
    return True


def machine_order(shop, machine, order, starts, ends, held, follower):
    """Setups of a sequence; None where it does not fit the starts. A blocking job does not block its own next operation."""
    if starts[order[0]] < first_setup(shop, machine, order[0]):
        return None
    total = first_setup(shop, machine, order[0])
    for a, b in itertools.pairwise(order):
        if starts[b] < (ends[a] if follower.get(a) == b else held[a]) + setup(shop, machine, a, b):
            return None
        total += setup(shop, machine, a, b)
    return total


def lags_hold(shop, starts, ends, machines):
    for rule in shop.precedences:
        a, b = rule.before, rule.after
        if a not in machines or b not in machines:
            continue
        one, other = KINDS[rule.kind]
        lag = (ends if other == "end" else starts)[b] - (ends if one == "end" else starts)[a]
        if lag < rule.min_lag or (rule.max_lag is not None and lag > rule.max_lag):
            return False
        carried = shop.job[a] == shop.job[b] and shop.order[shop.job[a]] == 2 and rule.kind == "finish-start" and rule.min_lag >= 0
        if carried and lag < transport(shop, machines, a, b):
            return False
    return True


def price(shop, starts, modes, done, ends, machines, setups):
    completion = {}
    for i in done:
        completion[int(shop.job[i])] = max(ends[i], completion.get(int(shop.job[i]), 0))
    late = {job: end - shop.due[job] for job, end in completion.items() if not math.isinf(shop.due[job])}
    terms = {
        "makespan": max(completion.values(), default=0),
        "total_completion": sum(shop.weight[job] * end for job, end in completion.items()),
        "total_tardiness": sum(shop.weight[job] * max(0, by) for job, by in late.items()),
        "max_lateness": max(late.values(), default=0),
        "num_tardy": sum(shop.weight[job] for job, by in late.items() if by > 0),
        "total_setup": setups,
    }
    total = sum(coefficient * terms[term] for term, coefficient in shop.objective.items())
    total += sum(shop.omission[i] for i in range(shop.num_operations) if modes[i] < 0)
    if shop.baseline is not None:
        for i in done:
            if not math.isnan(shop.baseline.start[i]):
                total += shop.baseline.per_time[i] * abs(starts[i] - shop.baseline.start[i])
            if shop.baseline.machine[i] >= 0 and machines[i] != shop.baseline.machine[i]:
                total += shop.baseline.per_move[i]
    return total


def choices(shop, horizon):
    """For each operation what it may do, by itself: (start, mode), and (0, -1) where it may be left out."""
    for i in range(shop.num_operations):
        own = [(0, -1)] if not math.isinf(shop.omission[i]) else []
        for mode in range(int(shop.mode_ptr[i + 1] - shop.mode_ptr[i])):
            for start in range(horizon + 1):
                end = end_of(shop, i, start, mode)
                if end is not None and end <= horizon:
                    own.append((start, mode))
        yield own


def optimum(shop, horizon):
    """The best (objective, starts, modes) over all schedules in whole times that end by ``horizon``; None where there is none."""
    best = None
    for chosen in itertools.product(*choices(shop, horizon)):
        starts, modes = [start for start, _ in chosen], [mode for _, mode in chosen]
        found = value(shop, starts, modes)
        if found is not None and (best is None or found < best[0]):
            best = found, starts, modes
    return best
