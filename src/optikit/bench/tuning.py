"""Parameters of a solver, chosen on a suite: Optuna proposes, the runs decide, and hopeless trials end early."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from ..core.solver import Solver
from ..errors import MissingExtraError, UnsupportedError
from ..inputs.arguments import check_count, count_jobs, is_listed
from ..inputs.installed import is_installed
from ..inputs.keywords import refuse_unknown, strict
from ..inputs.ranges import Range, ranges_of
from ..inputs.wording import shown
from .contenders import Contender, contenders
from .instances import NamedInstance, itself
from .losses import Losses, reference_losses
from .runner import fresh_workers
from .store import Store
from .suite import Suite
from .trials import Work, begin, is_whole, open_study, quiet, take_up, with_solver


@dataclass(frozen=True)
class Tuned:
    """What came out of `tune`.

    Parameters
    ----------
    solver : Solver
        With the best parameters that were found; the one given where no trial was better.
    loss : float
        Its mean loss: how far its objectives lie from the reference, relatively (0.01 is one per cent). The reference is the best
        known value of each instance, else what the solver as given has reached on average.
    loss_before : float
        Of the solver as given.
    parameters : mapping
        What has changed.
    study : str
        Name of the study in Optuna's tables.
    store : Store
        Where it is kept, with all the runs.
    check : Suite
        The fresh comparison: the solver as given ("before") and the best one ("tuned"), with seeds that no trial has seen.
    """

    solver: Solver
    loss: float
    loss_before: float
    parameters: Mapping[str, Any]
    study: str
    store: Store
    check: Suite

    def as_toml(self) -> str:
        """The entry of a suite's file: ``tuned = { solver = "hgs", neighbours = 22 }``."""
        values = "".join(f", {name} = {json.dumps(value)}" for name, value in self.parameters.items())
        return f"tuned = {{ solver = {json.dumps(self.solver.name)}{values} }}"

    def to_frame(self) -> Any:
        """One row a trial (pandas): Optuna's ``trials_dataframe``."""
        return self.optuna.trials_dataframe()

    @cached_property
    def optuna(self) -> Any:
        """The study, for Optuna's own analyses and pictures."""
        with quiet():
            return open_study(self.store, self.study, 0, None)

    def __str__(self) -> str:
        if not self.parameters:
            return f"nothing better than {self.solver!r} was found, mean loss {100 * self.loss:.3g} %"
        changed = ", ".join(f"{name} = {value!r}" for name, value in self.parameters.items())
        before = round(self.loss_before, 12)  # the mean of nothing but differences to a mean
        return (
            f"{changed}: mean loss {100 * self.loss:.3g} %, before {100 * before:.3g} %\n"
            "This loss is optimistic: it is the best of many trials on the very runs that chose it. What the change is worth says "
            "a comparison with other seeds, or better on other instances: "
            f"tuned.check.run({str(self.store.url)!r}).compare('before', 'tuned')"
        )


