"""An allocation: what a solver of the generalized assignment problem decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ...core.solution import Solution
from ...errors import InvalidSolutionError
from ...inputs.forms import check_form, check_keys
from ...inputs.positions import positions

SCHEMA_VERSION = 1

LEFT_OUT = -1
"""In the place of an agent: the job has none."""

_SHOWN = 12


@dataclass(frozen=True, eq=False)
class Allocation(Solution):
    """A solution of a `GeneralizedAssignment`: the agent of each job.

    Parameters
    ----------
    agent_of : sequence of int, shape (num_jobs,)
        Position of the job's agent, 0-based; -1 where the job is left out. Kept as a read-only array.

    Raises
    ------
    InvalidSolutionError
        For a position that is no int.

    Examples
    --------
    >>> allocation = Allocation([1, 0, -1, 1])
    >>> allocation.jobs_of(1)
    array([0, 3])
    >>> allocation == Allocation((1, 0, -1, 1))
    True
    """

    agent_of: Any

    def __post_init__(self) -> None:
        agents = positions("agent_of", self.agent_of, "the position of an agent (-1 for none)", InvalidSolutionError)
        agents.flags.writeable = False
        object.__setattr__(self, "agent_of", agents)

    def jobs_of(self, agent: int) -> NDArray[np.int64]:
        """The jobs of an agent, ascending; of -1, those that are left out."""
        return np.flatnonzero(self.agent_of == agent)

    def __len__(self) -> int:
        return len(self.agent_of)

    def __eq__(self, other: object) -> bool:
        return np.array_equal(self.agent_of, other.agent_of) if isinstance(other, Allocation) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.agent_of.tobytes())

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (np.asarray(self.agent_of),)

    def __repr__(self) -> str:
        if len(self) <= _SHOWN:
            return f"Allocation(agent_of={tuple(self.agent_of.tolist())})"
        return f"Allocation(agent_of=({', '.join(map(str, self.agent_of[: _SHOWN - 2].tolist()))}, ... {len(self):,} jobs))"

    def to_dict(self) -> dict[str, Any]:
        return {"schema_version": SCHEMA_VERSION, "agent_of": self.agent_of.tolist()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        form = "the JSON form of an Allocation"
        check_form(data, form, SCHEMA_VERSION, InvalidSolutionError)
        check_keys(data, ("schema_version", "agent_of"), form, InvalidSolutionError)
        return cls(data["agent_of"])
