"""Under which conditions runs were made, and what of that casts doubt on a comparison."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .gaps import references
from .phrases import plural
from .selection import Selection

if TYPE_CHECKING:
    import pandas as pd

LATE = 1.05
"""A run that took more than this multiple of its time limit (and a second) is said to be late."""


@dataclass(frozen=True)
class Conditions:
    """Where, when and with what the runs of a selection were made.

    Parameters
    ----------
    solvers : tuple of mapping
        Of each label: ``solver``, ``name``, ``parameters`` (text), ``n_jobs``, ``code`` and ``commits`` (texts).
    machines : tuple of str
        Processors with their hosts.
    versions : mapping of str to str
        Package -> versions.
    period : str
        First and last day, UTC.
    warnings : tuple of str
        What casts doubt on times or on the comparison, in sentences.
    """

    solvers: tuple[dict[str, Any], ...]
    machines: tuple[str, ...]
    versions: dict[str, str]
    period: str
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, selection: Selection) -> Conditions:
        runs = selection.runs
        machines = runs[["cpu", "host"]].drop_duplicates()
        days = runs["started_at"].dropna()
        first, last = (f"{days.min():%Y-%m-%d}", f"{days.max():%Y-%m-%d}") if len(days) else ("", "")
        return cls(
            solvers=tuple(_solver(label, runs[runs["solver"] == label]) for label in selection.solvers),
            machines=tuple(sorted(_machine(row.cpu, row.host) for row in machines.itertuples() if row.cpu or row.host)),
            versions=_versions(runs),
            period=first if first == last else f"{first} to {last}",
            warnings=tuple(_warnings(selection)),
        )


def _machine(cpu: str, host: str) -> str:
    return f"{cpu} ({host})" if cpu and host else cpu or host


def _solver(label: str, runs: pd.DataFrame) -> dict[str, Any]:
    kinds = runs[["solver_name", "parameters", "n_jobs"]].drop_duplicates()
    return {
        "solver": label,
        "name": ", ".join(sorted(kinds["solver_name"].unique())),
        "parameters": "; ".join(_parameters(text) for text in sorted(kinds["parameters"].unique())),
        "n_jobs": ", ".join(str(count) for count in sorted(kinds["n_jobs"].unique())),
        "code": _listed(runs["code"]),
        "commits": _listed(runs["commit"]),
    }


def _parameters(text: str) -> str:
    try:
        given = json.loads(text or "{}")
    except ValueError:
        return text
    if not isinstance(given, dict):
        return text
    return ", ".join(f"{name}={json.dumps(value)}" for name, value in given.items()) or "defaults"


def _listed(column: pd.Series, most: int = 4) -> str:
    names = sorted({_short(str(name)) for name in column.unique() if name})
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _short(name: str) -> str:
    """A commit or hash as people write it; a "+" for uncommitted changes stays."""
    plain = name.rstrip("+")
    hexadecimal = len(plain) > 12 and not plain.strip("0123456789abcdef")
    return plain[:10] + name[len(plain) :] if hexadecimal else name


def _versions(runs: pd.DataFrame) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for text in runs["versions"].unique():
        try:
            given = json.loads(text or "{}")
        except ValueError:
            continue
        for package, version in given.items():
            found.setdefault(package, set()).add(str(version))
    return {package: ", ".join(sorted(versions)) for package, versions in sorted(found.items())}


def _warnings(selection: Selection) -> list[str]:
    runs, said = selection.runs, []
    busy = int(runs["oversubscribed"].sum())
    if busy:
        said.append(
            f"The machine was oversubscribed in {busy:,} of {plural(len(runs), 'run')}: more busy threads than cores, so that less "
            "was done in the time, and not by all solvers alike."
        )
    for column, noun in (("cpu", "kinds of processor"), ("host", "machines")):
        # A run that killed its worker could not say where it was.
        kinds = runs[runs[column] != ""].groupby("solver")[column].agg(lambda names: tuple(sorted(set(names))))
        if len(set(kinds)) > 1:
            each = "; ".join(f"{label}: {', '.join(kinds[label])}" for label in selection.solvers if label in kinds)
            said.append(f"The solvers ran on different {noun}: {each}. A difference may be the machines'.")
            break
        if len(kinds) and len(kinds.iloc[0]) > 1:
            said.append(f"Runs come from {len(kinds.iloc[0])} {noun}, shared by all solvers: {', '.join(kinds.iloc[0])}.")
            break
    said += _code_warnings(selection)
    jobs = runs.groupby("solver")["n_jobs"].agg(lambda counts: tuple(sorted(set(counts))))
    if len(set(jobs)) > 1:
        each = ", ".join(f"{label} {' and '.join(map(str, jobs[label]))}" for label in selection.solvers)
        said.append(f"The solvers had different numbers of threads: {each}.")
    late = runs[runs["seconds"] > (LATE * runs["time_limit"]).clip(lower=runs["time_limit"] + 1)]
    if len(late):
        each = ", ".join(f"{label} {count}" for label, count in late["solver"].value_counts().items())
        worst = float((late["seconds"] - late["time_limit"]).max())
        said.append(f"{plural(len(late), 'run')} took longer than the time limit, by up to {worst:.1f} s: {each}.")
    if runs.groupby("instance")["seed"].nunique().max() == 1 and runs["instance"].nunique() > 1:
        said.append("One seed an instance: the luck of a run and the instances' differences cannot be told apart; run more seeds.")
    reference = references(selection)
    improved = [str(name) for name in reference.index[reference["improved"]]]
    if improved:
        more = f" and {len(improved) - 5} more" if len(improved) > 5 else ""
        said.append(f"Better than the best value known on {plural(len(improved), 'instance')}: {', '.join(improved[:5])}{more}.")
    return said


def _code_warnings(selection: Selection) -> list[str]:
    runs, said = selection.runs, []
    for label in selection.solvers:
        own = runs[(runs["solver"] == label) & ((runs["commit"] != "") | (runs["status"] != "error"))]
        commits = _listed(own["commit"])
        if own["code"].nunique() > len(own["problem_class"].unique()):
            said.append(f"Runs of {label} come from {own['code'].nunique()} versions of its code: {_listed(own['code'])}.")
        elif own["commit"].nunique() > 1:
            said.append(
                f"Runs of {label} come from {own['commit'].nunique()} commits ({commits}), with the same code of the solver."
            )
    if runs["commit"].str.endswith("+").any():
        said.append('Some runs were made with changes that were not committed ("+" after the commit).')
    mixed = [package for package, versions in _versions(runs).items() if ", " in versions]
    if mixed:
        said.append(f"Versions differ between runs: {', '.join(mixed)}.")
    return said