@strict
def tune(
    solver: str | Solver | Contender,
    suite: Suite,
    trials: int = 50,
    *,
    store: Any = "sqlite:///runs.db",
    n_jobs: int = 1,
    space: Sequence[str] | Mapping[str, tuple[Any, ...]] | None = None,
    seed: int = 0,
    pruner: Any = None,
) -> Tuned:
    """Search the parameters of a solver that do best on a suite.

    Trials and runs are kept in the store: killed at any moment, a second call with the same arguments goes on where the first
    was; a trial that was under way is taken up again, and its runs that were done are not done again. The solver as it is given
    is the first trial.

    A trial does the suite's runs one by one. While a run goes on, its loss is compared with that of the other trials at the same
    point of the same run, together with the losses of the runs before: a trial that is worse than the median of the others is
    ended there (Optuna's median pruner on the anytime curve).

    Parameters
    ----------
    solver : str or Solver
        A solver object, or a name; its other parameters stay as they are.
    suite : Suite
        Instances, seeds and budgets; its solvers are not used. Tune on other instances than those on which you then compare:
        parameters that were chosen for some instances flatter themselves there.
    trials : int
        How many, those done before included.
    store : str, path or Store
        As in `Suite.run`.
    n_jobs : int
        Trials at once, by joblib.
    space : sequence of str or mapping, optional
        The parameters to tune, or parameter -> ``(least, most)`` or choices. By default all whose fields declare where to look
        (see `optikit.inputs.ranges.parameter`), but for those that are None, which leaves them to the solver.
    seed : int
        Of the proposals.
    pruner : optuna.pruners.BasePruner, optional
        Another one.

    Returns
    -------
    Tuned
        The best solver, and what it is better by.

    Raises
    ------
    UnsupportedError
        For a parameter that is not known, a range that makes no sense, a solver that declares none.
    MissingExtraError
        If Optuna is not installed.

    References
    ----------
    T. Akiba, S. Sano, T. Yanase, T. Ohta and M. Koyama, "Optuna: a next-generation hyperparameter optimization framework",
    KDD 2019.
    """
    if not is_installed("optuna"):
        raise MissingExtraError('tune needs optuna; pip install "optikit[tune]"')
    from joblib import Parallel, delayed
    from optuna.pruners import BasePruner
    from optuna.trial import TrialState

    trials, n_jobs = check_count("trials", trials, 1), count_jobs(n_jobs)
    (contender,) = contenders({"tuned": solver})
    if pruner is not None and not isinstance(pruner, BasePruner):
        raise UnsupportedError(f"pruner is {shown(pruner)}; expected one of Optuna's, for instance optuna.pruners.NopPruner()")
    if not isinstance(suite, Suite):
        raise UnsupportedError(f"suite is {shown(suite)}; expected a Suite, for instance Suite.read('nightly.toml')")
    suite = _loaded(suite)
    before = with_solver(suite, contender, "as given")
    plan = before.plan()
    base = plan.tasks[0].solver
    if base is None:
        raise UnsupportedError("'auto' is chosen anew for each instance; name the solver to tune")
    ranges = search_space(base, space)
    store = Store.of(store)
    losses = reference_losses(before.run(store, n_jobs).to_frame())
    identity = [plan.plan_id, {name: dataclasses.astuple(r) for name, r in sorted(ranges.items())}]
    name = f"{suite.name}: {base.name} {hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:12]}"
    codes = {task.code for task in plan.tasks}
    code = codes.pop() if len(codes) == 1 else None
    work = Work(store, suite, base, ranges, losses, name, check_count("seed", seed, 0), pruner, n_jobs, code)
    with quiet():
        study = open_study(store, name, seed, pruner)
        take_up(study)
        first = {key: getattr(base, key) for key in ranges}
        if not study.get_trials(deepcopy=False) and all(_inside(ranges[key], value) for key, value in first.items()):
            study.enqueue_trial(first)
        left = max(0, trials - len(study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))))
        # Two processes that ask for the same waiting trial may both get it: these are given out here.
        begun: list[int] = []
        while len(begun) < left and study.get_trials(deepcopy=False, states=(TrialState.WAITING,)):
            begun.append(begin(study)._trial_id)
        shares = [left // n_jobs + (number < left % n_jobs) for number in range(n_jobs)]
        orders = [(number, share, begun[number::n_jobs]) for number, share in enumerate(shares) if share]
        if n_jobs == 1:
            for order in orders:
                work.go_on(*order)
        else:
            with fresh_workers(plan, n_jobs):
                Parallel(n_jobs=n_jobs)(delayed(work.go_on)(*order) for order in orders)
        return _outcome(store, open_study(store, name, seed, pruner), base, losses, suite)


def search_space(solver: Solver, space: Sequence[str] | Mapping[str, tuple[Any, ...]] | None = None) -> dict[str, Range]:
    """Where tuning looks: parameter -> a `Range` whose ``tune`` says where.

    Raises
    ------
    UnsupportedError
        For a parameter that is not known or declares no range, a range that is none, or nothing to tune.
    """
    declared = ranges_of(solver)
    if space is None:
        found = {name: r for name, r in declared.items() if r.tune and getattr(solver, name) is not None}
        if not found:
            raise UnsupportedError(f"{solver.name} declares no parameters to tune; name them: space={{'parameter': (least, most)}}")
        return found
    if isinstance(space, str):
        space = (space,)
    if not isinstance(space, Mapping) and not is_listed(space):
        raise UnsupportedError(f"space is {shown(space)}; expected names of parameters, or {{'parameter': (least, most)}}")
    refuse_unknown(solver.name, space, [field.name for field in dataclasses.fields(solver)])
    if not space:
        raise UnsupportedError("space is empty; name at least one parameter")
    chosen: dict[str, Range] = {}
    for name in space:
        known = declared.get(name, Range())
        if isinstance(space, Mapping):
            try:
                given = tuple(x.item() if isinstance(x, np.generic) else x for x in space[name])
                numeric = len(given) == 2 and all(isinstance(x, int | float) and not isinstance(x, bool) for x in given)
                if not numeric and not given:
                    raise ValueError("it is empty")
                if numeric and not known.choices:
                    _check_limits(given, known.log, is_whole(solver, name))
                choices = () if numeric and not known.choices else known.choices or given
                known = dataclasses.replace(known, choices=choices, tune=given)
            except (TypeError, ValueError) as error:
                raise UnsupportedError(
                    f"space.{name} is {shown(space[name])}; expected (least, most), or choices: {error}"
                ) from None
        elif not known.tune:
            raise UnsupportedError(
                f"{solver.name} does not declare where to look for {name}; say it: space={{{name!r}: (least, most)}}"
            )
        chosen[name] = known
    return chosen


def _check_limits(limits: Sequence[float], log: bool, whole: bool) -> None:
    if whole and any(limit != int(limit) for limit in limits if math.isfinite(limit)):
        raise ValueError("the parameter is an int")
    if log and not limits[0] > 0:
        raise ValueError("it is tried by orders of magnitude, which takes numbers above 0")


def _inside(allowed: Range, value: Any) -> bool:
    if allowed.choices:
        return value in allowed.tune
    return value is not None and allowed.tune[0] <= value <= allowed.tune[1]


def _outcome(store: Store, study: Any, base: Solver, losses: Losses, suite: Suite) -> Tuned:
    from optuna.trial import TrialState

    done = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    best = min(done, key=lambda trial: trial.value, default=None)
    if best is None or best.value >= losses.before:
        return Tuned(base, losses.before, losses.before, {}, study.study_name, store, _afresh(suite, base, base))
    changed = {name: value for name, value in best.params.items() if value != getattr(base, name)}
    solver = dataclasses.replace(base, **changed)
    return Tuned(solver, best.value, losses.before, changed, study.study_name, store, _afresh(suite, base, solver))


def _afresh(suite: Suite, base: Solver, solver: Solver) -> Suite:
    first = max(suite.seeds) + 1
    seeds = range(first, first + len(suite.seeds))
    return dataclasses.replace(suite, solvers={"before": base, "tuned": solver}, seeds=seeds, name=f"{suite.name}: tuned")


def _loaded(suite: Suite) -> Suite:
    """The suite with its problems at hand: each trial makes a plan of its own."""

    def loaded(instance: NamedInstance) -> NamedInstance:
        return dataclasses.replace(instance, load=partial(itself, instance.problem()))

    return dataclasses.replace(suite, instances=tuple(map(loaded, suite.instances)))
