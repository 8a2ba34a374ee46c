"""A suite: instances x solvers x seeds x budgets, as an object or as a TOML file."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..core.solver import Solver
from ..core.stop import Stop
from ..errors import FileFormatError, UnsupportedError
from ..inputs.arguments import check_count, count_jobs, is_listed
from ..inputs.keywords import Strict, strict
from ..inputs.wording import shown
from .budgets import budget_text, budgets
from .contenders import Contender, contenders
from .instances import NamedInstance, named_instances
from .phrases import plural
from .schema import check_text

if TYPE_CHECKING:
    from .plan import Plan
    from .runs import Runs

MOST_SEEDS = 100_000
"""More seeds than anybody runs: a date was meant, or a single seed."""

LARGEST_SEED = 2**63 - 1
"""As databases take it."""


@dataclass(frozen=True, repr=False)
class Suite(Strict):
    """Instances, solvers, seeds and budgets: every combination is one run.

    Parameters
    ----------
    instances : one or an iterable of str, path, Problem or data-set instance, or a mapping of names to these
        A string is a file where there is one (``*`` stands for many), else the key of a data set. Problems are best named by
        a mapping: ``{"monday": problem}``.
    solvers : mapping of str to (str, Solver or mapping), or an iterable of names and solver objects
        Label -> a name of the menu, ``"auto"``, ``"package.module:Class"``, a solver object, or ``{"solver": name,
        parameter: value}``, where ``n_jobs`` and ``code`` may stand beside the parameters (see `run` for ``code``).
    seeds : int or iterable of int
        The seeds, or how many from 0 on.
    time_limit : float or iterable of float, optional
        Seconds of each run.
    stop : Stop or iterable of Stop, optional
        Other budgets; each is joined with each time limit.
    n_jobs : int
        Threads of each solve; -1 for every CPU. (How many runs go at once is for `run` to say.)
    name : str
        Under which the store keeps the suite.
    best_known : mapping of str to float, optional
        Best objective values known, by the instances' names; data sets bring their own.

    Raises
    ------
    UnsupportedError
        Naming the entry, its value and a way out. What can only be told with the instances at hand is told by `plan`,
        before the first run.

    Examples
    --------
    >>> import optikit as ok
    >>> vrp = ok.routing.VRP.from_coordinates([(0, 0), (0, 3), (4, 0)], demand=[0, 1, 1], capacity=2)
    >>> suite = Suite({"tiny": vrp}, solvers={"live": "savings", "new": ok.routing.HGS(neighbours=2)}, seeds=2, time_limit=1)
    >>> len(suite.plan().tasks)
    4
    """

    instances: Any
    solvers: Any
    seeds: Any = 5
    time_limit: Any = None
    stop: Any = None
    n_jobs: int = 1
    name: str = "suite"
    best_known: Mapping[str, float] = field(default_factory=dict)
    file: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip():
            raise UnsupportedError(f"name is {shown(self.name)}; expected text")
        check_text("name", self.name)
        if not isinstance(self.best_known, Mapping):
            raise UnsupportedError(f"best_known is {shown(self.best_known)}; expected a mapping of instances' names to values")
        for name, value in (
            ("instances", _kept(self.instances, self.folder, self.best_known)),
            ("solvers", contenders(self.solvers)),
            ("seeds", _seeds(self.seeds)),
            ("time_limit", _listed(self.time_limit)),
            ("stop", _listed(self.stop)),
            ("n_jobs", count_jobs(self.n_jobs)),
        ):
            object.__setattr__(self, name, value)
        budgets(self.time_limit, self.stop)

    def __repr__(self) -> str:
        solvers = ", ".join(contender.label for contender in self.solvers)
        counts = f"{plural(len(self.instances), 'instance')} x {solvers} x {plural(len(self.seeds), 'seed')}"
        return f"<Suite {self.name}: {counts} x {plural(len(self.budgets), 'budget')}>"

    @property
    def budgets(self) -> tuple[Stop, ...]:
        """Every budget of the suite."""
        return budgets(self.time_limit, self.stop)

    @property
    def folder(self) -> str:
        """From where files are looked up: the suite's own folder; of an object, the working directory."""
        return os.path.dirname(os.path.abspath(self.file)) if self.file else ""

    @classmethod
    @strict
    def read(cls, path: str | os.PathLike[str]) -> Suite:
        """A suite from a TOML file.

        The keys are those of this class, and those of `Stop` beside ``time_limit``; files are looked up from the folder of
        the suite's file; ``[instances]`` may hold ``select = "cvrp"`` with the arguments of `datasets.select`.

        Raises
        ------
        FileFormatError
            With the file, and the line or the key.
        """
        from .suite_file import read_suite

        return read_suite(path)

    @strict
    def plan(self) -> Plan:
        """All runs of the suite, checked as far as can be known without running them.

        Raises
        ------
        UnsupportedError
            (FileFormatError for a suite from a file.) An instance that cannot be loaded, a solver or a parameter that is
            not known, a solver that does not take an instance or a budget.
        """
        from .plan import make_plan

        try:
            return make_plan(self)
        except UnsupportedError as error:
            if self.file:
                raise FileFormatError(self.file, str(error)) from error
            raise

    @strict
    def run(
        self,
        store: Any = "sqlite:///runs.db",
        n_jobs: int | None = None,
        *,
        callbacks: Sequence[Any] = (),
        display: bool = False,
        retry_errors: bool = False,
    ) -> Runs:
        """Do the runs that the store does not have yet.

        A run has an identity: the problem's data, the solver with its parameters, the threads, the seed, the budget, and the
        version of the solver's code. By default that version is a hash of the sources that the solver reaches, with the
        versions of its engines: what was run by other code is run again, what was not is not. Where you know better,
        ``{"solver": "ortools", "code": "2026-11"}`` names the version.

        Parameters
        ----------
        store : str, path or Store
            ``"sqlite:///runs.db"`` or ``"postgresql://..."``; made where it does not exist.
        n_jobs : int, optional
            Runs at once, by joblib; ``joblib.parallel_config(backend="dask")`` spreads them over a cluster.
        callbacks : sequence
            Each has ``on_start(plan)``, ``on_run(task, record)`` or ``on_end(runs)``, or several of them; see `MLflow`.
        display : bool
            Show progress in the terminal.
        retry_errors : bool
            Do those again that ended in an error.

        Returns
        -------
        Runs
            All runs of this suite, those done before included.

        Raises
        ------
        UnsupportedError, FileFormatError
            Whatever is wrong with the suite, before the first run.
        StoreError
            A store that cannot be written, before the first run where it can be known. What was done until then is kept.
        """
        from .runner import run_plan

        return run_plan(self.plan(), store, n_jobs, callbacks=callbacks, display=display, retry_errors=retry_errors)

    def describe(self) -> str:
        """The suite as JSON, for the store."""
        return json.dumps(
            {
                "name": self.name,
                "file": os.path.basename(self.file),
                "instances": [instance.name for instance in self.instances],
                "solvers": {one.label: _described(one) for one in self.solvers},
                "seeds": list(self.seeds),
                "budgets": [budget_text(stop) for stop in self.budgets],
                "n_jobs": self.n_jobs,
            }
        )


