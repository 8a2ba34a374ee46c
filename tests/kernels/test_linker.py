"""What a kernel may refer to, and how its functions are rebuilt."""

import pickle
import threading

import numpy as np
import pytest

from optikit.kernels import jit
from optikit.kernels.jit import Flag, Unavailable, i8, inline, intrinsic, kernel, u8
from optikit.kernels.link import Interpreter, Linker, flags_in_reach, reach

from .toys import variants
from .toys.arrays import Bag
from .toys.churn import churn, poke

NUMBER = np.int64(3)
TABLE = (1, 2, 3)
ALOFT = Flag("never set")


def unmarked(x):
    return x


@inline
def around(x):
    return there(x)


@inline
def there(x):
    return around(x)


class Recorder(Interpreter):
    def __init__(self):
        self.made = []

    def helper(self, function):
        self.made.append(function.__name__)
        return function


def test_what_no_flag_reaches_is_made_once():
    linker = Linker(Recorder())
    for flags in variants.VARIANTS.values():
        linker.link(variants.measure.function, flags)
    assert sorted(linker.toolchain.made) == ["flagged", "flagged", "unflagged"]


def test_reach_is_callees_first():
    names = [f.__name__ for f in reach(churn.function)]
    assert names.index("draw") < names.index("below") < names.index("churn")
    assert flags_in_reach(variants.measure.function) == ("IS_DEEP", "IS_TWICE")
    assert flags_in_reach(churn.function) == ()


def test_helpers_do_not_call_themselves():
    @kernel
    def circular(x: i8) -> i8:
        return around(x)

    with pytest.raises(TypeError, match="calls itself"):
        circular.using("python")


def test_closures_are_refused():
    y = 3

    @kernel
    def closed(x: i8) -> i8:
        return x + y

    with pytest.raises(TypeError, match="reads y of an enclosing function"):
        closed.using("python")


@pytest.mark.parametrize("name", ["unmarked", "NUMBER", "TABLE", "np"])
def test_what_cannot_be_compiled_alike_is_refused(name):
    namespace = dict(globals())
    exec(f"def reads(x: i8) -> i8:\n    return x if {name} is None else 0", namespace)
    with pytest.raises(TypeError, match=f"reads {name}"):
        kernel(namespace["reads"]).using("python")


def test_an_attribute_may_be_called_like_a_global():
    @inline
    def pick(b):
        return b.unmarked

    Linker(Interpreter()).link(pick, {})


def test_a_variant_sets_every_flag_in_reach():
    @kernel(variants={"low": {"ALTITUDE": True}})
    def fly(x: i8) -> i8:
        if ALOFT:
            return x
        return 0

    with pytest.raises(TypeError, match="depends on ALOFT; the variant does not set it"):
        fly["low"].using("python")


def test_a_flag_has_no_value_outside_kernels():
    with pytest.raises(TypeError, match="only inside a kernel"):
        bool(ALOFT)


def test_annotations_are_required():
    with pytest.raises(TypeError, match=r"f\(x\): annotate"):

        @kernel
        def f(x) -> i8:
            return x

    with pytest.raises(TypeError, match="annotate the result"):

        @kernel
        def g(x: i8):
            return x


def test_kernels_with_variants_are_called_by_variant():
    bag = Bag.empty(size=1, weight=0, mask=0)
    with pytest.raises(KeyError, match="deep"):
        variants.measure["deep"]
    assert list(variants.measure) == ["plain", "twice"]
    assert variants.measure["twice"].using("python")(bag) == 2


def test_kernels_and_variants_pickle_by_reference():
    assert pickle.loads(pickle.dumps(poke)) is poke
    variant = variants.measure["twice"]
    assert pickle.loads(pickle.dumps(variant)) is variant


def test_the_environment_forces_a_way(monkeypatch):
    @kernel
    def fresh(x: i8) -> i8:
        return x

    monkeypatch.setenv("OPTIKIT_KERNELS", "fast")
    with pytest.raises(ValueError, match="aot, jit, python, checked"):
        fresh(1)
    monkeypatch.setenv("OPTIKIT_KERNELS", "aot")
    with pytest.raises(Unavailable):
        fresh(1)
    monkeypatch.setenv("OPTIKIT_KERNELS", "python")
    assert fresh.way is None
    assert fresh(1) == 1
    assert fresh.way == "python"


def compile_alone(k):
    pytest.importorskip("numba")
    from optikit.kernels.compile import compile_object

    return compile_object([(k, v) for v in k.variants.values()])


def test_foreign_functions_are_refused_by_name():
    import math

    namespace = {"math": math, "kernel": kernel, "f8": jit.f8, "__name__": __name__}
    exec("def gamma(x: f8) -> f8:\n    return math.gamma(x)", namespace)
    with pytest.raises(TypeError, match="calls numba_gamma, which compiled kernels may not"):
        compile_alone(kernel(namespace["gamma"]))


@pytest.mark.parametrize(
    ("body", "clash"),
    [
        ("return i8(x + n)", r"'\+'"),
        ("return i8(x & n)", "'&'"),
        ("return i8((x * u8(3)) % n)", "'%'"),
        ("x ^= n\n    return i8(x)", r"'\^='"),
        ("y = x if n > 0 else n\n    return i8(y)", "a conditional expression"),
        ("total = 0\n    if n > 2:\n        total = x\n    return i8(total)", "'total'"),
    ],
)
def test_mixing_signed_and_unsigned_words_is_refused(body, clash):
    namespace = {"i8": i8, "u8": u8, "__name__": __name__}
    exec(f"def mixed(x: u8, n: i8) -> i8:\n    {body}", namespace)
    with pytest.raises(TypeError, match=f"u8 and i8 meet in {clash}"):
        compile_alone(kernel(namespace["mixed"]))


def test_only_mutable_arrays_are_written():
    @kernel
    def write(b: Bag) -> None:
        b.source[0] = 1

    with pytest.raises(TypeError):
        write.using("python")(Bag.empty(size=1, weight=0, mask=0))
    numba = pytest.importorskip("numba")
    with pytest.raises(numba.TypingError):
        compile_alone(write)


def test_an_intrinsic_runs_as_its_python_body():
    @intrinsic
    def seven():
        return 7

    assert seven() == 7


def test_threads_compile_once(monkeypatch, tmp_path):
    pytest.importorskip("numba")
    monkeypatch.setenv("OPTIKIT_CACHE_DIR", str(tmp_path))
    monkeypatch.delenv("OPTIKIT_KERNELS", raising=False)
    compiled = []
    jit.on_compile.append(lambda module, folder: compiled.append(module))

    @kernel
    def shared(x: i8) -> i8:
        return x + 1

    # Alone in a module of its own, so that only it is compiled.
    shared.__module__ = f"{__name__}.shared"
    jit._MODULES[shared.__module__] = {"shared": shared}
    threads = [threading.Thread(target=shared, args=(1,)) for _ in range(4)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        jit.on_compile.pop()
        del jit._MODULES[shared.__module__]
    assert shared.way == "jit"
    assert compiled == [shared.__module__]
