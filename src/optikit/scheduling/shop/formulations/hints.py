"""What a schedule says of the variables of a model: for whole hints."""

from __future__ import annotations

import numpy as np

from ..check import timetable
from ..flat import Flat
from ..problem import Shop
from ..solution import Schedule


class Hinted:
    """What variables are in a schedule."""

    def __init__(self, shop: Shop, flat: Flat, schedule: Schedule) -> None:
        table = timetable(shop, schedule)
        scale = flat.lattice.scale
        self.table, self.flat, self.shop = table, flat, shop
        self.start, self.mode = flat.decisions(schedule)
        self.end, self.held = (np.rint(np.minimum(times, 2.0**50) * scale).astype(np.int64) for times in (table.end, table.held))
        self.present = table.present
        self._after, self._before = {}, {}
        for which, found in ((True, table.machines), (False, table.jobs)):
            pairs = list(zip(found.before.tolist(), found.after.tolist(), strict=True))
            self._after[which] = dict(pairs)
            self._before[which] = {b: a for a, b in pairs}

    def after(self, i: int, machine: int | None) -> int | None:
        """What follows an operation that is there: on the machine, or in its job where none is named."""
        return self._after[machine is not None].get(i) if self.there(i, machine) else None

    def first(self, i: int, machine: int | None) -> bool:
        """Whether nothing comes before an operation that is there."""
        return self.there(i, machine) and i not in self._before[machine is not None]

    def last(self, i: int, machine: int | None) -> bool:
        """Whether nothing comes after an operation that is there."""
        return self.there(i, machine) and i not in self._after[machine is not None]

    def there(self, i: int, machine: int | None) -> bool:
        """Whether an operation is done, and on a machine, where one is named."""
        return bool(self.present[i]) and (machine is None or self.table.machine[i] == machine)
