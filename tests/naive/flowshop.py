"""A textbook flow shop: plain lists, plain loops, for instances of a handful of jobs."""

from __future__ import annotations

from itertools import pairwise, permutations, product

from optikit.scheduling import FlowShop


def ends_of(problem: FlowShop, machines: dict[tuple[int, int, int], list[int]]) -> list[float] | None:
    """End of every job, from the orders of all machines (factory, stage, machine) -> jobs; None where they cannot be.

    By waiting: every start is moved to when the last rule allows it, until nothing moves any more.
    """
    d, n, m = problem.durations.tolist(), problem.num_jobs, problem.num_stages
    setup = None if problem.setup is None else problem.setup.tolist()
    first = None if problem.first_setup is None else problem.first_setup.tolist()
    release = [0] * n if problem.release is None else problem.release.tolist()
    start = [[release[j]] * m for j in range(n)]

    def leave(j: int, k: int) -> float:
        if problem.blocking and k + 1 < m:
            return max(start[j][k + 1], start[j][k] + d[j][k])
        return start[j][k] + d[j][k]

    limit = 4 * (n * m + 2) ** 2
    for _ in range(limit):
        moved = False

        def wait(j: int, k: int, time: float) -> None:
            nonlocal moved
            if time > start[j][k] + 1e-12:
                start[j][k] = time
                moved = True

        for j in range(n):
            for k in range(1, m):
                wait(j, k, start[j][k - 1] + d[j][k - 1])
            if problem.no_wait:
                for k in reversed(range(1, m)):
                    wait(j, k - 1, start[j][k] - d[j][k - 1])
        for (_, k, _), order in machines.items():
            for place, j in enumerate(order):
                if place == 0:
                    wait(j, k, first[k][j] if first else 0)
                else:
                    i = order[place - 1]
                    wait(j, k, leave(i, k) + (setup[k][i][j] if setup else 0))
        if not moved:
            return [start[j][m - 1] + d[j][m - 1] for j in range(n)]
    return None


def cost_of(problem: FlowShop, ends: list[float]) -> float:
    if problem.objective == "makespan":
        return max(ends)
    n = problem.num_jobs
    weight = [1] * n if problem.weight is None else problem.weight.tolist()
    release = [0] * n if problem.release is None else problem.release.tolist()
    return sum(w * (end - begin) for w, end, begin in zip(weight, ends, release, strict=True))


def _lines(jobs: list[int], count: int):
    """All ways to put jobs on so many machines, in every order."""
    for order in permutations(jobs):
        for cuts in product(range(len(order) + 1), repeat=count - 1):
            if list(cuts) == sorted(cuts):
                ends = [0, *cuts, len(order)]
                yield [list(order[a:b]) for a, b in pairwise(ends)]


def optimum(problem: FlowShop) -> float | None:
    """The least cost over all orders of all machines, and all factories."""
    n, m = problem.num_jobs, problem.num_stages
    counts = [1] * m if problem.machines is None else problem.machines.tolist()
    one_order = problem.machines is None and (problem.permutation or problem.no_wait or problem.blocking)
    best = None
    for homes in product(range(problem.factories), repeat=n):
        parts = [[j for j in range(n) if homes[j] == f] for f in range(problem.factories)]
        if one_order:
            ways = product(*(map(list, permutations(part)) for part in parts))
            plans = ({(f, k, 0): order for f, order in enumerate(way) for k in range(m)} for way in ways)
        else:
            keys = [(f, k) for f in range(problem.factories) for k in range(m)]
            ways = product(*(_lines(parts[f], counts[k]) for f, k in keys))
            plans = (
                {(f, k, number): order for (f, k), lines in zip(keys, way, strict=True) for number, order in enumerate(lines)}
                for way in ways
            )
        for plan in plans:
            ends = ends_of(problem, plan)
            if ends is not None:
                cost = cost_of(problem, ends)
                best = cost if best is None or cost < best else best
    return best
