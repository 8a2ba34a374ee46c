"""The command line: ``optikit solve | check | solvers | explain | warmup | doctor``.

What goes wrong with the user's input is one line on stderr and exit code 2. numpy, rich and the rest are imported by the
commands that need them: ``optikit --version`` and ``--help`` are quick.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from . import __version__
from .cli_reading import problem_options, read_problem

if TYPE_CHECKING:
    from .core.result import Result

    F = TypeVar("F", bound=Callable[..., Any])

MOST_PAIRS = 12
"""Of an assignment, on one line."""

OK, NEGATIVE, REFUSED, INTERRUPTED = 0, 1, 2, 130
"""Exit codes: done; the answer is no (infeasible, or no solution found); the input makes no sense; Ctrl-C before an answer."""


def main(args: list[str] | None = None) -> None:
    """Entry point of the ``optikit`` command."""
    from .errors import OptikitError, SolverError

    try:
        code = optikit.main(args, prog_name="optikit", standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):
        click.echo("optikit: interrupted", err=True)
        code = INTERRUPTED
    except click.ClickException as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # click 8.2 raises the help that click 8.1 prints
            error.show()
            code = error.exit_code
        else:
            code = _refuse(error.format_message())
    except BrokenPipeError:
        # The reader of our output has gone (`optikit ... | head`): nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = NEGATIVE
    except SolverError:
        raise  # a defect of ours: the traceback belongs into the bug report
    except OptikitError as error:
        code = _refuse(str(error))
    except OSError as error:
        code = _refuse(f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error))
    sys.exit(code if isinstance(code, int) else OK)


def _refuse(message: str) -> int:
    click.echo("optikit: " + " ".join(message.split()), err=True)
    return REFUSED


class _WithFamilies(click.Group):
    """Groups of commands that live in packages of their own, imported when they are listed or called."""

    FAMILIES = {"bench": ("optikit.bench.commands", "bench"), "datasets": ("optikit.datasets.commands", "datasets")}

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted([*super().list_commands(context), *self.FAMILIES])

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in self.FAMILIES:
            return super().get_command(context, name)
        import importlib

        module, attribute = self.FAMILIES[name]
        family: click.Command = getattr(importlib.import_module(module), attribute)
        return family


@click.group(cls=_WithFamilies, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="optikit")
def optikit() -> None:
    """Combinatorial optimisation: routing, assignment and scheduling by a deadline, and how good the answer is."""


# -- commands -----------------------------------------------------------------------


@optikit.command(short_help="Solve FILE by a deadline.")
@problem_options
@click.option("--time-limit", type=float, help="Seconds, set-up included. Default: 10.")
@click.option("--iterations", type=int, help="Stop after so many iterations.")
@click.option("--gap", type=float, help="Stop at this relative gap (0.01 is one per cent).")
@click.option("--solver", default="auto", show_default=True, help="A name from `optikit solvers FILE`.")
@click.option("--option", "options", multiple=True, metavar="NAME=VALUE", help="A parameter of the solver. May be repeated.")
@click.option("--k-best", type=int, help="Also print the best, and the K - 1 next: the pairs in which each differs (costs).")
@click.option("--seed", type=int, default=0, show_default=True, help="Same seed and iterations, same solution.")
@click.option("--n-jobs", type=int, default=1, show_default=True, help="Threads; -1: every CPU that may be used.")
@click.option("--start", type=click.Path(), help="A solution file to start from.")
@click.option("--plot", type=click.Path(), help="Save a picture, a map or a Gantt chart for instance (png, svg, pdf).")
@click.option(
    "--out",
    multiple=True,
    type=click.Path(),
    help="Save the solution: .json, .csv, .geojson, .sol (VRP), .tour (TSP), .sln (QAP). May be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("--quiet", is_flag=True, help="Print nothing but refusals.")
def solve(
    time_limit: float | None,
    iterations: int | None,
    gap: float | None,
    solver: str,
    options: tuple[str, ...],
    k_best: int | None,
    seed: int,
    n_jobs: int,
    start: str | None,
    plot: str | None,
    out: tuple[str, ...],
    as_json: bool,
    quiet: bool,
    **reading: Any,
) -> int:
    """Solve FILE and print status, objective, bound, gap and why it stopped.

    Ctrl-C ends the search: the best solution so far is printed and saved. Exit code 1: no solution was found.
    """
    if as_json and quiet:
        raise click.UsageError("--json prints the result, --quiet prints nothing; name one of them")
    if k_best is not None and (as_json or quiet):
        raise click.UsageError("--k-best prints lines; leave out --json and --quiet, or call optikit.assignment.k_best")
    _check_targets(plot, out)
    problem: Any = read_problem(**reading)
    _check_endings(problem, out, reading["file"])
    alternatives = [] if k_best is None else _alternatives(problem, k_best)
    from .api import solve as solve_problem
    from .core.stop import Stop
    from .saved import solution_file

    try:
        stop = Stop(time=time_limit, iterations=iterations, gap=gap)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    result = solve_problem(
        problem,
        solver,
        stop=stop if stop.criteria else None,
        seed=seed,
        n_jobs=n_jobs,
        initial_solution=solution_file(problem).read(problem, start) if start else None,
        display=not quiet and not as_json and sys.stderr.isatty(),
        options=dict(_parsed(option) for option in options),
    )
    if not quiet:
        click.echo(result.to_json() if as_json else str(result))
    for line in alternatives:
        click.echo(line)
    if result.solution is not None:
        if plot:
            result.plot(plot)
        for path in out:
            _save(problem, result, path)
    return OK if result.solution is not None else NEGATIVE


def _alternatives(problem: Any, count: int) -> list[str]:
    """The best assignments in order, a line each: the objective, and the pairs that the best one has not."""
    from .assignment import LinearAssignment, k_best
    from .inputs.wording import figure

    if not isinstance(problem, LinearAssignment):
        raise click.UsageError("--k-best ranks assignments of rows to columns: a table of costs (--format costs)")
    rows, columns = (names or range(size) for names, size in zip((problem.row_names, problem.column_names), problem.cost.shape))
    best, lines = None, []
    for rank, (objective, assignment) in enumerate(k_best(problem, count), 1):
        chosen = assignment.column_of.tolist()
        best = chosen if best is None else best
        pairs = [(rows[u], "nothing" if v < 0 else columns[v]) for u, v in enumerate(chosen) if rank == 1 or v != best[u]]
        listed = ", ".join(f"{row}: {column}" for row, column in pairs[:MOST_PAIRS])
        lines.append(f"{rank:<10} {figure(objective)}  {listed}{', ...' if len(pairs) > MOST_PAIRS else ''}")
    return lines


def _check_targets(plot: str | None, out: tuple[str, ...]) -> None:
    """Say what cannot be written before the search, not after it."""
    from .errors import MissingExtraError
    from .inputs.files import check_writable
    from .inputs.installed import is_installed

    if plot == "":
        raise click.UsageError("--plot is empty; expected the name of a picture")
    for path in (*out, *([plot] if plot else [])):
        folder = os.path.dirname(path) or "."
        if not os.path.isdir(folder):
            raise click.UsageError(f"{path}: there is no folder {folder}")
        check_writable(path)
    if plot and not is_installed("matplotlib"):
        raise MissingExtraError('--plot needs matplotlib; pip install "optikit[plot]"')
    if any(path.endswith(".csv") for path in out) and not is_installed("pandas"):
        raise MissingExtraError('--out to .csv needs pandas; pip install "optikit[frames]"')
    if plot:
        from matplotlib.backend_bases import FigureCanvasBase

        known = FigureCanvasBase.get_supported_filetypes()
        ending = os.path.splitext(plot)[1].lstrip(".").lower() or "png"
        if ending not in known:
            raise click.UsageError(f"--plot {plot}: pictures are not saved as .{ending}; known: {', '.join(sorted(known))}")


def _check_endings(problem: Any, out: tuple[str, ...], file: str) -> None:
    from .saved import solution_file

    endings = tuple(dict.fromkeys((".json", ".csv", ".geojson", solution_file(problem).ending)))
    for path in out:
        if not path.endswith(endings):
            raise click.UsageError(f"--out {path or 'is empty'}: expected a name that ends in {', '.join(endings)}")
        if path.endswith(".geojson") and not getattr(problem, "on_globe", False):
            raise click.UsageError(f"--out {path}: GeoJSON needs latitudes and longitudes, which {file} does not have")


def _parsed(option: str) -> tuple[str, Any]:
    import json

    name, equals, value = option.partition("=")
    if not equals:
        raise click.UsageError(f"--option is {option!r}; expected NAME=VALUE")
    try:
        return name.replace("-", "_"), json.loads(value)
    except (ValueError, RecursionError):
        return name.replace("-", "_"), value


def _save(problem: Any, result: Result, path: str) -> None:
    import json

    from .inputs.files import replace_file
    from .saved import solution_file

    if path.endswith(".geojson"):
        text = json.dumps(problem.to_geojson(result.solution))
    elif path.endswith(".csv"):
        text = result.to_frame().to_csv(index=False)
    elif path.endswith(".json"):
        text = result.to_json() + "\n"
    else:
        solution_file(problem).write(problem, result.solution, path)
        return
    replace_file(path, text.encode())


@optikit.command(short_help="Judge a solution against FILE.")
@problem_options
@click.argument("solution_file", metavar="SOLUTION", type=click.Path())
def check(solution_file: str, **reading: Any) -> int:
    """Judge SOLUTION (.sol, .tour or .json) against FILE: verdict, objective, and every rule that is broken.

    Exit code 1: the solution is infeasible.
    """
    from .inputs.wording import figure
    from .saved import solution_file as format_of

    problem: Any = read_problem(**reading)
    form = format_of(problem)
    solution = form.read(problem, solution_file)
    report = problem.check(solution)
    objective = problem.evaluate(solution)
    click.echo(f"verdict    {'feasible' if report else 'infeasible'}")
    click.echo(f"objective  {figure(objective)}")
    for what, number in form.counts(solution).items():
        click.echo(f"{what:10} {number}")
    stated = form.stated(solution_file)
    if stated is not None and abs(stated - objective) > 1e-6 * max(1.0, abs(objective)):
        click.echo(f"note       the file states {figure(stated)}: another rounding (--rounding), or another instance")
    for violation in report:
        click.echo(f"violation  {violation}")
    return OK if report else NEGATIVE


@optikit.command(short_help="List who can solve FILE, and why the others cannot.")
@problem_options
def solvers(**reading: Any) -> None:
    """List who can solve FILE, best first, and for the others why not."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    problem = read_problem(**reading)
    table = Table("solver", "takes it", "proves", "about", box=None, pad_edge=False, header_style="bold")
    for offer in problem.solvers():
        about = Text(offer.about if offer.supported else f"{offer.about}\nno: {offer.reason}")
        table.add_row(Text(offer.name), "yes" if offer.supported else "no", "yes" if offer.exact else "", about)
    Console().print(table)


