"""Trials of a study, in whatever process they land: Optuna proposes, the runs of the suite decide."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.solver import Solver
from ..errors import StoreError
from ..inputs.ranges import Range
from .claims import is_dead, owner_of_this_process
from .contenders import Contender, contenders
from .execute import CANCELLED, execute
from .losses import Checkpoints, Losses
from .store import Store
from .suite import Suite


@dataclass(frozen=True)
class Work:
    """What a process needs to work on a study."""

    store: Store
    suite: Suite
    base: Solver
    ranges: Mapping[str, Range]
    losses: Losses
    study: str
    seed: int
    pruner: Any
    workers: int
    code: str | None  # as of the beginning, whatever is edited meanwhile; None where it differs between classes

    def go_on(self, worker: int, trials: int, begun: Sequence[int]) -> None:
        """So many trials, those first that have been begun."""
        import optuna

        with quiet():
            study = open_study(self.store, self.study, self.seed + worker, self.pruner)
            for number in range(trials):
                trial = optuna.trial.Trial(study, begun[number]) if number < len(begun) else begin(study)
                trial.set_user_attr("owner", owner_of_this_process())
                try:
                    study.tell(trial, self.evaluate(trial))
                except optuna.TrialPruned:
                    study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                except BaseException:
                    # Ctrl-C, or a store that fails: the runs that were done stay, and the trial is taken up again.
                    _again(study, trial)
                    raise

    def evaluate(self, trial: Any) -> float:
        """Mean loss over the suite's runs; those that are in the store are not done again."""
        from optuna import TrialPruned

        values = {name: _suggest(trial, name, self.ranges[name], self.base) for name in self.ranges}
        (contender,) = contenders({f"trial {trial.number}": dataclasses.replace(self.base, **values)})
        contender = dataclasses.replace(contender, code=self.code)
        plan = with_solver(self.suite, contender, f"tuning {self.base.name}").plan()
        self.store.register(plan)
        done = self.store.records(plan)
        losses: list[float] = []
        for step, task in enumerate(plan.tasks):
            checkpoints = Checkpoints(trial, step, task, self.losses, losses)
            record = done.get(task.run_id)
            if record is None:
                record = execute(task, plan.commit, self.workers, callbacks=[checkpoints])
                if record.get("state") == CANCELLED:
                    if checkpoints.hopeless:
                        raise TrialPruned
                    raise KeyboardInterrupt
                self.store.finish([record])
                hopeless = checkpoints.reached(1.0, record.get("objective"))
            else:
                hopeless = checkpoints.replay(record)
            losses.append(self.losses.of(task.instance, record.get("objective")))
            if hopeless and step + 1 < len(plan.tasks):
                raise TrialPruned
        return float(sum(losses) / len(losses))


def _suggest(trial: Any, name: str, allowed: Range, base: Solver) -> Any:
    if allowed.choices:
        return trial.suggest_categorical(name, allowed.tune)
    least, most = allowed.tune
    if is_whole(base, name):
        return trial.suggest_int(name, int(least), int(most), log=allowed.log)
    return trial.suggest_float(name, least, most, log=allowed.log)


def is_whole(solver: Solver, name: str) -> bool:
    """Whether a parameter takes whole numbers only."""
    return "float" not in str(next(field.type for field in dataclasses.fields(solver) if field.name == name))


def begin(study: Any) -> Any:
    """The next trial, marked as this process's."""
    trial = study.ask()
    trial.set_user_attr("owner", owner_of_this_process())
    return trial


def take_up(study: Any) -> None:
    """Trials whose process is no more are proposed again, with the same parameters."""
    from optuna.trial import TrialState

    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        owner = trial.user_attrs.get("owner")
        if owner is not None and is_dead(owner):
            _again(study, trial)


def _again(study: Any, trial: Any) -> None:
    from optuna.trial import TrialState

    study.tell(trial.number, state=TrialState.FAIL)
    if trial.params:
        study.enqueue_trial(trial.params)


def with_solver(suite: Suite, contender: Contender, purpose: str) -> Suite:
    return dataclasses.replace(suite, solvers={contender.label: contender}, name=f"{suite.name}: {purpose}")


def open_study(store: Store, name: str, seed: int, pruner: Any) -> Any:
    """The study in the store's own database, made where it is not there yet."""
    import optuna

    options: dict[str, Any] = {"connect_args": {"timeout": 60}} if store.sqlite_path else {"pool_pre_ping": True}
    url = store.address.render_as_string(hide_password=False)
    try:
        storage = optuna.storages.RDBStorage(url, engine_kwargs=options)
        study = optuna.create_study(
            storage=storage,
            study_name=name,
            direction="minimize",
            pruner=pruner or optuna.pruners.MedianPruner(),
            load_if_exists=True,
        )
        # Begun anew, a sampler would propose once more what it has proposed.
        study.sampler = optuna.samplers.TPESampler(seed=seed + 1000 * len(study.get_trials(deepcopy=False)), constant_liar=True)
    except optuna.exceptions.StorageInternalError as error:
        raise StoreError(f"{store.url}: {' '.join(str(error).split())}") from error
    return study


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Optuna tells of every trial on stderr; here nothing is printed."""
    import warnings

    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(before)
