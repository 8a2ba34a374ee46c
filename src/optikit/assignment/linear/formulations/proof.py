"""What engines without a bound of their own answer, with the certificate that their answer alone leads to."""

from __future__ import annotations

from collections.abc import Mapping

from ....core.result import StopReason
from ....core.run import Outcome
from ..explain import sentence
from ..hall import find_violator
from ..potentials import prices_of
from ..problem import LinearAssignment
from ..solution import Assignment


def proof(problem: LinearAssignment, assignment: Assignment | None, versions: Mapping[str, str]) -> Outcome:
    """The outcome of an engine that ran to its end: an assignment with its dual prices, or none with a set of Hall's.

    That the engine says so proves nothing: where the prices do not meet the objective, the answer is feasible and no more.
    """
    if assignment is None:
        violator = find_violator(problem)
        if violator is None:
            return Outcome(StopReason.FAILED, message="it found no assignment, though there is one", versions=versions)
        message = sentence(problem, violator)
        return Outcome(StopReason.PROVEN, certificate=violator, infeasible=True, message=message, versions=versions)
    if not problem.check(assignment):
        return Outcome(StopReason.FAILED, nearest=assignment, message="its assignment breaks the rules", versions=versions)
    return Outcome(StopReason.PROVEN, assignment, certificate=prices_of(problem, assignment), versions=versions)
