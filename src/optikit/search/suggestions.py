"""Solutions from outside for a search that is under way."""

from __future__ import annotations

import threading
from typing import Any, Protocol, runtime_checkable

from ..core.run import Callback
from ..core.solution import Solution


class Suggestions(Callback):
    """Hands solutions to a running search from another thread: pass it among the ``callbacks``, then call `suggest`.

    The search looks between two slices (`optikit.search.drive`) and takes the latest where it is better
    than what it has; one that cannot take any goes on without.

    Examples
    --------
    >>> from optikit.core.solution import Solution
    >>> suggestions = Suggestions()
    >>> suggestions.take() is None
    True
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: Solution | None = None

    def suggest(self, solution: Solution) -> None:
        """Offer a feasible solution; it replaces one that was not taken yet."""
        with self._lock:
            self._latest = solution

    def take(self) -> Solution | None:
        """The latest that was not taken yet, or None."""
        with self._lock:
            latest, self._latest = self._latest, None
        return latest


@runtime_checkable
class Open(Protocol):
    """A search that can go on from solutions of others."""

    def admit(self, solution: Any) -> None:
        """Take up a feasible solution of the problem, as an elite or as the state to go on from (between slices)."""
