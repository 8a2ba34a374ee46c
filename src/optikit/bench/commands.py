"""The command line of benchmarks: ``optikit bench run | list | compare | gate | report | tune``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from .runs import Runs

    F = TypeVar("F", bound=Callable[..., Any])

OK, NEGATIVE = 0, 1


@click.group(short_help="Run suites of benchmarks, and say what changed.")
def bench() -> None:
    """Run suites of benchmarks, and say whether a change is an improvement."""


def _store_option(command: F) -> F:
    return click.option(
        "--store",
        default="sqlite:///runs.db",
        show_default=True,
        envvar="OPTIKIT_STORE",
        show_envvar=True,
        help="URL of the store: sqlite:///runs.db, or postgresql://user@host/database.",
    )(command)


def _suite_option(command: F) -> F:
    return click.option("--suite", help="Name of the suite, where the store has several; or its TOML file.")(command)


def _comparison_options(command: F) -> F:
    """Two labels, and what is asked of them."""
    for option in reversed(
        [
            click.argument("a"),
            click.argument("b"),
            click.option("--budget", help="Which budget, as in the table: time=10. Default: the longest that both have."),
            click.option("--alpha", type=float, default=0.05, show_default=True, help="Level of the test."),
            click.option("--report", "path", type=click.Path(), help="Also write the comparison to this .html or .md file."),
        ]
    ):
        command = option(command)
    return _suite_option(_store_option(command))


def _runs(store: str, suite: str | None) -> Runs:
    """The runs of a suite by its name; of a suite's file, of exactly that version."""
    from .runs import Runs
    from .store import Store
    from .suite import Suite

    if suite is not None and suite.endswith(".toml"):
        return Runs.of_plan(Store.existing(store), Suite.read(suite).plan())
    return Runs.of_suite(Store.existing(store), suite)


@bench.command(short_help="Do the runs of SUITE that are missing.")
@click.argument("suite", type=click.Path())
@_store_option
@click.option("--n-jobs", type=int, default=1, show_default=True, help="Runs at once; -1: as many as there are CPUs.")
@click.option("--retry-errors", is_flag=True, help="Do those again that ended in an error.")
@click.option("--quiet", is_flag=True, help="Print nothing but refusals.")
def run(suite: str, store: str, n_jobs: int, retry_errors: bool, quiet: bool) -> int:
    """Do the runs of SUITE, a TOML file, that the store does not have yet.

    It may be killed at any moment, and started again: what is done is kept. Exit code 1: some run ended in an error.
    """
    from .phrases import plural
    from .suite import Suite

    runs = Suite.read(suite).run(store, n_jobs, display=not quiet, retry_errors=retry_errors)
    frame = runs.to_frame()
    errors = frame[frame["status"] == "error"]
    if not quiet:
        solvers, instances = plural(frame["solver"].nunique(), "solver"), plural(frame["instance"].nunique(), "instance")
        click.echo(f"runs       {len(frame)} of {solvers} on {instances}")
        click.echo(f"store      {runs.store.url}")
        if frame["oversubscribed"].any():
            click.echo(f"note       the machine was oversubscribed in {plural(int(frame['oversubscribed'].sum()), 'run')}")
        for row in errors.head(5).itertuples():
            click.echo(f"error      {row.solver} on {row.instance}, seed {row.seed}: {str(row.error).splitlines()[-1]}")
        if len(errors) > 5:
            click.echo(f"errors     {len(errors)} in all")
    return NEGATIVE if len(errors) else OK


@bench.command("list", short_help="List the suites and solvers of a store.")
@_store_option
def list_suites(store: str) -> None:
    """List the suites of a store, and the solvers that can be compared."""
    from .phrases import plural
    from .runs import Runs
    from .store import Store

    opened = Store.existing(store)
    for name in opened.suites():
        runs = Runs.of_suite(opened, name)
        click.echo(f"{name}: {plural(len(runs), 'run')} of {', '.join(runs.labels())}")