@optikit.command(short_help="Say what makes FILE infeasible, or what binds.")
@problem_options
@click.argument("solution_file", metavar="[SOLUTION]", type=click.Path(), required=False)
def explain(solution_file: str | None, **reading: Any) -> None:
    """Say what makes FILE infeasible, or what binds; with SOLUTION, also what is wrong or tight in it."""
    from .api import explain as explain_problem
    from .saved import solution_file as format_of

    problem: Any = read_problem(**reading)
    solution = format_of(problem).read(problem, solution_file) if solution_file else None
    click.echo(str(explain_problem(problem, solution)))


@optikit.command(short_help="Make the kernels ready.")
@click.argument("problems", nargs=-1)
def warmup(problems: tuple[str, ...]) -> None:
    """Make the kernels ready, so that no later solve compiles: for images and the start of services.

    PROBLEMS are those that will be solved, such as vrp or flowshop; by default all.
    """
    from .api import warmup as warm
    from .kernels import native, store

    native.on_compile.append(lambda module, folder: click.echo(f"compiling {module}: {store.fate()}", err=True))
    for kernel, way in warm(*problems).items():
        click.echo(f"{way:8} {kernel}")


@optikit.command(short_help="Print what a bug report needs.")
def doctor() -> None:
    """Print what a bug report needs: versions, CPU, how kernels run, paths. No data, no secrets."""
    from .doctor import examine

    for topic, finding in examine():
        click.echo(f"{topic:16} {finding}")


if __name__ == "__main__":
    main()
