"""What we tell people is true: the README runs, the examples run, docstrings run, links lead somewhere, lists are complete."""

from __future__ import annotations

import doctest
import importlib
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

import optikit as ok
from optikit import cli

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/extending/*.md"), *ROOT.glob("examples/*.md")]
FOLDERS = {
    "routing.vrp": "vrp.md",
    "routing.tsp": "tsp.md",
    "assignment.linear": "linear_assignment.md",
    "assignment.generalized": "generalized_assignment.md",
    "assignment.quadratic": "quadratic_assignment.md",
    "scheduling.shop": "shop.md",
    "scheduling.flowshop": "flowshop.md",
}
"""Problem and its page."""

MODULES = sorted(
    ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
    for path in (ROOT / "src" / "optikit").rglob("*.py")
    if ">>>" in path.read_text()
)


def python(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run([sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True)


def test_the_code_of_the_readme_runs(tmp_path, monkeypatch):
    pytest.importorskip("pandas")
    pytest.importorskip("matplotlib")
    code, families, suite = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert "time_limit=10" in code
    ok.warmup()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    names: dict = {}
    exec(code.replace("time_limit=10", "time_limit=1"), names)
    assert names["vrp"].check(names["result"].solution)
    assert (tmp_path / "routes.png").stat().st_size > 10_000
    exec(families.replace("time_limit=10", "time_limit=1"), names)
    assert names["best"].objective == 201, "75 + 35 + 95 = 205, 76 + 35 + 90 = 201, and no other is less"
    assert (tmp_path / "gantt.png").stat().st_size > 10_000
    pytest.importorskip("sqlalchemy")
    generated = "[f'cvrp/uchoa:size=20,seed={seed}' for seed in (1, 2, 3)]"  # no network in tests
    short = suite.replace('ok.datasets.select("cvrp", max_size=300)', generated).replace("time_limit=10", "time_limit=0.2")
    assert short.count("uchoa") == 1
    exec(short.replace("seeds=5", "seeds=2").replace('"ortools"', '"savings"'), names)
    assert names["runs"].compare("live", "new").verdict
    assert "<html" in (tmp_path / "report.html").read_text("utf-8")


def test_the_commands_of_the_readme_run(tmp_path, monkeypatch, capsys):
    pytest.importorskip("matplotlib")
    blocks = re.findall(r"```\n(optikit.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    commands = [line.split() for block in blocks for line in block.splitlines()]
    assert {words[1] for words in commands} >= {"solve", "check", "explain"}
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    for _, *arguments in commands:
        with pytest.raises(SystemExit) as ended:
            cli.main([{"10": "1"}.get(word, word) for word in arguments])  # a second each
        assert ended.value.code == 0, (arguments, capsys.readouterr().err)
    assert {"routes.png", "solution.json"} <= {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_page_of_a_problem_names_every_solver(folder):
    text = (ROOT / "docs" / FOLDERS[folder]).read_text()
    assert f"docs/{FOLDERS[folder]}" in (ROOT / "README.md").read_text()
    made = f"from optikit.{folder} import SOLVERS" in text or ".solvers():" in text  # a table of the menu itself
    missing = [entry.name for entry in importlib.import_module(f"optikit.{folder}").SOLVERS if f"`{entry.name}`" not in text]
    assert made or not missing, f"{FOLDERS[folder]} lacks {missing}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    text = page.read_text()
    targets = re.findall(r"\]\(([^)#\s]+)\)", text) + re.findall(r'src="([^"]+)"', text)
    for target in targets:
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_make_target_that_is_mentioned_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in (*PAGES, ROOT / ".ci" / "run"):
        for target in re.findall(r"(?:^|`|\")make ([a-z]+)", page.read_text(), re.MULTILINE):
            assert target in targets, f"{page.name}: make {target}"


def test_every_option_of_the_command_line_that_is_mentioned_exists():
    from optikit import cli
    from optikit.bench.commands import bench
    from optikit.datasets.commands import datasets

    below = [*bench.commands.values(), *datasets.commands.values()]
    known = {
        name
        for command in [*cli.optikit.commands.values(), *below]
        for option in command.params
        for name in (*option.opts, *option.secondary_opts)
    }
    mentioned = set(re.findall(r"`(--[a-z-]+)", (ROOT / "docs" / "cli.md").read_text()))
    assert mentioned
    assert mentioned <= known
    solve = {option.opts[0] for option in cli.optikit.commands["solve"].params if option.opts[0].startswith("--")}
    assert solve - {"--format"} <= mentioned, "the page lists every option of solve"
    grouped = {name for command in below for option in command.params for name in option.opts if name.startswith("--")}
    assert grouped <= mentioned, "and those of bench and datasets"


def test_the_api_page_lists_every_public_name():
    text = (ROOT / "docs" / "api.rst").read_text()
    for package in (ok, ok.routing):
        names = [name for name in package.__all__ if not isinstance(getattr(package, name), ModuleType)]  # these have sections
        assert not [name for name in names if not re.search(rf"^   {name}$", text, re.MULTILINE)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name):
    ok.warmup()
    module = importlib.import_module(name.removesuffix(".__init__"))
    outcome = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    assert outcome.failed == 0


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("deliveries.py", "written: routes.png"),
        ("workshop.py", "written: plan.png"),
        ("own_problem.py", "obey the laws"),
        ("technicians.py", "with the road closed: 110 minutes"),
    ],
)
def test_examples_run(tmp_path, script, words):
    pytest.importorskip("pandas")
    pytest.importorskip("matplotlib")
    done = python(str(ROOT / "examples" / script), *(["1"] if script == "deliveries.py" else []), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert words in done.stdout


def test_the_deliveries_are_what_their_readme_says():
    from optikit.routing.vrp.files import read_csv

    vrp = read_csv(ROOT / "examples" / "deliveries.csv", "Hannover", 120)
    assert vrp.num_clients == 300
    assert vrp.demand[vrp.position_of["Berlin"], 0] == 59
    assert vrp.demand.min() == 6
    apart = vrp.network.matrix()
    assert apart[apart > 0].min() > 8


NOTEBOOKS = sorted((ROOT / "examples").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_have_no_outputs(path):
    cells = json.loads(path.read_text())["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert code
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in code)


@pytest.mark.soak
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_run(path):
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    notebook = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(ROOT / "examples")}}).execute()
    shown = {kind for cell in notebook.cells for output in cell.get("outputs", ()) for kind in output.get("data", ())}
    assert {"text/html", "image/png"} <= shown


def test_the_notebook_of_assignment_says_what_is_true():
    """Its cells as a script, and what its text says of them."""
    pytest.importorskip("pandas")
    pytest.importorskip("matplotlib")
    names: dict = {}
    for cell in json.loads((ROOT / "examples" / "assignment.ipynb").read_text())["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    reduced = names["prices"].reduced_costs(names["shifts"])
    assert reduced.min() == 0
    assert names["result"].objective == 441 == names["best"].objective - 3, "the fourth best costs 3 euros more"
    assert "stairs" not in names["late"].to_frame().query("agent.isna()")["job"].tolist(), "the dearest to leave out"


def requirements(*extras: str) -> dict[str, str]:
    """Lower bounds of what the core and these extras need, those that they name in their turn included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted, waiting = list(project["dependencies"]), list(extras)
    while waiting:
        for line in project["optional-dependencies"][waiting.pop()]:
            own = re.fullmatch(r"optikit\[(.*)\]", line)
            if own:
                waiting += own[1].split(",")
            else:
                wanted.append(line)
    least = {}
    for line in wanted:
        name, version = re.match(r"([A-Za-z0-9._-]+)(?:\[[a-z]+\])?>=([0-9.]+)", line).groups()
        assert least.setdefault(name.lower(), version) == version, f"{name} has two lower bounds"
    return least


def pins(file: str) -> dict[str, str]:
    lines = [line for line in (ROOT / file).read_text().splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9A-Za-z.]+", line) for line in lines), "names and versions only"
    return {name.lower().replace("_", "-"): version for name, _, version in (line.partition("==") for line in lines)}


def test_constraints_pin_what_is_needed():
    assert requirements("all", "docs", "test", "lint", "peers", "micro").keys() <= pins("constraints.txt").keys()


def test_the_lowest_versions_are_the_lower_bounds_of_the_project():
    pinned = pins("constraints-lowest.txt")
    for name, least in requirements("all", "test").items():
        assert f"{pinned[name]}.".startswith(f"{least}."), f"{name}: {pinned[name]} is not the lowest of {least}"