@bench.command(short_help="Say whether B is better than A.")
@_comparison_options
@click.option("--per-unit", type=float, help="What one unit of the objective is worth.")
@click.option("--unit", default="", help="Unit of that worth: EUR, for instance.")
@click.option("--times", type=float, default=1.0, show_default=True, help="Problems solved in a period.")
@click.option("--period", default="", help="Name of that period: year, for instance.")
@click.option("--per-failure", type=float, help="What a run without a solution costs, beside the worst objective found there.")
def compare(
    a: str,
    b: str,
    store: str,
    suite: str | None,
    path: str | None,
    budget: str | None,
    alpha: float,
    per_unit: float | None,
    **worth: Any,
) -> None:
    """Say whether B is better than A, by how much, and how sure.

    A and B are labels of the suite; label@code or label@commit names an earlier version.
    """
    _check_target(path)
    value = None if per_unit is None else {"per_unit": per_unit, **worth}
    if value is None and (worth["unit"] or worth["period"] or worth["per_failure"] is not None):
        raise click.UsageError("--unit, --period and --per-failure need --per-unit: what one unit of the objective is worth")
    comparison = _runs(store, suite).compare(a, b, budget=budget, alpha=alpha, value=value)
    if path:
        comparison.report(path)
    click.echo(str(comparison))


@bench.command(short_help="Fail if B is significantly worse than A.")
@_comparison_options
@click.option("--tolerance", type=float, default=0.0, show_default=True, help="So much worse B may be: 0.01 is 1 %.")
@click.option("--prove", is_flag=True, help="B must be shown to be within the tolerance, not merely fail to be shown worse.")
@click.option(
    "--max-failures",
    type=int,
    help="In so many runs more than A, B may give no solution. Default: as many as chance explains, at the level of the test.",
)
@click.option(
    "--undecided",
    type=click.Choice(["refuse", "pass"]),
    default="refuse",
    show_default=True,
    help="What is done where there are too few runs to show any regression, however large.",
)
def gate(
    a: str,
    b: str,
    store: str,
    suite: str | None,
    path: str | None,
    budget: str | None,
    alpha: float,
    tolerance: float,
    prove: bool,
    max_failures: int | None,
    undecided: str,
) -> int:
    """Fail if B is significantly worse than A: for CI.

    A and B are labels of the suite; label@code or label@commit names an earlier version, for instance `live@v1.2 live`. Exit
    code 1: a significant regression, of the objective beyond the tolerance or of the runs that give no solution; fewer runs than
    can show one, unless --undecided pass; with --max-failures, more failures than allowed; with --prove, what is not shown to be
    good enough.
    """
    _check_target(path)
    own = {"prove": prove, "max_failures": max_failures, "undecided": undecided}
    decision = _runs(store, suite).gate(a, b, tolerance, **own, budget=budget, alpha=alpha)
    if path:
        decision.report(path)
    click.echo(str(decision))
    return OK if decision.passed else NEGATIVE


@bench.command(short_help="Write the report on all solvers of a suite.")
@click.argument("path", type=click.Path(), default="report.html")
@_store_option
@_suite_option
def report(path: str, store: str, suite: str | None) -> None:
    """Write the report on all solvers of a suite to PATH: one page of HTML, or Markdown where it ends in .md."""
    _check_target(path)
    _runs(store, suite).report(path)
    click.echo(f"written    {path}")


@bench.command(short_help="Search better parameters for a solver of SUITE.")
@click.argument("suite", type=click.Path())
@click.argument("label")
@_store_option
@click.option("--trials", type=int, default=50, show_default=True, help="How many, those done before included.")
@click.option("--n-jobs", type=int, default=1, show_default=True, help="Trials at once.")
@click.option("--parameter", "space", multiple=True, help="Tune this one alone. May be repeated.")
def tune(suite: str, label: str, store: str, trials: int, n_jobs: int, space: tuple[str, ...]) -> None:
    """Search better parameters for the solver LABEL of SUITE, a TOML file, on its instances.

    Killed and started again, it goes on where it was.
    """
    from .suite import Suite
    from .tuning import tune as search

    given = Suite.read(suite)
    labels = [one.label for one in given.solvers]
    if label not in labels:
        raise click.UsageError(f"{suite}: no solver {label!r}; there is: {', '.join(labels)}")
    (contender,) = (one for one in given.solvers if one.label == label)
    tuned = search(contender, given, trials, store=store, n_jobs=n_jobs, space=space or None)
    click.echo(str(tuned))
    if tuned.parameters:
        click.echo(f"In a suite's file: seeds = {list(tuned.check.seeds)}, and below [solvers] beside {label!r}: {tuned.as_toml()}")


def _check_target(path: str | None) -> None:
    """Say what cannot be written before the work, not after it."""
    from ..inputs.files import check_writable

    if path is None:
        return
    if not path.endswith((".html", ".md")):
        raise click.UsageError(f"{path}: expected a name that ends in .html or .md")
    check_writable(path)
