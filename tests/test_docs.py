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

import pytest

import optikit as ok
from optikit.routing.vrp import SOLVERS

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/extending/*.md"), *ROOT.glob("examples/*.md")]
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
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert "time_limit=10" in code
    ok.warmup()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    names: dict = {}
    exec(code.replace("time_limit=10", "time_limit=1"), names)
    assert names["vrp"].check(names["result"].solution)
    assert (tmp_path / "routes.png").stat().st_size > 10_000


def test_the_readme_and_the_changelog_name_every_solver():
    for page in ("README.md", "CHANGELOG.md"):
        text = (ROOT / page).read_text()
        missing = [entry.name for entry in SOLVERS if f"`{entry.name}`" not in text]
        assert not missing, f"{page} lacks {missing}"


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

    known = {name for command in cli.optikit.commands.values() for option in command.params for name in option.opts}
    mentioned = set(re.findall(r"`(--[a-z-]+)", (ROOT / "docs" / "cli.md").read_text()))
    assert mentioned
    assert mentioned <= known
    solve = {option.opts[0] for option in cli.optikit.commands["solve"].params if option.opts[0].startswith("--")}
    assert solve - {"--format"} <= mentioned, "the page lists every option of solve"


def test_the_api_page_lists_every_public_name():
    text = (ROOT / "docs" / "api.rst").read_text()
    for names in (ok.__all__, ok.routing.__all__):
        missing = [name for name in names if not re.search(rf"^   {name}$", text, re.MULTILINE)]
        assert not [name for name in missing if name not in ("routing", "testing")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name):
    ok.warmup()
    module = importlib.import_module(name.removesuffix(".__init__"))
    outcome = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    assert outcome.failed == 0


@pytest.mark.parametrize(("script", "words"), [("deliveries.py", "written: routes.png"), ("own_problem.py", "obey the laws")])
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


def test_the_notebook_has_no_outputs():
    cells = json.loads((ROOT / "examples" / "quickstart.ipynb").read_text())["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert code
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in code)


@pytest.mark.soak
def test_the_notebook_runs():
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    notebook = nbformat.read(ROOT / "examples" / "quickstart.ipynb", as_version=4)
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(ROOT / "examples")}}).execute()
    *_, table, picture = notebook.cells
    assert "text/html" in table.outputs[0].data
    assert "image/png" in picture.outputs[0].data


def test_constraints_pin_what_is_needed_and_nothing_else():
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9A-Za-z.]+", line) for line in lines), "names and versions only"
    pinned = {line.partition("==")[0].lower().replace("_", "-") for line in lines}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = [
        *project["dependencies"],
        *(name for extra in ("solvers", "jit", "frames", "plot", "docs", "test", "lint") for name in extras[extra]),
    ]
    names = {re.match(r"[A-Za-z0-9._-]+", line)[0].lower() for line in wanted}
    assert names <= pinned


def test_the_lowest_versions_are_the_lower_bounds_of_the_project():
    lines = [line for line in (ROOT / "constraints-lowest.txt").read_text().splitlines() if not line.startswith("#")]
    pinned = {name.lower(): version for name, _, version in (line.partition("==") for line in lines)}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = ("solvers", "jit", "frames", "plot", "test")
    for line in [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]:
        name, least = re.match(r"([A-Za-z0-9._-]+)>=([0-9.]+)", line).groups()
        assert f"{pinned[name]}.".startswith(f"{least}."), f"{name}: {pinned[name]} is not the lowest of {least}"