def _kept(given: Any, folder: str, best_known: Mapping[str, float]) -> tuple[NamedInstance, ...]:
    """Named instances; those that are named already (of a copy by `dataclasses.replace`) stay as they are."""
    if isinstance(given, tuple) and given and all(isinstance(one, NamedInstance) for one in given):
        return given
    return named_instances(given, folder, best_known)


def _listed(given: Any) -> Any:
    return tuple(given) if is_listed(given) else given


def _seeds(given: Any) -> tuple[int, ...]:
    if is_listed(given):
        seeds = tuple(check_count(f"seeds[{index}]", seed, 0, most=LARGEST_SEED) for index, seed in enumerate(given))
        if not seeds:
            raise UnsupportedError("seeds is empty; expected at least one, for instance seeds=5")
        twice = next((seed for seed in seeds if seeds.count(seed) > 1), None)
        if twice is not None:
            raise UnsupportedError(f"seeds has {twice} twice; each is run once")
        return seeds
    return tuple(range(check_count("seeds", given, 1, most=MOST_SEEDS)))


def _described(contender: Contender) -> dict[str, Any]:
    solver = contender.solver
    described = {"solver": repr(solver) if isinstance(solver, Solver) else solver, **contender.parameters}
    return described | {k: v for k, v in (("n_jobs", contender.n_jobs), ("code", contender.code)) if v is not None}
