"""Runs of a store, as frames; and from there to comparison, report and gate."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ..core.problem import Problem
from ..core.result import Result
from ..errors import MissingExtraError, UnsupportedError
from ..inputs.arguments import is_listed
from ..inputs.installed import is_installed
from ..inputs.keywords import keywords, refuse_unknown, strict
from ..inputs.wording import did_you_mean, shown
from . import tables
from .phrases import plural
from .plan import Plan
from .schema import RUN_COLUMNS, TRACE_COLUMNS, as_runs, as_traces
from .store import Store

if TYPE_CHECKING:
    import pandas as pd

    from .comparison import Comparison
    from .decision import Decision
    from .ranking import Ranking

VARIANT = ["solver_name", "parameters", "n_jobs", "code"]
"""What a label of one suite stands for may change from one version of the suite or of the code to the next."""


class Runs:
    """The runs of a suite that are done, in a store.

    Parameters
    ----------
    store : Store, str or path
        Where they are.
    plans : iterable of str, optional
        Only runs of these plans; by default, all that is in the store.
    """

    @strict
    def __init__(self, store: Any, plans: Iterable[str] | None = None) -> None:
        self.store = Store.existing(store)
        self.plans = None if plans is None else tuple(plans)

    @classmethod
    @strict
    def of_plan(cls, store: Store, plan: Plan) -> Runs:
        """Runs of exactly this version of a suite.

        Raises
        ------
        UnsupportedError
            If it was never run.
        """
        with store.reading() as connection:
            known = sa.select(tables.suites.c.plan_id).where(tables.suites.c.plan_id == plan.plan_id)
            if connection.execute(known).first() is None:
                raise UnsupportedError(
                    f"{store.url} does not know the suite {plan.suite!r} as it is now, with the code of today; run it first "
                    "(what is there is not done again), or name the suite instead of its file"
                )
        return cls(store, [plan.plan_id])

    @classmethod
    @strict
    def of_suite(cls, store: Any, name: str | None = None) -> Runs:
        """Runs of a suite by its name, also of its earlier versions; without a name, of the only suite that there is.

        Raises
        ------
        UnsupportedError
            If there is no such suite, or several and no name.
        """
        store = Store.existing(store)
        names = store.suites()
        if name is None:
            if not names:
                raise UnsupportedError(f"{store.url} has no runs yet")
            if len(names) > 1:
                raise UnsupportedError(f"{store.url} has {', '.join(names)}; name the suite")
            name = names[0]
        if name not in names:
            known = ", ".join(names) or "none"
            raise UnsupportedError(f"{store.url} has no suite {name!r}{did_you_mean(name, names)}; there is: {known}")
        with store.reading() as connection:
            query = sa.select(tables.suites.c.plan_id).where(tables.suites.c.name == name)
            return cls(store, [row.plan_id for row in connection.execute(query)])

    # -- frames ------------------------------------------------------------------------

    @strict
    def to_frame(self) -> pd.DataFrame:
        """One row a run; the columns are those of `bench.schema.RUN_COLUMNS`.

        Where a label stands for several versions of a solver (its parameters or its code have changed since), the plain label
        is the one that was run last, and the others are ``label@code``.
        """
        return self._frame.copy()

    @strict
    def traces(self) -> pd.DataFrame:
        """One row an improvement; the columns are those of `bench.schema.TRACE_COLUMNS`."""
        return self._traces.copy()

    @cached_property
    def _traces(self) -> pd.DataFrame:
        import numpy as np

        pd = _pandas()
        query = sa.select(tables.runs.c.run_id, tables.runs.c.trace).where(tables.runs.c.state == "done")
        if self.plans is not None:
            ids = sa.select(tables.members.c.run_id).where(tables.members.c.plan_id.in_(self.plans))
            query = query.where(tables.runs.c.run_id.in_(ids))
        with self.store.reading() as connection:
            rows = connection.execute(query.order_by(tables.runs.c.run_id)).fetchall()
        # One JSON text for all: a parser that is called ten thousand times takes most of its time for being called.
        traces = json.loads("[" + ",".join(row.trace or "[]" for row in rows) + "]")
        lengths = [len(trace) for trace in traces]
        points = np.array([point for trace in traces for point in trace], np.float64).reshape(-1, 4)
        frame = pd.DataFrame(points, columns=["seconds", "iterations", "objective", "bound"])
        frame["run_id"] = np.repeat(np.array([row.run_id for row in rows], dtype=object), lengths)
        return as_traces(frame[list(TRACE_COLUMNS)])

    @cached_property
    def _frame(self) -> pd.DataFrame:
        pd = _pandas()
        runs, members, suites, starts = tables.runs.c, tables.members.c, tables.suites.c, tables.starts.c
        latest = sa.select(starts.plan_id, sa.func.max(starts.started_at).label("latest")).group_by(starts.plan_id).subquery()
        direct = [name for name in RUN_COLUMNS if name in runs]
        facts = ["problem_class", "size", "sense", "best_known", "known_bound"]
        query = (
            sa.select(
                suites.name.label("suite"),
                members.label.label("solver"),
                members.instance,
                tables.instances.c.fingerprint,
                latest.c.latest,
                *(tables.instances.c[name] for name in facts),
                *(runs[name] for name in direct),
            )
            .select_from(tables.members)
            .join(tables.runs)
            .join(tables.suites, suites.plan_id == members.plan_id)
            .join(
                tables.instances,
                sa.and_(tables.instances.c.plan_id == members.plan_id, tables.instances.c.name == members.instance),
            )
            .join(latest, latest.c.plan_id == members.plan_id)
            .where(runs.state == "done")
            .order_by(latest.c.latest, members.position)
        )
        if self.plans is not None:
            query = query.where(members.plan_id.in_(self.plans))
        with self.store.reading() as connection:
            answer = connection.execute(query)
            frame = pd.DataFrame(answer.fetchall(), columns=list(answer.keys()))
        # A run that several versions of a suite share is one run, of the latest of them.
        frame = frame.drop_duplicates(["suite", "solver", "instance", "run_id"], keep="last")
        frame["instance"] = _told_apart(frame, "instance", ["fingerprint"])
        frame["solver"] = _told_apart(frame, "solver", VARIANT)
        frame["started_at"] = pd.to_datetime(frame["started_at"].astype("float64"), unit="s", utc=True)
        frame["oversubscribed"] = frame["oversubscribed"].fillna(False).astype(bool)
        for name, dtype in RUN_COLUMNS.items():
            if dtype == "int64":
                frame[name] = frame[name].fillna(0)
            elif dtype == "str":
                frame[name] = frame[name].fillna("")
        return as_runs(frame).reset_index(drop=True)

    @strict
    def result(self, run_id: str, problem: Problem | None = None) -> Result:
        """The `Result` of a run, without its trace; with the problem, also its solution in the problem's own class."""
        with self.store.reading() as connection:
            row = connection.execute(
                sa.select(tables.runs.c.result, tables.runs.c.trace).where(tables.runs.c.run_id == run_id)
            ).one_or_none()
        if row is None or row.result is None:
            raise UnsupportedError(f"{self.store.url} has no result of a run {run_id!r}")
        return Result.from_json(json.dumps(json.loads(row.result) | {"trace": json.loads(row.trace)}), problem)

    @strict
    def undone(self, labels: Sequence[str] | None = None) -> dict[str, int]:
        """Label -> how many runs of each suite, as it was last started, are not done: where it was killed, or is under way.

        Parameters
        ----------
        labels : sequence of str, optional
            Of these alone; those of earlier versions (``label@code``) lack nothing that is still to come.
        """
        suites, members, starts, runs = tables.suites.c, tables.members.c, tables.starts.c, tables.runs.c
        begun = sa.select(suites.name, suites.plan_id, starts.started_at).select_from(tables.suites.join(tables.starts))
        if self.plans is not None:
            begun = begun.where(suites.plan_id.in_(self.plans))
        counts = sa.select(members.label, sa.func.count()).select_from(tables.members.join(tables.runs)).group_by(members.label)
        with self.store.reading() as connection:
            last = {row.name: row.plan_id for row in connection.execute(begun.order_by(starts.started_at))}
            left = counts.where(members.plan_id.in_(last.values()), runs.state != "done")
            found = {str(label): int(count) for label, count in connection.execute(left)}
        return {label: count for label, count in found.items() if labels is None or label in labels}

    # -- labels -----------------------------------------------------------------------

    @strict
    def labels(self) -> list[str]:
        """The solvers that can be compared, those of the latest versions first."""
        found = list(self._frame["solver"].unique())
        return sorted(found, key=lambda label: "@" in label)

    @strict
    def resolve(self, label: str) -> str:
        """The label as it stands in the frame, for ``label``, ``label@code`` or ``label@commit``, both may be shortened.

        Raises
        ------
        UnsupportedError
            If nothing, or more than one version, answers to it.
        """
        known = self.labels()
        if not isinstance(label, str):
            raise UnsupportedError(f"the label of a solver is {shown(label)}; expected text; there are: {', '.join(known)}")
        if not known:
            raise UnsupportedError(f"{self.store.url} has no runs that are done")
        if label in known:
            return label
        plain, at, reference = label.partition("@")
        frame = self._frame
        of_label = frame[frame["solver"].str.partition("@")[0] == plain]
        if at and reference:
            ids = self._runs_of_commit(reference)
            codes = of_label["code"].str.startswith(reference)
            for chosen in (of_label[codes], of_label[of_label["run_id"].isin(ids)]):
                names = [name for name in self.labels() if name in set(chosen["solver"])]
                if len(names) == 1:
                    return str(names[0])
                if names:
                    raise UnsupportedError(f"{label!r} may be {' or '.join(names)}; name more of it")
        raise UnsupportedError(f"no runs of {label!r}{did_you_mean(label, known)}; there are: {', '.join(known) or 'none'}")

    def _resolved(self, solvers: Any) -> list[str]:
        if not isinstance(solvers, str) and not is_listed(solvers):
            raise UnsupportedError(f"solvers is {shown(solvers)}; expected labels, for instance ['live', 'new']")
        return [self.resolve(label) for label in ([solvers] if isinstance(solvers, str) else solvers)]

    def _runs_of_commit(self, reference: str) -> set[str]:
        """Runs of the plans that were started from a commit, whether there was anything left to do or not."""
        query = (
            sa.select(tables.members.c.run_id)
            .join(tables.starts, tables.starts.c.plan_id == tables.members.c.plan_id)
            .where(tables.starts.c.commit.startswith(reference, autoescape=True))
        )
        with self.store.reading() as connection:
            return {row.run_id for row in connection.execute(query)}

    # -- what it says -----------------------------------------------------------------

    def compare(self, a: str, b: str, **options: Any) -> Comparison:
        """Whether ``b`` is better than ``a``, by how much, and how sure; see `bench.comparison`.

        Parameters
        ----------
        a, b : str
            Labels; ``label@code`` or ``label@commit`` for an earlier version.
        **options
            Of the comparison.
        """
        from .comparison import compare

        _refuse_unknown(compare, options)
        return compare(self, a, b, traces=self._traces, **options)

    def gate(self, a: str, b: str, tolerance: float = 0.0, **options: Any) -> Decision:
        """Whether ``b`` may pass where ``a`` is live: not if it is significantly worse.

        Parameters
        ----------
        a, b : str
            As in `compare`.
        tolerance : float
            So much worse it may be, as a share: 0.01 is 1 %.
        **options
            Of `bench.decision.decide` and `bench.comparison.compare`.
        """
        from .decision import gate

        return gate(self, a, b, tolerance, **options)

    def report(self, path: str | os.PathLike[str], **options: Any) -> Ranking:
        """Write the report on all solvers to an HTML page or, by the ending ``.md``, to Markdown; see `bench.report`."""
        from .report import write_report

        _refuse_unknown(write_report, options)
        return write_report(self, self._traces, path, **options)

    def rank(self, solvers: Sequence[str] | None = None, **options: Any) -> Ranking:
        """Several solvers, by default all: mean gaps and ranks, and which of them are told apart; see `bench.ranking`."""
        from .ranking import rank

        _refuse_unknown(rank, options)
        chosen = None if solvers is None else self._resolved(solvers)
        return rank(self, chosen, traces=self._traces, **options)

    def plot(
        self,
        kind: str,
        path: str | os.PathLike[str] | None = None,
        *,
        solvers: Sequence[str] | None = None,
        **options: Any,
    ) -> Any:
        """A picture, such as ``plot("profile", "profile.svg")``; see `bench.plot.draw` for the kinds and their options."""
        from .plot import draw

        chosen = None if solvers is None else self._resolved(solvers)
        return draw(kind, self._frame, self._traces, path, solvers=chosen, **options)

    def __len__(self) -> int:
        return len(self._frame)

    def __repr__(self) -> str:
        frame = self._frame
        solvers, instances = plural(frame["solver"].nunique(), "solver"), plural(frame["instance"].nunique(), "instance")
        errors = plural(int((frame["status"] == "error").sum()), "error")
        return f"<{plural(len(frame), 'run')} of {solvers} on {instances}, {errors}>"


def _refuse_unknown(function: Callable[..., Any], options: Iterable[str]) -> None:
    """Options that are handed on; the traces are the store's own."""
    refuse_unknown(function.__name__, options, [name for name in keywords(function) if name != "traces"])


def _told_apart(frame: pd.DataFrame, column: str, version: list[str]) -> Any:
    """Names, such that each stands for one version of a solver, or of an instance's data; the plain one is the latest."""
    names = frame[column].copy()
    for (_, name, _), group in frame.groupby(["suite", column, "problem_class"]):
        latest = group.groupby(version, dropna=False)["latest"].max().sort_values(ascending=False, kind="stable")
        taken = {str(name)}
        for values in latest.index[1:]:
            values = values if isinstance(values, tuple) else (values,)
            same = (group[version] == list(values)).all(axis=1)
            longer = plain = f"{name}@{values[-1][:12]}"
            count = 1
            while longer in taken:
                longer = f"{plain}.{(count := count + 1)}"
            taken.add(longer)
            names.loc[same[same].index] = longer
    return names


def _pandas() -> Any:
    if not is_installed("pandas"):
        raise MissingExtraError('frames of runs need pandas; pip install "optikit[bench]"')
    import pandas as pd

    return pd
