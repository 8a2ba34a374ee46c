"""The compile side: numba's IR of a kernel, a C entry around it, one object. Imported only to compile.

Of numba this takes type inference and lowering; the optimiser runs once, over the whole kernel with its helpers
inlined, for a baseline processor, so that every machine gets the same code and the same bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from types import FunctionType
from typing import TYPE_CHECKING, Any

from llvmlite import binding
from numba.core import codegen, cpu, types, typing
from numba.core.compiler_lock import global_compiler_lock
from numba.core.descriptors import TargetDescriptor
from numba.core.dispatcher import Dispatcher
from numba.core.target_extension import CPU, dispatcher_registry, jit_registry, target_override, target_registry
from numba.core.typing import mathdecl
from numba.cpython import builtins, mathimpl, numbers, rangeobj, tupleobj  # noqa: F401 - importing them registers them

from optikit.kernels.gates import refuse_foreign_calls, refuse_mixed_signs
from optikit.kernels.link import Linker
from optikit.kernels.native import symbol
from optikit.kernels.numba_types import INTRINSICS, NUMBA, StructureType
from optikit.kernels.structure import FAULT_SLOTS, Dtype

if TYPE_CHECKING:
    from optikit.kernels.jit import Kernel, Signature, Variant

if binding.llvm_version_info < (20,):
    raise ImportError("numba 0.62 or later is needed, for its LLVM")

_TARGET = "optikit"


class _Library(codegen.JITCodeLibrary):
    """Code that stays as numba lowered it.

    numba itself would optimise every helper, for the host's processor, and make machine code of it: half the time, for
    something that is then inlined.
    """

    def _optimize_functions(self, ll_module: Any) -> None:
        ll_module.data_layout = self._codegen._data_layout

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalized = True


class _Codegen(codegen.JITCPUCodegen):
    _library_class = _Library

    def set_env(self, env_name: str, env: Any) -> None:
        """Nothing: the environment is for functions that Python calls through numba."""


class _Typing(typing.Context):
    def load_additional_registries(self) -> None:
        """The kernel language needs Python's operators and `math`; numba's NumPy would cost a tenth of a second."""
        self.install_registry(mathdecl.registry)


class _Context(cpu.CPUContext):
    def init(self) -> None:
        super().init()
        self._internal_codegen = _Codegen(_TARGET)

    def load_additional_registries(self) -> None:
        self.install_registry(mathimpl.registry)

    def post_lowering(self, mod: Any, library: Any) -> None:
        """Nothing: it would link numba's runtime, which kernels do not use."""


class _Target(TargetDescriptor):
    """A target of our own, so that what the user compiles with numba is compiled as if we were not there."""

    options = cpu.CPUTargetOptions

    @cached_property
    def typing_context(self) -> _Typing:
        return _Typing()

    @cached_property
    def target_context(self) -> _Context:
        return _Context(self.typing_context, _TARGET)


class _Hardware(CPU):
    """The name of our target among numba's."""


class _Dispatcher(Dispatcher):
    targetdescr = _Target(_TARGET)


_OPTIONS = {
    "nopython": True, "nogil": True, "_nrt": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True,
    "boundscheck": None,
}  # fmt: skip


def _jit(**options: Any) -> Any:
    """What numba calls for its own implementations of functions such as `max`."""
    return lambda function: _Dispatcher(function, targetoptions={**_OPTIONS, "forceinline": True})


target_registry[_TARGET] = _Hardware
dispatcher_registry[_Hardware] = _Dispatcher
jit_registry[_Hardware] = _jit


class Compiler:
    """The toolchain that makes numba's dispatchers of rebuilt functions."""

    def __init__(self, checked: bool) -> None:
        self.checked = checked
        # numpy's error model compiles a division ten times faster; Python's raises where the divisor is 0.
        self._options = {**_OPTIONS, "error_model": "python" if checked else "numpy"}
        self._helpers: list[_Dispatcher] = []
        self._structures: dict[type, StructureType] = {}
        self._narrow = {name: self.helper(cast) for name, cast in _NARROW.items()}

    def helper(self, function: FunctionType) -> Any:
        dispatcher = _Dispatcher(function, targetoptions={**self._options, "forceinline": True})
        self._helpers.append(dispatcher)
        return dispatcher

    def intrinsic(self, function: FunctionType) -> Any:
        return INTRINSICS[function.__name__]

    def cast(self, dtype: Dtype) -> Any:
        return NUMBA.get(dtype.name) or self._narrow[dtype.name]

    def entry(self, function: FunctionType, signature: Signature) -> Any:
        """numba's compile result of a kernel.

        Raises
        ------
        TypeError
            If u8 and i8 are mixed. What numba cannot compile at all raises numba's own errors.
        """
        parameters = [
            NUMBA[kind.name] if isinstance(kind, Dtype) else self._structure(kind) for kind in signature.parameters.values()
        ]
        returns = types.none if signature.returns is None else NUMBA[signature.returns.name]
        dispatcher = _Dispatcher(function, targetoptions=self._options)
        dispatcher.compile(returns(*parameters))
        for compiled in (dispatcher, *self._helpers):
            for result in compiled.overloads.values():
                refuse_mixed_signs(result)
        return dispatcher.overloads[tuple(parameters)]

    def _structure(self, owner: type) -> StructureType:
        if owner not in self._structures:
            self._structures[owner] = StructureType(owner, self.checked)
        return self._structures[owner]


