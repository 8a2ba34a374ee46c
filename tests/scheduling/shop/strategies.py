"""Shops that hypothesis makes: small enough to try every schedule."""

import math

import numpy as np
from hypothesis import strategies as st

from optikit.errors import InvalidProblemError
from optikit.scheduling.shop import Baseline, Calendar, Precedence, Shop
from optikit.scheduling.shop.fields import TERMS
from optikit.scheduling.shop.parts import KINDS


@st.composite
def shops(draw, max_operations=3, max_duration=2, extras=True):
    """A shop of up to ``max_operations`` operations with every feature now and then."""
    jobs = draw(
        st.lists(st.integers(1, max_operations), min_size=1, max_size=max_operations).filter(lambda s: sum(s) <= max_operations)
    )
    machines = draw(st.integers(1, 2))
    operations = sum(jobs)
    duration = st.integers(0, max_duration)
    modes = [
        [(draw(st.integers(0, machines - 1)), draw(duration)) for _ in range(draw(st.integers(1, 2)))] for _ in range(operations)
    ]
    orders = [draw(st.sampled_from(["chain", "chain", "open", "network"])) for _ in jobs]
    fields = {}

    def some(name, make, odds=3):
        if extras and draw(st.integers(0, odds)) == 0:
            fields[name] = make()

    short = st.integers(0, 2)
    some("due", lambda: [draw(st.sampled_from([0, 1, 2, 4, math.inf])) for _ in jobs], 1)
    some("weight", lambda: [draw(st.integers(0, 3)) for _ in jobs])
    some("release", lambda: [draw(short) for _ in jobs])
    some("deadline", lambda: [draw(st.sampled_from([3, 5, math.inf])) for _ in jobs], 6)
    some("setup", lambda: [[draw(short) for _ in jobs] for _ in jobs])
    some("first_setup", lambda: [draw(short) for _ in jobs], 6)
    some("transport", lambda: [[draw(short) for _ in range(machines)] for _ in range(machines)], 4)
    some("no_wait", lambda: [order != "network" and draw(st.booleans()) for order in orders], 4)
    some("blocking", lambda: [order == "chain" and draw(st.booleans()) for order in orders], 4)
    some(
        "calendars", lambda: [Calendar.always_but([(draw(st.integers(0, 3)), draw(st.integers(3, 5)))]) for _ in range(machines)], 3
    )
    some("resumable", lambda: [draw(st.booleans()) for _ in range(operations)], 1)
    some("omission", lambda: [draw(st.sampled_from([1, 4, math.inf])) for _ in range(operations)], 3)
    some("earliest", lambda: [draw(short) for _ in range(operations)], 6)
    some("latest", lambda: [draw(st.sampled_from([4, 6, math.inf])) for _ in range(operations)], 6)
    some(
        "baseline",
        lambda: Baseline(
            [draw(st.sampled_from([0, 2, math.nan])) for _ in range(operations)],
            [draw(st.integers(-1, machines - 1)) for _ in range(operations)],
            draw(st.integers(0, 2)),
            draw(st.integers(0, 3)),
        ),
        6,
    )
    if extras and operations > 1:
        some(
            "precedences",
            lambda: [
                Precedence(
                    *draw(st.permutations(range(operations)))[:2],
                    kind=draw(st.sampled_from(list(KINDS))),
                    min_lag=lag,
                    max_lag=most,
                )
                for _ in range(draw(st.integers(1, 2)))
                for lag in [draw(st.integers(-2, 2))]
                for most in [draw(st.sampled_from([None, lag, lag + 1]))]
            ],
            3,
        )
    terms = draw(st.lists(st.sampled_from(TERMS), min_size=1, max_size=3 if extras else 1, unique=True)) if extras else ["makespan"]
    fields["objective"] = {term: draw(st.integers(1, 3)) for term in terms}
    job = np.repeat(np.arange(len(jobs)), jobs)
    flat = [(i, machine, length) for i, own in enumerate(modes) for machine, length in own]
    try:
        return Shop(job, *(list(column) for column in zip(*flat, strict=True)), num_machines=machines, order=orders, **fields)
    except InvalidProblemError:  # precedences that contradict each other: other tests look at those
        return draw(shops(max_operations=max_operations, max_duration=max_duration, extras=False))
