"""Flow shops for tests: random and small, with every rule there is."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from optikit.scheduling import FlowShop


@st.composite
def flowshops(draw, max_jobs: int = 4, max_stages: int = 3):
    """Zeros and ties, ints and decimals, all combinations of rules; small enough for brute force."""
    n, m = draw(st.integers(1, max_jobs)), draw(st.integers(1, max_stages))
    number = draw(st.sampled_from([st.integers(0, 3), st.integers(0, 40), st.floats(0, 9).map(lambda x: round(x, 2))]))

    def array(*shape: int):
        count = int(np.prod(shape))
        return np.array(draw(st.lists(number, min_size=count, max_size=count))).reshape(shape)

    fields = {"durations": array(n, m)}
    rule = draw(st.sampled_from([None, None, "no_wait", "blocking"]))
    if rule:
        fields[rule] = True
    if draw(st.integers(0, 2)) == 0:
        fields["setup"] = array(m, n, n)
    if draw(st.integers(0, 3)) == 0:
        fields["first_setup"] = array(m, n)
    if draw(st.integers(0, 2)) == 0:
        fields["release"] = array(n)
    if draw(st.booleans()):
        fields["objective"] = "total_flow_time"
        if draw(st.booleans()):
            fields["weight"] = np.array(draw(st.lists(st.integers(0, 5), min_size=n, max_size=n)))
    # All orders of all machines: brute force takes fewer jobs.
    free = n <= 3 and draw(st.booleans())
    if free and n > 1 and draw(st.booleans()):
        fields["machines"] = draw(st.lists(st.integers(1, 3), min_size=m, max_size=m))
    if free and draw(st.booleans()):
        fields["permutation"] = False
    if n <= 3 and m < 3 and draw(st.booleans()):
        fields["factories"] = draw(st.sampled_from([2, 2, 4]))
    return FlowShop(**fields)


def random_shop(seed: int, jobs: int, stages: int, **fields: object) -> FlowShop:
    """Durations of 1, ..., 99, and what ``fields`` ask for by True: setups, releases."""
    rng = np.random.default_rng(seed)
    if fields.get("setup") is True:
        fields["setup"] = rng.integers(0, 50, (stages, jobs, jobs))
    if fields.get("first_setup") is True:
        fields["first_setup"] = rng.integers(0, 50, (stages, jobs))
    if fields.get("release") is True:
        fields["release"] = rng.integers(0, 30 * jobs, jobs)
    if fields.get("weight") is True:
        fields["weight"] = rng.integers(1, 9, jobs)
    return FlowShop(rng.integers(1, 100, (jobs, stages)), **fields)
