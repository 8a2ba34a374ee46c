"""What `solve` adds to the bare function, and what the k best take: seconds of CPU time, one thread.

python -m benchmarks.micro.assignment_overhead
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

import optikit as ok
from optikit.assignment import LinearAssignment, k_best, linear_sum_assignment


def seconds(function: Callable[[], Any], times: int = 3) -> float:
    """The least of some runs, in CPU time, which other programs disturb least."""
    taken = []
    for _ in range(times):
        began = time.process_time()
        function()
        taken.append(time.process_time() - began)
    return min(taken)


def main() -> None:
    rng = np.random.default_rng(0)
    ok.warmup()
    print("rows    function     solve     proof  fingerprint")
    for size in (10, 200, 1000, 3000):
        cost = rng.random((size, size))
        problem = LinearAssignment(cost)
        result = ok.solve(problem, "jv")
        certificate = result.certificate
        row = (
            seconds(lambda cost=cost: linear_sum_assignment(cost)),
            seconds(lambda cost=cost: ok.solve(LinearAssignment(cost), "jv")) - seconds(lambda cost=cost: LinearAssignment(cost)),
            seconds(lambda problem=problem, certificate=certificate: problem.proved(certificate)),
            seconds(lambda cost=cost: LinearAssignment(cost).fingerprint) - seconds(lambda cost=cost: LinearAssignment(cost)),
        )
        print(f"{size:>5}  " + "  ".join(f"{value:>9.5f}" for value in row))
    problem = LinearAssignment(rng.random((100, 100)))
    for count in (1, 10, 100):
        print(f"the {count} best of 100 x 100: {seconds(lambda count=count: k_best(problem, count), 1):.4f}")


if __name__ == "__main__":
    main()
