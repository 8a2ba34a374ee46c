"""How plain Python kernels see an array: a memoryview, or one that checks every index as compiled checks do."""

from __future__ import annotations

from typing import Any


def plain_view(flat: memoryview, name: str) -> Any:
    """The elements as Python numbers; writes go through, a value that does not fit raises."""
    return flat


class CheckedView:
    """A memoryview that also refuses negative indices, and names the member."""

    __slots__ = ("flat", "name")

    def __init__(self, flat: memoryview, name: str) -> None:
        self.flat, self.name = flat, name

    def __getitem__(self, index: int) -> Any:
        return self.flat[self._check(index)]

    def __setitem__(self, index: int, value: Any) -> None:
        try:
            self.flat[self._check(index)] = value
        except ValueError:
            raise OverflowError(f"{self.name}[{index}] = {value} does not fit its dtype") from None

    def _check(self, index: int) -> int:
        if not 0 <= index < len(self.flat):
            raise IndexError(f"{self.name}[{index}]: it has {len(self.flat)} elements")
        return index
