"""What is known of a problem from its data, and of a solution: in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .core.check import Violation

SHOWN = 10
"""How many reasons of one kind are spelled out in the text."""


@dataclass(frozen=True)
class Explanation:
    """What is known of a problem from its data, and of a solution.

    Parameters
    ----------
    infeasible : bool
        Whether the data prove that no solution exists.
    reasons : tuple of Violation
        The proofs; empty where none was found.
    facts : tuple of str
        What binds, one sentence each.
    violations : tuple of Violation
        Where a solution was given: the rules it breaks.
    """

    infeasible: bool
    reasons: tuple[Violation, ...] = ()
    facts: tuple[str, ...] = ()
    violations: tuple[Violation, ...] = ()

    def with_proof(self, solver: str) -> Explanation:
        """The same, with what a solver proved: that no solution exists. Reasons that the data show say more, and stay alone."""
        if self.infeasible:
            return self
        proof = f"{solver} has proved it; no single rule shows why: all together leave nothing. Loosen some, and solve again"
        return replace(self, infeasible=True, reasons=(Violation("proof", proof),))

    def _parts(self) -> Iterator[tuple[str, list[str]]]:
        if self.reasons:
            yield "No solution exists:", _shortened(self.reasons)
        else:
            yield "Nothing in the data rules a solution out.", []
        if self.violations:
            yield "The solution is infeasible:", _shortened(self.violations)
        if self.facts:
            yield "What else there is to say:" if self.infeasible else "What binds:", list(self.facts)

    def __str__(self) -> str:
        return "\n".join(line for title, items in self._parts() for line in (title, *(f"  - {item}" for item in items)))

    def _repr_html_(self) -> str:
        from html import escape

        return "".join(
            f"<p><b>{escape(title)}</b></p>"
            + (f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ul>" if items else "")
            for title, items in self._parts()
        )


def _shortened(violations: tuple[Violation, ...]) -> list[str]:
    more = [f"and {len(violations) - SHOWN} more"] if len(violations) > SHOWN else []
    return [str(violation) for violation in violations[:SHOWN]] + more
