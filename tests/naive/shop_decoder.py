"""A sequence of operations as a schedule, by the definition: each in turn at the first whole time at which nothing breaks."""

import math

from tests.naive import shop as textbook


def relaxed(shop):
    """The shop without what a decoder answers for by its breach, and with every operation optional."""
    return shop.replace(omission=0.0, deadline=math.inf, latest=math.inf, baseline=None)


def decode(shop, order, modes, horizon):
    """Starts of the operations, placed in ``order``; modes are local."""
    loose = relaxed(shop)
    starts, placed = [0] * shop.num_operations, [-1] * shop.num_operations
    for i in order:
        placed[i] = modes[i]
        for starts[i] in range(horizon + 1):
            if textbook.end_of(shop, i, starts[i], modes[i]) is not None and textbook.value(loose, starts, placed) is not None:
                break
        else:
            raise AssertionError(f"operation {i} has no place up to {horizon}")
    return starts
