"""Which facilities can be placed where they are allowed, all of them together: augmenting paths, and what stands in their way."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Matching:
    """A location for each facility, among those that are allowed, found one facility after the other (Kuhn 1955).

    Parameters
    ----------
    allowed : numpy.ndarray of bool, shape (num_facilities, num_locations)
        Which facility may be where.
    """

    def __init__(self, allowed: NDArray[np.bool_]) -> None:
        self.allowed = allowed
        m, n = allowed.shape
        self.location = np.full(m, -1)
        """Of each facility; -1 for none."""
        self.facility = np.full(n, -1)
        """At each location; -1 for none."""
        self.open = np.ones(n, bool)
        """Locations that may still be given away."""
        self.stuck: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None
        """Facilities, and all the locations that they may have, which are fewer (Hall 1935): why there is no perfect matching."""

    def complete(self) -> bool:
        """Match all facilities; False where that is impossible, and then `stuck` says why."""
        return all(self.location[u] >= 0 or self.place(int(u)) for u in np.argsort(self.allowed.sum(axis=1), kind="stable"))

    def place(self, facility: int) -> bool:
        """Match one more facility, moving others where need be: breadth first."""
        before = np.full(len(self.facility), -1)
        unseen = self.open.copy()
        queue = [facility]
        for u in queue:
            for at in np.flatnonzero(self.allowed[u] & unseen).tolist():
                unseen[at] = False
                before[at] = u
                holder = int(self.facility[at])
                if holder < 0:
                    self._move(at, before)
                    return True
                queue.append(holder)
        self.stuck = np.array(sorted(queue)), np.flatnonzero(self.open & ~unseen)
        return False

    def _move(self, at: int, before: NDArray[np.int64]) -> None:
        """Move the facilities along the path that ends at a free location."""
        while at >= 0:
            u = int(before[at])
            left = int(self.location[u])
            self.location[u], self.facility[at] = at, u
            at = left

    def settle(self, facility: int, at: int) -> bool:
        """Put a facility at a location for good, if all others still have one; else nothing changes."""
        if not (self.open[at] and self.allowed[facility, at]):
            return False
        held = self.location.copy(), self.facility.copy()
        holder, left = int(self.facility[at]), int(self.location[facility])
        self.open[at] = False
        if holder != facility:
            if left >= 0:
                self.facility[left] = -1
            self.location[facility], self.facility[at] = at, facility
            if holder >= 0:
                self.location[holder] = -1
                if not self.place(holder):
                    self.location, self.facility = held
                    self.open[at] = True
                    return False
        return True
