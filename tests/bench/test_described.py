"""What makes a run, as text: equal in every process for equal values, different for what differs."""

import functools
import importlib
import subprocess
import sys
import types
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest

from optikit import Solver
from optikit.bench import Suite
from optikit.bench.described import Describer
from optikit.bench.plan import parameters_text
from optikit.bench.provenance import code_version, has_source
from optikit.errors import UnsupportedError
from tests.bench.toys import NAPS, Napping, Raising, problems
from tests.core.toy import Choose


@dataclass(frozen=True)
class Weighing(Solver):
    """Its parameter may be anything."""

    name: ClassVar[str] = "weighing"
    solves: ClassVar[type] = Choose
    capabilities: ClassVar[Any] = NAPS
    weights: Any = None

    def _run(self, problem, run):
        raise NotImplementedError


def middle(value):
    """Five thousand numbers, of which `repr` shows six."""
    weights = np.zeros(5000)
    weights[2500] = value
    return weights


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (middle(0), middle(1)),
        (np.array([0.1234567890123]), np.array([0.1234567890124])),
        (np.zeros(2, np.float32), np.zeros(2, np.float64)),
        (np.zeros((2, 3)), np.zeros((3, 2))),
        (np.array([[1], None], object), np.array([[2], None], object)),
        (lambda x: x + 1, lambda x: x + 2),
        (functools.partial(pow, 2), functools.partial(pow, 3)),
        (functools.cache(lambda x: x + 1), functools.cache(lambda x: x + 2)),
        (Napping(), Raising()),
        (Napping(seconds=1.0), Napping(seconds=2.0)),
        ({1: "a"}, {1: "b"}),
        ({"a", "b"}, {"a", "c"}),
        ([np.int64(1)], [np.int64(2)]),
        (Choose(np.arange(3.0), 1), Choose(np.arange(3.0), 2)),
        (types.SimpleNamespace(a=1), types.SimpleNamespace(a=2)),
        (Napping, Raising),
    ],
)
def test_parameters_that_differ_are_told_apart(one, other):
    assert parameters_text(Weighing(one)) == parameters_text(Weighing(one))
    assert parameters_text(Weighing(one)) != parameters_text(Weighing(other))


def test_values_within_themselves_and_keys_of_any_kind_are_described():
    endless = []
    endless.append(endless)
    assert parameters_text(Weighing({"a": endless, 2: 1, (1, "x"): None})) == (
        '{"weights": {"2": 1, "[1, \\"x\\"]": null, "a": ["..."]}}'
    )


PROGRAM = """
import functools
from tests.bench.test_described import Weighing
from optikit.bench.plan import parameters_text
factor = 3
def scaled(x): return factor * x
rules = {"rule": lambda x: scaled(x), "fast": functools.cache(lambda x: x), "words": {"a", "b", "c"}, "found": frozenset("xyz")}
print(parameters_text(Weighing(rules)))
"""


def test_the_same_parameters_have_the_same_text_in_every_process():
    def told(seed):
        command = [sys.executable, "-c", PROGRAM]
        return subprocess.run(command, env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)}, capture_output=True).stdout

    assert told("1") == told("2") != b""


NOTEBOOK = """
from dataclasses import dataclass
from typing import ClassVar
from optikit import Solver
from tests.core.toy import Choose
FACTOR = 2
def step(x):
    return FACTOR * x
class Base(Solver):
    def twice(self, x):
        return 2 * step(x)
@dataclass(frozen=True)
class Mine(Base):
    name: ClassVar[str] = "mine"
    solves: ClassVar[type] = Choose
    wide: int = 1
    def _run(self, problem, run):
        return self.twice([step(x) for x in problem.cost])
"""


def of_a_notebook(text, monkeypatch):
    module = types.ModuleType("a_notebook")
    monkeypatch.setitem(sys.modules, "a_notebook", module)
    exec(compile(text, "<cell>", "exec", dont_inherit=True), vars(module))
    return code_version(module.Mine(), Choose)


def test_a_solver_of_a_notebook_is_what_its_code_is(monkeypatch):
    """A changed cell is another solver: its runs are done again."""
    same = of_a_notebook(NOTEBOOK, monkeypatch)
    assert of_a_notebook("\n\n# a remark, and other lines" + NOTEBOOK, monkeypatch) == same
    for old, new in (
        ("self.twice([step(x)", "self.twice([-step(x)"),
        ("return FACTOR * x", "return FACTOR + x"),
        ("FACTOR = 2", "FACTOR = 3"),
        ("return 2 * step(x)", "return 3 * step(x)"),
    ):
        assert of_a_notebook(NOTEBOOK.replace(old, new), monkeypatch) != same, new


def test_modules_beside_a_solver_belong_to_its_code(tmp_path, monkeypatch):
    """A module that the solver's imports, outside of any package; one that a function among its parameters comes from."""
    from optikit.bench.provenance import _is_own, _path

    (tmp_path / "beside_steps.py").write_text("STEP = 1\n")
    (tmp_path / "beside_rules.py").write_text("def rule(x):\n    return x\n")
    (tmp_path / "beside_script.py").write_text("raise SystemExit\n")  # nothing is imported to be looked at
    (tmp_path / "beside_solver.py").write_text(
        "import beside_steps\n" + NOTEBOOK + "def main():\n    from beside_script import X\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    import beside_rules
    import beside_solver

    try:
        mine, weighing = beside_solver.Mine(), Weighing(beside_rules.rule)
        before = code_version(mine, Choose), code_version(weighing, Choose)
        (tmp_path / "beside_steps.py").write_text("STEP = 1  # as before\n")
        remarked = code_version(mine, Choose)
        (tmp_path / "beside_steps.py").write_text("STEP = 22\n")
        (tmp_path / "beside_rules.py").write_text("def rule(x):\n    return -x\n")
        for solver, name in ((mine, "beside_steps"), (weighing, "beside_rules")):  # results of the old would be kept as the new's
            with pytest.raises(UnsupportedError, match=f"solvers.a: .*{name}.py was edited after {name} was imported: .*reload"):
                Suite(problems(1), {"a": solver}, seeds=1, time_limit=1).plan()
            assert Suite(problems(1), {"a": {"solver": solver, "code": "new"}}, seeds=1, time_limit=1).plan()
        importlib.reload(beside_solver.beside_steps)
        importlib.reload(beside_rules)
        after = code_version(mine, Choose), code_version(weighing, Choose)
        assert before[0] != remarked != after[0]
        assert before[1] != after[1]
    finally:
        for name in [name for name in sys.modules if name.startswith("beside_")]:
            del sys.modules[name]
        _path.cache_clear()
        _is_own.cache_clear()


def test_engines_belong_to_the_code_of_auto(monkeypatch):
    """Whatever "auto" may choose: an engine of another version is another solver."""
    from optikit.bench import provenance
    from optikit.routing import VRP

    before = code_version(None, VRP)
    own = provenance._version_of
    monkeypatch.setattr(provenance, "_version_of", lambda name: "99" if name == "ortools" else own(name))
    assert code_version(None, VRP) != before


def test_what_is_described_can_be_planned():
    suite = Suite(
        problems(1), {"a": Weighing(middle(0)), "b": Weighing(middle(1)), "c": Weighing(lambda x: x)}, seeds=1, time_limit=1
    )
    assert [task.identity["times"] for task in suite.plan().tasks] == [1, 1, 1]


def test_functions_of_modules_without_a_name_are_described():
    function = eval("lambda x: x", {"__builtins__": {}})
    assert "<lambda>" in Describer(has_source).plain(function)
