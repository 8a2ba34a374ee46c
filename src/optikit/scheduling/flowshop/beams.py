"""Beam searches of growing width, for the makespan of plain lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...kernels.control import Control
from ...kernels.jit import PLAIN
from .arrays import BELOW, COUNT, ENDED, EXPANDED, MAKESPAN, Beam
from .instance import Shop
from .kernels.beam import widen

WIDEST = 16_384
"""Nodes of a level, at most,"""

ENTRIES = 2_000_000
"""and places of jobs in all of them."""

WORK_A_LOOK = 50_000
"""Operations counted between two looks at the clock."""

FIRST_WIDTH = 8
GROWTH, GROWTH_AFTER_FAILURE = 1.2, 1.5
"""Each beam is so much wider than the last, by whether that found a better line-up."""

IDLENESS = 0.3, 5e-6, 0.5
"""How much idle time counts: of the first beam, at least, and at most."""

STEP, FAILURES = 3.0, 3
"""It counts less by this factor after a better line-up and more after none; after so many failures in a row it starts lower."""


class Beams:
    """One beam search after the other, each for a line-up that is better than what is known.

    How much idle time should count depends on the shop: less, the more jobs there are to a machine. So this is searched for too.

    Parameters
    ----------
    shop : Shop
        One factory, plain lines.
    stream : int
        Each island has random numbers of its own; they only tell sets of jobs apart.
    """

    def __init__(self, shop: Shop, stream: int) -> None:
        self.n, self.m = shop.problem.durations.shape
        by_stage = shop.instance.duration.reshape(self.n, self.m).T
        self.duration = np.ascontiguousarray(by_stage, np.int32).ravel()
        self.work = by_stage.sum(axis=1)
        # Jobs of the same times have the same code: which of them is where makes no difference.
        _, kinds = np.unique(shop.instance.duration.reshape(self.n, self.m), axis=0, return_inverse=True)
        codes = np.random.SeedSequence(0, spawn_key=(stream,)).generate_state(2 * self.n, np.uint64).reshape(-1, 2)
        self.code = codes[kinds.ravel()].ravel()
        self.kernel = widen[PLAIN]
        self.widest = max(1, min(WIDEST, ENTRIES // self.n))
        self.width, self.idleness = min(FIRST_WIDTH, self.widest), IDLENESS[0]
        self.failures = self.barren = 0
        self.beam: Beam | None = None

    @property
    def exhausted(self) -> bool:
        """Whether the widest beams have found nothing, whatever idle time counted."""
        return self.barren > 4 * FAILURES

    def begin(self, below: int) -> None:
        """Set out for a line-up of less than that makespan."""
        n, m = self.n, self.m
        self.beam = beam = Beam.empty(
            num_jobs=n,
            num_stages=m,
            width=self.width,
            steps=max(1, WORK_A_LOOK // (n * m)),
            idleness=self.idleness,
            duration=self.duration,
            work=self.work,
            code=self.code,
        )
        beam.words[[BELOW, COUNT]] = below, 1

    def advance(self, control: Control) -> int:
        """Go on with the beam under way; the nodes that it took once it has ended, until then 0."""
        assert self.beam is not None
        return int(self.beam.words[EXPANDED]) if self.kernel(self.beam, control) else 0

    def end(self) -> tuple[int, NDArray[np.int32]] | None:
        """Makespan and line-up of the beam that has ended; None where it has none."""
        assert self.beam is not None
        beam, self.beam = self.beam, None
        found = int(beam.words[ENDED]) == 2
        growth = GROWTH if found else GROWTH_AFTER_FAILURE
        if self.width == self.widest:
            self.barren = 0 if found else self.barren + 1
        self.width = min(self.widest, int(self.width * growth) + 1)
        self.failures = 0 if found else self.failures + 1
        if found:
            self.idleness /= STEP
        elif self.failures < FAILURES:
            self.idleness *= STEP
        else:
            self.idleness /= STEP**FAILURES
            self.failures = 0
        if self.idleness < IDLENESS[1]:
            self.idleness = 0.1
        self.idleness = min(self.idleness, IDLENESS[2])
        return (int(beam.words[MAKESPAN]), beam.jobs) if found else None
