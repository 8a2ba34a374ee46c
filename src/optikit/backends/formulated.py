"""Solvers on formulations: one template from a problem to an engine's model and back, and one class an engine.

A problem's solver inherits from an engine's class, names itself, and says how the problem becomes a `Formulation`:

    class CpSat(OnCpSat):
        name, solves = "cpsat", VRP

        def _formulate(self, problem, pause):
            return CircuitModel(problem, pause)
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Protocol

from ..core.result import StopReason
from ..core.run import Outcome, Run
from ..core.solver import Capabilities, Solver
from ..inputs.installed import imports_within
from .answer import Answer
from .judge import OutOfTimeError, look, offer, outcome_of, unfinished

PART_OF_LATENESS = 0.8
"""What an engine gets of the lateness that its solver declares; the rest is for reading and checking its answer."""


class Formulation(Protocol):
    """One problem as an engine's model, and the ways to and fro."""

    model: Any

    def start(self, solution: Any) -> Any:
        """Give a solution to start from: as hints in the model (CP-SAT), variable name -> value (PuLP), or routes (OR-Tools)."""

    def read(self, values: Any) -> Any:
        """The solution, from a function that gives the value of a variable, or from routes."""

    def bound(self, value: float) -> float:
        """A bound on the model's objective as one on the problem's, in the user's units."""


@dataclass(frozen=True)
class Formulated(Solver):
    """A solver that has an engine solve a formulation.

    Parameters
    ----------
    parameters : mapping of str to object
        Parameters of the engine, passed on as they are.
    """

    parameters: Mapping[str, Any] = field(default_factory=dict)

    @abstractmethod
    def _formulate(self, problem: Any, pause: Callable[[], None]) -> Formulation:
        """Make the model; ``pause()`` is to be called now and then, and ends the building when there is no more time."""

    @abstractmethod
    def _engine(self, model: Any, run: Run, **question: Any) -> Answer:
        """Solve a model.

        Parameters
        ----------
        model : object
            Of the engine's own class.
        run : Run
            Deadline, stop criteria, seed, threads.
        late : float
            Seconds past the deadline that the engine has to obey, before it is left behind or killed.
        start : mapping or sequence, optional
            What `Formulation.start` gave.
        on_values, on_bound : callable
            Take each improvement and each bound (in the model's units), on the caller's thread; never called by an engine
            that says nothing before its end.
        parameters : mapping
            Those of the engine.
        """

    def _run(self, problem: Any, run: Run) -> Outcome:
        try:
            formulated = self._formulate(problem, look(run))
        except OutOfTimeError:
            return unfinished(run)
        start = None if run.initial_solution is None else formulated.start(run.initial_solution)
        answer = self._engine(
            formulated.model,
            run,
            late=PART_OF_LATENESS * self.capabilities.late,
            start=start,
            on_values=lambda values: offer(problem, run, formulated.read(values)),
            on_bound=lambda value: run.tighten(formulated.bound(value)),
            parameters=self.parameters,
        )
        solution = None if answer.values is None else formulated.read(answer.values)
        bound = None if answer.bound is None else formulated.bound(answer.bound)
        return outcome_of(problem, run, answer, solution, bound)


_PROGRAM = Capabilities(
    exact=True,
    bounds=True,
    start=True,
    threads=True,
    stops=frozenset({"time", "gap"}),
    late=1.0,
    requires=("pulp",),
    extra="solvers",
)
"""Exact, and silent until its end."""

_IN_PROCESS = replace(_PROGRAM, anytime=True, seeded=True, stops=frozenset({"time", "target", "gap"}), late=0.5)
"""Exact, and tells of improvements and bounds."""


@dataclass(frozen=True)
class OnCpSat(Formulated):
    """CP-SAT of OR-Tools, in this process. ``parameters`` are fields of its ``SatParameters``."""

    capabilities: ClassVar[Capabilities] = replace(_IN_PROCESS, deterministic=False, requires=("ortools",))

    def _run(self, problem: Any, run: Run) -> Outcome:
        if not imports_within("ortools", run.remaining):
            return Outcome(StopReason.TIME, run.incumbent, message="importing OR-Tools would have taken longer than there was time")
        return super()._run(problem, run)

    def _engine(self, model: Any, run: Run, **question: Any) -> Answer:
        from .cpsat import solve_cpsat

        return solve_cpsat(model, run, **question)


