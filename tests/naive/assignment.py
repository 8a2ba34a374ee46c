"""Linear assignment by trying everything, in plain Python numbers: the reference that shares no code with the library."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction


class Reference:
    """The rules of `optikit.assignment.LinearAssignment`, spelled out for one problem given as nested lists.

    Forbidden pairs are None. ``leave_row`` and ``leave_column`` are lists (math.inf: must be assigned) or None, ``capacity`` a list
    or None.
    """

    def __init__(self, cost, maximize=False, objective="sum", capacity=None, leave_row=None, leave_column=None):
        self.cost, self.maximize, self.objective = cost, maximize, objective
        self.rows, self.columns = len(cost), len(cost[0])
        self.capacity, self.leave_row, self.leave_column = capacity, leave_row, leave_column

    def value(self, choice):
        """Exact value of a column (or None) for each row; None where a rule is broken."""
        places = self.capacity or [1] * self.columns
        load = [sum(column == j for column in choice) for j in range(self.columns)]
        if any(taken > most for taken, most in zip(load, places)):
            return None
        pairs = [self.cost[i][j] for i, j in enumerate(choice) if j is not None]
        if any(cost is None for cost in pairs):
            return None
        sign = -1 if self.maximize else 1
        values = [Fraction(cost) for cost in pairs]
        left = [i for i, j in enumerate(choice) if j is None]
        empty = [j for j in range(self.columns) for _ in range(places[j] - load[j])]
        partial = self.leave_row is not None or self.leave_column is not None
        if not partial and self.capacity is None:
            if len(pairs) < min(self.rows, self.columns):
                return None
        elif self.leave_row is None and self.capacity is not None and left:
            return None
        for exits, lines in ((self.leave_row, left), (self.leave_column, empty)):
            if exits is not None:
                if any(math.isinf(exits[line]) for line in lines):
                    return None
                values += [sign * Fraction(exits[line]) for line in lines]
        if self.objective == "sum":
            return sum(values, Fraction(0))
        return min(values) if self.maximize else max(values)

    def choices(self):
        return itertools.product([None, *range(self.columns)], repeat=self.rows)

    def values(self):
        """Of all assignments, the best first."""
        found = [value for choice in self.choices() if (value := self.value(choice)) is not None]
        return sorted(found, reverse=self.maximize)

    def optimum(self):
        return next(iter(self.values()), None)
