"""The disjunctive graph as the textbook has it: all its arcs, longest paths by relaxation, all its orientations."""

import itertools


def arcs(lines):
    """Who comes directly before whom, of operations in sequences."""
    return [pair for line in lines for pair in itertools.pairwise(line)]


def ends(duration, head, pairs):
    """Ends of the operations, each as early as its head and the arcs let it; None where they form a cycle."""
    end = [h + d for h, d in zip(head, duration, strict=True)]
    for _ in range(len(duration) + 1):
        changed = False
        for a, b in pairs:
            if end[a] + duration[b] > end[b]:
                end[b] = end[a] + duration[b]
                changed = True
        if not changed:
            return end
    return None


def tails(duration, tail, pairs):
    """Longest paths from the operations on, themselves included."""
    return ends(duration, tail, [(b, a) for a, b in pairs])


def is_acyclic(count, pairs):
    """Whether an order of the operations fits all arcs: those that nothing is before go first (Kahn 1962)."""
    left = set(range(count))
    while left:
        free = left - {b for a, b in pairs if a in left}
        if not free:
            return False
        left -= free
    return True


def optimum(shop):
    """The least objective of a shop of chains or of open jobs, by all orders on all machines (and of jobs) with all modes."""
    jobs = [[i for i in range(shop.num_operations) if shop.job[i] == j] for j in range(shop.num_jobs)]
    best = None
    for modes in itertools.product(*(range(shop.mode_ptr[i], shop.mode_ptr[i + 1]) for i in range(shop.num_operations))):
        duration = [shop.duration[m] for m in modes]
        on = [[i for i in range(shop.num_operations) if shop.machine[modes[i]] == k] for k in range(shop.num_machines)]
        free = on + (jobs if shop.order[0] == 1 else [])
        given = [] if shop.order[0] == 1 else jobs
        for lines in itertools.product(*(itertools.permutations(line) for line in free)):
            pairs = arcs([*lines, *given])
            end = ends(duration, shop.release[shop.job], pairs)
            if end is None or not is_acyclic(len(duration), pairs):
                continue
            found = value(shop, [max(end[i] for i in own) for own in jobs])
            if best is None or found < best:
                best = found
    return best


def value(shop, completion):
    """Makespan or maximum lateness, times its coefficient."""
    ((term, coefficient),) = shop.objective.items()
    if term == "makespan":
        return coefficient * max(completion)
    return coefficient * max((c - due for c, due in zip(completion, shop.due, strict=True) if due < float("inf")), default=0)
