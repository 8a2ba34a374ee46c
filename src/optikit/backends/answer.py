"""What a backend hands back: values, a proved bound and a reason; claims, which a checker judges later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..core.result import StopReason


@dataclass(frozen=True)
class Answer:
    """The answer of an engine on its own model.

    Parameters
    ----------
    reason : StopReason
        Why it ended. PROVEN is a claim of the engine, no more.
    values : object, optional
        What the formulation's reader takes: mostly a function from a variable to its value. None without a solution.
    bound : float, optional
        Proved bound on the model's objective, in the model's units.
    infeasible : bool
        Whether the engine proved that the model has no solution.
    message : str
        The engine's complaint, or what else there is to say.
    versions : mapping of str to str
        The packages that ran.
    """

    reason: StopReason
    values: Any = None
    bound: float | None = None
    infeasible: bool = False
    message: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
