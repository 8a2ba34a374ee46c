"""Evidence: suites of runs, kept in a store, and the statistics that say whether a change is an improvement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from .comparison import Comparison, compare
    from .decision import Decision, gate
    from .ranking import Ranking, rank
    from .runs import Runs
    from .store import Store
    from .suite import Suite
    from .tracking import MLflow
    from .tuning import Tuned, tune
    from .value import Value

__all__ = [
    "Comparison",
    "Decision",
    "MLflow",
    "Ranking",
    "Runs",
    "Store",
    "Suite",
    "Tuned",
    "Value",
    "compare",
    "gate",
    "rank",
    "tune",
]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        **dict.fromkeys(("Comparison", "compare"), ".comparison"),
        **dict.fromkeys(("Decision", "gate"), ".decision"),
        **dict.fromkeys(("Ranking", "rank"), ".ranking"),
        "Value": ".value",
        "Runs": ".runs",
        "Store": ".store",
        "Suite": ".suite",
        "MLflow": ".tracking",
        **dict.fromkeys(("Tuned", "tune"), ".tuning"),
    },
)
