"""The command line: answers on stdout, refusals in one line on stderr with exit code 2, and the display."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import optikit as ok
import optikit.api
from optikit import cli
from optikit.core.run import Progress
from optikit.display import ProgressDisplay

ROOT = Path(__file__).parents[1]
DELIVERIES = str(ROOT / "examples" / "deliveries.csv")

SMALL = """\
NAME : small
TYPE : CVRP
DIMENSION : 4
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 10
NODE_COORD_SECTION
1 0 0
2 0 3
3 4 0
4 4 3
DEMAND_SECTION
1 0
2 5
3 4
4 5
DEPOT_SECTION
1
-1
EOF
"""


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.vrp"
    path.write_text(SMALL)
    return str(path)


TOWNS = """\
NAME : towns
TYPE : TSP
DIMENSION : 4
EDGE_WEIGHT_TYPE : EUC_2D
NODE_COORD_SECTION
1 0 0
2 4 3
3 0 3
4 4 0
EOF
"""


@pytest.fixture
def towns(tmp_path):
    path = tmp_path / "towns.tsp"
    path.write_text(TOWNS)
    return str(path)


@pytest.fixture
def run(capsys):
    """Call the command; returns exit code, stdout and stderr."""

    def call(*args: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main([str(arg) for arg in args])
        out, err = capsys.readouterr()
        return ended.value.code, out, err

    return call


# -- the travelling salesman ----------------------------------------------------------


def test_a_tour_from_a_file_to_files_and_back(run, towns, tmp_path):
    pytest.importorskip("pandas")
    pytest.importorskip("matplotlib")
    tour, text, table, picture = (tmp_path / name for name in ("a.tour", "a.json", "a.csv", "a.png"))
    code, out, err = run("solve", towns, "--out", tour, "--out", text, "--out", table, "--plot", picture)
    assert (code, err) == (0, "")
    # Around the rectangle: 4 + 3 + 4 + 3; each of the other two tours has both diagonals.
    assert "status     optimal" in out
    assert "objective  14" in out
    assert tour.read_text().splitlines()[1:4] == ["COMMENT : Length 14", "TYPE : TOUR", "DIMENSION : 4"]
    assert {row["name"] for row in csv.DictReader(table.open())} == {"1", "2", "3", "4"}
    assert picture.read_bytes().startswith(b"\x89PNG")
    for saved in (tour, text):
        code, out, _ = run("check", towns, saved)
        assert (code, out) == (0, "verdict    feasible\nobjective  14\ncities     4\n")
        assert run("solve", towns, "--start", saved, "--time-limit", 5, "--quiet")[0] == 0
        assert "the longest leg is 4" in run("explain", towns, saved)[1]


def test_bad_tours_are_judged_and_told(run, towns, tmp_path):
    bad = tmp_path / "bad.tour"
    bad.write_text("COMMENT : Length 99\nTYPE : TOUR\nTOUR_SECTION\n1 2 2 -1\n")
    code, out, _ = run("check", towns, bad)
    assert code == 1
    assert "verdict    infeasible" in out
    assert "note       the file states 99" in out
    assert "violation  city 3 is not on the tour" in out
    assert "violation  city 2 is visited 2 times" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "{towns}", "{towns}"], ["towns.tsp: expected a file of type TOUR (at 'TSP')"]),
        (["solve", "{towns}", "--out", "{tmp}/a.sol"], ["a.sol", ".tour"]),
        (["solve", "{towns}", "--out", "{tmp}/a.geojson"], ["latitudes"]),
        (["solve", "{towns}", "--depot", "1"], ["--depot is for tables in csv"]),
        (["solve", "{towns}", "--solver", "hgs"], ["no solver 'hgs' for TSP"]),
        (["solve", "{towns}", "--format", "vrplib"], ["files of type CVRP"]),
    ],
)
def test_refusals_of_tours_are_one_line(run, towns, tmp_path, arguments, words):
    code, _, err = run(*(argument.format(towns=towns, tmp=tmp_path) for argument in arguments))
    assert code == 2
    assert err.count("\n") == 1
    for word in words:
        assert word in err


# -- solve --------------------------------------------------------------------------


def test_solve_prints_the_result(run, small):
    code, out, err = run("solve", small, "--time-limit", 5)
    assert (code, err) == (0, "")
    # Node 1 is the depot: 1-3-4-1 is 4 + 3 + 5, 1-2-1 is 6; the other ways to split three clients cost 20 and 22.
    assert "status     optimal" in out
    assert "objective  18" in out
    assert "gap        0.00 %" in out


def test_solve_writes_what_the_names_ask_for(run, small, tmp_path):
    pytest.importorskip("matplotlib")
    pytest.importorskip("pandas")
    sol, text, table, picture = (tmp_path / name for name in ("a.sol", "a.json", "a.csv", "a.png"))
    code, out, _ = run("solve", small, "--solver", "savings", "--out", sol, "--out", text, "--out", table, "--plot", picture)
    assert code == 0
    assert "savings" in out
    assert sol.read_text().endswith("Cost 18\n")
    problem = ok.read(small)
    assert ok.Result.from_json(text.read_text(), problem).objective == 18
    assert [row["kind"] for row in csv.DictReader(io.StringIO(table.read_text()))].count("client") == 3
    assert picture.read_bytes().startswith(b"\x89PNG")
    for path in (sol, text):
        code, out, _ = run("check", small, path)
        assert code == 0
        assert "verdict    feasible" in out
        assert "objective  18" in out
    code, out, _ = run("solve", small, "--solver", "savings", "--start", sol, "--quiet")
    assert (code, out) == (0, "")


def test_json_and_options(run, small):
    code, out, _ = run("solve", small, "--solver", "savings", "--json", "--seed", 3)
    result = json.loads(out)
    assert (code, result["solver"], result["seed"], result["objective"]) == (0, "savings", 3, 18)


def test_a_table_of_stops(run, tmp_path):
    table = tmp_path / "stops.csv"
    table.write_text('town,lat,lon,kilos\n"Bad Nenndorf, Kur",52.3,9.4,5\nHannover,52.4,9.7,\nBonn,50.7,7.1,6.5\n\n')
    arguments = ["solve", table, "--depot", "Hannover", "--capacity", 12, "--column", "name=town", "--column", "demand=kilos"]
    code, out, _ = run(*arguments, "--json", "--out", tmp_path / "map.geojson")
    assert code == 0
    assert json.loads(out)["status"] == "OPTIMAL"
    names = [f["properties"].get("name") for f in json.loads((tmp_path / "map.geojson").read_text())["features"]]
    assert names == [None, "Hannover", "Bad Nenndorf, Kur", "Bonn"]
    code, out, _ = run("explain", DELIVERIES, "--depot", "Hannover", "--capacity", 120, "--num-vehicles", 23)
    assert code == 0
    assert "the total demand of 2,866 is 106 more than the 23 vehicles carry together" in out


def test_no_solution_is_exit_code_1(run, small):
    Path(small).write_text(SMALL.replace("CAPACITY : 10", "CAPACITY : 4"))
    code, out, _ = run("solve", small, "--time-limit", 1)
    assert code == 1
    assert "status     infeasible" in out


def test_ctrl_c_prints_the_best_so_far(run, monkeypatch):
    class Interrupting(ok.Callback):
        def on_tick(self, progress):
            if progress.objective is not None:
                signal.raise_signal(signal.SIGINT)

    # CP-SAT, called directly by another test, leaves SIGINT with its default action, which ends the process.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    solve = ok.api.solve
    monkeypatch.setattr(ok.api, "solve", lambda *args, **options: solve(*args, callbacks=[Interrupting()], **options))
    code, out, err = run("solve", DELIVERIES, "--depot", "Hannover", "--capacity", 120, "--time-limit", 60)
    assert (code, err) == (0, "")
    assert "stopped by: cancelled" in out
    assert "objective" in out


# -- check, solvers, explain, warmup, doctor --------------------------------------------


def test_check_judges(run, small, tmp_path):
    sol = tmp_path / "bad.sol"
    sol.write_text("Route #1: 1 2 3\nCost 99\n")
    code, out, _ = run("check", small, sol)
    assert code == 1
    assert "verdict    infeasible" in out
    assert "violation  route 0 carries 14, 4 more than its capacity 10" in out
    assert "the file states 99" in out


def test_solvers_lists_all_with_reasons(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    code, out, _ = run("solvers", DELIVERIES, "--depot", "Hannover", "--capacity", 120)
    assert code == 0
    problem = ok.routing.VRP.from_coordinates([(0, 0), (1, 1)], [0, 1], 1)
    for offer in problem.solvers():
        assert offer.name in out
    assert "no: 300 clients" in out, "the exact solver says why not"


def test_explain_takes_a_solution(run, small, tmp_path):
    sol = tmp_path / "a.sol"
    sol.write_text("Route #1: 1 3\nRoute #2: 2\n")
    code, out, _ = run("explain", small, sol)
    assert code == 0
    assert "the fullest route is 0: 10 of 10" in out


def test_doctor_says_what_a_bug_report_needs(run, monkeypatch):
    monkeypatch.setenv("OPTIKIT_CACHE_DIR", "/nowhere/at/all")
    code, out, _ = run("doctor")
    assert code == 0
    for word in (ok.__version__, "numpy", "usable", "kernel cache", "/nowhere/at/all", "advance"):
        assert word in out


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="there is no /proc here")
def test_a_cache_that_cannot_be_written_is_called_so_whatever_its_permissions_say(run, monkeypatch):
    """In /proc the superuser may write, as far as permission bits tell, and cannot."""
    monkeypatch.setenv("OPTIKIT_CACHE_DIR", "/proc/optikit")
    assert "kernel cache     /proc/optikit/kernels (not writable)" in run("doctor")[1]
    screen = console()
    with ProgressDisplay(screen) as display:
        display._compiling("some.module", "/proc/optikit/kernels")
    assert "each time, as /proc/optikit/kernels cannot be written" in screen.file.getvalue().replace("\n", " ")


def test_without_arguments_the_help_is_printed(run):
    """On the stream, and with the code, that click has for it: 8.1 and 8.2 differ."""
    for arguments, usage in (
        ((), "Usage: optikit [OPTIONS] COMMAND"),
        (("datasets",), "Usage: optikit datasets [OPTIONS] COMMAND"),
    ):
        code, out, err = run(*arguments)
        assert code in (0, 2)
        assert (out + err).startswith(usage)
        assert len((out + err).splitlines()) > 5


def test_a_solver_that_ends_by_itself_says_nothing_of_a_limit(run, small):
    assert "no stop was given" not in run("solve", small, "--solver", "savings")[1]


def test_a_file_that_misstates_its_layout_is_read_as_the_user_says(run, tmp_path):
    weights = "EDGE_WEIGHT_TYPE : EXPLICIT\nEDGE_WEIGHT_FORMAT : LOWER_ROW\nEDGE_WEIGHT_SECTION\n1 2 3\n4 5\n6\n"
    head, _, tail = SMALL.partition("EDGE_WEIGHT_TYPE : EUC_2D\n")
    path = tmp_path / "listed.vrp"
    path.write_text(head + "CAPACITY : 10\n" + weights + tail[tail.index("DEMAND_SECTION") :])
    assert "objective  14" in run("solve", path, "--solver", "exact")[1]
    assert "objective  12" in run("solve", path, "--solver", "exact", "--edge-weight-format", "LOWER_COL")[1]


def test_help_and_version(run):
    assert run("--version")[:2] == (0, f"optikit, version {ok.__version__}\n")
    for command in ("solve", "check", "solvers", "explain", "warmup", "doctor"):
        code, out, _ = run(command, "--help")
        assert code == 0
        assert out.startswith(f"Usage: optikit {command}")


COSTS = ",roof,wall,floor\nAnn,4,1,3\nBob,2,0,5\nEve,3,2,2\n"


@pytest.mark.parametrize(
    ("text", "arguments", "words"),
    [
        (COSTS, [], ["objective  5"]),
        (COSTS, ["--maximize"], ["objective  11"]),
        (COSTS, ["--objective", "bottleneck"], ["objective  2"]),
        (COSTS, ["--capacity", "2"], ["objective  3"]),
        (COSTS, ["--leave-row", "1", "--leave-column", "0"], ["objective  2", "rows left out 2"]),
        (COSTS, ["--k-best", "3"], ["1          5  Ann: wall, Bob: roof, Eve: floor", "3          6  Ann: roof, Bob: wall"]),
        ("row,column,cost\nAnn,roof,4\nAnn,wall,1\nBob,roof,2\n", [], ["objective  3"]),
        ("2 1 4 5 1 1 5 5", ["--format", "gap", "--minimize", "--leave-out", "2.5"], ["objective  2.5"]),
        ("2 1 1 4 1 5 1 1 7 1 5", ["--number", "2"], ["objective  7"]),
    ],
)
def test_files_of_assignment_are_solved_as_the_options_say(run, tmp_path, text, arguments, words):
    file = tmp_path / ("costs.csv" if "," in text else "gap.txt")
    file.write_text(text)
    code, out, err = run("solve", file, "--time-limit", "5", *arguments)
    assert (code, err) == (0, "")
    for word in words:
        assert word in out


def test_tables_of_costs_are_told_from_stops(run, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text(COSTS)
    assert "a table of costs is read by --format costs" in run("solve", file, "--depot", "a")[2]
    assert (
        "--k-best ranks assignments" in run("solve", write_stops(tmp_path), "--depot", "a", "--capacity", "9", "--k-best", "2")[2]
    )
    assert "--k-best prints lines" in run("solve", file, "--k-best", "2", "--json")[2]


def write_stops(folder):
    file = folder / "stops.csv"
    file.write_text("name,x,y,demand\na,0,0,0\nb,1,1,1\n")
    return file


# -- refusals ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["solve", "nowhere.vrp"], ["nowhere.vrp: No such file"]),
        (["solve", "."], [".: is a directory"]),
        (["solve", ""], ["path is empty"]),
        (["solve", "{small}", "--plot", ""], ["--plot is empty"]),
        (["solve", "{small}", "--out", ""], ["--out is empty"]),
        (["solve", "{broken}"], ["broken.vrp:8: expected a number (at 'three')"]),
        (["solve", "{small}", "--format", "tsp"], ["format is 'tsp'"]),
        (["solve", "{small}", "--frobnicate"], ["--frobnicate"]),
        (["solve", "{small}", "--time-limit", "soon"], ["'soon'"]),
        (["solve", "{small}", "--time-limit", "-1"], ["time is -1"]),
        (["solve", "{small}", "--time-limit", "nan"], ["time is nan"]),
        (["solve", "{small}", "--time-limit", "1e300"], ["time is 1e+300", "at most 1e+09"]),
        (["solve", "{small}", "--iterations", "99999999999999999999"], ["iterations is 99999999999999999999", "at most 1e+18"]),
        (["solve", "{small}", "--n-jobs", "99999999999999999999"], ["n_jobs is", "at most"]),
        (["solve", "{small}", "--json", "--quiet"], ["--json", "--quiet", "name one"]),
        (["solve", "{small}", "--edge-weight-format", "LOWER_COL"], ["small.vrp:4", "leave it out"]),
        (["solve", "{small}", "--solver", "magic"], ["no solver 'magic'", "Known: auto"]),
        (["solve", "{small}", "--solver", "savings", "--time-limit", "1", "--option", "x=1"], ["option 'x'"]),
        (["solve", "{small}", "--option", "x"], ["NAME=VALUE"]),
        (["solve", "{small}", "--seed", "-1"], ["seed is -1"]),
        (["solve", "{small}", "--n-jobs", "0"], ["n_jobs is 0"]),
        (["solve", "{small}", "--rounding", "up"], ["rounding is 'up'"]),
        (["solve", "{small}", "--depot", "Rome"], ["--depot is for tables in csv"]),
        (["solve", "{small}", "--column", "x=y"], ["--column is for tables in csv"]),
        (["solve", "{small}", "--out", "a.xls"], ["a.xls", ".geojson"]),
        (["solve", "{small}", "--out", "nowhere/a.sol"], ["no folder nowhere"]),
        (["solve", "{small}", "--plot", "nowhere/a.png"], ["no folder nowhere"]),
        (["solve", "{small}", "--plot", "a.xyz"], ["a.xyz", ".xyz"]),
        (["solve", "{small}", "--out", "{tmp}/a.geojson"], ["a.geojson", "latitudes"]),
        (["solve", "{small}", "--out", "{tmp}/folder.json"], ["folder.json: Is a directory"]),
        (["solve", "{small}", "--out", "/proc/a.json"], ["/proc/a.json: "]),
        (["solve", "{small}", "--start", "{small}"], ["no route"]),
        (["solve", "{table}"], ["needs --depot"]),
        (["solve", "{table}", "--depot", "a"], ["needs --capacity"]),
        (["solve", "{table}", "--depot", "a", "--capacity", "9"], ["table.csv:3: expected a number (at 'x')"]),
        (["solve", "{table}", "--depot", "a", "--capacity", "9", "--column", "z=y"], ["demand=kilos"]),
        (["solve", "{ragged}", "--depot", "a", "--capacity", "9"], ["ragged.csv:3: expected 4 values"]),
        (["solve", "{good}", "--depot", "Rome", "--capacity", "9"], ["good.csv: depot is 'Rome', which is no name of the table"]),
        (["solve", "{good}", "--depot", "a", "--capacity", "inf"], ["capacity"]),
        (["solve", "{good}", "--depot", "a", "--capacity", "-9007199254740993"], ["capacity[0] is -9007199254740993"]),
        (["solve", "{good}", "--depot", "a", "--capacity", "nine"], ["'nine' is not a valid"]),
        (["check", "{small}"], ["SOLUTION"]),
        (["check", "{small}", "nowhere.sol"], ["nowhere.sol: No such file"]),
        (["check", "{small}", "{sol}"], ["broken.sol:2: expected the number of a client, 1 to 3 (at '9')"]),
        (["check", "{small}", "{long_sol}"], ["long_sol.sol:1: expected the number of a client", "..."]),
        (["explain", "{small}", "{long_sol}"], ["long_sol.sol:1: expected the number of a client"]),
        (["check", "{small}", "{long_json}"], ["long_json.json: not a solution"]),
        (["check", "{small}", "{deep}"], ["deep.json: not a solution", "nested"]),
        (["check", "{small}", "{breaks}"], ["breaks.json: routes[0].breaks[0] is [0, 1]"]),
        (["solve", "{long}", "--depot", "a", "--capacity", "9"], ["long.csv:3: expected a number (at '999"]),
        (["frobnicate"], ["frobnicate"]),
    ],
)
def test_refusals_are_one_line(run, small, tmp_path, arguments, words):
    files = {
        "small": SMALL,
        "broken": SMALL.replace("2 0 3", "2 0 three"),
        "table": "name,x,y,demand\na,0,0,0\nb,1,x,1\n",
        "ragged": "name,x,y,demand\na,0,0,0\nb,1,1\n",
        "good": "name,x,y,demand\na,0,0,0\nb,1,1,1\n",
        "sol": "Route #1: 1 2\nRoute #2: 9\n",
        "long": "name,x,y,demand\na,0,0,0\nb,1,1," + "9" * 5000 + "\n",
        "long_sol": "Route #1: " + "1" * 5000 + "\n",
        "long_json": '{"schema_version": ' + "1" * 5000 + "}",
        "deep": "[" * 100_000,
        "breaks": '{"schema_version": 1, "routes": [{"trips": [], "vehicle_type": 0, "start": 0, "start_time": null, '
        '"breaks": [[0, 1]]}]}',
    }
    endings = {"small": "small.vrp", "broken": "broken.vrp", "sol": "broken.sol", "long_sol": "long_sol.sol"}
    endings |= {name: f"{name}.json" for name in ("long_json", "deep", "breaks")}
    (tmp_path / "folder.json").mkdir()
    paths = {"tmp": str(tmp_path)}
    for name, text in files.items():
        path = tmp_path / endings.get(name, f"{name}.csv")
        path.write_text(text)
        paths[name] = str(path)
    code, _, err = run(*(argument.format(**paths) for argument in arguments))
    assert code == 2
    assert err.count("\n") == 1, err
    assert err.startswith("optikit: ")
    assert "Traceback" not in err
    for word in words:
        assert word.casefold() in err.casefold()


@pytest.mark.parametrize("target", ["--plot a.xyz", "--plot nowhere/a.png", "--out a.geojson", "--out folder.json", "--out a.xls"])
def test_what_cannot_be_written_is_refused_before_the_search(run, small, tmp_path, monkeypatch, target):
    pytest.importorskip("matplotlib")
    (tmp_path / "folder.json").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(ok.api, "solve", lambda *args, **options: pytest.fail("searched"))
    code, out, err = run("solve", small, *target.split())
    assert (code, out) == (2, "")
    assert target.split()[1] in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.json", "small.vrp"], "nothing is left behind"


def test_a_target_that_goes_away_during_the_search_is_named(run, small, tmp_path, monkeypatch):
    target = tmp_path / "out" / "a.json"
    target.parent.mkdir()
    solve = ok.api.solve

    def solve_and_remove(*args, **options):
        target.parent.rmdir()
        return solve(*args, **options)

    monkeypatch.setattr(ok.api, "solve", solve_and_remove)
    code, out, err = run("solve", small, "--solver", "savings", "--out", target)
    assert code == 2
    assert "objective  18" in out
    assert err == f"optikit: {target}: No such file or directory: there is no folder {target.parent}; make it first\n"


def test_starting_imports_nothing_heavy():
    code = "import sys, optikit.cli; print([m for m in ('numpy', 'rich', 'scipy', 'pandas', 'numba') if m in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# -- the display --------------------------------------------------------------------------


def progress(seconds: float, objective: float | None = None) -> Progress:
    problem = ok.routing.VRP.from_coordinates([(0, 0), (1, 1)], [0, 1], 1)
    return Progress(problem, "search", seconds, 10.0, 1_234_567, objective, 90.0, lambda: None)


def console(width: int = 100, **options):
    from rich.console import Console

    return Console(file=io.StringIO(), width=width, **options)


def test_a_log_gets_few_plain_lines():
    screen = console()
    with ProgressDisplay(screen) as display:
        display.on_start(progress(0.0))
        for tenth in range(100):
            display.on_tick(progress(tenth / 10, 100.0))
        display.on_end(progress(10.0, 100.0))
    lines = screen.file.getvalue().splitlines()
    assert lines == [
        "search 0.0/10 s bound 90 1,234,567 iterations",
        "search 10.0/10 s objective 100 bound 90 gap 10.00 % 1,234,567 iterations",
    ]


@pytest.mark.parametrize("width", [40, 120])
def test_a_terminal_is_drawn_on_one_line_and_given_back(width):
    screen = console(width=width, force_terminal=True, legacy_windows=False, force_jupyter=False)
    display = ProgressDisplay(screen)
    assert display.live
    with contextlib.suppress(RuntimeError), display:
        display.on_start(progress(0.0))
        display.on_improvement(progress(1.0, 100.0))
        raise RuntimeError("a callback fails")
    drawn = screen.file.getvalue()
    hide, show = "\x1b[?25l", "\x1b[?25h"
    assert drawn.rindex(show) > drawn.rindex(hide), "the cursor is there again"
    assert "search" in drawn
    assert drawn.rstrip(show).count("\n") <= 1, "it never wraps"
    display.close()


def test_solve_with_display_writes_to_stderr_only(small, capsys):
    result = ok.solve(ok.read(small), time_limit=5, display=True)
    out, err = capsys.readouterr()
    assert result.objective == 18
    assert out == ""
    assert "objective 18" in err


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("fault", [BrokenPipeError(), OSError("no space left on device"), ValueError("closed file")])
def test_a_terminal_that_has_gone_loses_no_solve(small, fault, terminal, monkeypatch):
    class Gone(io.StringIO):
        def write(self, text):
            raise fault

        def isatty(self):
            return terminal

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", Gone())
    assert ok.solve(ok.read(small), time_limit=5, display=True).objective == 18


def test_compiling_is_told():
    from optikit.kernels import native

    screen = console()
    with ProgressDisplay(screen):
        for hook in native.on_compile:
            hook("some.module", "folder")
    assert "compiling the kernels of some.module: once; kept in " in screen.file.getvalue()
    assert not native.on_compile


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ("nonsense", "OPTIKIT_KERNELS is 'nonsense'; expected one of aot, jit, python, checked"),
        ("jit", "OPTIKIT_KERNELS is 'jit', but numba is not installed; unset it for what there is"),
    ],
)
def test_ways_of_running_kernels_that_are_not_there_are_refused(way, said):
    code = "import sys; sys.modules['numba'] = None; from optikit.cli import main; main(['warmup', 'flowshop'])"
    environment = {**os.environ, "OPTIKIT_KERNELS": way}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, f"optikit: {said}\n")


def test_python_m_is_the_command_line():
    done = subprocess.run([sys.executable, "-m", "optikit", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("optikit, version ")
