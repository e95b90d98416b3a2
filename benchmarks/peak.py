"""How near its limit a processor runs compiled code: a step's arithmetic, as its text has it, and the most there is."""

from __future__ import annotations

import ctypes
import re
import time

from innovation.engine.backends.llvm import compile_text, host

_CHAINS = 12  # independent sums hide the delay of each; with two constants they fit sixteen registers
_ROUNDS, _REPEATS = 1_000_000, 30
_DEFINITION = re.compile(r"^define [^@\n]*@([\w.]+)\([^\n]*\{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_KINDS = {
    "sums": r"= f(?:add|sub|neg)\b", "products": r"= fmul\b", "fused": r"@llvm\.fma\b", "divisions": r"= fdiv\b",
    "roots": r"@llvm\.sqrt\b", "choices": r"= (?:select|fcmp)\b|@llvm\.(?:min|max)", "memory": r"= load\b|^\s*store\b",
}  # fmt: skip


def operations_of_a_step(source: str) -> dict[str, int]:
    """Operations on vectors by kind, in a step that records nothing; exp, ln and the like by their usual way.

    Sums and products that the processor is free to fuse count as two. ``source`` is a compiled kernel's LLVM text.
    """
    bodies = {name: re.sub(r"^\s*;.*$", "", body, flags=re.MULTILINE) for name, body in _DEFINITION.findall(source)}
    parts = {name: body.partition("\n  ret ")[0] for name, body in bodies.items()}
    parts["advance"] = bodies["advance"].partition("\nrecord:")[0]
    call = re.compile(rf"call [^@\n]*@({'|'.join(map(re.escape, parts))})\(")
    found = dict.fromkeys(_KINDS, 0)
    waiting = ["advance"]
    while waiting:
        text = parts[waiting.pop()]
        waiting += call.findall(text)
        for kind, pattern in _KINDS.items():
            found[kind] += len(re.findall(pattern, text, re.MULTILINE))
    return found


def flops(operations: dict[str, int]) -> int:
    """Floating-point operations a lane: a fused one is two; choices and memory are none."""
    return 2 * operations["fused"] + sum(operations[kind] for kind in ("sums", "products", "divisions", "roots"))


def peak_flops() -> float:
    """The most floating-point operations a second on one thread, measured: fused ones where the processor has them."""
    import llvmlite.binding as llvm

    target = host()
    code = compile_text(_peak_text(target.lanes, target.fused), target)
    library = llvm.JITLibraryBuilder().add_object_img(code).export_symbol("peak")
    linked = library.link(llvm.create_lljit_compiler(), "peak")
    run = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_int64)(linked["peak"])
    taken = []
    for _ in range(_REPEATS):
        begin = time.perf_counter()
        run(_ROUNDS)
        taken.append(time.perf_counter() - begin)
    return 2 * _CHAINS * target.lanes * _ROUNDS / min(taken)


def _peak_text(lanes: int, fused: bool) -> str:
    """@peak(rounds): in each round every chain is multiplied and added to once."""
    vector = f"<{lanes} x double>"
    factor, addend = f"{vector} splat (double 0x3FEFFFFFFFFFFFF0)", f"{vector} splat (double 0x3CB0000000000000)"
    starts, moves, total = [], [], []
    for n in range(_CHAINS):
        starts.append(f"  %a{n} = phi {vector} [ splat (double {n + 1}.0), %0 ], [ %b{n}, %more ]")
        if fused:
            moves.append(f"  %b{n} = call {vector} @llvm.fma.v{lanes}f64({vector} %a{n}, {factor}, {addend})")
        else:
            moves.append(f"  %m{n} = fmul {factor}, %a{n}\n  %b{n} = fadd {addend}, %m{n}")
        total.append(f"  %s{n} = fadd {vector} %b{n}, %{f's{n - 1}' if n else 'b0'}")
    return "\n".join(
        [
            f"declare {vector} @llvm.fma.v{lanes}f64({vector}, {vector}, {vector})",
            "define double @peak(i64 %rounds) {", "  br label %more", "more:",
            "  %i = phi i64 [ 0, %0 ], [ %i.after, %more ]", *starts, *moves, "  %i.after = add i64 %i, 1",
            "  %again = icmp slt i64 %i.after, %rounds", "  br i1 %again, label %more, label %done", "done:", *total,
            f"  %r = extractelement {vector} %s{_CHAINS - 1}, i64 0", "  ret double %r", "}", "",
        ]
    )  # fmt: skip
