"""Which job a move is to help."""

from optikit.kernels.jit import i8, inline
from optikit.kernels.rng import below


@inline
def by_burden(s, r, num_jobs):
    """A job, the likelier the more it costs in what the search stands at."""
    total = 0.0
    for j in range(num_jobs):
        total += s.kept_burden[j]
    if total <= 0.0:
        return below(r, num_jobs)
    point = total * (0.000001 * below(r, 1000000))
    chosen = i8(num_jobs - 1)
    for j in range(num_jobs):
        point -= s.kept_burden[j]
        if point < 0.0:
            chosen = j
            point = total
    return chosen