def _cast_i4(x: Any) -> Any:
    return ((_int64(x) + 0x80000000) & 0xFFFFFFFF) - 0x80000000


def _cast_u4(x: Any) -> Any:
    return _int64(x) & 0xFFFFFFFF


def _cast_u1(x: Any) -> Any:
    return _int64(x) & 0xFF


_int64 = types.int64
# Kernels hold narrow integers as int64, so that their arithmetic is Python's.
_NARROW: dict[str, Any] = {"i4": _cast_i4, "u4": _cast_u4, "u1": _cast_u1}


@global_compiler_lock
def compile_object(entries: Sequence[tuple[Kernel, Variant]], *, checked: bool = False, constants: str = "") -> bytes:
    """The relocatable object of some kernel variants, for this platform.

    Parameters
    ----------
    entries : sequence of (Kernel, Variant)
    checked : bool
        Check every index, every stored value and every divisor; the entry then returns a status.
    constants : str
        Further exported definitions, in LLVM's language.

    Raises
    ------
    TypeError
        If a kernel needs more than the kernel language allows; the message names what.
    """
    linker = Linker(compiler := Compiler(checked))
    machine = _target_machine()
    module = binding.parse_assembly(constants)
    module.triple, module.data_layout = machine.triple, str(machine.target_data)
    keep = {value.name for value in module.global_variables}
    with target_override(_TARGET):
        for kernel, variant in entries:
            result = compiler.entry(linker.link(kernel.function, variant.flags), kernel.signature)
            part = binding.parse_bitcode(result.library._final_module.as_bitcode())
            name = symbol(kernel, variant.name)
            keep.add(name)
            wrapper = _wrapper(kernel.signature, result.fndesc.llvm_func_name, name, checked)
            part.link_in(binding.parse_assembly(wrapper))
            part.triple, part.data_layout = module.triple, module.data_layout
            module.link_in(part)
    return _emit(module, machine, keep)


def _target_machine() -> Any:
    """The baseline of this platform: x86-64-v2 on x86-64 (more gained nothing, measured), else generic."""
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    triple = binding.get_process_triple()
    baseline = "x86-64-v2" if triple.startswith("x86_64") else "generic"
    target = binding.Target.from_triple(triple)
    return target.create_target_machine(cpu=baseline, opt=3, reloc="pic", codemodel="default")


def _wrapper(signature: Signature, native: str, name: str, checked: bool) -> str:
    """The C entry, in LLVM's own language, of a function in numba's convention: status f(result*, error**, ...)."""
    held = {"i8": "i64", "u8": "i64", "f8": "double"}
    kinds, outer = [], []
    for i, kind in enumerate(signature.parameters.values()):
        if isinstance(kind, Dtype):
            kinds.append(held[kind.name])
            outer.append(f"{kinds[i]} %a{i}")
        else:
            kinds.append("ptr")
            outer.append(f"ptr{'' if checked else _table_notes(len(kind.fields))} %a{i}")
    inner = ["ptr %result", "ptr %error", *(f"{kind} %a{i}" for i, kind in enumerate(kinds))]
    returns = None if signature.returns is None else held[signature.returns.name]
    cell = f"%result = alloca {returns or 'ptr'}"
    if checked:
        outer.append("ptr %result")
        cell, result, back = "", "i32", "ret i32 %status"
    elif returns is None:
        result, back = "void", "ret void"
    else:
        result, back = returns, f"%value = load {returns}, ptr %result\n  ret {returns} %value"
    return f"""
declare i32 @"{native}"({", ".join(["ptr", "ptr", *kinds])})
define {result} @"{name}"({", ".join(outer)}) {{
  {cell}
  %error = alloca ptr
  %status = call i32 @"{native}"({", ".join(inner)})
  {back}
}}
"""


def _table_notes(count: int) -> str:
    """What LLVM may assume of a table: nothing else points to it, nobody writes it, all of it can be read."""
    return f" noalias readonly dereferenceable({8 * (2 * count + FAULT_SLOTS)})"


def _emit(module: Any, machine: Any, keep: set[str]) -> bytes:
    """Optimise a module in which only `keep` stays visible, refuse what it may not call, and make the object."""
    if "windows" in module.triple:  # what Microsoft's linker wants of code that uses floating point
        module.link_in(binding.parse_assembly("@_fltused = weak constant i32 1"))
        keep.add("_fltused")
    for value in [*module.functions, *module.global_variables]:
        if not value.is_declaration and value.name not in keep:
            value.linkage = "internal"
    options = binding.create_pipeline_tuning_options(speed_level=3)
    options.loop_vectorization = True
    builder = binding.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    refuse_foreign_calls(module)
    return bytes(machine.emit_object(module))
