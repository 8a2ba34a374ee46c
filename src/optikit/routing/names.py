"""Names of places: clients, depots, cities."""

from __future__ import annotations

from ..inputs.names import Name, compact, plain_names, refuse_twins

__all__ = ["Name", "compact", "plain_names", "refuse_twins"]
