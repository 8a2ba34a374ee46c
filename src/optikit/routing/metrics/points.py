"""Points in the plane or in space: a norm, and a rounding rule. No memory for arcs.

Norms follow TSPLIB (Reinelt 1991 and its documentation of 1995, section 2): each is written out so that a kernel can compute
the very same expression, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import InvalidProblemError
from ...inputs.arrays import frozen_array, refuse
from ...inputs.frozen import Frozen
from ...inputs.wording import shown
from ...ticks import KERNEL_LIMIT, Lattice
from .rounding import ROUNDINGS, Array, RoundingRule, rounded

LEAST_SPAN = 1e-140
"""Points in the plane lie all in one place, or span at least this much: squares of what is far below it underflow."""

_CACHED = 2**15
"""So many lengths are computed at once: half the time of all at once (1,000 points: 4.7 instead of 10.2 ms)."""

Steps = list[Array]
"""Differences of coordinates, one array an axis; a norm may overwrite them."""


def _squares(steps: Steps) -> Array:
    total, *others = steps
    total *= total
    for step in others:
        step *= step
        total += step
    return total


def _euclidean(steps: Steps) -> Array:
    # Written out, not hypot: the kernels compute the very same expression, bit for bit.
    total = _squares(steps)
    return np.sqrt(total, out=total)


def _maximum(steps: Steps) -> Array:
    total, *others = [np.abs(step, out=step) for step in steps]
    for step in others:
        np.maximum(total, step, out=total)
    return total


def _manhattan(steps: Steps) -> Array:
    total, *others = [np.abs(step, out=step) for step in steps]
    for step in others:
        total += step
    return total


def _att(steps: Steps) -> Array:
    total = _squares(steps)
    total /= 10.0
    return np.sqrt(total, out=total)


def _xray(steps: Steps, speeds: tuple[float, float, float]) -> Array:
    # The first axis is an angle in degrees, which turns either way.
    first = np.abs(steps[0])
    np.minimum(first, np.abs(first - 360.0), out=first)
    for step, speed in zip((first, *steps[1:]), speeds):
        step /= speed
    return _maximum([first, *steps[1:]])


NORMS: Mapping[str, Callable[[Steps], Array]] = {
    "euclidean": _euclidean,
    "maximum": _maximum,
    "manhattan": _manhattan,
    "att": _att,
    "xray1": lambda steps: _xray(steps, (1.0, 1.0, 1.0)),
    "xray2": lambda steps: _xray(steps, (1.25, 1.5, 1.15)),
}
"""Named norms of a step: ``att`` is TSPLIB's pseudo-Euclidean one, sqrt((dx^2 + dy^2) / 10); ``xray1`` and ``xray2`` the time that
the motors of a diffractometer take for three angles, at equal speeds or at speeds of 1.25, 1.5 and 1.15 (Bland and Shallcross
1989)."""

_AXES = {"att": (2,), "xray1": (3,), "xray2": (3,)}


class Rounded(Frozen):
    """What points have in common whose distances are a norm, rounded by a named rule."""

    kind: ClassVar[str]
    symmetric: ClassVar[bool] = True
    has_missing: ClassVar[bool] = False
    points: Array
    rounding: str

    @property
    def norm(self) -> str:
        """A key of `NORMS`."""
        raise NotImplementedError

    def _check(self, axes: int | None, advice: str) -> None:
        if not isinstance(self.rounding, str) or self.rounding not in ROUNDINGS:
            raise InvalidProblemError(f"rounding is {shown(self.rounding)}; expected one of {', '.join(ROUNDINGS)}")
        points = frozen_array("points", self.points, np.float64, shape=(None, axes), advice=advice)
        refuse("points", points, np.abs(points) > 1e15, "a coordinate is below 1e15 in size; use a larger unit")
        span = float(np.ptp(points, axis=0).max()) if points.size else 0.0
        if 0 < span < LEAST_SPAN:
            raise InvalidProblemError(
                f"points span {span:.4g}; the squares of distances below {LEAST_SPAN:g} are lost in floats: use a smaller unit"
            )
        object.__setattr__(self, "points", points)

    def __len__(self) -> int:
        return len(self.points)

    @property
    def rule(self) -> RoundingRule | None:
        return ROUNDINGS[self.rounding]

    @property
    def coordinates(self) -> Array:
        """What kernels compute lengths from: the points."""
        return self.points

    @property
    def longest(self) -> float:
        """No arc is longer: the norm of the bounding box, and what rounding adds."""
        if not len(self):
            return 0.0
        span = np.atleast_2d(np.ptp(self.points, axis=0)).T
        # Angles turn either way, so that a longer step may be a shorter turn.
        norm = "maximum" if self.norm.startswith("xray") else self.norm
        length = float(NORMS[norm](list(span.copy()))[0])
        return length if self.rule is None else (length * self.rule.factor + 1) / self.rule.divisor

    def _lengths(self, u: Array, v: Array) -> Array:
        return NORMS[self.norm]([np.atleast_1d(axis[u] - axis[v]) for axis in self.points.T])

    def _fill(self, full: NDArray[Any], rule: RoundingRule | None) -> None:
        """All lengths, rounded: a few rows at a time, which stay in the cache."""
        norm, axes, step = NORMS[self.norm], self.points.T, max(1, _CACHED // max(1, len(self)))
        for first in range(0, len(self), step):
            rows = slice(first, first + step)
            lengths = norm([np.subtract.outer(axis[rows], axis) for axis in axes])
            full[rows] = lengths if rule is None else rounded(lengths, rule.factor, rule.offset, rule.sign)
        np.fill_diagonal(full, 0)

    def legs(self, tails: ArrayLike, heads: ArrayLike) -> Array:
        """Distances of arcs ``tails[i] -> heads[i]``; 0 where both are the same node."""
        u, v = np.asarray(tails, np.int64), np.asarray(heads, np.int64)
        length = self._lengths(u, v)
        if self.rule is not None:
            factor, offset, divisor, sign = self.rule
            length = rounded(length, factor, offset, sign)
            length /= divisor
        return np.where(u == v, 0.0, length)

    def matrix(self) -> Array:
        """All distances, shape (num_nodes, num_nodes), with a zero diagonal."""
        full = np.empty((len(self), len(self)))
        self._fill(full, self.rule)
        if self.rule is not None:
            full /= self.rule.divisor
        return full

    def lattice(self, max_items: int, limit: int = KERNEL_LIMIT) -> Lattice:
        if self.rule is None:
            return Lattice.fit(np.array([self.longest]), max_items=max_items, limit=limit, field="distance", exact=False)
        if self.longest * self.rule.divisor * max_items >= limit:
            raise InvalidProblemError(
                f"points are up to {self.longest:.4g} apart; {max_items} such arcs overflow the {limit:.0e} that sums may reach: "
                f"use a larger unit"
            )
        return Lattice(self.rule.divisor, 0.0, max_items)

    def tick_rule(self, lattice: Lattice) -> RoundingRule:
        """The rule that gives ticks: ``sign * floor(sign * length * factor + offset)``."""
        return RoundingRule(lattice.scale, 0.5, 1) if self.rule is None else self.rule

    def ticks(self, lattice: Lattice) -> NDArray[np.int64]:
        """All distances in ticks, shape (num_nodes, num_nodes)."""
        full = np.empty((len(self), len(self)), np.int64)
        self._fill(full, self.tick_rule(lattice))
        return full

    def leg_ticks(self, lattice: Lattice, tails: ArrayLike, heads: ArrayLike) -> NDArray[np.int64]:
        """Ticks of arcs ``tails[i] -> heads[i]``."""
        u, v = np.asarray(tails, np.int64), np.asarray(heads, np.int64)
        factor, offset, _, sign = self.tick_rule(lattice)
        return np.where(u == v, 0, rounded(self._lengths(u, v), factor, offset, sign).astype(np.int64))

    def _with_points(self, points: Array) -> Self:
        raise NotImplementedError

    def take(self, order: ArrayLike) -> Self:
        """The nodes in another order (or some of them)."""
        return self._with_points(self.points[np.asarray(order, np.int64)])


@dataclass(frozen=True, eq=False)
class Planar(Rounded):
    """Points in the plane; Euclidean distances, rounded by a named rule. Needs no memory for arcs.

    Parameters
    ----------
    points : array_like of float, shape (num_nodes, 2)
        x and y.
    rounding : str
        A key of `ROUNDINGS`: ``"exact"``, ``"nearest"``, ``"floor"``, ``"ceil"``, ``"dimacs"``, ``"one_decimal"`` or
        ``"hundredfold"``.
    """

    kind: ClassVar[str] = "planar"
    points: Array
    rounding: str = "exact"

    def __post_init__(self) -> None:
        self._check(2, "one row a node: x and y")

    @property
    def norm(self) -> str:
        return "euclidean"

    def _with_points(self, points: Array) -> Planar:
        return Planar(points, self.rounding)

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "points": self.points.tolist(), "rounding": self.rounding}


@dataclass(frozen=True, eq=False)
class Space(Rounded):
    """Points in the plane or in space, under any norm. Needs no memory for arcs.

    Parameters
    ----------
    points : array_like of float, shape (num_nodes, 2) or (num_nodes, 3)
        x and y, or x, y and z.
    norm : str
        A key of `NORMS`: ``"euclidean"``, ``"maximum"``, ``"manhattan"``; ``"att"`` (in the plane), ``"xray1"`` or ``"xray2"``
        (three angles).
    rounding : str
        A key of `ROUNDINGS`.

    Examples
    --------
    >>> Space([(0, 0, 0), (1, 2, 2)]).legs([0], [1]).tolist()
    [3.0]
    >>> Space([(0, 0), (1, 2)], norm="manhattan").legs([0], [1]).tolist()
    [3.0]
    """

    kind: ClassVar[str] = "space"
    points: Array
    norm: str = "euclidean"
    rounding: str = "exact"

    def __post_init__(self) -> None:
        if not isinstance(self.norm, str) or self.norm not in NORMS:
            raise InvalidProblemError(f"norm is {shown(self.norm)}; expected one of {', '.join(NORMS)}")
        self._check(None, "one row a node: x and y, or x, y and z")
        allowed = _AXES.get(self.norm, (2, 3))
        if self.points.shape[1] not in allowed:
            raise InvalidProblemError(
                f"points has shape {self.points.shape}; the norm {self.norm!r} takes {' or '.join(map(str, allowed))} coordinates"
            )

    def _with_points(self, points: Array) -> Space:
        return Space(points, self.norm, self.rounding)

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "points": self.points.tolist(), "norm": self.norm, "rounding": self.rounding}
