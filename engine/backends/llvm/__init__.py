"""The compiled back-end: LLVM text for vectors of members, made machine code and kept."""

from .machine import CPU_VARIABLE, compile_text, host, processor

__all__ = [
    "CPU_VARIABLE",
    "compile_text",
    "host",
    "processor",
]
