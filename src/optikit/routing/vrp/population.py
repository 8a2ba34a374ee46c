"""What a search remembers of its cycles, and how two of them make a third."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Visits = tuple[tuple[int, ...], ...]
"""Routes as clients in order; clients are nodes here, from 1."""


@dataclass
class Member:
    """One solution of the population."""

    cost: int
    routes: Visits
    edges: frozenset[tuple[int, int]] = field(init=False)

    def __post_init__(self) -> None:
        self.edges = frozenset(
            (min(u, v), max(u, v)) for route in self.routes for u, v in zip((0, *route), (*route, 0), strict=True)
        )

    def broken(self, other: Member) -> int:
        """Broken pairs (Prins 2009): edges of this solution that the other one does not have."""
        return len(self.edges - other.edges)


@dataclass
class Population:
    """A few good solutions that differ.

    Parameters
    ----------
    size : int
        How many are kept.
    """

    size: int
    members: list[Member] = field(default_factory=list)

    def add(self, member: Member) -> None:
        """Take in a solution; drop the one that is worth least."""
        for index, other in enumerate(self.members):
            if member.broken(other) <= 1:
                if member.cost < other.cost:
                    self.members[index] = member
                return
        self.members.append(member)
        if len(self.members) > self.size:
            self.members.remove(self._least())

    def _least(self) -> Member:
        """Of ranks by cost and by distance to the nearest other, the worst sum; never the best solution (Vidal et al. 2012)."""
        by_cost = sorted(self.members, key=lambda member: member.cost)
        nearest = {
            id(member): min(member.broken(other) for other in self.members if other is not member) for member in self.members
        }
        by_distance = sorted(self.members, key=lambda member: -nearest[id(member)])
        distance_rank = {id(member): rank for rank, member in enumerate(by_distance)}
        elite = 4 / len(self.members)
        value = {id(member): rank + (1 - elite) * distance_rank[id(member)] for rank, member in enumerate(by_cost)}
        return max(by_cost[1:], key=lambda member: value[id(member)])

    def parents(self, rng: np.random.Generator) -> tuple[Member, Member]:
        """Two different members, each the better of two drawn at random."""

        def tournament(among: Sequence[Member]) -> Member:
            drawn = rng.integers(0, len(among), 2)
            return min((among[int(i)] for i in drawn), key=lambda member: member.cost)

        first = tournament(self.members)
        second = tournament([member for member in self.members if member is not first])
        return first, second


def recombine(first: Member, second: Member, neighbours: NDArray[np.int32], rng: np.random.Generator) -> Visits:
    """Routes of the first parent around a random client, and what the second parent has of the others.

    Both keep whole routes where they can; clients that neither part covers are left out, for the search to put back
    (after the selective route exchange of Nagata and Braysy 2010, without its search for the best pair of sets).
    """
    route_of = {client: number for number, route in enumerate(first.routes) for client in route}
    wanted = 1 + int(rng.integers(0, max(1, len(first.routes) - 1)))
    centre = 1 + int(rng.integers(0, len(neighbours) - 1))
    chosen = dict.fromkeys([route_of[centre]])
    for client in neighbours[centre].tolist():
        if len(chosen) >= wanted:
            break
        chosen.setdefault(route_of[client])
    routes = [first.routes[number] for number in chosen]
    covered = {client for route in routes for client in route}
    rest = [tuple(client for client in route if client not in covered) for route in second.routes]
    # The routes that lost most make room: the child has no more of them than its second parent.
    kept = sorted(
        (number for number in range(len(rest)) if rest[number]),
        key=lambda number: len(rest[number]) / len(second.routes[number]),
        reverse=True,
    )
    kept = sorted(kept[: max(0, len(second.routes) - len(routes))])
    return tuple(routes) + tuple(rest[number] for number in kept)
