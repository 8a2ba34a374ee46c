"""Ticks for CP-SAT, whose sums stay below 2^53."""

from __future__ import annotations

from ....ticks import CPSAT_LIMIT
from ..flat import Flat, fit, flatten
from ..problem import Shop

EXACT, FINE, COARSE = 2**45, 2**42, 2**30
"""The horizon in ticks stays below: where ticks are exact; where they round, as fine as our own searches have it, and at least."""


def flat_of(shop: Shop) -> Flat:
    """The ticks of the model: the sum of |coefficient x domain| of its objective stays below CP-SAT's limit.

    Where times round, ticks are as fine as exact weights and prices leave room for, and so fine in any case that the judge, who
    allows for the rounding of `flat.kernel_lattice`, accepts two operations that meet.
    """
    fine, coarse = FINE, max(COARSE, FINE // (4 * (shop.num_operations + 1)))
    while True:
        flat = flatten(shop, fit(shop, EXACT, fine), CPSAT_LIMIT >> 1)
        if flat.lattice.exact or flat.prices_are_exact or fine == coarse:
            return flat
        fine = max(coarse, fine >> 3)
