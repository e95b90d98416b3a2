"""LLVM text into machine code for this processor, through llvmlite; code already made is loaded from the cache."""

from __future__ import annotations

import ctypes
import os
import platform
import threading
from dataclasses import dataclass
from functools import cache
from typing import Any

CPU_VARIABLE = "ENSEMBLE_ENGINE_CPU"  # another processor's name for LLVM, such as x86-64 or x86-64-v3; for tests
_LEVEL = 1  # of optimisation: a higher one takes longer and gains nothing, as the text is already in order
_lock = threading.Lock()  # LLVM's just-in-time linker is asked by one thread at a time
_number = 0


@dataclass(frozen=True)
class Host:
    """The processor that code is made for."""

    name: str
    features: str
    lanes: int
    fused: bool
    llvm: str

    @property
    def mark(self) -> str:
        """What tells apart code that must not be mixed."""
        return f"{self.name} {self.features} {self.lanes} {self.llvm}"


def available() -> bool:
    """Whether llvmlite is installed and works here."""
    try:
        return bool(host())
    except Exception:  # a wheel that is missing, or that does not suit the processor, fails in many ways
        return False


def processor() -> str:
    """The type of processor that figures are computed on: their last bits may differ between types."""
    return f"{platform.machine()} {host().name if available() else 'numpy'}"


def host() -> Host:
    """This processor, or the one that the environment names.

    Raises
    ------
    ImportError
        llvmlite is not installed.
    """
    return _host(os.environ.get(CPU_VARIABLE, ""))


@cache
def _host(name: str) -> Host:
    import llvmlite
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    if name:
        known = _LEVELS.get(name, _LEVELS["x86-64"])
        return Host(name, "", *known, llvmlite.__version__)
    found = llvm.get_host_cpu_features()
    lanes = 8 if found.get("avx512f") else 4 if found.get("avx") else 2
    fused = bool(found.get("fma")) or "aarch64" in llvm.get_process_triple() or "arm64" in llvm.get_process_triple()
    return Host(llvm.get_host_cpu_name(), found.flatten(), lanes, fused, llvmlite.__version__)


_LEVELS = {"x86-64": (2, False), "x86-64-v2": (2, False), "x86-64-v3": (4, True), "x86-64-v4": (8, True)}


def compile_text(text: str, target: Host) -> bytes:
    """The object code of a module."""
    import llvmlite.binding as llvm

    with _lock:
        module = llvm.parse_assembly(text)
        module.triple = llvm.get_process_triple()
        machine = llvm.Target.from_default_triple().create_target_machine(
            cpu=target.name, features=target.features, opt=_LEVEL, reloc="pic", codemodel="small"
        )
        return bytes(machine.emit_object(module))


class Code:
    """Functions of an object loaded into this process; they release the interpreter's lock while they run."""

    def __init__(self, content: bytes) -> None:
        import llvmlite.binding as llvm

        global _number
        with _lock:
            _number += 1
            builder = llvm.JITLibraryBuilder().add_object_img(content).add_current_process()
            for name in ("simulate", "course", "timed"):
                builder.export_symbol(name)
            self._library = builder.link(_linker(), f"kernel {_number}")
        pointer, whole = ctypes.c_void_p, ctypes.c_int64
        self.simulate = self._function("simulate", whole, whole, pointer, pointer)
        self.course = self._function("course", pointer, whole, pointer, pointer, pointer, whole, whole)
        self.timed = self._function("timed", pointer, pointer, pointer)

    def _function(self, name: str, *parameters: Any) -> Any:
        return ctypes.CFUNCTYPE(None, *parameters)(self._library[name])


@cache
def _linker() -> Any:
    import llvmlite.binding as llvm

    host()
    # JITLink puts an object in one piece. The other linker places its sections where there is room, and where they lie
    # 2 GB apart it ends the process; untried on Windows.
    return llvm.create_lljit_compiler(use_jit_link=os.name != "nt")
