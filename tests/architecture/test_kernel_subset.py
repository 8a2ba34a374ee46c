"""Kernels keep to the kernel language: no allocation, no exceptions, flat data, nothing that Python and machine code
would do differently."""

import ast
import importlib
from pathlib import Path

import pytest

import optikit
from optikit.kernels.link import ROLE
from optikit.kernels.structure import Dtype

SOURCE = Path(optikit.__file__).parent
MAX_PARAMETERS = 30
MAX_LINES = 120
BUILTINS = {"range", "min", "max", "abs", "int", "float", "bool"}
MATH = {
    "sqrt", "fabs", "floor", "ceil", "exp", "log", "log1p", "expm1", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "hypot",
}  # fmt: skip
ALLOWED = (
    ast.FunctionDef, ast.arguments, ast.arg, ast.Return, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.For, ast.While,
    ast.If, ast.IfExp, ast.Expr, ast.Break, ast.Continue, ast.Pass, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare,
    ast.Call, ast.Attribute, ast.Subscript, ast.Name, ast.Constant, ast.Tuple, ast.expr_context, ast.boolop, ast.unaryop,
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.LShift, ast.RShift, ast.BitOr, ast.BitXor, ast.BitAnd,
    ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE,
)  # fmt: skip


def role(function):
    """Inline or kernel, where a definition is decorated so."""
    for decorator in function.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(target, ast.Name) and target.id in ("inline", "kernel"):
            return target.id
    return None


def kernel_functions():
    for file in sorted(SOURCE.rglob("*.py")):
        text = file.read_text()
        if "@inline" in text or "@kernel" in text:
            name = ".".join(file.relative_to(SOURCE.parent).with_suffix("").parts)
            for node in ast.parse(text).body:
                if isinstance(node, ast.FunctionDef) and role(node):
                    yield pytest.param(name, node, id=f"{name}.{node.name}")


def problems(module, function):
    """What in a function is outside the kernel language, in words."""
    body = function.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]  # the docstring
    arguments = function.args
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.defaults:
        yield function.lineno, "parameters are positional, without defaults"
    if len(arguments.args) > MAX_PARAMETERS:
        yield function.lineno, f"{len(arguments.args)} parameters; at most {MAX_PARAMETERS}"
    if function.end_lineno - function.lineno > MAX_LINES:
        yield function.lineno, f"more than {MAX_LINES} lines"
    for node in (n for statement in body for n in ast.walk(statement)):
        complaint = problem(module, node)
        if complaint:
            yield getattr(node, "lineno", function.lineno), complaint


def problem(module, node):
    if not isinstance(node, ALLOWED):
        return f"{type(node).__name__} is not in the kernel language"
    if isinstance(node, ast.FunctionDef):
        return "a function within a function"
    if isinstance(node, ast.For | ast.While) and node.orelse:
        return "an else of a loop"
    if isinstance(node, ast.For) and not (isinstance(node.iter, ast.Call) and getattr(node.iter.func, "id", "") == "range"):
        return "a loop over something else than a range"
    if isinstance(node, ast.Constant) and type(node.value) not in (int, float, bool):
        return f"the constant {node.value!r}"
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice | ast.Tuple | ast.UnaryOp):
        return "an index that is a slice, a tuple or negative"
    if isinstance(node, ast.Attribute) and not (isinstance(node.value, ast.Name) and isinstance(node.ctx, ast.Load)):
        return "an attribute of an expression, or written to"
    if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Call):
        return "an expression without effect"
    if isinstance(node, ast.Call):
        return problem_of_call(module, node)
    return None


def problem_of_call(module, call):
    if call.keywords or any(isinstance(a, ast.Starred) for a in call.args):
        return "a keyword or starred argument"
    if isinstance(call.func, ast.Attribute):
        known = getattr(call.func.value, "id", "") == "math" and call.func.attr in MATH
    else:
        name = getattr(call.func, "id", "")
        value = vars(module).get(name)
        known = hasattr(value, ROLE) or isinstance(value, Dtype) or (name in BUILTINS and value is None)
    return None if known else f"a call of {ast.unparse(call.func)}"


@pytest.mark.parametrize(("name", "function"), list(kernel_functions()))
def test_kernels_keep_to_the_kernel_language(name, function):
    found = [f"{name}:{line}: {what}" for line, what in problems(importlib.import_module(name), function)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "body",
    [
        "raise ValueError", "assert x", "try:\n  pass\n finally:\n  pass", "with x:\n  pass", "y = []", "y = {}", "y = {x}",
        "y = f'{x}'", "y = np.zeros(3)", "y = x[-1]", "y = x[0, 1]", "y = x[1:2]", "y = [i for i in x]", "y = lambda: 0",
        "y = print(x)", "y = x ** 2", "y = x is None", "y = x in x", "x.load = 1", "for i in x:\n  pass", "yield x",
        "global x", "import os", "del x", "y = 'text'", "y = max(*x)", "y = round(x, ndigits=1)", "def g():\n  pass",
        "while x:\n  pass\n else:\n  pass", "y = math.gamma(x)",
    ],
)  # fmt: skip
def test_the_lint_sees(body):
    function = ast.parse(f"def f(x):\n {body}\n return 0").body[0]
    assert list(problems(importlib.import_module("optikit.kernels.rng"), function))