@dataclass(frozen=True)
class OnHighs(Formulated):
    """HiGHS on a PuLP model, in this process. ``parameters`` are its options."""

    capabilities: ClassVar[Capabilities] = replace(_IN_PROCESS, requires=("pulp", "highspy"))

    def _engine(self, model: Any, run: Run, **question: Any) -> Answer:
        from .highs import solve_highs

        return solve_highs(model, run, **question)


@dataclass(frozen=True)
class OnCbc(Formulated):
    """CBC on a PuLP model, as a program of its own. ``parameters`` are options of its command line; None: one without a value."""

    capabilities: ClassVar[Capabilities] = replace(_PROGRAM, seeded=True)

    def _unsupported(self, problem: Any) -> str | None:
        from .cbc import find_cbc

        if find_cbc() is None:
            return "CBC is not installed; PuLP below 4 brings it, or put the program cbc on the search path"
        return super()._unsupported(problem)

    def _engine(self, model: Any, run: Run, **question: Any) -> Answer:
        from .cbc import solve_cbc

        return solve_cbc(model, run, **question)


@dataclass(frozen=True)
class OnPulp(Formulated):
    """Any solver that PuLP finds, in a child process. ``parameters`` are arguments of PuLP's class for it.

    What it has found when its time is over comes back if it keeps its own limit or obeys an interrupt, as most programs do (CBC,
    SCIP, Gurobi, CPLEX); an engine that does neither is killed, and what it found is lost.

    Parameters
    ----------
    parameters : mapping of str to object
        As above.
    solver : str, optional
        A name of PuLP's, such as ``"GUROBI_CMD"``; by default the first that PuLP finds.
    """

    capabilities: ClassVar[Capabilities] = replace(_PROGRAM, deterministic=False)
    solver: str | None = None

    def _unsupported(self, problem: Any) -> str | None:
        from .milp import installed_solvers

        found = installed_solvers()
        if not found or (self.solver is not None and self.solver not in found):
            return f"PuLP does not find {self.solver or 'any solver'} here; it finds: {', '.join(found) or 'none'}"
        return super()._unsupported(problem)

    def _engine(self, model: Any, run: Run, **question: Any) -> Answer:
        from .milp import installed_solvers, solve_pulp

        return solve_pulp(model, run, solver=self.solver or installed_solvers()[0], **question)


@dataclass(frozen=True)
class OnOrToolsRouting(Formulated):
    """OR-Tools routing (Furnon and Perron) in a child process: a first solution, then guided local search.

    It has no seed, no proof and one thread, and never ends by itself unless its search is exhausted. The model is a
    `RoutingSpec`, and what is read are routes of nodes.

    Parameters
    ----------
    parameters : mapping of str to object
        Further fields of ``RoutingSearchParameters``, passed on as they are.
    first_solution_strategy : str
        A name of OR-Tools' ``FirstSolutionStrategy``.
    metaheuristic : str
        A name of OR-Tools' ``LocalSearchMetaheuristic``.
    """

    capabilities: ClassVar[Capabilities] = Capabilities(
        anytime=True,
        start=True,
        deterministic=False,
        stops=frozenset({"time", "target", "gap"}),
        late=0.5,
        requires=("ortools",),
        extra="solvers",
    )
    first_solution_strategy: str = "PATH_CHEAPEST_ARC"
    metaheuristic: str = "GUIDED_LOCAL_SEARCH"

    def _engine(self, model: Any, run: Run, **question: Any) -> Answer:
        from .ortools_routing import solve_routing

        search = {
            "first_solution_strategy": self.first_solution_strategy,
            "local_search_metaheuristic": self.metaheuristic,
            **question["parameters"],
        }
        return solve_routing(
            replace(model, parameters=search),
            run,
            late=question["late"],
            start=question["start"],
            on_routes=question["on_values"],
        )
